"""Plain bytes go to a marker elsewhere and come back;
the outcome is the same as that of marking here.
"""

import nbformat
import pytest

from autograder.grading.marker import mark_bytes, outcome_from_bytes, submission_bytes, submission_from_bytes
from autograder.grading.marking import mark_submission
from autograder.grading.prepared import Prepared, prepare
from autograder.grading.submission import read_submission
from autograder.running.codec import NotEncodable
from tests.grading.course import PLAIN, REFERENCE, filled, points, release_of, side_of

pytestmark = pytest.mark.xdist_group("grading-run")


@pytest.fixture
def assignment(tmp_path):
    return side_of(tmp_path / "course", PLAIN)


def handed_in(folder, notebook):
    """A submission with a file beside the notebook and a time."""
    folder.mkdir(parents=True)
    (folder / "exercise.ipynb").write_text(notebook, encoding="utf-8")
    (folder / "notes.txt").write_bytes(b"\xff\x00")
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05", encoding="utf-8")
    return read_submission(folder, ["exercise"], largest_file=2**20, largest_total=2**20)


def test_a_submission_marked_as_bytes_has_the_outcome_that_it_has_here(assignment, tmp_path, running_executors):
    work = nbformat.writes(
        filled(release_of(PLAIN), REFERENCE | {"square-answer": "def square(x):\n    print('ü\U0001f600')\n    return x"})
    )
    submission = handed_in(tmp_path / "ada" / "exercise", work)
    executor = running_executors()
    sent = Prepared.from_dict(prepare(executor, assignment).as_dict())
    there = outcome_from_bytes(mark_bytes(executor, assignment, sent, submission_bytes("ada", submission)), submission)
    here = mark_submission(executor, assignment, "ada", submission, prepare(executor, assignment))
    assert vars(there) == vars(here)
    assert there.notebooks["exercise"] is there.pages["exercise"]
    assert points(there.pages["exercise"]) == {"square": 0, "slope": 3, "sums": 3}


def test_a_notebook_that_cannot_be_read_comes_back_as_a_page_and_no_notebook(assignment, tmp_path, running_executors):
    submission = handed_in(tmp_path / "bob" / "exercise", "no notebook")
    executor = running_executors()
    outcome = outcome_from_bytes(
        mark_bytes(executor, assignment, prepare(executor, assignment), submission_bytes("bob", submission)), submission
    )
    assert outcome.failed
    assert outcome.notebooks == {"exercise": None}
    assert "could not be read" in outcome.pages["exercise"].cells[0].source


def test_other_bytes_are_refused(tmp_path):
    submission = handed_in(tmp_path / "cy" / "exercise", "{}")
    assert submission_from_bytes(submission_bytes("cy", submission)) == ("cy", submission)
    with pytest.raises(NotEncodable):
        submission_from_bytes(b"\xc1")
