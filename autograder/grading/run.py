"""Grades a class: finds what is to be graded, several at
a time, with one writer; it can be killed at any moment.
"""

import csv
import errno
import io
import os
import signal
import statistics
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from backprop.files import write_whole
from nbgrader.coursedir import CourseDirectory

from autograder.findings.notebook import files_of, findings_of
from autograder.notebook_text import notebook_text
from autograder.plain_text import is_name, one_line
from autograder.running.loader import Loader
from autograder.spreadsheets import cell

from . import reference
from .assignment import Assignment, read_assignment
from .engine import Engine, EngineLost, NotMarked, Start, ThisMachine, Work
from .findings import Findings
from .folders import clear_leftovers, replace_folder, staging
from .gradebook import GradebookUnavailable, GradebookWriter, Marked, SubmissionScore
from .journal import Entry, Journal, reference_path
from .marker import Marker
from .marking import Outcome, write_files
from .notebook_run import OWNER
from .options import Grading, course_options
from .points import fingerprint, points_in_source
from .submission import Submission, read_submission

BATCH = 16  # submissions written in one transaction
MANY = 4  # submissions, for which it pays to run first, twice, the cells that are the same for all
COMMAND = "autograder grade"
BY_US = f'"graded_by": "{COMMAND}"'  # in a notebook's metadata, and so in its file
OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
NO_NAME = "A gradebook cannot hold the folder's name: it is not UTF-8, or has control characters. Rename it; it was not graded."


class ReferenceProblem(Exception):
    """The course's own solution does not pass its tests; the message says which, and what to do."""


class NothingToGrade(Exception):
    """There are no submissions; the message says where they were looked for."""


class MachineProblem(Exception):
    """The machine cannot go on: the disk is full, or a file system is read-only.

    Finished work is kept.
    """


@dataclass
class Summary:
    """What a run did."""

    graded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    flagged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    scores: dict[str, SubmissionScore] = field(default_factory=dict)
    sandbox: str = ""
    outdated: int = 0  # graded by an earlier version of the tests
    faults: dict[str, str] = field(default_factory=dict)  # submissions on which the grader itself failed, and how
    about_course: list[str] = field(default_factory=list)  # what is odd about the course's own notebooks
    followed: list[str] = field(default_factory=list)  # points that were changed in the source, due dates that moved
    flags_file: Path | None = None
    interrupted: bool = False

    @property
    def median(self) -> float | None:
        """The median score of all that are graded."""
        return statistics.median(score.score for score in self.scores.values()) if self.scores else None

    @property
    def waiting(self) -> list[str]:
        """Whose submission has a part that waits for a mark by hand, as nbgrader counts it."""
        return [student for student, score in self.scores.items() if score.needs_manual_grade]

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should look at something."""
        return bool(self.flagged or self.failed or self.outdated or self.about_course)


@dataclass(frozen=True)
class Progress:
    """Told before the first submission, and after each."""

    done: int
    total: int
    sandbox: str
    student: str = ""
    head: tuple[str, ...] = ()  # with the first: which tests run together with the student's code, and what is amiss with tests


Tell = Callable[[Progress], None]
_Start = Callable[[int], AbstractContextManager[Engine]]  # of the number of submissions


@dataclass
class _OpenAssignment:
    """One assignment of one course, opened for grading."""

    assignment: str
    directory: CourseDirectory
    options: Grading
    records: GradebookWriter
    journal: Journal
    side: Assignment
    root: Path
    points: str  # fingerprint of what each test is worth
    regrade: str = ""  # the number of the regrade under way

    def submitted(self, student: str) -> Path:
        return self._path(self.directory.submitted_directory, student)

    def autograded(self, student: str) -> Path:
        return self._path(self.directory.autograded_directory, student)

    def _path(self, part: str, student: str) -> Path:
        return self.root / self.directory.format_path(part, student, self.assignment)

    def read(self, folder: Path) -> Submission:
        """What lies in a submission's folder."""
        limits = self.options.limits()
        return read_submission(
            folder, self.side.notebooks, largest_file=limits.file_bytes, largest_total=limits.disk_bytes, zone=self.side.zone
        )

    def students(self) -> list[str]:
        """Everyone who handed something in."""
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        pattern = self.directory.format_path(self.directory.submitted_directory, "*", self.assignment)
        found = [path.parent.name for path in self.root.glob(os.path.relpath(pattern, self.root))]
        return sorted(name for name in found if name not in excluded and not name.startswith("."))


def grade(
    course: Path,
    assignment: str,
    *,
    students: Collection[str] = (),
    workers: int | None = None,
    regrade: bool = False,
    sandbox: str | None = None,
    tell: Tell = lambda progress: None,
    waiting: Callable[[str], None] = lambda holder: None,
    engine: Start = ThisMachine,
) -> Summary:
    """Grade what is not graded yet, or newer than its grade; with `regrade`, everything.

    `waiting` is called when another run grades this assignment, before this one waits for its end.
    `engine` starts what marks submissions. With any engine, this process alone writes to the
    gradebook.
    """
    config, directory = course_options(course)
    options, root = Grading(config=config), Path(directory.root)
    try:
        with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
            records.assignment(assignment)  # before any file is made
            with Journal(root, assignment, groupshared=directory.groupshared, waiting=waiting) as journal:
                followed = records.follow(assignment, lambda names: points_in_source(directory, assignment, names))
                plan = records.assignment(assignment)
                side = read_assignment(plan, directory, config)
                group = _OpenAssignment(assignment, directory, options, records, journal, side, root, fingerprint(plan.points()))
                clear_leftovers(_autograded_root(group), assignment)
                summary = Summary(followed=followed, about_course=[one_line(words) for words in _about_course(side)])
                if regrade:
                    group.regrade = journal.begin_regrade(students)
                work = partial(Work, side, options, sandbox or options.sandbox, workers or options.worker_count())
                grade_students(group, students, lambda count: engine(work(count >= MANY, reference_path(root, assignment))), summary, tell)
                if regrade and not summary.interrupted:
                    journal.end_regrade(students)
                return summary
    except OSError as error:
        if error.errno in OF_THE_MACHINE:
            raise MachineProblem(f"{error.strerror}: {error.filename or root}. What was graded is kept; run this again.") from error
        raise


def _about_course(side: Assignment) -> list[str]:
    return [f"{name}: {words}" for name, notebook in side.notebooks.items() for words in notebook.cells.remarks]


def _autograded_root(group: _OpenAssignment) -> Path:
    return group.autograded("x").parent.parent


def grade_students(group: _OpenAssignment, students: Collection[str], start: _Start, summary: Summary, tell: Tell) -> None:
    """Grade those of the students who are due, with what `start` starts, and fill the summary."""
    chosen = _chosen(group, students)
    for student in [student for student in chosen if not is_name(student)]:
        summary.failed[student] = NO_NAME
        chosen.remove(student)
    recorded = group.records.scores(group.assignment).keys()
    due = []
    for student in chosen:
        if _is_due(group, student, recorded):
            due.append(student)
            continue
        summary.skipped.append(student)
        entry = group.journal.done(student)
        summary.outdated += entry is not None and entry.course != group.side.fingerprint
    if due:
        _run(group, due, start, summary, tell)
    _follow_due_date(group, summary)
    _sum_up(group, chosen, summary)


def _follow_due_date(group: _OpenAssignment, summary: Summary) -> None:
    """Compute penalties again for submissions that are
    later, or less late, than when they were graded.
    """
    if not group.records.penalises:
        return
    now = group.records.lateness(group.assignment, summary.skipped)
    known = {student: entry for student in summary.skipped if (entry := group.journal.done(student)) is not None}
    moved = [student for student, entry in known.items() if student in now and entry.late != now[student]]
    changed = group.records.renew_penalties(group.assignment, moved) if moved else {}
    group.journal.append(replace(known[student], late=now[student]) for student in moved)
    summary.followed += [
        f"{one_line(student)}: the due date or an extension has changed. {after:g} points are taken off for being late, and not {before:g}."
        for student, (before, after) in changed.items()
    ]


def _chosen(group: _OpenAssignment, students: Collection[str]) -> list[str]:
    present = group.students()
    missing = sorted(set(students) - set(present))
    if missing or not present:
        where = group.submitted("<student>")
        who = f"{', '.join(missing)} handed nothing in" if missing else "Nobody has handed anything in"
        raise NothingToGrade(f"{who}: there is no folder {where}. `nbgrader collect` or `nbgrader zip_collect` puts submissions there.")
    return sorted(students) or present


def _is_due(group: _OpenAssignment, student: str, recorded: Collection[str]) -> bool:
    """Whether to grade a submission: new, changed, worth
    other points, or missing in gradebook or autograded/.
    """
    entry = group.journal.done(student)
    if group.regrade:
        return entry is None or entry.regrade != group.regrade
    if student not in recorded or not group.autograded(student).is_dir():
        return True
    if entry is None:
        return not _graded_by_stock(group, student)
    worth = entry.points not in ("", group.points)
    return worth or group.read(group.submitted(student)).fingerprint != entry.handed_in


def _graded_by_stock(group: _OpenAssignment, student: str) -> bool:
    """Whether nbgrader itself graded this submission, and nothing newer has come since."""
    done = group.autograded(student)
    notebooks = [done / f"{name}.ipynb" for name in group.side.notebooks]
    if not any(path.is_file() for path in notebooks):
        return False
    if any(BY_US in path.read_text(encoding="utf-8", errors="replace") for path in notebooks if path.is_file()):
        return False  # the run was killed before it was noted down
    # nbgrader's own way stops at a timestamp that is none, and waits at a pipe
    before, now = (group.read(folder).timestamp for folder in (done, group.submitted(student)))
    return not (before and now and now > before)


def _run(group: _OpenAssignment, waiting: list[str], start: _Start, summary: Summary, tell: Tell) -> None:
    with start(len(waiting)) as engine:
        summary.sandbox = engine.sandbox
        done = 0
        try:
            prepared = engine.prepare()
            found = prepared.findings
            if found.problems() and group.options.require_reference:
                raise ReferenceProblem(_no_reference(found.problems()))
            tell(Progress(0, len(waiting), summary.sandbox, head=tuple(found.head())))
            for batch in _batches(_outcomes(engine.marker(prepared), group, waiting, summary)):
                with undisturbed():
                    _write(group, batch, summary)
                for outcome in batch:
                    done += 1
                    tell(Progress(done, len(waiting), summary.sandbox, outcome.student))
        except KeyboardInterrupt:
            summary.interrupted = True


def _no_reference(problems: list[str]) -> str:
    return (
        "Nobody was graded, for the course's own solution does not get full points:\n"
        + "\n".join(f"  {words}" for words in problems)
        + "\nMend the test or the solution and run `nbgrader generate_assignment`; `autograder verify` tries them again. "
        "c.Grading.require_reference = False grades all the same."
    )


def verify(course: Path, assignment: str, *, sandbox: str | None = None, loader: Loader | None = None) -> Findings:
    """Run the course's own solution and the blank release like a student's work.

    Nobody is marked. `loader` is a process that already loads what the assignment imports.
    """
    config, directory = course_options(course)
    options = Grading(config=config)
    with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
        side = read_assignment(records.assignment(assignment), directory, config)
    with options.executor(sandbox, imports=side.imports(), rehearsal=side.rehearsal(), loader=loader) as executor:
        return reference.findings(executor, side)


def _outcomes(marker: Marker, group: _OpenAssignment, waiting: list[str], summary: Summary) -> Iterator[list[Outcome]]:
    """Have submissions marked, and yield each when it is done.

    A failure does not stop the others.
    """
    left = iter(waiting)
    running: dict[Future[Outcome], str] = {}
    try:
        while True:
            while len(running) < marker.at_once and (student := next(left, None)) is not None:
                running[_handed_over(marker, group, student)] = student
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            yield [_outcome(future, running.pop(future), summary) for future in list(finished)]
    finally:
        marker.stop()


def _handed_over(marker: Marker, group: _OpenAssignment, student: str) -> Future[Outcome]:
    """A submission on its way; what goes wrong on reading it is in the future too."""
    try:
        return marker.submit(student, group.read(group.submitted(student)))
    except Exception as error:
        failed: Future[Outcome] = Future()
        failed.set_exception(error)
        return failed


def _outcome(future: Future[Outcome], student: str, summary: Summary) -> Outcome:
    try:
        return future.result()
    except Exception as error:  # a fault of the grader's own must not cost the class its marks
        if isinstance(error, EngineLost) or (isinstance(error, OSError) and error.errno in OF_THE_MACHINE):
            raise
        why = str(error) if isinstance(error, NotMarked) else f"The grader itself failed: {type(error).__name__}: {error}"
        summary.failed[student] = summary.faults[student] = one_line(why)
        return Outcome(student, None, {}, flags=[summary.faults[student]], failed=True)


def _batches(groups: Iterable[list[Outcome]]) -> Iterator[list[Outcome]]:
    """Outcomes in batches of up to BATCH.

    When a machine or an engine fails, the finished ones are a last batch.
    """
    batch: list[Outcome] = []
    failure = None
    try:
        for group in groups:
            batch += group
            if len(batch) >= BATCH:
                yield batch
                batch = []
    except Exception as error:
        failure = error
    if batch:
        yield batch
    if failure:
        raise failure


def _write(group: _OpenAssignment, batch: list[Outcome], summary: Summary) -> None:
    """Write the gradebook, the folder, the findings, the journal, in this order.

    A run killed in between grades these submissions again, with the same marks. If writing one
    submission fails, it is set aside and the rest is written.
    """
    findings = b""
    for outcome in _recorded(group, [outcome for outcome in batch if outcome.student not in summary.failed], summary):
        try:
            put_folder(group, outcome)
        except Exception as error:  # a name or a text that this file system does not take, or anything else
            _set_aside(outcome, "Its folder in autograded/ could not be written", error, summary)
        else:
            summary.graded.append(outcome.student)
            findings += _findings(group, outcome)
            if outcome.failed:
                summary.failed[outcome.student] = outcome.flags[0] if outcome.flags else "It could not be run to its end."
    group.journal.append_findings(findings)
    late = group.records.lateness(group.assignment, [outcome.student for outcome in batch]) if group.records.penalises else {}
    group.journal.append(_entry(group, outcome, summary.sandbox, late.get(outcome.student)) for outcome in batch)


def _findings(group: _OpenAssignment, outcome: Outcome) -> bytes:
    """The line with the checks' findings, or none if that fails.

    `autograder report` then reads the graded notebook, and says so.
    """
    try:
        files = files_of(group.autograded(outcome.student), list(outcome.pages))
        return findings_of(outcome.student, files, outcome.pages).line()
    except Exception:
        return b""


def _recorded(group: _OpenAssignment, batch: list[Outcome], summary: Summary) -> list[Outcome]:
    """Write a batch to the gradebook, or one by one
    if it refuses the batch; returns those written.
    """
    try:
        _record(group, batch)
    except GradebookUnavailable:
        raise
    except Exception as error:
        if len(batch) == 1:
            _set_aside(batch[0], "The gradebook did not take it", error, summary)
            return []
        return [taken for outcome in batch for taken in _recorded(group, [outcome], summary)]
    return batch


def _record(group: _OpenAssignment, batch: list[Outcome]) -> None:
    notes = group.records.write(
        Marked(outcome.student, group.assignment, outcome.timestamp, outcome.notebooks, _remark(outcome)) for outcome in batch
    )
    for outcome in batch:
        outcome.flags += map(one_line, notes.get(outcome.student, []))


def _set_aside(outcome: Outcome, what: str, error: Exception, summary: Summary) -> None:
    """Note that a submission could not be written.

    A fault of the machine is raised to the caller.
    """
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        raise error
    words = one_line(f"{what}: {type(error).__name__}: {error}")
    outcome.flags.insert(0, words)
    outcome.failed, outcome.fingerprint = True, ""  # nobody has its marks: the next run tries again
    summary.failed[outcome.student] = words


@contextmanager
def undisturbed() -> Iterator[None]:
    """Delay Ctrl-C until the block has ended: marks, folder and journal belong together."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt


def _remark(outcome: Outcome) -> str | None:
    return "\n".join(f"- {words}" for words in dict.fromkeys(outcome.flags)) or None


def put_folder(group: _OpenAssignment, outcome: Outcome) -> None:
    """autograded/<student>/<assignment>/, as nbgrader would have made it."""
    target = group.autograded(outcome.student)
    folder = staging(target)
    write_files(folder, outcome.files)
    group.side.copy_files(folder, set(outcome.files))
    for name, notebook in outcome.pages.items():
        notebook.metadata[OWNER] = {**notebook.metadata.get(OWNER, {}), "graded_by": COMMAND}
        (folder / f"{name}.ipynb").write_text(notebook_text(notebook) + "\n", encoding="utf-8")
    replace_folder(folder, target, groupshared=group.directory.groupshared)


def _entry(group: _OpenAssignment, outcome: Outcome, sandbox: str, late: float | None) -> Entry:
    return Entry(
        student=outcome.student,
        handed_in=outcome.fingerprint,
        course=group.side.fingerprint,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        sandbox=sandbox,
        flags=tuple(dict.fromkeys(outcome.flags)),
        score=None,
        points=group.points,
        regrade=group.regrade,
        late=late,
    )


def _sum_up(group: _OpenAssignment, chosen: list[str], summary: Summary) -> None:
    """Scores and flags of everybody chosen, graded now or before; the flags also as a file."""
    scores = group.records.scores(group.assignment)
    summary.scores = {student: scores[student] for student in chosen if student in scores}
    flags = {entry.student: entry.flags for entry in group.journal.entries() if entry.flags}
    summary.flagged = {student: flags[student] for student in chosen if student in flags}
    rows = flags | {student: (words,) for student, words in summary.failed.items() if student not in flags}
    path = group.journal.path.with_suffix(".flags.csv")
    if rows:
        _write_flags(path, sorted(rows.items()))
        summary.flags_file = path
    else:
        path.unlink(missing_ok=True)


def _write_flags(path: Path, rows: list[tuple[str, Any]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", "flag"])
    writer.writerows((cell(one_line(student)), cell(one_line(words))) for student, flags in rows for words in flags)
    write_whole(path, file.getvalue().encode(), 0o644)
