"""Mistakes at places of a recorded graph: their
numbers, their words, and which links they can change.
"""

import re

import numpy as np
import pytest
import torch
from backprop.autodiff.forward_slips import forward_slips, recorded_with
from backprop.autodiff.recording import Recording
from backprop.autodiff.slips import Slips
from backprop.checking.recorded import answers_with
from backprop.exercises import computation_graph, layers_and_batches, one_two_one_network

SEVEN = one_two_one_network.all_seven
EXERCISES = [SEVEN, computation_graph.logistic_graph, one_two_one_network.regression_hidden, layers_and_batches.dense_backward]


def slips_at(exercise, seed=5):
    sample = exercise.draw(seed, 1)[0]
    return Slips(Recording(exercise.forward, sample.inputs)), sample


def predicted(recording, slip, asks):
    answers, applies = answers_with(recording, [slip], asks)
    return {ask: value[0] for ask, value in answers.items()} if applies[0] else None


def test_a_slip_has_the_numbers_of_its_formula():
    slips, sample = slips_at(SEVEN)
    v = sample.everything
    d1, d2 = v.dL_dz1_1, v.dL_dz1_2
    a1, a2 = v.a1_1, v.a1_2
    expected = {
        "no-hidden-slope": {"dL_db1_1": d1 / (a1 * (1 - a1)), "dL_db1_2": d2 / (a2 * (1 - a2))},
        "every-unit-gets-the-sum": {"dL_db1_1": d1 + d2, "dL_db1_2": d1 + d2},
        "units-swapped": {"dL_db1_1": d2, "dL_db1_2": d1},
        "slope-of-z": {"dL_db1_1": d1 / (a1 * (1 - a1)) * v.z1_1 * (1 - v.z1_1)},
    }
    for identity, numbers in expected.items():
        made = [predicted(slips.recording, slip, SEVEN.asks) for slip in slips.all.values() if slip.id == identity]
        fitting = [answer for answer in made if answer and all(np.allclose(answer[ask], value) for ask, value in numbers.items())]
        assert fitting, identity


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_words_name_places_and_are_filled_in(exercise):
    slips, _ = slips_at(exercise)
    for slip in (*slips.all.values(), *forward_slips(slips)):
        assert re.fullmatch(r"[a-z-]+", slip.id)
        assert slip.words.endswith((".", "?"))
        assert "{" not in slip.words


def test_only_slips_on_the_way_to_a_link_concern_it():
    slips, sample = slips_at(SEVEN)
    some = list(slips.concerning(("L", "w1_1"), [("L", "b2_1"), ("L", "w2_1")]))
    assert some
    for slip in some[::5]:
        answer = predicted(slips.recording, slip, SEVEN.asks)
        if answer is not None:
            np.testing.assert_allclose(answer["dL_db2_1"], sample.truth["dL_db2_1"])
            np.testing.assert_allclose(answer["dL_dw2_1"], sample.truth["dL_dw2_1"])


def test_a_bias_lost_in_the_forward_pass():
    slips, sample = slips_at(one_two_one_network.forward_pass)
    lost = next(slip for slip in forward_slips(slips) if slip.id == "lost-bias" and slip.nodes == ("z1_2",))
    recording = recorded_with(lost, slips.recording)
    v = sample.everything
    np.testing.assert_allclose(recording.value("z1_2"), v.w1_2 * v.x)
    np.testing.assert_allclose(recording.value("z1_1"), v.z1_1)


def slips_of(forward, **inputs):
    return Slips(Recording(forward, inputs))


def told(slips, identity):
    return {slip.words for slip in slips.all.values() if slip.id == identity}


def test_a_path_that_is_left_out_is_named_by_what_tells_it_from_the_others():
    def skip(node, x, w):
        z = node("z", w * x)
        y = node("y", x + z)
        node("L", (y**2).sum())

    words = told(slips_of(skip, x=np.array([0.4, -1.2]), w=0.7), "one-path")
    assert any("only the one through z" in one for one in words)
    assert any("only the one that leads directly to y" in one for one in words)


def test_paths_that_cannot_be_told_apart_are_not_named():
    def square(node, x):
        node("L", (x * x) * 3.0)

    words = told(slips_of(square, x=0.4), "one-path")
    assert any(one.endswith("Yours has one of them.") for one in words)
    assert not any("through" in one or "directly" in one for one in words)


def test_what_every_unit_hands_on_is_one_slip_of_all_paths():
    slips, sample = slips_at(SEVEN)
    v = sample.everything
    slope = v.yhat * (1 - v.yhat)
    (slip,) = [slip for slip in slips.all.values() if slip.key == ("handed on",)]
    answer = predicted(slips.recording, slip, SEVEN.asks)
    assert np.isclose(answer["dL_db1_1"], v.dL_db1_1 / slope / (v.a1_1 * (1 - v.a1_1)) * (v.a1_1 * (1 - v.a1_1)))
    assert np.isclose(answer["dL_db1_2"], v.dL_db1_2 / slope)
    assert np.isclose(answer["dL_dw2_1"], v.dL_dw2_1)


def test_a_later_sums_gradient_is_handed_on():
    def residual(node, x, w):
        first = node("first", x + w * torch.tanh(x))
        second = node("second", first + w * torch.tanh(first))
        node("L", (second**3).sum())

    slips = slips_of(residual, x=np.array([0.4, -1.2, 0.8]), w=0.7)
    later = [slip for slip in slips.all.values() if slip.key[0] == "later sum"]
    assert {slip.words for slip in later} == {
        "At the sum that gives first, what goes on to its terms is the gradient at first. Yours is the gradient at second."
    }
    arriving = slips.recording.arriving[slips.recording.slot("second")]
    straight = next(slip for slip in later if slip.nodes == ("x",))
    right = slips.recording.gradients(["dL_dx"])["dL_dx"]
    wrong = predicted(slips.recording, straight, ["dL_dx"])["dL_dx"]
    assert np.allclose(wrong - right, arriving - slips.recording.arriving[slips.recording.slot("first")])


@pytest.mark.parametrize(
    ("name", "identity"), [("b", "bias-mean"), ("b1_2", "bias-mean"), ("branch", "mean-for-sum"), ("blue", "mean-for-sum")]
)
def test_a_bias_is_what_is_called_so(name, identity):
    def forward(node, x, added):
        node("L", ((x + added) ** 3).sum())

    slips = slips_of(forward, x=np.array([0.4, -1.2]), **{name: 0.3})
    averaged = {slip.id for slip in slips.all.values() if slip.nodes == (name,) and "averaged" in slip.words}
    assert averaged == {identity}


def test_a_lost_exponent_of_two_is_a_lost_factor_two_and_no_other_one():
    def forward(node, x):
        node("L", (x**2).sum() + (x**3).sum())

    slips = slips_of(forward, x=np.array([0.4, 1.2]))
    by_places = {len(slip.changes): slip.id for slip in slips.all.values() if "exponent down" in slip.words}
    assert by_places[2] == "lost-power-factor"
    assert {slip.id for slip in slips.all.values() if "exponent down" in slip.words} == {"lost-power-factor", "lost-factor-two"}
