/* A step over all tensors: one fork, in which each thread takes every so many-th deal of chunks.
 * Elements do not depend on each other, nor leaves of the norm, so no result depends on which
 * thread takes what. Nothing is allocated. */
#include <omp.h>

#include "kernels/cpu/step_loops.h"
#include "kernels/fp_control.h"
#include "kernels/step/prepare.h"

/* Chunks that a thread takes at once: enough for a long run through each array, few enough that
 * threads end together. */
#define DEAL_MOST 64
/* No thread is woken for fewer. */
#define DEAL_LEAST 16

enum { WORK_UPDATE, WORK_START };

typedef struct step_work {
  const esc_step_plan *plan;
  int kind;
  int option; /* update: zero_gradients; start: what */
} step_work;

static int threads_for(const esc_step_plan *plan, int64_t items)
{
  const int64_t useful = items / DEAL_LEAST + 1;
  const int64_t threads = plan->threads < useful ? plan->threads : useful;
  return threads > 1 ? (int)threads : 1;
}

static int64_t deal_size(int64_t items, int threads)
{
  const int64_t size = items / (8 * (int64_t)threads);
  const int64_t most = size < DEAL_MOST ? size : DEAL_MOST;
  return most > 1 ? most : 1;
}

static void take_run(const step_work *work, const esc_step_run *run, esc_step_bench *bench)
{
  if (work->kind == WORK_UPDATE)
    ESC_STEP_UPDATE_RUN(run, work->option, bench);
  else
    ESC_STEP_START_RUN(run, work->option, bench);
}

/* Chunks [from, to) of a rule, neighbours of a tensor as one run. */
static void take_chunks(const step_work *work, int update, int64_t from, int64_t to,
                        esc_step_bench *bench)
{
  const esc_step_tables *const tables = &work->plan->tables;
  const esc_step_chunk *const chunks = tables->chunks;
  for (int64_t k = from, next; k < to; k = next) {
    const esc_step_chunk chunk = chunks[k];
    const esc_step_tensor *const tensor = &tables->tensors[chunk.tensor];
    for (next = k + 1; next < to; next++)
      if (chunks[next].tensor != chunk.tensor || chunks[next].index != chunk.index + (next - k))
        break;
    const int64_t begin = tensor->origin + (int64_t)chunk.index * ESC_CHUNK;
    const int64_t end = begin + (next - k) * ESC_CHUNK;
    const int64_t first = begin > 0 ? begin : 0, last = end < tensor->count ? end : tensor->count;
    const esc_step_run run = {tables, chunk.tensor, update, first, last - first};
    if (run.count > 0)
      take_run(work, &run, bench);
  }
}

/* What thread `mine` of `threads` takes of all launches. */
static void take_deals(const step_work *work, int mine, int threads)
{
  const esc_step_plan *const plan = work->plan;
  const int64_t size = deal_size(plan->chunk_count, threads);
  esc_step_bench bench;
  int64_t dealt = 0;
  for (int k = 0; k < plan->launch_count; k++) {
    const esc_step_launch *const launch = &plan->launches[k];
    const int64_t end = launch->first + launch->count;
    for (int64_t from = launch->first; from < end; from += size, dealt++)
      if (dealt % threads == mine)
        take_chunks(work, launch->update, from, from + size < end ? from + size : end, &bench);
  }
}

static void run_work(const step_work *work)
{
#pragma omp parallel num_threads(threads_for(work->plan, work->plan->chunk_count))
  {
    const uint64_t caller = esc_fp_default();
    take_deals(work, omp_get_thread_num(), omp_get_num_threads());
    esc_fp_restore(caller);
  }
}

static void prepare(const esc_step_tables *tables, const esc_step_call *call)
{
  const int skip = esc_step_is_skipped(call, tables->control);
  const double factor = esc_step_factor(call, tables->control);
  tables->control->skip = skip;
  for (int32_t g = 0; g < tables->group_count && !skip; g++)
    esc_prepare_group(tables, factor, g);
  for (int32_t p = 0; p < tables->tensor_count; p++) {
    const esc_step_view view = esc_view_tensor(tables, p);
    if (esc_prepare_tensor(tables, skip, p, &view))
      esc_prepare_own(tables, factor, p);
  }
}

static void update(const esc_step_plan *plan, const esc_step_call *call)
{
  const step_work work = {plan, WORK_UPDATE, call->zero_gradients};
  const uint64_t caller = esc_fp_default();
  prepare(&plan->tables, call);
  esc_fp_restore(caller);
  if (!plan->tables.control->skip || call->zero_gradients)
    run_work(&work);
}

static void start(const esc_step_plan *plan, int what)
{
  const step_work work = {plan, WORK_START, what};
  run_work(&work);
}

/* --- the norm --------------------------------------------------------------------------------- */

/* Leaves [from, to); whether an element in them was not finite. */
static int take_leaves(const esc_step_tables *tables, int64_t from, int64_t to)
{
  _Alignas(64) float buffer[ESC_NORM_LEAF];
  uint32_t found = 0;
  for (int64_t k = from; k < to; k++) {
    const esc_step_chunk leaf = tables->leaves[k];
    const esc_step_tensor *const tensor = &tables->tensors[leaf.tensor];
    const void *const gradient = tables->gradients[leaf.tensor];
    const int64_t first = (int64_t)leaf.index * ESC_NORM_LEAF, left = tensor->count - first;
    uint32_t largest = 0;
    double sum = 0.0;
    if (gradient)
      sum = ESC_STEP_NORM_LEAF(gradient, tensor->gradient_type, first,
                               left < ESC_NORM_LEAF ? (int)left : ESC_NORM_LEAF, buffer, &largest);
    tables->partial[k] = sum;
    found = largest > found ? largest : found;
  }
  return !esc_norm_is_finite(found);
}

static int take_leaf_deals(const esc_step_tables *tables, int mine, int threads)
{
  const int64_t size = deal_size(tables->leaf_count, threads), end = tables->leaf_count;
  int found = 0;
  for (int64_t from = mine * size; from < end; from += threads * size)
    found |= take_leaves(tables, from, from + size < end ? from + size : end);
  return found;
}

static void norm(const esc_step_plan *plan)
{
  const esc_step_tables *const tables = &plan->tables;
  int found = 0;
#pragma omp parallel num_threads(threads_for(plan, tables->leaf_count)) reduction(| : found)
  {
    const uint64_t caller = esc_fp_default();
    found |= take_leaf_deals(tables, omp_get_thread_num(), omp_get_num_threads());
    esc_fp_restore(caller);
  }
  const uint64_t caller = esc_fp_default();
  tables->control->norm_squared = ESC_STEP_SUM_LEAVES(tables->partial, tables->leaf_count);
  tables->control->non_finite = found;
  esc_fp_restore(caller);
}

const esc_step_runner ESC_STEP_RUNNER = {.start = start, .norm = norm, .update = update};
