"""What many tests need: the lessons, their exercises, and the reference solutions as functions."""

from dataclasses import replace
from functools import cache, partial
from importlib import import_module

import matplotlib
import numpy as np
from backprop.checking.examining import examine
from backprop.checking.report import Report
from backprop.exercise import Exercise, Mistake, Sample

from autograder.building import lesson_paths, source_notebook

matplotlib.use("Agg")

LESSONS = [path.stem for path in lesson_paths()]
DECLARED: list[Exercise] = [
    exercise for lesson in LESSONS for exercise in import_module(f"backprop.exercises.{lesson[3:]}").EXERCISES.values()
]
# An exercise whose check uses a class is tested here as a function of its inputs; test_engines.py
# tests classes.
EXERCISES: list[Exercise] = [replace(exercise, use=None) if exercise.use else exercise for exercise in DECLARED]
MISTAKES: list[tuple[Exercise, Mistake]] = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]
FUNCTIONS = [exercise for exercise in EXERCISES if not exercise.on_fixed_numbers]


def name(thing) -> str:
    """A readable test id."""
    if isinstance(thing, tuple):
        return "-".join(map(name, thing))
    return getattr(thing, "name", None) or getattr(thing, "id", None) or str(thing)


@cache
def references() -> dict[str, object]:
    """The reference solution of every exercise as
    a function, from the lessons' own answer cells.
    """
    found: dict[str, object] = {}
    for path in lesson_paths():
        namespace: dict[str, object] = {}
        for cell in source_notebook(path).cells:
            if cell.cell_type == "code" and ("def " in cell.source or "import" in cell.source):
                exec(compile(cell.source, f"{path.name}:{cell.id}", "exec"), namespace)
        for exercise in import_module(f"backprop.exercises.{path.stem[3:]}").EXERCISES.values():
            answer = namespace[exercise.subject or exercise.name]
            found[exercise.name] = partial(exercise.use, answer) if exercise.use else answer
    return found


def check(exercise: Exercise, answer, seed: int = 0, samples: int = 6, rtol: float | None = None) -> Report:
    """The report on `answer`, without showing it."""
    return examine(exercise, answer, seed=seed, samples=samples, rtol=rtol or exercise.rtol)


def replay(answers):
    """A function that returns the given answers one after the other, whatever it is called with."""
    remaining = iter(answers)

    def answer(*_):
        return next(remaining)

    return answer


def check_values(exercise: Exercise, answer_at, seed: int, samples: int = 6) -> Report:
    """The report on answer_at(sample), a dict by link, for each sample."""
    drawn = exercise.draw(seed, 1 if exercise.on_fixed_numbers else samples)
    return check(exercise, replay([answer_at(sample) for sample in drawn]), seed, samples)


def truth(sample: Sample) -> dict[str, np.ndarray]:
    """PyTorch's answers, as copies."""
    return {ask: np.array(value) for ask, value in sample.truth.items()}


def deserved(exercise: Exercise, mistake: Mistake, drawn) -> float:
    """The points that a mistake leaves: an equal share
    for every link that is right on all samples drawn.
    """
    same = 0
    for ask in exercise.asks:
        pairs = [(exercise.mistaken(mistake, sample)[ask], sample.truth[ask]) for sample in drawn]
        same += all(np.shape(wrong) == np.shape(right) and np.allclose(wrong, right, rtol=1e-9, atol=1e-12) for wrong, right in pairs)
    return round(exercise.points * same / len(exercise.asks), 2)
