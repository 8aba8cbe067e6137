/* What precedes the update of elements, in one block (kernels/step/prepare.h). */
#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/launch_args.h"
#include "kernels/step/prepare.h"

ESC_KERNEL(esc_prepare, esc_prepare_args, ESC_PREPARE_THREADS)
{
  __shared__ double factor;
  __shared__ int skip;
  if (threadIdx.x == 0) {
    skip = esc_step_is_skipped(&args.call, args.tables.control);
    factor = esc_step_factor(&args.call, args.tables.control);
    args.tables.control->skip = skip;
  }
  __syncthreads();
  for (int32_t g = threadIdx.x; g < args.tables.group_count && !skip; g += blockDim.x)
    esc_prepare_group(&args.tables, factor, g);
  __syncthreads();
  for (int32_t p = threadIdx.x; p < args.tables.tensor_count; p += blockDim.x)
    esc_prepare_tensor(&args.tables, factor, skip, p);
}
