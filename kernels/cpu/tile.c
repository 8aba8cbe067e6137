/* The engine on the CPU: a batch of trajectories in a tile of lanes. A group of steps is: draw the
 * noise; then step by step the gradient, the rule, the modifiers; then look at what happened. Lanes
 * whose trajectory ended take the next id at once; when none is left, the last lane in use moves
 * into the gap, so that the tile shrinks and no lane idles. */
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu/tile.h"

/* The scalars of step age + s: one row where all lanes agree, else one each. */
static void choose_rows(esc_tile *tile, int n, int s)
{
  const esc_plan *const plan = tile->plan;
  int32_t least = esc_tile_age(tile, 0), most = least;
  if (plan->schedule.kind != ESC_SCHEDULE_constant || plan->row_count > 1)
    for (int i = 0; i < tile->active; i++) {
      const int32_t age = esc_tile_age(tile, i);
      least = age < least ? age : least;
      most = age > most ? age : most;
    }
  const int64_t t = (int64_t)least + s, last = plan->row_count;
  const int same_row = least == most || t >= last;
  const int same_lr = least == most || plan->schedule.kind == ESC_SCHEDULE_constant;
  tile->rows.by_lane = !(same_row && same_lr);
  if (tile->rows.by_lane) {
    ESC_UPDATE_LOOPS.rows(n, plan, tile->table, tile->begun, (uint32_t)(tile->now + s),
                          &tile->rows);
    return;
  }
  const esc_real *const row = tile->table + ((t < last ? t : last) - 1) * ESC_ROW_WIDTH;
  const esc_real factor = (esc_real)esc_schedule_factor(&plan->schedule, (int32_t)t);
  tile->rows.uniform = (esc_row){(esc_real)plan->lr * factor, row[0], row[1], row[2], row[3]};
}

static int is_sized(const esc_plan_noise *noise)
{
  return noise->scaled_by_state || noise->scaled_by_loss;
}

/* One coordinate of a source's noise, sized by the position x before the step and the loss there
 * (tile->value). */
static void size_noise(const esc_tile *tile, int n, const esc_plan_noise *noise, const esc_real *x,
                       const float *xi, float *sized)
{
  if (noise->scaled_by_state)
    ESC_UPDATE_LOOPS.state_scale(n, noise->state_scale, x, xi, sized);
  else
    memcpy(sized, xi, (size_t)n * sizeof *sized);
  if (noise->scaled_by_loss)
    ESC_UPDATE_LOOPS.loss_scale(n, tile->value, sized);
}

/* The noise of step s on the gradient (target 0) or on the parameter (1): the sum over its sources,
 * or NULL where there is none. */
static const float *noise_of_step(esc_tile *tile, int n, int s, int target, float *sum)
{
  const esc_plan *const plan = tile->plan;
  const ptrdiff_t step = (ptrdiff_t)(s - 1) * plan->dimension * tile->stride;
  const float *only = NULL;
  for (int source = 0; source < plan->noise_count; source++) {
    const esc_plan_noise *const noise = &plan->noise[source];
    if (noise->on_parameter != target)
      continue;
    const float *const xi = tile->xi[source] + step;
    for (int j = 0; j < plan->dimension; j++) {
      const ptrdiff_t at = (ptrdiff_t)j * tile->stride;
      if (is_sized(noise) && !only)
        size_noise(tile, n, noise, tile->at[s - 1] + at, xi + at, sum + at);
      else if (is_sized(noise)) {
        size_noise(tile, n, noise, tile->at[s - 1] + at, xi + at, tile->spare);
        ESC_NOISE_LOOPS.add(n, tile->spare, sum + at);
      } else if (only)
        ESC_NOISE_LOOPS.add(n, xi + at, sum + at);
      else
        memcpy(sum + at, xi + at, (size_t)n * sizeof *sum);
    }
    only = sum;
  }
  return only;
}

/* Whether the noise of the gradient can be taken as it was drawn. */
static int plain_noise(const esc_plan *plan)
{
  return plan->noise_count == 1 && !plan->noise[0].on_parameter && !is_sized(&plan->noise[0]);
}

static int needs_losses(const esc_plan *plan)
{
  int needed = 0;
  for (int source = 0; source < plan->noise_count; source++)
    needed |= plan->noise[source].scaled_by_loss;
  return needed;
}

static void gradient(esc_tile *tile, int n, int s)
{
  const esc_plan *const plan = tile->plan;
  const ptrdiff_t wide = (ptrdiff_t)plan->dimension * tile->stride;
  const esc_real *x = tile->at[s - 1];
  if (plan->traits.lookahead > 0.0) {
    for (int j = 0; j < plan->dimension; j++) {
      const ptrdiff_t at = (ptrdiff_t)j * tile->stride;
      ESC_UPDATE_LOOPS.ahead(n, (esc_real)plan->traits.lookahead, x + at, tile->state[0] + at,
                             tile->point + at);
    }
    x = tile->point;
  }
  const float *const xi =
      plain_noise(plan) ? tile->xi[0] + (s - 1) * wide : noise_of_step(tile, n, s, 0, tile->mixed);
  if (plan->landscape_function)
    ESC_LANDSCAPE_LOOPS.call(n, tile->stride, plan, x, xi, tile->gradient, NULL, tile->scratch);
  else if (plan->network.batch > 0) {
    ESC_PICK_ROWS(tile, n, s);
    ESC_LANDSCAPE_LOOPS.batch(n, tile->stride, plan, tile->picked, x, xi, tile->gradient);
  } else
    ESC_LANDSCAPE_LOOPS.slope[plan->landscape](n, tile->stride, plan, x, xi, tile->gradient);
  if (plan->weight_decay > 0.0 && !plan->decoupled)
    for (int j = 0; j < plan->dimension; j++)
      ESC_UPDATE_LOOPS.couple(n, (esc_real)plan->weight_decay,
                              tile->at[s - 1] + (ptrdiff_t)j * tile->stride,
                              tile->gradient + (ptrdiff_t)j * tile->stride);
}

/* Whether the rule's w - u is the whole step. */
static int plain_update(const esc_plan *plan)
{
  int noise_added = 0;
  for (int source = 0; source < plan->noise_count; source++)
    noise_added |= plan->noise[source].on_parameter;
  return !(plan->weight_decay > 0.0 && plan->decoupled) &&
         !(plan->clip_update < (double)INFINITY) && !(plan->project[0] > -(double)INFINITY) &&
         !(plan->project[1] < (double)INFINITY) && !noise_added;
}

static void step(esc_tile *tile, int n, int s)
{
  const esc_plan *const plan = tile->plan;
  const int plain = plain_update(plan);
  choose_rows(tile, n, s);
  if (needs_losses(plan))
    esc_tile_losses(tile, n, tile->at[s - 1], tile->value);
  gradient(tile, n, s);
  for (int j = 0; j < plan->dimension; j++) {
    const ptrdiff_t at = (ptrdiff_t)j * tile->stride;
    esc_real *states[ESC_UPDATE_STATES_MAX] = {NULL};
    for (int k = 0; k < plan->states; k++)
      states[k] = tile->state[k] + at;
    ESC_UPDATE_LOOPS.update[plan->update](
        n, plan->update_constants, &tile->rows, tile->gradient + at, states,
        plain ? tile->at[s - 1] + at : NULL, (plain ? tile->at[s] : tile->update) + at);
    if (plan->observe_snr)
      ESC_UPDATE_LOOPS.signal_to_noise(n, states[0], states[1], tile->snr[s] + at);
    if (!plain && plan->weight_decay > 0.0 && plan->decoupled)
      ESC_UPDATE_LOOPS.decay(n, (esc_real)plan->weight_decay, &tile->rows, tile->at[s - 1] + at,
                             tile->update + at);
  }
  if (plain)
    return;
  if (plan->clip_update < (double)INFINITY)
    ESC_UPDATE_LOOPS.clip(n, tile->stride, plan->dimension, (esc_real)plan->clip_update, tile->norm,
                          tile->update);
  const float *const added = noise_of_step(tile, n, s, 1, tile->added);
  for (int j = 0; j < plan->dimension; j++) {
    const ptrdiff_t at = (ptrdiff_t)j * tile->stride;
    ESC_UPDATE_LOOPS.apply(n, (esc_real)plan->project[0], (esc_real)plan->project[1],
                           tile->at[s - 1] + at, tile->update + at, added ? added + at : NULL,
                           tile->at[s] + at);
  }
}

/* Whether a group is sgd at a constant lr and nothing else, on a landscape that has a loop for it:
 * the commonest experiment, and so cheap that passing positions from loop to loop would count. */
static int plain_descent(const esc_plan *plan)
{
  return plan->update == ESC_UPDATE_sgd && plain_update(plan) && plain_noise(plan) &&
         !(plan->weight_decay > 0.0) && plan->schedule.kind == ESC_SCHEDULE_constant &&
         !plan->landscape_function && ESC_LANDSCAPE_LOOPS.descend[plan->landscape];
}

static void group(esc_tile *tile)
{
  const esc_plan *const plan = tile->plan;
  const int n = esc_tile_lanes(tile);
  ESC_FILL_NOISE(tile);
  if (plain_descent(plan)) {
    choose_rows(tile, n, 1);
    ESC_LANDSCAPE_LOOPS.descend[plan->landscape](n, tile->stride, plan, tile->rows.uniform,
                                                 tile->xi[0], tile->at);
  } else
    for (int s = 1; s <= ESC_GROUP; s++)
      step(tile, n, s);
  tile->now += ESC_GROUP;
  ESC_HANDLE_GROUP(tile);
  esc_real *const last = tile->at[ESC_GROUP];
  tile->at[ESC_GROUP] = tile->at[0];
  tile->at[0] = last;
}

/* Groups between two polls: about a quarter of a million variates. */
static int64_t groups_between_polls(const esc_tile *tile)
{
  const esc_plan *const plan = tile->plan;
  int64_t cost = esc_gradient_cost(plan);
  for (int k = 0; k < plan->noise_count; k++)
    cost += (int64_t)plan->dimension *
            (plan->noise[k].replace ? plan->noise[k].batch : plan->noise[k].value_count);
  const int64_t groups = ((int64_t)1 << 18) / (cost * tile->stride * ESC_GROUP);
  return groups > 0 ? groups : 1;
}

/* Tells the host how far it is; nonzero to stop. */
static int poll(esc_tile *tile, int64_t *steps)
{
  tile->control->lane_steps += *steps;
  const int stop = tile->control->poll && tile->control->poll(tile->control->context, *steps);
  *steps = 0;
  return stop;
}

/* Moments are kept modulo 2^32: this is so near that every longer run meets the wrap. */
#define FIRST_MOMENT (((int64_t)1 << 32) - 64 * ESC_GROUP)

static int default_lanes(const esc_plan *plan)
{
  return plan->dimension == 1 ? 256 : plan->dimension <= 4 ? 128 : 64;
}

esc_status ESC_RUN_TILE(const esc_plan *plan, esc_batch batch, int64_t *tally, const esc_sink *sink,
                        esc_control *control)
{
  const int lanes = control->lanes > 0 ? control->lanes : default_lanes(plan);
  esc_tile tile = {.plan = plan,
                   .tally = tally,
                   .sink = sink,
                   .control = control,
                   .now = FIRST_MOMENT,
                   .next = batch.first,
                   .end = batch.first + batch.count,
                   .stride = (lanes + ESC_LANE_BLOCK - 1) / ESC_LANE_BLOCK * ESC_LANE_BLOCK};
  if (!ESC_OPEN_TILE(&tile))
    return ESC_STATUS_OUT_OF_MEMORY;
  int interrupted = 0;
  int64_t steps = 0;
  const int64_t between = groups_between_polls(&tile);
  ESC_BEGIN_LANES(&tile);
  for (int64_t groups = 1; tile.active > 0 && !tile.stopped && !interrupted; groups++) {
    steps += (int64_t)esc_tile_lanes(&tile) * ESC_GROUP;
    group(&tile);
    if (groups % between == 0)
      interrupted = poll(&tile, &steps);
  }
  interrupted |= poll(&tile, &steps) && tile.active > 0;
  free(tile.memory);
  return interrupted ? ESC_STATUS_INTERRUPTED : ESC_STATUS_OK;
}
