"""A sharp, a parabolic and a flat maximum in one picture (the family U_{p,q} of docs/exact_values.md)."""
from gallery.drawing import Panel, Series

NUMBER, TITLE = 0, "Three maxima"
SHAPES = ["sharp", "parabolic", "flat"]
BALLS = {"the maximum": ["top"], "a minimum": ["left minimum", "right minimum"]}
CHECKED = [10, 20, 50, 100, 200, 400, 800]


def make(section):
    lines, points = [], []
    for style, (run, name) in enumerate(zip(section.points("story.yaml"), SHAPES), 1):
        for more, (what, balls) in zip((0, 20), BALLS.items()):
            exact, shares = run.predicted_near(*balls), run.near(*balls)
            for n, value in exact:
                if n in CHECKED:
                    section.exact_share(f"{name}: near {what} at step {n}", value,
                                        shares[run.steps.index(n)], run)
            lines.append(Series(exact, "", style, "line"))
            points.append(Series(list(zip(run.steps, shares)), f"{name}: " + (
                "at a minimum" if more else "at the maximum"), style + more))
    section.figure("story", "Share of trajectories still near the maximum where all began (filled), and "
                   "near a minimum (open), against the step. Lines: the exact law of the chain.",
                   [Panel("A sharp maximum lets go at once, a flat one holds", "steps",
                          "share of trajectories", lines + points, "x", (4, 2000), (0, 1.02),
                          "tmargin left Left reverse maxcols 3 maxrows 2 width -2")])
