"""What two ways of grading are compared by: the gradebook's rows, and the executed notebooks."""

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

GRADE = ("score", "auto_score", "max_score", "manual_score", "extra_credit", "needs_manual_grade", "failed_tests")


def rows(course: Path, assignment: str) -> dict[str, dict[str, Any]]:
    """All rows of the gradebook about an assignment's submissions, by student/notebook/cell."""
    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            student = submission.student.id
            found[student] = {
                "timestamp": submission.timestamp and submission.timestamp.isoformat(),
                "late": submission.total_seconds_late,
                "penalty": submission.late_submission_penalty,
                "needs_manual_grade": submission.needs_manual_grade,
            }
            for made in submission.notebooks:
                for entry in made.grades:
                    found[f"{student}/{made.name}/{entry.cell.name}"] = {name: getattr(entry, name) for name in GRADE}
                for comment in made.comments:
                    words = comment.auto_comment
                    remark = words is not None and words != "No response."  # a flag: for whoever grades, and ours alone
                    found[f"{student}/{made.name}/comment on {comment.name}"] = {"auto_comment": None if remark else words}
    return found


def looks(course: Path, assignment: str) -> dict[str, list[list[Any]]]:
    """The cells of all autograded notebooks, by path, as far as they must not differ.

    A cell has its id, a digest of its text and of what nbgrader has in its metadata, and the types
    of its outputs; what is printed counts as none.
    """
    found = {}
    for path in sorted(course.glob(f"autograded/*/{assignment}/*.ipynb")):
        made = nbformat.read(path, as_version=4)
        nbformat.validate(made)
        found[path.relative_to(course).as_posix()] = [_look_of(cell) for cell in made.cells]
    return found


def _look_of(cell: nbformat.NotebookNode) -> list[Any]:
    shown = sorted({output.output_type for output in cell.get("outputs", [])} - {"stream"})
    text = json.dumps([cell.cell_type, cell.source, cell.metadata.get("nbgrader")], sort_keys=True)
    return [cell.metadata.get("nbgrader", {}).get("grade_id", ""), hashlib.sha256(text.encode()).hexdigest()[:12], shown]
