"""The record of what was collected, kept in the course.

Marks and feedback are returned under the platform's own names, which it holds.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from backprop.files import write_whole

FOLDER = ".autograder"


@dataclass
class Collected:
    """Where one student's submission came from."""

    platform: str
    source: str  # the zip or folder
    place: str  # the folder, or the beginning of the file names, by which the platform knows it
    files: dict[str, str] = field(default_factory=dict)  # the platform's names of the files, by the student's
    notebooks: dict[str, str] = field(default_factory=dict)  # the assignment's notebooks: which of the files counts
    person: dict[str, str] = field(default_factory=dict)
    time_written: str = ""
    time_read: str = ""  # in UTC
    late: bool = False


class CollectionRecord:
    """Where each student's submission came from: COURSE/.autograder/<assignment>.collected.json."""

    def __init__(self, course: Path, assignment: str) -> None:
        self.path = course / FOLDER / f"{assignment}.collected.json"
        self.students: dict[str, Collected] = {}

    @classmethod
    def read(cls, course: Path, assignment: str) -> Self:
        """The record as it was left, empty if nothing was collected."""
        record = cls(course, assignment)
        try:
            data: dict[str, Any] = json.loads(record.path.read_text(encoding="utf-8"))
            record.students = {student: Collected(**entry) for student, entry in data.items()}
        except FileNotFoundError:
            pass
        return record

    def write(self) -> None:
        """Put the record in place whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps({student: asdict(entry) for student, entry in sorted(self.students.items())}, ensure_ascii=False, indent=1)
        write_whole(self.path, f"{text}\n".encode(), None)
