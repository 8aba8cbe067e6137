/* The catalogues of kernels/rules as tables that a program can read: the one place where the lists
 * become esc_entry. */
#include "escapement/catalogue.h"

#include <math.h>
#include <stddef.h>

#include "kernels/backend.h"

#define ESC_KEY_ROW(name, kind, range, value, choices, meaning)                                    \
  {#name, ESC_KEY_##kind, ESC_RANGE_##range, value, choices, meaning},

/* Each table ends with an empty key, so that rules without keys have one too. */
#define ESC_KEY_TABLE(rule, ...)                                                                   \
  static const esc_key keys_##rule[] = {ESC_KEYS_##rule(ESC_KEY_ROW){0}};
ESC_UPDATE_CATALOGUE(ESC_KEY_TABLE)
ESC_LANDSCAPE_CATALOGUE(ESC_KEY_TABLE)
ESC_NOISE_CATALOGUE(ESC_KEY_TABLE)
ESC_SCHEDULE_CATALOGUE(ESC_KEY_TABLE)
static const esc_key keys_observer[] = {{0}};

#define ESC_KEY_COUNT_OF(keys) ((int)(sizeof(keys) / sizeof *(keys)) - 1)

#define ESC_UPDATE_ENTRY(name, states, lr, weight_decay, decoupled, formula, source)               \
  {#name, formula, source, keys_##name, ESC_KEY_COUNT_OF(keys_##name), lr, weight_decay, decoupled},
#define ESC_LANDSCAPE_ENTRY(name, shape, dimension, lo, hi, formula)                               \
  {#name, formula, "", keys_##name, ESC_KEY_COUNT_OF(keys_##name), 0.0, 0.0, 0},
#define ESC_NOISE_ENTRY(name, shape, formula, source)                                              \
  {#name, formula, source, keys_##name, ESC_KEY_COUNT_OF(keys_##name), 0.0, 0.0, 0},
#define ESC_SCHEDULE_ENTRY(name, formula)                                                          \
  {#name, formula, "", keys_##name, ESC_KEY_COUNT_OF(keys_##name), 0.0, 0.0, 0},
#define ESC_OBSERVER_ENTRY(name, meaning) {#name, meaning, "", keys_observer, 0, 0.0, 0.0, 0},

static const esc_entry updates[] = {ESC_UPDATE_CATALOGUE(ESC_UPDATE_ENTRY)};
static const esc_entry landscapes[] = {ESC_LANDSCAPE_CATALOGUE(ESC_LANDSCAPE_ENTRY)};
static const esc_entry noises[] = {ESC_NOISE_CATALOGUE(ESC_NOISE_ENTRY)};
static const esc_entry observers[] = {ESC_OBSERVER_CATALOGUE(ESC_OBSERVER_ENTRY)};
static const esc_entry schedules[] = {ESC_SCHEDULE_CATALOGUE(ESC_SCHEDULE_ENTRY)};

#define ESC_TABLE(entries)                                                                         \
  {                                                                                                \
    entries, (int)(sizeof(entries) / sizeof *(entries))                                            \
  }
static const struct {
  const esc_entry *entries;
  int count;
} tables[] = {
    [ESC_CATALOGUE_OPTIMIZERS] = ESC_TABLE(updates),
    [ESC_CATALOGUE_LANDSCAPES] = ESC_TABLE(landscapes),
    [ESC_CATALOGUE_NOISES] = ESC_TABLE(noises),
    [ESC_CATALOGUE_OBSERVERS] = ESC_TABLE(observers),
    [ESC_CATALOGUE_SCHEDULES] = ESC_TABLE(schedules),
};

const esc_entry *esc_catalogue_entries(esc_catalogue catalogue, int *count)
{
  const int known = (int)catalogue >= 0 && catalogue <= ESC_CATALOGUE_SCHEDULES;
  if (count)
    *count = known ? tables[catalogue].count : 0;
  return known ? tables[catalogue].entries : NULL;
}

const char *esc_range_name(esc_range range)
{
  static const char *const names[] = {
      "a number",
      "a number above 0",
      "a number of at least 0",
      "a number in [0, 1)",
      "a number in [0, 1]",
      "a number in (0, 2]",
      "a number in [-1, 1]",
      "a whole number of at least 1",
      "a number of at least 1",
  };
  return (int)range >= 0 && range <= ESC_RANGE_AT_LEAST_ONE ? names[range] : "a number";
}
