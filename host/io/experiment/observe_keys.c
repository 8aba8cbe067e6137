/* observe: the steps to look at, and what to look at there and at the end. */
#include "experiment_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "read_values.h"

enum { MOST_NEARS = 16 };

#define OF_OBSERVE(field) (offsetof(esc_experiment_parts, observe) + offsetof(esc_observe, field))

static esc_status keep_steps(esc_reader *reader, esc_observe *observe, int64_t count,
                             int64_t **steps)
{
  *steps = esc_arena_take_array(reader->arena, (size_t)count, sizeof **steps);
  if (!*steps)
    return esc_reader_no_memory();
  observe->steps = *steps;
  observe->step_count = count;
  return ESC_STATUS_OK;
}

/* {log: [a, b, count]}: a (b/a)^(i/(count-1)), rounded, each whole number once. */
static esc_status read_log(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *field)
{
  (void)row;
  esc_observe *const observe = &((esc_experiment_parts *)field)->observe;
  const int64_t *numbers = NULL;
  int64_t three = 0, *steps = NULL;
  if (node->kind != ESC_YAML_LIST || node->count != 3)
    return esc_reader_expected(reader, node, "[first, last, count]");
  esc_status status = esc_read_wholes(reader, node, &numbers, &three);
  if (status)
    return status;
  const int64_t first = numbers[0], last = numbers[1], count = numbers[2];
  if (first < 1 || last <= first || last > INT32_MAX || count < 2 || count > ESC_FILE_STEPS)
    return esc_reader_fail(reader, node,
                           "expected [first, last, count] with 1 <= first < last < 2^31 and 2 <= "
                           "count <= 100000, found [%lld, %lld, %lld]",
                           (long long)first, (long long)last, (long long)count);
  if ((status = keep_steps(reader, observe, count, &steps)))
    return status;
  int64_t kept = 0;
  const double ratio = log((double)last / (double)first) / (double)(count - 1);
  for (int64_t i = 0; i < count; i++) {
    const int64_t step =
        i == count - 1 ? last : (int64_t)llround((double)first * exp(ratio * (double)i));
    if (kept == 0 || step > steps[kept - 1])
      steps[kept++] = step;
  }
  observe->step_count = kept;
  return ESC_STATUS_OK;
}

/* {every: n}: 0, n, 2n, ... up to stop.steps. */
static esc_status read_every(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  esc_experiment_parts *const parts = field;
  int64_t every = 0, *steps = NULL;
  esc_status status = esc_read_whole(reader, node, row, &every);
  if (status)
    return status;
  const int64_t most = parts->experiment.stop_steps;
  if (every < 1)
    return esc_reader_expected(reader, node, "a whole number above 0");
  if (most < 0)
    return ESC_STATUS_OK; /* stop.steps is wrong, and the experiment's check says so */
  if (most / every >= ESC_FILE_STEPS)
    return esc_reader_fail(reader, node, "expected at most 100000 steps in all, found %lld of them",
                           (long long)(most / every + 1));
  if ((status = keep_steps(reader, &parts->observe, most / every + 1, &steps)))
    return status;
  for (int64_t i = 0; i <= most / every; i++)
    steps[i] = i * every;
  return ESC_STATUS_OK;
}

static const esc_key_row steps_rows[] = {
    {"log", read_log, 0, NULL, NULL}, {"every", read_every, 0, NULL, NULL}, {0}};

static esc_status read_steps(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)row;
  esc_observe *const observe = &((esc_experiment_parts *)field)->observe;
  if (node->kind == ESC_YAML_LIST)
    return esc_read_wholes(reader, node, &observe->steps, &observe->step_count);
  if (node->kind != ESC_YAML_MAPPING || node->count != 1)
    return esc_reader_expected(reader, node,
                               "a list of steps, {log: [first, last, count]} or {every: n}");
  return esc_read_mapping(reader, node, steps_rows, NULL, field);
}

static esc_status read_near_point(esc_reader *reader, const esc_yaml_node *node,
                                  const esc_key_row *row, void *field)
{
  (void)row;
  esc_near *const near = field;
  int64_t count = 0;
  if (node->kind == ESC_YAML_LIST && (node->count < 1 || node->count > 64))
    return esc_reader_expected(reader, node, "a number for each dimension");
  const esc_status status = esc_read_point(reader, node, &near->point, &count);
  near->point_count = (int)count;
  return status;
}

static const esc_key_row near_rows[] = {
    {"name", esc_read_name, offsetof(esc_near, name), NULL, "a name"},
    {"point", read_near_point, 0, NULL, "the ball's centre"},
    {"radius", esc_read_number, offsetof(esc_near, radius), NULL, "the ball's radius"},
    {0}};

static esc_status read_near(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  (void)row;
  *(esc_near *)field = (esc_near)ESC_NEAR_INIT(NULL);
  return esc_read_mapping(reader, node, near_rows, NULL, field);
}

static esc_status read_nears(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)row;
  esc_observe *const observe = &((esc_experiment_parts *)field)->observe;
  esc_near *const nears = esc_arena_take_array(reader->arena, MOST_NEARS, sizeof *nears);
  if (!nears)
    return esc_reader_no_memory();
  observe->nears = nears;
  observe->near_count = (int)(node->count <= MOST_NEARS ? node->count : 0);
  return esc_read_items(reader, node, MOST_NEARS, "a list of at most 16 named balls", read_near,
                        sizeof *nears, nears);
}

typedef struct histogram_keys {
  double range[2];
  int bins;
} histogram_keys;

static const esc_key_row histogram_rows[] = {
    {"range", esc_read_pair, offsetof(histogram_keys, range), NULL, "a list [lo, hi]"},
    {"bins", esc_read_count, offsetof(histogram_keys, bins), NULL, "how many bins"},
    {0}};

static esc_status read_request(esc_reader *reader, const esc_yaml_node *node,
                               esc_histogram_request *request)
{
  histogram_keys keys = {{0.0, 0.0}, 0};
  const esc_status status = esc_read_mapping(reader, node, histogram_rows, NULL, &keys);
  if (status)
    return status;
  if (keys.bins < 1)
    return esc_reader_fail(reader, node, "expected at least 1 bin, found 0");
  *request = (esc_histogram_request){sizeof *request, keys.range[0], keys.range[1], keys.bins};
  return ESC_STATUS_OK;
}

static esc_status read_histogram(esc_reader *reader, const esc_yaml_node *node,
                                 const esc_key_row *row, void *field)
{
  (void)row;
  esc_experiment_parts *const parts = field;
  parts->observe.histogram = &parts->histogram;
  return read_request(reader, node, &parts->histogram);
}

static esc_status read_occupation(esc_reader *reader, const esc_yaml_node *node,
                                  const esc_key_row *row, void *field)
{
  (void)row;
  esc_experiment_parts *const parts = field;
  parts->observe.occupation = &parts->occupation;
  return read_request(reader, node, &parts->occupation);
}

static esc_status read_correlation(esc_reader *reader, const esc_yaml_node *node,
                                   const esc_key_row *row, void *field)
{
  (void)row;
  esc_observe *const observe = &((esc_experiment_parts *)field)->observe;
  int64_t count = 0;
  if (node->kind == ESC_YAML_LIST && node->count > ESC_FILE_STEPS)
    return esc_reader_expected(reader, node, "a list of at most 100000 lags");
  const esc_status status = esc_read_wholes(reader, node, &observe->correlation, &count);
  observe->correlation_count = (int)count;
  return status;
}

/* Any of the three keeps them all: they share their rows of samples.h5. */
static esc_status read_samples(esc_reader *reader, const esc_yaml_node *node,
                               const esc_key_row *row, void *field)
{
  esc_observe *const observe = &((esc_experiment_parts *)field)->observe;
  if (node->kind != ESC_YAML_LIST)
    return esc_reader_expected(reader, node, "a list of exit_steps, final and outcome");
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    int ignored = 0;
    const size_t mark = esc_reader_enter_index(reader, i);
    const esc_status status = esc_read_word(reader, item, row, &ignored);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  observe->samples = i > 0;
  return ESC_STATUS_OK;
}

typedef struct tail_keys {
  esc_near ball; /* its point */
  double share;
} tail_keys;

static const esc_key_row tail_rows[] = {
    {"point", read_near_point, offsetof(tail_keys, ball), NULL, NULL},
    {"share", esc_read_number, offsetof(tail_keys, share), NULL, NULL},
    {0}};

/* true, or {point, share}. */
static esc_status read_tail(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  esc_experiment_parts *const parts = field;
  int wanted = 1;
  tail_keys keys = {ESC_NEAR_INIT(NULL), 0.01};
  const esc_status status = node->kind == ESC_YAML_MAPPING
                                ? esc_read_mapping(reader, node, tail_rows, NULL, &keys)
                                : esc_read_switch(reader, node, row, &wanted);
  parts->tail = (esc_tail_request){sizeof parts->tail, keys.ball.point, keys.ball.point_count,
                                   keys.share};
  if (!status && wanted)
    parts->observe.tail_index = &parts->tail;
  return status;
}

static esc_status read_paths(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  int *const paths = &((esc_experiment_parts *)field)->paths;
  const esc_status status = esc_read_count(reader, node, row, paths);
  if (!status && *paths > ESC_FILE_PATHS)
    return esc_reader_expected(reader, node, "a whole number of at most 1000");
  return status;
}

static const esc_key_row observe_rows[] = {
    {"steps", read_steps, 0, NULL, NULL},
    {"near", read_nears, 0, NULL, NULL},
    {"histogram", read_histogram, 0, NULL, NULL},
    {"occupation", read_occupation, 0, NULL, NULL},
    {"correlation", read_correlation, 0, NULL, NULL},
    {"moments", esc_read_switch, OF_OBSERVE(moments), NULL, NULL},
    {"loss", esc_read_switch, OF_OBSERVE(loss), NULL, NULL},
    {"basins", esc_read_word, OF_OBSERVE(basins), "none|auto|transitions", NULL},
    {"overshoot", esc_read_switch, OF_OBSERVE(overshoot), NULL, NULL},
    {"samples", read_samples, 0, "exit_steps|final|outcome", NULL},
    {"paths", read_paths, 0, NULL, NULL},
    {"tail_index", read_tail, 0, NULL, NULL},
    {"snr", esc_read_switch, OF_OBSERVE(snr), NULL, NULL},
    {0}};

esc_status esc_read_observe(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  (void)row;
  return esc_read_mapping(reader, node, observe_rows, NULL, field);
}
