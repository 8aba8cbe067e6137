/* Estimates: intervals against values from SciPy, the bins of times, exact sums against 128-bit
 * integers and against sums that are known, quantiles against sorted samples. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/estimate.h"
#include "host/intervals.h"
#include "tests/support.h"
#include "tests/support_sums.h"

static int near(double a, double b, double relative)
{
  return a == b || fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

/* --- intervals
 * -------------------------------------------------------------------------------------- */

/* scipy.stats.binomtest(k, n).proportion_ci(method="wilson") */
Test(intervals, wilson)
{
  static const struct {
    int64_t count, total;
    double low, high;
  } known[] = {
      {0, 10, 0.0, 0.277532799862889},
      {10, 10, 0.722467200137111, 1.0},
      {1, 10, 0.0178762130950729, 0.404150026795238},
      {5, 10, 0.236593090512564, 0.763406909487436},
      {3, 1000, 0.00102078388113862, 0.00878301405350317},
      {500000, 1000000, 0.499020019890005, 0.500979980109995},
      {1, 1000000000, 1.76524554956963e-10, 5.66493424329744e-09},
  };
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    const esc_estimate share = esc_wilson(known[k].count, known[k].total);
    cr_assert(share.value == (double)known[k].count / (double)known[k].total);
    cr_assert(near(share.low, known[k].low, 1e-9) && near(share.high, known[k].high, 1e-12),
              "%lld of %lld: [%.15g, %.15g]", (long long)known[k].count, (long long)known[k].total,
              share.low, share.high);
    cr_assert(share.low <= share.value && share.value <= share.high);
  }
  cr_assert(isnan(esc_wilson(0, 0).value));
}

/* scipy.stats.beta.ppf */
Test(intervals, beta_quantile)
{
  static const struct {
    double p, a, b, x;
  } known[] = {
      {0.025, 1, 1, 0.025},
      {0.025, 10, 91, 0.049004689221485952},
      {0.975, 11, 90, 0.17622259774002266},
      {0.025, 100, 9901, 0.0081435965676110653},
      {0.975, 101, 9900, 0.012149504886061608},
      {0.5, 2.5, 3.5, 0.40684494089319373},
      {0.025, 5, 1e9, 1.6234863855535938e-09},
      {0.975, 6, 1e9, 1.166833198073816e-08},
      {0.001, 0.5, 0.5, 2.4673990709169446e-06},
      {0.025, 1000, 1e6, 0.00093806405381935409},
      {0.975, 1, 3, 0.70759822617871326},
      {0.025, 99999, 1e12, 9.9380145855615261e-08},
      {0.975, 3, 2, 0.93241401351145703},
  };
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    const double x = esc_beta_quantile(known[k].p, known[k].a, known[k].b);
    cr_assert(near(x, known[k].x, 1e-8), "B(%g, %g) at %g: %.15g, expected %.15g", known[k].a,
              known[k].b, known[k].p, x, known[k].x);
  }
}

/* Clopper and Pearson, by scipy.stats.beta. */
Test(intervals, rate)
{
  static const struct {
    int64_t events;
    double at_risk, low, high;
  } known[] = {
      {0, 100, 0.0, 0.0362166926451764},
      {1, 100, 0.000253146032977421, 0.0544593853920806},
      {7, 20, 0.153909204784541, 0.592188534532828},
      {100, 100, 0.963783307354824, 1.0},
      {50, 123456, 0.00030061520629711, 0.000533911001152881},
      {90000, 1e12, 8.94129585562263e-08, 9.05899390142201e-08},
      {3, 1e12, 6.18672122896029e-13, 8.7672730697171e-12},
      {200000, 1e7, 0.0199133176726704, 0.0200869603930887},
  };
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    const esc_estimate rate = esc_rate(known[k].events, known[k].at_risk);
    /* above 1e5 events the normal interval serves, right to a hundredth of its width; at 1e12 steps
     * 1 - x has but few digits of x */
    const double close = known[k].events > 100000 ? 1e-5 : known[k].at_risk > 1e10 ? 2e-6 : 1e-7;
    cr_assert(rate.value == (double)known[k].events / known[k].at_risk);
    cr_assert(near(rate.low, known[k].low, close) && near(rate.high, known[k].high, close),
              "%lld in %g: [%.12g, %.12g], expected [%.12g, %.12g]", (long long)known[k].events,
              known[k].at_risk, rate.low, rate.high, known[k].low, known[k].high);
  }
  cr_assert(isnan(esc_rate(0, 0.0).value));
}

/* The chi-square interval of a variance, and Fisher's z. */
Test(intervals, variance_and_correlation)
{
  static const struct {
    int64_t count;
    double low, high;
  } variances[] = {{20, 0.578345639868008, 2.13326950423597},
                   {100, 0.770896020576056, 1.34948939876382},
                   {10000, 0.972849310067804, 1.02830885880806},
                   {1000000, 0.997233969291551, 1.00277760797661}};
  for (int k = 0; k < 4; k++) {
    const esc_estimate v = esc_variance_interval(3.0, variances[k].count);
    cr_assert(v.value == 3.0 && near(v.low, 3.0 * variances[k].low, 1e-3) &&
                  near(v.high, 3.0 * variances[k].high, 3e-3),
              "%lld: [%g, %g]", (long long)variances[k].count, v.low, v.high);
  }
  const esc_estimate r = esc_correlation_interval(-0.9, 1000);
  cr_assert(near(r.low, -0.911156237097856, 1e-12) && near(r.high, -0.887525303953319, 1e-12));
  const esc_estimate zero = esc_correlation_interval(0.0, 10);
  cr_assert(near(zero.high, 0.629626300388329, 1e-12) && zero.low == -zero.high);
  cr_assert(isnan(esc_correlation_interval(0.5, 3).value));
  const esc_estimate mean = esc_mean_interval(5.0, 2.0, 400);
  cr_assert(near(mean.high - 5.0, 0.1959963984540054, 1e-12) &&
            near(5.0 - mean.low, mean.high - 5.0, 1e-12));
}

/* P(low < B <= high), B the number of values below the true quantile: what the interval covers. */
static double coverage(double q, int64_t n, int64_t low, int64_t high)
{
  double sum = 0.0;
  for (int64_t k = low + 1; k <= high; k++)
    sum += exp(lgamma((double)n + 1.0) - lgamma((double)k + 1.0) - lgamma((double)(n - k) + 1.0) +
               (double)k * log(q) + (double)(n - k) * log1p(-q));
  return sum;
}

Test(intervals, order_statistics)
{
  static const double shares[] = {0.05, 0.5, 0.95};
  static const int64_t counts[] = {100, 1000, 30000};
  for (int s = 0; s < 3; s++)
    for (int k = 0; k < 3; k++) {
      int64_t low, high;
      esc_quantile_ranks(shares[s], counts[k], &low, &high);
      cr_assert(low >= -1 && low <= high && high <= counts[k]);
      const double covered = coverage(shares[s], counts[k], low, high);
      cr_assert(covered > 0.945 && covered < 0.99, "%g of %lld: %g", shares[s],
                (long long)counts[k], covered);
    }
  int64_t low, high;
  esc_quantile_ranks(0.05, 3, &low, &high); /* three values bound no 5 % point from below */
  cr_assert(low == -1 && high == 1);
  esc_quantile_ranks(0.95, 3, &low, &high);
  cr_assert(low == 1 && high == 3);
}

/* --- times
 * ------------------------------------------------------------------------------------------- */

/* Bins tile the whole numbers; below 256 each is one, then 128 to the octave. */
Test(times, bins)
{
  int bin = 0;
  for (int64_t edge = 0; edge < (int64_t)1 << 31; bin++) {
    const int64_t next = esc_time_bin_edge(bin + 1);
    cr_assert_eq(esc_time_bin_edge(bin), edge, "bin %d begins at %lld", bin,
                 (long long)esc_time_bin_edge(bin));
    cr_assert_eq(esc_time_bin(edge), bin);
    cr_assert_eq(esc_time_bin(next - 1), bin);
    cr_assert(edge < 256 ? next == edge + 1
                         : (next - edge) * 128 <= edge && (next - edge) * 256 > edge);
    edge = next;
  }
  cr_assert_eq(bin, 256 + (31 - 8) * 128);
}

static int rising(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Mean, sd and quantiles of times against the samples they come from. */
Test(times, of_samples)
{
  static const double shares[3] = {0.05, 0.5, 0.95};
  enum { N = 20000 };
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1);
  support_start_at(&c, -1.0);
  c.experiment.outside[1] = 0.0;
  c.experiment.trajectories = N;
  c.experiment.stop_steps = 1000000;
  c.observe.samples = 1;
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const esc_times *const times = &report->exit_steps;
  int64_t *const sorted = malloc(N * sizeof *sorted);
  cr_assert(sorted);
  memcpy(sorted, report->sample_steps, N * sizeof *sorted);
  qsort(sorted, N, sizeof *sorted, rising);
  long double sum = 0.0L, squares = 0.0L;
  for (int i = 0; i < N; i++) {
    sum += (long double)sorted[i];
    squares += (long double)sorted[i] * (long double)sorted[i];
  }
  const double mean = (double)(sum / N), sd = (double)sqrtl((squares - sum * sum / N) / (N - 1));
  cr_assert(near(times->mean.value, mean, 1e-14), "%.17g, %.17g", times->mean.value, mean);
  cr_assert(near(times->sd, sd, 1e-12), "%.17g, %.17g", times->sd, sd);
  cr_assert(near(times->mean.high - mean, ESC_Z95 * sd / sqrt((double)N), 1e-9));
  for (int k = 0; k < 3; k++) {
    const esc_estimate *const q = &times->quantiles[k];
    const double exact = (double)sorted[(int)ceil(shares[k] * N) - 1];
    cr_assert(q->low <= exact && exact <= q->high, "quantile %g: [%g, %g], %g", shares[k], q->low,
              q->high, exact);
    cr_assert(fabs(q->value - exact) <= exact / 128.0 + 0.5, "quantile %g: %g, %g", shares[k],
              q->value, exact);
  }
  free(sorted);
  esc_result_free(result);
  esc_device_close(device);
}

/* Times that run out: no mean, no quantile that was not reached, a restricted mean. */
Test(times, censored)
{
  enum { N = 20000 };
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1);
  support_start_at(&c, -1.0);
  c.experiment.outside[1] = 0.0;
  c.experiment.trajectories = N;
  c.experiment.stop_steps = 2000; /* the mean is 4169 */
  c.observe.samples = 1;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  double restricted = 0.0, exited = 0.0;
  int64_t events = 0;
  for (int i = 0; i < N; i++) {
    const int64_t t = report->sample_steps[i];
    restricted += t < 0 ? 2000.0 : (double)t;
    exited += t < 0 ? 0.0 : (double)t;
    events += t >= 0;
  }
  const esc_times *const times = &report->exit_steps;
  cr_assert(isnan(times->mean.value) && isnan(times->sd));
  cr_assert(near(times->restricted_mean.value, restricted / N, 1e-13));
  cr_assert(near(times->mean_of_exited.value, exited / (double)events, 1e-13));
  cr_assert(!isnan(times->quantiles[0].value) && isnan(times->quantiles[2].value));
  cr_assert_eq(report->rate.events, events);
  cr_assert(near(report->rate.per_step.value, (double)events / restricted, 1e-13));
  esc_result_free(result);
  esc_device_close(device);
}

/* --- exact sums
 * ----------------------------------------------------------------------------------------- */

static void add(int bits, int64_t *words, const double *x, int64_t count)
{
  (bits == 64 ? support_add_f64 : support_add_f32)(words, x, count);
}

static void shuffle(support_rng *rng, double *x, int count)
{
  for (int i = count - 1; i > 0; i--) {
    const int k = (int)(support_draw(rng) % (uint64_t)(i + 1));
    const double kept = x[i];
    x[i] = x[k];
    x[k] = kept;
  }
}

enum { COUNT = 3000, WORDS = 400 };

/* Multiples of 2^-20 below 2^19: the sums are 128-bit integers. */
static void check_integers(int bits, uint64_t seed)
{
  static double x[COUNT];
  support_rng rng = {seed};
  __int128 sum = 0, squares = 0;
  int64_t words[WORDS] = {0};
  for (int i = 0; i < COUNT; i++) {
    const int width = bits == 64 ? 39 : 24, shift = (int)(support_draw(&rng) % 15);
    int64_t whole = (int64_t)(support_draw(&rng) >> (64 - width)) << (bits == 64 ? 0 : shift);
    whole = support_draw(&rng) & 1 ? whole : -whole;
    x[i] = ldexp((double)whole, -20);
    sum += whole;
    squares += (__int128)whole * whole;
  }
  add(bits, words, x, COUNT);
  const int values = ESC_VALUE_DIGITS(bits), products = ESC_PRODUCT_DIGITS(bits);
  const int unit = ESC_VALUE_UNIT(bits);
  const esc_pair a = esc_digits_value(words + 1, values, unit);
  const esc_pair b = esc_digits_value(words + 1 + values, products, 2 * unit);
  const double high = ldexp((double)sum, -20), square_high = ldexp((double)squares, -40);
  cr_assert(esc_pair_value(a) == high, "f%d: %.17g, expected %.17g (seed %d)", bits,
            esc_pair_value(a), high, (int)seed);
  cr_assert(near(esc_pair_value(b), square_high, 1e-16), "f%d: %.17g, expected %.17g (seed %d)",
            bits, esc_pair_value(b), square_high, (int)seed);
}

Test(exact_sums, of_integers)
{
  for (uint64_t seed = 1; seed <= 20; seed++) {
    check_integers(32, seed);
    check_integers(64, seed);
  }
}

/* Huge values that cancel leave the least ones behind, in any order. */
static void check_cancelling(int bits)
{
  static double x[COUNT];
  const double least = bits == 64 ? 0x1p-1074 : 0x1p-149;
  const double most = bits == 64 ? DBL_MAX : (double)FLT_MAX;
  support_rng rng = {17};
  int64_t first[WORDS] = {0};
  for (int i = 0; i < COUNT; i++)
    x[i] = i < 1000 ? (i % 2 ? most : -most) : i < 2000 ? (i % 2 ? 1.5 : -1.5) : least;
  for (int again = 0; again < 5; again++) {
    int64_t words[WORDS] = {0};
    add(bits, words, x, COUNT);
    const esc_pair sum = esc_digits_value(words + 1, ESC_VALUE_DIGITS(bits), ESC_VALUE_UNIT(bits));
    cr_assert(esc_pair_value(sum) == 1000.0 * least, "f%d: %g", bits, esc_pair_value(sum));
    if (again)
      cr_assert(memcmp(words, first, sizeof words) == 0, "the order matters");
    memcpy(first, words, sizeof first);
    shuffle(&rng, x, COUNT);
  }
}

Test(exact_sums, cancelling)
{
  check_cancelling(32);
  check_cancelling(64);
}

/* Any one value comes back as it went in, and its square to the last bit of a double. */
static void check_single(int bits)
{
  support_rng rng = {23};
  for (int i = 0; i < 20000; i++) {
    const int lowest = bits == 64 ? -480 : -149, highest = bits == 64 ? 500 : 127;
    const int exponent = lowest + (int)(support_draw(&rng) % (uint64_t)(highest - lowest));
    double x = ldexp(support_between(&rng, 1.0, 2.0), exponent);
    x = bits == 64 ? x : (double)(float)x;
    x = i % 2 ? -x : x;
    int64_t words[WORDS] = {0};
    add(bits, words, &x, 1);
    const int values = ESC_VALUE_DIGITS(bits), products = ESC_PRODUCT_DIGITS(bits);
    const int unit = ESC_VALUE_UNIT(bits);
    cr_assert(esc_pair_value(esc_digits_value(words + 1, values, unit)) == x, "f%d: %a", bits, x);
    cr_assert(esc_pair_value(esc_digits_value(words + 1 + values, products, 2 * unit)) == x * x,
              "f%d: %a squared", bits, x);
  }
}

Test(exact_sums, single)
{
  check_single(32);
  check_single(64);
}

/* Variances survive a mean a million million times as large. */
Test(exact_sums, variance)
{
  static double x[COUNT];
  for (int bits = 32; bits <= 64; bits += 32) {
    int64_t words[WORDS] = {0};
    for (int i = 0; i < COUNT; i++)
      x[i] = (bits == 64 ? 1e12 : 0x1p23) + i % 10;
    add(bits, words, x, COUNT);
    const esc_mean_variance m = esc_moments_value(words, bits);
    cr_assert_eq(m.count, COUNT);
    cr_assert(m.mean == (bits == 64 ? 1e12 : 0x1p23) + 4.5);
    cr_assert(near(m.variance, 8.25 * COUNT / (COUNT - 1.0), 1e-8), "f%d: %.15g", bits, m.variance);
  }
}

/* Merging tallies resolves carries and loses nothing, negative sums included. */
Test(exact_sums, merging)
{
  static const int64_t steps[1] = {5};
  for (int bits = 32; bits <= 64; bits += 32) {
    support_case c = support_begin("quadratic", "gaussian", "sgd", 0.1);
    c.experiment.state = bits == 64 ? ESC_STATE_F64 : ESC_STATE_F32;
    c.observe.steps = steps;
    c.observe.step_count = 1;
    c.observe.moments = 1;
    esc_planned *planned = NULL;
    cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK);
    const esc_plan *const plan = &planned->plan;
    const size_t words = (size_t)plan->tally.words;
    int64_t *const to = calloc(words, sizeof *to), *const from = calloc(words, sizeof *from);
    cr_assert(to && from);
    const double x[3] = {-16777215.0, -0.99999994039535522, 3.0};
    for (int k = 0; k < 3000; k++)
      add(bits, from + plan->tally.curve_moments, x, 3);
    for (int k = 0; k < 100000; k++)
      esc_tally_merge(plan, to, from);
    const esc_mean_variance m = esc_moments_value(to + plan->tally.curve_moments, bits);
    cr_assert_eq(m.count, 900000000);
    cr_assert(near(m.mean, (x[0] + x[1] + x[2]) / 3.0, 1e-15), "f%d: %.17g", bits, m.mean);
    const double square = (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / 3.0 - m.mean * m.mean;
    cr_assert(near(m.variance, square, 1e-8), "f%d: %.17g", bits, m.variance);
    free(to);
    free(from);
    esc_plan_free(planned);
  }
}

/* A negative sum, through the whole engine in either state. */
Test(exact_sums, negative_means)
{
  for (int state = 0; state < 2; state++) {
    support_case c = support_begin("quadratic", "gaussian", "sgd", 0.1);
    support_start_at(&c, -3.0);
    c.experiment.state = state ? ESC_STATE_F64 : ESC_STATE_F32;
    c.experiment.stop_steps = 1;
    c.observe.samples = 1;
    esc_device *const device = support_device(NULL, 1);
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    long double sum = 0.0L, squares = 0.0L, n = (long double)report->sample_count;
    for (int64_t i = 0; i < report->sample_count; i++) {
      sum += (long double)report->sample_final[i];
      squares += (long double)report->sample_final[i] * (long double)report->sample_final[i];
    }
    cr_assert(near(report->final[0].mean.value, (double)(sum / n), 1e-15), "state %d: %.17g", state,
              report->final[0].mean.value);
    cr_assert(near(report->final[0].variance.value,
                   (double)((squares - sum * sum / n) / (n - 1.0L)), 1e-12));
    esc_result_free(result);
    esc_device_close(device);
  }
}

/* Sums of two doubles keep what one loses. */
Test(exact_sums, pairs)
{
  esc_pair sum = esc_pair_of(1e16);
  for (int k = 0; k < 1000; k++)
    sum = esc_pair_add(sum, esc_pair_of(0.25));
  sum = esc_pair_add(sum, esc_pair_of(-1e16));
  cr_assert(esc_pair_value(sum) == 250.0);
  const esc_pair third = esc_pair_divide(esc_pair_of(1.0), 3.0);
  const esc_pair whole =
      esc_pair_add(esc_pair_multiply(third, esc_pair_of(3.0)), esc_pair_of(-1.0));
  cr_assert(fabs(esc_pair_value(whole)) < 1e-31, "%g", esc_pair_value(whole));
}

/* Few values have few moments. */
Test(exact_sums, too_few)
{
  int64_t words[WORDS] = {0};
  const double x = 2.5;
  cr_assert(isnan(esc_moments_value(words, 32).mean));
  add(32, words, &x, 1);
  cr_assert(esc_moments_value(words, 32).mean == 2.5);
  cr_assert(isnan(esc_moments_value(words, 32).variance));
  const esc_moments moments = esc_estimate_moments(words, 32);
  cr_assert(moments.count == 1 && moments.mean.value == 2.5 && isnan(moments.variance.value));
}
