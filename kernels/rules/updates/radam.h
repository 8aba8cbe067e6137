/* RAdam: Liu et al. (2020). With rho_inf = 2/(1-b2) - 1 and rho_t = rho_inf - 2t b2^t/(1-b2^t):
 *   rho_t > 5: u = lr mhat r_t sqrt(1-b2^t)/(sqrt(v') + eps),
 *              r_t^2 = (rho_t-4)(rho_t-2) rho_inf / ((rho_inf-4)(rho_inf-2) rho_t);
 *   else       u = lr mhat.
 * The paper's threshold is 4, PyTorch's 5: key `threshold`. */
#ifndef ESC_RADAM_H
#define ESC_RADAM_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_radam(KEY)                                                                        \
  KEY(beta1, NUMBER, FRACTION, 0.9, NULL, "the share of the mean kept")                            \
  KEY(beta2, NUMBER, FRACTION, 0.999, NULL, "the share of the second moment kept")                 \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-8, NULL, "keeps the denominator above zero")                   \
  KEY(threshold, NUMBER, POSITIVE, 5.0, NULL, "rectified when rho_t is above (the paper: 4)")
#define ESC_STATES_radam "m", "v"
ESC_DECLARE_KEYS(radam)

typedef struct esc_radam {
  esc_real keep1, rest1, keep2, rest2, eps;
} esc_radam;

ESC_SETUP void esc_radam_setup(const esc_radam_keys *key, esc_radam *c, esc_update_traits *traits)
{
  (void)traits;
  c->keep1 = (esc_real)key->beta1;
  c->rest1 = (esc_real)(1.0 - key->beta1);
  c->keep2 = (esc_real)key->beta2;
  c->rest2 = (esc_real)(1.0 - key->beta2);
  c->eps = (esc_real)key->eps;
}

/* row.a = the factor of m', row.b = 1 where the denominator applies, else 0. */
ESC_SETUP void esc_radam_row(const esc_radam_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  const double correction1 = esc_bias_correction(key->beta1, t);
  const double correction2 = esc_bias_correction(key->beta2, t);
  const double limit = 2.0 / (1.0 - key->beta2) - 1.0;
  const double rho = limit - 2.0 * t * (1.0 - correction2) / correction2;
  const int rectified = rho > key->threshold && rho > 4.0 && limit > 4.0;
  const double r2 = rectified ? (rho - 4.0) * (rho - 2.0) * limit /
                                    ((limit - 4.0) * (limit - 2.0) * rho)
                              : 1.0;
  row[0] = rectified ? sqrt(r2 * correction2) / correction1 : 1.0 / correction1;
  row[1] = rectified ? 1.0 : 0.0;
}

ESC_RULE esc_real esc_radam_update(const esc_radam *c, esc_row row, esc_real g, esc_real *m,
                                   esc_real *v)
{
  *m = esc_average(c->keep1, *m, c->rest1, g);
  *v = esc_average(c->keep2, *v, c->rest2, g * g);
  const esc_real root = row.b > ESC_LIT(0.0) ? esc_sqrt(*v) + c->eps : ESC_LIT(1.0);
  return row.lr * row.a * esc_ratio(*m, root);
}

#endif
