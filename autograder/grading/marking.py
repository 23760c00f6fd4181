"""One submission from the folder that was handed in to a
notebook with marks: read, put right, run, written down.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.clean import as_written
from autograder.feedback import WORDS_ONLY
from autograder.plain_text import one_line
from autograder.running.executor import Executor
from autograder.running.job import Executed
from autograder.running.observed import Shortcut

from .assemble import Assembled, assemble
from .assignment import Assignment, AssignmentNotebook
from .notebook_repair import UnreadableNotebook, read_notebook
from .notebook_run import OWNER, code_cells, job_for, not_reached, written
from .prepared import Prepared, prepare
from .shortcuts import taken_by_answers
from .submission import TIMESTAMP, Submission, read_submission


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
    """Take in, put right and run what lies in a student's
    folder, after what is done once for a class.
    """
    limits = executor.limits
    submission = read_submission(folder, side.notebooks, largest_file=limits.file_bytes, largest_total=limits.disk_bytes, zone=side.zone)
    return mark_submission(executor, side, student, submission, prepare(executor, side))


def mark_submission(executor: Executor, side: Assignment, student: str, submission: Submission, prepared: Prepared) -> Outcome:
    """Put right and run what a student handed in for an assignment."""
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
            _mark_notebook(executor, side, notebook, submission, folder, prepared, outcome)
    outcome.flags[:] = map(one_line, outcome.flags)
    return outcome


@contextmanager
def staged(executor: Executor, submission: Submission, side: Assignment) -> Iterator[Path]:
    """A folder with what the student's process finds beside itself:
    what was handed in, with the course's own files over it.
    """
    folder = Path(tempfile.mkdtemp(prefix="submission-", dir=executor.scratch))
    folder.chmod(0o755)  # to be read by the user that student code runs as
    try:
        write_files(folder, submission.files | {f"{name}.ipynb": data for name, data in submission.notebooks.items()})
        side.copy_files(folder, set(submission.files))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def without_notebooks(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files but for other notebooks: nbgrader takes every
    notebook in autograded/ for one of the assignment's.
    """
    return {name: data for name, data in files.items() if not name.lower().endswith(".ipynb")}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files by their relative names."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _mark_notebook(
    executor: Executor,
    assignment: Assignment,
    side: AssignmentNotebook,
    submission: Submission,
    folder: Path,
    prepared: Prepared,
    outcome: Outcome,
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
    kept, findings = prepared.kept.get(name, {}), prepared.findings.notebooks[name]
    executed = executor.run(job_for(assembled, side, folder, executor.course_files(assignment), kept, findings))
    notebook, notes = written(assembled, executed, executor.isolation.words)
    outcome.notebooks[name] = outcome.pages[name] = notebook
    outcome.flags += [remark.words for remark in assembled.remarks if remark.suspicious]
    outcome.flags += [*executed.remarks, *notes, *shortcuts_told(assembled, executed, side)]
    outcome.failed = outcome.failed or not executed.complete


def shortcuts_told(assembled: Assembled, executed: Executed, side: AssignmentNotebook) -> list[str]:
    """The shortcuts past a derivation by hand that a person
    is told of: by what ran, and by what the text says.
    """
    return [*_ran(executed, side), *_shortcuts(assembled, side)]


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
    cells = [(cell, owner) for cell, owner in code_cells(assembled) if not utils.is_grade(cell) or utils.is_solution(cell)]
    names = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell, _ in cells]
    answers = {position: name for position, (name, (_, owner)) in enumerate(zip(names, cells)) if name and owner == "student"}
    released = {cell.released for cell in side.cells.cells}
    own = [position for position, (cell, owner) in enumerate(cells) if owner == "student" and cell.source not in released]
    found = taken_by_answers([cell.source for cell, _ in cells], answers, own)
    new = [(name, use) for name, uses in found.items() for use in sorted(uses) if use.shortcut not in side.shortcuts.get(name, ())]
    return [f"{name} uses {use.words}." for name, use in new]


def _what_came_instead(name: str, submission: Submission) -> str:
    """Words for a student who handed in something else than the notebook."""
    others = [file for file in sorted(submission.files) if file != TIMESTAMP]
    held = f" What was handed in: {', '.join(others[:5])}." if others else ""
    missing = f"The notebook {name}.ipynb was not handed in, so there is nothing to mark."
    return f"{missing}{held} Only the .ipynb file that Jupyter saves can be graded."


def _page_of_words(side: AssignmentNotebook, words: str) -> NotebookNode:
    """The blank notebook with a word at its top, so that there is something to hand back."""
    notebook = assemble(side.cells, nbformat.v4.new_notebook()).notebook
    cell = nbformat.v4.new_markdown_cell(as_written(one_line(words)), id=WORDS_ONLY)
    cell.metadata[OWNER] = {"owner": "course"}
    notebook.cells.insert(0, cell)
    for cell in notebook.cells:
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            cell.outputs = [nbformat.from_dict(output) for output in not_reached().outputs]
    return notebook
