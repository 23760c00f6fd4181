"""What learners call: an exercise checks an answer, gives hints, and shows PyTorch's side."""

import os
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from .autodiff.settings import ours
from .checking.examining import examine
from .checking.report import Score
from .course_map import noted
from .helping import cells
from .helping.hints import show_hint
from .helping.interactive import in_notebook, offer_code, show
from .helping.referee import referee_code
from .questions.mistake import Mistake
from .questions.question import PUBLIC_SAMPLES, PUBLIC_SEED, PYTORCH, Inputs, Question, Sample, SlipPlaces
from .questions.remark import Remark
from .translation import _

__all__ = ["PUBLIC_SAMPLES", "PUBLIC_SEED", "Exercise", "Inputs", "Mistake", "Prediction", "Remark", "Sample", "SlipPlaces"]


class NotAllRight(Exception):
    """Raised in place of a score while nbgrader validates
    a notebook, whose page then shows this report.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass(frozen=True, eq=False, repr=False)
class Exercise(Question):
    """A question that a learner answers with a function."""

    def check(
        self,
        answer: Any = ...,
        *,
        second_opinion: bool = False,
        seed: int = PUBLIC_SEED,
        samples: int = PUBLIC_SAMPLES,
        rtol: float | None = None,
    ) -> Score | None:
        """Compare `answer`, your function, with PyTorch's `.backward()`; show the report.

        Returns the points that the answer earns; None for an exercise that is not graded.

        second_opinion  add a column of central differences
        seed, samples   which inputs to try, and how many
        rtol            relative tolerance, in float64

        ValueError if there is no sample to try.
        """
        if samples < 1:
            raise ValueError(_("samples={samples}: a check tries your function on at least one set of inputs.", samples=samples))
        report = examine(self, answer, seed=seed, samples=samples, rtol=rtol or self.rtol, second_opinion=second_opinion)
        report = replace(report, hidden=seed != PUBLIC_SEED)
        if in_notebook() and (seed, samples, rtol) == (PUBLIC_SEED, PUBLIC_SAMPLES, None):
            report = noted(replace(report, notes=[*report.notes, *cells.about(answer)]))
        show(report)
        report.raise_if_interrupted()
        if self.points and not report.passed and "NBGRADER_VALIDATING" in os.environ:
            raise NotAllRight(str(report))
        return report.score if self.points else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {', '.join(self.asks)}>"

    def hint(self, number: int | None = None) -> None:
        """Show the next hint, or hint `number` (1, 2 or 3)."""
        show_hint(self, number)

    def referee(self, sample: int = 0) -> None:
        """Show PyTorch's side of the check at one of its samples, as code to run and change."""
        if self.compared_with != PYTORCH:
            print(_("This check asks for no derivative, so PyTorch has no side in it. The text of the exercise says what is required."))
            return
        with ours():
            code = self.referee_code(self._public_sample(sample).inputs)
        offer_code(code)

    def referee_code(self, inputs: Inputs) -> str:
        """The program that `referee` offers."""
        return referee_code(self, inputs)

    def inputs(self, sample: int = 0) -> dict[str, Any]:
        """The inputs of one of the check's samples, for
        trying your function: f(**ex.name.inputs(2)).
        """
        with ours():
            return self.call_with(self._public_sample(sample).inputs)

    def _public_sample(self, number: int) -> Sample:
        return self.draw(PUBLIC_SEED, PUBLIC_SAMPLES)[number]


@dataclass(frozen=True, eq=False, repr=False)
class Prediction(Exercise):
    """A question about fixed numbers, asked before the
    cell that answers it: the right value is not shown.
    """

    on_fixed_numbers: ClassVar[bool] = True

    def call_with(self, inputs: Inputs) -> dict[str, Any]:
        """Nothing: the numbers stand in the text of the lesson."""
        return {}
