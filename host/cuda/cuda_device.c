/* GPUs: whether one answers, opening one by its number, closing it. */
#include "host/cuda/cuda_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cuda/kernel_store.h"
#include "host/error.h"

#define LEAST_CAPABILITY 8 /* kernels hold PTX for compute capability 8.0 */

/* Sentences of this kind live for ever: they are the runtime's own or stand here. */
static int count_devices(int *count, const char **why)
{
  *count = 0;
  const cudaError_t error = cudaGetDeviceCount(count);
  if (error == cudaSuccess && *count > 0)
    return 1;
  cudaGetLastError();
  *count = 0;
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0;
    const int absent = cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0;
    *why = absent ? "no NVIDIA driver is on this machine"
                  : "the NVIDIA driver is older than the CUDA runtime of this build";
  } else if (error == cudaSuccess || error == cudaErrorNoDevice) {
    *why = "no NVIDIA GPU answers";
  } else {
    *why = cudaGetErrorString(error);
  }
  return 0;
}

static int capability_of(int number)
{
  int major = 0;
  return cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, number) == cudaSuccess
             ? major
             : 0;
}

int esc_cuda_is_able(int number)
{
  return capability_of(number) >= LEAST_CAPABILITY;
}

int esc_cuda_available(const char **why)
{
  int count;
  if (!count_devices(&count, why))
    return 0;
  for (int k = 0; k < count; k++)
    if (esc_cuda_is_able(k)) {
      *why = "an NVIDIA GPU answers";
      return 1;
    }
  *why = "no GPU here has compute capability 8.0 or more";
  return 0;
}

static esc_status refuse(const char *why)
{
  return esc_fail(ESC_STATUS_DEVICE_REFUSED, "backend cuda: %s", why);
}

/* The number that was asked for, checked. */
static esc_status choose(int asked, int *number)
{
  int count;
  const char *why = NULL;
  if (!count_devices(&count, &why))
    return refuse(why);
  *number = asked;
  if (asked == -1 && cudaGetDevice(number) != cudaSuccess) {
    cudaGetLastError();
    return refuse("the runtime does not say which GPU is the current one");
  }
  if (*number < 0 || *number >= count)
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "device: expected 0 to %d, found %d", count - 1,
                    asked);
  if (!esc_cuda_is_able(*number))
    return esc_fail(ESC_STATUS_DEVICE_REFUSED,
                    "backend cuda: GPU %d does not have compute capability 8.0 or more", *number);
  return ESC_STATUS_OK;
}

static cudaError_t describe(esc_cuda_device *device)
{
  struct cudaDeviceProp found;
  cudaError_t error = cudaGetDeviceProperties(&found, device->number);
  if (error != cudaSuccess)
    return error;
  memcpy(device->name, found.name, sizeof device->name - 1);
  device->memory = found.totalGlobalMem;
  error = cudaDeviceGetAttribute(&device->multiprocessors, cudaDevAttrMultiProcessorCount,
                                 device->number);
  if (error == cudaSuccess)
    error =
        cudaDeviceGetAttribute(&device->major, cudaDevAttrComputeCapabilityMajor, device->number);
  if (error == cudaSuccess)
    error =
        cudaDeviceGetAttribute(&device->minor, cudaDevAttrComputeCapabilityMinor, device->number);
  snprintf(device->isa, sizeof device->isa, "sm_%d%d", device->major, device->minor);
  return error;
}

static esc_status fill(esc_cuda_device *device)
{
  const cudaError_t error = describe(device);
  if (error != cudaSuccess)
    return esc_cuda_fail(device, error, "asking what the GPU is");
  const esc_status status = esc_cuda_kernels_load(device);
  return status ? status : esc_cuda_ring_make(device);
}

esc_status esc_cuda_open(int asked, int gpus, void **opened)
{
  int number, before;
  esc_status status = choose(asked, &number);
  if (status)
    return status;
  esc_cuda_device *const device = calloc(1, sizeof *device);
  if (!device)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a GPU");
  device->number = number;
  pthread_mutex_init(&device->lock, NULL);
  esc_cuda_driver_find(&device->driver);
  status = esc_cuda_enter(device, &before);
  if (!status)
    status = esc_cuda_leave(device, before, fill(device));
  if (!status)
    status = esc_cuda_peers_find(device, gpus);
  if (status) {
    esc_cuda_close(device);
    /* What fails here was never there to be lost. */
    return status == ESC_STATUS_DEVICE_LOST ? ESC_STATUS_DEVICE_REFUSED : status;
  }
  *opened = device;
  return ESC_STATUS_OK;
}

void esc_cuda_close(void *opened)
{
  esc_cuda_device *const device = opened;
  int before;
  if (!device)
    return;
  esc_cuda_peers_close(device);
  const int there = device->lost == cudaSuccess && !esc_cuda_enter(device, &before);
  if (there)
    cudaDeviceSynchronize(); /* what is queued may still use ring and kernels */
  esc_workspaces_free(device);
  esc_kernels_drop(device);
  esc_cuda_ring_free(&device->ring);
  esc_cuda_kernels_unload(device);
  cudaGetLastError();
  if (there)
    esc_cuda_leave(device, before, ESC_STATUS_OK);
  esc_cuda_context_release(device);
  pthread_mutex_destroy(&device->lock);
  free(device);
}

void esc_cuda_describe(const void *opened, esc_device_info *info)
{
  const esc_cuda_device *const device = opened;
  info->name = device->name;
  info->memory = device->memory;
  info->multiprocessors = device->multiprocessors;
  info->gpus = device->peer_count + 1;
}
