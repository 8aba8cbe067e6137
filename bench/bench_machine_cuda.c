/* A GPU under the benchmark of updates: its memory, its clock (events around a replayed graph, so
 * that the host is not in the figure), the copy yardstick, and elementary passes by cuBLAS and
 * device_passes.cu. Compiled only where the CUDA toolkit is found. */
#include "bench/bench_machine.h"

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <stdio.h>

#include "bench/bench_clock.h"
#include "bench/device_passes.h"

enum { YARDSTICK_BYTES = 1 << 30, COPIES = 8 };

static cudaStream_t stream;
static cudaEvent_t begun, ended;
static cublasHandle_t blas;
static struct cudaDeviceProp properties;
static void *yardstick[2];
static float *norm;

/* Prints the first failure of a call; 1 if it was none. */
static int worked(cudaError_t error, const char *what)
{
  if (error == cudaSuccess)
    return 1;
  fprintf(stderr, "bench_updates: %s: %s\n", what, cudaGetErrorString(error));
  return 0;
}

/* --- memory --- */

static void *allocate(size_t bytes)
{
  void *memory = NULL;
  return worked(cudaMalloc(&memory, bytes), "cudaMalloc") ? memory : NULL;
}

static void release(void *memory)
{
  cudaFree(memory);
}

static void copy(void *to, const void *from, size_t bytes)
{
  worked(cudaStreamSynchronize(stream), "waiting");
  worked(cudaMemcpy(to, from, bytes, cudaMemcpyDefault), "cudaMemcpy");
}

static size_t cache(void)
{
  return (size_t)properties.l2CacheSize;
}

static size_t memory(void)
{
  size_t left = 0, all = 0;
  worked(cudaMemGetInfo(&left, &all), "cudaMemGetInfo");
  return left / 10 * 9;
}

/* --- the clock --- */

/* Seconds of the device between two events around what `queue` puts into the stream. */
static double seconds_between(void)
{
  float milliseconds = 0.0f;
  if (!worked(cudaEventRecord(ended, stream), "an event") ||
      !worked(cudaEventSynchronize(ended), "waiting") ||
      !worked(cudaEventElapsedTime(&milliseconds, begun, ended), "the clock"))
    return -1.0;
  return 1e-3 * (double)milliseconds;
}

static cudaGraph_t captured(bench_work *work, void *context, int times)
{
  cudaGraph_t graph = NULL;
  if (!worked(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capturing"))
    return NULL;
  int ok = 1;
  for (int k = 0; k < times && ok; k++)
    ok = work(context);
  if (!worked(cudaStreamEndCapture(stream, &graph), "the end of capturing") || !ok)
    return NULL;
  return graph;
}

/* A first replay uploads the graph; the second is timed. */
static double time_graph(bench_work *work, void *context, int times)
{
  cudaGraphExec_t replay = NULL;
  const cudaGraph_t graph = captured(work, context, times);
  double seconds = -1.0;
  if (graph && worked(cudaGraphInstantiate(&replay, graph, 0), "making a graph") &&
      worked(cudaGraphLaunch(replay, stream), "a graph") &&
      worked(cudaStreamSynchronize(stream), "a graph") &&
      worked(cudaEventRecord(begun, stream), "an event") &&
      worked(cudaGraphLaunch(replay, stream), "a graph"))
    seconds = seconds_between() / times;
  if (replay)
    cudaGraphExecDestroy(replay);
  if (graph)
    cudaGraphDestroy(graph);
  return seconds;
}

static double time_calls(bench_work *work, void *context, int times, int queue)
{
  if (!queue)
    return time_graph(work, context, times);
  if (!worked(cudaEventRecord(begun, stream), "an event"))
    return -1.0;
  for (int k = 0; k < times; k++)
    if (!work(context))
      return -1.0;
  return seconds_between() / times;
}

/* So few calls that the queue of the device does not fill. */
static double host_time(bench_work *work, void *context, int times)
{
  worked(cudaStreamSynchronize(stream), "waiting");
  const double begin = bench_now();
  for (int k = 0; k < times; k++)
    work(context);
  const double seconds = (bench_now() - begin) / times;
  worked(cudaStreamSynchronize(stream), "waiting");
  return seconds;
}

static int launches(bench_work *work, void *context)
{
  size_t count = 0;
  const cudaGraph_t graph = captured(work, context, 1);
  if (!graph)
    return 0;
  worked(cudaGraphGetNodes(graph, NULL, &count), "a graph");
  cudaGraphDestroy(graph);
  return (int)count;
}

/* --- the yardstick --- */

static double copies(int own)
{
  worked(cudaEventRecord(begun, stream), "an event");
  for (int k = 0; k < COPIES; k++)
    if (own)
      device_copy(yardstick[1], yardstick[0], YARDSTICK_BYTES, properties.multiProcessorCount,
                  stream);
    else
      worked(cudaMemcpyAsync(yardstick[1], yardstick[0], YARDSTICK_BYTES, cudaMemcpyDeviceToDevice,
                             stream),
             "cudaMemcpyAsync");
  const double seconds = seconds_between();
  return seconds > 0.0 ? 2.0 * COPIES * (double)YARDSTICK_BYTES / seconds : 0.0;
}

static double traffic(void)
{
  const double theirs = copies(0), ours = copies(1);
  return ours > theirs ? ours : theirs;
}

/* --- passes --- */

static void run_pass(const pass *p, int64_t count, float *const array[ARRAYS])
{
  const float a = (float)p->a;
  float *const x = array[p->x], *const y = array[p->y], *const z = array[p->z];
  if (p->kind == PASS_SCALE)
    cublasSscal_64(blas, count, &a, x, 1);
  else if (p->kind == PASS_AXPY)
    cublasSaxpy_64(blas, count, &a, x, 1, y, 1);
  else if (p->kind == PASS_COPY)
    cublasScopy_64(blas, count, x, 1, y, 1);
  else if (p->kind == PASS_NORM) { /* left on the device: nobody waits for it */
    cublasSetPointerMode(blas, CUBLAS_POINTER_MODE_DEVICE);
    cublasSnrm2_64(blas, count, x, 1, norm);
    cublasSetPointerMode(blas, CUBLAS_POINTER_MODE_HOST);
  } else if (p->kind == PASS_ADD)
    device_pass(p->kind, a, x, x, x, count, stream);
  else if (p->kind == PASS_MULTIPLY || p->kind == PASS_DIVIDE)
    device_pass(p->kind, a, x, y, z, count, stream);
  else
    device_pass(p->kind, a, x, y, y, count, stream);
}

/* --- the table --- */

static int open_machine(int threads)
{
  int device = 0;
  (void)threads;
  if (!worked(cudaGetDevice(&device), "cudaGetDevice") ||
      !worked(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties") ||
      !worked(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "a stream") ||
      !worked(cudaEventCreate(&begun), "an event") || !worked(cudaEventCreate(&ended), "an event"))
    return 0;
  for (int k = 0; k < 2; k++)
    if (!(yardstick[k] = allocate(YARDSTICK_BYTES)))
      return 0;
  worked(cudaMemset(yardstick[0], 1, YARDSTICK_BYTES), "cudaMemset");
  norm = allocate(sizeof *norm);
  if (!norm || cublasCreate(&blas) != CUBLAS_STATUS_SUCCESS ||
      cublasSetStream(blas, stream) != CUBLAS_STATUS_SUCCESS)
    return 0;
  bench_machine_cuda.stream = stream;
  return 1;
}

static void close_machine(void)
{
  cublasDestroy(blas);
  release(norm);
  for (int k = 0; k < 2; k++)
    release(yardstick[k]);
  cudaEventDestroy(begun);
  cudaEventDestroy(ended);
  cudaStreamDestroy(stream);
}

static const char *describe(void)
{
  static char text[400];
  int driver = 0, runtime = 0, library = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  cublasGetVersion(blas, &library);
  snprintf(text, sizeof text,
           "\"name\": \"%s\", \"compute_capability\": \"%d.%d\", \"multiprocessors\": %d, "
           "\"memory_bytes\": %zu, \"cache_bytes\": %zu, \"driver_cuda\": %d, \"runtime\": %d, "
           "\"cublas\": %d",
           properties.name, properties.major, properties.minor, properties.multiProcessorCount,
           properties.totalGlobalMem, cache(), driver, runtime, library);
  return text;
}

bench_machine bench_machine_cuda = {
    "cuda",
    "copy on the device, the better of the runtime's and our kernel's",
    "cuBLAS and plain kernels",
    open_machine,
    close_machine,
    describe,
    cache,
    memory,
    NULL,
    allocate,
    release,
    copy,
    time_calls,
    host_time,
    launches,
    traffic,
    run_pass,
};
