"""Answers to lesson 03, computation graphs."""

from collections import deque, namedtuple
from dataclasses import dataclass

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def graph_forward(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return np.array(nodes)


# at_the_add


@wrong("at_the_add", cause="split-at-add", first="dL_dp1")
def _():
    return -0.2


@wrong("at_the_add", cause="own-operand", first="dL_dp1")
def _():
    return 3.6


@wrong("at_the_add", cause="lost-upstream", first="dL_dp1")
def _():
    return 1


@wrong("at_the_add", cause="sign", first="dL_dp1")
def _():
    return 0.6


@wrong("at_the_add", cause="split-at-add", first="dL_dp1")
def _():
    return -0.3


@wrong("at_the_add", cause="split-by-share", first="dL_dp1")
def _():
    return -0.6 * -6 / (-6 + 7.5 - 1)


@wrong("at_the_add", cause="upstream-times-output", first="dL_dp1")
def _():
    return -0.6 * 0.5


@right("at_the_add", form="zero-dimensional")
def _():
    return np.array(-0.6)


@right("at_the_add", form="torch-tensor")
def _():
    return torch.tensor(-0.6)


# add_and_multiply


@wrong("add_and_multiply", cause="own-operand", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    dL_du = dL_dp * u
    dL_dv = dL_dp * v
    return dL_dp, dL_dw, dL_du, dL_dv


@wrong("add_and_multiply", cause="own-operand", first="dL_dv")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    dL_du = dL_dp * v
    dL_dv = dL_dp * v
    return dL_dp, dL_dw, dL_du, dL_dv


@wrong("add_and_multiply", cause="lost-upstream", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    return dL_dp, dL_dw, v, u


@wrong("add_and_multiply", cause="lost-upstream", first="dL_dw")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    return dL_dp, 1, dL_dp * v, dL_dp * u


@wrong("add_and_multiply", cause="split-at-add", first="dL_dp")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds / 2
    dL_dw = dL_ds / 2
    return dL_dp, dL_dw, dL_dp * v, dL_dp * u


@wrong("add_and_multiply", cause="own-operand", first="dL_dw")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds * w
    return dL_dp, dL_dw, dL_dp * v, dL_dp * u


@wrong("add_and_multiply", cause="add-treated-as-multiply", first="dL_dw")
def _(u, v, w, dL_ds):
    p = u * v
    dL_dp = dL_ds
    dL_dw = dL_ds * p
    return dL_dp, dL_dw, dL_dp * v, dL_dp * u


@wrong("add_and_multiply", cause="product-for-factor", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    return dL_dp, dL_dw, dL_dp * u * v, dL_dp * u * v


@wrong("add_and_multiply", cause="multiply-treated-as-add", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    return dL_dp, dL_ds, dL_dp, dL_dp


@wrong("add_and_multiply", cause="upstream-added", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    dL_du = dL_dp + v
    dL_dv = dL_dp + u
    return dL_dp, dL_dw, dL_du, dL_dv


@wrong("add_and_multiply", cause="divided-by-own", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    return dL_dp, dL_ds, dL_dp / u, dL_dp / v


@wrong("add_and_multiply", cause="right-but-permuted", first="dL_dw")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = dL_ds
    dL_du = dL_dp * v
    dL_dv = dL_dp * u
    return dL_dp, dL_du, dL_dv, dL_dw


@wrong("add_and_multiply", cause="product-rule", first="dL_du")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    both = dL_dp * (u + v)
    return dL_dp, dL_ds, both, both


@wrong("add_and_multiply", cause="two-slips", first="dL_dw", unnamed=True)
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = -dL_ds
    return dL_dp, dL_dw, dL_dp * u, dL_dp * v


@wrong("add_and_multiply", cause="placeholder", first="dL_dw")
def _(u, v, w, dL_ds):
    dL_dp = dL_ds
    dL_dw = ...
    dL_du = ...
    dL_dv = ...
    return dL_dp, dL_dw, dL_du, dL_dv


@right("add_and_multiply", form="dict")
def _(u, v, w, dL_ds):
    return {"dL_dp": dL_ds, "dL_dw": dL_ds, "dL_du": v * dL_ds, "dL_dv": u * dL_ds}


@right("add_and_multiply", form="tuple-of-tensors")
def _(u, v, w, dL_ds):
    grads = torch.tensor([1, 1, v, u], dtype=torch.float64) * dL_ds
    return tuple(grads)


# logistic_graph


@wrong("logistic_graph", cause="no-activation-slope", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="slope-of-z", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * z * (1 - z)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="slope-of-activation", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    s = 1 / (1 + np.exp(-yhat))
    dL_dz = dL_dyhat * s * (1 - s)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="log-loss-sign", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat - (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="dropped-negative-class", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -1 / yhat
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="dropped-negative-class", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="reversed-residual", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = y - yhat
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong(
    "logistic_graph",
    cause="sign",
    first="dL_dyhat",
    also=(
        "reversed-residual",
        "loss-sign",
    ),
)
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = y / yhat - (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="slope-twice", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = (yhat - y) * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="wrong-loss", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = 2 * (yhat - y)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="shortcut-at-the-wrong-place", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = yhat - y
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="wrong-loss", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = 2 * (yhat - y)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="own-operand", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * w1, dL_dz * w2, dL_dz


@wrong("logistic_graph", cause="own-operand", first="dL_dw2")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * w2, dL_dz


@wrong("logistic_graph", cause="other-unit", first="dL_dw2")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x1, dL_dz


@wrong("logistic_graph", cause="other-unit", first="dL_dw1", also=("right-but-permuted",))
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x2, dL_dz * x1, dL_dz


@wrong("logistic_graph", cause="bias-times-bias", first="dL_db")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz * b


@wrong("logistic_graph", cause="lost-upstream", first="dL_db")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, 1.0


@wrong("logistic_graph", cause="lost-upstream", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, x1, x2, dL_dz


@wrong("logistic_graph", cause="lost-upstream", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="split-at-add", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    share = dL_dz / 3
    return dL_dyhat, dL_dz, share * x1, share * x2, share


@wrong("logistic_graph", cause="bias-equals-weight", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz, dL_dz, dL_dz


@wrong("logistic_graph", cause="product-for-factor", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    p1, p2 = w1 * x1, w2 * x2
    return dL_dyhat, dL_dz, dL_dz * p1, dL_dz * p2, dL_dz


@wrong("logistic_graph", cause="lost-bias", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="missing-parentheses", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + 1 - y / 1 - yhat
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="accumulated-twice", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    dL_dw1 = dL_dw2 = dL_db = 0.0
    for _ in range(2):
        dL_dw1 += dL_dz * x1
        dL_dw2 += dL_dz * x2
        dL_db += dL_dz
    return dL_dyhat, dL_dz, dL_dw1, dL_dw2, dL_db


@wrong("logistic_graph", cause="two-slips", first="dL_dyhat", unnamed=True)
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat - (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * w1, dL_dz * w2, dL_dz


@right("logistic_graph", form="namedtuple")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    Graph = namedtuple("Graph", "dL_dyhat dL_dz dL_dw1 dL_dw2 dL_db")
    return Graph((yhat - y) / yhat / (1 - yhat), yhat - y, x1 * (yhat - y), x2 * (yhat - y), yhat - y)


@right("logistic_graph", form="tanh-form")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = (np.tanh(z / 2) + 1) / 2
    dL_dyhat = (1 - y) / (1 - yhat) - y / yhat
    d = dL_dyhat * (1 - np.tanh(z / 2) ** 2) / 4
    return [dL_dyhat, d, *(d * np.array([x1, x2, 1.0]))]


@right("logistic_graph", form="autograd")
def _(x1, x2, w1, w2, b, y):
    z = torch.tensor([w1, w2, b], dtype=torch.float64, requires_grad=True)
    s = z @ torch.tensor([x1, x2, 1.0], dtype=torch.float64)
    yhat = torch.sigmoid(s)
    L = torch.nn.functional.binary_cross_entropy(yhat, torch.tensor(y, dtype=torch.float64))
    d_yhat, d_s, d_params = torch.autograd.grad(L, (yhat, s, z))
    return {"dL_dyhat": d_yhat, "dL_dz": d_s, "dL_dw1": d_params[0], "dL_dw2": d_params[1], "dL_db": d_params[2]}


# relu_neuron


@wrong("relu_neuron", cause="no-gate", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="upstream-dropped", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = 1.0 if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="gate-on-wrong-sign-carrier", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if dL_da > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="gate-on-wrong-sign-carrier", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w * (x > 0), dL_dz * x * (w > 0), dL_dz


@wrong("relu_neuron", cause="gate-on-wrong-sign-carrier", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da * (z > 0)
    dL_dx = dL_da * w * (x > 0)
    dL_dw = dL_da * x * (x > 0)
    return dL_dz, dL_dx, dL_dw, dL_dz


@wrong("relu_neuron", cause="lost-bias", first="dL_dz", also=("gate-on-wrong-sign-carrier",))
def _(x, w, b, dL_da):
    z = np.sum(x * w)
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="lost-factor", first="dL_dz")
def _(x, w, b, dL_da):
    dL_dz = dL_da * (w.sum() + b > 0)
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="gate-reversed", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z < 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="function-for-slope", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    a = np.maximum(0, z)
    dL_dz = dL_da * a
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="value-for-slope", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da * z
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="another-functions-slope", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    a = max(0, z)
    dL_dz = dL_da * a * (1 - a)
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="another-functions-slope", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    s = 1 / (1 + np.exp(-z))
    dL_dz = dL_da * s * (1 - s)
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="swapped-operands", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    dL_dx = dL_dz * x
    dL_dw = dL_dz * w
    return dL_dz, dL_dx, dL_dw, dL_dz


@wrong("relu_neuron", cause="bias-times-bias", first="dL_db")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz * b


@wrong("relu_neuron", cause="lost-upstream", first="dL_db")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, 1.0


@wrong("relu_neuron", cause="lost-upstream", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, w, x, dL_dz


@wrong("relu_neuron", cause="gate-forgotten-further-back", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_da * w, dL_da * x, dL_da


@wrong("relu_neuron", cause="split-at-add", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    share = dL_dz / (len(x) + 1)
    return dL_dz, share * w, share * x, share


@wrong("relu_neuron", cause="summed-too-much", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, np.sum(dL_dz * w), np.sum(dL_dz * x), dL_dz


@wrong("relu_neuron", cause="leaky-gate", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.01 * dL_da
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="sign-for-gate", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da * np.sign(z)
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="kept-dimension", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w[None, :], dL_dz * x[None, :], dL_dz


@wrong("relu_neuron", cause="gate-entry-by-entry", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    gate = (x * w + b) > 0
    return dL_dz, dL_da * gate * w, dL_da * gate * x, dL_dz


@wrong("relu_neuron", cause="right-but-permuted", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    dL_dx = dL_dz * w
    dL_dw = dL_dz * x
    return dL_dx, dL_dw, dL_dz, dL_dz


@wrong("relu_neuron", cause="two-slips", first="dL_dz", unnamed=True)
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = -dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * x, dL_dz * w, dL_dz


@right("relu_neuron", form="heaviside")
def _(x, w, b, dL_da):
    z = x @ w + b
    gate = np.heaviside(z, 0.0)
    return gate * dL_da, gate * dL_da * w, gate * dL_da * x, gate * dL_da


@right("relu_neuron", form="boolean-list")
def _(x, w, b, dL_da):
    z = sum(xi * wi for xi, wi in zip(x, w)) + b
    d = dL_da * (z > 0)
    return d, [d * wi for wi in w], [d * xi for xi in x], d


@right("relu_neuron", form="early-return")
def _(x, w, b, dL_da):
    if np.dot(x, w) + b <= 0:
        return 0, np.zeros_like(x), np.zeros_like(w), 0
    return dL_da, dL_da * w, dL_da * x, dL_da


@right("relu_neuron", form="autograd")
def _(x, w, b, dL_da):
    x, w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (x, w, b))
    z = x @ w + b
    z.retain_grad()
    (torch.relu(z) * dL_da).backward()
    return {"dL_dz": z.grad, "dL_dx": x.grad, "dL_dw": w.grad, "dL_db": b.grad}


# two_calls


@wrong("two_calls", cause="cleared-by-itself", first="w_grad")
def _():
    return 6


@wrong("two_calls", cause="value-not-slope", first="w_grad")
def _():
    return 9


@wrong("two_calls", cause="accumulated-wrongly", first="w_grad")
def _():
    return 36


@wrong("two_calls", cause="doubled-twice", first="w_grad")
def _():
    return 24


@wrong("two_calls", cause="value-not-slope", first="w_grad")
def _():
    return 18


@wrong("two_calls", cause="expects-error", first="w_grad")
def _():
    return "error"


@right("two_calls", form="computed")
def _():
    return 2 * (2 * 3.0)


# stable_log_loss


@wrong("stable_log_loss", cause="naive-form", first="L")
def _(z, y):
    yhat = 1 / (1 + np.exp(-z))
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return L, yhat - y


@wrong("stable_log_loss", cause="clipped", first="L")
def _(z, y):
    yhat = np.clip(1 / (1 + np.exp(-z)), 1e-12, 1 - 1e-12)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    return L, yhat - y


@wrong("stable_log_loss", cause="epsilon-added", first="L", also=("clipped",))
def _(z, y):
    eps = 1e-8
    yhat = 1 / (1 + np.exp(-z))
    L = -(y * np.log(yhat + eps) + (1 - y) * np.log(1 - yhat + eps))
    return L, yhat - y


@wrong("stable_log_loss", cause="overflowing-form", first="L")
def _(z, y):
    L = np.log(1 + np.exp(z)) - y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="overflowing-form", first="L")
def _(z, y):
    L = np.log1p(np.exp(z)) - y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="overflowing-gradient", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = np.exp(z) / (1 + np.exp(z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="sign", first="L")
def _(z, y):
    L = np.logaddexp(0, -z) - y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="sign", first="L")
def _(z, y):
    L = np.logaddexp(0, z) + y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="reversed-residual", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = y - 1 / (1 + np.exp(-z))
    return L, dL_dz


@wrong("stable_log_loss", cause="softplus-slope-is-softplus", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = np.logaddexp(0, z) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="sigmoid-reversed", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = 1 / (1 + np.exp(z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="slope-twice", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    s = 1 / (1 + np.exp(-z))
    dL_dz = (s - y) * s * (1 - s)
    return L, dL_dz


@wrong("stable_log_loss", cause="dropped-negative-class", first="L")
def _(z, y):
    L = y * np.logaddexp(0, -z)
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="lost-y", first="dL_dz", also=("dropped-term",))
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = 1 / (1 + np.exp(-z))
    return L, dL_dz


@wrong("stable_log_loss", cause="gradient-through-saturated-sigmoid", first="dL_dz", also=("overflowing-gradient",))
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    return L, dL_dyhat * yhat * (1 - yhat)


@wrong("stable_log_loss", cause="logaddexp-of-one", first="L")
def _(z, y):
    L = np.logaddexp(1, z) - y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return L, dL_dz


@wrong("stable_log_loss", cause="softplus-slope-is-sigmoid-slope", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    s = 1 / (1 + np.exp(-z))
    return L, s * (1 - s) - y


@wrong("stable_log_loss", cause="right-but-permuted", first="L")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return dL_dz, L


@wrong("stable_log_loss", cause="wrong-loss", first="dL_dz")
def _(z, y):
    L = np.logaddexp(0, z) - y * z
    return L, 2 * (1 / (1 + np.exp(-z)) - y)


@right("stable_log_loss", form="maximum-form")
def _(z, y):
    L = max(z, 0) - y * z + np.log1p(np.exp(-abs(z)))
    return {"L": L, "dL_dz": 0.5 * (1 + np.tanh(z / 2)) - y}


@right("stable_log_loss", form="two-branches")
def _(z, y):
    if z >= 0:
        e = np.exp(-z)
        return np.log(1 + e) + (1 - y) * z, 1 / (1 + e) - y
    e = np.exp(z)
    return np.log(1 + e) - y * z, e / (1 + e) - y


@right("stable_log_loss", form="both-classes")
def _(z, y):
    L = y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)
    with np.errstate(over="ignore"):
        return np.array([L, 1 / (1 + np.exp(-z)) - y])


@right("stable_log_loss", form="torch-with-logits")
def _(z, y):
    z = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    L = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y, dtype=torch.float64))
    L.backward()
    return L, z.grad


# graph_forward


@wrong("graph_forward", cause="operations-exchanged", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "mul":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "add":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return np.array(nodes)


@wrong("graph_forward", cause="inputs-left-out", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return np.array(nodes[len(values) :])


@wrong("graph_forward", cause="own-operand", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        i = operands[0]
        if name == "add":
            nodes.append(nodes[i] + nodes[i])
        elif name == "mul":
            nodes.append(nodes[i] * nodes[i])
        else:
            nodes.append(np.tanh(nodes[i]))
    return np.array(nodes)


@wrong("graph_forward", cause="index-for-value", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(operands[0] + operands[1])
        elif name == "mul":
            nodes.append(operands[0] * operands[1])
        else:
            nodes.append(np.tanh(operands[0]))
    return np.array(nodes)


@wrong("graph_forward", cause="another-function", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(1 / (1 + np.exp(-nodes[operands[0]])))
    return np.array(nodes)


@wrong("graph_forward", cause="slope-for-function", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(1 - np.tanh(nodes[operands[0]]) ** 2)
    return np.array(nodes)


@wrong("graph_forward", cause="last-node-only", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return nodes[-1]


@wrong("graph_forward", cause="inputs-at-the-end", first="nodes", also=("right-but-permuted",))
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return np.array(nodes[len(values) :] + nodes[: len(values)])


@wrong("graph_forward", cause="too-many-to-unpack", first=None)
def _(values, ops):
    nodes = list(values)
    for name, i, j in ops:
        if name == "add":
            nodes.append(nodes[i] + nodes[j])
        elif name == "mul":
            nodes.append(nodes[i] * nodes[j])
        else:
            nodes.append(np.tanh(nodes[i]))
    return np.array(nodes)


@wrong("graph_forward", cause="array-append", first=None)
def _(values, ops):
    for name, *operands in ops:
        if name == "add":
            values.append(values[operands[0]] + values[operands[1]])
        elif name == "mul":
            values.append(values[operands[0]] * values[operands[1]])
        else:
            values.append(np.tanh(values[operands[0]]))
    return values


@wrong("graph_forward", cause="tanh-left-out", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        if name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        if name == "tanh":
            nodes.append(nodes[operands[0]])
    return np.array(nodes)


@wrong("graph_forward", cause="off-by-one", first="nodes")
def _(values, ops):
    nodes = list(values)
    for name, *operands in ops:
        parents = [nodes[i - 1] for i in operands]
        if name == "add":
            nodes.append(sum(parents))
        elif name == "mul":
            nodes.append(parents[0] * parents[1])
        else:
            nodes.append(np.tanh(parents[0]))
    return np.array(nodes)


@right("graph_forward", form="list")
def _(values, ops):
    rules = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "tanh": np.tanh}
    nodes = [*values]
    for name, *operands in ops:
        nodes.append(rules[name](*(nodes[i] for i in operands)))
    return nodes


@right("graph_forward", form="concatenate")
def _(values, ops):
    nodes = np.asarray(values)
    for op in ops:
        match op:
            case ("add", i, j):
                new = nodes[i] + nodes[j]
            case ("mul", i, j):
                new = nodes[i] * nodes[j]
            case ("tanh", i):
                new = np.tanh(nodes[i])
        nodes = np.concatenate([nodes, [new]])
    return nodes


@right("graph_forward", form="dict-values")
def _(values, ops):
    nodes = dict(enumerate(values))
    for name, *operands in ops:
        a = [nodes[i] for i in operands]
        nodes[len(nodes)] = {"add": sum, "mul": np.prod, "tanh": lambda one: np.tanh(one[0])}[name](a)
    return list(nodes.values())


# graph_backward


@wrong("graph_backward", cause="index-of-another-operation", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "tanh":
            grad[operands[0]] += grad[i] * (1 - nodes[out] ** 2)  # noqa: F821  i is left from a later operation
            continue
        i, j = operands
        grad[i] += grad[out] * (nodes[j] if name == "mul" else 1)
        grad[j] += grad[out] * (nodes[i] if name == "mul" else 1)
    return grad[: len(values)]


@wrong("graph_backward", cause="overwrite", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] = grad[out]
            grad[j] = grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] = grad[out] * nodes[j]
            grad[j] = grad[out] * nodes[i]
        else:
            grad[operands[0]] = grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="overwrite", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] = grad[out] * nodes[j]
            grad[j] = grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="own-operand", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[i]
            grad[j] += grad[out] * nodes[j]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="lost-upstream", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += nodes[j]
            grad[j] += nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="lost-upstream", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += 1
            grad[j] += 1
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="lost-upstream", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += 1 - nodes[out] ** 2
    return grad[: len(values)]


@wrong("graph_backward", cause="slope-of-activation", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - np.tanh(nodes[out]) ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="slope-of-z", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[operands[0]] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="no-activation-slope", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            for i in operands:
                grad[i] += grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="another-functions-slope", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * nodes[out] * (1 - nodes[out])
    return grad[: len(values)]


@wrong("graph_backward", cause="split-at-add", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out] / 2
            grad[j] += grad[out] / 2
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="forward-order", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in range(len(ops)):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="one-path", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            grad[operands[0]] += grad[out]
        elif name == "mul":
            grad[operands[0]] += grad[out] * nodes[operands[1]]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="same-operand-once", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "tanh":
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
            continue
        i, j = operands
        di, dj = (grad[out], grad[out]) if name == "add" else (grad[out] * nodes[j], grad[out] * nodes[i])
        grad[i] += di
        if j != i:
            grad[j] += dj
    return grad[: len(values)]


@wrong("graph_backward", cause="fancy-index-add", first="dL_dvalues", also=("same-operand-once",))
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            grad[operands] += grad[out]
        elif name == "mul":
            grad[operands] += grad[out] * nodes[operands[::-1]]
        else:
            grad[operands] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="off-by-one", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k - 1
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="no-seed", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="seed-is-the-value", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = nodes[-1]
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="all-nodes-returned", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad


@wrong("graph_backward", cause="derivative-slip-in-square", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out])
    return grad[: len(values)]


@wrong("graph_backward", cause="sign", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (nodes[out] ** 2 - 1)
    return grad[: len(values)]


@right("graph_backward", form="list")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = [0.0] * (len(nodes) - 1) + [1.0]
    for out in range(len(nodes) - 1, len(values) - 1, -1):
        name, *operands = ops[out - len(values)]
        if name == "tanh":
            slopes = [1 - nodes[out] ** 2]
        else:
            slopes = [1, 1] if name == "add" else [nodes[operands[1]], nodes[operands[0]]]
        for i, slope in zip(operands, slopes):
            grad[i] += slope * grad[out]
    return grad[: len(values)]


@right("graph_backward", form="forward-mode")
def _(values, ops):
    nodes, speeds = list(values), list(np.eye(len(values)))
    for name, *at in ops:
        if name == "add":
            nodes.append(nodes[at[0]] + nodes[at[1]])
            speeds.append(speeds[at[0]] + speeds[at[1]])
        elif name == "mul":
            speeds.append(speeds[at[0]] * nodes[at[1]] + nodes[at[0]] * speeds[at[1]])
            nodes.append(nodes[at[0]] * nodes[at[1]])
        else:
            nodes.append(np.tanh(nodes[at[0]]))
            speeds.append((1 - nodes[-1] ** 2) * speeds[at[0]])
    return speeds[-1]


@right("graph_backward", form="autograd")
def _(values, ops):
    nodes = [torch.tensor(float(value), dtype=torch.float64, requires_grad=True) for value in values]
    for name, *at in ops:
        picked = [nodes[i] for i in at]
        nodes.append(picked[0] + picked[1] if name == "add" else picked[0] * picked[1] if name == "mul" else picked[0].tanh())
    grads = torch.autograd.grad(nodes[-1], nodes[: len(values)], allow_unused=True)
    return [0.0 if grad is None else grad.item() for grad in grads]


@right("graph_backward", form="add-at")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1
    work = deque(enumerate(ops, start=len(values)))
    while work:
        out, (name, *at) = work.pop()
        slopes = {"add": np.ones(2), "mul": nodes[at[::-1]], "tanh": np.array([1 - nodes[out] ** 2])}[name]
        np.add.at(grad, at, grad[out] * slopes)
    return grad[: len(values)]


# logistic_graph, once more


@wrong("logistic_graph", cause="bias-equals-weight", first="dL_dw2")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz, dL_dz


@wrong("logistic_graph", cause="lost-upstream", first="dL_dw2")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, x2, dL_dz


@wrong("logistic_graph", cause="right-but-permuted", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz, dL_dz * x1, dL_dz * x2


@wrong("logistic_graph", cause="right-but-permuted", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dz, dL_dyhat, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="slope-twice", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    s = yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * s * x1, dL_dz * s * x2, dL_dz


@wrong("logistic_graph", cause="loss-gradient-for-delta", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dyhat * x1, dL_dyhat * x2, dL_dyhat


@wrong("logistic_graph", cause="other-unit", first="dL_dw1")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * w2, dL_dz * w1, dL_dz


@wrong("logistic_graph", cause="forward-copy-paste", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x1 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="half-of-a-slope", first="dL_dz")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    dL_dz = dL_dyhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="rounded", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = yhat - y
    return [np.round(g, 4) for g in (dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz)]


# relu_neuron, once more


@wrong("relu_neuron", cause="own-operand", first="dL_dw")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * w, dL_dz


@wrong("relu_neuron", cause="own-operand", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * x, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="lost-upstream", first="dL_dw")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, x, dL_dz


@wrong("relu_neuron", cause="bias-equals-weight", first="dL_dw")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, np.full(len(x), dL_dz), dL_dz


@wrong("relu_neuron", cause="gate-on-wrong-sign-carrier", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if np.sum(w) > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="upstream-dropped", first="dL_dz")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = np.sign(np.maximum(0, z))
    return dL_dz, dL_dz * w, dL_dz * x, dL_dz


@wrong("relu_neuron", cause="product-for-factor", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w * x, dL_dz * x * w, dL_dz


@wrong("relu_neuron", cause="mean-for-sum", first="dL_dx")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w / len(x), dL_dz * x / len(x), dL_dz


@wrong("relu_neuron", cause="no-gate", first="dL_db")
def _(x, w, b, dL_da):
    z = np.sum(x * w) + b
    dL_dz = dL_da if z > 0 else 0.0
    return dL_dz, dL_dz * w, dL_dz * x, dL_da


@right("relu_neuron", form="map")
def _(x, w, b, dL_da):
    gate = float(np.vdot(x, w) + b > 0)
    return map(lambda slope: gate * dL_da * slope, (1.0, w, x, 1.0))


# add_and_multiply, once more


@wrong("add_and_multiply", cause="lost-upstream", first="dL_dv")
def _(u, v, w, dL_ds):
    return dL_ds, dL_ds, dL_ds * v, u


@wrong("add_and_multiply", cause="sign", first="dL_dw")
def _(u, v, w, dL_ds):
    return dL_ds, -dL_ds, dL_ds * v, dL_ds * u


@wrong("add_and_multiply", cause="split-at-add", first="dL_dw")
def _(u, v, w, dL_ds):
    return dL_ds, 0.0, dL_ds * v, dL_ds * u


@wrong("add_and_multiply", cause="value-for-gradient", first="dL_dp")
def _(u, v, w, dL_ds):
    p = u * v
    return p, w, v, u


@wrong("add_and_multiply", cause="right-but-permuted", first="dL_du", also=("own-operand",))
def _(u, v, w, dL_ds):
    return dL_ds, dL_ds, dL_ds * u, dL_ds * v


@right("add_and_multiply", form="dataclass")
def _(u, v, w, dL_ds):
    @dataclass
    class Shares:
        dL_dp: float
        dL_dw: float
        dL_du: float
        dL_dv: float

    return Shares(dL_ds, dL_ds, dL_ds * v, dL_ds * u)


# graph_backward, once more


@wrong("graph_backward", cause="accumulated-twice", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    for _ in range(2):
        grad[len(values) :] = 0
        grad[-1] = 1.0
        for k in reversed(range(len(ops))):
            out = len(values) + k
            name, *at = ops[k]
            slopes = [1, 1] if name == "add" else [nodes[at[-1]], nodes[at[0]]] if name == "mul" else [1 - nodes[out] ** 2]
            for i, slope in zip(at, slopes):
                grad[i] += slope * grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="product-for-factor", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *at = ops[k]
        slopes = [1, 1] if name == "add" else [nodes[out], nodes[out]] if name == "mul" else [1 - nodes[out] ** 2]
        for i, slope in zip(at, slopes):
            grad[i] += slope * grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="multiply-treated-as-add", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *at = ops[k]
        slope = 1 - nodes[out] ** 2 if name == "tanh" else 1
        for i in at:
            grad[i] += slope * grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="index-for-value", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *at = ops[k]
        slopes = [1, 1] if name == "add" else [at[-1], at[0]] if name == "mul" else [1 - nodes[out] ** 2]
        for i, slope in zip(at, slopes):
            grad[i] += slope * grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="right-but-permuted", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *at = ops[k]
        slopes = [1, 1] if name == "add" else [nodes[at[-1]], nodes[at[0]]] if name == "mul" else [1 - nodes[out] ** 2]
        for i, slope in zip(at, slopes):
            grad[i] += slope * grad[out]
    return grad[: len(values)][::-1]


@wrong("graph_backward", cause="paths-multiplied", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.ones(len(nodes))
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *at = ops[k]
        slopes = [1, 1] if name == "add" else [nodes[at[-1]], nodes[at[0]]] if name == "mul" else [1 - nodes[out] ** 2]
        for i, slope in zip(at, slopes):
            grad[i] *= slope * grad[out]
    return grad[: len(values)]


@wrong("graph_backward", cause="lost-upstream", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    for k, (name, *at) in reversed([*enumerate(ops)]):
        if name == "tanh":
            grad[at[0]] += 1 - nodes[len(values) + k] ** 2
        else:
            one, other = at
            grad[one] += nodes[other] if name == "mul" else 1
            grad[other] += nodes[one] if name == "mul" else 1
    return grad[: len(values)]


@wrong("logistic_graph", cause="missing-parentheses", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    yhat = 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))
    dL_dyhat = (yhat - y) / yhat * (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


@wrong("logistic_graph", cause="missing-parentheses", first="dL_dyhat")
def _(x1, x2, w1, w2, b, y):
    yhat = 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))
    dL_dyhat = -y / yhat + 1 - y / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2, dL_dz


# mistakes at unusual places


@wrong("graph_forward", cause="newest-node", first="nodes")
def _(values, ops):
    newest = range(len(values) - 1, len(values) + len(ops))
    return graph_forward(values, [("tanh", last) if op[0] == "tanh" else op for last, op in zip(newest, ops)])


@wrong("graph_forward", cause="operand-twice", first="nodes")
def _(values, ops):
    nodes = list(values)
    for op in ops:
        kind, i = op[0], op[1]
        if kind == "add":
            nodes.append(nodes[i] + nodes[op[2]])
        if kind == "mul":
            nodes.append(nodes[i] * nodes[i])
        if kind == "tanh":
            nodes.append(np.tanh(nodes[i]))
    return np.array(nodes)


@wrong("graph_backward", cause="overwrite", first="dL_dvalues")
def _(values, ops):
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        g, op = grad[len(values) + k], ops[k]
        if op[0] == "add":
            grad[op[1]] = g
            grad[op[2]] = g
        elif op[0] == "mul":
            grad[op[1]] += g * nodes[op[2]]
            grad[op[2]] += g * nodes[op[1]]
        else:
            grad[op[1]] += g * (1 - nodes[len(values) + k] ** 2)
    return grad[: len(values)]


@wrong("graph_backward", cause="kept-in-a-default", first="dL_dvalues")
def _(values, ops, grad={}):  # noqa: B006 - this is the learner's mistake
    nodes = graph_forward(values, ops)
    grad[len(nodes) - 1] = 1.0
    for k in range(len(ops) - 1, -1, -1):
        out, (kind, *_), i, j = len(values) + k, ops[k], ops[k][1], ops[k][-1]
        local = {"add": [(i, 1), (j, 1)], "mul": [(i, nodes[j]), (j, nodes[i])], "tanh": [(i, 1 - nodes[out] ** 2)]}
        for parent, slope in local[kind]:
            grad[parent] = grad.get(parent, 0.0) + grad.get(out, 0.0) * slope
    return np.array([grad.get(k, 0.0) for k in range(len(values))])
