"""Wrong rules of the softmax and of its logarithm."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..operations import Operation, behind, vjp
from ..tape import Array
from .rule import WrongRule


def _softmax_terms(join: Callable[[Array], Array]) -> Callable[[Array, Operation, int], Array | None]:
    """The rule that joins the contributions to each input j by
    join(terms): terms[..., j, i] is that of output i.
    """

    def rule(g: Array, op: Operation, i: int) -> Array:
        axis = behind(op.axis, op.output.ndim)
        assert isinstance(axis, int)  # a softmax has one axis
        p = np.moveaxis(op.output, axis - 1, -1)
        jacobian = p[..., :, None] * np.eye(p.shape[-1]) - p[..., :, None] * p[..., None, :]
        return np.moveaxis(join(jacobian * np.moveaxis(g, axis, -1)[..., None, :]), -1, axis)

    return rule


def _softmax_with(off_diagonal: Callable[[Array], Array]) -> Callable[[Array, Operation, int], Array | None]:
    """The rule of a softmax with other entries off the diagonal:
    off_diagonal(p)[..., i, j] is the derivative of output i with respect to input j.
    """

    def rule(g: Array, op: Operation, i: int) -> Array | None:
        if i:
            return None
        axis = behind(op.axis, op.output.ndim)
        assert isinstance(axis, int)  # a softmax has one axis
        p = np.moveaxis(op.output, axis - 1, -1)
        jacobian = np.where(np.eye(p.shape[-1]) > 0, (p * (1 - p))[..., :, None], off_diagonal(p))
        return np.moveaxis((np.moveaxis(g, axis, -1)[..., None, :] @ jacobian)[..., 0, :], -1, axis)

    return rule


def _entry_at(place: int, terms: Array) -> Array:
    return terms[..., place]


def _softmax_offdiagonal(g: Array, op: Operation, i: int) -> Array:
    p = op.output
    mixed = (g * p).sum(axis=behind(op.axis, p.ndim), keepdims=True) - g * p
    return p * (g * (1 - p) + mixed)


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
    WrongRule(
        "cross-entropy-shortcut",
        "The short form, prediction minus target, is for a softmax followed by cross-entropy. Here the loss is another one.",
        ("softmax",),
        lambda g, op, i: op.output - g,
    ),
    WrongRule(
        "diagonal-factor-everywhere",
        "In the Jacobian of a softmax, one minus the output belongs to the diagonal alone. In yours it is a factor off the diagonal too.",
        ("softmax",),
        _softmax_with(lambda p: -p[..., :, None] * (1 - p[..., :, None]) * p[..., None, :]),
    ),
    WrongRule(
        "diagonal-factor-everywhere",
        "In the Jacobian of a softmax, one minus the output belongs to the diagonal alone. In yours it is a factor off the diagonal too.",
        ("softmax",),
        _softmax_with(lambda p: -p[..., :, None] * (1 - p[..., None, :]) * p[..., None, :]),
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
        "When one input of a softmax rises, the OTHER outputs fall. What they contribute is missing in yours, or comes out as 0.",
        ("softmax",),
        lambda g, op, i: g * op.output,
    ),
    WrongRule(
        "mean-unweighted",
        "What is subtracted from the upstream gradient is its mean weighted with the softmax's values. Yours is the plain mean.",
        ("softmax",),
        lambda g, op, i: op.output * (g - g.mean(axis=behind(op.axis, op.output.ndim), keepdims=True)),
    ),
    WrongRule(
        "mean-unweighted",
        "What is subtracted from the upstream gradient is its mean weighted with the softmax's values. Yours is its sum, without weights.",
        ("softmax",),
        lambda g, op, i: op.output * (g + _shares(g, op)),
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
        "In your gradient of {operand} the difference of prediction and target has the wrong sign: "
        "where the prediction is above the target, the derivative is positive.",
        ("log_softmax",),
        lambda g, op, i: -vjp(op, i, g),
    ),
)
