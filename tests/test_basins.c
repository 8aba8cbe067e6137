/* Basins in several dimensions: the minima that are known are found, with the shares that gradient
 * flow gives, integrated here from the float64 reference; a flat valley does not hold points up;
 * the same bits on every instruction set and any number of threads; what falls for ever is said to
 * settle nowhere. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference_landscapes.h"
#include "tests/support.h"

/* Trajectories that stay where they start: what is told apart are the starts. */
static support_case starts_in(const char *landscape, int dimension, double lo, double hi)
{
  support_case c = support_begin(landscape, NULL, "sgd", 1e-12);
  if (dimension)
    support_number(&c.landscape_keys, "dimension", dimension);
  support_start_in(&c, ESC_START_UNIFORM, lo, hi);
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = 600;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.observe.basins = c.observe.samples = 1;
  return c;
}

static const esc_report *run(support_case *c, const char *isa, int threads, esc_result **result)
{
  esc_device *const device = support_device(isa, threads);
  const esc_report *const report = support_run(device, c, result);
  esc_device_close(device);
  return report;
}

static double distance(const double *a, const double *b, int dimension)
{
  double squared = 0.0;
  for (int j = 0; j < dimension; j++)
    squared += (a[j] - b[j]) * (a[j] - b[j]);
  return sqrt(squared);
}

static int nearest(const esc_report *report, const double *x)
{
  int best = -1;
  for (int k = 0; k < report->settled.point_count; k++)
    if (best < 0 || distance(report->settled.points[k].point, x, report->dimension) <
                        distance(report->settled.points[best].point, x, report->dimension))
      best = k;
  return best;
}

/* Gradient flow by Euler's method, in steps that turn the slope by a twentieth at most. */
static void flow(const char *landscape, int dimension, double *x)
{
  const ref_landscape_keys keys = ref_landscape_defaults();
  double g[4], next[4], slope[4], h = 1e-4;
  ref_landscape(landscape, &keys, dimension, x, g);
  for (int k = 0; k < 20000; k++) {
    double steep = 0.0, turned = 0.0;
    for (int j = 0; j < dimension; j++)
      next[j] = x[j] - h * g[j];
    ref_landscape(landscape, &keys, dimension, next, slope);
    for (int j = 0; j < dimension; j++) {
      steep += g[j] * g[j];
      turned += (slope[j] - g[j]) * (slope[j] - g[j]);
    }
    if (steep < 1e-12)
      return;
    h *= turned > 0.0025 * steep ? 0.5 : 1.05;
    if (turned > 0.0025 * steep)
      continue;
    memcpy(x, next, sizeof next);
    memcpy(g, slope, sizeof slope);
  }
}

/* Everything settles at minima, as often as flow says; starts at a ridge may fall to either side.
 */
static void check_shares(const char *landscape, int dimension, double lo, double hi, int minima)
{
  const int by_key =
      strcmp(landscape, "styblinski_tang") == 0 || strcmp(landscape, "rastrigin") == 0;
  support_case c = starts_in(landscape, by_key ? dimension : 0, lo, hi);
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 2, &result);
  int64_t seen[64] = {0}, all = 0;
  cr_assert_eq(report->settled.point_count, minima, "%s: %d points", landscape,
               report->settled.point_count);
  cr_assert(report->settled.of == 600 && report->settled.unsettled == 0 &&
            report->settled.other == 0);
  for (int64_t i = 0; i < 600; i++) {
    double x[4] = {0};
    memcpy(x, report->sample_final + i * dimension, (size_t)dimension * sizeof *x);
    flow(landscape, dimension, x);
    const int k = nearest(report, x);
    cr_assert_lt(distance(report->settled.points[k].point, x, dimension), 1e-4);
    seen[k]++;
  }
  for (int k = 0; k < minima; k++) {
    const int64_t count = report->settled.points[k].count;
    cr_expect_leq(llabs(count - seen[k]), 2, "%s: %lld settle at point %d, flow brings %lld there",
                  landscape, (long long)count, k, (long long)seen[k]);
    cr_expect(report->settled.points[k].fraction.value == (double)count / 600.0);
    cr_expect(k == 0 || count <= report->settled.points[k - 1].count, "the most frequent first");
    all += count;
  }
  cr_expect_eq(all, 600);
  esc_result_free(result);
}

Test(basins, shares)
{
  check_shares("himmelblau", 2, -5.0, 5.0, 4);
  check_shares("styblinski_tang", 2, -4.0, 4.0, 4);
  check_shares("six_hump_camel", 2, -1.5, 1.5, 6);
  check_shares("rastrigin", 2, -1.4, 1.4, 9); /* wells so near that a leap would miss them */
}

/* The points themselves, and their losses, against the table of critical points. */
static void check_minima(const char *landscape, double lo, double hi)
{
  support_case c = starts_in(landscape, 0, lo, hi);
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 1, &result);
  int minima = 0;
  for (int i = 0; i < ref_critical_count; i++) {
    const ref_critical *const at = &ref_criticals[i];
    if (strcmp(at->landscape, landscape) != 0 || at->kind != REF_MINIMUM)
      continue;
    const esc_basin_point *const found = &report->settled.points[nearest(report, at->x)];
    minima++;
    cr_expect_lt(distance(found->point, at->x, 2), 1e-7, "%s near %g, %g: %g, %g", landscape,
                 at->x[0], at->x[1], found->point[0], found->point[1]);
    cr_expect_lt(fabs(found->loss - at->value), 1e-6);
  }
  cr_assert_gt(minima, 0);
  cr_expect_eq(report->settled.point_count, minima, "%s: %d points", landscape,
               report->settled.point_count);
  cr_expect_eq(report->settled.unsettled, 0, "%s: %lld", landscape,
               (long long)report->settled.unsettled);
  esc_result_free(result);
}

Test(basins, minima)
{
  check_minima("himmelblau", -5.0, 5.0);
  check_minima("muller_brown", -1.2, 1.5);
  check_minima("rosenbrock", -2.0, 2.0); /* along the valley */
}

/* In three dimensions eight points and four losses: as many shallow coordinates as that. */
Test(basins, levels)
{
  support_case c = starts_in("styblinski_tang", 3, -4.0, 4.0);
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 1, &result);
  cr_assert(report->settled.point_count == 8 && report->settled.level_count == 4);
  for (int k = 0; k < 4; k++) {
    const esc_basin_level *const level = &report->settled.levels[k];
    const double loss = -39.16616570 * (3 - k) - 25.02944666 * k;
    int64_t count = 0;
    for (int i = 0; i < 8; i++)
      if (fabs(report->settled.points[i].loss - level->loss) < 1e-6)
        count += report->settled.points[i].count;
    cr_expect_lt(fabs(level->loss - loss), 1e-6);
    cr_expect_eq(level->count, count);
  }
  esc_result_free(result);
}

/* --- XOR --- */

static support_case xor_runs(void)
{
  static const double layers[3] = {2, 2, 1};
  support_case c = support_begin("network", NULL, "sgd", 1.0);
  support_list(&c.landscape_keys, "layers", layers, 3);
  support_word(&c.landscape_keys, "output", "sigmoid");
  support_start_in(&c, ESC_START_NORMAL, 0.0, 1.0);
  c.experiment.stop_steps = 1000;
  c.experiment.trajectories = 3000;
  c.observe.basins = 1;
  return c;
}

/* Losses of the best fits when no row, one, two or all of the four are out of reach: 0, 1/8 (two
 * rows of different targets share a value), 1/6 (three do), 1/4 (all do). */
Test(basins, xor_levels)
{
  support_case c = xor_runs();
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 2, &result);
  int64_t known = 0;
  for (int k = 0; k < report->settled.level_count; k++) {
    const double loss = report->settled.levels[k].loss;
    if (fabs(loss) < 1e-6 || fabs(loss - 0.125) < 1e-6 || fabs(loss - 1.0 / 6.0) < 1e-6 ||
        fabs(loss - 0.25) < 1e-6)
      known += report->settled.levels[k].count;
  }
  cr_expect_eq(report->settled.of, 3000);
  cr_expect_geq(known + report->settled.unsettled, 2990);
  cr_expect_leq(report->settled.unsettled, 30);
  esc_result_free(result);
}

/* --- the same bits --- */

Test(basins, same_everywhere)
{
  esc_result *first_result, *result;
  support_case first_case = xor_runs();
  first_case.experiment.trajectories = 200;
  const esc_report *const first = run(&first_case, "baseline", 1, &first_result);
  for (const char *const *isa = support_isas(); *isa; isa++) {
    support_case c = xor_runs();
    c.experiment.trajectories = 200;
    const esc_report *const report = run(&c, *isa, 3, &result);
    cr_assert(report->settled.point_count == first->settled.point_count &&
              report->settled.unsettled == first->settled.unsettled &&
              report->settled.other == first->settled.other);
    for (int k = 0; k < report->settled.point_count; k++) {
      cr_assert_arr_eq(report->settled.points[k].point, first->settled.points[k].point,
                       9 * sizeof(double));
      cr_assert(report->settled.points[k].count == first->settled.points[k].count &&
                report->settled.points[k].loss == first->settled.points[k].loss);
    }
    esc_result_free(result);
  }
  esc_result_free(first_result);
}

/* --- what settles nowhere, and where nothing can be said --- */

Test(basins, a_fall_for_ever)
{
  support_case c = starts_in("monkey_saddle", 0, -1.0, 1.0);
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 1, &result);
  cr_expect(report->settled.of == 600 && report->settled.unsettled == 600);
  cr_expect(report->settled.point_count == 0 && report->settled.level_count == 0);
  esc_result_free(result);
}

static void bowl(void *context, int64_t count, int dimension, const double *at, double *values,
                 double *gradients)
{
  (void)context;
  for (int64_t i = 0; i < count; i++) {
    if (values)
      values[i] = 0.0;
    for (int j = 0; j < dimension; j++) {
      const double x = at[j * count + i] - 1.0 - j;
      if (values)
        values[i] += (1.0 + j) * x * x;
      gradients[j * count + i] = 2.0 * (1.0 + j) * x;
    }
  }
}

Test(basins, a_landscape_of_the_callers)
{
  support_case c = starts_in(NULL, 0, -1.0, 1.0);
  c.landscape.function = bowl;
  c.landscape.dimension = 3;
  esc_result *result;
  const esc_report *const report = run(&c, NULL, 1, &result);
  cr_assert_eq(report->settled.point_count, 1);
  for (int j = 0; j < 3; j++)
    cr_expect_lt(fabs(report->settled.points[0].point[j] - 1.0 - j), 1e-8);
  esc_result_free(result);
}

Test(basins, walkers)
{
  support_case c = starts_in("himmelblau", 0, -1.0, 1.0);
  c.observe.samples = 0;
  c.experiment.renew = 1;
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
  cr_expect_str_eq(esc_last_error_key(), "observe.basins");
}
