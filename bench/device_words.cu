// The ceiling of trajectories on a GPU: the words of a lane, as trajectory kernels draw them, and
// nothing else. A fold of them is kept, so that no word can be left out.
#define ESC_REAL_BITS 32 // for headers of the rules; words have no type
#include "bench/device_words.h"

#include <string.h>

#include "kernels/cuda/trajectory/keyed_philox.cuh"

enum { THREADS = 256 };

static __global__ void __launch_bounds__(THREADS)
    words_kernel(esc_philox_key key, uint32_t blocks, uint32_t *folds)
{
  const uint64_t id = (uint64_t)blockIdx.x * THREADS + threadIdx.x;
  const uint64_t seed = (uint64_t)key.round[0][1] << 32 | key.round[0][0];
  const esc_philox_head head = esc_philox_begin(seed, 0, id);
  uint32_t fold = 0;
#pragma unroll 4
  for (uint32_t block = 0; block < blocks; block++) {
    const esc_words words = esc_keyed_philox_from(key, head, block);
    fold ^= words.w[0] ^ words.w[1];
    fold ^= words.w[2] ^ words.w[3];
  }
  folds[id] = fold;
}

int64_t device_words_threads(void)
{
  int device = 0, multiprocessors = 0, blocks = 0;
  if (cudaGetDevice(&device) ||
      cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device) ||
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, words_kernel, THREADS, 0))
    return 0;
  return (int64_t)multiprocessors * blocks * THREADS;
}

double device_words(const uint32_t *keys, int64_t threads, uint32_t blocks, uint32_t *folds)
{
  esc_philox_key key;
  memcpy(&key, keys, sizeof key);
  const size_t bytes = (size_t)threads * sizeof *folds;
  uint32_t *there = NULL;
  cudaEvent_t begun = NULL, ended = NULL;
  float milliseconds = -1e3f;
  if (!cudaMalloc(&there, bytes) && !cudaEventCreate(&begun) && !cudaEventCreate(&ended)) {
    cudaEventRecord(begun);
    words_kernel<<<(unsigned)(threads / THREADS), THREADS>>>(key, blocks, there);
    cudaEventRecord(ended);
    if (cudaGetLastError() || cudaEventSynchronize(ended) ||
        cudaEventElapsedTime(&milliseconds, begun, ended) ||
        (folds && cudaMemcpy(folds, there, bytes, cudaMemcpyDeviceToHost)))
      milliseconds = -1e3f;
  }
  if (begun)
    cudaEventDestroy(begun);
  if (ended)
    cudaEventDestroy(ended);
  cudaFree(there);
  return 1e-3 * (double)milliseconds;
}
