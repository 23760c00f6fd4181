"""Names a mistake, if it reproduces the learner's numbers on every sample and no other one does.

There are two sources. The exercise declares mistakes of its own, with words that fit the lesson.
Where none of them fits, every wrong rule is tried at every place of the recorded backward pass.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from ..autodiff.forward_slips import ForwardSlip, forward_slips, is_everywhere, recorded_with
from ..autodiff.places import same_stem
from ..autodiff.recording import Recording, Replacement
from ..autodiff.slip import Slip, most_telling
from ..autodiff.tape import Array, flat, parts_of
from ..questions.mistake import Mistake
from ..questions.question import Sample, SlipPlaces
from ..translation import _
from .comparing import Comparison, close
from .recorded import answers_with, recorded
from .training import slips_in_training

AT_ONCE = 1000  # slips that are tried together


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
    declared = []
    for mistake in _likely(comparison):
        if found := _declared(comparison, mistake):
            if set(comparison.wrong) <= found.explains:
                return found
            declared.append(found)
    best = max(declared, key=lambda found: len(found.explains), default=None)
    if comparison.in_another_order and not (len(comparison.wrong) == 2 and same_stem(*comparison.wrong)):
        return _exchanged(comparison)
    if comparison.question.training is not None:
        wrong = frozenset(comparison.wrong)
        return best or _only_one(
            [Diagnosis(slip, wrong, frozenset({comparison.first})) for slip in slips_in_training(comparison)], comparison.first
        )
    slips = _explained(comparison, _slips(comparison))
    most = max((len(found.explains) for found in slips), default=0)
    if best is not None and len(best.explains) >= most:
        return best
    named = _only_one([found for found in slips if len(found.explains) == most], comparison.first)
    if named.mistake or named.doubtful:
        return named
    for further in (_in_the_forward_pass, _at_the_first_link, _along_the_wrong_axis, _transposed):
        named = _only_one([*further(comparison)], comparison.first)
        if named.mistake or named.doubtful:
            return named
    finite = comparison.where_finite()
    return Diagnosis() if finite is None else _where_finite(diagnose(finite))


def _where_finite(found: Diagnosis) -> Diagnosis:
    """A diagnosis from samples whose numbers are finite, in words that say so."""
    if not isinstance(found.mistake, Slip):
        return Diagnosis()
    slip = found.mistake
    return replace(found, mistake=replace(slip, say=lambda: _("Where your numbers are finite: {words}", words=slip.words)))


def _only_one(found: list[Diagnosis], first: str) -> Diagnosis:
    """The diagnosis that is left without those that say less,
    or the same, further from the first wrong link.
    """
    if not found:
        return Diagnosis()
    ids = {one.mistake.id for one in found if one.mistake is not None}
    best = most_telling(ids)
    if best is None:
        return Diagnosis(doubtful=tuple(one.mistake for one in found if isinstance(one.mistake, Slip | ForwardSlip)))
    chosen = [one for one in found if one.mistake is not None and one.mistake.id == best]
    return min(chosen, key=partial(_distance, first))


def _distance(first: str, found: Diagnosis) -> tuple[bool, int, bool]:
    """How far a slip is from the first wrong link: whether it is made elsewhere only, at how many
    places, and whether because it is made at all of a kind.
    """
    if not isinstance(found.mistake, Slip):
        return False, 1, False
    is_there = any(first.endswith(f"_d{name}") for name in found.mistake.nodes)
    return not is_there, len(found.mistake.changes), found.mistake.everywhere


# --- mistakes that the exercise declares ----------------------------------------------------------


def _likely(comparison: Comparison) -> Iterator[Mistake]:
    """The declared mistakes that reproduce the first wrong link
    on the sample that is shown, each found when it is asked for.
    """
    question, first = comparison.question, comparison.first
    sample, reading = comparison.drawn[comparison.seen], comparison.readings[comparison.seen]
    later = set(question.asks[question.asks.index(first) + 1 :])
    found = recorded(question, sample)
    fits: dict[Mistake, bool] = {}
    replaced: dict[Mistake, list[Replacement]] = {}
    for mistake in question.mistakes:
        if first in mistake.formulas:
            fits[mistake] = comparison.reproduces(_formula(mistake, first, sample), reading, first)
        elif mistake.program is None and set(mistake.formulas) <= later:
            fits[mistake] = False  # what is asked first does not follow from it
        elif found is not None and (changes := _as_replacements(mistake, found[0], sample)) is not None:
            replaced[mistake] = changes
    if replaced and found is not None:
        answers, _ = found[0].mutants([first], [*replaced.values()])
        fits |= zip(replaced, comparison.fitting(answers[first], reading, first))
    for mistake in question.mistakes:
        if mistake not in fits:  # its forward pass has to be run
            fits[mistake] = comparison.reproduces(question.mistaken(mistake, sample)[first], reading, first)
        if fits[mistake]:
            yield mistake


def _formula(mistake: Mistake, link: str, sample: Sample) -> Array:
    with np.errstate(all="ignore"):  # some mistakes are to overflow
        return flat(mistake.formulas[link](sample.everything))


def _as_replacements(mistake: Mistake, recording: Recording, sample: Sample) -> list[Replacement] | None:
    """A mistake whose formulas are all gradients of the
    output, as changes to the backward pass; else None.
    """
    if mistake.program is not None:
        return None
    changes = []
    for link in mistake.formulas:
        node = link.removeprefix(f"d{recording.output}_d")
        slot = recording.slot(node) if node != link and node in recording.nodes else None
        if slot is None:
            return None
        wrong = _formula(mistake, link, sample)
        if wrong.shape != recording.values[slot].shape:
            return None
        changes.append(Replacement(slot, partial(_constant, wrong)))
    return changes


def _constant(wrong: Array, g: Array, now: Recording) -> Array:
    return wrong


def _declared(comparison: Comparison, mistake: Mistake) -> Diagnosis | None:
    """What `mistake` explains.

    None if it does not reproduce the first wrong link, or contradicts the answer at a link that it
    changes.
    """
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
    """Whether a mistake contradicts no link: right ones
    stay right, and those it changes have its numbers.
    """
    right = set(comparison.question.asks) - set(comparison.wrong)
    return right | made & set(comparison.question.asks) <= explains


# --- slips of the recorded forward pass -----------------------------------------------------------


def _slips(comparison: Comparison, keeping: bool = True) -> list[Slip]:
    """The slips that reproduce the first wrong link on the sample that is shown.

    keeping  only those that leave the right links before it as they are
    """
    question, seen, first = comparison.question, comparison.seen, comparison.first
    if question.slips_at is SlipPlaces.NONE:
        return []
    found = recorded(question, comparison.drawn[seen])
    reading = comparison.readings[seen]
    if found is None or first in found[0].nodes or first not in reading.values:
        return []
    if comparison.is_zero(first):
        return []  # many slips lead to 0, and so does what cancels but for rounding
    truth = [sample.truth[first] for sample in comparison.drawn]
    if len(truth) > 1 and all(np.array_equal(value, truth[0]) for value in truth):
        return []  # of a derivative that is always the same number, one number says too little
    recording, slips = found
    nodes = recording.nodes
    before = [parts_of(ask, nodes) for ask in question.asks[: question.asks.index(first)] if keeping and ask not in nodes]
    concerning = [*slips.concerning(parts_of(first, nodes), before)]
    fitting: list[Slip] = []
    for start in range(0, len(concerning), AT_ONCE):
        tried = concerning[start : start + AT_ONCE]
        answers, applies = answers_with(recording, tried, [first])
        fits = applies & comparison.fitting(answers[first], reading, first)
        fitting += [slip for slip, fit in zip(tried, fits) if fit]
    return fitting


def _explained(comparison: Comparison, slips: Sequence[Slip], only: Sequence[str] = ()) -> list[Diagnosis]:
    """What each slip explains on every sample, if it reproduces the first wrong link on all.

    only  the links that are compared, where it is not all
    """
    asks = only or comparison.question.asks
    explains = {slip: set(asks) for slip in slips}
    for sample, reading in comparison.pairs():
        found = recorded(comparison.question, sample)
        if found is None:
            return []
        recording, all_slips = found
        made = {slip: here for slip in explains if (here := all_slips.counterpart(slip)) is not None}
        if not made:
            return []
        answers, applies = answers_with(recording, [*made.values()], asks)
        fits = {ask: comparison.fitting(answers[ask], reading, ask) for ask in asks}
        explains = {
            slip: left
            for k, slip in enumerate(made)
            if applies[k] and comparison.first in (left := {ask for ask in explains[slip] if fits[ask][k]})
        }
    diagnoses = []
    multiple = comparison.is_multiple(comparison.first)
    for slip, links in explains.items():
        if multiple and slip.id == "stale-half-step":
            continue  # a weight after a step is here a multiple of itself, and many things make multiples
        top = parts_of(comparison.first, recording.nodes)[0]
        names = {f"d{top}_d{name}" for name in slip.nodes} & set(asks)
        if only or _agrees(comparison, links, names):
            diagnoses.append(Diagnosis(slip, frozenset(links & set(comparison.wrong)), frozenset(names | {comparison.first})))
    return diagnoses


def _exchanged(comparison: Comparison) -> Diagnosis:
    """Two links that hold each other's right values; of more, facts tell the order."""
    wrong = comparison.wrong
    if len(wrong) != 2 or comparison.question.on_fixed_numbers:
        return Diagnosis()
    one, other = wrong
    words = _("Your {one} and {other} are exchanged: each has the right value of the other.", one=one, other=other)
    slip = Slip(("exchanged", one, other), "right-but-permuted", tuple, (), lambda: words)
    return Diagnosis(slip, frozenset(wrong), frozenset(wrong))


def _along_the_wrong_axis(comparison: Comparison) -> Iterator[Diagnosis]:
    """A sum over the axis of a quantity over which it should not run."""
    first, readings = comparison.first, comparison.readings
    yours = [reading.values.get(first, reading.unfit.get(first)) for reading in readings]
    truth = [sample.truth[first] for sample in comparison.drawn]
    for name in comparison.named:
        whole = [getattr(sample.everything, name) for sample in comparison.drawn]
        if not all(isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.float64 for value in whole):
            continue
        for right, wrong in ((0, 1), (1, 0)):
            if all(_is_sum(comparison, one, array, right) for one, array in zip(truth, whole)) and all(
                one is not None and _is_sum(comparison, one, array, wrong) for one, array in zip(yours, whole)
            ):
                words = _("Your {first} is summed along the wrong axis of {name}. Which axis does {first} keep?", first=first, name=name)
                slip = Slip(("wrong axis", name), "wrong-axis", tuple, (), partial(str, words))
                yield Diagnosis(slip, frozenset({first}), frozenset({first}))
                return


def _transposed(comparison: Comparison) -> Iterator[Diagnosis]:
    """The right array transposed, as it is or brought into the right shape."""
    first = comparison.first
    pairs = [(sample.truth[first], reading) for sample, reading in comparison.pairs()]
    if any(right.ndim < 2 for right, reading in pairs):
        return
    found = recorded(comparison.question, comparison.drawn[comparison.seen])
    words = ""
    if all(comparison.reproduces(right.T, reading, first) for right, reading in pairs):
        words = _("The numbers of your {first} are right, but rows and columns have changed places.", first=first)
        if found is not None and _is_gradient(first, found[0]):
            words += " " + _("A gradient has the shape of its variable.")
        if pairs[0][0].ndim > 2:
            words = _("The numbers of your {first} are right, but its axes are in the reverse order.", first=first)
    elif all(comparison.reproduces(right.T.reshape(right.shape), reading, first) for right, reading in pairs):
        words = _(
            "Your {first} has the right numbers at other places: an array whose rows and columns had changed places was brought "
            "into the shape by reshape.",
            first=first,
        )
    if words:
        identity = "transposed" if found is None else found[1].roles.of_transposed(first)
        slip = Slip(("transposed", first), identity, tuple, (), partial(str, words))
        yield Diagnosis(slip, frozenset({first}), frozenset({first}))


def _is_gradient(link: str, recording: Recording) -> bool:
    """Whether a link is a derivative of the output, which is one number."""
    return link.startswith(f"d{recording.output}_d") and not recording.value(recording.output).ndim


def _is_sum(comparison: Comparison, value: Array, array: Array, axis: int) -> bool:
    """Whether `value` has the numbers of the sum of `array` along `axis`, in any shape."""
    total = array.sum(axis=axis)
    return np.size(value) == total.size and bool(np.all(close(np.ravel(value), total, *comparison.tolerance)))


def _at_the_first_link(comparison: Comparison) -> list[Diagnosis]:
    """What is wrong with the first wrong link alone: links before it are right, and
    later ones do not follow from it. Of the very first link only where all others are right.

    Paths that are combined and the terms of a sum concern several links, so they are left out.
    """
    first = comparison.first
    if comparison.question.asks.index(first) == 0 and comparison.wrong != [first]:
        return []
    declared = [
        Diagnosis(mistake, frozenset({first}), frozenset({first}))
        for mistake in _likely(comparison)
        if set(mistake.formulas) & set(comparison.question.asks) == {first}
        and all(comparison.reproduces(_formula(mistake, first, sample), reading, first) for sample, reading in comparison.pairs())
    ]
    slips = [slip for slip in _slips(comparison, keeping=False) if not (slip.in_combining or slip.as_a_whole)]
    return declared or [
        Diagnosis(replace(one.mistake, say=partial(_where, first, one.mistake)), frozenset({first}), frozenset({first}))
        for one in _explained(comparison, slips, only=[first])
        if isinstance(one.mistake, Slip)
    ]


def _where(link: str, slip: Slip) -> str:
    """The words of a slip, with where it is made in front."""
    where = _("The mistake is in how you compute {link}; the links before it are right.", link=link)
    return f"{where} {slip.words}"


# --- slips in the forward pass --------------------------------------------------------------------


def _in_the_forward_pass(comparison: Comparison) -> Iterable[Diagnosis]:
    """What another result of one operation of the forward pass explains."""
    if comparison.question.slips_at is SlipPlaces.NONE:
        return
    found = recorded(comparison.question, comparison.drawn[comparison.seen])
    if found is None or comparison.first not in comparison.readings[comparison.seen].values:
        return
    slips = [*forward_slips(found[1])]
    if comparison.question.slips_at is SlipPlaces.ALL:
        slips = [slip for slip in slips if is_everywhere(slip, found[0])]
    for slip in slips:
        diagnosis = _forward_slip(comparison, slip)
        if diagnosis is not None:
            yield diagnosis


def _forward_slip(comparison: Comparison, slip: ForwardSlip) -> Diagnosis | None:
    asks, first = comparison.question.asks, comparison.first
    if not comparison.reproduces(
        _with_slip(comparison, slip, comparison.seen, [first])[first], comparison.readings[comparison.seen], first
    ):
        return None
    explains = set(asks)
    for k, reading in enumerate(comparison.readings):
        answer = _with_slip(comparison, slip, k, asks)
        explains = {ask for ask in explains if ask in answer and comparison.reproduces(answer[ask], reading, ask)}
        if first not in explains:
            return None
    if not _agrees(comparison, explains, set(slip.nodes) & set(asks)):
        return None
    return Diagnosis(slip, frozenset(explains & set(comparison.wrong)), frozenset(set(slip.nodes) | {first}))


def _with_slip(comparison: Comparison, slip: ForwardSlip, k: int, asks: Sequence[str]) -> dict[str, Array]:
    """The answer at sample `k` of someone with a mistake in
    the forward pass; nothing if it cannot be made there.
    """
    found, seen = (recorded(comparison.question, comparison.drawn[number]) for number in (k, comparison.seen))
    if found is None or seen is None:
        return {}
    recording, slips = found
    here = slip if slips is seen[1] else next((one for one in forward_slips(slips) if one.key == slip.key), None)
    return {} if here is None else recorded_with(here, recording).gradients(asks) or {}
