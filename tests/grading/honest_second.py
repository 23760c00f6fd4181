# ruff: noqa: E501  (programs on one line)
"""More honest but unusual work, as data: large and odd variables,
classes of plain types, cells that stop, copies, settings.
"""

import nbformat
from nbformat.notebooknode import NotebookNode

from tests.grading.course import check
from tests.grading.honest import IMPORTS, Honest, ask, find, one, with_cell

INCREMENT = one("def f(x):\n    return x + 1", "X = 2\nmodel = 3\nassert f(X) == model")


def increment(name: str, before: str, **more: object) -> Honest:
    """A right answer to INCREMENT with something above it."""
    return Honest(name, INCREMENT, {"a": f"{before}\ndef f(x):\n    return x + 1"}, **more)


def imports_as(source: str):
    """Change the cell that imports, which is the student's to change."""

    def change(made: NotebookNode) -> None:
        made.cells[0].source = source

    return change


def copied_below(name: str, source: str):
    """Put a copy of an answer cell, nbgrader's metadata and all, at the end."""

    def change(made: NotebookNode) -> None:
        copy = nbformat.from_dict(made.cells[find(made, name)])
        copy.id, copy.source = "a-copy", source
        made.cells.append(copy)

    return change


def copied_above(name: str, source: str):
    """Put an earlier idea above an answer cell, as a copy of it."""

    def change(made: NotebookNode) -> None:
        at = find(made, name)
        copy = nbformat.from_dict(made.cells[at])
        copy.id, copy.source = "a-copy", source
        made.cells.insert(at, copy)

    return change


CARELESS = "class Table:\n    def __getattr__(self, name):\n        return {}[name]\n"
ENDLESS = "class Loop:\n    def __getattr__(self, name):\n        return self.other\n"
VARIABLES = [
    increment("a large variable of a name that the test binds", "X = np.zeros((4000, 2500))"),
    increment("a variable that contains itself", "X = []\nX.append(X)"),
    increment("an object with a careless __getattr__", f"{CARELESS}X = model = Table()"),
    increment("an object whose __getattr__ never ends", f"{ENDLESS}model = Loop()"),
    increment("an object whose truth is an error", "class Odd:\n    def __bool__(self):\n        raise ValueError\nX = Odd()"),
    Honest(
        "a large variable that the test reads",
        one("X = np.ones((4000, 2500))", "assert X.shape == (4000, 2500)"),
        {"a": "X = np.zeros((4000, 2500)) + 1"},
    ),
    Honest(
        "calls that are counted under the name of the test's counter",
        (
            IMPORTS,
            ask("a", "def f(x):\n    return x * x"),
            check("t", "count = 0\nfor x in (1, 2):\n    if f(x) == x * x:\n        count += 1\ncount"),
        ),
        {"a": "count = 0\ndef f(x):\n    global count\n    count += 1\n    return x * x"},
    ),
]

PLAIN_KINDS = [
    Honest(
        "a list of a class of one's own for a list",
        one("def f():\n    return [1, 2]", "assert f() == [1, 2]"),
        {"a": "class Mine(list):\n    def total(self):\n        return sum(self)\ndef f():\n    return Mine([1, 2])"},
    ),
    Honest(
        "a float of a class of one's own for a float",
        one("def f():\n    return 1.5", "assert abs(f() - 1.5) < 1e-9"),
        {"a": "class Metres(float):\n    def feet(self):\n        return self * 3.28\ndef f():\n    return Metres(1.5)"},
    ),
    Honest(
        "an IntEnum for an int",
        one("def f():\n    return 2", "assert f() == 2 and f() + 1 == 3"),
        {"a": "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 2\ndef f():\n    return Level.LOW"},
    ),
    Honest(
        "a dict of a class of one's own for a dict",
        one("def f():\n    return {'a': 1}", "assert f()['a'] == 1 and dict(f()) == {'a': 1}"),
        {"a": "class Counts(dict):\n    def most(self):\n        return max(self)\ndef f():\n    return Counts(a=1)"},
    ),
    Honest(
        "a stack that is a list",
        one(
            "class Stack(list):\n    def push(self, x):\n        self.append(x)",
            "s = Stack()\ns.push(4)\nassert s.pop() == 4 and len(s) == 0",
        ),
        {"a": "class Stack(list):\n    def push(self, x):\n        self += [x]"},
    ),
    Honest(
        "a data class for a named tuple",
        one(
            "from collections import namedtuple\nFit = namedtuple('Fit', 'slope offset')\ndef f():\n    return Fit(2.0, 1.0)",
            "fit = f()\nassert fit.slope == 2.0 and fit.offset == 1.0",
        ),
        {
            "a": "from dataclasses import dataclass\n@dataclass\nclass Fit:\n    slope: float\n    offset: float\ndef f():\n    return Fit(2.0, 1.0)"
        },
    ),
    Honest(
        "a NumPy array for a list of lists",
        one("def f():\n    return [[1, 2], [3, 4]]", "assert [list(row) for row in f()] == [[1, 2], [3, 4]]"),
        {"a": "def f():\n    return np.array([[1, 2], [3, 4]])"},
    ),
]

SETTINGS = [
    Honest(
        "torch's default type set to float64",
        one(
            "def f(x):\n    return 2 * x + torch.ones(2)",
            "x = torch.tensor([1.0, 2.0])\ntorch.testing.assert_close(f(x), torch.tensor([3.0, 5.0]))",
        ),
        {"a": "torch.set_default_dtype(torch.float64)\ndef f(x):\n    return torch.ones(2) + x + x"},
    ),
    increment("faulthandler enabled", "import faulthandler\nfaulthandler.enable()"),
    increment("errors of NumPy raised", "np.seterr(all='raise')"),
    increment("warnings made errors", "import warnings\nwarnings.simplefilter('error')"),
    increment("a working folder of its own", "import os\nos.makedirs('mine', exist_ok=True)\nos.chdir('mine')"),
    increment("a recursion limit of its own", "import sys\nsys.setrecursionlimit(5000)"),
    Honest("a large value shown at the end of the answer", INCREMENT, {"a": "def f(x):\n    return x + 1\n'x' * 80_000_000"}),
    Honest("a large array shown at the end of the answer", INCREMENT, {"a": "def f(x):\n    return x + 1\nnp.zeros((4000, 2500))"}),
    Honest("a name of Python's own used for something else", INCREMENT, {"a": "sum = 3\nlist = [1]\ndef f(x):\n    return x + 1"}),
    Honest(
        "folders made by the answer",
        one(
            "import os\ndef f(name):\n    return name.upper()",
            "import os\nos.mkdir('out')\nopen('out/a', 'a').write('x')\nassert f('a') == 'A' and open('out/a').read() == 'x'",
        ),
        {"a": "def f(name):\n    return name.upper()"},
    ),
]

NEEDS_NUMPY = one("def f(x):\n    return np.exp(x)", "np.testing.assert_allclose(f(0.0), 1.0)")
STOPPED = [
    Honest("an import that is not installed here, above others", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)"}, change=imports_as("import no_such_library as nsl\nimport numpy as np\nimport torch"), says="stopped at ModuleNotFoundError"),
    Honest("one of several imports in a line", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)"}, change=imports_as("import no_such_library, torch\nimport numpy as np"), says="stopped at ModuleNotFoundError"),
    Honest("a magic that is not known here, above imports", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)"}, change=imports_as("%matplotlib widget\nimport numpy as np\nimport torch"), says="Cell 1 stopped at"),
    Honest("a name of a figure's style that is not known, above imports", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)"}, change=imports_as("import matplotlib.pyplot as plt\nplt.style.use('no such style')\nimport numpy as np"), says="Cell 1 stopped at OSError"),
    Honest("everything forgotten before the test", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)"}, change=with_cell("%reset -f", "t"), earns={"t": 0}, says="for want of a name"),
    Honest("a library's name used for a number", NEEDS_NUMPY, {"a": "def f(x):\n    return np.exp(x)\nnp = 5"}, earns={"t": 0}, says="np is no module any more"),
    Honest("a question in an answer cell", INCREMENT, {"a": "step = int(input('step? '))\ndef f(x):\n    return x + 1"}, earns={"t": 0}, says="stopped at EOFError"),
    Honest("a name that is misspelt", NEEDS_NUMPY, {"a": "def f(x):\n    return npp.exp(x)"}, earns={"t": 0}, says="for want of a name (npp)"),
]  # fmt: skip

SQUARED = (IMPORTS, ask("a", "def f(x):\n    return x * x"), check("t", "assert f(3) == 9"), check("u", "assert f(-2) == 4"))
COPIES = [
    Honest(
        "a stub of the answer at the end",
        SQUARED,
        {"a": "def f(x):\n    return x * x"},
        change=copied_below("a", "def f(x):\n    ..."),
        says="differ",
    ),
    Honest(
        "an unfinished idea at the end",
        SQUARED,
        {"a": "def f(x):\n    return x * x"},
        change=copied_below("a", "def f(x):\n    return x **"),
        says="differ",
    ),
    Honest(
        "an earlier idea above the answer",
        SQUARED,
        {"a": "def f(x):\n    return x * x"},
        change=copied_above("a", "def f(x):\n    return 2 * x"),
        says="differ",
    ),
    Honest(
        "the same answer once more at the end",
        SQUARED,
        {"a": "def f(x):\n    return x * x"},
        change=copied_below("a", "def f(x):\n    return x * x"),
    ),
]

SUM = one("def f(x):\n    return x / x.sum()", "np.testing.assert_allclose(f(np.array([1.0, 3.0])), [0.25, 0.75])")
ARGUMENTS = [
    Honest("an input that is changed where nobody looks", SUM, {"a": "def f(x):\n    x /= x.sum()\n    return x"}),
    Honest(
        "a part of the input returned",
        one("def f(x):\n    return x[:2].copy()", "assert list(f(np.arange(4))) == [0, 1]"),
        {"a": "def f(x):\n    return x[:2]"},
    ),
    Honest(
        "a generator of one's own in place of the one given",
        one("def f(rng):\n    return rng.integers(0, 10, 3).size", "assert f(np.random.default_rng(0)) == 3"),
        {"a": "def f(rng):\n    return np.random.default_rng(1).integers(0, 10, 3).size"},
    ),
    Honest(
        "results kept between calls",
        one("def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)", "assert [f(n) for n in range(6)] == [0, 1, 1, 2, 3, 5]"),
        {"a": "known = {0: 0, 1: 1}\ndef f(n):\n    if n not in known:\n        known[n] = f(n - 1) + f(n - 2)\n    return known[n]"},
    ),
]

SECOND = [*VARIABLES, *PLAIN_KINDS, *SETTINGS, *STOPPED, *COPIES, *ARGUMENTS]
