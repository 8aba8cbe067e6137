/* Whether a run is precise enough (docs/statistics.md, "Precise enough"). */
#include "host/precision.h"

#include <math.h>

#include "host/estimate.h"
#include "host/intervals.h"

#define FIRST_DECISION 1024

typedef struct esc_asked {
  esc_estimate estimate;
  int64_t events; /* that stand behind it */
} esc_asked;

static esc_asked fraction(const esc_plan *plan, const int64_t *tally, int outcome)
{
  int64_t all = 0;
  for (int k = 0; k < plan->outcomes; k++)
    all += esc_outcome_times(plan, tally, k).count;
  const int64_t count = esc_outcome_times(plan, tally, outcome).count;
  return (esc_asked){esc_wilson(count, all), count};
}

static esc_asked ask(const esc_planned *planned, const int64_t *tally)
{
  const esc_plan *const plan = &planned->plan;
  const esc_outcome_set all = ((esc_outcome_set)1 << plan->outcomes) - 1;
  esc_asked rate = {.events = 0};
  int64_t at_risk;
  switch (planned->until.of) {
  case ESC_UNTIL_FRACTION:
    return fraction(plan, tally, planned->until.outcome);
  case ESC_UNTIL_RATE:
    rate.estimate = esc_estimate_rate(plan, tally, &rate.events, &at_risk);
    return rate;
  default:
    break;
  }
  const esc_times times = esc_estimate_times(plan, tally, esc_exits(plan), all);
  switch (planned->until.of) {
  case ESC_UNTIL_RESTRICTED_MEAN:
    return (esc_asked){times.restricted_mean, times.count};
  case ESC_UNTIL_MEAN_OF_EXITED:
    return (esc_asked){times.mean_of_exited, times.count};
  default:
    return (esc_asked){times.mean, times.count};
  }
}

static double relative_error(esc_estimate estimate)
{
  return 0.5 * (estimate.high - estimate.low) / fabs(estimate.value);
}

double esc_relative_error(const esc_planned *planned, const int64_t *tally)
{
  if (planned->until.of == ESC_UNTIL_NEVER)
    return (double)NAN;
  return relative_error(ask(planned, tally).estimate);
}

int esc_is_precise(const esc_planned *planned, const int64_t *tally)
{
  if (planned->until.of == ESC_UNTIL_NEVER)
    return 0;
  const esc_asked asked = ask(planned, tally);
  return asked.events >= planned->until.least_events &&
         relative_error(asked.estimate) <= planned->until.relative_error;
}

int64_t esc_next_decision(const esc_planned *planned, int64_t done)
{
  const int64_t all = planned->trajectories;
  int64_t next = FIRST_DECISION;
  while (next <= done)
    next *= 2;
  return planned->until.of != ESC_UNTIL_NEVER && next < all ? next : all;
}
