"""Initial weights: drawn with the right variance, equal, or all zero."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, signed, sizes
from .shared import Array

# --- the weights of a ReLU network ----------------------------------------------------------------


def _initial_weights(node: Any, noise: Any) -> None:
    weights = [part * (2 / len(part)) ** 0.5 for part in noise]
    node("weights", [*weights[:-1], 0.1 * weights[-1]])


def _sample_noise(rng: Rng) -> dict[str, Any]:
    """Normal numbers for three or four layers whose sizes all differ."""
    widths = sizes(rng, int(rng.integers(4, 6)), 3, 8)
    return {"noise": [signed(rng, 0.1, 2.2, size=shape) for shape in zip(widths, widths[1:])]}


def _scaled(deviation: Callable[[int, int], float], last: float = 0.1) -> Callable[[SimpleNamespace], list[Array]]:
    """Weights of the standard deviation deviation(inputs,
    units), those of the last layer times `last`.
    """

    def weights(v: SimpleNamespace) -> list[Array]:
        parts = [part * deviation(*part.shape) for part in v.noise]
        return [*parts[:-1], last * parts[-1]]

    return weights


def _he(inputs: int, units: int) -> float:
    return (2 / inputs) ** 0.5


def _with_first_column(v: SimpleNamespace) -> list[Array]:
    return _scaled(_he)(SimpleNamespace(noise=[np.repeat(part[:, :1], part.shape[1], axis=1) for part in v.noise]))


initial_weights = Exercise(
    name="initial_weights",
    asks=("weights",),
    forward=_initial_weights,
    sample=_sample_noise,
    points=3,
    hints=(
        "The numbers have the variance 1. By what do you multiply them so that their variance becomes 2/D? "
        "Which axis of a weight matrix has the length D?",
        r"$W = \sqrt{\tfrac{2}{D}}\;\text{noise}$, where $D$ is the number of inputs; the last matrix also has the factor $0.1$.",
        "`[np.sqrt(2 / len(part)) * part for part in noise]`: `len(part)` is the number of rows. "
        "One of the matrices needs one more factor. Which one?",
    ),
    mistakes=(
        Mistake(
            "fan-mix-up",
            "A pre-activation is a sum over the inputs of its layer. Yours divides by the number of units.",
            weights=_scaled(lambda inputs, units: (2 / units) ** 0.5),
        ),
        Mistake(
            "symmetric-start",
            "All units of a layer have the same weights in yours. They will get the same gradient, and stay equal.",
            weights=_with_first_column,
        ),
        Mistake(
            "equal-weights",
            "All weights of a layer are equal in yours. Its units will get the same gradient, and stay equal. Use the numbers drawn.",
            weights=lambda v: _scaled(_he)(SimpleNamespace(noise=[np.ones_like(part) for part in v.noise])),
        ),
        Mistake(
            "all-zero",
            "All your weights are 0. Then all hidden units are dead, and no weight will ever change.",
            weights=lambda v: [np.zeros_like(part) for part in v.noise],
        ),
        Mistake(
            "variance-for-deviation",
            "A factor changes the variance by its square. Yours is the variance itself and not its root.",
            weights=_scaled(lambda inputs, units: 2 / inputs),
        ),
        Mistake(
            "no-relu-factor",
            "That keeps the size without an activation function. Half of the mean square is lost in each ReLU.",
            weights=_scaled(lambda inputs, units: (1 / inputs) ** 0.5),
        ),
        Mistake(
            "glorot",
            "That is the compromise of Glorot and Bengio. Asked is the variance that keeps the size of the activations with ReLU.",
            weights=_scaled(lambda inputs, units: (2 / (inputs + units)) ** 0.5),
        ),
        Mistake("last-layer-as-drawn", "The last layer's weights are to be ten times smaller.", weights=_scaled(_he, last=1.0)),
        Mistake(
            "last-layer-zero",
            "The last layer's weights are all 0 in yours. They are to be ten times smaller than the rule says.",
            weights=_scaled(_he, last=0.0),
        ),
        Mistake(
            "all-layers-small",
            "Only the last layer's weights are to be ten times smaller. In yours all layers are, so the activations shrink.",
            weights=_scaled(lambda inputs, units: 0.1 * _he(inputs, units), last=1.0),
        ),
        Mistake(
            "not-scaled",
            "The variance of your weights is still that of the numbers that were drawn.",
            weights=_scaled(lambda inputs, units: 1.0),
        ),
        Mistake(
            "first-layer-for-all",
            "Each layer has its own number of inputs. Yours takes that of the first layer for all of them.",
            weights=lambda v: _scaled(lambda inputs, units: _he(len(v.noise[0]), units))(v),
        ),
    ),
)

# --- equal weights and dead units -----------------------------------------------------------------


def _parameters(kind: str) -> list[Any]:
    """Weights of a network with widths 2, 4, 3, 2, all 0 or "equal", and biases of 0."""
    shapes = ((2, 4), (4, 3), (3, 2), (4,), (3,), (2,))
    parameters = [torch.zeros(shape, dtype=torch.float64) for shape in shapes]
    if kind == "equal":
        parameters[0] += 0.1
        parameters[1] += 0.1
        parameters[2] += torch.tensor([0.1, -0.1])
    return parameters


def _trained(parameters: list[Any], activation: Callable[[Any], Any], steps: int) -> list[Any]:
    """The parameters after some steps, on six points of which four are of one class."""
    X = torch.tensor([[0.5, -1.2], [1.4, 0.3], [-0.7, 0.9], [0.8, 1.1], [-1.3, -0.4], [0.2, -0.6]], dtype=torch.float64)
    labels = torch.tensor([0, 0, 1, 0, 0, 1])
    for _ in range(steps):
        parameters = [part.requires_grad_() for part in parameters]
        A = X
        for W, b in zip(parameters[:2], parameters[3:5]):
            A = activation(A @ W + b)
        L = torch.nn.functional.cross_entropy(A @ parameters[2] + parameters[5], labels)
        gradients = torch.autograd.grad(L, parameters)
        parameters = [(part - 0.1 * gradient).detach() for part, gradient in zip(parameters, gradients)]
    return parameters


def _changed(activation: Callable[[Any], Any]) -> Any:
    """How many of the arrays are no longer 0 after the first step from 0."""
    return torch.tensor(sum(float(part.abs().max() > 0) for part in _trained(_parameters("zero"), activation, 1)))


def _bad_starts(node: Any) -> None:
    node("changed_with_relu", _changed(torch.relu))
    node("changed_with_sigmoid", _changed(torch.sigmoid))
    W1 = _trained(_parameters("equal"), torch.relu, 5)[0]
    node("different_columns", torch.tensor(float(torch.unique(W1.round(decimals=9), dim=1).shape[1])))


bad_starts = Prediction(
    name="bad_starts",
    asks=("changed_with_relu", "changed_with_sigmoid", "different_columns"),
    forward=_bad_starts,
    sample=lambda rng: {},
    rtol=1e-3,
    points=3,
    hints=(
        "Question 1 and 2: what are the activations of the hidden units if all weights and biases are 0? "
        "What is the gradient of a weight made of? "
        "Question 3: in what do two units differ at the start?",
        r"$\frac{\partial L}{\partial W^{[l]}} = A^{[l-1]\mathsf T}\delta^{[l]}$ and "
        r"$\delta^{[l-1]} = \delta^{[l]}W^{[l]\mathsf T}\odot f'(Z^{[l-1]})$. With ReLU $A$ is 0, with a sigmoid it is $\tfrac12$.",
        "The last bias always gets a gradient. With the sigmoid the last weights do as well, as the activations before them are not 0. "
        "What comes back through weights that are 0? And can two units become different if they get the same gradient?",
    ),
    mistakes=(
        Mistake(
            "nothing-changes",
            "Question 1: the bias of the last layer is added to the logits whatever the weights are, so it gets a gradient.",
            changed_with_relu=lambda v: 0.0,
        ),
        Mistake(
            "relu-like-sigmoid",
            "Question 1: the activations before the last layer are all 0 with ReLU, so its weights get no gradient.",
            changed_with_relu=lambda v: 2.0,
        ),
        Mistake(
            "all-biases",
            "Question 1: the biases of the hidden layers get their gradients through the weights behind them, and these are 0.",
            changed_with_relu=lambda v: 3.0,
        ),
        Mistake(
            "everything-changes",
            "Question 1: with ReLU all hidden activations are 0 here. What does that do to the gradients of the weights?",
            changed_with_relu=lambda v: 6.0,
        ),
        Mistake(
            "sigmoid-like-relu",
            "Question 2: the sigmoid of 0 is one half and not 0, so the activations before the last layer are not 0.",
            changed_with_sigmoid=lambda v: 1.0,
        ),
        Mistake(
            "all-weights-with-sigmoid",
            "Question 2: what comes back to the hidden layers is multiplied by the last weights, and in the first step these are 0.",
            changed_with_sigmoid=lambda v: 6.0,
        ),
        Mistake(
            "biases-with-sigmoid",
            "Question 2: the biases of the hidden layers get their gradients through the weights behind them, and these are 0.",
            changed_with_sigmoid=lambda v: 4.0,
        ),
        Mistake(
            "units-become-different",
            "Question 3: equal units get equal gradients and take equal steps. Nothing makes them different.",
            different_columns=lambda v: 4.0,
        ),
        Mistake(
            "two-classes-two-columns",
            "Question 3: the last layer's columns differ, one for each class. But every hidden unit is connected to both in the same way.",
            different_columns=lambda v: 2.0,
        ),
    ),
)
