"""Nine rules compared: leaving, descending, a ravine, quiet coordinates, Adagrad's stall, paths."""
from gallery.drawing import Panel, Series
from gallery.formulas import steps_in_ratio

NUMBER, TITLE = 6, "Optimizers compared"
PLAIN = steps_in_ratio(.002, .5, 10)
DIVIDED = steps_in_ratio(.001, .3, 10)
RULES = {  # name: keys, ten step sizes
    "sgd": ({"name": "sgd"}, PLAIN),
    "momentum": ({"name": "momentum", "momentum": .9}, [lr / 5 for lr in PLAIN]),
    "nesterov": ({"name": "nesterov", "momentum": .9}, [lr / 5 for lr in PLAIN]),
    "adagrad": ({"name": "adagrad"}, steps_in_ratio(.03, 3, 10)),
    "adadelta": ({"name": "adadelta"}, steps_in_ratio(.3, 100, 10)),
    "rmsprop": ({"name": "rmsprop"}, DIVIDED),
    "adam": ({"name": "adam"}, DIVIDED),
    "adamax": ({"name": "adamax"}, DIVIDED),
    "nadam": ({"name": "nadam"}, DIVIDED)}
PLACES = [("optimizers_sharp.yaml", "right", "sharp minimum"), ("optimizers_saddle.yaml", "left", "saddle"),
          ("optimizers_flat.yaml", None, "flat maximum")]


def over_rules(section, file, more=None):
    """The ten points of each rule: {rule: [(lr, point)]}."""
    settings = [{"optimizer": {**keys, "lr": lr}, **(more or {})} for keys, lrs in RULES.values() for lr in lrs]
    runs = iter(section.points(file, settings, quick={"trajectories": 100}))
    return {rule: [(lr, next(runs)) for lr in lrs] for rule, (_, lrs) in RULES.items()}


def leaving(section):
    """A panel for each rule; and the lr of its fastest descent."""
    places = [(over_rules(section, file), outcome, name) for file, outcome, name in PLACES]
    falls = over_rules(section, "optimizers_fall.yaml")

    def loss(run):
        value = run.result["final"]["loss"]["mean"]
        return float("inf") if value is None else value
    panels, fastest = [], {}
    for rule in RULES:
        fastest[rule] = min(falls[rule], key=lambda point: loss(point[1]))[0]
        series = [Series([(fastest[rule], 0), (fastest[rule], 1)], "", 9, "line")]
        for style, (points, outcome, name) in enumerate(places, 1):
            shares = [(lr, run.outcome(outcome) if outcome else run.outcome("running").complement())
                      for lr, run in points[rule]]
            series.append(Series(shares, name if rule == "adamax" else "", style, "joined"))
        lrs = RULES[rule][1]
        panels.append(Panel(rule, "lr", "share that left in 1000 steps", series, "x",
                            (lrs[0] * .8, lrs[-1] * 1.25), (0, 1.02), "at graph 0.02,0.9 left top Left reverse"))
    at_fastest = {rule: [(dict(points[rule])[fastest[rule]], outcome) for points, outcome, _ in places]
                  for rule in RULES}
    return panels, fastest, at_fastest


def least_steps(points):
    """The fewest steps to the goal over the step sizes, and that step size."""
    done = [(run.result["exit_steps"]["mean"], lr) for lr, run in points
            if run.result["exit_steps"]["mean"] is not None and run.result["outcomes"]["down"]["count"]]
    return f"{min(done)[0]:.0f} (lr {min(done)[1]:.2g})" if done else "not in 20000"


def comparison(section, fastest, at_fastest):
    """Ruder's comparison as a table of what was measured."""
    ravine = over_rules(section, "optimizers_ravine.yaml")
    quiet = over_rules(section, "optimizers_ravine.yaml", {"landscape.spectrum": [1, .0001],
                                                         "start": [1, 30]})
    stall = section.points("optimizers_stall.yaml", [{"optimizer": {**keys, "lr": fastest[rule]}}
                                                     for rule, (keys, _) in RULES.items()])
    rows = [["rule", "fastest descent: lr", "sharp minimum left", "saddle left", "flat maximum left",
             "ravine: steps", "quiet coordinate: steps", "speed at step 10000 over that at 100"]]
    for rule, run in zip(RULES, stall):
        x = run.result["curves"]["moments"]["mean"][0]
        shares = [(one.outcome(outcome) if outcome else one.outcome("running").complement()).value
                  for one, outcome in at_fastest[rule]]
        rows.append([rule, f"{fastest[rule]:.2g}", *(f"{value:.3f}" for value in shares),
                     least_steps(ravine[rule]), least_steps(quiet[rule]),
                     f"{(x[3] - x[2]) / (x[1] - x[0]):.2f}"])
    section.table(rows[0], rows[1:], "The three shares are those at the step size of fastest descent.")


def paths(section):
    """One path of each rule on Beale's function and beside a saddle."""
    panels = []
    for title, over, goal, lrs, ranges in (
            ("Beale's function", {}, (3, .5), (.002, .0005, .0005, .3, .02, .05), ((-.5, 4), (-.6, 2.2))),
            ("beside a saddle", {"landscape": {"name": "saddle"}, "start": [1, .001]}, (0, 0),
             (.03, .003, .003, .1, .01, .03), ((-.5, 1.1), (-.1, 2)))):
        series = [Series([goal], "", 9)]
        for style, (rule, lr) in enumerate(zip(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"),
                                               lrs), 1):
            rows = section.path("optimizers_paths.yaml", {**over, "optimizer": {**RULES[rule][0], "lr": lr}})
            series.append(Series(rows, f"{rule}, lr {lr:g}", style, "path"))
        panels.append(Panel(title, "x", "y", series, "", *ranges, "top right"))
    return panels


def make(section):
    panels, fastest, at_fastest = leaving(section)
    section.figure("optimizers", "Share that left within 1000 steps against the step size, for nine rules; "
                   "dotted: the step size of fastest descent.", panels, 3)
    comparison(section, fastest, at_fastest)
    section.figure("paths", "Paths without noise; a shape every 25 steps.", paths(section))
