/* The random words of kernels/step/random.h for a block of elements at once. Which block of Philox
 * serves which elements is said there, and is the same here. */
#include "kernels/cpu/step_loops.h"
#include "kernels/rules/noises/gaussian.h"

/* Philox blocks at .. at + n - 1 of a stream. */
static void fill(esc_step_draws *draws, uint64_t seed, uint64_t id, int stream, int64_t at, int n)
{
  const int padded = (n + ESC_LANE_BLOCK - 1) / ESC_LANE_BLOCK * ESC_LANE_BLOCK;
  uint32_t *const word[4] = {draws->word[0], draws->word[1], draws->word[2], draws->word[3]};
  for (int b = 0; b < padded; b++) {
    draws->number[b] = (uint64_t)b;
    draws->id[b] = id;
  }
  ESC_PHILOX_FILL(padded, seed, draws->number, (uint64_t)stream << ESC_STREAM_SHIFT | (uint64_t)at,
                  draws->id, word);
}

void ESC_STEP_DRAW_WORDS(esc_step_draws *draws, uint64_t seed, uint64_t id, int64_t first, int n,
                         uint16_t *restrict random)
{
  const int blocks = (n + 7) / 8;
  fill(draws, seed, id, ESC_STREAM_ROUNDING, first / 8, blocks);
  const uint32_t *const restrict w0 = draws->word[0], *const restrict w1 = draws->word[1];
  const uint32_t *const restrict w2 = draws->word[2], *const restrict w3 = draws->word[3];
  for (int b = 0; b < blocks; b++) {
    random[8 * b] = (uint16_t)w0[b];
    random[8 * b + 1] = (uint16_t)(w0[b] >> 16);
    random[8 * b + 2] = (uint16_t)w1[b];
    random[8 * b + 3] = (uint16_t)(w1[b] >> 16);
    random[8 * b + 4] = (uint16_t)w2[b];
    random[8 * b + 5] = (uint16_t)(w2[b] >> 16);
    random[8 * b + 6] = (uint16_t)w3[b];
    random[8 * b + 7] = (uint16_t)(w3[b] >> 16);
  }
}

void ESC_STEP_DRAW_NORMALS(esc_step_draws *draws, uint64_t seed, uint64_t id, int64_t first, int n,
                           float *restrict normal)
{
  const esc_gaussian_constants none = {0.0f};
  const int blocks = (n + 3) / 4;
  fill(draws, seed, id, ESC_STREAM_GRADIENT_NOISE, first / 4, blocks);
  const uint32_t *const restrict w0 = draws->word[0], *const restrict w1 = draws->word[1];
  const uint32_t *const restrict w2 = draws->word[2], *const restrict w3 = draws->word[3];
  for (int b = 0; b < blocks; b++) {
    float first_pair[2], second_pair[2];
    esc_gaussian_pair(&none, esc_uniform_of_word(w0[b]), w1[b], &first_pair[0], &first_pair[1]);
    esc_gaussian_pair(&none, esc_uniform_of_word(w2[b]), w3[b], &second_pair[0], &second_pair[1]);
    normal[4 * b] = first_pair[0];
    normal[4 * b + 1] = first_pair[1];
    normal[4 * b + 2] = second_pair[0];
    normal[4 * b + 3] = second_pair[1];
  }
}
