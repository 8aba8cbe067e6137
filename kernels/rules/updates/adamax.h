/* AdaMax: Kingma and Ba (2015), Algorithm 2: m as in Adam, the scale n' = max(b2 n, |g| + eps), and
 * u = lr/(1-b1^t) m'/n'. The paper has no eps in the maximum (eps: 0); PyTorch has. A gradient that
 * is not a number leaves n alone and reaches the parameter through m. */
#ifndef ESC_ADAMAX_H
#define ESC_ADAMAX_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_adamax(KEY)                                                                       \
  KEY(beta1, NUMBER, FRACTION, 0.9, NULL, "the share of the mean kept")                            \
  KEY(beta2, NUMBER, FRACTION, 0.999, NULL, "decay of the largest gradient")                       \
  KEY(eps, NUMBER, NOT_NEGATIVE, 1e-8, NULL, "added to |g| in the maximum")                        \
  KEY(bias_correction, SWITCH, ANY, 1.0, NULL, "divide by 1 - beta1^t")
#define ESC_STATES_adamax "m", "n"
ESC_DECLARE_KEYS(adamax)

typedef struct esc_adamax {
  esc_real keep1, rest1, keep2, eps;
} esc_adamax;

ESC_SETUP void esc_adamax_setup(const esc_adamax_keys *key, esc_adamax *c,
                                esc_update_traits *traits)
{
  (void)traits;
  c->keep1 = (esc_real)key->beta1;
  c->rest1 = (esc_real)(1.0 - key->beta1);
  c->keep2 = (esc_real)key->beta2;
  c->eps = (esc_real)key->eps;
}

/* row.a = 1/(1-b1^t). */
ESC_SETUP void esc_adamax_row(const esc_adamax_keys *key, double t, double *carry, double row[])
{
  (void)carry;
  row[0] = key->bias_correction > 0.0 ? 1.0 / esc_bias_correction(key->beta1, t) : 1.0;
}

ESC_RULE esc_real esc_adamax_update(const esc_adamax *c, esc_row row, esc_real g, esc_real *m,
                                    esc_real *n)
{
  *m = esc_average(c->keep1, *m, c->rest1, g);
  const esc_real decayed = esc_flush(c->keep2 * *n), here = esc_abs(g) + c->eps;
  *n = here > decayed ? here : decayed;
  return row.lr * row.a * esc_ratio(*m, *n);
}

#endif
