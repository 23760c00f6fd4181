"""Mistakes in the forward pass: one operation has another result, and the rest follows from it.

The backward pass uses the right derivatives at the wrong values, as in the code of somebody who
copied the forward pass with a mistake and derived the rest correctly.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ..translation import _
from .operations import ALONG_AXES, FUNCTIONS, Operation
from .places import same_stem
from .recording import Recording, Result
from .slips import Slips
from .tape import Array
from .wrong_rules import ACTIVATIONS, CALLED

MOST_OPERATIONS = 30  # of a forward pass that learners write out themselves
Given = Sequence[Any]  # the operands of an operation


@dataclass(frozen=True, eq=False)
class ForwardSlip:
    """Other results for one or several operations: their
    numbers in the recording, id, words, the results.
    """

    key: Hashable
    numbers: tuple[int, ...]
    id: str
    words: str
    nodes: tuple[str, ...]
    result: Result


def recorded_with(slip: ForwardSlip, recording: Recording) -> Recording:
    """The forward pass with the slip in it."""
    return recording.run(results=dict.fromkeys(slip.numbers, slip.result))


def is_everywhere(slip: ForwardSlip, recording: Recording) -> bool:
    """Whether it is made at all operations of its kind."""
    kinds = {recording.operations[number].kind for number in slip.numbers}
    return {op.number for op in recording.operations if op.kind in kinds} == set(slip.numbers)


def forward_slips(slips: Slips) -> Iterator[ForwardSlip]:
    """The slips that can be made in the forward pass of a recording."""
    if len(slips.recording.operations) > MOST_OPERATIONS:
        return
    yield from _crossed(slips)
    for op in slips.recording.operations:
        yield from _formulas(slips, op)
        yield from _exchanged(slips, op)
        yield from _one_operand_twice(slips, op)
        yield from _terms(slips, op)
        yield from _factors(slips, op)
        yield from _functions(slips, op)
        yield from _axes(slips, op)
        yield from _copies(slips, op)


def _slip(slips: Slips, op: Operation, key: Hashable, identity: str, words: str, result: Result) -> ForwardSlip:
    name = slips.recording.name(op.slot)
    return ForwardSlip((op.number, key), (op.number,), identity, words, (name,) if name else (), result)


def _formulas(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A slip in the formula of the sigmoid: in one place, or in a function that all call."""
    alike = tuple(other.number for other in slips.recording.operations if other.kind == "sigmoid")
    if op.number not in alike:
        return
    turned = _("The sigmoid is 1 / (1 + exp(−z)). In yours the minus in the exponent is missing.")
    parentheses = _("Python divides before it adds: in the sigmoid, everything below the line belongs in parentheses.")
    for key, words, function in (("exponent-sign", turned, _sigmoid_of_minus), ("missing-parentheses", parentheses, _without_parentheses)):
        one = _slip(slips, op, key, key, words, partial(_applied, function))
        yield one
        if op.number == alike[0] and len(alike) > 1:
            yield replace(one, key=("all", key), numbers=alike)


def _exchanged(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A sum for a product, or a product for a sum."""
    if op.kind not in ("mul", "add") or None in op.slots:
        return
    one, other = (slips.places.operand(op, i) for i in (0, 1))
    if op.kind == "mul":
        words = _("In the forward pass, {one} and {other} are multiplied. Yours adds them.", one=one, other=other)
        yield _slip(slips, op, "added", "factors-added", words, lambda given, _: np.add(*given))
    else:
        words = _("In the forward pass, {one} and {other} are added. Yours multiplies them.", one=one, other=other)
        yield _slip(slips, op, "multiplied", "terms-multiplied", words, lambda given, _: np.multiply(*given))


def _one_operand_twice(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """One operand in the place of both, at all sums or at all products."""
    alike = [other for other in slips.recording.operations if other.kind == op.kind]
    if op.kind not in ("mul", "add") or op is not alike[0] or len(alike) == 1:
        return
    if any(None in other.slots or other.operands[0].shape != other.operands[1].shape for other in alike):
        return
    of_products = (
        _("A product has two factors. Yours uses the first one twice."),
        _("A product has two factors. Yours uses the second one twice."),
    )
    of_sums = _("A sum has two terms. Yours uses the first one twice."), _("A sum has two terms. Yours uses the second one twice.")
    for i, words in enumerate(of_products if op.kind == "mul" else of_sums):
        one = _slip(slips, op, ("twice", i), "operand-twice", words, partial(_twice, op.kind, i))
        yield replace(one, key=("all", op.kind, "twice", i), numbers=tuple(other.number for other in alike))


def _twice(kind: str, i: int, given: Given, _: Recording) -> Array:
    return given[i] + given[i] if kind == "add" else given[i] * given[i]


def _sigmoid_of_minus(z: Array) -> Array:
    return FUNCTIONS["sigmoid"](-z)


def _without_parentheses(z: Array) -> Array:
    return 1 / 1 + np.exp(-z)


def _terms(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A term left out of a sum, or with the wrong sign."""
    if op.kind not in ("add", "sub", "rsub") or len(op.slots) != 2:
        return
    for i in (0, 1):
        said = slips.places.said(op, i) or _product(slips, op, i)
        if not said:
            continue
        identity = "lost-bias" if slips.places.name(op, i)[:1] in ("b", "c") else "lost-term"
        words = _("Your forward pass leaves {said} out of {place}.", said=said, place=slips.places.place(op))
        yield _slip(slips, op, ("without", i), identity, words, partial(_term, op, 1 - i))
        own = slips.recording.name(op.slots[i])
        for name, node in slips.single_nodes if op.kind == "add" else ():
            if same_stem(name, own) and name != own and np.shape(op.operands[i]) == slips.recording.values[node].shape:
                words = _("In the forward pass, {name} stands where another quantity is needed.", name=name)
                yield _slip(slips, op, ("other term", i, name), "other-unit", words, partial(_other_term, 1 - i, name))
    words = _("One term of a sum has the wrong sign.")
    turned = {"add": lambda given, _: given[0] - given[1], "sub": lambda given, _: given[0] + given[1]}.get(op.kind)
    if turned is not None:
        yield _slip(slips, op, "sign", "forward-sign", words, turned)


def _product(slips: Slips, op: Operation, i: int) -> str:
    """An operand that is a product, in words; empty for any other."""
    product = op.before[i]
    return slips.places.operand(op, i) if product is not None and product.kind == "mul" and all(product.names) else ""


def _term(op: Operation, kept: int, given: Given, _: Recording) -> Array:
    """One term of a sum or difference alone."""
    sign = -1.0 if (op.kind, kept) in (("sub", 1), ("rsub", 0)) else 1.0
    return np.asarray(sign * given[kept])


def _other_term(kept: int, name: str, given: Given, now: Recording) -> Array:
    """One term plus the node called `name`."""
    return given[kept] + now.value(name)


def _factor(kept: int, given: Given, _: Recording) -> Array:
    """One factor of a product alone."""
    return np.asarray(given[kept])


def _other_factor(kept: int, name: str, given: Given, now: Recording) -> Array:
    """One factor times the node called `name`."""
    return given[kept] * now.value(name)


def _logarithm(base: float, given: Given, _: Recording) -> Array:
    return np.log(given[0]) / math.log(base)


def _applied(function: Callable[[Any], Any], given: Given, _: Recording) -> Array:
    return function(given[0])


def _softmax_along(axis: int, given: Given, _: Recording) -> Array:
    return ALONG_AXES["softmax"](given[0], axis, False)


def _value_of(name: str, _: Given, now: Recording) -> Array:
    return now.value(name)


def _factors(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """Another quantity as a factor of a product, or a factor left out."""
    if op.kind != "mul" or len(op.slots) != 2:
        return
    recording = slips.recording
    for i, factor in enumerate(op.slots):
        if factor is None:
            continue
        own = recording.name(factor)
        words = _("In the forward pass, {factor} is missing from a product.", factor=own or _("a factor"))
        yield _slip(slips, op, ("factor", i), "lost-factor", words, partial(_factor, 1 - i))
        made = recording.made_by.get(factor)
        for name, node in slips.single_nodes:
            if node in (factor, op.slot) or recording.values[node].shape != recording.values[factor].shape:
                continue
            if made is not None and made.kind in ACTIVATIONS and made.slots[0] == node:
                identity = "pre-activation-for-activation"
                words = _("In the forward pass, the input of the next unit is a unit's activation. Yours is {name}.", name=name)
            elif same_stem(name, own) or _are_units_of_a_layer(slips, node, factor):
                identity, words = "other-unit", _("In the forward pass, {name} stands where another quantity is needed.", name=name)
            else:
                continue
            yield _slip(slips, op, ("other", i, name), identity, words, partial(_other_factor, 1 - i, name))


def _are_units_of_a_layer(slips: Slips, one: int, other: int) -> bool:
    """Whether two nodes come from the same kind of operation in the same layer."""
    made = [slips.recording.made_by.get(slot) for slot in (one, other)]
    kinds = {op.kind if op is not None else "" for op in made}
    return len(kinds) == 1 and kinds <= {*ACTIVATIONS} and slips.places.levels[one] == slips.places.levels[other]


def _crossed(slips: Slips) -> Iterator[ForwardSlip]:
    """Two products of one layer, each with the other's factor: the sum of both is what is wrong."""
    recording = slips.recording
    for op in recording.operations:
        pair = [before for before in op.before if before is not None and before.kind == "mul" and None not in before.slots]
        if op.kind != "add" or len(pair) != 2 or pair[0].operands[1].shape != pair[1].operands[1].shape:
            continue
        named = [name for product in pair for name in product.names]
        if all(named) and pair[0].slots[1] != pair[1].slots[1] and pair[0].slots[0] != pair[1].slots[0]:
            words = _(
                "In the forward pass, {one} and {other} are each multiplied by the other unit's quantity.", one=named[0], other=named[2]
            )
            (a, b), (c, d) = ([slot for slot in product.slots if slot is not None] for product in pair)
            yield _slip(slips, op, "crossed", "other-unit", words, partial(_sum_of_products, (a, d), (c, b)))


def _sum_of_products(one: tuple[int, int], other: tuple[int, int], _: Given, now: Recording) -> Array:
    return now.values[one[0]] * now.values[one[1]] + now.values[other[0]] * now.values[other[1]]


def _functions(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A function left out, or another one in its place."""
    if op.kind == "log":
        words = _("The logarithm here is the natural one, to the base e. Yours has another base.")
        logs = tuple(other.number for other in slips.recording.operations if other.kind == "log")
        for base in (2.0, 10.0) if op.number == logs[0] else ():
            one = _slip(slips, op, ("base", base), "wrong-base", words, partial(_logarithm, base))
            yield replace(one, numbers=logs)
    if op.kind not in ACTIVATIONS:
        return
    called = _(CALLED[op.kind])
    words = _("In the forward pass, the {function} is missing: what goes in comes out unchanged.", function=called)
    yield _slip(slips, op, "identity", "no-activation", words, lambda given, _: given[0])
    alike = tuple(other.number for other in slips.recording.operations if other.kind == op.kind)
    for kind in (*ACTIVATIONS, "exp"):
        if kind != op.kind:
            words = _(
                "In the forward pass, the activation function is the {function}. Yours is the {other}.",
                function=called,
                other=_(CALLED[kind]),
            )
            one = _slip(slips, op, kind, "another-activation", words, partial(_applied, FUNCTIONS[kind]))
            yield one
            if op.number == alike[0] and len(alike) > 1:
                yield replace(one, key=("all", op.kind, kind), numbers=alike)


def _axes(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A sum for a mean, a mean for a sum, a softmax along the other axis."""
    if op.kind in ("sum", "mean"):
        other = "mean" if op.kind == "sum" else "sum"
        if op.operands[0].size > op.output.size:
            words = _("The forward pass has a {function} here. Yours is a {other}.", function=_(CALLED[op.kind]), other=_(CALLED[other]))
            yield _slip(slips, op, "share", f"{other}-for-{op.kind}", words, partial(_sum_for_mean, op))
    if op.kind == "softmax" and op.output.ndim == 2:
        words = _("Each example has a softmax of its own. Yours is taken along the other axis.")
        yield _slip(slips, op, "axis", "wrong-axis", words, partial(_softmax_along, _other_axis(op)))


def _sum_for_mean(op: Operation, given: Given, _: Recording) -> Array:
    right = ALONG_AXES[op.kind](given[0], op.axis, op.keepdims)
    share = given[0].size / right.size
    return right / share if op.kind == "sum" else right * share


def _other_axis(op: Operation) -> int:
    return 0 if op.axis in (1, -1) else 1


def _copies(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """The result of another unit."""
    recording = slips.recording
    own = recording.name(op.slot)
    for name, node in slips.single_nodes if own else ():
        made = recording.made_by.get(node)
        if made is None or made.number >= op.number or recording.values[node].shape != op.output.shape or name == own:
            continue
        if same_stem(name, own):
            words = _("In the forward pass, {own} is computed from another unit's numbers: it is the same as {name}.", own=own, name=name)
            yield _slip(slips, op, ("copy", name), "units-copied", words, partial(_value_of, name))
