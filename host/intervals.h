/* 95 % intervals. */
#ifndef ESC_HOST_INTERVALS_H
#define ESC_HOST_INTERVALS_H

#include <stdint.h>

#include "escapement/result.h"

#define ESC_Z95 1.959963984540054 /* the standard normal's 97.5 % point */

/* No estimate: three NaN. */
esc_estimate esc_no_estimate(void);

/* A share count/total: Wilson's (1927) interval. */
esc_estimate esc_wilson(int64_t count, int64_t total);

/* A mean with standard deviation sd of count values: the normal interval. */
esc_estimate esc_mean_interval(double mean, double sd, int64_t count);

/* The variance of values, by the chi-square of a normal sample (Wilson and Hilferty's quantiles):
 * honest where the values are near normal; docs/statistics.md says so. */
esc_estimate esc_variance_interval(double variance, int64_t count);

/* A rate per step: `events` ends in `at_risk` steps. In discrete time the events are Bernoulli
 * trials stopped at the last event or at the step limit; the interval is the equal-tailed beta one,
 * from B(events, at_risk - events + 1) to B(events + 1, at_risk - events) (Clopper and Pearson). */
esc_estimate esc_rate(int64_t events, double at_risk);

/* A tail index from the mean logarithm of `count` sizes over their threshold (Hill 1975): the sum of
 * exponentials has a gamma law, whose points are Wilson and Hilferty's. Chance alone: where the
 * tail is not yet a power, the bias is not in it. */
esc_estimate esc_hill_interval(double mean_log, int64_t count);

/* A correlation of count pairs: Fisher's z. */
esc_estimate esc_correlation_interval(double correlation, int64_t count);

/* Ranks (from 0) of the order statistics that bound the q-quantile of count values: the normal
 * approximation of the binomial. An end that so few values cannot bound has no rank: *low is -1 or
 * *high is count. */
void esc_quantile_ranks(double q, int64_t count, int64_t *low, int64_t *high);

/* The regularised incomplete beta function I_x(a, b). */
double esc_beta_below(double x, double a, double b);

/* The inverse of the regularised incomplete beta function I_x(a, b) = p. */
double esc_beta_quantile(double p, double a, double b);

#endif
