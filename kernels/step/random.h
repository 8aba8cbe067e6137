/* Random words of an update: keyed by what they are for (seed, tensor, array, step, element), so
 * that no launch and no backend matters. Eight elements share a block for rounding, four for
 * noise. */
#ifndef ESC_STEP_RANDOM_H
#define ESC_STEP_RANDOM_H

#include "kernels/rules/noises/gaussian.h"
#include "kernels/rules/philox.h"
#include "kernels/step/step_tables.h"

ESC_RULE uint64_t esc_step_draw_id(int32_t tensor, int array, int32_t t)
{
  return (uint64_t)((int64_t)tensor * 8 + array) << 32 | (uint32_t)t;
}

/* Eight times 16 bits for elements i .. i + 7, i a multiple of 8. */
ESC_RULE esc_words esc_step_words(uint64_t seed, int64_t i, uint64_t id)
{
  const uint64_t stream = (uint64_t)ESC_STREAM_ROUNDING << ESC_STREAM_SHIFT;
  return esc_philox(seed, stream | (uint64_t)i >> 3, id);
}

/* Standard normals for elements i .. i + 3, i a multiple of 4. */
ESC_RULE void esc_normals_of_four(uint64_t seed, int64_t i, uint64_t id, float normal[4])
{
  const uint64_t stream = (uint64_t)ESC_STREAM_GRADIENT_NOISE << ESC_STREAM_SHIFT;
  const esc_words words = esc_philox(seed, stream | (uint64_t)i >> 2, id);
  const esc_gaussian_constants none = {0.0f};
  esc_gaussian_pair(&none, esc_uniform_of_word(words.w[0]), words.w[1], &normal[0], &normal[1]);
  esc_gaussian_pair(&none, esc_uniform_of_word(words.w[2]), words.w[3], &normal[2], &normal[3]);
}

#endif
