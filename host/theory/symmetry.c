/* An experiment that is its own mirror image ends on either side equally often: an even landscape,
 * noise and start symmetric about 0, walls at equal distance. Every rule of the catalogue turns
 * with its gradient. */
#include <math.h>
#include <string.h>

#include "host/theory/predictions.h"

enum { PROBES = 200 };

static int is_even(const esc_subject *subject, double reach)
{
  if (!esc_subject_is_line(subject) || esc_subject_slope(subject, 0.0) != 0.0)
    return 0;
  for (int k = 1; k <= PROBES; k++) {
    const double x = reach * k / PROBES;
    if (esc_subject_slope(subject, x) != -esc_subject_slope(subject, -x))
      return 0;
  }
  return 1;
}

static int starts_evenly(const esc_plan *plan)
{
  const double *const v = plan->start;
  if (plan->start_kind == ESC_START_UNIFORM)
    return v[0] == -v[1];
  if (plan->start_kind == ESC_START_NORMAL)
    return v[0] == 0.0;
  return plan->start_points == 1 && v[0] == 0.0;
}

void esc_predict_symmetry(const esc_subject *subject, esc_predictions *to)
{
  const esc_plan *const plan = subject->plan;
  if (!plan->has_walls || plan->walls[0] != -plan->walls[1] || !starts_evenly(plan) ||
      plan->project[0] != -plan->project[1] || subject->source_count == 0 ||
      !is_even(subject, fmin(4.0 * plan->walls[1], plan->beyond)))
    return;
  for (int k = 0; k < subject->source_count; k++)
    if (!esc_law_is_symmetric(&subject->source[k]))
      return;
  const esc_prediction p = {.value = 0.5,
                            .deviation = 0.5,
                            .step = -1,
                            .eventual = 1,
                            .source = "the experiment is its own mirror image"};
  esc_predictions_add_new(to, &p, "outcomes.right.fraction");
}
