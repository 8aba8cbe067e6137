#!/usr/bin/env python3
"""The gallery's own arithmetic: rows that must fail do, and its integrals give known values."""
import random
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from gallery import chain, formulas, rows  # noqa: E402
from gallery.runs import Estimate, paragraph, share  # noqa: E402


def limit(*ratios, error=0.001, note=""):
    return rows.Limit(0, "a limit", 1, Estimate(1, 0), [("", Estimate(r, error)) for r in ratios], note)


class Rows(unittest.TestCase):
    def test_exact_rows_fail_beyond_four_standard_errors(self):
        def row(z):
            return rows.Exact(0, "a share", 1.0, 1.0 + z * 0.1, 0.1, True)
        self.assertAlmostEqual(row(-2.5).z, -2.5)
        self.assertIsNone(row(3.9).fault(False))
        self.assertIn("4.1", row(4.1).fault(False))
        self.assertIsNone(row(-4.9).fault(True))
        self.assertIsNotNone(row(-5.1).fault(True))

    def test_limits_must_approach(self):
        self.assertIsNone(limit(.6, .9, .99).fault(False))
        self.assertIsNone(limit(1.4, .9, 1.001).fault(False))
        self.assertIsNotNone(limit(.9, .8, .99).fault(False))
        self.assertIsNone(limit(.9, .899, .99).fault(False))  # by chance
        self.assertIsNone(limit(.9, .8, note="because").fault(False))

    def test_normality_sees_wrong_errors(self):
        generator = random.Random(1)

        def p(spread, shift):
            z = [generator.gauss(shift, spread) for _ in range(100)]
            found = rows.Normality([rows.Exact(0, "", 0.0, v, 1, True) for v in z])
            self.assertEqual(found.number, 100)
            return min(found.p_squares, found.p_distance)
        self.assertGreater(p(1, 0), 1e-2)
        self.assertLess(p(1.5, 0), 1e-3)
        self.assertLess(p(.6, 0), 1e-3)
        self.assertLess(p(1, 1), 1e-3)

    def test_kolmogorov(self):
        # A distance of 1.358/(sqrt(n) + ...) is exceeded with probability 0.05 (Stephens 1974).
        quantiles = [rows.NormalDist().inv_cdf((k + 0.5) / 400) for k in range(400)]
        self.assertGreater(rows.kolmogorov_tail(quantiles), 0.999)
        by = 1.358 / (20 + .12 + .11 / 20) - .5 / 400
        shifted = [rows.NormalDist().inv_cdf(min(max((k + .5) / 400 + by, 1e-9), 1 - 1e-9))
                   for k in range(400)]
        self.assertAlmostEqual(rows.kolmogorov_tail(shifted), 0.05, 3)

    def test_chi_square(self):
        self.assertAlmostEqual(rows.chi_square_tail(18.307, 10), 0.05, 3)
        self.assertAlmostEqual(rows.chi_square_tail(3.940, 10), 0.95, 3)

    def test_wilson(self):
        estimate = share(0, 100)
        self.assertAlmostEqual(estimate.low, 0, 9)
        self.assertAlmostEqual(estimate.high, 0.0370, 3)


class Formulas(unittest.TestCase):
    def test_splitting(self):
        self.assertAlmostEqual(formulas.laplace_right(0, .2, .6, "right"), .83053628, 7)
        self.assertAlmostEqual(formulas.laplace_right(0, .2, .6, "left"), .65310628, 7)
        self.assertAlmostEqual(formulas.laplace_right(0, .2, .6), .70538060, 7)
        self.assertAlmostEqual(formulas.rademacher_right(.01), .6477988713, 9)
        self.assertAlmostEqual(formulas.rademacher_right(0), .5)

    def test_escape(self):
        self.assertAlmostEqual(formulas.discretised_time(.05, 1, -1, .5) / 2007387, 1, 3)
        self.assertAlmostEqual(formulas.action("gaussian", 2), 1, 6)

    def test_chain(self):
        def slope(x):
            return x * x * x * (x * x - 1)
        top, = chain.presence(slope, .05, .5, 0, [(-.3, .3)], [50, 200], -1.6, 1.6)
        self.assertAlmostEqual(top[0], .887432, 5)
        self.assertAlmostEqual(top[1], .416856, 5)


class Paragraphs(unittest.TestCase):
    def test_every_experiment_has_one(self):
        for path in (ROOT / "examples" / "theory").glob("*.yaml"):
            self.assertGreater(len(paragraph(path.name)), 100, path)


if __name__ == "__main__":
    unittest.main()
