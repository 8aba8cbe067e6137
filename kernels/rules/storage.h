/* Element types that arrays may be stored in, and the roads between them and float, in which all
 * arithmetic is done. bfloat16 is the upper half of a float; float16 is IEEE 754's binary16 with
 * its denormals. To the nearest, ties to even; or stochastically, up with the probability of the
 * share that is cut off, by 16 random bits. Nothing but integer operations, exact scalings and one
 * rounding add, so that every compiler and device gives the same bits (but a NaN's payload). */
#ifndef ESC_STORAGE_H
#define ESC_STORAGE_H

#include "kernels/rules/rule.h"

/* As esc_type of escapement/optimizer.h. */
enum { ESC_STORE_F32 = 0, ESC_STORE_BF16 = 1, ESC_STORE_F16 = 2 };

ESC_RULE float esc_f32_of_bf16(uint16_t half)
{
  return esc_f32_of_bits((uint32_t)half << 16);
}

/* The upper half of a number with something added to its lower half, or of a quiet NaN; chosen
 * before the shift, in 32 bits: what is narrowed first is widened again for the choice. */
ESC_RULE uint16_t esc_bf16_of_sum(float value, uint32_t added)
{
  const uint32_t bits = esc_bits_of_f32(value);
  const uint32_t sum = bits + added, quiet = bits | 0x400000u;
  return (uint16_t)((value != value ? quiet : sum) >> 16);
}

ESC_RULE uint16_t esc_bf16_of_f32(float value)
{
  const uint32_t odd = esc_bits_of_f32(value) >> 16 & 1u;
  return esc_bf16_of_sum(value, 0x7fffu + odd);
}

/* What would leave the finite numbers goes to the nearest: up from a half on, as the last of them
 * is odd. */
ESC_RULE uint16_t esc_bf16_of_f32_random(float value, uint32_t random16)
{
  const uint32_t up = (esc_bits_of_f32(value) & 0x7fffffffu) + random16;
  return esc_bf16_of_sum(value, up >= 0x7f800000u ? 0x8000u : random16);
}

/* A float16 without its sign, shifted to a float's places, is 2^-112 of its value. */
ESC_RULE float esc_f32_of_f16(uint16_t half)
{
  const uint32_t bits = half, size = bits & 0x7fffu;
  const uint32_t finite = esc_bits_of_f32(esc_f32_of_bits(size << 13) * 0x1p112f);
  const uint32_t special = finite | 0x7f800000u;
  return esc_f32_of_bits((bits & 0x8000u) << 16 | (size >= 0x7c00u ? special : finite));
}

#define ESC_F16_NORMAL 0x38800000u /* 2^-14: below it float16 is denormal, in steps of 2^-24 */
#define ESC_F16_BEYOND 0x47800000u /* 2^16: infinity from here on */
#define ESC_F16_BIAS   0x38000000u /* 112 << 23: the difference of the exponents' biases */

ESC_RULE uint16_t esc_f16_of_f32(float value)
{
  const uint32_t bits = esc_bits_of_f32(value), size = bits & 0x7fffffffu;
  const uint32_t normal = (size - ESC_F16_BIAS + 0xfffu + (size >> 13 & 1u)) >> 13;
  /* The last place of 1/2 is 2^-24, so the sum rounds as the denormal does. */
  const uint32_t denormal = esc_bits_of_f32(esc_f32_of_bits(size) + 0.5f) - 0x3f000000u;
  const uint32_t beyond = size > 0x7f800000u ? 0x7e00u : 0x7c00u;
  const uint32_t finite = size < ESC_F16_NORMAL ? denormal : normal;
  return (uint16_t)((bits >> 16 & 0x8000u) | (size >= ESC_F16_BEYOND ? beyond : finite));
}

ESC_RULE uint16_t esc_f16_of_f32_random(float value, uint32_t random16)
{
  const uint32_t bits = esc_bits_of_f32(value), size = bits & 0x7fffffffu;
  const uint32_t normal = (size - ESC_F16_BIAS + (random16 >> 3)) >> 13;
  /* In steps of 2^-24: whole steps, and 16 bits of the share that is cut off. */
  const int small = size < ESC_F16_NORMAL;
  const float steps = (small ? esc_f32_of_bits(size) : 0.0f) * 0x1p24f;
  const int32_t whole = (int32_t)steps;
  const uint32_t share = (uint32_t)(int32_t)((steps - (float)whole) * 0x1p16f);
  const uint32_t denormal = (uint32_t)whole + ((share + random16) >> 16);
  const uint32_t up = small ? denormal : normal;
  const int leaves = (small == 0) & ((size >= ESC_F16_BEYOND) | (up >= 0x7c00u));
  return leaves ? esc_f16_of_f32(value) : (uint16_t)((bits >> 16 & 0x8000u) | up);
}

#endif
