"""A sharp, a parabolic and a flat maximum in one picture (THEORY: the family U_{p,q})."""
import math

from gallery import chain
from gallery.drawing import Panel, Series

NUMBER, TITLE = 0, "Three maxima"
SHAPES = [("sharp", 1, 2, 8), ("parabolic", 2, 4, 2), ("flat", 4, 6, 2)]  # last: cells per sd
STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 30, 35, 40, 45, 50, 60, 70, 80, 100,
         120, 140, 170, 200, 250, 300, 350, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000]
# (p, n): shares near the top and near a minimum, from the solver of docs/exact_values.md
EXACT = {(1, 10): (.094724, 0), (1, 20): (.000004, .011209), (1, 50): (0, .934436),
         (1, 100): (0, .987256), (2, 10): (.997460, 0), (2, 50): (.279993, .165427),
         (2, 100): (.026080, .885906), (2, 200): (.000217, .997999), (4, 50): (.887432, .000302),
         (4, 100): (.690174, .040871), (4, 200): (.416856, .333554), (4, 400): (.153440, .747316),
         (4, 800): (.020818, .961312)}


def exact_curves(p, q, cells_per_sd):
    def slope(x):
        return math.copysign(1, x) * (abs(x) ** (q - 1) - abs(x) ** (p - 1)) if x else 0.0
    steps = [n for n in STEPS if n <= (300 if p == 1 else 2000)]
    top, left, right = chain.presence(slope, 0.05, 0.5, 0.0, [(-.3, .3), (-1.2, -.8), (.8, 1.2)], steps,
                                      -1.6, 1.6, cells_per_sd)
    return list(zip(steps, top)), list(zip(steps, map(sum, zip(left, right))))


def make(section):
    lines, points = [], []
    for style, (name, p, q, cells) in enumerate(SHAPES, 1):
        run, = section.points("story.yaml", [{"landscape.p": p, "landscape.q": q,
                                              "observe.steps": STEPS}])
        top, minima = run.near("top"), run.near("left minimum", "right minimum")
        for n, shares in ((n, shares) for (order, n), shares in EXACT.items() if order == p):
            for what, predicted, curve in zip(("the maximum", "a minimum"), shares, (top, minima)):
                section.exact_share(f"{name}: near {what} at step {n}", predicted,
                                    curve[run.steps.index(n)], run)
        near_top, near_minimum = exact_curves(p, q, cells)
        lines += [Series(near_top, "", style, "line"), Series(near_minimum, "", style, "line")]
        points += [Series(list(zip(run.steps, top)), f"{name}: still at the maximum", style),
                   Series(list(zip(run.steps, minima)), f"{name}: at a minimum", style + 20)]
    section.figure("story", "Share of trajectories still near the maximum where all began (filled), and "
                   "near a minimum (open), against the step. Lines: the exact law of the chain.",
                   [Panel("A sharp maximum lets go at once, a flat one holds", "steps",
                          "share of trajectories", lines + points, "x", (4, 2000), (0, 1.02),
                          "tmargin left Left reverse maxcols 3 maxrows 2 width -7")])
