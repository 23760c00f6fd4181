"""Slips between the units of a network.

Another unit's gradient, slope or factor; a sum over the units; a lost gradient.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from ..translation import N_, _
from .operations import Operation, slope_at, summed, vjp
from .places import Places, listed, stem
from .recording import Change, Changes, Recording, Replacement
from .slip import Key, Slip
from .tape import Array
from .wrong_rules import ACTIVATIONS, CURVED, UNARY, with_other

MOST_SIBLINGS = 6
MOST_OF_A_FORMULA = 16  # operations of what is one formula and not a network


def unit_slips(recording: Recording, places: Places) -> Iterator[Slip]:
    """All of them, in a recording whose output is one number."""
    top = recording.slot(recording.output)
    if top not in recording.differs or recording.values[top].ndim:
        return
    for group in (*_units(recording, places), *_parameters(recording)):
        yield from _between(recording, group)
    for group in _units(recording, places):
        yield _sum_to_each(recording, group)
    yield from _sums_to_entries(recording)
    yield from _lost_gradients(recording)
    yield from _slopes_too_early(recording, places)
    yield from _outer_slopes(recording, places)
    yield from _slopes_of_others(recording, places)
    yield from _crossed_factors(recording, places)
    yield from _split_at_sums(recording, places)


def _named_slots(recording: Recording) -> list[int]:
    """The slots of named tensors that have a gradient, without the output."""
    output = recording.slot(recording.output)
    return [slot for slot in recording.names if slot in recording.differs and slot != output]


def _groups(keyed: Sequence[tuple[Hashable, int]]) -> list[list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for key, slot in keyed:
        groups[key].append(slot)
    return [group for group in groups.values() if 2 <= len(group) <= MOST_SIBLINGS]


def _units(recording: Recording, places: Places) -> list[list[int]]:
    """Groups of nodes that the same kind of operation makes in the same layer."""
    made = [(recording.made_by[slot], slot) for slot in _named_slots(recording) if slot in recording.made_by]
    return _groups([((op.kind, places.levels[slot], op.output.shape), slot) for op, slot in made if op.kind != "unbind of PyTorch"])


def _parameters(recording: Recording) -> list[list[int]]:
    """Groups of inputs of the forward pass that are called alike."""
    leaves = [slot for slot in _named_slots(recording) if slot not in recording.made_by]
    return _groups([((stem(recording.name(slot)), recording.values[slot].shape), slot) for slot in leaves])


def fixed(key: Key, identity: str, words: str, names: Sequence[str], changes: Changes, *, as_a_whole: bool = False) -> Slip:
    """A slip whose words need no place filled in."""
    return Slip(key, identity, partial(tuple, names), changes, lambda: words, as_a_whole=as_a_whole)


def _between(recording: Recording, group: list[int]) -> Iterator[Slip]:
    """The gradient of another unit or parameter, or two exchanged."""
    for one, other in combinations(group, 2):
        a, b = recording.name(one), recording.name(other)
        swapped = [Replacement(one, partial(that_of, other)), Replacement(other, partial(that_of, one))]
        yield fixed(("swapped", a, b), "units-swapped", _("Your gradients of {a} and {b} are exchanged.", a=a, b=b), (a, b), swapped)
        for slot, source in ((one, other), (other, one)):
            own, taken = recording.name(slot), recording.name(source)
            words = _(
                "Your gradient of {own} is that of {taken}. Each unit's gradient is computed from that unit's own quantities.",
                own=own,
                taken=taken,
            )
            yield fixed(("copied", own, taken), "other-unit", words, (own,), [Replacement(slot, partial(that_of, source))])


def _sum_to_each(recording: Recording, group: list[int]) -> Slip:
    names = [recording.name(slot) for slot in group]
    words = _("Each of {names} has a gradient of its own. In yours each has the sum of all.", names=listed(names))
    total = partial(_sum_of, tuple(group))
    return fixed(("siblings", *names), "every-unit-gets-the-sum", words, names, [Replacement(slot, total) for slot in group])


def _sums_to_entries(recording: Recording) -> Iterator[Slip]:
    """In each entry of a gradient the sum of all its entries."""
    for slot in _named_slots(recording):
        name = recording.name(slot)
        if recording.values[slot].size > 1 and (slot in recording.made_by or name in recording.inputs):
            words = _("Each entry of {name} has a gradient of its own. In yours each has the sum of all.", name=name)
            yield fixed(("entries", name), "every-unit-gets-the-sum", words, (name,), [Replacement(slot, _total)])


def _lost_gradients(recording: Recording) -> Iterator[Slip]:
    """A gradient that has arrived at a node and is left out further back."""
    for slot in _named_slots(recording):
        if slot in recording.made_by:
            name = recording.name(slot)
            words = _("The gradient at {name} is a factor of the gradient of everything before {name}. In yours it is missing.", name=name)
            yield fixed(("lost", name), "lost-upstream", words, (name,), [Replacement(slot, _ones)])


def _slopes_too_early(recording: Recording, places: Places) -> Iterator[Slip]:
    """The slope of an activation function in the gradient at what comes out of it."""
    for slot in _named_slots(recording):
        made = recording.made_by.get(slot)
        if made is not None and made.kind in ACTIVATIONS:
            name, number = recording.name(slot), made.number
            words = _(
                "Your gradient at {name} already contains the derivative of {place}. It belongs to the next link.",
                name=name,
                place=places.place(made),
            )
            yield fixed(("early", name), "slope-twice", words, (name,), [Replacement(slot, partial(_with_slope, number))])


def _outer_slopes(recording: Recording, places: Places) -> Iterator[Slip]:
    """Of a function of a function: the outer slope at the inner slope, or at the input itself."""
    leaves = [slot for slot in _named_slots(recording) if slot not in recording.made_by and not recording.values[slot].ndim]
    for op in recording.operations if len(recording.operations) <= MOST_OF_A_FORMULA else ():
        if op.kind not in (*CURVED, "pow", "rdiv") or op.output.ndim or op.slots[0] is None or op.before[0] is None:
            continue
        place = places.place(op)
        at_slope = _(
            "The derivative of {place} is evaluated at the VALUE of the inner function. Yours is evaluated at its derivative.", place=place
        )
        at_input = _(
            "The derivative of {place} is evaluated at the value of the inner function. Yours is evaluated at the input itself.",
            place=place,
        )
        for leaf in leaves:
            for key, identity, words, at_leaf, times in (
                ("at slope", "outer-at-inner-slope", at_slope, False, True),
                ("at slope alone", "outer-at-inner-slope", at_slope, False, False),
                ("at input", "inner-argument", at_input, True, True),
            ):
                rule = partial(_outer_slope, op.number, leaf, at_leaf, times)
                yield fixed((key, op.number, leaf), identity, words, (recording.name(leaf),), [Replacement(leaf, rule)])


def _slopes_of_others(recording: Recording, places: Places) -> Iterator[Slip]:
    """The slope of an activation function at another unit's or layer's number."""
    units = [op for op in recording.operations if op.kind in UNARY and op.slots[0] in recording.differs]
    for op in units if len(units) <= MOST_SIBLINGS else ():
        for other in units:
            if other is not op and other.kind == op.kind and np.shape(other.operands[0]) == np.shape(op.operands[0]):
                changes = [Change(op.number, 0, partial(_slope_of_other, other.number))]
                words = N_("The derivative of {place} is evaluated at its own input. Yours is evaluated at that of {other}.")
                say = partial(places.filled, words, changes, other=places.place(other))
                yield Slip(("slope", op.number, other.number), "other-unit", partial(places.names, changes), changes, say)


def _crossed_factors(recording: Recording, places: Places) -> Iterator[Slip]:
    """Two units of a layer each with the other's factor."""
    products = [op for op in recording.operations if op.kind == "mul" and None not in op.slots]
    for one, other in combinations(products if len(products) <= 2 * MOST_SIBLINGS else (), 2):
        if places.levels[one.slot] != places.levels[other.slot] or one.output.shape != other.output.shape:
            continue
        for i in (0, 1):
            mine, its = one.slots[1 - i], other.slots[1 - i]
            if mine is None or its is None or mine == its or np.shape(recording.values[mine]) != np.shape(recording.values[its]):
                continue
            changes = [
                Change(op.number, i, partial(times_node, slot))
                for op, slot in ((one, its), (other, mine))
                if op.slots[i] in recording.differs
            ]
            if len(changes) == 2:
                words = N_(
                    "Each unit's gradient is computed from that unit's own quantities. For {operand} yours uses the factor of another unit."
                )
                key = ("crossed", one.number, other.number, i)
                yield Slip(key, "other-unit", partial(places.names, changes), changes, partial(places.filled, words, changes))


def _split_at_sums(recording: Recording, places: Places) -> Iterator[Slip]:
    """The gradient of a sum divided among its terms, at one sum or at those of a layer."""
    inner = {before.number for op in recording.operations if op.kind == "add" for before in op.before if before and before.kind == "add"}
    has_squares = any(op.kind == "pow" for op in recording.operations)  # then a half is more often a square's lost factor
    words = _("An add node passes the whole gradient on to each of its terms. Yours is divided among them.")
    layers: dict[tuple[int, int], list[Change]] = defaultdict(list)
    for top in recording.operations:
        if top.kind != "add" or top.number in inner:
            continue
        edges, terms = _edges_of_sum(recording, top)
        for parts in {terms, len(edges)} - ({0, 1, 2} if has_squares else {0, 1}):
            changes = [Change(number, i, partial(_share, parts)) for number, i in edges]
            layers[places.levels[top.slot], parts] += changes
            key = ("split", top.number, "terms" if parts == terms else "operands")
            yield fixed(key, "split-at-add", words, (), changes, as_a_whole=True)
    for (level, parts), changes in layers.items():
        yield fixed(("split", "level", level, parts), "split-at-add", words, (), changes, as_a_whole=True)


def _edges_of_sum(recording: Recording, top: Operation) -> tuple[list[tuple[int, int]], int]:
    """The edges from a sum to those of its terms that have a gradient; the number of all terms."""
    edges, terms, waiting = list[tuple[int, int]](), 0, [top]
    while waiting:
        op = waiting.pop()
        for i, before in enumerate(op.before):
            if before is not None and before.kind == "add":
                waiting.append(before)
                continue
            summed_up = before is not None and before.kind == "sum" and not before.output.ndim
            terms += before.operands[0].size if before is not None and summed_up else 1
            if op.slots[i] in recording.differs:
                edges.append((op.number, i))
    return edges, terms


# --- rules ----------------------------------------------------------------------------------------


def that_of(slot: int, g: Array, now: Recording) -> Array:
    """The true gradient in `slot`."""
    return now.arriving[slot]


def _sum_of(slots: tuple[int, ...], g: Array, now: Recording) -> Array:
    return np.sum([now.arriving[slot] for slot in slots], axis=0)


def _total(g: Array, now: Recording) -> Array:
    return np.broadcast_to(g.reshape(len(g), -1).sum(axis=1).reshape(-1, *[1] * (g.ndim - 1)), g.shape)


def _with_slope(number: int, g: Array, now: Recording) -> Array:
    op = now.operations[number]
    return g * slope_at(op, op.operands[0])


def _outer_slope(number: int, leaf: int, at_leaf: bool, times: bool, g: Array, now: Recording) -> Array:
    """The gradient at an output times the slope elsewhere, and the inner slope if `times`."""
    op = now.operations[number]
    inner = now.derivative(op.slots[0], leaf)
    slope = slope_at(op, now.values[leaf] if at_leaf else inner)
    return now.arriving.get(op.slot, np.zeros(())) * slope * (inner if times else 1.0)


def _ones(g: Array, now: Recording) -> Array:
    return np.ones_like(g)


def times_node(slot: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A product's rule with the value in `slot` in the place of the other factor."""
    return summed(g * now.values[slot], np.shape(op.operands[i]))


def matrix_times_node(slot: int, transposed: bool, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A matrix product's rule with the value in `slot`,
    or its transpose, in the place of the other factor.
    """
    value = now.values[slot]
    return vjp(with_other(op, i, value.T if transposed else value), i, g)


def _slope_of_other(number: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return g * slope_at(op, now.operations[number].operands[0])


def _share(parts: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, g) / parts
