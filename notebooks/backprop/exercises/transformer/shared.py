"""Shared parts of lesson 08's exercises: sizes that
differ, and softmax with a causal mask in NumPy and torch.
"""

from typing import Any

import numpy as np

from ...autodiff.lazy import torch

Array = np.ndarray

KEPT = "The numbers are right and the shape is not: an axis of length 1 is left over, and broadcasting would hide it later."


def softmax(S: Array, axis: int = 1) -> Array:
    """Softmax along an axis; entries of minus infinity get the weight 0."""
    exponentials = np.exp(S - S.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def causal(size: int) -> Array:
    """Which position (row) may use which (column): itself, and those before it."""
    return np.tril(np.ones((size, size), dtype=bool))


def masked(S: Any) -> Any:
    """Scores, in torch, with minus infinity wherever a position would use a later one."""
    return S.masked_fill(torch.ones(S.shape, dtype=torch.bool).triu(1), -torch.inf)
