"""The usual name of a slip, which depends on what the operands are: weights, biases, hidden units."""

from collections.abc import Sequence
from functools import cached_property

from .places import Places
from .recording import Change, Recording
from .wrong_rules import ACTIVATIONS


class Roles:
    """What the operations and operands of one recording are in a network."""

    def __init__(self, recording: Recording, places: Places) -> None:
        self.recording = recording
        self.places = places

    def usual_name(self, identity: str, changes: Sequence[Change]) -> str:
        """The name of a rule's slip at these places."""
        op = self.recording.operations[changes[0].number]
        if identity == "no-activation-slope" and all(self._is_hidden(change) for change in changes):
            return "no-hidden-slope"
        if identity not in ("lost-factor", "no-outgoing-weight") or any(slot is None for slot in op.slots):
            return identity
        names = self.places.names(changes)
        is_weight = len(names) == len(changes) and all(name in self.recording.inputs and name[:1].lower() in "wv" for name in names)
        return "bias-equals-weight" if is_weight else "no-outgoing-weight"

    def _is_hidden(self, change: Change) -> bool:
        """Whether it is made at an activation function whose value meets further weights."""
        op = self.recording.operations[change.number]
        return op.kind in ACTIVATIONS and bool(self._into_weights & self.recording.leads_to[op.slot])

    @cached_property
    def _into_weights(self) -> int:
        """The slots of products with a weight, as bits."""
        products = (op for op in self.recording.operations if op.kind in ("mul", "matmul"))
        return sum(1 << op.slot for op in products if any(name[:1].lower() in ("w", "v", "u") for name in op.names if name))
