"""Minibatches: each example once in an epoch, in a new order, with its own label."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...checking.answers import Unreadable
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed
from ...translation import _
from .shared import REQUIRED, Array

Batches = list[tuple[Array, Array]]


def _minibatches(node: Any, X: Any, labels: Any, size: Any, seed: Any) -> None:
    count = len(X)
    sizes = [size] * (count // size) + [count % size] * (count % size > 0)
    node("batch_sizes", torch.tensor(sizes, dtype=torch.float64))
    node("least_and_most_used", torch.tensor([1.0, 1.0], dtype=torch.float64))
    node("labels_belong", torch.tensor(1.0, dtype=torch.float64))
    node("shuffled", torch.tensor(1.0, dtype=torch.float64))
    node("same_seed_same_order", torch.tensor(1.0, dtype=torch.float64))
    node("other_seed_other_order", torch.tensor(1.0, dtype=torch.float64))


def _sample_minibatches(rng: Rng) -> dict[str, Any]:
    """So many examples that a random order is never mistaken for the given one."""
    size, full = int(rng.integers(4, 8)), int(rng.integers(5, 8))
    count = size * full + int(rng.integers(0, size))
    first = signed(rng, size=count)
    X = np.column_stack([first, np.arange(count) / 100])  # no two examples are the same
    return {"X": rng.permutation(X), "labels": rng.permutation(np.arange(count) % 5), "size": size, "seed": int(rng.integers(1, 10_000))}


def _use_minibatches(answer: Callable[..., Any], X: Array, labels: Array, size: int, seed: int) -> tuple[Any, ...]:
    """Measure what the learner's function makes of the examples.

    The first call gets the check's own arrays, so that a change of them is noted.
    """
    rows, own = {tuple(row): k for k, row in enumerate(X)}, labels.copy()
    given = [(X, labels, seed), (X.copy(), labels.copy(), seed), (X.copy(), labels.copy(), seed + 1)]
    epochs = [_read_batches(answer(examples, theirs, size, which), rows) for examples, theirs, which in given]
    orders = [[place for batch, _ in batches for place in batch] for batches in epochs]
    told = np.concatenate([batch_labels for _, batch_labels in epochs[0]]) if epochs[0] else np.zeros(0)
    used = np.bincount(np.array(orders[0], dtype=int), minlength=len(X))
    belong = len(told) == len(orders[0]) and np.array_equal(told, own[np.array(orders[0], dtype=int)])
    return (
        np.array([float(len(batch)) for batch, _ in epochs[0]]),
        np.array([used.min(), min(used.max(), 2)], dtype=float),
        float(belong),
        float(_is_shuffled(orders[0])),
        float(orders[0] == orders[1]),
        float(orders[0] != orders[2]),
    )


def _read_batches(answer: Any, rows: dict[tuple[float, ...], int]) -> list[tuple[list[int], Array]]:
    """For each batch, which examples are in it, and their labels. Unreadable if that is unclear."""
    if not isinstance(answer, (list, tuple)):
        answer = list(answer) if hasattr(answer, "__next__") else answer
    if not isinstance(answer, (list, tuple)):
        raise Unreadable(_("A list of minibatches is asked for. Yours is of type {type}.", type=type(answer).__name__))
    found = []
    for k, pair in enumerate(answer):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise Unreadable(_("Minibatch {k} is no pair. Each one is `(X[rows], labels[rows])`.", k=k))
        examples, batch_labels = np.asarray(pair[0], dtype=float), np.asarray(pair[1])
        width = len(next(iter(rows)))
        if examples.ndim != 2 or examples.shape[1] != width:
            raise Unreadable(
                _(
                    "The examples of minibatch {k} have the shape {shape}. Each one is a row of X, with {width} columns.",
                    k=k,
                    shape=examples.shape,
                    width=width,
                )
            )
        if batch_labels.shape != (len(examples),):
            raise Unreadable(
                _(
                    "Minibatch {k} has {count} examples, and the shape of its labels is {shape}.",
                    k=k,
                    count=len(examples),
                    shape=batch_labels.shape,
                )
            )
        places = [rows.get(tuple(row)) for row in examples]
        if None in places:
            raise Unreadable(_("Row {row} of minibatch {k} is no row of X.", row=places.index(None), k=k))
        found.append(([place for place in places if place is not None], batch_labels))
    return found


def _is_shuffled(order: list[int]) -> bool:
    """Whether fewer than half of the neighbours in the given order are neighbours still.

    A random order has about two such pairs, whatever the number of examples.
    """
    kept = sum(abs(one - other) == 1 for one, other in zip(order, order[1:]))
    return kept < len(order) / 2


def _sizes(make: Callable[[int, int], list[int]]) -> Callable[[SimpleNamespace], Array]:
    return lambda v: np.array(make(len(v.X), v.size), dtype=float)


def _as_equal_as_possible(count: int, parts: int) -> list[int]:
    return [len(part) for part in np.array_split(np.arange(count), parts)]


def _no(v: SimpleNamespace) -> float:
    return 0.0


shuffled_batches = Exercise(
    name="shuffled_batches",
    asks=("batch_sizes", "least_and_most_used", "labels_belong", "shuffled", "same_seed_same_order", "other_seed_other_order"),
    forward=_minibatches,
    sample=_sample_minibatches,
    use=_use_minibatches,
    compared_with=REQUIRED,
    regimes=(lambda v: len(v.X) % v.size > 0, lambda v: len(v.X) % v.size == 0, lambda v: len(v.X) % v.size > 1),
    points=6,
    hints=(
        "How can you shuffle two arrays in the same way? Where does each minibatch begin, and what does a slice do that goes past the end?",
        r"With one permutation $\pi$ of $0, \dots, N - 1$: minibatch $k$ has the examples "
        r"$\pi(ks), \dots, \pi(ks + s - 1)$, as far as they exist.",
        "`order = np.random.default_rng(seed).permutation(len(X))`, and `rows = order[first : first + size]` for `first` in "
        "`range(0, len(X), size)`. Which two arrays do you index with `rows`?",
    ),
    mistakes=(
        Mistake(
            "last-batch-dropped",
            "The examples that do not fill a whole minibatch are missing. The last one may be shorter.",
            batch_sizes=_sizes(lambda count, size: [size] * (count // size)),
            least_and_most_used=lambda v: np.array([1.0 if len(v.X) % v.size == 0 else 0.0, 1.0]),
        ),
        Mistake(
            "last-batch-filled-up",
            "Your last minibatch is filled up with examples that were used before. It may be shorter.",
            batch_sizes=_sizes(lambda count, size: [size] * -(-count // size)),
            least_and_most_used=lambda v: np.array([1.0, 1.0 if len(v.X) % v.size == 0 else 2.0]),
        ),
        Mistake(
            "empty-batch",
            "If the size divides the number of examples, there is an empty minibatch at the end. A mean over no examples is not a number.",
            batch_sizes=_sizes(lambda count, size: [size] * (count // size) + [count % size]),
        ),
        Mistake(
            "off-by-one",
            "The last example never occurs. Where does the range of your indices end?",
            batch_sizes=_sizes(lambda count, size: [size] * ((count - 1) // size) + [(count - 1) % size] * ((count - 1) % size > 0)),
            least_and_most_used=lambda v: np.array([0.0, 1.0]),
        ),
        Mistake(
            "one-too-few",
            "Your slices are one example too short: the end of a slice is not included.",
            batch_sizes=_sizes(lambda count, size: [min(size, count - first) - 1 for first in range(0, count, size)]),
            least_and_most_used=lambda v: np.array([0.0, 1.0]),
        ),
        Mistake(
            "overlapping",
            "Your slices are one example too long, so neighbours share an example.",
            batch_sizes=_sizes(lambda count, size: [min(size + 1, count - first) for first in range(0, count, size)]),
            least_and_most_used=lambda v: np.array([1.0, 2.0]),
        ),
        Mistake(
            "size-for-number",
            "You make that many minibatches. Asked are minibatches with that many examples.",
            batch_sizes=_sizes(lambda count, size: _as_equal_as_possible(count, size)),
        ),
        Mistake(
            "evened-out",
            "Your minibatches are of nearly equal size. All but the last one should be full.",
            batch_sizes=_sizes(lambda count, size: _as_equal_as_possible(count, -(-count // size))),
        ),
        Mistake("one-batch", "All examples are in one minibatch. What is the size for?", batch_sizes=_sizes(lambda count, size: [count])),
        Mistake(
            "drawn-with-replacement",
            "Some examples occur more than once and others never. An epoch uses each example once: permute, do not draw.",
            least_and_most_used=lambda v: np.array([0.0, 2.0]),
        ),
        Mistake(
            "drawn-with-replacement-and-full",
            "Your minibatches are all full, and some examples occur more than once. An epoch uses each example once: permute, do not draw.",
            batch_sizes=_sizes(lambda count, size: [size] * -(-count // size)),
            least_and_most_used=lambda v: np.array([0.0, 2.0]),
        ),
        Mistake(
            "labels-left-behind",
            "Examples and labels do not belong together any more: they have to be shuffled by the same permutation.",
            labels_belong=_no,
        ),
        Mistake(
            "not-shuffled",
            "The examples are in the order in which they were given. Each epoch needs a new one.",
            shuffled=_no,
            other_seed_other_order=_no,
        ),
        Mistake(
            "batches-shuffled-only",
            "Neighbours stay together: the minibatches are shuffled, and the examples are not.",
            shuffled=_no,
        ),
        Mistake(
            "not-repeatable",
            "The same seed has given another order. Make a generator from the seed.",
            same_seed_same_order=_no,
        ),
        Mistake(
            "seed-ignored",
            "Another seed has given the same order, so all epochs would be alike. Which generator makes your permutation?",
            other_seed_other_order=_no,
        ),
    ),
)
