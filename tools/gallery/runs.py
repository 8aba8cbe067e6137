"""Runs experiments with the escapement command and reads their results.

A point is one run: the settings that were put over the experiment file, and the result. Every point
has a seed of its own, formed from its file and settings, so that no two share their noise. A result
is the same bits wherever it is made, so one that the work folder has from the same program is taken
again; with `reuse` one of any program.
"""
import hashlib
import itertools
import json
import math
import subprocess
import zlib
from pathlib import Path

EXPERIMENTS = Path(__file__).resolve().parent.parent.parent / "examples" / "theory"
QUICK_TRAJECTORIES = 2000


class Failure(Exception):
    """What a run, a figure or a page could not be made of."""


class Estimate:
    """A number with its standard error and 95 % interval."""

    def __init__(self, value, error, low=None, high=None):
        self.value, self.error = value, error
        self.low = value - 1.96 * error if low is None else low
        self.high = value + 1.96 * error if high is None else high

    def times(self, factor):
        return Estimate(self.value * factor, self.error * abs(factor),
                        *sorted((self.low * factor, self.high * factor)))


def share(count, number):
    """A share of trajectories, with Wilson's interval."""
    p, z2 = count / number, 1.96**2
    middle = (p + z2 / (2 * number)) / (1 + z2 / number)
    half = 1.96 / (1 + z2 / number) * math.sqrt(p * (1 - p) / number + z2 / (4 * number**2))
    return Estimate(p, math.sqrt(max(p * (1 - p), 1 / number) / number), middle - half, middle + half)


class Point:
    def __init__(self, settings, result):
        self.settings, self.result = settings, result
        self.number = result["trajectories"]
        self.counted = False  # whether a row of the table was already made of it

    def __getitem__(self, key):
        return self.settings[key]

    @property
    def lr(self):
        return self.result["experiment"]["optimizer"]["lr"]

    def outcome(self, name):
        return share(self.result["outcomes"][name]["count"], self.number)

    def mean_time(self):
        times = self.result["exit_steps"]
        if times["mean"] is None:
            raise Failure(f"{self.settings}: some trajectories did not end")
        return Estimate(times["mean"], times["sd"] / math.sqrt(times["count"]))

    def rate(self):
        rate = self.result["exit_steps"]["rate"]
        return Estimate(rate["per_step"], rate["per_step"] / math.sqrt(max(rate["events"], 1)),
                        *rate["ci95"])

    @property
    def steps(self):
        return self.result["curves"]["steps"]

    def near(self, *names):
        """Shares in balls that do not overlap, at the observed steps."""
        curves = [self.result["curves"]["near"][name]["fraction"] for name in names]
        return [share(sum(values) * self.number, self.number) for values in zip(*curves)]

    def survival(self):
        return [share(value * self.number, self.number)
                for value in self.result["curves"]["survival"]]


def grid(**lists):
    """Every combination of the lists' values; a name's double underscore stands for a dot."""
    keys = [key.replace("__", ".") for key in lists]
    return [dict(zip(keys, values)) for values in itertools.product(*lists.values())]


def paragraph(file):
    """The comment an experiment begins with."""
    lines = []
    for line in (EXPERIMENTS / file).read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return " ".join(lines)


class Runs:
    def __init__(self, program, work, quick, reuse, say):
        self.program, self.work, self.quick, self.say = program, Path(work), quick, say
        self.reuse = reuse
        self.work.mkdir(parents=True, exist_ok=True)
        self.program_hash = hashlib.sha256(Path(program).read_bytes()).hexdigest()
        self.steps = self.seconds = 0
        self.version = ""

    def points(self, file, settings, quick=None):
        """A point for each of the settings: dictionaries from a dotted key to its value. `quick`
        holds what a quick run puts over them."""
        if self.quick:
            over = {"trajectories": QUICK_TRAJECTORIES, **(quick or {})}
            settings = [{**one, **over} for one in settings]
        points = [Point(one, self.result(file, one)) for one in settings]
        self.steps += sum(point.result["steps_total"] for point in points)
        self.seconds += sum(point.result["seconds"] for point in points)
        self.version = "{version}, stream version {stream_version}".format(**points[0].result)
        return points

    def result(self, file, settings):
        path = EXPERIMENTS / file
        texts = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
        name = json.dumps([file, texts])
        key = hashlib.sha256((name + path.read_text()).encode()).hexdigest()[:16]
        kept = self.work / f"{path.stem}-{key}-{self.program_hash[:8]}.json"
        others = sorted(self.work.glob(f"{path.stem}-{key}-*.json")) if self.reuse else []
        if not kept.exists() and others:
            kept = others[0]
        if not kept.exists():
            self.say(f"{file} {' '.join(texts)}")
            command = [self.program, "run", path, "--json", "--seed", str(zlib.crc32(name.encode()))]
            for text in texts:
                command += ["--set", text]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Failure(f"{file} {' '.join(texts)}: {done.stderr.strip()}")
            part = kept.with_suffix(".part")
            part.write_text(done.stdout)
            part.rename(kept)
        return json.loads(kept.read_text())
