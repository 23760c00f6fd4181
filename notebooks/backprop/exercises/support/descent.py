"""Gradient descent with one thing wrong in its steps: mistakes that every training loop shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...autodiff.lazy import torch

Parameters = list[Any]  # tensors
Loss = Callable[[Parameters], Any]


def against(parameter: Any, gradient: Any, alpha: float) -> Any:
    """A step of gradient descent."""
    return parameter - alpha * gradient


@dataclass(frozen=True)
class Descent:
    """How the steps are taken. The defaults are right.

    step      step(parameter, gradient, alpha) -> the parameter after the step
    groups    groups(number of parameters) -> their places, in groups that are updated one after
              another, each with gradients at what the groups before have left; a parameter in no
              group is never updated
    taken_at  taken_at(k) -> the step before which the parameters stood at which the gradient of
              step k is taken
    """

    step: Callable[[Any, Any, float], Any] = against
    groups: Callable[[int], Sequence[Sequence[int]]] = lambda parts: [range(parts)]
    taken_at: Callable[[int], int] = lambda k: k

    def run(self, start: Parameters, losses: Sequence[tuple[Loss, Loss]], alpha: Any) -> tuple[list[Any], list[Parameters]]:
        """The loss before each step, and the parameters before the first step and after each.

        losses  for each step the loss that is returned, and the loss whose gradient is taken
        """
        history = [[part.detach().clone() for part in start]]
        found = []
        for k, (loss, descended) in enumerate(losses):
            parameters = list(history[-1])
            for turn, group in enumerate(self.groups(len(parameters))):
                live = [part.clone().requires_grad_() for part in (history[self.taken_at(k)] if turn == 0 else parameters)]
                L = descended(live)
                if turn == 0:
                    found.append((L if loss is descended else loss(live)).detach())
                for place, gradient in zip(group, torch.autograd.grad(L, [live[place] for place in group])):
                    parameters[place] = self.step(parameters[place], gradient, alpha.item())
            history.append(parameters)
        return found, history
