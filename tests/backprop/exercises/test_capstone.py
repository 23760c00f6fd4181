"""The checks of lesson 09 that measure behaviour: where
their bars come from, and what they say of other forms.
"""

import numpy as np
import pytest
from backprop.digits import draw_digits
from backprop.exercises import capstone as ex
from backprop.exercises.digits.learning import BAR, UNSEEN, measured
from backprop.exercises.digits.shared import read_network
from backprop.exercises.digits.starting import SMALL
from backprop.exercises.support.waiting import once_written

from tests.corpus.lesson_09 import batches_of, gradients, start, trained
from tests.course import DECLARED, check, references


def declared(name):
    return next(exercise for exercise in DECLARED if exercise.name == name)


def on_unseen(seed, **design):
    X, labels = draw_digits(600, [seed, 1])
    return measured(*draw_digits(UNSEEN, [seed, UNSEEN]), *trained(X, labels, seed, **design))[1]


def test_the_bar_is_below_every_sensible_design_and_above_careless_ones():
    """One hidden layer of 32 units, with rate 0.3 and 20 epochs: in a hundred trainings 92.5 % to
    98.25 %, with a mean of 95.9 % and a standard deviation of 1.2 points. Without hidden layer, the
    weakest sensible design, 91.3 % to 95 % in twenty. The bar is more than four standard deviations
    below the means of both.
    """
    assert all(on_unseen(seed, hidden=hidden) > BAR + 0.02 for hidden in ((32,), ()) for seed in (0, 1))
    assert on_unseen(0, alpha=0.01) < BAR
    assert on_unseen(0, epochs=2) < BAR


def test_a_small_last_layer_gives_the_first_loss_log_k():
    X, labels = draw_digits(300, 8)
    for factor in (0.0, 0.1, np.sqrt(SMALL / 2)):
        assert gradients(X, labels, *start([96, 32, 10], 0, last=factor))[0] == pytest.approx(np.log(10), rel=0.02)
    assert gradients(X, labels, *start([96, 32, 10], 0, last=1.0))[0] > 1.03 * np.log(10)


def test_the_accuracy_that_is_missing_is_shown():
    report = check(declared("fit_digits"), lambda X, labels, seed: trained(X, labels, seed, epochs=3), samples=1)
    assert not report.passed
    assert 0.4 < float(report.rows[0].yours) < BAR
    assert "required +0.880000" in str(report)
    assert report.points_earned == 3


@pytest.mark.parametrize("form", [list, tuple, iter])
def test_minibatches_may_come_as_any_sequence_or_from_a_generator(form):
    assert check(ex.shuffled_batches, lambda *inputs: form(batches_of(*inputs))).passed


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "Two lists"),
        (([np.ones((3, 2))], [np.ones(2)], 1.0), "Two lists"),
        ((np.ones((3, 2)), [np.ones(2)]), "type ndarray"),
        (([np.ones((3, 2))], [np.ones(2), np.ones(2)]), "1 arrays of weights and 2 of biases"),
        (([], []), "0 arrays of weights"),
        (([np.ones((2, 3))], [np.ones(2)]), "weights[0] has the shape (2, 3) where (3, 2)"),
        (([np.ones((3, 2))], [np.ones((1, 2))]), "biases[0] has the shape (1, 2) where (2,)"),
        (([np.ones((3, 4)), np.ones((5, 2))], [np.ones(4), np.ones(2)]), "weights[1] has the shape (5, 2) where (4, 2)"),
        ((["text"], [np.ones(2)]), "no array of numbers"),
    ],
)
def test_a_network_of_another_make_has_its_own_message(answer, words):
    with pytest.raises(Exception, match=r".") as problem:
        read_network(answer, [3, 2])
    assert words in str(problem.value)


def test_layers_are_counted_where_all_sizes_are_given():
    with pytest.raises(Exception, match="3 sizes make 2 layers, and yours has 1"):
        read_network(start([3, 2], 0), [3, 5, 2])


def test_a_training_that_diverges_is_said_to():
    def answer(X, labels, seed):
        weights, biases = references()["starting_parameters"].args[0]([96, 10], seed)
        return [W * np.inf for W in weights], biases

    with np.errstate(all="ignore"):
        report = check(declared("overfit_twenty"), answer)
    assert report.mistake.id == "diverged"


def test_a_cell_that_waits_says_so_in_one_sentence(capsys):
    with once_written():
        raise NotImplementedError
    with once_written():
        unknown  # noqa: B018, F821
    first, second = capsys.readouterr().out.splitlines()
    assert "not started" in first
    assert "'unknown' is not defined" in second
    with pytest.raises(ValueError, match="of the learner's own"), once_written():
        raise ValueError("of the learner's own")


def test_there_is_no_referee_where_no_derivative_is_asked_for(capsys):
    ex.fit_digits.referee()
    assert "no derivative" in capsys.readouterr().out
