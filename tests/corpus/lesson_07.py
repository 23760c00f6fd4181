"""Answers to lesson 07, find the bug: repairs that repair nothing or too much, and verdicts beside the point."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import torch

from tests.corpus.registry import right, wrong

# two_units_verdict


@wrong("two_units_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 3, "why": 4}


@wrong("two_units_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 2, "why": 2}


@wrong("two_units_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 2, "why": 3}


@wrong("two_units_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 1, "why": 4}


@right("two_units_verdict", form="tuple")
def _():
    return 2, 4


# two_units


@wrong("two_units", cause="other-unit", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w1 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="other-unit", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b1)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="other-unit", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w1 * x + b1)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="other-unit", first="green")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w4 * blue + w3 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="other-unit", first="blue")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w2 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="lost-bias", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="lost-bias", first="green")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="no-activation", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = w2 * x + b2
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="another-function", first="blue")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = 1 / (1 + np.exp(-(w1 * x + b1)))
    orange = 1 / (1 + np.exp(-(w2 * x + b2)))
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="mean-for-sum", first="SSR")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).mean()


@wrong("two_units", cause="square-of-the-sum", first="SSR")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, (y - green).sum() ** 2


@wrong("two_units", cause="not-summed", first="SSR")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, (y - green) ** 2


@wrong("two_units", cause="unit-fed-with-unit", first="orange")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * blue + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum()


@wrong("two_units", cause="two-slips", first="orange", unnamed=True)
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x - b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, ((y - green) ** 2).sum() / 2


@right("two_units", form="log1p")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue, orange = (np.log1p(np.exp(w * x + b)) for w, b in ((w1, b1), (w2, b2)))
    green = np.array([w3, w4]) @ np.array([blue, orange]) + b3
    residual = y - green
    return {"blue": blue, "orange": orange, "green": green, "SSR": residual @ residual}


@right("two_units", form="torch-tensor")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    x, y = torch.tensor(x), torch.tensor(y)
    blue = torch.nn.functional.softplus(w1 * x + b1)
    orange = torch.nn.functional.softplus(w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    return blue, orange, green, torch.nn.functional.mse_loss(green, y, reduction="sum")


# last_layer_verdict


@wrong("last_layer_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 5, "why": 3}


@wrong("last_layer_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 2, "why": 1}


@wrong("last_layer_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 2, "why": 2}


@wrong("last_layer_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 1, "why": 4}


@right("last_layer_verdict", form="list")
def _():
    return [2, 3]


# last_layer


@wrong("last_layer", cause="squared-residual-kept", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green) ** 2
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="residual-sign", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = 2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="lost-factor-two", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -(y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="absolute-residual", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * np.abs(y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="mean-for-sum", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green) / len(y)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="mean-for-sum", first="dSSR_dw3")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).mean(), (dSSR_dgreen * orange).mean(), dSSR_dgreen.mean()


@wrong("last_layer", cause="other-unit", first="dSSR_dw3", also=("right-but-permuted",))
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * orange).sum(), (dSSR_dgreen * blue).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="own-operand", first="dSSR_dw3")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * w3).sum(), (dSSR_dgreen * w4).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="lost-bias", first="dSSR_dgreen")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="one-sample", first="dSSR_db3")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen[0]


@wrong("last_layer", cause="bias-times-bias", first="dSSR_db3")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), (dSSR_dgreen * b3).sum()


@wrong("last_layer", cause="lost-upstream", first="dSSR_dw3")
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, blue.sum(), orange.sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="caret-is-not-power", first=None)
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green) ^ 1
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("last_layer", cause="two-slips", first="dSSR_dgreen", unnamed=True)
def _(y, blue, orange, w3, w4, b3):
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green) ** 2
    return dSSR_dgreen, (dSSR_dgreen * w3).sum(), (dSSR_dgreen * w4).sum(), dSSR_dgreen.sum()


@right("last_layer", form="namedtuple")
def _(y, blue, orange, w3, w4, b3):
    Gradients = namedtuple("Gradients", "dSSR_dgreen dSSR_dw3 dSSR_dw4 dSSR_db3")
    d = 2 * (w3 * blue + w4 * orange + b3 - y)
    return Gradients(d, d @ blue, d @ orange, d @ np.ones_like(d))


# one_step_verdict


@wrong("one_step_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 4, "why": 2}


@wrong("one_step_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 2, "why": 2}


@wrong("one_step_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 3}


@wrong("one_step_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 4}


@right("one_step_verdict", form="dict-of-arrays")
def _():
    return {"why": np.array(2), "line": np.array(3)}


# one_step


@wrong("one_step", cause="uphill", first="b3_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 + step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="sign-in-the-step", first="step")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = -alpha * dSSR_db3
    b3_new = b3 + step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="sign-twice", first="step", also=("uphill",))
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = -alpha * dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="no-learning-rate", first="step")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="no-learning-rate", first="b3_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 - dSSR_db3
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="learning-rate-twice", first="b3_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 - alpha * step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="old-parameter", first="SSR_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="step-is-the-value", first="b3_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = -step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="gain-sign", first="gain", also=("sign",))
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR_new - SSR


@wrong("one_step", cause="mean-for-sum", first="SSR_new")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).mean()
    step = alpha * dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).mean()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="divided-by-learning-rate", first="step")
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = dSSR_db3 / alpha
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR - SSR_new


@wrong("one_step", cause="two-slips", first="b3_new", unnamed=True)
def _(y, hidden, b3, dSSR_db3, alpha):
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = 2 * b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    return step, b3_new, SSR_new, SSR_new + SSR


@right("one_step", form="dict")
def _(y, hidden, b3, dSSR_db3, alpha):
    moved = b3 - alpha * dSSR_db3

    def loss(b):
        return float(np.square(y - hidden - b).sum())

    return {"step": alpha * dSSR_db3, "b3_new": moved, "SSR_new": loss(moved), "gain": loss(b3) - loss(moved)}


# squared_softmax_verdict


@wrong("squared_softmax_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 5, "why": 4}


@wrong("squared_softmax_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 4, "why": 1}


@wrong("squared_softmax_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 4, "why": 3}


@wrong("squared_softmax_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 3, "why": 2}


@right("squared_softmax_verdict", form="tuple")
def _():
    return 4, 4


# squared_softmax


@wrong("squared_softmax", cause="stray-logit", first="dyhat_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat * (1 - yhat) * (z2 - z2.sum()))
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="elementwise-softmax", first="dyhat_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat * (1 - yhat))
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="softmax-offdiagonal-sign", first="dyhat_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.outer(yhat, yhat)
    np.fill_diagonal(dyhat_dz2, yhat * (1 - yhat))
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="denominator-held-still", first="dyhat_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="cross-entropy-shortcut", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = yhat - y
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="no-softmax-slope", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="transposed-outer", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(a1, dL_dz2)


@wrong("squared_softmax", cause="lost-factor-two", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2 @ (yhat - y)
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="loss-sign", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2 @ (2 * (y - yhat))
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="sign", first="dyhat_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.outer(yhat, yhat) - np.diag(yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="one-for-diagonal", first="dyhat_dz2", also=("identity-for-diagonal",))
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.eye(len(y)) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="diagonal-not-a-table", first="dyhat_dz2", also=("elementwise-softmax",))
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = yhat * (1 - yhat)
    dL_dz2 = dyhat_dz2 * dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@wrong("squared_softmax", cause="loss-gradient-for-delta", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    return dyhat_dz2, dL_dz2, np.outer(dL_dyhat, a1)


@wrong("squared_softmax", cause="two-slips", first="dyhat_dz2", unnamed=True)
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat * (1 + yhat))
    dL_dz2 = dyhat_dz2.T @ dL_dyhat / 2
    return dyhat_dz2, dL_dz2, np.outer(dL_dz2, a1)


@right("squared_softmax", form="shifted-softmax")
def _(a1, W2, y):
    z2 = W2 @ a1
    e = np.exp(z2 - z2.max())
    p = e / e.sum()
    g = 2 * (p - y)
    return p[:, None] * (np.eye(len(p)) - p), p * (g - g @ p), np.multiply.outer(p * (g - g @ p), a1)


# first_weight_verdict


@wrong("first_weight_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 6, "why": 4}


@wrong("first_weight_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 5, "why": 1}


@wrong("first_weight_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 5, "why": 3}


@wrong("first_weight_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 4, "why": 3}


@right("first_weight_verdict", form="tuple")
def _():
    return 5, 4


# first_weight


@wrong("first_weight", cause="one-path", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = dL_dz[0] * v[0]
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="one-path", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = dL_dz[0] * v[0] + dL_dz[1] * v[1]
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="absolute-paths", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = np.abs(dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="paths-averaged", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).mean()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="paths-multiplied", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).prod()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="not-summed", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = dL_dz * v
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="sums-multiplied", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = dL_dz.sum() * v.sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="upstream-ignored", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = v.sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="loss-gradient-for-delta", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dyhat * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="elementwise-softmax", first="dL_dz")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = yhat * (1 - yhat) * dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="no-hidden-slope", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * x


@wrong("first_weight", cause="own-operand", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * w


@wrong("first_weight", cause="lost-x", first="dL_dw", also=("bias-equals-weight",))
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a)


@wrong("first_weight", cause="slope-of-z", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    z = w * x + c
    return dL_dz, dL_da, dL_da * z * (1 - z) * x


@wrong("first_weight", cause="two-slips", first="dL_da", unnamed=True)
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * r).sum() / 2
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@right("first_weight", form="dot")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = v @ dL_dz
    return {"dL_dz": dL_dz, "dL_dw": dL_da * (a - a**2) * x, "dL_da": dL_da}


@right("first_weight", form="dataclass")
def _(x, w, c, v, r, y):
    @dataclass
    class Chain:
        dL_dz: np.ndarray
        dL_da: float
        dL_dw: float

    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = yhat * (dL_dyhat - yhat @ dL_dyhat)
    return Chain(dL_dz, sum(dL_dz * v), x * a * (1 - a) * sum(dL_dz * v))


# hidden_weight_verdict


@wrong("hidden_weight_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 8, "why": 1}


@wrong("hidden_weight_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 7, "why": 2}


@wrong("hidden_weight_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 7, "why": 4}


@wrong("hidden_weight_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 6, "why": 3}


@right("hidden_weight_verdict", form="tuple")
def _():
    return np.array([7, 1])


# hidden_weight


@wrong("hidden_weight", cause="bias-equals-weight", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1, dL_dz1


@wrong("hidden_weight", cause="weight-equals-bias", first="dL_db")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1 * x


@wrong("hidden_weight", cause="own-operand", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * w, dL_dz1


@wrong("hidden_weight", cause="no-hidden-slope", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="no-outgoing-weight", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="right-but-permuted", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1, dL_dz1 * x


@wrong("hidden_weight", cause="input-for-activation", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * x, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="slope-twice", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = (yhat - y) * yhat * (1 - yhat)
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="wrong-loss", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="reversed-residual", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = y - yhat
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="bias-times-bias", first="dL_dc")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2 * c, dL_dz1 * x, dL_dz1 * b


@wrong("hidden_weight", cause="activation-for-input", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * a, dL_dz1


@wrong("hidden_weight", cause="slope-of-z", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    z1 = w * x + b
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * z1 * (1 - z1)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="lost-upstream", first="dL_dw")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="two-slips", first="dL_dv", unnamed=True)
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a * x, dL_dz2, dL_dz1 * x / 2, dL_dz1


@right("hidden_weight", form="autograd")
def _(x, w, b, v, c, y):
    w, b, v, c = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (w, b, v, c))
    z2 = v * torch.sigmoid(w * x + b) + c
    L = torch.nn.functional.binary_cross_entropy_with_logits(z2, torch.tensor(y, dtype=torch.float64))
    return torch.autograd.grad(L, [v, c, w, b])


# relu_unit_verdict


@wrong("relu_unit_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 5, "why": 3}


@wrong("relu_unit_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 2, "why": 3}


@wrong("relu_unit_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 4, "why": 1}


@wrong("relu_unit_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 4, "why": 2}


@right("relu_unit_verdict", form="tuple")
def _():
    return 4, 3


# relu_unit


@wrong("relu_unit", cause="no-gate", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (a >= 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="no-gate", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="gate-reversed", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z < 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="gate-on-wrong-sign-carrier", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (dL_da > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="gate-on-wrong-sign-carrier", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_da * x * (x > 0), dL_da * w * (w > 0)


@wrong("relu_unit", cause="function-for-slope", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * a
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="upstream-dropped", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = 1.0 * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="swapped-operands", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * w, dL_dz * x


@wrong("relu_unit", cause="right-but-permuted", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_dz, dL_da, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="lost-factor-two", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = a - y
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="pre-activation-for-activation", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    dL_da = 2 * (z - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="lost-bias", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x)
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="loss-sign", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (y - a)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="gate-forgotten-further-back", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_da * x, dL_da * w


@wrong("relu_unit", cause="two-slips", first="dL_dz", unnamed=True)
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = -dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * w, dL_dz * x


@right("relu_unit", form="gate-on-the-activation")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = np.where(a > 0, dL_da, 0.0)
    return {"dL_da": dL_da, "dL_dz": dL_dz, "dL_dw": [dL_dz * xi for xi in x], "dL_dx": [dL_dz * wi for wi in w]}


@right("relu_unit", form="half-of-the-sign")
def _(x, w, b, y):
    z = w @ x + b
    dL_da = 2 * (0.5 * (z + abs(z)) - y)
    dL_dz = dL_da * (1 + np.sign(z)) / 2
    return np.array(dL_da), dL_dz, dL_dz * x, dL_dz * w


# batch_average_verdict


@wrong("batch_average_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 4, "why": 2}


@wrong("batch_average_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 2, "why": 3}


@wrong("batch_average_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 1}


@wrong("batch_average_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 4}


@right("batch_average_verdict", form="tuple")
def _():
    return 3, 2


# batch_average


@wrong("batch_average", cause="sum-for-mean", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="sum-for-mean", first="L")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).sum()
    dL_dyhat = 2 * (yhat - y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="mean-for-sum", first="dL_dw")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat / len(y), dL_dyhat.mean()


@wrong("batch_average", cause="mean-for-sum", first="dL_db")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.mean()


@wrong("batch_average", cause="averaged-too-late", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y)
    return L, dL_dyhat, X.T @ dL_dyhat / len(y), dL_dyhat.mean()


@wrong("batch_average", cause="divided-by-features", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / X.shape[1]
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="divided-by-size", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / X.size
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="lost-factor-two", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong(
    "batch_average",
    cause="loss-sign",
    first="dL_dyhat",
    also=(
        "reversed-residual",
        "residual-sign",
    ),
)
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (y - yhat) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="mean-of-the-gradient", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = (2 * (yhat - y)).mean()
    return L, dL_dyhat, X.T @ np.full(len(y), dL_dyhat), dL_dyhat


@wrong("batch_average", cause="kept-dimension", first="dL_db")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum(keepdims=True)


@wrong("batch_average", cause="unsummed-bias", first="dL_db")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat


@wrong("batch_average", cause="squared-residual-kept", first="dL_dyhat")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) ** 2 / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="no-transpose", first=None)
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="two-slips", first="dL_dyhat", unnamed=True)
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum() * b


@right("batch_average", form="dict")
def _(X, y, w, b):
    residual = X @ w + b - y
    d = residual * (2 / len(residual))
    return {"dL_db": d.sum(), "dL_dw": d @ X, "dL_dyhat": d, "L": np.mean(residual**2)}


@right("batch_average", form="autograd")
def _(X, y, w, b):
    w, b = torch.tensor(w, requires_grad=True), torch.tensor(b, dtype=torch.float64, requires_grad=True)
    yhat = torch.tensor(X) @ w + b
    L = torch.nn.functional.mse_loss(yhat, torch.tensor(y))
    return [L.item(), *torch.autograd.grad(L, (yhat, w, b))]


# two_steps_verdict


@wrong("two_steps_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 4, "why": 3}


@wrong("two_steps_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 2, "why": 1}


@wrong("two_steps_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 1}


@wrong("two_steps_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 4}


@right("two_steps_verdict", form="tuple")
def _():
    return 3, 3


# two_steps


@wrong("two_steps", cause="not-cleared", first="g2")
def _(w, x, y, alpha):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()
    w1 = w - alpha * g1
    weight.data.fill_(w1)
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="stale-half-step", first="g2")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = 2 * (w * x[1] - y[1]) * x[1]
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="other-unit", first="g2")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = 2 * (w1 * x[0] - y[0]) * x[0]
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="uphill", first="w1")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w + alpha * g1
    g2 = 2 * (w1 * x[1] - y[1]) * x[1]
    return g1, w1, g2, w1 + alpha * g2


@wrong("two_steps", cause="uphill", first="w2")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = 2 * (w1 * x[1] - y[1]) * x[1]
    return g1, w1, g2, w1 + alpha * g2


@wrong(
    "two_steps",
    cause="bias-equals-weight",
    first="g1",
    also=(
        "outer-only",
        "lost-x",
    ),
)
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0])
    w1 = w - alpha * g1
    g2 = 2 * (w1 * x[1] - y[1])
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="lost-factor-two", first="g1")
def _(w, x, y, alpha):
    g1 = (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = (w1 * x[1] - y[1]) * x[1]
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="own-operand", first="g1")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * w
    w1 = w - alpha * g1
    g2 = 2 * (w1 * x[1] - y[1]) * w1
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="from-the-start-again", first="w2")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = 2 * (w1 * x[1] - y[1]) * x[1]
    return g1, w1, g2, w - alpha * g2


@wrong("two_steps", cause="averaged-gradients", first="g2")
def _(w, x, y, alpha):
    g1 = 2 * (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = (g1 + 2 * (w1 * x[1] - y[1]) * x[1]) / 2
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="weight-not-moved", first="g2", also=("stale-half-step",))
def _(w, x, y, alpha):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()
    w1 = w - alpha * g1
    weight.grad.zero_()
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="cleared-too-late", first="g2", also=("not-cleared",))
def _(w, x, y, alpha):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()
    w1 = w - alpha * g1
    weight.data.fill_(w1)
    ((weight * x[1] - y[1]) ** 2).backward()
    weight.grad.zero_()
    g2 = weight.grad.item()
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="both-examples-at-once", first="g1")
def _(w, x, y, alpha):
    g1 = (2 * (w * x - y) * x).sum()
    w1 = w - alpha * g1
    g2 = (2 * (w1 * x - y) * x).sum()
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="grad-is-none", first=None)
def _(w, x, y, alpha):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()
    w1 = w - alpha * g1
    weight = weight - alpha * weight.grad
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()
    return g1, w1, g2, w1 - alpha * g2


@wrong("two_steps", cause="two-slips", first="g1", unnamed=True)
def _(w, x, y, alpha):
    g1 = (w * x[0] - y[0]) * x[0]
    w1 = w - alpha * g1
    g2 = 2 * (w * x[1] - y[1]) * x[1]
    return g1, w1, g2, w1 + alpha * g2


@right("two_steps", form="by-hand")
def _(w, x, y, alpha):
    found, now = [], w
    for xi, yi in zip(x, y):
        g = 2 * xi * (now * xi - yi)
        now = now - alpha * g
        found += [g, now]
    return found


@right("two_steps", form="optimizer")
def _(w, x, y, alpha):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=alpha)
    seen = {}
    for k in (1, 2):
        optimizer.zero_grad()
        ((weight * x[k - 1] - y[k - 1]) ** 2).backward()
        optimizer.step()
        seen[f"g{k}"], seen[f"w{k}"] = weight.grad.clone(), weight.detach().clone()
    return seen


# small_network_verdict


@wrong("small_network_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 4, "why": 2}


@wrong("small_network_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 6, "why": 1}


@wrong("small_network_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 3}


@wrong("small_network_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 4}


@right("small_network_verdict", form="tuple")
def _():
    return 3, 2


# small_network


@wrong("small_network", cause="lost-factor-two", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = yhat - y
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="lost-factor-two", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = yhat - y
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return 2 * A.T @ dL_dyhat, 2 * dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="mean-for-sum", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y) / len(y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="no-activation-slope", first="dL_dw", also=("no-hidden-slope",))
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="another-functions-slope", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * A * (1 - A)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="power-lost", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="slope-of-z", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    Z = np.outer(x, w) + b
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - Z**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="slope-of-activation", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - np.tanh(A) ** 2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="no-outgoing-weight", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = dL_dyhat[:, None] * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="own-operand", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return dL_dyhat.sum() * v, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="other-unit", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, w) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="bias-equals-weight", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), dL_dZ.sum(axis=0), dL_dZ.sum(axis=0)


@wrong("small_network", cause="bias-mean", first="dL_dc")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.mean(), x @ dL_dZ, dL_dZ.mean(axis=0)


@wrong("small_network", cause="unsummed-bias", first="dL_db")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ


@wrong("small_network", cause="wrong-axis", first="dL_db")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=1)


@wrong(
    "small_network",
    cause="reversed-residual",
    first="dL_dv",
    also=(
        "loss-sign",
        "residual-sign",
    ),
)
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (y - yhat)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="every-unit-gets-the-sum", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, np.full(len(v), v.sum())) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="pre-activation-for-activation", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    Z = np.outer(x, w) + b
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return Z.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="lost-bias", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w))
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="two-slips", first="dL_dv", unnamed=True)
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = yhat - y
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.mean(axis=0)


@right("small_network", form="einsum")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    d = 2 * (yhat - y)
    dL_dZ = np.einsum("n,k,nk->nk", d, v, 1 / np.cosh(np.outer(x, w) + b) ** 2)
    return {"dL_db": np.einsum("nk->k", dL_dZ), "dL_dw": np.einsum("n,nk", x, dL_dZ), "dL_dv": d @ A, "dL_dc": d.sum()}


@right("small_network", form="loop-over-points")
def _(x, y, w, b, v, c):
    dL_dv, dL_dc, dL_dw, dL_db = np.zeros(len(v)), 0.0, np.zeros(len(w)), np.zeros(len(b))
    for xi, yi in zip(x, y):
        a = np.tanh(w * xi + b)
        d = 2 * (a @ v + c - yi)
        delta = d * v * (1 - a * a)
        dL_dv += d * a
        dL_dc += d
        dL_dw += delta * xi
        dL_db += delta
    return dL_dv, dL_dc, dL_dw, dL_db


# log_loss_verdict


@wrong("log_loss_verdict", cause="wrong-line", first="line")
def _():
    return {"line": 2, "why": 3}


@wrong("log_loss_verdict", cause="effect-for-cause", first="line")
def _():
    return {"line": 5, "why": 3}


@wrong("log_loss_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 1}


@wrong("log_loss_verdict", cause="wrong-reason", first="why")
def _():
    return {"line": 3, "why": 4}


@right("log_loss_verdict", form="tuple")
def _():
    return 3, 3


# log_loss


@wrong("log_loss", cause="flawed-copy", first="log_rest", also=("clipped",))
def _(z, y):
    yhat = 1 / (1 + np.exp(-z))
    log_yhat = np.maximum(np.log(yhat), -100)
    log_rest = np.maximum(np.log(1 - yhat), -100)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    dL_dz = (yhat - y) / np.maximum(yhat * (1 - yhat), 1e-12) * yhat * (1 - yhat)
    return log_rest, L, dL_dz


@wrong("log_loss", cause="clipped", first="log_rest")
def _(z, y):
    yhat = np.clip(1 / (1 + np.exp(-z)), 1e-15, 1 - 1e-15)
    log_rest = np.log(1 - yhat)
    L = -(y * np.log(yhat) + (1 - y) * log_rest).sum()
    return log_rest, L, yhat - y


@wrong("log_loss", cause="half-repaired", first="log_rest", also=("overflowing-form",))
def _(z, y):
    yhat = 1 / (1 + np.exp(-z))
    rest = 1 / (1 + np.exp(z))
    log_rest = np.log(rest)
    L = -(y * np.log(yhat) + (1 - y) * log_rest).sum()
    return log_rest, L, yhat - y


@wrong("log_loss", cause="overflowing-form", first="log_rest")
def _(z, y):
    log_rest = -np.log(1 + np.exp(z))
    L = -(y * z + log_rest).sum()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="one-minus-logarithm", first="log_rest")
def _(z, y):
    log_yhat = -np.logaddexp(0, -z)
    log_rest = 1 - log_yhat
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="logarithms-exchanged", first="log_rest")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, z), -np.logaddexp(0, -z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="sign", first="log_rest")
def _(z, y):
    log_yhat, log_rest = np.logaddexp(0, -z), np.logaddexp(0, z)
    L = (y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="reversed-residual", first="dL_dz")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, y - 1 / (1 + np.exp(-z))


@wrong("log_loss", cause="mean-for-sum", first="L")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).mean()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="mean-for-sum", first="dL_dz")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, (1 / (1 + np.exp(-z)) - y) / len(z)


@wrong("log_loss", cause="dropped-negative-class", first="L")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat).sum()
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="guard-kept-in-the-gradient", first="dL_dz")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    yhat = 1 / (1 + np.exp(-z))
    dL_dz = (yhat - y) / np.maximum(yhat * (1 - yhat), 1e-12) * yhat * (1 - yhat)
    return log_rest, L, dL_dz


@wrong("log_loss", cause="slope-twice", first="dL_dz")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    yhat = 1 / (1 + np.exp(-z))
    return log_rest, L, (yhat - y) * yhat * (1 - yhat)


@wrong("log_loss", cause="not-summed", first="L")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest)
    return log_rest, L, 1 / (1 + np.exp(-z)) - y


@wrong("log_loss", cause="overflowing-gradient", first="dL_dz")
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    return log_rest, L, np.exp(z) / (1 + np.exp(z)) - y


@wrong("log_loss", cause="two-slips", first="L", unnamed=True)
def _(z, y):
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = (y * log_yhat + (1 - y) * log_rest).mean()
    return log_rest, L, y - 1 / (1 + np.exp(-z))


@right("log_loss", form="torch-logsigmoid")
def _(z, y):
    z = torch.tensor(z, requires_grad=True)
    L = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y), reduction="sum")
    L.backward()
    return torch.nn.functional.logsigmoid(-z.detach()), L, z.grad


@right("log_loss", form="maximum-form")
def _(z, y):
    tail = np.log1p(np.exp(-np.abs(z)))
    log_rest = -np.maximum(z, 0) - tail
    return {"log_rest": log_rest, "L": (np.maximum(z, 0) - y * z + tail).sum(), "dL_dz": 0.5 + 0.5 * np.tanh(z / 2) - y}


# bug_finder


@wrong("bug_finder", cause="missing-parentheses", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([f(theta + h * e) - f(theta - h * e) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="one-sided", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta)) / h for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="divided-by-h", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / h for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="all-at-once", first="dy_dtheta")
def _(f, theta, claimed, h):
    slope = (f(theta + h) - f(theta - h)) / (2 * h)
    dy_dtheta = np.full(len(theta), slope)
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="nudges-kept", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.zeros(len(theta))
    point = theta.copy()
    for k in range(len(theta)):
        point[k] += h
        up = f(point)
        point[k] -= 2 * h
        dy_dtheta[k] = (up - f(point)) / (2 * h)
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="same-array-nudged", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.zeros(len(theta))
    for k in range(len(theta)):
        up = down = theta.copy()
        up[k] += h
        down[k] -= h
        dy_dtheta[k] = (f(up) - f(down)) / (2 * h)
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="absolute-threshold", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 0.001)
    return dy_dtheta, suspects


@wrong("bug_finder", cause="norm-relative-threshold", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 0.001 * np.linalg.norm(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="sign-lost-in-the-test", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (claimed - dy_dtheta > 0.001 * dy_dtheta)
    return dy_dtheta, suspects


@wrong("bug_finder", cause="exact-comparison", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (claimed != dy_dtheta)
    return dy_dtheta, suspects


@wrong("bug_finder", cause="reversed", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) <= 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="sizes-compared", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(np.abs(claimed) - np.abs(dy_dtheta)) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="loose-threshold", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 0.1 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="one-verdict-for-all", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = float(np.any(np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta)))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="claimed-returned", first="suspects")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    return dy_dtheta, claimed


@wrong("bug_finder", cause="second-difference", first="dy_dtheta")
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - 2 * f(theta) + f(theta - h * e)) / h**2 for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="scalar-for-array", first=None)
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(t + h) - f(t - h)) / (2 * h) for t in theta])
    suspects = 1.0 * (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@wrong("bug_finder", cause="two-slips", first="dy_dtheta", unnamed=True)
def _(f, theta, claimed, h):
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / 2 for e in np.eye(len(theta))])
    suspects = 1.0 * (np.abs(claimed + dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta))
    return dy_dtheta, suspects


@right("bug_finder", form="loop-and-booleans")
def _(f, theta, claimed, h):
    dy_dtheta, suspects = np.zeros(len(theta)), []
    for k in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[k] += h
        down[k] -= h
        dy_dtheta[k] = (f(up) - f(down)) / (2 * h)
        suspects.append(not abs(claimed[k] - dy_dtheta[k]) <= 1e-6 + 1e-3 * abs(dy_dtheta[k]))
    return dy_dtheta, np.array(suspects)


@right("bug_finder", form="isclose")
def _(f, theta, claimed, h):
    steps = h * np.eye(len(theta))
    dy_dtheta = np.array([f(theta + step) - f(theta - step) for step in steps]) / (2 * h)
    return {"dy_dtheta": dy_dtheta, "suspects": (~np.isclose(claimed, dy_dtheta, rtol=1e-3, atol=1e-9)).astype(float)}


# hidden_weight, once more


@wrong("hidden_weight", cause="own-operand", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * v, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="pre-activation-for-activation", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * (w * x + b), dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="bias-equals-weight", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="lost-upstream", first="dL_dc")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, 1.0, dL_dz1 * x, 1.0


@wrong("hidden_weight", cause="right-but-permuted", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz1 * x, dL_dz1, dL_dz2 * a, dL_dz2


@wrong("hidden_weight", cause="no-activation-slope", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="off-by-one-layer", first="dL_dw", also=("other-unit",))
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    dL_dz1 = dL_dz2 * w * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="output-slope-for-hidden", first="dL_dw", also=("other-unit",))
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    dL_dz1 = dL_dz2 * v * yhat * (1 - yhat)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


@wrong("hidden_weight", cause="lost-bias", first="dL_dv")
def _(x, w, b, v, c, y):
    a = 1 / (1 + np.exp(-(w * x)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    return dL_dz2 * a, dL_dz2, dL_dz1 * x, dL_dz1


# small_network, once more


@wrong("small_network", cause="one-sample", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x[0] * dL_dZ[0], dL_dZ[0]


@wrong("small_network", cause="mean-for-sum", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ / len(x), dL_dZ.mean(axis=0)


@wrong("small_network", cause="lost-upstream", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.sum(axis=0), dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="own-operand", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), w * dL_dZ.sum(axis=0), dL_dZ.sum(axis=0)


@wrong("small_network", cause="sums-multiplied", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.sum(axis=0) * dL_dyhat.sum(), dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="right-but-permuted", first="dL_dw")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), dL_dZ.sum(axis=0), x @ dL_dZ


@wrong("small_network", cause="squared-residual-kept", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y) ** 2
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="kept-dimension", first="dL_dv")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat[:, None], dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("small_network", cause="bias-times-bias", first="dL_db")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return A.T @ dL_dyhat, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum(axis=0) * b


@right("small_network", form="map-of-lists")
def _(x, y, w, b, v, c):
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    return map(np.ndarray.tolist, (A.T @ dL_dyhat, np.array(dL_dyhat.sum()), dL_dZ.T @ x, dL_dZ.sum(axis=0)))


# batch_average, once more


@wrong("batch_average", cause="one-sample", first="dL_dw")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X[0] * dL_dyhat[0], dL_dyhat[0]


@wrong("batch_average", cause="own-operand", first="dL_dw")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, w * dL_dyhat.sum(), dL_dyhat.sum()


@wrong("batch_average", cause="lost-upstream", first="dL_dw")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.sum(axis=0), dL_dyhat.sum()


@wrong("batch_average", cause="lost-bias", first="L")
def _(X, y, w, b):
    yhat = X @ w
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, X.T @ dL_dyhat, dL_dyhat.sum()


@wrong("batch_average", cause="bias-equals-weight", first="dL_dw")
def _(X, y, w, b):
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat, np.full(len(w), dL_dyhat.sum()), dL_dyhat.sum()


@wrong("batch_average", cause="rounded", first="L")
def _(X, y, w, b):
    yhat = X @ w + b
    L = round(((yhat - y) ** 2).mean(), 2)
    dL_dyhat = 2 * (yhat - y) / len(y)
    return L, dL_dyhat.round(2), (X.T @ dL_dyhat).round(2), dL_dyhat.sum().round(2)


# relu_unit, once more


@wrong("relu_unit", cause="own-operand", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * w, dL_dz * w


@wrong("relu_unit", cause="lost-upstream", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, x, w


@wrong("relu_unit", cause="squared-residual-kept", first="dL_da")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y) ** 2
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="another-functions-slope", first="dL_dz")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    s = 1 / (1 + np.exp(-z))
    dL_dz = dL_da * s
    return dL_da, dL_dz, dL_dz * x, dL_dz * w


@wrong("relu_unit", cause="bias-equals-weight", first="dL_dw")
def _(x, w, b, y):
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    return dL_da, dL_dz, np.full(len(x), dL_dz), dL_dz * w


# first_weight, once more


@wrong("first_weight", cause="no-outgoing-weight", first="dL_da")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = dL_dz.sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="cross-entropy-shortcut", first="dL_dz")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_dz = yhat - y
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="no-softmax-slope", first="dL_dz")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_dz = dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="first-output-only", first="dL_dz")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat))[0] * dL_dyhat[0]
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("first_weight", cause="slope-of-activation", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    s = 1 / (1 + np.exp(-a))
    return dL_dz, dL_da, dL_da * s * (1 - s) * x


@wrong("first_weight", cause="lost-upstream", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, a * (1 - a) * x


@wrong("first_weight", cause="softmax-offdiagonal-sign", first="dL_dz")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    J = np.outer(yhat, yhat)
    np.fill_diagonal(J, yhat * (1 - yhat))
    dL_dz = J @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    return dL_dz, dL_da, dL_da * a * (1 - a) * x


@wrong("two_units", cause="other-unit", first="green")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue, orange = np.log1p(np.exp(w1 * x + b1)), np.log1p(np.exp(w2 * x + b2))
    green = blue * w3 + blue * w4 + b3
    return blue, orange, green, ((green - y) ** 2).sum()


@wrong("small_network", cause="every-unit-gets-the-sum", first="dL_db")
def _(x, y, w, b, v, c):
    A = np.tanh(x[:, None] * w + b)
    dL_dyhat = 2 * (A @ v + c - y)
    dL_dZ = dL_dyhat[:, None] * v * (1 - A**2)
    return dL_dyhat @ A, dL_dyhat.sum(), x @ dL_dZ, dL_dZ.sum() * np.ones(len(b))


@wrong("bug_finder", cause="moved-back-by-h", first="dy_dtheta")
def _(f, theta, claimed, h):
    theta, differences = theta.copy(), []
    for i in range(len(theta)):
        theta[i] += h
        right = f(theta)
        theta[i] -= h
        differences.append((right - f(theta)) / (2 * h))
    differences = np.array(differences)
    return differences, 1.0 * (abs(claimed - differences) > 1e-6 + 0.001 * abs(differences))


# mistakes at unusual places


@wrong("two_units", cause="dropped-term", first="green")
def _(x, y, w1, b1, w2, b2, w3, w4, b3):
    blue, orange = np.logaddexp(0, w1 * x + b1), np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + b3
    return blue, orange, green, ((y - green) ** 2).sum()
