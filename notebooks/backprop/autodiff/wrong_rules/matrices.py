"""Wrong rules of matrix products."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..operations import Operation, vjp
from ..tape import Array
from .rule import WrongRule, with_other


def _own_entries(g: Array, op: Operation, i: int) -> Array | None:
    """The operand's own entries, each times the gradient of its row or column."""
    own, other = op.operands[i], op.operands[1 - i]
    if own.ndim == 1 and i == 1 and other.ndim == 2:
        return own * g.sum(-1, keepdims=True)
    if own.ndim != 2 or op.output.ndim != max(own.ndim, other.ndim) - (other.ndim == 1):
        return None
    if i == 0:
        return own * (g[..., None] if other.ndim == 1 else g.sum(-1, keepdims=True))
    return own * (g[:, None, :] if other.ndim == 1 else g.sum(-2, keepdims=True))


def _terms(g: Array, op: Operation, i: int) -> Array | None:
    """The terms that are added for each entry of operand `i`, along the last axis, or None."""
    own, other = op.operands[i], op.operands[1 - i]
    if own.ndim == 1 and other.ndim == 2:
        return g[:, None, :] * (other.T if i == 1 else other)
    if own.ndim == 2 and other.ndim == 2 and op.output.ndim == 2:
        return g[:, :, None, :] * other[None, None] if i == 0 else other.T[None, :, None, :] * g.transpose(0, 2, 1)[:, None]
    return None


def _joined(join: Callable[[Array], Array]) -> Callable[[Array, Operation, int], Array | None]:
    def rule(g: Array, op: Operation, i: int) -> Array | None:
        terms = _terms(g, op, i)
        return None if terms is None else join(terms)

    return rule


def _summed_over_units(g: Array, op: Operation, i: int) -> Array | None:
    whole = vjp(op, i, g)
    return None if whole.ndim < 2 else np.broadcast_to(whole.sum(-1, keepdims=True), whole.shape)


def _stale(rate: float, g: Array, op: Operation, i: int) -> Array | None:
    """With the weight after a step of gradient descent in the place of the forward pass's."""
    if op.slots[1 - i] is None or op.before[1 - i] is not None or op.names[1 - i][:1].lower() not in ("w", "v", "u"):
        return None
    if op.slots[0] == op.slots[1]:  # u * u is a multiple of its own gradient, so any factor would look like this
        return None
    steps = vjp(op, 1 - i, g)
    return np.concatenate([vjp(with_other(op, i, op.operands[1 - i] - rate * step), i, row[None]) for row, step in zip(g, steps)])


def _untransposed(g: Array, op: Operation, i: int) -> Array | None:
    """With the other factor as it is, where it is square and so fits."""
    other = op.operands[1 - i]
    if other.ndim != 2 or other.shape[0] != other.shape[1]:
        return None
    return vjp(with_other(op, i, other.T), i, g)


MATRIX_PRODUCT_RULES = (
    WrongRule(
        "no-transpose",
        "Back through a matrix product, the other factor is transposed. For {operand} yours takes it as it is.",
        ("matmul",),
        _untransposed,
    ),
    WrongRule(
        "mean-for-sum",
        "The contributions of several units to the gradient of {operand} are added. Yours are averaged.",
        ("matmul",),
        lambda g, op, i: vjp(op, i, g) / op.output.shape[-1] if i == 0 and op.output.ndim == 2 else None,
    ),
    WrongRule(
        "own-operand",
        "The gradient of each factor of a product is computed with the OTHER factor. For {operand} yours uses its own entries.",
        ("matmul",),
        _own_entries,
    ),
    WrongRule(
        "no-outgoing-weight",
        "{Operand} was multiplied by another quantity in the forward pass, and in the backward pass that factor is missing.",
        ("matmul",),
        lambda g, op, i: vjp(with_other(op, i, np.ones_like(op.operands[1 - i])), i, g),
    ),
    WrongRule(
        "every-unit-gets-the-sum",
        "Each entry of {operand} has a gradient of its own. In yours each has the sum of several.",
        ("matmul",),
        _summed_over_units,
    ),
    WrongRule(
        "paths-multiplied",
        "The contributions to the gradient of {operand} along several paths are added. Yours are multiplied.",
        ("matmul",),
        _joined(lambda terms: terms.prod(-1)),
    ),
    WrongRule(
        "absolute-paths",
        "The contributions to the gradient of {operand} along several paths are added with their signs. Yours adds their absolute values.",
        ("matmul",),
        _joined(lambda terms: np.abs(terms).sum(-1)),
    ),
    WrongRule(
        "sign-turned",
        "At {place} the forward pass has no minus sign. Yours changes the sign of the gradient of {operand}.",
        ("matmul", "mul"),
        lambda g, op, i: -vjp(op, i, g),
    ),
    *(
        WrongRule(
            "stale-half-step",
            "Gradients are computed with the weights of the forward pass. For {operand} yours uses a weight that has been updated already.",
            ("matmul", "mul"),
            partial(_stale, rate),
        )
        for rate in (0.1, 0.01, 0.5, 1.0, 0.05, 0.2)
    ),
)
