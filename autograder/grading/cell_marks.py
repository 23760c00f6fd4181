"""The marks of single cells, from the outputs of a graded notebook."""

import logging
from contextlib import suppress

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from .gradebook_rows import Row, Sheet

NO_MARK = (ValueError, KeyError, TypeError, AttributeError)  # what nbgrader raises over a cell's metadata or result


def scored(cell: NotebookNode, log: logging.Logger | None = None) -> tuple[float | None, str | None]:
    """A graded cell's score as nbgrader determines it, None if a person must mark it.

    If it cannot be marked, 0 and a note that says why.
    """
    try:
        return utils.determine_grade(cell, log)[0], None
    except NO_MARK as error:
        name = cell.metadata.nbgrader.get("grade_id", "a cell without a name")
        return 0.0, f"{name}: 0 points until a person has looked, for its result is no mark ({error})"


def fill_sheet(sheet: Sheet, log: logging.Logger) -> list[str]:
    """Grades and automatic comments of one notebook, by nbgrader's rules."""
    if sheet.notebook is None:
        for grade in sheet.grades.values():
            grade["auto_score"], grade["needs_manual_grade"] = 0, False
        return []
    notes = []
    for cell in sheet.notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell):
            notes.append(_grade(sheet.grades.get(name), cell, log))
        if utils.is_task(cell):
            _reopen(sheet.grades.get(name))
        if utils.is_solution(cell) or utils.is_task(cell):
            _comment(sheet.comments.get(name), cell)
    return [note for note in notes if note]


def _grade(row: Row | None, cell: NotebookNode, log: logging.Logger) -> str | None:
    if row is None:
        return f"{cell.metadata.nbgrader.get('grade_id')}: not marked, for the gradebook has no such graded cell"
    row["auto_score"], note = scored(cell, log)
    row["needs_manual_grade"] = row["manual_score"] is not None or row["auto_score"] is None or note is not None
    return note


def _reopen(row: Row | None) -> None:
    """Remove the automatic score of a task, left from
    when its notebook was missing: a person must mark it.
    """
    if row is not None and row["auto_score"] is not None:
        row["auto_score"] = None
        row["needs_manual_grade"] = row["manual_score"] is None


def _comment(row: Row | None, cell: NotebookNode) -> None:
    if row is not None:
        row["auto_comment"] = "No response." if _untouched(cell) and not utils.is_task(cell) else None


def _untouched(cell: NotebookNode) -> bool:
    """Whether an answer is as it was released.

    If that is not known, the answer counts as changed.
    """
    with suppress(*NO_MARK):
        return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return False
