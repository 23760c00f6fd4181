"""Misconceptions over several assignments: those
that a student shows in one and again in a later one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.findings.data import SubmissionFindings


@dataclass(frozen=True)
class Persisting:
    """A misconception seen in several assignments.

    assignments  how many students show it in each
    again        how many students show it in two assignments or more
    """

    id: str
    words: str
    assignments: dict[str, int]
    again: int


def persisting(findings: Mapping[str, Mapping[str, SubmissionFindings]]) -> list[Persisting]:
    """The misconceptions in more than one assignment,
    by assignment and student, the most frequent first.
    """
    shown: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    words: dict[str, str] = {}
    for assignment, students in findings.items():
        for student, one in students.items():
            for exercise in one.exercises:
                if exercise.mistake:
                    shown[exercise.mistake][assignment].add(student)
                    words.setdefault(exercise.mistake, exercise.words)
    found = [
        Persisting(name, words[name], {assignment: len(students) for assignment, students in places.items()}, _again(places))
        for name, places in shown.items()
        if len(places) > 1
    ]
    return sorted(found, key=lambda one: (-one.again, -sum(one.assignments.values()), one.id))


def _again(places: Mapping[str, set[str]]) -> int:
    counts: dict[str, int] = defaultdict(int)
    for students in places.values():
        for student in students:
            counts[student] += 1
    return sum(count > 1 for count in counts.values())
