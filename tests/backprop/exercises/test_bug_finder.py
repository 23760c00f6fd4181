"""The bug finder's claims: some are right, some are wrong, by PyTorch's derivatives."""

import pytest
from backprop.exercises.find_the_bug import EXERCISES


@pytest.mark.parametrize("seed", range(5))
def test_every_sample_has_right_claims_and_wrong_ones(seed):
    for sample in EXERCISES["bug_finder"].draw(seed, 6):
        *coupled, steep, faint, flat = sample.truth["suspects"]
        assert 0 < sum(coupled) < len(coupled)
        assert (steep, faint, flat) == (0, 1, 0)
