"""One forward pass through scalar nodes, with everything a picture of the graph shows: values, gradients, and the slope on every edge."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from .lazy import torch
from .settings import ours
from .tape import Forward, Tape

Edge = tuple[str, str]


@dataclass(frozen=True)
class Path:
    """A way through the graph from one node to the output: its nodes in order, and the slope of each edge on it."""

    nodes: tuple[str, ...]
    slopes: tuple[float, ...]

    @property
    def product(self) -> float:
        """What this path contributes to the gradient of its first node."""
        return prod(self.slopes)


@dataclass(frozen=True)
class Trace:
    """values[name] and gradients[name] of every node, and slopes[start, end], the local derivative on every edge, in forward order."""

    values: Mapping[str, float]
    gradients: Mapping[str, float]
    slopes: Mapping[Edge, float]

    def paths(self, start: str) -> list[Path]:
        """Every path from `start` to the output, the number of which grows exponentially with the depth of a network."""
        ends = [(end, slope) for (begin, end), slope in self.slopes.items() if begin == start]
        if not ends:
            return [Path((start,), ())]
        return [Path((start, *rest.nodes), (slope, *rest.slopes)) for end, slope in ends for rest in self.paths(end)]


def trace(forward: Forward, inputs: Mapping[str, float]) -> Trace:
    """Run `forward(node, *inputs)` in float64; every node is a single number, and the last one is the output.

    Gradients are those of `.backward()`. A slope is the derivative of a node with respect to a node that it is computed from directly,
    everything else held fixed: each node is cut off from what lies before it, and PyTorch differentiates what is left.
    """
    with ours():
        cut = _Cut()
        forward(cut.node, *(cut.node(name, torch.tensor(float(value), dtype=torch.float64)) for name, value in inputs.items()))
        tape = Tape(forward, {name: float(value) for name, value in inputs.items()})
        values = {name: float(tape.answer(name)) for name in tape.nodes}
        gradients = {name: float(tape.answer(f"d{tape.output}_d{name}")) for name in tape.nodes}
    return Trace(values, gradients, cut.slopes)


class _Cut:
    """The `node` of a forward pass whose nodes do not know where they come from, so that each derivative is a local one."""

    def __init__(self) -> None:
        self.slopes: dict[Edge, float] = {}
        self.leaves: dict[str, Any] = {}

    def node(self, name: str, value: Any) -> Any:
        if value.requires_grad:
            parts = torch.autograd.grad(value, list(self.leaves.values()), allow_unused=True)
            self.slopes |= {(start, name): float(part) for start, part in zip(self.leaves, parts) if part is not None}
        self.leaves[name] = value.detach().requires_grad_()
        return self.leaves[name]
