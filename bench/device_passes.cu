// A copy of 16 bytes a thread at a time, four in flight; and plain passes of one elementary
// operation, 16 bytes a thread where the arrays allow it.
#include "bench/device_passes.h"
#include "bench/unfused_rules.h"

enum { THREADS = 256, IN_FLIGHT = 4 };

static __global__ void copy_kernel(uint4 *to, const uint4 *from, int64_t count)
{
  const int64_t stride = (int64_t)gridDim.x * THREADS;
  int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x;
  for (; i + (IN_FLIGHT - 1) * stride < count; i += IN_FLIGHT * stride) {
    uint4 held[IN_FLIGHT];
#pragma unroll
    for (int k = 0; k < IN_FLIGHT; k++)
      held[k] = __ldcs(&from[i + k * stride]);
#pragma unroll
    for (int k = 0; k < IN_FLIGHT; k++)
      __stcs(&to[i + k * stride], held[k]);
  }
  for (; i < count; i += stride)
    to[i] = from[i];
}

void device_copy(void *to, const void *from, int64_t bytes, int multiprocessors, void *stream)
{
  copy_kernel<<<multiprocessors * 8, THREADS, 0, (cudaStream_t)stream>>>((uint4 *)to,
                                                                        (const uint4 *)from,
                                                                        bytes / 16);
}

template <int KIND> static __device__ __forceinline__ float result_of(float a, float x, float y)
{
  switch (KIND) {
  case PASS_ADD:
    return x + a;
  case PASS_MULTIPLY:
    return x * y;
  case PASS_DIVIDE:
    return x / y;
  case PASS_ROOT:
    return sqrtf(x);
  case PASS_LARGER:
    return x > y ? x : y;
  case PASS_SIZE:
    return fabsf(x);
  default:
    return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f);
  }
}

template <int KIND>
static __global__ void pass_kernel(float a, const float *x, const float *y, float *z, int64_t count)
{
  constexpr bool two = KIND == PASS_MULTIPLY || KIND == PASS_DIVIDE || KIND == PASS_LARGER;
  const int64_t i = ((int64_t)blockIdx.x * THREADS + threadIdx.x) * 4;
  const bool whole = (((uintptr_t)x | (uintptr_t)(two ? y : x) | (uintptr_t)z) & 15) == 0;
  if (whole && i + 4 <= count) {
    const float4 u = *(const float4 *)(x + i), v = two ? *(const float4 *)(y + i) : u;
    *(float4 *)(z + i) = make_float4(result_of<KIND>(a, u.x, v.x), result_of<KIND>(a, u.y, v.y),
                                     result_of<KIND>(a, u.z, v.z), result_of<KIND>(a, u.w, v.w));
    return;
  }
  for (int64_t k = i; k < i + 4 && k < count; k++)
    z[k] = result_of<KIND>(a, x[k], two ? y[k] : 0.0f);
}

void device_pass(int kind, float a, const float *x, const float *y, float *z, int64_t count,
                 void *stream)
{
  const cudaStream_t queue = (cudaStream_t)stream;
  const unsigned blocks = (unsigned)((count + 4 * THREADS - 1) / (4 * THREADS));
  if (blocks == 0)
    return;
#define PASS(number)                                                                               \
  case number:                                                                                     \
    pass_kernel<number><<<blocks, THREADS, 0, queue>>>(a, x, y, z, count);                         \
    break;
  switch (kind) {
    PASS(PASS_ADD)
    PASS(PASS_MULTIPLY)
    PASS(PASS_DIVIDE)
    PASS(PASS_ROOT)
    PASS(PASS_LARGER)
    PASS(PASS_SIZE)
    PASS(PASS_SIGN)
  default:
    break;
  }
}
