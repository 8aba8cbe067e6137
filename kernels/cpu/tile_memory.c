/* The memory of a tile, in one block, and what a plan means for it, worked out once. */
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu/tile.h"

/* A bump allocator over one block: first a pass that only counts, then one that hands out. */
typedef struct esc_arena {
  char *base;
  size_t used;
} esc_arena;

static void *take(esc_arena *arena, size_t count, size_t size)
{
  void *const at = arena->base ? arena->base + arena->used : NULL;
  arena->used += (count * size + 63) / 64 * 64 + 64; /* apart, so that columns miss no cache set */
  return at;
}

#define TAKE(arena, pointer, count) ((pointer) = take((arena), (count), sizeof *(pointer)))

static int has_one_start(const esc_plan *plan)
{
  const int points = plan->start_kind == ESC_START_POINT || plan->start_kind == ESC_START_POINTS;
  return points && plan->start_points == 1;
}

static void lay_out(esc_tile *tile, esc_arena *arena)
{
  const esc_plan *const plan = tile->plan;
  const size_t lanes = (size_t)tile->stride, wide = lanes * (size_t)plan->dimension;
  TAKE(arena, tile->id, lanes);
  TAKE(arena, tile->origin, lanes);
  TAKE(arena, tile->taken, lanes);
  TAKE(arena, tile->begun, lanes);
  TAKE(arena, tile->due, lanes);
  TAKE(arena, tile->next_step, lanes);
  TAKE(arena, tile->next_lag, lanes);
  for (int b = 0; b < plan->near_count; b++) {
    TAKE(arena, tile->inside[b], lanes);
    TAKE(arena, tile->left[b], lanes);
    TAKE(arena, tile->leaving[b], lanes);
  }
  for (int k = 0; k < plan->set_count; k++)
    if (plan->set[k].stay > 1)
      TAKE(arena, tile->streak[k], lanes);
  if (plan->basin_count) {
    TAKE(arena, tile->first_basin, lanes);
    TAKE(arena, tile->last_basin, lanes);
  }
  TAKE(arena, tile->flag, lanes);
  for (int s = 0; s <= ESC_GROUP; s++)
    TAKE(arena, tile->at[s], wide);
  TAKE(arena, tile->gradient, wide);
  TAKE(arena, tile->update, wide);
  TAKE(arena, tile->point, wide);
  TAKE(arena, tile->value, lanes);
  TAKE(arena, tile->norm, 2 * lanes);
  for (int k = 0; k < plan->states; k++)
    TAKE(arena, tile->state[k], wide);
  for (int s = 1; plan->observe_snr && s <= ESC_GROUP; s++)
    TAKE(arena, tile->snr[s], wide);
  if (plan->lag_count)
    TAKE(arena, tile->lagged, wide * (size_t)plan->lag_count);
  for (int k = 0; k <= ESC_ROW_WIDTH; k++)
    TAKE(arena, tile->rows.lane[k], lanes);
  TAKE(arena, tile->table, (size_t)plan->row_count * ESC_ROW_WIDTH);
  if (has_one_start(plan))
    TAKE(arena, tile->start, (size_t)plan->dimension);
  if (plan->landscape_function)
    TAKE(arena, tile->scratch, wide * 2 + lanes);
  for (int k = 0; k < plan->noise_count; k++) {
    TAKE(arena, tile->xi[k], wide * ESC_GROUP);
    TAKE(arena, tile->block[k], lanes);
    for (int w = 0; w < 4 && ESC_HAS_HEADS(plan, k); w++)
      TAKE(arena, tile->head[k][w], lanes);
    if (ESC_HAS_HEADS(plan, k))
      TAKE(arena, tile->low_block[k], lanes);
    if (plan->noise[k].sparse_below)
      TAKE(arena, tile->sparse_block[k], lanes);
  }
  if (plan->network.batch > 0) {
    TAKE(arena, tile->batch_block, lanes);
    TAKE(arena, tile->picked, lanes * (size_t)plan->network.batch);
  }
  TAKE(arena, tile->mixed, wide);
  TAKE(arena, tile->added, wide);
  TAKE(arena, tile->spare, lanes * 4);
  for (int k = 0; k < 4; k++)
    TAKE(arena, tile->word[k], lanes);
  TAKE(arena, tile->turn, lanes);
  TAKE(arena, tile->before, lanes);
  TAKE(arena, tile->left_to_take, lanes);
  TAKE(arena, tile->epoch_block, lanes);
}

/* What the plan and the sink mean for this tile, worked out once. */
static void settle(esc_tile *tile)
{
  const esc_plan *const plan = tile->plan;
  const esc_sink *const sink = tile->sink;
  tile->beyond = (esc_real)plan->beyond;
  tile->low = -tile->beyond;
  tile->high = tile->beyond;
  if (plan->has_walls) {
    tile->walls[0] = (esc_real)plan->walls[0];
    tile->walls[1] = (esc_real)plan->walls[1];
    tile->low = tile->walls[0] > tile->low ? tile->walls[0] : tile->low;
    tile->high = tile->walls[1] < tile->high ? tile->walls[1] : tile->high;
  }
  for (int k = 0; k < plan->noise_count; k++)
    tile->blocks[k] = ESC_BLOCKS_OF(plan, k);
  tile->bare = !sink->visit && esc_plan_is_bare(plan);
  tile->quick = !sink->visit && plan->dimension == 1 && plan->set_count == 0;
  tile->plain = tile->quick && tile->bare && plan->has_walls && !plan->renew &&
                plan->start_kind == ESC_START_POINT && has_one_start(plan) &&
                plan->noise_count == 1 && ESC_HAS_HEADS(plan, 0) && !plan->noise[0].sparse_below;
  tile->recorded =
      sink->finals && sink->finals_limit > sink->limit ? sink->finals_limit : sink->limit;
}

int ESC_OPEN_TILE(esc_tile *tile)
{
  settle(tile);
  esc_arena arena = {NULL, 0};
  lay_out(tile, &arena);
  tile->memory = aligned_alloc(64, (arena.used + 63) / 64 * 64);
  if (!tile->memory)
    return 0;
  memset(tile->memory, 0, arena.used);
  arena = (esc_arena){tile->memory, 0};
  lay_out(tile, &arena);
  for (int64_t k = 0; k < tile->plan->row_count * ESC_ROW_WIDTH; k++)
    tile->table[k] = (esc_real)tile->plan->rows[k];
  for (int j = 0; tile->start && j < tile->plan->dimension; j++)
    tile->start[j] = (esc_real)tile->plan->start[j];
  return 1;
}
