"""Checks that use a learner's class: right engines of any
design pass, wrong ones get their name, broken ones a message.
"""

import numpy as np
import pytest
import torch
from backprop.drawing.engine_graph import draw_graph, operation
from backprop.exercises import autodiff_engine as ex
from backprop.exercises.support.engines import once_built, slope_along_paths
from hypothesis import given
from hypothesis import strategies as st

from tests.course import DECLARED, check, name
from tests.examples import examples
from tests.flawed_engines import CHANGES, cells, flawed

ENGINES = [exercise for exercise in DECLARED if exercise.use and exercise.subject]
SEEDS = st.integers(0, 2**32 - 1)


def engine(upto="", instead=None):
    """The definitions of the lesson's cells up to that
    of exercise `upto`, which is replaced by `instead`.
    """
    namespace = {"np": np, "ex": ex}
    for cell, text in cells().items():
        last = cell == f"{upto}-answer"
        exec(compile(instead if last and instead is not None else text, f"cell {cell}", "exec"), namespace)
        if last:
            break
    return namespace


def after(changed, exercise, mistake=None):
    """The class that an exercise checks, with its answer cell changed."""
    return engine(exercise, changed)[next(e for e in ENGINES if e.name == exercise).subject]


# --- right ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ENGINES, ids=name)
@given(seed=SEEDS)
@examples(5)
def test_the_reference_passes_as_soon_as_its_cell_has_run(exercise, seed):
    report = check(exercise, engine(exercise.name)[exercise.subject], seed, samples=5)
    assert report.passed, str(report)
    assert report.notes == []


@pytest.mark.parametrize("exercise", ENGINES, ids=name)
def test_the_finished_engine_still_passes(exercise):
    assert check(exercise, engine()[exercise.subject], seed=3).passed


class Composed:
    """Another right engine: a list for the parents,
    NumPy numbers, and operations composed of three.
    """

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = np.float64(data), list(parents), list(slopes), np.zeros(())

    def __add__(self, other):
        other = other if isinstance(other, Composed) else Composed(other)
        return Composed(self.data + other.data, [self, other], np.ones(2))

    def __mul__(self, other):
        other = other if isinstance(other, Composed) else Composed(other)
        return Composed(self.data * other.data, [self, other], [other.data, self.data])

    def __pow__(self, n):
        return Composed(self.data**n, [self], [n * self.data ** (n - 1)])

    def exp(self):
        return Composed(np.exp(self.data), [self], [np.exp(self.data)])

    def log(self):
        return Composed(np.log(self.data), [self], [1 / self.data])

    def relu(self):
        return self * float(self.data > 0)

    def sigmoid(self):
        return ((self * -1.0).exp() + 1.0) ** -1

    def tanh(self):
        return (self * 2.0).sigmoid() * 2.0 + -1.0


@pytest.mark.parametrize("exercise", ["node", "sums_and_products", "bends"])
@given(seed=SEEDS)
@examples(5)
def test_operations_may_be_put_together_from_others(exercise, seed):
    report = check(ex.EXERCISES[exercise], Composed, seed)
    assert report.passed, str(report)


# The operations that a small scalar engine is usually asked for, against PyTorch.
EXPRESSIONS = [
    lambda a, b: a + b * a,
    lambda a, b: (a - b) * (b - a) / (a * a + 1),
    lambda a, b: 3 - a + 2 * b - 1 / (2 + b**2) + 10.0 / (a**2 + 0.5),
    lambda a, b: -a * b + (-(b**3)) / 4,
    lambda a, b: (a * b).tanh() + (a + b).sigmoid() * (a - b).relu() + (b - a).relu(),
    lambda a, b: (a.exp() + 1).log() * (b * 0.5).exp(),
    lambda a, b: ((a**2 + b**2) ** 0.5 + 1).log(),
    lambda a, b: sum([a, b, a * b, a]) * a,
    lambda a, b: [c := a * b, d := c + a, e := d * c, e * d + c][-1],
    lambda a, b: (lambda c: c + c + c)(a + b).relu() * 2 + (a * a).relu(),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(a=st.floats(-2, 2), b=st.floats(-2, 2))
@examples(25)
def test_the_reference_engine_is_a_drop_in_for_numbers(expression, a, b):
    if abs(a - b) < 1e-3 or abs(a + b) < 1e-3 or abs(a) < 1e-3 or abs(b) < 1e-3:
        return  # not at a kink, nor at a power of zero
    Value = ENGINE["Value"]
    ours, theirs = (Value(a), Value(b)), [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b)]
    result, should = expression(*ours), expression(*theirs)
    result.backward()
    should.backward()
    assert result.data == pytest.approx(should.item(), rel=1e-10, abs=1e-12)
    for mine, leaf in zip(ours, theirs):
        assert mine.grad == pytest.approx(0.0 if leaf.grad is None else leaf.grad.item(), rel=1e-8, abs=1e-10)


ENGINE = engine()


# --- wrong ----------------------------------------------------------------------------------------


def test_there_is_a_wrong_engine_for_every_known_mistake():
    made = [(exercise, mistake) for exercise, mistake, *_ in CHANGES]
    assert sorted(made) == sorted((exercise.name, mistake.id) for exercise in ENGINES for mistake in exercise.mistakes)


@pytest.mark.parametrize(("exercise", "mistake"), [change[:2] for change in CHANGES], ids=str)
@given(seed=SEEDS)
@examples(1)
def test_a_wrong_engine_fails_and_its_mistake_gets_its_name(exercise, mistake, seed):
    report = check(ex.EXERCISES[exercise], after(flawed(exercise, mistake), exercise), seed)
    assert not report.passed
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake


def test_recursion_is_named_where_a_chain_is_long():
    report = check(
        ex.deep_chain, engine("deep_chain", cells()["deep_chain-answer"].replace("Value.order = long_order", "pass"))["deep_chain"]
    )
    assert "deep_chain stopped because visit calls itself, and that too many times" in str(report)
    assert report.points_earned == 0


def test_points_are_kept_for_the_operations_that_are_there():
    text = cells()["bends-answer"].replace(
        "    return Value(np.log(self.data), (self,), (1 / self.data,))", "    raise NotImplementedError()"
    )
    report = check(ex.bends, after(text, "bends"))
    assert [row.link for row in report.rows if row.kind != "right"] == ["log", "dlog_dx"]
    assert report.points_earned == 5
    assert "not there yet" in str(report)


# --- bad ------------------------------------------------------------------------------------------


class Node:
    """To be spoilt."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0


def spoilt(**members):
    return type("Value", (Node,), members)


def raises(error):
    def method(*_):
        raise error

    return method


def none_for_grad(self, data, parents=(), slopes=()):
    Node.__init__(self, data, parents, slopes)
    self.grad = None


def array_for_grad(self, data, parents=(), slopes=()):
    Node.__init__(self, data, parents, slopes)
    self.grad = np.zeros(3)


def endless(self):
    return self.order()


def loops_round(self, other):
    made = Node(self.data)
    made.parents, made.slopes = (made,), (1.0,)
    return made


@pytest.mark.parametrize(
    ("exercise", "answer", "expected"),
    [
        ("node", None, "no answer here yet"),
        ("node", 3.0, "Write the name of your function without calling it: check(Value)"),
        ("node", type("Value", (), {"__init__": raises(NotImplementedError())}), "Not started yet: method of Value"),
        ("node", type("Value", (), {}), "Value stopped with TypeError: Value() takes no arguments"),
        ("node", spoilt(__init__=none_for_grad), "The .grad of a new node is None"),
        ("node", spoilt(__init__=array_for_grad), "The .grad of a new node is an array of shape (3,)"),
        ("node", type("Value", (Node,), {"parents": property(lambda self: (), lambda self, value: None)}), "0 parents and 2 slopes"),
        ("sums_and_products", Node, "Value' and 'Value'".replace("Value", "Node")),
        ("sums_and_products", spoilt(__add__=raises(NotImplementedError()), __mul__=raises(NotImplementedError())), "Not started yet"),
        ("sums_and_products", spoilt(__add__=lambda a, b: None), "u + v gives None"),
        ("sums_and_products", spoilt(__add__=lambda a, b: a.data + b.data), "u + v gives a plain float"),
        ("sums_and_products", spoilt(__add__=raises(KeyError("oh"))), "Value stopped with KeyError: 'oh' (line"),
        ("sums_and_products", spoilt(__add__=loops_round), "lead round in a circle"),
        ("sums_and_products", spoilt(__add__=lambda a, b: Node(Node(1.0))), "The .data of u + v is not a number but of type Node"),
        ("sums_and_products", spoilt(__add__=lambda a, b: Node(1.0, (a, b), (None, 1.0))), "A slope is None"),
        ("pass_back", Node, "has no attribute 'pass_back'"),
        ("order", spoilt(order=lambda self: None), "order() gives None"),
        ("order", spoilt(order=lambda self: 7), "order() gives a plain int"),
        ("order", spoilt(order=endless), "stopped because endless calls itself, and that too many times"),
        ("backward", spoilt(backward=raises(NotImplementedError())), "Not started yet: method of Value"),
        (
            "backward",
            spoilt(backward=lambda self: setattr(self.parents[1], "grad", "much")),
            "The .grad of a node is not a number but of type str",
        ),
        ("dual", type("Dual", (), {"__init__": lambda self, data: None}), "Dual stopped with TypeError"),
    ],
)
def test_each_slip_has_its_own_calm_message(exercise, answer, expected):
    report = check(ex.EXERCISES[exercise], answer)
    assert report.points_earned == 0
    assert expected in str(report)
    assert "Traceback" not in str(report)


def test_a_cell_that_needs_the_engine_says_so(capsys):
    with once_built("sums"):
        raise NotImplementedError
    assert capsys.readouterr().out == "This cell needs sums. Come back when the exercises above are done.\n"
    with pytest.raises(ValueError, match="other"), once_built():
        raise ValueError("other")


def test_slopes_are_multiplied_along_paths_and_added_over_them():
    x = Node(1.0)
    a = Node(2.0, (x, x), (2.0, 3.0))
    b = Node(3.0, (a, x), (5.0, 7.0))
    assert slope_along_paths(b, x) == 5 * (2 + 3) + 7
    assert slope_along_paths(x, b) == 0


# --- the picture ----------------------------------------------------------------------------------


def test_a_learners_graph_is_drawn_with_its_own_numbers():
    Value = ENGINE["Value"]
    u, v = Value(3.0), Value(-2.0)
    L = u * v + u * u
    L.backward()
    picture = draw_graph(L, u=u, v=v, yhat=L)
    shown = [text.get_text() for text in picture.figure.axes[0].texts]
    assert {"$u$", "$v$", r"$\hat{y}$", "$3$", "$-2$", "$-6$", "$9$", "$4$", r"$3,\ 3$"} <= set(shown)
    assert "u: data 3, grad 4." in repr(picture)
    assert "from u (slope 3), u (slope 3): data 9, grad 1." in repr(picture)
    assert "alt='u: data 3" in picture._repr_html_()


def test_a_graph_that_is_too_large_or_goes_round_is_not_drawn():
    Value = ENGINE["Value"]
    a = Value(1.0)
    for _ in range(70):
        a = a + 1.0
    with pytest.raises(ValueError, match="more than 60 nodes"):
        draw_graph(a)
    one, other = Node(1.0), Node(2.0)
    one.parents, one.slopes, other.parents, other.slopes = (other,), (1.0,), (one,), (1.0,)
    with pytest.raises(ValueError, match="more than 60 nodes"):
        draw_graph(one)


def test_a_drawn_graph_shows_the_operation_of_each_node():
    Value = ENGINE["Value"]
    u, v, two = Value(0.4), Value(1.7), Value(2.0)
    made = {
        "$+$": [u + v, two + two],
        r"$\times$": [u * v, two * two],
        "exp": [u.exp()],
        "log": [v.log()],
        "ReLU": [v.relu(), (u * -1.0).relu()],
        r"$\sigma$": [u.sigmoid()],
        "tanh": [u.tanh()],
        r"$(\,)^{3}$": [v**3],
        r"$(\,)^{-1}$": [v**-1.0],
        "": [u, Value(5.0, (u, v), (9.0, 9.0))],
    }
    assert {sign: [operation(node) for node in nodes] for sign, nodes in made.items()} == {s: [s] * len(n) for s, n in made.items()}
