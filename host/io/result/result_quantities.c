/* The numbers of a result by name. Whether a result of an experiment has one is asked before it
 * runs: the experiment is then looked at as if it were a report, with the same names. */
#include "result_quantities.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct visit {
  esc_quantity_visit *function;
  void *context;
} visit;

/* Those of all exits together, by their place in a report. */
static const struct {
  const char *name;
  size_t offset; /* of an esc_estimate */
} of_exits[] = {
    {"exit_steps.mean", offsetof(esc_report, exit_steps.mean)},
    {"exit_steps.restricted_mean", offsetof(esc_report, exit_steps.restricted_mean)},
    {"exit_steps.mean_of_exited", offsetof(esc_report, exit_steps.mean_of_exited)},
    {"exit_steps.quantiles.0.05", offsetof(esc_report, exit_steps.quantiles[0])},
    {"exit_steps.quantiles.0.5", offsetof(esc_report, exit_steps.quantiles[1])},
    {"exit_steps.quantiles.0.95", offsetof(esc_report, exit_steps.quantiles[2])},
    {"exit_steps.rate.per_step", offsetof(esc_report, rate.per_step)},
};

enum { OF_EXITS = sizeof of_exits / sizeof of_exits[0] };

static void say(const visit *to, const char *before, const char *name, const char *after,
                esc_estimate value)
{
  char text[ESC_QUANTITY_NAME];
  snprintf(text, sizeof text, "%s%s%s", before, name, after);
  to->function(to->context, text, value);
}

static esc_estimate alone(double value)
{
  return (esc_estimate){value, (double)NAN, (double)NAN};
}

static bool is_exit(const char *outcome)
{
  return strcmp(outcome, "running") != 0 && strcmp(outcome, "diverged") != 0;
}

static void visit_ends(const esc_report *report, const visit *to)
{
  for (int i = 0; i < report->outcome_count; i++)
    say(to, "outcomes.", report->outcomes[i].name, ".fraction", report->outcomes[i].fraction);
  to->function(to->context, "exit_steps.count", alone((double)report->exit_steps.count));
  for (size_t i = 0; i < OF_EXITS; i++) {
    esc_estimate value;
    memcpy(&value, (const char *)report + of_exits[i].offset, sizeof value);
    to->function(to->context, of_exits[i].name, value);
  }
  to->function(to->context, "exit_steps.sd", alone(report->exit_steps.sd));
  for (int i = 0; i < report->outcome_count; i++)
    if (is_exit(report->outcomes[i].name))
      say(to, "exit_steps.by.", report->outcomes[i].name, ".mean_of_exited",
          report->outcomes[i].exit_steps.mean_of_exited);
}

/* One number on a line, one for each coordinate elsewhere. */
static void visit_final(const esc_report *report, const visit *to)
{
  for (int j = 0; report->final && j < report->dimension; j++) {
    char index[16] = "";
    if (report->dimension > 1)
      snprintf(index, sizeof index, "[%d]", j);
    say(to, "final.mean", index, "", report->final[j].mean);
    say(to, "final.variance", index, "", report->final[j].variance);
  }
  if (report->final_loss.count > 0)
    to->function(to->context, "final.loss.mean", report->final_loss.mean);
}

/* Presence: the share at the last observed step, and the time spent. */
static void visit_nears(const esc_report *report, const visit *to)
{
  const int64_t steps = report->curves.step_count;
  for (int i = 0; i < report->near_count; i++) {
    const esc_near_report *const ball = &report->nears[i];
    if (ball->fraction && steps > 0)
      say(to, "curves.near.", ball->name, ".fraction", ball->fraction[steps - 1]);
    if (ball->stuck && steps > 0)
      say(to, "curves.stuck.", ball->name, ".fraction", ball->stuck[steps - 1]);
    say(to, "residence.", ball->name, ".mean_steps", ball->residence);
  }
}

static void visit_basins(const esc_report *report, const visit *to)
{
  for (int i = 0; i < report->basin_count; i++) {
    char index[32];
    snprintf(index, sizeof index, "[%d]", i);
    say(to, "basins.intervals", index, ".fraction", report->basins[i].fraction);
  }
}

void esc_quantities_visit(const esc_report *report, esc_quantity_visit *function, void *context)
{
  const visit to = {function, context};
  visit_ends(report, &to);
  visit_final(report, &to);
  visit_nears(report, &to);
  visit_basins(report, &to);
}

/* --- before there is a report --- */

enum { OUTCOMES = 40, NEARS = 16 };

typedef struct search {
  const char *name;
  bool found;
} search;

static void compare(void *context, const char *name, esc_estimate value)
{
  search *const looked_for = context;
  (void)value;
  looked_for->found = looked_for->found || strcmp(looked_for->name, name) == 0;
}

static int name_outcomes(const esc_experiment *experiment, esc_outcome *outcomes)
{
  int count = 0;
  if (isfinite(experiment->outside[0]) || isfinite(experiment->outside[1])) {
    outcomes[count++].name = "left";
    outcomes[count++].name = "right";
  }
  for (int i = 0; i < experiment->set_count && count < OUTCOMES - 2; i++)
    outcomes[count++].name = experiment->sets[i].name;
  outcomes[count++].name = "running";
  outcomes[count++].name = "diverged";
  return count;
}

static int name_nears(const esc_observe *observe, const esc_estimate *share, esc_near_report *nears)
{
  int count = 0;
  for (; observe && count < observe->near_count && count < NEARS; count++) {
    nears[count].name = observe->nears[count].name;
    nears[count].fraction = nears[count].stuck = share;
  }
  return count;
}

bool esc_quantity_known(const esc_experiment *experiment, const char *name)
{
  static const esc_estimate share;
  static const esc_moments moments[64];
  static const esc_basin basins[32];
  search looked_for = {name, false};
  esc_outcome outcomes[OUTCOMES] = {{0}};
  esc_near_report nears[NEARS] = {{0}};
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  const esc_observe *const observe = experiment->observe;
  if (esc_landscape_describe(experiment->landscape, 0.1, &info))
    return false;
  esc_report report = {.dimension = info.dimension,
                       .outcomes = outcomes,
                       .final = moments,
                       .nears = nears,
                       .basins = basins};
  report.outcome_count = name_outcomes(experiment, outcomes);
  report.near_count = name_nears(observe, &share, nears);
  report.final_loss.count = observe && observe->loss;
  report.curves.step_count = observe && observe->step_count > 0;
  report.basin_count = observe && observe->basins ? 1 : 0; /* one more than there are maxima */
  for (int i = 0; report.basin_count > 0 && i < info.critical_count && i < 31; i++)
    report.basin_count += info.critical[i].kind > 0;
  esc_quantities_visit(&report, compare, &looked_for);
  return looked_for.found;
}
