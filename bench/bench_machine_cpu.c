/* The CPU under the benchmark of updates: memory in large pages, the triad, and elementary passes:
 * CBLAS where it is found, a loop elsewhere. */
#define _GNU_SOURCE
#include "bench/bench_machine.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if ESC_BENCH_CBLAS
#include <cblas.h>
#endif

#include "bench/bench_clock.h"

static int threads;

/* --- memory --- */

enum { LARGE_PAGE = 2 << 20 };

static void *allocate(size_t bytes)
{
  const size_t whole = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  void *const memory = aligned_alloc(LARGE_PAGE, whole ? whole : LARGE_PAGE);
#ifdef MADV_HUGEPAGE
  if (memory && bytes >= LARGE_PAGE)
    madvise(memory, whole, MADV_HUGEPAGE);
#endif
  return memory;
}

static void copy(void *to, const void *from, size_t bytes)
{
  memcpy(to, from, bytes);
}

/* The kernel's figure; sysconf's is that of the whole socket, of which a virtual machine sees a
 * part. */
static size_t cache(void)
{
  unsigned long long kilobytes = 0;
  FILE *const file = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
  if (file) {
    if (fscanf(file, "%lluK", &kilobytes) != 1)
      kilobytes = 0;
    fclose(file);
  }
  return kilobytes ? (size_t)kilobytes * 1024 : (size_t)32 << 20;
}

/* Three quarters of what is free: others may want some. */
static size_t memory(void)
{
  unsigned long long kilobytes = 0;
  FILE *const file = fopen("/proc/meminfo", "r");
  char line[128];
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %llu", &kilobytes) == 1)
      break;
  if (file)
    fclose(file);
  return (size_t)kilobytes * 1024 / 4 * 3;
}

/* --- loops, as wide as the processor has them --- */

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

typedef struct operands {
  float a;
  const float *x, *y;
  float *z;
} operands;

typedef void span(const operands *o, int64_t begin, int64_t end);

#define SPAN(name, expression)                                                                     \
  WIDE static void name(const operands *o, int64_t begin, int64_t end)                             \
  {                                                                                                \
    const float a = o->a;                                                                          \
    const float *const x = o->x, *const y = o->y;                                                  \
    float *const z = o->z;                                                                         \
    (void)a, (void)y;                                                                              \
    _Pragma("GCC ivdep") for (int64_t i = begin; i < end; i++) z[i] = expression;                  \
  }

SPAN(span_triad, x[i] + a * y[i])
SPAN(span_scale, a *x[i])
SPAN(span_copy, x[i])
SPAN(span_add, x[i] + a)
SPAN(span_multiply, x[i] * y[i])
SPAN(span_divide, x[i] / y[i])
SPAN(span_root, sqrtf(x[i]))
SPAN(span_larger, x[i] > y[i] ? x[i] : y[i])
SPAN(span_size, fabsf(x[i]))
SPAN(span_sign, x[i] > 0.0f ? 1.0f : (x[i] < 0.0f ? -1.0f : 0.0f))

static void run_span(span *loop, float a, const float *x, const float *y, float *z, int64_t count)
{
  const operands o = {a, x, y, z};
  enum { WORTH_A_FORK = 1 << 15 };
  if (count < WORTH_A_FORK || threads == 1) {
    loop(&o, 0, count);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int64_t share = count / threads / 16 * 16, me = omp_get_thread_num();
    loop(&o, me * share, me == threads - 1 ? count : (me + 1) * share);
  }
}

static volatile float last_norm; /* so that a norm is taken */

/* z = a x + y, the norm and the two that BLAS has too. */
static void vector_pass(const pass *p, int64_t count, float *const array[ARRAYS])
{
  const float a = (float)p->a;
  float *const x = array[p->x], *const y = array[p->y];
#if ESC_BENCH_CBLAS
  if (count < INT32_MAX) {
    const int n = (int)count;
    if (p->kind == PASS_SCALE)
      cblas_sscal(n, a, x, 1);
    else if (p->kind == PASS_AXPY)
      cblas_saxpy(n, a, x, 1, y, 1);
    else if (p->kind == PASS_COPY)
      cblas_scopy(n, x, 1, y, 1);
    else
      last_norm = cblas_snrm2(n, x, 1);
    return;
  }
#endif
  double squares = 0.0;
  if (p->kind == PASS_SCALE)
    run_span(span_scale, a, x, NULL, x, count);
  else if (p->kind == PASS_AXPY)
    run_span(span_triad, a, y, x, y, count);
  else if (p->kind == PASS_COPY)
    run_span(span_copy, 0.0f, x, NULL, y, count);
  else {
#pragma omp parallel for simd num_threads(threads) reduction(+ : squares)
    for (int64_t i = 0; i < count; i++)
      squares += (double)x[i] * (double)x[i];
    last_norm = (float)sqrt(squares);
  }
}

static void run_pass(const pass *p, int64_t count, float *const array[ARRAYS])
{
  const float a = (float)p->a;
  float *const x = array[p->x], *const y = array[p->y], *const z = array[p->z];
  switch (p->kind) {
  case PASS_ADD:
    run_span(span_add, a, x, NULL, x, count);
    break;
  case PASS_MULTIPLY:
    run_span(span_multiply, 0.0f, x, y, z, count);
    break;
  case PASS_DIVIDE:
    run_span(span_divide, 0.0f, x, y, z, count);
    break;
  case PASS_ROOT:
    run_span(span_root, 0.0f, x, NULL, y, count);
    break;
  case PASS_LARGER:
    run_span(span_larger, 0.0f, x, y, y, count);
    break;
  case PASS_SIZE:
    run_span(span_size, 0.0f, x, NULL, y, count);
    break;
  case PASS_SIGN:
    run_span(span_sign, 0.0f, x, NULL, y, count);
    break;
  default:
    vector_pass(p, count, array);
  }
}

/* --- the yardstick --- */

static float *triad[3];
static int64_t triad_count;

/* z = x + a y: 12 bytes an element, and 4 to fetch z before it is written. The better of two. */
static double traffic(void)
{
  double best = 0.0;
  for (int k = 0; k < 2; k++) {
    const double begin = bench_now();
    run_span(span_triad, 3.0f, triad[0], triad[1], triad[2], triad_count);
    const double rate = 16.0 * (double)triad_count / (bench_now() - begin);
    best = rate > best ? rate : best;
  }
  return best;
}

static int open_triad(void)
{
  const size_t least = (size_t)64 << 20;
  const size_t bytes = 2 * cache() > least ? 2 * cache() : least; /* all three: over 4 caches */
  triad_count = (int64_t)(bytes / sizeof(float));
  for (int k = 0; k < 3; k++) {
    triad[k] = allocate(bytes);
    if (!triad[k])
      return 0;
  }
  for (int k = 0; k < 3; k++)
    for (int64_t i = 0; i < triad_count; i++)
      triad[k][i] = 1.0f;
  return 1;
}

/* --- the table --- */

static int open_machine(int asked)
{
  threads = asked > 0 ? asked : omp_get_max_threads();
#if ESC_BENCH_CBLAS
  openblas_set_num_threads(threads);
#endif
  return open_triad();
}

static void close_machine(void)
{
  for (int k = 0; k < 3; k++)
    free(triad[k]);
}

static const char *describe(void)
{
  static char text[256];
  char name[128] = "unknown", line[256];
  FILE *const file = fopen("/proc/cpuinfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "model name : %127[^\n\"\\]", name) == 1)
      break;
  if (file)
    fclose(file);
  snprintf(text, sizeof text, "\"name\": \"%s\", \"threads\": %d, \"cache_bytes\": %zu", name,
           threads, cache());
  return text;
}

static double time_calls(bench_work *work, void *context, int times, int queue)
{
  (void)queue;
  const double begin = bench_now();
  for (int k = 0; k < times; k++)
    if (!work(context))
      return -1.0;
  return (bench_now() - begin) / times;
}

static double host_time(bench_work *work, void *context, int times)
{
  (void)work, (void)context, (void)times;
  return 0.0;
}

static int launches(bench_work *work, void *context)
{
  (void)work, (void)context;
  return 0;
}

bench_machine bench_machine_cpu = {
    "cpu",
    "triad, 16 bytes an element with the fetch of what is written",
#if ESC_BENCH_CBLAS
    "OpenBLAS and loops",
#else
    "loops",
#endif
    open_machine,
    close_machine,
    describe,
    cache,
    memory,
    NULL,
    allocate,
    free,
    copy,
    time_calls,
    host_time,
    launches,
    traffic,
    run_pass,
};
