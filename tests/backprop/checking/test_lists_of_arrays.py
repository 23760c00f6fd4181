"""A network's parameters are a list of arrays, and so
are their gradients, which are compared array by array.
"""

import re

import numpy as np
import pytest
import torch
from backprop.autodiff.tape import Tape, central_difference, flat, is_list_of_arrays
from backprop.exercises import layers_and_batches as ex

from tests.course import check, references

RIGHT = references()["network_backward"]
FORMS = {
    "lists": lambda parts: parts,
    "tuples": tuple,
    "nested lists of numbers": lambda parts: [part.tolist() for part in parts],
    "tensors": lambda parts: [torch.tensor(part, requires_grad=True) for part in parts],
    "float32": lambda parts: [part.astype(np.float32) for part in parts],
    "an array of arrays": lambda parts: np.array([*parts, None], dtype=object)[:-1],
    "one vector": flat,
}


def changed(change, link=0):
    """The right answer with one of its links changed."""

    def answer(*arguments):
        links = list(RIGHT(*arguments))
        links[link] = change(links[link])
        return tuple(links)

    return answer


@pytest.mark.parametrize("form", FORMS)
def test_every_honest_form_of_a_list_passes(form):
    def answer(*arguments):
        dL_dweights, dL_dbiases, dL_dX = RIGHT(*arguments)
        return FORMS[form](dL_dweights), FORMS[form](dL_dbiases), dL_dX

    report = check(ex.network_backward, answer, seed=3)
    assert report.passed, str(report)
    assert report.notes == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda parts: parts[:-1], "a list of 1 where a list of 2 arrays is asked for"),
        (lambda parts: parts[0], "where a list of 2 arrays is asked for"),
        (lambda parts: flat(parts)[:-1], "where a list of 2 arrays is asked for"),
        (lambda parts: 3.0, "where a list of 2 arrays is asked for"),
        (lambda parts: [parts[0][None], parts[1]], "[0] has shape (1, "),
        (lambda parts: [parts[0], None], "[1] is not there yet (None)"),
        (lambda parts: [parts[0], parts[1] * np.nan], "not finite"),
        (lambda parts: [parts[0], "text"], "not a"),
        (lambda parts: [], "shape (0,) where a list of 2 arrays is asked for"),
        (lambda parts: None, "not there yet (None)"),
    ],
)
def test_a_list_of_another_make_has_its_own_calm_message(change, expected):
    report = check(ex.network_backward, changed(change), seed=3)
    assert report.rows[0].kind == "wrong"
    assert expected in report.rows[0].yours
    assert [row.kind for row in report.rows[1:]] == ["right", "right"]
    assert report.points_earned == 4


def test_a_single_list_is_an_answer_of_its_own():
    assert check(ex.network_forward, lambda *a: tuple(references()["network_forward"](*a))).passed
    report = check(ex.network_forward, lambda X, weights, biases: [X])
    assert "a list of 1 where a list of" in str(report)
    assert report.points_earned == 0


def test_the_report_points_at_an_entry_of_the_last_array_that_is_wrong():
    """The way back comes by the last layer first, however far off the earlier ones are."""

    def spoil(parts):
        return [parts[0] * 7 + 3, *parts[1:-1], parts[-1] + 0.1 * (np.arange(parts[-1].size) == 4).reshape(parts[-1].shape)]

    report = check(ex.network_backward, changed(spoil), seed=3)
    assert re.search(r"weights = arrays of shape \(\d, \d\), \(\d, 3\), biases = arrays of shape \(\d,\), \(3,\)\.", str(report))
    assert report.rows[0].link == "dL_dweights[1][1, 1]"
    assert float(report.rows[0].yours) - float(report.rows[0].truth) == pytest.approx(0.1, abs=1e-5)


def test_arguments_and_answers_are_plain_data():
    """What passes between the check and a learner's function can be sent to another process."""

    def plain(value):
        if isinstance(value, (list, tuple)):
            return all(map(plain, value))
        return isinstance(value, (int, float, str, np.ndarray, np.floating))

    for exercise in ex.EXERCISES.values():
        arguments = exercise.call_with(exercise.draw(0, 1)[0].inputs)
        assert all(map(plain, arguments.values()))
        assert plain(references()[exercise.name](*arguments.values()))


def forward(node, parts):
    node("L", (parts[0].sum() * parts[1] ** 2).sum())


PARTS = {"parts": [np.array([[0.5, -1.5], [2.0, 0.7]]), np.array([1.2, -0.4, 0.9])]}


def test_a_tape_differentiates_a_list_as_one_vector():
    tape = Tape(forward, PARTS)
    total, b = PARTS["parts"][0].sum(), PARTS["parts"][1]
    np.testing.assert_allclose(tape.answer("dL_dparts"), np.concatenate([np.full(4, (b**2).sum()), 2 * total * b]))
    np.testing.assert_allclose(central_difference(forward, PARTS, "dL_dparts"), tape.answer("dL_dparts"), rtol=1e-8)
    assert tape.shapes("dL_dparts") == tape.shapes("parts") == ((2, 2), (3,))
    assert tape.shapes("L") is None


def test_a_list_that_is_replaced_is_followed():
    other = flat(PARTS["parts"]) + 1
    assert Tape(forward, PARTS, replaced={"parts": other}).answer("L") == pytest.approx(other[:4].sum() * (other[4:] ** 2).sum())


def test_only_lists_of_arrays_are_lists_of_arrays():
    assert is_list_of_arrays(PARTS["parts"])
    assert not any(map(is_list_of_arrays, ([], [1.0, 2.0], np.ones((2, 2)), [np.ones(2), 1.0], "text")))
    np.testing.assert_array_equal(flat([[1, 2], [3, 4]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
