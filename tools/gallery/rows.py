"""Rows of the gallery's table, and what they must hold.

An exact row compares with the value of the discrete chain itself: it differs by chance only, so z,
the difference in standard errors, is a standard normal. An asymptotic row compares with a limit along
falling lr: the ratios must approach 1.
"""
import math
from statistics import NormalDist

Z_ALLOWED = 4.0
Z_ALLOWED_QUICK = 5.0
CHANCE = 3.0  # standard errors by which a ratio may fall back without being said to
LEAST_P = 1e-4
LEAST_VARIANCE = 25  # of a count, for its z to be near normal


class Exact:
    kind = "exact"

    def __init__(self, statement, name, predicted, estimate, error, independent):
        self.statement, self.name, self.predicted = statement, name, predicted
        self.measured, self.error = estimate, error
        self.z = (estimate - predicted) / error
        self.independent = independent

    def fault(self, quick):
        allowed = Z_ALLOWED_QUICK if quick else Z_ALLOWED
        return None if abs(self.z) < allowed else f"{self.name}: z is {self.z:.1f}"


class Limit:
    """`steps` lead to the limit: (name of the step, Estimate of measured/predicted) each."""
    kind = "limit"

    def __init__(self, statement, name, predicted, measured, steps, note):
        self.statement, self.name = statement, name
        self.predicted, self.measured = predicted, measured
        self.steps, self.note = steps, note

    def approaches(self):
        for (_, a), (_, b) in zip(self.steps, self.steps[1:]):
            chance = CHANCE * math.hypot(a.error, b.error)
            if abs(b.value - 1) > abs(a.value - 1) + chance:
                return False
        return True

    def fault(self, quick):
        if quick or self.note or self.approaches():
            return None
        ratios = ", ".join(f"{ratio.value:.3f}" for _, ratio in self.steps)
        return f"{self.name}: {ratios} do not approach 1, and nothing says why"


def chi_square_tail(x, degrees):
    """P(chi-square > x), by Wilson and Hilferty's normal approximation."""
    spread = 2 / (9 * degrees)
    return 1 - NormalDist().cdf(((x / degrees) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def kolmogorov_tail(z):
    """P of a larger distance between the distribution of standard normals and its limit (Kolmogorov's
    law with Stephens' correction for their number)."""
    number, ordered = len(z), sorted(z)
    heights = [NormalDist().cdf(value) for value in ordered]
    distance = max(max(height - k / number, (k + 1) / number - height) for k, height in enumerate(heights))
    x = distance * (math.sqrt(number) + 0.12 + 0.11 / math.sqrt(number))
    return min(1.0, max(0.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101))))


class Normality:
    """Whether the z of independent exact rows look like standard normals: by their sum of squares
    (two-sided), and by the distance of their distribution."""

    def __init__(self, rows):
        z = [row.z for row in rows if row.kind == "exact" and row.independent]
        self.number, self.squares = len(z), sum(value * value for value in z)
        tail = chi_square_tail(self.squares, self.number) if z else 0.5
        self.p_squares = 2 * min(tail, 1 - tail)
        self.p_distance = kolmogorov_tail(z) if z else 1.0

    def fault(self):
        if min(self.p_squares, self.p_distance) > LEAST_P:
            return None
        return "the z of the exact rows do not look like standard normals"
