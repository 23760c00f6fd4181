"""Runs the course's own solution and the blank release
like a student's work, before anybody is marked.

A test that the solution passes only in one process with the answers runs so for everybody
(`separation`). A test that it never passes is reported, and so is one that gives points to the
blank release. What the solution's functions return, and do to their arguments, is kept for
comparison with students' functions.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from backprop.files import write_whole
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder import running
from autograder.running.executor import Executor
from autograder.running.known import Known

from . import class_run
from .assemble import assemble
from .assignment import Assignment, AssignmentNotebook
from .findings import Findings, NotebookFindings, Separation
from .notebook_run import job_for, written

LONGEST_REASON = 160


def findings(executor: Executor, assignment: Assignment, kept_at: Path | None = None) -> Findings:
    """The findings about the assignment, read from the file `kept_at` if it is of this version."""
    key = key_of(executor, assignment)
    return executor.first(f"findings {key}", lambda: kept(kept_at, key) or find(executor, assignment, kept_at, key))


def use(executor: Executor, assignment: Assignment, found: Findings) -> None:
    """Have an executor know what another one found."""
    executor.first(f"findings {key_of(executor, assignment)}", lambda: found)


def find(executor: Executor, assignment: Assignment, kept_at: Path | None, key: str) -> Findings:
    """Try the tests on solution and blank, and write the findings to `kept_at`, if it is given."""
    notebooks = {name: _Trial(executor, assignment, side).findings() for name, side in assignment.notebooks.items()}
    found = Findings(assignment.separation, notebooks)
    if kept_at is not None:
        keep(kept_at, key, found)
    return found


def keep(path: Path, key: str, found: Findings) -> None:
    """Keep findings for the next run."""
    content = json.dumps({"key": key, "findings": found.as_dict()})
    write_whole(path, content.encode(), mode=None, durable=False)


def kept(path: Path | None, key: str) -> Findings | None:
    """What an earlier run found, if it was of the same assignment, options and grader."""
    try:
        data = json.loads(path.read_text(encoding="utf-8")) if path else {}
        return Findings.from_dict(data["findings"]) if data.get("key") == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def key_of(executor: Executor, assignment: Assignment) -> str:
    """Of all that the findings depend on."""
    parts = [assignment.fingerprint, assignment.separation, repr(executor.limits), executor.isolation.words, _grader()]
    parts += [nbformat.writes(side.solution) for side in assignment.notebooks.values() if side.solution is not None]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for _, path in sorted(assignment.files.items())]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=1)
def _grader() -> str:
    """Which version of the grader this is: the text of what runs notebooks."""
    files = sorted(Path(running.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@dataclass(frozen=True)
class _Result:
    """The results of the tests in one notebook: those
    without full points and those with any, with reasons.
    """

    below: dict[str, str]
    above: dict[str, str]
    known: Known


@dataclass(frozen=True)
class _Trial:
    """The trial of one notebook's tests."""

    executor: Executor
    assignment: Assignment
    side: AssignmentNotebook

    def findings(self) -> NotebookFindings:
        """Run solution and blank, apart or together as `separation` says.

        AUTO runs those tests together that the solution passes in no other way.
        """
        tests = [str(cell.grade_id) for cell in self.side.tests()]
        solution = self.side.solution
        if solution is None:
            everything = self.assignment.separation is Separation.TOGETHER
            return NotebookFindings(together=dict.fromkeys(tests, "as `separation` says") if everything else {}, by_hand=self._by_hand())
        together = dict.fromkeys(tests, "as `separation` says") if self.assignment.separation is Separation.TOGETHER else {}
        with ThreadPoolExecutor(2) as pool:
            blank = pool.submit(self._run, self._blank(), together)
            solved = self._run(solution, together)
        short = solved.below
        if short and self.assignment.separation is Separation.AUTO:
            together, solved = self._together(solution, solved.below, tests)
            short = solved.below
            above = self._run(self._blank(), together).above
        else:
            above = blank.result().above
        tries_together = self.assignment.separation is Separation.AUTO
        return NotebookFindings(solved.known, together, short, above, tries_together, self._by_hand())

    def _together(self, solution: NotebookNode, below: dict[str, str], tests: list[str]) -> tuple[dict[str, str], _Result]:
        """The tests to run together, and the solution's points then.

        Tests that fail together too are left out.
        """
        chosen = self._with_shared_names({test: f"apart from it the course's own solution fails: {why}" for test, why in below.items()})
        result = self._run(solution, chosen)
        if result.below:  # the names of one test may be another's in ways that its text does not tell
            everything = {test: chosen.get(test, "a later test needs what it does") for test in tests}
            last = self._run(solution, everything)
            if len(last.below) < len(result.below):
                return everything, last
        passed = {test: why for test, why in chosen.items() if test not in result.below}
        if len(passed) < len(chosen):
            passed = self._with_shared_names(passed)
            result = self._run(solution, passed)
        return passed, result

    def _with_shared_names(self, chosen: dict[str, str]) -> dict[str, str]:
        """These tests, with those that make names for them or use names of theirs."""
        chosen, added = dict(chosen), True
        while added:
            added = False
            for test, needs in self.side.needs.items():
                for other in needs.of_tests:
                    for one, two in ((test, other), (other, test)):
                        if one in chosen and two not in chosen:
                            chosen[two] = f"it shares names with {one}"
                            added = True
        return chosen

    def _by_hand(self) -> dict[str, str]:
        """The answers and tasks that a person marks, and what they are worth."""
        found = {}
        for cell in self.side.cells.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("task") or (about.get("grade") and about.get("solution")):
                found[str(cell.grade_id)] = f"{float(about['points']):g} points"
        return found

    def _blank(self) -> NotebookNode:
        """The release as it is handed out."""
        notebook = nbformat.v4.new_notebook()
        for cell in self.side.cells.cells:
            made = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
            notebook.cells.append(made(cell.released, id=cell.cell_id, metadata=nbformat.from_dict(cell.metadata)))
        return notebook

    def _run(self, notebook: NotebookNode, together: Collection[str]) -> _Result:
        """Run a notebook as a student's, with nothing known."""
        assembled = assemble(self.side.cells, notebook)
        kept = class_run.prepared(self.executor, self.assignment, self.side)
        folder = Path(tempfile.mkdtemp(prefix="reference-", dir=self.executor.scratch))
        folder.chmod(0o755)  # to be read by the user that student code runs as
        try:
            self.assignment.copy_files(folder)
            findings = NotebookFindings(together=dict.fromkeys(together, ""))
            job = job_for(assembled, self.side, folder, self.executor.course_files(self.assignment), kept, findings)
            executed = self.executor.run(job)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        made, _ = written(assembled, executed, "")
        below, above = {}, {}
        for cell in made.cells:
            if utils.is_grade(cell) and not utils.is_solution(cell) and cell.cell_type == "code":
                points, most = utils.determine_grade(cell)
                name = cell.metadata.nbgrader.grade_id
                if points < most:
                    below[name] = _reason(cell, points, most, executed.remarks)
                if points > 0:
                    above[name] = f"{points:g} of {most:g} points"
        return _Result(below, above, executed.known)


def _reason(cell: NotebookNode, points: float, most: float, remarks: Iterable[str]) -> str:
    """Why a test gave less than full points: the error that stopped it, or its points."""
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return f"it earns {points:g} of {most:g} points"
    words = " ".join(f"{error.ename}: {error.evalue}".split())
    return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 1] + "…"
