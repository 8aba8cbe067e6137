/* The list that predictions are added to, and the files that add to it. */
#ifndef ESC_THEORY_PREDICTIONS_H
#define ESC_THEORY_PREDICTIONS_H

#include "escapement/theory.h"
#include "host/error.h"
#include "host/theory/subject.h"

/* Adds one; `of` is a format. A list that runs out of memory remembers it. */
void esc_predictions_add(esc_predictions *to, const esc_prediction *prediction, const char *of, ...)
    ESC_PRINTF(3, 4);

/* The same, unless one of that name is there already. */
void esc_predictions_add_new(esc_predictions *to, const esc_prediction *prediction, const char *of);

/* --- closed forms: each adds what it knows of a subject, and nothing where it knows nothing --- */

/* Mean, variance and correlation of sgd, momentum and nesterov on a quadratic. */
void esc_predict_linear_chain(const esc_subject *subject, esc_predictions *to);

/* Where sgd is on a quadratic under symmetric stable noise. */
void esc_predict_stable_chain(const esc_subject *subject, esc_predictions *to);

/* Which way off a parabolic maximum. */
void esc_predict_parabolic_maximum(const esc_subject *subject, esc_predictions *to);

/* Which way off a sharp maximum. */
void esc_predict_sharp_maximum(const esc_subject *subject, esc_predictions *to);

/* How long, and which way, a Gaussian walk takes out of an interval. */
void esc_predict_free_walk(const esc_subject *subject, esc_predictions *to);

/* Maxima of order p > 1: how long they hold, and which way off them; with exponents. */
void esc_predict_flat_maximum(const esc_subject *subject, esc_predictions *to);

/* Out of a smooth well over a smooth barrier: Kramers' time. */
void esc_predict_kramers(const esc_subject *subject, esc_predictions *to);

/* Out of a well by one big jump, or by several where updates are clipped. */
void esc_predict_heavy_tails(const esc_subject *subject, esc_predictions *to);

/* The share near a minimum in the convergence window. */
void esc_predict_window(const esc_subject *subject, esc_predictions *to);

/* Adam under a constant gradient; adam, rmsprop and sign_sgd at a minimum. */
void esc_predict_adaptive(const esc_subject *subject, esc_predictions *to);

/* Which way from the middle of an experiment that is its own mirror image. */
void esc_predict_symmetry(const esc_subject *subject, esc_predictions *to);

/* --- the solved chain --- */

/* Adds what the solver finds. NULL, or in a few words why it finds nothing. */
const char *esc_predict_chain(const esc_subject *subject, esc_predictions *to);

/* Adds the shares that have not left the watched balls since the start; NULL, or "out of memory".
 */
struct esc_chain;
const char *esc_predict_stuck(const struct esc_chain *chain, esc_predictions *to);

#endif
