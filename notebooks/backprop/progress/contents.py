"""The contents of the course: its lessons and their exercises in order, from contents.json.

That file is built from the lessons, together with the notebooks, because links lead to their
headings.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("contents.json")


@dataclass(frozen=True)
class Task:
    """An exercise as it stands in its lesson: the first has number 1."""

    name: str
    number: int
    points: int
    heading: str


@dataclass(frozen=True)
class Lesson:
    """A lesson, or the page before the first one. `stem` is its notebook's name: 01_chain_rule."""

    stem: str
    title: str
    tasks: tuple[Task, ...]

    @property
    def number(self) -> str:
        """Its number, two digits."""
        return self.stem[:2]

    @property
    def points(self) -> int:
        """What all its exercises are worth."""
        return sum(task.points for task in self.tasks)


@lru_cache(maxsize=1)
def course() -> tuple[Lesson, ...]:
    """Every lesson, in order."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Lesson(lesson["stem"], lesson["title"], tuple(Task(number=number, **task) for number, task in enumerate(lesson["tasks"], 1)))
        for lesson in found
    )


def lesson_of(exercise: str) -> Lesson | None:
    """The lesson that has the exercise of that name."""
    return next((lesson for lesson in course() for task in lesson.tasks if task.name == exercise), None)
