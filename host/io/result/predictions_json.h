/* What theory says of an experiment beside what a result says: for result.json and for tables. */
#ifndef ESC_PREDICTIONS_JSON_H
#define ESC_PREDICTIONS_JSON_H

#include "json_builder.h"
#include "result_quantities.h"

/* A list with an object for each prediction; empty for NULL. */
json_t *esc_json_predictions(esc_json_builder *builder, const esc_predictions *predictions,
                             const esc_report *report);

/* Calls visit for each number that is predicted as a whole (of no step): "theory.NAME" and then
 * "theory.NAME.z" where it is exact, "theory.NAME.ratio" where it is asymptotic; "numeric.NAME"
 * where it is solved. */
void esc_predictions_visit(const esc_predictions *predictions, const esc_report *report,
                           esc_quantity_visit *visit, void *context);

/* The prediction that is compared, NULL past the last; those of exponents are left out. */
const esc_prediction *esc_prediction_compared(const esc_predictions *predictions,
                                              const esc_report *report, int index,
                                              esc_comparison *comparison);

#endif
