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


class Grid:
    """Midpoints of [low, high], the chain's mean from each, and one step's density from each."""

    def __init__(self, slope, lr, low, high, spacing):
        cells = math.ceil((high - low) / spacing)
        self.h = (high - low) / cells
        self.points = [low + (k + 0.5) * self.h for k in range(cells)]
        self.means = [x - lr * slope(x) for x in self.points]
        self.rising = all(a <= b for a, b in zip(self.means, self.means[1:]))

    def rows(self, sd):
        """For each point, the sources it is reached from (first, end) and their weights."""
        rows, factor, reach = [], self.h / (sd * math.sqrt(2 * math.pi)), REACH * sd
        for y in self.points:
            first, end = 0, len(self.means)
            if self.rising:
                first, end = bisect_left(self.means, y - reach), bisect_right(self.means, y + reach)
            rows.append((first, end, [factor * math.exp(-((y - m) / sd) ** 2 / 2)
                                      if abs(y - m) < reach else 0.0 for m in self.means[first:end]]))
        return rows


def presence(slope, lr, sigma, start, intervals, steps, low, high, cells_per_sd=2):
    """P(x_n in each interval) for n in the rising list `steps`: a list for each interval. `sigma` is a
    number, or a function of t = 0, 1, ... for noise that changes. What leaves [low, high] is lost:
    the chain ends there."""
    changing = callable(sigma)

    def sd(t):
        return lr * (sigma(t) if changing else sigma)
    smallest = min(sd(0), sd(steps[-1] - 1))
    grid = Grid(slope, lr, low, high, smallest / cells_per_sd)

    def within(mean, interval, width):
        return normal_cdf((interval[1] - mean) / width) - normal_cdf((interval[0] - mean) / width)

    mean, width = start - lr * slope(start), sd(0)
    density = [math.exp(-((y - mean) / width) ** 2 / 2) / (width * math.sqrt(2 * math.pi))
               for y in grid.points]
    rows = None if changing else grid.rows(width)
    ends = None if changing else [[within(m, i, width) for m in grid.means] for i in intervals]
    shares = [[] for _ in intervals]
    now = 1  # step of `density`
    for n in steps:
        while now < n - 1:
            density = [sum(map(mul, weights, density[first:end]))
                       for first, end, weights in (grid.rows(sd(now)) if changing else rows)]
            now += 1
        last = ends or [[within(m, i, sd(n - 1)) for m in grid.means] for i in intervals]
        for k, interval in enumerate(intervals):
            shares[k].append(within(mean, interval, width) if n == 1 else
                             grid.h * sum(map(mul, last[k], density)))
    return shares
