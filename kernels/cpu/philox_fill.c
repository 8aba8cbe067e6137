/* Philox over lanes: the one file with intrinsics, because compilers make a poor widening multiply
 * of the plain loop. A vector holds one word of as many blocks as it has 32-bit elements. The
 * widening multiply reads every other element, so that the upper halves of the products take two of
 * them, for the even and the odd elements; the lower halves take a multiply of their own. */
#include "kernels/cpu/loops.h"

#if defined(__AVX512F__)
#include <immintrin.h>

typedef __m512i vec;
#define LANES               16
#define LOAD(p)             _mm512_load_si512(p)
#define STORE(p, a)         _mm512_store_si512(p, a)
#define SET32(v)            _mm512_set1_epi32((int)(v))
#define SET64(v)            _mm512_set1_epi64((long long)(v))
#define ADD64(a, b)         _mm512_add_epi64(a, b)
#define ADD32(a, b)         _mm512_add_epi32(a, b)
#define XOR(a, b)           _mm512_xor_si512(a, b)
#define HIGH(a)             _mm512_srli_epi64(a, 32)
#define XOR3(a, b, c)       _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define MULTIPLY_EVEN(a, b) _mm512_mul_epu32(a, b)
#define MULTIPLY_LOW(a, b)  _mm512_mullo_epi32(a, b)
/* The upper halves of 64-bit numbers, those of `even` at even elements, of `odd` at odd ones. */
#define MIX_HIGH(even, odd) _mm512_mask_shuffle_epi32(odd, 0x5555, even, 0xf5)
/* The lower halves of the 64-bit numbers in two vectors, in order. */
static inline __m512i low_words(__m512i a, __m512i b)
{
  const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  return _mm512_permutex2var_epi32(a, even, b);
}
#elif defined(__AVX2__)
#include <immintrin.h>

typedef __m256i vec;
#define LANES               8
#define LOAD(p)             _mm256_load_si256((const __m256i *)(p))
#define STORE(p, a)         _mm256_store_si256((__m256i *)(p), a)
#define SET32(v)            _mm256_set1_epi32((int)(v))
#define SET64(v)            _mm256_set1_epi64x((long long)(v))
#define ADD64(a, b)         _mm256_add_epi64(a, b)
#define ADD32(a, b)         _mm256_add_epi32(a, b)
#define XOR(a, b)           _mm256_xor_si256(a, b)
#define HIGH(a)             _mm256_srli_epi64(a, 32)
#define XOR3(a, b, c)       _mm256_xor_si256(a, _mm256_xor_si256(b, c))
#define MULTIPLY_EVEN(a, b) _mm256_mul_epu32(a, b)
#define MULTIPLY_LOW(a, b)  _mm256_mullo_epi32(a, b)
#define MIX_HIGH(even, odd) _mm256_blend_epi32(HIGH(even), odd, 0xaa)
static inline __m256i low_words(__m256i a, __m256i b)
{
  const __m256 mixed = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xd8);
}
#endif

#ifdef LANES

/* Vectors at once: enough independent chains to fill the multiplier's latency. */
#define CHAINS 4
_Static_assert(ESC_LANE_BLOCK % (CHAINS / 2 * LANES) == 0, "at worst half as many chains are left");

/* The upper halves of a * m. */
static inline vec multiply_high(vec a, vec m)
{
  const vec even = MULTIPLY_EVEN(a, m), odd = MULTIPLY_EVEN(HIGH(a), m);
  return MIX_HIGH(even, odd);
}

/* Counters of as many vectors as there are chains: word k of them in c[k]. */
typedef struct counters {
  vec c[4][CHAINS];
} counters;

/* The rounds from `first` on, then the words of lanes `at` and on. Inlined, as all here, so that
 * the number of chains is constant. */
static inline __attribute__((always_inline)) void run_rounds(int chains, int first,
                                                             const uint32_t *keys, counters *lanes,
                                                             uint32_t *const words[4], int at)
{
  const vec m0 = SET32(ESC_PHILOX_MULTIPLIER_0), m1 = SET32(ESC_PHILOX_MULTIPLIER_1);
  vec *const c0 = lanes->c[0], *const c1 = lanes->c[1];
  vec *const c2 = lanes->c[2], *const c3 = lanes->c[3];
#pragma GCC unroll 10
  for (int round = first; round < ESC_PHILOX_ROUNDS; round++) {
    const vec key0 = SET32(keys[2 * round]), key1 = SET32(keys[2 * round + 1]);
    for (int v = 0; v < chains; v++) {
      const vec high0 = multiply_high(c0[v], m0), low0 = MULTIPLY_LOW(c0[v], m0);
      const vec high1 = multiply_high(c2[v], m1), low1 = MULTIPLY_LOW(c2[v], m1);
      c0[v] = XOR3(high1, c1[v], key0);
      c1[v] = low1;
      c2[v] = XOR3(high0, c3[v], key1);
      c3[v] = low0;
    }
  }
  for (int v = 0; v < chains; v++)
    for (int k = 0; k < 4; k++)
      STORE(words[k] + at + v * LANES, lanes->c[k][v]);
}

static inline __attribute__((always_inline)) void fill_chains(int chains, const uint32_t *keys,
                                                              const uint64_t *block,
                                                              uint64_t offset, const uint64_t *id,
                                                              uint32_t *const words[4], int at)
{
  counters lanes;
  for (int v = 0; v < chains; v++) {
    const int first = at + v * LANES, second = first + LANES / 2;
    const vec block_a = ADD64(LOAD(block + first), SET64(offset));
    const vec block_b = ADD64(LOAD(block + second), SET64(offset));
    const vec id_a = LOAD(id + first), id_b = LOAD(id + second);
    lanes.c[0][v] = low_words(block_a, block_b);
    lanes.c[1][v] = low_words(HIGH(block_a), HIGH(block_b));
    lanes.c[2][v] = low_words(id_a, id_b);
    lanes.c[3][v] = low_words(HIGH(id_a), HIGH(id_b));
  }
  run_rounds(chains, 0, keys, &lanes, words, at);
}

/* The first two rounds from heads: a product each (esc_philox_from). */
static inline __attribute__((always_inline)) void
continue_chains(int chains, const uint32_t *keys, const uint32_t *block, uint32_t offset,
                uint32_t *const head[4], uint32_t *const words[4], int at)
{
  const vec m0 = SET32(ESC_PHILOX_MULTIPLIER_0), m1 = SET32(ESC_PHILOX_MULTIPLIER_1);
  counters lanes;
  for (int v = 0; v < chains; v++) {
    const int first = at + v * LANES;
    const vec number = ADD32(LOAD(block + first), SET32(offset));
    const vec second = XOR(multiply_high(number, m0), LOAD(head[0] + first));
    lanes.c[0][v] = XOR(multiply_high(second, m1), LOAD(head[1] + first));
    lanes.c[1][v] = MULTIPLY_LOW(second, m1);
    lanes.c[2][v] = XOR(MULTIPLY_LOW(number, m0), LOAD(head[2] + first));
    lanes.c[3][v] = LOAD(head[3] + first);
  }
  run_rounds(chains, 2, keys, &lanes, words, at);
}

static inline void form_keys(uint64_t seed, uint32_t keys[2 * ESC_PHILOX_ROUNDS])
{
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < ESC_PHILOX_ROUNDS; round++) {
    keys[2 * round] = k0;
    keys[2 * round + 1] = k1;
    k0 += ESC_PHILOX_WEYL_0;
    k1 += ESC_PHILOX_WEYL_1;
  }
}

void ESC_PHILOX_FILL(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                     const uint64_t *id, uint32_t *const words[4])
{
  uint32_t keys[2 * ESC_PHILOX_ROUNDS];
  int at = 0;
  form_keys(seed, keys);
  for (; n - at > CHAINS / 2 * LANES; at += CHAINS * LANES)
    fill_chains(CHAINS, keys, block, offset, id, words, at);
  if (at < n)
    fill_chains(CHAINS / 2, keys, block, offset, id, words, at);
}

void ESC_PHILOX_CONTINUE(int n, uint64_t seed, const uint32_t *block, uint32_t offset,
                         uint32_t *const head[4], uint32_t *const words[4])
{
  uint32_t keys[2 * ESC_PHILOX_ROUNDS];
  int at = 0;
  form_keys(seed, keys);
  for (; n - at > CHAINS / 2 * LANES; at += CHAINS * LANES)
    continue_chains(CHAINS, keys, block, offset, head, words, at);
  if (at < n)
    continue_chains(CHAINS / 2, keys, block, offset, head, words, at);
}

#else

void ESC_PHILOX_FILL(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                     const uint64_t *id, uint32_t *const words[4])
{
  for (int i = 0; i < n; i++) {
    const esc_words four = esc_philox(seed, block[i] + offset, id[i]);
    for (int k = 0; k < 4; k++)
      words[k][i] = four.w[k];
  }
}

void ESC_PHILOX_CONTINUE(int n, uint64_t seed, const uint32_t *block, uint32_t offset,
                         uint32_t *const head[4], uint32_t *const words[4])
{
  for (int i = 0; i < n; i++) {
    const esc_philox_head one = {head[0][i], head[1][i], head[2][i], head[3][i]};
    const esc_words four = esc_philox_from(seed, one, block[i] + offset);
    for (int k = 0; k < 4; k++)
      words[k][i] = four.w[k];
  }
}

#endif
