/* What a failed call of the CUDA runtime becomes. */
#include "host/cuda/cuda_device.h"

#include "host/error.h"

/* Failures of one call: the device and the caller's context are as they were. After any other the
 * device is lost, because what was queued may not have run. */
static esc_status status_of(cudaError_t error)
{
  switch (error) {
  case cudaErrorMemoryAllocation:
    return ESC_STATUS_OUT_OF_MEMORY;
  case cudaErrorInvalidValue:
  case cudaErrorInvalidResourceHandle:
  case cudaErrorStreamCaptureUnsupported:
  case cudaErrorStreamCaptureInvalidated:
  case cudaErrorStreamCaptureMerge:
  case cudaErrorStreamCaptureUnmatched:
  case cudaErrorStreamCaptureUnjoined:
  case cudaErrorStreamCaptureIsolation:
  case cudaErrorStreamCaptureImplicit:
  case cudaErrorCapturedEvent:
  case cudaErrorStreamCaptureWrongThread:
    return ESC_STATUS_BAD_ARGUMENT;
  default:
    return ESC_STATUS_DEVICE_LOST;
  }
}

esc_status esc_cuda_fail(esc_cuda_device *device, cudaError_t error, const char *doing)
{
  const esc_status status = status_of(error);
  cudaGetLastError(); /* the caller's next look at the runtime shall not find ours */
  if (device && status == ESC_STATUS_DEVICE_LOST)
    device->lost = error;
  return esc_fail(status, "cuda: %s: %s (%s)", doing, cudaGetErrorString(error),
                  cudaGetErrorName(error));
}

esc_status esc_cuda_refuse_capture(esc_cuda_device *device, cudaStream_t stream, const char *doing)
{
  enum cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  const cudaError_t error = cudaStreamIsCapturing(stream, &capture);
  if (error != cudaSuccess)
    return esc_cuda_fail(device, error, doing);
  if (capture == cudaStreamCaptureStatusNone)
    return ESC_STATUS_OK;
  return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                  "stream: %s cannot be part of a graph, and the stream is being captured", doing);
}
