/* A GPU as host/cuda knows it: what is loaded onto it, the ring uploads go through, and whether it
 * failed. The functions here are of this folder; the table of cuda_backend.c is made of them.
 *
 * A call enters the device, which makes it the current one, and leaves it, which puts the caller's
 * back. One thread at a time, but for trajectories, which several threads may run at once. */
#ifndef ESC_CUDA_DEVICE_H
#define ESC_CUDA_DEVICE_H

#include <cuda_runtime_api.h>
#include <pthread.h>

#include "host/cuda/cuda_backend.h"

/* A 16th of it holds the gradients of 8192 tensors. */
#define ESC_RING_SLOTS      16
#define ESC_RING_SLOT_BYTES ((size_t)64 * 1024)

typedef struct esc_cuda_ring {
  unsigned char *memory; /* pinned */
  cudaEvent_t done[ESC_RING_SLOTS];
  int event_count; /* of them made */
  int used[ESC_RING_SLOTS];
  int next;
} esc_cuda_ring;

typedef struct esc_cuda_kernel {
  cudaKernel_t function;
  int threads;
  int most_blocks; /* that run at once */
} esc_cuda_kernel;

/* A trajectory kernel that is loaded (kernel_store.c). */
typedef struct esc_loaded_kernel {
  struct esc_loaded_kernel *next;
  char *source;
  cudaLibrary_t library;
  esc_cuda_kernel kernel;
  int users;
} esc_loaded_kernel;

/* What one call of `trajectories` works with; kept for the next one (cuda_workspace.c). */
typedef struct esc_workspace {
  struct esc_workspace *next;
  cudaStream_t stream;
  cudaEvent_t done;
  unsigned char *device, *pinned;
  size_t device_bytes, pinned_bytes;
} esc_workspace;

enum { ESC_IMAGE_PREPARE, ESC_IMAGE_NORM, ESC_IMAGE_START, ESC_IMAGE_UPDATE, ESC_IMAGE_COUNT };

/* Functions of the driver; CUresult, CUdevice and CUcontext in the types behind them. */
typedef struct esc_cuda_driver {
  int (*address_range)(unsigned long long *base, size_t *bytes,
                       unsigned long long of); /* or NULL */
  int has_contexts;                            /* whether there are all of the following: */
  int (*retain)(void **context, int device);
  int (*release)(int device);
  int (*push)(void *context);
  int (*pop)(void **context);
} esc_cuda_driver;

typedef struct esc_cuda_peer esc_cuda_peer;

typedef struct esc_cuda_device {
  int number;
  int multiprocessors;
  int major, minor; /* compute capability */
  size_t memory;
  char name[256];
  char isa[16];             /* "sm_90" */
  _Atomic cudaError_t lost; /* the failure that ended it, or cudaSuccess */
  esc_cuda_driver driver;
  esc_cuda_ring ring;
  cudaLibrary_t library[ESC_IMAGE_COUNT];
  int library_count; /* of them loaded */
  esc_cuda_kernel prepare, norm, start, update[ESC_UPDATE_COUNT];

  pthread_mutex_t lock; /* guards what follows */
  esc_loaded_kernel *trajectory_kernels;
  int trajectory_kernel_count;
  esc_workspace *idle;
  void *context;        /* the primary one, where it was not the caller's current; else NULL */
  int loads;            /* that it is at */
  esc_cuda_peer *peers; /* other GPUs that share the trajectories */
  int peer_count;
} esc_cuda_device;

/* --- cuda_error.c --- */

/* The status and the sentence of a call that failed; `doing` says what was tried. A failure that
 * the device does not recover from is kept. device may be NULL while it is being opened. */
esc_status esc_cuda_fail(esc_cuda_device *device, cudaError_t error, const char *doing);

/* BAD_ARGUMENT while the stream is being captured. */
esc_status esc_cuda_refuse_capture(esc_cuda_device *device, cudaStream_t stream, const char *doing);

/* --- cuda_context.c --- */

void esc_cuda_driver_find(esc_cuda_driver *driver);

/* Makes the device current, remembering in *before which was; leave puts that back and returns
 * `status`, or its own failure. A device that failed before is DEVICE_LOST. */
esc_status esc_cuda_enter(esc_cuda_device *device, int *before);
esc_status esc_cuda_leave(esc_cuda_device *device, int before, esc_status status);
void esc_cuda_context_release(esc_cuda_device *device);

/* --- cuda_memory.c --- */

esc_status esc_cuda_alloc(void *device, size_t bytes, void **memory);
void esc_cuda_free(void *device, void *memory);
int esc_cuda_owns(void *device, const void *memory, size_t bytes);
esc_status esc_cuda_copy(void *device, void *to, const void *from, size_t bytes, void *stream);
esc_status esc_cuda_sync(void *device, void *stream);
esc_status esc_cuda_wait(void *device);

/* --- cuda_upload.c --- */

esc_status esc_cuda_ring_make(esc_cuda_device *device);
void esc_cuda_ring_free(esc_cuda_ring *ring);
esc_status esc_cuda_upload(void *device, void *to, const void *from, size_t bytes, void *stream);

/* --- cuda_launch.c --- */

/* A kernel of a library by its name, and how many blocks of it the GPU runs at once. This also
 * brings its code onto the GPU. */
esc_status esc_cuda_find_kernel(esc_cuda_device *device, cudaLibrary_t library, const char *name,
                                int threads, esc_cuda_kernel *kernel);
esc_status esc_cuda_launch(esc_cuda_device *device, const esc_cuda_kernel *kernel, int blocks,
                           void *args, cudaStream_t stream);
esc_status esc_cuda_kernels_load(esc_cuda_device *device);
void esc_cuda_kernels_unload(esc_cuda_device *device);
esc_status esc_cuda_start(void *device, const esc_step_plan *plan, int what, void *stream);
esc_status esc_cuda_norm(void *device, const esc_step_plan *plan, void *stream);
esc_status esc_cuda_update(void *device, const esc_step_plan *plan, const esc_step_call *call,
                           void *stream);

/* --- cuda_workspace.c --- */

/* A workspace with so much memory; given back it is kept, unless what it was used for failed. */
esc_status esc_workspace_take(esc_cuda_device *device, size_t device_bytes, size_t pinned_bytes,
                              esc_workspace **space);
void esc_workspace_give(esc_cuda_device *device, esc_workspace *space, int failed);
void esc_workspaces_free(esc_cuda_device *device);

/* --- cuda_trajectories.c --- */

/* On this GPU. */
esc_status esc_cuda_run_pieces(esc_cuda_device *device, esc_piece *const *pieces, int count,
                               esc_control *control);

/* --- cuda_peers.c --- */

esc_status esc_cuda_peers_find(esc_cuda_device *device, int gpus);
void esc_cuda_peers_close(esc_cuda_device *device);
/* On this GPU or another of the machine's. */
esc_status esc_cuda_trajectories(void *device, esc_piece *const *pieces, int count,
                                 esc_control *control);

/* --- cuda_device.c --- */

int esc_cuda_is_able(int number);
void esc_cuda_close(void *device);

#endif
