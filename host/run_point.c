/* A point of a run: its plan and memory when it begins, its result when it ends. */
#include <stdlib.h>

#include "host/precision.h"
#include "host/running.h"

static int open_memory(esc_result *result)
{
  const esc_planned *const planned = result->planned;
  const int64_t all = planned->trajectories;
  const int dimension = planned->plan.dimension;
  result->tally = esc_result_own(result, planned->plan.tally.words, sizeof *result->tally);
  result->finals_kept = planned->samples || all < ESC_FINALS_KEPT ? all : ESC_FINALS_KEPT;
  result->finals = calloc((size_t)(result->finals_kept * dimension), sizeof(double));
  if (planned->samples) {
    result->sample_steps = esc_result_own(result, all, sizeof *result->sample_steps);
    result->sample_outcomes = esc_result_own(result, all, sizeof *result->sample_outcomes);
  }
  return result->tally && result->finals &&
         (!planned->samples || (result->sample_steps && result->sample_outcomes));
}

static void append(esc_running *run, esc_point *point)
{
  point->before = run->open_last;
  *(point->before ? &point->before->after : &run->open) = point;
  run->open_last = point;
}

int esc_point_open(esc_running *run)
{
  esc_point *const point = calloc(1, sizeof *point);
  esc_result *const result = calloc(1, sizeof *result);
  esc_status status = ESC_STATUS_OUT_OF_MEMORY;
  esc_fail(status, "out of memory for a result");
  if (point && result)
    status = run->points->plan(run->points->context, run->begun, &result->planned);
  if (!status && !open_memory(result))
    status = esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a result");
  if (status) {
    esc_result_free(result);
    free(point);
    esc_run_fail(run, status);
    return 0;
  }
  result->backend = run->backend->name;
  result->isa = run->backend->isa(run->opened);
  result->cpu = run->cpu;
  point->result = result;
  point->number = run->begun++;
  point->decision = esc_next_decision(result->planned, 0);
  point->begun = omp_get_wtime();
  append(run, point);
  return 1;
}

/* Pieces that were never merged are none of the result. */
static void drop_pieces(esc_point *point)
{
  while (point->first) {
    esc_taken *const gone = point->first;
    point->first = gone->next;
    free(gone->piece.tally);
    free(gone);
  }
}

void esc_point_close(esc_running *run, esc_point *point)
{
  esc_result *const result = point->result;
  drop_pieces(point);
  result->trajectories = point->done;
  result->precise = point->precise;
  result->interrupted = point->done < result->planned->trajectories && !point->precise;
  result->seconds = omp_get_wtime() - point->begun;
  const esc_status formed = point->done > 0 ? esc_result_form_report(result) : ESC_STATUS_OK;
  omp_set_lock(&run->lock);
  if (formed)
    esc_run_fail(run, formed);
  if (formed || point->done == 0 || run->refused) { /* nothing to hand over, or nobody takes it */
    esc_result_free(result);
  } else {
    const esc_status taken = run->points->done(run->points->context, point->number, result);
    run->refused = taken != ESC_STATUS_OK;
    if (taken)
      esc_run_fail(run, taken);
  }
  omp_unset_lock(&run->lock);
  free(point);
}
