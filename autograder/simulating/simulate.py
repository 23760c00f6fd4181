"""Writes the submissions of a made-up class, and which
mistakes they contain, to try grading and reports.
"""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory

from autograder.building import SOLUTIONS, exercises_of, release_notebook
from autograder.grading.options import CourseNotFound, course_options
from autograder.markers import solved

from .wrong_answers import UNNAMED, wrong_answers

# The usual shares in a class: everything right, nothing done, most of it with some mistakes, and a
# few who try to cheat.
REFERENCE, BLANK, HOSTILE = 0.25, 0.05, 0.02
RIGHT, UNTOUCHED = 0.6, 0.1  # of the exercises of those in between; the rest are wrong
SHARED = 0.5  # of the wrong answers to an exercise have its most common misconception
DONE_RIGHT, DONE_NOTHING, DONE_HOSTILE = "right", "not started", "hostile"

HOSTILE_ANSWERS = (
    "def {name}(*arguments):\n    while True:\n        pass",
    "def {name}(*arguments):\n    import os\n    os._exit(0)",
    "class Always:\n    def __eq__(self, other):\n        return True\n\n\ndef {name}(*arguments):\n    return Always()",
    "def {name}(*arguments):\n    print('x' * 50_000_000)\n    return float('nan')",
    "import numpy\nnumpy.testing.assert_allclose = numpy.allclose = lambda *a, **k: True\n\n\ndef {name}(*arguments):\n    return 0.0",
)

Wrong = Mapping[str, Mapping[str, list[str]]]  # by exercise and misconception


class SimulationProblem(Exception):
    """The class cannot be made; the message says why."""


def simulate(course: Path, assignment: str, *, students: int, seed: int = 0) -> list[Path]:
    """Write submissions of `students` made-up students into submitted/ and return their notebooks.

    simulated/<assignment>.json says for each student and exercise what was handed in: "right", "not
    started", "hostile", or the id of the misconception, which is empty where the check has no name
    for it. The same seed gives the same class.

    SimulationProblem if this is no course, the assignment is no lesson in it, or it has submissions
    already.
    """
    directory, source = _source(course, assignment)
    present = sorted(course.glob(f"submitted/*/{assignment}"))
    if present:
        raise SimulationProblem(f"{present[0]} is there already. A synthetic class goes only where nobody has handed anything in.")
    cells = [solved(cell.source) for cell in source.cells if cell.cell_type == "code"]
    reference = {
        cell.metadata.nbgrader.grade_id.removesuffix("-answer"): solved(cell.source)
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    exercises = {name: exercise for name, exercise in exercises_of(SOLUTIONS / f"{assignment}.py").items() if name in reference}
    wrong = {name: wrong_answers(exercise, reference[name], cells, seed) for name, exercise in exercises.items()}
    released = release_notebook(source)
    written, about = [], {}
    for number, (answers, what) in enumerate(_class(wrong, reference, random.Random(seed), students), start=1):
        student = f"student{number:0{len(str(students))}d}"
        folder = Path(directory.format_path(directory.submitted_directory, student, assignment))
        folder.mkdir(parents=True)
        written.append(folder / f"{assignment}.ipynb")
        nbformat.write(filled_in(released, answers), written[-1])
        about[student] = what
    _write_truth(course / "simulated" / f"{assignment}.json", about)
    return written


def _source(course: Path, assignment: str) -> tuple[CourseDirectory, NotebookNode]:
    try:
        _, directory = course_options(course)
    except CourseNotFound as problem:
        raise SimulationProblem(str(problem)) from None
    path = Path(directory.format_path(directory.source_directory, ".", assignment)) / f"{assignment}.ipynb"
    if not (path.is_file() and (SOLUTIONS / f"{assignment}.py").is_file()):
        known = ", ".join(sorted(found.name for found in path.parents[1].glob("*") if (SOLUTIONS / f"{found.name}.py").is_file()))
        raise SimulationProblem(f"{assignment} is no lesson of this course. Its lessons are {known or 'none'}.")
    return directory, nbformat.read(path, as_version=4)


def _write_truth(path: Path, about: dict[str, dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def filled_in(released: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """A copy of the released notebook with these answers, by exercise, in its answer cells."""
    notebook = nbformat.from_dict(released)
    notebook.cells = [nbformat.from_dict(cell) for cell in released.cells]
    for cell in notebook.cells:
        name = cell.id.removesuffix("-answer")
        if cell.id.endswith("-answer") and name in answers:
            cell.source = answers[name]
    return notebook


def _class(
    wrong: Wrong, reference: Mapping[str, str], rng: random.Random, students: int
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """For each student the answers by exercise, and what they are."""
    common = {name: rng.choice(_named(found)) for name, found in wrong.items() if found}
    for _ in range(students):
        kind = rng.random()
        if kind < REFERENCE:
            yield dict(reference), dict.fromkeys(wrong, DONE_RIGHT)
        elif kind < REFERENCE + BLANK:
            yield {}, dict.fromkeys(wrong, DONE_NOTHING)
        else:
            answers, what = _in_between(wrong, reference, common, rng)
            if kind > 1 - HOSTILE:
                name = rng.choice(list(wrong))
                answers[name], what[name] = rng.choice(HOSTILE_ANSWERS).format(name=name), DONE_HOSTILE
            yield answers, what


def _in_between(
    wrong: Wrong, reference: Mapping[str, str], common: Mapping[str, str], rng: random.Random
) -> tuple[dict[str, str], dict[str, str]]:
    """A student who is right here and wrong there."""
    answers = {name: text for name, text in reference.items() if name not in wrong}
    what: dict[str, str] = {}
    for name, found in wrong.items():
        luck = rng.random()
        if luck < RIGHT or (luck > RIGHT + UNTOUCHED and not found):
            answers[name], what[name] = reference[name], DONE_RIGHT
        elif luck < RIGHT + UNTOUCHED:
            what[name] = DONE_NOTHING
        else:
            mistake = common[name] if rng.random() < SHARED else rng.choice(_named(found))
            answers[name], what[name] = rng.choice(found[mistake]), mistake
    return answers, what


def _named(found: Mapping[str, list[str]]) -> list[str]:
    """The misconceptions that the check names.

    Wrong answers without a name are used only if there are no others.
    """
    return [mistake for mistake in sorted(found) if mistake != UNNAMED] or [UNNAMED]
