"""Answers and tasks that a person marks: they wait, keep what
the person gave, and are shown, as with stock nbgrader.
"""

import re
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.building import lesson_paths
from autograder.cli import app
from autograder.course import course_notebook
from autograder.grading.run import grade, verify
from autograder.pages.make import make_pages
from autograder.reporting.make import make_report
from tests.commands import run_nbgrader
from tests.executors import lent_to_grade
from tests.grading.course import answer, check, filled, make_course, notebook, released, submit, task
from tests.grading.rows import rows
from tests.recorded import recorded

pytestmark = pytest.mark.xdist_group("grading-parity")
ESSAY = "### BEGIN SOLUTION\nBecause both paths add.\n### END SOLUTION"
EXPERIMENT = "Try another rate.\n\n=== BEGIN MARK SCHEME ===\n\nTwo points for three seeds.\n\n=== END MARK SCHEME ==="
WEEK = notebook(
    answer("square-answer", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    check("square", "assert square(3) == 9"),
    answer("essay", ESSAY, points=5, markdown=True),
    task("experiment", EXPERIMENT, points=3),
)
STUDENTS = {
    "ada": {"square-answer": "def square(x):\n    return x**2", "essay": "They meet at x, so their contributions add."},
    "bo": {"square-answer": "def square(x):\n    return 2 * x", "essay": "Hm."},
    "cy": {},
}
CONFIG = "c.Grading.preload = []\n"


def mark_by_hand(course):
    """Ada's essay, its comment and her experiment, and Bo's essay, as formgrader writes them."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for student, name, score in (("ada", "essay", 4.0), ("ada", "experiment", 3.0), ("bo", "essay", 0.5)):
            row = book.find_grade(name, "week", "week", student)
            row.manual_score, row.needs_manual_grade = score, False
        book.find_comment("essay", "week", "week", "ada").manual_comment = "Which paths?"
        book.db.commit()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("by-hand") / "ours", {"week": {"week": WEEK}}, config=CONFIG)
    for student, answers in STUDENTS.items():
        submit(course, student, "week", filled(released(course, "week"), answers))
    shutil.copytree(course, course.with_name("stock"))
    return course


@pytest.fixture(scope="module")
def stock(made):
    return recorded("by_hand", [CONFIG, WEEK, STUDENTS], lambda: by_stock(made.with_name("stock")))


def by_stock(course):
    run_nbgrader(course, "autograde", "week", "--create")
    first = rows(course, "week")
    mark_by_hand(course)
    run_nbgrader(course, "autograde", "week", "--force")
    return {"first": first, "again": rows(course, "week")}


@pytest.fixture(scope="module")
def ours(made, running_executors):
    """Graded, marked by hand, and graded again: the rows after
    each run, and who waited after each step.
    """
    with lent_to_grade(running_executors):
        found = {"waiting": [grade(made, "week").waiting], "first": rows(made, "week")}
        mark_by_hand(made)
        found["waiting"].append(grade(made, "week").waiting)
        found["pages"] = pages(made)
        found["again"] = rows_after_regrade(made, found)
    return found


def rows_after_regrade(course, found):
    copy = Path(shutil.copytree(course, course.with_name("again")))
    found["waiting"].append(grade(copy, "week", regrade=True).waiting)
    found["pages again"] = pages(copy)
    return rows(copy, "week")


def pages(course):
    make_pages(course, "week")
    texts = {student: (course / "feedback" / student / "week" / "week.html").read_text(encoding="utf-8") for student in STUDENTS}
    return {student: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("</style>")[2])) for student, text in texts.items()}


def test_what_stock_nbgrader_gives_is_on_record(stock):
    assert not stock.problem


@pytest.mark.parametrize("moment", ["first", "again"])
def test_the_gradebook_is_as_after_stock_before_and_after_marks_by_hand(ours, stock, moment):
    assert ours[moment] == stock.value[moment]


def test_an_untouched_answer_has_0_and_does_not_wait_a_task_always_waits(ours):
    found = ours["first"]
    essays = {student: found[f"{student}/week/essay"] for student in ("ada", "cy")}
    assert {student: row["needs_manual_grade"] for student, row in essays.items()} == {"ada": True, "cy": False}
    assert {row["score"] for row in essays.values()} == {0}
    assert all(found[f"{student}/week/experiment"]["needs_manual_grade"] for student in STUDENTS)


def test_marks_by_hand_stay_when_a_class_is_graded_again(ours):
    assert ours["again"]["ada/week/essay"]["manual_score"] == 4
    assert ours["again"]["ada/week/essay"]["score"] == 4
    assert ours["again"]["ada/week/experiment"]["score"] == 3
    assert ours["again"]["bo/week/essay"]["score"] == 0.5


def test_a_run_says_who_waits(ours):
    everybody, left, again = ours["waiting"]
    assert everybody == ["ada", "bo", "cy"]
    assert left == ["bo", "cy"]
    assert set(left) < set(again)  # nbgrader asks for another look at what was marked before


def test_the_page_shows_the_mark_the_comment_and_what_waits(ours):
    ada, bo = ours["pages"]["ada"], ours["pages"]["bo"]
    assert "9 of 10 points" in ada
    assert "marked by hand · 4 of 5 points" in ada
    assert "Comment: Which paths?" in ada
    assert "not marked yet" not in ada
    assert "1 is not marked yet." in bo
    assert "not marked yet · – of 3 points" in bo
    assert "MARK SCHEME" not in ada + bo


def test_a_mark_from_before_is_not_said_to_be_missing(ours):
    ada = ours["pages again"]["ada"]
    assert "9 of 10 points" in ada
    assert "marked, to be looked at again · 4 of 5 points" in ada
    assert "1 has a mark that is to be looked at again." in ada
    assert "not marked yet" not in ada


def test_who_grades_sees_the_mark_scheme_and_learners_do_not(ours, made):
    assert "Two points for three seeds" not in str(released(made, "week"))
    autograded = (made / "autograded" / "ada" / "week" / "week.ipynb").read_text(encoding="utf-8")
    assert "Two points for three seeds" in autograded


@pytest.mark.usefixtures("lent_executors")
def test_the_commands_say_how_many_wait(ours, made):
    said = CliRunner().invoke(app, ["grade", str(made), "week"]).output
    assert re.search(r"waiting for marks by hand\s*│ 2", said)
    assert (
        "Marked by hand, and not tried: essay (5 points), experiment (3 points)."
        in CliRunner().invoke(app, ["verify", str(made), "week"], env={"COLUMNS": "200"}).output
    )
    report = make_report(made, ["week"]).page.read_text(encoding="utf-8")
    assert "are marked by hand, and not counted here. Waiting for marks by hand: 2 students." in report


@pytest.mark.usefixtures("lent_executors")
def test_the_capstone_verifies_and_names_what_is_marked_by_hand(tmp_path):
    lesson = next(path for path in lesson_paths() if path.stem == "09_capstone")
    course = make_course(tmp_path / "course", {lesson.stem: {lesson.stem: course_notebook(lesson)[0]}})
    found = verify(course, lesson.stem)
    assert found.problems() == []
    assert not found.needs_a_person()
    assert found.by_hand == ["report (10 points)", "experiment (4 points)"]
