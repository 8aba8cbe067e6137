/* Runs that end when they are precise enough: at numbers of trajectories that depend on nothing but
 * the experiment, with the bits of a run of so many. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"
#include "tests/support_fingerprint.h"

/* Exits from a well, mean about 60 steps, a third of them to the left. */
static support_case escapes(const esc_until *until)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 0.2);
  c.noise[0].variance = 4.0;
  support_outside(&c, -1.3, 1.0);
  c.experiment.stop_steps = 100000;
  c.experiment.trajectories = 1 << 20;
  c.experiment.until = until;
  return c;
}

static const char *const quantities[] = {"exit_steps.mean", "exit_steps.restricted_mean",
                                         "exit_steps.mean_of_exited", "exit_steps.rate.per_step",
                                         "outcomes.left.fraction"};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };

static esc_estimate estimate_of(const esc_report *report, int quantity)
{
  switch (quantity) {
  case 0:
    return report->exit_steps.mean;
  case 1:
    return report->exit_steps.restricted_mean;
  case 2:
    return report->exit_steps.mean_of_exited;
  case 3:
    return report->rate.per_step;
  default:
    return support_outcome(report, "left")->fraction;
  }
}

static double relative(esc_estimate e)
{
  return (e.high - e.low) / 2.0 / e.value;
}

/* The first of 1024, 2048, ... at which a run of so many is precise: found by running them. */
Test(until, ends_at_the_first_number_that_is_precise_enough)
{
  esc_device *const device = support_device(NULL, 2);
  for (int quantity = 0; quantity < QUANTITIES; quantity++) {
    const esc_until until = ESC_UNTIL_INIT(quantities[quantity], 0.03);
    support_case c = escapes(&until), plain = escapes(NULL);
    esc_result *result, *whole = NULL;
    if (quantity != 0) /* a mean of all needs all */
      c.experiment.stop_steps = plain.experiment.stop_steps = 40;
    const esc_report *const report = support_run(device, &c, &result);
    cr_assert_eq(report->precision, ESC_PRECISION_REACHED);
    cr_assert(!report->interrupted);
    cr_assert_eq(report->trajectories_asked, 1 << 20);
    int64_t n = 512;
    double found;
    do {
      esc_result_free(whole);
      plain.experiment.trajectories = n *= 2;
      found = relative(estimate_of(support_run(device, &plain, &whole), quantity));
    } while (found > 0.03);
    cr_assert_eq(report->trajectories, n, "%s: %lld, expected %lld", quantities[quantity],
                 (long long)report->trajectories, (long long)n);
    cr_assert(fabs(report->relative_error - found) < 1e-12);
    const support_fingerprint a = support_fingerprint_of(report);
    const support_fingerprint b = support_fingerprint_of(esc_result_report(whole));
    cr_assert(!support_difference(&a, &b), "other %s", support_difference(&a, &b));
    cr_assert_eq(esc_result_report(whole)->precision, ESC_PRECISION_NOT_ASKED);
    cr_assert(isnan(esc_result_report(whole)->relative_error));
    esc_result_free(result);
    esc_result_free(whole);
  }
  esc_device_close(device);
}

/* Neither batches nor threads nor a sweep around it change where a run ends. */
Test(until, depends_on_the_experiment_alone)
{
  static const int64_t batches[] = {0, 7, 100, 1000, 1 << 20};
  const esc_until until = ESC_UNTIL_INIT("exit_steps.mean", 0.04);
  support_case c = escapes(&until);
  support_fingerprint first = {{0}};
  for (int threads = 1; threads <= 4; threads++)
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
      const esc_experiment *const three[] = {support_experiment(&c), &c.experiment, &c.experiment};
      esc_result *results[3] = {NULL};
      esc_run_options options = ESC_RUN_OPTIONS_INIT;
      options.batch = batches[b];
      esc_device *const device = support_device(NULL, threads);
      cr_assert_eq(esc_run_all(device, three, 3, &options, results), ESC_STATUS_OK);
      for (int k = 0; k < 3; k++) {
        const support_fingerprint seen = support_fingerprint_of(esc_result_report(results[k]));
        if (first.part[0] == 0)
          first = seen;
        cr_assert(!support_difference(&first, &seen), "%d threads, batches of %lld: other %s",
                  threads, (long long)batches[b], support_difference(&first, &seen));
        esc_result_free(results[k]);
      }
      esc_device_close(device);
    }
}

static void see_progress(void *context, const esc_progress *progress)
{
  *(esc_progress *)context = *progress;
}

/* What a precise point leaves out is done. */
Test(until, progress_ends)
{
  const esc_until until = ESC_UNTIL_INIT("exit_steps.mean", 0.04);
  support_case c = escapes(&until);
  const esc_experiment *const two[] = {support_experiment(&c), &c.experiment};
  esc_result *results[2] = {NULL};
  esc_progress last = {0};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  options.progress = see_progress;
  options.context = &last;
  esc_device *const device = support_device(NULL, 2);
  cr_assert_eq(esc_run_all(device, two, 2, &options, results), ESC_STATUS_OK);
  cr_assert_eq(last.trajectories_done, last.trajectories_total);
  cr_assert_eq(last.trajectories_total, 2 << 20);
  cr_assert_eq(last.points_done, 2);
  cr_assert(esc_result_report(results[0])->trajectories < 1 << 20);
  for (int k = 0; k < 2; k++)
    esc_result_free(results[k]);
  esc_device_close(device);
}

/* A handful of equal exit times would look precise. */
Test(until, waits_for_events)
{
  esc_until until = ESC_UNTIL_INIT("exit_steps.mean_of_exited", 0.9);
  until.least_events = 700;
  support_case c = escapes(&until);
  c.experiment.stop_steps = 10;
  c.experiment.trajectories = 100000;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result, *less;
  const esc_report *const report = support_run(device, &c, &result);
  c.experiment.until = NULL;
  c.experiment.trajectories = report->trajectories / 2;
  const esc_report *const half = support_run(device, &c, &less);
  cr_assert_eq(report->precision, ESC_PRECISION_REACHED);
  cr_assert(report->exit_steps.count >= 700);
  cr_assert(report->trajectories == 1024 || half->exit_steps.count < 700);
  esc_result_free(result);
  esc_result_free(less);
  esc_device_close(device);
}

/* What is never precise enough, or does not exist, takes all the trajectories. */
Test(until, takes_at_most_trajectories)
{
  static const esc_until never[] = {ESC_UNTIL_INIT("exit_steps.mean", 1e-6),
                                    ESC_UNTIL_INIT("outcomes.diverged.fraction", 0.5)};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 2; k++) {
    support_case c = escapes(&never[k]);
    esc_result *result;
    c.experiment.trajectories = 3000;
    const esc_report *const report = support_run(device, &c, &result);
    cr_assert_eq(report->trajectories, 3000);
    cr_assert_eq(report->precision, ESC_PRECISION_NOT_REACHED);
    cr_assert(!report->interrupted);
    esc_result_free(result);
  }
  esc_device_close(device);
}

Test(until, what_is_wrong)
{
  static const struct {
    esc_until until;
    const char *key;
  } bad[] = {
      {{sizeof(esc_until), NULL, 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "exit_steps", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "outcomes.top.fraction", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "outcomes.fraction", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "outcomes..fraction", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "outcomes.lef.fraction", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "outcomes.left", 0.1, 100}, "until.of"},
      {{sizeof(esc_until), "exit_steps.mean", 0.0, 100}, "until.relative_error"},
      {{sizeof(esc_until), "exit_steps.mean", 1.0, 100}, "until.relative_error"},
      {{sizeof(esc_until), "exit_steps.mean", (double)NAN, 100}, "until.relative_error"},
      {{sizeof(esc_until), "exit_steps.mean", 0.1, 0}, "until.least_events"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    support_case c = escapes(&bad[k].until);
    cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
    cr_assert_str_eq(esc_last_error_key(), bad[k].key);
  }
  const esc_until small = {8, "exit_steps.mean", 0.1, 100};
  const esc_until restricted = ESC_UNTIL_INIT("exit_steps.restricted_mean", 0.1);
  support_case c = escapes(&small);
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_ARGUMENT);
  c = escapes(&restricted);
  c.experiment.renew = 1;
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
}
