"""Runs stock nbgrader's commands, each in a process forked
from one that has nbgrader loaded, which takes seconds.
"""

import atexit
import os
import sys
import tempfile
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.apps.nbgraderapp import main

LOADED = ["nbgrader.apps.nbgraderapp", "nbconvert.exporters", "autograder.grading.plugin"]


def run_nbgrader(course: Path, *words: str, status: int | None = 0) -> str:
    """Run an nbgrader command in the course's folder and return its output.

    `status` is the exit status that it must have; None: any.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        process = _context().Process(target=_command, args=[words, course, dict(os.environ), log, _newest_gradebook()])
        process.start()
        process.join(1200)
        late = process.is_alive()
        process.kill()
        process.join()
        said = log.read_text(encoding="utf-8") if log.exists() else ""
    if late or status not in (None, process.exitcode):
        pytest.fail(f"nbgrader {' '.join(words)}: {'it did not end' if late else f'status {process.exitcode}'}\n{said}")
    return said


@cache
def _context():
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    context.set_forkserver_preload(LOADED)
    return context


@cache
def _newest_gradebook() -> str:
    """The version that nbgrader asks yet another command for, whenever it makes a gradebook."""
    return nbgrader.api.get_alembic_version()


def _command(words: tuple[str, ...], course: Path, environment: dict[str, str], log: Path, newest: str) -> None:
    nbgrader.api.get_alembic_version = lambda: newest
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(course)
    sys.argv = ["nbgrader", *words]
    with log.open("w", encoding="utf-8") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    try:
        main()
    finally:
        atexit._run_exitfuncs()  # which multiprocessing leaves out
        sys.stdout.flush()
        sys.stderr.flush()
