"""Wrong rules of sums: of terms, of the uses of a broadcast operand, and along axes."""

from functools import partial

import numpy as np

from ..operations import Operation, summed, vjp
from ..tape import Array
from .rule import WrongRule, product_before


def _like_a_weight(g: Array, op: Operation, i: int) -> Array | None:
    """The gradient of a weight, given to a bias: the
    upstream gradient times the input of the product.
    """
    product = product_before(op, 1 - i, 1)
    if product is None or op.before[i] is not None:
        return None
    weights = [k for k in (0, 1) if product.names[k][:1].lower() in ("w", "v", "u")]
    data = product.operands[1 - weights[0]] if weights else product.operands[1]
    return vjp(op, i, g * data) if np.ndim(data) <= op.output.ndim else None


SUM_RULES = (
    WrongRule(
        "bias-like-weight",
        "{Operand} is only added in the forward pass. Yours is multiplied by an input, as if for a weight.",
        ("add",),
        _like_a_weight,
    ),
    WrongRule(
        "bias-times-bias",
        "{Operand} is only added in the forward pass, so its own value is no factor of its gradient. Yours multiplies by it.",
        ("add", "sub"),
        lambda g, op, i: vjp(op, i, g * op.operands[i]),
    ),
    WrongRule(
        "add-treated-as-multiply",
        "{Operand} is only added in the forward pass. Yours multiplies by the other term, as at a product.",
        ("add", "sub"),
        lambda g, op, i: vjp(op, i, g * op.operands[1 - i]),
    ),
    WrongRule(
        "lost-upstream",
        "Your gradient of {operand} is the local derivative alone. The upstream gradient is a factor too.",
        ("add", "sub", "rsub"),
        lambda g, op, i: vjp(op, i, np.ones_like(g)),
    ),
    WrongRule(
        "sign-lost",
        "{Operand} is subtracted in the forward pass, so its gradient has a minus sign. In yours it is missing.",
        ("rsub", "neg"),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "sign-lost",
        "{Operand} is subtracted in the forward pass, so its gradient has a minus sign. In yours it is missing.",
        ("sub",),
        lambda g, op, i: -vjp(op, i, g) if i else None,
    ),
    WrongRule(
        "sign-turned",
        "{Operand} is not subtracted at {place}. Yours gives its gradient a minus sign.",
        ("sub",),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "sign-turned",
        "At {place} the forward pass has no minus sign. Yours changes the sign of the gradient of {operand}.",
        ("add",),
        lambda g, op, i: -vjp(op, i, g),
    ),
    WrongRule(
        "path-left-out",
        "{Operand} is an operand of {place}. In yours nothing comes from that path.",
        ("add", "sub", "rsub", "mul"),
        lambda g, op, i: np.zeros_like(op.operands[i]),
    ),
)


def _one_row(place: int, g: Array, op: Operation, i: int) -> Array | None:
    """The contribution through one row of a matrix product, or one entry of a sum."""
    if op.kind == "sum":
        return None if not op.operands[0].ndim else _kept(vjp(op, i, g), place)
    if not op.output.ndim or (op.operands[i].ndim == 2 and i == 0 and op.output.ndim == 2):
        return None  # each row of the left factor has its own
    return vjp(op, i, _kept(g, place))


def _sizes_added(g: Array, op: Operation, i: int) -> Array:
    """The contributions of all uses of an operand, added up without their signs."""
    factor = op.operands[1 - i] if op.kind == "mul" else 1.0
    return summed(np.abs(g * factor), np.shape(op.operands[i]))


def _one_example(place: int, g: Array, op: Operation, i: int) -> Array | None:
    """The contribution of one example to an operand that is broadcast over all of them."""
    return None if np.ndim(op.operands[i]) == op.output.ndim else vjp(op, i, _kept(g, place))


def _kept(g: Array, place: int) -> Array:
    """`g` with zeros everywhere but at one place of its first axis."""
    found = np.zeros_like(g)
    found[:, place] = g[:, place]
    return found


def _of_two_sums(g: Array, op: Operation, i: int) -> Array | None:
    """For an operand with several uses: the sum of the gradients times that of the factors."""
    own, other = op.operands[i], op.operands[1 - i]
    if op.kind == "mul":
        if np.ndim(own) or not np.ndim(other):
            return None
        return g.reshape(len(g), -1).sum(axis=1) * np.sum(other)
    if op.output.ndim == 1 and np.ndim(other) == 2 and i:
        return np.sum(other, axis=0) * g.sum(axis=1)[:, None]
    if op.output.ndim != 2:
        return None
    if i:
        return np.sum(other, axis=0)[:, None] * g.sum(axis=1)[:, None, :]
    return g.sum(axis=2)[:, :, None] * np.sum(other, axis=1)


AXIS_RULES = (
    WrongRule(
        "sums-multiplied",
        "For {operand} products are formed first, and then added. Yours adds first, and multiplies two sums.",
        ("mul", "matmul"),
        _of_two_sums,
    ),
    WrongRule(
        "mean-for-sum",
        "The forward pass has a sum here, so nothing is divided in the backward pass. Yours is the gradient of a mean.",
        ("sum",),
        lambda g, op, i: None if i else vjp(op, i, g) * (op.output.size / op.operands[0].size),
    ),
    WrongRule(
        "mean-for-sum",
        "Several contributions to the gradient of {operand} are added. Yours are averaged.",
        ("matmul",),
        lambda g, op, i: vjp(op, i, g) / len(op.output) if op.output.ndim else None,
    ),
    WrongRule(
        "mean-forgotten",
        "The forward pass has a mean here, so the gradient is divided by the number of terms. Yours is the gradient of a sum.",
        ("mean",),
        lambda g, op, i: None if i else vjp(op, i, g) * (op.operands[0].size / op.output.size),
    ),
    WrongRule(
        "mean-twice",
        "The forward pass has a mean here, so the gradient is divided by the number of terms once. Yours is divided twice.",
        ("mean",),
        lambda g, op, i: None if i else vjp(op, i, g) * (op.output.size / op.operands[0].size),
    ),
    WrongRule(
        "constant-bias",
        "{Operand} is added to several entries, so its gradient is the sum of theirs. Yours is 1, whatever the upstream gradient is.",
        ("add",),
        lambda g, op, i: None if np.shape(op.operands[i]) == op.output.shape else np.ones(np.shape(op.operands[i])),
    ),
    WrongRule(
        "absolute-paths",
        "{Operand} is used several times, and the contributions of all uses are added with their signs. Yours adds their absolute values.",
        ("mul", "add", "sub"),
        lambda g, op, i: None if np.ndim(op.operands[i]) == op.output.ndim else _sizes_added(g, op, i),
    ),
    WrongRule(
        "mean-for-sum",
        "{Operand} is used several times, and the contributions of all uses are added. Yours are averaged.",
        ("mul", "add", "sub"),
        lambda g, op, i: None if np.ndim(op.operands[i]) == op.output.ndim else vjp(op, i, g) * np.size(op.operands[i]) / op.output.size,
    ),
    *(
        WrongRule(
            "one-sample",
            "{Operand} is used several times, and the contributions of all uses are added. Yours has only the " + which + " one.",
            ("mul", "add", "sub"),
            partial(_one_example, place),
        )
        for place, which in ((0, "first"), (-1, "last"))
    ),
    WrongRule(
        "one-sample",
        "The gradient of {operand} is a sum of several contributions. Yours has only the first one.",
        ("sum", "matmul"),
        partial(_one_row, 0),
    ),
    WrongRule(
        "one-sample",
        "The gradient of {operand} is a sum of several contributions. Yours has only the last one.",
        ("sum", "matmul"),
        partial(_one_row, -1),
    ),
)
