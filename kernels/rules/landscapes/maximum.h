/* Maxima at 0, from sharp to flat.
 *   power_maximum: U = -(c/p) |x|^p, c by side; p = 1 is a kink, 2 a parabola, 4 flat
 *   sharp_maximum: U = left_slope x (x < 0), -right_slope x (x > 0)
 *   power_well:    U = -|x|^p/p + |x|^q/q: minima at +-1, a maximum of order p at 0 */
#ifndef ESC_MAXIMUM_H
#define ESC_MAXIMUM_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_power_maximum(KEY)                                                                \
  KEY(p, NUMBER, AT_LEAST_ONE, 2.0, NULL, "order of the maximum")                                  \
  KEY(c_left, NUMBER, POSITIVE, 1.0, NULL, "strength on the left")                                 \
  KEY(c_right, NUMBER, POSITIVE, 1.0, NULL, "strength on the right")                               \
  ESC_AT_ZERO_KEY(KEY)
ESC_DECLARE_KEYS(power_maximum)

typedef struct esc_power_maximum {
  esc_real left, right, at_zero; /* slopes at |x| = 1, and at 0 */
  esc_power power;               /* p - 1 */
  esc_real per_p;
} esc_power_maximum;

ESC_SETUP void esc_power_maximum_setup(const esc_power_maximum_keys *key, const double *list, int j,
                                       esc_power_maximum *c)
{
  (void)list, (void)j;
  c->left = (esc_real)key->c_left;
  c->right = (esc_real)-key->c_right;
  c->at_zero = (esc_real)esc_at_zero(key->at_zero, key->c_left, -key->c_right);
  c->power = esc_power_of(key->p - 1.0);
  c->per_p = (esc_real)(1.0 / key->p);
}

ESC_RULE esc_real esc_power_maximum_slope(const esc_power_maximum *c, esc_real x)
{
  return esc_by_side(x, c->left, c->at_zero, c->right) * esc_power_at(c->power, esc_abs(x));
}

ESC_RULE esc_real esc_power_maximum_value(const esc_power_maximum *c, esc_real x)
{
  const esc_real strength = x < ESC_LIT(0.0) ? c->left : -c->right;
  return -strength * c->per_p * esc_power_at(c->power, esc_abs(x)) * esc_abs(x);
}

#define ESC_KEYS_sharp_maximum(KEY)                                                                \
  KEY(left_slope, NUMBER, POSITIVE, 0.5, NULL, "slope on the left, where U rises")                 \
  KEY(right_slope, NUMBER, POSITIVE, 0.5, NULL, "steepness on the right, where U falls")           \
  ESC_AT_ZERO_KEY(KEY)
ESC_DECLARE_KEYS(sharp_maximum)

typedef struct esc_sharp_maximum {
  esc_real left, right, at_zero;
} esc_sharp_maximum;

ESC_SETUP void esc_sharp_maximum_setup(const esc_sharp_maximum_keys *key, const double *list, int j,
                                       esc_sharp_maximum *c)
{
  (void)list, (void)j;
  c->left = (esc_real)key->left_slope;
  c->right = (esc_real)-key->right_slope;
  c->at_zero = (esc_real)esc_at_zero(key->at_zero, key->left_slope, -key->right_slope);
}

ESC_RULE esc_real esc_sharp_maximum_slope(const esc_sharp_maximum *c, esc_real x)
{
  return esc_by_side(x, c->left, c->at_zero, c->right);
}

ESC_RULE esc_real esc_sharp_maximum_value(const esc_sharp_maximum *c, esc_real x)
{
  return (x < ESC_LIT(0.0) ? c->left : c->right) * x;
}

#define ESC_KEYS_power_well(KEY)                                                                   \
  KEY(p, NUMBER, AT_LEAST_ONE, 2.0, NULL, "order of the maximum at 0")                             \
  KEY(q, NUMBER, AT_LEAST_ONE, 4.0, NULL, "order of the walls; above p")                           \
  ESC_AT_ZERO_KEY(KEY)
ESC_DECLARE_KEYS(power_well)

typedef struct esc_power_well {
  esc_power inner, outer; /* p - 1, q - 1 */
  esc_real at_zero, per_p, per_q;
} esc_power_well;

/* At 0 the slope is one-sided only where p = 1: +1 on the left, -1 on the right. */
ESC_SETUP void esc_power_well_setup(const esc_power_well_keys *key, const double *list, int j,
                                    esc_power_well *c)
{
  (void)list, (void)j;
  c->inner = esc_power_of(key->p - 1.0);
  c->outer = esc_power_of(key->q - 1.0);
  c->at_zero = (esc_real)(key->p > 1.0 ? 0.0 : esc_at_zero(key->at_zero, 1.0, -1.0));
  c->per_p = (esc_real)(1.0 / key->p);
  c->per_q = (esc_real)(1.0 / key->q);
}

ESC_RULE esc_real esc_power_well_slope(const esc_power_well *c, esc_real x)
{
  const esc_real size = esc_abs(x);
  const esc_real outward = esc_power_at(c->outer, size) - esc_power_at(c->inner, size);
  return esc_by_side(x, -outward, c->at_zero, outward);
}

ESC_RULE esc_real esc_power_well_value(const esc_power_well *c, esc_real x)
{
  const esc_real size = esc_abs(x);
  return size * (c->per_q * esc_power_at(c->outer, size) - c->per_p * esc_power_at(c->inner, size));
}

#endif
