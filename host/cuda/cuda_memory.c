/* Memory of a GPU: to have, to know, to copy, to wait for. */
#include "host/cuda/cuda_device.h"

#include <stdint.h>

#include "host/error.h"

esc_status esc_cuda_alloc(void *opened, size_t bytes, void **memory)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  void *made = NULL;
  const cudaError_t error = cudaMalloc(&made, bytes ? bytes : 1);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    status = esc_fail(ESC_STATUS_OUT_OF_MEMORY, "cuda: no %zu bytes are free on GPU %d", bytes,
                      device->number);
  } else if (error != cudaSuccess) {
    status = esc_cuda_fail(device, error, "allocating memory");
  } else {
    *memory = made;
  }
  return esc_cuda_leave(device, before, status);
}

/* Of a device that failed too: its driver lets go of what it still can. */
void esc_cuda_free(void *opened, void *memory)
{
  esc_cuda_device *const device = opened;
  int before;
  if (!memory)
    return;
  const int there = device->lost == cudaSuccess && !esc_cuda_enter(device, &before);
  const cudaError_t error = cudaFree(memory);
  if (error != cudaSuccess)
    cudaGetLastError();
  if (there)
    esc_cuda_leave(device, before, ESC_STATUS_OK);
}

/* The part of an allocation that holds `at`: where it ends. Memory that was mapped piece by piece
 * (growing segments of an allocator) has a range for each, side by side. */
static uintptr_t end_of_range(const esc_cuda_device *device, uintptr_t at)
{
  unsigned long long base = 0;
  size_t bytes = 0;
  if (device->driver.address_range(&base, &bytes, at) != 0)
    return at;
  return (uintptr_t)base + bytes;
}

/* Memory of this GPU, and managed memory. The host's is refused, registered or not: kernels would
 * read it over the bus at every step. */
static int is_on_device(const esc_cuda_device *device, const void *memory)
{
  struct cudaPointerAttributes found;
  if (cudaPointerGetAttributes(&found, memory) != cudaSuccess) {
    cudaGetLastError();
    return 0;
  }
  return found.type == cudaMemoryTypeManaged ||
         (found.type == cudaMemoryTypeDevice && found.device == device->number);
}

int esc_cuda_owns(void *opened, const void *memory, size_t bytes)
{
  esc_cuda_device *const device = opened;
  int before;
  if (bytes > UINTPTR_MAX - (uintptr_t)memory || esc_cuda_enter(device, &before))
    return 0;
  int ours = is_on_device(device, memory);
  uintptr_t at = (uintptr_t)memory;
  const uintptr_t end = at + bytes;
  while (ours && device->driver.address_range && at < end) {
    const uintptr_t next = end_of_range(device, at);
    ours = next > at && (next >= end || is_on_device(device, (const void *)next));
    at = next;
  }
  return esc_cuda_leave(device, before, ESC_STATUS_OK) == ESC_STATUS_OK && ours;
}

static esc_status wait_for(esc_cuda_device *device, cudaStream_t stream)
{
  const cudaError_t error = cudaStreamSynchronize(stream);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "waiting for a stream");
}

esc_status esc_cuda_copy(void *opened, void *to, const void *from, size_t bytes, void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  status = esc_cuda_refuse_capture(device, stream, "a copy that is waited for");
  if (!status && bytes) {
    const cudaError_t error = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream);
    if (error != cudaSuccess)
      status = esc_cuda_fail(device, error, "copying");
  }
  if (!status)
    status = wait_for(device, stream);
  return esc_cuda_leave(device, before, status);
}

esc_status esc_cuda_sync(void *opened, void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  status = esc_cuda_refuse_capture(device, stream, "waiting");
  if (!status)
    status = wait_for(device, stream);
  return esc_cuda_leave(device, before, status);
}

esc_status esc_cuda_wait(void *opened)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  const cudaError_t error = cudaDeviceSynchronize();
  if (error != cudaSuccess)
    status = esc_cuda_fail(device, error, "waiting for the GPU");
  return esc_cuda_leave(device, before, status);
}
