/* What theory says of an experiment, and how a result compares with it; power laws through results.
 *
 *   esc_predictions *predictions = NULL;
 *   if (esc_predict(&experiment, ESC_PREDICT_CLOSED, &predictions))
 *     puts(esc_last_error());               // nothing is known, or the experiment is wrong
 *   for (int i = 0; i < esc_predictions_count(predictions); i++) {
 *     const esc_prediction *p = esc_predictions_at(predictions, i);
 *     esc_comparison c = ESC_COMPARISON_INIT;
 *     if (!esc_compare(report, p, &c))
 *       printf("%s %g, measured %g, z %.2f\n", p->of, p->value, c.measured, c.z);
 *   }
 *   esc_predictions_free(predictions);
 *
 * Two methods. CLOSED: a formula that is written down for just this experiment (docs/predictions.md
 * lists them with their sources); an experiment that differs in anything that matters has no
 * prediction by it. NUMERIC: the exact discrete chain of plain SGD in one dimension, solved as an
 * integral equation, with an estimate of its own error. Both are analysis in double with the C
 * library's functions: numbers to compare results with, and no results themselves; their last bits
 * may differ from machine to machine. */
#ifndef ESCAPEMENT_THEORY_H
#define ESCAPEMENT_THEORY_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/experiment.h"
#include "escapement/result.h"
#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* --- predictions --- */

typedef enum esc_predict_method {
  ESC_PREDICT_CLOSED = 1,  /* formulas; microseconds */
  ESC_PREDICT_NUMERIC = 2, /* the discrete chain solved; some tenths of a second */
  ESC_PREDICT_BOTH = 3     /* where both know a number, both stand in the list */
} esc_predict_method;

typedef enum esc_prediction_kind {
  ESC_PREDICTION_EXACT = 0,     /* of the discrete chain: a result differs by chance alone */
  ESC_PREDICTION_ASYMPTOTIC = 1 /* a limit: a result approaches it, and has a ratio to it */
} esc_prediction_kind;

/* One predicted number. `of` is the path of a number in result.json: "exit_steps.mean",
 * "exit_steps.sd", "exit_steps.restricted_mean", "exit_steps.mean_of_exited",
 * "exit_steps.by.left.mean_of_exited", "exit_steps.rate.per_step", "outcomes.right.fraction",
 * "final.mean", "final.variance", "final.quantiles.0.5"; of curves, at the step `step`,
 * "curves.survival", "curves.incidence.left", "curves.near.NAME.fraction",
 * "curves.stuck.NAME.fraction", "curves.moments.mean", "curves.moments.variance"; "correlation" at
 * the lag `step`. "exit_steps.survival_factor", the share of the living that a late step leaves
 * alive, stands in no result. */
typedef struct esc_prediction {
  size_t struct_size;
  const char *of;
  const char *against; /* NULL: `value` is the number itself. A key ("optimizer.lr"): `value` is the
                          exponent with which the number grows with that key, as it -> 0 */
  int64_t step;        /* -1: of no step */
  double value;
  double error;        /* of the value itself: a bound, or the solver's estimate */
  double deviation;    /* of one trajectory: an estimate from N of them has the standard error
                          deviation/sqrt(N); NaN: not known */
  esc_prediction_kind kind;
  int numeric;         /* nonzero: by ESC_PREDICT_NUMERIC */
  int eventual;        /* nonzero: of trajectories that run until they end, without stop.steps */
  const char *source;  /* the formula, one line */
} esc_prediction;

typedef struct esc_predictions esc_predictions;

/* Everything that is known of an experiment, at least one number; *predictions is the caller's, to
 * be freed. Synchronous, on the calling thread; runs nothing. Errors: as esc_experiment_check;
 * BAD_ARGUMENT for another method; BAD_EXPERIMENT at the key "predict" where nothing is known, with
 * the reason; OUT_OF_MEMORY. */
esc_status esc_predict(const esc_experiment *experiment, esc_predict_method method,
                       esc_predictions **predictions);

/* How many there are; 0 for NULL. */
int esc_predictions_count(const esc_predictions *predictions);

/* Number `index` from 0; NULL where there is none. It belongs to the predictions. */
const esc_prediction *esc_predictions_at(const esc_predictions *predictions, int index);

/* Why one of two methods asked for said nothing (BOTH), one line; "" where each did. */
const char *esc_predictions_note(const esc_predictions *predictions);

/* Frees predictions; NULL is allowed. */
void esc_predictions_free(esc_predictions *predictions);

/* --- against a result --- */

typedef struct esc_comparison {
  size_t struct_size;
  double measured;       /* NaN: the result has no such number */
  double standard_error; /* of `measured`: from the prediction's deviation where it is known, else
                            from the result's interval */
  double z;              /* EXACT: (measured - value)/standard_error, the difference first made
                            smaller by `slack`; of a fraction with few events the normal point of
                            its binomial probability. NaN: ASYMPTOTIC, or a variance whose
                            deviation is not known. */
  double ratio;          /* measured/value; NaN where value is 0 */
  double slack;          /* that the difference was made smaller by: the prediction's error, and for
                            an eventual outcome the share that has not ended in one yet */
} esc_comparison;

#define ESC_COMPARISON_INIT                                                                        \
  {sizeof(esc_comparison), ESC_NAN_, ESC_NAN_, ESC_NAN_, ESC_NAN_, 0.0}

/* Compares a prediction with a result of its experiment. A number the result does not have (it was
 * not observed, or is NaN there), and an exponent, leave NaN in *comparison. Errors: BAD_ARGUMENT.
 */
esc_status esc_compare(const esc_report *report, const esc_prediction *prediction,
                       esc_comparison *comparison);

/* --- power laws --- */

typedef struct esc_fit {
  size_t struct_size;
  esc_estimate exponent; /* with its 95 % interval */
  esc_estimate factor;   /* y = factor x^exponent */
  double chi_square;     /* sum of ((log y - fit)/error)^2; NaN without errors */
  int64_t degrees;       /* of freedom: points - 2 */
  double p_value;        /* of chi_square under the power law; NaN without errors */
} esc_fit;

#define ESC_FIT_INIT                                                                               \
  {sizeof(esc_fit), {ESC_NAN_, ESC_NAN_, ESC_NAN_}, {ESC_NAN_, ESC_NAN_, ESC_NAN_}, ESC_NAN_, 0,   \
   ESC_NAN_}

/* The power law y = factor x^exponent through count >= 3 points, by least squares in logarithms.
 * With standard errors of y (each > 0) the points have the weights (y/error)^2. If they lie on the
 * line as well as these errors let them (p_value >= .05), the intervals are normal ones from the
 * errors; if not, or without errors (NULL), they are Student's with points - 2 degrees of freedom
 * from the scatter about the line, which then is no longer chance alone. Errors: BAD_ARGUMENT for
 * fewer than three points, x or y that are not finite and positive, x all equal. */
esc_status esc_fit_power_law(int64_t count, const double *x, const double *y,
                             const double *standard_errors, esc_fit *fit);

/* The slopes between neighbours, d log y/d log x: count - 1 of them into slopes (the caller's), in
 * the order of the points, which must rise or fall strictly in x. With standard errors each has its
 * normal 95 % interval; without (NULL) its ends are NaN. Neighbouring slopes share a point, and so
 * their errors are correlated. Errors: BAD_ARGUMENT, as above but for count < 2. */
esc_status esc_local_slopes(int64_t count, const double *x, const double *y,
                            const double *standard_errors, esc_estimate *slopes);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
