/* RMSprop: Tieleman and Hinton (2012), with the options in use:
 *   v' = a v + (1-a) g^2;  centered: m' = a m + (1-a) g, var = v' - m'^2 (never below 0), else
 *   var = v';  step g/(sqrt(var) + eps), or g/sqrt(var + eps) with eps_inside (Hinton;
 *   Ruder: a = .9);
 *   with momentum b' = mu b + step, and the update is lr b'. */
#ifndef ESC_RMSPROP_H
#define ESC_RMSPROP_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_rmsprop(KEY)                                                                      \
  KEY(alpha, NUMBER, FRACTION, 0.99, NULL, "the share of the averages kept")                       \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-8, NULL, "keeps the denominator above zero")                   \
  KEY(momentum, NUMBER, FRACTION, 0.0, NULL, "mu of the buffer behind the scaling")                \
  KEY(centered, SWITCH, ANY, 0.0, NULL, "divide by the standard deviation, not the raw moment")    \
  KEY(eps_inside, SWITCH, ANY, 0.0, NULL, "eps under the root")
#define ESC_STATES_rmsprop "v", "m", "b"
ESC_DECLARE_KEYS(rmsprop)

typedef struct esc_rmsprop {
  esc_real keep, rest, mu, centered, eps_in, eps_out;
} esc_rmsprop;

ESC_SETUP void esc_rmsprop_setup(const esc_rmsprop_keys *key, esc_rmsprop *c,
                                 esc_update_traits *traits)
{
  traits->idle = (key->centered > 0.0 ? 0u : 2u) | (key->momentum > 0.0 ? 0u : 4u);
  c->keep = (esc_real)key->alpha;
  c->rest = (esc_real)(1.0 - key->alpha);
  c->mu = (esc_real)key->momentum;
  c->centered = (esc_real)key->centered;
  c->eps_in = (esc_real)(key->eps_inside > 0.0 ? key->eps : 0.0);
  c->eps_out = (esc_real)(key->eps_inside > 0.0 ? 0.0 : key->eps);
}

ESC_SETUP void esc_rmsprop_row(const esc_rmsprop_keys *key, double t, double *carry, double row[])
{
  (void)key, (void)t, (void)carry, (void)row;
}

ESC_RULE esc_real esc_rmsprop_update(const esc_rmsprop *c, esc_row row, esc_real g, esc_real *v,
                                     esc_real *m, esc_real *b)
{
  *v = esc_average(c->keep, *v, c->rest, g * g);
  *m = esc_average(c->keep, *m, c->rest, g);
  const esc_real spread = esc_fma(-*m, *m, *v);
  const esc_real floored = spread > ESC_LIT(0.0) ? spread : ESC_LIT(0.0);
  const esc_real var = c->centered > ESC_LIT(0.0) ? floored : *v;
  const esc_real root = esc_sqrt(var + c->eps_in) + c->eps_out;
  *b = esc_flush(esc_fma(c->mu, *b, esc_ratio(g, root)));
  return row.lr * *b;
}

#endif
