/* math: fast. What of elementary.h has another form then, and takes its name: the special functions
 * of a GPU, with absolute errors of some 2^-21 in place of relative ones. So only what can bear
 * that is here: esc_log1m_f32, esc_expm1_f32, esc_sinpi_f32 and the logarithm of a uniform near 1
 * keep their polynomials, because the tails of laws hang on them. Angles of words are others than
 * in exact mode. On a host (tests) these are the functions of its libm; double keeps its own. */
#ifndef ESC_ELEMENTARY_FAST_H
#define ESC_ELEMENTARY_FAST_H

#if defined(__CUDACC__) /* one instruction each, the sine and cosine two */
#define esc_special_log2(x) __log2f(x)
#define esc_special_sin(x)  __sinf(x)
#define esc_special_cos(x)  __cosf(x)
#elif !defined(esc_special_log2) /* a test may bring worse ones */
#define esc_special_log2(x) log2f(x)
#define esc_special_sin(x)  sinf(x)
#define esc_special_cos(x)  cosf(x)
#endif

ESC_RULE float esc_fast_log(float x)
{
  return 0.693147182f * esc_special_log2(x);
}

/* Of x 2^-power in (0, 1]. The number is taken a little smaller, by 2^-21, so that what is left of
 * its logarithm next to 0 has the right sign. */
ESC_RULE float esc_fast_minus_two_log(float x, int power)
{
  const float unit =
      esc_f32_of_bits(((uint32_t)(127 - power) << 23) - 8); /* 2^-power (1 - 2^-21) */
  return -1.38629436f * esc_special_log2(x * unit);
}

ESC_RULE float esc_fast_root(float x)
{
  return sqrtf(x); /* approximate as the compiler is told */
}

ESC_RULE float esc_fast_exp(float x)
{
  return exp2f(1.44269502f * x);
}

ESC_RULE float esc_fast_pow(float x, float y)
{
  const float power = exp2f(y * esc_special_log2(x));
  return y == 0.0f ? 1.0f : power;
}

ESC_RULE void esc_fast_sincospi(float a, float *s, float *c)
{
  const float even = fmaf(a, 0.5f, ESC_ROUND_F32) - ESC_ROUND_F32;
  const float b = 3.14159274f * fmaf(even, -2.0f, a); /* from -pi to pi */
  *s = esc_special_sin(b);
  *c = esc_special_cos(b);
}

ESC_RULE void esc_fast_sincospi_word(uint32_t word, float *s, float *c)
{
  const float angle = (float)(int32_t)word * 1.46291808e-9f; /* 2 pi 2^-32 */
  *s = esc_special_sin(angle);
  *c = esc_special_cos(angle);
}

#define esc_log_f32           esc_fast_log
#define esc_minus_two_log_f32 esc_fast_minus_two_log
#define esc_root_f32          esc_fast_root
#define esc_exp_f32           esc_fast_exp
#define esc_pow_f32           esc_fast_pow
#define esc_sincospi_f32      esc_fast_sincospi
#define esc_sincospi_word_f32 esc_fast_sincospi_word

#endif
