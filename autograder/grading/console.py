"""What `autograder grade` shows: a bar while it works, a table when it is done."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.plain_text import one_line
from autograder.running.loader import ExecutorProblem, Loader
from autograder.sandbox import SandboxProblem

from . import run
from .course_notebook import UnusableSource
from .engine import EngineLost, EngineProblem, Start, ThisMachine
from .gradebook import GradebookUnavailable
from .gradebook_plan import GradebookProblem
from .options import CourseNotFound, OptionProblem

NOTHING_TO_DO = (
    *(UnusableSource, CourseNotFound, OptionProblem, GradebookProblem, SandboxProblem, EngineProblem),
    *(run.NothingToGrade, run.ReferenceProblem),
)
FAULTS = (ExecutorProblem, GradebookUnavailable, run.MachineProblem, EngineLost)
ALL_WELL, NEEDS_A_PERSON, NOTHING_GRADED, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
Say = Callable[[str], None]
MOST_SHOWN = 20  # flagged students in the table; the file has them all


class _Rate(ProgressColumn):
    """Submissions a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def grade_and_show(
    course: Path,
    assignment: str,
    *,
    students: Collection[str],
    workers: int | None,
    regrade: bool,
    sandbox: str | None,
    elsewhere: Callable[[Say], Start] | None = None,
    loader: Loader | None = None,
) -> int:
    """Grade, showing progress, and return the exit status.

    `elsewhere` makes the engine, if it is not this machine.
    """
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    if sandbox not in (None, "require", "auto", "off"):
        errors.print(f"--sandbox is require, auto or off, and not {sandbox!r}.", markup=False)
        return NOTHING_GRADED
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("loading", total=None)

            def tell(progress: run.Progress) -> None:
                if not progress.done:
                    console.print(f"Sandbox: {progress.sandbox}", markup=False)
                    for words in progress.head:
                        console.print(words, markup=False)
                bar.update(task, description=assignment, completed=progress.done, total=progress.total)

            def waiting(holder: str) -> None:
                console.print(f"Process {holder} is grading {assignment}; this run begins when that one has ended.", markup=False)

            summary = run.grade(
                course,
                assignment,
                students=students,
                workers=workers,
                regrade=regrade,
                sandbox=sandbox,
                tell=tell,
                waiting=waiting,
                engine=elsewhere(lambda words: console.print(words, markup=False)) if elsewhere else partial(ThisMachine, loader=loader),
            )
            bar.remove_task(task)
    except FAULTS as problem:
        errors.print(str(problem), markup=False)
        return FAULT
    except NOTHING_TO_DO as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_GRADED
    except Exception as fault:  # of the grader's own: what it was is for whoever reports it
        errors.print_exception()
        words = f"The grader itself failed: {type(fault).__name__}. What was graded is kept. Please report the lines above."
        errors.print(words, markup=False)
        return FAULT
    except KeyboardInterrupt:
        errors.print("Stopped before anything was graded.")
        return INTERRUPTED
    show(console, summary)
    if summary.interrupted:
        console.print("Stopped. What was graded is kept; the same command goes on with the rest.")
        return INTERRUPTED
    if summary.faults:
        return FAULT
    return NEEDS_A_PERSON if summary.needs_a_person else ALL_WELL


def verify_and_show(course: Path, assignment: str, *, sandbox: str | None, loader: Loader | None = None) -> int:
    """Try the tests on the course's solution and on the
    blank release, print the results, return the exit status.
    """
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        found = run.verify(course, assignment, sandbox=sandbox, loader=loader)
    except FAULTS as problem:
        errors.print(str(problem), markup=False)
        return FAULT
    except NOTHING_TO_DO as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_GRADED
    for words in found.head():
        console.print(words, markup=False)
    if found.by_hand:
        console.print(f"Marked by hand, and not tried: {', '.join(found.by_hand)}.", markup=False)
    if not found.needs_a_person():
        console.print("The course's own solution gets full points in every test that could be tried, and the blank release none.")
    return NEEDS_A_PERSON if found.needs_a_person() else ALL_WELL


def show(console: Console, summary: run.Summary) -> None:
    """The table at the end, and what a person should look at."""
    table = Table(show_header=False)
    median, most = summary.median, max((score.max_score for score in summary.scores.values()), default=0)
    rows: dict[str, int | str] = {
        "graded": len(summary.graded),
        "skipped (graded before)": len(summary.skipped),
        "flagged": len(summary.flagged),
    }
    if summary.waiting:
        rows["waiting for marks by hand"] = len(summary.waiting)
    rows |= {"failed": len(summary.failed), "median score": "" if median is None else f"{median:g} of {most:g}"}
    for name, value in rows.items():
        table.add_row(name, str(value))
    console.print(table)
    for words in [*summary.followed, *summary.about_course]:
        console.print(words, markup=False)
    if summary.outdated:
        console.print(f"{summary.outdated} were graded with an earlier version of the tests; --regrade grades them again.")
    lines = {student: (words,) for student, words in summary.failed.items()} | summary.flagged
    for student, flags in list(lines.items())[:MOST_SHOWN]:
        console.print(f"[bold]{escape(one_line(student, 100))}[/bold]{' (failed)' if student in summary.failed else ''}")
        for words in flags[:5]:
            console.print(f"  {words}", markup=False)
        if len(flags) > 5:
            console.print(f"  and {len(flags) - 5} more")
    if len(lines) > MOST_SHOWN:
        console.print(f"and {len(lines) - MOST_SHOWN} more")
    if summary.flags_file:
        console.print(f"All flags: {summary.flags_file}", markup=False, soft_wrap=True)
