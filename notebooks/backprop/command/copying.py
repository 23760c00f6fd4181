"""Putting the lessons into a learner's folder: what is missing is copied,
and what the learner has changed is never touched.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..course_files import course_folder
from ..files import write_whole
from ..translation import _

RECORD = ".backprop-lessons.json"
ABOUT = "Which version of each lesson this folder began with. `backprop lab` uses it to know what you have changed."
PARTS = {"notebooks": "*.ipynb", "img": "*.svg"}


class Outcome(Enum):
    """What became of one file."""

    COPIED = "it was not there"
    UPDATED = "it was there, as an earlier version had put it, and has been replaced"
    KEPT = "it is of this version, changed by the learner or not"
    OUTDATED = "the learner has changed it, and it began with an earlier version or with one that is not known"


class LessonsProblem(Exception):
    """The lessons cannot be put there; the message says why and what to do."""


@dataclass(frozen=True)
class LessonFile:
    """One file of the course in the learner's folder.

    `began_with`: the version that it was copied from; empty if not known.
    """

    name: str
    outcome: Outcome
    began_with: str = ""


def put_lessons(folder: Path, version: str) -> list[LessonFile]:
    """Bring the lessons of this `version`, and their figures, into `folder`;
    say what became of each file.

    Nothing is done in the course's own clone.
    LessonsProblem if the folder cannot be read or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _is_the_course_itself(folder):
            return []
        record = _Record.read(folder / RECORD)
        put = [_put(path, folder, record, version) for path in _files()]
        record.write()
    except OSError as error:
        place = error.filename or folder
        words = _("{place}: {error}. Name a folder that you may write to: backprop lab FOLDER", place=place, error=error.strerror or error)
        raise LessonsProblem(words) from error
    return put


def _files() -> list[Path]:
    return [path for part, kind in PARTS.items() for path in sorted(course_folder(part).glob(kind))]


def _is_the_course_itself(folder: Path) -> bool:
    lessons = folder / "notebooks"
    return lessons.exists() and lessons.samefile(course_folder("notebooks"))


def _put(source: Path, folder: Path, record: "_Record", version: str) -> LessonFile:
    """Copy one file if there is none, or one that nobody has changed since an earlier version put
    it there.
    """
    name = f"{source.parent.name}/{source.name}"
    ours, target = source.read_bytes(), folder / name
    theirs = target.read_bytes() if target.exists() else None
    began_with, original = record.entries.get(name, ("", ""))
    if theirs is None or (theirs != ours and _digest(theirs) == original):
        target.parent.mkdir(exist_ok=True)
        write_whole(target, ours, 0o644, durable=False)
        outcome = Outcome.COPIED if theirs is None else Outcome.UPDATED
    elif theirs == ours or original == _digest(ours):
        outcome = Outcome.KEPT
    else:
        return LessonFile(name, Outcome.OUTDATED, began_with)
    record.entries[name] = (version, _digest(ours))
    return LessonFile(name, outcome, version)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class _Record:
    """The version, and the digest of the content, that each file began with."""

    path: Path
    entries: dict[str, tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> "_Record":
        """What the file says; nothing where it is missing or cannot be understood,
        and then no lesson counts as unchanged.
        """
        try:
            files = json.loads(path.read_bytes())["files"]
            return cls(path, {str(name): (str(entry["version"]), str(entry["sha256"])) for name, entry in files.items()})
        except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return cls(path, {})

    def write(self) -> None:
        """Keep it beside the lessons."""
        files = {name: {"version": version, "sha256": digest} for name, (version, digest) in self.entries.items()}
        write_whole(self.path, json.dumps({"about": ABOUT, "files": files}, indent=1).encode(), 0o644, durable=False)
