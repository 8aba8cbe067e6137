/* The tensors of a state file. Those of eight bytes come first, then those of four, then of two, so
 * that every tensor is aligned to its elements. */
#include "state_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"

static const struct {
  const char *name;
  size_t size;
} types[] = {
    [ESC_TYPE_F32] = {"F32", 4}, [ESC_TYPE_BF16] = {"BF16", 2}, [ESC_TYPE_F16] = {"F16", 2}};

static char *join(const char *parameter, const char *part)
{
  const size_t size = strlen(parameter) + strlen(part) + 2;
  char *const name = malloc(size);
  if (name)
    snprintf(name, size, "%s.%s", parameter, part);
  return name;
}

char *esc_state_rule_key(const esc_optimizer *optimizer, int64_t parameter)
{
  return join(esc_optimizer_parameter_name(optimizer, parameter), "rule");
}

esc_status esc_state_core_failed(esc_status status)
{
  return esc_io_fail(status, "%s", esc_last_error());
}

static esc_status add(esc_state_list *list, const char *parameter, const char *part,
                      esc_state_item item)
{
  item.name = join(parameter, part);
  if (!item.name)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  item.begin = list->bytes;
  list->items[list->count++] = item;
  list->bytes += item.bytes;
  if (item.bytes > list->largest)
    list->largest = item.bytes;
  return ESC_STATUS_OK;
}

static esc_status add_progress(esc_state_list *list, const char *name, int64_t parameter)
{
  const esc_state_item steps = {NULL, "I64", -1, 0, 8, parameter, ESC_ITEM_STEPS};
  const esc_state_item product = {NULL, "F64", -1, 0, 8, parameter, ESC_ITEM_PRODUCT};
  const esc_status status = add(list, name, "steps", steps);
  return status ? status : add(list, name, "product", product);
}

/* The states of a parameter whose elements have `size` bytes. */
static esc_status add_states(esc_state_list *list, const esc_optimizer *optimizer,
                             int64_t parameter, size_t size)
{
  const char *const name = esc_optimizer_parameter_name(optimizer, parameter);
  esc_status status = ESC_STATUS_OK;
  for (int k = 0; !status && k < esc_optimizer_state_count(optimizer, parameter); k++) {
    esc_state_buffer state = ESC_STATE_BUFFER_INIT;
    status = esc_optimizer_state(optimizer, parameter, k, &state);
    if (status)
      return esc_state_core_failed(status);
    const esc_state_item item = {.type = types[state.array.type].name,
                                 .count = state.count,
                                 .bytes = (size_t)state.count * types[state.array.type].size,
                                 .parameter = parameter,
                                 .k = k};
    if (types[state.array.type].size == size)
      status = add(list, name, state.name, item);
  }
  return status;
}

static esc_status reserve(const esc_optimizer *optimizer, esc_state_list *list)
{
  size_t most = 1;
  for (int64_t i = 0; i < esc_optimizer_parameter_count(optimizer); i++)
    most += 2 + (size_t)esc_optimizer_state_count(optimizer, i);
  list->items = calloc(most, sizeof *list->items);
  return list->items ? ESC_STATUS_OK : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

esc_status esc_state_list_make(esc_optimizer *optimizer, esc_state_list *list)
{
  static const size_t sizes[] = {4, 2};
  const int64_t parameters = esc_optimizer_parameter_count(optimizer);
  *list = (esc_state_list){.items = NULL};
  esc_status status = reserve(optimizer, list);
  for (int64_t i = 0; !status && i < parameters; i++)
    status = add_progress(list, esc_optimizer_parameter_name(optimizer, i), i);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int64_t i = 0; !status && i < parameters; i++)
      status = add_states(list, optimizer, i, sizes[s]);
  return status;
}

void esc_state_list_clear(esc_state_list *list)
{
  for (int64_t i = 0; list->items && i < list->count; i++)
    free(list->items[i].name);
  free(list->items);
  *list = (esc_state_list){.items = NULL};
}
