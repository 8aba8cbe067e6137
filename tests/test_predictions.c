/* Closed forms of host/theory against the numbers and formulas of docs/exact_values.md, typed in
 * here from there, and against the engine; and what has no prediction. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support_predictions.h"

static void check_close(double found, double expected, double unit, const char *what)
{
  cr_assert(fabs(found - expected) <= unit, "%s: %.12g, expected %.12g", what, found, expected);
}

static support_case minimum(const char *noise, const char *rule, int64_t steps)
{
  support_case c = support_begin("quadratic", noise, rule, 0.1);
  support_number(&c.landscape_keys, "k", 1.5);
  c.noise[0].variance = 0.64;
  c.experiment.stop_steps = steps;
  c.experiment.trajectories = 100000;
  return c;
}

static double final_variance(support_case *c)
{
  esc_predictions *const p = support_predict(c, ESC_PREDICT_CLOSED);
  const double variance = support_predicted(p, "final.variance", -1);
  esc_predictions_free(p);
  return variance;
}

/* --- quadratic minima --- */

Test(predictions, stationary_variances)
{
  const double lr = 0.1, k = 1.5, s2 = 0.64, mu = 0.8, lk = lr * k;
  support_case sgd = minimum("laplace", "sgd", 100000);
  check_close(final_variance(&sgd), lr * s2 / (k * (2.0 - lk)), 1e-13, "sgd");

  support_case momentum = minimum("gaussian", "momentum", 100000);
  support_number(&momentum.optimizer_keys, "momentum", mu);
  check_close(final_variance(&momentum),
              lr * s2 * (1.0 + mu) / (k * (1.0 - mu) * (2.0 * (1.0 + mu) - lk)), 1e-13, "momentum");

  const double f1 = (1.0 + mu) * (1.0 - lk), f2 = -mu * (1.0 - lk);
  const double iterate =
      lr * lr * s2 * (1.0 - f2) / ((1.0 + f2) * ((1.0 - f2) * (1.0 - f2) - f1 * f1));
  support_case ahead = minimum("gaussian", "nesterov", 100000);
  support_number(&ahead.optimizer_keys, "momentum", mu);
  support_word(&ahead.optimizer_keys, "form", "lookahead");
  check_close(final_variance(&ahead), iterate, 1e-13, "nesterov, iterate");

  support_case point = minimum("gaussian", "nesterov", 100000);
  support_number(&point.optimizer_keys, "momentum", mu);
  const double factor = (1.0 + mu) * (1.0 + mu) + mu * mu - 2.0 * mu * (1.0 + mu) * f1 / (1.0 - f2);
  check_close(final_variance(&point), iterate * factor, 1e-13, "nesterov, point");

  support_case state = minimum("gaussian", "sgd", 100000); /* lr .1, k 1, s 2, sigma 1 */
  state.landscape_keys.count = 0;
  state.noise[0].variance = 1.0;
  state.noise[0].state_scale[0] = 1.0;
  state.noise[0].state_scale[1] = 4.0;
  check_close(final_variance(&state), 1.0 / 15.0, 1e-12, "state-dependent noise");
}

Test(predictions, variance_and_mean_at_n)
{
  const double r = 1.0 - 0.15;
  static const int64_t steps[] = {0, 1, 7};
  static const int64_t lags[] = {3};
  support_case c = minimum("gaussian", "sgd", 12);
  support_start_at(&c, -2.0);
  c.observe.steps = steps, c.observe.step_count = 3, c.observe.moments = 1;
  c.observe.correlation = lags, c.observe.correlation_count = 1;
  esc_predictions *const p = support_predict(&c, ESC_PREDICT_CLOSED);
  const double stationary = 0.1 * 0.64 / (1.5 * (2.0 - 0.15));
  for (int i = 0; i < 3; i++) {
    const double n = (double)steps[i];
    check_close(support_predicted(p, "curves.moments.mean", steps[i]), -2.0 * pow(r, n), 1e-14,
                "mean");
    check_close(support_predicted(p, "curves.moments.variance", steps[i]),
                stationary * (1.0 - pow(r, 2.0 * n)), 1e-15, "variance");
  }
  const double before = 1.0 - pow(r, 18.0), after = 1.0 - pow(r, 24.0);
  check_close(support_predicted(p, "correlation", 3), pow(r, 3.0) * sqrt(before / after), 1e-14,
              "correlation");
  check_close(support_predicted(p, "final.quantiles.0.95", -1),
              -2.0 * pow(r, 12.0) + 1.6448536269514722 * sqrt(stationary * after), 1e-14,
              "quantile");
  esc_predictions_free(p);
}

Test(predictions, annealed_noise)
{
  support_case c = minimum("gaussian", "sgd", 50);
  c.noise[0].variance = (double)NAN;
  c.noise[0].anneal[0] = 0.3;
  c.noise[0].anneal[1] = 0.55;
  double variance = 0.0;
  for (int t = 0; t < 50; t++)
    variance = 0.85 * 0.85 * variance + 0.01 * 0.3 / pow(1.0 + t, 0.55);
  check_close(final_variance(&c), variance, 1e-15, "annealed");
}

/* --- parabolic maxima --- */

static double right_of_parabola(const char *noise, double lr, double x0, double wall, double *error)
{
  support_case c = support_begin("quadratic", noise, "sgd", lr);
  support_number(&c.landscape_keys, "k", -1.0);
  if (strcmp(noise, "stable") == 0)
    support_number(&c.noise_keys[0], "alpha", 1.0);
  support_start_at(&c, x0);
  support_outside(&c, -wall, wall);
  esc_predictions *const p = support_predict(&c, ESC_PREDICT_CLOSED);
  const esc_prediction *const right = support_prediction(p, "outcomes.right.fraction", -1);
  const double value = right->value;
  cr_assert(right->eventual);
  *error = right->error;
  esc_predictions_free(p);
  return value;
}

/* The numbers printed for walls at +-1 lie within the bound of their effect. */
Test(predictions, parabolic_maximum)
{
  static const double lrs[3] = {0.1, 0.05, 0.01};
  static const double printed[3] = {0.67661654, 0.73901525, 0.92186734};
  double error;
  for (int i = 0; i < 3; i++) {
    const double right = right_of_parabola("gaussian", lrs[i], 0.1, 1.0, &error);
    check_close(right, printed[i], error + 0.5e-8, "gaussian");
    cr_assert(error < 3e-6, "lr %g: the walls' effect is bounded by %g", lrs[i], error);
  }
  check_close(right_of_parabola("stable", 0.3, 0.5, 50.0, &error), 0.5 + atan(0.5) / acos(-1.0),
              1e-15, "cauchy");
  check_close(error, atan(1.0 / 50.0) / acos(-1.0), 1e-12, "cauchy at walls of +-50");
  check_close(right_of_parabola("rademacher", 1.0, 0.25, 4.0, &error), 0.625, 0.0, "rademacher");
  check_close(error, 0.0, 1e-14, "rademacher beyond +-1");
}

/* --- what is not known --- */

Test(predictions, refusals)
{
  support_case c = minimum("gaussian", "sgd", 100);
  c.noise[0].clip = 1.0;
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_CLOSED), "no closed form"));
  c = minimum("gaussian", "adam", 100);
  support_refusal(&c, ESC_PREDICT_CLOSED);
  c = minimum("gaussian", "sgd", 100);
  c.optimizer.schedule = "inverse_sqrt";
  support_refusal(&c, ESC_PREDICT_CLOSED);
  c = minimum("gaussian", "sgd", 100);
  support_outside(&c, -1.0, 1.0);
  support_refusal(&c, ESC_PREDICT_CLOSED);

  esc_predictions *predictions = NULL;
  c = minimum("gaussian", "sgd", 100);
  cr_assert_eq(esc_predict(NULL, ESC_PREDICT_CLOSED, &predictions), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_predict(support_experiment(&c), ESC_PREDICT_CLOSED, NULL),
               ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_predict(support_experiment(&c), (esc_predict_method)4, &predictions),
               ESC_STATUS_BAD_ARGUMENT);
  c.optimizer.lr = -1.0;
  cr_assert_eq(esc_predict(support_experiment(&c), ESC_PREDICT_CLOSED, &predictions),
               ESC_STATUS_BAD_EXPERIMENT);
  cr_assert_null(predictions);
  cr_assert_eq(esc_predictions_count(NULL), 0);
  cr_assert_null(esc_predictions_at(NULL, 0));
  cr_assert_str_eq(esc_predictions_note(NULL), "");
  esc_predictions_free(NULL);
}

/* --- the engine --- */

Test(predictions, engine_on_a_minimum, .timeout = 120)
{
  static const int64_t steps[] = {5, 30};
  static const double here[] = {0.1};
  static const int64_t lags[] = {2, 10};
  esc_near near = ESC_NEAR_INIT("here");
  near.point = here, near.point_count = 1, near.radius = 0.2;
  support_case c = minimum("gaussian", "momentum", 60);
  support_start_at(&c, 1.0);
  c.observe.steps = steps, c.observe.step_count = 2, c.observe.moments = 1;
  c.observe.nears = &near, c.observe.near_count = 1;
  c.observe.correlation = lags, c.observe.correlation_count = 2;
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 13);

  c = minimum("laplace", "sgd", 40); /* a fourth moment far from the normal's */
  c.optimizer.lr = 0.5;
  c.noise[0].sparse = 0.5;
  support_start_in(&c, ESC_START_UNIFORM, -1.0, 2.0);
  c.observe.steps = steps, c.observe.step_count = 2, c.observe.moments = 1;
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 6);
}

Test(predictions, engine_on_a_parabola, .timeout = 120)
{
  support_case c = support_begin("quadratic", "gaussian", "momentum", 0.1);
  support_number(&c.landscape_keys, "k", -1.0);
  support_number(&c.optimizer_keys, "momentum", 0.5);
  support_start_at(&c, 0.1);
  support_outside(&c, -4.0, 4.0);
  c.experiment.stop_steps = 10000;
  c.experiment.trajectories = 100000;
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 1);
}
