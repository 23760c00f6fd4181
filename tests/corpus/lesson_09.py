"""Answers to lesson 09, the capstone.

An answer is what a learner writes into one answer cell. What earlier cells define is there already.
"""

import numpy as np
import torch

from tests.corpus.registry import right, wrong


def start(widths, seed, deviation=lambda D, K: np.sqrt(2 / D), last=0.1, bias=0.0):
    """The initial parameters, some of them changed as a learner might."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, deviation(D, K), (D, K)) for D, K in zip(widths, widths[1:])]
    weights[-1] = weights[-1] * last
    return weights, [np.full(K, bias) for K in widths[1:]]


def logits(X, weights, biases):
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    return A @ weights[-1] + biases[-1]


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def gradients(X, labels, weights, biases, at_logits=None, gate=lambda A: A > 0, bias=lambda d: d.sum(axis=0)):
    """The loss and the gradients, some steps changed as a learner might."""
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    Z = activations[-1] @ weights[-1] + biases[-1]
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    N = len(X)
    P = np.exp(log_P)
    if at_logits is None:
        dL_dZ = P.copy()
        dL_dZ[np.arange(N), labels] -= 1
        dL_dZ /= N
    else:
        dL_dZ = at_logits(P, labels)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dweights.insert(0, activations[k].T @ dL_dZ)
        dL_dbiases.insert(0, bias(dL_dZ))
        dL_dZ = (dL_dZ @ weights[k].T) * gate(activations[k])
    return -log_P[np.arange(N), labels].mean(), dL_dweights, dL_dbiases


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def batches_of(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[order[k : k + size]], labels[order[k : k + size]]) for k in range(0, len(X), size)]


def steps(batches, weights, biases, alpha, of=gradients):
    losses = []
    for X, labels in batches:
        L, dL_dweights, dL_dbiases = of(X, labels, weights, biases)
        losses.append(L)
        weights = [W - alpha * g for W, g in zip(weights, dL_dweights)]
        biases = [b - alpha * g for b, g in zip(biases, dL_dbiases)]
    return losses, weights, biases


# recall_09


@wrong("recall_09", cause="mean-forgotten", first="dL_dz")
def _():
    return 0.7 - 1, 2 / 50, 1.5


@wrong("recall_09", cause="fan-mix-up", first="variance")
def _():
    return (0.7 - 1) / 4, 2 / 20, 1.5


@wrong("recall_09", cause="half-width", first="dL_dw")
def _():
    return (0.7 - 1) / 4, 2 / 50, (1.30 - 1.27) / 0.01


@right("recall_09", form="fractions")
def _():
    return {"dL_dz": -3 / 40, "variance": 1 / 25, "dL_dw": 3 / 2}


# count_first


@wrong("count_first", cause="biases-forgotten", first="parameters")
def _():
    return 96 * 32 + 32 * 10, 20, 2


@wrong("count_first", cause="last-batch-dropped", first="steps")
def _():
    return 3434, 610 // 32, 2


@wrong("count_first", cause="what-is-missing", first="last_batch")
def _():
    return 3434, 20, 32 - 610 % 32


@right("count_first", form="formula")
def _():
    sizes = 96, 32, 10
    return {"parameters": sum((D + 1) * K for D, K in zip(sizes, sizes[1:])), "steps": -(-610 // 32), "last_batch": 610 % 32}


# starting_parameters


@wrong("starting_parameters", cause="fan-mix-up", first="hidden_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, lambda D, K: np.sqrt(2 / K))


@wrong("starting_parameters", cause="variance-for-deviation", first="hidden_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, lambda D, K: 2 / D)


@wrong("starting_parameters", cause="xavier", first="hidden_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, lambda D, K: np.sqrt(2 / (D + K)))


@wrong("starting_parameters", cause="lecun", first="hidden_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, lambda D, K: 1 / np.sqrt(D))


@wrong("starting_parameters", cause="standard-normal", first="hidden_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, lambda D, K: 1.0, last=1.0)


@wrong("starting_parameters", cause="last-layer-forgotten", first="last_variance_times_inputs")
def _(widths, seed):
    return start(widths, seed, last=1.0)


@wrong("starting_parameters", cause="symmetric-start", first="hidden_variance_times_inputs", also=("all-zero",))
def _(widths, seed):
    return [np.zeros((D, K)) for D, K in zip(widths, widths[1:])], [np.zeros(K) for K in widths[1:]]


@wrong("starting_parameters", cause="biases-random", first="largest_bias")
def _(widths, seed):
    rng = np.random.default_rng(seed)
    return start(widths, seed)[0], [rng.normal(0, 0.5, K) for K in widths[1:]]


@wrong("starting_parameters", cause="biases-at-one", first="largest_bias")
def _(widths, seed):
    return start(widths, seed, bias=1.0)


@wrong("starting_parameters", cause="seed-ignored", first="other_seed_other_weights")
def _(widths, seed):
    return start(widths, 0)


@wrong("starting_parameters", cause="global-generator", first="same_seed_same_weights")
def _(widths, seed):
    weights = [np.random.randn(D, K) * np.sqrt(2 / D) for D, K in zip(widths, widths[1:])]  # noqa: NPY002
    weights[-1] *= 0.1
    return weights, [np.zeros(K) for K in widths[1:]]


@wrong("starting_parameters", cause="transposed-weights", first=None)
def _(widths, seed):
    weights, biases = start(widths, seed)
    return [W.T for W in weights], biases


@wrong("starting_parameters", cause="pairs-of-both", first=None)
def _(widths, seed):
    return list(zip(*start(widths, seed)))


@right("starting_parameters", form="uniform-with-the-same-variance")
def _(widths, seed):
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(-np.sqrt(6 / D), np.sqrt(6 / D), (D, K)) for D, K in zip(widths, widths[1:])]
    weights[-1] /= 20
    return weights, [np.zeros(K) for K in widths[1:]]


@right("starting_parameters", form="last-layer-zero")
def _(widths, seed):
    weights, biases = start(widths, seed)
    return (*weights[:-1], np.zeros_like(weights[-1])), tuple(biases)


@right("starting_parameters", form="torch")
def _(widths, seed):
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(D, K, generator=generator) * (2 / D) ** 0.5 for D, K in zip(widths, widths[1:])]
    weights[-1] = weights[-1] * 0.05
    return weights, [torch.zeros(K) for K in widths[1:]]


# class_probabilities


@wrong("class_probabilities", cause="overflow", first="P")
def _(X, weights, biases):
    E = np.exp(logits(X, weights, biases))
    return E / E.sum(axis=1, keepdims=True)


@wrong("class_probabilities", cause="wrong-axis", first="P")
def _(X, weights, biases):
    Z = logits(X, weights, biases)
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)


@wrong("class_probabilities", cause="relu-everywhere", first="P")
def _(X, weights, biases):
    A = X
    for W, b in zip(weights, biases):
        A = np.maximum(0, A @ W + b)
    return softmax(A)


@wrong("class_probabilities", cause="softmax-forgotten", first="P")
def _(X, weights, biases):
    return logits(X, weights, biases)


@wrong("class_probabilities", cause="relu-forgotten", first="P")
def _(X, weights, biases):
    A = X
    for W, b in zip(weights, biases):
        A = A @ W + b
    return softmax(A)


@wrong("class_probabilities", cause="argmax", first="P")
def _(X, weights, biases):
    return softmax(logits(X, weights, biases)).argmax(axis=1)


@right("class_probabilities", form="logarithms-first")
def _(X, weights, biases):
    Z = logits(X, weights, biases)
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))


@right("class_probabilities", form="row-by-row")
def _(X, weights, biases):
    return [softmax(logits(x[None], weights, biases))[0].tolist() for x in X]


# loss_and_gradients


@wrong("loss_and_gradients", cause="mean-forgotten", first="dL_dweights")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, lambda P, y: P - one_hot(y, P.shape[1]))


@wrong("loss_and_gradients", cause="sum-for-mean", first="L")
def _(X, labels, weights, biases):
    L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases, lambda P, y: P - one_hot(y, P.shape[1]))
    return L * len(X), dL_dweights, dL_dbiases


@wrong("loss_and_gradients", cause="reversed-residual", first="dL_dweights")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, lambda P, y: (one_hot(y, P.shape[1]) - P) / len(P))


@wrong("loss_and_gradients", cause="colon-for-rows", first="dL_dweights")
def _(X, labels, weights, biases):
    def at_logits(P, y):
        P = P.copy()
        P[:, y] -= 1
        return P / len(P)

    return gradients(X, labels, weights, biases, at_logits)


@wrong("loss_and_gradients", cause="target-dropped", first="dL_dweights")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, lambda P, y: P / len(P))


@wrong("loss_and_gradients", cause="no-gate", first="dL_dweights")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, gate=lambda A: 1)


@wrong("loss_and_gradients", cause="value-for-slope", first="dL_dweights")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, gate=lambda A: A)


@wrong("loss_and_gradients", cause="bias-mean", first="dL_dbiases")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, bias=lambda d: d.mean(axis=0))


@wrong("loss_and_gradients", cause="unsummed-bias", first="dL_dbiases")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, bias=lambda d: d)


@wrong("loss_and_gradients", cause="kept-dimension", first="dL_dbiases")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, bias=lambda d: d.sum(axis=0, keepdims=True))


@wrong("loss_and_gradients", cause="appended", first="dL_dweights")
def _(X, labels, weights, biases):
    L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
    return L, dL_dweights[::-1], dL_dbiases[::-1]


@wrong("loss_and_gradients", cause="saturated", first="L")
def _(X, labels, weights, biases):
    P = softmax(logits(X, weights, biases))
    _, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
    return -np.log(P[np.arange(len(X)), labels]).mean(), dL_dweights, dL_dbiases


@wrong("loss_and_gradients", cause="transposed-dW", first="dL_dweights")
def _(X, labels, weights, biases):
    L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
    return L, [g.T for g in dL_dweights], dL_dbiases


@wrong("loss_and_gradients", cause="hidden-layers-forgotten", first="dL_dweights")
def _(X, labels, weights, biases):
    L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
    hidden = [0 * g for g in dL_dweights[:-1]], [0 * g for g in dL_dbiases[:-1]]
    return L, [*hidden[0], dL_dweights[-1]], [*hidden[1], dL_dbiases[-1]]


@right("loss_and_gradients", form="one-hot-targets")
def _(X, labels, weights, biases):
    return gradients(X, labels, weights, biases, lambda P, y: (P - one_hot(y, P.shape[1])) / len(P))


@right("loss_and_gradients", form="gates-from-pre-activations")
def _(X, labels, weights, biases):
    Zs, A = [], X
    for W, b in zip(weights, biases):
        Zs.append(A @ W + b)
        A = np.maximum(0, Zs[-1])
    log_P = Zs[-1] - np.logaddexp.reduce(Zs[-1], axis=1, keepdims=True)
    d = (np.exp(log_P) - one_hot(labels, log_P.shape[1])) / len(X)
    found = []
    for k in range(len(weights) - 1, -1, -1):
        before = np.maximum(0, Zs[k - 1]) if k else X
        found.append((before.T @ d, d.sum(0)))
        if k:
            d = d @ weights[k].T * np.heaviside(Zs[k - 1], 0)
    return np.mean([-row[y] for row, y in zip(log_P, labels)]), *map(list, zip(*found[::-1]))


# check_gradients


def differences(loss, parameters, h, up=1.0, down=1.0, width=2.0, put_back=True):
    moved = [part.copy() for part in parameters]
    found = [np.zeros_like(part) for part in moved]
    for part, slopes in zip(moved, found):
        for place in np.ndindex(part.shape):
            kept = part[place]
            part[place] = kept + up * h
            above = loss(moved)
            part[place] = kept - down * h
            below = loss(moved)
            if put_back:
                part[place] = kept
            slopes[place] = (above - below) / (width * h)
    return found


def counts(gradients, found, off):
    return [int(off(claimed, slopes).sum()) for claimed, slopes in zip(gradients, found)]


def both(rtol, atol):
    return lambda claimed, slopes: np.abs(claimed - slopes) > atol + rtol * np.abs(slopes)


@wrong("check_gradients", cause="one-sided", first="dL_dparameters")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h, down=0.0, width=1.0)
    return found, counts(gradients, found, both(rtol, atol))


@wrong("check_gradients", cause="half-width", first="dL_dparameters")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h, width=1.0)
    return found, counts(gradients, found, both(rtol, atol))


@wrong("check_gradients", cause="not-restored", first="dL_dparameters")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h, put_back=False)
    return found, counts(gradients, found, both(rtol, atol))


@wrong("check_gradients", cause="relative-only", first="suspects")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, counts(gradients, found, lambda c, s: np.abs(c - s) > rtol * np.abs(s))


@wrong("check_gradients", cause="absolute-only", first="suspects")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, counts(gradients, found, lambda c, s: np.abs(c - s) > atol)


@wrong("check_gradients", cause="tolerances-exchanged", first="suspects")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, counts(gradients, found, both(atol, rtol))


@wrong("check_gradients", cause="one-sign-only", first="suspects")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, counts(gradients, found, lambda c, s: c - s > atol + rtol * np.abs(s))


@wrong("check_gradients", cause="any-for-count", first="suspects")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, [float(both(rtol, atol)(c, s).any()) for c, s in zip(gradients, found)]


@wrong("check_gradients", cause="copy-not-passed", first="dL_dparameters")
def _(loss, parameters, gradients, h, rtol, atol):
    found = []
    for part in parameters:
        slopes = np.zeros(part.shape)
        for place in np.ndindex(part.shape):
            moved = part.copy()
            moved[place] += h
            above = loss(parameters)
            moved[place] -= 2 * h
            slopes[place] = (above - loss(parameters)) / (2 * h)
        found.append(slopes)
    return found, counts(gradients, found, both(rtol, atol))


@right("check_gradients", form="isclose")
def _(loss, parameters, gradients, h, rtol, atol):
    found = differences(loss, parameters, h)
    return found, [(~np.isclose(c, s, rtol=rtol, atol=atol)).sum() for c, s in zip(gradients, found)]


@right("check_gradients", form="flat-views")
def _(loss, parameters, gradients, h, rtol, atol):
    found = []
    for k, part in enumerate(parameters):
        slopes = []
        for e in np.eye(part.size).reshape(part.size, *part.shape):
            up, down = ([*parameters[:k], part + sign * h * e, *parameters[k + 1 :]] for sign in (1, -1))
            slopes.append((loss(up) - loss(down)) / (2 * h))
        found.append(np.reshape(slopes, part.shape))
    return found, np.array(counts(gradients, found, both(rtol, atol)))


# shuffled_batches


@wrong("shuffled_batches", cause="last-batch-dropped", first="batch_sizes")
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[order[k * size : (k + 1) * size]], labels[order[k * size : (k + 1) * size]]) for k in range(len(X) // size)]


@wrong("shuffled_batches", cause="empty-last", first="batch_sizes")
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[order[k * size : (k + 1) * size]], labels[order[k * size : (k + 1) * size]]) for k in range(len(X) // size + 1)]


@wrong("shuffled_batches", cause="off-by-one", first="batch_sizes")
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))[:-1]
    return [(X[order[k : k + size]], labels[order[k : k + size]]) for k in range(0, len(order), size)]


@wrong("shuffled_batches", cause="slices-too-short", first="batch_sizes")
def _(X, labels, size, seed):
    return [(x[:-1], y[:-1]) for x, y in batches_of(X, labels, size, seed)]


@wrong("shuffled_batches", cause="labels-not-shuffled", first="labels_belong")
def _(X, labels, size, seed):
    X = np.random.default_rng(seed).permutation(X)
    return [(X[k : k + size], labels[k : k + size]) for k in range(0, len(X), size)]


@wrong("shuffled_batches", cause="two-permutations", first="labels_belong")
def _(X, labels, size, seed):
    rng = np.random.default_rng(seed)
    X, labels = rng.permutation(X), rng.permutation(labels)
    return [(X[k : k + size], labels[k : k + size]) for k in range(0, len(X), size)]


@wrong("shuffled_batches", cause="not-shuffled", first="shuffled")
def _(X, labels, size, seed):
    return [(X[k : k + size], labels[k : k + size]) for k in range(0, len(X), size)]


@wrong("shuffled_batches", cause="with-replacement", first="least_and_most_used")
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).integers(0, len(X), len(X))
    return [(X[order[k : k + size]], labels[order[k : k + size]]) for k in range(0, len(X), size)]


@wrong("shuffled_batches", cause="number-of-batches", first="batch_sizes")
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[rows], labels[rows]) for rows in np.array_split(order, size)]


@wrong("shuffled_batches", cause="fixed-seed", first="other_seed_other_order")
def _(X, labels, size, seed):
    return batches_of(X, labels, size, 0)


@wrong("shuffled_batches", cause="no-seed", first="same_seed_same_order")
def _(X, labels, size, seed):
    return batches_of(X, labels, size, None)


@wrong("shuffled_batches", cause="two-lists", first=None)
def _(X, labels, size, seed):
    return tuple(zip(*batches_of(X, labels, size, seed)))


@wrong("shuffled_batches", cause="indices-only", first=None)
def _(X, labels, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [order[k : k + size] for k in range(0, len(X), size)]


@right("shuffled_batches", form="shuffled-in-place-with-torch")
def _(X, labels, size, seed):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    return [(torch.tensor(X)[rows], torch.tensor(labels)[rows]) for rows in order.split(size)]


@right("shuffled_batches", form="generator")
def _(X, labels, size, seed):
    yield from batches_of(X, labels, size, seed)


@right("shuffled_batches", form="split-at-places")
def _(X, labels, size, seed):
    order = np.arange(len(X))
    np.random.default_rng(seed).shuffle(order)
    return [[X[rows], labels[rows]] for rows in np.split(order, range(size, len(X), size))]


# train_epoch


@wrong("train_epoch", cause="uphill", first="losses")
def _(batches, weights, biases, alpha):
    return steps(batches, weights, biases, -alpha)


@wrong("train_epoch", cause="sum-for-mean", first="losses")
def _(batches, weights, biases, alpha):
    return steps(
        batches, weights, biases, alpha, lambda X, y, W, b: gradients(X, y, W, b, lambda P, labels: P - one_hot(labels, P.shape[1]))
    )


@wrong("train_epoch", cause="biases-at-rest", first="losses")
def _(batches, weights, biases, alpha):
    losses = []
    for X, labels in batches:
        L, dL_dweights, _ = gradients(X, labels, weights, biases)
        losses.append(L)
        weights = [W - alpha * g for W, g in zip(weights, dL_dweights)]
    return losses, weights, biases


@wrong("train_epoch", cause="stale-half-step", first="losses")
def _(batches, weights, biases, alpha):
    losses = []
    for X, labels in batches:
        L, dL_dweights, _ = gradients(X, labels, weights, biases)
        losses.append(L)
        weights = [W - alpha * g for W, g in zip(weights, dL_dweights)]
        dL_dbiases = gradients(X, labels, weights, biases)[2]
        biases = [b - alpha * g for b, g in zip(biases, dL_dbiases)]
    return losses, weights, biases


@wrong("train_epoch", cause="mean-loss", first="losses")
def _(batches, weights, biases, alpha):
    losses, weights, biases = steps(batches, weights, biases, alpha)
    return np.mean(losses), weights, biases


@wrong("train_epoch", cause="divided-by-first-size", first="weights_end")
def _(batches, weights, biases, alpha):
    size = len(batches[0][0])
    losses = []
    for X, labels in batches:
        L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases, lambda P, y: (P - one_hot(y, P.shape[1])) / size)
        losses.append(L)
        weights = [W - alpha * g for W, g in zip(weights, dL_dweights)]
        biases = [b - alpha * g for b, g in zip(biases, dL_dbiases)]
    return losses, weights, biases


@wrong("train_epoch", cause="new-names-not-handed-on", first="losses")
def _(batches, weights, biases, alpha):
    losses = []
    for X, labels in batches:
        L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
        losses.append(L)
        weights_end = [W - alpha * g for W, g in zip(weights, dL_dweights)]
        biases_end = [b - alpha * g for b, g in zip(biases, dL_dbiases)]
    return losses, weights_end, biases_end


@right("train_epoch", form="copies-changed-in-place")
def _(batches, weights, biases, alpha):
    weights, biases, losses = [W.copy() for W in weights], [b.copy() for b in biases], []
    for X, labels in batches:
        L, *both_lists = gradients(X, labels, weights, biases)
        losses.append(L)
        for parts, slopes in zip((weights, biases), both_lists):
            for part, slope in zip(parts, slopes):
                part -= alpha * slope
    return np.array(losses), weights, biases


# overfit_twenty, fit_digits


def trained(X, labels, seed, hidden=(32,), alpha=0.3, epochs=20, size=20, of=batches_of):
    weights, biases = start([96, *hidden, 10], seed)
    for epoch in range(epochs):
        _, weights, biases = steps(of(X, labels, size, seed + epoch), weights, biases, alpha)
    return weights, biases


@wrong("overfit_twenty", cause="too-few-steps", first="number_right")
def _(X, labels, seed):
    return trained(X, labels, seed, epochs=3)


@wrong("overfit_twenty", cause="untrained", first="number_right")
def _(X, labels, seed):
    weights, biases = start([96, 32, 10], seed, last=0.0)
    steps([(X, labels)] * 20, weights, biases, 0.3)
    return weights, biases


@wrong("overfit_twenty", cause="diverged", first="number_right")
def _(X, labels, seed):
    with np.errstate(all="ignore"):
        return trained(X, labels, seed, alpha=1e200, epochs=10)


@wrong("overfit_twenty", cause="losses-returned-too", first=None)
def _(X, labels, seed):
    return steps([(X, labels)] * 5, *start([96, 32, 10], seed), 0.3)


@right("overfit_twenty", form="until-it-is-small-enough")
def _(X, labels, seed):
    weights, biases = start([96, 24, 10], seed)
    while gradients(X, labels, weights, biases)[0] > 0.01:
        _, weights, biases = steps([(X, labels)], weights, biases, 0.2)
    return weights, biases


@wrong("fit_digits", cause="labels-not-shuffled", first="accuracy_at_least")
def _(X, labels, seed):
    def mixed(X, labels, size, seed):
        X = np.random.default_rng(seed).permutation(X)
        return [(X[k : k + size], labels[k : k + size]) for k in range(0, len(X), size)]

    return trained(X, labels, seed, epochs=4, of=mixed)


@wrong("fit_digits", cause="rate-too-small", first="accuracy_at_least")
def _(X, labels, seed):
    return trained(X, labels, seed, alpha=0.01)


@wrong("fit_digits", cause="rate-too-large-for-two-layers", first="accuracy_at_least", unnamed=True)
def _(X, labels, seed):
    return trained(X, labels, seed, hidden=(48, 24), alpha=0.3, epochs=15)  # one training of six ends with a jump


@wrong("fit_digits", cause="untrained-parameters-returned", first="accuracy_at_least")
def _(X, labels, seed):
    return start([96, 32, 10], seed, last=0.0)


@wrong("fit_digits", cause="diverged", first="accuracy_at_least")
def _(X, labels, seed):
    with np.errstate(all="ignore"):
        return trained(X, labels, seed, alpha=1e200, epochs=1)


@right("fit_digits", form="no-hidden-layer")
def _(X, labels, seed):
    return trained(X, labels, seed, hidden=())


@right("fit_digits", form="two-hidden-layers")
def _(X, labels, seed):
    return trained(X, labels, seed, hidden=(48, 24), alpha=0.15)


# choose_rate


@wrong("choose_rate", cause="argmin-of-nan", first="alpha")
def _(rates, training_losses, validation_losses):
    row, epoch = np.unravel_index(np.argmin(validation_losses), validation_losses.shape)
    return rates[row], epoch


@wrong("choose_rate", cause="training-loss", first="alpha")
def _(rates, training_losses, validation_losses):
    row, epoch = np.unravel_index(np.nanargmin(training_losses), training_losses.shape)
    return rates[row], epoch


@wrong("choose_rate", cause="last-column", first="alpha")
def _(rates, training_losses, validation_losses):
    return rates[np.nanargmin(validation_losses[:, -1])], validation_losses.shape[1] - 1


@wrong("choose_rate", cause="counted-from-one", first="epoch")
def _(rates, training_losses, validation_losses):
    row, epoch = np.unravel_index(np.nanargmin(validation_losses), validation_losses.shape)
    return rates[row], epoch + 1


@right("choose_rate", form="loops")
def _(rates, training_losses, validation_losses):
    best = min((loss, rate, epoch) for rate, row in zip(rates, validation_losses) for epoch, loss in enumerate(row) if loss == loss)
    return best[1], best[2]


# confusion_matrix


def matrix(rows, columns, classes):
    C = np.zeros((classes, classes))
    for row, column in zip(rows, columns):
        C[row, column] += 1
    return C


def judged(C):
    return C, np.diag(C) / C.sum(axis=1), np.trace(C) / C.sum()


@wrong("confusion_matrix", cause="transposed", first="counts")
def _(labels, predictions, classes):
    return judged(matrix(predictions, labels, classes))


@wrong("confusion_matrix", cause="fancy-index-add", first="counts")
def _(labels, predictions, classes):
    C = np.zeros((classes, classes))
    C[labels, predictions] += 1
    return judged(C)


@wrong("confusion_matrix", cause="columns-for-rows", first="right_of_class")
def _(labels, predictions, classes):
    C = matrix(labels, predictions, classes)
    return C, np.diag(C) / C.sum(axis=0), np.trace(C) / C.sum()


@wrong("confusion_matrix", cause="macro-average", first="accuracy")
def _(labels, predictions, classes):
    C = matrix(labels, predictions, classes)
    share = np.diag(C) / C.sum(axis=1)
    return C, share, share.mean()


@wrong("confusion_matrix", cause="error-rate", first="accuracy")
def _(labels, predictions, classes):
    C = matrix(labels, predictions, classes)
    return C, np.diag(C) / C.sum(axis=1), (labels != predictions).mean()


@wrong("confusion_matrix", cause="normalised", first="counts")
def _(labels, predictions, classes):
    C = matrix(labels, predictions, classes)
    return C / C.sum(axis=1, keepdims=True), np.diag(C) / C.sum(axis=1), (labels == predictions).mean()


@right("confusion_matrix", form="products-of-one-hot")
def _(labels, predictions, classes):
    C = one_hot(labels, classes).T @ one_hot(predictions, classes)
    return C.astype(int), [C[k, k] / C[k].sum() for k in range(classes)], (labels == predictions).mean()


@right("confusion_matrix", form="bincount")
def _(labels, predictions, classes):
    C = np.bincount(classes * labels + predictions, minlength=classes**2).reshape(classes, classes)
    return dict(zip(("counts", "right_of_class", "accuracy"), judged(C)))


@wrong("class_probabilities", cause="lost-output-bias", first="P")
def _(X, weights, biases):
    for W, b in zip(weights[:-1], biases):
        X = np.maximum(0, X @ W + b)
    return softmax(X @ weights[-1])


@wrong("overfit_twenty", cause="starts-anew", first="number_right")
def _(X, labels, seed):
    weights, biases = start([96, 32, 10], seed)
    for _ in range(50):
        _, new_weights, new_biases = steps([(X, labels)], weights, biases, 0.1)
    return new_weights, new_biases


@wrong("overfit_twenty", cause="labels-not-shuffled", first="number_right")
def _(X, labels, seed):
    return trained(np.random.default_rng(seed).permutation(X), labels, seed, epochs=300)


@wrong("overfit_twenty", cause="uphill", first="number_right")
def _(X, labels, seed):
    return trained(X, labels, seed, alpha=-0.1, epochs=60)


@wrong("fit_digits", cause="starts-anew", first="accuracy_at_least")
def _(X, labels, seed):
    for epoch in range(8):
        last = steps(batches_of(X, labels, 60, seed + epoch), *start([96, 32, 10], seed), 0.03)
    return last[1:]


@wrong("fit_digits", cause="twenty-digits-only", first="accuracy_at_least")
def _(X, labels, seed):
    return trained(X[:20], labels[:20], seed, epochs=100)


@wrong("loss_and_gradients", cause="no-gate", first="dL_dweights")
def _(X, labels, weights, biases):
    L, dL_dweights, dL_dbiases = gradients(X, labels, weights, biases)
    A, kept = X, []
    for W, b in zip(weights, biases):
        kept.append(A)
        A = np.maximum(0, A @ W + b)
    delta = (softmax(logits(X, weights, biases)) - one_hot(labels, len(biases[-1]))) / len(X)
    for k in reversed(range(len(weights))):
        dL_dweights[k], dL_dbiases[k] = kept[k].T @ delta, delta.sum(axis=0)
        delta = delta @ weights[k].T
        if 0 < k < len(weights) - 1:
            delta = delta * (kept[k] > 0)
    return L, dL_dweights, dL_dbiases


@wrong("check_gradients", cause="division-order", first="dL_dparameters")
def _(loss, parameters, gradients, h, rtol, atol):
    found, suspects = [], []
    for part, claimed in zip(parameters, gradients):
        measured = np.zeros_like(part)
        for place in np.ndindex(part.shape):
            start = part[place]
            part[place] = start + h
            right = loss(parameters)
            part[place] = start - h
            measured[place] = (right - loss(parameters)) / 2 * h
            part[place] = start
        found.append(measured)
        suspects.append(float((abs(claimed - measured) > atol + rtol * abs(measured)).sum()))
    return found, suspects


# mistakes at unusual places


@wrong("loss_and_gradients", cause="wrong-loss", first="dL_dweights")
def _(X, labels, weights, biases):
    def squared(P, labels):
        g = 2 * (P - one_hot(labels, P.shape[1])) / len(P)
        return P * (g - (P * g).sum(axis=1, keepdims=True))

    return gradients(X, labels, weights, biases, at_logits=squared)


@wrong("train_epoch", cause="stale-half-step", first="losses")
def _(batches, weights, biases, alpha):
    weights, biases, losses = [W.copy() for W in weights], [b.copy() for b in biases], []
    for X, labels in batches:
        activations = [X]
        for W, b in zip(weights[:-1], biases[:-1]):
            activations.append(np.maximum(0, activations[-1] @ W + b))
        P = softmax(activations[-1] @ weights[-1] + biases[-1])
        losses.append(-np.log(P[np.arange(len(X)), labels]).mean())
        delta = (P - one_hot(labels, P.shape[1])) / len(X)
        for k in reversed(range(len(weights))):
            weights[k] -= alpha * (activations[k].T @ delta)
            biases[k] -= alpha * delta.sum(axis=0)
            delta = (delta @ weights[k].T) * (activations[k] > 0)
    return losses, weights, biases
