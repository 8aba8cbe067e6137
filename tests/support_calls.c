/* A small optimizer of every kind of parameter, and a CPU that can be made to fail. */
#include "tests/support_calls.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/support.h"

static const int64_t counts[CALLS_PARAMETERS] = {100, 257, 0, 64, 5, 33};
static const int groups[CALLS_PARAMETERS] = {0, 0, 1, 1, 0, 2};
static const esc_type types[CALLS_PARAMETERS] = {ESC_TYPE_F32, ESC_TYPE_BF16, ESC_TYPE_F32,
                                                 ESC_TYPE_F32, ESC_TYPE_F16,  ESC_TYPE_F32};

/* A number near 1 in size, in any of the types. */
static void put(unsigned char *array, esc_type type, int64_t i, double value)
{
  const float real = (float)value;
  uint32_t bits;
  memcpy(&bits, &real, sizeof bits);
  if (type == ESC_TYPE_F32) {
    memcpy(array + 4 * i, &bits, 4);
  } else {
    const uint16_t half = type == ESC_TYPE_BF16 ? (uint16_t)(bits >> 16)
                                                : (uint16_t)(0x3800u | (bits >> 13 & 0x3ffu));
    memcpy(array + 2 * i, &half, 2);
  }
}

void calls_draw_gradients(calls_case *c, uint64_t seed)
{
  support_rng rng = {seed};
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    for (int64_t i = 0; i < counts[p]; i++)
      put(c->gradients[p], types[p], i, support_between(&rng, -2.0, 2.0));
}

void calls_begin(calls_case *c, uint64_t seed)
{
  static const char *const rules[CALLS_GROUPS] = {"adam", "sgd", "rmsprop"};
  support_rng rng = {seed ^ 0x5ca1ab1e};
  memset(c, 0, sizeof *c);
  for (int g = 0; g < CALLS_GROUPS; g++)
    c->groups[g] = (esc_group)ESC_GROUP_INIT(rules[g]);
  c->hypers[0] = (esc_hyper)ESC_HYPER("beta1", 0.8);
  c->hypers[1] = (esc_hyper)ESC_HYPER("eps", 1e-6);
  c->hypers[2] = (esc_hyper)ESC_HYPER("bias_correction", 1.0);
  c->groups[0].hypers = c->hypers;
  c->groups[0].hyper_count = 3;
  c->groups[0].average = 1;
  c->groups[0].state_type[1] = ESC_TYPE_BF16;
  c->groups[0].weight_decay.value = 0.125;
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    esc_parameter *const parameter = &c->parameters[p];
    *parameter = (esc_parameter)ESC_PARAMETER_INIT;
    parameter->group = groups[p];
    parameter->count = counts[p];
    parameter->value = (esc_array){c->values[p], types[p]};
    parameter->gradient = (esc_array){p == 4 ? NULL : c->gradients[p], types[p]};
    for (int64_t i = 0; i < counts[p]; i++)
      put(c->values[p], types[p], i, support_between(&rng, -1.0, 1.0));
  }
  c->parameters[1].master = (esc_array){c->masters[1], ESC_TYPE_F32};
  c->parameters[1].stochastic = 1;
  calls_draw_gradients(c, seed);
  c->options = (esc_optimizer_options)ESC_OPTIMIZER_OPTIONS_INIT;
  c->options.groups = c->groups;
  c->options.group_count = CALLS_GROUPS;
  c->options.parameters = c->parameters;
  c->options.parameter_count = CALLS_PARAMETERS;
  c->options.seed = 7;
}

esc_optimizer *calls_make(esc_device *device, calls_case *c)
{
  esc_optimizer *optimizer = NULL;
  cr_assert_eq(esc_optimizer_create(device, &c->options, &optimizer), ESC_STATUS_OK, "%s",
               esc_last_error());
  return optimizer;
}

void calls_expect_sentence(const char *expected, int line)
{
  cr_expect(strstr(esc_last_error(), expected), "line %d: expected \"%s\", found \"%s\"", line,
            expected, esc_last_error());
}

/* --- the device --- */

calls_device calls_watch;
static struct esc_device device;
static esc_backend backend;

static int fails(void)
{
  return ++calls_watch.made == calls_watch.fail_at;
}

static esc_status watch_alloc(void *opened, size_t bytes, void **memory)
{
  if (fails())
    return calls_watch.failure;
  calls_watch.allocated++;
  return esc_cpu_backend.alloc(opened, bytes, memory);
}

static void watch_free(void *opened, void *memory)
{
  calls_watch.allocated--;
  esc_cpu_backend.free(opened, memory);
}

static int watch_owns(void *opened, const void *memory, size_t bytes)
{
  (void)opened, (void)bytes;
  return memory != calls_watch.foreign;
}

static esc_status watch_copy(void *opened, void *to, const void *from, size_t bytes, void *stream)
{
  if (calls_watch.capturing)
    return ESC_STATUS_BAD_ARGUMENT;
  return fails() ? calls_watch.failure : esc_cpu_backend.copy(opened, to, from, bytes, stream);
}

static esc_status watch_upload(void *opened, void *to, const void *from, size_t bytes, void *stream)
{
  calls_watch.uploads++;
  return watch_copy(opened, to, from, bytes, stream);
}

static esc_status watch_start(void *opened, const esc_step_plan *plan, int what, void *stream)
{
  calls_watch.starts++;
  return fails() ? calls_watch.failure : esc_cpu_backend.start(opened, plan, what, stream);
}

static esc_status watch_norm(void *opened, const esc_step_plan *plan, void *stream)
{
  calls_watch.norms++;
  return fails() ? calls_watch.failure : esc_cpu_backend.norm(opened, plan, stream);
}

static esc_status watch_update(void *opened, const esc_step_plan *plan, const esc_step_call *call,
                               void *stream)
{
  calls_watch.updates++;
  return fails() ? calls_watch.failure : esc_cpu_backend.update(opened, plan, call, stream);
}

esc_device *calls_device_open(void)
{
  const char *why = NULL;
  calls_watch = (calls_device){.failure = ESC_STATUS_DEVICE_LOST};
  backend = esc_cpu_backend;
  backend.alloc = watch_alloc;
  backend.free = watch_free;
  backend.owns = watch_owns;
  backend.copy = watch_copy;
  backend.upload = watch_upload;
  backend.start = watch_start;
  backend.norm = watch_norm;
  backend.update = watch_update;
  device.backend = &backend;
  device.threads = 1;
  device.opened = backend.open("auto", &why);
  return &device;
}
