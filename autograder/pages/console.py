"""What `autograder feedback` shows: how many pages were made, and which could not be."""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from autograder.collecting.platforms import BY_KEY
from autograder.collecting.record import CollectionRecord
from autograder.giving_back.bundles import BUNDLES, NO_UPLOAD, bundle_for, write_bundle
from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.options import CourseNotFound

from .make import Made, make_pages

ALL_WELL, NEEDS_A_PERSON, NOTHING_DONE = 0, 1, 2
MOST_SHOWN = 20
KEYS = ("", "auto", "zip", *BUNDLES)


def feedback_and_show(
    course: Path, assignment: str, *, students: Collection[str], workers: int | None, force: bool, bundle: str, output: Path | None
) -> int:
    """Make the pages that are out of date, bundle them if asked to, and return the exit status."""
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    if bundle not in KEYS:
        errors.print(f"--bundle is one of {', '.join(KEYS[1:])}, and not {bundle!r}.", markup=False)
        return NOTHING_DONE
    try:
        made = make_pages(course, assignment, students=students, workers=workers, force=force)
    except (GradebookProblem, CourseNotFound) as problem:
        errors.print(str(problem), markup=False)
        return NOTHING_DONE
    if not made.pages:
        errors.print(f"Nobody's {assignment} is graded yet. Run `autograder grade {course} {assignment}` first.", markup=False)
        return NOTHING_DONE
    console.print(f"{len(made.made)} pages made, {len(made.unchanged)} were as they should be.", markup=False)
    _list(console, "Could not be made:", [f"{student}: {words}" for student, words in made.failed.items()])
    _list(console, "In the gradebook without a graded notebook, so without a page:", sorted(set(made.not_graded) - set(made.pages)))
    without_name = _bundle(console, course, assignment, made, bundle, output) if bundle else []
    return NEEDS_A_PERSON if made.failed or without_name else ALL_WELL


def _bundle(console: Console, course: Path, assignment: str, made: Made, asked: str, output: Path | None) -> list[str]:
    """Write the zip; those whom the platform does not know."""
    collected = CollectionRecord.read(course, assignment).students
    key, form = bundle_for(asked, collected)
    path = output or course / "feedback" / f"{assignment}-{key}.zip"
    count, without_name = write_bundle(path, form, {s: p for s, p in made.pages.items() if s not in made.failed}, collected)
    console.print(f"Wrote {path}: {count} pages.", markup=False)
    if form:
        console.print(f"In {form.title}: {form.upload}.", markup=False)
    elif key in BY_KEY:
        console.print(f"{BY_KEY[key].title} {NO_UPLOAD}.", markup=False)
    _list(console, "Not in the zip, for they were not collected from there:", without_name)
    return without_name


def _list(console: Console, heading: str, entries: list[str]) -> None:
    if entries:
        console.print(heading, markup=False, style="bold")
    for entry in entries[:MOST_SHOWN]:
        console.print(f"  {entry}", markup=False)
    if len(entries) > MOST_SHOWN:
        console.print(f"  and {len(entries) - MOST_SHOWN} more")
