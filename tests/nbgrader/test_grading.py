"""A whole course through nbgrader's commands and `autograder grade`: release, validate, grade, feedback, export."""

import csv
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.building import exercises_of, lesson_paths
from autograder.course import init_course
from autograder.grading.run import grade
from tests.commands import run_nbgrader
from tests.course import deserved
from tests.examples import LONG
from tests.nbgrader.submissions import answered, blank, hand_in, mistaken, rounds_of_mistakes, solved
from tests.notebooks.test_execution import NUMBERS, printed, shown, unclean

LESSONS = lesson_paths()
by_lesson = pytest.mark.parametrize(
    "lesson", [pytest.param(path, marks=pytest.mark.xdist_group(path.stem), id=path.stem) for path in LESSONS]
)


@pytest.fixture
def course(tmp_path, lesson):
    init_course(tmp_path / "course")
    run_nbgrader(tmp_path / "course", "generate_assignment", lesson.stem)
    return tmp_path / "course"


def scores(course, lesson, student):
    """Points by exercise, as the gradebook has them."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(lesson.stem, lesson.stem, student)
        return {grade.cell.name: grade.score for grade in notebook.grades}


@by_lesson
def test_stock_nbgrader_gives_the_reference_every_point(course, lesson):
    """It is the one headless run of the solved lesson: what it prints is looked at here as well."""
    hand_in(course, "reference", lesson, solved(lesson))
    run_nbgrader(course, "autograde", lesson.stem, "--create")
    assert scores(course, lesson, "reference") == {name: exercise.points for name, exercise in exercises_of(lesson).items()}
    executed = nbformat.read(course / "autograded" / "reference" / lesson.stem / f"{lesson.stem}.ipynb", as_version=4)
    assert unclean(shown(executed)) == []
    text = printed(shown(executed))
    assert [number for number in NUMBERS[lesson.stem] if number not in text] == [], text


@by_lesson
def test_our_grader_gives_every_submission_exactly_what_it_earned(course, lesson):
    exercises = exercises_of(lesson)
    half = list(exercises)[: len(exercises) // 2]  # later answers may call earlier ones
    rounds = chosen_rounds(exercises)
    hand_in(course, "blank", lesson, blank(lesson))
    hand_in(course, "half", lesson, solved(lesson, half))
    for number, choice in rounds.items():
        hand_in(course, f"mistaken-{number:02d}", lesson, mistaken(lesson, choice))
    assert len(grade(course, lesson.stem).graded) == len(rounds) + 2
    assert scores(course, lesson, "blank") == dict.fromkeys(exercises, 0)
    assert scores(course, lesson, "half") == {name: exercise.points * (name in half) for name, exercise in exercises.items()}
    for number, choice in rounds.items():
        expected = {
            name: deserved(exercises[name], choice[name], exercises[name].draw(12345, 25)) if name in choice else 0 for name in exercises
        }
        assert scores(course, lesson, f"mistaken-{number:02d}") == expected
    for student in ("half", "mistaken-00"):
        run_nbgrader(course, "generate_feedback", lesson.stem, f"--student={student}")
    check_feedback(course, lesson)


def chosen_rounds(exercises):
    """The first round of mistakes and the middle one; in the long run all, so that each mistake is made once.

    What each mistake is worth in a check is proven without a notebook in tests/backprop/checking.
    """
    rounds = dict(enumerate(rounds_of_mistakes(exercises)))
    return rounds if LONG else {number: rounds[number] for number in (0, len(rounds) // 2)}


@pytest.mark.xdist_group("01_chain_rule")
@pytest.mark.parametrize("lesson", LESSONS[:1], ids=lambda path: path.stem)
def test_stock_and_our_grader_agree_and_feedback_validate_and_export_follow(course, lesson):
    exercises = exercises_of(lesson)
    names = list(exercises)
    half, rounds = names[: len(names) // 2], rounds_of_mistakes(exercises)
    handed_in = {
        "reference": solved(lesson),
        "blank": blank(lesson),
        "half": solved(lesson, half),
        "mistaken-00": mistaken(lesson, rounds[0]),
    }
    for student, notebook in handed_in.items():
        hand_in(course, student, lesson, notebook)
    copied = Path(shutil.copytree(course, course.parent / "copied"))
    run_nbgrader(course, "autograde", lesson.stem, "--create")
    grade(copied, lesson.stem)
    for student in handed_in:
        assert scores(copied, lesson, student) == scores(course, lesson, student)
    for student in ("half", "mistaken-00"):
        run_nbgrader(course, "generate_feedback", lesson.stem, f"--student={student}")
    check_feedback(course, lesson)
    check_validate(course, lesson)
    run_nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported["reference"] == sum(exercise.points for exercise in exercises.values())
    assert exported["blank"] == 0
    assert exported["half"] == sum(exercises[name].points for name in half)


def check_feedback(course, lesson):
    """The page for students: their reports and figures are there, and no hidden test."""
    for student in ("half", "mistaken-00"):
        page = (course / "feedback" / student / lesson.stem / f"{lesson.stem}.html").read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in page
        assert not re.search(r"seed\s*(</span>)?\s*(<[^>]*>)?\s*=", re.sub(r"<[^>]+>", "", page))
        assert "PyTorch" in page
        if student != "mistaken-00":  # tidied: no text, no figures
            figures = (course / "source" / lesson.stem / lesson.stem).with_suffix(".ipynb").read_text(encoding="utf-8").count("](img/")
            assert figures > 0
            graded = course / "autograded" / student / lesson.stem / f"{lesson.stem}.ipynb"
            pictures = graded.read_text(encoding="utf-8").count("data:image/svg+xml;base64")  # the figures are still files there
            assert page.count("data:image/svg+xml;base64") == figures + pictures
            ladders = lesson.read_text(encoding="utf-8").count("<!-- hints: ")
            assert len(re.findall(r"</details>\s*</details>\s*</details>", page)) == ladders  # the hints are still folded
    assert "first wrong link" in (course / "feedback" / "mistaken-00" / lesson.stem / f"{lesson.stem}.html").read_text(encoding="utf-8")


def check_validate(course, lesson):
    """The Validate button's verdict is the grade's: all is well with the reference, and one cell is not where one answer is missing."""
    assert "Success! Your notebook passes all the tests." in run_nbgrader(course, "validate", str(submission(course, "reference", lesson)))
    names = list(exercises_of(lesson))
    said = run_nbgrader(course, "validate", str(hand_in(course, "one-missing", lesson, solved(lesson, names[1:]))))
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "Not started yet" in said
    assert f"ex.{names[0]}.check" in said


def submission(course, student, lesson):
    return course / "submitted" / student / lesson.stem / f"{lesson.stem}.ipynb"


@pytest.mark.xdist_group("01_chain_rule")
@pytest.mark.parametrize("lesson", LESSONS[:1], ids=lambda path: path.stem)
def test_awkward_results_earn_what_they_should_under_stock_nbgrader(course, lesson):
    """Text, nan and a NumPy zero would be full marks to nbgrader, and stderr none: a check never hands it one of these."""
    names = list(exercises_of(lesson))
    answers = {
        "one_path": "def one_path(x):\n    return np.float64(0.0), np.nan, 'all right'",
        "long_chain": "def long_chain(x):\n    print('no answer', __import__('sys').stderr)\n    return None",
        "reciprocal_chain": "import warnings\n\ndef reciprocal_chain(x):\n"
        "    warnings.warn('beware')\n    print('hello', file=__import__('sys').stderr)\n    return -2 * x * np.exp(-x**2)",
        "two_paths": "def two_paths(x):\n    raise ValueError('oh')",
        "sigmoid_chain": "def sigmoid_chain(x, w, y):\n    while True:\n        pass",
    }
    hand_in(course, "awkward", lesson, answered(lesson, answers))
    run_nbgrader(course, "autograde", lesson.stem, "--create", "--Execute.timeout=8")
    assert scores(course, lesson, "awkward") == {name: 2 if name == "reciprocal_chain" else 0 for name in names}
    graded = json.loads((course / "autograded" / "awkward" / lesson.stem / f"{lesson.stem}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in graded["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
