"""What `autograder grade-one` and the commands that make bundles show."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grading.course_notebook import UnusableSource
from autograder.grading.options import CourseNotFound, OptionProblem
from autograder.running.loader import ExecutorProblem
from autograder.sandbox import SandboxProblem

from .bundles import BUNDLES, BundleProblem
from .forms import FORMS, github_output
from .from_source import NoSuchAssignment
from .grade_one import NothingHandedIn, grade_one
from .result import Result

ALL_WELL, NEEDS_A_PERSON, NOTHING_GRADED, FAULT = 0, 1, 2, 3
NOTHING_TO_DO = (NothingHandedIn, NoSuchAssignment, CourseNotFound, OptionProblem, UnusableSource, SandboxProblem)


def grade_one_and_show(
    handed_in: Path, course: Path, assignment: str, *, form: str, as_json: bool, output: Path | None, sandbox: str | None
) -> int:
    """Grade one hand-in, show or write the result, and return the exit status."""
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    if form not in FORMS:
        errors.print(f"--for is one of {', '.join(FORMS)}, and not {form!r}.", markup=False)
        return NOTHING_GRADED
    try:
        result = grade_one(handed_in, course, assignment, sandbox=sandbox)
    except NOTHING_TO_DO as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_GRADED
    except ExecutorProblem as problem:
        errors.print(str(problem), markup=False)
        return FAULT
    except Exception as fault:  # of the grader's own: what it was is for whoever reports it
        errors.print_exception()
        errors.print(f"The grader itself failed: {type(fault).__name__}. Please report the lines above.", markup=False)
        return FAULT
    text = json.dumps(FORMS[form](result), indent=1) + "\n"
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(github_output(result) if form == "github" else text, encoding="utf-8")
    elif as_json or form != "plain":
        console.out(text, end="", highlight=False)
    else:
        _show(console, result)
    if result.problem:
        return NOTHING_GRADED
    return NEEDS_A_PERSON if result.flags or result.waiting else ALL_WELL


def _show(console: Console, result: Result) -> None:
    table = Table("exercise", "result", "points")
    for one in result.exercises:
        points = "–" if one.points is None else f"{round(one.points, 2):g}"
        table.add_row(one.name, one.standing.value, f"{points} of {one.most:g}")
    if result.problem:
        console.print(result.problem, markup=False)
    console.print(table)
    console.print(f"{result.assignment}: {round(result.points, 2):g} of {result.most:g} points. Sandbox: {result.sandbox}", markup=False)
    for words in result.flags:
        console.print(words, markup=False)


def bundle_and_show(service: str, course: Path, assignment: str, output: Path | None) -> int:
    """Write a service's zip, say what to do with it, and return the exit status."""
    errors = Console(stderr=True, highlight=False)
    try:
        path = BUNDLES[service].write(course, assignment, output)
    except (*NOTHING_TO_DO, BundleProblem) as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_GRADED
    Console(highlight=False).print(f"wrote {path}\n{BUNDLES[service].next_step}", markup=False, soft_wrap=True)
    return ALL_WELL
