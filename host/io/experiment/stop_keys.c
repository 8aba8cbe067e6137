/* stop: steps, and what ends a trajectory sooner: outside, sets, beyond. */
#include "experiment_parts.h"

#include <string.h>

#include "read_values.h"

enum { MOST_SETS = 32 };

/* A set while its one shape is read. */
typedef struct set_shape {
  esc_set *set;
  const double *values; /* point or normal */
  int64_t count;
  double last; /* radius or offset */
} set_shape;

/* The list `head` and one number behind it, as esc_set wants them. */
static esc_status join(esc_reader *reader, const set_shape *shape, esc_set_kind kind)
{
  double *const values =
      esc_arena_take_array(reader->arena, (size_t)shape->count + 1, sizeof *values);
  if (!values)
    return esc_reader_no_memory();
  memcpy(values, shape->values, (size_t)shape->count * sizeof *values);
  values[shape->count] = shape->last;
  shape->set->kind = kind;
  shape->set->values = values;
  shape->set->value_count = (int)shape->count + 1;
  return ESC_STATUS_OK;
}

static esc_status read_shape_point(esc_reader *reader, const esc_yaml_node *node,
                                   const esc_key_row *row, void *field)
{
  (void)row;
  set_shape *const shape = field;
  if (node->kind == ESC_YAML_LIST && (node->count < 1 || node->count > 64))
    return esc_reader_expected(reader, node, "a number for each dimension");
  return esc_read_point(reader, node, &shape->values, &shape->count);
}

static esc_status read_stay(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  return esc_read_whole(reader, node, row, &((set_shape *)field)->set->stay);
}

static const esc_key_row ball_rows[] = {
    {"point", read_shape_point, 0, NULL, "the ball's centre"},
    {"radius", esc_read_number, offsetof(set_shape, last), NULL, "the ball's radius"},
    {"stay", read_stay, 0, NULL, NULL},
    {0}};

static const esc_key_row halfspace_rows[] = {
    {"normal", read_shape_point, 0, NULL, "the direction out"},
    {"offset", esc_read_number, offsetof(set_shape, last), NULL, "a number"},
    {0}};

static esc_status read_ball(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  (void)row;
  set_shape shape = {field, NULL, 0, 0.0};
  const esc_status status = esc_read_mapping(reader, node, ball_rows, NULL, &shape);
  return status ? status : join(reader, &shape, ESC_SET_BALL);
}

static esc_status read_halfspace(esc_reader *reader, const esc_yaml_node *node,
                                 const esc_key_row *row, void *field)
{
  (void)row;
  set_shape shape = {field, NULL, 0, 0.0};
  const esc_status status = esc_read_mapping(reader, node, halfspace_rows, NULL, &shape);
  return status ? status : join(reader, &shape, ESC_SET_HALFSPACE);
}

static esc_status read_loss_below(esc_reader *reader, const esc_yaml_node *node,
                                  const esc_key_row *row, void *field)
{
  esc_set *const set = field;
  double *const level = esc_arena_take(reader->arena, sizeof *level);
  if (!level)
    return esc_reader_no_memory();
  set->kind = ESC_SET_LOSS_BELOW;
  set->values = level;
  set->value_count = 1;
  return esc_read_number(reader, node, row, level);
}

/* [lo, hi] for every coordinate, or [[lo, hi], ...], one pair for each; esc_set wants all lo, then
 * all hi. */
static esc_status read_box(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *field)
{
  esc_set *const set = field;
  const int pairs = node->first && node->first->kind == ESC_YAML_LIST;
  if (node->kind != ESC_YAML_LIST || node->count < 1 || node->count > 64)
    return esc_reader_expected(reader, node, "[lo, hi], or a list of such pairs");
  const int64_t width = pairs ? node->count : 1;
  double *const values = esc_arena_take_array(reader->arena, (size_t)(2 * width), sizeof *values);
  if (!values)
    return esc_reader_no_memory();
  set->kind = ESC_SET_OUTSIDE_BOX;
  set->values = values;
  set->value_count = (int)(2 * width);
  if (!pairs)
    return esc_read_interval(reader, node, row, values);
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    double pair[2];
    const size_t mark = esc_reader_enter_index(reader, i);
    const esc_status status = esc_read_interval(reader, item, row, pair);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
    values[i] = pair[0];
    values[width + i] = pair[1];
  }
  return ESC_STATUS_OK;
}

static const esc_key_row set_rows[] = {
    {"name", esc_read_name, offsetof(esc_set, name), NULL, "a name, the outcome"},
    {"outside_box", read_box, 0, NULL, NULL},
    {"ball", read_ball, 0, NULL, NULL},
    {"halfspace", read_halfspace, 0, NULL, NULL},
    {"loss_below", read_loss_below, 0, NULL, NULL},
    {0}};

static esc_status read_set(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *field)
{
  (void)row;
  esc_set *const set = field;
  *set = (esc_set)ESC_SET_INIT(NULL);
  const esc_status status = esc_read_mapping(reader, node, set_rows, NULL, set);
  if (status)
    return status;
  return node->count == 2
             ? status
             : esc_reader_fail(reader, node,
                               "expected one of outside_box, ball, halfspace and loss_below, "
                               "found %s",
                               node->count < 2 ? "none" : "several");
}

static esc_status read_sets(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  (void)row;
  esc_experiment *const experiment = field;
  esc_set *const sets = esc_arena_take_array(reader->arena, MOST_SETS, sizeof *sets);
  if (!sets)
    return esc_reader_no_memory();
  experiment->sets = sets;
  experiment->set_count = (int)(node->count <= MOST_SETS ? node->count : 0);
  return esc_read_items(reader, node, MOST_SETS, "a list of at most 32 sets", read_set,
                        sizeof *sets, sets);
}

/* auto, none or a number. */
static esc_status read_beyond(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  esc_experiment *const experiment = field;
  const int index = node->kind == ESC_YAML_SCALAR ? esc_word_index("auto|none", node->text) : -1;
  double number = 0.0;
  if (index < 0 && !esc_node_number(node, &number))
    return esc_reader_expected(reader, node, "auto, none or a number");
  experiment->beyond = index == 0 ? ESC_BEYOND_AUTO : index == 1 ? ESC_BEYOND_NONE : ESC_BEYOND_AT;
  return index < 0 ? esc_read_number(reader, node, row, &experiment->beyond_at) : ESC_STATUS_OK;
}

static const esc_key_row stop_rows[] = {
    {"steps", esc_read_whole, offsetof(esc_experiment, stop_steps), NULL,
     "the most steps a trajectory takes"},
    {"outside", esc_read_interval, offsetof(esc_experiment, outside), NULL, NULL},
    {"sets", read_sets, 0, NULL, NULL},
    {"beyond", read_beyond, 0, NULL, NULL},
    {0}};

esc_status esc_read_stop(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  (void)row;
  return esc_read_mapping(reader, node, stop_rows, NULL,
                          &((esc_experiment_parts *)field)->experiment);
}
