/* What every noise law has. For a law NAME its header defines
 *
 *   ESC_KEYS_NAME, esc_NAME_constants  keys, and constants formed from them (only float)
 *   esc_NAME_setup(keys, constants)    host, in double
 *   esc_NAME_variance(keys)            of the law at scale 1: NaN where it is not finite
 *   esc_NAME_draw(constants, ...)      variates at scale 1 from the words of its shape:
 *
 *     ONE   one uniform, one variate; a block of four words gives four
 *     PAIR  a uniform and a word, two variates (esc_NAME_pair); a block gives four
 *     TWO   two uniforms, one variate; a block gives two
 *
 * Noise is float for either state. */
#ifndef ESC_NOISE_H
#define ESC_NOISE_H

#include "kernels/rules/elementary.h"
#include "kernels/rules/key.h"
#include "kernels/rules/uniform.h"

#define ESC_NOISE_CONSTANTS_MAX 16

/* -log of the uniform itself (not of its distance), right at both ends: -log d, or -log(1 - d) on
 * the far side, as esc_log1m_f32 reduces it; one polynomial serves both. */
ESC_RULE float esc_uniform_log(esc_uniform u)
{
  float z;
  const float e = esc_split_f32(u.d, 0, 0, &z);
  const int near_one = u.d < 0.292893231f; /* 1 - sqrt(1/2); beyond it 1 - 2 d is exact */
  const float far_e = near_one ? 0.0f : -0x1p23f, far_f = near_one ? -u.d : fmaf(-2.0f, u.d, 1.0f);
  return -esc_log_split_f32(1.0f, u.far ? far_e : e, u.far ? far_f : z - 1.0f);
}

#endif
