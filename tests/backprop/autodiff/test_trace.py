"""Traces of the course's networks: path products add up to PyTorch's
gradient, and local derivatives agree with finite differences.
"""

import numpy as np
import pytest
import torch
from backprop.autodiff.tape import Tape, central_difference
from backprop.autodiff.trace import trace
from backprop.figures.networks import FOUR_FOUR_TWO, LOGISTIC, NETWORKS
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples

every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def numbers(network, seed):
    """Generic inputs within their ranges."""
    rng = np.random.default_rng(seed)
    return {name: float(rng.uniform(max(low, -2), min(high, 2))) for name in network.inputs for low, high in [network.range(name)]}


@every_network
@examples(15)
@given(seed=st.integers(0, 2**32 - 1))
def test_products_along_the_paths_add_up_to_the_gradient(network, seed):
    now = network.trace(numbers(network, seed))
    for name in network.places:
        assert sum(path.product for path in now.paths(name)) == pytest.approx(now.gradients[name], rel=1e-9, abs=1e-12)


@every_network
def test_gradients_are_those_of_backward_and_of_nudging(network):
    inputs = numbers(network, 3)
    now = network.trace(inputs)
    for name in inputs:
        ask = f"d{network.output}_d{name}"
        assert now.gradients[name] == pytest.approx(float(Tape(network.forward, inputs).answer(ask)), rel=1e-12, abs=1e-15)
        assert now.gradients[name] == pytest.approx(float(central_difference(network.forward, inputs, ask)), rel=1e-5, abs=1e-8)


def test_a_slope_holds_everything_else_fixed():
    """z depends on x directly and through u: the slope on the edge is the direct part alone."""

    def forward(node, x):
        u = node("u", x**2)
        node("z", 3 * x + 5 * u)

    now = trace(forward, {"x": 2.0})
    assert now.slopes == {("x", "u"): 4.0, ("x", "z"): 3.0, ("u", "z"): 5.0}
    assert now.gradients["x"] == 3 + 5 * 4
    assert sorted(path.nodes for path in now.paths("x")) == [("x", "u", "z"), ("x", "z")]


def test_logistic_slopes_are_the_textbooks():
    yhat = torch.sigmoid(torch.tensor(0.5, dtype=torch.float64)).item()
    now = LOGISTIC.trace({})
    assert now.slopes["w1", "p1"] == 1.5  # a multiply node hands each input the other's value
    assert now.slopes["x1", "p1"] == -4.0
    assert now.slopes["p1", "z"] == now.slopes["b", "z"] == 1.0
    assert now.slopes["z", "yhat"] == pytest.approx(yhat * (1 - yhat))


def test_the_four_paths_of_the_curriculum():
    now = FOUR_FOUR_TWO.trace({})
    assert sorted(path.product for path in now.paths("w1_31")) == pytest.approx([-0.003159] * 2 + [0.004739] * 2, abs=5e-7)
    assert now.gradients["w1_31"] == pytest.approx(0.003159, abs=5e-7)
    assert [now.gradients[f"w1_1{j}"] for j in range(1, 5)] == pytest.approx([0.0] * 4, abs=1e-12)


@every_network
def test_every_node_that_is_drawn_is_computed_and_named(network):
    now = network.trace({})
    assert set(network.places) | set(network.on_edges) >= set(network.inputs)
    assert set(network.places) <= set(now.values) == set(network.labels)
    assert set(network.on_edges.values()) <= set(now.slopes) | set()
    assert set(network.parameters) <= set(network.inputs)
    width, height = network.size
    assert all(node.width / 2 <= node.x <= width - node.width / 2 for node in network.places.values())
    assert all(node.height / 2 + 20 <= node.y <= height - node.height / 2 - 20 for node in network.places.values())
