/* The Mueller-Brown surface (Theor. Chim. Acta 53, 1979): four exponentials of quadratic forms,
 *   U = sum_i A_i exp(a_i (x-X_i)^2 + b_i (x-X_i)(y-Y_i) + c_i (y-Y_i)^2). */
#ifndef ESC_MULLER_BROWN_H
#define ESC_MULLER_BROWN_H

#include "kernels/rules/landscapes/plane.h"

#define ESC_KEYS_muller_brown(KEY)
ESC_PLAIN_LANDSCAPE(muller_brown)

/* The four terms in a row, so that their numbers are constants: in the words of each compiler. */
#if defined(__CUDACC__)
#define ESC_UNROLL_TERMS _Pragma("unroll")
#elif defined(__GNUC__)
#define ESC_UNROLL_TERMS _Pragma("GCC unroll 4")
#else
#define ESC_UNROLL_TERMS
#endif

/* The i-th term: its value, and the two slopes of its exponent. */
ESC_RULE esc_real esc_muller_brown_term(int i, esc_real x, esc_real y, esc_real *ex, esc_real *ey)
{
  const esc_real height[4] = {ESC_LIT(-200.0), ESC_LIT(-100.0), ESC_LIT(-170.0), ESC_LIT(15.0)};
  const esc_real xx[4] = {ESC_LIT(-1.0), ESC_LIT(-1.0), ESC_LIT(-6.5), ESC_LIT(0.7)};
  const esc_real xy[4] = {ESC_LIT(0.0), ESC_LIT(0.0), ESC_LIT(11.0), ESC_LIT(0.6)};
  const esc_real yy[4] = {ESC_LIT(-10.0), ESC_LIT(-10.0), ESC_LIT(-6.5), ESC_LIT(0.7)};
  const esc_real at_x[4] = {ESC_LIT(1.0), ESC_LIT(0.0), ESC_LIT(-0.5), ESC_LIT(-1.0)};
  const esc_real at_y[4] = {ESC_LIT(0.0), ESC_LIT(0.5), ESC_LIT(1.5), ESC_LIT(1.0)};
  const esc_real dx = x - at_x[i], dy = y - at_y[i];
  *ex = esc_fma(ESC_LIT(2.0) * xx[i], dx, xy[i] * dy);
  *ey = esc_fma(ESC_LIT(2.0) * yy[i], dy, xy[i] * dx);
  const esc_real exponent = esc_fma(xx[i] * dx, dx, esc_fma(xy[i] * dx, dy, yy[i] * dy * dy));
  return height[i] * esc_exp(exponent);
}

ESC_RULE void esc_muller_brown_slope(const esc_muller_brown *c, esc_real x, esc_real y,
                                     esc_real *gx, esc_real *gy)
{
  (void)c;
  esc_real sum_x = ESC_LIT(0.0), sum_y = ESC_LIT(0.0);
  ESC_UNROLL_TERMS
  for (int i = 0; i < 4; i++) {
    esc_real ex, ey;
    const esc_real term = esc_muller_brown_term(i, x, y, &ex, &ey);
    sum_x = esc_fma(term, ex, sum_x);
    sum_y = esc_fma(term, ey, sum_y);
  }
  *gx = sum_x;
  *gy = sum_y;
}

ESC_RULE esc_real esc_muller_brown_value(const esc_muller_brown *c, esc_real x, esc_real y)
{
  (void)c;
  esc_real sum = ESC_LIT(0.0), ex, ey;
  ESC_UNROLL_TERMS
  for (int i = 0; i < 4; i++)
    sum += esc_muller_brown_term(i, x, y, &ex, &ey);
  return sum;
}

#endif
