/* Making a plan: its parts in their order, and the memory it owns. */
#include "host/plan.h"

#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "kernels/fp_control.h"

#define TALLY_WORDS_MAX 20000000 /* 160 MB, four of them a thread at worst */

static esc_status plan_run(esc_planned *planned, const esc_experiment *experiment)
{
  if (experiment->stop_steps < 1 || experiment->stop_steps > ESC_STEPS_MAX)
    return esc_fail_at("stop.steps", "expected 1 to %d steps, found %lld", ESC_STEPS_MAX,
                       (long long)experiment->stop_steps);
  if (experiment->trajectories < 1 || experiment->trajectories > (int64_t)1 << 40)
    return esc_fail_at("trajectories", "expected 1 to %lld, found %lld",
                       (long long)((int64_t)1 << 40), (long long)experiment->trajectories);
  if (experiment->first_id < 0 || experiment->first_id > ESC_IDS_MAX - experiment->trajectories)
    return esc_fail_at("first_id", "expected ids from 0 to 2^62, found %lld to %lld",
                       (long long)experiment->first_id,
                       (long long)(experiment->first_id <= INT64_MAX - experiment->trajectories
                                       ? experiment->first_id + experiment->trajectories
                                       : INT64_MAX));
  if (experiment->math != ESC_MATH_EXACT && experiment->math != ESC_MATH_FAST)
    return esc_fail_at("math", "expected exact or fast, found %d", (int)experiment->math);
  if (experiment->state != ESC_STATE_F32 && experiment->state != ESC_STATE_F64)
    return esc_fail_at("state", "expected f32 or f64, found %d", (int)experiment->state);
  planned->plan.stop_steps = experiment->stop_steps;
  planned->plan.seed = experiment->seed;
  planned->plan.first_id = experiment->first_id;
  planned->plan.state_bits = experiment->state == ESC_STATE_F64 ? 64 : 32;
  planned->trajectories = experiment->trajectories;
  planned->plan.fast = experiment->math == ESC_MATH_FAST;
  planned->moments = planned->moments_on_parameter = 2;
  return ESC_STATUS_OK;
}

static esc_status check_tally(const esc_plan *plan)
{
  if (plan->tally.words > TALLY_WORDS_MAX)
    return esc_fail_at("observe.steps",
                       "expected fewer observations: these take %.0f MB in each tally",
                       (double)plan->tally.words * 8e-6);
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
    status = esc_plan_until(planned, experiment);
  if (status)
    return status;
  esc_plan_tally(planned);
  return check_tally(&planned->plan);
}

/* Every struct that is there, once, before anything of it is read. Elements of an array have the
 * size of its first. */
static esc_status check_sizes(const esc_experiment *e)
{
  const struct {
    const char *what;
    const void *at; /* begins with struct_size */
    size_t expected;
  } structs[] = {
      {"experiment", e, sizeof *e},
      {"landscape", e->landscape, sizeof *e->landscape},
      {"data", e->landscape ? e->landscape->data : NULL, sizeof *e->landscape->data},
      {"noise", e->noise_count > 0 ? e->noises : NULL, sizeof *e->noises},
      {"optimizer", e->optimizer, sizeof *e->optimizer},
      {"start", e->start, sizeof *e->start},
      {"sets", e->set_count > 0 ? e->sets : NULL, sizeof *e->sets},
      {"observe", e->observe, sizeof *e->observe},
      {"until", e->until, sizeof *e->until},
      {"near", e->observe && e->observe->near_count > 0 ? e->observe->nears : NULL,
       sizeof *e->observe->nears},
      {"histogram", e->observe ? e->observe->histogram : NULL, sizeof *e->observe->histogram},
      {"occupation", e->observe ? e->observe->occupation : NULL, sizeof *e->observe->occupation},
      {"tail_index", e->observe ? e->observe->tail_index : NULL, sizeof *e->observe->tail_index},
  };
  esc_status status = ESC_STATUS_OK;
  for (size_t k = 0; !status && k < sizeof structs / sizeof *structs; k++)
    if (structs[k].at)
      status = esc_check_size(structs[k].what, *(const size_t *)structs[k].at, structs[k].expected);
  return status;
}

esc_status esc_plan_make(const esc_experiment *experiment, esc_planned **planned)
{
  if (!experiment)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "experiment: expected an experiment, found NULL");
  const esc_status sizes = check_sizes(experiment);
  if (sizes)
    return sizes;
  esc_planned *const made = calloc(1, sizeof *made);
  if (!made)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the plan");
  const uint64_t caller = esc_fp_default();
  const esc_status status = fill(made, experiment);
  esc_fp_restore(caller);
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
