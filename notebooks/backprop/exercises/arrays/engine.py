"""The engine for arrays on random expressions, and the training of lesson 05 with it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.tape import Tape
from ...exercise import Exercise, Mistake, SlipPlaces
from ...questions.sampling import Rng, signed, sizes
from ..layers_and_batches import DESCENT, train
from .shared import Array, Shape

Operation = tuple[str, tuple[int, ...], dict[str, Any]]  # its name, the places of its operands, its settings

# --- random expressions ---------------------------------------------------------------------------


def _apply(name: str, operands: Any, settings: Any) -> Any:
    """One operation, on tensors of PyTorch or of a learner's engine."""
    x, y = operands[0], operands[-1]
    if name == "index":
        return x[settings["key"]]
    if name == "sum":
        return x.sum(**settings)
    if name == "max":
        return x.max(**settings) if not isinstance(x, torch.Tensor) else x.amax(settings["axis"], settings["keepdims"])
    if name in ("exp", "tanh", "relu"):  # UNARY
        return getattr(x, name)()
    return {"add": lambda: x + y, "mul": lambda: x * y, "matmul": lambda: x @ y}[name]()


def _express(leaves: Any, ops: Any) -> list[Any]:
    """All nodes of the expression: the leaves, then one node for each operation."""
    nodes = list(leaves)
    for name, places, settings in ops:
        nodes.append(_apply(name, [nodes[place] for place in places], settings))
    return nodes


def _array_engine(node: Any, A: Any, W: Any, b: Any, c: Any, s: Any, ops: Any) -> None:
    node("L", _express([A, W, b, c, s], ops)[-1])


def _use_engine(Tensor: Any, A: Array, W: Array, b: Array, c: Array, s: float, ops: list[Operation]) -> tuple[Any, ...]:
    """The gradients of the leaves after two calls of `backward()`."""
    leaves = [Tensor(leaf) for leaf in (A, W, b, c, s)]
    L = _express(leaves, ops)[-1]
    L.backward()
    L.backward()
    return tuple(leaf.grad for leaf in leaves)


class _Expression:
    """An expression that grows, operation by operation; the shape of every node is known."""

    def __init__(self, shapes: list[Shape]) -> None:
        self.shapes, self.ops = list(shapes), list[Operation]()

    def add(self, name: str, *places: int, **settings: Any) -> int:
        """Append an operation and return the place of its node."""
        stand_ins = [np.ones(self.shapes[place]) for place in places]
        self.shapes.append(np.shape(stand_ins[0] if name in UNARY else _apply(name, stand_ins, settings)))
        self.ops.append((name, places, settings))
        return len(self.shapes) - 1

    def unused(self) -> list[int]:
        """The places of the nodes that no operation uses."""
        used = {place for _, places, _ in self.ops for place in places}
        return [place for place in range(len(self.shapes)) if place not in used]


UNARY = ("exp", "tanh", "relu")


def _sample_engine(rng: Rng) -> dict[str, Any]:
    """Draw an expression in which nodes are used more than once.

    It has a matrix product, broadcasting both ways, repeated indices, a sum and a maximum.
    """
    n, d, k = sizes(rng, 3, 3, 5)
    expression = _Expression([(n, d), (d, k), (k,), (n, 1), ()])
    add = expression.add
    A, W, b, c, s = range(5)
    Z = add("tanh", add("matmul", A, W))
    moved = add("add", add("mul", Z, b), c)
    scaled = add("mul", moved, s)
    rows = rng.integers(0, n, size=n).tolist()
    rows += rows[:1] * 2  # at least one row is taken three times
    some = [Z, moved, scaled, add("index", moved, key=rows), add("relu", scaled), add("mul", Z, Z)]
    some.append(add("max", scaled, axis=int(rng.integers(2)), keepdims=bool(rng.integers(2))))
    some.append(add("sum", add("add", moved, add("mul", Z, s)), axis=int(rng.integers(2)), keepdims=bool(rng.integers(2))))
    for _ in range(int(rng.integers(2, 5))):
        kind = str(rng.choice(["tanh", "exp", "sum", "add", "mul"]))
        one = int(rng.choice(some))
        if kind in UNARY:
            some.append(add(kind, add("tanh", one)))
        elif kind == "sum":
            some.append(add("sum", one, axis=0, keepdims=True) if expression.shapes[one] else add("tanh", one))
        else:
            fits = [place for place in some if _fit(expression.shapes[one], expression.shapes[place])]
            some.append(add(kind, one, int(rng.choice(fits))))
    left = expression.unused()  # every node leads to the output
    totals = [add("sum", add("tanh", place), axis=None, keepdims=False) for place in left]
    L = totals[0]
    for total in totals[1:]:
        L = add("add", L, total)
    return {
        "A": signed(rng, 0.3, 1.1, size=(n, d)),
        "W": signed(rng, 0.3, 1.1, size=(d, k)),
        "b": signed(rng, 0.3, 1.1, size=k),
        "c": signed(rng, 0.3, 1.1, size=(n, 1)),
        "s": signed(rng, 0.3, 1.1),
        "ops": expression.ops,
    }


def _fit(one: Shape, other: Shape) -> bool:
    try:
        np.broadcast_shapes(one, other)
    except ValueError:
        return False
    return True


# --- mistakes of an engine ------------------------------------------------------------------------


def _with_operands(change: Callable[[list[Any], list[bool]], list[Any]]) -> Callable[..., None]:
    """Evaluate the same expression, each operation on the operands that `change` returns.

    change(operands, used): `used` says for each operand whether an operation used it before.
    """

    def forward(node: Any, A: Any, W: Any, b: Any, c: Any, s: Any, ops: Any) -> None:
        nodes, used = [A, W, b, c, s], set[int]()
        for name, places, settings in ops:
            operands = change([nodes[place] for place in places], [place in used for place in places])
            used |= set(places)
            nodes.append(_apply(name, operands, settings))
        node("L", nodes[-1])

    return forward


def _once(operands: list[Any], used: list[bool]) -> list[Any]:
    """Keep the contribution of a node's first use only: it is the last to arrive.

    Where both operands are one node, the second one's contribution is the last.
    """
    alike = len(operands) == 2 and operands[0] is operands[1]
    cut = [was or (alike and place == 0) for place, was in enumerate(used)]
    return [operand.detach() if away else operand for operand, away in zip(operands, cut)]


def _half(x: Any) -> Any:
    return x / 2 + (x / 2).detach()


def _not_cleared(node: Any, A: Any, W: Any, b: Any, c: Any, s: Any, ops: Any) -> None:
    """The second call adds to what the first one has left at every node but the output."""
    *inner, L = _express([leaf.detach().clone().requires_grad_() for leaf in (A, W, b, c, s)], ops)
    left = torch.autograd.grad(L, inner)
    *inner, L = _express([A, W, b, c, s], ops)
    node("L", L + sum((gradient * part).sum() for gradient, part in zip(left, inner)))


def _only_leaves_cleared(node: Any, A: Any, W: Any, b: Any, c: Any, s: Any, ops: Any) -> None:
    """The second call adds to what the first one has left between the leaves and the output."""
    nodes = _express([leaf.detach().clone().requires_grad_() for leaf in (A, W, b, c, s)], ops)
    left = torch.autograd.grad(nodes[-1], nodes[len(LEAVES) : -1])
    *inner, L = _express([A, W, b, c, s], ops)
    node("L", L + sum((gradient * part).sum() for gradient, part in zip(left, inner[len(LEAVES) :])))


LEAVES = ("A", "W", "b", "c", "s")

array_engine = Exercise(
    name="array_engine",
    asks=tuple(f"dL_d{name}" for name in LEAVES),
    subject="Tensor",
    use=_use_engine,
    forward=_array_engine,
    sample=_sample_engine,
    slips_at=SlipPlaces.ALL,
    points=5,
    hints=(
        "It is the backward pass of section 5. What has changed is how a node computes what it passes to its parents. "
        "Which shape has a gradient at the start?",
        "Three steps: every gradient becomes an array of zeros; the output's becomes 1; "
        "then each node adds to each parent's gradient the contribution that its rule computes.",
        "`for node in nodes: node.grad = np.zeros_like(node.data)`, then `self.grad = np.ones_like(self.data)`. Then for each node: "
        "`for parent, contribution in zip(node.parents, node.contributions()):` and one line that adds.",
    ),
    mistakes=(
        Mistake(
            "all-still-zero",
            "Every gradient is still 0: nothing has reached the leaves. "
            "Is the output's gradient 1 when the first node passes something back? And in which order does graph() list the nodes?",
            **{f"dL_d{name}": lambda v, name=name: np.zeros(np.shape(getattr(v, name))) for name in LEAVES},
        ),
        Mistake(
            "overwrite",
            "A node that is used in several places gets a contribution from each. In yours the last one to arrive replaces the others.",
            program=_with_operands(_once),
        ),
        Mistake(
            "first-operand-only",
            "An operation passes something to each of its operands. In yours only the first one gets its contribution.",
            program=_with_operands(lambda operands, used: [operands[0], *(operand.detach() for operand in operands[1:])]),
        ),
        Mistake(
            "last-operand-only",
            "An operation passes something to each of its operands. In yours only the last one gets its contribution.",
            program=_with_operands(lambda operands, used: [*(operand.detach() for operand in operands[:-1]), operands[-1]]),
        ),
        Mistake(
            "shared-out",
            "The gradient is not divided among the operands: the rule computes for each of them what it gets.",
            program=_with_operands(lambda operands, used: operands if len(operands) == 1 else [_half(operand) for operand in operands]),
        ),
        Mistake(
            "not-cleared",
            "The first call is right. The second one adds to what the first has left behind: set all gradients to 0 at the start.",
            program=_not_cleared,
        ),
        Mistake(
            "only-leaves-cleared",
            "The first call is right. At the second, the nodes between the leaves and the output still hold what the first has left there.",
            program=_only_leaves_cleared,
        ),
        Mistake(
            "leaves-not-cleared",
            "Every gradient is twice what it should be. At the second call the leaves still have what the first has left there.",
            **{f"dL_d{name}": lambda v, name=name: 2 * getattr(v, f"dL_d{name}") for name in LEAVES},
        ),
    ),
)

# --- training -------------------------------------------------------------------------------------


def _train_tensors(node: Any, X: Any, labels: Any, weights: Any, biases: Any, alpha: Any, steps: Any) -> None:
    parameters = [part.detach().clone().requires_grad_() for part in [*weights, *biases]]
    losses = []
    for step in range(steps + 1):
        A = X.detach()
        for W, b in zip(parameters[: len(weights) - 1], parameters[len(weights) : -1]):
            A = torch.relu(A @ W + b)
        L = torch.nn.functional.cross_entropy(A @ parameters[len(weights) - 1] + parameters[-1], torch.as_tensor(labels))
        losses.append(L.detach())
        if step < steps:
            gradients = torch.autograd.grad(L, parameters)
            parameters = [(part - alpha * g).detach().requires_grad_() for part, g in zip(parameters, gradients)]
    node("losses", torch.stack(losses))
    node("weights_end", parameters[: len(weights)])
    node("biases_end", parameters[len(weights) :])


def _sample_training(rng: Rng) -> dict[str, Any]:
    """A few steps on a small batch, with one right class for each example; every class occurs."""
    inputs, units, classes = sizes(rng, 3, 3, 6)
    examples = 8
    widths = [inputs, units, classes]
    return {
        "X": signed(rng, size=(examples, inputs)),
        "labels": rng.permutation(np.arange(examples) % classes),
        "weights": [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])],
        "biases": [signed(rng, 0.1, 0.6, size=width) for width in widths[1:]],
        "alpha": float(rng.integers(11, 30)) / 100,
        "steps": int(rng.integers(3, 6)),
    }


def _with_labels(program: Any) -> Any:
    """A program of lesson 05, which takes a row of targets for each example, for labels."""

    def forward(node: Any, X: Any, labels: Any, weights: Any, biases: Any, alpha: Any, steps: Any) -> None:
        Y = torch.nn.functional.one_hot(torch.as_tensor(labels), len(biases[-1])).double()
        program(node, X, Y, weights, biases, alpha, steps)

    return forward


def _with_targets(v: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs of lesson 05's network for each loss, with a row of targets for each label."""
    Y = np.eye(len(v["biases"][-1]))[v["labels"]]
    return [{"X": v["X"], "Y": Y, "weights": v["weights"], "biases": v["biases"]}] * (v["steps"] + 1)


def _one_step_short(v: Any) -> Tape:
    names = ("X", "labels", "weights", "biases")
    return Tape(_train_tensors, {name: getattr(v, name) for name in names} | {"alpha": float(v.alpha), "steps": v.steps - 1})


train_tensors = Exercise(
    name="train_tensors",
    asks=("losses", "weights_end", "biases_end"),
    forward=_train_tensors,
    training=replace(DESCENT, inputs=_with_targets),
    sample=_sample_training,
    rtol=1e-8,
    points=5,
    hints=(
        "Which numbers become leaves of the graph? Are they the same objects in the next step, or new ones?",
        r"Store $L$; call `backward()`; then $W \leftarrow W - \alpha\,\frac{\partial L}{\partial W}$ and likewise the biases, "
        "all at once. Repeat.",
        "In a loop: `W = [Tensor(part) for part in weights]` and likewise the biases, `L = spiral_loss(X, labels, ...)`, store `L.data`, "
        "`L.backward()`, and new lists from `leaf.data - alpha * leaf.grad`. Which loss is missing when the loop ends?",
    ),
    mistakes=(
        *(
            Mistake(mistake.id, mistake.words, program=_with_labels(mistake.program))
            for mistake in train.mistakes
            if mistake.id in ("sum-for-mean", "mean-twice")
        ),
        *(mistake for mistake in train.mistakes if mistake.id in ("first-loss-missing", "last-loss-missing", "last-loss-only")),
        Mistake(
            "one-step-short",
            "Your parameters have been moved one time fewer than asked.",
            losses=lambda v: v.losses[:-1],
            weights_end=lambda v: _one_step_short(v).answer("weights_end"),
            biases_end=lambda v: _one_step_short(v).answer("biases_end"),
        ),
    ),
)
