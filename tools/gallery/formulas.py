"""Closed forms and integrals of docs/exact_values.md that the gallery's entries share."""
import math

from gallery.runs import Estimate


def steps_in_ratio(first, last, count):
    return [first * (last / first) ** (k / (count - 1)) for k in range(count)]


def root(function, low, high):
    """The zero of a function that changes sign between low and high, by bisection."""
    sign = function(low) < 0
    for _ in range(200):
        middle = (low + high) / 2
        if (function(middle) < 0) == sign:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def integral(function, low, high, pieces=2000):
    """Midpoints with Simpson's weights over two grids: (4 M(2n) - M(n))/3."""
    def midpoints(n):
        h = (high - low) / n
        return h * sum(function(low + (k + 0.5) * h) for k in range(n))
    return (4 * midpoints(2 * pieces) - midpoints(pieces)) / 3


def local_exponents(rows):
    """Local exponents -d log E[T] / d log lr of (lr, Estimate)."""
    return [(f"lr {lr:g} to {after:g}", Estimate(
        math.log(b.value / a.value) / math.log(lr / after),
        math.hypot(a.error / a.value, b.error / b.value) / math.log(lr / after)))
        for (lr, a), (after, b) in zip(rows, rows[1:])]


# Splitting at a sharp maximum of slopes a and b.

def laplace_root(slope, scale):
    """The root A in (0, 1) of slope A/scale = -ln(1 - A^2)."""
    return root(lambda A: slope * A / scale + math.log1p(-A * A), 1e-9, 1 - 1e-16)


def laplace_right(y, a, b, at_zero="zero", variance=1.0):
    """P(right) from y = x/lr under Laplace noise."""
    scale = math.sqrt(variance / 2)
    A, B = laplace_root(a, scale), laplace_root(b, scale)
    if y > 0:
        return 1 - A * (1 - B * B) / (A + B) * math.exp(-B * y / scale)
    if y < 0:
        return B * (1 - A * A) / (A + B) * math.exp(A * y / scale)
    return {"right": B * (1 + A * B), "left": B * (1 - A * A), "zero": B}[at_zero] / (A + B)


def rademacher_right(y):
    """P(right) from y = x/lr under noise of +-1, slopes 1/2, U'(0) = 0: steps of +1.5 and -.5 on the
    right, the mirror image on the left; rho is the root below 1 of 2 rho = 1 + rho^4."""
    rho = root(lambda r: 2 * r - 1 - r**4, 0.4, 0.7)
    if y < 0:
        return 1 - rademacher_right(-y)
    k, rest = divmod(2 * y, 1)
    return 1 - rho**k / 2 if rest == 0 else 1 - rho ** (k + 1) / (1 + rho)


# Escape over the barrier of the double well U = s (x^4/4 - x^2/2), from -1 past 0, noise of variance 1.

def double_well_slope(x, scale):
    return scale * (x**3 - x)


def kramers_time(lr, scale):
    """Steps, to leading order: 2 pi/sqrt(U''(-1) |U''(0)|) e^{2 dU/lr}/lr, dU = scale/4."""
    return 2 * math.pi / (math.sqrt(2) * scale * lr) * math.exp(scale / (2 * lr))


def diffusion_time(lr, scale, start, target, pieces=1500):
    """Mean time (in units of lr steps) of the diffusion from start to target, by its double integral."""
    D = lr / 2
    low, h = -3.0, (target + 3.0) / (2 * pieces)
    inner = outer = 0.0
    for k in range(2 * pieces):  # inner: of e^{-U/D} up to the middle of the cell
        x = low + (k + 0.5) * h
        U = scale * (x**4 / 4 - x**2 / 2) / D
        weight = math.exp(-U)
        inner += h * weight / 2
        if x > start:
            outer += h * math.exp(U) * inner
        inner += h * weight / 2
    return outer / D


def discretised_time(lr, scale, start, target):
    """The diffusion's time corrected for the steps' finite size: curvatures c at the top and k at the
    minimum, and the integral of U'^2 U''' over the way up."""
    way = integral(lambda x: double_well_slope(x, scale) ** 2 * 6 * scale * x, -1, 0)
    c, k = scale, 2 * scale
    return diffusion_time(lr, scale, start, target) / lr * (1 + lr / 4 * (c - k)) * math.exp(lr / 6 * way)


CUMULANTS = {  # K(theta) of laws of variance 1, and where theta must stay below
    "gaussian": (lambda t: t * t / 2, 50.0),
    "uniform": (lambda t: math.log(math.sinh(math.sqrt(3) * t) / (math.sqrt(3) * t)), 50.0),
    "logistic": (lambda t: math.log(math.sqrt(3) * t / math.sin(math.sqrt(3) * t)), math.pi / math.sqrt(3)),
    "laplace": (lambda t: -math.log1p(-t * t / 2), math.sqrt(2)),
}


def action(law, scale):
    """lr times the exponent of the escape time: the integral over the way up of theta*, the root of
    K(theta) = theta U'(x)."""
    cumulant, bound = CUMULANTS[law]

    def theta(x):
        slope = double_well_slope(x, scale)
        return root(lambda t: cumulant(t) - t * slope, slope, bound * (1 - 1e-12))
    return integral(theta, -1, 0, 200)


# Sticking at a maximum of order p, U = -(c/p)|x|^p, Gaussian noise.

def sticking_time(p, radius, pieces=400):
    """Mean time from 0 to |u| = radius of du = sgn(u)|u|^(p-1) dt + dB: what is left of the chain, in
    units of the sticking radius, when its step h vanishes."""
    def outer(u):
        return 2 * integral(lambda v: math.exp(2 * (v**p - u**p) / p), 0, u, 60)
    return integral(outer, 0, radius, pieces)


# Heavy tails.

def student_tail(u, nu, scale):
    """P(zeta > u) of Student's t for large u, to leading order."""
    at = math.gamma((nu + 1) / 2) / (math.sqrt(nu * math.pi) * math.gamma(nu / 2))
    return at * nu ** ((nu + 1) / 2) / nu * (scale / u) ** nu
