"""A growing network: how many paths it has, and how many multiplications a backward pass makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import networkx as nx
import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.settings import ours
from ...drawing.shapes import BACKWARD, FORWARD, PATHS, Node, Point
from ...translation import N_, _, ngettext
from ..stage.notation import grouped, power_of_ten
from ..stage.plot import whole_ticks
from ..stage.sheet import Sheet, amount
from ..stage.stage import Control, Frame, Picture, button, gap, play, read_number, slider

Unit = tuple[int, int]  # layer and place, from 0; layer 0 is the input

DEEPEST, WIDEST = 12, 8
WALKED = 2000  # as many paths are walked one by one; beyond, they are counted along the graph
NAMES = ((10**9, N_("about {number} billion")), (10**6, N_("about {number} million")), (10**3, N_("about {number} thousand")))
SECONDS = N_("{number} seconds")
SPANS = ((86400, N_("{number} days")), (3600, N_("{number} hours")), (60, N_("{number} minutes")), (1, SECONDS))


# --- what is counted ------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def network(depth: int, width: int) -> nx.DiGraph:
    """`depth` linear layers of `width` units after the inputs, each
    connected to all units before it, with a weight on every edge.
    """
    weights = np.random.default_rng(width).normal(size=(DEEPEST, width, width)) / width**0.5
    graph = nx.DiGraph()
    for layer in range(depth):
        for start in range(width):
            for end in range(width):
                graph.add_edge((layer, start), (layer + 1, end), weight=float(weights[layer, end, start]))
    return graph


def walk(graph: nx.DiGraph, start: Unit) -> Iterator[float]:
    """The product of the weights along each path from
    `start` to an output, one path after the other.
    """
    waiting = [(start, 1.0)]
    while waiting:
        unit, product = waiting.pop()
        further = graph.adj[unit]
        if not further:
            yield product
        waiting.extend((after, product * edge["weight"]) for after, edge in further.items())


def count_along(graph: nx.DiGraph, start: Unit) -> int:
    """The number of paths from `start` to an output: the
    sum of those from the next units, one addition an edge.
    """
    ways: dict[Unit, int] = {}
    for unit in reversed(list(nx.topological_sort(graph))):
        ways[unit] = sum(ways[after] for after in graph.adj[unit]) if graph.adj[unit] else 1
    return ways[start]


@dataclass(frozen=True)
class Counted:
    """What it takes to get the gradient at one input of a network.

    paths            how many paths lead from it to the outputs
    walked           the sum of their products, where they were walked one by one
    multiplications  how many PyTorch did in its backward pass
    gradient         what came of it
    """

    paths: int
    walked: float | None
    multiplications: int
    gradient: float


@lru_cache(maxsize=256)
def count(depth: int, width: int) -> Counted:
    """Count the paths in the graph, and the multiplications
    of PyTorch's `.backward()` in the same network.
    """
    graph = network(depth, width)
    paths = count_along(graph, (0, 0))
    walked = sum(walk(graph, (0, 0))) if paths <= WALKED else None
    return Counted(paths, walked, *backward(graph))


def backward(graph: nx.DiGraph) -> tuple[int, float]:
    """How many multiplications `.backward()` makes from the
    sum of the outputs, and the gradient of the first input.
    """
    done = 0

    def multiplied(_: Any) -> None:
        nonlocal done
        done += 1

    with ours():
        units: dict[Unit, Any] = {}
        for unit in nx.topological_sort(graph):
            before = graph.pred[unit]
            if not before:
                units[unit] = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
                continue
            products = [edge["weight"] * units[start] for start, edge in before.items()]
            for product in products:
                product.grad_fn.register_prehook(multiplied)  # PyTorch calls it when it goes back through this multiplication
            units[unit] = sum(products)
        sum(unit for name, unit in units.items() if not graph.adj[name]).backward()
    return done, float(units[0, 0].grad)


def in_words(number: int) -> str:
    """A large number in words: 2.2 billion; empty for one that is short enough in digits."""
    if number < 10_000:
        return ""
    size, message = next((size, message) for size, message in NAMES if number >= size)
    return _(message, number=amount(number / size, 1))


# --- the picture ----------------------------------------------------------------------------------


class GrowingNetwork(Picture):
    """A network of any depth and width, one of its paths,
    and how paths and multiplications grow with its depth.
    """

    def __init__(self, depth: int = 4, width: int = 4) -> None:
        super().__init__()
        self.depth, self.width = _whole(depth, _("The depth"), DEEPEST), _whole(width, _("The width"), WIDEST)
        self.step = 0
        self.title = _("A network that grows: paths and multiplications")
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Change depth or width, go on to the next path, or choose a depth on the curves."""
        if key == "depth":
            self.depth, self.step = _whole(value, _("The depth"), DEEPEST), 0
        elif key == "width":
            self.width, self.step = _whole(value, _("The width"), WIDEST), 0
        elif key == "next":
            self.step = (self.step + value) % count(self.depth, self.width).paths
        elif key == "chosen" and value.startswith("depth:"):
            self.depth, self.step = _whole(value.removeprefix("depth:"), _("The depth"), DEEPEST), 0

    def draw(self) -> Frame:
        """The network with one path, and the two curves."""
        now = count(self.depth, self.width)
        words = self._summary(now)
        svg = _Growth(self.depth, self.width, self.step).sheet.finished(self.title, words)
        return Frame(svg, words, self._caption(now), self._controls())

    def _controls(self) -> list[Control]:
        return [
            slider("depth", _("depth"), self.depth, 1, DEEPEST, words=_("depth"), step=1),
            slider("width", _("width"), self.width, 1, WIDEST, words=_("width"), step=1),
            gap("below"),
            button("next", _("Next path")),
            play("walk", _("▶ Walk on"), presses="next", every=250),
        ]

    def _caption(self, now: Counted) -> str:
        edges = network(self.depth, self.width).number_of_edges()
        paths = _paths(now.paths, f"<b>{self.width}<sup>{self.depth}</sup> = {grouped(now.paths)}</b>")
        if in_words(now.paths):
            paths += f" ({in_words(now.paths)})"
        lines = [
            _("{paths} from the first input to the outputs; path {place} is drawn.", paths=paths, place=grouped(self.step + 1)),
            _(
                "{work} in PyTorch’s <code>.backward()</code>, counted while it ran; the network has {edges}.",
                work=_multiplications(now.multiplications, f"<b>{grouped(now.multiplications)}</b>"),
                edges=ngettext("{number} edge", "{number} edges", edges, number=grouped(edges)),
            ),
            self._how(now),
        ]
        return "".join(f"<p>{line}</p>" for line in lines)

    def _how(self, now: Counted) -> str:
        """Where the number of paths comes from."""
        if now.walked is not None:
            same = _("the same") if np.isclose(now.walked, now.gradient, rtol=1e-9, atol=1e-12) else _("not the same")
            return _(
                "The paths were walked one by one. Their products add up to {sum}, PyTorch’s gradient {gradient}, {same}.",
                sum=amount(now.walked, 6),
                gradient=amount(now.gradient, 6),
                same=same,
            )
        return _(
            "Too many to walk here, so they are counted along the graph, one addition an edge. "
            "At a million paths a second, walking them would take {span}.",
            span=_span(now.paths),
        )

    def _summary(self, now: Counted) -> str:
        return _(
            "{layers} of width {width}: {paths} from the first input, {work} in the backward pass.",
            layers=ngettext("{count} layer", "{count} layers", self.depth),
            width=self.width,
            paths=_paths(now.paths, grouped(now.paths)),
            work=_multiplications(now.multiplications, grouped(now.multiplications)),
        )


def _whole(value: Any, name: str, most: int) -> int:
    return round(read_number(value, name, 1, most))


def _paths(many: int, number: str) -> str:
    return ngettext("{number} path", "{number} paths", many, number=number)


def _multiplications(many: int, number: str) -> str:
    return ngettext("{number} multiplication", "{number} multiplications", many, number=number)


def _span(paths: int) -> str:
    """How long a million paths a second take."""
    seconds = paths / 1e6
    for size, message in SPANS:
        if seconds >= 2 * size:
            return _(message, number=f"{seconds / size:.0f}")
    return _(SECONDS, number=amount(seconds, 2))


# --- the drawing ----------------------------------------------------------------------------------

TALL, TOP, LOW = 570, 312, 530  # the sheet; the upper and the lower end of the curves
LEFT, RIGHT = 70, 640


class _Growth:
    """The network above, the curves below."""

    def __init__(self, depth: int, width: int, step: int) -> None:
        self.depth, self.width, self.step = depth, width, step
        self.sheet = Sheet(800, TALL)
        self._network()
        self._curves()

    def _network(self) -> None:
        """Every unit and every edge, and the path that is being walked."""
        across, down = min(700 / self.depth, 160.0), min(190 / max(1, self.width - 1), 60.0)
        left = 400 - across * self.depth / 2
        self.at = {
            (layer, place): (left + across * layer, 138 + down * (place - (self.width - 1) / 2))
            for layer in range(self.depth + 1)
            for place in range(self.width)
        }
        for unit in self.at:
            if unit[0] < self.depth:
                self.sheet.line(self._edges_from(unit), "faint", 1.0)
        units = [(0, 0), *((layer + 1, place) for layer, place in enumerate(self._places()))]
        radius = min(11.0, 0.4 * down) if self.width > 1 else 11.0
        for start, end in zip(units, units[1:]):
            before, after = (Node(*self.at[unit], 2 * radius, 2 * radius) for unit in (start, end))
            self.sheet.arrow(before, after, FORWARD)
        for unit, point in self.at.items():
            on_path = unit in units
            self.sheet.dot(*point, radius, fill="blue" if on_path else "paper", ink="ink" if on_path else "quiet")
        self.sheet.write(left, 14, _("inputs"), "quiet")
        self.sheet.write(left + across * self.depth, 14, _("outputs"), "quiet")

    def _edges_from(self, unit: Unit) -> list[Point]:
        """All edges that lead on from a unit as one line, there and back."""
        ends = [self.at[unit[0] + 1, place] for place in range(self.width)]
        return [point for end in ends for point in (self.at[unit], end)]

    def _places(self) -> list[int]:
        """The units on the path that is drawn: its
        number in base `width`, a digit for each layer.
        """
        digits, rest = [], self.step
        for _layer in range(self.depth):
            rest, digit = divmod(rest, self.width)
            digits.append(digit)
        return digits[::-1]

    def _curves(self) -> None:
        """Paths and multiplications at every depth, on a scale of powers of ten."""
        counts = [count(depth, self.width) for depth in range(1, DEEPEST + 1)]
        self.top = max(3, len(str(max(counts[-1].paths, counts[-1].multiplications))))
        self._axes()
        curves = (
            (PATHS[1], [one.paths for one in counts], _("paths")),
            (BACKWARD, [one.multiplications for one in counts], _("multiplications")),
        )
        for stroke, numbers, _words in curves:
            self.sheet.line([self._spot(depth, number) for depth, number in enumerate(numbers, 1)], stroke.colour, 2, stroke.dashes)
        for stroke, numbers, words in curves:
            x, y = self._spot(DEEPEST, numbers[-1])
            self.sheet.write(x + 16, y, words, stroke.colour, anchor="start", bold=True)
        for depth, one in enumerate(counts, 1):
            self._depth(depth, one)

    def _axes(self) -> None:
        for power in whole_ticks(0, self.top):
            y = self._spot(1, 10**power)[1]
            self.sheet.line([(LEFT, y), (RIGHT, y)], "faint", 0.8)
            self.sheet.write(LEFT - 10, y, power_of_ten(power), "quiet", anchor="end")
        self.sheet.write((LEFT + RIGHT) / 2, LOW + 32, _("depth"), "quiet")
        self.sheet.write(LEFT - 50, TOP - 24, _("how many, each step of the scale ten times the one before"), "quiet", anchor="start")

    def _depth(self, depth: int, one: Counted) -> None:
        """The two points of one depth, which can be chosen."""
        words = _(
            "depth {depth}: {paths} paths, {multiplications} multiplications",
            depth=depth,
            paths=grouped(one.paths),
            multiplications=grouped(one.multiplications),
        )
        chosen = depth == self.depth
        with self.sheet.thing(f"depth:{depth}", words, chosen=chosen):
            (x, high), low = self._spot(depth, one.paths), self._spot(depth, one.multiplications)[1]
            self.sheet.write(x, LOW + 14, str(depth), "ink" if chosen else "quiet", bold=chosen)
            self.sheet.box(x - 4, high - 4, 8, 8, "ink", "paper")
            self.sheet.dot(x, low, 4.5, "vermillion")
        if chosen:
            self.sheet.line([(x, TOP), (x, LOW)], "quiet", 1, (2, 2))
            self.sheet.write(x + 12, high - 12, grouped(one.paths), "ink", anchor="end", bold=True)
            side = ("end", -4) if depth > DEEPEST - 3 else ("start", 10)
            self.sheet.write(x + side[1], low + 15, grouped(one.multiplications), "vermillion", anchor=side[0], bold=True)

    def _spot(self, depth: int, number: int) -> Point:
        x = LEFT + 20 + (RIGHT - LEFT - 40) * (depth - 1) / (DEEPEST - 1)
        return x, LOW - (LOW - TOP) * float(np.log10(number)) / self.top


def grow_deep(depth: int = 4, width: int = 4) -> GrowingNetwork:
    """A network that grows with a slider, and its
    number of paths beside the work of a backward pass.
    """
    return GrowingNetwork(depth, width)
