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

/* The error of a measured variance: sqrt((kappa + 2 Var^2)/N), kappa the fourth cumulant of x,
 * which for sgd is lr^4 kappa_xi/(1 - r^4); Laplace's of variance v is 3 v^2. */
Test(predictions, error_of_a_variance)
{
  const double r = 1.0 - 0.15, variance = 0.1 * 0.64 / (1.5 * (2.0 - 0.15));
  const double kappa = 1e-4 * 3.0 * 0.64 * 0.64 / (1.0 - pow(r, 4.0));
  support_case c = minimum("laplace", "sgd", 100000);
  esc_predictions *p = support_predict(&c, ESC_PREDICT_CLOSED);
  check_close(support_prediction(p, "final.variance", -1)->deviation,
              sqrt(kappa + 2.0 * variance * variance), 1e-14, "laplace");
  check_close(support_prediction(p, "final.mean", -1)->deviation, sqrt(variance), 1e-14, "mean");
  esc_predictions_free(p);
  c = minimum("laplace", "momentum", 100000);
  p = support_predict(&c, ESC_PREDICT_CLOSED);
  cr_assert(isnan(support_prediction(p, "final.variance", -1)->deviation));
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

/* --- stable noise --- */

/* Cauchy's law is closed: its 0.95-point is tan(.45 pi). The others against the engine. */
Test(predictions, stable_noise, .timeout = 120)
{
  static const int64_t steps[] = {3};
  static const double here[] = {0.2};
  static const double indices[] = {1.0, 0.7, 1.5};
  esc_near near = ESC_NEAR_INIT("here");
  near.point = here, near.point_count = 1, near.radius = 0.25;
  for (int k = 0; k < 3; k++) {
    support_case c = support_begin("quadratic", "stable", "sgd", 0.25);
    support_number(&c.noise_keys[0], "alpha", indices[k]);
    support_start_at(&c, 1.0);
    c.observe.nears = &near, c.observe.near_count = 1;
    c.observe.steps = steps, c.observe.step_count = 1;
    c.experiment.stop_steps = 12;
    c.experiment.trajectories = 60000;
    cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 4);
    esc_predictions *const p = support_predict(&c, ESC_PREDICT_CLOSED);
    const double r = pow(0.75, 12.0);
    if (k == 0)
      check_close(support_predicted(p, "final.quantiles.0.95", -1),
                  r + (1.0 - r) * tan(0.45 * acos(-1.0)), 1e-9, "cauchy");
    esc_predictions_free(p);

    support_number(&c.landscape_keys, "k", -1.0); /* off a parabola */
    c.observe.near_count = c.observe.step_count = 0;
    support_start_at(&c, 0.5);
    support_outside(&c, -1e5, 1e5);
    c.experiment.stop_steps = 1000;
    cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 1);
  }
}

/* --- sharp maxima --- */

static support_case sharp(const char *law, double lr, double a, double b, const char *at_zero)
{
  support_case c = support_begin("sharp_maximum", law, "sgd", lr);
  support_number(&c.landscape_keys, "left_slope", a);
  support_number(&c.landscape_keys, "right_slope", b);
  support_word(&c.landscape_keys, "at_zero", at_zero);
  c.noise[0].variance = 1.0;
  support_outside(&c, -24.0 * lr / a, 24.0 * lr / b);
  c.experiment.stop_steps = 100000;
  return c;
}

static double right_of(support_case *c)
{
  esc_predictions *const p = support_predict(c, ESC_PREDICT_CLOSED);
  const double right = support_predicted(p, "outcomes.right.fraction", -1);
  esc_predictions_free(p);
  return right;
}

static double split(const char *law, double lr, double a, double b, const char *at_zero)
{
  support_case c = sharp(law, lr, a, b, at_zero);
  return right_of(&c);
}

Test(predictions, sharp_maximum)
{
  static const struct {
    const char *law;
    double a, b, right, left, zero;
  } rows[] = {
      {"gaussian", .5, .5, .64009256, .35990744, .5},
      {"laplace", .5, .5, .66822575, .33177425, .5},
      {"laplace", .2, .6, .83053628, .65310628, .70538060},
      {"laplace", .1, .3, .77658484, .72184055, .73627784},
      {"rademacher", .5, .5, .6477988713, 1.0 - .6477988713, .5},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    const double lr = 0.125;
    check_close(split(rows[k].law, lr, rows[k].a, rows[k].b, "right"), rows[k].right, 1e-8, "0+");
    check_close(split(rows[k].law, lr, rows[k].a, rows[k].b, "left"), rows[k].left, 1e-8, "0-");
    check_close(split(rows[k].law, lr, rows[k].a, rows[k].b, "zero"), rows[k].zero, 1e-8, "0");
  }
  static const double chang_peres[4][2] = {
      {.25, .3056989962}, {.5, .5293251498}, {1.0, .8005431181}, {2.0, .9762690979}};
  for (int k = 0; k < 4; k++) {
    const double p = chang_peres[k][1];
    check_close(split("gaussian", 0.125, chang_peres[k][0], chang_peres[k][0], "right"),
                0.5 * (1.0 + p * p), 1e-10, "Chang and Peres");
  }
  /* from y = x/lr, Laplace: 1 - A(1-B^2)/(A+B) e^(-By/s) */
  support_case c = sharp("laplace", 0.1, .2, .6, "zero");
  support_start_at(&c, 0.05);
  const double scale = sqrt(0.5), h_left = .65310628, h_zero = .70538060;
  const double a = sqrt(1.0 - h_left / h_zero), b = -log1p(-a * a); /* b = a .2/s */
  check_close(b, a * .2 / scale, 1e-7, "the root A of the printed numbers");
  const double root_b = a * h_zero / (1.0 - h_zero);
  const double expected =
      1.0 - a * (1.0 - root_b * root_b) / (a + root_b) * exp(-root_b * .5 / scale);
  check_close(right_of(&c), expected, 1e-7, "from .05");
  /* 0.1 is no binary fraction: the walk never comes back to 0 */
  c = sharp("rademacher", 0.1, .5, .5, "right");
  support_refusal(&c, ESC_PREDICT_CLOSED);
}

/* --- walks --- */

Test(predictions, free_walk)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 0.1);
  support_number(&c.landscape_keys, "k", 0.0);
  support_outside(&c, -1.0, 1.0);
  esc_predictions *p = support_predict(&c, ESC_PREDICT_CLOSED);
  check_close(support_predicted(p, "exit_steps.mean", -1), 112.24136, 0.5e-5, "from 0");
  esc_predictions_free(p);
  support_start_at(&c, 0.5);
  p = support_predict(&c, ESC_PREDICT_CLOSED);
  const esc_prediction *const mean = support_prediction(p, "exit_steps.mean", -1);
  check_close(mean->value, 87.241361, mean->error, "from .5");
  cr_assert(mean->error < 5e-6);
  check_close(support_predicted(p, "outcomes.right.fraction", -1), .73623691, 0.5e-8, "side");
  esc_predictions_free(p);
}

/* --- limits --- */

static double limit_of(support_case *c, const char *of, const char *against)
{
  esc_predictions *const p = support_predict(c, ESC_PREDICT_CLOSED);
  double value = (double)NAN;
  for (int i = 0; i < esc_predictions_count(p); i++) {
    const esc_prediction *const at = esc_predictions_at(p, i);
    if (strcmp(at->of, of) == 0 &&
        (at->against ? against && !strcmp(at->against, against) : !against)) {
      cr_assert_eq(at->kind, ESC_PREDICTION_ASYMPTOTIC);
      value = at->value;
    }
  }
  esc_predictions_free(p);
  return value;
}

static support_case flat(double p, double lr, double x0)
{
  support_case c = support_begin("power_maximum", "gaussian", "sgd", lr);
  support_number(&c.landscape_keys, "p", p);
  support_start_at(&c, x0);
  support_outside(&c, -1.0, 1.0);
  return c;
}

Test(predictions, flat_maximum)
{
  static const double constants[4][2] = {
      {3.0, 2.0898117}, {4.0, 1.6431309}, {6.0, 1.4333195}, {8.0, 1.3575761}};
  for (int k = 0; k < 4; k++) {
    const double p = constants[k][0], lr = 1e-3, unit = pow(lr, 2.0 / p) / (lr * lr);
    support_case c = flat(p, lr, 0.0);
    check_close((limit_of(&c, "exit_steps.mean", NULL) + 1.0 / ((p - 2.0) * lr)) / unit,
                constants[k][1], 0.5001e-7, "A_p");
    check_close(limit_of(&c, "exit_steps.mean", "optimizer.lr"), 2.0 / p - 2.0, 1e-15, "exponent");
  }
  /* the quartic of the tables: the limits are near the exact values */
  support_case c = flat(4.0, 0.01, 0.0);
  check_close(limit_of(&c, "exit_steps.mean", NULL), 1596.4599, 4.0, "quartic");
  c = flat(4.0, 0.01, 0.2);
  check_close(limit_of(&c, "outcomes.right.fraction", NULL), .78873425, 1e-4, "side");
  c = flat(4.0, 0.01, 0.0);
  support_number(&c.landscape_keys, "c_right", 16.0);
  check_close(limit_of(&c, "outcomes.right.fraction", NULL), 2.0 / 3.0, 1e-15, "unequal sides");
  c = flat(4.0, 0.01, 0.0);
  c.noise[0].law = "stable";
  support_number(&c.noise_keys[0], "alpha", 1.5);
  check_close(limit_of(&c, "exit_steps.mean", "optimizer.lr"), -4.5 / 3.5, 1e-15, "heavy");
}

static support_case well(const char *law, double lr, double scale, double high)
{
  support_case c = support_begin("double_well", law, "sgd", lr);
  c.noise[0].scale = scale;
  support_start_at(&c, -1.0);
  support_outside(&c, -(double)INFINITY, high);
  return c;
}

/* The ratios to the exact times go to 1 as lr falls. */
Test(predictions, kramers)
{
  support_case c = well("gaussian", 0.1, 1.0, 0.5);
  check_close(limit_of(&c, "exit_steps.mean", NULL) / 6928.200, 1.0, 6e-3, "lr .1");
  c = well("gaussian", 0.05, 1.0, 0.5);
  check_close(limit_of(&c, "exit_steps.mean", NULL) / 2007387, 1.0, 5e-4, "lr .05");
  c = well("gaussian", 0.1, 1.0, 0.0); /* stopping at the top is no part of it */
  support_refusal(&c, ESC_PREDICT_CLOSED);
  c = well("logistic", 0.1, 0.5, 0.5); /* another exponent */
  support_refusal(&c, ESC_PREDICT_CLOSED);
}

Test(predictions, heavy_tails)
{
  const double pi = acos(-1.0), c_alpha = tgamma(1.5) * sin(0.75 * pi) / pi;
  support_case c = well("stable", 0.01, 0.1, 0.0);
  support_number(&c.noise_keys[0], "alpha", 1.5);
  const double per_step = c_alpha * pow(0.001, 1.5);
  check_close(limit_of(&c, "exit_steps.mean", NULL) * per_step, 1.0, 1e-12, "one wall");
  check_close(limit_of(&c, "exit_steps.mean", "optimizer.lr"), -1.5, 0.0, "exponent");
  c.experiment.outside[0] = -3.0;
  const double other = per_step / pow(2.0, 1.5);
  check_close(limit_of(&c, "exit_steps.mean", NULL) * (per_step + other), 1.0, 1e-12, "two walls");
  check_close(limit_of(&c, "outcomes.right.fraction", NULL), per_step / (per_step + other), 1e-12,
              "sides");
  c.optimizer.clip_update = 0.6; /* two jumps */
  check_close(limit_of(&c, "exit_steps.mean", "optimizer.lr"), -2.0, 1e-12, "clipped");
  c.optimizer.clip_update = 0.35; /* three */
  check_close(limit_of(&c, "exit_steps.mean", "optimizer.lr"), -2.5, 1e-12, "clipped");
  c = well("stable", 0.01, 0.1, 0.5); /* the wall is not that of the well */
  support_number(&c.noise_keys[0], "alpha", 1.5);
  support_refusal(&c, ESC_PREDICT_CLOSED);
}

Test(predictions, window_and_adaptive_rules)
{
  static const int64_t steps[] = {10, 1000, 1000000};
  static const double at[] = {1.0};
  esc_near near = ESC_NEAR_INIT("right");
  near.point = at, near.point_count = 1, near.radius = 0.1;
  support_case c = support_begin("double_well", "laplace", "sgd", 0.01);
  c.noise[0].variance = 1.0;
  support_start_at(&c, 0.8);
  c.observe.nears = &near, c.observe.near_count = 1;
  c.observe.steps = steps, c.observe.step_count = 3;
  c.experiment.stop_steps = 1000000;
  check_close(limit_of(&c, "curves.near.right.fraction", NULL),
              erf(0.1 / sqrt(2.0 * 0.01 / (2.0 * 1.98))), 1e-8, "plateau");

  static const char *const rules[3] = {"adam", "rmsprop", "sign_sgd"};
  for (int k = 0; k < 3; k++) {
    support_case m = minimum("gaussian", rules[k], 100000);
    m.optimizer.lr = 0.01;
    const double expected = 0.01 * 0.8 / (2.0 * 1.5) * (k == 2 ? sqrt(acos(-1.0) / 2.0) : 1.0);
    check_close(limit_of(&m, "final.variance", NULL), expected, 1e-15, rules[k]);
  }
  support_case line = support_begin("sharp_maximum", "none", "adam", 0.125);
  support_number(&line.landscape_keys, "right_slope", 2.0);
  support_start_at(&line, 1.0);
  line.experiment.stop_steps = 16;
  line.experiment.trajectories = 10;
  esc_predictions *const p = support_predict(&line, ESC_PREDICT_CLOSED);
  check_close(support_predicted(p, "final.mean", -1), 1.0 + 2.0 / (1.0 + 0.5e-8), 1e-14, "adam");
  esc_predictions_free(p);
  cr_assert_eq(support_check_predictions(&line, ESC_PREDICT_CLOSED), 1);
}

/* Any rule, started in the middle of its own mirror image. */
Test(predictions, symmetry, .timeout = 120)
{
  support_case c = support_begin("double_well", "laplace", "adam", 0.05);
  support_outside(&c, -0.5, 0.5);
  support_start_in(&c, ESC_START_UNIFORM, -0.25, 0.25);
  c.experiment.stop_steps = 20; /* many still run: it is of the long run */
  c.experiment.trajectories = 100000;
  check_close(right_of(&c), 0.5, 0.0, "even");
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_CLOSED), 1);
  support_number(&c.landscape_keys, "tilt", 0.01);
  support_refusal(&c, ESC_PREDICT_CLOSED);
}

/* --- what is not known --- */

static const esc_setting power[] = {ESC_NUMBER("exponent", 0.5)};

/* Ways to differ from what a formula is about. */
enum { DIFFERENCES = 14 };
static void differ(support_case *c, int way)
{
  static const double level = -100.0;
  static esc_set set = ESC_SET_INIT("low");
  set.kind = ESC_SET_LOSS_BELOW, set.values = &level, set.value_count = 1;
  switch (way) {
  case 0:
    c->noise[0].clip = 3.0;
    break;
  case 1:
    c->noise[0].sparse = 0.5;
    break;
  case 2:
    c->noise[0].state_scale[1] = 0.5;
    break;
  case 3:
    c->noise[0].target = ESC_NOISE_ON_PARAMETER;
    break;
  case 4:
    c->noise[0].proportional_to = ESC_PROPORTIONAL_TO_LOSS;
    break;
  case 5:
    c->noise[0].variance = (double)NAN;
    c->noise[0].anneal[0] = 1.0, c->noise[0].anneal[1] = 0.5;
    break;
  case 6:
    support_add_noise(c, "gaussian");
    break;
  case 7:
    c->optimizer.weight_decay = 0.1;
    break;
  case 8:
    c->optimizer.clip_update = 1.0;
    break;
  case 9:
    c->optimizer.project[0] = -1.0;
    break;
  case 10:
    c->optimizer.schedule = "power";
    c->optimizer.schedule_settings = power, c->optimizer.schedule_setting_count = 1;
    break;
  case 11:
    c->experiment.renew = 1;
    break;
  case 12:
    c->experiment.outside[0] = -(double)INFINITY, c->experiment.outside[1] = (double)INFINITY;
    c->experiment.sets = &set, c->experiment.set_count = 1;
    break;
  default:
    support_start_in(c, ESC_START_NORMAL, 0.1, 0.2);
    break;
  }
}

/* One formula of each family, and every way out of it. (A mirror image is refused by the starts.)
 */
Test(predictions, differences)
{
  for (int way = 0; way < DIFFERENCES; way++) {
    support_case c = sharp("laplace", 0.1, .2, .6, "zero");
    support_start_at(&c, 0.05);
    differ(&c, way);
    support_refusal(&c, ESC_PREDICT_CLOSED);
    c = flat(4.0, 0.01, 0.2);
    c.noise[0].variance = 1.0;
    differ(&c, way);
    support_refusal(&c, ESC_PREDICT_CLOSED);
    c = well("gaussian", 0.1, (double)NAN, 0.5);
    c.noise[0].variance = 1.0;
    differ(&c, way);
    support_refusal(&c, ESC_PREDICT_CLOSED);
    c = support_begin("quadratic", "gaussian", "sgd", 0.1);
    support_number(&c.landscape_keys, "k", way % 2 ? 0.0 : -1.0); /* a walk, a parabola */
    c.noise[0].variance = 1.0;
    support_start_at(&c, 0.1);
    support_outside(&c, -1.0, 1.5);
    differ(&c, way);
    support_refusal(&c, ESC_PREDICT_CLOSED);
  }
}

Test(predictions, refusals)
{
  support_case c = minimum("gaussian", "sgd", 100);
  c.noise[0].clip = 1.0;
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_CLOSED), "no closed form"));
  c = minimum("gaussian", "adamax", 100);
  support_refusal(&c, ESC_PREDICT_CLOSED);
  c = minimum("gaussian", "sgd", 100);
  c.optimizer.schedule = "inverse_sqrt";
  support_refusal(&c, ESC_PREDICT_CLOSED);
  c = minimum("gaussian", "sgd", 100);
  support_outside(&c, -1.0, 2.0);
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
