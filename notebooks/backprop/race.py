"""The effect of a mistake on training: the same descent by two programs, in words and as curves."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .autodiff.settings import ours
from .autodiff.tape import Tape
from .drawing.palette import BLUE, GREEN, VERMILLION
from .drawing.shapes import style
from .exercise import Exercise, Inputs
from .translation import N_, _

LOOKS = ((VERMILLION, "--", "s", 1.8), (BLUE, "-", "o", 3.0), (GREEN, ":", "^", 1.6))  # a thinner line on a thick one shows both
LIMIT = 1e9  # a loss beyond this has left for good


def compare(exercise: Exercise, program: Callable[..., Any], inputs: Inputs) -> None:
    """Print what `program`, an answer to `exercise`,
    returns for `inputs`, and below each result PyTorch's.
    """
    own = _("program")
    with ours():
        truth = exercise.measure(inputs).truth
    for name, result in zip(exercise.asks, program(**copy.deepcopy(dict(inputs)))):
        print(f"{name:12s} {own} {np.round(result, 6).tolist()}\n{'':12s} PyTorch {truth[name].round(6).tolist()}")


def descend(exercise: Exercise, program: Callable[..., Any], start: Inputs, moving: str, alpha: float, steps: int) -> list[float]:
    """The losses of a descent from `start` with the gradients
    that `program`, an answer to `exercise`, returns.

    moving  the names of the inputs that change, with spaces between them: "w b". The loss is the
            exercise's own, by PyTorch. The list ends early if the loss becomes too large.
    """
    inputs = copy.deepcopy(dict(start))
    losses = [_loss(exercise, inputs)]
    while len(losses) <= steps and abs(losses[-1]) < LIMIT:
        gradients = _by_name(exercise, program(*copy.deepcopy(inputs).values()))
        for name in moving.split():
            inputs[name] = inputs[name] - alpha * gradients[name]
        losses.append(_loss(exercise, inputs))
    return losses


def race(log: bool = False, **runners: Callable[[], list[float]]) -> Figure:
    """Draw the losses that each of the runners returns,
    and say in words where each began and ended.

    A runner that is not written yet, or that fails, is left out, which is said.
    """
    curves = {}
    for label, runner in runners.items():
        try:
            curves[label] = runner()
        except NotImplementedError:
            print(_("{label}: not written yet", label=_words(label)))
        except Exception as error:  # a learner's function may stop with anything; its check says more
            print(_("{label}: stopped with {type}; its check says more", label=_words(label), type=type(error).__name__))
    for label, losses in curves.items():
        print(_course(_words(label), losses))
    return _drawn(curves, log)


def _by_name(exercise: Exercise, answer: Any) -> dict[str, Any]:
    """The gradients in an answer, by the name of the input that they belong to."""
    answers = answer if isinstance(answer, Mapping) else dict(zip(exercise.asks, answer))
    return {ask.partition("_d")[2]: np.asarray(value, dtype=np.float64)[()] for ask, value in answers.items() if ask.startswith("d")}


def _loss(exercise: Exercise, inputs: Inputs) -> float:
    with ours():
        tape = Tape(exercise.forward, inputs)
        return tape.nodes[tape.output].item()


def _words(label: str) -> str:
    return label.replace("_", " ")


def _course(label: str, losses: list[float]) -> str:
    """The first and the last loss, and the highest on the way where it is well above both."""
    first, highest, last = map(_told, (losses[0], max(losses), losses[-1]))
    message = N_("{label}: loss {first} at the start, {last} after {count} steps")
    if max(losses) > 1.05 * max(losses[0], losses[-1]):
        message = N_("{label}: loss {first} at the start, {highest} at its highest, {last} after {count} steps")
    return _(message, label=label, first=first, highest=highest, last=last, count=len(losses) - 1)


def _told(loss: float) -> str:
    return f"{loss:.6f}" if abs(loss) < 1e4 else f"{loss:.1e}"


@style()
def _drawn(curves: Mapping[str, list[float]], log: bool) -> Figure:
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.add_subplot()
    for (label, losses), (colour, line, marker, width) in zip(curves.items(), LOOKS):
        every = max(1, len(losses) // 12)
        axes.plot(losses, line, color=colour, lw=width, marker=marker, markersize=2 + width, markevery=every, label=_words(label))
    axes.set(xlabel=_("step"), ylabel=_("loss"), yscale="log" if log else "linear")
    axes.grid(alpha=0.3)
    if curves:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(curves), frameon=False)  # above, where no curve crosses it
    return figure
