"""True statements about a wrong link, for answers that fit no name. They hold on every sample."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.tape import Array, is_list_of_arrays
from ..translation import N_, _
from .comparing import Comparison, close
from .diagnosing import Diagnosis
from .findings import Fact, FactKind

OTHER_SIGN = N_("Your {link} has the right size and the other sign.")
VALUE_OF_OTHER = N_("Your {link} is the value of {name}.")
MOST = 2  # statements about one answer
MOST_ARRAYS = 8  # of a list whose shapes are told
DIGITS = range(1, 7)
SLOPES = (
    ("{0}·(1 − {0})", lambda a: a * (1 - a)),
    ("(1 − {0})", lambda a: 1 - a),
    ("(1 − {0}²)", lambda a: 1 - a * a),
    ("{0}²", lambda a: a * a),
)
PARTS = (
    (N_("the first row"), lambda right: right[0]),
    (N_("the first column"), lambda right: right[:, 0]),
    (N_("the diagonal"), np.diag),
    (N_("the sums along the rows"), lambda right: right.sum(axis=1)),
    (N_("the sums down the columns"), lambda right: right.sum(axis=0)),
)
SIZES_OF_VECTOR = (N_("the number of entries of {name}"),)
SIZES_OF_MATRIX = (N_("the number of rows of {name}"), N_("the number of columns of {name}"))
Quantity = tuple[str, list[Array]]


def facts_about(comparison: Comparison, diagnosis: Diagnosis) -> list[Fact]:
    """What is true of the first wrong link on all samples, the most telling first."""
    if not comparison.wrong:
        return []
    if comparison.question.on_fixed_numbers:
        return [*_sign_or_size(comparison)]
    found = [*_in_another_order(comparison)] or [*_remarks(comparison)]
    if not found:
        found = [*_of_the_first_link(comparison)]
    if diagnosis.doubtful and all(fact.kind is FactKind.ONE_WRONG_ENTRY for fact in found):
        found = [_place(comparison, diagnosis)]
    return found[:MOST]


def _sign_or_size(comparison: Comparison) -> Iterator[Fact]:
    """Of a number that is asked for once, and that must not be told: only where it is."""
    first = comparison.first
    yours, truth = comparison.readings[0].values.get(first), comparison.drawn[0].truth[first]
    if yours is None or yours.ndim or not np.isfinite(yours) or not truth:
        return
    if yours * truth < 0:
        yield Fact(FactKind.SIGN, first, _("Your {first} has the wrong sign.", first=first))
    elif abs(yours) > abs(truth):
        yield Fact(FactKind.SIZE, first, _("Your value of {first} is too large.", first=first))
    else:
        yield Fact(FactKind.SIZE, first, _("Your value of {first} is too small.", first=first))


def _place(comparison: Comparison, diagnosis: Diagnosis) -> Fact:
    """What slips that fit equally well have in common: where they are made."""
    nodes = {name for slip in diagnosis.doubtful for name in slip.nodes}
    words = _("More than one mistake leads to your {first}.", first=comparison.first)
    if 0 < len(nodes) <= 3:
        words += " " + _("Look at the gradient of {names}.", names=_(" and of ").join(sorted(nodes)))
    return Fact(FactKind.PLACE, comparison.first, words)


def _in_another_order(comparison: Comparison) -> Iterator[Fact]:
    """That the wrong links hold each other's right values."""
    holds, first = comparison.in_another_order, comparison.first
    if holds:
        words = _(
            "Your {count} values are right, but in another order: where {first} is asked for, you return {other}. The order is {names}.",
            count=len(comparison.question.asks),
            first=first,
            other=holds[first],
            names=", ".join(comparison.question.asks),
        )
        yield Fact(FactKind.OTHER_ORDER, first, words)


def _of_the_first_link(comparison: Comparison) -> Iterator[Fact]:
    first = comparison.first
    yours = [reading.values.get(first) for reading in comparison.readings]
    truth = [sample.truth[first] for sample in comparison.drawn]
    if any(value is None for value in yours):
        yield from _in_other_arrays(comparison)
        yield from _of_objects(comparison)
        yield from [*_of_another_shape(comparison)] or _in_a_smaller_shape(comparison)
        return
    values = [value for value in yours if value is not None]
    yield from _constant(comparison, values, truth)
    if comparison.is_zero(first):
        return  # it is also any number less itself
    yield from _rounded(first, values, truth)
    ratios = _ratios(values, truth)
    if ratios is not None:
        yield from _constant_factor(comparison, ratios)
    quantities = _quantities(comparison)
    yield from _another_quantity(comparison, quantities)
    if ratios is not None:
        yield from _factor(comparison, ratios, quantities)
    yield from _term(comparison, values, truth, quantities)
    yield from _some_entries(comparison, values, truth)


def _remarks(comparison: Comparison) -> Iterator[Fact]:
    """What the exercise says of numbers that are measured."""
    asks = set(comparison.question.asks)
    if any(asks - set(reading.values) for reading in comparison.readings):
        return
    measured = [SimpleNamespace(**reading.values) for reading in comparison.readings]
    for remark in comparison.question.remarks:
        if all(remark.holds(values) for values in measured):
            yield Fact(FactKind.BEHAVIOUR, comparison.first, _(remark.words))


def _in_other_arrays(comparison: Comparison) -> Iterator[Fact]:
    """How many arrays a list has, and of which shapes, where others are asked for."""
    first = comparison.first
    yours = comparison.readings[comparison.seen].lists.get(first, ())
    right = comparison.drawn[comparison.seen].lists.get(first, ())
    if not yours or yours == right:
        return
    if max(len(yours), len(right)) > MOST_ARRAYS:
        if len(yours) != len(right):
            message = N_("On the input that is shown, your {first} has {count} arrays. Asked are {wanted}.")
            yield Fact(FactKind.LIST, first, _(message, first=first, count=len(yours), wanted=len(right)))
        return
    words = _(
        "On the input that is shown, your {first} has {count} arrays, of the shapes {shapes}. Asked are {wanted}, of the shapes {right}.",
        first=first,
        count=len(yours),
        shapes=", ".join(map(str, yours)),
        wanted=len(right),
        right=", ".join(map(str, right)),
    )
    if any(0 in shape for shape in yours):
        words += " " + _("One of yours is empty.")
    yield Fact(FactKind.LIST, first, words)


def _of_objects(comparison: Comparison) -> Iterator[Fact]:
    """Which attributes of an object are numbers, where it stands in the place of one."""
    first = comparison.first
    found = comparison.readings[comparison.seen].objects.get(first)
    if found:
        kind, parts = found
        words = _(
            "In your {first}, an object of the type {type} stands where a number is asked for. It has numbers in {parts}: which one is it?",
            first=first,
            type=kind,
            parts=_(" and ").join(f".{name}" for name in parts),
        )
        yield Fact(FactKind.OBJECTS, first, words)


def _of_another_shape(comparison: Comparison) -> Iterator[Fact]:
    """The right numbers in a shape that is not the one asked for."""
    first = comparison.first
    unfit = [reading.unfit.get(first) for reading in comparison.readings]
    truth = [sample.truth[first] for sample in comparison.drawn]
    if any(value is None or np.size(value) != np.size(right) for value, right in zip(unfit, truth)):
        return
    pairs = [(value, right) for value, right in zip(unfit, truth) if value is not None]
    if all(_same(comparison, value.reshape(right.shape), right) for value, right in pairs):
        yield Fact(
            FactKind.SHAPE,
            first,
            _("The numbers of your {first} are right. Only their shape, or how their list is divided, is not as asked for.", first=first),
        )


def _in_a_smaller_shape(comparison: Comparison) -> Iterator[Fact]:
    """That an answer is a part of the right array, or a sum of it, or else which shape it has."""
    first = comparison.first
    unfit = [reading.unfit.get(first) for reading in comparison.readings]
    pairs = [(value, sample.truth[first]) for value, sample in zip(unfit, comparison.drawn) if value is not None]
    on_all = len(pairs) == len(comparison.drawn)
    for part_name, part in PARTS if on_all and all(right.ndim == 2 for value, right in pairs) else ():
        if all(np.shape(part(right)) == value.shape and _same(comparison, value, part(right)) for value, right in pairs):
            words = _("Your {first} has {part} of the array that is asked for.", first=first, part=_(part_name))
            yield Fact(FactKind.SHAPE, first, words)
            return
    value, right = unfit[comparison.seen], comparison.drawn[comparison.seen].truth[first]
    if value is not None and value.shape != right.shape and not comparison.readings[comparison.seen].lists.get(first):
        words = _(
            "Your {first} has the shape {shape}. What is asked for has the shape {wanted}.",
            first=first,
            shape=value.shape,
            wanted=right.shape,
        )
        yield Fact(FactKind.SHAPE, first, words)


def _same(comparison: Comparison, yours: Array, right: Array) -> bool:
    return bool(np.all(close(yours, right, *comparison.tolerance)))


def _constant(comparison: Comparison, yours: list[Array], truth: list[Array]) -> Iterator[Fact]:
    """The same numbers whatever the inputs."""
    first = comparison.first
    zero = comparison.is_zero(first)
    if len(yours) < 3 or not (zero or all(np.array_equal(value, yours[0]) for value in yours)):
        return
    if all(np.array_equal(value, truth[0]) for value in truth):
        return
    message = N_("Your {first} is the same on all {count} inputs. Does the function compute it from its arguments?")
    if zero:
        message = N_("Your {first} is 0 on all {count} inputs.")
    yield Fact(FactKind.SAME_ON_ALL, first, _(message, first=first, count=len(yours)))


def _rounded(link: str, yours: list[Array], truth: list[Array]) -> Iterator[Fact]:
    """Right to a few decimal places, and no further."""
    for digits in DIGITS:
        places = [np.array_equal(np.round(value, digits), value) for value in yours]
        if all(places):
            near = all(np.all(np.abs(value - right) <= 0.5000001 * 10.0**-digits) for value, right in zip(yours, truth))
            if near and any(np.any(np.abs(right) > 10.0**-digits) for right in truth):
                words = _("Your {link} is right to {digits} decimal places and no further. Was it rounded?", link=link, digits=digits)
                yield Fact(FactKind.ROUNDED, link, words)
            return
    apart = [np.max(np.abs(value - right) / (np.abs(right) + 1e-12)) for value, right in zip(yours, truth) if np.size(right)]
    if apart and max(apart) < 3e-3:
        digits = max(1, int(-np.log10(max(apart))))
        words = _("Your {link} is right to about {digits} digits and no further.", link=link, digits=digits)
        yield Fact(FactKind.ROUNDED, link, words)


def _ratios(yours: list[Array], truth: list[Array]) -> list[Array] | None:
    """Yours divided by the right value, entry by entry, and NaN where both are 0.

    None where that cannot be done, or says little because most entries are 0.
    """
    ratios = []
    for value, right in zip(yours, truth):
        if np.any((right == 0) & (value != 0)) or not np.size(right):
            return None
        with np.errstate(all="ignore"):
            ratios.append(np.asarray(value / right))
    known = [np.count_nonzero(right) for right in truth]
    return ratios if 2 * sum(known) >= sum(np.size(right) for right in truth) else None


def _constant_factor(comparison: Comparison, ratios: list[Array]) -> Iterator[Fact]:
    """A factor that all entries have in common: a
    constant, or the number of examples, classes or units.
    """
    usable = [k for k, ratio in enumerate(ratios) if not np.isnan(ratio).all()]
    known = [ratios[k][~np.isnan(ratios[k])] for k in usable]
    each = [float(ratio[0]) for ratio in known]
    rtol = max(comparison.tolerance[0], 1e-6)
    if not all(np.allclose(ratio, factor, rtol=rtol, atol=0) for ratio, factor in zip(known, each)):
        return
    first = comparison.first
    if np.allclose(each, each[0], rtol=rtol, atol=0):
        factor = each[0]
        if np.isclose(factor, -1, rtol=rtol):
            yield Fact(FactKind.SIGN, first, _(OTHER_SIGN, link=first))
        elif factor and _is_simple(factor, rtol):
            words = _("Your {first} is exactly {factor} times PyTorch's.", first=first, factor=_simple(factor))
            yield Fact(FactKind.CONSTANT_FACTOR, first, words + _sizes_in_words(comparison, factor))
        return
    for name, sizes in _sizes(comparison).items():
        for inverse in (False, True):
            wanted = [1 / sizes[k] if inverse else sizes[k] for k in usable]
            if np.allclose(each, wanted, rtol=rtol, atol=0):
                message = N_("Your {first} is PyTorch's, multiplied by {size}.")
                if inverse:
                    message = N_("Your {first} is PyTorch's, divided by {size}.")
                yield Fact(FactKind.CONSTANT_FACTOR, first, _(message, first=first, size=name))
                return


def _is_simple(factor: float, rtol: float) -> bool:
    return any(
        np.isclose(abs(factor) * below, round(abs(factor) * below), rtol=rtol) and round(abs(factor) * below)
        for below in (1, 2, 3, 4, 5, 6)
    )


def _simple(factor: float) -> str:
    for below in (1, 2, 3, 4, 5, 6):
        above = round(factor * below)
        if above and np.isclose(factor, above / below, rtol=1e-5):
            return str(above) if below == 1 else f"{above}/{below}"
    return f"{factor:g}"


def _sizes(comparison: Comparison) -> dict[str, list[int]]:
    """The sizes that arrays of the samples have, by a name in words."""
    found: dict[str, list[int]] = {}
    inputs = [sample.inputs for sample in comparison.drawn]
    for name, value in inputs[0].items():
        arrays = [one[name] for one in inputs]
        if is_list_of_arrays(value):
            found[_("the number of arrays in {name}", name=name)] = [len(one) for one in arrays]
        elif isinstance(value, np.ndarray) and value.ndim and all(np.ndim(one) == value.ndim for one in arrays):
            for axis, message in enumerate(SIZES_OF_MATRIX if value.ndim == 2 else SIZES_OF_VECTOR):
                found[_(message, name=name)] = [one.shape[axis] for one in arrays]
    return found


def _sizes_in_words(comparison: Comparison, factor: float) -> str:
    for name, sizes in _sizes(comparison).items():
        if len(set(sizes)) == 1 and sizes[0] > 1 and (np.isclose(factor, sizes[0]) or np.isclose(factor, 1 / sizes[0])):
            return " " + _("{number} is {size}.", number=sizes[0], size=name)
    return ""


def _quantities(comparison: Comparison) -> list[Quantity]:
    """The values and gradients of both passes, and the
    local derivatives made of them, on every sample.
    """
    first = comparison.first
    found: list[Quantity] = []
    everywhere = [vars(sample.everything) for sample in comparison.drawn]  # a deeper network has more nodes than another
    names = [name for name in everywhere[0] if all(_is_number(there.get(name)) for there in everywhere)]
    for name in names:
        values = [np.asarray(getattr(sample.everything, name), dtype=np.float64) for sample in comparison.drawn]
        if name != first and any(value.any() for value in values):
            found.append((name, values))
    for name, values in list(found):
        if not name.startswith("d"):
            found += [(words.format(name), [slope(value) for value in values]) for words, slope in SLOPES]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (float, np.ndarray, np.floating)) and np.asarray(value).dtype.kind == "f"


def _another_quantity(comparison: Comparison, quantities: list[Quantity]) -> Iterator[Fact]:
    first = comparison.first
    for name, values in quantities:
        if all(comparison.reproduces(value, reading, first) for value, reading in zip(values, comparison.readings)):
            yield Fact(FactKind.EQUALS_OTHER, first, _(VALUE_OF_OTHER, link=first, name=name))
            return


def _fitting(values: list[Array], quantities: list[Quantity], rtol: float) -> str:
    """The name of the first quantity that `values` are on every sample; empty if there is none."""
    for name, candidates in quantities:
        if all(_equals(value, candidate, rtol) for value, candidate in zip(values, candidates)):
            return name
    return ""


def _equals(value: Array, candidate: Array, rtol: float) -> bool:
    if not np.ndim(value) and not np.ndim(candidate):  # NumPy's functions take longer than the comparison
        one, other = float(value), float(candidate)
        return one != one or abs(one - other) <= rtol * abs(other) + 1e-12
    if np.ndim(candidate) and candidate.shape != value.shape:
        return False
    return bool(np.all(np.isnan(value) | (np.abs(value - candidate) <= rtol * np.abs(candidate) + 1e-12)))


def _factor(comparison: Comparison, ratios: list[Array], quantities: list[Quantity]) -> Iterator[Fact]:
    """The right value times or divided by one quantity, or by the quotient of two."""
    first, rtol = comparison.first, max(comparison.tolerance[0], 1e-6)
    usable = [(name, values) for name, values in quantities if all(value.all() for value in values)]
    if name := _fitting(ratios, usable, rtol):
        yield Fact(FactKind.FACTOR, first, _("Your {first} is the right value times {name}.", first=first, name=name))
        return
    inverse = [1 / ratio if np.all(ratio) else np.zeros_like(ratio) for ratio in ratios]
    if name := _fitting(inverse, usable, rtol):
        yield Fact(FactKind.FACTOR, first, _("Your {first} is the right value divided by {name}.", first=first, name=name))
        return
    found = _pair(ratios, usable, lambda one, other: one / other, rtol)
    if found and found[0] != found[1]:
        name = f"{found[0]} / {found[1]}"
        yield Fact(FactKind.FACTOR, first, _("Your {first} is the right value times {name}.", first=first, name=name))


def _pair(values: list[Array], quantities: list[Quantity], joined: Any, rtol: float) -> tuple[str, str] | None:
    """The names of two quantities that, joined, are `values` on every sample; numbers only."""
    numbers = [(name, np.array(entries, dtype=np.float64)) for name, entries in quantities if all(np.ndim(one) == 0 for one in entries)]
    plain = [(name, entries) for name, entries in numbers if "(" not in name and "²" not in name]
    if not plain or any(np.ndim(value) for value in values):
        return None
    table = np.stack([entries for _, entries in plain])
    wanted = np.array(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        pairs = joined(table[:, None, :], table[None, :, :])
        fits = np.all(np.abs(pairs - wanted) <= rtol * np.abs(wanted) + 1e-12, axis=2)
    places = np.argwhere(fits)
    return (plain[places[0][0]][0], plain[places[0][1]][0]) if len(places) else None


def _term(comparison: Comparison, yours: list[Array], truth: list[Array], quantities: list[Quantity]) -> Iterator[Fact]:
    """The right value plus or minus one quantity, or the product of two."""
    first, rtol = comparison.first, max(comparison.tolerance[0], 1e-6)
    apart = [value - right for value, right in zip(yours, truth)]
    if any(np.any(np.abs(gap) < 1e-9) for gap in apart):
        return
    for sign, message in (
        (1, N_("Your {first} is the right value plus {name}.")),
        (-1, N_("Your {first} is the right value minus {name}.")),
    ):
        gaps = [sign * gap for gap in apart]
        pair = _pair(gaps, quantities, lambda one, other: one * other, rtol)
        name = _fitting(gaps, quantities, rtol) or (pair and f"{pair[0]}·{pair[1]}")
        if name:
            yield Fact(FactKind.FACTOR, first, _(message, first=first, name=name))
            return


def _some_entries(comparison: Comparison, yours: list[Array], truth: list[Array]) -> Iterator[Fact]:
    """Which arrays of a list, rows or columns are right, where some are."""
    first = comparison.first
    lists = [sample.lists.get(first) for sample in comparison.drawn]
    if lists[0]:
        right = [_right_arrays(comparison, value, truth_, shapes) for value, truth_, shapes in zip(yours, truth, lists) if shapes]
        always = set.intersection(*right) if right else set()
        if always:
            places = ", ".join(f"[{k}]" for k in sorted(always))
            words = _("Of your {first}, {places} are right on every input. Look at the others.", first=first, places=places)
            yield Fact(FactKind.ONE_WRONG_ENTRY, first, words)
        return
    if truth[0].ndim == 0:
        return
    fits = [close(value, right, *comparison.tolerance) for value, right in zip(yours, truth)]
    share = sum(int(fit.sum()) for fit in fits) / max(1, sum(fit.size for fit in fits))
    if all(fit.ndim == 2 and fit[0].all() for fit in fits):
        words = _("The first row of your {first} is right on every input. Later rows are not.", first=first)
        yield Fact(FactKind.ONE_WRONG_ENTRY, first, words)
    elif share > 0.2:
        words = _("{share:.0%} of the entries of your {first} are right. Which ones are not?", share=share, first=first)
        yield Fact(FactKind.ONE_WRONG_ENTRY, first, words)


def _right_arrays(comparison: Comparison, yours: Array, truth: Array, shapes: tuple[tuple[int, ...], ...]) -> set[int]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    pairs = zip(np.split(yours, ends), np.split(truth, ends))
    return {k for k, (one, other) in enumerate(pairs) if _same(comparison, one, other)}
