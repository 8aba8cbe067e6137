/* The kernels of optimizer steps: loaded when the device is opened, so that a step loads and
 * allocates nothing and can be captured, and launched with as many blocks as run at once. */
#include "host/cuda/cuda_device.h"

#include <stdio.h>

#include "host/cuda/cuda_images.h"
#include "host/error.h"
#include "kernels/cuda/launch_args.h"

#define WARP 32

/* --- loading --- */

static const char *const update_names[] = {
#define ESC_UPDATE_KERNEL_NAME(name, ...) "esc_update_" #name,
    ESC_UPDATE_CATALOGUE(ESC_UPDATE_KERNEL_NAME)};

esc_status esc_cuda_find_kernel(esc_cuda_device *device, cudaLibrary_t library, const char *name,
                                int threads, esc_cuda_kernel *kernel)
{
  int per_multiprocessor = 0;
  cudaError_t error = cudaLibraryGetKernel(&kernel->function, library, name);
  if (error == cudaSuccess)
    error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &per_multiprocessor, (const void *)kernel->function, threads, 0);
  if (error == cudaSuccess && per_multiprocessor < 1)
    error = cudaErrorLaunchOutOfResources;
  if (error != cudaSuccess) {
    char doing[128];
    snprintf(doing, sizeof doing, "loading the kernel %s for %s", name, device->isa);
    return esc_cuda_fail(device, error, doing);
  }
  kernel->threads = threads;
  kernel->most_blocks = per_multiprocessor * device->multiprocessors;
  return ESC_STATUS_OK;
}

static esc_status find_kernel(esc_cuda_device *device, int image, const char *name, int threads,
                              esc_cuda_kernel *kernel)
{
  return esc_cuda_find_kernel(device, device->library[image], name, threads, kernel);
}

static esc_status load_images(esc_cuda_device *device)
{
  static const unsigned char *const images[ESC_IMAGE_COUNT] = {
      [ESC_IMAGE_PREPARE] = esc_image_prepare_kernel,
      [ESC_IMAGE_NORM] = esc_image_norm_kernel,
      [ESC_IMAGE_START] = esc_image_start_kernel,
      [ESC_IMAGE_UPDATE] = esc_image_update_kernels,
  };
  for (int k = 0; k < ESC_IMAGE_COUNT; k++) {
    const cudaError_t error =
        cudaLibraryLoadData(&device->library[k], images[k], NULL, NULL, 0, NULL, NULL, 0);
    if (error != cudaSuccess)
      return esc_cuda_fail(device, error, "loading the kernels");
    device->library_count = k + 1;
  }
  return ESC_STATUS_OK;
}

esc_status esc_cuda_kernels_load(esc_cuda_device *device)
{
  esc_status status = load_images(device);
  if (!status)
    status = find_kernel(device, ESC_IMAGE_PREPARE, "esc_prepare", ESC_PREPARE_THREADS,
                         &device->prepare);
  if (!status)
    status = find_kernel(device, ESC_IMAGE_NORM, "esc_norm", ESC_NORM_THREADS, &device->norm);
  if (!status)
    status = find_kernel(device, ESC_IMAGE_START, "esc_start_arrays", ESC_UPDATE_THREADS,
                         &device->start);
  for (int k = 0; k < ESC_UPDATE_COUNT && !status; k++)
    status = find_kernel(device, ESC_IMAGE_UPDATE, update_names[k], ESC_UPDATE_THREADS,
                         &device->update[k]);
  return status;
}

void esc_cuda_kernels_unload(esc_cuda_device *device)
{
  for (int k = 0; k < device->library_count; k++)
    cudaLibraryUnload(device->library[k]);
  device->library_count = 0;
}

/* --- launching --- */

esc_status esc_cuda_launch(esc_cuda_device *device, const esc_cuda_kernel *kernel, int blocks,
                           void *args, cudaStream_t stream)
{
  cudaLaunchConfig_t config = {0};
  config.gridDim = (dim3){(unsigned)blocks, 1, 1};
  config.blockDim = (dim3){(unsigned)kernel->threads, 1, 1};
  config.stream = stream;
  void *arguments[] = {args};
  const cudaError_t error = cudaLaunchKernelExC(&config, (const void *)kernel->function, arguments);
  return error == cudaSuccess ? ESC_STATUS_OK : esc_cuda_fail(device, error, "launching a kernel");
}

/* Blocks for work that warps take one by one: what runs at once, less where there is less to do. */
static int blocks_for(const esc_cuda_kernel *kernel, int64_t work)
{
  const int warps = kernel->threads / WARP;
  const int64_t blocks = (work + warps - 1) / warps;
  if (blocks < 1)
    return 1;
  return blocks < kernel->most_blocks ? (int)blocks : kernel->most_blocks;
}

esc_status esc_cuda_start(void *opened, const esc_step_plan *plan, int what, void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  esc_start_args args = {plan->tables, plan->chunk_count, what};
  if (plan->chunk_count > 0)
    status = esc_cuda_launch(device, &device->start, blocks_for(&device->start, plan->chunk_count),
                             &args, stream);
  return esc_cuda_leave(device, before, status);
}

/* Without a leaf too: the last block leaves a norm of 0. */
esc_status esc_cuda_norm(void *opened, const esc_step_plan *plan, void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  esc_norm_args args = {plan->tables};
  status = esc_cuda_launch(device, &device->norm,
                           blocks_for(&device->norm, plan->tables.leaf_count), &args, stream);
  return esc_cuda_leave(device, before, status);
}

static esc_status launch_step(esc_cuda_device *device, const esc_step_plan *plan,
                              const esc_step_call *call, cudaStream_t stream)
{
  esc_prepare_args prepare = {plan->tables, *call};
  esc_status status = esc_cuda_launch(device, &device->prepare, 1, &prepare, stream);
  for (int k = 0; k < plan->launch_count && !status; k++) {
    const esc_step_launch *const rule = &plan->launches[k];
    const esc_cuda_kernel *const kernel = &device->update[rule->update];
    esc_update_args update = {plan->tables, *call, rule->first, rule->count};
    if (rule->count > 0)
      status = esc_cuda_launch(device, kernel, blocks_for(kernel, rule->count), &update, stream);
  }
  return status;
}

esc_status esc_cuda_update(void *opened, const esc_step_plan *plan, const esc_step_call *call,
                           void *stream)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  status = launch_step(device, plan, call, stream);
  return esc_cuda_leave(device, before, status);
}
