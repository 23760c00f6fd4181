"""Cells that are the same for all students, by the tag `same-for-all` in the course's source: run once for a class."""

import shutil
import tempfile
from pathlib import Path

from autograder.running.executor import Cell, Executor, Job, Ran

from .assemble import CourseCell
from .course_side import AssignmentSide, NotebookSide

TAG = "same-for-all"


def results(executor: Executor, assignment: AssignmentSide, side: NotebookSide) -> dict[str, bytes]:
    """What has been kept of a notebook's tagged cells, by their text: nothing for the first submission, for a class of one needs no run."""
    if not any(map(is_tagged, side.cells.cells)):
        return {}
    found = executor.once(f"{assignment.fingerprint} {side.name}", lambda: class_run(executor, assignment, side))
    return {source: ran.kept for source, ran in (found or {}).items() if ran.kept}


def class_run(executor: Executor, assignment: AssignmentSide, side: NotebookSide) -> dict[str, Ran]:
    """Run the notebook as it is released, up to its last tagged cell and without its tests; what became of the tagged cells, by text."""
    tests = {cell.cell_id for cell in side.tests()}
    cells = [cell for cell in side.cells.cells if cell.cell_type == "code" and cell.cell_id not in tests]
    while not is_tagged(cells[-1]):
        cells.pop()
    folder = Path(tempfile.mkdtemp(prefix="class-", dir=executor.scratch))
    folder.chmod(0o755)  # to be read by the user that student code runs as
    try:
        assignment.copy_files(folder)
        job = Job([Cell(cell.released, record=is_tagged(cell)) for cell in cells], student_files=folder)
        executed = executor.run(job)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {cell.released: ran for cell, ran in zip(cells, executed.cells) if is_tagged(cell)}


def is_tagged(cell: CourseCell) -> bool:
    """Whether the course's author says that a cell does the same for everybody; never so of an answer or a test."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and TAG in cell.metadata.get("tags", []) and not (nbgrader.get("grade") or nbgrader.get("solution"))
