/* The points of a sweep as experiments. */
#include "experiment_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment_held.h"
#include "host/io/io_error.h"
#include "yaml_path.h"

/* The ids of a point's trajectories: no point can have more. */
static const int64_t POINT_IDS = (int64_t)1 << 40;

struct esc_experiment_points {
  const esc_experiment_file *file;
  esc_arena arena;
  esc_experiment_point *points;
  esc_experiment *experiments;
};

void esc_experiment_file_point_text(const esc_experiment_file *file, int64_t point, char *text,
                                    size_t size)
{
  char values[400];
  text[0] = '\0';
  if (file->sweep.points == 0)
    return;
  esc_sweep_axes_text(&file->sweep, point, values, sizeof values);
  snprintf(text, size, " (point %lld: %s)", (long long)point, values);
}

/* The last sentence, with the point it is about at its end. */
static esc_status about_point(const esc_experiment_file *file, int64_t point, esc_status status)
{
  char sentence[900], about[500];
  if (status != ESC_STATUS_BAD_EXPERIMENT)
    return status;
  snprintf(sentence, sizeof sentence, "%s", esc_io_error());
  esc_experiment_file_point_text(file, point, about, sizeof about);
  return esc_io_fail(status, "%s%s", sentence, about);
}

/* Two keys of a sweep may name one place (noise.scale and noise[0].scale), or one a place within
 * another's: the later of them in the file must not undo what the earlier one said. */
static esc_status check_undone(esc_reader *reader, const esc_sweep_axes *sweep, int64_t index,
                               const esc_yaml_node *root)
{
  for (int i = 0; i < sweep->axis_count; i++) {
    const esc_yaml_node *const value = esc_sweep_axes_value(sweep, i, index);
    const esc_yaml_node *const there = esc_yaml_find(root, sweep->axes[i].path);
    if (there->kind == value->kind && there->text == value->text)
      continue;
    esc_reader_enter(reader, "sweep");
    return esc_reader_fail(reader, value,
                           "expected keys that leave each other alone, found %.60s, which a later "
                           "one replaces",
                           sweep->axes[i].path);
  }
  return ESC_STATUS_OK;
}

static esc_status put_values(esc_reader *reader, const esc_sweep_axes *sweep, int64_t index,
                             esc_yaml_node *root)
{
  char where[700];
  for (int i = 0; i < sweep->axis_count; i++) {
    const esc_yaml_node *const value = esc_sweep_axes_value(sweep, i, index);
    esc_node_where(value, reader->file_name, where, sizeof where);
    const esc_status status = esc_yaml_set(reader->arena, root, sweep->axes[i].path, value, where);
    if (status)
      return status;
  }
  return check_undone(reader, sweep, index, root);
}

/* Samples and paths are files of one experiment. */
static esc_status check_files(esc_reader *reader, const esc_experiment_point *point)
{
  const char *const key = point->parts.paths > 0 ? "observe.paths" : "observe.samples";
  if (point->parts.paths == 0 && !point->parts.observe.samples)
    return ESC_STATUS_OK;
  const size_t mark = esc_reader_enter(reader, key);
  const esc_status status = esc_reader_fail(reader, esc_yaml_find(&point->root, key),
                                            "expected neither samples nor paths in a sweep");
  esc_reader_leave(reader, mark);
  return status;
}

esc_status esc_read_sweep_point(const esc_experiment_file *file, esc_arena *arena, int64_t index,
                                esc_experiment_point *point)
{
  const esc_sweep_axes *const sweep = &file->sweep;
  esc_reader reader = {arena, file->name, "", 0};
  point->root = *file->root;
  if (sweep->points == 0)
    return esc_read_experiment(&reader, &point->root, &point->parts);
  esc_status status = put_values(&reader, sweep, index, &point->root);
  if (!status)
    status = esc_read_experiment(&reader, &point->root, &point->parts);
  if (!status)
    status = check_files(&reader, point);
  if (!status && !sweep->common_noise)
    point->parts.experiment.first_id = index * POINT_IDS;
  return about_point(file, index, status);
}

int64_t esc_experiment_file_points(const esc_experiment_file *file)
{
  return file->sweep.points ? file->sweep.points : 1;
}

const esc_sweep_axes *esc_experiment_file_sweep(const esc_experiment_file *file)
{
  return file->sweep.points ? &file->sweep : NULL;
}

static esc_status read_all(esc_experiment_points *points, int64_t first, int64_t count)
{
  esc_arena *const arena = &points->arena;
  points->points = esc_arena_take_array(arena, (size_t)count, sizeof *points->points);
  points->experiments = esc_arena_take_array(arena, (size_t)count, sizeof *points->experiments);
  if (!points->points || !points->experiments)
    return esc_reader_no_memory();
  for (int64_t i = 0; i < count; i++) {
    const esc_status status =
        esc_read_sweep_point(points->file, arena, first + i, &points->points[i]);
    if (status)
      return status;
    points->experiments[i] = points->points[i].parts.experiment;
  }
  return ESC_STATUS_OK;
}

esc_status esc_experiment_points_read(const esc_experiment_file *file, int64_t first, int64_t count,
                                      esc_experiment_points **points)
{
  const int64_t all = esc_experiment_file_points(file);
  if (first < 0 || count < 1 || count > all || first > all - count)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT,
                       "expected points 0 to %lld, found %lld of them from %lld",
                       (long long)(all - 1), (long long)count, (long long)first);
  esc_experiment_points *const made = calloc(1, sizeof *made);
  if (!made)
    return esc_reader_no_memory();
  made->file = file;
  const esc_status status = read_all(made, first, count);
  if (status)
    esc_experiment_points_free(made);
  else
    *points = made;
  return status;
}

const esc_experiment *esc_experiment_points_list(const esc_experiment_points *points)
{
  return points->experiments;
}

void esc_experiment_points_where(const esc_experiment_points *points, int64_t i, const char *key,
                                 char *text, size_t size)
{
  esc_tree_where(&points->points[i].root, points->file->name, key, text, size);
}

void esc_experiment_points_free(esc_experiment_points *points)
{
  if (points)
    esc_arena_release(&points->arena);
  free(points);
}
