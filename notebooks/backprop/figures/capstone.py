"""The figures of lesson 09: the stages of the work with their
tests, and an image that is changed along its gradient.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from ..digits import CLASSES, HEIGHT, WIDTH, draw_digits
from ..drawing.palette import BLUE, INK, QUIET, VERMILLION
from ..drawing.shapes import MATHS, SMALL, TEXT, Node, arrow, canvas, outline, write
from .digit_network import loss_at
from .registry import described

GREY: dict[str, Any] = {"cmap": "gray_r", "vmin": -0.2, "vmax": 1.2}
SIGNS: dict[str, Any] = {"cmap": ListedColormap([BLUE, VERMILLION]), "vmin": -1, "vmax": 1}
STEP = 0.1

STAGES = (
    ("data", "look at it"),
    ("start", "first loss $\\log K$"),
    ("gradients", "central differences"),
    ("training loop", "overfit twenty"),
    ("design", "validation set"),
    ("result", "test set, once"),
)


@described(
    "Six stages from left to right, with an arrow from each to the next: data, start, gradients, training loop, design, result. "
    "Under each stands its test: look at the data; the first loss is log K; central differences; overfit twenty examples; "
    "the validation set; the test set, once. Above the stages there is an image of each digit from 0 to 9, 12 by 8 pixels, "
    "drawn with seven segments, shifted, slanted and noisy."
)
def capstone_plan() -> Figure:
    """The stages from data to result, each with its test."""
    figure, axes = canvas(860, 220)
    X, labels = draw_digits(10, seed=5)
    for digit in range(10):
        _image(axes, X[labels == digit][0].reshape(HEIGHT, WIDTH), 100 + 66 * digit, 15)
    nodes = []
    for place, (stage, test) in enumerate(STAGES):
        nodes.append(Node(75 + 142 * place, 145, 108, 40, box=True))
        outline(axes, nodes[-1])
        write(axes, nodes[-1].x, 145, stage, TEXT, INK)
        write(axes, nodes[-1].x, 190, test, SMALL, QUIET)
    for one, other in zip(nodes, nodes[1:]):
        arrow(axes, one, other)
    return figure


@described(
    "Three images of 12 by 8 pixels in a row, read as a sum. Left: a noisy 0, which the network takes for a 0 with probability 0.999. "
    "Plus 0.1 times the middle one: the signs of the loss's derivatives with respect to the pixels, orange where the sign is plus and blue "
    "where it is minus. Right: the changed image. It still looks like a 0, and the network takes it for an 8 with probability 0.967."
)
def pixel_gradient() -> Figure:
    """An image, 0.1 times the signs of its gradient, and the sum, with the predictions."""
    figure, axes = canvas(860, 230)
    X, labels = draw_digits(CLASSES, [0, 9])
    x, digit = X[labels == 0][0], 0
    _, before, dL_dx = loss_at(x, digit)
    changed = x + STEP * np.sign(dL_dx)
    _, after, _ = loss_at(changed, digit)
    for left, pixels, look, words in (
        (110, x, GREY, f"taken for {_answer(before)}"),
        (382, np.sign(dL_dx), SIGNS, "signs of $\\partial L/\\partial x$"),
        (654, changed, GREY, f"taken for {_answer(after)}"),
    ):
        _image(axes, pixels.reshape(HEIGHT, WIDTH), left, 14, 12.0, **look)
        write(axes, left + 48, 184, words, TEXT)
    for x_middle, sign in ((294, f"$+\\ {STEP:g}\\ \\cdot$"), (566, "$=$")):
        write(axes, x_middle, 86, sign, MATHS)
    write(axes, 406, 212, "plus", SMALL, VERMILLION)
    write(axes, 456, 212, "minus", SMALL, BLUE)
    return figure


def _answer(probabilities: np.ndarray) -> str:
    return f"{probabilities.argmax()}, probability {probabilities.max():.3f}"


def _image(axes: Axes, image: np.ndarray, left: float, top: float, pixel: float = 6.0, **look: Any) -> None:
    """An image, its upper left corner at a point."""
    height, width = image.shape
    extent = (left, left + pixel * width, top + pixel * height, top)
    axes.imshow(image, **GREY | look, extent=extent, interpolation="nearest", aspect="auto", zorder=2)
