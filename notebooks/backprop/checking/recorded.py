"""The recorded forward passes of exercises, which do not depend on what a learner answers."""

from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from ..autodiff.recording import Recording
from ..autodiff.slip import Slip
from ..autodiff.slips import Slips
from ..autodiff.tape import Array, parts_of
from ..questions.question import Question, Sample, SlipPlaces

MOST_KEPT = 16  # forms of the forward pass of one exercise: another for each graph, or each size of a batch

_kept: WeakKeyDictionary[Question, list[Slips]] = WeakKeyDictionary()


@lru_cache(maxsize=256)
def recorded(question: Question, sample: Sample) -> tuple[Recording, Slips] | None:
    """The recording of the forward pass at this sample, and the mistakes that can be made in it.

    None where the answer is not made of gradients of one number. The mistakes are those of a
    recording of the same operations, which may be that of another sample.
    """
    known = _kept.setdefault(question, [])
    for slips in known:
        if slips.recording.fits(sample.inputs):
            return slips.recording.run(sample.inputs), slips
    try:
        recording = Recording(question.forward, sample.inputs)
    except (RuntimeError, TypeError, AttributeError, KeyError):  # a forward pass that is no graph of operations
        return None
    if not recording.differentiable(question.asks):
        return None
    for slips in known:
        if slips.recording.signature == recording.signature:
            return recording, slips
    known.append(Slips(recording, everywhere=question.slips_at is SlipPlaces.ALL))
    del known[:-MOST_KEPT]
    return recording, known[-1]


def answers_with(recording: Recording, slips: Sequence[Slip], asks: Sequence[str]) -> tuple[dict[str, Array], Array]:
    """The answers of people who make one of `slips`
    each, on a first axis; and whether each can be made.
    """
    inner = [ask for ask in asks if ask not in recording.nodes and parts_of(ask, recording.nodes)[0] != recording.output]
    outer = [ask for ask in asks if ask not in inner]
    found, applies = recording.mutants(outer, [slip.changes for slip in slips])
    if inner:
        more, too = recording.mutants(inner, [() if slip.in_combining else slip.changes for slip in slips])
        return found | more, np.logical_and(applies, too)
    return found, applies


def forget() -> None:
    """Record every forward pass anew from here on."""
    recorded.cache_clear()
    _kept.clear()
