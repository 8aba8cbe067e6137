/* What precedes the update of elements, in one block (kernels/step/prepare.h). */
#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/launch_args.h"
#include "kernels/step/prepare.h"

/* Tensors whose reads a thread has on their way at once. */
#define ESC_VIEWS 4

/* Whether one of the thread's tensors needs scalars of its own. */
ESC_RULE bool esc_prepare_tensors(const esc_step_tables &tables, int skip)
{
  bool own = false;
  for (int64_t first = threadIdx.x; first < tables.tensor_count; first += ESC_VIEWS * blockDim.x) {
    esc_step_view view[ESC_VIEWS];
#pragma unroll
    for (int k = 0; k < ESC_VIEWS; k++) {
      const int64_t tensor = first + (int64_t)k * blockDim.x;
      view[k] = esc_view_tensor(&tables, (int32_t)(tensor < tables.tensor_count ? tensor : first));
    }
#pragma unroll
    for (int k = 0; k < ESC_VIEWS; k++) {
      const int64_t tensor = first + (int64_t)k * blockDim.x;
      if (tensor < tables.tensor_count)
        own |= esc_prepare_tensor(&tables, skip, (int32_t)tensor, &view[k]) != 0;
    }
  }
  return own;
}

ESC_KERNEL(esc_prepare, esc_prepare_args, ESC_PREPARE_THREADS)
{
  __shared__ double factor;
  __shared__ int skip, some_own;
  if (threadIdx.x == 0) {
    skip = esc_step_is_skipped(&args.call, args.tables.control);
    factor = esc_step_factor(&args.call, args.tables.control);
    some_own = 0;
    args.tables.control->skip = skip;
  }
  __syncthreads();
  for (int32_t g = threadIdx.x; g < args.tables.group_count && !skip; g += blockDim.x)
    esc_prepare_group(&args.tables, factor, g);
  __syncthreads();
  if (esc_prepare_tensors(args.tables, skip))
    atomicOr(&some_own, 1);
  __syncthreads();
  if (!some_own)
    return;
  for (int64_t p = threadIdx.x; p < args.tables.tensor_count; p += blockDim.x)
    esc_prepare_own(&args.tables, factor, (int32_t)p);
}
