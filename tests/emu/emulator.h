/* What a test says to the emulated CUDA device and asks of it. The device queues what streams are
 * given and carries it out when somebody waits (or at once, if so told), its threads one after
 * another in an order that a test chooses; any call can be made to fail. Everything here may be
 * called between calls of the runtime, from one thread at a time. */
#ifndef ESC_EMULATOR_H
#define ESC_EMULATOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls that can be counted and made to fail. */
#define ESC_EMU_CALLS(CALL)                                                                        \
  CALL(cudaRuntimeGetVersion)                                                                      \
  CALL(cudaDriverGetVersion)                                                                       \
  CALL(cudaGetDeviceCount)                                                                         \
  CALL(cudaGetDevice)                                                                              \
  CALL(cudaSetDevice)                                                                              \
  CALL(cudaDeviceGetAttribute)                                                                     \
  CALL(cudaGetDeviceProperties)                                                                    \
  CALL(cudaDeviceSynchronize)                                                                      \
  CALL(cudaMalloc)                                                                                 \
  CALL(cudaFree)                                                                                   \
  CALL(cudaMallocHost)                                                                             \
  CALL(cudaFreeHost)                                                                               \
  CALL(cudaMemcpy)                                                                                 \
  CALL(cudaMemcpyAsync)                                                                            \
  CALL(cudaMemsetAsync)                                                                            \
  CALL(cudaPointerGetAttributes)                                                                   \
  CALL(cudaStreamCreate)                                                                           \
  CALL(cudaStreamCreateWithFlags)                                                                  \
  CALL(cudaStreamDestroy)                                                                          \
  CALL(cudaStreamSynchronize)                                                                      \
  CALL(cudaStreamWaitEvent)                                                                        \
  CALL(cudaStreamIsCapturing)                                                                      \
  CALL(cudaStreamBeginCapture)                                                                     \
  CALL(cudaStreamEndCapture)                                                                       \
  CALL(cudaGraphInstantiate)                                                                       \
  CALL(cudaGraphLaunch)                                                                            \
  CALL(cudaGraphDestroy)                                                                           \
  CALL(cudaGraphExecDestroy)                                                                       \
  CALL(cudaEventCreateWithFlags)                                                                   \
  CALL(cudaEventRecord)                                                                            \
  CALL(cudaEventQuery)                                                                             \
  CALL(cudaEventSynchronize)                                                                       \
  CALL(cudaEventDestroy)                                                                           \
  CALL(cudaLibraryLoadData)                                                                        \
  CALL(cudaLibraryUnload)                                                                          \
  CALL(cudaLibraryGetKernel)                                                                       \
  CALL(cudaLaunchKernelExC)                                                                        \
  CALL(cudaOccupancyMaxActiveBlocksPerMultiprocessor)                                              \
  CALL(cuDevicePrimaryCtxRetain)                                                                   \
  CALL(cuCtxPushCurrent)                                                                           \
  CALL(cudaGetDriverEntryPointByVersion)

#define ESC_EMU_CALL_ENUM(name) ESC_EMU_##name,
typedef enum esc_emu_call {
  ESC_EMU_CALLS(ESC_EMU_CALL_ENUM) ESC_EMU_ANY /* all of them together */
} esc_emu_call;

typedef enum esc_emu_order { ESC_EMU_FORWARD, ESC_EMU_BACKWARD, ESC_EMU_SHUFFLED } esc_emu_order;

typedef struct esc_emu_settings {
  int eager;           /* 1: work runs when it is queued; 0: when somebody waits for it */
  int devices;         /* 0: none answers; up to 8, all alike */
  int multiprocessors; /* as many as the device says it has */
  int blocks_per_multiprocessor;
  esc_emu_order order; /* of blocks, and of threads where nothing else orders them */
  uint64_t seed;       /* of a shuffled order, another for each launch */
  int polls;           /* so often an event that is not waited for says that it is not ready */
} esc_emu_settings;

#define ESC_EMU_SETTINGS_INIT                                                                      \
  {                                                                                                \
    0, 1, 3, 2, ESC_EMU_FORWARD, 1, 3                                                              \
  }

void esc_emu_set(const esc_emu_settings *settings);

/* Settings as above, counts 0, no failure to come, a lost device is back, queues and errors are
 * forgotten. Memory, streams and events stay. */
void esc_emu_reset(void);

/* The k-th such call from now on (1: the next) returns `error` and does nothing else; 0 stands for
 * an error that such a call may return. One request at a time; k = 0 withdraws it. */
void esc_emu_fail(esc_emu_call call, int64_t k, int error);

/* The k-th piece of queued work from now on, a kernel or a copy, fails when it runs: the device is
 * lost. */
void esc_emu_fail_work(int64_t k, int error);

/* Every call fails from now on, until esc_emu_reset; 0: as after an illegal address. */
void esc_emu_lose_device(int error);

/* Calls since the last reset, failed ones included. */
int64_t esc_emu_count(esc_emu_call call);

/* What exists at this moment. */
typedef struct esc_emu_live {
  int64_t device_allocations, device_bytes;
  int64_t host_allocations, host_bytes; /* of cudaMallocHost */
  int64_t streams, events, graphs, libraries;
  int64_t contexts; /* that were retained */
  int64_t queued;  /* pieces of work that wait */
  int64_t kernels; /* that ran since the last reset */
  int64_t blocks;  /* of them */
} esc_emu_live;

esc_emu_live esc_emu_now(void);

/* Carries out all that is queued. */
void esc_emu_run_all(void);

/* Whether a device has a context since the last reset: it was worked on, or made the current one. */
int esc_emu_has_context(int device);

#ifdef __cplusplus
}
#endif

#endif
