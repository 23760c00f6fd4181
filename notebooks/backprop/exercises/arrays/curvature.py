"""A gradient against a random direction, and products of the Hessian with a vector."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake, Prediction, SlipPlaces
from ...questions.sampling import Rng, signed
from ..support.differences import DIVISION_ORDER, WHOLE_DIFFERENCE
from .shared import Array

# --- how many evaluations -------------------------------------------------------------------------


def _evaluations(node: Any) -> None:
    widths = [2, 24, 12, 2]
    parameters = sum(torch.ones((inputs + 1, units)).sum() for inputs, units in zip(widths, widths[1:]))
    node("entry_by_entry", 2 * parameters)
    node("along_one_direction", torch.tensor(2.0))


evaluations = Prediction(
    name="evaluations",
    asks=("entry_by_entry", "along_one_direction"),
    forward=_evaluations,
    sample=lambda rng: {},
    rtol=1e-3,
    points=2,
    hints=(
        "A central difference changes one number, up and down. How many numbers are there to change?",
        "The parameters are the weights and the biases of three layers: inputs times units, and units.",
        "2*24 + 24, 24*12 + 12 and 12*2 + 2: the sum is the number of parameters. How many losses does each of them need? "
        "And along a direction, how many losses are needed in all?",
    ),
    mistakes=(
        Mistake("one-each", "A central difference needs the loss on both sides of theta.", entry_by_entry=lambda v: v.entry_by_entry / 2),
        Mistake(
            "one-sided",
            "That is one loss for each parameter and one more: a one-sided difference. A central difference needs two for each.",
            entry_by_entry=lambda v: v.entry_by_entry / 2 + 1,
        ),
        Mistake("weights-only", "The biases are parameters too.", entry_by_entry=lambda v: 720.0),
        Mistake("biases-only", "The weights are parameters too.", entry_by_entry=lambda v: 76.0),
        Mistake(
            "one-for-all",
            "A central difference changes one parameter at a time. Two losses are not enough for all partial derivatives.",
            entry_by_entry=lambda v: 2.0,
        ),
        Mistake(
            "direction-entry-by-entry",
            "Along a direction all parameters change at once.",
            along_one_direction=lambda v: v.entry_by_entry,
        ),
        Mistake("one-side", "A central difference needs the loss on both sides of theta.", along_one_direction=lambda v: 1.0),
    ),
)

# --- the directional check ------------------------------------------------------------------------


def _directional(node: Any, theta: Any, v: Any, gradient: Any, a: Any, b: Any, h: Any) -> None:
    up, down = (a * (theta + sign * h * v) ** 2 + b * (theta + sign * h * v) ** 3 for sign in (1, -1))
    node("measured", (up.sum() - down.sum()) / (2 * h))
    node("claimed", (gradient * v).sum())


def _sample_directional(rng: Rng) -> dict[str, Any]:
    """Draw a function of several parameters and its gradient, often with a wrong entry."""
    n = int(rng.integers(3, 6))
    theta, a, b = (signed(rng, 0.4, 1.6, size=n) for _ in range(3))
    gradient = 2 * a * theta + 3 * b * theta**2
    if rng.random() < 0.5:
        gradient[int(rng.integers(n))] *= -1.0
    return {
        "theta": theta,
        "v": signed(rng, 0.4, 1.6, size=n),
        "gradient": np.round(gradient, 3),
        "a": a,
        "b": b,
        "h": float(rng.choice([1e-4, 0.05])),
    }


def _function(v: SimpleNamespace) -> Any:
    def f(theta: Any) -> Any:
        return float((v.a * theta**2 + v.b * theta**3).sum())

    return f


def _quotient(up: float, down: float, width: float) -> Any:
    """A wrong difference quotient along v."""
    return lambda s: (_function(s)(s.theta + up * s.h * s.v) - _function(s)(s.theta + down * s.h * s.v)) / (width * s.h)


def _along(direction: Any) -> Any:
    """The difference quotient along another direction."""

    def measured(s: SimpleNamespace) -> Any:
        d = direction(s)
        return (_function(s)(s.theta + s.h * d) - _function(s)(s.theta - s.h * d)) / (2 * s.h)

    return measured


def _unit(s: SimpleNamespace) -> Array:
    return s.v / np.linalg.norm(s.v)


directional_check = Exercise(
    name="directional_check",
    asks=("measured", "claimed"),
    forward=_directional,
    sample=_sample_directional,
    arguments=lambda s: {"f": _function(s), "theta": s.theta, "v": s.v, "gradient": s.gradient, "h": s.h},
    regimes=(lambda s: s.h < 0.01, lambda s: s.h > 0.01),
    points=3,
    hints=(
        "If all parameters move together by h times v, how far does the loss move? What does the gradient say about that?",
        r"measured: $\frac{f(\theta + hv) - f(\theta - hv)}{2h}$. Claimed: $g\cdot v = \sum_k g_k v_k$.",
        "`f(theta + h * v)` is one of the two values of f. How far apart are the two values of $t$? The second number needs no f.",
    ),
    mistakes=(
        Mistake(
            "forward-difference",
            "That is a one-sided difference, with an error of order h. Take the same step to both sides.",
            measured=_quotient(1, 0, 1),
        ),
        Mistake("half-width", "The two points lie 2h apart along v. You divided by h.", measured=_quotient(1, -1, 1)),
        Mistake(
            "division-order",
            DIVISION_ORDER,
            measured=lambda s: _quotient(1, -1, 2)(s) * s.h**2,
        ),
        Mistake(
            "missing-parentheses",
            WHOLE_DIFFERENCE,
            measured=lambda s: _function(s)(s.theta + s.h * s.v) - _function(s)(s.theta - s.h * s.v) / (2 * s.h),
        ),
        Mistake(
            "not-divided",
            "That is how much f changes. Divide it by the distance over which it changes.",
            measured=lambda s: _quotient(1, -1, 1)(s) * s.h,
        ),
        Mistake(
            "absolute-paths",
            "The contributions of the parameters are added with their signs. Yours are added without.",
            claimed=lambda s: np.abs(s.gradient * s.v).sum(),
        ),
        Mistake("difference-sign", "Forward minus backward: yours is the other way round.", measured=_quotient(-1, 1, 2)),
        Mistake(
            "direction-forgotten",
            "Yours moves every parameter by h. The direction v says how far each of them moves.",
            measured=_along(lambda s: np.ones_like(s.v)),
        ),
        Mistake(
            "normalised",
            "Yours divides v by its length before the step. The parameters move by h times v, with the length that v has.",
            measured=_along(_unit),
        ),
        Mistake(
            "divided-by-length",
            "Yours divides by the length of v as well. The derivative with respect to t is asked for, and t changes by 2h.",
            measured=lambda s: _quotient(1, -1, 2)(s) / np.linalg.norm(s.v),
        ),
        Mistake(
            "not-summed",
            "Those are the contributions of the single parameters. The derivative along v is their sum.",
            claimed=lambda s: s.gradient * s.v,
        ),
        Mistake(
            "claimed-normalised",
            "Yours divides by the length of v. The difference quotient does not.",
            claimed=lambda s: s.gradient @ _unit(s),
        ),
        Mistake(
            "claim-is-measured",
            "Your second number is the first one again. It has to come from the gradient alone.",
            claimed=lambda s: s.measured,
        ),
    ),
)

# --- Hessian-vector products ----------------------------------------------------------------------


def _loss_of(theta: Any) -> Any:
    w1, w2, w3, w4, b1, b2, b3 = theta
    total = 0.0
    for x, y in ((0.1, 1.2), (0.53, 3.2), (0.82, 1.1)):  # the points of lesson 02
        residual = w3 * torch.tanh(w1 * x + b1) + w4 * torch.tanh(w2 * x + b2) + b3 - y
        total = total + residual * residual
    return total


def _hessian_vector(node: Any, theta: Any, v: Any) -> None:
    at = theta.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_loss_of(at), at, create_graph=True)
    node("Hv", torch.autograd.grad((gradient * v.detach()).sum(), at)[0])
    node("L", _loss_of(theta))


def _hessian(s: SimpleNamespace) -> Array:
    theta = torch.tensor(np.asarray(s.theta), dtype=torch.float64)
    return torch.autograd.functional.hessian(_loss_of, theta).numpy()


hessian_vector = Exercise(
    name="hessian_vector",
    asks=("dL_dtheta", "Hv"),
    forward=_hessian_vector,
    slips_at=SlipPlaces.ALL,  # the gradients come from the learner's engine
    sample=lambda rng: {"theta": signed(rng, size=7), "v": signed(rng, 0.4, 1.6, size=7)},
    points=4,
    hints=(
        "In which direction do the parameters move? Where does a dual number store how fast it moves?",
        r"Parameter $k$ is the dual number $\theta_k + v_k\varepsilon$. After the backward pass each gradient is a dual number too: "
        r"$\frac{\partial L}{\partial\theta_k} + (Hv)_k\,\varepsilon$.",
        "A leaf is `Value(Dual(number, speed))`: which numbers are the speeds? Then `curved_loss(leaves).backward()`. "
        "After it `leaf.grad` is a `Dual`, with the parts `data` and `dot`.",
    ),
    mistakes=(
        Mistake("gradient-for-product", "That is the gradient. How fast does it change along v?", Hv=lambda s: s.dL_dtheta),
        Mistake(
            "diagonal-only",
            "Yours has second derivatives with respect to one parameter only. Each partial derivative changes with every parameter.",
            Hv=lambda s: np.diag(_hessian(s)) * s.v,
        ),
        Mistake(
            "all-ones",
            "Yours moves every parameter at the speed 1. The speeds are the entries of v.",
            Hv=lambda s: _hessian(s).sum(axis=1),
        ),
        Mistake(
            "own-value-for-direction",
            "Yours moves every parameter at the speed of its own value. The speeds are the entries of v.",
            Hv=lambda s: _hessian(s) @ s.theta,
        ),
        Mistake(
            "curvature-along-v",
            "That is one number, the second derivative along v. The product of the Hessian with v is a vector.",
            Hv=lambda s: s.v @ s.Hv,
        ),
        Mistake(
            "gradient-times-v",
            "That multiplies the gradient by v. Its change along v is asked for.",
            Hv=lambda s: s.dL_dtheta * s.v,
        ),
        Mistake(
            "nothing-moves",
            "In yours the derivative is 0 everywhere: no parameter moves. The speeds go into the dual numbers before the forward pass.",
            Hv=lambda s: np.zeros_like(s.v),
        ),
    ),
)
