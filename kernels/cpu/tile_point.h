/* One lane's position, and what can be asked of it alone. */
#ifndef ESC_CPU_TILE_POINT_H
#define ESC_CPU_TILE_POINT_H

#include "kernels/cpu/tile.h"

/* Lane i's position after step s of the group. */
typedef struct esc_point {
  const esc_real *x;
  int stride;
} esc_point;

static inline esc_real coordinate(esc_point p, int j)
{
  return p.x[(ptrdiff_t)j * p.stride];
}

static inline esc_point position(const esc_tile *tile, int s, int i)
{
  return (esc_point){tile->at[s] + i, tile->stride};
}

static inline int in_ball(const esc_plan *plan, esc_point p, const double *point,
                          double squared_radius)
{
  esc_real squared = 0;
  for (int j = 0; j < plan->dimension; j++)
    squared = esc_distance_add(squared, coordinate(p, j), (esc_real)point[j]);
  return esc_in_ball(squared, (esc_real)squared_radius);
}

/* U of n lanes whose positions begin at x. */
static inline void losses(const esc_tile *tile, int n, const esc_real *x, esc_real *u)
{
  const esc_plan *const plan = tile->plan;
  if (plan->landscape_function)
    ESC_LANDSCAPE_LOOPS.call(n, tile->stride, plan, x, NULL, NULL, u, tile->scratch);
  else
    ESC_LANDSCAPE_LOOPS.value[plan->landscape](n, tile->stride, plan, x, u);
}

/* What happened to a lane, added to the tally (tile_tally.c). */
#define ESC_LOSS_AT       ESC_STATE_NAME(esc_loss_at)
#define ESC_OBSERVE       ESC_STATE_NAME(esc_observe)
#define ESC_OCCUPY        ESC_STATE_NAME(esc_occupy)
#define ESC_TAKE_BACK     ESC_STATE_NAME(esc_take_back)
#define ESC_TALLY_EPISODE ESC_STATE_NAME(esc_tally_episode)

/* U at p. */
esc_real ESC_LOSS_AT(const esc_tile *tile, esc_point p);
/* Observation k of lane i, at p after step s of the group (0: its start). */
void ESC_OBSERVE(esc_tile *tile, int64_t k, esc_point p, int i, int s);
/* Counts p `weight` times in the occupation histogram. */
void ESC_OCCUPY(esc_tile *tile, esc_point p, int64_t weight);
/* Takes lane i's positions from step `from` of the group on off what counts whole groups. */
void ESC_TAKE_BACK(esc_tile *tile, int i, int from);
/* Lane i's episode ended after `steps` steps, at p: everything known of it goes to the tally. */
void ESC_TALLY_EPISODE(esc_tile *tile, int i, int64_t steps, int outcome, esc_point p);

#endif
