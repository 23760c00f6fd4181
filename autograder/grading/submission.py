"""Reads what a student handed in: a folder and notebooks that may hold anything.

A submission is not trusted: it may hold links, pipes, files of any size and notebooks that are not
notebooks. A problem is described in words, and affects nothing but the file that has it.
"""

import hashlib
import os
import re
import stat
import threading
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.plain_text import is_name, one_line
from autograder.times import Doubt, read_time

from .notebook_repair import without_outputs
from .opening import Folder, mode_of, open_file, opened, opened_beneath

TIMESTAMP = "timestamp.txt"
IGNORED = (".ipynb_checkpoints", "__pycache__", ".pytest_cache", "*.pyc")  # as nbgrader's CourseDirectory.ignore
DEEPEST_FOLDER = 20
LONGEST_PATH = 1000  # bytes below the submission's folder; a system takes some 4000 in all
LARGEST_NOTEBOOK = 2**28  # bytes of a notebook with its outputs, which are dropped
CLOCKS_DIFFER = timedelta(minutes=10)
PLAIN_TIME = re.compile(r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?", re.ASCII)  # nbgrader takes it for UTC
EARLIEST, LATEST = datetime(1980, 1, 1), datetime(2200, 1, 1)  # times beyond these break calendars and time zones of other programs


@dataclass(frozen=True)
class Submission:
    """What was handed in, as far as it could be read."""

    notebooks: dict[str, bytes]  # by name without .ipynb; only those the course knows
    files: dict[str, bytes]  # the other files, timestamp.txt too, by relative path with forward slashes
    timestamp: datetime | None  # in UTC, without a zone, as nbgrader keeps it
    remarks: list[str]  # what was odd or left out
    fingerprint: str  # the same if and only if what was handed in is the same


@dataclass
class _Shelf:
    """What has been read so far, and how much more may be."""

    largest_file: int
    largest_total: int
    most_files: int
    kept: dict[str, bytes] = field(default_factory=dict)
    left_out: list[tuple[str, str, int]] = field(default_factory=list)  # name, reason, size
    total: int = 0

    def leave(self, name: str, reason: str, size: int = 0) -> None:
        self.left_out.append((name, reason, size))

    def remarks(self) -> list[str]:
        by_reason = defaultdict(list)
        for name, reason, _ in self.left_out:
            by_reason[reason].append(name)
        words = []
        for reason, names in by_reason.items():
            words += [f"{_shown(name)} {reason} and was left out" for name in names[:5]]
            words += [f"{len(names) - 5} more were left out for the same reason"] * (len(names) > 5)
        return words

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name, content in sorted(self.kept.items()):
            digest.update(f"file {len(os.fsencode(name))} {len(content)} ".encode() + os.fsencode(name) + content)
        for name, reason, size in sorted(self.left_out):
            digest.update(f"left {len(os.fsencode(name))} {len(reason)} {size} ".encode() + os.fsencode(name) + reason.encode())
        return digest.hexdigest()


def read_submission(
    folder: Path, notebooks: Collection[str], *, largest_file: int, largest_total: int, most_files: int = 1000, zone: ZoneInfo | None = None
) -> Submission:
    """Read the submission in submitted/<student>/<assignment>;
    `notebooks` names those of the assignment, without .ipynb.

    `zone` is the time zone of a time that names none. Only plain files are read. Links, also in
    place of the folder or of the student's folder, and anything that is neither a file nor a folder
    are left out with a remark. The notebooks and the timestamp are read first, so that no other
    file can use up the limits.
    """
    shelf = _Shelf(largest_file, largest_total, most_files)
    wanted = {f"{name}.ipynb" for name in notebooks}
    try:
        with opened(folder.parent) as student, opened(folder.name, student) as root:
            for name in sorted(_names_of_files(root, shelf), key=lambda name: (name not in wanted, name != TIMESTAMP, name)):
                _keep(root, name, shelf, notebook=name in wanted)
    except OSError as error:
        shelf.leave(f"{folder.parent.name}/{folder.name}", _refusal(folder, error))
    timestamp, doubts = read_timestamp(shelf.kept.get(TIMESTAMP), zone=zone)
    left_out = {name for name, _, _ in shelf.left_out}
    strangers = [name for name in shelf.kept if name.endswith(".ipynb") and name not in wanted]
    return Submission(
        notebooks={name.removesuffix(".ipynb"): content for name, content in shelf.kept.items() if name in wanted},
        files={name: content for name, content in shelf.kept.items() if name not in wanted},
        timestamp=timestamp,
        remarks=[
            *(f"{name} was not handed in" for name in sorted(wanted - set(shelf.kept) - left_out)),
            *(f"{_shown(name)} is no notebook of this assignment and was not graded" for name in strangers[:5]),
            *shelf.remarks(),
            *doubts,
        ],
        fingerprint=shelf.fingerprint(),
    )


def read_timestamp(content: bytes | None, now: datetime | None = None, zone: ZoneInfo | None = None) -> tuple[datetime | None, list[str]]:
    """The time in a timestamp.txt, in UTC without a zone, and the doubt about it.

    A plain date and time without a zone is UTC, as nbgrader writes and reads it; anything else
    without one is in `zone`.
    """
    if content is None:
        return None, []
    text = content[:200].decode("utf-8-sig", "replace").strip()
    if not text:
        return None, [f"{TIMESTAMP} is empty"]
    found = read_time(f"{text} UTC" if PLAIN_TIME.fullmatch(text) else text, zone)
    if found.doubt is Doubt.NO_TIME:
        return None, [f"{TIMESTAMP} says {text[:60]!r}, which is no time"]
    now = now or datetime.now(UTC).replace(tzinfo=None)
    if found.utc and not EARLIEST <= found.utc < LATEST:
        when = "past" if found.utc < now else "future"
        return None, [f"{TIMESTAMP} says {text[:60]!r}, which is so far in the {when} that it was not taken"]
    remarks = [f"{TIMESTAMP}: {found.words}"] * bool(found.doubt)
    if found.utc and found.utc > now + CLOCKS_DIFFER:
        remarks.append(f"{TIMESTAMP} is in the future: {text[:60]!r}")
    return found.utc, remarks


# --- folders and files


def _names_of_files(root: Folder, shelf: _Shelf) -> list[str]:
    """The relative paths of all regular files; anything else goes to what is left out."""
    files: list[str] = []
    folders: list[list[str]] = [[]]
    seen = 0
    while folders:
        parts = folders.pop()
        try:
            with opened_beneath(root, parts) as folder:
                for name in sorted(os.listdir(folder)):
                    seen += 1
                    if seen > 20 * shelf.most_files:
                        shelf.leave("/".join([*parts, name]), "and what follows are too many files")
                        return files
                    if not any(fnmatch(name, pattern) for pattern in IGNORED):
                        _sort_in(folder, [*parts, name], files, folders, shelf)
        except OSError as error:
            if not parts:
                raise
            shelf.leave("/".join(parts), f"could not be read ({error.strerror})")
    return files


def _sort_in(folder: Folder, parts: list[str], files: list[str], folders: list[list[str]], shelf: _Shelf) -> None:
    """Put one entry of a folder where it belongs."""
    path = "/".join(parts)
    try:
        mode = mode_of(parts[-1], folder)
    except OSError as error:
        return shelf.leave(path, f"could not be read ({error.strerror})")
    if not is_name(path):
        shelf.leave(path, "has a name that is no text")
    elif len(os.fsencode(path)) > LONGEST_PATH:
        shelf.leave(path, "lies so deep, or has so long a name, that it cannot be copied")
    elif stat.S_ISREG(mode):
        files.append(path)
    elif not stat.S_ISDIR(mode):
        shelf.leave(path, f"is {_kind(mode)}")
    elif len(parts) > DEEPEST_FOLDER:
        shelf.leave(path, "is a folder within too many others")
    else:
        folders.append(parts)
    return None


def _keep(root: Folder, name: str, shelf: _Shelf, *, notebook: bool) -> None:
    """Read one file, if it is small enough and still a file.

    A notebook's outputs do not count, as they are not kept.
    """
    if len(shelf.kept) >= shelf.most_files:
        return shelf.leave(name, f"is beyond the first {shelf.most_files} files")
    *parts, last = name.split("/")
    try:
        with opened_beneath(root, parts) as folder:
            descriptor = open_file(last, folder)
        with open(descriptor, "rb", buffering=0) as file:
            _read(file.fileno(), name, shelf, notebook=notebook)
    except OSError as error:
        shelf.leave(name, f"could not be read ({error.strerror})")
    return None


def _read(descriptor: int, name: str, shelf: _Shelf, *, notebook: bool) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return shelf.leave(name, f"is {_kind(status.st_mode)}")
    left = min(shelf.largest_file, shelf.largest_total - shelf.total)
    content, size = b"", status.st_size
    if size <= left:
        content = _bytes(descriptor, left + 1)
    elif notebook and size <= LARGEST_NOTEBOOK:
        with _one_at_a_time:
            content = without_outputs(_bytes(descriptor, LARGEST_NOTEBOOK))
        size = 0
    size = max(size, len(content))
    if size > shelf.largest_file:
        return shelf.leave(name, f"is larger than {_size(shelf.largest_file)}", size)
    if size > left:
        return shelf.leave(name, f"makes the files together larger than {_size(shelf.largest_total)}", size)
    shelf.kept[name] = content
    shelf.total += len(content)
    return None


_one_at_a_time = threading.Lock()  # large notebooks are read in turn, for the sake of memory


def _bytes(descriptor: int, most: int) -> bytes:
    """The contents, up to so many bytes: a file may grow while it is read."""
    pieces = []
    while most > 0 and (piece := os.read(descriptor, min(most, 2**20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _refusal(folder: Path, error: OSError) -> str:
    linked = folder.is_symlink() or folder.parent.is_symlink()
    return "is a link" if linked else f"could not be read ({error.strerror})"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _shown(name: str) -> str:
    """A name that may be printed."""
    name = one_line(name)
    return name if len(name) <= 80 else f"{name[:50]}...{name[-25:]}"


def _size(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count} bytes"


# --- notebooks
