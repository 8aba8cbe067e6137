/* Adadelta: Zeiler (2012), with a step size, which is not in the paper (there lr = 1):
 *   v' = rho v + (1-rho) g^2,  d = sqrt(u + eps)/sqrt(v' + eps) g,  u' = rho u + (1-rho) d^2,
 * and the step lr d. */
#ifndef ESC_ADADELTA_H
#define ESC_ADADELTA_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_adadelta(KEY)                                                                     \
  KEY(rho, NUMBER, FRACTION, 0.9, NULL, "the share of both averages kept")                         \
  KEY(eps, NUMBER, POSITIVE, 1e-6, NULL, "under both roots; sets the first step")
#define ESC_STATES_adadelta "v", "u"
ESC_DECLARE_KEYS(adadelta)

typedef struct esc_adadelta {
  esc_real rho, rest, eps;
} esc_adadelta;

ESC_SETUP void esc_adadelta_setup(const esc_adadelta_keys *key, esc_adadelta *c,
                                  esc_update_traits *traits)
{
  (void)traits;
  c->rho = (esc_real)key->rho;
  c->rest = (esc_real)(1.0 - key->rho);
  c->eps = (esc_real)key->eps;
}

ESC_SETUP void esc_adadelta_row(const esc_adadelta_keys *key, double t, double *carry, double row[])
{
  (void)key, (void)t, (void)carry, (void)row;
}

ESC_RULE esc_real esc_adadelta_update(const esc_adadelta *c, esc_row row, esc_real g, esc_real *v,
                                      esc_real *u)
{
  *v = esc_average(c->rho, *v, c->rest, g * g);
  const esc_real step = esc_sqrt(*u + c->eps) / esc_sqrt(*v + c->eps) * g;
  *u = esc_average(c->rho, *u, c->rest, step * step);
  return row.lr * step;
}

#endif
