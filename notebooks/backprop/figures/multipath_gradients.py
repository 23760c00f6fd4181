"""The figures of lesson 04: a fork, the paths of
a deep network, and the four paths of one weight.
"""

from collections.abc import Sequence

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import INK, PLAIN, QUIET, VERMILLION
from ..drawing.shapes import (
    BACKWARD,
    BYSTANDER,
    FORWARD,
    LARGE,
    MATHS,
    PATHS,
    SMALL,
    Node,
    arrow,
    canvas,
    computed,
    given,
    key,
    layered,
    loss,
    number,
    parallel,
    parameter,
    there_and_back,
    write,
    write_over,
)
from .elements import along, labelled
from .networks import DEEP, FOUR_FOUR_TWO
from .numbers import four_contributions
from .registry import described


@described(
    "A node u is used twice, by p and by q, and both lead on to the loss L. Forward, u's value is copied along both edges. "
    "Backward, p sends back (partial L / partial p) times (partial p / partial u), q sends back (partial L / partial q) "
    "times (partial q / partial u), and the gradient at u is their sum."
)
def fork_adds() -> Figure:
    """Where the forward pass forks, the gradients that come back add."""
    figure, axes = canvas(640, 310)
    at = layered([["u"], ["p", "q"], ["L"]], (80, 350, 570), middle=115, row=140)
    nodes = {name: computed(axes, at[name], f"${name}$") for name in ("u", "p", "q")} | {"L": loss(axes, at["L"])}
    for name, side in (("p", -1), ("q", 1)):
        _, back = there_and_back(axes, nodes["u"], nodes[name], apart=8.0 * side)
        there_and_back(axes, nodes[name], nodes["L"], apart=8.0 * side)
        words = rf"$\dfrac{{\partial L}}{{\partial {name}}}\,\dfrac{{\partial {name}}}{{\partial u}}$"
        labelled(axes, back, words, (-14, side * 32), VERMILLION)
    total = r"$\dfrac{\partial L}{\partial u} \;=\; \dfrac{\partial L}{\partial p}\,\dfrac{\partial p}{\partial u} \;+\; "
    write(axes, 210, 265, total + r"\dfrac{\partial L}{\partial q}\,\dfrac{\partial q}{\partial u}$", LARGE)
    key(axes, 430, 252, [(FORWARD, "forward: copy"), (BACKWARD, "backward: add")])
    return figure


@described(
    "A deep network in which the first-layer weight w_{1->1}^[1] reaches the loss by three paths. "
    "It feeds hidden unit a_1^[1], which feeds three units of the next layer: a_1^[2] by w_{1->1}^[2], "
    "a_2^[2] by w_{1->2}^[2] and a_3^[2] by w_{1->3}^[2]. These feed the one output y-hat by w_{1->1}^[3], w_{2->1}^[3] and w_{3->1}^[3], "
    "and y-hat gives L. Path 1 is solid, path 2 dashed, path 3 dash-dotted; the gradient is the sum over the three. "
    "A second input and a second hidden unit, in grey, lie on none of the paths."
)
def deep_paths() -> Figure:
    """Three paths lead from one first-layer weight of a deep network to the loss."""
    figure, axes = canvas(800, 480)
    columns, at = DEEP.names, layered(DEEP.columns, DEEP.xs, DEEP.middle, DEEP.row)
    nodes = {name: given(axes, at[name], f"$x_{name[1]}$", colour=QUIET if name == "x2" else INK) for name in columns[0]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[1]}}$", colour=QUIET if name == "h2" else INK) for name in columns[1]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[2]}}$") for name in columns[2]}
    nodes |= {"yhat": computed(axes, at["yhat"], r"$\hat{y}$"), "L": loss(axes, at["L"])}
    for start, end in (("x1", "h2"), ("x2", "h1"), ("x2", "h2"), ("h2", "k1"), ("h2", "k2"), ("h2", "k3")):
        arrow(axes, nodes[start], nodes[end], BYSTANDER)
    parallel(axes, nodes, [("x1", "h1", f"k{k}", "yhat", "L") for k in (1, 2, 3)])
    parameter(axes, along(nodes["x1"], nodes["h1"], 0.5), r"$w_{1\to 1}^{[1]}$", 58)
    for k in (1, 2, 3):
        parameter(axes, along(nodes["h1"], nodes[f"k{k}"], 0.62), rf"$w_{{1\to {k}}}^{{[2]}}$", 58)
        parameter(axes, along(nodes[f"k{k}"], nodes["yhat"], 0.45), rf"$w_{{{k}\to 1}}^{{[3]}}$", 58)
    write(axes, 400, 432, _sum_over_three(), LARGE)
    return figure


@described(
    "The 4-4-2 softmax network with the four paths from the weight w_{1->3}^[1], which leads from input 1 to hidden unit 3, to the loss. "
    "Each path runs through a_3^[1], one of the two pre-activations z_1^[2] and z_2^[2], and one of the two outputs y-hat_1 and y-hat_2: "
    "softmax makes every output depend on every pre-activation. Contributions to the gradient: path 1, through z_1 and y-hat_1, -0.003159; "
    "path 2, through z_2 and y-hat_1, +0.004739; path 3, through z_1 and y-hat_2, -0.003159; path 4, through z_2 and y-hat_2, +0.004739. "
    "Their sum, the gradient, is +0.003159."
)
def four_paths() -> Figure:
    """Four paths lead from one first-layer weight through
    softmax to the loss; their contributions add up.
    """
    figure, axes = canvas(800, 565)
    nodes = _four_four_two(axes)
    route = nx.DiGraph([("x1", "a3"), ("a3", "z1"), ("a3", "z2")])
    route.add_edges_from((f"z{j}", f"yhat{i}") for i in (1, 2) for j in (1, 2))
    route.add_edges_from([("yhat1", "L"), ("yhat2", "L")])
    paths = sorted(nx.all_simple_paths(route, "x1", "L"), key=lambda path: path[::-1])
    parallel(axes, nodes, paths)
    parameter(axes, along(nodes["x1"], nodes["a3"], 0.5), r"$w_{1\to 3}^{[1]}$", 58)
    for place, path in enumerate(paths, 1):
        write_over(axes, *along(nodes[path[2]], nodes[path[3]], 0.32), str(place), SMALL, fontweight="bold")
    write(axes, 540, 100, "softmax", SMALL, QUIET)
    _table_of_paths(axes, paths)
    return figure


def _four_four_two(axes: Axes) -> dict[str, Node]:
    """The 4-4-2 network's nodes, and in the background the edges on none of the four paths."""
    columns, at = FOUR_FOUR_TWO.names, layered(FOUR_FOUR_TWO.columns, FOUR_FOUR_TWO.xs, middle=175, row=92)  # a table goes below
    nodes = {name: given(axes, at[name], f"$x_{name[1]}$", colour=INK if name == "x1" else QUIET) for name in columns[0]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[1]}}$", colour=INK if name == "a3" else QUIET) for name in columns[1]}
    nodes |= {name: computed(axes, at[name], f"$z_{name[1]}^{{[2]}}$") for name in columns[2]}
    nodes |= {name: computed(axes, at[name], rf"$\hat{{y}}_{name[-1]}$") for name in columns[3]} | {"L": loss(axes, at["L"])}
    for left, right in ((columns[0], columns[1]), (columns[1], columns[2])):
        for start in left:
            for end in right:
                if (start, end) != ("x1", "a3") and start != "a3":
                    arrow(axes, nodes[start], nodes[end], BYSTANDER)
    return nodes


def _table_of_paths(axes: Axes, paths: Sequence[Sequence[str]]) -> None:
    """The four paths in words, a line each with what it contributes, and the sum."""
    contributions = four_contributions()
    for place, path in enumerate(paths):
        height, j, i = 392 + 32 * place, path[2][-1], path[3][-1]
        arrow(axes, Node(90, height, 0, 0), Node(160, height, 0, 0), PATHS[place])
        write(axes, 185, height, str(place + 1), SMALL, fontweight="bold")
        route = rf"$x_1 \to a_3^{{[1]}} \to z_{j}^{{[2]}} \to \hat{{y}}_{i} \to L$"
        write(axes, 220, height, route, MATHS, ha="left")
        write(axes, 640, height, f"${number(contributions[int(i), int(j)], 6, '+')}$", MATHS, ha="right")
    axes.plot([90, 640], [508, 508], color=PLAIN, linewidth=0.75)
    write(axes, 220, 535, r"$\partial L/\partial w_{1\to 3}^{[1]}$, the sum", MATHS, ha="left")
    write(axes, 640, 535, f"${number(sum(contributions.values()), 6, '+')}$", MATHS, ha="right")


def _sum_over_three() -> str:
    """The gradient of the deep network's first weight as a sum over its three paths."""
    links = (r"\hat{y}", "L"), ("a_k^{[2]}", r"\hat{y}"), ("a_1^{[1]}", "a_k^{[2]}"), (r"w_{1\to 1}^{[1]}", "a_1^{[1]}")
    product = r"\,".join(rf"\dfrac{{\partial {top}}}{{\partial {bottom}}}" for bottom, top in links)
    return rf"$\dfrac{{\partial L}}{{\partial w_{{1\to 1}}^{{[1]}}}} \;=\; \sum_{{k=1}}^{{3}}\; {product}$"
