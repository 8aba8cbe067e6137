#!/usr/bin/env python3
"""The double well in NumPy: the plain array loop, with NumPy's own Philox and float32 normals, one
core. --rate prints the rate alone, for bench_trajectories."""
import sys

import double_well as well

try:
    import numpy as np
except ImportError:
    well.left_out("NumPy is not here")


def walk(lanes, steps, seed):
    rng = np.random.Generator(np.random.Philox(seed))
    x = np.full(lanes, well.START, dtype=np.float32)
    lr = np.float32(well.LR)
    for _ in range(steps):
        x -= lr * (x * x * x - x + rng.standard_normal(lanes, dtype=np.float32))
    return x


def main():
    lanes = (4096, 16384)  # arrays that fit the second-level cache do best
    if "--rate" in sys.argv:
        print(max(well.rate(walk, n, 20_000_000 // n, 1) for n in lanes))
        return
    well.show([well.measure("numpy", "arrays", np.__version__, "one core", walk, lanes, 1000)])


if __name__ == "__main__":
    main()
