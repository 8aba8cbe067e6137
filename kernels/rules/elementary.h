/* Logarithm, exponential, power, sine, cosine and activations in float, out of + - * /, fma, bit
 * casts and signed conversions, so that every compiler, instruction set and device gives the same
 * bits. No branch, no table, no libm: loops over these functions vectorise. Coefficients come from
 * tools/minimax.py; the errors named here are the largest over all arguments, for activations over
 * a seventh of them, or for the power over 3 10^8 random ones. scalar.h has the same functions in
 * double; at the end esc_log and its fellows become the functions of the state's type, and
 * elementary_fast.h has what math: fast takes instead. No distributions here. */
#ifndef ESC_ELEMENTARY_H
#define ESC_ELEMENTARY_H

#include "kernels/rules/rule.h"
#include "kernels/rules/scalar.h"

/* Adding 3 * 2^22 rounds a float to the nearest integer, which is then in its low bits. */
#define ESC_ROUND_F32 12582912.0f

/* x 2^-power = 2^k z with z in [sqrt(1/2), sqrt 2); gives e = 2^23 k, as it stands in the bits, and
 * 2^raise z. x is positive and normal. */
ESC_RULE float esc_split_f32(float x, int power, int raise, float *z)
{
  const uint32_t bits = esc_bits_of_f32(x), unit = (uint32_t)power << 23;
  const uint32_t exponent = (bits - (0x3f3504f3 + unit)) & 0xff800000;
  *z = esc_f32_of_bits(bits - exponent + (((uint32_t)raise << 23) - unit));
  return (float)(int32_t)exponent;
}

/* s (k ln 2 + log(1 + f)) from e = 2^23 k and m = s f, 1 + f in [sqrt(1/2), sqrt 2]. s is a power
 * of two, with either sign: every coefficient takes its share of it, and every rounding is that of
 * s = 1. */
ESC_RULE float esc_log_split_f32(float s, float e, float m)
{
  const float r = 1.0f / s, r2 = r * r, r3 = r2 * r, r6 = r3 * r3;
  float g = -0.0735380277f * (r6 * r3);
  g = fmaf(g, m, 0.126151875f * (r6 * r2));
  g = fmaf(g, m, -0.132034585f * (r6 * r));
  g = fmaf(g, m, 0.142280996f * r6);
  g = fmaf(g, m, -0.166213155f * (r3 * r2));
  g = fmaf(g, m, 0.199997663f * (r3 * r));
  g = fmaf(g, m, -0.250008523f * r3);
  g = fmaf(g, m, 0.333333552f * r2);
  g = fmaf(g, m, -0.5f * r);
  return fmaf(e, s * 8.26295829e-08f /* 2^-23 ln 2 */, fmaf(g, m * m, m));
}

/* log x for positive normal x; log 1 is 0. 0.95 ulp. */
ESC_RULE float esc_log_f32(float x)
{
  float z;
  const float e = esc_split_f32(x, 0, 0, &z);
  return esc_log_split_f32(1.0f, e, z - 1.0f);
}

/* -2 log(x 2^-power) for positive normal x, as exact as esc_log_f32, for few instructions. */
ESC_RULE float esc_minus_two_log_f32(float x, int power)
{
  float twice;
  const float e = esc_split_f32(x, power, 1, &twice);
  return esc_log_split_f32(-2.0f, e, 2.0f - twice);
}

/* log(1 - d) for d in [0, 1/2]. 0.87 ulp. */
ESC_RULE float esc_log1m_f32(float d)
{
  const int near = d < 0.292893231f; /* 1 - sqrt(1/2); beyond it 1 - 2 d is exact */
  return esc_log_split_f32(1.0f, near ? 0.0f : -0x1p23f, near ? -d : 1.0f - 2.0f * d);
}

/* The square root of x, which is 0 or from 2^-100 to 2^100, correctly rounded, from h near
 * 1/(2 sqrt x), of relative error 2^-22.9 at most and finite at 0: one step by Heron, and the
 * product by 3/2 - 2 x h^2 takes away what the error of h leaves. Every h gives the bits of sqrtf
 * (tests/test_elementary.c). */
ESC_RULE float esc_root_from_seed(float x, float h)
{
  const float s = x * (h + h);
  const float rest = fmaf(-s, s, x), better = fmaf(-s, h, 1.5f);
  return fmaf(rest * better, h, s);
}

/* sqrt x for such x: on a GPU without the branch that others would need. */
ESC_RULE float esc_root_f32(float x)
{
#if defined(__CUDACC__)
  float h; /* 1/sqrt(4 x); at 0 it is 2^62.5 */
  asm("rsqrt.approx.ftz.f32 %0, %1;"
      : "=f"(h)
      : "f"(esc_f32_of_bits(esc_bits_of_f32(x) + 0x01000000)));
  return esc_root_from_seed(x, h);
#else
  return sqrtf(x);
#endif
}

/* exp f - 1 for |f| <= ln(2)/2. */
ESC_RULE float esc_expm1_near_f32(float f)
{
  float g = 0.00138624036f;
  g = fmaf(g, f, 0.00836667325f);
  g = fmaf(g, f, 0.0416675247f);
  g = fmaf(g, f, 0.16666542f);
  g = fmaf(g, f, 0.49999997f);
  return fmaf(g, f * f, f);
}

/* r 2^n, rounded once; round is n + ESC_ROUND_F32, -250 < n < 250. The halves of n + 2 * 127 are
 * the biased exponents of two factors of which neither leaves the normal range. */
ESC_RULE float esc_scale_f32(float r, float round)
{
  const uint32_t sum = esc_bits_of_f32(round) - (0x4b400000 - 2 * 127), half = sum >> 1;
  return r * esc_f32_of_bits(half << 23) * esc_f32_of_bits((sum - half) << 23);
}

/* exp x for any x. 1.04 ulp. */
ESC_RULE float esc_exp_f32(float x)
{
  x = x > 89.0f ? 89.0f : x; /* beyond these infinity and 0; a NaN passes */
  x = x < -104.0f ? -104.0f : x;
  const float round = fmaf(x, 1.44269502f, ESC_ROUND_F32), n = round - ESC_ROUND_F32;
  const float f = fmaf(n, -1.42860677e-6f, fmaf(n, -0.693145752f, x));
  return esc_scale_f32(1.0f + esc_expm1_near_f32(f), round);
}

/* exp x - 1 for any x. 1.52 ulp. */
ESC_RULE float esc_expm1_f32(float x)
{
  x = x > 89.0f ? 89.0f : x; /* beyond these infinity and -1; a NaN passes */
  x = x < -20.0f ? -20.0f : x;
  const float round = fmaf(x, 1.44269502f, ESC_ROUND_F32), n = round - ESC_ROUND_F32;
  const float r = esc_expm1_near_f32(fmaf(n, -1.42860677e-6f, fmaf(n, -0.693145752f, x)));
  /* 2^n r + (2^n - 1), by way of 2^(n - 1) because 2^128 is not a float; no scaling at n = 0 keeps
   * a denormal whole. */
  const float half = esc_f32_of_bits((esc_bits_of_f32(round) - (0x4b400000 - 126)) << 23);
  return n == 0.0f ? r : 2.0f * fmaf(half, r, half - 0.5f);
}

/* x^y for x >= 0 and any y, infinities included, as C's pow; NaN for x < 0. 2.4 ulp. log2 x is
 * carried in two floats: log2(1 + f) = 2/ln 2 (q + q z g(z)), q = f/(2 + f), z = q^2. */
ESC_RULE float esc_pow_f32(float x, float y)
{
  const int tiny = x < 1.17549435e-38f;
  float mantissa;
  const float exponent = esc_split_f32(tiny ? x * 16777216.0f : x, 0, 0, &mantissa);
  const float k = fmaf(exponent, 1.1920929e-7f /* 2^-23 */, tiny ? -24.0f : 0.0f);
  const float f = mantissa - 1.0f;
  const float inverse = 1.0f / (2.0f + f), qh = f * inverse;
  const float ql = inverse * fmaf(-qh, f, fmaf(-2.0f, qh, f)), z = qh * qh;
  float g = 0.120146051f;
  g = fmaf(g, z, 0.142550707f);
  g = fmaf(g, z, 0.20000425f);
  g = fmaf(g, z, 0.333333313f);
  /* (qh + ql) (1 + z g): 1 + 3 z g is nearly 1 + z. */
  const float tail = fmaf(g, qh * z, fmaf(ql, z, ql)), ah = qh + tail, al = (qh - ah) + tail;
  const float bh = ah * 2.88539004f;
  const float bl = fmaf(al, 2.88539004f, fmaf(ah, 3.85192607e-8f, fmaf(ah, 2.88539004f, -bh)));
  const float finite = k + bh, low = (bh - (finite - k)) + bl;
  /* 0 and infinity have their own logarithms, a NaN stays, and below 0 there is none. */
  const float infinity = esc_f32_of_bits(0x7f800000), none = infinity - infinity;
  const float edge = x == 0.0f ? -infinity : x > 0.0f ? x : none;
  const int usual = (x > 0.0f) & (x < infinity);
  const float high = usual ? finite : edge;

  /* y log2 x = n + e; then 2^n exp(e ln 2). */
  float ph = y * high;
  const int inside = fabsf(ph) < 160.0f;
  const float pl = inside ? fmaf(y, low, fmaf(y, high, -ph)) : 0.0f;
  ph = ph > 160.0f ? 160.0f : ph;
  ph = ph < -160.0f ? -160.0f : ph;
  const float round = ph + ESC_ROUND_F32, e = (ph - (round - ESC_ROUND_F32)) + pl;
  const float power = esc_scale_f32(1.0f + esc_expm1_near_f32(e * 0.693147182f), round);
  const int one = (x == 1.0f) | (y == 0.0f);
  return one ? 1.0f : power;
}

/* sin t and cos t for |t| <= pi/4. */
ESC_RULE void esc_sincos_near_f32(float t, float *s, float *c)
{
  const float z = t * t;
  float g = -0.000195187909f, h = 2.44325674e-5f;
  g = fmaf(g, z, 0.00833219197f);
  h = fmaf(h, z, -0.00138873106f);
  g = fmaf(g, z, -0.166666552f);
  h = fmaf(h, z, 0.0416666456f);
  h = fmaf(h, z, -0.5f);
  *s = fmaf(g, t * z, t);
  *c = fmaf(h, z, 1.0f);
}

/* sin(pi a) and cos(pi a) for |a| <= 2^23; NaN for what is not finite. 1.53 ulp. */
ESC_RULE void esc_sincospi_f32(float a, float *s, float *c)
{
  const float even =
      fmaf(a, 0.5f, ESC_ROUND_F32) - ESC_ROUND_F32; /* half the nearest even integer */
  const float b = fmaf(even, -2.0f, a);             /* in [-1, 1], exact */
  const float round = fmaf(b, 2.0f, ESC_ROUND_F32);
  const float t = fmaf(round - ESC_ROUND_F32, -0.5f, b); /* in [-1/4, 1/4], exact */
  float sine, cosine;
  esc_sincos_near_f32(fmaf(t, 3.14159274f, t * -8.74227766e-8f), &sine, &cosine);
  const uint32_t quadrant = esc_bits_of_f32(round); /* in the low two bits */
  const int odd = (quadrant & 1) != 0;
  const uint32_t sign = 0x80000000;
  *s = esc_f32_of_bits(esc_bits_of_f32(odd ? cosine : sine) ^ (quadrant << 30 & sign));
  *c = esc_f32_of_bits(esc_bits_of_f32(odd ? sine : cosine) ^ ((quadrant + 1) << 30 & sign));
}

/* sin(pi a) alone for |a| <= 2^22, by one polynomial; NaN for what is not finite. 2.2 ulp. */
ESC_RULE float esc_sinpi_f32(float a)
{
  const float round = a + ESC_ROUND_F32;
  const float r = a - (round - ESC_ROUND_F32); /* in [-1/2, 1/2], exact */
  const float z = r * r;
  float g = -0.00685878051f;
  g = fmaf(g, z, 0.081939213f);
  g = fmaf(g, z, -0.599226475f);
  g = fmaf(g, z, 2.55016088f);
  g = fmaf(g, z, -5.16771269f);
  const float sine = fmaf(r, 3.14159274f, r * fmaf(g, z, -8.74227766e-8f));
  return esc_f32_of_bits(esc_bits_of_f32(sine) ^ (esc_bits_of_f32(round) << 31));
}

/* The sine and cosine of a uniform angle, for the price of few instructions. The low 30 bits of
 * the word, read as a signed number v in [-2^29, 2^29), give t = 2 pi v / 2^32 in [-pi/4, pi/4);
 * bit 31 takes t to pi - t, then bit 30 takes the angle to pi/2 minus itself. All 2^32 words
 * together meet every angle 2 pi j / 2^32 once, but pi/4 never and 5 pi/4 twice. 2.76 ulp of the
 * exact angle's sine and cosine. */
ESC_RULE void esc_sincospi_word_f32(uint32_t word, float *s, float *c)
{
  float sine, cosine;
  esc_sincos_near_f32((float)(int32_t)(word << 2) * 3.6572953e-10f, &sine, &cosine); /* pi 2^-33 */
  cosine = esc_f32_of_bits(esc_bits_of_f32(cosine) ^ (word & 0x80000000));
  const int swap = esc_masked(word, 0x40000000) != 0;
  *s = swap ? cosine : sine;
  *c = swap ? sine : cosine;
}

/* tanh x for any x, by m = exp(-2|x|) - 1. 2.5 ulp. */
ESC_RULE float esc_tanh_f32(float x)
{
  const float m = esc_expm1_f32(-2.0f * fabsf(x));
  return copysignf(-m / (2.0f + m), x);
}

/* 1/(1 + exp(-x)) for any x; 0 below -88.7. 2.5 ulp. */
ESC_RULE float esc_sigmoid_f32(float x)
{
  return 1.0f / (1.0f + esc_exp_f32(-x));
}

/* log(1 + exp x) for any x. With s = 1 + e rounded, log(1 + e) = log(s) e/(s - 1) nearly (Kahan).
 * 2.8 ulp. */
ESC_RULE float esc_softplus_f32(float x)
{
  const float e = esc_exp_f32(-fabsf(x)), s = 1.0f + e, rest = s - 1.0f;
  const int tiny = rest == 0.0f;
  const float low = tiny ? e : esc_log_f32(s) * (e / (tiny ? 1.0f : rest));
  return (x > 0.0f ? x : 0.0f) + low;
}

#if defined(ESC_IS_FAST) && ESC_IS_FAST
#include "kernels/rules/elementary_fast.h"
#endif

/* The functions of the state's type. */
#if ESC_REAL_BITS == 64
#define esc_log      esc_log_f64
#define esc_log1m    esc_log1m_f64
#define esc_exp      esc_exp_f64
#define esc_expm1    esc_expm1_f64
#define esc_pow      esc_pow_f64
#define esc_sincospi esc_sincospi_f64
#define esc_tanh     esc_tanh_f64
#define esc_sigmoid  esc_sigmoid_f64
#define esc_softplus esc_softplus_f64
#else
#define esc_log      esc_log_f32
#define esc_log1m    esc_log1m_f32
#define esc_exp      esc_exp_f32
#define esc_expm1    esc_expm1_f32
#define esc_pow      esc_pow_f32
#define esc_sincospi esc_sincospi_f32
#define esc_tanh     esc_tanh_f32
#define esc_sigmoid  esc_sigmoid_f32
#define esc_softplus esc_softplus_f32
#endif

#endif
