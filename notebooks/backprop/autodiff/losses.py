"""The gradients of other losses, as they turn up at a prediction p with target y."""

from collections.abc import Callable
from dataclasses import dataclass

from .tape import Array


@dataclass(frozen=True)
class WrongLoss:
    """A gradient that is taken for the loss's: key, id, words about `{link}`, and its formula."""

    key: str
    id: str
    words: str
    gradient: Callable[[Array, Array], Array]


TWICE = "Your {link} has the derivative of the activation function as a factor once too often."
TURNED = "In {link} the difference has the wrong sign: where the prediction is above the target, the derivative is positive."
SHORT = "Your {link} is the short form, prediction minus target. That is the gradient at the input of the sigmoid or softmax."
OTHER = "Your {link} looks like the gradient of a log loss or cross-entropy. This loss is a squared error."
KEPT = "The derivative of a square is not a square: look at your {link}."

PARENTHESES = "Check the parentheses in your {link}: Python multiplies and divides, from left to right, before it adds and subtracts."

OF_LOG_LOSS = (
    WrongLoss("slope twice", "slope-twice", TWICE, lambda p, y: (p - y) * p * (1 - p)),
    WrongLoss("short", "cross-entropy-shortcut", SHORT, lambda p, y: p - y),
    WrongLoss("turned", "reversed-residual", TURNED, lambda p, y: y - p),
    WrongLoss(
        "squared",
        "wrong-loss",
        "Your {link} looks like the gradient of a squared error. This loss is a log loss.",
        lambda p, y: 2 * (p - y),
    ),
    WrongLoss("first term", "dropped-negative-class", "A log loss has two terms. Your {link} has the first only.", lambda p, y: -y / p),
    WrongLoss(
        "first term alone",
        "dropped-negative-class",
        "A log loss has two terms, each weighted by the target. Your {link} has the first only, without its weight.",
        lambda p, y: -1 / p,
    ),
    WrongLoss(
        "plus",
        "log-loss-sign",
        "The two terms of a log loss pull in opposite directions. In your {link} they do not.",
        lambda p, y: -y / p - (1 - y) / (1 - p),
    ),
    WrongLoss(
        "log turned",
        "loss-sign",
        "Your {link} has the other sign: a log loss has a minus in front.",
        lambda p, y: (y - p) / (p * (1 - p)),
    ),
    WrongLoss("second term without parentheses", "missing-parentheses", PARENTHESES, lambda p, y: -y / p + (1 - y) / 1 - p),
    WrongLoss("second target without parentheses", "missing-parentheses", PARENTHESES, lambda p, y: -y / p + 1 - y / (1 - p)),
    WrongLoss("fraction without parentheses", "missing-parentheses", PARENTHESES, lambda p, y: (p - y) / p * (1 - p)),
)
OF_SQUARED_ERROR = (
    WrongLoss("slope twice", "slope-twice", TWICE, lambda p, y: 2 * (p - y) * p * (1 - p)),
    WrongLoss(
        "short",
        "cross-entropy-shortcut",
        "Your {link} has the short form of cross-entropy. This loss is a squared error.",
        lambda p, y: p - y,
    ),
    WrongLoss("log", "wrong-loss", OTHER, lambda p, y: (p - y) / (p * (1 - p))),
    WrongLoss("cross-entropy", "wrong-loss", OTHER, lambda p, y: -y / p),
    WrongLoss("turned", "loss-sign", TURNED, lambda p, y: 2 * (y - p)),
    WrongLoss("squared kept", "squared-residual-kept", KEPT, lambda p, y: 2 * (p - y) ** 2),
    WrongLoss("squared kept with minus", "squared-residual-kept", KEPT, lambda p, y: -2 * (p - y) ** 2),
    WrongLoss("without parentheses", "missing-parentheses", PARENTHESES, lambda p, y: 2 * p - y),
    WrongLoss("with minus, without parentheses", "missing-parentheses", PARENTHESES, lambda p, y: -2 * y - p),
    WrongLoss("loss", "loss-for-gradient", "Your {link} is the loss itself, not its derivative.", lambda p, y: (p - y) ** 2),
)
