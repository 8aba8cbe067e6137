"""Heavy tails: width and not height, the sides, two wells, and clipped updates."""
from gallery.drawing import Panel, Series
from gallery.formulas import local_exponents

NUMBER, TITLE = 5, "Heavy tails: jumps"
ALPHA, SCALE = 1.5, .5
LRS = [.2, .1, .05, .025, .0125, .00625]
HEIGHTS = [.25, .5, 1, 2, 4]  # k/2
# Minima and top of the tilted well, and the difference of their depths.
LEFT, TOP, RIGHT = -1.04668053, .10103126, .94564927
CLIPS = {1.5: (1, [.1, .05, .025, .0125, .00625]), .7: (2, [.1, .05, .025, .0125, .00625, .003125, .0015625]),
         .45: (3, [.4, .28, .2, .14, .1])}
SLOW = ("first away from the limit, then back to it: at these lr the body of the noise, which spreads x by "
        "about lr^(1/3), still helps the second jump")
MOST = 4e9  # steps of a point with two jumps, about 10/lr^2 each


def times(section, k, walls):
    runs = section.points("heavy_width.yaml", [
        {"landscape.k": k, "optimizer.lr": lr, "stop.outside": walls} for lr in LRS],
        quick={"trajectories": 100})
    return runs, [(f"lr {lr:g}", run.mean_time()) for lr, run in zip(LRS, runs)]


def limits(runs, of):
    return [run.tends_to(of) for run in runs]


def width(section):
    """Rows along lr; a panel of the time against the height."""
    for k in (.5, 1, 2):
        runs, along = times(section, k, [-1, 1])
        section.limit(f"E[T], walls at 1, height {k / 2:g}", limits(runs, "exit_steps.mean"), along)
    runs, along = times(section, 1, [-1, 2])
    section.limit("E[T], walls at -1 and 2", limits(runs, "exit_steps.mean"), along)
    section.limit("P(right), walls at -1 and 2", limits(runs, "outcomes.right.fraction"),
                  [(f"lr {lr:g}", run.outcome("right")) for lr, run in zip(LRS, runs)])
    series = []
    for style, noise, name, most in (
            (1, {"law": "stable", "alpha": ALPHA, "scale": SCALE}, "stable, index 3/2", 4),
            (2, {"law": "gaussian", "scale": 2}, "Gaussian", 1.2)):
        heights = [h for h in HEIGHTS + [.7, 1.2] if h <= most]
        runs = section.points("heavy_width.yaml", [
            {"landscape.k": 2 * h, "noise": noise, "trajectories": 5000} for h in sorted(heights)],
            quick={"trajectories": 50})
        series.append(Series(list(zip(sorted(heights), (run.mean_time() for run in runs))), name, style))
        if style == 1:
            line = Series([(h, runs[0].tends_to("exit_steps.mean")) for h in (.2, 5)], "", 1, "line")
    return Panel("width, not height: lr 0.1", "height of the barrier, k/2",
                 "mean steps to leave", [line] + series, "xy", (.2, 5), ("*", "*"), "top right")


def occupancy(section):
    """The share in the left well against lr."""
    lrs = [.2, .1, .05, .025]
    w_left, w_right = TOP - LEFT, RIGHT - TOP
    limit = w_right**-ALPHA / (w_left**-ALPHA + w_right**-ALPHA)
    series = [Series([(.02, limit), (.25, limit)], "limit for jumps", 1, "line")]
    for style, law, noise in ((1, "stable, index 3/2", {}), (2, "Gaussian", {"law": "gaussian", "scale": 1.6})):
        chosen = lrs if style == 1 else [.2, .15, .1]
        steps = [2000 * round((.2 / lr) ** 1.5) if style == 1 else 30000 for lr in chosen]
        runs = section.points("heavy_wells.yaml", [
            {"optimizer.lr": lr, "stop.steps": n, "observe.steps": [n], **({"noise": noise} if noise else {})}
            for lr, n in zip(chosen, steps)], quick={"trajectories": 200})
        shares = [run.basin(0) for run in runs]
        if style == 1:
            section.limit("share in the wider well, stable", limit,
                          [(f"lr {lr:g}", share) for lr, share in zip(chosen, shares)])
        series.append(Series(list(zip(chosen, shares)), law, style))
    return Panel("two wells in the long run", "lr", "share in the deeper, wider well", series, "x",
                 (.02, .25), (.5, 1), "top right")


def clipped(section):
    lines, points = [], []
    for style, (b, (jumps, lrs)) in enumerate(CLIPS.items(), 1):
        lrs = lrs[:4] if section.quick else lrs
        runs = section.points("heavy_clipped.yaml", [
            {"optimizer.clip_update": b, "optimizer.lr": lr,
             "trajectories": min(5000, round(MOST * lr**2 / 10))} for lr in lrs], quick={"trajectories": 20})
        along, exponent = list(zip(lrs, (run.mean_time() for run in runs))), runs[0].exponent("exit_steps.mean")
        section.limit(f"exponent of E[T], clipped at {b:g}: {jumps} jump{'s' * (jumps > 1)}", exponent,
                      local_exponents(along), SLOW if jumps == 2 else "")
        points.append(Series(along, f"b = {b:g}: {jumps} jump{'s' * (jumps > 1)}, exponent {exponent:g}",
                             style))
        lr, last = along[-1]
        lines.append(Series([(v, last.value * (lr / v) ** exponent) for v in lrs], "", style, "line"))
    return Panel("clipped updates", "lr", "mean steps to leave", lines + points, "xy", (.001, .5),
                 ("*", 1e9), "top right")


def make(section):
    panels = [width(section), occupancy(section), clipped(section)]
    section.figure("heavy_tails", "Left: time to leave against the height of the barrier. Middle: share in "
                   "the deeper, wider of two wells. Right: clipped updates; the lines have the predicted "
                   "exponents and go through the last point.", panels)
