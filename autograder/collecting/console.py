"""The output of `autograder collect`: the platform,
a table, and everything that needs attention.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.options import CourseNotFound, OptionProblem

from .archives import SourceProblem
from .collect import collect
from .notes import FOR_INFORMATION, CollectionSummary, Kind
from .platforms import BY_KEY, NotRecognised
from .roster import RosterProblem

PROBLEMS = (SourceProblem, NotRecognised, RosterProblem, GradebookProblem, CourseNotFound, OptionProblem)
ALL_WELL, NEEDS_A_PERSON, NOTHING_DONE = 0, 1, 2
MOST_SHOWN = 15


def collect_and_show(course: Path, assignment: str, sources: Sequence[Path], *, platform: str, roster: Path | None) -> int:
    """Collect, say what was found, and return the exit status."""
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    if platform != "auto" and platform not in BY_KEY:
        errors.print(f"--from is auto or one of {', '.join(BY_KEY)}, and not {platform!r}.", markup=False)
        return NOTHING_DONE
    try:
        summary = collect(course, assignment, sources, platform=platform, roster=roster)
    except PROBLEMS as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_DONE
    show(console, summary)
    return NEEDS_A_PERSON if summary.needs_a_person else ALL_WELL


def show(console: Console, summary: CollectionSummary) -> None:
    """The summary of a run."""
    for source, title in summary.platforms.items():
        console.print(f"{source}: recognised as {title}.", markup=False)
    table = Table(show_header=False)
    rows = {"collected": len(summary.collected), "unchanged": len(summary.unchanged)}
    if summary.participants:
        rows |= {"in the list of participants": summary.participants}
    rows |= {kind.value: len(summary.of(kind)) for kind in Kind if summary.of(kind)}
    if summary.passed_over:
        rows["files of the operating system, left out"] = summary.passed_over
    for name, value in rows.items():
        table.add_row(name, str(value))
    console.print(table)
    for kind in sorted(Kind, key=lambda kind: kind in FOR_INFORMATION):
        notes = summary.of(kind)
        if notes:
            console.print(f"{kind.value[0].upper()}{kind.value[1:]}:", markup=False, style="bold")
        for note in notes[:MOST_SHOWN]:
            console.print(f"  {note.who}: {note.words}" if note.words else f"  {note.who}", markup=False)
        if len(notes) > MOST_SHOWN:
            console.print(f"  and {len(notes) - MOST_SHOWN} more")
    if summary.notes:
        console.print(f"All of this as a table: {summary.notes_file}", markup=False)
