"""A process that dies in a test, or hangs in compiled code, costs only the test that it was at."""

import sys

import pytest

from autograder.grading.marking import mark
from autograder.running import notebook_run
from autograder.sandbox.limits import Limits
from tests.grading.course import answer, check, code, filled, notebook, points, release_of, side_of, submit

pytestmark = [pytest.mark.xdist_group("grading-run"), pytest.mark.skipif(sys.platform != "linux", reason="kills by signal")]
COLLIDING = "def numbers(n):\n    return [k * (2**61 - 1) for k in range(1, 60_000 if n == 7 else 5)]"
COURSE = notebook(
    code("import ctypes"),
    answer("numbers-answer", "def numbers(n):\n    ### BEGIN SOLUTION\n    return list(range(n))\n    ### END SOLUTION"),
    check("first", "assert callable(numbers)\nhelper = 5", 1),
    check("dies", "ctypes.string_at(0)", 1),
    check("after", "assert len(numbers(3)) >= 3 and helper == 5", 1),
    check("stuck", "assert len(set(numbers(7))) == 7", 1),
    check("last", "assert numbers.__name__ == 'numbers'\n2.0", 2),
)


def test_a_lost_trusted_process_costs_the_test_that_it_was_at(tmp_path, monkeypatch, running_executors):
    monkeypatch.setattr(notebook_run, "WATCHDOG", 1.0)
    side = side_of(tmp_path, COURSE)
    path = submit(tmp_path, "eve", "exercise", filled(release_of(COURSE), {"numbers-answer": COLLIDING}))
    executor = running_executors(Limits(cell_seconds=1.0, notebook_seconds=60.0))
    outcome = mark(executor, side, path.parent, "eve")
    assert points(outcome.notebooks["exercise"]) == {"first": 1, "dies": 0, "after": 1, "stuck": 0, "last": 2}
    words = "\n".join(outcome.flags)
    assert "ended by SIGSEGV" in words
    assert "in the test dies" in words
    assert "was stopped, for it had not answered" in words
    assert "in the test stuck" in words
    assert not outcome.failed
