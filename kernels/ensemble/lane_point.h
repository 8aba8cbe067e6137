/* One lane's position, and what can be asked of it alone (lane_tally.h says who may include it). */
#ifndef ESC_LANE_POINT_H
#define ESC_LANE_POINT_H

#include "kernels/backend.h"

/* The most coordinates that a lane may have; an engine may know better. */
#ifndef ESC_LANE_COORDINATES
#define ESC_LANE_COORDINATES ESC_DIMENSION_MAX
#endif

#ifndef ESC_LANE_POINT /* an engine may bring its own */
typedef struct esc_point {
  const esc_real *x;
  int stride;
} esc_point;

/* Lane i's position after step s of the group, 1 to ESC_GROUP. */
ESC_LANE esc_point position(const esc_tile *tile, int s, int i)
{
  const esc_point p = {tile->at[s] + i, tile->stride};
  return p;
}
#endif

ESC_LANE esc_real coordinate(esc_point p, int j)
{
  return p.x[(ptrdiff_t)j * p.stride];
}

ESC_LANE int in_ball(const esc_plan *plan, esc_point p, const double *point, double squared_radius)
{
  esc_real squared = 0;
  for (int j = 0; j < plan->dimension; j++)
    squared = esc_distance_add(squared, coordinate(p, j), (esc_real)point[j]);
  return esc_in_ball(squared, (esc_real)squared_radius);
}

/* Steps of lane i's episode so far. */
ESC_LANE int32_t esc_tile_age(const esc_tile *tile, int i)
{
  return (int32_t)((uint32_t)tile->now - tile->begun[i]);
}

#endif
