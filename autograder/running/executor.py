"""Runs notebooks in two processes each, forked from two
forkservers: for student cells, and for the instructor's.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol, Self

from autograder import sandbox
from autograder.sandbox.limits import Limits

from . import codec
from .forkserver import READY
from .known import Known
from .link import PATIENCE
from .names import Needs
from .observed import Shortcut
from .scratch import clear_abandoned, new_scratch

PRELOAD = (
    "numpy",
    "torch",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "ipywidgets",
    "numpy.testing",
    "torch.testing",
    "backprop",
    "backprop.pictures",
)
START = 120.0  # seconds that a forkserver may take to load everything
GRACE = 20.0  # seconds beyond the notebook's limit until the whole notebook is given up
WATCHDOG = 5.0  # seconds beyond what its own timer allows, after which a silent trusted process is ended
STARTS = 5  # trusted processes for one notebook, at most
REPLY = 2**30


class ExecutorProblem(Exception):
    """Nothing can be run; the message says why and what to do."""


class CourseFiles(Protocol):
    """What lies beside the course's notebooks."""

    @property
    def fingerprint(self) -> str:
        """Another one for other files."""

    def copy_files(self, folder: Path) -> None:
        """Put it into a folder."""


@dataclass(frozen=True)
class Cell:
    """A code cell to run.

    `trusted`: by the instructor's process; `key`: the grade_id, by which `needs` knows it.

    `together`: a test that runs in the student's process, as in stock nbgrader. `record`: run for a
    whole class; the results are kept. `kept`: such results, to be used in place of a run.
    """

    source: str
    trusted: bool = False
    key: str = ""
    points: float = 0.0  # that a test is worth
    together: bool = False
    record: bool = False
    kept: bytes = b""


@dataclass(frozen=True)
class Job:
    """One notebook to run: its code cells in order, and what the tests need."""

    cells: Sequence[Cell]
    needs: dict[str, Needs] = field(default_factory=dict)
    known: Known | None = None  # what the reference's own run showed; None: this is that run
    tries_together: bool = False  # whether a test that failed after it handled a student's object is run once more, together with it
    modules: Sequence[str] = ()  # names under which the course imports modules
    student_files: Path | None = None  # copied into the student's private folder
    course_files: Path | None = None  # copied into the folder where the instructor's cells run

    def encoded(self, limits: Limits, *, seconds: float, finished: int = 0, left_out: Collection[int] = ()) -> bytes:
        """The job, encoded for the trusted process.

        seconds   wall time that is left for the notebook
        finished  the number of cells that are reported already: they are run again for their
                  effects only
        left_out  the positions of cells that ended a trusted process; they are not run again
        """
        return codec.encode(
            {
                "cells": [vars(cell) for cell in self.cells],
                "needs": {
                    key: {"prelude": [list(part) for part in need.prelude], "student": need.student, "own": need.own}
                    for key, need in self.needs.items()
                },
                "known": self.known.as_dict() if self.known else None,
                "tries_together": self.tries_together,
                "modules": list(self.modules),
                "limits": limits.as_dict(),
                "seconds": seconds,
                "finished": finished,
                "left_out": sorted(left_out),
            }
        )


@dataclass
class Ran:
    """The result of one code cell: outputs, the points on
    its last line (None: there are none), and its duration.
    """

    outputs: list[dict[str, Any]]
    number: float | None = None
    seconds: float = 0.0
    executed: bool = True
    many: bool = False  # the last line gave several numbers, or something else that is none
    kept: bytes = b""  # of a cell that was run for a whole class: what its results are made from again
    why: str = ""  # or why they cannot be
    together: bool = False  # a test that ran in the student's process, so that its outputs are the student's to choose
    replayed: bool = False  # the results were made so


@dataclass
class Executed:
    """The result of a notebook.

    `cells` has an entry for each code cell that was reached; `remarks` are for a person.
    """

    cells: list[Ran]
    remarks: list[str]
    complete: bool
    shortcuts: list[tuple[str, Shortcut]] = field(default_factory=list)  # past a derivation by hand, by the functions that ran them
    known: Known = field(default_factory=Known)  # what this run showed of the names that tests use


class Executor:
    """A context manager that holds the two forkservers.

    `run` may be called from several threads at once.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        mode: str = "auto",
        *,
        preload: Sequence[str] = PRELOAD,
        readable: Sequence[Path] = (),
        rehearsal: Sequence[str] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.isolation = sandbox.find_isolation(mode)
        self.preload = tuple(preload)
        self.rehearsal = list(rehearsal)  # for the trusted forkserver alone: what it shows of the tests must not reach students
        self.readable = [*sandbox.readable_paths(), *readable]
        clear_abandoned()
        self.scratch, self._scratch_lock = new_scratch()
        self._forkservers: dict[str, _Forkserver] = {}
        self._lock = threading.Lock()
        self._once: dict[str, Any] = {}
        self._once_lock = threading.Lock()

    def __enter__(self) -> Self:
        try:
            for role in ("student", "trusted"):
                self._forkservers[role] = _Forkserver(role, self)
            for forkserver in self._forkservers.values():
                forkserver.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()
        self._scratch_lock.release()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def course_files(self, side: CourseFiles) -> Path:
        """A folder with the course's files, where the tests run; made once for each assignment."""
        folder = self.scratch / f"course-{side.fingerprint}"
        with self._lock:
            if not folder.is_dir():
                new = Path(tempfile.mkdtemp(dir=self.scratch))
                side.copy_files(new)
                new.rename(folder)
        return folder

    def once(self, key: str, make: Callable[[], Any], *, at_once: bool = False) -> Any:
        """The result of `make`, called once for each key.

        Unless `at_once`, None the first time a key is asked for, as it may be the only time.
        """
        with self._once_lock:
            if at_once or (key in self._once and self._once[key] is None):
                self._once[key] = make()
            return self._once.setdefault(key, None)

    def made(self, key: str) -> Any:
        """What `once` has for a key; None if nothing."""
        return self._once.get(key)

    def first(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` made when it was asked for first; others wait for it."""
        with self._once_lock:
            if key not in self._once:
                self._once[key] = make()
            return self._once[key]

    def stop(self) -> None:
        """End every notebook that is running, and start none any more."""
        for forkserver in self._forkservers.values():
            forkserver.close()

    def run(self, job: Job) -> Executed:
        """Run one notebook from its first cell to its last."""
        run = _Run(self, job)
        try:
            return run.conduct()
        finally:
            run.close()

    def start(self, role: str, folder: Path | None) -> "tuple[_Child, socket.socket]":
        """Fork a process for `role`; the socket is the line to it."""
        ours, theirs = socket.socketpair()
        request: dict[str, Any] = {"role": role, "folder": str(folder) if folder else None, "limits": self.limits.as_dict()}
        request |= {"isolation": self.isolation.as_dict(), "readable": [str(path) for path in self.readable]}
        with theirs:
            return self._forkservers[role].fork(request, theirs), ours


class _Run:
    """One notebook's two processes, and what the grader hears from them."""

    def __init__(self, executor: Executor, job: Job) -> None:
        self.executor, self.job = executor, job
        self.done = Executed([], [], complete=False)
        self.left_out: set[int] = set()  # positions of the cells that ended a trusted process
        self.position = 0  # of the cell that the trusted process is at
        self.said: list[str] = []  # remarks of the trusted process so far
        self.student: _Child | None = None
        self.trusted: _Child | None = None
        self.connection: Connection | None = None

    def conduct(self) -> Executed:
        """Run the notebook.

        If a trusted process ends or hangs, its cell is lost and a new process continues.
        """
        limits = self.executor.limits
        began = time.monotonic()
        last = began + limits.notebook_seconds + limits.cell_seconds + GRACE
        for _ in range(STARTS):
            trusted, connection = self._start(max(0.0, began + limits.notebook_seconds - time.monotonic()))
            how = self._listen(trusted, connection, last)
            if self.done.complete:
                return self.done
            self.close()
            self._give_up_cell(how)
            if time.monotonic() > last or len(self.done.cells) == len(self.job.cells):
                break
        self.done.complete = len(self.done.cells) == len(self.job.cells)
        if not self.done.complete:
            self.done.remarks.append("The tests did not come to an end; what was not reached has no marks.")
        return self.done

    def _start(self, seconds: float) -> "tuple[_Child, Connection]":
        """A trusted process, and a student's process for it."""
        self.folder = Path(tempfile.mkdtemp(prefix="tests-", dir=self.executor.scratch))  # of this run alone: nothing is left for the next
        if self.job.course_files:
            shutil.copytree(self.job.course_files, self.folder, dirs_exist_ok=True)
        self.trusted, self.line = trusted, _ = self.executor.start("trusted", self.folder)
        self.connection = connection = Connection(os.dup(self.line.fileno()))
        job = self.job.encoded(self.executor.limits, seconds=seconds, finished=len(self.done.cells), left_out=self.left_out)
        with suppress(OSError):  # a process that has ended already is noticed when it is listened to
            connection.send_bytes(job)
            self._start_student()
        return trusted, connection

    def _listen(self, trusted: "_Child", connection: Connection, last: float) -> str:
        """Receive from the trusted process until it is
        done; returns how it ended, if it ended early.

        This is the watchdog: the timers in the trusted process are Python's, and compiled code can
        block them.
        """
        limits = self.executor.limits
        patience = limits.cell_seconds + PATIENCE + 1 + WATCHDOG
        try:
            while not self.done.complete:
                end = min(time.monotonic() + patience, last)
                if not connection.poll(max(0.0, end - time.monotonic())):
                    return f"was stopped, for it had not answered for {patience:g} s"
                self._hear(codec.decode(connection.recv_bytes(REPLY)), connection)
        except (EOFError, OSError):
            return trusted.ending()
        return ""

    def _give_up_cell(self, how: str) -> None:
        """Give the cell that was under way no marks, and have it left out from now on."""
        done, position = self.done, self.position
        done.remarks += [words for words in self.said if words not in done.remarks]
        self.said = []
        self.left_out.add(position)
        if position >= len(self.job.cells):  # all cells are done; the functions are only looked at once more
            return
        cell = self.job.cells[position]
        name = f"the test {cell.key}" if cell.trusted else f"cell {position + 1}"
        words = f"The tests' own process {how} in {name}; the rest was run without it."
        done.remarks.append(words)
        if position == len(done.cells):  # else it was run again for its effects only
            done.cells.append(Ran([{"output_type": "error", "ename": "TestProcessError", "evalue": words, "traceback": [words]}]))

    def _hear(self, event: list[Any], connection: Connection) -> None:
        kind, *parts = event
        if kind == "at":
            self.position, self.said = parts
        elif kind == "cell":
            position, outputs, about = parts
            self.done.cells.append(Ran(outputs, together=self.job.cells[position].together, **about))
        elif kind == "lost":
            connection.send_bytes(codec.encode(self._end_student(stuck=parts[0])))
        elif kind == "another":
            self._start_student()
        elif kind == "done":
            remarks, shortcuts, known = parts
            self.done.remarks += [words for words in remarks if words not in self.done.remarks]
            self.done.shortcuts = [(name, Shortcut(kind)) for name, kind in shortcuts]
            self.done.known = Known.from_dict(known)
            self.done.complete = True

    def _start_student(self) -> None:
        """Give the trusted process the line to a new student's process."""
        self.student, line = self.executor.start("student", self.job.student_files)
        with line:
            _wait_until_inside(line)
            socket.send_fds(self.line, [b"s"], [line.fileno()])

    def _end_student(self, *, stuck: bool) -> str:
        """End the student's process, and say how it went."""
        child, self.student = self.student, None
        if child is None:
            return ""
        if stuck:
            child.kill()
            return "it did not answer any more and was stopped"
        how = child.ending()
        child.kill()
        return how

    def close(self) -> None:
        """Nothing of this notebook goes on running."""
        for child in (self.student, self.trusted):
            if child is not None:
                child.kill()
        self.student = self.trusted = None
        if self.connection is not None:
            self.connection.close()
            self.line.close()
            self.connection = None
            shutil.rmtree(self.folder, ignore_errors=True)


def _wait_until_inside(line: socket.socket) -> None:
    """ExecutorProblem if the student's process could not
    enter the sandbox, which is not the student's fault.
    """
    connection = Connection(os.dup(line.fileno()))
    try:
        said = connection.recv_bytes(100_000) if connection.poll(START) else b"it did not start"
    except (EOFError, OSError):
        said = b"it ended at once"
    finally:
        connection.close()
    if said != READY:
        raise ExecutorProblem(f"A student's process could not be set up: {said.decode(errors='replace')}")


class _Child:
    """A forked process, as the executor knows it."""

    def __init__(self, forkserver: "_Forkserver", number: int) -> None:
        self.forkserver, self.number = forkserver, number
        self.status: int | None = None
        self.ended = threading.Event()

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if not self.ended.is_set():
            self.forkserver.send({"kill": self.number})

    def ending(self) -> str:
        """How it ended, in words."""
        if not self.ended.wait(2.0) or self.status is None:
            return "closed the line"
        if os.WIFSIGNALED(self.status):
            ended_by = signal.Signals(os.WTERMSIG(self.status))
            return f"was ended by {ended_by.name}" + _WHY.get(ended_by, "")
        return f"left with exit status {os.waitstatus_to_exitcode(self.status)}"


_WHY = {
    signal.SIGSEGV: " (it used memory that was not its own)",
    signal.SIGKILL: " (it was stopped, perhaps for using too much memory or processor time)",
    signal.SIGXCPU: " (its processor time was used up)",
    signal.SIGABRT: " (it gave up)",
    signal.SIGXFSZ: " (it wrote too large a file)",
}


class _Forkserver:
    """The line to one forkserver process."""

    def __init__(self, role: str, executor: Executor) -> None:
        self.role = role
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.children: dict[int, _Child] = {}
        self.lock = threading.Lock()
        self.ready = threading.Event()
        self.counter = 0
        command = [sys.executable, "-m", "autograder.running.forkserver", str(theirs.fileno()), *executor.preload]
        if role == "student" and executor.isolation.bubblewrap:
            seen = [*sandbox.starter_paths(), *executor.readable, executor.scratch]
            command = sandbox.bubblewrap_command(seen, [theirs.fileno()]) + command
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `close`)
        with theirs:
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.log,
                start_new_session=True,
            )
        self.control.send(json.dumps(executor.rehearsal if role == "trusted" else []).encode())
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def wait_until_ready(self) -> None:
        """ExecutorProblem if the forkserver does not get ready."""
        if not self.ready.wait(START) or self.process.poll() is not None:
            raise ExecutorProblem(f"The process that runs notebooks could not be started:\n{self.said()}")

    def said(self) -> str:
        """The end of what it wrote to stderr."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:].strip()

    def fork(self, request: dict[str, Any], theirs: socket.socket) -> _Child:
        """A new child with one end of a line."""
        with self.lock:
            self.counter += 1
            child = self.children[self.counter] = _Child(self, self.counter)
            data = json.dumps(request | {"id": self.counter}).encode()
            try:
                socket.send_fds(self.control, [data], [theirs.fileno()])
            except OSError:
                raise ExecutorProblem(f"The process that runs notebooks has ended:\n{self.said()}") from None
        return child

    def send(self, message: dict[str, Any]) -> None:
        """A request without a line."""
        with self.lock, suppress(OSError):
            self.control.send(json.dumps(message).encode())

    def close(self) -> None:
        """End it; its children end with it."""
        if self.control.fileno() < 0:
            return
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2.0)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.listener.join(2.0)
        self.control.close()
        self.log.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while data := self.control.recv(65536):
                message = json.loads(data)
                if "ready" in message:
                    self.ready.set()
                elif child := self.children.pop(message.get("ended"), None):
                    child.status = message["status"]
                    child.ended.set()
        self.ready.set()
        for child in list(self.children.values()):
            child.ended.set()


def _environment() -> dict[str, str]:
    """The environment of forkservers and notebooks, without anything of the person who grades."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return kept | threads | {"LANG": "C.UTF-8", "NBGRADER_EXECUTION": "autograde"}
