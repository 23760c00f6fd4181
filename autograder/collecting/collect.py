"""Taking in a whole class: from zips and folders to submitted/<student>/<assignment>/."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nbgrader.coursedir import CourseDirectory

from autograder.grading.gradebook import GradebookWriter
from autograder.grading.gradebook_plan import AssignmentPlan
from autograder.grading.options import Grading, course_options
from autograder.spreadsheets import cell
from autograder.times import ReadTime, read_time

from . import notebooks
from .archives import ArchiveLimits, Listing, UnreadableFile, list_source, with_zips_opened
from .handins import HandIn, hand_ins
from .notes import CollectionSummary, Kind
from .platforms import NotRecognised, recognise
from .record import Collected, CollectionRecord
from .roster import Participant, Roster, read_roster, safe_id
from .writing import CollectedSubmission, is_older, put

ROSTER = "roster.csv"  # in the course's folder: taken where no other list is named


@dataclass
class _Collection:
    """The state of one run: the course, and what has been found so far."""

    root: Path
    assignment: str
    directory: CourseDirectory
    plan: AssignmentPlan
    limits: ArchiveLimits
    zone: ZoneInfo | None
    roster: Roster | None
    record: CollectionRecord
    summary: CollectionSummary


def collect(
    course: Path, assignment: str, sources: Sequence[Path], *, platform: str = "auto", roster: Path | None = None
) -> CollectionSummary:
    """Put the last submission of each student into submitted/, and report everything unusual.

    SourceProblem, NotRecognised, RosterProblem, GradebookProblem or CourseNotFound if nothing could
    be collected.
    """
    config, directory = course_options(course)
    options = Grading(config=config)
    with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
        plan = records.assignment(assignment)
    roster = roster or (course / ROSTER if (course / ROSTER).is_file() else None)
    limits = options.limits()
    run = _Collection(
        course.resolve(),
        assignment,
        directory,
        plan,
        ArchiveLimits(limits.file_bytes, limits.disk_bytes),
        options.zone(),
        Roster(read_roster(roster)) if roster else None,
        CollectionRecord.read(course, assignment),
        CollectionSummary(),
    )
    found: list[HandIn] = []
    for source in sources:
        found += _hand_ins(run, source, platform)
    for student, theirs in _by_student(run, found).items():
        _take(run, student, theirs)
    _look_for_missing(run)
    run.record.write()
    _write_notes(run)
    return run.summary


def _hand_ins(run: _Collection, source: Path, key: str) -> list[HandIn]:
    """The submissions in one zip or folder, or in
    the zips of a platform if it holds nothing else.
    """
    listing = list_source(source, run.limits)
    try:
        platform = recognise(listing.entries, key)
    except NotRecognised:
        opened = with_zips_opened(listing.entries, run.limits, Listing(refused=listing.refused, passed_over=listing.passed_over))
        platform = recognise(opened.entries, key)
        listing = opened
    run.summary.platforms[str(source)] = platform.title
    run.summary.passed_over += listing.passed_over
    for path, why in listing.refused:
        run.summary.note(Kind.REFUSED, path, why)
    found, strange = hand_ins(platform, source.name, listing.entries, run.zone)
    for path in strange:
        run.summary.note(Kind.NOT_NAMED, path, f"not as {platform.title} names files: {platform.example}")
    return found


# --- whose it is


def _by_student(run: _Collection, found: Sequence[HandIn]) -> dict[str, list[HandIn]]:
    """Hand-ins by the id of each student who has a part in them."""
    by_student: dict[str, list[HandIn]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    for hand_in in found:
        for student, who in _students(run, hand_in).items():
            by_student[student].append(hand_in)
            names[student].add(who)
    for student in [student for student, numbers in names.items() if len(numbers) > 1]:
        words = f"{len(names[student])} people of this name; a list of participants (--roster) tells them apart"
        run.summary.note(Kind.AMBIGUOUS, student, f"{words}: {', '.join(hand_in.place for hand_in in by_student.pop(student))}")
    return dict(sorted(by_student.items()))


def _students(run: _Collection, hand_in: HandIn) -> dict[str, str]:
    """The ids of the students who handed this in,
    each with what tells two people with one id apart.
    """
    students: dict[str, str] = {}
    for person in hand_in.people:
        if run.roster is None:
            number = person.number if hand_in.platform.key in NUMBER_IS_LASTING else ""
            student = safe_id(person.login or person.email.partition("@")[0] or person.id_number) or safe_id(
                "-".join(filter(None, (person.name or person.folded, number)))
            )
            students[student or safe_id(hand_in.place)] = person.number or person.email
            continue
        one, several = run.roster.find(person), run.roster.members(person)
        if len(one) > 1:
            who = ", ".join(participant.student_id for participant in one)
            run.summary.note(
                Kind.AMBIGUOUS, hand_in.place, f"{person} may be any of {who}; rename its folder or file, or hand it in by itself"
            )
        elif one:
            students[one[0].student_id] = one[0].student_id
            _take_time(run, hand_in, one[0])
        elif several:
            students |= {participant.student_id: participant.student_id for participant in several}
        else:
            student = safe_id(person.login or person.email.partition("@")[0] or person.name or person.folded or hand_in.place)
            run.summary.note(Kind.UNKNOWN, student, f"{person}, from {hand_in.place}; collected all the same")
            students[student] = person.number or person.email
    return students


NUMBER_IS_LASTING = ("canvas", "brightspace")  # Moodle's numbers are others in each assignment


def _take_time(run: _Collection, hand_in: HandIn, participant: Participant) -> None:
    """Moodle's list of an assignment says when each handed in; its zip does not."""
    if hand_in.time is None and participant.time not in ("", "-"):
        hand_in.time = read_time(participant.time, run.zone)


# --- what it is


def _take(run: _Collection, student: str, theirs: Sequence[HandIn]) -> None:
    """Put the last hand-in of a student that holds a notebook into submitted/."""
    read = [(hand_in, _read(run, student, hand_in)) for hand_in in sorted(theirs, key=lambda one: one.order, reverse=True)]
    hand_in, submission = next((pair for pair in read if pair[1].choice.chosen), read[0])
    if len(read) > 1:
        times = [one.time.utc if one.time else None for one, _ in read]
        how = "the one worked on most counts, for the times do not say which came last"
        if None not in times and len(set(times)) == len(times):
            how = f"the last one counts, of {times[[one for one, _ in read].index(hand_in)]:%Y-%m-%d %H:%M} UTC"
            if hand_in is not read[0][0]:
                how += ", for a later one holds no notebook of this assignment"
        else:
            hand_in, submission = max(read, key=lambda pair: (pair[0].order, pair[1].worked))
        run.summary.note(Kind.TWICE, student, f"{len(read)} times; {how}: {hand_in.place}")
    _say_what_was_found(run, student, hand_in, submission)
    _put(run, student, hand_in, submission)


def _read(run: _Collection, student: str, hand_in: HandIn) -> CollectedSubmission:
    """Read a hand-in, with the zips in it opened, and find the assignment's notebooks in it."""
    inner = with_zips_opened(hand_in.files.values(), run.limits)
    names = {entry.path: name for name, entry in hand_in.files.items()}
    tops = {path[: -len(".zip")]: name[: -len(".zip")] for path, name in names.items() if path.lower().endswith(".zip")}
    for path, why in inner.refused:
        run.summary.note(Kind.REFUSED, student, f"{path} {why}")
    files: dict[str, bytes] = {}
    total = 0
    for entry in inner.entries:
        top = next((top for top in tops if entry.path.startswith(f"{top}/")), None)
        name = names.get(entry.path) or (f"{tops[top]}/{entry.path[len(top) + 1 :]}" if top is not None else entry.path)
        try:
            content = entry.read()
        except UnreadableFile as problem:
            run.summary.note(Kind.REFUSED, student, f"{entry.path} {problem}")
            continue
        total += len(content)
        if total > run.limits.total_bytes or len(files) >= run.limits.most_files:
            most = f"c.Grading.disk_mib = {run.limits.total_bytes // 2**20} or {run.limits.most_files} files"
            run.summary.note(Kind.REFUSED, student, f"{entry.path} and what follows: together more than {most} allows")
            break
        files[name] = content
    own = {name: content for name, content in files.items() if not name.startswith(".about/")}
    return CollectedSubmission(own, notebooks.choose(own, run.plan), [name for name in files if name not in own])


def _say_what_was_found(run: _Collection, student: str, hand_in: HandIn, submission: CollectedSubmission) -> None:
    choice, note = submission.choice, run.summary.note
    for name, copies in choice.passed_over.items():
        chosen = choice.chosen[name]
        shown = ", ".join(f"{copy.path} ({copy.worked} answers)" for copy in copies[:3])
        note(Kind.SEVERAL, student, f"{chosen.path} counts, with {chosen.worked} answers worked on; not {shown}")
    for name, one in choice.chosen.items():
        if one.problem:
            note(Kind.UNREADABLE, student, f"{one.path}: {one.problem}")
        elif one.share < notebooks.ENOUGH and run.plan.notebooks[name].sources:
            note(Kind.STRANGE, student, f"{one.path} has the right name and none of this assignment's cells")
    if choice.others:
        note(Kind.STRANGE, student, f"no notebook of this assignment: {', '.join(choice.others[:5])}")
    missing = [name for name in run.plan.notebooks if name not in choice.chosen]
    if missing:
        held = ", ".join(sorted(submission.files)[:5]) or (
            "words typed into the platform" if submission.about else "nothing that can be read"
        )
        note(Kind.NO_NOTEBOOK, student, f"{', '.join(missing)} is not there; handed in: {held}")
    if hand_in.time and hand_in.time.words:
        note(Kind.TIME, student, hand_in.time.words)
    if hand_in.late:
        note(Kind.LATE, student, "" if hand_in.time else "no time is known, so no late penalty is worked out")


def _put(run: _Collection, student: str, hand_in: HandIn, submission: CollectedSubmission) -> None:
    """Write a submission where nbgrader looks for it, unless what is there is newer."""
    before = run.record.students.get(student)
    target = run.root / run.directory.format_path(run.directory.submitted_directory, student, run.assignment)
    time = hand_in.time or ReadTime("")
    if is_older(time.utc, before.time_read if before else "", target):
        run.summary.note(Kind.KEPT, student, f"what is in submitted/ is of {before.time_read if before else ''} UTC")
        run.summary.unchanged.append(student)
        return
    written = put(submission, target, time.utc, groupshared=run.directory.groupshared)
    (run.summary.collected if written.new else run.summary.unchanged).append(student)
    if written.moved:
        run.summary.note(Kind.REPLACED, student, f"the one before is in {written.moved.relative_to(run.root)}")
    run.record.students[student] = Collected(
        platform=hand_in.platform.key,
        source=hand_in.source,
        place=hand_in.place,
        files=hand_in.names,
        notebooks={name: one.path for name, one in submission.choice.chosen.items()},
        person={key: text for key, text in asdict(hand_in.people[0]).items() if text},
        time_written=time.text,
        time_read=_iso(time.utc),
        late=hand_in.late,
    )


def _iso(time: datetime | None) -> str:
    return time.isoformat(sep=" ", timespec="seconds") if time else ""


def _look_for_missing(run: _Collection) -> None:
    if run.roster is None:
        return
    run.summary.participants = len(run.roster.people)
    for participant in run.roster.people:
        student = participant.student_id
        path = run.root / run.directory.format_path(run.directory.submitted_directory, student, run.assignment)
        if not path.is_dir():
            run.summary.note(Kind.MISSING, student, participant.person.name)


def _write_notes(run: _Collection) -> None:
    """All notes as a table."""
    path = run.record.path.with_suffix(".csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "who", "words"])
        for note in sorted(run.summary.notes, key=lambda note: (note.kind.name, note.who)):
            writer.writerow([note.kind.value, cell(note.who), cell(note.words)])
    run.summary.notes_file = path
