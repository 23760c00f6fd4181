"""Build notebooks from solutions/NN_name.py: the source
notebook for nbgrader, and the release for learners.

python -m autograder.building      writes notebooks/*.ipynb and the table of contents that the
                                   course map shows
"""

import copy
import inspect
import json
import re
import sys
from importlib import import_module
from pathlib import Path

import jupytext
import nbformat
from backprop.course_files import course_folder
from backprop.exercise import Exercise
from backprop.exercises.support.verdict import Verdict
from backprop.figures.catalogue import FIGURES
from backprop.helping.hints import hint_ladder
from backprop.progress.contents import FILE as CONTENTS
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = course_folder("solutions")
NOTEBOOKS = course_folder("notebooks")
IMAGES = course_folder("img")

STUB = "raise NotImplementedError()  # replace this line by yours"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
RELEASE = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ClearHiddenTests, ClearMarkScheme, ComputeChecksums)
HINTS = re.compile(r"<!-- hints: (\w+) -->")
REASONS = re.compile(r"<!-- reasons: (\w+) -->")
PROGRAM = re.compile(r"^# <!-- program: (\w+) -->$", re.MULTILINE)
ANNOTATION = re.compile(r" -> Any(?=:)|: Any(?=[,)])")
CHECK = re.compile(r"^ex\.(\w+)\.check\(", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FIGURE = re.compile(r"!\[\]\(\.\./img/(\w+)\.svg\)")


def lesson_paths(solutions: Path = SOLUTIONS) -> list[Path]:
    """The lessons' sources, in order. FileNotFoundError if there are none."""
    paths = sorted(set(solutions.glob("[0-9][0-9]_*.py")) - set(page_paths(solutions)))
    if not paths:
        raise FileNotFoundError(f"There are no lessons in {solutions}. Install the course again, or run `make setup` in a clone.")
    return paths


def page_paths(solutions: Path = SOLUTIONS) -> list[Path]:
    """The sources of notebooks that are no lessons: number 00, without graded cells."""
    return sorted(solutions.glob("00_*.py"))


def declared_in(lesson: Path) -> dict[str, Exercise]:
    """Every exercise that a lesson declares, by name.

    Those of solutions/01_chain_rule.py are in backprop.exercises.chain_rule.
    """
    return import_module(f"backprop.exercises.{lesson.stem[3:]}").EXERCISES


def exercises_of(lesson: Path) -> dict[str, Exercise]:
    """The exercises of a lesson that earn points, by name: all but the questions at its beginning.

    Page 00 has no points at all.
    """
    declared = declared_in(lesson)
    return {name: exercise for name, exercise in declared.items() if exercise.points} or declared


def source_notebook(lesson: Path) -> NotebookNode:
    """The lesson as a notebook with solutions and hidden tests.

    Every build gives the same bytes.
    """
    notebook = jupytext.read(lesson)
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python"))
    exercises = declared_in(lesson)
    for position, cell in enumerate(notebook.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{position:03d}")
        if cell.cell_type == "markdown":
            cell.source = HINTS.sub(lambda found: hint_ladder(_exercise(exercises, found[1], lesson)), cell.source)
            cell.source = REASONS.sub(lambda found: _numbered(_exercise(exercises, found[1], lesson)), cell.source)
            cell.source = FIGURE.sub(lambda found: f"![{_alt(found[1], lesson)}](../img/{found[1]}.svg)", cell.source)
        else:
            cell.source = PROGRAM.sub(lambda found: _program(found[1], lesson), cell.source)
    return notebook


def release_notebook(source: NotebookNode) -> NotebookNode:
    """The learners' version, made by nbgrader's own preprocessors.

    Solutions, hidden tests and mark schemes are removed, tests are locked, and there are no
    outputs.
    """
    notebook = copy.deepcopy(source)
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    resources: dict[str, str] = {}
    for preprocessor in RELEASE:
        notebook, resources = preprocessor(config=config).preprocess(notebook, resources)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """The notebook as the text of a file."""
    return nbformat.writes(notebook, version=4) + "\n"


def build(target: Path = NOTEBOOKS) -> list[Path]:
    """Write the release of every page and lesson into `target` and say which files these are."""
    written = []
    for lesson in [*page_paths(), *lesson_paths()]:
        path = target / f"{lesson.stem}.ipynb"
        path.write_text(notebook_text(release_notebook(source_notebook(lesson))), encoding="utf-8")
        written.append(path)
    return written


def contents_text() -> str:
    """The text of contents.json: every lesson's exercises
    in order, each with its points and its heading.
    """
    lessons = []
    for path in [*page_paths(), *lesson_paths()]:
        exercises = exercises_of(path)
        headings: list[str] = []
        tasks: dict[str, str] = {}  # the name of an exercise, and the heading that it stands under
        for cell in source_notebook(path).cells:
            if cell.cell_type == "markdown":
                headings += HEADING.findall(cell.source)
            else:
                found = [name for name in CHECK.findall(cell.source) if name in exercises and name not in tasks]
                tasks |= dict.fromkeys(found, headings[-1])
        about = [{"name": name, "points": exercises[name].points, "heading": heading} for name, heading in tasks.items()]
        lessons.append({"stem": path.stem, "title": headings[0].removeprefix(f"{path.stem[:2]} "), "tasks": about})
    return json.dumps(lessons, indent=1, ensure_ascii=False) + "\n"


def _exercise(exercises: dict[str, Exercise], name: str, lesson: Path) -> Exercise:
    if name not in exercises:
        raise ValueError(f"{lesson.name} asks for the hints of {name}, and its exercises are {', '.join(exercises)}.")
    return exercises[name]


def _program(name: str, lesson: Path) -> str:
    """The source of a function in the lesson's exercise
    module, without type annotations, to be shown.
    """
    module = import_module(f"backprop.exercises.{lesson.stem[3:]}")
    if not inspect.isfunction(getattr(module, name, None)):
        raise ValueError(f"{lesson.name} shows the program {name}, and {module.__name__} has no function of that name.")
    return ANNOTATION.sub("", inspect.getsource(getattr(module, name))).rstrip()


def _numbered(question: Exercise) -> str:
    """The reasons that a verdict chooses from, as a numbered list."""
    assert isinstance(question, Verdict)
    return "\n".join(f"{number}. {words}" for number, words in enumerate(question.reasons, 1))


def _alt(figure: str, lesson: Path) -> str:
    if figure not in FIGURES:
        raise ValueError(f"{lesson.name} shows the figure {figure}, and the figures are {', '.join(FIGURES)}.")
    return FIGURES[figure].alt


if __name__ == "__main__":
    CONTENTS.write_text(contents_text(), encoding="utf-8")
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in [*build(), CONTENTS])
