"""Stores a learner's progress in one small file beside the lessons, without answers, code or names.

For each exercise it keeps the best points, the time when it was first right, and the number of
attempts. Several notebooks may write at once: each reads, merges and writes under a lock, and
replaces the file atomically. What cannot be written now is kept in memory and tried again.
"""

import contextlib
import errno
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..files import write_whole
from ..translation import _

FILE, LOCK = ".backprop-progress.json", ".backprop-progress.lock"
FORMAT = 1
ABOUT = "What the course map remembers. It stays on this computer; delete it to begin anew."
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})  # what a file system without locks answers
AFTER_A_CELL, AT_LEISURE = 0.05, 0.5  # seconds to wait for another notebook that is writing


class Damaged(ValueError):
    """The file is not a record of progress, or not a whole one."""


class Busy(OSError):
    """Another notebook is writing."""


@dataclass(frozen=True)
class Record:
    """The record of one exercise.

    `right` is the time in UTC when it was first right; empty if it never was.
    """

    points: float = 0.0
    right: str = ""
    attempts: int = 0

    def plus(self, other: "Record") -> "Record":
        """Both together, whichever came first."""
        first = min(filter(None, (self.right, other.right)), default="")
        return Record(max(self.points, other.points), first, self.attempts + other.attempts)

    @classmethod
    def read(cls, entry: Any) -> "Record":
        """A record from its entry in the file. Damaged if it is none."""
        try:
            points, right, attempts = entry["points"], entry["right"], entry["attempts"]
            if not math.isfinite(points) or points < 0 or type(attempts) is not int or attempts < 0:
                raise Damaged(entry)
            if right:
                datetime.fromisoformat(right)
            return cls(float(points), right or "", attempts)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Damaged(entry) from None

    def entry(self) -> dict[str, Any]:
        """The entry in the file."""
        return {"points": self.points, "right": self.right or None, "attempts": self.attempts}


class Records:
    """The records in `folder`; with no folder, only those of this session.

    remark  why nothing is kept, or what became of a damaged file, in one sentence; empty if all is
            well
    """

    def __init__(self, folder: Path | None) -> None:
        self.path = None if folder is None else Path(os.path.realpath(folder / FILE))
        self.saved: dict[str, Record] = {}
        self.unsaved: dict[str, Record] = {}
        self._trouble = "" if folder else _("This notebook is not in the course's folder, so the map shows this session only.")
        self._aside = ""

    @property
    def remark(self) -> str:
        """See above."""
        return self._trouble or self._aside

    def all(self) -> dict[str, Record]:
        """What is known, by the exercise's name."""
        nothing = Record()
        return self.saved | {name: self.saved.get(name, nothing).plus(record) for name, record in self.unsaved.items()}

    def note(self, exercise: str, points: float, right: bool) -> None:
        """Remember one attempt, until `sync` writes it down."""
        now = datetime.now(UTC).isoformat(timespec="seconds") if right else ""
        self.unsaved[exercise] = self.unsaved.get(exercise, Record()).plus(Record(points, now, 1))

    def sync(self, patience: float = AT_LEISURE) -> None:
        """Merge the file and what is in memory. Nothing is raised; `remark` says what is wrong."""
        if self.path is None:
            return
        try:
            with locked(self.path.with_name(LOCK), patience):
                self._merge(self.path)
            self._trouble = ""
        except Busy:  # what is unsaved goes with the next one
            if patience >= AT_LEISURE:
                self._trouble = _(
                    "Another program holds {file} just now; what is new is remembered and will be kept when that has ended.", file=LOCK
                )
        except OSError as error:
            self._trouble = _("Progress is not kept: {file} cannot be written here ({error}).", file=FILE, error=error.strerror or error)
            with contextlib.suppress(OSError, Damaged):
                self.saved = _healthy(_read(self.path))[0]

    def _merge(self, path: Path) -> None:
        """Read, add what is unsaved, write."""
        try:
            document = _read(path)
            self.saved, whole = _healthy(document)
        except Damaged:
            document, self.saved, whole = {}, {}, False
        if not whole:
            self._put_aside(path)
            self._write(path, {"exercises": {name: record.entry() for name, record in self.saved.items()}})
        if self.unsaved:
            together = self.all()
            document = document if whole else {}
            entries = {name: record.entry() for name, record in together.items()}
            self._write(path, document | {"exercises": document.get("exercises", {}) | entries})
            self.saved, self.unsaved = together, {}

    @staticmethod
    def _write(path: Path, document: dict[str, Any]) -> None:
        with contextlib.suppress(FileNotFoundError):
            open(path, "r+b").close()  # a file that is write-protected is not to be replaced either
        write_whole(path, json.dumps({"about": ABOUT, "format": FORMAT} | document, indent=1).encode(), durable=False)

    def _put_aside(self, path: Path) -> None:
        """Give the damaged file another name, one that is free."""
        names = (path.with_name(f".backprop-progress-damaged-{number}.json") for number in range(1, 1000))
        aside = next(name for name in names if not name.exists())
        os.replace(path, aside)
        self._aside = _(
            "The record of your progress could not be read in full. It is kept as {name}, and a new one has begun.", name=aside.name
        )


def _read(path: Path) -> dict[str, Any]:
    """The file's content; an empty one where there is no file. Damaged if it is not ours."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {"exercises": {}}
    except (ValueError, RecursionError):
        raise Damaged(path) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("exercises"), dict):
        raise Damaged(path)
    return document


def _healthy(document: dict[str, Any]) -> tuple[dict[str, Record], bool]:
    """The records that can be read, and whether these are all."""
    found = {}
    for name, entry in document["exercises"].items():
        with contextlib.suppress(Damaged):
            found[name] = Record.read(entry)
    return found, len(found) == len(document["exercises"])


# --- one at a time --------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock. Busy if another process holds it for longer than `patience` seconds.

    Some file systems, network drives among them, have no locks. Progress is then written without
    one: two notebooks that write at the same moment may lose an attempt, but the file stays whole.
    """
    from filelock import FileLock, Timeout  # slow to load, and not needed before the first attempt

    lock = FileLock(path, timeout=patience, poll_interval=0.001, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise Busy from None
    except NotImplementedError:  # flock is missing
        pass
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    try:
        yield
    finally:
        lock.release()
