/* Replaying one trajectory, step by step: on the CPU whatever the device, for the bits are the
 * same.
 */
#include <stdlib.h>

#include "host/opened_device.h"
#include "host/error.h"
#include "host/plan.h"

typedef struct esc_replaying {
  const esc_planned *planned;
  int (*visit)(void *context, const esc_replay_step *step);
  void *context;
} esc_replaying;

static int visit_step(void *context, int64_t step, const double *position, int outcome)
{
  const esc_replaying *const replay = context;
  const esc_replay_step visited = {sizeof visited, step, position,
                                   outcome < 0 ? "" : replay->planned->names.outcome[outcome]};
  return replay->visit(replay->context, &visited);
}

esc_status esc_replay(esc_device *device, const esc_experiment *experiment, int64_t id,
                      int (*visit)(void *context, const esc_replay_step *step), void *context)
{
  if (!device || !visit)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "expected an open device and a visitor, found NULL");
  esc_planned *planned = NULL;
  esc_status status = esc_plan_make(experiment, &planned);
  if (status)
    return status;
  if (id < planned->plan.first_id || id >= ESC_IDS_MAX) {
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "trajectory: expected an id from %lld below 2^62, found %lld",
                      (long long)planned->plan.first_id, (long long)id);
    esc_plan_free(planned);
    return status;
  }
  int64_t *const tally = calloc((size_t)planned->plan.tally.words, sizeof *tally);
  esc_replaying replay = {planned, visit, context};
  const esc_sink sink = {.first = id, .visit = visit_step, .visit_context = &replay};
  esc_control control = {.lanes = 1};
  esc_piece piece = {&planned->plan, {id, 1}, tally, &sink}, *const one = &piece;
  status = tally ? esc_cpu_backend.trajectories(device->cpu, &one, 1, &control)
                 : ESC_STATUS_OUT_OF_MEMORY;
  free(tally);
  esc_plan_free(planned);
  return status ? esc_fail(status, "replay: %s", esc_status_name(status)) : ESC_STATUS_OK;
}
