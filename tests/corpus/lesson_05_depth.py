"""Answers to the second half of lesson 05: depth, initial weights, skip connections, minibatches.

An answer is what a learner writes into one answer cell. What earlier cells define is there already.
"""

import numpy as np

from tests.corpus.registry import right, wrong


def softmax_cross_entropy(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(Y * log_P).sum() / len(Z), (np.exp(log_P) - Y) / len(Z)


def network_forward(X, weights, biases):
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    return [*activations, activations[-1] @ weights[-1] + biases[-1]]


def network_backward(X, Y, weights, biases):
    activations = network_forward(X, weights, biases)
    _, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        dL_dA = dL_dZ @ weights[k].T
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA


def train(X, Y, weights, biases, alpha, steps):
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * d for W, d in zip(weights, dL_dweights)]
        biases = [b - alpha * d for b, d in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


def minibatches(order, size):
    return [order[first : first + size] for first in range(0, len(order), size)]


def rms(array):
    return np.sqrt(np.mean(array**2))


# recall_depth


@wrong("recall_depth", cause="links-added", first="dL_dx")
def _():
    return 64 * 5 * 0.5, 4 + 6, 24 / 8


@wrong("recall_depth", cause="no-gate", first="sum_of_dL_dZ")
def _():
    return 64 / 2**5, 4 + 5 + 6, 3


@wrong("recall_depth", cause="sum-for-mean", first="share")
def _():
    return 2, 10, 24


@right("recall_depth", form="list")
def _():
    return [64 * 0.5**5, 10.0, 24 / 8]


# gradient_sizes


@wrong("gradient_sizes", cause="mean-square", first="sizes_of_A")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        sizes.insert(0, np.mean(dL_dZ**2))
        dL_dA = dL_dZ @ weights[k].T
    return [np.mean(A**2) for A in activations[1:]], sizes


@wrong("gradient_sizes", cause="standard-deviation", first="sizes_of_A")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        sizes.append(dL_dZ.std())
        dL_dA = dL_dZ @ weights[k].T
    return [A.std() for A in activations[1:]], sizes[::-1]


@wrong("gradient_sizes", cause="norm-for-size", first="sizes_of_A")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for W, A in zip(weights[::-1], activations[:0:-1]):
        dL_dZ = dL_dA * (A > 0)
        sizes.insert(0, np.linalg.norm(dL_dZ))
        dL_dA = dL_dZ @ W.T
    return [np.linalg.norm(A) for A in activations[1:]], sizes


@wrong("gradient_sizes", cause="input-counted", first="sizes_of_A")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        sizes.insert(0, rms(dL_dZ))
        dL_dA = dL_dZ @ weights[k].T
    return [rms(A) for A in activations], sizes


@wrong("gradient_sizes", cause="right-but-permuted", first="sizes_of_dL_dZ")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        sizes.append(rms(dL_dZ))
        dL_dA = dL_dZ @ weights[k].T
    return [rms(A) for A in activations[1:]], sizes


@wrong("gradient_sizes", cause="no-gate", first="sizes_of_dL_dZ")
def _(X, weights, dL_dA):
    sizes_of_A, A = [], X
    for W in weights:
        A = np.maximum(0, A @ W)
        sizes_of_A.append(rms(A))
    sizes = [rms(dL_dA)]
    for W in weights[:0:-1]:
        dL_dA = dL_dA @ W.T
        sizes.insert(0, rms(dL_dA))
    return sizes_of_A, sizes


@wrong("gradient_sizes", cause="gate-of-the-last-layer-missing", first="sizes_of_dL_dZ")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    d, sizes = dL_dA, []
    for k in reversed(range(len(weights))):
        sizes.insert(0, rms(d))
        d = d @ weights[k].T * (activations[k] > 0)
    return [rms(A) for A in activations[1:]], sizes


@wrong("gradient_sizes", cause="gradient-before-the-gate", first="sizes_of_dL_dZ")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes = []
    for k in reversed(range(len(weights))):
        sizes.insert(0, rms(dL_dA))
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        dL_dA = dL_dZ @ weights[k].T
    return [rms(A) for A in activations[1:]], sizes


@wrong("gradient_sizes", cause="no-activation-in-the-last-layer", first="sizes_of_A")
def _(X, weights, dL_dA):
    activations = [X]
    for W in weights[:-1]:
        activations.append(np.maximum(0, activations[-1] @ W))
    activations.append(activations[-1] @ weights[-1])
    sizes, dL_dZ = [], dL_dA
    for k in reversed(range(len(weights))):
        sizes.insert(0, rms(dL_dZ))
        dL_dZ = dL_dZ @ weights[k].T * (activations[k] > 0)
    return [rms(A) for A in activations[1:]], sizes


@right("gradient_sizes", form="arrays")
def _(X, weights, dL_dA):
    Z, A = [], X
    for W in weights:
        Z.append(A @ W)
        A = Z[-1].clip(min=0)
    sizes = np.empty(len(weights))
    for k in range(len(weights) - 1, -1, -1):
        dL_dZ = np.where(Z[k] > 0, dL_dA, 0)
        sizes[k] = np.linalg.norm(dL_dZ) / dL_dZ.size**0.5
        dL_dA = dL_dZ @ weights[k].T
    return np.array([rms(z.clip(min=0)) for z in Z]), sizes


# size_factors


@wrong("size_factors", cause="mean-square", first="relu_twenty")
def _():
    return 0.5**20, 3.0**8, 4.0**10


@wrong("size_factors", cause="one-layer", first="relu_twenty")
def _():
    return np.sqrt(0.5), np.sqrt(3), np.sqrt(4)


@wrong("size_factors", cause="relu-half-lost", first="relu_twenty")
def _():
    return 1**10, 3**4, 8**5


@wrong("size_factors", cause="relu-half-where-no-relu", first="linear_eight")
def _():
    return 2.0**-10, 1.5**4, 4.0**5


@right("size_factors", form="rounded")
def _():
    return 0.00098, 81, 1024


# variances


@wrong("variances", cause="fan-mix-up", first="forward_variance")
def _(inputs, units, slope):
    gain = 2 / (1 + slope**2)
    return gain / units, gain / inputs


@wrong("variances", cause="fan-mix-up", first="backward_variance")
def _(inputs, units, slope):
    v = 2 / ((1 + slope**2) * inputs)
    return v, v


@wrong("variances", cause="deviation-for-variance", first="forward_variance")
def _(inputs, units, slope):
    gain = np.sqrt(2 / (1 + slope**2))
    return gain / np.sqrt(inputs), gain / np.sqrt(units)


@wrong("variances", cause="relu-rule", first="forward_variance")
def _(inputs, units, slope):
    return 2 / inputs, 2 / units


@wrong("variances", cause="slope-not-squared", first="forward_variance")
def _(inputs, units, slope):
    return 2 / (inputs * (1 + slope)), 2 / (units * (1 + slope))


@wrong("variances", cause="glorot", first="forward_variance")
def _(inputs, units, slope):
    v = 2 / (1 + slope**2) * 2 / (inputs + units)
    return v, v


@wrong("variances", cause="half-forgotten", first="forward_variance")
def _(inputs, units, slope):
    return 1 / (inputs * (1 + slope**2)), 1 / (units * (1 + slope**2))


@right("variances", form="with-gain")
def _(inputs, units, slope):
    kept = 0.5 * 1 + 0.5 * slope * slope
    return {"backward_variance": 1 / (units * kept), "forward_variance": np.float64(1 / (inputs * kept))}


# initial_weights


@wrong("initial_weights", cause="symmetric-start", first="weights")
def _(noise):
    weights = [np.full(part.shape, np.sqrt(2 / part.shape[0])) for part in noise]
    weights[-1] = weights[-1] * 0.1
    return weights


@wrong("initial_weights", cause="fan-mix-up", first="weights")
def _(noise):
    weights = [np.sqrt(2 / part.shape[1]) * part for part in noise]
    weights[-1] *= 0.1
    return weights


@wrong("initial_weights", cause="variance-for-deviation", first="weights")
def _(noise):
    weights = [2 / len(part) * part for part in noise]
    weights[-1] = weights[-1] * 0.1
    return weights


@wrong("initial_weights", cause="last-layer-forgotten", first="weights")
def _(noise):
    return [part * np.sqrt(2 / part.shape[0]) for part in noise]


@wrong("initial_weights", cause="symmetric-start", first="weights")
def _(noise):
    weights = []
    for part in noise:
        column = part[:, 0] * np.sqrt(2 / len(part))
        weights.append(np.column_stack([column] * part.shape[1]))
    weights[-1] = 0.1 * weights[-1]
    return weights


@wrong("initial_weights", cause="relu-half-lost", first="weights")
def _(noise):
    weights = [part / np.sqrt(len(part)) for part in noise]
    weights[-1] = 0.1 * weights[-1]
    return weights


@wrong("initial_weights", cause="glorot", first="weights")
def _(noise):
    weights = [np.sqrt(2 / sum(part.shape)) * part for part in noise]
    weights[-1] = 0.1 * weights[-1]
    return weights


@wrong("initial_weights", cause="every-layer-small", first="weights")
def _(noise):
    return [0.1 * np.sqrt(2 / len(part)) * part for part in noise]


@wrong("initial_weights", cause="all-zero", first="weights")
def _(noise):
    return [0 * part for part in noise]


@right("initial_weights", form="in-a-loop")
def _(noise):
    found = []
    for layer, part in enumerate(noise):
        inputs, _ = part.shape
        scale = (2 / inputs) ** 0.5
        found.append(part * (scale / 10 if layer == len(noise) - 1 else scale))
    return tuple(found)


# bad_starts


@wrong("bad_starts", cause="nothing-changes", first="changed_with_relu")
def _():
    return 0, 2, 1


@wrong("bad_starts", cause="dead-for-sigmoid-too", first="changed_with_sigmoid")
def _():
    return 1, 1, 1


@wrong("bad_starts", cause="everything-moves", first="changed_with_sigmoid")
def _():
    return 1, 6, 1


@wrong("bad_starts", cause="symmetric-start", first="different_columns")
def _():
    return 1, 2, 4


@right("bad_starts", form="floats")
def _():
    return 1.0, 2.0, 1.0


# residual_backward


@wrong("residual_backward", cause="one-path", first="dL_dX")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dZ @ W.T


@wrong("residual_backward", cause="one-path", first="dL_dX")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dY


@wrong("residual_backward", cause="lost-upstream", first="dL_dX")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, 1 + dL_dZ @ W.T


@wrong("residual_backward", cause="split-at-add", first="dL_dV")
def _(dL_dY, X, W, V):
    half = dL_dY / 2
    Z = X @ W
    dL_dZ = half @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ half, dL_dZ, X.T @ dL_dZ, half + dL_dZ @ W.T


@wrong("residual_backward", cause="no-gate", first="dL_dZ")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dY + dL_dZ @ W.T


@wrong("residual_backward", cause="gate-on-wrong-sign-carrier", first="dL_dZ")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dA = dL_dY @ V.T
    dL_dZ = dL_dA * (dL_dA > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dY + dL_dZ @ W.T


@wrong("residual_backward", cause="pre-activation-for-activation", first="dL_dV")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return Z.T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dY + dL_dZ @ W.T


@wrong("residual_backward", cause="transposed-dW", first="dL_dV")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return dL_dY.T @ np.maximum(0, Z), dL_dZ, X.T @ dL_dZ, dL_dY + dL_dZ @ W.T


@wrong("residual_backward", cause="input-added", first="dL_dX")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, X + dL_dZ @ W.T


@wrong("residual_backward", cause="mean-for-sum", first="dL_dV")
def _(dL_dY, X, W, V):
    Z, N = X @ W, len(X)
    dL_dZ = dL_dY @ V.T * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY / N, dL_dZ, X.T @ dL_dZ / N, dL_dY + dL_dZ @ W.T


@right("residual_backward", form="per-example-jacobian")
def _(dL_dY, X, W, V):
    dL_dX, dL_dZ = np.empty_like(X), np.empty((len(X), W.shape[1]))
    for n, x in enumerate(X):
        gate = np.diag((x @ W > 0).astype(float))
        J = W @ gate @ V  # y = x + x @ J where no gate changes
        dL_dX[n] = (np.eye(len(x)) + J) @ dL_dY[n]
        dL_dZ[n] = gate @ V @ dL_dY[n]
    A = np.maximum(0, X @ W)
    return {"dL_dX": dL_dX, "dL_dZ": dL_dZ, "dL_dV": A.T @ dL_dY, "dL_dW": X.T @ dL_dZ}


# epoch_steps


@wrong("epoch_steps", cause="last-batch-dropped", first="steps")
def _():
    return 1000 // 64, 1000 % 64, 5 * (1000 // 64)


@wrong("epoch_steps", cause="fraction", first="steps")
def _():
    return 1000 / 64, 40, 5 * 1000 / 64


@wrong("epoch_steps", cause="last-batch-full", first="last_batch")
def _():
    return 16, 64, 80


@wrong("epoch_steps", cause="missing-for-present", first="last_batch")
def _():
    return 16, 16 * 64 - 1000, 80


@wrong("epoch_steps", cause="epochs-joined", first="updates")
def _():
    return 16, 40, int(np.ceil(5000 / 64))


@right("epoch_steps", form="numpy")
def _():
    return np.ceil(1000 / 64), 1000 - 15 * 64, 5 * np.ceil(1000 / 64)


# minibatches


@wrong("minibatches", cause="last-batch-dropped", first="batches")
def _(order, size):
    return [order[k * size : (k + 1) * size] for k in range(len(order) // size)]


@wrong("minibatches", cause="order-ignored", first="batches")
def _(order, size):
    N = len(order)
    return [np.arange(first, min(first + size, N)) for first in range(0, N, size)]


@wrong("minibatches", cause="size-is-number", first="batches")
def _(order, size):
    return np.array_split(order, size)


@wrong("minibatches", cause="filled-up", first="batches")
def _(order, size):
    wrapped = np.concatenate([order, order])
    return [wrapped[first : first + size] for first in range(0, len(order), size)]


@wrong("minibatches", cause="sliding-window", first="batches")
def _(order, size):
    return [order[first : first + size] for first in range(len(order) - size + 1)]


@wrong("minibatches", cause="not-divided", first="batches")
def _(order, size):
    return [order]


@right("minibatches", form="split")
def _(order, size):
    return np.split(order, range(size, len(order), size))


@right("minibatches", form="while")
def _(order, size):
    batches, rest = [], list(order)
    while rest:
        batches.append(np.array(rest[:size]))
        rest = rest[size:]
    return batches


# combined_gradient


@wrong("combined_gradient", cause="mean-of-means", first="of_the_mean")
def _(gradients, counts):
    total = sum(count * gradient for count, gradient in zip(counts, gradients))
    return total, sum(gradients) / len(gradients)


@wrong("combined_gradient", cause="sum-of-means", first="of_the_sum")
def _(gradients, counts):
    of_the_mean = np.average(gradients, axis=0, weights=counts)
    return sum(gradients), of_the_mean


@wrong("combined_gradient", cause="short-batch-as-full", first="of_the_sum")
def _(gradients, counts):
    of_the_mean = np.average(gradients, axis=0, weights=counts)
    return counts[0] * sum(gradients), of_the_mean


@wrong("combined_gradient", cause="order-of-results", first="of_the_sum")
def _(gradients, counts):
    total = sum(count * gradient for count, gradient in zip(counts, gradients))
    return total / sum(counts), total


@wrong("combined_gradient", cause="divided-by-batches", first="of_the_mean")
def _(gradients, counts):
    total = sum(count * gradient for count, gradient in zip(counts, gradients))
    return total, total / len(counts)


@right("combined_gradient", form="tensordot")
def _(gradients, counts):
    of_the_sum = np.tensordot(counts, np.stack(gradients), axes=1)
    return {"of_the_mean": of_the_sum / np.sum(counts), "of_the_sum": of_the_sum}


# train_minibatches


@wrong("train_minibatches", cause="uphill", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, -alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="not-cleared", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        moved = ([0 * W for W in weights], [0 * b for b in biases])
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            moved = tuple([m + new - old for m, new, old in zip(*lists)] for lists in zip(moved, step[1:], (weights, biases)))
            weights, biases = ([old + m for old, m in zip(*lists)] for lists in zip((weights, biases), moved))
    return losses, weights, biases


@wrong("train_minibatches", cause="last-batch-dropped", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for k in range(len(order) // size):
            rows = order[k * size : (k + 1) * size]
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="order-ignored", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for _ in orders:
        for first in range(0, len(X), size):
            step = train(X[first : first + size], Y[first : first + size], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="one-order-for-all", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for _ in range(len(orders)):
        for rows in minibatches(orders[0], size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="targets-unshuffled", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        shuffled = X[order]
        for first in range(0, len(X), size):
            batch = slice(first, first + size)
            step = train(shuffled[batch], Y[batch], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="loss-after-the-step", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][-1])
            weights, biases = step[1:]
    return losses, weights, biases


@wrong("train_minibatches", cause="sum-for-mean", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            losses.append(softmax_cross_entropy(network_forward(X[rows], weights, biases)[-1], Y[rows])[0])
            dW, db, _ = network_backward(X[rows], Y[rows], weights, biases)
            weights = [W - alpha * len(rows) * d for W, d in zip(weights, dW)]
            biases = [b - alpha * len(rows) * d for b, d in zip(biases, db)]
    return losses, weights, biases


@wrong("train_minibatches", cause="short-batch-as-full", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            losses.append(softmax_cross_entropy(network_forward(X[rows], weights, biases)[-1], Y[rows])[0])
            dW, db, _ = network_backward(X[rows], Y[rows], weights, biases)
            scale = alpha * len(rows) / size  # the sum divided by the size that was asked for
            weights = [W - scale * d for W, d in zip(weights, dW)]
            biases = [b - scale * d for b, d in zip(biases, db)]
    return losses, weights, biases


@wrong("train_minibatches", cause="parameters-of-the-epoch", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        found = [(rows, *network_backward(X[rows], Y[rows], weights, biases)[:2]) for rows in minibatches(order, size)]
        losses += [softmax_cross_entropy(network_forward(X[rows], weights, biases)[-1], Y[rows])[0] for rows, _, _ in found]
        for _, dW, db in found:
            weights = [W - alpha * d for W, d in zip(weights, dW)]
            biases = [b - alpha * d for b, d in zip(biases, db)]
    return losses, weights, biases


@wrong("train_minibatches", cause="biases-not-moved", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights = step[1]
    return losses, weights, biases


@wrong("train_minibatches", cause="one-loss-an-epoch", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        epoch = []
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            epoch.append(step[0][0])
            weights, biases = step[1:]
        losses.append(np.mean(epoch))
    return losses, weights, biases


@wrong("train_minibatches", cause="return-in-loop", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
        return losses, weights, biases


@wrong("train_minibatches", cause="whole-batch", first="losses")
def _(X, Y, weights, biases, alpha, orders, size):
    losses = []
    for order in orders:
        for _ in minibatches(order, size):
            step = train(X, Y, weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases


@right("train_minibatches", form="own-loop")
def _(X, Y, weights, biases, alpha, orders, size):
    weights, biases = [W.copy() for W in weights], [b.copy() for b in biases]
    losses = np.array([])
    for order in np.asarray(orders):
        for first in range(0, len(order), size):
            rows = order[first : first + size]
            losses = np.append(losses, softmax_cross_entropy(network_forward(X[rows], weights, biases)[-1], Y[rows])[0])
            dW, db, _ = network_backward(X[rows], Y[rows], weights, biases)
            for parameter, gradient in zip([*weights, *biases], [*dW, *db]):
                parameter -= alpha * gradient
    return {"losses": losses, "biases_end": biases, "weights_end": weights}


@wrong("minibatches", cause="empty-last-batch", first="batches")
def _(order, size):
    return [order[size * k : size * (k + 1)] for k in range(1 + len(order) // size)]


@wrong("minibatches", cause="equal-pieces", first="batches")
def _(order, size):
    return np.array_split(order, int(np.ceil(len(order) / size)))


# mistakes at unusual places


@wrong("variances", cause="slope-forgotten-on-the-way-back", first="backward_variance")
def _(inputs, units, slope):
    return 2 / ((1 + slope * slope) * inputs), 2 / units


@wrong("residual_backward", cause="other-quantity", first="dL_dZ")
def _(dL_dY, X, W, V):
    Z = X @ W
    dL_dZ = (dL_dY @ W) * (Z > 0)
    return np.maximum(0, Z).T @ dL_dY, dL_dZ, X.T @ dL_dZ, dL_dY + dL_dZ @ W.T
