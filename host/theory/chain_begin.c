/* From a subject to its chain: which experiments have one, where it ends, and where an open side
 * may be cut off. */
#include <math.h>

#include "host/theory/chain.h"

/* What an experiment must be, and what is said where it is not. */
static const char *misfit(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  if (plan->dimension != 1)
    return "it has more than one dimension";
  if (plan->landscape_function)
    return "its landscape is a function of the caller's";
  if (plan->update != ESC_UPDATE_sgd)
    return "its optimizer is not sgd, and remembers earlier steps or is not linear in the noise";
  if (plan->schedule.kind != ESC_SCHEDULE_constant)
    return "its step size changes";
  if (!esc_subject_is_projected_sgd(subject))
    return "its optimizer has weight_decay or clip_update";
  const int drawn = plan->start_kind == ESC_START_UNIFORM || plan->start_kind == ESC_START_NORMAL;
  if (drawn && !esc_subject_is_plain_rule(subject))
    return "its start is drawn, and need not lie where it is projected to";
  if (subject->source_count != 1)
    return subject->source_count ? "it has several sources of noise" : "it has no noise";
  if (isfinite(subject->source[0].noise->clip) || subject->source[0].noise->sparse < 1.0)
    return "its noise is clipped or sparse, and has no density";
  if (subject->source[0].planned->annealed)
    return "its noise is annealed";
  if (subject->source[0].planned->scaled_by_loss || subject->source[0].noise->covariance)
    return "its noise is correlated or in proportion to the loss";
  if (plan->set_count > 0 || plan->renew)
    return "it ends at sets, or renews";
  if (plan->start_points > 1000)
    return "it has more than 1000 starts";
  if (subject->source[0].scale <= 0.0)
    return "it has no noise";
  return NULL;
}

static void add_region(esc_chain *chain, double low, double high, esc_ending ending)
{
  if (low < high)
    chain->region[chain->region_count++] = (esc_region){low, high, ending};
}

/* How far out an open side is cut off: where the barrier back to the start is so high that light
 * tails do not reach it, exp(-2 U/(lr sigma^2)) being their share. `lost` tells what did. */
static double cut_off(const esc_chain *chain, double x0, double side, double bound)
{
  const esc_plan *const plan = chain->subject->plan;
  const double sigma2 = chain->subject->source[0].variance * (chain->c0 + chain->c2 * x0 * x0);
  const double lr = plan->lr, on = chain->density.sign < 0.0 ? 1.0 : 1.0 / (lr * lr);
  double step = 0.25 * chain->scale, x = x0, climbed = 0.0;
  for (int k = 0; k < 2000 && side * (bound - x) > step; k++) {
    const double middle = x + 0.5 * side * step;
    climbed = fmax(climbed + side * step * esc_subject_slope(chain->subject, middle), 0.0);
    x += side * step;
    if (2.0 * climbed / (lr * sigma2 * on) > 100.0)
      return x;
    step *= 1.01;
  }
  return (double)NAN;
}

/* Where a search for the end of an open side begins. */
static double middle_of(const esc_plan *plan)
{
  const int uniform = plan->start_kind == ESC_START_UNIFORM;
  return uniform ? 0.5 * (plan->start[0] + plan->start[1]) : plan->start[0];
}

/* Keeps trajectories in [project], where that is inside all bounds: what would go out on that side
 * stays on the end. */
static void hold_sides(esc_chain *chain)
{
  const double *const project = chain->subject->plan->project;
  chain->held[0] = project[0] > chain->lower;
  chain->held[1] = project[1] < chain->upper;
  chain->lower = chain->held[0] ? project[0] : chain->lower;
  chain->upper = chain->held[1] ? project[1] : chain->upper;
}

/* A side without a wall ends where light tails do not reach, or at `beyond`. */
static int close_side(esc_chain *chain, double side, double *end, const char **why)
{
  const int heavy = isinf(chain->density.reach), open = isinf(*end);
  if (heavy && open)
    *why =
        "a side is open, and heavy-tailed noise jumps beyond any bound: set walls or stop.beyond";
  if (heavy)
    return !open;
  const double cut = cut_off(chain, middle_of(chain->subject->plan), side, *end);
  if (isnan(cut) && open)
    *why = "a side is open, and no slope leads back from there: set walls or stop.beyond";
  if (isnan(cut))
    return !open;
  add_region(chain, fmin(cut, *end), fmax(cut, *end), ESC_ENDS_LOST);
  *end = cut;
  return 1;
}

static int set_domain(esc_chain *chain, const char **why)
{
  const esc_plan *const plan = chain->subject->plan;
  const double infinite = (double)INFINITY, beyond = plan->beyond;
  const double lo = plan->has_walls ? plan->walls[0] : -infinite;
  const double hi = plan->has_walls ? plan->walls[1] : infinite;
  chain->lower = fmax(lo, -beyond);
  chain->upper = fmin(hi, beyond);
  hold_sides(chain);
  if (!(chain->lower < chain->upper)) {
    *why = "it is projected to where it ends";
    return 0;
  }
  if (!chain->held[0]) {
    add_region(chain, -infinite, lo, ESC_ENDS_LEFT);
    add_region(chain, lo, chain->lower, ESC_ENDS_DIVERGED);
  }
  if (!chain->held[1]) {
    add_region(chain, hi, infinite, ESC_ENDS_RIGHT);
    add_region(chain, chain->upper, hi, ESC_ENDS_DIVERGED);
  }
  return (chain->held[0] || isfinite(lo) || close_side(chain, -1.0, &chain->lower, why)) &&
         (chain->held[1] || isfinite(hi) || close_side(chain, 1.0, &chain->upper, why));
}

static int is_even(double p)
{
  return fmod(p, 2.0) == 0.0;
}

/* Kinks of the landscapes of the catalogue: |x|^p has none where p is even. */
static void set_kinks(esc_chain *chain)
{
  const double *const key = chain->subject->landscape_key;
  switch (chain->subject->plan->landscape) {
  case ESC_LANDSCAPE_power_maximum:
    if (!is_even(key[0]) || key[1] != key[2])
      chain->kink[chain->kink_count++] = 0.0;
    break;
  case ESC_LANDSCAPE_sharp_maximum:
    chain->kink[chain->kink_count++] = 0.0;
    break;
  case ESC_LANDSCAPE_power_well:
    if (!is_even(key[0]) || !is_even(key[1]))
      chain->kink[chain->kink_count++] = 0.0;
    break;
  case ESC_LANDSCAPE_wang_oh_rhee:
    chain->kink[chain->kink_count++] = 1.65;
    break;
  default:
    break;
  }
}

int esc_chain_begin(esc_chain *chain, const esc_subject *subject, const char **why)
{
  const esc_theory_source *const source = &subject->source[0];
  *why = misfit(subject);
  if (*why)
    return 0;
  *chain = (esc_chain){.subject = subject, .leaves = subject->plan->has_walls};
  if (!esc_density_begin(&chain->density, source, why))
    return 0;
  const double lr = source->planned->on_parameter ? 1.0 : subject->plan->lr;
  chain->scale = lr * source->scale * chain->density.stretch;
  chain->c0 = source->noise->state_scale[0];
  chain->c2 = source->noise->state_scale[1];
  if (!(chain->c0 > 0.0)) {
    *why = "its noise vanishes at 0";
    return 0;
  }
  set_kinks(chain);
  return set_domain(chain, why);
}
