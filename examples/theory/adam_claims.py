"""Adam: the bound on its steps, scale invariance, the spread at a minimum, bias correction."""
import math

from gallery.drawing import Panel, Series
from gallery.runs import Estimate

NUMBER, TITLE = 9, "Adam's own claims"
LR, BETA1, RATE = .01, .9, .0001
ROUNDING = 1e-4  # some times that of single precision, over a step formed of many


def first_step(beta2):
    """Mean and bound of the size of the step at the first gradient, which comes at t with geometric
    probability: m = (1 - beta1) g, v = (1 - beta2) g^2, each divided by 1 - beta^t."""
    unit = LR * (1 - BETA1) / math.sqrt(1 - beta2)
    mean = sum(RATE * (1 - RATE) ** (t - 1) * unit * math.sqrt(1 - beta2**t) / (1 - BETA1**t)
               for t in range(1, 300000))
    return mean, unit * max(1, math.sqrt(1 - beta2) / (1 - BETA1))


def sparse(section):
    points, bounds = [], []
    for run in section.points("adam_sparse_step.yaml", quick={"trajectories": 200}):
        beta2 = run["optimizer.beta2"]
        mean, bound = first_step(beta2)
        of_right = run.result["final"]["by"]["right"]
        measured = Estimate(of_right["mean"][0], math.sqrt(of_right["variance"][0] / of_right["count"]))
        if measured.error > ROUNDING * mean:  # else all steps are one, but for rounding
            section.exact_mean(f"mean first step/lr under sparse gradients, beta2 {beta2:g}", mean / LR,
                               measured.times(1 / LR), run)
        longest = run.result["final"]["quantiles"]["0.95"][0] / LR
        points.append((1 - beta2, longest))
        bounds.append((1 - beta2, bound / LR))
    return Panel("sparse gradients", "1 - beta2", "step/lr", [
        Series(bounds, "bound", 9, "line"), Series(points, "95 % quantile of the first step", 1)],
        "xy", (5e-5, .2), (.2, 20), "top right")


def scale(section):
    """The same bits, or not."""
    rows = []
    for name in ("adam", "sgd"):
        lists = [1, 2**-8, 2**8]
        runs = section.sweep("adam_scale.yaml", {"sweep": {
            "zip": True, "common_noise": True, "landscape.scale": lists, "noise.scale": lists},
            **({"optimizer": {"name": "sgd", "lr": .001}} if name == "sgd" else {})})
        finals = [run.result["final"] for run in runs]
        rows.append([name, *(f"{final['mean'][0]:.7f}, {final['variance'][0]:.7f}"
                             if final["mean"][0] is not None else "diverges" for final in finals),
                     "yes" if all(final == finals[0] for final in finals) else "no"])
    section.table(["optimizer", "mean, variance at scale 1", "at 1/256", "at 256", "the same bits"], rows)


def spread(section):
    for name, optimizer in (
            ("Adam, beta1 .9", {"name": "adam", "beta2": .9999}),
            ("Adam, beta1 0", {"name": "adam", "beta1": 0, "beta2": .9999}),
            ("RMSprop", {"name": "rmsprop", "alpha": .9999}),
            ("sign-SGD", {"name": "sign_sgd"})):
        lrs = [.1, .03, .01, .003]
        runs = section.points("adam_variance.yaml", [
            {"optimizer": {**optimizer, "lr": lr}, "stop.steps": round(100 / lr)} for lr in lrs],
            quick={"trajectories": 200})
        variances = [Estimate(run.result["final"]["variance"][0],
                              run.result["final"]["variance"][0] * math.sqrt(2 / run.number)) for run in runs]
        section.limit(f"variance at a minimum, {name}", [run.tends_to("final.variance") for run in runs],
                      [(f"lr {lr:g}", variance) for lr, variance in zip(lrs, variances)])


def correction(section):
    runs = section.points("adam_correction.yaml")
    series = [Series([(1 - run["optimizer.beta2"], run.outcome("right")) for run in runs
                      if run["optimizer.bias_correction"] == on], name, style, "joined")
              for style, on, name in ((1, True, "with bias correction"), (2, False, "without"))]
    return Panel("over the top within 100 steps", "1 - beta2", "share", series, "x", (5e-5, .2), (0, 1),
                 "top right")


def snr(section):
    """|m|/sqrt(v) on the way and at the minimum: there m/sqrt(v) is normal, of the mean square given."""
    lines, points = [], []
    for style, run in enumerate(section.points("adam_snr.yaml", quick={"trajectories": 500}), 1):
        beta1, curve = run["optimizer.beta1"], run.result["curves"]["snr"]
        points.append(Series([(n, Estimate(mean[0], 0, *ends[0])) for n, mean, ends in zip(
            run.steps, zip(*curve["mean"]), zip(*curve["mean_ci95"]))], f"beta1 {beta1:g}", style, "joined"))
        limit = math.sqrt(2 / math.pi * (1 - beta1) / (1 + beta1))
        lines.append(Series([(300, limit), (4000, limit)], "", style, "line"))
        lrs = [.03, .01, .003, .001]
        runs = section.points("adam_snr.yaml", [{
            "optimizer": {"name": "adam", "lr": lr, "beta1": beta1, "beta2": .9999}, "start": 0,
            "stop.steps": round(30 / lr), "observe.steps": [round(30 / lr)]} for lr in lrs],
            quick={"trajectories": 50})
        means = [one.result["curves"]["snr"] for one in runs]
        section.limit(f"mean |m|/sqrt(v) at a minimum, beta1 {beta1:g}", limit, [
            (f"lr {lr:g}", Estimate(one["mean"][0][0], math.sqrt(one["variance"][0][0] / run.number)))
            for lr, one in zip(lrs, means)])
    return Panel("signal to noise", "step", "mean |m|/sqrt(v)", lines + points, "x", (1, 4000), (0, 1.05),
                 "bottom left Left reverse")


def make(section):
    panel = sparse(section)
    scale(section)
    spread(section)
    section.figure("adam", "Left: the step at the first gradient after a long time without, in units of lr, "
                   "and its bound. Middle: the share thrown out of a well by the first 100 steps, with and "
                   "without bias correction. Right: the signal-to-noise ratio from 2 to a minimum.", [panel, correction(section), snr(section)])
