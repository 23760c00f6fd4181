"""What a wrong backward rule is, and what several of them need."""

from collections.abc import Callable
from dataclasses import dataclass

from ..operations import Operation
from ..tape import Array

UNARY = ("exp", "log", "sin", "cos", "sigmoid", "tanh", "relu", "softplus", "sqrt", "reciprocal")
CURVED = tuple(kind for kind in UNARY if kind != "relu")  # the derivative changes with the input; that of ReLU is 0 or 1
ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus")
CALLED = {
    "mul": "product",
    "add": "sum",
    "sub": "difference",
    "rsub": "difference",
    "div": "quotient",
    "rdiv": "quotient",
    "neg": "minus sign",
    "pow": "power",
    "exp": "exponential",
    "log": "logarithm",
    "sin": "sine",
    "cos": "cosine",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "softplus": "softplus",
    "sqrt": "square root",
    "reciprocal": "reciprocal",
    "matmul": "matrix product",
    "sum": "sum",
    "mean": "mean",
    "softmax": "softmax",
    "log_softmax": "logarithm of the softmax",
}


@dataclass(frozen=True)
class WrongRule:
    """A wrong contribution to an operand.

    id     the misunderstanding
    words  what the learner is told
    kinds  the kinds of operations at which it can be made
    rule   rule(g, op, i) -> the contribution, or None where it does not apply
    beside a kind of operation that the graph has if the mistake is made in it; empty for any graph
    """

    id: str
    words: str
    kinds: tuple[str, ...]
    rule: Callable[[Array, Operation, int], Array | None]
    beside: str = ""


def product_before(op: Operation, i: int, along: int) -> Operation | None:
    """The product that operand `i` goes back to, through sums along their operand `along`."""
    found = op.before[i]
    while found is not None and found.kind in ("add", "sum"):
        found = found.before[along if found.kind == "add" else 0]
    return found if found is not None and found.kind == "mul" else None


def with_other(op: Operation, i: int, other: Array) -> Operation:
    """The same product with another value of the operand that is not `i`."""
    return op.at((op.operands[0], other) if i == 0 else (other, op.operands[1]), op.output, op.before)
