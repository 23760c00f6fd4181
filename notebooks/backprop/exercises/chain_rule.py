"""Lesson 01, The chain rule: one path, activation functions,
several paths, chains of sigmoids, gradient checking.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import product_with
from ..exercise import Exercise, Mistake, Prediction
from ..questions.sampling import Rng, between_zero_and_one, positive, signed
from . import lesson
from .support.differences import DIVISION_ORDER, WHOLE_DIFFERENCE

# --- basic slopes ---------------------------------------------------------------------------------


def _basic_slopes(node: Any, u: Any) -> None:
    reciprocal = node("reciprocal", 1 / u)
    log = node("log", torch.log(u))
    node("total", reciprocal + log)


basic_slopes = Exercise(
    name="basic_slopes",
    asks=("dreciprocal_du", "dlog_du"),
    forward=_basic_slopes,
    sample=lambda rng: {"u": float(rng.integers(401, 2500)) / 1000},
    points=2,
    hints=(
        "Both are in the table above. Which power of u stands in each?",
        r"$\dfrac{1}{u} = u^{-1}$, so the rule for $x^n$ applies with $n = -1$. For the other one read the last row of the table.",
        "`dreciprocal_du` is a negative number divided by `u**2`. `dlog_du` is a positive number divided by a power of `u`. Which?",
    ),
    mistakes=(
        Mistake(
            "reciprocal-sign",
            "When u grows, 1/u becomes smaller, so its derivative cannot be positive. Look at the sign.",
            dreciprocal_du=lambda v: 1 / v.u**2,
        ),
        Mistake(
            "reciprocal-of-slope",
            "The derivative of 1/u is not one over the derivative of u, and not one over u with a new sign: the power of u changes too.",
            dreciprocal_du=lambda v: -1 / v.u,
        ),
        Mistake(
            "log-slope-is-log", "That is the logarithm's value. Its derivative is a different function of u.", dlog_du=lambda v: np.log(v.u)
        ),
        Mistake(
            "log-differentiated-twice",
            "That is the second derivative: you have differentiated the logarithm twice.",
            dlog_du=lambda v: -1 / v.u**2,
        ),
    ),
)


# --- activation functions -------------------------------------------------------------------------


def _activation_slopes(node: Any, v: Any) -> None:
    sigmoid = node("sigmoid", torch.sigmoid(v))
    softplus = node("softplus", torch.nn.functional.softplus(v))
    relu = node("relu", torch.relu(v))
    node("total", sigmoid + softplus + relu)


activation_slopes = Exercise(
    name="activation_slopes",
    asks=("dsigmoid_dv", "dsoftplus_dv", "drelu_dv"),
    forward=_activation_slopes,
    sample=lambda rng: {"v": float(rng.choice([-1, 1]) * rng.integers(401, 2500)) / 1000},
    regimes=(lambda v: v.v > 0, lambda v: v.v < 0),
    points=3,
    hints=(
        "The sigmoid is one over something. Softplus is the logarithm of something. "
        "What is the inner function in each, and what is its derivative?",
        r"With $u = 1 + e^{-v}$: $\dfrac{d\sigma}{dv} = -\dfrac{1}{u^2}\cdot(-e^{-v})$, and $\dfrac{e^{-v}}{1 + e^{-v}} = 1 - \sigma$. "
        r"With $u = 1 + e^v$, softplus is $\log u$.",
        "`dsigmoid_dv` is `sigmoid` times one more factor. `dsoftplus_dv` is `np.exp(v) / (1 + np.exp(v))`, which can be written with "
        "`sigmoid` alone. `drelu_dv` is 1 or 0: which sign decides?",
    ),
    mistakes=(
        Mistake("slope-is-value", "That is the sigmoid's value, not its derivative.", dsigmoid_dv=lambda v: v.sigmoid),
        Mistake(
            "sigmoid-no-inner-slope",
            "You differentiated the outer function, one over something, and stopped. What is inside moves too.",
            dsigmoid_dv=lambda v: -(v.sigmoid**2),
        ),
        Mistake(
            "softplus-no-inner-slope",
            "You differentiated the logarithm and stopped. What is inside it moves too.",
            dsoftplus_dv=lambda v: 1 - v.sigmoid,
        ),
        Mistake(
            "softplus-slope-is-softplus",
            "That is softplus itself. Only the exponential is its own derivative, and softplus is a logarithm.",
            dsoftplus_dv=lambda v: v.softplus,
        ),
        Mistake(
            "softplus-slope-is-sigmoid-slope",
            "That is the derivative of the sigmoid, which is the second derivative of softplus. You have differentiated once too often.",
            dsoftplus_dv=lambda v: v.sigmoid * (1 - v.sigmoid),
        ),
        Mistake("no-gate", "For a negative input ReLU is constant. Your derivative is 1 everywhere.", drelu_dv=lambda v: 1.0),
        Mistake("relu-slope-is-relu", "That is ReLU's value. Its derivative has only two values.", drelu_dv=lambda v: v.relu),
    ),
)


# --- one path -------------------------------------------------------------------------------------


def _gears(node: Any, x: Any) -> None:
    g = node("g", 3 * x + 1)
    node("y", g**2)


gears = Prediction(
    name="gears",
    asks=("dy_dx",),
    forward=_gears,
    sample=lambda rng: {"x": 2.0},
    rtol=1e-3,
    points=1,
    hints=(
        "If x grows by a tiny bit, how many times that bit does g grow? And how many times g's bit does y grow, at the g that you have?",
        r"$\dfrac{dy}{dx} = \dfrac{dy}{dg}\cdot\dfrac{dg}{dx}$, with $g = 7$.",
        "The derivative of `g**2` at `g = 7`, times the derivative of `3*x + 1`.",
    ),
    mistakes=(
        Mistake(
            "outer-only",
            "You have the derivative of the square with respect to g. How fast does g change when x does?",
            dy_dx=lambda v: 2 * v.g,
        ),
        Mistake(
            "lost-factor-two",
            "You have multiplied the value of g by its derivative. What is the derivative of a square?",
            dy_dx=lambda v: v.g * 3,
        ),
        Mistake("value-for-slope", "That is the value of y. Asked is how fast y changes.", dy_dx=lambda v: 49.0),
        Mistake(
            "inner-only", "You have the inner derivative. The derivative of the square around it is a factor too.", dy_dx=lambda v: 3.0
        ),
        Mistake(
            "outer-at-inner-slope",
            "You put the inner derivative into the derivative of the square. The derivative of the square is taken at the value of g.",
            dy_dx=lambda v: 2 * 3.0,
        ),
        Mistake("outer-at-x", "You took the derivative of the square at x. The argument of the square is g.", dy_dx=lambda v: 2 * v.x * 3),
        Mistake(
            "slopes-added",
            "Both derivatives are there. Along one path they multiply; they do not add.",
            dy_dx=lambda v: 2 * v.g + 3,
        ),
    ),
)


def _one_path(node: Any, x: Any) -> None:
    g = node("g", torch.exp(x) + x**2)
    node("y", g**3)


one_path = Exercise(
    name="one_path",
    asks=("dy_dg", "dg_dx", "dy_dx"),
    forward=_one_path,
    sample=lambda rng: {"x": signed(rng)},
    points=3,
    hints=(
        "What is the last thing that is done to get y, and to what is it done? Call that thing g.",
        r"$\dfrac{dy}{dx} = \dfrac{dy}{dg}\cdot\dfrac{dg}{dx}$. The first factor is taken at $g$, the second at $x$.",
        "`dy_dg` is the derivative of a cube at `g`. `dg_dx` has one term for `np.exp(x)` and one for `x**2`. Multiply the two.",
    ),
    mistakes=(
        Mistake(
            "outer-only",
            "You stopped after the outer function. g itself moves when x does, and its speed is a factor of the answer.",
            dy_dx=lambda v: 3 * v.g**2,
        ),
        Mistake(
            "outer-at-inner-slope",
            "The outer derivative is taken at the value of g, not at the derivative of g.",
            dy_dg=lambda v: 3 * (np.exp(v.x) + 2 * v.x) ** 2,
        ),
        Mistake("outer-at-x", "The argument of the cube is g, so its derivative is taken at g and not at x.", dy_dg=lambda v: 3 * v.x**2),
        Mistake("square-for-cube", "That is the derivative of a square. Here g is taken to the third power.", dy_dg=lambda v: 2 * v.g),
        Mistake("dropped-term", "g is a sum of two terms, and each has a derivative. One of them is missing.", dg_dx=lambda v: np.exp(v.x)),
        Mistake(
            "dropped-exponential", "g is a sum of two terms, and each has a derivative. One of them is missing.", dg_dx=lambda v: 2 * v.x
        ),
        Mistake("slopes-added", "Both derivatives are there. Along one path they multiply.", dy_dx=lambda v: v.dy_dg + v.dg_dx),
        Mistake(
            "terms-multiplied",
            "g is a sum of two terms, and their derivatives add. Yours are multiplied.",
            dg_dx=lambda v: np.exp(v.x) * 2 * v.x,
        ),
    ),
)


# --- longer chains --------------------------------------------------------------------------------


def _long_chain(node: Any, x: Any) -> None:
    u = node("u", x**2)
    v = node("v", torch.exp(u))
    node("y", torch.exp(v))


long_chain = Exercise(
    name="long_chain",
    asks=("dy_dv", "dv_du", "du_dx", "dy_dx"),
    forward=_long_chain,
    sample=lambda rng: {"x": signed(rng, 0.3, 1.2)},
    points=4,
    hints=(
        "There are three links. Each one takes the number before it and makes the next. What is the derivative of each, at the number it "
        "is given?",
        r"$\dfrac{dy}{dx} = \dfrac{dy}{dv}\cdot\dfrac{dv}{du}\cdot\dfrac{du}{dx}$, and the exponential is its own derivative: "
        r"$\dfrac{dv}{du} = v$.",
        "`dy_dv` is the derivative of `np.exp` at `v`, a number that you already have. The last line multiplies all three links.",
    ),
    mistakes=(
        Mistake(
            "dropped-link",
            "Count the links between x and y, then count your factors. The exponential in the middle is missing.",
            dy_dx=lambda v: v.dy_dv * 2 * v.x,
        ),
        Mistake("slopes-added", "Along one path local derivatives multiply. Yours are added.", dy_dx=lambda v: v.dy_dv + v.dv_du + v.du_dx),
        Mistake(
            "dropped-inner-link",
            "Count the links between x and y, then count your factors. The innermost one is missing.",
            dy_dx=lambda v: v.dy_dv * v.v,
        ),
        Mistake("outer-only", "You stopped at the outermost exponential. There are more links behind it.", dy_dx=lambda v: v.dy_dv),
        Mistake(
            "outer-at-wrong-node",
            "That is the argument of the last exponential. Its derivative there is another number.",
            dy_dv=lambda v: v.v,
        ),
        Mistake(
            "middle-at-wrong-node",
            "That is the argument of the first exponential. Its derivative there is another number.",
            dv_du=lambda v: v.u,
        ),
        Mistake(
            "outermost-dropped",
            "The outermost exponential is a link as well, and its derivative is missing from your product.",
            dy_dx=lambda v: v.v * 2 * v.x,
        ),
    ),
)


def _reciprocal_chain(node: Any, x: Any) -> None:
    u = node("u", x**2)
    v = node("v", torch.exp(u))
    node("y", 1 / v)


reciprocal_chain = Exercise(
    name="reciprocal_chain",
    asks=("dy_dx",),
    forward=_reciprocal_chain,
    sample=lambda rng: {"x": signed(rng, 0.3, 1.5)},
    points=2,
    hints=(
        "Which function is done first, which second, which last? Name each result.",
        r"With $u = x^2$, $v = e^u$, $y = 1/v$: $\dfrac{dy}{dx} = -\dfrac{1}{v^2}\cdot\dfrac{dv}{du}\cdot\dfrac{du}{dx}$. Two factors "
        r"are still yours to fill in.",
        "`u = x**2`, `v = np.exp(u)`. Then the derivatives of `1 / v` at `v`, of `np.exp` at `u` and of `x**2`. Return their product.",
    ),
    mistakes=(
        Mistake("reciprocal-sign", "When v grows, 1/v shrinks. Your first link has the other sign.", dy_dx=lambda v: 2 * v.x / v.v),
        Mistake(
            "dropped-link",
            "The exponential is a link of its own, and its derivative is missing from your product.",
            dy_dx=lambda v: -2 * v.x / v.v**2,
        ),
        Mistake("dropped-inner-link", "The innermost link, the square, is missing from your product.", dy_dx=lambda v: -1 / v.v),
        Mistake("outer-only", "You stopped at the reciprocal. There are two more links behind it.", dy_dx=lambda v: -1 / v.v**2),
        Mistake(
            "square-of-the-exponential",
            "u, the square of x, is the argument of the exponential. Yours squares the exponential of x.",
            dy_dx=lambda v: -2 * np.exp(-2 * v.x),
        ),
        Mistake(
            "reciprocal-of-slope",
            "The derivative of one over a function is not one over the derivative of the function.",
            dy_dx=lambda v: 1 / (2 * v.x * v.v),
        ),
    ),
)


def _inner_partials(node: Any, x: Any, z: Any) -> None:
    g = node("g", x**2 * z + 3 * z)
    node("y", torch.sin(g))


inner_partials = Exercise(
    name="inner_partials",
    asks=("dy_dg", "dy_dx", "dy_dz"),
    forward=_inner_partials,
    sample=lambda rng: {"x": signed(rng), "z": signed(rng, 0.3, 1.2)},
    points=3,
    hints=(
        "Hold z still and move only x. Which terms of g move, and how fast?",
        r"$\dfrac{\partial y}{\partial x} = \cos(g)\cdot\dfrac{\partial g}{\partial x}$ and "
        r"$\dfrac{\partial y}{\partial z} = \cos(g)\cdot\dfrac{\partial g}{\partial z}$: both have the outer derivative as a factor.",
        "`dy_dg = np.cos(g)`. In `dg_dx` the term `3*z` is a constant; in `dg_dz` the factor `x**2` is one.",
    ),
    mistakes=(
        Mistake(
            "outer-only", "That is the outer derivative alone. How fast does g change when only x changes?", dy_dx=lambda v: np.cos(v.g)
        ),
        Mistake(
            "outer-only-z", "That is the outer derivative alone. How fast does g change when only z changes?", dy_dz=lambda v: np.cos(v.g)
        ),
        Mistake("outer-at-x", "The argument of the sine is g, so its derivative is taken at g and not at x.", dy_dg=lambda v: np.cos(v.x)),
        Mistake(
            "sine-sign",
            "The minus sign belongs to the derivative of the cosine, not to that of the sine.",
            dy_dg=lambda v: -np.cos(v.g),
        ),
        Mistake(
            "outer-slope-lost",
            "Those are the derivatives of g. The sine around it has a derivative as well, and it is a factor of both.",
            dy_dx=lambda v: 2 * v.x * v.z,
            dy_dz=lambda v: v.x**2 + 3,
        ),
        Mistake(
            "not-held-still",
            "While x moves, z is held still: a term that has only z in it does not move.",
            dy_dx=lambda v: np.cos(v.g) * (2 * v.x * v.z + 3),
        ),
        Mistake("dropped-term", "z stands in two terms of g, and both move when z does.", dy_dz=lambda v: np.cos(v.g) * v.x**2),
        Mistake("dropped-product-term", "z stands in two terms of g, and both move when z does.", dy_dz=lambda v: np.cos(v.g) * 3),
        Mistake("factor-lost", "While x moves, z is held still, but it stays as a factor.", dy_dx=lambda v: np.cos(v.g) * 2 * v.x),
    ),
)


# --- two paths ------------------------------------------------------------------------------------


def _two_paths(node: Any, x: Any) -> None:
    g = node("g", 2 * x - 1)
    h = node("h", x**3)
    node("y", h * g + torch.cos(h))


two_paths = Exercise(
    name="two_paths",
    asks=("dy_dg", "dy_dh", "dg_dx", "dh_dx", "dy_dx"),
    forward=_two_paths,
    sample=lambda rng: {"x": signed(rng)},
    points=5,
    hints=(
        "x reaches y in two ways. If you cut one of them, what would be left of the answer? And if you cut the other?",
        r"$\dfrac{dy}{dx} = \dfrac{\partial y}{\partial g}\cdot\dfrac{dg}{dx} + \dfrac{\partial y}{\partial h}\cdot\dfrac{dh}{dx}$: "
        "multiply along each path, add the paths.",
        "y is `h * g + np.cos(h)`. Hold h still to get `dy_dg`. Hold g still to get `dy_dh`: it has two terms, "
        "one from the product and one from the cosine, taken at `h`.",
    ),
    mistakes=(
        Mistake(
            "paths-multiplied",
            "Along a path local derivatives multiply. The contributions of the paths add.",
            dy_dx=lambda v: v.dy_dg * v.dg_dx * v.dy_dh * v.dh_dx,
        ),
        Mistake(
            "paths-crossed",
            "The two factors of each product belong to different paths: what leads to g is followed by what leads on from g.",
            dy_dx=lambda v: v.dy_dg * v.dh_dx + v.dy_dh * v.dg_dx,
        ),
        Mistake(
            "inner-argument",
            "The argument of the cosine is h, so its derivative is taken at h. Yours is taken at x.",
            dy_dh=lambda v: v.g - np.sin(v.x),
        ),
        Mistake(
            "cosine-sign",
            "To the right of its maximum at 0 the cosine falls. Look at the sign of its derivative.",
            dy_dh=lambda v: v.g + np.sin(v.h),
        ),
        Mistake(
            "chained-too-early",
            "That is the whole path through h, from y down to x. Asked for is its first part: how y moves when h does.",
            dy_dh=lambda v: v.dy_dh * v.dh_dx,
        ),
        Mistake(
            "constant-kept",
            "While g moves, h is held still, and so is everything that is made of h alone.",
            dy_dg=lambda v: v.h + np.cos(v.h),
        ),
        Mistake(
            "local-slopes-summed",
            "You added the outer derivatives without multiplying each one by the derivative of g, or of h, with respect to x.",
            dy_dx=lambda v: v.dy_dg + v.dy_dh,
        ),
    ),
)


# --- chains of sigmoids ---------------------------------------------------------------------------


def _three_sigmoids(node: Any, x: Any, w1: Any, w2: Any, w3: Any, y: Any) -> None:
    a1 = node("a1", torch.sigmoid(w1 * x))
    a2 = node("a2", torch.sigmoid(w2 * a1))
    yhat = node("yhat", torch.sigmoid(w3 * a2))
    node("L", (yhat - y) ** 2)


three_sigmoids = Exercise(
    name="three_sigmoids",
    asks=("dL_dyhat", "dL_dw3", "dL_da2", "dL_dw2", "dL_da1", "dL_dw1"),
    forward=_three_sigmoids,
    sample=lambda rng: {
        "x": signed(rng),
        "w1": signed(rng),
        "w2": signed(rng, 0.5, 2.0),
        "w3": signed(rng, 0.5, 2.0),
        "y": between_zero_and_one(rng),
    },
    points=6,
    hints=(
        "Which part of the way from w1 to L is also part of the way from w2? You have worked that part out already.",
        r"$\dfrac{\partial L}{\partial w_2} = \dfrac{\partial L}{\partial a_2}\cdot a_2(1 - a_2)\cdot a_1$. "
        "The derivative of a sigmoid is its value times one minus its value.",
        "Go back one node at a time: `dL_dyhat`, then a helper, `dL_dz3 = dL_dyhat * yhat * (1 - yhat)`. `dL_dw3` and `dL_da2` are "
        "`dL_dz3` times one factor each. Then the same three steps again for a2, and again for a1.",
    ),
    mistakes=(
        Mistake("lost-factor-two", "The derivative of a square has a factor that is missing in yours.", dL_dyhat=lambda v: v.yhat - v.y),
        Mistake(
            "no-upstream",
            "Everything in the backward pass from L is a factor. Yours begins in the middle, without the upstream gradient.",
            dL_dw3=lambda v: v.yhat * (1 - v.yhat) * v.a2,
            dL_dw2=lambda v: v.a2 * (1 - v.a2) * v.a1,
            dL_dw1=lambda v: v.a1 * (1 - v.a1) * v.x,
        ),
    ),
)


def _sigmoid_chain(node: Any, x: Any, w: Any, y: Any) -> None:
    a = x
    for weight in w:
        a = torch.sigmoid(weight * a)
    yhat = node("yhat", a)
    node("L", (yhat - y) ** 2)


def _sigmoid_chain_without_weights(node: Any, x: Any, w: Any, y: Any) -> None:
    a = x
    for weight in w:
        a = torch.sigmoid(product_with(weight, a, to_a=a, to_b=1.0))
    node("L", (a - y) ** 2)


def _sigmoid_chain_from_the_front(v: SimpleNamespace) -> np.ndarray:
    """The derivatives of somebody whose backward pass goes from the first weight to the last."""
    a = [float(v.x)]
    for weight in v.w:
        a.append(1 / (1 + np.exp(-weight * a[-1])))
    found, arriving = [], 2 * (a[-1] - v.y)
    for weight, before, after in zip(v.w, a, a[1:]):
        found.append(arriving * after * (1 - after) * before)
        arriving *= after * (1 - after) * weight
    return np.array(found)


def _sample_chain(rng: Rng) -> dict[str, Any]:
    length = int(rng.integers(4, 8))
    return {"x": signed(rng), "w": signed(rng, 0.7, 3.0, size=length), "y": between_zero_and_one(rng)}


sigmoid_chain = Exercise(
    name="sigmoid_chain",
    asks=("dL_dw",),
    forward=_sigmoid_chain,
    sample=_sample_chain,
    points=4,
    hints=(
        "In the last exercise you did the same step three times. What is the step, and what does it need to know from the step before?",
        r"With $a_0 = x$ and $a_k = \sigma(w_k a_{k-1})$: "
        r"$\dfrac{\partial L}{\partial w_k} = \dfrac{\partial L}{\partial a_k}\,a_k(1-a_k)\,a_{k-1}$ "
        r"and $\dfrac{\partial L}{\partial a_{k-1}} = \dfrac{\partial L}{\partial a_k}\,a_k(1-a_k)\,w_k$.",
        "Forward pass: keep every `a` in a list. Backward pass: start with `dL_da = 2 * (a[-1] - y)` and loop with "
        "`for k in reversed(range(len(w)))`. In each round fill `dL_dw[k]`, then replace `dL_da` by its value one link earlier.",
    ),
    mistakes=(
        Mistake(
            "reversed-order",
            "These are the right numbers in the wrong order: the first entry belongs to the weight next to x.",
            dL_dw=lambda v: v.dL_dw[::-1],
        ),
        Mistake(
            "lost-factor-two",
            "All entries are half of what they should be. Which derivative has a factor two?",
            dL_dw=lambda v: v.dL_dw / 2,
        ),
        Mistake("accumulated-twice", "All entries are twice what they should be. Is something added twice?", dL_dw=lambda v: v.dL_dw * 2),
        Mistake(
            "no-outgoing-weight",
            "From one a to the next the signal passes through a weight. In the backward pass it passes through the same weight.",
            program=_sigmoid_chain_without_weights,
        ),
        Mistake(
            "forward-order",
            "The gradient of the loss is known at the output first. Your backward pass begins at x: go from the last weight to the first.",
            dL_dw=_sigmoid_chain_from_the_front,
        ),
    ),
)


# --- checking a derivative ------------------------------------------------------------------------

SMALL_STEP = 1e-4


def _central_difference(node: Any, x: Any, a: Any, b: Any, h: Any) -> None:
    """The central difference of f: its derivative plus an error, exactly b h² for a cubic."""
    f = node("f", a * x**2 + b * x**3)
    error = node("error", b * h**2)
    node("y", f + error * x)


def _sample_function(rng: Rng) -> dict[str, Any]:
    """A cubic f, with a small step h or a large one."""
    h = float(rng.choice([SMALL_STEP, positive(rng, 0.08, 0.16)]))
    return {"x": signed(rng), "a": signed(rng, 1.1, 1.9), "b": signed(rng, 0.5, 1.5), "h": h}


def _function_arguments(v: SimpleNamespace) -> dict[str, Any]:
    def f(x: Any) -> Any:
        return v.a * x**2 + v.b * x**3

    return {"f": f, "x": v.x, "h": v.h}


def _quotient(up: float, down: float, width: float) -> Any:
    """A wrong difference quotient: f at x + up·h less f at x + down·h, over width·h."""
    return lambda v: (_value(v, up) - _value(v, down)) / (width * v.h)


def _value(v: SimpleNamespace, steps: float) -> Any:
    """f at x + steps·h."""
    return _function_arguments(v)["f"](v.x + steps * v.h)


central_difference = Exercise(
    name="central_difference",
    asks=("dy_dx",),
    forward=_central_difference,
    sample=_sample_function,
    arguments=_function_arguments,
    regimes=(lambda v: v.h == SMALL_STEP, lambda v: v.h > SMALL_STEP),
    points=2,
    hints=(
        "How much does f change between a point a little to the left of x and a point a little to the right?",
        "The quotient is the change of f, divided by the distance over which it changed: from $x - h$ to $x + h$.",
        "Call `f` twice, at `x + h` and at `x - h`. Divide the difference by the distance between the two points.",
    ),
    mistakes=(
        Mistake(
            "forward-difference",
            "That is a one-sided difference: close, with an error of order h. "
            "A difference that is centred on x has an error of order h squared.",
            dy_dx=_quotient(1, 0, 1),
        ),
        Mistake("backward-difference", "That is a one-sided difference, looking back from x. Centre it on x.", dy_dx=_quotient(0, -1, 1)),
        Mistake(
            "division-order",
            DIVISION_ORDER,
            dy_dx=lambda v: _quotient(1, -1, 2)(v) * v.h**2,
        ),
        Mistake(
            "sum-for-difference",
            "Yours adds the two values of f. How much f changes from one point to the other is their difference.",
            dy_dx=lambda v: (_value(v, 1) + _value(v, -1)) / (2 * v.h),
        ),
        Mistake(
            "second-difference",
            "That is the second derivative: how much the derivative itself changes.",
            dy_dx=lambda v: (_value(v, 1) - 2 * _value(v, 0) + _value(v, -1)) / v.h**2,
        ),
        Mistake(
            "difference-of-arguments",
            "Yours takes f of the difference of the two points. What is needed is the difference of the two values of f.",
            dy_dx=lambda v: _function_arguments(v)["f"](2 * v.h) / (2 * v.h),
        ),
        Mistake("half-width", "The two points lie 2h apart. You divided by h.", dy_dx=_quotient(1, -1, 1)),
        Mistake("half-step", "The two points lie h apart there. You divided by 2h.", dy_dx=_quotient(1, 0, 2)),
        Mistake("half-steps", "Your two points lie h apart, half a step to either side. You divided by 2h.", dy_dx=_quotient(0.5, -0.5, 2)),
        Mistake("difference-sign", "Right minus left: yours is the other way round.", dy_dx=_quotient(-1, 1, 2)),
        Mistake(
            "missing-parentheses",
            WHOLE_DIFFERENCE,
            dy_dx=lambda v: _value(v, 1) - _value(v, -1) / (2 * v.h),
        ),
        Mistake(
            "not-divided",
            "That is how much f changes. Divide it by the distance over which it changes.",
            dy_dx=lambda v: _value(v, 1) - _value(v, -1),
        ),
        Mistake(
            "step-halved",
            "The two points lie h apart, and you divided by h. A central difference with the step h takes the points x + h and x - h.",
            dy_dx=_quotient(0.5, -0.5, 1),
        ),
        Mistake(
            "step-not-used",
            "Where h is large, yours is still the derivative itself. Take the step h that the function is given, not one of your own.",
            dy_dx=lambda v: v.dy_dx - v.error,
        ),
    ),
)


def _relative_error(node: Any, p: Any, q: Any, floor: Any) -> None:
    node("e", (p - q).abs() / torch.stack([p.abs(), q.abs(), floor]).max())


def _sample_errors(rng: Rng) -> dict[str, Any]:
    """Two derivatives: both 0, both far below the floor,
    of opposite signs, equal, or close to each other.
    """
    p = signed(rng, 0.4, 3.0)
    pairs = ((0.0, 0.0), (p * 1e-4, signed(rng) * 1e-4), (p, -p * positive(rng, 0.3, 0.9)), (p, p), (p, p + signed(rng, 0.05, 0.3)))
    p, q = pairs[rng.integers(len(pairs))]
    return {"p": p, "q": q, "floor": float(rng.integers(11, 60)) / 1000}


relative_error = Exercise(
    name="relative_error",
    asks=("e",),
    forward=_relative_error,
    sample=_sample_errors,
    regimes=(
        lambda v: v.p * v.q > 0 and v.p != v.q and abs(v.p) > v.floor,
        lambda v: v.p == 0,
        lambda v: v.p * v.q < 0 and v.p < -v.floor,
        lambda v: 0 < abs(v.p) < v.floor and v.p != v.q,
        lambda v: v.p == v.q < 0,
        lambda v: v.p * v.q > 0 and abs(v.q) > abs(v.p) > v.floor,
    ),
    points=2,
    hints=(
        "What would you divide by if both numbers were 0?",
        "The denominator is the largest of three numbers, none of which is negative.",
        "`abs(p - q)` divided by `max(...)` of three numbers. Two of them need `abs`; which one does not?",
    ),
    mistakes=(
        Mistake(
            "no-floor",
            "Where both numbers are 0, you divide 0 by 0. Where both are rounding errors, any error looks large.",
            e=lambda v: np.divide(abs(v.p - v.q), max(abs(v.p), abs(v.q))),
        ),
        Mistake("absolute-alone", "That is the absolute error. It depends on the scale of the derivatives.", e=lambda v: abs(v.p - v.q)),
        Mistake(
            "sign-kept",
            "An error is not negative: the difference needs its absolute value too.",
            e=lambda v: (v.p - v.q) / max(abs(v.p), abs(v.q), v.floor),
        ),
        Mistake(
            "sizes-without-abs",
            "A large negative derivative is large too: its size belongs in the denominator.",
            e=lambda v: abs(v.p - v.q) / max(v.p, v.q, v.floor),
        ),
        Mistake(
            "floor-added",
            "The floor replaces the denominator where the numbers are small. Yours is added everywhere.",
            e=lambda v: abs(v.p - v.q) / (max(abs(v.p), abs(v.q)) + v.floor),
        ),
        Mistake(
            "sum-for-max",
            "The denominator is the largest of the three numbers, not their sum.",
            e=lambda v: abs(v.p - v.q) / (abs(v.p) + abs(v.q) + v.floor),
        ),
        Mistake(
            "floor-for-zeros-only",
            "You treat two zeros as a special case. Two rounding errors need the floor as well: "
            "without it, any error between them looks large.",
            e=lambda v: abs(v.p - v.q) / max(abs(v.p), abs(v.q)) if v.p or v.q else 0.0,
        ),
        Mistake(
            "smaller-size",
            "The larger of the two sizes counts. Yours takes the smaller one.",
            e=lambda v: abs(v.p - v.q) / max(min(abs(v.p), abs(v.q)), v.floor),
        ),
        Mistake(
            "sizes-compared",
            "Yours compares the two sizes, so a derivative with the wrong sign looks right. Take the difference of the numbers.",
            e=lambda v: abs(abs(v.p) - abs(v.q)) / max(abs(v.p), abs(v.q), v.floor),
        ),
        Mistake(
            "floor-on-the-error",
            "The floor keeps the denominator from being too small. In yours the error itself is kept from being small too.",
            e=lambda v: max(abs(v.p - v.q), v.floor) / max(abs(v.p), abs(v.q), v.floor),
        ),
        Mistake(
            "one-size-only",
            "The larger of the two sizes counts. Yours looks at one of them only.",
            e=lambda v: abs(v.p - v.q) / max(abs(v.p), v.floor),
        ),
    ),
)

EXERCISES, __getattr__ = lesson(globals())
