/* The parts of result.json about positions: the last ones, how far beyond a wall, histograms. */
#include "result_json_parts.h"

const char *const esc_json_quantile_names[3] = {"0.05", "0.5", "0.95"};

json_t *esc_json_moments_part(esc_json_builder *builder, const esc_moments *moments,
                              esc_json_slice slice, bool variance, bool interval)
{
  json_t *array = json_array();
  for (int64_t i = 0; i < slice.count && !builder->failed; i++) {
    const esc_moments *one = &moments[i * slice.stride];
    const esc_estimate estimate = variance ? one->variance : one->mean;
    esc_json_append(builder, array,
                    interval ? esc_json_interval(estimate) : esc_json_number(estimate.value));
  }
  return array;
}

void esc_json_put_moments(esc_json_builder *builder, json_t *object, const esc_moments *moments,
                          esc_json_slice slice)
{
  esc_json_put(builder, object, "mean",
               esc_json_moments_part(builder, moments, slice, false, false));
  esc_json_put(builder, object, "mean_ci95",
               esc_json_moments_part(builder, moments, slice, false, true));
  esc_json_put(builder, object, "variance",
               esc_json_moments_part(builder, moments, slice, true, false));
  esc_json_put(builder, object, "variance_ci95",
               esc_json_moments_part(builder, moments, slice, true, true));
}

static json_t *moments_object(esc_json_builder *builder, const esc_moments *moments)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "count", json_integer(moments->count));
  esc_json_put_estimate(builder, object, "mean", moments->mean);
  esc_json_put_estimate(builder, object, "variance", moments->variance);
  return object;
}

static void put_final_quantiles(esc_json_builder *builder, json_t *object, const esc_report *report)
{
  json_t *values = json_object();
  json_t *intervals = json_object();
  const esc_json_slice slice = {report->dimension, 3};
  for (int q = 0; q < 3; q++) {
    const esc_estimate *first = report->final_quantiles + q;
    esc_json_put(builder, values, esc_json_quantile_names[q],
                 esc_json_values(builder, first, slice));
    esc_json_put(builder, intervals, esc_json_quantile_names[q],
                 esc_json_intervals(builder, first, slice));
  }
  esc_json_put(builder, object, "quantiles", values);
  esc_json_put(builder, object, "quantiles_ci95", intervals);
}

static json_t *final_of_outcome(esc_json_builder *builder, const esc_outcome *outcome,
                                int dimension)
{
  json_t *object = json_object();
  const esc_json_slice slice = {dimension, 1};
  esc_json_put(builder, object, "count", json_integer(outcome->final[0].count));
  esc_json_put_moments(builder, object, outcome->final, slice);
  return object;
}

json_t *esc_json_final(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  json_t *by = json_object();
  const esc_json_slice slice = {report->dimension, 1};
  esc_json_put(builder, object, "count", json_integer(report->final[0].count));
  esc_json_put_moments(builder, object, report->final, slice);
  if (report->final_quantiles)
    put_final_quantiles(builder, object, report);
  if (report->final_loss.count > 0)
    esc_json_put(builder, object, "loss", moments_object(builder, &report->final_loss));
  for (int i = 0; i < report->outcome_count; i++)
    if (report->outcomes[i].final && report->outcomes[i].count > 0)
      esc_json_put(builder, by, report->outcomes[i].name,
                   final_of_outcome(builder, &report->outcomes[i], report->dimension));
  esc_json_put(builder, object, "by", by);
  return object;
}

json_t *esc_json_overshoot(esc_json_builder *builder, const esc_report *report)
{
  json_t *object = json_object();
  for (int i = 0; i < report->outcome_count; i++)
    if (report->outcomes[i].overshoot)
      esc_json_put(builder, object, report->outcomes[i].name,
                   moments_object(builder, report->outcomes[i].overshoot));
  return object;
}

json_t *esc_json_tail(esc_json_builder *builder, const esc_tail_index *tail)
{
  json_t *object = json_object();
  json_t *hill = json_object();
  json_t *block = json_object();
  esc_json_put(builder, hill, "index", esc_json_number(tail->hill.value));
  esc_json_put(builder, hill, "ci95", esc_json_interval(tail->hill));
  esc_json_put(builder, hill, "threshold", esc_json_number(tail->threshold));
  esc_json_put(builder, hill, "beyond", json_integer(tail->beyond));
  esc_json_put(builder, block, "index", esc_json_number(tail->block.value));
  esc_json_put(builder, block, "ci95", esc_json_interval(tail->block));
  esc_json_put(builder, block, "size", json_integer(tail->block_size));
  esc_json_put(builder, block, "blocks", json_integer(tail->block_count));
  esc_json_put(builder, object, "count", json_integer(tail->count));
  esc_json_put(builder, object, "hill", hill);
  esc_json_put(builder, object, "block", block);
  return object;
}

json_t *esc_json_histogram(esc_json_builder *builder, const esc_histogram *histogram, int dimension)
{
  const double range[2] = {histogram->low, histogram->high};
  json_t *object = json_object();
  json_t *counts = json_array();
  for (int64_t j = 0; j < dimension; j++)
    esc_json_append(
        builder, counts,
        esc_json_integers(builder, histogram->counts + j * histogram->bins, histogram->bins));
  esc_json_put(builder, object, "range", esc_json_numbers(builder, range, 2));
  esc_json_put(builder, object, "bins", json_integer(histogram->bins));
  esc_json_put(builder, object, "counts", counts);
  esc_json_put(builder, object, "below", esc_json_integers(builder, histogram->below, dimension));
  esc_json_put(builder, object, "above", esc_json_integers(builder, histogram->above, dimension));
  return object;
}
