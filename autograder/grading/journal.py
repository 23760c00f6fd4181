"""The record of finished work, so that the next run need not repeat it.

It is a journal beside the course, and folders that are replaced as a whole.
COURSE/.autograder/<assignment>.journal holds a line of JSON for every finished submission.
<assignment>.lock beside it makes a second run wait for the first. <assignment>.regrade names the
regrades that have begun and are not finished. <assignment>.findings holds a line with the checks'
findings in each submission. All of them survive `kill -9` at any moment.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from glob import escape
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import uuid4

from backprop.files import sync_folder, write_whole
from filelock import FileLock, Timeout

FOLDER = ".autograder"
COMPACT_ABOVE = 3  # lines a student, before the journal is rewritten


def reference_path(course: Path, assignment: str) -> Path:
    """Where the results of the course's own solution are kept, beside the assignment's journal."""
    return course / FOLDER / f"{assignment}.reference.json"


class JournalProblem(Exception):
    """The journal was used without being opened; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """One finished submission."""

    student: str
    handed_in: str  # fingerprint of what was handed in
    course: str  # fingerprint of the course's side: tests, limits, sandbox
    when: str  # UTC, ISO 8601
    sandbox: str  # in words
    flags: tuple[str, ...]
    score: float | None
    points: str = ""  # fingerprint of what each test was worth
    regrade: str = ""  # the regrade that it was part of
    late: float | None = None  # seconds late when its penalty was worked out; None: there are no penalties

    def line(self) -> bytes:
        """As a line of the journal."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """The entry that a line holds, or None if it is torn."""
        try:
            data = json.loads(line)
            return cls(**{**data, "flags": tuple(data["flags"])})
        except (ValueError, KeyError, TypeError):
            return None


class Journal:
    """The finished submissions of one assignment.

    Reading needs no lock; writing needs a `with`, which waits for every other run. `groupshared` is
    nbgrader's option: the course's group can then write the files. `waiting` is called with the
    process that holds the lock, before this one begins to wait.
    """

    def __init__(
        self, course: Path, assignment: str, *, groupshared: bool = False, waiting: Callable[[str], None] = lambda holder: None
    ) -> None:
        self.path = course / FOLDER / f"{assignment}.journal"
        self._mode = 0o660 if groupshared else 0o600  # marks are nobody else's business
        self._folder_mode = 0o2770 if groupshared else 0o700
        self._waiting = waiting
        self._lock: FileLock | None = None
        self._last: dict[str, Entry] = {}
        self._lines = 0
        self._read()

    def __enter__(self) -> Self:
        """Wait for other runs, and read what they have finished."""
        self._make_folder()
        self._lock = self._locked()
        for unfinished in self.path.parent.glob(f".{escape(self.path.stem)}.*.new"):  # of a run that was killed
            unfinished.unlink(missing_ok=True)
        self._read()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def begin_regrade(self, students: Collection[str]) -> str:
        """The number of a regrade of these students (none:
        of everybody), or of the one that was stopped.
        """
        begun = self._regrades()
        key = _request(students)
        if key not in begun:
            self._write_regrades(begun | {key: uuid4().hex})
        return self._regrades()[key]

    def end_regrade(self, students: Collection[str]) -> None:
        """Note that a regrade of these students is finished."""
        self._write_regrades({key: number for key, number in self._regrades().items() if key != _request(students)})

    def done(self, student: str) -> Entry | None:
        """The last entry of a student."""
        return self._last.get(student)

    def entries(self) -> list[Entry]:
        """The last entry of every student."""
        return list(self._last.values())

    def append(self, entries: Iterable[Entry]) -> None:
        """Add a batch; when this returns it is on the disk."""
        if self._lock is None:
            raise JournalProblem("Open the journal with `with` before adding to it.")
        batch = list(entries)
        if not batch:
            return
        self._append(self.path, b"".join(entry.line() for entry in batch))
        self._last |= {entry.student: entry for entry in batch}
        self._lines += len(batch)
        if self._lines > COMPACT_ABOVE * len(self._last):
            self._compact()

    @property
    def findings_path(self) -> Path:
        """Where what the checks found is kept."""
        return self.path.with_suffix(".findings")

    def append_findings(self, lines: bytes) -> None:
        """Add lines to the findings; when this returns they are on the disk."""
        if self._lock is None:
            raise JournalProblem("Open the journal with `with` before adding findings.")
        if lines:
            self._append(self.findings_path, lines)

    def replace_findings(self, lines: bytes) -> None:
        """Put these lines in place of all findings."""
        if self._lock is None:
            raise JournalProblem("Open the journal with `with` before replacing findings.")
        write_whole(self.findings_path, lines, self._mode)

    def set_findings_aside(self, lines: Iterable[bytes]) -> Path:
        """Keep damaged lines of the findings in a file of their own; its path."""
        path = self.path.with_suffix(".findings-damaged")
        self._append(path, b"".join(line + b"\n" for line in lines))
        return path

    def _regrades(self) -> dict[str, str]:
        try:
            found = json.loads(self._regrade_path.read_bytes())
        except (FileNotFoundError, ValueError):
            found = {}
        return found if isinstance(found, dict) else {}

    def _write_regrades(self, begun: dict[str, str]) -> None:
        if begun:
            write_whole(self._regrade_path, json.dumps(begun).encode(), self._mode)
        else:
            self._regrade_path.unlink(missing_ok=True)

    @property
    def _regrade_path(self) -> Path:
        return self.path.with_suffix(".regrade")

    def _read(self) -> None:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        entries = [entry for entry in map(Entry.from_line, lines) if entry is not None]
        self._last = {entry.student: entry for entry in entries}
        self._lines = len(lines)

    def _append(self, path: Path, lines: bytes) -> None:
        """Write lines and wait for the disk. An incomplete line of a killed run is ended first."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, self._mode)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            torn = b"\n" if _unfinished(file) else b""
            _write_all(descriptor, torn + lines)
            self._open_to_group(path)
            os.fsync(descriptor)
        sync_folder(path.parent)

    def _compact(self) -> None:
        """Keep each student's last line only."""
        write_whole(self.path, b"".join(entry.line() for entry in self._last.values()), self._mode)
        self._lines = len(self._last)

    def _make_folder(self) -> None:
        if not self.path.parent.is_dir():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.parent.chmod(self._folder_mode)

    def _locked(self) -> FileLock:
        path = self.path.with_suffix(".lock")
        lock = FileLock(path, mode=self._mode, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            self._waiting(_text(path) or "whose number is not known")
            lock.acquire(poll_interval=0.2)
        self._open_to_group(path)
        with suppress(OSError):  # only words for who waits
            path.write_text(f"{os.getpid()} on {os.uname().nodename if hasattr(os, 'uname') else 'this machine'}\n", encoding="utf-8")
        return lock

    def _open_to_group(self, path: Path) -> None:
        """Give the group its permissions, which the umask may have removed.

        Only the file's owner can do so.
        """
        if self._mode & 0o060 and path.stat().st_mode & 0o060 != 0o060:
            with suppress(PermissionError):
                path.chmod(self._mode)


def _request(students: Collection[str]) -> str:
    return json.dumps(sorted(students))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _unfinished(file: BinaryIO) -> bool:
    """Whether the file's last line has no end."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
