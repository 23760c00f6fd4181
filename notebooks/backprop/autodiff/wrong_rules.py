"""The wrong backward rules that learners follow, each written once, with an id and words.

A rule says what an operand gets in place of the true contribution: rule(g, op, i), where `g` is the gradient at the
operation's output, `op` the operation and `i` the operand's position. It returns None where it does not apply. Values
are detached tensors. `{place}` in the words is the operation, `{operand}` what the wrong contribution goes to.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .lazy import torch
from .recording import Operation

Contribution = Any
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
    rule: Callable[[Any, Operation, int], Contribution]


def value(thing: Any) -> Any:
    """The value of an operand, cut off from the graph; a number as it is."""
    return thing.detach() if isinstance(thing, torch.Tensor) else thing


def vjp(op: Operation, i: int, g: Any) -> Any:
    """The true contribution to operand `i`, by PyTorch, for the gradient `g` at the output."""
    with torch.enable_grad():
        operands = [value(operand) for operand in op.operands]
        operands[i] = operands[i].requires_grad_()
        output = op.function(*operands, **op.keywords)
        return torch.autograd.grad((output * g).sum(), operands[i])[0]


def slope_at(op: Operation, point: Any) -> Any:
    """The derivative of the function of one number that `op` applies, at `point`, by PyTorch."""
    with torch.enable_grad():
        at = point.detach().clone().requires_grad_()
        output = op.function(at, *op.operands[1:], **op.keywords)
        return torch.autograd.grad(output.sum(), at)[0]


# --- functions of one number ------------------------------------------------------------------------------------------


def _factor(factor: Callable[[Any, Any, Operation], Any]) -> Callable[[Any, Operation, int], Any]:
    """The rule that multiplies what arrives by factor(z, a, op): z goes into the function, a comes out."""

    def rule(g: Any, op: Operation, i: int) -> Any:
        if i:
            return None
        found = factor(value(op.operands[0]), value(op.output), op)
        return None if found is None else g * found

    return rule


def _sigmoid_slope(z: Any) -> Any:
    s = torch.sigmoid(z)
    return s * (1 - s)


SLOPES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sigmoid": ("the sigmoid", _sigmoid_slope),
    "tanh": ("tanh", lambda z: 1 - torch.tanh(z) ** 2),
    "relu": ("ReLU", lambda z: (z > 0).to(z.dtype)),
    "softplus": ("softplus", lambda z: torch.sigmoid(z)),
    "exp": ("the exponential", lambda z: torch.exp(z)),
    "log": ("the logarithm", lambda z: 1 / z),
    "sin": ("the sine", lambda z: torch.cos(z)),
    "cos": ("the cosine", lambda z: -torch.sin(z)),
}


def _others_slope(name: str, z: Any, a: Any, op: Operation) -> Any:
    return None if name == op.kind else SLOPES[name][1](z)


UNARY_RULES = (
    WrongRule(
        "no-activation-slope",
        "{Place} has a slope, and on the way back every node multiplies by its own slope. Yours passes the gradient on as it is.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: torch.ones_like(z)),
    ),
    WrongRule(
        "slope-at-output",
        "The slope of {place} belongs to what goes INTO the function. Yours is taken at what comes out of it.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: slope_at(op, a)),
    ),
    WrongRule(
        "slope-twice",
        "The slope of {place} is a factor once. Yours has it twice.",
        UNARY,
        _factor(lambda z, a, op: slope_at(op, z) ** 2),
    ),
    WrongRule(
        "value-for-slope",
        "That is the value of {place}. Its slope is another number.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: a),
    ),
    WrongRule(
        "input-for-slope",
        "That multiplies by what goes into {place}. The factor is the slope there.",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: z),
    ),
    WrongRule(
        "slope-sign",
        "The sign is turned at {place}: does the output rise or fall when the input rises?",
        (*UNARY, "pow"),
        _factor(lambda z, a, op: -slope_at(op, z)),
    ),
    WrongRule(
        "lost-upstream",
        "That is the slope of {place} alone. What arrives from behind is a factor too.",
        (*UNARY, "pow"),
        lambda g, op, i: None if i else slope_at(op, value(op.operands[0])),
    ),
    WrongRule(
        "slope-of-z",
        "The slope of {place} is made of the function's VALUE. Yours has the same formula with what goes in.",
        ("sigmoid",),
        _factor(lambda z, a, op: z * (1 - z)),
    ),
    WrongRule(
        "slope-of-z",
        "The slope of {place} is made of the function's VALUE. Yours has the same formula with what goes in.",
        ("tanh",),
        _factor(lambda z, a, op: 1 - z**2),
    ),
    WrongRule(
        "half-of-the-slope",
        "The slope of {place} is a product of two factors. Yours has one of them.",
        ("sigmoid",),
        _factor(lambda z, a, op: 1 - a),
    ),
    WrongRule(
        "square-lost",
        "A square is missing in the slope of {place}.",
        ("tanh",),
        _factor(lambda z, a, op: 1 - a),
    ),
    WrongRule(
        "sigmoid-formula-for-another",
        "Value times one minus value is the slope of a sigmoid. {Place} is another function.",
        ("tanh", "softplus", "relu", "exp"),
        _factor(lambda z, a, op: a * (1 - a)),
    ),
    WrongRule(
        "tanh-formula-for-another",
        "One minus the value squared is the slope of tanh. {Place} is another function.",
        ("sigmoid", "softplus", "relu", "exp"),
        _factor(lambda z, a, op: 1 - a**2),
    ),
    WrongRule(
        "power-rule-on-exponential",
        "The power rule is for a variable to a fixed power. In {place} the variable is in the exponent.",
        ("exp",),
        _factor(lambda z, a, op: z * torch.exp(z - 1)),
    ),
    WrongRule(
        "gate-turned",
        "A ReLU lets the gradient pass where its input is positive. Yours is the other way round.",
        ("relu",),
        _factor(lambda z, a, op: (z <= 0).to(z.dtype)),
    ),
    WrongRule(
        "gate-on-upstream",
        "A ReLU opens and shuts with the sign of its input. Yours looks at the sign of the gradient that arrives.",
        ("relu",),
        lambda g, op, i: g * (g > 0),
    ),
    WrongRule(
        "reciprocal-sign",
        "Where {place} is concerned: when the denominator grows, the quotient falls. Yours has the other sign.",
        ("reciprocal", "rdiv"),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "power-not-raised",
        "The slope of one over something has the square of it below. Yours has not.",
        ("reciprocal", "rdiv"),
        lambda g, op, i: None if i else vjp(op, i, g) * value(op.operands[0]),
    ),
    *(
        WrongRule(
            "another-functions-slope",
            f"That is the slope of {called}. {{Place}} is another function.",
            UNARY,
            _factor(partial(_others_slope, name)),
        )
        for name, (called, _) in SLOPES.items()
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
        lambda g, op, i: None if i else g * op.operands[1] * value(op.output),
    ),
    WrongRule(
        "base-lost",
        "That is the exponent alone. The slope of {place} depends on what is raised to it.",
        ("pow",),
        lambda g, op, i: None if i else g * op.operands[1] * torch.ones_like(value(op.operands[0])),
    ),
)

# --- sums, products, quotients ----------------------------------------------------------------------------------------


def _other(op: Operation, i: int) -> Any:
    return value(op.operands[1 - i]) if len(op.operands) == 2 else None


def _mul(factor: Callable[[Any, Any], Any]) -> Callable[[Any, Operation, int], Any]:
    """The rule of a product: factor(own value, the other's value) in the place of the other's value."""

    def rule(g: Any, op: Operation, i: int) -> Any:
        own, other = value(op.operands[i]), _other(op, i)
        return _summed(g * factor(own, other), own.shape)

    return rule


def _summed(contribution: Any, shape: tuple[int, ...]) -> Any:
    """`contribution` added up over the axes along which an operand of `shape` was broadcast."""
    while contribution.ndim > len(shape):
        contribution = contribution.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and contribution.shape[axis] != 1:
            contribution = contribution.sum(axis, keepdim=True)
    return contribution


PRODUCT_RULES = (
    WrongRule(
        "own-operand",
        "A multiply node hands each input the OTHER input's value. For {operand} yours takes its own value.",
        ("mul",),
        _mul(lambda own, other: own),
    ),
    WrongRule(
        "lost-factor",
        "{Operand} was multiplied by another quantity on the way there, and on the way back that factor is missing.",
        ("mul", "div"),
        lambda g, op, i: _summed(g, value(op.operands[i]).shape),
    ),
    WrongRule(
        "lost-upstream",
        "What you give {operand} is the local derivative alone. What arrives from behind is a factor too.",
        ("mul", "div", "matmul"),
        lambda g, op, i: vjp(op, i, torch.ones_like(g)),
    ),
    WrongRule(
        "divided-by-factor",
        "The other factor of {place} belongs in the answer as a factor. Yours divides by it.",
        ("mul",),
        _mul(lambda own, other: 1 / other),
    ),
    WrongRule(
        "both-factors",
        "Of the two factors of {place}, each gets the other one back. Yours multiplies by both.",
        ("mul",),
        lambda g, op, i: _mul(lambda own, other: own * other)(g, op, i) if isinstance(op.operands[1 - i], torch.Tensor) else None,
    ),
    WrongRule(
        "factors-added",
        "Along one path, what arrives and the local derivative are multiplied. For {operand} yours are added.",
        ("mul",),
        lambda g, op, i: _summed(g + _other(op, i), value(op.operands[i]).shape),
    ),
    WrongRule(
        "factor-squared",
        "The other factor of {place} comes back once. Yours has it twice.",
        ("mul",),
        _mul(lambda own, other: other * other),
    ),
    WrongRule(
        "multiplied-not-divided",
        "{Operand} was divided on the way there. Yours multiplies on the way back.",
        ("div",),
        lambda g, op, i: None if i else _summed(g * _other(op, i), value(op.operands[i]).shape),
    ),
    WrongRule(
        "reciprocal-sign",
        "When the denominator of {place} grows, the quotient falls. Yours has the other sign.",
        ("div",),
        lambda g, op, i: -vjp(op, i, g) if i else None,
    ),
    WrongRule(
        "power-not-raised",
        "The slope of a quotient in its denominator has the square of it below. Yours has not.",
        ("div",),
        lambda g, op, i: vjp(op, i, g) * value(op.operands[1]) if i else None,
    ),
)
SUM_RULES = (
    WrongRule(
        "bias-times-bias",
        "{Operand} is only added, so its own value does not matter. Yours multiplies by it.",
        ("add", "sub"),
        lambda g, op, i: vjp(op, i, g * value(op.operands[i])),
    ),
    WrongRule(
        "add-treated-as-multiply",
        "{Operand} is added. Yours multiplies by what it is added to, as at a product.",
        ("add", "sub"),
        lambda g, op, i: None if _other(op, i) is None else vjp(op, i, g * _other(op, i)),
    ),
    WrongRule(
        "lost-upstream",
        "What you give {operand} is the local derivative alone. What arrives from behind is a factor too.",
        ("add", "sub", "rsub"),
        lambda g, op, i: vjp(op, i, torch.ones_like(g)),
    ),
    WrongRule(
        "sign-lost",
        "{Operand} is subtracted on the way there, and that turns the sign on the way back. Yours does not turn it.",
        ("rsub", "neg"),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "sign-lost",
        "{Operand} is subtracted on the way there, and that turns the sign on the way back. Yours does not turn it.",
        ("sub",),
        lambda g, op, i: -vjp(op, i, g) if i else None,
    ),
    WrongRule(
        "sign-turned",
        "The sign is turned at {place}, where nothing turns it on the way there.",
        ("sub",),
        lambda g, op, i: None if i else -vjp(op, i, g),
    ),
    WrongRule(
        "sign-turned",
        "The sign is turned at {place}, where nothing turns it on the way there.",
        ("add",),
        lambda g, op, i: -vjp(op, i, g),
    ),
    WrongRule(
        "path-left-out",
        "{Operand} is part of {place}. In yours nothing comes back along that way.",
        ("add", "sub", "rsub", "mul"),
        lambda g, op, i: torch.zeros_like(value(op.operands[i])),
    ),
)

# --- sums over axes, softmax, matrix products -------------------------------------------------------------------------


def _one_row(place: int, g: Any, op: Operation, i: int) -> Any:
    """The contribution that comes back through one row of a matrix product, or one entry of a sum."""
    if op.kind == "sum":
        whole = vjp(op, i, g)
        kept = torch.zeros_like(whole)
        if whole.ndim == 0:
            return None
        kept[place] = whole[place]
        return kept
    if g.ndim == 0 or (op.kind == "matmul" and value(op.operands[i]).ndim == 2 and i == 0 and g.ndim == 2):
        return None  # each row of the left factor has its own
    kept = torch.zeros_like(g)
    kept[place] = g[place]
    return vjp(op, i, kept)


def _one_example(place: int, g: Any, op: Operation, i: int) -> Any:
    """The contribution of one example to an operand that is broadcast over all of them."""
    if value(op.operands[i]).ndim == g.ndim:
        return None
    kept = torch.zeros_like(g)
    kept[place] = g[place]
    return vjp(op, i, kept)


def _softmax_dim(op: Operation) -> int:
    return op.keywords.get("dim", op.operands[1] if len(op.operands) > 1 else -1)


def _softmax_offdiagonal(g: Any, op: Operation, i: int) -> Any:
    p = value(op.output)
    mixed = (g * p).sum(_softmax_dim(op), keepdim=True) - g * p
    return p * (g * (1 - p) + mixed)


AXIS_RULES = (
    WrongRule(
        "mean-for-sum",
        "The loss adds up, and so does its gradient. Yours is averaged.",
        ("sum",),
        lambda g, op, i: None if i else vjp(op, i, g) * (value(op.output).numel() / value(op.operands[0]).numel()),
    ),
    WrongRule(
        "mean-for-sum",
        "All examples of the batch share these parameters, and their shares add. Yours is averaged.",
        ("matmul",),
        lambda g, op, i: vjp(op, i, g) / g.shape[0] if g.ndim else None,
    ),
    WrongRule(
        "mean-forgotten",
        "The loss is a mean, and its gradient has to know that. Yours is that of a sum.",
        ("mean",),
        lambda g, op, i: None if i else vjp(op, i, g) * (value(op.operands[0]).numel() / value(op.output).numel()),
    ),
    WrongRule(
        "mean-twice",
        "The loss is a mean, so its gradient is divided by the number of examples once. Yours is divided twice.",
        ("mean",),
        lambda g, op, i: None if i else vjp(op, i, g) * (value(op.output).numel() / value(op.operands[0]).numel()),
    ),
    WrongRule(
        "mean-for-sum",
        "{Operand} is used several times, and what comes back from each use adds up. Yours is averaged.",
        ("mul", "add", "sub"),
        lambda g, op, i: None if value(op.operands[i]).ndim == g.ndim else vjp(op, i, g) * value(op.operands[i]).numel() / g.numel(),
    ),
    *(
        WrongRule(
            "one-sample",
            "{Operand} is used several times, and what comes back from each use adds up. Yours has only the " + which + " share.",
            ("mul", "add", "sub"),
            partial(_one_example, place),
        )
        for place, which in ((0, "first"), (-1, "last"))
    ),
    WrongRule(
        "one-sample",
        "Several shares come back to {operand}, and they add. Yours has only the first one.",
        ("sum", "matmul"),
        partial(_one_row, 0),
    ),
    WrongRule(
        "one-sample",
        "Several shares come back to {operand}, and they add. Yours has only the last one.",
        ("sum", "matmul"),
        partial(_one_row, -1),
    ),
    WrongRule(
        "elementwise-softmax",
        "Every output of a softmax depends on every input. Yours treats each one as if it depended on its own input only.",
        ("softmax",),
        lambda g, op, i: None if i else g * value(op.output) * (1 - value(op.output)),
    ),
    WrongRule(
        "no-softmax-slope",
        "The softmax has slopes of its own. Yours passes the gradient on as if it were not there.",
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
        lambda g, op, i: None if i else vjp(op, i, g) - g * value(op.output) * (1 - value(op.output)),
    ),
)
RULES = (*UNARY_RULES, *PRODUCT_RULES, *SUM_RULES, *AXIS_RULES)


def rules_for(kind: str) -> Iterable[WrongRule]:
    """The wrong rules that can be followed at an operation of this kind."""
    return (rule for rule in RULES if kind in rule.kinds)
