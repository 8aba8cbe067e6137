"""The exact law of x' = x - lr (U'(x) + xi) in one dimension with Gaussian noise, step by step.

The density after each step stands on a grid of midpoints whose spacing is a fraction of one step's
noise, where the midpoint rule is exact to rounding for a smooth U' and of second order across a jump
of U' (put it on a grid's edge). Shares of intervals are integrated in closed form over the last step.
"""
import math
from bisect import bisect_left, bisect_right
from operator import mul

REACH = 8.5  # standard deviations of one step beyond which nothing comes


def normal_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def presence(slope, lr, sigma, start, intervals, steps, low, high, cells_per_sd=2):
    """P(x_n in each interval) for n in the rising list `steps`: a list for each interval. Nothing may
    leave [low, high] in that time."""
    sd = lr * sigma
    cells = math.ceil((high - low) / sd * cells_per_sd)
    h = (high - low) / cells
    points = [low + (k + 0.5) * h for k in range(cells)]
    means = [x - lr * slope(x) for x in points]
    into = []  # of each point: the first source, and the weights
    for y in points:
        first, end = bisect_left(means, y - REACH * sd), bisect_right(means, y + REACH * sd)
        weights = [h / (sd * math.sqrt(2 * math.pi)) * math.exp(-((y - m) / sd) ** 2 / 2)
                   for m in means[first:end]]
        into.append((first, end, weights))

    def within(mean, interval):
        return normal_cdf((interval[1] - mean) / sd) - normal_cdf((interval[0] - mean) / sd)

    ends = [[h * within(m, interval) for m in means] for interval in intervals]
    first_mean = start - lr * slope(start)
    density = [math.exp(-((y - first_mean) / sd) ** 2 / 2) / (sd * math.sqrt(2 * math.pi))
               for y in points]
    shares = [[] for _ in intervals]
    now = 1  # step of `density`
    for n in steps:
        while now < n - 1:
            density = [sum(map(mul, weights, density[first:end])) for first, end, weights in into]
            now += 1
        for k, interval in enumerate(intervals):
            if n == 0:
                shares[k].append(float(interval[0] < start < interval[1]))
            elif n == 1:
                shares[k].append(within(first_mean, interval))
            else:
                shares[k].append(sum(map(mul, ends[k], density)))
    return shares
