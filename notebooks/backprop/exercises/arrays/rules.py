"""The rules of the matrix product, of reductions and of indexing."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, signed, sizes
from .shared import Array

# --- the matrix product ---------------------------------------------------------------------------


def _matmul(node: Any, dL_dY: Any, A: Any, B: Any) -> None:
    Y = node("Y", A @ B)
    node("L", (dL_dY.detach() * Y).sum())


def _sample_matmul(rng: Rng) -> dict[str, Any]:
    n, d, k = sizes(rng, 3)
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(n, k)),
        "A": signed(rng, size=(n, d)),
        "B": signed(rng, size=(d, k)),
    }


matmul_rule = Exercise(
    name="matmul_rule",
    asks=("dL_dA", "dL_dB"),
    forward=_matmul,
    sample=_sample_matmul,
    points=3,
    hints=(
        "You know both from lesson 05, where A was a batch and B were the weights. Which shapes do the three matrices have?",
        r"$\frac{\partial L}{\partial A} = \frac{\partial L}{\partial Y}B^{\mathsf T}$ "
        r"and $\frac{\partial L}{\partial B} = A^{\mathsf T}\frac{\partial L}{\partial Y}$.",
        "`dL_dY` is (N, K) and `B.T` is (K, D): their product has the shape of A. In which order do `A.T` and `dL_dY` fit?",
    ),
    mistakes=(
        Mistake(
            "no-transpose",
            "Reshaping gives a matrix the shape of its transpose and not the transpose: the numbers land in other places.",
            dL_dA=lambda v: v.dL_dY @ v.B.reshape(v.B.shape[::-1]),
            dL_dB=lambda v: v.A.reshape(v.A.shape[::-1]) @ v.dL_dY,
        ),
        Mistake(
            "one-unit-only",
            "An entry of A goes into a whole row of Y, and the contributions of its columns add. Yours has the first column only.",
            dL_dA=lambda v: np.outer(v.dL_dY[:, 0], v.B[:, 0]),
        ),
    ),
)

# --- sum and max ----------------------------------------------------------------------------------


def _reduced(shape: tuple[int, ...], axis: int | None, keepdims: bool) -> tuple[int, ...]:
    return np.zeros(shape).sum(axis=axis, keepdims=keepdims).shape


def _sample_reduction(rng: Rng) -> dict[str, Any]:
    """Draw an array with two or three axes, reduced over one of them or over all."""
    shape = tuple(sizes(rng, int(rng.integers(2, 4))))
    axis = None if rng.random() < 0.2 else int(rng.integers(len(shape)))
    keepdims = bool(rng.integers(2))
    reduced = _reduced(shape, axis, keepdims)
    x = rng.permutation(np.arange(1, np.prod(shape) + 1)).reshape(shape)  # no two entries are equal
    return {
        "dL_dy": signed(rng, 0.4, 2.0, size=reduced or None),
        "x": np.round((x - np.median(x)) * 0.17 + 0.05, 2),
        "axis": axis,
        "keepdims": keepdims,
    }


def _sum(node: Any, dL_dy: Any, x: Any, axis: int | None, keepdims: bool) -> None:
    y = node("y", x.sum(dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims))
    node("L", (dL_dy.detach() * y).sum())


def _max(node: Any, dL_dy: Any, x: Any, axis: int | None, keepdims: bool) -> None:
    y = node("y", x.amax(dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims))
    node("L", (dL_dy.detach() * y).sum())


def _spread(v: SimpleNamespace, g: Any = None) -> Array:
    """The upstream gradient, copied along the axis that was reduced."""
    g = v.dL_dy if g is None else g
    return np.broadcast_to(g if v.keepdims or v.axis is None else np.expand_dims(g, v.axis), v.x.shape).copy()


def _terms(v: SimpleNamespace) -> float:
    return v.x.size / np.size(v.dL_dy)


def _first_in_axis(v: SimpleNamespace) -> Array:
    kept = np.zeros(v.x.shape)
    place = (0,) * v.x.ndim if v.axis is None else (slice(None),) * v.axis + (0,)
    kept[place] = 1.0
    return kept


REDUCTIONS = (
    lambda v: v.axis == 0 and not v.keepdims,
    lambda v: v.axis == 1 and not v.keepdims,
    lambda v: v.axis is not None and v.keepdims,
    lambda v: v.axis is None and not v.keepdims,
    lambda v: v.axis is not None and not v.keepdims and v.x.ndim == 3,
    lambda v: v.axis == v.x.ndim - 1 and not v.keepdims,
)

sum_rule = Exercise(
    name="sum_rule",
    asks=("dL_dx",),
    forward=_sum,
    sample=_sample_reduction,
    regimes=REDUCTIONS,
    points=3,
    hints=(
        "If one entry of x grows, by how much does the sum that contains it grow? Which entry of dL_dy belongs to that sum?",
        r"$y_n = \sum_k x_{nk}$, so $\frac{\partial L}{\partial x_{nk}} = \frac{\partial L}{\partial y_n}$: the same number for every $k$.",
        "`np.expand_dims(dL_dy, axis)` puts an axis that is gone from dL_dy back, with the length 1. "
        "For which values of `axis` and `keepdims` is one gone? Then copy along it, for example by multiplying with `np.ones_like(x)`.",
    ),
    mistakes=(
        Mistake(
            "not-spread",
            "The gradient of x has the shape of x. Yours has the shape of the sum.",
            dL_dx=lambda v: np.asarray(v.dL_dy),
        ),
        Mistake(
            "shared-equally",
            "A sum grows by as much as any of its terms grows, so each term gets the whole upstream gradient. In yours they share it.",
            dL_dx=lambda v: _spread(v) / _terms(v),
        ),
        Mistake(
            "whole-sum-shared-equally",
            "If everything is added up, each term gets the whole upstream gradient too. In yours they share it.",
            dL_dx=lambda v: _spread(v) / (_terms(v) if v.axis is None else 1.0),
        ),
        Mistake(
            "own-operand", "A sum does not depend on how large its terms are. Yours multiplies by x.", dL_dx=lambda v: _spread(v) * v.x
        ),
        Mistake(
            "summed-again",
            "Each entry of x belongs to one of the sums. Yours adds up the gradients of all of them.",
            dL_dx=lambda v: np.full(v.x.shape, np.sum(v.dL_dy)),
        ),
        Mistake(
            "one-term-only",
            "Every term of a sum gets the gradient of the sum. In yours only the first term does.",
            dL_dx=lambda v: _spread(v) * _first_in_axis(v),
        ),
    ),
)


def _at(v: SimpleNamespace, extreme: Any) -> Array:
    """1 where x is its own extreme along the axis, 0 elsewhere."""
    return (v.x == extreme(v.x, axis=v.axis, keepdims=True)).astype(float)


max_rule = Exercise(
    name="max_rule",
    asks=("dL_dx",),
    forward=_max,
    sample=_sample_reduction,
    regimes=REDUCTIONS,
    points=3,
    hints=(
        "If an entry that is not the largest grows a little, what happens to the maximum? And if the largest entry grows?",
        r"$\frac{\partial y_n}{\partial x_{nk}}$ is 1 where $x_{nk}$ is the largest entry of its row, and 0 elsewhere.",
        "Compare `x` with `x.max(axis=axis, keepdims=...)`: what must `keepdims` be here, so that every entry meets its own maximum? "
        "The result is True at the largest entries. Multiply it by what `sum_rule` would pass back.",
    ),
    mistakes=(
        Mistake(
            "shared-equally",
            "Only the largest entry decides what the maximum is. In yours all entries share the upstream gradient.",
            dL_dx=lambda v: _spread(v) / _terms(v),
        ),
        Mistake(
            "no-mask",
            "Only the largest entry decides what the maximum is. In yours every entry gets the upstream gradient, as at a sum.",
            dL_dx=_spread,
        ),
        Mistake(
            "not-spread",
            "The gradient of x has the shape of x. Yours has the shape of the maximum.",
            dL_dx=lambda v: np.asarray(v.dL_dy),
        ),
        Mistake(
            "value-for-slope",
            "The local derivative at the largest entry is 1. Yours multiplies by the maximum itself.",
            dL_dx=lambda v: _spread(v) * _at(v, np.max) * v.x,
        ),
        Mistake(
            "min-for-max",
            "The upstream gradient goes to the largest entry. Yours goes to the smallest.",
            dL_dx=lambda v: _spread(v) * _at(v, np.min),
        ),
        Mistake(
            "all-but-largest",
            "The upstream gradient goes to the largest entry. In yours it goes to all the others.",
            dL_dx=lambda v: _spread(v) * (1 - _at(v, np.max)),
        ),
        Mistake(
            "overall-maximum",
            "There is a largest entry for each maximum that was taken. In yours only the largest entry of the whole array gets something.",
            dL_dx=lambda v: _spread(v) * (v.x == v.x.max()),
        ),
        Mistake(
            "first-entry",
            "The upstream gradient goes to the largest entry, wherever it stands. Yours goes to the first one.",
            dL_dx=lambda v: _spread(v) * _first_in_axis(v),
        ),
    ),
)

# --- indexing -------------------------------------------------------------------------------------

REPEATED = "An entry that is taken several times is used several times, and the contributions add. "


def _index(node: Any, dL_dy: Any, x: Any, key: Any) -> None:
    y = node("y", x[key])
    node("L", (dL_dy.detach() * y).sum())


def _sample_index(rng: Rng) -> dict[str, Any]:
    """Rows, or single entries, some of them several times; or a slice; or a column."""
    rows, columns, count = sizes(rng, 3, 3, 6)
    taken = rng.integers(0, rows - 1, size=count + 3)  # more than there are, and the last row never
    keys = (
        taken,
        (taken.tolist(), [int(rng.integers(columns))] * len(taken)),
        slice(1, None),
        (slice(None), int(rng.integers(columns))),
    )
    key = keys[int(rng.integers(len(keys)))]
    x = signed(rng, size=(rows, columns))
    return {"dL_dy": signed(rng, 0.4, 2.0, size=x[key].shape), "x": x, "key": key}


def _scattered(v: SimpleNamespace, g: Any) -> Array:
    G = np.zeros_like(v.x)
    np.add.at(G, v.key, g)
    return G


def _last_use(v: SimpleNamespace) -> Array:
    G = np.zeros_like(v.x)
    G[v.key] = v.dL_dy
    return G


def _first_use(v: SimpleNamespace) -> Array:
    G, seen = np.zeros_like(v.x), np.zeros(v.x.shape, dtype=bool)
    places = np.arange(v.x.size).reshape(v.x.shape)[v.key]
    for place, g in zip(places.reshape(-1), v.dL_dy.reshape(-1)):
        if not seen.flat[place]:
            G.flat[place], seen.flat[place] = g, True
    return G


def _rows(v: SimpleNamespace) -> bool:
    return isinstance(v.key, np.ndarray)


def _pairs(v: SimpleNamespace) -> bool:
    return isinstance(v.key, tuple) and isinstance(v.key[0], list)


index_rule = Exercise(
    name="index_rule",
    asks=("dL_dx",),
    forward=_index,
    sample=_sample_index,
    regimes=(
        _rows,
        lambda v: isinstance(v.key, slice),
        _pairs,
        lambda v: isinstance(v.key, tuple) and isinstance(v.key[0], slice),
        _rows,
        _pairs,
    ),
    points=3,
    hints=(
        "Where does an entry of x go that is taken twice? And one that is not taken at all?",
        r"$\frac{\partial L}{\partial x_i} = \sum \frac{\partial L}{\partial y_t}$ over all places $t$ of $y$ at which $x_i$ stands.",
        "Begin with `np.zeros_like(x)`. Assigning with a repeated index keeps the last value only. "
        "Which function of NumPy adds at every occurrence? Lesson 08 needs it again: `np.add.at(array, key, values)`.",
    ),
    mistakes=(
        Mistake(
            "fancy-index-add",
            REPEATED + "With a repeated index, writing by index keeps the last one only, also with an addition in front.",
            dL_dx=_last_use,
        ),
        Mistake("first-use-only", REPEATED + "Yours has the first one only.", dL_dx=_first_use),
        Mistake(
            "averaged-over-uses",
            REPEATED + "Yours are averaged.",
            dL_dx=lambda v: v.dL_dx / np.maximum(_scattered(v, 1.0), 1),
        ),
        Mistake(
            "own-operand",
            "Taking an entry multiplies it by nothing. Yours multiplies the upstream gradient by the entries of x.",
            dL_dx=lambda v: v.dL_dx * v.x,
        ),
        Mistake(
            "not-scattered",
            "The gradient of x has the shape of x. Yours has the shape of what was taken.",
            dL_dx=lambda v: v.dL_dy,
        ),
        Mistake(
            "everywhere",
            "An entry that was not taken gets nothing. In yours every entry gets the whole upstream gradient.",
            dL_dx=lambda v: np.full(v.x.shape, v.dL_dy.sum()),
        ),
    ),
)
