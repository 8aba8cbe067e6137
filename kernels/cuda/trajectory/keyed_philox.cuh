/* Philox with the keys of its rounds at hand: the words of esc_philox (rules/philox.h), block by
 * block, or from a head for all blocks of a trajectory. */
#ifndef ESC_CUDA_KEYED_PHILOX_CUH
#define ESC_CUDA_KEYED_PHILOX_CUH

#include "kernels/cuda/trajectory/trajectory_args.h"

/* The two halves of a product. Shifting the upper one out costs two instructions more. */
ESC_RULE void esc_multiply_wide(uint32_t a, uint32_t b, uint32_t *low, uint32_t *high)
{
#if defined(__CUDACC__)
  asm("{.reg .u64 product; mul.wide.u32 product, %2, %3; mov.b64 {%0, %1}, product;}"
      : "=r"(*low), "=r"(*high)
      : "r"(a), "r"(b));
#else
  const uint64_t product = (uint64_t)a * b;
  *low = (uint32_t)product;
  *high = (uint32_t)(product >> 32);
#endif
}

ESC_RULE void esc_keyed_round(const esc_philox_key &key, int k, uint32_t c[4])
{
  uint32_t low0, high0, low1, high1;
  esc_multiply_wide(ESC_PHILOX_MULTIPLIER_0, c[0], &low0, &high0);
  esc_multiply_wide(ESC_PHILOX_MULTIPLIER_1, c[2], &low1, &high1);
  c[0] = high1 ^ c[1] ^ key.round[k][0];
  c[1] = low1;
  c[2] = high0 ^ c[3] ^ key.round[k][1];
  c[3] = low0;
}

/* The rounds from `first` on. */
ESC_RULE esc_words esc_keyed_rounds(const esc_philox_key &key, int first, uint32_t c0, uint32_t c1,
                                    uint32_t c2, uint32_t c3)
{
  uint32_t c[4] = {c0, c1, c2, c3};
#pragma unroll
  for (int k = 0; k < ESC_PHILOX_ROUNDS; k++)
    if (k >= first)
      esc_keyed_round(key, k, c);
  const esc_words words = {{c[0], c[1], c[2], c[3]}};
  return words;
}

ESC_RULE esc_words esc_keyed_philox(const esc_philox_key &key, uint64_t block, uint64_t id)
{
  return esc_keyed_rounds(key, 0, (uint32_t)block, (uint32_t)(block >> 32), (uint32_t)id,
                          (uint32_t)(id >> 32));
}

/* esc_philox_from. */
ESC_RULE esc_words esc_keyed_philox_from(const esc_philox_key &key, const esc_philox_head &head,
                                         uint32_t block)
{
  uint32_t low0, high0, low1, high1;
  esc_multiply_wide(ESC_PHILOX_MULTIPLIER_0, block, &low0, &high0);
  esc_multiply_wide(ESC_PHILOX_MULTIPLIER_1, high0 ^ head.id, &low1, &high1);
  return esc_keyed_rounds(key, 2, high1 ^ head.c0, low1, low0 ^ head.c2, head.c3);
}

#endif
