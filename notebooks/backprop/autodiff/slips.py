"""Every mistake that can be made in one recorded backward pass: a wrong rule at a place.

A place is one edge, all edges of a kind, or those of one layer. A mistake is valid for all
recordings of the same operations; its key finds it in another recording.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import combinations

import numpy as np

from .losses import OF_LOG_LOSS, OF_SQUARED_ERROR
from .operations import Operation, summed, vjp
from .places import Places, listed, same_stem
from .recording import Change, Changes, Recording, Replacement, Rule
from .tape import Array
from .wrong_rules import ACTIVATIONS, UNARY, WrongRule, rules_for

PREDICTIONS = ("yhat", "Yhat", "P", "p", "green", "a")  # what lessons call what is compared with the target
LOGARITHMS = ("log", "log_softmax", "softplus")
MOST_OPERATIONS = 60  # of a pass whose quantities are tried in each other's places
Derivative = tuple[str, str]  # of the first node with respect to the second


@dataclass(frozen=True, eq=False)
class Slip:
    """A wrong rule at a place.

    key      the same for the same mistake in another recording
    id       the misunderstanding
    nodes    the names of the nodes whose gradient is the first wrong one, as far as they have names
    changes  what it changes in the backward pass
    say      what the learner is told: the misunderstanding and the place, never the answer
    in_combining  whether it is made where links are combined: then derivatives of an inner node are
                  right
    """

    key: Hashable
    id: str
    nodes: tuple[str, ...]
    changes: Changes
    say: Callable[[], str] = field(repr=False)
    in_combining: bool = False

    @property
    def words(self) -> str:
        """What the learner is told."""
        return self.say()


class Slips:
    """The slips of one recording, found again by key."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.places = Places(recording)

    @cached_property
    def all(self) -> dict[Hashable, Slip]:
        """All slips by their key."""
        slips: dict[Hashable, Slip] = {}
        for slip in (*self._at_edges(), *self._over_paths(), *self._at_the_loss(), *self._at_nodes()):
            slips.setdefault(slip.key, slip)
        return slips

    def concerning(self, wrong: Derivative, right: Collection[Derivative] = ()) -> Iterator[Slip]:
        """The mistakes that can change the derivative `wrong`
        and change none in `right`, given as (top, bottom).
        """
        of_output = [pair for pair in right if pair[0] == self.recording.output]
        changed = _Within(self.recording, wrong)
        kept = [_Within(self.recording, pair) for pair in right]
        kept_of_output = [_Within(self.recording, pair) for pair in of_output]
        for slip in self.all.values():
            others = kept_of_output if slip.in_combining else kept
            if any(changed.has(change) for change in slip.changes) and not any(
                other.has(change) for other in others for change in slip.changes
            ):
                yield slip

    # --- wrong rules at edges ---------------------------------------------------------------------

    def _at_edges(self) -> Iterator[Slip]:
        by_kind: dict[str, list[Operation]] = defaultdict(list)
        for op in self.recording.operations:
            by_kind[op.kind].append(op)
        for kind, operations in by_kind.items():
            for number, rule in enumerate(rules_for(kind)):
                yield from self._rule_at_places(kind, number, rule, operations)
        if len(self.recording.operations) <= MOST_OPERATIONS:
            for op in self.recording.operations:
                if op.kind == "mul":
                    yield from self._other_quantities(op)

    def _rule_at_places(self, kind: str, number: Hashable, rule: WrongRule, operations: list[Operation]) -> Iterator[Slip]:
        """The rule at each operand by itself, at those of one level, and at all."""
        bound = _bound(rule)
        single: dict[tuple[int, int], Change] = {}
        for place, op in enumerate(operations):
            for i, slot in enumerate(op.slots):
                if slot in self.recording.differs and not (kind in UNARY and i):
                    single[place, i] = Change(op.number, i, bound)
        for (place, i), change in single.items():
            yield self._slip(("edge", kind, number, place, i), rule, [change])
        for i in range(2):
            levels: dict[int, list[Change]] = defaultdict(list)
            for (place, j), change in single.items():
                if j == i:
                    levels[self.places.levels[operations[place].slot]].append(change)
            together = [changes for changes in levels.values() if len(changes) > 1]
            for level, changes in levels.items():
                if len(changes) > 1:
                    yield self._slip(("level", kind, number, level, i), rule, changes)
            if levels and (len(levels) > 1 or not together):
                yield self._slip(("all", kind, number, i), rule, [c for changes in levels.values() for c in changes])
        for place in range(len(operations)):
            both = [single[place, i] for i in (0, 1) if (place, i) in single]
            if len(both) > 1:
                yield self._slip(("both", kind, number, place), rule, both)
        if len({i for _, i in single}) > 1:
            yield self._slip(("all", kind, number), rule, [*single.values()])

    def _other_quantities(self, op: Operation) -> Iterator[Slip]:
        """Another quantity in the place of the factor that a product hands back."""
        if any(self.places.said(op, i).startswith("dL_d") for i in (0, 1)):
            return  # a gradient that is given stands for all that comes after, and is not a factor that one mistakes
        for i, slot in enumerate(op.slots):
            factor = op.slots[1 - i]
            if slot not in self.recording.differs or factor is None:
                continue
            for name, node in self.single_nodes:
                if node in (factor, slot, op.slot) or np.shape(self.recording.values[node]) != np.shape(op.operands[1 - i]):
                    continue
                identity, words = self._relation(name, node, factor)
                change = Change(op.number, i, partial(_times_node, node))
                yield self._named(("factor", op.number, i, name), identity, words, [change])

    @cached_property
    def single_nodes(self) -> list[tuple[str, int]]:
        """The nodes that are one tensor, without the output."""
        pairs = [(name, self.recording.slot(name)) for name in self.recording.nodes if name != self.recording.output]
        return [(name, slot) for name, slot in pairs if slot is not None]

    def _relation(self, name: str, node: int, factor: int) -> tuple[str, str]:
        """The relation of the quantity used to the
        right one, as an id and words about `{operand}`.
        """
        recording = self.recording
        gives, taken = recording.made_by.get(factor), recording.made_by.get(node)
        if gives is not None and gives.kind in ACTIVATIONS and gives.slots[0] == node:
            words = "{Operand} met what a unit puts out, after its activation function. Yours takes the pre-activation."
            return "pre-activation-for-activation", words
        if taken is not None and taken.kind in ACTIVATIONS and taken.slots[0] == factor:
            return "activation-for-pre-activation", "{Operand} did not meet " + name + ", which is worked out later."
        if same_stem(name, recording.name(factor)):
            return "other-unit", "{Operand} never met " + name + ": that belongs to another unit or layer."
        if name in recording.inputs and name[:1].lower() == "x":
            return "input-for-activation", "{Operand} never met the input " + name + ". What was it multiplied with?"
        return "other-quantity", "{Operand} never met " + name + ". What was it multiplied with?"

    # --- several paths ----------------------------------------------------------------------------

    def _over_paths(self) -> Iterator[Slip]:
        """Mistakes where one quantity is used several times:
        paths left out, averaged, with the wrong sign.
        """
        uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for op in self.recording.operations:
            for i, slot in enumerate(op.slots):
                if slot in self.recording.differs:
                    uses[slot].append((op.number, i))
        for slot, edges in uses.items():
            if 2 <= len(edges) <= 6:
                yield from self._paths_from(self.recording.name(slot) or "the quantity", tuple(edges))

    def _paths_from(self, name: str, edges: tuple[tuple[int, int], ...]) -> Iterator[Slip]:
        said = f"Several paths lead on from {name}, and what comes back along them adds up. "
        for kept in range(len(edges)):
            for out in ([k for k in range(len(edges)) if k != kept], [kept]):
                if out == [kept] and len(edges) == 2:
                    continue
                changes = [Change(*edges[k], _nothing) for k in out]
                words = said + ("Yours has one of them." if len(out) > 1 or len(edges) == 2 else "One of them is missing.")
                yield self._combining(("paths", edges, "without", tuple(out)), "one-path", words, changes)
        share = partial(_scaled, 1 / len(edges))
        averaged = [Change(*edge, share) for edge in edges]
        yield self._combining(("paths", edges, "averaged"), "paths-averaged", said + "Yours are averaged.", averaged)
        size = [Change(*edge, _absolute) for edge in edges]
        yield self._combining(("paths", edges, "absolute"), "absolute-paths", said + "They add with their signs.", size)
        for k, edge in enumerate(edges):
            words = said + "In yours one has the other sign."
            yield self._combining(("paths", edges, "turned", k), "paths-subtracted", words, [Change(*edge, _turned)])

    # --- the gradient of another loss -------------------------------------------------------------

    def _at_the_loss(self) -> Iterator[Slip]:
        """The gradient of another loss, or a short form at a place where it does not belong."""
        recording, top = self.recording, self.recording.output
        is_log_loss = any(op.kind in LOGARITHMS for op in recording.operations[-8:])
        target = next((slot for name in ("y", "Y") if name in recording.nodes and (slot := recording.slot(name)) is not None), None)
        for name, node in self.single_nodes:
            if target is None or name not in PREDICTIONS or node not in recording.differs:
                continue
            if recording.values[node].shape != recording.values[target].shape:
                continue
            before = recording.made_by.get(node)
            at = {name: node}
            if before is not None and before.kind in ("sigmoid", "softmax") and (inner := before.slots[0]) and recording.name(inner):
                at[recording.name(inner)] = inner
            for loss in OF_LOG_LOSS if is_log_loss else OF_SQUARED_ERROR:
                rule = partial(_of_loss, loss.gradient, node, target)
                for where, slot in at.items():
                    words = partial(loss.words.format, link=f"d{top}_d{where}")
                    yield Slip(("loss", loss.key, where), loss.id, (where,), [Replacement(slot, rule)], words)

    # --- gradients in the middle ------------------------------------------------------------------

    def _at_nodes(self) -> Iterator[Slip]:
        """A whole gradient that is copied from another unit, or added up over the units."""
        recording = self.recording
        top = recording.slot(recording.output)
        if top not in recording.differs or recording.values[top].ndim:
            return
        for group in self._siblings():
            names = [recording.name(slot) for slot in group]
            words = f"Each of {listed(names)} has a gradient of its own. Yours hands the sum of them to each."
            total = partial(_sum_of, tuple(group))
            changes = [Replacement(slot, total) for slot in group]
            yield _fixed(("siblings", *names), "every-unit-gets-the-sum", words, names, changes)
            for one, other in combinations(group, 2):
                a, b = recording.name(one), recording.name(other)
                swapped = [Replacement(one, partial(_that_of, other)), Replacement(other, partial(_that_of, one))]
                yield _fixed(("swapped", a, b), "units-swapped", f"The gradients of {a} and {b} have changed places.", (a, b), swapped)
                for slot, source in ((one, other), (other, one)):
                    own, taken = recording.name(slot), recording.name(source)
                    words = f"The gradient of {own} is that of {taken}. Each unit's gradient goes back through its own quantities."
                    copy = [Replacement(slot, partial(_that_of, source))]
                    yield _fixed(("copied", own, taken), "other-unit", words, (own,), copy)

    def _siblings(self) -> list[list[int]]:
        """Groups of nodes that the same kind of operation
        computes in the same layer: the units of a layer.
        """
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for _, slot in self.single_nodes:
            made = self.recording.made_by.get(slot)
            if made is not None and slot in self.recording.differs and slot not in groups.get(made.kind, ()):
                groups[made.kind, self.places.levels[slot], self.recording.values[slot].shape].append(slot)
        return [list(dict.fromkeys(group)) for group in groups.values() if 2 <= len(dict.fromkeys(group)) <= 6]

    # --- words ------------------------------------------------------------------------------------

    def _slip(self, key: Hashable, rule: WrongRule, changes: list[Change]) -> Slip:
        return self._named(key, self._role(rule.id, changes[0]), rule.words, changes)

    def _role(self, identity: str, change: Change) -> str:
        """The usual name of a slip, which depends on what the operand is."""
        op = self.recording.operations[change.number]
        if identity == "lost-factor" and all(slot is not None for slot in op.slots):
            name = self.places.name(op, change.operand)
            return "bias-equals-weight" if name in self.recording.inputs and name[:1].lower() in "wv" else "no-outgoing-weight"
        return identity

    def _combining(self, key: Hashable, identity: str, words: str, changes: list[Change]) -> Slip:
        return Slip(key, identity, self.places.names(changes), changes, lambda: words, in_combining=True)

    def _named(self, key: Hashable, identity: str, words: str, changes: list[Change]) -> Slip:
        return Slip(key, identity, self.places.names(changes), changes, partial(self.places.filled, words, changes))


def _fixed(key: Hashable, identity: str, words: str, names: Sequence[str], changes: Changes) -> Slip:
    return Slip(key, identity, tuple(names), changes, lambda: words)


class _Within:
    """Which changes lie on a path from the top of a derivative to its bottom."""

    def __init__(self, recording: Recording, derivative: Derivative) -> None:
        self.recording = recording
        leads = recording.leads_to
        top, bottom = (recording.nodes[name] for name in derivative)
        tops, bottoms = (found if isinstance(found, tuple) else (found,) for found in (top, bottom))
        above = sum(1 << slot for slot in tops)
        self.before_top = [bool(bits & above) for bits in leads]
        after = 0
        for slot in bottoms:
            after |= leads[slot]
        self.after_bottom = after
        self.known: dict[tuple[int, int], bool] = {}

    def has(self, change: Change | Replacement) -> bool:
        """Whether it does."""
        if isinstance(change, Replacement):
            return self.before_top[change.slot] and bool(self.after_bottom >> change.slot & 1)
        edge = (change.number, change.operand)
        if edge not in self.known:
            op = self.recording.operations[change.number]
            end = op.slots[change.operand]
            self.known[edge] = end is not None and self.before_top[op.slot] and bool(self.after_bottom >> end & 1)
        return self.known[edge]


# --- rules at a place -----------------------------------------------------------------------------


def _bound(rule: WrongRule) -> Rule:
    """The rule as a change takes it."""
    return lambda g, op, i, now: rule.rule(g, op, i)


def _times_node(node: int, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return summed(g * now.values[node], np.shape(op.operands[i]))


def _nothing(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.zeros(np.shape(op.operands[i]))


def _scaled(factor: float, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, g) * factor


def _turned(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return -vjp(op, i, g)


def _absolute(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.abs(vjp(op, i, g))


def _of_loss(gradient: Callable[[Array, Array], Array], prediction: int, target: int, g: Array, now: Recording) -> Array:
    return gradient(now.values[prediction], now.values[target])


def _sum_of(slots: tuple[int, ...], g: Array, now: Recording) -> Array:
    return np.sum([now.arriving[slot] for slot in slots], axis=0)


def _that_of(slot: int, g: Array, now: Recording) -> Array:
    return now.arriving[slot]
