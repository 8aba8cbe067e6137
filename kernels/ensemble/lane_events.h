/* What happens to one lane, in the order of the contract: not finite, the walls or sets in their
 * order, beyond; then what is to be observed of what lives; then the next trajectory. The same text
 * serves the tiles of a CPU and the threads of a GPU: lane_tally.h says what an engine brings
 * along; besides these it defines
 *
 *   take_id(tile, &id)       the next id into *id; zero if there is none left
 *   retire(tile, i)          lane i found none
 *   place_blocks(tile, i)    lane i begins to use words of its own
 *   visit(tile, step, p, outcome)   for whoever looks at every step
 *
 * and, with ESC_LANE_PUTS_ASIDE, put_aside(tile, steps, outcome, p), which calls tally_episode now
 * or later. */
#ifndef ESC_LANE_EVENTS_H
#define ESC_LANE_EVENTS_H

#include "kernels/ensemble/lane_tally.h"

/* --- how a trajectory ends --- */

ESC_LANE int in_set(esc_tile *tile, int k, esc_point p, int i)
{
  const esc_plan *const plan = tile->plan;
  const esc_plan_set *const set = &plan->set[k];
  esc_real reach = 0;
  int in = 0;
  switch (set->kind) {
  case ESC_SET_OUTSIDE_BOX:
    for (int j = 0; j < plan->dimension; j++)
      in |= !esc_in_interval(coordinate(p, j), (esc_real)set->point[j], (esc_real)set->upper[j]);
    return in;
  case ESC_SET_HALFSPACE:
    for (int j = 0; j < plan->dimension; j++)
      reach = esc_fma((esc_real)set->point[j], coordinate(p, j), reach);
    return reach >= (esc_real)set->level;
  case ESC_SET_LOSS_BELOW:
    return loss_at(tile, p) < (esc_real)set->level;
  default:
    in = in_ball(plan, p, set->point, set->level);
    if (set->stay <= 1)
      return in;
    tile->streak[k][i] = in ? tile->streak[k][i] + 1 : 0;
    return tile->streak[k][i] >= set->stay;
  }
}

/* The outcome of a position against walls: left 0, right 1 (which of them no processor can foresee,
 * so there is no branch), or -1. */
ESC_LANE int end_at_walls(const esc_tile *tile, esc_real x)
{
  const int right = x >= tile->walls[1], left = x <= tile->walls[0];
  return (left | right) & esc_is_finite(x) ? right : -1;
}

/* The outcome that this position means, or -1. Every streak is kept up, whoever wins. */
ESC_LANE int end_of(esc_tile *tile, esc_point p, int i)
{
  const esc_plan *const plan = tile->plan;
  int outcome = plan->has_walls ? end_at_walls(tile, *p.x) : -1, beyond = 0;
  for (int j = 0; j < plan->dimension; j++) {
    const esc_real x = coordinate(p, j);
    if (!esc_is_finite(x))
      return esc_plan_diverged(plan);
    beyond |= esc_abs(x) > tile->beyond;
  }
  for (int k = plan->set_count - 1; k >= 0; k--)
    outcome = in_set(tile, k, p, i) ? k : outcome;
  return outcome < 0 && beyond ? esc_plan_diverged(plan) : outcome;
}

ESC_LANE void record(esc_tile *tile, int i, int64_t steps, int outcome, esc_point p)
{
  const esc_plan *const plan = tile->plan;
  const esc_sink *const sink = tile->sink;
  const int64_t id = (int64_t)tile->id[i] - sink->first;
  if (id >= tile->recorded)
    return;
  if (sink->steps && id < sink->limit) {
    sink->steps[id] = outcome == esc_plan_running(plan) ? -1 : steps;
    sink->outcomes[id] = outcome;
  }
  if (sink->finals && id < sink->finals_limit)
    for (int j = 0; j < plan->dimension; j++)
      sink->finals[id * plan->dimension + j] = (double)coordinate(p, j);
}

/* --- beginning --- */

/* Coordinates of a random start; every one has its own word (normal: pair of words). */
ESC_LANE void draw_start(const esc_tile *tile, int i, double *x)
{
  const esc_plan *const plan = tile->plan;
  const int normal = plan->start_kind == ESC_START_NORMAL;
  const uint64_t first = ((uint64_t)ESC_STREAM_START << ESC_STREAM_SHIFT) +
                         (uint64_t)(tile->now - tile->origin[i]) * (ESC_DIMENSION_MAX / 4);
  const uint64_t tail = (uint64_t)(ESC_STREAM_START_TAIL - ESC_STREAM_START) << ESC_STREAM_SHIFT;
  const esc_gaussian_constants none = {0.0f};
  for (int j = 0; j < plan->dimension; j++) {
    const uint64_t block = first + (uint64_t)(j / 4);
    const esc_words words = esc_philox(plan->seed, block, tile->id[i]);
    const esc_words further = esc_philox(plan->seed, block + tail, tile->id[i]);
    const int k = normal ? j % 4 / 2 * 2 : j % 4;
    const esc_uniform u = esc_uniform_refined(words.w[k], further.w[k]);
    if (normal) {
      float pair[2];
      esc_gaussian_pair(&none, u, words.w[k + 1], &pair[0], &pair[1]);
      x[j] = fma(plan->start[1], (double)pair[j % 2], plan->start[0]);
    } else {
      const double reach = (double)u.d * (plan->start[1] - plan->start[0]);
      x[j] = u.far ? plan->start[1] - reach : plan->start[0] + reach;
    }
  }
}

ESC_LANE void place(const esc_tile *tile, int i, esc_real *at)
{
  const esc_plan *const plan = tile->plan;
  if (tile->start) {
    for (int j = 0; j < plan->dimension; j++)
      at[(ptrdiff_t)j * tile->stride + i] = tile->start[j];
    return;
  }
  double drawn[ESC_LANE_COORDINATES];
  const double *x = drawn;
  if (plan->start_kind == ESC_START_POINTS) {
    const uint64_t nth = tile->id[i] - (uint64_t)plan->first_id;
    x = plan->start + (int64_t)(nth % (uint64_t)plan->start_points) * plan->dimension;
  } else {
    draw_start(tile, i, drawn);
  }
  for (int j = 0; j < plan->dimension; j++)
    at[(ptrdiff_t)j * tile->stride + i] = (esc_real)x[j];
}

/* Steps of lane i's episode at which it ends for want of steps. */
ESC_LANE int64_t limit_of(const esc_tile *tile, int i)
{
  return tile->plan->stop_steps - tile->taken[i];
}

/* When lane i is to be looked at, whatever its positions. */
ESC_LANE void set_due(esc_tile *tile, int i)
{
  const esc_plan *const plan = tile->plan;
  int64_t due = limit_of(tile, i);
  if (!tile->bare) {
    if (tile->next_step[i] < plan->step_count && plan->steps[tile->next_step[i]] < due)
      due = plan->steps[tile->next_step[i]];
    if (tile->next_lag[i] < plan->lag_count &&
        plan->stop_steps - plan->lags[tile->next_lag[i]] < due)
      due = plan->stop_steps - plan->lags[tile->next_lag[i]];
  }
  tile->due[i] = tile->begun[i] + (uint32_t)due;
}

ESC_LANE void keep_lagged(esc_tile *tile, int i, int64_t age, esc_point p)
{
  const esc_plan *const plan = tile->plan;
  while (tile->next_lag[i] < plan->lag_count &&
         plan->stop_steps - plan->lags[tile->next_lag[i]] == age) {
    for (int j = 0; j < plan->dimension; j++)
      tile->lagged[((ptrdiff_t)tile->next_lag[i] * plan->dimension + j) * tile->stride + i] =
          coordinate(p, j);
    tile->next_lag[i]++;
  }
}

/* What is due for lane i at `age`, at p after step s of the group. */
ESC_LANE void observe_due(esc_tile *tile, int i, int64_t age, esc_point p, int s)
{
  const esc_plan *const plan = tile->plan;
  if (tile->next_step[i] < plan->step_count && plan->steps[tile->next_step[i]] == age)
    observe(tile, tile->next_step[i]++, p, i, s);
  keep_lagged(tile, i, age, p);
}

/* Step 0 of an episode for the observers. */
ESC_LANE void begin_observed(esc_tile *tile, int i, esc_point p, int outcome)
{
  const esc_plan *const plan = tile->plan;
  tile->next_step[i] = tile->next_lag[i] = 0;
  if (plan->basin_count)
    tile->first_basin[i] = tile->last_basin[i] = (uint8_t)basin_of(plan, *p.x);
  for (int b = 0; b < plan->near_count; b++) {
    const int in =
        outcome < 0 && in_ball(plan, p, plan->near[b].point, plan->near[b].squared_radius);
    tile->inside[b][i] = in;
    tile->left[b][i] = !in;
    tile->leaving[b][i] = 0;
  }
  if (outcome >= 0)
    return;
  if (plan->occupation_bins)
    occupy(tile, p, 1);
  observe_due(tile, i, 0, p, 0);
}

/* Begins an episode of lane i, which has its id, origin and steps taken. Nonzero if it lives; else
 * *outcome says how it ended at step 0. */
ESC_LANE int begin_episode(esc_tile *tile, int i, int row, int *outcome)
{
  const esc_plan *const plan = tile->plan;
  place(tile, i, tile->at[row]);
  const esc_point p = position(tile, row, i);
  tile->begun[i] = (uint32_t)tile->now;
  for (int k = 0; k < plan->states; k++)
    for (int j = 0; j < plan->dimension; j++)
      tile->state[k][(ptrdiff_t)j * tile->stride + i] = (esc_real)plan->traits.start[k];
  for (int k = 0; k < plan->set_count; k++)
    if (plan->set[k].stay > 1)
      tile->streak[k][i] = 0;
  /* one fixed start inside the walls was checked when the plan was made */
  const int checked = plan->start_kind == ESC_START_POINT && plan->set_count == 0;
  *outcome = checked ? -1 : end_of(tile, p, i);
  if (!tile->bare) {
    visit(tile, tile->taken[i], p, *outcome);
    begin_observed(tile, i, p, *outcome);
  }
  if (*outcome >= 0)
    return 0;
  set_due(tile, i);
  place_blocks(tile, i);
  return 1;
}

/* Closes an episode; nonzero if the trajectory (with renew: the walker) goes on to another. */
ESC_LANE int end_episode(esc_tile *tile, int i, int64_t steps, int outcome, esc_point p)
{
  const esc_plan *const plan = tile->plan;
#ifdef ESC_LANE_PUTS_ASIDE
  put_aside(tile, steps, outcome, p);
#else
  tally_episode(tile, i, steps, outcome, p);
#endif
  record(tile, i, steps, outcome, p);
  if (!plan->renew || outcome == esc_plan_running(plan))
    return 0;
  tile->taken[i] += steps > 0 ? steps : 1; /* an end at the start costs a step of the budget */
  return tile->taken[i] < plan->stop_steps;
}

/* Gives lane i what comes next: its walker's next episode, or the next ids, until one lives. Zero
 * if none is left. */
ESC_LANE int begin_next(esc_tile *tile, int i, int row, int renewed)
{
  int outcome;
  for (;;) {
    if (!renewed) {
      if (!take_id(tile, &tile->id[i]))
        return 0;
      tile->origin[i] = tile->now;
      tile->taken[i] = 0;
    }
    if (begin_episode(tile, i, row, &outcome))
      return 1;
    renewed = end_episode(tile, i, 0, outcome, position(tile, row, i));
    tile->origin[i] -= ESC_GROUP; /* a fresh start has fresh words */
  }
}

/* --- a lane in its group --- */

/* Lane i's trajectory ended after step s of the group, `age` steps old: it makes room. */
ESC_LANE void finish(esc_tile *tile, int i, int s, int64_t age, int outcome)
{
  const int running = outcome == esc_plan_running(tile->plan); /* its last position still counts */
  if (!tile->bare)
    take_back(tile, i, running ? s + 1 : s);
  const int renewed = end_episode(tile, i, age, outcome, position(tile, s, i));
  if (!begin_next(tile, i, ESC_GROUP, renewed))
    retire(tile, i);
}

/* The step of the group at which lane i first left the interval between walls or bounds; one past
 * the group if it never did. One dimension, no branches. */
ESC_LANE int first_outside(const esc_tile *tile, int i)
{
  const esc_real lo = tile->low, hi = tile->high;
  const int in1 = esc_in_interval(tile->at[1][i], lo, hi);
  const int in2 = in1 & esc_in_interval(tile->at[2][i], lo, hi);
  const int in3 = in2 & esc_in_interval(tile->at[3][i], lo, hi);
  const int in4 = in3 & esc_in_interval(tile->at[4][i], lo, hi);
  return 1 + in1 + in2 + in3 + in4;
}

/* Follows a flagged lane through the group, step by step. Its age is that of the group's end. */
ESC_LANE void follow(esc_tile *tile, int i)
{
  const esc_plan *const plan = tile->plan;
  const int64_t before = (int64_t)esc_tile_age(tile, i) - ESC_GROUP, limit = limit_of(tile, i);
  for (int s = 1; s <= ESC_GROUP; s++) {
    const esc_point p = position(tile, s, i);
    const int64_t age = before + s;
    int outcome = end_of(tile, p, i);
    if (outcome < 0) {
      if (!tile->bare)
        observe_due(tile, i, age, p, s);
      if (age == limit)
        outcome = esc_plan_running(plan);
    }
    visit(tile, tile->taken[i] + age, p, outcome);
    if (outcome < 0)
      continue;
    finish(tile, i, s, age, outcome);
    return;
  }
  set_due(tile, i);
}

/* The common case in one go: walls or bounds in one dimension, and nothing due before the end. */
ESC_LANE void look_at(esc_tile *tile, int i)
{
  const int s = tile->quick ? first_outside(tile, i) : 0;
  /* the step of the group at which something is due */
  const int32_t due = (int32_t)(tile->due[i] - (uint32_t)tile->now) + ESC_GROUP;
  if (s > 0 && due > s && s <= ESC_GROUP) {
    const esc_point p = position(tile, s, i);
    const int at_wall = tile->plan->has_walls ? end_at_walls(tile, *p.x) : -1;
    const int outcome = at_wall < 0 ? end_of(tile, p, i) : at_wall;
    if (outcome >= 0) { /* a point right on the bound is not beyond it */
      finish(tile, i, s, (int64_t)esc_tile_age(tile, i) - ESC_GROUP + s, outcome);
      return;
    }
  }
  follow(tile, i);
}

#endif
