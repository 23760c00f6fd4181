"""One forward pass through scalar nodes, with values,
gradients, and the local derivative on every edge.
"""

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
    """A path through the graph from one node to the output:
    its nodes in order, and the local derivative of each edge.
    """

    nodes: tuple[str, ...]
    slopes: tuple[float, ...]

    @property
    def product(self) -> float:
        """What this path contributes to the gradient of its first node."""
        return prod(self.slopes)


@dataclass(frozen=True)
class Trace:
    """The values, gradients and local derivatives of a graph of scalar nodes, in forward order.

    They are values[name], gradients[name], and slopes[start, end] for each edge.
    """

    values: Mapping[str, float]
    gradients: Mapping[str, float]
    slopes: Mapping[Edge, float]

    def paths(self, start: str) -> list[Path]:
        """Every path from `start` to the output.

        Their number grows exponentially with the depth of a network.
        """
        ends = [(end, slope) for (begin, end), slope in self.slopes.items() if begin == start]
        if not ends:
            return [Path((start,), ())]
        return [Path((start, *rest.nodes), (slope, *rest.slopes)) for end, slope in ends for rest in self.paths(end)]


def trace(forward: Forward, inputs: Mapping[str, float]) -> Trace:
    """Run `forward(node, *inputs)` in float64; every node
    is a single number, and the last one is the output.

    Gradients are those of `.backward()`. The slope of an edge is the local derivative of its end
    with respect to its start: each node is detached from the nodes before it, and PyTorch
    differentiates one step.
    """
    with ours():
        cut = _Cut()
        forward(cut.node, *(cut.node(name, torch.tensor(float(value), dtype=torch.float64)) for name, value in inputs.items()))
        tape = Tape(forward, {name: float(value) for name, value in inputs.items()})
        values = {name: float(tape.answer(name)) for name in tape.nodes}
        gradients = {name: float(tape.answer(f"d{tape.output}_d{name}")) for name in tape.nodes}
    return Trace(values, gradients, cut.slopes)


class _Cut:
    """The `node` of a forward pass with detached nodes, so that each derivative is a local one."""

    def __init__(self) -> None:
        self.slopes: dict[Edge, float] = {}
        self.leaves: dict[str, Any] = {}

    def node(self, name: str, value: Any) -> Any:
        if value.requires_grad:
            parts = torch.autograd.grad(value, list(self.leaves.values()), allow_unused=True)
            self.slopes |= {(start, name): float(part) for start, part in zip(self.leaves, parts) if part is not None}
        self.leaves[name] = value.detach().requires_grad_()
        return self.leaves[name]
