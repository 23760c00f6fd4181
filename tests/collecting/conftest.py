"""A released course for everything that takes submissions
in and gives marks back; copied for each test.
"""

import shutil

import pytest

from tests.grading.course import PLAIN, make_course

WEEK = "01_week"


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("released") / "course", {WEEK: {WEEK: PLAIN}})


@pytest.fixture
def course(released_course, tmp_path):
    shutil.copytree(released_course, tmp_path / "course")
    return tmp_path / "course"
