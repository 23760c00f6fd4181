"""Settings for all tests: one thread a process, the
environment's commands first on the PATH, long tests first.
"""

import os
import sys
from pathlib import Path

import pytest

import tests.examples  # noqa: F401  (the profiles of hypothesis, before any test module is read)

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # nbgrader starts alembic by its name

TESTS = Path(__file__).parent
END_TO_END = (
    "cluster/test_cluster.py",
    "cluster/test_manual.py",
    "notebooks",
    "nbgrader",
    "sandbox",
    "grading/test_class_run.py",
    "grading/test_honest.py",
    "grading/test_hostile.py",
    "grading/test_parity.py",
    "grading/test_run.py",
    "grading/test_watchdog.py",
    "reporting/test_class.py",
)


def pytest_collection_modifyitems(items):
    """Mark end-to-end tests, and start with those that take
    minutes, so that no worker runs one of these at the end.
    """
    for item in items:
        if item.path.relative_to(TESTS).as_posix().startswith(END_TO_END):
            item.add_marker(pytest.mark.end_to_end)
    items.sort(key=lambda item: (item.get_closest_marker("xdist_group") is None, item.path.name != "test_execution.py"))
