"""A tape lets go of its forward pass: pictures make thousands of them."""

from weakref import ref

import numpy as np
import pytest
from backprop.autodiff.tape import Tape


def forward(node, w, x):
    node("L", node("z", w * x) ** 2)


def test_a_tape_that_is_let_go_is_freed_at_once():
    tape = Tape(forward, {"w": 3.0, "x": 2.0})
    assert tape.answer("dL_dw") == pytest.approx(24)
    alive = ref(tape)
    del tape
    assert alive() is None


def test_a_node_outlives_its_tape():
    tape = Tape(forward, {"w": 3.0, "x": 2.0})
    nodes = dict(tape.nodes)
    del tape
    nodes["L"].backward()
    assert nodes["w"].grad.item() == pytest.approx(24)


def centred(node, x):
    c = node("c", x - x.mean())
    node("L", (c**3).sum())


def test_a_gradient_that_is_kept_stays_as_it_arrived():
    """PyTorch adds in place to what a node's hook returns: here the mean's contribution to x."""
    x = np.array([0.5, -1.3, 2.1])
    tape = Tape(centred, {"x": x})
    dL_dc = 3 * (x - x.mean()) ** 2
    np.testing.assert_allclose(tape.answer("dL_dx"), dL_dc - dL_dc.mean())
    np.testing.assert_allclose(tape.answer("dL_dc"), dL_dc)
