"""Writes a collected submission in nbgrader's layout: the
notebook under its right name, all other files beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder.grading.folders import replace_folder, staging
from autograder.grading.marking import write_files
from autograder.grading.submission import TIMESTAMP

from .notebooks import Choice, is_notebook_name

ASIDE = "also_handed_in"  # the folder, within a submission, of notebooks that do not count


@dataclass(frozen=True)
class CollectedSubmission:
    """What was handed in: files by name, which of
    them are graded, and files of the platform's own.
    """

    files: Mapping[str, bytes]
    choice: Choice
    about: list[str]

    @property
    def worked(self) -> int:
        """How many answers were worked on."""
        return sum(one.worked for one in self.choice.chosen.values())


@dataclass(frozen=True)
class PutResult:
    """Whether a submission was written, and where an earlier one has been moved to."""

    new: bool
    moved: Path | None = None


def put(submission: CollectedSubmission, target: Path, time: datetime | None, *, groupshared: bool = False) -> PutResult:
    """Write a submission, unless it is there already.

    An earlier one that differs is moved aside.
    """
    files = arranged(submission, time)
    if _on_disk(target) == files:
        return PutResult(new=False)
    folder = staging(target)
    write_files(folder, files)
    moved = None
    if target.exists():
        moved = _free(target.with_name(f".{target.name}.before"))
        target.rename(moved)
    replace_folder(folder, target, groupshared=groupshared, permissions="664" if groupshared else "644")
    return PutResult(new=True, moved=moved)


def arranged(submission: CollectedSubmission, time: datetime | None) -> dict[str, bytes]:
    """The files by their paths in submitted/: those beside the chosen notebook stay beside it."""
    chosen = {one.path: f"{name}.ipynb" for name, one in submission.choice.chosen.items()}
    home = {PurePosixPath(path).parent for path in chosen}
    base = home.pop() if len(home) == 1 else PurePosixPath()
    files = {name: submission.files[path] for path, name in chosen.items()}
    for path, content in submission.files.items():
        if path not in chosen:
            inside = PurePosixPath(path)
            name = str(inside.relative_to(base)) if inside.is_relative_to(base) else path
            if is_notebook_name(path) or name in files or name == TIMESTAMP or _meets_a_file(name, files):
                name = f"{ASIDE}/{path}"
            files[name] = content
    if time:
        files[TIMESTAMP] = f"{time:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    return files


def is_older(time: datetime | None, before: str, target: Path) -> bool:
    """Whether a hand-in is older than the one that was collected before and is still there."""
    return bool(time and before and target.is_dir() and time < datetime.fromisoformat(before))


def _meets_a_file(name: str, files: Mapping[str, bytes]) -> bool:
    """Whether this path is a folder and also the name of a file, or the reverse."""
    parents = {str(parent) for parent in PurePosixPath(name).parents}
    return any(taken in parents or taken.startswith(f"{name}/") for taken in files)


def _on_disk(folder: Path) -> dict[str, bytes] | None:
    if not folder.is_dir() or folder.is_symlink():
        return None
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _free(path: Path) -> Path:
    """This name, or with a number behind it if it is taken."""
    number, free = 2, path
    while free.exists():
        number, free = number + 1, path.with_name(f"{path.name}.{number}")
    return free
