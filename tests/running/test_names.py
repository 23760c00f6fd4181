"""Whose a name is: read from the course's notebook alone."""

from autograder.running.names import CourseCodeCell, modules, needs


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
    assert needed(("answer", "x = y = 1"), ("t", "assert all(globals().get(name) for name in 'xy')"))[1] == ["x", "xy", "y"]
    cells = [("answer", "a, b = 1, 2"), ("t", "sum(globals().get(k) == v for k, v in dict(a=1, b=2).items())")]
    assert {"a", "b"} <= set(needed(*cells)[1])


def test_magics_are_no_obstacle():
    cells = [("free", "%matplotlib inline\nimport math"), ("answer", "!ls\ndef f(): ..."), ("t", "%%time\nassert f() == math.pi")]
    assert needed(*cells)[1] == ["f"]


def test_what_a_test_binds_before_it_reads_it_is_its_own():
    cells = [
        ("answer", "points = 3\nX = [1]\ndef f(x):\n    return x"),
        ("t", "points = 0\nfor x in (1, 2):\n    points += f(x) == x\npoints"),
    ]
    found = needs(course(*cells))["t"]
    assert found.student == ["f"]
    assert found.own == ["points", "x"]


def test_a_test_that_reads_what_an_earlier_test_made_says_so():
    cells = [("answer", "def f(): ..."), ("s", "tried = 3"), ("t", "assert f() == tried"), ("u", "tried = 4\nassert f() == tried")]
    found = needs(course(*cells))
    assert {key: need.of_tests for key, need in found.items()} == {"s": [], "t": ["s"], "u": []}


def test_the_names_of_modules_are_known():
    assert modules(course(("free", "import numpy as np, os.path\nfrom math import pi"), ("answer", "import torch"))) == [
        "np",
        "os",
        "torch",
    ]
