/* Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
 * (SC11). Key = seed, counter = (block: 64 bits, trajectory id: 64 bits), low word first, which is
 * also what cuRAND's curand_init(seed, id, 4 * block) gives. The top 8 bits of the block are a
 * stream: what the words are for, so that no two uses ever share a word. */
#ifndef ESC_PHILOX_H
#define ESC_PHILOX_H

#include "kernels/rules/rule.h"

#define ESC_PHILOX_ROUNDS       10
#define ESC_PHILOX_MULTIPLIER_0 0xD2511F53u
#define ESC_PHILOX_MULTIPLIER_1 0xCD9E8D57u
#define ESC_PHILOX_WEYL_0       0x9E3779B9u
#define ESC_PHILOX_WEYL_1       0xBB67AE85u

/* Streams. Source k of several noise sources adds 8 k; what updates draw lies above them all. */
enum {
  ESC_STREAM_NOISE = 0,
  ESC_STREAM_TAIL = 1, /* further words for uniforms near 0 or 1 */
  ESC_STREAM_START = 2,
  ESC_STREAM_MINIBATCH = 3,
  ESC_STREAM_SPARSE = 4,
  ESC_STREAM_START_TAIL = 5,
  ESC_STREAMS_PER_SOURCE = 8,
  ESC_STREAM_ROUNDING = 128,      /* stochastic rounding of an array of a parameter */
  ESC_STREAM_GRADIENT_NOISE = 129 /* annealed noise added to a parameter's gradient */
};
#define ESC_STREAM_SHIFT 56

typedef struct esc_words {
  uint32_t w[4];
} esc_words;

/* The rounds from `first` on. */
ESC_RULE esc_words esc_philox_rounds(uint64_t seed, uint32_t first, uint32_t c0, uint32_t c1,
                                     uint32_t c2, uint32_t c3)
{
  uint32_t k0 = (uint32_t)seed + first * ESC_PHILOX_WEYL_0;
  uint32_t k1 = (uint32_t)(seed >> 32) + first * ESC_PHILOX_WEYL_1;
  for (uint32_t round = first; round < ESC_PHILOX_ROUNDS; round++) {
    const uint64_t p0 = (uint64_t)ESC_PHILOX_MULTIPLIER_0 * c0;
    const uint64_t p1 = (uint64_t)ESC_PHILOX_MULTIPLIER_1 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += ESC_PHILOX_WEYL_0;
    k1 += ESC_PHILOX_WEYL_1;
  }
  const esc_words words = {{c0, c1, c2, c3}};
  return words;
}

ESC_RULE esc_words esc_philox(uint64_t seed, uint64_t block, uint64_t id)
{
  return esc_philox_rounds(seed, 0, (uint32_t)block, (uint32_t)(block >> 32), (uint32_t)id,
                           (uint32_t)(id >> 32));
}

/* The first round multiplies the id, the second what comes of it and of the block's upper word:
 * neither product changes from block to block of a trajectory while that word stays. A head keeps
 * what enters the second round: the id's upper word with its key, and words 0, 2 and 3 of the
 * third round's counter as far as they follow from these products. */
typedef struct esc_philox_head {
  uint32_t id, c0, c2, c3;
} esc_philox_head;

ESC_RULE esc_philox_head esc_philox_begin(uint64_t seed, uint32_t upper, uint64_t id)
{
  const uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  const uint64_t p1 = (uint64_t)ESC_PHILOX_MULTIPLIER_1 * (uint32_t)id;
  const uint32_t second = (uint32_t)(p1 >> 32) ^ upper ^ k0;
  const uint64_t q0 = (uint64_t)ESC_PHILOX_MULTIPLIER_0 * second;
  const esc_philox_head head = {(uint32_t)(id >> 32) ^ k1, (uint32_t)p1 ^ (k0 + ESC_PHILOX_WEYL_0),
                                (uint32_t)(q0 >> 32) ^ (k1 + ESC_PHILOX_WEYL_1), (uint32_t)q0};
  return head;
}

/* The words of the block whose lower word is this. */
ESC_RULE esc_words esc_philox_from(uint64_t seed, esc_philox_head head, uint32_t block)
{
  const uint64_t p0 = (uint64_t)ESC_PHILOX_MULTIPLIER_0 * block;
  const uint64_t q1 = (uint64_t)ESC_PHILOX_MULTIPLIER_1 * ((uint32_t)(p0 >> 32) ^ head.id);
  return esc_philox_rounds(seed, 2, (uint32_t)(q1 >> 32) ^ head.c0, (uint32_t)q1,
                           (uint32_t)p0 ^ head.c2, head.c3);
}

#endif
