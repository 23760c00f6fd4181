"""The findings of an assignment: those kept by grading, or else read from the graded notebooks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.findings.data import SubmissionFindings, read_lines
from autograder.findings.notebook import files_of, findings_of
from autograder.grading.journal import Journal

Tell = Callable[[int], None]  # told how many students' notebooks are going to be read


class GradingUnderWay(Exception):
    """Another run holds the assignment."""


@dataclass
class Gathered:
    """The findings by student, and what a person should know of them.

    read      students whose graded notebooks were read, for there were no findings of them
    failed    students whose graded notebooks could not be read, and why
    damaged   how many lines could not be read; their students' notebooks were read instead
    aside     the file that these lines were put into; None where nothing was written
    not_kept  why what was read was not kept; empty if it was
    """

    students: dict[str, SubmissionFindings] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: int = 0
    aside: Path | None = None
    not_kept: str = ""


def gather(
    course: Path,
    assignment: str,
    folders: Mapping[str, Path],
    notebooks: Sequence[str],
    *,
    groupshared: bool = False,
    tell: Tell = lambda count: None,
) -> Gathered:
    """The findings in the graded notebooks of these names in `folders`.

    What was read anew is kept for the next time, unless grading is under way or the course cannot
    be written.
    """
    journal = Journal(course, assignment, groupshared=groupshared, waiting=_do_not_wait)
    kept, damaged = _kept(journal.findings_path)
    gathered, due = Gathered(damaged=len(damaged)), {}
    for student, folder in sorted(folders.items()):
        files = files_of(folder, notebooks)
        if student in kept and kept[student].files == files:
            gathered.students[student] = kept[student]
        elif files:
            due[student] = files
    if due:
        tell(len(due))
    for student, files in due.items():
        _read(gathered, student, folders[student], files, notebooks)
    if gathered.read or damaged:
        _keep(journal, gathered, folders)
    return gathered


def _do_not_wait(holder: str) -> None:
    raise GradingUnderWay(f"The assignment is being graded (process {holder}).")


def _kept(path: Path) -> tuple[dict[str, SubmissionFindings], list[bytes]]:
    try:
        return read_lines(path.read_bytes().splitlines())
    except FileNotFoundError:
        return {}, []


def _read(gathered: Gathered, student: str, folder: Path, files: str, names: Sequence[str]) -> None:
    try:
        paths = {name: folder / f"{name}.ipynb" for name in names}
        notebooks = {name: nbformat.v4.reads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.is_file()}
        gathered.students[student] = findings_of(student, files, notebooks)
        gathered.read.append(student)
    except Exception as error:  # whatever is wrong with one student's file must not cost the class its report
        gathered.failed[student] = f"{type(error).__name__}: {error}"


def _keep(journal: Journal, gathered: Gathered, folders: Mapping[str, Path]) -> None:
    """Rewrite the findings with those that a run has
    added meanwhile, and put damaged lines aside.
    """
    try:
        with journal:
            kept, damaged = _kept(journal.findings_path)
            if damaged:
                gathered.aside = journal.set_findings_aside(damaged)
            read = {student: gathered.students[student] for student in gathered.read}
            journal.replace_findings(b"".join(one.line() for student, one in (kept | read).items() if student in folders))
    except (GradingUnderWay, OSError) as problem:
        gathered.not_kept = str(problem)
