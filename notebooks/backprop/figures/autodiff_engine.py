"""The figures of lesson 06: what a node stores, when it may
pass its gradient on, and the two directions of the chain rule; nodes that are arrays.
"""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import BLUE, INK, QUIET, VERMILLION
from ..drawing.shapes import (
    BACKWARD,
    BYSTANDER,
    FORWARD,
    LARGE,
    MATHS,
    SMALL,
    TEXT,
    Node,
    Stroke,
    arrow,
    canvas,
    computed,
    given,
    key,
    layered,
    loss,
    number,
    outline,
    parameter,
    readings,
    there_and_back,
    write,
    write_over,
)
from .numbers import measured
from .registry import described


def product_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of a product to which the gradient 0.5 comes back."""

    def forward(node: Callable[..., Any], u: Any, v: Any) -> None:
        node("L", 0.5 * node("p", u * v))

    return measured(forward, {"u": 3.0, "v": -2.0})


def waiting_numbers() -> tuple[dict[str, float], float]:
    """Gradients in a graph whose node u is used twice,
    and those if u passes its own on before a has.
    """

    def forward(node: Callable[..., Any], x: Any) -> None:
        u = node("u", 4 * x)
        node("L", node("a", 2 * u) + 3 * u)

    def too_early(node: Callable[..., Any], x: Any) -> None:
        u = node("u", 4 * x)
        node("L", node("a", 2 * u.detach()) + 3 * u)

    return measured(forward, {"x": 1.0})[1], measured(too_early, {"x": 1.0})[1]["x"]


@described(
    "What the node p = u v keeps. Two arrows lead from u = 3 and v = -2 to p = -6; on the edge from u stands the slope -2, "
    "which is the value of v, and on the edge from v the slope 3, the value of u. "
    "Dashed arrows lead back: p has the gradient 0.5, u gets -1, which is 0.5 times -2, and v gets 1.5, which is 0.5 times 3. "
    "A list beside the node says what p remembers: data -6, its parents u and v, the slopes -2 and 3, and grad, "
    "which is 0 until something arrives."
)
def engine_node() -> Figure:
    """A node of the engine: its number, its parents, a slope for each edge, and a gradient."""
    values, gradients = product_numbers()
    figure, axes = canvas(800, 340)
    at = layered([["u", "v"], ["p"]], (80, 360), middle=140, row=170)
    nodes = {name: computed(axes, at[name], f"${name}$", diameter=52) for name in ("u", "v", "p")}
    for name, other, side in (("u", "v", -1), ("v", "u", 1)):
        there, _ = there_and_back(axes, nodes[name], nodes["p"], apart=10.0 * side)
        x, y = there.at(0.5)
        write(axes, x + 22, y + 26 * side, f"slope ${number(values[other])}$", TEXT)
    for name, node in nodes.items():
        readings(axes, node, values[name], gradients[name])
    stored = {
        "data": f"${number(values['p'])}$",
        "parents": "$(u,\\ v)$",
        "slopes": f"$({number(values['v'])},\\ {number(values['u'])})$",
        "grad": "$0$, before the backward pass",
    }
    keys = [(FORWARD, "forward: values, above"), (BACKWARD, "backward: gradients, below")]
    _attributes(axes, Node(613, 140, 330, 196, box=True), "what $p$ stores", stored, keys)
    return figure


def _attributes(axes: Axes, card: Node, title: str, stored: dict[str, str], keys: list[tuple[Stroke, str]]) -> None:
    """The attributes of a node of the engine in a card, and the key below it."""
    left = card.x - card.width / 2 + 18
    outline(axes, card)
    write(axes, card.x, card.y - 74, title, MATHS, INK, fontweight="bold")
    for row, (name, shown) in enumerate(stored.items()):
        write(axes, left, card.y - 36 + 34 * row, name, TEXT, INK, family="monospace", ha="left")
        write(axes, left + 78, card.y - 36 + 34 * row, shown, MATHS, INK, ha="left")
    key(axes, left, card.y + 135, keys)


@described(
    "When a node may pass its gradient on. x leads to u with slope 4, u leads to a with slope 2 and to L with slope 3, "
    "and a leads to L with slope 1. The gradient of u is complete only when both a and L have passed theirs back. "
    "On the left the nodes are visited in the order L, a, u, x: u has 3 + 2 = 5 when it passes on, and x gets 20. "
    "On the right u comes second, before a: it passes on 3 only, the 2 that a sends later stays at u, and x gets 12, which is wrong."
)
def visiting_order() -> Figure:
    """A node that is used twice has to wait for both of its users."""
    gradients, early = waiting_numbers()
    figure, axes = canvas(800, 330)
    _visits(axes, 0, {"L": 1, "a": 2, "u": 3, "x": 4}, "$u$ after $a$", gradients["x"])
    _visits(axes, 400, {"L": 1, "u": 2, "a": 3, "x": 4}, "$u$ too early", early)
    axes.plot([400, 400], [20, 310], color=QUIET, linewidth=0.75)
    return figure


def _visits(axes: Axes, left: float, turns: dict[str, int], title: str, arrives: float) -> None:
    """One panel: the graph, whose turn it is at each node, and the gradient at x."""
    write(axes, left + 200, 30, title, MATHS, fontweight="bold")
    at = {"x": (left + 50, 190), "u": (left + 150, 190), "a": (left + 250, 110), "L": (left + 350, 190)}
    nodes = {name: computed(axes, at[name], f"${name}$") for name in ("x", "u", "a")} | {"L": loss(axes, at["L"])}
    for child, parent, slope in (("L", "a", 1), ("L", "u", 3), ("a", "u", 2), ("u", "x", 4)):
        shaft = arrow(axes, nodes[child], nodes[parent], BACKWARD)
        write_over(axes, *shaft.at(0.5), f"${slope}$", TEXT)
    for name, turn in turns.items():
        write(axes, nodes[name].x, nodes[name].y - 36, f"{turn}.", TEXT, BLUE, fontweight="bold")
    write(axes, left + 200, 255, "local derivatives on the edges; above each node its turn", SMALL, QUIET)
    write(axes, left + 200, 292, rf"$\partial L/\partial x$ comes out as ${number(arrives)}$", MATHS, VERMILLION)


@described(
    "The same network twice: four inputs x_1 to x_4, three nodes in the middle, two outputs y_1 and y_2. "
    "On the left, forward mode: one input, x_2, moves, and solid arrows lead from it through all three middle nodes to both outputs; "
    "one pass gives the column of the Jacobian that belongs to x_2. "
    "On the right, reverse mode: dashed arrows lead from one output, y_1, back through all three middle nodes to all four inputs; "
    "one pass gives the row of the Jacobian that belongs to y_1."
)
def two_modes() -> Figure:
    """Forward mode follows one input to all outputs, reverse mode one output back to all inputs."""
    figure, axes = canvas(800, 450)
    _sweep(axes, 0, "forward mode: from one input", "$x_2$", r"a column: all $\partial y_i/\partial x_2$", is_forward=True)
    _sweep(axes, 400, "reverse mode: from one output", "$y_1$", r"a row: all $\partial y_1/\partial x_j$", is_forward=False)
    axes.plot([400, 400], [20, 430], color=QUIET, linewidth=0.75)
    return figure


def _sweep(axes: Axes, left: float, title: str, start: str, result: str, is_forward: bool) -> None:
    """One panel: all edges in grey, and on top those that one pass follows."""
    write(axes, left + 200, 30, title, MATHS, fontweight="bold")
    columns = [["x1", "x2", "x3", "x4"], ["h1", "h2", "h3"], ["y1", "y2"]]
    at = layered(columns, (left + 60, left + 200, left + 340), middle=210, row=88)
    nodes = {name: computed(axes, place, f"${name[0]}_{name[1]}$" if name[0] != "h" else "", diameter=42) for name, place in at.items()}
    followed = ("x2", "h", "y") if is_forward else ("x", "h", "y1")
    for below, above in zip(columns, columns[1:]):
        for start_name in below:
            for end_name in above:
                on_the_way = any(start_name.startswith(name) for name in followed) and any(end_name.startswith(name) for name in followed)
                if not on_the_way:
                    arrow(axes, nodes[start_name], nodes[end_name], BYSTANDER)
                elif is_forward:
                    arrow(axes, nodes[start_name], nodes[end_name], FORWARD)
                else:
                    arrow(axes, nodes[end_name], nodes[start_name], BACKWARD)
    write(axes, left + 200, 390, f"one pass from {start} fills", MATHS, QUIET)
    write(axes, left + 200, 422, result, LARGE)


@described(
    "A node of an engine for arrays. Solid arrows lead from X, of shape (N, D), and from W, of shape (D, K), to Z, of shape (N, K). "
    "Dashed arrows lead back: with the upstream gradient g at Z, X gets g times W transposed, of shape (N, D), "
    "and W gets X transposed times g, of shape (D, K). A list beside the node says what Z stores: data, the array XW; parents, X and W; "
    "rule, a function that takes g and returns the two products; and grad, an array of zeros until something arrives."
)
def array_node() -> Figure:
    """A node of the array engine: in place of local derivatives it stores a rule."""
    figure, axes = canvas(860, 340)
    nodes = {
        "X": given(axes, (70, 60), "$X$"),
        "W": parameter(axes, (70, 230), "$W$"),
        "Z": computed(axes, (360, 145), "$Z$", diameter=52),
    }
    for name, words, side in (("X", r"$g\,W^{\mathsf{T}}$", -1), ("W", r"$X^{\mathsf{T}}g$", 1)):
        there, _ = there_and_back(axes, nodes[name], nodes["Z"], apart=10.0 * side)
        x, y = there.at(0.5)
        write(axes, x + 12, y + 30 * side, words, MATHS, VERMILLION)
    for name, shape, above in (("X", "(N, D)", -30), ("W", "(D, K)", 32), ("Z", "(N, K)", -42)):
        write(axes, nodes[name].x, nodes[name].y + above, shape, SMALL, QUIET)
    write(axes, 360, 192, "$g$ arrives", MATHS, VERMILLION)
    stored = {
        "data": "$XW$",
        "parents": "$(X,\\ W)$",
        "rule": r"$g \;\mapsto\; (g\,W^{\mathsf{T}},\ X^{\mathsf{T}}g)$",
        "grad": "an array of zeros, at first",
    }
    keys = [(FORWARD, "forward: values"), (BACKWARD, "backward: gradients")]
    _attributes(axes, Node(660, 145, 360, 196, box=True), "what $Z$ stores", stored, keys)
    return figure


@described(
    "The axes of three shapes in columns, aligned at the last axis. In the first row y has the axes 4, 5 and 3. "
    "In the second row a has 4, 1 and 3: its middle axis, of length 1, is copied 5 times. "
    "In the third row b has no first axis, then 5 and 3: the missing axis is copied 4 times. The copied axes have a thick outline. "
    "Beside a: sum over the middle axis and keep it, with length 1. Beside b: sum over the first axis, which disappears."
)
def undo_broadcast() -> Figure:
    """Which axes of a gradient are summed: those along which the operand was copied."""
    figure, axes = canvas(860, 290)
    rows = {"$y = a\\cdot b$": ("4", "5", "3"), "$a$": ("4", "1", "3"), "$b$": ("", "5", "3")}
    for row, (name, axis_lengths) in enumerate(rows.items()):
        y = 62 + 76 * row
        write(axes, 70, y, name, MATHS)
        for column, length in enumerate(axis_lengths):
            copied = row > 0 and length in ("", "1")
            box = Node(190 + 90 * column, y, 62, 42, box=True)
            outline(axes, box, colour=VERMILLION if copied else INK, width=2.6 if copied else 1.4)
            write(axes, box.x, y, length or "–", MATHS, VERMILLION if copied else INK)
    write(axes, 450, 62, "the shape of the upstream gradient", TEXT, QUIET, ha="left")
    write(axes, 450, 128, "copied 5 times along its middle axis:", TEXT, BLUE, ha="left")
    write(axes, 450, 150, "sum over this axis, keep it with length 1", TEXT, VERMILLION, ha="left")
    write(axes, 450, 204, "copied 4 times along an axis that it does not have:", TEXT, BLUE, ha="left")
    write(axes, 450, 226, "sum over this axis, which disappears", TEXT, VERMILLION, ha="left")
    write(axes, 280, 270, "aligned at the last axis", SMALL, QUIET)
    return figure
