/* Functions of mathematical statistics, by their usual series and fractions (Abramowitz and Stegun
 * 26.2, 26.7, 6.5). */
#include "host/theory/special_functions.h"

#include <math.h>

#include "host/intervals.h"

double esc_normal_below(double z)
{
  return 0.5 * erfc(-z * sqrt(0.5));
}

double esc_normal_between(double a, double b)
{
  return a > 0.0 ? esc_normal_below(-a) - esc_normal_below(-b)
                 : esc_normal_below(b) - esc_normal_below(a);
}

/* By bisection, on the side where p is small. */
double esc_normal_point(double p)
{
  if (!(p > 0.0 && p < 1.0))
    return p == 0.0 ? -(double)INFINITY : p == 1.0 ? (double)INFINITY : (double)NAN;
  if (p > 0.5)
    return -esc_normal_point(1.0 - p);
  double low = -39.0, high = 0.0;
  for (int k = 0; k < 200 && high - low > 1e-15; k++) {
    const double middle = 0.5 * (low + high);
    if (esc_normal_below(middle) > p)
      high = middle;
    else
      low = middle;
  }
  return 0.5 * (low + high);
}

double esc_log_gamma(double x)
{
  int sign;
  return lgamma_r(x, &sign);
}

/* P by its series, for x < a + 1. */
static double gamma_series(double a, double x)
{
  double term = 1.0 / a, sum = term;
  for (int n = 1; n < 100000 && term > 1e-17 * sum; n++)
    sum += term *= x / (a + n);
  return sum * exp(a * log(x) - x - esc_log_gamma(a));
}

/* Q by its continued fraction (Lentz), for x >= a + 1. */
static double gamma_fraction(double a, double x)
{
  double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, value = d;
  for (int n = 1; n < 100000; n++) {
    const double term = -n * (n - a);
    b += 2.0;
    d = 1.0 / (term * d + b);
    c = b + term / c;
    value *= d * c;
    if (fabs(d * c - 1.0) < 1e-16)
      break;
  }
  return value * exp(a * log(x) - x - esc_log_gamma(a));
}

double esc_gamma_below(double a, double x)
{
  if (x <= 0.0)
    return 0.0;
  return x < a + 1.0 ? gamma_series(a, x) : 1.0 - gamma_fraction(a, x);
}

double esc_gamma_above(double a, double x)
{
  if (x <= 0.0)
    return 1.0;
  return x < a + 1.0 ? 1.0 - gamma_series(a, x) : gamma_fraction(a, x);
}

/* P(|t| > u) = I_{n/(n+u^2)}(n/2, 1/2). */
double esc_student_point(double p, double degrees)
{
  const double share = esc_beta_quantile(2.0 * (1.0 - p), 0.5 * degrees, 0.5);
  return sqrt(degrees * (1.0 - share) / share);
}

/* zeta(s) for s > 0, s != 1, from the alternating series (Borwein 2000, algorithm 2). */
static double zeta(double s)
{
  enum { TERMS = 24 };
  double d[TERMS + 1], term = 1.0, sum = 1.0; /* n (n+k-1)! 4^k/((n-k)! (2k)!), summed over k */
  for (int k = 0; k <= TERMS; k++) {
    d[k] = sum;
    term *= 4.0 * (TERMS + k) * (TERMS - k) / ((2.0 * k + 1.0) * (2.0 * k + 2.0));
    sum += term;
  }
  double series = 0.0;
  for (int k = 0; k < TERMS; k++)
    series += (k % 2 ? -1.0 : 1.0) * (d[TERMS] - d[k]) * pow(k + 1.0, -s);
  return series / (d[TERMS] * (1.0 - pow(2.0, 1.0 - s)));
}

/* zeta(1 - s) = 2 (2 pi)^-s cos(pi s/2) Gamma(s) zeta(s), s = r + 1/2. */
double esc_zeta_below_one(int r)
{
  const double pi = acos(-1.0), s = r + 0.5;
  return 2.0 * exp(esc_log_gamma(s) - s * log(2.0 * pi)) * cos(0.5 * pi * s) * zeta(s);
}
