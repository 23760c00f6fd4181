"""Answers to lesson 04, many paths."""

import itertools
from collections import namedtuple
from dataclasses import dataclass
from functools import reduce
from operator import mul

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    exponentials = np.exp(z - z.max())
    return exponentials / exponentials.sum()


def network(x, W1, W2, y):
    z1 = W1 @ x
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ a1
    yhat = softmax(z2)
    return z1, a1, z2, yhat, ((yhat - y) ** 2).sum()


def softmax_jacobian(z):
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


# three_paths


@wrong("three_paths", cause="one-path", first="dL_dw")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    dL_dw = dL_dw_by_path[0]
    return dL_dw_by_path, dL_dw


@wrong("three_paths", cause="overwrite", first="dL_dw", also=("one-path",))
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    shares = []
    for k in range(3):
        dL_dw = dL_dz * v[k] * a2[k] * (1 - a2[k]) * u[k] * a1 * (1 - a1) * x
        shares.append(dL_dw)
    return np.array(shares), dL_dw


@wrong("three_paths", cause="paths-multiplied", first="dL_dw")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, np.prod(dL_dw_by_path)


@wrong("three_paths", cause="absolute-paths", first="dL_dw")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, np.abs(dL_dw_by_path).sum()


@wrong("three_paths", cause="paths-averaged", first="dL_dw")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.mean()


@wrong("three_paths", cause="largest-path", first="dL_dw")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.max()


@wrong("three_paths", cause="no-activation-slope", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="no-hidden-slope", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="no-hidden-slope", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="no-outgoing-weight", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="no-outgoing-weight", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="lost-x", first="dL_dw_by_path", also=("bias-equals-weight",))
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1)
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="own-operand", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * w
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="own-operand", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * a1 * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="other-unit", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2[0] * (1 - a2[0]) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="other-unit", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v[::-1] * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="reversed-residual", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (y - yhat) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="lost-factor-two", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="wrong-loss", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = yhat - y
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="slope-of-z", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    z2 = u * a1
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * z2 * (1 - z2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="paths-merged-at-output", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_da1 = np.sum(dL_dz * v * a2 * (1 - a2) * u)
    dL_dw = dL_da1 * a1 * (1 - a1) * x
    return np.array([dL_dw, dL_dw, dL_dw]), dL_dw


@wrong("three_paths", cause="divided-by-three", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw = np.sum(dL_dz * v * a2 * (1 - a2) * u) * a1 * (1 - a1) * x
    return np.full(3, dL_dw / 3), dL_dw


@wrong("three_paths", cause="right-but-permuted", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    shares = [dL_dz * v[k] * a2[k] * (1 - a2[k]) * u[k] * a1 * (1 - a1) * x for k in (2, 1, 0)]
    return np.array(shares), sum(shares)


@wrong("three_paths", cause="two-slips", first="dL_dw_by_path", unnamed=True)
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 + a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@right("three_paths", form="list")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    before = x * a1 * (1 - a1)
    after = 2 * (yhat - y) * yhat * (1 - yhat)
    shares = [float(before * uk * ak * (1 - ak) * vk * after) for uk, vk, ak in zip(u, v, a2)]
    return shares, sum(shares)


@right("three_paths", form="copies-and-autograd")
def _(x, w, u, v, y):
    copies = torch.full((3,), w, dtype=torch.float64, requires_grad=True)
    a2 = torch.sigmoid(torch.tensor(u) * torch.sigmoid(copies * x))
    ((torch.sigmoid((torch.tensor(v) * a2).sum()) - y) ** 2).backward()
    return {"dL_dw_by_path": copies.grad, "dL_dw": copies.grad.sum()}


# softmax_jacobian


@wrong("softmax_jacobian", cause="elementwise-softmax", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p * (1 - p))


@wrong("softmax_jacobian", cause="elementwise-softmax", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return p * (1 - p)


@wrong("softmax_jacobian", cause="softmax-offdiagonal-sign", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p))
    return J


@wrong("softmax_jacobian", cause="diagonal-as-offdiagonal", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return -np.outer(p, p)


@wrong("softmax_jacobian", cause="outer-added", first="dyhat_dz", also=("softmax-offdiagonal-sign",))
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p) + np.outer(p, p)


@wrong("softmax_jacobian", cause="sign", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.outer(p, p) - np.diag(p)


@wrong("softmax_jacobian", cause="denominator-held-still", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p)


@wrong("softmax_jacobian", cause="identity-for-diagonal", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.eye(len(p)) - np.outer(p, p)


@wrong("softmax_jacobian", cause="row-scaled-twice", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    n = len(p)
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            J[i, j] = p[i] * (1 - p[j])
    return J


@wrong("softmax_jacobian", cause="row-scaled-by-one", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    n = len(p)
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            J[i, j] = (i == j) - p[j]
    return J


@wrong("softmax_jacobian", cause="dot-for-outer", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p) - p @ p.T


@wrong("softmax_jacobian", cause="slope-of-z", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(z) - np.outer(z, z)


@wrong("softmax_jacobian", cause="exponentials-not-normalised", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    return np.diag(p) - np.outer(p, p)


@wrong("softmax_jacobian", cause="stray-logit", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = -np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p) * (z - z.sum()))
    return J


@wrong("softmax_jacobian", cause="diagonal-forgotten", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = -np.outer(p, p)
    np.fill_diagonal(J, 0)
    return J


@wrong("softmax_jacobian", cause="first-output-only", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = np.diag(p) - np.outer(p, p)
    return J[0]


@wrong("softmax_jacobian", cause="absolute-paths", first="dyhat_dz", also=("softmax-offdiagonal-sign",))
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.abs(np.diag(p) - np.outer(p, p))


@wrong("softmax_jacobian", cause="another-functions-slope", first="dyhat_dz")
def _(z):
    s = 1 / (1 + np.exp(-z))
    return np.diag(s * (1 - s))


@wrong("softmax_jacobian", cause="kept-dimension", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return (np.diag(p) - np.outer(p, p))[None]


@wrong("softmax_jacobian", cause="two-slips", first="dyhat_dz", unnamed=True)
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    n = len(p)
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            J[i, j] = p[i] * (1 + p[i]) if i == j else p[i] * p[j] / 2
    return J


@right("softmax_jacobian", form="loops")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    n = len(p)
    J = np.empty((n, n))
    for i, j in itertools.product(range(n), repeat=2):
        J[i, j] = p[i] * ((i == j) - p[j])
    return J.tolist()


@right("softmax_jacobian", form="broadcasting")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return p[:, None] * (np.eye(p.size) - p[None, :])


@right("softmax_jacobian", form="autograd")
def _(z):
    return torch.autograd.functional.jacobian(lambda t: torch.softmax(t, 0), torch.tensor(z))


@right("softmax_jacobian", form="pairwise")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = [[-pi * pj for pj in p] for pi in p]
    for i, pi in enumerate(p):
        J[i][i] += pi
    return J


# count_by_eye


@wrong("count_by_eye", cause="one-path-per-logit", first="paths")
def _():
    return 2


@wrong("count_by_eye", cause="output-counted-not", first="paths")
def _():
    return 3


@wrong("count_by_eye", cause="all-paths-of-the-network", first="paths")
def _():
    return 16


@wrong("count_by_eye", cause="all-paths-of-the-network", first="paths")
def _():
    return 64


@wrong("count_by_eye", cause="one-path", first="paths")
def _():
    return 1


@wrong("count_by_eye", cause="paths-and-units", first="paths")
def _():
    return 8


@wrong("count_by_eye", cause="edges-counted", first="paths")
def _():
    return 5


@right("count_by_eye", form="computed")
def _():
    logits, outputs = 2, 2
    return logits * outputs


# softmax_output_layer


@wrong("softmax_output_layer", cause="no-softmax-slope", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="cross-entropy-shortcut", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = yhat - y
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="elementwise-softmax", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="softmax-offdiagonal-sign", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    J = np.outer(yhat, yhat)
    np.fill_diagonal(J, yhat * (1 - yhat))
    dL_dz2 = J @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="softmax-offdiagonal-sign", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = yhat * (dL_dyhat + yhat @ dL_dyhat)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="transposed-outer", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(a1, dL_dz2)


@wrong("softmax_output_layer", cause="first-output-only", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2)[0] * dL_dyhat[0]
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="loss-sign", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (y - yhat)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="lost-factor-two", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = yhat - y
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="mean-for-sum", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y) / len(y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="wrong-loss", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = -y / yhat
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="other-unit", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(yhat) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="denominator-held-still", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = yhat * dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="own-operand", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    dL_dW2 = dL_dz2[:, None] * W2
    return dL_dyhat, dL_dz2, dL_dW2


@wrong("softmax_output_layer", cause="lost-upstream", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    dL_dW2 = np.outer(np.ones(3), a1)
    return dL_dyhat, dL_dz2, dL_dW2


@wrong("softmax_output_layer", cause="loss-gradient-for-delta", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    dL_dW2 = np.outer(dL_dyhat, a1)
    return dL_dyhat, dL_dz2, dL_dW2


@wrong("softmax_output_layer", cause="not-summed", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) * dL_dyhat
    return dL_dyhat, dL_dz2.sum(axis=0), np.outer(dL_dz2.sum(axis=0), a1)


@wrong("softmax_output_layer", cause="paths-multiplied", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = np.prod(softmax_jacobian(z2) * dL_dyhat[:, None], axis=0)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="absolute-paths", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = np.abs(softmax_jacobian(z2) * dL_dyhat[:, None]).sum(axis=0)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="mean-for-outer", first="dL_dW2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    dL_dW2 = dL_dz2 * a1.mean()
    return dL_dyhat, dL_dz2, dL_dW2


@wrong("softmax_output_layer", cause="dot-for-outer", first=None)
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    dL_dW2 = dL_dz2 @ a1
    return dL_dyhat, dL_dz2, dL_dW2


@wrong("softmax_output_layer", cause="slope-twice", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    J = softmax_jacobian(z2)
    dL_dz2 = J @ (J @ dL_dyhat)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="overwrite", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    J = softmax_jacobian(z2)
    dL_dz2 = np.zeros(3)
    for i in range(3):
        for j in range(3):
            dL_dz2[j] = dL_dyhat[i] * J[i, j]
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="two-slips", first="dL_dyhat", unnamed=True)
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = yhat - y
    dL_dz2 = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz2, np.outer(a1, dL_dz2).T


@right("softmax_output_layer", form="no-jacobian")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = yhat * (dL_dyhat - yhat @ dL_dyhat)
    return dL_dyhat, dL_dz2, dL_dz2.reshape(-1, 1) @ a1.reshape(1, -1)


@right("softmax_output_layer", form="dict-with-lists")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    J = [[yhat[i] * ((i == j) - yhat[j]) for j in range(3)] for i in range(3)]
    dL_dz2 = [sum(dL_dyhat[i] * J[i][j] for i in range(3)) for j in range(3)]
    return {"dL_dyhat": list(dL_dyhat), "dL_dz2": dL_dz2, "dL_dW2": [[d * a for a in a1] for d in dL_dz2]}


@right("softmax_output_layer", form="float32")
def _(a1, W2, y):
    a1, W2, y = (part.astype(np.float32) for part in (a1, W2, y))
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


# softmax_hidden_layer


@wrong("softmax_hidden_layer", cause="cross-entropy-shortcut", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = yhat - y
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="elementwise-softmax", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="no-softmax-slope", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = 2 * (yhat - y)
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="loss-sign", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (y - yhat))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="lost-factor-two", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (yhat - y)
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="no-hidden-slope", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="slope-of-z", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * z1 * (1 - z1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="slope-of-activation", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * sigmoid(a1) * (1 - sigmoid(a1))
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="another-functions-slope", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * (1 - a1**2)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="another-functions-slope", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * (z1 > 0)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="transposed-outer", first="dL_dW1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(x, dL_dz1)


@wrong("softmax_hidden_layer", cause="transposed-outer", first="dL_dW2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(a1, dL_dz2)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(x, dL_dz1)


@wrong("softmax_hidden_layer", cause="no-transpose", first=None)
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2 @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="one-path", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2[0] * dL_dz2[0]
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="first-output-only", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = 2 * (yhat[0] - y[0]) * softmax_jacobian(z2)[0]
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="no-outgoing-weight", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = np.full(5, dL_dz2.sum())
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="upstream-ignored", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.sum(axis=0)
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="loss-gradient-for-delta", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ (2 * (yhat - y))
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="pre-activation-for-activation", first="dL_dW2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, z1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="every-unit-gets-the-sum", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = np.full(5, (W2.T @ dL_dz2).sum())
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="absolute-paths", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = np.abs(W2.T * dL_dz2).sum(axis=1)
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="overwrite", first="dL_da1", also=("one-path",))
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = np.zeros(5)
    for j in range(3):
        for k in range(5):
            dL_da1[k] = W2[j, k] * dL_dz2[j]
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="delta-of-activation", first="dL_dW1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dW1 = np.outer(dL_da1, x)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dW1


@wrong("softmax_hidden_layer", cause="stale-half-step", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    W2 = W2 - 0.1 * dL_dW2
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="rounded", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return [np.round(g, 5) for g in (dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x))]


@wrong("softmax_hidden_layer", cause="right-but-permuted", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return np.outer(dL_dz1, x), dL_dz1, dL_da1, dL_dW2, dL_dz2


@wrong("softmax_hidden_layer", cause="two-slips", first="dL_dz2", unnamed=True)
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = yhat * (1 - yhat) * (yhat - y)
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@right("softmax_hidden_layer", form="dataclass")
def _(x, W1, W2, y):
    @dataclass
    class Back:
        dL_dz2: object
        dL_dW2: object
        dL_da1: object
        dL_dz1: object
        dL_dW1: object

    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = dL_dz2 @ W2
    dL_dz1 = dL_da1 * (a1 - a1 * a1)
    return Back(dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dz1[:, None] * x)


@right("softmax_hidden_layer", form="einsum")
def _(x, W1, W2, y):
    z1, a1, z2, p, L = network(x, W1, W2, y)
    g = 2 * p - 2 * y
    dL_dz2 = np.einsum("i,ij->j", g, np.diag(p) - p[:, None] * p)
    dL_da1 = np.einsum("jk,j->k", W2, dL_dz2)
    dL_dz1 = np.einsum("k,k,k->k", dL_da1, a1, 1 - a1)
    return [dL_dz2, np.einsum("j,k->jk", dL_dz2, a1), dL_da1, dL_dz1, np.einsum("k,i->ki", dL_dz1, x)]


@right("softmax_hidden_layer", form="autograd")
def _(x, W1, W2, y):
    W1, W2 = torch.tensor(W1, requires_grad=True), torch.tensor(W2, requires_grad=True)
    z1 = W1 @ torch.tensor(x)
    a1 = torch.sigmoid(z1)
    z2 = W2 @ a1
    L = ((torch.softmax(z2, dim=0) - torch.tensor(y)) ** 2).sum()
    return torch.autograd.grad(L, (z2, W2, a1, z1, W1))


# paths_of_a_weight


@wrong("paths_of_a_weight", cause="transposed-table", first="dL_dw_by_path", also=("right-but-permuted",))
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[:, None] * jacobian * 2 * (yhat - y)
    return table, table.sum()


@wrong("paths_of_a_weight", cause="elementwise-softmax", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    table = np.diag(x * a * (1 - a) * v * yhat * (1 - yhat) * 2 * (yhat - y))
    return table, table.sum()


@wrong("paths_of_a_weight", cause="softmax-offdiagonal-sign", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.outer(yhat, yhat)
    np.fill_diagonal(jacobian, yhat * (1 - yhat))
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="one-path", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table[0, 0]


@wrong("paths_of_a_weight", cause="first-output-only", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table[0].sum()


@wrong("paths_of_a_weight", cause="first-logit-only", first="dL_dw", also=("one-path",))
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table[:, 0].sum()


@wrong("paths_of_a_weight", cause="diagonal-only", first="dL_dw", also=("elementwise-softmax",))
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, np.trace(table)


@wrong("paths_of_a_weight", cause="paths-multiplied", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.prod()


@wrong("paths_of_a_weight", cause="absolute-paths", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, np.abs(table).sum()


@wrong("paths_of_a_weight", cause="paths-averaged", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.mean()


@wrong("paths_of_a_weight", cause="wrong-axis", first="dL_dw")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum(axis=0)


@wrong("paths_of_a_weight", cause="no-hidden-slope", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="no-outgoing-weight", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="lost-x", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="own-operand", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = w * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="lost-factor-two", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="loss-sign", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (y - yhat)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="cross-entropy-shortcut", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    table = np.diag(x * a * (1 - a) * v * (yhat - y))
    return table, table.sum()


@wrong("paths_of_a_weight", cause="no-softmax-slope", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    table = x * a * (1 - a) * np.outer(2 * (yhat - y), v)
    return table, table.sum()


@wrong("paths_of_a_weight", cause="loss-slope-on-the-columns", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)
    return table, table.sum()


@wrong("paths_of_a_weight", cause="other-unit", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * r[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="lost-bias", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    table = x * a * (1 - a) * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@wrong("paths_of_a_weight", cause="flattened", first="dL_dw_by_path")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    shares = []
    for i in range(3):
        for j in range(3):
            dp_dz = yhat[i] * ((i == j) - yhat[j])
            shares.append(x * a * (1 - a) * v[j] * dp_dz * 2 * (yhat[i] - y[i]))
    return np.array(shares), sum(shares)


@wrong("paths_of_a_weight", cause="two-slips", first="dL_dw_by_path", unnamed=True)
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    jacobian = np.diag(yhat) + np.outer(yhat, yhat)
    table = x * a * v[None, :] * jacobian * 2 * (yhat - y)[:, None]
    return table, table.sum()


@right("paths_of_a_weight", form="loops")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    table = np.zeros((3, 3))
    for logit in range(3):
        for output in range(3):
            factors = [x, a * (1 - a), v[logit], yhat[output] * ((logit == output) - yhat[logit]), 2 * (yhat[output] - y[output])]
            table[output, logit] = reduce(mul, factors)
    return table, table.sum()


@right("paths_of_a_weight", form="sum-over-the-short-way")
def _(x, w, c, v, r, y):
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    g = 2 * (yhat - y)
    table = np.einsum("j,ij,i->ij", v, np.diag(yhat) - np.outer(yhat, yhat), g) * (x * a * (1 - a))
    dL_dw = (yhat * (g - yhat @ g)) @ v * a * (1 - a) * x
    return {"dL_dw": dL_dw, "dL_dw_by_path": table}


@right("paths_of_a_weight", form="nested-lists")
def _(x, w, c, v, r, y):
    Paths = namedtuple("Paths", ["dL_dw_by_path", "dL_dw"])
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    table = [[float(x * a * (1 - a) * v[j] * yhat[i] * ((i == j) - yhat[j]) * 2 * (yhat[i] - y[i])) for j in range(3)] for i in range(3)]
    return Paths(table, sum(map(sum, table)))


# paths_and_edges


@wrong("paths_and_edges", cause="first-layer-left-out", first="paths")
def _(widths):
    paths = 1
    for width in widths[1:]:
        paths *= width
    edges = sum(a * b for a, b in zip(widths, widths[1:]))
    return paths, edges


@wrong("paths_and_edges", cause="sum-for-product", first="paths")
def _(widths):
    paths = sum(widths)
    edges = sum(a * b for a, b in zip(widths, widths[1:]))
    return paths, edges


@wrong("paths_and_edges", cause="last-layer-left-out", first="paths")
def _(widths):
    paths = 1
    for width in widths[:-1]:
        paths *= width
    edges = sum(a * b for a, b in zip(widths, widths[1:]))
    return paths, edges


@wrong("paths_and_edges", cause="sum-of-widths", first="edges")
def _(widths):
    return int(np.prod(widths)), sum(widths)


@wrong("paths_and_edges", cause="product-for-sum", first="edges")
def _(widths):
    paths = int(np.prod(widths))
    edges = 1
    for a, b in zip(widths, widths[1:]):
        edges *= a * b
    return paths, edges


@wrong("paths_and_edges", cause="sum-within-layer", first="edges")
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(a + b for a, b in zip(widths, widths[1:]))
    return paths, edges


@wrong("paths_and_edges", cause="right-but-permuted", first="paths")
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(a * b for a, b in zip(widths, widths[1:]))
    return edges, paths


@wrong("paths_and_edges", cause="first-and-last-only", first="paths")
def _(widths):
    edges = sum(a * b for a, b in zip(widths, widths[1:]))
    return widths[0] * widths[-1], edges


@wrong("paths_and_edges", cause="one-layer-too-few", first="edges")
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(widths[i] * widths[i + 1] for i in range(len(widths) - 2))
    return paths, edges


@wrong("paths_and_edges", cause="index-error", first=None)
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(widths[i] * widths[i + 1] for i in range(len(widths)))
    return paths, edges


@wrong("paths_and_edges", cause="squares", first="edges")
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(width**2 for width in widths)
    return paths, edges


@wrong("paths_and_edges", cause="layers-skipped", first="edges")
def _(widths):
    paths = int(np.prod(widths))
    edges = sum(a * b for a, b in itertools.combinations(widths, 2))
    return paths, edges


@right("paths_and_edges", form="matrix-of-ones")
def _(widths):
    ones = [np.ones((above, below), dtype=int) for below, above in zip(widths, widths[1:])]
    start = np.ones(widths[0], dtype=int)
    for layer in ones:
        start = layer @ start
    return start.sum(), sum(layer.size for layer in ones)


@right("paths_and_edges", form="reduce")
def _(widths):
    return {"edges": np.dot(widths[:-1], widths[1:]), "paths": reduce(mul, widths)}


# deep_backward


@wrong("deep_backward", cause="no-activation-slope", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W in weights[::-1]:
        dL_da = W.T @ dL_da
    return dL_da


@wrong("deep_backward", cause="no-activation-slope", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        slope = 1 - a[k + 1] ** 2 if k < len(weights) - 1 else 1.0
        dL_da = weights[k].T @ (dL_da * slope)
    return dL_da


@wrong("deep_backward", cause="off-by-one-layer", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = (weights[k].T @ dL_da) * (1 - a[k] ** 2)
    return dL_da


@wrong("deep_backward", cause="slope-of-activation", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * (1 - np.tanh(a[k + 1]) ** 2))
    return dL_da


@wrong("deep_backward", cause="slope-of-z", first="dL_dx")
def _(x, weights):
    a, z = [x], []
    for W in weights:
        z.append(W @ a[-1])
        a.append(np.tanh(z[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * (1 - z[k] ** 2))
    return dL_da


@wrong("deep_backward", cause="another-functions-slope", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * a[k + 1] * (1 - a[k + 1]))
    return dL_da


@wrong("deep_backward", cause="power-lost", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * (1 - a[k + 1]))
    return dL_da


@wrong("deep_backward", cause="lost-factor-two", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="lost-upstream", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = np.ones_like(a[-1])
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="squared-residual-kept", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1] ** 2
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="no-transpose", first=None)
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="weights-in-forward-order", first=None)
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights, a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="upstream-ignored", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (1 - above**2)
    return dL_da


@wrong("deep_backward", cause="one-path", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        delta = dL_da * (1 - above**2)
        dL_da = W[0] * delta[0]
    return dL_da


@wrong("deep_backward", cause="absolute-paths", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        delta = dL_da * (1 - above**2)
        dL_da = np.abs(W.T * delta).sum(axis=1)
    return dL_da


@wrong("deep_backward", cause="loss-for-gradient", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = (a[-1] ** 2).sum() * np.ones_like(a[-1])
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="slope-twice", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1] * (1 - a[-1] ** 2)
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="slope-after-the-weights", first="dL_dx", also=("off-by-one-layer",))
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    delta = 2 * a[-1] * (1 - a[-1] ** 2)
    for W, below in zip(weights[::-1], a[-2::-1]):
        delta = (W.T @ delta) * (1 - below**2)
    return delta


@wrong("deep_backward", cause="loop-stops-early", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in range(len(weights) - 1, 0, -1):
        dL_da = weights[k].T @ (dL_da * (1 - a[k + 1] ** 2))
    return dL_da


@wrong("deep_backward", cause="sign", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = -2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da


@wrong("deep_backward", cause="kept-dimension", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1][:, None]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above[:, None] ** 2))
    return dL_da


@right("deep_backward", form="recursive")
def _(x, weights):
    def back(layer, a):
        if layer == len(weights):
            return 2 * a
        above = np.tanh(weights[layer] @ a)
        return back(layer + 1, above) * (1 - above**2) @ weights[layer]

    return back(0, x)


@right("deep_backward", form="jacobian-product")
def _(x, weights):
    J = np.eye(len(x))
    a = x
    for W in weights:
        a = np.tanh(W @ a)
        J = (1 - a**2)[:, None] * (W @ J)
    return 2 * a @ J


@right("deep_backward", form="pop")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    g = 2 * a[-1]
    matrices = list(weights)
    while matrices:
        above = a.pop()
        g = (g - g * above**2) @ matrices.pop()
    return list(g)


@right("deep_backward", form="torch-no-leaf")
def _(x, weights):
    a = leaf = torch.tensor(x, requires_grad=True)
    for W in weights:
        a = torch.tanh(torch.from_numpy(W) @ a)
    a.square().sum().backward()
    return leaf.grad


# three_paths, once more


@wrong("three_paths", cause="no-hidden-slope", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    slopes = a2 * (1 - a2)
    slopes[1] = 1.0
    dL_dw_by_path = dL_dz * v * slopes * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="slope-of-activation", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    s = 1 / (1 + np.exp(-a1))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * s * (1 - s) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="lost-upstream", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dw_by_path = v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="squared-residual-kept", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) ** 2 * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="other-unit", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u[0] * a1 * (1 - a1) * x
    return dL_dw_by_path, dL_dw_by_path.sum()


@wrong("three_paths", cause="cumulative", first="dL_dw_by_path")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    shares = np.cumsum(dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x)
    return shares, shares[-1]


@right("three_paths", form="per-path-loop")
def _(x, w, u, v, y):
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    end = 2 * (yhat - y) * (yhat - yhat**2)
    shares = np.empty(3)
    for k in range(3):
        shares[k] = end
        shares[k] *= v[k]
        shares[k] *= a2[k] - a2[k] ** 2
        shares[k] *= u[k]
        shares[k] *= (a1 - a1**2) * x
    return iter((shares, shares.sum()))


# softmax_jacobian, once more


@wrong("softmax_jacobian", cause="cross-entropy-shortcut", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return p - 1


@wrong("softmax_jacobian", cause="right-but-permuted", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    J = np.diag(p) - np.outer(p, p)
    return J[::-1]


@wrong("softmax_jacobian", cause="no-softmax-slope", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.eye(len(p))


@wrong("softmax_jacobian", cause="rounded", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.round(np.diag(p) - np.outer(p, p), 4)


@wrong("softmax_jacobian", cause="sum-instead-of-table", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return (np.diag(p) - np.outer(p, p)).sum(axis=0)


@wrong("softmax_jacobian", cause="placeholder", first="dyhat_dz")
def _(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.zeros((len(z), len(z)))


@right("softmax_jacobian", form="central-differences")
def _(z):
    def softmax_of(t):
        e = np.exp(t - t.max())
        return e / e.sum()

    h = 1e-5
    return np.column_stack([(softmax_of(z + h * e) - softmax_of(z - h * e)) / (2 * h) for e in np.eye(len(z))])


# softmax_output_layer, once more


@wrong("softmax_output_layer", cause="stray-logit", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = yhat * (1 - yhat) * (z2 - z2.sum()) * dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="right-but-permuted", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dz2, dL_dyhat, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="slope-of-z", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = (np.diag(z2) - np.outer(z2, z2)) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="squared-residual-kept", first="dL_dyhat")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y) ** 2
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="lost-upstream", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2).sum(axis=0)
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="sign", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = -softmax_jacobian(z2) @ dL_dyhat
    return dL_dyhat, dL_dz2, np.outer(dL_dz2, a1)


@wrong("softmax_output_layer", cause="kept-dimension", first="dL_dz2")
def _(a1, W2, y):
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = softmax_jacobian(z2) @ dL_dyhat[:, None]
    return dL_dyhat, dL_dz2, dL_dz2 @ a1[None, :]


# softmax_hidden_layer, once more


@wrong("softmax_hidden_layer", cause="softmax-offdiagonal-sign", first="dL_dz2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    g = 2 * (yhat - y)
    dL_dz2 = yhat * (1 - yhat) * g + np.array([sum(yhat[i] * yhat[j] * g[i] for i in range(3) if i != j) for j in range(3)])
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, np.outer(dL_dz2, a1), dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="own-operand", first="dL_dW1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dz1[:, None] * W1


@wrong("softmax_hidden_layer", cause="own-operand", first="dL_dW2")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_dW2 = dL_dz2[:, None] * W2
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="lost-upstream", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="every-unit-gets-the-sum", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = np.full(5, (dL_da1 * a1 * (1 - a1)).sum())
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="slope-twice", first="dL_dW1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1 * a1 * (1 - a1), x)


@wrong("softmax_hidden_layer", cause="paths-multiplied", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = np.prod(W2 * dL_dz2[:, None], axis=0)
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="mean-for-sum", first="dL_da1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = (W2 * dL_dz2[:, None]).mean(axis=0)
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="half-of-a-slope", first="dL_dz1")
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * (1 - a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="output-slope-for-hidden", first=None)
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * yhat * (1 - yhat)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, np.outer(dL_dz1, x)


@wrong("softmax_hidden_layer", cause="activation-for-input", first=None)
def _(x, W1, W2, y):
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dW1 = np.outer(dL_dz1, a1)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dW1 @ x


# deep_backward, once more


@wrong("deep_backward", cause="no-activation-slope", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        slope = 1 - a[k + 1] ** 2 if k > 0 else 1.0
        dL_da = weights[k].T @ (dL_da * slope)
    return dL_da


@wrong("deep_backward", cause="no-outgoing-weight", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        delta = dL_da * (1 - a[k + 1] ** 2)
        dL_da = np.full(len(a[k]), delta.sum())
    return dL_da


@wrong("deep_backward", cause="every-unit-gets-the-sum", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * (1 - a[k + 1] ** 2))
        dL_da = np.full(len(a[k]), dL_da.sum())
    return dL_da


@wrong("deep_backward", cause="mean-for-sum", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1] / len(a[-1])
    for k in reversed(range(len(weights))):
        dL_da = weights[k].T @ (dL_da * (1 - a[k + 1] ** 2))
    return dL_da


@wrong("deep_backward", cause="overwrite", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        delta = dL_da * (1 - above**2)
        below = np.zeros(W.shape[1])
        for j in range(W.shape[0]):
            below = W[j] * delta[j]
        dL_da = below
    return dL_da


@wrong("deep_backward", cause="rounded", first="dL_dx")
def _(x, weights):
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = np.round(W.T @ (dL_da * (1 - above**2)), 3)
    return dL_da


# mistakes at unusual places


@wrong("softmax_jacobian", cause="diagonal-factor-everywhere", first="dyhat_dz")
def _(z):
    p = softmax(z)
    table = np.zeros((len(p), len(p)))
    for i in range(len(p)):
        for j in range(len(p)):
            table[i, j] = p[i] * (1 - p[i]) * (1 if i == j else -p[j])
    return table


@wrong("softmax_output_layer", cause="elementwise-softmax", first="dL_dW2")
def _(a1, W2, y):
    yhat = softmax(W2 @ a1)
    dL_dyhat = 2 * (yhat - y)
    dL_dz2 = dL_dyhat @ softmax_jacobian(W2 @ a1)
    return dL_dyhat, dL_dz2, np.outer(dL_dyhat * yhat * (1 - yhat), a1)


@wrong("softmax_hidden_layer", cause="transposed-outer", first="dL_dW1")
def _(x, W1, W2, y):
    _, a1, z2, yhat, _ = network(x, W1, W2, y)
    dL_dz2 = softmax_jacobian(z2) @ (2 * (yhat - y))
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    return dL_dz2, np.outer(dL_dz2, a1), dL_da1, dL_dz1, np.outer(x, dL_dz1).reshape(W1.shape)
