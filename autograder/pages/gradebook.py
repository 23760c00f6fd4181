"""What the gradebook has of each student's notebooks, for all students at once."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from nbgrader import api
from sqlalchemy import Select, select

from .exercises import Grade
from .page import Facts


def read_facts(db_url: str, assignment: str, students: Collection[str] = ()) -> dict[tuple[str, str], Facts]:
    """By student and notebook; with `students`, of those only."""
    with api.Gradebook(db_url) as gradebook:
        db = gradebook.db
        grades: dict[tuple[str, str], dict[str, Grade]] = defaultdict(dict)
        most = {
            (notebook.name, cell.name): cell.max_score
            for notebook in gradebook.find_assignment(assignment).notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        }
        columns = (api.SubmittedAssignment.student_id, api.Notebook.name, api.BaseCell.name)
        for student, notebook, cell, score, waits in db.execute(
            _of(select(*columns, api.Grade.score, api.Grade.needs_manual_grade), api.Grade, assignment, students)
        ):
            grades[student, notebook][cell] = Grade(score, most.get((notebook, cell), 0.0), bool(waits))
        comments: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for student, notebook, cell, comment in db.execute(_of(select(*columns, api.Comment.comment), api.Comment, assignment, students)):
            comments[student, notebook][cell] = comment or ""
        penalties = db.execute(
            _chosen(
                select(api.SubmittedAssignment.student_id, api.Notebook.name, api.SubmittedNotebook.late_submission_penalty)
                .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
                .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .where(api.Assignment.name == assignment),
                students,
            )
        )
        return {
            (student, notebook): Facts(student, grades[student, notebook], comments[student, notebook], late or 0.0)
            for student, notebook, late in penalties
        }


def _of(query: Select[Any], kind: Any, assignment: str, students: Collection[str]) -> Select[Any]:
    """The grades or comments of an assignment."""
    return _chosen(
        query.join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
        .join(kind, kind.notebook_id == api.SubmittedNotebook.id)
        .join(api.BaseCell, api.BaseCell.id == kind.cell_id)
        .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        .where(api.Assignment.name == assignment),
        students,
    )


def _chosen(query: Select[Any], students: Collection[str]) -> Select[Any]:
    return query.where(api.SubmittedAssignment.student_id.in_(list(students))) if students else query
