/* The noise laws in double. Closed forms through libm; Student's t through the incomplete beta
 * function (continued fraction); the stable law through Zolotarev's integral and tanh-sinh
 * quadrature. */
#include "reference_noise.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static int is(const ref_noise *noise, const char *law)
{
  return strcmp(noise->law, law) == 0;
}

/* Continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8), Lentz. */
static double beta_fraction(double a, double b, double x)
{
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  double h = d;
  for (int m = 1; m < 10000; m++) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (int part = 0; part < 2; part++) {
      const double term = part ? odd : even;
      d = 1.0 + term * d;
      d = 1.0 / (fabs(d) < tiny ? tiny : d);
      c = 1.0 + term / c;
      c = fabs(c) < tiny ? tiny : c;
      h *= c * d;
    }
    if (fabs(c * d - 1.0) < 1e-16)
      break;
  }
  return h;
}

/* I_x(a, b), with y = 1 - x given apart so that neither end loses digits. */
static double beta_regularised(double a, double b, double x, double y)
{
  if (x <= 0.0)
    return 0.0;
  if (y <= 0.0)
    return 1.0;
  const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
  if (x < (a + 1.0) / (a + b + 2.0))
    return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, y) / b;
}

/* P(T > x), x >= 0: I_{nu/(nu+x^2)}(nu/2, 1/2)/2. */
static double student_tail(double nu, double x)
{
  const double r = x * x / nu;
  return 0.5 * beta_regularised(0.5 * nu, 0.5, 1.0 / (1.0 + r), r / (1.0 + r));
}

/* ---- stable, S1, scale 1 ------------------------------------------------------------------- */

/* The integrand of Nolan's Theorem 1 is exp(-g), g = exp(s), s monotone in theta. The variable here
 * is phi = pi/2 - theta in (0, pi/2 + theta0), so that the far tail, which lives at small phi,
 * keeps its digits. */
typedef enum zolotarev_kind { BELOW, ABOVE, DENSITY } zolotarev_kind; /* e^-g, 1 - e^-g, g e^-g */

typedef struct zolotarev {
  double alpha, beta, theta0, log_x;
  zolotarev_kind kind;
} zolotarev;

static double exponent(const zolotarev *z, double phi)
{
  const double a = z->alpha;
  if (a == 1.0) { /* x itself stands in log_x: e^{-pi x/(2 beta)} V_1 */
    const double u = 0.5 * pi * (1.0 + z->beta) - z->beta * phi;
    return -0.5 * pi * z->log_x / z->beta + log(2.0 / pi * u / sin(phi)) + u / (tan(phi) * z->beta);
  }
  const double inner = a * (0.5 * pi + z->theta0 - phi);
  return a / (a - 1.0) * (z->log_x + log(sin(phi) / sin(inner))) +
         log(cos(a * z->theta0)) / (a - 1.0) + log(sin(inner + phi) / sin(phi));
}

static double integrand(const zolotarev *z, double phi)
{
  const double s = exponent(z, phi);
  if (s != s || s > 700.0)
    return z->kind == ABOVE && s > 700.0 ? 1.0 : 0.0;
  const double g = exp(s);
  return z->kind == DENSITY ? g * exp(-g) : z->kind == ABOVE ? -expm1(-g) : exp(-g);
}

/* Tanh-sinh on (lo, hi). */
static double double_exponential(const zolotarev *z, double lo, double hi)
{
  const double step = 1.0 / 32.0, half = 0.5 * (hi - lo);
  double sum = 0.0;
  for (int i = -120; i <= 120; i++) {
    const double t = i * step, u = 0.5 * pi * sinh(t);
    const double near = half * exp(-fabs(u)) / cosh(u); /* distance to the nearer end */
    const double phi = u < 0.0 ? lo + near : hi - near;
    if (phi <= lo || phi >= hi)
      continue;
    sum += integrand(z, phi) * 0.5 * pi * cosh(t) / (cosh(u) * cosh(u));
  }
  return sum * step * half;
}

/* Where s crosses `level`, by bisection; an end if it does not. */
static double crossing(const zolotarev *z, double lo, double hi, double level)
{
  const double width = hi - lo;
  const int rising = exponent(z, lo + 0.75 * width) > exponent(z, lo + 0.25 * width);
  for (int i = 0; i < 100; i++) {
    const double middle = 0.5 * (lo + hi);
    if ((exponent(z, middle) > level) == rising)
      hi = middle;
    else
      lo = middle;
  }
  return 0.5 * (lo + hi);
}

/* The integral over all phi, cut where the integrand lives: from exp(s) = e^-40 to e^4. */
static double whole_integral(const zolotarev *z)
{
  static const double levels[] = {-40, -24, -14, -8, -4, -2, 0, 1, 2, 3, 3.7};
  enum { count = sizeof levels / sizeof *levels };
  double cut[count + 2];
  double sum = 0.0;
  const double lo = 0.0, hi = 0.5 * pi + z->theta0;
  const int rising = exponent(z, 0.75 * hi) > exponent(z, 0.25 * hi);
  cut[0] = lo;
  cut[count + 1] = hi;
  for (int i = 0; i < count; i++)
    cut[i + 1] = crossing(z, lo, hi, levels[rising ? i : count - 1 - i]);
  for (int i = 0; i <= count; i++)
    if (cut[i + 1] > cut[i])
      sum += double_exponential(z, cut[i], cut[i + 1]);
  return sum;
}

static zolotarev zolotarev_of(double alpha, double beta, double x)
{
  zolotarev z = {.alpha = alpha, .beta = beta, .log_x = alpha == 1.0 ? x : log(x)};
  z.theta0 = alpha == 1.0 ? 0.5 * pi : atan(beta * tan(0.5 * pi * alpha)) / alpha;
  return z;
}

/* P(X > x) for x > 0 (alpha = 1: any x and beta > 0); with BELOW in place of ABOVE the rest of the
 * mass of that side: Nolan's formula gives either without a difference. */
static double stable_right(double alpha, double beta, double x, zolotarev_kind kind)
{
  zolotarev z = zolotarev_of(alpha, beta, x);
  if (-z.theta0 >= 0.5 * pi) /* alpha < 1, beta = -1: no mass on the right */
    return 0.0;
  z.kind = (alpha > 1.0) == (kind == ABOVE) ? BELOW : ABOVE;
  return whole_integral(&z) / pi;
}

static double stable_tail(double alpha, double beta, double x)
{
  if (alpha == 2.0)
    return 0.5 * erfc(0.5 * x);
  if (alpha == 1.0 && beta == 0.0)
    return x > 0.0 ? atan(1.0 / x) / pi : 0.5 - atan(x) / pi;
  if (alpha == 1.0)
    return beta > 0.0 ? stable_right(alpha, beta, x, ABOVE) : stable_right(alpha, -beta, -x, BELOW);
  if (x > 0.0)
    return stable_right(alpha, beta, x, ABOVE);
  if (x < 0.0)
    return 1.0 - stable_right(alpha, -beta, -x, ABOVE);
  return 0.5 + atan(beta * tan(0.5 * pi * alpha)) / (alpha * pi);
}

/* f(x) = alpha/(pi |alpha-1| x) int g exp(-g), from the derivative of the above; x = 0 by Nolan's
 * Gam(1+1/alpha) cos(theta0) (cos alpha theta0)^(1/alpha)/pi. */
static double stable_density(double alpha, double beta, double x)
{
  if (alpha == 2.0)
    return exp(-0.25 * x * x) / sqrt(4.0 * pi);
  if (alpha == 1.0 && beta == 0.0)
    return 1.0 / (pi * (1.0 + x * x));
  if (alpha == 1.0 ? beta < 0.0 : x < 0.0)
    return stable_density(alpha, -beta, -x);
  zolotarev z = zolotarev_of(alpha, beta, x);
  z.kind = DENSITY;
  if (alpha == 1.0)
    return whole_integral(&z) / (2.0 * beta);
  if (x < 1e-12)
    return tgamma(1.0 + 1.0 / alpha) * cos(z.theta0) * pow(cos(alpha * z.theta0), 1.0 / alpha) / pi;
  if (-z.theta0 >= 0.5 * pi)
    return 0.0;
  return alpha / (pi * fabs(alpha - 1.0) * x) * whole_integral(&z);
}

/* ---- all laws, standard scale -------------------------------------------------------------- */

/* Mean of sgn*U^(-1/alpha), which is taken off where it exists (docs/numerics.md). */
static double pareto_shift(const ref_noise *n)
{
  return n->alpha > 1.0 ? n->alpha / (n->alpha - 1.0) * (2.0 * n->weight_right - 1.0) : 0.0;
}

static double pareto_tail(const ref_noise *n, double x)
{
  const double y = x + pareto_shift(n), left = 1.0 - n->weight_right;
  if (y >= 1.0)
    return n->weight_right * pow(y, -n->alpha);
  return y > -1.0 ? n->weight_right : n->weight_right + left * (1.0 - pow(-y, -n->alpha));
}

/* P(xi > x) at scale 1. */
static double standard_tail(const ref_noise *n, double x)
{
  if (is(n, "gaussian"))
    return 0.5 * erfc(x / sqrt(2.0));
  if (is(n, "uniform"))
    return fmin(fmax(0.5 * (1.0 - x), 0.0), 1.0);
  if (is(n, "rademacher"))
    return x < -1.0 ? 1.0 : x < 1.0 ? 0.5 : 0.0;
  if (is(n, "laplace"))
    return x > 0.0 ? 0.5 * exp(-x) : 1.0 - 0.5 * exp(x);
  if (is(n, "logistic"))
    return x > 0.0 ? exp(-x) / (1.0 + exp(-x)) : 1.0 / (1.0 + exp(x));
  if (is(n, "student_t"))
    return x >= 0.0 ? student_tail(n->nu, x) : 1.0 - student_tail(n->nu, -x);
  if (is(n, "pareto"))
    return pareto_tail(n, x);
  if (is(n, "stable"))
    return stable_tail(n->alpha, n->beta, x);
  return (double)NAN;
}

/* The law of -xi, whose tail is the left tail of xi. */
static ref_noise mirrored(const ref_noise *noise)
{
  ref_noise other = *noise;
  other.beta = -noise->beta;
  other.weight_right = 1.0 - noise->weight_right;
  return other;
}

double ref_noise_tail(const ref_noise *noise, double x)
{
  return standard_tail(noise, x / noise->scale);
}

double ref_noise_cdf(const ref_noise *noise, double x)
{
  const ref_noise other = mirrored(noise);
  if (is(noise, "rademacher")) /* atoms: P(xi <= x) is not P(-xi > -x) */
    return 1.0 - standard_tail(noise, x / noise->scale);
  return standard_tail(&other, -x / noise->scale);
}

static double standard_density(const ref_noise *n, double x)
{
  if (is(n, "gaussian"))
    return exp(-0.5 * x * x) / sqrt(2.0 * pi);
  if (is(n, "uniform"))
    return fabs(x) < 1.0 ? 0.5 : 0.0;
  if (is(n, "laplace"))
    return 0.5 * exp(-fabs(x));
  if (is(n, "logistic"))
    return exp(-fabs(x)) / ((1.0 + exp(-fabs(x))) * (1.0 + exp(-fabs(x))));
  if (is(n, "student_t"))
    return exp(lgamma(0.5 * (n->nu + 1.0)) - lgamma(0.5 * n->nu) -
               0.5 * (n->nu + 1.0) * log1p(x * x / n->nu)) /
           sqrt(n->nu * pi);
  if (is(n, "pareto")) {
    const double y = x + pareto_shift(n);
    const double weight = y > 0.0 ? n->weight_right : 1.0 - n->weight_right;
    return fabs(y) > 1.0 ? weight * n->alpha * pow(fabs(y), -n->alpha - 1.0) : 0.0;
  }
  if (is(n, "stable"))
    return stable_density(n->alpha, n->beta, x);
  return (double)NAN;
}

double ref_noise_density(const ref_noise *noise, double x)
{
  return standard_density(noise, x / noise->scale) / noise->scale;
}

double ref_noise_mean(const ref_noise *noise)
{
  if (is(noise, "student_t") && noise->nu <= 1.0)
    return (double)NAN;
  if ((is(noise, "pareto") || is(noise, "stable")) && noise->alpha <= 1.0)
    return (double)NAN;
  return 0.0;
}

static double standard_variance(const ref_noise *n)
{
  if (is(n, "gaussian") || is(n, "rademacher"))
    return 1.0;
  if (is(n, "uniform"))
    return 1.0 / 3.0;
  if (is(n, "laplace"))
    return 2.0;
  if (is(n, "logistic"))
    return pi * pi / 3.0;
  if (is(n, "student_t"))
    return n->nu > 2.0 ? n->nu / (n->nu - 2.0) : (double)INFINITY;
  if (is(n, "pareto"))
    return n->alpha > 2.0 ? n->alpha / (n->alpha - 2.0) - pareto_shift(n) * pareto_shift(n)
                          : (double)INFINITY;
  if (is(n, "stable"))
    return n->alpha == 2.0 ? 2.0 : (double)INFINITY;
  return (double)NAN;
}

double ref_noise_variance(const ref_noise *noise)
{
  return noise->scale * noise->scale * standard_variance(noise);
}

double ref_noise_scale(const ref_noise *noise, double variance)
{
  const double unit = standard_variance(noise);
  return isfinite(unit) ? sqrt(variance / unit) : (double)NAN;
}
