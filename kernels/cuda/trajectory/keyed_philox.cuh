/* Philox with the keys of its rounds at hand: the words of esc_philox (rules/philox.h). */
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

ESC_RULE esc_words esc_keyed_philox(const esc_philox_key &key, uint64_t block, uint64_t id)
{
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
  uint32_t c2 = (uint32_t)id, c3 = (uint32_t)(id >> 32);
#pragma unroll
  for (int k = 0; k < ESC_PHILOX_ROUNDS; k++) {
    uint32_t low0, high0, low1, high1;
    esc_multiply_wide(ESC_PHILOX_MULTIPLIER_0, c0, &low0, &high0);
    esc_multiply_wide(ESC_PHILOX_MULTIPLIER_1, c2, &low1, &high1);
    c0 = high1 ^ c1 ^ key.round[k][0];
    c1 = low1;
    c2 = high0 ^ c3 ^ key.round[k][1];
    c3 = low0;
  }
  const esc_words words = {{c0, c1, c2, c3}};
  return words;
}

#endif
