#!/usr/bin/env python3
"""The double well in NumPy: SGD steps per second of the plain array loop, with NumPy's own Philox and
float32 normals, one core. Prints the rate alone; exits with 3 where NumPy is not there."""
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit(3)


def steps_per_second(lanes, steps):
    rng = np.random.Generator(np.random.Philox(1))
    x = np.full(lanes, -1.0, dtype=np.float32)
    lr = np.float32(0.1)
    begin = time.perf_counter()
    for _ in range(steps):
        x -= lr * (x * x * x - x + rng.standard_normal(lanes, dtype=np.float32))
    return lanes * steps / (time.perf_counter() - begin)


# arrays that fit the second-level cache do best
print(max(steps_per_second(lanes, 20_000_000 // lanes) for lanes in (4096, 16384, 65536)))
