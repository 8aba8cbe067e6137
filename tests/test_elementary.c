/* The functions of rules/elementary.h and rules/scalar.h against the long double of libm: the
 * errors in ulp that their comments state, exact values, and what happens at 0, infinity, NaN and
 * the ends of the range. Floats are swept with a fixed stride through their bit patterns, doubles
 * drawn from a fixed generator. Equality between compilers and instruction sets is tested with the
 * backends, not here. */
#include <criterion/criterion.h>
#include <float.h>

#include "kernels/rules/elementary.h"

static const long double pi = 3.14159265358979323846264338327950288L;
enum { draws = 200000 };

/* |got - expected| in units of the last place of a number of the given precision. */
static double ulps(long double got, long double expected, int digits, int lowest, long double top)
{
  if (isnan(expected))
    return isnan(got) ? 0.0 : HUGE_VAL;
  if (fabsl(expected) > top)
    return got == copysignl(HUGE_VALL, expected) ? 0.0 : HUGE_VAL;
  int exponent;
  frexpl(expected, &exponent);
  return (double)ldexpl(fabsl(got - expected), digits - (exponent < lowest ? lowest : exponent));
}

static double ulps_f32(float got, long double expected)
{
  return ulps((long double)got, expected, FLT_MANT_DIG, FLT_MIN_EXP, 0x1.ffffffp127L);
}

static double ulps_f64(double got, long double expected)
{
  return ulps((long double)got, expected, DBL_MANT_DIG, DBL_MIN_EXP, 0x1.fffffffffffff8p1023L);
}

static double larger(double a, double b)
{
  return a > b ? a : b;
}

/* splitmix64 */
static uint64_t state = 1;

static uint64_t draw(void)
{
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static double between(double low, double high)
{
  return low + (high - low) * ((double)(int64_t)(draw() >> 11) * 0x1p-53);
}

/* A positive double of any exponent from low to high. */
static double spread(int low, int high)
{
  return ldexp(between(1.0, 2.0), low + (int)(draw() % (uint64_t)(high - low)));
}

static float any_f32(void)
{
  return esc_f32_of_bits((uint32_t)draw() & 0x7fffffff);
}

/* The largest error over the floats with bit patterns from low to high. */
static double sweep(float (*ours)(float), long double (*exact)(long double), uint32_t low,
                    uint32_t high, uint32_t stride)
{
  double worst = 0.0;
  for (uint64_t bits = low; bits <= high; bits += stride) {
    const float x = esc_f32_of_bits((uint32_t)bits);
    worst = larger(worst, ulps_f32(ours(x), exact((long double)x)));
  }
  return worst;
}

static long double log1ml(long double d)
{
  return log1pl(-d);
}

static bool same_f32(float a, float b)
{
  return esc_bits_of_f32(a) == esc_bits_of_f32(b);
}

static bool same_f64(double a, double b)
{
  return esc_bits_of_f64(a) == esc_bits_of_f64(b);
}

/* sin(pi a) and cos(pi a), reduced exactly. */
static void exact_sincospi(long double a, long double *s, long double *c)
{
  const long double rest = remainderl(a, 2.0L), quarter = rintl(2.0L * rest);
  const long double t = pi * (rest - 0.5L * quarter);
  const int turn = (int)quarter & 3;
  const long double sine = turn & 1 ? cosl(t) : sinl(t), cosine = turn & 1 ? sinl(t) : cosl(t);
  *s = turn & 2 ? -sine : sine;
  *c = (turn + 1) & 2 ? -cosine : cosine;
}

Test(elementary, log_f32)
{
  cr_expect_lt(sweep(esc_log_f32, logl, 0x00800000, 0x7f7fffff, 4093), 1.0);
  cr_expect_lt(sweep(esc_log_f32, logl, 0x3f800000 - 70000, 0x3f800000 + 70000, 1), 1.0);
  cr_expect_lt(sweep(esc_log_f32, logl, 0x3f000000, 0x40000000, 61), 1.0);
  cr_expect(same_f32(esc_log_f32(1.0f), 0.0f));
}

Test(elementary, log1m_f32)
{
  cr_expect_lt(sweep(esc_log1m_f32, log1ml, 0, 0x3f000000, 2039), 1.0);
  cr_expect_lt(sweep(esc_log1m_f32, log1ml, 0x3e000000, 0x3f000000, 61), 1.0);
  cr_expect_eq(esc_log1m_f32(0.0f), 0.0f);
  cr_expect_eq(esc_log1m_f32(FLT_TRUE_MIN), -FLT_TRUE_MIN);
}

/* The same roundings, times -2. */
Test(elementary, minus_two_log_f32)
{
  for (uint32_t bits = 0x2f800000; bits <= 0x4f000000; bits += 1021) { /* 2^-32 to 2^31 */
    const float x = esc_f32_of_bits(bits), expected = -2.0f * esc_log_f32(x * 0x1p-31f);
    cr_assert(esc_minus_two_log_f32(x, 31) == expected, "%a", (double)x);
  }
  cr_expect(same_f32(esc_minus_two_log_f32(0x1p31f, 31), 0.0f));
}

/* Every seed within the error that PTX states of rsqrt.approx.f32, 2^-22.9, for every x of two
 * binades: others are these times a power of 4, which no rounding sees. */
static int64_t wrong_roots_of(float x)
{
  const double exact = 0.5 / sqrt((double)x), most = 1.27797652e-7 * exact;
  const float expected = sqrtf(x);
  int64_t wrong = 0;
  float h = nextafterf((float)(exact - most), 0.0f);
  for (; (double)h <= exact + most; h = esc_f32_of_bits(esc_bits_of_f32(h) + 1))
    wrong += (double)h >= exact - most && esc_root_from_seed(x, h) != expected;
  return wrong;
}

Test(elementary, root_from_every_seed)
{
  int64_t wrong = 0;
  for (uint32_t bits = 0x3f800000; bits < 0x40800000; bits++)
    wrong += wrong_roots_of(esc_f32_of_bits(bits));
  cr_expect_eq(wrong, 0, "%lld", (long long)wrong);
  cr_expect(wrong_roots_of(0x1.fffffep99f) == 0 && wrong_roots_of(0x1p-100f) == 0);
  cr_expect(same_f32(esc_root_from_seed(0.0f, 0x1.6a09e6p62f), 0.0f));
  cr_expect(same_f32(esc_root_f32(2.0f), sqrtf(2.0f)) && same_f32(esc_root_f32(0.0f), 0.0f));
}

Test(elementary, exp_f32)
{
  cr_expect_lt(sweep(esc_exp_f32, expl, 0, 0x7f800000, 4093), 1.1);
  cr_expect_lt(sweep(esc_exp_f32, expl, 0x80000000, 0xff800000, 4093), 1.1);
  cr_expect_lt(sweep(esc_exp_f32, expl, 0x3f000000, 0x42d00000, 97), 1.1);
  cr_expect_lt(sweep(esc_exp_f32, expl, 0xbf000000, 0xc2d10000, 97), 1.1); /* into denormals */
  cr_expect(same_f32(esc_exp_f32(0.0f), 1.0f));
  cr_expect(same_f32(esc_exp_f32(-HUGE_VALF), 0.0f));
  cr_expect_eq(esc_exp_f32(HUGE_VALF), HUGE_VALF);
  cr_expect(isnan(esc_exp_f32(NAN)));
}

Test(elementary, expm1_f32)
{
  cr_expect_lt(sweep(esc_expm1_f32, expm1l, 0, 0x7f800000, 4093), 1.6);
  cr_expect_lt(sweep(esc_expm1_f32, expm1l, 0x80000000, 0xff800000, 4093), 1.6);
  cr_expect_lt(sweep(esc_expm1_f32, expm1l, 0x3e000000, 0x42d00000, 97), 1.6);
  cr_expect_lt(sweep(esc_expm1_f32, expm1l, 0xbe000000, 0xc1a00000, 97), 1.6);
  cr_expect_eq(esc_expm1_f32(-0.0f), 0.0f);
  cr_expect_eq(esc_expm1_f32(FLT_TRUE_MIN), FLT_TRUE_MIN);
  cr_expect_eq(esc_expm1_f32(-HUGE_VALF), -1.0f);
  cr_expect_eq(esc_expm1_f32(HUGE_VALF), HUGE_VALF);
  cr_expect(isnan(esc_expm1_f32(NAN)));
}

Test(elementary, pow_f32)
{
  double worst = 0.0;
  for (int i = 0; i < draws; i++) {
    const float x = i & 1 ? any_f32() : (float)between(0.5, 2.0);
    const float y = (float)(between(-150.0, 130.0) / log2((double)x)),
                z = (float)between(-4.0, 4.0);
    worst = larger(worst, ulps_f32(esc_pow_f32(x, y), powl((long double)x, (long double)y)));
    worst = larger(worst, ulps_f32(esc_pow_f32(x, z), powl((long double)x, (long double)z)));
  }
  cr_expect_lt(worst, 2.6);
}

Test(elementary, pow_is_the_pow_of_c_at_its_corners)
{
  const float edges[] = {0.0f, FLT_TRUE_MIN, FLT_MIN, 0.5f, 1.0f, 2.0f, FLT_MAX, HUGE_VALF, NAN};
  const int count = (int)(sizeof edges / sizeof edges[0]);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++)
      for (int sign = -1; sign <= 1; sign += 2) {
        const float x = edges[i], y = (float)sign * edges[j];
        const double X = (double)x, Y = (double)y, power = pow(X, Y);
        const double error = ulps_f32(esc_pow_f32(x, y), (long double)power);
        cr_expect_lt(error, 2.6, "%a^%a is %a", X, Y, (double)esc_pow_f32(x, y));
        cr_expect_lt(ulps_f64(esc_pow_f64(X, Y), powl((long double)X, (long double)Y)), 1.3,
                     "%a^%a is %a", X, Y, esc_pow_f64(X, Y));
      }
  cr_expect(isnan(esc_pow_f32(-1.0f, 2.0f)) && isnan(esc_pow_f64(-1.0, 2.0)));
}

Test(elementary, sincospi_f32)
{
  double worst = 0.0;
  long double sine, cosine;
  float s, c;
  for (uint32_t bits = 0; bits <= 0x4b000000; bits += bits < 0x3e000000 ? 16381 : 509) {
    const float a = esc_f32_of_bits(bits);
    esc_sincospi_f32(a, &s, &c);
    exact_sincospi((long double)a, &sine, &cosine);
    worst = larger(worst, larger(ulps_f32(s, sine), ulps_f32(c, cosine)));
    float minus, same;
    esc_sincospi_f32(-a, &minus, &same);
    cr_assert(minus == -s && same == c, "not odd and even at %a", (double)a);
  }
  cr_expect_lt(worst, 1.6);
  esc_sincospi_f32(8388607.0f, &s, &c);
  cr_expect(s == 0.0f && c == -1.0f);
  esc_sincospi_f32(HUGE_VALF, &s, &c);
  cr_expect(isnan(s) && isnan(c));
}

Test(elementary, sincospi_word_f32)
{
  double worst = 0.0;
  for (uint64_t word = 0; word <= UINT32_MAX; word += 8191) {
    float s, c;
    esc_sincospi_word_f32((uint32_t)word, &s, &c);
    const int32_t v = (int32_t)((uint32_t)word << 2); /* times 4 */
    long double angle = (long double)v / 4294967296.0L * 0.5L;
    angle = word & 0x80000000 ? 1.0L - angle : angle;
    angle = word & 0x40000000 ? 0.5L - angle : angle;
    long double sine, cosine;
    exact_sincospi(angle, &sine, &cosine);
    worst = larger(worst, larger(ulps_f32(s, sine), ulps_f32(c, cosine)));
  }
  cr_expect_lt(worst, 2.9);
}

/* Evenly spaced words are evenly spaced angles: the sums of their cosines and sines, and of those
 * of twice and four times the angle, vanish. */
Test(elementary, words_make_a_uniform_angle)
{
  double sums[6] = {0.0};
  for (uint32_t i = 0; i < 65536; i++) {
    float sf, cf;
    esc_sincospi_word_f32(i << 16 | 0x8000, &sf, &cf);
    const double s = (double)sf, c = (double)cf, c2 = c * c - s * s, s2 = 2.0 * s * c;
    sums[0] += s;
    sums[1] += c;
    sums[2] += s2;
    sums[3] += c2;
    sums[4] += 2.0 * s2 * c2;
    sums[5] += c2 * c2 - s2 * s2;
  }
  for (int i = 0; i < 6; i++)
    cr_expect_lt(fabs(sums[i]), 1.0, "moment %d is %g", i, sums[i]);
}

Test(scalar, logarithms)
{
  double worst = 0.0;
  for (int i = 0; i < draws; i++) {
    const double x = i & 1 ? spread(-1022, 1023) : between(0.5, 2.0);
    const double d = i & 1 ? spread(-1022, -1) : between(0.0, 0.5);
    worst = larger(worst, ulps_f64(esc_log_f64(x), logl((long double)x)));
    worst = larger(worst, ulps_f64(esc_log1m_f64(d), log1ml((long double)d)));
  }
  cr_expect_lt(worst, 0.9);
  cr_expect(same_f64(esc_log_f64(1.0), 0.0));
  cr_expect_eq(esc_log1m_f64(0.0), 0.0);
  cr_expect_eq(esc_log1m_f64(DBL_TRUE_MIN), -DBL_TRUE_MIN);
}

static long double sigmoidl(long double x)
{
  return x > 0.0L ? 1.0L / (1.0L + expl(-x)) : expl(x) / (1.0L + expl(x));
}

static long double softplusl(long double x)
{
  return (x > 0.0L ? x : 0.0L) + log1pl(expl(-fabsl(x)));
}

Test(elementary, activations_f32)
{
  const uint32_t minus = 0x80000000;
  cr_expect_lt(sweep(esc_tanh_f32, tanhl, 0, 0x7f800000, 4093), 2.6);
  cr_expect_lt(sweep(esc_tanh_f32, tanhl, 0x3e000000, 0x41200000, 197), 2.6);
  cr_expect_lt(sweep(esc_sigmoid_f32, sigmoidl, 0, 0x7f800000, 4093), 2.6);
  cr_expect_lt(sweep(esc_sigmoid_f32, sigmoidl, minus, 0xc2b00000, 4093), 2.6); /* to -88 */
  cr_expect_lt(sweep(esc_sigmoid_f32, sigmoidl, minus | 0x3e000000, 0xc2b00000, 197), 2.6);
  cr_expect_lt(sweep(esc_softplus_f32, softplusl, 0, 0x7f7fffff, 4093), 2.9);
  cr_expect_lt(sweep(esc_softplus_f32, softplusl, minus, 0xc2ae0000, 4093), 2.9); /* to -87 */
  cr_expect_lt(sweep(esc_softplus_f32, softplusl, minus | 0x3e000000, 0xc2ae0000, 197), 2.9);
  cr_expect(same_f32(esc_tanh_f32(-0.0f), -0.0f) && esc_tanh_f32(FLT_TRUE_MIN) == FLT_TRUE_MIN);
  cr_expect(esc_tanh_f32(HUGE_VALF) == 1.0f && esc_tanh_f32(-HUGE_VALF) == -1.0f);
  cr_expect(esc_sigmoid_f32(HUGE_VALF) == 1.0f && esc_sigmoid_f32(-HUGE_VALF) == 0.0f);
  cr_expect(esc_softplus_f32(HUGE_VALF) == HUGE_VALF && esc_softplus_f32(-HUGE_VALF) == 0.0f);
  cr_expect(isnan(esc_tanh_f32(NAN)) && isnan(esc_sigmoid_f32(NAN)) &&
            isnan(esc_softplus_f32(NAN)));
}

Test(scalar, activations)
{
  double tanh_worst = 0.0, sigmoid_worst = 0.0, softplus_worst = 0.0;
  for (int i = 0; i < draws; i++) {
    const double x = i % 3 == 0 ? between(-20.0, 20.0)
                     : i & 1    ? between(-2.0, 2.0)
                                : spread(-1074, 9);
    const double y = x < -700.0 ? -700.0 : x;
    tanh_worst = larger(tanh_worst, ulps_f64(esc_tanh_f64(x), tanhl((long double)x)));
    sigmoid_worst = larger(sigmoid_worst, ulps_f64(esc_sigmoid_f64(y), sigmoidl((long double)y)));
    softplus_worst =
        larger(softplus_worst, ulps_f64(esc_softplus_f64(y), softplusl((long double)y)));
  }
  cr_expect_lt(tanh_worst, 2.7);
  cr_expect_lt(sigmoid_worst, 2.4);
  cr_expect_lt(softplus_worst, 3.0);
  cr_expect(esc_tanh_f64(HUGE_VAL) == 1.0 && esc_tanh_f64(-HUGE_VAL) == -1.0);
  cr_expect(esc_sigmoid_f64(-HUGE_VAL) == 0.0 && esc_softplus_f64(HUGE_VAL) == HUGE_VAL);
  cr_expect(isnan(esc_tanh_f64((double)NAN)) && isnan(esc_sigmoid_f64((double)NAN)) &&
            isnan(esc_softplus_f64((double)NAN)));
}

Test(scalar, exponentials)
{
  double worst = 0.0, worst_less_1 = 0.0;
  for (int i = 0; i < draws; i++) {
    const double x = i & 1 ? between(-750.0, 712.0) : between(-2.0, 2.0);
    const double tiny = spread(-1074, 0);
    worst = larger(worst, ulps_f64(esc_exp_f64(x), expl((long double)x)));
    worst_less_1 = larger(worst_less_1, ulps_f64(esc_expm1_f64(x), expm1l((long double)x)));
    worst_less_1 = larger(worst_less_1, ulps_f64(esc_expm1_f64(tiny), expm1l((long double)tiny)));
  }
  cr_expect_lt(worst, 1.0);
  cr_expect_lt(worst_less_1, 1.9);
  cr_expect(same_f64(esc_exp_f64(0.0), 1.0) && esc_expm1_f64(-0.0) == 0.0);
  cr_expect(same_f64(esc_exp_f64(-HUGE_VAL), 0.0) && esc_exp_f64(HUGE_VAL) == HUGE_VAL);
  cr_expect(esc_expm1_f64(-HUGE_VAL) == -1.0 && esc_expm1_f64(HUGE_VAL) == HUGE_VAL);
  cr_expect(isnan(esc_exp_f64((double)NAN)) && isnan(esc_expm1_f64((double)NAN)));
}

Test(scalar, pow_f64)
{
  double worst = 0.0;
  for (int i = 0; i < draws; i++) {
    const double x = i & 1 ? spread(-1074, 1023) : 1.0 + ldexp(between(-0.5, 0.5), -(i % 47));
    const double y = between(-1080.0, 1025.0) / log2(x), z = between(-4.0, 4.0);
    worst = larger(worst, ulps_f64(esc_pow_f64(x, y), powl((long double)x, (long double)y)));
    worst = larger(worst, ulps_f64(esc_pow_f64(x, z), powl((long double)x, (long double)z)));
  }
  cr_expect_lt(worst, 1.3);
}

Test(scalar, sincospi_f64)
{
  double worst = 0.0;
  long double sine, cosine;
  double s, c;
  for (int i = 0; i < draws; i++) {
    const double a = i & 1 ? spread(-1000, 52) : between(-4.0, 4.0);
    esc_sincospi_f64(a, &s, &c);
    exact_sincospi((long double)a, &sine, &cosine);
    worst = larger(worst, larger(ulps_f64(s, sine), ulps_f64(c, cosine)));
  }
  cr_expect_lt(worst, 1.6);
  esc_sincospi_f64(4503599627370495.0, &s, &c);
  cr_expect(s == 0.0 && c == -1.0);
  esc_sincospi_f64(-HUGE_VAL, &s, &c);
  cr_expect(isnan(s) && isnan(c));
}

Test(scalar, atan_f64)
{
  double worst = 0.0;
  for (int i = 0; i < draws; i++) {
    const double x = i & 1 ? spread(-1074, 1023) : between(-4.0, 4.0);
    worst = larger(worst, ulps_f64(esc_atan_f64(x), atanl((long double)x)));
  }
  cr_expect_lt(worst, 1.9);
  cr_expect(same_f64(esc_atan_f64(-0.0), -0.0) && esc_atan_f64(DBL_TRUE_MIN) == DBL_TRUE_MIN);
  cr_expect(esc_atan_f64(HUGE_VAL) == 0x1.921fb54442d18p+0 &&
            esc_atan_f64(-HUGE_VAL) == -0x1.921fb54442d18p+0);
  cr_expect(isnan(esc_atan_f64((double)NAN)));
}
