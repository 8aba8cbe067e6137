/* What part of the landscape a picture of paths shows. */
#include <math.h>
#include <stdlib.h>

#include "figure_paths.h"
#include "host/io/io_error.h"

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

/* Most of what the paths visit, and how far from there things are still worth seeing. */
typedef struct surroundings {
  esc_path_view paths;
  int dimensions;
  double spans; /* multiples of the view's own width */
} surroundings;

static bool is_close(const surroundings *near, const double *x)
{
  for (int j = 0; j < near->dimensions; j++) {
    const double room = near->spans * (near->paths.high[j] - near->paths.low[j]);
    if (!(x[j] > near->paths.low[j] - room && x[j] < near->paths.high[j] + room))
      return false;
  }
  return true;
}

static void show_if_close(const surroundings *near, const double *x, esc_path_view *shown)
{
  for (int j = 0; j < near->dimensions && is_close(near, x); j++)
    widen(shown, j, x[j]);
}

/* Starts and ends; on a line every point, as there a jump is what one looks for. */
static void show_points(const surroundings *near, const esc_path_points *points,
                        esc_path_view *shown)
{
  for (size_t i = 0; i < points->count; i++) {
    const esc_path_point *point = &points->points[i];
    const bool first = i == 0 || point[-1].trajectory != point->trajectory;
    const bool last = i + 1 == points->count || point[1].trajectory != point->trajectory;
    if (first || last || near->dimensions == 1)
      show_if_close(near, point->x, shown);
  }
}

static void show_minima(const surroundings *near, const esc_landscape_info *info,
                        esc_path_view *shown)
{
  for (int i = 0; i < info->critical_count; i++)
    if (info->critical[i].kind < 0)
      show_if_close(near, info->critical[i].position, shown);
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
  const surroundings near = {plot->shown, dimensions, dimensions == 1 ? 2.0 : 0.5};
  show_points(&near, plot->paths, &plot->shown);
  for (int side = 0; dimensions == 1 && side < 2; side++)
    show_if_close(&near, &plot->walls[side], &plot->shown);
  if (plot->has_landscape)
    show_minima(&near, &plot->known.info, &plot->shown);
  for (int j = 0; j < 2; j++) {
    double room = margin * (plot->shown.high[j] - plot->shown.low[j]);
    room = isfinite(room) && room > 0.0 ? room : 1.0;
    plot->shown.low[j] = isfinite(plot->shown.low[j]) ? plot->shown.low[j] - room : -1.0;
    plot->shown.high[j] = isfinite(plot->shown.high[j]) ? plot->shown.high[j] + room : 1.0;
  }
  return ESC_STATUS_OK;
}
