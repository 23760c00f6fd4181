"""Writes marks into nbgrader's gradebook: the rows that
`nbgrader autograde` writes, a batch per transaction.

Only nbgrader's own database models are used, so both SQLite and PostgreSQL work. In two rare cases
a regrade leaves better rows than stock nbgrader: a notebook that is missing now keeps no earlier
late penalty, and a task that was missing before waits for a person again.

A remark for the grader is in the comment box of the first answer, in grey, and its notebook is
flagged in formgrader's lists. Students do not see it: nbgrader's feedback shows the manual comment,
here an empty one, before the automatic comment with the remark.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nbformat.notebooknode import NotebookNode
from nbgrader import api, utils
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import bindparam, case, create_engine, func, inspect, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from traitlets.config import Config

from .points import Points, follow_source

REMARK = "For the grader: "  # how a remark of ours begins; a regrade knows its own by it
FLAGGED_BEFORE = " (The notebook was flagged already.)"
AT_ONCE = 500  # submissions whose rows are in memory together, and names in one query
RELEASE_FIRST = "Run `nbgrader generate_assignment {}` in the course's folder first."


NO_MARK = (ValueError, KeyError, TypeError, AttributeError)  # what nbgrader raises over a cell's metadata or result

# New rows as nbgrader makes them.
BLANK_NOTEBOOK: dict[str, Any] = {"flagged": False, "late_submission_penalty": None}
BLANK_GRADE: dict[str, Any] = {"auto_score": None, "manual_score": None, "extra_credit": None, "needs_manual_grade": True}
BLANK_COMMENT: dict[str, Any] = {"auto_comment": None, "manual_comment": None}


class GradebookProblem(Exception):
    """The gradebook cannot be read or written.

    The message says why; nothing of the batch was written.
    """


class GradebookUnavailable(GradebookProblem):
    """The database itself does not let anything be written: it is locked, full or read-only."""


@dataclass(frozen=True)
class Marked:
    """One graded submission, ready to be written."""

    student: str
    assignment: str
    timestamp: datetime | None
    notebooks: dict[str, NotebookNode | None]  # executed, by name; None or not there: not handed in, or unreadable
    remark: str | None = None  # words for whoever grades


@dataclass(frozen=True)
class GradedCell:
    """A test, a manually graded answer or a task, and what it is worth."""

    name: str
    max_score: float
    cell_type: str


@dataclass(frozen=True)
class SourceCell:
    """A cell as the course released it."""

    name: str
    cell_type: str
    source: str
    locked: bool
    checksum: str | None


@dataclass(frozen=True)
class NotebookPlan:
    """The gradebook's record of one notebook of an
    assignment, with its cells by name, sorted by name.
    """

    name: str
    kernelspec: dict[str, Any] | None
    graded: dict[str, GradedCell]
    tasks: dict[str, GradedCell]
    solutions: tuple[str, ...]
    sources: dict[str, SourceCell]


@dataclass(frozen=True)
class AssignmentPlan:
    """What the gradebook knows of an assignment; notebooks by name, in the order of their names."""

    name: str
    duedate: datetime | None
    notebooks: dict[str, NotebookPlan]

    def points(self) -> Points:
        """What each test and task is worth."""
        return {
            name: {cell.name: cell.max_score for cell in (*notebook.graded.values(), *notebook.tasks.values())}
            for name, notebook in self.notebooks.items()
        }

    def notebook(self, name: str) -> NotebookPlan:
        """One notebook. GradebookProblem if the gradebook does not have it."""
        if name not in self.notebooks:
            raise GradebookProblem(
                f"The gradebook has no notebook {name} in {self.name}; it has {', '.join(self.notebooks)}. "
                f"{RELEASE_FIRST.format(self.name)}"
            )
        return self.notebooks[name]


@dataclass(frozen=True)
class SubmissionScore:
    """The score of a submission so far, after the late
    penalty and never below 0, as nbgrader exports it.
    """

    score: float
    max_score: float
    needs_manual_grade: bool
    raw_score: float
    late_penalty: float


@dataclass(frozen=True)
class _Layout:
    """The database's ids of a notebook and of its cells, by name."""

    notebook_id: str
    graded: dict[str, str]
    commented: dict[str, str]


class _Row(dict[str, Any]):
    """A row's columns by name, and what they were in the database, if it was there."""

    def __init__(self, values: Mapping[str, Any], *, new: bool) -> None:
        super().__init__(values)
        self.before = None if new else dict(values)


@dataclass
class _Sheet:
    """The rows of one submitted notebook, and the notebook, if it was handed in.

    They are its own row, and those of its grades and comments, by cell.
    """

    row: _Row
    grades: dict[str, _Row]
    comments: dict[str, _Row]
    notebook: NotebookNode | None = None

    def places(self) -> list[_Row]:
        """The comments in the order in which formgrader shows them."""
        cells = self.notebook.cells if self.notebook else []
        shown = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        return [self.comments[name] for name in shown if name in self.comments]


@dataclass(frozen=True)
class _Remark:
    """A remark as it stands in the gradebook."""

    notebook: _Row
    comment: _Row
    text: str

    @property
    def flagged_with_it(self) -> bool:
        """Whether the notebook was flagged because of it, and not before."""
        return not self.text.endswith(FLAGGED_BEFORE)

    @property
    def words(self) -> str:
        """What it was made of."""
        return self.text.removeprefix(REMARK).removesuffix(FLAGGED_BEFORE)


class GradebookWriter:
    """nbgrader's gradebook, open for reading plans and scores and for writing marks.

    Use it in a `with`, in one thread. `config` is nbgrader's: `AssignLatePenalties` and the plugin
    that it names are set up as nbgrader does.
    """

    def __init__(self, db_url: str, course_id: str, *, config: Config | None = None, log: logging.Logger | None = None) -> None:
        self._log = log or logging.getLogger(__name__)
        _require_gradebook(db_url)
        self._gradebook = api.Gradebook(db_url, course_id)
        self._late = AssignLatePenalties(config=config or Config(), log=self._log)
        self._late.init_plugin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the database."""
        self._gradebook.close()

    def assignment(self, name: str) -> AssignmentPlan:
        """The assignment as `nbgrader generate_assignment` recorded it.

        GradebookProblem if it never did.
        """
        with self._session() as db:
            row = _assignment(db, name)
            notebooks = db.execute(
                select(api.Notebook.id, api.Notebook.name, api.Notebook.kernelspec)
                .where(api.Notebook.assignment_id == row.id)
                .order_by(api.Notebook.name)
            ).all()
            if not notebooks:
                raise GradebookProblem(f"The assignment {name} has no notebooks in the gradebook. {RELEASE_FIRST.format(name)}")
            plans = {title: _notebook_plan(db, key, title, kernelspec) for key, title, kernelspec in notebooks}
            return AssignmentPlan(row.name, row.duedate, plans)

    def follow(self, assignment: str, source: Callable[[list[str]], Points]) -> list[str]:
        """Set the points of an assignment's tests to
        those in `source`, and say what has changed.
        """
        with self._session() as db:
            names = list(self.assignment(assignment).notebooks)
            try:
                return follow_source(self._gradebook, assignment, source(names))
            except SQLAlchemyError as error:
                db.rollback()
                raise GradebookUnavailable(f"The gradebook could not be written: {_reason(error)}.") from error

    def scores(self, assignment: str) -> dict[str, SubmissionScore]:
        """The score of every student who has a submission in the gradebook, sorted by name."""
        with self._session() as db:
            row = _assignment(db, assignment)
            waiting = func.max(case((api.Grade.needs_manual_grade, 1), else_=0))
            earned = db.execute(
                _of_assignment(select(api.SubmittedAssignment.student_id, func.sum(api.Grade.score), waiting), row.id)
                .outerjoin(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
                .group_by(api.SubmittedAssignment.student_id)
                .order_by(api.SubmittedAssignment.student_id)
            ).all()
            lost = dict(
                db.execute(
                    _of_assignment(
                        select(api.SubmittedAssignment.student_id, func.sum(api.SubmittedNotebook.late_submission_penalty)), row.id
                    ).group_by(api.SubmittedAssignment.student_id)
                ).all()
            )
            most = row.max_score
        return {
            student: SubmissionScore(max(0.0, (raw or 0.0) - (lost[student] or 0.0)), most, bool(waits), raw or 0.0, lost[student] or 0.0)
            for student, raw, waits in earned
        }

    @property
    def penalises(self) -> bool:
        """Whether the course has late penalties at all."""
        return bool(self._late.enabled)

    def lateness(self, assignment: str, students: Iterable[str]) -> dict[str, float]:
        """How many seconds late the submissions of these students are, extensions counted."""
        with self._session() as db:
            row = _assignment(db, assignment)
            columns = ("student_id", "timestamp", "extension")
            found = _rows(db, api.SubmittedAssignment, columns, "student_id", students, assignment_id=row.id)
            return {entry["student_id"]: _seconds_late(entry, row.duedate) for entry in found}

    def renew_penalties(self, assignment: str, students: Collection[str]) -> dict[str, tuple[float, float]]:
        """Compute the late penalties of these students
        again, from the gradebook's present scores and dates.

        Returns the earlier and the new ones, by student, where they differ.
        """
        changed: dict[str, tuple[float, float]] = {}
        with self._session() as db:
            row = _assignment(db, assignment)
            submissions = _submissions(db, row.id, list(students))
            sheets = _sheets(db, submissions, _layouts(db, row.id))
            totals = _totals(db, [sheet.row["id"] for mine in sheets.values() for sheet in mine.values()])
            for student, mine in sheets.items():
                late = _seconds_late(submissions[student], row.duedate)
                marked = Marked(student, assignment, None, {})
                before = sum(sheet.row["late_submission_penalty"] or 0.0 for sheet in mine.values())
                for sheet in mine.values():
                    score = totals.get(sheet.row["id"], 0.0)
                    sheet.row["late_submission_penalty"] = self._penalty(marked, late, score) if late and score else None
                after = sum(sheet.row["late_submission_penalty"] or 0.0 for sheet in mine.values())
                if after != before:
                    changed[student] = (before, after)
            rows = [sheet.row for student in changed for sheet in sheets[student].values() if sheet.row.before]
            _save(db, api.SubmittedNotebook, rows, ("late_submission_penalty",))
            db.commit()
        return changed

    def write(self, marked: Iterable[Marked]) -> dict[str, list[str]]:
        """Write a batch in one transaction: all of it, or on GradebookProblem nothing.

        A cell that cannot be marked gets 0 and waits for a person. Such problems are added to the
        remark, and returned by student.
        """
        batch = list(marked)
        try:
            with self._session() as db:
                notes = self._put(db, batch)
                db.commit()
        except OperationalError as error:
            raise GradebookUnavailable(
                f"The gradebook could not be written, and nothing of this batch was: {_reason(error)}. "
                "Another program may hold it; run this again when it has finished."
            ) from error
        except SQLAlchemyError as error:
            raise GradebookProblem(f"{_whose(self._refused(batch) or batch)}: the gradebook says {_reason(error)}") from error
        return notes

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """The gradebook's session; what was not committed at the end is rolled back."""
        try:
            yield self._gradebook.db
        finally:
            self._gradebook.db.remove()

    def _refused(self, batch: Sequence[Marked]) -> list[Marked]:
        """Those that the database does not take even alone; nothing is kept of the attempt."""
        refused = []
        for marked in batch:
            try:
                with self._session() as db:
                    self._put(db, [marked])
            except SQLAlchemyError:
                refused.append(marked)
        return refused

    def _put(self, db: Session, batch: Sequence[Marked]) -> dict[str, list[str]]:
        """Send a whole batch to the database, without committing."""
        notes: dict[str, list[str]] = defaultdict(list)
        by_assignment: dict[str, list[Marked]] = defaultdict(list)
        for marked in batch:
            by_assignment[marked.assignment].append(marked)
        for name, handed_in in by_assignment.items():
            # The first statement is a write, so that nobody else changes anything between the reads
            # and the writes that follow.
            same = update(api.Assignment).where(api.Assignment.name == name).values(course_id=api.Assignment.course_id)
            db.execute(same, execution_options={"synchronize_session": False})
            for start in range(0, len(handed_in), AT_ONCE):
                self._put_part(db, name, handed_in[start : start + AT_ONCE], notes)
        return dict(notes)

    def _put_part(self, db: Session, name: str, part: Sequence[Marked], notes: dict[str, list[str]]) -> None:
        assignment = _assignment(db, name)
        submissions = _submissions(db, assignment.id, [marked.student for marked in part])
        sheets = _sheets(db, submissions, _layouts(db, assignment.id))
        for marked in part:
            try:
                found = self.fill(marked, submissions[marked.student], sheets[marked.student])
            except Exception as error:
                raise GradebookProblem(f"{_whose([marked])}: {type(error).__name__}: {error}") from error
            if found:
                notes[marked.student] += found
        _add_students(db, submissions)
        everything = [sheet for mine in sheets.values() for sheet in mine.values()]
        _save(db, api.SubmittedAssignment, submissions.values(), ("timestamp",))
        _save(db, api.SubmittedNotebook, (sheet.row for sheet in everything), ("flagged",))
        _save(db, api.Grade, (row for sheet in everything for row in sheet.grades.values()), ("auto_score", "needs_manual_grade"))
        _save(db, api.Comment, (row for sheet in everything for row in sheet.comments.values()), ("auto_comment", "manual_comment"))
        if self._late.enabled:
            lateness = {marked.student: _seconds_late(submissions[marked.student], assignment.duedate) for marked in part}
            self._penalise(db, part, lateness, sheets)
            _save(db, api.SubmittedNotebook, (sheet.row for sheet in everything), ("late_submission_penalty",))

    def fill(self, marked: Marked, submission: _Row, sheets: dict[str, _Sheet]) -> list[str]:
        """Set the rows of one submission to its marks,
        and return the problems with single cells.
        """
        if marked.timestamp is not None:
            submission["timestamp"] = utils.parse_utc(marked.timestamp)
        for title in marked.notebooks.keys() - sheets.keys():
            self._log.warning("%s handed in %s, which is no notebook of %s: it is not marked.", marked.student, title, marked.assignment)
        before = _take_remark(sheets.values())
        notes = []
        for title, sheet in sheets.items():
            sheet.notebook = marked.notebooks.get(title)
            notes += [f"{title}, {note}" for note in _fill_sheet(sheet, self._log)]
        words = [marked.remark, *notes] if marked.remark else notes
        _place_remark("; ".join(words), list(sheets.values()), before)
        return notes

    def _penalise(self, db: Session, part: Sequence[Marked], lateness: dict[str, float], sheets: dict[str, dict[str, _Sheet]]) -> None:
        """Late penalties, by nbgrader's plugin, from the scores that the database has now."""
        totals = _totals(db, [sheet.row["id"] for student, late in lateness.items() if late for sheet in sheets[student].values()])
        for marked in part:
            late = lateness[marked.student]
            for sheet in sheets[marked.student].values():
                penalised = late and sheet.notebook is not None
                penalty = self._penalty(marked, late, totals.get(sheet.row["id"], 0.0)) if penalised else None
                sheet.row["late_submission_penalty"] = penalty

    def _penalty(self, marked: Marked, seconds: float, score: float) -> float | None:
        """The late penalty for one notebook by the plugin: at least 0, at most its score."""
        try:
            penalty = self._late.plugin_inst.late_submission_penalty(marked.student, score, seconds)
            return None if penalty is None else min(max(penalty, 0), score)
        except Exception as error:
            plugin = type(self._late.plugin_inst).__name__
            raise GradebookProblem(
                f"{_whose([marked])}: the late-penalty plugin {plugin} failed: {type(error).__name__}: {error}"
            ) from error


def scored(cell: NotebookNode, log: logging.Logger | None = None) -> tuple[float | None, str | None]:
    """A graded cell's score as nbgrader determines it, None if a person must mark it.

    If it cannot be marked, 0 and a note that says why.
    """
    try:
        return utils.determine_grade(cell, log)[0], None
    except NO_MARK as error:
        name = cell.metadata.nbgrader.get("grade_id", "a cell without a name")
        return 0.0, f"{name}: 0 points until a person has looked, for its result is no mark ({error})"


def _fill_sheet(sheet: _Sheet, log: logging.Logger) -> list[str]:
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


def _grade(row: _Row | None, cell: NotebookNode, log: logging.Logger) -> str | None:
    if row is None:
        return f"{cell.metadata.nbgrader.get('grade_id')}: not marked, for the gradebook has no such graded cell"
    row["auto_score"], note = scored(cell, log)
    row["needs_manual_grade"] = row["manual_score"] is not None or row["auto_score"] is None or note is not None
    return note


def _reopen(row: _Row | None) -> None:
    """Remove the automatic score of a task, left from
    when its notebook was missing: a person must mark it.
    """
    if row is not None and row["auto_score"] is not None:
        row["auto_score"] = None
        row["needs_manual_grade"] = row["manual_score"] is None


def _comment(row: _Row | None, cell: NotebookNode) -> None:
    if row is not None:
        row["auto_comment"] = "No response." if _untouched(cell) and not utils.is_task(cell) else None


def _untouched(cell: NotebookNode) -> bool:
    """Whether an answer is as it was released.

    If that is not known, the answer counts as changed.
    """
    with suppress(*NO_MARK):
        return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return False


def _take_remark(sheets: Iterable[_Sheet]) -> _Remark | None:
    """Take an earlier run's remark off the submission, and return it."""
    taken = None
    for sheet in sheets:
        for comment in sheet.comments.values():
            text = comment["auto_comment"] or ""
            if text.startswith(REMARK):
                taken = _Remark(sheet.row, comment, text)
                comment["auto_comment"] = None
                comment["manual_comment"] = comment["manual_comment"] or None
    return taken


def _place_remark(words: str, sheets: list[_Sheet], before: _Remark | None) -> None:
    """Show a remark to graders beside the first answer without a comment, and flag the notebook.

    The empty manual comment hides it from the student. As long as the remark is the same it stays
    in its place, and a flag that a person removed stays removed. When the remark changes, the flag
    that came with it is removed.
    """
    words = words.replace("\0", "")
    if before and before.words == words:
        _show(before.comment, before.text)
        return
    if before and before.flagged_with_it:
        before.notebook["flagged"] = False
    if words and sheets:
        sheet, comment = _best_place(sheets)
        if comment is not None:
            _show(comment, REMARK + words + FLAGGED_BEFORE * bool(sheet.row["flagged"]))
        sheet.row["flagged"] = True


def _show(comment: _Row, text: str) -> None:
    comment["auto_comment"] = text
    comment["manual_comment"] = comment["manual_comment"] or ""


def _best_place(sheets: list[_Sheet]) -> tuple[_Sheet, _Row | None]:
    """The comment to use: an empty one that formgrader
    shows, else one with only our remark, else any.
    """
    places = [(sheet, comment) for sheet in sheets for comment in sheet.places()]
    places = places or [(sheet, comment) for sheet in sheets for comment in sheet.comments.values()]
    return min(
        places, key=lambda place: (bool(place[1]["manual_comment"]), place[1]["auto_comment"] is not None), default=(sheets[0], None)
    )  # of equals the first


def _assignment(db: Session, name: str) -> api.Assignment:
    row = db.scalars(select(api.Assignment).where(api.Assignment.name == name)).one_or_none()
    if row is None:
        raise GradebookProblem(f"The gradebook has no assignment {name}. {RELEASE_FIRST.format(name)}")
    return row


def _notebook_plan(db: Session, key: str, name: str, kernelspec: str | None) -> NotebookPlan:
    def graded(kind: type[api.GradeCell] | type[api.TaskCell]) -> dict[str, GradedCell]:
        rows = db.execute(select(kind.name, kind.max_score, kind.cell_type).where(kind.notebook_id == key).order_by(kind.name))
        return {row.name: GradedCell(*row) for row in rows}

    source = api.SourceCell
    sources = db.execute(
        select(source.name, source.cell_type, source.source, source.locked, source.checksum)
        .where(source.notebook_id == key)
        .order_by(source.name)
    )
    solutions = db.scalars(select(api.SolutionCell.name).where(api.SolutionCell.notebook_id == key).order_by(api.SolutionCell.name))
    return NotebookPlan(
        name=name,
        kernelspec=json.loads(kernelspec) if kernelspec else None,
        graded=graded(api.GradeCell),
        tasks=graded(api.TaskCell),
        solutions=tuple(solutions),
        sources={row.name: SourceCell(*row) for row in sources},
    )


def _layouts(db: Session, assignment_id: str) -> dict[str, _Layout]:
    """The ids of the database rows of each notebook
    of an assignment, sorted by the notebooks' names.
    """
    notebooks = select(api.Notebook.id, api.Notebook.name).where(api.Notebook.assignment_id == assignment_id).order_by(api.Notebook.name)
    layouts = {name: _Layout(key, {}, {}) for key, name in db.execute(notebooks)}
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


def _rows(db: Session, kind: type[api.Base], columns: tuple[str, ...], column: str, values: Iterable[str], **also: str) -> Iterator[_Row]:
    """The rows of a table in which `column` has one of the values.

    They are locked until the commit, if the database can do that.
    """
    table = kind.__table__
    wanted = list(values)
    query = select(*(table.c[name] for name in columns)).where(*(table.c[name] == value for name, value in also.items()))
    for start in range(0, len(wanted), AT_ONCE):
        some = query.where(table.c[column].in_(wanted[start : start + AT_ONCE])).with_for_update()
        yield from (_Row(dict(row), new=False) for row in db.execute(some).mappings())


def _save(db: Session, kind: type[api.Base], rows: Iterable[_Row], columns: tuple[str, ...]) -> None:
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


def _submissions(db: Session, assignment_id: str, students: list[str]) -> dict[str, _Row]:
    """The students' submissions, new ones for those who have none."""
    columns = ("id", "assignment_id", "student_id", "timestamp", "extension")
    found = _rows(db, api.SubmittedAssignment, columns, "student_id", students, assignment_id=assignment_id)
    there = {row["student_id"]: row for row in found}
    new = {"assignment_id": assignment_id, "timestamp": None, "extension": None}
    return {student: there.get(student) or _Row({"id": api.new_uuid(), "student_id": student, **new}, new=True) for student in students}


def _add_students(db: Session, students: Iterable[str]) -> None:
    """Students who are new to the gradebook, as `nbgrader autograde --create` adds them."""
    wanted = list(students)
    known = set(db.scalars(select(api.Student.id).where(api.Student.id.in_(wanted))))
    new = [{"id": student} for student in wanted if student not in known]
    if new:
        db.execute(api.Student.__table__.insert(), new)


def _sheets(db: Session, submissions: dict[str, _Row], layouts: dict[str, _Layout]) -> dict[str, dict[str, _Sheet]]:
    """The rows of every notebook of every submission, by
    student and notebook, made where they are missing.
    """
    notebook_columns = ("id", "assignment_id", "notebook_id", "flagged", "late_submission_penalty")
    old = [submission["id"] for submission in submissions.values() if submission.before]
    found = _rows(db, api.SubmittedNotebook, notebook_columns, "assignment_id", old)
    notebooks = {(row["assignment_id"], row["notebook_id"]): row for row in found}
    keys = [row["id"] for row in notebooks.values()]
    grades, comments = (
        {
            (row["notebook_id"], row["cell_id"]): row
            for row in _rows(db, kind, ("id", "notebook_id", "cell_id", *blank), "notebook_id", keys)
        }
        for kind, blank in ((api.Grade, BLANK_GRADE), (api.Comment, BLANK_COMMENT))
    )
    sheets: dict[str, dict[str, _Sheet]] = {student: {} for student in submissions}
    for student, submission in submissions.items():
        for name, layout in layouts.items():
            ours = {"assignment_id": submission["id"], "notebook_id": layout.notebook_id}
            row = notebooks.get(tuple(ours.values())) or _Row({"id": api.new_uuid(), **ours, **BLANK_NOTEBOOK}, new=True)
            sheets[student][name] = _Sheet(
                row, _by_name(row["id"], layout.graded, grades, BLANK_GRADE), _by_name(row["id"], layout.commented, comments, BLANK_COMMENT)
            )
    return sheets


def _by_name(notebook_id: str, cells: dict[str, str], there: dict[tuple[str, str], _Row], blank: dict[str, Any]) -> dict[str, _Row]:
    return {
        name: there.get((notebook_id, cell)) or _Row({"id": api.new_uuid(), "notebook_id": notebook_id, "cell_id": cell, **blank}, new=True)
        for name, cell in cells.items()
    }


def _seconds_late(submission: _Row, duedate: datetime | None) -> float:
    """How late it was handed in, its extension counted."""
    if submission["timestamp"] is None or duedate is None:
        return 0
    return max(0, (submission["timestamp"] - duedate - (submission["extension"] or timedelta())).total_seconds())


def _totals(db: Session, notebooks: list[str]) -> dict[str, float]:
    """The scores of some submitted notebooks, summed by the database."""
    totals: dict[str, float] = {}
    for start in range(0, len(notebooks), AT_ONCE):
        some = api.Grade.notebook_id.in_(notebooks[start : start + AT_ONCE])
        grouped = select(api.Grade.notebook_id, func.sum(api.Grade.score)).where(some).group_by(api.Grade.notebook_id)
        totals |= dict(db.execute(grouped).all())
    return totals


def _of_assignment(query: Any, assignment_id: str) -> Any:
    """A query over the submitted notebooks of an assignment."""
    return (
        query.select_from(api.SubmittedAssignment)
        .outerjoin(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .where(api.SubmittedAssignment.assignment_id == assignment_id)
    )


def _require_gradebook(db_url: str) -> None:
    """GradebookProblem unless nbgrader has made a gradebook
    there: otherwise an empty one would be made silently.
    """
    url = make_url(db_url)
    missing = f"There is no gradebook at {url.render_as_string(hide_password=True)}. {RELEASE_FIRST.format('<assignment>')}"
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise GradebookProblem(missing)
    engine = create_engine(url)
    try:
        if not inspect(engine).has_table("assignment"):
            raise GradebookProblem(missing)
    except OperationalError as error:
        where = url.render_as_string(hide_password=True)
        raise GradebookUnavailable(f"The gradebook at {where} could not be read: {_reason(error)}.") from error
    except SQLAlchemyError as error:
        raise GradebookProblem(f"{missing} The database says: {_reason(error)}") from error
    finally:
        engine.dispose()


def _whose(batch: Sequence[Marked]) -> str:
    """The beginning of a message about submissions that hold up a batch."""
    names = ", ".join(marked.student for marked in batch[:5]) + (", ..." if len(batch) > 5 else "")
    return f"Nothing of this batch was written, because of {names} in {batch[0].assignment}"


def _reason(error: SQLAlchemyError) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
