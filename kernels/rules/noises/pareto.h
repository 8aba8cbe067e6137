/* Two-sided Pareto: sgn * U^(-1/alpha), right with probability p, so |xi| >= 1 before centring;
 * its mean (2p-1) alpha/(alpha-1) is taken off where it is finite (alpha > 1). One uniform serves
 * both: xi is on the right where it is below p, and then it is p U; else its complement is
 * (1-p) U. */
#ifndef ESC_PARETO_H
#define ESC_PARETO_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_pareto(KEY)                                                                       \
  KEY(alpha, NUMBER, POSITIVE, ESC_REQUIRED, NULL, "tail index")                                   \
  KEY(weight_right, NUMBER, SHARE, 0.5, NULL, "probability of a jump to the right")
ESC_DECLARE_KEYS(pareto)

typedef struct esc_pareto_constants {
  float exponent, right, left, per_right, per_left, mean; /* exponent = 1/alpha, per_x = 1/x */
} esc_pareto_constants;

ESC_SETUP double esc_pareto_mean(const esc_pareto_keys *key)
{
  return key->alpha > 1.0 ? (2.0 * key->weight_right - 1.0) * key->alpha / (key->alpha - 1.0) : 0.0;
}

ESC_SETUP void esc_pareto_setup(const esc_pareto_keys *key, esc_pareto_constants *c)
{
  const double right = key->weight_right, left = 1.0 - right;
  c->exponent = (float)(1.0 / key->alpha);
  c->right = (float)right;
  c->left = (float)left;
  c->per_right = right > 0.0 ? (float)(1.0 / right) : 1.0f;
  c->per_left = left > 0.0 ? (float)(1.0 / left) : 1.0f;
  c->mean = (float)esc_pareto_mean(key);
}

ESC_SETUP double esc_pareto_variance(const esc_pareto_keys *key)
{
  const double mean = esc_pareto_mean(key);
  return key->alpha > 2.0 ? key->alpha / (key->alpha - 2.0) - mean * mean : ESC_INFINITE;
}

ESC_RULE float esc_pareto_draw(const esc_pareto_constants *c, esc_uniform u)
{
  const float near = u.d, far = 1.0f - u.d;
  const float value = u.far ? far : near, complement = u.far ? near : far;
  const int right = value < c->right;
  const float size = right ? value * c->per_right : complement * c->per_left;
  const float jump = esc_exp_f32(-c->exponent * esc_log_f32(size < 1.0f ? size : 1.0f));
  return (right ? jump : -jump) - c->mean;
}

#endif
