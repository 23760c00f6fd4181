"""The path explorer: every path from a weight to the loss,
the contribution of each, and their sum, the gradient.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ...autodiff.trace import Edge, Path
from ...drawing.palette import FAINT, INK, QUIET
from ...drawing.shapes import BYSTANDER, FORWARD, PATHS, Node, Shaft, Stroke, between
from ...figures.networks import NETWORKS
from ...translation import _
from ..graph.board import GraphBoard
from ..graph.explorer import movers
from ..stage.notation import as_text, spoken
from ..stage.sheet import amount
from ..stage.stage import Frame, Picture, Refused, choice, gap, read_number
from .story import Story
from .waterfall import Waterfall

THIN = Stroke(QUIET, width=1.0, head=6)  # the fifth path and all after it
LANES = 40  # pixels that the paths along one edge share
FIRST = {"four_four_two": "w1_31"}  # the weight to begin with; elsewhere it is the first one


class PathExplorer(Picture):
    """A network with every path from one of its inputs
    to the loss, and each path's contribution as a bar.

    network  its name in `networks.NETWORKS`
    weight   the input to start from; another one can be chosen in the picture
    values   inputs to use in place of the network's own
    """

    def __init__(self, network: str, weight: str | None = None, **values: float) -> None:
        super().__init__()
        if network not in NETWORKS:
            raise ValueError(_("There is no network {network!r}; choose one of {names}.", network=network, names=", ".join(NETWORKS)))
        self.network = NETWORKS[network]
        self.values = dict(self.network.inputs)
        self.weight = weight or FIRST.get(network, self.network.parameters[0])
        for name in (self.weight, *values):
            if name not in self.values:
                raise ValueError(_("This network has no input {name!r}; it has {names}.", name=name, names=", ".join(self.values)))
        for name, value in values.items():
            self._put(name, value)
        self.on_slider = self.weight
        self.chosen = self.pointed = ""
        self.title = _("Path explorer: {title}", title=_(self.network.title))
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Move an input, follow the chosen weight, or
        highlight the path or bar that is pointed at or chosen.
        """
        if key == "weight" or (key == "chosen" and value in self.network.inputs):
            self._follow(value)
        elif key in ("pointed", "chosen"):
            setattr(self, key, value)
        elif key == "on_slider":
            self.on_slider = value
        else:
            self._put(self.on_slider if key == "value" else key, value)

    def draw(self) -> Frame:
        """The graph with its paths, below it the bars, and the factors in words."""
        story = Story(self.network, self.network.trace(self.values), self.weight, _path_in(self.pointed), _path_in(self.chosen))
        drawing = _Board(story, self.pointed)
        words = story.summary()
        names = {name: spoken(self.network.labels[name]) for name in self.network.inputs}
        followed = choice("weight", _("Follow the paths of"), self.weight, names)
        controls = [followed, gap("below"), *movers(self.network, self.values, self.on_slider)]
        return Frame(drawing.sheet.finished(self.title, words), words, story.caption(), controls)

    def _follow(self, name: str) -> None:
        if name not in self.network.inputs:
            raise Refused(_("This network has no input {name!r}.", name=name))
        self.weight = self.on_slider = name
        self.chosen = ""

    def _put(self, name: str, value: Any) -> None:
        self.values[name] = read_number(value, as_text(self.network.labels[name]), *self.network.range(name))


def _path_in(key: str) -> int | None:
    """The place of the path that "line:2" and "bar:2" stand for."""
    kind, _, place = key.partition(":")
    return int(place) if kind in ("line", "bar") else None


def _own_stroke(place: int) -> Stroke:
    return PATHS[place] if place < len(PATHS) else THIN


class _Board:
    """The graph with its paths, and the bars below, on one sheet."""

    def __init__(self, story: Story, pointed: str) -> None:
        self.story, self.network, self.pointed = story, story.network, pointed
        width, height = self.network.size
        bars = Waterfall(story, top=height, width=width)
        self.board = GraphBoard(self.network, story.now.slopes, more=bars.bottom - height)
        self.sheet = self.board.sheet
        self.routes = [self._drawn(path) for path in story.paths]
        with self.sheet.layer():
            self._edges({edge: name for name, edge in self.network.on_edges.items()})
        with self.sheet.layer():
            lanes = self._lanes()
            for place in range(len(self.routes)):
                self._path(place, lanes)
        with self.sheet.layer():
            self._slopes()
        for name, node in self.network.places.items():
            self._node(name, node)
        with self.sheet.layer():
            self._weight_on_its_edge()
        bars.draw(self.sheet, _own_stroke)

    def _stroke(self, place: int) -> Stroke:
        """The stroke of a path: its own; broader if it is highlighted, faint if another one is."""
        own = _own_stroke(place)
        if self.story.lit is None:
            return own
        if place == self.story.lit:
            return replace(own, width=own.width + 1.6, head=own.head + 3, colour=INK if own is THIN else own.colour)
        return replace(own, width=1.0, head=6, colour=FAINT)

    def _drawn(self, path: Path) -> list[str]:
        """The drawn nodes of a path; a weight on an edge
        is replaced by the node where that edge begins.
        """
        first = path.nodes[0]
        nodes = (self.network.on_edges[first][0], *path.nodes[1:]) if first in self.network.on_edges else path.nodes
        return [name for name in nodes if name in self.network.places]

    def _lanes(self) -> Mapping[tuple[int, Edge], float]:
        """How far beside the middle of each edge each path runs."""
        users: dict[Edge, list[int]] = {}
        for place, route in enumerate(self.routes):
            for edge in pairwise(route):
                users.setdefault(edge, []).append(place)
        return {
            (place, edge): min(8.0, LANES / len(places)) * (lane - (len(places) - 1) / 2)
            for edge, places in users.items()
            for lane, place in enumerate(places)
        }

    def _edges(self, carried: Mapping[Edge, str]) -> None:
        """The whole network, faintly; an edge that carries a weight stands for it."""
        places = self.network.places
        taken = {edge for route in self.routes for edge in pairwise(route)}
        for edge in self.board.edges:
            start, end = (places[name] for name in edge)
            name = carried.get(edge)
            if name is not None:
                with self.sheet.thing(name, self._about(name), chosen=name == self.story.weight):
                    self.sheet.target(self._edge(start, end, shown=edge not in taken, lit=name == self.pointed))
            elif edge not in taken:
                self.sheet.arrow(start, end, BYSTANDER)

    def _edge(self, start: Node, end: Node, shown: bool, lit: bool) -> Shaft:
        """An edge with a weight, drawn only where no path runs along it, or if it is pointed at."""
        return self.sheet.arrow(start, end, FORWARD if lit else BYSTANDER) if shown or lit else between(start, end)

    def _about(self, name: str) -> str:
        label, gradient = spoken(self.network.labels[name]), self.story.now.gradients[name]
        return _(
            "{name}: value {value}, gradient {gradient}; choose it to follow its paths",
            name=label,
            value=amount(self.story.now.values[name]),
            gradient=amount(gradient),
        )

    def _path(self, place: int, lanes: Mapping[tuple[int, Edge], float]) -> None:
        stroke, places = self._stroke(place), self.network.places
        with self.sheet.thing(f"line:{place}", self.story.about(place), chosen=place == self.story.chosen):
            for edge in pairwise(self.routes[place]):
                shaft = self.sheet.arrow(places[edge[0]], places[edge[1]], stroke, shift=lanes[place, edge])
                self.sheet.target(shaft, 8)

    def _slopes(self) -> None:
        """Write the local derivatives along the highlighted
        path, or along all paths if there are few.
        """
        few = range(len(self.routes)) if len(self.routes) <= len(PATHS) else []
        for place in few if self.story.lit is None else [self.story.lit]:
            path = self.story.paths[place]
            for edge, slope in zip(pairwise(path.nodes), path.slopes):
                start, end = self.network.on_edges.get(edge[0], edge)
                if start not in self.network.places or end not in self.network.places:
                    continue
                shaft = between(self.network.places[start], self.network.places[end])
                along = 0.8 if edge[0] in self.network.on_edges else None
                self.board.slope_on(shaft, slope, bold=self.story.lit is not None, along=along)

    def _node(self, name: str, node: Node) -> None:
        on_path = any(name in route for route in self.routes)
        if name not in self.network.inputs:
            self._shape(name, node, on_path)
            return
        with self.sheet.thing(name, self._about(name), chosen=name == self.story.weight):
            self._shape(name, node, on_path)

    def _shape(self, name: str, node: Node, on_path: bool) -> None:
        broad = name == self.story.weight or name == self.pointed
        self.board.shape(name, node, 2.6 if broad else 1.4, "ink" if on_path or broad else "quiet")

    def _weight_on_its_edge(self) -> None:
        """Draw the weight that is followed in a box on its edge, with its value above."""
        weight = self.story.weight
        if weight not in self.network.on_edges:
            return
        shaft = between(*(self.network.places[end] for end in self.network.on_edges[weight]))
        box = Node(*shaft.at(0.4), 62, 34, box=True)
        self._shape(weight, box, True)
        self.sheet.write(box.x, box.y - 28, amount(self.story.now.values[weight]), "blue", 14)


def follow_paths(network: str = "four_four_two", weight: str | None = None, **values: float) -> PathExplorer:
    """Every path from a weight to the loss, one by one: follow_paths("four_four_two", "w1_31")."""
    return PathExplorer(network, weight, **values)
