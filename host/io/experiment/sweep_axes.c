/* sweep: {KEY.PATH: [values] | {range: [first, last, count]} | {log: ...}, zip, common_noise, show}. */
#include "sweep_axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "read_values.h"

static esc_status take_values(esc_reader *reader, int64_t count, esc_sweep_axis *axis)
{
  axis->values = esc_arena_take_array(reader->arena, (size_t)count, sizeof *axis->values);
  axis->count = count;
  return axis->values ? ESC_STATUS_OK : esc_reader_no_memory();
}

static esc_status read_list(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axis *axis)
{
  int64_t i = 0;
  if (node->count < 1)
    return esc_reader_expected(reader, node, "at least one value");
  const esc_status status = take_values(reader, node->count, axis);
  for (const esc_yaml_node *item = node->first; item && !status; item = item->next)
    axis->values[i++] = item;
  return status;
}

/* Number i of a range. The ends are as written; what lies between has 12 digits, so that 0.1 to 0.5
 * passes through 0.3, 10 to 1000 through 100, and every machine's libm says the same. */
static esc_status range_value(esc_reader *reader, const esc_yaml_node *list, int is_log, int64_t i,
                              esc_sweep_axis *axis)
{
  double ends[2];
  char text[32];
  const esc_yaml_node *const first = list->first, *const last = first->next;
  esc_node_number(first, &ends[0]);
  esc_node_number(last, &ends[1]);
  const double share = (double)i / (double)(axis->count - 1);
  const double value =
      is_log ? ends[0] * pow(ends[1] / ends[0], share) : ends[0] * (1.0 - share) + ends[1] * share;
  esc_yaml_node *const node = esc_arena_take(reader->arena, sizeof *node);
  if (!node)
    return esc_reader_no_memory();
  *node = *(i == axis->count - 1 ? last : first);
  node->next = NULL;
  axis->values[i] = node;
  if (i == 0 || i == axis->count - 1)
    return ESC_STATUS_OK;
  snprintf(text, sizeof text, "%.12g", value == 0.0 ? 0.0 : value);
  node->text = esc_arena_copy(reader->arena, text, strlen(text));
  return node->text ? ESC_STATUS_OK : esc_reader_no_memory();
}

static esc_status read_range(esc_reader *reader, const esc_yaml_node *node, int is_log,
                             esc_sweep_axis *axis)
{
  static const char *const expected[] = {
      "[first, last, count] with 2 <= count <= 1000000",
      "[first, last, count] with first and last above 0 and 2 <= count <= 1000000"};
  const double *numbers = NULL;
  int64_t three = 0;
  if (node->kind != ESC_YAML_LIST || node->count != 3)
    return esc_reader_expected(reader, node, expected[is_log]);
  esc_status status = esc_read_numbers(reader, node, 0, &numbers, &three);
  if (status)
    return status;
  const double first = numbers[0], last = numbers[1], count = numbers[2];
  if (!(count >= 2.0 && count <= ESC_SWEEP_MOST_POINTS && count == floor(count)) ||
      (is_log && !(first > 0.0 && last > 0.0)))
    return esc_reader_fail(reader, node, "expected %s, found [%.12g, %.12g, %.12g]",
                           expected[is_log], first, last, count);
  status = take_values(reader, (int64_t)count, axis);
  for (int64_t i = 0; i < axis->count && !status; i++)
    status = range_value(reader, node, is_log, i, axis);
  return status;
}

static esc_status read_values(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axis *axis)
{
  const esc_yaml_node *const only =
      node->kind == ESC_YAML_MAPPING && node->count == 1 ? node->first : NULL;
  const int is_log = only && strcmp(only->key, "log") == 0;
  if (node->kind == ESC_YAML_LIST)
    return read_list(reader, node, axis);
  if (!is_log && !(only && strcmp(only->key, "range") == 0))
    return esc_reader_expected(reader, node,
                               "a list of values, {range: [first, last, count]} or {log: [first, "
                               "last, count]}");
  const size_t mark = esc_reader_enter(reader, only->key);
  const esc_status status = read_range(reader, only, is_log, axis);
  esc_reader_leave(reader, mark);
  return status;
}

/* Keys that are about the sweep as a whole: a point has none of its own. */
static int is_of_the_whole(const char *path)
{
  static const char *const keys[] = {"sweep", "fit", "predict"};
  const size_t length = strcspn(path, ".[");
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (strlen(keys[i]) == length && strncmp(path, keys[i], length) == 0)
      return 1;
  return 0;
}

static esc_status read_axis(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axes *sweep)
{
  if (is_of_the_whole(node->key))
    return esc_reader_fail(reader, node, "expected a key of a point's own, found \"%.40s\"",
                           node->key);
  if (sweep->axis_count == ESC_SWEEP_MOST_KEYS)
    return esc_reader_fail(reader, node, "expected at most 16 swept keys, found more");
  esc_sweep_axis *const axis = &sweep->axes[sweep->axis_count++];
  axis->path = node->key;
  axis->line = node->line;
  return read_values(reader, node, axis);
}

static esc_status read_key(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axes *sweep)
{
  const size_t mark = esc_reader_enter(reader, node->key);
  esc_status status = ESC_STATUS_OK;
  if (strcmp(node->key, "zip") == 0)
    status = esc_read_switch(reader, node, NULL, &sweep->zip);
  else if (strcmp(node->key, "common_noise") == 0)
    status = esc_read_switch(reader, node, NULL, &sweep->common_noise);
  else if (strcmp(node->key, "show") == 0)
    status = esc_read_text(reader, node, NULL, &sweep->show);
  else
    status = read_axis(reader, node, sweep);
  esc_reader_leave(reader, mark);
  return status;
}

static esc_status zip_points(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axes *sweep)
{
  sweep->points = sweep->axes[0].count;
  for (int i = 1; i < sweep->axis_count; i++)
    if (sweep->axes[i].count != sweep->points)
      return esc_reader_fail(
          reader, node,
          "expected lists of the same length with zip, found %lld of %s and %lld of %s",
          (long long)sweep->points, sweep->axes[0].path, (long long)sweep->axes[i].count,
          sweep->axes[i].path);
  return ESC_STATUS_OK;
}

static esc_status count_points(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axes *sweep)
{
  double points = 1.0;
  if (sweep->axis_count == 0)
    return esc_reader_fail(reader, node, "expected at least one key and its values, found none");
  for (int i = 0; i < sweep->axis_count; i++)
    points = sweep->zip ? (double)sweep->axes[i].count : points * (double)sweep->axes[i].count;
  if (points > ESC_SWEEP_MOST_POINTS)
    return esc_reader_fail(reader, node, "expected at most 1000000 points, found %.12g", points);
  sweep->points = (int64_t)points;
  return sweep->zip ? zip_points(reader, node, sweep) : ESC_STATUS_OK;
}

esc_status esc_read_sweep_axes(esc_reader *reader, const esc_yaml_node *node, esc_sweep_axes *sweep)
{
  *sweep = (esc_sweep_axes){0};
  const size_t mark = esc_reader_enter(reader, "sweep");
  esc_status status = ESC_STATUS_OK;
  if (node->kind != ESC_YAML_MAPPING)
    status = esc_reader_expected(reader, node, "a mapping of keys to their values");
  for (const esc_yaml_node *child = node->first; child && !status; child = child->next)
    status = read_key(reader, child, sweep);
  if (!status)
    status = count_points(reader, node, sweep);
  esc_reader_leave(reader, mark);
  return status;
}

int64_t esc_sweep_axes_choice(const esc_sweep_axes *sweep, int axis, int64_t point)
{
  int64_t inner = 1;
  if (sweep->zip)
    return point;
  for (int i = axis + 1; i < sweep->axis_count; i++)
    inner *= sweep->axes[i].count;
  return point / inner % sweep->axes[axis].count;
}

const esc_yaml_node *esc_sweep_axes_value(const esc_sweep_axes *sweep, int axis, int64_t point)
{
  return sweep->axes[axis].values[esc_sweep_axes_choice(sweep, axis, point)];
}

int esc_sweep_axes_find(const esc_sweep_axes *sweep, const char *path)
{
  for (int i = 0; i < sweep->axis_count; i++)
    if (strcmp(sweep->axes[i].path, path) == 0)
      return i;
  return -1;
}

void esc_sweep_axes_text(const esc_sweep_axes *sweep, int64_t point, char *text, size_t size)
{
  text[0] = '\0';
  for (int i = 0; i < sweep->axis_count; i++) {
    char value[96];
    const size_t used = strlen(text);
    esc_node_text(esc_sweep_axes_value(sweep, i, point), value, sizeof value);
    snprintf(text + used, size - used, "%s%.60s %s", i ? ", " : "", sweep->axes[i].path, value);
  }
}
