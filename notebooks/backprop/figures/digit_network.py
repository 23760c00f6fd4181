"""The network of lesson 09's own solution: 96, 32, 10, trained on 600 digits.

Its gradients come from PyTorch.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.settings import ours
from ..digits import CLASSES, PIXELS, draw_digits

WIDTHS = (PIXELS, 32, CLASSES)
EXAMPLES, BATCH, EPOCHS, ALPHA = 600, 20, 20, 0.3


def logits(X: Any, parameters: Any) -> Any:
    """The logits of the network, in torch: X (N, 96) -> (N, 10)."""
    W1, b1, W2, b2 = parameters
    return torch.relu(X @ W1 + b1) @ W2 + b2


@lru_cache(maxsize=1)
def trained() -> tuple[Any, ...]:
    """W1, b1, W2, b2 after training, as tensors without gradients. Takes about 0.3 s once."""
    with ours():
        images, digits = draw_digits(EXAMPLES, seed=1)
        X, labels = torch.from_numpy(images), torch.from_numpy(digits)
        parameters = _start()
        for epoch in range(EPOCHS):
            order = torch.from_numpy(np.random.default_rng(epoch).permutation(EXAMPLES))
            for rows in order.split(BATCH):
                L = torch.nn.functional.cross_entropy(logits(X[rows], parameters), labels[rows])
                for part, gradient in zip(parameters, torch.autograd.grad(L, parameters)):
                    part.data -= ALPHA * gradient
        return tuple(part.detach() for part in parameters)


def _start() -> list[Any]:
    """Initial parameters as in the lesson: variance 2/D, biases 0, the last weights times 0.1."""
    rng = np.random.default_rng(0)
    W1, W2 = (rng.normal(0, np.sqrt(2 / D), (D, K)) for D, K in zip(WIDTHS, WIDTHS[1:]))
    arrays = (W1, np.zeros(WIDTHS[1]), 0.1 * W2, np.zeros(WIDTHS[2]))
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def loss_at(x: np.ndarray, label: int) -> tuple[float, np.ndarray, np.ndarray]:
    """The loss of one image, the probabilities (10,), and the gradient at its pixels (96,)."""
    with ours():
        pixels = torch.tensor(x, requires_grad=True)
        log_p = torch.log_softmax(logits(pixels, trained()), dim=0)
        (dL_dx,) = torch.autograd.grad(-log_p[label], pixels)
        log_p = log_p.detach()
        return -float(log_p[label]), log_p.exp().numpy(), dL_dx.numpy()
