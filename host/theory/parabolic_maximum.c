/* Which way off a parabolic maximum U = -c x^2/2. With q = 1 + lr c a step is x' = q x - lr xi, so
 * x_n/q^n tends to x0 - W with W = lr (xi_1/q + xi_2/q^2 + ...), and a trajectory ends up on the
 * right if W < x0: exact for the discrete chain, whatever the noise. Walls stop it sooner: one that
 * is beyond a wall on the right would have ended on the left with probability P(W > wall) at most,
 * and likewise on the left, so the larger of the two bounds the difference. */
#include <math.h>

#include "host/theory/density.h"
#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

typedef struct esc_parabola {
  double c, lr, x0, left, right; /* the walls */
} esc_parabola;

static int parabola_of(const esc_subject *subject, esc_parabola *p)
{
  const esc_plan *const plan = subject->plan;
  const int parabolic =
      plan->landscape == ESC_LANDSCAPE_quadratic ||
      (plan->landscape == ESC_LANDSCAPE_power_maximum && subject->landscape_key[0] == 2.0);
  if (!esc_subject_is_line(subject) || !parabolic || !esc_subject_ends_at_walls(subject) ||
      !esc_subject_is_plain_rule(subject) || !esc_subject_start(subject, &p->x0))
    return 0;
  p->c = -esc_subject_slope(subject, 1.0);
  p->lr = plan->lr;
  p->left = plan->walls[0], p->right = plan->walls[1];
  return p->c > 0.0 && p->c == esc_subject_slope(subject, -1.0);
}

/* P(W < x) of the laws whose W is known; NaN for the others. */
static double limit_below(const esc_subject *subject, const esc_parabola *p,
                          const esc_theory_source *source, double x)
{
  const double step = p->lr * p->c;
  const int sgd = subject->plan->update == ESC_UPDATE_sgd;
  if (source->law == ESC_LAW_gaussian) {
    /* momentum: x grows with the larger root of l^2 - (1 + mu + lr c) l + mu = 0, from v = 0 */
    const double mu = sgd ? 0.0 : subject->update_key[0], sum = 1.0 + mu + step;
    const double large = 0.5 * (sum + sqrt(sum * sum - 4.0 * mu)), small = mu / large;
    return esc_normal_below(x * (1.0 - small) * sqrt(large * large - 1.0) /
                            (p->lr * source->scale));
  }
  if (!sgd)
    return (double)NAN;
  if (esc_law_is_stable(source)) { /* so is W */
    const double alpha = source->key[0];
    const double scale = p->lr * source->scale * pow(pow(1.0 + step, alpha) - 1.0, -1.0 / alpha);
    esc_density density;
    const char *why;
    return esc_density_begin(&density, source, &why)
               ? esc_density_below(&density, x / (scale * density.stretch))
               : (double)NAN;
  }
  if (source->law == ESC_LAW_rademacher && step == 1.0) /* binary digits: W is uniform */
    return fmin(fmax(0.5 * (1.0 + x / (p->lr * source->scale)), 0.0), 1.0);
  return (double)NAN;
}

void esc_predict_parabolic_maximum(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  const int update = subject->plan->update;
  const int momentum = update == ESC_UPDATE_momentum && subject->update_key[1] == 0.0;
  esc_parabola p;
  if (!source || !(update == ESC_UPDATE_sgd || momentum) || !parabola_of(subject, &p))
    return;
  const double right = limit_below(subject, &p, source, p.x0);
  const double below = limit_below(subject, &p, source, p.left);
  const double above = 1.0 - limit_below(subject, &p, source, p.right);
  if (isnan(right))
    return;
  const esc_prediction prediction = {.value = right,
                                     .error = fmax(below, above) + 1e-15,
                                     .deviation = sqrt(right * (1.0 - right)),
                                     .step = -1,
                                     .eventual = 1,
                                     .source = "P(W < x0), W = lr sum_j xi_j (1 + lr c)^-j"};
  esc_predictions_add(to, &prediction, "outcomes.right.fraction");
}
