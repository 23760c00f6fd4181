"""The classes that grading is measured on: honest work, all of it right."""

import re
import shutil
import tempfile
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.building import lesson_paths
from autograder.course import init_course
from tests.commands import run_nbgrader
from tests.grading.course import PLAIN, REFERENCE, filled, make_course, released, submit
from tests.nbgrader.submissions import solved

PLAIN_NAME = "plain"


def lessons() -> list[str]:
    """The names of all lessons."""
    return [path.stem for path in lesson_paths()]


def course_of(folder: Path, assignment: str) -> tuple[Path, NotebookNode]:
    """A course with this assignment released, and its notebook with right answers.

    `assignment` is `plain`, or the name of a lesson.
    """
    if assignment == PLAIN_NAME:
        course = make_course(folder, {PLAIN_NAME: {PLAIN_NAME: PLAIN}})
        return course, filled(released(course, PLAIN_NAME), REFERENCE)
    init_course(folder, lessons=[assignment])
    run_nbgrader(folder, "generate_assignment", assignment)
    return folder, solved(next(path for path in lesson_paths() if path.stem == assignment))


def with_class(course: Path, assignment: str, notebook: NotebookNode, students: int) -> Path:
    """A copy of the course in which so many have handed the notebook in."""
    target = Path(tempfile.mkdtemp(dir=course.parent)) / "course"
    shutil.copytree(course, target)
    first = submit(target, "s00000", assignment, notebook)
    data = first.read_bytes()
    for number in range(1, students):
        path = target / "submitted" / f"s{number:05d}" / assignment / first.name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    return target


def without_plugin(course: Path) -> Path:
    """The same course under stock nbgrader, as it comes."""
    config = course / "nbgrader_config.py"
    config.write_text(re.sub(r"c\.Autograde\.\w+_preprocessors = \[.*?\]\n", "", config.read_text(), flags=re.DOTALL))
    return course
