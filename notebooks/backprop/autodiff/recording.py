"""Records the operations of one forward pass, so that backward
passes with other rules can be computed, many at once.

PyTorch runs the forward pass once, under a function mode that notes each operation. From then on a
Recording works in NumPy: it can be run again at other inputs or with another result of one
operation, and its backward pass takes another contribution at any edge from an operation to an
operand.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .operations import Operation, result_of, vjp
from .tape import Array, Forward, is_list_of_arrays, parts_of
from .tracing import Tracer, is_real

MOST_ROWS = 12  # of a Jacobian: each takes a backward pass

Rule = Callable[[Array, Operation, int, "Recording"], Array | None]  # from the gradients at the output to those of an operand
Result = Callable[[Sequence[Any], "Recording"], Array]  # from the operands and the recording so far to another result


Place = tuple[int, int] | int  # an edge, by its operation and operand, or a slot


@dataclass(eq=False)  # not frozen: thousands are made for one check
class Change:
    """Another contribution along one edge of a backward pass.

    number, operand  the edge: from the output of the operation of this number back to this operand
    rule             rule(g, operation, operand, recording) -> the operand's contribution; None
                     where it does not apply
    """

    number: int
    operand: int
    rule: Rule

    @property
    def place(self) -> Place:
        """Where in the backward pass it changes something."""
        return self.number, self.operand


@dataclass(frozen=True, eq=False)
class Replacement:
    """Another gradient at a tensor inside a backward pass.

    rule(true gradients there, recording) -> the gradient that is passed on.
    """

    slot: int
    rule: Callable[[Array, "Recording"], Array]

    @property
    def place(self) -> Place:
        """Where in the backward pass it changes something."""
        return self.slot


Changes = Sequence[Change | Replacement]


class Recording:
    """The operations and the named nodes of `forward` at `inputs`, in float64.

    operations    in the order in which they were made
    values        of all tensors, by slot
    nodes         name -> slot; of a list of arrays the slots of its parts
    names         slot -> name; empty for a tensor without a name
    in_place      whether tensors were changed in place: then the values are those of before, and
                  gradients mean nothing
    again         whether it can be run again at other inputs of the same shapes
    """

    def __init__(self, forward: Forward, inputs: Mapping[str, Any]) -> None:
        traced = Tracer(forward, inputs)
        self.operations, self.values = traced.operations, traced.values
        self.nodes, self.names = traced.nodes, traced.names
        self.inputs = dict(inputs)
        self.again, self.in_place = traced.again, traced.in_place
        self.output = next(reversed(self.nodes))
        self.differs = frozenset(traced.differs)  # the slots that have a gradient

    def run(self, inputs: Mapping[str, Any] | None = None, results: Mapping[int, Result] | None = None) -> "Recording":
        """The same operations at other inputs, or with
        other results of some operations, given by number.

        The derivatives of an operation with another result stay as they are.
        """
        found = object.__new__(Recording)
        found.nodes, found.names, found.output = self.nodes, self.names, self.output
        found.differs, found.again, found.in_place = self.differs, self.again, self.in_place
        found.inputs = self.inputs if inputs is None else dict(inputs)
        found.values = list(self.values)
        found.operations = []
        for name, value in (inputs or {}).items():
            found.put(name, value)
        results = results or {}
        moved = -1 if inputs is not None else 0  # the slots whose values are others, as bits
        for number in results:
            moved |= self.leads_to[self.operations[number].slot]
        for op in self.operations:
            if not moved >> op.slot & 1:
                found.operations.append(op)
                continue
            operands = tuple(old if slot is None else found.values[slot] for slot, old in zip(op.slots, op.operands))
            output = result_of(op, operands)
            before = tuple(None if one is None else found.operations[one.number] for one in op.before)
            found.operations.append(op.at(operands, output, before))
            found.values[op.slot] = output
            if op.number in results:
                found.values[op.slot] = np.broadcast_to(np.asarray(results[op.number](operands, found), dtype=np.float64), output.shape)
        return found

    def output_at(self, inputs: Mapping[str, Any]) -> Array:
        """The output with other values of some inputs, and nothing else of such a run."""
        values = list(self.values)
        for name, value in inputs.items():
            found = self.nodes[name]
            for slot, part in zip(slots_of(found), value if isinstance(found, tuple) else (value,)):
                values[slot] = np.asarray(part, dtype=np.float64)
        for op in self.operations:
            operands = tuple(old if slot is None else values[slot] for slot, old in zip(op.slots, op.operands))
            values[op.slot] = result_of(op, operands)
        return values[slots_of(self.nodes[self.output])[0]]

    def with_operands(self, inputs: Mapping[str, Any]) -> "Recording":
        """The same results; in the backward pass, operations read other values of some inputs."""
        found = self.run(results={})
        found.values = list(self.values)
        for name, value in inputs.items():
            found.put(name, value)
        changed = {slot for name in inputs for slot in slots_of(self.nodes[name])}
        found.operations = [
            op.at(tuple(found.values[slot] if slot in changed else old for slot, old in zip(op.slots, op.operands)), op.output, op.before)
            for op in self.operations
        ]
        return found

    def put(self, name: str, value: Any) -> None:
        """Set the value of an input."""
        slots = self.nodes.get(name)
        if isinstance(slots, tuple):
            for slot, part in zip(slots, value):
                self.values[slot] = np.asarray(part, dtype=np.float64)
        elif slots is not None:
            self.values[slots] = np.asarray(value, dtype=np.float64)

    def fits(self, inputs: Mapping[str, Any]) -> bool:
        """Whether `run` may be called with `inputs`: they
        differ from the recorded ones only in real numbers.
        """
        return self.again and all(_alike(value, inputs[name]) for name, value in self.inputs.items())

    # --- what is known of a node ------------------------------------------------------------------

    def name(self, slot: int | None) -> str:
        """The name that the forward pass gives to the tensor in `slot`; empty if it has none."""
        return "" if slot is None else self.names.get(slot, "")

    def slot(self, name: str) -> int | None:
        """Where a node is kept that is one tensor; None for a list of arrays."""
        slots = self.nodes[name]
        return None if isinstance(slots, tuple) else slots

    def value(self, name: str) -> Array:
        """The value of a node; of a list of arrays, all entries in one vector."""
        slots = self.nodes[name]
        return np.concatenate([self.values[slot].ravel() for slot in slots]) if isinstance(slots, tuple) else self.values[slots]

    @cached_property
    def made_by(self) -> dict[int, Operation]:
        """The operation that makes the tensor in a slot."""
        return {op.slot: op for op in self.operations}

    @cached_property
    def arriving(self) -> dict[int, Array]:
        """The true gradient of the output at every slot
        that has one; the output must be a single number.
        """
        seed = np.ones((1, *self.value(self.output).shape))
        found = self._backward(slots_of(self.nodes[self.output])[0], seed, [()], [], set(self.differs))[0]
        return {slot: gradient[0] for slot, gradient in found.items()}

    def derivative(self, top: int | None, bottom: int) -> Array:
        """The derivative of one number in `top` with respect to what is in `bottom`."""
        if top is None:
            return np.zeros(self.values[bottom].shape)
        found = self._backward(top, np.ones((1, *self.values[top].shape)), [()], [], {bottom})[0]
        return found[bottom][0] if bottom in found else np.zeros(self.values[bottom].shape)

    @cached_property
    def signature(self) -> tuple[Any, ...]:
        """The same for recordings of the same operations, on tensors of the same shapes."""
        return tuple(
            (op.kind, op.slots, op.slot, op.axis, op.keepdims, op.output.shape, *(getattr(one, "shape", ()) for one in op.operands))
            for op in self.operations
        )

    @cached_property
    def leads_to(self) -> list[int]:
        """For each slot, a set of bits: the slots that are computed from it, and itself."""
        bits = [1 << slot for slot in range(len(self.values))]
        for op in reversed(self.operations):
            for slot in op.slots:
                if slot is not None:
                    bits[slot] |= bits[op.slot]
        return bits

    def differentiable(self, asks: Sequence[str]) -> bool:
        """Whether `asks` are values and derivatives
        that `gradients` can compute in reasonable time.
        """
        tops = {parts_of(ask, self.nodes)[0] for ask in asks if ask not in self.nodes}
        small = all(self.value(top).size <= MOST_ROWS for top in tops)
        return small and not self.in_place and all(set(slots_of(self.nodes[top])) <= self.differs for top in tops)

    # --- backward passes --------------------------------------------------------------------------

    def gradients(self, asks: Sequence[str], changes: Changes = ()) -> dict[str, Array] | None:
        """The derivatives `asks`, with the backward pass
        changed as said; None where a change does not apply.

        asks  "dL_dw" and the like, a derivative of the shape of its top followed by that of its
              bottom; or nodes, whose values do not change
        """
        found, applies = self.mutants(asks, [changes])
        return {ask: value[0] for ask, value in found.items()} if applies[0] else None

    def mutants(self, asks: Sequence[str], changed: Sequence[Changes]) -> tuple[dict[str, Array], Array]:
        """`gradients` for many changed backward passes at once, on a first axis.

        Returns them, and for each pass whether its changes apply.
        """
        found = {ask: np.broadcast_to(self.value(ask), (len(changed), *self.value(ask).shape)) for ask in asks if ask in self.nodes}
        applies = np.ones(len(changed), dtype=bool)
        by_top: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for ask in asks:
            if ask not in self.nodes:
                top, bottom = parts_of(ask, self.nodes)
                by_top[top].append((ask, bottom))
        for top, pairs in by_top.items():
            found |= self._from(top, pairs, changed, applies)
        return found, applies

    def _from(self, top: str, pairs: list[tuple[str, str]], changed: Sequence[Changes], applies: Array) -> dict[str, Array]:
        whole = slots_of(self.nodes[top])[0]
        shape = self.values[whole].shape
        rows = self.values[whole].size
        seeds = np.tile(np.eye(rows).reshape(rows, *shape), (len(changed), *(1 for _ in shape)))
        wanted = {slot for _, bottom in pairs for slot in slots_of(self.nodes[bottom])}
        gradients, fails = self._backward(whole, seeds, changed, range(rows), wanted)
        applies[fails] = False
        found = {}
        for ask, bottom in pairs:
            parts = [gradients.get(slot, np.zeros((len(seeds), *self.values[slot].shape))) for slot in slots_of(self.nodes[bottom])]
            joined = parts[0] if self.slot(bottom) is not None else np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
            found[ask] = joined.reshape(len(changed), *shape, *joined.shape[1:])
        return found

    def _backward(
        self, top: int, seeds: Array, changed: Sequence[Changes], rows: Collection[int], wanted: Collection[int]
    ) -> tuple[dict[int, Array], list[int]]:
        """The gradients at every slot between `top` and those wanted, for all passes.

        Returns them, and the passes whose changes do not apply.
        """
        edges, replaced = _by_place(changed, max(len(rows), 1))
        needed = set(wanted)
        for op in self.operations:
            if any(slot in needed for slot in op.slots):
                needed.add(op.slot)
        fails: list[int] = []
        gradients = {top: seeds}
        for op in reversed(self.operations):
            g = gradients.get(op.slot)
            if g is None:
                continue
            g = gradients[op.slot] = self._replaced(op.slot, g, replaced)
            for i, slot in enumerate(op.slots):
                if slot is None or slot not in needed or slot not in self.differs:
                    continue
                contribution = vjp(op, i, g)
                if (op.number, i) in edges:
                    contribution = contribution.copy()
                    for passes, rule in edges[op.number, i]:
                        wrong = rule(g[passes], op, i, self)
                        if wrong is None or np.shape(wrong) not in (contribution[passes].shape, contribution.shape[1:]):
                            fails += [one // max(len(rows), 1) for one in passes]
                        else:
                            contribution[passes] = wrong
                gradients[slot] = gradients[slot] + contribution if slot in gradients else contribution
        for slot in replaced.keys() & gradients.keys() - self.made_by.keys():
            gradients[slot] = self._replaced(slot, gradients[slot], replaced)
        return gradients, fails

    def _replaced(self, slot: int, g: Array, replaced: Mapping[int, Any]) -> Array:
        if slot not in replaced:
            return g
        g = g.copy()
        for passes, rule in replaced[slot]:
            g[passes] = rule(g[passes], self)
        return g


def _by_place(changed: Sequence[Changes], rows: int) -> tuple[dict[tuple[int, int], list[Any]], dict[int, list[Any]]]:
    """The changes by edge and by slot: for each rule, the passes that it is made in."""
    edges: dict[tuple[int, int], dict[int, tuple[list[int], Any]]] = defaultdict(dict)
    slots: dict[int, list[Any]] = defaultdict(list)
    for number, changes in enumerate(changed):
        passes = list(range(number * rows, (number + 1) * rows))
        for change in changes:
            if isinstance(change, Change):
                edges[change.number, change.operand].setdefault(id(change.rule), ([], change.rule))[0].extend(passes)
            else:
                slots[change.slot].append((passes, change.rule))
    return {edge: list(rules.values()) for edge, rules in edges.items()}, slots


def slots_of(found: int | tuple[int, ...]) -> tuple[int, ...]:
    """The slots of a node: a list of tensors has several."""
    return found if isinstance(found, tuple) else (found,)


def _alike(one: Any, other: Any) -> bool:
    """Whether two inputs differ in real numbers only."""
    if is_list_of_arrays(one):
        return is_list_of_arrays(other) and [np.shape(part) for part in one] == [np.shape(part) for part in other]
    if is_real(one):
        return is_real(other) and np.shape(one) == np.shape(other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other)
    return type(one) is type(other) and bool(one == other)
