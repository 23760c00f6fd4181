"""The embedding lookup: a row that is looked up twice is used twice."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed, sizes
from .shared import Array

REPEATED = "A row that is looked up more than once is used more than once, and the contributions add. "


def _embedding(node: Any, dL_dX: Any, ids: Any, E: Any, P: Any) -> None:
    X = E[torch.as_tensor(ids)] + P[: len(ids)]
    node("L", (dL_dX.detach() * X).sum())


def _sample_embedding(rng: Rng) -> dict[str, Any]:
    """Seven to nine tokens of four to six kinds: one
    kind does not occur, and some occur several times.

    There are more positions than tokens.
    """
    kinds, features = sizes(rng, 2, 4, 6)
    length = int(rng.integers(7, 10))
    occurring = rng.permutation(kinds)[: kinds - 1]
    ids = rng.permutation(np.concatenate([occurring, rng.choice(occurring, size=length - len(occurring))]))
    return {
        "dL_dX": signed(rng, 0.4, 2.0, size=(length, features)),
        "ids": ids,
        "E": signed(rng, size=(kinds, features)),
        "P": signed(rng, size=(length + 2, features)),
    }


def _last_use(v: SimpleNamespace) -> Array:
    G = np.zeros_like(v.E)
    G[v.ids] += v.dL_dX
    return G


def _first_use(v: SimpleNamespace) -> Array:
    G = np.zeros_like(v.E)
    G[v.ids[::-1]] = v.dL_dX[::-1]
    return G


def _uses(v: SimpleNamespace) -> Array:
    return np.bincount(v.ids, minlength=len(v.E))[:, None]


embedding_backward = Exercise(
    name="embedding_backward",
    asks=("dL_dE", "dL_dP"),
    forward=_embedding,
    sample=_sample_embedding,
    points=4,
    hints=(
        "Token 3 stands at two positions. From which rows of dL_dX does row 3 of E get something? And a token that does not occur at all?",
        r"$\frac{\partial L}{\partial E_k} = \sum_{t\,:\,\mathrm{id}_t = k}\frac{\partial L}{\partial x_t}$ and "
        r"$\frac{\partial L}{\partial P_t} = \frac{\partial L}{\partial x_t}$ for every position $t$ that occurs.",
        "Begin with zeros in the shapes of E and P. `np.add.at(G, ids, rows)` adds every row, "
        "also where an index is repeated. Which rows "
        "of dL_dP are filled, and which remain 0?",
    ),
    mistakes=(
        Mistake(
            "fancy-index-add",
            REPEATED + "With a repeated index, adding by indexing writes each row once, and the last use wins.",
            dL_dE=_last_use,
        ),
        Mistake("first-use-only", REPEATED + "Yours has the first use only.", dL_dE=_first_use),
        Mistake("averaged-over-uses", REPEATED + "Yours are averaged.", dL_dE=lambda v: v.dL_dE / np.maximum(_uses(v), 1)),
        Mistake(
            "counts-for-gradients",
            "That counts how often each token occurs. The gradient at each of its positions is a factor.",
            dL_dE=lambda v: np.repeat(_uses(v).astype(float), v.E.shape[1], axis=1),
        ),
        Mistake(
            "tokens-not-collected",
            "That has a row for each position. The table has a row for each kind of token.",
            dL_dE=lambda v: v.dL_dX,
        ),
        Mistake(
            "own-operand",
            "The lookup multiplies by nothing. Yours multiplies the upstream gradient by the table's own rows.",
            dL_dE=lambda v: v.dL_dE * v.E,
        ),
        Mistake(
            "unused-rows-left-out",
            "A token that does not occur keeps its row in the gradient: a row of zeros. Yours leaves it out.",
            dL_dE=lambda v: v.dL_dE[np.unique(v.ids)],
        ),
        Mistake(
            "one-row-for-all",
            "Only the rows that were looked up get something, and each its own. Yours gives the sum to every row.",
            dL_dE=lambda v: np.tile(v.dL_dX.sum(axis=0), (len(v.E), 1)),
        ),
        Mistake(
            "unused-positions-left-out",
            "The table of positions has more rows than this text has tokens. The gradient has its shape: the rows left over are zero.",
            dL_dP=lambda v: v.dL_dX,
        ),
        Mistake(
            "positions-summed",
            "Each position has a row of its own, and only one token stands there. Yours adds all positions up.",
            dL_dP=lambda v: np.where(np.arange(len(v.P))[:, None] < len(v.ids), v.dL_dX.sum(axis=0), 0.0),
        ),
        Mistake(
            "positions-from-the-end",
            "The rows are filled from the first position on. Yours are filled from the last one.",
            dL_dP=lambda v: np.concatenate([np.zeros((len(v.P) - len(v.ids), v.P.shape[1])), v.dL_dX]),
        ),
        Mistake(
            "tokens-for-positions",
            "You have collected by token. A position is counted by its place in the text.",
            dL_dP=lambda v: np.concatenate([v.dL_dE, np.zeros((len(v.P) - len(v.E), v.P.shape[1]))]),
        ),
    ),
)
