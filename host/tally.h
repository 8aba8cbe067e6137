/* Tallies: merging them, and reading exact sums out of their digits. */
#ifndef ESC_HOST_TALLY_H
#define ESC_HOST_TALLY_H

#include "kernels/backend.h"

/* Adds `from` to `to` and resolves the carries of its sums. The order of merges does not matter. */
void esc_tally_merge(const esc_plan *plan, int64_t *to, const int64_t *from);

/* A number as the unevaluated sum of two doubles, some 100 bits: enough for a variance to survive
 * the subtraction of the squared mean. */
typedef struct esc_pair {
  double high, low;
} esc_pair;

esc_pair esc_pair_of(double value);
esc_pair esc_pair_add(esc_pair a, esc_pair b);
esc_pair esc_pair_multiply(esc_pair a, esc_pair b);
esc_pair esc_pair_divide(esc_pair a, double b);
static inline double esc_pair_value(esc_pair a)
{
  return a.high + a.low;
}

/* The sum of digits d_k 2^(24 k + unit). */
esc_pair esc_digits_value(const int64_t *digits, int count, int unit);

/* The whole number of a sum of times; the nearest int64. */
int64_t esc_whole(esc_pair sum);

/* The mean and the variance (n - 1 in the denominator; NaN below two values) of a `moments`. */
typedef struct esc_mean_variance {
  int64_t count;
  double mean, variance;
} esc_mean_variance;

esc_mean_variance esc_moments_value(const int64_t *words, int state_bits);

/* The same from a count and two sums. */
esc_mean_variance esc_mean_variance_of(int64_t count, esc_pair sum, esc_pair squares);

/* Counts and sums of an outcome's times, the exact bins put back in. */
typedef struct esc_time_sums {
  int64_t count;
  esc_pair sum, squares;
} esc_time_sums;

esc_time_sums esc_outcome_times(const esc_plan *plan, const int64_t *tally, int outcome);
/* All steps that the trajectories took. */
int64_t esc_tally_steps(const esc_plan *plan, const int64_t *tally);
esc_time_sums esc_time_sums_add(esc_time_sums a, esc_time_sums b);

#endif
