/* Landscapes with many wells in each coordinate.
 *   washboard:        U = -cos x - tilt x
 *   rastrigin:        U = sum_j A + x_j^2 - A cos(2 pi x_j), A = 10
 *   styblinski_tang:  U = sum_j (x_j^4 - 16 x_j^2 + 5 x_j)/2 */
#ifndef ESC_WAVES_H
#define ESC_WAVES_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_washboard(KEY) KEY(tilt, NUMBER, ANY, 0.0, NULL, "how much U falls per unit of x")
ESC_DECLARE_KEYS(washboard)

typedef struct esc_washboard {
  esc_real tilt;
} esc_washboard;

ESC_SETUP void esc_washboard_setup(const esc_washboard_keys *key, const double *list, int j,
                                   esc_washboard *c)
{
  (void)list, (void)j;
  c->tilt = (esc_real)key->tilt;
}

ESC_RULE esc_real esc_washboard_slope(const esc_washboard *c, esc_real x)
{
  esc_real sine, cosine;
  esc_sincospi(x * ESC_LIT(0.318309886183790672), &sine, &cosine);
  return sine - c->tilt;
}

ESC_RULE esc_real esc_washboard_value(const esc_washboard *c, esc_real x)
{
  esc_real sine, cosine;
  esc_sincospi(x * ESC_LIT(0.318309886183790672), &sine, &cosine);
  return -cosine - c->tilt * x;
}

#define ESC_KEYS_rastrigin(KEY)                                                                    \
  KEY(dimension, NUMBER, COUNT, 1.0, NULL, "number of coordinates")                                \
  KEY(amplitude, NUMBER, NOT_NEGATIVE, 10.0, NULL, "A, the height of the waves")
ESC_DECLARE_KEYS(rastrigin)

typedef struct esc_rastrigin {
  esc_real amplitude, steepness; /* A, 2 pi A */
} esc_rastrigin;

ESC_SETUP void esc_rastrigin_setup(const esc_rastrigin_keys *key, const double *list, int j,
                                   esc_rastrigin *c)
{
  (void)list, (void)j;
  c->amplitude = (esc_real)key->amplitude;
  c->steepness = (esc_real)(6.28318530717958648 * key->amplitude);
}

ESC_RULE esc_real esc_rastrigin_slope(const esc_rastrigin *c, esc_real x)
{
  esc_real sine, cosine;
  esc_sincospi(ESC_LIT(2.0) * x, &sine, &cosine);
  return esc_fma(c->steepness, sine, ESC_LIT(2.0) * x);
}

ESC_RULE esc_real esc_rastrigin_value(const esc_rastrigin *c, esc_real x)
{
  esc_real sine, cosine;
  esc_sincospi(ESC_LIT(2.0) * x, &sine, &cosine);
  return esc_fma(x, x, c->amplitude * (ESC_LIT(1.0) - cosine));
}

#define ESC_KEYS_styblinski_tang(KEY)                                                              \
  KEY(dimension, NUMBER, COUNT, 1.0, NULL, "number of coordinates")
ESC_DECLARE_KEYS(styblinski_tang)

typedef struct esc_styblinski_tang {
  esc_real none;
} esc_styblinski_tang;

ESC_SETUP void esc_styblinski_tang_setup(const esc_styblinski_tang_keys *key, const double *list,
                                         int j, esc_styblinski_tang *c)
{
  (void)key, (void)list, (void)j;
  c->none = 0;
}

ESC_RULE esc_real esc_styblinski_tang_slope(const esc_styblinski_tang *c, esc_real x)
{
  (void)c;
  return esc_fma(x, esc_fma(ESC_LIT(2.0), x * x, ESC_LIT(-16.0)), ESC_LIT(2.5));
}

ESC_RULE esc_real esc_styblinski_tang_value(const esc_styblinski_tang *c, esc_real x)
{
  (void)c;
  const esc_real square = x * x;
  return esc_fma(square, esc_fma(ESC_LIT(0.5), square, ESC_LIT(-8.0)), ESC_LIT(2.5) * x);
}

#endif
