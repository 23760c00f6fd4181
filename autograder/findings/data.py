"""The findings of one submission as data, and as a line of JSON in a file of the course."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

VERSION = 1  # of a line; lines of another version are made again from the graded notebooks


class Standing(StrEnum):
    """The state of an exercise."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNTOUCHED = "untouched"


@dataclass(frozen=True)
class ExerciseFinding:
    """What the check of one exercise found.

    points, most  by the check alone, before late penalties and changes by hand
    links         the LinkState's name of each link; empty where there was nothing to compare
    first         the first wrong link
    mistake       the id of the misconception that was named, and `words` for it
    facts         the FactKind's name of each fact that was stated where no name fitted
    hidden        whether only the hidden check, on other inputs, found something
    line          the line of code that the first wrong link comes from, without comments and texts
    """

    exercise: str
    standing: Standing
    points: float
    most: float
    links: dict[str, str] = field(default_factory=dict)
    first: str = ""
    mistake: str = ""
    words: str = ""
    facts: tuple[str, ...] = ()
    hidden: bool = False
    line: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain data, without what is empty."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) or name in REQUIRED}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse. KeyError, TypeError or ValueError if it is none."""
        return cls(
            **{
                **data,
                "standing": Standing(data["standing"]),
                "points": float(data["points"]),
                "most": float(data["most"]),
                "facts": tuple(data.get("facts", ())),
            }
        )


REQUIRED = ("exercise", "standing", "points", "most")
FIELDS = tuple(one.name for one in fields(ExerciseFinding))


@dataclass(frozen=True)
class SubmissionFindings:
    """What was found in one submission.

    files     the graded notebooks, each with its size and the time of its last change: other files,
              other findings
    readable  False where no notebook could be marked
    """

    student: str
    files: str
    exercises: tuple[ExerciseFinding, ...] = ()
    readable: bool = True

    @property
    def points(self) -> float:
        """The points of all exercises."""
        return sum(one.points for one in self.exercises)

    @property
    def most(self) -> float:
        """The most points."""
        return sum(one.most for one in self.exercises)

    @property
    def started(self) -> bool:
        """Whether any answer was changed."""
        return any(one.standing is not Standing.UNTOUCHED for one in self.exercises)

    def line(self) -> bytes:
        """As a line of the file."""
        data = {
            "version": VERSION,
            "student": self.student,
            "files": self.files,
            "readable": self.readable,
            "exercises": [one.as_dict() for one in self.exercises],
        }
        return json.dumps(data, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """The findings that a line holds, or None if it is damaged or of another version."""
        try:
            data = json.loads(line)
            if data.pop("version") != VERSION or not isinstance(data["student"], str) or not isinstance(data["readable"], bool):
                return None
            return cls(**{**data, "exercises": tuple(map(ExerciseFinding.from_dict, data["exercises"]))})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def read_lines(lines: Iterable[bytes]) -> tuple[dict[str, SubmissionFindings], list[bytes]]:
    """The last findings of each student, and the lines that could not be read."""
    found: dict[str, SubmissionFindings] = {}
    damaged = []
    for line in lines:
        one = SubmissionFindings.from_line(line)
        if one is not None:
            found[one.student] = one
        elif line.strip():
            damaged.append(line)
    return found, damaged
