/* All kernels and host/cuda on the emulated device under the thread sanitizer: barriers, fences,
 * tables, and whether the CPU comes to the same bits. A plain program: Criterion does not run under
 * the sanitizer. What the numbers should be is not here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escapement/escapement.h"
#include "host/opened_device.h"
#include "tests/emu/emulator.h"

enum { TENSORS = 5, STEPS = 3, MOST = 5000 };

static const int64_t counts[TENSORS] = {MOST, 1, 33, 0, 2049};

enum { ROOM = 20224, BYTES = 2 * TENSORS * ROOM }; /* bytes of an array, of all */

static int failures = 0;

static void complain(const char *rule, const char *what)
{
  fprintf(stderr, "%s: %s: %s\n", rule, what, esc_last_error());
  failures++;
}

/* Bytes that are bfloat16 or float32 numbers of moderate size. */
static void fill(void *memory, size_t bytes, uint32_t seed)
{
  uint16_t *const halves = memory;
  for (size_t k = 0; k < bytes / 2; k++) {
    seed = seed * 1664525u + 1013904223u;
    halves[k] = (uint16_t)((seed >> 16 & 0x83ffu) | 0x3c00u);
  }
}

static esc_device *opened(const char *backend)
{
  esc_device *device = NULL;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = backend;
  options.threads = 1; /* the sanitizer knows nothing of OpenMP's barriers (race_check does) */
  if (esc_device_open(&options, &device)) {
    complain(backend, "open");
    exit(1);
  }
  return device;
}

/* Values and gradients in one piece of the device's memory; every other tensor in 16 bits, rounded
 * stochastically. */
static esc_optimizer *made(esc_device *device, const char *rule, char *memory)
{
  esc_group group = ESC_GROUP_INIT(rule);
  esc_parameter parameters[TENSORS];
  esc_optimizer *optimizer = NULL;
  for (int k = 0; k < TENSORS; k++) {
    const esc_type type = k % 2 ? ESC_TYPE_BF16 : ESC_TYPE_F32;
    parameters[k] = (esc_parameter)ESC_PARAMETER_INIT;
    parameters[k].count = counts[k];
    parameters[k].value = (esc_array){memory + 2 * k * ROOM, type};
    parameters[k].gradient = (esc_array){memory + (2 * k + 1) * ROOM, type};
    parameters[k].stochastic = 1;
  }
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  options.groups = &group;
  options.group_count = 1;
  options.parameters = parameters;
  options.parameter_count = TENSORS;
  if (esc_optimizer_create(device, &options, &optimizer)) {
    complain(rule, "create");
    exit(1);
  }
  return optimizer;
}

/* Leaves in `bytes` what some steps make of them. */
static void take_steps(esc_device *device, const char *rule, char *bytes)
{
  const esc_backend *const backend = device->backend;
  void *memory = NULL;
  esc_step_options step = ESC_STEP_OPTIONS_INIT;
  step.clip_norm.value = 0.5;
  step.skip_non_finite = 1;
  if (backend->alloc(device->opened, BYTES, &memory) ||
      backend->copy(device->opened, memory, bytes, BYTES, NULL)) {
    complain(rule, "memory");
    exit(1);
  }
  esc_optimizer *const optimizer = made(device, rule, memory);
  for (int t = 0; t < STEPS; t++)
    if (esc_optimizer_step(optimizer, &step))
      complain(rule, "step");
  if (backend->copy(device->opened, bytes, memory, BYTES, NULL))
    complain(rule, "read");
  esc_optimizer_free(optimizer);
  backend->free(device->opened, memory);
}

static void check_rule(esc_device *cpu, esc_device *cuda, const char *rule, uint32_t seed)
{
  char *const expected = malloc(BYTES), *const found = malloc(BYTES);
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  settings.order = (esc_emu_order)(seed % 3);
  settings.seed = seed;
  esc_emu_set(&settings);
  if (!expected || !found)
    exit(1);
  fill(expected, BYTES, seed);
  memcpy(found, expected, BYTES);
  take_steps(cpu, rule, expected);
  take_steps(cuda, rule, found);
  if (memcmp(expected, found, BYTES) != 0)
    complain(rule, "the CPU and the emulated GPU differ");
  free(expected);
  free(found);
}

int main(void)
{
#define NAME(name, ...) #name,
  static const char *const rules[] = {ESC_UPDATE_CATALOGUE(NAME)};
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  for (unsigned int k = 0; k < sizeof rules / sizeof rules[0]; k++)
    check_rule(cpu, cuda, rules[k], k + 1);
  esc_device_close(cpu);
  esc_device_close(cuda);
  if (!failures)
    puts("Emulated kernels: no races, the same bits.");
  return failures ? 1 : 0;
}
