"""Max and max-pooling send the gradient to one input, dropout
to some; a residual connection passes it on unchanged.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed, sizes
from .shared import Array

ROUTER = "A maximum is the value of one input, and the others have no influence on it. "

# --- max ------------------------------------------------------------------------------------------


def _row_max(node: Any, dL_dm: Any, X: Any) -> None:
    m = X.max(dim=1).values
    node("L", (dL_dm.detach() * m).sum())


def _distinct(rng: Rng, *shape: int) -> Array:
    """Numbers of either sign of which no two are equal, at least 0.09 apart."""
    size = int(np.prod(shape))
    return ((rng.permutation(size).reshape(shape) - size / 2 + rng.uniform(0.1, 0.4)) / 10).round(3)


def _sample_max(rng: Rng) -> dict[str, Any]:
    examples, features = sizes(rng, 2, 3, 6)
    return {"dL_dm": signed(rng, 0.4, 2.0, size=examples), "X": _distinct(rng, examples, features)}


def _winners(v: SimpleNamespace) -> Array:
    return v.X.max(axis=1, keepdims=True) == v.X


row_max_backward = Exercise(
    name="row_max_backward",
    asks=("dL_dX",),
    forward=_row_max,
    sample=_sample_max,
    points=2,
    hints=(
        "Raise one entry of a row a little. When does the maximum of the row move, and how much?",
        r"$\frac{\partial m_n}{\partial x_{ni}} = [\,x_{ni} = m_n\,]$ where no two entries of a row are equal.",
        "`X == X.max(axis=1, keepdims=True)` is True at the largest entry of each row. "
        "Multiply by the upstream gradient: which shape must it have, so that each row meets its own number?",
    ),
    mistakes=(
        Mistake(
            "to-everyone",
            ROUTER + "Yours gives all of them the whole gradient.",
            dL_dX=lambda v: np.repeat(v.dL_dm[:, None], v.X.shape[1], axis=1),
        ),
        Mistake(
            "shared-equally",
            ROUTER + "Yours gives every input a share. That would be a mean.",
            dL_dX=lambda v: np.repeat(v.dL_dm[:, None] / v.X.shape[1], v.X.shape[1], axis=1),
        ),
        Mistake(
            "value-for-slope",
            "The maximum moves as fast as its winner does. Yours multiplies by the winner's value.",
            dL_dX=lambda v: v.dL_dm[:, None] * _winners(v) * v.X,
        ),
        Mistake(
            "lost-upstream",
            "Those are the winners. The gradient at the maximum is a factor too.",
            dL_dX=lambda v: _winners(v).astype(float),
        ),
        Mistake(
            "to-the-smallest",
            "Yours gives the gradient to the smallest entry of a row. It belongs to the largest.",
            dL_dX=lambda v: v.dL_dm[:, None] * (v.X.min(axis=1, keepdims=True) == v.X),
        ),
        Mistake(
            "largest-magnitude",
            "Signs count: the maximum is the largest number and not the one that is furthest from zero.",
            dL_dX=lambda v: v.dL_dm[:, None] * (np.abs(v.X) == np.abs(v.X).max(axis=1, keepdims=True)),
        ),
        Mistake(
            "one-winner-for-all",
            "Each row has a winner. In yours there is one for the whole array.",
            dL_dX=lambda v: v.dL_dm[:, None] * (v.X.max() == v.X),
        ),
        Mistake(
            "wrong-axis",
            "The maximum is taken along the rows. Yours looks for the largest entry of each column.",
            dL_dX=lambda v: v.dL_dm[:, None] * (v.X.max(axis=0, keepdims=True) == v.X),
        ),
        Mistake(
            "gated-like-relu",
            "That is the gate of a ReLU, which compares each entry with zero. A maximum compares the entries of a row.",
            dL_dX=lambda v: v.dL_dm[:, None] * (v.X > 0),
        ),
    ),
)

# --- max-pooling ----------------------------------------------------------------------------------


def _max_pool(node: Any, dL_dY: Any, X: Any, width: int, stride: int) -> None:
    Y = torch.nn.functional.max_pool1d(X.T[None], width, stride)[0].T
    node("L", (dL_dY.detach() * Y).sum())


def _sample_pool(rng: Rng) -> dict[str, Any]:
    """Windows that overlap, and that move on by more than one row."""
    width, windows = int(rng.integers(3, 6)), int(rng.integers(3, 5))
    stride = int(rng.integers(2, width))
    channels = int(rng.integers(2, 4))
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(windows, channels)),
        "X": _distinct(rng, width + stride * (windows - 1), channels),
        "width": width,
        "stride": stride,
    }


def _routed(v: SimpleNamespace, windows: Any = None, add: bool = True, choose: Any = np.argmax, offset: bool = True) -> Array:
    """Each window's gradient, sent to its maximum.

    Mistakes: other window positions, another choice, replacing in place of adding, no offset of the
    window.
    """
    G = np.zeros_like(v.X)
    for j, start in enumerate(windows or [j * v.stride for j in range(len(v.dL_dY))]):
        for channel in range(v.X.shape[1]):
            window = v.X[start : start + v.width, channel]
            place = start * offset + int(choose(window))
            G[place, channel] = add * G[place, channel] + v.dL_dY[j, channel]
    return G


def _won_twice(v: SimpleNamespace) -> bool:
    return not np.allclose(_routed(v), _routed(v, add=False))


def _to_windows(v: SimpleNamespace, share: float) -> Array:
    G = np.zeros_like(v.X)
    for j, arriving in enumerate(v.dL_dY):
        G[j * v.stride : j * v.stride + v.width] += arriving * share
    return G


def _first_channels_winner(v: SimpleNamespace) -> Array:
    G = np.zeros_like(v.X)
    for j, arriving in enumerate(v.dL_dY):
        G[j * v.stride + int(np.argmax(v.X[j * v.stride : j * v.stride + v.width, 0]))] += arriving
    return G


max_pool_backward = Exercise(
    name="max_pool_backward",
    asks=("dL_dX",),
    forward=_max_pool,
    sample=_sample_pool,
    regimes=(_won_twice,),
    points=4,
    hints=(
        "Window j begins at row j times stride. Which of its rows wins, channel by channel? "
        "What happens to an entry that wins in two windows?",
        r"$y_{jc} = \max_{0 \le i < k}\,x_{js+i,\,c}$. With the winner's place $i^*$: "
        r"$\frac{\partial L}{\partial x_{js+i^*,\,c}}$ gets "
        r"$\frac{\partial L}{\partial y_{jc}}$ from window $j$, and what comes from several windows adds.",
        "Loop over the windows j and the channels c. `X[j * stride:j * stride + width, "
        "c].argmax()` counts from the beginning of the window: "
        "what must be added to make it a row of X? Then add `dL_dY[j, c]` there: `=` or `+=`?",
    ),
    mistakes=(
        Mistake(
            "overwrite",
            "An entry may win in several windows, and then what they send back adds. In yours the last window replaces the others.",
            dL_dX=lambda v: _routed(v, add=False),
        ),
        Mistake(
            "place-in-the-window",
            "The winner's place counts from the beginning of its window. Your gradient lands as if every window began at the first row.",
            dL_dX=lambda v: _routed(v, offset=False),
        ),
        Mistake(
            "shared-equally",
            ROUTER + "Yours gives every input of a window a share. That would be a mean.",
            dL_dX=lambda v: _to_windows(v, 1 / v.width),
        ),
        Mistake("to-everyone", ROUTER + "Yours gives every input of a window the whole gradient.", dL_dX=lambda v: _to_windows(v, 1.0)),
        Mistake(
            "to-the-smallest",
            "Yours gives the gradient to the smallest entry of a window. It belongs to the largest.",
            dL_dX=lambda v: _routed(v, choose=np.argmin),
        ),
        Mistake(
            "stride-forgotten",
            "Your windows move on by one row. They move on by the stride.",
            dL_dX=lambda v: _routed(v, windows=list(range(len(v.dL_dY)))),
        ),
        Mistake(
            "first-of-the-window",
            "Yours gives the gradient to the first entry of each window, whatever its value.",
            dL_dX=lambda v: _routed(v, choose=lambda w: 0),
        ),
        Mistake(
            "last-of-the-window",
            "Yours gives the gradient to the last entry of each window, whatever its value.",
            dL_dX=lambda v: _routed(v, choose=lambda w: len(w) - 1),
        ),
        Mistake(
            "largest-magnitude",
            "Signs count: the maximum is the largest number and not the one that is furthest from zero.",
            dL_dX=lambda v: _routed(v, choose=lambda w: np.argmax(np.abs(w))),
        ),
        Mistake(
            "one-winner-for-all-channels",
            "Each channel has winners of its own. Yours takes those of the first channel for all.",
            dL_dX=_first_channels_winner,
        ),
    ),
)

# --- dropout and a residual connection ------------------------------------------------------------


def _dropout_residual(node: Any, dL_dY: Any, X: Any, W: Any, mask: Any, p: Any) -> None:
    H = node("H", X @ W)
    Y = X + H * mask.detach() / (1 - p)
    node("L", (dL_dY.detach() * Y).sum())


def _sample_dropout(rng: Rng) -> dict[str, Any]:
    """The mask has zeros and ones in every row."""
    examples, features = sizes(rng, 2, 3, 6)
    mask = (rng.random((examples, features)) < 0.5).astype(float)
    for row in mask:
        kept, dropped = rng.permutation(features)[:2]
        row[kept], row[dropped] = 1.0, 0.0
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(examples, features)),
        "X": signed(rng, size=(examples, features)),
        "W": signed(rng, size=(features, features)),
        "mask": mask,
        "p": float(rng.choice([0.1, 0.2, 0.3, 0.4, 0.6])),
    }


TWO_WAYS = "X reaches the sum directly and through the branch, and both contributions are added. "

dropout_residual_backward = Exercise(
    name="dropout_residual_backward",
    asks=("dL_dH", "dL_dW", "dL_dX"),
    forward=_dropout_residual,
    sample=_sample_dropout,
    points=4,
    hints=(
        "H is multiplied entry by entry by numbers that training does not change. And by how many ways does X reach Y?",
        r"$\frac{\partial L}{\partial H} = \frac{\partial L}{\partial Y}\odot\frac{\text{mask}}{1-p}$, "
        r"and $\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} + \frac{\partial L}{\partial H}W^{\mathsf T}$.",
        "`dL_dH = dL_dY * mask / (1 - p)`: the mask of the forward pass, and not a new one. "
        "Then the lines of a dense layer without a bias. "
        "What has to be added to what comes back through the branch?",
    ),
    mistakes=(
        Mistake(
            "no-mask",
            "What was dropped has no influence on the output, so nothing comes back to it. Your gradient has no mask.",
            dL_dH=lambda v: v.dL_dY / (1 - v.p),
        ),
        Mistake(
            "scaled-down",
            "Multiplied and divided exchanged: what was kept was scaled up.",
            dL_dH=lambda v: v.dL_dY * v.mask * (1 - v.p),
        ),
        Mistake(
            "lost-upstream",
            "That is the factor between H and the sum. The gradient at the sum is a factor too.",
            dL_dH=lambda v: v.mask / (1 - v.p),
        ),
        Mistake("no-scale", "What was kept was scaled up, and so is its gradient.", dL_dH=lambda v: v.dL_dY * v.mask),
        Mistake("neither-mask-nor-scale", "Between H and the sum stand a mask and a scale. Both are missing.", dL_dH=lambda v: v.dL_dY),
        Mistake(
            "mask-turned",
            "The mask is 1 where an entry was kept. Yours lets through what was dropped.",
            dL_dH=lambda v: v.dL_dY * (1 - v.mask) / (1 - v.p),
        ),
        Mistake(
            "scaled-by-p",
            "What was kept was divided by the probability of keeping. Yours is divided by the other one.",
            dL_dH=lambda v: v.dL_dY * v.mask / v.p,
        ),
        Mistake(
            "sum-meets-weights",
            "The weights belong to the branch. The gradient there has passed the mask and the scale; yours has not.",
            dL_dW=lambda v: v.X.T @ v.dL_dY,
        ),
        Mistake(
            "mask-after-weights",
            "The mask belongs to H, so the gradient at the sum meets it before it goes back through the weights. "
            "In yours it goes through the weights first.",
            dL_dX=lambda v: v.dL_dY + (v.dL_dY @ v.W.T) * v.mask / (1 - v.p),
        ),
        Mistake("skip-lost", TWO_WAYS + "Yours leaves out the direct one.", dL_dX=lambda v: v.dL_dH @ v.W.T),
        Mistake("branch-lost", TWO_WAYS + "Yours leaves out the branch.", dL_dX=lambda v: v.dL_dY),
        Mistake(
            "skip-masked",
            "The dropout is in the branch. The gradient along the direct path is not multiplied by the mask.",
            dL_dX=lambda v: v.dL_dH + v.dL_dH @ v.W.T,
        ),
    ),
)
