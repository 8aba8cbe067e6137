/* Which ids a thread takes next. Sizes of pieces never change a result: they are chosen so that no
 * thread is left waiting, an interruption loses little, and all end together. */
#include <stdlib.h>

#include "host/precision.h"
#include "host/running.h"

/* Pieces that are done and wait for an earlier one: at most so many loads for each thread. */
#define WAITING_PER_THREAD 4

/* What the tallies and records of a load shall have room for. */
#define LOAD_BYTES_MAX ((int64_t)256 << 20)

static int64_t least_of(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int64_t record_bytes(const esc_planned *planned)
{
  const int64_t position = (int64_t)sizeof(double) * planned->plan.dimension;
  return planned->samples ? position + (int64_t)(sizeof(int64_t) + sizeof(int32_t)) : position;
}

/* Of the last positions of a piece, only those of the first trajectories of its point are kept. */
static int64_t bytes_of(const esc_point *point, int64_t ids)
{
  const esc_result *const result = point->result;
  const int64_t left = result->finals_kept - point->taken;
  const int64_t records = left < 0 ? 0 : least_of(ids, left);
  return result->planned->plan.tally.words * (int64_t)sizeof(int64_t) +
         records * record_bytes(result->planned);
}

/* --- sizes --- */

/* How many trajectories of a kind fill the time that a load is to take. As long as nothing is known
 * of how long they take, few. */
static int64_t fitting(const esc_running *run, int64_t finished, double busy)
{
  const esc_batching *const batching = &run->batching;
  if (finished == 0)
    return batching->first;
  const double ids = batching->seconds * (double)finished / (busy + 1e-6);
  return ids > (double)batching->largest ? batching->largest
         : ids < (double)batching->first ? batching->first
                                         : (int64_t)ids;
}

static int64_t most_of(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* The last loads of all share what is left, so that threads end together; but fewer than the least
 * take as long. */
static int64_t shared(const esc_running *run, int64_t size)
{
  const int64_t least = run->batching.least;
  const int64_t share = run->ids_left / (2 * run->threads) + 1;
  const int64_t even = (run->ids_left + run->threads - 1) / run->threads;
  size = least_of(size, most_of(share, most_of(run->batching.first / 2, least)));
  return most_of(least_of(size, even), least);
}

/* Of a load of many pieces, all that was run so far says how long it takes; of one, its point. */
static int64_t load_size(const esc_running *run)
{
  if (run->options->batch > 0)
    return run->options->batch;
  const int several = run->batching.pieces > 1;
  return shared(run, several ? fitting(run, run->finished, run->busy) : run->batching.largest);
}

static int64_t piece_size(const esc_running *run, const esc_point *point)
{
  const esc_planned *const planned = point->result->planned;
  if (run->options->batch > 0)
    return run->options->batch;
  const int64_t size = fitting(run, point->finished, point->busy);
  return planned->samples ? least_of(size, LOAD_BYTES_MAX / record_bytes(planned)) : size;
}

/* --- pieces --- */

/* Trajectories up to (not with) the next at which a decision falls. */
static int64_t before_decision(const esc_point *point)
{
  return esc_next_decision(point->result->planned, point->taken) - point->taken;
}

static esc_taken *cut(esc_point *point, int64_t ids)
{
  const esc_result *const result = point->result;
  const esc_planned *const planned = result->planned;
  esc_taken *const taken = calloc(1, sizeof *taken);
  int64_t *const tally = calloc((size_t)planned->plan.tally.words, sizeof *tally);
  if (!taken || !tally) {
    free(taken);
    free(tally);
    return NULL;
  }
  taken->sink = (esc_sink){.first = planned->plan.first_id,
                           .limit = planned->samples ? planned->trajectories : 0,
                           .steps = result->sample_steps,
                           .outcomes = result->sample_outcomes,
                           .finals = planned->plan.renew ? NULL : result->finals,
                           .finals_limit = result->finals_kept};
  taken->piece = (esc_piece){.plan = &planned->plan,
                             .batch = {planned->plan.first_id + point->taken, ids},
                             .tally = tally,
                             .sink = &taken->sink};
  taken->point = point;
  taken->end = point->taken + ids;
  return taken;
}

/* Adds up to `most` ids of a point to the load; 0 if there is no room for them. */
static int add_piece(esc_load *load, esc_point *point, int64_t most)
{
  esc_running *const run = load->run;
  int64_t ids = least_of(piece_size(run, point), least_of(most, before_decision(point)));
  const int64_t bytes = bytes_of(point, ids);
  if (load->count > 0 && load->bytes + bytes > LOAD_BYTES_MAX)
    return 0;
  esc_taken *const taken = cut(point, ids);
  if (!taken) {
    esc_run_fail(run, esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a tally"));
    return 0;
  }
  *(point->last ? &point->last->next : &point->first) = taken;
  point->last = taken;
  point->taken += ids;
  load->piece[load->count++] = &taken->piece;
  load->ids += ids;
  load->bytes += bytes;
  run->outstanding++;
  run->ids_left -= ids;
  return 1;
}

/* --- loads --- */

static int has_ids(const esc_point *point)
{
  return !point->precise && point->taken < point->result->planned->trajectories;
}

static int is_needed(const esc_point *point)
{
  return has_ids(point) && point->taken < point->decision;
}

/* The first open point that has ids of which it is certain that they are needed, or else a new one;
 * NULL if there is none. */
static esc_point *next_needed(esc_running *run, esc_point *from)
{
  for (esc_point *point = from ? from : run->open; point; point = point->after)
    if (is_needed(point))
      return point;
  if (run->begun == run->points->count || !esc_point_open(run))
    return NULL;
  return run->open_last;
}

/* Trajectories beyond the next decisions, which may turn out not to be needed: better than to idle.
 */
static void guess(esc_load *load, int64_t least)
{
  esc_running *const run = load->run;
  for (esc_point *point = run->open; point; point = point->after)
    while (has_ids(point) && load->ids < least && load->count < run->batching.pieces)
      if (!add_piece(load, point, run->batching.first))
        return;
}

int esc_load_take(esc_load *load)
{
  esc_running *const run = load->run;
  load->count = 0;
  load->ids = load->bytes = 0;
  if (run->stop || run->ids_left == 0)
    return 0;
  if (run->outstanding >= (int64_t)WAITING_PER_THREAD * run->threads * run->batching.pieces)
    return -1;
  const int64_t size = load_size(run);
  esc_point *point = NULL;
  while (load->ids < size && load->count < run->batching.pieces &&
         (point = next_needed(run, point)) && add_piece(load, point, size - load->ids)) {
  }
  const int64_t least = least_of(size, run->batching.least);
  if (load->ids < least)
    guess(load, least);
  return load->count > 0 && !run->stop;
}

esc_load *esc_loads_open(esc_running *run)
{
  const size_t threads = (size_t)run->threads, pieces = (size_t)run->batching.pieces;
  esc_load *const loads = malloc(threads * (sizeof *loads + pieces * sizeof(esc_piece *)));
  for (size_t k = 0; loads && k < threads; k++)
    loads[k] =
        (esc_load){.run = run, .piece = (esc_piece **)(void *)(loads + threads) + k * pieces};
  return loads;
}

void esc_loads_close(esc_load *loads)
{
  free(loads);
}
