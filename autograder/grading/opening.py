"""Opens what a submission holds without following a link.

A folder is a descriptor: nothing can be exchanged between one look at it and the next. Where the
system opens nothing below a descriptor (Windows), it is a path, and each name is looked at first.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Folder = int | str
BELOW = os.open in os.supports_dir_fd
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
FILE = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def opened(name: str | Path, parent: Folder | None = None) -> Iterator[Folder]:
    """A folder, in `parent` if it is given. OSError if it is a link or no folder."""
    if not BELOW:
        path = _looked_at(parent, name)
        if not os.path.isdir(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        yield path
        return
    assert not isinstance(parent, str)  # where folders are descriptors
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_beneath(root: Folder, parts: list[str]) -> Iterator[Folder]:
    """The folder that these names lead to; no link is followed on the way."""
    if not parts:
        yield root
        return
    with opened(parts[0], root) as inner, opened_beneath(inner, parts[1:]) as folder:
        yield folder


def mode_of(name: str, folder: Folder) -> int:
    """The kind and permissions of an entry, of a link itself."""
    if isinstance(folder, str):
        return os.lstat(os.path.join(folder, name)).st_mode
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode


def open_file(name: str, folder: Folder) -> int:
    """The descriptor of an entry, to be read. OSError if it is a link."""
    if isinstance(folder, str):
        return os.open(_looked_at(folder, name), FILE)
    return os.open(name, FILE, dir_fd=folder)


def _looked_at(folder: Folder | None, name: str | Path) -> str:
    path = os.path.join(str(folder or ""), name)
    status = os.lstat(path)
    tag = getattr(status, "st_reparse_tag", 0)  # on Windows, of a junction too, which is a link to a folder
    if stat.S_ISLNK(status.st_mode) or (tag and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return path
