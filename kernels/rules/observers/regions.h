/* Tests of where a point is: intervals, balls, half-spaces, histogram bins. */
#ifndef ESC_REGIONS_H
#define ESC_REGIONS_H

#include "kernels/rules/rule.h"

/* In the open interval; not for a NaN. */
ESC_RULE int esc_in_interval(esc_real x, esc_real lo, esc_real hi)
{
  return (x > lo) & (x < hi);
}

ESC_RULE int esc_is_finite(esc_real x)
{
  return esc_abs(x) <= ESC_REAL_MAX;
}

/* One coordinate's part of the squared distance to a point. */
ESC_RULE esc_real esc_distance_add(esc_real sum, esc_real x, esc_real point)
{
  return esc_fma(x - point, x - point, sum);
}

/* In the open ball of squared radius. */
ESC_RULE int esc_in_ball(esc_real squared_distance, esc_real squared_radius)
{
  return squared_distance < squared_radius;
}

/* The bin of x in `bins` equal ones over [lo, lo + bins/per_width): -1 below, bins above or NaN. */
ESC_RULE int esc_bin_of(esc_real x, esc_real lo, esc_real per_width, int bins)
{
  const esc_real place = (x - lo) * per_width;
  if (place < ESC_LIT(0.0))
    return -1;
  return place < (esc_real)bins ? (int)place : bins;
}

#endif
