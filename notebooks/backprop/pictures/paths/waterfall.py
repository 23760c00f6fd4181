"""Contributions that add up to a gradient: bars from a
common zero and, beside them, the same bars end to end.
"""

import math
from collections.abc import Callable, Sequence

from ...drawing.palette import INK
from ...drawing.shapes import PATHS, Node, Stroke
from ...translation import _
from ..stage.sheet import Sheet, amount
from .story import Story

HEAD, TAIL = 34, 14  # above the first row and below the last
SAMPLE, ROUTE, STEP, SHARE = 22, 94, 46, 376  # where a row's stroke, its nodes and its number stand
ZERO_APART, ZERO_STACKED, HALF = 496, 690, 92  # where the two zeros are, and how long the longest bar is


def nice(largest: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... from `largest`
    up: a scale that rarely changes while bars move.
    """
    if not (largest > 0 and math.isfinite(largest)):
        return 1.0
    ten = 10.0 ** math.floor(math.log10(largest))
    return next(step * ten for step in (1, 2, 5, 10) if step * ten >= largest * (1 - 1e-12))


class Waterfall:
    """The bars of a story's paths, a row each, then the sum and PyTorch's gradient."""

    def __init__(self, story: Story, top: float, width: float) -> None:
        self.story, self.top, self.width = story, top, width
        self.shares = [path.product for path in story.paths]
        self.levels = levels(self.shares)
        self.row = 30 if len(self.shares) <= len(PATHS) else 20
        self.scale = HALF / nice(max(map(abs, [*self.shares, *self.levels, story.gradient])))
        self.bottom = self._y(len(self.shares) + 1) + 15 + TAIL

    def draw(self, sheet: Sheet, stroke: Callable[[int], Stroke]) -> None:
        """Put it on the sheet; stroke(k) is what path k looks like."""
        self.sheet = sheet
        self._heads()
        for place in range(len(self.shares)):
            words = self.story.about(place)
            with sheet.thing(f"bar:{place}", words, chosen=place == self.story.chosen):
                self._row(place, stroke(place))
        self._ends()
        self._lines()

    def _y(self, row: int) -> float:
        """The middle of a row. The last two rows, which are no paths, have a gap before them."""
        extra = max(0, row - len(self.shares) + 1)
        return self.top + HEAD + self.row * (min(row, len(self.shares) - 1) + 0.5) + 28 * extra

    def _heads(self) -> None:
        """What the columns are."""
        heads = ((ROUTE - 24, _("path through"), "start"), (SHARE, _("its share"), "end"))
        for x, words, anchor in (*heads, (ZERO_APART, _("each from zero"), "middle"), (ZERO_STACKED, _("end to end"), "middle")):
            self.sheet.write(x, self.top + 14, words, "quiet", anchor=anchor)

    def _lines(self) -> None:
        """The two zeros, and where in the stack one bar hands on to the next."""
        number, half = len(self.shares), 0.32 * self.row
        for zero, end in ((ZERO_APART, self._y(number - 1) + self.row / 2), (ZERO_STACKED, self.bottom - TAIL)):
            self.sheet.line([(zero, self.top + HEAD - 6), (zero, end)], "quiet", 1)
        for place, level in enumerate(self.levels[1:]):
            x = ZERO_STACKED + self.scale * level
            self.sheet.line([(x, self._y(place) + half), (x, self._y(place + 1) - half)], "quiet", 1.4, (2, 2))

    def _row(self, place: int, stroke: Stroke) -> None:
        """A path's stroke and number, its nodes, its
        contribution, and the contribution as a bar, twice.
        """
        y, share, lit = self._y(place), self.shares[place], place == self.story.lit
        self.sheet.box(6, y - self.row / 2 + 1, self.width - 12, self.row - 2, "paper", "ink" if lit else None)
        self.sheet.arrow(Node(SAMPLE, y, 0, 0), Node(SAMPLE + 42, y, 0, 0), stroke)
        self._route(place, y, lit)
        self.sheet.write(SHARE, y, amount(share, 6, "+"), anchor="end", bold=lit)
        half = 0.32 * self.row
        for zero, start in ((ZERO_APART, 0.0), (ZERO_STACKED, self.levels[place])):
            self.sheet.box(zero + self.scale * start, y - half, self.scale * share, 2 * half, stroke.colour)

    def _route(self, place: int, y: float, lit: bool) -> None:
        nodes = self.story.route(self.story.paths[place])
        labels = self.story.network.labels
        self.sheet.write(SAMPLE - 8, y, str(place + 1), size=12, bold=lit)
        for step, name in enumerate(nodes):
            x = ROUTE + STEP * step
            self.sheet.maths(x, y, labels[name], size=13 if self.row > 20 else 12)
            if step:
                self.sheet.write(x - STEP / 2 - 1, y, "→", "quiet", 12)
        if not nodes:
            self.sheet.write(ROUTE - 24, y, _("straight on"), "quiet", anchor="start")

    def _ends(self) -> None:
        """The last level, and beside it what PyTorch says."""
        number, story = len(self.shares), self.story
        rows = ((_("all paths together"), self.levels[-1], INK), (_("PyTorch’s .backward()"), story.gradient, None))
        for row, (words, value, fill) in enumerate(rows, number):
            y = self._y(row)
            self.sheet.write(ROUTE - 24, y, words, anchor="start", bold=True)
            self.sheet.write(SHARE, y, story.written(value), anchor="end", bold=True)
            self.sheet.box(ZERO_STACKED, y - 8, self.scale * value, 16, fill or "paper", "ink")
        self.sheet.line([(ROUTE - 24, self._y(number) - 16), (self.width - 12, self._y(number) - 16)], "faint", 1)
        agreement = _("✓ the same") if story.agrees() else _("✗ not the same")
        self.sheet.write(ZERO_APART, self._y(number + 1), agreement, "green" if story.agrees() else "vermillion", bold=True)


def levels(shares: Sequence[float]) -> list[float]:
    """Where each bar begins when they are laid end to end, and last where they arrive."""
    reached = [0.0]
    for share in shares:
        reached.append(reached[-1] + share)
    return reached
