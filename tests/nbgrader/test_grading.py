"""A whole course through nbgrader's commands and `autograder
grade`: release, validate, grade, feedback, export.
"""

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

pytestmark = pytest.mark.usefixtures("lent_executors")
LESSONS = lesson_paths()
HALF_DONE = LESSONS[0]


def each(lessons):
    return pytest.mark.parametrize(
        "lesson", [pytest.param(path, marks=pytest.mark.xdist_group(path.stem), id=path.stem) for path in lessons]
    )


@pytest.fixture
def course(tmp_path, lesson):
    init_course(tmp_path / "course", lessons=[lesson.stem])
    run_nbgrader(tmp_path / "course", "generate_assignment", lesson.stem)
    return tmp_path / "course"


def scores(course, lesson, student):
    """Points by exercise, as the gradebook has them; what is marked by hand has none yet."""
    checked = exercises_of(lesson)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(lesson.stem, lesson.stem, student)
        by_hand = [grade.score for grade in notebook.grades if grade.cell.name not in checked]
        assert not any(by_hand)
        return {grade.cell.name: grade.score for grade in notebook.grades if grade.cell.name in checked}


def hand_in_class(course, lesson):
    """Hand in the reference, half of it, and mistakes; return
    the points by exercise that each student has earned.

    Half of one lesson, and the first mistake of each exercise; in the long run of all lessons, and
    all. The points of each mistake are tested without a notebook in tests/backprop/checking.
    """
    exercises = exercises_of(lesson)
    hand_in(course, "reference", lesson, solved(lesson))
    earned = {"reference": {name: exercise.points for name, exercise in exercises.items()}}
    if LONG or lesson == HALF_DONE:
        half = list(exercises)[: len(exercises) // 2]  # later answers may call earlier ones
        hand_in(course, "half", lesson, solved(lesson, half))
        earned["half"] = {name: exercise.points * (name in half) for name, exercise in exercises.items()}
    rounds = rounds_of_mistakes(exercises)
    for number, choice in enumerate(rounds if LONG else rounds[:1]):
        student = f"mistaken-{number:02d}"
        hand_in(course, student, lesson, mistaken(lesson, choice))
        earned[student] = {
            name: deserved(exercises[name], choice[name], exercises[name].draw(12345, 25)) if name in choice else 0 for name in exercises
        }
    return earned


def check_prints(course, lesson):
    """The solved lesson ran without an error and printed the curriculum's numbers."""
    executed = nbformat.read(course / "autograded" / "reference" / lesson.stem / f"{lesson.stem}.ipynb", as_version=4)
    assert unclean(shown(executed)) == []
    text = printed(shown(executed))
    assert [number for number in NUMBERS[lesson.stem] if number not in text] == [], text


@each(LESSONS if LONG else LESSONS[1:])
def test_every_submission_earns_exactly_what_it_should(course, lesson):
    """This is the only headless run of the solved lesson, so its output is checked here too.

    Lesson 01 is graded both ways below.
    """
    earned = hand_in_class(course, lesson)
    assert len(grade(course, lesson.stem).graded) == len(earned)
    assert {student: scores(course, lesson, student) for student in earned} == earned
    check_prints(course, lesson)
    run_nbgrader(course, "generate_feedback", lesson.stem, "--student=reference")
    check_feedback(course, lesson, "reference")


@each(LESSONS if LONG else LESSONS[:1])
def test_nbgraders_command_and_our_grader_agree_and_feedback_validate_and_export_follow(course, lesson):
    earned = hand_in_class(course, lesson)
    hand_in(course, "blank", lesson, blank(lesson))
    earned["blank"] = dict.fromkeys(exercises_of(lesson), 0)
    copied = Path(shutil.copytree(course, course.parent / "copied"))
    run_nbgrader(course, "autograde", lesson.stem, "--create")
    grade(copied, lesson.stem)
    for graded in (course, copied):
        assert {student: scores(graded, lesson, student) for student in earned} == earned
    check_prints(course, lesson)
    for student in ("half", "mistaken-00"):
        run_nbgrader(course, "generate_feedback", lesson.stem, f"--student={student}")
    check_feedback(course, lesson, "half")
    wrong = (course / "feedback" / "mistaken-00" / lesson.stem / f"{lesson.stem}.html").read_text(encoding="utf-8")
    assert "first wrong link" in wrong
    assert "HIDDEN TESTS" not in wrong
    check_validate(course, lesson)
    run_nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert {student: exported[student] for student in earned} == {student: sum(points.values()) for student, points in earned.items()}


def check_feedback(course, lesson, student):
    """The page for students: their reports and figures are there, and no hidden test."""
    page = (course / "feedback" / student / lesson.stem / f"{lesson.stem}.html").read_text(encoding="utf-8")
    assert "HIDDEN TESTS" not in page
    assert not re.search(r"\.check\([^)]*seed\s*=", re.sub(r"<[^>]+>", "", page))
    assert "PyTorch" in page
    figures = (course / "source" / lesson.stem / lesson.stem).with_suffix(".ipynb").read_text(encoding="utf-8").count("](img/")
    assert figures > 0
    graded = course / "autograded" / student / lesson.stem / f"{lesson.stem}.ipynb"
    pictures = graded.read_text(encoding="utf-8").count("data:image/svg+xml;base64")  # the figures are still files there
    assert page.count("data:image/svg+xml;base64") == figures + pictures
    ladders = lesson.read_text(encoding="utf-8").count("<!-- hints: ")
    assert len(re.findall(r"</details>\s*</details>\s*</details>", page)) == ladders  # the hints are still folded


def check_validate(course, lesson):
    """The Validate button agrees with grading: the
    reference passes, and a missing answer fails one cell.
    """
    assert "Success! Your notebook passes all the tests." in run_nbgrader(course, "validate", str(submission(course, "reference", lesson)))
    names = list(exercises_of(lesson))
    said = run_nbgrader(course, "validate", str(hand_in(course, "one-missing", lesson, solved(lesson, names[1:]))))
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "Not started yet" in said
    assert f"ex.{names[0]}.check" in said


def submission(course, student, lesson):
    return course / "submitted" / student / lesson.stem / f"{lesson.stem}.ipynb"


@each(LESSONS[:1])
def test_awkward_results_earn_what_they_should_under_stock_nbgrader(course, lesson):
    """nbgrader would give full marks for text, nan and a NumPy
    zero, and none for stderr: a check never returns these.
    """
    names = list(exercises_of(lesson))
    answers = {
        "one_path": "def one_path(x):\n    return np.float64(0.0), np.nan, 'all right'",
        "long_chain": "def long_chain(x):\n    print('no answer', __import__('sys').stderr)\n    return None",
        "reciprocal_chain": "import warnings\n\ndef reciprocal_chain(x):\n"
        "    warnings.warn('beware')\n    print('hello', file=__import__('sys').stderr)\n    return -2 * x * np.exp(-x**2)",
        "two_paths": "def two_paths(x):\n    raise ValueError('oh')",
        "sigmoid_chain": "import time\n\ndef sigmoid_chain(x, w, y):\n    time.sleep(60)",
    }
    hand_in(course, "awkward", lesson, answered(lesson, answers))
    run_nbgrader(course, "autograde", lesson.stem, "--create", "--Execute.timeout=5")
    assert scores(course, lesson, "awkward") == {name: 2 if name == "reciprocal_chain" else 0 for name in names}
    graded = json.loads((course / "autograded" / "awkward" / lesson.stem / f"{lesson.stem}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in graded["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
