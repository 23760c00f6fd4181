"""The checks on answers that learners might write: accepted
or rejected rightly, located, and never falsely named.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from backprop import autodiff, checking

from tests.corpus.figures import FAILURES, failing, figures, known_weak, of_lesson
from tests.corpus.names import TRUE_NAMES
from tests.corpus.registry import LESSONS, answers, exercise_of

# What the checks reach today on the wrong answers: the share of named causes, and the share with
# any help.
NAMED, HELPED = 0.9, 0.97

BY_LESSON = [pytest.param(lesson, marks=pytest.mark.xdist_group(lesson)) for lesson in LESSONS]  # each answer is checked once


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("lesson", BY_LESSON)
def test_what_fails_is_what_is_known_to_fail(lesson, kind):
    """An answer that passes must be removed from known_weak.json
    by `python -m tests.corpus --prune`; none may be added.
    """
    known = [name for name in known_weak()[kind] if name.startswith(f"{lesson}/")]
    assert sorted(failing(kind, of_lesson(lesson))) == sorted(known)


@pytest.mark.parametrize("lesson", BY_LESSON)
def test_figures(lesson):
    count = figures(of_lesson(lesson))
    assert count.named_share >= NAMED
    assert count.helped_share >= HELPED


def test_known_weak_answers_exist():
    listed = {name for names in known_weak().values() for name in names}
    assert listed <= answers().keys()


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_name_that_is_called_true_is_given_by_the_exercise_or_by_the_engine(lesson):
    exercises = {answer.exercise: exercise_of(answer) for answer in of_lesson(lesson)}
    for name, causes in TRUE_NAMES[lesson].items():
        declared = {mistake.id for mistake in exercises[name].mistakes}
        listed = {one for names in causes.values() for one in names.split() if "*" not in one}
        assert listed <= declared | ids_of_the_engine(), name


@cache
def ids_of_the_engine() -> set[str]:
    """What may be an id in the modules that make slips."""
    folders = (Path(autodiff.__file__).parent, Path(checking.__file__).parent)
    return {found for folder in folders for file in folder.rglob("*.py") for found in re.findall(r'"([a-z-]+)"', file.read_text())}


def test_size_of_the_corpus():
    wrong = [answer for answer in answers().values() if not answer.right]
    right = [answer for answer in answers().values() if answer.right]
    assert len(wrong) >= 600
    assert len(right) >= 150


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_has_wrong_answers_and_a_right_one(lesson):
    here = of_lesson(lesson)
    exercises = {exercise_of(answer).name for answer in here}
    assert {answer.exercise for answer in here if answer.right} == exercises
    assert {answer.exercise for answer in here if not answer.right} == exercises
