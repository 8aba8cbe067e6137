/* What the catalogue says of each rule beside its keys: how many states, their names, where they
 * begin, which of them its keys leave idle. */
#include "host/held_optimizer.h"

#include <string.h>

typedef void setup_function(const double *keys, esc_update_traits *traits);

#define ESC_SETUP_UPDATE(name, ...)                                                                \
  static void setup_##name(const double *keys, esc_update_traits *traits)                          \
  {                                                                                                \
    _Static_assert(sizeof(esc_##name) <= ESC_UPDATE_CONSTANTS_MAX * sizeof(esc_real), #name);      \
    _Static_assert(sizeof(esc_##name##_keys) <= ESC_HYPERS_MAX * sizeof(double), #name);           \
    esc_##name##_keys key;                                                                         \
    esc_##name constants;                                                                          \
    memcpy(&key, keys, sizeof key);                                                                \
    esc_##name##_setup(&key, &constants, traits);                                                  \
  }
ESC_UPDATE_CATALOGUE(ESC_SETUP_UPDATE)

#define ESC_UPDATE_ROW(name, states, ...) {setup_##name, states, {ESC_STATES_##name}},
static const struct {
  setup_function *setup;
  int states;
  const char *state_name[ESC_UPDATE_STATES_MAX];
} rules[] = {ESC_UPDATE_CATALOGUE(ESC_UPDATE_ROW)};

int esc_rule_states(int update)
{
  return rules[update].states;
}

const char *esc_rule_state_name(int update, int k)
{
  return rules[update].state_name[k];
}

esc_update_traits esc_rule_traits(const esc_step_group *group, double stand_in)
{
  double keys[ESC_HYPERS_MAX];
  esc_update_traits traits = {.idle = 0};
  for (int k = 0; k < ESC_HYPERS_MAX; k++)
    keys[k] = group->hyper[k].device ? stand_in : group->hyper[k].value;
  rules[group->update].setup(keys, &traits);
  return traits;
}
