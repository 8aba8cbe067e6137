/* The ground every rule stands on: how a rule is declared, the real type it computes in, fused
 * multiply-add and bit casts. A rule is a pure function of registers: values in, values out; no
 * array (but for networks), no index, no thread, no allocation. It uses + - * /, esc_fma, esc_sqrt, ordered
 * comparisons, selects, and the functions of elementary.h: nothing whose last bit may differ
 * between compilers, machines or devices. */
#ifndef ESC_RULE_H
#define ESC_RULE_H

#include <math.h>
#include <stdint.h>

#if defined(__CUDACC__)
#define ESC_RULE static __device__ __forceinline__
#elif defined(__GNUC__)
#define ESC_RULE static inline __attribute__((always_inline, unused))
#else
#define ESC_RULE static inline
#endif

/* Set-up formulas run in double, once per experiment, row of a table or step. */
#if defined(__CUDACC__)
#define ESC_SETUP static __device__ __forceinline__
#elif defined(__GNUC__)
#define ESC_SETUP static inline __attribute__((unused))
#else
#define ESC_SETUP static inline
#endif

/* The state's type is chosen where a file is compiled: ESC_REAL_BITS is 32 (default) or 64. Noise
 * is float in both. ESC_LIT spells a literal of that type. */
#ifndef ESC_REAL_BITS
#define ESC_REAL_BITS 32
#endif

#if ESC_REAL_BITS == 64
typedef double esc_real;
#define ESC_LIT(literal) (literal)
#define ESC_REAL_MAX 0x1.fffffffffffffp1023
#define esc_fma(a, b, c) fma((a), (b), (c))
#define esc_sqrt(a) sqrt(a)
#define esc_abs(a) fabs(a)
#define esc_copysign(a, b) copysign((a), (b))
#else
typedef float esc_real;
#define ESC_LIT(literal) (literal##f)
#define ESC_REAL_MAX 0x1.fffffep127f
#define esc_fma(a, b, c) fmaf((a), (b), (c))
#define esc_sqrt(a) sqrtf(a)
#define esc_abs(a) fabsf(a)
#define esc_copysign(a, b) copysignf((a), (b))
#endif

/* Bit casts. */
ESC_RULE uint32_t esc_bits_of_f32(float value)
{
#if defined(__CUDACC__)
  return __float_as_uint(value);
#else
  union { float value; uint32_t bits; } cast = {.value = value};
  return cast.bits;
#endif
}

ESC_RULE float esc_f32_of_bits(uint32_t bits)
{
#if defined(__CUDACC__)
  return __uint_as_float(bits);
#else
  union { uint32_t bits; float value; } cast = {.bits = bits};
  return cast.value;
#endif
}

ESC_RULE uint64_t esc_bits_of_f64(double value)
{
#if defined(__CUDACC__)
  return (uint64_t)__double_as_longlong(value);
#else
  union { double value; uint64_t bits; } cast = {.value = value};
  return cast.bits;
#endif
}

ESC_RULE double esc_f64_of_bits(uint64_t bits)
{
#if defined(__CUDACC__)
  return __longlong_as_double((long long)bits);
#else
  union { uint64_t bits; double value; } cast = {.bits = bits};
  return cast.value;
#endif
}

/* word & mask, to be compared with 0: nvcc shifts a single bit down first, two instructions more,
 * where it sees through. */
ESC_RULE uint32_t esc_masked(uint32_t word, uint32_t mask)
{
  uint32_t masked = word & mask;
#if defined(__CUDACC__)
  asm("" : "+r"(masked));
#endif
  return masked;
}

#endif
