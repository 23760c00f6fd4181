"""A plot on a sheet: axes with round numbers on them, and lines cut off at its edges."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ...drawing.shapes import Point
from .sheet import Sheet

Span = tuple[float, float]


@lru_cache(maxsize=64)
def ticks(span: Span, about: int) -> tuple[float, ...]:
    """At most `about` + 1 round numbers between the two ends."""
    return _within(span, about, False)


def whole_ticks(low: int, high: int, about: int = 6) -> list[int]:
    """At most `about` + 1 whole numbers at equal distances, from `low` to `high`."""
    return [round(tick) for tick in _within((low, high), about, True)]


def _within(span: Span, about: int, whole: bool) -> tuple[float, ...]:
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=about, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=1).tick_values(*span)
    return tuple(float(tick) for tick in found if span[0] - 1e-9 <= tick <= span[1] + 1e-9)


class Plot:
    """Axes on a sheet: `width` by `height` pixels from (left, top)."""

    def __init__(self, sheet: Sheet, left: float, top: float, width: float, height: float, across: Span, up: Span) -> None:
        self.sheet, self.left, self.top, self.width, self.height = sheet, left, top, width, height
        self.across, self.up = across, up

    def at(self, x: float, y: float) -> Point:
        """Where a point goes on the sheet."""
        (x0, x1), (y0, y1) = self.across, self.up
        return self.left + self.width * (x - x0) / (x1 - x0), self.top + self.height * (y1 - y) / (y1 - y0)

    def frame(self, xs: dict[float, str], ys: dict[float, str], below: str, beside: str) -> None:
        """The grid, with what is written on its lines."""
        (x0, x1), (y0, y1) = self.across, self.up
        for x, words in xs.items():
            self.sheet.line([self.at(x, y0), self.at(x, y1)], "faint", 0.6)
            self.sheet.write(self.at(x, y0)[0], self.top + self.height + 13, words, "quiet", 12)
        for y, words in ys.items():
            self.sheet.line([self.at(x0, y), self.at(x1, y)], "faint", 0.6)
            self.sheet.write(self.left - 7, self.at(x0, y)[1], words, "quiet", 12, anchor="end")
        self.sheet.line([self.at(x0, y1), self.at(x0, y0), self.at(x1, y0)], "quiet", 1.2)
        self.sheet.write(self.left + self.width / 2, self.top + self.height + 31, below, "quiet")
        self.sheet.write(self.left + 6, self.top + 9, beside, "quiet", anchor="start")

    def line(self, xs: ArrayLike, ys: ArrayLike, ink: str, width: float, dashes: Sequence[float] = ()) -> bool:
        """A line through the points as far as they are on the paper; whether any of it is."""
        seen = False
        for piece in _pieces(np.asarray(xs), np.asarray(ys), *self.up):
            seen = True
            self.sheet.line([self.at(x, y) for x, y in piece], ink, width, dashes)
        return seen


def _pieces(xs: np.ndarray, ys: np.ndarray, low: float, high: float) -> list[np.ndarray]:
    """The stretches of a line that lie between low and high."""
    inside = (ys >= low - 1e-9) & (ys <= high + 1e-9)
    points = np.column_stack([xs, ys])
    cuts = np.flatnonzero(np.diff(inside)) + 1
    return [piece for piece, whole in zip(np.split(points, cuts), np.split(inside, cuts)) if whole[0] and len(piece) > 1]
