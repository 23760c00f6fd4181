"""Writes files that readers find either whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int | None = 0o600, *, durable: bool = True) -> None:
    """Replace a file atomically: readers see either the whole old content or the whole new one.

    mode     the file's permissions; None: those of any new file
    durable  wait until the content is on the disk
    """
    new = path.with_name(f".{path.name.lstrip('.')}.{os.urandom(8).hex()}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        if mode is not None:
            new.chmod(mode)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write a folder's new entries to disk.

    Systems on which folders cannot be opened do so by themselves.
    """
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
