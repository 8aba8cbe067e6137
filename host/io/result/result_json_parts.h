/* The parts of result.json, by what they are about; result_json.c puts them in order. */
#ifndef ESC_RESULT_JSON_PARTS_H
#define ESC_RESULT_JSON_PARTS_H

#include "json_builder.h"

/* The version, the machine and the seed. */
void esc_json_put_origin(esc_json_builder *builder, json_t *root, const esc_report *report);

/* Everything a report says of its trajectories; histograms of more bins than most_bins are left
 * out.
 */
void esc_json_put_report(esc_json_builder *builder, json_t *root, const esc_report *report,
                         int64_t most_bins);

/* predictions, and predictions_note where there is one. */
void esc_json_put_predictions(esc_json_builder *builder, json_t *root,
                              const esc_predictions *predictions, const esc_report *report);

/* The names of the three quantiles of a report. */
extern const char *const esc_json_quantile_names[3];

/* fraction and ci95. */
void esc_json_put_fraction(esc_json_builder *builder, json_t *object, esc_estimate fraction);

/* A list of means or variances, or of their intervals. */
json_t *esc_json_moments_part(esc_json_builder *builder, const esc_moments *moments,
                              esc_json_slice slice, bool variance, bool interval);

/* mean, mean_ci95, variance and variance_ci95, a list each. */
void esc_json_put_moments(esc_json_builder *builder, json_t *object, const esc_moments *moments,
                          esc_json_slice slice);

/* Where trajectories were (result_positions.c). overshoot is empty where it was not asked for. */
json_t *esc_json_final(esc_json_builder *builder, const esc_report *report);
json_t *esc_json_overshoot(esc_json_builder *builder, const esc_report *report);
json_t *esc_json_tail(esc_json_builder *builder, const esc_tail_index *tail);
json_t *esc_json_histogram(esc_json_builder *builder, const esc_histogram *histogram,
                           int dimension);

/* What was seen on the way (result_curves.c). */
json_t *esc_json_curves(esc_json_builder *builder, const esc_report *report);
json_t *esc_json_residence(esc_json_builder *builder, const esc_report *report);
json_t *esc_json_correlation(esc_json_builder *builder, const esc_report *report);
json_t *esc_json_basins(esc_json_builder *builder, const esc_report *report);

#endif
