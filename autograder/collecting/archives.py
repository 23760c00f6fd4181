"""Reads the files of a folder or a zip that is not
trusted: not its names, sizes or types of file.
"""

import io
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

DEEPEST_ZIP = 3  # zips within zips
MOST_ENTRIES = 20_000  # of a zip that a student handed in
DIRECTORY_ENTRY = b"PK\x01\x02"  # how each entry of a zip's directory begins
LONGEST_NAME = 200  # bytes of a file's or folder's name
NO_ZIP = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError)

# What systems and Jupyter put beside people's files.
LEFT_BEHIND = re.compile(
    r"(.*/)?(__MACOSX|\.ipynb_checkpoints|__pycache__|\.git|\.Trash[^/]*)/.*|(.*/)?(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*)"
)


class SourceProblem(Exception):
    """A zip or folder cannot be read at all; the message says why."""


class UnreadableFile(Exception):
    """One file cannot be read; the message says why, as a sentence goes on after its name."""


@dataclass(frozen=True)
class ArchiveLimits:
    """The largest file and the largest hand-in, in bytes, and the most files of a hand-in."""

    file_bytes: int
    total_bytes: int
    most_files: int = 1000


@dataclass(frozen=True)
class SourceFile:
    """A file: its path with forward slashes, in
    Unicode's composed form (NFC), and how to read it.
    """

    path: str
    read: Callable[[], bytes]  # raises Unreadable

    @property
    def is_zip(self) -> bool:
        """Whether its name says that it is a zip."""
        return self.path.lower().endswith(".zip")


@dataclass
class Listing:
    """The files that were found, those that were refused
    (path and reason), and how many system files were ignored.
    """

    entries: list[SourceFile] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    passed_over: int = 0

    def add(self, name: str, read: Callable[[], bytes]) -> None:
        """Add a file under its name, if that is a name which leads to a place below."""
        path, refusal = safe_path(name)
        if refusal:
            self.refused.append((path, refusal))
        elif LEFT_BEHIND.fullmatch(path):
            self.passed_over += 1
        else:
            self.entries.append(SourceFile(path, read))


def list_source(source: Path, limits: ArchiveLimits) -> Listing:
    """The files of a zip, of a folder, or a single file. SourceProblem if it is none of them."""
    if source.is_dir():
        return _list_folder(source, limits)
    if not source.is_file():
        raise SourceProblem(f"{source} is not there. Name the zip that the platform gave, or the folder that it was unpacked into.")
    if source.suffix.lower() != ".zip" and not zipfile.is_zipfile(source):
        return Listing([SourceFile(unicodedata.normalize("NFC", source.name), lambda: _file(source, limits))])
    try:
        return list_zip(source, limits)
    except UnreadableFile as problem:
        raise SourceProblem(f"{source} {problem}. Download it again.") from None


def list_zip(file: BinaryIO | Path, limits: ArchiveLimits) -> Listing:
    """The files of a zip. Unreadable if it is damaged."""
    try:
        archive = zipfile.ZipFile(file)
    except NO_ZIP as error:
        raise UnreadableFile(f"is no zip that can be read ({error})") from None
    listing = Listing()
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info, name in zip(infos, _names(infos)):
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            listing.refused.append((_shown(name), "is a link" if kind == stat.S_IFLNK else "is no plain file"))
        else:
            listing.add(name, _reader(archive, info, limits))
    return listing


def list_inner_zip(entry: SourceFile, limits: ArchiveLimits, depth: int = 1) -> Listing:
    """The files of a zip inside a source, and of the zips in it. Unreadable if it is damaged.

    Their paths begin with the path of the zip.
    """
    if depth > DEEPEST_ZIP:
        raise UnreadableFile(f"lies within more than {DEEPEST_ZIP} other zips")
    content = entry.read()
    if content.count(DIRECTORY_ENTRY) > MOST_ENTRIES:
        raise UnreadableFile(f"holds more than {MOST_ENTRIES} files")
    inner = list_zip(io.BytesIO(content), limits)
    below = entry.path[: -len(".zip")]
    found = Listing(refused=[(f"{below}/{path}", why) for path, why in inner.refused], passed_over=inner.passed_over)
    return with_zips_opened([SourceFile(f"{below}/{file.path}", file.read) for file in inner.entries], limits, found, depth + 1)


def with_zips_opened(entries: Iterable[SourceFile], limits: ArchiveLimits, found: Listing | None = None, depth: int = 1) -> Listing:
    """The files, with each zip replaced by its contents.

    A zip that cannot be opened is refused with a reason.
    """
    found = found or Listing()
    for entry in entries:
        if not entry.is_zip:
            found.entries.append(entry)
            continue
        try:
            inner = list_inner_zip(entry, limits, depth)
        except UnreadableFile as problem:
            found.refused.append((entry.path, str(problem)))
            continue
        found.entries += inner.entries
        found.refused += inner.refused
        found.passed_over += inner.passed_over
    return found


def safe_path(name: str) -> tuple[str, str]:
    """A name as a relative path, and why it is refused, if it is."""
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return _shown(path), "has an absolute path"
    if ".." in parts:
        return _shown(path), "has a path that leads out of its folder (..)"
    if not parts or not path.isprintable():
        return _shown(path), "has a name with characters that cannot be printed"
    if any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in parts) or len(parts) > 30:
        return _shown(path), "has too long a name"
    return "/".join(parts), ""


def _shown(name: str) -> str:
    name = name if name.isprintable() else ascii(name)
    return name if len(name) <= 120 else f"{name[:80]}...{name[-30:]}"


# --- names in zips


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """The names of a zip's files: marked as UTF-8 or not,
    they are tried as UTF-8, a DOS code page, and Latin-1.
    """
    raw = [_raw(info) for info in infos]
    encoding = _encoding([name for name in raw if name is not None])
    return [info.filename if name is None else name.decode(encoding) for info, name in zip(infos, raw)]


def _raw(info: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a name that is not marked as UTF-8; Python has read them as code page 437."""
    if not info.flag_bits & 0x800:
        with suppress(UnicodeEncodeError):  # the zip also says the name in Unicode
            return info.filename.encode("cp437")
    return None


def _encoding(names: list[bytes]) -> str:
    """The encoding in which the names are words: names
    have no box drawings and no control characters.
    """
    together = b"\n".join(names)
    with suppress(UnicodeDecodeError):
        together.decode("utf-8")
        return "utf-8"
    return max(("cp437", "latin-1"), key=lambda encoding: _likely(together.decode(encoding)))


def _likely(text: str) -> int:
    odd = [sign for sign in text if sign > "\x7f"]
    return sum(1 if unicodedata.name(sign, "").startswith("LATIN ") else -1 for sign in odd)


# --- reading


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ArchiveLimits) -> Callable[[], bytes]:
    def read() -> bytes:
        if info.flag_bits & 0x1:
            raise UnreadableFile("is encrypted")
        if info.file_size > limits.file_bytes:
            raise UnreadableFile(_too_large(info.file_size, limits))
        try:
            with archive.open(info) as file:
                content = file.read(limits.file_bytes + 1)  # what the zip says of its size need not be true
        except NO_ZIP as error:
            raise UnreadableFile(f"cannot be unpacked ({error})") from None
        except Exception as error:  # a decompressor's own
            raise UnreadableFile(f"cannot be unpacked ({type(error).__name__})") from None
        if len(content) > limits.file_bytes:
            raise UnreadableFile(_too_large(len(content), limits))
        return content

    return read


def _too_large(size: int, limits: ArchiveLimits) -> str:
    return f"would take {size / 2**20:.0f} MiB, more than c.Grading.file_mib = {limits.file_bytes // 2**20} allows"


def _list_folder(folder: Path, limits: ArchiveLimits) -> Listing:
    listing = Listing()
    for path in _walk(folder, listing):
        listing.add(path.relative_to(folder).as_posix(), partial(_file, path, limits))
    return listing


def _walk(folder: Path, listing: Listing) -> Iterator[Path]:
    """The regular files below a folder; links and other kinds are refused."""
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = Path(where, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path
            elif not stat.S_ISDIR(mode):
                why = "is a link" if stat.S_ISLNK(mode) else "is no plain file"
                listing.refused.append((_shown(path.relative_to(folder).as_posix()), why))


def _file(path: Path, limits: ArchiveLimits) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.file_bytes:
                raise UnreadableFile(_too_large(size, limits))
            return file.read(limits.file_bytes)
    except OSError as error:
        raise UnreadableFile(f"cannot be read ({error.strerror or error})") from None
