"""The findings of collecting, as data: a kind, the student concerned, and words."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Kind(Enum):
    """What a note is about; the value is its heading."""

    MISSING = "handed in nothing"
    LATE = "late, by the platform's word"
    KEPT = "the same as collected before, or older"
    REPLACED = "newer than collected before"
    UNKNOWN = "not in the list of participants"
    AMBIGUOUS = "nobody can be told to be the one who handed this in"
    TWICE = "handed in more than once"
    SEVERAL = "several copies of the notebook"
    NO_NOTEBOOK = "no notebook of this assignment"
    UNREADABLE = "a notebook that cannot be read"
    STRANGE = "other notebooks"
    REFUSED = "files that were refused"
    NOT_NAMED = "files whose names do not say whose they are"
    TIME = "times that are not certain"


FOR_INFORMATION = {Kind.MISSING, Kind.LATE, Kind.KEPT, Kind.REPLACED}


@dataclass(frozen=True)
class Note:
    """One thing that somebody should know."""

    kind: Kind
    who: str  # a student's id, or a file
    words: str = ""


@dataclass
class CollectionSummary:
    """What a run of `collect` did."""

    platforms: dict[str, str] = field(default_factory=dict)  # by source: the platform's title
    collected: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    participants: int = 0
    passed_over: int = 0  # files that systems leave behind
    notes: list[Note] = field(default_factory=list)
    notes_file: Path | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should look at something."""
        return any(note.kind not in FOR_INFORMATION for note in self.notes)

    def note(self, kind: Kind, who: str, words: str = "") -> None:
        """Add a note, once."""
        note = Note(kind, who, words)
        if note not in self.notes:
            self.notes.append(note)

    def of(self, kind: Kind) -> list[Note]:
        """The notes of a kind."""
        return [note for note in self.notes if note.kind is kind]
