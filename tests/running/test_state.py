"""Which names a cell reads, by its text."""

import ast

import pytest

from autograder.running.reads import reads, reads_later

READS = [
    ("x = 1\nprint(x)", {"print"}),
    ("print(x)\nx = 1", {"print", "x"}),
    ("x = x + 1", {"x"}),
    ("x += 1", {"x"}),
    ("x[0] = y", {"x", "y"}),
    ("if y:\n    x = 1\nx", {"x", "y"}),
    ("try:\n    x = 1\nexcept ValueError:\n    pass\nx", {"x", "ValueError"}),
    ("for i in r:\n    s = i\n    print(s)", {"r", "print"}),
    ("for i in r:\n    print(s)\n    s = i", {"r", "print", "s"}),
    ("for i in r:\n    break\ni", {"r", "i"}),
    ("for i in r:\n    pass\nelse:\n    i", {"r", "i"}),
    ("a, (b, *c) = d\na, b, c", {"d"}),
    ("a.b = c", {"a", "c"}),
    ("def f(a, b=d):\n    c = a\n    return c + e", {"d", "e"}),
    ("e = 1\ndef f():\n    return e", set()),
    ("f()\ndef f(): pass", {"f"}),
    ("[x for x in y if z]", {"y", "z"}),
    ("(lambda x: x + y)(1)", {"y"}),
    ("class A(B):\n    c = d", {"B", "d", "__name__"}),
    ("del x", {"x"}),
    ("import numpy as np\nnp.exp(x)", {"import numpy", "x"}),
    ("with a as b:\n    c", {"a", "c"}),
    ("%matplotlib inline", {"get_ipython"}),
]


@pytest.mark.parametrize(("source", "names"), READS, ids=[source for source, _ in READS])
def test_the_names_that_matter_before_a_cell_runs(source, names):
    source = "get_ipython().run_line_magic('matplotlib', 'inline')" if source.startswith("%") else source
    assert reads(ast.parse(source).body) == names


def test_what_functions_read_when_they_are_called():
    source = "fig = 1\nprint(own)\ndef f(x):\n    local = x\n    return lambda: (fig, local, ax)"
    assert reads_later(ast.parse(source).body) == {"fig", "ax"}
