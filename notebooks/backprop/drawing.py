"""The visual language of the course's figures: nodes, arrows, labels and where they go.

Lengths are pixels at the size at which a figure is shown, from the top left corner, so that a font size here is what a reader sees.
What a colour says, a shape, a line style or a position says too:

    circle            computed            solid arrow, full head     forward: values
    plain box         given data          dashed arrow, open head    backward: gradients
    grey box          parameter           dash-dotted arrow          update of the parameters
    above a node      its value           below a node               its gradient
"""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import matplotlib.style
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.bezier import split_bezier_intersecting_with_closedpath
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text

Point = tuple[float, float]
Columns = Sequence[Sequence[str | None]]

# Okabe and Ito's palette: its colours stay apart in every common kind of colour blindness.
BLUE, VERMILLION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
INK, QUIET, FAINT, PAPER, PARAMETER = "#1a1a1a", "#595959", "#b8b8b8", "#ffffff", "#e6e6e6"

PIXEL = 0.75  # points: browsers show 96 pixels to the inch, 72 points
SMALL, TEXT, MATHS, LARGE = 13.0, 14.0, 16.0, 19.0
CLEARANCE = 3.0

SETTINGS = {
    "svg.fonttype": "path",
    "svg.hashsalt": "backprop",
    "mathtext.fontset": "cm",
    "path.simplify": False,
    "lines.scale_dashes": False,
}


@dataclass(frozen=True)
class Stroke:
    """What a line looks like, and so what it means."""

    colour: str
    dashes: tuple[float, ...] = ()
    open_head: bool = False
    width: float = 1.8


FORWARD = Stroke(BLUE)
BACKWARD = Stroke(VERMILLION, (5, 3), open_head=True)
UPDATE = Stroke(GREEN, (8, 3, 2, 3))
BYSTANDER = Stroke(FAINT, width=1.0)
PATHS = (
    Stroke(BLUE, width=2.4),
    Stroke(INK, (7, 3), width=2.4),
    Stroke(GREEN, (9, 2.5, 2, 2.5), width=2.4),
    Stroke(PURPLE, (2.2, 2.2), width=2.8),
)


@dataclass(frozen=True)
class Node:
    """A place in a figure: a circle (wider than high, a capsule) or a box."""

    x: float
    y: float
    width: float = 46
    height: float = 46
    box: bool = False

    def contains(self, point: Point) -> bool:
        """Whether `point` is inside the outline."""
        dx, dy = abs(point[0] - self.x), abs(point[1] - self.y)
        if self.box:
            return dx < self.width / 2 and dy < self.height / 2
        return float(np.hypot(max(0.0, dx - (self.width - self.height) / 2), dy)) < self.height / 2

    def grown(self, margin: float) -> "Node":
        """The same place with room around it."""
        return replace(self, width=self.width + 2 * margin, height=self.height + 2 * margin)


@dataclass(frozen=True)
class Curve:
    """An arrow's line from tail to tip: three control points of a parabola, straight if they are in line."""

    tail: Point
    control: Point
    tip: Point

    def at(self, t: float) -> Point:
        """The point a fraction `t` of the way along."""
        weights = np.array([(1 - t) ** 2, 2 * t * (1 - t), t**2])
        x, y = weights @ np.array([self.tail, self.control, self.tip])
        return float(x), float(y)


def style() -> AbstractContextManager[None]:
    """Matplotlib's defaults with ours on top, whatever the reader's matplotlibrc says; also a decorator."""
    return matplotlib.style.context(["default", SETTINGS])


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty white figure and its axes, measured in pixels from the top left corner."""
    figure = Figure(figsize=(width / 96, height / 96), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def svg(figure: Figure, title: str, description: str) -> bytes:
    """The figure as an SVG file: the same bytes on every run."""
    file = io.BytesIO()
    with style():
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Title": title, "Description": description})
    lines = file.getvalue().decode().splitlines()
    return "\n".join([line.rstrip() for line in lines] + [""]).encode()


def layered(columns: Columns, xs: Sequence[float], middle: float, row: float) -> dict[str, Point]:
    """Where the nodes of a layered network go: column i at xs[i], centred on `middle`, `row` apart; None leaves a gap."""
    graph = nx.DiGraph()
    for layer, column in enumerate(columns):
        graph.add_nodes_from(((layer, place), {"layer": layer}) for place, _ in enumerate(column))
    unit = nx.multipartite_layout(graph, subset_key="layer")
    heights = np.array([height for _, height in unit.values()])
    tallest = max(len(column) for column in columns)
    stretch = row * (tallest - 1) / np.ptp(heights) if tallest > 1 else 0.0
    named = {name: (layer, place) for layer, column in enumerate(columns) for place, name in enumerate(column) if name is not None}
    return {name: (float(xs[key[0]]), float(middle + stretch * unit[key][1])) for name, key in named.items()}


def write(axes: Axes, x: float, y: float, words: str, size: float = TEXT, colour: str = INK, **more: Any) -> Text:
    """Text centred on (x, y), its size in pixels."""
    return axes.text(x, y, words, **{"fontsize": size * PIXEL, "color": colour, "ha": "center", "va": "center", "zorder": 4} | more)


def write_over(axes: Axes, x: float, y: float, words: str, size: float = TEXT, colour: str = INK, **more: Any) -> Text:
    """Text on a patch of paper, so that a line may pass behind it."""
    patch = {"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}
    return write(axes, x, y, words, size, colour, bbox=patch, **more)


def outline(axes: Axes, node: Node, fill: str = PAPER, colour: str = INK, width: float = 1.4) -> None:
    """The node's outline, above the lines that end at it."""
    corner = 5.0 if node.box else node.height / 2
    lower_left = (node.x - node.width / 2, node.y - node.height / 2)
    rounding = f"round,pad=0,rounding_size={corner}"
    patch = FancyBboxPatch(lower_left, node.width, node.height, boxstyle=rounding, facecolor=fill, edgecolor=colour, linewidth=width * PIXEL)
    patch.set(zorder=3, clip_on=False)
    axes.add_patch(patch)


def computed(axes: Axes, at: Point, label: str, size: float = MATHS, diameter: float = 46, colour: str = INK) -> Node:
    """A circle: something worked out in the forward pass."""
    node = Node(*at, diameter, diameter)
    outline(axes, node, colour=colour)
    write(axes, *at, label, size, colour)
    return node


def loss(axes: Axes, at: Point, label: str = "$L$", diameter: float = 46) -> Node:
    """A circle in a circle: where the forward pass ends and the backward pass begins."""
    node = Node(*at, diameter, diameter)
    outline(axes, node)
    outline(axes, node.grown(-4), width=1.0)
    write(axes, *at, label, MATHS)
    return node


def given(axes: Axes, at: Point, label: str, width: float = 42, colour: str = INK) -> Node:
    """A plain box: data, which no step of training changes."""
    node = Node(*at, width, 34, box=True)
    outline(axes, node, colour=colour)
    write(axes, *at, label, MATHS, colour)
    return node


def parameter(axes: Axes, at: Point, label: str, width: float = 46) -> Node:
    """A grey box: a weight or a bias, which training changes."""
    node = Node(*at, width, 34, box=True)
    outline(axes, node, fill=PARAMETER)
    write(axes, *at, label, MATHS)
    return node


def unit(axes: Axes, at: Point, before: str, after: str, colour: str = INK) -> Node:
    """A capsule in two halves: a unit's pre-activation and its activation."""
    node = Node(*at, 112, 50)
    outline(axes, node, colour=colour)
    axes.plot([node.x, node.x], [node.y - 25, node.y + 25], color=colour, linewidth=PIXEL, zorder=4, clip_on=False)
    write(axes, node.x - 25, node.y, before, MATHS, colour)
    write(axes, node.x + 25, node.y, after, MATHS, colour)
    return node


def arrow(axes: Axes, start: Node, end: Node, stroke: Stroke = FORWARD, bend: float = 0.0, shift: float = 0.0) -> Curve:
    """An arrow between two nodes, `shift` pixels to the right of the way it goes, `bend` pixels out at its middle."""
    curve = _between(start, end, bend, shift)
    _line(axes, curve, stroke)
    _head(axes, curve, stroke)
    return curve


def line(axes: Axes, start: Node, end: Node, stroke: Stroke, shift: float = 0.0) -> Curve:
    """A line without a head, for one path of many."""
    curve = _between(start, end, 0.0, shift)
    _line(axes, curve, stroke, headless=True)
    return curve


def there_and_back(axes: Axes, start: Node, end: Node, apart: float = 8.0) -> tuple[Curve, Curve]:
    """A forward arrow and, beside it, the backward arrow."""
    return arrow(axes, start, end, FORWARD, shift=-apart / 2), arrow(axes, end, start, BACKWARD, shift=-apart / 2)


def readings(axes: Axes, node: Node, value: float, gradient: float | None) -> None:
    """The node's value above it and, where it has one, its gradient below."""
    write_over(axes, node.x, node.y - node.height / 2 - 11, f"${number(value)}$", TEXT, BLUE)
    if gradient is not None:
        write_over(axes, node.x, node.y + node.height / 2 + 12, f"${number(gradient)}$", TEXT, VERMILLION)


def number(value: float, digits: int = 4, sign: str = "-") -> str:
    """A number as people write it: rounded, no zeros at the end, no minus before zero; sign="+" writes a plus too."""
    rounded = round(float(value), digits) + 0.0
    text = f"{rounded:{sign}.{digits}f}"
    return text.rstrip("0").rstrip(".")


def key(axes: Axes, x: float, y: float, entries: Sequence[tuple[Stroke, str]], gap: float = 26.0) -> None:
    """What each kind of arrow means, one below the other."""
    for place, (stroke, words) in enumerate(entries):
        height = y + gap * place
        arrow(axes, Node(x, height, 0, 0), Node(x + 48, height, 0, 0), stroke)
        write(axes, x + 58, height, words, SMALL, QUIET, ha="left")


def _between(start: Node, end: Node, bend: float, shift: float) -> Curve:
    """The curve from one node's outline to the other's."""
    a, b = np.array([start.x, start.y]), np.array([end.x, end.y])
    along = (b - a) / np.hypot(*(b - a))
    right = np.array([-along[1], along[0]])
    a, b = a + shift * right, b + shift * right
    points = np.array([a, (a + b) / 2 + 2 * bend * right, b])
    return Curve(*((float(x), float(y)) for x, y in _clipped(_clipped(points, start)[::-1], end)[::-1]))


def _clipped(points: np.ndarray, node: Node) -> np.ndarray:
    """What of the curve, which begins inside `node`, is outside it."""
    if node.width == 0:
        return points
    _, outside = split_bezier_intersecting_with_closedpath(points, partial(Node.contains, node.grown(CLEARANCE)), tolerance=0.01)
    return np.array(outside)


def _line(axes: Axes, curve: Curve, stroke: Stroke, headless: bool = False) -> None:
    """The arrow's line, which stops inside a full head so that its end does not show at the tip."""
    tip = np.array(curve.tip)
    end = tip if headless or stroke.open_head else tip - 6 * _direction(curve)
    path = Path([curve.tail, curve.control, tuple(end)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    dashes = (0, tuple(length * PIXEL for length in stroke.dashes)) if stroke.dashes else "solid"
    patch = PathPatch(path, facecolor="none", edgecolor=stroke.colour, linewidth=stroke.width * PIXEL, linestyle=dashes, capstyle="butt")
    patch.set(zorder=2, clip_on=False)
    axes.add_patch(patch)


def _head(axes: Axes, curve: Curve, stroke: Stroke) -> None:
    """A full triangle or an open one."""
    tip, along = np.array(curve.tip), _direction(curve)
    across = np.array([-along[1], along[0]])
    length, half = (7.0, 3.2) if stroke is BYSTANDER else (10.0, 4.6)
    corners = [tip - length * along + half * across, tip, tip - length * along - half * across]
    fill = "none" if stroke.open_head else stroke.colour
    patch = Polygon(corners, closed=not stroke.open_head, facecolor=fill, edgecolor=stroke.colour, joinstyle="miter")
    patch.set(linewidth=(stroke.width if stroke.open_head else 0.5) * PIXEL, zorder=2, clip_on=False)
    axes.add_patch(patch)


def _direction(curve: Curve) -> np.ndarray:
    """Which way the arrow points at its tip."""
    leg = np.array(curve.tip) - np.array(curve.control)
    return leg / np.hypot(*leg)
