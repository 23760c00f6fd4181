"""Wrong rules of functions of one number, such as activation functions and powers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..operations import SLOPES, Operation, slope_at, vjp
from ..tape import Array
from .rule import CURVED, UNARY, WrongRule, product_before


def _factor(factor: Callable[[Any, Any, Operation], Any]) -> Callable[[Any, Operation, int], Any]:
    """The rule that multiplies the upstream gradient by
    factor(z, a, op): z is the function's input, a its output.
    """

    def rule(g: Any, op: Operation, i: int) -> Any:
        if i:
            return None
        found = factor(op.operands[0], op.output, op)
        return None if found is None else g * found

    return rule


def _at_input(formula: Callable[[Any, Any, Any], Any], g: Any, op: Operation, i: int) -> Any:
    return None if i else formula(g, op.operands[0], op.output)


PARENTHESES = "Check the parentheses in your derivative of {place}: Python multiplies and divides before it adds and subtracts."
FUNCTIONS_IN_WORDS = {
    "sigmoid": "the sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "softplus": "softplus",
    "exp": "the exponential",
    "log": "the logarithm",
    "sin": "the sine",
    "cos": "the cosine",
}


def _others_slope(name: str, z: Any, a: Any, op: Operation) -> Any:
    return None if name == op.kind else SLOPES[name](z)


def _inner(op: Operation) -> Operation | None:
    """The operation that computes the input of `op` from something of the same shape."""
    inner = op.before[0]
    if inner is None or inner.slots[0] is None or np.shape(inner.operands[0]) != np.shape(op.operands[0]):
        return None
    return inner


def _inner_argument(g: Array, op: Operation, i: int) -> Array | None:
    inner = _inner(op)
    return None if i or inner is None else g * slope_at(op, inner.operands[0])


def _first_argument(g: Array, op: Operation, i: int) -> Array | None:
    """The derivative at the number that a chain of functions begins with."""
    inner = _inner(op)
    if i or inner is None:
        return None
    while (further := _inner(inner)) is not None:
        inner = further
    return g * slope_at(op, inner.operands[0]) if inner.before[0] is None else None


def _at_inner_slope(g: Array, op: Operation, i: int) -> Array | None:
    inner = _inner(op)
    if i or inner is None:
        return None
    return g * slope_at(op, vjp(inner, 0, np.ones((1, *inner.output.shape)))[0])


def _gate_on_operand(k: int, g: Array, op: Operation, i: int) -> Array | None:
    product = product_before(op, 0, 0)
    if product is None:
        return None
    carrier = np.asarray(product.operands[k])
    if not op.output.ndim and not carrier.ndim:
        return g * (carrier > 0)
    return g * (carrier > 0) if carrier.shape == op.output.shape else None


def _gate_without_bias(g: Array, op: Operation, i: int) -> Array | None:
    before = op.before[0]
    if before is None or before.kind != "add" or before.before[0] is None or before.before[0].output.shape != op.output.shape:
        return None
    return g * (before.before[0].output > 0)


UNARY_RULES = (
    WrongRule(
        "no-activation-slope",
        "In the backward pass the gradient is multiplied by the derivative of {place}. Yours is passed on unchanged.",
        (*CURVED, "pow"),
        _factor(lambda z, a, op: np.ones_like(z)),
    ),
    WrongRule(
        "no-gate",
        "Where the input of {place} is negative, a small change of it changes nothing. Yours passes the gradient on there as well.",
        ("relu",),
        _factor(lambda z, a, op: np.ones_like(z)),
    ),
    WrongRule(
        "slope-at-output",
        "The derivative of {place} is evaluated at the function's INPUT. Yours is evaluated at its output.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: slope_at(op, a)),
    ),
    WrongRule(
        "slope-twice",
        "The derivative of {place} is a factor once. In yours it is a factor twice.",
        UNARY,
        _factor(lambda z, a, op: slope_at(op, z) ** 2),
    ),
    WrongRule(
        "value-for-slope",
        "Yours multiplies by the value of {place}. The factor is its derivative.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: a),
    ),
    WrongRule(
        "input-for-slope",
        "Yours multiplies by the input of {place}. The factor is the derivative there.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: z),
    ),
    WrongRule(
        "slope-sign",
        "Your derivative of {place} has the wrong sign: does the output rise or fall when the input rises?",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: -slope_at(op, z)),
    ),
    WrongRule(
        "lost-upstream",
        "At {place} your gradient is the derivative alone. The upstream gradient is a factor too.",
        (*UNARY, "pow"),
        lambda g, op, i: None if i else np.broadcast_to(slope_at(op, op.operands[0]), g.shape),
    ),
    WrongRule(
        "slope-of-z",
        "The derivative of {place} is computed from the function's VALUE. Yours has the same formula with its input.",
        ("sigmoid",),
        _factor(lambda z, a, op: z * (1 - z)),
    ),
    WrongRule(
        "slope-of-z",
        "The derivative of {place} is computed from the function's VALUE. Yours has the same formula with its input.",
        ("tanh",),
        _factor(lambda z, a, op: 1 - z**2),
    ),
    WrongRule(
        "half-of-the-slope",
        "The derivative of {place} is a product of two factors. Yours has one of them.",
        ("sigmoid",),
        _factor(lambda z, a, op: 1 - a),
    ),
    WrongRule(
        "square-lost",
        "A square is missing in the derivative of {place}.",
        ("tanh",),
        _factor(lambda z, a, op: 1 - a),
    ),
    *(
        WrongRule("missing-parentheses", PARENTHESES, (kind,), partial(_at_input, formula))
        for kind, formula in (
            ("sigmoid", lambda g, z, a: g * a * 1 - a),
            ("sigmoid", lambda g, z, a: a * 1 - a * g),
            ("tanh", lambda g, z, a: g * 1 - a**2),
            ("tanh", lambda g, z, a: 1 - a**2 * g),
            ("softplus", lambda g, z, a: g * (1 / 1 + np.exp(-z))),
        )
    ),
    WrongRule(
        "sigmoid-formula-for-another",
        "The input times one minus the input is no derivative of {place}: even for a sigmoid that formula takes the value.",
        ("softplus", "relu", "tanh"),
        _factor(lambda z, a, op: z * (1 - z)),
    ),
    WrongRule(
        "sign-inside-the-slope",
        "One sign in your derivative of {place} is wrong.",
        ("tanh",),
        _factor(lambda z, a, op: 1 + a**2),
    ),
    WrongRule(
        "sign-inside-the-slope",
        "One sign in your derivative of {place} is wrong.",
        ("sigmoid",),
        _factor(lambda z, a, op: a * (1 + a)),
    ),
    WrongRule(
        "slope-at-minus-z",
        "The derivative of {place} is evaluated at the function's input. Yours is evaluated at minus the input.",
        ("softplus",),
        _factor(lambda z, a, op: slope_at(op, -z)),
    ),
    WrongRule(
        "sigmoid-formula-for-another",
        "Value times one minus value is the derivative of the sigmoid. {Place} is another function.",
        ("tanh", "softplus", "relu", "exp"),
        _factor(lambda z, a, op: a * (1 - a)),
    ),
    WrongRule(
        "tanh-formula-for-another",
        "One minus the value squared is the derivative of tanh. {Place} is another function.",
        ("sigmoid", "softplus", "relu", "exp"),
        _factor(lambda z, a, op: 1 - a**2),
    ),
    WrongRule(
        "power-rule-on-exponential",
        "The power rule is for a variable to a fixed power. In {place} the variable is in the exponent.",
        ("exp",),
        _factor(lambda z, a, op: z * np.exp(z - 1)),
    ),
    WrongRule(
        "inner-argument",
        "The derivative of {place} is evaluated at its input. Yours is evaluated at the value one operation earlier.",
        (*UNARY, "pow", "rdiv"),
        _inner_argument,
    ),
    WrongRule(
        "inner-argument",
        "The derivative of {place} is evaluated at its input. Yours is evaluated at the number with which the chain begins.",
        (*UNARY, "pow"),
        _first_argument,
    ),
    WrongRule(
        "outer-at-inner-slope",
        "The derivative of {place} is evaluated at the VALUE of the inner function. Yours is evaluated at the inner function's derivative.",
        (*CURVED, "pow"),
        _at_inner_slope,
    ),
    *(
        WrongRule(
            "gate-on-wrong-sign-carrier",
            "A ReLU passes the gradient where its input is positive. Yours depends on the sign of another quantity.",
            ("relu",),
            partial(_gate_on_operand, k),
        )
        for k in range(2)
    ),
    WrongRule(
        "gate-without-bias",
        "A ReLU passes the gradient where its input is positive, and the bias is part of that input. Yours leaves the bias out.",
        ("relu",),
        _gate_without_bias,
    ),
    WrongRule(
        "gate-turned",
        "A ReLU passes the gradient where its input is positive. Yours passes it where the input is not positive.",
        ("relu",),
        _factor(lambda z, a, op: (z <= 0).astype(np.float64)),
    ),
    WrongRule(
        "gate-on-upstream",
        "A ReLU passes the gradient where its input is positive. Yours depends on the sign of the upstream gradient.",
        ("relu",),
        lambda g, op, i: g * (g > 0),
    ),
    WrongRule(
        "reciprocal-sign",
        "The derivative of a quotient with respect to its denominator has a minus sign. At {place} yours has none.",
        ("reciprocal", "rdiv"),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "power-not-raised",
        "In the derivative of a quotient with respect to its denominator, the denominator is squared. In yours it is not.",
        ("reciprocal", "rdiv"),
        lambda g, op, i: None if i else vjp(op, i, g) * op.operands[0],
    ),
    *(
        WrongRule(
            "another-functions-slope",
            f"Yours multiplies by the derivative of {called}. {{Place}} is another function.",
            UNARY,
            _factor(partial(_others_slope, name)),
        )
        for name, called in FUNCTIONS_IN_WORDS.items()
    ),
    WrongRule(
        "softplus-slope-is-sigmoid-slope",
        "Yours multiplies by the second derivative of {place}: you have differentiated once too often.",
        ("softplus",),
        _factor(lambda z, a, op: SLOPES["sigmoid"](z)),
    ),
    WrongRule(
        "lost-power-factor",
        "The power rule brings the exponent down as a factor. It is missing at {place}.",
        ("pow",),
        lambda g, op, i: None if i else vjp(op, i, g) / op.operands[1],
    ),
    WrongRule(
        "power-kept",
        "The power rule lowers the exponent by one. At {place} yours keeps it.",
        ("pow",),
        lambda g, op, i: None if i else g * op.operands[1] * op.output,
    ),
    WrongRule(
        "missing-parentheses",
        PARENTHESES,
        ("pow",),
        lambda g, op, i: None if i else g * (op.operands[1] * op.operands[0] ** op.operands[1] - 1),
    ),
    WrongRule(
        "base-lost",
        "Yours has the exponent alone. The derivative of {place} depends on the base too.",
        ("pow",),
        lambda g, op, i: None if i else g * op.operands[1] * np.ones_like(op.operands[0]),
    ),
)
