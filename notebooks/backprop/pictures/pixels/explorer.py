"""The pixel explorer: a small change of every pixel, along the
signs of the gradient or at random, and what a network answers.
"""

from dataclasses import replace
from typing import Any

from ...digits import CLASSES
from ...translation import N_, _
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, Refused, button, choice, gap, read_number, slider
from .drawing import about_digit, drawn, pixel_of, place_of
from .measuring import Change, Found, measure

LIMITS = {"epsilon": ("ε", -0.3, 0.3), "noise": (N_("The noise"), 0.0, 0.4)}
DIGITS = {str(digit): str(digit) for digit in range(CLASSES)}
SIGNS = {"gradient": N_("of the gradient"), "random": N_("random")}


class PixelExplorer(Picture):
    """What a network answers when every pixel of a digit is changed a little."""

    def __init__(self, digit: int = 8, epsilon: float = 0.0) -> None:
        super().__init__()
        self.title = _("Pixel explorer: the gradient at the input of a network that reads digits")
        if str(digit) not in DIGITS:
            raise ValueError(_("The digit has to be a whole number from 0 to 9, not {digit!r}.", digit=digit))
        self.change = Change(int(digit), _number("epsilon", epsilon))
        self.lit = ""  # the square that is pointed at or chosen
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Change the image or its pixels, draw another image, or choose a pixel."""
        if key == "digit" and isinstance(value, str) and value in DIGITS:
            self.change = replace(self.change, digit=int(value))
        elif key == "epsilon":
            self.change = replace(self.change, epsilon=_number(key, value))
        elif key == "noise":
            self.change = replace(self.change, noise=_number(key, value))
        elif key == "signs" and isinstance(value, str) and value in SIGNS:
            self.change = replace(self.change, at_random=value == "random")
        elif key == "new":
            self.change = replace(self.change, draw=self.change.draw + value)
        elif key in ("pointed", "chosen"):
            found = str(value or (self.inputs.get("chosen", "") if key == "pointed" else ""))
            self.lit = found if pixel_of(found) is not None else ""
        else:
            raise Refused(_("There is no {value} to choose here; the picture still shows what it did.", value=value))

    def draw(self) -> Frame:
        """The image, the gradient at its pixels, and the probabilities."""
        found = measure(self.change)
        words = _in_words(self.change, found)
        sheet = drawn(self.change, found, pixel_of(self.lit), self.lit)
        return Frame(sheet.finished(self.title, words), words, _caption(self.change, found, pixel_of(self.lit)), self._controls())

    def _controls(self) -> list[Control]:
        signs = {key: _(words) for key, words in SIGNS.items()}
        return [
            choice("digit", _("digit"), str(self.change.digit), DIGITS),
            slider("epsilon", "<i>ε</i>", self.change.epsilon, *LIMITS["epsilon"][1:], words=_("epsilon, change of a pixel"), step=0.01),
            choice("signs", _("signs <i>s</i>"), "random" if self.change.at_random else "gradient", signs),
            gap("below"),
            slider("noise", _("noise"), self.change.noise, *LIMITS["noise"][1:], words=_("noise, its standard deviation"), step=0.01),
            button("new", _("New image")),
        ]


def _number(key: str, value: Any) -> float:
    name, low, high = LIMITS[key]
    return read_number(value, _(name), low, high)


# --- words ----------------------------------------------------------------------------------------


def _signs(change: Change) -> str:
    return _("random signs") if change.at_random else _("the signs of the gradient")


def _in_words(change: Change, found: Found) -> str:
    """The change, and the probabilities before and after it."""
    told = "; ".join(about_digit(change, found, digit) for digit in range(CLASSES))
    words = _(
        "An image of the digit {digit} with noise of standard deviation {noise}, every pixel changed by {epsilon} times {signs}. "
        "Loss before the change {before}, after it {after}. Largest derivative with respect to a pixel, in size: {largest}.",
        digit=change.digit,
        noise=amount(change.noise),
        epsilon=amount(change.epsilon),
        signs=_signs(change),
        before=amount(found.loss_before),
        after=amount(found.loss_after),
        largest=amount(float(abs(found.dL_dx).max())),
    )
    return f"{words} {told}."


def _caption(change: Change, found: Found, lit: int | None) -> str:
    taken = int(found.after.argmax())
    lines = [
        _(
            "The label is {label}, the prediction is <b>{prediction}</b> with the probability <b>{probability}</b>: {verdict}. "
            "Pixel <i>i</i> is {pixel} with {epsilon} and {signs}.",
            label=change.digit,
            prediction=taken,
            probability=amount(float(found.after[taken]), 3),
            verdict=_("right") if taken == change.digit else _("wrong"),
            pixel="<i>x<sub>i</sub></i> + <i>ε s<sub>i</sub></i>",
            epsilon=f"<i>ε</i> = {amount(change.epsilon)}",
            signs=_signs(change),
        ),
        _(
            "The loss {loss} is {before} before the change and <b>{after}</b> after it. "
            "To first order it changes by {predicted}; it has changed by {rise}.",
            loss=f"<i>L</i> = −log <i>p</i><sub>{change.digit}</sub>",
            before=amount(found.loss_before),
            after=amount(found.loss_after),
            predicted=f"<i>ε</i> Σ<i><sub>i</sub> s<sub>i</sub></i> ∂<i>L</i>/∂<i>x<sub>i</sub></i> = {amount(found.predicted_rise)}",
            rise=amount(found.loss_after - found.loss_before),
        ),
        _about(found, lit) if lit is not None else _("Point at a pixel: its numbers appear here."),
    ]
    return "".join(f"<p>{line}</p>" for line in lines)


def _about(found: Found, index: int) -> str:
    return _(
        "The pixel in {place}: {values}, {gradient} before the change.",
        place=place_of(index),
        values=f"<i>x</i> = {amount(float(found.x[index]))}, <i>x</i> + <i>ε s</i> = {amount(float(found.changed[index]))}",
        gradient=f"∂<i>L</i>/∂<i>x</i> = {amount(float(found.dL_dx[index]))}",
    )


def explore_pixels(digit: int = 8, epsilon: float = 0.0) -> PixelExplorer:
    """What a network that reads digits answers when every pixel changes
    by epsilon times a sign: explore_pixels(digit=8, epsilon=0.0).
    """
    return PixelExplorer(digit, epsilon)
