"""P(right) from a sharp maximum, against the start for five laws, and for unequal slopes."""
from gallery.drawing import Panel, Series
from gallery.formulas import laplace_right, rademacher_right

NUMBER, TITLE = 3, "Splitting at a sharp maximum"
LR = 0.125
LAWS = {"gaussian": {}, "laplace": {}, "logistic": {}, "student_t": {"nu": 3}, "rademacher": {}}
STARTS = [-.75, -.25, 0, .25, .75, 1.25, 1.75, 2.25, 2.75, 3.25]  # y = x/lr
EXACT_SLOPES = [  # law, a, b, at_zero, P(right) from docs/exact_values.md
    ("gaussian", .5, .5, "right", .64009256), ("gaussian", .25, .5, "right", .74556516),
    ("gaussian", .25, .5, "left", .58375099), ("gaussian", .25, .5, "zero", .64008575),
    ("gaussian", 1, .5, "right", .56190706), ("gaussian", 1, .5, "left", .13815945),
    ("gaussian", 1, .5, "zero", .40221660), ("laplace", .5, .5, "right", .66822575),
    ("laplace", .2, .6, "right", .83053628), ("laplace", .2, .6, "left", .65310628),
    ("laplace", .2, .6, "zero", .70538060), ("laplace", .1, .3, "zero", .73627784)]
LEFT_SLOPES = [.05, .1, .2, .35, .5, .7, 1, 1.4, 2]


def law_settings(law):
    return {"noise": {"law": law, "variance": 1, **LAWS[law]}}


def by_start(section):
    points = []
    for style, law in enumerate(LAWS, 1):
        runs = section.points("splitting.yaml", [{**law_settings(law), "start": y * LR} for y in STARTS])
        shares = [run.outcome("right") for run in runs]
        known = {"laplace": lambda y: laplace_right(y, .5, .5), "rademacher": rademacher_right}
        for y, run, share in zip(STARTS, runs, shares):
            if law in known:
                section.exact_share(f"P(right), {law}, from y = {y:g}", known[law](y), share, run)
        points.append(Series(list(zip(STARTS, shares)), law, style))
    fine = [k / 50 for k in range(-60, 176)]
    lines = [Series([(y, laplace_right(y, .5, .5)) if y else None for y in fine], "", 2, "line"),
             Series([(y + .001, rademacher_right(y + .001)) for y in fine], "", 5, "line")]
    return Panel("slopes 1/2, variance 1", "start y = x/lr", "P(right)", lines + points, "",
                 (-1, 3.5), (0.1, 1), "bottom right")


def by_slope(section):
    for law, a, b, at_zero, exact in EXACT_SLOPES:
        run, = section.points("splitting_slopes.yaml", [{
            **law_settings(law), "landscape.left_slope": a, "landscape.right_slope": b,
            "landscape.at_zero": at_zero}])
        section.exact_share(f"P(right from 0), {law}, slopes {a:g} and {b:g}, at_zero {at_zero}", exact,
                            run.outcome("right"), run)
    series = []
    for style, law in enumerate(("gaussian", "laplace"), 1):
        runs = section.points("splitting_slopes.yaml", [{**law_settings(law), "landscape.left_slope": a}
                                                        for a in LEFT_SLOPES])
        series.append(Series([(a, run.outcome("right")) for a, run in zip(LEFT_SLOPES, runs)], law, style))
    fine = [.04 * 1.02**k for k in range(206)]
    lines = [Series([(a, laplace_right(0, a, .5)) for a in fine], "", 2, "line"),
             Series([(a, .5 / (a + .5)) for a in fine], "diffusion limit b/(a + b)", 10, "line")]
    return Panel("from 0, slope 1/2 on the right", "slope a on the left", "P(right)", lines + series,
                 "x", (.04, 2.4), (0, 1), "bottom left Left reverse")


def make(section):
    panels = [by_start(section), by_slope(section)]
    section.figure("splitting", "P(right) from a sharp maximum: by the start, and by the slopes. Lines: "
                   "closed forms for Laplace and Rademacher noise.", panels)
