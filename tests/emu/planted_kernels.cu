/* Kernels that show what the emulator does and what it finds: each is right, or has the one mistake
 * that its arguments ask for. */
#include "kernels/cuda/kernel.cuh"
#include "tests/emu/planted_kernels.h"

/* Sums of blocks by halving, then of all blocks by the one that finishes last. */
static uint32_t sum_of_block(uint32_t mine, bool barriers)
{
  __shared__ uint32_t part[PLANTED_THREADS];
  part[threadIdx.x] = mine;
  for (unsigned int half = PLANTED_THREADS / 2; half > 0; half /= 2) {
    if (barriers)
      __syncthreads();
    if (threadIdx.x < half && threadIdx.x + half < blockDim.x)
      part[threadIdx.x] += part[threadIdx.x + half];
  }
  __syncthreads();
  return part[0];
}

ESC_KERNEL(planted_sum, planted_args, PLANTED_THREADS)
{
  __shared__ bool last;
  const int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t sum = sum_of_block(args.in[i], args.planted != PLANTED_BARRIER);
  if (threadIdx.x == 0) {
    args.partial[blockIdx.x] = sum;
    __threadfence();
    last = atomicAdd(args.ticket, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last)
    return;
  __threadfence();
  uint32_t all = 0;
  for (unsigned int b = threadIdx.x; b < gridDim.x; b += blockDim.x)
    all += args.partial[b];
  __syncthreads();
  all = sum_of_block(all, true);
  if (threadIdx.x == 0)
    *args.out = all;
}

/* out: of each thread, the neighbour's value, the largest of its warp, and its neighbour's by way
 * of shared memory. */
ESC_KERNEL(planted_warp, planted_args, PLANTED_THREADS)
{
  __shared__ uint32_t place[PLANTED_THREADS];
  const int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t mine = args.in[i];
  const double wide = __shfl_xor_sync(0xffffffffu, (double)mine, 5);
  const uint32_t most = __reduce_max_sync(0xffffffffu, mine);
  place[threadIdx.x] = mine;
  if (args.planted != PLANTED_WARP_BARRIER)
    __syncwarp(0xffffffffu);
  args.out[3 * i] = (uint32_t)wide;
  args.out[3 * i + 1] = most;
  args.out[3 * i + 2] = place[threadIdx.x ^ 1];
}

/* No barrier: threads run on one stack, one after another. */
ESC_KERNEL(planted_copy, planted_args, 256)
{
  __shared__ uint32_t place[256];
  const int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t *const mine = place + threadIdx.x;
  mine[args.planted == PLANTED_SHARED ? 256 : 0] = args.in[i];
  if (args.planted == PLANTED_HANG && threadIdx.x % 2)
    __syncthreads();
  const int64_t places = (int64_t)gridDim.x * blockDim.x;
  args.out[i + (args.planted == PLANTED_GLOBAL && i == places - 1 ? 1 : 0)] = place[threadIdx.x];
  if (args.planted == PLANTED_WIDE && i < places - 5)
    *(uint4 *)(args.out + 1) = make_uint4(0, 0, 0, 0);
}
