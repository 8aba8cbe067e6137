/* Calls of the engine: interruption, which gives a shorter run, and progress; wrong arguments and
 * wrong experiments, each refused with a status, a sentence and the key it is about. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"
#include "tests/support_fingerprint.h"

/* --- callbacks --- */

typedef struct calls {
  int progress, cancels, until;
  int64_t done, steps;
} calls;

static void see_progress(void *context, const esc_progress *progress)
{
  calls *const c = context;
  cr_assert(progress->trajectories_done >= c->done && progress->steps >= c->steps,
            "progress went back");
  cr_assert(progress->trajectories_done <= progress->trajectories_total);
  c->done = progress->trajectories_done;
  c->steps = progress->steps;
  c->progress++;
}

static int cancel(void *context)
{
  calls *const c = context;
  return ++c->cancels > c->until;
}

static support_case long_run(int64_t trajectories)
{
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1);
  support_outside(&c, -(double)INFINITY, 0.5);
  support_start_at(&c, -1.0);
  c.experiment.stop_steps = 100000;
  c.experiment.trajectories = trajectories;
  return c;
}

/* What is cancelled is a shorter run, not another one. */
Test(callbacks, cancel_gives_a_prefix)
{
  calls seen = {.until = 3};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run((int64_t)1 << 36);
  esc_device *const device = support_device(NULL, 2);
  esc_result *cut = NULL, *whole;
  options.progress = see_progress;
  options.cancel = cancel;
  options.context = &seen;
  options.batch = 500;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &cut), ESC_STATUS_INTERRUPTED);
  cr_assert(cut, "no prefix after %d calls", seen.cancels);
  const esc_report *const report = esc_result_report(cut);
  cr_assert(report->interrupted);
  cr_assert(report->trajectories > 0 && report->trajectories % 500 == 0);
  cr_assert_eq(report->trajectories_asked, (int64_t)1 << 36);
  cr_assert(seen.progress > 0 && seen.cancels == 4);
  c.experiment.trajectories = report->trajectories;
  const support_fingerprint a = support_fingerprint_of(report);
  const support_fingerprint b = support_fingerprint_of(support_run(device, &c, &whole));
  cr_assert(!support_difference(&a, &b), "other %s", support_difference(&a, &b));
  cr_assert(!esc_result_report(whole)->interrupted);
  esc_result_free(cut);
  esc_result_free(whole);
  esc_device_close(device);
}

/* Before the first batch is done there is nothing to hand back, and *result stays as it was. */
Test(callbacks, cancelled_at_once)
{
  calls seen = {.until = 0};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run(100000000);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result = NULL;
  options.cancel = cancel;
  options.context = &seen;
  options.batch = 100000000;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &result), ESC_STATUS_INTERRUPTED);
  cr_assert_null(result);
  esc_device_close(device);
}

/* The last call says that all is done. */
Test(callbacks, progress_ends)
{
  calls seen = {.until = 1 << 30};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run(20000);
  esc_device *const device = support_device(NULL, 2);
  esc_result *result = NULL;
  c.experiment.stop_steps = 1000;
  options.progress = see_progress;
  options.cancel = cancel;
  options.context = &seen;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &result), ESC_STATUS_OK);
  cr_assert(seen.progress > 0);
  cr_assert_eq(seen.done, 20000);
  cr_assert(seen.steps >= esc_result_report(result)->steps_total);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- wrong arguments --- */

static int visit_nothing(void *context, const esc_replay_step *step)
{
  (void)context, (void)step;
  return 0;
}

/* A status, a sentence, and outputs untouched. */
Test(arguments, of_calls)
{
  support_case c = long_run(10);
  const esc_experiment *const experiment = support_experiment(&c);
  esc_device *const device = support_device(NULL, 1);
  esc_result *const untouched = (esc_result *)&c, *result = untouched;
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  cr_expect_eq(esc_run(NULL, experiment, NULL, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_run(device, NULL, NULL, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_run(device, experiment, NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  options.batch = -1;
  cr_expect_eq(esc_run(device, experiment, &options, &result), ESC_STATUS_BAD_ARGUMENT);
  options.batch = 0;
  options.lanes = 4000;
  cr_expect_eq(esc_run(device, experiment, &options, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(strlen(esc_last_error()) > 10);
  cr_expect(result == untouched);
  cr_expect_eq(esc_replay(device, experiment, -1, visit_nothing, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_replay(device, experiment, 0, NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_replay(NULL, experiment, 0, visit_nothing, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_experiment_check(NULL), ESC_STATUS_BAD_ARGUMENT);
  esc_device *other_device = device;
  cr_expect_eq(esc_device_open(NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  esc_device_options bad = ESC_DEVICE_OPTIONS_INIT;
  bad.backend = "abacus";
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  bad.backend = "cpu";
  bad.isa = "mmx";
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  bad.isa = "auto";
  bad.threads = -1;
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(other_device == device);
  cr_expect_null(esc_result_report(NULL));
  esc_result_free(NULL);
  esc_device_close(NULL);
  esc_device_close(device);
}

/* The k-th mistake in an experiment, and the key it is about; NULL past the last. */
static const char *spoil(int k, support_case *c)
{
  static const double one[1] = {0.5};
  static const int64_t falling[2] = {5, 3};
  static esc_near near = ESC_NEAR_INIT("ball");
  static esc_set set = ESC_SET_INIT("out");
  near.point = one;
  near.point_count = 1;
  switch (k) {
  case 0:
    c->landscape.name = "doublewell";
    return "landscape.name";
  case 1:
    support_number(&c->landscape_keys, "tilts", 1.0);
    return "landscape.tilts";
  case 2:
    support_number(&c->landscape_keys, "tilt", (double)NAN);
    return "landscape.tilt";
  case 3:
    c->landscape.scale = 0.0;
    return "landscape.scale";
  case 4:
    c->noise[0].law = "normal";
    return "noise.law";
  case 5:
    c->noise[0].scale = -1.0;
    return "noise.scale";
  case 6:
    c->noise[0].clip = 0.0;
    return "noise.clip";
  case 7:
    c->noise[0].sparse = 1.5;
    return "noise.sparse";
  case 8:
    c->noise[0].state_scale[0] = -1.0;
    return "noise.state_scale";
  case 9:
    c->optimizer.lr = 0.0;
    return "optimizer.lr";
  case 10:
    c->optimizer.name = "adan";
    return "optimizer.name";
  case 11:
    c->optimizer.weight_decay = -0.1;
    return "optimizer.weight_decay";
  case 12:
    c->optimizer.clip_update = 0.0;
    return "optimizer.clip_update";
  case 13:
    c->optimizer.project[0] = 2.0, c->optimizer.project[1] = 1.0;
    return "optimizer.project";
  case 14:
    c->optimizer.schedule = "linear";
    return "optimizer.schedule.kind";
  case 15:
    c->experiment.stop_steps = 0;
    return "stop.steps";
  case 16:
    c->experiment.outside[0] = 1.0;
    return "stop.outside";
  case 17:
    c->experiment.trajectories = 0;
    return "trajectories";
  case 18:
    c->experiment.rate_after = 1000000;
    return "rate.after";
  case 19:
    c->experiment.beyond = ESC_BEYOND_AT;
    return "stop.beyond";
  case 20:
    c->observe.steps = falling, c->observe.step_count = 2;
    return "observe.steps";
  case 21:
    c->observe.nears = &near, c->observe.near_count = 1;
    return "observe.near[0].radius";
  case 22:
    c->experiment.sets = &set, c->experiment.set_count = 1;
    return "stop.sets";
  case 23:
    support_start_at(c, (double)INFINITY);
    return "start";
  case 24:
    support_number(&c->optimizer_keys, "momentum", 0.9);
    return "optimizer.momentum";
  case 25:
    support_add_noise(c, "stable");
    return "noise[1].alpha";
  case 26:
    c->experiment.math = (esc_math)7;
    return "math";
  case 27:
    c->experiment.state = (esc_state)7;
    return "state";
  default:
    return NULL;
  }
}

Test(arguments, of_experiments)
{
  for (int k = 0;; k++) {
    support_case c = long_run(10);
    const char *const key = spoil(k, &c);
    if (!key)
      break;
    cr_expect_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT,
                 "mistake %d (%s) passes", k, key);
    cr_expect_str_eq(esc_last_error_key(), key, "mistake %d is said to be in %s, not %s: %s", k,
                     esc_last_error_key(), key, esc_last_error());
  }
}
