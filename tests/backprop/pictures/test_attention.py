"""The attention explorer without a browser: its gradients against
PyTorch's, what receives exactly 0, and what the lesson asks about.
"""

import re
import statistics
import time

import numpy as np
import pytest
import torch
from backprop.pictures import explore_attention
from backprop.pictures.attention.measuring import UPSTREAM, Head, T, measure, vectors
from backprop.pictures.stage.sheet import amount
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.pictures.test_stage import move
from tests.examples import examples

heads = st.builds(Head, position=st.integers(1, T), mask=st.booleans(), factor=st.floats(0.1, 5.0), draw=st.integers(0, 3))


@examples(20)
@given(heads)
def test_weights_and_gradients_are_those_of_autograd(head):
    Q, K, V = (torch.tensor(part, requires_grad=True) for part in vectors(head.draw))
    S = head.factor * Q @ K.T / 2**0.5
    if head.mask:
        S = S.masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf)
    A = torch.softmax(S, dim=1)
    loss = (A @ V)[head.position - 1] @ torch.tensor(UPSTREAM)
    found = measure(head)
    np.testing.assert_allclose(found.A, A.detach().numpy(), rtol=1e-9, atol=1e-15)
    for name, tensor in {"V": V, "A": A, "S": S, "Q": Q, "K": K}.items():
        (expected,) = torch.autograd.grad(loss, tensor, retain_graph=True)
        np.testing.assert_allclose(getattr(found, f"dL_d{name}"), expected.numpy(), rtol=1e-9, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("position", range(1, T + 1))
def test_masked_positions_and_other_queries_receive_exactly_0(position):
    found = measure(Head(position, mask=True, factor=2.0))
    later = slice(position, T)
    for gradient in (found.dL_dV[later], found.dL_dK[later], found.dL_dS[position - 1, later], found.A[position - 1, later]):
        assert not gradient.any()
    assert np.flatnonzero(found.dL_dQ.any(axis=1)).tolist() == ([] if position == 1 else [position - 1])
    assert found.dL_dV[:position].all()


@pytest.mark.parametrize("position", range(2, T + 1))
def test_a_large_factor_leaves_only_the_gradient_at_one_value(position):
    even, picking = (measure(Head(position, factor=factor)) for factor in (0.1, 5.0))
    row = position - 1
    assert np.abs(picking.dL_dS[row]).max() < 0.2 * np.abs(even.dL_dS[row]).max()
    assert np.linalg.norm(picking.dL_dV, axis=1).max() > 0.95
    np.testing.assert_allclose(even.A[row, :position], 1 / position, rtol=0.25)


def test_a_small_factor_makes_the_gradients_at_query_and_keys_small_but_not_those_at_scores():
    small, middle = (measure(Head(factor=factor)) for factor in (0.1, 1.0))
    assert np.abs(small.dL_dS).max() > 0.9 * np.abs(middle.dL_dS).max()
    assert np.abs(small.dL_dK).max() < 0.2 * np.abs(middle.dL_dK).max()
    assert np.abs(small.dL_dQ).max() < 0.2 * np.abs(middle.dL_dQ).max()


def test_the_words_tell_the_numbers():
    picture = explore_attention(3)
    found = measure(Head(3))
    assert "with a causal mask, factor 1 on the scores. The loss depends on the output at position 3 only." in picture.summary
    assert f"position 2, h: weight {found.A[2, 1]:.3f}; gradient at its score " in picture.summary
    assert picture.summary.count("masked, weight 0, gradients 0 at its score, key and value") == 2
    assert picture.frame.count(">grey: masked<") == 1
    move(picture, mask=False)
    assert "without a causal mask" in picture.summary
    assert "masked" not in picture.summary + picture.frame


def test_a_column_shows_how_its_gradients_are_computed():
    picture = explore_attention(3)
    move(picture, chosen="position:2")
    found = measure(Head(3))
    shown = re.sub("<[^>]*>", "", picture.caption)
    a, at_score, at_key, at_value = (
        [amount(number) for number in numbers] for numbers in ([found.A[2, 1]], [found.dL_dS[2, 1]], found.dL_dK[1], found.dL_dV[1])
    )
    assert f"∂L/∂v2 = a32 g = {a[0]} · (0.6, 0.8) = ({', '.join(at_value)})" in shown
    assert f"= {at_score[0]}∂L/∂k2 = " in shown
    assert f"= ({', '.join(at_key)})" in shown
    assert len(re.findall('aria-pressed="true"', picture.frame)) == 1
    move(picture, pointed="position:5")
    assert "Position 5 is masked for output 3" in picture.caption
    move(picture, pointed="", chosen="")
    assert "Point at a column" in picture.caption


def test_new_numbers_are_other_numbers():
    picture = explore_attention()
    before = picture.frame
    move(picture, new=1)
    assert picture.frame != before


@pytest.mark.parametrize(("key", "value"), [("position", "6"), ("position", 2), ("factor", 0), ("factor", "x"), ("mask", "yes")])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(key, value):
    picture = explore_attention()
    before = picture.frame
    move(picture, **{key: value})
    assert picture.message
    assert picture.frame == before


def test_a_position_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="from 1 to 5, not 6"):
        explore_attention(6)


def test_a_move_takes_less_than_50_milliseconds():
    picture = explore_attention()
    times = []
    for factor in np.linspace(0.2, 4, 10):
        start = time.process_time()
        picture.inputs = {"factor": round(float(factor), 2), "chosen": "position:2"}
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05
