/* The list that predictions are added to, and the files that add to it. */
#ifndef ESC_THEORY_PREDICTIONS_H
#define ESC_THEORY_PREDICTIONS_H

#include "escapement/theory.h"
#include "host/error.h"
#include "host/theory/subject.h"

/* Adds one; `of` is a format. A list that runs out of memory remembers it. */
void esc_predictions_add(esc_predictions *to, const esc_prediction *prediction, const char *of, ...)
    ESC_PRINTF(3, 4);

/* --- closed forms: each adds what it knows of a subject, and nothing where it knows nothing --- */

/* Mean, variance and correlation of sgd, momentum and nesterov on a quadratic. */
void esc_predict_linear_chain(const esc_subject *subject, esc_predictions *to);

/* Which way off a parabolic maximum. */
void esc_predict_parabolic_maximum(const esc_subject *subject, esc_predictions *to);

/* --- the solved chain --- */

/* Adds what the solver finds. NULL, or in a few words why it finds nothing. */
const char *esc_predict_chain(const esc_subject *subject, esc_predictions *to);

#endif
