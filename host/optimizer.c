/* Making an optimizer and freeing it. What it does between is in the other files of this name. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "kernels/fp_control.h"

esc_status esc_check_usable(const esc_optimizer *optimizer)
{
  if (!optimizer)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "optimizer: expected an optimizer, found NULL");
  if (optimizer->lost)
    return esc_fail(ESC_STATUS_DEVICE_LOST, "the device failed in an earlier call");
  return ESC_STATUS_OK;
}

esc_status esc_remember_loss(esc_optimizer *optimizer, esc_status status)
{
  if (status == ESC_STATUS_DEVICE_LOST)
    optimizer->lost = 1;
  return status;
}

esc_status esc_device_memory(const esc_optimizer *held, size_t bytes, void **memory)
{
  const esc_status status = held->backend->alloc(held->opened, bytes, memory);
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_fail(status, "out of memory: %zu bytes for an optimizer (%s)", bytes,
                    held->backend->name);
  return status;
}

/* --- what the caller gave --- */

/* Every element of an array of structs says the size of the first, which is enough. */
static esc_status check_sizes(const char *what, const void *first, int64_t count, size_t expected)
{
  char place[ESC_KEY_PATH_MAX];
  if (count == 0)
    return ESC_STATUS_OK;
  if (!first)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: expected %" PRId64 " of them, found NULL", what,
                    count);
  const size_t size = *(const size_t *)first;
  const esc_status status = esc_check_size(esc_key_path(place, "%s[0]", what), size, expected);
  if (status)
    return status;
  if (size % sizeof(void *))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s[0].struct_size: no struct has %zu bytes", what,
                    size);
  for (int64_t i = 1; i < count; i++)
    if (*(const size_t *)esc_walk(first, i) != size)
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "%s[%" PRId64 "].struct_size: expected %zu as of the first, found %zu", what,
                      i, size, *(const size_t *)esc_walk(first, i));
  return ESC_STATUS_OK;
}

static esc_status check_lists(const esc_optimizer_options *options)
{
  if (!options)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "options: expected options, found NULL");
  esc_status status = esc_check_size("options", options->struct_size, sizeof *options);
  if (status)
    return status;
  if (options->group_count < 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "group_count: expected 0 or more, found %d",
                    options->group_count);
  if (options->parameter_count < 0 || options->parameter_count > ESC_TENSORS_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "parameter_count: expected 0 to %" PRId64 ", found %" PRId64, ESC_TENSORS_MAX,
                    options->parameter_count);
  if (options->group_count > ESC_TENSORS_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "group_count: expected at most %" PRId64 ", found %d",
                    ESC_TENSORS_MAX, options->group_count);
  if (options->keep_master != 0 && options->keep_master != 1)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "keep_master: expected 0 or 1, found %d",
                    options->keep_master);
  status = check_sizes("groups", options->groups, options->group_count, sizeof(esc_group));
  if (!status)
    status = check_sizes("parameters", options->parameters, options->parameter_count,
                         sizeof(esc_parameter));
  return status;
}

static esc_status check_state(const esc_optimizer *held, const esc_optimizer_options *options)
{
  if (!options->state)
    return ESC_STATUS_OK;
  if (options->state_bytes < held->state_bytes)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "state_bytes: expected at least %zu, found %zu",
                    held->state_bytes, options->state_bytes);
  if ((uintptr_t)options->state % ESC_STATE_ALIGNMENT)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "state: expected it aligned to %d bytes, found %p",
                    ESC_STATE_ALIGNMENT, options->state);
  if (held->state_bytes > 0 &&
      !held->backend->owns(held->opened, options->state, held->state_bytes))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "state: its %zu bytes are not in the memory of the device (%s)",
                    held->state_bytes, held->backend->name);
  return ESC_STATUS_OK;
}

/* --- the mirrors on the host --- */

static size_t some(size_t count)
{
  return count ? count : 1;
}

static esc_status make_mirrors(esc_optimizer *held)
{
  const size_t groups = some((size_t)held->group_count), tensors = some((size_t)held->tensor_count);
  held->groups = calloc(groups, sizeof *held->groups);
  held->facts = calloc(groups, sizeof *held->facts);
  held->tensors = calloc(tensors, sizeof *held->tensors);
  held->names = calloc(tensors, sizeof *held->names);
  held->bound = calloc(1, some(esc_bound_bytes(held)));
  held->launches = calloc(ESC_UPDATE_COUNT, sizeof *held->launches);
  if (!held->groups || !held->facts || !held->tensors || !held->names || !held->bound ||
      !held->launches)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for an optimizer of %d tensors",
                    (int)held->tensor_count);
  return ESC_STATUS_OK;
}

/* The name of a parameter: its own or its place; writes it to `to` if that is not NULL. */
static size_t write_name(const esc_parameter *parameter, int64_t index, char *to)
{
  char place[24];
  snprintf(place, sizeof place, "%" PRId64, index);
  const char *const name = parameter->name ? parameter->name : place;
  const size_t bytes = strlen(name) + 1;
  if (to)
    memcpy(to, name, bytes);
  return bytes;
}

static esc_status copy_names(esc_optimizer *held, const esc_optimizer_options *options)
{
  size_t bytes = 0, at = 0;
  for (int64_t i = 0; i < held->tensor_count; i++)
    bytes += write_name(esc_walk(options->parameters, i), i, NULL);
  held->name_bytes = malloc(some(bytes));
  if (!held->name_bytes)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the names of parameters");
  for (int64_t i = 0; i < held->tensor_count; i++) {
    held->names[i] = held->name_bytes + at;
    at += write_name(esc_walk(options->parameters, i), i, held->name_bytes + at);
  }
  return ESC_STATUS_OK;
}

static esc_status take_groups(esc_optimizer *held, const esc_optimizer_options *options)
{
  esc_status status = ESC_STATUS_OK;
  for (int g = 0; !status && g < options->group_count; g++)
    status =
        esc_resolve_group(held, esc_walk(options->groups, g), g, &held->groups[g], &held->facts[g]);
  return status;
}

static esc_status take_parameters(esc_optimizer *held, const esc_optimizer_options *options)
{
  esc_status status = ESC_STATUS_OK;
  for (int64_t i = 0; !status && i < options->parameter_count; i++) {
    const esc_parameter *const parameter = esc_walk(options->parameters, i);
    status = esc_check_parameter(held, parameter, i);
    if (status)
      return status;
    esc_fill_tensor(held, parameter, &held->tensors[i]);
    esc_bound_gradients(held->bound)[i] = parameter->gradient.data;
  }
  esc_find_leaders(held, held->bound);
  return copy_names(held, options);
}

/* --- making one --- */

/* Everything that needs no memory of the device. */
static esc_status resolve(esc_optimizer *held, const esc_optimizer_options *options)
{
  held->group_count = options->group_count;
  held->tensor_count = (int32_t)options->parameter_count;
  esc_status status = make_mirrors(held);
  if (!status)
    status = take_groups(held, options);
  if (!status)
    status = take_parameters(held, options);
  return status ? status : esc_place_states(held, NULL, &held->state_bytes);
}

static esc_status begin(esc_device *device, const esc_optimizer_options *options,
                        esc_optimizer **optimizer)
{
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected a device, found NULL");
  if (!device->backend->update)
    return esc_fail(ESC_STATUS_UNSUPPORTED, "the backend %s makes no optimizer steps",
                    device->backend->name);
  esc_status status = check_lists(options);
  if (status)
    return status;
  esc_optimizer *const held = calloc(1, sizeof *held);
  if (!held)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for an optimizer");
  held->backend = device->backend;
  held->opened = device->opened;
  held->plan.threads = device->threads;
  const uint64_t caller = esc_fp_default();
  status = resolve(held, options);
  esc_fp_restore(caller);
  if (status)
    esc_optimizer_free(held);
  else
    *optimizer = held;
  return status;
}

static esc_status place_states(esc_optimizer *held, const esc_optimizer_options *options)
{
  held->state_memory = options->state;
  if (!held->state_memory && held->state_bytes > 0) {
    const esc_status status = esc_device_memory(held, held->state_bytes, &held->own_state_memory);
    if (status)
      return status;
    held->state_memory = held->own_state_memory;
  }
  return esc_place_states(held, held->state_memory, &held->state_bytes);
}

static int has_masters(const esc_optimizer *held)
{
  for (int32_t i = 0; i < held->tensor_count; i++)
    if (held->tensors[i].master)
      return 1;
  return 0;
}

static esc_status build(esc_optimizer *held, const esc_optimizer_options *options)
{
  const int kept = options->keep_master && has_masters(held);
  esc_status status = check_state(held, options);
  if (!status)
    status = esc_check_overlaps(options, options->state, held->state_bytes);
  if (!status)
    status = place_states(held, options);
  if (!status)
    status = esc_make_tables(held, options, kept);
  if (!status)
    status = held->backend->start(held->opened, &held->plan, ESC_START_STATES | ESC_START_COPIES,
                                  options->stream);
  if (!status && kept)
    status = esc_upload_tensors(held, options->stream);
  return status;
}

esc_status esc_optimizer_create(esc_device *device, const esc_optimizer_options *options,
                                esc_optimizer **optimizer)
{
  esc_optimizer *held = NULL;
  if (!optimizer)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "optimizer: expected a place for it, found NULL");
  esc_status status = begin(device, options, &held);
  if (status)
    return status;
  status = build(held, options);
  if (status)
    esc_optimizer_free(held);
  else
    *optimizer = held;
  return status;
}

esc_status esc_optimizer_state_bytes(esc_device *device, const esc_optimizer_options *options,
                                     size_t *bytes)
{
  esc_optimizer *held = NULL;
  if (!bytes)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "bytes: expected a place for them, found NULL");
  esc_status status = begin(device, options, &held);
  if (status)
    return status;
  status = esc_check_overlaps(options, NULL, 0);
  if (!status)
    *bytes = held->state_bytes;
  esc_optimizer_free(held);
  return status;
}

/* The sentence of a failure that led here is kept: freeing says nothing of its own. */
void esc_optimizer_free(esc_optimizer *optimizer)
{
  if (!optimizer)
    return;
  esc_optimizer *const held = optimizer;
  if (held->table_memory) {
    held->backend->wait(held->opened);
    held->backend->free(held->opened, held->table_memory);
  }
  if (held->own_state_memory)
    held->backend->free(held->opened, held->own_state_memory);
  free(held->groups);
  free(held->facts);
  free(held->tensors);
  free(held->names);
  free(held->name_bytes);
  free(held->bound);
  free(held->launches);
  free(held);
}
