"""Right is right: the reference derivations pass on any inputs, in every honest form."""

import numpy as np
import pytest
import torch
from backprop.autodiff.tape import flat
from backprop.questions.question import draw_samples
from hypothesis import given
from hypothesis import strategies as st

from tests.course import EXERCISES, FUNCTIONS, check, name, references, replay
from tests.examples import examples

SEEDS = st.integers(0, 2**32 - 1)


def by_link(exercise, value):
    """A reference's return value as a dict of arrays."""
    if isinstance(value, dict):
        value = tuple(value[ask] for ask in exercise.asks)
    if len(exercise.asks) == 1 and not (isinstance(value, tuple) and len(value) == 1):
        value = (value,)
    return {ask: flat(part) for ask, part in zip(exercise.asks, value, strict=True)}


def alone(values):
    return next(iter(values.values())) if len(values) == 1 else tuple(values.values())


FORMS = {
    "arrays": lambda values: alone(values),
    "plain numbers": lambda values: alone({ask: value.tolist() for ask, value in values.items()}),
    "scalars": lambda values: alone({ask: value[()] for ask, value in values.items()}),
    "list": lambda values: list(values.values()) if len(values) > 1 else next(iter(values.values())).tolist(),
    "dict": lambda values: dict(reversed(values.items())),
    "dict of plain numbers": lambda values: {ask: value.tolist() for ask, value in values.items()},
    "tensors": lambda values: alone({ask: torch.tensor(value, requires_grad=True) for ask, value in values.items()}),
    "float32 arrays": lambda values: alone({ask: value.astype(np.float32) for ask, value in values.items()}),
    "float32 tensors": lambda values: {ask: torch.tensor(value, dtype=torch.float32) for ask, value in values.items()},
    "float32 items": lambda values: alone({ask: value.astype(np.float32).tolist() for ask, value in values.items()}),
    "Fortran order": lambda values: alone({ask: np.array(value, order="F") for ask, value in values.items()}),
}


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
@given(seed=SEEDS)
@examples(2)
def test_the_reference_passes_on_any_inputs(exercise, seed):
    report = check(exercise, references()[exercise.name], seed, samples=5)
    assert report.passed, str(report)
    assert report.points_earned == exercise.points
    assert report.notes == []


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_reference_passes_in_every_honest_form(exercise):
    arguments = [exercise.call_with(sample.inputs).values() for sample in exercise.draw(11, 2)]
    values = [by_link(exercise, references()[exercise.name](*given)) for given in arguments]
    for form, formed in FORMS.items():
        report = check(exercise, replay([formed(each) for each in values]), seed=11, samples=2)
        assert report.passed, (form, str(report))


@pytest.mark.parametrize("exercise", [exercise for exercise in FUNCTIONS if exercise.arguments is None], ids=name)
@given(seed=SEEDS)
@examples(1)
def test_a_derivation_in_float32_passes(exercise, seed):
    def single(value):
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], np.ndarray):
            return [single(item) for item in value]
        is_real = isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")
        return np.asarray(value, dtype=np.float32)[()] if is_real else value

    def answer(*arguments):
        values = by_link(exercise, references()[exercise.name](*map(single, arguments)))
        return {ask: value.astype(np.float32) for ask, value in values.items()}

    report = check(exercise, answer, seed, samples=5)
    assert report.passed, str(report)


@given(seed=SEEDS)
@examples(20)
def test_float32_that_got_in_on_the_way_is_forgiven(seed):
    def answer(x, w1, w2, w3, y):
        def sigmoid(z):
            return torch.sigmoid(torch.tensor(z)).item()  # float32, and then a plain number

        h1 = sigmoid(w1 * x)
        h2 = sigmoid(w2 * h1)
        yhat = sigmoid(w3 * h2)
        d3 = 2 * (yhat - y) * yhat * (1 - yhat)
        d2 = d3 * w3 * h2 * (1 - h2)
        return 2 * (yhat - y), d3 * h2, d3 * w3, d2 * h1, d2 * w2, d2 * w2 * h1 * (1 - h1) * x

    three_sigmoids = next(exercise for exercise in EXERCISES if exercise.name == "three_sigmoids")
    assert check(three_sigmoids, answer, seed, samples=6).passed


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_samples_are_finite_generic_and_the_same_for_the_same_seed(exercise):
    drawn = exercise.draw(5, 12)
    draw_samples.cache_clear()
    again = exercise.draw(5, 12)
    for first, second in zip(drawn, again):
        assert repr(first.inputs) == repr(second.inputs)
        for ask in exercise.asks:
            assert np.all(np.isfinite(first.truth[ask]))
            np.testing.assert_array_equal(first.truth[ask], second.truth[ask])
    if not exercise.on_fixed_numbers:
        assert len({repr(sample.inputs) for sample in drawn}) == len(drawn)


@given(seed=SEEDS)
@examples(2)
def test_the_descent_that_the_check_runs_is_torch_optims(seed):
    descend = next(exercise for exercise in EXERCISES if exercise.name == "descend")
    (sample,) = descend.draw(seed, 1)
    inputs = sample.inputs
    theta, x, y = (torch.tensor(inputs[key]) for key in ("theta", "x", "y"))
    theta.requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=inputs["alpha"])
    losses = []
    for step in range(inputs["steps"] + 1):
        w1, w2, w3, w4, b1, b2, b3 = theta
        blue, orange = torch.nn.functional.softplus(w1 * x + b1), torch.nn.functional.softplus(w2 * x + b2)
        loss = ((y - (w3 * blue + w4 * orange + b3)) ** 2).sum()
        losses.append(loss.item())
        if step < inputs["steps"]:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    np.testing.assert_allclose(theta.detach().numpy(), sample.truth["theta_end"], rtol=1e-12)
    np.testing.assert_allclose(losses, sample.truth["losses"], rtol=1e-12)


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_central_differences_agree_with_pytorch(exercise):
    for sample in exercise.draw(3, 3):
        for ask, value in exercise.second_opinion(sample).items():
            np.testing.assert_allclose(value, sample.truth[ask], rtol=1e-5, atol=1e-7)
