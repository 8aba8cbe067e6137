/* States and progress of tensors: what there is, and the way in and out of it. */
#include <inttypes.h>

#include "host/held_optimizer.h"

int esc_list_buffers(const esc_optimizer *held, int64_t index, esc_buffer buffers[ESC_BUFFERS_MAX])
{
  const esc_step_tensor *const t = &held->tensors[index];
  const esc_group_facts *const facts = &held->facts[t->group];
  const int update = held->groups[t->group].update;
  int count = 0;
  for (int k = 0; k < facts->states; k++)
    if (!(facts->idle >> k & 1u))
      buffers[count++] =
          (esc_buffer){esc_rule_state_name(update, k), t->state[k], t->state_type[k]};
  if (facts->average)
    buffers[count++] = (esc_buffer){"average", t->average, t->average_type};
  if (t->master)
    buffers[count++] = (esc_buffer){"master", t->master, t->master_type};
  return count;
}

static int is_parameter(const esc_optimizer *optimizer, int64_t index)
{
  return optimizer && index >= 0 && index < optimizer->tensor_count;
}

static esc_status check_index(const esc_optimizer *optimizer, int64_t index)
{
  if (!optimizer)
    return esc_check_usable(optimizer);
  if (!is_parameter(optimizer, index))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "index: expected 0 to %" PRId32 ", found %" PRId64,
                    optimizer->tensor_count - 1, index);
  return ESC_STATUS_OK;
}

static esc_status find_buffer(const esc_optimizer *optimizer, int64_t index, int k,
                              esc_buffer *buffer)
{
  esc_buffer buffers[ESC_BUFFERS_MAX];
  const esc_status status = check_index(optimizer, index);
  if (status)
    return status;
  const int count = esc_list_buffers(optimizer, index, buffers);
  if (k < 0 || k >= count)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "k: parameters[%" PRId64 "] has %d states, found number %d", index, count, k);
  *buffer = buffers[k];
  return ESC_STATUS_OK;
}

/* --- what there is --- */

esc_status esc_optimizer_state(const esc_optimizer *optimizer, int64_t index, int k,
                               esc_state_buffer *state)
{
  esc_buffer buffer = {NULL, NULL, 0};
  if (!state)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "state: expected a place for it, found NULL");
  esc_status status = esc_check_size("state", state->struct_size, sizeof *state);
  if (!status)
    status = find_buffer(optimizer, index, k, &buffer);
  if (status)
    return status;
  state->name = buffer.name;
  state->array = (esc_array){buffer.data, (esc_type)buffer.type};
  state->count = optimizer->tensors[index].count;
  return ESC_STATUS_OK;
}

int64_t esc_optimizer_parameter_count(const esc_optimizer *optimizer)
{
  return optimizer ? optimizer->tensor_count : 0;
}

int esc_optimizer_state_count(const esc_optimizer *optimizer, int64_t index)
{
  esc_buffer buffers[ESC_BUFFERS_MAX];
  return is_parameter(optimizer, index) ? esc_list_buffers(optimizer, index, buffers) : 0;
}

const char *esc_optimizer_parameter_name(const esc_optimizer *optimizer, int64_t index)
{
  return is_parameter(optimizer, index) ? optimizer->names[index] : NULL;
}

const char *esc_optimizer_parameter_rule(const esc_optimizer *optimizer, int64_t index)
{
  if (!is_parameter(optimizer, index))
    return NULL;
  return optimizer->facts[optimizer->tensors[index].group].entry->name;
}

/* --- in and out --- */

static esc_status check_bytes(const esc_optimizer *optimizer, int64_t index, const void *memory,
                              size_t bytes, const esc_buffer *buffer)
{
  const size_t expected = (size_t)optimizer->tensors[index].count * esc_type_size(buffer->type);
  if (bytes != expected)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "bytes: expected %zu for parameters[%" PRId64 "].%s, found %zu", expected,
                    index, buffer->name, bytes);
  if (!memory && bytes > 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "memory: expected %zu bytes of it, found NULL", bytes);
  return ESC_STATUS_OK;
}

static esc_status copy(esc_optimizer *optimizer, void *to, const void *from, size_t bytes,
                       void *stream)
{
  if (bytes == 0)
    return ESC_STATUS_OK;
  return esc_remember_loss(optimizer,
                           optimizer->backend->copy(optimizer->opened, to, from, bytes, stream));
}

esc_status esc_optimizer_state_read(esc_optimizer *optimizer, int64_t index, int k, void *to,
                                    size_t bytes, void *stream)
{
  esc_buffer buffer = {NULL, NULL, 0};
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = find_buffer(optimizer, index, k, &buffer);
  if (!status)
    status = check_bytes(optimizer, index, to, bytes, &buffer);
  return status ? status : copy(optimizer, to, buffer.data, bytes, stream);
}

esc_status esc_optimizer_state_write(esc_optimizer *optimizer, int64_t index, int k,
                                     const void *from, size_t bytes, void *stream)
{
  esc_buffer buffer = {NULL, NULL, 0};
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = find_buffer(optimizer, index, k, &buffer);
  if (!status)
    status = check_bytes(optimizer, index, from, bytes, &buffer);
  return status ? status : copy(optimizer, buffer.data, from, bytes, stream);
}

/* --- progress --- */

static esc_status read_progress(esc_optimizer *optimizer, int64_t index, void *stream,
                                esc_step_progress *progress)
{
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = check_index(optimizer, index);
  return status ? status
                : copy(optimizer, progress, optimizer->plan.tables.progress + index,
                       sizeof *progress, stream);
}

esc_status esc_optimizer_steps(esc_optimizer *optimizer, int64_t index, void *stream,
                               int64_t *steps)
{
  esc_step_progress progress;
  if (!steps)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "steps: expected a place for them, found NULL");
  const esc_status status = read_progress(optimizer, index, stream, &progress);
  if (!status)
    *steps = progress.steps;
  return status;
}

esc_status esc_optimizer_progress_read(esc_optimizer *optimizer, int64_t index,
                                       esc_parameter_progress *progress, void *stream)
{
  esc_step_progress found;
  if (!progress)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "progress: expected a place for it, found NULL");
  esc_status status = esc_check_size("progress", progress->struct_size, sizeof *progress);
  if (!status)
    status = read_progress(optimizer, index, stream, &found);
  if (status)
    return status;
  progress->steps = found.steps;
  progress->product = found.carry;
  return ESC_STATUS_OK;
}

esc_status esc_optimizer_progress_write(esc_optimizer *optimizer, int64_t index,
                                        const esc_parameter_progress *progress, void *stream)
{
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = check_index(optimizer, index);
  if (status)
    return status;
  if (!progress)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "progress: expected it, found NULL");
  status = esc_check_size("progress", progress->struct_size, sizeof *progress);
  if (status)
    return status;
  if (progress->steps < 0 || progress->steps > INT32_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "progress.steps: expected 0 to %d, found %" PRId64,
                    INT32_MAX, progress->steps);
  if (!(progress->product >= 0.0 && progress->product <= 1.0))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "progress.product: expected 0 to 1, found %g",
                    progress->product);
  const esc_step_progress in = {progress->steps, progress->product};
  return copy(optimizer, optimizer->plan.tables.progress + index, &in, sizeof in, stream);
}
