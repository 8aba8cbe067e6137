/* Out of a well under noise with a tail index alpha < 2: by one jump that is as wide as the well,
 * so T ~ 1/(P(step > d_+) + P(step < -d_-)), exponential, the sides in the ratio of the two terms
 * and the height of the barrier of no account (docs/exact_values.md); with updates clipped at b by
 * ceil(width/b) jumps (Wang, Oh and Rhee, arXiv:2102.04297). Limits for lr -> 0, slowly reached. */
#include <math.h>

#include "host/theory/density.h"
#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

typedef struct esc_basin_exits {
  double to_left, to_right; /* distances from the minimum; infinite where there is no wall */
} esc_basin_exits;

/* The start is a minimum, and no maximum stands before the walls. */
static int exits_of(const esc_subject *subject, esc_basin_exits *exits)
{
  const esc_landscape_info *const info = &subject->planned->landscape;
  const double *const walls = subject->plan->walls;
  double x0;
  int minimum = 0, maximum = 0;
  if (!esc_subject_is_line(subject) || !subject->plan->has_walls || subject->plan->renew ||
      !esc_subject_start(subject, &x0))
    return 0;
  for (int k = 0; k < info->critical_count; k++) {
    const double at = info->critical[k].position[0];
    minimum |= info->critical[k].kind < 0 && fabs(at - x0) < 1e-6;
    maximum |= info->critical[k].kind > 0 && at > walls[0] + 1e-9 && at < walls[1] - 1e-9;
  }
  *exits = (esc_basin_exits){x0 - walls[0], walls[1] - x0};
  return minimum && !maximum;
}

static double index_of(const esc_theory_source *source)
{
  const int heavy = source->law == ESC_LAW_student_t || source->law == ESC_LAW_stable ||
                    source->law == ESC_LAW_pareto;
  return heavy && source->key[0] < 2.0 ? source->key[0] : (double)NAN;
}

/* P(xi > u) for side = 1, P(xi < -u) for side = -1. Of a stable law its limit C_alpha (g/u)^alpha,
 * C_alpha = (1 +- beta) Gamma(alpha) sin(pi alpha/2)/pi. */
static double tail(const esc_theory_source *source, double u, double side)
{
  const double alpha = source->key[0], pi = acos(-1.0);
  esc_density density;
  const char *why;
  if (isinf(u))
    return 0.0;
  if (source->law == ESC_LAW_stable)
    return (1.0 + side * source->key[1]) * exp(esc_log_gamma(alpha)) * sin(0.5 * pi * alpha) / pi *
           pow(source->scale / u, alpha);
  esc_density_begin(&density, source, &why);
  const double far = u / source->scale;
  return density.sign * side > 0.0 ? esc_density_between(&density, far, (double)INFINITY)
                                   : esc_density_below(&density, -far);
}

static void say(esc_predictions *to, double value, double deviation, const char *of,
                const char *against, const char *source)
{
  const esc_prediction p = {.value = value,
                            .deviation = deviation,
                            .step = -1,
                            .against = against,
                            .kind = ESC_PREDICTION_ASYMPTOTIC,
                            .eventual = of[0] == 'o',
                            .source = source};
  esc_predictions_add(to, &p, "%s", of);
}

static void say_one_jump(const esc_subject *subject, const esc_theory_source *source,
                         const esc_basin_exits *exits, esc_predictions *to)
{
  static const char formula[] = "1/(P(step > d+) + P(step < -d-)): one big jump, lr -> 0";
  const double lr = subject->plan->lr;
  const double right = tail(source, exits->to_right / lr, -1.0); /* a step is -lr xi */
  const double left = tail(source, exits->to_left / lr, 1.0);
  const double share = right / (left + right);
  if (!(left + right > 0.0))
    return;
  say(to, 1.0 / (left + right), 1.0 / (left + right), "exit_steps.mean", NULL, formula);
  say(to, share, sqrt(share * (1.0 - share)), "outcomes.right.fraction", NULL, formula);
  say(to, -source->key[0], (double)NAN, "exit_steps.mean", "optimizer.lr",
      "alpha: one jump as wide as the well");
}

static void say_several(const esc_subject *subject, double alpha, const esc_basin_exits *exits,
                        esc_predictions *to)
{
  const double width = fmin(exits->to_left, exits->to_right);
  const double jumps = width / subject->plan->clip_update, least = ceil(jumps);
  if (alpha <= 1.0 || fabs(jumps - round(jumps)) < 0.02) /* a well of just so many */
    return;
  say(to, -(alpha + (least - 1.0) * (alpha - 1.0)), (double)NAN, "exit_steps.mean", "optimizer.lr",
      "alpha + (J-1)(alpha-1), J = ceil(width/clip): Wang, Oh and Rhee 2022");
}

void esc_predict_heavy_tails(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  const esc_plan *const plan = subject->plan;
  esc_basin_exits exits;
  if (!source || isnan(index_of(source)) || plan->update != ESC_UPDATE_sgd ||
      !exits_of(subject, &exits))
    return;
  if (esc_subject_is_plain_sgd(subject))
    say_one_jump(subject, source, &exits, to);
  else if (esc_subject_is_clipped_sgd(subject))
    say_several(subject, index_of(source), &exits, to);
}
