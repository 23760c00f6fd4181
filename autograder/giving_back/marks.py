"""The marks of an assignment, from nbgrader's gradebook, and who the students are on a platform."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader import api
from sqlalchemy import select

from autograder.collecting.collect import ROSTER
from autograder.collecting.handins import Person
from autograder.collecting.record import CollectionRecord
from autograder.collecting.roster import Participant, read_roster
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.options import course_options


@dataclass(frozen=True)
class Mark:
    """What one student has: `score` after the late penalty, and the points by exercise."""

    student: str
    score: float
    late_penalty: float
    waits: bool  # for a person to mark something
    exercises: dict[str, float | None]
    person: Person


@dataclass(frozen=True)
class Marks:
    """All marks of an assignment, with its exercises in order and what each is worth."""

    assignment: str
    most: float
    exercises: dict[str, float]
    students: dict[str, Mark] = field(default_factory=dict)

    def participants(self) -> list[Participant]:
        """The students, to be found by whatever a platform says of them."""
        return [Participant(student, mark.person) for student, mark in self.students.items()]


def read_marks(course: Path, assignment: str) -> Marks:
    """The marks as they are now.

    GradebookProblem if there is no such assignment; CourseNotFound if this is no course.
    """
    config, directory = course_options(course)
    with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
        plan = records.assignment(assignment)
        scores = records.scores(assignment)
    with api.Gradebook(directory.db_url, directory.course_id) as gradebook:
        points = _points(gradebook, assignment)
        known = {row.id: row for row in gradebook.students}
        order = _order(gradebook, assignment)
    worth = {name: cell.max_score for notebook in plan.notebooks.values() for name, cell in (notebook.graded | notebook.tasks).items()}
    exercises = {name: worth[name] for name in sorted(worth, key=lambda name: order.get(name, len(order)))}
    people = _people(course, assignment, known)
    marks = {
        student: Mark(
            student,
            score.score,
            score.late_penalty,
            score.needs_manual_grade,
            {name: points[student].get(name) for name in exercises},
            people.get(student, Person()),
        )
        for student, score in scores.items()
    }
    return Marks(assignment, sum(exercises.values()), exercises, marks)


def _points(gradebook: api.Gradebook, assignment: str) -> dict[str, dict[str, float | None]]:
    """By student, the score of every graded cell."""
    query = (
        select(api.SubmittedAssignment.student_id, api.BaseCell.name, api.Grade.score)
        .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
        .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        .where(api.Assignment.name == assignment)
    )
    points: dict[str, dict[str, float | None]] = defaultdict(dict)
    for student, name, score in gradebook.db.execute(query):
        points[student][name] = score
    return points


def _order(gradebook: api.Gradebook, assignment: str) -> dict[str, int]:
    """The places of graded cells, as nbgrader saved them: in the order of the notebooks."""
    notebooks = gradebook.find_assignment(assignment).notebooks
    names = [cell.name for notebook in sorted(notebooks, key=lambda one: one.name) for cell in notebook.source_cells]
    return {name: place for place, name in enumerate(names)}


def _people(course: Path, assignment: str, known: dict[str, api.Student]) -> dict[str, Person]:
    """Who the students are, from the record of collecting,
    the list of participants, and the gradebook.
    """
    people = {student: Person(**entry.person) for student, entry in CollectionRecord.read(course, assignment).students.items()}
    if (course / ROSTER).is_file():
        for one in read_roster(course / ROSTER):
            people[one.student_id] = _joined(one.person, people.get(one.student_id, Person()))
    for student, row in known.items():
        name = " ".join(filter(None, (row.first_name, row.last_name)))
        in_book = Person(name=name, email=row.email or "", id_number=row.lms_user_id or "", login=student)
        people[student] = _joined(people.get(student, Person()), in_book)
    return people


def _joined(first: Person, second: Person) -> Person:
    """What either says; where both do, the first."""
    return replace(second, **{key: text for key, text in vars(first).items() if text})
