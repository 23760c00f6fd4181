"""Shared parts of the second half of lesson 05: the loss
of a ReLU network, and the size of an array.
"""

from typing import Any

import numpy as np

from ...autodiff.lazy import torch

Array = np.ndarray


def mean_cross_entropy(X: Any, Y: Any, weights: Any, biases: Any) -> Any:
    """The mean cross-entropy of a ReLU network, in torch."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = torch.relu(A @ W + b)
    log_P = torch.log_softmax(A @ weights[-1] + biases[-1], dim=1)
    return -(Y * log_P).sum() / len(X)


def root_mean_square(array: Array) -> float:
    """The root of the mean of the squared entries: what the lesson calls the size of an array."""
    return float(np.sqrt(np.mean(array**2)))
