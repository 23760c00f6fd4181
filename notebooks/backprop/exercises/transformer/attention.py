"""One causal attention head: two matrix products
with a softmax between them, and a triangular mask.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.misdirect import with_slope
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, signed, sizes
from .shared import Array, causal, masked, softmax

ROOT = "The scores are divided by the square root of d, and so is what comes back through them. "


# --- forward --------------------------------------------------------------------------------------


def _causal_attention(node: Any, Q: Any, K: Any, V: Any) -> None:
    S = masked(Q @ K.T / Q.shape[1] ** 0.5)
    A = node("A", torch.softmax(S, dim=1))
    node("O", A @ V)


def _sample_attention(rng: Rng) -> dict[str, Any]:
    length, width, values = sizes(rng, 3, 3, 6)
    return {
        "Q": signed(rng, 0.4, 1.8, size=(length, width)),
        "K": signed(rng, 0.4, 1.8, size=(length, width)),
        "V": signed(rng, 0.3, 2.0, size=(length, values)),
    }


def _weights(scores: Array, allowed: Array, axis: int = 1) -> Array:
    with np.errstate(all="ignore"):  # a row without any allowed place gives nan, as in the learner's program
        return softmax(np.where(allowed, scores, -np.inf), axis)


def _scores(v: SimpleNamespace) -> Array:
    return v.Q @ v.K.T / np.sqrt(v.Q.shape[1])


causal_attention = Exercise(
    name="causal_attention",
    asks=("A", "O"),
    forward=_causal_attention,
    sample=_sample_attention,
    points=4,
    hints=(
        "Which shape do the scores have? In which direction do the weights of one query add up to 1? "
        "What must a score be so that its weight "
        "is exactly 0?",
        r"$S = \frac{1}{\sqrt d}\,QK^{\mathsf T}$, with $s_{ij} = -\infty$ for $j > i$; "
        r"$A = \operatorname{softmax}(S)$ row by row; $O = AV$.",
        "`S = Q @ K.T / np.sqrt(Q.shape[1])`; `S[np.triu_indices(len(S), k)] = -np.inf`, where k says on which diagonal the mask begins: "
        "a position may use itself. Then the softmax of lesson 05, and one matrix product.",
    ),
    mistakes=(
        Mistake(
            "softmax-over-queries",
            "The weights of one query, a row, add up to one. In yours the columns add up to one.",
            A=lambda v: _weights(_scores(v), causal(len(v.Q)), axis=0),
        ),
        Mistake(
            "missing-root-d",
            "The scores are divided by the square root of d before the softmax. Yours are not.",
            A=lambda v: _weights(v.Q @ v.K.T, causal(len(v.Q))),
        ),
        Mistake(
            "d-for-root-d",
            "The scores are divided by the square root of d. Yours are divided by d.",
            A=lambda v: _weights(v.Q @ v.K.T / v.Q.shape[1], causal(len(v.Q))),
        ),
        Mistake(
            "mask-forgotten",
            "Positions use what comes after them. The mask is missing.",
            A=lambda v: _weights(_scores(v), np.ones((len(v.Q), len(v.Q)), dtype=bool)),
        ),
        Mistake(
            "mask-after-softmax",
            "Weights were set to zero after the softmax, so the rows do not add up to one any more. Mask the scores, before it.",
            A=lambda v: softmax(_scores(v)) * causal(len(v.Q)),
        ),
        Mistake(
            "zero-score-for-mask",
            "A score of zero is a score like any other: its exponential is one. Which score has the exponential zero?",
            A=lambda v: softmax(_scores(v) * causal(len(v.Q))),
        ),
        Mistake(
            "mask-turned",
            "Your mask is reversed: each position uses those after it, and not those before it.",
            A=lambda v: _weights(_scores(v), causal(len(v.Q)).T),
        ),
        Mistake(
            "mask-excludes-itself",
            "A position may use itself as well. Yours masks the diagonal, and then the first position has nothing left to use.",
            A=lambda v: _weights(_scores(v), np.tril(np.ones((len(v.Q), len(v.Q)), dtype=bool), -1)),
        ),
        Mistake(
            "mask-one-too-wide",
            "Your mask begins one diagonal too late: each position uses the one after it as well.",
            A=lambda v: _weights(_scores(v), np.tril(np.ones((len(v.Q), len(v.Q)), dtype=bool), 1)),
        ),
        Mistake(
            "queries-and-keys-exchanged",
            "A row belongs to a query and a column to a key. Yours has them exchanged.",
            A=lambda v: _weights(_scores(v).T, causal(len(v.Q))),
        ),
        Mistake(
            "weights-transposed",
            "Row i of the output is the sum of the values with the weights in row i. Yours takes the weights in column i.",
            O=lambda v: v.A.T @ v.V,
        ),
    ),
)

# --- predictions ----------------------------------------------------------------------------------


def _attention_rows(node: Any) -> None:
    rng = np.random.default_rng(8)
    Q, K, V = (torch.tensor(rng.normal(size=(5, 2)), requires_grad=True) for _ in range(3))
    output = torch.softmax(masked(Q @ K.T / 2**0.5), dim=1) @ V
    dL_dV, dL_dQ, dL_dK = torch.autograd.grad(output[2].sum() + output[2, 0], (V, Q, K))
    node("rows_of_dL_dV", (dL_dV != 0).any(dim=1).sum())
    node("rows_of_dL_dQ", (dL_dQ != 0).any(dim=1).sum())
    node("rows_of_dL_dK", (dL_dK != 0).any(dim=1).sum())


attention_rows = Prediction(
    name="attention_rows",
    asks=("rows_of_dL_dV", "rows_of_dL_dQ", "rows_of_dL_dK"),
    forward=_attention_rows,
    sample=lambda rng: {},
    rtol=1e-3,
    points=3,
    hints=(
        "Which rows of A go into row 3 of O = A V? Which entries of that row of A are not 0? Of which query, "
        "and of which keys, are they made?",
        r"$o_3 = \sum_{j \le 3} a_{3j}v_j$, and $a_{3j}$ is made of $q_3$ and of $k_1, k_2, k_3$.",
        "Count the values that o_3 uses; count the queries in its weights; count the keys in its weights.",
    ),
    mistakes=(
        Mistake(
            "mask-forgotten",
            "Without the mask the third position would use all five values. Which may it use?",
            rows_of_dL_dV=lambda v: 5.0,
        ),
        Mistake("own-value-only", "The third output is a weighted sum. How many values are in it?", rows_of_dL_dV=lambda v: 1.0),
        Mistake(
            "later-values",
            "The third position uses itself and those before it. You have counted those before it only.",
            rows_of_dL_dV=lambda v: 2.0,
        ),
        Mistake("queries-like-keys", "The weights of the third output are made with one query only. Whose?", rows_of_dL_dQ=lambda v: 3.0),
        Mistake("queries-unused", "Every weight of the third output is made with a query.", rows_of_dL_dQ=lambda v: 0.0),
        Mistake("all-queries", "The other queries make the other rows of A. Does anything arrive there?", rows_of_dL_dQ=lambda v: 5.0),
        Mistake("one-key", "The query of the third position is compared with more than one key.", rows_of_dL_dK=lambda v: 1.0),
        Mistake("all-keys", "Where the mask is, a key has no influence on the weight.", rows_of_dL_dK=lambda v: 5.0),
        Mistake("earlier-keys", "The third position is compared with its own key as well.", rows_of_dL_dK=lambda v: 2.0),
    ),
)

# --- backward, link by link -----------------------------------------------------------------------


def _attention_links(node: Any, dL_dO: Any, Q: Any, K: Any, V: Any) -> None:
    S = node("S", Q @ K.T / Q.shape[1] ** 0.5)
    A = node("A", torch.softmax(masked(S), dim=1))
    output = node("O", A @ V)
    node("L", (dL_dO.detach() * output).sum())


def _without_mask(node: Any, dL_dO: Any, Q: Any, K: Any, V: Any) -> None:
    S = node("S", Q @ K.T / Q.shape[1] ** 0.5)
    A = node("A", torch.softmax(S, dim=1))
    output = node("O", A @ V)
    node("L", (dL_dO.detach() * output).sum())


def _sample_links(rng: Rng) -> dict[str, Any]:
    sample = _sample_attention(rng)
    return {"dL_dO": signed(rng, 0.4, 2.0, size=sample["V"].shape), **sample}


def _root(v: SimpleNamespace) -> float:
    return float(np.sqrt(v.Q.shape[1]))


def _arrives(v: SimpleNamespace, axis: int = 1) -> Array:
    """The weighted mean that softmax subtracts, along an axis."""
    return (v.A * v.dL_dA).sum(axis=axis, keepdims=True)


attention_links = Exercise(
    name="attention_links",
    asks=("dL_dV", "dL_dA", "dL_dS", "dL_dQ", "dL_dK"),
    forward=_attention_links,
    sample=_sample_links,
    points=5,
    hints=(
        "O = A V is a matrix product, as in lesson 05: what comes back to each factor? S goes through a softmax row by row. "
        "And S itself is a matrix product again, divided by a number.",
        r"$\frac{\partial L}{\partial A} = \frac{\partial L}{\partial O}V^{\mathsf T}$; "
        r"$\;\frac{\partial L}{\partial s_{ij}} = a_{ij}\bigl(g_{ij} - \sum_k a_{ik}g_{ik}\bigr)$ "
        r"with $g = \frac{\partial L}{\partial A}$; $\;\frac{\partial L}{\partial Q} = \frac{1}{\sqrt d}\frac{\partial L}{\partial S}K$, "
        r"$\;\frac{\partial L}{\partial K} = \frac{1}{\sqrt d}\bigl(\frac{\partial L}{\partial S}\bigr)^{\mathsf T}Q$.",
        "`dL_dA = dL_dO @ V.T`, also where A is masked. `dL_dS = A * (dL_dA - ...)` with the row sums of `A * dL_dA`; "
        "the zeros of A do the masking. Then two products, divided by `np.sqrt(Q.shape[1])`: in which of them is dL_dS transposed?",
    ),
    mistakes=(
        Mistake(
            "mask-forgotten",
            "Your weights are not masked, so the gradient reaches positions that the forward pass did not use.",
            program=_without_mask,
        ),
        Mistake(
            "own-position-only",
            "A value is used by its own position and by those after it. Yours has its own position's contribution only.",
            dL_dV=lambda v: np.diag(v.A)[:, None] * v.dL_dO,
        ),
        Mistake(
            "weights-left-out",
            "The gradient at an output counts for a value as much as the weight between them. Yours leaves the weights out.",
            dL_dV=lambda v: causal(len(v.Q)).T @ v.dL_dO,
        ),
        Mistake(
            "masked-early",
            "You have put zeros at the masked places here already. The output uses every entry of A, "
            "also those that are zero. The zeros come "
            "with the next link.",
            dL_dA=lambda v: v.dL_dA * causal(len(v.Q)),
        ),
        Mistake(
            "no-softmax-slope",
            "That is the upstream gradient at the weights. Between the scores and the weights stands a softmax.",
            dL_dS=lambda v: v.dL_dA,
        ),
        Mistake(
            "softmax-over-queries",
            "The sum runs over the keys of one query. Yours runs over the queries.",
            dL_dS=lambda v: v.A * (v.dL_dA - _arrives(v, axis=0)),
        ),
        Mistake(
            "mask-leaks",
            "Your softmax in the backward pass has no mask, so a gradient reaches scores that the forward pass did not use.",
            dL_dS=lambda v: (P := softmax(v.S)) * (v.dL_dA - (P * v.dL_dA).sum(axis=1, keepdims=True)),
        ),
        Mistake(
            "d-for-root-d",
            ROOT + "Yours is divided by d.",
            dL_dQ=lambda v: v.dL_dS @ v.K / v.Q.shape[1],
            dL_dK=lambda v: v.dL_dS.T @ v.Q / v.Q.shape[1],
        ),
        Mistake(
            "dQ-transposed",
            "Query i meets the keys in row i of the scores. Yours takes column i.",
            dL_dQ=lambda v: v.dL_dS.T @ v.K / _root(v),
        ),
        Mistake(
            "dK-untransposed",
            "Key j meets the queries in column j of the scores. Yours takes row j.",
            dL_dK=lambda v: v.dL_dS @ v.Q / _root(v),
        ),
    ),
)

# --- the whole head -------------------------------------------------------------------------------


def _head(node: Any, dL_dO: Any, X: Any, Wq: Any, Wk: Any, Wv: Any) -> None:
    Q, K, V = node("Q", X @ Wq), node("K", X @ Wk), node("V", X @ Wv)
    S = masked(Q @ K.T / Q.shape[1] ** 0.5)
    node("L", (dL_dO.detach() * (torch.softmax(S, dim=1) @ V)).sum())


def _head_with(to_scores: float | None = None, mask: bool = True, slope: Any = None) -> Any:
    """The head with a mistake on its way back.

    to_scores  the power of d by which what comes back through the scores is divided
    mask       whether the weights are masked
    slope      slope(A), in the place of the softmax's Jacobian
    """

    def forward(node: Any, dL_dO: Any, X: Any, Wq: Any, Wk: Any, Wv: Any) -> None:
        Q, K, V = X @ Wq, X @ Wk, X @ Wv
        products, width = Q @ K.T, Q.shape[1]
        S = products / width**0.5
        if to_scores is not None:
            S = with_slope(S, products, width**-to_scores)
        A = torch.softmax(masked(S) if mask else S, dim=1)
        if slope:
            A = with_slope(A, S, slope(A))
        node("L", (dL_dO.detach() * (A @ V)).sum())

    return forward


def _sample_head(rng: Rng) -> dict[str, Any]:
    length, features, width, values = sizes(rng, 4, 3, 6)
    return {
        "dL_dO": signed(rng, 0.4, 2.0, size=(length, values)),
        "X": signed(rng, 0.4, 1.6, size=(length, features)),
        "Wq": signed(rng, 0.3, 0.9, size=(features, width)),
        "Wk": signed(rng, 0.3, 0.9, size=(features, width)),
        "Wv": signed(rng, 0.3, 1.2, size=(features, values)),
    }


head_backward = Exercise(
    name="head_backward",
    asks=("dL_dWv", "dL_dWk", "dL_dWq", "dL_dX"),
    forward=_head,
    sample=_sample_head,
    points=6,
    hints=(
        "Compute Q, K and V first, as in the forward pass. Then your `attention_links` goes back to them. "
        "Each of the three is a product of X "
        "with a matrix of weights. By how many ways does X reach the loss?",
        r"$\frac{\partial L}{\partial W_q} = X^{\mathsf T}\frac{\partial L}{\partial Q}$ and so on; "
        r"$\;\frac{\partial L}{\partial X} = "
        r"\frac{\partial L}{\partial Q}W_q^{\mathsf T} + \frac{\partial L}{\partial K}W_k^{\mathsf T} + "
        r"\frac{\partial L}{\partial V}W_v^{\mathsf T}$.",
        "`Q, K, V = X @ Wq, X @ Wk, X @ Wv`, then `dL_dV, _, _, dL_dQ, dL_dK = attention_links(dL_dO, Q, K, V)`. "
        "Three lines for the weights. "
        "How do the three contributions to dL_dX come together?",
    ),
    mistakes=(
        Mistake(
            "mask-forgotten",
            "Your weights are not masked, so the gradient reaches positions that the forward pass did not use.",
            program=_head_with(mask=False),
        ),
        Mistake("d-for-root-d", ROOT + "Yours is divided by d.", program=_head_with(to_scores=1.0)),
        Mistake(
            "no-softmax-slope",
            "Between the scores and the weights stands a softmax, and its derivative is missing. The gradient even reaches masked scores.",
            program=_head_with(slope=lambda A: torch.ones_like(A)),
        ),
    ),
)
