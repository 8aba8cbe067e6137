/* What may surround a rule on its way from gradient to position: one coordinate each, for loops
 * over lanes and for kernels alike. */
#ifndef ESC_MODIFIERS_H
#define ESC_MODIFIERS_H

#include "kernels/rules/rule.h"

/* The point where a rule that looks ahead takes its gradient. */
ESC_RULE esc_real esc_ahead(esc_real lookahead, esc_real w, esc_real state)
{
  return esc_fma(-lookahead, state, w);
}

/* Coupled decay: on the gradient. */
ESC_RULE esc_real esc_couple(esc_real weight_decay, esc_real w, esc_real g)
{
  return esc_fma(weight_decay, w, g);
}

/* Decoupled decay: on the update; 1 - lr*wd would lose what is small. */
ESC_RULE esc_real esc_decouple(esc_real lr_times_decay, esc_real w, esc_real u)
{
  return esc_fma(lr_times_decay, w, u);
}

/* Kept in [lo, hi]; not a number stays so. */
ESC_RULE esc_real esc_project(esc_real x, esc_real lo, esc_real hi)
{
  const esc_real raised = x < lo ? lo : x;
  return raised > hi ? hi : raised;
}

/* Noise whose size depends on the position: xi sqrt(c0 + c2 x^2). */
ESC_RULE float esc_scaled_by_state(float c0, float c2, esc_real x, float xi)
{
  const float at = (float)x;
  return xi * sqrtf(fmaf(c2 * at, at, c0));
}

/* Noise in proportion to the loss: xi sqrt(2 U), and none where U is below 0. */
ESC_RULE float esc_scaled_by_loss(esc_real u, float xi)
{
  const float twice = (float)(ESC_LIT(2.0) * u);
  return xi * sqrtf(twice > 0.0f ? twice : 0.0f);
}

/* A component of correlated noise: the sum over a row of the covariance's root times independent
 * variates, from 0 on in the order of the columns. */
ESC_RULE float esc_correlated_add(float sum, float root, float z)
{
  return fmaf(root, z, sum);
}

/* Noise cut off at +-bound. */
ESC_RULE float esc_clipped_noise(float xi, float bound)
{
  const float low = xi < -bound ? -bound : xi;
  return low > bound ? bound : low;
}

/* An update cut to a norm of at most `bound`. In one dimension the norm is |u|. In more it is taken
 * over u/largest, so that no square overflows; an infinite component counts as the greatest number:
 * first esc_clip_finite on each and the largest size, then esc_clip_unit of that, the squares by
 * esc_clip_add, and at last the factor of all. */
ESC_RULE esc_real esc_clip_one(esc_real u, esc_real bound)
{
  return esc_abs(u) > bound ? esc_copysign(bound, u) : u;
}

ESC_RULE esc_real esc_clip_finite(esc_real u)
{
  return esc_abs(u) > ESC_REAL_MAX ? esc_copysign(ESC_REAL_MAX, u) : u;
}

ESC_RULE esc_real esc_clip_unit(esc_real largest)
{
  const esc_real finite = largest > ESC_REAL_MAX ? ESC_REAL_MAX : largest;
  return finite > ESC_LIT(0.0) ? finite : ESC_LIT(1.0);
}

ESC_RULE esc_real esc_clip_add(esc_real squares, esc_real u, esc_real unit)
{
  const esc_real part = u / unit;
  return esc_fma(part, part, squares);
}

ESC_RULE esc_real esc_clip_factor(esc_real bound, esc_real unit, esc_real sum_of_squares)
{
  const esc_real share = bound / unit, length = esc_sqrt(sum_of_squares);
  return length > share ? share / length : ESC_LIT(1.0);
}

#endif
