/* The emulated device itself: barriers, shuffles, orders, when queued work runs, captures and
 * graphs, failures that a test asks for. What sanitizers must find is in emu_planted.c. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "escapement/device.h"
#include "tests/emu/emulator.h"
#include "tests/emu/planted_launch.h"

#define OK(call) cr_assert_eq((call), cudaSuccess, "%s", #call)

static void *on_device(size_t bytes)
{
  void *memory = NULL;
  OK(cudaMalloc(&memory, bytes));
  return memory;
}

static void set_order(esc_emu_order order, uint64_t seed)
{
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  settings.order = order;
  settings.seed = seed;
  esc_emu_set(&settings);
}

/* Memory of a launch of `blocks` times `threads`; its input is i*i + 1. */
static planted_args begin(unsigned int blocks, unsigned int threads)
{
  const size_t count = (size_t)blocks * threads;
  uint32_t *const few = on_device((blocks + 1) * sizeof *few);
  uint32_t *const in = on_device(count * sizeof *in);
  uint32_t *const numbers = malloc(count * sizeof *numbers);
  cr_assert_not_null(numbers);
  for (uint32_t i = 0; i < count; i++)
    numbers[i] = i * i + 1;
  OK(cudaMemcpy(in, numbers, count * sizeof *in, cudaMemcpyHostToDevice));
  OK(cudaMemsetAsync(few, 0, (blocks + 1) * sizeof *few, NULL));
  free(numbers);
  return (planted_args){in, on_device(3 * count * sizeof *in), few, few + blocks, PLANTED_NOTHING};
}

static void end(planted_args args)
{
  OK(cudaFree((void *)(uintptr_t)args.in));
  OK(cudaFree(args.out));
  OK(cudaFree(args.partial));
}

/* --- threads
 * --------------------------------------------------------------------------------------- */

static void check_sum(unsigned int blocks, unsigned int threads)
{
  const planted_args args = begin(blocks, threads);
  uint32_t sum = 0, expected = 0;
  for (uint32_t i = 0; i < blocks * threads; i++)
    expected += i * i + 1;
  OK(planted_launch(planted_kernel("planted_sum"), args, blocks, threads, NULL));
  OK(cudaMemcpy(&sum, args.out, sizeof sum, cudaMemcpyDeviceToHost));
  cr_assert_eq(sum, expected, "%u blocks of %u: %u, expected %u", blocks, threads, sum, expected);
  end(args);
}

Test(emulator, barriers)
{
  static const unsigned int threads[] = {1, 31, 32, 33, 256, 1000, 1024};
  for (int order = ESC_EMU_FORWARD; order <= ESC_EMU_SHUFFLED; order++)
    for (unsigned int k = 0; k < sizeof threads / sizeof threads[0]; k++) {
      set_order((esc_emu_order)order, k);
      check_sum(1, threads[k]);
      check_sum(7, threads[k]);
    }
}

Test(emulator, warps)
{
  const unsigned int blocks = 3, threads = 96, count = blocks * threads;
  for (int order = ESC_EMU_FORWARD; order <= ESC_EMU_SHUFFLED; order++) {
    uint32_t out[3 * 288];
    const planted_args args = begin(blocks, threads);
    set_order((esc_emu_order)order, 7);
    OK(planted_launch(planted_kernel("planted_warp"), args, blocks, threads, NULL));
    OK(cudaMemcpy(out, args.out, sizeof out, cudaMemcpyDeviceToHost));
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t last = i | 31;
      cr_assert_eq(out[3 * i], (i ^ 5) * (i ^ 5) + 1);
      cr_assert_eq(out[3 * i + 1], last * last + 1);
      cr_assert_eq(out[3 * i + 2], (i ^ 1) * (i ^ 1) + 1);
    }
    end(args);
  }
}

Test(emulator, launches_that_are_refused)
{
  const planted_args args = begin(1, 32);
  const esc_emu_live before = esc_emu_now();
  cr_assert_eq(planted_launch(planted_kernel("planted_copy"), args, 1, 257, NULL),
               cudaErrorLaunchOutOfResources);
  cr_assert_eq(planted_launch(planted_kernel("planted_copy"), args, 0, 32, NULL),
               cudaErrorInvalidConfiguration);
  cr_assert_null(planted_kernel("no_such_kernel"));
  cr_assert_eq(cudaGetLastError(), cudaErrorSymbolNotFound);
  cr_assert_eq(cudaGetLastError(), cudaSuccess);
  cr_assert_eq(esc_emu_now().queued, before.queued);
  end(args);
}

/* --- queues
 * ---------------------------------------------------------------------------------------- */

Test(emulator, work_runs_when_somebody_waits)
{
  cudaStream_t stream, other;
  cudaEvent_t event;
  uint32_t source = 1, seen = 0, late = 0;
  uint32_t *const memory = on_device(8);
  OK(cudaStreamCreate(&stream));
  OK(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking));
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  OK(cudaEventQuery(event));
  OK(cudaMemcpyAsync(memory, &source, 4, cudaMemcpyHostToDevice, stream));
  source = 2; /* too early */
  OK(cudaMemcpyAsync(&seen, memory, 4, cudaMemcpyDeviceToHost, stream));
  OK(cudaEventRecord(event, stream));
  OK(cudaMemcpyAsync(&late, memory, 4, cudaMemcpyDeviceToHost, stream));
  cr_assert_eq(esc_emu_now().queued, 4);
  OK(cudaStreamSynchronize(other));
  cr_assert_eq(cudaEventQuery(event), cudaErrorNotReady);
  cr_assert_eq(seen, 0);
  OK(cudaEventSynchronize(event));
  OK(cudaEventQuery(event));
  cr_assert_eq(seen, 2);
  cr_assert_eq(late, 0);
  OK(cudaStreamSynchronize(stream));
  cr_assert_eq(late, 2);
  OK(cudaEventDestroy(event));
  OK(cudaStreamDestroy(stream));
  OK(cudaStreamDestroy(other));
  OK(cudaFree(memory));
}

Test(emulator, a_polled_event_comes_at_last)
{
  cudaEvent_t event;
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  OK(cudaEventRecord(event, NULL));
  int polls = 0;
  while (cudaEventQuery(event) == cudaErrorNotReady)
    polls++;
  cr_assert_eq(polls, 3);
  OK(cudaEventDestroy(event));
}

Test(emulator, the_default_stream_and_events_order_streams)
{
  cudaStream_t first, second;
  cudaEvent_t event;
  uint32_t one = 1, two = 2, seen = 0;
  uint32_t *const memory = on_device(4);
  OK(cudaStreamCreate(&first));
  OK(cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking));
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  OK(cudaMemcpyAsync(memory, &one, 4, cudaMemcpyHostToDevice, first));
  OK(cudaMemcpyAsync(memory, &two, 4, cudaMemcpyHostToDevice, NULL)); /* after `first` */
  OK(cudaEventRecord(event, NULL));
  OK(cudaStreamWaitEvent(second, event, 0));
  OK(cudaMemcpyAsync(&seen, memory, 4, cudaMemcpyDeviceToHost, second));
  OK(cudaStreamSynchronize(second));
  cr_assert_eq(seen, 2);
  cr_assert_eq(esc_emu_now().queued, 0);
  OK(cudaEventDestroy(event));
  OK(cudaStreamDestroy(first));
  OK(cudaStreamDestroy(second));
  OK(cudaFree(memory));
}

Test(emulator, eagerly)
{
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  settings.eager = 1;
  esc_emu_set(&settings);
  uint32_t one = 1, seen = 0;
  uint32_t *const memory = on_device(4);
  OK(cudaMemcpyAsync(memory, &one, 4, cudaMemcpyHostToDevice, NULL));
  OK(cudaMemcpyAsync(&seen, memory, 4, cudaMemcpyDeviceToHost, NULL));
  cr_assert_eq(seen, 1);
  OK(cudaFree(memory));
}

Test(emulator, addresses_and_copies)
{
  char *const memory = on_device(100);
  void *pinned = NULL;
  char host[101] = {0};
  struct cudaPointerAttributes attributes;
  OK(cudaMallocHost(&pinned, 8));
  OK(cudaPointerGetAttributes(&attributes, memory + 99));
  cr_assert_eq(attributes.type, cudaMemoryTypeDevice);
  OK(cudaPointerGetAttributes(&attributes, host));
  cr_assert_eq(attributes.type, cudaMemoryTypeUnregistered);
  OK(cudaPointerGetAttributes(&attributes, pinned));
  cr_assert_eq(attributes.type, cudaMemoryTypeHost);
  cr_assert_eq(cudaMemcpyAsync(memory, host, 101, cudaMemcpyHostToDevice, NULL),
               cudaErrorInvalidValue);
  cr_assert_eq(cudaMemcpyAsync(host, host, 1, cudaMemcpyHostToDevice, NULL), cudaErrorInvalidValue);
  union {
    void *pointer;
    int (*call)(unsigned long long *, size_t *, unsigned long long);
  } range;
  unsigned long long base = 0;
  size_t bytes = 0;
  OK(cudaGetDriverEntryPointByVersion("cuMemGetAddressRange", &range.pointer, 12000, 0, NULL));
  cr_assert_eq(range.call(&base, &bytes, (uintptr_t)memory + 50), 0);
  cr_assert(base == (uintptr_t)memory && bytes == 100);
  cr_assert_neq(range.call(&base, &bytes, (uintptr_t)host), 0);
  OK(cudaFreeHost(pinned));
  OK(cudaFree(memory));
  cr_assert_eq(esc_emu_now().device_allocations + esc_emu_now().host_allocations, 0);
}

/* --- captures
 * -------------------------------------------------------------------------------------- */

Test(emulator, graphs)
{
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  uint32_t source = 5, sum = 0;
  planted_args args = begin(1, 1);
  cudaKernel_t const copy = planted_kernel("planted_copy");
  OK(cudaDeviceSynchronize());
  OK(cudaStreamCreate(&stream));
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  OK(cudaMemcpyAsync((void *)(uintptr_t)args.in, &source, 4, cudaMemcpyHostToDevice, stream));
  OK(planted_launch(copy, args, 1, 1, stream));
  OK(cudaMemcpyAsync(&sum, args.out, 4, cudaMemcpyDeviceToHost, stream));
  OK(cudaStreamEndCapture(stream, &graph));
  OK(cudaStreamSynchronize(stream));
  cr_assert_eq(sum, 0); /* nothing ran */
  args.in = NULL;       /* arguments are frozen */
  OK(cudaGraphInstantiate(&exec, graph, 0));
  OK(cudaGraphDestroy(graph));
  for (source = 10; source < 13; source++) {
    OK(cudaGraphLaunch(exec, stream));
    OK(cudaStreamSynchronize(stream));
    cr_assert_eq(sum, source);
  }
  OK(cudaGraphExecDestroy(exec));
  OK(cudaStreamDestroy(stream));
  cr_assert_eq(esc_emu_now().graphs, 0);
}

static void spoils(cudaStream_t stream, const char *what, cudaError_t found, cudaError_t expected)
{
  cudaGraph_t graph = NULL;
  enum cudaStreamCaptureStatus status;
  cr_assert_eq(found, expected, "%s: %d", what, (int)found);
  OK(cudaStreamIsCapturing(stream, &status));
  cr_assert_eq(status, cudaStreamCaptureStatusInvalidated, "%s", what);
  cr_assert_eq(cudaMemsetAsync(NULL, 0, 0, stream), cudaErrorStreamCaptureInvalidated);
  cr_assert_eq(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  cr_assert_null(graph);
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
}

Test(emulator, what_a_capture_forbids)
{
  cudaStream_t stream;
  cudaEvent_t event;
  cudaGraph_t graph;
  void *memory;
  enum cudaStreamCaptureStatus status;
  OK(cudaStreamCreate(&stream));
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
#define SPOILS(call, error) spoils(stream, #call, (call), (error))
  SPOILS(cudaMalloc(&memory, 4), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaMallocHost(&memory, 4), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaEventQuery(event), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaEventSynchronize(event), cudaErrorStreamCaptureUnsupported);
  SPOILS(cudaEventRecord(event, NULL), cudaErrorStreamCaptureImplicit);
  OK(cudaEventRecord(event, stream));
  cr_assert_eq(cudaEventQuery(event), cudaErrorCapturedEvent);
  OK(cudaStreamIsCapturing(stream, &status));
  cr_assert_eq(status, cudaStreamCaptureStatusActive);
  OK(cudaStreamEndCapture(stream, &graph));
  OK(cudaGraphDestroy(graph));
  OK(cudaEventDestroy(event));
  OK(cudaStreamDestroy(stream));
}

/* --- failures
 * -------------------------------------------------------------------------------------- */

static int is_clean(void)
{
  const esc_emu_live live = esc_emu_now();
  return live.device_allocations == 0 && live.host_allocations == 0 && live.streams == 0 &&
         live.events == 0 && live.graphs == 0 && live.libraries == 0;
}

Test(emulator, any_call_can_fail)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = "cuda";
  int64_t k = 1, failed = 0;
  for (int opened = 0; !opened; k++) {
    esc_device *device = NULL;
    esc_emu_reset();
    esc_emu_fail(ESC_EMU_ANY, k, 0);
    opened = esc_device_open(&options, &device) == ESC_STATUS_OK && esc_emu_count(ESC_EMU_ANY) < k;
    failed += device == NULL;
    esc_emu_fail(ESC_EMU_ANY, 0, 0);
    esc_device_close(device);
    cr_assert(is_clean(), "call %d leaves something behind", (int)k);
  }
  cr_assert_gt(failed, 5);
}

Test(emulator, a_lost_device)
{
  const planted_args args = begin(1, 32);
  OK(cudaDeviceSynchronize());
  esc_emu_fail_work(1, cudaErrorIllegalAddress);
  OK(planted_launch(planted_kernel("planted_copy"), args, 1, 32, NULL));
  cr_assert_eq(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  cr_assert_eq(cudaGetLastError(), cudaErrorIllegalAddress);
  cr_assert_eq(cudaGetLastError(), cudaErrorIllegalAddress); /* for good */
  void *memory = NULL;
  cr_assert_eq(cudaMalloc(&memory, 4), cudaErrorIllegalAddress);
  cr_assert_eq(cudaFree(args.out), cudaErrorIllegalAddress); /* and yet it is gone */
  esc_emu_reset();
  OK(cudaFree(args.partial));
  OK(cudaFree((void *)(uintptr_t)args.in));
  cr_assert(is_clean());
}

Test(emulator, no_device)
{
  esc_emu_settings settings = ESC_EMU_SETTINGS_INIT;
  const char *why = NULL;
  int count = 7;
  cr_assert(esc_backend_available("cuda", &why), "%s", why);
  settings.devices = 0;
  esc_emu_set(&settings);
  cr_assert_eq(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  cr_assert_not(esc_backend_available("cuda", &why));
}
