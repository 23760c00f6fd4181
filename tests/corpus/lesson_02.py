"""Answers to lesson 02, the 1-2-1 network."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1):
    z1_1, z1_2 = w1_1 * x + b1_1, w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    return z1_1, z1_2, a1_1, a1_2, z2_1, sigmoid(z2_1)


def softplus(z):
    return np.logaddexp(0, z)


def fit_forward(theta, x):
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange = softplus(w1 * x + b1), softplus(w2 * x + b2)
    return blue, orange, w3 * blue + w4 * orange + b3


# forward_pass


@wrong("forward_pass", cause="lost-bias", first="z1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="lost-bias", first="z2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="other-unit", first="z1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_1 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="other-unit", first="z1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_1
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="other-unit", first="a1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_1)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="other-unit", first="z2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_2 + w2_2 * a1_1 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="pre-activation-for-activation", first="z2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * z1_1 + w2_2 * z1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="no-activation", first="yhat")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = z2_1
    L = -(y * np.log(abs(yhat)) + (1 - y) * np.log(abs(1 - yhat)))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="dropped-negative-class", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -y * np.log(yhat)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="log-loss-sign", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -y * np.log(yhat) + (1 - y) * np.log(1 - yhat)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="lost-minus", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = y * np.log(yhat) + (1 - y) * np.log(1 - yhat)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="wrong-loss", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = (yhat - y) ** 2
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="log-of-logit", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * (1 - np.log(yhat)))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="wrong-base", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log2(yhat) + (1 - y) * np.log2(1 - yhat))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="swapped-targets", first="L")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(yhat * np.log(y) + (1 - yhat) * np.log(1 - y))
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="right-but-permuted", first="z1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    a1_1 = sigmoid(z1_1)
    z1_2 = w1_2 * x + b1_2
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return z1_1, a1_1, z1_2, a1_2, z2_1, yhat, L


@wrong("forward_pass", cause="two-slips", first="z1_2", unnamed=True)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 + x * b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -np.log(yhat)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


@right("forward_pass", form="stable-loss")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    return {"z1_1": z1_1, "z1_2": z1_2, "a1_1": a1_1, "a1_2": a1_2, "z2_1": z2_1, "yhat": yhat, "L": np.logaddexp(0, z2_1) - y * z2_1}


@right("forward_pass", form="vectorised")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    w1, b1, w2 = np.array([w1_1, w1_2]), np.array([b1_1, b1_2]), np.array([w2_1, w2_2])
    z1 = w1 * x + b1
    a1 = 0.5 * (1 + np.tanh(z1 / 2))
    z2 = w2 @ a1 + b2_1
    yhat = 0.5 * (1 + np.tanh(z2 / 2))
    return *z1, *a1, z2, yhat, -y * np.log(yhat) - np.log(1 - yhat) + y * np.log(1 - yhat)


@right("forward_pass", form="torch-tensor")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    x, y = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    z1_1, z1_2 = w1_1 * x + b1_1, w1_2 * x + b1_2
    z2_1 = w2_1 * z1_1.sigmoid() + w2_2 * z1_2.sigmoid() + b2_1
    L = torch.nn.functional.binary_cross_entropy_with_logits(z2_1, y)
    return z1_1, z1_2, z1_1.sigmoid(), z1_2.sigmoid(), z2_1, z2_1.sigmoid(), L


# bias_or_weight


@wrong("bias_or_weight", cause="bias-equals-weight", first="dL_dw")
def _():
    return 0.04


@wrong("bias_or_weight", cause="own-operand", first="dL_dw")
def _():
    return 0.04 * 0.3


@wrong("bias_or_weight", cause="lost-upstream", first="dL_dw")
def _():
    return 2.5


@wrong("bias_or_weight", cause="weight-times-input", first="dL_dw")
def _():
    return 0.04 * 0.3 * 2.5


@wrong("bias_or_weight", cause="divided-by-input", first="dL_dw")
def _():
    return 0.04 / 2.5


@wrong("bias_or_weight", cause="bias-times-bias", first="dL_dw")
def _():
    return 0.04 * -0.1


@right("bias_or_weight", form="computed")
def _():
    x, dL_db = 2.5, 0.04
    return np.float32(x * dL_db)


# output_layer


@wrong("output_layer", cause="no-activation-slope", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="slope-of-z", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * z2_1 * (1 - z2_1)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="slope-of-activation", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    s = sigmoid(yhat)
    dL_dz2_1 = dL_dyhat * s * (1 - s)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="slope-twice", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = (yhat - y) * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="wrong-loss", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = 2 * (yhat - y) * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="wrong-loss", first="dL_dyhat")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="reversed-residual", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = y - yhat
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="dropped-negative-class", first="dL_dyhat")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="log-loss-sign", first="dL_dyhat")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat - (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("output_layer", cause="own-operand", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * w2_1, dL_dz2_1 * w2_2, dL_dz2_1


@wrong("output_layer", cause="pre-activation-for-activation", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * z1_1, dL_dz2_1 * z1_2, dL_dz2_1


@wrong("output_layer", cause="pre-activation-for-activation", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * z1_2
    return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_dz2_1


@wrong("output_layer", cause="input-for-activation", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * x, dL_dz2_1 * x, dL_dz2_1


@wrong("output_layer", cause="other-unit", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_1
    return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_dz2_1


@wrong("output_layer", cause="other-unit", first="dL_dw2_1", also=("right-but-permuted",))
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    dL_dw2_1 = dL_dz2_1 * a1_2
    dL_dw2_2 = dL_dz2_1 * a1_1
    return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_dz2_1


@wrong("output_layer", cause="bias-equals-weight", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1, dL_dz2_1, dL_dz2_1


@wrong("output_layer", cause="bias-times-bias", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    dL_db2_1 = dL_dz2_1 * b2_1
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_db2_1


@wrong("output_layer", cause="lost-upstream", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, 1.0


@wrong("output_layer", cause="lost-upstream", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, a1_1, a1_2, dL_dz2_1


@wrong("output_layer", cause="bias-times-activation", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    dL_db2_1 = dL_dz2_1 * (a1_1 + a1_2)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_db2_1


@wrong("output_layer", cause="bias-gets-loss-gradient", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dyhat


@wrong("output_layer", cause="right-but-permuted", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    dL_db2_1 = dL_dz2_1
    return dL_dyhat, dL_dz2_1, dL_db2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2


@wrong("output_layer", cause="two-slips", first="dL_dw2_1", unnamed=True)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * z1_1, dL_dz2_1 * w2_2, dL_dz2_1


@right("output_layer", form="dict")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    delta = yhat - y
    return dict(dL_dyhat=dL_dyhat, dL_dz2_1=delta, dL_db2_1=delta, dL_dw2_2=delta * a1_2, dL_dw2_1=delta * a1_1)


@right("output_layer", form="fraction")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = (yhat - y) / (yhat - yhat**2)
    dL_dz2_1 = yhat - y
    gradients = np.outer(dL_dz2_1, [a1_1, a1_2, 1])
    return (dL_dyhat, dL_dz2_1, *gradients[0])


@right("output_layer", form="float32")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = np.float32(yhat - y)
    return np.float32(dL_dyhat), dL_dz2_1, dL_dz2_1 * np.float32(a1_1), dL_dz2_1 * np.float32(a1_2), dL_dz2_1


# hidden_unit


@wrong("hidden_unit", cause="no-hidden-slope", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="no-outgoing-weight", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="no-outgoing-weight", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_dz2_1 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="other-unit", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_1
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="other-unit", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_1 * (1 - a1_1)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="other-unit", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w1_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="own-operand", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * a1_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="own-operand", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * w1_2, dL_dz1_2


@wrong("hidden_unit", cause="slope-of-z", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * z1_2 * (1 - z1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="slope-of-activation", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * sigmoid(a1_2) * (1 - sigmoid(a1_2))
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="off-by-one-layer", first="dL_dz1_2", also=("other-unit",))
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * yhat * (1 - yhat)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="value-for-slope", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="slope-twice", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = (yhat - y) * yhat * (1 - yhat)
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="no-activation-slope", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = -y / yhat + (1 - y) / (1 - yhat)
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="wrong-loss", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = 2 * (yhat - y)
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="reversed-residual", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = y - yhat
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="bias-equals-weight", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = dL_dz1_2
    dL_db1_2 = dL_dz1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2


@wrong("hidden_unit", cause="weight-equals-bias", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = dL_dz1_2 * x
    dL_db1_2 = dL_dz1_2 * x
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2


@wrong("hidden_unit", cause="bias-times-bias", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2 * b1_2


@wrong("hidden_unit", cause="lost-upstream", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = x
    dL_db1_2 = 1
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2


@wrong("hidden_unit", cause="lost-upstream", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="pre-activation-for-activation", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * z1_2, dL_dz1_2


@wrong("hidden_unit", cause="right-but-permuted", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = dL_dz1_2 * x
    dL_db1_2 = dL_dz1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_db1_2, dL_dw1_2


@wrong("hidden_unit", cause="right-but-permuted", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz1_2 * x, dL_dz1_2, dL_dz1_2, dL_da1_2, dL_dz2_1


@wrong("hidden_unit", cause="two-slips", first="dL_da1_2", unnamed=True)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_1
    dL_dz1_2 = dL_da1_2 * z1_2 * (1 - z1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@right("hidden_unit", form="cosh")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 / (4 * np.cosh(z1_2 / 2) ** 2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@right("hidden_unit", form="namedtuple")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    Back = namedtuple("Back", "dL_db1_2 dL_dw1_2 dL_dz1_2 dL_da1_2 dL_dz2_1")
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    up = yhat - y
    down = up * w2_2 * (a1_2 - a1_2**2)
    return Back(down, down * x, down, up * w2_2, up)._asdict()


# all_seven


def all_seven_with(on_the_way_to_1, on_the_way_to_2):
    """`all_seven` where what goes back to each hidden unit is multiplied by another factor
    than the derivative of the output's sigmoid.
    """

    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        _, _, a1_1, a1_2, _, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
        dL_dyhat = (yhat - y) / (yhat * (1 - yhat))
        dL_dz2_1 = yhat - y
        dL_dz1_1 = dL_dyhat * on_the_way_to_1(yhat) * w2_1 * a1_1 * (1 - a1_1)
        dL_dz1_2 = dL_dyhat * on_the_way_to_2(yhat) * w2_2 * a1_2 * (1 - a1_2)
        return dL_dz2_1, dL_dz2_1 * a1_2, dL_dz2_1 * a1_1, dL_dz1_2, dL_dz1_1, dL_dz1_2 * x, dL_dz1_1 * x

    return answer


def derivative_of_output(yhat):
    return yhat * (1 - yhat)


def no_derivative(yhat):
    return 1.0


wrong("all_seven", cause="no-hidden-slope", first="dL_db1_2")(all_seven_with(no_derivative, no_derivative))
wrong("all_seven", cause="no-activation-slope", first="dL_db1_1")(all_seven_with(no_derivative, derivative_of_output))
wrong("all_seven", cause="no-activation-slope", first="dL_db1_2")(all_seven_with(derivative_of_output, no_derivative))


@wrong("all_seven", cause="no-hidden-slope", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1
    delta1_2 = delta2 * w2_2
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="no-hidden-slope", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="no-outgoing-weight", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="no-outgoing-weight", first="dL_dw1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_db2_1 = yhat - y
    dL_dw2_2 = dL_db2_1 * a1_2
    dL_dw2_1 = dL_db2_1 * a1_1
    dL_db1_2 = dL_db2_1 * w2_2 * a1_2 * (1 - a1_2)
    dL_db1_1 = dL_db2_1 * w2_1 * a1_1 * (1 - a1_1)
    dL_dw1_2 = dL_db2_1 * w2_2 * a1_2 * (1 - a1_2) * x
    dL_dw1_1 = dL_db2_1 * a1_1 * (1 - a1_1) * x
    return dL_db2_1, dL_dw2_2, dL_dw2_1, dL_db1_2, dL_db1_1, dL_dw1_2, dL_dw1_1


@wrong("all_seven", cause="other-unit", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_2 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_1 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="other-unit", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_2 * (1 - a1_2)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="other-unit", first="dL_dw1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_2 * x


@wrong("all_seven", cause="every-unit-gets-the-sum", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    total = delta1_1 + delta1_2
    return delta2, delta2 * a1_2, delta2 * a1_1, total, total, total * x, total * x


@wrong("all_seven", cause="every-unit-gets-the-sum", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    back = delta2 * (w2_1 + w2_2)
    delta1_1 = back * a1_1 * (1 - a1_1)
    delta1_2 = back * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="bias-equals-weight", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2, delta1_1


@wrong("all_seven", cause="weight-equals-bias", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2 * x, delta1_1 * x, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="pre-activation-for-activation", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * z1_2, delta2 * z1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="input-for-activation", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * x, delta2 * x, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="own-operand", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * w2_2, delta2 * w2_1, delta1_2, delta1_1, delta1_2 * w1_2, delta1_1 * w1_1


@wrong("all_seven", cause="bias-times-bias", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2 * b2_1, delta2 * a1_2, delta2 * a1_1, delta1_2 * b1_2, delta1_1 * b1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="slope-of-z", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * z1_1 * (1 - z1_1)
    delta1_2 = delta2 * w2_2 * z1_2 * (1 - z1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="slope-of-activation", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)

    def dsigmoid(z):
        return sigmoid(z) * (1 - sigmoid(z))

    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * dsigmoid(a1_1)
    delta1_2 = delta2 * w2_2 * dsigmoid(a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="another-functions-slope", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * (1 - a1_1**2)
    delta1_2 = delta2 * w2_2 * (1 - a1_2**2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="slope-twice", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = (yhat - y) * yhat * (1 - yhat)
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="wrong-loss", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = 2 * (yhat - y) * yhat * (1 - yhat)
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="no-activation-slope", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = -y / yhat + (1 - y) / (1 - yhat)
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="reversed-residual", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = y - yhat
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="right-but-permuted", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta1_1 * x, delta1_2 * x, delta1_1, delta1_2, delta2 * a1_1, delta2 * a1_2, delta2


@wrong("all_seven", cause="right-but-permuted", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_1, delta2 * a1_2, delta1_1, delta1_2, delta1_1 * x, delta1_2 * x


@wrong("all_seven", cause="lost-upstream", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="lost-upstream", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return 1, delta2 * a1_2, delta2 * a1_1, 1, 1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="stale-half-step", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    alpha = 0.1
    delta2 = yhat - y
    w2_1 = w2_1 - alpha * delta2 * a1_1
    w2_2 = w2_2 - alpha * delta2 * a1_2
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="rounded", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    gradients = [delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x]
    return [round(g, 4) for g in gradients]


@wrong("all_seven", cause="placeholder", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    dL_db1_2 = dL_db1_1 = dL_dw1_2 = dL_dw1_1 = 0.0
    return delta2, delta2 * a1_2, delta2 * a1_1, dL_db1_2, dL_db1_1, dL_dw1_2, dL_dw1_1


@wrong("all_seven", cause="two-slips", first="dL_dw2_2", unnamed=True)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 + a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 + a1_2)
    return delta2, delta2 * a1_2 * w2_2, delta2 * a1_1 * w2_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@right("all_seven", form="vectorised")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    a1, w2 = np.array([a1_2, a1_1]), np.array([w2_2, w2_1])
    delta2 = yhat - y
    delta1 = delta2 * w2 * a1 * (1 - a1)
    return np.concatenate([[delta2], delta2 * a1, delta1, delta1 * x])


@right("all_seven", form="dict")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    grads = {"dL_dw1_1": x, "dL_db1_1": 1.0}
    d = yhat - y
    for k, a, w in ((1, a1_1, w2_1), (2, a1_2, w2_2)):
        grads[f"dL_db1_{k}"] = d * w * a * (1 - a)
        grads[f"dL_dw1_{k}"] = grads[f"dL_db1_{k}"] * x
        grads[f"dL_dw2_{k}"] = d * a
    grads["dL_db2_1"] = d
    return grads


@right("all_seven", form="autograd")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)]
    w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1 = leaves
    z = w2_1 * torch.sigmoid(w1_1 * x + b1_1) + w2_2 * torch.sigmoid(w1_2 * x + b1_2) + b2_1
    (torch.nn.functional.softplus(z) - y * z).backward()
    return [leaf.grad.numpy() for leaf in (b2_1, w2_2, w2_1, b1_2, b1_1, w1_2, w1_1)]


@right("all_seven", form="generator")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    pairs = [(a1_2, w2_2), (a1_1, w2_1)]
    yield delta2
    yield from (delta2 * a for a, _ in pairs)
    yield from (delta2 * w * a * (1 - a) for a, w in pairs)
    yield from (delta2 * w * a * (1 - a) * x for a, w in pairs)


# input_gradient


@wrong("input_gradient", cause="one-path-to-input", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * w1_1
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="one-path-to-input", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * w1_1
    dL_dx = dL_dz1_2 * w1_2
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="own-operand", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * x + dL_dz1_2 * x
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="weights-left-out", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 + dL_dz1_2
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="other-unit", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * w1_2 + dL_dz1_2 * w1_1
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="off-by-one-layer", first="dL_dx", also=("other-unit",))
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * w2_1 + dL_dz1_2 * w2_2
    return dL_dz1_1, dL_dz1_2, dL_dx


@wrong("input_gradient", cause="paths-multiplied", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 * dL_dz1_2 * w1_2


@wrong("input_gradient", cause="paths-averaged", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, (dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2) / 2


@wrong("input_gradient", cause="absolute-paths", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, abs(dL_dz1_1 * w1_1) + abs(dL_dz1_2 * w1_2)


@wrong("input_gradient", cause="no-hidden-slope", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1
    dL_dz1_2 = (yhat - y) * w2_2
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="no-hidden-slope", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="no-outgoing-weight", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="other-unit", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_1 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="slope-of-z", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * z1_1 * (1 - z1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * z1_2 * (1 - z1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="squares-weight", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, (dL_dz1_1 + dL_dz1_2) * (w1_1 + w1_2)


@wrong("input_gradient", cause="right-but-permuted", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_2, dL_dz1_1, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@right("input_gradient", form="matrix")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    a1 = np.array([a1_1, a1_2])
    delta = (yhat - y) * np.array([w2_1, w2_2]) * a1 * (1 - a1)
    return delta[0], delta[1], delta @ [w1_1, w1_2]


@right("input_gradient", form="dataclass")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    @dataclass
    class Gradients:
        dL_dz1_1: float
        dL_dz1_2: float
        dL_dx: float

    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    d1, d2 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1), (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return Gradients(d1, d2, w1_1 * d1 + w1_2 * d2)


# regression_output


@wrong("regression_output", cause="squared-residual-kept", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green) ** 2
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="residual-sign", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = 2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="lost-factor-two", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -(y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="mean-for-sum", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).mean(), (dSSR_dgreen * orange).mean(), dSSR_dgreen.mean()


@wrong("regression_output", cause="mean-for-sum", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green) / len(y)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="mean-for-sum", first="dSSR_db3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.mean()


@wrong("regression_output", cause="one-sample", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, dSSR_dgreen[0] * blue[0], dSSR_dgreen[0] * orange[0], dSSR_dgreen[0]


@wrong("regression_output", cause="one-sample", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    for i in range(len(x)):
        dSSR_dw3 = dSSR_dgreen[i] * blue[i]
        dSSR_dw4 = dSSR_dgreen[i] * orange[i]
        dSSR_db3 = dSSR_dgreen[i]
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_db3


@wrong("regression_output", cause="sum-over-samples-of-all", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = (-2 * (y - green)).sum()
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen


@wrong("regression_output", cause="sums-multiplied", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, dSSR_dgreen.sum() * blue.sum(), dSSR_dgreen.sum() * orange.sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="not-summed", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, dSSR_dgreen * blue, dSSR_dgreen * orange, dSSR_dgreen


@wrong("regression_output", cause="own-operand", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * w3).sum(), (dSSR_dgreen * w4).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="other-unit", first="dSSR_dw4")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * blue).sum()
    dSSR_dw4 = (dSSR_dgreen * blue).sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_dgreen.sum()


@wrong("regression_output", cause="other-unit", first="dSSR_dw3", also=("right-but-permuted",))
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * orange).sum()
    dSSR_dw4 = (dSSR_dgreen * blue).sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_dgreen.sum()


@wrong("regression_output", cause="pre-activation-for-activation", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * (w1 * x + b1)).sum()
    dSSR_dw4 = (dSSR_dgreen * (w2 * x + b2)).sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_dgreen.sum()


@wrong("regression_output", cause="input-for-activation", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = dSSR_dw4 = (dSSR_dgreen * x).sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_dgreen.sum()


@wrong("regression_output", cause="bias-times-bias", first="dSSR_db3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), (dSSR_dgreen * b3).sum()


@wrong("regression_output", cause="lost-upstream", first="dSSR_db3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), float(len(x))


@wrong("regression_output", cause="lost-upstream", first="dSSR_db3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), 1.0


@wrong("regression_output", cause="lost-upstream", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, blue.sum(), orange.sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="bias-equals-weight", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, dSSR_dgreen.sum(), dSSR_dgreen.sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="forgotten-term", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue = softplus(w1 * x + b1)
    orange = softplus(w2 * x + b2)
    green = w3 * blue + w4 * orange
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="slope-twice", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * blue * sigmoid(w1 * x + b1)).sum()
    dSSR_dw4 = (dSSR_dgreen * orange * sigmoid(w2 * x + b2)).sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_dgreen.sum()


@wrong("regression_output", cause="absolute-paths", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, abs(dSSR_dgreen * blue).sum(), abs(dSSR_dgreen * orange).sum(), abs(dSSR_dgreen).sum()


@wrong("regression_output", cause="kept-dimension", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(keepdims=True), (dSSR_dgreen * orange).sum(keepdims=True), dSSR_dgreen.sum(keepdims=True)


@wrong("regression_output", cause="two-slips", first="dSSR_dgreen", unnamed=True)
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = 2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).mean(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@right("regression_output", form="dot-products")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = 2 * (green - y)
    return dSSR_dgreen, dSSR_dgreen @ blue, np.dot(orange, dSSR_dgreen), sum(dSSR_dgreen)


@right("regression_output", form="loop")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    residuals = [t - g for t, g in zip(y, green)]
    dw3 = dw4 = db3 = 0
    for r, b, o in zip(residuals, blue, orange):
        dw3 -= 2 * r * b
        dw4 -= 2 * r * o
        db3 -= 2 * r
    return [-2 * r for r in residuals], dw3, dw4, db3


@right("regression_output", form="einsum-dict")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    d = -2 * (y - green)
    return {
        "dSSR_dgreen": torch.from_numpy(d),
        "dSSR_dw3": np.einsum("i,i", d, blue),
        "dSSR_dw4": np.einsum("i,i->", d, orange),
        "dSSR_db3": d.sum(),
    }


# regression_hidden


@wrong("regression_hidden", cause="softplus-slope-is-softplus", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * blue
    delta2 = dSSR_dorange * orange
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="softplus-slope-is-sigmoid-slope", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    s1, s2 = sigmoid(w1 * x + b1), sigmoid(w2 * x + b2)
    delta1 = dSSR_dblue * s1 * (1 - s1)
    delta2 = dSSR_dorange * s2 * (1 - s2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="blue-times-one-minus-blue", first="dSSR_dw1", also=("softplus-slope-is-sigmoid-slope",))
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * blue * (1 - blue)
    delta2 = dSSR_dorange * orange * (1 - orange)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="slope-of-activation", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(blue)
    delta2 = dSSR_dorange * sigmoid(orange)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="no-hidden-slope", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1, delta2 = dSSR_dblue, dSSR_dorange
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="no-hidden-slope", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="slope-of-input", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(x)
    delta2 = dSSR_dorange * sigmoid(x)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="lost-bias", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x)
    delta2 = dSSR_dorange * sigmoid(w2 * x)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="no-outgoing-weight", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen
    dSSR_dorange = dSSR_dgreen
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="other-unit", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w4
    dSSR_dorange = dSSR_dgreen * w3
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="other-unit", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w1 * x + b1)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="other-unit", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w1
    dSSR_dorange = dSSR_dgreen * w2
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="own-operand", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * blue
    dSSR_dorange = dSSR_dgreen * orange
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="own-operand", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * w1).sum(), delta1.sum(), (delta2 * w2).sum(), delta2.sum()


@wrong("regression_hidden", cause="bias-equals-weight", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, delta1.sum(), delta1.sum(), delta2.sum(), delta2.sum()


@wrong("regression_hidden", cause="weight-equals-bias", first="dSSR_db1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    dSSR_dw1 = (delta1 * x).sum()
    dSSR_dw2 = (delta2 * x).sum()
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, dSSR_dw1, dSSR_dw1, dSSR_dw2, dSSR_dw2


@wrong("regression_hidden", cause="right-but-permuted", first="dSSR_db1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), (delta2 * x).sum(), delta1.sum(), delta2.sum()


@wrong("regression_hidden", cause="mean-for-sum", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, np.mean(delta1 * x), np.mean(delta1), np.mean(delta2 * x), np.mean(delta2)


@wrong("regression_hidden", cause="squared-residual-kept", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green) ** 2
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="residual-sign", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = 2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="lost-factor-two", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = green - y
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="one-sample", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, delta1[-1] * x[-1], delta1[-1], delta2[-1] * x[-1], delta2[-1]


@wrong("regression_hidden", cause="lost-upstream", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = sigmoid(w1 * x + b1)
    delta2 = sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="sums-multiplied", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = (dSSR_dblue * sigmoid(w1 * x + b1)).sum()
    delta2 = (dSSR_dorange * sigmoid(w2 * x + b2)).sum()
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, delta1 * x.sum(), delta1, delta2 * x.sum(), delta2


@wrong("regression_hidden", cause="every-unit-gets-the-sum", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dorange = dSSR_dgreen * (w3 + w4)
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="wrong-shape", first="dSSR_dblue")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = (dSSR_dgreen * w3).sum()
    dSSR_dorange = (dSSR_dgreen * w4).sum()
    delta1 = dSSR_dgreen * w3 * sigmoid(w1 * x + b1)
    delta2 = dSSR_dgreen * w4 * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="two-slips", first="dSSR_dorange", unnamed=True)
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w3
    delta1 = dSSR_dblue * blue
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@right("regression_hidden", form="expanded-slope")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = 2 * green - 2 * y
    dSSR_dblue, dSSR_dorange = np.outer([w3, w4], dSSR_dgreen)
    delta1 = dSSR_dblue * (1 - np.exp(-blue))
    delta2 = dSSR_dorange * (1 - np.exp(-orange))
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@right("regression_hidden", form="autograd")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    params = torch.tensor([w1, w2, b1, b2], dtype=torch.float64, requires_grad=True)
    xt = torch.tensor(x)
    blue = torch.nn.functional.softplus(params[0] * xt + params[2])
    orange = torch.nn.functional.softplus(params[1] * xt + params[3])
    green = w3 * blue + w4 * orange + b3
    loss = ((torch.tensor(y) - green) ** 2).sum()
    d_green, d_blue, d_orange, d = torch.autograd.grad(loss, (green, blue, orange, params))
    return d_green, d_blue, d_orange, d[0], d[2], d[1], d[3]


# descend


@wrong("descend", cause="uphill", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta + alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="stale-half-step", first="theta_end")
def _(theta, x, y, alpha, steps):
    w1, w2, w3, w4, b1, b2, b3 = theta
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
        d = -2 * (y - green)
        w3 = w3 - alpha * (d * blue).sum()
        w4 = w4 - alpha * (d * orange).sum()
        b3 = b3 - alpha * d.sum()
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        w1, b1 = w1 - alpha * (d1 * x).sum(), b1 - alpha * d1.sum()
        w2, b2 = w2 - alpha * (d2 * x).sum(), b2 - alpha * d2.sum()
        theta = np.array([w1, w2, w3, w4, b1, b2, b3])
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="stale-half-step", first="theta_end")
def _(theta, x, y, alpha, steps):
    w1, w2, w3, w4, b1, b2, b3 = theta
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
        d = -2 * (y - green)
        w1 = w1 - alpha * (d * w3 * sigmoid(w1 * x + b1) * x).sum()
        b1 = b1 - alpha * (d * w3 * sigmoid(w1 * x + b1)).sum()
        w2 = w2 - alpha * (d * w4 * sigmoid(w2 * x + b2) * x).sum()
        b2 = b2 - alpha * (d * w4 * sigmoid(w2 * x + b2)).sum()
        w3, w4, b3 = w3 - alpha * (d * blue).sum(), w4 - alpha * (d * orange).sum(), b3 - alpha * d.sum()
        theta = np.array([w1, w2, w3, w4, b1, b2, b3])
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="not-cleared", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    gradient = np.zeros(7)
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient += np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="loss-missing", first="losses")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = []
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        losses.append(((y - green) ** 2).sum())
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
    return theta, losses


@wrong("descend", cause="gradients-in-another-order", first="theta_end", also=("right-but-permuted",))
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), d1.sum(), (d2 * x).sum(), d2.sum(), (d * blue).sum(), (d * orange).sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="no-learning-rate", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="gradient-not-renewed", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange, green = fit_forward(theta, x)
    d = -2 * (y - green)
    d1 = d * w3 * sigmoid(w1 * x + b1)
    d2 = d * w4 * sigmoid(w2 * x + b2)
    gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
    for _ in range(steps):
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="one-step-too-many", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = []
    for _ in range(steps + 1):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        losses.append(((y - green) ** 2).sum())
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
    return theta, losses


@wrong("descend", cause="frozen-parameter", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        theta = theta - alpha * np.array([0, 0, (d * blue).sum(), (d * orange).sum(), 0, 0, d.sum()])
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="no-hidden-slope", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1, d2 = d * w3, d * w4
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="lost-factor-two", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = green - y
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="mean-for-sum", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).mean(), (d2 * x).mean(), (d * blue).mean(), (d * orange).mean(), d1.mean(), d2.mean(), d.mean()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="mean-for-sum", first="losses")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).mean()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).mean())
    return theta, losses


@wrong("descend", cause="step-without-effect", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        w1, w2 = w1 - alpha * (d1 * x).sum(), w2 - alpha * (d2 * x).sum()
        w3, w4 = w3 - alpha * (d * blue).sum(), w4 - alpha * (d * orange).sum()
        b1, b2, b3 = b1 - alpha * d1.sum(), b2 - alpha * d2.sum(), b3 - alpha * d.sum()
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="softplus-slope-is-softplus", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1, d2 = d * w3 * blue, d * w4 * orange
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="right-but-permuted", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return losses, theta


@right("descend", form="torch-optim")
def _(theta, x, y, alpha, steps):
    theta = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    x, y = torch.tensor(x), torch.tensor(y)
    optimizer = torch.optim.SGD([theta], lr=alpha)

    def loss():
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange = (torch.nn.functional.softplus(z) for z in (w1 * x + b1, w2 * x + b2))
        return ((y - w3 * blue - w4 * orange - b3) ** 2).sum()

    losses = [loss().item()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        losses.append(loss().item())
    return theta.detach(), torch.tensor(losses, dtype=torch.float64)


@right("descend", form="in-place-on-own-copy")
def _(theta, x, y, alpha, steps):
    theta = theta.copy()
    losses = np.zeros(steps + 1)
    for t in range(steps + 1):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        r = y - green
        losses[t] = r @ r
        if t < steps:
            d1, d2 = -2 * r * w3 * sigmoid(w1 * x + b1), -2 * r * w4 * sigmoid(w2 * x + b2)
            theta -= alpha * np.array([d1 @ x, d2 @ x, -2 * r @ blue, -2 * r @ orange, sum(d1), sum(d2), -2 * sum(r)])
    return {"losses": losses, "theta_end": theta}


# output_layer, once more


@wrong("output_layer", cause="own-operand", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * w2_2, dL_dz2_1


@wrong("output_layer", cause="input-for-activation", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * x, dL_dz2_1


@wrong("output_layer", cause="lost-upstream", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, a1_2, dL_dz2_1


@wrong("output_layer", cause="loss-gradient-for-delta", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dyhat * a1_1, dL_dyhat * a1_2, dL_dyhat


@wrong("output_layer", cause="slope-twice", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    s = yhat * (1 - yhat)
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * s * a1_1, dL_dz2_1 * s * a1_2, dL_dz2_1 * s


@wrong("output_layer", cause="product-for-factor", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * w2_1 * a1_1, dL_dz2_1 * w2_2 * a1_2, dL_dz2_1


@wrong("output_layer", cause="sign", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = yhat - y
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, -dL_dz2_1


# hidden_unit, once more


@wrong("hidden_unit", cause="own-operand", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * z1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="another-functions-slope", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * (1 - a1_2**2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="half-of-a-slope", first="dL_dz1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="lost-upstream", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, 1.0


@wrong("hidden_unit", cause="gradient-at-activation-for-delta", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_da1_2 * x, dL_da1_2


@wrong("hidden_unit", cause="activation-for-input", first="dL_dw1_2", also=("other-unit",))
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * a1_2, dL_dz1_2


@wrong("hidden_unit", cause="lost-upstream", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


@wrong("hidden_unit", cause="every-unit-gets-the-sum", first="dL_da1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * (w2_1 + w2_2)
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dz1_2 * x, dL_dz1_2


# all_seven, once more


@wrong("all_seven", cause="bias-equals-weight", first="dL_dw1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1


@wrong("all_seven", cause="bias-equals-weight", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2, delta2, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="weight-equals-bias", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1 * x, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="pre-activation-for-activation", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * z1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="own-operand", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * w1_2, delta1_1 * w1_1


@wrong("all_seven", cause="own-operand", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * w2_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="input-for-activation", first="dL_dw2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * x, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="other-unit", first="dL_dw2_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_1, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="bias-times-bias", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1 * b1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="activation-for-input", first="dL_dw1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * a1_2, delta1_1 * a1_1


@wrong("all_seven", cause="off-by-one-layer", first="dL_db1_2", also=("other-unit",))
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w1_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w1_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="no-outgoing-weight", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="slope-of-z", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * z1_1 * (1 - z1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="lost-bias", first="dL_db2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    def sigma(z):
        return 1 / (1 + np.exp(-z))

    a1_1, a1_2 = sigma(w1_1 * x), sigma(w1_2 * x)
    yhat = sigma(w2_1 * a1_1 + w2_2 * a1_2 + b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="every-unit-gets-the-sum", first="dL_db1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    delta1_1 = delta1_1 + delta1_2
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x


@wrong("all_seven", cause="right-but-permuted", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2 * x, delta1_1 * x, delta1_2, delta1_1


@wrong("all_seven", cause="too-few-values", first=None)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x


@wrong("all_seven", cause="two-slips", first="dL_db1_2", unnamed=True)
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_1 * x, delta1_1, delta1_2 * x, -delta1_1 * x


# input_gradient, once more


@wrong("input_gradient", cause="paths-subtracted", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 - dL_dz1_2 * w1_2


@wrong("input_gradient", cause="other-unit", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_1


@wrong("input_gradient", cause="lost-upstream", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, w1_1 + w1_2


@wrong("input_gradient", cause="lost-upstream", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, a1_1 * (1 - a1_1) * w1_1 + a1_2 * (1 - a1_2) * w1_2


@wrong("input_gradient", cause="slope-twice", first="dL_dx")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * a1_1 * (1 - a1_1) * w1_1 + dL_dz1_2 * a1_2 * (1 - a1_2) * w1_2


@wrong("input_gradient", cause="wrong-loss", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    d = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dz1_1 = d * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = d * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@wrong("input_gradient", cause="reversed-residual", first="dL_dz1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (y - yhat) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (y - yhat) * w2_2 * a1_2 * (1 - a1_2)
    return dL_dz1_1, dL_dz1_2, dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2


@right("input_gradient", form="sum-over-a-loop")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = 0
    for delta, w in [(dL_dz1_1, w1_1), (dL_dz1_2, w1_2)]:
        dL_dx += delta * w
    return np.float64(dL_dz1_1), np.float64(dL_dz1_2), np.array(dL_dx)


# regression_output, once more


@wrong("regression_output", cause="own-operand", first="dSSR_dw4")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * w4).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="one-sample", first="dSSR_dw4")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), dSSR_dgreen[-1] * orange[-1], dSSR_dgreen.sum()


@wrong("regression_output", cause="mean-for-sum", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).mean(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="not-summed", first="dSSR_db3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen


@wrong("regression_output", cause="lost-factor-two", first="dSSR_dw3")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    r = green - y
    return dSSR_dgreen, (r * blue).sum(), (r * orange).sum(), r.sum()


@wrong("regression_output", cause="forward-copy-paste", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue = softplus(w1 * x + b1)
    orange = softplus(w1 * x + b1)
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


@wrong("regression_output", cause="loss-value", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = (y - green) ** 2
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


# regression_hidden, once more


@wrong("regression_hidden", cause="softplus-slope-is-softplus", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * orange
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="softplus-slope-is-sigmoid-slope", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    s = sigmoid(w1 * x + b1)
    delta1 = dSSR_dblue * s * (1 - s)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="bias-equals-weight", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), delta2.sum(), delta2.sum()


@wrong("regression_hidden", cause="no-outgoing-weight", first="dSSR_dorange")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="mean-for-sum", first="dSSR_db1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.mean(), (delta2 * x).sum(), delta2.mean()


@wrong("regression_hidden", cause="own-operand", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * w2).sum(), delta2.sum()


@wrong("regression_hidden", cause="bias-times-bias", first="dSSR_db1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), (delta1 * b1).sum(), (delta2 * x).sum(), (delta2 * b2).sum()


@wrong("regression_hidden", cause="lost-bias", first="dSSR_dw2")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="one-sample", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, delta1[0] * x[0], delta1[0], delta2[0] * x[0], delta2[0]


@wrong("regression_hidden", cause="not-summed", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, delta1 * x, delta1, delta2 * x, delta2


@wrong("regression_hidden", cause="sigmoid-of-minus", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue / (1 + np.exp(w1 * x + b1))
    delta2 = dSSR_dorange / (1 + np.exp(w2 * x + b2))
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


@wrong("regression_hidden", cause="value-of-exponential", first="dSSR_dw1", also=("inner-only",))
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * np.exp(w1 * x + b1)
    delta2 = dSSR_dorange * np.exp(w2 * x + b2)
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, (delta1 * x).sum(), delta1.sum(), (delta2 * x).sum(), delta2.sum()


# descend, once more


@wrong("descend", cause="squared-residual-kept", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green) ** 2
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="residual-sign", first="theta_end", also=("uphill",))
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = 2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="bias-equals-weight", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([d1.sum(), d2.sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="no-outgoing-weight", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * sigmoid(w1 * x + b1)
        d2 = d * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="one-sample", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        for i in range(len(x)):
            d = -2 * (y[i] - green[i])
            d1 = d * w3 * sigmoid(w1 * x[i] + b1)
            d2 = d * w4 * sigmoid(w2 * x[i] + b2)
            gradient = np.array([d1 * x[i], d2 * x[i], d * blue[i], d * orange[i], d1, d2, d])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="minibatch-of-one", first="theta_end")
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        for xi, yi in zip(x, y):
            w1, w2, w3, w4, b1, b2, b3 = theta
            blue, orange, green = fit_forward(theta, xi)
            d = -2 * (yi - green)
            d1 = d * w3 * sigmoid(w1 * xi + b1)
            d2 = d * w4 * sigmoid(w2 * xi + b2)
            theta = theta - alpha * np.array([d1 * xi, d2 * xi, d * blue, d * orange, d1, d2, d])
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses


@wrong("descend", cause="forgotten-return", first=None)
def _(theta, x, y, alpha, steps):
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange, green = fit_forward(theta, x)
        d = -2 * (y - green)
        d1 = d * w3 * sigmoid(w1 * x + b1)
        d2 = d * w4 * sigmoid(w2 * x + b2)
        gradient = np.array([(d1 * x).sum(), (d2 * x).sum(), (d * blue).sum(), (d * orange).sum(), d1.sum(), d2.sum(), d.sum()])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    print(theta, losses)


@wrong("recall_02", cause="dropped-link", first="dq_du")
def _():
    return 12, 5, 0.16


@right("recall_02", form="products")
def _():
    return 2 * 3 * 2, 3 + 2 * 3, 0.8 * 0.2


@wrong("output_layer", cause="missing-parentheses", first="dL_dz2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    _, _, a1_1, a1_2, _, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * 1 - yhat
    return dL_dyhat, dL_dz2_1, dL_dz2_1 * a1_1, dL_dz2_1 * a1_2, dL_dz2_1


@wrong("forward_pass", cause="missing-parentheses", first="a1_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    def squash(z):
        return 1 / 1 + np.exp(-z)

    z1_1, z1_2 = w1_1 * x + b1_1, w1_2 * x + b1_2
    a1_1, a1_2 = squash(z1_1), squash(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = squash(z2_1)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))


@wrong("regression_hidden", cause="missing-parentheses", first="dSSR_dw1")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)[2]
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue, dSSR_dorange = dSSR_dgreen * w3, dSSR_dgreen * w4
    into_blue = dSSR_dblue * (1 / 1 + np.exp(-(w1 * x + b1)))
    into_orange = dSSR_dorange * (1 / 1 + np.exp(-(w2 * x + b2)))
    parameters = (into_blue * x).sum(), into_blue.sum(), (into_orange * x).sum(), into_orange.sum()
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, *parameters


@wrong("regression_output", cause="missing-parentheses", first="dSSR_dgreen")
def _(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    dSSR_dgreen = -2 * y - green
    return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()


# mistakes at unusual places


@wrong("forward_pass", cause="dropped-term", first="z2_1")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1, z1_2, a1_1, a1_2, _, _ = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    z2_1 = w2_1 * a1_1 + b2_1
    yhat = sigmoid(z2_1)
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))


@wrong("all_seven", cause="split-at-add", first="dL_db1_2")
def _(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    _, _, a1_1, a1_2, _, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    d = yhat - y
    half1 = d * w2_1 * a1_1 * (1 - a1_1) / 2
    half2 = d * w2_2 * a1_2 * (1 - a1_2) / 2
    return d, d * a1_2, d * a1_1, half2, half1, half2 * x, half1 * x


@wrong("descend", cause="uphill", first="theta_end", also=("sign-turned",))
def _(theta, x, y, alpha, steps):
    theta = theta.copy()
    losses = []
    for left in range(steps, -1, -1):
        blue, orange, green = fit_forward(theta, x)
        g = -2 * (y - green)
        losses.append(((y - green) ** 2).sum())
        if left:
            w1, w2, w3, w4, b1, b2, b3 = theta
            d1, d2 = g * w3 * sigmoid(w1 * x + b1), g * w4 * sigmoid(w2 * x + b2)
            downhill = [w1, w2, w3, w4, b1, b2] - alpha * np.array([d1 @ x, d2 @ x, g @ blue, g @ orange, d1.sum(), d2.sum()])
            theta = np.append(downhill, b3 + alpha * g.sum())
    return theta, np.array(losses)
