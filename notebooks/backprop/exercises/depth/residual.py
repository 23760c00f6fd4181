"""A skip connection around two dense layers: the identity is added to the Jacobian."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed, sizes

TWO_PATHS = "X reaches Y directly and through the branch, and the gradients of both paths add. "


def _residual(node: Any, dL_dY: Any, X: Any, W: Any, V: Any) -> None:
    Z = node("Z", X @ W)
    Y = X + torch.relu(Z) @ V
    node("L", (dL_dY.detach() * Y).sum())


def _sample_block(rng: Rng) -> dict[str, Any]:
    examples, features, hidden = sizes(rng, 3, 3, 6)
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(examples, features)),
        "X": signed(rng, size=(examples, features)),
        "W": signed(rng, 0.3, 1.2, size=(features, hidden)),
        "V": signed(rng, 0.3, 1.2, size=(hidden, features)),
    }


def _gates_of_both_kinds(v: SimpleNamespace) -> bool:
    return bool(np.any(v.Z > 0) and np.any(v.Z < 0) and np.abs(v.Z).min() > 1e-2)


residual_backward = Exercise(
    name="residual_backward",
    asks=("dL_dV", "dL_dZ", "dL_dW", "dL_dX"),
    forward=_residual,
    sample=_sample_block,
    regimes=(_gates_of_both_kinds,),
    points=4,
    hints=(
        "Draw the graph. Along how many paths does X reach Y? What does an add node pass on to each of its inputs?",
        r"$\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial Y}V^{\mathsf T}\odot[Z > 0]$, and "
        r"$\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} + \frac{\partial L}{\partial Z}W^{\mathsf T}$.",
        "`Z = X @ W`, `A = np.maximum(0, Z)`; `dL_dV = A.T @ dL_dY`, `dL_dZ = dL_dY @ V.T * (Z > 0)`, `dL_dW = X.T @ dL_dZ`. "
        "`dL_dZ @ W.T` is what comes back through the branch. What has to be added to it?",
    ),
    mistakes=(
        Mistake(
            "input-for-activation",
            "V is multiplied by the hidden activations. Yours has the inputs of the block.",
            dL_dV=lambda v: v.X.T @ v.dL_dY,
        ),
        Mistake("skip-lost", TWO_PATHS + "Yours leaves out the direct one.", dL_dX=lambda v: v.dL_dZ @ v.W.T),
        Mistake("branch-lost", TWO_PATHS + "Yours leaves out the branch.", dL_dX=lambda v: v.dL_dY),
        Mistake(
            "paths-multiplied",
            TWO_PATHS + "Yours multiplies them.",
            dL_dX=lambda v: v.dL_dY * (v.dL_dZ @ v.W.T),
        ),
        Mistake(
            "identity-for-skip",
            TWO_PATHS + "The direct one passes on the gradient of Y. Yours passes on ones.",
            dL_dX=lambda v: 1 + v.dL_dZ @ v.W.T,
        ),
        Mistake(
            "inputs-for-gradient",
            TWO_PATHS + "The direct one passes on the gradient of Y. Yours adds X itself.",
            dL_dX=lambda v: v.X + v.dL_dZ @ v.W.T,
        ),
        Mistake(
            "gate-on-skip",
            "The ReLU is in the branch. The direct path has none.",
            dL_dX=lambda v: v.dL_dY * (v.X > 0) + v.dL_dZ @ v.W.T,
        ),
    ),
)
