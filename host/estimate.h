/* Estimates from a tally: exit times, moments, quantiles. */
#ifndef ESC_HOST_ESTIMATE_H
#define ESC_HOST_ESTIMATE_H

#include "host/plan.h"
#include "host/tally.h"

/* A set of outcomes, as bits. */
typedef uint64_t esc_outcome_set;

/* Outcomes that are exits: all but running and diverged. */
esc_outcome_set esc_exits(const esc_plan *plan);

/* Times of those that ended with an outcome of `ended`, among all of `group` (both of the tally).
 */
esc_times esc_estimate_times(const esc_plan *plan, const int64_t *tally, esc_outcome_set ended,
                             esc_outcome_set group);

/* Ends per step, after plan->rate_after. */
esc_estimate esc_estimate_rate(const esc_plan *plan, const int64_t *tally, int64_t *events,
                               int64_t *at_risk);

esc_moments esc_estimate_moments(const int64_t *words, int state_bits);

/* Puts those values into their sorted places that the quantiles of these shares are read from; none
 * is NaN. A full sort would take longer than many a run. */
void esc_sort_for_quantiles(double *values, int64_t count, const double shares[3]);

/* The q-quantile of sorted values, its interval by order statistics; an end is NaN where there are
 * too few values to bound it. */
esc_estimate esc_sorted_quantile(const double *sorted, int64_t count, double q);

#endif
