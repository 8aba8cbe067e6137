/* Tallies. */
#include "host/tally.h"

#include <math.h>
#include <string.h>

/* Carries of one sum: digits back into 24 bits, the last keeps the rest and the sign. */
static void resolve(int64_t *digits, int count)
{
  for (int k = 0; k + 1 < count; k++) {
    const int64_t carry = digits[k] >> ESC_DIGIT_BITS;
    digits[k] -= carry * ((int64_t)1 << ESC_DIGIT_BITS);
    digits[k + 1] += carry;
  }
}

static void resolve_moments(int64_t *words, int64_t count, int bits)
{
  for (int64_t k = 0; k < count; k++) {
    int64_t *const at = words + k * esc_moment_words(bits);
    resolve(at + 1, ESC_VALUE_DIGITS(bits));
    resolve(at + 1 + ESC_VALUE_DIGITS(bits), ESC_PRODUCT_DIGITS(bits));
  }
}

static void resolve_correlations(int64_t *words, int count, int bits)
{
  for (int k = 0; k < count; k++) {
    int64_t *at = words + k * esc_correlation_words(bits) + 1;
    for (int s = 0; s < 5; s++) {
      const int digits = s < 2 ? ESC_VALUE_DIGITS(bits) : ESC_PRODUCT_DIGITS(bits);
      resolve(at, digits);
      at += digits;
    }
  }
}

static void resolve_all(const esc_plan *plan, int64_t *tally)
{
  const esc_tally_layout *const at = &plan->tally;
  const int bits = plan->state_bits;
  const int64_t steps = plan->step_count;
  resolve(tally + at->rate_at_risk, ESC_WHOLE_DIGITS);
  for (int k = 0; k < plan->outcomes; k++) {
    int64_t *const outcome = tally + at->outcome + k * at->outcome_words;
    resolve(outcome + at->outcome_times, ESC_WHOLE_DIGITS);
    resolve(outcome + at->outcome_squares, ESC_WHOLE_DIGITS);
    resolve_moments(outcome + at->outcome_final, plan->dimension, bits);
    resolve_moments(outcome + at->outcome_overshoot, plan->observe_overshoot, bits);
  }
  resolve_moments(tally + at->final_loss, plan->observe_loss, bits);
  resolve_moments(tally + at->curve_moments, plan->observe_moments ? steps * plan->dimension : 0,
                  bits);
  resolve_moments(tally + at->curve_loss, plan->observe_loss ? steps : 0, bits);
  for (int64_t k = 0; plan->observe_snr && k < steps * plan->dimension; k++)
    resolve_moments(tally + at->snr + k * esc_snr_words(bits), 1, bits);
  for (int k = 0; k < 2 * plan->near_count; k++)
    resolve(tally + at->residence + k * ESC_WHOLE_DIGITS, ESC_WHOLE_DIGITS);
  resolve_correlations(tally + at->correlation, plan->lag_count * plan->dimension, bits);
}

void esc_tally_merge(const esc_plan *plan, int64_t *to, const int64_t *from)
{
  for (int k = 0; k < plan->tally.words; k++)
    to[k] += from[k];
  resolve_all(plan, to);
}

/* --- pairs of doubles (Dekker 1971; Knuth, two-sum) --- */

static esc_pair two_sum(double a, double b)
{
  const double sum = a + b, virtual_b = sum - a;
  const esc_pair exact = {sum, (a - (sum - virtual_b)) + (b - virtual_b)};
  return exact;
}

esc_pair esc_pair_of(double value)
{
  const esc_pair pair = {value, 0.0};
  return pair;
}

esc_pair esc_pair_add(esc_pair a, esc_pair b)
{
  esc_pair sum = two_sum(a.high, b.high);
  sum.low += a.low + b.low;
  return two_sum(sum.high, sum.low);
}

esc_pair esc_pair_multiply(esc_pair a, esc_pair b)
{
  const double product = a.high * b.high;
  const double error = fma(a.high, b.high, -product);
  return two_sum(product, error + (a.high * b.low + a.low * b.high));
}

esc_pair esc_pair_divide(esc_pair a, double b)
{
  const double first = a.high / b;
  const double rest = fma(-first, b, a.high) + a.low;
  return two_sum(first, rest / b);
}

/* The digits are read as sign and magnitude: resolved digits of a negative sum begin with one that
 * is out of the range of double. */
esc_pair esc_digits_value(const int64_t *digits, int count, int unit)
{
  int64_t plain[ESC_PRODUCT_DIGITS(64)];
  memcpy(plain, digits, (size_t)count * sizeof *plain);
  resolve(plain, count);
  const int negative = plain[count - 1] < 0;
  for (int k = 0; negative && k < count; k++)
    plain[k] = -plain[k];
  resolve(plain, count);
  esc_pair sum = {0.0, 0.0};
  for (int k = count - 1; k >= 0; k--)
    if (plain[k] != 0)
      sum = esc_pair_add(sum, esc_pair_of(ldexp((double)plain[k], unit + k * ESC_DIGIT_BITS)));
  if (negative)
    sum = (esc_pair){-sum.high, -sum.low};
  return sum;
}

int64_t esc_whole(esc_pair sum)
{
  const double limit = 9.2e18;
  if (!(sum.high < limit))
    return INT64_MAX;
  return (int64_t)sum.high + (int64_t)sum.low;
}

esc_mean_variance esc_mean_variance_of(int64_t count, esc_pair sum, esc_pair squares)
{
  esc_mean_variance result = {count, (double)NAN, (double)NAN};
  if (count < 1)
    return result;
  const double n = (double)count;
  const esc_pair mean = esc_pair_divide(sum, n);
  result.mean = esc_pair_value(mean);
  if (count < 2)
    return result;
  const esc_pair negative = {-mean.high, -mean.low};
  const esc_pair centred = esc_pair_add(squares, esc_pair_multiply(negative, sum));
  const double variance = esc_pair_value(centred) / (n - 1.0);
  result.variance = variance > 0.0 ? variance : 0.0;
  return result;
}

esc_mean_variance esc_moments_value(const int64_t *words, int state_bits)
{
  const int values = ESC_VALUE_DIGITS(state_bits), unit = ESC_VALUE_UNIT(state_bits);
  return esc_mean_variance_of(
      words[0], esc_digits_value(words + 1, values, unit),
      esc_digits_value(words + 1 + values, ESC_PRODUCT_DIGITS(state_bits), 2 * unit));
}

esc_time_sums esc_outcome_times(const esc_plan *plan, const int64_t *tally, int outcome)
{
  const esc_tally_layout *const at = &plan->tally;
  const int64_t *const words = tally + at->outcome + (int64_t)outcome * at->outcome_words;
  const int64_t *const bins = words + at->outcome_bins;
  esc_time_sums sums = {0, esc_digits_value(words + at->outcome_times, ESC_WHOLE_DIGITS, 0),
                        esc_digits_value(words + at->outcome_squares, ESC_WHOLE_DIGITS, 0)};
  for (int k = 0; k < at->time_bins; k++)
    sums.count += bins[k];
  for (int k = 0; k < at->time_bins && k < ESC_TIME_EXACT; k++) {
    if (bins[k] == 0)
      continue;
    const double time = k;
    const esc_pair count = {(double)bins[k], (double)(bins[k] - (int64_t)(double)bins[k])};
    sums.sum = esc_pair_add(sums.sum, esc_pair_multiply(count, esc_pair_of(time)));
    sums.squares = esc_pair_add(sums.squares, esc_pair_multiply(count, esc_pair_of(time * time)));
  }
  return sums;
}

esc_time_sums esc_time_sums_add(esc_time_sums a, esc_time_sums b)
{
  const esc_time_sums sums = {a.count + b.count, esc_pair_add(a.sum, b.sum),
                              esc_pair_add(a.squares, b.squares)};
  return sums;
}

int64_t esc_tally_steps(const esc_plan *plan, const int64_t *tally)
{
  esc_pair steps = {0.0, 0.0};
  for (int k = 0; k < plan->outcomes; k++)
    steps = esc_pair_add(steps, esc_outcome_times(plan, tally, k).sum);
  return esc_whole(steps);
}
