"""Slips on the way there: an operation of the forward pass whose result is another one, and what follows from it.

The backward pass is that of the right program at the wrong values, as in the code of somebody who copied the forward pass
wrongly and derived the rest rightly.
"""

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .lazy import torch
from .recording import Operation, Recording
from .slips import Slips, same_stem
from .tape import Forward
from .wrong_rules import ACTIVATIONS, CALLED, value

Value = Callable[[list[Any], Recording], Any]  # from the operation's operands and the nodes so far to its result
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: torch.sigmoid(z),
    "tanh": lambda z: torch.tanh(z),
    "ReLU": lambda z: torch.relu(z),
    "softplus": lambda z: torch.nn.functional.softplus(z),
    "exponential": lambda z: torch.exp(z),
}


@dataclass(frozen=True, eq=False)
class ForwardSlip:
    """Another result of one operation or of several: their numbers in the recording, the misunderstanding, words, the result."""

    key: Hashable
    numbers: tuple[int, ...]
    id: str
    words: str
    nodes: tuple[str, ...]
    result: Value


def recorded_with(slip: ForwardSlip, forward: Forward, inputs: Any) -> Recording:
    """The forward pass with the slip in it."""
    return Recording(forward, inputs, dict.fromkeys(slip.numbers, slip.result))


def forward_slips(slips: Slips) -> Iterator[ForwardSlip]:
    """The slips that can be made in the forward pass of a recording."""
    for op in slips.recording.operations:
        yield from _terms(slips, op)
        yield from _factors(slips, op)
        yield from _functions(slips, op)
        yield from _axes(slips, op)
        yield from _copies(slips, op)


def _slip(slips: Slips, op: Operation, key: Hashable, identity: str, words: str, result: Value) -> ForwardSlip:
    name = slips.recording.name(op.output)
    return ForwardSlip((op.number, key), (op.number,), identity, words, (name,) if name else (), result)


def _terms(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A term left out of a sum, or with the wrong sign."""
    if op.kind not in ("add", "sub", "rsub") or len(op.operands) != 2:
        return
    for i in (0, 1):
        said = slips.said(op.operands[i])
        if not said:
            continue
        identity = "lost-bias" if said[0] in "bc" else "lost-term"
        words = f"{said} is missing from the sum that is computed in the forward pass."
        yield _slip(slips, op, ("without", i), identity, words, partial(_term, op, 1 - i))
    words = "One term of a sum has the wrong sign."
    turned = {"add": lambda given, _: given[0] - given[1], "sub": lambda given, _: given[0] + given[1]}.get(op.kind)
    if turned is not None:
        yield _slip(slips, op, "sign", "forward-sign", words, turned)


def _term(op: Operation, kept: int, given: list[Any], _: Recording) -> Any:
    """One term of a sum or difference alone."""
    sign = -1.0 if (op.kind, kept) in (("sub", 1), ("rsub", 0)) else 1.0
    return _shaped(sign * given[kept], op)


def _factor(op: Operation, kept: int, given: list[Any], _: Recording) -> Any:
    """One factor of a product alone."""
    return _shaped(given[kept], op)


def _other_factor(kept: int, name: str, given: list[Any], now: Recording) -> Any:
    """One factor times the node called `name`."""
    return given[kept] * value(now.nodes[name])


def _logarithm(base: float, given: list[Any], _: Recording) -> Any:
    return torch.log(given[0]) / math.log(base)


def _applied(function: Callable[[Any], Any], given: list[Any], _: Recording) -> Any:
    return function(given[0])


def _softmax_along(axis: int, given: list[Any], _: Recording) -> Any:
    return torch.softmax(given[0], axis)


def _value_of(name: str, _: list[Any], now: Recording) -> Any:
    return value(now.nodes[name])


def _shaped(result: Any, op: Operation) -> Any:
    return torch.as_tensor(result, dtype=op.output.dtype).broadcast_to(op.output.shape)


def _factors(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """Another quantity as a factor of a product, or a factor left out."""
    if op.kind != "mul" or len(op.operands) != 2:
        return
    recording = slips.recording
    for i in (0, 1):
        factor = op.operands[i]
        if not isinstance(factor, torch.Tensor):
            continue
        own = recording.name(factor)
        words = f"In the forward pass, {own or 'a factor'} is missing from a product."
        yield _slip(slips, op, ("factor", i), "lost-factor", words, partial(_factor, op, 1 - i))
        for name, node in recording.nodes.items():
            if node is factor or node.shape != factor.shape or node is op.output or name == recording.output:
                continue
            made = slips.made_by.get(id(factor))
            if made is not None and made.kind in ACTIVATIONS and made.operands[0] is node:
                identity, words = (
                    "pre-activation-for-activation",
                    f"In the forward pass, the next unit takes what a unit puts out. Yours takes {name}.",
                )
            elif same_stem(name, own):
                identity, words = "other-unit", f"In the forward pass, {name} stands where another unit's quantity is needed."
            else:
                continue
            yield _slip(slips, op, ("other", i, name), identity, words, partial(_other_factor, 1 - i, name))


def _functions(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A function left out, or another one in its place."""
    if op.kind == "log":
        words = "The logarithm here is the natural one, to the base e. Yours has another base."
        logs = tuple(other.number for other in slips.recording.operations if other.kind == "log")
        for base in (2.0, 10.0) if op.number == logs[0] else ():
            one = _slip(slips, op, ("base", base), "wrong-base", words, partial(_logarithm, base))
            yield replace(one, numbers=logs)
    if op.kind not in ACTIVATIONS:
        return
    called = CALLED[op.kind]
    words = f"In the forward pass, the {called} is missing: what goes in comes out unchanged."
    yield _slip(slips, op, "identity", "no-activation", words, lambda given, _: given[0])
    for name, function in FUNCTIONS.items():
        if name != called:
            words = f"In the forward pass, the activation function is the {called}. Yours is the {name}."
            yield _slip(slips, op, name, "another-activation", words, partial(_applied, function))


def _axes(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """A sum for a mean, a mean for a sum, a softmax along the other axis."""
    if op.kind in ("sum", "mean"):
        other = "mean" if op.kind == "sum" else "sum"
        if op.operands[0].numel() > op.output.numel():
            words = f"The forward pass has a {op.kind} here. Yours is a {other}."
            yield _slip(slips, op, "share", f"{other}-for-{op.kind}", words, partial(_sum_for_mean, op))
    if op.kind == "softmax" and op.output.ndim == 2:
        words = "Each example has a softmax of its own. Yours is taken along the other axis."
        yield _slip(slips, op, "axis", "wrong-axis", words, partial(_softmax_along, _other_axis(op)))


def _sum_for_mean(op: Operation, given: list[Any], _: Recording) -> Any:
    right = op.function(given[0], *op.operands[1:], **op.keywords)
    share = given[0].numel() / right.numel()
    return right / share if op.kind == "sum" else right * share


def _other_axis(op: Operation) -> int:
    dim = op.keywords.get("dim", op.operands[1] if len(op.operands) > 1 else -1)
    return 0 if dim in (1, -1) else 1


def _copies(slips: Slips, op: Operation) -> Iterator[ForwardSlip]:
    """The result of another unit."""
    own = slips.recording.name(op.output)
    for name, node in slips.recording.nodes.items():
        made = slips.made_by.get(id(node))
        if own and made is not None and made.number < op.number and node.shape == op.output.shape and same_stem(name, own) and name != own:
            words = f"In the forward pass, {own} is computed from another unit's numbers: it is the same as {name}."
            yield _slip(slips, op, ("copy", name), "units-copied", words, partial(_value_of, name))
