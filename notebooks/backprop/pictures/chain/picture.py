"""The chain-rule explorer: composed functions as a row
of plots whose slopes multiply to the slope of the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np

from ...autodiff.trace import Trace
from ...drawing.shapes import FORWARD, LARGE, Node, Point
from ...translation import N_, _
from ..stage.notation import as_html, as_text, spoken
from ..stage.plot import ticks
from ..stage.sheet import Sheet, amount
from ..stage.stage import Control, Frame, Picture, Refused, choice, entry, gap, read_number, slider, tick
from .chains import CHAINS, WHOLE, Array, Chain, ChainLink, Span, Step

# --- the picture ----------------------------------------------------------------------------------


class ChainPicture(Picture):
    """A chain as a row of plots, each with its slope
    as a tangent, and the product of the slopes below.

    chain   its name in CHAINS
    values  where x and the weights start, in place of the chain's own choice
    """

    def __init__(self, chain: str = "long_chain", **values: float) -> None:
        super().__init__()
        if chain not in CHAINS:
            raise ValueError(_("There is no chain {chain!r}; choose one of {names}.", chain=chain, names=", ".join(CHAINS)))
        self.name = chain
        self.values = {name: one.start for name, one in CHAINS.items()}  # each chain keeps its own x
        for key, value in values.items():
            self._set(chain, key, value)
        self.pointed = self.chosen = ""
        self.guess: float | None = None
        self.predict = False
        self.redraw()

    @property
    def chain(self) -> Chain:
        """The chain that is shown."""
        return CHAINS[self.name]

    def moved(self, key: str, value: Any) -> None:
        """Move x or a weight, or highlight the factor of the plot that is pointed at or chosen."""
        if key in ("pointed", "chosen", "predict"):
            setattr(self, key, value)
        elif key == "chain":
            self.name, self.pointed, self.chosen = _known(value), "", ""
        elif key == "guess":
            self.guess = None if value in (None, "") else read_number(value, _("Your prediction"))
        else:
            chain, factor = key.partition(":")[::2]
            self._set(chain, factor, value)

    def draw(self) -> Frame:
        """The plots, their slopes, and the product."""
        chain, now = self.chain, self.chain.trace(self.values[self.name])
        lit = self._lit()
        hidden = self.predict and not self._guessed(now)
        self.title = _("Chain rule: {title}", title=_(chain.title))
        words = _in_words(chain, now, lit, hidden)
        drawing = _Row(chain, now, chain.curves(self.values[self.name]), lit, hidden)
        below = _link_in_words(chain, now, lit) if lit else _(HOW)
        caption = f"{product_of(chain, now, lit, hidden)}{self._told(now, hidden)}<p>{below}</p>"
        return Frame(drawing.sheet.finished(self.title, words), words, caption, self._controls(hidden))

    def _set(self, chain: str, key: str, value: Any) -> None:
        if key not in CHAINS[chain].start:
            raise Refused(_("There is no {key!r} to move here; there is {names}.", key=key, names=", ".join(CHAINS[chain].start)))
        self.values[chain][key] = read_number(value, as_text(CHAINS[chain].labels[key]), *CHAINS[chain].range(key))

    def _lit(self) -> str:
        """The plot that is pointed at or chosen."""
        lit = self.pointed or self.chosen
        return lit if lit in (WHOLE, *(link.name for link in self.chain.links)) else ""

    # --- predicting -------------------------------------------------------------------------------

    def _guessed(self, now: Trace) -> bool:
        """Whether the prediction is the slope of the whole, to two digits."""
        return self.guess is not None and isclose(self.guess, now.gradients["x"], rel_tol=0.02, abs_tol=1e-9)

    def _told(self, now: Trace, hidden: bool) -> str:
        if not self.predict:
            return ""
        whole, here = _slope_html(self.chain, "x", self.chain.output), _equation(self.chain, "x", now)
        if not hidden:
            right = _("Right: at {here} PyTorch says {slope} = {value}.", here=here, slope=whole, value=_short(now.gradients["x"]))
            return f"<p class='bp-right'>✓ {right}</p>"
        if self.guess is not None:
            wrong = _("{guess} is not the slope of the whole at {here}. The factors are all there.", guess=_short(self.guess), here=here)
            return f"<p class='bp-wrong'>✗ {wrong}</p>"
        return f"<p>{_(PREDICT)}</p>"

    # --- controls ---------------------------------------------------------------------------------

    def _controls(self, hidden: bool) -> list[Control]:
        options = {name: _(chain.title) for name, chain in CHAINS.items()}
        first = [choice("chain", _("Chain"), self.name, options), tick("predict", _("Predict the slope of the whole"), self.predict)]
        if self.predict:
            state = "" if self.guess is None else "wrong" if hidden else "right"
            label = f"{_slope_html(self.chain, 'x', self.chain.output)} ="
            first.append(entry("guess", label, amount(self.guess, 6) if self.guess is not None else "", state))
        return [*first, gap("row"), *(self._slider(key) for key in self.chain.start)]

    def _slider(self, key: str) -> Control:
        label = self.chain.labels[key]
        low, high = self.chain.range(key)
        return slider(f"{self.name}:{key}", as_html(label), self.values[self.name][key], low, high, words=spoken(label), step=0.05)


def _known(chain: Any) -> str:
    if chain not in CHAINS:
        raise Refused(_("There is no chain {chain!r}; choose one from the list.", chain=chain))
    return chain


# --- in words -------------------------------------------------------------------------------------

HOW = N_("Point at a plot, or choose one: its factor lights up. The blue line carries each number on to the next plot.")
QUARTER = N_("A sigmoid is never steeper than ¼. With weights of 1, three of them make at most ¼ · ¼ · ¼ = 0.0156.")
PREDICT = N_("Predict the slope of the whole, to two digits. Its tangent appears when you have it.")


def product_of(chain: Chain, now: Trace, lit: str, hidden: bool) -> str:
    """The derivative of the whole as a product of local
    derivatives, from the last link to the first, in HTML.
    """
    back = chain.steps[::-1]
    symbols = " · ".join(_marked(_slope_html(chain, *step), step[1] == lit) for step in back)
    numbers = " · ".join(_marked(_bracketed(now.slopes[step]), step[1] == lit) for step in back)
    total = "?" if hidden else _short(now.gradients["x"])
    told = f"<p>{_slope_html(chain, 'x', chain.output)} = {symbols}</p><p>= {numbers} = <b>{total}</b></p>"
    return told + (f"<p>{_(QUARTER)}</p>" if chain.weights else "")


def _link_in_words(chain: Chain, now: Trace, lit: str) -> str:
    """What the slope of the plot that is lit says."""
    if lit == WHOLE:
        return _(
            "The whole: a small move of {x} goes through all {count} links, and each multiplies it by its slope.",
            x="<i>x</i>",
            count=len(chain.links),
        )
    before = next(start for start, end in chain.steps if end == lit)
    slope = now.slopes[before, lit]
    start, end = as_html(chain.labels[before]), as_html(chain.labels[lit])
    message = N_("This link: at {here} a small move of {start} moves {end} not at all.")
    if slope:
        message = N_("This link: at {here} a small move of {start} moves {end} {times} times as far.")
    if slope < 0:
        message = N_("This link: at {here} a small move of {start} moves {end} {times} times as far, the other way.")
    return _(message, here=_equation(chain, before, now), start=start, end=end, times=_short(abs(slope)))


def _in_words(chain: Chain, now: Trace, lit: str, hidden: bool) -> str:
    """How things stand, in a few sentences."""
    inputs = [_("{name} is {value}.", name=spoken(chain.labels.get(name, name)), value=_short(now.values[name])) for name in chain.start]
    links = [_about(chain, now, link) + "." for link in chain.links if lit in ("", WHOLE, link.name)]
    whole = _("The slope of the whole is yours to predict.")
    if not hidden:
        factors = _(" times ").join(_short(now.slopes[step]) for step in chain.steps[::-1])
        whole = _("The slope of the whole is {factors}: {slope}.", factors=factors, slope=_short(now.gradients["x"]))
    return " ".join([*inputs, *links, whole])


def _about(chain: Chain, now: Trace, link: ChainLink) -> str:
    step = next(step for step in chain.steps if step[1] == link.name)
    return _(
        "{name}, {words}, is {value}; its slope here is {slope}",
        name=spoken(link.label),
        words=link.words,
        value=_short(now.values[link.name]),
        slope=_short(now.slopes[step]),
    )


def _equation(chain: Chain, name: str, now: Trace) -> str:
    return f"{as_html(chain.labels[name])} = {_short(now.values[name])}"


def _slope_html(chain: Chain, bottom: str, top: str) -> str:
    return f"d{as_html(chain.labels[top])}/d{as_html(chain.labels[bottom])}"


def _marked(words: str, lit: bool) -> str:
    return f"<b><u>{words}</u></b>" if lit else words


def _short(value: float) -> str:
    """A number in few digits: a large one needs fewer after the point, a small one more."""
    return amount(value, 3 if abs(value) >= 10 else 4 if abs(value) >= 0.1 else 5)


def _bracketed(value: float) -> str:
    return f"({_short(value)})" if value < 0 else _short(value)


# --- the drawing ----------------------------------------------------------------------------------

WIDE, TOP, HIGH = 800.0, 60.0, 150.0  # the sheet of four plots; where plots begin, and how high they are
LEFT, RIGHT, INSIDE = 42.0, 20.0, 8.0  # beside a plot, and between its frame and its axes' ends
BOX = 148.0  # the width of a factor's box, and of the bar under it
BOTTOM = TOP + HIGH
RAIL, READING, FACTOR, BAR = BOTTOM + 34, BOTTOM + 54, BOTTOM + 99, BOTTOM + 143
REACH = 48.0  # how far a tangent goes to either side


@dataclass(frozen=True)
class LinkPlot:
    """Where one plot stands, and what its axes are."""

    left: float
    width: float
    across: Span
    up: Span

    @property
    def middle(self) -> float:
        """Its middle, from left to right."""
        return self.left + self.width / 2

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    def x(self, value: Any) -> Any:
        """Where a number, or an array of them, stands on the axis below."""
        return self.left + INSIDE + (self.width - 2 * INSIDE) * (value - self.across[0]) / (self.across[1] - self.across[0])

    def y(self, value: Any) -> Any:
        """Where a number, or an array of them, stands on the axis at the left."""
        return BOTTOM - INSIDE - (HIGH - 2 * INSIDE) * (value - self.up[0]) / (self.up[1] - self.up[0])

    def curve(self, across: Array, up: Array) -> list[Point]:
        """What of a curve is on the paper."""
        seen = (up >= self.up[0] - 1e-9) & (up <= self.up[1] + 1e-9)
        return list(zip(self.x(across[seen]), self.y(up[seen])))

    def tangent(self, across: float, up: float, slope: float) -> list[Point]:
        """A line segment through a point of the curve,
        with slope `slope`, as long as there is space.
        """
        x, y = self.x(across), self.y(up)
        along = np.array([self.x(1.0) - self.x(0.0), slope * (self.y(1.0) - self.y(0.0))])
        along /= np.hypot(*along)
        return [tuple(np.array([x, y]) + way * self._room(x, y, way * along) * along) for way in (-1, 1)]

    def _room(self, x: float, y: float, along: Array) -> float:
        """How far one can go from (x, y) in a direction (of length 1) inside the frame."""
        walls = ((self.right - x, x - self.left), (BOTTOM - y, y - TOP))
        ways = [(wall[0] if step > 0 else wall[1]) / abs(step) for step, wall in zip(along, walls) if abs(step) > 1e-12]
        return max(0.0, min(REACH, *ways))


class _Row:
    """The plots on their sheet, from left to right, and the product under them."""

    def __init__(self, chain: Chain, now: Trace, curves: Mapping[str, tuple[Array, Array]], lit: str, hidden: bool) -> None:
        self.chain, self.now, self.curves, self.lit, self.hidden = chain, now, curves, lit, hidden
        columns = len(chain.links) + 1
        self.sheet = Sheet(WIDE - 40 * (4 - columns), BAR + 48 if chain.weights else FACTOR + 36)
        self.column = self.sheet.width / columns
        self.plots = [self._place(place, step) for place, step in enumerate(chain.steps)]
        self.last = self._place(len(chain.links), ("x", chain.output), left=RIGHT)  # its numbers stand at the right
        self._handed_on()
        for place, link in enumerate(chain.links):
            self._link(place, link)
        self._whole()
        self._signs()

    def _place(self, place: int, step: Step, left: float = LEFT) -> LinkPlot:
        before, after = step
        return LinkPlot(self.column * place + left, self.column - LEFT - RIGHT, self.chain.spans[before], self.chain.spans[after])

    def _handed_on(self) -> None:
        """The blue line between the plots: from the side of each
        to the foot of the next, and into the plot of the whole.
        """
        x = self.now.values["x"]
        for plot in (self.plots[0], self.last):
            self._blue([(plot.x(x), RAIL), (plot.x(x), BOTTOM)])
        for plot, following, step in zip(self.plots, self.plots[1:], self.chain.steps):
            after = step[1]
            value, turn = self.now.values[after], plot.right + 9
            height, foot = plot.y(value), following.x(value)
            self._blue([(plot.right, height), (turn, height), (turn, RAIL), (foot, RAIL), (foot, BOTTOM)])
        height = self.last.y(self.now.values[self.chain.output])
        self._blue([(self.plots[-1].right, height), (self.last.left, height)])

    def _link(self, place: int, link: ChainLink) -> None:
        """The plot of one link, with the number that goes into it, and its factor."""
        plot, step, lit = self.plots[place], self.chain.steps[place], link.name == self.lit
        with self.sheet.thing(link.name, _about(self.chain, self.now, link), chosen=lit):
            self._head(plot, _("link {number}", number=place + 1), f"{link.label} = {link.formula}", lit)
            self._numbers(plot, plot.left, -1)
            self._curve(plot, link.name, step, self.now.slopes[step], plot.right)
            self._reading(plot.middle, step[0])
            self._factor(plot, step, self.now.slopes[step], lit)

    def _whole(self) -> None:
        """The plot of the whole, with what goes in and what comes out, and the product."""
        plot, step, lit = self.last, ("x", self.chain.output), self.lit == WHOLE
        slope = None if self.hidden else self.now.gradients["x"]
        words = _("the slope of the whole is yours to predict")
        if slope is not None:
            words = _("the whole: its slope is {slope}", slope=_short(slope))
        with self.sheet.thing(WHOLE, words, chosen=lit):
            self._head(plot, _("the whole"), self.chain.formula, lit)
            self._numbers(plot, plot.right, 1)
            self._curve(plot, WHOLE, step, slope, plot.left)
            right = plot.x(self.now.values["x"]) > plot.middle  # each number on the side where its line is
            self._reading(plot.middle + (50 if right else -46), "x")
            self._reading(plot.middle + (-46 if right else 50), self.chain.output)
            self._factor(plot, step, slope, lit)

    def _signs(self) -> None:
        """What stands between the factors, and what the bars mean."""
        middles = [plot.middle for plot in (*self.plots, self.last)]
        signs = ["·"] * (len(self.plots) - 1) + ["="]
        for left, right, sign in zip(middles, middles[1:], signs):
            self.sheet.write((left + right) / 2, FACTOR, sign, size=20, bold=True)
        edge = self.column * len(self.plots)
        self.sheet.line([(edge, 8), (edge, RAIL)], "faint", 1.2, (4, 4))
        if self.chain.weights:
            self.sheet.write(WIDE / 2, BAR + 30, _("bars: how large each slope is; a full bar is 1, the mark in it is ¼"), "quiet", 14)

    # --- one plot ---------------------------------------------------------------------------------

    def _head(self, plot: LinkPlot, words: str, formula: str, lit: bool) -> None:
        self.sheet.write(plot.middle, 14, words, "quiet", 14)
        self.sheet.maths(plot.middle, 39, formula, size=LARGE)
        frame = Node(plot.middle, (TOP + BOTTOM) / 2, plot.width, HIGH, box=True)
        self.sheet.outline(frame, ink="vermillion" if lit else "faint", width=2.6 if lit else 1.2)

    def _numbers(self, plot: LinkPlot, side: float, way: int) -> None:
        """Some numbers below the frame and at one of its
        sides: `way` is -1 for the left, 1 for the right.
        """
        for value in ticks(plot.across, 3):
            self.sheet.line([(plot.x(value), BOTTOM), (plot.x(value), BOTTOM + 4)], "quiet", 1.0)
            self.sheet.write(plot.x(value), BOTTOM + 15, amount(value), "quiet", 14)
        for value in ticks(plot.up, 4):
            self.sheet.line([(side, plot.y(value)), (side + 4 * way, plot.y(value))], "quiet", 1.0)
            self.sheet.write(side + 7 * way, plot.y(value), amount(value), "quiet", 14, anchor="start" if way > 0 else "end")

    def _curve(self, plot: LinkPlot, key: str, step: Step, slope: float | None, side: float) -> None:
        """The curve, the blue line up to it and to one side of
        the frame, and the tangent, unless it is to be predicted.
        """
        across, up = (self.now.values[name] for name in step)
        x, y = plot.x(across), plot.y(up)
        self.sheet.line(plot.curve(*self.curves[key]), "ink", 1.6)
        self.sheet.arrow(Node(x, BOTTOM, 0, 0), Node(x, y + 4, 0, 0), FORWARD)
        self._blue([(x, y), (side, y)])
        if slope is not None:
            self.sheet.line(plot.tangent(across, up, slope), "vermillion", 3.4 if key == self.lit else 2.6)
        self.sheet.dot(x, y, 4.5, "blue")

    def _reading(self, x: float, name: str) -> None:
        """A number that is carried on, under its plot."""
        self.sheet.maths(x - 8, READING, f"{self.chain.labels[name]} =", "blue", 17, anchor="end")
        self.sheet.write(x - 3, READING, _short(self.now.values[name]), "blue", 16, anchor="start")

    def _blue(self, points: list[Point]) -> None:
        self.sheet.line(points, FORWARD.colour, FORWARD.width)

    # --- the product ------------------------------------------------------------------------------

    def _factor(self, plot: LinkPlot, step: Step, slope: float | None, lit: bool) -> None:
        bottom, top = (self.chain.labels[name] for name in step)
        box = Node(plot.middle, FACTOR, BOX, 52, box=True)
        self.sheet.outline(box, ink="vermillion" if lit else "faint", width=2.6 if lit else 1.2)
        self.sheet.maths(plot.middle - 24, FACTOR, rf"\frac{{d{top}}}{{d{bottom}}} =", size=20, anchor="end")
        told = "?" if slope is None else _short(slope)
        self.sheet.write(plot.middle - 17, FACTOR, told, "vermillion", 17, anchor="start", bold=lit)
        if self.chain.weights and slope is not None:
            self._bar(plot.middle - BOX / 2, abs(slope))

    def _bar(self, left: float, size: float) -> None:
        """How large a factor is, from 0 to 1."""
        self.sheet.box(left, BAR - 6, BOX, 12, "paper", "faint")
        self.sheet.box(left, BAR - 6, BOX * min(1.0, size), 12, "vermillion")
        self.sheet.line([(left + BOX / 4, BAR - 9), (left + BOX / 4, BAR + 9)], "ink", 1.2)
        if size > 1:
            self.sheet.write(left + BOX + 9, BAR, "›", "vermillion", 18, bold=True)


def follow_chain(chain: str = "long_chain", **values: float) -> ChainPicture:
    """A chain of functions to explore: follow_chain("long_chain"),
    or follow_chain("three_sigmoids", x=2.0, w1=3.0).
    """
    return ChainPicture(chain, **values)
