"""The check: a learner's gradients against PyTorch's, link by link, and the name of the mistake if it is a known one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .answers import Interrupted, NotStarted, Reading, Unreadable, read_answer
from .exercise import Exercise, Mistake, Sample
from .report import Report, Row, describe_inputs

Array = np.ndarray

SINGLE_RTOL, SINGLE_ATOL = 1e-4, 3e-6  # for float32: 2^-24 times what some dozen operations and a cancellation make of it
NEAR_ZERO = 1e-3  # entries this much smaller than the largest of their array are held to that array's scale


def examine(exercise: Exercise, answer: Any, *, seed: int, samples: int, rtol: float, second_opinion: bool = False) -> Report:
    """Try `answer` on `samples` inputs drawn with `seed` and report on every link. Nothing a learner's code does is raised from here."""
    drawn = exercise.draw(seed, 1 if exercise.prediction else samples)
    try:
        readings = [read_answer(exercise, answer, sample) for sample in drawn]
    except Interrupted as stop:
        return Report(exercise, problem=str(stop), interrupted=stop)
    except Unreadable as problem:
        return Report(exercise, problem=str(problem), started=not isinstance(problem, NotStarted))
    return _compare(exercise, drawn, readings, rtol, second_opinion)


def close(yours: Array, truth: Array, rtol: float, single: bool = False) -> Array:
    """Entry by entry: whether `yours` is `truth` within rtol; in an answer in `single` precision, float32 entries within float32's."""
    in_single = _survives(yours, np.float32) if single else np.zeros(yours.shape, dtype=bool)
    scale = np.maximum(np.abs(truth), NEAR_ZERO * np.max(np.abs(truth), initial=0.0))
    tolerance = np.where(in_single, np.maximum(rtol, SINGLE_RTOL), rtol) * scale + np.where(in_single, SINGLE_ATOL, 1e-12)
    return np.abs(yours - truth) <= tolerance


def in_single_precision(reading: Reading) -> bool:
    """Whether the answer was worked out in float32, whatever it is stored as: some number in it is a float32, and no float16.

    A float16 is too coarse to pass, and numbers such as 0 and 1 are both.
    """
    numbers = np.concatenate([np.ravel(value) for value in reading.values.values()] or [np.zeros(0)])
    return bool(np.any(_survives(numbers, np.float32) & ~_survives(numbers, np.float16)))


def _survives(numbers: Array, precision: type) -> Array:
    """Which numbers are the same after rounding to `precision`."""
    with np.errstate(over="ignore"):
        return numbers == numbers.astype(precision)


def _compare(exercise: Exercise, drawn: Sequence[Sample], readings: Sequence[Reading], rtol: float, second_opinion: bool) -> Report:
    right = {ask: [_right(reading, ask, sample.truth[ask], rtol) for sample, reading in zip(drawn, readings)] for ask in exercise.asks}
    wrong = [ask for ask in exercise.asks if not all(right[ask])]
    seen = right[wrong[0]].index(False) if wrong else 0
    follows = _following(exercise, drawn, readings, wrong, rtol)
    opinion = exercise.second_opinion(drawn[seen]) if second_opinion else {}
    rows = [
        Row.of(
            ask, readings[seen], drawn[seen].truth[ask], opinion.get(ask), _verdict(ask, exercise.asks, wrong, follows, right[ask][seen])
        )
        for ask in exercise.asks
    ]
    return Report(
        exercise,
        rows=rows,
        mistake=_diagnose(exercise, drawn, readings, wrong, rtol) if wrong else None,
        notes=[*dict.fromkeys(note for reading in readings for note in reading.notes), *_constants(drawn, readings, wrong)],
        samples=len(drawn),
        seen=seen,
        inputs=describe_inputs(exercise.call_with(drawn[seen].inputs)),
    )


def _right(reading: Reading, ask: str, truth: Array, rtol: float) -> bool:
    return ask in reading.values and bool(np.all(close(reading.values[ask], truth, rtol, in_single_precision(reading))))


def _verdict(ask: str, asks: Sequence[str], wrong: Sequence[str], follows: Sequence[str], right_here: bool) -> str:
    if ask not in wrong:
        return "right"
    if ask == wrong[0]:
        return "wrong" if len(asks) == 1 else "first wrong link"
    if ask in follows:
        own = [link for link in wrong[: wrong.index(ask)] if link not in follows]
        return f"right, given your {own[0]}" if len(own) == 1 else "right, given your links above"
    return "wrong on other inputs" if right_here else "wrong"


def _constants(drawn: Sequence[Sample], readings: Sequence[Reading], wrong: Sequence[str]) -> list[str]:
    """A note where the first wrong link is one and the same number whatever the inputs, and should not be."""
    link = wrong[0] if len(drawn) > 2 and wrong else ""
    if not all(link in reading.values for reading in readings):
        return []
    yours, truths = [reading.values[link] for reading in readings], [sample.truth[link] for sample in drawn]
    same = all(np.array_equal(value, yours[0]) for value in yours) and not all(np.array_equal(value, truths[0]) for value in truths)
    advice = f"Your {link} is the same on all {len(drawn)} inputs. Does the function work it out, or take it from another cell?"
    return [advice] if same else []


def _following(exercise: Exercise, drawn: Sequence[Sample], readings: Sequence[Reading], wrong: Sequence[str], rtol: float) -> list[str]:
    """The later wrong links that are what they should be given the learner's own earlier ones, on every sample."""
    if len(wrong) < 2:
        return []
    given = [exercise.follow_through(reading.values, sample) for sample, reading in zip(drawn, readings)]
    return [ask for ask in wrong[1:] if all(_right(reading, ask, should[ask], rtol) for should, reading in zip(given, readings))]


def _diagnose(
    exercise: Exercise, drawn: Sequence[Sample], readings: Sequence[Reading], wrong: Sequence[str], rtol: float
) -> Mistake | None:
    """The known mistake that reproduces the first wrong link on every sample; of several, the one that explains most links."""
    best, most = None, 0
    for mistake in exercise.mistakes:
        explained = _explained(exercise, mistake, drawn, readings, wrong[0], rtol)
        if len(explained) > most:
            best, most = mistake, len(explained)
    return best


def _explained(
    exercise: Exercise, mistake: Mistake, drawn: Sequence[Sample], readings: Sequence[Reading], first: str, rtol: float
) -> set[str]:
    """The links that `mistake` reproduces on every sample; none at all as soon as `first` is not among them."""
    explained = set(exercise.asks)
    for sample, reading in zip(drawn, readings):
        predicted = exercise.mistaken(mistake, sample)
        explained = {ask for ask in explained if _reproduces(predicted[ask], reading, ask, rtol)}
        if first not in explained:
            return set()
    return explained


def _reproduces(predicted: Array, reading: Reading, ask: str, rtol: float) -> bool:
    yours = reading.values.get(ask, reading.unfit.get(ask))
    if yours is None or yours.shape != predicted.shape:
        return False
    finite = np.isfinite(predicted)
    return np.array_equal(yours[~finite], predicted[~finite], equal_nan=True) and bool(
        np.all(close(yours[finite], predicted[finite], rtol))
    )
