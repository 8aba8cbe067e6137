/* The share that has not left a watched ball since the start: the survival of the chain that is
 * killed where it leaves the ball. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/theory/chain_solver.h"
#include "host/theory/numbers.h"

/* The chain within a ball. 0 where a projection would hold it there, or a start is not in it. */
static int within_ball(const esc_chain *chain, int ball, esc_chain *within)
{
  const esc_plan *const plan = chain->subject->plan;
  const int drawn = plan->start_kind == ESC_START_UNIFORM || plan->start_kind == ESC_START_NORMAL;
  *within = *chain;
  if (!esc_chain_ball(chain, ball, &within->lower, &within->upper))
    return 0;
  for (int end = 0; end < esc_chain_ends_held(chain); end++)
    if (esc_chain_end(chain, end) == within->lower || esc_chain_end(chain, end) == within->upper)
      return 0;
  for (int64_t k = 0; !drawn && k < plan->start_points; k++)
    if (!(plan->start[k] > within->lower && plan->start[k] < within->upper))
      return 0;
  within->held[0] = within->held[1] = 0;
  within->leaves = 1;
  within->region_count = 2;
  within->region[0] = (esc_region){-(double)INFINITY, within->lower, ESC_ENDS_LEFT};
  within->region[1] = (esc_region){within->upper, (double)INFINITY, ESC_ENDS_RIGHT};
  return 1;
}

static const char *follow(const esc_operator *op, const char *name, esc_numbers *to)
{
  const esc_plan *const plan = op->chain->subject->plan;
  esc_entry_law entry;
  esc_evolution e = {0};
  const char *why = esc_entry_law_begin(&entry, op);
  if (!why)
    why = esc_evolution_begin(&e, op, &entry);
  for (int64_t k = 0; !why && k < plan->step_count; k++) {
    if (plan->steps[k] < e.n)
      continue;
    if (!esc_evolution_advance(&e, plan->steps[k]))
      break;
    esc_numbers_put_share(to, e.by.survival, e.n, "curves.stuck.%s.fraction", name);
  }
  esc_evolution_end(&e);
  esc_entry_law_end(&entry);
  return why;
}

static const char *solve(const esc_chain *within, const esc_mesh *mesh, int order, int ball,
                         esc_numbers *to)
{
  esc_operator op;
  const char *why = esc_operator_begin(&op, within, mesh, order);
  if (!why)
    why = follow(&op, within->subject->planned->names.near[ball], to);
  if (!why && to->out_of_memory)
    why = ESC_NO_MEMORY;
  esc_operator_end(&op);
  return why;
}

static const char *predict_ball(const esc_chain *within, int ball, esc_predictions *to)
{
  const esc_gauss rule = esc_gauss_rule(ESC_ORDER);
  esc_numbers high = {0}, low = {0};
  esc_mesh mesh;
  const char *why = esc_chain_mesh(within, &rule, &mesh);
  if (!why)
    why = solve(within, &mesh, ESC_ORDER, ball, &high);
  if (!why)
    why = solve(within, &mesh, ESC_ORDER_LOW, ball, &low);
  if (!why)
    esc_numbers_say(within->subject, &high, &low, to);
  free(high.at);
  free(low.at);
  return why;
}

const char *esc_predict_stuck(const esc_chain *chain, esc_predictions *to)
{
  const esc_plan *const plan = chain->subject->plan;
  for (int ball = 0; plan->step_count > 0 && ball < plan->near_count; ball++) {
    esc_chain within;
    const char *const why =
        within_ball(chain, ball, &within) ? predict_ball(&within, ball, to) : NULL;
    if (why && strcmp(why, ESC_NO_MEMORY) == 0)
      return why;
  }
  return NULL;
}
