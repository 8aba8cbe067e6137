/* What the solved chain predicts: exits in the long run by linear equations, and what happens by a
 * step by following the chain. All of it is computed twice, with two orders of the quadrature. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/theory/chain_solver.h"
#include "host/theory/numbers.h"

#define LONGEST 1e11 /* mean time: I - K is then singular to 11 digits */

static const char *const ending_names[ESC_ENDINGS] = {"left", "right", "diverged", "lost"};

static int has_region(const esc_chain *chain, esc_ending ending)
{
  for (int k = 0; k < chain->region_count; k++)
    if (chain->region[k].ending == ending)
      return 1;
  return 0;
}

/* --- exits --- */

static void put_times(const esc_totals *by, esc_numbers *to)
{
  const double variance = by->squares - by->at_risk * by->at_risk, sd = sqrt(fmax(variance, 0.0));
  esc_numbers_put(to, by->at_risk, sd, -1, "exit_steps.mean");
  const double spread = sqrt(fmax(by->fourth - variance * variance, 0.0)); /* of a variance */
  esc_numbers_put(to, sd, 0.5 * spread / sd, -1, "exit_steps.sd");
}

static void put_outcomes(const esc_chain *chain, const esc_totals *by, int eventual,
                         esc_numbers *to)
{
  for (int k = 0; k <= ESC_ENDS_DIVERGED; k++)
    if (has_region(chain, (esc_ending)k)) {
      esc_numbers_put_share(to, by->ended[k], -1, "outcomes.%s.fraction", ending_names[k]);
      if (!to->out_of_memory)
        to->at[to->count - 1].eventual = eventual;
    }
}

/* NaN where what is divided by is too small to be known. */
static double ratio(double above, double below)
{
  return below > 1e-9 && above > 0.0 ? above / below : (double)NAN;
}

/* What depends on stop.steps: totals by then, and by rate_after. */
static void put_stopped(const esc_totals *by, const esc_totals *rated, esc_numbers *to)
{
  char of[96];
  double exited = 0.0, timed = 0.0;
  esc_numbers_put_share(to, by->survival, -1, "outcomes.%s.fraction", "running");
  for (int k = 0; k <= ESC_ENDS_RIGHT; k++) {
    exited += by->ended[k];
    timed += by->timed[k];
    snprintf(of, sizeof of, "exit_steps.by.%s.mean_of_exited", ending_names[k]);
    esc_numbers_put(to, ratio(by->timed[k], by->ended[k]), (double)NAN, -1, of);
  }
  esc_numbers_put(to, ratio(timed, exited), (double)NAN, -1, "exit_steps.mean_of_exited");
  esc_numbers_put(to, by->at_risk, sqrt(fmax(by->squares - by->at_risk * by->at_risk, 0.0)), -1,
                  "exit_steps.restricted_mean");
  esc_numbers_put(to, ratio(rated->survival - by->survival, by->at_risk - rated->at_risk),
                  (double)NAN, -1, "exit_steps.rate.per_step");
}

/* --- from step to step --- */

static void put_curves(const esc_evolution *e, esc_numbers *to)
{
  const esc_chain *const chain = e->op->chain;
  const esc_planned *const planned = chain->subject->planned;
  if (planned->plan.has_walls)
    esc_numbers_put_share(to, e->by.survival, e->n, "curves.%s", "survival");
  for (int k = 0; k <= ESC_ENDS_RIGHT; k++)
    if (has_region(chain, (esc_ending)k))
      esc_numbers_put_share(to, e->by.ended[k], e->n, "curves.incidence.%s", ending_names[k]);
  for (int k = 0; k < planned->plan.near_count; k++)
    esc_numbers_put_share(to, e->inside[k], e->n, "curves.near.%s.fraction",
                          planned->names.near[k]);
}

/* The curves; then the totals at rate_after, and at stop.steps if they are wanted, in *by. Returns
 * 0 where that are too many steps. */
static int follow(esc_evolution *e, int to_the_end, esc_totals *rated, esc_totals *by,
                  esc_numbers *to)
{
  const esc_plan *const plan = e->op->chain->subject->plan;
  int64_t next = 0;
  *rated = (esc_totals){.survival = 1.0};
  while (next < plan->step_count && plan->steps[next] < e->n)
    next++;
  int before = plan->rate_after >= e->n; /* rate_after is still to come */
  while (before || next < plan->step_count) {
    const int rates = before && (next == plan->step_count || plan->rate_after < plan->steps[next]);
    if (!esc_evolution_advance(e, rates ? plan->rate_after : plan->steps[next]))
      return 0;
    if (rates) {
      *rated = e->by;
      before = 0;
    } else {
      put_curves(e, to);
      next++;
    }
  }
  if (!to_the_end)
    return 1;
  if (!esc_evolution_advance(e, plan->stop_steps))
    return 0;
  *by = e->by;
  return 1;
}

/* Exits in the long run, unless stop.steps cuts them short. P(T > e longest) <= 1/e from anywhere
 * (Markov), so that after 100 times that e^-36 of them are left at most. Where that is beyond all
 * rounding the equations say nothing, and the chain is only followed. */
static const char *put_chain(const esc_operator *op, const esc_entry_law *entry, esc_numbers *to)
{
  const esc_plan *const plan = op->chain->subject->plan;
  const int ends = plan->has_walls;
  double longest = (double)INFINITY;
  double factor = (double)NAN;
  esc_totals by, rated;
  esc_evolution e;
  const char *why = ends ? esc_totals_in_the_end(op, entry, &by, &longest) : NULL;
  const int solved = !why && ends && longest < LONGEST;
  if (solved)
    why = esc_operator_survival(op, &factor);
  if (why)
    return why;
  if (solved) {
    to->longest = longest;
    put_times(&by, to);
    esc_numbers_put(to, factor, (double)NAN, -1, "exit_steps.survival_factor");
  }
  const int all_end = solved && (double)plan->stop_steps > 100.0 * longest;
  why = esc_evolution_begin(&e, op, entry);
  const int followed = !why && follow(&e, ends && !all_end, &rated, &by, to);
  esc_evolution_end(&e);
  to->lost = e.by.ended[ESC_ENDS_LOST];
  if (!why && ends && (followed || solved)) {
    to->lost = by.ended[ESC_ENDS_LOST];
    to->diverged = by.ended[ESC_ENDS_DIVERGED];
    put_outcomes(op->chain, &by, !followed && !all_end, to);
  }
  if (!why && ends && followed)
    put_stopped(&by, &rated, to);
  return why;
}

/* --- all of it --- */

static const char *solve(const esc_chain *chain, const esc_mesh *mesh, int order, esc_numbers *to)
{
  esc_operator op;
  esc_entry_law entry = {0};
  const char *why = esc_operator_begin(&op, chain, mesh, order);
  if (!why)
    why = esc_entry_law_begin(&entry, &op);
  if (!why && chain->leaves)
    why = esc_operator_factor(&op);
  if (!why)
    why = put_chain(&op, &entry, to);
  esc_entry_law_end(&entry);
  esc_operator_end(&op);
  return why;
}

const char *esc_predict_chain(const esc_subject *subject, esc_predictions *to)
{
  const esc_gauss rule = esc_gauss_rule(ESC_ORDER);
  const char *why = NULL;
  esc_chain chain;
  esc_mesh mesh;
  if (!esc_chain_begin(&chain, subject, &why))
    return why;
  why = esc_chain_mesh(&chain, &rule, &mesh);
  if (why)
    return why;
  esc_numbers high = {0}, low = {0};
  why = solve(&chain, &mesh, ESC_ORDER, &high);
  if (!why)
    why = solve(&chain, &mesh, ESC_ORDER_LOW, &low);
  if (!why && (high.out_of_memory || low.out_of_memory))
    why = ESC_NO_MEMORY;
  const int before = esc_predictions_count(to);
  if (!why)
    esc_numbers_say(subject, &high, &low, to);
  if (!why && esc_predictions_count(to) == before)
    why = "nothing of it is known to a thousandth";
  free(high.at);
  free(low.at);
  return why ? why : esc_predict_stuck(&chain, to);
}
