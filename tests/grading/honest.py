"""Honest but unusual work, as data: what a course asks, what a student hands in, and what it earns.

Each submission is run beside the blank release, which earns `blank` (nothing, if it is not given).
So every test can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import nbformat
from nbformat.notebooknode import NotebookNode

from tests.grading.course import answer, check, code, locked, text


@dataclass(frozen=True)
class Honest:
    """One submission to a course of one notebook."""

    name: str
    course: tuple[NotebookNode, ...]
    answers: dict[str, str]
    change: Callable[[NotebookNode], None] | None = None  # what else the student does to the notebook
    files: dict[str, str] = field(default_factory=dict)  # handed in beside it
    beside: dict[str, str] = field(default_factory=dict)  # the course's own
    earns: dict[str, float] | None = None  # None: full marks
    blank: dict[str, float] = field(default_factory=dict)
    stock: dict[str, float] | None = None  # what stock nbgrader gives, where that is something else
    why: str = ""  # why stock differs
    says: str = ""  # what a person is told

    @property
    def expected(self) -> dict[str, float]:
        """Points by test."""
        tests = {cell.id: cell.metadata.nbgrader.points for cell in self.course if is_test(cell)}
        return tests | (self.earns or {})

    @property
    def untouched(self) -> dict[str, float]:
        """Points by test of the release."""
        return dict.fromkeys(self.expected, 0) | self.blank


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is a test."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


def ask(name: str, reference: str) -> NotebookNode:
    """An answer cell that students find empty."""
    return answer(name, f"### BEGIN SOLUTION\n{reference}\n### END SOLUTION")


IMPORTS = code("import numpy as np\nimport torch")


def one(reference: str, test: str, *before: NotebookNode) -> tuple[NotebookNode, ...]:
    """A course of one exercise, `a`, tested by `t`."""
    return (IMPORTS, *before, ask("a", reference), check("t", test))


SQUARE = one(
    "def square(x):\n    return x * x", "for x in (3.0, -0.5):\n    np.testing.assert_allclose(square(x), x**2, err_msg=f'at {x}')"
)
EXACT = one("def square(x):\n    return x * x", "assert square(3.0) == 9 and square(-0.5) == 0.25\nassert float(square(1.5)) == 2.25")
GRADIENTS = one(
    "def gradients(w, x):\n    return 2 * w * x, w * w",
    "a, b = gradients(3.0, 0.5)\nnp.testing.assert_allclose([float(a), float(b)], [3.0, 9.0])",
)
HELLO = one(
    "def hello(name):\n    return 'Hello, ' + name",
    "assert hello('Ada') == 'Hello, Ada'\nassert hello('Ολυμπία 🦉') == 'Hello, Ολυμπία 🦉'",
)
TWO = (
    IMPORTS,
    ask("a", "def double(x):\n    return 2 * x"),
    check("t", "assert double(4) == 8"),
    text("Now twice that."),
    ask("b", "def fourfold(x):\n    return double(double(x))"),
    check("u", "assert fourfold(3) == 12"),
)
TWO_ANSWERS = {"a": "def double(x):\n    return x + x", "b": "def fourfold(x):\n    return double(double(x))"}


def square_as(words: str, result: str, before: str = "") -> Honest:
    """A right answer to SQUARE in another form."""
    return Honest(f"the square as {words}", SQUARE, {"a": f"{before}\ndef square(x):\n    return {result}"})


# --- what a student may do to a notebook ----------------------------------------------------------


def find(made: NotebookNode, name: str) -> int:
    """Where a cell is."""
    return next(position for position, cell in enumerate(made.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def with_cell(source: str, before: str = "") -> Callable[[NotebookNode], None]:
    """Put a cell of the student's own before another, or at the end."""

    def change(made: NotebookNode) -> None:
        made.cells.insert(find(made, before) if before else len(made.cells), nbformat.v4.new_code_cell(source))

    return change


def helper_above_and_below(made: NotebookNode) -> None:
    """Define a helper, and at the end another one of that name."""
    with_cell("def product(a, b):\n    return a * b", "a")(made)
    with_cell("def product(a, b):\n    return 0")(made)


def without(name: str) -> Callable[[NotebookNode], None]:
    """Delete a cell."""
    return lambda made: made.cells.pop(find(made, name)) and None


def moved(name: str, to: int) -> Callable[[NotebookNode], None]:
    """Move a cell."""
    return lambda made: made.cells.insert(to, made.cells.pop(find(made, name)))


def doubled(name: str) -> Callable[[NotebookNode], None]:
    """Copy a cell and paste it below."""

    def change(made: NotebookNode) -> None:
        at = find(made, name)
        made.cells.insert(at + 1, nbformat.from_dict(dict(made.cells[at]) | {"id": f"{name}-again"}))

    return change


def in_format_4_2(made: NotebookNode) -> None:
    """As an old Jupyter saves it: no ids."""
    made.nbformat_minor = 2
    for cell in made.cells:
        cell.pop("id", None)


def in_format_3(made: NotebookNode) -> None:
    """As IPython 2 saves it."""
    old = nbformat.v3.convert.downgrade(nbformat.from_dict(made))
    made.clear()
    made.update(old)


FORMS = [
    square_as("a float", "float(x) ** 2"),
    square_as("np.float64", "np.float64(x) ** 2"),
    square_as("float32", "np.float32(x) ** 2"),
    square_as("an array without dimensions", "np.array(x * x)"),
    square_as("a tensor", "torch.tensor(x, dtype=torch.float64) ** 2"),
    square_as("a tensor that requires a gradient, detached", "(torch.tensor(x, requires_grad=True) ** 2).detach()"),
    Honest("a fraction", EXACT, {"a": "from fractions import Fraction\ndef square(x):\n    return Fraction(x) ** 2"}),
    square_as("a list of one number", "[x * x]"),
    square_as("a subclass of float", "Number(x * x)", "class Number(float):\n    pass\n"),
    Honest("a decimal number", EXACT, {"a": "from decimal import Decimal\ndef square(x):\n    return Decimal(x) ** 2"}),
    Honest("a pair as a list", GRADIENTS, {"a": "def gradients(w, x):\n    return [2 * w * x, w**2]"}),
    Honest("a pair as an array", GRADIENTS, {"a": "def gradients(w, x):\n    return np.array([2 * w * x, w**2])"}),
    Honest("a pair as a tensor", GRADIENTS, {"a": "def gradients(w, x):\n    return torch.tensor([2 * w * x, w**2])"}),
    Honest("a pair as tensors", GRADIENTS, {"a": "def gradients(w, x):\n    return torch.tensor(2 * w * x), torch.tensor([w**2])"}),
    Honest(
        "a pair with names",
        GRADIENTS,
        {
            "a": "from collections import namedtuple\nPair = namedtuple('Pair', 'dw dx')\n"
            "def gradients(w, x):\n    return Pair(dw=2 * w * x, dx=w**2)"
        },
    ),
    Honest("a pair from a generator", GRADIENTS, {"a": "def gradients(w, x):\n    yield 2 * w * x\n    yield w**2"}),
    Honest("a pair from map", GRADIENTS, {"a": "def gradients(w, x):\n    return map(float, (2 * w * x, w**2))"}),
    Honest(
        "a dict of results",
        one(
            "def stats(xs):\n    return {'mean': sum(xs) / len(xs)}",
            "out = stats([1, 2, 6])\nassert out['mean'] == 3 and set(out) == {'mean'}",
        ),
        {
            "a": "from collections import defaultdict\ndef stats(xs):\n    out = defaultdict(float)\n"
            "    for x in xs:\n        out['mean'] += x / len(xs)\n    return out"
        },
    ),
    Honest(
        "a Counter, a deque, an OrderedDict",
        one(
            (
                "from collections import Counter, deque, OrderedDict\ndef three(s):\n"
                "    return Counter(s), deque(s, 2), OrderedDict(enumerate(s))"
            ),
            "c, d, o = three('abb')\nassert c.most_common(1) == [('b', 2)]\nassert d[0] == 'b' and len(d) == 2 and list(d) == ['b', 'b']\n"
            "assert o == {0: 'a', 1: 'b', 2: 'b'} and c['z'] == 0",
        ),
        {
            "a": (
                "import collections\ndef three(s):\n"
                "    return collections.Counter(s), collections.deque(s, 2), collections.OrderedDict(enumerate(s))"
            )
        },
    ),
    Honest(
        "dates, paths and enumerations",
        one(
            "import datetime\ndef later(day):\n    return day + datetime.timedelta(days=1)",
            "import datetime\nassert later(datetime.date(2024, 2, 28)) == datetime.date(2024, 2, 29)",
        ),
        {"a": "from datetime import timedelta\ndef later(day):\n    return day + timedelta(1)"},
    ),
    Honest(
        "sets, ranges, complex numbers, long integers, bytes",
        one(
            "def some(n):\n    return {n}, range(n), 1j * n, 10**n, b'x' * n",
            "a, b, c, d, e = some(40)\nassert a == {40} and list(b)[-1] == 39 and c.imag == 40 and d == 10**40 and e == b'x' * 40",
        ),
        {"a": "def some(n):\n    return set([n]), range(0, n), complex(0, n), int('1' + '0' * n), bytes('x' * n, 'ascii')"},
    ),
]

NOISE = [
    Honest(
        "warnings of NumPy and one's own, prints, stderr",
        SQUARE,
        {
            "a": "import sys, warnings\ndef square(x):\n    np.log(-1.0)\n    np.float64(1) / 0\n    warnings.warn('beware')\n"
            "    print('x is', x)\n    print('oh', file=sys.stderr)\n    return x * x"
        },
        stock={"t": 0},
        why="stock takes anything on stderr, a warning too, for a failure",
    ),
    Honest(
        "a deprecation, as a warning",
        SQUARE,
        {"a": "import warnings\ndef square(x):\n    warnings.warn('old', DeprecationWarning)\n    return x**2"},
        stock={"t": 0},
        why="stock takes a warning for a failure",
    ),
    Honest(
        "logging",
        SQUARE,
        {"a": "import logging\ndef square(x):\n    logging.warning('x = %s', x)\n    return x**2"},
        stock={"t": 0},
        why="logging writes to stderr, which stock takes for a failure",
    ),
    Honest(
        "a warning that a test wants",
        one(
            "import warnings\ndef f():\n    warnings.warn('careful', RuntimeWarning)\n    return 1",
            (
                "import warnings\nwith warnings.catch_warnings(record=True) as seen:\n"
                "    warnings.simplefilter('always')\n    assert f() == 1\n"
                "assert [w.category for w in seen] == [RuntimeWarning] and 'careful' in str(seen[0].message)"
            ),
        ),
        {"a": "import warnings\ndef f():\n    warnings.warn('be careful', category=RuntimeWarning)\n    return 1"},
    ),
    Honest(
        "what a function prints is tested",
        one(
            "def shout(s):\n    print(s.upper())",
            (
                "import io\nfrom contextlib import redirect_stdout\nheard = io.StringIO()\n"
                "with redirect_stdout(heard):\n    shout('hey')\nassert heard.getvalue() == 'HEY\\n'"
            ),
        ),
        {"a": "def shout(s):\n    print(s.upper(), flush=True)"},
    ),
    Honest(
        "long output below the limit",
        SQUARE,
        {
            "a": (
                "def square(x):\n    for k in range(9000):\n        print(k, 'x' * 40)\n    return x**2\n"
                "for k in range(9000):\n    print(k, 'y' * 40)"
            )
        },
    ),
    Honest(
        "figures inside and outside of functions",
        SQUARE,
        {
            "a": (
                "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\ndef square(x):\n"
                "    figure, axes = plt.subplots()\n    axes.plot([x])\n    plt.show()\n    return x**2"
            )
        },
    ),
    Honest(
        "many formulas in a figure, in several fonts",
        SQUARE,
        {
            "a": (
                "import matplotlib.pyplot as plt\nfor fonts in ('cm', 'stix', 'dejavusans') * 2:\n"
                "    plt.rcParams['mathtext.fontset'] = fonts\n    figure, axes = plt.subplots()\n"
                "    axes.set_title(r'$\\sum_k \\alpha_k \\frac{\\partial L}{\\partial w}$ in ' + fonts)\n"
                "    axes.set_xlabel(r'$\\hat{y} \\to \\infty$')\n    figure.savefig('figure.svg')\n    plt.show()\n"
                "def square(x):\n    return x**2"
            )
        },
    ),
    Honest(
        "a figure that a test looks at",
        one(
            (
                "import matplotlib.pyplot as plt\ndef draw(xs):\n    figure, axes = plt.subplots()\n"
                "    axes.plot(xs)\n    axes.set_title('t')\n    return axes"
            ),
            "axes = draw([1, 4, 9])\nnp.testing.assert_allclose(axes.lines[0].get_ydata(), [1, 4, 9])\nassert axes.get_title() == 't'",
        ),
        {
            "a": (
                "import matplotlib.pyplot as plt\ndef draw(xs):\n    plt.figure()\n    plt.plot(xs)\n"
                "    plt.title('t')\n    return plt.gca()"
            )
        },
    ),
    Honest(
        "magics",
        SQUARE,
        {
            "a": (
                "%matplotlib inline\n%timeit -n1 -r1 sum(range(10))\n!echo hello\n%precision 3\ndef square(x):\n"
                "    return x**2\n%time square(3)"
            )
        },
    ),
    Honest("a cell magic on top", SQUARE, {"a": "%%time\ndef square(x):\n    return x**2"}),
    Honest(
        "a module written by %%writefile",
        SQUARE,
        {"a": "from mine import square"},
        change=with_cell("%%writefile mine.py\ndef square(x):\n    return x**2", "a"),
    ),
    Honest("exit and quit", SQUARE, {"a": "def square(x):\n    return x**2"}, change=with_cell("exit()"), stock=None),
    Honest(
        "input in a free cell", SQUARE, {"a": "def square(x):\n    return x**2"}, change=with_cell("name = input('Who are you? ')", "a")
    ),
    Honest("an exception in a free cell", SQUARE, {"a": "def square(x):\n    return x**2"}, change=with_cell("1 / 0", "a")),
    Honest("an exception at the end of the answer", SQUARE, {"a": "def square(x):\n    return x**2\n\nsquare('three')"}),
    Honest("a cell that is no Python", SQUARE, {"a": "def square(x):\n    return x**2"}, change=with_cell("def (:", "a")),
    Honest("some seconds of work", SQUARE, {"a": "import time\ntime.sleep(1)\ndef square(x):\n    time.sleep(1)\n    return x**2"}),
]

CELLS = [
    Honest("a test moved to the top", TWO, TWO_ANSWERS, change=moved("t", 0), stock={"t": 0}, why="stock runs the test where it stands"),
    Honest("a test deleted", TWO, TWO_ANSWERS, change=without("u"), stock={"u": 0}, why="stock has nothing to run"),
    Honest("a test copied", TWO, TWO_ANSWERS, change=doubled("t"), stock={"t": 0}, why="stock aborts the submission"),
    Honest("answers in the other order", TWO, TWO_ANSWERS, change=moved("b", 0)),
    Honest(
        "helpers in cells of their own",
        SQUARE,
        {"a": "def square(x):\n    return product(x, x)"},
        change=with_cell("def product(a, b):\n    return a * b", "a"),
    ),
    Honest(
        "a helper below, defined before the test",
        SQUARE,
        {"a": "def square(x):\n    return product(x, x)"},
        change=with_cell("product = lambda a, b: a * b", "t"),
    ),
    Honest(
        "a helper defined again below the test",
        SQUARE,
        {"a": "def square(x):\n    return product(x, x)"},
        change=helper_above_and_below,
        says="square gave another answer",
    ),
    Honest(
        "a name bound several times",
        SQUARE,
        {"a": "square = None\nsquare = 3\ndef square(x):\n    return 0\nold = square\ndef square(x):\n    return old(x) + x * x"},
    ),
    Honest("the answer in another cell", SQUARE, {"a": "# see below"}, change=with_cell("def square(x):\n    return x**2", "t")),
    Honest(
        "a lambda, and a function imported under the name asked for",
        TWO,
        {"a": "double = lambda x: x * 2", "b": "from functools import partial\nfourfold = partial(int.__mul__, 4)"},
    ),
    Honest(
        "names and text that are not ASCII",
        HELLO,
        {"a": "größe = 'Hello, '\ndef hello(name):\n    α = größe + name  # “ok” – ñ\n    return α"},
    ),
    Honest(
        "annotations from the future",
        SQUARE,
        {"a": "from __future__ import annotations\ndef square(x: Number | Missing) -> Undefined:\n    return x**2"},
    ),
    Honest(
        "annotations",
        SQUARE,
        {"a": "from typing import Union\ndef square(x: Union[float, np.ndarray], *, n: int = 2) -> 'float':\n    return x**n"},
    ),
    Honest(
        "a module handed in", SQUARE, {"a": "from my_helpers import square"}, files={"my_helpers.py": "def square(x):\n    return x**2"}
    ),
    Honest("format 4.2, without ids", SQUARE, {"a": "def square(x):\n    return x**2"}, change=in_format_4_2),
    Honest("format 3", SQUARE, {"a": "def square(x):\n    return x**2"}, change=in_format_3),
    Honest(
        "star imports",
        one("from math import *\ndef area(r):\n    return pi * r**2", "from math import *\nassert isclose(area(2), 4 * pi)"),
        {"a": "from math import *\nfrom numpy import *\ndef area(r):\n    return pi * r * r"},
    ),
    Honest(
        "top-level await",
        SQUARE,
        {
            "a": (
                "import asyncio\nasync def later(x):\n    await asyncio.sleep(0.01)\n    return x\n"
                "power = await later(2)\ndef square(x):\n    return x**power"
            )
        },
    ),
    Honest(
        "an asynchronous function, awaited by the test",
        one("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1", "assert await f(3) == 4"),
        {"a": "import asyncio\nasync def g(x):\n    await asyncio.sleep(0.01)\n    return 1\nasync def f(x):\n    return x + await g(x)"},
    ),
]

STATE = [
    Honest(
        "a counter, a cache and a list that functions change",
        one(
            (
                "count, cache, log = 0, {}, []\ndef visit(k):\n    global count\n    count += 1\n"
                "    cache[k] = k * k\n    log.append(k)\n    return cache[k]"
            ),
            "before = count\nassert visit(3) == 9 and visit(4) == 16\n### BEGIN HIDDEN TESTS\nassert visit(3) == 9\n### END HIDDEN TESTS",
        ),
        {
            "a": "count, cache, log = 0, {}, []\ndef visit(k):\n    global count\n    count = count + 1\n    if k not in cache:\n"
            "        cache[k] = k * k\n    log.append(k)\n    return cache[k]"
        },
    ),
    Honest(
        "a global array that a function changes, seen by the next test",
        (
            IMPORTS,
            ask("a", "weights = np.zeros(3)\ndef step(g):\n    weights[:] = weights - 0.1 * g"),
            check("t", "step(np.ones(3))\nstep(np.ones(3))"),
            check("u", "np.testing.assert_allclose(weights, -0.2)"),
        ),
        {"a": "weights = np.zeros(3)\ndef step(g):\n    global weights\n    weights -= 0.1 * g"},
        blank={},
    ),
    Honest(
        "variables as answers",
        one("x = 3\ny = [1, 2]\nname = 'ada'", "assert x == 3 and y == [1, 2] and name.upper() == 'ADA' and 'z' not in globals()"),
        {"a": "y = list(range(1, 3))\nx = len(y) + 1\nname = 'Ada'"},
    ),
    Honest(
        "lru_cache and recursion",
        one(
            "def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
            "assert [fib(n) for n in range(10)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]\nassert fib(60) == 1548008755920",
        ),
        {"a": "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"},
    ),
    Honest(
        "deep recursion",
        one("def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)", "assert depth(900) == 900"),
        {"a": "def depth(n):\n    return n and 1 + depth(n - 1)"},
    ),
    Honest(
        "decorators",
        SQUARE,
        {
            "a": (
                "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def inner(*args, **kw):\n"
                "        print(args, kw)\n        return f(*args, **kw)\n    return inner\n@logged\n@logged\n"
                "def square(x):\n    return x**2"
            )
        },
    ),
    Honest(
        "a closure and a partial, called by the test",
        one(
            "def adder(n):\n    return lambda x: x + n\ndef tripler():\n    return adder(0)",
            "add = adder(3)\nassert add(4) == 7 and adder(1)(1) == 2 and [*map(add, [1, 2])] == [4, 5]\nassert tripler()(5) == 5",
        ),
        {
            "a": (
                "from functools import partial\nimport operator\ndef adder(n):\n    def add(x):\n"
                "        return x + n\n    return add\ndef tripler():\n    return partial(operator.add, 0)"
            )
        },
    ),
    Honest(
        "a generator, iterated by the test",
        one(
            "def evens():\n    n = 0\n    while True:\n        yield n\n        n += 2",
            (
                "import itertools\ngot = evens()\nassert next(got) == 0 and next(got) == 2\n"
                "assert list(itertools.islice(got, 3)) == [4, 6, 8]\n"
                "assert [a for a, _ in zip(evens(), range(3))] == [0, 2, 4]"
            ),
        ),
        {"a": "import itertools\ndef evens():\n    yield from itertools.count(0, 2)"},
    ),
    Honest(
        "a decorator as the answer",
        one(
            "def twice(f):\n    return lambda x: f(f(x))",
            "@twice\ndef plus(x):\n    return x + 1\nassert plus(3) == 5 and twice(twice(lambda s: s + '!'))('a') == 'a!!!!'",
        ),
        {"a": "def twice(f):\n    def inner(*args):\n        return f(f(*args))\n    return inner"},
    ),
    Honest(
        "a function as an argument, with arrays",
        one(
            "def slope(f, x, h=1e-6):\n    return (f(x + h) - f(x - h)) / (2 * h)",
            (
                "np.testing.assert_allclose(slope(lambda x: x**3, np.array([1.0, 2.0])), [3, 12], rtol=1e-6)\n"
                "np.testing.assert_allclose(slope(np.sin, 0.3), np.cos(0.3), rtol=1e-6)"
            ),
        ),
        {"a": "def slope(f, x):\n    h = 1e-5\n    return np.array((f(x + h) - f(x - h)) / 2 / h)"},
    ),
    Honest(
        "a call back that raises",
        one(
            "def safely(f):\n    try:\n        return f()\n    except ZeroDivisionError:\n        return None",
            "assert safely(lambda: 1 / 0) is None and safely(lambda: 5) == 5",
        ),
        {"a": "def safely(f):\n    try:\n        return f()\n    except ArithmeticError:\n        return"},
    ),
    Honest(
        "a sort by the test's own key",
        one(
            "def top(xs, key):\n    return max(xs, key=key)",
            "assert top([3, -7, 2], abs) == -7 and top(['a', 'bbb'], len) == 'bbb' and top([1, 2], key=lambda x: -x) == 1",
        ),
        {"a": "def top(xs, key):\n    return sorted(xs, key=key)[-1]"},
    ),
]

IN_PLACE = [
    Honest(
        "an array normalized in place",
        one(
            "def normalize(x):\n    x /= x.sum()",
            "v = np.array([1.0, 3.0])\nassert normalize(v) is None\nnp.testing.assert_allclose(v, [0.25, 0.75])",
        ),
        {"a": "def normalize(x):\n    x[:] = x / np.sum(x)"},
    ),
    Honest(
        "parameters in a dict updated in place",
        one(
            "def sgd(params, grads, lr):\n    for k in params:\n        params[k] -= lr * grads[k]",
            (
                "p = {'W': np.ones((2, 2)), 'b': np.zeros(2)}\n"
                "sgd(p, {'W': np.ones((2, 2)), 'b': np.ones(2)}, lr=0.5)\n"
                "np.testing.assert_allclose(p['W'], 0.5)\nnp.testing.assert_allclose(p['b'], -0.5)"
            ),
        ),
        {"a": "def sgd(params, grads, lr):\n    for key, grad in grads.items():\n        params[key] = params[key] - lr * grad"},
    ),
    Honest(
        "an in-place function called with keywords",
        one(
            "def sgd(params, lr=0.1):\n    params['w'] = params['w'] - lr", "p = {'w': 1.0}\nsgd(params=p, lr=0.5)\nassert p == {'w': 0.5}"
        ),
        {"a": "def sgd(params, lr=0.1):\n    params.update(w=params['w'] - lr)"},
    ),
    Honest(
        "a list appended to and sorted",
        one("def put(xs, x):\n    xs.append(x)\n    xs.sort()", "xs = [5, 1]\nput(xs, 3)\nassert xs == [1, 3, 5]"),
        {"a": "def put(xs, x):\n    xs += [x]\n    xs[:] = sorted(xs)"},
    ),
    Honest(
        "an argument changed and returned",
        one(
            "def zero(x):\n    x[x < 0] = 0\n    return x",
            "v = np.array([1.0, -1.0])\nw = zero(v)\nnp.testing.assert_allclose(v, [1, 0])\nnp.testing.assert_allclose(w, [1, 0])",
        ),
        {"a": "def zero(x):\n    np.maximum(x, 0, out=x)\n    return x"},
    ),
    Honest(
        "a tensor changed in place",
        one(
            "def step(w, g):\n    with torch.no_grad():\n        w -= 0.1 * g",
            "w = torch.ones(2)\nstep(w, torch.ones(2))\ntorch.testing.assert_close(w, torch.full((2,), 0.9))",
        ),
        {"a": "def step(w, g):\n    w.data.sub_(g, alpha=0.1)"},
    ),
    Honest(
        "an argument left alone, as the reference does",
        one("def larger(xs):\n    return [x + 1 for x in xs]", "xs = [1, 2]\nassert larger(xs) == [2, 3] and xs == [1, 2]"),
        {"a": "def larger(xs):\n    return list(map(lambda x: x + 1, xs))"},
    ),
    Honest(
        "an in-place method of a class",
        one(
            "class Adam:\n    def step(self, p, g):\n        p -= 0.5 * g",
            "p = np.ones(2)\nAdam().step(p, np.ones(2))\nnp.testing.assert_allclose(p, 0.5)",
        ),
        {"a": "class Adam:\n    def step(self, p, g):\n        p[...] = p - g / 2"},
    ),
    Honest(
        "an object of the test's own class, changed",
        one("def fill(box):\n    box['n'] = 1\n    box['l'].append(2)", "box = {'l': []}\nfill(box)\nassert box == {'l': [2], 'n': 1}"),
        {"a": "def fill(box):\n    box['l'] += [2]\n    box['n'] = 1"},
    ),
]

RANDOM = [
    Honest(
        "NumPy's global seed, set by the test",
        one(
            "def init(n, m):\n    return np.random.randn(n, m)",
            (
                "np.random.seed(1)\na = init(3, 2)\nnp.random.seed(1)\n"
                "np.testing.assert_allclose(a, np.random.randn(3, 2))\nassert a.shape == (3, 2)"
            ),
        ),
        {"a": "def init(n, m):\n    return np.random.normal(size=(n, m))"},
    ),
    Honest(
        "drawn twice after one seed",
        one(
            "def draw():\n    return np.random.rand()",
            "np.random.seed(0)\na, b = draw(), draw()\nnp.random.seed(0)\nassert (a, b) == (np.random.rand(), np.random.rand())",
        ),
        {"a": "def draw():\n    return np.random.random()"},
    ),
    Honest(
        "drawn by turns with the test",
        one(
            "def draw():\n    return np.random.rand()",
            "np.random.seed(0)\na, b, c = draw(), np.random.rand(), draw()\nnp.random.seed(0)\nassert [a, b, c] == list(np.random.rand(3))",
        ),
        {"a": "def draw():\n    return np.random.random()"},
    ),
    Honest(
        "a generator as an argument",
        one(
            "def init(rng, n):\n    return rng.normal(size=n)",
            (
                "rng = np.random.default_rng(7)\na, b = init(rng, 2), init(rng, 2)\n"
                "twin = np.random.default_rng(7)\nnp.testing.assert_allclose(np.r_[a, b], twin.normal(size=4))"
            ),
        ),
        {"a": "def init(rng, n):\n    return rng.standard_normal(n)"},
    ),
    Honest(
        "Python's random",
        one(
            "import random\ndef draw(n):\n    return [random.random() for _ in range(n)]",
            "import random\nrandom.seed(3)\na = draw(3)\nrandom.seed(3)\nassert a == [random.random() for _ in range(3)]",
        ),
        {"a": "import random\ndef draw(n):\n    out = []\n    for _ in range(n):\n        out.append(random.random())\n    return out"},
    ),
    Honest(
        "torch's seed, set by the test",
        one(
            "def init(n):\n    return torch.randn(n)",
            "torch.manual_seed(4)\na = init(3)\ntorch.manual_seed(4)\ntorch.testing.assert_close(a, torch.randn(3))",
        ),
        {"a": "def init(n):\n    return torch.normal(torch.zeros(n), torch.ones(n))"},
    ),
    Honest(
        "a seed in a set-up cell",
        (
            IMPORTS,
            locked("setup", "np.random.seed(5)\ndata = np.random.rand(4)"),
            ask("a", "mean = data.mean()"),
            check("t", "np.random.seed(5)\nnp.testing.assert_allclose(mean, np.random.rand(4).mean())"),
        ),
        {"a": "mean = np.mean(data)"},
    ),
    Honest(
        "a seed in a set-up cell, drawn by the test's own twin",
        (
            IMPORTS,
            locked("setup", "rng = np.random.default_rng(5)\ndata = rng.random(4)"),
            ask("a", "def mean(x):\n    return x.mean()"),
            check(
                "t",
                (
                    "np.testing.assert_allclose(mean(data), np.random.default_rng(5).random(4).mean())\n"
                    "extra = rng.random(3)\n"
                    "np.testing.assert_allclose(mean(extra), np.random.default_rng(5).random(7)[4:].mean())"
                ),
            ),
        ),
        {"a": "def mean(x):\n    return sum(x) / len(x)"},
    ),
]

CLASSES = [
    Honest(
        "a class with operators",
        one(
            "class Vec:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
            "    def __add__(self, o):\n        return Vec(self.x + o.x, self.y + o.y)\n"
            "    def __mul__(self, k):\n        return Vec(self.x * k, self.y * k)\n    __rmul__ = __mul__\n"
            "    def __neg__(self):\n        return self * -1",
            (
                "a, b = Vec(1, 2), Vec(3, 5)\nc = -(2 * (a + b) * 10)\nassert (c.x, c.y) == (-80, -140)\n"
                "assert isinstance(c, Vec)\na += b\nassert a.x == 4"
            ),
        ),
        {
            "a": "from dataclasses import dataclass\n@dataclass\nclass Vec:\n    x: float\n    y: float\n"
            "    def __add__(self, other):\n        return Vec(self.x + other.x, self.y + other.y)\n"
            "    def __mul__(self, k):\n        return type(self)(k * self.x, k * self.y)\n"
            "    def __rmul__(self, k):\n        return self * k\n    def __neg__(self):\n"
            "        return Vec(-self.x, -self.y)"
        },
    ),
    Honest(
        "properties, call, items, length, iteration, class methods",
        one(
            "class Net:\n    scale = 2\n    def __init__(self, w):\n        self.w = list(w)\n    @property\n"
            "    def size(self):\n        return len(self.w)\n    def __call__(self, x):\n"
            "        return [w * x for w in self.w]\n"
            "    def __getitem__(self, k):\n        return self.w[k]\n    def __setitem__(self, k, v):\n"
            "        self.w[k] = v\n    def __len__(self):\n        return len(self.w)\n"
            "    def __iter__(self):\n        return iter(self.w)\n"
            "    @classmethod\n    def zeros(cls, n):\n        return cls([0] * n)\n    @staticmethod\n"
            "    def help():\n        return 'help'",
            "n = Net([1, 2, 3])\nassert n.size == 3 and n(2) == [2, 4, 6] and n[1] == 2 and n[1:] == [2, 3] and len(n) == 3 and list(n) "
            "== [1, 2, 3]\nn[0] = 9\nassert n.w == [9, 2, 3] and sum(n) == 14 and Net.zeros(2).w == [0, 0] and Net.help() "
            "== 'help' and Net.scale == 2\nn.w = [1]\nassert n.size == 1\n"
            "assert [*Net.zeros(2)] == [0, 0] and sorted(n) == [1] and hasattr(n, 'size') and not hasattr(n, 'nothing')\n"
            "try:\n    n.nothing\nexcept AttributeError:\n    pass\nelse:\n    raise AssertionError",
        ),
        {
            "a": "class Base:\n    scale = 2\n    def __len__(self):\n        return len(self.w)\n"
            "    def __iter__(self):\n        yield from self.w\n    @property\n    def size(self):\n"
            "        return len(self)\n"
            "class Net(Base):\n    def __init__(self, w):\n        super().__init__()\n"
            "        self.w = [x for x in w]\n    def __call__(self, x):\n"
            "        return [x * w for w in self.w]\n    def __getitem__(self, k):\n        return self.w[k]\n"
            "    def __setitem__(self, k, v):\n        self.w[k] = v\n    @classmethod\n"
            "    def zeros(cls, n):\n        return cls(0 for _ in range(n))\n    @staticmethod\n"
            "    def help():\n        return 'help'"
        },
    ),
    Honest(
        "a context manager",
        one(
            (
                "class Timer:\n    def __enter__(self):\n        self.open = True\n        return self\n"
                "    def __exit__(self, *_):\n        self.open = False"
            ),
            "with Timer() as t:\n    assert t.open\nassert not t.open",
        ),
        {
            "a": (
                "class Timer:\n    open = None\n    def __enter__(self):\n        self.open = True\n"
                "        return self\n    def __exit__(self, kind, error, trace):\n        self.open = False\n"
                "        return None"
            )
        },
    ),
    Honest(
        "a context manager from a generator",
        one(
            "from contextlib import contextmanager\n@contextmanager\ndef tag(out):\n    out.append('<')\n    yield 7\n    out.append('>')",
            "with tag([]) as n:\n    assert n == 7",
        ),
        {"a": "import contextlib\n@contextlib.contextmanager\ndef tag(out):\n    yield 7"},
    ),
    Honest(
        "a context manager that swallows an error",
        one(
            (
                "class Quiet:\n    def __enter__(self):\n        return self\n"
                "    def __exit__(self, kind, error, trace):\n        return kind is ValueError"
            ),
            "with Quiet():\n    raise ValueError('x')\nreached = 1\nassert reached",
        ),
        {
            "a": (
                "class Quiet:\n    def __enter__(self):\n        return self\n"
                "    def __exit__(self, kind, error, trace):\n"
                "        return kind is not None and issubclass(kind, ValueError)"
            )
        },
    ),
    Honest(
        "inheritance that a test looks at",
        one(
            (
                "class Shape:\n    def area(self):\n        raise NotImplementedError\nclass Disc(Shape):\n"
                "    def __init__(self, r):\n        self.r = r\n    def area(self):\n        return 3 * self.r**2"
            ),
            (
                "assert issubclass(Disc, Shape) and isinstance(Disc(1), Shape) and Disc(2).area() == 12 and Disc.__name__ "
                "== 'Disc'\ntry:\n    Shape().area()\nexcept NotImplementedError:\n    pass\nelse:\n"
                "    raise AssertionError"
            ),
        ),
        {
            "a": (
                "from abc import ABC\nclass Shape(ABC):\n    def area(self):\n"
                "        raise NotImplementedError('abstract')\nclass Disc(Shape):\n    def __init__(self, r=1):\n"
                "        self.r = r\n    def area(self):\n        return self.r * self.r * 3"
            )
        },
    ),
    Honest(
        "a test's class that inherits from a student's",
        one("class Layer:\n    def __call__(self, x):\n        return self.forward(x)", "assert callable(Layer())"),
        {"a": "class Layer:\n    def __call__(self, *xs):\n        return self.forward(*xs)"},
    ),
    Honest(
        "a linked structure",
        one(
            (
                "class Node:\n    def __init__(self, value, next=None):\n"
                "        self.value, self.next = value, next\ndef chain(xs):\n    head = None\n"
                "    for x in reversed(xs):\n        head = Node(x, head)\n    return head"
            ),
            (
                "node, seen = chain([1, 2, 3]), []\nwhile node is not None:\n    seen.append(node.value)\n"
                "    node = node.next\nassert seen == [1, 2, 3]\nassert Node(1, Node(2)).next.value == 2"
            ),
        ),
        {
            "a": (
                "class Node:\n    __slots__ = ('value', 'next')\n    def __init__(self, value, next=None):\n"
                "        self.value = value\n        self.next = next\ndef chain(xs):\n"
                "    return Node(xs[0], chain(xs[1:])) if xs else None"
            )
        },
    ),
    Honest(
        "objects in lists and dicts, and handed back",
        one(
            (
                "class P:\n    def __init__(self, n):\n        self.n = n\ndef make(k):\n"
                "    return [P(i) for i in range(k)]\ndef total(ps):\n    return sum(p.n for p in ps)"
            ),
            (
                "ps = make(4)\n"
                "assert len(ps) == 4 and total(ps) == 6 and total(ps[:2]) == 1 and [p.n for p in ps] == [0, 1, 2, 3]\n"
                "ps[0].n = 10\nassert total(ps) == 16 and total([P(1), P(2)]) == 3"
            ),
        ),
        {
            "a": (
                "class P:\n    def __init__(self, n):\n        self.n = n\ndef make(k):\n"
                "    return [P(i) for i in range(k)]\ndef total(ps):\n    return sum([p.n for p in ps])"
            )
        },
    ),
    Honest(
        "the same object is the same object",
        one(
            "class One:\n    it = None\ndef get():\n    One.it = One.it or One()\n    return One.it",
            "assert get() is get() and get() is not One()",
        ),
        {"a": "class One:\n    pass\nonly = One()\ndef get():\n    return only"},
    ),
    Honest(
        "identity inside the student's process",
        one("def same(a, b):\n    return a is b\nclass T:\n    pass", "t = T()\nassert same(t, t) and not same(t, T())"),
        {"a": "def same(first, second):\n    return first is second\nclass T: ..."},
    ),
]

ERRORS = [
    Honest(
        "an exception that the test expects",
        one(
            "def root(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x**0.5",
            (
                "import unittest\ncase = unittest.TestCase()\nwith case.assertRaises(ValueError):\n    root(-1)\n"
                "case.assertRaisesRegex(ValueError, 'neg', root, -2)\nassert root(4) == 2"
            ),
        ),
        {"a": "import math\ndef root(x):\n    if x < 0:\n        raise ValueError(f'{x} is negative')\n    return math.sqrt(x)"},
    ),
    Honest(
        "an exception class of the student's own",
        one(
            "class Bad(Exception):\n    pass\ndef f(x):\n    if x < 0:\n        raise Bad('no')\n    return x",
            (
                "try:\n    f(-1)\nexcept Bad as error:\n"
                "    assert 'no' in str(error) and type(error).__name__ == 'Bad'\nelse:\n"
                "    raise AssertionError('nothing was raised')\nassert f(1) == 1 and issubclass(Bad, Exception)"
            ),
        ),
        {
            "a": (
                "class Bad(ValueError):\n    def __init__(self, why):\n        super().__init__('no: ' + why)\n"
                "def f(x):\n    if x < 0:\n        raise Bad(repr(x))\n    return x"
            )
        },
    ),
    Honest(
        "pytest.raises",
        one(
            "def first(xs):\n    return xs[0]",
            (
                "import pytest\nwith pytest.raises(IndexError):\n    first([])\nwith pytest.raises(TypeError):\n"
                "    first(3)\nwith pytest.raises(KeyError, match='0'):\n    first({})\n"
                "assert first('ab') == 'a' and first([1.5]) == pytest.approx(1.5)"
            ),
        ),
        {"a": "def first(xs):\n    return xs[0]"},
    ),
    Honest(
        "an assertion in the student's function that the test expects",
        one(
            "def f(x):\n    assert x > 0, 'positive'\n    return x",
            (
                "try:\n    f(-1)\nexcept AssertionError as error:\n    assert 'pos' in str(error)\nelse:\n"
                "    raise RuntimeError\nassert f(2) == 2"
            ),
        ),
        {"a": "def f(x):\n    assert x > 0, 'must be positive'\n    return x"},
    ),
    Honest(
        "an error with attributes",
        one(
            "class E(Exception):\n    def __init__(self, code):\n        self.code = code\ndef f():\n    raise E(42)",
            "try:\n    f()\nexcept E as error:\n    assert error.code == 42 and error.args == (42,)\nelse:\n    raise AssertionError",
        ),
        {
            "a": (
                "class E(Exception):\n    def __init__(self, code):\n        super().__init__(code)\n"
                "        self.code = code\ndef f():\n    raise E(42)"
            )
        },
    ),
    Honest(
        "NotImplementedError is caught",
        one("def f():\n    return 1", "try:\n    value = f()\nexcept NotImplementedError:\n    value = None\nassert value == 1"),
        {"a": "def f():\n    return 1"},
    ),
    Honest(
        "a KeyError as it is",
        one(
            "def look(d):\n    return d['x']",
            (
                "try:\n    look({})\nexcept KeyError as error:\n"
                "    assert error.args == ('x',) and str(error) == repr('x')\nelse:\n    raise AssertionError\n"
                "assert look({'x': 1}) == 1"
            ),
        ),
        {"a": "def look(d):\n    return d['x']"},
    ),
]

TESTS = [
    Honest(
        "unittest in a test cell",
        one(
            "def add(a, b):\n    return a + b",
            (
                "import unittest\nclass TestAdd(unittest.TestCase):\n    def setUp(self):\n        self.f = add\n"
                "    def test_numbers(self):\n        self.assertEqual(self.f(2, 3), 5)\n"
                "        self.assertAlmostEqual(add(0.1, 0.2), 0.3)\n    def test_text(self):\n"
                "        self.assertIn('b', add('a', 'b'))\n"
                "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestAdd)\n"
                "outcome = unittest.TextTestRunner(verbosity=0).run(suite)\nassert outcome.wasSuccessful()"
            ),
        ),
        {"a": "def add(a, b):\n    return b + a if isinstance(a, (int, float)) else a + b"},
        stock={"t": 0},
        why="unittest's runner writes to stderr, which stock takes for a failure",
    ),
    Honest(
        "helpers of an earlier test, of a free and of a locked cell",
        (
            IMPORTS,
            code("TOLERANCE = 1e-9\ndef close(a, b):\n    return abs(a - b) < TOLERANCE"),
            locked("tools", "from math import pi\ndef turn(x):\n    return x + 2 * pi"),
            ask("a", "def half(x):\n    return x / 2"),
            check("t", "def try_it(x):\n    assert close(half(turn(x)), (x + 2 * pi) / 2)\n\ntried = 3\ntry_it(tried)"),
            check("u", "try_it(tried + 1)\nassert tried == 3"),
        ),
        {"a": "def half(x):\n    return 0.5 * x"},
    ),
    Honest(
        "set-up that answers use and tests use too",
        (
            IMPORTS,
            locked("data", "X = np.arange(6.0).reshape(3, 2)\ny = X @ [1.0, 2.0]"),
            ask("a", "w = np.linalg.lstsq(X, y, rcond=None)[0]"),
            check("t", "np.testing.assert_allclose(w, [1, 2], atol=1e-8)\nnp.testing.assert_allclose(X @ w, y)"),
        ),
        {"a": "w = np.linalg.pinv(X) @ y"},
    ),
    Honest(
        "a set-up cell that calls the student's function",
        (
            IMPORTS,
            ask("a", "def make(n):\n    return np.ones(n)"),
            code("made = make(3) * 2"),
            check("t", "np.testing.assert_allclose(made, [2, 2, 2])"),
        ),
        {"a": "def make(n):\n    return np.zeros(n) + 1"},
    ),
    Honest(
        "a locked cell that trains with the student's step",
        (
            IMPORTS,
            ask("a", "def step(w):\n    return w - 0.5 * w"),
            locked("train", "w = 8.0\nlosses = []\nfor _ in range(3):\n    w = step(w)\n    losses.append(w**2)"),
            check("t", "assert w == 1.0 and losses[-1] == 1.0 and len(losses) == 3"),
        ),
        {"a": "def step(w):\n    return w / 2"},
    ),
    Honest(
        "partial credit as a number",
        one(
            "def parts():\n    return 1, 2, 3",
            "score = 0.0\nfor mine, right in zip(parts(), (1, 2, 3)):\n    score += 2 / 3 * (mine == right)\nround(score, 6)",
        ),
        {"a": "def parts():\n    return 1, 2, 0"},
        earns={"t": 1.333333},
    ),
    Honest(
        "partial credit as a NumPy number",
        one("def parts():\n    return 1, 2, 3, 4", "np.mean([mine == right for mine, right in zip(parts(), (1, 2, 3, 4))]) * 2"),
        {"a": "def parts():\n    return 1, 2, 0, 0"},
        earns={"t": 1},
        stock={"t": 2},
        why="np.float64(1.0) is text to stock, and full marks",
    ),
    Honest(
        "no points, as a NumPy number",
        one("def f():\n    return 1", "np.float64(2.0 * (f() == 1))"),
        {"a": "def f():\n    return 0"},
        earns={"t": 0},
        stock={"t": 2},
        why="np.float64(0.0) is text to stock, and full marks",
    ),
    Honest(
        "points in a tensor",
        one("def f():\n    return 1", "torch.tensor(0.5 * f())"),
        {"a": "def f():\n    return 1"},
        earns={"t": 0.5},
        stock={"t": 2},
        why="tensor(0.5000) is text to stock, and full marks",
    ),
    Honest(
        "a number below 0",
        one("def f():\n    return 1", "2.0 - 3.0 * f()"),
        {"a": "def f():\n    return 1"},
        earns={"t": 0},
        stock={"t": 2},
        why="stock takes a number below 0 for full marks",
        says="gave -1.0 points",
    ),
    Honest(
        "nan points",
        one("def f():\n    return float('nan')", "f() * 2.0"),
        {"a": "def f():\n    return float('nan')"},
        earns={"t": 0},
        stock={"t": 2},
        why="stock takes nan for full marks",
        says="gave nan points",
    ),
    Honest(
        "more points than there are",
        one("def f():\n    return 5", "f() + 0.0"),
        {"a": "def f():\n    return 5"},
        earns={"t": 2},
        stock=None,
        why="stock aborts the submission",
        says="gave 5 points of 2",
    ),
    Honest(
        "a test that ends with text, and one with a truth value",
        (IMPORTS, ask("a", "def f():\n    return 1"), check("t", "assert f() == 1\n'well done'"), check("u", "f() == 1")),
        {"a": "def f():\n    return 1"},
    ),
    Honest(
        "a test that shows things",
        one(
            "def f():\n    return np.eye(2)",
            (
                "from IPython.display import HTML, display\ndisplay(HTML('<b>Hm</b>'))\nprint(f())\n"
                "assert f().trace() == 2\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()"
            ),
        ),
        {"a": "def f():\n    return np.identity(2)"},
    ),
    Honest(
        "magics in a test", one("def f():\n    return 1", "%matplotlib inline\nassert f() == 1\n!true"), {"a": "def f():\n    return 1"}
    ),
    Honest("a timed test", one("def f():\n    return 1", "%%time\nassert f() == 1"), {"a": "def f():\n    return 1"}),
    Honest(
        "a signature that a test reads",
        one(
            "def f(a, b=2, *rest, c=3):\n    'Adds.'\n    return a + b + c",
            (
                "import inspect\n"
                "assert list(inspect.signature(f).parameters) == ['a', 'b', 'rest', 'c'] and f.__doc__ and f.__name__ == "
                "'f' and callable(f) and f(1) == 6"
            ),
        ),
        {"a": "def f(a, b=2, *rest, c=3):\n    '''Adds up.'''\n    return sum((a, b, c))"},
    ),
    Honest(
        "names looked up in globals",
        one(
            "def f():\n    return 1",
            (
                "assert 'f' in globals() and 'f' in dir() and callable(globals()['f'])\nassert eval('f()') == 1\n"
                "assert all(name in globals() for name in ('f',))"
            ),
        ),
        {"a": "def f():\n    return 1"},
    ),
    Honest(
        "a variable of a test, used by an answer",
        (
            IMPORTS,
            ask("a", "def f():\n    return 1"),
            check("t", "data = [1, 2, 3]\nassert f() == 1"),
            ask("b", "total = sum(data)"),
            check("u", "assert total == 6"),
        ),
        {"a": "def f():\n    return 1", "b": "total = sum(data)"},
    ),
    Honest(
        "data read by both",
        (
            IMPORTS,
            locked("read", "table = np.loadtxt('table.csv', delimiter=',')"),
            ask("a", "def total():\n    return sum(sum(map(float, line.split(','))) for line in open('table.csv'))"),
            check("t", "assert total() == table.sum() == 10\nassert open('table.csv').read().count(',') == 2"),
        ),
        {"a": "def total():\n    return sum(float(x) for line in open('table.csv') for x in line.split(','))"},
        beside={"table.csv": "1,2\n3,4\n"},
    ),
    Honest(
        "a file that the student's function writes and reads",
        one(
            "def save(x):\n    with open('x.txt', 'w') as f:\n        f.write(str(x))\ndef load():\n    return float(open('x.txt').read())",
            "save(2.5)\nassert load() == 2.5",
        ),
        {
            "a": (
                "from pathlib import Path\ndef save(x):\n    Path('x.txt').write_text(str(x))\ndef load():\n"
                "    return float(Path('x.txt').read_text())"
            )
        },
    ),
    Honest(
        "a file that the student writes and the test reads",
        one("def save(x):\n    open('y.txt', 'w').write(str(x))", "save(2.5)\nassert open('y.txt').read() == '2.5'"),
        {"a": "from pathlib import Path\ndef save(x):\n    Path('y.txt').write_text(str(x))"},
    ),
    Honest(
        "a module of the course beside the notebook",
        (
            code("import numpy as np\nfrom course_tools import near"),
            ask("a", "def f():\n    return 1.0"),
            check("t", "import course_tools\nassert near(f(), 1) and course_tools.near(f(), 1)"),
        ),
        {"a": "def f():\n    return 1 + 1e-12"},
        beside={"course_tools.py": "def near(a, b):\n    return abs(a - b) < 1e-9\n"},
    ),
]

TORCH = [
    Honest(
        "a module that the test calls",
        one(
            (
                "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.layer = torch.nn.Linear(2, 3)\n    def forward(self, x):\n"
                "        return torch.relu(self.layer(x))"
            ),
            "torch.manual_seed(0)\nnet = Net()\nout = net(torch.ones(4, 2))\n"
            "assert out.shape == (4, 3) and len(list(net.parameters())) == 2\n"
            "assert [tuple(p.shape) for p in net.parameters()] == [(3, 2), (3,)] and set(net.state_dict()) == "
            "{'layer.weight', 'layer.bias'}\n"
            "assert sum(p.numel() for p in net.parameters()) == 9 and net.layer.weight.shape == (3, 2)\n"
            "net.eval()\nassert not net.training and (out >= 0).all()\n"
            "torch.manual_seed(0)\ntwin = torch.nn.Linear(2, 3)\ntorch.testing.assert_close(out, torch.relu(twin(torch.ones(4, 2))))",
        ),
        {
            "a": (
                "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self, hidden=3):\n"
                "        super(Net, self).__init__()\n        self.layer = nn.Linear(2, hidden)\n"
                "    def forward(self, x):\n        return self.layer(x).clamp(min=0)"
            )
        },
    ),
    Honest(
        "gradients after the student's own backward",
        one(
            (
                "def train(w, x):\n    loss = ((w * x) ** 2).sum()\n    loss.backward()\n    return loss, w.grad\n"
                "param = torch.tensor([1.0], requires_grad=True)\ndef run():\n    (3 * param).sum().backward()"
            ),
            (
                "w = torch.tensor([2.0], requires_grad=True)\nloss, grad = train(w, torch.tensor([3.0]))\n"
                "assert loss.item() == 36 and grad.item() == 36\nrun()\nassert param.grad.item() == 3"
            ),
        ),
        {
            "a": (
                "def train(w, x):\n    loss = torch.sum((w * x).pow(2))\n    loss.backward()\n"
                "    return loss, w.grad\nparam = torch.ones(1, requires_grad=True)\ndef run():\n"
                "    loss = 3 * param.sum()\n    loss.backward()"
            )
        },
    ),
    Honest(
        "gradients that the student's backward leaves in the test's tensor",
        one(
            "def train(w):\n    (w**2).sum().backward()", "w = torch.tensor([2.0], requires_grad=True)\ntrain(w)\nassert w.grad.item() == 4"
        ),
        {"a": "def train(w):\n    loss = (w * w).sum()\n    loss.backward()"},
    ),
    Honest(
        "a loss of the student's, derived by the test",
        one(
            "def loss(w, x):\n    return ((w * x) ** 2).mean()",
            "w = torch.tensor([2.0], requires_grad=True)\nloss(w, torch.tensor([3.0])).backward()\nassert w.grad.item() == 36",
        ),
        {"a": "def loss(w, x):\n    return torch.mean((w * x) ** 2)"},
    ),
    Honest(
        "a training loop with the student's model and the test's optimizer",
        one(
            (
                "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.w = torch.nn.Parameter(torch.zeros(1))\n    def forward(self, x):\n"
                "        return self.w * x"
            ),
            (
                "net = Net()\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nfor _ in range(50):\n"
                "    optimizer.zero_grad()\n    ((net(torch.ones(1)) - 3) ** 2).sum().backward()\n"
                "    optimizer.step()\nassert abs(net.w.item() - 3) < 1e-3"
            ),
        ),
        {
            "a": (
                "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.w = torch.nn.Parameter(torch.tensor([0.0]))\n    def forward(self, x):\n"
                "        return x * self.w"
            )
        },
    ),
    Honest(
        "training done by the student's code",
        one(
            (
                "def train(steps, lr):\n    net = torch.nn.Linear(1, 1)\n"
                "    opt = torch.optim.SGD(net.parameters(), lr=lr)\n    losses = []\n    for _ in range(steps):\n"
                "        opt.zero_grad()\n        loss = (net(torch.ones(1, 1)) - 2).pow(2).sum()\n"
                "        loss.backward()\n        opt.step()\n        losses.append(loss.item())\n"
                "    return net, losses"
            ),
            (
                "torch.manual_seed(0)\nnet, losses = train(40, 0.1)\nassert losses[-1] < 1e-4 < losses[0]\n"
                "with torch.no_grad():\n"
                "    torch.testing.assert_close(net(torch.ones(1, 1)), torch.full((1, 1), 2.0), atol=1e-2, rtol=0)\n"
                "assert all(p.grad is not None for p in net.parameters())"
            ),
        ),
        {
            "a": (
                "def train(steps, lr):\n    model = torch.nn.Sequential(torch.nn.Linear(1, 1))\n"
                "    optimizer = torch.optim.SGD(model.parameters(), lr=lr)\n    losses = []\n"
                "    for step in range(steps):\n"
                "        loss = torch.nn.functional.mse_loss(model(torch.ones(1, 1)), torch.full((1, 1), 2.0))\n"
                "        optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()\n"
                "        losses.append(float(loss))\n    return model, losses"
            )
        },
        stock={"t": 0},
        why="PyTorch warns of float() here, and stock takes a warning for a failure",
    ),
    Honest(
        "an autograd function of the student's, derived in the student's process",
        one(
            (
                "class Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
                "        ctx.save_for_backward(x)\n        return x**3\n    @staticmethod\n"
                "    def backward(ctx, g):\n        return 3 * ctx.saved_tensors[0] ** 2 * g\n"
                "def cube_and_slope(x):\n    x = x.clone().requires_grad_()\n    y = Cube.apply(x)\n"
                "    y.sum().backward()\n    return y.detach(), x.grad"
            ),
            (
                "y, g = cube_and_slope(torch.tensor([2.0, -1.0]))\n"
                "torch.testing.assert_close(y, torch.tensor([8.0, -1.0]))\n"
                "torch.testing.assert_close(g, torch.tensor([12.0, 3.0]))"
            ),
        ),
        {
            "a": (
                "class Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
                "        ctx.save_for_backward(x)\n        return x * x * x\n    @staticmethod\n"
                "    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n        return g * 3 * x * x\n"
                "def cube_and_slope(x):\n    x = x.detach().requires_grad_(True)\n    y = Cube.apply(x)\n"
                "    y.sum().backward()\n    return y.detach(), x.grad"
            )
        },
    ),
]


OBJECT = "class P:\n    def __init__(self, n):\n        self.n = n\n    def __eq__(self, other):\n        return self.n == other.n\n"
OBJECT += "    def __hash__(self):\n        return hash(self.n)\n    def __str__(self):\n        return f'P({self.n})'\n"
OBJECT += "    def __bool__(self):\n        return True\n    def __contains__(self, n):\n        return n == self.n\n"


def needing_more(name: str, test: str, answer_text: str = OBJECT) -> Honest:
    """A right answer to a test that needs more than plain data."""
    return Honest(name, one(answer_text, test), {"a": answer_text})


MORE = [
    needing_more("objects compared", "assert P(1) == P(1)"),
    needing_more("objects compared by unittest", "import unittest\nunittest.TestCase().assertEqual(P(1), P(1))"),
    needing_more("objects in a list compared", "assert [P(1)] == [P(1)]"),
    needing_more("an object as the key of a dict", "assert {P(1): 'one'}[P(1)] == 'one'"),
    needing_more("something looked for in an object", "assert 1 in P(1)"),
    needing_more("an object looked for in a list", "assert P(1) in [P(2), P(1)]"),
    needing_more("the truth of an object", "assert P(1)"),
    needing_more("the text of an object", "assert str(P(1)) == 'P(1)'"),
    needing_more("an object in an f-string", "assert f'{P(1)}' == 'P(1)'"),
    needing_more("an object as a float", "assert float(P(3)) == 3.0", OBJECT + "    def __float__(self):\n        return float(self.n)\n"),
    needing_more(
        "the source of a function", "import inspect\nassert 'for' not in inspect.getsource(f) and f(1) == 1", "def f(x):\n    return x"
    ),
    needing_more(
        "globals of a function changed", "f.__globals__['rate'] = 3\nassert f(2) == 6", "rate = 1\ndef f(x):\n    return rate * x"
    ),
    needing_more(
        "an object asked for its type",
        "assert isinstance(P(1), Sized)",
        (
            "from collections.abc import Sized\nclass P(Sized):\n    def __init__(self, n):\n"
            "        self.n = n\n    def __len__(self):\n        return self.n"
        ),
    ),
    needing_more("a copy of an object", "import copy\nassert copy.deepcopy(P(2)).n == 2"),
    needing_more(
        "an object made an array",
        "assert np.array([P(1)], dtype=float)[0] == 1",
        OBJECT + "    def __float__(self):\n        return float(self.n)\n",
    ),
]

# Tests that the reference passes only together with its own code: apart, right answers earn
# nothing, and a person is told so in these words.
TOLD = {
    **dict.fromkeys([case.name for case in MORE], "needs a person"),
    "a context manager that swallows an error": "lets an error be caught by",
    "a file that the student writes and the test reads": "looked for a file that does not exist here",
    "a loss of the student's, derived by the test": "differentiates through a result of the student's code",
    "a training loop with the student's model and the test's optimizer": "differentiates through a result of the student's code",
}
HONEST = [*FORMS, *NOISE, *CELLS, *STATE, *IN_PLACE, *RANDOM, *CLASSES, *ERRORS, *TESTS, *TORCH, *MORE]
REPORTED = [replace(case, earns=dict.fromkeys(case.expected, 0), says=TOLD[case.name]) for case in HONEST if case.name in TOLD]
