/* What may change between steps: where gradients lie, and the numbers of a group. Both go to the
 * device behind what is queued; a group's mirror here follows only when that has worked. */
#include <inttypes.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "kernels/fp_control.h"

static esc_status check_gradients(const esc_optimizer *held, void *const *gradients, int64_t count)
{
  if (count != held->tensor_count)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "count: expected one gradient for each of %" PRId32
                    " parameters, found %" PRId64,
                    held->tensor_count, count);
  if (!gradients && count > 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "gradients: expected %" PRId64 " of them, found NULL",
                    count);
  for (int64_t i = 0; i < count; i++) {
    const size_t size = esc_type_size(held->tensors[i].gradient_type);
    if (held->tensors[i].count > 0 && (uintptr_t)gradients[i] % size)
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "parameters[%" PRId64 "].gradient.data: expected it aligned to its elements "
                      "of %zu bytes, found %p",
                      i, size, gradients[i]);
  }
  return ESC_STATUS_OK;
}

esc_status esc_optimizer_bind(esc_optimizer *optimizer, void *const *gradients, int64_t count,
                              void *stream)
{
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = check_gradients(optimizer, gradients, count);
  if (status || count == 0)
    return status;
  unsigned char *const bound = optimizer->bound;
  memcpy(esc_bound_gradients(bound), gradients, (size_t)count * sizeof *gradients);
  esc_find_leaders(optimizer, bound);
  void *const to = (void *)(uintptr_t)optimizer->plan.tables.gradients;
  status =
      optimizer->backend->upload(optimizer->opened, to, bound, esc_bound_bytes(optimizer), stream);
  return esc_remember_loss(optimizer, status);
}

esc_status esc_optimizer_set(esc_optimizer *optimizer, int group, const char *key,
                             esc_scalar number, void *stream)
{
  esc_status status = esc_check_usable(optimizer);
  if (status)
    return status;
  if (group < 0 || group >= optimizer->group_count)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "group: expected 0 to %" PRId32 ", found %d",
                    optimizer->group_count - 1, group);
  if (!key)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "key: expected a key of the group, found NULL");
  esc_step_group changed = optimizer->groups[group];
  const uint64_t caller = esc_fp_default();
  status = esc_change_group(optimizer, group, key, &number, &changed);
  esc_fp_restore(caller);
  if (status)
    return status;
  void *const to = (void *)(uintptr_t)(optimizer->plan.tables.groups + group);
  status = optimizer->backend->upload(optimizer->opened, to, &changed, sizeof changed, stream);
  if (!status)
    optimizer->groups[group] = changed;
  return esc_remember_loss(optimizer, status);
}
