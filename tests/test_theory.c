/* The engine against exact values of the discrete chain: the tables and closed forms of
 * docs/exact_values.md, through the public API at a million trajectories (fewer for the long ones:
 * no run takes much more than 1e9 steps). A value passes within five standard errors, a false alarm of
 * 6e-7 under another seed, and half a unit of its last printed digit; the seed is fixed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference_chain.h"
#include "reference_noise.h"
#include "tests/support.h"

enum { MILLION = 1000000 };

static support_case begin(const char *landscape, const char *noise, const char *optimizer,
                          double lr)
{
  support_case c = support_begin(landscape, noise, optimizer, lr);
  c.experiment.trajectories = MILLION;
  c.experiment.seed = 20260711;
  return c;
}

/* value within five standard errors of exact, and what is not known of exact. */
static void check(double value, double exact, double error, double unit, const char *what)
{
  const double off = fabs(value - exact), z = error > 0.0 ? (value - exact) / error : 0.0;
  cr_assert(off <= 5.0 * error + unit, "%s: %.8g, expected %.8g (z = %.2f)", what, value, exact, z);
}

static void check_share(const esc_estimate *share, int64_t n, double p, double unit,
                        const char *what)
{
  check(share->value, p, sqrt(p * (1.0 - p) / (double)n), unit, what);
}

/* The share that ended on the right. */
static void check_right(esc_device *device, support_case *c, double p, double unit,
                        const char *what)
{
  esc_result *result;
  const esc_report *const report = support_run(device, c, &result);
  const esc_outcome *const right = support_outcome(report, "right");
  cr_assert_eq(support_outcome(report, "running")->count, 0, "%s: some never ended", what);
  cr_assert_eq(support_outcome(report, "diverged")->count, 0, "%s: some diverged", what);
  check_share(&right->fraction, report->trajectories, p, unit, what);
  esc_result_free(result);
}

/* --- the sharp maximum
 * ------------------------------------------------------------------------------ */

static const char *const sides[] = {"right", "left", "zero"};

static support_case sharp(const char *law, double a, double b, const char *at_zero)
{
  const double far = 10.0 / (a < b ? a : b); /* never to return but for 1e-8 */
  support_case c = begin("sharp_maximum", law, "sgd", 0.125);
  support_number(&c.landscape_keys, "left_slope", a);
  support_number(&c.landscape_keys, "right_slope", b);
  support_word(&c.landscape_keys, "at_zero", at_zero);
  c.noise[0].variance = 1.0;
  c.experiment.outside[0] = -0.125 * far;
  c.experiment.outside[1] = 0.125 * far;
  c.experiment.stop_steps = 1000000;
  return c;
}

Test(sharp_maximum, table)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < ref_printed_splitting_count; k++) {
    const ref_printed_splitting *const row = &ref_printed_splittings[k];
    const double values[] = {row->value.from_right, row->value.from_left, row->value.from_zero};
    for (int side = 0; side < 3; side++) {
      support_case c = sharp(row->law, row->a, row->b, sides[side]);
      check_right(device, &c, values[side], 5e-9, row->law);
    }
  }
  esc_device_close(device);
}

/* The law does not depend on lr. */
Test(sharp_maximum, any_lr)
{
  esc_device *const device = support_device(NULL, 2);
  const ref_splitting exact = ref_laplace_splitting(0.3, 0.7, sqrt(0.5));
  for (int k = 0; k < 2; k++) {
    support_case c = sharp("laplace", 0.3, 0.7, "right");
    const double lr = k ? 1e-3 : 3.0;
    c.optimizer.lr = lr;
    c.experiment.outside[0] *= lr / 0.125;
    c.experiment.outside[1] *= lr / 0.125;
    check_right(device, &c, exact.from_right, 1e-8, "Laplace at another lr");
  }
  esc_device_close(device);
}

Test(sharp_maximum, away_from_the_top)
{
  static const double ys[] = {-3.0, -0.75, 0.4, 1.5};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 4; k++) {
    support_case c = sharp("laplace", 0.2, 0.6, "zero");
    support_start_at(&c, 0.125 * ys[k]);
    check_right(device, &c, ref_laplace_splitting_from(0.2, 0.6, sqrt(0.5), ys[k]), 1e-8,
                "Laplace from y");
  }
  esc_device_close(device);
}

/* On the lattice x comes back to exactly 0 again and again. */
Test(sharp_maximum, rademacher)
{
  esc_device *const device = support_device(NULL, 2);
  for (int m = 3; m <= 7; m += 4) {
    const double slope = (m - 1.0) / (m + 1.0), h = ref_rademacher_splitting(m);
    const double values[] = {h, 1.0 - h, 0.5};
    for (int side = 0; side < 3; side++) {
      support_case c = sharp("rademacher", slope, slope, sides[side]);
      check_right(device, &c, values[side], 1e-8, "Rademacher");
    }
  }
  esc_device_close(device);
}

Test(sharp_maximum, chang_and_peres)
{
  static const double betas[] = {0.25, 1.0, 2.0};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 3; k++) {
    const double p = ref_chang_peres(betas[k]);
    support_case c = sharp("gaussian", betas[k], betas[k], "right");
    check_right(device, &c, 0.5 * (1.0 + p * p), 1e-8, "Chang and Peres");
  }
  esc_device_close(device);
}

/* --- exits: the printed tables
 * ------------------------------------------------------------------------ */

static int same_run(const ref_printed_exit *a, const ref_printed_exit *b)
{
  return a->p == b->p && a->q == b->q && a->cauchy == b->cauchy && a->lr == b->lr &&
         a->sigma == b->sigma && a->lower == b->lower && a->upper == b->upper &&
         a->start == b->start;
}

/* A rough mean of T, for the number of trajectories: that of any row of the run. */
static double rough_mean(const ref_printed_exit *row)
{
  double mean = 0.0;
  for (int k = 0; k < ref_printed_exit_count; k++) {
    ref_printed_exit other = ref_printed_exits[k];
    if (other.quantity != REF_MEAN)
      continue;
    const int exact = same_run(&other, row);
    other.start = row->start;
    if (exact || (mean == 0.0 && same_run(&other, row)))
      mean = other.value;
  }
  return mean;
}

static support_case printed(const ref_printed_exit *row)
{
  const int well = row->lower < -2.0;
  const char *const landscape = row->p == 0.0   ? "quadratic"
                                : row->q == 0.0 ? "power_maximum"
                                : well          ? "double_well"
                                                : "power_well";
  const double mean = rough_mean(row), most = mean > 1e5 ? 5e8 : 1e9;
  support_case c = begin(landscape, row->cauchy ? "stable" : "gaussian", "sgd", row->lr);
  if (row->p == 0.0)
    support_number(&c.landscape_keys, "k", 0.0);
  else if (!well)
    support_number(&c.landscape_keys, "p", row->p);
  if (row->q > 0.0 && !well)
    support_number(&c.landscape_keys, "q", row->q);
  if (row->cauchy)
    support_number(&c.noise_keys[0], "alpha", 1.0);
  c.noise[0].scale = row->sigma;
  support_start_at(&c, row->start);
  c.experiment.outside[0] = well ? -(double)INFINITY : row->lower;
  c.experiment.outside[1] = row->upper;
  c.experiment.stop_steps = (int64_t)fmin(1e3 + 100.0 * mean, 2e9);
  if (mean * MILLION > most)
    c.experiment.trajectories = (int64_t)(most / mean);
  return c;
}

/* The factor of survival, from two steps well past the faster modes: given the first number the
 * second is binomial. */
static void check_factor(const esc_report *report, double factor, double unit, const char *what)
{
  const double first = (double)report->curves.alive[0], second = (double)report->curves.alive[1];
  const double steps = (double)(report->curves.steps[1] - report->curves.steps[0]);
  const double p = pow(factor, steps);
  check(second / first, p, sqrt(p * (1.0 - p) / first), unit * steps, what);
}

static void check_row(const ref_printed_exit *row, const esc_report *report)
{
  const double n = (double)report->trajectories, unit = 0.5 * row->unit;
  const esc_times *const times = &report->exit_steps;
  char what[200];
  snprintf(what, sizeof what, "%s: lr %g, sigma %g, from %g to %g, quantity %d", row->source,
           row->lr, row->sigma, row->start, row->upper, (int)row->quantity);
  switch (row->quantity) {
  case REF_MEAN:
    check(times->mean.value, row->value, times->sd / sqrt(n), unit, what);
    break;
  case REF_SD: /* as if exponential, the heaviest tail these have */
    check(times->sd, row->value, row->value * sqrt(2.0 / n), unit, what);
    break;
  case REF_SD_OVER_MEAN:
    check(times->sd / times->mean.value, row->value, 1.0 / sqrt(n), unit, what);
    break;
  case REF_P_RIGHT:
    check_share(&support_outcome(report, "right")->fraction, report->trajectories, row->value, unit,
                what);
    break;
  case REF_FACTOR:
    check_factor(report, row->value, unit, what);
    break;
  }
}

/* Runs each experiment of the rows from..to once and checks all of its rows. */
static void check_printed(int from, int to)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = from; k < to; k++) {
    int seen = 0;
    for (int j = from; j < k; j++)
      seen |= same_run(&ref_printed_exits[j], &ref_printed_exits[k]);
    if (seen)
      continue;
    support_case c = printed(&ref_printed_exits[k]);
    const double mean = rough_mean(&ref_printed_exits[k]);
    const int64_t steps[2] = {(int64_t)(1.5 * mean), (int64_t)(3.5 * mean)};
    c.observe.steps = steps;
    c.observe.step_count = 2;
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    for (int j = k; j < to; j++)
      if (same_run(&ref_printed_exits[j], &ref_printed_exits[k]))
        check_row(&ref_printed_exits[j], report);
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* The first row at or after `from` whose source is another. */
static int next_source(int from)
{
  int k = from;
  while (k < ref_printed_exit_count &&
         strcmp(ref_printed_exits[k].source, ref_printed_exits[from].source) == 0)
    k++;
  return k;
}

/* The n-th table of printed exits. */
static void check_table(int n)
{
  int from = 0;
  for (int k = 0; k < n; k++)
    from = next_source(from);
  cr_assert(from < ref_printed_exit_count);
  check_printed(from, next_source(from));
}

Test(exits, parabolic_maximum)
{
  check_table(0);
}

Test(exits, flat_quartic)
{
  check_table(1);
}

Test(exits, free_walk)
{
  check_table(2);
}

Test(exits, cauchy_walk)
{
  check_table(3);
}

Test(exits, double_well)
{
  check_table(4);
}

Test(exits, family)
{
  check_table(5);
  int rest = 0;
  for (int k = 0; k < 6; k++)
    rest = next_source(rest);
  cr_assert_eq(rest, ref_printed_exit_count, "a table is not tested");
}

static void check_presence(const ref_printed_presence *row, const esc_report *report, int at)
{
  check_share(&report->nears[0].fraction[at], MILLION, row->near_top, 1e-6, "near the top");
  esc_estimate both = report->nears[1].fraction[at];
  both.value += report->nears[2].fraction[at].value;
  if (row->near_minimum >= 0.0)
    check_share(&both, MILLION, row->near_minimum, 1e-6, "near a minimum");
}

/* P(|x| < .3) and P(||x| - 1| < .2) from 0, for `count` rows of one landscape. */
static void check_presences(esc_device *device, const ref_printed_presence *rows, int count)
{
  static const double points[3] = {0.0, -1.0, 1.0};
  static const char *const names[3] = {"top", "left", "right"};
  support_case c = begin("power_well", "gaussian", "sgd", rows->lr);
  int64_t steps[8];
  esc_near nears[3];
  for (int b = 0; b < 3; b++) {
    nears[b] = (esc_near)ESC_NEAR_INIT(names[b]);
    nears[b].point = &points[b];
    nears[b].point_count = 1;
    nears[b].radius = b ? 0.2 : 0.3;
  }
  for (int k = 0; k < count; k++)
    steps[k] = rows[k].step;
  support_number(&c.landscape_keys, "p", rows->p);
  support_number(&c.landscape_keys, "q", rows->q);
  c.noise[0].scale = rows->sigma;
  c.experiment.stop_steps = steps[count - 1];
  c.observe.steps = steps;
  c.observe.step_count = count;
  c.observe.nears = nears;
  c.observe.near_count = 3;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int k = 0; k < count; k++)
    check_presence(&rows[k], report, k);
  esc_result_free(result);
}

Test(exits, presence)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0, next; k < ref_printed_presence_count; k = next) {
    for (next = k + 1; next < ref_printed_presence_count; next++)
      if (ref_printed_presences[next].p != ref_printed_presences[k].p)
        break;
    check_presences(device, &ref_printed_presences[k], next - k);
  }
  esc_device_close(device);
}

/* --- the parabolic maximum
 * ------------------------------------------------------------------------------ */

static support_case parabolic(const char *law, double lr, double c_value, double x0, double wall)
{
  support_case c = begin("power_maximum", law, "sgd", lr);
  support_number(&c.landscape_keys, "c_left", c_value);
  support_number(&c.landscape_keys, "c_right", c_value);
  support_start_at(&c, x0);
  c.experiment.outside[0] = -wall;
  c.experiment.outside[1] = wall;
  c.experiment.stop_steps = 100000;
  return c;
}

Test(parabolic_maximum, gaussian)
{
  esc_device *const device = support_device(NULL, 2);
  support_case c = parabolic("gaussian", 0.1, 1.5, 0.15, 5.0);
  check_right(device, &c, ref_parabolic_gaussian(0.1, 1.5, 1.0, 0.15), 1e-9, "Gaussian");
  support_case steep = parabolic("gaussian", 1.0, 2.0, -0.2, 100.0);
  steep.noise[0].scale = 0.5;
  check_right(device, &steep, ref_parabolic_gaussian(1.0, 2.0, 0.5, -0.2), 1e-9, "Gaussian");
  esc_device_close(device);
}

Test(parabolic_maximum, heavy_tails)
{
  esc_device *const device = support_device(NULL, 2);
  support_case cauchy = parabolic("stable", 0.2, 1.0, 0.5, 1e8);
  support_number(&cauchy.noise_keys[0], "alpha", 1.0);
  check_right(device, &cauchy, ref_parabolic_cauchy(1.0, 1.0, 0.5), 1e-6, "Cauchy");
  support_case stable = parabolic("stable", 0.2, 1.0, -0.3, 1e7);
  support_number(&stable.noise_keys[0], "alpha", 1.5);
  const ref_noise w = {
      .law = "stable", .alpha = 1.5, .scale = ref_parabolic_stable_scale(0.2, 1.0, 1.5, 1.0)};
  check_right(device, &stable, ref_noise_cdf(&w, -0.3), 1e-6, "stable 1.5");
  esc_device_close(device);
}

/* lr c = 1: (1 + x0/lr)/2. */
Test(parabolic_maximum, rademacher)
{
  static const double starts[] = {-0.25, 0.0625, 0.375};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 3; k++) {
    support_case c = parabolic("rademacher", 0.5, 2.0, starts[k], 1000.0);
    check_right(device, &c, ref_parabolic_rademacher(0.5, starts[k]), 1e-9, "Rademacher");
  }
  esc_device_close(device);
}

Test(parabolic_maximum, momentum)
{
  esc_device *const device = support_device(NULL, 2);
  for (int inside = 0; inside < 2; inside++) {
    support_case c = parabolic("gaussian", 0.1, 1.0, 0.1, 20.0);
    c.optimizer.name = "momentum";
    support_number(&c.optimizer_keys, "momentum", 0.6);
    support_number(&c.optimizer_keys, "lr_inside", inside);
    check_right(device, &c, ref_parabolic_momentum(0.1, 1.0, 1.0, 0.6, 0.1), 1e-9, "momentum");
  }
  esc_device_close(device);
}

/* --- the quadratic minimum
 * ------------------------------------------------------------------------------ */

/* Mean and variance at one step; kurtosis is a bound on that of x. */
static void check_moments(const esc_report *report, int64_t at, double mean, double variance,
                          double kurtosis, const char *what)
{
  const esc_moments *const m = &report->curves.moments[at];
  const double n = (double)m->count;
  check(m->mean.value, mean, sqrt(variance / n), 1e-6 * fabs(mean) + 1e-9, what);
  check(m->variance.value, variance, variance * sqrt((kurtosis - 1.0) / n), 1e-6 * variance, what);
}

/* The law of x after `steps` steps has this variance. */
static void check_stationary(esc_device *device, support_case *c, int64_t steps, double variance,
                             double kurtosis, const char *what)
{
  c->experiment.stop_steps = steps;
  c->observe.steps = &steps;
  c->observe.step_count = 1;
  c->observe.moments = 1;
  esc_result *result;
  const esc_report *const report = support_run(device, c, &result);
  check_moments(report, 0, 0.0, variance, kurtosis, what);
  esc_result_free(result);
}

Test(quadratic, relaxation)
{
  static const int64_t steps[] = {1, 2, 5, 10, 30, 100};
  const double lr = 0.2, k = 0.75, sigma = 1.5, x0 = 3.0;
  esc_device *const device = support_device(NULL, 2);
  support_case c = begin("quadratic", "gaussian", "sgd", lr);
  support_number(&c.landscape_keys, "k", k);
  c.noise[0].scale = sigma;
  support_start_at(&c, x0);
  c.experiment.stop_steps = 100;
  c.observe.steps = steps;
  c.observe.step_count = 6;
  c.observe.moments = 1;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int at = 0; at < 6; at++)
    check_moments(report, at, x0 * pow(1.0 - lr * k, (double)steps[at]),
                  ref_sgd_variance_at(lr, k, sigma, steps[at]), 3.0, "relaxation");
  esc_result_free(result);
  esc_device_close(device);
}

Test(quadratic, sgd)
{
  static const char *const laws[] = {"gaussian", "laplace", "rademacher", "uniform", "logistic"};
  static const double lrs[] = {0.05, 0.5, 1.9};
  esc_device *const device = support_device(NULL, 2);
  for (int law = 0; law < 5; law++)
    for (int k = 0; k < 3; k++) {
      support_case c = begin("quadratic", laws[law], "sgd", lrs[k]);
      c.noise[0].variance = 0.5;
      check_stationary(device, &c, 150, ref_sgd_variance(lrs[k], 1.0, sqrt(0.5)), 6.0, laws[law]);
    }
  esc_device_close(device);
}

Test(quadratic, correlation)
{
  static const int64_t lags[] = {1, 2, 7, 20};
  esc_device *const device = support_device(NULL, 2);
  support_case c = begin("quadratic", "gaussian", "sgd", 0.1);
  c.experiment.stop_steps = 200;
  c.observe.correlation = lags;
  c.observe.correlation_count = 4;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int k = 0; k < 4; k++) {
    const double rho = pow(0.9, (double)report->correlation_lags[k]);
    cr_assert_eq(report->correlation_lags[k], lags[k]);
    check(report->correlation[k].value, rho, (1.0 - rho * rho) / sqrt((double)MILLION), 0.0,
          "lag correlation");
  }
  esc_result_free(result);
  esc_device_close(device);
}

Test(quadratic, momentum)
{
  esc_device *const device = support_device(NULL, 2);
  for (int inside = 0; inside < 2; inside++) {
    support_case c = begin("quadratic", "gaussian", "momentum", 0.1);
    support_number(&c.optimizer_keys, "momentum", 0.8);
    support_number(&c.optimizer_keys, "lr_inside", inside);
    check_stationary(device, &c, 300, ref_momentum_variance(0.1, 1.0, 1.0, 0.8).x, 3.0, "momentum");
  }
  esc_device_close(device);
}

/* Bengio's form keeps the point where the gradient is taken, lookahead the iterate. */
Test(quadratic, nesterov)
{
  esc_device *const device = support_device(NULL, 2);
  for (int ahead = 0; ahead < 2; ahead++) {
    support_case c = begin("quadratic", "gaussian", "nesterov", 0.1);
    support_number(&c.optimizer_keys, "momentum", 0.8);
    support_word(&c.optimizer_keys, "form", ahead ? "lookahead" : "bengio");
    const double variance = ahead ? ref_nesterov_variance(0.1, 1.0, 1.0, 0.8)
                                  : ref_nesterov_point_variance(0.1, 1.0, 1.0, 0.8);
    check_stationary(device, &c, 300, variance, 3.0, ahead ? "lookahead" : "bengio");
  }
  esc_device_close(device);
}

Test(quadratic, stable)
{
  static const double at[] = {-20.0, -2.0, -0.5, 0.0, 0.3, 1.0, 5.0, 50.0};
  static const double alphas[] = {1.0, 1.5};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 2; k++) {
    support_case c = begin("quadratic", "stable", "sgd", 0.2);
    support_number(&c.noise_keys[0], "alpha", alphas[k]);
    c.noise[0].scale = 0.5;
    c.experiment.stop_steps = 120;
    c.experiment.beyond = ESC_BEYOND_NONE;
    c.observe.samples = 1;
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    const ref_noise x = {
        .law = "stable", .alpha = alphas[k], .scale = ref_stable_scale(0.2, 1.0, alphas[k], 0.5)};
    for (int j = 0; j < 8; j++) {
      esc_estimate share = {0.0, 0.0, 0.0};
      for (int64_t i = 0; i < MILLION; i++)
        share.value += (report->sample_final[i] <= at[j] * x.scale) * 1e-6;
      check_share(&share, MILLION, ref_noise_cdf(&x, at[j] * x.scale), 1e-9, "stable quantile");
    }
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* Noise that grows with x, as one source or as two: Var .0666667, kurtosis 5.75. */
Test(quadratic, state_dependent)
{
  esc_device *const device = support_device(NULL, 2);
  for (int sources = 1; sources <= 2; sources++) {
    support_case c = begin("quadratic", "gaussian", "sgd", 0.1);
    c.noise[0].state_scale[0] = sources == 1 ? 1.0 : 0.0;
    c.noise[0].state_scale[1] = 4.0;
    if (sources == 2)
      support_add_noise(&c, "gaussian");
    check_stationary(device, &c, 300, ref_state_noise_variance(0.1, 1.0, 2.0, 1.0), 5.75,
                     "state-dependent");
  }
  esc_device_close(device);
}

Test(quadratic, annealed)
{
  static const int64_t steps[] = {1, 2, 10, 100};
  esc_device *const device = support_device(NULL, 2);
  support_case c = begin("quadratic", "gaussian", "sgd", 0.1);
  c.noise[0].anneal[0] = 2.0;
  c.noise[0].anneal[1] = 0.55;
  c.experiment.stop_steps = 100;
  c.observe.steps = steps;
  c.observe.step_count = 4;
  c.observe.moments = 1;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int k = 0; k < 4; k++)
    check_moments(report, k, 0.0, ref_annealed_variance(0.1, 1.0, 2.0, 0.55, steps[k]), 3.0,
                  "annealed");
  esc_result_free(result);
  esc_device_close(device);
}

/* Each direction of a quadratic is a chain of its own. */
Test(quadratic, spectrum)
{
  static const double spectrum[3] = {0.25, 1.0, 4.0};
  const int64_t steps = 400;
  esc_device *const device = support_device(NULL, 2);
  support_case c = begin("quadratic", "gaussian", "sgd", 0.2);
  support_list(&c.landscape_keys, "spectrum", spectrum, 3);
  c.experiment.trajectories = 300000;
  c.experiment.stop_steps = steps;
  c.observe.steps = &steps;
  c.observe.step_count = 1;
  c.observe.moments = 1;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int j = 0; j < 3; j++)
    check_moments(report, j, 0.0, ref_sgd_variance(0.2, spectrum[j], 1.0), 3.0, "spectrum");
  esc_result_free(result);
  esc_device_close(device);
}

/* --- heavy tails
 * ------------------------------------------------------------------------------------ */

static double well_slope(double x, const void *context)
{
  (void)context;
  return x * x * x - x;
}

/* One long jump: the exit of (-1.9, 0) from -1 under Student's t, against the dense solver. */
Test(heavy_tails, student_t)
{
  const double start = -1.0;
  const ref_chain chain = {.gradient = well_slope,
                           .lr = 0.1,
                           .noise = {.law = "student_t", .scale = 0.5, .nu = 3.0},
                           .lower = -1.9,
                           .upper = 0.0,
                           .nodes_per_step = 8.0};
  ref_exit exact;
  cr_assert_eq(ref_exit_solve(&chain, 1, &start, &exact, NULL), 0);
  esc_device *const device = support_device(NULL, 2);
  support_case c = begin("double_well", "student_t", "sgd", 0.1);
  support_number(&c.noise_keys[0], "nu", 3.0);
  c.noise[0].scale = 0.5;
  support_start_at(&c, start);
  c.experiment.outside[0] = -1.9;
  c.experiment.outside[1] = 0.0;
  c.experiment.stop_steps = 1000000;
  c.experiment.trajectories = (int64_t)fmin(1e6, 1e9 / exact.mean);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const double n = (double)report->trajectories;
  check(report->exit_steps.mean.value, exact.mean, exact.sd / sqrt(n), 1e-4 * exact.mean, "mean");
  check_share(&support_outcome(report, "right")->fraction, report->trajectories, exact.right, 1e-5,
              "right");
  esc_result_free(result);
  esc_device_close(device);
}

/* Stable 1.5: steps from -1 to x > 0 with x kept above -3, over 1/P(lr zeta > 1): ratios printed to
 * two digits. */
Test(heavy_tails, stable_ratio)
{
  static const double lrs[] = {0.2, 0.1}, ratios[] = {0.60, 0.93};
  const ref_noise noise = {.law = "stable", .alpha = 1.5, .scale = 0.1};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 2; k++) {
    support_case c = begin("double_well", "stable", "sgd", lrs[k]);
    support_number(&c.noise_keys[0], "alpha", 1.5);
    c.noise[0].scale = 0.1;
    c.optimizer.project[0] = -3.0;
    support_start_at(&c, -1.0);
    c.experiment.outside[1] = 0.0;
    c.experiment.stop_steps = 10000000;
    c.experiment.trajectories = 100000;
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    const double jump = ref_noise_tail(&noise, 1.0 / lrs[k]);
    check(report->exit_steps.mean.value * jump, ratios[k], report->exit_steps.sd * jump / sqrt(1e5),
          0.005, "ratio");
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* --- adaptive rules
 * ------------------------------------------------------------------------------------ */

typedef struct path {
  double x[2001];
} path;

static int keep(void *context, const esc_replay_step *step)
{
  ((path *)context)->x[step->step] = *step->position;
  return 0;
}

static path replayed(support_case *c)
{
  path p;
  esc_device *const device = support_device(NULL, 1);
  cr_assert_eq(esc_replay(device, support_experiment(c), 0, keep, &p), ESC_STATUS_OK, "%s",
               esc_last_error());
  esc_device_close(device);
  return p;
}

/* Under a constant gradient Adam moves exactly lr g/(|g| + eps) each step. */
Test(adaptive, adam_moves_evenly)
{
  const double g = 0.25, eps = 1e-3, lr = 0.01;
  support_case c = begin("sharp_maximum", NULL, "adam", lr);
  support_number(&c.landscape_keys, "right_slope", g);
  support_number(&c.optimizer_keys, "eps", eps);
  support_start_at(&c, 1.0);
  c.experiment.stop_steps = 2000;
  c.experiment.state = ESC_STATE_F64;
  const path p = replayed(&c);
  for (int t = 1; t <= 2000; t++)
    cr_assert(fabs(p.x[t] - 1.0 - t * lr * g / (g + eps)) < 1e-12 * t, "step %d: %.15g", t, p.x[t]);
}

/* RMSprop without noise and with eps 0 ends on the orbit +-lr/2. */
Test(adaptive, rmsprop_has_an_orbit)
{
  support_case c = begin("quadratic", NULL, "rmsprop", 0.1);
  support_number(&c.optimizer_keys, "alpha", 0.9);
  support_number(&c.optimizer_keys, "eps", 0.0);
  support_start_at(&c, 0.3);
  c.experiment.stop_steps = 2000;
  c.experiment.state = ESC_STATE_F64;
  const path p = replayed(&c);
  for (int t = 1990; t <= 2000; t++) {
    cr_assert(fabs(fabs(p.x[t]) - 0.05) < 1e-6, "step %d: %g", t, p.x[t]);
    cr_assert(p.x[t] * p.x[t - 1] < 0.0);
  }
}

/* Limits as lr k << sigma, beta2 -> 1: lr sigma/(2k), and sqrt(pi/2) times that for sign-SGD. They
 * are limits: within five per cent here. */
Test(adaptive, stationary_limits)
{
  static const char *const rules[] = {"rmsprop", "adam", "sign_sgd"};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 3; k++) {
    const double lr = 0.004, limit = 0.5 * lr * (k == 2 ? sqrt(1.5707963267948966) : 1.0);
    const int64_t steps = 6000;
    support_case c = begin("quadratic", "gaussian", rules[k], lr);
    if (k == 0)
      support_number(&c.optimizer_keys, "alpha", 0.999);
    c.experiment.trajectories = 50000;
    c.experiment.stop_steps = steps;
    c.observe.steps = &steps;
    c.observe.step_count = 1;
    c.observe.moments = 1;
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    const double variance = report->curves.moments[0].variance.value;
    cr_assert(fabs(variance / limit - 1.0) < 0.05, "%s: %g, the limit is %g", rules[k], variance,
              limit);
    esc_result_free(result);
  }
  esc_device_close(device);
}
