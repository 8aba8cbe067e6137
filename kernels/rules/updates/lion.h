/* Lion: Chen et al. (2023): u = lr sign(b1 m + (1-b1) g), then m' = b2 m + (1-b2) g;
 * sign(0) = 0. */
#ifndef ESC_LION_H
#define ESC_LION_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_lion(KEY)                                                                         \
  KEY(beta1, NUMBER, FRACTION, 0.9, NULL, "the share of the mean in the step's direction")         \
  KEY(beta2, NUMBER, FRACTION, 0.99, NULL, "the share of the mean kept")
#define ESC_STATES_lion "m"
ESC_DECLARE_KEYS(lion)

typedef struct esc_lion {
  esc_real keep1, rest1, keep2, rest2;
} esc_lion;

ESC_SETUP void esc_lion_setup(const esc_lion_keys *key, esc_lion *c, esc_update_traits *traits)
{
  (void)traits;
  c->keep1 = (esc_real)key->beta1;
  c->rest1 = (esc_real)(1.0 - key->beta1);
  c->keep2 = (esc_real)key->beta2;
  c->rest2 = (esc_real)(1.0 - key->beta2);
}

ESC_SETUP void esc_lion_row(const esc_lion_keys *key, double t, double *carry, double row[])
{
  (void)key, (void)t, (void)carry, (void)row;
}

ESC_RULE esc_real esc_lion_update(const esc_lion *c, esc_row row, esc_real g, esc_real *m)
{
  const esc_real direction = esc_sign(esc_fma(c->keep1, *m, c->rest1 * g));
  *m = esc_average(c->keep2, *m, c->rest2, g);
  return row.lr * direction;
}

#endif
