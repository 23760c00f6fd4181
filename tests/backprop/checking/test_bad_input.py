"""Bad input: one calm sentence each, nothing raised, nothing lost."""

import warnings

import numpy as np
import pytest
from backprop.exercises import capstone, computation_graph, multipath_gradients
from backprop.exercises import chain_rule as ex

from tests.course import check, references

RIGHT = references()["one_path"]


def said(answer, exercise=ex.one_path):
    """What the check says about an answer that earns nothing."""
    report = check(exercise, answer)
    assert report.points_earned == 0
    assert "Traceback" not in str(report)
    return str(report)


def not_started(x):
    raise NotImplementedError


def uses_another(x):
    return not_started(x)


def no_return(x):
    RIGHT(x)


def wrong_signature(x, z):
    return x


def stops(x):
    return 1 / (x - x)


def endless(x):
    return endless(x)


def leaves(x):
    raise SystemExit("bye")


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text either")


def raises_unprintable(x):
    raise Unprintable


class Stubborn:
    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")

    def __float__(self):
        raise RuntimeError("no number")

    def __repr__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (not_started, "Not started yet: not_started"),
        (uses_another, "uses_another calls not_started, and that is not started yet"),
        (no_return, "returned None"),
        (wrong_signature, "does not take what the check calls it with: (x)"),
        (stops, "stops stopped with ZeroDivisionError"),
        (endless, "calls itself without end"),
        (leaves, "leaves stopped with SystemExit: bye"),
        (raises_unprintable, "stopped with Unprintable: (no readable text)"),
        (None, "no answer here yet"),
        (..., "no answer here yet"),
        (3.0, "needs the function itself"),
        (lambda x: "2g", "returned the text '2g'; 3 values are asked for"),
        (lambda x: ("a", "b", "c"), "not a real number (the text 'a')"),
        (lambda x: (1, 2), "returned 2 values; 3 values are asked for: dy_dg, dg_dx, dy_dx"),
        (lambda x: 1.0, "returned a float; 3 values are asked for"),
        (lambda x: {}, "none of the names asked for"),
        (lambda x: {"dydx": 1.0}, "none of the names asked for: dy_dg, dg_dx, dy_dx. It has: dydx"),
        (lambda x: (None, None, None), "not there yet (None)"),
        (lambda x: (1j, 1j, 1j), "not a real number (a complex)"),
        (lambda x: (Stubborn(), Stubborn(), Stubborn()), "not numbers (a Stubborn"),
        (lambda x: ([1, [2]], 1, 2), "not numbers (a list"),
        (lambda x: ([1.0, None], 1, 2), "yours [1] is None"),
        (lambda x: (np.nan, np.inf, -np.inf), "not finite: nan"),
    ],
)
def test_each_has_its_own_calm_message(answer, expected):
    assert expected in said(answer)


def test_a_missing_name_costs_its_own_link_only():
    report = check(ex.one_path, lambda x: dict(zip(("dy_dg", "dg_dx", "dydx"), RIGHT(x))))
    assert [row.kind for row in report.rows] == ["right", "right", "wrong"]
    assert "missing from the dict (there is a 'dydx')" in str(report)
    assert report.points_earned == 2


def test_an_error_names_the_learners_line():
    source = "def answer(x):\n    y = x\n    return y.shape\n"
    namespace = {}
    exec(compile(source, "cell", "exec"), namespace)
    assert "AttributeError: 'float' object has no attribute 'shape' (line 3 of its cell)" in said(namespace["answer"])


def test_printing_warning_and_changing_inputs_cost_nothing_and_are_said():
    def noisy(x, w, b, dL_da):
        print("z is", 1.0)
        warnings.warn("careful", UserWarning, stacklevel=1)
        np.array([1.0]) / 0
        answer = references()["relu_neuron"](x, np.array(w), b, dL_da)
        w *= 0
        return answer

    report = check(computation_graph.relu_neuron, noisy)
    assert report.passed
    notes = " ".join(report.notes)
    assert "noisy printed: z is 1.0" in notes
    assert "noisy warned: careful" in notes
    assert "divide by zero" in notes
    assert "changes its input w in place" in notes
    assert len(report.notes) == 4  # once each, however many samples were tried


def test_nothing_is_printed_by_a_noisy_function(capfd):
    def noisy(x):
        print("out")
        np.array([1.0]) / 0
        return RIGHT(x)

    assert check(ex.one_path, noisy).passed
    assert capfd.readouterr() == ("", "")


def test_a_list_of_arrays_may_be_changed_too():
    def greedy(x, weights):
        answer = references()["deep_backward"](x, list(weights))
        weights.clear()
        return answer

    report = check(multipath_gradients.deep_backward, greedy)
    assert report.passed
    assert "changes its input weights in place" in report.notes[0]


def test_a_change_of_the_input_is_noted_where_a_check_measures_what_a_function_does():
    def shuffled_in_place(X, labels, size, seed):
        np.random.default_rng(seed).shuffle(X)
        np.random.default_rng(seed).shuffle(labels)
        return [(X[first : first + size], labels[first : first + size]) for first in range(0, len(X), size)]

    report = check(capstone.EXERCISES["shuffled_batches"], shuffled_in_place)
    assert report.passed
    assert "changes its input X in place" in report.notes[0]
    assert len(report.notes) == 2


def test_a_loop_that_is_interrupted_stops_the_cell_and_says_so():
    def loops(x):
        raise KeyboardInterrupt

    report = check(ex.one_path, loops)
    assert "Stopped while loops was running" in str(report)
    with pytest.raises(KeyboardInterrupt) as stop:
        ex.one_path.check(loops)
    assert stop.value._render_traceback_() == [report.problem]


def test_a_prediction_keeps_the_right_value_to_itself_until_it_is_found():
    wrong, right = check(ex.gears, lambda: 14), check(ex.gears, 42)
    assert "PyTorch" not in str(wrong)
    assert "PyTorch" not in wrong._repr_html_()
    assert "42" not in str(wrong)
    assert right.passed
    assert "PyTorch 42 " in str(right)


def test_a_misspelt_exercise_is_answered_with_the_names_there_are():
    with pytest.raises(AttributeError, match=r"no exercise called onepath. Did you mean one_path\? It has: basic_slopes, "):
        _ = ex.onepath
    assert not hasattr(ex, "__wrapped__")


def test_a_check_on_no_inputs_is_refused():
    with pytest.raises(ValueError, match="at least one set of inputs"):
        ex.one_path.check(lambda x: (x, x, x), samples=0)


def test_a_wrong_hint_number():
    with pytest.raises(ValueError, match="there is no hint 4"):
        ex.one_path.hint(4)


def test_a_learner_who_changes_global_state_does_not_change_later_checks():
    import torch

    def meddles(x):
        np.seterr(all="raise")
        torch.set_default_dtype(torch.float32)
        warnings.simplefilter("error")
        return RIGHT(x)

    before, filters = np.geterr(), list(warnings.filters)
    try:
        assert check(ex.one_path, meddles).passed
        assert check(ex.three_sigmoids, references()["three_sigmoids"], seed=77).passed
        assert list(warnings.filters) == filters
    finally:
        np.seterr(**before)


def test_a_notebook_with_gradients_switched_off_can_still_be_checked():
    import torch

    with torch.no_grad():
        assert check(ex.three_sigmoids, references()["three_sigmoids"], seed=1234).passed
    with torch.inference_mode():
        assert check(ex.three_sigmoids, references()["three_sigmoids"], seed=1235).passed


def test_global_settings_are_put_back():
    import torch

    def meddles(x):
        np.seterr(all="raise")
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float16)
        torch.set_default_device("meta")
        return RIGHT(x)

    before = np.geterr(), torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    assert check(ex.one_path, meddles).passed
    assert before == (np.geterr(), torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads())


class Refuses:
    """Raises whatever it is asked."""

    def __getattribute__(self, name):
        raise RuntimeError("no")


class BadDict(dict):
    def __contains__(self, key):
        raise OSError("no")


class NoRepr:
    def __repr__(self):
        raise OSError("no")


class QuitsAsFloat:
    def __float__(self):
        raise SystemExit


NO_REPR = NoRepr()


def with_unreadable_default(x, y=NO_REPR, *, z):
    return x


def closes_stdout(x):
    import sys

    sys.stdout.close()
    return None


async def asynchronous(x):
    return RIGHT(x)


def says_so_itself(x):
    raise NotImplementedError("this operation is not there on the CPU")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda x: Refuses(), "cannot be read"),
        (lambda x: BadDict(a=1), "cannot be read: OSError: no"),
        (lambda x: (QuitsAsFloat(),) * 3, "cannot be read: SystemExit"),
        (lambda x: (np.broadcast_to(1.0, (10**7, 10**7)), 1, 1), "shape (10000000, 10000000) where () (a single number) is asked for"),
        (with_unreadable_default, "does not take what the check calls it with"),
        (closes_stdout, "returned None"),
        (asynchronous, "write a plain `def`"),
        (says_so_itself, "stopped with NotImplementedError: this operation is not there on the CPU"),
        (lambda x: (_ for _ in ()).throw(GeneratorExit), "stopped with GeneratorExit"),
    ],
)
def test_hostile_values_are_answered_calmly(answer, expected):
    assert expected in said(answer)


def test_a_namedtuple_is_read_by_its_names():
    from collections import namedtuple

    named = namedtuple("Slopes", "dy_dx dy_dg dg_dx")

    def answer(x):
        dy_dg, dg_dx, dy_dx = RIGHT(x)
        return named(dy_dx, dy_dg, dg_dx)

    assert check(ex.one_path, answer).passed
