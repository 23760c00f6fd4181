"""Wrong answers to a lesson's exercises, sorted by the misconception that the check names."""

import ast
import contextlib
import io
import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from backprop.checking.examining import examine
from backprop.exercise import PUBLIC_SAMPLES, PUBLIC_SEED, Exercise

from .slips import with_slips

MOST_TRIED = 40  # slips of an exercise
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
UNNAMED = ""  # the misconception of wrong answers for which the check has no name


def wrong_answers(exercise: Exercise, source: str, cells: Iterable[str], seed: int) -> dict[str, list[str]]:
    """Wrong answers by the id of the misconception that
    the check names; those without a name under UNNAMED.

    source  the answer cell of the solution
    cells   the code of the solved lesson, whose definitions an answer may use
    """
    slips = list(dict.fromkeys(with_slips(source, exercise.name)))
    random.Random(f"{seed} {exercise.name}").shuffle(slips)
    space = _definitions(cells)
    found: dict[str, list[str]] = defaultdict(list)
    for slip in slips[:MOST_TRIED]:
        named = _named(exercise, slip, space)
        if named is not None:
            found[named].append(slip)
    return dict(found)


def _named(exercise: Exercise, source: str, space: dict[str, Any]) -> str | None:
    """What the check says to an answer; None if it is right, or cannot be judged."""
    own = dict(space)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(source, "<a slip>", "exec"), own)
            report = examine(exercise, own[exercise.name], seed=PUBLIC_SEED, samples=PUBLIC_SAMPLES, rtol=exercise.rtol)
        except Exception:
            return None
    if report.passed or report.problem:
        return None
    return report.mistake.id if report.mistake is not None else UNNAMED


def _definitions(cells: Iterable[str]) -> dict[str, Any]:
    """The imports, functions and classes of a notebook, without running anything else of it."""
    space: dict[str, Any] = {}
    for cell in cells:
        with contextlib.suppress(Exception):  # a magic, or a definition that needs what was left out
            parts: list[ast.stmt] = [part for part in ast.parse(cell).body if isinstance(part, DEFINITIONS)]
            exec(compile(ast.Module(parts, []), "<the lesson>", "exec"), space)
    return space
