"""The mathematics of an answer decides a test, however it
compares: nothing is gained, and no expected value is shown.
"""

import json

import nbformat
import pytest

from autograder.grading.marking import mark
from autograder.grading.reference import findings
from tests.grading import gains, gains_second
from tests.grading.course import filled, points, release_of, side_of

pytestmark = pytest.mark.xdist_group("grading-gains")
SETS = {"first": (gains, gains.GAINS, {}), "second": (gains_second, gains_second.MORE_GAINS, gains_second.FILES)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, running_executors):
    """By set: what grades a submission of these answers; what was found; an honest submission."""
    executor = running_executors()
    made = {}

    def grader_of(chosen):
        if chosen not in made:
            made[chosen] = _grader(tmp_path_factory.mktemp(chosen), executor, chosen)
        return made[chosen]

    return grader_of


def _grader(folder, executor, chosen):
    corpus, _, files = SETS[chosen]
    assignment = side_of(folder / "course", corpus.COURSE, files)
    release = release_of(corpus.COURSE)

    def grade(name, answers, first=""):
        made = filled(nbformat.from_dict(release), {f"{exercise}-answer": text for exercise, text in (corpus.RIGHT | answers).items()})
        if first:
            made.cells.insert(1, nbformat.v4.new_code_cell(first, id="first"))
        submitted = folder / name
        submitted.mkdir()
        nbformat.write(made, submitted / "exercise.ipynb")
        return mark(executor, assignment, submitted, name)

    return grade, findings(executor, assignment).notebooks["exercise"], grade("honest", {})


@pytest.mark.parametrize("chosen", SETS)
def test_the_tests_run_apart_and_the_honest_submission_has_everything(graded, chosen):
    _, found, honest = graded(chosen)
    assert not found.together
    assert not found.short
    assert points(honest.pages["exercise"]) == SETS[chosen][0].POINTS
    assert not honest.flags


@pytest.mark.parametrize(
    ("chosen", "gain"),
    [(chosen, gain) for chosen, (_, cases, _) in SETS.items() for gain in cases],
    ids=lambda part: getattr(part, "name", part),
)
def test_what_is_not_the_mathematics_earns_nothing(graded, chosen, gain):
    grade, _, _ = graded(chosen)
    outcome = grade(gain.name, gain.answers, gain.first)
    page = outcome.pages["exercise"]
    expected = SETS[chosen][0].POINTS | dict.fromkeys(gain.answers, 0) | gain.earns
    assert points(page) == expected, (gain.tries, outcome.flags)
    shown = json.dumps([cell.get("outputs", []) for cell in page.cells])
    assert f"{gains.SECRET} " not in shown
