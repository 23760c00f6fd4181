"""The drawing of the pixel explorer: the image, the gradient
at its pixels, and the probabilities of the ten digits.
"""

from typing import Any

import numpy as np

from ...digits import HEIGHT, PIXELS, WIDTH
from ...translation import _
from ..stage.sheet import Sheet, amount
from .measuring import Change, Found

PIXEL = 20.0
TOP, IMAGE, GRADIENT = 66.0, 10.0, 210.0  # where the two panels begin
BOTTOM = TOP + HEIGHT * PIXEL
BARS, LONGEST, BAR = 450.0, 100.0, 24.0  # where the bars begin, how long 1 is, and the height of a row
LIGHTEST, DARKEST = -0.2, 1.2  # what is drawn as paper, and as ink


def pixel_of(key: object) -> int | None:
    """The pixel that a key of the sheet belongs to: "x:12" and "dx:12" are its two squares."""
    part, _, index = key.partition(":") if isinstance(key, str) else ("", "", "")
    return int(index) if part in ("x", "dx") and index.isdecimal() and int(index) < PIXELS else None


def place_of(index: int) -> str:
    """Where a pixel is, in words."""
    row, column = divmod(index, WIDTH)
    return _("row {row}, column {column}", row=row + 1, column=column + 1)


def drawn(change: Change, found: Found, lit: int | None, chosen: str) -> Sheet:
    """The whole picture; `lit` is the pixel with a frame in
    both panels, `chosen` the key of the square behind it.
    """
    sheet = Sheet(690, BOTTOM + 84)
    _labels(sheet, found)
    full = float(np.abs(found.dL_dx).max()) or 1.0
    for index, pixel in enumerate(found.changed):
        words = _("pixel in {place}: {value}", place=place_of(index), value=_short(pixel))
        with sheet.thing(f"x:{index}", words, chosen=chosen == f"x:{index}"):
            ink = np.clip((pixel - LIGHTEST) / (DARKEST - LIGHTEST), 0, 1)
            sheet.box(*_corner(IMAGE, index), PIXEL, PIXEL, "ink", opacity=float(ink))
    for index, dL_dx_i in enumerate(found.dL_dx):
        words = _("gradient at {name}: {gradient}", name=place_of(index), gradient=amount(float(dL_dx_i)))
        with sheet.thing(f"dx:{index}", words, chosen=chosen == f"dx:{index}"):
            sheet.box(*_corner(GRADIENT, index), PIXEL, PIXEL, "vermillion" if dL_dx_i > 0 else "blue", opacity=float(abs(dL_dx_i)) / full)
    for left in (IMAGE, GRADIENT):
        sheet.line(_rectangle(left, TOP, WIDTH * PIXEL, HEIGHT * PIXEL), "quiet", 1.2)
    with sheet.layer():
        if lit is not None:
            for left in (IMAGE, GRADIENT):
                sheet.line(_rectangle(*_corner(left, lit), PIXEL, PIXEL), "purple", 2.6)
    for digit in range(len(found.after)):
        _bar(sheet, digit, change, found)
    return sheet


def _labels(sheet: Sheet, found: Found) -> None:
    sheet.maths(IMAGE, 22, r"x + \varepsilon\,s", "blue", anchor="start")
    sheet.write(IMAGE, 48, _("the image that is read"), "blue", anchor="start")
    sheet.maths(GRADIENT, 22, r"\partial L/\partial x", "vermillion", anchor="start")
    sheet.write(GRADIENT, 48, _("gradient before the change"), "vermillion", anchor="start")
    sheet.maths(BARS, 22, "p", anchor="start")
    sheet.write(BARS, 48, _("probability of each digit"), anchor="start")
    inks = (("vermillion", _("positive: more ink raises the loss")), ("blue", _("negative: more ink lowers it")))
    for place, (ink, words) in enumerate(inks):
        sheet.box(IMAGE, BOTTOM + 14 + 22 * place, 12, 12, ink)
        sheet.write(IMAGE + 20, BOTTOM + 20 + 22 * place, words, anchor="start")
    full = amount(float(np.abs(found.dL_dx).max()))
    sheet.write(IMAGE + 20, BOTTOM + 64, _("strongest colour: {gradient}", gradient=full), anchor="start")
    sheet.line([(BARS, BOTTOM + 12), (BARS, BOTTOM + 28)], "ink", 2.4)
    sheet.write(BARS + 10, BOTTOM + 20, _("before the change"), anchor="start")


def _corner(left: float, index: int) -> tuple[float, float]:
    row, column = divmod(index, WIDTH)
    return left + column * PIXEL, TOP + row * PIXEL


def _bar(sheet: Sheet, digit: int, change: Change, found: Found) -> None:
    """The probability of one digit, with a line where it was before the change."""
    y = TOP + (digit + 0.5) * BAR
    before, after = float(found.before[digit]), float(found.after[digit])
    label, taken = digit == change.digit, digit == int(found.after.argmax())
    with sheet.named(about_digit(change, found, digit)):
        sheet.write(BARS - 14, y, str(digit), size=16, bold=label)
        sheet.box(BARS, y - 8, LONGEST * after, 16, "blue" if label else "vermillion")
        sheet.line([(BARS + LONGEST * before, y - 10), (BARS + LONGEST * before, y + 10)], "ink", 2.4)
        words = _("{probability} (label)", probability=_short(after)) if label else _short(after)
        sheet.write(BARS + LONGEST * max(before, after) + 10, y, words, size=13, anchor="start", bold=taken)


def about_digit(change: Change, found: Found, digit: int) -> str:
    """The probability of a digit in words, before the change and after it."""
    names = [_("digit {digit}", digit=digit)]
    names += [_("the label")] if digit == change.digit else []
    names += [_("the prediction")] if digit == int(found.after.argmax()) else []
    return _(
        "{digit}: probability {after}, before the change {before}",
        digit=", ".join(names),
        after=_short(found.after[digit]),
        before=_short(found.before[digit]),
    )


def _short(value: Any) -> str:
    return amount(float(value), 3)


def _rectangle(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
