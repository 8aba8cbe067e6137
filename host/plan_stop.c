/* The start's and the stop's part of a plan. */
#include <math.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

/* --- start --- */

static esc_status start_points(esc_planned *planned, const esc_start *start)
{
  esc_plan *const plan = &planned->plan;
  const int64_t dimension = plan->dimension, given = start->value_count;
  const int several = start->kind == ESC_START_POINTS;
  const int spread = !several && given == 1; /* one number serves every coordinate */
  if (!spread && (given < 1 || given % dimension != 0 || (!several && given != dimension)))
    return esc_fail_at("start", "expected %s%d number%s, found %lld", several ? "points of " : "",
                       plan->dimension, plan->dimension > 1 ? "s (one a dimension)" : "",
                       (long long)given);
  plan->start_points = spread ? 1 : given / dimension;
  double *const points =
      esc_plan_own(planned, (size_t)(plan->start_points * dimension), sizeof *points);
  if (!points)
    return ESC_STATUS_OUT_OF_MEMORY;
  for (int64_t k = 0; k < plan->start_points * dimension; k++) {
    points[k] = start->values[spread ? 0 : k];
    if (!isfinite(points[k]) || fabs(points[k]) > 1e30)
      return esc_fail_at("start", "expected finite numbers, found %g", points[k]);
  }
  plan->start = points;
  return ESC_STATUS_OK;
}

static esc_status start_law(esc_planned *planned, const esc_start *start)
{
  const int uniform = start->kind == ESC_START_UNIFORM;
  const char *const key = uniform ? "start.uniform" : "start.normal";
  if (start->value_count != 2)
    return esc_fail_at(key, "expected two numbers, found %lld", (long long)start->value_count);
  double *const pair = esc_plan_own(planned, 2, sizeof *pair);
  if (!pair)
    return ESC_STATUS_OUT_OF_MEMORY;
  memcpy(pair, start->values, 2 * sizeof *pair);
  if (!isfinite(pair[0]) || !isfinite(pair[1]))
    return esc_fail_at(key, "expected finite numbers, found [%g, %g]", pair[0], pair[1]);
  if (uniform && !(pair[0] < pair[1]))
    return esc_fail_at(key, "expected lo < hi, found [%g, %g]", pair[0], pair[1]);
  if (!uniform && !(pair[1] >= 0.0))
    return esc_fail_at(key, "expected a standard deviation of at least 0, found %g", pair[1]);
  planned->plan.start = pair;
  return ESC_STATUS_OK;
}

esc_status esc_plan_start(esc_planned *planned, const esc_experiment *experiment)
{
  static const double origin[1] = {0.0};
  const esc_start at_origin = {sizeof at_origin, ESC_START_POINT, origin, 1};
  const esc_start *const start = experiment->start ? experiment->start : &at_origin;
  if (!start->values || start->value_count < 1)
    return esc_fail_at("start", "expected numbers, found nothing");
  planned->plan.start_kind = start->kind;
  switch (start->kind) {
  case ESC_START_POINT:
  case ESC_START_POINTS:
    return start_points(planned, start);
  case ESC_START_UNIFORM:
  case ESC_START_NORMAL:
    return start_law(planned, start);
  default:
    return esc_fail_at("start", "expected a kind of start, found %d", (int)start->kind);
  }
}

/* --- stop --- */

/* A number as the state's type holds it: a start may round onto a wall. */
static double as_state(const esc_plan *plan, double value)
{
  return plan->state_bits == 64 ? value : (double)(float)value;
}

static esc_status plan_walls(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  const double lo = experiment->outside[0], hi = experiment->outside[1];
  if (lo == -(double)INFINITY && hi == (double)INFINITY)
    return ESC_STATUS_OK;
  if ((isfinite(lo) && !esc_is_sized(lo)) || (isfinite(hi) && !esc_is_sized(hi)))
    return esc_fail_at("stop.outside",
                       "expected numbers of at most 1e30 in size, or infinite, found [%g, %g]", lo,
                       hi);
  if (!(lo < hi))
    return esc_fail_at("stop.outside", "expected lo < hi, found [%g, %g]", lo, hi);
  if (plan->dimension != 1)
    return esc_fail_at("stop.outside",
                       "expected a landscape of one dimension, found %d: use "
                       "stop.sets with outside_box",
                       plan->dimension);
  if (experiment->set_count > 0)
    return esc_fail_at("stop.sets", "expected either outside or sets, found both");
  plan->has_walls = 1;
  plan->walls[0] = lo;
  plan->walls[1] = hi;
  for (int64_t k = 0; plan->start_kind == ESC_START_POINT && k < plan->start_points; k++)
    if (!(as_state(plan, plan->start[k]) > as_state(plan, lo) &&
          as_state(plan, plan->start[k]) < as_state(plan, hi)))
      return esc_fail_at("start", "expected a point inside stop.outside = [%g, %g], found %g", lo,
                         hi, plan->start[k]);
  planned->names.outcome[0] = "left";
  planned->names.outcome[1] = "right";
  return ESC_STATUS_OK;
}

static esc_status box_values(const esc_set *set, const char *path, int dimension, esc_plan_set *to)
{
  const int one = set->value_count == 2;
  if (!one && set->value_count != 2 * dimension)
    return esc_fail_at(path, "expected lo and hi, or %d lo and %d hi, found %d numbers", dimension,
                       dimension, set->value_count);
  for (int j = 0; j < dimension; j++) {
    to->point[j] = set->values[one ? 0 : j];
    to->upper[j] = set->values[one ? 1 : dimension + j];
    if (!(to->point[j] < to->upper[j]))
      return esc_fail_at(path, "expected lo < hi, found [%g, %g]", to->point[j], to->upper[j]);
  }
  return ESC_STATUS_OK;
}

/* A point or normal of `dimension` numbers and one more. */
static esc_status point_values(const esc_set *set, const char *path, int dimension,
                               esc_plan_set *to)
{
  if (set->value_count != dimension + 1)
    return esc_fail_at(path, "expected %d numbers and one more, found %d", dimension,
                       set->value_count);
  for (int j = 0; j <= dimension; j++)
    if (!esc_is_sized(set->values[j]))
      return esc_fail_at(path, "expected numbers of at most 1e30 in size, found %g",
                         set->values[j]);
  memcpy(to->point, set->values, (size_t)dimension * sizeof *to->point);
  to->level = set->values[dimension];
  return ESC_STATUS_OK;
}

static esc_status plan_set(esc_planned *planned, const esc_set *set, int k)
{
  esc_plan *const plan = &planned->plan;
  esc_plan_set *const to = &plan->set[k];
  char path[ESC_KEY_PATH_MAX];
  esc_key_path(path, "stop.sets[%d]", k);
  if (!set->name || !set->name[0])
    return esc_fail_at(path, "expected a name, found nothing");
  for (int other = 0; other < k; other++)
    if (strcmp(planned->names.outcome[other], set->name) == 0)
      return esc_fail_at(path, "expected a name of its own, found \"%s\" again", set->name);
  if (strcmp(set->name, "running") == 0 || strcmp(set->name, "diverged") == 0)
    return esc_fail_at(path, "expected another name: \"%s\" is an outcome of its own", set->name);
  if (!set->values || set->value_count < 1)
    return esc_fail_at(path, "expected numbers, found nothing");
  if (set->stay < 1 || set->stay > INT32_MAX || (set->stay > 1 && set->kind != ESC_SET_BALL))
    return esc_fail_at(path, "expected stay of at least 1 (above it only for a ball), found %lld",
                       (long long)set->stay);
  to->kind = (int)set->kind;
  to->stay = set->stay;
  planned->names.outcome[k] = esc_plan_own_text(planned, set->name);
  if (!planned->names.outcome[k])
    return ESC_STATUS_OUT_OF_MEMORY;
  if (set->kind == ESC_SET_OUTSIDE_BOX)
    return box_values(set, path, plan->dimension, to);
  if (set->kind == ESC_SET_LOSS_BELOW) {
    to->level = set->values[0];
    return esc_is_sized(to->level)
               ? ESC_STATUS_OK
               : esc_fail_at(path, "expected a loss of at most 1e30 in size, found %g", to->level);
  }
  const esc_status status = point_values(set, path, plan->dimension, to);
  if (status || set->kind == ESC_SET_HALFSPACE)
    return status;
  if (set->kind != ESC_SET_BALL)
    return esc_fail_at(path, "expected a kind of set, found %d", (int)set->kind);
  if (!(to->level > 0.0))
    return esc_fail_at(path, "expected a radius above 0, found %g", to->level);
  to->level *= to->level;
  return ESC_STATUS_OK;
}

/* The overshoot bound is about rules that step as plain SGD does, at one step size. */
static int steps_like_sgd(const esc_plan *plan)
{
  return esc_plan_is_linear(plan) && plan->schedule.kind == ESC_SCHEDULE_constant &&
         !(plan->clip_update < (double)INFINITY);
}

static esc_status plan_beyond(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  const double *const bound = planned->landscape.overshoot;
  plan->beyond = (double)INFINITY;
  switch (experiment->beyond) {
  case ESC_BEYOND_NONE:
    return ESC_STATUS_OK;
  case ESC_BEYOND_AUTO:
    if (steps_like_sgd(plan))
      plan->beyond = fmax(fabs(bound[0]), fabs(bound[1]));
    return ESC_STATUS_OK;
  case ESC_BEYOND_AT:
    if (!(experiment->beyond_at > 0.0) || !esc_is_sized(experiment->beyond_at))
      return esc_fail_at("stop.beyond",
                         "expected auto, none or a number above 0 and at most 1e30, found %g",
                         experiment->beyond_at);
    plan->beyond = experiment->beyond_at;
    return ESC_STATUS_OK;
  default:
    return esc_fail_at("stop.beyond", "expected auto, none or a number, found %d",
                       (int)experiment->beyond);
  }
}

esc_status esc_plan_stop(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  esc_status status = plan_walls(planned, experiment);
  if (status)
    return status;
  if (experiment->set_count < 0 || experiment->set_count > ESC_SETS_MAX ||
      (experiment->set_count > 0 && !experiment->sets))
    return esc_fail_at("stop.sets", "expected at most %d sets, found %d", ESC_SETS_MAX,
                       experiment->set_count);
  for (int k = 0; !status && k < experiment->set_count; k++)
    status = plan_set(planned,
                      (const esc_set *)((const char *)experiment->sets +
                                        (size_t)k * experiment->sets->struct_size),
                      k);
  if (!status)
    status = plan_beyond(planned, experiment);
  for (int64_t k = 0; !status && plan->start_kind == ESC_START_POINT && k < plan->dimension; k++)
    if (fabs(plan->start[k]) > plan->beyond)
      status = esc_fail_at("start", "expected a point within stop.beyond = %g, found %g",
                           plan->beyond, plan->start[k]);
  if (status)
    return status;
  plan->set_count = experiment->set_count;
  plan->outcomes = (plan->has_walls ? 2 : plan->set_count) + 2;
  planned->names.outcome[plan->outcomes - 2] = "running";
  planned->names.outcome[plan->outcomes - 1] = "diverged";
  if (experiment->rate_after < 0 || experiment->rate_after >= plan->stop_steps)
    return esc_fail_at("rate.after", "expected a number from 0 below stop.steps, found %lld",
                       (long long)experiment->rate_after);
  plan->rate_after = experiment->rate_after;
  plan->renew = experiment->renew != 0;
  return ESC_STATUS_OK;
}
