"""Pictures: panels of curves and points, drawn by gnuplot in the one style of style.gp.

Theory is a line, simulation is points with their 95 % intervals. The script of each picture, with its
numbers inside, stays in the work folder.
"""
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from gallery.runs import Failure

STYLE = Path(__file__).with_name("style.gp")
PANEL_SIZES = {1: (800, 430), 2: (520, 430), 3: (420, 360)}  # by the number of columns


@dataclass
class Series:
    """Rows of (x, y), or of (x, Estimate); `style` is a line style of style.gp. What stands first
    in a picture's panel is drawn first."""
    rows: list
    title: str = ""
    style: int = 1
    drawn: str = "points"  # points, line, joined, or path

    def plot(self, block):
        title = "notitle" if not self.title else "title " + quoted(self.title)
        if self.drawn == "line":
            return [f"{block} using 1:2 with lines ls {self.style} {title}"]
        if self.drawn == "path":
            return [f"{block} using 1:2 with linespoints ls {self.style} lw 1.4 pointinterval 25 {title}"]
        parts = [f"{block} using 1:2:3:4 with yerrorbars ls {self.style} dt solid {title}"]
        if self.drawn == "joined":
            parts.insert(0, f"{block} using 1:2 with lines ls {self.style} lw 1.2 notitle")
        return parts

    def lines(self):
        for row in self.rows:
            if row is None:  # a gap
                yield ""
                continue
            x, y = row
            values = (y.value, y.low, y.high) if hasattr(y, "value") else (y, y, y)
            yield " ".join(f"{number:.7g}" for number in (x, *values))


@dataclass
class Panel:
    """A system of axes; `more` are further lines of gnuplot."""
    title: str
    x: str
    y: str
    series: list
    log: str = ""  # "x", "y" or "xy"
    x_range: tuple = ("*", "*")
    y_range: tuple = ("*", "*")
    key: str = "top right"
    more: list = field(default_factory=list)

    def number_format(self, column):
        """Powers of ten where the numbers of a logarithmic axis are many or large."""
        numbers = [float(line.split()[column]) for one in self.series for line in one.lines() if line]
        numbers = [number for number in numbers if number > 0] or [1]
        return "%g" if max(numbers) < 2e4 and min(numbers) > 5e-4 else "10^{%T}"

    def script(self, number):
        lines, plots = [], []
        for k, series in enumerate(one for one in self.series if any(one.rows)):
            block = f"$panel{number}_{k}"
            lines += [f"{block} << END", *series.lines(), "END"]
            plots += series.plot(block)
        lines += ["unset logscale", "set format '%g'", "set xtics auto", "set ytics auto",
                  "unset label", "unset arrow"]
        for axis, column in zip("xy", (0, 1)):
            if axis in self.log:
                lines += [f"set logscale {axis}", f"set format {axis} '{self.number_format(column)}'"]
        lines += [f"set title {quoted(self.title)} font 'Sans:Bold,11' offset 0,-0.3",
                  f"set xlabel {quoted(self.x)}", f"set ylabel {quoted(self.y)}",
                  f"set xrange [{self.x_range[0]}:{self.x_range[1]}]",
                  f"set yrange [{self.y_range[0]}:{self.y_range[1]}]",
                  "set key default noenhanced samplen 2.6 spacing 1.05", f"set key {self.key}", *self.more,
                  "plot " + ", \\\n  ".join(plots)]
        return lines


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def draw(name, panels, work, pictures, columns=None):
    """pictures/NAME.png, of the panels from left to right, row by row."""
    columns = columns or min(len(panels), 3)
    rows = -(-len(panels) // columns)
    width, height = PANEL_SIZES[columns]
    size = f"{width * columns},{height * rows}"
    target = Path(pictures) / f"{name}.png"
    script = [f"# {name}.png of the gallery; draw it again with: gnuplot {name}.gp",
              f"set terminal pngcairo size {size} font 'Sans,10' background rgb 'white'",
              f"set output {quoted(str(target))}", STYLE.read_text(),
              f"set multiplot layout {rows},{columns} margins char 9,2,3.8,2.2 spacing char 10,6"
              if len(panels) > 1 else ""]
    for number, panel in enumerate(panels):
        script += panel.script(number)
    path = Path(work) / f"{name}.gp"
    path.write_text("\n".join(script) + "\nunset multiplot\n")
    done = subprocess.run(["gnuplot", path], capture_output=True, text=True)
    if done.returncode or "warning" in done.stderr:
        raise Failure(f"gnuplot {path}: {done.stderr.strip()}")
    return target
