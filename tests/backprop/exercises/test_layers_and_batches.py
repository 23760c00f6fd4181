"""Lesson 05: the curriculum's numbers, wrong derivations as learners
write them, and training compared with PyTorch at each step.
"""

import numpy as np
import pytest
import torch
from backprop.exercises import layers_and_batches as ex

from autograder.building import lesson_paths, source_notebook
from tests.course import check, references

REFERENCE = references()


def test_the_layer_of_the_curriculum():
    W = np.array([[0.2, 0.8, -0.5, 1], [0.5, -0.91, 0.26, -0.5], [-0.26, -0.27, 0.17, 0.87]]).T
    X = np.array([[1, 2, 3, 2.5], [2, 5, -1, 2], [-1.5, 2.7, 3.3, -0.8]])
    truth = ex.dense_backward.measure({"dL_dZ": np.outer([1.0, 2.0, 3.0], np.ones(3)), "X": X, "W": W}).truth
    np.testing.assert_allclose(truth["dL_dX"], np.outer([1, 2, 3], [0.44, -0.38, -0.07, 1.37]), atol=1e-12)
    np.testing.assert_allclose(truth["dL_dW"], np.outer([0.5, 20.1, 10.9, 4.1], np.ones(3)), atol=1e-12)
    np.testing.assert_allclose(truth["dL_db"], [6, 6, 6])
    truth = ex.dense_example.measure({"dL_dz": np.array([1.0, -2.0, 0.5]), "x": X[0], "W": W}).truth
    np.testing.assert_allclose(truth["dL_dx"], [-0.93, 2.485, -0.935, 2.435], atol=1e-12)


@pytest.mark.parametrize("exercise", [ex.dense_backward, ex.relu_layer, ex.network_backward], ids=lambda exercise: exercise.name)
def test_layer_sizes_differ_from_each_other_and_from_the_batch(exercise):
    for sample in exercise.draw(7, 12):
        v = sample.everything
        sizes = [
            len(v.X),
            *(W.shape[0] for W in getattr(v, "weights", [v.W] if hasattr(v, "W") else [])),
            v.Z.shape[1] if hasattr(v, "Z") else 3,
        ]
        assert len(set(sizes)) == len(sizes) >= 3


# --- wrong derivations written out by hand --------------------------------------------------------


def dense(back=lambda d, X, W: d @ W.T, weights=lambda d, X: X.T @ d, biases=lambda d: d.sum(axis=0)):
    return lambda dL_dZ, X, W: (back(dL_dZ, X, W), weights(dL_dZ, X), biases(dL_dZ))


def backward(
    gate=lambda a: a > 0, delta=lambda P, Y: (P - Y) / len(Y), biases=lambda d: d.sum(axis=0), collect=lambda parts, new: [new, *parts]
):
    def answer(X, Y, weights, biases_):
        activations = REFERENCE["network_forward"](X, weights, biases_)
        P = REFERENCE["softmax_layer"](activations[-1], activations[-1])[0]
        d, dW, db = delta(P, Y), [], []
        for k in reversed(range(len(weights))):
            dW, db = collect(dW, activations[k].T @ d), collect(db, biases(d))
            dA = d @ weights[k].T
            d = dA * gate(activations[k])
        return dW, db, dA

    return answer


def loop(update, carry=False):
    def answer(X, Y, weights, biases, alpha, steps):
        losses, kept = [], None
        for _ in range(steps):
            losses.append(REFERENCE["softmax_cross_entropy"](REFERENCE["network_forward"](X, weights, biases)[-1], Y)[0])
            dW, db, _ = REFERENCE["network_backward"](X, Y, weights, biases)
            if carry and kept:
                dW, db = ([new + old for new, old in zip(*pair)] for pair in zip((dW, db), kept))
            kept = dW, db
            weights, biases = update(weights, biases, dW, db, alpha)
        losses.append(REFERENCE["softmax_cross_entropy"](REFERENCE["network_forward"](X, weights, biases)[-1], Y)[0])
        return losses, weights, biases

    return answer


def downhill(weights, biases, dW, db, alpha):
    return [W - alpha * d for W, d in zip(weights, dW)], [b - alpha * d for b, d in zip(biases, db)]


def moving_while_walking_back(X, Y, weights, biases, alpha, steps):
    """Each layer is updated as soon as its gradient is
    known, before the gradient passes through its weights.
    """
    losses, weights, biases = [], list(weights), list(biases)
    for _ in range(steps):
        activations = REFERENCE["network_forward"](X, weights, biases)
        L, d = REFERENCE["softmax_cross_entropy"](activations[-1], Y)
        losses.append(L)
        for k in reversed(range(len(weights))):
            gradient = activations[k].T @ d
            biases[k] = biases[k] - alpha * d.sum(axis=0)
            weights[k] = weights[k] - alpha * gradient
            d = (d @ weights[k].T) * (activations[k] > 0)
    losses.append(REFERENCE["softmax_cross_entropy"](REFERENCE["network_forward"](X, weights, biases)[-1], Y)[0])
    return losses, weights, biases


BY_HAND = [
    ("dense_backward", dense(biases=lambda d: d), "unsummed-bias"),
    ("dense_backward", dense(biases=lambda d: d.sum(axis=0, keepdims=True)), "kept-dimension"),
    ("dense_backward", dense(biases=lambda d: d.mean(axis=0)), "bias-mean"),
    ("dense_backward", dense(weights=lambda d, X: X.T @ d / len(X), biases=lambda d: d.mean(axis=0)), "mean-for-sum"),
    ("dense_backward", dense(weights=lambda d, X: d.T @ X), "transposed-dW"),
    ("dense_backward", dense(back=lambda d, X, W: np.tile(W.sum(axis=1), (len(d), 1))), "upstream-ignored"),
    ("relu_layer", lambda X, W, b, dL_dA: (dL_dA, *REFERENCE["dense_backward"](dL_dA, X, W)), "no-gate"),
    ("softmax_layer", lambda Z, g: (p := REFERENCE["softmax_layer"](Z, g)[0], g * p * (1 - p)), "elementwise-softmax"),
    ("network_backward", backward(gate=lambda a: 1), "no-gate"),
    ("network_backward", backward(delta=lambda P, Y: P - Y), "mean-forgotten"),
    ("network_backward", backward(delta=lambda P, Y: (P - Y) / len(Y) ** 2), "mean-twice"),
    ("network_backward", backward(biases=lambda d: d), "unsummed-bias"),
    ("network_backward", backward(biases=lambda d: d.mean(axis=0)), "bias-mean"),
    ("network_backward", backward(collect=lambda parts, new: [*parts, new]), "back-to-front"),
    ("train", loop(lambda w, b, dW, db, alpha: downhill(w, b, dW, db, -alpha)), "uphill"),
    ("train", loop(lambda w, b, dW, db, alpha: downhill(w, b, dW, db, 1.0)), "no-learning-rate"),
    ("train", loop(lambda w, b, dW, db, alpha: (downhill(w, b, dW, db, alpha)[0], b)), "frozen-parameter"),
    ("train", loop(downhill, carry=True), "not-cleared"),
    ("train", moving_while_walking_back, "stale-half-step"),
]


@pytest.mark.parametrize(("exercise", "answer", "mistake"), BY_HAND, ids=lambda value: value if isinstance(value, str) else "")
def test_wrong_derivations_written_by_hand_get_their_name(exercise, answer, mistake):
    report = check(ex.EXERCISES[exercise], answer, seed=17)
    assert not report.passed
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake


# --- training -------------------------------------------------------------------------------------


def test_every_check_of_training_has_a_run_of_two_hundred_steps():
    for samples in (6, 25):
        assert [sample.inputs["steps"] == 200 for sample in ex.train.draw(9, samples)].count(True) == (samples + 1) // 6


def test_the_training_that_the_check_runs_is_torch_optims():
    for sample in ex.train.draw(11, 6):
        v = sample.inputs
        weights, biases = ([torch.tensor(part, requires_grad=True) for part in v[name]] for name in ("weights", "biases"))
        optimizer, losses = torch.optim.SGD([*weights, *biases], lr=v["alpha"]), []
        for step in range(v["steps"] + 1):
            A = torch.tensor(v["X"])
            for W, b in zip(weights[:-1], biases[:-1]):
                A = torch.relu(A @ W + b)
            loss = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], torch.tensor(v["Y"]))
            losses.append(loss.item())
            if step < v["steps"]:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        np.testing.assert_allclose(sample.truth["losses"], losses, rtol=1e-10)
        for ask, parts in (("weights_end", weights), ("biases_end", biases)):
            ends = np.concatenate([part.detach().numpy().ravel() for part in parts])
            np.testing.assert_allclose(sample.truth[ask], ends, rtol=1e-9, atol=1e-12)


def test_two_hundred_steps_on_the_lessons_spiral_are_pytorchs_within_1e_8():
    lesson = next(path for path in lesson_paths() if path.stem == "05_layers_and_batches")
    namespace = {}
    for cell in source_notebook(lesson).cells:
        if cell.cell_type == "code" and ("def " in cell.source or "import" in cell.source):
            exec(compile(cell.source, cell.id, "exec"), namespace)
    start = [namespace[name] for name in ("X", "Y", "start_weights", "start_biases")]
    before = [part.copy() for part in start[2]]
    losses, weights, biases = namespace["train"](*start, 0.1, 200)
    theirs = namespace["train_with_pytorch"](*start, 0.1, 200)
    assert np.max(np.abs(np.subtract(losses, theirs[0]))) < 1e-8
    for mine, torchs in zip([*weights, *biases], [*theirs[1], *theirs[2]], strict=True):
        assert mine.dtype == torchs.dtype == np.float64
        assert np.max(np.abs(mine - torchs)) < 1e-8
    assert losses[-1] < losses[0]
    for part, old in zip(start[2], before):
        np.testing.assert_array_equal(part, old)


def test_a_loss_may_fall_with_a_wrong_gradient_and_the_check_says_so():
    """Half the learning rate trains too: it is the comparison with PyTorch that shows it."""
    report = check(ex.train, loop(lambda w, b, dW, db, alpha: downhill(w, b, dW, db, alpha / 2)), seed=5)
    assert report.points_earned == 0
    assert report.mistake is None
