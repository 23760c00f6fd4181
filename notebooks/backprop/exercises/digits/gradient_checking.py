"""Gradient checking of a list of parameters, with an absolute and a relative tolerance."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, positive, signed
from ..support.differences import DIVISION_ORDER, WHOLE_DIFFERENCE
from .shared import Array, parts_like

H, RTOL, ATOL = 1e-4, 1e-3, 1e-6


def _rippled(theta: Any, a: Any, b: Any, functions: Any) -> Any:
    """A function of all parameters, given as one vector, in which neighbours are multiplied.

    Where the first entry is 0 its derivative is 0, although a central difference is not exactly 0.
    The derivatives of the last three entries are of other sizes: about 40, and twice about 0.0002.
    """
    flat, coupled, steep, faint = theta[0], theta[1:-3], theta[-3], theta[-2:]
    waves = functions.sin(a * coupled).sum() + b * (coupled[1:] * coupled[:-1]).sum()
    return waves + 40 * steep + 1e-4 * (faint**2).sum() + 0.01 * flat**3


def _check_gradients(node: Any, parameters: Any, gradients: Any, a: Any, b: Any, rtol: float = RTOL, atol: float = ATOL) -> None:
    theta = torch.cat([part.reshape(-1) for part in parameters])
    L = _rippled(theta, a, b, torch)
    slopes = torch.autograd.grad(L, parameters, retain_graph=True)
    off = [(claim - slope).abs() > atol + rtol * slope.abs() for claim, slope in zip(gradients, slopes)]
    node("suspects", torch.stack([part.sum() for part in off]).double())
    node("L", L)


def _sample_gradient_check(rng: Rng) -> dict[str, Any]:
    """Three arrays; in each some of the claimed gradients are right, and some are off.

    The first entry, the flat one, is rightly 0. Of the last three the steep one is nearly right,
    and the two faint ones are wrong.
    """
    rows, columns = (int(size) for size in rng.permutation([2, 3, 4])[:2])
    shapes = [(rows, columns), (columns,), (int(rng.integers(5, 7)),)]
    sizes = [int(np.prod(shape)) for shape in shapes]
    a, b = positive(rng, 1.1, 1.9, size=sum(sizes) - 4), signed(rng, 0.5, 1.5)
    theta = torch.tensor(np.append(0.0, signed(rng, size=sum(sizes) - 1)), requires_grad=True)
    slopes = torch.autograd.grad(_rippled(theta, torch.tensor(a), b, torch), theta)[0].numpy()
    kinds = [0.0, 0.05, -0.05, -2.0]
    off = rng.permutation(np.concatenate([kinds, rng.choice([0.0, 0.9, -0.5], size=len(a) - 4)]))
    off = np.concatenate([[0.0], off, [rng.choice([-4e-4, 4e-4])], rng.choice([-0.8, 0.8], size=2)])
    claimed = slopes + off * np.where(off == -2.0, slopes, np.abs(slopes))  # minus 2 turns the sign
    like = [np.zeros(shape) for shape in shapes]
    return {"parameters": parts_like(theta.detach().numpy(), like), "gradients": parts_like(claimed, like), "a": a, "b": b}


def _loss(v: SimpleNamespace) -> Callable[[Sequence[Any]], float]:
    def loss(parameters: Sequence[Any]) -> float:
        theta = np.concatenate([np.ravel(part) for part in parameters])
        return float(_rippled(theta, v.a, v.b, np))

    return loss


def _arguments(v: SimpleNamespace) -> dict[str, Any]:
    return {"loss": _loss(v), "parameters": v.parameters, "gradients": v.gradients, "h": H, "rtol": RTOL, "atol": ATOL}


def _differences(v: SimpleNamespace, up: float = 1, down: float = -1, width: float = 2) -> Array:
    """Difference quotients of every entry, as one vector."""
    loss, theta = _loss(v), np.concatenate([part.reshape(-1) for part in v.parameters])
    nudges = H * np.eye(theta.size)
    return np.array([loss([theta + up * e]) - loss([theta + down * e]) for e in nudges]) / (width * H)


def _second_value_divided(v: SimpleNamespace) -> Array:
    loss, theta = _loss(v), np.concatenate([part.reshape(-1) for part in v.parameters])
    return np.array([loss([theta + e]) - loss([theta - e]) / (2 * H) for e in H * np.eye(theta.size)])


def _counts(v: SimpleNamespace, off: Array) -> Array:
    return np.array([part.sum() for part in parts_like(off * 1.0, v.parameters)])


def _outside(v: SimpleNamespace, slopes: Array, rtol: float = RTOL, atol: float = ATOL) -> Array:
    return np.abs(v.claimed - slopes) > atol + rtol * np.abs(slopes)


def _with_claims(formula: Callable[[SimpleNamespace], Any]) -> Callable[[SimpleNamespace], Any]:
    """A formula that may use v.claimed and v.slopes, each as one vector."""

    def complete(v: SimpleNamespace) -> Any:
        claimed = np.concatenate([part.reshape(-1) for part in v.gradients])
        return formula(SimpleNamespace(**vars(v) | {"claimed": claimed, "slopes": np.asarray(v.dL_dparameters)}))

    return complete


def _wrong_differences(wrong: Callable[[SimpleNamespace], Array]) -> dict[str, Callable[[SimpleNamespace], Any]]:
    """A mistake in the differences, and the counts that follow from it."""
    return {
        "dL_dparameters": lambda v: parts_like(wrong(v), v.parameters),
        "suspects": _with_claims(lambda v: _counts(v, _outside(v, wrong(v)))),
    }


def _wrong_comparison(off: Callable[[SimpleNamespace], Array]) -> dict[str, Callable[[SimpleNamespace], Any]]:
    """A mistake in what counts as off."""
    return {"suspects": _with_claims(lambda v: _counts(v, off(v)))}


check_gradients = Exercise(
    name="check_gradients",
    asks=("dL_dparameters", "suspects"),
    forward=_check_gradients,
    sample=_sample_gradient_check,
    arguments=_arguments,
    regimes=(lambda v: np.abs(v.dL_dparameters[1:-3]).min() > 0.1,),
    points=4,
    hints=(
        "In lesson 07 the parameters were one array. How do you visit every entry of a list of arrays of different shapes, "
        "and leave all others as they are?",
        r"$g_i \approx \frac{L(\theta + h e_i) - L(\theta - h e_i)}{2h}$; an entry is suspect if "
        r"$|\text{claimed}_i - g_i| > \text{atol} + \text{rtol}\,|g_i|$.",
        "For each array: `for place in np.ndindex(part.shape):`. "
        "Set `part[place]` to `kept + h`, call `loss(parameters)`; set it to `kept - h`, "
        "call again; set it back to `kept`. Work on copies. Then compare whole arrays and count with `.sum()`. "
        "Which of the two numbers is inside the absolute value on the right?",
    ),
    mistakes=(
        Mistake(
            "forward-difference",
            "That is a one-sided difference, with an error of order h. Centre it.",
            dL_dparameters=lambda v: parts_like(_differences(v, 1, 0, 1), v.parameters),
        ),
        Mistake(
            "half-width", "The two points lie 2h apart, and you divide by h.", **_wrong_differences(lambda v: _differences(v, width=1))
        ),
        Mistake("division-order", DIVISION_ORDER, **_wrong_differences(lambda v: _differences(v) * H**2)),
        Mistake("missing-parentheses", WHOLE_DIFFERENCE, **_wrong_differences(_second_value_divided)),
        Mistake(
            "moved-back-by-h",
            "Your second point is the parameter itself: from the first point it is 2h to the second one.",
            **_wrong_differences(lambda v: _differences(v, 1, 0)),
        ),
        Mistake(
            "difference-sign", "Right minus left: yours is the other way round.", **_wrong_differences(lambda v: _differences(v, -1, 1))
        ),
        Mistake(
            "not-put-back",
            "An entry that was moved has to be put back before the next one is moved. Yours stays at its second place.",
            **_wrong_differences(lambda v: _not_put_back(v)),
        ),
        Mistake(
            "nothing-moves",
            "All your differences are 0: the loss is called twice with the same numbers. "
            "Is the array that you change in the list that you pass?",
            **_wrong_differences(lambda v: np.zeros(sum(part.size for part in v.parameters))),
        ),
        Mistake(
            "whole-array-moved",
            "All entries of an array are moved together. Move one entry and leave the others.",
            **_wrong_differences(lambda v: _by_array(v)),
        ),
        Mistake(
            "no-absolute-tolerance",
            "A right derivative of 0 is counted: its central difference is tiny and not exactly 0. The absolute tolerance is missing.",
            **_wrong_comparison(lambda v: _outside(v, _differences(v), atol=0.0)),
        ),
        Mistake(
            "absolute-tolerance-only",
            "Large derivatives that are right to three digits are counted, for a difference that is small beside them. "
            "The relative tolerance is missing.",
            **_wrong_comparison(lambda v: _outside(v, v.slopes, rtol=0.0)),
        ),
        Mistake(
            "tolerances-exchanged",
            "The absolute and the relative tolerance are exchanged: a wrong claim about a small derivative is missed.",
            **_wrong_comparison(lambda v: _outside(v, v.slopes, rtol=ATOL, atol=RTOL)),
        ),
        Mistake(
            "relative-to-the-largest",
            "The largest derivatives decide for all. A wrong claim about a small one is missed.",
            **_wrong_comparison(lambda v: np.abs(v.claimed - v.slopes) > ATOL + RTOL * np.abs(v.slopes).max()),
        ),
        Mistake(
            "too-large-only",
            "A claim that is too small is wrong as well. The difference counts in both directions.",
            **_wrong_comparison(lambda v: v.claimed - v.slopes > ATOL + RTOL * np.abs(v.slopes)),
        ),
        Mistake(
            "sizes-compared",
            "A claim of the right size and the wrong sign is missed: you compare absolute values and not the numbers.",
            **_wrong_comparison(lambda v: np.abs(np.abs(v.claimed) - np.abs(v.slopes)) > ATOL + RTOL * np.abs(v.slopes)),
        ),
        Mistake(
            "right-ones-counted",
            "Those are the numbers of the entries that are right. Count the others.",
            **_wrong_comparison(lambda v: ~_outside(v, v.slopes)),
        ),
        Mistake(
            "yes-or-no",
            "That says whether an array has a suspect entry. Asked is how many it has.",
            suspects=lambda v: (v.suspects > 0) * 1.0,
        ),
        Mistake("one-count", "That is the number for all arrays together. Count for each array.", suspects=lambda v: v.suspects.sum()),
        Mistake(
            "shares-for-counts",
            "Those are shares of the entries. Asked is the number of entries.",
            suspects=lambda v: v.suspects / [part.size for part in v.parameters],
        ),
        Mistake(
            "claims-repeated",
            "Those are the claimed gradients. The differences have to come from the loss alone.",
            dL_dparameters=lambda v: v.gradients,
            suspects=lambda v: np.zeros(len(v.parameters)),
        ),
    ),
)


def _not_put_back(v: SimpleNamespace) -> Array:
    """Differences with all entries before the one that moves left at minus h."""
    loss, theta = _loss(v), np.concatenate([part.reshape(-1) for part in v.parameters])
    moved, found = theta.copy(), []
    for k in range(theta.size):
        values = []
        for step in (H, -H):
            moved[k] = theta[k] + step
            values.append(loss([moved]))
        found.append((values[0] - values[1]) / (2 * H))
    return np.array(found)


def _by_array(v: SimpleNamespace) -> Array:
    """The slope along all entries of an array together, at each of its entries."""
    return np.concatenate([np.full(part.size, part.sum()) for part in parts_like(np.asarray(v.dL_dparameters), v.parameters)])
