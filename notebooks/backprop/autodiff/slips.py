"""Every mistake that can be made in one recorded backward pass: a wrong rule at a place.

A place is one edge, all edges of a kind, or those of one layer. A mistake is valid for all
recordings of the same operations; its key finds it in another recording.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial, reduce
from itertools import chain
from operator import or_

import numpy as np

from ..translation import N_, _
from .layer_slips import layer_slips
from .losses import OF_LOG_LOSS, OF_SQUARED_ERROR
from .operations import KINDS, Operation, vjp
from .path_words import ONE_PATH, PATH_LEFT_OUT, PATH_TURNED, PATHS_AVERAGED, PATHS_WITHOUT_SIGN, PathWords
from .places import TRANSPOSE, Places, same_stem
from .recording import Change, Place, Recording, Replacement, Rule, slots_of
from .roles import Roles
from .slip import Key, Slip
from .tape import Array
from .unit_slips import matrix_times_node, times_node, unit_slips
from .wrong_rules import ACTIVATIONS, UNARY, WrongRule, rules_for

PREDICTIONS = ("yhat", "Yhat", "P", "p", "green", "a")  # what lessons call what is compared with the target
LOGARITHMS = ("log", "log_softmax", "softplus")
MOST_OPERATIONS = 60  # of a pass whose quantities are tried in each other's places
OF_A_RULE = ("all", "edge", "last edge", "level", "both")  # how the keys of slips begin that a rule makes
Derivative = tuple[str, str]  # of the first node with respect to the second
Single = dict[tuple[int, int], Change]  # a rule at each place: the operation among those of its kind, and the operand


class Slips:
    """The slips of one recording, found again by key.

    everywhere  only those made at all operations of a kind, as by code that works on any graph
    """

    def __init__(self, recording: Recording, *, everywhere: bool = False) -> None:
        self.recording = recording
        self.everywhere = everywhere
        self.places = Places(recording)
        self.roles = Roles(recording, self.places)
        self._of_one_rule: dict[tuple[str, int], dict[Key, Slip]] = {}

    @cached_property
    def all(self) -> dict[Key, Slip]:
        """All slips by their key."""
        slips: dict[Key, Slip] = {}
        gathered: list[Iterator[Slip]] = [self._at_edges(), self._without_upstream(), self._overwriting()]
        if not self.everywhere:
            units, layers = unit_slips(self.recording, self.places), layer_slips(self.recording, self.places)
            gathered += [self._over_paths(), self._at_the_loss(), self._half(), units, layers]
        for slip in chain.from_iterable(gathered):
            slips.setdefault(slip.key, slip)
        return slips

    def counterpart(self, slip: Slip) -> Slip | None:
        """The same slip in this recording; None if it cannot be made here.

        Where there is no operation of the kind, as no activation function in a network of one
        layer, it changes nothing.
        """
        if slip.key[0] in ("all", "last edge") and slip.key[1] not in self._by_kind:
            return replace(slip, changes=())
        if slip.key[0] in OF_A_RULE and "all" not in vars(self):  # to make all takes longer than to make those of one rule
            _, kind, number, *_ = slip.key
            assert isinstance(kind, str)
            assert isinstance(number, int)
            if (kind, number) not in self._of_one_rule:
                self._of_one_rule[kind, number] = {one.key: one for one in self._of_rule(kind, number)}
            return self._of_one_rule[kind, number].get(slip.key)
        return self.all.get(slip.key)

    def concerning(self, wrong: Derivative, right: Collection[Derivative] = ()) -> Iterator[Slip]:
        """The mistakes that can change the derivative `wrong`
        and change none in `right`, given as (top, bottom).
        """
        changed = _places_between(self.recording, [wrong])
        kept = _places_between(self.recording, right)
        kept_of_output = _places_between(self.recording, [pair for pair in right if pair[0] == self.recording.output])
        for slip in self.all.values():
            others = kept_of_output if slip.in_combining else kept
            places = [change.place for change in slip.changes]
            if not changed.isdisjoint(places) and others.isdisjoint(places):
                yield slip

    # --- wrong rules at edges ---------------------------------------------------------------------

    @cached_property
    def _by_kind(self) -> dict[str, list[Operation]]:
        """The operations that lead to something with a name:
        not the activation function after the last layer, which nobody uses.
        """
        by_kind: dict[str, list[Operation]] = defaultdict(list)
        named = reduce(or_, (1 << slot for node in self.recording.nodes.values() for slot in slots_of(node)), 0)
        for op in self.recording.operations:
            if self.recording.leads_to[op.slot] & named:
                by_kind[op.kind].append(op)
        return dict(by_kind)

    def _at_edges(self) -> Iterator[Slip]:
        for kind in self._by_kind:
            for number in range(len(rules_for(kind))):
                yield from self._of_rule(kind, number)
        if len(self.recording.operations) <= MOST_OPERATIONS and not self.everywhere:
            for op in self.recording.operations:
                if op.kind in ("mul", "matmul"):
                    yield from self._other_quantities(op)

    def _of_rule(self, kind: str, number: int) -> Iterator[Slip]:
        """The slips of one rule, given by its number among those for a kind of operations."""
        operations = self._by_kind.get(kind, [])
        rule = rules_for(kind)[number]
        if rule.beside and rule.beside not in self._by_kind:
            return
        single = self._at_each(kind, rule, operations)
        yield from self._rule_at_all(kind, number, rule, single)
        if not self.everywhere:
            yield from self._rule_at_some(kind, number, rule, operations, single)

    def _at_each(self, kind: str, rule: WrongRule, operations: list[Operation]) -> Single:
        """The rule at each operand that has a gradient."""
        bound = _bound(rule)
        return {
            (place, i): Change(op.number, i, bound)
            for place, op in enumerate(operations)
            for i, slot in enumerate(op.slots)
            if slot in self.recording.differs and not (kind in UNARY and i)
        }

    def _rule_at_all(self, kind: str, number: Hashable, rule: WrongRule, single: Single) -> Iterator[Slip]:
        """The rule at the first operand of all operations, at the second, and at both."""
        for i in range(2):
            every = [change for (_, j), change in single.items() if j == i]
            levels = {self.places.levels[self.recording.operations[change.number].slot] for change in every}
            if every and (self.everywhere or len(levels) > 1 or len(every) == 1):  # else they are those of one level
                yield self._slip(("all", kind, number, i), rule, every, everywhere=True)
        if len({i for _, i in single}) > 1:
            yield self._slip(("all", kind, number), rule, [*single.values()], everywhere=True)

    def _rule_at_some(self, kind: str, number: Hashable, rule: WrongRule, operations: list[Operation], single: Single) -> Iterator[Slip]:
        """The rule at each operand, at those of one level, and at both of one operation."""
        for (place, i), change in single.items():
            yield self._slip(("edge", kind, number, place, i), rule, [change])
            if place == len(operations) - 1 and (place or self._has_layers):  # found again where the number of layers is another
                yield self._slip(("last edge", kind, number, i), rule, [change])
        for i in range(2):
            levels: dict[int, list[Change]] = defaultdict(list)
            for (place, j), change in single.items():
                if j == i:
                    levels[self.places.levels[operations[place].slot]].append(change)
            for level, changes in levels.items():
                if len(changes) > 1:
                    yield self._slip(("level", kind, number, level, i), rule, changes)
        for place in range(len(operations)):
            both = [single[place, i] for i in (0, 1) if (place, i) in single]
            if len(both) > 1:
                yield self._slip(("both", kind, number, place), rule, both)

    def _without_upstream(self) -> Iterator[Slip]:
        """At all operations, the local derivative alone."""
        single = [
            Change(op.number, i, _local_derivative)
            for op in self.recording.operations
            if op.kind in KINDS
            for i, slot in enumerate(op.slots)
            if slot in self.recording.differs
        ]
        if len({self.recording.operations[change.number].kind for change in single}) > 1:
            words = N_("A contribution to a gradient is the upstream gradient times a local derivative. Yours are local derivatives alone.")
            yield self._named(("upstream lost",), "lost-upstream", words, single, everywhere=True)

    def _other_quantities(self, op: Operation) -> Iterator[Slip]:
        """Another quantity in the place of the factor that a product hands back."""
        if any(self.places.said(op, i).startswith("dL_d") for i in (0, 1)):
            return  # a gradient that is given stands for all that comes after, and is not a factor that one mistakes
        for i, slot in enumerate(op.slots):
            factor = op.slots[1 - i]
            if slot not in self.recording.differs or factor is None:
                continue
            for name, node in self.single_nodes:
                for key, rule in self._rules_with(op, i, node):
                    identity, words = self._relation(name, node, factor, slot)
                    yield self._named((key, op.number, i, name), identity, words, [Change(op.number, i, rule)], taken=name)

    def _rules_with(self, op: Operation, i: int, node: int) -> Iterator[tuple[str, Rule]]:
        """The rules of a product with `node` in the place of the
        other factor, as far as it fits; of a matrix also its transpose.
        """
        shape, wanted = np.shape(self.recording.values[node]), np.shape(op.operands[1 - i])
        other = node not in (op.slots[0], op.slots[1], op.slot)
        if op.kind == "mul" and other and shape == wanted:
            yield "factor", partial(times_node, node)
        if op.kind == "matmul" and other and shape == wanted:
            yield "factor", partial(matrix_times_node, node, False)
        if op.kind == "matmul" and node not in (op.slots[1 - i], op.slot) and len(shape) == 2 and shape[::-1] == wanted:
            yield "transposed factor", partial(matrix_times_node, node, True)

    @cached_property
    def _has_layers(self) -> bool:
        """Whether a node is a list of tensors: in another recording it may have another length."""
        return any(isinstance(node, tuple) for node in self.recording.nodes.values())

    @cached_property
    def single_nodes(self) -> list[tuple[str, int]]:
        """The nodes that are one tensor, without the output."""
        pairs = [(name, self.recording.slot(name)) for name in self.recording.nodes if name != self.recording.output]
        return [(name, slot) for name, slot in pairs if slot is not None]

    def _relation(self, name: str, node: int, factor: int, operand: int) -> tuple[str, str]:
        """The relation of the quantity used to the right one, as an id and words about
        `{operand}`, which gets the contribution, and `{taken}`.
        """
        recording = self.recording
        if self._untransposed(operand) == node:
            words = N_(
                "The gradient of each factor of a product is computed with the OTHER factor. For {operand} yours uses {taken} itself."
            )
            return "own-operand", words
        if self._are_multiplied(operand, node):
            return "other-unit", N_("On this path {operand} is multiplied by another factor than {taken}.")
        gives, taken = recording.made_by.get(factor), recording.made_by.get(node)
        if gives is not None and gives.kind in ACTIVATIONS and gives.slots[0] == node:
            words = N_("{Operand} is multiplied by a unit's output, after its activation function. Yours uses the pre-activation.")
            return "pre-activation-for-activation", words
        if taken is not None and taken.kind in ACTIVATIONS and taken.slots[0] == factor:
            return "activation-for-pre-activation", N_("{Operand} is not multiplied by {taken}, which is computed later.")
        if same_stem(name, recording.name(factor)):
            return "other-unit", N_("{Operand} is not multiplied by {taken}: that belongs to another unit or layer.")
        if name in recording.inputs and name[:1].lower() == "x":
            words = N_("{Operand} is not multiplied by the input {taken}. By what is it multiplied in the forward pass?")
            return "input-for-activation", words
        return "other-quantity", N_("{Operand} is not multiplied by {taken}. By what is it multiplied in the forward pass?")

    def _are_multiplied(self, one: int, other: int) -> bool:
        """Whether two quantities are the factors of some product."""
        products = (op.slots for op in self.recording.operations if op.kind in ("mul", "matmul"))
        return any({self._untransposed(one), other} <= {self._untransposed(slot) for slot in slots} for slots in products)

    def _untransposed(self, slot: int | None) -> int | None:
        before = self.recording.made_by.get(slot) if slot is not None else None
        return before.slots[0] if before is not None and before.kind == TRANSPOSE else slot

    # --- several paths ----------------------------------------------------------------------------

    def _over_paths(self) -> Iterator[Slip]:
        """Mistakes where one quantity is used several times:
        paths left out, averaged, with the wrong sign.
        """
        uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for op in self.recording.operations:
            for i, slot in enumerate(op.slots if op.kind in KINDS else ()):
                if slot in self.recording.differs:
                    uses[slot].append((op.number, i))
        for slot, edges in uses.items():
            if 2 <= len(edges) <= 6:
                yield from self._paths_from(slot, tuple(edges))

    def _paths_from(self, slot: int, edges: tuple[tuple[int, int], ...]) -> Iterator[Slip]:
        def combining(key: Hashable, identity: str, words: PathWords, changes: list[Change], at: int = 0) -> Slip:
            say = partial(self._of_paths, words, slot, edges, at)
            return Slip(("paths", edges, key), identity, partial(self.places.names, changes), changes, say, in_combining=True)

        identity = self.roles.of_one_path(edges)
        for k, edge in enumerate(edges):
            others = [Change(*other, _nothing) for other in edges if other != edge]
            yield combining(("only", k), identity, ONE_PATH, others, k)
            if len(edges) > 2:
                yield combining(("without", k), identity, PATH_LEFT_OUT, [Change(*edge, _nothing)], k)
            yield combining(("turned", k), "paths-subtracted", PATH_TURNED, [Change(*edge, _turned)], k)
        share = partial(_scaled, 1 / len(edges))
        yield combining("averaged", "paths-averaged", PATHS_AVERAGED, [Change(*edge, share) for edge in edges])
        yield combining("absolute", "absolute-paths", PATHS_WITHOUT_SIGN, [Change(*edge, _absolute) for edge in edges])

    def _of_paths(self, words: PathWords, slot: int, edges: Sequence[tuple[int, int]], at: int) -> str:
        """What is said of the paths that begin with these
        edges; `at` is the number of the one in question.
        """
        name = self.recording.name(slot) or _("the quantity")
        said = _("Several paths lead on from {name}, and their contributions to its gradient are added.", name=name)
        path = self.places.paths([self.recording.operations[number] for number, _ in edges])[at]
        return said + " " + words.filled(path)

    def _overwriting(self) -> Iterator[Slip]:
        """At all nodes: a new contribution replaces those before, or an operand gets nothing."""
        uses: dict[int, list[tuple[Operation, int]]] = defaultdict(list)
        for op in reversed(self.recording.operations):  # in the order of the backward pass
            for i, slot in enumerate(op.slots if op.kind in KINDS else ()):
                if slot in self.recording.differs:
                    uses[slot].append((op, i))
        said = _("Where a quantity is used several times, the contributions to its gradient are added.") + " "
        for kinds, words in (
            (None, _("In yours the last one overwrites those before it.")),
            (("mul",), _("In yours that of a product overwrites those before it.")),
            (("add", "sub"), _("In yours that of a sum overwrites those before it.")),
            (UNARY, _("In yours that of a function overwrites those before it.")),
        ):
            changes = []
            for edges in uses.values():
                last = max((k for k, (op, i) in enumerate(edges) if kinds is None or op.kind in kinds), default=0)
                changes += [Change(op.number, i, _nothing) for op, i in edges[:last]]
            if changes:
                yield Slip(("overwrites", kinds), "overwrite", tuple, changes, partial(str, said + words), everywhere=True)
        changes = [Change(op.number, i, _nothing) for edges in uses.values() for op, i in edges[1:]]
        if changes:
            words = said + _("Yours has the first of them only.")
            yield Slip(("first only",), "one-path", tuple, changes, partial(str, words), everywhere=True)
        both_kinds = {"add", "mul"} <= {op.kind for op in self.recording.operations}
        second = _("Both operands of a sum or product have a gradient. In yours that of the second one is missing.")
        first = _("Both operands of a sum or product have a gradient. In yours that of the first one is missing.")
        for i, words in ((1, second), (0, first)) if both_kinds else ():
            changes = [Change(op.number, i, _nothing) for edges in uses.values() for op, k in edges if k == i and len(op.slots) == 2]
            if changes:
                yield Slip(("operand", i), "one-path", tuple, changes, partial(str, words), everywhere=True)

    # --- the gradient of another loss -------------------------------------------------------------

    def _at_the_loss(self) -> Iterator[Slip]:
        """The gradient of another loss, or a short form at a place where it does not belong."""
        recording, top = self.recording, self.recording.output
        logarithms = [op for op in recording.operations[-8:] if op.kind in LOGARITHMS]
        target = next((slot for name in ("y", "Y") if name in recording.nodes and (slot := recording.slot(name)) is not None), None)
        for name, node in self.single_nodes:
            if target is None or name not in PREDICTIONS or node not in recording.differs:
                continue
            if recording.values[node].shape != recording.values[target].shape:
                continue
            before = recording.made_by.get(node)
            inner = before.slots[0] if before is not None and before.kind in ("sigmoid", "softmax") else None
            logit = recording.name(inner)
            at = {name: node} | ({logit: inner} if inner is not None and logit else {})
            is_log_loss = any(not recording.leads_to[op.slot] >> node & 1 for op in logarithms)  # not one that the prediction is made of
            for loss in OF_LOG_LOSS if is_log_loss else OF_SQUARED_ERROR:
                rule = partial(_of_loss, loss.gradient, node, target)
                for where, slot in at.items():
                    words = partial(_, loss.words, link=f"d{top}_d{where}")
                    yield Slip(
                        ("loss", loss.key, where),
                        self.roles.of_loss(loss.id, name),
                        partial(tuple, (where,)),
                        [Replacement(slot, rule)],
                        words,
                    )
                if logit and before is not None:
                    used = _("{link} (as used in {later})", link=f"d{top}_d{name}", later=f"d{top}_d{logit}")
                    words = partial(_, loss.words, link=used)
                    further = [Change(before.number, 0, partial(_further_back, rule))]
                    yield Slip(("loss", loss.key, "further back"), loss.id, partial(tuple, (logit,)), further, words)

    def _half(self) -> Iterator[Slip]:
        """The factor two of a square left out in the gradient of one input of the forward pass."""
        recording = self.recording
        squares = sum(1 << op.slot for op in recording.operations if op.kind == "pow" and op.operands[1] == 2)
        half = partial(_scaled, 0.5)
        for op in recording.operations:
            for i, slot in enumerate(op.slots if recording.leads_to[op.slot] & squares else ()):
                if slot in recording.differs and op.before[i] is None:
                    words = N_("The derivative of a square has a factor of two. It is missing in your gradient of {operand}.")
                    yield self._named(("half", op.number, i), "lost-factor-two", words, [Change(op.number, i, half)])

    # --- words ------------------------------------------------------------------------------------

    def _slip(self, key: Key, rule: WrongRule, changes: list[Change], *, everywhere: bool = False) -> Slip:
        return self._named(key, self.roles.usual_name(rule.id, changes), rule.words, changes, everywhere=everywhere)

    def _named(self, key: Key, identity: str, words: str, changes: list[Change], *, everywhere: bool = False, **values: str) -> Slip:
        say = partial(self.places.filled, words, changes, **values)
        return Slip(key, identity, partial(self.places.names, changes), changes, say, everywhere=everywhere)


def _places_between(recording: Recording, derivatives: Collection[Derivative]) -> set[Place]:
    """The places that lie on a path from the top of a derivative to its bottom."""
    found: set[Place] = set()
    for derivative in derivatives:
        tops, bottoms = (node if isinstance(node, tuple) else (node,) for node in (recording.nodes[name] for name in derivative))
        above = sum(1 << slot for slot in tops)
        after = reduce(or_, (recording.leads_to[slot] for slot in bottoms), 0)
        between = [bool(leads & above) and bool(after >> slot & 1) for slot, leads in enumerate(recording.leads_to)]
        found.update(slot for slot, is_between in enumerate(between) if is_between)
        for op in recording.operations:
            if between[op.slot]:
                found.update((op.number, i) for i, slot in enumerate(op.slots) if slot is not None and between[slot])
    return found


# --- rules at a place -----------------------------------------------------------------------------


def _bound(rule: WrongRule) -> Rule:
    """The rule as a change takes it."""
    return lambda g, op, i, now: rule.rule(g, op, i)


def _nothing(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.zeros(np.shape(op.operands[i]))


def _local_derivative(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, np.ones_like(g))


def _scaled(factor: float, g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, g) * factor


def _turned(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return -vjp(op, i, g)


def _absolute(g: Array, op: Operation, i: int, now: Recording) -> Array:
    return np.abs(vjp(op, i, g))


def _further_back(rule: Callable[[Array, Recording], Array], g: Array, op: Operation, i: int, now: Recording) -> Array:
    return vjp(op, i, np.broadcast_to(rule(g, now), g.shape))


def _of_loss(gradient: Callable[[Array, Array], Array], prediction: int, target: int, g: Array, now: Recording) -> Array:
    return gradient(now.values[prediction], now.values[target])
