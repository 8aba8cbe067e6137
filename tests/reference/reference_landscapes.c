/* The landscapes in double: each function is its formula and, below it, the derivative written by
 * hand. check_reference.c compares them with finite differences and polishes the table of critical
 * points by Newton. */
#include "reference_landscapes.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef ref_landscape_keys keys_t;

static const double pi = 3.14159265358979323846;

static double square(double x)
{
  return x * x;
}

static double side_of(double x, ref_side at_zero, double left, double right)
{
  if (x < 0.0 || (x == 0.0 && at_zero == REF_LEFT))
    return left;
  if (x > 0.0 || (x == 0.0 && at_zero == REF_RIGHT))
    return right;
  return x == 0.0 ? 0.0 : x; /* NaN stays NaN */
}

/* U = sum k_i x_i^2 / 2. */
static double quadratic(const keys_t *keys, int d, const double *x, double *g)
{
  double u = 0.0;
  for (int i = 0; i < d; i++) {
    const double k = keys->spectrum ? keys->spectrum[i] : keys->k;
    u += 0.5 * k * x[i] * x[i];
    g[i] = k * x[i];
  }
  return u;
}

/* U = x^4/4 - x^2/2 + tilt*x. */
static double double_well(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  g[0] = x[0] * x[0] * x[0] - x[0] + keys->tilt;
  return 0.25 * square(square(x[0])) - 0.5 * square(x[0]) + keys->tilt * x[0];
}

/* U = -(c/p)|x|^p, c = c_left for x < 0 and c_right for x > 0. */
static double power_maximum(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  const double c = x[0] < 0.0 ? keys->c_left : keys->c_right;
  const double slope = c * pow(fabs(x[0]), keys->p - 1.0);
  if (keys->p <= 1.0)
    g[0] = x[0] == 0.0 ? side_of(x[0], keys->at_zero, keys->c_left, -keys->c_right)
                       : side_of(x[0], REF_ZERO, slope, -slope);
  else
    g[0] = side_of(x[0], REF_ZERO, slope, -slope);
  return -c / keys->p * pow(fabs(x[0]), keys->p);
}

/* U = left_slope*x for x < 0, -right_slope*x for x > 0. */
static double sharp_maximum(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  g[0] = side_of(x[0], keys->at_zero, keys->left_slope, -keys->right_slope);
  return x[0] < 0.0 ? keys->left_slope * x[0] : -keys->right_slope * x[0];
}

/* U = -|x|^p/p + |x|^q/q. */
static double power_well(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  const double r = fabs(x[0]);
  const double slope = pow(r, keys->q - 1.0) - pow(r, keys->p - 1.0); /* dU/dr */
  const ref_side at_zero = keys->p > 1.0 ? REF_ZERO : keys->at_zero;
  g[0] = side_of(x[0], at_zero, -slope, slope);
  return -pow(r, keys->p) / keys->p + pow(r, keys->q) / keys->q;
}

/* U = -cos(x) - tilt*x. */
static double washboard(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  g[0] = sin(x[0]) - keys->tilt;
  return -cos(x[0]) - keys->tilt * x[0];
}

/* Wang, Oh & Rhee, arXiv:2102.04297, simulation section:
 *   (x+1.6) (x+1.3)^2 (x-0.2)^2 (x-0.7)^2 (x-1.6) (0.05|1.65-x|)^0.6
 *   (1 + 1/(0.01+4(x-0.5)^2)) (1 + 1/(0.1+4(x+1.5)^2)) (1 - exp(-5(x+0.8)^2)/4).
 * Four minima on [-1.6, 1.6], the range of their projection. Outside it, a fifth, cusped one at the
 * zero of |1.65-x|^0.6, where the slope jumps from -inf to +inf. */
static double wang_oh_rhee(const keys_t *keys, int d, const double *points, double *g)
{
  (void)keys;
  (void)d;
  const double x = points[0];
  const double polynomial =
      (x + 1.6) * square(x + 1.3) * square(x - 0.2) * square(x - 0.7) * (x - 1.6);
  const double polynomial_slope = /* product rule, so that the zeros need no care */
      (x + 1.3) * (x - 0.2) * (x - 0.7) *
      (2.0 * x * (x + 1.3) * (x - 0.2) * (x - 0.7) +
       (square(x) - 2.56) * 2.0 *
           ((x - 0.2) * (x - 0.7) + (x + 1.3) * (x - 0.7) + (x + 1.3) * (x - 0.2)));
  const double root = pow(0.05 * fabs(1.65 - x), 0.6);
  const double root_slope = 0.6 * root / (x - 1.65);
  const double r5 = 0.01 + 4.0 * square(x - 0.5);
  const double five = 1.0 + 1.0 / r5;
  const double five_slope = -8.0 * (x - 0.5) / square(r5);
  const double r15 = 0.1 + 4.0 * square(x + 1.5);
  const double fifteen = 1.0 + 1.0 / r15;
  const double fifteen_slope = -8.0 * (x + 1.5) / square(r15);
  const double bell = 0.25 * exp(-5.0 * square(x + 0.8));
  const double dent = 1.0 - bell;
  const double dent_slope = 10.0 * (x + 0.8) * bell;
  g[0] = polynomial_slope * root * five * fifteen * dent +
         polynomial * (root_slope * five * fifteen * dent + root * five_slope * fifteen * dent +
                       root * five * fifteen_slope * dent + root * five * fifteen * dent_slope);
  return polynomial * root * five * fifteen * dent;
}

/* U = 1/2 sum (x^4 - 16 x^2 + 5 x). */
static double styblinski_tang(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  double u = 0.0;
  for (int i = 0; i < d; i++) {
    u += 0.5 * (square(square(x[i])) - 16.0 * square(x[i]) + 5.0 * x[i]);
    g[i] = 2.0 * x[i] * x[i] * x[i] - 16.0 * x[i] + 2.5;
  }
  return u;
}

/* U = A d + sum (x^2 - A cos 2 pi x). */
static double rastrigin(const keys_t *keys, int d, const double *x, double *g)
{
  const double a = keys->amplitude;
  double u = a * d;
  for (int i = 0; i < d; i++) {
    u += square(x[i]) - a * cos(2.0 * pi * x[i]);
    g[i] = 2.0 * x[i] + 2.0 * pi * a * sin(2.0 * pi * x[i]);
  }
  return u;
}

/* U = sum_{i<d-1} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2. */
static double rosenbrock(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  double u = 0.0;
  for (int i = 0; i < d; i++)
    g[i] = 0.0;
  for (int i = 0; i + 1 < d; i++) {
    const double valley = x[i + 1] - square(x[i]);
    u += 100.0 * square(valley) + square(1.0 - x[i]);
    g[i] += -400.0 * valley * x[i] - 2.0 * (1.0 - x[i]);
    g[i + 1] += 200.0 * valley;
  }
  return u;
}

/* U = (k x^2 - c y^2)/2. */
static double saddle(const keys_t *keys, int d, const double *x, double *g)
{
  (void)d;
  g[0] = keys->k * x[0];
  g[1] = -keys->c * x[1];
  return 0.5 * (keys->k * square(x[0]) - keys->c * square(x[1]));
}

/* U = x^3 - 3 x y^2. */
static double monkey_saddle(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  g[0] = 3.0 * square(x[0]) - 3.0 * square(x[1]);
  g[1] = -6.0 * x[0] * x[1];
  return x[0] * square(x[0]) - 3.0 * x[0] * square(x[1]);
}

/* U = (x^2 + y - 11)^2 + (x + y^2 - 7)^2. */
static double himmelblau(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  const double a = square(x[0]) + x[1] - 11.0, b = x[0] + square(x[1]) - 7.0;
  g[0] = 4.0 * x[0] * a + 2.0 * b;
  g[1] = 2.0 * a + 4.0 * x[1] * b;
  return square(a) + square(b);
}

/* U = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2. */
static double beale(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  static const double level[3] = {1.5, 2.25, 2.625};
  double u = 0.0, power = 1.0; /* y^i */
  g[0] = g[1] = 0.0;
  for (int i = 0; i < 3; i++) {
    const double term = level[i] - x[0] + x[0] * power * x[1];
    u += square(term);
    g[0] += 2.0 * term * (power * x[1] - 1.0);
    g[1] += 2.0 * term * x[0] * (i + 1) * power;
    power *= x[1];
  }
  return u;
}

/* U = sum A exp(a (x-x0)^2 + b (x-x0)(y-y0) + c (y-y0)^2), docs/numerics.md. */
static double muller_brown(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  static const double height[4] = {-200, -100, -170, 15}, a[4] = {-1, -1, -6.5, 0.7},
                      b[4] = {0, 0, 11, 0.6}, c[4] = {-10, -10, -6.5, 0.7},
                      x0[4] = {1, 0, -0.5, -1}, y0[4] = {0, 0.5, 1.5, 1};
  double u = 0.0;
  g[0] = g[1] = 0.0;
  for (int i = 0; i < 4; i++) {
    const double dx = x[0] - x0[i], dy = x[1] - y0[i];
    const double term = height[i] * exp(a[i] * dx * dx + b[i] * dx * dy + c[i] * dy * dy);
    u += term;
    g[0] += term * (2.0 * a[i] * dx + b[i] * dy);
    g[1] += term * (b[i] * dx + 2.0 * c[i] * dy);
  }
  return u;
}

/* U = (4 - 2.1 x^2 + x^4/3) x^2 + xy + (-4 + 4 y^2) y^2. */
static double six_hump_camel(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  const double x2 = square(x[0]), y2 = square(x[1]);
  g[0] = x[0] * (8.0 - 8.4 * x2 + 2.0 * x2 * x2) + x[1];
  g[1] = x[0] + x[1] * (-8.0 + 16.0 * y2);
  return (4.0 - 2.1 * x2 + x2 * x2 / 3.0) * x2 + x[0] * x[1] + (-4.0 + 4.0 * y2) * y2;
}

/* U = 2 x^2 - 1.05 x^4 + x^6/6 + xy + y^2. */
static double three_hump_camel(const keys_t *keys, int d, const double *x, double *g)
{
  (void)keys;
  (void)d;
  const double x2 = square(x[0]);
  g[0] = x[0] * (4.0 - 4.2 * x2 + x2 * x2) + x[1];
  g[1] = x[0] + 2.0 * x[1];
  return 2.0 * x2 - 1.05 * x2 * x2 + x2 * x2 * x2 / 6.0 + x[0] * x[1] + square(x[1]);
}

/* Dimension 0: any; -2: any from 2 on. */
static const struct {
  const char *name;
  int dimension;
  double (*value)(const keys_t *, int, const double *, double *);
} landscapes[] = {
    {"quadratic", 0, quadratic},
    {"double_well", 1, double_well},
    {"power_maximum", 1, power_maximum},
    {"sharp_maximum", 1, sharp_maximum},
    {"power_well", 1, power_well},
    {"washboard", 1, washboard},
    {"wang_oh_rhee", 1, wang_oh_rhee},
    {"styblinski_tang", 0, styblinski_tang},
    {"rastrigin", 0, rastrigin},
    {"rosenbrock", -2, rosenbrock},
    {"saddle", 2, saddle},
    {"monkey_saddle", 2, monkey_saddle},
    {"himmelblau", 2, himmelblau},
    {"beale", 2, beale},
    {"muller_brown", 2, muller_brown},
    {"six_hump_camel", 2, six_hump_camel},
    {"three_hump_camel", 2, three_hump_camel},
};

double ref_landscape(const char *name, const ref_landscape_keys *keys, int dimension,
                     const double *x, double *gradient)
{
  double unused[64];
  for (size_t i = 0; i < sizeof landscapes / sizeof *landscapes; i++) {
    const int wanted = landscapes[i].dimension;
    if (strcmp(landscapes[i].name, name) != 0)
      continue;
    if ((wanted > 0 && dimension != wanted) || dimension < -wanted || dimension < 1)
      return (double)NAN;
    if (!gradient && dimension > 64)
      return (double)NAN;
    double *g = gradient ? gradient : unused;
    const double u = landscapes[i].value(keys, dimension, x, g);
    for (int j = 0; j < dimension; j++)
      g[j] *= keys->scale;
    return keys->scale * u;
  }
  return (double)NAN;
}

ref_landscape_keys ref_landscape_defaults(void)
{
  return (ref_landscape_keys){.scale = 1.0,
                              .k = 1.0,
                              .p = 2.0,
                              .q = 4.0,
                              .c_left = 1.0,
                              .c_right = 1.0,
                              .left_slope = 1.0,
                              .right_slope = 1.0,
                              .c = 1.0,
                              .amplitude = 10.0};
}

const ref_critical ref_criticals[] = {
    /* docs/numerics.md, "Landscapes" */
    {"double_well", REF_MINIMUM, 1, 0.1, {-1.04668053}, -.35238607, 1},
    {"double_well", REF_MINIMUM, 1, 0.1, {.94564927}, -.15263944, 1},
    {"double_well", REF_MAXIMUM, 1, 0.1, {.10103126}, .00502552, 1},
    {"rosenbrock", REF_MINIMUM, 2, 0, {1, 1}, 0, 1},
    {"himmelblau", REF_SADDLE, 2, 0, {3.38515418, .07385188}, 13.311926, 1},
    {"styblinski_tang", REF_MINIMUM, 1, 0, {-2.90353403}, -39.16616570, 1},
    {"styblinski_tang", REF_MINIMUM, 1, 0, {2.74680277}, -25.02944666, 1},
    {"styblinski_tang", REF_MAXIMUM, 1, 0, {.15673126}, .19561236, 1},
    {"beale", REF_MINIMUM, 2, 0, {3, .5}, 0, 1},
    {"beale", REF_SADDLE, 2, 0, {0, 1}, 14.203125, 1},
    {"muller_brown", REF_MINIMUM, 2, 0, {-.55822363, 1.44172584}, -146.69951721, 1},
    {"muller_brown", REF_MINIMUM, 2, 0, {.6234994, .02803776}, -108.16672412, 1},
    {"muller_brown", REF_MINIMUM, 2, 0, {-.05001082, .4666941}, -80.76781813, 1},
    {"muller_brown", REF_SADDLE, 2, 0, {-.82200156, .6243128}, -40.66484351, 1},
    {"muller_brown", REF_SADDLE, 2, 0, {.21248658, .29298833}, -72.24894011, 1},
    /* found here */
    {"himmelblau", REF_MINIMUM, 2, 0, {3, 2}, 0, 0},
    {"himmelblau", REF_MINIMUM, 2, 0, {-2.80511809, 3.13131252}, 0, 0},
    {"himmelblau", REF_MINIMUM, 2, 0, {-3.77931025, -3.28318599}, 0, 0},
    {"himmelblau", REF_MINIMUM, 2, 0, {3.58442834, -1.84812653}, 0, 0},
    {"six_hump_camel", REF_MINIMUM, 2, 0, {.08984201, -.71265640}, -1.03162845, 0},
    {"three_hump_camel", REF_MINIMUM, 2, 0, {0, 0}, 0, 0},
    {"wang_oh_rhee", REF_MINIMUM, 1, 0, {-1.51148365}, -.66463870, 0},
    {"wang_oh_rhee", REF_MAXIMUM, 1, 0, {-1.3}, 0, 0},
    {"wang_oh_rhee", REF_MINIMUM, 1, 0, {-.69927306}, -.40282307, 0},
    {"wang_oh_rhee", REF_MAXIMUM, 1, 0, {.2}, 0, 0},
    {"wang_oh_rhee", REF_MINIMUM, 1, 0, {.49624454}, -.52403295, 0},
    {"wang_oh_rhee", REF_MAXIMUM, 1, 0, {.7}, 0, 0},
    {"wang_oh_rhee", REF_MINIMUM, 1, 0, {1.32209375}, -.32593602, 0},
    {"wang_oh_rhee", REF_MAXIMUM, 1, 0, {1.63274339}, .02888873, 0},
};
const int ref_critical_count = (int)(sizeof ref_criticals / sizeof *ref_criticals);
