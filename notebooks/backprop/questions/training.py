"""What a training loop descends on, so that a wrong gradient can be followed through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..autodiff.tape import Array, Forward
from ..translation import N_

# Mistakes in a step that every training loop can have, as a learner is told of them.
NO_ALPHA = N_("Your steps are the whole gradient. The learning rate is missing.")
STALE = N_(
    "Some of your gradients are computed with parameters that this step has changed already. "
    "Compute all of them first, then change all parameters."
)


@dataclass(frozen=True, eq=False)
class Training:
    """Gradient descent with the learning rate `alpha`, for `steps` steps, on a loss.

    loss        the forward pass of one step, the loss last
    inputs      inputs(those of the exercise) -> those of `loss`, by name
    parameters  the names of those that are moved; each a number, an array, or a list of arrays
    told        told(parameters at the end, by name) -> what the exercise asks for beside "losses"
    """

    loss: Forward
    inputs: Callable[[Mapping[str, Any]], dict[str, Any]]
    parameters: tuple[str, ...]
    told: Callable[[Mapping[str, Any]], dict[str, Array]]
