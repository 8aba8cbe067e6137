"""Stochastic drift: s(n, delta, added variance) in a double well, and its annealed limit."""
import math

from gallery.drawing import Panel, Series

NUMBER, TITLE = 8, "Stochastic drift: a second random element on the parameter"
CHECKED = [50, 300, 2000]


def gaussian(section, scales):
    """The chain with Gaussian noise of the same variances in place of minibatches, which is solved: both
    noises are one, of variance 1 + (added sd/lr)^2. Rows of the chain with two; the solved curves."""
    two = section.points("drift.yaml", [{
        "noise": [{"law": "gaussian", "scale": 1}, {"law": "gaussian", "scale": scale, "on": "parameter"}]}
        for scale in scales])
    one = section.sweep("drift.yaml", {
        "noise": {"law": "gaussian", "scale": 1}, "predict": "numeric", "trajectories": 1000,
        "sweep": {"noise.scale": [math.sqrt(1 + (scale / two[0].lr) ** 2) for scale in scales]}})
    for scale, run, solved in zip(scales, two, one):
        for ball, delta in (("minimum", .2), ("closer", .1)):
            measured = dict(zip(run.steps, run.near(ball)))
            for n, value in solved.predicted_near(ball):
                if n in CHECKED:
                    section.exact_share(f"s({n}, {delta:g}, {scale:g}^2), Gaussian", value, measured[n], run)
    return [solved.predicted_near("minimum") for solved in one]


def fates(run):
    """The panel of one added noise: converged, left, undecided against n."""
    near, alive = run.near("minimum"), run.survival()
    left = [one.complement() for one in alive]
    undecided = [a.less(s, run.number) for a, s in zip(alive, near)]
    return [(run.steps, near), (run.steps, left), (run.steps, undecided)]


def network(section):
    """The share of small networks that have converged, against n."""
    runs = section.points("drift_network.yaml", quick={"trajectories": 50})
    annealed, = section.points("drift_network.yaml", [{
        "noise": [{"law": "gaussian", "on": "parameter", "anneal": {"eta0": .2**2, "gamma": 2}}]}],
        quick={"trajectories": 50})
    named = [(f"added sd {run['noise.scale']:g}", run) for run in runs] + [("0.2, annealed", annealed)]
    return Panel("XOR with two hidden units", "step n", "share that has converged", [
        Series(list(zip(run.steps, run.incidence("converged"))), name, style, "joined")
        for style, (name, run) in enumerate(named, 1)], "x", (50, 3000), (0, 1), "top left Left reverse")


def make(section):
    runs = section.points("drift.yaml")
    scales = [run["noise.1.scale"] for run in runs]
    points = [Series(list(zip(run.steps, run.near("minimum"))), f"added sd {scale:g}", style)
              for style, (scale, run) in enumerate(zip(scales, runs), 1)]
    lines = [Series(curve, "", style, "line") for style, curve in enumerate(gaussian(section, scales), 1)]
    annealed, = section.points("drift.yaml", [{
        "noise": [{"law": "finite_sum", "n": 32, "batch": 4, "variance": 1},
                  {"law": "gaussian", "on": "parameter", "anneal": {"eta0": .15**2, "gamma": 2}}]}])
    points.append(Series(list(zip(annealed.steps, annealed.near("minimum"))), "0.15, annealed", 5, "joined"))
    converged = Panel("converged", "step n", "s(n, 0.2, added variance)", lines + points, "x", (1, 2000),
                      (0, 1), "top left Left reverse")
    series = [Series(list(zip(*curve)), name, style, "joined") for style, (name, curve) in
              enumerate(zip(("converged", "left", "undecided"), fates(runs[2])), 1)]
    three = Panel(f"added sd {scales[2]:g}", "step n", "share", series, "x", (1, 2000), (0, 1),
                  "at graph 0.02,0.52 left Left reverse")
    section.figure("drift", "Left: share converged against n for several added noises, and annealed; lines: "
                   "exact for Gaussian noise. Middle: converged, left and undecided for one of them. "
                   "Right: small networks.",
                   [converged, three, network(section)])
