/* Out of a smooth well by Gaussian noise, over a maximum M to a wall beyond it: the mean time of
 * the diffusion dx = -U' dt + sqrt(2 D) dw, D = lr sigma^2/2, from the minimum m to the wall, T =
 * (1/D) int_m^wall e^(U(y)/D) int_-inf^y e^(-U(z)/D) dz dy, in steps of lr, with the first
 * corrections for the discrete steps, (T/lr) [1 + (lr/4)(c - k)] exp((lr^2/(12 D)) int_m^M U'^2
 * U''' dx), c = -U''(M), k = U''(m). A limit for lr -> 0 at fixed D; a wall at M itself would add
 * an error of order sqrt(lr). */
#include <math.h>
#include <stdlib.h>

#include "host/theory/predictions.h"

enum { GRID = 20000 };

typedef struct esc_well {
  const esc_subject *subject;
  double d;    /* D */
  double side; /* +1: out to the right */
  double m, top, wall;
} esc_well;

static double value_at(const esc_subject *subject, double x)
{
  double value, slope;
  esc_cpu_backend.landscape(NULL, subject->plan, 1, &x, &value, &slope);
  return value;
}

static double curvature(const esc_subject *subject, double x)
{
  const double h = 1e-5;
  return (esc_subject_slope(subject, x + h) - esc_subject_slope(subject, x - h)) / (2.0 * h);
}

/* The critical point of that kind nearest to x on a side (0: at x itself); NaN if there is none. */
static double nearest(const esc_subject *subject, int kind, double x, double side)
{
  const esc_landscape_info *const info = &subject->planned->landscape;
  double found = (double)NAN;
  for (int k = 0; k < info->critical_count; k++) {
    const double at = info->critical[k].position[0], off = at - x;
    const int fits = side == 0.0 ? fabs(off) < 1e-6 : side * off > 1e-6;
    if (info->critical[k].kind == kind && fits && !(fabs(off) > fabs(found - x)))
      found = at;
  }
  return found;
}

/* One wall, beyond just one maximum, well past it; and a minimum to start from. */
static int well_of(const esc_subject *subject, double x0, esc_well *well)
{
  const esc_plan *const plan = subject->plan;
  const int right = isfinite(plan->walls[1]) && isinf(plan->walls[0]);
  const int left = isfinite(plan->walls[0]) && isinf(plan->walls[1]);
  if (!plan->has_walls || plan->set_count > 0 || plan->renew || left == right)
    return 0;
  well->side = right ? 1.0 : -1.0;
  well->wall = plan->walls[right];
  well->m = nearest(subject, -1, x0, 0.0);
  well->top = nearest(subject, 1, x0, well->side);
  const double after = nearest(subject, 1, well->top, well->side);
  if (isnan(well->m) || isnan(well->top) || well->side * (after - well->wall) < 0.0)
    return 0;
  const double c = -curvature(subject, well->top), k = curvature(subject, well->m);
  const double barrier = value_at(subject, well->top) - value_at(subject, well->m);
  return c > 1e-3 && k > 1e-3 && barrier > 2.0 * well->d &&
         well->side * (well->wall - well->top) > sqrt(2.0 * well->d / c);
}

/* Where e^(-U/D) is no longer of weight, behind the minimum. */
static double behind(const esc_well *well)
{
  const double lowest = value_at(well->subject, well->m), step = 0.1 * sqrt(well->d);
  double x = well->m;
  for (int k = 0; k < 100000 && value_at(well->subject, x) - lowest < 40.0 * well->d; k++)
    x -= well->side * step;
  return x;
}

/* Both integrals in one sweep, by the midpoint rule; exponents are relative to U(m). */
static double diffusion_time(const esc_well *well)
{
  const double from = behind(well), run = fabs(well->wall - from) / GRID;
  const double lowest = value_at(well->subject, well->m);
  double inner = 0.0, outer = 0.0;
  for (int k = 0; k < GRID; k++) {
    const double x = from + well->side * run * (k + 0.5);
    const double u = (value_at(well->subject, x) - lowest) / well->d, weight = run * exp(-u);
    inner += 0.5 * weight;
    if (well->side * (x - well->m) > 0.0)
      outer += run * exp(u) * inner;
    inner += 0.5 * weight;
  }
  return outer / well->d;
}

/* int U'^2 U''' = -2 int U' U''^2 between two zeros of U'. */
static double third_derivative_term(const esc_well *well)
{
  const double run = (well->top - well->m) / GRID;
  double sum = 0.0;
  for (int k = 0; k < GRID; k++) {
    const double x = well->m + run * (k + 0.5), second = curvature(well->subject, x);
    sum -= 2.0 * run * esc_subject_slope(well->subject, x) * second * second;
  }
  return well->side * sum;
}

void esc_predict_kramers(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  double x0;
  if (!source || source->law != ESC_LAW_gaussian || !esc_subject_is_line(subject) ||
      !esc_subject_is_plain_sgd(subject) || !esc_subject_start(subject, &x0))
    return;
  const double lr = subject->plan->lr;
  esc_well well = {.subject = subject, .d = 0.5 * lr * source->scale * source->scale};
  if (!well_of(subject, x0, &well))
    return;
  const double c = -curvature(subject, well.top), k = curvature(subject, well.m);
  const double mean = diffusion_time(&well) / lr * (1.0 + 0.25 * lr * (c - k)) *
                      exp(lr * lr / (12.0 * well.d) * third_derivative_term(&well));
  const esc_prediction p = {.value = mean,
                            .error = 1e-6 * mean,
                            .deviation = mean,
                            .step = -1,
                            .kind = ESC_PREDICTION_ASYMPTOTIC,
                            .source =
                                "Kramers: the diffusion's time, corrected for discrete steps"};
  esc_predictions_add(to, &p, "exit_steps.mean");
}
