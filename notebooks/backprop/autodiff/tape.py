"""One forward pass with named nodes, for `.backward()` and for central differences.

An exercise's forward pass calls `node(name, value)` for each intermediate that has a name. A Tape
is that `node`: it keeps the tensors, computes each gradient by `.backward()`, and can replace true
numbers by a learner's own, so that a later link is judged by the values that the learner used.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from weakref import ref

import numpy as np

from .lazy import torch

Array = np.ndarray
Forward = Callable[..., Any]
Shapes = tuple[tuple[int, ...], ...]


def flat(value: Any) -> Array:
    """`value` as one float64 array: a list of arrays as
    a vector of all entries, anything else unchanged.
    """
    if is_list_of_arrays(value):
        return np.concatenate([np.ravel(item) for item in value]).astype(np.float64)
    return np.asarray(value, dtype=np.float64)


def is_list_of_arrays(value: Any) -> bool:
    """Whether `value` is what a network's weights are: one array a layer, each of its own shape."""
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, np.ndarray) for item in value)


def parts_of(ask: str, nodes: Collection[str]) -> tuple[str, str]:
    """Split "dL_dw1" into ("L", "w1"). KeyError if there are no such nodes."""
    pieces = ask.removeprefix("d").split("_d")
    for cut in range(1, len(pieces)):
        top, bottom = "_d".join(pieces[:cut]), "_d".join(pieces[cut:])
        if top in nodes and bottom in nodes:
            return top, bottom
    raise KeyError(f"{ask}: no such derivative among the nodes {', '.join(nodes)}")


class Tape:
    """The nodes of one forward pass at `inputs`, in float64.

    inputs    the arguments of the forward pass, in order; floats, float arrays and lists of them
              become leaves, anything else is passed on unchanged. A list of arrays is one node: a
              vector of all their entries
    replaced  numbers that replace true ones: node values ("z"), gradients ("dL_dz") and local
              derivatives ("da_dz"); everything computed after them follows from them; one of
              another shape than the node's has no effect
    nudges    what to add to a node's value, for central differences
    """

    def __init__(
        self,
        forward: Forward,
        inputs: Mapping[str, Any],
        replaced: Mapping[str, Any] | None = None,
        nudges: Mapping[str, Array] | None = None,
    ) -> None:
        self.nodes: dict[str, Any] = {}
        self._shapes: dict[str, Shapes] = {}
        self._replaced = {name: np.array(value, dtype=np.float64) for name, value in (replaced or {}).items()}
        self._nudges = nudges or {}
        self._computed: dict[str, Array] = {}
        self._listening = True
        self._done = False
        forward(self.node, *(self._leaf(name, value) for name, value in inputs.items()))
        self.output = next(reversed(self.nodes))

    def node(self, name: str, value: Any) -> Any:
        """Keep `value` (a tensor, or a list of them) under `name`
        and return it, nudged or replaced if the tape says so.
        """
        if isinstance(value, list):
            self._shapes[name] = tuple(tuple(part.shape) for part in value)
            parts = self.node(name, torch.cat([part.reshape(-1) for part in value])).split([part.numel() for part in value])
            return [part.reshape(shape) for part, shape in zip(parts, self._shapes[name])]
        if name in self._nudges:
            value = value + torch.as_tensor(self._nudges[name])
        self._computed[name] = value.detach().numpy().copy()
        if name in self._replaced and self._replaced[name].shape == tuple(value.shape):
            value = value + (torch.as_tensor(self._replaced[name]) - value).detach()
        if value.requires_grad:
            value.register_hook(_Listener(self, name))
        self.nodes[name] = value
        return value

    def answer(self, ask: str) -> Array:
        """What the right answer to `ask` is, given all that was replaced before it."""
        if ask in self._computed:
            return self._computed[ask]
        top, bottom = self.parts(ask)
        if top == self.output and self.nodes[top].ndim == 0:
            self._backward()
            return self._computed.get(ask, np.zeros(tuple(self.nodes[bottom].shape)))
        return self._jacobian(top, bottom)

    def parts(self, ask: str) -> tuple[str, str]:
        """Split "dL_dw1" into ("L", "w1"). KeyError if the forward pass has no such nodes."""
        return parts_of(ask, self.nodes)

    def shapes(self, ask: str) -> Shapes | None:
        """The shapes of the arrays in the answer to `ask`; None where it is a single array."""
        return self._shapes.get(ask if ask in self.nodes else self.parts(ask)[1])

    def everything(self) -> dict[str, Array]:
        """Every node's value and, if the output is a single
        number with a graph, its gradient at every node.
        """
        output = self.nodes[self.output]
        names = [name for name in self.nodes if name != self.output] if output.ndim == 0 and output.requires_grad else []
        gradients = {f"d{self.output}_d{name}": self.answer(f"d{self.output}_d{name}") for name in names}
        return {name: self._computed[name] for name in self.nodes} | gradients

    def _leaf(self, name: str, value: Any) -> Any:
        if isinstance(value, (float, np.floating)) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            return self.node(name, torch.tensor(value, dtype=torch.float64, requires_grad=True))
        if is_list_of_arrays(value):
            return self.node(name, [torch.tensor(item, dtype=torch.float64, requires_grad=True) for item in value])
        return value

    def _backward(self) -> None:
        if not self._done:
            self._done = True
            self._local_changes = self._replaced_locals()
            self.nodes[self.output].backward(retain_graph=True)

    def _replaced_locals(self) -> list[tuple[str, str, Array]]:
        """(top, bottom, replaced minus true) for each local derivative that was replaced.

        Called before `.backward()`, which cannot be nested.
        """
        found = []
        for ask, replacement in self._replaced.items():
            if ask not in self.nodes:
                top, bottom = self.parts(ask)
                local = self._jacobian(top, bottom) if top != self.output else None
                if local is not None and local.shape == replacement.shape:
                    found.append((top, bottom, replacement - local))
        return found

    def _gradient_arrives(self, name: str, gradient: Any) -> Any:
        """During `.backward()`: note the gradient at node `name`.

        Returns the replaced one if there is one, and None where PyTorch's own is to go on.
        """
        if not self._listening:
            return None
        ask = f"d{self.output}_d{name}"
        arrived = gradient.numpy().copy()  # PyTorch may add to its own, in place
        if self._local_changes:
            arrived = np.asarray(arrived + self._from_replaced_locals(name))
        self._computed[ask] = arrived
        if ask not in self._replaced and not self._local_changes:
            return None
        passed_on = self._replaced.get(ask, arrived)
        # PyTorch may add to what it is handed, too: it gets a copy.
        return torch.as_tensor(np.array(passed_on if passed_on.shape == arrived.shape else arrived))

    def _from_replaced_locals(self, name: str) -> Array | float:
        """The change of the gradient at `name` from replaced local derivatives into it."""
        changes = [(self._gradient_at(top), difference) for top, bottom, difference in self._local_changes if bottom == name]
        return sum(np.tensordot(upstream, difference, axes=upstream.ndim) for upstream, difference in changes)

    def _gradient_at(self, top: str) -> Array:
        """The output's gradient at `top` as earlier nodes
        receive it: the replaced one if there is one.
        """
        ask = f"d{self.output}_d{top}"
        return self._replaced[ask] if ask in self._replaced else self._computed[ask]

    def _jacobian(self, top: str, bottom: str) -> Array:
        """d top / d bottom, of shape top.shape +
        bottom.shape, row by row with `torch.autograd.grad`.
        """
        a, b = self.nodes[top], self.nodes[bottom]
        was_listening, self._listening = self._listening, False
        rows = [torch.autograd.grad(entry, b, retain_graph=True, allow_unused=True)[0] for entry in a.reshape(-1)]
        self._listening = was_listening
        filled = [np.zeros(tuple(b.shape)) if row is None else row.numpy() for row in rows]
        return np.array(filled).reshape(tuple(a.shape) + tuple(b.shape))


def central_difference(forward: Forward, inputs: Mapping[str, Any], ask: str, h: float = 1e-5) -> Array:
    """A derivative by central differences, entry by entry.

    It is (top(bottom + h) - top(bottom - h)) / 2h, of shape top.shape + bottom.shape. The error is
    of order h² from the curve and 1e-16 / h from rounding.
    """
    tape = Tape(forward, inputs)
    top, bottom = tape.parts(ask)
    shape = tuple(tape.nodes[bottom].shape)
    columns = []
    for index in np.ndindex(shape):
        step = np.zeros(shape)
        step[index] = h
        up, down = (Tape(forward, inputs, nudges={bottom: sign * step}).answer(top) for sign in (1, -1))
        columns.append((up - down) / (2 * h))
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + shape)


class _Listener:
    """The hook of one node.

    It holds no reference to the tape: PyTorch would never free such a cycle.
    """

    def __init__(self, tape: Tape, name: str) -> None:
        self._tape, self._name = ref(tape), name

    def __call__(self, gradient: Any) -> Any:
        tape = self._tape()
        return gradient if tape is None else tape._gradient_arrives(self._name, gradient)
