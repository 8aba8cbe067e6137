/* Merging pieces in the order of the ids of their point, and the decisions that fall on the way. */
#include <stdlib.h>

#include "host/precision.h"
#include "host/running.h"
#include "host/tally.h"

/* A point is done with: no id of it is needed any more, and no thread is at it. */
static void complete(esc_running *run, esc_point *point)
{
  *(point->before ? &point->before->after : &run->open) = point->after;
  *(point->after ? &point->after->before : &run->open_last) = point->before;
  point->after = run->complete;
  run->complete = point;
}

static int is_over(const esc_point *point)
{
  return point->precise || point->done == point->result->planned->trajectories;
}

/* The point's merged prefix ends at a number of trajectories where it is asked whether they are
 * enough. What is not needed any more counts as done. */
static void decide(esc_running *run, esc_point *point)
{
  const esc_planned *const planned = point->result->planned;
  point->precise = esc_is_precise(planned, point->result->tally);
  point->decision = esc_next_decision(planned, point->done);
  if (point->precise) {
    run->done += planned->trajectories - point->done;
    run->ids_left -= planned->trajectories - point->taken;
  }
  run->points_done += is_over(point);
}

static void merge(esc_running *run, esc_point *point, const esc_taken *taken)
{
  esc_tally_merge(taken->piece.plan, point->result->tally, taken->piece.tally);
  run->done += taken->end - point->done;
  point->done = taken->end;
  if (point->done == point->decision)
    decide(run, point);
}

/* Merges what is complete up to the first piece that is not. */
static void advance(esc_running *run, esc_point *point)
{
  esc_taken *taken;
  while ((taken = point->first) && taken->state != ESC_TAKEN_RUNS) {
    if (!point->precise && taken->state == ESC_TAKEN_BROKEN)
      return; /* the run ends: what comes after it is no prefix */
    if (!point->precise)
      merge(run, point, taken);
    point->first = taken->next;
    if (!point->first)
      point->last = NULL;
    free(taken->piece.tally);
    free(taken);
    run->outstanding--;
  }
  if (!point->first && is_over(point))
    complete(run, point);
}

/* Lanes that idled are those of the whole load: each piece bears its share. */
static int64_t share_of(int64_t lane_steps, int64_t steps, int64_t all)
{
  return steps == all ? lane_steps : (int64_t)((double)lane_steps * (double)steps / (double)all);
}

void esc_load_hand_in(esc_load *load, int complete_pieces, double seconds, int64_t lane_steps)
{
  esc_running *const run = load->run;
  int64_t steps = 0, ids = 0;
  for (int k = 0; k < complete_pieces; k++) {
    esc_taken *const taken = esc_taken_of(load->piece[k]);
    if (load->count > 1)
      steps += taken->steps = esc_tally_steps(taken->piece.plan, taken->piece.tally);
    ids += taken->piece.batch.count;
  }
  run->finished += ids;
  run->busy += seconds;
  for (int k = 0; k < load->count; k++) {
    esc_taken *const taken = esc_taken_of(load->piece[k]);
    esc_point *const point = taken->point;
    taken->state = k < complete_pieces ? ESC_TAKEN_COMPLETE : ESC_TAKEN_BROKEN;
    if (k < complete_pieces) {
      point->finished += taken->piece.batch.count;
      point->busy += seconds * (double)taken->piece.batch.count / (double)ids;
      point->result->lane_steps += share_of(lane_steps, taken->steps, steps);
    }
    advance(run, point);
  }
}

int esc_load_is_wanted(const esc_load *load)
{
  for (int k = 0; k < load->count; k++)
    if (!esc_taken_of(load->piece[k])->point->precise)
      return 1;
  return 0;
}
