"""The gradebook's rows of submissions, read and written many at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import api
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

AT_ONCE = 500  # submissions whose rows are in memory together, and names in one query

# New rows as nbgrader makes them.
BLANK_NOTEBOOK: dict[str, Any] = {"flagged": False, "late_submission_penalty": None}
BLANK_GRADE: dict[str, Any] = {"auto_score": None, "manual_score": None, "extra_credit": None, "needs_manual_grade": True}
BLANK_COMMENT: dict[str, Any] = {"auto_comment": None, "manual_comment": None}


@dataclass(frozen=True)
class Layout:
    """The database's ids of a notebook and of its cells, by name."""

    notebook_id: str
    graded: dict[str, str]
    commented: dict[str, str]


class Row(dict[str, Any]):
    """A row's columns by name, and what they were in the database, if it was there."""

    def __init__(self, values: Mapping[str, Any], *, new: bool) -> None:
        super().__init__(values)
        self.before = None if new else dict(values)


@dataclass
class Sheet:
    """The rows of one submitted notebook, and the notebook, if it was handed in.

    They are its own row, and those of its grades and comments, by cell.
    """

    row: Row
    grades: dict[str, Row]
    comments: dict[str, Row]
    notebook: NotebookNode | None = None

    def places(self) -> list[Row]:
        """The comments in the order in which formgrader shows them."""
        cells = self.notebook.cells if self.notebook else []
        shown = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        return [self.comments[name] for name in shown if name in self.comments]


def read_layouts(db: Session, assignment_id: str) -> dict[str, Layout]:
    """The ids of the database rows of each notebook
    of an assignment, sorted by the notebooks' names.
    """
    notebooks = select(api.Notebook.id, api.Notebook.name).where(api.Notebook.assignment_id == assignment_id).order_by(api.Notebook.name)
    layouts = {name: Layout(key, {}, {}) for key, name in db.execute(notebooks)}
    by_id = {layout.notebook_id: layout for layout in layouts.values()}
    cell = api.BaseCell
    # By type, in descending order: like nbgrader's searches, a grade or solution cell replaces a
    # task cell of the same name.
    rows = select(cell.id, cell.name, cell.type, cell.notebook_id).where(cell.notebook_id.in_(by_id)).order_by(cell.type.desc(), cell.name)
    for key, name, kind, notebook_id in db.execute(rows):
        if kind in ("GradeCell", "TaskCell"):
            by_id[notebook_id].graded[name] = key
        if kind in ("SolutionCell", "TaskCell"):
            by_id[notebook_id].commented[name] = key
    return layouts


def read_rows(
    db: Session, kind: type[api.Base], columns: tuple[str, ...], column: str, values: Iterable[str], **also: str
) -> Iterator[Row]:
    """The rows of a table in which `column` has one of the values.

    They are locked until the commit, if the database can do that.
    """
    table = kind.__table__
    wanted = list(values)
    query = select(*(table.c[name] for name in columns)).where(*(table.c[name] == value for name, value in also.items()))
    for start in range(0, len(wanted), AT_ONCE):
        some = query.where(table.c[column].in_(wanted[start : start + AT_ONCE])).with_for_update()
        yield from (Row(dict(row), new=False) for row in db.execute(some).mappings())


def save_rows(db: Session, kind: type[api.Base], rows: Iterable[Row], columns: tuple[str, ...]) -> None:
    """Insert the rows that are new, and write `columns` of those that are different there."""
    table = kind.__table__
    new, changed = [], []
    for row in rows:
        if row.before is None:
            new.append(dict(row))
        elif any(row[name] != row.before[name] for name in columns):
            changed.append({"its_id": row["id"]} | {f"its_{name}": row[name] for name in columns})
        row.before = dict(row)
    if new:
        db.execute(table.insert(), new)
    if changed:
        update = table.update().where(table.c.id == bindparam("its_id"))
        db.connection().execute(update.values({name: bindparam(f"its_{name}") for name in columns}), changed)


def read_submissions(db: Session, assignment_id: str, students: list[str]) -> dict[str, Row]:
    """The students' submissions, new ones for those who have none."""
    columns = ("id", "assignment_id", "student_id", "timestamp", "extension")
    found = read_rows(db, api.SubmittedAssignment, columns, "student_id", students, assignment_id=assignment_id)
    there = {row["student_id"]: row for row in found}
    new = {"assignment_id": assignment_id, "timestamp": None, "extension": None}
    return {student: there.get(student) or Row({"id": api.new_uuid(), "student_id": student, **new}, new=True) for student in students}


def add_students(db: Session, students: Iterable[str]) -> None:
    """Students who are new to the gradebook, as `nbgrader autograde --create` adds them."""
    wanted = list(students)
    known = set(db.scalars(select(api.Student.id).where(api.Student.id.in_(wanted))))
    new = [{"id": student} for student in wanted if student not in known]
    if new:
        db.execute(api.Student.__table__.insert(), new)


def read_sheets(db: Session, submissions: dict[str, Row], layouts: dict[str, Layout]) -> dict[str, dict[str, Sheet]]:
    """The rows of every notebook of every submission, by
    student and notebook, made where they are missing.
    """
    notebook_columns = ("id", "assignment_id", "notebook_id", "flagged", "late_submission_penalty")
    old = [submission["id"] for submission in submissions.values() if submission.before]
    found = read_rows(db, api.SubmittedNotebook, notebook_columns, "assignment_id", old)
    notebooks = {(row["assignment_id"], row["notebook_id"]): row for row in found}
    keys = [row["id"] for row in notebooks.values()]
    grades, comments = (
        {
            (row["notebook_id"], row["cell_id"]): row
            for row in read_rows(db, kind, ("id", "notebook_id", "cell_id", *blank), "notebook_id", keys)
        }
        for kind, blank in ((api.Grade, BLANK_GRADE), (api.Comment, BLANK_COMMENT))
    )
    sheets: dict[str, dict[str, Sheet]] = {student: {} for student in submissions}
    for student, submission in submissions.items():
        for name, layout in layouts.items():
            ours = {"assignment_id": submission["id"], "notebook_id": layout.notebook_id}
            row = notebooks.get(tuple(ours.values())) or Row({"id": api.new_uuid(), **ours, **BLANK_NOTEBOOK}, new=True)
            sheets[student][name] = Sheet(
                row, _by_name(row["id"], layout.graded, grades, BLANK_GRADE), _by_name(row["id"], layout.commented, comments, BLANK_COMMENT)
            )
    return sheets


def _by_name(notebook_id: str, cells: dict[str, str], there: dict[tuple[str, str], Row], blank: dict[str, Any]) -> dict[str, Row]:
    return {
        name: there.get((notebook_id, cell)) or Row({"id": api.new_uuid(), "notebook_id": notebook_id, "cell_id": cell, **blank}, new=True)
        for name, cell in cells.items()
    }
