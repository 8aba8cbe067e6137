/* The shared parts of the tests of predictions; support_predictions.h says what they are for. */
#include "tests/support_predictions.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

esc_predictions *support_predict(support_case *c, esc_predict_method method)
{
  esc_predictions *predictions = NULL;
  const esc_status status = esc_predict(support_experiment(c), method, &predictions);
  cr_assert_eq(status, ESC_STATUS_OK, "%s", esc_last_error());
  return predictions;
}

const esc_prediction *support_prediction(const esc_predictions *predictions, const char *of,
                                         int64_t step)
{
  for (int i = 0; i < esc_predictions_count(predictions); i++) {
    const esc_prediction *const p = esc_predictions_at(predictions, i);
    if (strcmp(p->of, of) == 0 && p->step == step)
      return p;
  }
  cr_assert_fail("no prediction of %s at step %lld", of, (long long)step);
  return NULL;
}

double support_predicted(const esc_predictions *predictions, const char *of, int64_t step)
{
  return support_prediction(predictions, of, step)->value;
}

const char *support_refusal(support_case *c, esc_predict_method method)
{
  esc_predictions *const untouched = (esc_predictions *)c, *predictions = untouched;
  const esc_status status = esc_predict(support_experiment(c), method, &predictions);
  cr_assert_eq(status, ESC_STATUS_BAD_EXPERIMENT, "status %d: %s", status, esc_last_error());
  cr_assert(predictions == untouched);
  cr_assert_str_eq(esc_last_error_key(), "predict");
  return esc_last_error();
}

int support_check_predictions(support_case *c, esc_predict_method method)
{
  esc_predictions *const predictions = support_predict(c, method);
  esc_device *const device = support_device(NULL, 0);
  esc_result *result = NULL;
  const esc_report *const report = support_run(device, c, &result);
  int compared = 0;
  for (int i = 0; i < esc_predictions_count(predictions); i++) {
    const esc_prediction *const p = esc_predictions_at(predictions, i);
    esc_comparison against = ESC_COMPARISON_INIT;
    cr_assert_eq(esc_compare(report, p, &against), ESC_STATUS_OK, "%s", esc_last_error());
    if (p->kind != ESC_PREDICTION_EXACT || isnan(against.z))
      continue;
    compared++;
    cr_assert(fabs(against.z) < 5.0, "%s at %lld: predicted %.9g (error %.2g), measured %.9g, z %g",
              p->of, (long long)p->step, p->value, p->error, against.measured, against.z);
  }
  esc_result_free(result);
  esc_device_close(device);
  esc_predictions_free(predictions);
  return compared;
}
