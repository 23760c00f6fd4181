"""A class with known mistakes, written by hand and graded
once for all tests, as grading loads PyTorch twice.
"""

import re
import shutil

import pytest

from autograder.building import lesson_paths
from autograder.course import course_config, course_notebook
from autograder.grading.run import grade
from tests.executors import lent_to_grade
from tests.grading.course import code, filled, make_course, released, submit

WEEK = "week"
EXERCISES = ("one_path", "activation_slopes", "reciprocal_chain")
SPOKEN_OF = re.compile(r"^#|img/", re.MULTILINE)  # headings and figures

ONE_PATH = '''\
def one_path(x):
    """Written by {student}."""  # {student}
    g = np.exp(x) + x**2
    dy_dg = {dy_dg}
    dg_dx = {dg_dx}
    dy_dx = {dy_dx}
    return dy_dg, dg_dx, dy_dx
'''
SLOPES = """\
def activation_slopes(v):
    s = 1 / (1 + np.exp(-v))
    gate = {gate}
    return s * (1 - s), s, gate
"""
RECIPROCAL = """\
def reciprocal_chain(x):
    v = np.exp(x**2)
    return {dy_dx}
"""
RIGHT = {"dy_dg": "3 * g**2", "dg_dx": "np.exp(x) + 2 * x", "dy_dx": "dy_dg * dg_dx", "gate": "1.0 * (v > 0)"}
RIGHT_RECIPROCAL = "-2 * x / v"
# Who writes what that is wrong; everything else of theirs is right.
WRONG = {
    **{f"square{n}": {"dy_dg": "2 * g" if n < 4 else "g * 2"} for n in range(1, 6)},
    **{f"added{n}": {"dy_dx": "dy_dg + dg_dx", "gate": "1.0"} for n in range(1, 4)},
    **{f"gate{n}": {"gate": "1.0"} for n in range(1, 3)},
    **{f"sign{n}": {"reciprocal": "2 * x / v", "dy_dg": "2 * g", "gate": "1.0"} for n in range(1, 3)},
    **{f"perfect{n}": {} for n in range(1, 7)},
}
BLANK = ("blank1", "blank2")


def answers(student, wrong):
    parts = RIGHT | wrong
    return {
        "one_path-answer": ONE_PATH.format(student=student, **parts),
        "activation_slopes-answer": SLOPES.format(**parts),
        "reciprocal_chain-answer": RECIPROCAL.format(dy_dx=wrong.get("reciprocal", RIGHT_RECIPROCAL)),
    }


def small_lesson():
    """Three exercises of lesson 01 with the text before them, and the figures' names."""
    made, figures = course_notebook(lesson_paths()[0])
    wanted = {f"{name}{end}" for name in EXERCISES for end in ("", "-answer")}
    kept = [cell for cell in made.cells if cell.id in wanted or (cell.cell_type == "markdown" and SPOKEN_OF.search(cell.source))]
    made.cells = [kept[0], code("import numpy as np\nfrom backprop.exercises import chain_rule as ex"), *kept[1:]]
    made.cells[1].id = "imports"
    return made, figures


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory, running_executors):
    """The class of WRONG and BLANK, graded."""
    folder = tmp_path_factory.mktemp("report") / "course"
    made, figures = small_lesson()
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><title>A figure</title></svg>"
    files = {f"img/{name}": drawing for name in figures}
    course = make_course(folder, {WEEK: {WEEK: made}}, config=course_config("made-up").replace("c = get_config()", ""), files=files)
    for student, wrong in WRONG.items():
        submit(course, student, WEEK, filled(released(course, WEEK), answers(student, wrong)))
    for student in BLANK:
        submit(course, student, WEEK, released(course, WEEK))
    with lent_to_grade(running_executors):
        summary = grade(course, WEEK, sandbox="auto")
    assert len(summary.graded) == len(WRONG) + len(BLANK)
    assert not summary.failed
    return course


@pytest.fixture
def course(graded_class, tmp_path):
    """A copy in which files have the times that they have there, as findings are kept by them."""
    shutil.copytree(graded_class, tmp_path / "course")
    return tmp_path / "course"
