"""Sticking: times, exponents, constants and sides at maxima of order 1, 2, 3, 4 and 6."""
import math

from gallery.drawing import Panel, Series
from gallery.formulas import local_exponents, sticking_time
from gallery.runs import Estimate

NUMBER, TITLE = 2, "Sticking at a maximum"
ORDERS = [1, 2, 3, 4, 6]
LRS = [.2, .1, .05, .025, .0125, .00625, .003125]
RADIUS = 3.0


def with_radius(section, file, p, alpha):
    """Runs along lr with the wall at the sticking radius."""
    k, lrs = p - 1, LRS[:4] if section.quick else LRS
    runs = section.points(file, [{
        "landscape.p": p, "optimizer.lr": lr,
        "stop.outside": [-RADIUS * lr ** ((alpha - 1) / (alpha + k - 1)),
                         RADIUS * lr ** ((alpha - 1) / (alpha + k - 1))],
        **({"observe": {"steps": scaled_steps(lr ** (2 - 2 / p))}} if p == 4 and alpha == 2 else {})}
        for lr in lrs], quick={"trajectories": 500})
    return runs, [(lr, run.mean_time()) for lr, run in zip(lrs, runs)]


def scaled_steps(h):
    """Steps n with n h about 0, .1, .2, ... 5."""
    return sorted({round(k / 10 / h) for k in range(51)})


def exponents(section, file, alpha, law):
    """A panel of E[T] against lr; rows of the exponents."""
    points, lines = [], []
    for style, p in enumerate(ORDERS, 1):
        runs, times = with_radius(section, file, p, alpha)
        k = p - 1
        exponent = alpha * k / (alpha + k - 1)
        if p == 1:  # the same chain in y = x/lr for every lr
            (_, a), (_, b) = times[0], times[-1]
            section.exact(f"E[T] at lr {runs[-1].lr:g} less that at {LRS[0]:g}, p = 1, {law}", 0,
                          Estimate(b.value - a.value, 0), math.hypot(a.error, b.error), runs[0])
        else:
            section.limit(f"exponent of E[T], p = {p}, {law}", exponent, local_exponents(times))
        for lr, run in zip(LRS, runs):
            if run.predicted("exit_steps.mean"):
                section.exact_mean(f"E[T], p = {p}, lr {lr:g}", run.predicted("exit_steps.mean"),
                                   run.mean_time(), run)
        if alpha == 2 and p > 1:
            limit = sticking_time(p, RADIUS)
            section.limit(f"E[T] h, p = {p}, {law}", limit, [
                (f"lr {lr:g}", time.times(lr ** (2 - 2 / p))) for lr, time in times])
        if p == 4:
            collapse = list(zip(LRS, runs))
        points.append(Series(times, f"p = {p}: exponent {exponent:.4g}", style))
        last_lr, last = times[-1]
        lines.append(Series([(lr, last.value * (last_lr / lr) ** exponent) for lr in LRS], "", style, "line"))
    panel = Panel(f"{law}: wall at the sticking radius", "lr", "mean steps to leave", lines + points, "xy",
                  (.0025, .25), ("*", "*"), "top right")
    return panel, collapse


def collapse_panel(runs):
    h = {lr: lr**1.5 for lr, _ in runs}
    chosen = runs[::2]
    return Panel("p = 4: one curve for all lr", "n h, h = lr^{3/2}", "share still inside",
                 [Series([(n * h[lr], s) for n, s in zip(run.steps, run.survival()) if n * h[lr] <= 5],
                         f"lr {lr:g}", style, "joined") for style, (lr, run) in enumerate(chosen, 1)],
                 "", (0, 5), (0, 1))


def constants(section):
    """E[T] to the fixed wall."""
    lines, points = [], []
    for style, p in ((2, 2), (3, 3), (4, 4), (5, 6)):
        lrs = [.1, .05, .02, .01, .005, .002][:3 if section.quick else 6]
        runs = section.points("sticking_time.yaml", [{"landscape.p": p, "optimizer.lr": lr} for lr in lrs],
                              quick={"trajectories": 300})
        times = [(lr, run.mean_time()) for lr, run in zip(lrs, runs)]
        for run, (lr, time) in zip(runs, times):
            section.exact_mean(f"E[T] to |x| = 1, p = {p}, lr {lr:g}", run.predicted("exit_steps.mean"),
                               time, run)
        if p == 2:
            section.limit("d(lr E[T])/d log(1/lr), p = 2", 1 / 2, [
                (f"lr {lr:g} to {after:g}", Estimate(
                    (b.value * after - a.value * lr) / math.log(lr / after),
                    math.hypot(b.error * after, a.error * lr) / math.log(lr / after)))
                for (lr, a), (after, b) in zip(times, times[1:])])
            continue
        limits = [run.tends_to("exit_steps.mean") for run in runs]
        section.limit(f"E[T] to |x| = 1 by A_{p} and the next term", limits,
                      [(f"lr {lr:g}", time) for lr, time in times])
        points.append(Series([(lr, time.times(lr ** (2 - 2 / p))) for lr, time in times], f"p = {p}", style))
        lines.append(Series([(lr, limit * lr ** (2 - 2 / p)) for lr, limit in zip(lrs, limits)], "", style,
                            "line"))
    return Panel("wall at 1: the constants A", "lr", "E[T] lr^{2-2/p}", lines + points, "x",
                 (.0018, .12), (1.2, 2.2), "top right")


def sides(section):
    runs = section.points("sticking_side.yaml")
    lrs = [run.lr for run in runs]
    beside = section.points("sticking_side.yaml", [
        {"landscape.p": p, "start": .1, "optimizer.lr": lr} for p in (2, 3, 6) for lr in (.1, .01)])
    for run in (*runs, *beside):
        section.exact_share(f"P(right) from {run.values.get('start', .2):g}, p = "
                            f"{run.values.get('landscape.p', 4)}, lr {run.lr:g}",
                            run.predicted("outcomes.right.fraction"), run.outcome("right"), run)
    section.limit("P(right) from .2, p = 4, by the incomplete gamma function",
                  [run.tends_to("outcomes.right.fraction") for run in runs],
                  [(f"lr {lr:g}", run.outcome("right")) for lr, run in zip(lrs, runs)])
    runs = section.points("sticking_side.yaml", [
        {"optimizer.lr": lr, "start": 0, "landscape.c_right": 4} for lr in lrs])
    section.limit("P(right) from 0, c = 1 on the left and 4 on the right, p = 4",
                  [run.tends_to("outcomes.right.fraction") for run in runs],
                  [(f"lr {lr:g}", run.outcome("right")) for lr, run in zip(lrs, runs)])


def make(section):
    gaussian, runs = exponents(section, "sticking.yaml", 2, "Gaussian")
    section.figure("sticking", "Mean steps to leave |x| < 3 lr^(1/p); the lines have the predicted exponents "
                   "and go through the last point. Right: survival against n h.",
                   [gaussian, collapse_panel(runs)])
    heavy, _ = exponents(section, "sticking_heavy.yaml", 1.5, "stable, index 3/2")
    section.figure("sticking_constants", "Left: the same under heavy tails. Right: the constants A_p "
                   "with the next term, as lines.", [heavy, constants(section)])
    sides(section)
