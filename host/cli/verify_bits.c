/* Comparing results bit by bit. Numbers are compared as bytes: -0 is not 0 here; a NaN's payload is
 * the one thing that may differ (docs/reproducibility.md). */
#include "verify_bits.h"

#include <math.h>
#include <string.h>

static int same_number(double a, double b)
{
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static int same_counts(const int64_t *a, const int64_t *b, int64_t count)
{
  return count == 0 || memcmp(a, b, (size_t)count * sizeof *a) == 0;
}

static int same_outcomes(const esc_report *a, const esc_report *b)
{
  if (a->outcome_count != b->outcome_count || a->time_bin_count != b->time_bin_count)
    return 0;
  for (int i = 0; i < a->outcome_count; i++)
    if (a->outcomes[i].count != b->outcomes[i].count)
      return 0;
  return 1;
}

static int same_times(const esc_report *a, const esc_report *b)
{
  for (int i = 0; i < a->outcome_count; i++)
    if (a->time_bin_count > 0 &&
        !same_counts(a->outcomes[i].time_counts, b->outcomes[i].time_counts, a->time_bin_count))
      return 0;
  return 1;
}

static int same_final(const esc_report *a, const esc_report *b)
{
  for (int64_t i = 0; i < a->sample_count * a->dimension; i++)
    if (!same_number(a->sample_final[i], b->sample_final[i]))
      return 0;
  return 1;
}

const char *esc_reports_differ(const esc_report *a, const esc_report *b)
{
  if (a->trajectories != b->trajectories || a->steps_total != b->steps_total)
    return "steps";
  if (!same_outcomes(a, b))
    return "outcomes";
  if (!same_times(a, b))
    return "exit times";
  if (a->sample_count != b->sample_count ||
      !same_counts(a->sample_steps, b->sample_steps, a->sample_count))
    return "exit step of a trajectory";
  if (!same_final(a, b))
    return "last position";
  return NULL;
}

enum { MOST_DIMENSION = 64 };

typedef struct ending {
  int dimension;
  int64_t step;
  double position[MOST_DIMENSION];
  char outcome[64];
} ending;

static int keep_last(void *context, const esc_replay_step *step)
{
  ending *const last = context;
  last->step = step->step;
  memcpy(last->position, step->position, (size_t)last->dimension * sizeof *last->position);
  strncpy(last->outcome, step->outcome, sizeof last->outcome - 1);
  return 0;
}

/* A trajectory that never ended has exit step -1 and the outcome "running". */
static int ends_so(const ending *last, const esc_report *report, int id)
{
  const char *const outcome = report->outcomes[report->sample_outcomes[id]].name;
  const int64_t step = report->sample_steps[id];
  if (step >= 0 && (step != last->step || strcmp(outcome, last->outcome) != 0))
    return 0;
  for (int j = 0; j < last->dimension; j++)
    if (!same_number(last->position[j], report->sample_final[id * last->dimension + j]))
      return 0;
  return 1;
}

const char *esc_replays_differ(esc_device *device, const esc_experiment *experiment,
                               const esc_report *report, int count, esc_status *status)
{
  *status = ESC_STATUS_OK;
  if (report->dimension > MOST_DIMENSION)
    return NULL;
  for (int id = 0; id < count && id < report->sample_count; id++) {
    ending last = {.dimension = report->dimension};
    *status = esc_replay(device, experiment, id, keep_last, &last);
    if (*status)
      return NULL;
    if (!ends_so(&last, report, id))
      return "replay";
  }
  return NULL;
}
