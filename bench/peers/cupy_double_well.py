#!/usr/bin/env python3
"""The double well by hand in CUDA: a RawKernel of CuPy's, one thread a trajectory, four normals at a
time from cuRAND's Philox. What one would write without a library; it has no exits, no tally."""
import double_well as well

try:
    import cupy
except ImportError:
    well.left_out("CuPy is not here")

SOURCE = r"""
#include <curand_kernel.h>
extern "C" __global__ void walk(unsigned long long seed, int steps, float lr, float start, float *last)
{
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  curandStatePhilox4_32_10_t state;
  curand_init(seed, i, 0, &state);
  float x = start;
  for (int t = 0; t < steps; t += 4) {
    const float4 xi = curand_normal4(&state);
    x -= lr * (x * x * x - x + xi.x);
    x -= lr * (x * x * x - x + xi.y);
    x -= lr * (x * x * x - x + xi.z);
    x -= lr * (x * x * x - x + xi.w);
  }
  last[i] = x;
}
"""
THREADS = 256


def walker(options):
    kernel = cupy.RawKernel(SOURCE, "walk", options=options)

    def walk(lanes, steps, seed):
        last = cupy.empty(lanes, dtype=cupy.float32)
        kernel((lanes // THREADS,), (THREADS,),
               (cupy.uint64(seed), cupy.int32(steps), cupy.float32(well.LR),
                cupy.float32(well.START), last))
        cupy.cuda.runtime.deviceSynchronize()
        return last

    return walk


def main():
    try:
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError:
        well.left_out("CuPy finds no GPU")
    well.show([well.measure("cupy", what, cupy.__version__, name, walker(options),
                            (1 << 18, 1 << 21), 10000)
               for what, options in (("RawKernel", ()), ("RawKernel, fast math", ("--use_fast_math",)))])


if __name__ == "__main__":
    main()
