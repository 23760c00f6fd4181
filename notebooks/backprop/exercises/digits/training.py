"""Gradient descent with one step for each minibatch, and the choice of a learning rate."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.tape import Tape, flat
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed
from ...questions.training import Training
from ..support.descent import Descent, Loss
from .shared import REQUIRED, Array, mean_cross_entropy, sample_network


def _train(node: Any, batches: Any, weights: Any, biases: Any, alpha: Any) -> None:
    weights, biases = ([part.detach().clone().requires_grad_() for part in parts] for parts in (weights, biases))
    losses = []
    for X, labels in batches:
        L = mean_cross_entropy(torch.as_tensor(X), labels, weights, biases)
        losses.append(L.detach())
        gradients = torch.autograd.grad(L, [*weights, *biases])
        with torch.no_grad():
            for part, gradient in zip([*weights, *biases], gradients):
                part -= alpha.detach() * gradient
    node("losses", torch.stack(losses))
    node("weights_end", weights)
    node("biases_end", biases)


def _minibatch_loss(node: Any, X: Any, labels: Any, weights: Any, biases: Any) -> None:
    node("L", mean_cross_entropy(X, labels, weights, biases))


def _train_with(
    batch_of: Callable[[Any, int], Any] = lambda batches, k: batches[k],
    factor: Callable[[Any, Any], float] | None = None,
    after_the_step: bool = False,
    **rules: Any,
) -> Any:
    """Training on other batches, with another factor of the gradients, with the losses after each
    step, or with other rules of the descent.

    Parameters are numbered: the weights of all layers, then the biases of all layers.
    """

    def forward(node: Any, batches: Any, weights: Any, biases: Any, alpha: Any) -> None:
        layers = len(weights)

        def pair(X: Any, labels: Any) -> tuple[Loss, Loss]:
            def right(parts: Any) -> Any:
                return mean_cross_entropy(torch.as_tensor(X), labels, parts[:layers], parts[layers:])

            return right, right if factor is None else lambda parts: factor(batches, labels) * right(parts)

        pairs = [pair(*batch_of(batches, k)) for k in range(len(batches))]
        losses, history = Descent(**rules).run([*weights, *biases], pairs, alpha)
        if after_the_step:
            losses = [right(parts) for (right, _), parts in zip(pairs, history[1:])]
        node("losses", torch.stack(losses))
        node("weights_end", history[-1][:layers])
        node("biases_end", history[-1][layers:])

    return forward


def _trained_on(v: SimpleNamespace, batches: Any) -> Tape:
    """The same training on other batches."""
    return Tape(_train, {"batches": batches, "weights": v.weights, "biases": v.biases, "alpha": float(v.alpha)})


def _without_last(name: str) -> Callable[[SimpleNamespace], Array]:
    return lambda v: _trained_on(v, v.batches[:-1]).answer(name)


def _sample_training(rng: Rng) -> dict[str, Any]:
    """Three minibatches of five examples and one of two or three."""
    network = sample_network(rng, int(rng.integers(2, 4)))
    inputs = network["X"].shape[1]
    batches = [(signed(rng, size=(size, inputs)), rng.permutation(np.arange(size) % 3)) for size in (5, 5, 5, int(rng.integers(2, 4)))]
    return {
        "batches": batches,
        "weights": network["weights"],
        "biases": network["biases"],
        "alpha": float(rng.integers(11, 30)) / 100,
    }


train_epoch = Exercise(
    name="train_epoch",
    asks=("losses", "weights_end", "biases_end"),
    forward=_train,
    training=Training(
        loss=_minibatch_loss,
        inputs=lambda v: [{"X": X, "labels": labels, "weights": v["weights"], "biases": v["biases"]} for X, labels in v["batches"]],
        parameters=("weights", "biases"),
        told=lambda moved: {f"{name}_end": flat(moved[name]) for name in ("weights", "biases")},
        ends_with_step=True,
    ),
    sample=_sample_training,
    rtol=1e-8,
    points=5,
    hints=(
        "What does one step need, and at which parameters is it computed? How many steps does this function take?",
        r"For each minibatch: store $L$, then $\theta \leftarrow \theta - \alpha\,\frac{\partial L}{\partial\theta}$ "
        r"for all parameters at once, "
        "where $L$ is the mean over this minibatch.",
        "`for X, labels in batches:` call your `loss_and_gradients` once, append the loss, then make two new lists such as "
        "`[W - alpha * dL_dW for W, dL_dW in zip(weights, dL_dweights)]`. What do the names `weights` and `biases` mean in the next turn?",
    ),
    mistakes=(
        Mistake(
            "alpha-for-gradient",
            "Every entry moves by the same amount: the learning rate is subtracted, and the gradient is missing.",
            program=_train_with(step=lambda part, gradient, alpha: part - alpha),
        ),
        Mistake(
            "sum-for-mean",
            "Your steps are those of the sum over a minibatch. The loss is its mean.",
            program=_train_with(factor=lambda batches, labels: float(len(labels))),
        ),
        Mistake(
            "mean-twice",
            "Your steps are too short: the number of examples divides them twice.",
            program=_train_with(factor=lambda batches, labels: 1 / len(labels)),
        ),
        Mistake(
            "short-batch-like-a-full-one",
            "Each minibatch has a mean of its own. In yours the last one is divided by the size of a full one, so its step is too short.",
            program=_train_with(factor=lambda batches, labels: len(labels) / len(batches[0][1])),
        ),
        Mistake(
            "divided-by-all-examples",
            "Your gradients are divided by the number of all examples. A minibatch has a mean of its own.",
            program=_train_with(factor=lambda batches, labels: len(labels) / sum(len(each) for _, each in batches)),
        ),
        Mistake(
            "first-batch-only",
            "Every step takes the next minibatch. Yours takes the first one each time.",
            program=_train_with(batch_of=lambda batches, k: batches[0]),
        ),
        Mistake(
            "last-layer-only",
            "Only your last layer changes. Every step changes all layers.",
            program=_train_with(groups=lambda parts: [[parts // 2 - 1, parts - 1]]),
        ),
        Mistake(
            "always-from-the-start",
            "Each of your steps begins at the parameters that were given. It should begin where the step before has ended.",
            losses=lambda v: np.concatenate([_trained_on(v, [batch]).answer("losses") for batch in v.batches]),
            weights_end=lambda v: _trained_on(v, v.batches[-1:]).answer("weights_end"),
            biases_end=lambda v: _trained_on(v, v.batches[-1:]).answer("biases_end"),
        ),
        Mistake(
            "last-batch-dropped",
            "The last minibatch, the short one, is left out.",
            losses=lambda v: v.losses[:-1],
            weights_end=_without_last("weights_end"),
            biases_end=_without_last("biases_end"),
        ),
        Mistake(
            "losses-after-the-step",
            "Your parameters are right. The loss of a minibatch is computed before its step, and yours after it.",
            losses=lambda v: Tape(
                _train_with(after_the_step=True),
                {"batches": v.batches, "weights": v.weights, "biases": v.biases, "alpha": float(v.alpha)},
            ).answer("losses"),
            weights_end=lambda v: v.weights_end,
            biases_end=lambda v: v.biases_end,
        ),
        Mistake("last-loss-only", "That is the last loss. One for each minibatch is asked for.", losses=lambda v: v.losses[-1]),
        Mistake("mean-of-losses", "That is the mean of the losses. One for each minibatch is asked for.", losses=lambda v: v.losses.mean()),
    ),
)


# --- the choice of a learning rate ----------------------------------------------------------------


def _choose_rate(node: Any, rates: Any, training_losses: Any, validation_losses: Any) -> None:
    usable = torch.where(torch.isfinite(validation_losses), validation_losses, torch.inf)
    place = int(torch.argmin(usable))
    node("alpha", rates[place // usable.shape[1]])
    node("epoch", torch.tensor(float(place % usable.shape[1])))


def _sample_curves(rng: Rng) -> dict[str, Any]:
    """Curves of four or five rates, in any order; one diverges.

    The lowest validation loss belongs to one rate, the lowest one of the last epoch to another, and
    the lowest training loss and the lowest mean of the validation loss to a third.
    """
    count, epochs = int(rng.integers(4, 6)), int(rng.integers(7, 11))
    rates = np.sort(rng.choice([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0], size=count, replace=False))
    t = np.arange(1, epochs + 1)
    training = np.array([2.3 * np.exp(-t * 0.05 * 2.0**k) for k in range(count)]) + rng.uniform(0.01, 0.03, size=(count, epochs))
    validation = training + rng.uniform(0.03, 0.08, size=(count, epochs))
    best = int(rng.integers(2, epochs - 3))
    validation[-2] = 0.05 * rng.uniform(0.9, 1.1) + 0.8 * np.abs(t - 1 - best) / epochs  # falls, then rises
    training[-4] = 0.02 * np.exp(-0.2 * t)
    validation[-4] = 0.14 * rng.uniform(0.95, 1.05, size=epochs)
    validation[-4, -1] = 0.2
    validation[-3, -1] = 0.1 * rng.uniform(0.9, 1.1)
    from_here = int(rng.integers(2, 4))
    training[-1, from_here:] = validation[-1, from_here:] = np.nan
    order = rng.permutation(count)
    return {
        "rates": rates[order],
        "training_losses": training[order].round(4),
        "validation_losses": validation[order].round(4),
    }


def _chosen(table: Callable[[SimpleNamespace], Array]) -> dict[str, Callable[[SimpleNamespace], float]]:
    """The rate and the epoch at the smallest entry of a table; nan counts as NumPy counts it."""

    def place(v: SimpleNamespace) -> tuple[int, int]:
        values = table(v)
        return divmod(int(np.argmin(values)), values.shape[1])

    return {"alpha": lambda v: float(v.rates[place(v)[0]]), "epoch": lambda v: float(place(v)[1])}


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.inf)


def _only_last(values: Array) -> Array:
    """The table with its last column alone."""
    kept = np.full_like(values, np.inf)
    kept[:, -1] = _finite(values)[:, -1]
    return kept


def _only_row(v: SimpleNamespace, row: Any) -> Array:
    """The table of validation losses with one row alone."""
    kept = np.full_like(v.validation_losses, np.inf)
    kept[row] = _finite(v.validation_losses)[row]
    return kept


choose_rate = Exercise(
    name="choose_rate",
    asks=("alpha", "epoch"),
    forward=_choose_rate,
    sample=_sample_curves,
    compared_with=REQUIRED,
    points=2,
    hints=(
        "Which of the two losses is that of digits that the network was not trained on? What does `np.argmin` do with nan?",
        r"The smallest finite entry of the table, $\min_{r, e} V_{re}$: its row gives $\alpha$, its column the epoch.",
        "`np.nanargmin(validation_losses)` is a place in the flattened table. "
        "`np.unravel_index(place, validation_losses.shape)` gives its row and its column.",
    ),
    mistakes=(
        Mistake(
            "nan-wins",
            "The run that diverged has won: for NumPy's minimum, nan counts as the smallest.",
            **_chosen(lambda v: v.validation_losses),
        ),
        Mistake(
            "training-loss",
            "You choose by the training loss. A network that overfits would win.",
            **_chosen(lambda v: _finite(v.training_losses)),
        ),
        Mistake(
            "last-epoch-only",
            "You compare the last epochs only. A run may have been better before, and then training can stop there.",
            **_chosen(lambda v: _only_last(v.validation_losses)),
        ),
        Mistake(
            "mean-over-epochs",
            "You compare the means over the epochs. One good epoch is enough, because training can stop there.",
            **_chosen(lambda v: _only_row(v, np.argmin(_finite(v.validation_losses).mean(axis=1)))),
        ),
        Mistake(
            "largest-loss",
            "The lowest loss is the best one.",
            **_chosen(lambda v: -np.where(np.isfinite(v.validation_losses), v.validation_losses, -np.inf)),
        ),
        Mistake(
            "row-for-rate", "That is the number of the row. Asked is the rate itself.", alpha=lambda v: float(list(v.rates).index(v.alpha))
        ),
        Mistake(
            "place-for-epoch",
            "That is a place in the flattened table. Which column is it in?",
            epoch=lambda v: float(np.nanargmin(v.validation_losses)),
        ),
        Mistake("counted-from-one", "Epochs are counted from 0 here, as columns are.", epoch=lambda v: v.epoch + 1),
        Mistake("row-for-epoch", "That is the row. The epoch is the column.", epoch=lambda v: float(list(v.rates).index(v.alpha))),
        Mistake(
            "last-epoch",
            "The rate is right. The epoch is the one in which its validation loss is lowest, and not the last one.",
            epoch=lambda v: float(v.validation_losses.shape[1] - 1),
        ),
        Mistake(
            "loss-for-epoch",
            "That is the lowest loss. Asked is the epoch in which it occurs.",
            epoch=lambda v: np.nanmin(v.validation_losses),
        ),
    ),
)
