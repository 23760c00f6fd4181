"""Whatever numbers an answer holds, the search for a cause
ends without an error, and a failure of it costs no verdict.
"""

import numpy as np
import pytest
from backprop.checking import examining
from backprop.checking.answers import read_answer
from backprop.checking.comparing import Comparison
from backprop.checking.diagnosing import diagnose
from backprop.checking.facts import facts_about
from backprop.exercise import PUBLIC_SAMPLES
from backprop.exercises import one_two_one_network

from tests.course import EXERCISES, check_values, name, replay, truth

# Each makes wrong numbers of right ones: of the value of a link, at the sample of this number.
CHANGED = {
    "divided by the rows": lambda value, k: value / (value.shape[0] + 1 if value.ndim else 7),
    "turned": lambda value, k: -value.T,
    "another factor each time": lambda value, k: value * (k + 2),
    "the first sample wrong": lambda value, k: value if k else value + 1.0,
    "the last sample wrong": lambda value, k: value + 1.0 if k == PUBLIC_SAMPLES - 1 else value,
    "summed": lambda value, k: value.sum(axis=0) if value.ndim else value + 2.0,
    "flat": lambda value, k: np.ravel(value),
}


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_search_for_a_cause_ends_without_an_error(exercise):
    for number, change in enumerate(CHANGED.values()):
        drawn = exercise.draw(number % 2, 1 if exercise.on_fixed_numbers else PUBLIC_SAMPLES)
        answer = replay([{ask: change(np.array(value), k) for ask, value in sample.truth.items()} for k, sample in enumerate(drawn)])
        with np.errstate(all="ignore"):
            comparison = Comparison(exercise, drawn, [read_answer(exercise, answer, sample) for sample in drawn], exercise.rtol)
            facts_about(comparison, diagnose(comparison))


def test_a_failure_of_the_search_costs_no_verdict(monkeypatch):
    exercise = one_two_one_network.all_seven

    def fail(comparison):
        raise IndexError("tuple index out of range")

    monkeypatch.setattr(examining, "diagnose", fail)
    report = check_values(exercise, lambda sample: truth(sample) | {"dL_dw2_1": np.array(0.1)}, seed=1)
    assert not report.passed
    assert report.points_earned == pytest.approx(exercise.points * 6 / 7)
    assert any("IndexError: tuple index out of range" in note for note in report.notes)
