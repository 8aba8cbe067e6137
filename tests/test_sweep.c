/* Sweeps: each point has the bits of a run of its own, whatever runs beside it; ids begin where
 * they are told to; what is wrong is said of the point that it is wrong in, before anything runs.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"
#include "tests/support_fingerprint.h"

enum { POINTS = 6 };
static const int64_t ids_per_point = (int64_t)1 << 40;

/* Points that differ in everything a grid may change: numbers, rules, observers, how many
 * trajectories and of what length. */
static void make_points(support_case c[POINTS])
{
  static const char *const laws[POINTS] = {"gaussian", "laplace",    "gaussian",
                                           "stable",   "rademacher", "uniform"};
  static const char *const rules[POINTS] = {"sgd", "momentum", "sgd", "sgd", "adam", "sgd"};
  static const int64_t trajectories[POINTS] = {3000, 1, 40, 2000, 700, 33};
  static const int64_t steps[] = {10, 100, 200};
  for (int k = 0; k < POINTS; k++) {
    c[k] = support_begin(k == 2 ? "quadratic" : "double_well", laws[k], rules[k], 0.05 + 0.02 * k);
    if (k == 3)
      support_number(&c[k].noise_keys[0], "alpha", 1.5);
    support_outside(&c[k], -2.5, 0.25 * k);
    support_start_at(&c[k], -1.0);
    c[k].experiment.stop_steps = 200 + 100 * k;
    c[k].experiment.trajectories = trajectories[k];
    c[k].experiment.first_id = k * ids_per_point;
    c[k].experiment.seed = (uint64_t)(k % 2);
    c[k].experiment.state = k == 5 ? ESC_STATE_F64 : ESC_STATE_F32;
    c[k].observe.samples = k % 2;
    if (k % 3 == 0) {
      c[k].observe.steps = steps;
      c[k].observe.step_count = 3;
      c[k].observe.moments = 1;
    }
  }
}

static void check_same(const esc_report *a, const esc_report *b, int k)
{
  const support_fingerprint one = support_fingerprint_of(a), other = support_fingerprint_of(b);
  cr_assert(!support_difference(&one, &other), "point %d: other %s", k,
            support_difference(&one, &other));
}

Test(sweep, points_have_the_bits_of_runs_of_their_own)
{
  static const int64_t batches[] = {0, 1, 50, 100000};
  support_case c[POINTS];
  const esc_experiment *experiments[POINTS];
  esc_result *alone[POINTS], *together[POINTS] = {NULL};
  make_points(c);
  esc_device *const one = support_device(NULL, 1);
  for (int k = 0; k < POINTS; k++) {
    experiments[k] = support_experiment(&c[k]);
    support_run(one, &c[k], &alone[k]);
  }
  for (int threads = 1; threads <= 5; threads += 2)
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
      esc_device *const device = support_device(NULL, threads);
      esc_run_options options = ESC_RUN_OPTIONS_INIT;
      options.batch = batches[b];
      cr_assert_eq(esc_run_all(device, experiments, POINTS, &options, together), ESC_STATUS_OK,
                   "%s", esc_last_error());
      for (int k = 0; k < POINTS; k++) {
        check_same(esc_result_report(alone[k]), esc_result_report(together[k]), k);
        cr_assert_eq(esc_result_report(together[k])->first_id, k * ids_per_point);
        esc_result_free(together[k]);
      }
      esc_device_close(device);
    }
  for (int k = 0; k < POINTS; k++)
    esc_result_free(alone[k]);
  esc_device_close(one);
}

/* --- ids --- */

/* Trajectories 500 to 999 of a run are those of a run that begins there; and another beginning is
 * other noise. */
Test(ids, begin_where_they_are_told_to)
{
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1), from = c, far = c;
  esc_device *const device = support_device(NULL, 2);
  esc_result *all, *part, *other;
  support_case *const cases[] = {&c, &from, &far};
  for (int k = 0; k < 3; k++) {
    support_outside(cases[k], -3.0, 0.0);
    support_start_at(cases[k], -1.0);
    cases[k]->observe.samples = 1;
  }
  from.experiment.first_id = 500;
  from.experiment.trajectories = 500;
  far.experiment.first_id = ids_per_point;
  const esc_report *const whole = support_run(device, &c, &all);
  const esc_report *const rest = support_run(device, &from, &part);
  const esc_report *const distant = support_run(device, &far, &other);
  cr_assert_eq(rest->sample_count, 500);
  cr_assert(!memcmp(whole->sample_final + 500, rest->sample_final, 500 * sizeof(double)));
  cr_assert(!memcmp(whole->sample_steps + 500, rest->sample_steps, 500 * sizeof(int64_t)));
  cr_assert(memcmp(whole->sample_final, distant->sample_final, 500 * sizeof(double)));
  esc_result_free(all);
  esc_result_free(part);
  esc_result_free(other);
  esc_device_close(device);
}

static int see_start(void *context, const esc_replay_step *step)
{
  *(double *)context = step->position[0];
  return 1;
}

/* The i-th trajectory of a point begins at start i, whatever its id; so does its replay. */
Test(ids, starts_are_cycled_from_the_first)
{
  support_case c = support_begin("quadratic", NULL, "sgd", 0.5);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  c.start.kind = ESC_START_POINTS;
  c.start.value_count = 3;
  for (int k = 0; k < 3; k++)
    c.start_values[k] = k + 1.0;
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = 7;
  c.experiment.first_id = ids_per_point; /* not a multiple of 3 */
  c.observe.samples = 1;
  const esc_report *const report = support_run(device, &c, &result);
  for (int i = 0; i < 7; i++) {
    double start = 0.0;
    cr_assert_eq(report->sample_final[i], 0.5 * (i % 3 + 1.0));
    cr_assert_eq(esc_replay(device, &c.experiment, ids_per_point + i, see_start, &start),
                 ESC_STATUS_OK);
    cr_assert_eq(start, i % 3 + 1.0);
  }
  cr_assert_eq(esc_replay(device, &c.experiment, 6, see_start, NULL), ESC_STATUS_BAD_ARGUMENT);
  esc_result_free(result);
  esc_device_close(device);
}

Test(ids, are_below_two_to_the_62)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 0.1);
  const int64_t most = (int64_t)1 << 62;
  static const int64_t bad[] = {-1, ((int64_t)1 << 62) - 999, (int64_t)1 << 62, INT64_MAX};
  c.experiment.first_id = most - 1000;
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_OK);
  for (int k = 0; k < 4; k++) {
    c.experiment.first_id = bad[k];
    cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
    cr_assert_str_eq(esc_last_error_key(), "first_id");
  }
}

/* --- what is wrong --- */

static int runs_nothing(void *context)
{
  *(int *)context = 1;
  return 0;
}

Test(sweep, is_checked_before_anything_runs)
{
  support_case c[POINTS];
  const esc_experiment *experiments[POINTS];
  esc_result *results[POINTS] = {NULL};
  esc_device *const device = support_device(NULL, 2);
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  int ran = 0;
  options.cancel = runs_nothing;
  options.context = &ran;
  make_points(c);
  c[3].optimizer.lr = -1.0;
  for (int k = 0; k < POINTS; k++)
    experiments[k] = support_experiment(&c[k]);
  cr_assert_eq(esc_run_all(device, experiments, POINTS, &options, results),
               ESC_STATUS_BAD_EXPERIMENT);
  cr_assert(!strncmp(esc_last_error(), "experiment 3: ", 14), "%s", esc_last_error());
  cr_assert_str_eq(esc_last_error_key(), "optimizer.lr");
  experiments[3] = NULL;
  cr_assert_eq(esc_run_all(device, experiments, POINTS, &options, results),
               ESC_STATUS_BAD_ARGUMENT);
  cr_assert(!strncmp(esc_last_error(), "experiment 3: ", 14), "%s", esc_last_error());
  cr_assert_eq(esc_run_all(device, experiments, 0, &options, results), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_run_all(device, experiments, (int64_t)1 << 23, &options, results),
               ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_run_all(device, NULL, 1, &options, results), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_run_all(device, experiments, 1, &options, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_run_sweep(device, NULL, &options), ESC_STATUS_BAD_ARGUMENT);
  for (int k = 0; k < POINTS; k++)
    cr_assert_null(results[k]);
  cr_assert(!ran);
  esc_device_close(device);
}

/* --- progress, interruption, results that are handed over --- */

typedef struct watched {
  const esc_experiment *experiment[POINTS];
  esc_progress last;
  int64_t taken;
  int calls, cancel_after, refuse_at;
  esc_result *result[POINTS];
} watched;

static void see_progress(void *context, const esc_progress *progress)
{
  watched *const w = context;
  cr_assert(progress->trajectories_done >= w->last.trajectories_done);
  cr_assert(progress->points_done >= w->last.points_done);
  cr_assert(progress->steps >= w->last.steps);
  cr_assert(progress->trajectories_done <= progress->trajectories_total);
  w->last = *progress;
}

static int cancel(void *context)
{
  watched *const w = context;
  return w->cancel_after && ++w->calls > w->cancel_after;
}

static esc_status point(void *context, int64_t k, const esc_experiment **experiment)
{
  *experiment = ((watched *)context)->experiment[k];
  return ESC_STATUS_OK;
}

static esc_status done(void *context, int64_t k, esc_result *result)
{
  watched *const w = context;
  cr_assert_null(w->result[k], "point %d twice", (int)k);
  w->result[k] = result;
  return ++w->taken == w->refuse_at ? ESC_STATUS_IO : ESC_STATUS_OK;
}

static esc_status run(esc_device *device, watched *w, int64_t batch)
{
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  esc_sweep sweep = ESC_SWEEP_INIT;
  options.progress = see_progress;
  options.cancel = cancel;
  options.context = w;
  options.batch = batch;
  sweep.count = POINTS;
  sweep.point = point;
  sweep.done = done;
  sweep.context = w;
  return esc_run_sweep(device, &sweep, &options);
}

Test(sweep, progress_is_over_the_whole)
{
  support_case c[POINTS];
  watched w = {.taken = 0};
  int64_t total = 0;
  make_points(c);
  for (int k = 0; k < POINTS; k++) {
    w.experiment[k] = support_experiment(&c[k]);
    total += c[k].experiment.trajectories;
  }
  esc_device *const device = support_device(NULL, 3);
  cr_assert_eq(run(device, &w, 0), ESC_STATUS_OK);
  cr_assert_eq(w.taken, POINTS);
  cr_assert_eq(w.last.trajectories_done, total);
  cr_assert_eq(w.last.trajectories_total, total);
  cr_assert_eq(w.last.points_done, POINTS);
  cr_assert_eq(w.last.points_total, POINTS);
  for (int k = 0; k < POINTS; k++)
    esc_result_free(w.result[k]);
  esc_device_close(device);
}

/* Every point that is handed back when a run is cut short is an unbroken run of its first
 * trajectories. */
Test(sweep, interrupted_gives_prefixes)
{
  support_case c[POINTS];
  watched w = {.cancel_after = 3};
  make_points(c);
  for (int k = 0; k < POINTS; k++) {
    c[k].observe.samples = 0;
    c[k].experiment.trajectories = k == 1 ? 900 : (int64_t)1 << 36;
    w.experiment[k] = support_experiment(&c[k]);
  }
  esc_device *const device = support_device(NULL, 2);
  cr_assert_eq(run(device, &w, 300), ESC_STATUS_INTERRUPTED);
  cr_assert(w.taken > 0 && w.last.points_done < POINTS);
  for (int k = 0; k < POINTS; k++) {
    if (!w.result[k])
      continue;
    esc_result *whole;
    const esc_report *const report = esc_result_report(w.result[k]);
    cr_assert_eq(report->trajectories % 300, 0);
    cr_assert_eq(!report->interrupted, report->trajectories == report->trajectories_asked);
    c[k].experiment.trajectories = report->trajectories;
    check_same(report, support_run(device, &c[k], &whole), k);
    esc_result_free(whole);
    esc_result_free(w.result[k]);
  }
  esc_device_close(device);
}

/* A result that the caller cannot take ends the run. */
Test(sweep, ends_where_a_result_is_not_taken)
{
  support_case c[POINTS];
  watched w = {.refuse_at = 2};
  make_points(c);
  for (int k = 0; k < POINTS; k++)
    w.experiment[k] = support_experiment(&c[k]);
  esc_device *const device = support_device(NULL, 2);
  cr_assert_eq(run(device, &w, 0), ESC_STATUS_IO);
  cr_assert(strlen(esc_last_error()) > 10);
  cr_assert(w.taken >= 2 && w.taken < POINTS + 1);
  for (int k = 0; k < POINTS; k++)
    esc_result_free(w.result[k]);
  esc_device_close(device);
}
