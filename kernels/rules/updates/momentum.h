/* Momentum: Polyak (1964), with dampening, and with the step size outside the buffer (PyTorch) or
 * inside it (Sutskever et al. 2013; Ruder 2016): the two differ when lr changes.
 *   outside: b' = mu b + (1-tau) g,      u = lr b'
 *   inside:  b' = mu b + lr (1-tau) g,   u = b'
 * The first step takes b' = g (lr g): no dampening. */
#ifndef ESC_MOMENTUM_H
#define ESC_MOMENTUM_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_momentum(KEY)                                                                     \
  KEY(momentum, NUMBER, FRACTION, 0.9, NULL, "mu, the share of the buffer kept")                   \
  KEY(dampening, NUMBER, SHARE, 0.0, NULL, "tau, the share of the gradient left out")              \
  KEY(lr_inside, SWITCH, ANY, 0.0, NULL, "lr multiplies the gradient on its way into the buffer")
#define ESC_STATES_momentum "b"
ESC_DECLARE_KEYS(momentum)

typedef struct esc_momentum {
  esc_real mu;
  esc_real inside; /* 1 or 0 */
} esc_momentum;

ESC_SETUP void esc_momentum_setup(const esc_momentum_keys *key, esc_momentum *c,
                                  esc_update_traits *traits)
{
  (void)traits;
  c->mu = (esc_real)key->momentum;
  c->inside = (esc_real)key->lr_inside;
}

/* row.a = 1 - tau, 1 at the first step. */
ESC_SETUP void esc_momentum_row(const esc_momentum_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  row[0] = t > 1.0 ? 1.0 - key->dampening : 1.0;
}

ESC_RULE esc_real esc_momentum_update(const esc_momentum *c, esc_row row, esc_real g, esc_real *b)
{
  const int inside = c->inside > ESC_LIT(0.0);
  const esc_real in = row.a * g;
  *b = esc_flush(esc_fma(c->mu, *b, inside ? row.lr * in : in));
  return inside ? *b : row.lr * *b;
}

#endif
