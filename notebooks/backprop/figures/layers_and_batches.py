"""The figures of lesson 05: shapes, broadcasting
as a fork, and the backward pass through layers.
"""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import BLUE, INK, PAPER, PARAMETER, QUIET, VERMILLION
from ..drawing.shapes import (
    BACKWARD,
    FORWARD,
    LARGE,
    MATHS,
    SMALL,
    TEXT,
    Node,
    Point,
    arrow,
    canvas,
    computed,
    given,
    key,
    loss,
    outline,
    parameter,
    there_and_back,
    write,
)
from .registry import described

SIDES = {"N": 84.0, "D": 124.0, "K": 70.0, "1": 34.0}  # pixels: three lengths that differ, so that only what fits fits


@described(
    "Matrices as rectangles, to scale: N examples, D inputs, K units. "
    "Forward: X of shape (N, D) times W of shape (D, K), plus b of shape (K,), gives Z of shape (N, K). "
    "Backward, with the gradient of L at Z, of shape (N, K): that times W transposed, (K, D), gives the gradient at X, (N, D). "
    "X transposed, (D, N), times that gives the gradient of W, (D, K). The sum of its rows is the gradient of b, (K,). "
    "Every gradient has the shape of what it is the gradient of."
)
def dense_shapes() -> Figure:
    """A dense layer forward and backward, every matrix drawn in its shape."""
    figure, axes = canvas(800, 520)
    at_Z = r"$\partial L/\partial Z$"
    _equation(
        axes,
        (30, 92),
        [("$X$", "ND", PAPER), "@", ("$W$", "DK", PARAMETER), "+", ("$b$", "1K", PARAMETER), "=", ("$Z$", "NK", PAPER)],
        BLUE,
    )
    _equation(
        axes, (30, 258), [(r"$\partial L/\partial X$", "ND", PAPER), "=", (at_Z, "NK", PAPER), "@", (r"$W^{\mathsf{T}}$", "KD", PARAMETER)]
    )
    _equation(
        axes, (30, 422), [(r"$\partial L/\partial W$", "DK", PARAMETER), "=", (r"$X^{\mathsf{T}}$", "DN", PAPER), "@", (at_Z, "NK", PAPER)]
    )
    _equation(axes, (450, 422), [(r"$\partial L/\partial b$", "1K", PARAMETER), "= sum of the rows of", (at_Z, "NK", PAPER)])
    for y, words, colour in ((24, "forward", BLUE), (194, "backward", VERMILLION)):
        write(axes, 30, y, words, TEXT, colour, ha="left", fontweight="bold")
    for place, words in enumerate(("$N$ examples", "$D$ inputs", "$K$ units")):
        write(axes, 640, 60 + 28 * place, words, MATHS, QUIET, ha="left")
    return figure


@described(
    "The bias b, a row of K numbers, is used by every example: an arrow leads from b to each of the rows z_1, z_2, up to z_N of Z, "
    "where z_n is row n of X times W, plus b. Forward, b is copied into every row. "
    "Backward, each row sends back its own gradient, and the gradient of b is the sum of them over n from 1 to N."
)
def broadcast_fork() -> Figure:
    """A bias that is broadcast over a batch: copied forward, summed backward."""
    figure, axes = canvas(760, 390)
    bias = parameter(axes, (90, 150), "$b$", 60)
    for y, index in ((50, "1"), (117, "2"), (250, "N")):
        row = Node(430, y, 210, 46)
        outline(axes, row)
        write(axes, row.x, row.y, rf"$z_{index} = x_{index}\,W + b$", MATHS, INK)
        there_and_back(axes, bias, row)
        write(axes, 640, y, rf"$\partial L/\partial z_{index}$", MATHS, VERMILLION)
        arrow(axes, Node(600, y, 0, 0), Node(540, y, 0, 0), BACKWARD)
    write(axes, 430, 183, r"$\vdots$", LARGE)
    write(axes, 90, 190, "shape $(K{,})$", TEXT, QUIET)
    write(axes, 200, 340, r"$\dfrac{\partial L}{\partial b} \;=\; \sum_{n=1}^{N}\;\dfrac{\partial L}{\partial z_n}$", LARGE)
    key(axes, 440, 328, [(FORWARD, "forward: one row is copied"), (BACKWARD, "backward: N rows are summed")])
    return figure


@described(
    "A network with three layers as a chain: X, Z^[1], A^[1], Z^[2], A^[2], the logits Z^[3], and the loss L. "
    "Solid arrows lead forward: a dense layer from X to Z^[1], a ReLU from Z^[1] to A^[1], and so on by turns. "
    "Dashed arrows lead back: from L the gradient (P - Y) / N arrives at the logits; "
    "through a dense layer it is multiplied by W transposed; through a ReLU it is multiplied by 1 where A is positive and by 0 elsewhere. "
    "Above each Z^[l] stand its parameters W^[l] and b^[l]. The dashed arrow to them brings A^[l-1] transposed times delta^[l], "
    "and the sum of the rows of delta^[l], where delta^[l] is the gradient at Z^[l]."
)
def network_back() -> Figure:
    """The backward pass through dense layers and ReLUs, with the parameters' gradients."""
    figure, axes = canvas(840, 360)
    xs = (40, 165, 290, 415, 540, 665, 790)
    names = ("X", "Z^{[1]}", "A^{[1]}", "Z^{[2]}", "A^{[2]}", "Z^{[3]}", "L")
    nodes = []
    for x, name in zip(xs, names):
        draw: Callable[..., Node] = given if name == "X" else loss if name == "L" else computed
        nodes.append(draw(axes, (x, 190), f"${name}$"))
    steps = ("dense", "ReLU", "dense", "ReLU", "dense", "loss")
    back = [r"$\delta^{[1]}W^{[1]\mathsf{T}}$", "ReLU", r"$\delta^{[2]}W^{[2]\mathsf{T}}$", "ReLU", r"$\delta^{[3]}W^{[3]\mathsf{T}}$"]
    for start, end, step, words in zip(nodes, nodes[1:], steps, [*back, r"$\dfrac{1}{N}(P - Y)$"]):
        there_and_back(axes, start, end)
        middle = (start.x + end.x) / 2
        write(axes, middle, 164, step, SMALL, BLUE)
        write(axes, middle, 226, words, SMALL if words == "ReLU" else MATHS, VERMILLION)
    for layer, node in zip((1, 2, 3), nodes[1::2]):
        box = parameter(axes, (node.x, 90), f"$W^{{[{layer}]}}, b^{{[{layer}]}}$", 96)
        there_and_back(axes, box, node)
        before = f"A^{{[{layer - 1}]" if layer > 1 else "X^{"
        words = rf"${before}\mathsf{{T}}}}\delta^{{[{layer}]}}$ and $\sum_n \delta_n^{{[{layer}]}}$"
        write(axes, node.x, 44, words, MATHS, VERMILLION)
    key(axes, 60, 292, [(FORWARD, "forward: values, stored for the backward pass"), (BACKWARD, "backward: gradients")])
    write(axes, 450, 305, r"$\delta^{[l]} = \partial L/\partial Z^{[l]}$, $\;$ ReLU: times $[A^{[l]} > 0]$", MATHS, ha="left")
    return figure


def _equation(axes: Axes, start: Point, terms: list[str | tuple[str, str, str]], colour: str = VERMILLION) -> None:
    """Draw matrices in their shapes, with signs between them, from left to right on one height."""
    x, y = start
    for term in terms:
        if isinstance(term, str):
            words = {"@": r"$\times$", "+": "$+$", "=": "$=$"}.get(term, term)
            width = 46.0 if words != term else 7.2 * len(term) + 22
            write(axes, x + width / 2, y, words, MATHS if words != term else TEXT)
            x += width
            continue
        label, sides, fill = term
        rows, columns = sides[0], sides[1]
        node = Node(x + SIDES[columns] / 2, y, SIDES[columns], SIDES[rows], box=True)
        outline(axes, node, fill=fill, colour=colour if "partial" in label or colour == BLUE else INK)
        write(axes, node.x, node.y, label, MATHS, INK)
        shape = f"$({columns}{{,}})$" if rows == "1" else f"$({rows}, {columns})$"
        write(axes, node.x, y + SIDES[rows] / 2 + 14, shape, TEXT, QUIET)
        x += SIDES[columns]
