"""The attention explorer: the weights of a small head, and which
scores, queries, keys and values the gradient of one output reaches.
"""

from typing import Any

import numpy as np

from ...drawing.shapes import Node, between
from ...translation import N_, _
from ..stage.sheet import Sheet, amount
from ..stage.stage import Control, Frame, Picture, Refused, button, choice, gap, read_number, slider, tick
from .measuring import UPSTREAM, D, Gradients, Head, T, measure, vectors

LETTERS = "chain"
FACTORS = (N_("The factor on the scores"), 0.1, 5.0)
POSITIONS = {str(place): f"{place}: {letter}" for place, letter in enumerate(LETTERS, 1)}


class AttentionExplorer(Picture):
    """Which vectors of an attention head the gradient of one output reaches."""

    def __init__(self, position: int = 4, mask: bool = True, factor: float = 1.0) -> None:
        super().__init__()
        self.title = _("Attention explorer: where the gradient of one output flows")
        if str(position) not in POSITIONS:
            raise ValueError(_("The position has to be a whole number from 1 to {last}, not {position!r}.", last=T, position=position))
        self.head = Head(int(position), bool(mask), _factor(factor))
        self.lit: int | None = None
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Change the head, draw other random numbers, or choose a column."""
        if key == "position" and isinstance(value, str) and value in POSITIONS:
            self._change(position=int(value))
        elif key == "mask" and isinstance(value, bool):
            self._change(mask=value)
        elif key == "factor":
            self._change(factor=_factor(value))
        elif key == "new":
            self._change(draw=self.head.draw + value)
        elif key in ("pointed", "chosen"):
            self.lit = _column(value or (self.inputs.get("chosen") if key == "pointed" else ""))
        else:
            raise Refused(_("There is no {value} to choose here; the picture still shows what it did.", value=value))

    def _change(self, **changes: Any) -> None:
        self.head = Head(**{**vars(self.head), **changes})

    def draw(self) -> Frame:
        """The weights with the gradients around them, and in words what they are."""
        found = measure(self.head)
        words = _in_words(self.head, found)
        sheet = _Drawing(self.head, found, self.lit).sheet
        return Frame(sheet.finished(self.title, words), words, _caption(self.head, found, self.lit), self._controls())

    def _controls(self) -> list[Control]:
        return [
            choice("position", _("output at position"), str(self.head.position), POSITIONS),
            slider("factor", _("factor"), self.head.factor, *FACTORS[1:], words=_("factor on the scores"), step=0.1),
            gap("below"),
            tick("mask", _("causal mask"), self.head.mask),
            button("new", _("New numbers")),
        ]


def _factor(value: Any) -> float:
    name, low, high = FACTORS
    return read_number(value, _(name), low, high)


def _column(key: Any) -> int | None:
    known = {f"position:{j}": j for j in range(1, T + 1)}
    return known.get(key) if isinstance(key, str) else None


# --- words ----------------------------------------------------------------------------------------


def _is_masked(head: Head, j: int) -> bool:
    return head.mask and j > head.position


def _size(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def _pair(vector: np.ndarray) -> str:
    return f"({', '.join(amount(part) for part in vector)})"


def _about(head: Head, found: Gradients, j: int) -> str:
    """The weight and the gradients of position j, as drawn in its column."""
    if _is_masked(head, j):
        return _("position {j}, {letter}: masked, weight 0, gradients 0 at its score, key and value", j=j, letter=LETTERS[j - 1])
    i = head.position - 1
    return _(
        "position {j}, {letter}: weight {weight}; gradient at its score {at_score}; "
        "size of the gradient at its key {at_key}, at its value {at_value}",
        j=j,
        letter=LETTERS[j - 1],
        weight=_short(found.A[i, j - 1]),
        at_score=_short(found.dL_dS[i, j - 1]),
        at_key=_short(_size(found.dL_dK[j - 1])),
        at_value=_short(_size(found.dL_dV[j - 1])),
    )


def _short(value: float) -> str:
    return amount(value, 3)


def _in_words(head: Head, found: Gradients) -> str:
    """The head, and what the gradient reaches."""
    message = N_("An attention head on the letters of {word}, without a causal mask, factor {factor} on the scores.")
    if head.mask:
        message = N_("An attention head on the letters of {word}, with a causal mask, factor {factor} on the scores.")
    loss = _(
        "The loss depends on the output at position {position} only. "
        "Size of the gradient at query {position}: {query}, at all other queries 0.",
        position=head.position,
        query=_short(_size(found.dL_dQ[head.position - 1])),
    )
    told = "; ".join(_about(head, found, j) for j in range(1, T + 1))
    return f"{_(message, word=LETTERS, factor=amount(head.factor))} {loss} {told[0].upper()}{told[1:]}."


def _caption(head: Head, found: Gradients, lit: int | None) -> str:
    i = head.position
    weights, scores = found.A[i - 1], np.abs(found.dL_dS[i - 1])
    most = int(weights.argmax()) + 1
    output = f"<i>o</i><sub>{i}</sub>"
    lines = [
        _(
            "The loss depends on {output} only: {gradient}, of length 1. The scores are {scores}.",
            output=output,
            gradient=f"<i>g</i> = ∂<i>L</i>/∂{output} = {_pair(UPSTREAM)}",
            scores=f"<i>s<sub>ij</sub></i> = {amount(head.factor)} · <i>q<sub>i</sub></i>·<i>k<sub>j</sub></i>/√{D}",
        ),
        _(
            "Output {i} uses value {most} most, with the weight <b>{weight}</b>. "
            "The largest gradient at one of its scores has the size <b>{size}</b>.",
            i=i,
            most=most,
            weight=amount(weights.max()),
            size=amount(scores.max()),
        ),
    ]
    told = _arithmetic(head, found, lit) if lit is not None else [_("Point at a column: how its gradients are computed appears here.")]
    return "".join(f"<p>{line}</p>" for line in lines + told)


def _arithmetic(head: Head, found: Gradients, j: int) -> list[str]:
    """How the gradients at value, score and key of position j are computed."""
    i, row = head.position, head.position - 1
    if _is_masked(head, j):
        masked = _(
            "Position {j} is masked for output {i}: {weight} = 0, so its value, score and key receive exactly 0.",
            j=j,
            i=i,
            weight=f"<i>a</i><sub>{i}{j}</sub>",
        )
        return [masked]
    a, s = found.A[row, j - 1], found.dL_dS[row, j - 1]
    own, mean = float(found.dL_dA[row, j - 1]), float(found.A[row] @ found.dL_dA[row])
    digits = 4 if abs(own - mean) > 0.01 else 8  # enough to see that the two differ
    query = vectors(head.draw)[0][row]
    return [
        f"∂<i>L</i>/∂<i>v</i><sub>{j}</sub> = <i>a</i><sub>{i}{j}</sub> <i>g</i> = "
        f"{amount(a)} · {_pair(UPSTREAM)} = {_pair(found.dL_dV[j - 1])}",
        f"∂<i>L</i>/∂<i>s</i><sub>{i}{j}</sub> = <i>a</i><sub>{i}{j}</sub> (<i>g</i>·<i>v</i><sub>{j}</sub> − "
        f"Σ<i><sub>k</sub> a</i><sub>{i}<i>k</i></sub> <i>g</i>·<i>v<sub>k</sub></i>) = "
        f"{amount(a)} · ({amount(own, digits)} − {_in_brackets(mean, digits)}) = {amount(s)}",
        f"∂<i>L</i>/∂<i>k</i><sub>{j}</sub> = {amount(head.factor)}/√{D} · ∂<i>L</i>/∂<i>s</i><sub>{i}{j}</sub> · <i>q</i><sub>{i}</sub> = "
        f"{amount(head.factor)}/√{D} · {_in_brackets(s)} · {_pair(query)} = {_pair(found.dL_dK[j - 1])}",
    ]


def _in_brackets(value: float, digits: int = 4) -> str:
    return f"({amount(value, digits)})" if value < 0 else amount(value, digits)


# --- the drawing ----------------------------------------------------------------------------------

LEFT, TOP, WIDE, HIGH = 150.0, 66.0, 78.0, 34.0  # the matrix, and one of its cells
RIGHT, BOTTOM = LEFT + T * WIDE, TOP + T * HIGH
QUERIES, LONGEST = RIGHT + 30.0, 120.0  # the bars of the queries
BAR, BAR_WIDTH = 48.0, 26.0  # the bars of the columns
SCORES, KEYS, VALUES = BOTTOM + 72.0, BOTTOM + 190.0, BOTTOM + 278.0  # where the bars stand
SHADE = 0.55  # of the weight 1


class _Drawing:
    """The matrix A, to its right the gradients at the queries,
    below each column those at its score, key and value.
    """

    def __init__(self, head: Head, found: Gradients, lit: int | None) -> None:
        self.head, self.found, self.lit = head, found, lit
        self.row = head.position - 1
        self.at_keys, self.at_values, self.at_queries = (
            np.linalg.norm(gradient, axis=1) for gradient in (found.dL_dK, found.dL_dV, found.dL_dQ)
        )
        self.full = max(1.0, *self.at_keys, *self.at_queries, *np.abs(found.dL_dS[self.row]))
        self.sheet = Sheet(800, VALUES + 32)
        self._labels()
        for i in range(T):
            self._weights(i)
            self._query(i)
        self.sheet.line(_rectangle(LEFT, TOP + self.row * HIGH, T * WIDE, HIGH), "ink", 2.6)
        for j in range(1, T + 1):
            self._column(j)

    def _labels(self) -> None:
        i, sheet = self.head.position, self.sheet
        sheet.maths(LEFT - 20, 20, "A", "blue", anchor="end")
        sheet.write(LEFT - 20, 44, _("weights"), "blue", anchor="end")
        sheet.maths(QUERIES, 20, r"\partial L/\partial q_i", "vermillion", anchor="start")
        sheet.write(QUERIES, 44, _("at the queries: size"), "vermillion", anchor="start")
        for height, formula, words in (
            (SCORES, rf"\partial L/\partial s_{{{i}j}}", _("at the scores")),
            (KEYS - BAR / 2, r"\partial L/\partial k_j", _("at the keys: size")),
            (VALUES - BAR / 2, r"\partial L/\partial v_j", _("at the values: size")),
        ):
            sheet.maths(LEFT - 20, height - 12, formula, "vermillion", anchor="end")
            sheet.write(LEFT - 20, height + 10, words, "vermillion", anchor="end")
        sheet.write(QUERIES, SCORES, _("full length of a bar: {size}", size=_short(self.full)), "quiet", anchor="start")
        if self.head.mask:
            sheet.write(QUERIES, BOTTOM + 24, _("grey: masked"), "quiet", anchor="start")

    def _weights(self, i: int) -> None:
        """One row of A, which screen readers read as a whole."""
        told = ", ".join(_short(weight) for weight in self.found.A[i])
        y, chosen = TOP + i * HIGH, i == self.row
        with self.sheet.named(_("weights of position {j}, {letter}: {weights}", j=i + 1, letter=LETTERS[i], weights=told)):
            self.sheet.write(LEFT - 62, y + HIGH / 2, LETTERS[i], size=16, bold=chosen)
            self.sheet.maths(LEFT - 20, y + HIGH / 2, f"q_{i + 1}", anchor="end")
            for j, weight in enumerate(self.found.A[i]):
                self._cell(LEFT + j * WIDE, y, float(weight), self.head.mask and j > i)

    def _cell(self, x: float, y: float, weight: float, masked: bool) -> None:
        if masked:
            self.sheet.box(x, y, WIDE, HIGH, "parameter")
        else:
            self.sheet.box(x, y, WIDE, HIGH, "blue", opacity=SHADE * weight)
        self.sheet.line(_rectangle(x, y, WIDE, HIGH), "faint", 0.8)
        self.sheet.write(x + WIDE / 2, y + HIGH / 2, _short(weight), "ink", halo=False)

    def _query(self, i: int) -> None:
        """The bar of the gradient at one query."""
        size, y = float(self.at_queries[i]), TOP + (i + 0.5) * HIGH
        length = LONGEST * size / self.full
        with self.sheet.named(_("size of the gradient at query {i}: {size}", i=i + 1, size=_short(size))):
            self.sheet.line([(QUERIES, y - 13), (QUERIES, y + 13)], "quiet", 1.2)
            self.sheet.box(QUERIES, y - 9, length, 18, "vermillion")
            self.sheet.write(QUERIES + length + 8, y, _short(size), anchor="start")

    def _column(self, j: int) -> None:
        """The gradients of one position, which can be chosen anywhere in its column."""
        x, chosen = LEFT + (j - 0.5) * WIDE, j == self.lit
        with self.sheet.thing(f"position:{j}", _about(self.head, self.found, j), chosen=chosen):
            self.sheet.target(between(Node(x, 6, 0, 0), Node(x, VALUES + 24, 0, 0)), WIDE)
            self.sheet.write(x, 22, LETTERS[j - 1], size=16, bold=chosen)
            self.sheet.maths(x, 48, f"k_{j},\\,v_{j}")
            self._bar(x, SCORES, float(self.found.dL_dS[self.row, j - 1]))
            self._bar(x, KEYS, float(self.at_keys[j - 1]))
            self._bar(x, VALUES, float(self.at_values[j - 1]))
            if chosen:
                self.sheet.line(_rectangle(x - WIDE / 2 + 2, 8, WIDE - 4, VALUES + 18), "ink", 1.2, (2, 2))

    def _bar(self, x: float, y: float, value: float) -> None:
        """A bar up, or down where the value is negative, with its number on the other side."""
        self.sheet.box(x - BAR_WIDTH / 2, y, BAR_WIDTH, -BAR * value / self.full, "vermillion")
        self.sheet.line([(x - WIDE / 2 + 8, y), (x + WIDE / 2 - 8, y)], "quiet", 1.2)
        self.sheet.write(x, y + (14 if value >= 0 else -14), _short(value))


def _rectangle(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def explore_attention(position: int = 4, mask: bool = True, factor: float = 1.0) -> AttentionExplorer:
    """Which scores, queries, keys and values of a small attention head
    the gradient of one output reaches: explore_attention(position=4, mask=True, factor=1.0).
    """
    return AttentionExplorer(position, mask, factor)
