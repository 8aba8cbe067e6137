/* Adam: Kingma and Ba (2015), Algorithm 1, and its nearest relatives.
 *   m' = b1 m + (1-b1) g,  v' = b2 v + (1-b2) g^2,  u = lr mhat/(sqrt(vhat) + eps),
 *   mhat = m'/(1-b1^t), vhat = v'/(1-b2^t); without bias correction mhat = m', vhat = v'.
 * beta1_decay (lambda) is the paper's section 4: b1 at step t is b1 lambda^(t-1); with it goes
 * schedule {kind: inverse_sqrt}. AdamW (Loshchilov and Hutter 2019) is Adam with decoupled decay.
 * AMSGrad (Reddi et al. 2018) takes the largest uncorrected v so far, as PyTorch does. */
#ifndef ESC_ADAM_H
#define ESC_ADAM_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_adam(KEY)                                                                         \
  KEY(beta1, NUMBER, FRACTION, 0.9, NULL, "the share of the mean kept")                            \
  KEY(beta2, NUMBER, FRACTION, 0.999, NULL, "the share of the second moment kept")                 \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-8, NULL, "keeps the denominator above zero")                   \
  KEY(bias_correction, SWITCH, ANY, 1.0, NULL, "divide by 1 - beta^t")                             \
  KEY(beta1_decay, NUMBER, SHARE, 1.0, NULL, "lambda: beta1 lambda^(t-1) at step t")
#define ESC_STATES_adam "m", "v"
ESC_DECLARE_KEYS(adam)

typedef struct esc_adam {
  esc_real keep2, rest2, eps;
} esc_adam;

ESC_SETUP void esc_adam_setup(const esc_adam_keys *key, esc_adam *c, esc_update_traits *traits)
{
  (void)traits;
  c->keep2 = (esc_real)key->beta2;
  c->rest2 = (esc_real)(1.0 - key->beta2);
  c->eps = (esc_real)key->eps;
}

/* row.a = 1/(1-b1^t), row.b = 1/sqrt(1-b2^t), row.c = b1 at t, row.d = 1 - row.c. */
ESC_SETUP void esc_adam_row(const esc_adam_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  const int correct = key->bias_correction > 0.0;
  row[0] = correct ? 1.0 / esc_bias_correction(key->beta1, t) : 1.0;
  row[1] = correct ? 1.0 / sqrt(esc_bias_correction(key->beta2, t)) : 1.0;
  row[2] = key->beta1 * (1.0 - esc_bias_correction(key->beta1_decay, t - 1.0));
  row[3] = 1.0 - row[2];
}

ESC_RULE esc_real esc_adam_update(const esc_adam *c, esc_row row, esc_real g, esc_real *m,
                                  esc_real *v)
{
  *m = esc_average(row.c, *m, row.d, g);
  *v = esc_average(c->keep2, *v, c->rest2, g * g);
  return row.lr * row.a * esc_ratio(*m, esc_fma(esc_sqrt(*v), row.b, c->eps));
}

#define ESC_KEYS_adamw(KEY) ESC_KEYS_adam(KEY)
#define ESC_STATES_adamw "m", "v"
typedef esc_adam_keys esc_adamw_keys;
typedef esc_adam esc_adamw;
#define esc_adamw_setup esc_adam_setup
#define esc_adamw_row esc_adam_row
#define esc_adamw_update esc_adam_update

#define ESC_KEYS_amsgrad(KEY) ESC_KEYS_adam(KEY)
#define ESC_STATES_amsgrad "m", "v", "largest"
typedef esc_adam_keys esc_amsgrad_keys;
typedef esc_adam esc_amsgrad;
#define esc_amsgrad_setup esc_adam_setup
#define esc_amsgrad_row esc_adam_row

ESC_RULE esc_real esc_amsgrad_update(const esc_amsgrad *c, esc_row row, esc_real g, esc_real *m,
                                     esc_real *v, esc_real *largest)
{
  *m = esc_average(row.c, *m, row.d, g);
  *v = esc_average(c->keep2, *v, c->rest2, g * g);
  *largest = *v > *largest ? *v : *largest;
  return row.lr * row.a * esc_ratio(*m, esc_fma(esc_sqrt(*largest), row.b, c->eps));
}

#endif
