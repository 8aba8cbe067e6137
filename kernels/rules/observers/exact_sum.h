/* Exact sums of floating-point numbers, in integers, so that they do not depend on order: a long
 * accumulator (Kulisch) of digits of 24 bits, each kept in 64, whose carries are resolved only when
 * tallies are merged. Digit k weighs 2^(24 k) times the unit of the sum:
 *   of values, 2^-149 (float) or 2^-1074 (double); of products of two values, its square. */
#ifndef ESC_EXACT_SUM_H
#define ESC_EXACT_SUM_H

#include "kernels/rules/rule.h"

/* A word of a tally, which takes += and ++. Where many threads share a tally, whoever compiles this
 * brings a type that adds atomically. */
#ifndef ESC_TALLY_WORD
#define ESC_TALLY_WORD
typedef int64_t esc_tally_word;
#endif

#define ESC_DIGIT_BITS 24
#define ESC_DIGIT_MASK 0xffffff

/* Digits of a sum of values and of products, by state. */
#define ESC_VALUE_DIGITS(bits)   ((bits) == 64 ? 90 : 13)
#define ESC_PRODUCT_DIGITS(bits) ((bits) == 64 ? 180 : 26)
#define ESC_VALUE_UNIT(bits)     ((bits) == 64 ? -1074 : -149) /* exponent of the unit */

/* value = +-magnitude * 2^(position) units. */
typedef struct esc_parts {
  uint64_t magnitude;
  int position;
  int negative;
} esc_parts;

ESC_RULE esc_parts esc_parts_of_f32(float value)
{
  const uint32_t bits = esc_bits_of_f32(value), exponent = (bits >> 23) & 0xffu;
  const uint32_t hidden = exponent ? 0x800000u : 0u;
  const esc_parts parts = {(bits & 0x7fffffu) | hidden, exponent ? (int)exponent - 1 : 0,
                           (int)(bits >> 31)};
  return parts;
}

ESC_RULE esc_parts esc_parts_of_f64(double value)
{
  const uint64_t bits = esc_bits_of_f64(value), exponent = (bits >> 52) & 0x7ffu;
  const uint64_t hidden = exponent ? 0x10000000000000u : 0u;
  const esc_parts parts = {(bits & 0xfffffffffffffu) | hidden, exponent ? (int)exponent - 1 : 0,
                           (int)(bits >> 63)};
  return parts;
}

#if ESC_REAL_BITS == 64
#define esc_parts_of esc_parts_of_f64
#define ESC_VALUE_CHUNKS 3 /* chunks of 24 bits in a significand */
#else
#define esc_parts_of esc_parts_of_f32
#define ESC_VALUE_CHUNKS 1
#endif

/* Adds one chunk of 24 bits at a bit position. */
ESC_RULE void esc_digits_add(esc_tally_word *digits, int position, uint64_t chunk, int negative)
{
  const int digit = position / ESC_DIGIT_BITS;
  const int64_t shifted = (int64_t)(chunk << (position % ESC_DIGIT_BITS));
  const int64_t low = shifted & ESC_DIGIT_MASK, high = shifted >> ESC_DIGIT_BITS;
  const int64_t sign = -(int64_t)negative; /* 0 or all ones: -x is ~x + 1 */
  digits[digit] += (low ^ sign) - sign;
  digits[digit + 1] += (high ^ sign) - sign;
}

/* Adds a value. It must be finite. */
ESC_RULE void esc_sum_value(esc_tally_word *digits, esc_parts x)
{
  for (int k = 0; k < ESC_VALUE_CHUNKS; k++)
    esc_digits_add(digits, x.position + k * ESC_DIGIT_BITS,
                   (x.magnitude >> (k * ESC_DIGIT_BITS)) & ESC_DIGIT_MASK, x.negative);
}

/* Adds the product of two values. Both must be finite. */
ESC_RULE void esc_sum_product(esc_tally_word *digits, esc_parts x, esc_parts y)
{
  const int negative = x.negative ^ y.negative;
  for (int i = 0; i < ESC_VALUE_CHUNKS; i++)
    for (int k = 0; k < ESC_VALUE_CHUNKS; k++) {
      const uint64_t product = ((x.magnitude >> (i * ESC_DIGIT_BITS)) & ESC_DIGIT_MASK) *
                               ((y.magnitude >> (k * ESC_DIGIT_BITS)) & ESC_DIGIT_MASK);
      const int position = x.position + y.position + (i + k) * ESC_DIGIT_BITS;
      esc_digits_add(digits, position, product & ESC_DIGIT_MASK, negative);
      esc_digits_add(digits, position + ESC_DIGIT_BITS, product >> ESC_DIGIT_BITS, negative);
    }
}

/* Adds the square of a value. It must be finite. One chunk's square has 48 bits and no sign, so
 * three digits take it in one go: the common case of a float state. */
ESC_RULE void esc_sum_square(esc_tally_word *digits, esc_parts x)
{
#if ESC_VALUE_CHUNKS == 1
  const uint64_t square = x.magnitude * x.magnitude;
  const int position = 2 * x.position, shift = position % ESC_DIGIT_BITS;
  esc_tally_word *const at = digits + position / ESC_DIGIT_BITS;
  at[0] += (int64_t)((square << shift) & ESC_DIGIT_MASK);
  at[1] += (int64_t)((square >> (ESC_DIGIT_BITS - shift)) & ESC_DIGIT_MASK);
  at[2] += (int64_t)(square >> (2 * ESC_DIGIT_BITS - shift));
#else
  esc_sum_product(digits, x, x);
#endif
}

/* Adds a whole number of up to 72 bits of significance in a sum whose unit is 1 (times and their
 * squares: three digits). */
ESC_RULE void esc_sum_whole(esc_tally_word *digits, uint64_t number)
{
  digits[0] += (int64_t)(number & ESC_DIGIT_MASK);
  digits[1] += (int64_t)((number >> ESC_DIGIT_BITS) & ESC_DIGIT_MASK);
  digits[2] += (int64_t)(number >> (2 * ESC_DIGIT_BITS));
}
#define ESC_WHOLE_DIGITS 5 /* the upper two take the carries of merged tallies */

#endif
