"""Everything that a learner is told can be translated.

A language is made up in which every message is empty but for the values that it names, between
brackets. What a learner is shown in it has no English word left.
"""

import gettext
import re
from dataclasses import replace

import numpy as np
import pytest
from babel.messages.pofile import read_po
from backprop import translation
from backprop.checking.examining import examine
from backprop.exercise import PUBLIC_SEED, Exercise
from backprop.exercises.support.verdict import Verdict, investigate, verdict

from autograder.messages import FILE
from tests.corpus.registry import answers, exercise_of

EVERY = 80  # of the learners' answers, one in so many
PLACEHOLDER = re.compile(r"\{\w*(?:![rs])?(?::[^{}]*)?\}")
VALUES = {"False", "True", "add", "sub", "mul", "tanh", "exp", "sigmoid", "relu"}  # in the inputs of samples
WORD = re.compile(r"(?<![\w.$\\])[A-Za-z]{2,}(?![\w(…])")


class MadeUp(gettext.NullTranslations):
    """The made-up language. A message that is not in the file stays English, as in any language."""

    def __init__(self) -> None:
        super().__init__()
        with FILE.open("rb") as file:
            self.known = {form for message in read_po(file) for form in ([message.id] if isinstance(message.id, str) else message.id)}

    def gettext(self, message: str) -> str:
        return f"⟦{' '.join(PLACEHOLDER.findall(message))}⟧" if message in self.known else message

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    language = MadeUp()
    monkeypatch.setattr(translation, "catalogue", lambda: language)


def anew(exercise: Exercise) -> Exercise:
    """The same exercise, of which nothing is kept in another language."""
    if isinstance(exercise, Verdict):
        investigate.cache_clear()
        return verdict(exercise.program, exercise.repair, exercise.options, exercise.hints)
    return replace(exercise)


def english(shown: str, *names: str) -> list[str]:
    """The words that are left: no names, no code."""
    assert "⟦" in shown
    return sorted(set(WORD.findall(re.sub(r"`[^`]*`", "", shown))) - {*names, *VALUES})


def names_of(exercise: Exercise) -> set[str]:
    sample = exercise.draw(PUBLIC_SEED, 1)[0]
    repaired = names_of(exercise.repair) if isinstance(exercise, Verdict) else set()
    return {exercise.name, *exercise.asks, *exercise.call_with(sample.inputs), *sample.nodes, *repaired}


def test_reports_on_wrong_answers():
    for answer in [*answers().values()][::EVERY]:
        exercise = anew(exercise_of(answer))
        with np.errstate(all="ignore"):
            report = examine(exercise, answer.make(answer.write), seed=PUBLIC_SEED, samples=6, rtol=exercise.rtol)
        if report.rows:
            shown = str(replace(report, notes=[]))  # these may quote NumPy
            assert not english(shown, *names_of(exercise)), (answer.id, shown)
    investigate.cache_clear()
