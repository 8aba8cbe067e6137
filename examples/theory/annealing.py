"""Annealed gradient noise: leaving a poor minimum, and the variance that is left."""
import math

from gallery import chain
from gallery.drawing import Panel, Series
from gallery.runs import Estimate

NUMBER, TITLE = 7, "Annealed gradient noise"
START, TOP, LR, STEPS = 2.74680277, .15673126, .01, 300
EXACT = 4  # of the gammas, as solving for falling noise takes ever finer grids


def slope(x):
    return (4 * x**3 - 32 * x + 5) / 2


def crossing(section):
    lines, points = [], []
    runs = section.points("annealing.yaml")
    for style, eta0 in enumerate(sorted({run["noise.anneal.eta0"] for run in runs}), 1):
        of_eta0 = [(run["noise.anneal.gamma"], run) for run in runs if run["noise.anneal.eta0"] == eta0]
        exact = []
        for gamma, run in of_eta0[:1 if section.quick else EXACT]:
            def sigma(t):
                return math.sqrt(eta0 / (1 + t) ** gamma)
            (value,), = chain.presence(slope, LR, sigma, START, [(-8, TOP)], [STEPS], -8, 8, 1.3)
            exact.append((gamma, value))
            section.exact_share(f"share in the better basin, eta0 {eta0:g}, gamma {gamma:g}", value,
                                run.basin(0), run)
        points.append(Series([(gamma, run.basin(0)) for gamma, run in of_eta0], f"eta0 = {eta0:g}", style))
        lines.append(Series(exact, "", style, "line"))
    return Panel(f"after {STEPS} steps from the poorer minimum", "gamma", "share in the better basin",
                 lines + points, "", (-.03, 1.03), (0, 1.02), "top right")


def variance(section):
    lines, points = [], []
    for style, run in enumerate(section.points("annealing_variance.yaml"), 1):
        gamma = run["noise.anneal.gamma"]
        V, exact = 0.0, {}
        for t in range(3000):
            V = .9**2 * V + .1**2 / (1 + t) ** gamma
            exact[t + 1] = V
        measured = [Estimate(values[0], exact[n] * math.sqrt(2 / run.number)) for n, values in
                    zip(run.steps, zip(*run.result["curves"]["moments"]["variance"]))]
        for k in (len(run.steps) // 2, -1):
            section.exact_mean(f"variance at step {run.steps[k]}, gamma {gamma:g}", exact[run.steps[k]],
                               measured[k], run)
        points.append(Series(list(zip(run.steps, measured)), f"gamma = {gamma:g}", style))
        lines.append(Series([(n, exact[n]) for n in run.steps], "", style, "line"))
    return Panel("around a quadratic minimum", "step", "variance of x", lines + points, "xy", (1, 3000),
                 ("*", "*"), "bottom left Left reverse")


def make(section):
    panels = [crossing(section), variance(section)]
    section.figure("annealing", "Left: share that has found the better basin after 300 steps, against gamma. "
                   "Right: what variance is left. Lines: exact.", panels)
