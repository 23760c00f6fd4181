"""Writes marks into nbgrader's gradebook: the rows that
`nbgrader autograde` writes, a batch per transaction.

Only nbgrader's own database models are used, so both SQLite and PostgreSQL work. In two rare cases
a regrade leaves better rows than stock nbgrader: a notebook that is missing now keeps no earlier
late penalty, and a task that was missing before waits for a person again.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nbformat.notebooknode import NotebookNode
from nbgrader import api, utils
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import case, create_engine, func, inspect, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from traitlets.config import Config

from . import gradebook_rows
from .cell_marks import fill_sheet
from .gradebook_plan import RELEASE_FIRST, AssignmentPlan, GradebookProblem, read_notebook_plan
from .gradebook_rows import Row, Sheet, add_students, read_layouts, read_rows, read_sheets, read_submissions, save_rows
from .points import Points, follow_source
from .remarks import place_remark, take_remark


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
class SubmissionScore:
    """The score of a submission so far, after the late
    penalty and never below 0, as nbgrader exports it.
    """

    score: float
    max_score: float
    needs_manual_grade: bool
    raw_score: float
    late_penalty: float


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
            plans = {title: read_notebook_plan(db, key, title, kernelspec) for key, title, kernelspec in notebooks}
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
            found = read_rows(db, api.SubmittedAssignment, columns, "student_id", students, assignment_id=row.id)
            return {entry["student_id"]: _seconds_late(entry, row.duedate) for entry in found}

    def renew_penalties(self, assignment: str, students: Collection[str]) -> dict[str, tuple[float, float]]:
        """Compute the late penalties of these students
        again, from the gradebook's present scores and dates.

        Returns the earlier and the new ones, by student, where they differ.
        """
        changed: dict[str, tuple[float, float]] = {}
        with self._session() as db:
            row = _assignment(db, assignment)
            submissions = read_submissions(db, row.id, list(students))
            sheets = read_sheets(db, submissions, read_layouts(db, row.id))
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
            save_rows(db, api.SubmittedNotebook, rows, ("late_submission_penalty",))
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
            for start in range(0, len(handed_in), gradebook_rows.AT_ONCE):
                self._put_part(db, name, handed_in[start : start + gradebook_rows.AT_ONCE], notes)
        return dict(notes)

    def _put_part(self, db: Session, name: str, part: Sequence[Marked], notes: dict[str, list[str]]) -> None:
        assignment = _assignment(db, name)
        submissions = read_submissions(db, assignment.id, [marked.student for marked in part])
        sheets = read_sheets(db, submissions, read_layouts(db, assignment.id))
        for marked in part:
            try:
                found = self.fill(marked, submissions[marked.student], sheets[marked.student])
            except Exception as error:
                raise GradebookProblem(f"{_whose([marked])}: {type(error).__name__}: {error}") from error
            if found:
                notes[marked.student] += found
        add_students(db, submissions)
        everything = [sheet for mine in sheets.values() for sheet in mine.values()]
        save_rows(db, api.SubmittedAssignment, submissions.values(), ("timestamp",))
        save_rows(db, api.SubmittedNotebook, (sheet.row for sheet in everything), ("flagged",))
        save_rows(db, api.Grade, (row for sheet in everything for row in sheet.grades.values()), ("auto_score", "needs_manual_grade"))
        save_rows(db, api.Comment, (row for sheet in everything for row in sheet.comments.values()), ("auto_comment", "manual_comment"))
        if self._late.enabled:
            lateness = {marked.student: _seconds_late(submissions[marked.student], assignment.duedate) for marked in part}
            self._penalise(db, part, lateness, sheets)
            save_rows(db, api.SubmittedNotebook, (sheet.row for sheet in everything), ("late_submission_penalty",))

    def fill(self, marked: Marked, submission: Row, sheets: dict[str, Sheet]) -> list[str]:
        """Set the rows of one submission to its marks,
        and return the problems with single cells.
        """
        if marked.timestamp is not None:
            submission["timestamp"] = utils.parse_utc(marked.timestamp)
        for title in marked.notebooks.keys() - sheets.keys():
            self._log.warning("%s handed in %s, which is no notebook of %s: it is not marked.", marked.student, title, marked.assignment)
        before = take_remark(sheets.values())
        notes = []
        for title, sheet in sheets.items():
            sheet.notebook = marked.notebooks.get(title)
            notes += [f"{title}, {note}" for note in fill_sheet(sheet, self._log)]
        words = [marked.remark, *notes] if marked.remark else notes
        place_remark("; ".join(words), list(sheets.values()), before)
        return notes

    def _penalise(self, db: Session, part: Sequence[Marked], lateness: dict[str, float], sheets: dict[str, dict[str, Sheet]]) -> None:
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


def _assignment(db: Session, name: str) -> api.Assignment:
    row = db.scalars(select(api.Assignment).where(api.Assignment.name == name)).one_or_none()
    if row is None:
        raise GradebookProblem(f"The gradebook has no assignment {name}. {RELEASE_FIRST.format(name)}")
    return row


def _seconds_late(submission: Row, duedate: datetime | None) -> float:
    """How late it was handed in, its extension counted."""
    if submission["timestamp"] is None or duedate is None:
        return 0
    return max(0, (submission["timestamp"] - duedate - (submission["extension"] or timedelta())).total_seconds())


def _totals(db: Session, notebooks: list[str]) -> dict[str, float]:
    """The scores of some submitted notebooks, summed by the database."""
    totals: dict[str, float] = {}
    for start in range(0, len(notebooks), gradebook_rows.AT_ONCE):
        some = api.Grade.notebook_id.in_(notebooks[start : start + gradebook_rows.AT_ONCE])
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
    """The beginning of a message about the submissions in a batch."""
    names = ", ".join(marked.student for marked in batch[:5]) + (", ..." if len(batch) > 5 else "")
    return f"Nothing of this batch was written, because of {names} in {batch[0].assignment}"


def _reason(error: SQLAlchemyError) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
