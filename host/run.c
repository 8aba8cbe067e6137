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
#include "host/tally.h"

#define SECONDS_BETWEEN_REPORTS 0.1

/* Batches that are done and wait for an earlier one: at most so many for each thread. */
#define WAITING_PER_THREAD 4

/* A batch: the trajectories up to (not with) `end`, from where the one before it ended. */
typedef struct esc_slot {
  int64_t end;
  int64_t *tally; /* NULL: not done yet */
} esc_slot;

typedef struct esc_running {
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
  int64_t steps;
  double started, reported;
  esc_status status;
  char sentence[512]; /* of a failed status, from the thread where it failed */
  int stop;
} esc_running;

/* Tells the caller and asks whether to go on. With the lock held. */
static void report_progress(esc_running *run, int last)
{
  const double now = omp_get_wtime();
  if (!last && now - run->reported < SECONDS_BETWEEN_REPORTS)
    return;
  run->reported = now;
  const esc_run_options *const options = run->options;
  if (options->progress) {
    const esc_progress progress = {sizeof progress, run->done, run->result->planned->trajectories,
                                   run->steps, now - run->started};
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
  run->steps += steps;
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
  for (esc_slot *slot; (slot = &run->slot[run->merged % run->slots])->tally; run->merged++) {
    esc_tally_merge(plan, run->result->tally, slot->tally);
    memset(slot->tally, 0, (size_t)plan->tally.words * sizeof *slot->tally);
    run->spare[run->spares++] = slot->tally;
    run->done = slot->end;
    *slot = (esc_slot){0, NULL};
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
      *ids = (esc_batch){run->next, batch_size(run)};
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
  const esc_sink sink = {.limit = result->planned->samples ? result->planned->trajectories : 0,
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
  run->started = run->reported = omp_get_wtime();
#pragma omp parallel num_threads(run->threads)
  work(run);
  run->result->seconds = omp_get_wtime() - run->started;
  omp_set_lock(&run->lock);
  report_progress(run, 1);
  omp_unset_lock(&run->lock);
  omp_destroy_lock(&run->lock);
  run->result->trajectories = run->done;
  run->result->interrupted = run->done < trajectories;
  close_tallies(run);
  return run->status;
}

static esc_status check_run(const esc_device *device, const esc_run_options *options,
                            esc_result **result)
{
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected an open device, found NULL");
  if (!result)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "result: expected a place for it, found NULL");
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

esc_status esc_run(esc_device *device, const esc_experiment *experiment,
                   const esc_run_options *options, esc_result **result)
{
  const esc_run_options defaults = ESC_RUN_OPTIONS_INIT;
  const esc_run_options *const asked = options ? options : &defaults;
  esc_status status = check_run(device, asked, result);
  esc_planned *planned = NULL;
  if (!status)
    status = esc_plan_make(experiment, &planned);
  if (!status)
    status = check_samples(planned);
  if (status) {
    esc_plan_free(planned);
    return status;
  }
  esc_result *const made = calloc(1, sizeof *made);
  if (!made) {
    esc_plan_free(planned);
    return say_why(ESC_STATUS_OUT_OF_MEMORY, "");
  }
  made->planned = planned;
  esc_running run = {.options = asked, .result = made};
  run.backend = backend_for(device, &planned->plan, &run.opened);
  made->backend = run.backend->name;
  made->isa = run.backend->isa(run.opened);
  status = open_samples(made) ? execute(&run, device->threads) : ESC_STATUS_OUT_OF_MEMORY;
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
