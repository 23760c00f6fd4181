"""What marks submissions: processes on this machine,
or an engine of another kind with the same interface.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from autograder.running.executor import Executor
from autograder.running.loader import Loader

from .assignment import Assignment
from .marker import LocalMarker, Marker
from .options import Grading
from .prepared import Prepared, prepare


class EngineProblem(Exception):
    """The engine cannot be used, and nobody was graded. The message says why and what to do."""


class EngineLost(Exception):
    """The engine was there and is gone; what was graded is kept. The message says what to do."""


class NotMarked(Exception):
    """One submission has no marks, and the others go on; the message says why, for a person."""


@dataclass(frozen=True)
class Work:
    """What is to be marked, and how.

    `kept_at` is the file with the results of the course's own solution.
    """

    assignment: Assignment
    options: Grading
    sandbox: str
    workers: int
    whole_class: bool
    kept_at: Path


class Engine(Protocol):
    """An engine at work."""

    @property
    def sandbox(self) -> str:
        """The isolation around student code, in words."""

    def prepare(self) -> Prepared:
        """What is done once, before anybody is marked."""

    def marker(self, prepared: Prepared) -> Marker:
        """What marks submissions; it is stopped before the engine is."""


Start = Callable[[Work], AbstractContextManager[Engine]]


class ThisMachine:
    """One executor of this process, which marks `workers` submissions at a time.

    `loader` is a process that already loads what the assignment imports.
    """

    def __init__(self, work: Work, loader: Loader | None = None) -> None:
        self._work, self._loader = work, loader
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        assignment, options = self._work.assignment, self._work.options
        make = options.executor(self._work.sandbox, imports=assignment.imports(), rehearsal=assignment.rehearsal(), loader=self._loader)
        self._executor: Executor = self._stack.enter_context(make)
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    @property
    def sandbox(self) -> str:
        """The isolation around student code, in words."""
        return self._executor.isolation.words

    def prepare(self) -> Prepared:
        """What is done once, before anybody is marked."""
        return prepare(self._executor, self._work.assignment, self._work.kept_at, whole_class=self._work.whole_class)

    def marker(self, prepared: Prepared) -> Marker:
        """What marks submissions; it stops the executor too."""
        return LocalMarker(self._executor, self._work.assignment, prepared, self._work.workers)
