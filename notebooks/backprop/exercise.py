"""What an exercise is: declared once, as data and small functions, and put to every use from here."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from .autodiff.tape import Array, Forward, Shapes, Tape, central_difference, flat

if TYPE_CHECKING:
    from .checking.report import Score

Inputs = Mapping[str, Any]
PUBLIC_SEED = 2024
PUBLIC_SAMPLES = 6


class Mistake:
    """A wrong formula that learners are known to write, and the words that name it.

    id        short and stable, for instructors' tables
    words     what the learner is told: the misunderstanding, never the answer
    program   a forward pass whose gradients are the wrong ones, where the mistake is in the whole and not in one link
    formulas  what is wrong, by the name of the link: dL_dw1=lambda v: v.dL_dz * v.w1. `v` holds, as NumPy values, the inputs, the
              nodes and the true gradient at each node. Links further on follow from the wrong one, as they would in the
              learner's own code.
    """

    def __init__(self, id: str, words: str, *, program: Forward | None = None, **formulas: Callable[[SimpleNamespace], Any]) -> None:
        self.id = id
        self.words = words
        self.program = program
        self.formulas = formulas

    def __repr__(self) -> str:
        return f"Mistake({self.id!r})"


@dataclass(frozen=True, eq=False)
class Sample:
    """One set of inputs and, by PyTorch, what is asked about them.

    Where a list of arrays is asked for, `truth` has all their entries in one vector, and `lists` has their shapes.
    """

    inputs: Inputs
    truth: Mapping[str, Array]
    nodes: tuple[str, ...]
    everything: SimpleNamespace
    lists: Mapping[str, Shapes]


@dataclass(frozen=True, eq=False)
class Exercise:
    """A question about derivatives that PyTorch can answer.

    name       the name it has in its lesson's module, and the name of the learner's function
    asks       the links wanted, in order from the output back: "dL_dz" is a derivative, "z" the value of a node
    forward    forward(node, *inputs): the forward pass in torch, naming each intermediate with node("z", ...), the output last.
               An input or a node may be a list of arrays, such as a network's weights; then its gradient is such a list too
    sample     sample(rng) -> inputs by name, in the order in which forward and the learner's function take them
    points     what the exercise is worth; each link asked has an equal share; 0 for one that is not graded
    hints      three, from a question over an equation to almost code
    mistakes   the wrong formulas known by name
    arguments  what the learner's function is called with, by name, where that is not simply the inputs
    subject    the name of what is checked, where it is not the exercise's own: "Value", a class that several exercises add to
    use        use(answer, *inputs) -> the values asked for, where the answer is not simply called with the inputs
    regimes    properties that the samples have in turn, so that both sides of a kink, say, are always seen
    prediction a question on fixed numbers: asked before the cell that settles it, so the right value is not shown
    rtol       relative tolerance in float64
    """

    name: str
    asks: tuple[str, ...]
    forward: Forward
    sample: Callable[[np.random.Generator], dict[str, Any]]
    points: int
    hints: tuple[str, str, str]
    mistakes: tuple[Mistake, ...] = ()
    arguments: Callable[[SimpleNamespace], dict[str, Any]] | None = None
    subject: str = ""
    use: Callable[..., Any] | None = None
    regimes: tuple[Callable[[SimpleNamespace], bool], ...] = ()
    prediction: bool = False
    rtol: float = 1e-6

    # --- what learners call -------------------------------------------------------------------------------------------------

    def check(
        self,
        answer: Any,
        *,
        second_opinion: bool = False,
        seed: int = PUBLIC_SEED,
        samples: int = PUBLIC_SAMPLES,
        rtol: float | None = None,
    ) -> "Score | None":
        """Compare `answer`, your function, with PyTorch's `.backward()`; show the report and return the points it earns, if it has any.

        second_opinion  add a column of central differences
        seed, samples   which inputs to try, and how many
        rtol            relative tolerance, in float64
        """
        from .checking.comparing import examine
        from .helping.interactive import in_notebook, show

        report = examine(self, answer, seed=seed, samples=samples, rtol=rtol or self.rtol, second_opinion=second_opinion)
        if in_notebook() and (seed, samples, rtol) == (PUBLIC_SEED, PUBLIC_SAMPLES, None):
            from .course_map import noted

            report = noted(report)
        show(report)
        report.raise_if_interrupted()
        return report.score if self.points else None

    def hint(self, number: int | None = None) -> None:
        """Show the next hint, or hint `number` (1, 2 or 3)."""
        from .helping.hints import show_hint

        show_hint(self, number)

    def referee(self, sample: int = 0) -> None:
        """Show PyTorch's side of the check at one of its samples, as code to run and change."""
        from .autodiff.settings import ours
        from .helping.interactive import offer_code
        from .helping.referee import referee_code

        with ours():
            code = referee_code(self, self._public_sample(sample).inputs)
        offer_code(code)

    def inputs(self, sample: int = 0) -> dict[str, Any]:
        """The inputs of one of the check's samples, to try your function on: f(**ex.name.inputs(2))."""
        from .autodiff.settings import ours

        with ours():
            return self.call_with(self._public_sample(sample).inputs)

    def _public_sample(self, number: int) -> Sample:
        return self.draw(PUBLIC_SEED, PUBLIC_SAMPLES)[number]

    # --- what the course is built from --------------------------------------------------------------------------------------

    def draw(self, seed: int, samples: int) -> tuple[Sample, ...]:
        """`samples` sets of inputs with PyTorch's answers; the same for the same seed."""
        return _draw(self, seed, samples)

    def measure(self, inputs: Inputs) -> Sample:
        """PyTorch's answers for `inputs`."""
        tape = Tape(self.forward, inputs)
        truth = {ask: tape.answer(ask) for ask in self.asks}
        given = {name: value for name, value in inputs.items() if isinstance(value, (list, tuple))}
        everything = SimpleNamespace(**dict(inputs) | tape.everything() | given | truth)
        lists = {ask: shapes for ask in self.asks if (shapes := tape.shapes(ask))}
        return Sample(inputs, truth, tuple(tape.nodes), everything, lists)

    def mistaken(self, mistake: Mistake, sample: Sample) -> dict[str, Array]:
        """What someone who makes `mistake` and nothing else answers at `sample`. To be read, not changed: it is kept."""
        return _mistaken(self, mistake, sample)

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
        if self.prediction:
            return {}
        copies = copy.deepcopy(dict(inputs))
        return copies if self.arguments is None else self.arguments(SimpleNamespace(**copies))


@lru_cache(maxsize=256)
def _draw(exercise: Exercise, seed: int, samples: int) -> tuple[Sample, ...]:
    rng = np.random.default_rng(seed)
    drawn: list[Sample] = []
    while len(drawn) < samples:
        sample = exercise.measure(exercise.sample(rng))
        if not exercise.regimes or exercise.regimes[len(drawn) % len(exercise.regimes)](sample.everything):
            drawn.append(sample)
    return tuple(drawn)


@lru_cache(maxsize=4096)
def _mistaken(exercise: Exercise, mistake: Mistake, sample: Sample) -> dict[str, Array]:
    with np.errstate(all="ignore"):  # some mistakes are to overflow
        wrong = {link: flat(formula(sample.everything)) for link, formula in mistake.formulas.items()}
    if set(exercise.asks) <= set(wrong):
        return {ask: wrong[ask] for ask in exercise.asks}
    tape = Tape(mistake.program or exercise.forward, sample.inputs, replaced=wrong)
    return {ask: wrong[ask] if ask in wrong else tape.answer(ask) for ask in exercise.asks}
