/* The noise of a lane. Which word a variate comes from depends on the trajectory and its step alone
 * (docs/reproducibility.md, "Blocks"): in one dimension a group's variates are drawn together, in
 * more those of each step. A composed kernel (compose_kernel.h) names its sources in
 * ESC_SOURCES(SOURCE), SOURCE(number, law, shape, options); options are those of
 * trajectory_args.h. Each becomes a class with `group` or `step`. */
#ifndef ESC_CUDA_TRAJECTORY_NOISE_CUH
#define ESC_CUDA_TRAJECTORY_NOISE_CUH

#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/trajectory/keyed_philox.cuh"
#include "kernels/rules/modifiers.h"
#include "kernels/rules/schedule.h"

/* Loops are unrolled where registers hold what they run over. Beyond that it lies in local memory,
 * and unrolling would only keep the compiler busy: half a minute at 17 coordinates. */
enum {
  ESC_UNROLL_COORDINATES = ESC_DIMENSION <= ESC_UNROLLED_MAX ? ESC_DIMENSION : 1,
  ESC_UNROLL_STEPS = ESC_DIMENSION <= ESC_STEPS_UNROLLED_MAX ? ESC_GROUP : 1
};

/* The variates of a block at their scales; of fast mode, pairs of one scale. */
#define ESC_VARIATES_ONE(law)                                                                      \
  _Pragma("unroll") for (int v = 0; v < 4; v++)                                                                      \
    out[v] = scale[v] * esc_##law##_draw(&c, uniform[v]);
#if ESC_IS_FAST && ESC_DIMENSION == 1
#define ESC_VARIATES_PAIR(law)                                                                     \
  _Pragma("unroll") for (int v = 0; v < 4; v += 2)                                                                   \
    esc_##law##_scaled_pair(scale[v], uniform[v], words.w[v + 1], &out[v], &out[v + 1]);
#else
#define ESC_VARIATES_PAIR(law)                                                                     \
  _Pragma("unroll") for (int v = 0; v < 4; v += 2) {                                                                 \
    esc_##law##_pair(&c, uniform[v], words.w[v + 1], &out[v], &out[v + 1]);                        \
    out[v] *= scale[v];                                                                            \
    out[v + 1] *= scale[v + 1];                                                                    \
  }
#endif
#define ESC_VARIATES_TWO(law)                                                                      \
  _Pragma("unroll") for (int v = 0; v < 2; v++)                                                                      \
    out[v] = scale[v] * esc_##law##_draw(&c, uniform[2 * v], uniform[2 * v + 1]);

#define ESC_PER_BLOCK_ONE   4
#define ESC_PER_BLOCK_PAIR  4
#define ESC_PER_BLOCK_TWO   2
#define ESC_PER_BLOCK_BATCH 1

ESC_RULE uint64_t esc_stream_of(int source, int role)
{
  return (uint64_t)(ESC_STREAMS_PER_SOURCE * source + role) << ESC_STREAM_SHIFT;
}

#define ESC_ONE_OR(count) ((count) > 0 ? (count) : 1)

/* Where a trajectory's words come from: a head for each source, for its stream of noise. */
#define ESC_COUNT_SOURCE(number, law, shape, options) +1
enum { ESC_SOURCE_COUNT = 0 ESC_SOURCES(ESC_COUNT_SOURCE) };
struct esc_random {
  const esc_philox_key *key;
  uint64_t id;
  esc_philox_head head[ESC_ONE_OR(ESC_SOURCE_COUNT)];
};

ESC_RULE esc_words esc_words_of(const esc_random &random, uint64_t block)
{
  return esc_keyed_philox(*random.key, block, random.id);
}

/* Of a block of noise. In one dimension a trajectory takes at most one group for each of its steps
 * (an episode begins a group of its own) and two blocks for a group: fewer than 2^32 blocks, so that
 * a head serves them all. */
static_assert(2 * (int64_t)ESC_STEPS_MAX < (int64_t)1 << 32, "blocks outgrow a head");
ESC_RULE esc_words esc_noise_words(const esc_random &random, int source, uint64_t block)
{
  if (ESC_DIMENSION == 1)
    return esc_keyed_philox_from(*random.key, random.head[source], (uint32_t)block);
  return esc_words_of(random, esc_stream_of(source, ESC_STREAM_NOISE) + block);
}

ESC_RULE void esc_begin_random(esc_random *random, uint64_t id)
{
  const uint64_t seed = (uint64_t)random->key->round[0][1] << 32 | random->key->round[0][0];
  random->id = id;
#pragma unroll
  for (int source = 0; source < ESC_SOURCE_COUNT; source++)
    random->head[source] =
        esc_philox_begin(seed, (uint32_t)(esc_stream_of(source, ESC_STREAM_NOISE) >> 32), id);
}

/* Annealing and clipping of one variate at step `t` of the episode, from 0. */
ESC_RULE float esc_option_noise(const esc_plan_noise *noise, int options, int32_t t, float xi)
{
  if (options & ESC_SOURCE_ANNEALED)
    xi *= esc_annealed_scale(noise->anneal_root, noise->anneal_power, t);
  if (options & ESC_SOURCE_CLIPPED)
    xi = esc_clipped_noise(xi, noise->clip);
  return xi;
}

/* Whether variate v of a group stays (noise that is mostly absent). */
ESC_RULE bool esc_is_present(const esc_plan_noise *noise, const esc_random &random, int source,
                             uint64_t group, int v)
{
  const uint64_t first = esc_stream_of(source, ESC_STREAM_SPARSE) + group * ESC_DIMENSION;
  const esc_words words = esc_words_of(random, first + (uint64_t)(v / 4));
  return words.w[v % 4] < noise->sparse_below;
}

/* finite_sum: the mean of step `turn` of its epoch (0 where there are none), from the blocks of
 * words that begin at `first`. */
ESC_RULE float esc_minibatch(const esc_plan_noise *noise, const esc_random &random, uint64_t first,
                             int32_t turn, bool replace)
{
  const int draws = replace ? noise->batch : noise->value_count;
  int32_t before = turn * noise->batch, left = noise->batch;
  float sum = 0.0f;
  esc_words words = {{0, 0, 0, 0}};
#pragma unroll 1
  for (int k = 0; k < draws; k += 4) {
    words = esc_words_of(random, first + (uint64_t)(k / 4));
#pragma unroll
    for (int v = 0; v < 4; v++) {
      if (k + v >= draws)
        break;
      if (replace) {
        sum += noise->values[esc_word_below(words.w[v], (uint32_t)noise->value_count)];
      } else {
        const uint32_t remaining = (uint32_t)(noise->value_count - k - v);
        sum += esc_batch_takes(words.w[v], remaining, &before, &left) ? noise->values[k + v] : 0.0f;
      }
    }
  }
  return sum;
}

/* What the law gives for step s of a group, or for the whole group in one dimension, at its scale.
 */
#if ESC_DIMENSION == 1
#define ESC_NOISE_WIDTH ESC_GROUP
#else
#define ESC_NOISE_WIDTH ESC_DIMENSION
#endif
enum { ESC_UNROLL_NOISE = ESC_NOISE_WIDTH <= ESC_UNROLLED_MAX ? ESC_NOISE_WIDTH : 1 };

template <class Source>
ESC_RULE void esc_draw_blocks(const esc_plan_noise *noise, const esc_random &random, uint64_t group,
                              int s, int32_t, float xi[ESC_NOISE_WIDTH])
{
  enum { BLOCKS = (ESC_NOISE_WIDTH + Source::PER - 1) / Source::PER };
  const uint64_t run = ESC_DIMENSION == 1 ? group : group * ESC_GROUP + (uint64_t)s;
#pragma unroll(ESC_UNROLL_NOISE)
  for (int b = 0; b < BLOCKS; b++) {
    float scale[4], out[4];
#pragma unroll
    for (int v = 0; v < Source::PER; v++) {
      const int place = b * Source::PER + v;
      scale[v] = place < ESC_DIMENSION ? noise->scale[place] : noise->scale[0];
    }
    Source::block(noise, random, run * BLOCKS + (uint64_t)b, scale, out);
#pragma unroll
    for (int v = 0; v < Source::PER; v++)
      if (b * Source::PER + v < ESC_NOISE_WIDTH)
        xi[b * Source::PER + v] = out[v];
  }
}

/* Every step and coordinate takes whole blocks of its own, or with epochs those of the epoch's first
 * step. */
template <class Source>
ESC_RULE void esc_draw_batches(const esc_plan_noise *noise, const esc_random &random,
                               uint64_t group, int s, int32_t age, float xi[ESC_NOISE_WIDTH])
{
  const bool replace = (int)Source::OPTIONS & ESC_SOURCE_REPLACES;
  const int draws = replace ? noise->batch : noise->value_count, blocks = (draws + 3) / 4;
  const uint64_t stream = esc_stream_of(Source::NUMBER, ESC_STREAM_MINIBATCH);
#pragma unroll 1
  for (int k = 0; k < ESC_NOISE_WIDTH; k++) {
    const int step = ESC_DIMENSION == 1 ? k : s, j = ESC_DIMENSION == 1 ? 0 : k;
    const int32_t turn =
        (int)Source::OPTIONS & ESC_SOURCE_BY_EPOCH ? (age + step) % noise->epoch_steps : 0;
    const uint64_t place =
        (group * ESC_GROUP + (uint64_t)step - (uint64_t)turn) * ESC_DIMENSION + (uint64_t)j;
    xi[k] = esc_minibatch(noise, random, stream + place * (uint64_t)blocks, turn, replace) *
            noise->scale[j];
  }
}

/* xi = root z in place, from the last component on: each needs only those before it. */
ESC_RULE void esc_correlate(const float *root, float xi[ESC_NOISE_WIDTH])
{
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = ESC_DIMENSION - 1; j >= 0; j--) {
    float sum = 0.0f;
#pragma unroll(ESC_UNROLL_COORDINATES)
    for (int k = 0; k < ESC_DIMENSION; k++)
      if (k <= j)
        sum = esc_correlated_add(sum, root[j * ESC_DIMENSION + k], xi[k]);
    xi[j] = sum;
  }
}

/* The noise of a source with its options; age: steps of the episode before the group. */
template <class Source>
ESC_RULE void esc_draw_source(const esc_plan_noise *noise, const esc_random &random, uint64_t group,
                              int s, int32_t age, float xi[ESC_NOISE_WIDTH])
{
  Source::draw(noise, random, group, s, age, xi);
  if ((int)Source::OPTIONS & ESC_SOURCE_CORRELATED)
    esc_correlate(noise->root, xi);
#pragma unroll(ESC_UNROLL_NOISE)
  for (int k = 0; k < ESC_NOISE_WIDTH; k++) {
    const int step = ESC_DIMENSION == 1 ? k : s, v = ESC_DIMENSION == 1 ? k : s * ESC_DIMENSION + k;
    xi[k] = esc_option_noise(noise, Source::OPTIONS, age + step, xi[k]);
    if ((int)Source::OPTIONS & ESC_SOURCE_SPARSE)
      xi[k] = esc_is_present(noise, random, Source::NUMBER, group, v) ? xi[k] : 0.0f;
  }
}

/* A block's words as uniforms, of a pair the first word alone. Where one lane of a warp has a rare
 * one, all of them refine theirs, which leaves others as they are: the common path then has no
 * divergence to prepare for. */
template <int EVERY>
ESC_RULE void esc_uniforms_of(const esc_random &random, int source, uint64_t block,
                              const esc_words &words, esc_uniform uniform[4])
{
  uint32_t least = ESC_UNIFORM_RARE;
#pragma unroll
  for (int k = 0; k < 4; k += EVERY) {
    uniform[k] = esc_uniform_of_word(words.w[k]);
    least = esc_least_distance(least, words.w[k]);
  }
  if (__any_sync(ESC_FULL_WARP, least < ESC_UNIFORM_RARE)) {
    const esc_words further = esc_words_of(random, esc_stream_of(source, ESC_STREAM_TAIL) + block);
#pragma unroll
    for (int k = 0; k < 4; k += EVERY)
      uniform[k] = esc_uniform_refined(words.w[k], further.w[k]);
  }
}

/* A class for each source. */
#define ESC_DRAW_BY_ONE   esc_draw_blocks
#define ESC_DRAW_BY_PAIR  esc_draw_blocks
#define ESC_DRAW_BY_TWO   esc_draw_blocks
#define ESC_DRAW_BY_BATCH esc_draw_batches
#define ESC_EVERY_ONE  1
#define ESC_EVERY_PAIR 2
#define ESC_EVERY_TWO  1
#define ESC_BLOCK_OF(law, shape)                                                                   \
  ESC_RULE void block(const esc_plan_noise *noise, const esc_random &random, uint64_t block,       \
                      const float scale[4], float out[4])                                          \
  {                                                                                                \
    const esc_##law##_constants c = *(const esc_##law##_constants *)noise->constants;              \
    const esc_words words = esc_noise_words(random, NUMBER, block);                                \
    esc_uniform uniform[4];                                                                        \
    esc_uniforms_of<ESC_EVERY_##shape>(random, NUMBER, block, words, uniform);                     \
    ESC_VARIATES_##shape(law)(void) c;                                                             \
  }
#define ESC_BLOCK_OF_ONE(law)  ESC_BLOCK_OF(law, ONE)
#define ESC_BLOCK_OF_PAIR(law) ESC_BLOCK_OF(law, PAIR)
#define ESC_BLOCK_OF_TWO(law)  ESC_BLOCK_OF(law, TWO)
#define ESC_BLOCK_OF_BATCH(law)

#define ESC_DEFINE_SOURCE(number, law, shape, options)                                             \
  struct esc_source_##number {                                                                     \
    enum { NUMBER = (number), OPTIONS = (options), PER = ESC_PER_BLOCK_##shape };                  \
    ESC_BLOCK_OF_##shape(law) ESC_RULE                                                             \
        void draw(const esc_plan_noise *noise, const esc_random &random, uint64_t group, int s,    \
                  int32_t age, float xi[ESC_NOISE_WIDTH])                                          \
    {                                                                                              \
      ESC_DRAW_BY_##shape<esc_source_##number>(noise, random, group, s, age, xi);                  \
    }                                                                                              \
  };
namespace { /* kernels of several sources may stand in one program */
ESC_SOURCES(ESC_DEFINE_SOURCE)
} // namespace

#endif
