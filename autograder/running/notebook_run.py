"""One notebook's run, as the grader sees it: two processes, their messages, and a watchdog."""

import shutil
import tempfile
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from autograder.sandbox.limits import Limits

from . import codec
from .job import Executed, Job, Ran
from .known import Known
from .link import PATIENCE, waiting
from .observed import Shortcut

GRACE = 20.0  # seconds beyond the notebook's limit until the whole notebook is given up
WATCHDOG = 5.0  # seconds beyond what its own timer allows, after which a silent trusted process is ended
STARTS = 5  # trusted processes for one notebook, at most
REPLY = 2**30


class Process(Protocol):
    """One of the two processes, as the grader knows it."""

    def connect(self) -> Connection:
        """The line to it, from now on for the caller to close."""

    def hand_over(self, trusted: Connection) -> None:
        """Give the line to it, a student's process, to the trusted process."""

    def kill(self) -> None:
        """End it, whatever it is doing."""

    def ending(self) -> str:
        """How it ended, in words."""


class Starter(Protocol):
    """What starts processes, and says how much each may use."""

    limits: Limits
    scratch: Path

    def start(self, role: str, folder: Path | None) -> Process:
        """Start a process for `role`."""


class NotebookRun:
    """One notebook's two processes, and what the grader hears from them."""

    def __init__(self, executor: Starter, job: Job) -> None:
        self.executor, self.job = executor, job
        self.done = Executed([], [], complete=False)
        self.left_out: set[int] = set()  # positions of the cells that ended a trusted process
        self.position = 0  # of the cell that the trusted process is at
        self.said: list[str] = []  # remarks of the trusted process so far
        self.student: Process | None = None
        self.trusted: Process | None = None
        self.connection: Connection | None = None

    def conduct(self) -> Executed:
        """Run the notebook.

        If a trusted process ends or hangs, its cell is lost and a new process continues.
        """
        limits = self.executor.limits
        began = time.monotonic()
        last = began + limits.notebook_seconds + limits.cell_seconds + GRACE
        for _ in range(STARTS):
            self._start(max(0.0, began + limits.notebook_seconds - time.monotonic()))
            how = self._listen(last)
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

    def _start(self, seconds: float) -> None:
        """A trusted process, and a student's process for it."""
        self.folder = Path(tempfile.mkdtemp(prefix="tests-", dir=self.executor.scratch))  # of this run alone: nothing is left for the next
        if self.job.course_files:
            shutil.copytree(self.job.course_files, self.folder, dirs_exist_ok=True)
        self.trusted = self.executor.start("trusted", self.folder)
        self.student = self.executor.start("student", self.job.student_files)
        self.connection = self.trusted.connect()
        job = self.job.encoded(self.executor.limits, seconds=seconds, finished=len(self.done.cells), left_out=self.left_out)
        with suppress(OSError):  # a process that has ended already is noticed when it is listened to
            self.connection.send_bytes(job)
            self.student.hand_over(self.connection)

    def _listen(self, last: float) -> str:
        """Hear the trusted process out; how it ended, if not by saying that it is done.

        This is the watchdog: the timers in the trusted process are Python's, and compiled code can
        block them.
        """
        assert self.connection is not None  # both since `_start`
        assert self.trusted is not None
        limits = self.executor.limits
        patience = limits.cell_seconds + PATIENCE + 1 + WATCHDOG
        waits = waiting(self.connection)
        try:
            while not self.done.complete:
                end = min(time.monotonic() + patience, last)
                if not waits(max(0.0, end - time.monotonic())):
                    return f"was stopped, for it had not answered for {patience:g} s"
                self._hear(codec.decode(self.connection.recv_bytes(REPLY)))
        except (EOFError, OSError):
            return self.trusted.ending()
        return ""

    def _give_up_cell(self, how: str) -> None:
        """Give the cell that was running no marks, and leave it out from now on."""
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

    def _hear(self, event: list[Any]) -> None:
        assert self.connection is not None  # it has just said something
        kind, *parts = event
        if kind == "at":
            self.position, self.said = parts
        elif kind == "cell":
            position, outputs, about = parts
            self.done.cells.append(Ran(outputs, together=self.job.cells[position].together, **about))
        elif kind == "lost":
            self.connection.send_bytes(codec.encode(self._end_student(stuck=parts[0])))
        elif kind == "another":
            self.student = self.executor.start("student", self.job.student_files)
            self.student.hand_over(self.connection)
        elif kind == "done":
            remarks, shortcuts, known = parts
            self.done.remarks += [words for words in remarks if words not in self.done.remarks]
            self.done.shortcuts = [(name, Shortcut(kind)) for name, kind in shortcuts]
            self.done.known = Known.from_dict(known)
            self.done.complete = True

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
            self.connection = None
            shutil.rmtree(self.folder, ignore_errors=True)
