"""Makes the feedback pages of a class: those whose mark,
comment or submission has changed, several at a time.
"""

import hashlib
import json
import multiprocessing
import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from backprop.files import write_whole
from nbformat.notebooknode import NotebookNode
from nbformat.v4.rwbase import rejoin_lines
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets.config import Config

from autograder.grading.gradebook import GradebookWriter
from autograder.grading.options import Grading, course_options

from .gradebook import read_facts
from .page import Facts, page

FINGERPRINT = re.compile(rb'<meta name="fingerprint" content="([0-9a-f]{64})">')
FEW = 8  # pages that are made faster one after the other
TIMESTAMP = "timestamp.txt"


@dataclass
class Made:
    """The outcome of a run: students whose pages were
    made, or were up to date, and what went wrong.
    """

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    not_graded: list[str] = field(default_factory=list)
    pages: dict[str, list[Path]] = field(default_factory=dict)  # by student


@dataclass(frozen=True)
class _Task:
    """One page to make."""

    source: Path  # the graded notebook
    target: Path
    facts: Facts
    fingerprint: str
    mode: int
    config: Config
    course: Path | None  # the course's own notebook


def make_pages(course: Path, assignment: str, *, students: Collection[str] = (), workers: int | None = None, force: bool = False) -> Made:
    """Make the pages of an assignment. GradebookProblem or CourseNotFound if there is none."""
    config, directory = course_options(course)
    with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
        records.assignment(assignment)
    facts = read_facts(directory.db_url, assignment, students)
    root, result = course.resolve(), Made()
    tasks: list[_Task] = []
    for (student, name), known in sorted(facts.items()):
        task = _task(root, directory, config, assignment, student, name, known)
        if not task.source.is_file():
            result.not_graded.append(student)
            continue
        result.pages.setdefault(student, []).append(task.target)
        if not force and _fingerprint_of(task.target) == task.fingerprint:
            result.unchanged.append(student)
        else:
            tasks.append(task)
    for task, problem in _made(tasks, workers or Grading(config=config).worker_count()):
        if problem:
            result.failed[task.facts.student] = problem
        else:
            result.made.append(task.facts.student)
    return result


def page_of(source: Path, facts: Facts, config: Config, fingerprint: str, course: Path | None = None) -> str:
    """The page of one graded notebook; `course` is the course's own notebook, if it has one."""
    notebook = _read(source)
    _remove_what_students_do_not_see(notebook, config)
    handed_out = _texts(course) if course else frozenset()
    return page(notebook, source.stem, facts, source.parent, handed_out=handed_out, fingerprint=fingerprint)


def _read(path: Path) -> NotebookNode:
    """A notebook of format 4 that the grader wrote: without nbformat's copy of each value."""
    return rejoin_lines(json.loads(path.read_text(encoding="utf-8"), object_hook=NotebookNode))


@cache
def _texts(course: Path) -> frozenset[str]:
    """The texts of a notebook's cells; none if it cannot be read."""
    try:
        return frozenset(cell.source for cell in nbformat.read(course, as_version=4).cells)
    except (OSError, ValueError):
        return frozenset()


def course_notebook(root: Path, directory: CourseDirectory, assignment: str, name: str) -> Path:
    """Where the course has its own notebook."""
    return root / directory.format_path(directory.source_directory, ".", assignment) / f"{name}.ipynb"


def fingerprint(source: Path, facts: Facts) -> str:
    """A digest of all that a page depends on: the graded
    notebook, marks and comments, and the code that makes pages.
    """
    digest = hashlib.sha256(_maker())
    digest.update(source.read_bytes())
    digest.update(repr((facts.student, sorted(facts.grades.items()), sorted(facts.comments.items()), facts.late_penalty)).encode())
    return digest.hexdigest()


@cache
def _maker() -> bytes:
    """The code that makes pages."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.*")):
        digest.update(path.read_bytes())
    return digest.digest()


def _task(root: Path, directory: CourseDirectory, config: Config, assignment: str, student: str, name: str, facts: Facts) -> _Task:
    source = root / directory.format_path(directory.autograded_directory, student, assignment) / f"{name}.ipynb"
    target = root / directory.format_path(directory.feedback_directory, student, assignment) / f"{name}.html"
    mark = fingerprint(source, facts) if source.is_file() else ""
    mode = 0o664 if directory.groupshared else 0o644
    return _Task(source, target, facts, mark, mode, config, course_notebook(root, directory, assignment, name))


def _fingerprint_of(page: Path) -> str:
    try:
        with page.open("rb") as file:
            found = FINGERPRINT.search(file.read(500))
    except OSError:
        return ""
    return found[1].decode() if found else ""


def _made(tasks: list[_Task], workers: int) -> Iterator[tuple[_Task, str]]:
    """Make pages; beside each, why it could not be made."""
    if len(tasks) <= FEW or workers == 1:
        yield from _one_by_one(tasks)
        return
    yield from _one_by_one(tasks[:1])  # what all pages have in common is then made, and the processes inherit it
    tasks = tasks[1:]
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        yield from zip(tasks, pool.map(_make, tasks, chunksize=max(1, min(16, len(tasks) // (2 * workers)))))


def _one_by_one(tasks: Iterable[_Task]) -> Iterator[tuple[_Task, str]]:
    for task in tasks:
        yield task, _make(task)


def _make(task: _Task) -> str:
    """Make one page and put it in place whole; empty, or why that failed."""
    try:
        text = page_of(task.source, task.facts, task.config, task.fingerprint, task.course)
        task.target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(task.target, text.encode("utf-8", "replace"), task.mode, durable=False)
        stamp = task.source.with_name(TIMESTAMP)
        if stamp.is_file() and not stamp.is_symlink():  # nbgrader compares it with the graded notebook's
            write_whole(task.target.with_name(TIMESTAMP), stamp.read_bytes(), task.mode, durable=False)
    except Exception as error:  # one page that cannot be made must not cost the others theirs
        return f"{task.source.name}: {type(error).__name__}: {error}"
    return ""


def _remove_what_students_do_not_see(notebook: nbformat.NotebookNode, config: Config) -> None:
    """Remove hidden tests from graded cells, and mark schemes from tasks.

    In a student's own cell these markers mean nothing.
    """
    tests, schemes = ClearHiddenTests(config=config), ClearMarkScheme(config=config)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("grade"):
            tests.preprocess_cell(cell, {}, 0)
        if about.get("task"):
            schemes.preprocess_cell(cell, {}, 0)
