"""The statistics of items, against NumPy and by their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reporting.statistics import difficulty, histogram, point_biserial

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60)
ANSWERS = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=2, max_size=60)


@given(SHARES)
def test_difficulty_is_the_mean_share(shares):
    p = difficulty(shares)
    assert p == pytest.approx(np.mean(shares))
    assert 0 <= p <= 1


def test_there_is_no_difficulty_without_students():
    assert difficulty([]) is None


@given(ANSWERS)
def test_the_point_biserial_correlation_is_pearsons(answers):
    right, scores = zip(*answers)
    r = point_biserial(right, scores)
    if len(set(right)) == 1 or len(set(scores)) == 1:
        assert r is None
    else:
        assert r == pytest.approx(np.corrcoef(right, scores)[0, 1], abs=1e-9)


@given(ANSWERS, st.floats(0.1, 10), st.floats(-5, 5))
def test_the_scale_of_the_points_does_not_matter(answers, factor, shift):
    right, scores = zip(*answers)
    r = point_biserial(right, scores)
    if r is not None:
        assert point_biserial(right, [factor * score + shift for score in scores]) == pytest.approx(r, abs=1e-6)
        assert point_biserial([not one for one in right], scores) == pytest.approx(-r, abs=1e-9)


def test_answers_and_scores_belong_together():
    with pytest.raises(ValueError, match="2 answers and 1 scores"):
        point_biserial([True, False], [1.0])


@given(SHARES, st.integers(1, 20))
def test_everybody_is_in_one_interval(shares, bins):
    counts = histogram(shares, bins)
    assert len(counts) == bins
    assert sum(counts) == len(shares)


def test_intervals_contain_their_lower_limits_and_the_last_its_upper_one():
    assert histogram([0.0, 0.1, 0.3, 0.7, 0.999, 1.0], 10) == [1, 1, 0, 1, 0, 0, 0, 1, 0, 2]
