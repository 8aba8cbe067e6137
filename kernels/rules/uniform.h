/* A uniform variate, right at both ends: a side bit and the distance d in (0, 1/2] to that end of
 * the unit interval. One word gives 31 bits of distance. Where its leading bits are zero (d below
 * 2^-20: one word in 2^19) the distance is refined with a further word, down to 2^-64, so that a
 * normal reaches 9.3 sigma and a Pareto jump 2^(63/alpha); the common path only tests for it. */
#ifndef ESC_UNIFORM_H
#define ESC_UNIFORM_H

#include "kernels/rules/rule.h"

#define ESC_UNIFORM_RARE 0x1000u /* distances of fewer units of 2^-32 are refined */

typedef struct esc_uniform {
  uint32_t far; /* 0x80000000: the distance is to 1; 0: to 0 */
  float d;      /* in (0, 1/2] */
  float units;  /* the same in units of 2^-32 */
} esc_uniform;

ESC_RULE uint32_t esc_word_distance(uint32_t word)
{
  return word & 0x7fffffffu;
}

ESC_RULE esc_uniform esc_uniform_of_word(uint32_t word)
{
  const float units = (float)(int32_t)esc_word_distance(word) + 0.5f;
  const esc_uniform u = {word & 0x80000000u, units * 0x1p-32f, units};
  return u;
}

ESC_RULE int esc_word_is_rare(uint32_t word)
{
  return esc_word_distance(word) < ESC_UNIFORM_RARE;
}

/* The same of a uniform that was made of it. */
ESC_RULE int esc_uniform_is_rare(esc_uniform u)
{
  return u.units < (float)ESC_UNIFORM_RARE;
}

/* The least distance met so far: below ESC_UNIFORM_RARE if one of many words was rare. */
ESC_RULE uint32_t esc_least_distance(uint32_t least, uint32_t word)
{
  const uint32_t distance = esc_word_distance(word);
  return distance < least ? distance : least;
}

/* The same uniform with 31 more bits behind its distance; for rare words (the sum is then exact
 * to float's precision). Other words keep the plain distance. */
ESC_RULE esc_uniform esc_uniform_refined(uint32_t word, uint32_t further)
{
  const float fraction = fmaf((float)(int32_t)(further >> 1), 0x1p-31f, 0x1p-32f);
  esc_uniform u = esc_uniform_of_word(word);
  u.units = esc_word_is_rare(word) ? (float)(int32_t)esc_word_distance(word) + fraction : u.units;
  u.d = u.units * 0x1p-32f;
  return u;
}

/* Gives a size the sign of the side: far is the right side, positive. */
ESC_RULE float esc_sided(esc_uniform u, float size)
{
  return esc_f32_of_bits(esc_bits_of_f32(size) ^ u.far ^ 0x80000000u);
}

#endif
