/* Groups: from settings as the caller wrote them to the table a step reads, with every check. The
 * catalogue's ranges hold for what the host can see; numbers in device memory are taken as they
 * come. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "host/settings.h"

/* The numbers every group has, whatever its rule. */
static const struct group_number {
  const char *key;
  size_t at; /* in esc_step_group */
  esc_range range;
  int may_be_infinite;
} numbers[] = {
    {"lr", offsetof(esc_step_group, lr), ESC_RANGE_NOT_NEGATIVE, 0},
    {"weight_decay", offsetof(esc_step_group, weight_decay), ESC_RANGE_NOT_NEGATIVE, 0},
    {"clip_value", offsetof(esc_step_group, clip_value), ESC_RANGE_POSITIVE, 1},
    {"average_keep", offsetof(esc_step_group, average_keep), ESC_RANGE_SHARE, 0},
    {"noise.eta0", offsetof(esc_step_group, noise[0]), ESC_RANGE_NOT_NEGATIVE, 0},
    {"noise.gamma", offsetof(esc_step_group, noise[1]), ESC_RANGE_NOT_NEGATIVE, 0},
};
enum { NUMBER_COUNT = sizeof numbers / sizeof *numbers };

static esc_scalar *number_of(esc_step_group *group, int k)
{
  return (esc_scalar *)(void *)((char *)group + numbers[k].at);
}

/* What the catalogue's checks say of an experiment, said of an argument. */
static esc_status as_argument(esc_status status)
{
  char key[ESC_KEY_PATH_MAX], sentence[512];
  if (status != ESC_STATUS_BAD_EXPERIMENT)
    return status;
  snprintf(key, sizeof key, "%s", esc_last_error_key());
  snprintf(sentence, sizeof sentence, "%s", esc_last_error());
  return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: %s", key, sentence);
}

esc_status esc_check_scalar(const esc_optimizer *held, const char *place, const esc_scalar *scalar,
                            int placed)
{
  if (!scalar->device)
    return ESC_STATUS_OK;
  if ((int)scalar->type < ESC_TYPE_F32 || scalar->type > ESC_TYPE_U8)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.type: expected an esc_type, found %d", place,
                    (int)scalar->type);
  const size_t size = esc_type_size((int)scalar->type);
  if ((uintptr_t)scalar->device % size)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "%s.device: expected it aligned to %zu bytes, found %p", place, size,
                    scalar->device);
  if (placed && !held->backend->owns(held->opened, scalar->device, size))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.device: not in the memory of the device (%s)",
                    place, held->backend->name);
  return ESC_STATUS_OK;
}

static esc_status check_number(const esc_optimizer *held, const char *place, int k,
                               const esc_scalar *scalar)
{
  const double value = scalar->value;
  if (scalar->device)
    return esc_check_scalar(held, place, scalar, 1);
  if (numbers[k].may_be_infinite && value == (double)INFINITY)
    return ESC_STATUS_OK;
  if (!esc_in_range(value, numbers[k].range) || !esc_is_sized(value))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: expected %s%s%s, found %g", place,
                    esc_range_name(numbers[k].range),
                    numbers[k].range == ESC_RANGE_SHARE ? "" : " and at most 1e30",
                    numbers[k].may_be_infinite ? " or infinity" : "", value);
  return ESC_STATUS_OK;
}

static esc_status take_numbers(const esc_optimizer *held, const esc_group *group, int number,
                               const esc_entry *entry, esc_step_group *to)
{
  const esc_scalar given[NUMBER_COUNT] = {group->lr,         group->weight_decay,
                                          group->clip_value, group->average_keep,
                                          group->noise[0],   group->noise[1]};
  /* Only what the catalogue has a default for may be left open. */
  const double standard[NUMBER_COUNT] = {entry->lr,   entry->weight_decay, (double)NAN,
                                         (double)NAN, (double)NAN,         (double)NAN};
  char place[ESC_KEY_PATH_MAX];
  for (int k = 0; k < NUMBER_COUNT; k++) {
    esc_scalar *const scalar = number_of(to, k);
    *scalar = given[k];
    if (!scalar->device && isnan(scalar->value))
      scalar->value = standard[k];
    const esc_status status =
        check_number(held, esc_key_path(place, "groups[%d].%s", number, numbers[k].key), k, scalar);
    if (status)
      return status;
  }
  return ESC_STATUS_OK;
}

/* The place of a key among a rule's, or -1. */
static int find_key(const esc_entry *entry, const char *key)
{
  for (int k = 0; key && k < entry->key_count; k++)
    if (strcmp(entry->keys[k].name, key) == 0)
      return k;
  return -1;
}

/* Key k of a rule, from the device or from the host. */
static esc_status take_key(const esc_optimizer *held, const char *place, const esc_entry *entry,
                           int k, const esc_hyper *hyper, esc_scalar *to)
{
  char path[ESC_KEY_PATH_MAX];
  esc_key_path(path, "%s.%s", place, hyper->key);
  if (hyper->number.device) {
    if (entry->keys[k].kind != ESC_KEY_NUMBER)
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "%s: a %s cannot be in device memory: expected a value of the host", path,
                      entry->keys[k].kind == ESC_KEY_WORD ? "word" : "switch");
    *to = hyper->number;
    return esc_check_scalar(held, path, to, 1);
  }
  if (entry->keys[k].kind != ESC_KEY_WORD && !hyper->word && isnan(hyper->number.value))
    return ESC_STATUS_OK; /* the default is there already */
  const esc_setting setting = {hyper->key, hyper->number.value, hyper->word, NULL, 0};
  esc_resolved resolved;
  const esc_status status = esc_resolve_settings(entry, &setting, 1, place, &resolved);
  if (!status)
    *to = (esc_scalar)ESC_SCALAR(resolved.value[k]);
  return as_argument(status);
}

static esc_status take_keys(const esc_optimizer *held, const esc_group *group, const char *place,
                            const esc_entry *entry, esc_step_group *to)
{
  unsigned given = 0;
  if (group->hyper_count < 0 || (group->hyper_count > 0 && !group->hypers))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.hypers: expected %d of them, found %s", place,
                    group->hyper_count, group->hypers ? "a negative number" : "NULL");
  for (int k = 0; k < ESC_HYPERS_MAX; k++)
    to->hyper[k] = (esc_scalar)ESC_SCALAR(k < entry->key_count ? entry->keys[k].value : 0.0);
  for (int i = 0; i < group->hyper_count; i++) {
    const esc_hyper *const hyper = &group->hypers[i];
    const int k = find_key(entry, hyper->key);
    if (k < 0)
      return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.hypers[%d].key: %s has no key %s%s%s", place, i,
                      entry->name, hyper->key ? "\"" : "", hyper->key ? hyper->key : "NULL",
                      hyper->key ? "\"" : "");
    if (given >> k & 1u)
      return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.%s: given twice", place, hyper->key);
    given |= 1u << k;
    const esc_status status = take_key(held, place, entry, k, hyper, &to->hyper[k]);
    if (status)
      return status;
  }
  return ESC_STATUS_OK;
}

typedef struct given_schedule {
  const char *name;
  const esc_setting *settings;
  int setting_count;
} given_schedule;

static esc_status take_schedule(const char *place, given_schedule given, esc_schedule *to)
{
  const esc_entry *entry;
  esc_resolved keys;
  int kind = 0;
  esc_status status = esc_find_entry(ESC_CATALOGUE_SCHEDULES, given.name ? given.name : "constant",
                                     "a schedule", place, &entry, &kind);
  if (!status)
    status = esc_resolve_settings(entry, given.settings, given.setting_count, place, &keys);
  if (!status && kind == ESC_SCHEDULE_warmup_cosine && !(keys.value[1] > keys.value[0]))
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.total: expected more than warmup = %g, found %g",
                      place, keys.value[0], keys.value[1]);
  if (!status)
    *to = esc_schedule_setup(kind, keys.value);
  return as_argument(status);
}

static esc_status take_schedules(const esc_group *group, const char *place, esc_step_group *to)
{
  char path[ESC_KEY_PATH_MAX];
  const given_schedule lr = {group->schedule, group->schedule_settings,
                             group->schedule_setting_count};
  const given_schedule decay = {group->decay_schedule, group->decay_schedule_settings,
                                group->decay_schedule_setting_count};
  const esc_status status =
      take_schedule(esc_key_path(path, "%s.schedule", place), lr, &to->schedule);
  if (status)
    return status;
  return take_schedule(esc_key_path(path, "%s.decay_schedule", place), decay, &to->decay_schedule);
}

static esc_status bad_choice(const char *place, const char *field, const char *expected, int found)
{
  return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.%s: expected %s, found %d", place, field, expected,
                  found);
}

static esc_status take_choices(const esc_group *group, const char *place, const esc_entry *entry,
                               esc_step_group *to, esc_group_facts *facts)
{
  static const char *const types = "ESC_TYPE_F32, ESC_TYPE_BF16 or ESC_TYPE_F16";
  char field[32];
  if ((int)group->decay < 0 || group->decay > ESC_DECAY_DECOUPLED)
    return bad_choice(place, "decay", "an esc_decay", (int)group->decay);
  if (group->maximize != 0 && group->maximize != 1)
    return bad_choice(place, "maximize", "0 or 1", group->maximize);
  if (group->average != 0 && group->average != 1)
    return bad_choice(place, "average", "0 or 1", group->average);
  if (!esc_is_element_type(group->average_type))
    return bad_choice(place, "average_type", types, (int)group->average_type);
  for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++) {
    snprintf(field, sizeof field, "state_type[%d]", k);
    if (!esc_is_element_type(group->state_type[k]))
      return bad_choice(place, field, types, (int)group->state_type[k]);
    facts->state_type[k] = (uint8_t)group->state_type[k];
  }
  to->maximize = group->maximize;
  to->decoupled =
      group->decay == ESC_DECAY_DEFAULT ? entry->decoupled : group->decay == ESC_DECAY_DECOUPLED;
  facts->average = group->average;
  facts->average_type = (uint8_t)group->average_type;
  return ESC_STATUS_OK;
}

/* What a rule's keys ask of the engine, and whether it can be had. */
static esc_status take_traits(const char *place, const esc_entry *entry, esc_step_group *to,
                              esc_group_facts *facts)
{
  const esc_update_traits traits = esc_rule_traits(to, 0.5), other = esc_rule_traits(to, 0.25);
  if (traits.lookahead != 0.0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "%s.form: lookahead needs the gradient at another point: use form bengio",
                    place);
  for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++) {
    if (traits.start[k] != other.start[k])
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "%s: where state %d of %s begins cannot be in device memory: expected a "
                      "value of the host",
                      place, k, entry->name);
    to->start[k] = (float)traits.start[k];
  }
  facts->idle = traits.idle;
  return ESC_STATUS_OK;
}

esc_status esc_resolve_group(const esc_optimizer *held, const esc_group *group, int number,
                             esc_step_group *to, esc_group_facts *facts)
{
  char place[32], rule[ESC_KEY_PATH_MAX];
  const esc_entry *entry;
  snprintf(place, sizeof place, "groups[%d]", number);
  esc_status status =
      as_argument(esc_find_entry(ESC_CATALOGUE_OPTIMIZERS, group->rule, "an optimizer",
                                 esc_key_path(rule, "%s.rule", place), &entry, &to->update));
  if (status)
    return status;
  facts->entry = entry;
  facts->states = esc_rule_states(to->update);
  status = take_numbers(held, group, number, entry, to);
  if (!status)
    status = take_keys(held, group, place, entry, to);
  if (!status)
    status = take_schedules(group, place, to);
  if (!status)
    status = take_choices(group, place, entry, to, facts);
  if (!status)
    status = take_traits(place, entry, to, facts);
  facts->noisy = to->noise[0].device || to->noise[0].value != 0.0;
  return status;
}

/* --- one number anew --- */

static esc_status change_number(const esc_optimizer *held, const char *place, int number, int k,
                                const esc_scalar *scalar, esc_step_group *to)
{
  const esc_status status = check_number(held, place, k, scalar);
  if (status)
    return status;
  *number_of(to, k) = *scalar;
  if (!held->facts[number].noisy && (to->noise[0].device || to->noise[0].value != 0.0))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "%s: the group was created without noise, which cannot be switched on", place);
  return ESC_STATUS_OK;
}

static esc_status change_key(const esc_optimizer *held, const char *place, int number, int k,
                             const esc_scalar *scalar, esc_step_group *to)
{
  const esc_group_facts *const facts = &held->facts[number];
  const esc_entry *const entry = facts->entry;
  const esc_hyper hyper = {entry->keys[k].name, *scalar, NULL};
  if (entry->keys[k].kind == ESC_KEY_WORD)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.%s: a word stays as the group was created with",
                    place, hyper.key);
  if (!scalar->device && isnan(scalar->value))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s.%s: expected %s, found nan", place, hyper.key,
                    esc_range_name(entry->keys[k].range));
  const esc_status status = take_key(held, place, entry, k, &hyper, &to->hyper[k]);
  if (status)
    return status;
  esc_group_facts anew = *facts;
  float start[ESC_UPDATE_STATES_MAX];
  memcpy(start, to->start, sizeof start);
  const esc_status traits = take_traits(place, entry, to, &anew);
  if (traits)
    return traits;
  if (memcmp(start, to->start, sizeof start) != 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "%s.%s: says where a state begins, which it did at creation", place, hyper.key);
  if (facts->idle & ~anew.idle)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "%s.%s: needs a state that the group was created without", place, hyper.key);
  return ESC_STATUS_OK;
}

esc_status esc_change_group(const esc_optimizer *held, int number, const char *key,
                            const esc_scalar *scalar, esc_step_group *to)
{
  char place[ESC_KEY_PATH_MAX];
  for (int k = 0; k < NUMBER_COUNT; k++)
    if (strcmp(numbers[k].key, key) == 0)
      return change_number(held, esc_key_path(place, "groups[%d].%s", number, key), number, k,
                           scalar, to);
  esc_key_path(place, "groups[%d]", number);
  const int k = find_key(held->facts[number].entry, key);
  if (k < 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "key: %s has no number \"%s\"",
                    held->facts[number].entry->name, key);
  return change_key(held, place, number, k, scalar, to);
}
