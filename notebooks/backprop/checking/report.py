"""What a check tells, as plain text and as HTML.

Words and marks, not colour alone, tell right from wrong.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autodiff.forward_slips import ForwardSlip
from ..autodiff.slip import Slip
from ..autodiff.tape import is_list_of_arrays
from ..drawing.palette import BLUE, GREEN, VERMILLION
from ..translation import N_, _, ngettext
from .findings import Fact, LinkState

if TYPE_CHECKING:
    from ..autodiff.tape import Shapes
    from ..questions.mistake import Mistake
    from ..questions.question import Question
    from .answers import Interrupted, Reading

Array = np.ndarray

CELL = "padding:0.15em 0.7em;text-align:right"
DATA = "application/vnd.backprop.report+json"  # a report as data, beside its HTML and text
MARKS = {"right": ("✓", GREEN), "given": ("↳", BLUE), "wrong": ("✗", VERMILLION)}
MARK_OF = {
    LinkState.RIGHT: "right",
    LinkState.GIVEN: "given",
    LinkState.EFFECT: "given",
    LinkState.FIRST_WRONG: "wrong",
    LinkState.WRONG: "wrong",
    LinkState.WRONG_ELSEWHERE: "wrong",
}


class Score(float):
    """The points earned. nbgrader reads its text as
    partial credit; JupyterLab shows it as a sentence.
    """

    report: Report

    def __new__(cls, report: Report) -> Score:
        """The points that `report` found."""
        score = super().__new__(cls, report.points_earned)
        score.report = report
        return score

    def __repr__(self) -> str:
        return repr(float(self))

    def _repr_html_(self) -> str:
        points = self.report.exercise.points
        return ngettext("{earned:g} of {count} point", "{earned:g} of {count} points", points, earned=float(self))


@dataclass(frozen=True)
class Row:
    """One link of the chain at the sample shown."""

    link: str
    yours: str
    truth: str
    opinion: str
    state: LinkState
    given: str = ""  # the earlier links of the learner's own that a link follows from

    @classmethod
    def of(
        cls,
        ask: str,
        reading: Reading,
        truth: Array,
        opinion: Array | None,
        state: LinkState,
        given: str = "",
        shapes: Shapes | None = None,
        *,
        counts: bool = False,
    ) -> Row:
        """The row of link `ask`. `counts`: whole numbers are counts, and shown without a sign.

        It shows the entry of an array that is furthest off; in a list of arrays, that of the last
        wrong one.
        """
        where: tuple[Any, ...] = (0,) * truth.ndim
        if ask in reading.complaints:
            return cls(
                ask, reading.complaints[ask], _number(truth[where]), "" if opinion is None else _number(opinion[where]), state, given
            )
        yours = reading.values[ask]
        where = _furthest_off(yours, truth, shapes) if shapes else np.unravel_index(np.argmax(np.abs(yours - truth)), truth.shape)
        index = _place(int(where[0]), shapes) if shapes else f"[{', '.join(map(str, where))}]" if truth.ndim else ""
        alike = state in (LinkState.WRONG, LinkState.FIRST_WRONG) and _number(yours[where]) == _number(truth[where])
        digits = 12 if alike else 6
        counts = (counts and float(truth[where]).is_integer()) or truth.dtype.kind == "i"
        whole = counts and float(yours[where]).is_integer()
        mine, theirs, second = (
            (f"{value[where]:.0f}" if whole else _number(value[where], digits)) if value is not None else ""
            for value in (yours, truth, opinion)
        )
        return cls(ask + index, mine, theirs, second, state, given)

    @property
    def verdict(self) -> str:
        """The state in words."""
        if self.state is LinkState.GIVEN:
            return _("right, given your {given}", given=self.given)
        return _("follows from the mistake named below") if self.state is LinkState.EFFECT else _(self.state.value)

    @property
    def kind(self) -> str:
        """Which of the three marks the row gets."""
        return MARK_OF[self.state]


@dataclass(frozen=True)
class Report:
    """All that one check found.

    `problem` is set where there was nothing to compare; `standing` says how much of the lesson is
    done.
    """

    exercise: Question
    problem: str = ""
    started: bool = True
    interrupted: Interrupted | None = None
    rows: list[Row] = field(default_factory=list)
    mistake: Mistake | Slip | ForwardSlip | None = None
    facts: list[Fact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    samples: int = 0
    seen: int = 0
    inputs: str = ""
    standing: str = ""
    hidden: bool = False  # on inputs that the learner cannot call up

    @property
    def passed(self) -> bool:
        """Whether every link is right on every sample."""
        return bool(self.rows) and all(row.kind == "right" for row in self.rows)

    @property
    def points_earned(self) -> float:
        """The points: an equal share for each link
        that is right on every sample, to two decimals.
        """
        share = sum(row.kind == "right" for row in self.rows) / len(self.exercise.asks)
        return round(self.exercise.points * share, 2)

    @property
    def score(self) -> Score:
        """The points earned, as the value of the check's cell."""
        return Score(self)

    def raise_if_interrupted(self) -> None:
        """Stop the cell too, if the learner or a time limit has stopped the check."""
        if self.interrupted is not None:
            raise self.interrupted

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        name, links = self.exercise.name, len(self.rows)
        right = sum(row.kind == "right" for row in self.rows)
        if self.problem:
            return _("{name}: {problem}", name=name, problem=self.problem)
        if self.passed:
            on_one, on_many = N_("{name}: right."), N_("{name}: right on {samples} different inputs.")
        elif links == 1:
            on_one, on_many = N_("{name}: not right yet."), N_("{name}: not right yet (tried on {samples} inputs).")
        else:
            on_one, on_many = N_("{name}: {right} of {links} right."), N_("{name}: {right} of {links} right (tried on {samples} inputs).")
        message = on_one if self.exercise.on_fixed_numbers else on_many
        return _(message, name=name, right=right, links=links, samples=self.samples)

    @property
    def advice(self) -> list[str]:
        """What is said under the table."""
        words = [self.mistake.words] if self.mistake is not None else [fact.words for fact in self.facts]
        if self.rows and not self.passed and not self.exercise.on_fixed_numbers:
            seen = _("Seen with {inputs}.", inputs=self.inputs)
            again = _("To try it yourself: ex.{name}.inputs({seen}).", name=self.exercise.name, seen=self.seen)
            words.append(seen if self.hidden else f"{seen} {again}")
        return words + self.notes

    def as_data(self) -> dict[str, Any]:
        """The report as plain data, for pages that show it in another form."""
        return {
            "exercise": self.exercise.name,
            "headline": self.headline,
            "passed": self.passed,
            "started": self.started,
            "hidden": self.hidden,
            "earned": self.points_earned,
            "points": self.exercise.points,
            "reveals": self._reveals,
            "compared_with": self.exercise.compared_with,
            "rows": [
                {
                    "link": row.link,
                    "yours": row.yours,
                    "truth": row.truth,
                    "verdict": row.verdict,
                    "kind": row.kind,
                    "state": row.state.name,
                }
                for row in self.rows
            ],
            "mistake": self.mistake.id if self.mistake is not None else None,
            "facts": [{"kind": fact.kind.name, "link": fact.link} for fact in self.facts],
            "advice": self.advice,
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {DATA: self.as_data()}

    def __str__(self) -> str:
        widths = [max((len(cell) for cell in column), default=0) for column in zip(*(self._cells(row) for row in self.rows))]
        lines = ["   ".join(cell.ljust(width) for cell, width in zip(self._cells(row), widths)).rstrip() for row in self.rows]
        return "\n".join([self.headline, *lines, *self.advice, *filter(None, [self.standing])])

    __repr__ = __str__

    def _cells(self, row: Row) -> list[str]:
        truth = [f"{_(self.exercise.compared_with)} {row.truth}"] if self._reveals else []
        opinion = [_("differences {opinion}", opinion=row.opinion)] if row.opinion and self._reveals else []
        return [row.link, _("yours {yours}", yours=row.yours), *truth, *opinion, f"{MARKS[row.kind][0]} {row.verdict}"]

    @property
    def _reveals(self) -> bool:
        """On fixed numbers PyTorch's value would be the answer itself."""
        return self.passed or not self.exercise.on_fixed_numbers

    def _repr_html_(self) -> str:
        colour = GREEN if self.passed else BLUE if not self.started else VERMILLION
        mark = "✓" if self.passed else "○" if not self.started else "✗"
        table = "".join(self._html_row(row) for row in self.rows)
        table = f"<table style='margin:0.4em 0;font-variant-numeric:tabular-nums'>{self._html_head()}{table}</table>" if table else ""
        advice = "".join(f"<p style='margin:0.3em 0'>{html.escape(line)}</p>" for line in self.advice)
        standing = f"<p style='margin:0.3em 0;opacity:0.8'>{html.escape(self.standing)}</p>" if self.standing else ""
        return (
            f"<div role='status' style='border-left:4px solid {colour};padding:0.2em 0.9em;margin:0.3em 0'>"
            f"<p style='margin:0.2em 0'><b><span aria-hidden='true'>{mark}</span> {html.escape(self.headline)}</b></p>"
            f"{table}{advice}{standing}</div>"
        )

    def _html_head(self) -> str:
        heads = [_("link"), _("yours")]
        heads += [_(self.exercise.compared_with)] if self._reveals else []
        heads += [_("central differences")] if len(heads) == 3 and any(row.opinion for row in self.rows) else []
        aligned = [(head, "right") for head in heads] + [(_("verdict"), "left")]
        cells = (f"<th scope='col' style='{CELL};text-align:{side}'>{head}</th>" for head, side in aligned)
        return f"<tr>{''.join(cells)}</tr>"

    def _html_row(self, row: Row) -> str:
        mark, colour = MARKS[row.kind]
        cell = f"<td style='{CELL}'>"
        truth = f"{cell}{row.truth}</td>" if self._reveals else ""
        opinion = f"{cell}{row.opinion}</td>" if truth and any(other.opinion for other in self.rows) else ""
        return (
            f"<tr>{cell}<code>{html.escape(row.link)}</code></td>{cell}{html.escape(row.yours)}</td>{truth}{opinion}"
            f"<td style='{CELL};text-align:left'>"
            f"<b style='color:{colour}' aria-hidden='true'>{mark}</b> {html.escape(row.verdict)}</td></tr>"
        )


def describe_inputs(arguments: Mapping[str, Any]) -> str:
    """The inputs of a sample in one line that a learner can read."""
    return ", ".join(f"{name} = {_value(value)}" for name, value in arguments.items())


def _furthest_off(yours: Array, truth: Array, shapes: Shapes) -> tuple[int, ...]:
    """Of a list of arrays, the entry furthest off in the last
    array with an error, which the backward pass reaches first.
    """
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    errors, sizes = (np.split(np.abs(numbers), ends[:-1]) for numbers in (yours - truth, truth))
    off = [k for k in range(len(shapes)) if np.max(errors[k]) > 1e-4 * np.max(sizes[k])]
    k = off[-1] if off else int(np.argmax([np.max(error) for error in errors]))
    return (int(ends[k] - sizes[k].size + np.argmax(errors[k])),)


def _place(position: int, shapes: Shapes) -> str:
    """The place of an entry in a list of arrays, given
    its place in the vector of all entries: [1][0, 2].
    """
    for k, shape in enumerate(shapes):
        size = int(np.prod(shape))
        if position < size:
            return f"[{k}][{', '.join(map(str, np.unravel_index(position, shape)))}]"
        position -= size
    raise IndexError(position)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if callable(value):
        return _("a function")
    if is_list_of_arrays(value):
        return _("arrays of shape {shapes}", shapes=", ".join(str(item.shape) for item in value))
    text = np.array2string(value, precision=3, separator=", ").replace("\n", "") if isinstance(value, np.ndarray) else str(value)
    return text if len(text) <= 90 else f"{text[:89]}…"


def _number(value: Any, digits: int = 6) -> str:
    number = float(value)
    if number == 0 or 1e-4 <= abs(number) < 1e6:
        return f"{number:+.{digits}f}"
    return f"{number:+.{digits}e}"
