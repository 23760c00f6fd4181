"""Answers to lesson 08, inside a transformer.

An answer is what a learner writes into one answer cell. What earlier cells define is there already.
"""

import numpy as np

from tests.corpus.registry import right, wrong


def normalised(X, eps, axis=1):
    """Return Xhat and s, the reciprocal standard deviations."""
    C = X - X.mean(axis=axis, keepdims=True)
    s = 1 / np.sqrt((C**2).mean(axis=axis, keepdims=True) + eps)
    return C * s, s


def through_norm(d, Xhat, s, axis=1):
    """Go back through a normalisation along an axis."""
    along = Xhat * (d * Xhat).mean(axis=axis, keepdims=True)
    return s * (d - d.mean(axis=axis, keepdims=True) - along)


def softmax(S):
    exponentials = np.exp(S - S.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def attention(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[1])
    S[np.triu_indices(len(S), 1)] = -np.inf
    A = softmax(S)
    return A, A @ V


def links(dL_dO, Q, K, V):
    A, _ = attention(Q, K, V)
    dL_dV, dL_dA = A.T @ dL_dO, dL_dO @ V.T
    dL_dS = A * (dL_dA - (A * dL_dA).sum(axis=1, keepdims=True))
    root = np.sqrt(Q.shape[1])
    return dL_dV, dL_dA, dL_dS, dL_dS @ K / root, dL_dS.T @ Q / root


def dense_backward(dL_dZ, X, W):
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


# shift_and_scale


@wrong("shift_and_scale", cause="sum-of-upstream", first="sum_of_dL_dx")
def _():
    return 2.5, 0.1


@wrong("shift_and_scale", cause="gradient-unchanged", first="factor_of_dL_dx")
def _():
    return 0, 1


@wrong("shift_and_scale", cause="gradient-grows", first="factor_of_dL_dx")
def _():
    return 0, 10


@wrong("shift_and_scale", cause="variance-for-deviation", first="factor_of_dL_dx")
def _():
    return 0, 0.01


@right("shift_and_scale", form="fraction")
def _():
    return {"sum_of_dL_dx": 0.0, "factor_of_dL_dx": 1 / 10}


# layer_norm_links


def row_links(dL_dy, x, gamma, eps, scale=True, power=3, other_path=1.0, direct=1.0, through_m=1.0):
    """Return the six links, some of them changed as a learner might."""
    D = len(x)
    c = x - x.mean()
    s = 1 / np.sqrt((c**2).mean() + eps)
    d = gamma * dL_dy if scale else dL_dy
    dL_ds = (d * c).sum()
    dL_dv = -0.5 * s**power * dL_ds
    dL_dc = direct * d * s + other_path * dL_dv * 2 * c / D
    dL_dm = -dL_dc.sum()
    return d, dL_ds, dL_dv, dL_dc, dL_dm, dL_dc + through_m * dL_dm / D


@wrong("layer_norm_links", cause="missing-scale", first="dL_dxhat")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, scale=False)


@wrong("layer_norm_links", cause="variance-is-constant", first="dL_dc")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, other_path=0.0)


@wrong("layer_norm_links", cause="variance-only", first="dL_dc")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, direct=0.0)


@wrong("layer_norm_links", cause="mean-is-constant", first="dL_dx")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, through_m=0.0)


@wrong("layer_norm_links", cause="share-undivided", first="dL_dx")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, through_m=len(x))


@wrong("layer_norm_links", cause="exponent-not-lowered", first="dL_dv")
def _(dL_dy, x, gamma, eps):
    return row_links(dL_dy, x, gamma, eps, power=1)


@wrong("layer_norm_links", cause="unsummed", first="dL_ds")
def _(dL_dy, x, gamma, eps):
    d, dL_ds, *rest = row_links(dL_dy, x, gamma, eps)
    return d, d * (x - x.mean()), *rest


@wrong("layer_norm_links", cause="sign", first="dL_dm")
def _(dL_dy, x, gamma, eps):
    d, dL_ds, dL_dv, dL_dc, dL_dm, _ = row_links(dL_dy, x, gamma, eps)
    return d, dL_ds, dL_dv, dL_dc, -dL_dm, dL_dc - dL_dm / len(x)


@right("layer_norm_links", form="boxed-formula")
def _(dL_dy, x, gamma, eps):
    d, dL_ds, dL_dv, dL_dc, dL_dm, _ = row_links(dL_dy, x, gamma, eps)
    xhat, s = normalised(x[None], eps)
    return d, dL_ds, dL_dv, dL_dc, dL_dm, through_norm(d[None], xhat, s)[0]


# layer_norm_backward, batch_norm_backward


@wrong("layer_norm_backward", cause="statistics-are-constant", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dY * gamma * s


@wrong("layer_norm_backward", cause="mean-is-constant", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    d = dL_dY * gamma
    dL_dX = s * (d - Xhat * (d * Xhat).mean(axis=1, keepdims=True))
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@wrong("layer_norm_backward", cause="missing-scale", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), through_norm(dL_dY, Xhat, s)


@wrong("layer_norm_backward", cause="sum-for-mean", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    d = dL_dY * gamma
    along = Xhat * (d * Xhat).sum(axis=1, keepdims=True)
    dL_dX = s * (d - d.sum(axis=1, keepdims=True) - along)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@wrong("layer_norm_backward", cause="unsummed-scale", first="dL_dgamma")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    return dL_dY * Xhat, dL_dY.sum(axis=0), through_norm(dL_dY * gamma, Xhat, s)


@wrong("layer_norm_backward", cause="wrong-axis-norm", first="dL_dgamma")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps, axis=0)
    dL_dX = through_norm(dL_dY * gamma, Xhat, s, axis=0)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@wrong("layer_norm_backward", cause="gamma-meets-inputs", first="dL_dgamma")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    dL_dX = through_norm(dL_dY * gamma, Xhat, s)
    return (dL_dY * X).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@right("layer_norm_backward", form="row-by-row")
def _(dL_dY, X, gamma, eps):
    rows = [row_links(d, x, gamma, eps)[-1] for d, x in zip(dL_dY, X)]
    Xhat, _ = normalised(X, eps)
    return np.einsum("nd,nd->d", dL_dY, Xhat), np.ones(len(X)) @ dL_dY, np.array(rows)


@wrong("batch_norm_backward", cause="wrong-axis-norm", first="dL_dX")
def _(dL_dY, X, gamma, eps=1e-5):
    s = 1 / np.sqrt(X.var(axis=0) + eps)
    Xhat = (X - X.mean(axis=0)) * s
    d = dL_dY * gamma
    dL_dX = s * (d - d.mean(axis=1, keepdims=True) - Xhat * (d * Xhat).mean(axis=0))
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@wrong("batch_norm_backward", cause="wrong-axis-norm", first="dL_dX")
def _(dL_dY, X, gamma, eps=1e-5):
    s = 1 / np.sqrt(X.var(axis=0) + eps)
    Xhat = (X - X.mean(axis=0)) * s
    d = dL_dY * gamma
    dL_dX = s * (d - d.mean(axis=0) - Xhat * (d * Xhat).mean(axis=1, keepdims=True))
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@wrong("batch_norm_backward", cause="wrong-axis-norm", first="dL_dgamma")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), through_norm(dL_dY * gamma, Xhat, s)


@wrong("batch_norm_backward", cause="statistics-are-constant", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps, axis=0)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dY * gamma * s


@wrong("batch_norm_backward", cause="means-along-the-wrong-axis", first="dL_dX")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X, eps, axis=0)
    dL_dX = through_norm(dL_dY * gamma, Xhat, s, axis=1)
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX


@right("batch_norm_backward", form="transposed")
def _(dL_dY, X, gamma, eps):
    Xhat, s = normalised(X.T, eps)
    dL_dX = through_norm((dL_dY * gamma).T, Xhat, s).T
    return (dL_dY * Xhat.T).sum(axis=0), dL_dY.sum(axis=0), dL_dX


# embedding_backward


def tables(dL_dX, ids, E, P):
    dL_dE, dL_dP = np.zeros_like(E), np.zeros_like(P)
    np.add.at(dL_dE, ids, dL_dX)
    dL_dP[: len(ids)] = dL_dX
    return dL_dE, dL_dP


@wrong("embedding_backward", cause="fancy-index-add", first="dL_dE")
def _(dL_dX, ids, E, P):
    dL_dE, dL_dP = np.zeros_like(E), np.zeros_like(P)
    dL_dE[ids] += dL_dX
    dL_dP[: len(ids)] += dL_dX
    return dL_dE, dL_dP


@wrong("embedding_backward", cause="tokens-not-collected", first="dL_dE")
def _(dL_dX, ids, E, P):
    return dL_dX, tables(dL_dX, ids, E, P)[1]


@wrong("embedding_backward", cause="unused-positions-left-out", first="dL_dP")
def _(dL_dX, ids, E, P):
    return tables(dL_dX, ids, E, P)[0], dL_dX


@wrong("embedding_backward", cause="gathered-again", first="dL_dE", unnamed=True)
def _(dL_dX, ids, E, P):
    dL_dE, dL_dP = tables(dL_dX, ids, E, P)
    return dL_dE[ids], dL_dP


@right("embedding_backward", form="one-hot-product")
def _(dL_dX, ids, E, P):
    H = np.eye(len(E))[ids]
    return H.T @ dL_dX, np.pad(dL_dX, ((0, len(P) - len(ids)), (0, 0)))


# causal_attention


@wrong("causal_attention", cause="mask-forgotten", first="A")
def _(Q, K, V):
    A = softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return A, A @ V


@wrong("causal_attention", cause="missing-root-d", first="A")
def _(Q, K, V):
    S = np.where(np.tri(len(Q)) == 1, Q @ K.T, -np.inf)
    return softmax(S), softmax(S) @ V


@wrong("causal_attention", cause="mask-after-softmax", first="A")
def _(Q, K, V):
    A = np.tril(softmax(Q @ K.T / np.sqrt(Q.shape[1])))
    return A, A @ V


@wrong("causal_attention", cause="zero-score-for-mask", first="A")
def _(Q, K, V):
    A = softmax(np.tril(Q @ K.T / np.sqrt(Q.shape[1])))
    return A, A @ V


@wrong("causal_attention", cause="mask-turned", first="A")
def _(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[1])
    S[np.tril_indices(len(S), -1)] = -np.inf
    return softmax(S), softmax(S) @ V


@wrong("causal_attention", cause="softmax-over-queries", first="A")
def _(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[1])
    S[np.triu_indices(len(S), 1)] = -np.inf
    e = np.exp(S)
    A = e / e.sum(axis=0)
    return A, A @ V


@right("causal_attention", form="large-negative-score")
def _(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[1]) - 1e9 * np.triu(np.ones((len(Q), len(Q))), 1)
    return softmax(S), softmax(S) @ V


# attention_rows


@wrong("attention_rows", cause="mask-forgotten", first="rows_of_dL_dV")
def _():
    return 5, 1, 3


@wrong("attention_rows", cause="queries-like-keys", first="rows_of_dL_dQ")
def _():
    return 3, 3, 3


@wrong("attention_rows", cause="earlier-keys", first="rows_of_dL_dK")
def _():
    return 3, 1, 2


@right("attention_rows", form="list")
def _():
    return [3, 1, 3]


# attention_links


@wrong("attention_links", cause="elementwise-softmax", first="dL_dS")
def _(dL_dO, Q, K, V):
    A, _ = attention(Q, K, V)
    dL_dV, dL_dA, *_ = links(dL_dO, Q, K, V)
    dL_dS = dL_dA * A * (1 - A)
    root = np.sqrt(Q.shape[1])
    return dL_dV, dL_dA, dL_dS, dL_dS @ K / root, dL_dS.T @ Q / root


@wrong("attention_links", cause="missing-root-d", first="dL_dQ")
def _(dL_dO, Q, K, V):
    dL_dV, dL_dA, dL_dS, *_ = links(dL_dO, Q, K, V)
    return dL_dV, dL_dA, dL_dS, dL_dS @ K, dL_dS.T @ Q


@wrong("attention_links", cause="dK-untransposed", first="dL_dK")
def _(dL_dO, Q, K, V):
    dL_dV, dL_dA, dL_dS, dL_dQ, _ = links(dL_dO, Q, K, V)
    return dL_dV, dL_dA, dL_dS, dL_dQ, dL_dS @ Q / np.sqrt(Q.shape[1])


@wrong("attention_links", cause="no-transpose", first="dL_dV")
def _(dL_dO, Q, K, V):
    A, _ = attention(Q, K, V)
    return A @ dL_dO, *links(dL_dO, Q, K, V)[1:]


@wrong("attention_links", cause="wrong-axis", first="dL_dS")
def _(dL_dO, Q, K, V):
    A, _ = attention(Q, K, V)
    dL_dV, dL_dA, *_ = links(dL_dO, Q, K, V)
    dL_dS = A * (dL_dA - (A * dL_dA).sum(axis=0))
    root = np.sqrt(Q.shape[1])
    return dL_dV, dL_dA, dL_dS, dL_dS @ K / root, dL_dS.T @ Q / root


@right("attention_links", form="jacobians")
def _(dL_dO, Q, K, V):
    A, _ = attention(Q, K, V)
    dL_dA = dL_dO @ V.T
    dL_dS = np.array([(np.diag(a) - np.outer(a, a)) @ g for a, g in zip(A, dL_dA)])
    root = Q.shape[1] ** 0.5
    return A.T @ dL_dO, dL_dA, dL_dS, dL_dS @ K / root, dL_dS.T @ Q / root


# head_backward


def head(dL_dO, X, Wq, Wk, Wv, paths="QKV"):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    dL_dV, _, _, dL_dQ, dL_dK = links(dL_dO, Q, K, V)
    parts = {"Q": dL_dQ @ Wq.T, "K": dL_dK @ Wk.T, "V": dL_dV @ Wv.T}
    return X.T @ dL_dV, X.T @ dL_dK, X.T @ dL_dQ, sum(parts[path] for path in paths)


@wrong("head_backward", cause="values-only", first="dL_dX")
def _(dL_dO, X, Wq, Wk, Wv):
    return head(dL_dO, X, Wq, Wk, Wv, paths="V")


@wrong("head_backward", cause="scores-only", first="dL_dX")
def _(dL_dO, X, Wq, Wk, Wv):
    return head(dL_dO, X, Wq, Wk, Wv, paths="QK")


@wrong("head_backward", cause="queries-and-keys-exchanged", first="dL_dWk")
def _(dL_dO, X, Wq, Wk, Wv):
    dWv, dWk, dWq, dX = head(dL_dO, X, Wq, Wk, Wv)
    return dWv, dWq, dWk, dX


@right("head_backward", form="dict")
def _(dL_dO, X, Wq, Wk, Wv):
    dWv, dWk, dWq, dX = head(dL_dO, X, Wq, Wk, Wv)
    return {"dL_dX": dX, "dL_dWq": dWq, "dL_dWk": dWk, "dL_dWv": dWv}


# convolution_links


@wrong("convolution_links", cause="unflipped", first="dL_dx")
def _(dL_dz, x, w):
    return dL_dz.sum(), np.correlate(x, dL_dz), np.convolve(dL_dz, w[::-1])


@wrong("convolution_links", cause="overwrite", first="dL_dw")
def _(dL_dz, x, w):
    dL_dx = np.zeros_like(x)
    for t in range(len(dL_dz)):
        dL_dw = dL_dz[t] * x[t : t + len(w)]
        dL_dx[t : t + len(w)] += dL_dz[t] * w
    return dL_dz.sum(), dL_dw, dL_dx


@wrong("convolution_links", cause="windows-overwrite", first="dL_dx")
def _(dL_dz, x, w):
    dL_dx = np.zeros_like(x)
    for t in range(len(dL_dz)):
        dL_dx[t : t + len(w)] = dL_dz[t] * w
    return dL_dz.sum(), np.correlate(x, dL_dz), dL_dx


@wrong("convolution_links", cause="unsummed-bias", first="dL_db")
def _(dL_dz, x, w):
    return dL_dz, np.correlate(x, dL_dz), np.convolve(dL_dz, w)


@wrong("convolution_links", cause="edges-cut-off", first="dL_dx")
def _(dL_dz, x, w):
    return dL_dz.sum(), np.correlate(x, dL_dz), np.convolve(dL_dz, w, mode="same")


@right("convolution_links", form="numpy-functions")
def _(dL_dz, x, w):
    return dL_dz.sum(), np.correlate(x, dL_dz), np.convolve(dL_dz, w)


# convolution_backward


def channels(dL_dZ, X, W, turned=False, add=True):
    k = len(W)
    dL_dW, dL_dX = np.zeros_like(W), np.zeros_like(X)
    kernel = W[::-1] if turned else W
    for t in range(len(dL_dZ)):
        dL_dW += X[t : t + k][:, :, None] * dL_dZ[t]
        if add:
            dL_dX[t : t + k] += kernel @ dL_dZ[t]
        else:
            dL_dX[t : t + k] = kernel @ dL_dZ[t]
    return dL_dZ.sum(axis=0), dL_dW, dL_dX


@wrong("convolution_backward", cause="unflipped", first="dL_dX")
def _(dL_dZ, X, W):
    return channels(dL_dZ, X, W, turned=True)


@wrong("convolution_backward", cause="windows-overwrite", first="dL_dX")
def _(dL_dZ, X, W):
    return channels(dL_dZ, X, W, add=False)


@wrong("convolution_backward", cause="bias-of-all-filters", first="dL_db")
def _(dL_dZ, X, W):
    return dL_dZ.sum(), *channels(dL_dZ, X, W)[1:]


@wrong("convolution_backward", cause="one-place", first="dL_dW")
def _(dL_dZ, X, W):
    dL_db, _, dL_dX = channels(dL_dZ, X, W)
    return dL_db, X[: len(W)][:, :, None] * dL_dZ[0], dL_dX


@right("convolution_backward", form="einsum")
def _(dL_dZ, X, W):
    windows = np.stack([X[t : t + len(W)] for t in range(len(dL_dZ))])
    dL_dX = np.zeros_like(X)
    for j in range(len(W)):
        dL_dX[j : j + len(dL_dZ)] += dL_dZ @ W[j].T
    return dL_dZ.sum(axis=0), np.einsum("tjc,tf->jcf", windows, dL_dZ), dL_dX


# row_max_backward, max_pool_backward


@wrong("row_max_backward", cause="to-everyone", first="dL_dX")
def _(dL_dm, X):
    return np.repeat(dL_dm[:, None], X.shape[1], axis=1)


@wrong("row_max_backward", cause="shared-equally", first="dL_dX")
def _(dL_dm, X):
    return dL_dm[:, None] * np.ones_like(X) / X.shape[1]


@wrong("row_max_backward", cause="one-winner-for-all", first="dL_dX")
def _(dL_dm, X):
    return dL_dm[:, None] * (X.max() == X)


@wrong("row_max_backward", cause="lost-upstream", first="dL_dX")
def _(dL_dm, X):
    return 1.0 * (X == X.max(axis=1, keepdims=True))


@right("row_max_backward", form="argmax")
def _(dL_dm, X):
    G = np.zeros(X.shape)
    G[np.arange(len(X)), X.argmax(axis=1)] = dL_dm
    return G


def pooled(dL_dY, X, width, stride, add=True, step=None):
    G = np.zeros_like(X)
    for j in range(len(dL_dY)):
        start = j * (stride if step is None else step)
        for c in range(X.shape[1]):
            winner = start + X[start : start + width, c].argmax()
            G[winner, c] = dL_dY[j, c] + (G[winner, c] if add else 0)
    return G


@wrong("max_pool_backward", cause="overwrite", first="dL_dX")
def _(dL_dY, X, width, stride):
    return pooled(dL_dY, X, width, stride, add=False)


@wrong("max_pool_backward", cause="place-in-the-window", first="dL_dX")
def _(dL_dY, X, width, stride):
    G = np.zeros_like(X)
    for j in range(len(dL_dY)):
        winners = X[j * stride : j * stride + width].argmax(axis=0)
        G[winners, np.arange(X.shape[1])] += dL_dY[j]
    return G


@wrong("max_pool_backward", cause="stride-forgotten", first="dL_dX")
def _(dL_dY, X, width, stride):
    return pooled(dL_dY, X, width, stride, step=1)


@right("max_pool_backward", form="loop")
def _(dL_dY, X, width, stride):
    return pooled(dL_dY, X, width, stride)


# dropout_residual_backward


@wrong("dropout_residual_backward", cause="no-mask", first="dL_dH")
def _(dL_dY, X, W, mask, p):
    dL_dH = dL_dY / (1 - p)
    return dL_dH, X.T @ dL_dH, dL_dY + dL_dH @ W.T


@wrong("dropout_residual_backward", cause="no-scale", first="dL_dH")
def _(dL_dY, X, W, mask, p):
    dL_dH = dL_dY * mask
    return dL_dH, X.T @ dL_dH, dL_dY + dL_dH @ W.T


@wrong("dropout_residual_backward", cause="skip-lost", first="dL_dX")
def _(dL_dY, X, W, mask, p):
    dL_dH = dL_dY * mask / (1 - p)
    return dL_dH, X.T @ dL_dH, dL_dH @ W.T


@wrong("dropout_residual_backward", cause="no-transpose", first="dL_dX")
def _(dL_dY, X, W, mask, p):
    dL_dH = dL_dY * mask / (1 - p)
    return dL_dH, X.T @ dL_dH, dL_dY + dL_dH @ W


@wrong("dropout_residual_backward", cause="transposed-dW", first="dL_dW")
def _(dL_dY, X, W, mask, p):
    dL_dH = dL_dY * mask / (1 - p)
    return dL_dH, dL_dH.T @ X, dL_dY + dL_dH @ W.T


@right("dropout_residual_backward", form="where")
def _(dL_dY, X, W, mask, p):
    dL_dH = np.where(mask == 1, dL_dY / (1 - p), 0)
    return dL_dH, np.einsum("nd,nk->dk", X, dL_dH), dL_dH @ W.T + dL_dY


# mlp_block_backward


def block(dL_dY, X, gamma, beta, W1, b1, W2, eps, gate=True, skip=1.0):
    Xhat, s = normalised(X, eps)
    N = gamma * Xhat + beta
    A = np.maximum(0, N @ W1 + b1)
    dL_dA, dL_dW2, dL_db2 = dense_backward(dL_dY, A, W2)
    dL_dN, dL_dW1, dL_db1 = dense_backward(dL_dA * (A > 0) if gate else dL_dA, N, W1)
    dL_dX = skip * dL_dY + through_norm(dL_dN * gamma, Xhat, s)
    dL_dgamma, dL_dbeta = (dL_dN * Xhat).sum(axis=0), dL_dN.sum(axis=0)
    return dL_db2, dL_dW2, dL_db1, dL_dW1, dL_dbeta, dL_dgamma, dL_dX


@wrong("mlp_block_backward", cause="no-gate", first="dL_db1")
def _(dL_dY, X, gamma, beta, W1, b1, W2, b2, eps):
    return block(dL_dY, X, gamma, beta, W1, b1, W2, eps, gate=False)


@wrong("mlp_block_backward", cause="skip-lost", first="dL_dX")
def _(dL_dY, X, gamma, beta, W1, b1, W2, b2, eps):
    return block(dL_dY, X, gamma, beta, W1, b1, W2, eps, skip=0.0)


@wrong("mlp_block_backward", cause="order-of-results", first="dL_dbeta")
def _(dL_dY, X, gamma, beta, W1, b1, W2, b2, eps):
    *first, dL_dbeta, dL_dgamma, dL_dX = block(dL_dY, X, gamma, beta, W1, b1, W2, eps)
    return *first, dL_dgamma, dL_dbeta, dL_dX


@right("mlp_block_backward", form="tuple")
def _(dL_dY, X, gamma, beta, W1, b1, W2, b2, eps):
    return block(dL_dY, X, gamma, beta, W1, b1, W2, eps)


# model_backward, train_model


def model(ids, targets, theta, eps, mean=True, first_skip=1.0, add_uses=True):
    """Return the loss and the gradients of the 15 parameters, the last one first."""
    E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = theta
    X0 = E[ids] + P[: len(ids)]
    Xhat, s = normalised(X0, eps)
    N1 = gamma1 * Xhat + beta1
    X1 = X0 + attention(N1 @ Wq, N1 @ Wk, N1 @ Wv)[1]
    A = np.maximum(0, (gamma2 * normalised(X1, eps)[0] + beta2) @ W1 + b1)
    X2 = X1 + A @ W2 + b2
    probabilities, positions = softmax(X2 @ U + c), np.arange(len(ids))
    L = -np.log(probabilities[positions, targets]).mean()
    dL_dZ = probabilities - np.eye(len(c))[targets]
    dL_dX2, dL_dU, dL_dc = dense_backward(dL_dZ / len(ids) if mean else dL_dZ, X2, U)
    *of_mlp, dL_dX1 = block(dL_dX2, X1, gamma2, beta2, W1, b1, W2, eps)
    *of_head, dL_dN1 = head(dL_dX1, N1, Wq, Wk, Wv)
    dL_dX0 = first_skip * dL_dX1 + through_norm(dL_dN1 * gamma1, Xhat, s)
    dL_dE, dL_dP = tables(dL_dX0, ids, E, P)
    if not add_uses:
        dL_dE = np.zeros_like(E)
        dL_dE[ids] += dL_dX0
    of_norm = dL_dN1.sum(axis=0), (dL_dN1 * Xhat).sum(axis=0)
    return L, dL_dc, dL_dU, *of_mlp, *of_head, *of_norm, dL_dP, dL_dE


@wrong("model_backward", cause="sum-for-mean", first="dL_dc")
def _(ids, targets, theta, eps):
    return model(ids, targets, theta, eps, mean=False)


@wrong("model_backward", cause="first-skip-lost", first="dL_dP")
def _(ids, targets, theta, eps):
    return model(ids, targets, theta, eps, first_skip=0.0)


@wrong("model_backward", cause="fancy-index-add", first="dL_dE")
def _(ids, targets, theta, eps):
    return model(ids, targets, theta, eps, add_uses=False)


@wrong("model_backward", cause="order-of-results", first="dL_dc", also=("right-but-permuted",))
def _(ids, targets, theta, eps):
    L, *gradients = model(ids, targets, theta, eps)
    return L, *gradients[::-1]


@right("model_backward", form="list")
def _(ids, targets, theta, eps):
    return list(model(ids, targets, theta, eps))


def trained(windows, theta, alpha, eps):
    losses = []
    for window in windows:
        L, *gradients = model(window[:-1], window[1:], theta, eps)
        losses.append(L)
        theta = [part - alpha * g for part, g in zip(theta, reversed(gradients))]
    return losses, theta


@wrong("train_model", cause="uphill", first="losses")
def _(windows, theta, alpha, eps):
    return trained(windows, theta, -alpha, eps)


@wrong("train_model", cause="no-learning-rate", first="losses")
def _(windows, theta, alpha, eps):
    return trained(windows, theta, 1.0, eps)


def trained_in_parts(windows, theta, alpha, eps, parts):
    """Each part of the parameters is moved with gradients computed after the part before has moved."""
    losses, theta = [], list(theta)
    for window in windows:
        for number, part in enumerate(parts):
            L, *gradients = model(window[:-1], window[1:], theta, eps)
            losses += [L] if number == 0 else []
            for k in part:
                theta[k] = theta[k] - alpha * gradients[len(theta) - 1 - k]
    return losses, theta


@wrong("train_model", cause="stale-half-step", first="losses")
def _(windows, theta, alpha, eps):
    return trained_in_parts(windows, theta, alpha, eps, [range(11, 15), range(11)])


@wrong("train_model", cause="stale-half-step", first="losses")
def _(windows, theta, alpha, eps):
    return trained_in_parts(windows, theta, alpha, eps, [range(8), range(8, 15)])


@wrong("train_model", cause="one-step-short", first="theta_end")
def _(windows, theta, alpha, eps):
    losses, _ = trained(windows, theta, alpha, eps)
    return losses, trained(windows[:-1], theta, alpha, eps)[1]


@wrong("train_model", cause="last-loss-only", first="losses")
def _(windows, theta, alpha, eps):
    losses, theta = trained(windows, theta, alpha, eps)
    return losses[-1], theta


@right("train_model", form="array-of-losses")
def _(windows, theta, alpha, eps):
    losses, theta = trained(windows, theta, alpha, eps)
    return np.array(losses), tuple(theta)


@wrong("recall_08", cause="last-sample", first="dL_db2")
def _():
    return 1.5, 0.75, 35


@wrong("recall_08", cause="lost-upstream-at-softmax", first="dL_dz1")
def _():
    return 3.5, 0.5 * (1 - 0.5), 35


@right("recall_08", form="array")
def _():
    return np.array([-2 + 4 + 1.5, 0.5 * (3 - 1.5), 5 * 7])


# mistakes at unusual places


@wrong("head_backward", cause="own-operand", first="dL_dWk")
def _(dL_dO, X, Wq, Wk, Wv):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    A, _ = attention(Q, K, V)
    dL_dA = dL_dO @ V.T
    dL_dS = A * (dL_dA - (A * dL_dA).sum(axis=1, keepdims=True)) / np.sqrt(K.shape[1])
    dL_dV, dL_dQ, dL_dK = A.T @ dL_dO, dL_dS @ K, dL_dS.T @ K
    return X.T @ dL_dV, X.T @ dL_dK, X.T @ dL_dQ, dL_dV @ Wv.T + dL_dK @ Wk.T + dL_dQ @ Wq.T


@wrong("train_model", cause="stale-half-step", first="losses")
def _(windows, theta, alpha, eps):
    losses, theta, half = [], list(theta), len(theta) // 2
    for window in windows:
        for number, places in enumerate((range(half), range(half, len(theta)))):
            L, *found = model(window[:-1], window[1:], theta, eps)
            losses += [L] if number == 0 else []
            for k in places:
                theta[k] = theta[k] - alpha * found[::-1][k]
    return losses, theta


@wrong("head_backward", cause="no-transpose", first="dL_dWv")
def _(dL_dO, X, Wq, Wk, Wv):
    A, _ = attention(X @ Wq, X @ Wk, X @ Wv)
    _, dL_dWk, dL_dWq, dL_dX = head(dL_dO, X, Wq, Wk, Wv)
    dL_dV = A @ dL_dO
    return X.T @ dL_dV, dL_dWk, dL_dWq, dL_dX + (dL_dV - A.T @ dL_dO) @ Wv.T
