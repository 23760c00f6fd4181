"""The numbers that figures show: every one is PyTorch's."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.tape import Forward, Tape
from ..autodiff.trace import trace
from .networks import LOGISTIC, RELU


def logistic_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of logistic regression on one example."""
    return measured(LOGISTIC.forward, LOGISTIC.inputs)


def relu_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of one ReLU neuron whose output is the end of the graph."""
    return measured(RELU.forward, RELU.inputs)


def measured(forward: Forward, inputs: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Each scalar node's value and its gradient, by PyTorch."""
    traced = trace(forward, inputs)
    return dict(traced.values), dict(traced.gradients)


def softmax_network() -> Tape:
    """The 4-4-2 network: sigmoid hidden units, softmax output, squared error, all biases 0."""

    def forward(node: Callable[..., Any], x: Any, W1: Any, W2: Any, y: Any) -> None:
        a1 = node("a1", torch.sigmoid(node("z1", W1 @ x)))
        yhat = node("yhat", torch.softmax(node("z2", W2 @ a1), 0))
        node("L", ((yhat - y) ** 2).sum())

    W1 = np.array([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0.0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]])
    W2 = np.array([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]])
    return Tape(forward, {"x": np.array([2.0, 5.0, 3.0, 3.0]), "W1": W1, "W2": W2, "y": np.array([1.0, 0.0])})


def four_contributions() -> dict[tuple[int, int], float]:
    """The contribution of each path from the weight from
    input 1 to unit 3, by (output i, pre-activation j).
    """
    tape = softmax_network()
    shared = tape.answer("da1_dz1")[2, 2] * tape.answer("dz1_dW1")[2, 2, 0]
    into, softmax, out = tape.answer("dz2_da1")[:, 2], tape.answer("dyhat_dz2"), tape.answer("dL_dyhat")
    return {(i + 1, j + 1): float(out[i] * softmax[i, j] * into[j] * shared) for i in range(2) for j in range(2)}
