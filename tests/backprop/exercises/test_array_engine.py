"""Lesson 06's engine for arrays has PyTorch's gradients on functions of arrays."""

from functools import cache

import numpy as np
import pytest
import torch

from tests.backprop.exercises.test_engines import engine

WINDOWS = np.arange(8)[:, None] + np.arange(5)


@cache
def tensor_class():
    """The class `Tensor` of the lesson's solution."""
    return engine("array_engine")["Tensor"]


def product(x, y, constant):
    total = x[0]
    for k in range(1, 6):
        total = total * x[k]
    return total


def convolution_in_two_dimensions(x, y, constant):
    total = constant(np.zeros((5, 5)))
    for i in range(3):
        for j in range(3):
            total = total + x[i : i + 5, j : j + 5] * y[i, j]
    return total


# What Autodiff Puzzles asks for, written for this engine:
# name -> the shapes of x and y, and f(x, y, constant).
PUZZLES = {
    "identity": ((), (), lambda x, y, constant: x),
    "cosine": ((), (), lambda x, y, constant: x.cos()),
    "mean": ((7,), (), lambda x, y, constant: x.sum() / 7),
    "product": ((6,), (), product),
    "repeated": ((), (), lambda x, y, constant: x * constant(np.ones(9))),
    "repeated and scaled": ((), (), lambda x, y, constant: x * constant(np.arange(9) / 9)),
    "negation": ((6,), (), lambda x, y, constant: -x),
    "ReLU": ((9,), (), lambda x, y, constant: x.relu()),
    "index": ((25,), (), lambda x, y, constant: x[10:]),
    "running sum": ((8,), (), lambda x, y, constant: (constant(np.tril(np.ones((8, 8)))) @ x[:, None])[:, 0] / 20),
    "sorted": ((9,), (), lambda x, y, constant: x[np.argsort(np.asarray(x.data))]),
    "mean of two": ((6,), (6,), lambda x, y, constant: (x + y) / 2),
    "product of two": ((6,), (6,), lambda x, y, constant: x * y),
    "convolution": ((12,), (5,), lambda x, y, constant: (x[WINDOWS] * y).sum(axis=1) / 5),
    "matrix as it is": ((4, 10), (10,), lambda x, y, constant: x),
    "transpose": ((4, 10), (10,), lambda x, y, constant: x.T),
    "broadcast": ((4, 10), (10,), lambda x, y, constant: x * y),
    "mean of rows": ((4, 10), (10,), lambda x, y, constant: x.sum(axis=0, keepdims=True) / 4),
    "matrix product": ((5, 4), (4, 3), lambda x, y, constant: x @ y),
    "convolution in two dimensions": ((7, 7), (3, 3), convolution_in_two_dimensions),
}
# What networks use, put together from the engine's operations.
LAYERS = {
    "softmax": ((4, 5), (), lambda x, y, constant: (e := (x - x.max(axis=1, keepdims=True)).exp()) / e.sum(axis=1, keepdims=True)),
    "normalised rows": ((4, 5), (5,), lambda x, y, constant: (d := x - x.sum(1, True) / 5) * ((d * d).sum(1, True) / 5 + 0.1) ** -0.5 * y),
    "attention": ((4, 3), (3, 3), lambda x, y, constant: (e := (x @ y @ x.T).exp()) / e.sum(axis=1, keepdims=True) @ x),
    "lookup": ((4, 3), (3,), lambda x, y, constant: (x[[2, 0, 2, 1, 2]] * y).tanh()),
    "reversed operators": ((4,), (4,), lambda x, y, constant: (2 - x) * 3 / (1 + y * y) + 1 / (x * x + 0.5) + (y * y + 1).log()),
}


@pytest.mark.parametrize("name", [*PUZZLES, *LAYERS])
def test_the_engine_differentiates(name):
    *shapes, function = (PUZZLES | LAYERS)[name]
    rng = np.random.default_rng(5)
    values = [rng.normal(size=shape) for shape in shapes]
    mine = [tensor_class()(value) for value in values]
    theirs = [torch.tensor(value, requires_grad=True) for value in values]
    result, should = function(*mine, np.asarray), largest_as_numpy(function, theirs)
    np.testing.assert_allclose(result.data, should.detach().numpy(), rtol=1e-12)
    upstream = rng.normal(size=result.data.shape)
    (result * upstream).sum().backward()
    gradients = torch.autograd.grad((should * torch.tensor(upstream)).sum(), theirs, allow_unused=True)
    for leaf, gradient in zip(mine, gradients):
        if gradient is not None:
            np.testing.assert_allclose(leaf.grad, gradient.numpy(), rtol=1e-10, atol=1e-12)


def largest_as_numpy(function, operands):
    """function(*operands) with PyTorch, where `max` along an axis gives the values alone."""

    class Values(torch.Tensor):
        def max(self, axis, keepdims):
            return self.amax(axis, keepdims)

    return function(*(operand.as_subclass(Values) for operand in operands), torch.tensor).as_subclass(torch.Tensor)


def test_an_operand_that_is_a_plain_array_may_stand_on_either_side():
    Tensor, array = tensor_class(), np.array([[1.0, 2.0], [3.0, 5.0]])
    x = Tensor([[0.5, -1.0], [2.0, 4.0]])
    for result in (array * x, x * array, array + x, x + array, array @ x, x @ array, array - x):
        assert isinstance(result, Tensor)
        result.sum().backward()
        assert x.grad.shape == (2, 2)


def test_the_lists_of_functions_are_complete():
    assert len(PUZZLES) == 20
