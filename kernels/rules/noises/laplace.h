/* Two laws with exponential tails, of scale 1: Laplace, sgn * (-log 2d), variance 2; and the
 * logistic, sgn * (log(1-d) - log d), variance pi^2/3. */
#ifndef ESC_LAPLACE_H
#define ESC_LAPLACE_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_laplace(KEY)
ESC_DECLARE_KEYS(laplace)

typedef struct esc_laplace_constants {
  float none;
} esc_laplace_constants;

ESC_SETUP void esc_laplace_setup(const esc_laplace_keys *key, esc_laplace_constants *c)
{
  (void)key;
  c->none = 0.0f;
}

ESC_SETUP double esc_laplace_variance(const esc_laplace_keys *key)
{
  (void)key;
  return 2.0;
}

ESC_RULE float esc_laplace_draw(const esc_laplace_constants *c, esc_uniform u)
{
  (void)c;
  return esc_sided(u, -esc_log_f32(2.0f * u.d));
}

#define ESC_KEYS_logistic(KEY)
typedef esc_laplace_keys esc_logistic_keys;
typedef esc_laplace_constants esc_logistic_constants;
#define esc_logistic_setup esc_laplace_setup

ESC_SETUP double esc_logistic_variance(const esc_logistic_keys *key)
{
  (void)key;
  return 3.28986813369645287;
}

ESC_RULE float esc_logistic_draw(const esc_logistic_constants *c, esc_uniform u)
{
  (void)c;
  return esc_sided(u, esc_log1m_f32(u.d) - esc_log_f32(u.d));
}

#endif
