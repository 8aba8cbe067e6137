/* The convergence window: between 1/lr and 1/lr^2 steps a trajectory is within delta of the minimum
 * of its basin with probability erf(delta/sqrt(2 Var)), Var = lr sigma^2/(k (2 - lr k)) that of the
 * quadratic with the same curvature k; a limit for lr -> 0 under noise with a variance. On a
 * quadratic itself the linear chain knows it exactly. */
#include <math.h>

#include "host/theory/predictions.h"

/* The curvature at the minimum that is the ball's centre, with no maximum between it and the start;
 * NaN where there is none. */
static double curvature_in_basin(const esc_subject *subject, double x0, double centre)
{
  const esc_landscape_info *const info = &subject->planned->landscape;
  const double h = 1e-5;
  int minimum = 0, ridges = 0;
  for (int k = 0; k < info->critical_count; k++) {
    const double at = info->critical[k].position[0];
    minimum |= info->critical[k].kind < 0 && fabs(at - centre) < 1e-6;
    ridges |= info->critical[k].kind > 0 && (at - x0) * (at - centre) <= 0.0;
  }
  return minimum && !ridges
             ? (esc_subject_slope(subject, centre + h) - esc_subject_slope(subject, centre - h)) /
                   (2.0 * h)
             : (double)NAN;
}

void esc_predict_window(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  const esc_plan *const plan = subject->plan;
  const double lr = plan->lr;
  double x0;
  if (!source || !isfinite(source->variance) || !esc_subject_is_line(subject) ||
      plan->landscape == ESC_LANDSCAPE_quadratic || !esc_subject_is_plain_sgd(subject) ||
      plan->renew || !esc_subject_start(subject, &x0))
    return;
  for (int b = 0; b < plan->near_count; b++) {
    const double k = curvature_in_basin(subject, x0, plan->near[b].point[0]);
    const double variance = lr * source->variance / (k * (2.0 - lr * k));
    const double share = erf(sqrt(plan->near[b].squared_radius / (2.0 * variance)));
    for (int64_t i = 0; k > 1e-3 && lr * k < 1.0 && i < plan->step_count; i++) {
      const double n = (double)plan->steps[i];
      const esc_prediction p = {.value = share,
                                .deviation = sqrt(share * (1.0 - share)),
                                .step = plan->steps[i],
                                .kind = ESC_PREDICTION_ASYMPTOTIC,
                                .source = "erf(delta/sqrt(2 Var)) for 1/lr << n << 1/lr^2"};
      if (n * lr * k >= 5.0 && n * lr * lr <= 1.0)
        esc_predictions_add(to, &p, "curves.near.%s.fraction", subject->planned->names.near[b]);
    }
  }
}
