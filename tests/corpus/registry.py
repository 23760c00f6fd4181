"""Answers as learners write them, for the exercises of lessons 01 to 09.

Each wrong answer is recorded with its true cause, each right one with its unusual form. One module
a lesson holds the answers. They were written from the statements of the lessons, not from the
mistakes that the exercises declare, so that they measure what the checks make of answers that
nobody has foreseen. `python -m tests.corpus` prints the figures.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import StringIO
from typing import Any

import numpy as np
from backprop.checking.examining import examine

LESSONS = {
    "lesson_01": "chain_rule",
    "lesson_02": "one_two_one_network",
    "lesson_03": "computation_graph",
    "lesson_04": "multipath_gradients",
    "lesson_05": "layers_and_batches",
    "lesson_05_depth": "layers_and_batches",
    "lesson_06": "autodiff_engine",
    "lesson_06_arrays": "autodiff_engine",
    "lesson_07": "find_the_bug",
    "lesson_08": "inside_a_transformer",
    "lesson_09": "capstone",
}

# The mistakes that every learner of backpropagation meets, and that a check has to know by name.
CATALOGUE = frozenset(
    {
        "outer-only",
        "outer-at-inner-slope",
        "dropped-term",
        "one-path",
        "inner-argument",
        "dropped-link",
        "reciprocal-sign",
        "no-activation-slope",
        "slope-of-z",
        "log-loss-sign",
        "dropped-negative-class",
        "reversed-residual",
        "slope-twice",
        "wrong-loss",
        "own-operand",
        "bias-times-bias",
        "lost-upstream",
        "split-at-add",
        "accumulated-twice",
        "no-hidden-slope",
        "no-outgoing-weight",
        "bias-equals-weight",
        "pre-activation-for-activation",
        "input-for-activation",
        "every-unit-gets-the-sum",
        "one-path-to-input",
        "squared-residual-kept",
        "residual-sign",
        "lost-factor-two",
        "mean-for-sum",
        "one-sample",
        "softplus-slope-is-softplus",
        "softplus-slope-is-sigmoid-slope",
        "elementwise-softmax",
        "stray-logit",
        "cross-entropy-shortcut",
        "softmax-offdiagonal-sign",
        "first-output-only",
        "paths-multiplied",
        "absolute-paths",
        "transposed-outer",
        "no-softmax-slope",
        "loss-sign",
        "overwrite",
        "no-gate",
        "upstream-dropped",
        "gate-on-wrong-sign-carrier",
        "swapped-operands",
        "transposed-dW",
        "no-transpose",
        "upstream-ignored",
        "unsummed-bias",
        "bias-mean",
        "kept-dimension",
        "constant-bias",
        "uphill",
        "stale-half-step",
        "not-cleared",
        "fan-mix-up",
        "symmetric-start",
        "not-unbroadcast",
        "unbroadcast-mean",
        "wrong-axis",
        "fancy-index-add",
        "shared-equally",
        "mean-is-constant",
        "missing-scale",
        "wrong-axis-norm",
        "softmax-over-queries",
        "missing-root-d",
        "dK-untransposed",
        "mask-forgotten",
        "unflipped",
        "one-place",
        "right-but-permuted",
        "other-unit",
        "rounded",
    }
)


@dataclass(frozen=True)
class Answer:
    """One learner's answer: the function, and what is true of it."""

    id: str
    lesson: str
    exercise: str
    write: Callable
    make: Callable[[Callable], Any]  # turns what is written into what is checked
    right: bool
    cause: str  # of a right answer: its form
    first: str | None = None  # the first wrong link in the order asked; None if nothing can be read
    also: tuple[str, ...] = ()  # causes that are equally true of the same numbers
    unnamed: bool = False  # no single misunderstanding explains it


@dataclass(frozen=True)
class Judgement:
    """What the check says of an answer."""

    passed: bool
    first: str | None
    name: str | None
    words: str  # of the mistake that is named
    facts: tuple[str, ...]  # the other sentences of the report
    links: int  # how many are compared


ANSWERS: dict[str, Answer] = {}
_letters: Counter[str] = Counter()


def _as_written(function: Callable) -> Callable:
    return function


def _register(function: Callable, exercise: str, make: Callable, right: bool, cause: str, **truth: Any) -> Callable:
    lesson = function.__module__.rpartition(".")[2]
    stem = f"{lesson}/{exercise}/{cause if not right else f'right-{cause}'}"
    place = _letters[stem]
    _letters[stem] += 1
    name = f"{stem}/{'abcdefghijklmnopqrstuvwxyz'[place]}"
    ANSWERS[name] = Answer(name, lesson, exercise, function, make, right, cause, **truth)
    return function


def wrong(
    exercise: str, *, cause: str, first: str | None, also: tuple[str, ...] = (), unnamed: bool = False, make: Callable = _as_written
) -> Callable[[Callable], Callable]:
    """Register a wrong answer; `first` is the first wrong
    link, in the order asked, or None if nothing can be read.
    """
    return lambda function: _register(function, exercise, make, False, cause, first=first, also=also, unnamed=unnamed)


def right(exercise: str, *, form: str, make: Callable = _as_written) -> Callable[[Callable], Callable]:
    """Register a right answer in some honest form."""
    return lambda function: _register(function, exercise, make, True, form)


@cache
def answers() -> dict[str, Answer]:
    """Return all answers by their id, lesson by lesson."""
    for lesson in LESSONS:
        import_module(f"tests.corpus.{lesson}")
    import_module("tests.corpus.small_changes")
    return ANSWERS


def exercise_of(answer: Answer) -> Any:
    """Return the exercise that the answer belongs to."""
    return import_module(f"backprop.exercises.{LESSONS[answer.lesson]}").EXERCISES[answer.exercise]


@cache
def judge(name: str) -> Judgement:
    """Check the answer of this id as the notebook's check cell
    does: the one place that knows the checker's interface.
    """
    answer = answers()[name]
    exercise = exercise_of(answer)
    with np.errstate(all="ignore"), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        report = examine(exercise, answer.make(answer.write), seed=2024, samples=6, rtol=exercise.rtol)
    wrong_links = [row.link.partition("[")[0] for row in report.rows if row.verdict != "right"]
    mistake = report.mistake
    return Judgement(
        passed=report.passed,
        first=wrong_links[0] if wrong_links else None,
        name=mistake.id if mistake else None,
        words=mistake.words if mistake else "",
        facts=tuple(str(note) for note in [report.problem, *(fact.words for fact in report.facts), *report.notes] if note),
        links=len(report.rows),
    )
