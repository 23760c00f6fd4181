"""What a check costs in processor time, torch loaded: `python
-m tests.bench.checks [EXERCISE ...]`. Figures, not tests.

right    the right answer
named    the known mistakes of the exercise, the dearest of them
unnamed  an answer to which no name fits: PyTorch's numbers, all changed a little
each     with nothing kept from an earlier check, and once more
"""

import statistics
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from backprop.checking.examining import examine
from backprop.checking.loop import loop_of
from backprop.checking.recorded import forget
from backprop.questions.question import PUBLIC_SAMPLES, PUBLIC_SEED, draw_samples, mistaken_answer

from tests.backprop.checking.formulas import FORMULAS
from tests.course import EXERCISES, replay

GOAL, GOAL_OF = 50, {"train": 150, "deep_chain": 150, "train_model": 150, "train_minibatches": 150}  # ms
RUNS = 5
Times = tuple[float, float]  # ms of the first check and of the second


@dataclass(frozen=True)
class Cost:
    """The times of one exercise's checks."""

    name: str
    right: Times
    named: Times
    unnamed: Times

    @property
    def worst(self) -> float:
        """The dearest check."""
        return max(*self.right, *self.named, *self.unnamed)

    @property
    def goal(self) -> int:
        """What it should not exceed."""
        return GOAL_OF.get(self.name, GOAL)


def forget_everything() -> None:
    """Clear all that checks keep."""
    draw_samples.cache_clear()
    mistaken_answer.cache_clear()
    loop_of.cache_clear()
    forget()


def times(exercise: Any, answers: Callable[[Any], Any]) -> Times:
    """Median milliseconds of processor time of a check
    with nothing kept, and of the same check again.
    """
    firsts, seconds = [], []
    for _ in range(RUNS):
        prepared = [answers(sample) for sample in exercise.draw(PUBLIC_SEED, 1 if exercise.on_fixed_numbers else PUBLIC_SAMPLES)]
        forget_everything()
        for found in (firsts, seconds):
            answer = replay(prepared)
            start = time.process_time()
            examine(exercise, answer, seed=PUBLIC_SEED, samples=PUBLIC_SAMPLES, rtol=exercise.rtol)
            found.append(1e3 * (time.process_time() - start))
    return statistics.median(firsts), statistics.median(seconds)


def cost(exercise: Any) -> Cost:
    """What the checks of one exercise cost."""
    right = times(exercise, lambda sample: sample.truth)
    mistakes = (*exercise.mistakes, *FORMULAS.get(exercise, ()))[::5]
    named = [times(exercise, lambda sample, one=mistake: exercise.mistaken(one, sample)) for mistake in mistakes]
    unnamed = times(exercise, lambda sample: _arbitrary(exercise, sample))
    return Cost(exercise.name, right, max(named, default=right), unnamed)


def _arbitrary(exercise: Any, sample: Any) -> dict[str, np.ndarray]:
    """Numbers that no mistake gives; a training loop's first loss, before any step, is right."""
    found = {ask: np.array(value) * 1.2345 + 0.01 for ask, value in sample.truth.items()}
    if exercise.training is not None:
        found["losses"][0] = sample.truth["losses"][0]
    return found


def report(names: Collection[str] = ()) -> None:
    """Measure, and print a line for each exercise,
    the dearest last; of all, or of those called so.
    """
    examine(EXERCISES[0], replay([{}]), seed=PUBLIC_SEED, samples=1, rtol=1e-6)  # loads torch
    costs = sorted((cost(exercise) for exercise in EXERCISES if not names or exercise.name in names), key=lambda one: one.worst)
    print("check, ms of processor time     right           named           unnamed      first, again")
    for one in costs:
        cells = "".join(f"{first:8.1f}{again:8.1f}" for first, again in (one.right, one.named, one.unnamed))
        print(f"  {one.name:26s}{cells}{'   over its goal of ' + str(one.goal) if one.worst > one.goal else ''}")
    firsts = [one.unnamed[0] for one in costs]
    print(
        f"  median of all, unnamed, first: {statistics.median(firsts):.1f}; over their goal: {sum(one.worst > one.goal for one in costs)}"
    )


if __name__ == "__main__":
    report(sys.argv[1:])
