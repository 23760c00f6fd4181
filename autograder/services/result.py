"""What grading one notebook found, as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.pages.exercises import Grade, GradedExercise, MarkedStanding, exercises_of, untouched_answers


@dataclass(frozen=True)
class ExerciseResult:
    """One graded cell.

    points    None while it waits for a person
    title     the heading that the exercise stands under
    words     what the check said, for the student
    first     the first wrong link; empty if there is none, or only one link
    mistake   the id of the misconception that was named
    """

    name: str
    title: str
    standing: MarkedStanding
    points: float | None
    most: float
    words: tuple[str, ...] = ()
    first: str = ""
    mistake: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "standing": self.standing.value,
            "points": self.points,
            "max_points": self.most,
            "first_wrong_link": self.first,
            "mistake": self.mistake,
            "words": list(self.words),
        }


@dataclass(frozen=True)
class Result:
    """One hand-in, graded.

    problem  why nothing could be graded, in words for the student; empty if it could
    flags    what a person should look at; not for the student
    """

    assignment: str
    exercises: tuple[ExerciseResult, ...] = ()
    flags: tuple[str, ...] = ()
    problem: str = ""
    sandbox: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        """The points so far."""
        return sum(one.points or 0.0 for one in self.exercises)

    @property
    def most(self) -> float:
        """The most points."""
        return sum(one.most for one in self.exercises)

    @property
    def waiting(self) -> list[str]:
        """The exercises that a person has to mark."""
        return [one.name for one in self.exercises if one.points is None]

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "assignment": self.assignment,
            "points": self.points,
            "max_points": self.most,
            "problem": self.problem,
            "exercises": [one.as_dict() for one in self.exercises],
            "waiting_for_a_person": self.waiting,
            "flags": list(self.flags),
            "sandbox": self.sandbox,
            "seconds": round(self.seconds, 2),
        }


def results_of(notebook: NotebookNode) -> Iterator[ExerciseResult]:
    """The exercises of a graded notebook, in its order."""
    for exercise in exercises_of(notebook, dict(_grades(notebook)), {}, untouched_answers(notebook)):
        report = exercise.report or {}
        wrong = [row["link"] for row in exercise.rows if row["kind"] == "wrong"]
        yield ExerciseResult(
            name=exercise.name,
            title=exercise.section,
            standing=exercise.standing,
            points=exercise.grade.score,
            most=exercise.grade.most,
            words=tuple(_words(exercise)),
            first=wrong[0] if wrong and len(exercise.rows) > 1 else "",
            mistake=report.get("mistake") or "",
        )


def _grades(notebook: NotebookNode) -> Iterator[tuple[str, Grade]]:
    for cell in notebook.cells:
        if utils.is_task(cell):
            yield cell.metadata.nbgrader.grade_id, Grade(None, float(cell.metadata.nbgrader.points), waits=True)
        elif utils.is_grade(cell):
            score, most = utils.determine_grade(cell)
            yield cell.metadata.nbgrader.grade_id, Grade(None if score is None else float(score), float(most), waits=score is None)


def _words(exercise: GradedExercise) -> Iterator[str]:
    """The check's words; for a test without a report, the
    error without its traceback, which quotes the hidden test.
    """
    if exercise.standing is MarkedStanding.UNTOUCHED:
        yield "The answer is as it was handed out."
    elif exercise.standing is MarkedStanding.WAITING:
        yield "This is marked by hand."
    elif exercise.standing is MarkedStanding.RIGHT:
        yield "Right."
    elif exercise.report:
        yield exercise.report["headline"]
        yield from exercise.report["advice"]
    else:
        for made in exercise.outputs[:3]:
            if made.output_type == "error":
                yield f"{made.ename}: {made.evalue}".rstrip(": ")
            elif made.output_type == "stream":
                yield str(made.text).strip()
