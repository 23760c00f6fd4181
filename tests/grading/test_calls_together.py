"""Calls of a student's function that go in one request do what they do one after the other."""

import nbformat
import pytest

from autograder.grading.marking import mark
from autograder.sandbox.limits import Limits
from tests.grading.course import answer, check, code, filled, notebook, points, release_of, side_of, submit

# The body of a function of the array x. It is called six times: x[0] is 0, 1, 2, ...
BODIES = {
    "remembers": "seen.append(x[0])\nreturn float(sum(seen)), len(seen)",
    "changes its argument": "x[0] = 9.0\nreturn 2 * x",
    "returns its argument": "x *= 2\nreturn x",
    "prints and warns": "print(x[0])\nwarnings.warn(f'beware of {x[0]}')\nreturn x[0]",
    "raises once": "return 1 / int(x[0] - 2)",
    "stops an iteration": "if x[0] == 2: raise StopIteration\nreturn x[0]",
    "returns an object": "class Thing: pass\nreturn Thing()",
    "returns much": "return np.full(3_000_000, x[0])",
    "cannot be sent": "return {1: open} if x[0] == 3 else 1",
    "gives up": "if x[0] == 4: raise SystemExit\nreturn x[0]",
}
RUN = """\
def told(results):
    \"\"\"What a loop over results sees: values, or the error that ends it; prints; warnings.\"\"\"
    found = []
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
(one, calls_of_one), (other, calls_of_other) = make(), make()
one_by_one = told(one(*arguments) for arguments in singly)
together = told(type(other).__call_each__(other, at_once))
made = calls_of_one(), calls_of_other()
"""
TEST = f"{RUN}assert (one_by_one, made[0], str(singly)) == (together, made[1], str(at_once))"


def making(body):
    """A function that makes a function with this body, and another one that counts its calls."""
    lines = "".join(f"        {line}\n" for line in ("calls.append(1)", *body.split("\n")))
    return f"def make():\n    seen, calls = [], []\n    def f(x):\n{lines}    return f, lambda: len(calls)"


def course_of(reference, test):
    return notebook(
        code("import contextlib, io, warnings\nimport numpy as np"),
        answer("make-answer", f"### BEGIN SOLUTION\n{making(reference)}\n### END SOLUTION"),
        check("make", test, 1),
    )


def page_of(executor, folder, course, body):
    """The page of somebody whose function has this body."""
    side = side_of(folder, course)
    handed_in = submit(folder, "ada", "exercise", filled(release_of(course), {"make-answer": making(body)})).parent
    return mark(executor, side, handed_in, "ada").pages["exercise"]


# What a call does to its arguments is seen where the reference's calls do the same.
@pytest.mark.parametrize("reference", ["return 2 * x", "x *= 2\nreturn x"], ids=["leaves x", "changes x"])
@pytest.mark.parametrize("name", BODIES)
def test_results_effects_prints_warnings_errors_and_calls_are_the_same(running_executors, tmp_path, name, reference):
    page = page_of(running_executors(), tmp_path, course_of(reference, TEST), BODIES[name])
    assert points(page) == {"make": 1}, [cell.get("outputs") for cell in page.cells]


@pytest.mark.parametrize(
    ("name", "reference", "seen"),
    [
        ("remembers", "return 2 * x", "'(15.0, 6)' in together[0] and made == (6, 6)"),
        ("changes its argument", "x *= 2\nreturn x", "'[9., 2., 3.]' in str(at_once)"),
        ("prints and warns", "return 2 * x", "together[1].split()[-1] == '5.0' and len(together[2]) == 6"),
        ("raises once", "return 2 * x", "'ZeroDivisionError' in together[0] and made == (3, 3)"),
        ("returns much", "return 2 * x", "together[0].count('5., 5., 5.') and made == (6, 6)"),
    ],
)
def test_what_is_the_same_is_there(running_executors, tmp_path, name, reference, seen):
    page = page_of(running_executors(), tmp_path, course_of(reference, f"{RUN}assert {seen}, (together, made, at_once)"), BODIES[name])
    assert points(page) == {"make": 1}, [cell.get("outputs") for cell in page.cells]


def test_a_time_limit_holds_for_all_calls_together(running_executors, tmp_path):
    test = "f, _ = make()\nlist(type(f).__call_each__(f, [(np.ones(1),)] * 20))"
    slow = "__import__('time').sleep(0.4)\nreturn x"
    page = page_of(running_executors(Limits(cell_seconds=1.0)), tmp_path, course_of("return x", test), slow)
    assert points(page) == {"make": 0}
    assert "longer than a cell may take" in nbformat.writes(page)
