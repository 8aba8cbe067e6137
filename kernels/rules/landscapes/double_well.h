/* The double well U = x^4/4 - x^2/2 + tilt x: minima near +-1, a maximum near 0. */
#ifndef ESC_DOUBLE_WELL_H
#define ESC_DOUBLE_WELL_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_double_well(KEY) KEY(tilt, NUMBER, ANY, 0.0, NULL, "slope added everywhere")
ESC_DECLARE_KEYS(double_well)

typedef struct esc_double_well {
  esc_real tilt;
} esc_double_well;

ESC_SETUP void esc_double_well_setup(const esc_double_well_keys *key, const double *list, int j,
                                     esc_double_well *c)
{
  (void)list, (void)j;
  c->tilt = (esc_real)key->tilt;
}

ESC_RULE esc_real esc_double_well_slope(const esc_double_well *c, esc_real x)
{
  return esc_fma(esc_fma(x, x, ESC_LIT(-1.0)), x, c->tilt);
}

ESC_RULE esc_real esc_double_well_value(const esc_double_well *c, esc_real x)
{
  const esc_real square = x * x;
  return esc_fma(square, esc_fma(ESC_LIT(0.25), square, ESC_LIT(-0.5)), c->tilt * x);
}

#endif
