/* The parts of result.json about what was seen on the way: curves at the observed steps, time spent
 * in balls, correlations, basins. */
#include "result_json_parts.h"

#include <string.h>

void esc_json_put_fraction(esc_json_builder *builder, json_t *object, esc_estimate fraction)
{
  esc_json_put(builder, object, "fraction", esc_json_number(fraction.value));
  esc_json_put(builder, object, "ci95", esc_json_interval(fraction));
}

static json_t *curve_object(esc_json_builder *builder, const esc_estimate *curve, int64_t count)
{
  const esc_json_slice slice = {count, 1};
  json_t *object = json_object();
  esc_json_put(builder, object, "fraction", esc_json_values(builder, curve, slice));
  esc_json_put(builder, object, "ci95", esc_json_intervals(builder, curve, slice));
  return object;
}

static void put_survival(esc_json_builder *builder, json_t *object, const esc_report *report)
{
  const esc_json_slice slice = {report->curves.step_count, 1};
  const esc_estimate *survival = report->curves.survival;
  if (!survival)
    return;
  esc_json_put(builder, object, "survival", esc_json_values(builder, survival, slice));
  esc_json_put(builder, object, "survival_ci95", esc_json_intervals(builder, survival, slice));
}

static void put_incidence(esc_json_builder *builder, json_t *object, const esc_report *report)
{
  const esc_json_slice slice = {report->curves.step_count, 1};
  json_t *values = json_object();
  json_t *intervals = json_object();
  for (int i = 0; i < report->outcome_count; i++) {
    const esc_outcome *outcome = &report->outcomes[i];
    if (!outcome->incidence || !strcmp(outcome->name, "running"))
      continue;
    esc_json_put(builder, values, outcome->name,
                 esc_json_values(builder, outcome->incidence, slice));
    esc_json_put(builder, intervals, outcome->name,
                 esc_json_intervals(builder, outcome->incidence, slice));
  }
  esc_json_put(builder, object, "incidence", values);
  esc_json_put(builder, object, "incidence_ci95", intervals);
}

static void put_presence(esc_json_builder *builder, json_t *object, const esc_report *report)
{
  const int64_t count = report->curves.step_count;
  json_t *near = json_object();
  json_t *stuck = json_object();
  for (int i = 0; i < report->near_count; i++) {
    const esc_near_report *ball = &report->nears[i];
    if (ball->fraction)
      esc_json_put(builder, near, ball->name, curve_object(builder, ball->fraction, count));
    if (ball->stuck)
      esc_json_put(builder, stuck, ball->name, curve_object(builder, ball->stuck, count));
  }
  esc_json_put(builder, object, "near", near);
  esc_json_put(builder, object, "stuck", stuck);
}

/* Lists per coordinate, each with one number per step: every list is a curve. */
static json_t *moment_curves(esc_json_builder *builder, const esc_report *report,
                             const esc_moments *moments)
{
  static const char *const names[4] = {"mean", "mean_ci95", "variance", "variance_ci95"};
  const esc_json_slice slice = {report->curves.step_count, report->dimension};
  json_t *object = json_object();
  for (int part = 0; part < 4; part++) {
    json_t *coordinates = json_array();
    for (int j = 0; j < report->dimension; j++)
      esc_json_append(builder, coordinates,
                      esc_json_moments_part(builder, moments + j, slice, part >= 2, part % 2 == 1));
    esc_json_put(builder, object, names[part], coordinates);
  }
  return object;
}

/* The moments of the signal to noise, and a list per coordinate of each quantile. */
static json_t *snr_curves(esc_json_builder *builder, const esc_report *report)
{
  const esc_json_slice slice = {report->curves.step_count, 3 * (int64_t)report->dimension};
  json_t *object = moment_curves(builder, report, report->snr);
  json_t *values = json_object();
  json_t *intervals = json_object();
  for (int q = 0; q < 3; q++) {
    json_t *value = json_array();
    json_t *interval = json_array();
    for (int j = 0; j < report->dimension; j++) {
      const esc_estimate *const first = report->snr_quantiles + 3 * j + q;
      esc_json_append(builder, value, esc_json_values(builder, first, slice));
      esc_json_append(builder, interval, esc_json_intervals(builder, first, slice));
    }
    esc_json_put(builder, values, esc_json_quantile_names[q], value);
    esc_json_put(builder, intervals, esc_json_quantile_names[q], interval);
  }
  esc_json_put(builder, object, "quantiles", values);
  esc_json_put(builder, object, "quantiles_ci95", intervals);
  return object;
}

static json_t *loss_curves(esc_json_builder *builder, const esc_report *report)
{
  const esc_json_slice slice = {report->curves.step_count, 1};
  json_t *object = json_object();
  esc_json_put_moments(builder, object, report->curves.loss, slice);
  return object;
}

json_t *esc_json_curves(esc_json_builder *builder, const esc_report *report)
{
  const int64_t count = report->curves.step_count;
  json_t *object = json_object();
  esc_json_put(builder, object, "steps", esc_json_integers(builder, report->curves.steps, count));
  if (report->curves.alive)
    esc_json_put(builder, object, "alive", esc_json_integers(builder, report->curves.alive, count));
  put_survival(builder, object, report);
  put_incidence(builder, object, report);
  if (report->near_count > 0)
    put_presence(builder, object, report);
  if (report->curves.moments)
    esc_json_put(builder, object, "moments",
                 moment_curves(builder, report, report->curves.moments));
  if (report->curves.loss)
    esc_json_put(builder, object, "loss", loss_curves(builder, report));
  if (report->snr)
    esc_json_put(builder, object, "snr", snr_curves(builder, report));
  return object;
}

json_t *esc_json_residence(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  for (int i = 0; i < report->near_count; i++) {
    json_t *entry = json_object();
    esc_json_put(builder, entry, "mean_steps", esc_json_number(report->nears[i].residence.value));
    esc_json_put(builder, entry, "ci95", esc_json_interval(report->nears[i].residence));
    esc_json_put(builder, object, report->nears[i].name, entry);
  }
  return object;
}

json_t *esc_json_correlation(esc_json_builder *builder, const esc_report *report)
{
  const esc_json_slice slice = {report->correlation_count, report->dimension};
  json_t *object = json_object();
  json_t *values = json_array();
  json_t *intervals = json_array();
  for (int j = 0; j < report->dimension; j++) {
    esc_json_append(builder, values, esc_json_values(builder, report->correlation + j, slice));
    esc_json_append(builder, intervals,
                    esc_json_intervals(builder, report->correlation + j, slice));
  }
  esc_json_put(builder, object, "lags",
               esc_json_integers(builder, report->correlation_lags, report->correlation_count));
  esc_json_put(builder, object, "value", values);
  esc_json_put(builder, object, "ci95", intervals);
  return object;
}

static json_t *basin_object(esc_json_builder *builder, const esc_report *report,
                            const esc_basin *basin)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "low", esc_json_number(basin->low));
  esc_json_put(builder, object, "high", esc_json_number(basin->high));
  esc_json_put(builder, object, "minimum", esc_json_number(basin->minimum));
  esc_json_put(builder, object, "count", json_integer(basin->count));
  esc_json_put_fraction(builder, object, basin->fraction);
  if (basin->curve && report->curves.step_count > 0)
    esc_json_put(builder, object, "curve",
                 curve_object(builder, basin->curve, report->curves.step_count));
  return object;
}

static json_t *settled_object(esc_json_builder *builder, double loss, int64_t count,
                              esc_estimate fraction)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "loss", esc_json_number(loss));
  esc_json_put(builder, object, "count", json_integer(count));
  esc_json_put_fraction(builder, object, fraction);
  return object;
}

static void put_settled(esc_json_builder *builder, json_t *object, const esc_report *report)
{
  json_t *points = json_array(), *levels = json_array();
  for (int i = 0; i < report->settled.point_count; i++) {
    const esc_basin_point *at = &report->settled.points[i];
    json_t *basin = settled_object(builder, at->loss, at->count, at->fraction);
    esc_json_put(builder, basin, "point", esc_json_numbers(builder, at->point, report->dimension));
    esc_json_append(builder, points, basin);
  }
  for (int i = 0; i < report->settled.level_count; i++) {
    const esc_basin_level *level = &report->settled.levels[i];
    esc_json_append(builder, levels,
                    settled_object(builder, level->loss, level->count, level->fraction));
  }
  esc_json_put(builder, object, "of", json_integer(report->settled.of));
  esc_json_put(builder, object, "points", points);
  esc_json_put(builder, object, "other", json_integer(report->settled.other));
  esc_json_put(builder, object, "levels", levels);
  esc_json_put(builder, object, "unsettled", json_integer(report->settled.unsettled));
}

/* A row for the basin it went from, a number for each it went to; the ridge is the last. */
static json_t *move_rows(esc_json_builder *builder, const int64_t *counts, int basins)
{
  json_t *rows = json_array();
  for (int64_t from = 0; from <= basins; from++)
    esc_json_append(builder, rows,
                    esc_json_integers(builder, counts + from * (basins + 1), basins + 1));
  return rows;
}

static json_t *transition_list(esc_json_builder *builder, const esc_report *report)
{
  const int64_t counts = (int64_t)(report->basin_count + 1) * (report->basin_count + 1);
  json_t *list = json_array();
  for (int64_t k = 0; k < report->curves.step_count; k++)
    esc_json_append(
        builder, list,
        move_rows(builder, report->basin_transitions + k * counts, report->basin_count));
  return list;
}

json_t *esc_json_basins(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  json_t *list = json_array();
  if (report->settled.of > 0) {
    json_decref(list);
    put_settled(builder, object, report);
    return object;
  }
  for (int i = 0; i < report->basin_count; i++)
    esc_json_append(builder, list, basin_object(builder, report, &report->basins[i]));
  esc_json_put(builder, object, "intervals", list);
  esc_json_put(builder, object, "ridge", json_integer(report->ridge_count));
  if (report->basin_moves)
    esc_json_put(builder, object, "moves",
                 move_rows(builder, report->basin_moves, report->basin_count));
  if (report->basin_transitions)
    esc_json_put(builder, object, "transitions", transition_list(builder, report));
  return object;
}
