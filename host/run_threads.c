/* The threads of a run: each takes loads and hands them to the backend until none is left; on the
 * way the caller hears how far it is and may end it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/opened_device.h"
#include "host/running.h"
#include "kernels/fp_control.h"

#define SECONDS_BETWEEN_REPORTS 0.1

void esc_run_fail(esc_running *run, esc_status status)
{
  if (run->stop)
    return;
  run->stop = 1;
  run->status = status;
  snprintf(run->sentence, sizeof run->sentence, "%s", esc_last_error());
  snprintf(run->key, sizeof run->key, "%s", esc_last_error_key());
}

/* Tells the caller and asks whether to go on. With the lock held. */
static void report_progress(esc_running *run, int last)
{
  const double now = omp_get_wtime();
  if (!last && now - run->reported < SECONDS_BETWEEN_REPORTS)
    return;
  run->reported = now;
  const esc_run_options *const options = run->options;
  if (options->progress) {
    const esc_progress progress = {sizeof progress,   run->done,          run->points->trajectories,
                                   run->steps,        now - run->started, run->points_done,
                                   run->points->count};
    options->progress(options->context, &progress);
  }
  if (!last && !run->stop && options->cancel && options->cancel(options->context))
    esc_run_fail(run, esc_fail(ESC_STATUS_INTERRUPTED, "interrupted"));
}

/* The backend's poll: steps since the last call. */
static int poll(void *context, int64_t steps)
{
  const esc_load *const load = context;
  esc_running *const run = load->run;
  omp_set_lock(&run->lock);
  run->steps += steps;
  report_progress(run, 0);
  const int stop = run->stop || !esc_load_is_wanted(load);
  omp_unset_lock(&run->lock);
  return stop;
}

/* What the backend failed to say. */
static esc_status say_why(esc_status status)
{
  if (esc_last_error()[0])
    return status;
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_fail(status, "out of memory");
  return esc_fail(status, "the device failed while it worked: %s", esc_status_name(status));
}

static void carry_out(esc_load *load)
{
  esc_running *const run = load->run;
  esc_control control = {.poll = poll, .context = load, .lanes = run->options->lanes};
  const double begun = omp_get_wtime();
  esc_fail(ESC_STATUS_OK, "%s", ""); /* what is said from here on is said of this load */
  const esc_status status =
      run->backend->trajectories(run->opened, load->piece, load->count, &control);
  omp_set_lock(&run->lock);
  if (status && esc_load_is_wanted(load))
    esc_run_fail(run, say_why(status));
  esc_load_hand_in(load, status ? control.complete : load->count, omp_get_wtime() - begun,
                   control.lane_steps);
  omp_unset_lock(&run->lock);
}

/* The next complete point, out of the list. */
static esc_point *next_complete(esc_running *run)
{
  omp_set_lock(&run->lock);
  esc_point *const point = run->complete;
  if (point)
    run->complete = point->after;
  omp_unset_lock(&run->lock);
  return point;
}

static int take(esc_load *load)
{
  omp_set_lock(&load->run->lock);
  const int taken = esc_load_take(load);
  omp_unset_lock(&load->run->lock);
  return taken;
}

static void work(esc_load *load)
{
  static const struct timespec moment = {0, 1000000};
  const uint64_t caller = esc_fp_default();
  for (int taken; (taken = take(load)) != 0;) {
    if (taken < 0) { /* others are far behind: what they do takes long */
      nanosleep(&moment, NULL);
      continue;
    }
    carry_out(load);
    for (esc_point *point; (point = next_complete(load->run));)
      esc_point_close(load->run, point);
  }
  esc_fp_restore(caller);
}

/* OpenMP ends the process where the system has no thread left: take no more than can help. */
static int threads_for(const esc_running *run, int asked)
{
  const int64_t batch = run->options->batch, least = run->batching.least;
  const int64_t load = batch > 0 && batch < least ? batch : least;
  const int64_t useful = run->points->trajectories / load + run->points->count;
  const int limit = 4 * omp_get_num_procs();
  int threads = run->batching.threads ? run->batching.threads : asked;
  threads = threads < limit ? threads : limit;
  return threads < useful ? threads : (int)useful;
}

/* What was begun and is not complete: its prefix is its result. */
static void close_open_points(esc_running *run)
{
  for (esc_point *point; (point = run->open);) {
    run->open = point->after;
    esc_point_close(run, point);
  }
}

/* Runs as many threads as there are loads. */
static void run_threads(esc_running *run, esc_load *loads)
{
  run->started = run->reported = omp_get_wtime();
#pragma omp parallel num_threads(run->threads)
  work(&loads[omp_get_thread_num()]);
  close_open_points(run);
  omp_set_lock(&run->lock);
  report_progress(run, 1);
  omp_unset_lock(&run->lock);
}

esc_status esc_run_points(esc_device *device, int on_cpu, const esc_points *points,
                          const esc_run_options *options)
{
  esc_running run = {.options = options, .points = points, .ids_left = points->trajectories};
  run.backend = on_cpu ? &esc_cpu_backend : device->backend;
  run.opened = on_cpu ? device->cpu : device->opened;
  run.cpu = device->cpu;
  run.batching = run.backend->batching(run.opened);
  run.threads = threads_for(&run, device->threads);
  esc_load *const loads = esc_loads_open(&run);
  if (!loads)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the threads of a run");
  omp_init_lock(&run.lock);
  run_threads(&run, loads);
  omp_destroy_lock(&run.lock);
  esc_loads_close(loads);
  if (run.key[0])
    return esc_fail_at(run.key, "%s", run.sentence);
  return run.status ? esc_fail(run.status, "%s", run.sentence) : ESC_STATUS_OK;
}
