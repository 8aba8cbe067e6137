/* The engine on a GPU against that on the CPU, in bits: for each experiment of composed_plans.c the
 * words of the tally and the records of single trajectories, whatever blocks, batches and orders
 * the device is given; then whole runs, and what happens when one is stopped or a call fails. The
 * device is emulated. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/cuda/cuda_device.h"
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
    esc_piece piece = {plan, some, o.words, &sink}, *const one = &piece;
    cr_assert_eq(device->backend->trajectories(device->opened, &one, 1, &control), ESC_STATUS_OK,
                 "%s", esc_last_error());
  }
  return o;
}

typedef struct shape {
  int threads, blocks; /* of a block; of a launch, at most */
  esc_emu_order order;
  int64_t batch;
} shape;

/* Of every kernel that is loaded. */
static void set_shape(esc_device *cuda, const shape *s)
{
  esc_cuda_device *const opened = cuda->opened;
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  for (esc_loaded_kernel *k = opened->trajectory_kernels; k; k = k->next) {
    k->kernel.threads = s->threads;
    k->kernel.most_blocks = s->blocks;
  }
  settings.order = s->order;
  esc_emu_set(&settings);
}

static void check(const char *name, const shape *s, outcome expected, outcome found)
{
  size_t k = 0;
  while (k < expected.bytes / sizeof(int64_t) && expected.words[k] == found.words[k])
    k++;
  cr_expect_eq(memcmp(expected.words, found.words, expected.bytes), 0,
               "%s, %d blocks of %d, batches of %lld: word %zu of the %s is %lld on the CPU, %lld "
               "on the GPU",
               name, s->blocks, s->threads, (long long)s->batch,
               k < expected.tally ? k : k - expected.tally,
               k < expected.tally ? "tally" : "records", (long long)expected.words[k],
               (long long)found.words[k]);
}

static void check_plan(esc_device *cpu, esc_device *cuda, int k)
{
  static const shape shapes[] = {{256, 1, ESC_EMU_FORWARD, 1000},
                                 {64, 3, ESC_EMU_BACKWARD, 257},
                                 {32, 2, ESC_EMU_SHUFFLED, 61}};
  composed_experiment e;
  esc_planned *planned = NULL;
  composed_make(k, &e);
  cr_assert_eq(esc_plan_make(&e.experiment, &planned), ESC_STATUS_OK, "%s", esc_last_error());
  const int64_t count = e.experiment.trajectories;
  const outcome expected = run(cpu, &planned->plan, count, count);
  free(run(cuda, &planned->plan, 1, 1).words); /* loads the kernel */
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    set_shape(cuda, &shapes[s]);
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
  for (int k = 0; k < composed_exact_count(); k += ESC_COMPOSED_EVERY)
    check_plan(cpu, cuda, k);
  esc_device_close(cpu);
  esc_device_close(cuda);
}

/* --- math: fast --- */

static int rising(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The largest difference between two empirical distribution functions; sorts. */
static double distance(double *x, double *y, int64_t n)
{
  int64_t most = 0;
  qsort(x, (size_t)n, sizeof *x, rising);
  qsort(y, (size_t)n, sizeof *y, rising);
  for (int64_t i = 0, j = 0; i < n && j < n;) {
    const double at = x[i] < y[j] ? x[i] : y[j];
    while (i < n && x[i] == at)
      i++;
    while (j < n && y[j] == at)
      j++;
    most = i - j > most ? i - j : j - i > most ? j - i : most;
  }
  return (double)most / (double)n;
}

/* Number k of each trajectory's record: its steps, or a coordinate of its end, where a number that
 * is not finite is far out. */
static void take_numbers(outcome o, const esc_plan *plan, int64_t count, int k, double *numbers)
{
  const int64_t *const steps = o.words + o.tally;
  const double *const finals = (const double *)(const void *)(steps + 2 * count);
  for (int64_t i = 0; i < count; i++) {
    const double x = k == 0 ? (double)steps[i] : finals[i * plan->dimension + k - 1];
    numbers[i] = fabs(x) < 1e300 ? x : 1e300;
  }
}

/* Exact on the CPU against fast: another angle of a Gaussian makes them two samples of one law.
 * Smirnov: P(distance > c sqrt(2/n)) <= 2 exp(-2 c^2) = 1e-6. */
static void check_fast(esc_device *cpu, esc_device *cuda, int k)
{
  composed_experiment e;
  esc_planned *planned = NULL;
  composed_make(k, &e);
  cr_assert_eq(esc_plan_make(&e.experiment, &planned), ESC_STATUS_OK, "%s", esc_last_error());
  const int64_t count = 3000;
  const double bound = 2.694 * sqrt(2.0 / (double)count);
  double *const x = calloc((size_t)count, sizeof *x), *const y = calloc((size_t)count, sizeof *y);
  const outcome exact = run(cpu, &planned->plan, count, count);
  const outcome fast = run(cuda, &planned->plan, count, 1000);
  cr_assert(x && y);
  for (int n = 0; n <= planned->plan.dimension; n++) {
    take_numbers(exact, &planned->plan, count, n, x);
    take_numbers(fast, &planned->plan, count, n, y);
    const double found = distance(x, y, count);
    cr_expect_lt(found, bound, "%s: number %d of a record, distance %.4f", composed_name(k), n,
                 found);
  }
  cr_expect(memcmp(exact.words, fast.words, exact.bytes) != 0, "%s: exact", composed_name(k));
  free(x);
  free(y);
  free(exact.words);
  free(fast.words);
  esc_plan_free(planned);
}

Test(trajectories, fast)
{
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  for (int k = 0; k < composed_count(); k += ESC_COMPOSED_EVERY)
    if (k >= composed_exact_count())
      check_fast(cpu, cuda, k);
  esc_device_close(cpu);
  esc_device_close(cuda);
}

/* --- runs --- */

static const int whole_runs[] = {0, 7, 28, 35, 44}; /* walls, observers, walkers */

static support_fingerprint print_of(esc_device *device, const esc_experiment *experiment,
                                    int64_t batch)
{
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  esc_result *result = NULL;
  options.batch = batch;
  cr_assert_eq(esc_run(device, experiment, &options, &result), ESC_STATUS_OK, "%s: %s",
               esc_last_error_key(), esc_last_error());
  const support_fingerprint print = support_fingerprint_of(esc_result_report(result));
  esc_result_free(result);
  return print;
}

/* Reports say the same, however the run was cut. */
Test(trajectories, reports)
{
  static const int64_t batches[] = {0, 50, 399};
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  composed_experiment e;
  for (size_t k = 0; k < sizeof whole_runs / sizeof *whole_runs; k++) {
    if (whole_runs[k] % ESC_COMPOSED_EVERY)
      continue;
    composed_make(whole_runs[k], &e);
    const support_fingerprint expected = print_of(cpu, &e.experiment, 0);
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
      const support_fingerprint found = print_of(cuda, &e.experiment, batches[b]);
      const char *const where = support_difference(&expected, &found);
      cr_expect(!where, "%s, batches of %lld: other %s", composed_name(whole_runs[k]),
                (long long)batches[b], where);
    }
  }
  esc_device_close(cpu);
  esc_device_close(cuda);
}

/* --- sweeps --- */

enum { POINTS = 9 };

/* Points that share a kernel but differ in numbers; where `mixed`, each third one needs another
 * kernel and each fourth has another seed. */
static void make_points(composed_experiment e[POINTS], int k, int mixed)
{
  static const int64_t trajectories[POINTS] = {1, 400, 33, 5, 150, 64, 2, 300, 31};
  for (int p = 0; p < POINTS; p++) {
    composed_make(mixed && p % 3 == 2 ? 0 : k, &e[p]);
    e[p].optimizer.lr *= 1.0 + 0.1 * p;
    e[p].experiment.trajectories = trajectories[p];
    e[p].experiment.first_id = (int64_t)p << 40;
    e[p].experiment.stop_steps += 8 * p;
    e[p].experiment.seed += mixed && p % 4 == 3;
  }
}

static void check_sweep(esc_device *cpu, esc_device *cuda, int k, int mixed)
{
  static const int64_t batches[] = {0, 70, 23};
  composed_experiment e[POINTS];
  const esc_experiment *experiments[POINTS];
  support_fingerprint expected[POINTS];
  make_points(e, k, mixed);
  for (int p = 0; p < POINTS; p++) {
    experiments[p] = &e[p].experiment;
    expected[p] = print_of(cpu, experiments[p], 0);
  }
  for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
    esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
    esc_run_options options = ESC_RUN_OPTIONS_INIT;
    esc_result *results[POINTS] = {NULL};
    settings.multiprocessors = b == 1 ? 1 : 3; /* one block: every lane sees several points */
    settings.blocks_per_multiprocessor = b == 1 ? 1 : 2;
    settings.order = b == 2 ? ESC_EMU_SHUFFLED : ESC_EMU_BACKWARD;
    options.batch = batches[b];
    esc_emu_reset();
    esc_emu_set(&settings);
    cr_assert_eq(esc_run_all(cuda, experiments, POINTS, &options, results), ESC_STATUS_OK, "%s",
                 esc_last_error());
    if (!mixed && batches[b] == 0)
      cr_expect_eq(esc_emu_now().kernels, 1, "%lld launches", (long long)esc_emu_now().kernels);
    for (int p = 0; p < POINTS; p++) {
      const support_fingerprint found = support_fingerprint_of(esc_result_report(results[p]));
      const char *const where = support_difference(&expected[p], &found);
      cr_expect(!where, "%s, point %d, batches of %lld: other %s", composed_name(k), p,
                (long long)batches[b], where);
      esc_result_free(results[p]);
    }
  }
}

/* All points of a kernel run as one launch, and each has the CPU's bits. */
Test(trajectories, sweeps)
{
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  for (size_t k = 0; k < sizeof whole_runs / sizeof *whole_runs; k++)
    for (int mixed = 0; mixed < 2; mixed++)
      if (whole_runs[k] % ESC_COMPOSED_EVERY == 0)
        check_sweep(cpu, cuda, whole_runs[k], mixed);
  esc_device_close(cpu);
  esc_device_close(cuda);
}

/* A GPU that fails in the middle leaves points that are complete, prefixes, and nothing. */
Test(trajectories, lost_in_a_sweep)
{
  esc_device *const cpu = opened("cpu");
  composed_experiment e[POINTS];
  const esc_experiment *experiments[POINTS];
  make_points(e, 0, 0);
  for (int p = 0; p < POINTS; p++)
    experiments[p] = &e[p].experiment;
  for (int work = 2; work <= 32; work += 10) {
    esc_result *results[POINTS] = {NULL};
    esc_run_options options = ESC_RUN_OPTIONS_INIT;
    int64_t kept = 0;
    options.batch = 120;
    esc_emu_reset();
    esc_device *const cuda = opened("cuda");
    esc_emu_fail_work(work, 0);
    cr_assert_eq(esc_run_all(cuda, experiments, POINTS, &options, results), ESC_STATUS_DEVICE_LOST);
    cr_assert(esc_last_error()[0]);
    for (int p = 0; p < POINTS; p++) {
      if (!results[p])
        continue;
      const esc_report *const report = esc_result_report(results[p]);
      const support_fingerprint found = support_fingerprint_of(report);
      composed_experiment shorter[POINTS];
      make_points(shorter, 0, 0);
      shorter[p].experiment.trajectories = report->trajectories;
      const support_fingerprint expected = print_of(cpu, &shorter[p].experiment, 0);
      cr_expect(!support_difference(&expected, &found), "point %d: other %s", p,
                support_difference(&expected, &found));
      kept += report->trajectories;
      esc_result_free(results[p]);
    }
    cr_expect(work < 10 || kept > 0, "work %d: nothing is kept", work);
    cr_expect(kept < 986);
    esc_device_close(cuda);
  }
  esc_emu_reset();
  esc_device_close(cpu);
}

/* --- several GPUs --- */

static esc_device *opened_first_of(int devices, int number, int gpus)
{
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  settings.devices = devices;
  esc_emu_reset();
  esc_emu_set(&settings);
  options.backend = "cuda";
  options.device = number;
  options.gpus = gpus;
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_OK, "%s", esc_last_error());
  return device;
}

/* They share the batches of a run, and its bits are those of one. */
Test(gpus, share_a_run)
{
  composed_experiment e;
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  const int64_t held = esc_emu_now().contexts;
  composed_make(0, &e);
  e.experiment.trajectories = 3000;
  esc_device *const cpu = opened("cpu");
  const support_fingerprint expected = print_of(cpu, &e.experiment, 0);
  esc_device *const cuda = opened_first_of(3, 1, 0);
  cr_assert_eq(esc_device_describe(cuda, &info), ESC_STATUS_OK);
  cr_assert_eq(info.gpus, 3);
  for (int again = 0; again < 2; again++) {
    const support_fingerprint found = print_of(cuda, &e.experiment, 7);
    cr_assert(!support_difference(&expected, &found), "other %s",
              support_difference(&expected, &found));
  }
  cr_expect(esc_emu_has_context(0) && esc_emu_has_context(1) && esc_emu_has_context(2));
  esc_device_close(cuda);
  esc_device_close(cpu);
  cr_assert_eq(esc_emu_now().contexts, held);
}

/* One is as many as asked for; the caller's current device has no context that it did not ask
 * for. */
Test(gpus, no_more_than_asked_for)
{
  composed_experiment e;
  composed_make(0, &e);
  esc_device *const cuda = opened_first_of(3, 2, 1);
  print_of(cuda, &e.experiment, 50);
  esc_device_close(cuda);
  cr_expect(!esc_emu_has_context(0) && !esc_emu_has_context(1) && esc_emu_has_context(2));
  esc_device *const two = opened_first_of(3, 1, 2);
  print_of(two, &e.experiment, 50);
  esc_device_close(two);
  cr_expect(!esc_emu_has_context(2));
}

Test(gpus, more_than_there_are)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  options.backend = "cuda";
  options.gpus = 2;
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_DEVICE_REFUSED);
  options.gpus = -1;
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_null(device);
}

static int ask(void *context)
{
  return --*(int *)context < 0;
}

/* An interrupted run is the run of its first trajectories. */
Test(trajectories, interrupted)
{
  esc_device *const cpu = opened("cpu"), *const cuda = opened("cuda");
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  composed_experiment e;
  esc_result *result = NULL;
  int asks = 2;
  options.cancel = ask;
  options.context = &asks;
  options.batch = 150;
  composed_make(0, &e);
  e.experiment.trajectories = (int64_t)1 << 36;
  cr_assert_eq(esc_run(cuda, &e.experiment, &options, &result), ESC_STATUS_INTERRUPTED);
  cr_assert(result, "no prefix");
  const esc_report *const report = esc_result_report(result);
  cr_assert(report->interrupted && report->trajectories > 0 && report->trajectories % 150 == 0);
  const support_fingerprint found = support_fingerprint_of(report);
  e.experiment.trajectories = report->trajectories;
  const support_fingerprint expected = print_of(cpu, &e.experiment, 0);
  cr_assert(!support_difference(&expected, &found), "other %s",
            support_difference(&expected, &found));
  esc_result_free(result);
  esc_device_close(cpu);
  esc_device_close(cuda);
}

/* A trajectory alone is the same on a machine whose experiments run on a GPU. */
static int keep_last(void *context, const esc_replay_step *step)
{
  *(double *)context = step->position[0];
  return 0;
}

Test(trajectories, replayed)
{
  esc_device *const cuda = opened("cuda");
  composed_experiment e;
  esc_result *result = NULL;
  composed_make(0, &e);
  e.observe.samples = 1;
  cr_assert_eq(esc_run(cuda, &e.experiment, NULL, &result), ESC_STATUS_OK, "%s", esc_last_error());
  for (int64_t id = 0; id < 400; id += 57) {
    double last = 0.0;
    cr_assert_eq(esc_replay(cuda, &e.experiment, id, keep_last, &last), ESC_STATUS_OK, "%s",
                 esc_last_error());
    cr_expect_eq(last, esc_result_report(result)->sample_final[id], "trajectory %lld",
                 (long long)id);
  }
  esc_result_free(result);
  esc_device_close(cuda);
}

/* --- faults --- */

/* Opens, runs and closes while the k-th call of all fails; zero where all calls were made. Of two
 * GPUs the second is opened first, so that it is not the caller's current one. */
static int run_with_fault(int64_t k, int gpus)
{
  const esc_emu_live before = esc_emu_now();
  composed_experiment e;
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  esc_device_options open = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  esc_result *result = NULL;
  open.backend = "cuda";
  open.threads = 1;
  options.batch = 150;
  composed_make(0, &e);
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  settings.devices = gpus;
  open.device = gpus - 1;
  esc_emu_reset();
  esc_emu_set(&settings);
  esc_emu_fail(ESC_EMU_ANY, k, 0);
  esc_status status = esc_device_open(&open, &device);
  if (!status)
    status = esc_run(device, &e.experiment, &options, &result);
  const int met = esc_emu_count(ESC_EMU_ANY) >= k;
  esc_emu_fail(ESC_EMU_ANY, 0, 0);
  cr_expect(status == ESC_STATUS_OK || esc_last_error()[0], "call %lld: no sentence", (long long)k);
  if (result) {
    const esc_report *const report = esc_result_report(result);
    cr_expect(report->trajectories % 150 == 0 || report->trajectories == 400,
              "call %lld: %lld trajectories", (long long)k, (long long)report->trajectories);
    cr_expect(status != ESC_STATUS_OK || report->trajectories == 400);
  }
  esc_result_free(result);
  if (device)
    esc_device_close(device);
  const esc_emu_live after = esc_emu_now();
  cr_expect(after.device_allocations == before.device_allocations &&
                after.host_allocations == before.host_allocations &&
                after.streams == before.streams && after.events == before.events &&
                after.libraries == before.libraries && after.contexts == before.contexts,
            "call %lld: something was not given back", (long long)k);
  return met;
}

Test(trajectories, faults)
{
  for (int gpus = 1; gpus <= 2; gpus++) {
    int64_t k = 1;
    while (run_with_fault(k, gpus))
      k++;
    cr_expect_gt(k, 40, "only %lld calls", (long long)k);
  }
}
