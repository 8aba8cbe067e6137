/* Logarithm, exponential, power, sine, cosine, arc tangent and activations in double, out of
 * + - * /, fma and bit casts, so that every compiler, instruction set and device gives the same
 * bits: for the scalars of a step and for states kept in double. No branch, no table, no libm:
 * loops over these functions vectorise. Coefficients come from tools/minimax.py; the errors named
 * here are the largest seen on some 10^7 random arguments of each. elementary.h has the same
 * functions in float. */
#ifndef ESC_SCALAR_H
#define ESC_SCALAR_H

#include "kernels/rules/rule.h"

/* Adding 3 * 2^51 rounds a double to the nearest integer, which is then in its low bits. */
#define ESC_ROUND_F64 6755399441055744.0

/* x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt 2); gives k. x is positive and normal. */
ESC_RULE double esc_split_f64(double x, double *f)
{
  const uint64_t low = 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
  const uint64_t bits = esc_bits_of_f64(x) + (0x3ff0000000000000 - low);
  *f = esc_f64_of_bits((bits & 0x000fffffffffffff) + low) - 1.0;
  /* The exponent, still biased by 1023, as the low bits of 2^52. */
  return esc_f64_of_bits(0x4330000000000000 | bits >> 52) - (4503599627370496.0 + 1023.0);
}

/* k ln 2 + log(1 + f), 1 + f in [sqrt(1/2), sqrt 2]. With q = f/(2 + f) and z = q^2,
 * log(1 + f) = f - (f^2/2 - q (f^2/2 + z g(z))): f, the leading term, is never rounded. */
ESC_RULE double esc_log_split_f64(double k, double f)
{
  const double q = f / (2.0 + f), z = q * q, half = (0.5 * f) * f;
  double g = 0.14797364051497042;
  g = fma(g, z, 0.15313895685114728);
  g = fma(g, z, 0.18183571058687753);
  g = fma(g, z, 0.22222198426135864);
  g = fma(g, z, 0.28571428744061961);
  g = fma(g, z, 0.39999999999405483);
  g = fma(g, z, 0.66666666666667362);
  const double low = fma(q, fma(g, z, half), k * 2.3190468138462996e-17);
  return fma(k, 0.69314718055994529, f - (half - low));
}

/* log x for positive normal x; log 1 is 0. 0.85 ulp. */
ESC_RULE double esc_log_f64(double x)
{
  double f;
  const double k = esc_split_f64(x, &f);
  return esc_log_split_f64(k, f);
}

/* log(1 - d) for d in [0, 1/2]. 0.85 ulp. */
ESC_RULE double esc_log1m_f64(double d)
{
  const int near = d < 0.29289321881345248; /* 1 - sqrt(1/2); beyond it 1 - 2 d is exact */
  return esc_log_split_f64(near ? 0.0 : -1.0, near ? -d : 1.0 - 2.0 * d);
}

/* exp f - 1 for |f| <= ln(2)/2. */
ESC_RULE double esc_expm1_near_f64(double f)
{
  double g = 2.0886569474645441e-09;
  g = fma(g, f, 2.510911475205194e-08);
  g = fma(g, f, 2.755736198488399e-07);
  g = fma(g, f, 2.7557243943407219e-06);
  g = fma(g, f, 2.4801587227536198e-05);
  g = fma(g, f, 0.00019841269886447559);
  g = fma(g, f, 0.0013888888888928335);
  g = fma(g, f, 0.0083333333333214712);
  g = fma(g, f, 0.041666666666666602);
  g = fma(g, f, 0.16666666666666677);
  g = fma(g, f, 0.5);
  return fma(g, f * f, f);
}

/* r 2^n, rounded once; round is n + ESC_ROUND_F64, -2000 < n < 2000. The halves of n + 2 * 1023
 * are the biased exponents of two factors of which neither leaves the normal range. */
ESC_RULE double esc_scale_f64(double r, double round)
{
  const uint64_t sum = esc_bits_of_f64(round) - (0x4338000000000000 - 2 * 1023), half = sum >> 1;
  return r * esc_f64_of_bits(half << 52) * esc_f64_of_bits((sum - half) << 52);
}

/* exp x for any x. 0.98 ulp. */
ESC_RULE double esc_exp_f64(double x)
{
  x = x > 710.0 ? 710.0 : x; /* beyond these infinity and 0; a NaN passes */
  x = x < -746.0 ? -746.0 : x;
  const double round = fma(x, 1.4426950408889634, ESC_ROUND_F64), n = round - ESC_ROUND_F64;
  const double f = fma(n, -1.6465949582897082e-12, fma(n, -0.69314718055829871, x));
  return esc_scale_f64(1.0 + esc_expm1_near_f64(f), round);
}

/* exp x - 1 for any x. 1.83 ulp. */
ESC_RULE double esc_expm1_f64(double x)
{
  x = x > 710.0 ? 710.0 : x; /* beyond these infinity and -1; a NaN passes */
  x = x < -40.0 ? -40.0 : x;
  const double round = fma(x, 1.4426950408889634, ESC_ROUND_F64), n = round - ESC_ROUND_F64;
  const double r =
      esc_expm1_near_f64(fma(n, -1.6465949582897082e-12, fma(n, -0.69314718055829871, x)));
  /* 2^n r + (2^n - 1), by way of 2^(n - 1) because 2^1024 is not a number; no scaling at n = 0
   * keeps a denormal whole. */
  const double half = esc_f64_of_bits((esc_bits_of_f64(round) - (0x4338000000000000 - 1022)) << 52);
  return n == 0.0 ? r : 2.0 * fma(half, r, half - 0.5);
}

/* x^y for x >= 0 and any y, infinities included, as C's pow; NaN for x < 0. 1.25 ulp. log2 x is
 * carried in two doubles: log2(1 + f) = 2/ln 2 (q + q z (1/3 + z h(z))), q = f/(2 + f), z = q^2. */
ESC_RULE double esc_pow_f64(double x, double y)
{
  const int tiny = x < 2.2250738585072014e-308;
  double f;
  const double k = esc_split_f64(tiny ? x * 18014398509481984.0 : x, &f) - (tiny ? 54.0 : 0.0);
  const double inverse = 1.0 / (2.0 + f), qh = f * inverse;
  const double ql = inverse * fma(-qh, f, fma(-2.0, qh, f));
  const double zh = qh * qh, zl = fma(2.0 * qh, ql, fma(qh, qh, -zh));
  double h = 0.05999201689426352;
  h = fma(h, zh, 0.05836788995776019);
  h = fma(h, zh, 0.066681926673903144);
  h = fma(h, zh, 0.07692277442329909);
  h = fma(h, zh, 0.090909094517964528);
  h = fma(h, zh, 0.11111111108610043);
  h = fma(h, zh, 0.14285714285723336);
  h = fma(h, zh, 0.19999999999999987);
  const double gh = fma(h, zh, 0.33333333333333331);
  const double gl = fma(h, zh, 0.33333333333333331 - gh) + 1.8503717077085941e-17;
  const double ch = zh * gh, cl = fma(zl, gh, fma(zh, gl, fma(zh, gh, -ch)));
  const double th = qh * ch, tl = fma(ql, ch, fma(qh, cl, fma(qh, ch, -th)));
  const double ah = qh + th, al = ((qh - ah) + th) + (ql + tl);
  const double bh = ah * 2.8853900817779268;
  const double bl = fma(al, 2.8853900817779268,
                        fma(ah, 4.0710547481862066e-17, fma(ah, 2.8853900817779268, -bh)));
  const double finite = k + bh, low = (bh - (finite - k)) + bl;
  /* 0 and infinity have their own logarithms, a NaN stays, and below 0 there is none. */
  const double infinity = esc_f64_of_bits(0x7ff0000000000000), none = infinity - infinity;
  const double edge = x == 0.0 ? -infinity : x > 0.0 ? x : none;
  const int usual = (x > 0.0) & (x < infinity);
  const double high = usual ? finite : edge;

  /* y log2 x = n + e; then 2^n exp(e ln 2). */
  double ph = y * high;
  const int inside = fabs(ph) < 1100.0;
  const double pl = inside ? fma(y, low, fma(y, high, -ph)) : 0.0;
  ph = ph > 1100.0 ? 1100.0 : ph;
  ph = ph < -1100.0 ? -1100.0 : ph;
  const double round = ph + ESC_ROUND_F64, e = (ph - (round - ESC_ROUND_F64)) + pl;
  const double power = esc_scale_f64(
      1.0 + esc_expm1_near_f64(fma(e, 0.69314718055994529, e * 2.3190468138462996e-17)), round);
  const int one = (x == 1.0) | (y == 0.0);
  return one ? 1.0 : power;
}

/* sin t and cos t for |t| <= pi/4. */
ESC_RULE void esc_sincos_near_f64(double t, double *s, double *c)
{
  const double z = t * t;
  double g = 1.5896212192251674e-10, h = -1.1357969738993206e-11;
  g = fma(g, z, -2.5050746801786289e-08);
  h = fma(h, z, 2.0875688861539392e-09);
  g = fma(g, z, 2.7557313608991763e-06);
  h = fma(h, z, -2.7557314081536549e-07);
  g = fma(g, z, -0.00019841269829525105);
  h = fma(h, z, 2.4801587288469672e-05);
  g = fma(g, z, 0.008333333333321976);
  h = fma(h, z, -0.0013888888888872349);
  g = fma(g, z, -0.1666666666666663);
  h = fma(h, z, 0.041666666666666588);
  h = fma(h, z, -0.5);
  *s = fma(g, t * z, t);
  *c = fma(h, z, 1.0);
}

/* sin(pi a) and cos(pi a) for |a| <= 2^52; NaN for what is not finite. 1.50 ulp. */
ESC_RULE void esc_sincospi_f64(double a, double *s, double *c)
{
  const double even =
      fma(a, 0.5, ESC_ROUND_F64) - ESC_ROUND_F64; /* half the nearest even integer */
  const double b = fma(even, -2.0, a);            /* in [-1, 1], exact */
  const double round = fma(b, 2.0, ESC_ROUND_F64);
  const double t = fma(round - ESC_ROUND_F64, -0.5, b); /* in [-1/4, 1/4], exact */
  double sine, cosine;
  esc_sincos_near_f64(fma(t, 3.1415926535897931, t * 1.2246467991473532e-16), &sine, &cosine);
  const uint64_t quadrant = esc_bits_of_f64(round); /* in the low two bits */
  const int odd = (quadrant & 1) != 0;
  const uint64_t sign = 0x8000000000000000;
  *s = esc_f64_of_bits(esc_bits_of_f64(odd ? cosine : sine) ^ (quadrant << 62 & sign));
  *c = esc_f64_of_bits(esc_bits_of_f64(odd ? sine : cosine) ^ ((quadrant + 1) << 62 & sign));
}

/* atan x for any x: |x| moves below tan(pi/8) by t = x, (x - 1)/(x + 1) or -1/x.
 * 1.80 ulp. */
ESC_RULE double esc_atan_f64(double x)
{
  const double a = fabs(x);
  const int small = a<0.41421356237309503, large = a> 2.4142135623730949;
  const double over = small ? a : large ? -1.0 : a - 1.0;
  const double under = small ? 1.0 : large ? a : a + 1.0;
  const double angle = small ? 0.0 : large ? 1.5707963267948966 : 0.78539816339744828;
  const double t = over / under, z = t * t;
  double g = -0.017882083116205441;
  g = fma(g, z, 0.038039995763836008);
  g = fma(g, z, -0.050382651131088495);
  g = fma(g, z, 0.058476399285567311);
  g = fma(g, z, -0.066630667629763385);
  g = fma(g, z, 0.076920566167496401);
  g = fma(g, z, -0.090908975334772782);
  g = fma(g, z, 0.1111111077469021);
  g = fma(g, z, -0.14285714279995188);
  g = fma(g, z, 0.19999999999951215);
  g = fma(g, z, -0.33333333333333187);
  /* angle's own rounding error is angle * 3.9e-17. */
  const double low = fma(g, t * z, angle * 3.8981718325193755e-17);
  return copysign(angle + (t + low), x);
}

/* tanh x for any x, by m = exp(-2|x|) - 1. 2.7 ulp. */
ESC_RULE double esc_tanh_f64(double x)
{
  const double m = esc_expm1_f64(-2.0 * fabs(x));
  return copysign(-m / (2.0 + m), x);
}

/* 1/(1 + exp(-x)) for any x; 0 below -709. 2.3 ulp. */
ESC_RULE double esc_sigmoid_f64(double x)
{
  return 1.0 / (1.0 + esc_exp_f64(-x));
}

/* log(1 + exp x) for any x. With s = 1 + e rounded, log(1 + e) = log(s) e/(s - 1) nearly (Kahan).
 * 2.9 ulp. */
ESC_RULE double esc_softplus_f64(double x)
{
  const double e = esc_exp_f64(-fabs(x)), s = 1.0 + e, rest = s - 1.0;
  const int tiny = rest == 0.0;
  const double low = tiny ? e : esc_log_f64(s) * (e / (tiny ? 1.0 : rest));
  return (x > 0.0 ? x : 0.0) + low;
}

#endif
