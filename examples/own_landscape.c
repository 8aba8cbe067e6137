/* A landscape of one's own: U is a C function. Here the double well U = x^4/4 - x^2/2 + tilt x is
 * written out again, so that the answer can be checked against the catalogue's. The program counts
 * how the trajectories that start in the left well leave it, shows how far it is, and stops on
 * Ctrl-C with the statistics of the trajectories that were done.
 *
 * With an installed escapement:
 *
 *   cc -std=c11 own_landscape.c $(pkg-config --cflags --libs escapement) -o own_landscape
 *   ./own_landscape [TRAJECTORIES]
 */
#include <escapement/escapement.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct well {
  double tilt;
} well;

/* U and U' at `count` points. In d dimensions coordinate j of point i is at [j * count + i]; here
 * there is one. `values` is NULL where only gradients are wanted.
 *
 * It is called by several threads at once: it must change nothing outside its arrays, and depend on
 * nothing but the points, or results would not be reproducible. Some of the points may be of lanes
 * without a trajectory, so it must bear any number, infinities and NaN too. */
static void double_well(void *context, int64_t count, int dimension, const double *points,
                        double *values, double *gradients)
{
  const well *const shape = context;
  (void)dimension;
  for (int64_t i = 0; i < count; i++) {
    const double x = points[i];
    gradients[i] = x * x * x - x + shape->tilt;
  }
  for (int64_t i = 0; values && i < count; i++) {
    const double x = points[i], square = x * x;
    values[i] = square * (0.25 * square - 0.5) + shape->tilt * x;
  }
}

static volatile sig_atomic_t wanted_out = 0;

static void on_interrupt(int number)
{
  (void)number;
  wanted_out = 1;
}

/* Asked some ten times a second; anything but 0 ends the run. */
static int cancel(void *context)
{
  (void)context;
  return wanted_out;
}

/* Told as often. One thread at a time calls it, not always the one that called esc_run. */
static void progress(void *context, const esc_progress *at)
{
  (void)context;
  fprintf(stderr, "\r%lld of %lld trajectories, %.3g steps in %.1f s",
          (long long)at->trajectories_done, (long long)at->trajectories_total, (double)at->steps,
          at->seconds);
}

static void log_line(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "\nwarning: %s", line);
}

static void print(const esc_report *report)
{
  printf("%lld of %lld trajectories, %lld steps\n", (long long)report->trajectories,
         (long long)report->trajectories_asked, (long long)report->steps_total);
  for (int i = 0; i < report->outcome_count; i++)
    printf("%-10s %.5f [%.5f, %.5f]\n", report->outcomes[i].name,
           report->outcomes[i].fraction.value, report->outcomes[i].fraction.low,
           report->outcomes[i].fraction.high);
  const esc_estimate mean = report->exit_steps.mean; /* NaN if any of them is still running */
  printf("steps to leave: %.2f [%.2f, %.2f]\n", mean.value, mean.low, mean.high);
}

int main(int count, char **words)
{
  well shape = {0.0};
  esc_landscape landscape = ESC_LANDSCAPE_INIT(NULL); /* no name: it has a function */
  landscape.function = double_well;
  landscape.context = &shape;
  landscape.dimension = 1;
  esc_noise noise = ESC_NOISE_INIT("gaussian");
  esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.1);
  const double at[] = {-1.0};
  esc_start start = ESC_START_INIT;
  start.values = at;
  start.value_count = 1;
  esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.start = &start;
  experiment.stop_steps = 1000000;
  experiment.outside[1] = 1.0; /* T: the first step with x >= 1; the left wall is at -infinity */
  experiment.trajectories = count > 1 ? strtoll(words[1], NULL, 10) : 20000;

  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  options.progress = progress;
  options.cancel = cancel;
  options.log = log_line;
  signal(SIGINT, on_interrupt);

  esc_device *device = NULL;
  esc_result *result = NULL;
  esc_status status = esc_device_open(NULL, &device);
  if (!status)
    status = esc_run(device, &experiment, &options, &result);
  fprintf(stderr, "\n");
  if (status)
    fprintf(stderr, "own_landscape: %s\n", esc_last_error());
  if (result) /* an interrupted run hands back what it has: a shorter run */
    print(esc_result_report(result));
  esc_result_free(result);
  esc_device_close(device);
  return status == ESC_STATUS_OK ? 0 : status == ESC_STATUS_INTERRUPTED ? 130 : 1;
}
