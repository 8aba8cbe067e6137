/* Densities and tails of the noise laws, at scale 1 (Johnson, Kotz and Balakrishnan, Continuous
 * Univariate Distributions, 1994 and 1995). Every law is symmetric but pareto, so its jumps are
 * looked at in terms of xi itself. */
#include "host/theory/density.h"

#include <math.h>

#include "host/intervals.h"
#include "host/theory/special_functions.h"

#define PI 3.14159265358979323846

/* --- pareto: |xi + shift| >= 1 --- */

static double pareto_at(const esc_density *d, double xi)
{
  const double u = xi + d->shift, side = u > 0.0 ? d->right : 1.0 - d->right;
  return fabs(u) < 1.0 ? 0.0 : side * d->index * pow(fabs(u), -d->index - 1.0);
}

static double pareto_above(const esc_density *d, double xi)
{
  const double u = xi + d->shift;
  if (u >= 1.0)
    return d->right * pow(u, -d->index);
  return u > -1.0 ? d->right : 1.0 - (1.0 - d->right) * pow(-u, -d->index);
}

static double pareto_below(const esc_density *d, double xi)
{
  const double u = xi + d->shift;
  if (u <= -1.0)
    return (1.0 - d->right) * pow(-u, -d->index);
  return u < 1.0 ? 1.0 - d->right : 1.0 - d->right * pow(u, -d->index);
}

/* --- the symmetric laws --- */

/* P(xi > x), x >= 0. */
static double tail(const esc_density *d, double x)
{
  switch (d->law) {
  case ESC_LAW_gaussian:
    return esc_normal_below(-x);
  case ESC_LAW_uniform:
    return x < 1.0 ? 0.5 * (1.0 - x) : 0.0;
  case ESC_LAW_laplace:
    return 0.5 * exp(-x);
  case ESC_LAW_logistic:
    return exp(-x) / (1.0 + exp(-x));
  case ESC_LAW_student_t:
    if (d->index == 1.0)
      return atan2(1.0, x) / PI;
    return 0.5 * esc_beta_below(d->index / (d->index + x * x), 0.5 * d->index, 0.5);
  case ESC_LAW_stable:
    return esc_stable_law_above(&d->stable, x);
  default:
    return (double)NAN;
  }
}

static double symmetric_at(const esc_density *d, double x)
{
  switch (d->law) {
  case ESC_LAW_gaussian:
    return d->front * exp(-0.5 * x * x);
  case ESC_LAW_uniform:
    return x < 1.0 ? 0.5 : 0.0;
  case ESC_LAW_laplace:
    return 0.5 * exp(-x);
  case ESC_LAW_logistic:
    return exp(-x) / ((1.0 + exp(-x)) * (1.0 + exp(-x)));
  case ESC_LAW_student_t:
    return d->front * pow(1.0 + x * x / d->index, -0.5 * (d->index + 1.0));
  case ESC_LAW_stable:
    return esc_stable_law_at(&d->stable, x);
  default:
    return (double)NAN;
  }
}

double esc_density_at(const esc_density *d, double w)
{
  return d->law == ESC_LAW_pareto ? pareto_at(d, d->sign * w) : symmetric_at(d, fabs(w));
}

double esc_density_below(const esc_density *d, double w)
{
  if (d->law == ESC_LAW_pareto)
    return d->sign > 0.0 ? pareto_below(d, w) : pareto_above(d, -w);
  return w < 0.0 ? tail(d, -w) : 1.0 - tail(d, w);
}

static double above(const esc_density *d, double w)
{
  if (d->law == ESC_LAW_pareto)
    return d->sign > 0.0 ? pareto_above(d, w) : pareto_below(d, -w);
  return w > 0.0 ? tail(d, w) : 1.0 - tail(d, -w);
}

/* On the side where both tails are small. */
double esc_density_between(const esc_density *d, double a, double b)
{
  return a > 0.0 ? above(d, a) - above(d, b) : esc_density_below(d, b) - esc_density_below(d, a);
}

/* --- where to cut --- */

static void cut_at(esc_density *d, double w)
{
  int place = d->cut_count;
  if (place == ESC_CUTS_MAX)
    return;
  while (place > 0 && d->cut[place - 1] > w) {
    d->cut[place] = d->cut[place - 1];
    place--;
  }
  d->cut[place] = w;
  d->cut_count++;
}

static void rough_at(esc_density *d, double w)
{
  d->rough[d->rough_count++] = w;
  cut_at(d, w);
}

/* Pairs around `centre`: four steps of the core's width, then longer and longer ones. */
static void cut_around(esc_density *d, double centre, double width, double reach)
{
  double size = 0.0;
  for (int k = 1; size < reach && k < 100; k++) {
    size = fmin(k <= 4 ? k * width : 1.5 * size, reach);
    cut_at(d, centre + size);
    cut_at(d, centre - size);
  }
}

static void begin_pareto(esc_density *d, const esc_theory_source *source)
{
  esc_pareto_keys keys = {d->index, source->key[1], 0.0};
  d->right = source->key[1];
  d->shift = esc_pareto_mean(&keys);
  for (int side = -1; side <= 1; side += 2) {
    rough_at(d, d->sign * (side - d->shift));
    for (double u = 1.5; u < 1e12; u *= 1.5)
      cut_at(d, d->sign * (side * u - d->shift));
  }
}

void esc_density_of_start(esc_density *d, int law)
{
  const esc_plan_noise planned = {.law = law};
  const esc_theory_source source = {.law = law, .planned = &planned};
  const char *why;
  esc_density_begin(d, &source, &why);
}

int esc_density_begin(esc_density *d, const esc_theory_source *source, const char **why)
{
  double width = 2.0;
  *d = (esc_density){.law = source->law, .index = source->key[0], .stretch = 1.0};
  d->sign = source->planned->on_parameter ? 1.0 : -1.0;
  if (d->law == ESC_LAW_stable && source->key[1] == 0.0 && d->index == 1.0)
    d->law = ESC_LAW_student_t; /* Cauchy's, under either name */
  if (d->law == ESC_LAW_stable && d->index == 2.0) {
    d->law = ESC_LAW_gaussian;
    d->stretch = sqrt(2.0);
  }
  switch (d->law) {
  case ESC_LAW_gaussian:
    d->front = 1.0 / sqrt(2.0 * PI);
    d->reach = 10.0;
    break;
  case ESC_LAW_laplace:
  case ESC_LAW_uniform:
    d->reach = d->law == ESC_LAW_uniform ? 1.0 : 46.0;
    break;
  case ESC_LAW_logistic:
    d->reach = 46.0;
    break;
  case ESC_LAW_student_t:
    d->front = exp(esc_log_gamma(0.5 * (d->index + 1.0)) - esc_log_gamma(0.5 * d->index)) /
               sqrt(PI * d->index);
    width = fmin(2.0, 0.5 * sqrt(d->index));
    d->reach = (double)INFINITY;
    break;
  case ESC_LAW_stable:
    if (source->key[1] != 0.0 || !esc_stable_law_begin(&d->stable, d->index)) {
      *why = "its noise is stable with skewness, or of an index that is not tabulated here (0.5 to "
             "0.98, 1, 1.02 to 1.98, 2)";
      return 0;
    }
    /* the width of the core: f''(0)/f(0) = -Gamma(3/alpha)/Gamma(1/alpha) */
    width = fmin(1.0, exp(0.5 * (esc_log_gamma(1.0 / d->index) - esc_log_gamma(3.0 / d->index))));
    d->reach = (double)INFINITY;
    break;
  case ESC_LAW_pareto:
    d->reach = (double)INFINITY;
    begin_pareto(d, source);
    return 1;
  default:
    *why = "its noise has no density that is known here";
    return 0;
  }
  if (d->law == ESC_LAW_laplace)
    rough_at(d, 0.0);
  else if (d->law == ESC_LAW_uniform)
    rough_at(d, -1.0), rough_at(d, 1.0);
  else
    cut_at(d, 0.0);
  if (d->law != ESC_LAW_uniform)
    cut_around(d, 0.0, width, d->reach);
  return 1;
}
