/* From esc_experiment to the object of an experiment file: start, stop, observe and the run; its
 * rules are in resolved_rules.c. Whether values are allowed is not asked: the run has accepted
 * them. */
#include "resolved_experiment.h"

#include <math.h>

#include "resolved_rules.h"

static json_t *points_list(esc_json_builder *builder, const esc_start *start, int dimension)
{
  json_t *points = json_array();
  for (int64_t i = 0; dimension > 0 && i + dimension <= start->value_count; i += dimension)
    esc_json_append(builder, points, esc_json_numbers(builder, start->values + i, dimension));
  return points;
}

static json_t *start_value(esc_json_builder *builder, const esc_start *start, int dimension)
{
  if (!start || !start->values || start->value_count == 0)
    return esc_json_number(0.0);
  if (start->kind == ESC_START_POINT)
    return start->value_count == 1 ? esc_json_number(start->values[0])
                                   : esc_json_numbers(builder, start->values, start->value_count);
  json_t *object = json_object();
  if (start->kind == ESC_START_POINTS)
    esc_json_put(builder, object, "points", points_list(builder, start, dimension));
  else
    esc_json_put(builder, object, start->kind == ESC_START_UNIFORM ? "uniform" : "normal",
                 esc_json_numbers(builder, start->values, start->value_count));
  return object;
}

static json_t *ball_object(esc_json_builder *builder, const double *values, int count)
{
  json_t *ball = json_object();
  esc_json_put(builder, ball, "point", esc_json_numbers(builder, values, count - 1));
  esc_json_put(builder, ball, "radius", esc_json_number(values[count - 1]));
  return ball;
}

static json_t *halfspace_object(esc_json_builder *builder, const double *values, int count)
{
  json_t *halfspace = json_object();
  esc_json_put(builder, halfspace, "normal", esc_json_numbers(builder, values, count - 1));
  esc_json_put(builder, halfspace, "offset", esc_json_number(values[count - 1]));
  return halfspace;
}

/* [lo, hi] where one pair serves every coordinate, else [[lo_1, hi_1], ...]. */
static json_t *box_value(esc_json_builder *builder, const double *values, int count)
{
  if (count == 2)
    return esc_json_numbers(builder, values, 2);
  json_t *box = json_array();
  for (int j = 0; j < count / 2; j++) {
    const double pair[2] = {values[j], values[count / 2 + j]};
    esc_json_append(builder, box, esc_json_numbers(builder, pair, 2));
  }
  return box;
}

static json_t *set_object(esc_json_builder *builder, const esc_set *set)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "name", json_string(set->name));
  if (set->kind == ESC_SET_BALL) {
    json_t *ball = ball_object(builder, set->values, set->value_count);
    esc_json_put(builder, ball, "stay", json_integer(set->stay));
    esc_json_put(builder, object, "ball", ball);
  } else if (set->kind == ESC_SET_HALFSPACE) {
    esc_json_put(builder, object, "halfspace",
                 halfspace_object(builder, set->values, set->value_count));
  } else if (set->kind == ESC_SET_LOSS_BELOW) {
    esc_json_put(builder, object, "loss_below", esc_json_number(set->values[0]));
  } else {
    esc_json_put(builder, object, "outside_box", box_value(builder, set->values, set->value_count));
  }
  return object;
}

static json_t *set_list(esc_json_builder *builder, const esc_experiment *experiment)
{
  json_t *sets = json_array();
  for (int i = 0; i < experiment->set_count; i++)
    esc_json_append(builder, sets, set_object(builder, &experiment->sets[i]));
  return sets;
}

static json_t *beyond_value(const esc_experiment *experiment)
{
  if (experiment->beyond == ESC_BEYOND_AT)
    return esc_json_number(experiment->beyond_at);
  return json_string(experiment->beyond == ESC_BEYOND_NONE ? "none" : "auto");
}

static json_t *stop_object(esc_json_builder *builder, const esc_experiment *experiment)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "steps", json_integer(experiment->stop_steps));
  if (isfinite(experiment->outside[0]) || isfinite(experiment->outside[1]))
    esc_json_put(builder, object, "outside", esc_json_numbers(builder, experiment->outside, 2));
  if (experiment->set_count > 0)
    esc_json_put(builder, object, "sets", set_list(builder, experiment));
  esc_json_put(builder, object, "beyond", beyond_value(experiment));
  return object;
}

static json_t *near_list(esc_json_builder *builder, const esc_observe *observe)
{
  json_t *list = json_array();
  for (int i = 0; i < observe->near_count; i++) {
    const esc_near *near = &observe->nears[i];
    json_t *object = json_object();
    esc_json_put(builder, object, "name", json_string(near->name));
    esc_json_put(builder, object, "point",
                 near->point_count == 1
                     ? esc_json_number(near->point[0])
                     : esc_json_numbers(builder, near->point, near->point_count));
    esc_json_put(builder, object, "radius", esc_json_number(near->radius));
    esc_json_append(builder, list, object);
  }
  return list;
}

static void put_histogram_request(esc_json_builder *builder, json_t *object, const char *name,
                                  const esc_histogram_request *request)
{
  if (!request || request->bins == 0)
    return;
  const double range[2] = {request->low, request->high};
  json_t *histogram = json_object();
  esc_json_put(builder, histogram, "range", esc_json_numbers(builder, range, 2));
  esc_json_put(builder, histogram, "bins", json_integer(request->bins));
  esc_json_put(builder, object, name, histogram);
}

static json_t *correlation_list(esc_json_builder *builder, const esc_observe *observe)
{
  return esc_json_integers(builder, observe->correlation, observe->correlation_count);
}

static json_t *tail_object(esc_json_builder *builder, const esc_tail_request *tail)
{
  json_t *object = json_object();
  if (tail->point)
    esc_json_put(builder, object, "point",
                 tail->point_count == 1
                     ? esc_json_number(tail->point[0])
                     : esc_json_numbers(builder, tail->point, tail->point_count));
  esc_json_put(builder, object, "share", esc_json_number(tail->share));
  return object;
}

static void put_switches(esc_json_builder *builder, json_t *object, const esc_observe *observe)
{
  if (observe->moments)
    esc_json_put(builder, object, "moments", json_true());
  if (observe->loss)
    esc_json_put(builder, object, "loss", json_true());
  if (observe->basins)
    esc_json_put(builder, object, "basins",
                 json_string(observe->basins == 2 ? "transitions" : "auto"));
  if (observe->overshoot)
    esc_json_put(builder, object, "overshoot", json_true());
  if (observe->tail_index)
    esc_json_put(builder, object, "tail_index", tail_object(builder, observe->tail_index));
  if (observe->snr)
    esc_json_put(builder, object, "snr", json_true());
  if (observe->samples)
    esc_json_put(builder, object, "samples", json_pack("[sss]", "exit_steps", "final", "outcome"));
}

static json_t *observe_object(esc_json_builder *builder, const esc_observe *observe)
{
  json_t *object = json_object();
  if (observe->step_count > 0)
    esc_json_put(builder, object, "steps",
                 esc_json_integers(builder, observe->steps, observe->step_count));
  if (observe->near_count > 0)
    esc_json_put(builder, object, "near", near_list(builder, observe));
  put_histogram_request(builder, object, "histogram", observe->histogram);
  put_histogram_request(builder, object, "occupation", observe->occupation);
  if (observe->correlation_count > 0)
    esc_json_put(builder, object, "correlation", correlation_list(builder, observe));
  put_switches(builder, object, observe);
  return object;
}

static json_t *until_object(esc_json_builder *builder, const esc_until *until)
{
  json_t *object = json_object();
  esc_json_put(builder, object, "relative_error", esc_json_number(until->relative_error));
  esc_json_put(builder, object, "of", json_string(until->of));
  esc_json_put(builder, object, "least_events", json_integer(until->least_events));
  return object;
}

static void put_run(esc_json_builder *builder, json_t *object, const esc_experiment *experiment)
{
  esc_json_put(builder, object, "renew", json_boolean(experiment->renew));
  if (experiment->rate_after > 0) {
    json_t *rate = json_object();
    esc_json_put(builder, rate, "after", json_integer(experiment->rate_after));
    esc_json_put(builder, object, "rate", rate);
  }
  esc_json_put(builder, object, "trajectories", json_integer(experiment->trajectories));
  esc_json_put(builder, object, "seed", esc_json_unsigned(experiment->seed));
  esc_json_put(builder, object, "math",
               json_string(experiment->math == ESC_MATH_FAST ? "fast" : "exact"));
  esc_json_put(builder, object, "state",
               json_string(experiment->state == ESC_STATE_F64 ? "f64" : "f32"));
}

json_t *esc_resolved_experiment(esc_json_builder *builder, const esc_experiment *experiment,
                                const char *title, int dimension)
{
  json_t *object = json_object();
  if (title)
    esc_json_put(builder, object, "title", json_string(title));
  esc_json_put(builder, object, "landscape",
               esc_resolved_landscape(builder, experiment->landscape));
  esc_json_put(builder, object, "noise", esc_resolved_noise(builder, experiment));
  esc_json_put(builder, object, "optimizer",
               esc_resolved_optimizer(builder, experiment->optimizer));
  esc_json_put(builder, object, "start", start_value(builder, experiment->start, dimension));
  esc_json_put(builder, object, "stop", stop_object(builder, experiment));
  put_run(builder, object, experiment);
  if (experiment->observe)
    esc_json_put(builder, object, "observe", observe_object(builder, experiment->observe));
  if (experiment->until)
    esc_json_put(builder, object, "until", until_object(builder, experiment->until));
  return object;
}
