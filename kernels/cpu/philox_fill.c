/* Philox over lanes: the one file with intrinsics, because compilers make a poor widening multiply
 * of the plain loop. Each 32-bit word lives in a 64-bit lane; the garbage in its upper half never
 * matters, as the multiply reads the lower half only, so a round is two multiplies, two shifts and
 * two three-way exclusive ors for a vector of blocks. Pairs of vectors are packed at the end. */
#include "kernels/cpu/loops.h"

#if defined(__AVX512F__)
#include <immintrin.h>

typedef __m512i vec;
#define LANES          8
#define LOAD(p)        _mm512_load_si512(p)
#define SET64(v)       _mm512_set1_epi64((long long)(v))
#define MULTIPLY(a, b) _mm512_mul_epu32(a, b)
#define HIGH(a)        _mm512_srli_epi64(a, 32)
#define XOR3(a, b, c)  _mm512_ternarylogic_epi64(a, b, c, 0x96)
#define ADD64(a, b)    _mm512_add_epi64(a, b)
/* The lower words of 16 lanes, from two vectors, in order. */
static inline __m512i low_words(__m512i a, __m512i b)
{
  const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  return _mm512_permutex2var_epi32(a, even, b);
}
#define STORE_LOW(p, a, b) _mm512_store_si512(p, low_words(a, b))
#elif defined(__AVX2__)
#include <immintrin.h>

typedef __m256i vec;
#define LANES              4
#define LOAD(p)            _mm256_load_si256((const __m256i *)(p))
#define SET64(v)           _mm256_set1_epi64x((long long)(v))
#define MULTIPLY(a, b)     _mm256_mul_epu32(a, b)
#define HIGH(a)            _mm256_srli_epi64(a, 32)
#define XOR3(a, b, c)      _mm256_xor_si256(_mm256_xor_si256(a, c), b)
#define ADD64(a, b)        _mm256_add_epi64(a, b)
static inline __m256i low_words(__m256i a, __m256i b)
{
  const __m256 mixed = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xd8);
}
#define STORE_LOW(p, a, b) _mm256_store_si256((__m256i *)(p), low_words(a, b))
#endif

#ifdef LANES

/* Four vectors at once: enough independent chains to fill the multiplier's latency. */
#define CHAINS 4

static inline void fill_block(const uint64_t *keys, const uint64_t *block, uint64_t offset,
                              const uint64_t *id, uint32_t *const words[4], int at)
{
  const vec m0 = SET64(ESC_PHILOX_MULTIPLIER_0), m1 = SET64(ESC_PHILOX_MULTIPLIER_1);
  vec c0[CHAINS], c1[CHAINS], c2[CHAINS], c3[CHAINS];
  for (int v = 0; v < CHAINS; v++) {
    c0[v] = ADD64(LOAD(block + at + v * LANES), SET64(offset));
    c1[v] = HIGH(c0[v]);
    c2[v] = LOAD(id + at + v * LANES);
    c3[v] = HIGH(c2[v]);
  }
#pragma GCC unroll 10
  for (int round = 0; round < ESC_PHILOX_ROUNDS; round++) {
    const vec key0 = SET64(keys[2 * round]), key1 = SET64(keys[2 * round + 1]);
    for (int v = 0; v < CHAINS; v++) {
      const vec p0 = MULTIPLY(c0[v], m0), p1 = MULTIPLY(c2[v], m1);
      c0[v] = XOR3(HIGH(p1), c1[v], key0);
      c1[v] = p1;
      c2[v] = XOR3(HIGH(p0), c3[v], key1);
      c3[v] = p0;
    }
  }
  for (int v = 0; v < CHAINS; v += 2) {
    STORE_LOW(words[0] + at + v * LANES, c0[v], c0[v + 1]);
    STORE_LOW(words[1] + at + v * LANES, c1[v], c1[v + 1]);
    STORE_LOW(words[2] + at + v * LANES, c2[v], c2[v + 1]);
    STORE_LOW(words[3] + at + v * LANES, c3[v], c3[v + 1]);
  }
}

void ESC_PHILOX_FILL(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                     const uint64_t *id, uint32_t *const words[4])
{
  uint64_t keys[2 * ESC_PHILOX_ROUNDS];
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < ESC_PHILOX_ROUNDS; round++) {
    keys[2 * round] = k0;
    keys[2 * round + 1] = k1;
    k0 += ESC_PHILOX_WEYL_0;
    k1 += ESC_PHILOX_WEYL_1;
  }
  /* Arrays are padded to whole lane blocks, a multiple of CHAINS * LANES. */
  for (int at = 0; at < n; at += CHAINS * LANES)
    fill_block(keys, block, offset, id, words, at);
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

#endif
