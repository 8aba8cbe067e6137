/* Adagrad: Duchi, Hazan and Singer (2011): s' = s + g^2, u = lr_t g / (sqrt(s') + eps), with
 * lr_t = lr/(1 + (t-1) lr_decay); with eps_inside g / sqrt(s' + eps). */
#ifndef ESC_ADAGRAD_H
#define ESC_ADAGRAD_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_adagrad(KEY)                                                                      \
  KEY(lr_decay, NUMBER, NOT_NEGATIVE, 0.0, NULL, "step size lr/(1 + (t-1) lr_decay)")              \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-10, NULL, "keeps the denominator above zero")                  \
  KEY(eps_inside, SWITCH, ANY, 0.0, NULL, "eps under the root (Duchi; Ruder)")                     \
  KEY(initial_accumulator, NUMBER, NOT_NEGATIVE, 0.0, NULL, "s before the first step")
#define ESC_STATES_adagrad "s"
ESC_DECLARE_KEYS(adagrad)

/* A root's two places for eps; the other one is 0. */
typedef struct esc_adagrad {
  esc_real eps_in, eps_out;
} esc_adagrad;

ESC_SETUP void esc_adagrad_setup(const esc_adagrad_keys *key, esc_adagrad *c,
                                 esc_update_traits *traits)
{
  c->eps_in = (esc_real)(key->eps_inside > 0.0 ? key->eps : 0.0);
  c->eps_out = (esc_real)(key->eps_inside > 0.0 ? 0.0 : key->eps);
  traits->start[0] = key->initial_accumulator;
}

/* row.a = 1/(1 + (t-1) lr_decay). */
ESC_SETUP void esc_adagrad_row(const esc_adagrad_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  row[0] = 1.0 / (1.0 + (t - 1.0) * key->lr_decay);
}

ESC_RULE esc_real esc_adagrad_update(const esc_adagrad *c, esc_row row, esc_real g, esc_real *s)
{
  *s = esc_fma(g, g, *s);
  const esc_real root = esc_sqrt(*s + c->eps_in) + c->eps_out;
  return row.lr * row.a * esc_ratio(g, root);
}

#endif
