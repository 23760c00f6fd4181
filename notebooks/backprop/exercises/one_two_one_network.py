"""Lesson 02, The 1-2-1 network: weights and biases,
classification, a curve through three points, gradient descent.

Naming: w1_2 is the weight into unit 2 of layer 1. The network has one input, two hidden units and
one output.
"""

from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import with_slope
from ..exercise import Exercise, Mistake, Prediction
from ..questions.sampling import Rng, between_zero_and_one, positive, signed
from ..questions.training import Training
from . import lesson

PARAMETERS = ("w1_1", "w1_2", "b1_1", "b1_2", "w2_1", "w2_2", "b2_1")


# --- quick questions from lesson 01 ---------------------------------------------------------------


def _recall_02(node: Any, x: Any, u: Any, t: Any) -> None:
    p = node("p", (3 * x - 1) ** 2)
    v = node("v", 3 * u)
    q = node("q", u * v + v)
    r = node("r", torch.sigmoid(t))
    node("total", p + q + r)


recall_02 = Prediction(
    name="recall_02",
    asks=("dp_dx", "dq_du", "dr_dt"),
    forward=_recall_02,
    sample=lambda rng: {"x": 1.0, "u": 1.0, "t": float(np.log(4.0))},
    rtol=1e-3,
    points=0,
    hints=(
        "In each question: which rule of lesson 01 is it about, and how many paths lead to the result?",
        r"$\dfrac{dp}{dx} = \dfrac{dp}{dg}\cdot\dfrac{dg}{dx}$ with $g = 3x - 1$; "
        r"$\dfrac{dq}{du} = \dfrac{\partial q}{\partial u} + \dfrac{\partial q}{\partial v}\cdot\dfrac{dv}{du}$; "
        r"$\sigma' = \sigma(1 - \sigma)$.",
        "The first is a product of three numbers. In the second `q` contains `v` twice, "
        "so its derivative with respect to `v` has two terms. The third needs only the value 0.8.",
    ),
    mistakes=(
        Mistake(
            "outer-only",
            "Question 1: That is the derivative of the square. The derivative of the inner function is a factor too.",
            dp_dx=lambda v: 4.0,
        ),
        Mistake("lost-factor-two", "Question 1: The derivative of a square has a factor 2. Yours lacks it.", dp_dx=lambda v: 6.0),
        Mistake("one-path", "Question 2: There is also a direct path from u to q, which does not go through v.", dq_du=lambda v: 6.0),
        Mistake("dropped-link", "Question 2: the path through v has two local derivatives. Yours has one of them.", dq_du=lambda v: 5.0),
        Mistake("direct-path-only", "Question 2: There is also a path from u to q through v.", dq_du=lambda v: 3.0),
        Mistake("slope-is-value", "Question 3: That is the value of the sigmoid, not its derivative.", dr_dt=lambda v: 0.8),
        Mistake(
            "slope-of-z",
            "Question 3: The derivative of the sigmoid is computed from its value, not from its input.",
            dr_dt=lambda v: v.t * (1 - v.t),
        ),
        Mistake("half-of-the-slope", "Question 3: That is only one of the two factors.", dr_dt=lambda v: 0.2),
    ),
)


# --- part one: classification ---------------------------------------------------------------------


def _classifier(node: Any, x: Any, w1_1: Any, w1_2: Any, b1_1: Any, b1_2: Any, w2_1: Any, w2_2: Any, b2_1: Any, y: Any) -> None:
    z1_1 = node("z1_1", w1_1 * x + b1_1)
    z1_2 = node("z1_2", w1_2 * x + b1_2)
    a1_1 = node("a1_1", torch.sigmoid(z1_1))
    a1_2 = node("a1_2", torch.sigmoid(z1_2))
    z2_1 = node("z2_1", w2_1 * a1_1 + w2_2 * a1_2 + b2_1)
    yhat = node("yhat", torch.sigmoid(z2_1))
    node("L", -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat)))


def _sample_classifier(rng: Rng) -> dict[str, Any]:
    weights = {name: signed(rng) for name in PARAMETERS}
    return {"x": signed(rng, 1.2, 2.5)} | weights | {"y": between_zero_and_one(rng)}


forward_pass = Exercise(
    name="forward_pass",
    asks=("z1_1", "z1_2", "a1_1", "a1_2", "z2_1", "yhat", "L"),
    forward=_classifier,
    sample=_sample_classifier,
    points=7,
    hints=(
        "Which numbers go into unit 2 of the hidden layer? Follow the arrows into it.",
        r"$z_k^{[1]} = w_k^{[1]} x + b_k^{[1]}$, $\;a_k^{[1]} = \sigma(z_k^{[1]})$, $\;z_1^{[2]} = w_1^{[2]} a_1^{[1]} + w_2^{[2]} "
        r"a_2^{[1]} + b_1^{[2]}$.",
        "One line for each name, from left to right. The second unit uses its own weight and bias. In the last line the minus stands "
        "before both terms: `-(y * np.log(yhat) + ...)`.",
    ),
    mistakes=(
        Mistake(
            "pre-activation-for-activation",
            "The inputs of the output unit are the hidden units' activations. Yours uses their pre-activations.",
            z2_1=lambda v: v.w2_1 * v.z1_1 + v.w2_2 * v.z1_2 + v.b2_1,
        ),
        Mistake(
            "dropped-negative-class",
            "The log loss has two terms. The second one is there for targets below 1.",
            L=lambda v: -v.y * np.log(v.yhat),
        ),
        Mistake(
            "log-loss-sign",
            "The logarithm of a number below 1 is negative, and this loss is positive. Look at the sign in front of the two terms.",
            L=lambda v: v.y * np.log(v.yhat) + (1 - v.y) * np.log(1 - v.yhat),
        ),
        Mistake(
            "minus-on-one-term",
            "The minus sign applies to both terms. Yours applies to the first only.",
            L=lambda v: -v.y * np.log(v.yhat) + (1 - v.y) * np.log(1 - v.yhat),
        ),
        Mistake("wrong-loss", "That is the squared error. This network is trained with the log loss.", L=lambda v: (v.yhat - v.y) ** 2),
    ),
)


def _bias_or_weight(node: Any, x: Any, w: Any, b: Any) -> None:
    z = node("z", w * x + b)
    node("L", 0.04 * z)


bias_or_weight = Prediction(
    name="bias_or_weight",
    asks=("dL_dw",),
    forward=_bias_or_weight,
    sample=lambda rng: {"x": 2.5, "w": 0.3, "b": -0.1},
    rtol=1e-3,
    points=1,
    hints=(
        "If b grows by a bit, by how much does z grow? And if w grows by the same bit?",
        r"$z = wx + b$, so $\dfrac{\partial z}{\partial b} = 1$ and $\dfrac{\partial z}{\partial w} = x$.",
        "Both gradients are `dL_dz` times a local derivative. You know one of them, so you know `dL_dz`.",
    ),
    mistakes=(
        Mistake(
            "bias-equals-weight", "A weight and a bias get the same gradient only where x is 1. Here it is not.", dL_dw=lambda v: v.dL_db
        ),
        Mistake("divided-by-input", "x belongs in the answer as a factor. You have divided by it.", dL_dw=lambda v: v.dL_db / v.x),
    ),
)

OUTPUT_MISTAKES = (
    Mistake(
        "log-loss-sign",
        "The two terms have opposite signs: the derivative of the inner function 1 - yhat is -1.",
        dL_dyhat=lambda v: -v.y / v.yhat - (1 - v.y) / (1 - v.yhat),
    ),
    Mistake("dropped-negative-class", "The log loss has a second term, for targets below 1.", dL_dyhat=lambda v: -v.y / v.yhat),
    Mistake(
        "reversed-residual",
        "The difference has the wrong sign: where the prediction is above the target, a larger z gives a larger loss.",
        dL_dz2_1=lambda v: v.y - v.yhat,
    ),
)

output_layer = Exercise(
    name="output_layer",
    asks=("dL_dyhat", "dL_dz2_1", "dL_dw2_1", "dL_dw2_2", "dL_db2_1"),
    forward=_classifier,
    sample=_sample_classifier,
    points=5,
    hints=(
        "dL_dyhat is given. Which function stands between z2_1 and yhat, and what was each weight multiplied by?",
        r"$\dfrac{\partial L}{\partial z_1^{[2]}} = \dfrac{\partial L}{\partial \hat y}\cdot\hat y(1 - \hat y)$. "
        "Simplify the product: most of it cancels. "
        r"Then $\dfrac{\partial L}{\partial w} = \dfrac{\partial L}{\partial z}\cdot\dfrac{\partial z}{\partial w}$.",
        "`dL_dz2_1` is a difference of two numbers that you know. Three lines are left: each is `dL_dz2_1` times the local derivative of "
        "`z2_1`. Which of the three local derivatives is 1?",
    ),
    mistakes=(
        *OUTPUT_MISTAKES,
        Mistake(
            "loss-slope-sign", "The sign is wrong: the log loss has a minus sign in front of both terms.", dL_dyhat=lambda v: -v.dL_dyhat
        ),
    ),
)

hidden_unit = Exercise(
    name="hidden_unit",
    asks=("dL_dz2_1", "dL_da1_2", "dL_dz1_2", "dL_dw1_2", "dL_db1_2"),
    forward=_classifier,
    sample=_sample_classifier,
    points=5,
    hints=(
        "Follow the path from L back to w1_2 in the figure. Which local derivative is written on each edge?",
        r"$\dfrac{\partial L}{\partial a_2^{[1]}} = (\hat y - y)\cdot w_2^{[2]}$. "
        "The next factor is the derivative of a sigmoid, and the last one is the local derivative of a product.",
        "`dL_da1_2` is `dL_dz2_1` times the weight on this edge. `dL_dz1_2` is that times the derivative of unit 2's sigmoid. "
        "Then one factor for the weight, none for the bias.",
    ),
    mistakes=(*OUTPUT_MISTAKES,),
)


all_seven = Exercise(
    name="all_seven",
    asks=tuple(f"dL_d{name}" for name in reversed(PARAMETERS)),
    forward=_classifier,
    sample=_sample_classifier,
    points=7,
    hints=(
        "Exercise 4 was unit 2. What is different for unit 1, and what is the same?",
        r"$\delta^{[2]} = \hat y - y$, then $\delta_k^{[1]} = \delta^{[2]}\, w_k^{[2]}\, a_k^{[1]}(1 - a_k^{[1]})$. "
        "The derivative for a bias is its unit's delta; for a weight it is delta times what the weight is multiplied by.",
        "Three deltas first: `delta2`, `delta1_1`, `delta1_2`. Each result is a delta, or a delta times a1_1, a1_2 or x: which is which?",
    ),
    mistakes=(
        *OUTPUT_MISTAKES,
        Mistake(
            "units-swapped",
            "The results for your two hidden units are swapped.",
            dL_dz1_1=lambda v: v.dL_dz1_2,
            dL_dz1_2=lambda v: v.dL_dz1_1,
        ),
        Mistake(
            "accumulated-twice",
            "Every result is twice the right value. Is something added twice, or is there a factor 2 too many?",
            dL_dz2_1=lambda v: 2 * v.dL_dz2_1,
        ),
    ),
)

input_gradient = Exercise(
    name="input_gradient",
    asks=("dL_dz1_1", "dL_dz1_2", "dL_dx"),
    forward=_classifier,
    sample=_sample_classifier,
    points=3,
    hints=(
        "If x changes a little, which two units change?",
        r"$\dfrac{\partial L}{\partial x} = \dfrac{\partial L}{\partial z_1^{[1]}}\cdot\dfrac{\partial z_1^{[1]}}{\partial x} + "
        r"\dfrac{\partial L}{\partial z_2^{[1]}}\cdot\dfrac{\partial z_2^{[1]}}{\partial x}$.",
        "The two hidden deltas are those of exercise 5. Which factor of `w1_1 * x` is its local derivative with respect to `x`? "
        "Then one product for each unit, and a sum.",
    ),
    mistakes=(
        *OUTPUT_MISTAKES,
        Mistake(
            "outgoing-weight",
            "On the edge from x into a hidden unit the local derivative is the weight INTO the unit. Yours is the weight out of it.",
            dL_dx=lambda v: v.dL_dz1_1 * v.w2_1 + v.dL_dz1_2 * v.w2_2,
        ),
        Mistake(
            "paths-multiplied",
            "Multiply along each path, then add over the paths. Yours multiplies the paths.",
            dL_dx=lambda v: v.dL_dz1_1 * v.w1_1 * v.dL_dz1_2 * v.w1_2,
        ),
        Mistake(
            "sums-multiplied",
            "Multiply along each path, then add over the paths. Yours adds first, and multiplies two sums.",
            dL_dx=lambda v: (v.dL_dz1_1 + v.dL_dz1_2) * (v.w1_1 + v.w1_2),
        ),
    ),
)


# --- part two: regression -------------------------------------------------------------------------


def _regression(node: Any, x: Any, y: Any, w1: Any, w2: Any, w3: Any, w4: Any, b1: Any, b2: Any, b3: Any) -> None:
    z1, z2 = node("z1", w1 * x + b1), node("z2", w2 * x + b2)
    blue = node("blue", torch.nn.functional.softplus(z1))
    orange = node("orange", torch.nn.functional.softplus(z2))
    green = node("green", w3 * blue + w4 * orange + b3)
    node("SSR", ((y - green) ** 2).sum())


def _sample_regression(rng: Rng) -> dict[str, Any]:
    samples = int(rng.integers(3, 6))
    names = ("w1", "w2", "w3", "w4", "b1", "b2", "b3")
    return {"x": signed(rng, size=samples), "y": signed(rng, 0.5, 3.0, size=samples)} | {name: signed(rng) for name in names}


RESIDUAL_MISTAKES = (
    Mistake(
        "squared-residual-kept",
        "The derivative of a square is not a square: the exponent falls from 2 to 1. Yours still has the square.",
        dSSR_dgreen=lambda v: -2 * (v.y - v.green) ** 2,
    ),
    Mistake("lost-factor-two", "The derivative of a square has a factor 2. Yours lacks it.", dSSR_dgreen=lambda v: -(v.y - v.green)),
    Mistake(
        "mean-for-sum",
        "The loss is a sum over the points, so nothing is divided by their number.",
        dSSR_dgreen=lambda v: -2 * (v.y - v.green) / v.x.size,
    ),
)

regression_output = Exercise(
    name="regression_output",
    asks=("dSSR_dgreen", "dSSR_dw3", "dSSR_dw4", "dSSR_db3"),
    forward=_regression,
    sample=_sample_regression,
    points=4,
    hints=(
        "Every point has its own residual. How many paths lead from b3 to the loss?",
        r"$\dfrac{\partial\,\mathrm{SSR}}{\partial w_3} = \sum_i "
        r"\dfrac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i}\cdot\dfrac{\partial\,\text{green}_i}{\partial w_3}$, "
        "and the same for the other two.",
        "`dSSR_dgreen` is an array with one entry for each point. For each parameter multiply it by an array, or by nothing, and add up "
        "with `.sum()`. By what is each parameter multiplied in `green`?",
    ),
    mistakes=(
        *RESIDUAL_MISTAKES,
        Mistake(
            "one-sample",
            "The parameter is used for every point, so every point contributes to its derivative. Yours has the first point only.",
            dSSR_dw3=lambda v: v.dSSR_dgreen[0] * v.blue[0],
            dSSR_dw4=lambda v: v.dSSR_dgreen[0] * v.orange[0],
            dSSR_db3=lambda v: v.dSSR_dgreen[0],
        ),
        Mistake(
            "summed-too-early",
            "Multiply point by point, then add up. The sum of products is not the product of the sums.",
            dSSR_dw3=lambda v: v.dSSR_dgreen.sum() * v.blue.sum(),
            dSSR_dw4=lambda v: v.dSSR_dgreen.sum() * v.orange.sum(),
        ),
        Mistake(
            "not-summed",
            "Those are the contributions of the single points. The derivative for the parameter is their sum.",
            dSSR_dw3=lambda v: v.dSSR_dgreen * v.blue,
            dSSR_dw4=lambda v: v.dSSR_dgreen * v.orange,
            dSSR_db3=lambda v: v.dSSR_dgreen,
        ),
        Mistake(
            "bias-counts-points",
            "That is the number of points. For each point the upstream gradient is a factor too.",
            dSSR_db3=lambda v: float(v.x.size),
        ),
    ),
)


def _softplus_slope(slope: Any) -> Any:
    """The regression's forward pass with the hidden units' slope taken to be slope(z, value)."""

    def forward(node: Any, x: Any, y: Any, w1: Any, w2: Any, w3: Any, w4: Any, b1: Any, b2: Any, b3: Any) -> None:
        softplus = torch.nn.functional.softplus
        z1, z2 = w1 * x + b1, w2 * x + b2
        blue = node("blue", with_slope(softplus(z1), z1, slope(z1, softplus(z1))))
        orange = node("orange", with_slope(softplus(z2), z2, slope(z2, softplus(z2))))
        green = node("green", w3 * blue + w4 * orange + b3)
        node("SSR", ((y - green) ** 2).sum())

    return forward


regression_hidden = Exercise(
    name="regression_hidden",
    asks=("dSSR_dgreen", "dSSR_dblue", "dSSR_dorange", "dSSR_dw1", "dSSR_db1", "dSSR_dw2", "dSSR_db2"),
    forward=_regression,
    sample=_sample_regression,
    points=7,
    hints=(
        "What is the derivative of softplus? It was one of the results of exercise 4 in lesson 01.",
        r"$\dfrac{\partial\,\mathrm{SSR}}{\partial w_1} = "
        r"\sum_i \dfrac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i}\cdot"
        r"\dfrac{\partial\,\text{green}_i}{\partial\,\text{blue}_i}\cdot\text{softplus}'(w_1 x_i + b_1)\cdot x_i$.",
        "`dSSR_dblue` is an array: `dSSR_dgreen` times one weight. Multiplied by the sigmoid of blue's pre-activation it is `delta1`, "
        "still an array. For w1 and for b1 add up its entries, one of the two after multiplying by something. "
        "The orange unit has the same formulas, with its own weights.",
    ),
    mistakes=(
        *RESIDUAL_MISTAKES,
        Mistake(
            "no-outgoing-weight",
            "On the edge from blue to green the local derivative is a weight. Yours lacks that factor.",
            dSSR_dblue=lambda v: v.dSSR_dgreen,
        ),
        Mistake(
            "units-confused",
            "On the edge from orange to green the weight is w4. Yours uses w3.",
            dSSR_dorange=lambda v: v.dSSR_dgreen * v.w3,
        ),
        Mistake(
            "softplus-slope-is-softplus",
            "Softplus is not its own derivative.",
            program=_softplus_slope(lambda z, value: value),
        ),
        Mistake(
            "no-hidden-slope",
            "The derivative of the hidden units' activation function is missing.",
            program=_softplus_slope(lambda z, value: 1.0),
        ),
        Mistake(
            "bias-equals-weight",
            "A weight and its bias get the same gradient only where every x is 1.",
            dSSR_dw1=lambda v: v.dSSR_db1,
            dSSR_dw2=lambda v: v.dSSR_db2,
        ),
        Mistake(
            "not-summed",
            "Those are the contributions of the single points. The derivative for the parameter is their sum.",
            dSSR_dw1=lambda v: v.dSSR_dz1 * v.x,
            dSSR_db1=lambda v: v.dSSR_dz1,
        ),
    ),
)


# --- gradient descent -----------------------------------------------------------------------------


def _loss(theta: Any, x: Any, y: Any) -> Any:
    w1, w2, w3, w4, b1, b2, b3 = theta
    softplus = torch.nn.functional.softplus
    green = w3 * softplus(w1 * x + b1) + w4 * softplus(w2 * x + b2) + b3
    return ((y - green) ** 2).sum()


def _descend(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any, direction: int = -1) -> None:
    parameters = theta.detach().clone().requires_grad_()
    losses = [_loss(parameters, x, y)]
    for _ in range(steps):
        parameters.grad = None
        losses[-1].backward(inputs=[parameters])
        with torch.no_grad():
            parameters += direction * alpha * parameters.grad
        losses.append(_loss(parameters, x, y))
    node("theta_end", parameters)
    node("losses", torch.stack(losses))


def _uphill(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any) -> None:
    _descend(node, theta, x, y, alpha, steps, direction=1)


def _not_cleared(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any) -> None:
    parameters = theta.detach().clone().requires_grad_()
    losses = [_loss(parameters, x, y)]
    for _ in range(steps):
        losses[-1].backward(inputs=[parameters])
        with torch.no_grad():
            parameters -= alpha * parameters.grad
        losses.append(_loss(parameters, x, y))
    node("theta_end", parameters)
    node("losses", torch.stack(losses))


STALE = (
    "Some of your derivatives are computed with parameters that this step has changed already. "
    "Compute all seven first, then change all seven parameters."
)


def _in_parts(parts: tuple[tuple[int, ...], ...]) -> Any:
    """Descent in which each part of theta moves before the next part's gradients are worked out."""

    def forward(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any) -> None:
        parameters = theta.detach().clone()
        losses = [_loss(parameters, x, y)]
        for _ in range(steps):
            for part in parts:
                current = parameters.clone().requires_grad_()
                _loss(current, x, y).backward(inputs=[current])
                parameters[list(part)] -= alpha.detach() * current.grad[list(part)]
            losses.append(_loss(parameters, x, y))
        node("theta_end", parameters.requires_grad_())
        node("losses", torch.stack(losses))

    return forward


def _in_the_order_of_exercise_8(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any) -> None:
    """Descent with a gradient whose entries stand in the order w1, b1, w2, b2, w3, w4, b3."""
    parameters = theta.detach().clone().requires_grad_()
    losses = [_loss(parameters, x, y)]
    for _ in range(steps):
        parameters.grad = None
        losses[-1].backward(inputs=[parameters])
        with torch.no_grad():
            parameters -= alpha * parameters.grad[[0, 4, 1, 5, 2, 3, 6]]
        losses.append(_loss(parameters, x, y))
    node("theta_end", parameters)
    node("losses", torch.stack(losses))


_output_layer_first = _in_parts(((2, 3, 6), (0, 1, 4, 5)))


def _half_steps(node: Any, theta: Any, x: Any, y: Any, alpha: Any, steps: Any) -> None:
    _descend(node, theta, x, y, alpha / 2, steps)


def _sample_descent(rng: Rng) -> dict[str, Any]:
    points = int(rng.integers(3, 6))
    return {
        "theta": signed(rng, 0.3, 1.2, size=7),
        "x": positive(rng, 0.1, 0.95, size=points),
        "y": positive(rng, 0.5, 2.0, size=points),
        "alpha": float(rng.integers(11, 30)) / 1000,
        "steps": int(rng.integers(2, 5)),
    }


OF_THE_FIT = ("w1", "w2", "w3", "w4", "b1", "b2", "b3")

descend = Exercise(
    name="descend",
    asks=("theta_end", "losses"),
    forward=_descend,
    training=Training(
        loss=_regression,
        inputs=lambda v: [{"x": v["x"], "y": v["y"]} | dict(zip(OF_THE_FIT, map(float, v["theta"])))] * (v["steps"] + 1),
        parameters=OF_THE_FIT,
        told=lambda moved: {"theta_end": np.array([moved[name] for name in OF_THE_FIT])},
    ),
    sample=_sample_descent,
    points=4,
    hints=(
        "One step needs all seven derivatives. At which parameters are they taken: the old ones or the new ones?",
        r"$\theta \leftarrow \theta - \alpha\,\dfrac{\partial\,\mathrm{SSR}}{\partial\theta}$ for all seven at once, and "
        r"the loss is stored before the first step and after each.",
        "Inside `for _ in range(steps)`: compute the seven derivatives with your two functions, put them into one array "
        "in the order of theta, subtract alpha times that array, and append the new loss. Where does the first loss belong, before "
        "the loop or inside it?",
    ),
    mistakes=(
        Mistake(
            "uphill",
            "Your loss grows where it should fall. Either the step is added and not subtracted, or the gradient has the wrong sign.",
            program=_uphill,
        ),
        Mistake("stale-hidden-layer", STALE, program=_output_layer_first),
        Mistake(
            "gradient-order",
            "The entries of your gradient are not in the order of theta, which is w1, w2, w3, w4, b1, b2, b3.",
            program=_in_the_order_of_exercise_8,
        ),
        Mistake(
            "not-cleared",
            "Each step has to use its own gradient. Yours adds the gradients of the earlier steps to it.",
            program=_not_cleared,
        ),
        Mistake("lost-factor-two", "Your steps are half as long as they should be. Which derivative has a factor 2?", program=_half_steps),
        Mistake(
            "losses-shifted",
            "The parameters are right. The losses begin with the one before the first step and end with the one after the last.",
            losses=lambda v: v.losses[1:],
        ),
        Mistake(
            "losses-without-last",
            "The parameters are right. One loss is missing: the one after the last step.",
            losses=lambda v: v.losses[:-1],
        ),
    ),
)


EXERCISES, __getattr__ = lesson(globals())
