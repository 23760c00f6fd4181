"""Where a learner stands in a lesson: what is right, what it earned, and what is next."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..translation import N_, _
from .contents import Lesson, Task, course
from .records import Record


@dataclass(frozen=True)
class LessonStanding:
    """A lesson beside the records of its exercises."""

    lesson: Lesson
    records: Mapping[str, Record]

    def state(self, task: Task) -> str:
        """How far an exercise is, as it is said in English: right, partly right, tried, or open."""
        record = self.records.get(task.name, Record())
        if record.right:
            return N_("right")
        return N_("partly right") if record.points else N_("tried") if record.attempts else N_("open")

    def earned(self, task: Task) -> float:
        """The best points seen."""
        record = self.records.get(task.name, Record())
        return task.points if record.right else min(record.points, task.points)

    def attempts(self, task: Task) -> int:
        """How often it was checked after it had been started."""
        return self.records.get(task.name, Record()).attempts

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(self.state(task) == "right" for task in self.lesson.tasks)

    @property
    def points(self) -> float:
        """The points of all exercises together."""
        return round(sum(map(self.earned, self.lesson.tasks)), 2)

    @property
    def share(self) -> float:
        """The share of the lesson that is done, from 0 to 1:
        of its points or, if it has none, of its exercises.
        """
        return self.points / self.lesson.points if self.lesson.points else self.right / len(self.lesson.tasks)

    @property
    def next(self) -> Task | None:
        """The first exercise that is not right yet."""
        return next((task for task in self.lesson.tasks if self.state(task) != "right"), None)

    @property
    def sentence(self) -> str:
        """How many are right and what is next: the line under a report."""
        many = len(self.lesson.tasks)
        if self.next:
            so_far = _("{right} of {count} right in this lesson.", right=self.right, count=many)
            return f"{so_far} {next_is(f'{self.next.number} {self.next.name}')}"
        whole = _("The exercise of this page is right.") if many == 1 else _("All {count} of this lesson are right.", count=many)
        ahead = after(self.lesson, self.records)
        last = next_is(f"{ahead.lesson.number} {ahead.lesson.title}") if ahead else _("So is the whole course.")
        return f"{whole} {last}"


def next_is(name: str) -> str:
    """What comes next, as a sentence."""
    return _("Next: {name}.", name=name)


def standings(records: Mapping[str, Record]) -> list[LessonStanding]:
    """One for each lesson, in order."""
    return [LessonStanding(lesson, records) for lesson in course()]


def first_unfinished(records: Mapping[str, Record]) -> Lesson:
    """The first lesson that is not all right; page 00 where the whole course is."""
    return next((standing.lesson for standing in standings(records) if standing.next), course()[0])


def after(lesson: Lesson, records: Mapping[str, Record]) -> LessonStanding | None:
    """The first lesson after `lesson`, else the first before it, that is not all right."""
    every = standings(records)
    place = next(number for number, standing in enumerate(every) if standing.lesson == lesson)
    return next((standing for standing in every[place + 1 :] + every[:place] if standing.next), None)
