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
from backprop.checking.recorded import forget

from autograder.messages import FILE
from tests.corpus.registry import answers, exercise_of

PLACEHOLDER = re.compile(r"\{\w*(?:![rs])?(?::[^{}]*)?\}")
OPERATIONS = {"add", "sub", "mul", "tanh", "exp", "sigmoid", "relu"}  # as a graph in a sample's inputs calls them
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
    forget()
    monkeypatch.setattr(translation, "catalogue", lambda: language)
    yield
    forget()


def english(shown: str, *names: str) -> list[str]:
    """The words that are left: no names, no code."""
    assert "⟦" in shown
    return sorted(set(WORD.findall(re.sub(r"`[^`]*`", "", shown))) - {*names, *OPERATIONS})


def test_reports_on_wrong_answers():
    for answer in [*answers().values()][::12]:
        exercise = exercise_of(answer)
        with np.errstate(all="ignore"):
            report = examine(exercise, answer.make(answer.write), seed=2024, samples=6, rtol=exercise.rtol)
        sample = exercise.draw(2024, 1 if exercise.on_fixed_numbers else 6)[0]
        if report.rows:
            shown = str(replace(report, notes=[]))  # these may quote NumPy
            assert not english(shown, exercise.name, *exercise.asks, *sample.inputs, *sample.nodes), (answer.id, shown)
