/* The floating-point control register at its default: round to nearest, denormals kept. A caller,
 * or a library built with -ffast-math, may have set it otherwise for the whole process, and set-up
 * formulas and trajectories would have other bits then. Threads enter with esc_fp_default and leave
 * with esc_fp_restore. */
#ifndef ESC_FP_CONTROL_H
#define ESC_FP_CONTROL_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

static inline uint64_t esc_fp_default(void)
{
  const unsigned int caller = _mm_getcsr();
  _mm_setcsr(0x1f80);
  return caller;
}

static inline void esc_fp_restore(uint64_t caller)
{
  _mm_setcsr((unsigned int)caller);
}
#elif defined(__aarch64__)
static inline uint64_t esc_fp_default(void)
{
  uint64_t caller;
  __asm__ volatile("mrs %0, fpcr" : "=r"(caller));
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0));
  return caller;
}

static inline void esc_fp_restore(uint64_t caller)
{
  __asm__ volatile("msr fpcr, %0" : : "r"(caller));
}
#else
static inline uint64_t esc_fp_default(void)
{
  return 0;
}

static inline void esc_fp_restore(uint64_t caller)
{
  (void)caller;
}
#endif

#endif
