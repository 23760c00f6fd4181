"""Convolution in one dimension: one kernel, used at every place."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed, sizes
from .shared import KEPT, Array

EVERY_PLACE = "The kernel is used at every place, so something comes back to it from every place, and it adds. "
WINDOWS = "An input lies in several windows, under another weight in each, and their contributions are added. "

# --- one channel ----------------------------------------------------------------------------------


def _convolution_links(node: Any, dL_dz: Any, x: Any, w: Any) -> None:
    b = node("b", torch.zeros((), dtype=torch.float64, requires_grad=True))
    z = torch.stack([(w * x[t : t + len(w)]).sum() for t in range(len(x) - len(w) + 1)]) + b
    node("L", (dL_dz.detach() * z).sum())


def _sample_line(rng: Rng) -> dict[str, Any]:
    width = int(rng.integers(2, 5))
    places = width + int(rng.integers(2, 5))
    return {
        "dL_dz": signed(rng, 0.4, 2.0, size=places),
        "x": signed(rng, size=places + width - 1),
        "w": signed(rng, size=width),
    }


def _windows(v: SimpleNamespace) -> Array:
    """The window of the inputs at each place, one a row."""
    return np.lib.stride_tricks.sliding_window_view(v.x, len(v.w))


def _overwritten(v: SimpleNamespace) -> Array:
    G = np.zeros(len(v.x))
    for t, arriving in enumerate(v.dL_dz):
        G[t : t + len(v.w)] = arriving * v.w
    return G


convolution_links = Exercise(
    name="convolution_links",
    asks=("dL_db", "dL_dw", "dL_dx"),
    forward=_convolution_links,
    sample=_sample_line,
    points=3,
    hints=(
        "At how many places is the weight w_0 used, and which input does it meet there? "
        "In which windows does the input x_2 lie, and under "
        "which weight?",
        r"$z_t = \sum_j w_j x_{t+j} + b$. So $\frac{\partial L}{\partial w_j} = \sum_t \frac{\partial L}{\partial z_t}x_{t+j}$, "
        r"and $\frac{\partial L}{\partial x_i} = \sum_{j} \frac{\partial L}{\partial z_{i-j}}w_j$ wherever $z_{i-j}$ exists.",
        "Loop over the places t. The window is `x[t:t + len(w)]`. Add `dL_dz[t] * window` to dL_dw. "
        "What do you add to the entries "
        "`t` to `t + len(w)` of dL_dx, which begins as zeros?",
    ),
    mistakes=(
        Mistake("unsummed-bias", "The bias is used at every place, so its gradient is one number, a sum.", dL_db=lambda v: v.dL_dz),
        Mistake("one-place", EVERY_PLACE + "Yours has the first place only.", dL_dw=lambda v: v.dL_dz[0] * _windows(v)[0]),
        Mistake("overwrite", EVERY_PLACE + "In yours the last place replaces the others.", dL_dw=lambda v: v.dL_dz[-1] * _windows(v)[-1]),
        Mistake(
            "kernel-turned",
            "The right numbers from the last to the first: which input does the first weight meet?",
            dL_dw=lambda v: v.dL_dw[::-1].copy(),
        ),
        Mistake(
            "summed-too-early",
            "Multiply place by place, then add. The sum of the products is not the product of the sums.",
            dL_dw=lambda v: v.dL_dz.sum() * _windows(v).sum(axis=0),
        ),
        Mistake(
            "unflipped",
            "In the backward pass the kernel is reversed: the first window's first input lies under the first weight only.",
            dL_dx=lambda v: np.convolve(v.dL_dz, v.w[::-1]),
        ),
        Mistake(
            "edges-cut-off",
            "The inputs at the two ends lie in fewer windows, but they have a gradient as well: it has the shape of x.",
            dL_dx=lambda v: np.convolve(v.dL_dz, v.w, mode="same"),
        ),
        Mistake(
            "one-weight",
            WINDOWS + "Yours has the first weight's share only.",
            dL_dx=lambda v: np.concatenate([v.w[0] * v.dL_dz, np.zeros(len(v.w) - 1)]),
        ),
        Mistake("windows-overwrite", WINDOWS + "In yours each window replaces what the one before has written.", dL_dx=_overwritten),
        Mistake(
            "windows-averaged",
            WINDOWS + "Nothing is divided by the number of windows.",
            dL_dx=lambda v: v.dL_dx / np.convolve(np.ones(len(v.dL_dz)), np.ones(len(v.w))),
        ),
    ),
)


# --- many channels --------------------------------------------------------------------------------


def _convolution(node: Any, dL_dZ: Any, X: Any, W: Any) -> None:
    b = node("b", torch.zeros(W.shape[2], dtype=torch.float64, requires_grad=True))
    Z = torch.nn.functional.conv1d(X.T[None], W.permute(2, 1, 0))[0].T + b
    node("L", (dL_dZ.detach() * Z).sum())


def _sample_channels(rng: Rng) -> dict[str, Any]:
    width, channels, filters = sizes(rng, 3, 2, 5)
    places = 6 + int(rng.integers(0, 3))
    return {
        "dL_dZ": signed(rng, 0.4, 2.0, size=(places, filters)),
        "X": signed(rng, size=(places + width - 1, channels)),
        "W": signed(rng, size=(width, channels, filters)),
    }


def _places(v: SimpleNamespace) -> list[tuple[int, slice]]:
    """Each place with the part of the inputs that its window covers."""
    return [(t, slice(t, t + len(v.W))) for t in range(len(v.dL_dZ))]


def _kernel_gradient(v: SimpleNamespace, places: list[tuple[int, slice]]) -> Array:
    return sum(v.X[window][:, :, None] * v.dL_dZ[t] for t, window in places)


def _spread(v: SimpleNamespace, W: Array, add: bool = True) -> Array:
    """The gradient of the inputs through the kernel `W`; a
    mistake keeps the contribution of the last window only.
    """
    G = np.zeros_like(v.X)
    for t, window in _places(v):
        G[window] = (G[window] if add else 0) + W @ v.dL_dZ[t]
    return G


convolution_backward = Exercise(
    name="convolution_backward",
    asks=("dL_db", "dL_dW", "dL_dX"),
    forward=_convolution,
    sample=_sample_channels,
    points=5,
    hints=(
        "At one place, the window of X and the kernel make F numbers: that is a dense layer with k times C inputs. "
        "What are its three gradients? And what do the places have in common?",
        r"$z_{tf} = \sum_{j}\sum_{c} x_{t+j,c}\,w_{jcf} + b_f$. "
        r"So $\frac{\partial L}{\partial w_{jcf}} = \sum_t x_{t+j,c}\frac{\partial L}{\partial z_{tf}}$ "
        r"and $\frac{\partial L}{\partial x_{ic}} = \sum_{j}\sum_{f} w_{jcf}\frac{\partial L}{\partial z_{i-j,f}}$ "
        r"wherever $z_{i-j}$ exists.",
        "Begin with zeros in the shapes of W and X and loop over the places t. `X[t:t + k][:, :, "
        "None] * dL_dZ[t]` has the shape of W. "
        "`W @ dL_dZ[t]` has the shape (k, C): to which rows of dL_dX does it belong, "
        "and is it written there or added?",
    ),
    mistakes=(
        Mistake("unsummed-bias", "Each filter's bias is used at every place, so it gets a sum over the places.", dL_db=lambda v: v.dL_dZ),
        Mistake("bias-of-all-filters", "Each filter has a bias of its own.", dL_db=lambda v: v.dL_dZ.sum()),
        Mistake("kept-dimension", KEPT, dL_db=lambda v: v.dL_dZ.sum(axis=0, keepdims=True)),
        Mistake("one-place", EVERY_PLACE + "Yours has the first place only.", dL_dW=lambda v: _kernel_gradient(v, _places(v)[:1])),
        Mistake(
            "overwrite", EVERY_PLACE + "In yours the last place replaces the others.", dL_dW=lambda v: _kernel_gradient(v, _places(v)[-1:])
        ),
        Mistake(
            "place-left-out", EVERY_PLACE + "Your loop ends one place too early.", dL_dW=lambda v: _kernel_gradient(v, _places(v)[:-1])
        ),
        Mistake("mean-for-sum", EVERY_PLACE + "Yours is averaged.", dL_dW=lambda v: v.dL_dW / len(v.dL_dZ)),
        Mistake(
            "kernel-turned",
            "The right numbers from the last row to the first: which input does the first row of the kernel meet?",
            dL_dW=lambda v: v.dL_dW[::-1].copy(),
        ),
        Mistake(
            "unflipped",
            "In the backward pass the kernel is reversed: row 1 of the first window lies under row 1 of the kernel only.",
            dL_dX=lambda v: _spread(v, v.W[::-1]),
        ),
        Mistake(
            "windows-overwrite",
            WINDOWS + "In yours each window replaces what the one before has written.",
            dL_dX=lambda v: _spread(v, v.W, add=False),
        ),
        Mistake(
            "one-filter",
            "An input feeds every filter, so something comes back from every one of them. Yours has the first filter's share only.",
            dL_dX=lambda v: _spread(v, np.concatenate([v.W[:, :, :1], np.zeros_like(v.W[:, :, 1:])], axis=2)),
        ),
        Mistake(
            "one-weight",
            WINDOWS + "Yours has the share of the kernel's first row only.",
            dL_dX=lambda v: _spread(v, np.concatenate([v.W[:1], np.zeros_like(v.W[1:])])),
        ),
        Mistake(
            "channels-mixed",
            "Each channel has weights of its own. In yours all channels get the same, the sum over the channels.",
            dL_dX=lambda v: np.repeat(v.dL_dX.sum(axis=1, keepdims=True), v.X.shape[1], axis=1),
        ),
    ),
)
