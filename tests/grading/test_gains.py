"""The mathematics of an answer decides a test, however it
compares: nothing is gained, and no expected value is shown.
"""

import json

import nbformat
import pytest

from autograder.grading.marking import mark
from autograder.grading.reference import findings
from tests.grading.course import filled, points, release_of, side_of
from tests.grading.gains import COURSE, GAINS, POINTS, RIGHT, SECRET

pytestmark = pytest.mark.xdist_group("grading-gains")


@pytest.fixture(scope="module")
def graded(tmp_path_factory, running_executors):
    """What grades a submission of these answers; an honest one has been graded before."""
    folder = tmp_path_factory.mktemp("gains")
    assignment = side_of(folder / "course", COURSE)
    release = release_of(COURSE)
    executor = running_executors()

    def grade(name, answers, first=""):
        made = filled(nbformat.from_dict(release), {f"{exercise}-answer": text for exercise, text in (RIGHT | answers).items()})
        if first:
            made.cells.insert(1, nbformat.v4.new_code_cell(first, id="first"))
        submitted = folder / name
        submitted.mkdir()
        nbformat.write(made, submitted / "exercise.ipynb")
        return mark(executor, assignment, submitted, name)

    found = findings(executor, assignment).notebooks["exercise"]
    return grade, found, grade("honest", {})


def test_the_tests_run_apart_and_the_honest_submission_has_everything(graded):
    _, found, honest = graded
    assert not found.together
    assert not found.short
    assert points(honest.pages["exercise"]) == POINTS
    assert not honest.flags


@pytest.mark.parametrize("gain", GAINS, ids=lambda gain: gain.name)
def test_what_is_not_the_mathematics_earns_nothing(graded, gain):
    grade, _, _ = graded
    outcome = grade(gain.name, gain.answers, gain.first)
    page = outcome.pages["exercise"]
    assert points(page) == POINTS | dict.fromkeys(gain.answers, 0) | gain.earns, (gain.tries, outcome.flags)
    shown = json.dumps([cell.get("outputs", []) for cell in page.cells])
    assert f"{SECRET} " not in shown
