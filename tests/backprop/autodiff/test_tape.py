"""A tape lets go of its forward pass: pictures make thousands of them."""

from weakref import ref

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
