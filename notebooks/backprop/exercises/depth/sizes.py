"""The size of activations and gradients, layer by
layer, and the variance of weights that keeps it.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, positive, signed, sizes
from .shared import Array, root_mean_square

# --- measuring ------------------------------------------------------------------------------------


def _gradient_sizes(node: Any, X: Any, weights: Any, dL_dA: Any) -> None:
    A, Z, activations = X.detach().requires_grad_(), [], []
    for W in weights:
        Z.append(A @ W.detach())
        A = torch.relu(Z[-1])
        activations.append(A.detach())
    deltas = torch.autograd.grad((A * dL_dA.detach()).sum(), Z)
    node("sizes_of_A", torch.stack([(part**2).mean().sqrt() for part in activations]))
    node("sizes_of_dL_dZ", torch.stack([(part**2).mean().sqrt() for part in deltas]))


def _sample_deep(rng: Rng) -> dict[str, Any]:
    """Two to four ReLU layers; all widths differ from each other and from the batch."""
    depth = int(rng.integers(2, 5))
    examples, *widths = sizes(rng, depth + 2, 4, 9)
    return {
        "X": signed(rng, size=(examples, widths[0])),
        "weights": [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])],
        "dL_dA": signed(rng, 0.4, 2.0, size=(examples, widths[-1])),
    }


def _forward(v: SimpleNamespace) -> tuple[list[Array], list[Array]]:
    """The activations, the inputs first, and the pre-activations."""
    activations, pre_activations = [v.X], []
    for W in v.weights:
        pre_activations.append(activations[-1] @ W)
        activations.append(np.maximum(0, pre_activations[-1]))
    return activations, pre_activations


def _backward(
    v: SimpleNamespace, slope: Callable[[Array], Array] = lambda Z: Z > 0, last_gate: bool = True
) -> tuple[list[Array], list[Array]]:
    """The gradients at the pre-activations and at the activations of all layers.

    Mistakes: another derivative of ReLU, no ReLU in the last layer.
    """
    dL_dA, at_Z, at_A = v.dL_dA, list[Array](), list[Array]()
    for k in reversed(range(len(v.weights))):
        gate = slope(_forward(v)[1][k]) if last_gate or k < len(v.weights) - 1 else 1.0
        at_A.insert(0, dL_dA)
        at_Z.insert(0, dL_dA * gate)
        dL_dA = at_Z[0] @ v.weights[k].T
    return at_Z, at_A


def _of_all(measure: Callable[[Array], float]) -> dict[str, Callable[[SimpleNamespace], Array]]:
    """Both lists with another measure of size."""
    return {
        "sizes_of_A": lambda v: np.array([measure(A) for A in _forward(v)[0][1:]]),
        "sizes_of_dL_dZ": lambda v: np.array([measure(d) for d in _backward(v)[0]]),
    }


def _measured(arrays: Callable[[SimpleNamespace], list[Array]]) -> Callable[[SimpleNamespace], Array]:
    return lambda v: np.array([root_mean_square(array) for array in arrays(v)])


def _generic(v: SimpleNamespace) -> bool:
    """Open and shut gates in every layer, and no pre-activation near 0."""
    return all(np.any(Z > 0) and np.any(Z < 0) and np.abs(Z).min() > 1e-3 for Z in _forward(v)[1])


gradient_sizes = Exercise(
    name="gradient_sizes",
    asks=("sizes_of_A", "sizes_of_dL_dZ"),
    forward=_gradient_sizes,
    sample=_sample_deep,
    regimes=(lambda v: _generic(v) and len(v.weights) == 2, lambda v: _generic(v) and len(v.weights) > 2),
    points=4,
    hints=(
        "It is the backward pass of exercise 11, and of each array only its size is stored. What arrives at the last layer, "
        "and what has to happen to it before its size is taken?",
        r"$\delta^{[l]} = \frac{\partial L}{\partial A^{[l]}}\odot[Z^{[l]} > 0]$, then "
        r"$\frac{\partial L}{\partial A^{[l-1]}} = \delta^{[l]}W^{[l]\mathsf T}$. The size of $\delta$ is "
        r"$\sqrt{\text{mean of } \delta_{nk}^2}$.",
        "Forward: a list `activations` that begins with X. Then for each `k` from the last layer to the first: "
        "`dL_dZ = dL_dA * (activations[k + 1] > 0)`, its size, and `dL_dA = dL_dZ @ weights[k].T`. "
        "You go from the last layer to the first. At which end of the list does each size go?",
    ),
    mistakes=(
        Mistake("mean-square", "Those are the mean squares. The size is the root of the mean square.", **_of_all(lambda M: np.mean(M**2))),
        Mistake(
            "mean-absolute",
            "Those are means of absolute values. The size is the root of the mean square.",
            **_of_all(lambda M: np.mean(np.abs(M))),
        ),
        Mistake(
            "sum-of-squares",
            "Those are roots of sums. The size has the mean of the squares, so that it does not depend on the number of entries.",
            **_of_all(lambda M: np.sqrt(np.sum(M**2))),
        ),
        Mistake(
            "deviation",
            "Those are standard deviations, which subtract the mean of the array first. The mean of the outputs of a ReLU is not 0.",
            **_of_all(np.std),
        ),
        Mistake("signed-mean", "Those are plain means, in which entries of opposite sign cancel.", **_of_all(np.mean)),
        Mistake(
            "inputs-counted",
            "The list begins with the output of the first layer. Yours begins with the inputs.",
            sizes_of_A=_measured(lambda v: _forward(v)[0]),
        ),
        Mistake(
            "pre-activation-for-activation",
            "Those are the sizes of the pre-activations. Asked are the outputs of the layers, after their ReLU.",
            sizes_of_A=_measured(lambda v: _forward(v)[1]),
        ),
        Mistake(
            "no-gate",
            "The gates are missing in the backward pass.",
            sizes_of_dL_dZ=_measured(lambda v: _backward(v, slope=np.ones_like)[0]),
        ),
        Mistake(
            "gate-turned",
            "A gate is open where its pre-activation is positive. Yours are open where it is negative.",
            sizes_of_dL_dZ=_measured(lambda v: _backward(v, slope=lambda Z: Z < 0)[0]),
        ),
        Mistake(
            "value-for-slope",
            "The derivative of ReLU is 1 or 0. Yours multiplies by its value.",
            sizes_of_dL_dZ=_measured(lambda v: _backward(v, slope=lambda Z: np.maximum(0, Z))[0]),
        ),
        Mistake(
            "last-gate-missing",
            "The last layer has a ReLU too: what arrives at its output has to pass its gate first.",
            sizes_of_dL_dZ=_measured(lambda v: _backward(v, last_gate=False)[0]),
        ),
        Mistake(
            "last-layer-linear",
            "In this network the last layer has a ReLU as well. Yours has none there.",
            sizes_of_A=_measured(lambda v: [*_forward(v)[0][1:-1], _forward(v)[1][-1]]),
            sizes_of_dL_dZ=_measured(lambda v: _backward(v, last_gate=False)[0]),
        ),
        Mistake(
            "sizes-before-the-gate",
            "Those are the sizes of the gradients at the activations. Asked are those at the pre-activations, after the gate.",
            sizes_of_dL_dZ=_measured(lambda v: _backward(v)[1]),
        ),
        Mistake(
            "back-to-front",
            "You go from the last layer to the first, and your list is in that order. It is asked for from the first layer to the last.",
            sizes_of_dL_dZ=lambda v: v.sizes_of_dL_dZ[::-1].copy(),
        ),
        Mistake(
            "gradients-of-weights",
            "Those are the sizes of the gradients of the weights. Asked are those at the pre-activations.",
            sizes_of_dL_dZ=_measured(lambda v: [A.T @ d for A, d in zip(_forward(v)[0], _backward(v)[0])]),
        ),
    ),
)

# --- a factor for each layer ----------------------------------------------------------------------


def _size_factors(node: Any) -> None:
    node("relu_twenty", torch.tensor(1 / 2, dtype=torch.float64) ** (20 / 2))
    node("linear_eight", torch.tensor(3.0, dtype=torch.float64) ** (8 / 2))
    node("relu_ten", torch.tensor(8 / 2, dtype=torch.float64) ** (10 / 2))


size_factors = Prediction(
    name="size_factors",
    asks=("relu_twenty", "linear_eight", "relu_ten"),
    forward=_size_factors,
    sample=lambda rng: {},
    rtol=2e-2,
    points=3,
    hints=(
        "By which factor does the mean square change in one layer? And the size, which is its root? How many layers are there?",
        r"With ReLU a layer multiplies the mean square by $c/2$, without it by $c$. After $n$ layers the size has changed by "
        r"$\left(\tfrac c2\right)^{n/2}$ or $c^{n/2}$.",
        "1: `0.5 ** 10`. 2: `3 ** 4`. For the third, put c = 8 and n = 10 into the formula with ReLU.",
    ),
    mistakes=(
        Mistake(
            "mean-square-for-size",
            "Those are the factors of the mean square. The size is the root of the mean square.",
            relu_twenty=lambda v: 0.5**20,
            linear_eight=lambda v: 3.0**8,
            relu_ten=lambda v: 4.0**10,
        ),
        Mistake(
            "one-layer",
            "Those are the factors of a single layer. All layers have to be passed.",
            relu_twenty=lambda v: 0.5**0.5,
            linear_eight=lambda v: 3.0**0.5,
            relu_ten=lambda v: 2.0,
        ),
        Mistake(
            "layers-added",
            "The factors of the layers multiply. Yours grow with the number of layers in proportion.",
            relu_twenty=lambda v: 20 * 0.5**0.5,
            linear_eight=lambda v: 8 * 3.0**0.5,
            relu_ten=lambda v: 20.0,
        ),
        Mistake(
            "no-relu-factor",
            "With ReLU only half of the mean square is left in each layer, on average. Yours has no such factor.",
            relu_twenty=lambda v: 1.0,
        ),
        Mistake("relu-factor-forgotten", "In the third network half of the mean square is lost in each ReLU.", relu_ten=lambda v: 8.0**5),
        Mistake(
            "relu-where-there-is-none",
            "The second network has no activation function, so nothing is set to 0.",
            linear_eight=lambda v: 1.5**4,
        ),
    ),
)

# --- the variance that keeps the size -------------------------------------------------------------


def _variances(node: Any, inputs: int, units: int, slope: Any) -> None:
    gain = torch.nn.init.calculate_gain("leaky_relu", slope.item())
    node("forward_variance", torch.tensor(gain**2 / inputs, dtype=torch.float64))
    node("backward_variance", torch.tensor(gain**2 / units, dtype=torch.float64))


def _sample_layer(rng: Rng) -> dict[str, Any]:
    """The sizes of a layer, and the slope of its
    activation function for negative z; 0 is a ReLU.
    """
    inputs, units = sizes(rng, 2, 5, 400)
    return {"inputs": inputs, "units": units, "slope": positive(rng, 0.1, 0.7) if rng.random() < 0.7 else 0.0}


def _both(variance: Callable[[int, float], float]) -> dict[str, Callable[[SimpleNamespace], float]]:
    return {
        "forward_variance": lambda v: variance(v.inputs, float(v.slope)),
        "backward_variance": lambda v: variance(v.units, float(v.slope)),
    }


variances = Exercise(
    name="variances",
    asks=("forward_variance", "backward_variance"),
    forward=_variances,
    sample=_sample_layer,
    regimes=(lambda v: v.slope > 0, lambda v: v.slope == 0),
    points=4,
    hints=(
        "Half of the pre-activations are negative. What is left of their squares? How many terms has a pre-activation, "
        "and how many has the gradient of an input?",
        r"Forward: $\overline{a^2}_{\text{out}} = \frac{1 + s^2}{2}\,D\,v\;\overline{a^2}_{\text{in}}$. "
        r"Backward the sum has $K$ terms, and the same factor $\frac{1 + s^2}{2}$ comes from the derivative, which is 1 or $s$.",
        "Set the factor of the forward pass to 1 and solve for v: `2 / ((1 + slope**2) * inputs)`. "
        "Which of the two sizes takes the place of `inputs` in the backward pass?",
    ),
    mistakes=(
        Mistake(
            "fan-mix-up",
            "Inputs and units are exchanged. A pre-activation is a sum over the inputs; "
            "what comes back to an input is a sum over the units.",
            forward_variance=lambda v: v.backward_variance,
            backward_variance=lambda v: v.forward_variance,
        ),
        Mistake(
            "inputs-for-both",
            "In the backward pass the sum runs over the units. Yours divides by the number of inputs there too.",
            backward_variance=lambda v: v.forward_variance,
        ),
        Mistake(
            "units-for-both",
            "In the forward pass the sum runs over the inputs. Yours divides by the number of units there too.",
            forward_variance=lambda v: v.backward_variance,
        ),
        Mistake(
            "deviation-for-variance",
            "Those are standard deviations. Asked are the variances.",
            forward_variance=lambda v: np.sqrt(v.forward_variance),
            backward_variance=lambda v: np.sqrt(v.backward_variance),
        ),
        Mistake(
            "relu-only",
            "That is right for a ReLU. Here negative pre-activations are not set to 0, and what is left of them counts too.",
            **_both(lambda n, s: 2 / n),
        ),
        Mistake(
            "no-activation-function",
            "That is right without an activation function. Yours shrinks the negative half.",
            **_both(lambda n, s: 1 / n),
        ),
        Mistake(
            "slope-not-squared",
            "The mean square has the square of what multiplies the negative half. Yours has the factor itself.",
            **_both(lambda n, s: 2 / ((1 + s) * n)),
        ),
        Mistake(
            "half-forgotten",
            "Each half of the pre-activations is only half of them. Yours counts both halves in full.",
            **_both(lambda n, s: 1 / ((1 + s**2) * n)),
        ),
        Mistake(
            "slope-forgotten-on-the-way-back",
            "The derivative on the negative half is the slope and not 0, so the gradient passes there as well. In yours it does not.",
            backward_variance=lambda v: 2 / v.units,
        ),
        Mistake(
            "upside-down",
            "The variance has to make up for the factor of the activation function. Yours multiplies by that factor.",
            **_both(lambda n, s: (1 + s**2) / (2 * n)),
        ),
        Mistake(
            "glorot",
            "That is the compromise between forward and backward. Asked is the variance that is right for each of them.",
            forward_variance=lambda v: 4 / ((1 + float(v.slope) ** 2) * (v.inputs + v.units)),
            backward_variance=lambda v: 4 / ((1 + float(v.slope) ** 2) * (v.inputs + v.units)),
        ),
    ),
)
