"""The widget of every picture: controls above, the picture, words below.

Its browser side is stage.js.
"""

import base64
import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ...translation import N_, _

Control = dict[str, Any]


EITHER = (
    "<style>"
    ".jp-OutputArea-child:has(.bp-stage) + .jp-OutputArea-child:has(.bp-still) { display: none; }"
    ".jp-OutputArea-child:not(:has(.bp-stage)):has(+ .jp-OutputArea-child .bp-still) { display: none; }"
    "</style>"
)


@dataclass(frozen=True)
class Frame:
    """One state of a picture.

    svg       the picture, as returned by `Sheet.finished`
    summary   the same in one or two sentences, for screen readers
    caption   the words below the picture, as HTML
    controls  the controls in order, made by slider, choice, button, play, tick, entry, blank, note,
              gap
    """

    svg: str
    summary: str
    caption: str = ""
    controls: list[Control] = field(default_factory=list)


class Refused(ValueError):
    """Something that the reader put in cannot be used; the message says what, and what to do."""


class Picture(anywidget.AnyWidget):
    """The base of all pictures.

    A subclass sets up its state, implements `moved`, and draws a Frame.

    `redraw` must be called once at the end of `__init__`. After a move that is refused or fails,
    the last picture stays, with a message below it.
    """

    _esm = Path(__file__).with_name("stage.js")
    _css = Path(__file__).with_name("stage.css")

    title = traitlets.Unicode().tag(sync=True)
    frame = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List(traitlets.Dict()).tag(sync=True)
    inputs = traitlets.Dict().tag(sync=True)

    def moved(self, key: str, value: Any) -> None:
        """Apply the value of control `key`: of a button, how often it was pressed since.

        Refused if it is unusable.
        """
        raise NotImplementedError

    def draw(self) -> Frame:
        """The picture as things stand."""
        raise NotImplementedError

    def redraw(self, message: str = "") -> None:
        """Show how things stand, and `message`, if there is one."""
        frame = self.draw()
        with self.hold_sync():
            self.frame, self.summary, self.caption, self.controls = frame.svg, frame.summary, frame.caption, frame.controls
            self.message = message

    @traitlets.observe("inputs")
    def _on_inputs(self, change: Any) -> None:
        before, now = change["old"] or {}, change["new"]
        changed = _changed(before, now)
        buttons = self._buttons()
        said = [self._take(key, value - (before.get(key) or 0) if key in buttons else value) for key, value in changed.items()]
        message = " ".join(filter(None, said))
        try:
            self.redraw(message)
        except Exception as error:  # the picture stays alive, whatever went wrong
            self.message = message or _("This cannot be drawn: {type}: {error}", type=type(error).__name__, error=error)

    def _take(self, key: str, value: Any) -> str:
        """Hand one move on; what is to be said about it if it went wrong."""
        try:
            self.moved(key, value)
        except Refused as refused:
            return str(refused)
        except Exception as error:
            return _("That did not work: {type}: {error}", type=type(error).__name__, error=error)
        return ""

    def _buttons(self) -> set[str]:
        return {control["key"] for control in self.controls if control["kind"] == "button"}

    def _ipython_display_(self) -> None:
        """Show the live picture, and after it a still one for pages without a kernel.

        The style in the still one hides one of the two: the still one where there is a live one,
        and otherwise JupyterLab's message that the kernel is gone.
        """
        from IPython.display import display

        words = f"{self.title}. {self.summary}"
        live: dict[str, Any] = {"text/plain": words}
        if self._model_id is not None:
            live["application/vnd.jupyter.widget-view+json"] = {"version_major": 2, "version_minor": 0, "model_id": self._model_id}
        display(live, raw=True)
        encoded = base64.b64encode(self.frame.encode()).decode()
        still = f"{EITHER}<img class='bp-still' alt='{html.escape(words)}' src='data:image/svg+xml;base64,{encoded}'>"
        display({"text/html": still, "image/svg+xml": self.frame, "text/plain": words}, raw=True)


REPEATS = "repeats"  # in the inputs: for each control, how often its last value was given again


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that are new, or were given again."""
    times_before, times = before.get(REPEATS) or {}, now.get(REPEATS) or {}
    return {
        key: value
        for key, value in now.items()
        if key != REPEATS and (key not in before or value != before[key] or times.get(key, 0) != times_before.get(key, 0))
    }


# --- controls -------------------------------------------------------------------------------------


def slider(key: str, label: str, value: float, low: float, high: float, words: str = "", step: float | None = None) -> Control:
    """A slider with a field beside it for typing.

    `label` is HTML, `words` the same for screen readers.
    """
    steps = step or 10.0 ** math.floor(math.log10((high - low) / 100))
    about = {"label": label, "words": words or key, "value": value, "low": low, "high": high, "step": steps}
    return {"kind": "slider", "key": key, "typed": _("{words}, typed", words=words or key)} | about


def choice(key: str, label: str, value: str, options: Mapping[str, str]) -> Control:
    """A list to choose from: what is shown for each value."""
    return {"kind": "choice", "key": key, "label": label, "value": value, "options": [list(option) for option in options.items()]}


def button(key: str, label: str, words: str = "", disabled: bool = False) -> Control:
    """A button."""
    return {"kind": "button", "key": key, "label": label, "words": words or None, "disabled": disabled}


def play(key: str, label: str, presses: str, every: int = 1200, disabled: bool = False) -> Control:
    """A button that presses the button `presses` at this interval
    (milliseconds) until it is pressed again, or disabled.
    """
    about = {"label": label, "pause": _("❚❚ Pause"), "presses": presses, "every": every, "disabled": disabled}
    return {"kind": "play", "key": key} | about


def tick(key: str, label: str, value: bool) -> Control:
    """A box to tick."""
    return {"kind": "tick", "key": key, "label": label, "value": value}


def entry(key: str, label: str, value: str = "", state: str = "", slot: int | None = None) -> Control:
    """A field for typing, among the controls.

    `state`: "right", "given" (right given earlier numbers), "wrong" or empty.

    With a `slot` the field sends [slot, text]. When the slot changes the field is emptied, even
    while the reader types, and the same text is sent again.
    """
    return {"kind": "entry", "key": key, "label": label, "value": value, "state": state or None, "slot": slot}


def blank(
    key: str,
    words: str,
    x: float,
    y: float,
    width: float,
    value: str = "",
    state: str = "",
    disabled: bool = False,
    slot: int | None = None,
) -> Control:
    """A field for typing in the picture itself, its middle at (x, y) of the sheet.

    `slot` as in `entry`.
    """
    about = {"words": words, "x": x, "y": y, "width": width, "value": value, "state": state or None, "disabled": disabled}
    return {"kind": "blank", "key": key, "slot": slot} | about


def note(key: str, words: str) -> Control:
    """A remark among the controls, as HTML, which stays
    visible beside a field however high the picture is.
    """
    return {"kind": "note", "key": key, "words": words}


def gap(key: str) -> Control:
    """The end of a row of controls."""
    return {"kind": "gap", "key": key}


def read_number(value: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """The number that the reader put in. Refused if it is none, or out of range."""
    try:
        found = float(str(value).strip().replace("−", "-").replace(",", ".")) if value is not None else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        said = _("nothing") if value in (None, "") else _("“{value}”", value=value)
        words = N_("{name} has to be a number, such as 0.5. You wrote {said}; the picture still shows the last one.")
        raise Refused(_(words, name=name, said=said))
    if not low <= found <= high:
        words = N_("{name} has to be between {low:g} and {high:g}. You wrote {found:g}; the picture still shows the last one.")
        raise Refused(_(words, name=name, low=low, high=high, found=found))
    return found
