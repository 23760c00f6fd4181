"""What a training loop descends on, so that a wrong gradient can be followed through it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..autodiff.tape import Array, Forward
from ..translation import N_

# Mistakes in a step that every training loop can have, as a learner is told of them.
NO_ALPHA = N_("Your steps are the whole gradient. The learning rate is missing.")
NOT_CLEARED = N_("Each step has to use its own gradient. Yours adds the gradients of the earlier steps to it.")
STALE = N_(
    "Some of your gradients are computed with parameters that this step has changed already. "
    "Compute all of them first, then change all parameters."
)
UPHILL = N_("Your steps go along the gradient, or the gradient has the wrong sign: the loss grows where it should fall.")


@dataclass(frozen=True, eq=False)
class Training:
    """Gradient descent with the learning rate `alpha`: a loss is noted before each step.

    loss        the forward pass of one step, the loss last
    inputs      inputs(those of the exercise) -> the inputs of `loss`, by name, for each loss noted,
                with the parameters as they are before the first step; the same object again where
                the data are the same
    parameters  the names of those that are moved; each a number, an array, or a list of arrays
    told        told(parameters at the end, by name) -> what the exercise asks for beside "losses"
    epoch       epoch(inputs of the exercise) -> the number of steps in an epoch; None where all
                steps are one epoch
    ends_with_step  whether a step follows the last loss that is noted
    """

    loss: Forward
    inputs: Callable[[Mapping[str, Any]], Sequence[dict[str, Any]]]
    parameters: tuple[str, ...]
    told: Callable[[Mapping[str, Any]], dict[str, Array]]
    epoch: Callable[[Mapping[str, Any]], int] | None = None
    ends_with_step: bool = False
