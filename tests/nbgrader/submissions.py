"""Submissions as students might hand them in, written from the course's own notebooks."""

from pathlib import Path

import nbformat
from backprop.exercise import Exercise, Mistake
from nbformat.notebooknode import NotebookNode

from autograder.building import exercises_of, release_notebook, source_notebook
from autograder.course import course_notebook
from autograder.markers import solved as without_markers
from tests.flawed_engines import cells, flawed

WRONG = '''\
def {name}(*arguments):
    """What someone answers who makes the mistake {mistake}."""
    if ex.{name}.on_fixed_numbers:
        arguments = ex.{name}.draw(0, 1)[0].inputs.values()
    inputs = dict(zip(ex.{name}.draw(0, 1)[0].inputs, arguments))
    mistake = next(mistake for mistake in ex.{name}.mistakes if mistake.id == "{mistake}")
    return ex.{name}.mistaken(mistake, ex.{name}.measure(inputs))
'''


def blank(lesson: Path) -> NotebookNode:
    """The release as the course hands it out."""
    return release_notebook(course_notebook(lesson)[0])


def answered(lesson: Path, answers: dict[str, str]) -> NotebookNode:
    """The release with the answer cells of some exercises filled in."""
    notebook = blank(lesson)
    for cell in notebook.cells:
        name = cell.id.removesuffix("-answer")
        if cell.id.endswith("-answer") and name in answers:
            cell.source = answers[name]
    return notebook


def answers_of(lesson: Path) -> dict[str, str]:
    """The reference's answer to each exercise."""
    cells = source_notebook(lesson).cells
    return {cell.id.removesuffix("-answer"): without_markers(cell.source) for cell in cells if cell.id.endswith("-answer")}


def solved(lesson: Path, names: list[str] | None = None) -> NotebookNode:
    """The reference's answers to all exercises, or to those named."""
    return answered(lesson, {name: text for name, text in answers_of(lesson).items() if names is None or name in names})


def mistaken(lesson: Path, choice: dict[str, Mistake]) -> NotebookNode:
    """One mistake for each exercise, with only answers,
    tests and what they need, so that it runs quickly.
    """
    exercises = exercises_of(lesson)
    engine = cells(lesson) if any(exercise.use and exercise.subject for exercise in exercises.values()) else {}
    wrong = {
        name: flawed(name, mistake.id) if exercises[name].use else WRONG.format(name=name, mistake=mistake.id)
        for name, mistake in choice.items()
    }
    notebook = answered(lesson, wrong)
    imports = nbformat.v4.new_code_cell(f"import numpy as np\nfrom backprop.exercises import {lesson.stem[3:]} as ex", id="imports")
    kept = [imports]
    for cell in notebook.cells:
        if cell.id.removesuffix("-answer") in exercises or cell.id in engine:
            kept.append(cell)
        if cell.id in exercises and engine:  # later answers build on this one: a cell of the student's own puts it right again
            kept.append(nbformat.v4.new_code_cell(engine[f"{cell.id}-answer"], id=f"{cell.id}-again"))
    notebook.cells = kept
    return notebook


def rounds_of_mistakes(exercises: dict[str, Exercise]) -> list[dict[str, Mistake]]:
    """Choices of one mistake for each exercise, such that each mistake occurs once.

    Exercises that pass a function are left out: its program is in the other process, so no answer
    can compute the mistake. So are those that measure what a function does: a mistake is what was
    measured, and no answer. tests/corpus has wrong answers to them.
    """
    exercises = {
        name: exercise for name, exercise in exercises.items() if exercise.arguments is None and (exercise.use is None or exercise.subject)
    }
    most = max(len(exercise.mistakes) for exercise in exercises.values())
    return [{name: exercise.mistakes[k] for name, exercise in exercises.items() if k < len(exercise.mistakes)} for k in range(most)]


def hand_in(course: Path, student: str, lesson: Path, notebook: NotebookNode) -> Path:
    """Put a submission where nbgrader collects them."""
    folder = course / "submitted" / student / lesson.stem
    folder.mkdir(parents=True)
    path = folder / f"{lesson.stem}.ipynb"
    nbformat.write(notebook, path)
    return path
