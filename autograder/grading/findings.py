"""What is known before anybody is marked: how tests
run, and whether the course's solution passes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from autograder.running.known import Known


class Separation(StrEnum):
    """Where tests run: apart from the student's code,
    together with it, or together if the reference needs that.
    """

    APART = "apart"
    AUTO = "auto"
    TOGETHER = "together"


@dataclass(frozen=True)
class NotebookFindings:
    """One notebook's. Tests are named by grade_id, and each comes with the reason."""

    known: Known | None = None  # None: there is no solution that could be run
    together: dict[str, str] = field(default_factory=dict)  # tests that run in the student's process
    short: dict[str, str] = field(default_factory=dict)  # tests that the reference does not pass
    blank: dict[str, str] = field(default_factory=dict)  # tests that give the blank release points
    tries_together: bool = False  # whether a test that fails may be run once more together, to tell a person if it passes so
    by_hand: dict[str, str] = field(default_factory=dict)  # answers and tasks that a person marks, and what they are worth

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        parts = {name: getattr(self, name) for name in ("together", "short", "blank", "by_hand")}
        return {"known": self.known.as_dict() if self.known else None, "tries_together": self.tries_together, **parts}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The way back."""
        return cls(**{**data, "known": Known.from_dict(data["known"]) if data["known"] else None})


UNKNOWN = NotebookFindings()


@dataclass(frozen=True)
class Findings:
    """An assignment's, by notebook."""

    separation: Separation
    notebooks: dict[str, NotebookFindings]

    def head(self) -> list[str]:
        """What to say before submissions are graded: which tests
        run together and why, and what to know about the tests.
        """
        return [*self._together(), *self._blank(), *self.problems(), *self._unknown()]

    def problems(self) -> list[str]:
        """The tests that the course's own solution does not pass.

        With any of these, nobody should be marked.
        """
        return [f"{test}: the course's own solution does not pass it: {why}" for test, why in self._all("short")]

    @property
    def by_hand(self) -> list[str]:
        """The answers and tasks that a person marks, each with what it is worth."""
        return [f"{name} ({worth})" for name, worth in self._all("by_hand")]

    def needs_a_person(self) -> bool:
        """Whether something is amiss with the assignment itself."""
        return bool(self.problems() or self._blank())

    def _together(self) -> Iterator[str]:
        for test, why in self._all("together"):
            yield (
                f"{test} runs together with the student's code ({why}). "
                "So that code can see this test, its hidden part too, and can decide its outcome."
            )

    def _blank(self) -> list[str]:
        return [f"{test}: the blank release, as it is handed out, earns {why}." for test, why in self._all("blank")]

    def _unknown(self) -> Iterator[str]:
        for name, notebook in self.notebooks.items():
            if notebook.known is None:
                yield f"{name}.ipynb: there is no source notebook with a solution, so the tests could not be tried with it."

    def _all(self, part: str) -> Iterator[tuple[str, str]]:
        for name, notebook in self.notebooks.items():
            for test, why in getattr(notebook, part).items():
                yield (test if len(self.notebooks) == 1 else f"{name}/{test}"), why

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"separation": str(self.separation), "notebooks": {name: notebook.as_dict() for name, notebook in self.notebooks.items()}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The way back."""
        notebooks = {name: NotebookFindings.from_dict(notebook) for name, notebook in data["notebooks"].items()}
        return cls(Separation(data["separation"]), notebooks)
