/* Settings against the catalogue. */
#include "host/settings.h"

#include <math.h>
#include <string.h>

#include "host/error.h"

int esc_is_sized(double value)
{
  return fabs(value) <= ESC_NUMBER_MAX; /* not so for a NaN */
}

int esc_in_range(double value, esc_range range)
{
  if (!isfinite(value))
    return 0;
  switch (range) {
  case ESC_RANGE_POSITIVE:
    return value > 0.0;
  case ESC_RANGE_NOT_NEGATIVE:
    return value >= 0.0;
  case ESC_RANGE_FRACTION:
    return value >= 0.0 && value < 1.0;
  case ESC_RANGE_SHARE:
    return value >= 0.0 && value <= 1.0;
  case ESC_RANGE_STABLE:
    return value > 0.0 && value <= 2.0;
  case ESC_RANGE_SKEW:
    return value >= -1.0 && value <= 1.0;
  case ESC_RANGE_COUNT:
    return value >= 1.0 && value <= 1e15 && value == floor(value);
  case ESC_RANGE_AT_LEAST_ONE:
    return value >= 1.0;
  default:
    return 1;
  }
}

esc_status esc_find_entry(esc_catalogue catalogue, const char *name, const char *what,
                          const char *place, const esc_entry **entry, int *number)
{
  int count;
  const esc_entry *const entries = esc_catalogue_entries(catalogue, &count);
  for (int k = 0; name && k < count; k++)
    if (strcmp(entries[k].name, name) == 0) {
      *entry = &entries[k];
      *number = k;
      return ESC_STATUS_OK;
    }
  return esc_fail_at(place, "expected the name of %s, found %s%s%s", what, name ? "\"" : "",
                     name ? name : "nothing", name ? "\"" : "");
}

/* The place of a word among "left|right|zero", or -1. */
static int place_of_word(const char *choices, const char *word)
{
  const size_t length = strlen(word);
  int place = 0;
  for (const char *at = choices; at; place++) {
    const char *const bar = strchr(at, '|');
    const size_t size = bar ? (size_t)(bar - at) : strlen(at);
    if (size == length && strncmp(at, word, length) == 0)
      return place;
    at = bar ? bar + 1 : NULL;
  }
  return -1;
}

static esc_status take_list(const esc_key *key, const esc_setting *setting, const char *path,
                            esc_resolved *resolved, int k)
{
  if (!setting->list || setting->list_count < 1)
    return esc_fail_at(path, "expected a list of numbers");
  for (int64_t i = 0; i < setting->list_count; i++)
    if (!esc_is_sized(setting->list[i]) || !esc_in_range(setting->list[i], key->range))
      return esc_fail_at(path, "expected a list of numbers, each %s, found %g",
                         esc_range_name(key->range), setting->list[i]);
  resolved->list = setting->list;
  resolved->list_count = setting->list_count;
  resolved->value[k] = (double)setting->list_count;
  return ESC_STATUS_OK;
}

static esc_status take_setting(const esc_key *key, const esc_setting *setting, const char *path,
                               esc_resolved *resolved, int k)
{
  resolved->given[k] = 1;
  if (key->kind == ESC_KEY_LIST)
    return take_list(key, setting, path, resolved, k);
  if (key->kind == ESC_KEY_WORD) {
    const int place = setting->word ? place_of_word(key->choices, setting->word) : -1;
    if (place < 0)
      return esc_fail_at(path, "expected one of %s, found %s", key->choices,
                         setting->word ? setting->word : "no word");
    resolved->value[k] = place;
    return ESC_STATUS_OK;
  }
  if (setting->word || setting->list)
    return esc_fail_at(path, "expected %s",
                       key->kind == ESC_KEY_SWITCH ? "true or false" : esc_range_name(key->range));
  if (key->kind == ESC_KEY_SWITCH && setting->value != 0.0 && setting->value != 1.0)
    return esc_fail_at(path, "expected true or false, found %g", setting->value);
  if (!esc_in_range(setting->value, key->range))
    return esc_fail_at(path, "expected %s, found %g", esc_range_name(key->range), setting->value);
  if (!esc_is_sized(setting->value))
    return esc_fail_at(path, "expected a number of at most %g in size, found %g", ESC_NUMBER_MAX,
                       setting->value);
  resolved->value[k] = setting->value;
  return ESC_STATUS_OK;
}

static int find_key(const esc_entry *entry, const char *name)
{
  for (int k = 0; k < entry->key_count; k++)
    if (name && strcmp(entry->keys[k].name, name) == 0)
      return k;
  return -1;
}

esc_status esc_resolve_settings(const esc_entry *entry, const esc_setting *settings, int count,
                                const char *place, esc_resolved *resolved)
{
  char path[ESC_KEY_PATH_MAX];
  *resolved = (esc_resolved){.list = NULL};
  for (int k = 0; k < entry->key_count; k++)
    resolved->value[k] = entry->keys[k].value;
  if (count < 0 || (count > 0 && !settings))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: settings: expected %d of them, found NULL", place,
                    count);
  for (int i = 0; i < count; i++) {
    const int k = find_key(entry, settings[i].key);
    esc_key_path(path, "%s.%s", place, settings[i].key ? settings[i].key : "");
    if (k < 0)
      return esc_fail_at(path, "%s has no such key", entry->name);
    if (resolved->given[k])
      return esc_fail_at(path, "given twice");
    const esc_status status = take_setting(&entry->keys[k], &settings[i], path, resolved, k);
    if (status)
      return status;
  }
  for (int k = 0; k < entry->key_count; k++)
    if (isnan(resolved->value[k]) && entry->keys[k].kind != ESC_KEY_LIST)
      return esc_fail_at(esc_key_path(path, "%s.%s", place, entry->keys[k].name),
                         "%s needs it: expected %s, found nothing", entry->name,
                         esc_range_name(entry->keys[k].range));
  return ESC_STATUS_OK;
}
