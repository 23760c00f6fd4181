"""Answers to lesson 01, the chain rule."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# basic_slopes


@wrong("basic_slopes", cause="reciprocal-sign", first="dreciprocal_du")
def _(u):
    dreciprocal_du = 1 / u**2
    dlog_du = 1 / u
    return dreciprocal_du, dlog_du


@wrong("basic_slopes", cause="caret-is-not-power", first=None)
def _(u):
    dreciprocal_du = -1 / u ^ 2
    dlog_du = 1 / u
    return dreciprocal_du, dlog_du


@wrong("basic_slopes", cause="function-for-slope", first="dlog_du")
def _(u):
    dreciprocal_du = -1 / u**2
    dlog_du = np.log(u)
    return dreciprocal_du, dlog_du


@wrong("basic_slopes", cause="another-functions-slope", first="dlog_du")
def _(u):
    dreciprocal_du = -1 / u**2
    dlog_du = -1 / u**2
    return dreciprocal_du, dlog_du


@wrong("basic_slopes", cause="wrong-base", first="dlog_du")
def _(u):
    return -1 / u**2, 1 / (u * np.log(10))


@wrong("basic_slopes", cause="forgotten-return", first=None)
def _(u):
    dreciprocal_du = -1 / u**2
    dlog_du = 1 / u
    print(dreciprocal_du, dlog_du)


@wrong("basic_slopes", cause="rounded", first="dreciprocal_du")
def _(u):
    return round(-1 / u**2, 4), round(1 / u, 4)


@wrong("basic_slopes", cause="too-few-values", first=None)
def _(u):
    return -1 / u**2


@wrong("basic_slopes", cause="two-slips", first="dlog_du", unnamed=True)
def _(u):
    return -1 / u**2, -1 / u


@right("basic_slopes", form="dict")
def _(u):
    return {"dlog_du": 1 / u, "dreciprocal_du": -(u**-2)}


@right("basic_slopes", form="list")
def _(u):
    return [-1 / (u * u), 1 / u]


@right("basic_slopes", form="autograd")
def _(u):
    def slope(f, at):
        at = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(at), at)[0]

    return slope(torch.reciprocal, u), slope(torch.log, u)


# activation_slopes


@wrong("activation_slopes", cause="function-for-slope", first="dsigmoid_dv")
def _(v):
    dsigmoid_dv = sigmoid(v)
    dsoftplus_dv = sigmoid(v)
    drelu_dv = 1.0 if v > 0 else 0.0
    return dsigmoid_dv, dsoftplus_dv, drelu_dv


@wrong("activation_slopes", cause="slope-of-z", first="dsigmoid_dv")
def _(v):
    dsigmoid_dv = v * (1 - v)
    dsoftplus_dv = np.exp(v) / (1 + np.exp(v))
    drelu_dv = 1.0 if v > 0 else 0.0
    return dsigmoid_dv, dsoftplus_dv, drelu_dv


@wrong("activation_slopes", cause="slope-of-activation", first="dsigmoid_dv")
def _(v):
    def slope(t):
        return sigmoid(t) * (1 - sigmoid(t))

    return slope(sigmoid(v)), sigmoid(v), 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="sign", first="dsigmoid_dv")
def _(v):
    s = sigmoid(v)
    dsigmoid_dv = s * (1 + s)
    return dsigmoid_dv, s, np.where(v > 0, 1.0, 0.0)


@wrong("activation_slopes", cause="power-lost", first="dsigmoid_dv")
def _(v):
    dsigmoid_dv = np.exp(-v) / (1 + np.exp(-v))
    dsoftplus_dv = np.exp(v) / (1 + np.exp(v))
    return dsigmoid_dv, dsoftplus_dv, np.heaviside(v, 0)


@wrong("activation_slopes", cause="outer-only", first="dsigmoid_dv")
def _(v):
    dsigmoid_dv = -1 / (1 + np.exp(-v)) ** 2
    dsoftplus_dv = np.exp(v) / (1 + np.exp(v))
    return dsigmoid_dv, dsoftplus_dv, 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="inner-sign", first="dsigmoid_dv", also=("sign",))
def _(v):
    dsigmoid_dv = -np.exp(-v) / (1 + np.exp(-v)) ** 2  # the slope of exp(-v) taken as exp(-v)
    dsoftplus_dv = 1 / (1 + np.exp(-v))
    return dsigmoid_dv, dsoftplus_dv, 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="softplus-slope-is-softplus", first="dsoftplus_dv")
def _(v):
    dsigmoid_dv = sigmoid(v) * (1 - sigmoid(v))
    dsoftplus_dv = np.log(1 + np.exp(v))
    drelu_dv = 1.0 if v > 0 else 0.0
    return dsigmoid_dv, dsoftplus_dv, drelu_dv


@wrong("activation_slopes", cause="softplus-slope-is-sigmoid-slope", first="dsoftplus_dv")
def _(v):
    s = sigmoid(v)
    dsigmoid_dv = s * (1 - s)
    dsoftplus_dv = dsigmoid_dv
    return dsigmoid_dv, dsoftplus_dv, 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="outer-only", first="dsoftplus_dv")
def _(v):
    s = sigmoid(v)
    return s * (1 - s), 1 / (1 + np.exp(v)), 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="inner-only", first="dsoftplus_dv")
def _(v):
    s = sigmoid(v)
    dsoftplus_dv = np.exp(v)
    return s * (1 - s), dsoftplus_dv, 1.0 if v > 0 else 0.0


@wrong("activation_slopes", cause="function-for-slope", first="drelu_dv")
def _(v):
    s = sigmoid(v)
    drelu_dv = np.maximum(0, v)
    return s * (1 - s), s, drelu_dv


@wrong("activation_slopes", cause="no-gate", first="drelu_dv")
def _(v):
    s = sigmoid(v)
    drelu_dv = 1.0
    return s * (1 - s), s, drelu_dv


@wrong("activation_slopes", cause="gate-reversed", first="drelu_dv")
def _(v):
    s = sigmoid(v)
    drelu_dv = 0.0 if v > 0 else 1.0
    return s * (1 - s), s, drelu_dv


@wrong("activation_slopes", cause="right-but-permuted", first="dsigmoid_dv")
def _(v):
    s = 1 / (1 + np.exp(-v))
    dsoftplus_dv = s
    dsigmoid_dv = s * (1 - s)
    drelu_dv = 1.0 if v > 0 else 0.0
    return dsoftplus_dv, dsigmoid_dv, drelu_dv


@right("activation_slopes", form="dict")
def _(v):
    s = sigmoid(v)
    return {"drelu_dv": v > 0, "dsoftplus_dv": s, "dsigmoid_dv": s - s**2}


@right("activation_slopes", form="list")
def _(v):
    return [1 / (2 + np.exp(v) + np.exp(-v)), np.exp(v) / (1 + np.exp(v)), (np.sign(v) + 1) / 2]


@right("activation_slopes", form="autograd")
def _(v):
    def slope(f, at):
        at = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(at), at)[0]

    softplus = torch.nn.functional.softplus
    return slope(torch.sigmoid, v), slope(softplus, v), slope(torch.relu, v)


# gears


@wrong("gears", cause="outer-only", first="dy_dx")
def _():
    return 14


@wrong("gears", cause="power-kept", first="dy_dx")
def _():
    return 2 * 7**2 * 3


@wrong("gears", cause="outer-at-inner-slope", first="dy_dx")
def _():
    return 6


@wrong("gears", cause="dropped-link", first="dy_dx", also=("lost-factor-two",))
def _():
    return 21


@wrong("gears", cause="value-not-slope", first="dy_dx")
def _():
    return 49


@wrong("gears", cause="forgotten-return", first=None)
def _():
    print(42)


@right("gears", form="computed")
def _():
    x = 2
    g = 3 * x + 1
    return np.float64(2 * g * 3)


# one_path


@wrong("one_path", cause="outer-only", first="dy_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    dy_dx = dy_dg
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="outer-at-inner-slope", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dg_dx = np.exp(x) + 2 * x
    g = dg_dx
    dy_dg = 3 * g**2
    dy_dx = dy_dg * dg_dx
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="outer-at-inner-slope", first="dy_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    dy_dx = 3 * dg_dx**2
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="dropped-term", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = 2 * x
    dy_dx = dy_dg * dg_dx
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="dropped-term", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x)
    dy_dx = dy_dg * dg_dx
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="power-rule-for-exp", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = x * np.exp(x - 1) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="power-kept", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**3
    dg_dx = np.exp(x) + 2 * x
    dy_dx = dy_dg * dg_dx
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="lost-power-factor", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = g**2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="lost-power-factor", first="dg_dx", also=("lost-factor-two",))
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="power-kept", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x**2
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="another-functions-slope", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 2 * g  # as in the worked example
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="another-functions-slope", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 1
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="links-added", first="dy_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg + dg_dx


@wrong("one_path", cause="links-divided", first="dy_dx")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg / dg_dx


@wrong("one_path", cause="outer-at-x", first="dy_dg")
def _(x):
    dy_dg = 3 * x**2
    dg_dx = np.exp(x) + 2 * x
    dy_dx = dy_dg * dg_dx
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="local-derivative-includes-chain", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dg_dx = np.exp(x) + 2 * x
    dy_dg = 3 * g**2 * dg_dx
    dy_dx = dy_dg
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="right-but-permuted", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dg_dx, dy_dg, dy_dg * dg_dx


@wrong("one_path", cause="right-but-permuted", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dg_dx * dy_dg, dg_dx, dy_dg


@wrong("one_path", cause="caret-is-not-power", first=None)
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 3 * g ^ 2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="placeholder", first="dy_dg")
def _(x):
    dy_dg = 0
    dg_dx = 0
    dy_dx = 0
    return dy_dg, dg_dx, dy_dx


@wrong("one_path", cause="from-another-cell", first="dy_dg", also=("constant",))
def _(x):
    x = 0.7
    g = np.exp(x) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="rounded", first="dy_dg")
def _(x):
    g = np.exp(x) + x**2
    dy_dg = np.round(3 * g**2, 3)
    dg_dx = np.round(np.exp(x) + 2 * x, 3)
    return dy_dg, dg_dx, np.round(dy_dg * dg_dx, 3)


@wrong("one_path", cause="rounded", first="dy_dg")
def _(x):
    g = round(np.exp(x), 2) + x**2
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    return dy_dg, dg_dx, dy_dg * dg_dx


@wrong("one_path", cause="two-slips", first="dy_dg", unnamed=True)
def _(x):
    g = np.exp(x) + x**2
    dy_dg = 2 * g**2
    dg_dx = np.exp(x) + x
    return dy_dg, dg_dx, dy_dg * dg_dx


@right("one_path", form="namedtuple")
def _(x):
    Slopes = namedtuple("Slopes", "dy_dg dg_dx dy_dx")
    g = np.exp(x) + x * x
    return Slopes(3 * g * g, 2 * x + np.exp(x), 3 * g * g * (2 * x + np.exp(x)))


@right("one_path", form="generator")
def _(x):
    g = np.exp(x) + x**2
    slopes = [3 * g**2, np.exp(x) + 2 * x]
    yield from slopes
    yield slopes[0] * slopes[1]


@right("one_path", form="expanded")
def _(x):
    e = np.exp(x)
    dy_dg = 3 * (e**2 + 2 * e * x**2 + x**4)
    return dy_dg, e + 2 * x, dy_dg * e + 2 * x * dy_dg


@right("one_path", form="map")
def _(x):
    g = np.exp(x) + x**2
    return map(float, (3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)))


# long_chain


@wrong("long_chain", cause="dropped-link", first="dy_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dv_du = v
    du_dx = 2 * x
    dy_dx = dy_dv * du_dx
    return dy_dv, dv_du, du_dx, dy_dx


@wrong("long_chain", cause="dropped-link", first="dy_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dv_du = v
    du_dx = 2 * x
    dy_dx = dy_dv * dv_du
    return dy_dv, dv_du, du_dx, dy_dx


@wrong("long_chain", cause="dropped-link", first="dy_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dv_du = v
    du_dx = 2 * x
    dy_dx = dv_du * du_dx
    return dy_dv, dv_du, du_dx, dy_dx


@wrong("long_chain", cause="links-added", first="dy_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv, dv_du, du_dx = y, v, 2 * x
    return dy_dv, dv_du, du_dx, dy_dv + dv_du + du_dx


@wrong("long_chain", cause="off-by-one-link", first="dy_dv")
def _(x):
    u = x**2
    v = np.exp(u)
    dy_dv = v
    dv_du = u
    du_dx = 2 * x
    return dy_dv, dv_du, du_dx, dy_dv * dv_du * du_dx


@wrong("long_chain", cause="wrong-argument", first="dy_dv", also=("off-by-one-link",))
def _(x):
    u = x**2
    v = np.exp(u)
    dy_dv = np.exp(u)
    dv_du = np.exp(u)
    du_dx = 2 * x
    return dy_dv, dv_du, du_dx, dy_dv * dv_du * du_dx


@wrong("long_chain", cause="inner-argument", first="dv_du")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dv_du = np.exp(x)
    du_dx = 2 * x
    return dy_dv, dv_du, du_dx, dy_dv * dv_du * du_dx


@wrong("long_chain", cause="power-rule-for-exp", first="dy_dv")
def _(x):
    u = x**2
    v = np.exp(u)
    dy_dv = v * np.exp(v - 1)
    dv_du = v
    du_dx = 2 * x
    return dy_dv, dv_du, du_dx, dy_dv * dv_du * du_dx


@wrong("long_chain", cause="power-kept", first="du_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    du_dx = 2 * u
    return y, v, du_dx, y * v * du_dx


@wrong("long_chain", cause="lost-factor-two", first="du_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    du_dx = x
    return y, v, du_dx, y * v * du_dx


@wrong("long_chain", cause="right-but-permuted", first="dy_dv")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    du_dx = 2 * x
    dv_du = np.exp(u)
    dy_dv = np.exp(v)
    return du_dx, dv_du, dy_dv, du_dx * dv_du * dy_dv


@wrong("long_chain", cause="right-but-permuted", first="dy_dv")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dx = y * v * 2 * x
    return dy_dx, 2 * x, v, y


@wrong("long_chain", cause="running-product", first="dv_du")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dy_du = dy_dv * v
    dy_dx = dy_du * 2 * x
    return dy_dv, dy_du, dy_dx, dy_dx


@wrong("long_chain", cause="forward-values", first="du_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    return y, v, u, y * v * u


@wrong("long_chain", cause="dropped-link", first="dv_du")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    dy_dv = y
    dv_du = 1
    du_dx = 2 * x
    return dy_dv, dv_du, du_dx, dy_dv * dv_du * du_dx


@wrong("long_chain", cause="wrong-shape", first="dy_dv")
def _(x):
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    return np.array([y]), np.array([v]), np.array([2 * x]), np.array([y * v * 2 * x])


@right("long_chain", form="dataclass")
def _(x):
    @dataclass
    class Links:
        dy_dv: float
        dv_du: float
        du_dx: float
        dy_dx: float

    v = np.exp(x**2)
    return Links(dy_dv=np.exp(v), dv_du=v, du_dx=2 * x, dy_dx=2 * x * np.exp(x**2 + v))


@right("long_chain", form="dict-values")
def _(x):
    slopes = {}
    slopes["dy_dv"] = np.exp(np.exp(x**2))
    slopes["dv_du"] = np.exp(x**2)
    slopes["du_dx"] = 2 * x
    slopes["dy_dx"] = np.prod(list(slopes.values()))
    return slopes.values()


@right("long_chain", form="torch-tensor")
def _(x):
    x = torch.tensor(x, dtype=torch.float64)
    v = torch.exp(x**2)
    links = torch.stack([torch.exp(v), v, 2 * x])
    return torch.cat([links, links.prod().reshape(1)])


# reciprocal_chain


@wrong("reciprocal_chain", cause="reciprocal-sign", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    return 1 / v**2 * v * 2 * x


@wrong("reciprocal_chain", cause="exponent-sign", first="dy_dx")
def _(x):
    return -2 * x * np.exp(x**2)


@wrong("reciprocal_chain", cause="dropped-link", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    dy_dv = -1 / v**2
    dv_dx = v
    return dy_dv * dv_dx


@wrong("reciprocal_chain", cause="dropped-link", first="dy_dx")
def _(x):
    u = x**2
    v = np.exp(u)
    dy_dv = -1 / v**2
    du_dx = 2 * x
    return dy_dv * du_dx


@wrong("reciprocal_chain", cause="dropped-link", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    return -1 / v**2


@wrong("reciprocal_chain", cause="another-functions-slope", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    dy_dv = 1 / v  # the slope of log
    return dy_dv * v * 2 * x


@wrong("reciprocal_chain", cause="power-lost", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    dy_dv = -1 / v
    return dy_dv * v * 2 * x


@wrong("reciprocal_chain", cause="lost-factor-two", first="dy_dx")
def _(x):
    return -x * np.exp(-(x**2))


@wrong("reciprocal_chain", cause="lost-x", first="dy_dx")
def _(x):
    return -2 * np.exp(-(x**2))


@wrong("reciprocal_chain", cause="inner-argument", first="dy_dx")
def _(x):
    u = x**2
    dv_du = np.exp(x)
    dy_dv = -1 / np.exp(u) ** 2
    return dy_dv * dv_du * 2 * x


@wrong("reciprocal_chain", cause="square-of-exponential", first="dy_dx")
def _(x):
    v = np.exp(x) ** 2
    return -1 / v**2 * v * 2 * x


@wrong("reciprocal_chain", cause="minus-squared", first="dy_dx", also=("exponent-sign",))
def _(x):
    dy_dx = -2 * x * np.exp((-x) ** 2)
    return dy_dx


@wrong("reciprocal_chain", cause="reciprocal-of-slope", first="dy_dx")
def _(x):
    dv_dx = 2 * x * np.exp(x**2)
    return 1 / dv_dx


@wrong("reciprocal_chain", cause="function-for-slope", first="dy_dx")
def _(x):
    y = 1 / np.exp(x**2)
    return y


@wrong("reciprocal_chain", cause="float32-too-coarse", first="dy_dx", also=("rounded", "difference-too-coarse"))
def _(x):
    def f(t):
        return 1 / np.exp(t**2)

    h = 1e-3
    return (f(x + h) - f(x)) / h


@right("reciprocal_chain", form="other-algebra")
def _(x):
    return -2 * x * np.exp(-(x**2))


@right("reciprocal_chain", form="zero-dimensional")
def _(x):
    y = 1 / np.exp(np.asarray(x) ** 2)
    return np.array(-(y**2) * (2 * x / y))


@right("reciprocal_chain", form="dict")
def _(x):
    u = x * x
    return {"dy_dx": -2 * x / np.exp(u)}


@right("reciprocal_chain", form="autograd")
def _(x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = 1 / torch.exp(x**2)
    y.backward()
    return x.grad


# inner_partials


@wrong("inner_partials", cause="dropped-link", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = 2 * x * z
    dy_dz = x**2 + 3
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="outer-only", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = np.cos(g)
    dy_dz = np.cos(g)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="inner-argument", first="dy_dg")
def _(x, z):
    dy_dg = np.cos(x)
    return dy_dg, dy_dg * 2 * x * z, dy_dg * (x**2 + 3)


@wrong("inner_partials", cause="dropped-term", first="dy_dz")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = dy_dg * x**2
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="dropped-term", first="dy_dz")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    return dy_dg, dy_dg * 2 * x * z, dy_dg * 3


@wrong("inner_partials", cause="own-operand", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * x**2 * 2 * x
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="lost-other-factor", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="not-held-still", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dg = 2 * x * z + x**2 + 3
    return dy_dg, dy_dg * dg, dy_dg * dg


@wrong("inner_partials", cause="not-held-still", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * (2 * x * z + 3)
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="sign", first="dy_dg")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = -np.cos(g)
    return dy_dg, dy_dg * 2 * x * z, dy_dg * (x**2 + 3)


@wrong("inner_partials", cause="function-for-slope", first="dy_dg")
def _(x, z):
    g = x**2 * z + 3 * z
    y = np.sin(g)
    return y, y * 2 * x * z, y * (x**2 + 3)


@wrong("inner_partials", cause="lost-factor-two", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    return dy_dg, dy_dg * x * z, dy_dg * (x**2 + 3)


@wrong("inner_partials", cause="right-but-permuted", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dz, dy_dx


@wrong("inner_partials", cause="forward-slip", first="dy_dg")
def _(x, z):
    g = x**2 * z + 3
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="outer-at-inner-slope", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = np.cos(2 * x * z)
    dy_dz = np.cos(x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="undefined-name", first=None)
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = cos(g)
    return dy_dg, dy_dg * 2 * x * z, dy_dg * (x**2 + 3)


@right("inner_partials", form="array")
def _(x, z):
    outer = np.cos(z * (x**2 + 3))
    return outer * np.array([1, 2 * x * z, x * x + 3])


@right("inner_partials", form="complex-step")
def _(x, z):
    def f(x, z):
        return np.sin(x**2 * z + 3 * z)

    tiny = 1e-30
    return np.cos(x**2 * z + 3 * z), f(x + 1j * tiny, z).imag / tiny, f(x, z + 1j * tiny).imag / tiny


# two_paths


@wrong("two_paths", cause="one-path", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g - np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    dy_dx = dy_dg * dg_dx
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="one-path", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g - np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    dy_dx = dy_dh * dh_dx
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="overwrite", first="dy_dx", also=("one-path",))
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    for outer, inner in ((dy_dg, dg_dx), (dy_dh, dh_dx)):
        dy_dx = outer * inner
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="paths-multiplied", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx * dy_dh * dh_dx


@wrong("two_paths", cause="crossed-paths", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dh_dx + dy_dh * dg_dx


@wrong("two_paths", cause="inner-slopes-left-out", first="dy_dx", also=("outer-only",))
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg + dy_dh


@wrong("two_paths", cause="paths-subtracted", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx - dy_dh * dh_dx


@wrong("two_paths", cause="absolute-paths", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, abs(dy_dg * dg_dx) + abs(dy_dh * dh_dx)


@wrong("two_paths", cause="paths-averaged", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, np.mean([dy_dg * dg_dx, dy_dh * dh_dx])


@wrong("two_paths", cause="own-operand", first="dy_dg")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = g
    dy_dh = g - np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="own-operand", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = h - np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="dropped-term", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g
    dg_dx = 2
    dh_dx = 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="dropped-term", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = -np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="sign", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g + np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="inner-argument", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g - np.sin(x)
    return dy_dg, dy_dh, 2, 3 * x**2, dy_dg * 2 + dy_dh * 3 * x**2


@wrong("two_paths", cause="another-functions-slope", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg = h
    dy_dh = g - np.cos(h)  # from the worked example
    return dy_dg, dy_dh, 2, 3 * x**2, dy_dg * 2 + dy_dh * 3 * x**2


@wrong("two_paths", cause="constant-kept", first="dg_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2 - 1, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="function-for-slope", first="dg_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2 * x, 3 * x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="power-kept", first="dh_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**3
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="lost-power-factor", first="dh_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, x**2
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="right-but-permuted", first="dy_dh")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    return dy_dg, dg_dx, dy_dh, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@wrong("two_paths", cause="right-but-permuted", first="dy_dg")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = dy_dg * dg_dx + dy_dh * dh_dx
    return dy_dx, dy_dg, dg_dx, dy_dh, dh_dx


@wrong("two_paths", cause="two-slips", first="dy_dh", unnamed=True)
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g + np.sin(h), 2, 3 * x
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx


@right("two_paths", form="dict")
def _(x):
    slopes = dict(dy_dg=x**3, dy_dh=2 * x - 1 - np.sin(x**3), dg_dx=2, dh_dx=3 * x**2)
    slopes["dy_dx"] = 8 * x**3 - 3 * x**2 - 3 * x**2 * np.sin(x**3)
    return slopes


@right("two_paths", form="dot-product")
def _(x):
    outer = np.array([x**3, 2 * x - 1 - np.sin(x**3)])
    inner = np.array([2.0, 3 * x**2])
    return *outer, *inner, outer @ inner


@right("two_paths", form="mixed-types")
def _(x):
    g, h = 2 * x - 1, x**3
    dh_dx = torch.tensor(3 * x**2, dtype=torch.float64)
    return [np.array(h), np.float64(g - np.sin(h)), 2, dh_dx, 2 * h + (g - np.sin(h)) * dh_dx.item()]


# three_sigmoids


@wrong("three_sigmoids", cause="no-activation-slope", first="dL_dw3")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    dL_dw3 = dL_dyhat * h2
    dL_dh2 = dL_dyhat * w3
    dL_dw2 = dL_dh2 * h1
    dL_dh1 = dL_dh2 * w2
    dL_dw1 = dL_dh1 * x
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1


@wrong("three_sigmoids", cause="no-activation-slope", first="dL_dw2")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = delta3 * h2
    dL_dh2 = delta3 * w3
    dL_dw2 = dL_dh2 * h1
    dL_dh1 = dL_dh2 * w2
    dL_dw1 = dL_dh1 * h1 * (1 - h1) * x
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1


@wrong("three_sigmoids", cause="no-activation-slope", first="dL_dw1")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta2 * w2 * x


@wrong("three_sigmoids", cause="slope-of-z", first="dL_dw3")
def _(x, w1, w2, w3, y):
    z1 = w1 * x
    h1 = sigmoid(z1)
    z2 = w2 * h1
    h2 = sigmoid(z2)
    z3 = w3 * h2
    yhat = sigmoid(z3)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * z3 * (1 - z3)
    dL_dh2 = dL_dz3 * w3
    dL_dz2 = dL_dh2 * z2 * (1 - z2)
    dL_dh1 = dL_dz2 * w2
    dL_dz1 = dL_dh1 * z1 * (1 - z1)
    return dL_dyhat, dL_dz3 * h2, dL_dh2, dL_dz2 * h1, dL_dh1, dL_dz1 * x


@wrong("three_sigmoids", cause="slope-of-activation", first="dL_dw3")
def _(x, w1, w2, w3, y):
    def slope(z):
        return sigmoid(z) * (1 - sigmoid(z))

    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * slope(yhat)
    delta2 = delta3 * w3 * slope(h2)
    delta1 = delta2 * w2 * slope(h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="other-unit", first="dL_dw2")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h1 * (1 - h1)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="off-by-one-layer", first="dL_da2", also=("other-unit",))
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = delta3 * h2
    dL_dh2 = delta3 * w2
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dw2 = delta2 * h1
    dL_dh1 = delta2 * w1
    delta1 = dL_dh1 * h1 * (1 - h1)
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, delta1 * x


@wrong("three_sigmoids", cause="own-operand", first="dL_dw3")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = delta3 * w3
    dL_dh2 = delta3 * h2
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dw2 = delta2 * w2
    dL_dh1 = delta2 * h1
    delta1 = dL_dh1 * h1 * (1 - h1)
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, delta1 * w1


@wrong("three_sigmoids", cause="own-operand", first="dL_dw1")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * w1


@wrong("three_sigmoids", cause="no-outgoing-weight", first="dL_da2")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dh2 = delta3
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dh1 = delta2
    delta1 = dL_dh1 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, dL_dh2, delta2 * h1, dL_dh1, delta1 * x


@wrong("three_sigmoids", cause="no-outgoing-weight", first="dL_da1")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dh2 = delta3 * w3
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dh1 = delta2
    delta1 = dL_dh1 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, dL_dh2, delta2 * h1, dL_dh1, delta1 * x


@wrong("three_sigmoids", cause="reversed-residual", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (y - yhat)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="lost-factor-two", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = yhat - y
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="squared-residual-kept", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y) ** 2
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="wrong-loss", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="lost-upstream", first="dL_dw3")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    dL_dw3 = yhat * (1 - yhat) * h2
    dL_dh2 = yhat * (1 - yhat) * w3
    dL_dw2 = dL_dh2 * h2 * (1 - h2) * h1
    dL_dh1 = dL_dh2 * h2 * (1 - h2) * w2
    dL_dw1 = dL_dh1 * h1 * (1 - h1) * x
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1


@wrong("three_sigmoids", cause="lost-upstream", first="dL_dw2")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    dL_dw3 = dL_dyhat * yhat * (1 - yhat) * h2
    dL_dh2 = dL_dyhat * yhat * (1 - yhat) * w3
    dL_dw2 = h2 * (1 - h2) * h1
    dL_dh1 = dL_dh2 * h2 * (1 - h2) * w2
    dL_dw1 = dL_dh1 * h1 * (1 - h1) * x
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1


@wrong("three_sigmoids", cause="input-for-activation", first="dL_dw3")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * x, delta3 * w3, delta2 * x, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="pre-activation-for-activation", first="dL_dw3")
def _(x, w1, w2, w3, y):
    z1 = w1 * x
    h1 = sigmoid(z1)
    z2 = w2 * h1
    h2 = sigmoid(z2)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * z2, delta3 * w3, delta2 * z1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="slope-twice", first="dL_da2")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dh2 = delta3 * w3 * h2 * (1 - h2)
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dh1 = delta2 * w2 * h1 * (1 - h1)
    delta1 = dL_dh1 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, dL_dh2, delta2 * h1, dL_dh1, delta1 * x


@wrong("three_sigmoids", cause="forward-copy-paste", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w2 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="right-but-permuted", first="dL_dyhat")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return delta1 * x, delta2 * w2, delta2 * h1, delta3 * w3, delta3 * h2, dL_dyhat


@wrong("three_sigmoids", cause="right-but-permuted", first="dL_dw3", also=("own-operand",))
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * w3, delta3 * h2, delta2 * w2, delta2 * h1, delta1 * x


@wrong("three_sigmoids", cause="sign", first="dL_dw3")
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (yhat - 1)
    delta2 = delta3 * w3 * h2 * (h2 - 1)
    delta1 = delta2 * w2 * h1 * (h1 - 1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@wrong("three_sigmoids", cause="two-slips", first="dL_dw2", unnamed=True)
def _(x, w1, w2, w3, y):
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * (1 - h2)
    delta1 = delta2 * w1 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@right("three_sigmoids", form="float32")
def _(x, w1, w2, w3, y):
    x, w1, w2, w3, y = np.array([x, w1, w2, w3, y], dtype=np.float32)
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    delta2 = delta3 * w3 * h2 * (1 - h2)
    delta1 = delta2 * w2 * h1 * (1 - h1)
    return dL_dyhat, delta3 * h2, delta3 * w3, delta2 * h1, delta2 * w2, delta1 * x


@right("three_sigmoids", form="autograd")
def _(x, w1, w2, w3, y):
    w1, w2, w3 = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in (w1, w2, w3))
    h1 = torch.sigmoid(w1 * x)
    h2 = torch.sigmoid(w2 * h1)
    yhat = torch.sigmoid(w3 * h2)
    L = (yhat - y) ** 2
    return torch.autograd.grad(L, (yhat, w3, h2, w2, h1, w1))


@right("three_sigmoids", form="each-from-scratch")
def _(x, w1, w2, w3, y):
    def slope(z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2

    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    error = 2 * sigmoid(w3 * h2) - 2 * y
    dL_dw3 = error * slope(w3 * h2) * h2
    dL_dw2 = error * slope(w3 * h2) * w3 * slope(w2 * h1) * h1
    dL_dw1 = error * slope(w3 * h2) * w3 * slope(w2 * h1) * w2 * slope(w1 * x) * x
    return error, dL_dw3, error * slope(w3 * h2) * w3, dL_dw2, error * slope(w3 * h2) * w3 * slope(w2 * h1) * w2, dL_dw1


# sigmoid_chain


@wrong("sigmoid_chain", cause="off-by-one-layer", first="dL_dw", also=("other-unit",))
def _(x, w, y):
    activations = [x]
    for weight in w:
        activations.append(1 / (1 + np.exp(-weight * activations[-1])))
    g, dL_dw = 2 * (activations[-1] - y), np.zeros(len(w))
    for k in range(len(w) - 1, -1, -1):
        slope = activations[k + 1] * (1 - activations[k + 1])
        g = g * slope * w[k]
        dL_dw[k] = g * slope * activations[k]
    return dL_dw


@wrong("sigmoid_chain", cause="no-hidden-slope", first="dL_dw")
def _(x, w, y):
    activations = [x]
    for weight in w:
        activations.append(1 / (1 + np.exp(-weight * activations[-1])))
    g, dL_dw = 2 * (activations[-1] - y), np.zeros(len(w))
    for k in range(len(w) - 1, -1, -1):
        out = activations[k + 1]
        dL_dw[k] = g * out * (1 - out) * activations[k]
        g = g * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="no-activation-slope", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in range(len(w) - 1, -1, -1):
        dL_dw[k] = dL_dh * h[k]
        dL_dh = dL_dh * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="no-outgoing-weight", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta
    return dL_dw


@wrong("sigmoid_chain", cause="off-by-one-layer", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k] * (1 - h[k])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="own-output", first="dL_dw", also=("off-by-one-layer",))
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k + 1]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="own-operand", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * w[k]
        dL_dh = delta * h[k]
    return dL_dw


@wrong("sigmoid_chain", cause="slope-of-z", first="dL_dw")
def _(x, w, y):
    h, z = [x], []
    for wk in w:
        z.append(wk * h[-1])
        h.append(sigmoid(z[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * z[k] * (1 - z[k])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="slope-of-activation", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * sigmoid(h[k + 1]) * (1 - sigmoid(h[k + 1]))
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="lost-factor-two", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    grads = []
    dL_dh = h[-1] - y
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        grads.insert(0, delta * h[k])
        dL_dh = delta * w[k]
    return np.array(grads)


@wrong("sigmoid_chain", cause="reversed-residual", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    grads = []
    dL_dh = 2 * (y - h[-1])
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        grads.insert(0, delta * h[k])
        dL_dh = delta * w[k]
    return np.array(grads)


@wrong("sigmoid_chain", cause="right-but-permuted", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    grads = []
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        grads.append(delta * h[k])
        dL_dh = delta * w[k]
    return np.array(grads)


@wrong("sigmoid_chain", cause="not-handed-on", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dyhat = 2 * (h[-1] - y)
    dL_dw = np.zeros(len(w))
    for k in range(len(w)):
        dL_dw[k] = dL_dyhat * h[k + 1] * (1 - h[k + 1]) * h[k]
    return dL_dw


@wrong("sigmoid_chain", cause="other-unit", first="dL_dw", also=("off-by-one-layer",))
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k - 1]
    return dL_dw


@wrong("sigmoid_chain", cause="wrong-loss", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    delta = h[-1] - y
    for k in reversed(range(len(w))):
        dL_dw[k] = delta * h[k]
        delta = delta * w[k] * h[k] * (1 - h[k])
    return dL_dw


@wrong("sigmoid_chain", cause="lost-upstream", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 1.0
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="input-for-activation", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * x
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="loop-stops-early", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in range(len(w) - 1, 0, -1):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="wrong-forward", first="dL_dw", also=("input-for-activation",))
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * x))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="index-error", first=None)
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w) + 1)):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="kept-dimension", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros((len(w), 1))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="return-in-loop", first="dL_dw")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
        return dL_dw


@right("sigmoid_chain", form="list")
def _(x, w, y):
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    shares, dL_dh = [], 2 * (h.pop() - y)
    after = sigmoid(w[-1] * h[-1])
    for wk in w[::-1]:
        before = h.pop()
        delta = dL_dh * after * (1 - after)
        shares.append(delta * before)
        dL_dh, after = delta * wk, before
    return shares[::-1]


@right("sigmoid_chain", form="recursive")
def _(x, w, y):
    grads = np.zeros_like(w)

    def back(k, h):
        if k == len(w):
            return 2 * (h - y)
        out = sigmoid(w[k] * h)
        delta = back(k + 1, out) * out * (1 - out)
        grads[k] = delta * h
        return delta * w[k]

    back(0, x)
    return grads


@right("sigmoid_chain", form="vectorised")
def _(x, w, y):
    h = np.empty(len(w) + 1)
    h[0] = x
    for k, wk in enumerate(w):
        h[k + 1] = sigmoid(wk * h[k])
    slopes = h[1:] * (1 - h[1:])
    factors = np.append((slopes * w)[1:], 2 * (h[-1] - y))
    return np.cumprod(factors[::-1])[::-1] * slopes * h[:-1]


@right("sigmoid_chain", form="in-place-on-own-copy")
def _(x, w, y):
    grad = w.copy()
    h = [x]
    for wk in w:
        h.append(sigmoid(wk * h[-1]))
    g = 2 * (h[-1] - y)
    for k in range(len(w))[::-1]:
        g *= h[k + 1] - h[k + 1] ** 2
        grad[k], g = g * h[k], g * w[k]
    return torch.from_numpy(grad)


# central_difference


@wrong("central_difference", cause="missing-parentheses", first="dy_dx")
def _(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


@wrong("central_difference", cause="precedence-of-division", first="dy_dx")
def _(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@wrong("central_difference", cause="divided-by-h", first="dy_dx")
def _(f, x, h):
    return (f(x + h) - f(x - h)) / h


@wrong("central_difference", cause="one-sided", first="dy_dx")
def _(f, x, h):
    return (f(x + h) - f(x)) / h


@wrong("central_difference", cause="one-sided", first="dy_dx")
def _(f, x, h):
    return (f(x) - f(x - h)) / h


@wrong("central_difference", cause="one-sided-over-two-h", first="dy_dx")
def _(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


@wrong("central_difference", cause="sign", first="dy_dx")
def _(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@wrong("central_difference", cause="sum-for-difference", first="dy_dx")
def _(f, x, h):
    return (f(x + h) + f(x - h)) / (2 * h)


@wrong("central_difference", cause="not-divided", first="dy_dx")
def _(f, x, h):
    return f(x + h) - f(x - h)


@wrong("central_difference", cause="h-ignored", first="dy_dx")
def _(f, x, h):
    h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong("central_difference", cause="half-step", first="dy_dx")
def _(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / h


@wrong("central_difference", cause="difference-of-arguments", first="dy_dx")
def _(f, x, h):
    return f((x + h) - (x - h)) / (2 * h)


@wrong("central_difference", cause="second-difference", first="dy_dx")
def _(f, x, h):
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


@wrong("central_difference", cause="function-not-called", first=None)
def _(f, x, h):
    return (f * (x + h) - f * (x - h)) / (2 * h)


@right("central_difference", form="average-of-two-sides")
def _(f, x, h):
    return 0.5 * ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h)


@right("central_difference", form="numpy-diff")
def _(f, x, h):
    points = np.array([x - h, x + h])
    return np.diff([f(point) for point in points])[0] / (2 * h)


@right("central_difference", form="dict")
def _(f, x, h):
    up, down = map(f, (x + h, x - h))
    return {"dy_dx": (up - down) / h / 2}


# three_sigmoids, once more


@wrong("three_sigmoids", cause="no-activation-slope", first="dL_dw3")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dw3 = dL_dyhat * a2
    dL_da2 = dL_dyhat * yhat * (1 - yhat) * w3
    dL_dw2 = dL_da2 * a2 * (1 - a2) * a1
    dL_da1 = dL_da2 * a2 * (1 - a2) * w2
    dL_dw1 = dL_da1 * a1 * (1 - a1) * x
    return dL_dyhat, dL_dw3, dL_da2, dL_dw2, dL_da1, dL_dw1


@wrong("three_sigmoids", cause="slope-of-z", first="dL_dw2")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    z2 = w2 * a1
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * z2 * (1 - z2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="slope-of-activation", first="dL_dw1")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    s = sigmoid(a1)
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * s * (1 - s) * x


@wrong("three_sigmoids", cause="own-operand", first="dL_dw2")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * w2, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="other-unit", first="dL_dw3")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a1, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="other-unit", first="dL_dw2")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a2, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="other-unit", first="dL_da1")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w3
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="lost-upstream", first="dL_dw1")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="skipped-link", first="dL_dw1")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da2 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="lost-x", first="dL_dw1", also=("bias-equals-weight",))
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1)


@wrong("three_sigmoids", cause="half-of-a-slope", first="dL_dw2")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="sign", first="dL_dw1")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 * w2
    return dL_dyhat, dL_dz3 * a2, dL_da2, dL_dz2 * a1, dL_da1, -dL_da1 * a1 * (1 - a1) * x


@wrong("three_sigmoids", cause="links-added", first="dL_da2")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = dL_dz3 * a2
    dL_da2 = dL_dz3 + w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_da1 = dL_dz2 + w2
    return dL_dyhat, dL_dw3, dL_da2, dL_dz2 * a1, dL_da1, dL_da1 * a1 * (1 - a1) * x


@right("three_sigmoids", form="logspace")
def _(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    slopes = np.array([a1, a2, yhat]) * (1 - np.array([a1, a2, yhat]))
    back3 = dL_dyhat * slopes[2]
    back2 = back3 * w3 * slopes[1]
    back1 = back2 * w2 * slopes[0]
    return dict(dL_dw1=back1 * x, dL_da1=back2 * w2, dL_dw2=back2 * a1, dL_da2=back3 * w3, dL_dw3=back3 * a2, dL_dyhat=dL_dyhat)


# inner_partials, once more


@wrong("inner_partials", cause="own-operand", first="dy_dz")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = dy_dg * (z + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="inner-argument", first="dy_dz")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = np.cos(z) * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="dropped-link", first="dy_dz")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = x**2 + 3
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="power-kept", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x**2 * z
    dy_dz = dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@wrong("inner_partials", cause="outer-twice", first="dy_dx")
def _(x, z):
    g = x**2 * z + 3 * z
    dy_dg = np.cos(g)
    dy_dx = dy_dg * dy_dg * 2 * x * z
    dy_dz = dy_dg * dy_dg * (x**2 + 3)
    return dy_dg, dy_dx, dy_dz


@right("inner_partials", form="numpy-gradient-table")
def _(x, z):
    g = z * (3 + x * x)
    slopes = np.cos(g) * np.array([[1.0], [2 * x * z], [3 + x * x]])
    return slopes.ravel().tolist()


# two_paths, once more


@wrong("two_paths", cause="outer-only", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = dy_dg * dg_dx + dy_dh
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="own-operand", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = g * dg_dx + dy_dh * dh_dx
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="path-counted-twice", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = dy_dg * dg_dx + dy_dh * dh_dx + dy_dg * dg_dx
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="product-of-sums", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = (dy_dg + dy_dh) * (dg_dx + dh_dx)
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


@wrong("two_paths", cause="dropped-term", first="dy_dx")
def _(x):
    g = 2 * x - 1
    h = x**3
    dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 2, 3 * x**2
    dy_dx = dy_dg * dg_dx + g * dh_dx
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


# sigmoid_chain, once more


@wrong("sigmoid_chain", cause="squared-residual-kept", first="dL_dw")
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da = 2 * (a[-1] - y) ** 2
    for k in reversed(range(len(w))):
        delta = dL_da * a[k + 1] * (1 - a[k + 1])
        dL_dw[k] = delta * a[k]
        dL_da = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="slope-twice", first="dL_dw")
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da = 2 * (a[-1] - y) * a[-1] * (1 - a[-1])
    for k in reversed(range(len(w))):
        delta = dL_da * a[k + 1] * (1 - a[k + 1])
        dL_dw[k] = delta * a[k]
        dL_da = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="no-activation-slope", first="dL_dw")
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    delta = 2 * (a[-1] - y)
    for k in reversed(range(len(w))):
        dL_dw[k] = delta * a[k]
        delta = delta * w[k] * a[k] * (1 - a[k])
    return dL_dw


@wrong("sigmoid_chain", cause="delta-without-slope-for-weight", first="dL_dw")
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da = 2 * (a[-1] - y)
    for k in reversed(range(len(w))):
        dL_dw[k] = dL_da * a[k]
        dL_da = dL_da * a[k + 1] * (1 - a[k + 1]) * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="lost-activation", first="dL_dw", also=("bias-equals-weight",))
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da = 2 * (a[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_da * a[k + 1] * (1 - a[k + 1])
        dL_dw[k] = delta
        dL_da = delta * w[k]
    return dL_dw


@wrong("sigmoid_chain", cause="running-sum-of-gradients", first="dL_dw", also=("not-cleared",))
def _(x, w, y):
    a = [x]
    for wk in w:
        a.append(sigmoid(wk * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da, total = 2 * (a[-1] - y), 0.0
    for k in reversed(range(len(w))):
        delta = dL_da * a[k + 1] * (1 - a[k + 1])
        total += delta * a[k]
        dL_dw[k] = total
        dL_da = delta * w[k]
    return dL_dw


# reciprocal_chain, once more


@wrong("reciprocal_chain", cause="outer-at-inner-slope", first="dy_dx")
def _(x):
    du_dx = 2 * x
    return -1 / np.exp(du_dx)


@wrong("reciprocal_chain", cause="quotient-rule-slip", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    return (0 * v + 1 * 2 * x * v) / v**2


@wrong("reciprocal_chain", cause="dropped-link", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    dv_dx = v * 2 * x
    return dv_dx


@wrong("reciprocal_chain", cause="links-added", first="dy_dx")
def _(x):
    v = np.exp(x**2)
    return -1 / v**2 + v + 2 * x


@wrong("reciprocal_chain", cause="square-of-the-exponential", first="dy_dx")
def _(x):
    v = np.exp(x) ** 2
    return -1 / v**2 * 2 * v


@wrong("reciprocal_chain", cause="inner-argument", first="dy_dx")
def _(x):
    u = x**2
    dy_dv = -1 / u**2
    return dy_dv * np.exp(u) * 2 * x


@wrong("sigmoid_chain", cause="forward-order", first="dL_dw")
def _(x, w, y):
    a = [x]
    for weight in w:
        a.append(sigmoid(weight * a[-1]))
    dL_dw, arriving = [], 2 * (a[-1] - y)
    for k, weight in enumerate(w):
        dL_dz = arriving * a[k + 1] * (1 - a[k + 1])
        dL_dw.append(dL_dz * a[k])
        arriving = dL_dz * weight
    return np.array(dL_dw)


@wrong("central_difference", cause="half-steps", first="dy_dx")
def _(f, x, h):
    right_of_x, left_of_x = x + h / 2, x - h / 2
    return (f(right_of_x) - f(left_of_x)) / (2 * h)


@wrong("relative_error", cause="smaller-size", first="e")
def _(p, q, floor):
    return abs(p - q) / max(floor, min(abs(p), abs(q)))


@wrong("relative_error", cause="floor-for-zeros-only", first="e")
def _(p, q, floor):
    largest = max(abs(p), abs(q))
    return abs(p - q) / largest if largest else 0


@wrong("relative_error", cause="sizes-compared", first="e")
def _(p, q, floor):
    p, q = abs(p), abs(q)
    return abs(p - q) / max(p, q, floor)


@wrong("relative_error", cause="floor-on-the-error", first="e")
def _(p, q, floor):
    difference = max(abs(p - q), floor)
    return difference / max(abs(p), abs(q), floor)


@right("relative_error", form="sorted")
def _(p, q, floor):
    return {"e": abs(q - p) / sorted([abs(p), abs(q), floor])[-1]}


@wrong("one_path", cause="terms-multiplied", first="dg_dx")
def _(x):
    g = np.exp(x) + x**2
    dg_dx = 2 * x * np.exp(x)
    return 3 * g**2, dg_dx, 3 * g**2 * dg_dx


@wrong("long_chain", cause="inner-argument", first="dy_dv")
def _(x):
    slopes = [np.exp(x), np.exp(x), 2 * x]
    return *slopes, np.prod(slopes)


@wrong("relative_error", cause="sum-for-max", first="e")
def _(p, q, floor):
    return abs(p - q) / sum([abs(p), abs(q), floor])
