"""One submission from the folder that was handed in to a notebook with marks: read, put right, run, written down."""

import ast
import copy
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.clean import as_written, clean_output
from autograder.plain_text import one_line
from autograder.running.executor import Cell, Executed, Executor, Job, Ran
from autograder.running.names import parse
from autograder.running.observed import Shortcut

from . import class_run
from .assemble import Assembled, assemble
from .assignment import Assignment, AssignmentNotebook
from .shortcuts import taken_by_answers
from .submission import SURROGATES, TIMESTAMP, Submission, UnreadableNotebook, read_notebook, read_submission

OWNER = "autograder"  # the key of our own metadata, in cells and in notebooks


@dataclass
class Outcome:
    """One submission, run."""

    student: str
    timestamp: datetime | None
    notebooks: dict[str, NotebookNode | None]  # None: not handed in, or unreadable
    pages: dict[str, NotebookNode] = field(
        default_factory=dict
    )  # for autograded/: the notebooks, and a page of words for an unreadable one
    files: dict[str, bytes] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    failed: bool = False
    fingerprint: str = ""


def mark(executor: Executor, side: Assignment, folder: Path, student: str) -> Outcome:
    """Take in, put right and run what a student handed in for an assignment."""
    limits = executor.limits
    submission = read_submission(folder, side.notebooks, largest_file=limits.file_bytes, largest_total=limits.disk_bytes, zone=side.zone)
    outcome = Outcome(
        student,
        submission.timestamp,
        {},
        files=without_notebooks(submission.files),
        flags=list(submission.remarks),
        fingerprint=submission.fingerprint,
    )
    with staged(executor, submission, side) as folder:
        for notebook in side.notebooks.values():
            _mark_notebook(executor, side, notebook, submission, folder, outcome)
    outcome.flags[:] = map(one_line, outcome.flags)
    return outcome


@contextmanager
def staged(executor: Executor, submission: Submission, side: Assignment) -> Iterator[Path]:
    """A folder with what the student's process finds beside itself: what was handed in, with the course's own files over it."""
    folder = Path(tempfile.mkdtemp(prefix="submission-", dir=executor.scratch))
    folder.chmod(0o755)  # to be read by the user that student code runs as
    try:
        write_files(folder, submission.files | {f"{name}.ipynb": data for name, data in submission.notebooks.items()})
        side.copy_files(folder, set(submission.files))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def without_notebooks(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files but for other notebooks: nbgrader takes every notebook in autograded/ for one of the assignment's."""
    return {name: data for name, data in files.items() if not name.lower().endswith(".ipynb")}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files by their relative names."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _mark_notebook(
    executor: Executor, assignment: Assignment, side: AssignmentNotebook, submission: Submission, folder: Path, outcome: Outcome
) -> None:
    name = side.name
    if name not in submission.notebooks:
        outcome.notebooks[name] = None
        outcome.pages[name] = _page_of_words(side, _what_came_instead(name, submission))
        return
    try:
        submitted = read_notebook(submission.notebooks[name])
    except UnreadableNotebook as problem:
        outcome.notebooks[name] = None
        outcome.failed = True
        outcome.flags.append(f"{name}.ipynb could not be read: {problem}")
        outcome.pages[name] = _page_of_words(side, f"This notebook could not be read. {problem}")
        return
    assembled = assemble(side.cells, submitted)
    kept = class_run.results(executor, assignment, side)
    executed = executor.run(job_for(assembled, side, folder, executor.course_files(assignment), kept))
    notebook, notes = written(assembled, executed, executor.isolation.words)
    outcome.notebooks[name] = outcome.pages[name] = notebook
    outcome.flags += [remark.words for remark in assembled.remarks if remark.suspicious]
    outcome.flags += [*executed.remarks, *notes, *_ran(executed, side), *_shortcuts(assembled, side)]
    outcome.failed = outcome.failed or not executed.complete


def job_for(
    assembled: Assembled,
    side: AssignmentNotebook,
    student_files: Path,
    course_files: Path,
    kept: Mapping[str, bytes] = MappingProxyType({}),
) -> Job:
    """The code cells to run, tests on the trusted side. `kept`: what cells that are the same for all have made, by their text."""
    cells = [_cell(cell, owner, side, kept) for cell, owner in _code(assembled)]
    return Job(cells, side.needs, side.in_place, student_files, course_files)


def written(assembled: Assembled, executed: Executed, isolation: str) -> tuple[NotebookNode, list[str]]:
    """The notebook with the outputs in it, as nbgrader reads marks from it; and what went wrong with single marks."""
    notebook = copy.deepcopy(assembled.notebook)
    notebook.metadata[OWNER] = {"sandbox": isolation}
    ran = iter(executed.cells)
    notes: list[str] = []
    for number, (cell, owner) in enumerate(zip(notebook.cells, assembled.owners)):
        cell.metadata[OWNER] = {"owner": owner}
        if cell.cell_type != "code":
            continue
        result = next(ran, None) or _not_reached()
        test = utils.is_grade(cell) and not utils.is_solution(cell)
        outputs = [_safe(_writable(output), trusted=test) for output in result.outputs]
        if test:
            outputs = _as_marks(cell, outputs, result, notes)
        cell.outputs = [nbformat.from_dict(output) for output in outputs if output]
        cell.execution_count = number + 1 if result.executed else None
    return notebook, notes


def _code(assembled: Assembled) -> list[tuple[NotebookNode, str]]:
    return [(cell, owner) for cell, owner in zip(assembled.notebook.cells, assembled.owners) if cell.cell_type == "code"]


def _cell(cell: NotebookNode, owner: str, side: AssignmentNotebook, kept: Mapping[str, bytes]) -> Cell:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    if utils.is_grade(cell) and not utils.is_solution(cell):
        return Cell(cell.source, trusted=True, key=grade_id)
    skipped = owner == "student" and "skip-execution" in cell.metadata.get("tags", [])
    source = "" if skipped else side.released.get(grade_id, cell.source) if owner == "course" else cell.source
    return Cell(source, kept=kept.get(source, b""))


def _not_reached() -> Ran:
    words = "This cell was not run, so it has no marks."
    return Ran([{"output_type": "error", "ename": "NotExecuted", "evalue": words, "traceback": [words]}], executed=False)


def _as_marks(cell: NotebookNode, outputs: list[dict[str, Any]], result: Ran, notes: list[str]) -> list[dict[str, Any]]:
    """Outputs from which nbgrader reads the right mark: stderr is no failure, and a number of any type is partial credit."""
    name, points = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    for output in outputs:
        if output["output_type"] == "stream":
            output["name"] = "stdout"
    number = result.number
    if number is None and result.many and gives_points(cell.source):
        notes.append(f"The test {name} gave something that is no single number of points; 0 was written down.")
        number = 0.0
    if number is None:
        return outputs
    if not math.isfinite(number) or number < 0:
        notes.append(f"The test {name} gave {number} points; that is no mark, and 0 was written down.")
        number = 0.0
    if number > points:
        notes.append(f"The test {name} gave {number:g} points of {points:g}; {points:g} were written down.")
        number = points
    # In place of what the cell shows: that may have been cut off, and nothing is full marks to nbgrader.
    shown = [output for output in outputs if output["output_type"] != "execute_result"]
    return [*shown, {"output_type": "execute_result", "data": {"text/plain": repr(number)}, "metadata": {}, "execution_count": None}]


def _safe(output: Any, *, trusted: bool) -> dict[str, Any]:
    """An output fit for a page: of the student's, only what cannot act; of a test's, all of it."""
    if not isinstance(output, dict) or output.get("output_type") not in ("stream", "display_data", "execute_result", "error"):
        return {}
    try:
        made = nbformat.from_dict(output if trusted else clean_output(_well_formed(output)))
        nbformat.validate(made, ref=output["output_type"], version=4)
    except Exception:  # made by the student's process: whatever is wrong with it, it is left out
        if output["output_type"] == "error":  # it stays one: to nbgrader nothing is full marks
            return {"output_type": "error", "ename": "Error", "evalue": "(an error that cannot be shown)", "traceback": []}
        return {"output_type": "stream", "name": "stdout", "text": "(an output that is none was left out)\n"}
    return dict(made)


def _writable(value: Any) -> Any:
    """The same with every text such that a file can hold it."""
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_writable(key): _writable(entry) for key, entry in value.items()}
    return [_writable(entry) for entry in value] if isinstance(value, list) else value


def gives_points(source: str) -> bool:
    """Whether a test's last line is meant to be a number of points: a name that starts as a number, or a piece of arithmetic."""
    tree = parse(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return False
    if isinstance(last.value, ast.Name):
        return any(
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, (int, float))
            and any(isinstance(target, ast.Name) and target.id == last.value.id for target in node.targets)
            for node in ast.walk(tree)
        )
    function = last.value.func if isinstance(last.value, ast.Call) else None
    return isinstance(last.value, ast.BinOp) or (isinstance(function, ast.Name) and function.id in ("round", "min", "max", "sum", "float"))


def _well_formed(output: dict[str, Any]) -> dict[str, Any]:
    """Text as text, nothing else."""
    if output["output_type"] == "stream":
        return {
            "output_type": "stream",
            "name": "stderr" if output.get("name") == "stderr" else "stdout",
            "text": str(output.get("text", "")),
        }
    return output


def _ran(executed: Executed, side: AssignmentNotebook) -> list[str]:
    """Which functions ran a shortcut that the course's own answers do not take, in words."""
    new = [(name, kind) for name, kind in executed.shortcuts if kind not in side.takes.get(name, ())]
    return [f"{name} ran {RAN.get(kind, kind)} while it was tested." for name, kind in new]


RAN = {
    Shortcut.AUTOGRAD: "PyTorch's autograd, or another one,",
    Shortcut.DIFFERENCES: "numerical differences (its parts were called with arguments a small step apart)",
    Shortcut.PROCESS: "another process of its own",
}


def _shortcuts(assembled: Assembled, side: AssignmentNotebook) -> list[str]:
    """Which answers take a shortcut, by their text, that the course's own do not."""
    cells = [(cell, owner) for cell, owner in _code(assembled) if not utils.is_grade(cell) or utils.is_solution(cell)]
    names = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell, _ in cells]
    answers = {position: name for position, (name, (_, owner)) in enumerate(zip(names, cells)) if name and owner == "student"}
    found = taken_by_answers([cell.source for cell, _ in cells], answers)
    new = [(name, use) for name, uses in found.items() for use in sorted(uses) if use.shortcut not in side.shortcuts.get(name, ())]
    return [f"{name} uses {use.words}." for name, use in new]


def _what_came_instead(name: str, submission: Submission) -> str:
    """Words for a student who handed in something else than the notebook."""
    others = [file for file in sorted(submission.files) if file != TIMESTAMP]
    shown = ", ".join("".join(sign for sign in file if sign.isalnum() or sign in " .-/") for file in others[:5])
    held = f" What was handed in: {shown}." if others else ""
    missing = f"The notebook {name}.ipynb was not handed in, so there is nothing to mark."
    return f"{missing}{held} Only the .ipynb file that Jupyter saves can be graded."


def _page_of_words(side: AssignmentNotebook, words: str) -> NotebookNode:
    """The blank notebook with a word at its top, so that there is something to hand back."""
    notebook = assemble(side.cells, nbformat.v4.new_notebook()).notebook
    cell = nbformat.v4.new_markdown_cell(as_written(one_line(words)), id="could-not-be-read")
    cell.metadata[OWNER] = {"owner": "course"}
    notebook.cells.insert(0, cell)
    for cell in notebook.cells:
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            cell.outputs = [nbformat.from_dict(output) for output in _not_reached().outputs]
    return notebook
