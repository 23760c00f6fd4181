"""The temporary folder of a run, and those that killed runs have left."""

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "autograder-"
UNIX = hasattr(os, "geteuid")  # on Windows the folder is this user's already, and one with an open file keeps its name
LOCK = "run.lock"  # held as long as the run lives; the system lets it go when the run is killed


def new_scratch() -> tuple[Path, FileLock]:
    """A new folder for a run, and the lock that says that the run is alive."""
    folder = Path(tempfile.mkdtemp(prefix=f".{PREFIX}" if UNIX else PREFIX))
    lock = FileLock(folder / LOCK, thread_local=False)
    lock.acquire(blocking=False)
    ready = folder.with_name(folder.name.removeprefix("."))
    if UNIX:
        folder.rename(ready)  # only now may others see it as one of theirs to look at
    ready.chmod(0o711)  # the user that student code runs as passes through, and cannot look around
    return ready, lock


def clear_abandoned() -> list[Path]:
    """Remove the folders of this user's runs that were killed, and say which."""
    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout):
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or (UNIX and status.st_uid != os.geteuid()) or not (folder / LOCK).is_file():
                continue
            lock = FileLock(folder / LOCK, thread_local=False)
            lock.acquire(blocking=False)
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed
