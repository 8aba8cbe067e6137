/* The engine on a GPU against that on the CPU, in bits: for each experiment of composed_plans.c the
 * words of the tally and the records of single trajectories, whatever blocks, batches and orders the
 * device is given; then whole runs, and what happens when one is stopped or a call fails. The device
 * is emulated. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "host/opened_device.h"
#include "host/plan.h"
#include "tests/composed_plans.h"
#include "tests/emu/emulator.h"
#include "tests/support.h"
#include "tests/support_fingerprint.h"

static esc_device *opened(const char *backend)
{
  esc_device *device = NULL;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = backend;
  options.threads = 1;
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_OK, "%s", esc_last_error());
  return device;
}

/* --- batches --- */

/* What a batch leaves, in one piece of memory. */
typedef struct outcome {
  int64_t *words;
  size_t bytes;
  size_t tally; /* how many of the words are the tally's; records follow */
} outcome;

static outcome new_outcome(const esc_plan *plan, int64_t count)
{
  const size_t records = (size_t)(2 + plan->dimension) * (size_t)count;
  outcome o = {NULL, ((size_t)plan->tally.words + records) * sizeof(int64_t),
               (size_t)plan->tally.words};
  o.words = calloc(1, o.bytes);
  cr_assert_not_null(o.words);
  return o;
}

/* Runs ids 0 .. count - 1 in batches of so many. */
static outcome run(esc_device *device, const esc_plan *plan, int64_t count, int64_t batch)
{
  const outcome o = new_outcome(plan, count);
  esc_control control = {0};
  esc_sink sink = {0};
  if (!plan->renew) {
    sink.limit = sink.finals_limit = count;
    sink.steps = o.words + o.tally;
    sink.outcomes = (int32_t *)(sink.steps + count);
    sink.finals = (double *)(sink.steps + 2 * count);
  }
  for (int64_t first = 0; first < count; first += batch) {
    const esc_batch some = {first, count - first < batch ? count - first : batch};
    cr_assert_eq(device->backend->trajectories(device->opened, plan, some, o.words, &sink,
                                               &control),
                 ESC_STATUS_OK, "%s", esc_last_error());
  }
  return o;
}

typedef struct shape {
  int multiprocessors, blocks;
  esc_emu_order order;
  int64_t batch;
} shape;

static void check(const char *name, const shape *s, outcome expected, outcome found)
{
  size_t k = 0;
  while (k < expected.bytes / sizeof(int64_t) && expected.words[k] == found.words[k])
    k++;
  cr_expect_eq(memcmp(expected.words, found.words, expected.bytes), 0,
               "%s, %d blocks, batches of %lld: word %zu of the %s is %lld on the CPU, %lld on the GPU",
               name, s->multiprocessors * s->blocks, (long long)s->batch,
               k < expected.tally ? k : k - expected.tally, k < expected.tally ? "tally" : "records",
               (long long)expected.words[k], (long long)found.words[k]);
}

static void check_plan(esc_device *cpu, esc_device *cuda, int k)
{
  static const shape shapes[] = {{1, 1, ESC_EMU_FORWARD, 1000},
                                 {3, 2, ESC_EMU_BACKWARD, 257},
                                 {2, 1, ESC_EMU_SHUFFLED, 61}};
  composed_experiment e;
  esc_planned *planned = NULL;
  composed_make(k, &e);
  cr_assert_eq(esc_plan_make(&e.experiment, &planned), ESC_STATUS_OK, "%s", esc_last_error());
  const int64_t count = e.experiment.trajectories;
  const outcome expected = run(cpu, &planned->plan, count, count);
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
    settings.multiprocessors = shapes[s].multiprocessors;
    settings.blocks_per_multiprocessor = shapes[s].blocks;
    settings.order = shapes[s].order;
    esc_emu_set(&settings);
    const outcome found = run(cuda, &planned->plan, count, shapes[s].batch);
    check(composed_name(k), &shapes[s], expected, found);
    free(found.words);
  }
  free(expected.words);
  esc_plan_free(planned);
}

Test(trajectories, bits)
{
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  for (int k = 0; k < composed_count(); k += ESC_COMPOSED_EVERY)
    check_plan(cpu, cuda, k);
  esc_device_close(cpu);
  esc_device_close(cuda);
}
