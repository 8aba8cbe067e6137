#!/usr/bin/env python3
"""The updates of bench_updates through PyTorch's own optimizers, fused and foreach, over the same
lists of tensors, as JSON. Names of rows are those of bench_updates, so that tools/gpu_check can put
them side by side. Exits with 3 where PyTorch is not there.

  torch_updates.py [--device cpu|cuda] [--threads N] [--lists FILE] [--only TEXT] [--seconds S]

FILE is what `bench_updates --lists` prints; without it only single tensors are measured. On a GPU
`seconds` is the device's clock around steps that follow each other, `host_seconds` what the host
takes to queue one, `graph_seconds` a step replayed from a CUDA graph, where the optimizer can be
captured. States have the parameter's type: PyTorch has no other."""
import argparse
import json
import statistics
import sys
import time

try:
    import torch
except ImportError:
    sys.exit(3)

ROUNDS = 7
LR = 1e-4

# rule: optimizer, its arguments, whether it has a fused form
RULES = {
    "sgd": (torch.optim.SGD, {}, True),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, True),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, True),
    "adagrad": (torch.optim.Adagrad, {}, True),
    "adadelta": (torch.optim.Adadelta, {}, False),
    "rmsprop": (torch.optim.RMSprop, {}, False),
    "adam": (torch.optim.Adam, {}, True),
    "adamw": (torch.optim.AdamW, {}, True),
    "amsgrad": (torch.optim.Adam, {"amsgrad": True}, True),
    "adamax": (torch.optim.Adamax, {}, False),
    "nadam": (torch.optim.NAdam, {}, False),
    "radam": (torch.optim.RAdam, {}, False),
}
SIZES = {"1K": 1 << 10, "32K": 1 << 15, "1M": 1 << 20, "16M": 1 << 24, "64M": 1 << 26, "256M": 1 << 28}
CAPTURABLE = {"adam", "adamw", "amsgrad"}


def cases(lists):
    """(rule, list, its counts, type, clipped)"""
    for rule in RULES:
        for size in ("1K", "1M", "16M"):
            yield rule, size, [SIZES[size]], "f32", False
    for size in ("64M", "256M"):
        yield "adam", size, [SIZES[size]], "f32", False
    yield "adam", "16M", [SIZES["16M"]], "bf16, states bf16", False
    yield "adam", "16M", [SIZES["16M"]], "f32", True
    for name, counts in lists.items():
        yield "adam", name, counts, "f32", False
        yield "adam", name, counts, "f32", True
        yield "adam", name, counts, "bf16, states bf16", False
        yield "sgd", name, counts, "f32", False


class Subject:
    """An optimizer over tensors with gradients."""

    def __init__(self, rule, counts, kind, clipped, variant, device):
        make, arguments, _ = RULES[rule]
        dtype = torch.bfloat16 if kind.startswith("bf16") else torch.float32
        self.parameters = []
        for count in counts:
            p = torch.nn.Parameter(torch.rand(count, device=device, dtype=dtype) - 0.5)
            p.grad = torch.rand(count, device=device, dtype=dtype) - 0.5
            self.parameters.append(p)
        arguments = dict(arguments, lr=LR)
        arguments["fused" if variant == "fused" else "foreach"] = True
        if device == "cuda" and rule in CAPTURABLE:
            arguments["capturable"] = True
        self.optimizer = make(self.parameters, **arguments)
        self.clipped = clipped

    def step(self):
        if self.clipped:
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
        self.optimizer.step()


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def timed(subject, times, device):
    """Seconds of a step, on the device's clock where it has one."""
    if device == "cuda":
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(times):
            subject.step()
        end.record()
        end.synchronize()
        return 1e-3 * begin.elapsed_time(end) / times
    begin = time.perf_counter()
    for _ in range(times):
        subject.step()
    return (time.perf_counter() - begin) / times


def host_time(subject, device):
    wait(device)
    begin = time.perf_counter()
    for _ in range(10):
        subject.step()
    seconds = (time.perf_counter() - begin) / 10
    wait(device)
    return seconds


def graph_time(subject, times):
    """A step replayed from a graph; None where it cannot be captured."""
    try:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            subject.step()
        graph.replay()
        torch.cuda.synchronize()
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(times):
            graph.replay()
        end.record()
        end.synchronize()
        return 1e-3 * begin.elapsed_time(end) / times
    except RuntimeError:
        torch.cuda.synchronize()
        return None


def measured(subject, rule, device, slice_seconds):
    for _ in range(3):
        subject.step()
    wait(device)
    once = max(timed(subject, 2, device), 1e-6)
    times = max(1, min(500, int(slice_seconds / once)))
    rounds = sorted(timed(subject, times, device) for _ in range(ROUNDS))
    row = {
        "seconds": statistics.median(rounds),
        "least": rounds[0],
        "spread": (rounds[-2] - rounds[1]) / statistics.median(rounds),
    }
    if device == "cuda":
        row["host_seconds"] = host_time(subject, device)
        if rule in CAPTURABLE and not subject.clipped:
            row["graph_seconds"] = graph_time(subject, times)
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--lists")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=100.0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    lists = {}
    if options.lists:
        with open(options.lists, encoding="utf-8") as file:
            lists = json.load(file)
    rows = []
    for rule, name, counts, kind, clipped in cases(lists):
        title = f"{rule} {name} {kind}{', clipped' if clipped else ''}"
        if options.only not in title:
            continue
        for variant in ("fused", "foreach"):
            if variant == "fused" and not RULES[rule][2]:
                continue
            row = {"name": title, "variant": variant}
            try:
                subject = Subject(rule, counts, kind, clipped, variant, options.device)
                row.update(measured(subject, rule, options.device, options.seconds * 2e-4))
            except (RuntimeError, ValueError, TypeError) as error:
                row["left_out"] = str(error).splitlines()[0][:160]
            subject = None
            if options.device == "cuda":
                torch.cuda.empty_cache()
            rows.append(row)
    where = torch.cuda.get_device_name() if options.device == "cuda" else "cpu"
    print(
        json.dumps(
            {
                "benchmark": "torch_updates",
                "torch": torch.__version__,
                "device": where,
                "threads": torch.get_num_threads(),
                "rows": rows,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
