/* Interval estimates, formed once, in double. */
#include "host/intervals.h"

#include <math.h>

esc_estimate esc_no_estimate(void)
{
  const esc_estimate none = {(double)NAN, (double)NAN, (double)NAN};
  return none;
}

esc_estimate esc_wilson(int64_t count, int64_t total)
{
  if (total < 1)
    return esc_no_estimate();
  const double n = (double)total, p = (double)count / n, z2 = ESC_Z95 * ESC_Z95;
  const double centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half = ESC_Z95 * sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n)) / (1.0 + z2 / n);
  /* at the ends the interval reaches the value itself; rounding must not push it past */
  const esc_estimate share = {p, count == 0 ? 0.0 : fmin(centre - half, p),
                              count == total ? 1.0 : fmax(centre + half, p)};
  return share;
}

esc_estimate esc_mean_interval(double mean, double sd, int64_t count)
{
  const double half = count > 1 ? ESC_Z95 * sd / sqrt((double)count) : (double)NAN;
  const esc_estimate estimate = {mean, mean - half, mean + half};
  return estimate;
}

/* The chi-square quantile over its degrees of freedom, at a normal point z. */
static double chi_square_over(double degrees, double z)
{
  const double ninth = 2.0 / (9.0 * degrees);
  const double root = 1.0 - ninth + z * sqrt(ninth);
  return root > 0.0 ? root * root * root : 0.0;
}

esc_estimate esc_variance_interval(double variance, int64_t count)
{
  if (count < 2)
    return esc_no_estimate();
  const double degrees = (double)(count - 1);
  const double most = chi_square_over(degrees, ESC_Z95), least = chi_square_over(degrees, -ESC_Z95);
  const esc_estimate estimate = {variance, variance / most,
                                 least > 0.0 ? variance / least : (double)INFINITY};
  return estimate;
}

esc_estimate esc_hill_interval(double mean_log, int64_t count)
{
  const double index = 1.0 / mean_log, degrees = 2.0 * (double)count;
  const esc_estimate estimate = {index, index * chi_square_over(degrees, -ESC_Z95),
                                 index * chi_square_over(degrees, ESC_Z95)};
  return estimate;
}

/* --- the incomplete beta function, by its continued fraction (Lentz) --- */

static double beta_fraction(double x, double a, double b)
{
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  double value = d;
  for (int m = 1; m < 10000; m++) {
    for (int odd = 0; odd < 2; odd++) {
      const double term = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                              : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1.0 + term * d;
      c = 1.0 + term / c;
      d = 1.0 / (fabs(d) < tiny ? tiny : d);
      c = fabs(c) < tiny ? tiny : c;
      value *= d * c;
    }
    if (fabs(d * c - 1.0) < 1e-15)
      break;
  }
  return value;
}

/* log Gamma, without the global sign that lgamma writes: runs may be many at once. */
static double log_gamma(double x)
{
  int sign;
  return lgamma_r(x, &sign);
}

/* log B(a, b). For a large b the difference of two logarithms of gamma is formed by Stirling's
 * series, term by term: at 1e12 steps at risk they would leave no digit between them. */
static double log_beta(double a, double b)
{
  const double small = fmin(a, b), large = fmax(a, b), sum = a + b;
  if (large < 100.0)
    return log_gamma(a) + log_gamma(b) - log_gamma(sum);
  const double corrections = 1.0 / (12.0 * large) - 1.0 / (12.0 * sum) -
                             1.0 / (360.0 * large * large * large) +
                             1.0 / (360.0 * sum * sum * sum);
  return log_gamma(small) - (large - 0.5) * log1p(small / large) - small * log(sum) + small +
         corrections;
}

double esc_beta_below(double x, double a, double b)
{
  if (x <= 0.0)
    return 0.0;
  if (x >= 1.0)
    return 1.0;
  const double front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b));
  if (x < (a + 1.0) / (a + b + 2.0))
    return front * beta_fraction(x, a, b) / a;
  return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

double esc_beta_quantile(double p, double a, double b)
{
  double low = 0.0, high = 1.0, x = a / (a + b);
  const double scale = log_beta(a, b);
  /* Newton's method from the mean; where it leaves the bracket, bisection on a scale that starts at
   * the mean's size: quantiles are often tiny */
  for (int k = 0; k < 400; k++) {
    const double excess = esc_beta_below(x, a, b) - p;
    *(excess > 0.0 ? &high : &low) = x;
    const double density = exp((a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - scale);
    double next = x - excess / density;
    if (!(next > low && next < high))
      next = low > 0.0 ? (high > 4.0 * low ? sqrt(low * high) : 0.5 * (low + high))
                       : (high > 1e-280 ? high * 0.25 : 0.5 * high);
    const double step = fabs(next - x);
    x = next;
    if (step <= 4e-16 * x || x <= low || x >= high)
      break;
  }
  return x;
}

esc_estimate esc_rate(int64_t events, double at_risk)
{
  if (!(at_risk > 0.0))
    return esc_no_estimate();
  const double k = (double)events;
  esc_estimate rate = {k / at_risk, 0.0, 1.0};
  if (k > 1e5) { /* the beta is normal to many digits, and its logarithms no longer are */
    const double half = ESC_Z95 * sqrt(k * (1.0 - rate.value)) / at_risk;
    rate.low = rate.value - half;
    rate.high = rate.value + half;
    return rate;
  }
  if (events > 0)
    rate.low = esc_beta_quantile(0.025, k, at_risk - k + 1.0);
  if (at_risk > k)
    rate.high = esc_beta_quantile(0.975, k + 1.0, at_risk - k);
  return rate;
}

esc_estimate esc_correlation_interval(double correlation, int64_t count)
{
  if (count < 4 || isnan(correlation))
    return esc_no_estimate();
  const double bounded = fmax(-1.0, fmin(1.0, correlation)), z = atanh(bounded);
  const double half = ESC_Z95 / sqrt((double)count - 3.0);
  const esc_estimate estimate = {bounded, fabs(bounded) < 1.0 ? tanh(z - half) : bounded,
                                 fabs(bounded) < 1.0 ? tanh(z + half) : bounded};
  return estimate;
}

void esc_quantile_ranks(double q, int64_t count, int64_t *low, int64_t *high)
{
  const double n = (double)count, half = ESC_Z95 * sqrt(n * q * (1.0 - q));
  const double first = floor(n * q - half), last = ceil(n * q + half);
  *low = first >= 1.0 ? (int64_t)first - 1 : -1;
  *high = last < n ? (int64_t)last : count;
}
