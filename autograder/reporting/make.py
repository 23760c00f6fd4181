"""Makes the report of a course: collects findings, writes the page and the JSON file beside it."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from backprop.files import write_whole
from nbgrader.coursedir import CourseDirectory

from autograder.grading.gradebook import GradebookUnavailable, GradebookWriter
from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.journal import FOLDER
from autograder.grading.options import course_options

from .gather import Gathered, gather
from .lesson import LessonOutline, read_lesson
from .page import ClassReport, page
from .persisting import persisting
from .summary import summarise

Tell = Callable[[str, int], None]  # told an assignment, and how many students' notebooks are going to be read


class NothingToReport(Exception):
    """Nobody's work is graded; the message says what to do."""


@dataclass(frozen=True)
class Written:
    """What was written, and how the findings of each assignment were come by."""

    page: Path
    data: Path
    report: ClassReport
    gathered: dict[str, Gathered]


def make_report(
    course: Path,
    assignments: Sequence[str] = (),
    *,
    names: bool = False,
    output: Path | None = None,
    tell: Tell = lambda assignment, count: None,
) -> Written:
    """Write the report of these assignments, or of all that are graded, in this order.

    CourseNotFound or NothingToReport if there is none.
    """
    _, directory = course_options(course)
    root = Path(directory.root)
    chosen = list(dict.fromkeys(assignments)) or _graded(root, directory)
    lessons = {name: read_lesson(name, root / directory.format_path(directory.source_directory, ".", name)) for name in chosen}
    gathered = {name: _gather(root, directory, name, tell) for name in chosen}
    without = [name for name in chosen if not gathered[name].students and not gathered[name].failed]
    if without or not chosen:
        which = f"Nobody's {' or '.join(without)} is graded" if without else "Nothing is graded"
        raise NothingToReport(f"{which} in {root}. Run `autograder grade {course} ASSIGNMENT` first.")
    report = _report(root, lessons, gathered, names)
    report.assignments[:] = [
        replace(one, waiting=_waiting(directory, one.assignment)) if one.by_hand else one for one in report.assignments
    ]
    path = output or root / "reports" / f"{chosen[0] if len(chosen) == 1 else 'course'}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = path.with_suffix(".json")
    mode = 0o660 if directory.groupshared else 0o600  # it may hold names, and always how a class did
    write_whole(data, json.dumps(asdict(report), indent=1, ensure_ascii=False).encode(), mode)
    write_whole(path, page(report, lessons).encode("utf-8", "replace"), mode)
    return Written(path, data, report, gathered)


def _report(root: Path, lessons: dict[str, LessonOutline], gathered: dict[str, Gathered], names: bool) -> ClassReport:
    return ClassReport(
        course=root.resolve().name,
        made=datetime.now(UTC).isoformat(timespec="minutes"),
        names=names,
        assignments=[summarise(lesson, list(gathered[name].students.values()), names=names) for name, lesson in lessons.items()],
        persisting=persisting({name: one.students for name, one in gathered.items()}) if len(gathered) > 1 else [],
    )


def _waiting(directory: CourseDirectory, assignment: str) -> int | None:
    """How many submissions wait for a mark by hand; None if the gradebook does not say."""
    try:
        with GradebookWriter(directory.db_url, directory.course_id) as records:
            return sum(score.needs_manual_grade for score in records.scores(assignment).values())
    except (GradebookProblem, GradebookUnavailable):
        return None


def _graded(root: Path, directory: CourseDirectory) -> list[str]:
    """The assignments with graded notebooks, by name."""
    pattern = os.path.relpath(root / directory.format_path(directory.autograded_directory, "*", "*"), root)
    return sorted({path.name for path in root.glob(pattern) if path.is_dir() and not path.name.startswith(".") and path.name != FOLDER})


def _gather(root: Path, directory: CourseDirectory, assignment: str, tell: Tell) -> Gathered:
    pattern = os.path.relpath(root / directory.format_path(directory.autograded_directory, "*", assignment), root)
    folders = {path.parent.name: path for path in root.glob(pattern) if not path.parent.name.startswith(".")}
    sources = root / directory.format_path(directory.source_directory, ".", assignment)
    notebooks = sorted(path.stem for path in sources.glob("*.ipynb")) or [assignment]
    return gather(
        root,
        assignment,
        folders,
        notebooks,
        groupshared=directory.groupshared,
        tell=lambda count: tell(assignment, count),
    )
