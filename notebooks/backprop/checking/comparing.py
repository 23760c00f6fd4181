"""The check: a learner's gradients against PyTorch's, link by link."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from ..autodiff.settings import ours
from ..autodiff.tape import Array
from ..questions.question import Question, Sample
from ..translation import _
from .answers import Reading

SINGLE_RTOL, SINGLE_ATOL = 1e-4, 3e-6  # for float32: 2^-24 times what some dozen operations and a cancellation make of it
ROUNDED_IN_SINGLE = (1e-9, 2e-6)  # the median relative error of an answer into which float32 got somewhere
NEAR_ZERO = 1e-3  # entries this much smaller than the largest of their array are held to that array's scale


def close(yours: Array, truth: Array, rtol: float, atol: float = 1e-12) -> Array:
    """Entry by entry: whether `yours` is `truth` within the tolerances."""
    scale = np.maximum(np.abs(truth), NEAR_ZERO * np.max(np.abs(truth), initial=0.0))
    return np.abs(yours - truth) <= rtol * scale + atol


def in_single_precision(drawn: Sequence[Sample], readings: Sequence[Reading]) -> bool:
    """Whether the answer was computed in float32, whatever type it is stored in.

    Either some number is exactly a float32 and not a float16, as numbers such as 0 and 1 are; or
    all numbers are off by about the rounding of float32.
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


class Comparison:
    """A learner's answers beside PyTorch's, on all samples.

    wrong  the links that are wrong on at least one sample, in the order asked
    first  the first of them; empty if there is none
    seen   the number of the sample that the report shows: the first on which `first` is wrong
    """

    def __init__(self, question: Question, drawn: Sequence[Sample], readings: Sequence[Reading], rtol: float) -> None:
        self.question = question
        self.drawn = drawn
        self.readings = readings
        single = in_single_precision(drawn, readings)
        self.tolerance = (max(rtol, SINGLE_RTOL), SINGLE_ATOL) if single else (rtol, 1e-12)
        self.right = {ask: [self.is_right(reading, ask, sample.truth[ask]) for sample, reading in self.pairs()] for ask in question.asks}
        self.wrong = [ask for ask in question.asks if not all(self.right[ask])]
        self.first = self.wrong[0] if self.wrong else ""
        self.seen = self.right[self.first].index(False) if self.wrong else 0

    def pairs(self) -> Iterator[tuple[Sample, Reading]]:
        """Each sample with what the learner answered there."""
        return zip(self.drawn, self.readings, strict=True)

    def where_finite(self) -> "Comparison | None":
        """The same on the samples whose numbers are finite; None if
        these are all, or fewer than two, or if a shape is wrong anywhere.
        """
        unfit = [[reading.unfit[ask] for ask in self.wrong if ask in reading.unfit] for reading in self.readings]
        kept = [k for k, arrays in enumerate(unfit) if not arrays]
        if not 2 <= len(kept) < len(unfit) or any(np.isfinite(array).all() for arrays in unfit for array in arrays):
            return None
        return Comparison(self.question, [self.drawn[k] for k in kept], [self.readings[k] for k in kept], self.tolerance[0])

    def is_right(self, reading: Reading, ask: str, should: Array) -> bool:
        """Whether the learner's `ask` is `should`."""
        return ask in reading.values and bool(close(reading.values[ask], should, *self.tolerance).all())

    def is_zero(self, ask: str) -> bool:
        """Whether the learner's `ask` is 0 on every sample, but for rounding."""
        values = [reading.values.get(ask) for reading in self.readings]
        return all(value is not None and value.size > 0 and bool(np.all(np.abs(value) <= self.tolerance[1])) for value in values)

    def is_multiple(self, ask: str) -> bool:
        """Whether the learner's `ask` is PyTorch's times one number, the same on all samples."""
        if any(ask not in reading.values for reading in self.readings):
            return False
        yours = np.concatenate([np.ravel(reading.values[ask]) for reading in self.readings])
        truth = np.concatenate([np.ravel(sample.truth[ask]) for sample in self.drawn])
        factor = float(yours @ truth) / max(float(truth @ truth), 1e-300)
        return bool(np.all(close(yours, factor * truth, *self.tolerance)))

    def reproduces(self, predicted: Array, reading: Reading, ask: str) -> bool:
        """Whether the learner's `ask` equals `predicted`, also
        if that has another shape than asked or is not finite.
        """
        yours = reading.values.get(ask, reading.unfit.get(ask))
        if yours is None or yours.shape != np.shape(predicted):
            return False
        finite = np.isfinite(predicted)
        same = np.all(close(yours[finite], predicted[finite], *self.tolerance))
        return bool(same) and np.array_equal(yours[~finite], predicted[~finite], equal_nan=True)

    def fitting(self, predicted: Array, reading: Reading, ask: str) -> Array:
        """`reproduces` for many predictions at once, one axis in front."""
        yours = reading.values.get(ask, reading.unfit.get(ask))
        if yours is None or yours.shape != predicted.shape[1:]:
            return np.zeros(len(predicted), dtype=bool)
        flat, mine = predicted.reshape(len(predicted), -1), yours.reshape(1, -1)
        rtol, atol = self.tolerance
        scale = np.maximum(np.abs(flat), NEAR_ZERO * np.max(np.abs(flat), axis=1, keepdims=True, initial=0.0))
        fits = np.all(np.abs(mine - flat) <= rtol * scale + atol, axis=1)
        for k in np.flatnonzero(~np.isfinite(flat).all(axis=1)):
            fits[k] = self.reproduces(predicted[k], reading, ask)
        return fits

    @cached_property
    def named(self) -> list[str]:
        """The names of what is known on every sample: inputs, nodes and gradients."""
        return [name for name in vars(self.drawn[0].everything) if all(hasattr(sample.everything, name) for sample in self.drawn)]

    @cached_property
    def following(self) -> list[str]:
        """The later wrong links that are right given
        the learner's own earlier ones, on every sample.
        """
        following = self.wrong[1:]
        with ours():
            for sample, reading in self.pairs():
                if not following:
                    break
                should = self.question.follow_through(reading.values, sample)
                following = [ask for ask in following if self.is_right(reading, ask, should[ask])]
        return following

    @cached_property
    def in_another_order(self) -> dict[str, str]:
        """For each wrong link, the other one whose right
        value it has; empty unless all wrong links are so.
        """
        if not 2 <= len(self.wrong) <= 12:
            return {}
        holds: dict[str, str] = {}
        for ask in self.wrong:
            others = [other for other in self.wrong if other != ask and other not in holds.values()]
            holds |= next(({ask: other} for other in others if self._holds(ask, other)), {})
        return holds if len(holds) == len(self.wrong) else {}

    def _holds(self, ask: str, other: str) -> bool:
        """Whether the learner's `ask` is PyTorch's `other` on every sample."""
        return all(self.reproduces(sample.truth[other], reading, ask) for sample, reading in self.pairs())

    def source(self, ask: str) -> str:
        """The wrong link or links that `ask` follows
        from: their values alone change what it should be.
        """
        own = [link for link in self.wrong[: self.wrong.index(ask)] if link not in self.following]
        sample, values = self.drawn[self.seen], self.readings[self.seen].values
        moving = [
            link
            for link in own
            if link in values and not np.array_equal(self.question.follow_through({link: values[link]}, sample)[ask], sample.truth[ask])
        ]
        return _(" and ").join(moving or own[:1])
