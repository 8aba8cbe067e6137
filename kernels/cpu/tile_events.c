/* What happened to the lanes of a tile in a group of steps: first loops over all lanes find those
 * that may have ended or have something due; these few are then followed step by step
 * (kernels/ensemble/lane_events.h), and added up (lane_tally.h). */
#include <string.h>

#include "kernels/cpu/tile.h"

/* The flag of a lane whose trajectory ended when no id was left. */
#define RETIRED 2

/* --- what lane_events.h and lane_tally.h ask for --- */

/* U at one lane's position. */
static esc_real loss_at(const esc_tile *tile, esc_point p)
{
  esc_real value;
  esc_tile_losses(tile, 1, p.x, &value);
  return value;
}

/* Lane i's |m|/sqrt(v) of coordinate j after step s of the group. */
static esc_real snr_at(const esc_tile *tile, int s, int i, int j)
{
  return tile->snr[s][(ptrdiff_t)j * tile->stride + i];
}

static inline int take_id(esc_tile *tile, uint64_t *id)
{
  if (tile->next >= tile->end)
    return 0;
  *id = (uint64_t)tile->next++;
  return 1;
}

static inline void retire(esc_tile *tile, int i)
{
  tile->flag[i] = RETIRED;
  tile->retired++;
}

/* The words of lane i's trajectory follow from when it began to use them. */
static inline void place_blocks(esc_tile *tile, int i)
{
  const esc_plan *const plan = tile->plan;
  const uint64_t before = (uint64_t)(tile->origin[i] / ESC_GROUP);
  for (int k = 0; k < plan->noise_count; k++) {
    tile->block[k][i] = 0 - before * (uint64_t)tile->blocks[k];
    if (plan->noise[k].sparse_below)
      tile->sparse_block[k][i] = 0 - before * (uint64_t)plan->dimension;
  }
  ESC_BEGIN_HEADS(tile, i);
  if (plan->network.batch > 0)
    tile->batch_block[i] = 0 - before * (uint64_t)esc_network_blocks(&plan->network) * ESC_GROUP;
}

static void visit(esc_tile *tile, int64_t step, esc_point p, int outcome)
{
  const esc_plan *const plan = tile->plan;
  double x[ESC_DIMENSION_MAX];
  if (!tile->sink->visit || tile->stopped)
    return;
  for (int j = 0; j < plan->dimension; j++)
    x[j] = (double)coordinate(p, j);
  tile->stopped = tile->sink->visit(tile->sink->visit_context, step, x, outcome);
}

#include "kernels/ensemble/lane_events.h"

#include "kernels/cpu/tile_exits.h"

/* --- lanes in use --- */

void ESC_BEGIN_LANES(esc_tile *tile)
{
  while (tile->active < tile->stride && begin_next(tile, tile->active, 0, 0))
    tile->active++;
}

/* The last lane in use moves to i. */
static void move_last(esc_tile *tile, int i)
{
  const esc_plan *const plan = tile->plan;
  const int last = --tile->active;
  if (i == last)
    return;
#define MOVE(array) (array)[i] = (array)[last]
  MOVE(tile->id);
  MOVE(tile->origin);
  MOVE(tile->taken);
  MOVE(tile->begun);
  MOVE(tile->due);
  MOVE(tile->next_step);
  MOVE(tile->next_lag);
  for (int b = 0; b < plan->near_count; b++) {
    MOVE(tile->inside[b]);
    MOVE(tile->left[b]);
    MOVE(tile->leaving[b]);
  }
  for (int k = 0; k < plan->noise_count; k++) {
    MOVE(tile->block[k]);
    for (int w = 0; w < 4 && tile->low_block[k]; w++)
      MOVE(tile->head[k][w]);
    if (tile->low_block[k])
      MOVE(tile->low_block[k]);
    if (plan->noise[k].sparse_below)
      MOVE(tile->sparse_block[k]);
  }
  if (plan->network.batch > 0)
    MOVE(tile->batch_block);
  for (int k = 0; k < plan->set_count; k++)
    if (plan->set[k].stay > 1)
      MOVE(tile->streak[k]);
  if (plan->basin_count) {
    MOVE(tile->first_basin);
    MOVE(tile->last_basin);
  }
  for (int j = 0; j < plan->dimension; j++) {
    const ptrdiff_t at = (ptrdiff_t)j * tile->stride;
    MOVE(tile->at[ESC_GROUP] + at);
    for (int k = 0; k < plan->states; k++)
      MOVE(tile->state[k] + at);
    for (int lag = 0; lag < plan->lag_count; lag++)
      MOVE(tile->lagged + (ptrdiff_t)lag * plan->dimension * tile->stride + at);
  }
#undef MOVE
}

/* --- the group --- */

static void raise_flags(esc_tile *tile, int n)
{
  const esc_plan *const plan = tile->plan;
  if (tile->plain) {
    ESC_WATCH_LOOPS.leave(n, tile->at, tile->low, tile->high, tile->due, (uint32_t)tile->now,
                          tile->flag);
    return;
  }
  memset(tile->flag, tile->sink->visit != NULL, (size_t)n);
  ESC_WATCH_LOOPS.due(n, tile->due, (uint32_t)tile->now, tile->flag);
  for (int j = 0; j < plan->dimension; j++) {
    esc_real *column[ESC_GROUP + 1];
    for (int s = 0; s <= ESC_GROUP; s++)
      column[s] = tile->at[s] + (ptrdiff_t)j * tile->stride;
    ESC_WATCH_LOOPS.box(n, column, tile->low, tile->high, tile->flag);
    for (int k = 0; k < plan->set_count; k++)
      if (plan->set[k].kind == ESC_SET_OUTSIDE_BOX)
        ESC_WATCH_LOOPS.box(n, column, (esc_real)plan->set[k].point[j],
                            (esc_real)plan->set[k].upper[j], tile->flag);
  }
  for (int k = 0; k < plan->set_count; k++) {
    const esc_plan_set *const set = &plan->set[k];
    if (set->kind == ESC_SET_BALL)
      ESC_WATCH_LOOPS.ball(n, tile->stride, plan, tile->at, set->point, set->level, tile->flag);
    if (set->kind == ESC_SET_HALFSPACE)
      ESC_WATCH_LOOPS.halfspace(n, tile->stride, plan, tile->at, set->point, set->level,
                                tile->flag);
    for (int s = 1; s <= ESC_GROUP && set->kind == ESC_SET_LOSS_BELOW; s++) {
      esc_tile_losses(tile, n, tile->at[s], tile->value);
      ESC_WATCH_LOOPS.below(n, tile->value, (esc_real)set->level, tile->flag);
    }
    if (set->stay > 1)
      ESC_WATCH_LOOPS.streak(n, tile->streak[k], tile->flag);
  }
}

/* The flags of 64 lanes in one word: that of lane 8 k + j is bit 8 j + k. */
static uint64_t gather_flags(const uint8_t *flag, int lanes)
{
  uint64_t bits = 0;
  for (int k = 0; 8 * k < lanes; k++) {
    uint64_t eight;
    memcpy(&eight, flag + 8 * k, sizeof eight);
    bits |= (eight & 0x0101010101010101u) << k;
  }
  return bits;
}

static void look_at_flagged(esc_tile *tile)
{
  const int n = tile->active;
  const esc_beginning beginning = beginning_of(tile);
  for (int begin = 0; begin < n; begin += 64) {
    const int lanes = n - begin < 64 ? esc_tile_lanes(tile) - begin : 64;
    uint64_t bits = gather_flags(tile->flag + begin, lanes);
    while (bits) {
      const int place = esc_floor_log2(bits), i = begin + place % 8 * 8 + place / 8;
      bits ^= (uint64_t)1 << place;
      if (i < n && !(tile->plain && end_plainly(tile, beginning, i)))
        look_at(tile, i);
    }
  }
}

/* Retired lanes are filled from the end, from the last one down, so that the lane that moves is in
 * use. */
static void close_gaps(esc_tile *tile)
{
  for (int i = tile->active - 1; tile->retired > 0 && i >= 0; i--)
    if (tile->flag[i] == RETIRED) {
      move_last(tile, i);
      tile->retired--;
    }
}

void ESC_HANDLE_GROUP(esc_tile *tile)
{
  const esc_plan *const plan = tile->plan;
  const int n = esc_tile_lanes(tile);
  for (int b = 0; b < plan->near_count; b++)
    ESC_WATCH_LOOPS.stay(n, tile->stride, plan, tile->at, &plan->near[b], tile->inside[b],
                         tile->leaving[b]);
  if (plan->occupation_bins)
    for (int i = 0; i < tile->active; i++)
      for (int s = 1; s <= ESC_GROUP; s++)
        occupy(tile, position(tile, s, i), 1);
  raise_flags(tile, n);
  look_at_flagged(tile);
  close_gaps(tile);
  for (int b = 0; b < plan->near_count; b++)
    for (int i = 0; i < n; i++)
      tile->left[b][i] |= tile->leaving[b][i];
}
