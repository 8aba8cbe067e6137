/* What ends, counts and is observed when: walls, sets, stay, beyond; curves, residence, occupation,
 * overshoot, basins; renewal. On chains so simple that the answer is known. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"

/* --- what ends when --- */

/* Without noise, U = -x/4 on the right and lr 1: x grows by exactly .25 a step. */
static support_case march(double from, int64_t steps)
{
  support_case c = support_begin("sharp_maximum", NULL, "sgd", 1.0);
  support_number(&c.landscape_keys, "left_slope", 0.25);
  support_number(&c.landscape_keys, "right_slope", 0.25);
  support_start_at(&c, from);
  c.experiment.stop_steps = steps;
  c.experiment.trajectories = 11;
  c.observe.samples = 1;
  return c;
}

/* All trajectories end after `steps` steps (-1: never) with this outcome at x. */
static void check_end(support_case *c, int64_t steps, const char *outcome, double x)
{
  for (int state = 0; state < 2; state++) {
    esc_device *const device = support_device(NULL, 1);
    esc_result *result;
    c->experiment.state = state ? ESC_STATE_F64 : ESC_STATE_F32;
    const esc_report *const report = support_run(device, c, &result);
    cr_assert_eq(support_outcome(report, outcome)->count, report->trajectories, "%s", outcome);
    for (int64_t i = 0; i < report->trajectories; i++) {
      cr_assert_eq(report->sample_steps[i], steps, "%lld steps, expected %lld",
                   (long long)report->sample_steps[i], (long long)steps);
      cr_assert(isnan(x) || report->sample_final[i] == x, "%g, expected %g",
                report->sample_final[i], x);
    }
    esc_result_free(result);
    esc_device_close(device);
  }
}

/* The test comes after the step, which counts; a point on the wall is out. */
Test(ends, walls)
{
  support_case c = march(0.125, 100);
  support_outside(&c, -1.0, 1.0);
  check_end(&c, 4, "right", 1.125);
  support_outside(&c, -1.0, 1.125);
  check_end(&c, 4, "right", 1.125);
  support_outside(&c, -1.0, 1.1250002);
  check_end(&c, 5, "right", 1.375);
  support_case left = march(-0.125, 100);
  support_outside(&left, -1.125, 1.0);
  check_end(&left, 4, "left", -1.125);
  support_outside(&left, -1.1250002, 1.0);
  check_end(&left, 5, "left", -1.375);
}

/* Every place in a group of steps, and the last step allowed. */
Test(ends, any_step)
{
  for (int64_t steps = 1; steps <= 13; steps++) {
    support_case c = march(0.125, 13);
    support_outside(&c, -(double)INFINITY, 0.125 + 0.25 * (double)steps);
    check_end(&c, steps, "right", 0.125 + 0.25 * (double)steps);
    c.experiment.stop_steps = steps;
    check_end(&c, steps, "right", 0.125 + 0.25 * (double)steps);
    if (steps == 1)
      continue;
    c.experiment.stop_steps = steps - 1;
    check_end(&c, -1, "running", 0.125 + 0.25 * (double)(steps - 1));
  }
}

/* A fixed start on or beyond the wall is an error; a random one is an exit at 0 steps. */
Test(ends, at_the_start)
{
  support_case c = march(1.0, 100);
  support_outside(&c, -1.0, 1.0);
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
  cr_assert_str_eq(esc_last_error_key(), "start");
  support_start_in(&c, ESC_START_UNIFORM, 1.5, 2.0);
  check_end(&c, 0, "right", (double)NAN);
  c.start.kind = ESC_START_POINTS; /* 1.5, 2.0 */
  c.start_values[1] = 1.5;
  check_end(&c, 0, "right", 1.5);
}

/* A share of random starts is out at once; they take no step. */
Test(ends, random_starts)
{
  support_case c = march(0.0, 1000);
  support_start_in(&c, ESC_START_UNIFORM, 0.5, 1.5);
  support_outside(&c, -1.0, 1.25);
  c.experiment.trajectories = 100000;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const esc_outcome *const right = support_outcome(report, "right");
  const double share = (double)right->time_counts[0] / 1e5;
  int64_t total = 0;
  cr_assert_eq(right->count, 100000);
  cr_assert(fabs(share - 0.25) < 5.0 * sqrt(0.1875 / 1e5), "%g", share);
  for (int64_t i = 0; i < 100000; i++) {
    const double from = report->sample_final[i] - 0.25 * (double)report->sample_steps[i];
    cr_assert(from >= 0.5 && from <= 1.5);
    total += report->sample_steps[i];
  }
  cr_assert_eq(report->steps_total, total);
  esc_result_free(result);
  esc_device_close(device);
}

static esc_set plane(const char *name, const double values[2])
{
  esc_set set = ESC_SET_INIT(name);
  set.kind = ESC_SET_HALFSPACE;
  set.values = values;
  set.value_count = 2;
  return set;
}

/* The first set that holds wins, in the order given; then beyond. */
Test(ends, order_of_sets)
{
  static const double near_plane[2] = {1.0, 0.875}, far_plane[2] = {1.0, 1.125};
  for (int order = 0; order < 2; order++) {
    const esc_set sets[2] = {plane(order ? "near" : "far", order ? near_plane : far_plane),
                             plane(order ? "far" : "near", order ? far_plane : near_plane)};
    support_case c = march(0.125, 100);
    c.experiment.sets = sets;
    c.experiment.set_count = 2;
    check_end(&c, 3, "near", 0.875);
    support_start_at(&c, 0.75); /* 1.0, not yet far */
    check_end(&c, 1, "near", 1.0);
    support_start_at(&c, 0.8125 + 0.0625); /* on the near plane already */
    check_end(&c, 0, "near", 0.875);
    support_start_at(&c, 1.25); /* in both */
    check_end(&c, 0, order ? "near" : "far", 1.25);
    c.experiment.beyond = ESC_BEYOND_AT;
    c.experiment.beyond_at = 0.5;
    c.start.kind = ESC_START_POINTS; /* a fixed start beyond would be an error */
    check_end(&c, 0, order ? "near" : "far", 1.25);
    support_start_at(&c, 0.75);
    check_end(&c, 0, "diverged", 0.75);
    support_start_at(&c, 0.375);
    check_end(&c, 1, "diverged", 0.625);
  }
}

/* beyond is strict; a finite jump past a wall is an exit, whatever its size. */
Test(ends, beyond)
{
  support_case c = march(0.125, 100);
  c.experiment.beyond = ESC_BEYOND_AT;
  c.experiment.beyond_at = 0.875;
  check_end(&c, 4, "diverged", 1.125);
  support_outside(&c, -1.0, 1.0);
  check_end(&c, 4, "right", 1.125);
  c.experiment.beyond_at = 0.625;
  check_end(&c, 3, "diverged", 0.875);
  c.experiment.beyond = ESC_BEYOND_NONE;
  check_end(&c, 4, "right", 1.125);
}

/* x^3 - x from far out: past the overshoot bound at once; without one it runs to infinity. */
Test(ends, not_finite)
{
  support_case c = support_begin("double_well", NULL, "sgd", 0.5);
  c.observe.samples = 1;
  c.experiment.trajectories = 9;
  support_start_at(&c, 2.2); /* the bound is sqrt 5 = 2.236 */
  check_end(&c, -1, "running", (double)NAN);
  support_start_at(&c, 2.25);
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
  c.start.kind = ESC_START_POINTS;
  check_end(&c, 0, "diverged", 2.25);
  c.experiment.beyond = ESC_BEYOND_NONE;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  cr_assert_eq(support_outcome(report, "diverged")->count, 9);
  cr_assert(!isfinite(report->sample_final[0]));
  cr_assert(report->sample_steps[0] > 3 && report->sample_steps[0] < 20);
  cr_assert(isnan(report->exit_steps.mean.value), "a mean of diverged trajectories");
  esc_result_free(result);
  esc_device_close(device);
}

/* stay: so many steps in a row, counted anew after every leave. x goes .125, .375, ... */
Test(ends, stay)
{
  static const double ball[2] = {1.5, 0.75}, narrow[2] = {1.125, 0.125};
  esc_set set = ESC_SET_INIT("home");
  set.kind = ESC_SET_BALL;
  set.values = ball; /* .75 to 2.25, open: .875 (step 3) to 2.125 (step 8) */
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  for (int64_t stay = 1; stay <= 6; stay++) {
    set.stay = stay;
    check_end(&c, 2 + stay, "home", 0.625 + 0.25 * (double)stay);
  }
  set.stay = 7;
  check_end(&c, -1, "running", 0.125 + 0.25 * 40);
  set.values = narrow; /* the point 1.125 alone */
  set.stay = 1;
  check_end(&c, 4, "home", 1.125);
  set.stay = 2;
  check_end(&c, -1, "running", 0.125 + 0.25 * 40);
}

/* A box is open and its walls are outside; a loss must be below its level. */
Test(ends, box_and_loss)
{
  static const double box[2] = {-1.125, 1.125}, level[1] = {-0.28125}; /* U = -x/4 */
  esc_set set = ESC_SET_INIT("out");
  set.values = box;
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  check_end(&c, 4, "out", 1.125);
  support_start_at(&c, -0.125);
  check_end(&c, 4, "out", -1.125);
  support_start_at(&c, 0.125);
  set.kind = ESC_SET_LOSS_BELOW;
  set.values = level;
  set.value_count = 1;
  check_end(&c, 5, "out", 1.375);
}

/* A ball is open: its rim is outside. */
Test(ends, rim_of_a_ball)
{
  static const double ball[2] = {1.625, 0.5};
  esc_set set = ESC_SET_INIT("home");
  set.kind = ESC_SET_BALL;
  set.values = ball;
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  check_end(&c, 5, "home", 1.375); /* 1.125 is on the rim */
}

/* --- what is observed when --- */

/* x = .125, .375, ..., out at step 9: alive, near, stuck, residence, occupation, moments. */
Test(observed, on_the_march)
{
  static const int64_t steps[] = {0, 1, 2, 3, 4, 5, 8, 9, 10};
  static const double point = 0.5; /* .125, .375, .625, .875 are within .4 */
  const esc_histogram_request request = {sizeof request, 0.0, 2.0, 4};
  support_case c = march(0.125, 20);
  esc_near near = ESC_NEAR_INIT("ball");
  near.point = &point;
  near.point_count = 1;
  near.radius = 0.4;
  support_outside(&c, -1.0, 2.375);
  c.observe.steps = steps;
  c.observe.step_count = 9;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  c.observe.moments = 1;
  c.observe.histogram = c.observe.occupation = &request;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  for (int k = 0; k < 9; k++) {
    const int alive = steps[k] < 9, in = steps[k] < 4;
    cr_expect_eq(r->curves.alive[k], alive ? 11 : 0, "alive at %lld", (long long)steps[k]);
    cr_expect(r->nears[0].fraction[k].value == in, "near at %lld", (long long)steps[k]);
    cr_expect(r->nears[0].stuck[k].value == in, "stuck at %lld", (long long)steps[k]);
    cr_expect(!alive || r->curves.moments[k].mean.value == 0.125 + 0.25 * (double)steps[k]);
    cr_expect_eq(r->curves.moments[k].count, alive ? 11 : 0);
    cr_expect(support_outcome(r, "right")->incidence[k].value == !alive);
  }
  cr_expect(r->nears[0].residence.value == 4.0, "residence %g", r->nears[0].residence.value);
  const int64_t occupied[4] = {22, 22, 22, 22}; /* steps 0 to 7 in [0, 2), step 8 above */
  cr_expect(memcmp(r->occupation.counts, occupied, sizeof occupied) == 0, "%lld %lld %lld %lld",
            (long long)r->occupation.counts[0], (long long)r->occupation.counts[1],
            (long long)r->occupation.counts[2], (long long)r->occupation.counts[3]);
  cr_expect_eq(r->occupation.above[0], 11, "the end itself is not occupied: %lld",
               (long long)r->occupation.above[0]);
  cr_expect_eq(r->histogram.above[0], 11);
  cr_expect_eq(r->steps_total, 99);
  esc_result_free(result);
  esc_device_close(device);
}

/* Stuck is not near: back in the ball after a leave, near but no longer stuck. */
Test(observed, stuck_is_not_near)
{
  static const int64_t steps[] = {0, 1, 2, 3, 4, 5, 6};
  static const double point = 1.0;
  support_case c = support_begin("quadratic", NULL, "sgd", 2.0); /* x' = -x */
  esc_near near = ESC_NEAR_INIT("ball");
  near.point = &point;
  near.point_count = 1;
  near.radius = 0.5;
  support_start_at(&c, 1.0);
  c.experiment.stop_steps = 6;
  c.experiment.trajectories = 40;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.observe.steps = steps;
  c.observe.step_count = 7;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  for (int k = 0; k < 7; k++) {
    cr_expect(r->nears[0].fraction[k].value == (k % 2 == 0), "near at %d", k);
    cr_expect(r->nears[0].stuck[k].value == (k == 0), "stuck at %d", k);
  }
  cr_expect(r->nears[0].residence.value == 4.0);
  cr_expect_eq(support_outcome(r, "running")->count, 40);
  cr_expect(r->exit_steps.restricted_mean.value == 6.0);
  cr_expect(isnan(r->exit_steps.mean.value));
  esc_result_free(result);
  esc_device_close(device);
}

/* Overshoot is the distance beyond the wall, basins those of the last position. */
Test(observed, overshoot_and_basins)
{
  support_case c = march(0.125, 20);
  support_outside(&c, -1.0, 1.0);
  c.observe.overshoot = 1;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *r = support_run(device, &c, &result);
  cr_expect(support_outcome(r, "right")->overshoot->mean.value == 0.125);
  cr_expect_eq(support_outcome(r, "right")->overshoot->count, 11);
  cr_expect_eq(support_outcome(r, "left")->overshoot->count, 0);
  esc_result_free(result);
  support_case well = support_begin("double_well", NULL, "sgd", 0.5);
  well.start.kind = ESC_START_POINTS;
  memcpy(well.start_values, (double[]){-0.5, 0.0, 0.25, 1.5}, 4 * sizeof(double));
  well.start.value_count = 4;
  well.experiment.trajectories = 40;
  well.experiment.stop_steps = 50;
  well.observe.basins = 1;
  r = support_run(device, &well, &result);
  cr_assert_eq(r->basin_count, 2);
  cr_expect_eq(r->basins[0].count, 10);
  cr_expect_eq(r->basins[1].count, 20);
  cr_expect_eq(r->ridge_count, 10);
  cr_expect(fabs(r->basins[1].minimum - 1.0) < 1e-9);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- renewal --- */

/* Four steps an episode: ten steps are two exits and two steps more. */
Test(renew, on_the_march)
{
  support_case c = march(0.125, 10);
  support_outside(&c, -1.0, 1.0);
  c.experiment.renew = 1;
  c.observe.samples = 0;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  cr_expect_eq(support_outcome(r, "right")->count, 22);
  cr_expect_eq(support_outcome(r, "running")->count, 11);
  cr_expect_eq(r->episodes, 33);
  cr_expect_eq(r->steps_total, 110);
  cr_expect_eq(r->rate.events, 22);
  cr_expect_eq(r->rate.steps_at_risk, 110);
  cr_expect_eq(support_outcome(r, "right")->time_counts[4], 22);
  cr_expect_eq(support_outcome(r, "running")->time_counts[2], 11);
  esc_result_free(result);
  esc_device_close(device);
}

/* A walker takes exactly its steps, whatever they bring; each walk after an exit is a new one. */
Test(renew, budget)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 1.0);
  support_number(&c.landscape_keys, "k", 0.0);
  support_outside(&c, -2.0, 3.0);
  c.experiment.renew = 1;
  c.experiment.stop_steps = 101;
  c.experiment.trajectories = 3001;
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  int64_t episodes = 0;
  for (int k = 0; k < r->outcome_count; k++)
    episodes += r->outcomes[k].count;
  cr_expect_eq(r->steps_total, (int64_t)3001 * 101);
  cr_expect_eq(r->rate.steps_at_risk, (int64_t)3001 * 101);
  cr_expect_eq(r->episodes, episodes);
  cr_expect(r->rate.events > 3001, "%lld exits", (long long)r->rate.events);
  cr_expect(support_outcome(r, "running")->count <= 3001);
  esc_result_free(result);
  esc_device_close(device);
}
