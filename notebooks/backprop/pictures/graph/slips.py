"""Wrong numbers that learners are known to find at a node,
and words for the mistake, which never give the answer.

The rules are those by which a check names a mistake. Here they are applied to one step, with the
reader's own numbers before it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.forward_slips import forward_slips
from ...autodiff.recording import Change, Recording, Replacement
from ...autodiff.slip import Slip
from ...autodiff.slips import Slips
from ...autodiff.tape import Array, Tape
from ...autodiff.trace import Trace
from ...checking.facts import OTHER_SIGN, VALUE_OF_OTHER
from ...figures.networks import Network
from ...translation import _
from .steps import Step, ask_of, number_of


@dataclass(frozen=True)
class WrongNumber:
    """What a mistake leads to at a step.

    id      the misunderstanding
    number  the number that is found
    words   what the reader is told
    edges   at how many places the mistake is made
    """

    id: str
    number: float
    words: str
    edges: int = 1


def wrong_numbers(network: Network, now: Trace, own: Trace, step: Step, known: Collection[str] = ()) -> Iterator[Iterator[WrongNumber]]:
    """All mistakes known at a step: the exercise's own here,
    those of any graph, facts, and the exercise's earlier ones.

    now    what PyTorch says
    own    the same, with the reader's own numbers in place of PyTorch's
    known  what has been written down already: a mistake there would be visible there
    """
    yield _declared_here(network, own, step)
    yield _in_the_gradient(network, own, step) if step.back else _in_the_value(network, own, step)
    yield _facts(network, own, step)
    yield _carried_on(network, now, step, known)


# --- the exercise's -------------------------------------------------------------------------------


def _declared_here(network: Network, own: Trace, step: Step) -> Iterator[WrongNumber]:
    here, ask = _everything(network, own), ask_of(network, step)
    for mistake in network.exercise.mistakes if network.exercise else ():
        if ask in mistake.formulas:
            with suppress(AttributeError, KeyError, ArithmeticError), np.errstate(all="ignore"):
                yield WrongNumber(mistake.id, float(mistake.formulas[ask](here)), mistake.words)


def _carried_on(network: Network, now: Trace, step: Step, known: Collection[str]) -> Iterator[WrongNumber]:
    """Mistakes at other steps, each made once and nothing else: what comes of them here."""
    if network.exercise is None:
        return
    ask, sample = ask_of(network, step), network.exercise.measure({name: now.values[name] for name in network.inputs})
    for mistake in network.exercise.mistakes:
        if ask not in mistake.formulas and not (mistake.formulas and set(mistake.formulas) <= set(known)):
            with suppress(AttributeError, KeyError, ArithmeticError), np.errstate(all="ignore"):
                wrong = {link: formula(sample.everything) for link, formula in mistake.formulas.items()}
                tape = Tape(mistake.program or network.forward, sample.inputs, replaced=wrong)
                yield WrongNumber(mistake.id, float(tape.answer(ask)), mistake.words)


def _everything(network: Network, now: Trace) -> SimpleNamespace:
    gradients = {f"d{network.output}_d{name}": np.float64(value) for name, value in now.gradients.items()}
    return SimpleNamespace(**{name: np.float64(value) for name, value in now.values.items()} | gradients)


# --- those of any graph ---------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _recorded(network: Network) -> Slips:
    return Slips(Recording(network.forward, network.inputs))


def _in_the_gradient(network: Network, own: Trace, step: Step) -> Iterator[WrongNumber]:
    """What a wrong rule between this node and those that use it leads to."""
    slips = _recorded(network)
    recording = _with_values(slips.recording, own, own.values)
    ask = ask_of(network, step)
    after = {slot: own.gradients[name] for name in own.values if name != step.node and (slot := recording.slot(name)) is not None}
    given = [Replacement(slot, partial(_given, value)) for slot, value in after.items() if slot in recording.made_by]
    tried = [slip for slip in slips.concerning((network.output, step.node)) if _at_this_step(slip, recording, step)]
    with np.errstate(all="ignore"):
        answers, applies = recording.mutants([ask], [[*given, *slip.changes] for slip in tried])
    for slip, number in zip(np.array(tried, dtype=object)[applies], answers[ask][applies]):
        yield WrongNumber(slip.id, float(number), slip.words, len(slip.changes))


def _facts(network: Network, own: Trace, step: Step) -> Iterator[WrongNumber]:
    """What a check says of an answer that has no name."""
    link = ask_of(network, step)
    yield WrongNumber("other-sign", -number_of(own, step), _(OTHER_SIGN, link=link))
    for name, value in own.values.items():
        if name != link:
            yield WrongNumber(f"value-of-{name}", value, _(VALUE_OF_OTHER, link=link, name=name))


def _at_this_step(slip: Slip, recording: Recording, step: Step) -> bool:
    """Whether the mistake can be seen at this step first.

    What replaces the gradient of an input is a rule of operations further on.
    """
    return recording.slot(step.node) in recording.made_by or all(isinstance(change, Change) for change in slip.changes)


def _in_the_value(network: Network, own: Trace, step: Step) -> Iterator[WrongNumber]:
    """What another result of an operation between this node and those before it leads to."""
    slips = _recorded(network)
    others = [name for name in own.values if name != step.node]
    for slip in forward_slips(slips):
        with np.errstate(all="ignore"):
            wrong = _with_values(slips.recording, own, others, dict.fromkeys(slip.numbers, slip.result))
        yield WrongNumber(slip.id, float(wrong.value(step.node)), slip.words, len(slip.numbers))


def _with_values(recording: Recording, own: Trace, names: Collection[str], results: Mapping[int, Any] | None = None) -> Recording:
    """The recording with the reader's own numbers in these nodes,
    and other `results` of some operations.
    """
    made = {name: recording.made_by.get(slot) for name in names if (slot := recording.slot(name)) is not None}
    inputs = {name: np.float64(own.values[name]) for name in recording.inputs}
    held = {op.number: partial(_held, own.values[name]) for name, op in made.items() if op is not None}
    return recording.run(inputs, {**(results or {}), **held})


def _given(value: float, g: Array, now: Recording) -> Array:
    return np.full_like(g, value)


def _held(value: float, operands: Any, now: Recording) -> Array:
    return np.asarray(value)
