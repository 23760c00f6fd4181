"""Grading one hand-in of one assignment, without a gradebook and without anything that stays."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.collecting.notebooks import Choice, choose, is_notebook_name
from autograder.collecting.writing import CollectedSubmission, arranged
from autograder.grading import reference
from autograder.grading.journal import reference_path
from autograder.grading.marking import Outcome, mark, write_files
from autograder.grading.options import Grading, course_options
from autograder.grading.submission import read_submission
from autograder.plain_text import one_line
from autograder.sandbox.limits import Limits

from .from_source import assignment_named, read_from_source
from .result import Result, results_of


class NothingHandedIn(Exception):
    """There is no such file or folder; the message says so."""


def grade_one(handed_in: Path, course: Path, assignment: str = "", *, sandbox: str | None = None) -> Result:
    """Grade a notebook, or the notebook in a folder, as `autograder grade` would.

    The assignment is read from the course's source, so a folder with nbgrader_config.py and source/
    is enough.

    NothingHandedIn, CourseNotFound, NoSuchAssignment, UnusableSource, OptionProblem: nothing could
    be graded. SandboxProblem, ExecutorProblem: a fault of the machine.
    """
    began = time.monotonic()
    if not handed_in.exists():
        raise NothingHandedIn(f"There is no file or folder {handed_in}.")
    config, directory = course_options(course)
    name = assignment_named(directory, assignment)
    plan, side = read_from_source(directory, name, config)
    options = Grading(config=config)
    with tempfile.TemporaryDirectory(prefix="grade-one-") as scratch:
        folder = handed_in if handed_in.is_dir() else _alone(handed_in, Path(scratch) / "alone" / name)
        files, flags = _files_of(folder, options.limits())
        choice = choose(files, plan)
        if not choice.chosen:
            return Result(name, flags=tuple(flags), problem=_no_notebook(name, files))
        counting = {path: content for path, content in files.items() if path in choice.paths or not is_notebook_name(path)}
        target = Path(scratch) / "student" / name
        write_files(target, arranged(CollectedSubmission(counting, choice, []), None))
        with options.executor(sandbox or options.sandbox, imports=side.imports(), rehearsal=side.rehearsal()) as executor:
            found = reference.findings(executor, side, _kept(course, name, Path(scratch)))
            outcome = mark(executor, side, target, "student")
            words = executor.isolation.words
    flags += [*map(one_line, _copies(choice)), *found.problems(), *outcome.flags]
    exercises = tuple(one for page in outcome.pages.values() for one in results_of(page))
    return Result(name, exercises, tuple(dict.fromkeys(flags)), _problem(outcome), words, time.monotonic() - began)


def _files_of(folder: Path, limits: Limits) -> tuple[dict[str, bytes], list[str]]:
    """All that was handed in, by path, and what was left out."""
    notebooks = [path.relative_to(folder).as_posix().removesuffix(".ipynb") for path in folder.rglob("*.ipynb")]
    read = read_submission(folder.resolve(), notebooks, largest_file=limits.file_bytes, largest_total=limits.disk_bytes)
    return read.files | {f"{title}.ipynb": content for title, content in read.notebooks.items()}, list(read.remarks)


def _kept(course: Path, assignment: str, scratch: Path) -> Path:
    """Where the results of the course's own solution are kept, as by `autograder grade`.

    If the course's folder cannot be written, a copy in `scratch`: what it lacks is tried each time.
    """
    path = reference_path(course, assignment)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.with_suffix(".new").touch()
    except OSError:
        with suppress(OSError):
            shutil.copyfile(path, scratch / path.name)
        return scratch / path.name
    path.with_suffix(".new").unlink(missing_ok=True)
    return path


def _alone(notebook: Path, folder: Path) -> Path:
    """A folder with this file alone in it: what lies beside it may be anybody's."""
    folder.mkdir(parents=True)
    shutil.copyfile(notebook, folder / notebook.name)
    return folder


def _copies(choice: Choice) -> Iterator[str]:
    """What lay beside the notebook that was graded."""
    for title, others in choice.passed_over.items():
        names = ", ".join(one.path for one in others)
        yield f"There are several copies of {title}: {choice.chosen[title].path} was graded, and not {names}."
    if choice.others:
        yield f"Notebooks of something else were handed in: {', '.join(choice.others)}."


def _no_notebook(name: str, files: dict[str, bytes]) -> str:
    held = f"What was handed in: {', '.join(sorted(files)[:5])}." if files else "Nothing was handed in."
    return f"There is no notebook of {name} among the files. {held} Hand in the .ipynb file that Jupyter saves."


def _problem(outcome: Outcome) -> str:
    """Why a notebook could not be graded at all."""
    unread = [name for name, notebook in outcome.notebooks.items() if notebook is None]
    return f"{', '.join(unread)}.ipynb could not be read." if unread and len(unread) == len(outcome.notebooks) else ""
