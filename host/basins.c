/* Basins in several dimensions: the last positions of the first trajectories go down without noise
 * (the backend does that) and are told apart: by point, and by loss, for in a network's landscape
 * many points are one minimum. */
#include "host/basins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/estimate.h"
#include "host/intervals.h"

#define SAME_POINT 1e-4 /* of 1 + |x| */
#define SAME_LOSS  1e-6 /* of |U| and U's scale */

/* Points that went down: dimension numbers each, U there, and whether they are settled. */
typedef struct settled_points {
  int64_t count, kept;
  int dimension;
  double scale, *points, *values;
  unsigned char *settled;
} settled_points;

typedef struct group {
  int64_t first, count; /* the first point in it, and how many there are */
} group;

/* --- going down --- */

static esc_status settle(const esc_result *result, settled_points *at)
{
  const esc_status status = esc_cpu_backend.settle(result->cpu, &result->planned->plan, at->count,
                                                   at->points, at->values, at->settled);
  for (int64_t i = 0; i < at->count; i++)
    at->kept += at->settled[i];
  return status;
}

static int same_loss(const settled_points *at, double u, double v)
{
  return fabs(u - v) <= SAME_LOSS * (fabs(u) + at->scale);
}

/* --- by point --- */

static int same_point(const settled_points *at, int64_t a, int64_t b)
{
  const double *const x = at->points + a * at->dimension, *const y = at->points + b * at->dimension;
  double apart = 0.0, far = 1.0;
  if (!same_loss(at, at->values[a], at->values[b]))
    return 0;
  for (int j = 0; j < at->dimension; j++) {
    apart += (x[j] - y[j]) * (x[j] - y[j]);
    far += x[j] * x[j];
  }
  return apart <= SAME_POINT * SAME_POINT * far;
}

static int by_count(const void *a, const void *b)
{
  const group *const x = a, *const y = b;
  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  return (x->first > y->first) - (x->first < y->first);
}

/* Each point joins the first group whose first point it equals. Groups beyond `most` are not
 * opened: what would be in them is no group's. */
static int group_points(const settled_points *at, group *groups, int most)
{
  int count = 0;
  for (int64_t i = 0; i < at->count; i++) {
    int k = 0;
    if (!at->settled[i])
      continue;
    while (k < count && !same_point(at, groups[k].first, i))
      k++;
    if (k == count && count < most)
      groups[count++] = (group){i, 0};
    if (k < count)
      groups[k].count++;
  }
  qsort(groups, (size_t)count, sizeof *groups, by_count);
  return count;
}

static int form_points(esc_result *result, const settled_points *at, group *groups)
{
  const int found = group_points(at, groups, ESC_BASIN_CANDIDATES);
  const int count = found < ESC_BASIN_POINTS_MAX ? found : ESC_BASIN_POINTS_MAX;
  esc_basin_point *const points = esc_result_own(result, count, sizeof *points);
  double *const numbers = esc_result_own(result, (int64_t)count * at->dimension, sizeof *numbers);
  if (!points || !numbers)
    return 0;
  int64_t shown = 0;
  for (int k = 0; k < count; k++) {
    double *const point = numbers + (int64_t)k * at->dimension;
    memcpy(point, at->points + groups[k].first * at->dimension,
           (size_t)at->dimension * sizeof *point);
    points[k] = (esc_basin_point){point, at->values[groups[k].first], groups[k].count,
                                  esc_wilson(groups[k].count, at->count)};
    shown += groups[k].count;
  }
  result->report.settled.points = points;
  result->report.settled.point_count = count;
  result->report.settled.other = at->kept - shown;
  return 1;
}

/* --- by loss --- */

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Losses in order, cut where two neighbours differ. The most frequent levels are kept. */
static int form_levels(esc_result *result, const settled_points *at, double *losses, group *groups)
{
  int64_t size = 0;
  int count = 0, kept = 0;
  for (int64_t i = 0; i < at->count; i++)
    if (at->settled[i])
      losses[size++] = at->values[i];
  qsort(losses, (size_t)size, sizeof *losses, by_size);
  for (int64_t i = 0; i < size; i++) {
    if (i == 0 || !same_loss(at, losses[i - 1], losses[i]))
      groups[count++] = (group){i, 0};
    groups[count - 1].count++;
  }
  qsort(groups, (size_t)count, sizeof *groups, by_count);
  kept = count < ESC_BASIN_POINTS_MAX ? count : ESC_BASIN_POINTS_MAX;
  esc_basin_level *const levels = esc_result_own(result, kept, sizeof *levels);
  if (!levels)
    return 0;
  for (int k = 0; k < kept; k++) { /* in the order of losses: each after those that begin before */
    int place = 0;
    for (int other = 0; other < kept; other++)
      place += groups[other].first < groups[k].first;
    levels[place] = (esc_basin_level){losses[groups[k].first], groups[k].count,
                                      esc_wilson(groups[k].count, at->count)};
  }
  result->report.settled.levels = levels;
  result->report.settled.level_count = kept;
  return 1;
}

/* --- all of it --- */

static int form(esc_result *result, settled_points *at, group *groups, double *losses)
{
  memcpy(at->points, result->finals, (size_t)(at->count * at->dimension) * sizeof *at->points);
  if (settle(result, at))
    return 0;
  result->report.settled.of = at->count;
  result->report.settled.unsettled = at->count - at->kept;
  return form_points(result, at, groups) && form_levels(result, at, losses, groups);
}

int esc_form_settled(esc_result *result)
{
  const esc_planned *const planned = result->planned;
  settled_points at = {.dimension = planned->plan.dimension,
                       .scale = fabs(planned->plan.landscape_scale)};
  if (!planned->settles)
    return 1;
  at.count =
      result->trajectories < result->finals_kept ? result->trajectories : result->finals_kept;
  at.count = at.count < ESC_BASINS_OF ? at.count : ESC_BASINS_OF;
  const size_t count = (size_t)at.count;
  const size_t most = count > ESC_BASIN_CANDIDATES ? count : ESC_BASIN_CANDIDATES;
  at.points = calloc(count * (size_t)at.dimension, sizeof *at.points);
  at.values = calloc(count, sizeof *at.values);
  at.settled = calloc(count, sizeof *at.settled);
  double *const losses = calloc(count, sizeof *losses);
  group *const groups = calloc(most, sizeof *groups);
  const int formed =
      at.points && at.values && at.settled && losses && groups && form(result, &at, groups, losses);
  free(at.points);
  free(at.values);
  free(at.settled);
  free(losses);
  free(groups);
  return formed;
}
