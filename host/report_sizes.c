/* The parts of a report that come from bins of sizes: Adam's signal to noise at the steps, and the
 * tail index of the last positions. */
#include <math.h>

#include "host/estimate.h"
#include "host/held_result.h"
#include "host/size_estimates.h"

/* What the bias correction of step t makes of |m|/sqrt(v): sqrt(1 - b2^t)/(1 - b1^t). */
static double correction(const esc_planned *planned, int64_t t)
{
  const double t1 = (double)t;
  return sqrt(esc_bias_correction(planned->snr_keeps[1], t1)) /
         esc_bias_correction(planned->snr_keeps[0], t1);
}

static esc_estimate times(esc_estimate value, double factor)
{
  const esc_estimate scaled = {value.value * factor, value.low * factor, value.high * factor};
  return scaled;
}

static void form_snr(esc_result *result, int *failed)
{
  static const double shares[3] = {0.05, 0.5, 0.95};
  const esc_plan *const plan = &result->planned->plan;
  const int64_t count = plan->step_count * plan->dimension;
  if (!plan->observe_snr)
    return;
  esc_moments *const moments = esc_result_own(result, count, sizeof *moments);
  esc_estimate *const quantiles = esc_result_own(result, 3 * count, sizeof *quantiles);
  if (!moments || !quantiles) {
    *failed = 1;
    return;
  }
  for (int64_t k = 0; k < count; k++) {
    const int64_t *const words =
        result->tally + plan->tally.snr + k * esc_snr_words(plan->state_bits);
    const int64_t step = plan->steps[k / plan->dimension];
    const double factor = step > 0 ? correction(result->planned, step) : 1.0;
    moments[k] = esc_estimate_moments(words, plan->state_bits);
    moments[k].mean = times(moments[k].mean, factor);
    moments[k].variance = times(moments[k].variance, factor * factor);
    for (int q = 0; q < 3; q++)
      quantiles[3 * k + q] =
          times(esc_snr_quantile(words + esc_moment_words(plan->state_bits), shares[q]), factor);
  }
  result->report.snr = moments;
  result->report.snr_quantiles = quantiles;
}

static void form_tail(esc_result *result, int *failed)
{
  const esc_plan *const plan = &result->planned->plan;
  if (!plan->observe_tail)
    return;
  esc_tail_index *const tail = esc_result_own(result, 1, sizeof *tail);
  result->report.tail_index = tail;
  if (!tail) {
    *failed = 1;
    return;
  }
  int64_t kept =
      result->trajectories < result->finals_kept ? result->trajectories : result->finals_kept;
  kept = kept < ESC_FINALS_KEPT ? kept : ESC_FINALS_KEPT;
  esc_hill_estimate(result->tally + plan->tally.tail, result->planned->tail_share, tail);
  esc_block_estimate(result->finals, plan->renew ? 0 : kept, plan->dimension, plan->tail_point,
                     tail);
}

void esc_result_form_sizes(esc_result *result, int *failed)
{
  form_snr(result, failed);
  form_tail(result, failed);
}
