/* The reader of paths.csv and its thinning. */
#include "path_points.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"

enum { COLUMNS_MOST = 80, NO_COLUMN = -1 };

/* Which column holds what. */
typedef struct csv_columns {
  int trajectory, step, x[2];
} csv_columns;

static csv_columns columns_of(char *line)
{
  csv_columns columns = {NO_COLUMN, NO_COLUMN, {NO_COLUMN, NO_COLUMN}};
  int column = 0;
  for (char *rest = line, *name; (name = strtok_r(rest, ", \t\r\n", &rest)) != NULL; column++) {
    if (!strcmp(name, "trajectory"))
      columns.trajectory = column;
    else if (!strcmp(name, "step"))
      columns.step = column;
    else if (!strcmp(name, "x") || !strcmp(name, "x1"))
      columns.x[0] = column;
    else if (!strcmp(name, "x2"))
      columns.x[1] = column;
  }
  return columns;
}

static bool point_from(const char *line, csv_columns columns, esc_path_point *point)
{
  double values[COLUMNS_MOST];
  int count = 0;
  while (*line && *line != '\n' && count < COLUMNS_MOST) {
    char *end = NULL;
    values[count++] = strtod(line, &end);
    line = end + strcspn(end, ",\n");
    line += *line == ',';
  }
  if (columns.step >= count || columns.x[0] >= count || columns.x[1] >= count ||
      columns.trajectory >= count)
    return false;
  point->trajectory = columns.trajectory >= 0 ? (int64_t)values[columns.trajectory] : 0;
  point->step = values[columns.step];
  point->x[0] = values[columns.x[0]];
  point->x[1] = columns.x[1] >= 0 ? values[columns.x[1]] : 0.0;
  return true;
}

static bool append(esc_path_points *paths, size_t *room, const esc_path_point *point)
{
  if (paths->count == *room) {
    const size_t more = *room ? 2 * *room : 4096;
    esc_path_point *points = realloc(paths->points, more * sizeof *points);
    if (!points)
      return false;
    paths->points = points;
    *room = more;
  }
  if (paths->count == 0 || paths->points[paths->count - 1].trajectory != point->trajectory)
    paths->trajectories++;
  paths->points[paths->count++] = *point;
  return true;
}

static esc_status read_lines(FILE *file, const char *path, esc_path_points *paths)
{
  csv_columns columns = {NO_COLUMN, NO_COLUMN, {NO_COLUMN, NO_COLUMN}};
  bool named = false;
  char *line = NULL;
  size_t size = 0;
  size_t room = 0;
  long number = 0;
  esc_status status = ESC_STATUS_OK;
  while (status == ESC_STATUS_OK && getline(&line, &size, file) >= 0) {
    esc_path_point point;
    number++;
    if (line[0] == '#' || line[0] == '\n' || line[0] == '\r')
      continue;
    if (!named) {
      columns = columns_of(line);
      named = true;
      if (columns.step < 0 || columns.x[0] < 0)
        status = esc_io_fail(ESC_STATUS_IO, "%s:%ld: no columns step and x (or x1)", path, number);
    } else if (!point_from(line, columns, &point)) {
      status = esc_io_fail(ESC_STATUS_IO, "%s:%ld: too few numbers", path, number);
    } else if (!append(paths, &room, &point)) {
      status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "%s: out of memory", path);
    }
  }
  if (status == ESC_STATUS_OK && !feof(file)) /* half a path would pass for a whole one */
    status = esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  free(line);
  paths->coordinates = columns.x[1] >= 0 ? 2 : 1;
  return status;
}

esc_status esc_path_points_read(const char *folder, esc_path_points *paths)
{
  const size_t size = strlen(folder) + sizeof "/paths.csv";
  char *path = malloc(size);
  *paths = (esc_path_points){0};
  if (!path)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  snprintf(path, size, "%s/paths.csv", folder);
  esc_status status = ESC_STATUS_OK;
  FILE *file = fopen(path, "r");
  if (file) {
    status = read_lines(file, path, paths);
    fclose(file);
  } else if (errno != ENOENT) {
    status = esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  }
  free(path);
  if (status != ESC_STATUS_OK)
    esc_path_points_free(paths);
  return status;
}

/* Copies of points [begin, end) the first, the last, the lowest and the highest in x. */
static size_t keep_extremes(esc_path_point *points, size_t out, size_t begin, size_t end)
{
  size_t low = begin;
  size_t high = begin;
  for (size_t i = begin; i < end; i++) {
    if (points[i].x[0] < points[low].x[0])
      low = i;
    if (points[i].x[0] > points[high].x[0])
      high = i;
  }
  const size_t marks[4] = {begin, low < high ? low : high, low < high ? high : low, end - 1};
  size_t last = end; /* none yet */
  for (int k = 0; k < 4; k++) {
    if (marks[k] == last)
      continue;
    last = marks[k];
    points[out++] = points[last];
  }
  return out;
}

void esc_path_points_thin(esc_path_points *paths, size_t most)
{
  size_t out = 0;
  for (size_t begin = 0, end = 0; begin < paths->count; begin = end) {
    const int64_t trajectory = paths->points[begin].trajectory;
    while (end < paths->count && paths->points[end].trajectory == trajectory)
      end++;
    /* Four points stand for each bucket, so buckets are four times as long as a stride would be;
     * what is written never overtakes what is still to be read. */
    const size_t length = end - begin;
    const size_t bucket = length > most ? 4 * (length / most + 1) : 1;
    for (size_t i = begin; i < end; i += bucket)
      out = keep_extremes(paths->points, out, i, i + bucket < end ? i + bucket : end);
  }
  paths->count = out;
}

void esc_path_points_free(esc_path_points *paths)
{
  free(paths->points);
  *paths = (esc_path_points){0};
}
