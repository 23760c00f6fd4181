"""Drawings of the report as inline SVG.

Kinds differ in pattern and label as well as in colour, and every number is in a table too.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

# Fills that differ without colour: plain, hatched one way, hatched both ways, empty. Every drawing
# uses these.
PATTERNS = """\
<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="hatched" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="7" height="7" class="ground-partly"/><path d="M1.5 0V7" class="stroke-partly"/></pattern>
<pattern id="crossed" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="7" height="7" class="ground-wrong"/><path d="M1.5 0V7M0 1.5H7" class="stroke-wrong"/></pattern>
</defs></svg>"""
BAR = 14  # height of a bar, in pixels
WIDTH, HEIGHT = 380, 200  # of a diagram: as wide as a phone, so that its words are never made smaller
_numbers = count()


@dataclass(frozen=True)
class Part:
    """A part of a bar: its kind (right, partly, wrong or untouched) and how many."""

    kind: str
    number: int


@dataclass(frozen=True)
class Dot:
    """A point of a scatter plot."""

    label: str
    x: float
    y: float


def bar(parts: Sequence[Part], whole: int) -> str:
    """A bar whose full width stands for `whole`.

    Its numbers are beside it in words, so screen readers skip it.
    """
    drawn, start = [], 0.0
    for part in parts:
        width = 100 * part.number / whole if whole else 0.0
        if width:
            drawn.append(f'<rect class="fill-{part.kind}" x="{start:.2f}%" y="1" width="{width:.2f}%" height="{BAR - 2}"/>')
        start += width
    return f'<svg class="parts" width="100%" height="{BAR}" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'


def swatch(kind: str) -> str:
    """A piece of a kind's fill, for a key."""
    return (
        f'<svg width="22" height="{BAR}" aria-hidden="true" focusable="false">'
        f'<rect class="fill-{kind}" x="1" y="1" width="20" height="{BAR - 2}"/></svg>'
    )


def columns(counts: Sequence[int], ticks: Sequence[str], title: str, description: str, below: str) -> str:
    """A histogram; `ticks` are the limits of its intervals, `below` names their axis."""
    left, right, top, bottom = 12, WIDTH - 12, 22, HEIGHT - 40
    step, most = (right - left) / len(counts), max([1, *counts])
    drawn = [f'<path class="axis" d="M{left} {bottom}H{right}"/>']
    for place, number in enumerate(counts):
        height = (bottom - top) * number / most
        x = left + place * step
        if number:
            drawn.append(
                f'<rect class="fill-number" x="{x + 2:.1f}" y="{bottom - height:.1f}" width="{step - 4:.1f}" height="{height:.1f}"/>'
            )
            drawn.append(_text(x + step / 2, bottom - height - 5, str(number), "middle"))
    shown = [(place, words) for place, words in enumerate(ticks) if words]
    drawn += [f'<path class="axis" d="M{left + place * step:.1f} {bottom}v4"/>' for place, _ in shown]
    drawn += [_text(left + place * step, bottom + 17, words, _anchor(place, len(ticks))) for place, words in shown]
    drawn.append(_text((left + right) / 2, HEIGHT - 5, below, "middle"))
    return _diagram(drawn, title, description, HEIGHT)


def _anchor(place: int, ticks: int) -> str:
    return "start" if place == 0 else "end" if place == ticks - 1 else "middle"


def scatter(dots: Sequence[Dot], title: str, description: str, across: str, up: str) -> str:
    """Points with labels; x from 0 to 1, y from 0 to 1 or from -1 where there are negative ones."""
    left, right, top, bottom = 40, WIDTH - 14, 26, 260
    low = -1.0 if any(dot.y < 0 for dot in dots) else 0.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (right - left) * x, bottom - (bottom - top) * (y - low) / (1 - low)

    drawn = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, _ = place(value, low)
        drawn += [f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>', _text(x, bottom + 16, f"{value:g}", "middle")]
    for value in (low, (low + 1) / 2, 1.0) if low < 0 else (0.0, 0.25, 0.5, 0.75, 1.0):
        _, y = place(0, value)
        drawn += [f'<path class="grid" d="M{left} {y:.1f}H{right}"/>', _text(left - 6, y + 4, f"{value:g}".replace("-", "−"), "end")]
    taken: list[tuple[float, float]] = []
    for dot in dots:
        x, y = place(dot.x, dot.y)
        drawn.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        label = _free_place(x, y, taken, bottom)
        taken.append(label)
        drawn.append(_text(label[0], label[1], dot.label, "start" if label[0] > x else "end"))
    drawn += [_text((left + right) / 2, bottom + 34, across, "middle"), _text(left - 26, top - 12, up, "start")]
    return _diagram(drawn, title, description, bottom + 42)


def _free_place(x: float, y: float, taken: Sequence[tuple[float, float]], bottom: float) -> tuple[float, float]:
    """Where a label beside a point meets no other label: right, left, then further up and down."""
    side = 7 if x < WIDTH - 40 else -7
    for shift in (0, -11, 11, -22, 22, -33, 33):
        for dx in (side, -side):
            place = (x + dx, y + 4 + shift)
            if place[1] < bottom and all(abs(place[0] - other[0]) > 17 or abs(place[1] - other[1]) > 10 for other in taken):
                return place
    return x + side, y + 4


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def _diagram(drawn: Sequence[str], title: str, description: str, height: float) -> str:
    """A diagram that says in words what it shows."""
    name = f"diagram-{next(_numbers)}"
    return (
        f'<svg class="diagram" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-description">{html.escape(description)}</desc>'
        f"{''.join(drawn)}</svg>"
    )
