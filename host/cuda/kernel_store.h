/* The trajectory kernels that a GPU holds: composed for a plan, found in the cache on disk or
 * compiled, loaded once and shared by all calls that need them. */
#ifndef ESC_HOST_KERNEL_STORE_H
#define ESC_HOST_KERNEL_STORE_H

#include "host/cuda/cuda_device.h"

/* The kernel for a plan; `kernel` stays as it is until it is given back. */
esc_status esc_kernel_take(esc_cuda_device *device, const esc_plan *plan,
                           const esc_loaded_kernel **kernel);
void esc_kernel_give(esc_cuda_device *device, const esc_loaded_kernel *kernel);

/* Unloads all; none is taken any more. */
void esc_kernels_drop(esc_cuda_device *device);

#endif
