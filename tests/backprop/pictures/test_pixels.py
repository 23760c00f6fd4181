"""The pixel explorer without a browser: its network is the lesson's, its
gradient that of a backward pass in NumPy, and its change what it says.
"""

import re

import numpy as np
import pytest
from backprop.digits import CLASSES, draw_digits
from backprop.figures.digit_network import trained
from backprop.pictures import explore_pixels
from backprop.pictures.pixels.measuring import Change, image_of, measure

from tests.backprop.pictures.test_stage import move
from tests.course import references


def probabilities(x):
    W1, b1, W2, b2 = (part.numpy() for part in trained())
    return references()["class_probabilities"](x[None], [W1, W2], [b1, b2])[0]


def test_the_network_is_the_one_that_the_lessons_solution_trains():
    weights, biases = references()["fit_digits"].args[0](*draw_digits(600, seed=1), seed=0)
    for mine, lessons in zip(trained(), (weights[0], biases[0], weights[1], biases[1])):
        np.testing.assert_allclose(mine.numpy(), lessons, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("change", [Change(8, 0.1), Change(3, -0.05, noise=0.3, draw=2), Change(0, 0.2, at_random=True)])
def test_its_numbers_are_those_of_a_backward_pass_by_hand(change):
    found = measure(change)
    W1, b1, W2, b2 = (part.numpy() for part in trained())
    _, _, dL_dbiases = references()["loss_and_gradients"](found.x[None], np.array([change.digit]), [W1, W2], [b1, b2])
    np.testing.assert_allclose(found.dL_dx, W1 @ dL_dbiases[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.before, probabilities(found.x), rtol=1e-9)
    np.testing.assert_allclose(found.after, probabilities(found.changed), rtol=1e-9)
    assert found.loss_after == pytest.approx(-np.log(found.after[change.digit]))
    np.testing.assert_allclose(np.abs(found.changed - found.x), abs(change.epsilon))
    if not change.at_random:
        np.testing.assert_array_equal(found.signs, np.sign(found.dL_dx))
        assert found.predicted_rise == pytest.approx(change.epsilon * np.abs(found.dL_dx).sum())


def test_for_a_small_change_the_prediction_is_the_rise():
    found = measure(Change(8, 1e-5))
    assert found.loss_after - found.loss_before == pytest.approx(found.predicted_rise, rel=1e-3)


def test_noise_changes_the_noise_of_an_image_and_nothing_else():
    images = [image_of(Change(4, noise=noise, draw=1)) for noise in (0.0, 0.1, 0.2)]
    np.testing.assert_allclose(images[2] - images[1], images[1] - images[0], atol=1e-12)
    assert images[0].min() >= 0
    assert images[0].max() <= 1


def test_no_image_is_one_of_the_lessons():
    lessons = np.concatenate([draw_digits(count, seed)[0] for count, seed in ((600, 1), (300, 2), (1000, 3))])
    ours = np.array([image_of(Change(digit)) for digit in range(CLASSES)])
    assert np.abs(lessons[:, None] - ours).max(axis=2).min() > 0.1


def test_the_words_tell_the_numbers():
    picture = explore_pixels(8, 0.1)
    found = measure(Change(8, 0.1))
    assert "the prediction is <b>0</b> with the probability <b>0.724</b>: wrong" in picture.caption
    assert f"{found.predicted_rise:.4f}; it has changed by {found.loss_after - found.loss_before:.4f}" in picture.caption
    assert picture.summary.count("probability") == CLASSES
    move(picture, signs="random")
    assert "random signs" in picture.caption
    assert "the prediction is <b>8</b>" in picture.caption


def test_a_pixel_is_chosen_in_either_panel():
    picture = explore_pixels()
    for key in ("x:12", "dx:12"):
        move(picture, chosen=key)
        assert "The pixel in row 2, column 5" in picture.caption
        assert len(re.findall('aria-pressed="true"', picture.frame)) == 1
    move(picture, chosen="x:96")
    assert "Point at a pixel" in picture.caption


@pytest.mark.parametrize(("key", "value"), [("digit", "10"), ("digit", 3), ("epsilon", 0.31), ("noise", ""), ("signs", "both")])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(key, value):
    picture = explore_pixels()
    before = picture.frame
    move(picture, **{key: value})
    assert picture.message
    assert picture.frame == before


def test_a_digit_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="from 0 to 9, not 10"):
        explore_pixels(10)
