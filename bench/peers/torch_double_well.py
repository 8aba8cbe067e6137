#!/usr/bin/env python3
"""The double well in PyTorch: on a GPU steps replayed from a CUDA graph, as they are and compiled
(torch.compile draws the noise in the kernel that takes the step); on a CPU the same without a graph,
on one thread."""
import double_well as well

try:
    import torch
except ImportError:
    well.left_out("PyTorch is not here")

ON_GPU = torch.cuda.is_available()
DEVICE = "cuda" if ON_GPU else "cpu"
STEPS = 50  # of a graph, or of a compiled function


def plain_steps(x):
    for _ in range(STEPS):
        x -= well.LR * (x * x * x - x + torch.randn_like(x))
    return x


def in_turn(steps_of, x, steps):
    for _ in range(steps // STEPS):
        x = steps_of(x)
    return x


graphs = {}  # by function and lanes: the position and the graph that advances it


def in_graph(steps_of, x, steps):
    key = (steps_of, x.numel())
    if key not in graphs:
        held, graph = x.clone(), torch.cuda.CUDAGraph()
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):  # warm up, as a capture needs it
            for _ in range(3):
                held.copy_(steps_of(held.clone()))
        torch.cuda.synchronize()
        with torch.cuda.graph(graph):
            held.copy_(steps_of(held.clone()))
        graphs[key] = held, graph
    held, graph = graphs[key]
    held.copy_(x)
    for _ in range(steps // STEPS):
        graph.replay()
    return held


def walker(steps_of):
    advance = in_graph if ON_GPU else in_turn

    @torch.no_grad()
    def walk(lanes, steps, seed):
        torch.manual_seed(seed)
        x = torch.full((lanes,), well.START, dtype=torch.float32, device=DEVICE)
        x = advance(steps_of, x, steps)
        if ON_GPU:
            torch.cuda.synchronize()
        return x

    return walk


def main():
    torch.set_num_threads(1)
    name = torch.cuda.get_device_name() if ON_GPU else "one core"
    choices = (1 << 18, 1 << 21) if ON_GPU else (1 << 12, 1 << 16)
    graph = "graph of " if ON_GPU else ""
    variants = [(graph + "eager steps", plain_steps),
                (graph + "compiled steps", torch.compile(plain_steps, dynamic=False))]
    well.show([well.measure("torch", what, torch.__version__, name, walker(steps), choices, 500)
               for what, steps in variants])


if __name__ == "__main__":
    main()
