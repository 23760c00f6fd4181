"""One image of a digit, a change of all its pixels, and what the network answers to both."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...digits import CLASSES, PIXELS, draw_digits
from ...figures.digit_network import loss_at

IMAGES = 9  # in the seeds, so that these images are none of the lesson's


@dataclass(frozen=True)
class Change:
    """Every pixel of an image of `digit` is changed by epsilon times a sign.

    The sign is that of the loss's derivative with respect to the pixel, or random. `noise` is the
    standard deviation of the noise in the image. `draw` says which image, and which random signs.
    """

    digit: int = 8
    epsilon: float = 0.0
    noise: float = 0.15
    at_random: bool = False
    draw: int = 0


@dataclass(frozen=True)
class Found:
    """The image before and after the change, with the loss and the probabilities of both.

    x, signs, changed, dL_dx (96,); before, after (10,)
    """

    x: np.ndarray
    dL_dx: np.ndarray
    signs: np.ndarray
    changed: np.ndarray
    before: np.ndarray
    after: np.ndarray
    loss_before: float
    loss_after: float

    @property
    def predicted_rise(self) -> float:
        """To first order, what the change adds to the loss: the gradient times the change."""
        return float(self.dL_dx @ (self.changed - self.x))


def image_of(change: Change) -> np.ndarray:
    """The image before the change, (96,)."""
    X, labels = draw_digits(CLASSES, [change.draw, IMAGES], change.noise)
    return X[labels == change.digit][0]


@lru_cache(maxsize=64)
def measure(change: Change) -> Found:
    """The network's answers before and after the change, and the gradient before it."""
    x = image_of(change)
    loss_before, before, dL_dx = loss_at(x, change.digit)
    signs = np.random.default_rng(change.draw).choice([-1.0, 1.0], PIXELS) if change.at_random else np.sign(dL_dx)
    changed = x + change.epsilon * signs
    loss_after, after, _ = loss_at(changed, change.digit)
    return Found(x, dL_dx, signs, changed, before, after, loss_before, loss_after)
