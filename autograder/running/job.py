"""One notebook to run, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.sandbox.limits import Limits

from . import codec
from .known import Known
from .names import Needs
from .observed import Shortcut


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
        """As the trusted process reads it.

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
    """What became of one code cell: its outputs, the points of
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
    """What became of a notebook.

    `cells` has an entry for each code cell that was reached; `remarks` are for a person.
    """

    cells: list[Ran]
    remarks: list[str]
    complete: bool
    shortcuts: list[tuple[str, Shortcut]] = field(default_factory=list)  # past a derivation by hand, by the functions that ran them
    known: Known = field(default_factory=Known)  # what this run showed of the names that tests use
