/* The emulated device as a whole: its properties, errors and versions, counts of calls, failures
 * that a test asked for, and what a test may set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emu/emu_state.h"

static struct {
  esc_emu_settings settings;
  esc_emu_live live;
  int64_t calls[ESC_EMU_ANY + 1];
  esc_emu_call failing;
  int64_t fails_in, work_fails_in;
  cudaError_t failure, work_failure;
  cudaError_t last, lost;
} state = {.settings = ESC_EMU_SETTINGS_INIT};

static pthread_mutex_t lock;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_lock(void)
{
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

void emu_lock(void)
{
  pthread_once(&once, make_lock);
  pthread_mutex_lock(&lock);
}

void emu_unlock(void)
{
  pthread_mutex_unlock(&lock);
}

void emu_die(const char *why)
{
  fprintf(stderr, "emulator: %s\n", why);
  abort();
}

const esc_emu_settings *emu_settings(void)
{
  return &state.settings;
}

esc_emu_live *emu_live(void)
{
  return &state.live;
}

int emu_is_lost(void)
{
  return state.lost != cudaSuccess;
}

void emu_lose(cudaError_t error)
{
  if (!state.lost)
    state.lost = error ? error : cudaErrorIllegalAddress;
}

/* --- calls ---------------------------------------------------------------------------------------
 */

static cudaError_t usual_failure(esc_emu_call call)
{
  switch (call) {
  case ESC_EMU_cudaMalloc:
  case ESC_EMU_cudaMallocHost:
  case ESC_EMU_cudaStreamCreate:
  case ESC_EMU_cudaStreamCreateWithFlags:
  case ESC_EMU_cudaEventCreateWithFlags:
  case ESC_EMU_cudaGraphInstantiate:
  case ESC_EMU_cuDevicePrimaryCtxRetain:
    return cudaErrorMemoryAllocation;
  case ESC_EMU_cudaLibraryLoadData:
    return cudaErrorNoKernelImageForDevice;
  case ESC_EMU_cudaLaunchKernelExC:
    return cudaErrorLaunchOutOfResources;
  default:
    return cudaErrorUnknown;
  }
}

/* What is asked of no device works without one, and when it is lost. */
static int needs_device(esc_emu_call call)
{
  return call != ESC_EMU_cudaRuntimeGetVersion && call != ESC_EMU_cudaDriverGetVersion &&
         call != ESC_EMU_cudaGetDeviceCount && call != ESC_EMU_cudaGetDevice;
}

/* What makes a context on the current device where there is none. */
static int needs_context(esc_emu_call call)
{
  switch (call) {
  case ESC_EMU_cudaDeviceSynchronize:
  case ESC_EMU_cudaMalloc:
  case ESC_EMU_cudaMallocHost:
  case ESC_EMU_cudaMemcpy:
  case ESC_EMU_cudaMemcpyAsync:
  case ESC_EMU_cudaMemsetAsync:
  case ESC_EMU_cudaStreamCreate:
  case ESC_EMU_cudaStreamCreateWithFlags:
  case ESC_EMU_cudaEventCreateWithFlags:
  case ESC_EMU_cudaLaunchKernelExC:
    return 1;
  default:
    return 0;
  }
}

cudaError_t emu_begin(esc_emu_call call)
{
  emu_lock();
  if (needs_context(call))
    emu_make_context();
  state.calls[call]++;
  state.calls[ESC_EMU_ANY]++;
  if (state.fails_in > 0 && (state.failing == call || state.failing == ESC_EMU_ANY) &&
      --state.fails_in == 0)
    return state.failure ? state.failure : usual_failure(call);
  if (needs_device(call) && !state.settings.devices)
    return cudaErrorNoDevice;
  return needs_device(call) ? state.lost : cudaSuccess;
}

cudaError_t emu_end(cudaError_t error)
{
  if (error && error != cudaErrorNotReady)
    state.last = error;
  emu_unlock();
  return error;
}

cudaError_t emu_begin_work(void)
{
  if (state.work_fails_in > 0 && --state.work_fails_in == 0)
    return state.work_failure ? state.work_failure : cudaErrorIllegalAddress;
  return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
  emu_lock();
  const cudaError_t error = state.lost ? state.lost : state.last;
  state.last = cudaSuccess;
  emu_unlock();
  return error;
}

cudaError_t cudaPeekAtLastError(void)
{
  emu_lock();
  const cudaError_t error = state.lost ? state.lost : state.last;
  emu_unlock();
  return error;
}

/* --- texts and versions
 * --------------------------------------------------------------------------- */

#define ERRORS(ERROR)                                                                              \
  ERROR(cudaSuccess, "no error")                                                                   \
  ERROR(cudaErrorInvalidValue, "invalid argument")                                                 \
  ERROR(cudaErrorMemoryAllocation, "out of memory")                                                \
  ERROR(cudaErrorInvalidConfiguration, "invalid configuration argument")                           \
  ERROR(cudaErrorInsufficientDriver, "CUDA driver version is insufficient")                        \
  ERROR(cudaErrorDevicesUnavailable, "CUDA-capable device(s) is/are busy or unavailable")          \
  ERROR(cudaErrorNoDevice, "no CUDA-capable device is detected")                                   \
  ERROR(cudaErrorInvalidDevice, "invalid device ordinal")                                          \
  ERROR(cudaErrorNoKernelImageForDevice, "no kernel image is available for the device")            \
  ERROR(cudaErrorInvalidResourceHandle, "invalid resource handle")                                 \
  ERROR(cudaErrorSymbolNotFound, "named symbol not found")                                         \
  ERROR(cudaErrorNotReady, "device not ready")                                                     \
  ERROR(cudaErrorIllegalAddress, "an illegal memory access was encountered")                       \
  ERROR(cudaErrorLaunchOutOfResources, "too many resources requested for launch")                  \
  ERROR(cudaErrorLaunchFailure, "unspecified launch failure")                                      \
  ERROR(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing")     \
  ERROR(cudaErrorStreamCaptureInvalidated, "a previous error in the capture made it invalid")      \
  ERROR(cudaErrorStreamCaptureImplicit, "dependency on an uncaptured stream, the default one")     \
  ERROR(cudaErrorCapturedEvent, "operation not permitted on an event recorded in a capture")       \
  ERROR(cudaErrorUnknown, "unknown error")

const char *cudaGetErrorString(cudaError_t error)
{
#define TEXT(name, text)                                                                           \
  if (error == name)                                                                               \
    return text;
  ERRORS(TEXT)
  return "unrecognized error code";
}

const char *cudaGetErrorName(cudaError_t error)
{
#define NAME(name, text)                                                                           \
  if (error == name)                                                                               \
    return #name;
  ERRORS(NAME)
  return "unrecognized error code";
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
  const cudaError_t error = emu_begin(ESC_EMU_cudaRuntimeGetVersion);
  if (!error)
    *version = CUDART_VERSION;
  return emu_end(error);
}

cudaError_t cudaDriverGetVersion(int *version)
{
  const cudaError_t error = emu_begin(ESC_EMU_cudaDriverGetVersion);
  if (!error)
    *version = state.settings.devices ? CUDART_VERSION : 0;
  return emu_end(error);
}

/* --- properties
 * ----------------------------------------------------------------------------------- */

cudaError_t cudaGetDeviceCount(int *count)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGetDeviceCount);
  if (!error && !state.settings.devices)
    error = cudaErrorNoDevice;
  if (!error)
    *count = state.settings.devices;
  return emu_end(error);
}

static cudaError_t check_device(int device)
{
  return device >= 0 && device < state.settings.devices ? cudaSuccess : cudaErrorInvalidDevice;
}

static int attribute_value(enum cudaDeviceAttr attribute)
{
  switch (attribute) {
  case cudaDevAttrMaxThreadsPerBlock:
    return ESC_EMU_THREADS_MAX;
  case cudaDevAttrMaxSharedMemoryPerBlock:
    return 48 << 10;
  case cudaDevAttrWarpSize:
    return 32;
  case cudaDevAttrMaxRegistersPerBlock:
    return 65536;
  case cudaDevAttrMultiProcessorCount:
    return state.settings.multiprocessors;
  case cudaDevAttrL2CacheSize:
    return 4 << 20;
  case cudaDevAttrMaxThreadsPerMultiProcessor:
    return 2048;
  case cudaDevAttrUnifiedAddressing:
    return 1;
  case cudaDevAttrComputeCapabilityMajor:
    return 9;
  case cudaDevAttrComputeCapabilityMinor:
    return 0;
  default:
    return 1000000; /* clocks, in kHz */
  }
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaDeviceGetAttribute);
  if (!error)
    error = check_device(device);
  if (!error)
    *value = attribute_value(attribute);
  return emu_end(error);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGetDeviceProperties);
  if (!error)
    error = check_device(device);
  if (!error) {
    memset(properties, 0, sizeof *properties);
    snprintf(properties->name, sizeof properties->name, "emulated");
    properties->totalGlobalMem = (size_t)1 << 34;
    properties->major = 9;
    properties->multiProcessorCount = state.settings.multiprocessors;
    properties->warpSize = 32;
    properties->maxThreadsPerBlock = ESC_EMU_THREADS_MAX;
    properties->l2CacheSize = attribute_value(cudaDevAttrL2CacheSize);
  }
  return emu_end(error);
}

cudaError_t cudaDeviceSynchronize(void)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaDeviceSynchronize);
  if (!error)
    error = emu_forbidden_in_capture();
  if (!error) {
    emu_run_all();
    error = state.lost;
  }
  return emu_end(error);
}

/* --- what a test says
 * ------------------------------------------------------------------------------ */

void esc_emu_set(const esc_emu_settings *settings)
{
  emu_lock();
  state.settings = *settings;
  emu_unlock();
}

void esc_emu_reset(void)
{
  const esc_emu_settings defaults = ESC_EMU_SETTINGS_INIT;
  emu_lock();
  state.settings = defaults;
  memset(state.calls, 0, sizeof state.calls);
  state.fails_in = state.work_fails_in = 0;
  state.last = state.lost = cudaSuccess;
  state.live.kernels = state.live.blocks = 0;
  emu_forget_contexts();
  emu_drop_work();
  emu_unlock();
}

void esc_emu_fail(esc_emu_call call, int64_t k, int error)
{
  emu_lock();
  state.failing = call;
  state.fails_in = k;
  state.failure = (cudaError_t)error;
  emu_unlock();
}

void esc_emu_fail_work(int64_t k, int error)
{
  emu_lock();
  state.work_fails_in = k;
  state.work_failure = (cudaError_t)error;
  emu_unlock();
}

void esc_emu_lose_device(int error)
{
  emu_lock();
  emu_lose((cudaError_t)error);
  emu_drop_work();
  emu_unlock();
}

int64_t esc_emu_count(esc_emu_call call)
{
  emu_lock();
  const int64_t count = state.calls[call];
  emu_unlock();
  return count;
}

esc_emu_live esc_emu_now(void)
{
  emu_lock();
  const esc_emu_live live = state.live;
  emu_unlock();
  return live;
}

void esc_emu_run_all(void)
{
  emu_lock();
  emu_run_all();
  emu_unlock();
}
