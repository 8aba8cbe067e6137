/* Running an experiment: trajectories are cut into batches, threads take them in order, and what
 * they did is merged in the order of the ids, so that at any moment the merged tally is that of an
 * unbroken prefix, and so is the result of a run that is interrupted. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/opened_device.h"
#include "host/error.h"
#include "host/held_result.h"
#include "host/precision.h"
#include "host/tally.h"

#define SECONDS_BETWEEN_REPORTS 0.1

/* Batches that are done and wait for an earlier one: at most so many for each thread. */
#define WAITING_PER_THREAD 4

/* A batch: the trajectories up to (not with) `end`, from where the one before it ended. */
typedef struct esc_slot {
  int64_t end;
  int64_t *tally; /* NULL: not done yet */
} esc_slot;

/* All points of a sweep: those before the one that runs, and how many there are. */
typedef struct esc_whole {
  int64_t points, points_done;
  int64_t trajectories, trajectories_done;
  int64_t steps;
  double started, reported;
} esc_whole;

typedef struct esc_running {
  esc_whole *whole;
  const esc_backend *backend;
  void *opened;
  const esc_run_options *options;
  esc_result *result;
  int threads;
  esc_batching batching;

  omp_lock_t lock;  /* guards what follows */
  int64_t taken;    /* batches taken */
  int64_t next;     /* the trajectory at which the next one begins */
  int64_t merged;   /* batches merged: a prefix */
  int64_t done;     /* trajectories in them */
  int64_t finished; /* trajectories in all batches that ended, merged or not, */
  double busy;      /* and the seconds they took, of all threads together */
  esc_slot *slot;   /* batch k is in slot k modulo slots */
  int64_t **spare;  /* tallies not in use, zeroed */
  int slots, spares;
  double started;
  int precise; /* enough: what was merged is the result */
  esc_status status;
  char sentence[512]; /* of a failed status, from the thread where it failed */
  int stop;
} esc_running;

/* Tells the caller and asks whether to go on. With the lock held. */
static void report_progress(esc_running *run, int last)
{
  const double now = omp_get_wtime();
  esc_whole *const whole = run->whole;
  if (!last && now - whole->reported < SECONDS_BETWEEN_REPORTS)
    return;
  whole->reported = now;
  const esc_run_options *const options = run->options;
  const int64_t all = run->result->planned->trajectories;
  if (options->progress) {
    const esc_progress progress = {
        sizeof progress,      whole->trajectories_done + (run->precise ? all : run->done),
        whole->trajectories,  whole->steps,
        now - whole->started, whole->points_done + (run->precise || run->done == all),
        whole->points};
    options->progress(options->context, &progress);
  }
  if (!last && !run->stop && options->cancel && options->cancel(options->context)) {
    run->stop = 1;
    run->status = ESC_STATUS_INTERRUPTED;
  }
}

/* The backend's poll: steps since the last call. */
static int poll(void *context, int64_t steps)
{
  esc_running *const run = context;
  omp_set_lock(&run->lock);
  run->whole->steps += steps;
  report_progress(run, 0);
  const int stop = run->stop;
  omp_unset_lock(&run->lock);
  return stop;
}

/* Hands in a finished batch: merges it and all that waited for it. With the lock held. */
static void hand_in(esc_running *run, int64_t batch, int64_t *tally)
{
  const esc_plan *const plan = &run->result->planned->plan;
  run->slot[batch % run->slots].tally = tally;
  for (esc_slot *slot; !run->precise && (slot = &run->slot[run->merged % run->slots])->tally;
       run->merged++) {
    esc_tally_merge(plan, run->result->tally, slot->tally);
    memset(slot->tally, 0, (size_t)plan->tally.words * sizeof *slot->tally);
    run->spare[run->spares++] = slot->tally;
    const int asked = slot->end == esc_next_decision(run->result->planned, run->done);
    run->done = slot->end;
    *slot = (esc_slot){0, NULL};
    if (asked && esc_is_precise(run->result->planned, run->result->tally)) {
      run->precise = run->stop = 1;
      return;
    }
  }
}

#define RECORD_BYTES_MAX ((int64_t)256 << 20) /* samples of a batch */

/* The largest batch: what the backend says, and with samples what it shall have room for. */
static int64_t largest_batch(const esc_running *run)
{
  const esc_planned *const planned = run->result->planned;
  const int64_t record = (int64_t)sizeof(int64_t) + (int64_t)sizeof(int32_t) +
                         (int64_t)sizeof(double) * planned->plan.dimension;
  const int64_t largest = run->batching.largest;
  if (!planned->samples || largest * record <= RECORD_BYTES_MAX)
    return largest;
  return RECORD_BYTES_MAX / record;
}

/* How many trajectories the next batch takes. The first are small; later ones are as long as what
 * was seen so far allows, and the last ones share what is left, so that threads end together. Sizes
 * never change a result. With the lock held. */
static int64_t batch_size(const esc_running *run)
{
  const int64_t left = run->result->planned->trajectories - run->next;
  if (run->options->batch > 0)
    return run->options->batch < left ? run->options->batch : left;
  const int64_t share = left / (2 * run->threads) + 1, first = run->batching.first;
  const int64_t largest = largest_batch(run);
  int64_t size = first;
  if (run->finished > 0) {
    const double fitting = run->batching.seconds * (double)run->finished / (run->busy + 1e-6);
    size = fitting > (double)largest ? largest : fitting < (double)first ? first : (int64_t)fitting;
  }
  const int64_t floor = first / 2 > run->batching.least ? first / 2 : run->batching.least;
  size = size < share ? size : share < floor ? floor : share;
  const int64_t even = (left + run->threads - 1) / run->threads;
  size = size < even ? size : even;
  size = size < largest ? size : largest;
  return size < left ? size : left;
}

/* Takes the next batch and a tally for it; -1 if there is none, -2 if it must wait. */
static int64_t take_batch(esc_running *run, esc_batch *ids, int64_t **tally)
{
  int64_t batch = -1;
  omp_set_lock(&run->lock);
  if (!run->stop && run->next < run->result->planned->trajectories) {
    batch = run->spares > 0 && run->taken < run->merged + run->slots ? run->taken : -2;
    if (batch >= 0) {
      const int64_t most = esc_next_decision(run->result->planned, run->next) - run->next;
      const int64_t size = batch_size(run);
      *ids =
          (esc_batch){run->result->planned->plan.first_id + run->next, size < most ? size : most};
      run->next += ids->count;
      run->slot[batch % run->slots] = (esc_slot){run->next, NULL};
      run->taken++;
      *tally = run->spare[--run->spares];
    }
  }
  omp_unset_lock(&run->lock);
  return batch;
}

static void work(esc_running *run)
{
  const esc_result *const result = run->result;
  const esc_sink sink = {.first = result->planned->plan.first_id,
                         .limit = result->planned->samples ? result->planned->trajectories : 0,
                         .steps = result->sample_steps,
                         .outcomes = result->sample_outcomes,
                         .finals = result->planned->plan.renew ? NULL : result->finals,
                         .finals_limit = result->finals_kept};
  int64_t *tally = NULL;
  esc_batch ids;
  for (int64_t batch; (batch = take_batch(run, &ids, &tally)) != -1;) {
    if (batch == -2) { /* others are far behind: their batches are long */
      const struct timespec moment = {0, 1000000};
      nanosleep(&moment, NULL);
      continue;
    }
    esc_control control = {.poll = poll, .context = run, .lanes = run->options->lanes};
    const double begun = omp_get_wtime();
    esc_fail(ESC_STATUS_OK, "%s", ""); /* what is said from here on is said of this batch */
    const esc_status status = run->backend->trajectories(run->opened, &result->planned->plan, ids,
                                                         tally, &sink, &control);
    omp_set_lock(&run->lock);
    run->result->lane_steps += control.lane_steps;
    if (status == ESC_STATUS_OK) {
      run->finished += ids.count;
      run->busy += omp_get_wtime() - begun;
      hand_in(run, batch, tally);
    } else {
      free(tally); /* part of a batch is no part of a result */
      if (!run->stop) {
        run->status = status;
        snprintf(run->sentence, sizeof run->sentence, "%s", esc_last_error());
      }
      run->stop = 1;
    }
    omp_unset_lock(&run->lock);
    if (status)
      return;
  }
}

static int open_tallies(esc_running *run)
{
  const size_t words = (size_t)run->result->planned->plan.tally.words;
  run->slots = run->threads * WAITING_PER_THREAD;
  run->slot = calloc((size_t)run->slots, sizeof *run->slot);
  run->spare = calloc((size_t)run->slots, sizeof *run->spare);
  if (!run->slot || !run->spare)
    return 0;
  for (; run->spares < run->slots; run->spares++) {
    run->spare[run->spares] = calloc(words, sizeof(int64_t));
    if (!run->spare[run->spares])
      return 0;
  }
  return 1;
}

static void close_tallies(esc_running *run)
{
  for (int k = 0; k < run->spares && run->spare; k++)
    free(run->spare[k]);
  for (int k = 0; k < run->slots && run->slot; k++)
    free(run->slot[k].tally);
  free(run->slot);
  free(run->spare);
}

/* Samples of so many trajectories must fit into the machine: memory that is promised and not there
 * would end the process, not the call. */
static esc_status check_samples(const esc_planned *planned)
{
  const double bytes =
      (double)planned->trajectories * (double)(sizeof(int64_t) + sizeof(int32_t) +
                                               sizeof(double) * (size_t)planned->plan.dimension);
  const double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  if (!planned->samples || bytes <= 0.9 * there)
    return ESC_STATUS_OK;
  return esc_fail_at("observe.samples",
                     "expected samples that fit into memory (%.1f GB), found %.1f GB of them",
                     there * 1e-9, bytes * 1e-9);
}

static int open_samples(esc_result *result)
{
  const esc_planned *const planned = result->planned;
  const int64_t all = planned->trajectories;
  result->tally = esc_result_own(result, planned->plan.tally.words, sizeof *result->tally);
  result->finals_kept = planned->samples || all < ESC_FINALS_KEPT ? all : ESC_FINALS_KEPT;
  result->finals =
      esc_result_own(result, result->finals_kept * planned->plan.dimension, sizeof(double));
  if (planned->samples) {
    result->sample_steps = esc_result_own(result, all, sizeof *result->sample_steps);
    result->sample_outcomes = esc_result_own(result, all, sizeof *result->sample_outcomes);
  }
  return result->tally && result->finals &&
         (!planned->samples || (result->sample_steps && result->sample_outcomes));
}

static esc_status execute(esc_running *run, int threads)
{
  const int64_t trajectories = run->result->planned->trajectories;
  /* OpenMP ends the process where the system has no thread left: take no more than can help */
  run->batching = run->backend->batching(run->opened);
  const int64_t useful = trajectories / run->batching.least + 1;
  const int limit = 4 * omp_get_num_procs();
  run->threads = run->batching.threads ? run->batching.threads : threads;
  run->threads = run->threads < limit ? run->threads : limit;
  run->threads = run->threads < useful ? run->threads : (int)useful;
  if (!open_tallies(run)) {
    close_tallies(run);
    return ESC_STATUS_OUT_OF_MEMORY;
  }
  omp_init_lock(&run->lock);
  run->started = omp_get_wtime();
#pragma omp parallel num_threads(run->threads)
  work(run);
  run->result->seconds = omp_get_wtime() - run->started;
  omp_set_lock(&run->lock);
  report_progress(run, 1);
  omp_unset_lock(&run->lock);
  omp_destroy_lock(&run->lock);
  run->result->trajectories = run->done;
  run->result->interrupted = run->done < trajectories && !run->precise;
  run->result->precise = run->precise;
  run->whole->trajectories_done += run->precise ? trajectories : run->done;
  run->whole->points_done += !run->result->interrupted;
  close_tallies(run);
  return run->status;
}

static esc_status check_run(const esc_device *device, const esc_run_options *options)
{
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected an open device, found NULL");
  if (options->struct_size < sizeof *options)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "options.struct_size: expected %zu, found %zu: begin with "
                    "ESC_RUN_OPTIONS_INIT",
                    sizeof *options, options->struct_size);
  if (options->batch < 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "options.batch: expected at least 0, found %lld",
                    (long long)options->batch);
  if (options->lanes != 0 && (options->lanes < 1 || options->lanes > ESC_LANES_MAX))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "options.lanes: expected 0 or 1 to %d, found %d",
                    ESC_LANES_MAX, options->lanes);
  return ESC_STATUS_OK;
}

static void tell_warnings(const esc_run_options *options, const esc_report *report)
{
  for (int k = 0; options->log && k < report->warning_count; k++)
    options->log(options->context, report->warnings[k]);
}

/* `sentence`: what the backend said of it, or "". */
static esc_status say_why(esc_status status, const char *sentence)
{
  if (status == ESC_STATUS_INTERRUPTED)
    return esc_fail(status, "interrupted");
  if (sentence[0])
    return esc_fail(status, "%s", sentence);
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_fail(status, "out of memory");
  return esc_fail(status, "the device failed while it worked: %s", esc_status_name(status));
}

/* A device that was opened as "auto" takes the CPU for what its GPU cannot do. */
static const esc_backend *backend_for(const esc_device *device, const esc_plan *plan, void **opened)
{
  const int needs_cpu = device->automatic && plan->landscape_function;
  *opened = needs_cpu ? device->cpu : device->opened;
  return needs_cpu ? &esc_cpu_backend : device->backend;
}

/* Runs a plan, which is the result's from here on. */
static esc_status run_planned(esc_device *device, esc_planned *planned,
                              const esc_run_options *asked, esc_whole *whole, esc_result **result)
{
  esc_result *const made = calloc(1, sizeof *made);
  if (!made) {
    esc_plan_free(planned);
    return say_why(ESC_STATUS_OUT_OF_MEMORY, "");
  }
  made->planned = planned;
  esc_running run = {.whole = whole, .options = asked, .result = made};
  run.backend = backend_for(device, &planned->plan, &run.opened);
  made->backend = run.backend->name;
  made->isa = run.backend->isa(run.opened);
  const esc_status status =
      open_samples(made) ? execute(&run, device->threads) : ESC_STATUS_OUT_OF_MEMORY;
  esc_status formed = ESC_STATUS_OK;
  if (made->trajectories > 0)
    formed = esc_result_form_report(made);
  if (formed || made->trajectories == 0) { /* nothing to hand back */
    esc_result_free(made);
    return formed ? formed : say_why(status, run.sentence);
  }
  tell_warnings(asked, &made->report);
  *result = made;
  return status ? say_why(status, run.sentence) : ESC_STATUS_OK;
}

static esc_status plan_checked(const esc_experiment *experiment, esc_planned **planned)
{
  esc_planned *made = NULL;
  esc_status status = esc_plan_make(experiment, &made);
  if (!status)
    status = check_samples(made);
  if (status)
    esc_plan_free(made);
  else
    *planned = made;
  return status;
}

esc_status esc_run(esc_device *device, const esc_experiment *experiment,
                   const esc_run_options *options, esc_result **result)
{
  const esc_run_options defaults = ESC_RUN_OPTIONS_INIT;
  const esc_run_options *const asked = options ? options : &defaults;
  esc_status status = check_run(device, asked);
  if (!status && !result)
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT, "result: expected a place for it, found NULL");
  esc_planned *planned = NULL;
  if (!status)
    status = plan_checked(experiment, &planned);
  if (status)
    return status;
  const double now = omp_get_wtime();
  esc_whole whole = {
      .points = 1, .trajectories = planned->trajectories, .started = now, .reported = now};
  return run_planned(device, planned, asked, &whole, result);
}

/* --- sweeps --- */

#define SWEEP_MAX (1 << 22) /* points of 2^40 ids each: all ids there are */

/* A sentence about experiment k. */
static esc_status fail_of(int64_t k, esc_status status)
{
  char sentence[512], key[ESC_KEY_PATH_MAX];
  snprintf(sentence, sizeof sentence, "%s", esc_last_error());
  snprintf(key, sizeof key, "%s", esc_last_error_key());
  if (status == ESC_STATUS_BAD_EXPERIMENT)
    return esc_fail_at(key, "experiment %lld: %s", (long long)k, sentence);
  return esc_fail(status, "experiment %lld: %s", (long long)k, sentence);
}

static esc_status plan_point(const esc_sweep *sweep, int64_t k, esc_planned **planned)
{
  const esc_experiment *experiment = NULL;
  esc_status status = sweep->point(sweep->context, k, &experiment);
  if (status)
    return esc_fail(status, "experiment %lld: its maker says: %s", (long long)k,
                    esc_status_name(status));
  status = plan_checked(experiment, planned);
  return status ? fail_of(k, status) : ESC_STATUS_OK;
}

static esc_status check_sweep(const esc_sweep *sweep)
{
  if (!sweep)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep: expected a sweep, found NULL");
  const esc_status status = esc_check_size("sweep", sweep->struct_size, sizeof *sweep);
  if (status)
    return status;
  if (sweep->count < 1 || sweep->count > SWEEP_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep.count: expected 1 to %d, found %lld", SWEEP_MAX,
                    (long long)sweep->count);
  if (!sweep->point || !sweep->done)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep: expected point and done, found NULL");
  return ESC_STATUS_OK;
}

esc_status esc_run_sweep(esc_device *device, const esc_sweep *sweep, const esc_run_options *options)
{
  const esc_run_options defaults = ESC_RUN_OPTIONS_INIT;
  const esc_run_options *const asked = options ? options : &defaults;
  esc_status status = check_run(device, asked);
  if (!status)
    status = check_sweep(sweep);
  if (status)
    return status;
  esc_whole whole = {.points = sweep->count};
  esc_planned *planned = NULL;
  for (int64_t k = 0; !status && k < sweep->count; k++) {
    status = plan_point(sweep, k, &planned);
    if (status)
      return status;
    whole.trajectories += planned->trajectories;
    esc_plan_free(planned);
  }
  whole.started = whole.reported = omp_get_wtime();
  for (int64_t k = 0; !status && k < sweep->count; k++) {
    esc_result *result = NULL;
    status = plan_point(sweep, k, &planned);
    if (!status)
      status = run_planned(device, planned, asked, &whole, &result);
    const esc_status taken = result ? sweep->done(sweep->context, k, result) : ESC_STATUS_OK;
    if (taken && !status)
      status = esc_fail(taken, "experiment %lld: its result was not taken: %s", (long long)k,
                        esc_status_name(taken));
  }
  return status;
}

typedef struct esc_list {
  const esc_experiment *const *experiments;
  esc_result **results;
} esc_list;

static esc_status point_of_list(void *context, int64_t k, const esc_experiment **experiment)
{
  const esc_list *const list = context;
  *experiment = list->experiments[k];
  return ESC_STATUS_OK;
}

static esc_status keep_in_list(void *context, int64_t k, esc_result *result)
{
  const esc_list *const list = context;
  list->results[k] = result;
  return ESC_STATUS_OK;
}

esc_status esc_run_all(esc_device *device, const esc_experiment *const *experiments, int64_t count,
                       const esc_run_options *options, esc_result **results)
{
  if (!experiments || !results)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "expected experiments and a place for their results, found NULL");
  esc_list list = {experiments, results};
  esc_sweep sweep = ESC_SWEEP_INIT;
  sweep.count = count;
  sweep.point = point_of_list;
  sweep.done = keep_in_list;
  sweep.context = &list;
  return esc_run_sweep(device, &sweep, options);
}
