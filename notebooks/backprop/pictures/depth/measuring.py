"""Sizes in a deep ReLU network with random weights, by PyTorch's forward and backward pass."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.settings import ours

DEEPEST, WIDEST = 60, 100
EXAMPLES = 32


@dataclass(frozen=True)
class Network:
    """Layers Z_l = max(0, Z_{l-1}) W_l, with + Z_{l-1} if `skip`; Z_0 is random.

    The weights have the variance c / width. `draw` says which random numbers.
    """

    depth: int = 50
    width: int = 80
    c: float = 1.0
    skip: bool = False
    draw: int = 0

    @property
    def factor(self) -> float:
        """By what a layer multiplies the mean square on average, forward and backward."""
        return self.c / 2 + self.skip


@dataclass(frozen=True)
class Sizes:
    """The root mean square of Z_l and of dL/dZ_l, for l = 0 to the number of layers."""

    forward: np.ndarray
    backward: np.ndarray


@lru_cache(maxsize=2)
def _numbers(draw: int) -> tuple[Any, Any, Any]:
    """Z_0, the gradient at the last Z, and weights of variance 1, for the largest network."""
    rng = np.random.default_rng(draw)
    ends = rng.normal(size=(2, EXAMPLES, WIDEST))
    weights = rng.normal(size=(DEEPEST, WIDEST, WIDEST))
    return torch.from_numpy(ends[0]), torch.from_numpy(ends[1]), torch.from_numpy(weights)


@lru_cache(maxsize=64)
def measure(network: Network) -> Sizes:
    """Measure the sizes in a network."""
    start, end, weights = _numbers(network.draw)
    width, scale = network.width, (network.c / network.width) ** 0.5
    with ours():
        Z = [start[:, :width].clone().requires_grad_()]
        for W in weights[: network.depth, :width, :width]:
            branch = torch.relu(Z[-1]) @ (scale * W)
            Z.append(Z[-1] + branch if network.skip else branch)
        gradients = torch.autograd.grad((Z[-1] * end[:, :width]).sum(), Z)
        return Sizes(_root_mean_squares(Z), _root_mean_squares(gradients))


def _root_mean_squares(tensors: Any) -> np.ndarray:
    return (torch.stack(list(tensors)).detach() ** 2).mean(dim=(1, 2)).sqrt().numpy()
