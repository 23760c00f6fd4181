"""The pixel explorer: a small change of every pixel, along the
signs of the gradient or at random, and what a network answers.
"""

from dataclasses import replace
from typing import Any

from ...digits import CLASSES
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, Refused, button, choice, gap, read_number, slider
from .drawing import about_digit, drawn, pixel_of, place_of
from .measuring import Change, Found, measure

LIMITS = {"epsilon": ("ε", -0.3, 0.3), "noise": ("The noise", 0.0, 0.4)}
DIGITS = {str(digit): str(digit) for digit in range(CLASSES)}
SIGNS = {"gradient": "of the gradient", "random": "random"}


class PixelExplorer(Picture):
    """What a network answers when every pixel of a digit is changed a little."""

    def __init__(self, digit: int = 8, epsilon: float = 0.0) -> None:
        super().__init__()
        self.title = "Pixel explorer: the gradient at the input of a network that reads digits"
        if str(digit) not in DIGITS:
            raise ValueError(f"The digit has to be a whole number from 0 to 9, not {digit!r}.")
        self.change = Change(int(digit), read_number(epsilon, *LIMITS["epsilon"]))
        self.lit = ""  # the square that is pointed at or chosen
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Change the image or its pixels, draw another image, or choose a pixel."""
        if key == "digit" and isinstance(value, str) and value in DIGITS:
            self.change = replace(self.change, digit=int(value))
        elif key in LIMITS:
            self.change = replace(self.change, **{key: read_number(value, *LIMITS[key])})
        elif key == "signs" and isinstance(value, str) and value in SIGNS:
            self.change = replace(self.change, at_random=value == "random")
        elif key == "new":
            self.change = replace(self.change, draw=self.change.draw + value)
        elif key in ("pointed", "chosen"):
            found = value or (self.inputs.get("chosen") if key == "pointed" else "")
            self.lit = found if pixel_of(found) is not None else ""
        else:
            raise Refused(f"There is no {value} to choose here; the picture still shows what it did.")

    def draw(self) -> Frame:
        """The image, the gradient at its pixels, and the probabilities."""
        found = measure(self.change)
        words = _in_words(self.change, found)
        sheet = drawn(self.change, found, pixel_of(self.lit), self.lit)
        return Frame(sheet.finished(self.title, words), words, _caption(self.change, found, pixel_of(self.lit)), self._controls())

    def _controls(self) -> list[Control]:
        return [
            choice("digit", "digit", str(self.change.digit), DIGITS),
            slider("epsilon", "<i>ε</i>", self.change.epsilon, *LIMITS["epsilon"][1:], words="epsilon, change of a pixel", step=0.01),
            choice("signs", "signs <i>s</i>", "random" if self.change.at_random else "gradient", SIGNS),
            gap("below"),
            slider("noise", "noise", self.change.noise, *LIMITS["noise"][1:], words="noise, its standard deviation", step=0.01),
            button("new", "New image"),
        ]


# --- words ----------------------------------------------------------------------------------------


def _signs(change: Change) -> str:
    return "random signs" if change.at_random else "the signs of the gradient"


def _in_words(change: Change, found: Found) -> str:
    """The change, and the probabilities before and after it."""
    told = "; ".join(about_digit(change, found, digit) for digit in range(CLASSES))
    return (
        f"An image of the digit {change.digit} with noise of standard deviation {amount(change.noise)}, every pixel changed by "
        f"{amount(change.epsilon)} times {_signs(change)}. Loss before the change {amount(found.loss_before)}, after it "
        f"{amount(found.loss_after)}. Largest derivative with respect to a pixel, in size: {amount(float(abs(found.dL_dx).max()))}. {told}."
    )


def _caption(change: Change, found: Found, lit: int | None) -> str:
    taken = int(found.after.argmax())
    verdict = "right" if taken == change.digit else "wrong"
    lines = [
        f"The label is {change.digit}, the prediction is <b>{taken}</b> with the probability "
        f"<b>{amount(float(found.after[taken]), 3)}</b>: {verdict}. "
        f"Pixel <i>i</i> is <i>x<sub>i</sub></i> + <i>ε s<sub>i</sub></i> with <i>ε</i> = {amount(change.epsilon)} and {_signs(change)}.",
        f"The loss <i>L</i> = −log <i>p</i><sub>{change.digit}</sub> is {amount(found.loss_before)} before the change and "
        f"<b>{amount(found.loss_after)}</b> after it. To first order it changes by "
        f"<i>ε</i> Σ<i><sub>i</sub> s<sub>i</sub></i> ∂<i>L</i>/∂<i>x<sub>i</sub></i> = {amount(found.predicted_rise)}; "
        f"it has changed by {amount(found.loss_after - found.loss_before)}.",
        _about(found, lit) if lit is not None else "Point at a pixel: its numbers appear here.",
    ]
    return "".join(f"<p>{line}</p>" for line in lines)


def _about(found: Found, index: int) -> str:
    return (
        f"The pixel in {place_of(index)}: <i>x</i> = {amount(float(found.x[index]))}, <i>x</i> + <i>ε s</i> = "
        f"{amount(float(found.changed[index]))}, ∂<i>L</i>/∂<i>x</i> = {amount(float(found.dL_dx[index]))} before the change."
    )


def explore_pixels(digit: int = 8, epsilon: float = 0.0) -> PixelExplorer:
    """What a network that reads digits answers when every pixel changes
    by epsilon times a sign: explore_pixels(digit=8, epsilon=0.0).
    """
    return PixelExplorer(digit, epsilon)
