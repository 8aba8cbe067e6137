/* Noise over lanes: one loop a law, made from its rule by its shape, and the loops of the options
 * that any law may have. */
#include <string.h>

#include "kernels/cpu/loops.h"
#include "kernels/rules/modifiers.h"

/* The constants c of a law. */
#define ESC_LOAD(name)                                                                             \
  esc_##name##_constants c;                                                                        \
  memcpy(&c, constants, sizeof c);

#define ESC_DRAW_ONE(name)                                                                         \
  static int draw_##name(int n, const float *constants, const float *scale,                        \
                         const uint32_t *const words[4], float *const out[4])                      \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    uint32_t least = ESC_UNIFORM_RARE;                                                             \
    for (int v = 0; v < 4; v++) {                                                                  \
      const uint32_t *const restrict word = words[v];                                              \
      float *const restrict xi = out[v];                                                           \
      const float s = scale[v];                                                                    \
      for (int i = 0; i < n; i++) {                                                                \
        least = esc_least_distance(least, word[i]);                                                \
        xi[i] = s * esc_##name##_draw(&c, esc_uniform_of_word(word[i]));                           \
      }                                                                                            \
    }                                                                                              \
    return least < ESC_UNIFORM_RARE;                                                               \
  }                                                                                                \
  static void redraw_##name(const float *constants, const float *scale, const uint32_t words[4],   \
                            const uint32_t further[4], float out[4])                               \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    for (int v = 0; v < 4; v++)                                                                    \
      out[v] = scale[v] * esc_##name##_draw(&c, esc_uniform_refined(words[v], further[v]));        \
  }

#define ESC_DRAW_PAIR(name)                                                                        \
  static int draw_##name(int n, const float *constants, const float *scale,                        \
                         const uint32_t *const words[4], float *const out[4])                      \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    uint32_t least = ESC_UNIFORM_RARE;                                                             \
    for (int v = 0; v < 4; v += 2) {                                                               \
      const uint32_t *const restrict word = words[v], *const restrict angle = words[v + 1];        \
      float *const restrict xi = out[v], *const restrict xj = out[v + 1];                          \
      const float s = scale[v], t = scale[v + 1];                                                  \
      for (int i = 0; i < n; i++) {                                                                \
        float first, second;                                                                       \
        least = esc_least_distance(least, word[i]);                                                \
        esc_##name##_pair(&c, esc_uniform_of_word(word[i]), angle[i], &first, &second);            \
        xi[i] = s * first;                                                                         \
        xj[i] = t * second;                                                                        \
      }                                                                                            \
    }                                                                                              \
    return least < ESC_UNIFORM_RARE;                                                               \
  }                                                                                                \
  static void redraw_##name(const float *constants, const float *scale, const uint32_t words[4],   \
                            const uint32_t further[4], float out[4])                               \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    for (int v = 0; v < 4; v += 2) {                                                               \
      esc_##name##_pair(&c, esc_uniform_refined(words[v], further[v]), words[v + 1], &out[v],      \
                        &out[v + 1]);                                                              \
      out[v] *= scale[v];                                                                          \
      out[v + 1] *= scale[v + 1];                                                                  \
    }                                                                                              \
  }

#define ESC_DRAW_TWO(name)                                                                         \
  static int draw_##name(int n, const float *constants, const float *scale,                        \
                         const uint32_t *const words[4], float *const out[4])                      \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    uint32_t least = ESC_UNIFORM_RARE;                                                             \
    for (int v = 0; v < 2; v++) {                                                                  \
      const uint32_t *const restrict one = words[2 * v], *const restrict two = words[2 * v + 1];   \
      float *const restrict xi = out[v];                                                           \
      const float s = scale[v];                                                                    \
      for (int i = 0; i < n; i++) {                                                                \
        least = esc_least_distance(esc_least_distance(least, one[i]), two[i]);                     \
        xi[i] =                                                                                    \
            s * esc_##name##_draw(&c, esc_uniform_of_word(one[i]), esc_uniform_of_word(two[i]));   \
      }                                                                                            \
    }                                                                                              \
    return least < ESC_UNIFORM_RARE;                                                               \
  }                                                                                                \
  static void redraw_##name(const float *constants, const float *scale, const uint32_t words[4],   \
                            const uint32_t further[4], float out[4])                               \
  {                                                                                                \
    ESC_LOAD(name)                                                                                 \
    for (int v = 0; v < 2; v++)                                                                    \
      out[v] =                                                                                     \
          scale[v] * esc_##name##_draw(&c, esc_uniform_refined(words[2 * v], further[2 * v]),      \
                                       esc_uniform_refined(words[2 * v + 1], further[2 * v + 1])); \
  }

#define ESC_DRAW_NONE(name)
#define ESC_DRAW_BATCH(name)
#define ESC_DRAW_LAW(name, shape, ...) ESC_DRAW_##shape(name)
ESC_NOISE_CATALOGUE(ESC_DRAW_LAW)

static void clip(int n, float bound, float *restrict xi)
{
  for (int i = 0; i < n; i++)
    xi[i] = esc_clipped_noise(xi[i], bound);
}

static void mask(int n, uint32_t below, const uint32_t *restrict word, float *restrict xi)
{
  for (int i = 0; i < n; i++)
    xi[i] = word[i] < below ? xi[i] : 0.0f;
}

static void anneal(int n, float root, float power, const uint32_t *restrict begun, uint32_t now,
                   float *restrict xi)
{
  for (int i = 0; i < n; i++)
    xi[i] *= esc_annealed_scale(root, power, (int32_t)(now - begun[i]));
}

static void scale(int n, float factor, float *restrict xi)
{
  for (int i = 0; i < n; i++)
    xi[i] *= factor;
}

static void add(int n, const float *restrict term, float *restrict sum)
{
  for (int i = 0; i < n; i++)
    sum[i] += term[i];
}

/* From the last component on: each needs only those before it. */
static void correlate(int n, int stride, int dimension, const float *root, float *xi)
{
  for (int begin = 0; begin < n; begin += ESC_LANE_BLOCK)
    for (int j = dimension - 1; j >= 0; j--) {
      float sum[ESC_LANE_BLOCK] = {0.0f};
      for (int k = 0; k <= j; k++) {
        const float part = root[j * dimension + k];
        const float *const restrict z = xi + (ptrdiff_t)k * stride + begin;
        for (int i = 0; i < ESC_LANE_BLOCK; i++)
          sum[i] = esc_correlated_add(sum[i], part, z[i]);
      }
      memcpy(xi + (ptrdiff_t)j * stride + begin, sum, sizeof sum);
    }
}

static void turns(int n, const esc_plan_noise *noise, const uint32_t *restrict begun, uint32_t now,
                  uint64_t blocks, const uint64_t *restrict block, uint64_t *restrict epoch,
                  int32_t *restrict turn)
{
  const uint32_t steps = (uint32_t)noise->epoch_steps;
  for (int i = 0; i < n; i++) {
    const uint32_t past = (now - begun[i]) % steps;
    turn[i] = (int32_t)past;
    epoch[i] = block[i] - past * blocks;
  }
}

static void select_term(int n, const esc_plan_noise *noise, int term, const uint32_t *restrict word,
                        int32_t *restrict before, int32_t *restrict left, float *restrict sum)
{
  const float value = noise->values[term];
  const uint32_t remaining = (uint32_t)(noise->value_count - term);
  for (int i = 0; i < n; i++)
    sum[i] += esc_batch_takes(word[i], remaining, &before[i], &left[i]) ? value : 0.0f;
}

static void pick_term(int n, const esc_plan_noise *noise, const uint32_t *restrict word,
                      float *restrict sum)
{
  const float *const values = noise->values;
  const uint32_t count = (uint32_t)noise->value_count;
  for (int i = 0; i < n; i++)
    sum[i] += values[esc_word_below(word[i], count)];
}

static void select_row(int n, int stride, const esc_plan_network *network, int row,
                       const uint32_t *restrict word, int32_t *restrict left,
                       int32_t *restrict picked)
{
  const uint32_t remaining = (uint32_t)(network->rows - row);
  for (int i = 0; i < n; i++)
    if ((int32_t)esc_word_below(word[i], remaining) < left[i]) {
      picked[(ptrdiff_t)(network->batch - left[i]) * stride + i] = row;
      left[i]--;
    }
}

static void pick_row(int n, int rows, const uint32_t *restrict word, int32_t *restrict picked)
{
  for (int i = 0; i < n; i++)
    picked[i] = (int32_t)esc_word_below(word[i], (uint32_t)rows);
}

#define ESC_ENTER_NONE(name)
#define ESC_ENTER_BATCH(name)
#define ESC_ENTER_ONE(name)             [ESC_LAW_##name] = draw_##name,
#define ESC_ENTER_PAIR(name)            ESC_ENTER_ONE(name)
#define ESC_ENTER_TWO(name)             ESC_ENTER_ONE(name)
#define ESC_ENTER_LAW(name, shape, ...) ESC_ENTER_##shape(name)
#define ESC_AGAIN_NONE(name)
#define ESC_AGAIN_BATCH(name)
#define ESC_AGAIN_ONE(name)             [ESC_LAW_##name] = redraw_##name,
#define ESC_AGAIN_PAIR(name)            ESC_AGAIN_ONE(name)
#define ESC_AGAIN_TWO(name)             ESC_AGAIN_ONE(name)
#define ESC_AGAIN_LAW(name, shape, ...) ESC_AGAIN_##shape(name)

const esc_noise_loops ESC_NOISE_LOOPS = {
    .draw = {ESC_NOISE_CATALOGUE(ESC_ENTER_LAW)},
    .redraw = {ESC_NOISE_CATALOGUE(ESC_AGAIN_LAW)},
    .clip = clip,
    .mask = mask,
    .anneal = anneal,
    .add = add,
    .scale = scale,
    .correlate = correlate,
    .turns = turns,
    .select_term = select_term,
    .pick_term = pick_term,
    .select_row = select_row,
    .pick_row = pick_row,
};
