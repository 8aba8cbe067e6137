/* Random words: Philox against the vectors published with Random123 and against cuRAND's host
 * generator, its loops against the function; the uniforms made from its words. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan.h"

#if ESC_HAVE_CURAND_HOST
#include <curand.h>
#endif

#ifndef ESC_HAVE_CURAND_WORDS
#define ESC_HAVE_CURAND_WORDS 0
#endif
void support_curand_words(uint64_t seed, uint64_t block, uint64_t id, uint32_t words[4]);

/* --- Philox --- */

typedef void fill_function(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                           const uint64_t *id, uint32_t *const words[4]);
typedef void continue_function(int n, uint64_t seed, const uint32_t *block, uint32_t offset,
                               uint32_t *const head[4], uint32_t *const words[4]);
extern fill_function esc_philox_fill_baseline;
extern continue_function esc_philox_continue_baseline;
#if ESC_HAVE_AVX2
extern fill_function esc_philox_fill_avx2;
extern continue_function esc_philox_continue_avx2;
#endif
#if ESC_HAVE_AVX512
extern fill_function esc_philox_fill_avx512;
extern continue_function esc_philox_continue_avx512;
#endif

static const struct {
  const char *isa;
  fill_function *fill;
  continue_function *go_on;
} fills[] = {
    {"baseline", esc_philox_fill_baseline, esc_philox_continue_baseline},
#if ESC_HAVE_AVX2
    {"avx2", esc_philox_fill_avx2, esc_philox_continue_avx2},
#endif
#if ESC_HAVE_AVX512
    {"avx512", esc_philox_fill_avx512, esc_philox_continue_avx512},
#endif
};
enum { FILLS = sizeof fills / sizeof *fills };

/* Random123's kat_vectors for philox4x32-10: counter, key, output. */
static const struct {
  uint32_t counter[4], key[2], words[4];
} published[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static uint64_t joined(const uint32_t two[2])
{
  return (uint64_t)two[1] << 32 | two[0];
}

Test(philox, published_vectors)
{
  for (int k = 0; k < 3; k++) {
    const esc_words words = esc_philox(joined(published[k].key), joined(published[k].counter),
                                       joined(published[k].counter + 2));
    cr_assert(memcmp(words.w, published[k].words, sizeof words.w) == 0, "vector %d: %08x", k,
              words.w[0]);
  }
}

enum { LANES = 96 };

static void check_fill(int k, uint64_t seed, uint64_t first, uint64_t offset)
{
  _Alignas(64) uint64_t block[LANES], id[LANES];
  _Alignas(64) uint32_t words[4][LANES];
  uint32_t *const columns[4] = {words[0], words[1], words[2], words[3]};
  for (int i = 0; i < LANES; i++) {
    block[i] = first + (uint64_t)i * 3;
    id[i] = (uint64_t)i * 0x123456789abcdefu;
  }
  fills[k].fill(LANES, seed, block, offset, id, columns);
  for (int i = 0; i < LANES; i++) {
    const esc_words expected = esc_philox(seed, block[i] + offset, id[i]);
    for (int w = 0; w < 4; w++)
      cr_assert_eq(words[w][i], expected.w[w], "%s, seed %llx, block %llx + %llx, lane %d, word %d",
                   fills[k].isa, (unsigned long long)seed, (unsigned long long)first,
                   (unsigned long long)offset, i, w);
  }
}

/* Every loop is the function, also where block + offset carries into the upper word. */
Test(philox, loops)
{
  for (int k = 0; k < FILLS; k++) {
    if (!esc_isa_available(fills[k].isa))
      continue;
    check_fill(k, 0, 0, 0);
    check_fill(k, 0xffffffffffffffffu, 0, 1);
    check_fill(k, 0x299f31d0a4093822u, 0xffffff80u, 100);
    check_fill(k, 7, 0xfffffffffffff000u, 0xf00);
    check_fill(k, 7, 0xffffffff00000000u, 0xffffffffu);
    check_fill(k, 0x8000000080000000u, 0x0123456789abcdefu, 0x00ffffff00000000u);
  }
}

/* From heads too: other lanes, other upper words, lower words that wrap. */
Test(philox, loops_from_heads)
{
  _Alignas(64) uint32_t block[LANES], head[4][LANES], words[4][LANES];
  uint32_t *const heads[4] = {head[0], head[1], head[2], head[3]};
  uint32_t *const columns[4] = {words[0], words[1], words[2], words[3]};
  const uint64_t seed = 0x299f31d0a4093822u;
  uint64_t id[LANES];
  for (int k = 0; k < FILLS; k++) {
    if (!esc_isa_available(fills[k].isa))
      continue;
    for (uint32_t turn = 0; turn < 5; turn++) {
      const uint32_t upper = turn * 0x31000001u;
      for (int i = 0; i < LANES; i++) {
        id[i] = (uint64_t)i * 0x123456789abcdefu + upper;
        block[i] = 0xfffffff0u * (uint32_t)(i % 3) + (uint32_t)i;
        const esc_philox_head one = esc_philox_begin(seed, upper, id[i]);
        head[0][i] = one.id, head[1][i] = one.c0, head[2][i] = one.c2, head[3][i] = one.c3;
      }
      fills[k].go_on(LANES, seed, block, upper + 12, heads, columns);
      for (int i = 0; i < LANES; i++) {
        const uint64_t number = (uint64_t)upper << 32 | (uint32_t)(block[i] + upper + 12);
        const esc_words expected = esc_philox(seed, number, id[i]);
        for (int w = 0; w < 4; w++)
          cr_assert_eq(words[w][i], expected.w[w], "%s, upper word %x, lane %d, word %d",
                       fills[k].isa, upper, i, w);
      }
    }
  }
}

/* The published vectors through the loops themselves. */
Test(philox, published_vectors_in_loops)
{
  for (int k = 0; k < FILLS; k++)
    for (int v = 0; v < 3 && esc_isa_available(fills[k].isa); v++) {
      _Alignas(64) uint64_t block[LANES], id[LANES];
      _Alignas(64) uint32_t words[4][LANES];
      uint32_t *const columns[4] = {words[0], words[1], words[2], words[3]};
      for (int i = 0; i < LANES; i++) {
        block[i] = joined(published[v].counter) - 5;
        id[i] = joined(published[v].counter + 2);
      }
      fills[k].fill(LANES, joined(published[v].key), block, 5, id, columns);
      for (int i = 0; i < LANES; i++)
        for (int w = 0; w < 4; w++)
          cr_assert_eq(words[w][i], published[v].words[w], "%s, vector %d", fills[k].isa, v);
    }
}

/* cuRAND's device function gives the same words, which is why kernels may have their own. */
Test(philox, curand_device)
{
#if ESC_HAVE_CURAND_WORDS
  for (uint64_t k = 0; k < 1000; k++) {
    const uint64_t seed = k * 0x9e3779b97f4a7c15u, block = k << (k % 57),
                   id = ~k * 0x2545f4914f6cdd1du;
    const esc_words expected = esc_philox(seed, block, id);
    uint32_t words[4];
    support_curand_words(seed, block, id, words);
    cr_assert_eq(memcmp(words, expected.w, sizeof words), 0, "draw %llu", (unsigned long long)k);
  }
#else
  cr_skip_test("skipped: no curand_philox4x32_x.h");
#endif
}

/* cuRAND: word i belongs to id (i/4) mod 65536, block i/262144. */
Test(philox, curand_host)
{
#if ESC_HAVE_CURAND_HOST
  enum { WORDS = 2 * 262144 };
  const uint64_t seed = 0x0123456789abcdefu;
  uint32_t *const words = malloc(WORDS * sizeof *words);
  curandGenerator_t generator;
  cr_assert(words);
  cr_assert_eq(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10),
               CURAND_STATUS_SUCCESS);
  cr_assert_eq(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
  cr_assert_eq(curandGenerate(generator, words, WORDS), CURAND_STATUS_SUCCESS);
  for (int i = 0; i < WORDS; i += 4) {
    const esc_words ours = esc_philox(seed, (uint64_t)i / 262144, (uint64_t)(i / 4) % 65536);
    cr_assert(memcmp(ours.w, words + i, sizeof ours.w) == 0, "word %d", i);
  }
  curandDestroyGenerator(generator);
  free(words);
#else
  cr_skip_test("skipped: no cuRAND");
#endif
}

/* --- uniforms --- */

/* Distances rise with the word, and rare ones join the common ones without a step. */
Test(uniforms, refinement)
{
  const float least = esc_uniform_refined(0, 0).d;
  cr_assert(least > 0.0f && least <= 0x1p-64f, "%a", (double)least);
  cr_assert(esc_uniform_refined(0x80000000u, 0).d == least);
  cr_assert(esc_uniform_refined(0x80000000u, 0).far && !esc_uniform_refined(0, 0).far);
  float before = 0.0f;
  for (uint32_t distance = 0; distance < 0x20000; distance += 13)
    for (uint32_t quarter = 0; quarter < 4; quarter++) {
      const esc_uniform u = esc_uniform_refined(distance, quarter << 30);
      cr_assert(u.d >= before, "distance %x, quarter %u: %a after %a", distance, quarter,
                (double)u.d, (double)before);
      const double exact = ((double)distance + 0.25 * quarter) * 0x1p-32;
      cr_assert(fabs((double)u.d - exact) <= 0x1p-32, "distance %x: %a", distance, (double)u.d);
      before = u.d;
    }
  cr_assert(esc_uniform_refined(0x7fffffff, 0xffffffff).d <= 0.5f);
}

/* Whether a uniform is rare is seen from its word and from itself. */
Test(uniforms, rare)
{
  for (uint32_t distance = 0; distance < 2 * ESC_UNIFORM_RARE; distance++)
    for (uint32_t side = 0; side < 2; side++) {
      const uint32_t word = distance | side << 31;
      cr_assert_eq(esc_word_is_rare(word), distance < ESC_UNIFORM_RARE);
      cr_assert_eq(esc_uniform_is_rare(esc_uniform_of_word(word)), distance < ESC_UNIFORM_RARE);
    }
}

/* The further word is used in full where it matters: 2^-64 apart. */
Test(uniforms, resolution)
{
  for (uint32_t further = 2; further < 1000; further += 2) {
    const double exact = ((double)(further >> 1) + 0.5) * 0x1p-63;
    cr_assert(fabs((double)esc_uniform_refined(0, further).d - exact) <= 1e-6 * exact);
  }
}
