/* Test functions of the plane, and Rosenbrock's valley in any dimension.
 *   monkey_saddle:     x^3 - 3 x y^2
 *   himmelblau:        (x^2+y-11)^2 + (x+y^2-7)^2
 *   beale:             (1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2
 *   three_hump_camel:  2x^2 - 1.05x^4 + x^6/6 + xy + y^2
 *   six_hump_camel:    (4-2.1x^2+x^4/3)x^2 + xy + (4y^2-4)y^2
 *   rosenbrock:        sum_j 100(x_{j+1}-x_j^2)^2 + (1-x_j)^2 */
#ifndef ESC_PLANE_H
#define ESC_PLANE_H

#include "kernels/rules/landscapes/landscape.h"

/* Landscapes without a constant share an empty one. */
#define ESC_PLAIN_LANDSCAPE(name)                                                                  \
  ESC_DECLARE_KEYS(name)                                                                           \
  typedef struct esc_##name {                                                                      \
    esc_real none;                                                                                 \
  } esc_##name;                                                                                    \
  ESC_SETUP void esc_##name##_setup(const esc_##name##_keys *key, const double *list, int j,       \
                                    esc_##name *c)                                                 \
  {                                                                                                \
    (void)key, (void)list, (void)j;                                                                \
    c->none = 0;                                                                                   \
  }

#define ESC_KEYS_monkey_saddle(KEY)
ESC_PLAIN_LANDSCAPE(monkey_saddle)

ESC_RULE void esc_monkey_saddle_slope(const esc_monkey_saddle *c, esc_real x, esc_real y,
                                      esc_real *gx, esc_real *gy)
{
  (void)c;
  *gx = ESC_LIT(3.0) * esc_fma(x, x, -(y * y));
  *gy = ESC_LIT(-6.0) * x * y;
}

ESC_RULE esc_real esc_monkey_saddle_value(const esc_monkey_saddle *c, esc_real x, esc_real y)
{
  (void)c;
  return x * esc_fma(x, x, ESC_LIT(-3.0) * y * y);
}

#define ESC_KEYS_himmelblau(KEY)
ESC_PLAIN_LANDSCAPE(himmelblau)

ESC_RULE void esc_himmelblau_slope(const esc_himmelblau *c, esc_real x, esc_real y, esc_real *gx,
                                   esc_real *gy)
{
  (void)c;
  const esc_real a = esc_fma(x, x, y) - ESC_LIT(11.0), b = esc_fma(y, y, x) - ESC_LIT(7.0);
  *gx = ESC_LIT(2.0) * esc_fma(ESC_LIT(2.0) * x, a, b);
  *gy = ESC_LIT(2.0) * esc_fma(ESC_LIT(2.0) * y, b, a);
}

ESC_RULE esc_real esc_himmelblau_value(const esc_himmelblau *c, esc_real x, esc_real y)
{
  (void)c;
  const esc_real a = esc_fma(x, x, y) - ESC_LIT(11.0), b = esc_fma(y, y, x) - ESC_LIT(7.0);
  return esc_fma(a, a, b * b);
}

#define ESC_KEYS_beale(KEY)
ESC_PLAIN_LANDSCAPE(beale)

/* The three terms a + x(y^n - 1). */
ESC_RULE void esc_beale_terms(esc_real x, esc_real y, esc_real f[3])
{
  f[0] = esc_fma(x, y - ESC_LIT(1.0), ESC_LIT(1.5));
  f[1] = esc_fma(x, esc_fma(y, y, ESC_LIT(-1.0)), ESC_LIT(2.25));
  f[2] = esc_fma(x, esc_fma(y * y, y, ESC_LIT(-1.0)), ESC_LIT(2.625));
}

ESC_RULE void esc_beale_slope(const esc_beale *c, esc_real x, esc_real y, esc_real *gx,
                              esc_real *gy)
{
  (void)c;
  esc_real f[3];
  esc_beale_terms(x, y, f);
  const esc_real square = y * y;
  *gx = ESC_LIT(2.0) * esc_fma(f[0], y - ESC_LIT(1.0),
                               esc_fma(f[1], square - ESC_LIT(1.0),
                                       f[2] * esc_fma(square, y, ESC_LIT(-1.0))));
  *gy = ESC_LIT(2.0) * x *
        esc_fma(ESC_LIT(3.0) * square, f[2], esc_fma(ESC_LIT(2.0) * y, f[1], f[0]));
}

ESC_RULE esc_real esc_beale_value(const esc_beale *c, esc_real x, esc_real y)
{
  (void)c;
  esc_real f[3];
  esc_beale_terms(x, y, f);
  return esc_fma(f[0], f[0], esc_fma(f[1], f[1], f[2] * f[2]));
}

#define ESC_KEYS_three_hump_camel(KEY)
ESC_PLAIN_LANDSCAPE(three_hump_camel)

ESC_RULE void esc_three_hump_camel_slope(const esc_three_hump_camel *c, esc_real x, esc_real y,
                                         esc_real *gx, esc_real *gy)
{
  (void)c;
  const esc_real square = x * x;
  *gx = esc_fma(x, esc_fma(square, square - ESC_LIT(4.2), ESC_LIT(4.0)), y);
  *gy = esc_fma(ESC_LIT(2.0), y, x);
}

ESC_RULE esc_real esc_three_hump_camel_value(const esc_three_hump_camel *c, esc_real x, esc_real y)
{
  (void)c;
  const esc_real square = x * x;
  const esc_real hump = esc_fma(square, esc_fma(square, ESC_LIT(0.166666666666666667),
                                                ESC_LIT(-1.05)), ESC_LIT(2.0));
  return esc_fma(square, hump, y * (x + y));
}

#define ESC_KEYS_six_hump_camel(KEY)
ESC_PLAIN_LANDSCAPE(six_hump_camel)

ESC_RULE void esc_six_hump_camel_slope(const esc_six_hump_camel *c, esc_real x, esc_real y,
                                       esc_real *gx, esc_real *gy)
{
  (void)c;
  const esc_real square = x * x;
  *gx = esc_fma(x, esc_fma(square, esc_fma(ESC_LIT(2.0), square, ESC_LIT(-8.4)), ESC_LIT(8.0)), y);
  *gy = esc_fma(y, esc_fma(ESC_LIT(16.0) * y, y, ESC_LIT(-8.0)), x);
}

ESC_RULE esc_real esc_six_hump_camel_value(const esc_six_hump_camel *c, esc_real x, esc_real y)
{
  (void)c;
  const esc_real square = x * x, other = y * y;
  const esc_real hump = esc_fma(square, esc_fma(square, ESC_LIT(0.333333333333333333),
                                                ESC_LIT(-2.1)), ESC_LIT(4.0));
  return esc_fma(square, hump,
                 esc_fma(other, esc_fma(ESC_LIT(4.0), other, ESC_LIT(-4.0)), x * y));
}

#define ESC_KEYS_rosenbrock(KEY)                                                                   \
  KEY(dimension, NUMBER, COUNT, 2.0, NULL, "number of coordinates, at least 2")
ESC_PLAIN_LANDSCAPE(rosenbrock)

ESC_RULE void esc_rosenbrock_slope(const esc_rosenbrock *c, esc_real x, esc_real y, esc_real *gx,
                                   esc_real *gy)
{
  (void)c;
  const esc_real off = esc_fma(-x, x, y);
  *gx = esc_fma(ESC_LIT(-400.0) * x, off, ESC_LIT(2.0) * (x - ESC_LIT(1.0)));
  *gy = ESC_LIT(200.0) * off;
}

ESC_RULE esc_real esc_rosenbrock_value(const esc_rosenbrock *c, esc_real x, esc_real y)
{
  (void)c;
  const esc_real off = esc_fma(-x, x, y), left = ESC_LIT(1.0) - x;
  return esc_fma(ESC_LIT(100.0) * off, off, left * left);
}

#endif
