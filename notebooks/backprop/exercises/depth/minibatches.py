"""Minibatches: how an epoch is divided, what a short batch counts, and training with them."""

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.tape import Tape, flat
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, positive, signed, sizes
from ...questions.training import Training
from ..support.descent import Descent, Loss
from .shared import Array, mean_cross_entropy

LEFT_OUT = "The last minibatch is shorter than the others, and it belongs to the epoch all the same. "

# --- counting steps -------------------------------------------------------------------------------


def _epoch_steps(node: Any) -> None:
    batches = torch.arange(1000).split(64)
    node("steps", torch.tensor(float(len(batches))))
    node("last_batch", torch.tensor(float(len(batches[-1]))))
    node("updates", torch.tensor(5.0 * len(batches)))


epoch_steps = Prediction(
    name="epoch_steps",
    asks=("steps", "last_batch", "updates"),
    forward=_epoch_steps,
    sample=lambda rng: {},
    rtol=1e-3,
    points=3,
    hints=(
        "How many full minibatches can be made of 1000 examples? What happens to the examples that are left over?",
        r"$1000 = 64\,q + r$ with $0 \le r < 64$. There are $q$ full minibatches, and one more of $r$ examples.",
        "15 full ones take 960 examples. Which minibatch has the rest? Each minibatch is one step, and there are five epochs.",
    ),
    mistakes=(
        Mistake("last-batch-dropped", LEFT_OUT + "Yours does not count it.", steps=lambda v: 15.0),
        Mistake("fraction", "A minibatch is a step, however short it is. A number of steps is a whole number.", steps=lambda v: 15.625),
        Mistake(
            "full-batch", "One step for each epoch is full-batch gradient descent. Here each minibatch gives a step.", steps=lambda v: 1.0
        ),
        Mistake("step-for-each-example", "Each minibatch gives one step, not each example.", steps=lambda v: 1000.0),
        Mistake("size-for-steps", "That is the number of examples in a minibatch. How many minibatches are there?", steps=lambda v: 64.0),
        Mistake(
            "last-batch-full",
            "The sizes of all minibatches add up to the number of examples. With 64 in the last one there would be too many.",
            last_batch=lambda v: 64.0,
        ),
        Mistake(
            "missing-for-present",
            "That many examples are missing in the last minibatch. How many are in it?",
            last_batch=lambda v: 24.0,
        ),
        Mistake("one-epoch", "That is one epoch. Five were asked for.", updates=lambda v: 16.0),
        Mistake("epochs-for-updates", "That is the number of epochs. Each epoch has a step for each minibatch.", updates=lambda v: 5.0),
        Mistake("updates-without-last", LEFT_OUT + "In each of the five epochs yours leaves it out.", updates=lambda v: 75.0),
        Mistake(
            "epochs-joined",
            "Each epoch ends with its own short minibatch. Yours takes all five epochs as one long list of examples.",
            updates=lambda v: 79.0,
        ),
    ),
)

# --- dividing an epoch ----------------------------------------------------------------------------


def _minibatches(node: Any, order: Any, size: int) -> None:
    node("batches", [rows.double() for rows in torch.as_tensor(order).split(size)])


def _sample_order(rng: Rng) -> dict[str, Any]:
    size = int(rng.integers(3, 6))
    full, rest = int(rng.integers(2, 5)), int(rng.integers(size))
    return {"order": rng.permutation(full * size + rest), "size": size}


def _pieces(rows: Array, size: int, last: int | None = None) -> list[Array]:
    return [rows[first : first + size] for first in range(0, len(rows) if last is None else last, size)]


def _filled_up(v: SimpleNamespace) -> list[Array]:
    missing = -len(v.order) % v.size
    return _pieces(np.concatenate([v.order, v.order[:missing]]), v.size)


minibatches = Exercise(
    name="minibatches",
    asks=("batches",),
    forward=_minibatches,
    sample=_sample_order,
    regimes=(lambda v: len(v.order) % v.size > 1, lambda v: len(v.order) % v.size == 1, lambda v: len(v.order) % v.size == 0),
    points=3,
    hints=(
        "At which places of `order` does a new minibatch begin? Does the last one need a special case?",
        r"Minibatch $j$ has the places $js, js + 1, \dots, js + s - 1$ of the order, as far as they exist.",
        "`order[first : first + size]` for `first in range(0, len(order), size)`. A slice that goes beyond the end stops there. "
        "What comes out if `size` divides the number of examples?",
    ),
    mistakes=(
        Mistake(
            "last-batch-dropped",
            LEFT_OUT + "Yours leaves it out.",
            batches=lambda v: _pieces(v.order, v.size, len(v.order) - len(v.order) % v.size),
        ),
        Mistake(
            "last-batch-filled-up",
            "Your last minibatch is filled up with examples that were used before.",
            batches=_filled_up,
        ),
        Mistake(
            "last-rows-again",
            "Your last minibatch has the full size, so some of its examples were in the one before.",
            batches=lambda v: [*_pieces(v.order, v.size, len(v.order) - v.size), v.order[-v.size :]],
        ),
        Mistake(
            "order-ignored",
            "Your minibatches take the examples as they stand in the data. They are asked for in another sequence, the one of the order.",
            batches=lambda v: _pieces(np.arange(len(v.order)), v.size),
        ),
        Mistake(
            "every-nth",
            "A minibatch has neighbours in the order. Yours takes examples that lie apart.",
            batches=lambda v: [v.order[start :: len(v.order) // v.size] for start in range(len(v.order) // v.size)],
        ),
        Mistake(
            "step-of-one",
            "The next minibatch begins where the one before has ended. Yours begins one example further on.",
            batches=lambda v: [v.order[first : first + v.size] for first in range(len(v.order) - v.size + 1)],
        ),
    ),
)

# --- the gradient of the whole batch --------------------------------------------------------------


def _combined_gradient(node: Any, gradients: Any, counts: list[int]) -> None:
    total = sum(count * gradient for count, gradient in zip(counts, gradients))
    node("of_the_sum", total)
    node("of_the_mean", total / sum(counts))


def _sample_gradients(rng: Rng) -> dict[str, Any]:
    inputs, units = sizes(rng, 2, 2, 4)
    size, batches = int(rng.integers(4, 9)), int(rng.integers(2, 5))
    counts = [*[size] * batches, int(rng.integers(1, size - 1))]
    return {"gradients": [signed(rng, 0.3, 2.0, size=(inputs, units)) for _ in counts], "counts": counts}


def _stacked(v: SimpleNamespace) -> Array:
    return np.stack(v.gradients)


combined_gradient = Exercise(
    name="combined_gradient",
    asks=("of_the_sum", "of_the_mean"),
    forward=_combined_gradient,
    sample=_sample_gradients,
    points=2,
    hints=(
        "Each of the gradients is a mean over its own minibatch. What is the sum over the minibatch? And over all of them?",
        r"$\sum_n g_n = \sum_j N_j\,\bar g_j$, where $\bar g_j$ is the mean over minibatch $j$ and $N_j$ its number of examples. "
        r"The mean is that divided by $N = \sum_j N_j$.",
        "`sum(count * gradient for count, gradient in zip(counts, gradients))` is the first. By which number is it divided for the second: "
        "by the number of minibatches, or by the number of examples?",
    ),
    mistakes=(
        Mistake(
            "sum-of-means",
            "Each gradient is a mean over its minibatch. Added as they are, every minibatch counts the same, whatever its size.",
            of_the_sum=lambda v: _stacked(v).sum(axis=0),
        ),
        Mistake(
            "first-size-for-all",
            "The last minibatch is shorter. Yours counts it as if it were full.",
            of_the_sum=lambda v: v.counts[0] * _stacked(v).sum(axis=0),
        ),
        Mistake(
            "short-batch-left-out",
            LEFT_OUT + "Yours leaves it out.",
            of_the_sum=lambda v: v.counts[0] * _stacked(v)[:-1].sum(axis=0),
            of_the_mean=lambda v: _stacked(v)[:-1].mean(axis=0),
        ),
        Mistake(
            "mean-of-means",
            "The plain mean of the gradients counts an example of the short minibatch more than the others.",
            of_the_mean=lambda v: _stacked(v).mean(axis=0),
        ),
        Mistake(
            "divided-by-batches",
            "Yours is divided by the number of minibatches. A mean over the examples is divided by their number.",
            of_the_mean=lambda v: v.of_the_sum / len(v.counts),
        ),
        Mistake(
            "mean-is-sum",
            "Your second result is the first one again. A mean is divided by the number of examples.",
            of_the_mean=lambda v: v.of_the_sum,
        ),
    ),
)

# --- training -------------------------------------------------------------------------------------

Batches = Callable[[Any, int], list[tuple[Any, Any]]]  # (orders, size) -> rows of X and rows of Y, step by step


def _in_order(orders: Any, size: int) -> list[tuple[Any, Any]]:
    return [(rows, rows) for order in torch.as_tensor(orders) for rows in order.split(size)]


def _train_minibatches(node: Any, X: Any, Y: Any, weights: Any, biases: Any, alpha: Any, orders: Any, size: int) -> None:
    X, Y, alpha = X.detach(), Y.detach(), alpha.detach()
    weights, biases = ([part.detach().clone().requires_grad_() for part in parts] for parts in (weights, biases))
    losses = []
    for order in torch.as_tensor(orders):
        for rows in order.split(size):
            L = mean_cross_entropy(X[rows], Y[rows], weights, biases)
            losses.append(L.detach())
            gradients = torch.autograd.grad(L, [*weights, *biases])
            with torch.no_grad():
                for parameter, gradient in zip([*weights, *biases], gradients):
                    parameter -= alpha * gradient
    node("losses", torch.stack(losses))
    node("weights_end", weights)
    node("biases_end", biases)


def _minibatch_loss(node: Any, X: Any, Y: Any, weights: Any, biases: Any) -> None:
    node("L", mean_cross_entropy(X, Y, weights, biases))


def _minibatches_of(v: Mapping[str, Any]) -> list[dict[str, Any]]:
    parameters = {name: v[name] for name in ("weights", "biases")}
    rows_of_each = [rows.numpy() for rows, _ in _in_order(v["orders"], v["size"])]
    return [{"X": v["X"][rows], "Y": v["Y"][rows]} | parameters for rows in rows_of_each]


def _train_with(
    batches: Batches = _in_order,
    loss: Callable[..., Any] | None = None,
    start_of_epoch: bool = False,
    after_the_step: bool = False,
    **rules: Any,
) -> Any:
    """Training with other minibatches, on another loss, with gradients at the parameters before the
    epoch, with the losses after each step, or with other rules of the descent.

    The loss also gets the size of a minibatch and the number of all examples. Parameters are
    numbered: the weights of all layers, then the biases.
    """

    def forward(node: Any, X: Any, Y: Any, weights: Any, biases: Any, alpha: Any, orders: Any, size: int) -> None:
        X, Y, layers = X.detach(), Y.detach(), len(weights)

        def pair(rows: Any, also: Any) -> tuple[Loss, Loss]:
            def right(parts: Any) -> Any:
                return mean_cross_entropy(X[rows], Y[also], parts[:layers], parts[layers:])

            return right, right if loss is None else lambda parts: loss(X[rows], Y[also], parts[:layers], parts[layers:], size, len(X))

        pairs = [pair(rows, also) for rows, also in batches(orders, size)]
        per_epoch = len(pairs) // len(orders)
        early: dict[str, Any] = {"taken_at": lambda k: k - k % per_epoch} if start_of_epoch else {}
        losses, history = Descent(**rules, **early).run([*weights, *biases], pairs, alpha)
        if after_the_step:
            losses = [right(parts) for (right, _), parts in zip(pairs, history[1:])]
        node("losses", torch.stack(losses))
        node("weights_end", history[-1][:layers])
        node("biases_end", history[-1][layers:])

    return forward


def _without_the_short_one(orders: Any, size: int) -> list[tuple[Any, Any]]:
    return [(rows, also) for rows, also in _in_order(orders, size) if len(rows) == size]


def _with_other_targets(orders: Any, size: int) -> list[tuple[Any, Any]]:
    """The inputs in the order of the epoch, the targets in that of the data."""
    return list(zip((rows for rows, _ in _in_order(orders, size)), (rows for rows, _ in _unshuffled(orders, size))))


def _unshuffled(orders: Any, size: int) -> list[tuple[Any, Any]]:
    return _in_order(np.tile(np.arange(len(orders[0])), (len(orders), 1)), size)


def _whole_batch(orders: Any, size: int) -> list[tuple[Any, Any]]:
    """All examples in every step."""
    return [(torch.arange(len(orders[0])),) * 2] * len(_in_order(orders, size))


def _in_epochs(v: SimpleNamespace) -> Array:
    """The losses, a row for each epoch."""
    return v.losses.reshape(len(v.orders), -1)


def _given(v: SimpleNamespace) -> dict[str, Any]:
    """The inputs of the training."""
    inputs = {name: getattr(v, name) for name in ("X", "Y", "weights", "biases")}
    return inputs | {"alpha": float(v.alpha), "orders": v.orders, "size": v.size}


def _trained(v: SimpleNamespace, orders: Array) -> Tape:
    """The same training in other epochs."""
    return Tape(_train_minibatches, _given(v) | {"orders": orders})


def _sample_training(rng: Rng) -> dict[str, Any]:
    """Two epochs on a small batch with soft targets; the last minibatch of an epoch is short."""
    inputs, hidden = sizes(rng, 2, 2, 5)
    widths, size = [inputs, hidden, 3], int(rng.integers(3, 5))
    examples = 2 * size + int(rng.integers(1, size))
    targets = positive(rng, 0.2, 1.7, size=(examples, 3))
    return {
        "X": signed(rng, size=(examples, inputs)),
        "Y": targets / targets.sum(axis=1, keepdims=True),
        "weights": [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])],
        "biases": [signed(rng, 0.1, 0.6, size=width) for width in widths[1:]],
        "alpha": float(rng.integers(11, 30)) / 100,
        "orders": np.stack([rng.permutation(examples) for _ in range(2)]),
        "size": size,
    }


def _gates_of_both_kinds(v: SimpleNamespace) -> bool:
    Z = v.X @ v.weights[0] + v.biases[0]
    return bool(np.any(Z > 0) and np.any(Z < 0) and np.abs(Z).min() > 1e-2)


train_minibatches = Exercise(
    name="train_minibatches",
    asks=("losses", "weights_end", "biases_end"),
    forward=_train_minibatches,
    training=Training(
        loss=_minibatch_loss,
        inputs=_minibatches_of,
        epoch=lambda v: math.ceil(len(v["X"]) / v["size"]),
        parameters=("weights", "biases"),
        told=lambda moved: {f"{name}_end": flat(moved[name]) for name in ("weights", "biases")},
        ends_with_step=True,
    ),
    sample=_sample_training,
    regimes=(_gates_of_both_kinds,),
    rtol=1e-8,
    points=5,
    hints=(
        "Two loops, one in the other: over what does the outer one run, and over what the inner one? Which rows does a step see?",
        r"For each order, and each minibatch $B$ of it: store $L_B$, then $\theta \leftarrow \theta - \alpha\,\nabla L_B(\theta)$, "
        r"where $L_B$ is the mean over the examples in $B$.",
        "`for order in orders:` and `for rows in minibatches(order, size):`. A step is "
        "`batch_losses, weights, biases = train(X[rows], Y[rows], weights, biases, alpha, 1)`. "
        "It returns two losses. Which of them is asked for?",
    ),
    mistakes=(
        Mistake(
            "sum-for-mean",
            "The loss of a minibatch is the mean over its examples. Your steps are those of the sum.",
            program=_train_with(loss=lambda X, Y, weights, biases, size, N: len(X) * mean_cross_entropy(X, Y, weights, biases)),
        ),
        Mistake(
            "mean-twice",
            "Your steps are too short: they are divided by the number of examples twice.",
            program=_train_with(loss=lambda X, Y, weights, biases, size, N: mean_cross_entropy(X, Y, weights, biases) / len(X)),
        ),
        Mistake(
            "divided-by-size",
            "The last minibatch of an epoch is shorter, and the mean over it is divided by its own number of examples.",
            program=_train_with(loss=lambda X, Y, weights, biases, size, N: len(X) / size * mean_cross_entropy(X, Y, weights, biases)),
        ),
        Mistake(
            "divided-by-all",
            "The mean is taken over the minibatch. Yours is divided by the number of all examples.",
            program=_train_with(loss=lambda X, Y, weights, biases, size, N: len(X) / N * mean_cross_entropy(X, Y, weights, biases)),
        ),
        Mistake("last-batch-dropped", LEFT_OUT + "Yours takes no step with it.", program=_train_with(batches=_without_the_short_one)),
        Mistake(
            "order-ignored",
            "Your minibatches take the examples as they stand in the data. Each epoch has its own order.",
            program=_train_with(batches=_unshuffled),
        ),
        Mistake(
            "first-order-for-all",
            "Each epoch has its own order. Yours uses that of the first epoch for all of them.",
            program=_train_with(batches=lambda orders, size: _in_order(np.tile(orders[:1], (len(orders), 1)), size)),
        ),
        Mistake(
            "targets-not-shuffled",
            "The inputs are shuffled and the targets are not, so examples get the targets of others.",
            program=_train_with(batches=_with_other_targets),
        ),
        Mistake(
            "full-batch",
            "Each of your steps uses all examples. A step uses its minibatch only.",
            program=_train_with(batches=_whole_batch),
        ),
        Mistake(
            "start-of-epoch",
            "Your gradients are all taken at the parameters with which the epoch began. "
            "Each step begins with the parameters after the step before.",
            program=_train_with(start_of_epoch=True),
        ),
        Mistake(
            "one-epoch-only",
            "Your training ends after the first epoch.",
            losses=lambda v: _in_epochs(v)[0],
            weights_end=lambda v: _trained(v, v.orders[:1]).answer("weights_end"),
            biases_end=lambda v: _trained(v, v.orders[:1]).answer("biases_end"),
        ),
        Mistake(
            "losses-of-epochs",
            "Those are means over the epochs. There is one loss for each minibatch.",
            losses=lambda v: _in_epochs(v).mean(axis=1),
        ),
        Mistake(
            "loss-after-the-step",
            "The parameters are right. Your losses are those after each step; asked are those before it.",
            losses=lambda v: Tape(_train_with(after_the_step=True), _given(v)).answer("losses"),
        ),
        Mistake("last-loss-only", "That is the last loss. One for each minibatch is asked for.", losses=lambda v: v.losses[-1]),
        Mistake(
            "first-losses-of-epochs",
            "Those are the losses of the first minibatch of each epoch. One for each minibatch is asked for.",
            losses=lambda v: _in_epochs(v)[:, 0],
        ),
    ),
)
