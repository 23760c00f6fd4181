"""A lesson works in the order in which a learner runs it: again
after Run All, exercise by exercise, and from any section on.

The cells run in this process, one namespace a run, without a kernel, so a lesson takes seconds.
Long trainings are shortened: the test is that every name exists and fits the cell.
"""

import ast
import contextlib
import io
import re

import matplotlib
import pytest

from autograder.building import declared_in, lesson_paths, release_notebook, source_notebook

LESSONS = lesson_paths()
LONG = re.compile(r"\b\d+_000\b")  # steps of a training
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def figures_are_closed():
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(cell, namespace):
    """Run a cell as a notebook does, and return the value of its last line."""
    tree = ast.parse(LONG.sub("20", cell.source))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, cell.id, "exec"), namespace)
            value = eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace) if last else None
    except Exception as error:
        pytest.fail(f"{cell.id}: {type(error).__name__}: {error}\n{cell.source}")
    assert "stopped with" not in printed.getvalue(), cell.source  # what a race says of a function that fails
    return value


@by_lesson
def test_after_run_all_each_exercise_can_be_solved_and_its_following_cells_run_again(lesson):
    released, solved = release_notebook(source_notebook(lesson)), source_notebook(lesson)
    answers = {cell.id: cell for cell in code_of(solved)}
    namespace = {"__name__": "__main__"}
    for cell in code_of(released):
        run(cell, namespace)
    worth = {name: exercise.points for name, exercise in declared_in(lesson).items()}
    answered = False
    for cell in code_of(released):
        answer = cell.id.endswith("-answer")
        answered = answered or answer
        if answered:
            value = run(answers[cell.id] if answer else cell, namespace)
            if cell.id in worth:
                assert float(value) == worth[cell.id], cell.id


@pytest.mark.parametrize("lesson", [path for path in LESSONS if path.stem != "06_autodiff_engine"], ids=lambda path: path.stem)
def test_each_section_runs_after_the_imports_alone(lesson):
    notebook = release_notebook(source_notebook(lesson))
    imports = code_of(notebook)[0]
    sections = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"^## ", cell.source, re.MULTILINE):
            sections.append([])
        if cell.cell_type == "code":
            sections[-1].append(cell)
    assert len(sections) > 3
    for section in sections[1:]:
        namespace = {"__name__": "__main__"}
        for cell in (imports, *section):
            run(cell, namespace)
