/* From the host to the GPU without waiting: through a ring of pinned slots, so that the caller's
 * memory is free at once. A slot is waited for only when the ring comes round to it. */
#include "host/cuda/cuda_device.h"

#include <string.h>

esc_status esc_cuda_ring_make(esc_cuda_device *device)
{
  esc_cuda_ring *const ring = &device->ring;
  void *memory = NULL;
  cudaError_t error = cudaMallocHost(&memory, ESC_RING_SLOTS * ESC_RING_SLOT_BYTES);
  ring->memory = memory;
  while (error == cudaSuccess && ring->event_count < ESC_RING_SLOTS) {
    error = cudaEventCreateWithFlags(&ring->done[ring->event_count], cudaEventDisableTiming);
    if (error == cudaSuccess)
      ring->event_count++;
  }
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "making pinned memory for uploads");
}

void esc_cuda_ring_free(esc_cuda_ring *ring)
{
  for (int k = 0; k < ring->event_count; k++)
    cudaEventDestroy(ring->done[k]);
  if (ring->memory)
    cudaFreeHost(ring->memory);
  memset(ring, 0, sizeof *ring);
}

/* At most a slot's bytes. */
static cudaError_t upload_slot(esc_cuda_ring *ring, void *to, const void *from, size_t bytes,
                               cudaStream_t stream)
{
  const int slot = ring->next;
  cudaError_t error = ring->used[slot] ? cudaEventSynchronize(ring->done[slot]) : cudaSuccess;
  if (error != cudaSuccess)
    return error;
  unsigned char *const pinned = ring->memory + (size_t)slot * ESC_RING_SLOT_BYTES;
  memcpy(pinned, from, bytes);
  error = cudaMemcpyAsync(to, pinned, bytes, cudaMemcpyHostToDevice, stream);
  if (error != cudaSuccess)
    return error;
  error = cudaEventRecord(ring->done[slot], stream);
  if (error != cudaSuccess) {
    cudaStreamSynchronize(stream); /* nothing says when the slot is free, so it is now */
    return error;
  }
  ring->used[slot] = 1;
  ring->next = (slot + 1) % ESC_RING_SLOTS;
  return cudaSuccess;
}

esc_status esc_cuda_upload(void *opened, void *to, const void *from, size_t bytes, void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  status = esc_cuda_refuse_capture(device, stream, "an upload from the host");
  for (size_t done = 0; !status && done < bytes;) {
    const size_t left = bytes - done;
    const size_t part = left < ESC_RING_SLOT_BYTES ? left : ESC_RING_SLOT_BYTES;
    const cudaError_t error = upload_slot(&device->ring, (unsigned char *)to + done,
                                          (const unsigned char *)from + done, part, stream);
    if (error != cudaSuccess)
      status = esc_cuda_fail(device, error, "uploading");
    done += part;
  }
  return esc_cuda_leave(device, before, status);
}
