/* Quadratic bowls and saddles: U = sum_j k_j x_j^2/2. k = 0 is a free walk, k < 0 a parabolic
 * maximum; a spectrum sets the dimension; the saddle is (k x^2 - c y^2)/2. */
#ifndef ESC_QUADRATIC_H
#define ESC_QUADRATIC_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_quadratic(KEY)                                                                    \
  KEY(k, NUMBER, ANY, 1.0, NULL, "curvature of every coordinate")                                  \
  KEY(spectrum, LIST, ANY, ESC_REQUIRED, NULL, "curvatures k_j, one a dimension, instead of k")    \
  KEY(dimension, NUMBER, COUNT, 1.0, NULL, "number of coordinates (without a spectrum)")
ESC_DECLARE_KEYS(quadratic)

typedef struct esc_quadratic {
  esc_real k, half;
} esc_quadratic;

ESC_SETUP void esc_quadratic_setup(const esc_quadratic_keys *key, const double *list, int j,
                                   esc_quadratic *c)
{
  const double k = list ? list[j] : key->k;
  c->k = (esc_real)k;
  c->half = (esc_real)(0.5 * k);
}

ESC_RULE esc_real esc_quadratic_slope(const esc_quadratic *c, esc_real x)
{
  return c->k * x;
}

ESC_RULE esc_real esc_quadratic_value(const esc_quadratic *c, esc_real x)
{
  return c->half * x * x;
}

#define ESC_KEYS_saddle(KEY)                                                                       \
  KEY(k, NUMBER, POSITIVE, 1.0, NULL, "curvature along x")                                         \
  KEY(c, NUMBER, POSITIVE, 1.0, NULL, "minus the curvature along y")
ESC_DECLARE_KEYS(saddle)
typedef esc_quadratic esc_saddle;

ESC_SETUP void esc_saddle_setup(const esc_saddle_keys *key, const double *list, int j,
                                esc_saddle *c)
{
  (void)list;
  const double k = j == 0 ? key->k : -key->c;
  c->k = (esc_real)k;
  c->half = (esc_real)(0.5 * k);
}
#define esc_saddle_slope esc_quadratic_slope
#define esc_saddle_value esc_quadratic_value

#endif
