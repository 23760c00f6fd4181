"""Shortcuts past a derivation by hand are reported,
from the text and from what ran; honest work is not.
"""

import sys

import numpy as np
import pytest

from autograder.grading.marking import mark
from autograder.grading.shortcuts import taken, taken_by_answers
from autograder.running.observed import Shortcut, Watch
from autograder.sandbox.limits import Limits
from tests.grading.course import answer, check, code, filled, notebook, points, release_of, side_of, submit

pytestmark = pytest.mark.xdist_group("grading-run")

LOSS = "def loss(w, x):\n    return 1 / (1 + np.exp(-w * x))\n"
# What an answer does, the kind that its text shows (None: hidden), and the kind that shows when it
# runs (None: not there).
WAYS = {
    "backward": (
        "w = torch.tensor(w, requires_grad=True)\n    torch.sigmoid(w * x).backward()\n    return w.grad.item()",
        "AUTOGRAD",
        "AUTOGRAD",
    ),
    "hidden backward": (
        "w = torch.tensor(w, requires_grad=True)\n    getattr(torch.sigmoid(w * x), 'back' + 'ward')()\n    return w.grad.item()",
        None,
        "AUTOGRAD",
    ),
    "the engine directly": (
        "w = torch.tensor(w, requires_grad=True)\n    y = torch.sigmoid(w * x)\n"
        "    engine = torch.autograd.Variable._execution_engine\n"
        "    engine.run_backward((y,), (torch.ones_like(y),), False, False, (), allow_unreachable=True, accumulate_grad=True)\n"
        "    return w.grad.item()",
        "AUTOGRAD",
        "AUTOGRAD",
    ),
    "forward mode": (
        "import torch.autograd.forward_ad as fw\n    with fw.dual_level():\n"
        "        y = torch.sigmoid(fw.make_dual(torch.tensor(w), torch.tensor(1.0)) * x)\n        return fw.unpack_dual(y).tangent.item()",
        "FORWARD_MODE",
        "FORWARD_MODE",
    ),
    "forward mode by torch.func": (
        "return torch.func.jvp(lambda w: torch.sigmoid(w * x), (torch.tensor(w),), (torch.tensor(1.0),))[1].item()",
        "FORWARD_MODE",
        "FORWARD_MODE",
    ),
    "the course's central_difference": (
        "from backprop.autodiff.tape import central_difference as nudge\n"
        "    def forward(node, w, x):\n        node('y', 1 / (1 + torch.exp(-w * x)))\n"
        "    return float(nudge(forward, {'w': w, 'x': x}, 'dy_dw'))",
        "DIFFERENCES",
        None,
    ),
    "a quotient": ("return (loss(w + 1e-6, x) - loss(w - 1e-6, x)) / 2e-6", "DIFFERENCES", "DIFFERENCES"),
    "a quotient in parts": (
        "h = 1e-5\n    up = loss(w + h, x)\n    down = loss(w - h, x)\n    return (up - down) / h / 2",
        None,
        "DIFFERENCES",
    ),
    "a complex step": ("return loss(w + 1e-20j, x).imag / 1e-20", "COMPLEX_STEP", "COMPLEX_STEP"),
    "sympy by importlib": (
        "import importlib\n    sp = importlib.import_module('sympy')\n    v = sp.Symbol('v')\n"
        "    return float(sp.diff(1 / (1 + sp.exp(-v * x)), v).subs(v, w))",
        "SYMBOLIC",
        "SYMBOLIC",
    ),
    "sympy by a name put together": (
        "sp = __import__('sym' + 'py')\n    v = sp.Symbol('v')\n    return float(sp.diff(1 / (1 + sp.exp(-v * x)), v).subs(v, w))",
        "CODE_IN_TEXT",
        "SYMBOLIC",
    ),
    "a forked child": (
        "import os\n    read, write = os.pipe()\n    if not os.fork():\n        v = torch.tensor(w, requires_grad=True)\n"
        "        torch.sigmoid(v * x).backward()\n        os.write(write, str(v.grad.item()).encode())\n        os._exit(0)\n"
        "    os.wait()\n    return float(os.read(read, 100))",
        "PROCESS",
        "PROCESS",
    ),
    "the check's verdict": (
        "from backprop.exercises import find_the_bug as ex\n    ex.two_units_verdict.experiment()\n"
        "    a = loss(w, x)\n    return a * (1 - a) * x",
        "CHECK",
        "CHECK",
    ),
}
HONEST = {
    "by hand": "a = loss(w, x)\n    return a * (1 - a) * x",
    "helpers": "z = w * x\n    s = loss(z, 1.0)\n    return s * loss(-z, 1.0) * x",
    "tensors": "w, x = torch.tensor(w), torch.tensor(x)\n    a = torch.sigmoid(w * x)\n    return (a * (1 - a) * x).item()",
    "a grid": "total = [loss(w + 0.001 * k, x) for k in range(50)]\n    a = total[0]\n    return a * (1 - a) * x",
    "descent": "for k in range(20):\n        loss(w + 0.01 * 0.9**k, x)\n    a = loss(w, x)\n    return a * (1 - a) * x",
    "complex numbers": "loss(complex(w, 2.0), x)\n    a = loss(w, x)\n    return a * (1 - a) * x",
    "lists": "a, b = [loss(v, x) for v in (w, w + 0.5)]\n    return a * (1 - a) * x",
}
COURSE = notebook(
    code("import numpy as np\nimport torch"),
    *(
        cell
        for number in range(len(WAYS) + len(HONEST))
        for cell in (
            answer(f"a{number}", f"def f{number}(w, x):\n    ### BEGIN SOLUTION\n    return 0\n    ### END SOLUTION"),
            check(f"t{number}", f"np.testing.assert_allclose(f{number}(0.7, 1.3), 0.265813, rtol=1e-3)"),
        )
    ),
    answer(
        "numeric",
        "def numeric(f, x):\n    ### BEGIN SOLUTION\n    h = 1e-5\n    return (f(x + h) - f(x - h)) / (2 * h)\n    ### END SOLUTION",
    ),
    check("t-numeric", "np.testing.assert_allclose(numeric(np.exp, 1.0), np.e)"),
)
SCRATCH = "def numeric_check(f, x):\n    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5\n"
SCRATCH += "t = torch.tensor(1.0, requires_grad=True)\n(t * t).backward()\nw = t.grad"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, running_executors):
    folder = tmp_path_factory.mktemp("shortcuts")
    bodies = [body for body, _, _ in WAYS.values()] + list(HONEST.values())
    given = {f"a{number}": f"{LOSS}def f{number}(w, x):\n    {body}" for number, body in enumerate(bodies)}
    given["numeric"] = "def numeric(f, x):\n    h = 1e-6\n    return (f(x + h) - f(x - h)) / (2 * h)"
    made = filled(release_of(COURSE), given)
    made.cells.insert(1, code(SCRATCH))
    path = submit(folder, "eve", "exercise", made)
    return mark(running_executors(Limits()), side_of(folder, COURSE), path.parent, "eve")


def said_of(outcome, number):
    return [words for words in outcome.flags if words.startswith((f"a{number} uses", f"f{number} ran"))]


@pytest.mark.skipif(sys.platform != "linux", reason="one of them forks")
@pytest.mark.parametrize("number", range(len(WAYS)), ids=list(WAYS))
def test_every_way_past_a_derivation_is_told_and_keeps_its_marks(graded, number):
    _, by_text, by_run = list(WAYS.values())[number]
    said = said_of(graded, number)
    assert any(words.startswith(f"a{number} uses {Shortcut[by_text]}") for words in said) if by_text else True, said
    assert any(" ran " in words for words in said) if by_run else True, said
    assert said
    test = next(cell for cell in graded.notebooks["exercise"].cells if cell.id == f"t{number}")
    assert points(graded.notebooks["exercise"])[test.id] == 2, test.outputs


@pytest.mark.parametrize("number", range(len(HONEST)), ids=list(HONEST))
def test_honest_work_is_left_in_peace(graded, number):
    number += len(WAYS)
    assert said_of(graded, number) == []
    assert points(graded.notebooks["exercise"])[f"t{number}"] == 2


def test_what_the_reference_does_too_is_not_told(graded):
    assert [words for words in graded.flags if words.startswith("numeric")] == []
    assert points(graded.notebooks["exercise"])["t-numeric"] == 2


def test_a_value_of_the_courses_own_cells_is_nobodys_shortcut():
    cells = ["dy_dx = (np.exp(1 + h) - np.exp(1 - h)) / (2 * h)", "def a(x):\n    raise NotImplementedError\n    return dy_dx"]
    assert taken_by_answers(cells, {1: "a"})["a"] == frozenset()
    assert {use.shortcut for use in taken_by_answers(cells, {1: "a"}, own=[0])["a"]} == {Shortcut.DIFFERENCES}


def test_a_helper_elsewhere_counts_for_the_answer_that_uses_it_and_for_no_other():
    cells = [
        "def slope(f, x):\n    return (f(x + 1) - f(x)) / 1\nx = torch.func.grad(f)(1.0)",
        "def a(x):\n    return slope(b, x)",
        "def b(x):\n    return x",
    ]
    found = taken_by_answers(cells, {1: "a", 2: "b"})
    assert {use.shortcut for use in found["a"]} == {Shortcut.DIFFERENCES}
    assert found["b"] == frozenset()


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return (max(x, 0) - min(x, 0)) / 2",
        "def gradient(x):\n    return x\nd = gradient(3)",
        "class V:\n    def backward(self):\n        self.visit()\n    def grad(self): return self._grad",
        "z = complex(1, 2)\nratio = z.real / z.imag",
        "import numpy as np\ny = np.random.default_rng(0).normal(size=3)",
        "this is no Python",
        "x" * 1000,
    ],
    ids=range(7),
)
def test_text_that_only_looks_alike(source):
    assert taken(source) == frozenset()


def seen(source, *arguments):
    space = {"np": np}
    exec(compile(source, "<ipython-input-1-x>", "exec"), space)
    with Watch() as watch:
        space["f"](*arguments)
    return watch.found


@pytest.mark.parametrize("h", ["1e-3", "1e-5", "1e-8", "2e-6", "2**-20", "np.sqrt(np.finfo(float).eps)", "np.finfo(float).eps ** (1 / 3)"])
def test_a_step_that_people_choose_is_seen_at_each_entry(h):
    body = f"for i in range(len(x)):\n        e = np.zeros(len(x)); e[i] = {h}\n        g(x + e); g(x - e)\n"
    body = f"def g(x): return np.sum(x**2)\ndef f(x):\n    {body}"
    assert seen(body, np.array([0.3, -1.7, 2.9])) == {Shortcut.DIFFERENCES}
    in_place = f"def g(x): return np.sum(x**2)\ndef f(x):\n    x[1] += {h}\n    a = g(x)\n    x[1] -= 2 * {h}\n    return a - g(x)\n"
    assert seen(in_place, np.array([0.3, -1.7, 2.9])) == {Shortcut.DIFFERENCES}


def test_a_long_computation_is_looked_at_only_in_its_beginning():
    source = "def g(k): return k\ndef f():\n    for k in range(200_000): g(k)\n"
    assert seen(source) == set()
