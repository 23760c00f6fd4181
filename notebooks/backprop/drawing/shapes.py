"""The visual language of the course's figures: nodes, arrows and labels, and where they go.

Lengths are pixels at the size at which a figure is shown, from the top left corner, so a font size
here is what a reader sees. Whatever a colour tells is told by a shape, a line style or a position
too:

    circle            computed            solid arrow, full head     forward: values
    plain box         given data          dashed arrow, open head    backward: gradients
    grey box          parameter           dash-dotted arrow          update of the parameters
    above a node      its value           below a node               its gradient
"""

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import matplotlib.style
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.bezier import split_bezier_intersecting_with_closedpath
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text

from .palette import BLUE, FAINT, GREEN, INK, PAPER, PARAMETER, PLAIN, PURPLE, QUIET, VERMILLION

Point = tuple[float, float]
Columns = Sequence[Sequence[str | None]]

PIXEL = 0.75  # points: browsers show 96 pixels to the inch, 72 points
SMALL, TEXT, MATHS, LARGE = 13.0, 14.0, 16.0, 19.0
CLEARANCE = 3.0

SHEET = os.path.join(os.path.dirname(__file__), "lesson.mplstyle")
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
    head: float = 10.0


FORWARD = Stroke(BLUE)
BACKWARD = Stroke(VERMILLION, (5, 3), open_head=True)
UPDATE = Stroke(GREEN, (8, 3, 2, 3))
BYSTANDER = Stroke(FAINT, width=1.0, head=7)
PATHS = (
    Stroke(BLUE, width=2.2, head=8),
    Stroke(INK, (12, 4), width=2.2, head=8),
    Stroke(GREEN, (9, 2.5, 2, 2.5), width=2.2, head=8),
    Stroke(PURPLE, (2.2, 2.2), width=2.6, head=8),
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
class Shaft:
    """An arrow's line, from tail to tip."""

    tail: Point
    tip: Point

    def at(self, t: float) -> Point:
        """The point a fraction `t` of the way along."""
        return self.tail[0] + t * (self.tip[0] - self.tail[0]), self.tail[1] + t * (self.tip[1] - self.tail[1])

    @property
    def direction(self) -> np.ndarray:
        """Which way the arrow points, as a vector of length 1."""
        along = np.subtract(self.tip, self.tail)
        return along / np.hypot(*along)


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's defaults with our style on top, without the reader's matplotlibrc.

    Also a decorator.

    The lessons' own plots use the style sheet too: plt.style.use("backprop.drawing.lesson").
    """
    with matplotlib.style.context(["default", _style_sheet(), SETTINGS]):
        yield


@lru_cache(maxsize=1)
def _style_sheet() -> Any:
    """The lessons' style sheet. Matplotlib itself would read its file at each use."""
    return matplotlib.rc_params_from_file(SHEET, use_default_template=False)


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty transparent figure and its axes, measured in pixels from the top left corner."""
    figure = Figure(figsize=(width / 96, height / 96), facecolor="none")
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
    """The places of the nodes of a layered network:
    column i at xs[i], centred on `middle`, `row` apart.

    None leaves a gap.
    """
    layers = {layer: [(layer, place) for place in range(len(column))] for layer, column in enumerate(columns)}
    graph = nx.empty_graph(spot for spots in layers.values() for spot in spots)
    unit = nx.multipartite_layout(graph, subset_key=layers)  # a dict of lists: by attribute, the order within a layer is lost
    extent = np.ptp([height for _, height in unit.values()])
    stretch = row * (max(map(len, columns)) - 1) / (extent or 1.0)
    named = {name: (layer, place) for layer, column in enumerate(columns) for place, name in enumerate(column) if name is not None}
    return {name: (float(xs[spot[0]]), float(middle + stretch * unit[spot][1])) for name, spot in named.items()}


def write(axes: Axes, x: float, y: float, words: str, size: float = TEXT, colour: str = PLAIN, **more: Any) -> Text:
    """Text centred on (x, y), its size in pixels. In a node, on its paper, the colour is INK."""
    look: dict[str, Any] = {"fontsize": size * PIXEL, "color": colour, "ha": "center", "va": "center", "zorder": 4}
    return axes.text(x, y, words, **look | more)


def write_over(axes: Axes, x: float, y: float, words: str, size: float = TEXT, colour: str = INK, **more: Any) -> Text:
    """Text on a patch of paper, so that a line may pass behind it."""
    patch = {"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}
    return write(axes, x, y, words, size, colour, bbox=patch, **more)


def outline(axes: Axes, node: Node, fill: str = PAPER, colour: str = INK, width: float = 1.4) -> None:
    """The node's outline, above the lines that end at it."""
    radius = 5.0 if node.box else node.height / 2
    right, down = node.width / 2 - radius, node.height / 2 - radius
    corners = [(right, down, 0), (-right, down, 90), (-right, -down, 180), (right, -down, 270)]
    arcs = [Path.arc(angle, angle + 90, 1) for _, _, angle in corners]
    points = np.concatenate([np.asarray(arc.vertices) * radius + (node.x + x, node.y + y) for arc, (x, y, _) in zip(arcs, corners)])
    codes = np.concatenate([arc.codes for arc in arcs])
    codes[1:][codes[1:] == Path.MOVETO] = Path.LINETO
    path = Path(np.vstack([points, points[:1]]), [*codes, Path.CLOSEPOLY])
    axes.add_patch(PathPatch(path, facecolor=fill, edgecolor=colour, linewidth=width * PIXEL, zorder=3, clip_on=False))


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
    write(axes, *at, label, MATHS, INK)
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
    write(axes, *at, label, MATHS, INK)
    return node


def unit(axes: Axes, at: Point, before: str, after: str, colour: str = INK) -> Node:
    """A capsule in two halves: a unit's pre-activation and its activation."""
    node = Node(*at, 112, 50)
    outline(axes, node, colour=colour)
    axes.plot([node.x, node.x], [node.y - 25, node.y + 25], color=colour, linewidth=PIXEL, zorder=4, clip_on=False)
    write(axes, node.x - 25, node.y, before, MATHS, colour)
    write(axes, node.x + 25, node.y, after, MATHS, colour)
    return node


def arrow(axes: Axes, start: Node, end: Node, stroke: Stroke = FORWARD, shift: float = 0.0) -> Shaft:
    """An arrow between two nodes, `shift` pixels to the right of the way it goes."""
    shaft = between(start, end, shift)
    _line(axes, shaft, stroke)
    _head(axes, shaft, stroke)
    return shaft


def parallel(axes: Axes, nodes: Mapping[str, Node], paths: Sequence[Sequence[str]], apart: float = 8.0) -> None:
    """Draw each path through the nodes in its own stroke, side by side on shared edges."""
    users: dict[tuple[str, str], list[int]] = {}
    for place, path in enumerate(paths):
        for edge in pairwise(path):
            users.setdefault(edge, []).append(place)
    for (start, end), places in users.items():
        for lane, place in enumerate(places):
            arrow(axes, nodes[start], nodes[end], PATHS[place], shift=apart * (lane - (len(places) - 1) / 2))


def there_and_back(axes: Axes, start: Node, end: Node, apart: float = 8.0) -> tuple[Shaft, Shaft]:
    """A forward arrow and, beside it, the backward arrow."""
    return arrow(axes, start, end, FORWARD, shift=-apart / 2), arrow(axes, end, start, BACKWARD, shift=-apart / 2)


def readings(axes: Axes, node: Node, value: float, gradient: float | None) -> None:
    """The node's value above it and, where it has one, its gradient below."""
    write(axes, node.x, node.y - node.height / 2 - 11, f"${number(value)}$", TEXT, BLUE)
    if gradient is not None:
        write(axes, node.x, node.y + node.height / 2 + 12, f"${number(gradient)}$", TEXT, VERMILLION)


def number(value: float, digits: int = 4, sign: str = "-") -> str:
    """A number rounded, without trailing zeros and without
    a minus before zero; sign="+" writes a plus too.
    """
    rounded = round(float(value), digits) + 0.0
    text = f"{rounded:{sign}.{digits}f}"
    return text.rstrip("0").rstrip(".")


def key(axes: Axes, x: float, y: float, entries: Sequence[tuple[Stroke, str]], gap: float = 26.0) -> None:
    """What each kind of arrow means, one below the other."""
    for place, (stroke, words) in enumerate(entries):
        height = y + gap * place
        arrow(axes, Node(x, height, 0, 0), Node(x + 48, height, 0, 0), stroke)
        write(axes, x + 58, height, words, SMALL, QUIET, ha="left")


@lru_cache(maxsize=4096)
def between(start: Node, end: Node, shift: float = 0.0) -> Shaft:
    """The line from one node's outline to the other's,
    `shift` pixels to the right of the way it goes.
    """
    along = Shaft((start.x, start.y), (end.x, end.y)).direction
    aside = shift * np.array([-along[1], along[0]])
    points = np.array([(start.x, start.y), (end.x, end.y)]) + aside
    tail, tip = _clipped(_clipped(points, start)[::-1], end)[::-1].tolist()
    return Shaft(tuple(tail), tuple(tip))


def _clipped(points: np.ndarray, node: Node) -> np.ndarray:
    """What of the line, which begins inside `node`, is outside it."""
    if node.width == 0:
        return points
    _, outside = split_bezier_intersecting_with_closedpath(points, partial(Node.contains, node.grown(CLEARANCE)), tolerance=0.01)
    return np.array(outside)


def _line(axes: Axes, shaft: Shaft, stroke: Stroke) -> None:
    """The arrow's line, which stops inside a full head so that its end does not show at the tip."""
    end = np.array(shaft.tip) - (0.0 if stroke.open_head else 0.6 * stroke.head) * shaft.direction
    dashes = (0, tuple(length * PIXEL for length in stroke.dashes)) if stroke.dashes else "solid"
    patch = PathPatch(
        Path(np.array([shaft.tail, end])), edgecolor=_bare(stroke.colour), linewidth=stroke.width * PIXEL, linestyle=dashes, capstyle="butt"
    )
    patch.set(fill=False, zorder=2, clip_on=False)
    axes.add_patch(patch)


def _bare(colour: str) -> str:
    """The colour of a line, which has no paper behind it."""
    return PLAIN if colour == INK else colour


def _head(axes: Axes, shaft: Shaft, stroke: Stroke) -> None:
    """A full triangle or an open one."""
    along = shaft.direction
    back, half = shaft.tip - stroke.head * along, 0.45 * stroke.head * np.array([-along[1], along[0]])
    edge = _bare(stroke.colour)
    fill = "none" if stroke.open_head else edge
    corners = np.array([back + half, shaft.tip, back - half])
    patch = Polygon(corners, closed=not stroke.open_head, facecolor=fill, edgecolor=edge)
    patch.set(linewidth=(stroke.width if stroke.open_head else 0.5) * PIXEL, joinstyle="miter", zorder=2, clip_on=False)
    axes.add_patch(patch)
