"""Where a network starts: shapes, variances, and a last layer that prefers no class."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng
from .shared import REQUIRED, Array, Parts, near, read_network

SCATTER = 0.1  # of a variance that is estimated from thousands of numbers
SCATTER_OF_LAST = 0.25  # of one that is estimated from a few hundred
REPEATED = 50  # numbers at the beginning of a layer that are compared with those of another layer
SMALL = 0.05  # variance times inputs of a last layer with which the first loss is within 2 % of log K


def _initial_parameters(node: Any, widths: Any, seed: Any) -> None:
    node("hidden_variance_times_inputs", torch.full((len(widths) - 2,), 2.0, dtype=torch.float64))
    node("last_variance_times_inputs", torch.tensor(0.0, dtype=torch.float64))
    node("largest_bias", torch.tensor(0.0, dtype=torch.float64))
    node("same_seed_same_weights", torch.tensor(1.0, dtype=torch.float64))
    node("other_seed_other_weights", torch.tensor(1.0, dtype=torch.float64))
    node("other_layer_other_weights", torch.tensor(1.0, dtype=torch.float64))


def _sample_initial(rng: Rng) -> dict[str, Any]:
    """One or two hidden layers, wide enough for a variance to be
    measured, and each much narrower than the one before.
    """
    inputs = int(rng.integers(240, 320))
    hidden = [int(rng.integers(110, 150)), int(rng.integers(50, 70))][: int(rng.integers(1, 3))]
    return {"widths": [inputs, *hidden, int(rng.integers(8, 13))], "seed": int(rng.integers(1, 10_000))}


def _use_initial(answer: Callable[..., Any], widths: list[int], seed: int) -> tuple[Any, ...]:
    """Measure what the learner's function draws."""
    drawn = [read_network(answer(list(widths), which), widths) for which in (seed, seed, seed + 1)]
    (weights, biases), (again, _), (other, _) = drawn
    measured = [float((W**2).mean()) * len(W) for W in weights]
    hidden = [near(found, [2.0, *_landmarks(inputs, units)], SCATTER) for found, inputs, units in zip(measured, widths, widths[1:-1])]
    last = 0.0 if measured[-1] <= SMALL else near(measured[-1], [2.0, 1.0, float(widths[-2])], SCATTER_OF_LAST)
    same = all(np.array_equal(one, two) for one, two in zip(weights, again))
    new = not any(np.array_equal(one, two) for one, two in zip(weights, other) if np.any(one))
    return np.array(hidden), last, max(float(np.abs(b).max()) for b in biases), float(same), float(new), float(not _repeated(weights))


def _repeated(weights: Parts) -> bool:
    """Whether some layer begins with the numbers of the first one, up to a factor."""
    first, *others = ([*W.ravel()[:REPEATED]] for W in weights)
    return any(np.any(other) and abs(np.corrcoef(first, other)[0, 1]) > 0.999 for other in others)


def _landmarks(inputs: int, units: int) -> list[float]:
    """The variance times inputs that known mistakes lead to."""
    return [1.0, 2 * inputs / units, 4 / inputs, float(inputs), 2 * inputs / (inputs + units)]


def _hidden(variance_times_inputs: Callable[[int, int], float]) -> Callable[[SimpleNamespace], Array]:
    return lambda v: np.array([variance_times_inputs(inputs, units) for inputs, units in zip(v.widths, v.widths[1:-1])])


starting_parameters = Exercise(
    name="starting_parameters",
    asks=(
        "hidden_variance_times_inputs",
        "last_variance_times_inputs",
        "largest_bias",
        "same_seed_same_weights",
        "other_seed_other_weights",
        "other_layer_other_weights",
    ),
    forward=_initial_parameters,
    sample=_sample_initial,
    use=_use_initial,
    compared_with=REQUIRED,
    points=6,
    hints=(
        "Which variance keeps the size of the activations from layer to layer if there is a ReLU in between? "
        "Which logits make all classes equally likely, and what does that say about the last layer?",
        r"Before a ReLU $\operatorname{Var}(w) = \frac{2}{D}$ with $D$ inputs, so the standard deviation is $\sqrt{2/D}$. "
        r"In the last layer a tenth of that is small enough: a hundredth of the variance.",
        "`rng = np.random.default_rng(seed)`; for each pair `D, K` in `zip(widths, widths[1:])` one `rng.normal(0, deviation, (D, K))`; "
        "then multiply the last one by 0.1. The biases are `np.zeros`. What is `deviation`?",
    ),
    mistakes=(
        Mistake(
            "fan-mix-up",
            "A pre-activation is a sum over the inputs of its layer. Your variance uses the number of its units.",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: 2 * inputs / units),
        ),
        Mistake(
            "no-relu",
            "ReLU sets about half of the activations to 0. Your variance does not make up for that, so activations shrink.",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: 1.0),
        ),
        Mistake(
            "both-fans",
            "That is the variance of Glorot, which was derived for layers without ReLU. Here there is one after each hidden layer.",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: 2 * inputs / (inputs + units)),
        ),
        Mistake(
            "variance-for-deviation",
            "The generator is called with a standard deviation. Yours gets the variance, so the weights are far too small.",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: 4 / inputs),
        ),
        Mistake(
            "unscaled",
            "Your weights have the variance 1 in every layer, so activations explode. What depends on the number of inputs?",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: float(inputs)),
            last_variance_times_inputs=lambda v: float(v.widths[-2]),
        ),
        Mistake(
            "all-zero",
            "All your weights are 0. Then every hidden unit computes the same, and with ReLU nothing is learned.",
            hidden_variance_times_inputs=_hidden(lambda inputs, units: 0.0),
        ),
        Mistake(
            "last-layer-like-the-others",
            "Your last layer is drawn like the others. Its logits are then not close to 0, and the first loss is above the logarithm of "
            "the number of classes.",
            last_variance_times_inputs=lambda v: 2.0,
        ),
        Mistake(
            "last-layer-without-relu",
            "Your last layer is drawn with one over the inputs. There the question is another one: the first logits should be close to 0.",
            last_variance_times_inputs=lambda v: 1.0,
        ),
        Mistake("biases-at-one", "Biases begin at 0. Yours begin at 1.", largest_bias=lambda v: 1.0),
        Mistake(
            "not-repeatable",
            "The same seed has given other weights. Make a generator from the seed, and draw everything from it.",
            same_seed_same_weights=lambda v: 0.0,
        ),
        Mistake(
            "seed-ignored",
            "Another seed has given the same weights. Which generator do they come from?",
            other_seed_other_weights=lambda v: 0.0,
        ),
        Mistake(
            "generator-for-each-layer",
            "The layers begin with the same random numbers, up to a factor. How many generators are made from the seed?",
            other_layer_other_weights=lambda v: 0.0,
        ),
    ),
)
