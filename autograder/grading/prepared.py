"""What is done once for a class: the tests are tried on
the reference, and cells tagged `same-for-all` are run.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from autograder.running.executor import Executor

from . import class_run, reference
from .assignment import Assignment
from .findings import Findings


@dataclass(frozen=True)
class Prepared:
    """Made by one executor, and used by every executor that marks the same assignment."""

    findings: Findings
    kept: dict[str, dict[str, bytes]] = field(default_factory=dict)  # by notebook: what cells that are the same for all made, by their text

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"findings": self.findings.as_dict(), "kept": self.kept}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The way back."""
        return cls(Findings.from_dict(data["findings"]), data["kept"])


def prepare(executor: Executor, assignment: Assignment, kept_at: Path | None = None, *, whole_class: bool = False) -> Prepared:
    """Try the tests on the reference, or read the earlier results from `kept_at`.

    For a whole class, run the cells that are the same for all. A single submission is not worth two
    runs of these, unless a second one follows on the same executor.
    """
    kept = {name: class_run.results(executor, assignment, side, at_once=whole_class) for name, side in assignment.notebooks.items()}
    return Prepared(reference.findings(executor, assignment, kept_at), kept)
