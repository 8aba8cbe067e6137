/* Symmetric stable laws by Zolotarev's integrals (Nolan, Comm. Statist. Stochastic Models 13,
 * 1997), b = alpha/(alpha - 1): V(t) = (cos t/sin(alpha t))^b cos((alpha - 1) t)/cos t,  0 < t <
 * pi/2, f(x) = |b| x^(b-1)/pi int V exp(-x^b V) dt, P(X > x) = (1/pi) int exp(-x^b V) dt for alpha
 * > 1, 1/2 less that for alpha < 1; near 0 and far out by their series. V is monotone, and the
 * integrals are cut where x^b V = 1 and taken by the double exponential rule (Takahasi and Mori
 * 1974), which bears both ends. */
#include "host/theory/stable_law.h"

#include <math.h>

#include "host/theory/special_functions.h"

#define PI    3.14159265358979323846
#define FIRST (-10)   /* the first cell begins at 2^FIRST */
#define NEAR  0x1p-10 /* series below and above */
#define FAR   16.0

/* log V at t, of which both t and pi/2 - t are given. */
static double log_v(double alpha, double t, double to_end)
{
  const double cosine = log(sin(to_end)), power = alpha / (alpha - 1.0);
  return power * (cosine - log(sin(alpha * t))) + log(cos((alpha - 1.0) * t)) - cosine;
}

typedef struct esc_zolotarev {
  double alpha, log_x; /* b log x */
} esc_zolotarev;

/* exp(-g) and g exp(-g), g = x^b V. */
static void integrands(const esc_zolotarev *z, double t, double to_end, double value[2])
{
  const double log_g = z->log_x + log_v(z->alpha, t, to_end);
  const double g = log_g < 7.0 ? exp(log_g) : 1e4; /* exp(-1e4) is 0 */
  value[0] = exp(-g);
  value[1] = g * value[0];
}

/* Over (from, to); distances from both ends are kept exact. */
static void double_exponential(const esc_zolotarev *z, double from, double to, double sum[2])
{
  const double h = 0x1p-6, half = 0.5 * (to - from);
  for (int k = -256; k <= 256; k++) {
    const double u = 0.5 * PI * sinh(k * h);
    const double near = 2.0 * half / (1.0 + exp(-2.0 * u)); /* from `from` */
    const double far = 2.0 * half / (1.0 + exp(2.0 * u));   /* from `to` */
    const double weight = half * h * 0.5 * PI * cosh(k * h) / (cosh(u) * cosh(u));
    double value[2];
    if (!(near > 0.0) || !(far > 0.0) || weight == 0.0)
      continue;
    integrands(z, from + near, 0.5 * PI - to + far, value);
    sum[0] += weight * value[0];
    sum[1] += weight * value[1];
  }
}

static void by_integrals(double alpha, double x, double *density, double *tail)
{
  const esc_zolotarev z = {alpha, alpha / (alpha - 1.0) * log(x)};
  double low = 0.0, high = 0.5 * PI, sum[2] = {0.0, 0.0};
  const int falling = alpha > 1.0;
  for (int k = 0; k < 80; k++) {
    const double t = 0.5 * (low + high);
    if ((z.log_x + log_v(alpha, t, 0.5 * PI - t) > 0.0) == falling)
      low = t;
    else
      high = t;
  }
  double_exponential(&z, 0.0, low, sum);
  double_exponential(&z, low, 0.5 * PI, sum);
  *density = fabs(alpha / (alpha - 1.0)) / x * sum[1] / PI;
  *tail = falling ? sum[0] / PI : 0.5 - sum[0] / PI;
}

/* sum over k of (-1)^k Gamma((2k+1)/alpha)/(2k)! x^2k/(pi alpha) and, for P(0 < X < x), its
 * integral; asymptotic for alpha < 1. */
static double near_series(double alpha, double x, int integral)
{
  double sum = 0.0, before = (double)INFINITY;
  for (int k = 0; k < 60; k++) {
    const double size = exp(esc_log_gamma((2 * k + 1) / alpha) - esc_log_gamma(2 * k + 1.0)) *
                        pow(x, 2 * k) / (PI * alpha);
    if (size > before || size < 1e-18 * fabs(sum))
      break;
    sum += (k % 2 ? -size : size) * (integral ? x / (2 * k + 1) : 1.0);
    before = size;
  }
  return sum;
}

/* The coefficients of f(x) = sum_k (-1)^(k+1) Gamma(alpha k + 1)/k! sin(k pi alpha/2) x^(-alpha k -
 * 1) /pi, as many as fall at x = FAR: the series is asymptotic for alpha > 1. */
static void begin_far_series(esc_stable_law *law)
{
  const double alpha = law->index;
  double before = (double)INFINITY;
  for (law->terms = 0; law->terms < ESC_STABLE_TERMS; law->terms++) {
    const int k = law->terms + 1;
    const double size = exp(esc_log_gamma(alpha * k + 1.0) - esc_log_gamma(k + 1.0));
    const double here = size * pow(FAR, -alpha * k);
    if (here > before || here < 1e-22)
      break;
    law->term[law->terms] = (k % 2 ? size : -size) * sin(0.5 * k * PI * alpha) / PI;
    before = here;
  }
}

/* The density times x, or the tail. */
static double far_series(const esc_stable_law *law, double x, int tail)
{
  const double power = pow(x, -law->index);
  double sum = 0.0;
  for (int k = law->terms; k >= 1; k--)
    sum = power * (sum + law->term[k - 1] / (tail ? law->index * k : 1.0));
  return sum;
}

/* --- the table --- */

static void integrals(double alpha, double x, double *density, double *tail)
{
  if (alpha > 1.0 && x < 0.5) {
    *density = near_series(alpha, x, 0);
    *tail = 0.5 - near_series(alpha, x, 1);
  } else
    by_integrals(alpha, x, density, tail);
}

static double cell_start(int cell)
{
  return ldexp(1.0, FIRST + cell);
}

int esc_stable_law_begin(esc_stable_law *law, double index)
{
  if (index < 0.5 || index > 1.98 || fabs(index - 1.0) < 0.02)
    return 0;
  law->index = index;
  begin_far_series(law);
  for (int k = 0; k < ESC_STABLE_NODES; k++) { /* Chebyshev's of the first kind */
    const double angle = PI * (k + 0.5) / ESC_STABLE_NODES;
    law->point[k] = cos(angle);
    law->weight[k] = (k % 2 ? -1.0 : 1.0) * sin(angle);
  }
  for (int cell = 0; cell < ESC_STABLE_CELLS; cell++) {
    const double a = cell_start(cell), b = cell_start(cell + 1);
    for (int k = 0; k < ESC_STABLE_NODES; k++)
      integrals(index, 0.5 * (a + b) + 0.5 * (b - a) * law->point[k], &law->density[cell][k],
                &law->tail[cell][k]);
  }
  return 1;
}

/* Barycentric interpolation within the cell of x. */
static double look_up(const esc_stable_law *law, const double table[][ESC_STABLE_NODES], double x)
{
  const int cell = ilogb(x) - FIRST;
  const double a = cell_start(cell), b = cell_start(cell + 1), t = (2.0 * x - a - b) / (b - a);
  double above = 0.0, below = 0.0;
  for (int k = 0; k < ESC_STABLE_NODES; k++) {
    const double off = t - law->point[k];
    if (off == 0.0)
      return table[cell][k];
    above += law->weight[k] / off * table[cell][k];
    below += law->weight[k] / off;
  }
  return above / below;
}

double esc_stable_law_at(const esc_stable_law *law, double x)
{
  if (x < NEAR)
    return near_series(law->index, x, 0);
  return x < FAR ? look_up(law, law->density, x) : far_series(law, x, 0) / x;
}

double esc_stable_law_above(const esc_stable_law *law, double x)
{
  if (x < NEAR)
    return 0.5 - near_series(law->index, x, 1);
  return x < FAR ? look_up(law, law->tail, x) : far_series(law, x, 1);
}
