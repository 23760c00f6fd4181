"""Broadcasting is undone by summing: `unbroadcast`, and the rule of the elementwise product."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, signed, sizes
from .shared import Array, Shape, first_use, over_ones, undone

ONES_ONLY = "The axes of length 1 are summed. Axes that the operand did not have at all were copied as well."
EVERY_COPY = "An entry that was copied to several places gets a contribution from each of them, and they add. "

# --- how large a Jacobian is ----------------------------------------------------------------------


def _jacobian_size(node: Any) -> None:
    X, W = torch.ones((64, 200)), torch.ones((200, 100))
    node("entries_of_jacobian", torch.tensor(float((X @ W).numel() * W.numel())))
    node("entries_of_dL_dW", torch.tensor(float(W.numel())))


jacobian_size = Prediction(
    name="jacobian_size",
    asks=("entries_of_jacobian", "entries_of_dL_dW"),
    forward=_jacobian_size,
    sample=lambda rng: {},
    rtol=1e-3,
    points=2,
    hints=(
        "The Jacobian has a row for each output and a column for each input. How many entries does Z have, and how many has W?",
        "The number of rows times the number of columns. A gradient has the shape of the variable that it belongs to.",
        "Z has 64 times 100 entries and W has 200 times 100.",
    ),
    mistakes=(
        Mistake(
            "outputs-only",
            "That is the number of entries of Z: the rows of the Jacobian. How many columns are there?",
            entries_of_jacobian=lambda v: 6400.0,
        ),
        Mistake(
            "inputs-only",
            "That is the number of entries of W: the columns of the Jacobian. How many rows are there?",
            entries_of_jacobian=lambda v: 20000.0,
        ),
        Mistake(
            "entries-added",
            "Each entry of Z has a derivative with respect to each entry of W. Yours adds the two numbers.",
            entries_of_jacobian=lambda v: 26400.0,
        ),
        Mistake(
            "jacobian-of-X",
            "That is the Jacobian of Z with respect to X. The question is about W.",
            entries_of_jacobian=lambda v: 6400.0 * 12800.0,
        ),
        Mistake(
            "zeros-left-out",
            "That is the number of entries that are not 0. The Jacobian has an entry for each pair of an output and a weight.",
            entries_of_jacobian=lambda v: 6400.0 * 200.0,
        ),
        Mistake(
            "shape-of-Z", "The gradient of W has the shape of W. That is the number of entries of Z.", entries_of_dL_dW=lambda v: 6400.0
        ),
        Mistake(
            "shape-of-X", "The gradient of W has the shape of W. That is the number of entries of X.", entries_of_dL_dW=lambda v: 12800.0
        ),
    ),
)

# --- unbroadcast ----------------------------------------------------------------------------------


def _unbroadcast(node: Any, grad: Any, x: Any) -> None:
    y = node("y", x.expand(grad.shape))
    node("L", (grad.detach() * y).sum())


def _shapes(rng: Rng) -> tuple[Shape, Shape]:
    """The shape of a gradient, and a shape that was broadcast to it."""
    n, m, k = sizes(rng, 3)
    pairs = (
        ((n, k), (k,)),
        ((n, m, k), (m, k)),
        ((n, k), (n, 1)),
        ((n, m, k), (n, 1, k)),
        ((n, m, k), (m, 1)),
        ((n, m, k), (1, k)),
        ((n, m, k), (n, 1, 1)),
        ((n, m, k), (1, m, 1)),
        ((n, k), ()),
        ((n, k), (n, k)),
    )
    return pairs[int(rng.integers(len(pairs)))]


def _sample_unbroadcast(rng: Rng) -> dict[str, Any]:
    large, small = _shapes(rng)
    return {"grad": signed(rng, 0.4, 2.0, size=large), "x": signed(rng, size=small)}


def _leading(v: SimpleNamespace) -> bool:
    return np.ndim(v.x) < v.grad.ndim and np.ndim(v.x) > 0 and 1 not in v.x.shape


def _ones(v: SimpleNamespace) -> bool:
    return np.ndim(v.x) == v.grad.ndim and 1 in v.x.shape


def _two_ones(v: SimpleNamespace) -> bool:
    return np.shape(v.x).count(1) == 2


def _both(v: SimpleNamespace) -> bool:
    return 0 < np.ndim(v.x) < v.grad.ndim and 1 in v.x.shape


def _from_the_left(v: SimpleNamespace) -> Array:
    """Axes that are too many are taken from the end."""
    grad = v.grad
    while grad.ndim > np.ndim(v.x):
        grad = grad.sum(axis=-1)
    return over_ones(grad, np.shape(v.x))


def _leading_kept(v: SimpleNamespace) -> Array:
    """Axes that are too many are summed and stay, with the length 1."""
    extra = tuple(range(v.grad.ndim - np.ndim(v.x)))
    shape = (1,) * len(extra) + np.shape(v.x)
    return over_ones(v.grad, shape)


def _ones_dropped(v: SimpleNamespace) -> Array:
    grad = v.grad
    while grad.ndim > np.ndim(v.x):
        grad = grad.sum(axis=0)
    return over_ones(grad, np.shape(v.x), keepdims=False)


def _ones_first(v: SimpleNamespace) -> Array:
    """Axes are counted in the operand's shape while the gradient still has more axes in front."""
    ones = tuple(axis for axis, size in enumerate(np.shape(v.x)) if size == 1)
    grad = v.grad.sum(axis=ones, keepdims=True)
    return grad.sum(axis=tuple(range(grad.ndim - np.ndim(v.x))))


def _ones_at_their_places(v: SimpleNamespace) -> Array:
    """Axes of length 1 are summed where they are, counted from the end; no axis disappears."""
    missing = v.grad.ndim - np.ndim(v.x)
    return over_ones(v.grad, (0,) * missing + np.shape(v.x))


def _leading_only(v: SimpleNamespace) -> Array:
    grad = v.grad
    while grad.ndim > np.ndim(v.x):
        grad = grad.sum(axis=0)
    return np.asarray(grad)


unbroadcast = Exercise(
    name="unbroadcast",
    asks=("dL_dx",),
    forward=_unbroadcast,
    sample=_sample_unbroadcast,
    arguments=lambda v: {"grad": v.grad, "shape": np.shape(v.x)},
    regimes=(_leading, _ones, _both, lambda v: np.ndim(v.x) == 0, lambda v: np.shape(v.x) == v.grad.shape, _two_ones),
    points=4,
    hints=(
        "Along which axes was the operand copied? There are two kinds: axes that it did not have at all, and axes of length 1.",
        r"Each entry of the operand is used by all its copies, so $\frac{\partial L}{\partial x}$ is the sum over the copied axes. "
        "Missing axes are in front: shapes are aligned at their last axis.",
        "`while grad.ndim > len(shape): grad = grad.sum(axis=0)`. Then for each `axis, size in enumerate(shape)`: what has to happen "
        "where `size` is 1 and `grad` is longer? Think of `keepdims=True`.",
    ),
    mistakes=(
        Mistake(
            "not-unbroadcast",
            EVERY_COPY + "Yours is still in the broadcast shape.",
            dL_dx=lambda v: v.grad,
        ),
        Mistake(
            "unbroadcast-mean",
            EVERY_COPY + "Yours is their mean.",
            dL_dx=lambda v: undone(v.grad, np.shape(v.x), np.mean),
        ),
        Mistake(
            "unbroadcast-mean-over-ones",
            EVERY_COPY + "Along an axis of length 1, yours is their mean.",
            dL_dx=lambda v: over_ones(_leading_only(v), np.shape(v.x), np.mean),
        ),
        Mistake(
            "one-use-only",
            EVERY_COPY + "Yours has the first one only.",
            dL_dx=lambda v: undone(v.grad, np.shape(v.x), first_use),
        ),
        Mistake(
            "leading-axes-only",
            "The axes that the operand did not have are summed. An axis on which it had the length 1 was copied as well.",
            dL_dx=_leading_only,
        ),
        Mistake(
            "ones-only",
            ONES_ONLY,
            dL_dx=lambda v: over_ones(v.grad, np.shape(v.x)) if np.ndim(v.x) == v.grad.ndim else v.grad,
        ),
        Mistake("ones-only-from-the-front", ONES_ONLY, dL_dx=lambda v: over_ones(v.grad, np.shape(v.x))),
        Mistake("ones-only-from-the-end", ONES_ONLY, dL_dx=_ones_at_their_places),
        Mistake(
            "dropped-dimension",
            "The numbers are right. But the operand has an axis of length 1, and in your result that axis is gone.",
            dL_dx=_ones_dropped,
        ),
        Mistake(
            "kept-dimension",
            "The numbers are right. But an axis that the operand did not have is still there, with the length 1.",
            dL_dx=_leading_kept,
        ),
        Mistake(
            "wrong-axis",
            "Broadcasting aligns shapes at their last axis, so missing axes are in front. Yours sums axes at the end.",
            dL_dx=_from_the_left,
        ),
        Mistake(
            "ones-first",
            "Yours takes the places of the axes of length 1 from the argument shape. "
            "But while grad still has more axes in front, other axes are at these places.",
            dL_dx=_ones_first,
        ),
        Mistake(
            "summed-too-much",
            "Yours adds up everything. Only the copied axes are summed; the others stay apart.",
            dL_dx=lambda v: np.full(np.shape(v.x), v.grad.sum()) if np.shape(v.x) != v.grad.shape else v.grad,
        ),
    ),
)

# --- the elementwise product ----------------------------------------------------------------------


def _multiply(node: Any, dL_dy: Any, a: Any, b: Any) -> None:
    y = node("y", a * b)
    node("L", (dL_dy.detach() * y).sum())


def _sample_multiply(rng: Rng) -> dict[str, Any]:
    n, m, k = sizes(rng, 3)
    pairs = (((n, k), (k,)), ((k,), (n, k)), ((n, 1), (k,)), ((n, 1, k), (m, k)), ((n, k), (n, k)), ((m, 1), (n, 1, k)))
    a, b = pairs[int(rng.integers(len(pairs)))]
    return {
        "dL_dy": signed(rng, 0.4, 2.0, size=np.broadcast_shapes(a, b)),
        "a": signed(rng, size=a),
        "b": signed(rng, size=b),
    }


def _broadcast(side: str) -> Any:
    """Whether this operand was broadcast, and the other one was not or was too."""
    return lambda v: getattr(v, side).shape != v.dL_dy.shape


multiply_rule = Exercise(
    name="multiply_rule",
    asks=("dL_da", "dL_db"),
    forward=_multiply,
    sample=_sample_multiply,
    regimes=(_broadcast("a"), _broadcast("b"), lambda v: _broadcast("a")(v) and _broadcast("b")(v)),
    points=3,
    hints=(
        "Forget broadcasting for a moment. What does a product pass to each of its factors? Then: which shape must the result have?",
        r"Entry by entry $\frac{\partial L}{\partial a} = \frac{\partial L}{\partial y}\,b$ and $\frac{\partial L}{\partial b} = "
        r"\frac{\partial L}{\partial y}\,a$; the contributions of all copies of an entry add.",
        "`dL_dy * b` has the broadcast shape, and your `unbroadcast` brings an array to `a.shape`. "
        "Which comes first, the product or the sum? Try it with a row and a column.",
    ),
    mistakes=(
        Mistake(
            "not-unbroadcast",
            EVERY_COPY + "Yours is still in the broadcast shape.",
            dL_da=lambda v: v.dL_dy * v.b,
            dL_db=lambda v: v.dL_dy * v.a,
        ),
        Mistake(
            "first-not-unbroadcast",
            "The gradient of a is still in the broadcast shape. An entry that was copied gets a contribution from each copy.",
            dL_da=lambda v: v.dL_dy * v.b,
        ),
        Mistake(
            "second-not-unbroadcast",
            "The gradient of b is still in the broadcast shape. An entry that was copied gets a contribution from each copy.",
            dL_db=lambda v: v.dL_dy * v.a,
        ),
        Mistake(
            "unbroadcast-mean",
            EVERY_COPY + "Yours is their mean.",
            dL_da=lambda v: undone(v.dL_dy * v.b, v.a.shape, np.mean),
            dL_db=lambda v: undone(v.dL_dy * v.a, v.b.shape, np.mean),
        ),
        Mistake(
            "one-use-only",
            EVERY_COPY + "Yours has the first one only.",
            dL_da=lambda v: undone(v.dL_dy * v.b, v.a.shape, first_use),
            dL_db=lambda v: undone(v.dL_dy * v.a, v.b.shape, first_use),
        ),
        Mistake(
            "summed-too-early",
            "Multiply entry by entry, then sum. Yours sums the upstream gradient first and then multiplies.",
            dL_da=lambda v: undone(v.dL_dy, v.a.shape) * v.b,
            dL_db=lambda v: undone(v.dL_dy, v.b.shape) * v.a,
        ),
    ),
)
