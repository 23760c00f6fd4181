"""Shared parts of lesson 09's exercises: networks with labels,
in torch and in NumPy, and behaviour measured against a bar.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...checking.answers import Unreadable
from ...questions.sampling import Rng, signed
from ...translation import _

Array = np.ndarray
Parts = list[Array]

REQUIRED = "required"  # what the column of the right values is called where behaviour is measured


def mean_cross_entropy(X: Any, labels: Any, weights: Any, biases: Any) -> Any:
    """The mean cross-entropy of a network of ReLU layers, in torch."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = torch.relu(A @ W + b)
    return torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], torch.as_tensor(labels))


def logits_of(X: Array, weights: Sequence[Array], biases: Sequence[Array]) -> Array:
    """The logits of a network of ReLU layers, in NumPy."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    return A @ weights[-1] + biases[-1]


def softmax(Z: Array) -> Array:
    """The softmax of each row."""
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def parts_like(vector: Array, like: Sequence[Array]) -> Parts:
    """The vector of all entries of a list of arrays, cut up into such a list."""
    ends = np.cumsum([item.size for item in like])
    return [part.reshape(item.shape) for part, item in zip(np.split(vector, ends[:-1]), like)]


def sample_network(rng: Rng, layers: int) -> dict[str, Any]:
    """A batch with labels and a network: all sizes differ, and each of three classes occurs."""
    examples, *widths = (int(size) for size in rng.permutation([4, 5, 6, 7, 8])[: layers + 1])
    widths.append(3)
    return {
        "X": signed(rng, size=(examples, widths[0])),
        "labels": rng.permutation(np.arange(examples) % 3),
        "weights": [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])],
        "biases": [signed(rng, 0.1, 0.6, size=width) for width in widths[1:]],
    }


def gates_of_both_kinds(X: Array, weights: Sequence[Array], biases: Sequence[Array]) -> bool:
    """Open and shut gates in every hidden layer, and nothing at a kink."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        Z = A @ W + b
        if not (np.any(Z > 0) and np.any(Z < 0) and np.abs(Z).min() > 1e-3):
            return False
        A = np.maximum(Z, 0)
    return True


def read_network(answer: Any, widths: Sequence[int]) -> tuple[Parts, Parts]:
    """The weights and biases that a learner's function has returned.

    Unreadable if they are not those of a network that begins and ends as `widths` does. Where
    `widths` has more than two entries, all layers are compared.
    """
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Unreadable(_("Two lists are asked for, weights and biases, in that order: `return weights, biases`."))
    weights, biases = _arrays(answer[0], _("weights")), _arrays(answer[1], _("biases"))
    if len(weights) != len(biases) or not weights:
        raise Unreadable(
            _(
                "There are {weights} arrays of weights and {biases} of biases. Each layer has one of both.",
                weights=len(weights),
                biases=len(biases),
            )
        )
    if len(widths) > 2 and len(weights) != len(widths) - 1:
        raise Unreadable(
            _(
                "{sizes} sizes make {layers} layers, and yours has {own}.",
                sizes=len(widths),
                layers=len(widths) - 1,
                own=len(weights),
            )
        )
    wanted = list(widths) if len(widths) > 2 else [widths[0], *(W.shape[-1] if W.ndim else 0 for W in weights[:-1]), widths[-1]]
    for k, (W, b) in enumerate(zip(weights, biases)):
        for name, part, shape in (("weights", W, (wanted[k], wanted[k + 1])), ("biases", b, (wanted[k + 1],))):
            if part.shape != shape:
                raise Unreadable(
                    _("{name} has the shape {shape} where {wanted} is asked for.", name=f"{name}[{k}]", shape=part.shape, wanted=shape)
                )
    return weights, biases


def _arrays(part: Any, name: str) -> Parts:
    if not isinstance(part, (list, tuple)):
        raise Unreadable(
            _("The {name} are a list of arrays, one for each layer. Yours is of type {type}.", name=name, type=type(part).__name__)
        )
    try:
        return [np.asarray(item.detach() if hasattr(item, "detach") else item, dtype=np.float64) for item in part]
    except (TypeError, ValueError):
        raise Unreadable(_("The {name} hold something that is no array of numbers.", name=name)) from None


def near(measured: float, landmarks: Sequence[float], tolerance: float) -> float:
    """The landmark that `measured` is within a relative tolerance of, else `measured`.

    What was measured on random numbers scatters about what it would be without chance.
    """
    return next((mark for mark in landmarks if abs(measured - mark) <= tolerance * abs(mark)), measured)
