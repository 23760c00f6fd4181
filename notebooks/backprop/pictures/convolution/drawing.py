"""The drawing of the convolution explorer: the values in rows from
the top down, and below them the gradients in the opposite order.
"""

from collections.abc import Sequence

import numpy as np

from ...drawing.shapes import Node
from ...translation import _
from ..stage.sheet import Sheet, amount
from .measuring import PLACES, POOL, UPSTREAM, WIDTH, Gradients, Layers

Key = tuple[str, int]  # such as ("x", 3)
Lit = Key | None
Rows = dict[str, Sequence[float] | np.ndarray]

LEFT, COLUMN = 176.0, 80.0  # the middle of the first column, and the width of one
CELL, VALUE_HIGH, SLOPE_HIGH = 66.0, 44.0, 30.0
VALUES = {"x": 34.0, "z": 128.0, "y": 222.0}  # the middles of the rows
SLOPES = {"y": 284.0, "z": 362.0, "x": 448.0}
WEIGHTS, WEIGHT_SLOPES, HEIGHT = 528.0, 568.0, 594.0


def _column(part: str, index: int) -> float:
    """Where a part stands: each output in the middle above or below what it is computed from."""
    place = {"x": index, "w": 2 * index, "b": 2 * WIDTH, "z": index + (WIDTH - 1) / 2, "y": POOL * index + (WIDTH + POOL - 2) / 2}
    return LEFT + COLUMN * place[part]


def drawn(layers: Layers, found: Gradients, lit: Lit, chosen: str) -> Sheet:
    """The whole picture, with what belongs to the part `lit`
    in bold; `chosen` is the key of the cell behind it.
    """
    sheet = Sheet(800, HEIGHT)
    _labels(sheet)
    with sheet.layer():
        _connections(sheet, found, lit)
    values: Rows = {"x": layers.x, "z": found.z, "y": found.y, "w": layers.w, "b": (layers.b,)}
    slopes: Rows = {"y": UPSTREAM, "z": found.dL_dz, "x": found.dL_dx, "w": found.dL_dw, "b": (found.dL_db,)}
    for part, row in values.items():
        for index, value in enumerate(row):
            routed = part == "z" and index in found.routes
            equation = f"{_spoken(part, index)} = {amount(float(value))}"
            words = _("{equation}, the largest of its window", equation=equation) if routed else equation
            with sheet.thing(f"{part}:{index}", words, chosen=chosen == f"{part}:{index}"):
                _value(sheet, (part, index), float(value), routed, bold=(part, index) == lit)
    for part, row in slopes.items():
        for index, slope in enumerate(row):
            words = _("gradient at {name}: {gradient}", name=_spoken(part, index), gradient=amount(float(slope)))
            with sheet.thing(f"d{part}:{index}", words, chosen=chosen == f"d{part}:{index}"):
                _slope(sheet, (part, index), float(slope), bold=(part, index) == lit)
    return sheet


def _spoken(part: str, index: int) -> str:
    return part if part == "b" else f"{part}{index}"


def _labels(sheet: Sheet) -> None:
    x = LEFT - COLUMN / 2 - 12
    for part, words in (("x", _("inputs")), ("z", _("outputs")), ("y", _("maxima"))):
        sheet.maths(x, VALUES[part] - 10, part, "blue", anchor="end")
        sheet.write(x, VALUES[part] + 10, words, "blue", anchor="end")
        sheet.maths(x, SLOPES[part], rf"\partial L/\partial {part}", "vermillion", anchor="end")
    sheet.write(x, SLOPES["y"] + 28, _("grey: exactly 0"), "quiet", anchor="end")
    sheet.maths(x, WEIGHTS - 10, "w,\\ b", "blue", anchor="end")
    sheet.write(x, WEIGHTS + 10, _("at every place"), "blue", anchor="end")
    sheet.maths(x, WEIGHT_SLOPES, r"\partial L/\partial w,\ \partial L/\partial b", "vermillion", anchor="end")


def _connections(sheet: Sheet, found: Gradients, lit: Lit) -> None:
    """The lines from row to row; those of the part that is lit are bold and on top."""
    lines: list[tuple[Key, Key, Lit]] = [(("x", t + j), ("z", t), ("w", j)) for t in range(PLACES) for j in range(WIDTH)]
    lines += [(("z", t), ("y", t // POOL), None) for t in range(PLACES)]
    for bold in (False, True):
        for start, end, weight in lines:
            if bold == (lit is not None and lit in (start, end, weight)):
                t = start[1] if start[0] == "z" else end[1]
                _connection(sheet, start, end, routed=weight is not None or t in found.routes, flows=bool(found.dL_dz[t]), bold=bold)


def _connection(sheet: Sheet, start: Key, end: Key, routed: bool, flows: bool, bold: bool) -> None:
    """One line forward, in blue if it is `routed`, and the
    same one back, dashed where a gradient `flows`.
    """
    (above, i), (below, k) = start, end
    forward = [(_column(above, i), VALUES[above] + VALUE_HIGH / 2), (_column(below, k), VALUES[below] - VALUE_HIGH / 2)]
    back = [(_column(below, k), SLOPES[below] + SLOPE_HIGH / 2), (_column(above, i), SLOPES[above] - SLOPE_HIGH / 2)]
    coloured = bold or above == "z"  # the lines of the convolution are many
    width = 2.6 if bold else 1.8 if coloured else 0.8
    sheet.line(forward, "blue" if coloured and routed else "faint", width if routed else 0.8)
    sheet.line(back, "vermillion" if coloured and flows else "faint", width if flows else 0.8, (5, 3) if flows else ())


def _value(sheet: Sheet, key: Key, value: float, routed: bool, bold: bool) -> None:
    part, index = key
    x, y = _column(part, index), WEIGHTS if part in "wb" else VALUES[part]
    ink, width = ("ink", 3.2) if bold else ("blue", 2.6) if routed else ("ink", 1.2)
    sheet.outline(Node(x, y, CELL, VALUE_HIGH, box=True), "paper", ink, width)
    sheet.maths(x, y - 11, "b" if part == "b" else f"{part}_{index}")
    sheet.write(x, y + 10, amount(value, 3), bold=bold, halo=False)


def _slope(sheet: Sheet, key: Key, slope: float, bold: bool) -> None:
    part, index = key
    x, y = _column(part, index), WEIGHT_SLOPES if part in "wb" else SLOPES[part]
    fill, ink = ("paper", "vermillion") if slope else ("parameter", "faint")
    sheet.outline(Node(x, y, CELL, SLOPE_HIGH, box=True), fill, ink, 3.2 if bold else 1.2)
    sheet.write(x, y, amount(slope, 3), bold=bold, halo=False)
