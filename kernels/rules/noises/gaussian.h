/* The standard normal by Box and Muller (1958): radius sqrt(-2 log 2d) with 2d = 2^-31 units
 * uniform on (0, 1], angle 2 pi w/2^32. */
#ifndef ESC_GAUSSIAN_H
#define ESC_GAUSSIAN_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_gaussian(KEY)
ESC_DECLARE_KEYS(gaussian)

typedef struct esc_gaussian_constants {
  float none;
} esc_gaussian_constants;

ESC_SETUP void esc_gaussian_setup(const esc_gaussian_keys *key, esc_gaussian_constants *c)
{
  (void)key;
  c->none = 0.0f;
}

ESC_SETUP double esc_gaussian_variance(const esc_gaussian_keys *key)
{
  (void)key;
  return 1.0;
}

/* Both times a scale. */
ESC_RULE void esc_gaussian_scaled_pair(float scale, esc_uniform u, uint32_t word, float *first,
                                       float *second)
{
  float sine, cosine;
  esc_sincospi_word_f32(word, &sine, &cosine);
  const float radius = scale * esc_root_f32(esc_minus_two_log_f32(u.units, 31));
  *first = radius * cosine;
  *second = radius * sine;
}

ESC_RULE void esc_gaussian_pair(const esc_gaussian_constants *c, esc_uniform u, uint32_t word,
                                float *first, float *second)
{
  (void)c;
  esc_gaussian_scaled_pair(1.0f, u, word, first, second);
}

#endif
