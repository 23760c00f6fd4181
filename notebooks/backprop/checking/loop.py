"""A training loop at one sample: what is recorded of its steps, and training with a slip in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ..autodiff.recording import Changes, Recording
from ..autodiff.slip import Slip
from ..autodiff.slips import Slips
from ..autodiff.tape import Array, is_list_of_arrays
from ..questions.question import Question, Sample
from ..questions.training import Training

Values = dict[str, Any]  # parameters or their gradients, by name
Part = tuple[str, int | None]  # a parameter, or one array of a list
Step = Callable[["Loop", int, Values, Values], Values]  # of the number of a step, parameters, gradients: the next parameters


@dataclass(frozen=True, eq=False)
class Loop:
    """The training of one sample.

    start   what is recorded of the first step
    inputs  those of each loss that is noted
    epoch   the number of steps in an epoch; 0 if there is only one
    """

    training: Training
    start: Recording
    inputs: list[dict[str, Any]]
    alpha: float
    epoch: int = 0
    _others: dict[int, Recording] = field(default_factory=dict)  # of steps on other data
    _slips: list[Slips] = field(default_factory=list)

    @classmethod
    def of(cls, question: Question, sample: Sample) -> "Loop | None":
        """None for an exercise without training, or one whose loss cannot be recorded."""
        if question.training is None:
            return None
        inputs = [*question.training.inputs(sample.inputs)]
        recording = Recording(question.training.loss, inputs[0])
        if not recording.again or recording.in_place:
            return None
        epoch = question.training.epoch(sample.inputs) if question.training.epoch else 0
        return cls(question.training, recording, inputs, float(sample.inputs["alpha"]), epoch)

    @property
    def steps(self) -> int:
        """How many steps are taken."""
        return len(self.inputs) - (not self.training.ends_with_step)

    @cached_property
    def parts(self) -> dict[int, Part]:
        """The parameters, with each array of a list by itself, by their slots."""
        found: dict[int, Part] = {}
        for name in self.training.parameters:
            slots = self.start.nodes[name]
            found |= {slot: (name, k) for k, slot in enumerate(slots)} if isinstance(slots, tuple) else {slots: (name, None)}
        return found

    @cached_property
    def layers(self) -> list[list[Part]]:
        """The parameters by the layer that they are used in, the last layer first."""
        used: dict[Part, int] = {}
        for op in self.start.operations:
            for slot in op.slots:
                if slot in self.parts:
                    used[self.parts[slot]] = self.slips(self.start).places.levels[op.slot]
        return [[part for part in used if used[part] == level] for level in sorted(set(used.values()), reverse=True)]

    def slips(self, recording: Recording) -> Slips:
        """The slips that can be made in one backward pass."""
        for known in self._slips:
            if known.recording.signature == recording.signature:
                return known
        self._slips.append(Slips(recording))
        return self._slips[-1]

    def first(self) -> Values:
        """The parameters before the first step."""
        return {name: self.start.inputs[name] for name in self.training.parameters}

    def recorded(self, k: int) -> Recording:
        """The forward pass on the data of loss `k`, at the first parameters."""
        if self.inputs[k] is self.inputs[0]:
            return self.start
        if k not in self._others:
            same = self.start.fits(self.inputs[k])
            self._others[k] = self.start.run(self.inputs[k]) if same else Recording(self.training.loss, self.inputs[k])
        return self._others[k]

    def at(self, k: int, parameters: Values) -> Recording:
        """The same at other parameters."""
        recording = self.recorded(k)
        return recording.run({name: _plain(value) for name, value in (recording.inputs | parameters).items()})

    def loss(self, k: int, parameters: Values) -> float:
        """The loss `k` at these parameters."""
        return float(self.recorded(k).output_at({name: _plain(value) for name, value in parameters.items()}))

    def gradients(self, now: Recording, changes: Changes = ()) -> Values | None:
        """The gradients of all parameters, with the backward pass changed."""
        asks = [f"d{now.output}_d{name}" for name in self.training.parameters]
        found = now.gradients(asks, changes)
        return None if found is None else {name: self.shaped(name, found[ask]) for name, ask in zip(self.training.parameters, asks)}

    @cached_property
    def first_gradients(self) -> Values | None:
        """The right gradients of the first step."""
        return self.gradients(self.start)

    def shaped(self, name: str, gradient: Array) -> Any:
        """A gradient in the form of its parameter."""
        value = self.start.inputs[name]
        if not is_list_of_arrays(value):
            return gradient
        ends = np.cumsum([part.size for part in value])[:-1]
        return [part.reshape(old.shape) for part, old in zip(np.split(gradient, ends), value)]

    def trained(self, slip: Slip, step: Step) -> Iterator[tuple[Values, float | None]]:
        """The parameters and the loss before each step, and after the last one, where it is noted.

        It ends where the slip cannot be made.
        """
        parameters = self.first()
        for k in range(self.steps):
            yield parameters, self.loss(k, parameters)
            gradients = self._wrong_gradients(slip, k, parameters)
            if gradients is None:
                return
            parameters = step(self, k, parameters, gradients)
        yield parameters, None if self.training.ends_with_step else self.loss(self.steps, parameters)

    def after(self, steps: int) -> Values | None:
        """The parameters after some right steps; None if there is no data for so many."""
        parameters = self.first()
        for k in range(steps):
            gradients = self.gradients(self.at(k, parameters)) if k < len(self.inputs) else None
            if gradients is None:
                return None
            parameters = moved(parameters, gradients, self.alpha)
        return parameters

    def _wrong_gradients(self, slip: Slip, k: int, parameters: Values) -> Values | None:
        """The gradients of step `k` with the slip in them; None if it cannot be made."""
        if not k and not slip.changes:
            return self.first_gradients
        now = self.at(k, parameters) if k else self.start
        made = self.slips(now).counterpart(slip) if slip.changes else slip
        return None if made is None else self.gradients(now, made.changes)


def moved(parameters: Values, gradients: Values, rate: float) -> Values:
    """The parameters after a step against the gradients."""
    return {name: _against(value, gradients[name], rate) for name, value in parameters.items()}


def _against(parameter: Any, gradient: Any, rate: float) -> Any:
    if isinstance(parameter, (list, tuple)):
        return [_against(one, other, rate) for one, other in zip(parameter, gradient)]
    return parameter - rate * gradient


@lru_cache(maxsize=64)
def loop_of(question: Question, sample: Sample) -> Loop | None:
    """`Loop.of`, kept."""
    return Loop.of(question, sample)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, np.ndarray) and not value.ndim else value
