/* Making a plan: its parts in their order, and the memory it owns. */
#include "host/plan.h"

#include <stdlib.h>
#include <string.h>

#include "host/error.h"

#define TALLY_WORDS_MAX 100000000.0

static esc_status plan_run(esc_planned *planned, const esc_experiment *experiment)
{
  if (experiment->stop_steps < 1 || experiment->stop_steps > INT32_MAX)
    return esc_fail_at("stop.steps", "expected 1 to %d steps, found %lld", INT32_MAX,
                       (long long)experiment->stop_steps);
  if (experiment->trajectories < 1 || experiment->trajectories > (int64_t)1 << 40)
    return esc_fail_at("trajectories", "expected 1 to %lld, found %lld",
                       (long long)((int64_t)1 << 40), (long long)experiment->trajectories);
  if (experiment->math != ESC_MATH_EXACT && experiment->math != ESC_MATH_FAST)
    return esc_fail_at("math", "expected exact or fast, found %d", (int)experiment->math);
  if (experiment->state != ESC_STATE_F32 && experiment->state != ESC_STATE_F64)
    return esc_fail_at("state", "expected f32 or f64, found %d", (int)experiment->state);
  planned->plan.stop_steps = experiment->stop_steps;
  planned->plan.seed = experiment->seed;
  planned->plan.state_bits = experiment->state == ESC_STATE_F64 ? 64 : 32;
  planned->trajectories = experiment->trajectories;
  planned->math = experiment->math;
  return ESC_STATUS_OK;
}

/* Curves of moments take space by step, dimension and state: refused before it overflows. */
static esc_status check_tally(const esc_plan *plan)
{
  const double words = (double)plan->step_count * plan->dimension *
                           esc_moment_words(plan->state_bits) * (plan->observe_moments + 1) +
                       (double)plan->dimension * 2e5;
  if (words > TALLY_WORDS_MAX)
    return esc_fail_at("observe.steps", "expected fewer observations: these take %.0f MB a thread",
                       words * 8e-6);
  return ESC_STATUS_OK;
}

static esc_status fill(esc_planned *planned, const esc_experiment *experiment)
{
  esc_status status = plan_run(planned, experiment);
  if (!status)
    status = esc_plan_landscape(planned, experiment->landscape);
  if (!status)
    status = esc_plan_noises(planned, experiment);
  if (!status)
    status = esc_plan_optimizer(planned, experiment);
  if (status)
    return status;
  esc_landscape_study(&planned->plan, planned->plan.lr, &planned->landscape);
  status = esc_plan_start(planned, experiment);
  if (!status)
    status = esc_plan_stop(planned, experiment);
  if (!status)
    status = esc_plan_observe(planned, experiment);
  if (!status)
    status = check_tally(&planned->plan);
  if (!status)
    esc_plan_tally(planned);
  return status;
}

esc_status esc_plan_make(const esc_experiment *experiment, esc_planned **planned)
{
  if (!experiment)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "experiment: expected an experiment, found NULL");
  if (experiment->struct_size < sizeof *experiment)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "experiment.struct_size: expected %zu, found %zu: begin with "
                    "ESC_EXPERIMENT_INIT",
                    sizeof *experiment, experiment->struct_size);
  esc_planned *const made = calloc(1, sizeof *made);
  if (!made)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the plan");
  const esc_status status = fill(made, experiment);
  if (status) {
    esc_plan_free(made);
    return status;
  }
  *planned = made;
  return ESC_STATUS_OK;
}

esc_status esc_experiment_check(const esc_experiment *experiment)
{
  esc_planned *planned = NULL;
  const esc_status status = esc_plan_make(experiment, &planned);
  esc_plan_free(planned);
  return status;
}
