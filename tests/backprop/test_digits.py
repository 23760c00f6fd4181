"""The digits that lesson 09 learns from."""

import numpy as np
import pytest
from backprop.digits import CLASSES, HEIGHT, LIT, PIXELS, SEGMENTS, WIDTH, draw_digits


def test_the_same_seed_gives_the_same_images_and_another_seed_others():
    (X, labels), (again, labels_again), (other, _) = (draw_digits(30, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(labels, labels_again)
    assert not np.allclose(X, other)


def test_shapes_and_ten_classes_that_are_equally_frequent():
    X, labels = draw_digits(200, 3)
    assert X.shape == (200, PIXELS) == (200, HEIGHT * WIDTH)
    assert X.dtype == np.float64
    np.testing.assert_array_equal(np.bincount(labels), np.full(CLASSES, 20))
    assert not np.array_equal(labels, np.sort(labels))


def test_no_two_digits_have_the_same_segments():
    assert LIT.shape == (CLASSES, len(SEGMENTS))
    assert len({tuple(row) for row in LIT}) == CLASSES
    np.testing.assert_array_equal(LIT.sum(axis=1), [6, 2, 5, 5, 4, 5, 6, 3, 7, 6])


def test_without_noise_ink_is_between_0_and_1_and_grows_with_the_segments():
    X, labels = draw_digits(400, 4, noise=0)
    assert X.min() == 0
    assert X.max() == 1
    ink = np.array([X[labels == digit].sum(axis=1).mean() for digit in range(CLASSES)])
    assert (ink[LIT.sum(axis=1) == 7] > ink[LIT.sum(axis=1) < 7].max()).all()
    assert ink.argmin() == 1


@pytest.mark.parametrize("digit", range(CLASSES))
def test_a_mean_image_shows_its_own_segments(digit):
    """The middle of the lit segments is darker than that of the others, on average over shifts."""
    X, labels = draw_digits(600, 5)
    mean = X[labels == digit].mean(axis=0).reshape(HEIGHT, WIDTH)
    at = {"top": (1.5, 3.5), "middle": (5.5, 3.5), "bottom": (9.5, 3.5)}
    lit = dict(zip(SEGMENTS, LIT[digit]))
    for segment, (row, column) in at.items():
        darkness = mean[int(row) - 1 : int(row) + 3, int(column) : int(column) + 2].max()
        assert (darkness > 0.4) == bool(lit[segment]), (segment, darkness)


def test_noise_has_the_standard_deviation_that_is_asked_for():
    quiet, _ = draw_digits(300, 6, noise=0)
    noisy, _ = draw_digits(300, 6, noise=0.3)
    assert (noisy - quiet).std() == pytest.approx(0.3, rel=0.02)
