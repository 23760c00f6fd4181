"""A picture of a learner's own graph: parents as
arrows, data above a node, grad below, slopes on edges.
"""

import base64
import html
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..translation import N_, _
from .palette import BLUE, VERMILLION
from .shapes import FORWARD, MATHS, SMALL, TEXT, Node, Point, arrow, canvas, computed, given, key, number, style, svg, write_over

COLUMN, ROW, MARGIN = 114.0, 104.0, 50.0
MANY = 60  # nodes; with more the picture would say nothing


class GraphPicture:
    """A figure of a graph, and the same in words."""

    def __init__(self, figure: Figure, words: str) -> None:
        self.figure = figure
        self.words = words

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        data = base64.b64encode(svg(self.figure, _("A computation graph."), self.words)).decode()
        return f"<img alt='{html.escape(self.words)}' src='data:image/svg+xml;base64,{data}'>"


def draw_graph(output: Any, **names: Any) -> GraphPicture:
    """A picture of the graph that ends in `output`, a node
    of the learner's; nodes in `called` are shown by name.

    ValueError if the graph has too many nodes to be drawn.
    """
    columns = _columns(output)
    called = {id(node): name for name, node in names.items()}
    return GraphPicture(_figure(columns, called), _words(columns, called))


def _words(columns: list[list[Any]], called: dict[int, str]) -> str:
    """Each node in a line: what it is made from with which slopes, its data and its grad."""
    nodes = [node for column in columns for node in column]
    name = {id(node): called.get(id(node), _("node {place}", place=place)) for place, node in enumerate(nodes, 1)}
    lines = []
    for node in nodes:
        made_from = [
            _("{name} (slope {slope})", name=name[id(parent)], slope=number(slope, 3)) for parent, slope in zip(node.parents, node.slopes)
        ]
        message = N_("{name} from {parents}: data {data}, grad {grad}.") if made_from else N_("{name}: data {data}, grad {grad}.")
        values = {"data": number(node.data), "grad": number(node.grad)}
        lines.append(_(message, name=name[id(node)], parents=", ".join(made_from), **values))
    return "\n".join(lines)


@style()
def _figure(columns: list[list[Any]], called: dict[int, str]) -> Figure:
    """Nodes column by column, arrows from parents to what is made from them."""
    height = ROW * max(map(len, columns)) + 70
    figure, axes = canvas(2 * MARGIN + COLUMN * (len(columns) - 1), height)
    places: dict[int, Node] = {}
    for column, nodes in enumerate(columns):
        for row, node in enumerate(nodes):
            at = MARGIN + COLUMN * column, (height - 70) / 2 + ROW * (row - (len(nodes) - 1) / 2)
            name = called.get(id(node), "")
            places[id(node)] = _shape(axes, at, _label(name) if name else operation(node), is_leaf=not len(node.parents))
    everything = [node for nodes in columns for node in nodes]
    for node in everything:
        slopes: dict[int, list[str]] = {}
        for parent, slope in zip(node.parents, node.slopes):
            slopes.setdefault(id(parent), []).append(number(slope, 3))
        for parent, shown in slopes.items():
            shaft = arrow(axes, places[parent], places[id(node)])
            write_over(axes, *shaft.at(0.45), "$" + r",\ ".join(shown) + "$", SMALL)
    for node in everything:
        place = places[id(node)]
        write_over(axes, place.x, place.y - place.height / 2 - 11, f"${number(node.data)}$", TEXT, BLUE)
        write_over(axes, place.x, place.y + place.height / 2 + 12, f"${number(node.grad)}$", TEXT, VERMILLION)
    meaning = _("from a node to what is made from it, with the slope; above a node its data, below it its grad")
    key(axes, 20, height - 44, [(FORWARD, meaning)])
    return figure


def _columns(output: Any) -> list[list[Any]]:
    """The nodes in columns, the output in the last; each is
    as far left as its longest path to the output is long.
    """
    found, distance = {id(output): output}, {id(output): 0}
    waiting = [output]
    for node in waiting:
        for parent in node.parents:
            found[id(parent)] = parent
            if distance.get(id(parent), -1) < distance[id(node)] + 1:
                distance[id(parent)] = distance[id(node)] + 1
                waiting.append(parent)
        if len(found) > MANY or len(waiting) > MANY**2:
            raise ValueError(_("This graph has more than {count} nodes. Draw a smaller one.", count=MANY))
    columns: list[list[Any]] = [[] for _ in range(max(distance.values()) + 1)]
    columns[0] = [output]
    for steps in range(1, len(columns)):  # in each, the order in which the nodes to its right name their parents
        nearer = [node for column in columns[:steps] for node in column]
        parents = {id(parent): parent for node in nearer for parent in node.parents if distance[id(parent)] == steps}
        columns[steps] = list(parents.values())
    return columns[::-1]


def _shape(axes: Any, at: Point, label: str, is_leaf: bool) -> Node:
    if is_leaf:
        return given(axes, at, label, 42 if label else 34)
    return computed(axes, at, label, MATHS, 46)


def operation(node: Any) -> str:
    """The sign of the operation that made a node, as
    mathematics: the one that fits its numbers, or none.

    A node does not store its operation, and two operations may give the same value; their local
    derivatives tell them apart.
    """
    u, *others = [float(parent.data) for parent in node.parents] or [0.0]
    made, slopes = float(node.data), [float(slope) for slope in node.slopes]
    if len(slopes) == 2:
        known = {"$+$": (u + others[0], [1.0, 1.0]), r"$\times$": (u * others[0], [others[0], u])}
    elif len(slopes) == 1:
        with np.errstate(all="ignore"):
            sigmoid, power = 1 / (1 + np.exp(-u)), round(slopes[0] * u / made, 6) if made else 0.0
            known = {
                "exp": (np.exp(u), [np.exp(u)]),
                "log": (np.log(u), [np.divide(1.0, u)]),
                "ReLU": (max(0.0, u), [float(u > 0)]),
                r"$\sigma$": (sigmoid, [sigmoid * (1 - sigmoid)]),
                "tanh": (np.tanh(u), [1 - np.tanh(u) ** 2]),
                f"$(\\,)^{{{power:g}}}$": (np.power(u, power), [power * np.power(u, power - 1)]),
            }
    else:
        return ""
    fits = [sign for sign, (value, wanted) in known.items() if np.allclose([value, *wanted], [made, *slopes], rtol=1e-9, atol=1e-12)]
    return fits[0] if fits else ""


def _label(name: str) -> str:
    """A name as mathematics: w1 with an index, yhat with a hat."""
    letters = name.rstrip("0123456789")
    stem, index = letters.removesuffix("_"), name[len(letters) :]
    stem = rf"\hat{{{stem.removesuffix('hat')}}}" if stem.endswith("hat") and stem != "hat" else stem
    return f"${stem}_{{{index}}}$" if index else f"${stem}$"
