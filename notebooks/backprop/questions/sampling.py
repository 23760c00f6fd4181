"""Draws generic numbers: not 0 or 1, of both signs,
short enough to read, and different from each other.
"""

from typing import Any

import numpy as np

Rng = np.random.Generator
SIGNS = (-1.0, 1.0)


def signed(rng: Rng, low: float = 0.3, high: float = 1.7, size: Any = None) -> Any:
    """Numbers of either sign with magnitude in [low, high],
    to two decimals: a float, or an array of shape `size`.
    """
    numbers = positive(rng, low, high, size)
    return numbers * (rng.choice(SIGNS, size=size) if size is not None else SIGNS[int(rng.integers(2))])


def positive(rng: Rng, low: float = 0.3, high: float = 1.7, size: Any = None) -> Any:
    """Numbers in [low, high], to two decimals, never
    exactly 1: a float, or an array of shape `size`.
    """
    if size is None:  # as below; for one number NumPy's functions take most of the time of a check
        number = round(rng.uniform(low, high) * 100) / 100
        return 1.03 if number == 1.0 else number
    numbers = np.round(rng.uniform(low, high, size=size), 2)
    return np.where(numbers == 1.0, 1.03, numbers)


def between_zero_and_one(rng: Rng, size: Any = None) -> Any:
    """Soft targets and probabilities, in [0.05, 0.45] or [0.55, 0.95]."""
    return positive(rng, 0.05, 0.45, size) + (0.5 * rng.integers(0, 2, size=size) if size is not None else 0.5 * float(rng.integers(0, 2)))


def sizes(rng: Rng, count: int, low: int = 3, high: int = 6) -> list[int]:
    """Sizes that all differ."""
    return [int(size) for size in rng.permutation(np.arange(low, high + 1))[:count]]
