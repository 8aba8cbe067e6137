/* Plain SGD on a quadratic under symmetric stable noise of scale g: with r = 1 - lr k,
 *   x_n = r^n x_0 - lr (xi_n + r xi_{n-1} + ...),
 * so x_n is stable about r^n x_0 with scale lr g ((1 - |r|^(alpha n))/(1 - |r|^alpha))^(1/alpha).
 * It has no variance, but quantiles and shares. */
#include <math.h>

#include "host/theory/density.h"
#include "host/theory/predictions.h"

typedef struct esc_stable_view {
  const esc_subject *subject;
  const esc_theory_source *source;
  esc_density density;
  double r, x0;
  esc_predictions *to;
} esc_stable_view;

static double scale_at(const esc_stable_view *view, int64_t n)
{
  const double alpha = view->source->key[0], factor = pow(fabs(view->r), alpha);
  const double sum = factor == 1.0 ? (double)n : (1.0 - pow(factor, (double)n)) / (1.0 - factor);
  return view->subject->plan->lr * view->source->scale * view->density.stretch *
         pow(sum, 1.0 / alpha);
}

static double centre_at(const esc_stable_view *view, int64_t n)
{
  return view->x0 * pow(view->r, (double)n);
}

/* The 0.95-point at scale 1. */
static double upper_point(const esc_density *density)
{
  double low = 0.0, high = 1e12;
  for (int k = 0; k < 200; k++) {
    const double middle = 0.5 * (low + high);
    if (esc_density_below(density, middle) < 0.95)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

static void say(const esc_stable_view *view, double value, double deviation, int64_t step,
                const char *of)
{
  const esc_prediction p = {.value = value,
                            .error = 1e-10 * fabs(value),
                            .deviation = deviation,
                            .step = step,
                            .source = "stable noise through a linear rule is stable"};
  esc_predictions_add(view->to, &p, "%s", of);
}

static void say_near(const esc_stable_view *view, int64_t n)
{
  const esc_plan *const plan = view->subject->plan;
  const double scale = scale_at(view, n), centre = centre_at(view, n);
  for (int b = 0; n > 0 && b < plan->near_count; b++) {
    const double radius = sqrt(plan->near[b].squared_radius);
    const double from = plan->near[b].point[0] - radius, to = plan->near[b].point[0] + radius;
    const double share =
        esc_density_between(&view->density, (from - centre) / scale, (to - centre) / scale);
    const esc_prediction p = {.value = share,
                              .error = 1e-10,
                              .deviation = sqrt(share * (1.0 - share)),
                              .step = n,
                              .source = "stable noise through a linear rule is stable"};
    esc_predictions_add(view->to, &p, "curves.near.%s.fraction",
                        view->subject->planned->names.near[b]);
  }
}

void esc_predict_stable_chain(const esc_subject *subject, esc_predictions *to)
{
  const esc_plan *const plan = subject->plan;
  esc_stable_view view = {subject, esc_subject_plain_noise(subject), .to = to};
  const char *why;
  if (!view.source || !esc_law_is_stable(view.source) || view.source->key[0] == 2.0 ||
      !esc_subject_is_line(subject) || plan->landscape != ESC_LANDSCAPE_quadratic ||
      !esc_subject_is_plain_sgd(subject) || !esc_subject_never_ends(subject) ||
      !esc_subject_start(subject, &view.x0) || !esc_density_begin(&view.density, view.source, &why))
    return;
  view.r = 1.0 - plan->lr * esc_subject_slope(subject, 1.0);
  if (fabs(view.r) > 1.0)
    return;
  for (int64_t i = 0; i < plan->step_count; i++)
    say_near(&view, plan->steps[i]);
  const double point = scale_at(&view, plan->stop_steps) * upper_point(&view.density);
  const double centre = centre_at(&view, plan->stop_steps);
  say(&view, centre - point, (double)NAN, -1, "final.quantiles.0.05");
  say(&view, centre, (double)NAN, -1, "final.quantiles.0.5");
  say(&view, centre + point, (double)NAN, -1, "final.quantiles.0.95");
}
