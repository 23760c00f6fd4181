"""The depth explorer: the size of pre-activations and gradients,
layer by layer, for a depth, a width and a variance to choose.
"""

from typing import Any

import numpy as np

from ...drawing.shapes import Node, between
from ...translation import N_, _
from ..stage.notation import power_of_ten
from ..stage.plot import Plot, whole_ticks
from ..stage.sheet import Sheet, amount
from ..stage.stage import Control, Frame, Picture, Refused, button, gap, read_number, slider, tick
from .measuring import DEEPEST, WIDEST, Network, Sizes, measure

LIMITS = {"depth": (N_("The depth"), 2, DEEPEST), "width": (N_("The width"), 2, WIDEST), "c": ("c", 0.1, 6.0)}


class DepthExplorer(Picture):
    """How large activations and gradients are in each layer of a deep network."""

    def __init__(self, depth: int = 50, width: int = 80, c: float = 1.0, skip: bool = False) -> None:
        super().__init__()
        self.title = _("Depth explorer: the size of pre-activations and gradients, layer by layer")
        chosen = {key: self._number(key, value) for key, value in (("depth", depth), ("width", width), ("c", c))}
        self.network = Network(skip=bool(skip), **chosen)
        self.lit: int | None = None
        self.redraw()

    def _number(self, key: str, value: Any) -> Any:
        name, low, high = LIMITS[key]
        number = read_number(value, _(name), low, high)
        return number if key == "c" else round(number)

    def moved(self, key: str, value: Any) -> None:
        """Change the network, draw other random numbers, or choose a layer."""
        if key in LIMITS:
            self._change(**{key: self._number(key, value)})
        elif key == "skip" and isinstance(value, bool):
            self._change(skip=value)
        elif key == "new":
            self._change(draw=self.network.draw + value)
        elif key in ("pointed", "chosen"):
            self.lit = self._layer(value or (self.inputs.get("chosen") if key == "pointed" else ""))
        else:
            raise Refused(_("There is no {value} to choose here; the picture still shows what it did.", value=value))

    def _change(self, **changes: Any) -> None:
        self.network = Network(**{**vars(self.network), **changes})
        if self.lit is not None and self.lit > self.network.depth:
            self.lit = None

    def _layer(self, key: Any) -> int | None:
        known = {f"layer:{layer}": layer for layer in range(self.network.depth + 1)}
        return known.get(key) if isinstance(key, str) else None

    def draw(self) -> Frame:
        """The two lines of sizes, and in words what they do."""
        sizes = measure(self.network)
        words = _in_words(self.network, sizes)
        sheet = _Drawing(self.network, sizes, self.lit).sheet
        return Frame(sheet.finished(self.title, words), words, self._caption(sizes), self._controls())

    def _controls(self) -> list[Control]:
        return [
            slider("depth", _("depth"), self.network.depth, *LIMITS["depth"][1:], words=_("depth"), step=1),
            slider("width", _("width"), self.network.width, *LIMITS["width"][1:], words=_("width"), step=1),
            slider("c", "<i>c</i>", self.network.c, *LIMITS["c"][1:], words=_("c, the variance of the weights times the width"), step=0.05),
            gap("below"),
            tick("skip", _("skip connections"), self.network.skip),
            button("new", _("New draw")),
        ]

    def _caption(self, sizes: Sizes) -> str:
        network = self.network
        factor = f"1 + <i>c</i>/2 = {amount(network.factor)}" if network.skip else f"<i>c</i>/2 = {amount(network.factor)}"
        skip = "<i>Z</i><sub><i>l</i>−1</sub> + " if network.skip else ""
        lines = [
            _(
                "{layer}. The weights have the variance {variance}.",
                layer=f"<i>Z<sub>l</sub></i> = {skip}max(0, <i>Z</i><sub><i>l</i>−1</sub>) <i>W<sub>l</sub></i>",
                variance=f"<i>c</i>/<i>D</i> = {amount(network.c)}/{network.width} = {amount(network.c / network.width)}",
            ),
            _(
                "On average a layer multiplies the mean square by {factor}, so the size by {root}; {depth} layers by <b>{whole}</b>.",
                factor=factor,
                root=amount(network.factor**0.5),
                depth=network.depth,
                whole=amount(network.factor ** (network.depth / 2)),
            ),
            _(
                "In this draw: forward <b>{forward}</b>, backward <b>{backward}</b>.",
                forward=_ratio(sizes.forward[-1], sizes.forward[0]),
                backward=_ratio(sizes.backward[0], sizes.backward[-1]),
            ),
            _about(self.lit, sizes) + "." if self.lit is not None else _("Point at a layer: its sizes appear here."),
        ]
        return "".join(f"<p>{line}</p>" for line in lines)


def _ratio(end: float, start: float) -> str:
    return _("0: a whole layer is 0") if end == 0 or start == 0 else _("times {factor}", factor=amount(end / start))


def _about(layer: int, sizes: Sizes) -> str:
    place = _("layer {layer}", layer=layer) if layer else _("the input")
    return _(
        "{place}: Z has the size {size}, its gradient {gradient}",
        place=place,
        size=amount(sizes.forward[layer]),
        gradient=amount(sizes.backward[layer]),
    )


def _in_words(network: Network, sizes: Sizes) -> str:
    """The network and what becomes of both sizes, at a few layers."""
    message = N_("{depth} ReLU layers of width {width}, variance of the weights {variance}.")
    if network.skip:
        message = N_("{depth} ReLU layers of width {width} with skip connections, variance of the weights {variance}.")
    layers = sorted({0, network.depth // 4, network.depth // 2, 3 * network.depth // 4, network.depth})
    told = "; ".join(_about(layer, sizes) for layer in layers)
    variance = f"{amount(network.c)}/{network.width}"
    return f"{_(message, depth=network.depth, width=network.width, variance=variance)} {told}."


# --- the drawing ----------------------------------------------------------------------------------

LEFT, TOP, WIDE, HIGH = 78.0, 62.0, 690.0, 330.0
DASHES = (7, 4)


class _Drawing:
    """Sizes over the layers, on a scale of powers of ten."""

    def __init__(self, network: Network, sizes: Sizes, lit: int | None) -> None:
        self.network, self.sizes, self.lit = network, sizes, lit
        self.sheet = Sheet(800, 446)
        self.layers = np.arange(network.depth + 1)
        expected = 0.5 * np.log10(network.factor) * self.layers
        self.lines = {"blue": (sizes.forward, expected), "vermillion": (sizes.backward, expected[::-1])}
        self.plot = Plot(self.sheet, LEFT, TOP, WIDE, HIGH, (0.0, float(network.depth)), self._span(expected))
        self._key()
        self._axes()
        for ink, (found, on_average) in self.lines.items():
            self.plot.line(self.layers, on_average, "quiet", 1.4, DASHES)
            above = found > 0
            self.plot.line(self.layers[above], np.log10(found[above]), ink, 2.2)
        for layer in self.layers:
            self._layer(int(layer))

    def _span(self, expected: np.ndarray) -> tuple[float, float]:
        """Whole powers of ten around all that is drawn, from 0.01 to 100 at least."""
        found = np.concatenate([self.sizes.forward, self.sizes.backward])
        heights = np.concatenate([np.log10(found[found > 0]), expected, [-2.0, 2.0]])
        return float(np.floor(heights.min())), float(np.ceil(heights.max()))

    def _key(self) -> None:
        self.sheet.dot(88, 16, 4.5, "blue")
        self.sheet.write(100, 16, _("size of Z: the forward pass, from left to right"), "blue", anchor="start")
        self.sheet.box(84, 34, 8, 8, "vermillion")
        self.sheet.write(100, 38, _("size of the gradient at Z: the backward pass, from right to left"), "vermillion", anchor="start")
        self.sheet.line([(590, 16), (624, 16)], "quiet", 1.4, DASHES)
        self.sheet.write(632, 16, _("on average"), "ink", anchor="start")

    def _axes(self) -> None:
        low, high = (round(end) for end in self.plot.up)
        powers = {float(power): power_of_ten(power) for power in whole_ticks(low, high)}
        layers = {float(layer): str(layer) for layer in whole_ticks(0, self.network.depth)}
        self.plot.frame(layers, powers, _("layer"), "")

    def _layer(self, layer: int) -> None:
        """The two marks of one layer, which can be chosen anywhere in its column."""
        chosen = layer == self.lit
        radius = 4.5 if self.network.depth <= 30 else 3.4
        x = self.plot.at(layer, 0.0)[0]
        with self.sheet.thing(f"layer:{layer}", _about(layer, self.sizes), chosen=chosen):
            self.sheet.target(between(Node(x, TOP, 0, 0), Node(x, TOP + HIGH, 0, 0)), WIDE / self.network.depth)
            if chosen:
                self.sheet.line([(x, TOP), (x, TOP + HIGH)], "ink", 1.2, (2, 2))
            for ink, (found, _) in self.lines.items():
                if found[layer] > 0:
                    self._mark(x, self.plot.at(layer, float(np.log10(found[layer])))[1], ink, radius * (1.5 if chosen else 1))

    def _mark(self, x: float, y: float, ink: str, radius: float) -> None:
        if ink == "blue":
            self.sheet.dot(x, y, radius, ink)
        else:
            self.sheet.box(x - radius, y - radius, 2 * radius, 2 * radius, ink, "paper")


def explore_depth(depth: int = 50, width: int = 80, c: float = 1.0, skip: bool = False) -> DepthExplorer:
    """The size of activations and gradients in a deep network
    whose weights have the variance c / width: explore_depth(depth=50, width=80, c=1.0).
    """
    return DepthExplorer(depth, width, c, skip)
