"""Slips on the way from one layer of a network to the next.

Quantities of the layer before or after; gradients that are not handed on, or not through the
activation function.
"""

from collections.abc import Iterator
from functools import partial
from itertools import combinations

import numpy as np

from ..translation import N_, _
from .operations import Operation, slope_at, summed, vjp
from .places import Places
from .recording import Change, Recording, Replacement
from .slip import Slip
from .tape import Array
from .unit_slips import MOST_SIBLINGS, fixed, that_of, times_node
from .wrong_rules import ACTIVATIONS

FROM_VALUE = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a}  # derivatives, from the function's value


def layer_slips(recording: Recording, places: Places) -> Iterator[Slip]:
    """All of them, in a recording whose output is one number."""
    top = recording.slot(recording.output)
    if top not in recording.differs or recording.values[top].ndim:
        return
    yield from _shifted_factors(recording)
    yield from _first_input(recording)
    yield from _between_layers(recording)
    yield from _parameters_past_the_slope(recording)
    yield from _handed_on_past_the_slope(recording, places)
    yield from _handed_on_from_a_later_sum(recording, places)


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
                    yield fixed(("shifted", i, step, cyclic), "other-unit", words, (), changes)


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
        yield fixed(("first input",), "input-for-activation", words, (), changes)


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
        handed = [Replacement(op.slot, partial(that_of, last.slot)) for op in alike]
        yield fixed(("not handed on",), "not-handed-on", words, (), handed)
    if start is None:
        return
    first = units[0]
    for slot in (first.slot, first.slots[0]):
        if slot is not None and recording.values[slot].shape == recording.values[start].shape and start in recording.differs:
            words = _("Your gradient of {name} is the gradient one layer later: the backward pass ends a layer too early.", name=name)
            yield fixed(("stops early", slot == first.slot), "other-unit", words, (name,), [Replacement(start, partial(that_of, slot))])
    words = _(
        "Each layer's gradient is multiplied by the derivative of that layer's own activation function. Yours is that of the layer before."
    )
    if first.kind in FROM_VALUE and all(op.kind == first.kind for op in units):
        before = [start, *(op.slot for op in units[:-1])]
        if all(recording.values[slot].shape == op.output.shape for slot, op in zip(before, units)):
            changes = [Change(op.number, 0, partial(_slope_from, slot)) for slot, op in zip(before, units)]
            yield fixed(("slopes of the layer before",), "other-unit", words, (), changes)
        if start in recording.differs:
            moved: list[Change | Replacement] = [
                Change(last.number, 0, _unchanged),
                Replacement(start, partial(_times_slope_from, start, first.kind)),
            ]
            yield fixed(("slopes one layer off",), "slopes-one-layer-off", words, (name,), moved)


def _parameters_past_the_slope(recording: Recording) -> Iterator[Slip]:
    """A weight that gets the gradient at a unit's output instead of that before its activation
    function, or that of the layer before, or is multiplied by the unit's own output.
    """
    past, own, before = [], [], []
    for unit, product, weight in _weighted(recording):
        if product.kind == "mul" and product.slots[weight] in recording.differs:
            past.append(Change(product.number, weight, partial(_with_gradient_at, unit.slot)))
            own.append(Change(product.number, weight, partial(times_node, unit.slot)))
            before.append(Change(product.number, weight, partial(_one_layer_further, unit.number)))
    if not past:
        return
    words = _(
        "A weight's gradient is computed from the gradient before the activation function. Yours uses the gradient at the unit's output."
    )
    yield fixed(("past the slope",), "no-activation-slope", words, (), past)
    for change in past if len(past) > 1 else ():
        name = recording.operations[change.number].names[change.operand]
        words = _(
            "Your {link} is computed from the gradient at the unit's output: the derivative of the activation function is left out.",
            link=f"d{recording.output}_d{name}",
        )
        yield fixed(("past the slope", change.number), "no-activation-slope", words, (name,), [change])
    words = _("A weight's gradient is multiplied by what the weight is multiplied by. Yours uses the output of the weight's own unit.")
    yield fixed(("own output",), "other-unit", words, (), own)
    words = _(
        "A weight's gradient is computed from the gradient at the output of its own unit. "
        "Yours is computed from the gradient one layer further back."
    )
    yield fixed(("one layer further",), "other-unit", words, (), before)


def _handed_on_past_the_slope(recording: Recording, places: Places) -> Iterator[Slip]:
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
        yield fixed(("handed on",), "no-hidden-slope", words, places.names(changes), changes, as_a_whole=True)


def _handed_on_from_a_later_sum(recording: Recording, places: Places) -> Iterator[Slip]:
    """At a sum, as a residual connection has one, the gradient
    of a sum that is computed from it is handed on.
    """
    sums = [op for op in recording.operations if op.kind == "add" and op.output.ndim and recording.name(op.slot)]
    for op, later in combinations(sums if len(sums) <= MOST_SIBLINGS else (), 2):
        for i in (0, 1):
            follows = recording.leads_to[op.slot] >> later.slot & 1
            if follows and op.slots[i] in recording.differs and op.output.shape == later.output.shape == np.shape(op.operands[i]):
                changes = [Change(op.number, i, partial(_gradient_at, later.slot))]
                words = N_("At {place}, what goes on to its terms is the gradient at {own}. Yours is the gradient at {taken}.")
                names = {"own": recording.name(op.slot), "taken": recording.name(later.slot)}
                say = partial(places.filled, words, changes, **names)
                yield Slip(("later sum", op.number, later.number, i), "other-unit", partial(places.names, changes), changes, say)


def _weighted(recording: Recording) -> Iterator[tuple[Operation, Operation, int]]:
    """The units, each with every product that is added up before
    its activation function, and the place of the weight there.
    """
    for unit in recording.operations:
        waiting = [unit.before[0]] if unit.kind in ACTIVATIONS else []
        while waiting:
            before = waiting.pop()
            if before is not None and before.kind == "add":
                waiting += before.before
            elif before is not None and before.kind in ("mul", "matmul") and before.output.shape == unit.output.shape:
                weights = [i for i in (0, 1) if before.names[i][:1].lower() in ("w", "v", "u")]
                if len(weights) == 1:
                    yield unit, before, weights[0]


# --- rules ----------------------------------------------------------------------------------------


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


def _one_layer_further(number: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A product's rule for a weight, where the gradient has been
    taken through the unit and the weight already.
    """
    unit = now.operations[number]
    return vjp(op, i, g * slope_at(unit, unit.operands[0]) * op.operands[i])


def _gradient_at(slot: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.broadcast_to(now.arriving[slot], g.shape)


def _without_slope(number: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    """A product's rule with the gradient at the output of the unit that it leads to."""
    unit = now.operations[number]
    return vjp(op, i, g / slope_at(unit, unit.operands[0]))
