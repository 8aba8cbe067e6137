"""Runs experiments with the escapement command and reads their results.

A point is one point of a sweep: the values of its keys, and its result. Every sweep has a seed of its
own, formed from its file and values, and every point ids of its own, so that no two share their noise.
A result is the same bits wherever it is made, so one that the work folder has from the same program is taken
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

    def complement(self):
        return Estimate(1 - self.value, self.error, 1 - self.high, 1 - self.low)

    def less(self, other, number):
        """This share without another that is part of it."""
        return share(max(self.value - other.value, 0) * number, number)


def share(count, number):
    """A share of trajectories, with Wilson's interval."""
    p, z2 = count / number, 1.96**2
    middle = (p + z2 / (2 * number)) / (1 + z2 / number)
    half = 1.96 / (1 + z2 / number) * math.sqrt(p * (1 - p) / number + z2 / (4 * number**2))
    return Estimate(p, math.sqrt(max(p * (1 - p), 1 / number) / number), middle - half, middle + half)


class Point:
    def __init__(self, values, result, sweep):
        self.values, self.result = values, result
        self.number = result["trajectories"]
        self.experiment = sweep["experiment"]  # without the values
        self.counted = False  # whether a row of the table was already made of it

    def __getitem__(self, key):
        return self.values[key]

    @property
    def lr(self):
        return self.values.get("optimizer.lr", self.experiment["optimizer"]["lr"])

    def outcome(self, name):
        return share(self.result["outcomes"][name]["count"], self.number)

    def mean_time(self):
        times = self.result["exit_steps"]
        if times["mean"] is None:
            raise Failure(f"{self.values}: some trajectories did not end")
        return Estimate(times["mean"], times["sd"] / math.sqrt(times["count"]))

    def rate(self):
        rate = self.result["exit_steps"]["rate"]
        return Estimate(rate["per_step"], rate["per_step"] / math.sqrt(max(rate["events"], 1)),
                        *rate["ci95"])

    def theory(self, of, **wanted):
        """What theory says of a number of the result; None where it says nothing."""
        for one in self.result.get("predictions", []):
            if one["of"] == of and all(one.get(key) == value for key, value in wanted.items()):
                return one["predicted"]
        return None

    def predicted(self, of, step=None):
        return self.theory(of, step=step, kind="exact")

    def tends_to(self, of):
        """The limit for small lr."""
        return self.theory(of, kind="asymptotic", against=None)

    def exponent(self, of):
        """With which it grows as lr falls."""
        return -self.theory(of, against="optimizer.lr")

    def predicted_near(self, *names):
        """(step, share) in balls that do not overlap, where it is known exactly."""
        known = [(n, [self.predicted(f"curves.near.{name}.fraction", n) for name in names])
                 for n in self.steps]
        return [(n, sum(shares)) for n, shares in known if None not in shares]

    @property
    def steps(self):
        return self.result["curves"]["steps"]

    def near(self, *names):
        """Shares in balls that do not overlap, at the observed steps."""
        curves = [self.result["curves"]["near"][name]["fraction"] for name in names]
        return [share(sum(values) * self.number, self.number) for values in zip(*curves)]

    def basin(self, number):
        """The share of last positions in a basin, counted from the left."""
        return share(self.result["basins"]["intervals"][number]["count"], self.number)

    def incidence(self, name):
        return [share(value * self.number, self.number)
                for value in self.result["curves"]["incidence"][name]]

    def survival(self):
        return [share(value * self.number, self.number)
                for value in self.result["curves"]["survival"]]


def paragraph(file):
    """The comment an experiment begins with."""
    lines = []
    for line in (EXPERIMENTS / file).read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return " ".join(lines)


def hash_of(program):
    """Of the command and of the library it was built with."""
    both = hashlib.sha256(program.read_bytes())
    for library in sorted((program.parent.parent / "lib").glob("libescapement.so*")):
        both.update(library.read_bytes())
    return both.hexdigest()


class Runs:
    def __init__(self, program, work, quick, reuse, say):
        self.program, self.work, self.quick, self.say = program, Path(work), quick, say
        self.reuse = reuse
        self.work.mkdir(parents=True, exist_ok=True)
        self.program_hash = hash_of(Path(program))
        self.steps = self.seconds = 0
        self.version = ""

    def points(self, file, settings=None, quick=None):
        """The points of the sweep that stands in an experiment; or of one point for each of `settings`,
        dictionaries from a dotted key to its value. `quick` holds what a quick run puts over them."""
        over = {"trajectories": QUICK_TRAJECTORIES, **(quick or {})} if self.quick else {}
        if settings is None:
            return self.sweep(file, over)
        points = []
        for keys, group in itertools.groupby(({**one, **over} for one in settings), key=list):
            group = list(group)
            lists = {key: [one[key] for one in group] for key in keys}
            points += self.sweep(file, {"sweep": {"zip": True, **lists}})
        return points

    def sweep(self, file, over):
        """The points of an experiment's sweep, with `over` put over the experiment."""
        result = self.result(file, over)
        self.steps += result["steps_total"]
        self.seconds += result["seconds"]
        self.version = "{version}, stream version {stream_version}".format(**result)
        return [Point(point["values"], point, result) for point in result["sweep"]["points"]]

    def result(self, file, over):
        path = EXPERIMENTS / file
        texts = [f"{key}={json.dumps(value)}" for key, value in over.items()]
        name = json.dumps([file, texts])
        key = hashlib.sha256((name + path.read_text()).encode()).hexdigest()[:16]
        kept = self.work / f"{path.stem}-{key}-{self.program_hash[:8]}.json"
        others = sorted(self.work.glob(f"{path.stem}-{key}-*.json")) if self.reuse else []
        if not kept.exists() and others:
            kept = others[0]
        if not kept.exists():
            self.say(f"{file} {' '.join(texts)}"[:200])
            command = [self.program, "run", path, "--json", "--quiet",
                       "--seed", str(zlib.crc32(name.encode()))]
            for text in texts:
                command += ["--set", text]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Failure(f"{file} {' '.join(texts)[:500]}: {done.stderr.strip()}")
            part = kept.with_suffix(".part")
            part.write_text(done.stdout)
            part.rename(kept)
        return json.loads(kept.read_text())

    def path(self, file, over):
        """The positions of the first trajectory, step by step."""
        command = [self.program, "replay", EXPERIMENTS / file, "--trajectory", "0"]
        for key, value in over.items():
            command += ["--set", f"{key}={json.dumps(value)}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"replay {file}: {done.stderr.strip()}")
        rows = [line.split(",") for line in done.stdout.splitlines() if line[:1].isdigit()]
        return [tuple(map(float, row[1:-1])) for row in rows]
