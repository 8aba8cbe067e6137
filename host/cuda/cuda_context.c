/* Which GPU is current while a call works. One that is not the caller's is made so by pushing its
 * primary context, which is popped again: to set a device as the current one makes a context on it,
 * and to put the caller's back so would make one there that nobody asked for. */
#include "host/cuda/cuda_device.h"

#include <string.h>

#include "host/error.h"

/* A function of the driver; C has no cast from void * for it. */
static int find(const char *name, void *function)
{
  void *found = NULL;
  enum cudaDriverEntryPointQueryResult answer;
  const cudaError_t error =
      cudaGetDriverEntryPointByVersion(name, &found, 12000, cudaEnableDefault, &answer);
  if (error != cudaSuccess)
    cudaGetLastError();
  if (error != cudaSuccess || answer != cudaDriverEntryPointSuccess)
    return 0;
  memcpy(function, &found, sizeof found);
  return 1;
}

void esc_cuda_driver_find(esc_cuda_driver *driver)
{
  /* without it ends of arrays are not checked */
  find("cuMemGetAddressRange", (void *)&driver->address_range);
  driver->has_contexts = find("cuDevicePrimaryCtxRetain", (void *)&driver->retain) &&
                         find("cuDevicePrimaryCtxRelease", (void *)&driver->release) &&
                         find("cuCtxPushCurrent", (void *)&driver->push) &&
                         find("cuCtxPopCurrent", (void *)&driver->pop);
}

/* The GPU's primary context, held from when it is first needed. */
static cudaError_t hold_context(esc_cuda_device *device)
{
  cudaError_t error = cudaSuccess;
  pthread_mutex_lock(&device->lock);
  if (!device->context)
    error = (cudaError_t)device->driver.retain(&device->context, device->number);
  pthread_mutex_unlock(&device->lock);
  return error; /* the driver's numbers are the runtime's */
}

static cudaError_t make_current(esc_cuda_device *device)
{
  if (!device->driver.has_contexts)
    return cudaSetDevice(device->number);
  const cudaError_t error = hold_context(device);
  return error == cudaSuccess ? (cudaError_t)device->driver.push(device->context) : error;
}

esc_status esc_cuda_enter(esc_cuda_device *device, int *before)
{
  if (device->lost != cudaSuccess)
    return esc_fail(ESC_STATUS_DEVICE_LOST, "cuda: GPU %d failed earlier and stays so: %s (%s)",
                    device->number, cudaGetErrorString(device->lost),
                    cudaGetErrorName(device->lost));
  cudaError_t error = cudaGetDevice(before);
  if (error == cudaSuccess && *before != device->number)
    error = make_current(device);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "making the GPU the current one");
}

esc_status esc_cuda_leave(esc_cuda_device *device, int before, esc_status status)
{
  if (before == device->number)
    return status;
  void *popped;
  const cudaError_t error = device->driver.has_contexts ? (cudaError_t)device->driver.pop(&popped)
                                                        : cudaSetDevice(before);
  if (error == cudaSuccess || status != ESC_STATUS_OK)
    return status;
  return esc_cuda_fail(device, error, "making the caller's GPU the current one again");
}

void esc_cuda_context_release(esc_cuda_device *device)
{
  if (device->context)
    device->driver.release(device->number);
}
