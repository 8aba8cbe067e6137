"""The convergence window: its edges, and its plateau."""
import math

from gallery.chain import normal_cdf
from gallery.drawing import Panel, Series
from gallery.formulas import student_tail
from gallery.runs import Estimate

NUMBER, TITLE = 1, "The convergence window"
START, DELTA = 2.0, .5
TAILS = {  # nu: scale, lrs
    1.5: (.5, [.1, .05, .025, .0125]), 2.2: (.5, [.2, .1, .05, .025]), 3: (1, [.2, .1, .05, .025])}


def jump(nu, scale, lr):
    """P(one step leaves the basin from its middle)."""
    return 2 * student_tail(math.pi / lr, nu, scale)


def where_it_falls(run, plateau):
    """The step at which the share has fallen to plateau/e, by interpolation of its logarithm."""
    shares, target = run.near("minimum"), plateau / math.e
    peak = max(range(len(shares)), key=lambda k: shares[k].value)
    for k in range(peak, len(shares) - 1):
        a, b = shares[k], shares[k + 1]
        if b.value <= target:
            slope = math.log(max(b.value, 1e-9) / a.value) / (run.steps[k + 1] - run.steps[k])
            n = run.steps[k] + math.log(target / a.value) / slope
            return Estimate(n, a.error / a.value / abs(slope))
    return None


def edges(section, nu, style):
    """Runs for one tail index; a row of right edges; a panel of them against lr^nu n."""
    scale, lrs = TAILS[nu]
    runs = section.points("window.yaml", [{
        "noise.nu": nu, "noise.scale": scale, "optimizer.lr": lr,
        "stop.steps": math.ceil(5 / jump(nu, scale, lr)),
        "observe.steps": {"log": [1, math.ceil(5 / jump(nu, scale, lr)), 80]}} for lr in lrs],
        quick={"trajectories": 200, "stop.steps": 5000, "observe.steps": {"log": [1, 5000, 80]}})
    plateaus = [max(share.value for share in run.near("minimum")) for run in runs]
    falls = [(f"lr {lr:g}", where_it_falls(run, plateau)) for lr, run, plateau in zip(lrs, runs, plateaus)]
    if not section.quick:
        section.limit(f"step at which the share falls to 1/e of its plateau, nu = {nu:g}",
                      [1 / jump(nu, scale, lr) for lr in lrs], falls)
    series = [Series([(n * lr**nu, share) for n, share in zip(run.steps, run.near("minimum"))],
                     f"lr {lr:g}", k, "joined") for k, (lr, run) in enumerate(zip(lrs, runs), 1)]
    unit = jump(nu, scale, lrs[-1]) / lrs[-1] ** nu
    line = [(10 ** (k / 20), plateaus[-1] * math.exp(-unit * 10 ** (k / 20))) for k in range(-60, 80)]
    return Panel(f"right edges, tail index {nu:g}", f"lr^{{{nu:g}}} n", "share near the minimum",
                 [Series(line, "", 9, "line")] + series, "x",
                 (1e-3 * 1 / unit, 10 / unit), (0, 1.02), "top right"), runs


def where_it_rises(run, lr):
    """lr n at which the share passes half its plateau, by linear interpolation."""
    shares = run.near("minimum")
    half = max(share.value for share in shares) / 2
    k = next(k for k, share in enumerate(shares) if share.value >= half)
    a, b, before, after = shares[k - 1].value, shares[k].value, run.steps[k - 1], run.steps[k]
    rise = (b - a) / (after - before)
    return Estimate(lr * (before + (half - a) / rise), lr * shares[k].error / rise)


def left_edges(section, runs, lrs):
    """The deterministic descent from START enters at lr n = log(tan(START/2)/tan(DELTA/2))."""
    arrival = math.log(math.tan(START / 2) / math.tan(DELTA / 2))
    section.limit("lr n at which the share passes half its plateau, nu = 3", arrival,
                  [(f"lr {lr:g}", where_it_rises(run, lr)) for lr, run in zip(lrs, runs)])
    series = [Series([(n * lr, share) for n, share in zip(run.steps, run.near("minimum")) if n * lr < 8],
                     f"lr {lr:g}", k, "joined") for k, (lr, run) in enumerate(zip(lrs, runs), 1)]
    line = Series([(arrival, 0), (arrival, 1)], "without noise", 9, "line")
    return Panel("left edges, tail index 3", "lr n", "share near the minimum", [line] + series, "", (0, 6),
                 (0, 1.02), "bottom right")


def plateau(section):
    """The share on a quadratic, which is exact; a panel against lr^2 n."""
    lines, points = [], []
    for style, lr in enumerate((.2, .1, .05, .02), 1):
        last = round(100 / lr**2)
        run, = section.points("window_plateau.yaml", [{
            "optimizer.lr": lr, "stop.steps": last, "observe.steps": {"log": [1, last, 50]}}],
            quick={"trajectories": 500})

        def share(n):
            mean = (1 - lr) ** n * START
            sd = math.sqrt(lr / (2 - lr) * (1 - (1 - lr) ** (2 * n)))
            return normal_cdf((DELTA - mean) / sd) - normal_cdf((-DELTA - mean) / sd)
        near = run.near("minimum")
        for target in (1.4 / lr, 1 / lr**2, 100 / lr**2):
            k = min(range(len(run.steps)), key=lambda k: abs(run.steps[k] - target))
            section.exact_share(f"share within {DELTA:g} at step {run.steps[k]}, lr {lr:g}",
                                share(run.steps[k]), near[k], run)
        points.append(Series([(n * lr**2, s) for n, s in zip(run.steps, near)], f"lr {lr:g}", style))
        lines.append(Series([(n * lr**2, share(n)) for n in run.steps], "", style, "line"))
    return Panel("Gaussian: no edge at 1/lr^2", "lr^2 n", "share near the minimum", lines + points, "x",
                 (1e-3, 100), (0, 1.02), "bottom right")


def make(section):
    panels = []
    for style, nu in enumerate(TAILS, 1):
        panel, runs = edges(section, nu, style)
        panels.append(panel)
    panels += [left_edges(section, runs, TAILS[3][1]), plateau(section)]
    section.figure("window", "Share near the minimum. Above: right edges for three tail indices against "
                   "lr^nu n, with the limit as a line. Below: left edges against lr n; and the Gaussian "
                   "on a quadratic with its exact law, flat through 1/lr^2 and on.", panels)
