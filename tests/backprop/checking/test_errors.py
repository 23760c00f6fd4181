"""Errors in a learner's code are told in words, with the line where they arose."""

import numpy as np
import pytest
from backprop.exercises import chain_rule, layers_and_batches

from tests.course import check


def caret(x):
    return 3 * x ^ 2


def numpy_caret(x):
    return 3 * np.float64(x) ^ 2


def no_prefix(x):
    return cos(x)  # noqa: F821


def inner_sizes(dL_dZ, X, W):
    dL_dX = dL_dZ @ W
    return dL_dX


def entries(dL_dZ, X, W):
    return dL_dZ + W[:, :1].T[0]


def one_truth(dL_dZ, X, W):
    return dL_dZ if X > 0 else X


def uneven_rows(dL_dZ, X, W):
    return np.array([[1.0, 2.0], [3.0]])


def uneven_answer(dL_dZ, X, W):
    return [[1.0, 2.0], [3.0]], 0.0, 0.0


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (chain_rule.one_path, caret, "x^2 is not a power: write x**2"),
        (chain_rule.one_path, numpy_caret, "is not a power"),
        (chain_rule.one_path, no_prefix, "np.cos"),
        (layers_and_batches.dense_backward, inner_sizes, "the inner sizes differ"),
        (layers_and_batches.dense_backward, entries, "do not fit entry by entry"),
        (layers_and_batches.dense_backward, one_truth, "each entry needs a decision of its own"),
        (layers_and_batches.dense_backward, uneven_rows, "the rows of an array all have the same length"),
    ],
)
def test_what_an_error_means(exercise, answer, said):
    report = check(exercise, answer)
    assert said in report.problem


def test_an_answer_of_uneven_rows_is_told_without_numpys_words():
    told = str(check(layers_and_batches.dense_backward, uneven_answer))
    assert "the rows of an array all have the same length" in told
    assert "inhomogeneous" not in told


def forgotten_variable(x):
    return 3 * gradient  # noqa: F821


def test_a_variable_that_is_not_defined_is_not_taken_for_a_function_of_numpy():
    problem = check(chain_rule.one_path, forgotten_variable).problem
    assert "name 'gradient' is not defined" in problem
    assert "np.gradient" not in problem


def test_the_shapes_and_the_line_are_told():
    sample = layers_and_batches.dense_backward.draw(2024, 6)[0]
    problem = check(layers_and_batches.dense_backward, inner_sizes, 2024).problem
    assert f"{sample.inputs['dL_dZ'].shape} @ {sample.inputs['W'].shape}: the inner sizes differ" in problem
    assert "`dL_dX = dL_dZ @ W`" in problem


class Node:
    def __init__(self, data):
        self.data, self.parents = data, ()

    def reached_without_self(self):
        return data  # noqa: F821

    def misspelt(self):
        return self.parent

    def exp(self):
        return np.log(self)


@pytest.mark.parametrize(
    ("method", "said"),
    [(Node.reached_without_self, "self.data"), (Node.misspelt, "It has .parents"), (Node.exp, "Its number is in .data")],
)
def test_what_is_forgotten_in_a_class(method, said):
    problem = check(chain_rule.one_path, lambda x: method(Node(2.0))).problem
    assert said in problem
