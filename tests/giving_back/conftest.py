"""A class that was collected and graded, once for all tests: grading loads PyTorch twice."""

import shutil

import pytest

from autograder.collecting.collect import collect
from autograder.course import course_config
from autograder.grading.run import grade
from tests.collecting.made_up import GIVEN, ROSTER, WEEK, write_zip
from tests.executors import lent_to_grade
from tests.grading.course import PLAIN, make_course


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory, running_executors):
    """Ada, Zoë and Bo, from Moodle's zip; and Cy, who handed in a PDF."""
    folder = tmp_path_factory.mktemp("graded")
    course = make_course(folder / "course", {WEEK: {WEEK: PLAIN}}, config=course_config("made-up").replace("c = get_config()", ""))
    (course / "roster.csv").write_text(ROSTER, encoding="utf-8")
    given = write_zip(folder / "moodle.zip", GIVEN["moodle"] | {"Cy Twombly_7004_assignsubmission_file_/week.pdf": b"%PDF"})
    collect(course, WEEK, [given])
    with lent_to_grade(running_executors):
        assert sorted(grade(course, WEEK, sandbox="auto").graded) == ["ada", "bo", "cy", "zoe"]
    return course


@pytest.fixture
def graded_course(graded_class, tmp_path):
    shutil.copytree(graded_class, tmp_path / "graded")
    return tmp_path / "graded"
