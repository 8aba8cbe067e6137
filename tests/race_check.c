/* Threads of the engine, for the thread sanitizer: experiments that between them use every
 * observer, renew, samples, a landscape of the caller's, callbacks, a cancelled run, batches that
 * wait for a slow one, and two devices at work at once. Each gives the same report with 1 and 4
 * threads. A plain program: Criterion does not run under the sanitizer. What the numbers should be
 * is not here. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escapement/escapement.h"

enum { MANY = 3000, THREADS = 4 };

static int failures = 0;

static void complain(const char *experiment, const char *what)
{
  fprintf(stderr, "%s: %s\n", experiment, what);
  failures++;
}

/* --- reports, number by number ---------------------------------------------------------------- */

/* All numbers of a report but those that depend on the clock or on how lanes were used. */
typedef struct numbers {
  double *at;
  size_t count, room;
} numbers;

static void put(numbers *to, double value)
{
  if (to->count == to->room) {
    to->room = to->room ? 2 * to->room : 4096;
    to->at = realloc(to->at, to->room * sizeof *to->at);
    if (!to->at)
      abort();
  }
  to->at[to->count++] = value;
}

static void put_counts(numbers *to, const int64_t *counts, int64_t count)
{
  for (int64_t k = 0; counts && k < count; k++)
    put(to, (double)counts[k]);
}

static void put_estimates(numbers *to, const esc_estimate *estimates, int64_t count)
{
  for (int64_t k = 0; estimates && k < count; k++) {
    put(to, estimates[k].value);
    put(to, estimates[k].low);
    put(to, estimates[k].high);
  }
}

static void put_moments(numbers *to, const esc_moments *moments, int64_t count)
{
  for (int64_t k = 0; moments && k < count; k++) {
    put(to, (double)moments[k].count);
    put_estimates(to, &moments[k].mean, 1);
    put_estimates(to, &moments[k].variance, 1);
  }
}

static void put_times(numbers *to, const esc_times *times)
{
  put(to, (double)times->count);
  put_estimates(to, &times->mean, 1);
  put(to, times->sd);
  put_estimates(to, &times->restricted_mean, 1);
  put_estimates(to, times->quantiles, 3);
}

static void put_histogram(numbers *to, const esc_histogram *histogram, int dimension)
{
  put_counts(to, histogram->counts, (int64_t)dimension * histogram->bins);
  put_counts(to, histogram->below, dimension);
  put_counts(to, histogram->above, dimension);
}

static numbers numbers_of(const esc_report *report)
{
  numbers all = {NULL, 0, 0};
  const int dimension = report->dimension;
  const int64_t steps = report->curves.step_count;
  put_counts(&all,
             (const int64_t[]){report->trajectories, report->episodes, report->steps_total,
                               report->ridge_count, report->rate.events,
                               report->rate.steps_at_risk},
             6);
  put_times(&all, &report->exit_steps);
  put_estimates(&all, &report->rate.per_step, 1);
  for (int k = 0; k < report->outcome_count; k++) {
    const esc_outcome *const outcome = &report->outcomes[k];
    put_estimates(&all, &outcome->fraction, 1);
    put_times(&all, &outcome->exit_steps);
    put_moments(&all, outcome->final, dimension);
    put_moments(&all, outcome->overshoot, 1);
    put_estimates(&all, outcome->incidence, steps);
    put_counts(&all, outcome->time_counts, report->time_bin_count);
  }
  put_moments(&all, report->final, dimension);
  put_moments(&all, &report->final_loss, 1);
  put_estimates(&all, report->final_quantiles, 3 * dimension);
  put_histogram(&all, &report->histogram, dimension);
  put_histogram(&all, &report->occupation, dimension);
  put_counts(&all, report->curves.alive, steps);
  put_moments(&all, report->curves.moments, steps * dimension);
  put_moments(&all, report->curves.loss, steps);
  for (int k = 0; k < report->near_count; k++) {
    put_estimates(&all, report->nears[k].fraction, steps);
    put_estimates(&all, report->nears[k].stuck, steps);
    put_estimates(&all, &report->nears[k].residence, 1);
  }
  put_estimates(&all, report->correlation, (int64_t)report->correlation_count * dimension);
  for (int k = 0; k < report->basin_count; k++)
    put_estimates(&all, report->basins[k].curve, steps);
  put_counts(&all, report->sample_steps, report->sample_count);
  for (int64_t k = 0; k < report->sample_count; k++)
    put(&all, report->sample_outcomes[k]);
  for (int64_t k = 0; k < report->sample_count * dimension; k++)
    put(&all, report->sample_final[k]);
  return all;
}

static void check_same(const char *experiment, const esc_report *one, const esc_report *other)
{
  numbers a = numbers_of(one), b = numbers_of(other);
  size_t k = 0;
  while (k < a.count && k < b.count && (a.at[k] == b.at[k] || (isnan(a.at[k]) && isnan(b.at[k]))))
    k++;
  if (k < a.count || k < b.count)
    complain(experiment, "another number of threads gives another report");
  free(a.at);
  free(b.at);
}

/* --- running ---------------------------------------------------------------------------------- */

static esc_device *opened(int threads)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  options.backend = "cpu";
  options.threads = threads;
  if (esc_device_open(&options, &device)) {
    fprintf(stderr, "no device: %s\n", esc_last_error());
    exit(1);
  }
  return device;
}

/* What the callbacks see. They are called by one thread at a time, so nothing guards it. */
typedef struct watch {
  int64_t done, steps, calls, lines;
  int64_t patience; /* cancel after so many questions; negative: never */
  int backwards;
} watch;

static void progress(void *context, const esc_progress *at)
{
  watch *const seen = context;
  seen->backwards |= at->trajectories_done < seen->done || at->steps < seen->steps;
  seen->done = at->trajectories_done;
  seen->steps = at->steps;
  seen->calls++;
}

static int cancel(void *context)
{
  watch *const seen = context;
  return seen->patience >= 0 && seen->patience-- == 0;
}

static void log_line(void *context, const char *line)
{
  (void)line;
  ((watch *)context)->lines++;
}

static esc_run_options watched(watch *seen, int64_t batch)
{
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  options.progress = progress;
  options.cancel = cancel;
  options.log = log_line;
  options.context = seen;
  options.batch = batch;
  return options;
}

static esc_result *run(const char *name, const esc_experiment *experiment, int threads,
                       int64_t batch)
{
  watch seen = {.patience = -1};
  const esc_run_options options = watched(&seen, batch);
  esc_device *const device = opened(threads);
  esc_result *result = NULL;
  if (esc_run(device, experiment, &options, &result))
    complain(name, esc_last_error());
  else if (seen.backwards || seen.calls < 1 || seen.done != experiment->trajectories)
    complain(name, "progress goes backwards or does not arrive");
  esc_device_close(device);
  return result;
}

/* One thread against four, with batches of so many trajectories (0: of the engine's choice). */
static void check(const char *name, const esc_experiment *experiment, int64_t batch)
{
  esc_result *const alone = run(name, experiment, 1, 0);
  esc_result *const together = run(name, experiment, THREADS, batch);
  if (alone && together)
    check_same(name, esc_result_report(alone), esc_result_report(together));
  esc_result_free(alone);
  esc_result_free(together);
}

/* --- the experiments -------------------------------------------------------------------------- */

/* A double well under Gaussian noise; the parts stay the caller's to change. */
typedef struct parts {
  esc_landscape landscape;
  esc_noise noise;
  esc_update_rule optimizer;
  esc_start start;
  esc_observe observe;
  esc_experiment experiment;
} parts;

static const double left_well[] = {-1.0};

static void begin(parts *p)
{
  *p = (parts){ESC_LANDSCAPE_INIT("double_well"),
               ESC_NOISE_INIT("gaussian"),
               ESC_UPDATE_RULE_INIT("sgd", 0.1),
               ESC_START_INIT,
               ESC_OBSERVE_INIT,
               ESC_EXPERIMENT_INIT};
  p->start.values = left_well;
  p->start.value_count = 1;
  p->experiment.landscape = &p->landscape;
  p->experiment.noises = &p->noise;
  p->experiment.noise_count = 1;
  p->experiment.optimizer = &p->optimizer;
  p->experiment.start = &p->start;
  p->experiment.observe = &p->observe;
  p->experiment.stop_steps = 300;
  p->experiment.trajectories = MANY;
}

/* --- sweeps ----------------------------------------------------------------------------------- */

enum { POINTS = 12 };

/* Points that begin and end at different times, two of them when they are precise enough; the same
 * batches with one thread and with four. */
static void check_sweep(void)
{
  const esc_until until = ESC_UNTIL_INIT("exit_steps.restricted_mean", 0.05);
  parts p[POINTS];
  const esc_experiment *experiments[POINTS];
  esc_result *alone[POINTS] = {NULL}, *together[POINTS] = {NULL};
  watch seen = {.patience = -1};
  const esc_run_options options = watched(&seen, 64);
  for (int k = 0; k < POINTS; k++) {
    begin(&p[k]);
    p[k].experiment.outside[1] = 0.1 * k - 0.5;
    p[k].experiment.trajectories = k % 4 == 1 ? 3 : 500 + 300 * k;
    p[k].experiment.first_id = (int64_t)k << 40;
    p[k].experiment.until = k % 5 == 0 ? &until : NULL;
    experiments[k] = &p[k].experiment;
  }
  esc_device *const one = opened(1), *const several = opened(THREADS);
  if (esc_run_all(one, experiments, POINTS, NULL, alone) ||
      esc_run_all(several, experiments, POINTS, &options, together))
    complain("sweep", esc_last_error());
  if (seen.backwards || seen.calls < 1)
    complain("sweep", "progress goes backwards");
  for (int k = 0; k < POINTS; k++) {
    if (alone[k] && together[k])
      check_same("sweep", esc_result_report(alone[k]), esc_result_report(together[k]));
    esc_result_free(alone[k]);
    esc_result_free(together[k]);
  }
  esc_device_close(one);
  esc_device_close(several);
}

static void check_observers(void)
{
  static const int64_t steps[] = {0, 1, 2, 17, 100, 300}, lags[] = {1, 10, 100};
  const esc_histogram_request histogram = {sizeof histogram, -2.0, 2.0, 50};
  esc_near near = ESC_NEAR_INIT("well");
  parts p;
  begin(&p);
  near.point = left_well;
  near.point_count = 1;
  near.radius = 0.3;
  p.observe.steps = steps;
  p.observe.step_count = 6;
  p.observe.nears = &near;
  p.observe.near_count = 1;
  p.observe.histogram = p.observe.occupation = &histogram;
  p.observe.correlation = lags;
  p.observe.correlation_count = 3;
  p.observe.moments = p.observe.loss = p.observe.basins = 1;
  p.observe.overshoot = p.observe.samples = 1;
  p.experiment.outside[0] = -1.9;
  p.experiment.outside[1] = 0.75;
  check("observers", &p.experiment, 100);
}

static void check_renew(void)
{
  parts p;
  begin(&p);
  p.experiment.outside[1] = 0.0;
  p.experiment.renew = 1;
  p.experiment.rate_after = 20;
  p.experiment.state = ESC_STATE_F64;
  p.optimizer = (esc_update_rule)ESC_UPDATE_RULE_INIT("adam", 0.05);
  check("renew", &p.experiment, 64);
}

/* The first batch takes long, the others no time: they wait in their slots, and threads for them.
 */
static void check_waiting(void)
{
  static double starts[MANY];
  parts p;
  begin(&p);
  for (int i = 0; i < MANY; i++)
    starts[i] = i < 8 ? -1.0 : 0.999;
  p.start.kind = ESC_START_POINTS;
  p.start.values = starts;
  p.start.value_count = MANY;
  p.noise.scale = 0.25;
  p.experiment.outside[1] = 1.0;
  p.experiment.stop_steps = 200000;
  check("waiting", &p.experiment, 8);
}

/* A bowl in the plane, as a function of the caller's. */
static void bowl(void *context, int64_t count, int dimension, const double *points, double *values,
                 double *gradients)
{
  const double *const curvature = context;
  for (int64_t i = 0; i < count; i++) {
    double sum = 0.0;
    for (int j = 0; j < dimension; j++) {
      const double x = points[j * count + i];
      gradients[j * count + i] = curvature[j] * x;
      sum += 0.5 * curvature[j] * x * x;
    }
    if (values)
      values[i] = sum;
  }
}

static void check_plane(void)
{
  static const double box[] = {-0.4, 0.4}, ball[] = {0.2, 0.2, 0.1};
  double curvature[] = {1.0, 3.0};
  esc_set sets[] = {ESC_SET_INIT("corner"), ESC_SET_INIT("out")};
  parts p;
  begin(&p);
  sets[0].kind = ESC_SET_BALL;
  sets[0].values = ball;
  sets[0].value_count = 3;
  sets[0].stay = 2;
  sets[1].values = box;
  sets[1].value_count = 2;
  p.landscape = (esc_landscape)ESC_LANDSCAPE_INIT(NULL);
  p.landscape.function = bowl;
  p.landscape.context = curvature;
  p.landscape.dimension = 2;
  p.experiment.start = NULL;
  p.experiment.sets = sets;
  p.experiment.set_count = 2;
  check("plane", &p.experiment, 0);
}

/* A run cancelled on its way hands back a shorter run, not another one. */
static void check_cancel(void)
{
  parts p;
  begin(&p);
  p.experiment.outside[1] = 0.0;
  p.experiment.stop_steps = 4000;
  p.experiment.trajectories = 1000000;
  p.observe.samples = 1;
  watch seen = {.patience = 3};
  const esc_run_options options = watched(&seen, 50);
  esc_device *const device = opened(THREADS);
  esc_result *cut = NULL;
  const esc_status status = esc_run(device, &p.experiment, &options, &cut);
  esc_device_close(device);
  if (status != ESC_STATUS_INTERRUPTED || !cut) {
    complain("cancel", "the run was not interrupted with something done");
    esc_result_free(cut);
    return;
  }
  const esc_report *const report = esc_result_report(cut);
  p.experiment.trajectories = report->trajectories;
  esc_result *const whole = run("cancel", &p.experiment, 1, 0);
  if (!report->interrupted || report->trajectories < 1 || seen.lines < 1)
    complain("cancel", "an interrupted run says so and warns");
  if (whole)
    check_same("cancel", report, esc_result_report(whole));
  esc_result_free(cut);
  esc_result_free(whole);
}

/* --- two devices at once ---------------------------------------------------------------------- */

static void *use_device(void *context)
{
  const esc_experiment *const experiment = context;
  esc_device *const device = opened(2);
  esc_result *result = NULL;
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  options.batch = 100;
  esc_experiment bad = *experiment;
  bad.trajectories = 0;
  if (!esc_run(device, &bad, NULL, &result) || strcmp(esc_last_error_key(), "trajectories") != 0 ||
      esc_run(device, experiment, &options, &result))
    result = NULL;
  esc_device_close(device);
  return result;
}

static void check_two_devices(void)
{
  parts p;
  pthread_t threads[2];
  void *results[2] = {NULL, NULL};
  begin(&p);
  p.noise = (esc_noise)ESC_NOISE_INIT("stable");
  const esc_setting alpha = ESC_NUMBER("alpha", 1.5);
  p.noise.settings = &alpha;
  p.noise.setting_count = 1;
  p.experiment.outside[1] = 0.0;
  for (int k = 0; k < 2; k++)
    if (pthread_create(&threads[k], NULL, use_device, &p.experiment))
      exit(1);
  for (int k = 0; k < 2; k++)
    pthread_join(threads[k], &results[k]);
  if (results[0] && results[1])
    check_same("two devices", esc_result_report(results[0]), esc_result_report(results[1]));
  else
    complain("two devices", "a run failed");
  esc_result_free(results[0]);
  esc_result_free(results[1]);
}

int main(void)
{
  check_sweep();
  check_observers();
  check_renew();
  check_waiting();
  check_plane();
  check_cancel();
  check_two_devices();
  if (!failures)
    puts("Threads: all the same.");
  return failures ? 1 : 0;
}
