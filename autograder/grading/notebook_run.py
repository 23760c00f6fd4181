"""From a notebook that was put right to the job that
is run, and back: outputs and marks written into it.
"""

import ast
import copy
import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
from backprop.checking.report import DATA
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.clean import clean_output
from autograder.running import codec
from autograder.running.job import Cell, Executed, Job, Ran
from autograder.running.reads import parse

from .assemble import Assembled
from .assignment import AssignmentNotebook
from .findings import UNKNOWN, NotebookFindings
from .notebook_repair import SURROGATES

SHORT = 2**16  # bytes of an output that is kept, as others of the class may show the same
OWNER = "autograder"  # the key of our own metadata, in cells and in notebooks


def job_for(
    assembled: Assembled,
    side: AssignmentNotebook,
    student_files: Path,
    course_files: Path,
    kept: Mapping[str, bytes] = MappingProxyType({}),
    findings: NotebookFindings = UNKNOWN,
) -> Job:
    """The code cells to run, tests on the trusted side.

    `kept`: what cells that are the same for all have made, by their text.
    """
    cells = [_cell(cell, owner, side, kept, findings.together) for cell, owner in code_cells(assembled)]
    return Job(
        cells,
        side.needs,
        findings.known,
        tries_together=findings.tries_together,
        modules=side.modules,
        student_files=student_files,
        course_files=course_files,
    )


def written(assembled: Assembled, executed: Executed, isolation: str) -> tuple[NotebookNode, list[str]]:
    """The notebook with its outputs, in the form from which
    nbgrader reads marks, and problems with single marks.
    """
    notebook = copy.deepcopy(assembled.notebook)
    notebook.metadata[OWNER] = {"sandbox": isolation}
    ran = iter(executed.cells)
    notes: list[str] = []
    for number, (cell, owner) in enumerate(zip(notebook.cells, assembled.owners)):
        cell.metadata[OWNER] = {"owner": owner}
        if cell.cell_type != "code":
            continue
        result = next(ran, None) or not_reached()
        test = utils.is_grade(cell) and not utils.is_solution(cell)
        outputs = [dict(_safe_output(output, trusted=test and not result.together)) for output in result.outputs]
        if test:
            points = result.number if result.together else _in_the_cells_points(result.number, cell, outputs)
            outputs = _as_marks(cell, outputs, replace(result, number=points), notes)
        cell.outputs = [nbformat.from_dict(output) for output in outputs if output]
        cell.execution_count = number + 1 if result.executed else None
    return notebook, notes


def code_cells(assembled: Assembled) -> list[tuple[NotebookNode, str]]:
    """The code cells, each with its owner."""
    return [(cell, owner) for cell, owner in zip(assembled.notebook.cells, assembled.owners) if cell.cell_type == "code"]


def _cell(cell: NotebookNode, owner: str, side: AssignmentNotebook, kept: Mapping[str, bytes], together: Collection[str]) -> Cell:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    if utils.is_grade(cell) and not utils.is_solution(cell):
        return Cell(cell.source, trusted=True, key=grade_id, points=float(cell.metadata.nbgrader.points), together=grade_id in together)
    skipped = owner == "student" and "skip-execution" in cell.metadata.get("tags", [])
    source = "" if skipped else side.released.get(grade_id, cell.source) if owner == "course" else cell.source
    return Cell(source, kept=kept.get(source, b""))


def not_reached() -> Ran:
    """What becomes of a cell that was not run."""
    words = "This cell was not run, so it has no marks."
    return Ran([{"output_type": "error", "ename": "NotExecuted", "evalue": words, "traceback": [words]}], executed=False)


def _in_the_cells_points(number: float | None, cell: NotebookNode, outputs: list[dict[str, Any]]) -> float | None:
    """Convert the number of a lesson's check to the points
    of its cell, if these differ from the exercise's.

    Only for a test that ran apart from the student's code: its reports are the checks' own.
    """
    reports = [output["data"][DATA] for output in outputs if DATA in output.get("data", {})]
    if number is None or not reports or number != reports[-1]["earned"] or not _ends_in_a_check(cell.source):
        return number
    points, its_own = float(cell.metadata.nbgrader.points), reports[-1]["points"]
    return number if its_own in (0, points) else round(number * points / its_own, 9)


@lru_cache(maxsize=128)
def _ends_in_a_check(source: str) -> bool:
    """Whether a test's number of points is what an exercise's check gave."""
    tree = parse(source)
    last = tree.body[-1] if tree.body else None
    call = last.value if isinstance(last, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "check"


def _as_marks(cell: NotebookNode, outputs: list[dict[str, Any]], result: Ran, notes: list[str]) -> list[dict[str, Any]]:
    """Outputs from which nbgrader reads the right mark.

    Text on stderr is then no failure, and a number of any type is partial credit.
    """
    name, points = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    for output in outputs:
        if output["output_type"] == "stream":
            output["name"] = "stdout"
    number = result.number
    if number is None and result.many and gives_points(cell.source):
        notes.append(f"The test {name} gave something that is no single number of points; it counts as 0.")
        number = 0.0
    if number is None:
        return outputs
    if not math.isfinite(number) or number < 0:
        notes.append(f"The test {name} gave {number} points, which is no valid mark; it counts as 0.")
        number = 0.0
    if number > points:
        notes.append(f"The test {name} gave {number:g} points of {points:g}; {points:g} were written down.")
        number = points
    # Used in place of the cell's own output, which may have been cut off; nbgrader gives full marks
    # for none.
    shown = [output for output in outputs if output["output_type"] != "execute_result"]
    return [*shown, {"output_type": "execute_result", "data": {"text/plain": repr(number)}, "metadata": {}, "execution_count": None}]


def _safe_output(output: Any, *, trusted: bool) -> Mapping[str, Any]:
    """An output fit for a page; much of what a class shows is the same for many."""
    encoded = codec.encode(output)
    return _safe_again(encoded, trusted) if len(encoded) <= SHORT else _safe(_writable(output), trusted=trusted)


@lru_cache(maxsize=128)
def _safe_again(encoded: bytes, trusted: bool) -> Mapping[str, Any]:
    return _safe(_writable(codec.decode(encoded)), trusted=trusted)


def _safe(output: Any, *, trusted: bool) -> dict[str, Any]:
    """An output fit for a page: of the student's, only what cannot act; of a test's, all of it."""
    if not isinstance(output, dict) or output.get("output_type") not in ("stream", "display_data", "execute_result", "error"):
        return {}
    try:
        made = nbformat.from_dict(output if trusted else clean_output(_well_formed(output)))
        _validate(made)
    except Exception:  # made by the student's process: whatever is wrong with it, it is left out
        if output["output_type"] == "error":  # it stays one: to nbgrader nothing is full marks
            return {"output_type": "error", "ename": "Error", "evalue": "(an error that cannot be shown)", "traceback": []}
        return {"output_type": "stream", "name": "stdout", "text": "(an output that is none was left out)\n"}
    return dict(made)


def _validate(output: NotebookNode) -> None:
    """ValidationError if a notebook cannot have this output.

    nbformat takes three times as long for an output alone as for a notebook with nothing else.
    """
    cell: dict[str, Any] = {"cell_type": "code", "id": "output", "metadata": {}, "execution_count": None, "source": "", "outputs": [output]}
    nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def _writable(value: Any) -> Any:
    """The same with every text such that a file can hold it."""
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_writable(key): _writable(entry) for key, entry in value.items()}
    return [_writable(entry) for entry in value] if isinstance(value, list) else value


def gives_points(source: str) -> bool:
    """Whether a test's last line is a number of points:
    a name that starts as a number, or arithmetic.
    """
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
