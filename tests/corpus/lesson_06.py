"""Answers to lesson 06, an autodiff engine.

An answer is what a learner writes into one answer cell. The rest of the class is there already, as in the notebook.
"""

import numpy as np

from tests.corpus.registry import right, wrong


def in_engine(write):
    """Run one answer cell on a fresh class Value that has the lesson's other methods, and return what the check cell is given."""

    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data, self.parents, self.slopes = data, parents, slopes
            self.grad = 0.0

    def as_node(x):
        return x if isinstance(x, Value) else Value(x)

    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def power(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self):
        value = np.exp(self.data)
        return Value(value, (self,), (value,))

    def log(self):
        return Value(np.log(self.data), (self,), (1 / self.data,))

    def relu(self):
        is_open = 1.0 if self.data > 0 else 0.0
        return Value(is_open * self.data, (self,), (is_open,))

    def sigmoid(self):
        value = 1 / (1 + np.exp(-self.data))
        return Value(value, (self,), (value * (1 - value),))

    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (1 - value**2,))

    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad

    def order(self):
        nodes, visited, waiting = [], set(), [(self, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                nodes.append(node)
            elif node not in visited:
                visited.add(node)
                waiting.append((node, True))
                waiting += [(parent, False) for parent in node.parents]
        return nodes

    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.__add__, Value.__mul__, Value.__pow__ = add, multiply, power
    Value.exp, Value.log, Value.relu, Value.sigmoid, Value.tanh = exp, log, relu, sigmoid, tanh
    Value.pass_back, Value.order, Value.backward = pass_back, order, backward
    Value.__neg__ = lambda self: self * -1.0
    Value.__sub__ = lambda self, other: self + as_node(other) * -1.0
    Value.__truediv__ = lambda self, other: self * as_node(other) ** -1.0
    Value.__radd__, Value.__rmul__ = add, multiply
    Value.__rsub__ = lambda self, other: as_node(other) - self
    Value.__rtruediv__ = lambda self, other: as_node(other) / self
    answer = write(Value, as_node)
    return Value if answer is None else answer


OPERATIONS = {
    **{"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b},
    **{"square": lambda a: a**2, "inverse": lambda a: 1 / a, "exp": lambda a: a.exp(), "log": lambda a: a.log()},
    **{"relu": lambda a: a.relu(), "sigmoid": lambda a: a.sigmoid(), "tanh": lambda a: a.tanh()},
}


# nodes_and_edges


@wrong("nodes_and_edges", cause="same-operand-once", first="edges")
def _():
    return 5, 5


@wrong("nodes_and_edges", cause="constant-not-counted", first="nodes")
def _():
    return 4, 5


@wrong("nodes_and_edges", cause="node-for-each-use", first="nodes")
def _():
    return 7, 6


@wrong("nodes_and_edges", cause="leaves-not-counted", first="nodes")
def _():
    return 3, 6


@wrong("nodes_and_edges", cause="constant-not-counted", first="nodes")
def _():
    return 4, 6


@wrong("nodes_and_edges", cause="edges-for-nodes", first="nodes", also=("right-but-permuted",))
def _():
    return 6, 5


@wrong("nodes_and_edges", cause="operations-counted", first="edges")
def _():
    return 5, 3


@right("nodes_and_edges", form="dict")
def _():
    return {"edges": 2 + 2 + 2, "nodes": 5}


# node


@wrong("node", cause="grad-none", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = parents
            self.slopes = slopes
            self.grad = None

    return Value


@wrong("node", cause="grad-one", first="grad", make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = parents
            self.slopes = slopes
            self.grad = 1.0

    return Value


@wrong("node", cause="forgotten-self", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            data = data
            parents = parents
            slopes = slopes
            grad = 0.0

    return Value


@wrong("node", cause="forgotten-self", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = parents
            self.slopes = slopes
            grad = 0.0

    return Value


@wrong("node", cause="slopes-not-kept", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = parents
            self.slopes = ()
            self.grad = 0.0

    return Value


@wrong("node", cause="swapped-names", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = slopes
            self.slopes = parents
            self.grad = 0.0

    return Value


@wrong("node", cause="grad-is-slopes", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data, self.parents, self.slopes, self.grad = data, parents, slopes, slopes

    return Value


@wrong("node", cause="grad-list", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data, self.parents, self.slopes = data, parents, slopes
            self.grad = []

    return Value


@wrong("node", cause="misspelt-attribute", first=None, make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = data
            self.parents = parents
            self.slope = slopes
            self.grad = 0.0

    return Value


@wrong("node", cause="grad-is-data", first="grad", make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = self.grad = data
            self.parents = parents
            self.slopes = slopes

    return Value


@wrong("node", cause="integer-data", first="data", make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data = int(data)
            self.parents = parents
            self.slopes = slopes
            self.grad = 0

    return Value


@right("node", form="integer-zero", make=in_engine)
def _(Value, as_node):
    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.grad = 0
            self.slopes, self.parents = tuple(slopes), tuple(parents)
            self.data = float(data)

    return Value


@right("node", form="slots", make=in_engine)
def _(Value, as_node):
    class Value:
        __slots__ = ("data", "parents", "slopes", "grad")

        def __init__(self, data, parents=(), slopes=()):
            for name, value in zip(self.__slots__, (data, parents, slopes, np.float64(0))):
                setattr(self, name, value)

    return Value


# sums_and_products


@wrong("sums_and_products", cause="own-operand", first="dp_du", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (self.data, other.data))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="own-operand", first="dp_du", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (other, self), (other.data, self.data))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="own-operand", first="ds_du", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self, other), (self.data, other.data))

    Value.__add__ = add


@wrong("sums_and_products", cause="multiply-treated-as-add", first="dp_du", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (1.0, 1.0))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="add-treated-as-multiply", first="ds_du", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self, other), (other.data, self.data))

    Value.__add__ = add


@wrong("sums_and_products", cause="split-at-add", first="ds_du", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self, other), (0.5, 0.5))

    Value.__add__ = add


@wrong("sums_and_products", cause="forward-copy-paste", first="s", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (1.0, 1.0))

    Value.__add__ = add


@wrong("sums_and_products", cause="slopes-left-out", first=None, make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="slopes-left-out", first="ds_du", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data)

    Value.__add__ = add


@wrong("sums_and_products", cause="one-path", first="ds_dv", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self,), (1.0,))

    Value.__add__ = add


@wrong("sums_and_products", cause="one-path", first="dp_dv", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self,), (other.data,))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="same-operand-once", first="dq_du", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        if self is other:
            return Value(self.data**2, (self,), (self.data,))
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="nodes-for-numbers", first=None, make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self * other, (self, other), (other, self))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="forgotten-data", first=None, make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other, (self, other), (1.0, 1.0))

    Value.__add__ = add


@wrong("sums_and_products", cause="number-returned", first=None, make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return self.data * other.data

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="forgotten-return", first=None, make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        Value(self.data + other.data, (self, other), (1.0, 1.0))

    Value.__add__ = add


@wrong("sums_and_products", cause="product-for-factor", first="dp_du", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        value = self.data * other.data
        return Value(value, (self, other), (value, value))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="one-slope-for-two-parents", first="dp_dv", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (other.data, other.data))

    Value.__mul__ = multiply


@wrong("sums_and_products", cause="sign", first="ds_dv", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data + other.data, (self, other), (1.0, -1.0))

    Value.__add__ = add


@wrong("sums_and_products", cause="two-slips", first="s", unnamed=True, make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(self.data - other.data, (self, other), (1.0, 1.0))

    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, (self, other), (1 / other.data, self.data))

    Value.__add__, Value.__mul__ = add, multiply


@right("sums_and_products", form="lists", make=in_engine)
def _(Value, as_node):
    def add(self, other):
        other = as_node(other)
        return Value(data=self.data + other.data, parents=[other, self], slopes=[1, 1])

    def multiply(self, other):
        other = as_node(other)
        return Value(self.data * other.data, parents=[other, self], slopes=[self.data, other.data])

    Value.__add__ = add
    Value.__mul__ = multiply


@right("sums_and_products", form="squares", make=in_engine)
def _(Value, as_node):
    def multiply(self, other):
        half = (self + other) ** 2
        less = self**2 + as_node(other) ** 2
        twice = Value(half.data - less.data, (half, less), (1.0, -1.0))
        return Value(twice.data / 2, (twice,), (0.5,))

    Value.__mul__ = multiply


# bends


@wrong("bends", cause="power-kept", first="dpower_dz", make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(self.data**n, (self,), (n * self.data**n,))

    Value.__pow__ = power


@wrong("bends", cause="lost-power-factor", first="dpower_dz", make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(self.data**n, (self,), (self.data ** (n - 1),))

    Value.__pow__ = power


@wrong("bends", cause="another-functions-slope", first="dpower_dz", make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(self.data**n, (self,), (2 * self.data,))

    Value.__pow__ = power


@wrong("bends", cause="missing-parentheses", first="dpower_dz", make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(self.data**n, (self,), (n * self.data**n - 1,))

    Value.__pow__ = power


@wrong("bends", cause="caret-is-not-power", first=None, make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(self.data ^ n, (self,), (n * self.data ^ (n - 1),))

    Value.__pow__ = power


@wrong("bends", cause="operands-exchanged", first=None, make=in_engine)
def _(Value, as_node):
    def power(self, n):
        return Value(n**self.data, (self,), (n * self.data ** (n - 1),))

    Value.__pow__ = power


@wrong("bends", cause="power-rule-for-exp", first="dexp_dz", make=in_engine)
def _(Value, as_node):
    def exp(self):
        value = np.exp(self.data)
        return Value(value, (self,), (self.data * np.exp(self.data - 1),))

    Value.exp = exp


@wrong("bends", cause="no-activation-slope", first="dexp_dz", make=in_engine)
def _(Value, as_node):
    def exp(self):
        return Value(np.exp(self.data), (self,), (1.0,))

    Value.exp = exp


@wrong("bends", cause="exp-of-node", first=None, make=in_engine)
def _(Value, as_node):
    def exp(self):
        value = np.exp(self)
        return Value(value, (self,), (value,))

    Value.exp = exp


@wrong("bends", cause="function-for-slope", first="dlog_dx", make=in_engine)
def _(Value, as_node):
    def log(self):
        value = np.log(self.data)
        return Value(value, (self,), (value,))

    Value.log = log


@wrong("bends", cause="reciprocal-of-value", first="dlog_dx", make=in_engine)
def _(Value, as_node):
    def log(self):
        value = np.log(self.data)
        return Value(value, (self,), (1 / value,))

    Value.log = log


@wrong("bends", cause="another-functions-slope", first="dlog_dx", make=in_engine)
def _(Value, as_node):
    def log(self):
        return Value(np.log(self.data), (self,), (-1 / self.data**2,))

    Value.log = log


@wrong("bends", cause="wrong-base", first="log", make=in_engine)
def _(Value, as_node):
    def log(self):
        return Value(np.log10(self.data), (self,), (1 / self.data,))

    Value.log = log


@wrong("bends", cause="no-gate", first="drelu_dz", make=in_engine)
def _(Value, as_node):
    def relu(self):
        return Value(max(0.0, self.data), (self,), (1.0,))

    Value.relu = relu


@wrong("bends", cause="function-for-slope", first="drelu_dz", make=in_engine)
def _(Value, as_node):
    def relu(self):
        value = max(0.0, self.data)
        return Value(value, (self,), (value,))

    Value.relu = relu


@wrong("bends", cause="gate-reversed", first="drelu_dz", make=in_engine)
def _(Value, as_node):
    def relu(self):
        return Value(max(0.0, self.data), (self,), (0.0 if self.data > 0 else 1.0,))

    Value.relu = relu


@wrong("bends", cause="minimum-for-maximum", first="relu", make=in_engine)
def _(Value, as_node):
    def relu(self):
        return Value(min(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    Value.relu = relu


@wrong("bends", cause="slope-of-z", first="dsigmoid_dz", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        value = 1 / (1 + np.exp(-self.data))
        return Value(value, (self,), (self.data * (1 - self.data),))

    Value.sigmoid = sigmoid


@wrong("bends", cause="function-for-slope", first="dsigmoid_dz", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        value = 1 / (1 + np.exp(-self.data))
        return Value(value, (self,), (value,))

    Value.sigmoid = sigmoid


@wrong("bends", cause="slope-of-activation", first="dsigmoid_dz", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        def s(z):
            return 1 / (1 + np.exp(-z))

        value = s(self.data)
        return Value(value, (self,), (s(value) * (1 - s(value)),))

    Value.sigmoid = sigmoid


@wrong("bends", cause="another-functions-slope", first="dsigmoid_dz", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        value = 1 / (1 + np.exp(-self.data))
        return Value(value, (self,), (1 - value**2,))

    Value.sigmoid = sigmoid


@wrong("bends", cause="exponent-sign", first="sigmoid", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        value = 1 / (1 + np.exp(self.data))
        return Value(value, (self,), (value * (1 - value),))

    Value.sigmoid = sigmoid


@wrong("bends", cause="power-lost", first="dtanh_dz", make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (1 - value,))

    Value.tanh = tanh


@wrong("bends", cause="slope-of-z", first="dtanh_dz", make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (1 - self.data**2,))

    Value.tanh = tanh


@wrong("bends", cause="slope-of-activation", first="dtanh_dz", make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (1 - np.tanh(value) ** 2,))

    Value.tanh = tanh


@wrong("bends", cause="another-functions-slope", first="dtanh_dz", make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (value * (1 - value),))

    Value.tanh = tanh


@wrong("bends", cause="sign", first="dtanh_dz", make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        return Value(value, (self,), (1 + value**2,))

    Value.tanh = tanh


@wrong("bends", cause="forgotten-return", first=None, make=in_engine)
def _(Value, as_node):
    def tanh(self):
        value = np.tanh(self.data)
        Value(value, (self,), (1 - value**2,))

    Value.tanh = tanh


@wrong("bends", cause="detached", first="dexp_dz", also=("slopes-left-out",), make=in_engine)
def _(Value, as_node):
    def exp(self):
        return Value(np.exp(self.data))

    Value.exp = exp


@wrong("bends", cause="undefined-name", first=None, make=in_engine)
def _(Value, as_node):
    def log(self):
        return Value(np.log(data), (self,), (1 / data,))

    Value.log = log


@wrong("bends", cause="two-slips", first="dlog_dx", unnamed=True, make=in_engine)
def _(Value, as_node):
    def log(self):
        return Value(np.log(self.data), (self,), (-1 / self.data,))

    def sigmoid(self):
        value = 1 / (1 + np.exp(-self.data))
        return Value(value, (self,), (2 * value * (1 - value),))

    Value.log, Value.sigmoid = log, sigmoid


@right("bends", form="composed", make=in_engine)
def _(Value, as_node):
    def sigmoid(self):
        return ((self * -1.0).exp() + 1.0) ** -1.0

    def tanh(self):
        return (self * 2.0).sigmoid() * 2.0 + -1.0

    Value.sigmoid, Value.tanh = sigmoid, tanh


@right("bends", form="math-module", make=in_engine)
def _(Value, as_node):
    import math

    def relu(self):
        return Value(self.data if self.data > 0 else 0, [self], [int(self.data > 0)])

    def tanh(self):
        return Value(math.tanh(self.data), [self], [1 / math.cosh(self.data) ** 2])

    def sigmoid(self):
        return Value(0.5 + 0.5 * math.tanh(self.data / 2), [self], [0.25 / math.cosh(self.data / 2) ** 2])

    Value.relu, Value.tanh, Value.sigmoid = relu, tanh, sigmoid


# two_edges


@wrong("two_edges", cause="as-if-it-added", first="x_grad")
def _():
    return 30


@wrong("two_edges", cause="upstream-dropped", first="x_grad")
def _():
    return 3


@wrong("two_edges", cause="value-not-slope", first="x_grad")
def _():
    return 45


@wrong("two_edges", cause="upstream-only", first="x_grad")
def _():
    return 5


@wrong("two_edges", cause="upstream-dropped", first="x_grad")
def _():
    return 6


@wrong("two_edges", cause="nothing-left", first="x_grad")
def _():
    return 0


@right("two_edges", form="computed")
def _():
    c, x = 5.0, 3.0
    return np.float64(c) * x


# pass_back


@wrong("pass_back", cause="overwrite", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad = slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="overwrite", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent in self.parents:
            parent.grad = 0.0
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="lost-upstream", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope

    Value.pass_back = pass_back


@wrong("pass_back", cause="slope-left-out", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent in self.parents:
            parent.grad += self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="own-operand", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent in self.parents:
            parent.grad += parent.data * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="added-for-multiplied", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope + self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="same-operand-once", first="dL_da", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        seen = set()
        for parent, slope in zip(self.parents, self.slopes):
            if parent not in seen:
                seen.add(parent)
                parent.grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="same-operand-once", first="dL_da", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in dict(zip(self.parents, self.slopes)).items():
            parent.grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="wrong-direction", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            self.grad += slope * parent.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="return-in-loop", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad
            return

    Value.pass_back = pass_back


@wrong("pass_back", cause="other-unit", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, reversed(self.slopes)):
            parent.grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="other-unit", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent in self.parents:
            parent.grad += self.slopes[0] * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="no-effect", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            grad = parent.grad
            grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="split-at-add", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad / len(self.parents)

    Value.pass_back = pass_back


@wrong("pass_back", cause="multiplied-for-added", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad *= slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="every-parent-gets-the-sum", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent in self.parents:
            parent.grad += sum(self.slopes) * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="calls-the-parents", first="dL_da", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad
            parent.pass_back()

    Value.pass_back = pass_back


@wrong("pass_back", cause="misspelt-attribute", first=None, make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slope):
            parent.grad += slope * self.grad

    Value.pass_back = pass_back


@wrong("pass_back", cause="own-grad-used-up", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.grad
            self.grad = 0.0

    Value.pass_back = pass_back


@wrong("pass_back", cause="data-for-grad", first="dL_db", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(self.parents, self.slopes):
            parent.grad += slope * self.data

    Value.pass_back = pass_back


@wrong("pass_back", cause="forgotten-self", first=None, make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for parent, slope in zip(parents, slopes):
            parent.grad += slope * grad

    Value.pass_back = pass_back


@right("pass_back", form="indices", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        for k in range(len(self.parents)):
            self.parents[k].grad = self.parents[k].grad + self.grad * self.slopes[k]

    Value.pass_back = pass_back


@right("pass_back", form="returns-something", make=in_engine)
def _(Value, as_node):
    def pass_back(self):
        shares = [slope * self.grad for slope in self.slopes]
        for parent, share in zip(self.parents, shares):
            parent.grad += share
        return shares

    Value.pass_back = pass_back


# order


@wrong("order", cause="node-before-parents", first="edges_in_order", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                nodes.append(node)
                for parent in node.parents:
                    visit(parent)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="reversed", first="edges_in_order", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)
        return nodes[::-1]

    Value.order = order


@wrong("order", cause="visited-forgotten", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes = []

        def visit(node):
            for parent in node.parents:
                visit(parent)
            nodes.append(node)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="self-left-out", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        for parent in self.parents:
            visit(parent)
        return nodes

    Value.order = order


@wrong("order", cause="parents-only", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        return [*self.parents, self]

    Value.order = order


@wrong("order", cause="breadth-first", first="edges_in_order", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [self], {self}
        for node in nodes:
            for parent in node.parents:
                if parent not in visited:
                    visited.add(parent)
                    nodes.append(parent)
        return nodes[::-1]

    Value.order = order


@wrong("order", cause="one-path", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                if node.parents:
                    visit(node.parents[0])
                nodes.append(node)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="leaves-only", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                if not node.parents:
                    nodes.append(node)
                for parent in node.parents:
                    visit(parent)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="leaves-left-out", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node.parents and node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="same-data-same-node", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node.data not in visited:
                visited.add(node.data)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="mutable-default", first="length", make=in_engine)
def _(Value, as_node):
    def order(self, nodes=[], visited=set()):
        if self not in visited:
            visited.add(self)
            for parent in self.parents:
                parent.order(nodes, visited)
            nodes.append(self)
        return nodes

    Value.order = order


@wrong("order", cause="forgotten-return", first=None, make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)

    Value.order = order


@wrong("order", cause="visit-never-called", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        return nodes

    Value.order = order


@wrong("order", cause="appended-inside-the-loop", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                    nodes.append(node)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="data-for-nodes", first=None, make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node.data)

        visit(self)
        return nodes

    Value.order = order


@wrong("order", cause="only-unvisited-parents-counted", first="length", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            visited.add(node)
            for parent in node.parents:
                if parent not in visited:
                    visit(parent)
                nodes.append(parent)

        visit(self)
        return [*nodes, self]

    Value.order = order


@right("order", form="without-recursion", make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, waiting = {}, [self]
        while waiting:
            node = waiting[-1]
            missing = [parent for parent in node.parents if id(parent) not in nodes]
            if missing:
                waiting.extend(missing)
            else:
                nodes[id(waiting.pop())] = node
        return list(nodes.values())

    Value.order = order


@right("order", form="counting-users", make=in_engine)
def _(Value, as_node):
    def order(self):
        users, seen, waiting = {}, [], [self]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.append(node)
            for parent in node.parents:
                users[parent] = users.get(parent, 0) + 1
                waiting.append(parent)
        free, backwards = [self], []
        while free:
            node = free.pop()
            backwards.append(node)
            for parent in node.parents:
                users[parent] -= 1
                if users[parent] == 0:
                    free.append(parent)
        return tuple(reversed(backwards))

    Value.order = order


# backward


@wrong("backward", cause="not-cleared", first="dL_dagain", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="not-cleared", first="dL_dagain", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        self.grad += 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="not-cleared", first="dL_dagain", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            if not node.parents:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="not-cleared", first="dL_dagain", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            if node.parents:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="no-seed", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="cleared-after-the-seed", first="dL_dtree", also=("no-seed",), make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        self.grad = 1.0
        for node in nodes:
            node.grad = 0.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="seed-is-the-value", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = self.data
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="forward-order", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="only-self-passes-back", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        self.pass_back()

    Value.backward = backward


@wrong("backward", cause="seed-everywhere", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="cleared-in-the-loop", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        self.grad = 1.0
        for node in reversed(nodes):
            node.grad = 0.0
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="cleared-after-passing", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()
            if node.parents:
                node.grad = 0.0

    Value.backward = backward


@wrong("backward", cause="recursive-descent", first="dL_dfork", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0

        def back(node):
            node.pass_back()
            for parent in node.parents:
                back(parent)

        back(self)

    Value.backward = backward


@wrong("backward", cause="passed-back-twice", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="method-not-called", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back

    Value.backward = backward


@wrong("backward", cause="exhausted-iterator", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = reversed(self.order())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="last-node-left-out", first="dL_dtree", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes[-2::-1]:
            node.pass_back()

    Value.backward = backward


@wrong("backward", cause="forgotten-self", first=None, make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            node.pass_back()

    Value.backward = backward


@right("backward", form="index-loop", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = np.float64(node is self)
        for k in range(len(nodes) - 1, -1, -1):
            nodes[k].pass_back()

    Value.backward = backward


@right("backward", form="own-shares", make=in_engine)
def _(Value, as_node):
    def backward(self):
        nodes = self.order()
        grads = {node: 0.0 for node in nodes} | {self: 1.0}
        while nodes:
            node = nodes.pop()
            node.grad = grads[node]
            for parent, slope in zip(node.parents, node.slopes):
                grads[parent] += slope * node.grad

    Value.backward = backward


# arithmetic


@wrong("arithmetic", cause="operands-exchanged", first="values", make=in_engine)
def _(Value, as_node):
    def reversed_subtract(self, other):
        return self - as_node(other)

    Value.__rsub__ = reversed_subtract


@wrong("arithmetic", cause="operands-exchanged", first="values", make=in_engine)
def _(Value, as_node):
    def reversed_divide(self, other):
        return self / as_node(other)

    Value.__rtruediv__ = reversed_divide


@wrong("arithmetic", cause="operands-exchanged", first="values", make=in_engine)
def _(Value, as_node):
    def subtract(self, other):
        return as_node(other) + self * -1.0

    Value.__sub__ = subtract


@wrong("arithmetic", cause="sign", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def subtract(self, other):
        other = as_node(other)
        return Value(self.data - other.data, (self, other), (1.0, 1.0))

    Value.__sub__ = subtract


@wrong("arithmetic", cause="sign", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def negative(self):
        return Value(-self.data, (self,), (1.0,))

    Value.__neg__ = negative


@wrong("arithmetic", cause="reciprocal-sign", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, self.data / other.data**2))

    Value.__truediv__ = divide


@wrong("arithmetic", cause="power-lost", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data))

    Value.__truediv__ = divide


@wrong("arithmetic", cause="dropped-term", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, -1 / other.data**2))

    Value.__truediv__ = divide


@wrong("arithmetic", cause="detached", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def negative(self):
        return Value(-self.data)

    Value.__neg__ = negative


@wrong("arithmetic", cause="detached", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return self * Value(1 / other.data)

    Value.__truediv__ = divide


@wrong("arithmetic", cause="power-sign", first="values", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        return self * as_node(other) ** 1.0

    Value.__truediv__ = divide


@wrong("arithmetic", cause="number-has-no-data", first=None, make=in_engine)
def _(Value, as_node):
    def subtract(self, other):
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    Value.__sub__ = subtract


@wrong("arithmetic", cause="calls-itself", first=None, make=in_engine)
def _(Value, as_node):
    def negative(self):
        return -self

    Value.__neg__ = negative


@wrong("arithmetic", cause="number-returned", first=None, make=in_engine)
def _(Value, as_node):
    def reversed_divide(self, other):
        return other / self.data

    Value.__rtruediv__ = reversed_divide


@wrong("arithmetic", cause="not-assigned", first=None, make=in_engine)
def _(Value, as_node):
    def reversed_multiply(self, other):
        return self * other

    Value.__rmul__ = NotImplemented


@wrong("arithmetic", cause="own-operand", first="dvalues_du", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return Value(self.data / other.data, (self, other), (other.data, self.data))

    Value.__truediv__ = divide


@wrong("arithmetic", cause="product-for-power", first="values", make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        return self * (as_node(other) * -1.0)

    Value.__truediv__ = divide


@wrong("arithmetic", cause="two-slips", first="dvalues_du", unnamed=True, make=in_engine)
def _(Value, as_node):
    def divide(self, other):
        other = as_node(other)
        return Value(self.data / other.data, (self, other), (-1 / other.data, self.data))

    Value.__truediv__ = divide


@right("arithmetic", form="own-slopes", make=in_engine)
def _(Value, as_node):
    def subtract(self, other):
        other = as_node(other)
        return Value(self.data - other.data, [self, other], [1, -1])

    def divide(self, other):
        other = as_node(other)
        quotient = self.data / other.data
        return Value(quotient, [self, other], [1 / other.data, -quotient / other.data])

    Value.__sub__, Value.__truediv__ = subtract, divide


@right("arithmetic", form="by-logarithms", make=in_engine)
def _(Value, as_node):
    def negative(self):
        return 0 - self

    def reversed_subtract(self, other):
        return Value(other - self.data, (self,), (-1.0,))

    def reversed_divide(self, other):
        return self**-1.0 * other

    Value.__neg__, Value.__rsub__, Value.__rtruediv__ = negative, reversed_subtract, reversed_divide


# run_graph


@wrong("run_graph", cause="no-backward", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="index-for-value", first=None, make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*places))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="leaves-for-nodes", first=None, make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(leaves[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="operands-exchanged", first="L", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in reversed(places))))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="detached", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            result = OPERATIONS[name](*(nodes[place] for place in places))
            nodes.append(Value(result.data))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="backward-of-a-leaf", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[0].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="copies-of-leaves", first="dL_dvalues", also=("detached",), make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = [Value(float(value)) for value in values]
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="last-operation-left-out", first="L", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops[:-1]:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="node-returned", first="L", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1], leaves

    return run_graph


@wrong("run_graph", cause="data-for-grad", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1].data, [leaf.data for leaf in leaves]

    return run_graph


@wrong("run_graph", cause="right-but-permuted", first="L", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        leaves = [Value(float(value)) for value in values]
        nodes = list(leaves)
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return [leaf.grad for leaf in leaves], nodes[-1].data

    return run_graph


@wrong("run_graph", cause="all-nodes-returned", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        nodes = [Value(float(value)) for value in values]
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
        nodes[-1].backward()
        return nodes[-1].data, [node.grad for node in nodes]

    return run_graph


@right("run_graph", form="dict-and-arrays", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        nodes = [Value(np.float64(value)) for value in values]
        for name, *places in ops:
            nodes.append(OPERATIONS[name](*[nodes[place] for place in places]))
        L = nodes[-1]
        L.backward()
        return {"dL_dvalues": np.array([node.grad for node in nodes[: len(values)]]), "L": L.data}

    return run_graph


# deep_chain


@wrong("deep_chain", cause="recursion", first=None, make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)
        return nodes

    def deep_chain(x, w, n):
        Value.order = order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="reversed", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [(self, False)]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                elif node not in visited:
                    visited.add(node)
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]
            return nodes[::-1]

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="node-before-parents", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [self]
            while waiting:
                node = waiting.pop()
                if node not in visited:
                    visited.add(node)
                    nodes.append(node)
                    waiting.extend(node.parents)
            return nodes

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="reversed-preorder", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [self]
            while waiting:
                node = waiting.pop()
                if node not in visited:
                    visited.add(node)
                    nodes.append(node)
                    waiting.extend(node.parents)
            return nodes[::-1]

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="breadth-first", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited = [self], {self}
            for node in nodes:
                for parent in node.parents:
                    if parent not in visited:
                        visited.add(parent)
                        nodes.append(parent)
            return list(reversed(nodes))

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="self-left-out", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [(parent, False) for parent in self.parents]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                elif node not in visited:
                    visited.add(node)
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]
            return nodes

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="one-path", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes = [self]
            while nodes[-1].parents:
                nodes.append(nodes[-1].parents[-1])
            return nodes[::-1]

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="not-assigned", first=None, make=in_engine)
def _(Value, as_node):
    def order(self):
        nodes, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                nodes.append(node)

        visit(self)
        return nodes

    Value.order = order  # the one of exercise 7

    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [(self, False)]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                elif node not in visited:
                    visited.add(node)
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]
            return nodes

        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="called-for-assigned", first=None, make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [(self, False)]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                elif node not in visited:
                    visited.add(node)
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]
            return nodes

        Value.order = long_order()
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="visited-forgotten", first="dL_dx", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, waiting = [], [(self, False)]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                else:
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]
            return nodes

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@wrong("deep_chain", cause="forgotten-return", first=None, make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            nodes, visited, waiting = [], set(), [(self, False)]
            while waiting:
                node, ready = waiting.pop()
                if ready:
                    nodes.append(node)
                elif node not in visited:
                    visited.add(node)
                    waiting.append((node, True))
                    waiting += [(parent, False) for parent in node.parents]

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return L.data, x.grad, w.grad

    return deep_chain


@right("deep_chain", form="missing-parents-first", make=in_engine)
def _(Value, as_node):
    def deep_chain(x, w, n):
        def long_order(self):
            placed, waiting = {}, [self]
            while waiting:
                node = waiting[-1]
                missing = [parent for parent in node.parents if parent not in placed]
                if missing:
                    waiting += missing
                else:
                    placed.setdefault(waiting.pop(), len(placed))
            return list(placed)

        Value.order = long_order
        x, w = Value(float(x)), Value(float(w))
        a = x
        for _ in range(n):
            a = w * a + x
        L = a + w * a * (a + x)
        L.backward()
        return {"L": L.data, "dL_dw": w.grad, "dL_dx": x.grad}

    return deep_chain


# dual


@wrong("dual", cause="speeds-multiplied", first="dp_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="dropped-term", first="dp_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="own-operand", first="dp_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * self.data + other.dot * other.data)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="speed-left-out", first="dh_dt", also=("outer-only",), make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, 1 - value**2)

    return Dual


@wrong("dual", cause="no-activation-slope", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            return Dual(np.tanh(self.data), self.dot)

    return Dual


@wrong("dual", cause="function-of-speed", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            return Dual(np.tanh(self.data), np.tanh(self.dot))

    return Dual


@wrong("dual", cause="slope-of-z", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            return Dual(np.tanh(self.data), (1 - self.data**2) * self.dot)

    return Dual


@wrong("dual", cause="power-lost", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value) * self.dot)

    return Dual


@wrong("dual", cause="another-functions-slope", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, value * (1 - value) * self.dot)

    return Dual


@wrong("dual", cause="one-path", first="ds_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="speeds-multiplied", first="ds_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot * other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="sign", first="dp_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data - self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="forgotten-self", first=None, make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(data * other.data, dot * other.data + data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - value**2) * self.dot)

    return Dual


@wrong("dual", cause="tuple-returned", first=None, make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return self.data + other.data, self.dot + other.dot

        def __mul__(self, other):
            return self.data * other.data, self.dot * other.data + self.data * other.dot

        def tanh(self):
            value = np.tanh(self.data)
            return value, (1 - value**2) * self.dot

    return Dual


@wrong("dual", cause="slope-of-activation", first="dh_dt", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = data, dot

        def __add__(self, other):
            return Dual(self.data + other.data, self.dot + other.dot)

        def __mul__(self, other):
            return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)

        def tanh(self):
            value = np.tanh(self.data)
            return Dual(value, (1 - np.tanh(value) ** 2) * self.dot)

    return Dual


@right("dual", form="plain-numbers", make=in_engine)
def _(Value, as_node):
    class Dual:
        def __init__(self, data, dot):
            self.data, self.dot = float(data), float(dot)

        def __add__(self, other):
            return Dual(other.data + self.data, other.dot + self.dot)

        def __mul__(self, other):
            u, du, v, dv = self.data, self.dot, other.data, other.dot
            return Dual(u * v, u * dv + v * du)

        def tanh(self):
            return Dual(np.tanh(self.data), self.dot / np.cosh(self.data) ** 2)

    return Dual


# passes


@wrong("passes", cause="modes-exchanged", first="forward_passes")
def _():
    return 7, 300


@wrong("passes", cause="one-pass-each", first="forward_passes")
def _():
    return 1, 1


@wrong("passes", cause="as-for-one-loss", first="reverse_passes")
def _():
    return 300, 1


@wrong("passes", cause="entry-by-entry", first="forward_passes")
def _():
    return 2100, 2100


@wrong("passes", cause="as-by-nudging", first="forward_passes")
def _():
    return 600, 7


@wrong("passes", cause="inputs-for-both", first="reverse_passes")
def _():
    return 300, 300


@right("passes", form="dict")
def _():
    inputs, outputs = 300, 7
    return {"reverse_passes": outputs, "forward_passes": inputs}


@wrong("run_graph", cause="backward-of-another-node", first="dL_dvalues", make=in_engine)
def _(Value, as_node):
    def run_graph(values, ops):
        nodes = leaves = [Value(float(value)) for value in values]
        for name, *places in ops:
            nodes = [*nodes, OPERATIONS[name](*(nodes[place] for place in places))]
        nodes[-2].backward()
        return nodes[-1].data, [leaf.grad for leaf in leaves]

    return run_graph
