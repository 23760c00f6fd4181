"""One move in each picture, for the tests of every picture and for the benchmark."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Each picture on the largest network that it is made for: how to open it, and the control to move,
# between two numbers. A button is pressed repeatedly.
MOVES = {
    "graph explorer, 4-4-2": ("explore('four_four_two')", "value", (-2.0, 2.0)),
    "graph explorer, 1-2-1": ("explore('one_two_one')", "x", (-2.0, 2.0)),
    "stepper": ("step_through('one_two_one')", "next", None),
    "fill in, new numbers": ("fill_in('one_two_one')", "new", None),
    "path explorer": ("follow_paths('four_four_two', 'w1_31')", "value", (-2.0, 2.0)),
    "growing network": ("grow_deep()", "depth", (1, 8)),
    "depth explorer": ("explore_depth(60, 100)", "c", (0.2, 4.0)),
    "attention explorer": ("explore_attention()", "factor", (0.1, 5.0)),
    "convolution explorer": ("explore_convolution()", "x0", (-3.0, 3.0)),
    "pixel explorer": ("explore_pixels()", "epsilon", (-0.3, 0.3)),
    "chain-rule explorer": ("follow_chain('three_sigmoids')", "three_sigmoids:x", (-2.0, 2.0)),
    "descent, one step": ("descend_by_hand()", "one", None),
    "descent, a hundred": ("descend_by_hand()", "hundred", None),
}


def values(span: tuple[float, float] | None, moves: int) -> list[Any]:
    """The values of the control, move by move, from one end
    to the other; of a button, the times it was pressed.
    """
    if span is None:
        return list(range(1, moves + 1))
    low, high = span
    if isinstance(low, int):
        return [low + move % (high - low + 1) for move in range(moves)]
    return [round(low + (high - low) * move / (moves - 1), 3) for move in range(moves)]


@contextmanager
def counting_objects() -> Iterator[Callable[[], int]]:
    """What is yielded counts the objects made inside that are still there.

    All that was there before is set aside, for good: to go through it takes most of the time.
    """

    def count() -> int:
        gc.collect()
        return len(gc.get_objects())

    gc.freeze()
    yield count
