/* NAdam: Dozat (2016), in two forms that share u = lr (a g + b m')/(sqrt(vhat) + eps), m and v as
 * in Adam:
 *   torch: with the momentum schedule mu_t = b1 (1 - .96^(t psi)/2), P_t = mu_1 ... mu_t:
 *          a = (1-mu_t)/(1-P_t), b = mu_{t+1}/(1-P_{t+1});
 *   ruder: without it: a = (1-b1)/(1-b1^t), b = b1/(1-b1^t). */
#ifndef ESC_NADAM_H
#define ESC_NADAM_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_nadam(KEY)                                                                        \
  KEY(beta1, NUMBER, FRACTION, 0.9, NULL, "the share of the mean kept")                            \
  KEY(beta2, NUMBER, FRACTION, 0.999, NULL, "the share of the second moment kept")                 \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-8, NULL, "keeps the denominator above zero")                   \
  KEY(momentum_decay, NUMBER, NOT_NEGATIVE, 4e-3, NULL, "psi of the momentum schedule (torch)")    \
  KEY(form, WORD, ANY, 0.0, "torch|ruder", "with or without the momentum schedule")
#define ESC_STATES_nadam "m", "v"
ESC_DECLARE_KEYS(nadam)

typedef struct esc_nadam {
  esc_real keep1, rest1, keep2, rest2, eps;
} esc_nadam;

ESC_SETUP void esc_nadam_setup(const esc_nadam_keys *key, esc_nadam *c, esc_update_traits *traits)
{
  (void)traits;
  c->keep1 = (esc_real)key->beta1;
  c->rest1 = (esc_real)(1.0 - key->beta1);
  c->keep2 = (esc_real)key->beta2;
  c->rest2 = (esc_real)(1.0 - key->beta2);
  c->eps = (esc_real)key->eps;
}

ESC_SETUP double esc_nadam_mu(const esc_nadam_keys *key, double t)
{
  return key->beta1 * (1.0 - 0.5 * esc_exp_f64(t * key->momentum_decay * esc_log_f64(0.96)));
}

/* row.a and row.b as above, row.c = 1/sqrt(1-b2^t); carry = P_t. */
ESC_SETUP void esc_nadam_row(const esc_nadam_keys *key, double t, double *carry, double row[])
{
  if (key->form > 0.0) {
    row[0] = (1.0 - key->beta1) / esc_bias_correction(key->beta1, t);
    row[1] = key->beta1 / esc_bias_correction(key->beta1, t);
  } else {
    const double mu = esc_nadam_mu(key, t), next = esc_nadam_mu(key, t + 1.0);
    *carry *= mu;
    row[0] = (1.0 - mu) / (1.0 - *carry);
    row[1] = next / (1.0 - *carry * next);
  }
  row[2] = 1.0 / sqrt(esc_bias_correction(key->beta2, t));
}

ESC_RULE esc_real esc_nadam_update(const esc_nadam *c, esc_row row, esc_real g, esc_real *m,
                                   esc_real *v)
{
  *m = esc_average(c->keep1, *m, c->rest1, g);
  *v = esc_average(c->keep2, *v, c->rest2, g * g);
  const esc_real ahead = esc_fma(row.b, *m, row.a * g);
  return row.lr * esc_ratio(ahead, esc_fma(esc_sqrt(*v), row.c, c->eps));
}

#endif
