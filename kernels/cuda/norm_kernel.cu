/* The square of the norm of all gradients, by the tree of kernels/rules/norm.h: a warp takes a leaf
 * at once, in registers; the block that finishes last sums the leaves. */
#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/launch_args.h"
#include "kernels/cuda/octet.cuh"

/* Columns of a row: with 16-bit elements a thread holds 8*lane .. 8*lane + 7, with floats
 * 4*lane .. 4*lane + 3 and the same 128 further on. Folding halves the columns from the top, so the
 * order in which lanes and registers are folded is the only difference. */
ESC_RULE float esc_fold_lanes(float sum)
{
#pragma unroll
  for (int half = ESC_WARP / 2; half > 0; half /= 2)
    sum = sum + __shfl_xor_sync(ESC_FULL_WARP, sum, half);
  return sum;
}

ESC_RULE float esc_fold_columns(float sum[8], bool split)
{
  int columns = 8;
  if (split) {
#pragma unroll
    for (int k = 0; k < 4; k++)
      sum[k] = sum[k] + sum[k + 4];
    columns = 4;
  }
#pragma unroll
  for (int k = 0; k < 8; k++)
    if (k < columns)
      sum[k] = esc_fold_lanes(sum[k]);
  if (!split) {
#pragma unroll
    for (int k = 0; k < 4; k++)
      sum[k] = sum[k] + sum[k + 4];
  }
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

ESC_RULE uint32_t esc_largest_size(const float g[8], uint32_t largest)
{
#pragma unroll
  for (int k = 0; k < 8; k++) {
    const uint32_t size = esc_norm_size(g[k]);
    largest = size > largest ? size : largest;
  }
  return largest;
}

ESC_RULE double esc_norm_of_leaf(const void *gradient, int type, int64_t begin, int64_t count,
                                 int lane, uint32_t *largest)
{
  const bool split = type == ESC_STORE_F32;
  const int spread = split ? 4 : 8, second = split ? 4 * ESC_WARP : 4;
  esc_packed packed[ESC_NORM_ROWS];
#pragma unroll
  for (int r = 0; r < ESC_NORM_ROWS; r++)
    packed[r] = esc_fetch(gradient, type,
                          esc_place_of(begin + r * ESC_NORM_ROW + lane * spread, second, count));
  *largest = 0;
#pragma unroll
  for (int r = 0; r < ESC_NORM_ROWS; r++) {
    float g[8];
    esc_unpack(packed[r], type, g);
    *largest = esc_largest_size(g, *largest);
  }
  *largest = __reduce_max_sync(ESC_FULL_WARP, *largest);
  const float scale = esc_norm_scale(*largest);
  float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
  for (int r = 0; r < ESC_NORM_ROWS; r++) {
    float g[8];
    esc_unpack(packed[r], type, g);
#pragma unroll
    for (int k = 0; k < 8; k++)
      sum[k] = esc_norm_add(sum[k], g[k], scale);
  }
  return (double)esc_fold_columns(sum, split) * esc_norm_weight(*largest);
}

/* The sum of all leaves, in thread 0. */
ESC_RULE double esc_sum_of_leaves(const double *partial, int64_t count)
{
  enum { EACH = ESC_NORM_COLUMNS / ESC_NORM_THREADS }; /* columns of a thread, side by side */
  __shared__ double column[ESC_NORM_COLUMNS];
  const int64_t whole = count / ESC_NORM_COLUMNS * ESC_NORM_COLUMNS;
  const double *const mine = partial + threadIdx.x;
  double sum[EACH];
#pragma unroll
  for (int k = 0; k < EACH; k++)
    sum[k] = 0.0;
#pragma unroll 4 /* so many rounds of reads are on their way at once */
  for (int64_t first = 0; first < whole; first += ESC_NORM_COLUMNS) {
#pragma unroll
    for (int k = 0; k < EACH; k++)
      sum[k] = sum[k] + mine[first + k * ESC_NORM_THREADS];
  }
#pragma unroll
  for (int k = 0; k < EACH; k++) {
    const int c = threadIdx.x + k * ESC_NORM_THREADS;
    column[c] = whole + c < count ? sum[k] + partial[whole + c] : sum[k];
  }
  for (int half = ESC_NORM_COLUMNS / 2; half > 0; half /= 2) {
    __syncthreads();
    for (int c = threadIdx.x; c < half; c += blockDim.x)
      column[c] = column[c] + column[c + half];
  }
  return threadIdx.x == 0 ? column[0] : 0.0;
}

ESC_KERNEL(esc_norm, esc_norm_args, ESC_NORM_THREADS)
{
  const esc_step_tables &tables = args.tables;
  const int lane = threadIdx.x % ESC_WARP;
  const int64_t warps = (int64_t)gridDim.x * (blockDim.x / ESC_WARP);
  int64_t k = (int64_t)blockIdx.x * (blockDim.x / ESC_WARP) + threadIdx.x / ESC_WARP;
  for (; k < tables.leaf_count; k += warps) {
    const esc_step_chunk leaf = tables.leaves[k];
    const esc_step_tensor &tensor = tables.tensors[leaf.tensor];
    const void *const gradient = tables.gradients[leaf.tensor];
    uint32_t largest = 0;
    double sum = 0.0;
    if (gradient)
      sum = esc_norm_of_leaf(gradient, tensor.gradient_type, (int64_t)leaf.index * ESC_NORM_LEAF,
                             tensor.count, lane, &largest);
    if (lane == 0) {
      tables.partial[k] = sum;
      if (!esc_norm_is_finite(largest))
        atomicOr(&tables.control->found, 1);
    }
  }

  /* The last block to come here sees what all others wrote. */
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0)
    last = atomicAdd(&tables.control->ticket, 1u) == gridDim.x - 1;
  __syncthreads();
  if (!last)
    return;
  __threadfence();
  const double sum = esc_sum_of_leaves(tables.partial, tables.leaf_count);
  if (threadIdx.x == 0) {
    tables.control->norm_squared = sum;
    tables.control->non_finite = tables.control->found;
    tables.control->found = 0;
    tables.control->ticket = 0;
  }
}
