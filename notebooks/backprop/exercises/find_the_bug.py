"""Lesson 07, Find the bug: eleven backward passes with a flaw each: find it, say why, repair it.

Each case has three parts: a flawed program, as the lesson shows it; the repaired program, an
exercise like any other; and a verdict, decided by experiment (see support.verdict). The mistakes of
the repair, by their words, are the reasons to choose from.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..exercise import Exercise, Mistake, Prediction
from ..questions.sampling import Rng, between_zero_and_one, positive, signed
from . import lesson
from .support.differences import DIVISION_ORDER, WHOLE_DIFFERENCE
from .support.verdict import verdict


def _targets(rng: Rng, classes: int) -> np.ndarray:
    """A soft target: positive numbers that add up to one."""
    weights = positive(rng, 0.2, 1.7, size=classes)
    return weights / weights.sum()


def _slope(f: Any, at: Any) -> Any:
    """The derivative of f at the tensor `at`, as a plain
    number or array, for use as a value in a training step.
    """
    leaf = at.detach().clone().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]


# --- quick questions from the lessons before ------------------------------------------------------


def _recall_07(node: Any) -> None:
    def rising(yhat: Any) -> Any:
        return (3 - yhat) ** 2

    node("dL_dyhat", _slope(rising, torch.tensor(1.0, dtype=torch.float64)))
    node("dL_dw", 0.5 * _slope(lambda w: -2 * w, torch.tensor(1.0, dtype=torch.float64)))
    above, below, h = (torch.tensor(value, dtype=torch.float64) for value in (2.04, 1.98, 0.01))
    node("df_dx", (above - below) / (2 * h))


recall_07 = Prediction(
    name="recall_07",
    asks=("dL_dyhat", "dL_dw", "df_dx"),
    forward=_recall_07,
    sample=lambda rng: {},
    rtol=1e-3,
    points=0,
    hints=(
        "Question 1: does L grow or fall when yhat grows? Question 2: what is the local derivative of z for w? "
        "Question 3: how far apart are the two points?",
        r"1: $\frac{\partial L}{\partial\hat y} = -2(y - \hat y)$. 2: $\frac{\partial L}{\partial w} = x\,\frac{\partial L}{\partial b}$. "
        r"3: $\frac{f(x + h) - f(x - h)}{2h}$.",
        "1: the prediction is below the target, so which sign does the derivative have? 2: multiply 0.5 by a local derivative. Is it `w` "
        "or `x`? 3: divide the difference 0.06 by the distance of the two points.",
    ),
    mistakes=(
        Mistake(
            "inner-derivative", "Question 1: yhat has a minus sign inside the square. Its derivative is missing.", dL_dyhat=lambda v: 4.0
        ),
        Mistake("lost-factor-two", "Question 1: the exponent becomes a factor.", dL_dyhat=lambda v: -2.0),
        Mistake("weight-as-bias", "Question 2: the weight is multiplied by x, the bias is only added.", dL_dw=lambda v: 0.5),
        Mistake("divided-by-h", "Question 3: the two points are 2h apart.", df_dx=lambda v: 6.0),
        Mistake("difference", "Question 3: a derivative is a change of f divided by a change of x.", df_dx=lambda v: 0.06),
    ),
)


# --- two units: one is fed with the other's weight ------------------------------------------------


def flawed_two_units(x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, w4: Any, b3: Any) -> Any:
    """Return blue, orange, green, SSR of the 1-2-1 network with softplus units.

    x and y are arrays, the rest are numbers.
    """
    blue = np.logaddexp(0, w1 * x + b1)  # 1
    orange = np.logaddexp(0, w1 * x + b2)  # 2
    green = w3 * blue + w4 * orange + b3  # 3
    SSR = ((y - green) ** 2).sum()  # 4
    return blue, orange, green, SSR


def _two_units(node: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, w4: Any, b3: Any) -> None:
    blue = node("blue", torch.nn.functional.softplus(w1 * x + b1))
    orange = node("orange", torch.nn.functional.softplus(w2 * x + b2))
    green = node("green", w3 * blue + w4 * orange + b3)
    node("SSR", ((y - green) ** 2).sum())


def _sample_two_units(rng: Rng) -> dict[str, Any]:
    points = int(rng.integers(3, 6))
    parameters = {name: signed(rng) for name in ("w1", "b1", "w2", "b2", "w3", "w4", "b3")}
    return {"x": signed(rng, size=points), "y": signed(rng, 0.5, 3.0, size=points)} | parameters


def _softplus(z: Any) -> Any:
    return np.logaddexp(0, z)


two_units = Exercise(
    name="two_units",
    asks=("blue", "orange", "green", "SSR"),
    forward=_two_units,
    sample=_sample_two_units,
    points=4,
    hints=(
        "Which of the seven parameters never appears in the program?",
        r"$\text{orange} = \text{softplus}(w_2 x + b_2)$, as $\text{blue} = \text{softplus}(w_1 x + b_1)$.",
        "Copy the four lines. Each unit uses its own weight and its own bias. In which line is that not so?",
    ),
    mistakes=(
        Mistake("units-confused", "The orange unit uses the blue unit's weight.", orange=lambda v: _softplus(v.w1 * v.x + v.b2)),
        Mistake(
            "bias-confused", "The orange unit has its own weight, but the blue unit's bias.", orange=lambda v: _softplus(v.w2 * v.x + v.b1)
        ),
        Mistake(
            "units-copied",
            "The orange unit is a copy of the blue one: it has neither a weight nor a bias of its own.",
            orange=lambda v: v.blue,
        ),
        Mistake("no-activation", "The orange unit's softplus is missing.", orange=lambda v: v.w2 * v.x + v.b2),
        Mistake("lost-bias", "The orange unit's bias is missing.", orange=lambda v: _softplus(v.w2 * v.x)),
        Mistake(
            "units-in-series",
            "The input of the orange unit is the blue unit's output. It should be x.",
            orange=lambda v: _softplus(v.w2 * v.blue + v.b2),
        ),
        Mistake(
            "outgoing-confused",
            "In green the two outgoing weights are swapped.",
            green=lambda v: v.w4 * v.blue + v.w3 * v.orange + v.b3,
        ),
        Mistake("lost-output-bias", "Green has a bias too.", green=lambda v: v.green - v.b3),
        Mistake("mean-for-sum", "SSR is a sum over the points. Nothing is divided by their number.", SSR=lambda v: v.SSR / v.x.size),
        Mistake("not-summed", "Those are the squares of the single residuals. SSR is their sum.", SSR=lambda v: (v.y - v.green) ** 2),
    ),
)

two_units_verdict = verdict(
    flawed_two_units,
    two_units,
    ("no-activation", "units-copied", "lost-bias", "units-confused"),
    hints=(
        "Read each line against the picture of the network. Which parameters should appear in it, and which do?",
        r"$\text{blue}$ takes $w_1, b_1$; $\text{orange}$ takes $w_2, b_2$; $\text{green}$ takes $w_3, w_4, b_3$.",
        "With biases of 0 two of the reasons lead to the same numbers. Run the program on `**ex.two_units.inputs(0)`, where no bias "
        "is 0: is "
        "`orange` then the same as `blue`?",
    ),
)


# --- the last layer: the power is kept ------------------------------------------------------------


def flawed_last_layer(y: Any, blue: Any, orange: Any, w3: Any, w4: Any, b3: Any) -> Any:
    """Return the gradients of SSR with respect to green and the last layer.

    y (n,), blue (n,), orange (n,), the rest are numbers
    ->  dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3
    """
    green = w3 * blue + w4 * orange + b3  # 1
    dSSR_dgreen = -2 * (y - green) ** 2  # 2
    dSSR_dw3 = (dSSR_dgreen * blue).sum()  # 3
    dSSR_dw4 = (dSSR_dgreen * orange).sum()  # 4
    dSSR_db3 = dSSR_dgreen.sum()  # 5
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_db3


def _last_layer(node: Any, y: Any, blue: Any, orange: Any, w3: Any, w4: Any, b3: Any) -> None:
    green = node("green", w3 * blue + w4 * orange + b3)
    node("SSR", ((y - green) ** 2).sum())


def _sample_last_layer(rng: Rng) -> dict[str, Any]:
    points = int(rng.integers(3, 6))
    hidden = {name: positive(rng, 0.3, 2.0, size=points) for name in ("blue", "orange")}
    return {"y": signed(rng, 0.5, 3.0, size=points)} | hidden | {name: signed(rng) for name in ("w3", "w4", "b3")}


last_layer = Exercise(
    name="last_layer",
    asks=("dSSR_dgreen", "dSSR_dw3", "dSSR_dw4", "dSSR_db3"),
    forward=_last_layer,
    sample=_sample_last_layer,
    points=4,
    hints=(
        "All entries of dSSR_dgreen have the same sign here, whatever the data. Can that be?",
        r"$\mathrm{SSR} = \sum_i r_i^2$ with $r_i = y_i - \text{green}_i$. Power rule, then the inner derivative: "
        r"$\dfrac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i} = 2 r_i \cdot (-1)$.",
        "Copy the five lines. The power rule lowers the exponent by 1. In which line has that not been done?",
    ),
    mistakes=(
        Mistake(
            "squared-residual-kept",
            "The residual is still squared: in the derivative of a square the exponent is 1.",
            dSSR_dgreen=lambda v: -2 * (v.y - v.green) ** 2,
        ),
        Mistake(
            "residual-sign",
            "The inner derivative, which is negative, is missing.",
            dSSR_dgreen=lambda v: 2 * (v.y - v.green),
        ),
        Mistake("lost-factor-two", "The factor two of the power rule is missing.", dSSR_dgreen=lambda v: -(v.y - v.green)),
        Mistake(
            "mean-for-sum",
            "The gradient is divided by the number of points, and the loss is a sum.",
            dSSR_dgreen=lambda v: -2 * (v.y - v.green) / v.y.size,
        ),
        Mistake(
            "absolute-residual",
            "The sign of each residual is lost. Points above the curve and points below it contribute with opposite signs.",
            dSSR_dgreen=lambda v: -2 * np.abs(v.y - v.green),
        ),
        Mistake(
            "one-sample",
            "Only the first point contributes to the gradients of the parameters. Every point should.",
            dSSR_dw3=lambda v: v.dSSR_dgreen[0] * v.blue[0],
            dSSR_dw4=lambda v: v.dSSR_dgreen[0] * v.orange[0],
            dSSR_db3=lambda v: v.dSSR_dgreen[0],
        ),
        Mistake(
            "units-confused",
            "For each of the two weights the other unit's output is used.",
            dSSR_dw3=lambda v: (v.dSSR_dgreen * v.orange).sum(),
            dSSR_dw4=lambda v: (v.dSSR_dgreen * v.blue).sum(),
        ),
        Mistake(
            "not-summed",
            "Those are the contributions of the single points. The parameter's gradient is their sum.",
            dSSR_dw3=lambda v: v.dSSR_dgreen * v.blue,
            dSSR_dw4=lambda v: v.dSSR_dgreen * v.orange,
            dSSR_db3=lambda v: v.dSSR_dgreen,
        ),
        Mistake("bias-times-bias", "The bias is only added: its own value does not matter.", dSSR_db3=lambda v: v.dSSR_db3 * v.b3),
    ),
)

last_layer_verdict = verdict(
    flawed_last_layer,
    last_layer,
    ("lost-factor-two", "absolute-residual", "squared-residual-kept", "mean-for-sum"),
    hints=(
        "One point is above the curve and another below it. If the curve moves up, does the loss of both points fall?",
        r"For a single point: $\dfrac{d}{dg}(y - g)^2$. Derive it on paper, and compare it with the line for `dSSR_dgreen`.",
        "Call the program with **one** point, residual 3: the derivative must be $-6$. Which of the reasons gives the number that "
        "the program returns?",
    ),
)


# --- one step: uphill -----------------------------------------------------------------------------


def flawed_one_step(y: Any, hidden: Any, b3: Any, dSSR_db3: Any, alpha: Any) -> Any:
    """Return step, b3_new, SSR_new, gain of one step on b3; green = hidden + b3.

    y and hidden have shape (n,). step is what is subtracted from b3.
    """
    SSR = ((y - (hidden + b3)) ** 2).sum()  # 1
    step = alpha * dSSR_db3  # 2
    b3_new = b3 + step  # 3
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()  # 4
    gain = SSR - SSR_new  # 5
    return step, b3_new, SSR_new, gain


def _one_step(node: Any, y: Any, hidden: Any, b3: Any, dSSR_db3: Any, alpha: Any) -> None:
    SSR = node("SSR", ((y - (hidden + b3)) ** 2).sum())
    step = node("step", alpha * dSSR_db3)
    b3_new = node("b3_new", b3 - step)
    SSR_new = node("SSR_new", ((y - (hidden + b3_new)) ** 2).sum())
    node("gain", SSR - SSR_new)


def _sample_one_step(rng: Rng) -> dict[str, Any]:
    points = int(rng.integers(3, 6))
    data = {"y": signed(rng, 0.5, 3.0, size=points), "hidden": signed(rng, 0.5, 2.0, size=points)}
    return data | {"b3": signed(rng), "dSSR_db3": signed(rng, 1.2, 6.0), "alpha": positive(rng, 0.02, 0.09)}


one_step = Exercise(
    name="one_step",
    asks=("step", "b3_new", "SSR_new", "gain"),
    forward=_one_step,
    sample=_sample_one_step,
    points=4,
    hints=(
        "The gradient points in the direction in which the loss grows. In which direction should the step go?",
        r"$b_3 \leftarrow b_3 - \alpha\,\dfrac{\partial\,\mathrm{SSR}}{\partial b_3}$.",
        "Copy the five lines and change one sign. `step` is what is subtracted: in which line does the sign have to change?",
    ),
    mistakes=(
        Mistake(
            "uphill",
            "The step goes in the direction of the gradient. It should go in the opposite direction.",
            b3_new=lambda v: v.b3 + v.step,
        ),
        Mistake(
            "step-negated",
            "Here the step is the amount that is subtracted, so it has the sign of the gradient. Yours has the opposite sign.",
            step=lambda v: -v.step,
            b3_new=lambda v: v.b3 - v.alpha * v.dSSR_db3,
        ),
        Mistake("no-learning-rate", "The step is the whole gradient: the learning rate is missing.", step=lambda v: v.dSSR_db3),
        Mistake("divided-by-rate", "The gradient is divided by the learning rate. It is a factor.", step=lambda v: v.dSSR_db3 / v.alpha),
        Mistake(
            "replaced-for-moved",
            "The new value is the negative step alone. The step has to be subtracted from the old value.",
            b3_new=lambda v: -v.step,
        ),
        Mistake(
            "scaled-by-value",
            "The step is multiplied by the parameter's own value. It should not be.",
            b3_new=lambda v: v.b3 - v.step * v.b3,
        ),
        Mistake("old-loss", "The loss is computed with the parameter before the step.", SSR_new=lambda v: v.SSR),
        Mistake(
            "mean-for-sum", "SSR is a sum over the points. Nothing is divided by their number.", SSR_new=lambda v: v.SSR_new / v.y.size
        ),
        Mistake("gain-turned", "The gain is the loss before the step minus the loss after it.", gain=lambda v: -v.gain),
    ),
)

one_step_verdict = verdict(
    flawed_one_step,
    one_step,
    ("old-loss", "uphill", "replaced-for-moved", "no-learning-rate"),
    hints=(
        "The loss has grown. Has b3 become larger or smaller, and which should it have become?",
        r"If $\dfrac{\partial\,\mathrm{SSR}}{\partial b_3}$ is negative, the loss falls when $b_3$ grows. What does the program do?",
        "With the derivative $-2$ and the learning rate 0.1 the new `b3` should be larger than the old one, by 0.2. What is it in "
        "the program?",
    ),
)


# --- softmax, element by element ------------------------------------------------------------------


def flawed_squared_softmax(a1: Any, W2: Any, y: Any) -> Any:
    """Return three derivatives of L = sum((yhat - y)**2), yhat = softmax(W2 @ a1).

    a1 (n,), W2 (k, n), y (k,)
    ->  dyhat_dz2 (k, k), dL_dz2 (k,), dL_dW2 (k, n)
    """
    z2 = W2 @ a1  # 1
    yhat = np.exp(z2) / np.exp(z2).sum()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dyhat_dz2 = np.diag(yhat * (1 - yhat) * (z2 - z2.sum()))  # 4
    dL_dz2 = dyhat_dz2.T @ dL_dyhat  # 5
    dL_dW2 = np.outer(dL_dz2, a1)  # 6
    return dyhat_dz2, dL_dz2, dL_dW2


def _squared_softmax(node: Any, a1: Any, W2: Any, y: Any) -> None:
    z2 = node("z2", W2 @ a1)
    yhat = node("yhat", torch.softmax(z2, dim=0))
    node("L", ((yhat - y) ** 2).sum())


squared_softmax = Exercise(
    name="squared_softmax",
    asks=("dyhat_dz2", "dL_dz2", "dL_dW2"),
    forward=_squared_softmax,
    sample=lambda rng: {"a1": positive(rng, 0.1, 1.4, size=4), "W2": signed(rng, size=(3, 4)), "y": _targets(rng, 3)},
    points=3,
    hints=(
        "When one logit becomes larger, what happens to the other probabilities? Which entries of the Jacobian say so?",
        r"$\dfrac{\partial\hat y_i}{\partial z_j} = \hat y_i\,([i = j] - \hat y_j)$: no logit stands there as a factor of its own.",
        "In lesson 04 this Jacobian was made with `np.diag` and `np.outer`. What is on the diagonal, and which sign do "
        "the other entries have?",
    ),
    mistakes=(
        Mistake(
            "stray-logit",
            "Each logit affects its own output only, and there is an extra factor, computed from the other logits.",
            dyhat_dz2=lambda v: np.diag(v.yhat * (1 - v.yhat) * (v.z2 - v.z2.sum())),
        ),
        Mistake(
            "elementwise-softmax",
            "Each logit affects its own output only. Apart from that, the derivatives are right.",
            dyhat_dz2=lambda v: np.diag(v.yhat * (1 - v.yhat)),
        ),
        Mistake(
            "softmax-offdiagonal-sign",
            "When a logit becomes larger, the other outputs become larger too. They should become smaller.",
            dyhat_dz2=lambda v: np.diag(v.yhat - 2 * v.yhat**2) + np.outer(v.yhat, v.yhat),
        ),
        Mistake(
            "denominator-held",
            "Only the numerator of softmax is differentiated; its denominator is treated as a constant.",
            dyhat_dz2=lambda v: np.diag(v.yhat),
        ),
        Mistake(
            "own-logit-factor",
            "Each logit affects its own output only, and there is an extra factor, the logit itself.",
            dyhat_dz2=lambda v: np.diag(v.yhat * (1 - v.yhat) * v.z2),
        ),
        Mistake("jacobian-sign", "The whole Jacobian has the wrong sign.", dyhat_dz2=lambda v: -v.dyhat_dz2),
        Mistake("lost-softmax", "The Jacobian of softmax is missing.", dL_dz2=lambda v: v.dL_dyhat),
        Mistake(
            "cross-entropy-shortcut",
            "The difference yhat - y is the derivative of softmax with cross-entropy. This loss is a sum of squares.",
            dL_dz2=lambda v: v.yhat - v.y,
        ),
        Mistake("transposed-outer", "Right numbers, but transposed: row j of W2 belongs to logit j.", dL_dW2=lambda v: v.dL_dW2.T),
    ),
)

squared_softmax_verdict = verdict(
    flawed_squared_softmax,
    squared_softmax,
    ("elementwise-softmax", "denominator-held", "softmax-offdiagonal-sign", "stray-logit"),
    hints=(
        "The first entry of the Jacobian is the derivative of the first probability with respect to its own logit. Which sign must it "
        "have?",
        r"For one entry: $\dfrac{\partial\hat y_1}{\partial z_1} = \hat y_1(1 - \hat y_1)$. Insert the numbers of the example.",
        "Divide the printed entry by $\\hat y_1(1-\\hat y_1)$. Compare the quotient with the entries of `z2`.",
    ),
)


# --- one way out of two ---------------------------------------------------------------------------


def flawed_first_weight(x: Any, w: Any, c: Any, v: Any, r: Any, y: Any) -> Any:
    """Return three gradients for one weight w into one hidden unit.

    x, w and c are numbers; v (k,), r (k,), y (k,)
    ->  dL_dz (k,), dL_da, dL_dw
    """
    a = 1 / (1 + np.exp(-(w * x + c)))  # 1
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat  # 4
    dL_da = dL_dz[0] * v[0]  # 5
    dL_dw = dL_da * a * (1 - a) * x  # 6
    return dL_dz, dL_da, dL_dw


def _first_weight(node: Any, x: Any, w: Any, c: Any, v: Any, r: Any, y: Any) -> None:
    a = node("a", torch.sigmoid(w * x + c))
    z = node("z", v * a + r)
    yhat = node("yhat", torch.softmax(z, dim=0))
    node("L", ((yhat - y) ** 2).sum())


def _sample_first_weight(rng: Rng) -> dict[str, Any]:
    hidden = {"x": signed(rng, 1.2, 2.5), "w": signed(rng), "c": signed(rng)}
    return hidden | {"v": signed(rng, 0.4, 2.0, size=3), "r": signed(rng, 0.2, 1.0, size=3), "y": _targets(rng, 3)}


def _jacobian(v: SimpleNamespace) -> np.ndarray:
    return np.diag(v.yhat) - np.outer(v.yhat, v.yhat)


def _only(output: int) -> Any:
    """dL_dz where the loss is followed back through one output alone."""
    return lambda v: _jacobian(v)[output] * v.dL_dyhat[output]


first_weight = Exercise(
    name="first_weight",
    asks=("dL_dz", "dL_da", "dL_dw"),
    forward=_first_weight,
    sample=_sample_first_weight,
    points=3,
    hints=(
        "How many logits depend on the hidden unit? How many of them contribute to the gradient in the program?",
        r"$\dfrac{\partial L}{\partial a} = \sum_j \dfrac{\partial L}{\partial z_j}\,v_j$.",
        "Copy the six lines. In the line of `dL_da` there has to be a sum over all logits. Of which products?",
    ),
    mistakes=(
        Mistake("first-logit-only", "Only the paths through the first logit are followed.", dL_da=lambda v: v.dL_dz[0] * v.v[0]),
        Mistake("first-output-only", "Only the paths through the first output are followed.", dL_dz=_only(0)),
        Mistake("last-logit-only", "Only the paths through the last logit are followed.", dL_da=lambda v: v.dL_dz[-1] * v.v[-1]),
        Mistake(
            "elementwise-softmax",
            "Each logit is taken to affect its own output only.",
            dL_dz=lambda v: v.yhat * (1 - v.yhat) * v.dL_dyhat,
        ),
        Mistake(
            "cross-entropy-shortcut",
            "The difference yhat - y is the derivative of softmax with cross-entropy, not of this loss.",
            dL_dz=lambda v: v.yhat - v.y,
        ),
        Mistake(
            "absolute-paths",
            "The absolute values of the paths' contributions are added, without their signs.",
            dL_da=lambda v: np.abs(v.dL_dz * v.v).sum(),
        ),
        Mistake(
            "no-outgoing-weight",
            "The gradients at the logits add up to 0. Each is multiplied by its own weight before they are added.",
            dL_da=lambda v: v.dL_dz.sum(),
        ),
        Mistake("paths-averaged", "The paths are averaged, and they should be added.", dL_da=lambda v: v.dL_da / 3),
        Mistake(
            "not-summed",
            "Those are the contributions of the logits. The gradient at the hidden unit is their sum.",
            dL_da=lambda v: v.dL_dz * v.v,
        ),
        Mistake("no-hidden-slope", "The derivative of the hidden unit's sigmoid is missing.", dL_dw=lambda v: v.dL_da * v.x),
        Mistake(
            "own-operand",
            "The derivative of w·x with respect to w is x, the other factor.",
            dL_dw=lambda v: v.dL_da * v.a * (1 - v.a) * v.w,
        ),
    ),
)

first_weight_verdict = verdict(
    flawed_first_weight,
    first_weight,
    ("first-output-only", "absolute-paths", "elementwise-softmax", "first-logit-only"),
    hints=(
        "List the paths from the hidden unit to the loss. Which of them does the program follow?",
        r"$\dfrac{\partial L}{\partial a} = \dfrac{\partial L}{\partial z_1}v_1 + \dfrac{\partial L}{\partial z_2}v_2 + \dots$",
        "Look at the index `[0]` in the program. Does its array have an entry for each logit, or for each output?",
    ),
)


# --- agrees at x = 1 ------------------------------------------------------------------------------


def flawed_hidden_weight(x: Any, w: Any, b: Any, v: Any, c: Any, y: Any) -> Any:
    """Return dL_dv, dL_dc, dL_dw, dL_db of the log loss; all are numbers.

    a = sigmoid(w * x + b), yhat = sigmoid(v * a + c)
    """
    a = 1 / (1 + np.exp(-(w * x + b)))  # 1
    yhat = 1 / (1 + np.exp(-(v * a + c)))  # 2
    dL_dz2 = yhat - y  # 3
    dL_dv = dL_dz2 * a  # 4
    dL_dc = dL_dz2  # 5
    dL_dz1 = dL_dz2 * v * a * (1 - a)  # 6
    dL_dw = dL_dz1  # 7
    dL_db = dL_dz1  # 8
    return dL_dv, dL_dc, dL_dw, dL_db


def _hidden_weight(node: Any, x: Any, w: Any, b: Any, v: Any, c: Any, y: Any) -> None:
    z1 = node("z1", w * x + b)
    a = node("a", torch.sigmoid(z1))
    z2 = node("z2", v * a + c)
    yhat = node("yhat", torch.sigmoid(z2))
    node("L", -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat)))


def _sample_hidden_weight(rng: Rng) -> dict[str, Any]:
    return {"x": signed(rng, 1.2, 2.5)} | {name: signed(rng) for name in ("w", "b", "v", "c")} | {"y": between_zero_and_one(rng)}


hidden_weight = Exercise(
    name="hidden_weight",
    asks=("dL_dv", "dL_dc", "dL_dw", "dL_db"),
    forward=_hidden_weight,
    sample=_sample_hidden_weight,
    points=4,
    hints=(
        "The weight and the bias of the hidden unit get the same gradient here. When is that right?",
        r"$z_1 = wx + b$, so $\dfrac{\partial z_1}{\partial w} = x$ and $\dfrac{\partial z_1}{\partial b} = 1$.",
        "Copy the eight lines. One of the last two lacks a factor. Which one, and which factor?",
    ),
    mistakes=(
        Mistake("weight-as-bias", "The weight gets the gradient of the bias, as if it were only added.", dL_dw=lambda v: v.dL_dz1),
        Mistake(
            "own-operand", "The gradient of the weight has the weight itself as a factor, not the input.", dL_dw=lambda v: v.dL_dz1 * v.w
        ),
        Mistake(
            "bias-as-weight",
            "The bias gets the gradient of the weight, as if it were multiplied by the input too.",
            dL_db=lambda v: v.dL_dz1 * v.x,
        ),
        Mistake("divided-by-input", "The gradient is divided by the input. It is a factor.", dL_dw=lambda v: v.dL_dz1 / v.x),
        Mistake("no-hidden-slope", "The derivative of the hidden unit's sigmoid is missing.", dL_dz1=lambda v: v.dL_dz2 * v.v),
        Mistake(
            "no-outgoing-weight",
            "The weight between the two units is missing in the backward pass.",
            dL_dz1=lambda v: v.dL_dz2 * v.a * (1 - v.a),
        ),
        Mistake(
            "slope-of-z",
            "The sigmoid's derivative is computed from z and not from its value.",
            dL_dz1=lambda v: v.dL_dz2 * v.v * v.z1 * (1 - v.z1),
        ),
        Mistake("reversed-residual", "The difference between prediction and target has the wrong sign.", dL_dz2=lambda v: v.y - v.yhat),
        Mistake(
            "pre-activation-for-activation",
            "The outgoing weight is multiplied by the hidden unit's output, after its sigmoid.",
            dL_dv=lambda v: v.dL_dz2 * v.z1,
        ),
    ),
)

hidden_weight_verdict = verdict(
    flawed_hidden_weight,
    hidden_weight,
    ("weight-as-bias", "bias-as-weight", "no-hidden-slope", "own-operand"),
    hints=(
        "Which number of the test was 1? A factor of 1 does not show. Where would that factor be?",
        r"Edge by edge: $\dfrac{\partial z_1}{\partial w}$, $\dfrac{\partial z_1}{\partial b}$, $\dfrac{\partial z_2}{\partial v}$, "
        r"$\dfrac{\partial z_2}{\partial c}$. Find each in the program.",
        "Run the program with $x = 2.5$ and compare it with central differences for `w` and `b`. One of the two is wrong by "
        "the factor 2.5.",
    ),
)


# --- right on the first example -------------------------------------------------------------------


def flawed_relu_unit(x: Any, w: Any, b: Any, y: Any) -> Any:
    """Return four gradients of L = (a - y)**2, a = relu(w·x + b).

    x (n,), w (n,), b and y are numbers
    ->  dL_da, dL_dz, dL_dw (n,), dL_dx (n,)
    """
    z = np.sum(w * x) + b  # 1
    a = np.maximum(z, 0.0)  # 2
    dL_da = 2 * (a - y)  # 3
    dL_dz = dL_da * (a >= 0)  # 4
    dL_dw = dL_dz * x  # 5
    dL_dx = dL_dz * w  # 6
    return dL_da, dL_dz, dL_dw, dL_dx


def _relu_unit(node: Any, x: Any, w: Any, b: Any, y: Any) -> None:
    z = node("z", (w * x).sum() + b)
    a = node("a", torch.relu(z))
    node("L", (a - y) ** 2)


def _sample_relu_unit(rng: Rng) -> dict[str, Any]:
    size = int(rng.integers(3, 6))
    return {"x": signed(rng, size=size), "w": signed(rng, size=size), "b": signed(rng), "y": signed(rng)}


relu_unit = Exercise(
    name="relu_unit",
    asks=("dL_da", "dL_dz", "dL_dw", "dL_dx"),
    forward=_relu_unit,
    sample=_sample_relu_unit,
    regimes=(
        lambda v: v.z > 0.3 and v.dL_da > 0.3,
        lambda v: v.z < -0.3 and v.dL_da < -0.3,
        lambda v: v.z > 0.3 and v.dL_da < -0.3,
        lambda v: v.z < -0.3 and v.dL_da > 0.3,
    ),
    points=4,
    hints=(
        "Which values can a have, as a result of ReLU? For which of them is the condition false?",
        r"$\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial a}\cdot[z > 0]$.",
        "Copy the six lines and change the condition. For $z < 0$ it has to be false. What is `a` there?",
    ),
    mistakes=(
        Mistake("no-gate", "The derivative of ReLU is taken to be 1 for every z.", dL_dz=lambda v: v.dL_da),
        Mistake(
            "gate-turned",
            "The derivative of ReLU is taken to be 1 where z is negative and 0 where z is positive.",
            dL_dz=lambda v: v.dL_da * (v.z < 0),
        ),
        Mistake(
            "gate-on-upstream",
            "The derivative of ReLU is made to depend on the sign of the upstream gradient, and not on z.",
            dL_dz=lambda v: np.maximum(v.dL_da, 0.0),
        ),
        Mistake(
            "value-for-slope", "The gradient is multiplied by the value of ReLU in place of its derivative.", dL_dz=lambda v: v.dL_da * v.a
        ),
        Mistake(
            "upstream-dropped",
            "That is the derivative of ReLU alone. The upstream gradient is a factor too.",
            dL_dz=lambda v: float(v.z > 0),
        ),
        Mistake("lost-factor-two", "The factor two of the square is missing.", dL_da=lambda v: v.a - v.y),
        Mistake("reversed-residual", "The difference has the wrong sign.", dL_da=lambda v: 2 * (v.y - v.a)),
        Mistake(
            "swapped-operands",
            "The gradients for x and for w are swapped.",
            dL_dw=lambda v: v.dL_dz * v.w,
            dL_dx=lambda v: v.dL_dz * v.x,
        ),
        Mistake(
            "gate-on-input",
            "The gradient at z contains the derivative of ReLU already. Here further entries become 0, by the sign of each input.",
            dL_dw=lambda v: v.dL_dz * v.x * (v.x > 0),
        ),
    ),
)

relu_unit_verdict = verdict(
    flawed_relu_unit,
    relu_unit,
    ("gate-on-upstream", "gate-turned", "no-gate", "value-for-slope"),
    hints=(
        "The first example had z = 6. What else can z be?",
        r"For $z < 0$: $a = 0$ whatever small change $z$ makes, so $\dfrac{\partial L}{\partial z} = 0$.",
        "Run the program on an example with a negative `z`, and print `a >= 0`.",
    ),
)


# --- an average that is a sum ---------------------------------------------------------------------


def flawed_batch_average(X: Any, y: Any, w: Any, b: Any) -> Any:
    """Return L, the average over the batch of (yhat - y)**2, and three gradients.

    X (N, D), y (N,), w (D,), b
    ->  L, dL_dyhat (N,), dL_dw (D,), dL_db
    """
    yhat = X @ w + b  # 1
    L = ((yhat - y) ** 2).mean()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dL_dw = X.T @ dL_dyhat  # 4
    dL_db = dL_dyhat.sum()  # 5
    return L, dL_dyhat, dL_dw, dL_db


def _batch_average(node: Any, X: Any, y: Any, w: Any, b: Any) -> None:
    yhat = node("yhat", X @ w + b)
    node("L", ((yhat - y) ** 2).mean())


def _sample_batch(rng: Rng) -> dict[str, Any]:
    batch = int(rng.integers(4, 7))
    return {"X": signed(rng, size=(batch, 3)), "y": signed(rng, 0.5, 3.0, size=batch), "w": signed(rng, size=3), "b": signed(rng)}


batch_average = Exercise(
    name="batch_average",
    asks=("L", "dL_dyhat", "dL_dw", "dL_db"),
    forward=_batch_average,
    sample=_sample_batch,
    points=4,
    hints=(
        "The loss is an average. Where is the division in the gradient?",
        r"$L = \dfrac{1}{N}\sum_i(\hat y_i - y_i)^2$, so $\dfrac{\partial L}{\partial\hat y_i} = \dfrac{2}{N}(\hat y_i - y_i)$.",
        "Copy the five lines and divide once, so that all later lines are right too. In which line, and by which number?",
    ),
    mistakes=(
        Mistake(
            "sum-for-mean",
            "The loss is an average, and the gradient is that of a sum: it is too large by a factor, the size of the batch.",
            dL_dyhat=lambda v: 2 * (v.yhat - v.y),
        ),
        Mistake("lost-factor-two", "The factor two of the square is missing.", dL_dyhat=lambda v: (v.yhat - v.y) / v.y.size),
        Mistake("averaged-twice", "The average is taken twice.", dL_dyhat=lambda v: 2 * (v.yhat - v.y) / v.y.size**2),
        Mistake("residual-sign", "The difference has the wrong sign.", dL_dyhat=lambda v: 2 * (v.y - v.yhat) / v.y.size),
        Mistake(
            "inputs-for-examples",
            "The gradient is divided by the number of inputs. The average is over the examples.",
            dL_dyhat=lambda v: 2 * (v.yhat - v.y) / v.w.size,
        ),
        Mistake(
            "averaged-in-the-layer",
            "The derivative for the predictions is divided already. Here the division is repeated.",
            dL_dw=lambda v: v.dL_dw / v.y.size,
            dL_db=lambda v: v.dL_db / v.y.size,
        ),
        Mistake(
            "unsummed-bias",
            "Those are the contributions of the examples. The gradient of the bias is their sum.",
            dL_db=lambda v: v.dL_dyhat,
        ),
        Mistake(
            "bias-constant", "That is the derivative of each prediction with respect to the bias, not of the loss.", dL_db=lambda v: 1.0
        ),
        Mistake(
            "one-sample",
            "Only the first example contributes.",
            dL_dw=lambda v: v.X[0] * v.dL_dyhat[0],
            dL_db=lambda v: v.dL_dyhat[0],
        ),
        Mistake("sum-in-the-loss", "That is the sum over the batch. The loss is its average.", L=lambda v: v.L * v.y.size),
    ),
)

batch_average_verdict = verdict(
    flawed_batch_average,
    batch_average,
    ("lost-factor-two", "sum-for-mean", "averaged-twice", "residual-sign"),
    hints=(
        "Double the batch by writing every example twice. What should happen to an average, and what happens to the gradients?",
        r"$\dfrac{\partial}{\partial\hat y_i}\;\dfrac1N\sum_k(\hat y_k - y_k)^2$: only the term $k = i$ depends on $\hat y_i$. "
        r"Which factor is in front of it?",
        "Change one entry of `yhat` by 0.001 and divide the change of the average by 0.001. Compare with the same entry of `dL_dyhat`.",
    ),
)


# --- gradients that were not cleared --------------------------------------------------------------


def flawed_two_steps(w: Any, x: Any, y: Any, alpha: Any) -> Any:
    """Return g1, w1, g2, w2: gradient and new weight of two steps on (w * x - y)**2.

    x (2,), y (2,): one example per step; w and alpha are numbers
    """
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()  # 1
    w1 = w - alpha * g1  # 2
    weight.data.fill_(w1)
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()  # 3
    w2 = w1 - alpha * g2  # 4
    return g1, w1, g2, w2


def _two_steps(node: Any, w: Any, x: Any, y: Any, alpha: Any) -> None:
    g1 = node("g1", _slope(lambda w: (w * x[0] - y[0]) ** 2, w))
    w1 = node("w1", w - alpha * g1)
    g2 = node("g2", _slope(lambda w: (w * x[1] - y[1]) ** 2, w1))
    node("w2", w1 - alpha * g2)


def _two_half_steps(node: Any, w: Any, x: Any, y: Any, alpha: Any) -> None:
    g1 = node("g1", x[0] * (w * x[0] - y[0]))
    w1 = node("w1", w - alpha * g1)
    g2 = node("g2", x[1] * (w1 * x[1] - y[1]))
    node("w2", w1 - alpha * g2)


def _sample_two_steps(rng: Rng) -> dict[str, Any]:
    return {"w": signed(rng), "x": signed(rng, 1.1, 2.0, size=2), "y": signed(rng, 0.5, 2.5, size=2), "alpha": positive(rng, 0.03, 0.12)}


two_steps = Exercise(
    name="two_steps",
    asks=("g1", "w1", "g2", "w2"),
    forward=_two_steps,
    sample=_sample_two_steps,
    regimes=(lambda v: min(abs(v.g1), abs(v.g2)) > 0.4,),
    points=4,
    hints=(
        "What is in `weight.grad` just before the second call of `backward`?",
        r"After the second call: $\texttt{grad} = g_1 + g_2$. What is wanted is $g_2$ alone.",
        "Copy the lines and add `weight.grad.zero_()`, or write both gradients by hand. Between which two numbered lines does it belong?",
    ),
    mistakes=(
        Mistake("not-cleared", "The second gradient is added to the first, which was not cleared.", g2=lambda v: v.g1 + v.g2),
        Mistake(
            "stale-weight",
            "The second gradient is taken at the weight before the first step.",
            g2=lambda v: 2 * (v.w * v.x[1] - v.y[1]) * v.x[1],
        ),
        Mistake(
            "same-example",
            "The second step looks at the first example again.",
            g2=lambda v: 2 * (v.w1 * v.x[0] - v.y[0]) * v.x[0],
        ),
        Mistake("averaged-gradients", "The second step uses the average of the two gradients.", g2=lambda v: (v.g1 + v.g2) / 2),
        Mistake("step-from-the-start", "The second step begins where the first one began.", w2=lambda v: v.w - v.alpha * v.g2),
        Mistake(
            "uphill",
            "The steps go in the direction of the gradient. They should go in the opposite direction.",
            w1=lambda v: v.w + v.alpha * v.g1,
            w2=lambda v: v.w1 + v.alpha * v.g2,
        ),
        Mistake("lost-inner-slope", "The derivative of the inner function, which is x, is missing.", g1=lambda v: v.g1 / v.x[0]),
        Mistake("lost-factor-two", "The derivative of a square has a factor two. It is missing.", program=_two_half_steps),
    ),
)

two_steps_verdict = verdict(
    flawed_two_steps,
    two_steps,
    ("stale-weight", "same-example", "not-cleared", "averaged-gradients"),
    hints=(
        "Which of the four numbers can you compute with pencil and paper, without .grad?",
        r"$g_2 = 2\bigl(w_1x^{(2)} - y^{(2)}\bigr)x^{(2)}$, where $x^{(2)}, y^{(2)}$ are the second example, `x[1]` and `y[1]`.",
        "Put `print(weight.grad)` before the second `backward`. If something was left out before a line, that line is the first "
        "with a wrong result.",
    ),
)


# --- half a gradient ------------------------------------------------------------------------------


def flawed_small_network(x: Any, y: Any, w: Any, b: Any, v: Any, c: Any) -> Any:
    """Return four gradients of L = sum((yhat - y)**2) for a layer of tanh units.

    x (n,), y (n,), w (k,), b (k,), v (k,), c
    ->  dL_dv (k,), dL_dc, dL_dw (k,), dL_db (k,)
    """
    A = np.tanh(np.outer(x, w) + b)  # 1
    yhat = A @ v + c  # 2
    dL_dyhat = yhat - y  # 3
    dL_dv = A.T @ dL_dyhat  # 4
    dL_dc = dL_dyhat.sum()  # 5
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)  # 6
    dL_dw = x @ dL_dZ  # 7
    dL_db = dL_dZ.sum(axis=0)  # 8
    return dL_dv, dL_dc, dL_dw, dL_db


def _small_network(node: Any, x: Any, y: Any, w: Any, b: Any, v: Any, c: Any) -> None:
    Z = node("Z", torch.outer(x, w) + b)
    A = node("A", torch.tanh(Z))
    yhat = node("yhat", A @ v + c)
    node("L", ((yhat - y) ** 2).sum())


def _sample_small_network(rng: Rng) -> dict[str, Any]:
    points = int(rng.integers(4, 7))
    hidden = {name: signed(rng, size=3) for name in ("w", "b", "v")}
    return {"x": signed(rng, size=points), "y": signed(rng, 0.5, 2.0, size=points)} | hidden | {"c": signed(rng)}


def _hidden_delta(slope: Any) -> Any:
    """dL_dZ with the slope of tanh taken to be slope(Z, A)."""
    return lambda v: np.outer(v.dL_dyhat, v.v) * slope(v.Z, v.A)


small_network = Exercise(
    name="small_network",
    asks=("dL_dv", "dL_dc", "dL_dw", "dL_db"),
    forward=_small_network,
    sample=_sample_small_network,
    points=4,
    hints=(
        "All gradients are wrong by the same factor. On which line do all of them depend?",
        r"$L = \sum_i(\hat y_i - y_i)^2$, so $\dfrac{\partial L}{\partial\hat y_i} = 2(\hat y_i - y_i)$.",
        "Copy the eight lines. The derivative of a square has a factor. In which line is it missing?",
    ),
    mistakes=(
        Mistake("lost-factor-two", "The factor two of the square is missing.", dL_dyhat=lambda v: v.yhat - v.y),
        Mistake(
            "mean-for-sum",
            "The gradient is divided by the number of points, and the loss is a sum.",
            dL_dyhat=lambda v: 2 * (v.yhat - v.y) / v.y.size,
        ),
        Mistake("loss-sign", "The difference has the wrong sign.", dL_dyhat=lambda v: 2 * (v.y - v.yhat)),
        Mistake("no-hidden-slope", "The derivative of tanh is missing.", dL_dZ=_hidden_delta(lambda Z, A: 1.0)),
        Mistake("sigmoid-slope", "The derivative of a sigmoid is used for a tanh.", dL_dZ=_hidden_delta(lambda Z, A: A * (1 - A))),
        Mistake(
            "slope-of-z", "The derivative of tanh is computed from z and not from its value.", dL_dZ=_hidden_delta(lambda Z, A: 1 - Z**2)
        ),
        Mistake(
            "no-outgoing-weight",
            "The outgoing weights are missing in the backward pass.",
            dL_dZ=lambda v: np.outer(v.dL_dyhat, np.ones(3)) * (1 - v.A**2),
        ),
        Mistake(
            "pre-activation-for-activation",
            "The outgoing weights are multiplied by the hidden units' outputs, after their tanh.",
            dL_dv=lambda v: v.Z.T @ v.dL_dyhat,
        ),
        Mistake(
            "weight-as-bias",
            "The hidden weights get the gradients of the biases: the factor x is missing.",
            dL_dw=lambda v: v.dL_dZ.sum(axis=0),
        ),
        Mistake(
            "unsummed-bias", "Those are the contributions of the points. The gradient of each bias is their sum.", dL_db=lambda v: v.dL_dZ
        ),
    ),
)

small_network_verdict = verdict(
    flawed_small_network,
    small_network,
    ("no-hidden-slope", "lost-factor-two", "mean-for-sum", "sigmoid-slope"),
    hints=(
        "Divide each of the program's gradients by PyTorch's. What do the quotients have in common?",
        r"If one factor is missing everywhere, it is missing in the derivative that all the others use: "
        r"$\dfrac{\partial L}{\partial\hat y}$.",
        "`ex.small_network.referee()` writes PyTorch's side into a cell. Is the quotient one half, or one over the number of points?",
    ),
)


# --- a loss that saturates ------------------------------------------------------------------------


def flawed_log_loss(z: Any, y: Any) -> Any:
    """Return log(1 - yhat), the log loss summed over the examples, and its gradient.

    z (n,), y (n,)  ->  log_rest (n,), L, dL_dz (n,)
    """
    yhat = 1 / (1 + np.exp(-z))  # 1
    log_yhat = np.maximum(np.log(yhat), -100)  # 2
    log_rest = np.maximum(np.log(1 - yhat), -100)  # 3
    L = -(y * log_yhat + (1 - y) * log_rest).sum()  # 4
    slope = yhat * (1 - yhat)
    dL_dz = (yhat - y) / np.maximum(slope, 1e-12) * slope  # 5
    return log_rest, L, dL_dz


def _log_loss(node: Any, z: Any, y: Any) -> None:
    node("yhat", torch.sigmoid(z))
    log_yhat = node("log_yhat", torch.nn.functional.logsigmoid(z))
    log_rest = node("log_rest", torch.nn.functional.logsigmoid(-z))
    node("L", -(y * log_yhat + (1 - y) * log_rest).sum())


def _sample_log_loss(rng: Rng) -> dict[str, Any]:
    """Logits of both signs, in any order: two moderate ones, two whose
    prediction rounds to 0 or 1, two whose exponential overflows.

    The target of the smallest is 0, so that the logarithm of its prediction, which line 2 clips at
    -100, does not matter.
    """
    large, huge = positive(rng, 42, 80, size=2), positive(rng, 760, 990, size=2)
    z = np.array([large[0], -large[1], huge[0], -huge[1], signed(rng, 0.5, 6), signed(rng, 0.5, 6)])
    y = between_zero_and_one(rng, size=z.size)
    y[3] = 0.0
    order = rng.permutation(z.size)
    return {"z": z[order], "y": y[order]}


def _sample_within_the_guard(rng: Rng) -> dict[str, Any]:
    """Logits for which line 2 of the flawed program is
    right: no logarithm of a prediction is below -100.
    """
    z = np.array([positive(rng, 42, 80), -positive(rng, 42, 80), signed(rng, 0.5, 6), signed(rng, 0.5, 6)])
    return {"z": rng.permutation(z), "y": between_zero_and_one(rng, size=4)}


def _saturated(v: SimpleNamespace) -> Any:
    return np.maximum(np.log(1 - v.yhat), -100)


def _vanished(v: SimpleNamespace) -> Any:
    slope = v.yhat * (1 - v.yhat)
    return (v.yhat - v.y) / np.maximum(slope, 1e-12) * slope


log_loss = Exercise(
    name="log_loss",
    asks=("log_rest", "L", "dL_dz"),
    forward=_log_loss,
    sample=_sample_log_loss,
    points=3,
    hints=(
        "What is 1 - yhat in float64 when z is 45? And when z is -45?",
        r"$\log(1 - \sigma(z)) = -\log(1 + e^{z})$, and $\dfrac{\partial L}{\partial z} = \sigma(z) - y$.",
        "`np.logaddexp(0, z)` is the logarithm of $1 + e^z$. Work `log_rest` out from `z`; then `dL_dz` needs no division at all.",
    ),
    mistakes=(
        Mistake(
            "dropped-negative-class",
            "The log loss has a second term, for targets below 1. Yours has the first only.",
            L=lambda v: -(v.y * v.log_yhat).sum(),
        ),
        Mistake(
            "saturated",
            "For a large z the prediction rounds to exactly 1, and one minus the prediction to 0.",
            log_rest=_saturated,
            dL_dz=_vanished,
        ),
        Mistake(
            "logarithm-clipped",
            "For a large z the prediction rounds to exactly 1, and the logarithm of one minus the prediction is replaced by the limit.",
            log_rest=_saturated,
        ),
        Mistake(
            "overflow",
            "For a z of about 710 and more, the exponential of z is too large for float64. "
            "NumPy has a function for the logarithm of a sum of exponentials that does not compute the exponentials.",
            log_rest=lambda v: -np.log(1 + np.exp(v.z)),
        ),
        Mistake(
            "overflow-in-the-gradient",
            "For a z of about 710 and more, the exponential of z is too large for float64, and infinity divided by infinity is nan. "
            "The sigmoid can also be written with the exponential of minus z.",
            dL_dz=lambda v: np.exp(v.z) / (1 + np.exp(v.z)) - v.y,
        ),
        Mistake("loss-only", "The loss is right, but the gradient still has a factor that has been rounded to 0.", dL_dz=_vanished),
        Mistake(
            "guard-turned",
            "The lower limit is applied as an upper limit: every logarithm becomes at most the limit.",
            log_rest=lambda v: np.minimum(v.log_rest, -100),
        ),
        Mistake(
            "logs-confused",
            "The two logarithms are swapped.",
            log_rest=lambda v: v.log_yhat,
            L=lambda v: -(v.y * v.log_rest + (1 - v.y) * v.log_yhat).sum(),
        ),
        Mistake("one-minus-the-log", "One minus the logarithm is taken for the logarithm of one minus.", log_rest=lambda v: 1 - v.log_yhat),
        Mistake("turned-log", "The logarithm has the wrong sign.", log_rest=lambda v: -v.log_rest),
        Mistake("mean-for-sum", "The loss is summed over the examples, and not averaged.", L=lambda v: v.L / v.y.size),
        Mistake("reversed-residual", "The difference has the wrong sign.", dL_dz=lambda v: -v.dL_dz),
        Mistake(
            "slope-twice",
            "The difference contains the sigmoid's derivative already. Here it is a factor once more.",
            dL_dz=lambda v: v.dL_dz * v.yhat * (1 - v.yhat),
        ),
    ),
)

log_loss_verdict = verdict(
    flawed_log_loss,
    replace(log_loss, sample=_sample_within_the_guard),
    ("guard-turned", "logs-confused", "saturated", "one-minus-the-log"),
    hints=(
        "The program replaces the logarithm of 0. But should that number have been 0 at all?",
        r"$1 - \sigma(z) = \sigma(-z)$ on paper. In float64, $\sigma(45)$ and 1 are the same number; $\sigma(-45)$ and 0 are not.",
        "Print `np.log(yhat)` and `np.log(1 - yhat)` for `z = np.array([45.0, -45.0])`. Which of the four is not what it should be?",
    ),
)


# --- the bug finder -------------------------------------------------------------------------------

STEP = 1e-4


def _rippled(theta: Any, a: Any, b: Any, functions: Any) -> Any:
    """A function of all entries of theta, in most of which neighbours are multiplied.

    The last three have derivatives of other sizes: about 40, about 0.0002, and 0 if the entry is 0.
    """
    coupled, steep, faint, flat = theta[:-3], theta[-3], theta[-2], theta[-1]
    waves = functions.sin(a * coupled).sum() + b * (coupled[1:] * coupled[:-1]).sum()
    return waves + 40 * steep + 1e-4 * faint**2 + 0.01 * flat**3


def _rippled_slopes(theta: Any, a: Any, b: Any) -> Any:
    """The derivatives of `_rippled` by hand: many inputs are drawn for one that is used."""
    coupled, faint, flat = theta[:-3], theta[-2], theta[-1]
    neighbours = np.append(coupled[1:], 0.0) + np.append(0.0, coupled[:-1])
    return np.append(a * np.cos(a * coupled) + b * neighbours, [40.0, 2e-4 * faint, 0.03 * flat**2])


def _bug_finder(node: Any, theta: Any, claimed: Any, a: Any, b: Any) -> None:
    slopes = _slope(lambda theta: _rippled(theta, a, b, torch), theta)
    node("suspects", ((claimed - slopes).abs() > 1e-6 + 1e-3 * slopes.abs()).double())
    node("y", _rippled(theta, a, b, torch))


def _sample_bug_finder(rng: Rng) -> dict[str, Any]:
    """A gradient in which at least one entry is right, one
    too large, one too small, and one of the other sign.

    Of the last three parameters the steep one is nearly right, the faint one is wrong, and the flat
    one is rightly 0.
    """
    size = int(rng.integers(4, 6))
    theta, a, b = np.append(signed(rng, size=size + 2), 0.0), positive(rng, 1.1, 1.9, size=size), signed(rng, 0.5, 1.5)
    slopes = _rippled_slopes(theta, a, b)
    off = rng.permutation(np.concatenate([[0.0, 0.05, -0.05, -2.0], rng.choice([0.0, 0.9, -0.5], size=size - 4)]))
    off = np.append(off, [rng.choice([-4e-4, 4e-4]), rng.choice([-0.8, 0.8]), 0.0])
    larger = np.where(off == -2.0, slopes, np.abs(slopes))  # minus 2 turns the sign
    return {"theta": theta, "claimed": slopes + off * larger, "a": a, "b": b}


def _bug_finder_arguments(v: SimpleNamespace) -> dict[str, Any]:
    def f(theta: Any) -> Any:
        return _rippled(np.asarray(theta), v.a, v.b, np)

    return {"f": f, "theta": v.theta, "claimed": v.claimed, "h": STEP}


def _differences(up: float, down: float, width: float) -> Any:
    """Difference quotients of every entry: (f(theta + up·h) - f(theta + down·h)) / (width·h)."""

    def slopes(v: SimpleNamespace) -> np.ndarray:
        f = _bug_finder_arguments(v)["f"]
        nudges = STEP * np.eye(v.theta.size)
        return np.array([f(v.theta + up * e) - f(v.theta + down * e) for e in nudges]) / (width * STEP)

    return slopes


def _second_value_divided(v: SimpleNamespace) -> np.ndarray:
    f = _bug_finder_arguments(v)["f"]
    nudges = STEP * np.eye(v.theta.size)
    return np.array([f(v.theta + e) - f(v.theta - e) / (2 * STEP) for e in nudges])


def _suspects(slopes: Any) -> dict[str, Any]:
    """A mistake in the slopes, and the suspects that follow from it."""
    return {"dy_dtheta": slopes, "suspects": lambda v: (np.abs(v.claimed - slopes(v)) > 1e-6 + 1e-3 * np.abs(slopes(v))) * 1.0}


def _suspects_without_absolute_tolerance(v: SimpleNamespace) -> np.ndarray:
    slopes = _differences(1, -1, 2)(v)
    return (np.abs(v.claimed - slopes) > 1e-3 * np.abs(slopes)) * 1.0


bug_finder = Exercise(
    name="bug_finder",
    asks=("dy_dtheta", "suspects"),
    forward=_bug_finder,
    sample=_sample_bug_finder,
    arguments=_bug_finder_arguments,
    regimes=(lambda v: np.abs(_rippled_slopes(v.theta, v.a, v.b)[:-3]).min() > 0.1,),
    points=4,
    hints=(
        "In lesson 01 you changed one number by h. What has to be different if there are several numbers?",
        r"$\dfrac{\partial f}{\partial\theta_i}\approx\dfrac{f(\theta + h e_i) - f(\theta - h e_i)}{2h}$, where $e_i$ is 1 in place $i$, "
        r"else 0. Suspect: $|\text{claimed}_i - \text{difference}_i| > 10^{-6} + 0.001\,|\text{difference}_i|$.",
        "`np.eye(len(theta))` has the $e_i$ as its rows: loop over them. The suspects are one comparison of two arrays, times 1.0. "
        "Which of the two arrays is inside the absolute value on the right?",
    ),
    mistakes=(
        Mistake(
            "forward-difference",
            "That is a one-sided difference, with an error of order h. Use points on both sides of theta.",
            dy_dtheta=_differences(1, 0, 1),
        ),
        Mistake(
            "moved-back-by-h",
            "The second point is not to the left of theta: from the first point it is 2h back, not h.",
            dy_dtheta=_differences(1, 0, 2),
        ),
        Mistake("half-width", "The distance of the two points is 2h. Yours divides by h.", **_suspects(_differences(1, -1, 1))),
        Mistake(
            "division-order",
            DIVISION_ORDER,
            **_suspects(lambda v: _differences(1, -1, 2)(v) * STEP**2),
        ),
        Mistake(
            "missing-parentheses",
            WHOLE_DIFFERENCE,
            **_suspects(_second_value_divided),
        ),
        Mistake(
            "difference-sign",
            "The difference has the wrong sign: it is the right point minus the left one.",
            **_suspects(_differences(-1, 1, 2)),
        ),
        Mistake(
            "nothing-moves",
            "All your central differences are 0: f is called twice with the same numbers. Are the two arguments different arrays?",
            **_suspects(lambda v: np.zeros(v.theta.size)),
        ),
        Mistake(
            "all-nudged-at-once",
            "All entries are changed together. For one derivative, change one entry only.",
            **_suspects(lambda v: np.full(v.theta.size, v.dy_dtheta.sum())),
        ),
        Mistake(
            "too-large-only",
            "A claim that is too small is wrong as well. Use the absolute value of the difference.",
            suspects=lambda v: (v.claimed - v.dy_dtheta > 1e-6 + 1e-3 * np.abs(v.dy_dtheta)) * 1.0,
        ),
        Mistake(
            "sizes-compared",
            "A claim of the right size and the wrong sign is missed: the absolute values are compared and not the numbers themselves.",
            suspects=lambda v: (np.abs(np.abs(v.claimed) - np.abs(v.dy_dtheta)) > 1e-6 + 1e-3 * np.abs(v.dy_dtheta)) * 1.0,
        ),
        Mistake(
            "no-absolute-tolerance",
            "A right derivative of 0 is marked: its central difference is tiny and not exactly 0. The absolute tolerance is missing.",
            suspects=_suspects_without_absolute_tolerance,
        ),
        Mistake(
            "absolute-tolerance-only",
            "All entries have the same tolerance. A wrong claim about a small derivative is missed, and a claim about a large derivative "
            "is marked for a difference of less than a thousandth.",
            suspects=lambda v: (np.abs(v.claimed - v.dy_dtheta) > 1e-3) * 1.0,
        ),
        Mistake(
            "relative-to-the-largest",
            "The tolerance of all entries depends on the largest one. A wrong claim about a small derivative is missed.",
            suspects=lambda v: (np.abs(v.claimed - v.dy_dtheta) > 1e-3 * np.linalg.norm(v.dy_dtheta)) * 1.0,
        ),
        Mistake(
            "innocent-marked",
            "The right entries are marked. Mark the wrong ones.",
            suspects=lambda v: 1 - v.suspects,
        ),
        Mistake(
            "claims-repeated",
            "Those are the claimed numbers. The central differences are computed from f alone.",
            dy_dtheta=lambda v: v.claimed,
            suspects=lambda v: np.zeros(v.theta.size),
        ),
        Mistake("one-verdict", "That is one answer for the whole gradient. Each entry needs its own.", suspects=lambda v: 1.0),
    ),
)


# --- gradient checks that mislead -----------------------------------------------------------------


def gradient_checks() -> Any:
    """Five functions: each with a claimed derivative, a point and a step h."""
    return {
        # name: (function, claimed derivative, point, h)
        "both_zero": (lambda z: z * (z > 0), lambda z: 0 * z**2, -2.0, 1e-4),  # ReLU
        "kink": (lambda z: z * (z > 0), lambda z: (z > 0) + 0 * z, 3e-5, 1e-4),  # ReLU
        "single_precision": (lambda x: x**2, lambda x: 2 * x, np.float32(3), np.float32(1e-6)),
        "one_point": (lambda x: x**3, lambda x: 3 * x, 1.0, 1e-4),
        "relative_error": (lambda x: 0.01 * x**3, lambda x: 0.03 * x**2, 0.0, 1e-4),
    }


def _pitfalls(node: Any) -> None:
    points = torch.linspace(-1.9, 2.1, 31, dtype=torch.float64)  # 0, where ReLU has its kink, is not among them
    right = {}
    for name, (f, claimed, _, _) in gradient_checks().items():
        slopes = _slope(lambda points, f=f: f(points).sum(), points)
        right[name] = torch.isclose(claimed(points), slopes, rtol=1e-9, atol=1e-12).all().double()
    node("both_zero", right["both_zero"])
    node("kink", right["kink"])
    node("single_precision", right["single_precision"])
    node("one_point", right["one_point"])
    node("relative_error", right["relative_error"])


pitfalls = Prediction(
    name="pitfalls",
    asks=("both_zero", "kink", "single_precision", "one_point", "relative_error"),
    forward=_pitfalls,
    sample=lambda rng: {},
    points=5,
    hints=(
        "For each of the five: what is the derivative of the function, by the rules of lesson 01? At which points was the claim tested?",
        r"ReLU has the derivative 1 for $z > 0$ and 0 for $z < 0$. A float32 has about seven digits, and "
        r"$\dfrac{f(x + h) - f(x - h)}{2h}$ divides the rounding error of $f$ by $2h$.",
        "Write the derivative of each function on paper and compare it with the claim. The printed numbers are not needed for that.",
    ),
    mistakes=(
        Mistake(
            "agreement-at-zero",
            "Both numbers are 0 at that point. What does the claim say where z is positive?",
            both_zero=lambda v: 1.0,
        ),
        Mistake(
            "kink-within-h",
            "The two points of the central difference are on different sides of the kink. Compare the claim with the rule for ReLU.",
            kink=lambda v: 0.0,
        ),
        Mistake(
            "rounding",
            "The central difference is inexact here: h is too small for float32. Compare the claim with the power rule.",
            single_precision=lambda v: 0.0,
        ),
        Mistake("one-lucky-point", "The numbers agree at that point. Do they agree at others?", one_point=lambda v: 1.0),
        Mistake(
            "relative-error-alone",
            "The relative difference is large because the derivative is 0. The absolute difference is tiny.",
            relative_error=lambda v: 0.0,
        ),
    ),
)

EXERCISES, __getattr__ = lesson(globals())
