"""The figures of lesson 05: shapes, broadcasting as a fork, the backward pass
through layers; variance, a skip connection, and an epoch.
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
    PIXEL,
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
    write_over,
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


@described(
    "Two passes through one unit. Forward, on the left: arrows lead from a_1, a_2, up to a_D to z, with the weights w_1 to w_D on them, "
    "and one arrow from z to a = max(0, z). The expected square of z is D v times the mean of the a_i squared, "
    "and the ReLU leaves half of it; the mean square is kept if v = 2/D. "
    "Backward, on the right: dashed arrows lead from delta_1, delta_2, up to delta_K to the gradient of a, with the weights w_1 to w_K, "
    "and one dashed arrow from there to the gradient of z, through the gate. "
    "The expected square is K v times the mean of the delta_k squared, and the gate leaves half of it; it is kept if v = 2/K."
)
def variance_kept() -> Figure:
    """Which variance of the weights keeps the mean square: 2/D forward, 2/K backward."""
    figure, axes = canvas(820, 350)
    ends = [Node(60, y, 44, 44) for y in (60, 125, 230)]
    z, a = Node(220, 145, 46, 46), Node(350, 145, 46, 46)
    for node, index in zip(ends, "12D"):
        outline(axes, node)
        write(axes, node.x, node.y, f"$a_{index}$", MATHS, INK)
        shaft = arrow(axes, node, z, FORWARD)
        write_over(axes, *shaft.at(0.45), f"$w_{index}$", MATHS)
    arrow(axes, z, a, FORWARD)
    _labelled(axes, {"$z$": z, "$a$": a})
    write(axes, (z.x + a.x) / 2, 124, "ReLU", SMALL, BLUE)
    write(axes, 60, 178, r"$\vdots$", LARGE)
    deltas = [Node(770, y, 46, 46) for y in (60, 125, 230)]
    at_z, at_a = Node(476, 145, 78, 46), Node(622, 145, 78, 46)
    for node, index in zip(deltas, "12K"):
        outline(axes, node)
        write(axes, node.x, node.y, rf"$\delta_{index}$", MATHS, INK)
        shaft = arrow(axes, node, at_a, BACKWARD)
        write_over(axes, *shaft.at(0.45), f"$w_{index}$", MATHS)
    arrow(axes, at_a, at_z, BACKWARD)
    _labelled(axes, {r"$\partial L/\partial z$": at_z, r"$\partial L/\partial a$": at_a})
    write(axes, (at_z.x + at_a.x) / 2, 124, "gate", SMALL, VERMILLION)
    write(axes, 770, 178, r"$\vdots$", LARGE)
    axes.plot([410, 410], [20, 330], color=QUIET, linewidth=0.75)
    write(axes, 205, 24, "forward: a sum of $D$ terms", MATHS, BLUE)
    write(axes, 620, 24, "backward: a sum of $K$ terms", MATHS, VERMILLION)
    write(axes, 205, 290, r"mean square times $D\,v\,/\,2$", MATHS)
    write(axes, 620, 290, r"mean square times $K\,v\,/\,2$", MATHS)
    write(axes, 205, 325, r"kept for $v = 2/D$", MATHS, BLUE)
    write(axes, 620, 325, r"kept for $v = 2/K$", MATHS, VERMILLION)
    return figure


def _labelled(axes: Axes, nodes: dict[str, Node]) -> None:
    for label, node in nodes.items():
        outline(axes, node)
        write(axes, node.x, node.y, label, MATHS, INK)


@described(
    "A block with a skip connection as a graph. X forks: one arrow leads through the branch f to an add node, "
    "the other leads around the branch directly to the same add node, whose output is Y = X + f(X). "
    "Dashed arrows lead back: the gradient of Y arrives at the add node and goes on unchanged along the skip connection, as dL/dY times I; "
    "along the branch it is multiplied by the Jacobian, dL/dY times J. At X the two add up to dL/dY times (I + J)."
)
def skip_connection() -> Figure:
    """A skip connection: the gradient reaches X unchanged, and through the branch as well."""
    figure, axes = canvas(800, 300)
    x, y = given(axes, (90, 190), "$X$"), computed(axes, (690, 190), "$Y$")
    branch, add = Node(390, 190, 150, 60, box=True), computed(axes, (590, 190), "$+$")
    outline(axes, branch)
    write(axes, branch.x, branch.y, "branch $f$", MATHS, INK)
    for start, end in ((x, branch), (branch, add), (add, y)):
        there_and_back(axes, start, end)
    axes.plot([86, 86, 594], [170, 66, 66], color=FORWARD.colour, linewidth=FORWARD.width * PIXEL)
    arrow(axes, Node(594, 66, 0, 0), Node(594, add.y, add.width, add.height), FORWARD)
    axes.plot([586, 586, 94], [165, 74, 74], color=BACKWARD.colour, linewidth=BACKWARD.width * PIXEL, dashes=BACKWARD.dashes)
    arrow(axes, Node(94, 74, 0, 0), Node(94, x.y, x.width, x.height), BACKWARD)
    write(axes, 340, 44, "skip connection", SMALL, BLUE)
    write(axes, 340, 102, r"$\dfrac{\partial L}{\partial Y}\,I$", MATHS, VERMILLION)
    write(axes, 240, 226, r"$\dfrac{\partial L}{\partial Y}\,J$", MATHS, VERMILLION)
    write(axes, 645, 234, r"$\dfrac{\partial L}{\partial Y}$", MATHS, VERMILLION)
    write(axes, 90, 242, r"$\dfrac{\partial L}{\partial Y}\,(I + J)$", MATHS, VERMILLION)
    key(axes, 330, 262, [(FORWARD, r"forward: $Y = X + f(X)$"), (BACKWARD, "backward: both paths add")])
    return figure


EPOCH = (7, 2, 10, 0, 5, 9, 3, 6, 1, 8, 4)  # eleven examples in a shuffled order


@described(
    "An epoch of eleven examples in minibatches of four. Above, the examples 0 to 10 in the order of the data. "
    "Below, the same examples in a shuffled order: 7, 2, 10, 0, then 5, 9, 3, 6, then 1, 8, 4. "
    "Brackets show three minibatches, each of which gives one step: two of four examples, and a short last one of three."
)
def one_epoch() -> Figure:
    """One epoch: the examples are shuffled and divided, and the last minibatch is short."""
    figure, axes = canvas(800, 260)
    write(axes, 30, 40, "data", TEXT, QUIET, ha="left")
    write(axes, 30, 130, "shuffled", TEXT, QUIET, ha="left")
    for place, example in enumerate(EPOCH):
        _example(axes, 150 + 50 * place, 40, place, PAPER)
        _example(axes, 150 + 50 * place + 16 * (place // 4), 130, example, PARAMETER if place // 4 % 2 else PAPER)
    for step, (first, last) in enumerate(((0, 3), (4, 7), (8, 10)), 1):
        left, right = (150 + 50 * place + 16 * (place // 4) for place in (first, last))
        axes.plot([left - 20, left - 20, right + 20, right + 20], [160, 168, 168, 160], color=BLUE, linewidth=1.4)
        short = ", short" if last - first < 3 else ""
        write(axes, (left + right) / 2, 188, f"minibatch {step}{short}", TEXT, BLUE)
        write(axes, (left + right) / 2, 212, f"step {step}", TEXT, QUIET)
    return figure


def _example(axes: Axes, x: float, y: float, number: int, fill: str) -> None:
    node = Node(x, y, 42, 38, box=True)
    outline(axes, node, fill=fill)
    write(axes, x, y, f"${number}$", MATHS, INK)


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
