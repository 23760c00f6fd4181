"""One thread a process, as tests run in parallel and tensors are tiny; the environment's commands first; the long tests first."""

import os
import sys
from pathlib import Path

import tests.examples  # noqa: F401  (the profiles of hypothesis, before any test module is read)

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # nbgrader starts alembic by its name


def pytest_collection_modifyitems(items):
    """Begin with what takes minutes, then what takes tens of seconds, so that no worker is left alone with one of these at the end."""
    items.sort(key=lambda item: (item.get_closest_marker("xdist_group") is None, item.path.name != "test_execution.py"))
