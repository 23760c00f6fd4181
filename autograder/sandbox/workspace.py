"""The file system that student code sees: the installed Python, read-only, and a small home."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from . import kernel

NAME, UID = "student", 1000
HOME = f"/home/{NAME}"
WORK = f"{HOME}/work"
SHARED = "/dev/shm"
WRITABLE = (HOME, "/tmp", SHARED)
DEVICES = ("null", "zero", "full", "random", "urandom")
OLD = "/.outside"
SMALL_PARTS = 64 * 1024  # for the few files of /etc, on top of what the student may write
BYTES_A_FILE = 4096  # as many files as would fill the space if each were one page


def build(readable: Sequence[Path], source: int | None, owner: tuple[int, int], disk_bytes: int, *, forks: bool = False) -> None:
    """Replace this process's view of the files; WORK gets a copy of the folder open as `source`.

    In a mount namespace of its own, with the rights to mount. `owner` (uid, gid) gets what is
    writable. `forks`: processes of this one make user namespaces, and so write to their own /proc.
    """
    real = {str(path): os.path.realpath(path) for path in readable}  # before the roots change: links are absolute
    with kernel.step("making an empty root"):
        kernel.mount(None, "/", None, kernel.RECURSIVE | kernel.PRIVATE)
        size = disk_bytes + SMALL_PARTS
        options = f"size={size},nr_inodes={size // BYTES_A_FILE},mode=0755"
        kernel.mount("tmpfs", "/tmp", "tmpfs", kernel.NOSUID | kernel.NODEV, options)
        os.mkdir(f"/tmp{OLD}")
        kernel.pivot_root("/tmp", f"/tmp{OLD}")
        os.chdir("/")
    with kernel.step("making the writable folders"):
        for path in WRITABLE:
            os.makedirs(path)
            kernel.mount(path, path, None, kernel.BIND)
            os.chmod(path, 0o700)
            os.chown(path, *owner)
    for path in outermost(real):
        with kernel.step(f"showing {path}"):
            _show(f"{OLD}{real[path]}", path)
    with kernel.step("making /dev, /proc and /etc"):
        _make_devices()
        _make_proc(0 if forks else kernel.READ_ONLY)
        _make_etc(owner)
    with kernel.step("copying the submission's files"):
        copy_tree(source, WORK, owner)
    with kernel.step("leaving the machine's files behind"):
        kernel.detach(OLD)
        os.rmdir(OLD)
        kernel.mount(None, "/", None, kernel.REMOUNT | kernel.BIND | kernel.READ_ONLY | kernel.NOSUID | kernel.NODEV)


def outermost(paths: Iterable[str]) -> list[str]:
    """The paths that are inside none of the others."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths}):
        if not any(path.startswith(f"{outer}/") for outer in kept):
            kept.append(path)
    return kept


def all_beside(path: Path, hidden: Path) -> list[Path]:
    """What is in the folder `path` without the folder `hidden`, as few paths as possible.

    `path` itself if `hidden` is not in it.
    """
    inside = path.resolve()
    if hidden == inside:
        return []
    return [path] if inside not in hidden.parents else [shown for entry in sorted(path.iterdir()) for shown in all_beside(entry, hidden)]


def copy_tree(source: int | None, target: str, owner: tuple[int, int]) -> None:
    """Copy the regular files and folders of the folder open as `source`.

    Links and devices are left out.
    """
    os.mkdir(target, 0o700)
    if source is not None:
        for entry in os.listdir(source):
            _copy_entry(source, entry, f"{target}/{entry}", owner)
    os.chown(target, *owner)


def _copy_entry(folder: int, entry: str, target: str, owner: tuple[int, int]) -> None:
    mode = os.lstat(entry, dir_fd=folder).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return
    source = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        mode = os.fstat(source).st_mode
        if stat.S_ISDIR(mode):
            copy_tree(source, target, owner)
        elif stat.S_ISREG(mode):
            _copy_file(source, target, 0o600 | mode & 0o100, owner)
    finally:
        os.close(source)


def _copy_file(source: int, target: str, mode: int, owner: tuple[int, int]) -> None:
    copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        while os.sendfile(copy, source, None, 2**24):
            pass
        os.fchown(copy, *owner)
    finally:
        os.close(copy)


def _show(source: str, target: str) -> None:
    """Bind one readable folder or file, under empty parent folders.

    One that does not exist is left out.
    """
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        _make_file(target)
    kernel.bind_read_only(source, target)


def _make_file(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))


def _make_devices() -> None:
    for name in DEVICES:
        _make_file(f"/dev/{name}")
        kernel.mount(f"{OLD}/dev/{name}", f"/dev/{name}", None, kernel.BIND)
    for name, target in {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}.items():
        os.symlink(target, f"/dev/{name}")


def _make_proc(read_only: int) -> None:
    """Mount a /proc for the new pid namespace.

    In some containers the kernel refuses, and then there is none.
    """
    os.mkdir("/proc")
    with suppress(OSError):
        kernel.mount("proc", "/proc", "proc", read_only | kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)


def _make_etc(owner: tuple[int, int]) -> None:
    """Names for the user ids that may be seen here."""
    ids = dict.fromkeys([UID, owner[0]])
    texts = {
        "passwd": "".join(f"{NAME}:x:{uid}:{uid}:{NAME}:{HOME}:/bin/sh\n" for uid in ids) + "nobody:x:65534:65534:nobody:/:/bin/false\n",
        "group": "".join(f"{NAME}:x:{uid}:\n" for uid in ids) + "nogroup:x:65534:\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "hosts": "127.0.0.1 localhost\n",
    }
    os.makedirs("/etc", exist_ok=True)
    for name, text in texts.items():
        if not os.path.exists(f"/etc/{name}"):
            Path(f"/etc/{name}").write_text(text, encoding="utf-8")
            os.chmod(f"/etc/{name}", 0o644)
