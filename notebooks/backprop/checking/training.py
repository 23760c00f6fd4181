"""Slips in a training loop: which wrong gradient, or step, leads to the losses noted.

The first step alone sets most slips aside: from the same start, each leads to a loss of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

import numpy as np

from ..autodiff.places import listed
from ..autodiff.slip import Slip
from ..autodiff.tape import Array, is_list_of_arrays
from ..questions.training import NO_ALPHA, NOT_CLEARED, STALE, UPHILL
from ..translation import _
from .answers import Reading
from .comparing import Comparison
from .loop import Loop, Part, Step, Values, loop_of, moved

MOST_STEPS = 6  # that are followed
MOST_PARTS = 10  # parameters and arrays of a loop in which they are moved one after the other
MOST_OPERATIONS = 30  # of a pass whose gradients may be wrong; those of a longer one are an exercise of their own
Turn = Sequence[Part]  # what is moved together


def usual_step(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    """A step of gradient descent."""
    return moved(parameters, gradients, loop.alpha)


def slips_in_training(comparison: Comparison) -> Iterator[Slip]:
    """The slips that reproduce the losses noted, and all else that is asked, on every sample."""
    seen = comparison.seen
    noted, loop = _losses(comparison.readings[seen]), loop_of(comparison.question, comparison.drawn[seen])
    if noted is None or loop is None or not _same_loss(loop.loss(0, loop.first()), noted[0], comparison.tolerance):
        return  # before the first step nothing depends on gradients
    order = (seen, *(k for k in range(len(comparison.drawn)) if k != seen))
    if "losses" not in comparison.wrong:
        shortest = sorted(order, key=lambda k: len(comparison.readings[k].values.get("losses", ())))
        yield from (slip for slip, further in _wrong_ends() if all(_ends_there(comparison, further, k) for k in shortest))
        return
    for slip, step in _wrong_steps(loop, comparison):
        if all(_explains(comparison, slip, step(), k) for k in order):
            yield slip
            return  # a gradient with the same effect says less
    for slip in _wrong_gradients(loop, noted, comparison.tolerance):
        if all(_explains(comparison, slip, usual_step, k) for k in order):
            yield slip


def _losses(reading: Reading) -> Array | None:
    """The losses noted, also one too few or too many; None where there are not at least two."""
    found = reading.values.get("losses", reading.unfit.get("losses"))
    return found if found is not None and found.ndim == 1 and len(found) > 1 else None


def _explains(comparison: Comparison, slip: Slip, step: Step, k: int) -> bool:
    """Whether the slip leads to the answer at sample `k`; of many steps, to the first losses."""
    loop = loop_of(comparison.question, comparison.drawn[k])
    if loop is None:
        return False
    steps = min(loop.steps, MOST_STEPS)
    reading = comparison.readings[k]
    yours = _losses(reading)
    if yours is None:
        return False
    followed: list[Values] = []
    for parameters, loss in islice(loop.trained(slip, step), steps + 1):
        if loss is not None and len(followed) < len(yours) and not _same_loss(loss, yours[len(followed)], comparison.tolerance):
            return False
        followed.append(parameters)
    if len(followed) <= steps:
        return False
    if steps < loop.steps:
        return True
    answers = loop.training.told(followed[-1])
    return all(comparison.reproduces(value, reading, ask) for ask, value in answers.items())


def _wrong_ends() -> Iterator[tuple[Slip, int]]:
    """One step more, or one fewer, than the losses tell."""
    for identity, further, words in (
        ("one-step-too-many", 1, _("Your losses are right, but the parameters that you return have taken one step too many.")),
        ("one-step-short", -1, _("Your losses are right, but the parameters that you return lack the last step.")),
    ):
        yield Slip(("steps", further), identity, tuple, (), partial(str, words)), further


def _ends_there(comparison: Comparison, further: int, k: int) -> bool:
    """Whether what is asked at the end of sample `k` is right after more, or fewer, steps."""
    loop = loop_of(comparison.question, comparison.drawn[k])
    end = None if loop is None else loop.after(loop.steps + further)
    if loop is None or end is None:
        return False
    answers = loop.training.told(end)
    return all(comparison.reproduces(value, comparison.readings[k], ask) for ask, value in answers.items())


def _same_loss(loss: float, noted: float, tolerance: tuple[float, float]) -> bool:
    return bool(abs(loss - noted) <= max(tolerance[0], 1e-7) * abs(noted) + 1e-10)


def _wrong_gradients(loop: Loop, noted: Array, tolerance: tuple[float, float]) -> Iterator[Slip]:
    """The slips in the backward pass that lead to the loss that was noted after the first step."""
    if len(loop.start.operations) > MOST_OPERATIONS:
        return
    slips = [slip for slip in loop.slips(loop.start).all.values() if slip.id not in ("other-quantity", "stale-half-step")]
    asks = [f"d{loop.start.output}_d{name}" for name in loop.training.parameters]
    found, applies = loop.start.mutants(asks, [slip.changes for slip in slips])
    whole = np.concatenate([found[ask].reshape(len(slips), -1) for ask in asks], axis=1)
    right = loop.start.gradients(asks) or {}
    usable = applies & np.isfinite(whole).all(axis=1) & np.any(whole != 0, axis=1)
    usable &= ~np.all(np.isclose(whole, np.concatenate([right[ask].ravel() for ask in asks]), rtol=1e-9, atol=1e-12), axis=1)
    chosen = np.flatnonzero(usable)
    if not len(chosen):
        return
    _, one_of_each, same = np.unique(whole[chosen].round(10), axis=0, return_index=True, return_inverse=True)
    fits = []
    for place in chosen[one_of_each]:
        gradients = {name: loop.shaped(name, found[ask][place]) for name, ask in zip(loop.training.parameters, asks)}
        fits.append(_same_loss(loop.loss(1, usual_step(loop, 0, loop.first(), gradients)), noted[1], tolerance))
    for place, group in zip(chosen, np.ravel(same)):
        if fits[group]:
            yield slips[place]


def _wrong_steps(loop: Loop, comparison: Comparison) -> Iterator[tuple[Slip, Callable[[], Step]]]:
    """Slips in the step itself; each is begun afresh, since some remember gradients."""

    def of(key: str, identity: str, words: str, step: Callable[[], Step]) -> tuple[Slip, Callable[[], Step]]:
        return Slip(("step", key), identity, tuple, (), lambda: words), step

    words = _("Your parameters are the same after every step. Is the new value stored where the next step reads it?")
    yield of("none", "step-without-effect", words, lambda: lambda loop, k, parameters, gradients: parameters)
    words = _("Every step of yours uses the gradient of the first step. Compute it again in each step, at the new parameters.")
    yield of("first", "gradient-not-renewed", words, _first_gradient)
    yield of("rate", "no-learning-rate", _(NO_ALPHA), lambda: _whole_gradient)
    yield of("along", "uphill", _(UPHILL), lambda: _along_the_gradient)
    yield of("sums", "not-cleared", _(NOT_CLEARED), _summed_gradients)
    if loop.epoch:
        yield of("sums of an epoch", "not-cleared", _(NOT_CLEARED), partial(_summed_gradients, in_each_epoch=True))
    for key, group in _groups(loop, both_ways=_have_other_lengths(loop, comparison)).items():
        names = [name if k is None else f"{name}[{k}]" for name, k in group(loop)]
        words = _("Your loop never changes {names}. Every step updates all parameters.", names=listed(names))
        yield of(f"frozen {key}", "frozen-parameter", words, partial(partial, _without, group))
        words = _("For {names}, your steps go along the gradient, or the gradient has the wrong sign.", names=listed(names))
        yield of(f"uphill {key}", "uphill", words, partial(partial, _turned_for, group))
    yield of("stale", "stale-half-step", _(STALE), lambda: _layer_by_layer)
    for key, turns in (IN_TURN if len(loop.parts) <= MOST_PARTS else _between_layers(loop)).items():
        yield of(key, "stale-half-step", _(STALE), partial(partial, _in_turn, turns))


def _first_gradient() -> Step:
    kept: list[Values] = []

    def step(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
        kept.append(gradients)
        return usual_step(loop, k, parameters, kept[0])

    return step


def _summed_gradients(in_each_epoch: bool = False) -> Step:
    kept: list[Values] = []

    def step(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
        if in_each_epoch and k % loop.epoch == 0:
            kept.clear()
        kept.append(gradients)
        for each in kept:
            parameters = usual_step(loop, k, parameters, each)
        return parameters

    return step


def _whole_gradient(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    return moved(parameters, gradients, 1.0)


def _along_the_gradient(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    return moved(parameters, gradients, -loop.alpha)


def _have_other_lengths(loop: Loop, comparison: Comparison) -> bool:
    """Whether some sample has lists of parameters that are longer or shorter than here."""

    def lengths(inputs: Values) -> list[int]:
        return [len(inputs[name]) for name in loop.training.parameters if is_list_of_arrays(inputs[name])]

    return any(lengths(loop.training.inputs(sample.inputs)[0]) != lengths(loop.inputs[0]) for sample in comparison.drawn)


def _groups(loop: Loop, *, both_ways: bool) -> dict[str, Callable[[Loop], Turn]]:
    """Parameters that may be forgotten, or go wrong, together.

    both_ways  whether lists are counted from both ends, since another sample has other lengths
    """
    found: dict[str, Callable[[Loop], Turn]] = {}
    for way in (1, -1) if both_ways else (1,):
        for name, value in loop.first().items():
            found[name] = partial(_whole, name)
            count = len(value) if is_list_of_arrays(value) else 0
            found |= {f"{name}, {way} {place}": partial(_array, name, way, place) for place in range(count)}
        found |= {f"layer, {way} {place}": partial(_layer, way, place) for place in range(len(loop.layers))}
    everything = set(loop.parts.values())
    return {key: group for key, group in found.items() if {*group(loop)} < everything}


def _whole(name: str, loop: Loop) -> Turn:
    return [part for part in loop.parts.values() if part[0] == name]


def _array(name: str, way: int, place: int, loop: Loop) -> Turn:
    """One array of a list, counted from the start, or with `way` -1 from the end."""
    return _whole(name, loop)[::way][place : place + 1]


def _layer(way: int, place: int, loop: Loop) -> Turn:
    """The parameters of a layer, counted from the last one, or with `way` -1 from the first."""
    return [part for layer in loop.layers[::way][place : place + 1] for part in layer]


def _without(group: Callable[[Loop], Turn], loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    return _with_parts(usual_step(loop, k, parameters, gradients), group(loop), parameters)


def _turned_for(group: Callable[[Loop], Turn], loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    return _with_parts(usual_step(loop, k, parameters, gradients), group(loop), _along_the_gradient(loop, k, parameters, gradients))


def _with_parts(values: Values, group: Turn, others: Values) -> Values:
    """`values` with some parameters, or arrays of a list, as they are in `others`."""
    found = dict(values)
    for name, part in group:
        found[name] = others[name] if part is None else [*found[name][:part], others[name][part], *found[name][part + 1 :]]
    return found


def _by_layer(loop: Loop) -> list[Turn]:
    """The parameters from the first layer to the last; of lists
    of arrays, those with the same number together.
    """
    first = loop.first()
    if all(is_list_of_arrays(value) for value in first.values()):
        return [[(name, k) for name in first] for k in range(max(map(len, first.values())))]
    return [[(name, None)] for name in first]


def _by_name(loop: Loop) -> list[Turn]:
    """Each parameter, or list of arrays, by itself."""
    return [[(name, None)] for name in loop.training.parameters]


def _by_halves(loop: Loop) -> list[Turn]:
    """The first half of all parameters, and the second one."""
    parts = [*loop.parts.values()]
    return [parts[: len(parts) // 2], parts[len(parts) // 2 :]]


IN_TURN: dict[str, Callable[[Loop], list[Turn]]] = {
    "layers in turn": _by_layer,
    "layers in turn, the last first": lambda loop: _by_layer(loop)[::-1],
    "names in turn": _by_name,
    "names in turn, the last first": lambda loop: _by_name(loop)[::-1],
    "halves in turn": _by_halves,
    "halves in turn, the last first": lambda loop: _by_halves(loop)[::-1],
}


def _between_layers(loop: Loop) -> dict[str, Callable[[Loop], list[Turn]]]:
    """Of many parameters: those of the last layers, and all others, in either order."""
    places = range(1, len(loop.layers))
    return {f"split {k}, {way}": partial(_split_at, k, way) for k in places for way in (1, -1)}


def _split_at(k: int, way: int, loop: Loop) -> list[Turn]:
    parts = [[part for layer in layers for part in layer] for layers in (loop.layers[:k], loop.layers[k:])]
    return [*parts[::way]]


def _in_turn(turns: Callable[[Loop], list[Turn]], loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    """Some parameters are changed before the gradients of the
    next ones are computed, in a new forward pass.
    """
    changed = dict(parameters)
    for number, turn in enumerate(turns(loop)):
        fresh = loop.gradients(loop.at(k, changed)) if number else gradients
        if fresh is None:
            return parameters
        changed = _with_parts(changed, turn, usual_step(loop, k, changed, fresh))
    return changed


def _layer_by_layer(loop: Loop, k: int, parameters: Values, gradients: Values) -> Values:
    """Each layer is changed before the gradients of the one before it, with the old activations."""
    now = loop.at(k, parameters)
    changed = dict(parameters)
    for group in loop.layers:
        fresh = loop.gradients(now.with_operands(changed))
        if fresh is None:
            return parameters
        changed = _with_parts(changed, group, usual_step(loop, k, changed, fresh))
    return changed
