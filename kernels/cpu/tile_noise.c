/* Drawing noise for a tile. Which word a variate comes from depends on the trajectory and its step
 * alone (docs/reproducibility.md, "Blocks"): in one dimension a block of four words serves
 * per_block steps, in more each step begins a new block. */
#include <string.h>

#include "kernels/cpu/tile.h"

/* The noise of coordinate j after step s (0-based) of the group. */
static float *slot(const esc_tile *tile, float *xi, int s, int j)
{
  return xi + ((ptrdiff_t)s * tile->plan->dimension + j) * tile->stride;
}

static uint64_t stream_of(int source, int role)
{
  return (uint64_t)(ESC_STREAMS_PER_SOURCE * source + role) << ESC_STREAM_SHIFT;
}

/* Blocks that are drawn in a run: for a group in one dimension, in more for a step; for a batch. */
static int blocks_of_run(const esc_plan *plan, const esc_plan_noise *noise)
{
  if (noise->shape == ESC_SHAPE_BATCH)
    return ((noise->replace ? noise->batch : noise->value_count) + 3) / 4;
  const int row = plan->dimension == 1 ? ESC_GROUP : plan->dimension;
  return (row + noise->per_block - 1) / noise->per_block;
}

int64_t ESC_BLOCKS_OF(const esc_plan *plan, int source)
{
  const esc_plan_noise *const noise = &plan->noise[source];
  const int64_t blocks = blocks_of_run(plan, noise);
  if (noise->shape == ESC_SHAPE_BATCH)
    return ESC_GROUP * plan->dimension * blocks;
  return plan->dimension == 1 ? blocks : ESC_GROUP * blocks;
}

/* A trajectory takes at most one group for each of its steps: an episode begins a group of its own. */
int ESC_HAS_HEADS(const esc_plan *plan, int source)
{
  const int single = plan->noise[source].shape != ESC_SHAPE_BATCH;
  return single && ESC_BLOCKS_OF(plan, source) * (plan->stop_steps + 1) <= UINT32_MAX;
}

void ESC_BEGIN_HEADS(esc_tile *tile, int i)
{
  for (int k = 0; k < tile->plan->noise_count; k++) {
    if (!tile->low_block[k])
      continue;
    const uint32_t upper = (uint32_t)(stream_of(k, ESC_STREAM_NOISE) >> 32);
    const esc_philox_head head = esc_philox_begin(tile->plan->seed, upper, tile->id[i]);
    tile->low_block[k][i] = (uint32_t)tile->block[k][i];
    tile->head[k][0][i] = head.id, tile->head[k][1][i] = head.c0;
    tile->head[k][2][i] = head.c2, tile->head[k][3][i] = head.c3;
  }
}

/* What leads from a lane's block in the tile to the first one of the group at hand. */
static uint64_t first_block(const esc_tile *tile, uint64_t stream, int64_t blocks)
{
  return stream + (uint64_t)(tile->now / ESC_GROUP) * (uint64_t)blocks;
}

/* Rare words get their further words, lane by lane. */
static void refine(esc_tile *tile, int n, int source, uint64_t offset, const float *scale,
                   float *const out[4])
{
  const esc_plan_noise *const noise = &tile->plan->noise[source];
  const uint64_t tail = stream_of(source, ESC_STREAM_TAIL) - stream_of(source, ESC_STREAM_NOISE);
  for (int i = 0; i < n; i++) {
    uint32_t words[4];
    int rare = 0;
    for (int k = 0; k < 4; k++) {
      words[k] = tile->word[k][i];
      rare |= esc_word_is_rare(words[k]);
    }
    if (!rare)
      continue;
    const esc_words further =
        esc_philox(tile->plan->seed, tile->block[source][i] + offset + tail, tile->id[i]);
    float refined[4];
    ESC_NOISE_LOOPS.redraw[noise->law](noise->constants, scale, words, further.w, refined);
    for (int v = 0; v < noise->per_block; v++)
      out[v][i] = refined[v];
  }
}

/* One block of words for each lane, turned into per_block variates at out. */
static void draw_block(esc_tile *tile, int n, int source, uint64_t offset, const float *scale,
                       float *const out[4])
{
  const esc_plan_noise *const noise = &tile->plan->noise[source];
  const uint64_t seed = tile->plan->seed;
  if (tile->low_block[source])
    ESC_PHILOX_CONTINUE(n, seed, tile->low_block[source], (uint32_t)offset, tile->head[source],
                        tile->word);
  else
    ESC_PHILOX_FILL(n, seed, tile->block[source], offset, tile->id, tile->word);
  if (ESC_NOISE_LOOPS.draw[noise->law](n, noise->constants, scale,
                                       (const uint32_t *const *)tile->word, out))
    refine(tile, n, source, offset, scale, out);
}

static void draw_law(esc_tile *tile, int n, int source)
{
  const esc_plan *const plan = tile->plan;
  const esc_plan_noise *const noise = &plan->noise[source];
  const int per = noise->per_block, dimension = plan->dimension;
  const int row = dimension == 1 ? ESC_GROUP : dimension; /* variates in a run of blocks */
  const int runs = dimension == 1 ? 1 : ESC_GROUP, blocks = blocks_of_run(plan, noise);
  const uint64_t first =
      first_block(tile, stream_of(source, ESC_STREAM_NOISE), tile->blocks[source]);
  for (int run = 0; run < runs; run++)
    for (int b = 0; b < blocks; b++) {
      float *out[4], scale[4];
      for (int v = 0; v < 4; v++) {
        const int place = b * per + v, used = v < per && place < row;
        const int s = dimension == 1 ? place : run, j = dimension == 1 ? 0 : place;
        out[v] = used ? slot(tile, tile->xi[source], s, j) : tile->spare + v * tile->stride;
        scale[v] = used ? noise->scale[j] : 1.0f;
      }
      draw_block(tile, n, source, first + (uint64_t)(run * blocks + b), scale, out);
    }
}

/* finite_sum: one coordinate of one step, from the blocks of words that begin at `first` after each
 * lane's own. */
static void draw_mean(esc_tile *tile, int n, int source, const uint64_t *block, uint64_t first,
                      float *sum)
{
  const esc_plan *const plan = tile->plan;
  const esc_plan_noise *const noise = &plan->noise[source];
  const int draws = noise->replace ? noise->batch : noise->value_count;
  memset(sum, 0, (size_t)n * sizeof *sum);
  for (int i = 0; i < n; i++) {
    tile->before[i] = noise->epoch_steps > 1 ? tile->turn[i] * noise->batch : 0;
    tile->left_to_take[i] = noise->batch;
  }
  for (int k = 0; k < draws; k++) {
    const uint32_t *const word = tile->word[k % 4];
    if (k % 4 == 0)
      ESC_PHILOX_FILL(n, plan->seed, block, first + (uint64_t)(k / 4), tile->id, tile->word);
    if (noise->replace)
      ESC_NOISE_LOOPS.pick_term(n, noise, word, sum);
    else
      ESC_NOISE_LOOPS.select_term(n, noise, k, word, tile->before, tile->left_to_take, sum);
  }
}

/* finite_sum: every step and coordinate takes whole blocks of its own, or with epochs those of the
 * epoch's first step. */
static void draw_batch(esc_tile *tile, int n, int source)
{
  const esc_plan *const plan = tile->plan;
  const esc_plan_noise *const noise = &plan->noise[source];
  const uint64_t blocks = (uint64_t)blocks_of_run(plan, noise);
  const uint64_t a_step = blocks * (uint64_t)plan->dimension;
  const uint64_t first =
      first_block(tile, stream_of(source, ESC_STREAM_MINIBATCH), tile->blocks[source]);
  const uint64_t *block = tile->block[source];
  for (int s = 0; s < ESC_GROUP; s++) {
    if (noise->epoch_steps > 1) {
      ESC_NOISE_LOOPS.turns(n, noise, tile->begun, (uint32_t)(tile->now + s), a_step,
                            tile->block[source], tile->epoch_block, tile->turn);
      block = tile->epoch_block;
    }
    for (int j = 0; j < plan->dimension; j++) {
      float *const sum = slot(tile, tile->xi[source], s, j);
      draw_mean(tile, n, source, block, first + (uint64_t)s * a_step + (uint64_t)j * blocks, sum);
      ESC_NOISE_LOOPS.scale(n, noise->scale[j], sum);
    }
  }
}

static void correlate(esc_tile *tile, int n, int source)
{
  for (int s = 0; s < ESC_GROUP; s++)
    ESC_NOISE_LOOPS.correlate(n, tile->stride, tile->plan->dimension,
                              tile->plan->noise[source].root, slot(tile, tile->xi[source], s, 0));
}

/* Every step takes whole blocks of its own, as finite_sum does. Rows drawn without replacement come
 * in their order: Algorithm S asks of one after another whether it is among them. */
void ESC_PICK_ROWS(esc_tile *tile, int n, int s)
{
  const esc_plan_network *const network = &tile->plan->network;
  const int words = esc_network_words(network), blocks = esc_network_blocks(network);
  const uint64_t first = first_block(tile, stream_of(ESC_SOURCES_MAX, ESC_STREAM_MINIBATCH),
                                     (int64_t)blocks * ESC_GROUP) +
                         (uint64_t)((s - 1) * blocks);
  for (int i = 0; i < n; i++)
    tile->left_to_take[i] = network->batch;
  for (int k = 0; k < words; k++) {
    const uint32_t *const word = tile->word[k % 4];
    if (k % 4 == 0)
      ESC_PHILOX_FILL(n, tile->plan->seed, tile->batch_block, first + (uint64_t)(k / 4), tile->id,
                      tile->word);
    if (network->replace)
      ESC_NOISE_LOOPS.pick_row(n, network->rows, word, tile->picked + (ptrdiff_t)k * tile->stride);
    else
      ESC_NOISE_LOOPS.select_row(n, tile->stride, network, k, word, tile->left_to_take,
                                 tile->picked);
  }
}

/* A word for each variate; xi stays where it is below the bound. */
static void make_sparse(esc_tile *tile, int n, int source)
{
  const esc_plan *const plan = tile->plan;
  const int dimension = plan->dimension, row = ESC_GROUP * dimension;
  /* a group takes `dimension` blocks: variate v of it has word v % 4 of block v / 4 */
  const uint64_t first = first_block(tile, stream_of(source, ESC_STREAM_SPARSE), dimension);
  for (int v = 0; v < row; v++) {
    if (v % 4 == 0)
      ESC_PHILOX_FILL(n, plan->seed, tile->sparse_block[source], first + (uint64_t)(v / 4),
                      tile->id, tile->word);
    ESC_NOISE_LOOPS.mask(n, plan->noise[source].sparse_below, tile->word[v % 4],
                         slot(tile, tile->xi[source], v / dimension, v % dimension));
  }
}

void ESC_FILL_NOISE(esc_tile *tile)
{
  const esc_plan *const plan = tile->plan;
  const int n = esc_tile_lanes(tile);
  for (int source = 0; source < plan->noise_count; source++) {
    const esc_plan_noise *const noise = &plan->noise[source];
    if (noise->shape == ESC_SHAPE_BATCH)
      draw_batch(tile, n, source);
    else
      draw_law(tile, n, source);
    if (noise->root)
      correlate(tile, n, source);
    for (int s = 0; s < ESC_GROUP; s++)
      for (int j = 0; j < plan->dimension; j++) {
        float *const xi = slot(tile, tile->xi[source], s, j);
        if (noise->annealed)
          ESC_NOISE_LOOPS.anneal(n, noise->anneal_root, noise->anneal_power, tile->begun,
                                 (uint32_t)(tile->now + s), xi);
        if (noise->clip < INFINITY)
          ESC_NOISE_LOOPS.clip(n, noise->clip, xi);
      }
    if (noise->sparse_below)
      make_sparse(tile, n, source);
  }
}
