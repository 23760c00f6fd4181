"""Answers to lesson 05, layers and batches."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def dense_backward(dL_dZ, X, W):
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


def softmax_cross_entropy(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(Y * log_P).sum() / len(Z), (np.exp(log_P) - Y) / len(Z)


def network_forward(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


def network_backward(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


# dense_example


@wrong("dense_example", cause="transposed-outer", first="dL_dW")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W @ dL_dz
    dL_dW = np.outer(dL_dz, x)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="upstream-ignored", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W.sum(axis=1)
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="transposed-weights", first=None)
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W.T @ dL_dz
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="own-operand", first="dL_dW")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W @ dL_dz
    dL_dW = W * dL_dz
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="lost-upstream", first="dL_dW")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W @ dL_dz
    dL_dW = np.outer(x, np.ones_like(dL_dz))
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="not-summed", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W * dL_dz
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="mean-for-sum", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = (W * dL_dz).mean(axis=1)
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="one-path", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W[:, 0] * dL_dz[0]
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="overwrite", first="dL_dx", also=("one-path",))
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = np.zeros(len(x))
    for k in range(len(dL_dz)):
        dL_dx = W[:, k] * dL_dz[k]
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="no-outgoing-weight", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = np.full(len(x), dL_dz.sum())
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="constant-bias", first="dL_db")
def _(dL_dz, x, W):
    dL_db = np.ones_like(dL_dz)
    dL_dx = W @ dL_dz
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="summed-too-much", first="dL_db")
def _(dL_dz, x, W):
    dL_db = dL_dz.sum()
    dL_dx = W @ dL_dz
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="right-but-permuted", first="dL_db")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W @ dL_dz
    dL_dW = np.outer(x, dL_dz)
    return dL_dx, dL_dW, dL_db


@wrong("dense_example", cause="inner-sizes-differ", first=None)
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = W @ dL_dz
    dL_dW = x @ dL_dz
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="absolute-paths", first="dL_dx")
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = np.abs(W * dL_dz).sum(axis=1)
    dL_dW = np.outer(x, dL_dz)
    return dL_db, dL_dx, dL_dW


@wrong("dense_example", cause="two-slips", first="dL_dx", unnamed=True)
def _(dL_dz, x, W):
    dL_db = dL_dz
    dL_dx = -(W @ dL_dz) / 2
    dL_dW = np.outer(x, dL_dz) * W
    return dL_db, dL_dx, dL_dW


@right("dense_example", form="dict")
def _(dL_dz, x, W):
    return {"dL_dx": dL_dz @ W.T, "dL_dW": x[:, None] * dL_dz, "dL_db": dL_dz.copy()}


@right("dense_example", form="loops")
def _(dL_dz, x, W):
    dL_dx, dL_dW = np.zeros_like(x), np.zeros_like(W)
    for i in range(len(x)):
        for k in range(len(dL_dz)):
            dL_dx[i] += W[i, k] * dL_dz[k]
            dL_dW[i, k] = x[i] * dL_dz[k]
    return dL_dz, dL_dx, dL_dW


@right("dense_example", form="kron")
def _(dL_dz, x, W):
    return dL_dz + 0, np.inner(W, dL_dz), np.kron(x.reshape(-1, 1), dL_dz)


# terms


@wrong("terms", cause="axes-exchanged", first="terms_in_dL_dX")
def _():
    return 4, 5, 5


@wrong("terms", cause="axes-exchanged", first="terms_in_dL_dX")
def _():
    return 5, 3, 3


@wrong("terms", cause="one-term", first="terms_in_dL_dW")
def _():
    return 3, 1, 1


@wrong("terms", cause="axes-exchanged", first="terms_in_dL_dW")
def _():
    return 3, 4, 5


@wrong("terms", cause="bias-alone", first="terms_in_dL_db")
def _():
    return 3, 5, 1


@wrong("terms", cause="all-entries", first="terms_in_dL_db")
def _():
    return 3, 5, 15


@wrong("terms", cause="axes-exchanged", first="terms_in_dL_dX")
def _():
    return 5, 5, 3


@right("terms", form="dict")
def _():
    N, D, K = 5, 4, 3
    return {"terms_in_dL_dW": N, "terms_in_dL_db": N, "terms_in_dL_dX": K}


# dense_backward


@wrong("dense_backward", cause="transposed-dW", first="dL_dW")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = dL_dZ.T @ X
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="no-transpose", first=None)
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="upstream-ignored", first="dL_dX")
def _(dL_dZ, X, W):
    dL_dX = np.ones_like(dL_dZ) @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="upstream-ignored", first="dL_dX")
def _(dL_dZ, X, W):
    dL_dX = np.tile(W.sum(axis=1), (len(X), 1))
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="lost-upstream", first="dL_dW")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ np.ones_like(dL_dZ)
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="unsummed-bias", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="bias-mean", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.mean(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="mean-for-sum", first="dL_dW")
def _(dL_dZ, X, W):
    N = len(X)
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ / N
    dL_db = dL_dZ.sum(axis=0) / N
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="mean-for-sum", first="dL_dX")
def _(dL_dZ, X, W):
    N = len(X)
    dL_dZ = dL_dZ / N
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="kept-dimension", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0, keepdims=True)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="constant-bias", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = np.ones(W.shape[1])
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="lost-upstream", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = np.full(W.shape[1], float(len(X)))
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="wrong-axis", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=1)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="summed-too-much", first="dL_db")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum()
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="one-sample", first="dL_dW")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = np.outer(X[0], dL_dZ[0])
    dL_db = dL_dZ[0]
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="one-sample", first="dL_dW")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    for x, delta in zip(X, dL_dZ):
        dL_dW = np.outer(x, delta)
        dL_db = delta
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="inner-sizes-differ", first=None)
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="sums-multiplied", first="dL_dW")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = np.outer(X.sum(axis=0), dL_dZ.sum(axis=0))
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="right-but-permuted", first="dL_dX")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dW, dL_dX, dL_db


@wrong("dense_backward", cause="right-but-permuted", first="dL_dX")
def _(dL_dZ, X, W):
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_db, dL_dW, dL_dX


@wrong("dense_backward", cause="transposed-result", first="dL_dX")
def _(dL_dZ, X, W):
    dL_dX = W @ dL_dZ.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="rounded", first="dL_dX")
def _(dL_dZ, X, W):
    return np.round(dL_dZ @ W.T, 2), np.round(X.T @ dL_dZ, 2), np.round(dL_dZ.sum(axis=0), 2)


@wrong("dense_backward", cause="float16", first="dL_dX", also=("rounded",))
def _(dL_dZ, X, W):
    dL_dZ, X, W = dL_dZ.astype(np.float16), X.astype(np.float16), W.astype(np.float16)
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="two-slips", first="dL_dX", unnamed=True)
def _(dL_dZ, X, W):
    dL_dX = -dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.mean(axis=0)
    return dL_dX, dL_dW, dL_db


@wrong("dense_backward", cause="placeholder", first=None)
def _(dL_dZ, X, W):
    pass


@right("dense_backward", form="einsum")
def _(dL_dZ, X, W):
    return np.einsum("nk,ik->ni", dL_dZ, W), np.einsum("ni,nk->ik", X, dL_dZ), np.einsum("nk->k", dL_dZ)


@right("dense_backward", form="sum-of-outer-products")
def _(dL_dZ, X, W):
    dL_dW = sum(np.outer(x, d) for x, d in zip(X, dL_dZ))
    dL_dX = np.array([W @ d for d in dL_dZ])
    return {"dL_db": sum(dL_dZ), "dL_dX": dL_dX, "dL_dW": dL_dW}


@right("dense_backward", form="ones-trick")
def _(dL_dZ, X, W):
    ones = np.ones((len(X), 1))
    both = np.hstack([X, ones]).T @ dL_dZ
    return (W @ dL_dZ.T).T, both[:-1], both[-1]


@right("dense_backward", form="torch-tensor")
def _(dL_dZ, X, W):
    dL_dZ, X, W = map(torch.from_numpy, (dL_dZ, X, W))
    return [dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(0)]


@right("dense_backward", form="float32")
def _(dL_dZ, X, W):
    dL_dZ, X, W = (part.astype("float32") for part in (dL_dZ, X, W))
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


# broadcast_backward


@wrong("broadcast_backward", cause="unsummed", first="dL_dv", also=("not-unbroadcast",))
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = dL_dY * U
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="unbroadcast-mean", first="dL_dv", also=("mean-for-sum",))
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).mean(axis=0)
    dL_dc = dL_dY.mean(axis=1, keepdims=True)
    dL_ds = dL_dY.mean()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="mean-for-sum", first="dL_ds")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.mean()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="wrong-axis", first="dL_dv")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=1)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="wrong-axis", first="dL_dc")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=0, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="lost-dimension", first="dL_dc")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="kept-dimension", first="dL_dv")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0, keepdims=True)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="not-unbroadcast", first="dL_dc")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY
    dL_ds = dL_dY
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="own-operand", first="dL_dU")
def _(dL_dY, U, v):
    dL_dU = dL_dY * U
    dL_dv = (dL_dY * v).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="lost-upstream", first="dL_dU")
def _(dL_dY, U, v):
    dL_dU = np.tile(v, (len(U), 1))
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="lost-upstream", first="dL_dv")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = U.sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="lost-upstream", first="dL_ds")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = 1.0
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="matrix-product-for-entrywise", first="dL_dU")
def _(dL_dY, U, v):
    dL_dU = dL_dY @ np.diag(v) @ np.ones((len(v), len(v)))
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="sums-multiplied", first="dL_dv")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = dL_dY.sum(axis=0) * U.sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="factor-lost", first="dL_dU")
def _(dL_dY, U, v):
    dL_dU = dL_dY
    dL_dv = dL_dY.sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="one-sample", first="dL_dv")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = dL_dY[0] * U[0]
    dL_dc = dL_dY[:, :1]
    dL_ds = dL_dY[0, 0]
    return dL_dU, dL_dv, dL_dc, dL_ds


@wrong("broadcast_backward", cause="right-but-permuted", first="dL_dc")
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_ds, dL_dc


@wrong("broadcast_backward", cause="two-slips", first="dL_dv", unnamed=True)
def _(dL_dY, U, v):
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * v).mean(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    return dL_dU, dL_dv, dL_dc, dL_ds


@right("broadcast_backward", form="einsum")
def _(dL_dY, U, v):
    return dL_dY * v[None], np.einsum("nk,nk->k", dL_dY, U), np.einsum("nk->n", dL_dY)[:, None], np.einsum("nk->", dL_dY)


@right("broadcast_backward", form="matrix-of-ones")
def _(dL_dY, U, v):
    N, K = U.shape
    return dL_dY @ np.diag(v), np.diag(U.T @ dL_dY), dL_dY @ np.ones((K, 1)), (np.ones(N) @ dL_dY @ np.ones(K)).item()


@right("broadcast_backward", form="autograd")
def _(dL_dY, U, v):
    U, v = torch.tensor(U, requires_grad=True), torch.tensor(v, requires_grad=True)
    c, s = torch.zeros((len(U), 1), dtype=torch.float64, requires_grad=True), torch.zeros((), dtype=torch.float64, requires_grad=True)
    (U * v + c + s).backward(torch.tensor(dL_dY))
    return {"dL_ds": s.grad, "dL_dc": c.grad, "dL_dv": v.grad, "dL_dU": U.grad}


# relu_layer


@wrong("relu_layer", cause="no-gate", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="upstream-dropped", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = (Z > 0) * 1.0
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="gate-on-wrong-sign-carrier", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (dL_dA > 0)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="lost-bias", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W
    dL_dZ = dL_dA * (Z > 0)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="gate-reversed", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z < 0)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="function-for-slope", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * np.maximum(0, Z)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="gate-on-wrong-sign-carrier", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = np.maximum(0, dL_dA)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="gate-for-the-whole-row", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z.sum(axis=1, keepdims=True) > 0)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="ambiguous-truth-value", first=None)
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA if Z > 0 else 0
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="gate-forgotten-further-back", first="dL_dX")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return (dL_dZ, *dense_backward(dL_dA, X, W))


@wrong("relu_layer", cause="transposed-dW", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, dL_dZ.T @ X, dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="unsummed-bias", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ


@wrong("relu_layer", cause="bias-mean", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.mean(axis=0)


@wrong("relu_layer", cause="mean-for-sum", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ / len(X), dL_dZ.sum(axis=0) / len(X)


@wrong("relu_layer", cause="kept-dimension", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0, keepdims=True)


@wrong("relu_layer", cause="bias-times-bias", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0) * b


@wrong("relu_layer", cause="wrong-axis", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=1)


@wrong("relu_layer", cause="another-functions-slope", first="dL_dZ")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    A = np.maximum(0, Z)
    dL_dZ = dL_dA * A * (1 - A)
    return (dL_dZ, *dense_backward(dL_dZ, X, W))


@wrong("relu_layer", cause="upstream-ignored", first="dL_dX")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, (Z > 0) @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="no-transpose", first=None)
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="gate-twice-with-input", first="dL_dX")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    dL_dX = (dL_dZ @ W.T) * (X > 0)
    return dL_dZ, dL_dX, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="right-but-permuted", first="dL_dX")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    dL_dX, dL_dW, dL_db = dense_backward(dL_dZ, X, W)
    return dL_dZ, dL_dW, dL_db, dL_dX


@wrong("relu_layer", cause="two-slips", first="dL_dZ", unnamed=True)
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = -dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ / 2, dL_dZ.sum(axis=0)


@right("relu_layer", form="where")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = np.where(Z > 0, dL_dA, 0.0)
    return {"dL_dZ": dL_dZ, "dL_dX": dL_dZ @ W.T, "dL_dW": X.T @ dL_dZ, "dL_db": dL_dZ.sum(0)}


@right("relu_layer", form="in-place-on-own-copy")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA.copy()
    dL_dZ[Z <= 0] = 0
    parts = [dL_dZ]
    parts.extend(dense_backward(dL_dZ, X, W))
    return parts


@right("relu_layer", form="dataclass")
def _(X, W, b, dL_dA):
    @dataclass
    class Layer:
        dL_dZ: np.ndarray
        dL_dX: np.ndarray
        dL_dW: np.ndarray
        dL_db: np.ndarray

    gate = np.sign(np.maximum(0, X @ W + b))
    return Layer(gate * dL_dA, gate * dL_dA @ W.T, X.T @ (gate * dL_dA), (gate * dL_dA).sum(axis=0))


# softmax_layer


@wrong("softmax_layer", cause="softmax-over-the-batch", first="P")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=0))
    P = exponentials / exponentials.sum(axis=0)
    dL_dZ = P * (dL_dP - (P * dL_dP).sum(axis=0))
    return P, dL_dZ


@wrong("softmax_layer", cause="softmax-over-the-batch", first="P", also=("softmax-over-everything",))
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max())
    P = exponentials / exponentials.sum()
    dL_dZ = P * (dL_dP - (P * dL_dP).sum())
    return P, dL_dZ


@wrong("softmax_layer", cause="wrong-axis", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - (P * dL_dP).sum(axis=0, keepdims=True))
    return P, dL_dZ


@wrong("softmax_layer", cause="summed-too-much", first="dL_dZ", also=("wrong-axis",))
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - (P * dL_dP).sum())
    return P, dL_dZ


@wrong("softmax_layer", cause="elementwise-softmax", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = dL_dP * P * (1 - P)
    return P, dL_dZ


@wrong("softmax_layer", cause="softmax-offdiagonal-sign", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP + (P * dL_dP).sum(axis=1, keepdims=True))
    return P, dL_dZ


@wrong("softmax_layer", cause="no-softmax-slope", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P, dL_dP


@wrong("softmax_layer", cause="denominator-held-still", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P, P * dL_dP


@wrong("softmax_layer", cause="cross-entropy-shortcut", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P, P - dL_dP


@wrong("softmax_layer", cause="plain-mean-for-weighted", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - dL_dP.mean(axis=1, keepdims=True))
    return P, dL_dZ


@wrong("softmax_layer", cause="plain-sum-for-weighted", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - dL_dP.sum(axis=1, keepdims=True))
    return P, dL_dZ


@wrong("softmax_layer", cause="outer-factor-lost", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = dL_dP - (P * dL_dP).sum(axis=1, keepdims=True)
    return P, dL_dZ


@wrong("softmax_layer", cause="lost-dimension", first=None)
def _(Z, dL_dP):
    exponentials = np.exp(Z)
    P = exponentials / exponentials.sum(axis=1)
    return P, P * (dL_dP - (P * dL_dP).sum(axis=1))


@wrong("softmax_layer", cause="lost-dimension", first=None)
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P, P * (dL_dP - (P * dL_dP).sum(axis=1))


@wrong("softmax_layer", cause="not-normalised", first="P")
def _(Z, dL_dP):
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    return P, P * (dL_dP - (P * dL_dP).sum(axis=1, keepdims=True))


@wrong("softmax_layer", cause="shift-in-numerator-only", first="P")
def _(Z, dL_dP):
    P = np.exp(Z - Z.max(axis=1, keepdims=True)) / np.exp(Z).sum(axis=1, keepdims=True)
    return P, P * (dL_dP - (P * dL_dP).sum(axis=1, keepdims=True))


@wrong("softmax_layer", cause="mean-for-sum", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - (P * dL_dP).mean(axis=1, keepdims=True))
    return P, dL_dZ


@wrong("softmax_layer", cause="mean-for-sum", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - (P * dL_dP).sum(axis=1, keepdims=True)) / len(Z)
    return P, dL_dZ


@wrong("softmax_layer", cause="sign", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * ((P * dL_dP).sum(axis=1, keepdims=True) - dL_dP)
    return P, dL_dZ


@wrong("softmax_layer", cause="another-functions-slope", first="P")
def _(Z, dL_dP):
    P = 1 / (1 + np.exp(-Z))
    return P, dL_dP * P * (1 - P)


@wrong("softmax_layer", cause="lost-upstream", first="dL_dZ")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P, P * (1 - P)


@wrong("softmax_layer", cause="two-slips", first="P", unnamed=True)
def _(Z, dL_dP):
    exponentials = np.exp(Z)
    P = exponentials / exponentials.max(axis=1, keepdims=True)
    return P, P * (dL_dP + (P * dL_dP).mean(axis=1, keepdims=True))


@right("softmax_layer", form="jacobians-in-a-loop")
def _(Z, dL_dP):
    P, rows = [], []
    for z, g in zip(Z, dL_dP):
        p = np.exp(z - z.max())
        p /= p.sum()
        P.append(p)
        rows.append((np.diag(p) - np.outer(p, p)) @ g)
    return np.array(P), np.array(rows)


@right("softmax_layer", form="batched-jacobian")
def _(Z, dL_dP):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    J = P[:, :, None] * (np.eye(P.shape[1]) - P[:, None, :])
    return {"P": P, "dL_dZ": np.einsum("nij,ni->nj", J, dL_dP)}


@right("softmax_layer", form="autograd")
def _(Z, dL_dP):
    Z = torch.tensor(Z, requires_grad=True)
    P = Z.softmax(dim=-1)
    P.backward(torch.tensor(dL_dP))
    return P, Z.grad


# twice_the_batch


@wrong("twice_the_batch", cause="factors-exchanged", first="factor_with_sum")
def _():
    return 1, 2


@wrong("twice_the_batch", cause="same-for-both", first="factor_with_mean")
def _():
    return 2, 2


@wrong("twice_the_batch", cause="halved", first="factor_with_mean")
def _():
    return 2, 0.5


@wrong("twice_the_batch", cause="unchanged", first="factor_with_sum")
def _():
    return 1, 1


@wrong("twice_the_batch", cause="squared", first="factor_with_sum")
def _():
    return 4, 1


@right("twice_the_batch", form="dict")
def _():
    return {"factor_with_mean": 1.0, "factor_with_sum": 2.0}


# first_loss


@wrong("first_loss", cause="sum-for-mean", first="L")
def _():
    return 5 * np.log(3)


@wrong("first_loss", cause="probability-not-loss", first="L")
def _():
    return 1 / 3


@wrong("first_loss", cause="sign", first="L")
def _():
    return np.log(1 / 3)


@wrong("first_loss", cause="wrong-base", first="L")
def _():
    return np.log10(3)


@wrong("first_loss", cause="wrong-base", first="L")
def _():
    return np.log2(3)


@wrong("first_loss", cause="loss-zero", first="L")
def _():
    return 0


@wrong("first_loss", cause="wrong-number-of-classes", first="L")
def _():
    return np.log(2)


@wrong("first_loss", cause="wrong-number-of-classes", first="L")
def _():
    return np.log(5)


@right("first_loss", form="two-decimals")
def _():
    return 1.1


@right("first_loss", form="computed")
def _():
    p = np.full((5, 3), 1 / 3)
    return -np.log(p[:, 0]).mean()


# softmax_cross_entropy


@wrong("softmax_cross_entropy", cause="sum-for-mean", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum()
    dL_dZ = np.exp(log_P) - Y
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="sum-for-mean", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    dL_dZ = np.exp(log_P) - Y
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="mean-for-sum", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).mean()
    dL_dZ = (np.exp(log_P) - Y) / len(Z)
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="mean-for-sum", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    dL_dZ = (np.exp(log_P) - Y) / len(Z) / len(Z)
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="mean-for-sum", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum(axis=1).mean()
    dL_dZ = (np.exp(log_P) - Y) / Z.size
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="reversed-residual", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    dL_dZ = (Y - np.exp(log_P)) / len(Z)
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="sign", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = (Y * log_P).sum() / len(Z)
    dL_dZ = (np.exp(log_P) - Y) / len(Z)
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="wrong-axis", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=0)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=0))
    L = -(Y * log_P).sum() / len(Z)
    return L, (np.exp(log_P) - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="overflowing-form", first="L")
def _(Z, Y):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    L = -(Y * np.log(P)).sum() / len(Z)
    return L, (P - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="log-of-zero", first="L")
def _(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    L = -(Y * np.log(P)).sum() / len(Z)
    return L, (P - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="epsilon-added", first="L")
def _(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    L = -(Y * np.log(P + 1e-12)).sum() / len(Z)
    return L, (P - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="clipped", first="L")
def _(Z, Y):
    Z = np.clip(Z, -500, 500)
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, (np.exp(log_P) - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="wrong-loss", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    P = np.exp(log_P)
    L = -(Y * log_P).sum() / len(Z)
    dL_dP = 2 * (P - Y) / len(Z)
    return L, P * (dL_dP - (P * dL_dP).sum(axis=1, keepdims=True))


@wrong("softmax_cross_entropy", cause="slope-twice", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    P = np.exp(log_P)
    L = -(Y * log_P).sum() / len(Z)
    G = (P - Y) / len(Z)
    return L, P * (G - (P * G).sum(axis=1, keepdims=True))


@wrong("softmax_cross_entropy", cause="elementwise-softmax", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    P = np.exp(log_P)
    L = -(Y * log_P).sum() / len(Z)
    dL_dZ = -Y * (1 - P) / len(Z)
    return L, dL_dZ


@wrong("softmax_cross_entropy", cause="lost-y", first="dL_dZ", also=("dropped-term",))
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, np.exp(log_P) / len(Z)


@wrong("softmax_cross_entropy", cause="logits-for-probabilities", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, (Z - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="log-probabilities-for-probabilities", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, (log_P - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="not-averaged", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum(axis=1)
    return L, (np.exp(log_P) - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="log-loss-for-each-class", first="L", also=("wrong-loss",))
def _(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    tiny = 1e-300
    L = -(Y * np.log(P + tiny) + (1 - Y) * np.log(1 - P + tiny)).sum() / len(Z)
    return L, (P - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="squared-error", first="L", also=("wrong-loss",))
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = ((np.exp(log_P) - Y) ** 2).sum() / len(Z)
    return L, (np.exp(log_P) - Y) / len(Z)


@wrong("softmax_cross_entropy", cause="hard-targets", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(Z))
    labels = Y.argmax(axis=1)
    L = -log_P[rows, labels].mean()
    G = np.exp(log_P)
    G[rows, labels] -= 1
    return L, G / len(Z)


@wrong("softmax_cross_entropy", cause="right-but-permuted", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return (np.exp(log_P) - Y) / len(Z), L


@wrong("softmax_cross_entropy", cause="two-slips", first="L", unnamed=True)
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = (Y * log_P).sum()
    return L, Y - np.exp(log_P)


@right("softmax_cross_entropy", form="logsumexp-reduce")
def _(Z, Y):
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    return -np.mean((Y * log_P).sum(axis=1)), (np.exp(log_P) - Y) / Y.shape[0]


@right("softmax_cross_entropy", form="loop-over-rows")
def _(Z, Y):
    losses, grads = [], np.zeros_like(Z)
    for n, (z, y) in enumerate(zip(Z, Y)):
        m = max(z)
        e = np.exp(z - m)
        losses.append(m + np.log(e.sum()) - z @ y)
        grads[n] = (e / e.sum() - y) / len(Z)
    return {"dL_dZ": grads, "L": np.mean(losses)}


@right("softmax_cross_entropy", form="torch-cross-entropy")
def _(Z, Y):
    Z = torch.tensor(Z, requires_grad=True)
    L = torch.nn.functional.cross_entropy(Z, torch.tensor(Y))
    L.backward()
    return L, Z.grad


# network_forward


@wrong("network_forward", cause="relu-on-the-logits", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights, biases):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    return activations


@wrong("network_forward", cause="no-activation", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights, biases):
        activations.append(activations[-1] @ W + b)
    return activations


@wrong("network_forward", cause="lost-bias", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W in weights[:-1]:
        activations.append(np.maximum(0, activations[-1] @ W))
    activations.append(activations[-1] @ weights[-1])
    return activations


@wrong("network_forward", cause="lost-bias", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1])
    return activations


@wrong("network_forward", cause="input-left-out", first="activations")
def _(X, weights, biases):
    activations = []
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
        activations.append(A)
    activations.append(A @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="last-only", first="activations")
def _(X, weights, biases):
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    return A @ weights[-1] + biases[-1]


@wrong("network_forward", cause="pre-activation-for-activation", first="activations")
def _(X, weights, biases):
    activations = [X]
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        Z = A @ W + b
        A = np.maximum(0, Z)
        activations.append(Z)
    activations.append(A @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="softmax-at-the-end", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    Z = activations[-1] @ weights[-1] + biases[-1]
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    activations.append(E / E.sum(axis=1, keepdims=True))
    return activations


@wrong("network_forward", cause="relu-before-the-bias", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W) + b)
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="another-function", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ W + b))))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="input-at-every-layer", first=None)
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, X @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="transposed-weights", first=None)
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W.T + b))
    activations.append(activations[-1] @ weights[-1].T + biases[-1])
    return activations


@wrong("network_forward", cause="relu-on-the-input", first="activations")
def _(X, weights, biases):
    activations = [np.maximum(0, X)]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="right-but-permuted", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.insert(0, np.maximum(0, activations[0] @ W + b))
    activations.insert(0, activations[0] @ weights[-1] + biases[-1])
    return activations


@wrong("network_forward", cause="minimum-for-maximum", first="activations")
def _(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.minimum(0, activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations


@right("network_forward", form="enumerate")
def _(X, weights, biases):
    A, kept = X, [X.copy()]
    for k, (W, b) in enumerate(zip(weights, biases), start=1):
        A = A @ W + b
        if k < len(weights):
            A = A * (A > 0)
        kept.append(A)
    return kept


@right("network_forward", form="tuple-of-tensors")
def _(X, weights, biases):
    kept = [torch.tensor(X)]
    for W, b in zip(weights, biases):
        kept.append(torch.addmm(torch.tensor(b), kept[-1].relu() if len(kept) > 1 else kept[-1], torch.tensor(W)))
    return tuple(kept[:1] + [A.relu() for A in kept[1:-1]] + kept[-1:])


# network_backward


@wrong("network_backward", cause="no-gate", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="gate-off-by-one-layer", first=None)
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dZ * (activations[k] > 0)
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="gate-on-the-logits", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dZ * (activations[k + 1] > 0)
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="gate-on-the-input", first="dL_dX")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dZ


@wrong("network_backward", cause="function-for-slope", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * activations[k]
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="gate-on-wrong-sign-carrier", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (dL_dA > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="right-but-permuted", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.append(dL_dW)
        dL_dbiases.append(dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="mean-for-sum", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW / len(X))
        dL_dbiases.insert(0, dL_db / len(X))
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="sum-for-mean", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dZ = dL_dZ * len(X)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="transposed-dW", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, dL_dZ.T @ activations[k])
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="unsummed-bias", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ)
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="bias-mean", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.mean(axis=0))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="reversed-residual", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dZ = -dL_dZ
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="no-softmax-slope", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    Z = activations[-1]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    dL_dZ = -Y / P / len(X)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="wrong-loss", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    Z = activations[-1]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    G = 2 * (P - Y) / len(X)
    dL_dZ = P * (G - (P * G).sum(axis=1, keepdims=True))
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="off-by-one-layer", first=None)
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k + 1], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k + 1] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="lost-bias", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = [X]
    for W in weights[:-1]:
        activations.append(np.maximum(0, activations[-1] @ W))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="stale-half-step", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    weights = list(weights)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        weights[k] = weights[k] - 0.1 * dL_dweights[0]
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="last-layer-only", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[-2], weights[-1])
    dL_dweights = [np.zeros_like(W) for W in weights]
    dL_dbiases = [np.zeros_like(b) for b in biases]
    dL_dweights[-1], dL_dbiases[-1] = dL_dW, dL_db
    return dL_dweights, dL_dbiases, np.zeros_like(X)


@wrong("network_backward", cause="forgotten-return", first=None)
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)


@wrong("network_backward", cause="loop-stops-early", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in range(len(weights) - 1, 0, -1):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="upstream-ignored", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        dL_dA = np.ones_like(dL_dZ) @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="two-slips", first="dL_dweights", unnamed=True)
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dZ = 2 * dL_dZ
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db / 3)
        dL_dZ = dL_dA * activations[k]
    return dL_dweights, dL_dbiases, dL_dA


@right("network_backward", form="dict-with-tuples")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    delta = softmax_cross_entropy(activations[-1], Y)[1]
    dW, db = {}, {}
    for k in range(len(weights))[::-1]:
        dW[k] = np.tensordot(activations[k], delta, axes=(0, 0))
        db[k] = delta.T @ np.ones(len(X))
        below = delta @ weights[k].T
        delta = np.where(activations[k] > 0, below, 0)
    order = sorted(dW)
    return {"dL_dX": below, "dL_dweights": tuple(dW[k] for k in order), "dL_dbiases": tuple(db[k] for k in order)}


@right("network_backward", form="autograd")
def _(X, Y, weights, biases):
    X, Y = torch.tensor(X, requires_grad=True), torch.tensor(Y)
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    biases = [torch.tensor(b, requires_grad=True) for b in biases]
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = torch.relu(A @ W + b)
    torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], Y).backward()
    return [W.grad for W in weights], [b.grad for b in biases], X.grad


@right("network_backward", form="recursive")
def _(X, Y, weights, biases):
    def back(A, weights, biases):
        Z = A @ weights[0] + biases[0]
        if len(weights) == 1:
            dW, db, dZ = [], [], softmax_cross_entropy(Z, Y)[1]
        else:
            dW, db, dA = back(np.maximum(0, Z), weights[1:], biases[1:])
            dZ = dA * (Z > 0)
        below, first_W, first_b = dense_backward(dZ, A, weights[0])
        return [first_W, *dW], [first_b, *db], below

    return back(X, weights, biases)


# train


@wrong("train", cause="uphill", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W + alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b + alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="uphill", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b + alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="one-step-too-many", first="weights_end")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps + 1):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    return losses, weights, biases


@wrong("train", cause="one-step-short", first="weights_end")
def _(X, Y, weights, biases, alpha, steps):
    losses, history = [], []
    for _ in range(steps + 1):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        history.append((weights, biases))
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    return losses, *history[-2]


@wrong("train", cause="step-without-effect", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        for W, dW in zip(weights, dL_dweights):
            W = W - alpha * dW
        for b, db in zip(biases, dL_dbiases):
            b = b - alpha * db
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="stale-half-step", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, _, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        _, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="stale-half-step", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    weights, biases = list(weights), list(biases)
    losses = []
    for _ in range(steps):
        activations = network_forward(X, weights, biases)
        L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
        losses.append(L)
        for k in reversed(range(len(weights))):
            weights[k] = weights[k] - alpha * activations[k].T @ dL_dZ
            biases[k] = biases[k] - alpha * dL_dZ.sum(axis=0)
            dL_dZ = (dL_dZ @ weights[k].T) * (activations[k] > 0)
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="not-cleared", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    dW = [np.zeros_like(W) for W in weights]
    db = [np.zeros_like(b) for b in biases]
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        dW = [old + new for old, new in zip(dW, dL_dweights)]
        db = [old + new for old, new in zip(db, dL_dbiases)]
        weights = [W - alpha * g for W, g in zip(weights, dW)]
        biases = [b - alpha * g for b, g in zip(biases, db)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="first-loss-missing", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="last-loss-missing", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    return losses, weights, biases


@wrong("train", cause="biases-not-moved", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="no-learning-rate", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="gradient-not-renewed", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="no-gate", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    weights, biases = list(weights), list(biases)
    for _ in range(steps):
        activations = network_forward(X, weights, biases)
        L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
        losses.append(L)
        gradients = []
        for k in reversed(range(len(weights))):
            gradients.insert(0, (activations[k].T @ dL_dZ, dL_dZ.sum(axis=0)))
            dL_dZ = dL_dZ @ weights[k].T
        for k, (dW, db) in enumerate(gradients):
            weights[k] = weights[k] - alpha * dW
            biases[k] = biases[k] - alpha * db
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="mean-for-sum", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW / len(X) for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db / len(X) for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="sum-for-mean", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * len(X) * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * len(X) * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="last-layer-only", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    weights, biases = list(weights), list(biases)
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights[-1] = weights[-1] - alpha * dL_dweights[-1]
        biases[-1] = biases[-1] - alpha * dL_dbiases[-1]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="one-step-too-few", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps - 1):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


@wrong("train", cause="return-in-loop", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
        return losses, weights, biases


@wrong("train", cause="right-but-permuted", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db for b, db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return weights, biases, losses


@wrong("train", cause="initial-parameters-returned", first="weights_end")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    W_now, b_now = weights, biases
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, W_now, b_now)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, W_now, b_now)
        W_now = [W - alpha * dW for W, dW in zip(W_now, dL_dweights)]
        b_now = [b - alpha * db for b, db in zip(b_now, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, W_now, b_now)[-1], Y)[0])
    return losses, weights, biases


@right("train", form="in-place-on-own-copy")
def _(X, Y, weights, biases, alpha, steps):
    Net = namedtuple("Net", "losses weights_end biases_end")
    net = Net(np.empty(steps + 1), [W.copy() for W in weights], [b.copy() for b in biases])
    for t in range(steps):
        net.losses[t] = softmax_cross_entropy(network_forward(X, net.weights_end, net.biases_end)[-1], Y)[0]
        dW, db, _ = network_backward(X, Y, net.weights_end, net.biases_end)
        for parameter, gradient in zip(net.weights_end + net.biases_end, dW + db):
            parameter -= alpha * gradient
    net.losses[steps] = softmax_cross_entropy(network_forward(X, net.weights_end, net.biases_end)[-1], Y)[0]
    return net


@right("train", form="torch-optimizer")
def _(X, Y, weights, biases, alpha, steps):
    X, Y = torch.tensor(X), torch.tensor(Y)
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    biases = [torch.tensor(b, requires_grad=True) for b in biases]
    optimizer, losses = torch.optim.SGD([*weights, *biases], lr=alpha), []
    for step in range(steps + 1):
        A = X
        for W, b in zip(weights[:-1], biases[:-1]):
            A = torch.relu(A @ W + b)
        L = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], Y)
        losses.append(L.detach())
        if step == steps:
            break
        optimizer.zero_grad()
        L.backward()
        optimizer.step()
    return {"losses": losses, "weights_end": [W.detach() for W in weights], "biases_end": [b.detach() for b in biases]}


# dense_backward, once more


@wrong("dense_backward", cause="wrong-axis", first="dL_dW")
def _(dL_dZ, X, W):
    return dL_dZ @ W.T, X.sum(axis=0)[:, None] * dL_dZ.mean(axis=0), dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="own-operand", first="dL_dW")
def _(dL_dZ, X, W):
    return dL_dZ @ W.T, W * dL_dZ.sum(axis=0), dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="absolute-paths", first="dL_dX")
def _(dL_dZ, X, W):
    return np.abs(dL_dZ) @ np.abs(W).T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="mean-for-sum", first="dL_dX")
def _(dL_dZ, X, W):
    return dL_dZ @ W.T / W.shape[1], X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong("dense_backward", cause="sign", first="dL_dW")
def _(dL_dZ, X, W):
    return dL_dZ @ W.T, -X.T @ dL_dZ, dL_dZ.sum(axis=0)


@wrong(
    "dense_backward",
    cause="bias-times-bias-of-ones",
    first="dL_db",
    also=(
        "mean-for-sum",
        "bias-mean",
    ),
)
def _(dL_dZ, X, W):
    return dL_dZ @ W.T, X.T @ dL_dZ, np.average(dL_dZ, axis=0)


@wrong("dense_backward", cause="activation-in-bias", first="dL_db")
def _(dL_dZ, X, W):
    return dL_dZ @ W.T, X.T @ dL_dZ, (X @ W * dL_dZ).sum(axis=0)


@wrong("dense_backward", cause="two-slips", first="dL_dX", unnamed=True)
def _(dL_dZ, X, W):
    return dL_dZ @ W.T * 2, X.T @ dL_dZ * 2 / len(X), dL_dZ.sum(axis=0)


@right("dense_backward", form="named-arguments")
def _(dL_dZ, X, W):
    K, D = W.T.shape
    dL_dX = np.zeros(X.shape)
    for k in range(K):
        dL_dX += np.outer(dL_dZ[:, k], W[:, k])
    return {"dL_dX": dL_dX.tolist(), "dL_dW": np.tensordot(X, dL_dZ, (0, 0)), "dL_db": list(map(sum, dL_dZ.T))}


# relu_layer, once more


@wrong("relu_layer", cause="lost-upstream", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ (Z > 0), dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="constant-bias", first="dL_db")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, np.ones_like(b)


@wrong("relu_layer", cause="one-sample", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, np.outer(X[0], dL_dZ[0]), dL_dZ[0]


@wrong("relu_layer", cause="gate-forgotten-further-back", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dA, dL_dA.sum(axis=0)


@wrong("relu_layer", cause="activation-for-input", first="dL_dW")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    A = np.maximum(0, Z)
    return dL_dZ, dL_dZ @ W.T, np.resize(A.T @ dL_dZ, W.shape), dL_dZ.sum(axis=0)


@wrong("relu_layer", cause="bias-for-whole-layer", first="dL_db", also=("summed-too-much",))
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    return dL_dZ, dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum()


@wrong("relu_layer", cause="swapped-operands", first="dL_dX")
def _(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    dL_dX, dL_dW, dL_db = dense_backward(dL_dZ, X, W)
    return dL_dZ, dL_dW, dL_dX, dL_db


# softmax_cross_entropy, once more


@wrong("softmax_cross_entropy", cause="lost-upstream", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    P = np.exp(log_P)
    return L, P * (1 - P) / len(Z)


@wrong("softmax_cross_entropy", cause="softmax-offdiagonal-sign", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    P = np.exp(log_P)
    return L, (-Y * (1 - P) - P * (1 - Y)) / len(Z)


@wrong("softmax_cross_entropy", cause="no-softmax-slope", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, -Y / np.exp(log_P) / len(Z)


@wrong("softmax_cross_entropy", cause="one-sample", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    G = np.zeros_like(Z)
    G[0] = (np.exp(log_P) - Y)[0] / len(Z)
    return L, G


@wrong("softmax_cross_entropy", cause="denominators-dropped", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, -Y / len(Z)


@wrong("softmax_cross_entropy", cause="rounded", first="L")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return round(L, 2), np.round((np.exp(log_P) - Y) / len(Z), 2)


@wrong("softmax_cross_entropy", cause="transposed", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    return L, ((np.exp(log_P) - Y) / len(Z)).T


# network_backward, once more


@wrong("network_backward", cause="no-gate", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0) if k > 1 else dL_dA
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="bias-mean", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db / len(X) if k == 0 else dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="lost-upstream", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = 1.0 * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="kept-dimension", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0, keepdims=True))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="constant-bias", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, np.ones_like(biases[k]))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="one-sample", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, np.outer(activations[k][0], dL_dZ[0]))
        dL_dbiases.insert(0, dL_dZ[0])
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="pre-activation-for-activation", first="dL_dweights")
def _(X, Y, weights, biases):
    pre, A = [X], X
    for W, b in zip(weights, biases):
        Z = A @ W + b
        pre.append(Z)
        A = np.maximum(0, Z)
    L, dL_dZ = softmax_cross_entropy(pre[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, pre[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (pre[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="slope-twice", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    P = np.exp(activations[-1] - activations[-1].max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dZ - (P * dL_dZ).sum(axis=1, keepdims=True))
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("network_backward", cause="right-but-permuted", first="dL_dbiases")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.append(dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


# train, once more


@wrong("train", cause="no-outgoing-weight", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses, weights, biases = [], list(weights), list(biases)
    for _ in range(steps):
        activations = network_forward(X, weights, biases)
        L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
        losses.append(L)
        gradients = []
        for k in reversed(range(len(weights))):
            gradients.insert(0, (activations[k].T @ dL_dZ, dL_dZ.sum(axis=0)))
            dL_dZ = np.repeat(dL_dZ.sum(axis=1, keepdims=True), weights[k].shape[0], axis=1) * (activations[k] > 0)
        for k, (dW, db) in enumerate(gradients):
            weights[k], biases[k] = weights[k] - alpha * dW, biases[k] - alpha * db
    return losses, weights, biases


@wrong("train", cause="reversed-residual", first="losses", also=("uphill",))
def _(X, Y, weights, biases, alpha, steps):
    losses, weights, biases = [], list(weights), list(biases)
    for _ in range(steps):
        activations = network_forward(X, weights, biases)
        L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
        losses.append(L)
        dL_dZ = -dL_dZ
        gradients = []
        for k in reversed(range(len(weights))):
            gradients.insert(0, (activations[k].T @ dL_dZ, dL_dZ.sum(axis=0)))
            dL_dZ = (dL_dZ @ weights[k].T) * (activations[k] > 0)
        for k, (dW, db) in enumerate(gradients):
            weights[k], biases[k] = weights[k] - alpha * dW, biases[k] - alpha * db
    return losses, weights, biases


@wrong("train", cause="learning-rate-decays", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for step in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        rate = alpha / (step + 1)
        weights = [W - rate * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - rate * db for b, db in zip(biases, dL_dbiases)]
    return losses, weights, biases


@wrong("train", cause="bias-mean", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dW for W, dW in zip(weights, dL_dweights)]
        biases = [b - alpha * db / len(X) for b, db in zip(biases, dL_dbiases)]
    return losses, weights, biases


# broadcast_backward, once more


@wrong("broadcast_backward", cause="unbroadcast-mean", first="dL_dc", also=("mean-for-sum",))
def _(dL_dY, U, v):
    return dL_dY * v, (dL_dY * U).sum(axis=0), dL_dY.mean(axis=1, keepdims=True), dL_dY.sum()


@wrong("broadcast_backward", cause="not-unbroadcast", first="dL_ds")
def _(dL_dY, U, v):
    return dL_dY * v, (dL_dY * U).sum(axis=0), dL_dY.sum(axis=1, keepdims=True), dL_dY.sum(axis=0)


@wrong("broadcast_backward", cause="own-operand", first="dL_dv")
def _(dL_dY, U, v):
    return dL_dY * v, (dL_dY * v).sum(axis=0), dL_dY.sum(axis=1, keepdims=True), dL_dY.sum()


@wrong("broadcast_backward", cause="absolute-paths", first="dL_dv")
def _(dL_dY, U, v):
    return dL_dY * v, np.abs(dL_dY * U).sum(axis=0), np.abs(dL_dY).sum(axis=1, keepdims=True), np.abs(dL_dY).sum()


@wrong("broadcast_backward", cause="kept-dimension", first="dL_ds")
def _(dL_dY, U, v):
    return dL_dY * v, (dL_dY * U).sum(axis=0), dL_dY.sum(axis=1, keepdims=True), dL_dY.sum(keepdims=True)


@right("broadcast_backward", form="generator")
def _(dL_dY, U, v):
    yield np.multiply(dL_dY, v)
    yield np.sum(np.multiply(dL_dY, U), axis=0)
    yield np.sum(dL_dY, axis=1)[:, np.newaxis]
    yield np.sum(dL_dY)


@wrong("recall_05", cause="own-operand", first="dL_dw1")
def _():
    return 4 * 0.5, 54, -0.21


@wrong("recall_05", cause="derivatives-multiplied", first="dL_dx")
def _():
    return 0, 2 * 6, -0.21


@wrong("first_loss", cause="all-classes-counted", first="L")
def _():
    return 3 * np.log(3)


@wrong("train", cause="stale-half-step", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    weights, biases = list(weights), list(biases)

    def loss():
        return softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0]

    losses = [loss()]
    for _ in range(steps):
        for k in range(len(weights)):
            dW, db, _dX = network_backward(X, Y, weights, biases)
            weights[k] = weights[k] - alpha * dW[k]
            biases[k] = biases[k] - alpha * db[k]
        losses.append(loss())
    return losses, weights, biases


@right("recall_05", form="dict")
def _():
    return {"dp1_dz2": -0.7 * 0.3, "dL_dx": 2 * 3 * 3**2, "dL_dw1": 0.0}


@right("first_loss", form="negative-logarithm")
def _():
    return -np.log(1 / 3)


@wrong("network_backward", cause="no-gate", first="dL_dweights")
def _(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    dL_dZ = softmax_cross_entropy(activations[-1], Y)[1]
    dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[-2], weights[-1])
    dL_dweights, dL_dbiases = [dL_dW], [dL_db]
    dL_dZ = dL_dA
    for k in reversed(range(len(weights) - 1)):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


@wrong("broadcast_backward", cause="lost-upstream", first="dL_dc")
def _(dL_dY, U, v):
    return dL_dY * v, (dL_dY * U).sum(axis=0), np.ones((len(U), 1)), 1.0


# mistakes at unusual places


@wrong("softmax_cross_entropy", cause="no-softmax-slope", first="dL_dZ")
def _(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(Y * log_P) / len(Y), -Y / np.exp(log_P) / len(Y)


@wrong("train", cause="sign-turned", first="losses")
def _(X, Y, weights, biases, alpha, steps):
    losses = [softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0]]
    for _ in range(steps):
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * g for W, g in zip(weights, dL_dweights)]
        biases = [b + alpha * g for b, g in zip(biases, dL_dbiases)]
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases
