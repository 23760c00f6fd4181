"""Wrong rules of products and quotients of entries, and of the units that they connect."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..operations import Operation, slope_at, summed, vjp
from ..tape import Array
from .rule import ACTIVATIONS, WrongRule, with_other


def _mul(factor: Callable[[Any, Any], Any]) -> Callable[[Any, Operation, int], Any]:
    """The rule of a product, with factor(own value,
    the other's value) in place of the other's value.
    """

    def rule(g: Any, op: Operation, i: int) -> Any:
        own, other = op.operands[i], op.operands[1 - i]
        return summed(g * factor(own, other), own.shape)

    return rule


PRODUCT_RULES = (
    WrongRule(
        "own-operand",
        "The derivative of a product with respect to one factor is the OTHER factor. For {operand} yours takes its own value.",
        ("mul",),
        _mul(lambda own, other: own),
    ),
    WrongRule(
        "lost-factor",
        "{Operand} was multiplied by another quantity in the forward pass, and in the backward pass that factor is missing.",
        ("mul",),
        lambda g, op, i: summed(g, op.operands[i].shape),
    ),
    WrongRule(
        "lost-division",
        "At {place}, the gradient is divided as the value is. In yours the division is missing.",
        ("div",),
        lambda g, op, i: None if i else summed(g, op.operands[i].shape),
    ),
    WrongRule(
        "lost-upstream",
        "Your gradient of {operand} is the local derivative alone. The upstream gradient is a factor too.",
        ("mul", "div", "matmul"),
        lambda g, op, i: vjp(op, i, np.ones_like(g)),
    ),
    WrongRule(
        "divided-by-factor",
        "In the backward pass the gradient is multiplied by the other factor of {place}. Yours is divided by it.",
        ("mul",),
        _mul(lambda own, other: 1 / other),
    ),
    WrongRule(
        "both-factors",
        "At {place}, the gradient of each factor is multiplied by the OTHER factor. Yours is multiplied by both.",
        ("mul",),
        lambda g, op, i: _mul(lambda own, other: own * other)(g, op, i) if op.slots[1 - i] is not None else None,
    ),
    WrongRule(
        "factors-added",
        "Along one path, the upstream gradient and the local derivative are multiplied. For {operand} yours are added.",
        ("mul",),
        lambda g, op, i: summed(g + op.operands[1 - i], op.operands[i].shape),
    ),
    WrongRule(
        "factor-squared",
        "The other factor of {place} multiplies the gradient once. Yours is multiplied by it twice.",
        ("mul",),
        lambda g, op, i: _mul(lambda own, other: other * other)(g, op, i) if op.slots[1 - i] is not None else None,
    ),
    WrongRule(
        "multiplied-not-divided",
        "At {place}, the gradient is divided as the value is. Yours is multiplied by the divisor.",
        ("div",),
        lambda g, op, i: None if i else summed(g * op.operands[1 - i], op.operands[i].shape),
    ),
    WrongRule(
        "reciprocal-sign",
        "The derivative of a quotient with respect to its denominator has a minus sign. At {place} yours has none.",
        ("div",),
        lambda g, op, i: -vjp(op, i, g) if i else None,
    ),
    WrongRule(
        "power-not-raised",
        "In the derivative of a quotient with respect to its denominator, the denominator is squared. In yours it is not.",
        ("div",),
        lambda g, op, i: vjp(op, i, g) * op.operands[1] if i else None,
    ),
)


def _slope_of_entry(place: int, g: Array, op: Operation, i: int) -> Array | None:
    if i or op.output.ndim != 1 or len(op.output) < 2:
        return None
    return g * slope_at(op, op.operands[0])[place]


def _pre_activation(g: Array, op: Operation, i: int) -> Array | None:
    """With what went into the activation function that made the other factor."""
    made = op.before[1 - i]
    if made is None or made.kind not in ACTIVATIONS:
        return None
    return vjp(with_other(op, i, made.operands[0]), i, g)


def _entry_of(place: Any, g: Array, op: Operation, i: int) -> Array | None:
    other = np.asarray(op.operands[1 - i])
    if other.ndim != 1 or len(other) < 2 or op.kind != "mul":
        return None
    return vjp(with_other(op, i, np.broadcast_to(other[place], other.shape)), i, g)


def _gated_by(own: bool, g: Array, op: Operation, i: int) -> Array | None:
    sign = op.operands[i] if own else op.operands[1 - i]
    whole = vjp(op, i, g)
    return whole * (sign > 0) if op.slots[1 - i] is not None and np.shape(sign) == whole.shape[1:] else None


def _slope_of_unit(g: Array, op: Operation, i: int) -> Array | None:
    """Times the slope of the unit that made the other factor."""
    made = op.before[1 - i]
    if made is None or made.kind not in ACTIVATIONS:
        return None
    other = op.operands[1 - i] * slope_at(made, made.operands[0])
    return vjp(with_other(op, i, other), i, g)


def _all_but_one(part: slice, terms: Array) -> Array | None:
    return terms[..., part].sum(-1) if terms.shape[-1] > 2 else None


def _joined_uses(join: Callable[[Array], Array | None], g: Array, op: Operation, i: int) -> Array | None:
    """The contributions to a number from each of its uses, joined in another way than by adding."""
    if np.ndim(op.operands[i]) or op.output.ndim != 1:
        return None
    return join(g * (op.operands[1 - i] if op.kind == "mul" else 1.0))


UNIT_RULES = (
    WrongRule(
        "slope-twice",
        "{Operand} is multiplied by the unit's output. Yours has the unit's derivative too, which belongs to earlier nodes.",
        ("mul", "matmul"),
        _slope_of_unit,
    ),
    WrongRule(
        "paths-multiplied",
        "{Operand} is used several times, and the contributions of all uses are added. Yours are multiplied.",
        ("mul", "add"),
        partial(_joined_uses, lambda terms: terms.prod(-1)),
    ),
    *(
        WrongRule(
            "one-path",
            "{Operand} is used several times, and the contributions of all uses are added. In yours the " + which + " one is missing.",
            ("mul", "add"),
            partial(_joined_uses, partial(_all_but_one, part)),
        )
        for part, which in ((slice(None, -1), "last"), (slice(1, None), "first"))
    ),
    *(
        WrongRule(
            "gate-on-wrong-sign-carrier",
            "A ReLU passes the gradient where its input is positive. For {operand} yours depends on the sign of another quantity.",
            ("mul",),
            partial(_gated_by, own),
            beside="relu",
        )
        for own in (True, False)
    ),
    WrongRule(
        "pre-activation-for-activation",
        "{Operand} is multiplied by a unit's output, after its activation function. Yours uses the pre-activation.",
        ("mul", "matmul"),
        _pre_activation,
    ),
    *(
        WrongRule(
            "other-unit",
            "Each unit's gradient is computed from that unit's own quantities. At {place} yours uses those of another unit.",
            ("mul",),
            partial(_entry_of, place),
        )
        for place in (0, -1, slice(None, None, -1))
    ),
    *(
        WrongRule(
            "other-unit",
            "Each unit has its own derivative. At {place} yours uses that of one unit for all.",
            ACTIVATIONS,
            partial(_slope_of_entry, place),
        )
        for place in (0, -1)
    ),
)
