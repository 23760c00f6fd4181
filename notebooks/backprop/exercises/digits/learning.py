"""The learner's own network at work: overfitting twenty examples, and digits that it has not seen.

These exercises ask for behaviour. Widths, learning rate and number of steps are the learner's.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...digits import CLASSES, PIXELS, draw_digits
from ...exercise import Exercise, Mistake, Remark
from ...questions.sampling import Rng
from .shared import REQUIRED, Array, Parts, logits_of, read_network

FEW = 20
LOSS_OF_FEW = 0.05  # at most
TRAINING, UNSEEN = 600, 400  # digits
BAR = 0.88  # of the unseen digits, at least; tests/backprop/exercises/test_capstone.py says where it comes from
CHANCE = 1 / CLASSES
SCATTER = 0.05  # of the share that a network gets right which only guesses


def measured(X: Array, labels: Array, weights: Parts, biases: Parts) -> tuple[float, float]:
    """The mean cross-entropy, and the share of the labels that are right."""
    with np.errstate(all="ignore"):
        Z = logits_of(X, weights, biases)
        Z = Z - Z.max(axis=1, keepdims=True)
        log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return float(-log_P[np.arange(len(X)), labels].mean()), float((Z.argmax(axis=1) == labels).mean())


# --- overfitting twenty examples ------------------------------------------------------------------


def _overfit(node: Any, X: Any, labels: Any, seed: Any) -> None:
    node("number_right", torch.tensor(float(FEW), dtype=torch.float64))
    node("loss_at_most", torch.tensor(LOSS_OF_FEW, dtype=torch.float64))


def _sample_few(rng: Rng) -> dict[str, Any]:
    X, labels = draw_digits(FEW, int(rng.integers(1, 1_000_000)))
    return {"X": X, "labels": labels, "seed": int(rng.integers(1, 10_000))}


def _use_overfit(answer: Callable[..., Any], X: Array, labels: Array, seed: int) -> tuple[float, float]:
    digits, own = X.copy(), labels.copy()
    weights, biases = read_network(answer(X, labels, seed), [PIXELS, CLASSES])
    loss, share = measured(digits, own, weights, biases)
    return round(share * len(X)), max(loss, LOSS_OF_FEW)


def _log_of_classes(v: SimpleNamespace) -> float:
    return LOG_OF_CLASSES


LOG_OF_CLASSES = float(np.log(CLASSES))
ABOUT = 0.2  # a few steps change the loss by less

DIVERGED = "The parameters are no longer finite: training has diverged. Take a smaller learning rate, and look at the loss after each step."
UNTRAINED = "All classes are equally likely, as before the first step. Do you return the parameters after training, and do all layers move?"

overfit_twenty = Exercise(
    name="overfit_twenty",
    asks=("number_right", "loss_at_most"),
    forward=_overfit,
    sample=_sample_few,
    use=_use_overfit,
    compared_with=REQUIRED,
    points=3,
    hints=(
        "The twenty examples are one minibatch. How do you take several hundred steps on it with what you have written?",
        r"$\theta_0$ from `starting_parameters`, then $\theta \leftarrow \theta - \alpha\,\frac{\partial L}{\partial\theta}$ "
        r"until $L < 0.05$.",
        "`train_epoch([(X, labels)] * 300, weights, biases, 0.3)` takes 300 steps on the same minibatch. "
        "Its losses say whether that is enough. "
        "Which sizes do you give to `starting_parameters`, and what do you return?",
    ),
    mistakes=(
        Mistake("diverged", DIVERGED, number_right=lambda v: (v.labels == 0).sum(), loss_at_most=lambda v: np.nan),
        Mistake("untrained", UNTRAINED, number_right=lambda v: (v.labels == 0).sum(), loss_at_most=_log_of_classes),
        Mistake(
            "none-right",
            "None of the twenty is right, fewer than by guessing. Are the labels changed on the way, or does the loss grow?",
            number_right=lambda v: 0.0,
        ),
    ),
    remarks=(
        Remark(
            "Your loss is about 2.30, the logarithm of 10. A network to which all classes are equally likely has this loss, "
            "so hardly anything has been learned. How many steps do you take, does each one begin where the one before has ended, "
            "and do you return the last parameters?",
            lambda found: abs(found.loss_at_most - LOG_OF_CLASSES) < ABOUT,
        ),
        Remark(
            "Your loss is above 2.30, the logarithm of 10. A network to which all classes are equally likely does better than yours. "
            "Do the digits still have their own labels, and do your steps go against the gradient?",
            lambda found: found.loss_at_most > LOG_OF_CLASSES + ABOUT,
        ),
        Remark(
            "Your loss is below 2.30, the logarithm of 10, which is that of a network to which all classes are equally likely. "
            "So something has been learned, and not enough. More steps, or longer ones?",
            lambda found: found.loss_at_most < LOG_OF_CLASSES - ABOUT,
        ),
    ),
)


# --- digits that it has not seen ------------------------------------------------------------------


def _fit(node: Any, X: Any, labels: Any, seed: Any) -> None:
    node("accuracy_at_least", torch.tensor(BAR, dtype=torch.float64))
    node("finite_parameters", torch.tensor(1.0, dtype=torch.float64))


def _sample_training_digits(rng: Rng) -> dict[str, Any]:
    X, labels = draw_digits(TRAINING, int(rng.integers(1, 1_000_000)))
    return {"X": X, "labels": labels, "seed": int(rng.integers(1, 10_000))}


def _use_fit(answer: Callable[..., Any], X: Array, labels: Array, seed: int) -> tuple[float, float]:
    """Train with the learner's function, and count on digits that it was not given."""
    weights, biases = read_network(answer(X, labels, seed), [PIXELS, CLASSES])
    share = measured(*draw_digits(UNSEEN, [seed, UNSEEN]), weights, biases)[1]
    finite = all(np.isfinite(part).all() for part in [*weights, *biases])
    return _up_to_the_bar(share), float(finite)


def _up_to_the_bar(share: float) -> float:
    """The share, or the bar if it is above; chance, or 0, if it is close to that."""
    if share >= BAR:
        return BAR
    return CHANCE if abs(share - CHANCE) <= SCATTER else 0.0 if share <= CHANCE - SCATTER else share


fit_digits = Exercise(
    name="fit_digits",
    asks=("accuracy_at_least", "finite_parameters"),
    forward=_fit,
    sample=_sample_training_digits,
    use=_use_fit,
    compared_with=REQUIRED,
    points=6,
    hints=(
        "One epoch is a call of `shuffled_batches` and a call of `train_epoch`. "
        "What has to be different in each epoch, and what is handed on?",
        r"Start with `starting_parameters`; for epoch $e$: minibatches with the seed $\text{seed} + e$, one step for each of them.",
        "`for epoch in range(epochs):` then `batches = shuffled_batches(X, labels, size, seed + epoch)` and "
        "`_, weights, biases = train_epoch(batches, weights, biases, alpha)`. "
        "Which sizes, which rate and how many epochs did your experiments above suggest?",
    ),
    mistakes=(
        Mistake(
            "diverged",
            DIVERGED,
            accuracy_at_least=lambda v: CHANCE,
            finite_parameters=lambda v: 0.0,
        ),
        Mistake(
            "guessing",
            "About one digit in ten is right, as by guessing. Do the examples still have their own labels, "
            "and do you return the parameters after training?",
            accuracy_at_least=lambda v: CHANCE,
        ),
        Mistake(
            "fewer-than-by-guessing",
            "Hardly any digit is right, fewer than by guessing. Are the labels changed on the way, or does the loss grow?",
            accuracy_at_least=lambda v: 0.0,
        ),
        Mistake(
            "uphill-until-infinite",
            "Hardly any digit is right, and the parameters are no longer finite. Look at the sign of your step.",
            accuracy_at_least=lambda v: 0.0,
            finite_parameters=lambda v: 0.0,
        ),
    ),
    remarks=(
        Remark(
            "Fewer than half of the unseen digits are right, so the network has learned little. "
            "Do all the training digits occur in an epoch, and does each epoch begin where the one before has ended? "
            "Do the hidden units begin with different weights, and is the learning rate large enough?",
            lambda found: found.accuracy_at_least < 0.5,
        ),
        Remark(
            "More of the unseen digits are right than by guessing, so the network has learned something. "
            "Does the loss still fall in your last epoch? What do more epochs or another learning rate change?",
            lambda found: CHANCE < found.accuracy_at_least < BAR,
        ),
    ),
)
