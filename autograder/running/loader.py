"""The process that loads what notebooks import, once. Both forkservers come from it.

This module imports next to nothing, so that the process can be started first and loads while the
grader reads the course.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

# Elsewhere `spawning` starts each process: Windows cannot fork, and macOS has not the sockets that
# the forkservers use, nor libraries that are safe to fork.
FORKS = sys.platform == "linux" and hasattr(os, "fork")
START = 120.0  # seconds that it may take to load everything
PRELOAD = (
    "numpy",
    "torch",
    "matplotlib.pyplot",
    "ipywidgets",
    "numpy.testing",
    "torch.optim",
    "torch.testing",
    "backprop",
    "backprop.pictures",
)


class ExecutorProblem(Exception):
    """Nothing can be run; the message says why and what to do."""


class Loader:
    """The process and the line to it.

    `set_up` has it fork the students' forkserver and become the tests' own.
    """

    def __init__(self, modules: Sequence[str], around: Callable[[int], list[str]] = lambda line: []) -> None:
        """Start it, to load these modules.

        `around` gives words to put before the command, from the number of the descriptor that must
        stay open.
        """
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.is_set_up = False
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `close`)
        command = [sys.executable, "-m", "autograder.running.forkserver", str(theirs.fileno()), *modules]
        with theirs:
            self.process = subprocess.Popen(
                [*around(theirs.fileno()), *command],
                pass_fds=[theirs.fileno()],
                cwd="/",
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.log,
                start_new_session=True,
            )

    def set_up(self, *, for_tests: Sequence[str] = (), rehearsal: Sequence[str] = (), **setup: Any) -> socket.socket:
        """Say how to go on; returns the line to the students' forkserver.

        From now on `control` is the line to the tests' own. What comes from the tests is a message
        of its own, which is read when the students' forkserver has left.

        for_tests     modules that only the tests' own loads
        rehearsal     statements that the tests' own runs once
        modules       to be loaded, if they are not yet
        for_students  modules that only the students' forkserver loads
        mode          of the sandbox; `inside`: the process is confined already
        seen          paths that the students' forkserver must be able to read
        """
        of_tests = {"modules": list(for_tests), "rehearsal": list(rehearsal)}
        self.is_set_up = True
        students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self.control, [json.dumps(setup).encode()], [theirs.fileno()])
                self.control.send(json.dumps(of_tests).encode())
            except OSError:
                students.close()
                raise self.ended() from None
        return students

    def ended(self) -> ExecutorProblem:
        """The problem that the process has ended."""
        return ExecutorProblem(f"The process that runs notebooks has ended:\n{self.said()}")

    def said(self) -> str:
        """The end of what it wrote to stderr."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:].strip()

    def close(self) -> None:
        """End it, and with it all that was forked from it."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        if self.is_set_up:  # else it is loading, and does not listen
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(2.0)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.control.close()
        self.log.close()


def environment() -> dict[str, str]:
    """For a process that loads: of the grading person's variables, only the places of programs."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return kept | threads | {"LANG": "C.UTF-8", "NBGRADER_EXECUTION": "autograde"}
