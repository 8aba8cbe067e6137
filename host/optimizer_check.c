/* Parameters as the caller gave them: types, sizes, alignment, that they lie in the device's
 * memory, and that no two arrays overlap. Sentences name the parameter's place and the field. */
#include <inttypes.h>
#include <stdlib.h>

#include "host/held_optimizer.h"

/* Numbers of chunks and leaves have 31 bits. */
#define ELEMENTS_MAX (((int64_t)ESC_CHUNK << 31) - 2 * ESC_CHUNK)

enum { FIELD_COUNT = 3 };
static const char *const field_names[FIELD_COUNT] = {"value", "gradient", "master"};

static const esc_array *field_of(const esc_parameter *parameter, int field)
{
  return field == 0 ? &parameter->value : field == 1 ? &parameter->gradient : &parameter->master;
}

static esc_status check_array(const esc_optimizer *held, const esc_parameter *parameter,
                              int64_t index, int field)
{
  const esc_array *const array = field_of(parameter, field);
  const char *const name = field_names[field];
  if (!esc_is_element_type(array->type))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].%s.type: expected ESC_TYPE_F32, ESC_TYPE_BF16 or "
                    "ESC_TYPE_F16, found %d",
                    index, name, (int)array->type);
  if (parameter->count == 0)
    return ESC_STATUS_OK;
  if (!array->data && field == 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].value.data: expected %" PRId64 " elements, found NULL",
                    index, parameter->count);
  const size_t size = esc_type_size((int)array->type);
  if ((uintptr_t)array->data % size)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].%s.data: expected it aligned to its elements of %zu "
                    "bytes, found %p",
                    index, name, size, array->data);
  const size_t bytes = (size_t)parameter->count * size;
  if ((uintptr_t)array->data > UINTPTR_MAX - bytes)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].%s.data: %" PRId64 " elements from %p on leave the "
                    "range of addresses",
                    index, name, parameter->count, array->data);
  if (array->data && !held->backend->owns(held->opened, array->data, bytes))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].%s.data: its %zu bytes are not in the memory of the "
                    "device (%s)",
                    index, name, bytes, held->backend->name);
  return ESC_STATUS_OK;
}

esc_status esc_check_parameter(const esc_optimizer *held, const esc_parameter *parameter,
                               int64_t index)
{
  if (held->group_count == 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].group: expected a group, but group_count is 0", index);
  if (parameter->group < 0 || parameter->group >= held->group_count)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].group: expected 0 to %" PRId32 ", found %d", index,
                    held->group_count - 1, parameter->group);
  if (parameter->count < 0 || parameter->count > ELEMENTS_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].count: expected 0 to %" PRId64 ", found %" PRId64,
                    index, ELEMENTS_MAX, parameter->count);
  if (parameter->stochastic != 0 && parameter->stochastic != 1)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameters[%" PRId64 "].stochastic: expected 0 or 1, found %d", index,
                    parameter->stochastic);
  esc_status status = ESC_STATUS_OK;
  for (int field = 0; !status && field < FIELD_COUNT; field++)
    status = check_array(held, parameter, index, field);
  return status;
}

/* --- overlaps --- */

typedef struct span {
  uintptr_t begin, end;
  int64_t index; /* of the parameter; -1: the state memory */
  int field;
} span;

static int compare_spans(const void *a, const void *b)
{
  const span *const x = a, *const y = b;
  return (x->begin > y->begin) - (x->begin < y->begin);
}

static const char *span_name(const span *s, char name[ESC_KEY_PATH_MAX])
{
  if (s->index < 0)
    return esc_key_path(name, "state");
  return esc_key_path(name, "parameters[%" PRId64 "].%s.data", s->index, field_names[s->field]);
}

static esc_status fail_overlap(const span *a, const span *b)
{
  char first[ESC_KEY_PATH_MAX], second[ESC_KEY_PATH_MAX];
  const int later = a->index > b->index || (a->index == b->index && a->field > b->field);
  return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: overlaps %s", span_name(later ? a : b, first),
                  span_name(later ? b : a, second));
}

static int64_t list_spans(const esc_optimizer_options *options, span *spans)
{
  int64_t count = 0;
  for (int64_t i = 0; i < options->parameter_count; i++) {
    const esc_parameter *const parameter = esc_walk(options->parameters, i);
    for (int field = 0; field < FIELD_COUNT && parameter->count > 0; field++) {
      const esc_array *const array = field_of(parameter, field);
      const uintptr_t begin = (uintptr_t)array->data;
      const size_t bytes = (size_t)parameter->count * esc_type_size((int)array->type);
      if (array->data)
        spans[count++] = (span){begin, begin + bytes, i, field};
    }
  }
  return count;
}

/* Sorted by where they begin, spans overlap if and only if two neighbours do. */
esc_status esc_check_overlaps(const esc_optimizer_options *options, const void *state,
                              size_t state_bytes)
{
  const size_t most = (size_t)options->parameter_count * FIELD_COUNT + 1;
  span *const spans = malloc(most * sizeof *spans);
  if (!spans)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a list of %zu arrays", most);
  int64_t count = list_spans(options, spans);
  if (state && state_bytes > 0)
    spans[count++] = (span){(uintptr_t)state, (uintptr_t)state + state_bytes, -1, 0};
  qsort(spans, (size_t)count, sizeof *spans, compare_spans);
  esc_status status = ESC_STATUS_OK;
  for (int64_t k = 1; !status && k < count; k++)
    if (spans[k].begin < spans[k - 1].end)
      status = fail_overlap(&spans[k - 1], &spans[k]);
  free(spans);
  return status;
}
