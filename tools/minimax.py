#!/usr/bin/env python3
"""The polynomial coefficients of kernels/rules/elementary.h and kernels/rules/scalar.h.

Run it (python3 with mpmath): it prints every polynomial and constant of those two headers, lowest
power first, with the largest weighted error that is left. Nothing is random: the same numbers come
out again.

Method. Least squares on the nodes of a Chebyshev polynomial, which is within a fraction of a bit of
the minimax fit, of weight * (g - polynomial), where the weight turns an error of the polynomial
into a relative error of the finished function. Then the lowest coefficient is rounded to float or
double, held there, and the others are fitted anew, so that each rounding is made good by the powers
above it.
"""
import struct
from mpmath import mp, mpf, atan, cos, expm1, log, log1p, lu_solve, matrix, pi, sin
from mpmath import sqrt

mp.prec = 400
GRID = 400


def rounded(value, bits):
    """The nearest float (bits = 32) or double (bits = 64)."""
    value = float(value)
    return mpf(struct.unpack("f", struct.pack("f", value))[0] if bits == 32 else value)


def near_minimax(xs, gs, ws, degree):
    """Coefficients of the polynomial that minimises the sum of (w * (g - polynomial))^2."""
    moments = [sum((w * x**k * w for x, w in zip(xs, ws)), mpf(0)) for k in range(2 * degree + 1)]
    right = [sum(w * x**k * w * g for x, g, w in zip(xs, gs, ws)) for k in range(degree + 1)]
    normal = matrix(degree + 1, degree + 1)
    for row in range(degree + 1):
        for column in range(degree + 1):
            normal[row, column] = moments[row + column]
    return list(lu_solve(normal, matrix(right)))


def fit(name, bits, g, weight, low, high, degree):
    """Print the rounded coefficients of the polynomial for g on [low, high]."""
    middle, half = (low + high) / 2, (high - low) / 2
    xs = [middle - half * cos(pi * (k + mpf(1) / 2) / GRID) for k in range(GRID)]
    ws = [abs(weight(x)) for x in xs]
    held, gs = [], [g(x) for x in xs]
    while len(held) <= degree:
        held.append(rounded(near_minimax(xs, gs, ws, degree - len(held))[0], bits))
        gs = [(value - held[-1]) / x for x, value in zip(xs, gs)]  # what the powers above must give
        ws = [w * abs(x) for x, w in zip(xs, ws)]
    left = max(abs(w * value) for w, value in zip(ws, gs))
    print(f"{name}  (largest weighted error 2^{float(log(left, 2)):.1f})")
    for c in held:
        print("  " + (f"{float(c):.9g}f" if bits == 32 else f"{float(c):.17g}"))


def constant(name, bits, value, parts, head_bits=None):
    """Print a constant as a sum of parts; with head_bits the first part keeps only that many."""
    pieces, rest = [], value
    for k in range(parts):
        head = rest if k or head_bits is None else mpf(int(rest * 2**head_bits)) / 2**head_bits
        pieces.append(rounded(head, bits))
        rest -= pieces[-1]
    print(name, " ".join(f"{float(p):.9g}f" if bits == 32 else f"{float(p):.17g}" for p in pieces))


def main():
    half_ln2 = log(2) / 2 * (1 + mpf(2) ** -20)
    octant = (pi / 4) ** 2 * (1 + mpf(2) ** -20)
    third = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * (1 + mpf(2) ** -20)  # largest (f / (2 + f))^2
    # log(1 + f) = f + f^2 (-1/2 + f g(f))
    fit("log f32", 32, lambda f: ((log1p(f) - f) / f**2 + mpf(1) / 2) / f,
        lambda f: f**3 / log1p(f), 1 / sqrt(mpf(2)) - 1, sqrt(mpf(2)) - 1, 7)

    # log(1 + f) = f - f^2/2 + q (f^2/2 + z g(z)), q = f / (2 + f), z = q^2;
    # log(1 + f) = 2 atanh q = 2 q + q z g(z)
    def atanh_tail(z):
        q = sqrt(z)
        return (log((1 + q) / (1 - q)) - 2 * q) / (q * z)

    fit("log f64", 64, atanh_tail, lambda z: z, mpf(0), third, 6)
    # log2(m) = 2/ln2 (q + q z g(z)), g = 1/3 + z h(z)
    fit("pow log f32", 32, lambda z: atanh_tail(z) / 2, lambda z: z, mpf(0), third, 3)
    fit("pow log f64, h", 64, lambda z: (atanh_tail(z) / 2 - mpf(1) / 3) / z, lambda z: z**2,
        mpf(0), third, 7)
    # exp(f) - 1 = f + f^2 g(f)
    for bits, degree in ((32, 4), (64, 10)):
        fit(f"expm1 f{bits}", bits, lambda f: (expm1(f) - f) / f**2, lambda f: f**2 / expm1(f),
            -half_ln2, half_ln2, degree)
    # sin t = t + t z g(z), cos t = 1 + z (-1/2 + z g(z)), z = t^2
    for bits, odd, even in ((32, 2, 2), (64, 5, 5)):
        fit(f"sin f{bits}", bits, lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z, mpf(0),
            octant, odd)
        fit(f"cos f{bits}", bits, lambda z: ((cos(sqrt(z)) - 1) / z + mpf(1) / 2) / z,
            lambda z: z**2 / cos(sqrt(z)), mpf(0), octant, even)
    # sin(pi r) = r (pi + z g(z)), z = r^2, |r| <= 1/2
    fit("sinpi f32", 32, lambda z: (sin(pi * sqrt(z)) / sqrt(z) - pi) / z,
        lambda z: z * sqrt(z) / sin(pi * sqrt(z)), mpf(0), mpf(1) / 4 * (1 + mpf(2) ** -20), 4)
    # atan t = t + t z g(z), |t| <= tan(pi/8)
    fit("atan f64", 64, lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z, mpf(0),
        (sqrt(mpf(2)) - 1) ** 2 * (1 + mpf(2) ** -20), 10)
    for bits, head_bits in ((32, 15), (64, 38)):
        constant(f"ln2 f{bits}, exact when multiplied", bits, log(2), 2, head_bits)
        constant(f"ln2 f{bits}", bits, log(2), 2)
        constant(f"2/ln2 f{bits}", bits, 2 / log(2), 2)
        constant(f"1/ln2 f{bits}", bits, 1 / log(2), 1)
        constant(f"pi f{bits}", bits, pi, 2)
    constant("1/3 f64", 64, mpf(1) / 3, 2)
    constant("pi/4 f64", 64, pi / 4, 1)
    constant("what it lacks, relative to it", 64, pi / 4 / rounded(pi / 4, 64) - 1, 1)
    constant("2 pi / 2^34 f32", 32, pi / 2**33, 1)


if __name__ == "__main__":
    main()
