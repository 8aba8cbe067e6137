/* A Gaussian walk out of an interval: Siegmund's (Adv. Appl. Probab. 11, 1979) corrected diffusion.
 * Walls act as if they stood rho = -zeta(1/2)/sqrt(2 pi) steps farther out; what is left out decays
 * like exp(-sqrt(2 pi) d), d the distance from the start to the nearer wall in steps. */
#include <math.h>

#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

void esc_predict_free_walk(const esc_subject *subject, esc_predictions *to)
{
  static const char source[] = "Siegmund 1979: walls rho steps farther out";
  const esc_theory_source *const noise = esc_subject_plain_noise(subject);
  const esc_plan *const plan = subject->plan;
  double x0;
  if (!noise || noise->law != ESC_LAW_gaussian || !esc_subject_is_line(subject) ||
      plan->landscape != ESC_LANDSCAPE_quadratic || esc_subject_slope(subject, 1.0) != 0.0 ||
      !esc_subject_is_plain_sgd(subject) || !esc_subject_ends_at_walls(subject) ||
      !isfinite(plan->walls[0]) || !isfinite(plan->walls[1]) || !esc_subject_start(subject, &x0))
    return;
  const double s = plan->lr * noise->scale, root = sqrt(2.0 * acos(-1.0));
  const double rho = -esc_zeta_below_one(0) / root;
  const double half = 0.5 * (plan->walls[1] - plan->walls[0]) / s,
               off = (x0 - 0.5 * (plan->walls[1] + plan->walls[0])) / s;
  const double reach = half + rho, left_out = exp(-root * (half - fabs(off)));
  if (left_out > 1e-3)
    return;
  const double right = 0.5 * (1.0 + off / reach);
  const esc_prediction mean = {.value = reach * reach - off * off + 0.25,
                               .error = left_out,
                               .deviation = (double)NAN,
                               .step = -1,
                               .source = source};
  const esc_prediction side = {.value = right,
                               .error = left_out / half,
                               .deviation = sqrt(right * (1.0 - right)),
                               .step = -1,
                               .eventual = 1,
                               .source = source};
  esc_predictions_add(to, &mean, "exit_steps.mean");
  esc_predictions_add(to, &side, "outcomes.right.fraction");
}
