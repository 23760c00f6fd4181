"""Undoing a broadcast with NumPy, in the right way and in wrong ones."""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
Shape = tuple[int, ...]


def undone(grad: Array, shape: Shape, reduce: Callable[..., Any] = np.sum) -> Array:
    """`grad` reduced over the axes along which an operand of `shape` was broadcast."""
    while grad.ndim > len(shape):
        grad = reduce(grad, axis=0)
    return over_ones(grad, shape, reduce)


def over_ones(grad: Array, shape: Shape, reduce: Callable[..., Any] = np.sum, keepdims: bool = True) -> Array:
    """`grad` reduced over the axes that have the length 1 in `shape`."""
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1 and axis < grad.ndim and grad.shape[axis] != 1)
    return np.asarray(reduce(grad, axis=axes, keepdims=keepdims) if axes else grad)


def first_use(grad: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """The entries of `grad` at the first place of each axis, in the manner of a NumPy reduction."""
    axes = (axis,) if isinstance(axis, int) else axis
    kept = np.take(grad, [0], axis=axes[0])
    for other in axes[1:]:
        kept = np.take(kept, [0], axis=other)
    return kept if keepdims else np.squeeze(kept, axis=axes)
