"""Cells tagged `same-for-all` in the course's
source: run once for a class, not for each student.
"""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from autograder.running.executor import Executor
from autograder.running.job import Cell, Job, Ran
from autograder.running.loader import ExecutorProblem

from .assignment import Assignment, AssignmentNotebook
from .course_notebook import CourseCell

TAG = "same-for-all"


def is_tagged(cell: CourseCell) -> bool:
    """Whether the course's author says that a cell does the same for everybody.

    Answers and tests never do.
    """
    nbgrader = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and TAG in cell.metadata.get("tags", []) and not (nbgrader.get("grade") or nbgrader.get("solution"))


def results(executor: Executor, assignment: Assignment, side: AssignmentNotebook, *, at_once: bool = False) -> dict[str, bytes]:
    """The results of the tagged cells, by their text.

    Unless `at_once`, there are none for the first submission, which may be the only one.
    """
    if not any(map(is_tagged, side.cells.cells)):
        return {}
    executor.once(_key(assignment, side), lambda: class_run(executor, assignment, side), at_once=at_once)
    return prepared(executor, assignment, side)


def prepared(executor: Executor, assignment: Assignment, side: AssignmentNotebook) -> dict[str, bytes]:
    """What the tagged cells have made, as far as they have been run."""
    found = executor.made(_key(assignment, side))
    return {source: ran.kept for source, ran in (found or {}).items() if ran.kept}


def _key(assignment: Assignment, side: AssignmentNotebook) -> str:
    return f"{assignment.fingerprint} {side.name}"


def class_run(executor: Executor, assignment: Assignment, side: AssignmentNotebook) -> dict[str, Ran]:
    """Run the tagged cells in two processes, and keep
    by their text the results that are the same in both.
    """
    try:
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda _: _run(executor, assignment, side), range(2))
    except KeyboardInterrupt:
        executor.stop()
        raise
    except (ExecutorProblem, OSError):  # where a submission is run it will be said
        return {}
    return {
        source: ran if ran.kept == second[source].kept else replace(ran, kept=b"", why="it is not the same each time")
        for source, ran in first.items()
        if source in second
    }


def _run(executor: Executor, assignment: Assignment, side: AssignmentNotebook) -> dict[str, Ran]:
    """Run the released notebook without its tests, up to
    its last tagged cell, in a process like a student's.
    """
    tests = {cell.cell_id for cell in side.tests()}
    cells = [cell for cell in side.cells.cells if cell.cell_type == "code" and cell.cell_id not in tests]
    while not is_tagged(cells[-1]):
        cells.pop()
    folder = Path(tempfile.mkdtemp(prefix="class-", dir=executor.scratch))
    folder.chmod(0o755)  # to be read by the user that student code runs as
    try:
        assignment.copy_files(folder)
        executed = executor.run(Job([Cell(cell.released, record=is_tagged(cell)) for cell in cells], student_files=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {cell.released: ran for cell, ran in zip(cells, executed.cells) if is_tagged(cell)}
