/* What theory says, beside what a result says. */
#include "predictions_json.h"

#include <math.h>
#include <stdio.h>

const esc_prediction *esc_prediction_compared(const esc_predictions *predictions,
                                              const esc_report *report, int index,
                                              esc_comparison *comparison)
{
  const esc_prediction *const prediction = esc_predictions_at(predictions, index);
  *comparison = (esc_comparison)ESC_COMPARISON_INIT;
  if (prediction && !prediction->against && esc_compare(report, prediction, comparison))
    *comparison = (esc_comparison)ESC_COMPARISON_INIT;
  return prediction;
}

static json_t *prediction_object(esc_json_builder *builder, const esc_prediction *prediction,
                                 const esc_comparison *comparison)
{
  const bool exact = prediction->kind == ESC_PREDICTION_EXACT;
  json_t *const object = json_object();
  esc_json_put(builder, object, "of", json_string(prediction->of));
  if (prediction->against)
    esc_json_put(builder, object, "against", json_string(prediction->against));
  if (prediction->step >= 0)
    esc_json_put(builder, object, "step", json_integer(prediction->step));
  esc_json_put(builder, object, "kind", json_string(exact ? "exact" : "asymptotic"));
  esc_json_put(builder, object, "method", json_string(prediction->numeric ? "numeric" : "closed"));
  esc_json_put(builder, object, "predicted", esc_json_number(prediction->value));
  esc_json_put(builder, object, "error", esc_json_number(prediction->error));
  if (!prediction->against) {
    esc_json_put(builder, object, "measured", esc_json_number(comparison->measured));
    esc_json_put(builder, object, "standard_error", esc_json_number(comparison->standard_error));
    esc_json_put(builder, object, exact ? "z" : "ratio",
                 esc_json_number(exact ? comparison->z : comparison->ratio));
  }
  esc_json_put(builder, object, "source", json_string(prediction->source));
  return object;
}

json_t *esc_json_predictions(esc_json_builder *builder, const esc_predictions *predictions,
                             const esc_report *report)
{
  json_t *const list = json_array();
  for (int i = 0; i < esc_predictions_count(predictions); i++) {
    esc_comparison comparison;
    const esc_prediction *const prediction =
        esc_prediction_compared(predictions, report, i, &comparison);
    esc_json_append(builder, list, prediction_object(builder, prediction, &comparison));
  }
  return list;
}

static void say(esc_quantity_visit *visit, void *context, const esc_prediction *prediction,
                const char *after, double value)
{
  char name[ESC_QUANTITY_NAME];
  snprintf(name, sizeof name, "%s.%s%s", prediction->numeric ? "numeric" : "theory", prediction->of,
           after);
  visit(context, name, (esc_estimate){value, (double)NAN, (double)NAN});
}

void esc_predictions_visit(const esc_predictions *predictions, const esc_report *report,
                           esc_quantity_visit *visit, void *context)
{
  for (int i = 0; i < esc_predictions_count(predictions); i++) {
    esc_comparison comparison;
    const esc_prediction *const prediction =
        esc_prediction_compared(predictions, report, i, &comparison);
    if (prediction->against || prediction->step >= 0)
      continue;
    say(visit, context, prediction, "", prediction->value);
    if (prediction->kind == ESC_PREDICTION_EXACT)
      say(visit, context, prediction, ".z", comparison.z);
    else
      say(visit, context, prediction, ".ratio", comparison.ratio);
  }
}
