/* The order and the names of result.json (docs/results.md). Sections that were not asked for are
 * left out; within a section a number that does not exist is null. */
#include "result_json.h"

#include <string.h>

#include "host/io/io_error.h"
#include "json_builder.h"
#include "predictions_json.h"
#include "resolved_experiment.h"
#include "result_json_parts.h"

/* ---- what ran ---- */

void esc_json_put_origin(esc_json_builder *builder, json_t *root, const esc_report *report)
{
  esc_json_put(builder, root, "version", json_string(report->version ? report->version : ""));
  esc_json_put(builder, root, "stream_version", json_integer(report->stream_version));
  esc_json_put(builder, root, "backend", json_string(report->backend ? report->backend : ""));
  esc_json_put(builder, root, "isa", json_string(report->isa ? report->isa : ""));
  esc_json_put(builder, root, "math", json_string(report->math ? report->math : ""));
  esc_json_put(builder, root, "state", json_string(report->state ? report->state : ""));
  esc_json_put(builder, root, "seed", esc_json_unsigned(report->seed));
  esc_json_put(builder, root, "dimension", json_integer(report->dimension));
}

/* How much ran, and how fast. */
static void put_extent(esc_json_builder *builder, json_t *root, const esc_report *report)
{
  if (report->first_id > 0)
    esc_json_put(builder, root, "first_id", json_integer(report->first_id));
  esc_json_put(builder, root, "trajectories", json_integer(report->trajectories));
  esc_json_put(builder, root, "trajectories_asked", json_integer(report->trajectories_asked));
  esc_json_put(builder, root, "episodes", json_integer(report->episodes));
  esc_json_put(builder, root, "interrupted", json_boolean(report->interrupted));
  esc_json_put(builder, root, "steps_total", json_integer(report->steps_total));
  esc_json_put(builder, root, "seconds", esc_json_number(report->seconds));
  esc_json_put(builder, root, "steps_per_second", esc_json_number(report->steps_per_second));
  esc_json_put(builder, root, "lane_efficiency", esc_json_number(report->lane_efficiency));
}

/* Whether it became as precise as asked. */
static json_t *until_object(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "reached",
               json_boolean(report->precision == ESC_PRECISION_REACHED));
  esc_json_put(builder, object, "relative_error", esc_json_number(report->relative_error));
  return object;
}

static json_t *warnings_list(esc_json_builder *builder, const esc_report *report)
{
  json_t *list = json_array();
  for (int i = 0; i < report->warning_count; i++)
    esc_json_append(builder, list, json_string(report->warnings[i]));
  return list;
}

/* ---- how the trajectories ended ---- */

static json_t *outcomes_object(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  for (int i = 0; i < report->outcome_count; i++) {
    const esc_outcome *outcome = &report->outcomes[i];
    json_t *entry = json_object();
    esc_json_put(builder, entry, "count", json_integer(outcome->count));
    esc_json_put_fraction(builder, entry, outcome->fraction);
    esc_json_put(builder, object, outcome->name, entry);
  }
  return object;
}

static void put_quantiles(esc_json_builder *builder, json_t *object, const esc_estimate *quantiles)
{
  json_t *values = json_object();
  json_t *intervals = json_object();
  for (int q = 0; q < 3; q++) {
    esc_json_put(builder, values, esc_json_quantile_names[q], esc_json_number(quantiles[q].value));
    esc_json_put(builder, intervals, esc_json_quantile_names[q], esc_json_interval(quantiles[q]));
  }
  esc_json_put(builder, object, "quantiles", values);
  esc_json_put(builder, object, "quantiles_ci95", intervals);
}

static void put_times(esc_json_builder *builder, json_t *object, const esc_times *times)
{
  esc_json_put(builder, object, "count", json_integer(times->count));
  esc_json_put(builder, object, "mean", esc_json_number(times->mean.value));
  esc_json_put(builder, object, "ci95", esc_json_interval(times->mean));
  esc_json_put(builder, object, "sd", esc_json_number(times->sd));
  esc_json_put_estimate(builder, object, "restricted_mean", times->restricted_mean);
  esc_json_put_estimate(builder, object, "mean_of_exited", times->mean_of_exited);
  esc_json_put(builder, object, "sd_of_exited", esc_json_number(times->sd_of_exited));
  put_quantiles(builder, object, times->quantiles);
}

static json_t *time_histogram(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  json_t *counts = json_object();
  const int64_t bins = report->time_bin_count;
  for (int i = 0; i < report->outcome_count; i++)
    if (report->outcomes[i].time_counts && strcmp(report->outcomes[i].name, "running") != 0)
      esc_json_put(builder, counts, report->outcomes[i].name,
                   esc_json_integers(builder, report->outcomes[i].time_counts, bins));
  esc_json_put(builder, object, "edges", esc_json_integers(builder, report->time_edges, bins + 1));
  esc_json_put(builder, object, "counts", counts);
  return object;
}

static json_t *rate_object(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "per_step", esc_json_number(report->rate.per_step.value));
  esc_json_put(builder, object, "ci95", esc_json_interval(report->rate.per_step));
  esc_json_put(builder, object, "events", json_integer(report->rate.events));
  esc_json_put(builder, object, "steps_at_risk", json_integer(report->rate.steps_at_risk));
  esc_json_put(builder, object, "after", json_integer(report->rate.after));
  return object;
}

/* running is no end, and diverged no exit: neither has a time of its own here. */
static bool is_exit(const esc_outcome *outcome)
{
  return strcmp(outcome->name, "running") != 0 && strcmp(outcome->name, "diverged") != 0;
}

static json_t *exit_steps_object(esc_json_builder *builder, const esc_report *report,
                                 int64_t most_bins)
{
  json_t *object = json_object();
  json_t *by = json_object();
  put_times(builder, object, &report->exit_steps);
  if (report->time_bin_count > 0 && report->time_bin_count <= most_bins && report->time_edges)
    esc_json_put(builder, object, "histogram", time_histogram(builder, report));
  esc_json_put(builder, object, "rate", rate_object(builder, report));
  for (int i = 0; i < report->outcome_count; i++) {
    if (!is_exit(&report->outcomes[i]))
      continue;
    json_t *times = json_object();
    put_times(builder, times, &report->outcomes[i].exit_steps);
    esc_json_put(builder, by, report->outcomes[i].name, times);
  }
  esc_json_put(builder, object, "by", by);
  return object;
}

/* ---- all of it ---- */

static bool has_overshoot(const esc_report *report)
{
  for (int i = 0; i < report->outcome_count; i++)
    if (report->outcomes[i].overshoot)
      return true;
  return false;
}

static void put_extras(esc_json_builder *builder, json_t *root, const esc_report *report,
                       int64_t most_bins)
{
  if (report->curves.step_count > 0)
    esc_json_put(builder, root, "curves", esc_json_curves(builder, report));
  if (report->near_count > 0)
    esc_json_put(builder, root, "residence", esc_json_residence(builder, report));
  if (report->histogram.bins > 0 && report->histogram.bins <= most_bins)
    esc_json_put(builder, root, "histogram",
                 esc_json_histogram(builder, &report->histogram, report->dimension));
  if (report->occupation.bins > 0 && report->occupation.bins <= most_bins)
    esc_json_put(builder, root, "occupation",
                 esc_json_histogram(builder, &report->occupation, report->dimension));
  if (report->correlation_count > 0)
    esc_json_put(builder, root, "correlation", esc_json_correlation(builder, report));
  if (report->basin_count > 0 || report->settled.of > 0)
    esc_json_put(builder, root, "basins", esc_json_basins(builder, report));
  if (has_overshoot(report))
    esc_json_put(builder, root, "overshoot", esc_json_overshoot(builder, report));
  if (report->tail_index)
    esc_json_put(builder, root, "tail_index", esc_json_tail(builder, report->tail_index));
}

void esc_json_put_report(esc_json_builder *builder, json_t *root, const esc_report *report,
                         int64_t most_bins)
{
  put_extent(builder, root, report);
  if (report->precision != ESC_PRECISION_NOT_ASKED)
    esc_json_put(builder, root, "until", until_object(builder, report));
  esc_json_put(builder, root, "warnings", warnings_list(builder, report));
  esc_json_put(builder, root, "outcomes", outcomes_object(builder, report));
  esc_json_put(builder, root, "exit_steps", exit_steps_object(builder, report, most_bins));
  if (report->final)
    esc_json_put(builder, root, "final", esc_json_final(builder, report));
  put_extras(builder, root, report, most_bins);
}

static json_t *experiment_object(esc_json_builder *builder, const esc_experiment *experiment,
                                 const esc_result_about *about, int dimension)
{
  json_t *object = esc_resolved_experiment(builder, experiment, about->title, dimension);
  if (about->predict)
    esc_json_put(builder, object, "predict", json_string(about->predict));
  return object;
}

void esc_json_put_predictions(esc_json_builder *builder, json_t *root,
                              const esc_predictions *predictions, const esc_report *report)
{
  const char *note = predictions ? esc_predictions_note(predictions) : "";
  esc_json_put(builder, root, "predictions", esc_json_predictions(builder, predictions, report));
  if (note[0])
    esc_json_put(builder, root, "predictions_note", json_string(note));
}

static json_t *result_object(esc_json_builder *builder, const esc_experiment *experiment,
                             const esc_result_about *about, const esc_report *report)
{
  json_t *root = json_object();
  esc_json_put_origin(builder, root, report);
  esc_json_put_report(builder, root, report, INT64_MAX);
  if (about->predictions)
    esc_json_put_predictions(builder, root, about->predictions, report);
  esc_json_put(builder, root, "experiment",
               experiment_object(builder, experiment, about, report->dimension));
  return root;
}

esc_status esc_result_json_write(const esc_experiment *experiment, const esc_result_about *about,
                                 const esc_report *report, FILE *stream)
{
  if (!experiment || !experiment->landscape || !experiment->optimizer || !report || !stream)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT,
                       "a result needs an experiment, a report and a stream; one is NULL");
  static const esc_result_about nothing;
  esc_json_builder builder = {false};
  json_t *root = result_object(&builder, experiment, about ? about : &nothing, report);
  esc_status status = ESC_STATUS_OK;
  if (!root || builder.failed)
    status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY,
                         "the result could not be put together: out of memory, or a name in it is "
                         "not UTF-8");
  else if (!esc_json_write(root, stream))
    status = ferror(stream) ? esc_io_fail(ESC_STATUS_IO, "the result could not be written")
                            : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "the result: out of memory");
  json_decref(root);
  return status;
}
