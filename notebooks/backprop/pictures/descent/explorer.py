"""The descent explorer: lesson 02's network is
fitted to three points, beside PyTorch's own descent.
"""

import html
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...autodiff.settings import ours
from ...checking.comparing import close
from ...translation import N_, _, ngettext
from ..stage.notation import as_html, grouped, power_of_ten
from ..stage.plot import Plot, ticks, whole_ticks
from ..stage.sheet import Sheet, amount
from ..stage.stage import Control, Frame, Picture, Refused, button, choice, gap, play, read_number, slider
from .descending import ALL_SEVEN, MISTAKES, NAMES, PYTORCH, Descent, Own, Way, X, Y, curve, look, random_start

OWN = N_("your gradients")
STARTS = {"ours": (N_("the lesson's start"), 42), "other": (N_("another start"), 1)}
BLOCKS = {"one": (1, N_("One step")), "ten": (10, N_("Ten steps")), "hundred": (100, N_("A hundred steps"))}
MOST = 1000  # steps in one move, however often a button was pressed before there was time for it
LABELS = {name: f"{name[0]}_{name[1]}" for name in NAMES}
RATES = (0.001, 1.0)


class DescentExplorer(Picture):
    """The fit step by step: the green curve and its residuals,
    the loss over the steps, and the gradients as bars.

    gradients  the learner's functions, if there are any: one that returns all seven gradients, or
               two, for the last layer and for the hidden one, as the lesson asks for them
    """

    def __init__(self, *gradients: Callable[..., Any]) -> None:
        super().__init__()
        if len(gradients) > 2:
            raise ValueError(_("Give one function for all seven gradients, or two: for the last layer, and for the hidden one."))
        self.ways = ({"yours": Way(OWN, Own(gradients).look)} if gradients else {}) | {"pytorch": PYTORCH} | MISTAKES
        self.title = _("Descent explorer: the 1-2-1 network is fitted to three points")
        self.rate, self.start, self.lit = 0.01, "ours", ""
        self.chosen_way = next(iter(self.ways))
        self._start_again()
        self.redraw()

    def _start_again(self) -> None:
        start = random_start(STARTS[self.start][1])
        self.descent = Descent(self.ways[self.chosen_way], start)
        self.beside = None if self.chosen_way == "pytorch" else Descent(PYTORCH, start)

    def moved(self, key: str, value: Any) -> None:
        """Make steps, or start again with another gradient or start.

        Another learning rate continues.
        """
        if key in BLOCKS:
            self._advance(min(value * BLOCKS[key][0], MOST))
        elif key == "rate":
            self.rate = read_number(value, _("The learning rate"), *RATES)
        elif key == "way" and value in self.ways:
            self.chosen_way = value
            self._start_again()
        elif key == "start" and value in STARTS:
            self.start = value
            self._start_again()
        elif key == "again":
            self._start_again()
        elif key in ("pointed", "chosen"):
            self._light(key, value)
        else:
            raise Refused(_("There is no {value} to choose here; the picture still shows what it did.", value=value))

    def _light(self, key: str, value: str) -> None:
        if value or key == "pointed":
            self.lit = value or self.inputs.get("chosen", "")
        else:
            self.lit = ""

    def _advance(self, steps: int) -> None:
        """Steps for both; Refused, with the steps made, where they could not all be made."""
        could = not self.descent.stopped
        made = self.descent.advance(steps, self.rate)
        if self.beside is not None:
            self.beside.advance(steps if self.descent.stopped else made, self.rate)
        if could and self.descent.stopped:
            raise Refused(self.descent.stopped + " " + _("The steps made until then stay."))
        if could and made < steps:
            words = N_("{made} of {steps} steps were made in a second: this gradient takes its time. Press again for more.")
            raise Refused(_(words, made=made, steps=steps))

    def draw(self) -> Frame:
        """The curve, the losses and the gradients, and in words what to make of them."""
        with ours():
            truth = look(self.descent.theta)[1]
        words = _in_words(self.descent, self.beside)
        drawing = _Drawing(self.descent, self.beside, truth, self.lit)
        return Frame(drawing.sheet.finished(self.title, words), words, self._caption(truth), self._controls())

    # --- words ------------------------------------------------------------------------------------

    def _caption(self, truth: np.ndarray) -> str:
        way, stopped = self.descent.way, self.descent.stopped
        lines = [_paragraph(_("The slip: {name}. {words}", name=way.title, words=way.words))] if way.words else []
        if self.chosen_way == "yours" and np.isfinite(self.descent.gradient).all():
            lines.append(_comparison(self.descent.gradient, truth))
        if stopped and not self.descent.steps:
            alone = _("Until then PyTorch's gradients make the steps alone. Run this cell again after a change.")
            lines.append(_paragraph(f"{stopped} {alone}"))
        else:
            lines.append(_paragraph(stopped, "wrong") if stopped else _paragraph(self._how_it_goes()))
        next_step = self._next_step() if self.lit in NAMES else _("Point at a parameter: its next step appears here.")
        return f"{''.join(lines)}<p>{next_step}</p>"

    def _how_it_goes(self) -> str:
        descent, first = self.descent, self.descent.first_loss
        if not descent.steps:
            return _("No step has been made yet. Before you press: will the loss fall, and how far?")
        if self.chosen_way == "pytorch":
            message = N_("SSR was {first} and is {now} now.")
        elif descent.loss >= first:
            message = N_("SSR has grown from {first} to {now}. This one does not train, so far.")
        elif descent.way.words:
            message = N_("SSR has fallen from {first} to {now}. This one still trains. Why?")
        else:
            message = N_("SSR has fallen from {first} to {now}.")
        return _(message, first=amount(first), now=amount(descent.loss))

    def _next_step(self) -> str:
        """The lit parameter's next step as an equation with numbers."""
        place = NAMES.index(self.lit)
        way, theta, gradient = self.descent.way, float(self.descent.theta[place]), float(self.descent.gradient[place])
        if self.descent.stopped or way.carries or len(way.parts) > 1:
            name = as_html(LABELS[self.lit])
            return _(
                "{name} is {value}; the gradient there is {gradient}.", name=name, value=amount(theta, 6), gradient=amount(gradient, 6)
            )
        sign, after = ("−", theta - self.rate * gradient) if way.against > 0 else ("+", theta + self.rate * gradient)
        factor = f"({amount(gradient, 6)})" if gradient < 0 else amount(gradient, 6)
        step = f"{amount(theta, 6)} {sign} {amount(self.rate)} · {factor} = <b>{amount(after, 6)}</b>"
        return _("next step: {step}", step=f"{as_html(LABELS[self.lit])} ← {step}")

    # --- controls ---------------------------------------------------------------------------------

    def _controls(self) -> list[Control]:
        over = bool(self.descent.stopped) and (self.beside is None or bool(self.beside.stopped))
        buttons = [button(key, _(words), disabled=over) for key, (steps, words) in BLOCKS.items()]
        return [
            choice("way", _("Gradients"), self.chosen_way, {key: way.title for key, way in self.ways.items()}),
            choice("start", _("From"), self.start, {key: _(words) for key, (words, seed) in STARTS.items()}),
            slider("rate", _("rate {alpha}", alpha=as_html(r"\alpha")), self.rate, *RATES, words=_("learning rate"), step=0.001),
            gap("steps"),
            *buttons,
            play("play", _("▶ Play"), "ten", every=300, disabled=over),
            button("again", _("Start again")),
        ]


def _paragraph(words: str, kind: str = "") -> str:
    style = f" class='bp-{kind}'" if kind else ""
    return f"<p{style}>{html.escape(words, quote=False)}</p>"


def right_ones(gradient: np.ndarray, truth: np.ndarray) -> list[bool]:
    """Which of the gradients are PyTorch's."""
    return [bool(close(np.array(yours), np.array(true), 1e-4, 1e-7)) for yours, true in zip(gradient, truth)]


def _comparison(gradient: np.ndarray, truth: np.ndarray) -> str:
    right = right_ones(gradient, truth)
    if all(right):
        return _paragraph(_("✓ All seven gradients are PyTorch's, here."), "right")
    wrong = [name for name, fine in zip(ALL_SEVEN.asks, right) if not fine]
    return _paragraph(_("✗ {right} of 7 gradients are PyTorch's, here. Wrong: {names}.", right=sum(right), names=", ".join(wrong)), "wrong")


def _in_words(descent: Descent, beside: Descent | None) -> str:
    words = [_("With {name} SSR is {loss} {after}.", name=descent.way.title, loss=amount(descent.loss), after=_after(descent.steps))]
    if beside is not None:
        words.append(_("With PyTorch's gradients it is {loss} {after}.", loss=amount(beside.loss), after=_after(beside.steps)))
    if descent.stopped:
        words.append(_("The descent has stopped."))
    else:
        gradients = ", ".join(f"{name} {amount(value)}" for name, value in zip(NAMES, descent.gradient))
        words.append(_("Gradients: {gradients}.", gradients=gradients))
    return " ".join(words)


def _after(steps: int) -> str:
    return ngettext("after {count} step", "after {steps} steps", steps, steps=grouped(steps)) if steps else _("at the start")


# --- the drawing ----------------------------------------------------------------------------------


class _Drawing:
    """The whole on its sheet: two plots above, the gradients below."""

    def __init__(self, descent: Descent, beside: Descent | None, truth: np.ndarray, lit: str) -> None:
        self.sheet = Sheet(800, 590)
        self.descent, self.beside = descent, beside
        self._key()
        self._curves()
        self._losses()
        _Bars(self.sheet, descent, None if beside is None else truth, lit)

    def _key(self) -> None:
        """What each line is, above both plots."""
        self.sheet.line([(50, 14), (84, 14)], "green", 2.6)
        self.sheet.write(92, 14, _("green, with {name}", name=self.descent.way.title), anchor="start")
        self.sheet.line([(50, 36), (84, 36)], "vermillion", 1.6, (2, 3))
        self.sheet.write(92, 36, _("residual"), anchor="start")
        if self.beside is not None:
            self.sheet.line([(182, 36), (216, 36)], "quiet", 1.8, DASHES)
            self.sheet.write(224, 36, _("with PyTorch's gradients"), "quiet", anchor="start")
        self.sheet.write(452, 14, f"SSR {amount(self.descent.loss)} {_after(self.descent.steps)}", anchor="start", bold=True)
        if self.beside is not None:
            told = _("PyTorch's: {loss} {after}", loss=amount(self.beside.loss), after=_after(self.beside.steps))
            self.sheet.write(452, 36, told, "quiet", anchor="start")

    def _curves(self) -> None:
        plot = Plot(self.sheet, 50, 56, 320, 250, (0.0, 1.0), (-1.0, 4.0))
        plot.frame({x: amount(x) for x in (0.0, 0.25, 0.5, 0.75, 1.0)}, {y: amount(y) for y in range(-1, 5)}, "x", "y")
        x = np.linspace(0.0, 1.0, 101)
        if self.beside is not None:
            plot.line(x, curve(self.beside.theta, x), "quiet", 1.8, DASHES)
        for point, target, green in zip(X, Y, curve(self.descent.theta, X)):
            plot.line([point, point], np.clip([target, green], -1.0, 4.0), "vermillion", 1.6, (2, 3))
        if not plot.line(x, curve(self.descent.theta, x), "green", 2.6):
            self.sheet.write(210, 74, _("The green curve is off the paper."), "quiet")
        for point, target in zip(X, Y):
            self.sheet.dot(*plot.at(point, target), 5)

    def _losses(self) -> None:
        both = [self.descent.history.points] + ([self.beside.history.points] if self.beside is not None else [])
        losses = np.array([loss for points in both for step, loss in points])
        last = max(10, *(points[-1][0] for points in both))
        scale = _Scale(losses)
        plot = Plot(self.sheet, 470, 56, 310, 250, (0.0, float(np.log1p(last))), scale.limits)
        steps = [0, *(10**k for k in range(12) if 10**k <= last)]
        plot.frame({float(np.log1p(step)): grouped(step) for step in steps}, scale.ticks, _("step"), "SSR")
        if self.beside is not None:
            self._loss_line(plot, scale, self.beside, "quiet", 1.8, DASHES)
        self._loss_line(plot, scale, self.descent, "green", 2.6, ())

    def _loss_line(self, plot: Plot, scale: "_Scale", descent: Descent, ink: str, width: float, dashes: Sequence[float]) -> None:
        steps, losses = np.array(descent.history.points).T
        places, heights = np.log1p(steps), scale.of(losses)
        plot.line(places, heights, ink, width, dashes)
        if descent.stopped and descent.steps:
            self.sheet.write(*plot.at(places[-1], heights[-1]), "✗", "vermillion", 18, bold=True)
        else:
            self.sheet.dot(*plot.at(places[-1], heights[-1]), 4, ink)


DASHES = (7, 4)


class _Scale:
    """The losses' scale: linear, or by powers of ten where they lie far apart."""

    def __init__(self, losses: np.ndarray) -> None:
        low, high = float(losses.min()), float(losses.max())
        self.by_powers = high > 30 * low
        if self.by_powers:
            bottom, top = int(np.floor(np.log10(max(low, 1e-30)))), int(np.ceil(np.log10(max(high, 1e-29))))
            self.limits = (float(bottom), float(top))
            self.ticks = {float(power): power_of_ten(power) for power in whole_ticks(bottom, top)}
        else:
            low, high = min(low, 0.9 * losses[0]), max(high, 1.02 * losses[0])
            self.limits = (low - 0.05 * (high - low), high + 0.05 * (high - low))
            self.ticks = {tick: amount(tick) for tick in ticks(self.limits, 5)}

    def of(self, losses: np.ndarray) -> np.ndarray:
        """Where the losses stand."""
        return np.log10(np.maximum(losses, 1e-30)) if self.by_powers else losses


class _Bars:
    """The seven gradients: a bar each, PyTorch's beside it
    if the gradient is another one's, and the numbers below.
    """

    MIDDLE, HALF = 418.0, 52.0

    def __init__(self, sheet: Sheet, descent: Descent, truth: np.ndarray | None, lit: str) -> None:
        self.sheet, self.descent, self.truth, self.lit = sheet, descent, truth, lit
        shown = np.abs(np.concatenate([descent.gradient, [] if truth is None else truth]))
        self.longest = max(shown[np.isfinite(shown)], default=0.0) or 1.0
        self.right = [True] * 7 if truth is None else right_ones(descent.gradient, truth)
        self._rows()
        for place, name in enumerate(NAMES):
            self._column(place, name, 162.0 + 94 * place)
        sheet.line([(112, self.MIDDLE), (780, self.MIDDLE)], "quiet", 1.0)

    def _rows(self) -> None:
        whose = _("yours") if self.truth is not None and self.descent.way.name == OWN else _("gradient")
        rows = [(503, _("value"), "ink"), (528, whose, "ink")] + ([(553, _("PyTorch's"), "quiet")] if self.truth is not None else [])
        self.sheet.write(12, self.MIDDLE - 16, _("gradients"), anchor="start", bold=True)
        for height, words, ink in rows:
            self.sheet.write(12, height, words, ink, anchor="start")

    def _column(self, place: int, name: str, x: float) -> None:
        value, gradient = float(self.descent.theta[place]), float(self.descent.gradient[place])
        true, message = "", N_("{name} is {value}, its gradient {gradient}")
        if self.truth is not None:
            true, message = amount(float(self.truth[place]), 6), N_("{name} is {value}, its gradient {gradient}, PyTorch's {true}")
        words = _(message, name=name, value=amount(value), gradient=amount(gradient, 6), true=true)
        with self.sheet.thing(name, words, chosen=self.lit == name):
            self.sheet.box(x - 45, 352, 90, 214, "paper", "blue" if self.lit == name else None)
            self._bar(x - (17 if self.truth is not None else 10), 20, gradient, "vermillion")
            if self.truth is not None:
                self._bar(x + 4, 14, float(self.truth[place]), "paper", "quiet")
            self.sheet.maths(x, 481, LABELS[name])
            self.sheet.write(x, 503, _brief(value))
            self.sheet.write(x, 528, _brief(gradient) + ("" if self.right[place] else " ✗"), bold=True)
            if self.truth is not None:
                self.sheet.write(x, 553, amount(float(self.truth[place])), "quiet")

    def _bar(self, left: float, width: float, gradient: float, fill: str, ink: str | None = None) -> None:
        if np.isfinite(gradient):
            self.sheet.box(left, self.MIDDLE, width, -self.HALF * gradient / self.longest, fill, ink)


def _brief(value: float) -> str:
    """A number in a column that has room for one: a dash where there is none."""
    return amount(value) if np.isfinite(value) else "–" if np.isnan(value) else "∞" if value > 0 else "−∞"


def descend_by_hand(*gradients: Callable[..., Any]) -> DescentExplorer:
    """The fit step by step: descend_by_hand(), or
    descend_by_hand(regression_output, regression_hidden) with your own gradients.
    """
    return DescentExplorer(*gradients)
