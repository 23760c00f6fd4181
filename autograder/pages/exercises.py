"""An assignment's exercises in a graded notebook:
the answer, the check's report, and the points.
"""

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from backprop.checking.report import DATA
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.feedback import is_students

HEADING = re.compile(r"^#{1,4}\s+(?P<words>.+?)\s*#*\s*$", re.MULTILINE)


class MarkedStanding(Enum):
    """The state of an exercise; the value is its words."""

    RIGHT = "right"
    PARTLY = "partly right"
    WRONG = "not right yet"
    UNTOUCHED = "not started"
    WAITING = "not marked yet"
    MARKED_BEFORE = "marked, to be looked at again"
    MARKED = "marked by hand"


@dataclass(frozen=True)
class Grade:
    """What the gradebook has of a graded cell."""

    score: float | None
    most: float
    waits: bool


@dataclass
class GradedExercise:
    """One graded cell with the answers before it."""

    name: str
    grade: Grade
    section: str = ""  # the heading that it stands under
    anchor: str = ""  # of that heading's cell, on the page
    answers: list[NotebookNode] = field(default_factory=list)  # to a task: the student's own cells that follow it
    comments: list[str] = field(default_factory=list)
    by_hand: bool = False  # whether a person marks it
    untouched: bool = False
    reports: list[dict[str, Any]] = field(default_factory=list)  # the checks' reports as data
    outputs: list[NotebookNode] = field(default_factory=list)  # of a test that makes none

    @property
    def standing(self) -> MarkedStanding:
        """How far it is."""
        if self.grade.waits or self.grade.score is None:
            return MarkedStanding.MARKED_BEFORE if self.grade.score else MarkedStanding.WAITING
        if self.grade.score >= self.grade.most:
            return MarkedStanding.RIGHT
        if self.untouched:
            return MarkedStanding.UNTOUCHED
        if self.by_hand:
            return MarkedStanding.MARKED
        return MarkedStanding.PARTLY if self.grade.score > 0 else MarkedStanding.WRONG

    @property
    def report(self) -> dict[str, Any] | None:
        """The report to show, of those that found something:
        preferably one on inputs that the student can reproduce.
        """
        found = [report for report in self.reports if not report["passed"]]
        return min(found, key=lambda report: report["hidden"], default=None)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The links of the chain, each marked right or
        wrong, from any report: the hidden check decides.
        """
        return self.report["rows"] if self.report else []


def exercises_of(
    notebook: NotebookNode,
    grades: Mapping[str, Grade],
    comments: Mapping[str, str],
    untouched: Collection[str],
    handed_out: Collection[str] = (),
) -> list[GradedExercise]:
    """The exercises in the order of the notebook.

    `grades` and `comments` are the gradebook's, by grade_id; a cell with a text of `handed_out` is
    not the student's.
    """
    found: list[GradedExercise] = []
    section, anchor, answers = "", "", []
    to_task: list[NotebookNode] | None = None  # the answers to the task that the cell may belong to
    for place, cell in enumerate(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "markdown" and (heading := HEADING.search(cell.source)) and not utils.is_solution(cell):
            section, anchor = heading["words"], f"cell-{place}"
        if grade_id or not is_students(cell) or cell.source in handed_out:
            to_task = None
        elif to_task is not None:
            to_task.append(cell)
        if utils.is_solution(cell) or utils.is_task(cell):
            answers.append(cell)
        if grade_id in grades and (utils.is_grade(cell) or utils.is_task(cell)):
            exercise = _exercise(cell, grade_id, grades[grade_id], section, anchor, answers, comments)
            exercise.untouched = bool(answers) and all(_name(answer) in untouched for answer in answers)
            if utils.is_task(cell):
                exercise.answers = to_task = []
            found.append(exercise)
            answers = []
    return found


def _exercise(
    cell: NotebookNode, name: str, grade: Grade, section: str, anchor: str, answers: list[NotebookNode], comments: Mapping[str, str]
) -> GradedExercise:
    exercise = GradedExercise(name, grade, section, anchor, list(answers))
    words = [comments.get(_name(answer)) or "" for answer in answers]
    exercise.comments = [text for text in words if text.strip() and text != "No response."]
    exercise.by_hand = bool(utils.is_solution(cell) or cell.cell_type != "code")
    if exercise.by_hand:
        return exercise
    for made in cell.get("outputs", []):
        if DATA in made.get("data", {}):
            exercise.reports.append(made.data[DATA])
        elif made.get("output_type") in ("error", "stream", "display_data") and made not in exercise.outputs:
            exercise.outputs.append(made)
    return exercise


def untouched_answers(notebook: NotebookNode) -> set[str]:
    """The grade_ids of answers that are as released. Call this before the notebook is cleaned."""
    return {_name(cell) for cell in notebook.cells if utils.is_solution(cell) and _is_untouched(cell)}


def _is_untouched(answer: NotebookNode) -> bool:
    try:
        return answer.metadata.nbgrader.get("checksum") == utils.compute_checksum(answer)
    except (KeyError, AttributeError, TypeError):  # metadata that a student has changed
        return False


def _name(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def title_of(notebook: NotebookNode, fallback: str) -> str:
    """The notebook's first heading."""
    for cell in notebook.cells:
        heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return html.unescape(heading["words"])
    return fallback
