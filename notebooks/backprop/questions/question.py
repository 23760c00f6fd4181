"""What an exercise asks, as data and small functions:
the question that PyTorch answers, and samples.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from ..autodiff.tape import Array, Forward, Shapes, Tape, central_difference, flat
from .mistake import Mistake
from .remark import Remark
from .training import Training

Inputs = Mapping[str, Any]
PUBLIC_SEED = 2024
PUBLIC_SAMPLES = 6
PYTORCH = "PyTorch"


class SlipPlaces(Enum):
    """At which operations of the forward pass wrong rules are tried to explain an answer."""

    ANY = "at each operation, and at all of a kind"
    ALL = "at all operations of a kind at once"  # the learner writes code for any graph
    NONE = "at none"  # the forward pass stands for behaviour that is measured


@dataclass(frozen=True, eq=False)
class Sample:
    """One set of inputs and PyTorch's answers for it.

    Where a list of arrays is asked for, `truth` has all their entries in one vector, and `lists`
    has their shapes.
    """

    inputs: Inputs
    truth: Mapping[str, Array]
    nodes: tuple[str, ...]
    everything: SimpleNamespace
    lists: Mapping[str, Shapes]


@dataclass(frozen=True, eq=False)
class Question:
    """A question about derivatives that PyTorch can answer.

    name       the name it has in its lesson's module, and the name of the learner's function
    asks       the links wanted, in order from the output back: "dL_dz" is a derivative, "z" the
               value of a node
    forward    forward(node, *inputs): the forward pass in torch, naming each intermediate with
               node("z", ...), the output last. An input or a node may be a list of arrays, such as
               a network's weights; then its gradient is such a list too
    sample     sample(rng) -> inputs by name, in the order in which forward and the learner's
               function take them
    points     what the exercise is worth; each link asked has an equal share; 0 for one that is not
               graded
    hints      three, from a question over an equation to almost code
    mistakes   the wrong formulas known by name
    remarks    what is said of numbers that fit no mistake, where behaviour is measured
    arguments  what the learner's function is called with, by name, where that is not simply the
               inputs
    subject    the name of what is checked, where it is not the exercise's own: "Value", a class
               that several exercises add to
    use        use(answer, *inputs) -> the values asked for, where the answer is not simply called
               with the inputs
    regimes    properties that the samples have in turn, so that both sides of a kink, say, are
               always seen
    rtol       relative tolerance in float64
    slips_at   at which operations of the forward pass wrong rules are tried
    training   of a loop of gradient descent: what it descends on
    compared_with  what the column of the right values is called: "required" where behaviour is
               measured and not a derivative
    """

    name: str
    asks: tuple[str, ...]
    forward: Forward
    sample: Callable[[np.random.Generator], dict[str, Any]]
    points: int
    hints: tuple[str, str, str]
    mistakes: Sequence[Mistake] = ()
    remarks: Sequence[Remark] = ()
    arguments: Callable[[SimpleNamespace], dict[str, Any]] | None = None
    subject: str = ""
    use: Callable[..., Any] | None = None
    regimes: tuple[Callable[[SimpleNamespace], bool], ...] = ()
    rtol: float = 1e-6
    slips_at: SlipPlaces = SlipPlaces.ANY
    training: Training | None = None
    compared_with: str = PYTORCH

    # Whether the question is about fixed numbers, so that the right value must not be shown and one
    # sample is enough.
    on_fixed_numbers: ClassVar[bool] = False

    def draw(self, seed: int, samples: int) -> tuple[Sample, ...]:
        """`samples` sets of inputs with PyTorch's answers; the same for the same seed."""
        return draw_samples(self, seed, samples)

    def measure(self, inputs: Inputs) -> Sample:
        """PyTorch's answers for `inputs`."""
        return self.measured(inputs, Tape(self.forward, inputs))

    def measured(self, inputs: Inputs, tape: Tape) -> Sample:
        """PyTorch's answers for `inputs`, at which `tape` has been run."""
        truth = {ask: tape.answer(ask) for ask in self.asks}
        given = {name: value for name, value in inputs.items() if isinstance(value, (list, tuple))}
        everything = SimpleNamespace(**dict(inputs) | tape.everything() | given | truth)
        lists = {ask: shapes for ask in self.asks if (shapes := tape.shapes(ask))}
        return Sample(inputs, truth, tuple(tape.nodes), everything, lists)

    def mistaken(self, mistake: Mistake, sample: Sample) -> dict[str, Array]:
        """The answer at `sample` of someone who makes `mistake` and nothing else.

        It is cached: do not change it.
        """
        return mistaken_answer(self, mistake, sample)

    def follow_through(self, answer: Mapping[str, Array], sample: Sample) -> dict[str, Array]:
        """What each link should be, given the learner's own earlier links."""
        tape = Tape(self.forward, sample.inputs, replaced=answer)
        return {ask: tape.answer(ask) for ask in self.asks}

    def second_opinion(self, sample: Sample) -> dict[str, Array]:
        """The derivatives asked for, by central differences of the same forward pass."""
        derivatives = [ask for ask in self.asks if ask not in sample.nodes]
        return {ask: central_difference(self.forward, sample.inputs, ask) for ask in derivatives}

    def call_with(self, inputs: Inputs) -> dict[str, Any]:
        """Fresh copies, by name and in order, of what the learner's function is called with."""
        memo: dict[int, Any] = {}  # inputs that share an array share its copy
        copies = {name: copy.deepcopy(value, memo) for name, value in inputs.items()}
        return copies if self.arguments is None else self.arguments(SimpleNamespace(**copies))


@lru_cache(maxsize=256)
def draw_samples(question: Question, seed: int, samples: int) -> tuple[Sample, ...]:
    """The samples of `Question.draw`, kept."""
    rng = np.random.default_rng(seed)
    drawn: list[Sample] = []
    while len(drawn) < samples:
        inputs = question.sample(rng)
        glance = _Glance(question, inputs)
        if not question.regimes or question.regimes[len(drawn) % len(question.regimes)](glance):
            drawn.append(question.measured(inputs, glance._tape))
    return tuple(drawn)


class _Glance(SimpleNamespace):
    """Inputs, nodes and gradients by name, each computed when it is asked for.

    Most inputs that are drawn have another regime than the one wanted, and few numbers tell.
    """

    def __init__(self, question: Question, inputs: Inputs) -> None:
        super().__init__(**{name: np.float64(value) if isinstance(value, float) else value for name, value in inputs.items()})
        self._drawn = question.forward, inputs

    @cached_property
    def _tape(self) -> Tape:
        return Tape(*self._drawn)

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._tape.answer(name)


@lru_cache(maxsize=4096)
def mistaken_answer(question: Question, mistake: Mistake, sample: Sample) -> dict[str, Array]:
    """The numbers of `Question.mistaken`, kept."""
    with np.errstate(all="ignore"):  # some mistakes are to overflow
        wrong = {link: flat(formula(sample.everything)) for link, formula in mistake.formulas.items()}
    if set(question.asks) <= set(wrong):
        return {ask: wrong[ask] for ask in question.asks}
    tape = Tape(mistake.program or question.forward, sample.inputs, replaced=wrong)
    return {ask: wrong[ask] if ask in wrong else tape.answer(ask) for ask in question.asks}
