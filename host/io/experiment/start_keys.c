/* start: a number, a list, {uniform: [lo, hi]}, {normal: [mean, sd]} or {points: [...]}. */
#include "experiment_parts.h"

#include <string.h>

#include "read_values.h"

/* All rows of a list of points, one after the other. Plain numbers are points on a line. */
static esc_status read_points(esc_reader *reader, const esc_yaml_node *node, double *values,
                              int64_t width)
{
  int64_t index = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, index++) {
    const size_t mark = esc_reader_enter_index(reader, index);
    const double *point = NULL;
    int64_t count = 0;
    esc_status status = esc_read_point(reader, item, &point, &count);
    if (!status && count != width)
      status = esc_reader_expected(reader, item, "as many numbers in each point as in the first");
    esc_reader_leave(reader, mark);
    if (status)
      return status;
    memcpy(values + index * width, point, (size_t)width * sizeof *values);
  }
  return ESC_STATUS_OK;
}

static esc_status read_point_list(esc_reader *reader, const esc_yaml_node *node,
                                  const esc_key_row *row, void *field)
{
  (void)row;
  esc_experiment_parts *const parts = field;
  const esc_yaml_node *const first = node->first;
  const int64_t width = first && first->kind == ESC_YAML_LIST ? first->count : 1;
  if (node->kind != ESC_YAML_LIST || !first || width < 1)
    return esc_reader_expected(reader, node, "a list of points");
  if (width > ESC_YAML_NODES / node->count)
    return esc_reader_expected(reader, node, "at most 1000000 numbers in all");
  double *const values =
      esc_arena_take_array(reader->arena, (size_t)(node->count * width), sizeof *values);
  if (!values)
    return esc_reader_no_memory();
  parts->start.kind = ESC_START_POINTS;
  parts->start.values = values;
  parts->start.value_count = node->count * width;
  parts->start_width = width;
  return read_points(reader, node, values, width);
}

static esc_status read_two(esc_reader *reader, const esc_yaml_node *node, esc_start_kind kind,
                           esc_start *start)
{
  double *const values = esc_arena_take(reader->arena, 2 * sizeof *values);
  if (!values)
    return esc_reader_no_memory();
  start->kind = kind;
  start->values = values;
  start->value_count = 2;
  return esc_read_pair(reader, node, NULL, values);
}

static esc_status read_uniform(esc_reader *reader, const esc_yaml_node *node,
                               const esc_key_row *row, void *field)
{
  (void)row;
  return read_two(reader, node, ESC_START_UNIFORM, &((esc_experiment_parts *)field)->start);
}

static esc_status read_normal(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  (void)row;
  return read_two(reader, node, ESC_START_NORMAL, &((esc_experiment_parts *)field)->start);
}

static const esc_key_row start_rows[] = {{"uniform", read_uniform, 0, NULL, NULL},
                                         {"normal", read_normal, 0, NULL, NULL},
                                         {"points", read_point_list, 0, NULL, NULL},
                                         {0}};

esc_status esc_read_start(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                          void *field)
{
  (void)row;
  esc_experiment_parts *const parts = field;
  esc_start *const start = &parts->start;
  parts->experiment.start = start;
  if (node->kind == ESC_YAML_MAPPING && node->count != 1)
    return esc_reader_expected(reader, node, "one of uniform, normal and points");
  if (node->kind == ESC_YAML_MAPPING)
    return esc_read_mapping(reader, node, start_rows, NULL, parts);
  if (node->kind == ESC_YAML_LIST && node->count == 0)
    return esc_reader_expected(reader, node, "a number for each dimension");
  start->kind = ESC_START_POINT;
  return esc_read_point(reader, node, &start->values, &start->value_count);
}
