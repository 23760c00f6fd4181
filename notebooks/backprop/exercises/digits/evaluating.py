"""Which digit is taken for which: the confusion matrix."""

from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng
from .shared import REQUIRED, Array

REPEATED = "Two examples with the same pair of classes are two. "


def _confusion_matrix(node: Any, labels: Any, predictions: Any, classes: Any) -> None:
    pairs = torch.as_tensor(labels * classes + predictions)
    C = torch.bincount(pairs, minlength=classes**2).reshape(classes, classes).double()
    node("counts", C)
    node("right_of_class", C.diagonal() / C.sum(dim=1))
    node("accuracy", C.trace() / C.sum())


def _sample_predictions(rng: Rng) -> dict[str, Any]:
    """Four to six classes, unequally frequent; each is predicted, and some mistakes occur twice."""
    classes = int(rng.integers(4, 7))
    labels = np.concatenate([np.arange(classes), np.arange(classes), rng.integers(0, classes, size=20)])
    predictions = np.where(rng.random(len(labels)) < 0.6, labels, rng.integers(0, classes, size=len(labels)))
    predictions[:classes] = np.arange(classes)
    predictions[classes : classes + 2], labels[classes : classes + 2] = 1, 0
    order = rng.permutation(len(labels))
    return {"labels": labels[order], "predictions": predictions[order], "classes": classes}


def _counts(v: Any) -> Array:
    C = np.zeros((v.classes, v.classes))
    np.add.at(C, (v.labels, v.predictions), 1)
    return C


def _columns(v: Any) -> Array:
    C = _counts(v)
    return np.diag(C) / C.sum(axis=0)


confusion_matrix = Exercise(
    name="confusion_matrix",
    asks=("counts", "right_of_class", "accuracy"),
    forward=_confusion_matrix,
    sample=_sample_predictions,
    compared_with=REQUIRED,
    points=4,
    hints=(
        "Take one example with the label 3 that was taken for an 8. Which entry of the matrix grows by 1? "
        "Which entries are the right answers, and which sum is the number of all threes?",
        r"$C_{ij} = $ number of examples with label $i$ and prediction $j$. Right of class $i$: $C_{ii} / \sum_j C_{ij}$; "
        r"accuracy: $\sum_i C_{ii} / \sum_{ij} C_{ij}$.",
        "Begin with zeros of shape `(classes, classes)` and use `np.add.at(counts, (first, second), 1)`, "
        "as for the embedding of lesson 08. Which of labels and predictions numbers the rows? `np.diag(counts)` has the right ones.",
    ),
    mistakes=(
        Mistake(
            "transposed",
            "Your matrix is transposed: the row is the true class, the column is the predicted one.",
            counts=lambda v: v.counts.T,
            right_of_class=_columns,
        ),
        Mistake(
            "transposed-counts-only",
            "Your matrix is transposed: the row is the true class, the column is the predicted one.",
            counts=lambda v: v.counts.T,
        ),
        Mistake(
            "fancy-index-add",
            REPEATED + "With a repeated index, adding by indexing writes each place once.",
            counts=lambda v: np.minimum(v.counts, 1),
            right_of_class=lambda v: np.diag(np.minimum(v.counts, 1)) / np.minimum(v.counts, 1).sum(axis=1),
            accuracy=lambda v: np.trace(np.minimum(v.counts, 1)) / np.minimum(v.counts, 1).sum(),
        ),
        Mistake(
            "fancy-index-add-in-counts",
            REPEATED + "With a repeated index, adding by indexing writes each place once.",
            counts=lambda v: np.minimum(v.counts, 1),
        ),
        Mistake(
            "mistakes-only",
            "The right answers are missing: they belong on the diagonal.",
            counts=lambda v: v.counts - np.diag(np.diag(v.counts)),
        ),
        Mistake(
            "right-ones-only",
            "Your matrix has the right answers only. The mistakes are what it is for.",
            counts=lambda v: np.diag(np.diag(v.counts)),
        ),
        Mistake(
            "shares-for-counts",
            "Your rows add up to 1. Asked are the counts.",
            counts=lambda v: v.counts / v.counts.sum(axis=1, keepdims=True),
        ),
        Mistake("divided-by-all", "Your entries add up to 1. Asked are the counts.", counts=lambda v: v.counts / v.counts.sum()),
        Mistake(
            "predicted-for-true",
            "You divide by how often each class was predicted. Of all examples of a class, which share is right?",
            right_of_class=_columns,
        ),
        Mistake(
            "counts-for-shares", "Those are the numbers of right answers. Asked are the shares.", right_of_class=lambda v: np.diag(v.counts)
        ),
        Mistake(
            "share-of-all-examples",
            "You divide by the number of all examples. Each class has a number of its own.",
            right_of_class=lambda v: np.diag(v.counts) / v.counts.sum(),
        ),
        Mistake(
            "errors-for-right",
            "That is the share of the mistakes.",
            right_of_class=lambda v: 1 - v.right_of_class,
            accuracy=lambda v: 1 - v.accuracy,
        ),
        Mistake("error-rate", "That is the share of the examples that are wrong.", accuracy=lambda v: 1 - v.accuracy),
        Mistake(
            "mean-of-shares",
            "That is the mean over the classes. The classes are not equally frequent, so it is another number.",
            accuracy=lambda v: v.right_of_class.mean(),
        ),
        Mistake("number-right", "That is the number of right answers. Asked is their share.", accuracy=lambda v: np.trace(v.counts)),
    ),
)
