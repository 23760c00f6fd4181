"""The usual name of a slip, by what the operands are: weights, biases, hidden units."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from .operations import Operation
from .places import Places, stem
from .recording import Change, Recording
from .tape import parts_of
from .wrong_rules import ACTIVATIONS

BIASES = ("b", "bias", "biases", "beta")
BY_KIND = {  # the rule's name and the kind of operation -> the usual name
    ("lost-upstream", "relu"): "upstream-dropped",
    ("value-for-slope", "softplus"): "softplus-slope-is-softplus",
}


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
        if identity == "mean-for-sum" and all(self._is_bias(change) for change in changes):
            return "bias-mean"
        if identity == "lost-upstream" and all(self._is_bias(change) and np.ndim(op.operands[change.operand]) for change in changes):
            return "constant-bias"
        if identity == "lost-upstream" and op.kind == "matmul" and all(self._meets_weight(change) for change in changes):
            return "upstream-ignored"
        if identity == "lost-power-factor" and all(self.recording.operations[change.number].operands[1] == 2 for change in changes):
            return "lost-factor-two"
        if identity in ("lost-factor", "lost-division", "no-outgoing-weight"):
            return self._lost_factor(identity, op, changes)
        return BY_KIND.get((identity, op.kind), identity)

    def of_one_path(self, edges: Sequence[tuple[int, int]]) -> str:
        """The name of a slip that leaves out some of the paths that begin with these edges."""
        products = [(self.recording.operations[number], i) for number, i in edges]
        if all(op.kind == "mul" and self._is_input(op.names[i], "x") and self._is_input(op.names[1 - i], "w") for op, i in products):
            return "one-path-to-input"
        return "one-path"

    def of_transposed(self, derivative: str) -> str:
        """The name of a transposed gradient: that of a weight matrix is called by what it was
        multiplied by, one example or a batch.
        """
        if derivative in self.recording.nodes:
            return "transposed"
        name = parts_of(derivative, self.recording.nodes)[1]
        slot = self.recording.slot(name) if self._is_input(name, "w", "v", "u") else None
        for op in self.recording.operations:
            if op.kind == "matmul" and slot in op.slots:
                return "transposed-outer" if op.output.ndim == 1 else "transposed-dW"
        return "transposed"

    def of_loss(self, identity: str, prediction: str) -> str:
        """The name of a wrong gradient of a loss at a prediction, which regression calls green."""
        return "residual-sign" if identity == "loss-sign" and prediction == "green" else identity

    def _lost_factor(self, identity: str, op: Operation, changes: Sequence[Change]) -> str:
        """The name of a factor that is missing."""
        factors = {op.names[1 - change.operand] for change in changes}
        if all(name.startswith("gamma") for name in factors):
            return "missing-scale"
        if _is_scaled_product(op):
            return "missing-root-d"
        if identity == "lost-division" or any(slot is None for slot in op.slots):
            return identity
        return "bias-equals-weight" if all(self._is_weight(change) for change in changes) else "no-outgoing-weight"

    def _is_input(self, name: str, *letters: str) -> bool:
        """Whether an input of the forward pass is called so, with one of these first letters."""
        return name in self.recording.inputs and name[:1].lower() in letters

    def _is_weight(self, change: Change) -> bool:
        """Whether the operand is an input that is called as a weight is."""
        return self._is_input(self.places.name(self.recording.operations[change.number], change.operand), "w", "v")

    def _meets_weight(self, change: Change) -> bool:
        """Whether the other operand is called as a weight is."""
        op = self.recording.operations[change.number]
        return self._is_input(self.places.name(op, 1 - change.operand), "w", "v")

    def _is_bias(self, change: Change) -> bool:
        """Whether the operand is only added, and called as a bias is."""
        op = self.recording.operations[change.number]
        return op.kind == "add" and stem(self.places.name(op, change.operand)) in BIASES

    def _is_hidden(self, change: Change) -> bool:
        """Whether it is made at an activation function whose value meets further weights."""
        op = self.recording.operations[change.number]
        return op.kind in ACTIVATIONS and bool(self._into_weights & self.recording.leads_to[op.slot])

    @cached_property
    def _into_weights(self) -> int:
        """The slots of products with a weight, as bits."""
        products = (op for op in self.recording.operations if op.kind in ("mul", "matmul"))
        return sum(1 << op.slot for op in products if any(name[:1].lower() in ("w", "v", "u") for name in op.names if name))


def _is_scaled_product(op: Operation) -> bool:
    """Whether a matrix product is divided by the root of the
    number of terms in each of its entries, as in attention.
    """
    product = op.before[0]
    if product is None or product.kind != "matmul" or op.slots[1] is not None:
        return False
    factor = np.asarray(op.operands[1]) if op.kind == "div" else 1 / np.asarray(op.operands[1])
    return not factor.ndim and bool(np.isclose(factor**2, np.shape(product.operands[0])[-1]))
