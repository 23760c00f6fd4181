"""A recorded forward pass: PyTorch's own gradients,
and those after a contribution or result is replaced.
"""

import numpy as np
import pytest
import torch
from backprop.autodiff.recording import Change, Recording, Replacement

from tests.course import FUNCTIONS, name

GRADED = [exercise for exercise in FUNCTIONS if exercise.use is None]


def assert_is_pytorchs(recording, exercise, sample):
    for ask, value in recording.gradients(exercise.asks).items():
        np.testing.assert_allclose(value, sample.truth[ask], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("exercise", GRADED, ids=name)
def test_an_unchanged_recording_gives_pytorchs_answers_also_when_it_is_run_again(exercise):
    one, *others = exercise.draw(3, 3)
    recording = Recording(exercise.forward, one.inputs)
    if recording.differentiable(exercise.asks):
        assert_is_pytorchs(recording, exercise, one)
        for other in others:
            if recording.fits(other.inputs):
                assert_is_pytorchs(recording.run(other.inputs), exercise, other)


def test_what_depends_on_values_is_not_run_again():
    def forward(node, x):
        node("L", 2.0 * x if x > 0 else 3.0 * x)

    def detached(node, x):
        node("L", x * x.detach())

    def plain(node, x):
        node("L", 2.0 * x)

    assert not Recording(forward, {"x": 1.0}).fits({"x": -1.0})
    assert not Recording(detached, {"x": 1.0}).fits({"x": -1.0})
    assert Recording(plain, {"x": 1.0}).fits({"x": -1.0})
    assert not Recording(plain, {"x": 1.0}).fits({"x": np.ones(2)})


def test_a_tensor_that_is_changed_in_place_has_no_recorded_gradients():
    def forward(node, x):
        node("L", 2.0 * x)
        with torch.no_grad():
            x -= 1.0

    assert not Recording(forward, {"x": 1.0}).differentiable(["dL_dx"])


def product_and_sum(node, u, v):
    p = node("p", u * v)
    node("L", 3.0 * p + u)


@pytest.fixture
def recorded():
    return Recording(product_and_sum, {"u": 2.0, "v": 5.0})


def own_operand(g, op, i, now):
    return g * op.operands[i]


def test_operations_are_noted_with_their_operands(recorded):
    assert [op.kind for op in recorded.operations] == ["mul", "mul", "add"]
    assert recorded.operations[0].names == ("u", "v")
    assert recorded.name(recorded.operations[0].slot) == "p"
    assert recorded.operations[1].before == (None, recorded.operations[0]) or recorded.operations[1].before == (
        recorded.operations[0],
        None,
    )


def test_a_changed_contribution_is_carried_on(recorded):
    asks = ["dL_du", "dL_dv", "dL_dp"]
    assert recorded.gradients(asks, [Change(0, 0, own_operand)]) == {"dL_du": 3.0 * 2.0 + 1.0, "dL_dv": 6.0, "dL_dp": 3.0}
    assert recorded.gradients(["dL_du"]) == {"dL_du": 16.0}  # nothing of it stays


def test_many_changed_passes_are_made_at_once(recorded):
    changed = [(), [Change(0, 0, own_operand)], [Change(0, 1, own_operand)], [Change(2, 1, lambda g, op, i, now: None)]]
    found, applies = recorded.mutants(["dL_du", "dL_dv"], changed)
    np.testing.assert_array_equal(found["dL_du"][:3], [16.0, 7.0, 16.0])
    np.testing.assert_array_equal(found["dL_dv"][:3], [6.0, 6.0, 15.0])
    np.testing.assert_array_equal(applies, [True, True, True, False])


def test_a_replaced_gradient_is_seen_at_its_own_node_and_further_back(recorded):
    halved = Replacement(recorded.slot("p"), lambda g, now: g / 2)
    assert recorded.gradients(["dL_dp", "dL_dv"], [halved]) == {"dL_dp": 1.5, "dL_dv": 3.0}


def test_another_result_changes_values_and_leaves_the_rules_as_they_are(recorded):
    changed = recorded.run(results={0: lambda given, _: given[0] + given[1]})
    assert changed.value("p") == 7.0
    assert changed.gradients(["dL_du", "dL_dv"]) == {"dL_du": 16.0, "dL_dv": 6.0}
    assert recorded.value("p") == 10.0


def test_broadcast_operands_get_contributions_of_their_own_shape():
    def forward(node, X, b):
        node("L", (X * b).sum())

    X = np.arange(6.0).reshape(2, 3)
    recorded = Recording(forward, {"X": X, "b": np.ones(3)})
    mean = Change(0, 1, lambda g, op, i, now: X.mean(0))
    np.testing.assert_array_equal(recorded.gradients(["dL_db"])["dL_db"], X.sum(0))
    np.testing.assert_array_equal(recorded.gradients(["dL_db"], [mean])["dL_db"], X.mean(0))
