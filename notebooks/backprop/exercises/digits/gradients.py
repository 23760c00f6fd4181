"""The network itself: class probabilities, the loss, and the gradients of every layer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.misdirect import with_slope
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng
from .shared import Array, Parts, gates_of_both_kinds, logits_of, parts_like, sample_network, softmax

LARGE = 800.0  # a logit whose exponential is no float


def _probabilities(node: Any, X: Any, weights: Any, biases: Any) -> None:
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = torch.relu(A @ W + b)
    node("P", torch.softmax(A @ weights[-1] + biases[-1], dim=1))


def _probabilities_with(last: Callable[[Any], Any], hidden: Callable[[Any], Any] | None = None) -> Any:
    """The forward pass with another last step, or another activation function."""

    def forward(node: Any, X: Any, weights: Any, biases: Any) -> None:
        A = X
        for W, b in zip(weights[:-1], biases[:-1]):
            A = (hidden or torch.relu)(A @ W + b)
        node("P", last(A @ weights[-1] + biases[-1]))

    return forward


def _without_last_bias(node: Any, X: Any, weights: Any, biases: Any) -> None:
    _probabilities(node, X, weights, [*biases[:-1], torch.zeros_like(biases[-1])])


def _by_rows(Z: Any) -> Any:
    return torch.softmax(Z, dim=1)


def _naive_softmax(Z: Any) -> Any:
    return torch.exp(Z) / torch.exp(Z).sum(dim=1, keepdim=True)


def _less_the_largest_of_all(Z: Any) -> Any:
    return _naive_softmax(Z - Z.max())


def _sample_layers(rng: Rng) -> dict[str, Any]:
    """One to four layers; in one sample of four, logits that are too large
    for their exponentials, and in one example far larger than in the others.
    """
    network = sample_network(rng, int(rng.integers(1, 5)))
    if rng.random() < 0.25:
        network["biases"][-1][rng.integers(3)] += LARGE
        network["X"][rng.integers(len(network["X"]))] *= LARGE
    return network


def _is_large(v: SimpleNamespace) -> bool:
    """Whether logits are so large, and those of two examples so far apart."""
    largest = logits_of(v.X, v.weights, v.biases).max(axis=1)
    return _has_large_bias(v) and bool(largest.max() - largest.min() > LARGE)


def _has_large_bias(v: SimpleNamespace) -> bool:
    return bool(np.abs(v.biases[-1]).max() > LARGE / 2)


def _layers(count: int) -> Callable[[SimpleNamespace], bool]:
    return lambda v: len(v.weights) == count and not _has_large_bias(v) and gates_of_both_kinds(v.X, v.weights, v.biases)


REGIMES = (_layers(3), _layers(1), _is_large, _layers(2), _layers(4))


def _sample_forward(rng: Rng) -> dict[str, Any]:
    network = _sample_layers(rng)
    return {name: network[name] for name in ("X", "weights", "biases")}


class_probabilities = Exercise(
    name="class_probabilities",
    asks=("P",),
    forward=_probabilities,
    sample=_sample_forward,
    regimes=REGIMES,
    points=3,
    hints=(
        "Which layers have a ReLU after them, and which one has a softmax? What can you subtract from a row of logits "
        "so that no exponential overflows and the softmax stays the same?",
        r"$A^{[l]} = \max(0, A^{[l-1]}W^{[l]} + b^{[l]})$ for all layers but the last, then "
        r"$p_k = e^{z_k - m} / \sum_j e^{z_j - m}$ with the largest logit $m$ of the row.",
        "Loop over `zip(weights[:-1], biases[:-1])`, then compute `Z` with the last pair. "
        "`Z - Z.max(axis=1, keepdims=True)` has no positive entry. Along which axis do the probabilities add up to 1?",
    ),
    mistakes=(
        Mistake("logits-returned", "Those are the logits. The softmax is missing.", program=_probabilities_with(lambda Z: Z)),
        Mistake(
            "overflow",
            "The exponential of a large logit is larger than any float. Which number can you subtract from a whole row?",
            program=_probabilities_with(_naive_softmax),
        ),
        Mistake(
            "maximum-of-the-batch",
            "You subtract the largest logit of the whole batch. In a row whose logits are far smaller, every exponential is then 0. "
            "Which number can you subtract from each row?",
            program=_probabilities_with(_less_the_largest_of_all),
        ),
        Mistake(
            "softmax-over-examples",
            "Your columns add up to 1. Each example has probabilities of its own, so the rows should.",
            program=_probabilities_with(lambda Z: torch.softmax(Z, dim=0)),
        ),
        Mistake(
            "softmax-of-all",
            "Your probabilities add up to 1 over the whole batch. Each row should.",
            program=_probabilities_with(lambda Z: torch.softmax(Z.reshape(-1), dim=0).reshape(Z.shape)),
        ),
        Mistake(
            "sigmoid-for-softmax",
            "That is a sigmoid of each logit. The rows do not add up to 1.",
            program=_probabilities_with(torch.sigmoid),
        ),
        Mistake("lost-output-bias", "The last layer has biases too: they belong to the logits.", program=_without_last_bias),
        Mistake(
            "log-softmax", "Those are the logarithms of the probabilities.", program=_probabilities_with(lambda Z: torch.log_softmax(Z, 1))
        ),
        Mistake(
            "no-relu", "There is a ReLU after each hidden layer. Yours are affine.", program=_probabilities_with(_by_rows, lambda Z: Z)
        ),
        Mistake(
            "relu-on-logits",
            "There is no ReLU after the last layer: logits may be negative.",
            program=_probabilities_with(lambda Z: _by_rows(torch.relu(Z))),
        ),
        Mistake(
            "tanh-for-relu", "The hidden layers have another activation function here.", program=_probabilities_with(_by_rows, torch.tanh)
        ),
        Mistake(
            "classes-for-probabilities",
            "That is the most probable class of each row. Asked are the probabilities of all classes.",
            P=lambda v: v.P.argmax(axis=1),
        ),
    ),
)


# --- the gradients of every layer -----------------------------------------------------------------


def _loss_and_gradients(node: Any, X: Any, labels: Any, weights: Any, biases: Any) -> None:
    A = X
    for k in range(len(weights)):
        Z = node(f"Z{k}", A @ weights[k] + biases[k])
        A = torch.relu(Z)
    node("L", torch.nn.functional.nll_loss(torch.log_softmax(Z, dim=1), torch.as_tensor(labels)))


def _network_with(
    affine: Callable[..., Any] = lambda a, z_before, W, b: a @ W + b,
    loss: Callable[[Any, Any], Any] = lambda Z, labels: torch.nn.functional.cross_entropy(Z, labels),
) -> Any:
    """The network with another affine step, which also
    gets the pre-activations before it, or another loss.
    """

    def forward(node: Any, X: Any, labels: Any, weights: Any, biases: Any) -> None:
        A, Z = X, X
        for W, b in zip(weights, biases):
            Z = affine(A, Z, W, b)
            A = torch.relu(Z)
        node("L", loss(Z, torch.as_tensor(labels)))

    return forward


def _weights_meet_pre_activations(a: Any, z_before: Any, W: Any, b: Any) -> Any:
    met = z_before.detach() @ W
    return a @ W.detach() + b + met - met.detach()


def _gated_logits(Z: Any, labels: Any) -> Any:
    return torch.nn.functional.cross_entropy(with_slope(Z, Z, (Z > 0).double()), labels)


def _gradient_at_logits(wrong: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A loss whose gradient at the logits is taken to be wrong(P, labels)."""

    def loss(Z: Any, labels: Any) -> Any:
        plane = (wrong(torch.softmax(Z, dim=1), labels).detach() * Z).sum()
        return plane + (torch.nn.functional.cross_entropy(Z, labels) - plane).detach()

    return loss


def _residual(P: Any, labels: Any) -> Any:
    return P - torch.nn.functional.one_hot(labels, P.shape[1])


def _every_row_every_label(P: Any, labels: Any) -> Any:
    """`P[:, labels] -= 1`: what the index [:, labels] reaches, each place once."""
    reached = torch.zeros_like(P)
    reached[:, labels] = 1.0
    return (P - reached) / len(P)


def _naive_loss(Z: Any, labels: Any) -> Any:
    P = torch.exp(Z) / torch.exp(Z).sum(dim=1, keepdim=True)
    return -torch.log(P[torch.arange(len(Z)), labels]).mean()


def _deltas(v: SimpleNamespace) -> list[Array]:
    return [getattr(v, f"dL_dZ{k}") for k in range(len(v.weights))]


def _last_only(name: str) -> Callable[[SimpleNamespace], Parts]:
    def formula(v: SimpleNamespace) -> Parts:
        *hidden, last = parts_like(getattr(v, f"dL_d{name}"), getattr(v, name))
        return [*(np.zeros_like(part) for part in hidden), last]

    return formula


def _backwards(name: str) -> Callable[[SimpleNamespace], Parts]:
    return lambda v: parts_like(getattr(v, f"dL_d{name}"), getattr(v, name))[::-1]


def _right_probabilities(v: SimpleNamespace) -> Array:
    return softmax(logits_of(v.X, v.weights, v.biases))[np.arange(len(v.X)), v.labels]


loss_and_gradients = Exercise(
    name="loss_and_gradients",
    asks=("L", "dL_dweights", "dL_dbiases"),
    forward=_loss_and_gradients,
    sample=_sample_layers,
    regimes=REGIMES,
    points=9,
    hints=(
        "Which values of the forward pass does the backward pass need? Start at the logits: what is the gradient there, and "
        "where does the mean "
        "over the batch come in? Which two steps then alternate?",
        r"$\delta^{[L]} = \frac1N(P - Y)$, where row $n$ of $Y$ has a 1 in column $\mathrm{label}_n$. "
        r"In each layer $\frac{\partial L}{\partial W^{[l]}} = A^{[l-1]\mathsf T}\delta^{[l]}$, "
        r"$\frac{\partial L}{\partial b^{[l]}} = \sum_n \delta^{[l]}_n$, "
        r"then $\delta^{[l-1]} = \delta^{[l]}W^{[l]\mathsf T}\odot[A^{[l-1]} > 0]$.",
        "Keep the list `activations`, beginning with X. "
        "`dL_dZ[np.arange(len(X)), labels] -= 1` subtracts the targets, then divide by `len(X)`. "
        "For `k` from the last layer to the first: `activations[k].T @ dL_dZ`, `dL_dZ.sum(axis=0)`, both to the FRONT of their lists. "
        "What comes before the next turn?",
    ),
    mistakes=(
        Mistake(
            "overflow",
            "The exponential of a large logit is larger than any float. "
            "Subtract the largest logit of the row before you take exponentials.",
            program=_network_with(loss=_naive_loss),
        ),
        Mistake(
            "saturated",
            "A probability can round to exactly 0, and the logarithm of 0 is infinite. "
            "Compute the logarithm of the softmax without the softmax.",
            L=lambda v: -np.log(_right_probabilities(v)).mean(),
        ),
        Mistake(
            "sum-for-mean",
            "The loss is the mean over the batch, and yours is the sum.",
            program=_network_with(loss=lambda Z, labels: len(Z) * torch.nn.functional.cross_entropy(Z, labels)),
        ),
        Mistake(
            "sum-for-mean-in-loss", "Your gradients belong to the mean over the batch. Your loss is the sum.", L=lambda v: v.L * len(v.X)
        ),
        Mistake("loss-sign", "Logarithms of probabilities are negative, and this loss is not.", L=lambda v: -v.L),
        Mistake(
            "probability-for-logarithm",
            "That is the mean probability of the right classes. The loss takes minus the logarithm of each.",
            L=lambda v: _right_probabilities(v).mean(),
        ),
        Mistake(
            "logarithm-of-the-mean",
            "That is the logarithm of a mean. The loss is a mean of logarithms.",
            L=lambda v: -np.log(_right_probabilities(v).mean()),
        ),
        Mistake(
            "every-label-in-every-row",
            "You take the columns of all labels for every example. From each row only the entry of its own label is needed.",
            L=lambda v: -np.log(softmax(logits_of(v.X, v.weights, v.biases))[:, v.labels]).mean(),
        ),
        Mistake(
            "mean-forgotten",
            "The loss is a mean over the batch. Your gradients are those of the sum.",
            program=_network_with(loss=_gradient_at_logits(_residual)),
        ),
        Mistake(
            "mean-twice",
            "The loss has divided by the number of examples already. Yours divides a second time.",
            program=_network_with(loss=_gradient_at_logits(lambda P, labels: _residual(P, labels) / len(P) ** 2)),
        ),
        Mistake(
            "mean-over-entries",
            "Your gradients are divided by the number of all entries of the logits. The mean is over the examples only.",
            program=_network_with(loss=_gradient_at_logits(lambda P, labels: _residual(P, labels) / P.numel())),
        ),
        Mistake(
            "target-dropped",
            "The labels have no effect on your gradients. Which entry of each row gets 1 subtracted?",
            program=_network_with(loss=_gradient_at_logits(lambda P, labels: P / len(P))),
        ),
        Mistake(
            "every-row-every-label",
            "Each row has one right class. Yours subtracts 1 in every row at the classes of all examples: "
            "a colon as the first index takes all rows.",
            program=_network_with(loss=_gradient_at_logits(_every_row_every_label)),
        ),
        Mistake(
            "slope-twice",
            "The derivative of the softmax has been used already, when the long product became a short difference.",
            program=_network_with(loss=_gradient_at_logits(lambda P, labels: _residual(P, labels) * P * (1 - P) / len(P))),
        ),
        Mistake(
            "gate-on-logits",
            "The last layer has no ReLU, so there is no gate between the loss and the logits.",
            program=_network_with(loss=_gated_logits),
        ),
        Mistake(
            "pre-activation-for-activation",
            "The gradient of a weight contains the activation of the layer before. Yours contains its pre-activation.",
            program=_network_with(affine=_weights_meet_pre_activations),
        ),
        Mistake(
            "last-layer-only",
            "Only your last layer has a gradient. The layers before it learn too.",
            dL_dweights=_last_only("weights"),
            dL_dbiases=_last_only("biases"),
        ),
        Mistake(
            "back-to-front",
            "You go from the last layer to the first, and your lists are in that order. They are asked for in the order of the weights.",
            dL_dweights=_backwards("weights"),
            dL_dbiases=_backwards("biases"),
        ),
        Mistake(
            "biases-back-to-front",
            "Your list of the weights is in the order asked for. The list of the biases runs from the last layer to the first.",
            dL_dbiases=_backwards("biases"),
        ),
        Mistake(
            "transposed-dW",
            "Right numbers, but transposed: the gradient of W has the shape of W, a row for each input and a column for each unit.",
            dL_dweights=lambda v: [part.T for part in parts_like(v.dL_dweights, v.weights)],
        ),
        Mistake(
            "unsummed-bias",
            "The whole batch uses the same biases, so their gradients add. Yours still have a row for each example.",
            dL_dbiases=_deltas,
        ),
    ),
)
