"""Linux system calls that Python 3.11 lacks: namespaces, mounts, capabilities, prctl."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .means import SandboxProblem

NEW_NS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000

READ_ONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 32, 4096, 16384, 1 << 18
DETACH = 2

SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_SECUREBITS = 1, 4, 24, 28
SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS, CAP_AMBIENT, CLEAR_ALL = 36, 38, 47, 4
# No rights for uid 0, none kept or raised over a change of user, and all of that locked (SECBIT_*).
SECUREBITS = 0b11101111

COLLAPSE = 25  # MADV_COLLAPSE, since Linux 6.1
LARGE_PAGE = 2**21

MOUNT_SETATTR = 442  # numbers above 423 are the same on every machine
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

_libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    _libc.syscall.restype = ctypes.c_long
    _libc.syscall.argtypes = [ctypes.c_long] * 7
    _libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    _libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    _libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say in plain words which step of setting up the isolation the system refused."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise SandboxProblem(f"The sandbox could not be built: {doing} failed ({reason}).") from error


def syscall(number: int, *arguments: int) -> int:
    """A system call by its number. OSError if it fails."""
    return _checked(_libc.syscall(number, *arguments, *[0] * (6 - len(arguments))))


def prctl(option: int, value: int = 0, *more: int) -> int:
    """Change a property of this process. OSError if it fails."""
    return _checked(_libc.prctl(option, value, *more, *[0] * (3 - len(more))))


def collapse_pages() -> None:
    """Move this process's own memory into large pages, as far as the kernel can.

    A fork copies the table of pages, which is short then.
    """
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        areas = [line.split() for line in maps]
    for span, rights, _, _, _, *name in areas:
        if rights == "rw-p" and name in ([], ["[heap]"]):
            first, last = (int(end, 16) for end in span.split("-"))
            first, last = -(-first // LARGE_PAGE) * LARGE_PAGE, last // LARGE_PAGE * LARGE_PAGE
            if first < last:
                _libc.madvise(first, last - first, COLLAPSE)  # what it refuses stays as it is


def unshare(flags: int) -> None:
    """Move this process (for a pid namespace: its later children) into new namespaces."""
    _checked(_libc.unshare(flags))


def unshare_places() -> None:
    """Unshare mounts, network, ipc and host name, and control groups if the kernel can."""
    flags = NEW_NS | NEW_NET | NEW_IPC | NEW_UTS
    try:
        unshare(flags | NEW_CGROUP)
    except OSError:
        unshare(flags)


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """mount(2)."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    _checked(_libc.mount(*words, flags, None if options is None else options.encode()))


def bind_read_only(source: str, target: str) -> None:
    """Mount `source` at `target` read-only, with everything mounted below it."""
    mount(source, target, None, BIND | RECURSIVE)
    # struct mount_attr: set, clear, propagation, userns_fd. A plain remount would leave mounts
    # further down writable.
    attributes = (ctypes.c_uint64 * 4)(READ_ONLY | NOSUID | NODEV, 0, 0, 0)
    path = ctypes.create_string_buffer(os.fsencode(target))
    try:
        syscall(MOUNT_SETATTR, AT_FDCWD, ctypes.addressof(path), AT_RECURSIVE, ctypes.addressof(attributes), ctypes.sizeof(attributes))
    except OSError:  # before Linux 5.12: one by one, of which there is one only if nothing is mounted further down
        detach(target)
        mount(source, target, None, BIND)
        mount(None, target, None, REMOUNT | BIND | READ_ONLY | NOSUID | NODEV)


def detach(target: str) -> None:
    """Unmount, at once and with everything below."""
    _checked(_libc.umount2(os.fsencode(target), DETACH))


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root; the one before is at `old`."""
    _checked(_libc.pivot_root(os.fsencode(new), os.fsencode(old)))


def drop_capabilities() -> None:
    """Give up every capability for good, also for programs started later.

    SandboxProblem if one is left.
    """
    prctl(SET_NO_NEW_PRIVS, 1)
    for number in range(64):
        if not _tried(CAPBSET_DROP, number):
            break  # past the last one, or an ordinary user without the right to narrow the set, who has nothing to lose
    _tried(SET_SECUREBITS, SECUREBITS)
    _tried(CAP_AMBIENT, CLEAR_ALL)
    header, none, left = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none))
    _checked(_libc.capget(header, left))
    if any(left):
        raise SandboxProblem("The sandbox could not be built: the process kept capabilities that it should have given up.")


def _tried(option: int, value: int) -> bool:
    try:
        prctl(option, value)
    except OSError:
        return False
    return True


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
