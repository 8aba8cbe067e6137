/* Rules that divide the gradient by its size. Adam under a constant gradient g moves by exactly
 * lr g/(|g| + eps) (Kingma and Ba 2015, with bias correction). Near a minimum of curvature k the
 * divisor of adam and rmsprop becomes sigma as beta2 -> 1, so Var x -> lr sigma/(2k), whatever
 * beta1; sign_sgd drifts at 2 f(0) k x for a noise density f, so Var x -> lr/(4 f(0) k), which for
 * Gaussian noise is sqrt(pi/2) times as much. Both for lr k << sigma. */
#include <math.h>

#include "host/theory/predictions.h"

static void predict_straight_line(const esc_subject *subject, esc_predictions *to)
{
  enum { BETA1, BETA2, EPS, CORRECTED, DECAY };
  const esc_plan *const plan = subject->plan;
  const double *const key = subject->update_key;
  double x0;
  if (plan->update != ESC_UPDATE_adam || key[CORRECTED] != 1.0 || key[DECAY] != 1.0 ||
      subject->source_count > 0 || plan->landscape != ESC_LANDSCAPE_sharp_maximum ||
      !esc_subject_never_ends(subject) || !esc_subject_start(subject, &x0) || x0 == 0.0)
    return;
  const double g = esc_subject_slope(subject, x0), n = (double)plan->stop_steps;
  const double at = x0 - n * plan->lr * g / (fabs(g) + key[EPS]);
  const double rounding = plan->state_bits == 64 ? 0x1p-52 : 0x1p-23;
  const esc_prediction p = {.value = at,
                            .error = n * rounding * fmax(fabs(at), fabs(x0)),
                            .step = -1,
                            .source = "lr g/(|g| + eps) a step: Kingma and Ba 2015"};
  esc_predictions_add(to, &p, "final.mean");
}

static int is_known_rule(const esc_subject *subject)
{
  enum { ALPHA, EPS, MOMENTUM, CENTERED, EPS_INSIDE };
  const double *const key = subject->update_key;
  switch (subject->plan->update) {
  case ESC_UPDATE_adam:
    return key[1] >= 0.9 && key[2] < 1e-3;
  case ESC_UPDATE_rmsprop:
    return key[ALPHA] >= 0.9 && key[EPS] < 1e-3 && key[MOMENTUM] == 0.0 && key[CENTERED] == 0.0;
  case ESC_UPDATE_sign_sgd:
    return 1;
  default:
    return 0;
  }
}

static void predict_minimum(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  const esc_plan *const plan = subject->plan;
  if (!source || source->law != ESC_LAW_gaussian || plan->landscape != ESC_LANDSCAPE_quadratic ||
      !is_known_rule(subject) || !esc_subject_never_ends(subject))
    return;
  const double k = esc_subject_slope(subject, 1.0), sigma = source->scale;
  const double settled = (double)plan->stop_steps * plan->lr * k / sigma;
  if (!(k > 0.0) || plan->lr * k > 0.5 * sigma || settled < 20.0)
    return;
  const int sign = plan->update == ESC_UPDATE_sign_sgd;
  const double value = 0.5 * plan->lr * sigma / k * (sign ? sqrt(0.5 * acos(-1.0)) : 1.0);
  const esc_prediction p = {.value = value,
                            .deviation = sqrt(2.0) * value,
                            .step = -1,
                            .kind = ESC_PREDICTION_ASYMPTOTIC,
                            .source = sign ? "lr sigma sqrt(pi/2)/(2k), lr k << sigma"
                                           : "lr sigma/(2k), beta2 -> 1, lr k << sigma"};
  esc_predictions_add(to, &p, "final.variance");
}

void esc_predict_adaptive(const esc_subject *subject, esc_predictions *to)
{
  if (!esc_subject_is_line(subject) || !esc_subject_is_plain_rule(subject))
    return;
  predict_straight_line(subject, to);
  predict_minimum(subject, to);
}
