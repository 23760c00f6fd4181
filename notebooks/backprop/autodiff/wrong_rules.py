"""The wrong backward rules that learners follow, each written once, with an id and words.

A rule gives an operand's contribution in place of the true one: rule(g, op, i), where `g` holds
gradients at the operation's output, with a first axis for those that are computed together, `op` is
the operation and `i` the operand's position. It returns None where it does not apply. `{place}` in
the words is the operation, `{operand}` the receiver of the wrong contribution.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .operations import SLOPES, Operation, behind, slope_at, summed, vjp
from .tape import Array

UNARY = ("exp", "log", "sin", "cos", "sigmoid", "tanh", "relu", "softplus", "sqrt", "reciprocal")
ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus")
CALLED = {
    "mul": "product",
    "add": "sum",
    "sub": "difference",
    "rsub": "difference",
    "div": "quotient",
    "rdiv": "quotient",
    "neg": "minus sign",
    "pow": "power",
    "exp": "exponential",
    "log": "logarithm",
    "sin": "sine",
    "cos": "cosine",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "softplus": "softplus",
    "sqrt": "square root",
    "reciprocal": "reciprocal",
    "matmul": "matrix product",
    "sum": "sum",
    "mean": "mean",
    "softmax": "softmax",
    "log_softmax": "logarithm of the softmax",
}


@dataclass(frozen=True)
class WrongRule:
    """A wrong contribution to an operand.

    id     the misunderstanding
    words  what the learner is told
    kinds  the kinds of operations at which it can be made
    rule   rule(g, op, i) -> the contribution, or None where it does not apply
    """

    id: str
    words: str
    kinds: tuple[str, ...]
    rule: Callable[[Array, Operation, int], Array | None]


# --- functions of one number ----------------------------------------------------------------------


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
    if not op.output.ndim:
        return g * (carrier.sum() > 0)
    return g * (carrier > 0) if carrier.shape == op.output.shape else None


def _gate_without_bias(g: Array, op: Operation, i: int) -> Array | None:
    before = op.before[0]
    if before is None or before.kind != "add" or before.before[0] is None or before.before[0].output.shape != op.output.shape:
        return None
    return g * (before.before[0].output > 0)


def product_before(op: Operation, i: int, along: int) -> Operation | None:
    """The product that operand `i` goes back to, through sums along their operand `along`."""
    found = op.before[i]
    while found is not None and found.kind in ("add", "sum"):
        found = found.before[along if found.kind == "add" else 0]
    return found if found is not None and found.kind == "mul" else None


UNARY_RULES = (
    WrongRule(
        "no-activation-slope",
        "In the backward pass the gradient is multiplied by the derivative of {place}. Yours is passed on unchanged.",
        (*UNARY, "pow"),
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
        "That is the derivative of {place} alone. The upstream gradient is a factor too.",
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
        (*UNARY, "pow"),
        _inner_argument,
    ),
    WrongRule(
        "outer-at-inner-slope",
        "The derivative of {place} is evaluated at the VALUE of the inner function. Yours is evaluated at the inner function's derivative.",
        (*UNARY, "pow"),
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
            f"That is the derivative of {called}. {{Place}} is another function.",
            UNARY,
            _factor(partial(_others_slope, name)),
        )
        for name, called in FUNCTIONS_IN_WORDS.items()
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
        "base-lost",
        "Yours has the exponent alone. The derivative of {place} depends on the base too.",
        ("pow",),
        lambda g, op, i: None if i else g * op.operands[1] * np.ones_like(op.operands[0]),
    ),
)

# --- sums, products, quotients --------------------------------------------------------------------


def _other(op: Operation, i: int) -> Any:
    return op.operands[1 - i] if len(op.operands) == 2 else None


def _mul(factor: Callable[[Any, Any], Any]) -> Callable[[Any, Operation, int], Any]:
    """The rule of a product, with factor(own value,
    the other's value) in place of the other's value.
    """

    def rule(g: Any, op: Operation, i: int) -> Any:
        own, other = op.operands[i], _other(op, i)
        return summed(g * factor(own, other), own.shape)

    return rule


PRODUCT_RULES = (
    WrongRule(
        "own-operand",
        "A multiply node hands each input the OTHER input's value. For {operand} yours takes its own value.",
        ("mul",),
        _mul(lambda own, other: own),
    ),
    WrongRule(
        "lost-factor",
        "{Operand} was multiplied by another quantity in the forward pass, and in the backward pass that factor is missing.",
        ("mul", "div"),
        lambda g, op, i: summed(g, op.operands[i].shape),
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
        lambda g, op, i: summed(g + _other(op, i), op.operands[i].shape),
    ),
    WrongRule(
        "factor-squared",
        "The other factor of {place} multiplies the gradient once. Yours is multiplied by it twice.",
        ("mul",),
        lambda g, op, i: _mul(lambda own, other: other * other)(g, op, i) if op.slots[1 - i] is not None else None,
    ),
    WrongRule(
        "multiplied-not-divided",
        "{Operand} is divided in the forward pass. Yours multiplies by the divisor in the backward pass.",
        ("div",),
        lambda g, op, i: None if i else summed(g * _other(op, i), op.operands[i].shape),
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


def _like_a_weight(g: Array, op: Operation, i: int) -> Array | None:
    """The gradient of a weight, given to a bias: the
    upstream gradient times the input of the product.
    """
    product = product_before(op, 1 - i, 1)
    if product is None:
        return None
    weights = [k for k in (0, 1) if product.names[k][:1].lower() in ("w", "v", "u")]
    data = product.operands[1 - weights[0]] if weights else product.operands[1]
    return vjp(op, i, g * data) if np.ndim(data) <= op.output.ndim else None


def _slope_of_entry(place: int, g: Array, op: Operation, i: int) -> Array | None:
    if i or op.output.ndim != 1 or len(op.output) < 2:
        return None
    return g * slope_at(op, op.operands[0])[place]


def _pre_activation(g: Array, op: Operation, i: int) -> Array | None:
    """With what went into the activation function that made the other factor."""
    made = op.before[1 - i]
    if made is None or made.kind not in ACTIVATIONS:
        return None
    return vjp(_with(op, i, made.operands[0]), i, g)


def _with(op: Operation, i: int, other: Array) -> Operation:
    """The same product with another value of the operand that is not `i`."""
    return op.at((op.operands[0], other) if i == 0 else (other, op.operands[1]), op.output, op.before)


def _entry_of(place: Any, g: Array, op: Operation, i: int) -> Array | None:
    other = np.asarray(op.operands[1 - i])
    if other.ndim != 1 or len(other) < 2 or op.kind != "mul":
        return None
    return vjp(_with(op, i, np.broadcast_to(other[place], other.shape)), i, g)


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
    return vjp(_with(op, i, other), i, g)


def _all_but_one(part: slice, terms: Array) -> Array | None:
    return terms[..., part].sum(-1) if terms.shape[-1] > 2 else None


def _entry_at(place: int, terms: Array) -> Array:
    return terms[..., place]


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
        lambda g, op, i: None if _other(op, i) is None else vjp(op, i, g * _other(op, i)),
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
        "The forward pass has no minus sign at {place}. Yours changes the sign of the gradient there.",
        ("add",),
        lambda g, op, i: -vjp(op, i, g),
    ),
    WrongRule(
        "path-left-out",
        "{Operand} is an operand of {place}. In yours no gradient comes back along that path.",
        ("add", "sub", "rsub", "mul"),
        lambda g, op, i: np.zeros_like(op.operands[i]),
    ),
)

# --- sums over axes, softmax, matrix products -----------------------------------------------------


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


def _softmax_offdiagonal(g: Array, op: Operation, i: int) -> Array:
    p = op.output
    mixed = (g * p).sum(axis=behind(op.axis, p.ndim), keepdims=True) - g * p
    return p * (g * (1 - p) + mixed)


AXIS_RULES = (
    WrongRule(
        "mean-for-sum",
        "The forward pass has a sum here, so nothing is divided in the backward pass. Yours is the gradient of a mean.",
        ("sum",),
        lambda g, op, i: None if i else vjp(op, i, g) * (op.output.size / op.operands[0].size),
    ),
    WrongRule(
        "mean-for-sum",
        "All examples of the batch use the same parameters, so their contributions are added. Yours are averaged.",
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
        "{Operand} is added to every example, so its gradient is the sum of theirs. Yours is 1, whatever the upstream gradient is.",
        ("add",),
        lambda g, op, i: None if np.ndim(op.operands[i]) == op.output.ndim else np.ones(np.shape(op.operands[i])),
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
    WrongRule(
        "elementwise-softmax",
        "Every output of a softmax depends on every input. Yours treats each one as if it depended on its own input only.",
        ("softmax",),
        lambda g, op, i: None if i else g * op.output * (1 - op.output),
    ),
    WrongRule(
        "no-softmax-slope",
        "The softmax has a derivative of its own. Yours passes the gradient on as if it were not there.",
        ("softmax", "log_softmax"),
        lambda g, op, i: None if i else g,
    ),
    WrongRule(
        "softmax-offdiagonal-sign",
        "When one input of a softmax rises, the OTHER outputs fall. In yours they rise.",
        ("softmax",),
        lambda g, op, i: None if i else _softmax_offdiagonal(g, op, i),
    ),
    WrongRule(
        "softmax-own-terms-left-out",
        "An output of a softmax depends on its own input too. Yours has only what comes through the others.",
        ("softmax",),
        lambda g, op, i: None if i else vjp(op, i, g) - g * op.output * (1 - op.output),
    ),
)

# --- matrix products ------------------------------------------------------------------------------


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
    return np.concatenate([vjp(_with(op, i, op.operands[1 - i] - rate * step), i, row[None]) for row, step in zip(g, steps)])


PRODUCT_OF_MATRICES_RULES = (
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
        lambda g, op, i: vjp(_with(op, i, np.ones_like(op.operands[1 - i])), i, g),
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
        "The forward pass has no minus sign at {place}. Yours changes the sign of the gradient there.",
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

# --- softmax --------------------------------------------------------------------------------------


def _softmax_terms(join: Callable[[Array], Array]) -> Callable[[Array, Operation, int], Array | None]:
    """The rule that joins the contributions to each input j by
    join(terms): terms[..., j, i] is that of output i.
    """

    def rule(g: Array, op: Operation, i: int) -> Array:
        p = np.moveaxis(op.output, op.axis, -1)
        jacobian = p[..., :, None] * np.eye(p.shape[-1]) - p[..., :, None] * p[..., None, :]
        axis = behind(op.axis, op.output.ndim)
        return np.moveaxis(join(jacobian * np.moveaxis(g, axis, -1)[..., None, :]), -1, axis)

    return rule


def _around_softmax(op: Operation, g: Array, z: Array) -> Array:
    """The formula of the softmax with something else in the place of its value."""
    return z * (g - (z * g).sum(axis=behind(op.axis, op.output.ndim), keepdims=True))


def _shares(g: Array, op: Operation) -> Array:
    """Of a loss on the logarithm of a softmax: minus the sum of its gradients, by example."""
    return -g.sum(axis=behind(op.axis, op.output.ndim), keepdims=True)


def _softmax_backward(g: Array, op: Operation) -> Array:
    return _around_softmax(op, g, np.exp(op.output))


SOFTMAX_RULES = (
    WrongRule(
        "cross-entropy-shortcut",
        "The short form, prediction minus target, is for a softmax followed by cross-entropy. Here the loss is another one.",
        ("softmax",),
        lambda g, op, i: op.output - g,
    ),
    WrongRule(
        "mean-for-sum",
        "Each example has a softmax of its own, and nothing here is averaged. Yours is divided by the number of examples.",
        ("softmax",),
        lambda g, op, i: vjp(op, i, g) / len(op.output) if op.output.ndim == 2 else None,
    ),
    WrongRule(
        "stray-logit",
        "The derivative of a softmax has no logit in it, only the softmax's values. Yours multiplies by some.",
        ("softmax",),
        lambda g, op, i: g * op.output * (1 - op.output) * (op.operands[0] - op.operands[0].sum(op.axis, keepdims=True)),
    ),
    WrongRule(
        "softmax-offdiagonal-sign",
        "When one input of a softmax rises, the OTHER outputs fall. In yours they rise.",
        ("softmax",),
        lambda g, op, i: 2 * g * op.output - _around_softmax(op, g, op.output),
    ),
    WrongRule(
        "second-term-forgotten",
        "When one input of a softmax rises, the OTHER outputs fall. Yours has only what an input does to its own output.",
        ("softmax",),
        lambda g, op, i: g * op.output,
    ),
    WrongRule(
        "slope-twice",
        "The derivative of the softmax is a factor once. Yours has it twice.",
        ("softmax",),
        lambda g, op, i: vjp(op, i, vjp(op, i, g)),
    ),
    WrongRule(
        "slope-of-z",
        "The derivative of a softmax is computed from its VALUE. Yours has the same formula with its input.",
        ("softmax",),
        lambda g, op, i: _around_softmax(op, g, op.operands[0]),
    ),
    WrongRule(
        "slope-at-output",
        "The derivative of a softmax is computed from its value. Yours applies the softmax to that value once more.",
        ("softmax",),
        lambda g, op, i: _around_softmax(op, g, np.exp(op.output) / np.exp(op.output).sum(axis=op.axis, keepdims=True)),
    ),
    WrongRule(
        "lost-upstream",
        "Your gradient of {operand} is the local derivative alone. The upstream gradient is a factor too.",
        ("softmax",),
        lambda g, op, i: np.broadcast_to(op.output * (1 - op.output), g.shape),
    ),
    *(
        WrongRule(
            "first-output-only",
            "Every output of a softmax depends on every input. Yours follows the " + which + " output only.",
            ("softmax",),
            _softmax_terms(partial(_entry_at, place)),
        )
        for place, which in ((0, "first"), (-1, "last"))
    ),
    WrongRule(
        "paths-multiplied",
        "The contributions of the softmax's outputs to one input are added. Yours are multiplied.",
        ("softmax",),
        _softmax_terms(lambda terms: terms.prod(-1)),
    ),
    WrongRule(
        "absolute-paths",
        "The contributions of the softmax's outputs to one input are added with their signs. Yours adds their absolute values.",
        ("softmax",),
        _softmax_terms(lambda terms: np.abs(terms).sum(-1)),
    ),
    WrongRule(
        "paths-averaged",
        "The contributions of the softmax's outputs to one input are added. Yours are averaged.",
        ("softmax",),
        _softmax_terms(lambda terms: terms.mean(-1)),
    ),
    WrongRule(
        "stray-logit",
        "The derivative of a softmax has no logit in it, only the softmax's values. Yours multiplies by one.",
        ("softmax",),
        lambda g, op, i: g * op.output * (1 - op.output) * op.operands[0],
    ),
    WrongRule(
        "wrong-loss",
        "That is the gradient of a squared error. This loss is a cross-entropy.",
        ("log_softmax",),
        lambda g, op, i: 2 * _softmax_backward(vjp(op, i, g), op),
    ),
    WrongRule(
        "slope-twice",
        "The short form of cross-entropy contains the derivative of the softmax already. In yours it is a factor once more.",
        ("log_softmax",),
        lambda g, op, i: _softmax_backward(vjp(op, i, g), op),
    ),
    WrongRule(
        "elementwise-softmax",
        "Every output of a softmax depends on every input. Yours treats each one as if it depended on its own input only.",
        ("log_softmax",),
        lambda g, op, i: g * (1 - np.exp(op.output)),
    ),
    WrongRule(
        "softmax-offdiagonal-sign",
        "When one input of a softmax rises, the OTHER outputs fall. In yours they rise.",
        ("log_softmax",),
        lambda g, op, i: g * (1 - np.exp(op.output)) - np.exp(op.output) * (_shares(g, op) + g),
    ),
    WrongRule(
        "lost-upstream",
        "That is a derivative of the softmax alone. The gradient of the loss is a factor too.",
        ("log_softmax",),
        lambda g, op, i: np.exp(op.output) * (1 - np.exp(op.output)) * _shares(g, op),
    ),
    WrongRule(
        "no-softmax-slope",
        "The softmax has a derivative of its own. Yours passes on the gradient at its output as if it were not there.",
        ("log_softmax",),
        lambda g, op, i: g * np.exp(-op.output),
    ),
    WrongRule(
        "target-forgotten",
        "The gradient at the softmax's input says how far the prediction is from the target. Yours has the prediction alone.",
        ("log_softmax",),
        lambda g, op, i: np.exp(op.output) * _shares(g, op),
    ),
    WrongRule(
        "reversed-residual",
        "In {place} the difference is the wrong way round: where the prediction is too high, raising it makes the loss grow.",
        ("log_softmax",),
        lambda g, op, i: -vjp(op, i, g),
    ),
)
RULES = (*UNARY_RULES, *PRODUCT_RULES, *UNIT_RULES, *SUM_RULES, *AXIS_RULES, *PRODUCT_OF_MATRICES_RULES, *SOFTMAX_RULES)


def rules_for(kind: str) -> Iterable[WrongRule]:
    """The wrong rules that can be followed at an operation of this kind."""
    return (rule for rule in RULES if kind in rule.kinds)
