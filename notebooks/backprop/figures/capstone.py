"""The figure of lesson 09: the stages of the work, and what each of them is tested with."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..digits import HEIGHT, WIDTH, draw_digits
from ..drawing.palette import QUIET
from ..drawing.shapes import SMALL, TEXT, Node, arrow, canvas, outline, write
from .registry import described

STAGES = (
    ("data", "look at it"),
    ("start", "first loss $\\log K$"),
    ("gradients", "central differences"),
    ("steps", "twenty by heart"),
    ("design", "validation set"),
    ("result", "test set, once"),
)


@described(
    "Six stages from left to right, with an arrow from each to the next: data, start, gradients, steps, design, result. "
    "Under each stands its test: look at the data; the first loss is log K; central differences; twenty examples by heart; "
    "the validation set; the test set, once. Above the stages there is an image of each digit from 0 to 9, 12 by 8 pixels, "
    "drawn with seven segments, shifted, slanted and noisy."
)
def capstone_plan() -> Figure:
    """The stages from data to result, in the order in which mistakes are cheap to find."""
    figure, axes = canvas(860, 220)
    X, labels = draw_digits(10, seed=5)
    for digit in range(10):
        _image(axes, X[labels == digit][0].reshape(HEIGHT, WIDTH), 100 + 66 * digit, 15)
    nodes = []
    for place, (stage, test) in enumerate(STAGES):
        nodes.append(Node(75 + 142 * place, 145, 100, 40, box=True))
        outline(axes, nodes[-1])
        write(axes, nodes[-1].x, 145, stage, TEXT)
        write(axes, nodes[-1].x, 190, test, SMALL, QUIET)
    for one, other in zip(nodes, nodes[1:]):
        arrow(axes, one, other)
    return figure


def _image(axes: Axes, image: np.ndarray, left: float, top: float, pixel: float = 6.0) -> None:
    """An image, its upper left corner at a point."""
    height, width = image.shape
    extent = (left, left + pixel * width, top + pixel * height, top)
    axes.imshow(image, cmap="gray_r", vmin=-0.2, vmax=1.2, extent=extent, interpolation="nearest", aspect="auto", zorder=2)
