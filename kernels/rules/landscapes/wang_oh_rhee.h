/* The landscape of Wang, Oh and Rhee, "Eliminating sharp minima from SGD with truncated
 * heavy-tailed noise" (arXiv:2102.04297): four minima, two of them sharp. A product of eight
 * factors:
 *   U = (x+1.6)(x+1.3)^2(x-0.2)^2(x-0.7)^2(x-1.6) (0.05|1.65-x|)^0.6
 *       (1 + 1/(0.01+4(x-0.5)^2)) (1 + 1/(0.1+4(x+1.5)^2)) (1 - exp(-5(x+0.8)^2)/4) */
#ifndef ESC_WANG_OH_RHEE_H
#define ESC_WANG_OH_RHEE_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_wang_oh_rhee(KEY)
ESC_DECLARE_KEYS(wang_oh_rhee)

typedef struct esc_wang_oh_rhee {
  esc_real none;
} esc_wang_oh_rhee;

ESC_SETUP void esc_wang_oh_rhee_setup(const esc_wang_oh_rhee_keys *key, const double *list, int j,
                                      esc_wang_oh_rhee *c)
{
  (void)key, (void)list, (void)j;
  c->none = 0;
}

/* A value and its derivative; products of such pairs differentiate the whole. */
typedef struct esc_dual {
  esc_real value, slope;
} esc_dual;

ESC_RULE esc_dual esc_dual_product(esc_dual a, esc_dual b)
{
  const esc_dual product = {a.value * b.value, esc_fma(a.slope, b.value, a.value * b.slope)};
  return product;
}

ESC_RULE esc_dual esc_dual_shifted(esc_real x, esc_real shift)
{
  const esc_dual factor = {x + shift, ESC_LIT(1.0)};
  return factor;
}

/* 1 + 1/(floor + 4 (x + shift)^2) */
ESC_RULE esc_dual esc_dual_spike(esc_real x, esc_real shift, esc_real floor)
{
  const esc_real away = x + shift;
  const esc_real inverse = ESC_LIT(1.0) / esc_fma(ESC_LIT(4.0) * away, away, floor);
  const esc_dual factor = {ESC_LIT(1.0) + inverse, ESC_LIT(-8.0) * away * inverse * inverse};
  return factor;
}

ESC_RULE esc_dual esc_wang_oh_rhee_at(esc_real x)
{
  const esc_dual at_13 = esc_dual_shifted(x, ESC_LIT(1.3));
  const esc_dual at_02 = esc_dual_shifted(x, ESC_LIT(-0.2));
  const esc_dual at_07 = esc_dual_shifted(x, ESC_LIT(-0.7));
  esc_dual all = esc_dual_shifted(x, ESC_LIT(1.6));
  all = esc_dual_product(all, esc_dual_product(at_13, at_13));
  all = esc_dual_product(all, esc_dual_product(at_02, at_02));
  all = esc_dual_product(all, esc_dual_product(at_07, at_07));
  all = esc_dual_product(all, esc_dual_shifted(x, ESC_LIT(-1.6)));

  /* (0.05 |1.65-x|)^0.6, whose slope is 0.6/(x-1.65) times it; 0 at the cusp itself */
  const esc_real off = x - ESC_LIT(1.65);
  const esc_real cusp = esc_pow(ESC_LIT(0.05) * esc_abs(off), ESC_LIT(0.6));
  const int at_cusp = off == ESC_LIT(0.0);
  const esc_real rise = ESC_LIT(0.6) * cusp / (at_cusp ? ESC_LIT(1.0) : off);
  const esc_dual root = {cusp, rise};
  all = esc_dual_product(all, root);

  all = esc_dual_product(all, esc_dual_spike(x, ESC_LIT(-0.5), ESC_LIT(0.01)));
  all = esc_dual_product(all, esc_dual_spike(x, ESC_LIT(1.5), ESC_LIT(0.1)));

  const esc_real away = x + ESC_LIT(0.8);
  const esc_real bump = esc_exp(ESC_LIT(-5.0) * away * away);
  const esc_dual dip = {esc_fma(ESC_LIT(-0.25), bump, ESC_LIT(1.0)), ESC_LIT(2.5) * away * bump};
  return esc_dual_product(all, dip);
}

ESC_RULE esc_real esc_wang_oh_rhee_slope(const esc_wang_oh_rhee *c, esc_real x)
{
  (void)c;
  return esc_wang_oh_rhee_at(x).slope;
}

ESC_RULE esc_real esc_wang_oh_rhee_value(const esc_wang_oh_rhee *c, esc_real x)
{
  (void)c;
  return esc_wang_oh_rhee_at(x).value;
}

#endif
