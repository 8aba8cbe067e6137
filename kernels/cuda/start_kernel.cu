/* What an optimizer begins with: states filled with their group's start, masters and averages with
 * the parameter's value, rounded to the nearest. One launch over the chunks of all rules. */
#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/launch_args.h"
#include "kernels/cuda/octet.cuh"

ESC_RULE void esc_fill_octet(void *array, int type, const esc_place &at, const float value[8])
{
  const esc_words none = {{0, 0, 0, 0}};
  if (array)
    esc_put(array, type, at, esc_pack(value, type, false, none));
}

ESC_RULE void esc_start_states(const esc_step_tensor &tensor, const esc_step_group &group,
                               const esc_place &at)
{
#pragma unroll
  for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++) {
    const float s = group.start[k];
    const float start[8] = {s, s, s, s, s, s, s, s};
    esc_fill_octet(tensor.state[k], tensor.state_type[k], at, start);
  }
}

ESC_RULE void esc_start_copies(const esc_step_tensor &tensor, const esc_place &at)
{
  if (!tensor.master && !tensor.average)
    return;
  float value[8];
  esc_unpack(esc_fetch(tensor.value, tensor.value_type, at), tensor.value_type, value);
  esc_fill_octet(tensor.master, tensor.master_type, at, value);
  esc_fill_octet(tensor.average, tensor.average_type, at, value);
}

ESC_KERNEL(esc_start_arrays, esc_start_args, ESC_UPDATE_THREADS)
{
  const int lane = threadIdx.x % ESC_WARP;
  const int64_t warps = (int64_t)gridDim.x * (blockDim.x / ESC_WARP);
  int64_t c = (int64_t)blockIdx.x * (blockDim.x / ESC_WARP) + threadIdx.x / ESC_WARP;
  for (; c < args.chunk_count; c += warps) {
    const esc_step_chunk chunk = args.tables.chunks[c];
    const esc_step_tensor &tensor = args.tables.tensors[chunk.tensor];
    const int64_t begin = tensor.origin + (int64_t)chunk.index * ESC_CHUNK;
    const int spread = tensor.split ? 4 : 8, second = tensor.split ? 4 * ESC_WARP : 4;
#pragma unroll 1
    for (int k = 0; k < ESC_CHUNK; k += 8 * ESC_WARP) {
      const int64_t first = begin + k + lane * spread;
      if (first >= tensor.count)
        break;
      const esc_place at = esc_place_of(first, second, tensor.count);
      if (args.what & ESC_START_STATES)
        esc_start_states(tensor, args.tables.groups[tensor.group], at);
      if (args.what & ESC_START_COPIES)
        esc_start_copies(tensor, at);
    }
  }
}
