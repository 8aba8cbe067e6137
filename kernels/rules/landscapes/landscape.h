/* What every landscape has. For a landscape NAME its header defines
 *
 *   ESC_KEYS_NAME, struct esc_NAME          keys, and constants formed from them (only esc_real)
 *   esc_NAME_setup(keys, list, j, constants)   host, in double; of coordinate j
 *   esc_NAME_slope, esc_NAME_value          by shape:
 *
 *     SINGLE  U(x) = sum_j u_j(x_j):          slope(c, x) = u_j', value(c, x) = u_j
 *     CHAIN   U(x) = sum_j u(x_j, x_{j+1}):   slope(c, x, y, &gx, &gy), value(c, x, y); a landscape
 *             of the plane is a chain of two
 *     NETWORK network.h alone, which says what it defines; it has no setup
 *
 * `list` is the value of the landscape's list key, or NULL. */
#ifndef ESC_LANDSCAPE_H
#define ESC_LANDSCAPE_H

#include "kernels/rules/elementary.h"
#include "kernels/rules/key.h"

#define ESC_LANDSCAPE_CONSTANTS_MAX 8

/* |x|^power of a fixed power >= 0: its whole part (below 16) by multiplication, so that small
 * powers are as good as written out, the rest through esc_pow. */
typedef struct esc_power {
  esc_real whole, rest;
} esc_power;

ESC_SETUP esc_power esc_power_of(double exponent)
{
  const double whole = exponent < 16.0 ? floor(exponent) : 0.0;
  const esc_power power = {(esc_real)whole, (esc_real)(exponent - whole)};
  return power;
}

ESC_RULE esc_real esc_power_at(esc_power power, esc_real size)
{
  const int whole = (int)power.whole;
  const esc_real one = ESC_LIT(1.0), two = size * size, four = two * two, eight = four * four;
  esc_real result = ((whole & 1) ? size : one) * ((whole & 2) ? two : one);
  result *= ((whole & 4) ? four : one) * ((whole & 8) ? eight : one);
  if (power.rest > ESC_LIT(0.0))
    result *= esc_pow(size, power.rest);
  return result;
}

/* Which slope holds exactly at a kink: at_zero's words in their order. */
#define ESC_AT_ZERO_KEY(KEY)                                                                       \
  KEY(at_zero, WORD, ANY, 2.0, "left|right|zero", "which slope holds exactly at 0")

ESC_SETUP double esc_at_zero(double word, double left, double right)
{
  const double side = word < 1.0 ? left : right;
  return word > 1.0 ? 0.0 : side;
}

ESC_RULE esc_real esc_by_side(esc_real x, esc_real left, esc_real at_zero, esc_real right)
{
  const esc_real side = x < ESC_LIT(0.0) ? left : right;
  return x == ESC_LIT(0.0) ? at_zero : side;
}

#endif
