"""What `autograder marks` shows: where the marks were written, and whose are not there."""

from pathlib import Path

from rich.console import Console

from autograder.collecting.collect import ROSTER
from autograder.collecting.roster import RosterProblem, read_table
from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.options import CourseNotFound

from .forms import FORMS, FormProblem, fill, own_table, write
from .marks import Marks, read_marks

PROBLEMS = (FormProblem, RosterProblem, GradebookProblem, CourseNotFound)
ALL_WELL, NEEDS_A_PERSON, NOTHING_DONE = 0, 1, 2
MOST_SHOWN = 20
FOLDER = "marks"


def marks_and_show(
    course: Path, assignment: str, *, to: str, form: Path | None, column: str, scale: bool, decimal: str, output: Path | None
) -> int:
    """Write the marks in a platform's form and return the exit status."""
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        if to != "csv" and to not in FORMS:
            raise FormProblem(f"--to is csv or one of {', '.join(FORMS)}, and not {to!r}.")
        if decimal not in ("", ".", ","):
            raise FormProblem(f"--decimal is . or , and not {decimal!r}.")
        marks = read_marks(course, assignment)
        if not marks.students:
            raise FormProblem(f"Nobody has a mark for {assignment} yet. Run `autograder grade {course} {assignment}` first.")
        if to == "csv":
            return _own(course, marks, decimal or ".", output, console)
        return _platforms(course, marks, to, form, column, scale, decimal, output, console)
    except PROBLEMS as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_DONE


def _own(course: Path, marks: Marks, decimal: str, output: Path | None, console: Console) -> int:
    path = output or course / FOLDER / f"{marks.assignment}.csv"
    write(path, own_table(marks, decimal))
    console.print(f"Wrote {path}: {len(marks.students)} students, {len(marks.exercises)} exercises.", markup=False)
    waiting = [mark.student for mark in marks.students.values() if mark.waits]
    _list(console, "Waiting for marks by hand (column complete says no):", waiting)
    return NEEDS_A_PERSON if waiting else ALL_WELL


def _platforms(
    course: Path, marks: Marks, to: str, form: Path | None, column: str, scale: bool, decimal: str, output: Path | None, console: Console
) -> int:
    kind = FORMS[to]
    form = form or (course / ROSTER if (course / ROSTER).is_file() else None)
    if form is None:
        raise FormProblem(
            f"{kind.title} identifies students and assignments by its own numbers, which are in its form. "
            f"Export the form ({kind.export}) and name it with --form."
        )
    filled = fill(kind, read_table(form), marks, column=column, scale=scale, decimal=decimal)
    path = output or course / FOLDER / f"{marks.assignment}-{to}{form.suffix or '.csv'}"
    write(path, filled.text, filled.encoding)
    console.print(f"Wrote {path}: {len(filled.filled)} marks in {filled.column!r}.", markup=False)
    console.print(f"In {kind.title}: {kind.upload}.", markup=False)
    _list(console, "Left empty, because they wait to be marked by hand (formgrader shows them):", filled.waiting)
    _list(console, "They have a mark and no row in the form:", filled.without_row)
    _list(console, "Rows that could be several students, left as they were:", filled.several)
    return NEEDS_A_PERSON if filled.waiting or filled.without_row or filled.several else ALL_WELL


def _list(console: Console, heading: str, entries: list[str]) -> None:
    if entries:
        console.print(heading, markup=False, style="bold")
    for entry in entries[:MOST_SHOWN]:
        console.print(f"  {entry}", markup=False)
    if len(entries) > MOST_SHOWN:
        console.print(f"  and {len(entries) - MOST_SHOWN} more")
