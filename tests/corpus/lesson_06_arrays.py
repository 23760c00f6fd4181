"""Answers to the second half of lesson 06, an engine for arrays.

An answer is what a learner writes into one answer cell. What earlier cells define is there already.
"""

import numpy as np

from tests.corpus.registry import right, wrong


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def sum_rule(dL_dy, x, axis, keepdims):
    if axis is not None and not keepdims:
        dL_dy = np.expand_dims(dL_dy, axis)
    return dL_dy * np.ones_like(x)


def in_engine(write):
    """Define the lesson's class Tensor with the answer cell for `backward`, and return it."""

    class Tensor:
        __array_ufunc__ = None
        made = 0

        def __init__(self, data, parents=(), rule=None):
            self.data, self.parents, self.rule = np.asarray(data, dtype=float), parents, rule
            self.grad = np.zeros_like(self.data)
            Tensor.made += 1
            self.number = Tensor.made

        def contributions(self):
            return self.rule(self.grad) if self.parents else ()

        def graph(self):
            found, waiting = {self}, [self]
            while waiting:
                for parent in waiting.pop().parents:
                    if parent not in found:
                        found.add(parent)
                        waiting.append(parent)
            return sorted(found, key=lambda node: node.number, reverse=True)

    def operation(function, rule):
        def apply(*operands, **settings):
            parents = [x if isinstance(x, Tensor) else Tensor(x) for x in operands]
            values = [parent.data for parent in parents]

            def contributions(dL_dy):
                found = rule(dL_dy, *values, **settings)
                return found if isinstance(found, tuple) else (found,)

            return Tensor(function(*values, **settings), parents, contributions)

        return apply

    def add_rule(g, a, b):
        return unbroadcast(g, a.shape), unbroadcast(g, b.shape)

    def multiply_rule(g, a, b):
        return unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape)

    def max_rule(g, x, axis, keepdims):
        return sum_rule(g, x, axis, keepdims) * (x == x.max(axis=axis, keepdims=True))

    def index_rule(g, x, key):
        G = np.zeros_like(x)
        np.add.at(G, key, g)
        return G

    along = operation(np.sum, sum_rule), operation(np.max, max_rule)
    entries = operation(lambda x, key: x[key], index_rule)
    Tensor.__add__ = Tensor.__radd__ = operation(np.add, add_rule)
    Tensor.__mul__ = Tensor.__rmul__ = operation(np.multiply, multiply_rule)
    Tensor.__matmul__ = operation(np.matmul, lambda g, A, B: (g @ B.T, A.T @ g))
    Tensor.exp = operation(np.exp, lambda g, x: g * np.exp(x))
    Tensor.tanh = operation(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2))
    Tensor.relu = operation(lambda x: np.maximum(0, x), lambda g, x: g * (x > 0))
    Tensor.sum = lambda self, axis=None, keepdims=False: along[0](self, axis=axis, keepdims=keepdims)
    Tensor.max = lambda self, axis=None, keepdims=False: along[1](self, axis=axis, keepdims=keepdims)
    Tensor.__getitem__ = lambda self, key: entries(self, key=key)
    Tensor.backward = write(Tensor)
    return Tensor


# jacobian_size


@wrong("jacobian_size", cause="outputs-only", first="entries_of_jacobian")
def _():
    return 64 * 100, 200 * 100


@wrong("jacobian_size", cause="entries-added", first="entries_of_jacobian")
def _():
    return 64 * 100 + 200 * 100, 200 * 100


@wrong("jacobian_size", cause="shape-of-Z", first="entries_of_dL_dW")
def _():
    return 6400 * 20000, 6400


@wrong("jacobian_size", cause="other-variable", first="entries_of_jacobian")
def _():
    return (64 * 100) * (64 * 200), 200 * 100


@right("jacobian_size", form="list")
def _():
    return [128_000_000, 20_000]


# unbroadcast


@wrong("unbroadcast", cause="unbroadcast-mean", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] > 1:
            grad = grad.mean(axis, keepdims=True)
    return grad


@wrong("unbroadcast", cause="not-unbroadcast", first="dL_dx")
def _(grad, shape):
    return grad


@wrong("unbroadcast", cause="unbroadcast-mean", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.mean(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.mean(axis=axis, keepdims=True)
    return grad


@wrong("unbroadcast", cause="leading-axes-only", first="dL_dx")
def _(grad, shape):
    extra = grad.ndim - len(shape)
    return grad.sum(axis=tuple(range(extra)))


@wrong("unbroadcast", cause="ones-only", first="dL_dx")
def _(grad, shape):
    if grad.ndim != len(shape):
        return grad
    axes = tuple(axis for axis in range(len(shape)) if shape[axis] == 1)
    return grad.sum(axis=axes, keepdims=True)


@wrong("unbroadcast", cause="lost-dimension", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    axes = tuple(axis for axis in range(len(shape)) if shape[axis] == 1)
    return grad.sum(axis=axes)


@wrong("unbroadcast", cause="kept-dimension", first="dL_dx")
def _(grad, shape):
    full = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(axis for axis in range(len(full)) if full[axis] == 1)
    return grad.sum(axis=axes, keepdims=True)


@wrong("unbroadcast", cause="wrong-axis", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=-1)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@wrong("unbroadcast", cause="ones-first", first="dL_dx")
def _(grad, shape):
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    return grad


@wrong("unbroadcast", cause="one-sample", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad[0]
    for axis, size in enumerate(shape):
        if size == 1:
            grad = np.take(grad, [0], axis=axis)
    return grad


@wrong("unbroadcast", cause="reshaped", first=None)
def _(grad, shape):
    return grad.reshape(shape)


@right("unbroadcast", form="one-call")
def _(grad, shape):
    full = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(axis for axis, size in enumerate(full) if size == 1)
    return grad.sum(axis=axes).reshape(shape)


@right("unbroadcast", form="from-sizes")
def _(grad, shape):
    for axis in range(-1, -grad.ndim - 1, -1):
        if -axis > len(shape) or shape[axis] != grad.shape[axis]:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad.reshape(shape)


# multiply_rule


@wrong("multiply_rule", cause="own-operand", first="dL_da")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy * a, a.shape), unbroadcast(dL_dy * b, b.shape)


@wrong("multiply_rule", cause="not-unbroadcast", first="dL_da")
def _(dL_dy, a, b):
    return dL_dy * b, dL_dy * a


@wrong("multiply_rule", cause="summed-too-early", first="dL_da")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy, a.shape) * b, unbroadcast(dL_dy, b.shape) * a


@wrong("multiply_rule", cause="lost-upstream", first="dL_da")
def _(dL_dy, a, b):
    ones = np.ones_like(dL_dy)
    return unbroadcast(ones * b, a.shape), unbroadcast(ones * a, b.shape)


@wrong("multiply_rule", cause="multiply-treated-as-add", first="dL_da")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy, a.shape), unbroadcast(dL_dy, b.shape)


@wrong("multiply_rule", cause="swapped-operands", first="dL_da")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy * a, b.shape), unbroadcast(dL_dy * b, a.shape)


@wrong("multiply_rule", cause="not-unbroadcast", first="dL_db")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy * b, a.shape), dL_dy * a


@wrong("multiply_rule", cause="own-operand", first="dL_db")
def _(dL_dy, a, b):
    return unbroadcast(dL_dy * b, a.shape), unbroadcast(dL_dy * b, b.shape)


@right("multiply_rule", form="dict")
def _(dL_dy, a, b):
    return {"dL_db": unbroadcast(a * dL_dy, b.shape), "dL_da": unbroadcast(b * dL_dy, a.shape)}


# matmul_rule


@wrong("matmul_rule", cause="no-transpose", first=None)
def _(dL_dY, A, B):
    return dL_dY @ B, A @ dL_dY


@wrong("matmul_rule", cause="transposed-dW", first="dL_dB")
def _(dL_dY, A, B):
    return dL_dY @ B.T, dL_dY.T @ A


@wrong("matmul_rule", cause="transposed-dW", first="dL_dA")
def _(dL_dY, A, B):
    return B @ dL_dY.T, dL_dY.T @ A


@wrong("matmul_rule", cause="lost-upstream", first="dL_dA")
def _(dL_dY, A, B):
    ones = np.ones(dL_dY.shape)
    return ones @ B.T, A.T @ ones


@wrong("matmul_rule", cause="swapped-operands", first="dL_dA")
def _(dL_dY, A, B):
    return A.T @ dL_dY, dL_dY @ B.T


@wrong("matmul_rule", cause="mean-for-sum", first="dL_dB")
def _(dL_dY, A, B):
    return dL_dY @ B.T, A.T @ dL_dY / len(A)


@wrong("matmul_rule", cause="own-operand", first=None)
def _(dL_dY, A, B):
    return dL_dY @ A.T, B.T @ dL_dY


@right("matmul_rule", form="einsum")
def _(dL_dY, A, B):
    return np.einsum("nk,dk->nd", dL_dY, B), np.einsum("nd,nk->dk", A, dL_dY)


# sum_rule


@wrong("sum_rule", cause="not-spread", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return dL_dy


@wrong("sum_rule", cause="mean-for-sum", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims) / (x.size if axis is None else x.shape[axis])


@wrong("sum_rule", cause="lost-upstream", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return np.ones_like(x)


@wrong("sum_rule", cause="own-operand", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims) * x


@wrong("sum_rule", cause="axis-not-put-back", first=None)
def _(dL_dy, x, axis, keepdims):
    return dL_dy * np.ones_like(x)


@wrong("sum_rule", cause="summed-too-much", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return np.full(x.shape, np.sum(dL_dy))


@right("sum_rule", form="broadcast-to")
def _(dL_dy, x, axis, keepdims):
    if axis is not None and not keepdims:
        dL_dy = np.expand_dims(dL_dy, axis)
    return np.broadcast_to(dL_dy, x.shape)


@right("sum_rule", form="repeated")
def _(dL_dy, x, axis, keepdims):
    shape = x.sum(axis=axis, keepdims=True).shape
    return np.reshape(dL_dy, shape) + 0 * x


# max_rule


@wrong("max_rule", cause="shared-equally", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims) / (x.size if axis is None else x.shape[axis])


@wrong("max_rule", cause="no-gate", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims)


@wrong("max_rule", cause="lost-upstream", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return (x == x.max(axis=axis, keepdims=True)).astype(float)


@wrong("max_rule", cause="function-for-slope", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    largest = x.max(axis=axis, keepdims=True)
    return sum_rule(dL_dy, x, axis, keepdims) * largest * (x == largest)


@wrong("max_rule", cause="overall-maximum", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims) * (x == x.max())


@wrong("max_rule", cause="gate-reversed", first="dL_dx")
def _(dL_dy, x, axis, keepdims):
    return sum_rule(dL_dy, x, axis, keepdims) * (x != x.max(axis=axis, keepdims=True))


@right("max_rule", form="where")
def _(dL_dy, x, axis, keepdims):
    is_largest = x >= np.max(x, axis=axis, keepdims=True)
    return np.where(is_largest, sum_rule(dL_dy, x, axis, keepdims), 0)


# index_rule


@wrong("index_rule", cause="fancy-index-add", first="dL_dx")
def _(dL_dy, x, key):
    G = np.zeros_like(x)
    G[key] += dL_dy
    return G


@wrong("index_rule", cause="fancy-index-add", first="dL_dx")
def _(dL_dy, x, key):
    G = np.zeros(x.shape)
    G[key] = dL_dy
    return G


@wrong("index_rule", cause="not-scattered", first="dL_dx")
def _(dL_dy, x, key):
    return dL_dy


@wrong("index_rule", cause="lost-upstream", first="dL_dx")
def _(dL_dy, x, key):
    G = np.zeros_like(x)
    np.add.at(G, key, 1)
    return G


@wrong("index_rule", cause="not-cleared", first="dL_dx")
def _(dL_dy, x, key):
    G = x.copy()
    np.add.at(G, key, dL_dy)
    return G


@wrong("index_rule", cause="own-operand", first="dL_dx")
def _(dL_dy, x, key):
    G = np.zeros_like(x)
    np.add.at(G, key, dL_dy * x[key])
    return G


@right("index_rule", form="loop-over-places")
def _(dL_dy, x, key):
    places = np.arange(x.size).reshape(x.shape)[key]
    G = np.bincount(places.ravel(), weights=np.ravel(dL_dy), minlength=x.size)
    return G.reshape(x.shape)


# array_engine


@wrong("array_engine", cause="overwrite", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        self.grad = np.ones_like(self.data)
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad = contribution

    return backward


@wrong("array_engine", cause="no-seed", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        for node in nodes:
            node.grad = np.zeros_like(node.data)
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad = parent.grad + contribution

    return backward


@wrong("array_engine", cause="not-cleared", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        self.grad = np.ones_like(self.data)
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad = parent.grad + contribution

    return backward


@wrong("array_engine", cause="cleared-after-the-seed", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        self.grad = np.ones_like(self.data)
        for node in nodes:
            node.grad = np.zeros_like(node.data)
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad = parent.grad + contribution

    return backward


@wrong("array_engine", cause="forward-order", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        for node in nodes:
            node.grad = np.zeros_like(node.data)
        self.grad = np.ones_like(self.data)
        for node in reversed(nodes):
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad = parent.grad + contribution

    return backward


@wrong("array_engine", cause="one-path", first="dL_dA", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        for node in nodes:
            node.grad = np.zeros_like(node.data)
        self.grad = np.ones_like(self.data)
        for node in nodes:
            if node.parents:
                parent = node.parents[0]
                parent.grad = parent.grad + node.contributions()[0]

    return backward


@wrong("array_engine", cause="number-for-array", first=None, make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        for node in nodes:
            node.grad = None
        self.grad = 1.0
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad += contribution

    return backward


@right("array_engine", form="in-place", make=in_engine)
def _(Tensor):
    def backward(self):
        nodes = self.graph()
        for node in nodes:
            node.grad = np.zeros(node.data.shape)
        self.grad[...] = 1
        for node in nodes:
            for parent, contribution in zip(node.parents, node.contributions()):
                parent.grad += contribution

    return backward


@right("array_engine", form="numbers-at-first", make=in_engine)
def _(Tensor):
    def backward(self):
        for node in self.graph():
            node.grad = 0.0 * node.data
        self.grad = np.array(1.0)
        for node in self.graph():
            for k, contribution in enumerate(node.contributions()):
                node.parents[k].grad = node.parents[k].grad + contribution

    return backward


# train_tensors: NumPy in place of the learner's engine, whose gradients are checked before


def loss_and_gradients(X, labels, weights, biases):
    A = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        A.append(np.maximum(0, A[-1] @ W + b))
    Z = A[-1] @ weights[-1] + biases[-1]
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    rows = np.arange(len(X))
    L = -log_P[rows, labels].mean()
    delta = np.exp(log_P)
    delta[rows, labels] -= 1
    delta /= len(X)
    dW, db = [], []
    for k in reversed(range(len(weights))):
        dW.insert(0, A[k].T @ delta)
        db.insert(0, delta.sum(axis=0))
        delta = delta @ weights[k].T * (A[k] > 0)
    return L, dW, db


def trained(X, labels, weights, biases, alpha, steps, scale=1.0, biases_too=True):
    losses = []
    for _ in range(steps):
        L, dW, db = loss_and_gradients(X, labels, weights, biases)
        losses.append(L)
        weights = [W - alpha * scale * g for W, g in zip(weights, dW)]
        if biases_too:
            biases = [b - alpha * scale * g for b, g in zip(biases, db)]
    return [*losses, loss_and_gradients(X, labels, weights, biases)[0]], weights, biases


@wrong("train_tensors", cause="uphill", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    return trained(X, labels, weights, biases, -alpha, steps)


@wrong("train_tensors", cause="last-loss-missing", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    losses, W, b = trained(X, labels, weights, biases, alpha, steps)
    return losses[:-1], W, b


@wrong("train_tensors", cause="one-step-too-many", first="weights_end")
def _(X, labels, weights, biases, alpha, steps):
    losses, W, b = trained(X, labels, weights, biases, alpha, steps + 1)
    return losses[:-1], W, b


@wrong("train_tensors", cause="sum-for-mean", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    return trained(X, labels, weights, biases, alpha, steps, scale=len(X))


@wrong("train_tensors", cause="biases-not-moved", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    return trained(X, labels, weights, biases, alpha, steps, biases_too=False)


@wrong("train_tensors", cause="no-effect", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    losses = [loss_and_gradients(X, labels, weights, biases)[0] for _ in range(steps + 1)]
    return losses, weights, biases


@wrong("train_tensors", cause="not-cleared", first="losses")
def _(X, labels, weights, biases, alpha, steps):
    losses, kept = [], None
    for _ in range(steps):
        L, dW, db = loss_and_gradients(X, labels, weights, biases)
        losses.append(L)
        new = [*dW, *db]
        kept = new if kept is None else [old + g for old, g in zip(kept, new)]
        weights = [W - alpha * g for W, g in zip(weights, kept)]
        biases = [b - alpha * g for b, g in zip(biases, kept[len(weights) :])]
    return [*losses, loss_and_gradients(X, labels, weights, biases)[0]], weights, biases


@right("train_tensors", form="by-hand")
def _(X, labels, weights, biases, alpha, steps):
    losses, W, b = trained(X, labels, weights, biases, alpha, steps)
    return np.array(losses), tuple(W), tuple(b)


# evaluations


@wrong("evaluations", cause="one-each", first="entry_by_entry")
def _():
    return 398, 2


@wrong("evaluations", cause="one-sided", first="entry_by_entry")
def _():
    return 398 + 1, 2


@wrong("evaluations", cause="lost-bias", first="entry_by_entry")
def _():
    return 720, 2


@wrong("evaluations", cause="one-side", first="along_one_direction")
def _():
    return 796, 1


@wrong("evaluations", cause="as-for-all", first="along_one_direction")
def _():
    return 796, 796


@right("evaluations", form="array")
def _():
    return np.array([2 * (3 * 24 + 25 * 12 + 13 * 2), 2])


# directional_check


@wrong("directional_check", cause="one-sided", first="measured")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta)) / h, gradient @ v


@wrong("directional_check", cause="divided-by-h", first="measured")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / h, gradient @ v


@wrong("directional_check", cause="missing-parentheses", first="measured")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / 2 * h, gradient @ v


@wrong("directional_check", cause="direction-forgotten", first="measured")
def _(f, theta, v, gradient, h):
    return (f(theta + h) - f(theta - h)) / (2 * h), gradient @ v


@wrong("directional_check", cause="unsummed", first="claimed")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / (2 * h), gradient * v


@wrong("directional_check", cause="direction-forgotten", first="claimed")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / (2 * h), gradient.sum()


@wrong("directional_check", cause="normalised", first="measured")
def _(f, theta, v, gradient, h):
    u = v / np.linalg.norm(v)
    return (f(theta + h * u) - f(theta - h * u)) / (2 * h), gradient @ v


@wrong("directional_check", cause="normalised", first="measured")
def _(f, theta, v, gradient, h):
    v = v / np.sqrt((v**2).sum())
    return (f(theta + h * v) - f(theta - h * v)) / (2 * h), gradient @ v


@wrong("directional_check", cause="divided-by-length", first="measured")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / (2 * h * np.linalg.norm(v)), gradient @ v


@wrong("directional_check", cause="absolute-paths", first="claimed")
def _(f, theta, v, gradient, h):
    return (f(theta + h * v) - f(theta - h * v)) / (2 * h), abs(gradient @ v)


@right("directional_check", form="array-of-two")
def _(f, theta, v, gradient, h):
    return np.array([(f(theta + h * v) - f(theta - h * v)) / 2 / h, np.sum(v * gradient)])


# hessian_vector: finite differences and formulas in place of dual numbers


def gradient_of(theta):
    w1, w2, w3, w4, b1, b2, b3 = theta
    x, y = np.array([0.1, 0.53, 0.82]), np.array([1.2, 3.2, 1.1])
    h1, h2 = np.tanh(w1 * x + b1), np.tanh(w2 * x + b2)
    d = 2 * (w3 * h1 + w4 * h2 + b3 - y)
    d1, d2 = d * w3 * (1 - h1**2), d * w4 * (1 - h2**2)
    return np.array([d1 @ x, d2 @ x, d @ h1, d @ h2, d1.sum(), d2.sum(), d.sum()])


def along(theta, v, h=1e-5):
    return (gradient_of(theta + h * v) - gradient_of(theta - h * v)) / (2 * h)


@wrong("hessian_vector", cause="gradient-again", first="Hv")
def _(theta, v):
    return gradient_of(theta), gradient_of(theta)


@wrong("hessian_vector", cause="order-of-results", first="dL_dtheta", also=("right-but-permuted",))
def _(theta, v):
    return along(theta, v), gradient_of(theta)


@wrong("hessian_vector", cause="speeds-one", first="Hv")
def _(theta, v):
    return gradient_of(theta), along(theta, np.ones(7))


@wrong("hessian_vector", cause="nothing-moves", first="Hv")
def _(theta, v):
    return gradient_of(theta), np.zeros(7)


@wrong("hessian_vector", cause="diagonal-only", first="Hv")
def _(theta, v):
    return gradient_of(theta), [along(theta, v[k] * np.eye(7)[k])[k] for k in range(7)]


@wrong("hessian_vector", cause="curvature-alone", first="Hv")
def _(theta, v):
    return gradient_of(theta), v @ along(theta, v)


@wrong("hessian_vector", cause="one-sided", first="Hv", unnamed=True)
def _(theta, v):
    h = 1e-3
    return gradient_of(theta), (gradient_of(theta + h * v) - gradient_of(theta)) / h


@right("hessian_vector", form="by-differences")
def _(theta, v):
    return gradient_of(theta), along(theta, v)


@wrong("hessian_vector", cause="objects-returned", first="dL_dtheta")
def _(theta, v):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

    return [Dual(g, change) for g, change in zip(gradient_of(theta), along(theta, v))], along(theta, v)


# mistakes at unusual places


@wrong("unbroadcast", cause="one-axis-only", first="dL_dx")
def _(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] != 1:
            return grad.sum(axis=axis, keepdims=True)
    return grad


@wrong("sum_rule", cause="shared-equally", first="dL_dx", also=("whole-sum-shared-equally",))
def _(dL_dy, x, axis, keepdims):
    if axis is None:
        return np.full(x.shape, np.sum(dL_dy) / x.size)
    return np.repeat(dL_dy if keepdims else np.expand_dims(dL_dy, axis), x.shape[axis], axis=axis)
