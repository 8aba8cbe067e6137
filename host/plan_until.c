/* The part of a plan that says when the run is precise enough. */
#include <string.h>

#include "host/error.h"
#include "host/plan.h"

/* NAME of "outcomes.NAME.fraction": its number, or -1. */
static int outcome_of(const esc_planned *planned, const char *of)
{
  static const char head[] = "outcomes.", tail[] = ".fraction";
  const size_t length = strlen(of), ends = sizeof head - 1 + sizeof tail - 1;
  if (length <= ends || strncmp(of, head, sizeof head - 1) != 0 ||
      strcmp(of + length - (sizeof tail - 1), tail) != 0)
    return -1;
  for (int k = 0; k < planned->plan.outcomes; k++) {
    const char *const name = planned->names.outcome[k];
    if (strlen(name) == length - ends && strncmp(of + sizeof head - 1, name, strlen(name)) == 0)
      return k;
  }
  return -1;
}

static esc_status plan_quantity(esc_planned *planned, const char *of)
{
  static const struct {
    const char *name;
    int of;
  } times[] = {{"exit_steps.mean", ESC_UNTIL_MEAN},
               {"exit_steps.restricted_mean", ESC_UNTIL_RESTRICTED_MEAN},
               {"exit_steps.mean_of_exited", ESC_UNTIL_MEAN_OF_EXITED},
               {"exit_steps.rate.per_step", ESC_UNTIL_RATE}};
  for (size_t k = 0; of && k < sizeof times / sizeof *times; k++)
    if (strcmp(of, times[k].name) == 0) {
      planned->until.of = times[k].of;
      return ESC_STATUS_OK;
    }
  planned->until.of = ESC_UNTIL_FRACTION;
  planned->until.outcome = of ? outcome_of(planned, of) : -1;
  if (planned->until.outcome >= 0)
    return ESC_STATUS_OK;
  return esc_fail_at(
      "until.of",
      "expected exit_steps.mean, .restricted_mean, .mean_of_exited or .rate.per_step, or "
      "outcomes.NAME.fraction with an outcome of this experiment, found %s",
      of ? of : "nothing");
}

esc_status esc_plan_until(esc_planned *planned, const esc_experiment *experiment)
{
  const esc_until *const until = experiment->until;
  if (!until)
    return ESC_STATUS_OK;
  const esc_status status = plan_quantity(planned, until->of);
  if (status)
    return status;
  if (planned->plan.renew && planned->until.of == ESC_UNTIL_RESTRICTED_MEAN)
    return esc_fail_at("until.of",
                       "expected another estimate with renew: walkers have no common limit, found "
                       "exit_steps.restricted_mean");
  if (!(until->relative_error > 0.0) || !(until->relative_error < 1.0))
    return esc_fail_at("until.relative_error", "expected a number between 0 and 1, found %g",
                       until->relative_error);
  if (until->least_events < 1)
    return esc_fail_at("until.least_events", "expected at least 1, found %lld",
                       (long long)until->least_events);
  planned->until.relative_error = until->relative_error;
  planned->until.least_events = until->least_events;
  return ESC_STATUS_OK;
}
