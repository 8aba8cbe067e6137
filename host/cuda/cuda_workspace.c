/* Workspaces: a stream, an event, memory of the GPU and pinned memory of the host for one call of
 * `trajectories`. They outlive the call, because making and freeing any of them waits for all that
 * the GPU does, and batches are to overlap. */
#include "host/cuda/cuda_device.h"

#include <stdlib.h>

#include "host/error.h"

/* What is queued on its stream has ended. */
static void free_workspace(esc_workspace *space)
{
  if (space->stream)
    cudaStreamDestroy(space->stream);
  if (space->done)
    cudaEventDestroy(space->done);
  if (space->device)
    cudaFree(space->device);
  if (space->pinned)
    cudaFreeHost(space->pinned);
  cudaGetLastError();
  free(space);
}

static esc_workspace *take_idle(esc_cuda_device *device)
{
  pthread_mutex_lock(&device->lock);
  esc_workspace *const space = device->idle;
  if (space)
    device->idle = space->next;
  pthread_mutex_unlock(&device->lock);
  return space;
}

/* Half as much again where that is little, so that sizes that creep up are not met one by one. */
static size_t with_room(size_t bytes)
{
  return bytes < (size_t)64 << 20 ? bytes + bytes / 2 : bytes;
}

static cudaError_t grow(esc_workspace *space, size_t device_bytes, size_t pinned_bytes)
{
  cudaError_t error = cudaSuccess;
  void *made = NULL;
  if (space->device_bytes < device_bytes) {
    if (space->device)
      error = cudaFree(space->device);
    space->device = NULL;
    space->device_bytes = 0;
    if (error == cudaSuccess)
      error = cudaMalloc(&made, with_room(device_bytes));
    if (error != cudaSuccess)
      return error;
    space->device = made;
    space->device_bytes = with_room(device_bytes);
  }
  if (space->pinned_bytes < pinned_bytes) {
    if (space->pinned)
      error = cudaFreeHost(space->pinned);
    space->pinned = NULL;
    space->pinned_bytes = 0;
    if (error == cudaSuccess)
      error = cudaMallocHost(&made, with_room(pinned_bytes));
    if (error != cudaSuccess)
      return error;
    space->pinned = made;
    space->pinned_bytes = with_room(pinned_bytes);
  }
  return cudaSuccess;
}

static cudaError_t make(esc_workspace *space)
{
  cudaError_t error = cudaSuccess;
  if (!space->stream)
    error = cudaStreamCreateWithFlags(&space->stream, cudaStreamNonBlocking);
  if (error == cudaSuccess && !space->done)
    error = cudaEventCreateWithFlags(&space->done, cudaEventDisableTiming);
  return error;
}

esc_status esc_workspace_take(esc_cuda_device *device, size_t device_bytes, size_t pinned_bytes,
                              esc_workspace **taken)
{
  esc_workspace *space = take_idle(device);
  if (!space)
    space = calloc(1, sizeof *space);
  if (!space)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a workspace");
  cudaError_t error = make(space);
  if (error == cudaSuccess)
    error = grow(space, device_bytes, pinned_bytes);
  if (error != cudaSuccess) {
    const esc_status status = esc_cuda_fail(device, error, "making a workspace for trajectories");
    free_workspace(space);
    return status;
  }
  *taken = space;
  return ESC_STATUS_OK;
}

void esc_workspace_give(esc_cuda_device *device, esc_workspace *space, int failed)
{
  if (failed) { /* what is still queued may use it */
    cudaStreamSynchronize(space->stream);
    free_workspace(space);
    return;
  }
  pthread_mutex_lock(&device->lock);
  space->next = device->idle;
  device->idle = space;
  pthread_mutex_unlock(&device->lock);
}

void esc_workspaces_free(esc_cuda_device *device)
{
  for (esc_workspace *space; (space = device->idle);) {
    device->idle = space->next;
    free_workspace(space);
  }
}
