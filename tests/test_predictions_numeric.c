/* The solved chain against the tables of docs/exact_values.md, typed in here from there, to every
 * digit printed; against closed forms; and against the engine. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support_predictions.h"

#define NONE ((double)NAN)
#define OPEN ((double)INFINITY)

/* --- the printed tables --- */

/* One run: U_{p,q}; q = 0: a power maximum; p = 0: a free walk. What is not printed is NONE. */
typedef struct printed {
  double p, q;
  const char *law; /* gaussian, or stable for Cauchy's */
  double lr, sigma, low, high, start;
  double mean, mean_unit, sd, sd_unit, right, factor;
} printed;

static const printed table[] = {
    /* the flat quartic maximum */
    {4, 0, "gaussian", .1, 1, -1, 1, 0, 49.348093, 1e-6, 34.1648, 1e-4, NONE, .9706074805},
    {4, 0, "gaussian", .05, 1, -1, 1, 0, 139.65913, 1e-5, 95.074, 1e-3, NONE, .9893376677},
    {4, 0, "gaussian", .01, 1, -1, 1, 0, 1596.4599, 1e-4, 1053.84, 1e-2, NONE, .9990335395},
    {4, 0, "gaussian", .1, 1, -1, 1, .2, 45.344614, 1e-6, NONE, 0, .66321331, NONE},
    {4, 0, "gaussian", .05, 1, -1, 1, .2, 123.69737, 1e-5, NONE, 0, .69498027, NONE},
    {4, 0, "gaussian", .01, 1, -1, 1, .2, 1204.6619, 1e-4, NONE, 0, .78873425, NONE},
    /* the parabolic maximum */
    {2, 0, "gaussian", .1, 1, -1, 1, 0, 23.252648, 1e-6, 11.426, 1e-3, NONE, NONE},
    {2, 0, "gaussian", .05, 1, -1, 1, 0, 51.695537, 1e-6, 22.540, 1e-3, NONE, NONE},
    {2, 0, "gaussian", .01, 1, -1, 1, 0, 330.94707, 1e-5, 111.40, 1e-2, NONE, NONE},
    {2, 0, "gaussian", .1, 1, -1, 1, .1, NONE, 0, NONE, 0, .67661654, NONE},
    {2, 0, "gaussian", .05, 1, -1, 1, .1, NONE, 0, NONE, 0, .73901525, NONE},
    {2, 0, "gaussian", .01, 1, -1, 1, .1, NONE, 0, NONE, 0, .92186734, NONE},
    /* free walks */
    {0, 0, "gaussian", .1, 1, -1, 1, 0, 112.24136, 1e-5, NONE, 0, NONE, NONE},
    {0, 0, "gaussian", .1, 1, -1, 1, .5, 87.241361, 1e-6, NONE, 0, .73623691, NONE},
    {0, 0, "stable", .2, 1, -1, 1, 0, 6.0755026, 1e-7, NONE, 0, NONE, NONE},
    {0, 0, "stable", .2, 1, -1, 1, .5, 5.4708808, 1e-7, NONE, 0, .64348156, NONE},
    {0, 0, "stable", .05, 1, -1, 1, 0, 21.270637, 1e-6, NONE, 0, NONE, NONE},
    {0, 0, "stable", .05, 1, -1, 1, .5, 18.684998, 1e-6, NONE, 0, .65860193, NONE},
    /* the double well, which is U_{2,4}: to x > 0, to .5, to 1; sd where sd/mean is printed */
    {2, 4, "gaussian", .2, .7, -OPEN, 0, -1, 2299.93, 1e-2, 2299.93 * .9957, .2300, NONE, NONE},
    {2, 4, "gaussian", .2, .7, -OPEN, 1, -1, 3670.89, 1e-2, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .1, 1, -OPEN, 0, -1, 4168.94, 1e-2, 4168.94 * .9955, .4169, NONE, NONE},
    {2, 4, "gaussian", .1, 1, -OPEN, .5, -1, 6928.200, 1e-3, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .1, 1, -OPEN, 1, -1, 7055.28, 1e-2, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .1, .8, -OPEN, 0, -1, 66899.8, 1e-1, 66899.8 * .9997, 6.690, NONE, NONE},
    {2, 4, "gaussian", .1, .8, -OPEN, 1, -1, 112011, 1, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .05, 1, -OPEN, .5, -1, 2007387, 1, NONE, 0, NONE, NONE},
    /* the family U_{p,q} */
    {4, 6, "gaussian", .05, .5, -.9, .9, 0, 325.98979, 1e-5, NONE, 0, NONE, NONE},
    {4, 6, "gaussian", .05, .5, -.9, .9, .02, NONE, 0, NONE, 0, .52684109, NONE},
    {4, 6, "gaussian", .05, .5, -.9, .9, .05, NONE, 0, NONE, 0, .56710297, NONE},
    {4, 6, "gaussian", .05, .5, -.9, .9, .1, NONE, 0, NONE, 0, .63413070, NONE},
    {1, 2, "gaussian", .05, .5, -.9, .9, 0, 44.168101, 1e-6, NONE, 0, NONE, NONE},
    {1, 2, "gaussian", .05, .5, -.9, .9, .02, NONE, 0, NONE, 0, .99686545, NONE},
    {1, 2, "gaussian", .05, .5, -.9, .9, .05, NONE, 0, NONE, 0, .99993439, NONE},
    {1, 2, "gaussian", .05, .5, -.9, .9, .1, NONE, 0, NONE, 0, .99999995, NONE},
    {2, 4, "gaussian", .05, 1, -.9, .9, 0, 63.180891, 1e-6, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .05, 1, -.9, .9, .02, NONE, 0, NONE, 0, .54993043, NONE},
    {2, 4, "gaussian", .05, 1, -.9, .9, .05, NONE, 0, NONE, 0, .62305683, NONE},
    {2, 4, "gaussian", .05, 1, -.9, .9, .1, NONE, 0, NONE, 0, .73422574, NONE},
    {1, 2, "gaussian", .05, 1, -.9, .9, 0, 39.601798, 1e-6, NONE, 0, NONE, NONE},
    {1, 2, "gaussian", .05, 1, -.9, .9, .02, NONE, 0, NONE, 0, .89221964, NONE},
    {1, 2, "gaussian", .05, 1, -.9, .9, .05, NONE, 0, NONE, 0, .95682601, NONE},
    {1, 2, "gaussian", .05, 1, -.9, .9, .1, NONE, 0, NONE, 0, .99205650, NONE},
    {2, 4, "gaussian", .1, 1, -.9, .9, 0, 28.249620, 1e-6, NONE, 0, NONE, NONE},
    {2, 4, "gaussian", .1, 1, -.9, .9, .02, NONE, 0, NONE, 0, .53490638, NONE},
    {2, 4, "gaussian", .1, 1, -.9, .9, .05, NONE, 0, NONE, 0, .58662115, NONE},
    {2, 4, "gaussian", .1, 1, -.9, .9, .1, NONE, 0, NONE, 0, .66878838, NONE},
};
enum { ROWS = sizeof table / sizeof *table };

static support_case begin(const printed *row)
{
  const char *const name = row->p == 0.0   ? "quadratic"
                           : row->q == 0.0 ? "power_maximum"
                           : row->p == 2.0 ? "double_well"
                                           : "power_well";
  support_case c = support_begin(name, row->law, "sgd", row->lr);
  if (row->p == 0.0)
    support_number(&c.landscape_keys, "k", 0.0);
  else if (strcmp(name, "double_well") != 0)
    support_number(&c.landscape_keys, "p", row->p);
  if (strcmp(name, "power_well") == 0)
    support_number(&c.landscape_keys, "q", row->q);
  if (strcmp(row->law, "stable") == 0)
    support_number(&c.noise_keys[0], "alpha", 1.0);
  c.noise[0].scale = row->sigma;
  c.experiment.stop_steps = 2000000000;
  support_start_at(&c, row->start);
  support_outside(&c, row->low, row->high);
  return c;
}

static void check(const esc_predictions *p, const char *of, double printed_value, double unit,
                  const printed *row)
{
  if (isnan(printed_value))
    return;
  const esc_prediction *const found = support_prediction(p, of, -1);
  cr_assert(fabs(found->value - printed_value) <= 0.5001 * unit,
            "U_{%g,%g}, lr %g, sigma %g, from %g: %s %.12g, printed %.12g", row->p, row->q, row->lr,
            row->sigma, row->start, of, found->value, printed_value);
  cr_assert(found->kind == ESC_PREDICTION_EXACT && found->numeric);
  cr_assert(found->error < 0.01 * unit + 2e-8 * found->value, "%s: error %g", of, found->error);
}

Test(predictions_numeric, printed_tables, .timeout = 120)
{
  for (int k = 0; k < ROWS; k++) {
    const printed *const row = &table[k];
    support_case c = begin(row);
    esc_predictions *const p = support_predict(&c, ESC_PREDICT_NUMERIC);
    check(p, "exit_steps.mean", row->mean, row->mean_unit, row);
    check(p, "exit_steps.sd", row->sd, row->sd_unit, row);
    check(p, "outcomes.right.fraction", row->right, 1e-8, row);
    check(p, "exit_steps.survival_factor", row->factor, 1e-10, row);
    esc_predictions_free(p);
  }
}

/* Presence near the top and near one minimum, half of what is printed for both. */
typedef struct presence {
  double p, q;
  int64_t step;
  double top, minima;
} presence;

static const presence presences[] = {
    {1, 2, 10, .094724, 0},        {1, 2, 20, .000004, .011209},  {1, 2, 50, 0, .934436},
    {1, 2, 100, 0, .987256},       {2, 4, 10, .997460, 0},        {2, 4, 50, .279993, .165427},
    {2, 4, 100, .026080, .885906}, {2, 4, 200, .000217, .997999}, {4, 6, 50, .887432, .000302},
    {4, 6, 100, .690174, .040871}, {4, 6, 200, .416856, .333554}, {4, 6, 400, .153440, .747316},
    {4, 6, 800, .020818, .961312},
};
enum { PRESENCES = sizeof presences / sizeof *presences };

/* The rows of one landscape, from `first` on; the number of the next one's first. */
static int check_presences(int first)
{
  static const double places[2] = {0.0, 1.0};
  const presence *const rows = presences + first;
  int64_t steps[PRESENCES];
  int count = 0;
  for (; first + count < PRESENCES && rows[count].p == rows[0].p; count++)
    steps[count] = rows[count].step;
  const printed row = {.p = rows[0].p,
                       .q = rows[0].q,
                       .law = "gaussian",
                       .lr = .05,
                       .sigma = .5,
                       .low = -OPEN,
                       .high = OPEN};
  support_case c = begin(&row);
  esc_near nears[2] = {ESC_NEAR_INIT("top"), ESC_NEAR_INIT("minimum")};
  for (int i = 0; i < 2; i++)
    nears[i].point = &places[i], nears[i].point_count = 1, nears[i].radius = i ? .2 : .3;
  c.observe.nears = nears, c.observe.near_count = 2;
  c.observe.steps = steps, c.observe.step_count = count;
  esc_predictions *const p = support_predict(&c, ESC_PREDICT_NUMERIC);
  for (int k = 0; k < count; k++) {
    const double top = support_predicted(p, "curves.near.top.fraction", steps[k]);
    const double minimum = support_predicted(p, "curves.near.minimum.fraction", steps[k]);
    cr_assert_float_eq(top, rows[k].top, 0.5001e-6);
    cr_assert_float_eq(2.0 * minimum, rows[k].minima, 0.5001e-6);
  }
  esc_predictions_free(p);
  return first + count;
}

Test(predictions_numeric, printed_presence, .timeout = 120)
{
  for (int first = 0; first < PRESENCES;)
    first = check_presences(first);
}

/* Steps of a ten-thousandth of the way: Siegmund's time is then exact to the last digit printed,
 * and panels are far wider than the noise. */
Test(predictions_numeric, small_steps, .timeout = 120)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 1e-3);
  support_number(&c.landscape_keys, "k", 0.0);
  support_outside(&c, -1.0, 3.0);
  support_start_at(&c, 0.5);
  c.experiment.stop_steps = 2000000000;
  esc_predictions *const p = support_predict(&c, ESC_PREDICT_BOTH);
  double mean[2], right[2];
  for (int i = 0; i < esc_predictions_count(p); i++) {
    const esc_prediction *const at = esc_predictions_at(p, i);
    if (strcmp(at->of, "exit_steps.mean") == 0)
      mean[at->numeric] = at->value;
    if (strcmp(at->of, "outcomes.right.fraction") == 0)
      right[at->numeric] = at->value;
  }
  cr_assert_float_eq(mean[1] / mean[0], 1.0, 1e-7, "%.10g %.10g", mean[0], mean[1]);
  cr_assert_float_eq(right[1], right[0], 1e-7);
  esc_predictions_free(p);
}

/* --- splitting at a sharp maximum: far walls --- */

static double splitting(const char *law, double a, double b, const char *at_zero)
{
  support_case c = support_begin("sharp_maximum", law, "sgd", 0.1);
  support_number(&c.landscape_keys, "left_slope", a);
  support_number(&c.landscape_keys, "right_slope", b);
  support_word(&c.landscape_keys, "at_zero", at_zero);
  c.noise[0].variance = 1.0;
  support_outside(&c, -6.0, 6.0);
  c.experiment.stop_steps = 10000000;
  esc_predictions *const p = support_predict(&c, ESC_PREDICT_NUMERIC);
  const double right = support_predicted(p, "outcomes.right.fraction", -1);
  esc_predictions_free(p);
  return right;
}

Test(predictions_numeric, printed_splitting, .timeout = 120)
{
  static const struct {
    const char *law;
    double a, b, right, left, zero;
  } rows[] = {
      {"gaussian", .5, .5, .64009256, .35990744, .5},
      {"laplace", .5, .5, .66822575, .33177425, .5},
      {"gaussian", .25, .5, .74556516, .58375099, .64008575},
      {"gaussian", 1, .5, .56190706, .13815945, .40221660},
      {"laplace", .2, .6, .83053628, .65310628, .70538060},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    cr_assert_float_eq(splitting(rows[k].law, rows[k].a, rows[k].b, "right"), rows[k].right, 1e-8);
    cr_assert_float_eq(splitting(rows[k].law, rows[k].a, rows[k].b, "left"), rows[k].left, 1e-8);
    cr_assert_float_eq(splitting(rows[k].law, rows[k].a, rows[k].b, "zero"), rows[k].zero, 1e-8);
  }
}

/* --- the engine --- */

static const int64_t steps[] = {4, 40, 150};
static const double place[] = {-0.25};

static support_case observed(const char *landscape, const char *law, esc_near *near)
{
  support_case c = support_begin(landscape, law, "sgd", 0.1);
  *near = (esc_near)ESC_NEAR_INIT("here");
  near->point = place, near->point_count = 1, near->radius = 0.5;
  c.observe.nears = near, c.observe.near_count = 1;
  c.observe.steps = steps, c.observe.step_count = 3;
  c.experiment.stop_steps = 200;
  c.experiment.trajectories = 100000;
  c.experiment.seed = 7;
  support_outside(&c, -1.0, 1.25);
  return c;
}

Test(predictions_numeric, engine_cut_short, .timeout = 120)
{
  esc_near near;
  support_case c = observed("power_maximum", "logistic", &near);
  support_number(&c.landscape_keys, "p", 3.0);
  c.noise[0].variance = 1.0;
  c.experiment.rate_after = 20;
  support_start_at(&c, 0.2);
  const int all = support_check_predictions(&c, ESC_PREDICT_NUMERIC);
  cr_assert_geq(all, 20);
  support_start_at(&c, 0.5); /* out of the ball: no share is stuck there */
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), all - 3);

  c = observed("double_well", "student_t", &near);
  support_number(&c.noise_keys[0], "nu", 2.5);
  support_start_in(&c, ESC_START_NORMAL, 0.1, 0.6); /* some begin outside */
  cr_assert_geq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 20);

  c = observed("power_well", "stable", &near);
  support_number(&c.noise_keys[0], "alpha", 1.7);
  c.noise[0].scale = 0.5;
  cr_assert_geq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 20);

  c = observed("sharp_maximum", "uniform", &near);
  c.noise[0].state_scale[0] = 0.5;
  c.noise[0].state_scale[1] = 2.0;
  support_start_in(&c, ESC_START_UNIFORM, -0.5, 0.75);
  cr_assert_geq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 20);

  c = observed("washboard", "pareto", &near);
  support_number(&c.noise_keys[0], "alpha", 1.5);
  support_number(&c.noise_keys[0], "weight_right", 0.75);
  c.noise[0].scale = 0.125;
  c.noise[0].target = ESC_NOISE_ON_PARAMETER;
  cr_assert_geq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 20);
}

/* Kept in an interval: on both sides without walls, or on one with a wall on the other. */
Test(predictions_numeric, engine_projected, .timeout = 120)
{
  esc_near near;
  support_case c = observed("double_well", "stable", &near);
  support_number(&c.noise_keys[0], "alpha", 1.5);
  near.radius = 1.5; /* one of the ends is in it */
  c.experiment.outside[0] = -OPEN;
  c.experiment.outside[1] = OPEN;
  c.optimizer.project[0] = -1.5;
  c.optimizer.project[1] = 1.75;
  cr_assert_eq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 3);
  c.experiment.outside[1] = 1.25;
  cr_assert_geq(support_check_predictions(&c, ESC_PREDICT_NUMERIC), 12);
}

/* docs/exact_values.md: from -1 to x > 0, kept above -3, in units of 1/P(lr xi > 1). */
Test(predictions_numeric, heavy_tails_kept_in, .timeout = 120)
{
  static const double printed_ratios[3][2] = {{0.2, .60}, {0.1, .93}, {0.05, .94}};
  const double pi = acos(-1.0), c_alpha = tgamma(1.5) * sin(0.75 * pi) / pi;
  for (int k = 0; k < 3; k++) {
    const double lr = printed_ratios[k][0];
    support_case c = support_begin("double_well", "stable", "sgd", lr);
    support_number(&c.noise_keys[0], "alpha", 1.5);
    c.noise[0].scale = 0.1;
    support_start_at(&c, -1.0);
    support_outside(&c, -OPEN, 0.0);
    c.optimizer.project[0] = -3.0;
    c.experiment.stop_steps = 100000000;
    esc_predictions *const p = support_predict(&c, ESC_PREDICT_NUMERIC);
    const double mean = support_predicted(p, "exit_steps.mean", -1);
    const double ratio = mean * c_alpha * pow(0.1 * lr, 1.5);
    cr_assert_float_eq(ratio, printed_ratios[k][1], 0.006, "lr %g: %g", lr, ratio);
    esc_predictions_free(p);
  }
}

/* The z of many runs of their own: standard normal. One number of each, in turn the mean time, its
 * sd and the side. With n of them the sum of squares is chi-square, mean n and variance 2n; five
 * standard deviations either way. */
Test(predictions_numeric, z_is_normal, .timeout = 120)
{
  static const char *const names[3] = {"exit_steps.mean", "outcomes.right.fraction",
                                       "exit_steps.sd"};
  esc_device *const device = support_device(NULL, 0);
  double sum = 0.0, squares = 0.0;
  int count = 0;
  for (int k = 0; k < ROWS; k++) {
    if (isinf(table[k].low) || table[k].lr < 0.02)
      continue;
    support_case c = begin(&table[k]);
    c.experiment.trajectories = 20000;
    c.experiment.seed = (uint64_t)k + 100;
    support_start_at(&c, table[k].p == 1.0 ? 0.0 : 0.03);
    esc_predictions *const p = support_predict(&c, ESC_PREDICT_NUMERIC);
    const esc_prediction *const at = support_prediction(p, names[k % 3], -1);
    esc_result *result = NULL;
    const esc_report *const report = support_run(device, &c, &result);
    esc_comparison against = ESC_COMPARISON_INIT;
    cr_assert_eq(esc_compare(report, at, &against), ESC_STATUS_OK);
    cr_assert(fabs(against.z) < 4.5, "row %d, %s: z %g", k, at->of, against.z);
    sum += against.z;
    squares += against.z * against.z;
    count++;
    esc_result_free(result);
    esc_predictions_free(p);
  }
  esc_device_close(device);
  cr_assert_geq(count, 30);
  cr_assert(fabs(sum) < 5.0 * sqrt(count), "sum %g of %d", sum, count);
  cr_assert(fabs(squares - count) < 5.0 * sqrt(2.0 * count), "squares %g of %d", squares, count);
}

/* --- what is not solved --- */

Test(predictions_numeric, refusals)
{
  support_case c = support_begin("double_well", "gaussian", "momentum", 0.1);
  support_outside(&c, -2.0, 0.0);
  support_start_at(&c, -1.0);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "optimizer"));
  c = support_begin("double_well", "rademacher", "sgd", 0.1);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "no density"));
  c = support_begin("himmelblau", "gaussian", "sgd", 0.01);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "dimension"));
  c = support_begin("quadratic", "student_t", "sgd", 0.1);
  support_number(&c.noise_keys[0], "nu", 3.0);
  support_outside(&c, -OPEN, 1.0);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "open"));
  c = support_begin("quadratic", "gaussian", "sgd", 0.1);
  support_number(&c.landscape_keys, "k", 0.0);
  support_outside(&c, -OPEN, 1.0);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "open"));
  c = support_begin("quadratic", "gaussian", "sgd", 0.1);
  c.noise[0].clip = 1.0;
  support_outside(&c, -1.0, 1.0);
  cr_assert(strstr(support_refusal(&c, ESC_PREDICT_NUMERIC), "clipped"));
}
