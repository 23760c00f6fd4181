"""Whatever a slip in one place of a solution makes wrong is wrong on the few public inputs too."""

import ast
import contextlib
import io

import pytest
from backprop.autodiff.settings import ours
from backprop.checking.answers import Unreadable, read_answer
from backprop.checking.comparing import Comparison
from backprop.exercise import PUBLIC_SAMPLES, PUBLIC_SEED

from autograder.building import declared_in, lesson_paths, source_notebook
from autograder.simulating.slips import with_slips
from tests.examples import LONG

LESSONS = [path for path in lesson_paths() if LONG or path.stem[:2] not in ("02", "08")]  # these take long
MANY = 60  # samples of another seed, which find nearly every wrong answer
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)


def answers_of(lesson):
    """For each function that a learner writes without a loop: the
    exercise, the solution, and the names that it finds defined.

    A slip in a loop may take for ever, or all memory.
    """
    exercises, known = declared_in(lesson), {}
    for cell in source_notebook(lesson).cells:
        if cell.cell_type != "code":
            continue
        name = cell.metadata.nbgrader.grade_id.removesuffix("-answer") if "nbgrader" in cell.metadata else ""
        exercise = exercises.get(name)
        tree = ast.parse(cell.source)
        loops = any(isinstance(part, ast.For | ast.While) for part in ast.walk(tree))
        if exercise is not None and cell.metadata.nbgrader.solution and exercise.use is None and not loops:
            yield exercise, cell.source, dict(known)
        tree.body = [part for part in tree.body if isinstance(part, KEPT)]
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):  # what needs the cells left out
            exec(compile(tree, lesson.name, "exec"), known)


def passes(exercise, code, known, seed, samples):
    """Whether the function that this code defines is right on all samples."""
    space = dict(known)
    exec(code, space)
    with ours(), contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Unreadable):
        drawn = exercise.draw(seed, 1 if exercise.on_fixed_numbers else samples)
        readings = [read_answer(exercise, space[exercise.name], sample) for sample in drawn]
        return not Comparison(exercise, drawn, readings, exercise.rtol).wrong
    return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_slip_that_many_inputs_find_is_found_by_the_public_ones(lesson):
    missed = [
        code
        for exercise, source, known in answers_of(lesson)
        for code in with_slips(source, exercise.name)
        if passes(exercise, code, known, PUBLIC_SEED, PUBLIC_SAMPLES) and not passes(exercise, code, known, 1, MANY)
    ]
    assert missed == []
