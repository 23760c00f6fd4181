"""Whose a name is: read from the course's notebook alone."""

from autograder.running.names import CourseCodeCell, changed_in_place, needs


def course(*cells):
    """Cells as (kind, text): "free", "answer", or the name of a test."""
    return [
        CourseCodeCell(kind if kind not in ("free", "answer") else "", text, kind == "answer", kind not in ("free", "answer"))
        for kind, text in cells
    ]


def needed(*cells, test="t"):
    found = needs(course(*cells))[test]
    return [text for _, text in found.prelude], found.student


def test_what_an_answer_defines_is_the_student_s_and_imports_are_the_course_s():
    assert needed(("free", "import numpy as np"), ("answer", "def f(x):\n    return x"), ("t", "np.testing.assert_equal(f(1), 1)")) == (
        ["import numpy as np"],
        ["f"],
    )


def test_only_what_a_test_uses_is_run():
    prelude, _ = needed(("free", "a = 1\nb = a + 1\nc = 3\nprint(c)"), ("answer", "def f(): ..."), ("t", "assert f() == b"))
    assert prelude == ["a = 1", "b = a + 1"]


def test_a_helper_in_a_free_cell_is_the_course_s_with_what_it_needs():
    prelude, student = needed(
        ("free", "EPS = 1e-6\ndef near(a, b):\n    return abs(a - b) < EPS"), ("answer", "def f(): ..."), ("t", "assert near(f(), 1)")
    )
    assert prelude == ["EPS = 1e-06", "def near(a, b):\n    return abs(a - b) < EPS"]
    assert "f" in student
    assert not {"EPS", "near"} & set(student)


def test_what_an_answer_changes_is_the_student_s():
    cells = [("free", "cache = {}\nfixed = [1]"), ("answer", "def f(k):\n    cache[k] = 1"), ("t", "f(1)\nassert cache and fixed")]
    assert needed(*cells) == (["fixed = [1]"], ["cache", "f"])


def test_a_global_statement_makes_a_name_the_student_s():
    assert needed(("free", "n = 0"), ("answer", "def f():\n    global n\n    n = n + 1"), ("t", "f()\nassert n == 1"))[1] == ["f", "n"]


def test_an_import_in_an_answer_cell_is_run_as_the_course_has_it():
    prelude, student = needed(("answer", "import numpy as np\nx = np.ones(3)"), ("t", "assert np.sum(x) == 3"))
    assert prelude == ["import numpy as np"]
    assert student == ["x"]


def test_star_imports_are_run_where_a_name_is_nobody_s():
    prelude, _ = needed(("free", "from math import *"), ("answer", "def f(): ..."), ("t", "assert f() == pi"))
    assert prelude == ["from math import *"]


def test_draws_from_a_generator_are_run_in_order():
    prelude, _ = needed(
        ("free", "rng = np.random.default_rng(0)\na = rng.random()\nb = rng.random()"), ("answer", "def f(): ..."), ("t", "assert f() == b")
    )
    assert prelude == ["rng = np.random.default_rng(0)", "a = rng.random()", "b = rng.random()"]


def test_seeds_in_a_free_cell_are_run():
    prelude, _ = needed(
        ("free", "import numpy as np\nnp.random.seed(1)\nx = np.random.rand()"), ("answer", "def f(): ..."), ("t", "assert f() == x")
    )
    assert prelude == ["import numpy as np", "np.random.seed(1)", "x = np.random.rand()"]


def test_what_an_earlier_test_defines_is_there_already():
    cells = [("answer", "def f(): ..."), ("s", "tried = 3"), ("t", "assert f() == tried")]
    assert needed(*cells) == ([], ["f"])


def test_names_in_text_count_too_and_all_where_any_may_be_looked_up():
    assert needed(("answer", "x = y = 1"), ("t", "assert 'x' in dir()"))[1] == ["x"]
    assert needed(("answer", "x = y = 1"), ("t", "assert all(globals().get(name) for name in 'xy')"))[1] == ["name", "x", "xy", "y"]
    cells = [("answer", "a, b = 1, 2"), ("t", "sum(globals().get(k) == v for k, v in dict(a=1, b=2).items())")]
    assert {"a", "b"} <= set(needed(*cells)[1])


def test_magics_are_no_obstacle():
    cells = [("free", "%matplotlib inline\nimport math"), ("answer", "!ls\ndef f(): ..."), ("t", "%%time\nassert f() == math.pi")]
    assert needed(*cells)[1] == ["f"]


def test_functions_that_change_their_arguments_are_those_of_the_reference():
    found = changed_in_place(
        course(
            (
                "answer",
                "def a(x):\n    x /= 2\ndef b(x):\n    y = x / 2\n    return y\ndef c(x):\n    x.append(1)\ndef d(p):\n    p['w'] -= 1",
            ),
            ("answer", "class S:\n    def step(self, g):\n        self.w -= g"),
            ("free", "def e(x):\n    x[0] = 1"),
        )
    )
    assert {name for name in found if "." not in name} == {"a", "c", "d"}


def test_functions_that_derive_and_functions_that_vary_are_known():
    found = changed_in_place(
        course(
            (
                "answer",
                (
                    "def a(w):\n    (w * w).backward()\ndef b(n):\n    return np.random.rand(n)\nn = 0\ndef c():\n"
                    "    global n\n    n += 1\ndef d(x):\n    return x"
                ),
            )
        )
    )
    assert {"a.grad", "b.varies", "c.varies"} <= found
    assert not [name for name in found if name.startswith("d")]
