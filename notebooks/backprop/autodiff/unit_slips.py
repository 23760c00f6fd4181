"""Slips between the units and layers of a network.

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
FROM_VALUE = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a}  # derivatives, from the function's value
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
    yield from _shifted_factors(recording)
    yield from _first_input(recording)
    yield from _between_layers(recording)
    yield from _parameters_past_the_slope(recording)
    yield from _handed_on_past_the_slope(recording)
    yield from _handed_on_from_a_later_sum(recording, places)
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


def _fixed(key: Key, identity: str, words: str, names: Sequence[str], changes: Changes) -> Slip:
    return Slip(key, identity, partial(tuple, names), changes, lambda: words)


def _between(recording: Recording, group: list[int]) -> Iterator[Slip]:
    """The gradient of another unit or parameter, or two exchanged."""
    for one, other in combinations(group, 2):
        a, b = recording.name(one), recording.name(other)
        swapped = [Replacement(one, partial(_that_of, other)), Replacement(other, partial(_that_of, one))]
        yield _fixed(("swapped", a, b), "units-swapped", _("Your gradients of {a} and {b} are exchanged.", a=a, b=b), (a, b), swapped)
        for slot, source in ((one, other), (other, one)):
            own, taken = recording.name(slot), recording.name(source)
            words = _(
                "Your gradient of {own} is that of {taken}. Each unit's gradient is computed from that unit's own quantities.",
                own=own,
                taken=taken,
            )
            yield _fixed(("copied", own, taken), "other-unit", words, (own,), [Replacement(slot, partial(_that_of, source))])


def _sum_to_each(recording: Recording, group: list[int]) -> Slip:
    names = [recording.name(slot) for slot in group]
    words = _("Each of {names} has a gradient of its own. In yours each has the sum of all.", names=listed(names))
    total = partial(_sum_of, tuple(group))
    return _fixed(("siblings", *names), "every-unit-gets-the-sum", words, names, [Replacement(slot, total) for slot in group])


def _sums_to_entries(recording: Recording) -> Iterator[Slip]:
    """In each entry of a gradient the sum of all its entries."""
    for slot in _named_slots(recording):
        name = recording.name(slot)
        if recording.values[slot].size > 1 and (slot in recording.made_by or name in recording.inputs):
            words = _("Each entry of {name} has a gradient of its own. In yours each has the sum of all.", name=name)
            yield _fixed(("entries", name), "every-unit-gets-the-sum", words, (name,), [Replacement(slot, _total)])


def _lost_gradients(recording: Recording) -> Iterator[Slip]:
    """A gradient that has arrived at a node and is left out further back."""
    for slot in _named_slots(recording):
        if slot in recording.made_by:
            name = recording.name(slot)
            words = _("The gradient at {name} is a factor of the gradient of everything before {name}. In yours it is missing.", name=name)
            yield _fixed(("lost", name), "lost-upstream", words, (name,), [Replacement(slot, _ones)])


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
            yield _fixed(("early", name), "slope-twice", words, (name,), [Replacement(slot, partial(_with_slope, number))])


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
                yield _fixed((key, op.number, leaf), identity, words, (recording.name(leaf),), [Replacement(leaf, rule)])


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


def _shifted_factors(recording: Recording) -> Iterator[Slip]:
    """In a chain of layers, each with the weight or the activation of the layer before or after."""
    products = [op for op in recording.operations if op.kind in ("mul", "matmul") and None not in op.slots and any(op.names)]
    if not 2 <= len(products) <= 2 * MOST_SIBLINGS:
        return
    for i in (0, 1):
        for step, words in (
            (1, _("Each layer's gradient is computed from that layer's own quantities. Yours uses those of the next layer.")),
            (-1, _("Each layer's gradient is computed from that layer's own quantities. Yours uses those of the previous layer.")),
        ):
            for cyclic in (False, True):
                changes = []
                for k, op in enumerate(products):
                    source = k + step
                    if op.slots[i] not in recording.differs or not (cyclic or 0 <= source < len(products)):
                        continue
                    slot = products[source % len(products)].slots[1 - i]
                    own = op.slots[1 - i]
                    if slot is None or own is None or op.kind != "mul":
                        continue
                    if recording.values[slot].shape == recording.values[own].shape:
                        changes.append(Change(op.number, i, partial(times_node, slot)))
                if changes:
                    yield _fixed(("shifted", i, step, cyclic), "other-unit", words, (), changes)


def _first_input(recording: Recording) -> Iterator[Slip]:
    """For every weight the network's input in the place of what it met."""
    name = next((name for name in recording.inputs if name[:1].lower() == "x"), "")
    slot = recording.slot(name) if name in recording.nodes else None
    if slot is None:
        return
    products = [(op, i) for op in recording.operations if op.kind == "mul" and None not in op.slots for i in (0, 1)]
    weights = [(op, i) for op, i in products if op.names[i][:1].lower() in ("w", "v", "u") and op.slots[1 - i] != slot]
    fitting = [(op, i) for op, i in weights if recording.values[slot].shape == np.shape(op.operands[1 - i])]
    changes = [Change(op.number, i, partial(times_node, slot)) for op, i in fitting]
    if len(changes) > 1:
        words = _("Only the weights of the first layer are multiplied by the input {name}. By what are the others multiplied?", name=name)
        yield _fixed(("first input",), "input-for-activation", words, (), changes)


def _between_layers(recording: Recording) -> Iterator[Slip]:
    """What goes wrong from one layer to the next: gradients not
    handed on, one layer too few, derivatives of the layer before.
    """
    units = [op for op in recording.operations if op.kind in ACTIVATIONS and op.slots[0] in recording.differs]
    name = next((name for name in recording.inputs if name[:1].lower() == "x"), "")
    start = recording.slot(name) if name in recording.nodes else None
    if not 2 <= len(units) <= 2 * MOST_SIBLINGS:
        return
    last = units[-1]
    alike = [op for op in units[:-1] if op.output.shape == last.output.shape]
    if len(alike) == len(units) - 1:
        words = _(
            "The gradient at one layer is computed from the gradient at the layer after it. Yours begins at the output in every layer."
        )
        handed = [Replacement(op.slot, partial(_that_of, last.slot)) for op in alike]
        yield _fixed(("not handed on",), "not-handed-on", words, (), handed)
    if start is None:
        return
    first = units[0]
    for slot in (first.slot, first.slots[0]):
        if slot is not None and recording.values[slot].shape == recording.values[start].shape and start in recording.differs:
            words = _("Your gradient of {name} is the gradient one layer later: the backward pass ends a layer too early.", name=name)
            yield _fixed(("stops early", slot == first.slot), "other-unit", words, (name,), [Replacement(start, partial(_that_of, slot))])
    words = _(
        "Each layer's gradient is multiplied by the derivative of that layer's own activation function. Yours is that of the layer before."
    )
    if first.kind in FROM_VALUE and all(op.kind == first.kind for op in units):
        before = [start, *(op.slot for op in units[:-1])]
        if all(recording.values[slot].shape == op.output.shape for slot, op in zip(before, units)):
            changes = [Change(op.number, 0, partial(_slope_from, slot)) for slot, op in zip(before, units)]
            yield _fixed(("slopes of the layer before",), "other-unit", words, (), changes)
        if start in recording.differs:
            moved: list[Change | Replacement] = [
                Change(last.number, 0, _unchanged),
                Replacement(start, partial(_times_slope_from, start, first.kind)),
            ]
            yield _fixed(("slopes one layer off",), "slopes-one-layer-off", words, (name,), moved)


def _parameters_past_the_slope(recording: Recording) -> Iterator[Slip]:
    """A weight that gets the gradient at a unit's output instead of that before its activation
    function, or is multiplied by the unit's own output; and a sum over the layers.
    """
    past, own = [], []
    for unit, product, weight in _weighted(recording):
        if product.kind == "mul" and product.slots[weight] in recording.differs:
            past.append(Change(product.number, weight, partial(_with_gradient_at, unit.slot)))
            own.append(Change(product.number, weight, partial(times_node, unit.slot)))
    if not past:
        return
    words = _(
        "A weight's gradient is computed from the gradient before the activation function. Yours uses the gradient at the unit's output."
    )
    yield _fixed(("past the slope",), "no-activation-slope", words, (), past)
    for change in past if len(past) > 1 else ():
        name = recording.operations[change.number].names[change.operand]
        words = _(
            "Your {link} is computed from the gradient at the unit's output: the activation function is left out.",
            link=f"d{recording.output}_d{name}",
        )
        yield _fixed(("past the slope", change.number), "no-activation-slope", words, (name,), [change])
    words = _("A weight's gradient is multiplied by what the weight is multiplied by. Yours uses the output of the weight's own unit.")
    yield _fixed(("own output",), "other-unit", words, (), own)


def _handed_on_past_the_slope(recording: Recording) -> Iterator[Slip]:
    """Gradients handed on to the layer before without the derivative of the activation function."""
    changes = [
        Change(product.number, 1 - weight, partial(_without_slope, unit.number))
        for unit, product, weight in _weighted(recording)
        if product.slots[1 - weight] in recording.differs and unit.kind != "relu"
    ]
    if changes:
        words = _(
            "Your weights' gradients contain the derivative of the activation function. What you hand on to the layer before does not."
        )
        yield _fixed(("handed on",), "no-hidden-slope", words, (), changes)


def _handed_on_from_a_later_sum(recording: Recording, places: Places) -> Iterator[Slip]:
    """At a sum, as a residual connection has one, the gradient of a later one is handed on."""
    sums = [op for op in recording.operations if op.kind == "add" and op.output.ndim and recording.name(op.slot)]
    for op, later in combinations(sums if len(sums) <= MOST_SIBLINGS else (), 2):
        for i in (0, 1):
            if op.slots[i] in recording.differs and op.output.shape == later.output.shape == np.shape(op.operands[i]):
                changes = [Change(op.number, i, partial(_gradient_at, later.slot))]
                words = N_("What goes on to {operand} is the gradient at {own}. Yours is the gradient at {taken}.")
                names = {"own": recording.name(op.slot), "taken": recording.name(later.slot)}
                say = partial(places.filled, words, changes, **names)
                yield Slip(("later sum", op.number, later.number, i), "other-unit", partial(places.names, changes), changes, say)


def _weighted(recording: Recording) -> Iterator[tuple[Operation, Operation, int]]:
    """The units, each with the product before its activation
    function and the place of the weight there.
    """
    for unit in recording.operations:
        before = unit.before[0] if unit.kind in ACTIVATIONS else None
        while before is not None and before.kind == "add":
            before = before.before[0]
        if before is None or before.kind not in ("mul", "matmul") or before.output.shape != unit.output.shape:
            continue
        weights = [i for i in (0, 1) if before.names[i][:1].lower() in ("w", "v", "u")]
        if len(weights) == 1:
            yield unit, before, weights[0]


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
            yield _fixed(key, "split-at-add", words, (), changes)
    for (level, parts), changes in layers.items():
        yield _fixed(("split", "level", level, parts), "split-at-add", words, (), changes)


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


def _that_of(slot: int, g: Array, now: Recording) -> Array:
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


def _slope_from(slot: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return g * FROM_VALUE[op.kind](now.values[slot])


def _times_slope_from(slot: int, kind: str, g: Array, now: Recording) -> Array:
    return g * FROM_VALUE[kind](now.values[slot])


def _unchanged(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return g


def _with_gradient_at(slot: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A product's rule with the gradient in `slot` in the place of that at its output."""
    return np.broadcast_to(
        summed(now.arriving[slot][None] * op.operands[1 - i], np.shape(op.operands[i])), (len(g), *np.shape(op.operands[i]))
    )


def _gradient_at(slot: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.broadcast_to(now.arriving[slot], g.shape)


def _without_slope(number: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A product's rule with the gradient at the output of the unit that it leads to."""
    unit = now.operations[number]
    return vjp(op, i, g / slope_at(unit, unit.operands[0]))


def _share(parts: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, g) / parts
