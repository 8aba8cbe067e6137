/* The optimizer's part of a plan: constants, the table of rows, modifiers and the schedule. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

/* One pair of functions a rule, from the catalogue. */
typedef void setup_function(const double *keys, double *constants, esc_update_traits *traits);
typedef void row_function(const double *keys, double t, double *carry, double *row);

#define ESC_SETUP_UPDATE(name, ...)                                                                \
  static void setup_##name(const double *keys, double *constants, esc_update_traits *traits)       \
  {                                                                                                \
    _Static_assert(sizeof(esc_##name) <= ESC_UPDATE_CONSTANTS_MAX * sizeof(double), #name);        \
    esc_##name##_keys key;                                                                         \
    esc_##name c;                                                                                  \
    memcpy(&key, keys, sizeof key);                                                                \
    esc_##name##_setup(&key, &c, traits);                                                          \
    memcpy(constants, &c, sizeof c);                                                               \
  }                                                                                                \
  static void row_##name(const double *keys, double t, double *carry, double *row)                 \
  {                                                                                                \
    esc_##name##_keys key;                                                                         \
    memcpy(&key, keys, sizeof key);                                                                \
    memset(row, 0, ESC_ROW_WIDTH * sizeof *row);                                                   \
    esc_##name##_row(&key, t, carry, row);                                                         \
  }
ESC_UPDATE_CATALOGUE(ESC_SETUP_UPDATE)

#define ESC_UPDATE_ROW(name, states, lr, weight_decay, decoupled, ...)                             \
  {setup_##name, row_##name, states, lr, weight_decay, decoupled},
static const struct {
  setup_function *setup;
  row_function *row;
  int states;
  double lr, weight_decay;
  int decoupled;
} updates[] = {ESC_UPDATE_CATALOGUE(ESC_UPDATE_ROW)};

#define ROWS_MAX (1 << 24)

/* Rows are equal if they are so in the state's type. */
static int same_row(const double *a, const double *b, int state_bits)
{
  for (int k = 0; k < ESC_ROW_WIDTH; k++)
    if (state_bits == 64 ? a[k] != b[k] : (float)a[k] != (float)b[k])
      return 0;
  return 1;
}

/* Fills rows until they no longer change or the steps end; the number of them, 0 for too many. */
static int64_t form_rows(const esc_plan *plan, const double *keys, double *rows)
{
  row_function *const row = updates[plan->update].row;
  const int64_t most = plan->stop_steps < ROWS_MAX ? plan->stop_steps : ROWS_MAX;
  double limit[ESC_ROW_WIDTH], at_t[ESC_ROW_WIDTH], none = 0.0, carry = 1.0;
  row(keys, 0x1p62, &none, limit);
  for (int64_t t = 1; t <= most; t++) {
    row(keys, (double)t, &carry, at_t);
    if (rows)
      memcpy(rows + (t - 1) * ESC_ROW_WIDTH, at_t, sizeof at_t);
    if (same_row(at_t, limit, plan->state_bits))
      return t;
  }
  return most == plan->stop_steps ? most : 0;
}

static esc_status plan_rows(esc_planned *planned, const double *keys)
{
  esc_plan *const plan = &planned->plan;
  plan->row_count = form_rows(plan, keys, NULL);
  if (plan->row_count == 0)
    return esc_fail_at("optimizer",
                       "the scalars of a step still change after %d steps: expected "
                       "fewer stop.steps, or a schedule instead",
                       ROWS_MAX);
  plan->rows = esc_plan_own(planned, (size_t)plan->row_count * ESC_ROW_WIDTH, sizeof(double));
  if (!plan->rows)
    return ESC_STATUS_OUT_OF_MEMORY;
  form_rows(plan, keys, plan->rows);
  return ESC_STATUS_OK;
}

static esc_status plan_schedule(esc_plan *plan, const esc_update_rule *optimizer)
{
  const char *const name = optimizer->schedule ? optimizer->schedule : "constant";
  const esc_entry *entry;
  esc_resolved keys;
  int kind;
  esc_status status = esc_find_entry(ESC_CATALOGUE_SCHEDULES, name, "a schedule",
                                     "optimizer.schedule.kind", &entry, &kind);
  if (!status)
    status = esc_resolve_settings(entry, optimizer->schedule_settings,
                                  optimizer->schedule_setting_count, "optimizer.schedule", &keys);
  if (status)
    return status;
  if (kind == ESC_SCHEDULE_warmup_cosine && !(keys.value[1] > keys.value[0]))
    return esc_fail_at("optimizer.schedule.total", "expected more than warmup = %g, found %g",
                       keys.value[0], keys.value[1]);
  plan->schedule = esc_schedule_setup(kind, keys.value);
  return ESC_STATUS_OK;
}

static esc_status plan_modifiers(esc_plan *plan, const esc_update_rule *optimizer)
{
  const double decay =
      isnan(optimizer->weight_decay) ? updates[plan->update].weight_decay : optimizer->weight_decay;
  if (!esc_in_range(decay, ESC_RANGE_NOT_NEGATIVE) || !esc_is_sized(decay))
    return esc_fail_at("optimizer.weight_decay",
                       "expected a number of at least 0 and at most 1e30, found %g", decay);
  if ((int)optimizer->decay < 0 || optimizer->decay > ESC_DECAY_DECOUPLED)
    return esc_fail_at("optimizer.decay", "expected coupled or decoupled, found %d",
                       (int)optimizer->decay);
  if (!(optimizer->clip_update > 0.0) ||
      (isfinite(optimizer->clip_update) && !esc_is_sized(optimizer->clip_update)))
    return esc_fail_at("optimizer.clip_update",
                       "expected a number above 0 and at most 1e30, or .inf, found %g",
                       optimizer->clip_update);
  for (int k = 0; k < 2; k++)
    if (isfinite(optimizer->project[k]) && !esc_is_sized(optimizer->project[k]))
      return esc_fail_at("optimizer.project",
                         "expected numbers of at most 1e30 in size, or infinite, found %g",
                         optimizer->project[k]);
  if (!(optimizer->project[0] < optimizer->project[1]))
    return esc_fail_at("optimizer.project", "expected lo < hi, found [%g, %g]",
                       optimizer->project[0], optimizer->project[1]);
  plan->weight_decay = decay;
  plan->decoupled = optimizer->decay == ESC_DECAY_DEFAULT ? updates[plan->update].decoupled
                                                          : optimizer->decay == ESC_DECAY_DECOUPLED;
  plan->clip_update = optimizer->clip_update;
  plan->project[0] = optimizer->project[0];
  plan->project[1] = optimizer->project[1];
  return ESC_STATUS_OK;
}

int esc_plan_is_linear(const esc_plan *plan)
{
  return plan->update == ESC_UPDATE_sgd || plan->update == ESC_UPDATE_momentum ||
         plan->update == ESC_UPDATE_nesterov;
}

#define ESC_STATE_NAMES(name, ...) {ESC_STATES_##name},
static const char *const state_names[][ESC_UPDATE_STATES_MAX] = {
    ESC_UPDATE_CATALOGUE(ESC_STATE_NAMES)};

int esc_plan_has_snr(const esc_plan *plan)
{
  const char *const *const names = state_names[plan->update];
  return names[1] && strcmp(names[0], "m") == 0 && strcmp(names[1], "v") == 0;
}

/* The value of a key; 1 if there is none. */
static double value_of(const esc_entry *entry, const esc_resolved *keys, const char *name)
{
  for (int k = 0; k < entry->key_count; k++)
    if (strcmp(entry->keys[k].name, name) == 0)
      return keys->value[k];
  return 1.0;
}

/* Without bias correction nothing is kept: the factor is 1. */
static void note_snr(esc_planned *planned, const esc_entry *entry, const esc_resolved *keys)
{
  static const char *const betas[2] = {"beta1", "beta2"};
  const int corrects = value_of(entry, keys, "bias_correction") > 0.0;
  for (int k = 0; k < 2; k++)
    planned->snr_keeps[k] = corrects ? value_of(entry, keys, betas[k]) : 0.0;
}

esc_status esc_plan_optimizer(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  const esc_update_rule *const optimizer = experiment->optimizer;
  const esc_entry *entry;
  esc_resolved keys;
  if (!optimizer)
    return esc_fail_at("optimizer", "expected an optimizer, found nothing");
  esc_status status = esc_find_entry(ESC_CATALOGUE_OPTIMIZERS, optimizer->name, "an optimizer",
                                     "optimizer.name", &entry, &plan->update);
  if (!status)
    status = esc_resolve_settings(entry, optimizer->settings, optimizer->setting_count, "optimizer",
                                  &keys);
  if (status)
    return status;
  plan->lr = isnan(optimizer->lr) ? updates[plan->update].lr : optimizer->lr;
  if (!(plan->lr > 0.0 && plan->lr <= 1e30))
    return esc_fail_at("optimizer.lr", "expected a number above 0%s, found %g",
                       plan->lr > 0.0 ? " and at most 1e30" : "", plan->lr);
  plan->states = updates[plan->update].states;
  updates[plan->update].setup(keys.value, plan->update_constants, &plan->traits);
  note_snr(planned, entry, &keys);
  status = plan_rows(planned, keys.value);
  if (!status)
    status = plan_modifiers(plan, optimizer);
  const int projected = plan->project[0] > -(double)INFINITY && plan->project[1] < (double)INFINITY;
  const int normalises = !esc_plan_is_linear(plan) && plan->update != ESC_UPDATE_radam;
  if (projected)
    planned->moments = 2; /* positions are bounded */
  else if (normalises || plan->clip_update < (double)INFINITY)
    planned->moments = planned->moments_on_parameter; /* updates are; radam's first are not */
  return status ? status : plan_schedule(plan, optimizer);
}
