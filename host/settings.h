/* Resolving the keys of a rule: settings by name against a catalogue entry, with every check. */
#ifndef ESC_HOST_SETTINGS_H
#define ESC_HOST_SETTINGS_H

#include "escapement/catalogue.h"
#include "escapement/experiment.h"

#define ESC_RULE_KEYS_MAX 16

/* The values of a rule's keys in the order of its catalogue: numbers (a word by its place, a list
 * by its length, NaN where it was not given), and its one list. */
typedef struct esc_resolved {
  double value[ESC_RULE_KEYS_MAX];
  unsigned char given[ESC_RULE_KEYS_MAX];
  const double *list;
  int64_t list_count;
} esc_resolved;

/* The entry called name and its number. `place` is the key path of the name. */
esc_status esc_find_entry(esc_catalogue catalogue, const char *name, const char *what,
                          const char *place, const esc_entry **entry, int *number);

/* Fills *resolved. `place` is the key path of the rule ("optimizer", "noise[1]"). A key without a
 * default that was not given is an error, unless it is a list. */
esc_status esc_resolve_settings(const esc_entry *entry, const esc_setting *settings, int count,
                                const char *place, esc_resolved *resolved);

/* The largest number an experiment may hold: within float's range, with room to be multiplied. */
#define ESC_NUMBER_MAX 1e30

/* Whether a number is finite and not absurd. */
int esc_is_sized(double value);

/* Whether a number lies in a range. NaN and infinities lie in none. */
int esc_in_range(double value, esc_range range);

#endif
