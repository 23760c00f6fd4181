"""Names are given where they are right, and facts
where no name fits: answers as learners write them.
"""

import numpy as np
import pytest
from backprop.autodiff.slip import SAYS_MORE
from backprop.checking.findings import FactKind
from backprop.checking.recorded import answers_with, recorded
from backprop.exercises import chain_rule, computation_graph, layers_and_batches, one_two_one_network

from tests.course import check, check_values


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def seven(slope1=lambda a, z: a * (1 - a), slope2=lambda a, z: a * (1 - a), order=lambda numbers: numbers, scale=1.0):
    """An answer to `all_seven` with other slopes, in another order, or scaled."""

    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        z1, z2 = w1_1 * x + b1_1, w1_2 * x + b1_2
        a1, a2 = sigmoid(z1), sigmoid(z2)
        delta = (sigmoid(w2_1 * a1 + w2_2 * a2 + b2_1) - y) * scale
        d1, d2 = delta * w2_1 * slope1(a1, z1), delta * w2_2 * slope2(a2, z2)
        return order((delta, delta * a2, delta * a1, d2, d1, d2 * x, d1 * x))

    return answer


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (seven(lambda a, z: a * (1 - a), lambda a, z: sigmoid(a) * (1 - sigmoid(a))), "slope-at-output"),
        (seven(lambda a, z: 1 - a * a, lambda a, z: 1 - a * a), "tanh-formula-for-another"),
        (seven(slope2=lambda a, z: z * (1 - z)), "slope-of-z"),
        (seven(slope1=lambda a, z: (a * (1 - a)) ** 2), "slope-twice"),
    ],
)
def test_a_slip_that_no_exercise_declares_is_named(answer, mistake):
    report = check(one_two_one_network.all_seven, answer)
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (seven(order=lambda numbers: numbers[::-1]), FactKind.OTHER_ORDER),
        (seven(scale=3.0), FactKind.CONSTANT_FACTOR),
        (seven(order=lambda numbers: [round(number, 3) for number in numbers]), FactKind.ROUNDED),
        (seven(order=lambda numbers: (numbers[1] * 0 + 0.25, *numbers[1:])), FactKind.SAME_ON_ALL),
        (seven(order=lambda numbers: (numbers[0] * numbers[1] / numbers[2], *numbers[1:])), FactKind.FACTOR),
    ],
)
def test_a_true_statement_where_no_name_fits(answer, kind):
    report = check(one_two_one_network.all_seven, answer)
    assert report.mistake is None, str(report)
    assert report.facts[0].kind is kind


def test_an_arbitrary_answer_gets_neither_a_name_nor_a_statement():
    def answer(*inputs):
        return np.random.default_rng(hash(inputs) % 2**32).normal(size=7)

    report = check(one_two_one_network.all_seven, answer)
    assert report.mistake is None
    assert not report.facts


def test_an_answer_that_is_another_one_when_it_is_called_again_is_told_so():
    kept = []

    def answer(*inputs):
        kept.extend(inputs)
        return [np.sin(sum(kept) + k) for k in range(7)]

    report = check(one_two_one_network.all_seven, answer)
    assert [fact.kind for fact in report.facts] == [FactKind.NOT_REPEATED]


def test_a_name_that_predicts_a_right_link_wrong_is_not_given():
    def answer(u, v, w, dL_ds):
        return dL_ds, dL_ds, dL_ds * u, dL_ds * u  # own operand for u alone: for v it is right

    report = check(computation_graph.add_and_multiply, answer)
    assert report.mistake is None or "for v" not in report.mistake.words


def descending(step):
    """An answer to `descend` with another step: step(theta, gradient, alpha)."""

    def answer(theta, x, y, alpha, steps):
        losses = []
        for left in range(steps, -1, -1):
            w1, w2, w3, w4, b1, b2, b3 = theta
            z1, z2 = w1 * x + b1, w2 * x + b2
            blue, orange = np.log1p(np.exp(z1)), np.log1p(np.exp(z2))
            residual = w3 * blue + w4 * orange + b3 - y
            losses.append((residual**2).sum())
            d1, d2 = 2 * residual * w3 * sigmoid(z1), 2 * residual * w4 * sigmoid(z2)
            gradient = [d1 * x, d2 * x, 2 * residual * blue, 2 * residual * orange, d1, d2, 2 * residual]
            if left:
                theta = step(theta, np.array([share.sum() for share in gradient]), alpha)
        return theta, losses

    return answer


@pytest.mark.parametrize(
    ("step", "mistake"),
    [
        (lambda theta, gradient, alpha: theta, "step-without-effect"),
        (lambda theta, gradient, alpha: theta - alpha * gradient * [1, 1, 1, 1, 0, 1, 1], "frozen-parameter"),
        (lambda theta, gradient, alpha: theta - alpha * gradient[[4, 5, 2, 3, 4, 5, 6]], "bias-equals-weight"),
    ],
)
def test_a_slip_in_every_step_of_a_loop_is_named(step, mistake):
    report = check(one_two_one_network.descend, descending(step))
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake


def test_a_slip_made_at_one_link_alone_is_named_with_that_link():
    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        a1, a2 = sigmoid(w1_1 * x + b1_1), sigmoid(w1_2 * x + b1_2)
        yhat = sigmoid(w2_1 * a1 + w2_2 * a2 + b2_1)
        dL_dyhat = (yhat - y) / (yhat * (1 - yhat))
        return dL_dyhat, yhat - y, dL_dyhat * a1, (yhat - y) * a2, yhat - y

    report = check(one_two_one_network.output_layer, answer)
    assert report.mistake.id == "no-activation-slope"
    assert "dL_dw2_1" in report.mistake.words


@pytest.mark.parametrize(
    "exercise",
    [
        one_two_one_network.all_seven,
        one_two_one_network.regression_hidden,
        computation_graph.logistic_graph,
        chain_rule.three_sigmoids,
        layers_and_batches.dense_backward,
    ],
    ids=lambda exercise: exercise.name,
)
def test_whoever_makes_a_slip_is_told_that_slip_or_no_name(exercise):
    """Each slip is made as a whole; the name is its own, one that says more, or none."""
    drawn = exercise.draw(0, 6)
    slips = recorded(exercise, drawn[0])[1]
    for key, slip in list(slips.all.items())[::29]:
        answers = {}
        for sample in drawn:
            recording, here = recorded(exercise, sample)
            found, applies = answers_with(recording, [here.all[key]], exercise.asks) if key in here.all else ({}, [False])
            answers[id(sample)] = {ask: value[0] for ask, value in found.items()} if applies[0] else None
        if any(answer is None for answer in answers.values()):
            continue
        report = check_values(exercise, lambda sample, answers=answers: answers[id(sample)], 0)
        named = report.mistake
        own = named is None or named.id == slip.id or named in exercise.mistakes or slip.id in SAYS_MORE.get(named.id, ())
        assert report.passed or own, f"{slip.id}: {slip.words}\n{report}"
