"""Mean escape times from a double well against 1/lr, by the law of the noise."""
import math

from gallery.drawing import Panel, Series
from gallery.formulas import action, discretised_time, kramers_time
from gallery.runs import Estimate

NUMBER, TITLE = 4, "Kramers: over a barrier under light tails"
SCALE = 2
LRS = {"gaussian": [.15, .13, .115, .105, .096], "logistic": [.15, .13, .115, .105, .096],
       "laplace": [.15, .13, .115, .105, .096], "uniform": [.18, .155, .135, .12]}
STEPS = 3e9  # of a point, about: sets its number of trajectories


def law_times(section, law):
    S = action(law, SCALE)
    runs = section.points("kramers.yaml", [{
        "noise.law": law, "optimizer.lr": lr,
        "trajectories": round(min(5e4, STEPS / (3 / lr * math.exp(S / lr))))} for lr in LRS[law]],
        quick={"trajectories": 30})
    for run in runs:
        section.exact_mean(f"E[T], {law}, lr {run.lr:g}", run.predicted("exit_steps.mean"), run.mean_time(),
                           run)
    return runs, [(run.lr, run.mean_time()) for run in runs]


def local_slopes(times):
    """d log(lr E[T]) / d(1/lr) between neighbours."""
    slopes = []
    for (lr, a), (after, b) in zip(times, times[1:]):
        width = 1 / after - 1 / lr
        slopes.append((f"lr {lr:g} to {after:g}", Estimate(
            math.log(b.value * after / (a.value * lr)) / width,
            math.hypot(a.error / a.value, b.error / b.value) / width)))
    return slopes


def make(section):
    points, lines, of, solved = [], [], {}, None
    for style, law in enumerate(LRS, 1):
        runs, of[law] = law_times(section, law)
        solved = solved or [(run.lr, run.predicted("exit_steps.mean")) for run in runs]
        S = action(law, SCALE)
        section.limit(f"exponent S of E[T] ~ e^(S/lr), {law}", S, local_slopes(of[law]))
        points.append(Series([(1 / lr, time) for lr, time in of[law]], law, style))
        lr, last = of[law][-1]
        lines.append(Series([(v, last.value * lr * v * math.exp(S * (v - 1 / lr)))
                             for v in (5.4, 6, 7, 8, 9, 10, 10.6)], "", style, "line"))
    section.figure("kramers", "Mean escape time against 1/lr; the lines have the predicted slopes S and go "
                   "through the last point. Right: the Gaussian's ratios to two formulas; lines: solved.",
                   [Panel("four laws of variance 1", "1/lr", "mean escape time, steps", lines + points, "y",
                          (5.4, 10.6), ("*", "*"), "top left Left reverse"),
                    gaussian_ratios(section, of["gaussian"], solved)])


def gaussian_ratios(section, times, solved):
    """Measured over predicted, by two formulas."""
    series = [Series([(.09, 1), (.16, 1)], "", 10, "line")]
    for style, name, formula in (
            (1, "Kramers' formula", lambda lr: kramers_time(lr, SCALE)),
            (4, "the diffusion's time corrected for finite steps",
             lambda lr: discretised_time(lr, SCALE, -1, .5))):
        predicted = [formula(lr) for lr, _ in times]
        section.limit(f"E[T], gaussian, against {name}", predicted,
                      [(f"lr {lr:g}", time) for lr, time in times])
        series.append(Series([(lr, time / value) for (lr, time), value in zip(solved, predicted)], "", style,
                             "line"))
        series.append(Series([(lr, time.times(1 / value)) for (lr, time), value in zip(times, predicted)],
                             f"to {name}", style))
    return Panel("Gaussian: measured over predicted", "lr", "ratio", series, "", (.09, .16), (.85, 1.04),
                 "top left Left reverse")
