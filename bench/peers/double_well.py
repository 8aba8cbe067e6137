"""What the peers of bench_trajectories share: the experiment (x' = x - lr (x^3 - x + xi) from -1, lr
0.1, standard normal xi, float32), how a peer is checked and timed, and the JSON that it prints:
{peer, variant, version, device, steps_per_second, spread, lanes, check}.

A peer brings walk(lanes, steps, seed), which returns the last positions as an array of NumPy's (or
anything with mean()), once they are there. Exit status 3, after one line, where its package or a GPU
is not there."""
import json
import statistics
import sys
import time

LR = 0.1
START = -1.0
ROUNDS = 7
# Mean and second moment of x after 1000 steps, and the variance of x^2: the density of the chain,
# carried from step to step on a grid in double.
CHECK_STEPS, MEAN, SQUARE, SQUARE_VARIANCE = 1000, -0.7153484054, 0.9305086346, 0.1197554284
CHECK_LANES = 1 << 14


def left_out(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(3)


def check(walk):
    """Standard errors off the exact moments."""
    x = walk(CHECK_LANES, CHECK_STEPS, 7)
    mean_error = ((SQUARE - MEAN**2) / CHECK_LANES) ** 0.5
    square_error = (SQUARE_VARIANCE / CHECK_LANES) ** 0.5
    off = {
        "mean": (float(x.mean()) - MEAN) / mean_error,
        "square": (float((x * x).mean()) - SQUARE) / square_error,
    }
    if not all(abs(z) < 5.0 for z in off.values()):
        sys.exit(f"the walk is wrong, in standard errors: {off}")
    return {name: round(z, 2) for name, z in off.items()}


def rate(walk, lanes, steps, seed):
    begin = time.perf_counter()
    walk(lanes, steps, seed)
    return lanes * steps / (time.perf_counter() - begin)


def best_lanes(walk, choices, steps):
    """The number of lanes that goes fastest, everything warm."""
    for lanes in choices:
        rate(walk, lanes, steps, 1)
    return max(choices, key=lambda lanes: rate(walk, lanes, steps, 2))


def measure(peer, variant, version, device, walk, choices, steps):
    """steps: of a measurement; a walk of another length may be compiled anew."""
    result = {"peer": peer, "variant": variant, "version": version, "device": device}
    result["check"] = check(walk)
    lanes = best_lanes(walk, choices, steps)
    rates = sorted(rate(walk, lanes, steps, 3 + k) for k in range(ROUNDS))
    result["steps_per_second"] = statistics.median(rates)
    result["spread"] = (rates[-2] - rates[1]) / statistics.median(rates)
    result["lanes"] = lanes
    return result


def show(results):
    print(json.dumps(results, indent=1))
