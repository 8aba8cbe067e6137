/* The small built-in experiments of `escapement verify`: one table of those compared in bits,
 * chosen so that together they pass through every kind of rule, and one of those with exact values.
 */
#include "verify_cases.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))
#define NONE        NULL, 0

typedef struct case_row {
  const char *name;
  const char *landscape;
  const esc_setting *landscape_settings;
  int landscape_count;
  const char *law;
  const esc_setting *noise_settings;
  int noise_count;
  double scale;
  const char *rule;
  const esc_setting *rule_settings;
  int rule_count;
  double lr, start, wall;
  int64_t steps, trajectories;
  esc_exact_kind exact_kind;
  double exact;
} case_row;

static const esc_setting slopes[] = {ESC_NUMBER("left_slope", 0.2), ESC_NUMBER("right_slope", 0.6),
                                     ESC_WORD("at_zero", "zero")};
static const esc_setting power_2[] = {ESC_NUMBER("p", 2.0)};
static const esc_setting power_4[] = {ESC_NUMBER("p", 4.0)};
static const esc_setting well_4_6[] = {ESC_NUMBER("p", 4.0), ESC_NUMBER("q", 6.0)};
static const esc_setting flat[] = {ESC_NUMBER("k", 0.0)};
static const esc_setting plane[] = {ESC_NUMBER("dimension", 3.0)};
static const esc_setting cauchy[] = {ESC_NUMBER("alpha", 1.0)};
static const esc_setting stable[] = {ESC_NUMBER("alpha", 1.5), ESC_NUMBER("beta", 0.5)};
static const esc_setting student[] = {ESC_NUMBER("nu", 3.0)};
static const esc_setting pareto[] = {ESC_NUMBER("alpha", 1.8)};
static const esc_setting heavy_ball[] = {ESC_NUMBER("momentum", 0.9)};

static const double wide = 1e30; /* no wall within reach */

static const case_row bits_rows[] = {
    {"sgd, laplace", "sharp_maximum", slopes, COUNT(slopes), "laplace", NONE, 0.7, "sgd", NONE, 0.1,
     0.0, 8.0, 2000, 4096, ESC_EXACT_NONE, 0.0},
    {"momentum, gaussian", "double_well", NONE, "gaussian", NONE, 1.0, "momentum", heavy_ball,
     COUNT(heavy_ball), 0.05, -1.0, 1.5, 1000, 4096, ESC_EXACT_NONE, 0.0},
    {"adam, stable", "power_well", well_4_6, COUNT(well_4_6), "stable", stable, COUNT(stable), 0.3,
     "adam", NONE, 0.02, 0.0, 1.2, 1000, 4096, ESC_EXACT_NONE, 0.0},
    {"rmsprop, student_t", "himmelblau", NONE, "student_t", student, COUNT(student), 1.0, "rmsprop",
     NONE, 0.01, 0.0, wide, 300, 4096, ESC_EXACT_NONE, 0.0},
    {"nadam, logistic", "washboard", NONE, "logistic", NONE, 0.5, "nadam", NONE, 0.02, 0.0, 3.0,
     500, 4096, ESC_EXACT_NONE, 0.0},
    {"lion, pareto", "styblinski_tang", plane, COUNT(plane), "pareto", pareto, COUNT(pareto), 1.0,
     "lion", NONE, 0.01, 0.0, wide, 300, 4096, ESC_EXACT_NONE, 0.0},
    {"adadelta, uniform", "rosenbrock", NONE, "uniform", NONE, 1.0, "adadelta", NONE, 1.0, 0.5,
     wide, 300, 4096, ESC_EXACT_NONE, 0.0},
    {"adagrad, rademacher", "muller_brown", NONE, "rademacher", NONE, 5.0, "adagrad", NONE, 0.01,
     0.0, wide, 300, 4096, ESC_EXACT_NONE, 0.0},
};

/* docs/exact_values.md. The unit step makes U = 0 a free walk. */
static const case_row exact_rows[] = {
    {"sharp maximum, share right", "sharp_maximum", slopes, COUNT(slopes), "laplace", NONE,
     0.70710678118654752, "sgd", NONE, 0.1, 0.0, 8.0, 100000, 1000000, ESC_EXACT_RIGHT, 0.70538060},
    {"free Gaussian walk, mean exit", "quadratic", flat, COUNT(flat), "gaussian", NONE, 0.1, "sgd",
     NONE, 1.0, 0.0, 1.0, 100000, 200000, ESC_EXACT_MEAN_STEPS, 112.24136},
    {"free Cauchy walk, mean exit", "quadratic", flat, COUNT(flat), "stable", cauchy, COUNT(cauchy),
     0.2, "sgd", NONE, 1.0, 0.0, 1.0, 100000, 400000, ESC_EXACT_MEAN_STEPS, 6.0755026},
    {"parabolic maximum, mean exit", "power_maximum", power_2, COUNT(power_2), "gaussian", NONE,
     1.0, "sgd", NONE, 0.1, 0.0, 1.0, 100000, 400000, ESC_EXACT_MEAN_STEPS, 23.252648},
    {"quartic maximum, mean exit", "power_maximum", power_4, COUNT(power_4), "gaussian", NONE, 1.0,
     "sgd", NONE, 0.1, 0.0, 1.0, 100000, 400000, ESC_EXACT_MEAN_STEPS, 49.348093},
    {"quadratic, stationary variance", "quadratic", NONE, "gaussian", NONE, 1.0, "sgd", NONE, 0.1,
     0.0, wide, 400, 200000, ESC_EXACT_VARIANCE, 0.1 / 1.9},
    {"momentum, stationary variance", "quadratic", NONE, "gaussian", NONE, 1.0, "momentum",
     heavy_ball, COUNT(heavy_ball), 0.1, 0.0, wide, 800, 100000, ESC_EXACT_VARIANCE,
     0.1 * 1.9 / (0.1 * 3.7)},
};

static void make(const case_row *row, esc_verify_case *made)
{
  *made = (esc_verify_case){.name = row->name,
                            .experiment = ESC_EXPERIMENT_INIT,
                            .landscape = ESC_LANDSCAPE_INIT(row->landscape),
                            .noise = ESC_NOISE_INIT(row->law),
                            .optimizer = ESC_UPDATE_RULE_INIT(row->rule, row->lr),
                            .start = ESC_START_INIT,
                            .observe = ESC_OBSERVE_INIT,
                            .exact_kind = row->exact_kind,
                            .exact = row->exact};
  made->landscape.settings = row->landscape_settings;
  made->landscape.setting_count = row->landscape_count;
  made->noise.settings = row->noise_settings;
  made->noise.setting_count = row->noise_count;
  made->noise.scale = row->scale;
  made->optimizer.settings = row->rule_settings;
  made->optimizer.setting_count = row->rule_count;
  made->start.values = &row->start;
  made->start.value_count = 1;
  made->observe.samples = row->exact_kind == ESC_EXACT_NONE;
  esc_experiment *const experiment = &made->experiment;
  experiment->landscape = &made->landscape;
  experiment->noises = &made->noise;
  experiment->noise_count = 1;
  experiment->optimizer = &made->optimizer;
  experiment->start = &made->start;
  experiment->observe = &made->observe;
  experiment->stop_steps = row->steps;
  experiment->trajectories = row->trajectories;
  if (row->wall < wide) {
    experiment->outside[0] = -row->wall;
    experiment->outside[1] = row->wall;
  }
}

int esc_verify_bits_case(int index, esc_verify_case *made)
{
  if (index < COUNT(bits_rows))
    make(&bits_rows[index], made);
  return index < COUNT(bits_rows);
}

int esc_verify_exact_case(int index, esc_verify_case *made)
{
  if (index < COUNT(exact_rows))
    make(&exact_rows[index], made);
  return index < COUNT(exact_rows);
}
