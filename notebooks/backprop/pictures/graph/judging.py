"""Judges numbers typed for the nodes of a graph by PyTorch:
right, right given an earlier one, or wrong, and why.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...autodiff.settings import ours
from ...autodiff.slip import most_telling
from ...autodiff.tape import Forward, Tape
from ...autodiff.trace import Trace, trace
from ...figures.networks import Network
from ...translation import _
from ..stage.formulas import typed_number
from ..stage.stage import Refused
from .slips import WrongNumber, wrong_numbers
from .steps import ask_of, number_of, steps_of

RIGHT, GIVEN, COARSE, WRONG = "right", "given", "coarse", "wrong"
TOLERANCE = 5e-3  # what rounding to three digits on the way may add up to
COARSEST = 1e-2  # an answer rounded more than this is asked for again, with more digits


@dataclass(frozen=True)
class Typed:
    """A number as it was typed."""

    text: str
    number: float

    def agrees(self, truth: float) -> bool:
        """Whether this is `truth`, rounded to some three digits or more."""
        error = abs(self.number - truth)
        if truth == 0 or abs(truth) < 1e-12:
            return error < 5e-4
        return error <= max(TOLERANCE * abs(truth), min(self._last_place, COARSEST * abs(truth)))

    def is_coarse(self, truth: float) -> bool:
        """Whether this is `truth` with too few digits."""
        return not self.agrees(truth) and abs(self.number - truth) <= min(0.5001 * self._last_place, 0.1 * abs(truth))

    @cached_property
    def _last_place(self) -> float:
        """The value of the last digit typed; 0 for an expression
        or a whole number, which have no last decimal.
        """
        found = re.fullmatch(r"[-+−]?\d*[.,](\d*)", self.text.strip())
        return 10.0 ** -len(found[1]) if found else 0.0


def _same(one: float, other: float) -> bool:
    return Typed("", one).agrees(other) or Typed("", other).agrees(one)


def _words(fitting: Sequence[WrongNumber]) -> str:
    """The words for the mistake that says most, or for both of two; nothing of more."""
    best = most_telling({one.id for one in fitting})
    if best is not None:
        return min((one for one in fitting if one.id == best), key=lambda one: one.edges).words
    found = list(dict.fromkeys(one.words for one in fitting))
    return _(" Or else: ").join(found) if len(found) <= 2 else ""


def typed(text: Any) -> Typed:
    """What was typed. Refused in words if it is no number."""
    number = typed_number(str(text))
    if number is None:
        raise Refused(_("“{text}” is no number. Type one such as 0.5, or a sum such as 1/4 or -6+7.5.", text=str(text)[:40]))
    return Typed(str(text), number)


class Judge:
    """All numbers of one network at given inputs, and what is to be said about a learner's."""

    def __init__(self, network: Network, inputs: Mapping[str, float]) -> None:
        self.network = network
        self.inputs = dict(inputs)
        self.now = network.trace(self.inputs)
        self.steps = {ask_of(network, step): step for step in steps_of(network)}

    def truth(self, ask: str) -> float:
        """PyTorch's number."""
        return number_of(self.now, self.steps[ask])

    def states(self, answers: Mapping[str, Typed]) -> dict[str, str]:
        """For each answer: right, given (it follows from an earlier wrong one), coarse or wrong."""
        found = {}
        for ask, answer in answers.items():
            truth = self.truth(ask)
            found[ask] = RIGHT if answer.agrees(truth) else COARSE if answer.is_coarse(truth) else WRONG
        if set(found.values()) <= {RIGHT}:
            return found
        rounded = self._followed({ask: answer.number for ask, answer in answers.items()})
        for ask in [ask for ask in self.steps if found.get(ask) in (WRONG, COARSE)]:
            exact = self._followed(
                self._own(answers, found)
            )  # what was only rounded stands for PyTorch's own number here, for itself above
            if any(answers[ask].agrees(follow(ask)) for follow in (*exact, *rounded)):
                found[ask] = RIGHT if all(_same(follow(ask), self.truth(ask)) for follow in exact) else GIVEN
        return found

    def reason(self, ask: str, answers: Mapping[str, Typed], known: Collection[str] = ()) -> str:
        """The words for the known mistake that gives this wrong number, or for both of two.

        Nothing if none does, or many do.

        known  what else is written down, beside the answers
        """
        own = self._own_trace(self._own({other: answer for other, answer in answers.items() if other != ask}))
        answer, step = answers[ask], self.steps[ask]
        right = (self.truth(ask), number_of(own, step))
        with ours():
            for numbers in wrong_numbers(self.network, self.now, own, step, {*answers, *known}):
                fitting = [one for one in numbers if answer.agrees(one.number) and not any(_same(one.number, value) for value in right)]
                if fitting:
                    return _words(fitting)
        return ""

    # --- with the learner's own numbers -----------------------------------------------------------

    def _own(self, answers: Mapping[str, Typed], states: Mapping[str, str] | None = None) -> dict[str, float]:
        """What replaces PyTorch's numbers: the learner's
        if it is wrong, the exact one if it was rounded.
        """
        states = states or {ask: RIGHT if answer.agrees(self.truth(ask)) else WRONG for ask, answer in answers.items()}
        return {ask: answer.number if states[ask] in (WRONG, GIVEN) else self.truth(ask) for ask, answer in answers.items()}

    def _followed(self, own: Mapping[str, float]) -> list[Callable[[str], float]]:
        """What each number should be given the learner's own earlier ones.

        The derivative of an activation function may be taken at its input or from its output.
        """
        with ours():
            values = {ask: number for ask, number in own.items() if ask in self.now.values}
            one = Tape(self.network.forward, self.inputs, replaced=own)
            other = Tape(_holding(self.network.forward, values), self.inputs, replaced=own)
            return [lambda ask: float(one.answer(ask)), lambda ask: float((other if self.steps[ask].back else one).answer(ask))]

    def _own_trace(self, own: Mapping[str, float]) -> Trace:
        """Values, gradients and local derivatives as the
        learner has them: their own, and what follows from them.
        """
        values = {ask: number for ask, number in own.items() if ask in self.now.values}
        at = trace(_holding(self.network.forward, values), self.inputs)
        with ours():
            tape = Tape(_holding(self.network.forward, values), self.inputs, replaced=own)
            gradients = {name: own.get(f"d{tape.output}_d{name}", float(tape.answer(f"d{tape.output}_d{name}"))) for name in at.values}
        return Trace(at.values, gradients, at.slopes)


def _holding(forward: Forward, values: Mapping[str, float]) -> Forward:
    """`forward` with other numbers in some nodes, also
    in what PyTorch stores there for local derivatives.
    """

    def held(node: Callable[[str, Any], Any], *inputs: Any) -> None:
        def keep(name: str, value: Any) -> Any:
            if name in values:
                value.data.fill_(values[name])
            return node(name, value)

        forward(keep, *inputs)

    return held
