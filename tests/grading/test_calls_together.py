"""Calls of a student's function that go in one request do what they do one after the other."""

import nbformat
import pytest

from autograder.grading.marking import mark
from autograder.sandbox.limits import Limits
from tests.grading.course import answer, check, code, filled, notebook, points, release_of, side_of, submit

# Each makes a function that may remember what it did: one is called call by call, one all at once.
FUNCTIONS = {
    "remembers": "    seen = []\n    def f(x):\n        seen.append(x[0])\n        return sum(seen), len(seen)\n    return f",
    "changes its argument": "    def f(x):\n        x[0] = 9.0\n        return 2 * x\n    return f",
    "returns its argument": "    def f(x):\n        x *= 2\n        return x\n    return f",
    "prints and warns": "    def f(x):\n        print(x[0])\n        warnings.warn(f'beware of {x[0]}')\n        return x[0]\n    return f",
    "raises once": "    def f(x):\n        return 1 / (x[0] - 2)\n    return f",
    "stops an iteration": "    def f(x):\n        if x[0] == 2: raise StopIteration\n        return x[0]\n    return f",
    "returns an object": "    class Thing: pass\n    def f(x):\n        return Thing()\n    return f",
    "returns much": "    def f(x):\n        return np.full(300_000, x[0])\n    return f",
    "cannot be sent": "    def f(x):\n        return {1: open} if x[0] == 3 else 1\n    return f",
    "gives up": "    def f(x):\n        if x[0] == 4: raise SystemExit\n        return x[0]\n    return f",
}
TEST = '''\
def told(results):
    """What a loop over results sees: values, or the error that ends it."""
    found, shown, warned = [], [], []
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("always")
        try:
            for value in results:
                kind = type(value).__name__
                found.append(value if kind in ("tuple", "int", "float", "ndarray") else kind)
        except Exception as error:
            found.append((type(error).__name__, str(error)))
    return str(found), printed.getvalue(), [str(warning.message) for warning in warned]

singly, at_once = ([(np.arange(3.0) + k,) for k in range(6)] for _ in range(2))
one, other = make(), make()
assert told(one(*arguments) for arguments in singly) == told(type(other).__call_each__(other, at_once))
assert str(singly) == str(at_once)
'''
COURSE = notebook(
    code("import contextlib, io, warnings\nimport numpy as np"),
    answer("make-answer", "def make():\n    ### BEGIN SOLUTION\n    return lambda x: 2 * x\n    ### END SOLUTION"),
    check("make", TEST, 1),
)


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    return side_of(tmp_path_factory.mktemp("course"), COURSE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_effects_prints_warnings_and_errors_are_the_same(running_executors, side, tmp_path, name):
    answers = {"make-answer": f"def make():\n{FUNCTIONS[name]}"}
    folder = submit(tmp_path, "ada", "exercise", filled(release_of(COURSE), answers)).parent
    outcome = mark(running_executors(), side, folder, "ada")
    page = outcome.pages["exercise"]
    assert points(page) == {"make": 1}, [cell.get("outputs") for cell in page.cells]


def test_a_time_limit_holds_for_all_calls_together(running_executors, tmp_path):
    slow = "def make():\n    import time\n    def f(x):\n        time.sleep(0.4)\n        return x[0]\n    return f"
    made = notebook(
        code("import numpy as np\nimport contextlib"),
        answer("make-answer", f"### BEGIN SOLUTION\n{slow}\n### END SOLUTION"),
        check("make", "f = make()\nlist(type(f).__call_each__(f, [(np.ones(1),)] * 20))", 1),
    )
    side = side_of(tmp_path, made)
    folder = submit(tmp_path, "ada", "exercise", filled(release_of(made), {"make-answer": slow})).parent
    outcome = mark(running_executors(Limits(cell_seconds=1.0)), side, folder, "ada")
    page = outcome.pages["exercise"]
    assert points(page) == {"make": 0}
    assert "longer than a cell may take" in nbformat.writes(page)
