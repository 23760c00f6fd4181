"""A page without points goes through stock nbgrader like an assignment."""

import pytest
from nbgrader.api import Gradebook

from autograder.building import page_paths
from autograder.course import init_course
from tests.commands import run_nbgrader
from tests.nbgrader.submissions import blank, hand_in, solved


@pytest.mark.parametrize("page", page_paths(), ids=lambda path: path.stem)
def test_it_is_released_and_collected_and_is_worth_nothing(page, tmp_path):
    course = tmp_path / "course"
    init_course(course, lessons=[page.stem])
    run_nbgrader(course, "generate_assignment", page.stem)
    assert (course / "release" / page.stem / f"{page.stem}.ipynb").exists()
    hand_in(course, "worked", page, solved(page))
    hand_in(course, "blank", page, blank(page))
    run_nbgrader(course, "autograde", page.stem, "--create")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for student in ("worked", "blank"):
            submission = gradebook.find_submission(page.stem, student)
            assert (submission.score, submission.max_score) == (0, 0)
