"""Where something is in a recorded forward pass, in words.

Nodes are called by their names, operations by their operands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..translation import _
from .operations import Operation
from .recording import Change, Recording
from .wrong_rules import CALLED, UNARY

TRANSPOSE = "get of PyTorch"  # an attribute that is a tensor, such as .T


@dataclass(frozen=True)
class Path:
    """One of several paths: the node or operation that it
    leads through, or directly to where others lead too.
    """

    node: str
    is_direct: bool = False


class Places:
    """The operations and nodes of one recording, in words."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.made_by = recording.made_by

    @cached_property
    def levels(self) -> dict[int, int]:
        """For each slot, the number of operations before
        it that are not sums or products: its layer.
        """
        levels: dict[int, int] = {}
        for op in self.recording.operations:
            before = max((levels.get(slot, 0) for slot in op.slots if slot is not None), default=0)
            levels[op.slot] = before + (op.kind in (*UNARY, "pow", "softmax"))
        return levels

    def name(self, op: Operation, i: int) -> str:
        """The name of an operand; empty for one without a name."""
        return self.recording.name(op.slots[i])

    def said(self, op: Operation, i: int) -> str:
        """The name of an operand, or the number that it is; empty for a tensor without a name."""
        number = op.operands[i]
        return f"{number:g}" if op.slots[i] is None and isinstance(number, (int, float)) else self.name(op, i)

    def place(self, op: Operation) -> str:
        """An operation, by its operands where they have names."""
        output, called = self.recording.name(op.slot), _(CALLED.get(op.kind, op.kind))
        if output == op.kind:  # a function that is asked about by itself is called by its own name
            return _("the {operation}", operation=called)
        if output and op.kind in (*UNARY, "softmax", "log_softmax", "pow"):
            return _("the {operation} that gives {output}", operation=called, output=output)
        operands = [self.said(op, i) for i in range(len(op.slots))]
        if all(operands) and op.kind == "pow":
            return _("{base} to the power {power}", base=operands[0], power=operands[-1])
        if operands and all(operands):
            return _("the {operation} of {operands}", operation=called, operands=listed(operands))
        if output:
            return _("the {operation} that gives {output}", operation=called, output=output)
        return _("the {operation}", operation=called) if self._is_only(op) else _("one {operation}", operation=called)

    def _is_only(self, op: Operation) -> bool:
        """Whether no other operation is called so."""
        return sum(CALLED.get(other.kind) == CALLED.get(op.kind) for other in self.recording.operations) == 1

    def paths(self, operations: Sequence[Operation]) -> list[Path | None]:
        """The paths that begin with these operations; None for
        each where they cannot all be told from each other.
        """
        found = [self._path(op, [other for k, other in enumerate(operations) if k != at]) for at, op in enumerate(operations)]
        return [*found] if None not in found and len(set(found)) == len(found) else [None] * len(found)

    def _path(self, op: Operation, others: Sequence[Operation]) -> Path | None:
        """The path that begins with `op`, told from the others; None if it has no name."""
        reached = [self.recording.leads_to[other.slot] for other in others]
        name = self.recording.name(op.slot)
        if any(slots >> op.slot & 1 for slots in reached):
            return Path(name, is_direct=True) if name else None
        node = self._next_named(op)
        if node is not None and not any(slots >> node & 1 for slots in reached):
            return Path(self.recording.name(node))
        return Path(self.place(op)) if all(self.said(op, i) for i in range(len(op.slots))) else None

    def _next_named(self, op: Operation) -> int | None:
        """The first named tensor on the only path that leads on from an operation."""
        slot = op.slot
        while not self.recording.name(slot):
            users = [other for other in self.recording.operations if slot in other.slots]
            if len(users) != 1:
                return None
            slot = users[0].slot
        return slot

    def operand(self, op: Operation, i: int) -> str:
        """An operand, by its name, or by the operation that makes it."""
        slot = op.slots[i]
        inner = None if slot is None else self.made_by.get(slot)
        if inner is not None and inner.kind == "neg" and not self.name(op, i):
            return self.operand(inner, 0)
        made = self.place(inner) if inner is not None and inner.kind in CALLED else _("one of its operands")
        return self.called(op, i) or made

    def called(self, op: Operation, i: int) -> str:
        """The name of an operand, or of what it is the transpose of; empty if it has none."""
        slot = op.slots[i]
        inner = None if slot is None else self.made_by.get(slot)
        if inner is not None and inner.kind == TRANSPOSE and self.name(inner, 0) and not self.name(op, i):
            return _("the transpose of {name}", name=self.name(inner, 0))
        return self.name(op, i)

    def filled(self, words: str, changes: Sequence[Change], **values: str) -> str:
        """`words`, translated, with `values` and the places of `changes` filled
        in: {place}, {operand}, and with a capital letter {Place}, {Operand}.
        """
        at = [(self.recording.operations[change.number], change.operand) for change in changes]
        places = list(dict.fromkeys(self.place(op) for op, _ in at))
        operands = list(dict.fromkeys(self.operand(op, i) for op, i in at))
        if len(operands) > 1:  # those without a name cannot be told apart
            named = [operand for operand in dict.fromkeys(self.called(op, i) for op, i in at) if operand]
            operands = [*named, *([_("others")] if named and len(named) < len(operands) else [])] or operands[:1]
        place, operand = places[0], operands[0]
        if len(places) > 1:
            place = _("each {operation}", operation=_(CALLED.get(at[0][0].kind, at[0][0].kind)))
        if len(operands) > 1:
            operand = _("each of {operands}", operands=listed(operands)) if len(operands) < 6 else _("each operand")
        return _(words, place=place, operand=operand, Place=self._capitalised(place), Operand=self._capitalised(operand), **values)

    def _capitalised(self, text: str) -> str:
        """`text` at the beginning of a sentence; the name of a variable stays as it is."""
        if any(text == name or text.startswith(f"{name} ") for name in self.recording.names.values()):
            return text
        return text[:1].upper() + text[1:]

    def names(self, changes: Sequence[Change]) -> tuple[str, ...]:
        """The names of the nodes that wrong contributions go to."""
        return tuple(filter(None, (self.name(self.recording.operations[change.number], change.operand) for change in changes)))


def listed(names: Sequence[str]) -> str:
    """Names as they are said: a, b and c."""
    return names[0] if len(names) == 1 else _("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])


def same_stem(one: str, other: str) -> bool:
    """Whether two names differ in their indices only, as w1_2 and w2_1 do."""
    return bool(one) and bool(other) and stem(one) == stem(other)


def stem(name: str) -> str:
    """A name without its indices: w1_2 and w2_1 are both w."""
    return re.sub(r"[\d_\[\]]+", "", name)
