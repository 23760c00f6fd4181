"""A learner takes a lesson's cells in other orders than from top to bottom: they still run."""

import contextlib
import io

import matplotlib.pyplot as plt
import pytest

from autograder.building import lesson_paths, release_notebook, source_notebook

LESSONS = [path for path in lesson_paths() if path.stem >= "05"]
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(cells, variables):
    """Execute cells one after the other in these variables, in this process: no kernel is needed to see whether they stop."""
    for cell in cells:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(cell.source, cell.id, "exec"), variables)
        plt.close("all")
        assert "stopped with" not in printed.getvalue(), cell.source  # what a comparison of trainings says of a function that fails


def sections(notebook):
    """The code cells before the first numbered section, and those of each section."""
    found = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and any(line.startswith("## ") and line[3].isdigit() for line in cell.source.splitlines()):
            found.append([])
        elif cell.cell_type == "code":
            found[-1].append(cell)
    return found[0], found[1:]


@by_lesson
def test_after_run_all_each_exercise_can_be_solved_and_its_cells_run_again(lesson):
    released, solved = code_cells(release_notebook(source_notebook(lesson))), code_cells(source_notebook(lesson))
    variables = {"__name__": "__main__"}
    run(released, variables)
    answers = [place for place, cell in enumerate(solved) if cell.id.endswith("-answer")]
    for start, end in zip(answers, [*answers[1:], len(solved)]):
        run([solved[start], *released[start + 1 : end]], variables)


@by_lesson
def test_each_section_runs_alone_after_the_first_cells(lesson):
    if lesson.stem == "06_autodiff_engine":
        pytest.skip("one class grows from section to section")
    first, others = sections(release_notebook(source_notebook(lesson)))
    for section in others:
        run([*first, *section], {"__name__": "__main__"})
