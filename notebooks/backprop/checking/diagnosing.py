"""The name of a mistake: given only where it reproduces the learner's numbers on every sample, and nothing else would do as well.

Two sources are asked. The exercise declares mistakes of its own, with words that fit the lesson. Where none of them fits, the
slips of the recorded forward pass are tried: every wrong rule at every place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..autodiff.forward_slips import ForwardSlip, forward_slips, recorded_with
from ..autodiff.recording import Recording
from ..autodiff.slips import Slip, Slips, predicted
from ..autodiff.tape import Array, parts_of
from ..questions.mistake import Mistake
from ..questions.question import Question, Sample
from .comparing import Comparison


@dataclass(frozen=True)
class Diagnosis:
    """What is known about the cause of a wrong answer.

    mistake   the mistake that is named; None if none fits, or several
    explains  the links that it reproduces on every sample
    made_at   those of them at which it is made; the others are its effects
    doubtful  where several slips fit equally well, these
    """

    mistake: Mistake | Slip | ForwardSlip | None = None
    explains: frozenset[str] = frozenset()
    made_at: frozenset[str] = frozenset()
    doubtful: tuple[Slip | ForwardSlip, ...] = field(default=())

    @property
    def effects(self) -> frozenset[str]:
        """The links that are wrong only because of the mistake."""
        return self.explains - self.made_at


def diagnose(comparison: Comparison) -> Diagnosis:
    """Name the mistake behind the first wrong link."""
    if not comparison.wrong:
        return Diagnosis()
    declared = [found for mistake in comparison.question.mistakes if (found := _declared(comparison, mistake))]
    best = max(declared, key=lambda found: len(found.explains), default=None)
    if best is not None and set(comparison.wrong) <= best.explains:
        return best
    if comparison.in_another_order:
        return Diagnosis()
    slips = [found for slip in _slips(comparison) if (found := _slip(comparison, slip))]
    most = max((len(found.explains) for found in slips), default=0)
    if best is not None and len(best.explains) >= most:
        return best
    named = _only_one([found for found in slips if len(found.explains) == most])
    return named if named.mistake or named.doubtful else _only_one([*_in_the_forward_pass(comparison)])


def _only_one(found: list[Diagnosis]) -> Diagnosis:
    """The diagnosis that is left when those are set aside that say the same at more places than needed."""
    if not found:
        return Diagnosis()
    slips = [one.mistake for one in found if isinstance(one.mistake, Slip | ForwardSlip)]
    if len({slip.id for slip in slips}) == 1:
        return min(found, key=lambda one: len(one.mistake.changes) if isinstance(one.mistake, Slip) else 1)
    return Diagnosis(doubtful=tuple(slips))


# --- mistakes that the exercise declares ------------------------------------------------------------------------------


def _declared(comparison: Comparison, mistake: Mistake) -> Diagnosis | None:
    """What `mistake` explains; None if it does not reproduce the first wrong link, or says otherwise at a link that it is made at."""
    asks = comparison.question.asks
    first = comparison.first
    explains = set(asks)
    for sample, reading in comparison.pairs():
        answer = comparison.question.mistaken(mistake, sample)
        explains = {ask for ask in explains if comparison.reproduces(answer[ask], reading, ask)}
        if first not in explains:
            return None
    made = {first} | set(mistake.formulas) if first in mistake.formulas else set(mistake.formulas) & set(asks)
    if not _agrees(comparison, explains, made):
        return None
    return Diagnosis(mistake, frozenset(explains & set(comparison.wrong)), frozenset(made))


def _agrees(comparison: Comparison, explains: set[str], made: set[str]) -> bool:
    """Whether a mistake predicts nothing that is plainly otherwise: no right link wrong, and no other number where it is made."""
    right = set(comparison.question.asks) - set(comparison.wrong)
    return right | made & set(comparison.question.asks) <= explains


# --- slips of the recorded forward pass -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def slips_of(question: Question, sample: Sample) -> Slips | None:
    """The slips that can be made at this sample; None where the answer is not made of gradients of one number."""
    try:
        recording = Recording(question.forward, sample.inputs)
        return Slips(recording) if recording.differentiable(question.asks) else None
    except (RuntimeError, TypeError, AttributeError, KeyError):  # a forward pass that is no graph of operations
        return None


def _slips(comparison: Comparison) -> Iterable[Slip]:
    """The slips that reproduce the first wrong link on the sample that is shown, and leave the right links before it as they are."""
    question, seen = comparison.question, comparison.seen
    slips = slips_of(question, comparison.drawn[seen])
    if slips is None or comparison.first in slips.recording.nodes:
        return
    values = comparison.readings[seen].values
    if comparison.first not in values or all(not np.any(values.get(ask)) for ask in comparison.wrong):
        return  # where nothing comes back at all, many slips would fit
    truth = [sample.truth[comparison.first] for sample in comparison.drawn]
    if len(truth) > 1 and all(np.array_equal(value, truth[0]) for value in truth):
        return  # of a derivative that is always the same number, one number says too little
    nodes = slips.recording.nodes
    before = [parts_of(ask, nodes) for ask in question.asks[: question.asks.index(comparison.first)] if ask not in nodes]
    for slip in slips.concerning(parts_of(comparison.first, nodes), before):
        answer = slips.predicted(slip, comparison.first)
        if answer is not None and comparison.reproduces(answer, comparison.readings[seen], comparison.first):
            yield slip


def _slip(comparison: Comparison, slip: Slip) -> Diagnosis | None:
    """What `slip` explains on every sample; None if it does not reproduce the first wrong link on all of them."""
    asks = comparison.question.asks
    explains = set(asks)
    names: set[str] = set()
    for sample, reading in comparison.pairs():
        answer = _answer_with(comparison.question, sample, slip)
        if answer is None:
            return None
        explains = {ask for ask in explains if comparison.reproduces(answer[ask], reading, ask)}
        if comparison.first not in explains:
            return None
    top = parts_of(comparison.first, _recording(comparison).nodes)[0]
    names = {f"d{top}_d{name}" for name in slip.nodes} & set(asks)
    if not _agrees(comparison, explains, names):
        return None
    return Diagnosis(slip, frozenset(explains & set(comparison.wrong)), frozenset(names | {comparison.first}))


# --- slips in the forward pass ----------------------------------------------------------------------------------------


def _in_the_forward_pass(comparison: Comparison) -> Iterable[Diagnosis]:
    """What another result of one operation of the forward pass explains."""
    slips = slips_of(comparison.question, comparison.drawn[comparison.seen])
    if slips is None or comparison.first not in comparison.readings[comparison.seen].values:
        return
    for slip in forward_slips(slips):
        found = _forward_slip(comparison, slip)
        if found is not None:
            yield found


def _forward_slip(comparison: Comparison, slip: ForwardSlip) -> Diagnosis | None:
    asks = comparison.question.asks
    explains = set(asks)
    order = [comparison.seen, *(k for k in range(len(comparison.drawn)) if k != comparison.seen)]
    for k in order:
        sample, reading = comparison.drawn[k], comparison.readings[k]
        try:
            answer = recorded_with(slip, comparison.question.forward, sample.inputs).gradients(asks)
        except (RuntimeError, KeyError, IndexError, TypeError):  # this sample's forward pass has no such operation
            return None
        explains = {ask for ask in explains if comparison.reproduces(answer[ask], reading, ask)}
        if comparison.first not in explains:
            return None
    if not _agrees(comparison, explains, set(slip.nodes) & set(asks)):
        return None
    return Diagnosis(slip, frozenset(explains & set(comparison.wrong)), frozenset(set(slip.nodes) | {comparison.first}))


def _recording(comparison: Comparison) -> Recording:
    slips = slips_of(comparison.question, comparison.drawn[comparison.seen])
    assert slips is not None
    return slips.recording


def _answer_with(question: Question, sample: Sample, slip: Slip) -> dict[str, Array] | None:
    slips = slips_of(question, sample)
    same = slips.all.get(slip.key) if slips is not None else None
    if slips is None or same is None:
        return None
    answer = predicted(slips.recording, same, question.asks)
    return None if answer is None else {ask: np.asarray(value, dtype=np.float64) for ask, value in answer.items()}
