"""A small attention head, and the gradients behind one of its outputs,
by the formulas that lesson 08 derives.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

T, D = 5, 2  # positions, and the length of queries, keys and values
UPSTREAM = np.array([0.6, 0.8])  # dL/do at the position looked at: of length 1
FIRST_DRAW = 125  # in this draw, a factor of 5 brings the largest weight of every row close to 1


@dataclass(frozen=True)
class Head:
    """S = factor Q Kᵀ / sqrt(d), A = softmax(S) row by row, O = A V.

    The loss depends on the output at `position` only, counted from 1. `draw` says which random
    numbers Q, K and V are.
    """

    position: int = 4
    mask: bool = True
    factor: float = 1.0
    draw: int = 0


@dataclass(frozen=True)
class Gradients:
    """The weights A, and the gradients at everything that a head computes or is given."""

    A: np.ndarray
    dL_dV: np.ndarray
    dL_dA: np.ndarray
    dL_dS: np.ndarray
    dL_dQ: np.ndarray
    dL_dK: np.ndarray


@lru_cache(maxsize=2)
def vectors(draw: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Q, K and V, each of shape (T, D)."""
    Q, K, V = np.random.default_rng(FIRST_DRAW + draw).normal(size=(3, T, D))
    return Q, K, V


def measure(head: Head) -> Gradients:
    """Go forward and back through a head."""
    Q, K, V = vectors(head.draw)
    scale = head.factor / np.sqrt(D)
    S = scale * Q @ K.T
    if head.mask:
        S[np.triu_indices(T, 1)] = -np.inf
    exponentials = np.exp(S - S.max(axis=1, keepdims=True))
    A = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dO = np.zeros((T, D))
    dL_dO[head.position - 1] = UPSTREAM
    dL_dA = dL_dO @ V.T
    dL_dS = A * (dL_dA - (A * dL_dA).sum(axis=1, keepdims=True))
    return Gradients(A, A.T @ dL_dO, dL_dA, dL_dS, scale * dL_dS @ K, scale * dL_dS.T @ Q)
