"""Which lessons a course has, and which of their exercises are solved in it from the beginning."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from .building import exercises_of, lesson_paths, page_paths
from .markers import solved, without_hidden_tests

SOLVED = "*This exercise is solved here, and earns no points.*"


class SelectionProblem(Exception):
    """There is no such lesson or exercise; the message lists those that there are."""


def chosen_lessons(asked: Iterable[str]) -> list[Path]:
    """The sources of the lessons asked for, by number
    ("01") or name ("01_chain_rule"), in the course's order.

    All of them, with the page that is no lesson, if none is asked for. SelectionProblem if one is
    unknown.
    """
    everything = [*page_paths(), *lesson_paths()]
    names = [name for entry in asked for name in re.split(r"[\s,]+", entry) if name]
    unknown = [name for name in names if not any(_is(path, name) for path in everything)]
    if unknown:
        known = ", ".join(path.stem for path in everything)
        raise SelectionProblem(f"There is no lesson {', '.join(unknown)}. The lessons are {known}; their numbers will do.")
    return [path for path in everything if not names or any(_is(path, name) for name in names)]


def is_lesson(name: str) -> bool:
    """Whether this is a lesson's number or name."""
    return any(_is(path, name) for path in [*page_paths(), *lesson_paths()])


def _is(path: Path, name: str) -> bool:
    return name in (path.stem, path.stem[:2])


def check_exercises(lessons: Collection[Path], names: Collection[str]) -> None:
    """SelectionProblem if a name is no graded exercise of these lessons."""
    graded = {lesson.stem: [name for name, exercise in exercises_of(lesson).items() if exercise.points] for lesson in lessons}
    unknown = sorted(set(names) - {name for exercises in graded.values() for name in exercises})
    if unknown:
        known = "; ".join(f"{stem}: {', '.join(exercises)}" for stem, exercises in graded.items() if exercises)
        raise SelectionProblem(f"There is no graded exercise {', '.join(unknown)} in these lessons. The exercises are {known}.")


def solve(notebook: NotebookNode, names: Collection[str]) -> None:
    """Turn these exercises into worked examples: the solution
    in an ordinary cell, the visible check below it, no points.

    The answer stays, because later cells of a lesson may call it.
    """
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        name = grade_id.removesuffix("-answer")
        if name not in names:
            continue
        del cell.metadata["nbgrader"]
        cell.source = without_hidden_tests(solved(cell.source)).rstrip("\n")
    for name in names:
        _say_so(notebook, name)


def _say_so(notebook: NotebookNode, name: str) -> None:
    """Under the text that stands above the answer."""
    position = next((position for position, cell in enumerate(notebook.cells) if cell.id == f"{name}-answer"), None)
    if position:
        notebook.cells[position - 1].source += f"\n\n{SOLVED}"
