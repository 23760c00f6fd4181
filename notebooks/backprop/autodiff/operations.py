"""The operations of forward passes in NumPy: the value of each, and its backward rule.

Many backward passes are computed at once: every gradient here has a first axis, one entry for each
pass.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from .lazy import torch
from .tape import Array

Axis = int | tuple[int, ...] | None


@dataclass(frozen=True)
class Moves:
    """An operation that only moves numbers: there(*operands),
    and back(i, g), the contribution to operand `i`.
    """

    there: Callable[..., Array]
    back: Callable[[int, Array], Array]


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a forward pass, at its numbers.

    number    its place among the operations of the pass
    kind      one of KINDS, or another name for an operation that no wrong rule is about
    slots     where each operand is kept in the recording; None for one that nothing is
              differentiated by
    operands  their values
    slot      where the result is kept
    output    the result
    names     the operands' names in the forward pass, "" for one without
    before    the operations that make them, where they are made by one
    axis, keepdims  of sums, means and softmaxes
    apply     for an operation outside KINDS: the PyTorch function of its operands
    moves     for one that only moves numbers: its own function and back(i, g), the contribution to
              operand `i`
    """

    number: int
    kind: str
    slots: tuple[int | None, ...]
    operands: tuple[Any, ...]
    slot: int
    output: Array
    names: tuple[str, ...] = ()
    before: tuple["Operation | None", ...] = ()
    axis: Axis = None
    keepdims: bool = False
    apply: Callable[..., Any] | None = field(default=None, repr=False)
    moves: "Moves | None" = field(default=None, repr=False)

    def at(self, operands: tuple[Any, ...], output: Array, before: tuple["Operation | None", ...]) -> "Operation":
        """The same operation at other numbers."""
        found = object.__new__(Operation)
        found.__dict__.update(self.__dict__)
        found.__dict__.update(operands=operands, output=output, before=before)
        return found


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _softmax(z: Array, axis: Axis) -> Array:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
    "softplus": lambda z: np.logaddexp(0.0, z),
    "sqrt": np.sqrt,
    "reciprocal": lambda z: 1 / z,
    "neg": lambda z: -z,
}
SLOPES: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp,
    "log": lambda z: 1 / z,
    "sin": np.cos,
    "cos": lambda z: -np.sin(z),
    "sigmoid": lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(np.float64),
    "softplus": _sigmoid,
    "sqrt": lambda z: 0.5 / np.sqrt(z),
    "reciprocal": lambda z: -1 / z**2,
    "neg": lambda z: -np.ones_like(z),
}
BINARY: dict[str, Callable[[Any, Any], Array]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "rsub": lambda a, b: b - a,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "rdiv": lambda a, b: b / a,
    "pow": lambda a, b: a**b,
    "matmul": lambda a, b: a @ b,
}
ALONG_AXES: dict[str, Callable[[Array, Axis, bool], Array]] = {
    "sum": lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
    "mean": lambda x, axis, keepdims: x.mean(axis=axis, keepdims=keepdims),
    "softmax": lambda x, axis, _: _softmax(x, axis),
    "log_softmax": lambda x, axis, _: x - x.max(axis=axis, keepdims=True) - _log_of_sum(x, axis),
}
KINDS = frozenset({*FUNCTIONS, *BINARY, *ALONG_AXES})


def _log_of_sum(x: Array, axis: Axis) -> Array:
    return np.log(np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True))


def result_of(op: Operation, operands: tuple[Any, ...]) -> Array:
    """What the operation makes of other operands."""
    if op.kind in FUNCTIONS:
        found = FUNCTIONS[op.kind](operands[0])
    elif op.kind in BINARY:
        found = BINARY[op.kind](*operands)
    elif op.kind in ALONG_AXES:
        found = ALONG_AXES[op.kind](operands[0], op.axis, op.keepdims)
    elif op.moves is not None:
        found = op.moves.there(*operands)
    else:
        assert op.apply is not None
        found = op.apply(*(torch.tensor(operand) for operand in operands)).numpy()
    return np.asarray(found)


def slope_at(op: Operation, point: Array) -> Array:
    """The derivative of the function of one number that `op` applies, at `point`."""
    if op.kind == "pow":
        exponent = op.operands[1]
        return exponent * point ** (exponent - 1)
    if op.kind == "rdiv":
        return -op.operands[1] / point**2
    return SLOPES[op.kind](point)


def summed(contribution: Array, shape: tuple[int, ...]) -> Array:
    """`contribution`, summed over the axes along which an
    operand of `shape` was broadcast; its first axis stays.
    """
    extra = contribution.ndim - 1 - len(shape)
    if extra:
        contribution = contribution.sum(axis=tuple(range(1, 1 + extra)))
    stretched = tuple(axis + 1 for axis, size in enumerate(shape) if size == 1 and contribution.shape[axis + 1] != 1)
    return contribution.sum(axis=stretched, keepdims=True) if stretched else contribution


def vjp(op: Operation, i: int, g: Array) -> Array:
    """The true contribution to operand `i` for the gradients `g` at the output."""
    if op.kind in ("add", "sub", "rsub"):
        turned = (op.kind, i) in (("sub", 1), ("rsub", 0))
        return summed(-g if turned else g, np.shape(op.operands[i]))
    if op.kind == "mul":
        return summed(g * op.operands[1 - i], np.shape(op.operands[i]))
    if op.kind in SLOPES or op.kind == "pow" or (op.kind == "rdiv" and np.shape(op.operands[0]) == op.output.shape):
        return g * slope_at(op, op.operands[0])
    if op.kind in ("div", "rdiv"):
        return _of_quotient(op, i, g)
    if op.kind == "matmul":
        return _of_matmul(op, i, g)
    if op.kind in ALONG_AXES:
        return _along_axes(op, g)
    if op.moves is not None:
        return op.moves.back(i, g)
    if len(g) < op.output.size:
        return _pulled_back(op, i, g)
    return np.tensordot(g, _jacobian(op, i), axes=op.output.ndim)


def _of_quotient(op: Operation, i: int, g: Array) -> Array:
    above, below = op.operands if op.kind == "div" else op.operands[::-1]
    is_above = (i == 0) == (op.kind == "div")
    return summed(g / below if is_above else -g * above / below**2, np.shape(op.operands[i]))


def _of_matmul(op: Operation, i: int, g: Array) -> Array:
    a, b = op.operands
    own = np.shape(op.operands[i])
    if a.ndim == 1 and b.ndim == 1:
        return g[:, None] * op.operands[1 - i]
    if b.ndim == 1:
        return summed(g[..., None] * b, own) if i == 0 else (a.swapaxes(-1, -2) @ g[..., None])[..., 0]
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0] if i == 0 else a[:, None] * g[:, None, :]
    return summed(g @ b.swapaxes(-1, -2) if i == 0 else a.swapaxes(-1, -2) @ g, own)


def _along_axes(op: Operation, g: Array) -> Array:
    x, axis = op.operands[0], op.axis
    if op.kind == "softmax":
        return op.output * (g - (g * op.output).sum(axis=behind(axis, x.ndim), keepdims=True))
    if op.kind == "log_softmax":
        return g - np.exp(op.output) * g.sum(axis=behind(axis, x.ndim), keepdims=True)
    if not op.keepdims:
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        places = sorted(one % x.ndim + 1 for one in axes) if x.ndim else []
        g = np.expand_dims(g, tuple(places))
    share = 1.0 if op.kind == "sum" else max(op.output.size, 1) / max(x.size, 1)
    return np.broadcast_to(g * share, (len(g), *x.shape))


def behind(axis: Axis, ndim: int) -> Axis:
    """The same axes with one more in front."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    return axis % ndim + 1 if isinstance(axis, int) else tuple(one % ndim + 1 for one in axis)


def _pulled_back(op: Operation, i: int, g: Array) -> Array:
    """`vjp` of an operation that has no rule here: PyTorch works it out, row by row."""
    output, operand = _run_in_pytorch(op, i)
    weights = torch.tensor(g)
    rows = [torch.autograd.grad((output * row).sum(), operand, retain_graph=True, allow_unused=True)[0] for row in weights]
    empty = np.zeros(np.shape(op.operands[i]))
    return np.stack([empty if row is None else row.numpy() for row in rows])


def _run_in_pytorch(op: Operation, i: int) -> tuple[Any, Any]:
    """The output of an operation, and its operand `i`, as tensors of one graph."""
    assert op.apply is not None
    with torch.enable_grad():
        operands = [torch.tensor(operand) for operand in op.operands]
        operands[i].requires_grad_()
        return op.apply(*operands), operands[i]


@lru_cache(maxsize=512)
def _jacobian(op: Operation, i: int) -> Array:
    """The Jacobian of an operation that has no rule here, which PyTorch works out."""
    output, operand = _run_in_pytorch(op, i)
    rows = [torch.autograd.grad(entry, operand, retain_graph=True, allow_unused=True)[0] for entry in output.reshape(-1)]
    empty = np.zeros(np.shape(op.operands[i]))
    return np.stack([empty if row is None else row.numpy() for row in rows]).reshape((*output.shape, *empty.shape))
