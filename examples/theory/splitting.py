"""P(right) from a sharp maximum, against the start for five laws, and for unequal slopes."""
from gallery.drawing import Panel, Series
from gallery.formulas import laplace_right, rademacher_right

NUMBER, TITLE = 3, "Splitting at a sharp maximum"
LR = .125
SLOPES = [("gaussian", .5, .5), ("gaussian", .25, .5), ("gaussian", 1, .5), ("laplace", .2, .6),
          ("student_t", .2, .6)]
AT_ZERO = ["right", "left", "zero"]


def exact_right(run):
    """P(right): of the solver or a closed form; Rademacher noise has no density to solve with."""
    if run.values.get("noise", {}).get("law") == "rademacher":
        return rademacher_right(run["start"] / run.lr)
    return run.predicted("outcomes.right.fraction")


def by_start(section):
    points, lines = [], []
    runs = section.points("splitting.yaml")
    beside = [LR * y for k in range(19) for y in ((k / 4 - 1.001, k / 4 - .999) if k == 4 else (k / 4 - 1,))]
    fine = [] if section.quick else section.sweep("splitting.yaml", {"trajectories": 1, "observe": {}, "sweep": {
        "noise": list({run["noise"]["law"]: run["noise"] for run in runs}.values()),
        "start": beside}})
    for style, law in enumerate(dict.fromkeys(run["noise"]["law"] for run in runs), 1):
        of_law = [(run["start"] / run.lr, run) for run in runs if run["noise"]["law"] == law]
        for y, run in of_law:
            section.exact_share(f"P(right), {law}, from y = {y:g}", exact_right(run), run.outcome("right"),
                                run)
        points.append(Series([(y, run.outcome("right")) for y, run in of_law], law, style))
        line = [(run["start"] / run.lr, exact_right(run)) for run in fine if run["noise"]["law"] == law]
        if law == "rademacher":
            line = [(k / 50 + .001, rademacher_right(k / 50 + .001)) for k in range(-60, 176)]
        below = [row for row in line if row[0] < 0]
        lines.append(Series([*below, None, *line[len(below):]], "", style, "line"))
    return Panel("slopes 1/2, variance 1", "start y = x/lr", "P(right)", lines + points, "",
                 (-1, 3.5), (0.1, 1), "bottom right")


def by_slope(section):
    for run in section.points("splitting_slopes.yaml", [
            {"noise": {"law": law, "variance": 1, **({"nu": 3} if law == "student_t" else {})},
             "landscape.left_slope": a, "landscape.right_slope": b, "landscape.at_zero": at_zero}
            for law, a, b in SLOPES for at_zero in AT_ZERO]):
        section.exact_share(f"P(right from 0), {run['noise']['law']}, slopes {run['landscape.left_slope']:g} and "
                            f"{run['landscape.right_slope']:g}, at_zero {run['landscape.at_zero']}",
                            exact_right(run), run.outcome("right"), run)
    runs = section.points("splitting_slopes.yaml")
    series = []
    for style, law in ((1, "gaussian"), (2, "laplace")):
        of_law = [(run["landscape.left_slope"], run) for run in runs if run["noise.law"] == law]
        for a, run in of_law:
            section.exact_share(f"P(right from 0), {law}, slopes {a:g} and 0.5, at_zero zero",
                                exact_right(run), run.outcome("right"), run)
        series.append(Series([(a, run.outcome("right")) for a, run in of_law], law, style))
    fine = [.04 * 1.02**k for k in range(206)]
    lines = [Series([(a, laplace_right(0, a, .5)) for a in fine], "", 2, "line"),
             Series([(a, .5 / (a + .5)) for a in fine], "diffusion limit b/(a + b)", 10, "line")]
    return Panel("from 0, slope 1/2 on the right", "slope a on the left", "P(right)", lines + series,
                 "x", (.04, 2.4), (0, 1), "bottom left Left reverse")


def make(section):
    panels = [by_start(section), by_slope(section)]
    section.figure("splitting", "P(right) from a sharp maximum: by the start, and by the slopes. Lines: "
                   "exact.", panels)
