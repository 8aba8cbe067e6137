/* Kernels of trajectories against exact values (docs/exact_values.md) on the emulated device: mean
 * exit times, sides of a maximum, stationary variances. They have the CPU's bits
 * (test_trajectories.c), on which the whole tables are tested; here some thousand trajectories
 * each say that the kernels by themselves do what they should. A value passes within five standard
 * errors; seeds are fixed. */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/support.h"
#include "tests/support_theory.h"

static esc_device *emulated(void)
{
  esc_device *device = NULL;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = "cuda";
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_OK, "%s", esc_last_error());
  return device;
}

static support_case exits(const char *landscape, const char *law, double lr, double scale,
                          double start, double lo, double hi, int64_t trajectories)
{
  support_case c = support_begin(landscape, law, "sgd", lr);
  c.noise[0].scale = scale;
  support_start_at(&c, start);
  c.experiment.outside[0] = lo;
  c.experiment.outside[1] = hi;
  c.experiment.stop_steps = 1000000;
  c.experiment.trajectories = trajectories;
  c.experiment.seed = 20260711;
  return c;
}

/* NaN: not to be looked at. */
static void check(support_case *c, double mean, double right, const char *what)
{
  esc_device *const device = emulated();
  esc_result *result;
  const esc_report *const report = support_run(device, c, &result);
  const double n = (double)report->trajectories;
  cr_expect_str_eq(report->backend, "cuda");
  if (!isnan(mean))
    support_check_exact(report->exit_steps.mean.value, mean, report->exit_steps.sd / sqrt(n), 0.0,
                        what);
  if (!isnan(right))
    support_check_share(&support_outcome(report, "right")->fraction, report->trajectories, right,
                        0.0, what);
  esc_result_free(result);
  esc_device_close(device);
}

Test(emulated_theory, double_well)
{
  support_case c = exits("double_well", "gaussian", 0.2, 0.7, -1.0, -(double)INFINITY, 0.0, 2000);
  check(&c, 2299.93, NAN, "double well, to the top");
}

static support_case maximum(double p, double start, int64_t trajectories)
{
  support_case c = exits("power_maximum", "gaussian", 0.1, 1.0, start, -1.0, 1.0, trajectories);
  support_number(&c.landscape_keys, "p", p);
  return c;
}

Test(emulated_theory, smooth_maxima)
{
  support_case c = maximum(2.0, 0.0, 40000);
  check(&c, 23.252648, 0.5, "parabolic, from the top");
  c = maximum(2.0, 0.1, 40000);
  check(&c, NAN, 0.67661654, "parabolic, from .1");
  c = maximum(4.0, 0.0, 40000);
  check(&c, 49.348093, 0.5, "quartic, from the top");
  c = maximum(4.0, 0.2, 40000);
  check(&c, 45.344614, 0.66321331, "quartic, from .2");
}

/* The side is all but decided at 30 mean steps: what is left is below exp(-11). */
Test(emulated_theory, sharp_maximum)
{
  static const char *const words[] = {"right", "left", "zero"};
  static const double shares[] = {0.83053628, 0.65310628, 0.70538060};
  for (int k = 0; k < 3; k++) {
    support_case c = exits("sharp_maximum", "laplace", 0.1, sqrt(0.5), 0.0, -3.0, 3.0, 20000);
    support_number(&c.landscape_keys, "left_slope", 0.2);
    support_number(&c.landscape_keys, "right_slope", 0.6);
    support_word(&c.landscape_keys, "at_zero", words[k]);
    check(&c, NAN, shares[k], words[k]);
  }
}

Test(emulated_theory, cauchy_walk)
{
  support_case c = exits("quadratic", "stable", 1.0, 0.2, 0.5, -1.0, 1.0, 100000);
  support_number(&c.landscape_keys, "k", 0.0);
  support_number(&c.noise_keys[0], "alpha", 1.0);
  check(&c, 5.4708808, 0.64348156, "Cauchy walk from .5");
}

/* Var x = eta sigma^2 (1 + mu)/(k (1 - mu)(2 (1 + mu) - eta k)) under momentum. */
Test(emulated_theory, stationary_variance)
{
  enum { TRAJECTORIES = 20000 };
  const int64_t steps = 150;
  const double lr = 0.1, mu = 0.8;
  support_case c = support_begin("quadratic", "gaussian", "momentum", lr);
  support_number(&c.optimizer_keys, "momentum", mu);
  support_start_at(&c, 0.0);
  c.experiment.stop_steps = steps;
  c.experiment.trajectories = TRAJECTORIES;
  c.experiment.beyond = ESC_BEYOND_AT; /* as the kernel is composed */
  c.experiment.beyond_at = 100.0;
  c.observe.steps = &steps;
  c.observe.step_count = 1;
  c.observe.moments = c.observe.loss = 1;
  esc_device *const device = emulated();
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const double variance = lr * (1.0 + mu) / ((1.0 - mu) * (2.0 * (1.0 + mu) - lr));
  support_check_exact(report->curves.moments[0].variance.value, variance,
                      variance * sqrt(2.0 / TRAJECTORIES), 0.0, "variance");
  support_check_exact(report->curves.moments[0].mean.value, 0.0, sqrt(variance / TRAJECTORIES), 0.0,
                      "mean");
  esc_result_free(result);
  esc_device_close(device);
}
