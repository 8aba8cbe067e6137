/* Adding up what happened to one lane: everything is a count or an exact sum of integers, so that
 * no order of lanes, batches, threads or devices can change it. An engine brings along, before it
 * includes this:
 *
 *   ESC_LANE                 how such a function is declared
 *   esc_tile                 its lanes, with members as kernels/cpu/tile.h has them: arrays by lane
 *   loss_at(tile, p)         U at a position
 *   snr_at(tile, s, i, j)    lane i's |m|/sqrt(v) of coordinate j after step s of the group
 *
 * and esc_point, which comes here, is one lane's position. */
#ifndef ESC_LANE_TALLY_H
#define ESC_LANE_TALLY_H

#include "kernels/ensemble/lane_point.h"
#include "kernels/rules/modifiers.h"

ESC_LANE void add_moments(esc_tally_word *words, esc_real x)
{
  const esc_parts parts = esc_parts_of(x);
  words[0]++;
  esc_sum_value(words + 1, parts);
  esc_sum_square(words + 1 + ESC_VALUE_DIGITS(ESC_REAL_BITS), parts);
}

/* The index of x's basin; basin_count on a ridge. */
ESC_LANE int basin_of(const esc_plan *plan, esc_real x)
{
  int basin = 0;
  for (int k = 0; k + 1 < plan->basin_count; k++) {
    if (x == (esc_real)plan->ridges[k])
      return plan->basin_count;
    basin += x > (esc_real)plan->ridges[k];
  }
  return basin;
}

ESC_LANE void add_histogram(const esc_plan *plan, esc_tally_word *counts, int bins, double low,
                            double per_width, esc_point p, int64_t weight)
{
  for (int j = 0; j < plan->dimension; j++)
    counts[j * (bins + 2) + 1 +
           esc_bin_of(coordinate(p, j), (esc_real)low, (esc_real)per_width, bins)] += weight;
}

ESC_LANE void occupy(esc_tile *tile, esc_point p, int64_t weight)
{
  const esc_plan *const plan = tile->plan;
  add_histogram(plan, tile->tally + plan->tally.occupation, plan->occupation_bins,
                plan->occupation_low, plan->occupation_per_width, p, weight);
}

/* Whether lane i has stayed in watched ball b up to step s of this group (0: its start). */
ESC_LANE int still_in(const esc_tile *tile, int b, int i, int s)
{
  const esc_plan_ball *const ball = &tile->plan->near[b];
  if (tile->left[b][i])
    return 0;
  if (!tile->leaving[b][i])
    return 1;
  for (int k = 1; k <= s; k++)
    if (!in_ball(tile->plan, position(tile, k, i), ball->point, ball->squared_radius))
      return 0;
  return 1;
}

/* The basin of lane i at observation k, and the move to it from that at the observation before. */
ESC_LANE void observe_basin(esc_tile *tile, int64_t k, esc_point p, int i)
{
  const esc_plan *const plan = tile->plan;
  const int64_t count = plan->basin_count + 1;
  const int basin = basin_of(plan, *p.x);
  tile->tally[plan->tally.curve_basins + k * count + basin]++;
  if (plan->observe_transitions)
    tile->tally[plan->tally.basin_transitions + (k * count + tile->last_basin[i]) * count +
                basin]++;
  tile->last_basin[i] = (uint8_t)basin;
}

/* Not at step 0, before the first gradient. */
ESC_LANE void observe_snr(esc_tile *tile, int64_t k, int i, int s)
{
  const esc_plan *const plan = tile->plan;
  for (int j = 0; plan->steps[k] > 0 && j < plan->dimension; j++) {
    const esc_real ratio = snr_at(tile, s, i, j);
    esc_tally_word *const words =
        tile->tally + plan->tally.snr + (k * plan->dimension + j) * esc_snr_words(ESC_REAL_BITS);
    if (!esc_is_finite(ratio))
      continue;
    add_moments(words, ratio);
    words[esc_moment_words(ESC_REAL_BITS) + esc_snr_bin(ratio)]++;
  }
}

/* The distance from a point, over its largest coordinate so that no square overflows, as an update
 * is clipped. */
ESC_LANE esc_real distance_from(const esc_plan *plan, esc_point p, const double *point)
{
  esc_real largest = 0, squares = 0;
  for (int j = 0; j < plan->dimension; j++) {
    const esc_real size = esc_abs(coordinate(p, j) - (esc_real)point[j]);
    largest = size > largest ? size : largest;
  }
  if (plan->dimension == 1)
    return esc_abs(*p.x - (esc_real)point[0]);
  const esc_real unit = esc_clip_unit(largest);
  for (int j = 0; j < plan->dimension; j++)
    squares = esc_clip_add(squares, coordinate(p, j) - (esc_real)point[j], unit);
  return unit * esc_sqrt(squares);
}

/* Observation k of lane i, at p after step s of the group. */
ESC_LANE void observe(esc_tile *tile, int64_t k, esc_point p, int i, int s)
{
  const esc_plan *const plan = tile->plan;
  const esc_tally_layout *const at = &plan->tally;
  esc_tally_word *const tally = tile->tally;
  const int moments = esc_moment_words(ESC_REAL_BITS);
  tally[at->alive + k]++;
  for (int b = 0; b < plan->near_count; b++) {
    const int64_t place = b * plan->step_count + k;
    tally[at->near + place] += in_ball(plan, p, plan->near[b].point, plan->near[b].squared_radius);
    tally[at->stuck + place] += still_in(tile, b, i, s);
  }
  if (plan->observe_moments)
    for (int j = 0; j < plan->dimension; j++)
      add_moments(tally + at->curve_moments + (k * plan->dimension + j) * moments,
                  coordinate(p, j));
  if (plan->observe_loss) {
    const esc_real loss = loss_at(tile, p);
    if (esc_is_finite(loss))
      add_moments(tally + at->curve_loss + k * moments, loss);
  }
  if (plan->basin_count)
    observe_basin(tile, k, p, i);
  if (plan->observe_snr)
    observe_snr(tile, k, i, s);
}

ESC_LANE void add_correlation(esc_tile *tile, esc_point p, int i)
{
  const esc_plan *const plan = tile->plan;
  const int words = esc_correlation_words(ESC_REAL_BITS);
  const int value = ESC_VALUE_DIGITS(ESC_REAL_BITS), product = ESC_PRODUCT_DIGITS(ESC_REAL_BITS);
  for (int lag = 0; lag < plan->lag_count; lag++)
    for (int j = 0; j < plan->dimension; j++) {
      esc_tally_word *sum =
          tile->tally + plan->tally.correlation + (int64_t)(lag * plan->dimension + j) * words;
      const ptrdiff_t at = ((ptrdiff_t)lag * plan->dimension + j) * tile->stride + i;
      const esc_parts x = esc_parts_of(tile->lagged[at]), y = esc_parts_of(coordinate(p, j));
      *sum++ += 1;
      esc_sum_value(sum, x);
      esc_sum_value(sum += value, y);
      esc_sum_square(sum += value, x);
      esc_sum_square(sum += product, y);
      esc_sum_product(sum + product, x, y);
    }
}

ESC_LANE void add_time(const esc_plan *plan, esc_tally_word *outcome, int64_t steps)
{
  outcome[plan->tally.outcome_bins + esc_time_bin(steps)]++;
  if (steps < ESC_TIME_EXACT)
    return; /* the bin says it all */
  esc_sum_whole(outcome + plan->tally.outcome_times, (uint64_t)steps);
  esc_sum_whole(outcome + plan->tally.outcome_squares, (uint64_t)steps * (uint64_t)steps);
}

ESC_LANE void add_last_position(esc_tile *tile, int i, esc_point p)
{
  const esc_plan *const plan = tile->plan;
  const esc_tally_layout *const at = &plan->tally;
  if (plan->observe_loss) {
    const esc_real loss = loss_at(tile, p);
    if (esc_is_finite(loss))
      add_moments(tile->tally + at->final_loss, loss);
  }
  if (plan->histogram_bins)
    add_histogram(plan, tile->tally + at->histogram, plan->histogram_bins, plan->histogram_low,
                  plan->histogram_per_width, p, 1);
  if (plan->basin_count && esc_is_finite(*p.x)) {
    const int basin = basin_of(plan, *p.x);
    tile->tally[at->basins + basin]++;
    tile->tally[at->basin_moves + tile->first_basin[i] * (plan->basin_count + 1) + basin]++;
  }
  if (plan->observe_tail) {
    const esc_real distance = distance_from(plan, p, plan->tail_point);
    if (esc_is_finite(distance))
      tile->tally[at->tail + esc_tail_bin(distance)]++;
  }
}

/* Watched balls and the occupation histogram count whole groups: what came after the end goes off
 * again. Positions from step `from` on do not count. */
ESC_LANE void take_back(esc_tile *tile, int i, int from)
{
  const esc_plan *const plan = tile->plan;
  for (int s = from; s <= ESC_GROUP; s++) {
    const esc_point p = position(tile, s, i);
    for (int b = 0; b < plan->near_count; b++)
      tile->inside[b][i] -= in_ball(plan, p, plan->near[b].point, plan->near[b].squared_radius);
    if (plan->occupation_bins)
      occupy(tile, p, -1);
  }
}

/* What the observers want to know of an episode at its end. */
ESC_LANE void tally_observed(esc_tile *tile, int i, int64_t steps, int outcome, esc_point p)
{
  const esc_plan *const plan = tile->plan;
  const esc_tally_layout *const at = &plan->tally;
  esc_tally_word *const tally = tile->tally;
  add_last_position(tile, i, p);
  if (tile->next_step[i] < plan->step_count) /* the first step that did not see it alive */
    tally[at->ends + (int64_t)outcome * plan->step_count + tile->next_step[i]]++;
  if (plan->observe_overshoot && outcome < 2) {
    const esc_real wall = (esc_real)plan->walls[outcome];
    add_moments(tally + at->outcome + (int64_t)outcome * at->outcome_words + at->outcome_overshoot,
                outcome ? *p.x - wall : wall - *p.x);
  }
  if (plan->rate_after > 0 && steps > plan->rate_after) {
    esc_sum_whole(tally + at->rate_at_risk, (uint64_t)(steps - plan->rate_after));
    tally[at->rate_events] += outcome < esc_plan_running(plan);
  }
  for (int b = 0; b < plan->near_count; b++) {
    esc_tally_word *const residence = tally + at->residence + b * 2 * ESC_WHOLE_DIGITS;
    const uint64_t inside = (uint64_t)tile->inside[b][i];
    esc_sum_whole(residence, inside);
    esc_sum_whole(residence + ESC_WHOLE_DIGITS, inside * inside);
  }
  if (plan->lag_count && outcome == esc_plan_running(plan))
    add_correlation(tile, p, i);
}

/* Lane i's episode ended after `steps` steps, at p: everything known of it goes to the tally. */
ESC_LANE void tally_episode(esc_tile *tile, int i, int64_t steps, int outcome, esc_point p)
{
  const esc_plan *const plan = tile->plan;
  esc_tally_word *const group =
      tile->tally + plan->tally.outcome + (int64_t)outcome * plan->tally.outcome_words;
  add_time(plan, group, steps);
  for (int j = 0; j < plan->dimension; j++)
    if (esc_is_finite(coordinate(p, j)))
      add_moments(group + plan->tally.outcome_final + j * esc_moment_words(ESC_REAL_BITS),
                  coordinate(p, j));
  if (!tile->bare)
    tally_observed(tile, i, steps, outcome, p);
}

#endif
