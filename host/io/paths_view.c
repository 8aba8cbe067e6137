/* What part of the landscape a picture of paths shows. */
#include <math.h>
#include <stdlib.h>

#include "figure_paths.h"
#include "io_error.h"

/* How much room is left around what must be seen. */
static const double margin = 0.08;

static void widen(esc_path_view *shown, int j, double x)
{
  if (!isfinite(x))
    return;
  if (x < shown->low[j])
    shown->low[j] = x;
  if (x > shown->high[j])
    shown->high[j] = x;
}

static int compare_numbers(const void *a, const void *b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* From the .2 % to the 99.8 % point of coordinate j: a single far jump must not shrink the rest. */
static void view_of_points(const esc_path_points *paths, int j, double *scratch,
                           esc_path_view *shown)
{
  size_t count = 0;
  for (size_t i = 0; i < paths->count; i++)
    if (isfinite(paths->points[i].x[j]))
      scratch[count++] = paths->points[i].x[j];
  if (count == 0)
    return;
  qsort(scratch, count, sizeof *scratch, compare_numbers);
  widen(shown, j, scratch[count / 500]);
  widen(shown, j, scratch[count - 1 - count / 500]);
}

/* Whether x is not far from what the paths visit: worth seeing even if no path got there. */
static bool is_close(const esc_path_view *paths, int j, double x)
{
  const double span = paths->high[j] - paths->low[j];
  return x > paths->low[j] - 0.5 * span && x < paths->high[j] + 0.5 * span;
}

/* Where a path begins or ends, if that is close. */
static void view_of_ends(const esc_path_points *points, const esc_path_view *paths,
                         esc_path_view *shown)
{
  for (size_t i = 0; i < points->count; i++) {
    const esc_path_point *point = &points->points[i];
    const bool first = i == 0 || point[-1].trajectory != point->trajectory;
    const bool last = i + 1 == points->count || point[1].trajectory != point->trajectory;
    bool close = first || last;
    for (int j = 0; j < points->coordinates; j++)
      close = close && is_close(paths, j, point->x[j]);
    for (int j = 0; close && j < points->coordinates; j++)
      widen(shown, j, point->x[j]);
  }
}

static void view_of_minimum(const esc_critical_point *point, int dimensions,
                            const esc_path_view *paths, esc_path_view *shown)
{
  bool close = point->kind < 0;
  for (int j = 0; j < dimensions; j++)
    close = close && is_close(paths, j, point->position[j]);
  for (int j = 0; close && j < dimensions; j++)
    widen(shown, j, point->position[j]);
}

esc_status esc_path_view_choose(esc_path_plot *plot)
{
  const int dimensions = plot->paths->coordinates;
  double *scratch = calloc(plot->paths->count + 1, sizeof *scratch);
  if (!scratch)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  for (int j = 0; j < 2; j++) {
    plot->shown.low[j] = (double)INFINITY;
    plot->shown.high[j] = -(double)INFINITY;
    view_of_points(plot->paths, j, scratch, &plot->shown);
  }
  free(scratch);
  const esc_path_view paths = plot->shown;
  view_of_ends(plot->paths, &paths, &plot->shown);
  for (int side = 0; dimensions == 1 && side < 2; side++)
    if (is_close(&paths, 0, plot->walls[side]))
      widen(&plot->shown, 0, plot->walls[side]);
  for (int i = 0; plot->has_landscape && i < plot->known.info.critical_count; i++)
    view_of_minimum(&plot->known.info.critical[i], dimensions, &paths, &plot->shown);
  for (int j = 0; j < 2; j++) {
    double room = margin * (plot->shown.high[j] - plot->shown.low[j]);
    room = isfinite(room) && room > 0.0 ? room : 1.0;
    plot->shown.low[j] = isfinite(plot->shown.low[j]) ? plot->shown.low[j] - room : -1.0;
    plot->shown.high[j] = isfinite(plot->shown.high[j]) ? plot->shown.high[j] + room : 1.0;
  }
  return ESC_STATUS_OK;
}
