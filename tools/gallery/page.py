"""docs/theory.md, from the sections that were made. It has no number but theirs."""
from gallery.rows import Normality

HEAD = """# The theory, reproduced

Written by `tools/reproduce`, which runs the experiments of [examples/theory](../examples/theory) and
writes this page and its pictures anew; do not edit it. Results are the same bits on every machine, so
the page is too, but for versions that change the streams. The setting (convergence, sticking and
escape near critical points) is that of Dudukalov, Logachov, Lotov, Prasolov, Prokopenko and
Tarasenko, arXiv:2505.18535; formulas and their sources are in [exact_values.md](exact_values.md).

In the pictures, theory is a line and simulation is points, with intervals at 95 % where they are wider
than the points. Units: times are in steps, lr is the step size, positions are in units of x.

A row is *exact* where the predicted value is that of the discrete chain itself: the simulation differs
by chance, and z says by how many standard errors. It is *asymptotic* where theory gives a limit for
small lr: then the ratios of measured to predicted value are given along falling lr.
"""


def number(value):
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.5g}"
    return f"{value:.4g}"


def with_error(estimate, error):
    return f"{number(estimate)} ± {error:.2g}"


def table(rows):
    lines = ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def table_row(row):
    if row.kind == "exact":
        return [row.statement, row.name, number(row.predicted), with_error(row.measured, row.error),
                f"z {row.z:+.2f}"]
    ratios = ", ".join(f"{ratio.value:.3f}" for _, ratio in row.steps)
    along = ", ".join(step for step, _ in row.steps)
    end = row.note or ("approaches" if row.approaches() else "does not approach")
    return [row.statement, row.name, number(row.predicted),
            with_error(row.measured.value, row.measured.error),
            f"ratio {ratios} ({along}); {end}"]


def part_text(kind, what, text):
    if kind == "figure":
        return f"![{text}](pictures/theory/{what}.png)\n\n*{text}*"
    if kind == "table":
        return (text + "\n\n" if text else "") + table(what)
    if kind == "paragraph":
        return f"{text} ([{what}](../examples/theory/{what}))"
    return text


def verdict(rows):
    exact = [row for row in rows if row.kind == "exact"]
    limits = [row for row in rows if row.kind == "limit"]
    normal = Normality(rows)
    largest = max((abs(row.z) for row in exact), default=0)
    text = f"{len(exact)} exact rows; the largest |z| is {largest:.2f}. "
    if normal.number:
        text += (f"Of the {normal.number} that come from runs of their own the squares of z add up to "
                 f"{normal.squares:.1f} (p {normal.p_squares:.2f} by chi-square, two-sided), and their "
                 f"distribution is that of standard normals (p {normal.p_distance:.2f} by Kolmogorov's "
                 f"test). ")
    met = sum(row.approaches() and not row.note for row in limits)
    return text + (f"{len(limits)} asymptotic rows, of which {met} come nearer to their limit along lr, or stay "
                   f"as near within chance (three standard errors from one lr to the next); what keeps the "
                   f"others from it stands beside them.")


def page(sections, runs):
    rows = [row for section in sections for row in section.rows]
    text = [HEAD, f"**Outcome.** {verdict(rows)} {runs.steps:.3g} steps in all; escapement "
            f"{runs.version}.\n"]
    for section in sections:
        title = f"{section.number}. {section.title}" if section.number else section.title
        text.append(f"## {title}\n")
        text += [part_text(*part) + "\n" for part in section.parts]
    heads = ["", "statement", "predicted", "measured", "z or ratio"]
    text += ["## The table\n", table([heads] + [table_row(row) for row in rows])]
    return "\n".join(text) + "\n"
