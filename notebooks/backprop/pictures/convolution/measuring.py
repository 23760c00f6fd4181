"""A convolution in one dimension and a max-pooling after
it, forward and back, by the formulas of lesson 08.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

INPUTS, WIDTH, POOL = 8, 3, 2  # the inputs, the weights of the kernel, and the outputs in one window of the pooling
PLACES = INPUTS - WIDTH + 1  # of the kernel
UPSTREAM = np.array([1.0, -0.5, 2.0])  # dL/dy
FIRST_DRAW = 2  # in this draw x_0 receives 0, and with a smaller x_0 it receives a gradient
HIGHEST_INPUT, HIGHEST_WEIGHT = 3.0, 2.0  # and lowest: minus these


@dataclass(frozen=True)
class Layers:
    """z_t = sum of w_j x_{t+j} over j, plus b; y_j is the larger of z_{2j} and z_{2j+1}."""

    x: tuple[float, ...]
    w: tuple[float, ...]
    b: float


@dataclass(frozen=True)
class Gradients:
    """What the layers compute, and the gradients at everything.

    `routes` has, for each y, the index of the z that it is equal to.
    """

    z: np.ndarray
    y: np.ndarray
    routes: np.ndarray
    dL_dz: np.ndarray
    dL_dw: np.ndarray
    dL_db: float
    dL_dx: np.ndarray


@lru_cache(maxsize=2)
def numbers(draw: int) -> Layers:
    """Random inputs, weights and a bias, with one decimal place."""
    rng = np.random.default_rng(FIRST_DRAW + draw)
    x, w, b = (rng.uniform(-high, high, size).round(1) + 0.0 for high, size in ((2, INPUTS), (1.5, WIDTH), (1, 1)))  # + 0.0: no −0
    return Layers(tuple(x.tolist()), tuple(w.tolist()), float(b[0]))


def measure(layers: Layers) -> Gradients:
    """Go forward and back. Of two equal outputs the first is routed to, as in PyTorch's pooling."""
    x, w = np.array(layers.x), np.array(layers.w)
    windows = np.lib.stride_tricks.sliding_window_view(x, WIDTH)
    z = _exact(windows @ w + layers.b)
    pairs = z.reshape(-1, POOL)
    routes = np.arange(0, PLACES, POOL) + pairs.argmax(axis=1)
    dL_dz = np.zeros(PLACES)
    dL_dz[routes] = UPSTREAM
    dL_dx = np.zeros(INPUTS)
    for t in range(PLACES):
        dL_dx[t : t + WIDTH] += dL_dz[t] * w
    return Gradients(z, z[routes], routes, dL_dz, _exact(dL_dz @ windows), float(dL_dz.sum()), _exact(dL_dx))


def _exact(values: np.ndarray) -> np.ndarray:
    """Without the rounding errors of numbers with few decimal
    places: what is equal on paper is equal here.
    """
    return values.round(12) + 0.0
