"""The two processes of a submission: one inside the sandbox, and its supervisor outside.

The supervisor waits, and ends in the same way as the process inside.
"""

import os
import resource
import select
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from . import kernel, workspace
from .means import SandboxProblem

_forker: int | None = None  # the process that last forked: for a child, its parent, whatever has happened to it since
_parent: int | None = None  # the parent of the process that is to be a supervisor; None: unknown


def _note_process() -> None:
    global _forker
    _forker = os.getpid()


os.register_at_fork(before=_note_process)


@dataclass(frozen=True)
class SupervisorLink:
    """The pipes between the process inside and its supervisor; both close when either ends."""

    ask: int
    answer: int

    def new_user_namespace(self) -> bool:
        """Move into a user namespace with one user, set by the supervisor; False if refused."""
        try:
            kernel.unshare(kernel.NEW_USER)
        except OSError:
            return False
        os.write(self.ask, b"?")
        if os.read(self.answer, 1) != b"y":
            raise OSError(None, "the user ids could not be mapped")
        return True

    def hold(self) -> None:
        """End with the supervisor from now on, or at once if it has ended; closes the link."""
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
        poll = select.poll()
        poll.register(self.answer, select.POLLIN)
        if poll.poll(0):
            os._exit(1)  # nobody is there to be told
        os.close(self.ask)
        os.close(self.answer)


def alone(*, first_to_go: bool = True) -> None:
    """Start a new session and end with the parent.

    `first_to_go`: be the first to be killed when memory is short.
    """
    global _parent
    _parent = None if _forker == os.getpid() else _forker
    with suppress(OSError):
        os.setsid()
    with suppress(OSError):
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # or it could not write to its own /proc
        if first_to_go:
            Path("/proc/self/oom_score_adj").write_text("1000")
    _tie_to_parent()


def fork(user: tuple[int, int], place: str | None, source: int | None) -> SupervisorLink:
    """Fork. Returns only inside, with the link.

    The supervisor makes `user` the user of the new user namespace when it is asked, and removes
    `place` at the end.
    """
    asked, ask = os.pipe()
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(asked)
        os.close(answering)
        os.setsid()
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
        return SupervisorLink(ask, answer)
    try:
        _keep(child, asked, answering, user, place)
    finally:
        os._exit(1)


def new_user_namespace(process: int, user: tuple[int, int], unshare: Callable[[], None]) -> None:
    """Move this process into a user namespace in which it is the user workspace.UID.

    An ordinary user may do this.
    """
    unshare()
    Path(f"/proc/{process}/setgroups").write_text("deny")
    _name_user(process, user)


def tasks_of(user: int) -> int:
    """How many processes and threads that user has now."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                if entry.stat().st_uid == user:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


def _keep(child: int, asked: int, answering: int, user: tuple[int, int], place: str | None) -> NoReturn:
    """Wait for the process inside, clear up, and end as it did."""
    signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
    if place is not None:
        # Processes that outlive the one inside become children of this one. In a pid namespace the
        # kernel ends them all.
        kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGTERM, lambda *_: _kill(child))
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _close_all_but(asked, answering)
    _tie_to_parent()
    if os.geteuid() != 0:
        with suppress(OSError, SandboxProblem):
            kernel.drop_capabilities()
            _tie_to_parent()
    kernel.prctl(kernel.SET_DUMPABLE, 0)
    if os.read(asked, 1):
        _answer(child, answering, user)
    _, status = os.waitpid(child, 0)
    if place is not None:
        _end_the_rest()
        _remove(place)
    _end_like(status)


def _kill(child: int) -> None:
    with suppress(ProcessLookupError):  # it has ended already, and this process is clearing up
        os.kill(child, signal.SIGKILL)


def _answer(child: int, answering: int, user: tuple[int, int]) -> None:
    try:
        _name_user(child, user)
    except OSError:
        os.write(answering, b"n")
    else:
        os.write(answering, b"y")


def _name_user(process: int, user: tuple[int, int]) -> None:
    for name, number in zip(("gid_map", "uid_map"), reversed(user)):
        Path(f"/proc/{process}/{name}").write_text(f"{workspace.UID} {number} 1\n")


def _tie_to_parent() -> None:
    """Be killed when the parent dies, and at once if it has died already."""
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    if _parent not in (None, os.getppid()):
        os._exit(1)


def _close_all_but(*files: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(null, file)
    keep = [2, *sorted(files)]
    for low, high in zip(keep, [*keep[1:], os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)


def _end_the_rest() -> None:
    """Kill, again and again, whatever has been handed to this process, until nothing is left."""
    while True:
        for child in Path("/proc/thread-self/children").read_text().split():
            with suppress(OSError):
                os.kill(int(child), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _remove(place: str) -> None:
    for folder, _, _ in os.walk(place):  # a folder may have been shut
        with suppress(OSError):
            os.chmod(folder, 0o700, follow_symlinks=False)
    shutil.rmtree(place, ignore_errors=True)


def _end_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [-code])
        os.kill(os.getpid(), -code)
        os._exit(128 - code)
    os._exit(code)
