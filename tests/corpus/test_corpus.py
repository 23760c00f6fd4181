"""The checks on answers that learners might write: accepted
or rejected rightly, located, and never falsely named.
"""

import pytest

from tests.corpus.figures import FAILURES, failing, figures, known_weak, of_lesson
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
