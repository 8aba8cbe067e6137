/* Observers against what the trajectories themselves say, replayed or sampled, and against exact
 * values: the tail index, Adam's signal to noise, moves from basin to basin. Seeds are fixed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference_noise.h"
#include "tests/support.h"
#include "tests/support_noise.h"

static void expect_refused(support_case *c, const char *key, const char *sentence)
{
  cr_expect_eq(esc_experiment_check(support_experiment(c)), ESC_STATUS_BAD_EXPERIMENT);
  cr_expect_str_eq(esc_last_error_key(), key);
  cr_expect_str_eq(esc_last_error(), sentence, "%s", esc_last_error());
}

/* --- the tail index --- */

enum { N = 200000 };
static const ref_noise stable = {.law = "stable", .scale = 1.0, .alpha = 1.5};
static const ref_noise pareto = {
    .law = "pareto", .scale = 1.0, .alpha = 0.8, .weight_right = 0.5}; /* not centred */

static esc_result *run(support_case *c)
{
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  support_run(device, c, &result);
  esc_device_close(device);
  return result;
}

/* The mean of log(|xi|/u) beyond u, for a symmetric law: the integral of its tail over log x, by
 * Simpson's rule out to where a power is left. */
static double mean_log_beyond(const ref_noise *law, double u)
{
  enum { CELLS = 400 };
  const double step = 12.0 / CELLS;
  double sum = 0.0;
  for (int k = 0; k <= CELLS; k++)
    sum += (k == 0 || k == CELLS ? 1.0
            : k % 2              ? 4.0
                                 : 2.0) *
           ref_noise_tail(law, u * exp(k * step));
  const double rest = ref_noise_tail(law, u * exp(12.0)) / law->alpha;
  return (sum * step / 3.0 + rest) / ref_noise_tail(law, u);
}

/* Hill's estimate of a Pareto law has no bias; that of a stable one has the bias that its own tail
 * beyond the threshold says, 1.530 for 1.5 at the default share. */
Test(tail_index, hill)
{
  const ref_noise *const laws[2] = {&pareto, &stable};
  for (int k = 0; k < 2; k++) {
    esc_tail_request request = ESC_TAIL_REQUEST_INIT;
    support_case c = support_free_step(laws[k], 1, 1000000);
    c.observe.samples = 0;
    c.observe.tail_index = &request;
    esc_result *const result = run(&c);
    const esc_tail_index *const tail = esc_result_report(result)->tail_index;
    const double expected = 1.0 / mean_log_beyond(laws[k], tail->threshold);
    cr_expect(k == 0 ? fabs(expected - 0.8) < 1e-6 : fabs(expected - 1.530) < 0.001, "%.9g",
              expected);
    cr_expect(fabs(tail->hill.value / expected - 1.0) < 5.0 / sqrt((double)tail->beyond),
              "law %d: %g, expected %g", k, tail->hill.value, expected);
    cr_expect(tail->beyond >= 10000 && tail->beyond < 10300, "%lld", (long long)tail->beyond);
    cr_expect_eq(tail->count, 1000000);
    /* the interval is that of the mean of so many exponentials */
    const double half = 0.5 * (tail->hill.high - tail->hill.low) / tail->hill.value;
    cr_expect(fabs(half * sqrt((double)tail->beyond) / 1.959964 - 1.0) < 0.01, "%g", half);
    esc_result_free(result);
  }
}

/* Sums of strictly stable variates grow as n^(1/alpha), so that the block estimate has no bias:
 * one coordinate or more, from another point. */
Test(tail_index, block)
{
  static const double point[2] = {3.0, 3.0};
  for (int dimension = 1; dimension <= 2; dimension++) {
    esc_tail_request request = ESC_TAIL_REQUEST_INIT;
    request.point = point;
    request.point_count = dimension;
    support_case c = support_free_step(&stable, dimension, 70000);
    support_start_at(&c, 3.0);
    c.observe.tail_index = &request;
    c.observe.samples = 0; /* positions are then put in order for the quantiles, but later */
    esc_result *const result = run(&c);
    const esc_tail_index *const tail = esc_result_report(result)->tail_index;
    const double error = 0.5 * (1.0 / tail->block.low - 1.0 / tail->block.high) / 1.959964;
    cr_expect(fabs(1.0 / tail->block.value - 1.0 / 1.5) < 5.0 * error, "%g", tail->block.value);
    cr_expect(error > 0.005 && error < 0.02, "%g", error);
    cr_expect_eq(tail->block_size, 256);
    cr_expect_eq(tail->block_count, 256);
    esc_result_free(result);
  }
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Hill's formula on the samples themselves, and the blocks' too. */
static void check_samples(int dimension, const double *point, double share)
{
  esc_tail_request request = ESC_TAIL_REQUEST_INIT;
  request.point = point;
  request.point_count = dimension;
  request.share = share;
  support_case c = support_free_step(&stable, dimension, 20000);
  c.observe.tail_index = &request;
  esc_result *const result = run(&c);
  const esc_report *const report = esc_result_report(result);
  const esc_tail_index *const tail = report->tail_index;
  enum { TRAJECTORIES = 20000, SIZE = 141 };
  static double size[TRAJECTORIES];
  double growth = 0.0, sum = 0.0;
  for (int i = 0; i < TRAJECTORIES; i++) {
    double squares = 0.0;
    for (int j = 0; j < dimension; j++)
      squares += pow(report->sample_final[i * dimension + j] - point[j], 2.0);
    size[i] = sqrt(squares);
  }
  for (int b = 0; b < SIZE; b++) {
    double squares = 0.0, logs = 0.0;
    for (int j = 0; j < dimension; j++) {
      double total = 0.0;
      for (int i = b * SIZE; i < (b + 1) * SIZE; i++)
        total += report->sample_final[i * dimension + j] - point[j];
      squares += total * total;
    }
    for (int i = b * SIZE; i < (b + 1) * SIZE; i++)
      logs += log(size[i]) / SIZE;
    growth += (0.5 * log(squares) - logs) / SIZE;
  }
  cr_expect(fabs(tail->block.value - log(SIZE) / growth) < 1e-9 * tail->block.value);
  qsort(size, TRAJECTORIES, sizeof *size, by_size);
  int beyond = 0;
  while (beyond < TRAJECTORIES && size[TRAJECTORIES - 1 - beyond] >= tail->threshold)
    sum += log(size[TRAJECTORIES - 1 - beyond++] / tail->threshold);
  cr_expect(abs(beyond - (int)tail->beyond) <= 2, "%d, %lld", beyond, (long long)tail->beyond);
  cr_expect(beyond >= share * TRAJECTORIES - 2 && beyond < 1.05 * share * TRAJECTORIES + 2);
  cr_expect(fabs(tail->hill.value * sum / beyond - 1.0) < 1e-3, "%g, expected %g", tail->hill.value,
            beyond / sum);
  esc_result_free(result);
}

Test(tail_index, of_the_samples)
{
  static const double origin[3] = {0.0, 0.0, 0.0}, away[3] = {1.0, -2.0, 0.5};
  check_samples(1, origin, 0.02);
  check_samples(1, away, 0.1);
  check_samples(3, away, 0.05);
}

/* Sizes that are all alike have no tail, and too few say nothing. */
Test(tail_index, where_there_is_none)
{
  const ref_noise sign = {.law = "rademacher", .scale = 1.0};
  esc_tail_request request = ESC_TAIL_REQUEST_INIT;
  support_case c = support_free_step(&sign, 1, 1000);
  c.observe.tail_index = &request;
  esc_result *result = run(&c);
  const esc_tail_index *tail = esc_result_report(result)->tail_index;
  cr_expect(isnan(tail->hill.value) && tail->threshold == 1.0 && tail->beyond == 1000);
  cr_expect(fabs(tail->block.value - 2.0) < 1.5);
  esc_result_free(result);
  c = support_free_step(&stable, 1, 9);
  c.observe.tail_index = &request;
  result = run(&c);
  tail = esc_result_report(result)->tail_index;
  cr_expect(isnan(tail->hill.value) && isnan(tail->block.value) && tail->count == 9);
  esc_result_free(result);
}

Test(tail_index, refused)
{
  static const double point[2] = {0.0, (double)INFINITY};
  esc_tail_request request = ESC_TAIL_REQUEST_INIT;
  support_case c = support_begin("saddle", "gaussian", "sgd", 0.1);
  c.observe.tail_index = &request;
  request.share = 0.6;
  expect_refused(&c, "observe.tail_index.share", "expected a share in (0, 0.5], found 0.6");
  request.point = point;
  request.point_count = 1;
  expect_refused(&c, "observe.tail_index.point", "expected a point of 2 numbers, found 1");
  request.point_count = 2;
  expect_refused(&c, "observe.tail_index.point",
                 "expected numbers of at most 1e30 in size, found inf");
}

/* --- Adam's signal to noise --- */

enum { STEPS = 40, IDS = 400, WATCHED = 7 };
static const int64_t watched[WATCHED] = {0, 1, 2, 3, 6, 8, STEPS};

typedef struct path {
  double x[STEPS + 1];
} path;

static int keep(void *context, const esc_replay_step *step)
{
  ((path *)context)->x[step->step] = *step->position;
  return 0;
}

/* The noise of a trajectory, step by step: the steps of sgd at lr 1 where there is no slope. */
static void gradients(esc_device *device, support_case *c, int64_t id, double g[STEPS])
{
  path p;
  cr_assert_eq(esc_replay(device, support_experiment(c), id, keep, &p), ESC_STATUS_OK);
  for (int t = 0; t < STEPS; t++)
    g[t] = p.x[t] - p.x[t + 1];
}

static support_case free_walk(const char *rule, double lr)
{
  support_case c = support_begin("quadratic", "laplace", rule, lr);
  support_number(&c.landscape_keys, "k", 0.0);
  c.experiment.state = ESC_STATE_F64;
  c.experiment.stop_steps = STEPS;
  c.experiment.trajectories = IDS;
  return c;
}

/* |m|/sqrt(v) by Kingma and Ba's definitions, with b1 = .8 and b2 = .95. */
static void check_snr(const char *rule, int corrects)
{
  static double ratio[WATCHED][IDS];
  esc_device *const device = support_device(NULL, 1);
  support_case walk = free_walk("sgd", 1.0), c = free_walk(rule, 0.01);
  for (int64_t id = 0; id < IDS; id++) {
    double g[STEPS], m = 0.0, v = 0.0;
    gradients(device, &walk, id, g);
    for (int t = 1, k = 1; t <= STEPS; t++) {
      m = 0.8 * m + 0.2 * g[t - 1];
      v = 0.95 * v + 0.05 * g[t - 1] * g[t - 1];
      if (watched[k] != t)
        continue;
      const double first = corrects ? 1.0 - pow(0.8, t) : 1.0;
      const double second = corrects ? 1.0 - pow(0.95, t) : 1.0;
      ratio[k++][id] = fabs(m / first) / sqrt(v / second);
    }
  }
  support_number(&c.optimizer_keys, "beta1", 0.8);
  support_number(&c.optimizer_keys, "beta2", 0.95);
  if (!corrects)
    support_number(&c.optimizer_keys, "bias_correction", 0.0);
  c.observe.snr = 1;
  c.observe.steps = watched;
  c.observe.step_count = WATCHED;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  cr_expect_eq(report->snr[0].count, 0);
  cr_expect(isnan(report->snr[0].mean.value) && isnan(report->snr_quantiles[1].value));
  for (int k = 1; k < WATCHED; k++) {
    double mean = 0.0, variance = 0.0;
    qsort(ratio[k], IDS, sizeof ratio[k][0], by_size);
    for (int i = 0; i < IDS; i++)
      mean += ratio[k][i] / IDS;
    for (int i = 0; i < IDS; i++)
      variance += pow(ratio[k][i] - mean, 2.0) / (IDS - 1);
    cr_expect_eq(report->snr[k].count, IDS);
    cr_expect(fabs(report->snr[k].mean.value - mean) < 1e-6, "%s at %lld: %.9g, expected %.9g",
              rule, (long long)watched[k], report->snr[k].mean.value, mean);
    cr_expect(fabs(report->snr[k].variance.value - variance) < 1e-6);
    for (int q = 0; q < 3; q++) {
      static const double shares[3] = {0.05, 0.5, 0.95};
      const esc_estimate found = report->snr_quantiles[3 * k + q];
      const double exact = ratio[k][(int)ceil(shares[q] * IDS) - 1];
      cr_expect(fabs(found.value / exact - 1.0) < 0.02, "%s at %lld: %g, expected %g", rule,
                (long long)watched[k], found.value, exact);
      cr_expect(found.low < exact && exact < found.high);
    }
  }
  esc_result_free(result);
  esc_device_close(device);
}

Test(snr, by_definition)
{
  static const char *const rules[] = {"adam", "adamw", "amsgrad", "nadam", "radam"};
  for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
    check_snr(rules[k], 1);
  check_snr("adam", 0);
}

/* After one step it is 1, whatever the gradient; and a gradient of 0 has none. */
Test(snr, of_one_step)
{
  static const int64_t one[] = {1};
  support_case c = support_begin("quadratic", "rademacher", "adam", 0.01);
  c.noise[0].sparse = 0.5;
  c.experiment.trajectories = 1000;
  c.experiment.stop_steps = 5;
  c.observe.snr = 1;
  c.observe.steps = one;
  c.observe.step_count = 1;
  esc_result *const result = run(&c);
  const esc_report *const report = esc_result_report(result);
  cr_expect(fabs(report->snr[0].mean.value - 1.0) < 1e-6);
  cr_expect(report->snr[0].count > 400 && report->snr[0].count < 600, "%lld",
            (long long)report->snr[0].count);
  esc_result_free(result);
}

Test(snr, refused)
{
  static const char *const others[] = {"sgd", "rmsprop", "adamax", "lion", "adadelta"};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
    support_case c = support_begin("double_well", "gaussian", others[k], 0.1);
    c.observe.snr = 1;
    expect_refused(&c, "observe.snr",
                   "expected a rule with the states m and v (adam, adamw, "
                   "amsgrad, nadam, radam), found another");
  }
  support_case c = support_begin("double_well", "gaussian", "adam", 0.1);
  c.observe.snr = 1;
  expect_refused(&c, "observe.snr", "expected observe.steps beside it, found none");
}

/* --- moves from basin to basin --- */

enum { BASINS = 2 };

typedef struct moves {
  int64_t from_start[BASINS + 1][BASINS + 1], between[WATCHED][BASINS + 1][BASINS + 1];
} moves;

/* One trajectory, as it is replayed: where it has been. */
typedef struct wanderer {
  moves *counts;
  int first, last, next; /* basins; the next of the watched steps */
} wanderer;

static int wander(void *context, const esc_replay_step *step)
{
  wanderer *const w = context;
  const double x = *step->position;
  const int basin = x == 0.0 ? BASINS : x > 0.0, ended = step->outcome[0] != '\0';
  if (step->step == 0)
    w->first = w->last = basin;
  if (w->next < WATCHED && watched[w->next] == step->step &&
      (!ended || strcmp(step->outcome, "running") == 0)) {
    w->counts->between[w->next++][w->last][basin]++;
    w->last = basin;
  }
  if (ended)
    w->counts->from_start[w->first][basin]++;
  return 0;
}

Test(basins, moves)
{
  static const double starts[4] = {-1.0, 0.0, 0.25, 0.5};
  static moves expected;
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.2);
  memcpy(c.start_values, starts, sizeof starts);
  c.start.kind = ESC_START_POINTS;
  c.start.value_count = 4;
  support_outside(&c, -1.9, 1.9);
  c.experiment.stop_steps = STEPS;
  c.experiment.trajectories = 2000;
  c.observe.basins = 2;
  c.observe.steps = watched;
  c.observe.step_count = WATCHED;
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int64_t id = 0; id < 2000; id++) {
    wanderer w = {&expected, 0, 0, 0};
    cr_assert_eq(esc_replay(device, &c.experiment, id, wander, &w), ESC_STATUS_OK);
  }
  cr_assert_eq(report->basin_count, BASINS);
  cr_expect_arr_eq(report->basin_moves, expected.from_start, sizeof expected.from_start);
  cr_expect_arr_eq(report->basin_transitions, expected.between, sizeof expected.between);
  cr_expect(expected.from_start[2][0] > 100 && expected.between[6][0][1] > 20);
  c.observe.basins = 1;
  esc_result_free(result);
  const esc_report *const plain = support_run(device, &c, &result);
  cr_expect_arr_eq(plain->basin_moves, expected.from_start, sizeof expected.from_start);
  cr_expect_null(plain->basin_transitions);
  esc_result_free(result);
  esc_device_close(device);
}

Test(basins, refused)
{
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1);
  c.observe.basins = 2;
  expect_refused(&c, "observe.basins", "expected observe.steps beside transitions, found none");
  support_case plane = support_begin("saddle", "gaussian", "sgd", 0.1);
  plane.observe.basins = 2;
  expect_refused(&plane, "observe.basins",
                 "expected auto: transitions are between the basins of one dimension");
}
