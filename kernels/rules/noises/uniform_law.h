/* Two laws with bounded steps: uniform on (-1, 1), and Rademacher's +-1. */
#ifndef ESC_UNIFORM_LAW_H
#define ESC_UNIFORM_LAW_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_uniform(KEY)
ESC_DECLARE_KEYS(uniform)

typedef struct esc_uniform_constants {
  float none;
} esc_uniform_constants;

ESC_SETUP void esc_uniform_setup(const esc_uniform_keys *key, esc_uniform_constants *c)
{
  (void)key;
  c->none = 0.0f;
}

ESC_SETUP double esc_uniform_variance(const esc_uniform_keys *key)
{
  (void)key;
  return 1.0 / 3.0;
}

ESC_RULE float esc_uniform_draw(const esc_uniform_constants *c, esc_uniform u)
{
  (void)c;
  return esc_sided(u, fmaf(-2.0f, u.d, 1.0f));
}

#define ESC_KEYS_rademacher(KEY)
typedef esc_uniform_keys esc_rademacher_keys;
typedef esc_uniform_constants esc_rademacher_constants;
#define esc_rademacher_setup esc_uniform_setup

ESC_SETUP double esc_rademacher_variance(const esc_rademacher_keys *key)
{
  (void)key;
  return 1.0;
}

ESC_RULE float esc_rademacher_draw(const esc_rademacher_constants *c, esc_uniform u)
{
  (void)c;
  return esc_sided(u, 1.0f);
}

#endif
