/* The commonest ends: at a wall, in one dimension, with nothing observed, after which the lane
 * takes the next id from the one fixed start. It is what raise_flags, look_at and all that these
 * call come to in this case, without the questions whose answers are known: less than half the
 * instructions. Included by tile_events.c alone. */
#ifndef ESC_CPU_TILE_EXITS_H
#define ESC_CPU_TILE_EXITS_H

#include "kernels/cpu/tile.h"

/* What all trajectories that begin after this group have in common. */
typedef struct esc_beginning {
  uint32_t due;
  uint64_t block;
  uint64_t recorded; /* ids below it leave a record */
} esc_beginning;

static esc_beginning beginning_of(const esc_tile *tile)
{
  const uint64_t before = (uint64_t)tile->now / ESC_GROUP;
  const esc_beginning b = {(uint32_t)tile->now + (uint32_t)tile->plan->stop_steps,
                           0 - before * (uint64_t)tile->blocks[0],
                           (uint64_t)(tile->sink->first + tile->recorded)};
  return b;
}

/* Lane i begins trajectory `id`. */
static inline void begin_plainly(esc_tile *tile, esc_beginning b, int i, uint64_t id)
{
  const esc_plan *const plan = tile->plan;
  const esc_philox_head head = esc_philox_begin(plan->seed, 0, id); /* of the first stream */
  tile->id[i] = id;
  tile->origin[i] = tile->now;
  tile->begun[i] = (uint32_t)tile->now;
  tile->due[i] = b.due;
  tile->at[ESC_GROUP][i] = *tile->start;
  for (int k = 0; k < plan->states; k++)
    tile->state[k][i] = (esc_real)plan->traits.start[k];
  tile->block[0][i] = b.block;
  tile->low_block[0][i] = (uint32_t)b.block;
  tile->head[0][0][i] = head.id, tile->head[0][1][i] = head.c0;
  tile->head[0][2][i] = head.c2, tile->head[0][3][i] = head.c3;
}

/* Zero if flagged lane i is no such case: it needs a closer look. */
static inline int end_plainly(esc_tile *tile, esc_beginning b, int i)
{
  const esc_plan *const plan = tile->plan;
  const int s = tile->flag[i] / 2;
  const esc_point p = position(tile, s, i);
  const int outcome = end_at_walls(tile, *p.x);
  if (s == 0 || outcome < 0 || tile->next >= tile->end)
    return 0;
  const int64_t age = (int64_t)esc_tile_age(tile, i) - ESC_GROUP + s;
  esc_tally_word *const group =
      tile->tally + plan->tally.outcome + (int64_t)outcome * plan->tally.outcome_words;
  add_time(plan, group, age);
  add_moments(group + plan->tally.outcome_final, *p.x);
  if (tile->id[i] < b.recorded)
    record(tile, i, age, outcome, p);
  begin_plainly(tile, b, i, (uint64_t)tile->next++);
  return 1;
}

#endif
