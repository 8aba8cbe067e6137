/* What precedes the update of elements: whether this step is skipped, the counters, and the scalars
 * of every tensor, formed in double once per step. The same on every backend: kernels/cuda runs it
 * in one block, kernels/cpu in a loop. */
#ifndef ESC_STEP_PREPARE_H
#define ESC_STEP_PREPARE_H

#include "kernels/rules/scalar.h"
#include "kernels/step/step_tables.h"

ESC_SETUP double esc_scalar_read(const esc_scalar *s)
{
  if (!s->device)
    return s->value;
  switch (s->type) {
  case ESC_TYPE_F32:
    return (double)*(const float *)s->device;
  case ESC_TYPE_BF16:
    return (double)esc_f32_of_bf16(*(const uint16_t *)s->device);
  case ESC_TYPE_F16:
    return (double)esc_f32_of_f16(*(const uint16_t *)s->device);
  case ESC_TYPE_F64:
    return *(const double *)s->device;
  case ESC_TYPE_I32:
    return (double)*(const int32_t *)s->device;
  default:
    return (double)*(const uint8_t *)s->device;
  }
}

/* Whether the step is skipped. */
ESC_SETUP int esc_step_is_skipped(const esc_step_call *call, const esc_step_control *control)
{
  const int asked = esc_scalar_read(&call->found_inf) != 0.0;
  return asked || (call->skip_non_finite && control->non_finite != 0);
}

/* The factor of all gradients: unscaling and clipping, k/scale with
 * k = min(1, clip_norm/(norm + clip_eps)) and norm that of the unscaled gradients. A norm that is
 * not a number makes a factor that is none. */
ESC_SETUP double esc_step_factor(const esc_step_call *call, const esc_step_control *control)
{
  const double inverse = 1.0 / esc_scalar_read(&call->loss_scale);
  const double most = esc_scalar_read(&call->clip_norm);
  if (!(most < (double)INFINITY))
    return inverse;
  const double size = inverse < 0.0 ? -inverse : inverse;
  const double k = most / (sqrt(control->norm_squared) * size + call->clip_eps);
  return k >= 1.0 ? inverse : k * inverse;
}

/* A rule's constants and row, from its keys: what kernels/rules/updates says, by number. */
#define ESC_FORM_SCALARS(name, ...)                                                                \
  case ESC_UPDATE_##name: {                                                                        \
    union {                                                                                        \
      esc_##name##_keys key;                                                                       \
      double number[ESC_HYPERS_MAX];                                                               \
    } keys;                                                                                        \
    union {                                                                                        \
      esc_##name c;                                                                                \
      float number[ESC_UPDATE_CONSTANTS_MAX];                                                      \
    } constants;                                                                                   \
    esc_update_traits traits;                                                                      \
    for (int k = 0; k < ESC_HYPERS_MAX; k++)                                                       \
      keys.number[k] = esc_scalar_read(&group->hyper[k]);                                          \
    for (int k = 0; k < ESC_UPDATE_CONSTANTS_MAX; k++)                                             \
      constants.number[k] = 0.0f;                                                                  \
    esc_##name##_setup(&keys.key, &constants.c, &traits);                                          \
    esc_##name##_row(&keys.key, t, carry, row);                                                    \
    for (int k = 0; k < ESC_UPDATE_CONSTANTS_MAX; k++)                                             \
      s->constants[k] = constants.number[k];                                                       \
    break;                                                                                         \
  }

ESC_SETUP void esc_form_rule(const esc_step_group *group, double t, double *carry, double row[],
                             esc_step_scalars *s)
{
  switch (group->update) {
    ESC_UPDATE_CATALOGUE(ESC_FORM_SCALARS)
  default:
    break;
  }
}

/* The scalars of a group's tensor at its next step, and its progress afterwards. */
ESC_SETUP void esc_form_scalars(const esc_step_group *group, double factor,
                                esc_step_progress before, esc_step_progress *after,
                                esc_step_scalars *s)
{
  double row[ESC_ROW_WIDTH] = {0.0, 0.0, 0.0, 0.0};
  after->steps = before.steps + 1;
  after->carry = before.carry;
  const int32_t t = after->steps < INT32_MAX ? (int32_t)after->steps : INT32_MAX;
  esc_form_rule(group, (double)t, &after->carry, row, s);
  const float lr = (float)esc_scalar_read(&group->lr) * esc_schedule_factor(&group->schedule, t);
  const float decay =
      (float)esc_scalar_read(&group->weight_decay) * esc_schedule_factor(&group->decay_schedule, t);
  const double eta0 = esc_scalar_read(&group->noise[0]);
  const double gamma = esc_scalar_read(&group->noise[1]);
  const esc_row formed = {lr, (float)row[0], (float)row[1], (float)row[2], (float)row[3]};
  s->row = formed;
  s->factor = (float)(group->maximize ? -factor : factor);
  s->clip_value = (float)esc_scalar_read(&group->clip_value);
  s->noise =
      eta0 > 0.0 ? esc_annealed_scale((float)sqrt(eta0), (float)(-0.5 * gamma), t - 1) : 0.0f;
  s->coupled = group->decoupled ? 0.0f : decay;
  s->decoupled = group->decoupled ? lr * decay : 0.0f;
  s->keep_average = (float)esc_scalar_read(&group->average_keep);
  s->t = t;
}

/* The leader of a group takes the step for it. */
ESC_SETUP void esc_prepare_group(const esc_step_tables *tables, double factor, int32_t group)
{
  const int32_t leader = tables->leaders[group];
  if (leader < 0)
    return;
  esc_step_leader *const led = &tables->led[group];
  led->before = tables->progress[leader];
  esc_form_scalars(&tables->groups[group], factor, led->before, &led->after,
                   &tables->scalars[group]);
}

/* What a tensor shows before a step: read apart from what is then written, so that a thread of a
 * GPU can have several on their way at once. */
typedef struct esc_step_view {
  int32_t group;
  int has_gradient;
  esc_step_progress progress;
} esc_step_view;

ESC_SETUP esc_step_view esc_view_tensor(const esc_step_tables *tables, int32_t tensor)
{
  const esc_step_view view = {tables->tensors[tensor].group, tables->gradients[tensor] != 0,
                              tables->progress[tensor]};
  return view;
}

/* After all groups: a tensor that has a gradient, in a step that is not skipped, counts it with its
 * leader; or, where it is at another step than that, is left to esc_prepare_own: nonzero. */
ESC_SETUP int esc_prepare_tensor(const esc_step_tables *tables, int skip, int32_t tensor,
                                 const esc_step_view *view)
{
  const esc_step_leader *const led = &tables->led[view->group];
  const esc_step_progress *const progress = &view->progress;
  if (skip || !view->has_gradient) {
    tables->scalars_of[tensor] = -1;
    return 0;
  }
  if (progress->steps == led->before.steps && progress->carry == led->before.carry) {
    tables->scalars_of[tensor] = view->group;
    tables->progress[tensor] = led->after;
    return 0;
  }
  tables->scalars_of[tensor] = tables->group_count + tensor;
  return 1;
}

/* A tensor that needs scalars of its own forms them. */
ESC_SETUP void esc_prepare_own(const esc_step_tables *tables, double factor, int32_t tensor)
{
  const int32_t own = tables->scalars_of[tensor];
  esc_step_progress *const progress = &tables->progress[tensor];
  if (own >= tables->group_count)
    esc_form_scalars(&tables->groups[tables->tensors[tensor].group], factor, *progress, progress,
                     &tables->scalars[own]);
}

#endif
