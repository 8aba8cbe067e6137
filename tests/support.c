/* The shared parts of the engine's tests; support.h says what they are for. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

uint64_t support_draw(support_rng *rng)
{
  uint64_t z = rng->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double support_between(support_rng *rng, double low, double high)
{
  return low + (high - low) * ((double)(int64_t)(support_draw(rng) >> 11) * 0x1p-53);
}

double support_normal(support_rng *rng)
{
  const double radius = sqrt(-2.0 * log(support_between(rng, 0x1p-60, 1.0)));
  return radius * cos(6.283185307179586 * support_between(rng, 0.0, 1.0));
}

static esc_setting *next_setting(support_keys *keys)
{
  cr_assert(keys->count < (int)(sizeof keys->at / sizeof *keys->at));
  return &keys->at[keys->count++];
}

void support_number(support_keys *keys, const char *key, double value)
{
  *next_setting(keys) = (esc_setting)ESC_NUMBER(key, value);
}

void support_word(support_keys *keys, const char *key, const char *word)
{
  *next_setting(keys) = (esc_setting)ESC_WORD(key, word);
}

void support_list(support_keys *keys, const char *key, const double *list, int64_t count)
{
  *next_setting(keys) = (esc_setting)ESC_LIST(key, list, count);
}

support_case support_begin(const char *landscape, const char *noise, const char *optimizer,
                           double lr)
{
  support_case c = {.landscape = ESC_LANDSCAPE_INIT(landscape),
                    .optimizer = ESC_UPDATE_RULE_INIT(optimizer, lr),
                    .start = ESC_START_INIT,
                    .observe = ESC_OBSERVE_INIT,
                    .experiment = ESC_EXPERIMENT_INIT};
  c.experiment.stop_steps = 1000;
  c.experiment.trajectories = 1000;
  if (noise)
    support_add_noise(&c, noise);
  return c;
}

esc_noise *support_add_noise(support_case *c, const char *law)
{
  cr_assert(c->noise_count < SUPPORT_SOURCES);
  esc_noise *const noise = &c->noise[c->noise_count++];
  *noise = (esc_noise)ESC_NOISE_INIT(law);
  return noise;
}

void support_start_at(support_case *c, double x)
{
  c->start_values[0] = x;
  c->start.value_count = 1;
}

void support_start_in(support_case *c, esc_start_kind kind, double a, double b)
{
  c->start.kind = kind;
  c->start_values[0] = a;
  c->start_values[1] = b;
  c->start.value_count = 2;
}

void support_outside(support_case *c, double lo, double hi)
{
  c->experiment.outside[0] = lo;
  c->experiment.outside[1] = hi;
}

const esc_experiment *support_experiment(support_case *c)
{
  c->landscape.settings = c->landscape_keys.at;
  c->landscape.setting_count = c->landscape_keys.count;
  for (int k = 0; k < c->noise_count; k++) {
    c->noise[k].settings = c->noise_keys[k].at;
    c->noise[k].setting_count = c->noise_keys[k].count;
  }
  c->optimizer.settings = c->optimizer_keys.at;
  c->optimizer.setting_count = c->optimizer_keys.count;
  c->optimizer.schedule_settings = c->schedule_keys.at;
  c->optimizer.schedule_setting_count = c->schedule_keys.count;
  c->start.values = c->start_values;
  c->experiment.landscape = &c->landscape;
  c->experiment.noises = c->noise_count ? c->noise : NULL;
  c->experiment.noise_count = c->noise_count;
  c->experiment.optimizer = &c->optimizer;
  c->experiment.start = c->start.value_count ? &c->start : NULL;
  c->experiment.observe = &c->observe;
  return &c->experiment;
}

const char *const *support_isas(void)
{
  static const char *present[4];
  static const char *const all[] = {"baseline", "avx2", "avx512"};
  int count = 0;
  for (int k = 0; k < 3; k++)
    if (esc_isa_available(all[k]))
      present[count++] = all[k];
  return present;
}

esc_device *support_device(const char *isa, int threads)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  options.backend = "cpu";
  options.threads = threads;
  options.isa = isa ? isa : "auto";
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_OK, "%s", esc_last_error());
  return device;
}

const esc_report *support_run(esc_device *device, support_case *c, esc_result **result)
{
  *result = NULL;
  cr_assert_eq(esc_run(device, support_experiment(c), NULL, result), ESC_STATUS_OK, "%s: %s",
               esc_last_error_key(), esc_last_error());
  return esc_result_report(*result);
}

const esc_outcome *support_outcome(const esc_report *report, const char *name)
{
  for (int k = 0; k < report->outcome_count; k++)
    if (strcmp(report->outcomes[k].name, name) == 0)
      return &report->outcomes[k];
  cr_assert(0, "no outcome %s", name);
  return NULL;
}
