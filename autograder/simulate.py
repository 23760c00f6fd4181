"""A synthetic class: submissions made from the exercises'
declarations, to try grading without real students.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
from backprop.exercise import Exercise
from nbformat.notebooknode import NotebookNode

from .building import SOLUTIONS, exercises_of, release_notebook, source_notebook
from .course import course_notebook

# The usual shares in a class of this size: all right, nothing done, most of it with some mistakes,
# and a few who try to cheat.
REFERENCE, BLANK, HOSTILE = 0.25, 0.05, 0.02
RIGHT, UNTOUCHED = 0.6, 0.1  # of the exercises of those in between; the rest are known mistakes

MISTAKEN = '''\
def {name}(*arguments):
    """An answer with the mistake {mistake}."""
    exercise = ex.{name}
    mistake = next(mistake for mistake in exercise.mistakes if mistake.id == {mistake!r})
    names = list(exercise.draw(0, 1)[0].inputs)
    inputs = exercise.draw(0, 1)[0].inputs if exercise.on_fixed_numbers else dict(zip(names, arguments))
    return dict(exercise.mistaken(mistake, exercise.measure(inputs)))
'''
HOSTILE_ANSWERS = (
    "def {name}(*arguments):\n    while True:\n        pass",
    "def {name}(*arguments):\n    import os\n    os._exit(0)",
    "class Always:\n    def __eq__(self, other):\n        return True\n\n\ndef {name}(*arguments):\n    return Always()",
    "def {name}(*arguments):\n    print('x' * 50_000_000)\n    return float('nan')",
    "import numpy\nnumpy.testing.assert_allclose = numpy.allclose = lambda *a, **k: True\n\n\ndef {name}(*arguments):\n    return 0.0",
)


class SimulationProblem(Exception):
    """The class cannot be made; the message says why."""


def simulate(course: Path, assignment: str, *, students: int, seed: int = 0) -> list[Path]:
    """Write submissions of `students` made-up students into submitted/ and return their notebooks.

    The same seed gives the same class. SimulationProblem if the assignment is no lesson of this
    course, or has submissions already.
    """
    lesson = SOLUTIONS / f"{assignment}.py"
    if not lesson.is_file():
        known = ", ".join(path.stem for path in sorted(SOLUTIONS.glob("[0-9]*.py")))
        raise SimulationProblem(f"{assignment} is no lesson of this course. The lessons are {known}.")
    present = sorted(course.glob(f"submitted/*/{assignment}"))
    if present:
        raise SimulationProblem(f"{present[0]} is there already. A synthetic class goes only where nobody has handed anything in.")
    rng = np.random.default_rng(seed)
    written = []
    for number, notebook in enumerate(_notebooks(lesson, rng, students), start=1):
        folder = course / "submitted" / f"student{number:0{len(str(students))}d}" / assignment
        folder.mkdir(parents=True)
        written.append(folder / f"{assignment}.ipynb")
        nbformat.write(notebook, written[-1])
    return written


def _notebooks(lesson: Path, rng: np.random.Generator, students: int) -> Iterator[NotebookNode]:
    blank = release_notebook(course_notebook(lesson)[0])
    reference = {
        cell.id.removesuffix("-answer"): re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
        for cell in source_notebook(lesson).cells
        if cell.id.endswith("-answer")
    }
    exercises = {name: exercise for name, exercise in exercises_of(lesson).items() if name in reference}
    for _ in range(students):
        yield filled_in(blank, _answers(exercises, reference, rng))


def filled_in(blank: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A copy of the released notebook with these answers, by exercise, in its answer cells."""
    notebook = nbformat.from_dict(blank)
    notebook.cells = [nbformat.from_dict(cell) for cell in blank.cells]
    for cell in notebook.cells:
        name = cell.id.removesuffix("-answer")
        if cell.id.endswith("-answer") and name in answers:
            cell.source = answers[name]
    return notebook


def _answers(exercises: dict[str, Exercise], reference: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    """One student's answers."""
    kind = rng.random()
    if kind < REFERENCE:
        return reference
    if kind < REFERENCE + BLANK:
        return {}
    answers = {}
    for name, exercise in exercises.items():
        luck = rng.random()
        if luck < RIGHT or not _can_be_mistaken(exercise):
            answers[name] = reference[name]
        elif luck > RIGHT + UNTOUCHED:
            answers[name] = MISTAKEN.format(name=name, mistake=exercise.mistakes[int(rng.integers(len(exercise.mistakes)))].id)
    if kind > 1 - HOSTILE:
        name = list(exercises)[rng.integers(len(exercises))]
        answers[name] = HOSTILE_ANSWERS[rng.integers(len(HOSTILE_ANSWERS))].format(name=name)
    return answers


def _can_be_mistaken(exercise: Exercise) -> bool:
    """Whether an answer cell can make the exercise's mistakes from what it is called with."""
    return bool(exercise.mistakes) and exercise.arguments is None
