"""The graph explorer: a network with all values, gradients
and local derivatives, computed again at every move.
"""

import html
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...autodiff.settings import ours
from ...autodiff.trace import Edge, Path, Trace
from ...checking.answers import Reading, Unreadable, read_answer
from ...checking.comparing import close
from ...drawing.shapes import BACKWARD, BYSTANDER, FORWARD, between
from ...figures.networks import NETWORKS, Network
from ...translation import N_, _
from ..stage.notation import as_html, as_text, partial, spoken
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, choice, gap, read_number, slider
from .board import GraphBoard

SEVERAL = 10  # inputs that have a slider each; with more, one slider serves the one chosen
FEW = 4  # paths that are written out one by one


class GraphExplorer(Picture):
    """A network as a computation graph: value above, gradient
    below every node, local derivative on every edge.

    network   its name in `networks.NETWORKS`
    gradient  the learner's function for the network's exercise; each parameter is marked right or
              wrong by PyTorch's gradient
    values    inputs to start from, in place of the network's own
    """

    def __init__(self, network: str, gradient: Callable[..., Any] | None = None, **values: float) -> None:
        super().__init__()
        if network not in NETWORKS:
            raise ValueError(_("There is no network {network!r}; choose one of {names}.", network=network, names=", ".join(NETWORKS)))
        self.network = NETWORKS[network]
        if gradient is not None and self.network.exercise is None:
            words = N_("No exercise asks for the gradients of {network!r}, so there is nothing to compare your function with.")
            raise ValueError(_(words, network=network))
        self.gradient = gradient
        self.values = {name: float(value) for name, value in (dict(self.network.inputs) | values).items()}
        self.on_slider = (*self.network.parameters, *self.network.inputs)[0]
        self.chosen = self.pointed = ""
        self.title = _("Graph explorer: {title}", title=_(self.network.title))
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Move an input, or highlight the factors of the gradient that is pointed at or chosen."""
        if key in ("pointed", "chosen"):
            setattr(self, key, value)
            if key == "chosen" and value in self.network.inputs:
                self.on_slider = value
        elif key == "on_slider":
            self.on_slider = self.chosen = value
        else:
            name = self.on_slider if key == "value" else key
            self.values[name] = read_number(value, as_text(self.network.labels[name]), *self.network.range(name))

    def draw(self) -> Frame:
        """The graph, and under it the product that is lit."""
        now = self.network.trace(self.values)
        lit = self.pointed or self.chosen
        marks, complaint = self._judged()
        drawing = _Graph(self.network, now, lit, marks)
        words = _in_words(self.network, now, lit)
        caption = complaint + (product_of(self.network, now, lit) if lit else f"<p>{_(HOW)}</p>")
        return Frame(drawing.sheet.finished(self.title, words), words, caption, movers(self.network, self.values, self.on_slider))

    # --- the learner's own function ---------------------------------------------------------------

    def _judged(self) -> tuple[dict[str, bool], str]:
        """For each gradient of the learner's function whether
        it is right, and a message about the function.
        """
        exercise = self.network.exercise
        if self.gradient is None or exercise is None:
            return {}, ""
        with ours():
            sample = exercise.measure(self.values)
            try:
                reading = read_answer(exercise, self.gradient, sample)
            except Unreadable as problem:
                return {}, _paragraph(_("Your function: {problem}", problem=problem), "wrong")
        marks = {ask: ask in reading.values and bool(np.all(close(reading.values[ask], sample.truth[ask], 1e-4))) for ask in exercise.asks}
        return {ask.split("_d", 1)[1]: right for ask, right in marks.items()}, self._message(marks, reading, sample.truth)

    def _message(self, marks: Mapping[str, bool], reading: Reading, truth: Mapping[str, Any]) -> str:
        wrong = next((ask for ask, right in marks.items() if not right), None)
        if wrong is None:
            return _paragraph(_("✓ Your function gives every gradient as PyTorch does, here."), "right")
        yours = reading.complaints.get(wrong) or amount(float(reading.values[wrong]), 6)
        told = _(
            "✗ The first wrong link is {link}: yours {yours}, PyTorch {true}. {right} of {count} are right here.",
            link=wrong,
            yours=yours,
            true=amount(float(truth[wrong]), 6),
            right=sum(marks.values()),
            count=len(marks),
        )
        return _paragraph(told, "wrong")


def movers(network: Network, values: Mapping[str, float], on_slider: str) -> list[Control]:
    """The sliders of a network's inputs: one each or,
    if there are too many, one for the chosen input.
    """

    def one(key: str, name: str) -> Control:
        label = network.labels[name]
        return slider(key, as_html(label), values[name], *network.range(name), words=spoken(label))

    if len(values) <= SEVERAL:
        return [one(name, name) for name in values]
    names = {name: spoken(network.labels[name]) for name in values}
    return [choice("on_slider", _("Move"), on_slider, names), one("value", on_slider), gap("end")]


HOW = N_("Point at a node or an arrow, or choose one: its gradient appears here as the product that it is.")


def _paragraph(words: str, kind: str) -> str:
    return f"<p class='bp-{kind}'>{html.escape(words)}</p>"


# --- what is lit, in the graph and in words -------------------------------------------------------


def lit_paths(network: Network, now: Trace, lit: str) -> list[Path]:
    """The paths whose products add up to the gradient
    of a node, or to the contribution along an edge ("a>b").
    """
    if not lit:
        return []
    start, _, end = lit.partition(">")
    paths = now.paths(start)
    return [path for path in paths if path.nodes[1:2] == (end,)] if end else paths


def product_of(network: Network, now: Trace, lit: str) -> str:
    """The highlighted gradient as a product of local
    derivatives, or a sum of these, with numbers, in HTML.
    """
    start, end = lit.partition(">")[::2]
    paths = lit_paths(network, now, lit)
    left = _left_side(network, start, end)
    total = _added([path.product for path in paths])
    if paths == [Path((start,), ())]:
        message = N_("{left} = 1: the backward pass begins here.") if start == network.output else N_("{left} = 0: no path leads on.")
        return f"<p>{_(message, left=left)}</p>"
    if len(paths) == 1:
        return f"<p>{left} = {_symbols(network, paths[0])}</p><p>= {_numbers(paths[0])} = <b>{amount(total)}</b></p>"
    if len(paths) > FEW:
        return _by_next_node(network, now, start, end, left)
    products = [f"{_symbols(network, path)} = {_numbers(path)} = {amount(path.product, 6)}" for path in paths]
    lines = ["<p>" + _("path {number}: {product}", number=k, product=product) + "</p>" for k, product in enumerate(products, 1)]
    shares = " + ".join(_bracketed(path.product, 6) for path in paths)
    return "".join(lines) + f"<p>{left} = {shares} = <b>{amount(total, 6)}</b></p>"


def _by_next_node(network: Network, now: Trace, start: str, end: str, left: str) -> str:
    """If there are many paths: one term for each next node, as the backward pass adds them."""
    ends = [end] if end else [stop for begin, stop in now.slopes if begin == start]
    labels = network.labels
    out = labels[network.output]
    symbols = " + ".join(f"{partial(out, labels[stop])} · {partial(labels[stop], labels[start])}" for stop in ends)
    numbers = " + ".join(f"{_bracketed(now.gradients[stop])} · {_bracketed(now.slopes[start, stop])}" for stop in ends)
    total = _added([now.gradients[stop] * now.slopes[start, stop] for stop in ends])
    return f"<p>{left} = {symbols}</p><p>= {numbers} = <b>{amount(total, 6)}</b></p>"


def _added(shares: list[float]) -> float:
    """The sum; 0 where the shares cancel and nothing but rounding is left of them."""
    total = sum(shares)
    return total if abs(total) > 1e-14 * sum(map(abs, shares)) else 0.0


def _left_side(network: Network, start: str, end: str) -> str:
    whole = partial(network.labels[network.output], network.labels[start])
    return _("The share of {gradient} that comes through {node}", gradient=whole, node=as_html(network.labels[end])) if end else whole


def _symbols(network: Network, path: Path) -> str:
    links = list(zip(path.nodes, path.nodes[1:]))[::-1]
    return " · ".join(partial(network.labels[end], network.labels[start]) for start, end in links)


def _numbers(path: Path) -> str:
    return " · ".join(_bracketed(slope) for slope in path.slopes[::-1])


def _bracketed(value: float, digits: int = 4) -> str:
    return f"({amount(value, digits)})" if value < 0 else amount(value, digits)


def _in_words(network: Network, now: Trace, lit: str) -> str:
    """How things stand, in a sentence or two."""
    out = network.output
    result = _("{name} is {value}.", name=spoken(network.labels[out]), value=amount(now.values[out]))
    start, end = lit.partition(">")[::2]
    if end:
        slope = amount(now.slopes[start, end])
        told = _(
            "From {start} to {end} the local derivative is {slope}.", start=_named(network, start), end=_named(network, end), slope=slope
        )
    elif start:
        paths = len(lit_paths(network, now, lit))
        message = N_("{name} is {value}, and its gradient is {gradient}.")
        if paths > 1:
            message = N_("{name} is {value}, and its gradient is {gradient}, the sum over {paths} paths.")
        value, gradient = amount(now.values[start]), amount(now.gradients[start], 6)
        told = _(message, name=_named(network, start), value=value, gradient=gradient, paths=paths)
    else:
        gradients = ", ".join(f"{_named(network, name)} {amount(now.gradients[name])}" for name in network.parameters[:8])
        told = _("Gradients: {gradients}.", gradients=gradients)
    return f"{result} {told}"


def _named(network: Network, name: str) -> str:
    return spoken(network.labels[name])


# --- the drawing ----------------------------------------------------------------------------------


class _Graph:
    """The graph on its sheet."""

    def __init__(self, network: Network, now: Trace, lit: str, marks: Mapping[str, bool]) -> None:
        self.network, self.now, self.marks = network, now, marks
        self.board = GraphBoard(network, now.slopes)
        self.sheet = self.board.sheet
        paths = lit_paths(network, now, lit)
        self.lit_edges = {edge for path in paths for edge in zip(path.nodes, path.nodes[1:])}
        self.lit = lit
        carrier = {edge: name for name, edge in network.on_edges.items()}
        for edge in self.board.edges:
            self._edge(edge, carrier.get(edge))
        for name in network.places:
            self._node(name)
        for edge in sorted(self.lit_edges.intersection(self.board.edges) - carrier.keys()):
            shaft = between(*(network.places[name] for name in edge))
            self.board.slope_on(shaft, now.slopes[edge], bold=True)
        for name in network.on_edges:
            if name == lit or name in marks:
                self._drawn(name, 2.6)

    def _edge(self, edge: Edge, parameter: str | None) -> None:
        """An arrow; one that carries a parameter stands for it."""
        start, end = (self.network.places[name] for name in edge)
        key = parameter or ">".join(edge)
        with self.sheet.thing(key, self._about(edge, parameter), chosen=self.lit == key):
            lit = edge in self.lit_edges or parameter == self.lit
            quiet = bool(self.network.on_edges) and parameter is not None
            shaft = self.sheet.arrow(start, end, BYSTANDER if quiet and not lit else FORWARD, shift=-4 if lit else 0)
            if lit:
                self.sheet.arrow(end, start, BACKWARD, shift=-4)
            self.sheet.target(shaft)
            if parameter is None and edge not in self.lit_edges:
                self.board.slope_on(shaft, self.now.slopes[edge], "quiet")

    def _about(self, edge: Edge, parameter: str | None) -> str:
        if parameter is not None:
            return self._about_node(parameter)
        start, end = (_named(self.network, name) for name in edge)
        return _("from {start} to {end}: local derivative {slope}", start=start, end=end, slope=amount(self.now.slopes[edge]))

    def _about_node(self, name: str) -> str:
        return _(
            "{name}: value {value}, gradient {gradient}",
            name=_named(self.network, name),
            value=amount(self.now.values[name]),
            gradient=amount(self.now.gradients[name]),
        )

    def _node(self, name: str) -> None:
        with self.sheet.thing(name, self._about_node(name), chosen=self.lit == name):
            self._drawn(name, 2.6 if any(name in edge for edge in self.lit_edges) else 1.4)

    def _drawn(self, name: str, width: float) -> None:
        """Draw a node, or a parameter on its edge: shape, mark, value above and gradient below."""
        ink = "ink" if name not in self.marks else "green" if self.marks[name] else "vermillion"
        self.board.node(name, width if name not in self.marks else 2.6, ink)
        if name in self.marks:
            node = self.board.place(name)
            self.sheet.write(node.x + node.width / 2, node.y - node.height / 2, "✓" if self.marks[name] else "✗", ink, 17, bold=True)
        self.board.number(name, self.now.values[name], below=False)
        self.board.number(name, self.now.gradients[name], below=True)


def explore(network: str, gradient: Callable[..., Any] | None = None, **values: float) -> GraphExplorer:
    """A network to explore: explore("logistic"), or explore("logistic",
    logistic_graph) to have your own gradients marked.
    """
    return GraphExplorer(network, gradient, **values)
