"""The depth explorer without a browser: its sizes against a backward
pass in NumPy, and the averages that the lesson derives.
"""

import itertools
import re
import statistics
import time

import numpy as np
import pytest
from backprop.pictures import explore_depth
from backprop.pictures.depth.measuring import DEEPEST, WIDEST, Network, measure
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.pictures.test_stage import move
from tests.examples import examples


def by_hand(network):
    """The sizes of Z and of its gradient, in NumPy."""
    rng = np.random.default_rng(network.draw)
    ends = rng.normal(size=(2, 32, WIDEST))[:, :, : network.width]
    weights = rng.normal(size=(DEEPEST, WIDEST, WIDEST))[: network.depth, : network.width, : network.width]
    weights = np.sqrt(network.c / network.width) * weights
    Z, gradients = [ends[0]], [ends[1]]
    for W in weights:
        Z.append(network.skip * Z[-1] + np.maximum(0, Z[-1]) @ W)
    for z, W in zip(Z[-2::-1], weights[::-1]):
        gradients.insert(0, network.skip * gradients[0] + (gradients[0] @ W.T) * (z > 0))
    return [[np.sqrt(np.mean(part**2)) for part in parts] for parts in (Z, gradients)]


networks = st.builds(
    Network,
    depth=st.integers(2, 12),
    width=st.integers(2, 20),
    c=st.floats(0.1, 6.0),
    skip=st.booleans(),
    draw=st.integers(0, 1),
)


@examples(8)
@given(networks)
def test_the_sizes_are_those_of_a_backward_pass_by_hand(network):
    sizes = measure(network)
    forward, backward = by_hand(network)
    np.testing.assert_allclose(sizes.forward, forward, rtol=1e-9)
    np.testing.assert_allclose(sizes.backward, backward, rtol=1e-9)


@pytest.mark.parametrize(("c", "skip"), [(1.0, False), (2.0, False), (4.0, False), (0.5, True)])
def test_on_average_a_layer_multiplies_the_mean_square_by_its_factor(c, skip):
    """Over several wide layers, in each direction."""
    network = Network(depth=12, width=WIDEST, c=c, skip=skip)
    sizes = measure(network)
    for end, start in ((sizes.forward[-1], sizes.forward[0]), (sizes.backward[0], sizes.backward[-1])):
        assert (end / start) ** (2 / 12) == pytest.approx(network.factor, rel=0.12)


def test_the_words_tell_the_numbers():
    picture = explore_depth(50, 80, 1.0)
    sizes = measure(Network(50, 80, 1.0))
    assert picture.summary.startswith("50 ReLU layers of width 80, variance of the weights 1/80. the input: Z has the size")
    assert "layer 50: Z has the size" in picture.summary
    assert "the size by 0.7071; 50 layers by <b>3.0·10⁻⁸</b>" in picture.caption
    assert sizes.backward[0] < 1e-6 < 0.1 < sizes.backward[-1]
    move(picture, skip=True)
    assert "with skip connections" in picture.summary
    assert "1 + <i>c</i>/2 = 1.5" in picture.caption


def test_a_layer_is_chosen_and_forgotten_where_there_is_none():
    picture = explore_depth(20, 30, 2.0)
    move(picture, chosen="layer:7")
    sizes = measure(Network(20, 30, 2.0))
    assert "layer 7: Z has the size" in picture.caption
    assert f"{sizes.forward[7]:.4f}".rstrip("0") in picture.caption
    assert len(re.findall('aria-pressed="true"', picture.frame)) == 1
    move(picture, depth=5)
    assert "Point at a layer" in picture.caption


def test_a_narrow_network_can_be_dead_and_the_picture_says_so():
    picture = explore_depth(60, 2, 2.0)
    assert measure(picture.network).forward[-1] == 0
    assert picture.caption.count("a whole layer is 0") == 2
    assert "nan" not in picture.frame
    assert "inf" not in picture.frame


def test_another_draw_has_other_numbers():
    picture = explore_depth()
    before = picture.frame
    move(picture, new=1)
    assert picture.frame != before


@pytest.mark.parametrize(("key", "value"), [("depth", 1), ("depth", 61), ("width", ""), ("c", 0), ("c", "x"), ("skip", "yes")])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(key, value):
    picture = explore_depth(10, 10, 2.0)
    before = picture.frame
    move(picture, **{key: value})
    assert picture.message
    assert picture.frame == before


def test_a_move_takes_less_than_50_milliseconds():
    picture = explore_depth(DEEPEST, WIDEST)
    times = []
    for skip, c in itertools.product((False, True), np.linspace(0.2, 4, 10)):
        start = time.process_time()
        picture.inputs = {"skip": skip, "c": round(float(c), 2)}
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05
