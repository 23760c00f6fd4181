"""The second half of lesson 05: what it says about variance, initial
weights and minibatches, measured in float64 without the lesson's code.
"""

import numpy as np
import pytest
import torch
from backprop.exercises import layers_and_batches as ex

from tests.course import check, references

REFERENCE = references()


def deep_sizes(c, depth=50, width=80, seed=5):
    """The sizes of the last activations, and of dL/dZ at the first and at the last layer."""
    rng = np.random.default_rng(seed)
    X, dL_dA = rng.normal(size=(2, 64, width))
    weights = [rng.normal(0, np.sqrt(c / width), (width, width)) for _ in range(depth)]
    A = [torch.tensor(X, requires_grad=True)]
    Z = []
    for W in weights:
        Z.append(A[-1] @ torch.tensor(W))
        A.append(torch.relu(Z[-1]))
    first, last = torch.autograd.grad(A[-1], (Z[0], Z[-1]), torch.tensor(dL_dA))
    return [(part**2).mean().sqrt().item() for part in (A[-1], first, last)]


@pytest.mark.parametrize(("c", "low", "high"), [(1, 1e-9, 1e-7), (2, 0.03, 3.0), (4, 1e6, 1e8)])
@pytest.mark.parametrize("seed", range(3))
def test_fifty_layers_vanish_stay_or_explode(c, low, high, seed):
    of_A, first, last = deep_sizes(c, seed=seed)
    assert low < of_A < high
    assert low < first < high
    assert 0.4 < last < 1.0


@pytest.mark.parametrize("c", [1, 4])
def test_the_gradients_of_all_weights_vanish_or_explode_together(c):
    rng = np.random.default_rng(0)
    A = torch.tensor(rng.normal(size=(64, 80)))
    weights = [torch.tensor(rng.normal(0, np.sqrt(c / 80), (80, 80)), requires_grad=True) for _ in range(50)]
    for W in weights:
        A = torch.relu(A @ W)
    gradients = torch.autograd.grad((A * torch.tensor(rng.normal(size=(64, 80)))).sum(), weights)
    sizes = np.array([gradient.square().mean().sqrt().item() for gradient in gradients])
    assert sizes.max() / sizes.min() < 50
    assert np.all(sizes < 1e-5) if c == 1 else np.all(sizes > 1e5)


def test_one_rule_in_all_layers_telescopes():
    """With the variance 2/D the size of the gradients
    depends on the first and the last width only.
    """
    rng = np.random.default_rng(0)
    widths = [300, 150, 600, 200, 400, 300]
    factors = []
    for _ in range(20):
        A, gates, weights = rng.normal(size=(30, widths[0])), [], []
        for inputs, units in zip(widths, widths[1:]):
            weights.append(rng.normal(0, np.sqrt(2 / inputs), (inputs, units)))
            gates.append(A @ weights[-1] > 0)
            A = np.maximum(0, A @ weights[-1])
        gradient = rng.normal(size=A.shape)
        before = np.mean(gradient**2)
        for gate, W in zip(gates[::-1], weights[::-1]):
            gradient = (gradient * gate) @ W.T
        factors.append(np.mean(gradient**2) / before)
    assert np.mean(factors) == pytest.approx(widths[-1] / widths[0], rel=0.1)


@pytest.mark.parametrize("slope", [0.0, 0.3, 0.6])
def test_the_variances_keep_the_mean_squares(slope):
    forward, backward = REFERENCE["variances"](400, 250, slope)
    rng = np.random.default_rng(1)
    A, gradient = rng.normal(size=(500, 400)), rng.normal(size=(500, 250))
    Z = A @ rng.normal(0, np.sqrt(forward), (400, 250))
    assert np.mean(np.where(Z > 0, Z, slope * Z) ** 2) == pytest.approx(np.mean(A**2), rel=0.03)
    W = rng.normal(0, np.sqrt(backward), (400, 250))
    back = (gradient * np.where(A @ W > 0, 1, slope)) @ W.T
    assert np.mean(back**2) == pytest.approx(np.mean(gradient**2), rel=0.03)


def test_the_default_of_pytorch_is_a_third():
    torch.manual_seed(0)
    weight = torch.nn.Linear(400, 300).weight
    assert 400 * weight.var().item() == pytest.approx(1 / 3, rel=0.02)
    normal = torch.nn.init.xavier_normal_(torch.empty(300, 400))
    assert normal.var().item() == pytest.approx(2 / 700, rel=0.03)
    assert torch.nn.init.kaiming_normal_(normal, nonlinearity="relu").var().item() == pytest.approx(2 / 400, rel=0.03)


def test_a_chain_of_blocks_with_zero_last_weights_is_the_identity():
    rng = np.random.default_rng(2)
    X, W = rng.normal(size=(3, 4)), rng.normal(size=(4, 5))
    dL_dV, dL_dZ, dL_dW, dL_dX = REFERENCE["residual_backward"](X + 1, X, W, np.zeros((5, 4)))
    np.testing.assert_array_equal(dL_dX, X + 1)
    assert not dL_dZ.any()
    assert not dL_dW.any()
    rows = dL_dV[np.abs(dL_dV).max(axis=1) > 0]
    assert len(np.unique(rows.round(9), axis=0)) == len(rows) >= 3


def test_the_minibatches_of_the_data_loader():
    for N, size in ((1000, 64), (12, 4), (13, 4)):
        loader = torch.utils.data.DataLoader(torch.arange(N), batch_size=size)
        for mine, theirs in zip(REFERENCE["minibatches"](np.arange(N), size), loader, strict=True):
            np.testing.assert_array_equal(mine, theirs.numpy())


def test_all_minibatches_of_an_epoch_make_the_gradient_of_the_whole_batch():
    sample = ex.train_minibatches.draw(3, 1)[0].inputs
    X, Y, weights, biases = (sample[name] for name in ("X", "Y", "weights", "biases"))
    batches = REFERENCE["minibatches"](sample["orders"][0], sample["size"])
    assert len(batches[-1]) < sample["size"]
    parts = [REFERENCE["network_backward"](X[rows], Y[rows], weights, biases)[0][0] for rows in batches]
    whole = REFERENCE["network_backward"](X, Y, weights, biases)[0][0]
    of_the_sum, of_the_mean = REFERENCE["combined_gradient"](parts, [len(rows) for rows in batches])
    np.testing.assert_allclose(of_the_mean, whole, rtol=1e-12)
    np.testing.assert_allclose(of_the_sum, len(X) * whole, rtol=1e-12)
    assert np.abs(np.mean(parts, axis=0) - whole).max() > 1e-3


def test_a_list_that_is_divided_otherwise_is_not_called_transposed():
    report = check(ex.minibatches, lambda order, size: np.array_split(order, size), seed=2024)
    assert not report.passed
    assert "rows and columns" not in str(report)
    assert "how their list is divided" in str(report)
