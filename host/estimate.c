/* Estimates. Every formula is in docs/statistics.md. */
#include "host/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "host/intervals.h"

esc_outcome_set esc_exits(const esc_plan *plan)
{
  return ((esc_outcome_set)1 << esc_plan_running(plan)) - 1;
}

static esc_time_sums sums_of(const esc_plan *plan, const int64_t *tally, esc_outcome_set set)
{
  esc_time_sums sums = {0, {0.0, 0.0}, {0.0, 0.0}};
  for (int k = 0; k < plan->outcomes; k++)
    if (set >> k & 1)
      sums = esc_time_sums_add(sums, esc_outcome_times(plan, tally, k));
  return sums;
}

/* The number of times in bins up to and with `bin`, over a set of outcomes. */
static int64_t count_in_bin(const esc_plan *plan, const int64_t *tally, esc_outcome_set set,
                            int bin)
{
  const esc_tally_layout *const at = &plan->tally;
  int64_t count = 0;
  for (int k = 0; k < plan->outcomes; k++)
    if (set >> k & 1)
      count += tally[at->outcome + (int64_t)k * at->outcome_words + at->outcome_bins + bin];
  return count;
}

/* The quantile of T over `total` trajectories of which those of `ended` have one. A bin of width 1
 * is a time itself; in a wider one the value is its middle and the interval its ends. */
static esc_estimate time_quantile(const esc_plan *plan, const int64_t *tally, esc_outcome_set ended,
                                  int64_t total, double q)
{
  esc_estimate quantile = esc_no_estimate();
  if (total < 1)
    return quantile;
  int64_t low, high, seen = 0;
  const int64_t middle = (int64_t)ceil(q * (double)total) - 1;
  esc_quantile_ranks(q, total, &low, &high);
  for (int bin = 0; bin < plan->tally.time_bins && seen <= high; bin++) {
    seen += count_in_bin(plan, tally, ended, bin);
    const double first = (double)esc_time_bin_edge(bin);
    const double edge = (double)esc_time_bin_edge(bin + 1) - 1.0;
    const double last = fmin(edge, (double)plan->stop_steps);
    if (isnan(quantile.low) && seen > low)
      quantile.low = low < 0 ? 0.0 : first;
    if (isnan(quantile.value) && seen > middle)
      quantile.value = 0.5 * (first + last);
    if (isnan(quantile.high) && seen > high)
      quantile.high = last;
  }
  return isnan(quantile.value) ? esc_no_estimate() : quantile;
}

esc_times esc_estimate_times(const esc_plan *plan, const int64_t *tally, esc_outcome_set ended,
                             esc_outcome_set group)
{
  static const double shares[3] = {0.05, 0.5, 0.95};
  const esc_time_sums of_ended = sums_of(plan, tally, ended), of_all = sums_of(plan, tally, group);
  const esc_mean_variance exited =
      esc_mean_variance_of(of_ended.count, of_ended.sum, of_ended.squares);
  const esc_mean_variance all = esc_mean_variance_of(of_all.count, of_all.sum, of_all.squares);
  esc_times times = {.count = of_ended.count, .sd = (double)NAN};
  times.mean = esc_no_estimate();
  times.sd_of_exited = sqrt(exited.variance);
  times.mean_of_exited = esc_mean_interval(exited.mean, times.sd_of_exited, exited.count);
  times.restricted_mean = esc_mean_interval(all.mean, sqrt(all.variance), all.count);
  if (of_all.count == of_ended.count) {
    times.mean = times.mean_of_exited;
    times.sd = times.sd_of_exited;
  }
  /* walkers that restart have no common limit: the last episode of each is cut where it happens */
  if (plan->renew)
    times.restricted_mean = esc_no_estimate();
  for (int k = 0; k < 3; k++)
    times.quantiles[k] = plan->renew ? esc_no_estimate()
                                     : time_quantile(plan, tally, ended, of_all.count, shares[k]);
  return times;
}

esc_estimate esc_estimate_rate(const esc_plan *plan, const int64_t *tally, int64_t *events,
                               int64_t *at_risk)
{
  const esc_outcome_set all = ((esc_outcome_set)1 << plan->outcomes) - 1;
  if (plan->rate_after > 0) {
    *events = tally[plan->tally.rate_events];
    *at_risk = esc_whole(esc_digits_value(tally + plan->tally.rate_at_risk, ESC_WHOLE_DIGITS, 0));
  } else {
    /* an end at step 0 took no step: it is no event of the chain */
    *events =
        sums_of(plan, tally, esc_exits(plan)).count - count_in_bin(plan, tally, esc_exits(plan), 0);
    *at_risk = esc_whole(sums_of(plan, tally, all).sum);
  }
  return esc_rate(*events, (double)*at_risk);
}

esc_moments esc_estimate_moments(const int64_t *words, int state_bits)
{
  const esc_mean_variance value = esc_moments_value(words, state_bits);
  const esc_moments moments = {
      value.count, esc_mean_interval(value.mean, sqrt(value.variance), value.count),
      value.count > 1 ? esc_variance_interval(value.variance, value.count) : esc_no_estimate()};
  return moments;
}

/* --- quantiles --- */

/* Puts the values of [from, to) below the pivot in front (or, if `equal`, those up to it too);
 * returns where the others begin. Without branches, which would be guessed wrong half of the time.
 */
static int64_t part(double *values, int64_t from, int64_t to, double pivot, int equal)
{
  int64_t front = from;
  for (int64_t i = from; i < to; i++) {
    const double value = values[i];
    values[i] = values[front];
    values[front] = value;
    front += (value < pivot) | (equal & (value == pivot));
  }
  return front;
}

static void insert_sort(double *values, int64_t from, int64_t to)
{
  for (int64_t i = from + 1; i < to; i++) {
    const double value = values[i];
    int64_t at = i;
    for (; at > from && values[at - 1] > value; at--)
      values[at] = values[at - 1];
    values[at] = value;
  }
}

/* Quicksort (Hoare 1961) that leaves alone what holds none of the ranks, which rise. */
static void sort_ranks(double *values, int64_t from, int64_t to, const int64_t *ranks, int count,
                       uint32_t draw)
{
  while (count > 0 && to - from > 16) {
    draw = draw * 1664525u + 1013904223u; /* no order of the values is a bad one */
    const double pivot = values[from + (int64_t)((uint64_t)draw * (uint64_t)(to - from) >> 32)];
    int64_t border = part(values, from, to, pivot, 0);
    const int least = border == from; /* the pivot: all that equal it come first */
    if (least)
      border = part(values, from, to, pivot, 1);
    int lower = 0;
    while (lower < count && ranks[lower] < border)
      lower++;
    if (!least)
      sort_ranks(values, from, border, ranks, lower, draw);
    from = border;
    ranks += lower;
    count -= lower;
  }
  if (count > 0)
    insert_sort(values, from, to);
}

static int by_rank(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t rank_of(int64_t count, double q)
{
  const int64_t middle = (int64_t)ceil(q * (double)count) - 1;
  return middle < 0 ? 0 : middle;
}

void esc_sort_for_quantiles(double *values, int64_t count, const double shares[3])
{
  int64_t ranks[9];
  int wanted = 0;
  for (int k = 0; k < 3; k++) {
    int64_t of_share[3] = {0, rank_of(count, shares[k]), 0};
    esc_quantile_ranks(shares[k], count, &of_share[0], &of_share[2]);
    for (int i = 0; i < 3; i++)
      if (of_share[i] >= 0 && of_share[i] < count)
        ranks[wanted++] = of_share[i];
  }
  qsort(ranks, (size_t)wanted, sizeof *ranks, by_rank);
  sort_ranks(values, 0, count, ranks, wanted, 1);
}

esc_estimate esc_sorted_quantile(const double *sorted, int64_t count, double q)
{
  if (count < 1)
    return esc_no_estimate();
  int64_t low, high, middle = rank_of(count, q);
  esc_quantile_ranks(q, count, &low, &high);
  const esc_estimate quantile = {sorted[middle], low < 0 ? (double)NAN : sorted[low],
                                 high < count ? sorted[high] : (double)NAN};
  return quantile;
}
