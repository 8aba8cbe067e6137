/* A maximum U = -(c/p) |x|^p, p > 1, in the diffusion limit lr -> 0 (docs/exact_values.md): how
 * long it holds (p > 2: from 0 to infinity in A_p n_s steps, of which delta^(2-p)/(c (p-2) lr) lie
 * beyond delta), which way off it, and how the time grows as lr falls. A parabola has its exact
 * answer. */
#include <math.h>

#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

typedef struct esc_maximum {
  double p, left, right; /* the order, and c on either side */
  double lr, x0, walls[2];
} esc_maximum;

static int maximum_of(const esc_subject *subject, esc_maximum *m)
{
  const esc_plan *const plan = subject->plan;
  if (!esc_subject_is_line(subject) || plan->landscape != ESC_LANDSCAPE_power_maximum ||
      !esc_subject_is_plain_sgd(subject) || !esc_subject_ends_at_walls(subject) ||
      !esc_subject_start(subject, &m->x0))
    return 0;
  m->p = subject->landscape_key[0];
  m->left = esc_subject_slope(subject, -1.0);
  m->right = -esc_subject_slope(subject, 1.0);
  m->lr = plan->lr;
  m->walls[0] = plan->walls[0], m->walls[1] = plan->walls[1];
  return m->p > 1.0 && m->left > 0.0 && m->right > 0.0;
}

static void say(esc_predictions *to, double value, double deviation, const char *of,
                const char *source)
{
  const esc_prediction p = {.value = value,
                            .deviation = deviation,
                            .error = 1e-12 * fabs(value),
                            .step = -1,
                            .kind = ESC_PREDICTION_ASYMPTOTIC,
                            .eventual = of[0] == 'o',
                            .source = source};
  esc_predictions_add(to, &p, "%s", of);
}

/* A_p = (2/p^2) (2/p)^(-2/p) Gamma(2/p) Gamma(1/p) Gamma(1-2/p)/Gamma(1-1/p). */
static double holding_constant(double p)
{
  const double logarithm = esc_log_gamma(2.0 / p) + esc_log_gamma(1.0 / p) +
                           esc_log_gamma(1.0 - 2.0 / p) - esc_log_gamma(1.0 - 1.0 / p);
  return 2.0 / (p * p) * pow(2.0 / p, -2.0 / p) * exp(logarithm);
}

static void say_time(const esc_maximum *m, double sigma, esc_predictions *to)
{
  const double c = m->right, noise = m->lr * sigma * sigma, delta = m->walls[1];
  const double unit = pow(noise / c, 2.0 / m->p) / (m->lr * noise);
  const double beyond = pow(delta, 2.0 - m->p) / (c * (m->p - 2.0) * m->lr);
  const double mean = holding_constant(m->p) * unit - beyond;
  if (mean > 0.0)
    say(to, mean, (double)NAN, "exit_steps.mean", "A_p n_s - delta^(2-p)/(c (p-2) lr), lr -> 0");
}

static void say_side(const esc_maximum *m, double sigma, esc_predictions *to)
{
  const double far = 2.0 * m->right / (m->lr * sigma * sigma * m->p);
  double right = (double)NAN;
  if (m->left == m->right && m->x0 != 0.0)
    right =
        0.5 * (1.0 + copysign(esc_gamma_below(1.0 / m->p, far * pow(fabs(m->x0), m->p)), m->x0));
  else if (m->left != m->right && m->x0 == 0.0)
    right = 1.0 / (1.0 + pow(m->left / m->right, 1.0 / m->p));
  if (!isnan(right))
    say(to, right, sqrt(right * (1.0 - right)), "outcomes.right.fraction",
        "diffusion: incomplete gamma of 1/p, lr -> 0");
}

/* The tail index of noise without a variance; NaN for the other laws. */
static double tail_index(const esc_theory_source *source)
{
  const int heavy = source->law == ESC_LAW_student_t || source->law == ESC_LAW_stable ||
                    source->law == ESC_LAW_pareto;
  return heavy && source->key[0] < 2.0 ? source->key[0] : (double)NAN;
}

static void say_exponent(const esc_maximum *m, const esc_theory_source *source, esc_predictions *to)
{
  const double alpha = tail_index(source), k = m->p - 1.0;
  if (!(m->p > 2.0) || alpha <= 1.0 || (isnan(alpha) && !isfinite(source->variance)))
    return;
  const double exponent = isnan(alpha) ? 2.0 - 2.0 / m->p : alpha * k / (alpha + k - 1.0);
  const esc_prediction p = {.value = -exponent,
                            .deviation = (double)NAN,
                            .step = -1,
                            .against = "optimizer.lr",
                            .kind = ESC_PREDICTION_ASYMPTOTIC,
                            .source = isnan(alpha)
                                          ? "2 - 2/p: sticking, finite variance"
                                          : "alpha k/(alpha + k - 1): sticking, k = p - 1"};
  esc_predictions_add(to, &p, "exit_steps.mean");
}

void esc_predict_flat_maximum(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  esc_maximum m;
  if (!source || !maximum_of(subject, &m))
    return;
  const int even = m.left == m.right, parabola = m.p == 2.0 && even;
  if (source->law == ESC_LAW_gaussian && !parabola)
    say_side(&m, source->scale, to);
  if (source->law == ESC_LAW_gaussian && even && m.p > 2.0 && m.x0 == 0.0 &&
      m.walls[0] == -m.walls[1])
    say_time(&m, source->scale, to);
  if (m.x0 == 0.0)
    say_exponent(&m, source, to);
}
