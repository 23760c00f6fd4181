"""The convolution explorer without a browser: its numbers against
PyTorch's, where a maximum routes to, and what the lesson asks about.
"""

import re
import statistics
import time

import numpy as np
import pytest
import torch
from backprop.pictures import explore_convolution
from backprop.pictures.convolution.measuring import INPUTS, PLACES, POOL, UPSTREAM, WIDTH, Layers, measure, numbers
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.pictures.test_stage import move
from tests.examples import examples


def some(size, high):
    """Numbers with one decimal place, so that equal outputs occur."""
    return st.lists(st.integers(-10 * high, 10 * high).map(lambda tenths: tenths / 10), min_size=size, max_size=size).map(tuple)


def of_pytorch(layers):
    """The outputs, the maxima, and the gradients at z, w, b and x."""
    x, w, b = (torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in (layers.x, layers.w, layers.b))
    z = torch.nn.functional.conv1d(x[None, None], w[None, None], b[None])
    exact = z + (z.detach().round(decimals=12) - z.detach())  # rounding errors decide between equal outputs otherwise
    y = torch.nn.functional.max_pool1d(exact, POOL)
    found = torch.autograd.grad((y * torch.tensor(UPSTREAM)).sum(), (z, w, b, x))
    return [part.detach().numpy().reshape(-1) for part in (z, y, *found)]


@examples(40)
@given(st.builds(Layers, x=some(INPUTS, 3), w=some(WIDTH, 2), b=st.sampled_from([-0.7, 0.0, 0.3])))
def test_values_and_gradients_are_those_of_autograd(layers):
    found = measure(layers)
    shown = (found.z, found.y, found.dL_dz, found.dL_dw, found.dL_db, found.dL_dx)
    for name, mine, expected in zip(("z", "y", "dL_dz", "dL_dw", "dL_db", "dL_dx"), shown, of_pytorch(layers)):
        np.testing.assert_allclose(np.reshape(mine, -1), expected, rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("draw", range(20))
def test_of_each_window_one_output_receives_the_gradient_and_the_other_exactly_0(draw):
    found = measure(numbers(draw))
    assert np.flatnonzero(found.dL_dz).tolist() == found.routes.tolist()
    assert (found.routes // POOL).tolist() == list(range(PLACES // POOL))
    assert found.dL_dz[found.routes].tolist() == UPSTREAM.tolist()


def test_of_equal_outputs_the_first_is_chosen_and_the_caption_says_so():
    picture = explore_convolution()
    picture.layers = Layers((0.3,) * INPUTS, (0.1, 0.7, -1.1), 0.2)
    move(picture, chosen="y:1")
    assert measure(picture.layers).routes.tolist() == [0, 2, 4]
    assert "The two are equal, so there is no derivative" in picture.caption


def test_a_smaller_x0_moves_the_route_and_the_gradient_jumps_where_the_maximum_does_not():
    picture = explore_convolution()
    assert picture.layers.x[0] == -1.0
    assert measure(picture.layers).dL_dx[0] == 0
    move(picture, x0=-1.4)
    before = measure(picture.layers)
    move(picture, x0=-1.5)
    after = measure(picture.layers)
    assert (before.routes[0], after.routes[0]) == (1, 0)
    assert (before.dL_dx[0], after.dL_dx[0]) == (0, picture.layers.w[0])
    assert abs(after.y[0] - before.y[0]) < 0.1 < abs(after.dL_dw[0] - before.dL_dw[0])
    assert ">y</i><sub>0</sub> = <i>z</i><sub>0</sub>" in picture.caption


def test_the_first_weight_alone_copies_the_inputs():
    picture = explore_convolution()
    move(picture, w0=1, w1=0, w2=0)
    found = measure(picture.layers)
    assert sorted(found.dL_dx[np.flatnonzero(found.dL_dx)]) == sorted(UPSTREAM)


def shown(picture):
    return re.sub("<[^>]*>", "", picture.caption)


def test_a_weight_shows_its_terms_and_their_sum():
    picture = explore_convolution()
    move(picture, chosen="w:1")
    assert "∂L/∂w1 = Σt xt+1 ∂L/∂zt = (−0.8) · 0 + 1.3 · 1 + (−1.6) · 0 + 0.4 · (−0.5) + 0.9 · 2 + (−1.2) · 0 = 2.9" in shown(picture)
    assert len(re.findall('aria-pressed="true"', picture.frame)) == 1


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("dw:0", "∂L/∂w0 = Σt xt ∂L/∂zt = (−1) · 0 + (−0.8) · 1 + 1.3 · 0 + (−1.6) · (−0.5) + 0.4 · 2 + 0.9 · 0 = 0.8"),
        ("x:0", "x0 = −1 is used for z0.∂L/∂x0 = w0 ∂L/∂z0 = (−0.7) · 0 = 0"),
        ("x:3", "∂L/∂x3 = w0 ∂L/∂z3 + w1 ∂L/∂z2 + w2 ∂L/∂z1 = (−0.7) · (−0.5) + 0.5 · 0 + 0.2 · 1 = 0.55"),
        ("b:0", "∂L/∂b = Σt ∂L/∂zt = 0 + 1 + 0 + (−0.5) + 2 + 0 = 2.5"),
        ("z:1", "= (−0.7) · (−0.8) + 0.5 · 1.3 + 0.2 · (−1.6) + (−0.7) = 0.19y0 = z1, so ∂L/∂z1 = ∂L/∂y0 = 1."),
        ("z:0", "y0 is z1, so ∂L/∂z0 = 0."),
        ("y:2", "y2 = max(z4, z5) = max(−0.77, −2.29) = −0.77∂L/∂y2 = 2 goes to z4 and to no other."),
    ],
)
def test_every_part_shows_how_its_numbers_are_computed(key, told):
    picture = explore_convolution()
    move(picture, pointed=key)
    assert told in shown(picture)
    move(picture, pointed="")
    assert "Point at an input, a weight or an output" in picture.caption


def test_the_words_tell_the_numbers():
    summary = explore_convolution().summary
    assert "y0 = max(z0, z1) = z1 = 0.19" in summary
    assert "∂L/∂z = (0, 1, 0, −0.5, 2, 0); ∂L/∂x = (0, −0.7, 0.5, 0.55, −1.65, 0.9, 0.4, 0); ∂L/∂w = (0.8, 2.9, −4.45)" in summary


def test_the_slider_is_that_of_the_chosen_input_and_new_numbers_are_others():
    picture = explore_convolution()
    move(picture, which="x5")
    assert [control["value"] for control in picture.controls if control["key"] == "x5"] == [0.9]
    move(picture, x5=2.5)
    assert picture.layers.x[5] == 2.5
    move(picture, new=1)
    assert picture.layers == numbers(1)


@pytest.mark.parametrize(("key", "value"), [("which", "x8"), ("which", 2), ("x0", 3.5), ("w1", "x"), ("w2", -2.5)])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(key, value):
    picture = explore_convolution()
    before = picture.frame
    move(picture, **{key: value})
    assert picture.message
    assert picture.frame == before


def test_a_move_takes_less_than_50_milliseconds():
    picture = explore_convolution()
    times = []
    for value in np.linspace(-2, 2, 10):
        start = time.process_time()
        picture.inputs = {"x3": round(float(value), 2), "chosen": "w:2"}
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05
