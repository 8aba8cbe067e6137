/* A word of a tally that many threads add to at once. */
#ifndef ESC_CUDA_TALLY_WORD_CUH
#define ESC_CUDA_TALLY_WORD_CUH

#include <stdint.h>

#define ESC_TALLY_WORD
struct esc_tally_word {
  unsigned long long count; /* modulo 2^64: what is taken off again is added so */

  __device__ void operator+=(int64_t number)
  {
    if (number != 0)
      atomicAdd(&count, (unsigned long long)number);
  }
  __device__ void operator++(int)
  {
    atomicAdd(&count, 1ull);
  }
};

/* A tally's place, read from memory: the compiler does not see that it is in global memory, and
 * atomics that could be anywhere cost registers even where none is met. */
static inline __device__ esc_tally_word *esc_global_tally(esc_tally_word *tally)
{
#if defined(__CUDACC__)
  __builtin_assume(__isGlobal(tally));
#endif
  return tally;
}

#endif
