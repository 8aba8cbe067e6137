/* How precise an estimate is, and when that is asked. */
#ifndef ESC_HOST_PRECISION_H
#define ESC_HOST_PRECISION_H

#include "host/plan.h"

/* Half the width of the interval over the estimate that `until` is about; NaN where there is none. */
double esc_relative_error(const esc_planned *planned, const int64_t *tally);

/* Whether `until` is met by the tally of a prefix. */
int esc_is_precise(const esc_planned *planned, const int64_t *tally);

/* The next number of trajectories above `done` at which this is asked: 1024 * 2^k, or all. Without
 * `until`: all. */
int64_t esc_next_decision(const esc_planned *planned, int64_t done);

#endif
