/* The report of a result: every estimate of result.h, formed from the tally. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/basins.h"
#include "host/error.h"
#include "host/estimate.h"
#include "host/intervals.h"
#include "host/held_result.h"
#include "host/precision.h"

/* Room for `count` things in the report; sets *failed if there is none. */
#define OWN(result, pointer, count, failed)                                                        \
  ((pointer) = esc_result_own((result), (count), sizeof *(pointer)),                               \
   *(failed) |= (pointer) == NULL, (pointer) != NULL)

/* --- the parts --- */

static const int64_t *outcome_words(const esc_result *result, int k)
{
  const esc_tally_layout *const at = &result->planned->plan.tally;
  return result->tally + at->outcome + (int64_t)k * at->outcome_words;
}

/* Moments that the law of the positions does not have are not estimated. */
static esc_moments existing(const esc_result *result, esc_moments moments)
{
  if (result->planned->moments < 2) {
    moments.variance = esc_no_estimate();
    moments.mean.low = moments.mean.high = (double)NAN;
  }
  if (result->planned->moments < 1)
    moments.mean = esc_no_estimate();
  return moments;
}

static const esc_moments *all_moments(esc_result *result, const int64_t *words, int64_t count,
                                      int *failed)
{
  const int bits = result->planned->plan.state_bits;
  esc_moments *moments;
  if (OWN(result, moments, count, failed))
    for (int64_t k = 0; k < count; k++)
      moments[k] = existing(result, esc_estimate_moments(words + k * esc_moment_words(bits), bits));
  return moments;
}

/* The cumulative share that ended so by each step. */
static const esc_estimate *incidence(esc_result *result, int outcome, int64_t total, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const int64_t *const ends =
      result->tally + plan->tally.ends + (int64_t)outcome * plan->step_count;
  esc_estimate *curve;
  if (plan->step_count == 0 || !OWN(result, curve, plan->step_count, failed))
    return NULL;
  int64_t seen = 0;
  for (int64_t k = 0; k < plan->step_count; k++)
    curve[k] = esc_wilson(seen += ends[k], total);
  return curve;
}

static void form_outcomes(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const esc_tally_layout *const at = &plan->tally;
  esc_report *const report = &result->report;
  esc_outcome *outcomes;
  if (!OWN(result, outcomes, plan->outcomes, failed))
    return;
  for (int k = 0; k < plan->outcomes; k++)
    report->episodes += esc_outcome_times(plan, result->tally, k).count;
  for (int k = 0; k < plan->outcomes; k++) {
    const int64_t *const words = outcome_words(result, k);
    esc_outcome *const outcome = &outcomes[k];
    const esc_outcome_set self = (esc_outcome_set)1 << k;
    outcome->name = result->planned->names.outcome[k];
    outcome->exit_steps = esc_estimate_times(plan, result->tally, self, self);
    outcome->count = outcome->exit_steps.count;
    outcome->fraction = esc_wilson(outcome->count, report->episodes);
    outcome->final = all_moments(result, words + at->outcome_final, plan->dimension, failed);
    if (plan->observe_overshoot && k < 2)
      outcome->overshoot = all_moments(result, words + at->outcome_overshoot, 1, failed);
    if (k != esc_plan_running(plan))
      outcome->incidence = incidence(result, k, report->episodes, failed);
    outcome->time_counts = words + at->outcome_bins;
  }
  report->outcome_count = plan->outcomes;
  report->outcomes = outcomes;
}

static void form_times(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  esc_report *const report = &result->report;
  const esc_outcome_set all = ((esc_outcome_set)1 << plan->outcomes) - 1;
  report->exit_steps = esc_estimate_times(plan, result->tally, esc_exits(plan), all);
  report->rate.per_step =
      esc_estimate_rate(plan, result->tally, &report->rate.events, &report->rate.steps_at_risk);
  report->rate.after = plan->rate_after;
  int64_t last = 0, *edges;
  for (int k = 0; k < plan->outcomes; k++)
    for (int bin = 0; bin < plan->tally.time_bins; bin++)
      if (outcome_words(result, k)[plan->tally.outcome_bins + bin] && bin >= last)
        last = bin + 1;
  if (!OWN(result, edges, last + 1, failed))
    return;
  for (int bin = 0; bin <= last; bin++)
    edges[bin] = esc_time_bin_edge(bin);
  report->time_bin_count = last;
  report->time_edges = edges;
}

/* Quantiles of the last position, from the first trajectories: exact order statistics. */
static void form_final_quantiles(esc_result *result, int *failed)
{
  static const double shares[3] = {0.05, 0.5, 0.95};
  const esc_plan *const plan = &result->planned->plan;
  int64_t count =
      result->trajectories < result->finals_kept ? result->trajectories : result->finals_kept;
  count = count < ESC_FINALS_KEPT ? count : ESC_FINALS_KEPT;
  if (plan->renew || count < 1)
    return;
  esc_estimate *quantiles;
  /* in place where nobody will ask for the positions themselves */
  const int in_place = plan->dimension == 1 && !result->planned->samples;
  double *const sorted = in_place ? result->finals : malloc((size_t)count * sizeof *sorted);
  *failed |= sorted == NULL;
  if (!sorted || !OWN(result, quantiles, 3 * plan->dimension, failed)) {
    free(in_place ? NULL : sorted);
    return;
  }
  for (int j = 0; j < plan->dimension; j++) {
    int64_t finite = 0;
    for (int64_t i = 0; i < count; i++) {
      const double x = result->finals[i * plan->dimension + j];
      if (!isnan(x))
        sorted[finite++] = x;
    }
    esc_sort_for_quantiles(sorted, finite, shares);
    for (int k = 0; k < 3; k++)
      quantiles[3 * j + k] = esc_sorted_quantile(sorted, finite, shares[k]);
  }
  free(in_place ? NULL : sorted);
  result->report.final_quantiles = quantiles;
}

/* The last positions of all: the outcomes' moments taken together. */
static void form_final(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const esc_tally_layout *const at = &plan->tally;
  const int words = esc_moment_words(plan->state_bits);
  int64_t *all;
  if (!OWN(result, all, (int64_t)words * plan->dimension, failed))
    return;
  for (int k = 0; k < plan->outcomes; k++)
    for (int i = 0; i < words * plan->dimension; i++)
      all[i] += outcome_words(result, k)[at->outcome_final + i];
  result->report.final = all_moments(result, all, plan->dimension, failed);
  if (plan->observe_loss)
    result->report.final_loss =
        existing(result, esc_estimate_moments(result->tally + at->final_loss, plan->state_bits));
}

static void form_histogram(esc_result *result, esc_histogram *to,
                           const esc_histogram_request *request, const int64_t *words, int *failed)
{
  const int dimension = result->planned->plan.dimension, bins = request->bins;
  int64_t *counts, *below, *above;
  if (bins == 0 || !OWN(result, counts, (int64_t)dimension * bins, failed) ||
      !OWN(result, below, dimension, failed) || !OWN(result, above, dimension, failed))
    return;
  for (int j = 0; j < dimension; j++) {
    const int64_t *const row = words + (int64_t)j * (bins + 2);
    below[j] = row[0];
    above[j] = row[bins + 1];
    memcpy(counts + (int64_t)j * bins, row + 1, (size_t)bins * sizeof *counts);
  }
  *to = (esc_histogram){bins, request->low, request->high, counts, below, above};
}

static const esc_estimate *shares(esc_result *result, const int64_t *counts, int64_t count,
                                  int64_t stride, int *failed)
{
  esc_estimate *curve;
  if (count > 0 && OWN(result, curve, count, failed)) {
    for (int64_t k = 0; k < count; k++)
      curve[k] = esc_wilson(counts[k * stride], result->trajectories);
    return curve;
  }
  return NULL;
}

static void form_nears(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const esc_tally_layout *const at = &plan->tally;
  esc_report *const report = &result->report;
  esc_near_report *nears;
  if (plan->near_count == 0 || !OWN(result, nears, plan->near_count, failed))
    return;
  for (int b = 0; b < plan->near_count; b++) {
    const int64_t *const sums = result->tally + at->residence + b * 2 * ESC_WHOLE_DIGITS;
    const esc_mean_variance steps =
        esc_mean_variance_of(report->episodes, esc_digits_value(sums, ESC_WHOLE_DIGITS, 0),
                             esc_digits_value(sums + ESC_WHOLE_DIGITS, ESC_WHOLE_DIGITS, 0));
    nears[b].name = result->planned->names.near[b];
    nears[b].fraction = shares(result, result->tally + at->near + b * plan->step_count,
                               plan->step_count, 1, failed);
    nears[b].stuck = shares(result, result->tally + at->stuck + b * plan->step_count,
                            plan->step_count, 1, failed);
    nears[b].residence = esc_mean_interval(steps.mean, sqrt(steps.variance), steps.count);
  }
  report->near_count = plan->near_count;
  report->nears = nears;
}

static void form_curves(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const esc_tally_layout *const at = &plan->tally;
  esc_report *const report = &result->report;
  form_nears(result, failed);
  if (plan->step_count == 0)
    return;
  report->curves.step_count = plan->step_count;
  report->curves.steps = plan->steps;
  report->curves.alive = result->tally + at->alive;
  report->curves.survival = shares(result, result->tally + at->alive, plan->step_count, 1, failed);
  if (plan->observe_moments)
    report->curves.moments = all_moments(result, result->tally + at->curve_moments,
                                         plan->step_count * plan->dimension, failed);
  if (plan->observe_loss)
    report->curves.loss =
        all_moments(result, result->tally + at->curve_loss, plan->step_count, failed);
}

static void form_correlation(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const int bits = plan->state_bits, unit = ESC_VALUE_UNIT(bits);
  const int value = ESC_VALUE_DIGITS(bits), product = ESC_PRODUCT_DIGITS(bits);
  const int64_t count = (int64_t)plan->lag_count * plan->dimension;
  int64_t *lags;
  esc_estimate *correlation;
  if (count == 0 || !OWN(result, lags, plan->lag_count, failed) ||
      !OWN(result, correlation, count, failed))
    return;
  for (int lag = 0; lag < plan->lag_count; lag++)
    lags[lag] = plan->lags[plan->lag_count - 1 - lag]; /* rising again */
  for (int64_t k = 0; k < count; k++) {
    const int64_t place =
        (plan->lag_count - 1 - k / plan->dimension) * plan->dimension + k % plan->dimension;
    const int64_t *const words =
        result->tally + plan->tally.correlation + place * esc_correlation_words(bits);
    const int64_t *const sums = words + 1;
    const esc_pair x = esc_digits_value(sums, value, unit);
    const esc_pair y = esc_digits_value(sums + value, value, unit);
    const int64_t *const products = sums + 2 * value;
    const esc_mean_variance vx =
        esc_mean_variance_of(words[0], x, esc_digits_value(products, product, 2 * unit));
    const esc_mean_variance vy =
        esc_mean_variance_of(words[0], y, esc_digits_value(products + product, product, 2 * unit));
    const double n = (double)words[0];
    const esc_pair mean = esc_pair_divide(x, -n);
    const esc_pair both = esc_digits_value(products + 2 * product, product, 2 * unit);
    const double covariance =
        esc_pair_value(esc_pair_add(both, esc_pair_multiply(mean, y))) / (n - 1.0);
    correlation[k] =
        esc_correlation_interval(covariance / sqrt(vx.variance * vy.variance), words[0]);
  }
  result->report.correlation_count = plan->lag_count;
  result->report.correlation_lags = lags;
  result->report.correlation = correlation;
}

static void form_basins(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  const esc_landscape_info *const info = &result->planned->landscape;
  const int count = plan->basin_count;
  esc_basin *basins;
  if (count == 0 || !OWN(result, basins, count, failed))
    return;
  for (int k = 0; k < count; k++) {
    esc_basin *const basin = &basins[k];
    basin->low = k > 0 ? plan->ridges[k - 1] : -(double)INFINITY;
    basin->high = k + 1 < count ? plan->ridges[k] : (double)INFINITY;
    basin->minimum = (double)NAN;
    for (int m = 0; m < info->critical_count; m++)
      if (info->critical[m].kind < 0 && info->critical[m].position[0] > basin->low &&
          info->critical[m].position[0] < basin->high)
        basin->minimum = info->critical[m].position[0];
    basin->count = result->tally[plan->tally.basins + k];
    basin->fraction = esc_wilson(basin->count, result->report.episodes);
    basin->curve = shares(result, result->tally + plan->tally.curve_basins + k, plan->step_count,
                          count + 1, failed);
  }
  result->report.basin_count = count;
  result->report.basins = basins;
  result->report.ridge_count = result->tally[plan->tally.basins + count];
  result->report.basin_moves = result->tally + plan->tally.basin_moves;
  if (plan->observe_transitions)
    result->report.basin_transitions = result->tally + plan->tally.basin_transitions;
}

/* --- warnings --- */

#define WARNINGS_MAX 8

static void warn(esc_result *result, char **list, int *failed, const char *text)
{
  char *copy;
  if (result->report.warning_count == WARNINGS_MAX ||
      !OWN(result, copy, (int64_t)strlen(text) + 1, failed))
    return;
  strcpy(copy, text);
  list[result->report.warning_count++] = copy;
}

/* The standard deviation of a coordinate where noise is correlated, else its scale. */
static double noise_scale(const esc_plan *plan, const esc_plan_noise *noise, int j)
{
  double squares = 0.0;
  if (!noise->root)
    return (double)noise->scale[j];
  for (int k = 0; k <= j; k++) {
    const double part = (double)noise->root[j * plan->dimension + k];
    squares += part * part;
  }
  return sqrt(squares);
}

/* The size of a typical step against the spacing of floats at the last positions. A rule that
 * divides by the gradient's size takes steps of about lr; the others of lr times the noise. */
static int steps_round_away(const esc_result *result)
{
  const esc_plan *const plan = &result->planned->plan;
  const double ulp = plan->state_bits == 64 ? 0x1p-52 : 0x1p-23;
  double step = esc_plan_is_linear(plan) ? 0.0 : plan->lr, where = 0.0;
  for (int k = 0; k < plan->noise_count; k++)
    for (int j = 0; j < plan->dimension; j++) {
      const double scale = noise_scale(plan, &plan->noise[k], j);
      if (plan->noise[k].on_parameter || esc_plan_is_linear(plan))
        step = fmax(step, plan->noise[k].on_parameter ? scale : plan->lr * scale);
    }
  for (int j = 0; j < plan->dimension; j++) {
    const esc_moments *const final = &result->report.final[j];
    where = fmax(where, fmax(fabs(final->mean.value), sqrt(final->variance.value)));
  }
  return step > 0.0 && step < 8.0 * ulp * where;
}

static void form_warnings(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  esc_report *const report = &result->report;
  char **list, text[256];
  if (!OWN(result, list, WARNINGS_MAX, failed))
    return;
  report->warnings = (const char *const *)list;
  const double diverged = report->outcomes[esc_plan_diverged(plan)].fraction.value;
  if (diverged > 0.01) {
    snprintf(text, sizeof text, "%.3g %% of the trajectories diverged", 100.0 * diverged);
    warn(result, list, failed, text);
  }
  const int ends_asked_for = plan->has_walls || plan->set_count > 0;
  if (ends_asked_for && report->rate.events < 100) {
    const char *const words =
        report->rate.events == 0   ? "%lld events: nothing is known of the rate but a bound"
        : report->rate.events == 1 ? "only %lld event stands behind the rate and the exit times"
                                   : "only %lld events stand behind the rate and the exit times";
    snprintf(text, sizeof text, words, (long long)report->rate.events);
    warn(result, list, failed, text);
  }
  if (steps_round_away(result))
    warn(result, list, failed,
         "the typical step is below 8 ulp of the state: increments round away; use state: f64");
  if ((double)report->steps_total * plan->dimension > 0x1p62)
    warn(result, list, failed, "more variates than the refined uniforms' tails (2^-64) reach");
  if (result->interrupted) {
    snprintf(text, sizeof text, "interrupted: the first %lld of %lld trajectories",
             (long long)report->trajectories, (long long)report->trajectories_asked);
    warn(result, list, failed, text);
  }
}

static esc_precision precision_of(const esc_result *result)
{
  if (result->planned->until.of == ESC_UNTIL_NEVER)
    return ESC_PRECISION_NOT_ASKED;
  return result->precise ? ESC_PRECISION_REACHED : ESC_PRECISION_NOT_REACHED;
}

esc_status esc_result_form_report(esc_result *result)
{
  const esc_planned *const planned = result->planned;
  esc_report *const report = &result->report;
  int failed = 0;
  *report = (esc_report){.struct_size = sizeof *report,
                         .version = esc_version(),
                         .stream_version = esc_stream_version(),
                         .backend = result->backend,
                         .isa = result->isa,
                         .math = planned->plan.fast ? "fast" : "exact",
                         .state = planned->plan.state_bits == 64 ? "f64" : "f32",
                         .seed = planned->plan.seed,
                         .dimension = planned->plan.dimension,
                         .trajectories = result->trajectories,
                         .trajectories_asked = planned->trajectories,
                         .seconds = result->seconds,
                         .interrupted = result->interrupted,
                         .first_id = planned->plan.first_id,
                         .precision = precision_of(result),
                         .relative_error = esc_relative_error(planned, result->tally)};
  form_outcomes(result, &failed);
  if (!failed) {
    form_times(result, &failed);
    form_final(result, &failed);
    form_histogram(result, &report->histogram, &planned->histogram,
                   result->tally + planned->plan.tally.histogram, &failed);
    form_histogram(result, &report->occupation, &planned->occupation,
                   result->tally + planned->plan.tally.occupation, &failed);
    form_curves(result, &failed);
    form_correlation(result, &failed);
    form_basins(result, &failed);
    esc_result_form_sizes(result, &failed);
    failed |= !esc_form_settled(result);
    form_final_quantiles(result, &failed); /* last: it may leave the positions in another order */
  }
  if (failed)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the report");
  report->steps_total = esc_tally_steps(&planned->plan, result->tally);
  report->steps_per_second =
      result->seconds > 0.0 ? (double)report->steps_total / result->seconds : 0.0;
  report->lane_efficiency =
      result->lane_steps > 0 ? (double)report->steps_total / (double)result->lane_steps : 1.0;
  if (planned->samples) {
    report->sample_count = result->trajectories;
    report->sample_steps = result->sample_steps;
    report->sample_outcomes = result->sample_outcomes;
    report->sample_final = result->finals;
  } else { /* the quantiles are all that is wanted of them */
    free(result->finals);
    result->finals = NULL;
  }
  form_warnings(result, &failed);
  return failed ? esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the report")
                : ESC_STATUS_OK;
}
