"""Mistakes at places of a recorded graph: their
numbers, their words, and which links they can change.
"""

import re

import numpy as np
import pytest
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
