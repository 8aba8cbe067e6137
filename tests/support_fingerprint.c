/* Hashes of the parts of a report (FNV-1a over 64-bit words; every NaN is the same). */
#include "tests/support_fingerprint.h"

#include <math.h>
#include <string.h>

static const char *const names[SUPPORT_PARTS] = {
    "counts", "outcomes", "exit times", "final positions", "histograms",
    "curves", "balls",    "basins",     "correlations",    "samples"};

static void add(uint64_t *hash, uint64_t word)
{
  *hash = (*hash ^ word) * 0x100000001b3;
  *hash ^= *hash >> 29;
}

static void add_number(uint64_t *hash, double x)
{
  uint64_t bits = 0x7ff8000000000000;
  if (!isnan(x))
    memcpy(&bits, &x, sizeof bits);
  add(hash, bits);
}

static void add_numbers(uint64_t *hash, const double *x, int64_t count)
{
  add(hash, x ? (uint64_t)count : 0);
  for (int64_t k = 0; x && k < count; k++)
    add_number(hash, x[k]);
}

static void add_counts(uint64_t *hash, const int64_t *x, int64_t count)
{
  add(hash, x ? (uint64_t)count : 0);
  for (int64_t k = 0; x && k < count; k++)
    add(hash, (uint64_t)x[k]);
}

static void add_estimates(uint64_t *hash, const esc_estimate *x, int64_t count)
{
  add_numbers(hash, (const double *)x, 3 * count); /* three doubles each */
}

static void add_moments(uint64_t *hash, const esc_moments *x, int64_t count)
{
  add(hash, x ? (uint64_t)count : 0);
  for (int64_t k = 0; x && k < count; k++) {
    add(hash, (uint64_t)x[k].count);
    add_estimates(hash, &x[k].mean, 1);
    add_estimates(hash, &x[k].variance, 1);
  }
}

static void add_times(uint64_t *hash, const esc_times *times)
{
  add(hash, (uint64_t)times->count);
  add_estimates(hash, &times->mean, 1);
  add_number(hash, times->sd);
  add_estimates(hash, &times->restricted_mean, 1);
  add_estimates(hash, &times->mean_of_exited, 1);
  add_number(hash, times->sd_of_exited);
  add_estimates(hash, times->quantiles, 3);
}

static void add_histogram(uint64_t *hash, const esc_histogram *h, int dimension)
{
  add(hash, (uint64_t)h->bins);
  add_counts(hash, h->counts, (int64_t)h->bins * dimension);
  add_counts(hash, h->below, h->bins ? dimension : 0);
  add_counts(hash, h->above, h->bins ? dimension : 0);
}

static void add_outcomes(uint64_t *hash, const esc_report *r)
{
  for (int k = 0; k < r->outcome_count; k++) {
    const esc_outcome *const o = &r->outcomes[k];
    add(hash, (uint64_t)o->name[0]);
    add(hash, (uint64_t)o->count);
    add_estimates(hash, &o->fraction, 1);
    add_times(hash, &o->exit_steps);
    add_moments(hash, o->final, r->dimension);
    add_moments(hash, o->overshoot, 1);
    add_estimates(hash, o->incidence, r->curves.step_count);
    add_counts(hash, o->time_counts, r->time_bin_count);
  }
}

static void add_curves(uint64_t *hash, const esc_report *r)
{
  const int64_t steps = r->curves.step_count;
  add_counts(hash, r->curves.steps, steps);
  add_counts(hash, r->curves.alive, steps);
  add_estimates(hash, r->curves.survival, steps);
  add_moments(hash, r->curves.moments, steps * r->dimension);
  add_moments(hash, r->curves.loss, steps);
  add_moments(hash, r->snr, steps * r->dimension);
  add_estimates(hash, r->snr_quantiles, 3 * steps * r->dimension);
}

static void add_balls(uint64_t *hash, const esc_report *r)
{
  for (int b = 0; b < r->near_count; b++) {
    add_estimates(hash, r->nears[b].fraction, r->curves.step_count);
    add_estimates(hash, r->nears[b].stuck, r->curves.step_count);
    add_estimates(hash, &r->nears[b].residence, 1);
  }
}

static void add_basins(uint64_t *hash, const esc_report *r)
{
  for (int b = 0; b < r->basin_count; b++) {
    add(hash, (uint64_t)r->basins[b].count);
    add_estimates(hash, r->basins[b].curve, r->curves.step_count);
  }
  add(hash, (uint64_t)r->ridge_count);
  const int64_t pairs = (int64_t)(r->basin_count + 1) * (r->basin_count + 1);
  add_counts(hash, r->basin_moves, pairs);
  add_counts(hash, r->basin_transitions, r->curves.step_count * pairs);
  for (int k = 0; k < r->settled.point_count; k++) {
    add(hash, (uint64_t)r->settled.points[k].count);
    for (int j = 0; j < r->dimension; j++)
      add_number(hash, r->settled.points[k].point[j]);
  }
  add(hash, (uint64_t)r->settled.unsettled);
}

static void add_tail(uint64_t *hash, const esc_tail_index *tail)
{
  if (!tail)
    return;
  add(hash, (uint64_t)tail->count);
  add(hash, (uint64_t)tail->beyond);
  add_estimates(hash, &tail->hill, 1);
  add_estimates(hash, &tail->block, 1);
}

static void add_samples(uint64_t *hash, const esc_report *r)
{
  add_counts(hash, r->sample_steps, r->sample_count);
  for (int64_t k = 0; r->sample_outcomes && k < r->sample_count; k++)
    add(hash, (uint64_t)r->sample_outcomes[k]);
  add_numbers(hash, r->sample_final, r->sample_count * r->dimension);
}

support_fingerprint support_fingerprint_of(const esc_report *r)
{
  support_fingerprint print;
  for (int k = 0; k < SUPPORT_PARTS; k++)
    print.part[k] = 0xcbf29ce484222325;
  add(&print.part[0], (uint64_t)r->trajectories);
  add(&print.part[0], (uint64_t)r->episodes);
  add(&print.part[0], (uint64_t)r->steps_total);
  add(&print.part[0], r->seed);
  add_outcomes(&print.part[1], r);
  add_times(&print.part[2], &r->exit_steps);
  add_estimates(&print.part[2], &r->rate.per_step, 1);
  add(&print.part[2], (uint64_t)r->rate.events);
  add(&print.part[2], (uint64_t)r->rate.steps_at_risk);
  add_counts(&print.part[2], r->time_edges, r->time_bin_count + 1);
  add_moments(&print.part[3], r->final, r->dimension);
  add_estimates(&print.part[3], r->final_quantiles, r->final_quantiles ? 3 * r->dimension : 0);
  add_moments(&print.part[3], &r->final_loss, 1);
  add_tail(&print.part[3], r->tail_index);
  add_histogram(&print.part[4], &r->histogram, r->dimension);
  add_histogram(&print.part[4], &r->occupation, r->dimension);
  add_curves(&print.part[5], r);
  add_balls(&print.part[6], r);
  add_basins(&print.part[7], r);
  add_estimates(&print.part[8], r->correlation, r->correlation_count * r->dimension);
  add_samples(&print.part[9], r);
  return print;
}

const char *support_difference(const support_fingerprint *a, const support_fingerprint *b)
{
  for (int k = 0; k < SUPPORT_PARTS; k++)
    if (a->part[k] != b->part[k])
      return names[k];
  return NULL;
}
