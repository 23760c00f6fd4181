"""What `autograder report` shows: where the page is, and what is not in it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.grading.options import CourseNotFound

from .gather import Gathered
from .make import NothingToReport, make_report

ALL_WELL, NEEDS_A_PERSON, NOTHING_DONE = 0, 1, 2
MOST_SHOWN = 20


def report_and_show(course: Path, assignments: Sequence[str], *, names: bool, output: Path | None) -> int:
    """Write the report and return the exit status."""
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)

    def tell(assignment: str, count: int) -> None:
        console.print(f"{assignment}: reading the graded notebooks of {count} students; the next report has them at hand.", markup=False)

    try:
        written = make_report(course, assignments, names=names, output=output, tell=tell)
    except (NothingToReport, CourseNotFound) as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_DONE
    except OSError as error:
        errors.print(f"The report could not be written: {error}. Name another file with --output.", markup=False)
        return NOTHING_DONE
    for assignment, gathered in written.gathered.items():
        for words in _remarks(gathered):
            console.print(f"{assignment}: {words}", markup=False)
    for summary in written.report.assignments:
        console.print(f"{summary.assignment}: {summary.students} students, {len(summary.needs)} need help now.", markup=False)
        for topic in summary.topics:
            console.print(f"  {topic.students} students, {topic.exercise}: {topic.words}", markup=False)
    console.print(f"Wrote {written.page} and {written.data.name}.", markup=False)
    failed = any(gathered.failed or gathered.damaged for gathered in written.gathered.values())
    return NEEDS_A_PERSON if failed else ALL_WELL


def _remarks(gathered: Gathered) -> list[str]:
    remarks = []
    if gathered.damaged:
        where = f" and put into {gathered.aside}" if gathered.aside else ""
        lines = f"{gathered.damaged} line{'s' * (gathered.damaged != 1)} of the findings"
        remarks.append(f"{lines} could not be read{where}; the graded notebooks were read instead.")
    if gathered.not_kept:
        remarks.append(f"what was read was not kept for the next report: {gathered.not_kept}")
    remarks += [f"not in the report: {student}: {why}" for student, why in list(gathered.failed.items())[:MOST_SHOWN]]
    if len(gathered.failed) > MOST_SHOWN:
        remarks.append(f"and {len(gathered.failed) - MOST_SHOWN} more are not in the report.")
    return remarks
