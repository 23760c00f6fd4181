"""A sheet of SVG on which a picture is drawn again
at every move, in the figures' shapes and strokes.

Mathematics is drawn once as glyphs, by the same library as in the figures, and kept. Numbers are
text, which screen readers read. Colours are names: a page in a dark theme gives them other values;
a sheet by itself has those of the figures.
"""

import html
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ...drawing import palette
from ...drawing import shapes as drawing
from ...drawing.shapes import MATHS, SMALL, Node, Point, Shaft, Stroke
from ...translation import _
from .notation import superscript

FONT = "system-ui, 'DejaVu Sans', Verdana, sans-serif"
COLOURS = {
    "ink": palette.INK,
    "quiet": palette.QUIET,
    "faint": palette.FAINT,
    "paper": palette.PAPER,
    "parameter": palette.PARAMETER,
    "blue": palette.BLUE,
    "vermillion": palette.VERMILLION,
    "green": palette.GREEN,
    "purple": palette.PURPLE,
}
AXIS = 0.25  # how far the middle of a fraction or a minus is above the baseline, in em
_NAMES = {value: name for name, value in COLOURS.items()}


def colour(name: str) -> str:
    """A colour by its name, or by its value in the figures, as CSS that a theme may change."""
    name = _NAMES.get(name, name)
    return f"var(--bp-{name}, {COLOURS[name]})"


def amount(value: float, digits: int = 4, sign: str = "-") -> str:
    """A number with a true minus sign; very small and
    large ones with a power of ten; nan and inf in words.
    """
    if not np.isfinite(value):
        return _("not a number") if np.isnan(value) else _("infinity") if value > 0 else _("−infinity")
    if value and not 10.0**-digits <= abs(value) < 1e6:
        mantissa, power = f"{value:{sign}.1e}".split("e")
        return f"{mantissa}·10{superscript(int(power))}".replace("-", "−")
    return drawing.number(value, digits, sign).replace("-", "−")


class Sheet:
    """SVG of `width` by `height` pixels, from the top left corner.

    What is drawn later is on top.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def finished(self, title: str, description: str) -> str:
        """The whole as one SVG document, which says in words what it shows."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" '
            f'height="{self.height:g}" font-family="{FONT}" text-anchor="middle">'
        )
        words = f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
        paper = f'<rect width="100%" height="100%" style="fill:{colour("paper")}"/>'
        return head + words + paper + "".join(self._parts) + "</svg>"

    # --- words and numbers ------------------------------------------------------------------------

    def write(
        self,
        x: float,
        y: float,
        words: str,
        ink: str = "ink",
        size: float = SMALL,
        anchor: str = "middle",
        bold: bool = False,
        halo: bool = True,
    ) -> None:
        """Text, its middle at height y, on a halo of paper so that a line may pass behind it.

        On a shaded box, which tells something, it has none.
        """
        more = ' font-weight="bold"' if bold else ""
        behind = f";stroke:{colour('paper')};stroke-width:8;paint-order:stroke;stroke-linejoin:round" if halo else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size:g}" text-anchor="{anchor}"{more} '
            f'style="fill:{colour(ink)}{behind}">{html.escape(words)}</text>'
        )

    def maths(self, x: float, y: float, formula: str, ink: str = "ink", size: float = MATHS, anchor: str = "middle") -> None:
        """Mathematics, without dollar signs, centred
        on (x, y), or with its left or right end there.
        """
        glyphs = glyphs_of(formula)
        scale = size / 100
        left = {"start": 0.0, "middle": glyphs.width / 2, "end": glyphs.width}[anchor]
        place = f"translate({x - scale * left:.1f} {y:.1f}) scale({scale:g})"
        self._parts.append(f'<path transform="{place}" d="{glyphs.outline}" style="fill:{colour(ink)}"/>')

    def maths_row(
        self, x: float, y: float, pieces: Sequence[tuple[str, float, float | None]], ink: str = "ink", size: float = MATHS
    ) -> None:
        """Mathematics in pieces on one baseline, the whole centred on (x, y).

        Each piece is (formula, space before it, width), in em; without a width it is as wide as
        drawn. Pieces are kept: a row of known pieces in a new order needs no drawing.
        """
        drawn = [(glyphs_of(formula), before, width) for formula, before, width in pieces]
        widths = [before + (glyphs.width / 100 if width is None else width) for glyphs, before, width in drawn]
        at = x - size * sum(widths) / 2
        for (glyphs, before, width), wide in zip(drawn, widths):
            left = at + size * (before + (glyphs.left / 100 if width is not None else 0))
            place = f"translate({left:.1f} {y - size * (glyphs.middle / 100 - AXIS):.1f}) scale({size / 100:g})"
            self._parts.append(f'<path transform="{place}" d="{glyphs.outline}" style="fill:{colour(ink)}"/>')
            at += size * wide

    # --- shapes -----------------------------------------------------------------------------------

    def outline(self, node: Node, fill: str = "paper", ink: str = "ink", width: float = 1.4) -> None:
        """A node's outline: a circle, a capsule or a box."""
        radius = 5.0 if node.box else node.height / 2
        self._parts.append(
            f'<rect x="{node.x - node.width / 2:.1f}" y="{node.y - node.height / 2:.1f}" width="{node.width:g}" height="{node.height:g}" '
            f'rx="{radius:g}" style="fill:{colour(fill)};stroke:{colour(ink)};stroke-width:{width:g}"/>'
        )

    def line(self, points: Sequence[Point], ink: str = "ink", width: float = 1.4, dashes: Sequence[float] = ()) -> None:
        """A line through the points."""
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashed = f";stroke-dasharray:{' '.join(f'{dash:g}' for dash in dashes)}" if dashes else ""
        self._parts.append(
            f'<path d="{path}" style="fill:none;stroke:{colour(ink)};stroke-width:{width:g};stroke-linejoin:round{dashed}"/>'
        )

    def box(self, x: float, y: float, width: float, height: float, fill: str, ink: str | None = None, opacity: float = 1.0) -> None:
        """A filled rectangle from its top left corner;
        negative widths and heights extend to the other side.
        """
        x, y, width, height = min(x, x + width), min(y, y + height), abs(width), abs(height)
        edge = f";stroke:{colour(ink)}" if ink else ""
        shade = f";fill-opacity:{opacity:.3f}" if opacity < 1 else ""
        look = f"fill:{colour(fill)}{shade}{edge}"
        self._parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" style="{look}"/>')

    def dot(self, x: float, y: float, radius: float = 4.0, fill: str = "ink", ink: str = "paper") -> None:
        """A small disc."""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" style="fill:{colour(fill)};stroke:{colour(ink)}"/>')

    def arrow(self, start: Node, end: Node, stroke: Stroke = drawing.FORWARD, shift: float = 0.0) -> Shaft:
        """An arrow between two nodes, `shift` pixels to the right of the way it goes."""
        shaft = drawing.between(start, end, shift)
        tip, along = np.array(shaft.tip), shaft.direction
        back, half = tip - stroke.head * along, 0.45 * stroke.head * np.array([-along[1], along[0]])
        neck = shaft.tip if stroke.open_head else tuple(tip - 0.6 * stroke.head * along)
        self.line([shaft.tail, neck], stroke.colour, stroke.width, stroke.dashes)
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in (back + half, tip, back - half))
        look = (
            f"fill:none;stroke:{colour(stroke.colour)};stroke-width:{stroke.width:g}"
            if stroke.open_head
            else f"fill:{colour(stroke.colour)}"
        )
        self._parts.append(f'<path d="M{corners}{"" if stroke.open_head else "Z"}" style="{look}"/>')
        return shaft

    # --- things to point at -----------------------------------------------------------------------

    def thing(self, key: str, words: str, chosen: bool = False) -> "_Group":
        """A group that can be pointed at and chosen with mouse
        and keyboard: with sheet.thing("w1", "w1 is −4"): ...
        """
        about = f'data-key="{html.escape(key)}" role="button" aria-pressed="{str(chosen).lower()}" aria-label="{html.escape(words)}"'
        return _Group(self, f"<g {about}>")

    def named(self, words: str) -> "_Group":
        """A group that screen readers read as these words."""
        return _Group(self, f'<g role="img" aria-label="{html.escape(words)}">')

    def layer(self) -> "_Group":
        """A group for elements that come and go, so that later
        ones keep their place in the page, and the keyboard focus.
        """
        return _Group(self, "<g>")

    def target(self, shaft: Shaft, width: float = 14.0) -> None:
        """An invisible broad line over an arrow, so that a mouse finds it."""
        (x1, y1), (x2, y2) = shaft.tail, shaft.tip
        self._parts.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" style="stroke:transparent;fill:none;stroke-width:{width:g}"/>')


class _Group:
    """The group that `Sheet.thing`, `Sheet.named` or `Sheet.layer` opens and closes."""

    def __init__(self, sheet: Sheet, head: str) -> None:
        self.sheet, self.head = sheet, head

    def __enter__(self) -> None:
        self.sheet._parts.append(self.head)

    def __exit__(self, *raised: object) -> None:
        self.sheet._parts.append("</g>")


class _Glyphs:
    """A formula as an outline, 100 pixels to the em: its left end at 0, its middle at height 0."""

    def __init__(self, formula: str) -> None:
        from matplotlib.textpath import TextPath

        with drawing.style():
            path = TextPath((0, 0), f"${formula}$", size=100)
        extents = path.get_extents()
        points = (path.vertices - [extents.x0, (extents.y0 + extents.y1) / 2]) * [1, -1]
        self.width = float(extents.width)
        self.left = float(extents.x0)
        self.middle = float(extents.y0 + extents.y1) / 2
        self.outline = _outline(points, path.codes)


@lru_cache(maxsize=512)
def glyphs_of(formula: str) -> _Glyphs:
    """The outline of a formula, made once."""
    return _Glyphs(formula)


def _outline(points: np.ndarray, codes: np.ndarray) -> str:
    """Matplotlib's path as SVG's."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C"}
    parts, previous = [], 0
    for (x, y), code in zip(points, codes):
        if code == 79:
            parts.append("Z")
        else:
            parts.append(f"{letters[code] if code != previous or code == 1 else ' '}{x:.0f} {y:.0f}")
        previous = code
    return re.sub(r" -", "-", "".join(parts))
