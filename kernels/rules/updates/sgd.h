/* Plain stochastic gradient descent, and its sign. */
#ifndef ESC_SGD_H
#define ESC_SGD_H

#include "kernels/rules/updates/update.h"

#define ESC_KEYS_sgd(KEY)
#define ESC_STATES_sgd ""
ESC_DECLARE_KEYS(sgd)

typedef struct esc_sgd {
  esc_real none;
} esc_sgd;

ESC_SETUP void esc_sgd_setup(const esc_sgd_keys *key, esc_sgd *c, esc_update_traits *traits)
{
  (void)key, (void)traits;
  c->none = 0;
}

ESC_SETUP void esc_sgd_row(const esc_sgd_keys *key, double t, double *carry, double row[])
{
  (void)key, (void)t, (void)carry, (void)row;
}

ESC_RULE esc_real esc_sgd_update(const esc_sgd *c, esc_row row, esc_real g)
{
  (void)c;
  return row.lr * g;
}

/* sign-SGD: Bernstein et al. (2018). sign(0) = 0. */
#define ESC_KEYS_sign_sgd(KEY)
#define ESC_STATES_sign_sgd ""
typedef esc_sgd_keys esc_sign_sgd_keys;
typedef esc_sgd esc_sign_sgd;
#define esc_sign_sgd_setup esc_sgd_setup
#define esc_sign_sgd_row esc_sgd_row

ESC_RULE esc_real esc_sign_sgd_update(const esc_sign_sgd *c, esc_row row, esc_real g)
{
  (void)c;
  return row.lr * esc_sign(g);
}

#endif
