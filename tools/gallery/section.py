"""One statement of the gallery while it is being made: what it ran, its rows, its pictures."""
import math

from gallery import drawing
from gallery.rows import LEAST_VARIANCE, Exact, Limit
from gallery.runs import paragraph


class Section:
    def __init__(self, number, title, runs, pictures):
        self.number, self.title = number, title
        self.runs, self.pictures = runs, pictures
        self.rows, self.parts = [], []  # parts: of the page, in order

    @property
    def quick(self):
        return self.runs.quick

    def points(self, file, settings=None, quick=None):
        """Runs the sweep of an experiment, or a point for each of the settings. Its paragraph opens a
        part of the page."""
        self.open_part(file)
        return self.runs.points(file, settings, quick)

    def sweep(self, file, over):
        """Runs the sweep of an experiment with other values put over it, in a quick run too."""
        self.open_part(file)
        return self.runs.sweep(file, over)

    def path(self, file, over):
        self.open_part(file)
        return self.runs.path(file, over)

    def open_part(self, file):
        if ("paragraph", file) not in [part[:2] for part in self.parts]:
            self.parts.append(("paragraph", file, paragraph(file)))

    # Rows. Of a run that gives several, the first alone counts as independent.

    def exact_share(self, name, predicted, estimate, point):
        """A share of trajectories. Left out where too few are expected for a z that means something."""
        variance = point.number * predicted * (1 - predicted)
        if variance >= LEAST_VARIANCE:
            self.exact(name, predicted, estimate, math.sqrt(variance) / point.number, point)

    def exact_mean(self, name, predicted, estimate, point):
        self.exact(name, predicted, estimate, estimate.error, point)

    def exact(self, name, predicted, estimate, error, point):
        self.rows.append(Exact(self.number, name, predicted, estimate.value, error,
                               not point.counted))
        point.counted = True

    def limit(self, name, predicted, measured, note=""):
        """`measured`: (what the step is called, Estimate) along falling lr; `predicted`: a number, or
        one for each of them. `note` explains what does not approach."""
        wanted = predicted if isinstance(predicted, list) else [predicted] * len(measured)
        ratios = [(step, one.times(1 / value)) for (step, one), value in zip(measured, wanted)]
        self.rows.append(Limit(self.number, name, wanted[-1], measured[-1][1], ratios, note))

    # Pictures and what is said of them.

    def figure(self, name, caption, panels, columns=None):
        drawing.draw(name, panels, self.runs.work, self.pictures, columns)
        self.parts.append(("figure", name, caption))

    def table(self, heads, rows, caption=""):
        """A table of its own, where a picture would say less."""
        self.parts.append(("table", [heads, *rows], caption))

    def say(self, text):
        self.parts.append(("text", None, text))
