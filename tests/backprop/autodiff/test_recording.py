"""A recorded forward pass: PyTorch's own gradients, and what a replaced contribution or result makes of them."""

import numpy as np
import pytest
import torch
from backprop.autodiff.recording import Change, Recording, Replacement

from tests.course import FUNCTIONS, name

GRADED = [exercise for exercise in FUNCTIONS if exercise.use is None]


def recording_of(exercise):
    return Recording(exercise.forward, exercise.draw(3, 1)[0].inputs)


@pytest.mark.parametrize("exercise", GRADED, ids=name)
def test_an_unchanged_recording_gives_pytorchs_answers(exercise):
    recording = recording_of(exercise)
    if recording.differentiable(exercise.asks):
        for ask, value in recording.gradients(exercise.asks).items():
            np.testing.assert_allclose(value, exercise.draw(3, 1)[0].truth[ask], rtol=1e-9, atol=1e-12)


def product_and_sum(node, u, v):
    p = node("p", u * v)
    node("L", 3.0 * p + u)


@pytest.fixture
def recorded():
    return Recording(product_and_sum, {"u": 2.0, "v": 5.0})


def test_operations_are_noted_with_their_operands(recorded):
    assert [op.kind for op in recorded.operations] == ["mul", "mul", "add"]
    assert [recorded.name(operand) for operand in recorded.operations[0].operands] == ["u", "v"]
    assert recorded.name(recorded.operations[0].output) == "p"


def test_a_changed_contribution_is_carried_on(recorded):
    own_operand = Change(recorded.operations[0], 0, lambda g: g * 2.0)
    assert recorded.gradients(["dL_du", "dL_dv", "dL_dp"], [own_operand]) == {"dL_du": 3.0 * 2.0 + 1.0, "dL_dv": 6.0, "dL_dp": 3.0}
    assert recorded.gradients(["dL_du"]) == {"dL_du": 16.0}  # nothing of it stays


def test_a_replaced_gradient_is_seen_at_its_own_node_and_further_back(recorded):
    halved = Replacement(recorded.nodes["p"], lambda g: g / 2)
    assert recorded.gradients(["dL_dp", "dL_dv"], [halved]) == {"dL_dp": 1.5, "dL_dv": 3.0}


def test_another_result_changes_values_and_leaves_the_rules_as_they_are():
    recorded = Recording(product_and_sum, {"u": 2.0, "v": 5.0}, {0: lambda given, _: given[0] + given[1]})
    assert recorded.value("p") == 7.0
    assert recorded.gradients(["dL_du", "dL_dv"]) == {"dL_du": 16.0, "dL_dv": 6.0}


def test_broadcast_operands_get_contributions_of_their_own_shape():
    def forward(node, X, b):
        node("L", (X * b).sum())

    X = np.arange(6.0).reshape(2, 3)
    recorded = Recording(forward, {"X": X, "b": np.ones(3)})
    mean = Change(recorded.operations[0], 1, lambda g: torch.as_tensor(X).mean(0))
    np.testing.assert_array_equal(recorded.gradients(["dL_db"])["dL_db"], X.sum(0))
    np.testing.assert_array_equal(recorded.gradients(["dL_db"], [mean])["dL_db"], X.mean(0))
