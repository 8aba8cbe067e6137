/* The engine against exact values of the discrete chain: the closed forms and exact solutions of
 * docs/exact_values.md, through the public API at a million trajectories (fewer for the long ones:
 * no run takes much more than 1e9 steps). A value passes within five standard errors, a false alarm
 * of 6e-7 under another seed, and half a unit of its last printed digit; the seed is fixed. */
#include <criterion/criterion.h>
#include <math.h>

#include "reference_chain.h"
#include "reference_noise.h"
#include "tests/support.h"
#include "tests/support_theory.h"

/* The share that ended on the right. */
static void check_right(esc_device *device, support_case *c, double p, double unit,
                        const char *what)
{
  esc_result *result;
  const esc_report *const report = support_run(device, c, &result);
  const esc_outcome *const right = support_outcome(report, "right");
  cr_assert_eq(support_outcome(report, "running")->count, 0, "%s: some never ended", what);
  cr_assert_eq(support_outcome(report, "diverged")->count, 0, "%s: some diverged", what);
  support_check_share(&right->fraction, report->trajectories, p, unit, what);
  esc_result_free(result);
}

/* --- the sharp maximum --- */

static const char *const sides[] = {"right", "left", "zero"};

static support_case sharp(const char *law, double a, double b, const char *at_zero)
{
  const double far = 10.0 / (a < b ? a : b); /* never to return but for 1e-8 */
  support_case c = support_begin_million("sharp_maximum", law, "sgd", 0.125);
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

/* --- the parabolic maximum --- */

static support_case parabolic(const char *law, double lr, double c_value, double x0, double wall)
{
  support_case c = support_begin_million("power_maximum", law, "sgd", lr);
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

/* --- the quadratic minimum --- */

/* Mean and variance at one step; kurtosis is a bound on that of x. */
static void check_moments(const esc_report *report, int64_t at, double mean, double variance,
                          double kurtosis, const char *what)
{
  const esc_moments *const m = &report->curves.moments[at];
  const double n = (double)m->count;
  support_check_exact(m->mean.value, mean, sqrt(variance / n), 1e-6 * fabs(mean) + 1e-9, what);
  support_check_exact(m->variance.value, variance, variance * sqrt((kurtosis - 1.0) / n),
                      1e-6 * variance, what);
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
  support_case c = support_begin_million("quadratic", "gaussian", "sgd", lr);
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
      support_case c = support_begin_million("quadratic", laws[law], "sgd", lrs[k]);
      c.noise[0].variance = 0.5;
      check_stationary(device, &c, 150, ref_sgd_variance(lrs[k], 1.0, sqrt(0.5)), 6.0, laws[law]);
    }
  esc_device_close(device);
}

Test(quadratic, correlation)
{
  static const int64_t lags[] = {1, 2, 7, 20};
  esc_device *const device = support_device(NULL, 2);
  support_case c = support_begin_million("quadratic", "gaussian", "sgd", 0.1);
  c.experiment.stop_steps = 200;
  c.observe.correlation = lags;
  c.observe.correlation_count = 4;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int k = 0; k < 4; k++) {
    const double rho = pow(0.9, (double)report->correlation_lags[k]);
    cr_assert_eq(report->correlation_lags[k], lags[k]);
    support_check_exact(report->correlation[k].value, rho,
                        (1.0 - rho * rho) / sqrt((double)SUPPORT_MILLION), 0.0, "lag correlation");
  }
  esc_result_free(result);
  esc_device_close(device);
}

Test(quadratic, momentum)
{
  esc_device *const device = support_device(NULL, 2);
  for (int inside = 0; inside < 2; inside++) {
    support_case c = support_begin_million("quadratic", "gaussian", "momentum", 0.1);
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
    support_case c = support_begin_million("quadratic", "gaussian", "nesterov", 0.1);
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
    support_case c = support_begin_million("quadratic", "stable", "sgd", 0.2);
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
      for (int64_t i = 0; i < SUPPORT_MILLION; i++)
        share.value += (report->sample_final[i] <= at[j] * x.scale) * 1e-6;
      support_check_share(&share, SUPPORT_MILLION, ref_noise_cdf(&x, at[j] * x.scale), 1e-9,
                          "stable quantile");
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
    support_case c = support_begin_million("quadratic", "gaussian", "sgd", 0.1);
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
  support_case c = support_begin_million("quadratic", "gaussian", "sgd", 0.1);
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
  support_case c = support_begin_million("quadratic", "gaussian", "sgd", 0.2);
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

/* --- heavy tails --- */

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
  support_case c = support_begin_million("double_well", "student_t", "sgd", 0.1);
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
  support_check_exact(report->exit_steps.mean.value, exact.mean, exact.sd / sqrt(n),
                      1e-4 * exact.mean, "mean");
  support_check_share(&support_outcome(report, "right")->fraction, report->trajectories,
                      exact.right, 1e-5, "right");
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
    support_case c = support_begin_million("double_well", "stable", "sgd", lrs[k]);
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
    support_check_exact(report->exit_steps.mean.value * jump, ratios[k],
                        report->exit_steps.sd * jump / sqrt(1e5), 0.005, "ratio");
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* --- adaptive rules --- */

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
  support_case c = support_begin_million("sharp_maximum", NULL, "adam", lr);
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
  support_case c = support_begin_million("quadratic", NULL, "rmsprop", 0.1);
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
    support_case c = support_begin_million("quadratic", "gaussian", rules[k], lr);
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
