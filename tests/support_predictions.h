/* What the tests of predictions share. No test is in here. */
#ifndef TESTS_SUPPORT_PREDICTIONS_H
#define TESTS_SUPPORT_PREDICTIONS_H

#include "tests/support.h"

/* The predictions of an experiment; the test fails if there are none. */
esc_predictions *support_predict(support_case *c, esc_predict_method method);

/* The prediction of that name and step (-1: of none); the test fails if there is none. */
const esc_prediction *support_prediction(const esc_predictions *predictions, const char *of,
                                         int64_t step);

/* Its value. */
double support_predicted(const esc_predictions *predictions, const char *of, int64_t step);

/* The sentence with which a prediction is refused; the test fails if it is not. */
const char *support_refusal(support_case *c, esc_predict_method method);

/* Runs the experiment and holds every exact prediction to |z| < 5; the number of them compared. */
int support_check_predictions(support_case *c, esc_predict_method method);

#endif
