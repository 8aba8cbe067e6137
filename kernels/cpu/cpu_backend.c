/* The CPU backend: picks the loops of an instruction set, runs batches in tiles, and steps
 * optimizers. Memory of the device is memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernels/cpu/step_loops.h"
#include "kernels/fp_control.h"

typedef esc_status tile_runner(const esc_plan *plan, esc_batch batch, int64_t *tally,
                               const esc_sink *sink, esc_control *control);
typedef void landscape_loop(const esc_plan *plan, int64_t count, const double *points,
                            double *values, double *gradients);

typedef void settle_loop(const esc_plan *plan, int64_t count, double *points, double *values,
                         unsigned char *settled);

#define DECLARE_ISA(isa)                                                                           \
  tile_runner esc_run_tile_##isa##_f32, esc_run_tile_##isa##_f64;                                  \
  settle_loop esc_settle_points_##isa##_f64;                                                       \
  extern const esc_step_runner esc_step_runner_##isa##_f32;

DECLARE_ISA(baseline)
#if ESC_HAVE_AVX2
DECLARE_ISA(avx2)
#endif
#if ESC_HAVE_AVX512
DECLARE_ISA(avx512)
#endif
landscape_loop esc_evaluate_landscape;

static int has_baseline(void)
{
  return 1;
}

#if ESC_HAVE_AVX2
static int has_avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}
#endif

#if ESC_HAVE_AVX512
static int has_avx512(void)
{
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd") && has_avx2();
}
#endif

typedef struct cpu_isa {
  const char *name;
  int (*supported)(void);
  tile_runner *run_f32, *run_f64;
  settle_loop *settle;
  const esc_step_runner *step;
} cpu_isa;

/* From the best to the plainest. */
static const cpu_isa isas[] = {
#if ESC_HAVE_AVX512
    {"avx512", has_avx512, esc_run_tile_avx512_f32, esc_run_tile_avx512_f64,
     esc_settle_points_avx512_f64, &esc_step_runner_avx512_f32},
#endif
#if ESC_HAVE_AVX2
    {"avx2", has_avx2, esc_run_tile_avx2_f32, esc_run_tile_avx2_f64, esc_settle_points_avx2_f64,
     &esc_step_runner_avx2_f32},
#endif
    {"baseline", has_baseline, esc_run_tile_baseline_f32, esc_run_tile_baseline_f64,
     esc_settle_points_baseline_f64, &esc_step_runner_baseline_f32},
};
enum { ISA_COUNT = sizeof isas / sizeof *isas };

static const cpu_isa *find_isa(const char *name)
{
  const int any = !name || strcmp(name, "auto") == 0;
  for (int k = 0; k < ISA_COUNT; k++)
    if ((any || strcmp(name, isas[k].name) == 0) && isas[k].supported())
      return &isas[k];
  return NULL;
}

int esc_cpu_isa_available(const char *isa)
{
  return find_isa(isa) != NULL;
}

static void *cpu_open(const char *isa, const char **why)
{
  const cpu_isa *const found = find_isa(isa);
  if (!found)
    *why = "the instruction set is not in this build or not on this processor";
  return (void *)(uintptr_t)found; /* the table itself is the device: nothing to own */
}

static void cpu_close(void *device)
{
  (void)device;
}

static const char *cpu_isa_name(const void *device)
{
  return ((const cpu_isa *)device)->name;
}

/* A vector or two of lanes is the least. */
static esc_batching cpu_batching(void *device)
{
  (void)device;
  return (esc_batching){.first = 512, .least = 32, .largest = 65536, .seconds = 0.4, .pieces = 1};
}

/* One piece after another: a tile holds the lanes of one plan. */
static esc_status cpu_trajectories(void *device, esc_piece *const *pieces, int count,
                                   esc_control *control)
{
  const cpu_isa *const isa = device;
  const uint64_t caller = esc_fp_default();
  esc_status status = ESC_STATUS_OK;
  for (control->complete = 0; control->complete < count; control->complete++) {
    const esc_piece *const piece = pieces[control->complete];
    tile_runner *const run = piece->plan->state_bits == 64 ? isa->run_f64 : isa->run_f32;
    status = run(piece->plan, piece->batch, piece->tally, piece->sink, control);
    if (status)
      break;
  }
  esc_fp_restore(caller);
  return status;
}

static esc_status cpu_landscape(void *device, const esc_plan *plan, int64_t count,
                                const double *points, double *values, double *gradients)
{
  (void)device;
  esc_evaluate_landscape(plan, count, points, values, gradients);
  return ESC_STATUS_OK;
}

static esc_status cpu_settle(void *device, const esc_plan *plan, int64_t count, double *points,
                             double *values, unsigned char *settled)
{
  const cpu_isa *const isa = device;
  const uint64_t caller = esc_fp_default();
  isa->settle(plan, count, points, values, settled);
  esc_fp_restore(caller);
  return ESC_STATUS_OK;
}

/* --- memory ----------------------------------------------------------------------------------- */

#define ALIGNMENT  256
#define LARGE_PAGE ((size_t)2 << 20)

/* Large blocks are states, run through from end to end in several streams: on pages of 4 KiB each
 * would cost walks through the page tables. */
static esc_status cpu_alloc(void *device, size_t bytes, void **memory)
{
  (void)device;
  const size_t alignment = bytes < 4 * LARGE_PAGE ? ALIGNMENT : LARGE_PAGE;
  if (bytes > SIZE_MAX - alignment)
    return ESC_STATUS_OUT_OF_MEMORY;
  const size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void *const made = aligned_alloc(alignment, whole > 0 ? whole : alignment);
  if (!made)
    return ESC_STATUS_OUT_OF_MEMORY;
#ifdef MADV_HUGEPAGE
  if (alignment == LARGE_PAGE)
    (void)madvise(made, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
  *memory = made;
  return ESC_STATUS_OK;
}

static void cpu_free(void *device, void *memory)
{
  (void)device;
  free(memory);
}

/* There is no telling. */
static int cpu_owns(void *device, const void *memory, size_t bytes)
{
  (void)device, (void)memory, (void)bytes;
  return 1;
}

static esc_status cpu_copy(void *device, void *to, const void *from, size_t bytes, void *stream)
{
  (void)device, (void)stream;
  if (bytes > 0)
    memcpy(to, from, bytes);
  return ESC_STATUS_OK;
}

static esc_status cpu_sync(void *device, void *stream)
{
  (void)device, (void)stream;
  return ESC_STATUS_OK;
}

static esc_status cpu_wait(void *device)
{
  (void)device;
  return ESC_STATUS_OK;
}

/* --- steps of an optimizer -------------------------------------------------------------------- */

static esc_status cpu_start(void *device, const esc_step_plan *plan, int what, void *stream)
{
  (void)stream;
  ((const cpu_isa *)device)->step->start(plan, what);
  return ESC_STATUS_OK;
}

static esc_status cpu_norm(void *device, const esc_step_plan *plan, void *stream)
{
  (void)stream;
  ((const cpu_isa *)device)->step->norm(plan);
  return ESC_STATUS_OK;
}

static esc_status cpu_update(void *device, const esc_step_plan *plan, const esc_step_call *call,
                             void *stream)
{
  (void)stream;
  ((const cpu_isa *)device)->step->update(plan, call);
  return ESC_STATUS_OK;
}

const esc_backend esc_cpu_backend = {
    .name = "cpu",
    .open = cpu_open,
    .close = cpu_close,
    .isa = cpu_isa_name,
    .batching = cpu_batching,
    .trajectories = cpu_trajectories,
    .landscape = cpu_landscape,
    .settle = cpu_settle,
    .alloc = cpu_alloc,
    .free = cpu_free,
    .owns = cpu_owns,
    .copy = cpu_copy,
    .upload = cpu_copy,
    .sync = cpu_sync,
    .wait = cpu_wait,
    .start = cpu_start,
    .norm = cpu_norm,
    .update = cpu_update,
};
