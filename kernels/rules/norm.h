/* The sum of squares of a gradient, by a fixed tree, so that it depends neither on the launch, nor
 * on threads, nor on where arrays lie. A leaf is ESC_NORM_LEAF consecutive elements of a tensor
 * (what lies behind the end counts as 0), seen as rows of ESC_NORM_ROW. Column a sums
 * its squares in float from the first row to the last; columns are folded in halves, a with
 * a + 128, then a + 64, ... a + 1. The leaf gives sum * weight in double, which no square leaves:
 * elements are scaled by a power of two that their largest chooses. Leaves, numbered through the
 * list of tensors, are summed in double: column c of ESC_NORM_COLUMNS takes leaves c,
 * c + ESC_NORM_COLUMNS, ...; columns are folded in halves again. */
#ifndef ESC_NORM_H
#define ESC_NORM_H

#include "kernels/rules/rule.h"

#define ESC_NORM_ROW     256
#define ESC_NORM_ROWS    8
#define ESC_NORM_LEAF    (ESC_NORM_ROW * ESC_NORM_ROWS)
#define ESC_NORM_COLUMNS 1024

/* The bits of |g|; the largest of many tells the level, and whether one was not finite. */
ESC_RULE uint32_t esc_norm_size(float g)
{
  return esc_bits_of_f32(g) & 0x7fffffffu;
}

ESC_RULE int esc_norm_is_finite(uint32_t largest)
{
  return largest < 0x7f800000u;
}

/* Squares of numbers from 2^-44 to 2^50, and 2^11 of them, are well within float's range. */
#define ESC_NORM_TINY 0x29800000u /* 2^-44 */
#define ESC_NORM_HUGE 0x58800000u /* 2^50 */

ESC_RULE float esc_norm_scale(uint32_t largest)
{
  const float upper = largest < ESC_NORM_HUGE ? 1.0f : 0x1p-88f;
  return largest < ESC_NORM_TINY ? 0x1p88f : upper;
}

/* scale^-2. */
ESC_RULE double esc_norm_weight(uint32_t largest)
{
  const double upper = largest < ESC_NORM_HUGE ? 1.0 : 0x1p176;
  return largest < ESC_NORM_TINY ? 0x1p-176 : upper;
}

ESC_RULE float esc_norm_add(float sum, float g, float scale)
{
  const float part = g * scale;
  return fmaf(part, part, sum);
}

#endif
