"""Reads what a student handed in: a folder and notebooks that may hold anything.

A submission is not trusted: it may hold links, pipes, files of any size and notebooks that are not
notebooks. A problem is described in words, and affects nothing but the file that has it.
"""

import hashlib
import json
import os
import re
import stat
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.plain_text import is_name, one_line
from autograder.times import Doubt, read_time

TIMESTAMP = "timestamp.txt"
IGNORED = (".ipynb_checkpoints", "__pycache__", ".pytest_cache", "*.pyc")  # as nbgrader's CourseDirectory.ignore
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
DEEPEST_FOLDER = 20
LONGEST_PATH = 1000  # bytes below the submission's folder; a system takes some 4000 in all
LARGEST_NOTEBOOK = 2**28  # bytes of a notebook with its outputs, which are dropped
MOST_PARTS = 3_000_000  # texts and brackets of such a notebook: some seconds of reading
CLOCKS_DIFFER = timedelta(minutes=10)
PLAIN_TIME = re.compile(r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?", re.ASCII)  # nbgrader takes it for UTC
EARLIEST, LATEST = datetime(1980, 1, 1), datetime(2200, 1, 1)  # times beyond these break calendars and time zones of other programs

CELL_TYPES = ("code", "markdown", "raw")
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SURROGATES = re.compile("[\ud800-\udfff]")  # half a character, which no file can hold
# The parts of a JSON text: the start of a list of outputs, a whole string, a bracket.
JSON_PART = re.compile(rb'"outputs"\s*:\s*\[|"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]]', re.DOTALL)
MOST_CELLS = 5000
MOST_METADATA = 100  # entries a cell
DEEPEST_METADATA = 20
LONGEST_METADATA = 100_000


class UnreadableNotebook(Exception):
    """The notebook cannot be read; the message says why, in words for a person."""


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
        with _opened(folder.parent) as student, _opened(folder.name, student) as root:
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


def read_notebook(data: bytes) -> NotebookNode:
    """The notebook in format 4.5, valid, without outputs.

    UnreadableNotebook if that is impossible; no other exception.

    Missing or repeated cell ids, missing outputs and metadata, text as a list of lines, and formats
    2 and 3 are repaired.
    """
    try:
        cells = _cells_of(_parsed(data))
        return _notebook([_checked(cell, number) for number, cell in enumerate(cells, start=1)])
    except UnreadableNotebook:
        raise
    except (RecursionError, MemoryError):
        raise UnreadableNotebook("The notebook cannot be read: its contents are nested too deeply, or too large.") from None
    except Exception as error:  # whatever else, this submission is unreadable and the others are not
        raise UnreadableNotebook(f"The notebook cannot be read: {type(error).__name__}.") from None


def sane_cell(raw: object) -> NotebookNode:
    """A valid cell of format 4.5, without outputs, from any value.

    Entries of the wrong type are dropped; the id may be missing.
    """
    cell = raw if isinstance(raw, dict) else {}
    kind = cell.get("cell_type")
    kind = kind if isinstance(kind, str) and kind in CELL_TYPES else "raw"
    sane: dict[str, Any] = {"cell_type": kind, "metadata": _metadata(cell.get("metadata")), "source": _text(cell.get("source")) or ""}
    if is_cell_id(cell.get("id")):
        sane["id"] = cell["id"]
    if kind == "code":
        sane |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        sane["attachments"] = attachments
    return nbformat.from_dict(sane)


def is_cell_id(value: object) -> bool:
    """Whether this may be the id of a cell."""
    return isinstance(value, str) and CELL_ID.fullmatch(value) is not None


# --- folders and files


@contextmanager
def _opened(name: str | Path, parent: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _opened_beneath(root: int, parts: list[str]) -> Iterator[int]:
    """The folder that these names lead to; no link is followed on the way."""
    descriptor = os.dup(root)
    try:
        for part in parts:
            inner = os.open(part, FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _names_of_files(root: int, shelf: _Shelf) -> list[str]:
    """The relative paths of all regular files; anything else goes to what is left out."""
    files: list[str] = []
    folders: list[list[str]] = [[]]
    seen = 0
    while folders:
        parts = folders.pop()
        try:
            with _opened_beneath(root, parts) as folder:
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


def _sort_in(folder: int, parts: list[str], files: list[str], folders: list[list[str]], shelf: _Shelf) -> None:
    """Put one entry of a folder where it belongs."""
    path = "/".join(parts)
    try:
        mode = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode
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


def _keep(root: int, name: str, shelf: _Shelf, *, notebook: bool) -> None:
    """Read one file, if it is small enough and still a file.

    A notebook's outputs do not count, as they are not kept.
    """
    if len(shelf.kept) >= shelf.most_files:
        return shelf.leave(name, f"is beyond the first {shelf.most_files} files")
    *parts, last = name.split("/")
    try:
        with _opened_beneath(root, parts) as folder:
            descriptor = os.open(last, FILE, dir_fd=folder)
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


def without_outputs(data: bytes) -> bytes:
    """A notebook's JSON text with every list of outputs empty.

    A text that is not JSON, or that would take too long, is returned unchanged.
    """
    kept, start, depth = [], 0, 0
    for number, part in enumerate(JSON_PART.finditer(data)):
        if number == MOST_PARTS:
            return data
        sign = data[part.end() - 1 : part.end()]
        if depth:
            depth += (sign == b"[") - (sign == b"]")
            if not depth:
                start = part.start()
        elif part.end() - part.start() > 1 and sign == b"[":
            kept.append(data[start : part.end()])
            start, depth = len(data), 1
    return data if depth else b"".join([*kept, data[start:]])


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


def _parsed(data: bytes) -> dict[str, Any]:
    """The notebook as JSON has it."""
    if not data.strip():
        raise UnreadableNotebook("The notebook is an empty file.")
    try:
        text = data.decode(json.detect_encoding(data), "surrogatepass")  # with or without a byte order mark
    except UnicodeDecodeError:
        raise UnreadableNotebook("The notebook is not a text file, so it is no notebook. Save it as .ipynb from Jupyter.") from None
    try:
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of thousands of digits, which Python does not read
            found = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise UnreadableNotebook(f"The notebook is damaged: it is not valid JSON ({where}). Save it again from Jupyter.") from None
    if not isinstance(found, dict) or not ("cells" in found or "worksheets" in found):
        raise UnreadableNotebook("The file is JSON and no notebook: it has no cells. Save the notebook as .ipynb from Jupyter.")
    return found


def _cells_of(found: dict[str, Any]) -> list[Any]:
    """The cells as format 4 has them; each may still be anything."""
    version = found.get("nbformat", 4 if "cells" in found else 3)
    if version not in (2, 3, 4):
        known = isinstance(version, (int, float)) and version > 4
        reason = "newer than the formats 2 to 4 that can be read" if known else "none of the formats 2 to 4 that can be read"
        raise UnreadableNotebook(f"The notebook says that its format is {str(version)[:20]}, which is {reason}.")
    cells = found.get("cells") if version == 4 else _cells_of_worksheets(found.get("worksheets"))
    if not isinstance(cells, list):
        raise UnreadableNotebook("The notebook has no list of cells.")
    if len(cells) > MOST_CELLS:
        raise UnreadableNotebook(f"The notebook has {len(cells)} cells, and no more than {MOST_CELLS} are graded.")
    return cells if version == 4 else _upgraded(cells, int(version))


def _cells_of_worksheets(worksheets: object) -> list[Any] | None:
    if not isinstance(worksheets, list) or not all(isinstance(sheet, dict) for sheet in worksheets):
        return None
    lists = [sheet.get("cells", []) for sheet in worksheets]
    return [cell for cells in lists for cell in cells] if all(isinstance(cells, list) for cells in lists) else None


def _upgraded(cells: list[Any], version: int) -> list[Any]:
    """Cells of format 2 or 3 converted to format 4 by
    nbformat, after outputs and unused parts are dropped.
    """
    useful = []
    for number, cell in enumerate(cells, start=1):
        text = "input" if isinstance(cell, dict) and cell.get("cell_type") == "code" else "source"
        checked = _checked(cell, number, text=text, types=("code", "markdown", "raw", "html", "heading"))
        light = {"cell_type": cell["cell_type"], text: checked.source, "metadata": checked.metadata}
        if text == "input":
            light |= {"outputs": [], "language": "python", "collapsed": False}
        if cell["cell_type"] == "heading":
            level = cell.get("level")
            light["level"] = level if isinstance(level, int) and 1 <= level <= 6 else 1
        useful.append(light)
    old = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": useful, "metadata": {}}]}
    notebook = nbformat.convert(nbformat.versions[version].to_notebook_json(old, minor=0), 4)
    return [{key: value for key, value in cell.items() if key != "id"} for cell in notebook.cells]


def _checked(cell: object, number: int, *, text: str = "source", types: tuple[str, ...] = CELL_TYPES) -> NotebookNode:
    """The cell made sane; UnreadableNotebook if it is past mending."""
    if not isinstance(cell, dict):
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: it is no cell at all.")
    if cell.get("cell_type") not in types:
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: its type is {str(cell.get('cell_type'))[:40]!r}.")
    if _text(cell.get(text)) is None:
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: its contents are no text.")
    return sane_cell({**cell, "source": cell.get(text)})


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    """The cells as a notebook; those without an id of their own get one that no course uses."""
    taken: set[str] = set()
    for cell in cells:
        if cell.get("id") in taken:
            del cell["id"]
        taken.add(cell.get("id", ""))
    for number, cell in enumerate(cells, start=1):
        if "id" not in cell:
            cell.id = free_id(f"handed-in-{number}", taken)
            taken.add(cell.id)
    return NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def free_id(wish: str, taken: Collection[str]) -> str:
    """This cell id, or with a number behind it if it is taken."""
    identity, count = wish, 2
    while identity in taken:
        identity, count = f"{wish}-{count}", count + 1
    return identity


def _text(value: object) -> str | None:
    """The text of a cell; None if it is no text."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return SURROGATES.sub("\ufffd", value) if isinstance(value, str) else None


def _metadata(value: object) -> dict[str, Any]:
    """The entries that are plain data, not too large,
    and of the types that the notebook format asks for.
    """
    if not isinstance(value, dict):
        return {}
    entries = [(key, entry) for key, entry in list(value.items())[:MOST_METADATA] if key not in ("tags", "trusted")]
    sane = {key: entry for key, entry in entries if _fits(key, entry) and _is_plain(key, entry)}
    tags = value.get("tags")
    if isinstance(tags, list):
        good = [tag for tag in tags[:100] if isinstance(tag, str) and re.fullmatch(r"[^,\n]{1,100}", tag) and _is_plain(tag)]
        sane["tags"] = list(dict.fromkeys(good))
    return sane


def _fits(key: str, entry: object) -> bool:
    """Whether an entry of the metadata has the type that the notebook format asks for, if any."""
    match key:
        case "name" | "format":
            return isinstance(entry, str) and re.fullmatch(".+", entry) is not None
        case "collapsed":
            return isinstance(entry, bool)
        case "scrolled":
            return isinstance(entry, bool) or entry == "auto"
        case "jupyter" | "nbgrader":
            return isinstance(entry, dict)
        case "execution":
            return isinstance(entry, dict) and all(isinstance(time, str) for time in entry.values())
    return True


def _is_plain(*values: object) -> bool:
    """Whether these can be written to a file and copied without trouble."""
    if not all(_is_shallow(value, DEEPEST_METADATA) for value in values):
        return False
    try:
        return len(json.dumps(values, ensure_ascii=False, allow_nan=False).encode()) <= LONGEST_METADATA
    except (ValueError, TypeError):  # not a number, half a character, or no plain data
        return False


def _is_shallow(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(entry, levels - 1) for entry in inner)


def _attachments(value: object) -> dict[str, dict[str, str]]:
    """The images attached to a text cell, as far as the notebook format allows them."""
    sane: dict[str, dict[str, str]] = {}
    for name, bundle in value.items() if isinstance(value, dict) else ():
        read = {kind: _text(data) for kind, data in bundle.items() if isinstance(data, (str, list))} if isinstance(bundle, dict) else {}
        good = {kind: text for kind, text in read.items() if text is not None}
        if good and len(good) == len(read) and not SURROGATES.search(name + "".join(good)):
            sane[name] = good
    return sane
