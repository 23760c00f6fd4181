"""Samples are generic in pairs: no two mistakes of
an exercise agree on all of them, for many seeds.
"""

from itertools import combinations

import numpy as np
import pytest
from backprop.exercise import PUBLIC_SAMPLES, PUBLIC_SEED

from tests.course import FUNCTIONS, name
from tests.examples import LONG

MANY = range(2000) if LONG else range(60)


def answer_of(exercise, who, sample):
    """What someone who makes the mistake `who` answers; None makes none."""
    return sample.truth if who is None else exercise.mistaken(who, sample)


def alike(exercise, pair, sample):
    one, other = (answer_of(exercise, who, sample) for who in pair)
    return all(
        np.shape(one[ask]) == np.shape(other[ask])
        and np.allclose(one[ask], other[ask], rtol=exercise.rtol, atol=exercise.rtol * 1e-3, equal_nan=True)
        for ask in exercise.asks
    )


def alike_somewhere(exercise):
    """The pairs that agree on one of the public samples:
    only these can agree on all samples of another seed.
    """
    pairs = list(combinations((None, *exercise.mistakes), 2))
    return [pair for pair in pairs if any(alike(exercise, pair, sample) for sample in exercise.draw(PUBLIC_SEED, PUBLIC_SAMPLES))]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=name)
def test_no_two_mistakes_are_alike_on_all_samples_of_any_seed(exercise):
    suspects = alike_somewhere(exercise)
    violations = [
        (seed, *pair)
        for seed in (PUBLIC_SEED, *MANY)
        for pair in suspects
        if all(alike(exercise, pair, sample) for sample in exercise.draw(seed, PUBLIC_SAMPLES))
    ]
    assert violations == []


@pytest.mark.parametrize("exercise", [exercise for exercise in FUNCTIONS if exercise.regimes], ids=name)
def test_every_regime_occurs_among_the_public_samples(exercise):
    public = exercise.draw(PUBLIC_SEED, PUBLIC_SAMPLES)
    missing = [place for place, regime in enumerate(exercise.regimes) if not any(regime(sample.everything) for sample in public)]
    assert missing == []
