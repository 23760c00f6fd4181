"""The first wrong link is named. Later links are marked right given that one, or wrong too."""

import numpy as np
import pytest
from backprop.exercises import chain_rule, computation_graph, one_two_one_network
from backprop.questions.question import PYTORCH

from tests.course import FUNCTIONS, check, check_values, name, truth


def verdicts(report):
    return [row.verdict for row in report.rows]


@pytest.mark.parametrize("exercise", [exercise for exercise in FUNCTIONS if len(exercise.asks) > 1], ids=name)
def test_all_that_follows_from_one_wrong_link_is_right_given_it(exercise):
    first = exercise.asks[0]

    def answer_at(sample):
        wrong = truth(sample)[first] * 1.25 + 0.05
        return exercise.follow_through({first: wrong}, sample) | {first: wrong}

    report = check_values(exercise, answer_at, seed=21)
    assert verdicts(report)[0] == ("first wrong link" if exercise.compared_with == PYTORCH else "wrong")
    assert set(verdicts(report)[1:]) <= {"right", f"right, given your {first}"}
    assert report.points_earned < exercise.points


def logistic(x1, x2, w1, w2, b, y, stray=1.0):
    """A wrong dL_dyhat, everything after it derived from that, and dL_dw2 off by `stray`."""
    yhat = 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))
    dL_dyhat = yhat - y + 0.3
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2 * stray, dL_dz


def test_a_chain_written_by_hand():
    report = check(computation_graph.logistic_graph, logistic)
    assert verdicts(report) == ["first wrong link"] + ["right, given your dL_dyhat"] * 4
    report = check(computation_graph.logistic_graph, lambda *inputs: logistic(*inputs, stray=1.5))
    assert verdicts(report) == ["first wrong link", *["right, given your dL_dyhat"] * 2, "wrong", "right, given your dL_dyhat"]


def test_a_wrong_local_derivative_is_followed_too():
    def answer(x):
        g, h = 2 * x - 1, x**3
        dy_dg, dy_dh, dg_dx, dh_dx = h, g - np.sin(h), 5.0, 3 * x**2
        return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx

    report = check(chain_rule.two_paths, answer)
    assert verdicts(report) == ["right", "right", "first wrong link", "right", "right, given your dg_dx"]


def test_a_wrong_value_is_followed_through_the_forward_pass():
    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        z1, z2 = w1_1 * x, w1_2 * x + b1_2  # the first bias is lost
        a1, a2 = 1 / (1 + np.exp(-z1)), 1 / (1 + np.exp(-z2))
        z = w2_1 * a1 + w2_2 * a2 + b2_1
        yhat = 1 / (1 + np.exp(-z))
        return z1, z2, a1, a2, z, yhat, -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))

    report = check(one_two_one_network.forward_pass, answer)
    given = "right, given your z1_1"
    assert verdicts(report) == ["first wrong link", "right", given, "right", given, given, given]
    assert report.mistake.id == "lost-bias"


def test_arrays_are_followed_entry_by_entry():
    def answer(x, y, w1, w2, w3, w4, b1, b2, b3):
        blue, orange = np.logaddexp(0, w1 * x + b1), np.logaddexp(0, w2 * x + b2)
        dSSR_dgreen = 2 * (y - (w3 * blue + w4 * orange + b3))
        return dSSR_dgreen, (dSSR_dgreen * blue).sum(), (dSSR_dgreen * orange).sum(), dSSR_dgreen.sum()

    report = check(one_two_one_network.regression_output, answer)
    assert verdicts(report) == ["first wrong link"] + ["right, given your dSSR_dgreen"] * 3
    assert report.mistake.id == "residual-sign"


def test_a_slip_in_a_link_that_is_not_asked_for_is_followed_by_its_name():
    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        a1, a2 = (1 / (1 + np.exp(-z)) for z in (w1_1 * x + b1_1, w1_2 * x + b1_2))
        delta = y - 1 / (1 + np.exp(-(w2_1 * a1 + w2_2 * a2 + b2_1)))
        d1, d2 = delta * w2_1 * a1 * (1 - a1), delta * w2_2 * a2 * (1 - a2)
        return delta, delta * a2, delta * a1, d2, d1, d2 * x, d1 * x

    report = check(one_two_one_network.all_seven, answer)
    assert report.mistake.id == "reversed-residual"
    assert verdicts(report) == ["first wrong link"] + ["follows from the mistake named below"] * 6
    assert report.points_earned == 0


def test_only_links_that_matter_are_named_as_the_source():
    def answer(x1, x2, w1, w2, b, y):
        yhat = 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))
        dL_dyhat = yhat - y + 0.3
        dL_dz = dL_dyhat * yhat * (1 - yhat)
        return dL_dyhat, dL_dz, dL_dz * x1, dL_dz * x2 * 1.7, dL_dz

    assert verdicts(check(computation_graph.logistic_graph, answer))[-1] == "right, given your dL_dyhat"


def test_an_effect_of_a_mistake_is_not_named_after_a_link_that_is_right():
    def answer(u, v, w, dL_ds):
        return dL_ds, dL_ds, dL_ds * v / 2, dL_ds * u

    report = check(computation_graph.add_and_multiply, answer)
    assert [row.kind for row in report.rows] == ["right", "right", "wrong", "right"]
    assert report.mistake is None


def test_a_link_taken_from_another_cell_is_noticed():
    report = check(chain_rule.three_sigmoids, lambda x, w1, w2, w3, y: (0.777068, 0.1, 0.1, 0.1, 0.1, 0.1))
    assert "Your dL_dyhat is the same on all 6 inputs." in str(report)
