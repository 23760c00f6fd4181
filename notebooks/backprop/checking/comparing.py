"""The check: a learner's gradients against PyTorch's, link by link, and the name of the mistake if it is a known one."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..autodiff.settings import ours
from ..questions.mistake import Mistake
from ..questions.question import Question, Sample
from .answers import Interrupted, NotStarted, Reading, Unreadable, read_answer
from .report import Report, Row, describe_inputs

Array = np.ndarray

SINGLE_RTOL, SINGLE_ATOL = 1e-4, 3e-6  # for float32: 2^-24 times what some dozen operations and a cancellation make of it
ROUNDED_IN_SINGLE = (1e-9, 2e-6)  # the median relative error of an answer into which float32 got somewhere
NEAR_ZERO = 1e-3  # entries this much smaller than the largest of their array are held to that array's scale


def examine(exercise: Question, answer: Any, *, seed: int, samples: int, rtol: float, second_opinion: bool = False) -> Report:
    """Try `answer` on `samples` inputs drawn with `seed` and report on every link. Nothing a learner's code does is raised from here."""
    with ours():
        drawn = exercise.draw(seed, 1 if exercise.on_fixed_numbers else samples)
        try:
            readings = [read_answer(exercise, answer, sample) for sample in drawn]
        except Interrupted as stop:
            return Report(exercise, problem=str(stop), interrupted=stop)
        except Unreadable as problem:
            return Report(exercise, problem=str(problem), started=not isinstance(problem, NotStarted))
        return _Comparison(exercise, drawn, readings, rtol).report(second_opinion)


def close(yours: Array, truth: Array, rtol: float, atol: float = 1e-12) -> Array:
    """Entry by entry: whether `yours` is `truth` within the tolerances."""
    scale = np.maximum(np.abs(truth), NEAR_ZERO * np.max(np.abs(truth), initial=0.0))
    return np.abs(yours - truth) <= rtol * scale + atol


def in_single_precision(drawn: Sequence[Sample], readings: Sequence[Reading]) -> bool:
    """Whether float32 was used in working the answer out, whatever it is stored as.

    Either some number is exactly a float32, and no float16 (which is too coarse to pass, and numbers such as 0 and 1 are both); or the
    numbers as a whole are off by as much as float32 rounds.
    """
    pairs = [(value, sample.truth[ask]) for sample, reading in zip(drawn, readings) for ask, value in reading.values.items()]
    yours = np.concatenate([np.ravel(value) for value, _ in pairs] or [np.zeros(0)])
    truth = np.concatenate([np.ravel(value) for _, value in pairs] or [np.zeros(0)])
    if np.any(_survives(yours, np.float32) & ~_survives(yours, np.float16)):
        return True
    errors = np.abs(yours - truth)[truth != 0] / np.abs(truth[truth != 0])
    low, high = ROUNDED_IN_SINGLE
    return errors.size > 0 and bool(low < np.median(errors) < high)


def _survives(numbers: Array, precision: type) -> Array:
    """Which numbers are the same after rounding to `precision`."""
    return numbers == numbers.astype(precision)


class _Comparison:
    """A learner's answers beside PyTorch's, on all samples."""

    def __init__(self, exercise: Question, drawn: Sequence[Sample], readings: Sequence[Reading], rtol: float) -> None:
        self.exercise = exercise
        self.drawn = drawn
        self.readings = readings
        single = in_single_precision(drawn, readings)
        self.tolerance = (max(rtol, SINGLE_RTOL), SINGLE_ATOL) if single else (rtol, 1e-12)
        self.right = {ask: [self._right(reading, ask, sample.truth[ask]) for sample, reading in self._pairs()] for ask in exercise.asks}
        self.wrong = [ask for ask in exercise.asks if not all(self.right[ask])]
        self.first = self.wrong[0] if self.wrong else ""
        self.seen = self.right[self.first].index(False) if self.wrong else 0

    def report(self, second_opinion: bool) -> Report:
        """All findings."""
        mistake, explained = self._diagnose()
        follows = self._following()
        effects = explained - set(mistake.formulas) if mistake else set()
        opinion = self.exercise.second_opinion(self.drawn[self.seen]) if second_opinion else {}
        sample, reading = self.drawn[self.seen], self.readings[self.seen]
        return Report(
            self.exercise,
            rows=[
                Row.of(ask, reading, sample.truth[ask], opinion.get(ask), self._verdict(ask, follows, effects), sample.lists.get(ask))
                for ask in self.exercise.asks
            ],
            mistake=mistake,
            notes=[*dict.fromkeys(note for reading in self.readings for note in reading.notes), *([] if mistake else self._constants())],
            samples=len(self.drawn),
            seen=self.seen,
            inputs=describe_inputs(self.exercise.call_with(sample.inputs)),
        )

    def _pairs(self) -> Iterator[tuple[Sample, Reading]]:
        return zip(self.drawn, self.readings, strict=True)

    def _right(self, reading: Reading, ask: str, should: Array) -> bool:
        return ask in reading.values and bool(np.all(close(reading.values[ask], should, *self.tolerance)))

    def _verdict(self, ask: str, follows: Sequence[str], effects: set[str]) -> str:
        if ask not in self.wrong:
            return "right"
        if ask == self.first:
            return "wrong" if len(self.exercise.asks) == 1 or self.exercise.on_fixed_numbers else "first wrong link"
        if ask in follows:
            return f"right, given your {self._source(ask, follows)}"
        if ask in effects:
            return "follows from the slip named below"
        return "wrong on other inputs" if self.right[ask][self.seen] else "wrong"

    def _following(self) -> list[str]:
        """The later wrong links that are what they should be given the learner's own earlier ones, on every sample."""
        if len(self.wrong) < 2:
            return []
        given = [self.exercise.follow_through(reading.values, sample) for sample, reading in self._pairs()]
        return [
            ask for ask in self.wrong[1:] if all(self._right(reading, ask, should[ask]) for should, reading in zip(given, self.readings))
        ]

    def _source(self, ask: str, follows: Sequence[str]) -> str:
        """The wrong link, or links, that `ask` follows from: those whose value alone changes what it should be."""
        own = [link for link in self.wrong[: self.wrong.index(ask)] if link not in follows]
        sample, values = self.drawn[self.seen], self.readings[self.seen].values
        moving = [
            link
            for link in own
            if link in values and not np.array_equal(self.exercise.follow_through({link: values[link]}, sample)[ask], sample.truth[ask])
        ]
        return " and ".join(moving or own[:1])

    def _diagnose(self) -> tuple[Mistake | None, set[str]]:
        """The known mistake that reproduces the first wrong link on every sample, and all that it explains; the one that explains most."""
        best: Mistake | None = None
        most: set[str] = set()
        for mistake in self.exercise.mistakes if self.wrong else ():
            explained = self._explained(mistake)
            if len(explained) > len(most):
                best, most = mistake, explained
        return best, most

    def _explained(self, mistake: Mistake) -> set[str]:
        """The links that `mistake` reproduces on every sample: none at all without the first wrong one.

        Nor if it is only an effect of the mistake, and the learner's value of the link where the mistake is made is another one.
        """
        explained = set(self.exercise.asks)
        for sample, reading in self._pairs():
            predicted = self.exercise.mistaken(mistake, sample)
            explained = {ask for ask in explained if self._reproduces(predicted[ask], reading, ask)}
            if self.first not in explained:
                return set()
        made = explained | {self.first} if self.first in mistake.formulas else set(mistake.formulas) & set(self.exercise.asks)
        return explained if made <= explained else set()

    def _reproduces(self, predicted: Array, reading: Reading, ask: str) -> bool:
        yours = reading.values.get(ask, reading.unfit.get(ask))
        if yours is None or yours.shape != predicted.shape:
            return False
        finite = np.isfinite(predicted)
        same = np.all(close(yours[finite], predicted[finite], *self.tolerance))
        return bool(same) and np.array_equal(yours[~finite], predicted[~finite], equal_nan=True)

    def _constants(self) -> list[str]:
        """A note where the first wrong link is one and the same number whatever the inputs, and should not be."""
        if len(self.drawn) < 3 or not self.wrong or not all(self.first in reading.values for reading in self.readings):
            return []
        yours = [reading.values[self.first] for reading in self.readings]
        truths = [sample.truth[self.first] for sample in self.drawn]
        if not all(np.array_equal(value, yours[0]) for value in yours) or all(np.array_equal(value, truths[0]) for value in truths):
            return []
        return [
            f"Your {self.first} is the same on all {len(self.drawn)} inputs. Does the function work it out, or take it from another cell?"
        ]
