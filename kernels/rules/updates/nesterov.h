/* Nesterov's accelerated gradient in its two forms.
 *   bengio (Bengio et al. 2013; PyTorch): b' = mu b + (1-tau) g,  u = lr (g + mu b'); the stored
 *     parameter is the look-ahead point, where the gradient is taken.
 *   lookahead (Ruder 2016): v' = mu v + lr g(w - mu v),  u = v'; the stored parameter is the
 *     iterate w. */
#ifndef ESC_NESTEROV_H
#define ESC_NESTEROV_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_nesterov(KEY)                                                                     \
  KEY(momentum, NUMBER, FRACTION, 0.9, NULL, "mu, the share of the buffer kept")                   \
  KEY(dampening, NUMBER, SHARE, 0.0, NULL, "tau, the share of the gradient left out (bengio)")     \
  KEY(form, WORD, ANY, 0.0, "bengio|lookahead", "which point is stored")
#define ESC_STATES_nesterov "b"
ESC_DECLARE_KEYS(nesterov)

typedef struct esc_nesterov {
  esc_real mu;
  esc_real ahead; /* 1: lookahead form, 0: bengio */
} esc_nesterov;

ESC_SETUP void esc_nesterov_setup(const esc_nesterov_keys *key, esc_nesterov *c,
                                  esc_update_traits *traits)
{
  c->mu = (esc_real)key->momentum;
  c->ahead = (esc_real)key->form;
  traits->lookahead = key->form > 0.0 ? key->momentum : 0.0;
}

/* row.a = 1 - tau, 1 at the first step and in the lookahead form. */
ESC_SETUP void esc_nesterov_row(const esc_nesterov_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  row[0] = t > 1.0 && !(key->form > 0.0) ? 1.0 - key->dampening : 1.0;
}

ESC_RULE esc_real esc_nesterov_update(const esc_nesterov *c, esc_row row, esc_real g, esc_real *b)
{
  const int ahead = c->ahead > ESC_LIT(0.0);
  *b = esc_flush(esc_fma(c->mu, *b, ahead ? row.lr * g : row.a * g));
  return ahead ? *b : row.lr * esc_fma(c->mu, *b, g);
}

#endif
