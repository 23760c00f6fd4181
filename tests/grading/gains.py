# ruff: noqa: E501  (programs on one line)
"""Answers that try to have the test itself decided, or changed, by the student's code; as data.

Every test here compares as many instructors do: with a difference, a norm, a counter, a method of
the result. Each submission replaces some of the right answers. What it replaces by something that
is not the mathematics earns nothing; all else keeps its points.
"""

from dataclasses import dataclass, field

from tests.grading.course import answer, check, code, notebook

SECRET = "STOLE"  # printed by an answer beside what it is compared with
RIGHT = {
    "half": "def half(x):\n    return x / 2",
    "scale": "def scale(X):\n    return 2 * X",
    "line": "def line(x):\n    return 2 * x + 1",
    "root": "def root():\n    return 5 ** (1 / 3)",
    "pairs": "def pairs(xs):\n    return [x * x for x in xs]",
    "twice": "def twice(t):\n    return t * 2",
    "thrice": "def thrice(t):\n    return t * 3",
    "cube": "def cube(x):\n    return x ** 3",
    "parity": "def parity(n):\n    return n % 2",
    "normal": "def normal(x):\n    return x / x.sum()",
    "longer": "def longer(xs):\n    return xs + [0]",
    "add_scaled": "def add_scaled(a, x, y):\n    y += a * x",
    "slow": "def slow(n):\n    return n * n",
    "draw": "def draw(rng):\n    return rng.normal(size=2)",
    "Value": "class Value:\n    def __init__(self, data):\n        self.data = data\n    def __add__(self, other):\n        return Value(self.data + getattr(other, 'data', other))",
}
TESTS = {
    "half": "expected = 3.5\nassert abs(half(7.0) - expected) < 1e-9",
    "scale": "X = np.eye(3)\nY = X + X\nassert np.max(np.abs(scale(X) - Y)) < 1e-9",
    "line": "x = np.linspace(0, 1, 4)\nassert np.linalg.norm(line(x) - (2 * x + 1)) < 1e-9",
    "root": "assert abs(root() ** 3 - 5) < 1e-9",
    "pairs": "xs, ys = [1.0, 2.0], [1.0, 4.0]\nassert sum((a - b) ** 2 for a, b in zip(pairs(xs), ys)) < 1e-12",
    "twice": "t = torch.tensor([1.0, 2.0])\nassert twice(t).allclose(torch.tensor([2.0, 4.0]))",
    "thrice": "t = torch.tensor([1.0, 2.0])\nassert (thrice(t) - torch.tensor([3.0, 6.0])).abs().max().item() < 1e-6",
    "cube": "points = 0\nfor x in (1, 2, 3):\n    if cube(x) == x**3:\n        points += 1\npoints",
    "parity": "fine = True\nfor n in range(4):\n    if parity(n) != n % 2:\n        fine = False\nassert fine is True",
    "normal": "x = np.array([1.0, 3.0])\nkept = x.copy()\nassert np.allclose(normal(x), [0.25, 0.75])\nassert np.array_equal(x, kept), 'it must not change its input'",
    "longer": "xs = [1]\nys = longer(xs)\nassert ys == [1, 0] and ys is not xs",
    "add_scaled": "x, y = np.array([1.0, 2.0]), np.array([5.0, 5.0])\nbefore = y.copy()\nadd_scaled(2.0, x, y)\nassert np.allclose(y, before + 2.0 * x)",
    "slow": "import json, os\nif not os.path.exists('table.json'):\n    with open('table.json', 'w') as file:\n        json.dump([slow(n) for n in range(4)], file)\nassert json.load(open('table.json')) == [0, 1, 4, 9]",
    "draw": "rng = np.random.default_rng(3)\nmine = draw(rng)\nassert np.allclose(mine, np.random.default_rng(3).normal(size=2))",
    "Value": "assert abs((Value(2.0) + 5).data - 7) < 1e-9",
}
POINTS = dict.fromkeys(TESTS, 2.0) | {"cube": 3.0}


def _stub(name: str) -> str:
    return f"### BEGIN SOLUTION\n{RIGHT[name]}\n### END SOLUTION"


COURSE = notebook(
    code("import numpy as np\nimport torch"),
    *(cell for name in TESTS for cell in (answer(f"{name}-answer", _stub(name)), check(name, TESTS[name], POINTS[name]))),
)


@dataclass(frozen=True)
class Gain:
    """One submission: what it tries, and its answers in place of the right ones, by exercise."""

    name: str
    tries: str
    answers: dict[str, str]
    first: str = ""  # a cell before the others
    earns: dict[str, float] = field(default_factory=dict)  # of what it replaces; the rest of that earns nothing


# Objects that decide when something is computed with them.
ZERO = f"class Zero:\n    def __sub__(self, other):\n        print('{SECRET}', other)\n        return 0.0\n    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __pow__ = __sub__\n    __abs__ = lambda self: 0.0\n"
SELF = "class Same:\n    def __sub__(self, other):\n        return self\n    __rsub__ = __pow__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __sub__\n    def __abs__(self):\n        return self\n    abs = max = min = sum = mean = norm = lambda self, *a: self\n    item = lambda self: 0.0\n    def allclose(self, *a, **k):\n        return True\n"


def object_for(exercise: str, result: str) -> str:
    """An answer that gives such an object whatever it is asked."""
    return f"def {exercise}(*a):\n    return {result}"


DECIDING = [
    Gain("zero-minus", "a difference that the student's class makes", {"half": object_for("half", "Zero()")}, ZERO),
    Gain("zero-in-an-array", "the same under np.max(np.abs())", {"scale": object_for("scale", "Zero()")}, ZERO),
    Gain("zero-under-norm", "the same under norm", {"line": object_for("line", "Zero()")}, ZERO),
    Gain("zero-to-a-power", "the same by ** and -", {"root": object_for("root", "Zero()")}, ZERO),
    Gain("zeros-in-a-list", "the same in a list", {"pairs": object_for("pairs", "[Zero(), Zero()]")}, ZERO),
    Gain(
        "zeros-in-an-object-array",
        "the same in an array of objects",
        {"scale": object_for("scale", "np.array([Zero()] * 9, dtype=object).reshape(3, 3)")},
        ZERO,
    ),
    Gain(
        "zeros-from-a-generator", "the same, one after the other", {"pairs": "def pairs(xs):\n    for x in xs:\n        yield Zero()"}, ZERO
    ),
    Gain("same-all-the-way", "an object that stays one until .item()", {"thrice": object_for("thrice", "Same()")}, SELF),
    Gain("same-minus", "a difference that is an object, and its absolute value too", {"half": object_for("half", "Same()")}, SELF),
    Gain("judges-itself", "its own allclose", {"twice": object_for("twice", "Same()")}, SELF),
    Gain(
        "judge-in-a-record",
        "a function in a named tuple",
        {
            "twice": "from collections import namedtuple\nJudge = namedtuple('Judge', 'allclose')\ndef twice(t):\n    return Judge(lambda *a: True)"
        },
    ),
    Gain(
        "judge-by-attribute",
        "an object whose every attribute is a function that says yes",
        {"twice": object_for("twice", "Yes()"), "thrice": object_for("thrice", "Yes()")},
        "class Yes:\n    def __getattr__(self, name):\n        return lambda *a, **k: True\n",
    ),
    Gain(
        "judge-in-a-simple-namespace",
        "a function in a namespace",
        {"twice": "import types\ndef twice(t):\n    return types.SimpleNamespace(allclose=lambda other: True)"},
    ),
    Gain(
        "float-with-its-own-minus",
        "a float whose difference is zero",
        {"half": object_for("half", "Sly(1.0)")},
        "class Sly(float):\n    __sub__ = __rsub__ = lambda self, other: 0.0\n    __abs__ = lambda self: 0.0\n",
    ),
    Gain(
        "array-with-its-own-minus",
        "an array whose difference is zero",
        {"scale": object_for("scale", "np.ones((3, 3)).view(Flat)")},
        "class Flat(np.ndarray):\n    __sub__ = __rsub__ = lambda self, other: np.zeros(3)\n    def __array_ufunc__(self, *a, **k):\n        return np.zeros(3)\n",
    ),
    Gain(
        "tensor-with-its-own-minus",
        "a tensor whose operations are zero",
        {"thrice": object_for("thrice", "torch.ones(2).as_subclass(Null)")},
        "class Null(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, f, types, args=(), kwargs=None):\n        return torch.zeros(2)\n",
    ),
    Gain(
        "list-with-its-own-iter",
        "a list whose items are zeros when it is looped over",
        {"pairs": object_for("pairs", "Items([7.0, 7.0])")},
        ZERO + "class Items(list):\n    def __iter__(self):\n        return iter([Zero(), Zero()])\n",
    ),
    Gain(
        "class-that-claims-to-be-float",
        "an object that says it is a float",
        {"half": object_for("half", "Claims()")},
        "class Claims:\n    __class__ = float\n    __sub__ = __rsub__ = lambda self, o: 0.0\n    __float__ = lambda self: 0.0\n    __lt__ = lambda self, o: True\n",
    ),
    Gain(
        "class-in-place-of-a-function",
        "the answer is a class",
        {
            "half": "class half(float):\n    def __new__(cls, x):\n        return object.__new__(cls)\n    __sub__ = lambda self, o: 0.0",
            "root": "class root:\n    def __pow__(self, n):\n        return 5",
        },
    ),
    Gain(
        "a-value-for-a-number",
        "an object of a class that the course does ask for",
        {
            "half": object_for("half", "Value(0.0)"),
            "thrice": object_for("thrice", "Value(0.0)"),
            "Value": RIGHT["Value"]
            + "\n    __sub__ = __rsub__ = lambda self, o: self\n    __abs__ = abs = max = lambda self: self\n    item = lambda self: 0.0",
        },
        earns={"Value": 2.0},
    ),
    Gain(
        "a-plain-sum-in-the-engine",
        "arithmetic of the engine gives the number that is wanted",
        {
            "Value": "class Value:\n    def __init__(self, data):\n        self.data = data\n    def __add__(self, other):\n        return 7.0"
        },
    ),
    Gain(
        "in-place-operators",
        "in-place operators that judge",
        {"half": object_for("half", "Inplace()")},
        "class Inplace:\n    __isub__ = __iadd__ = __sub__ = lambda self, o: 0.0\n    __abs__ = lambda self: 0.0\n",
    ),
]

# The test's own variables.
VARIABLES = [
    Gain("global-points", "a global of the counter's name", {"cube": "def cube(x):\n    global points\n    points = 3\n    return 0"}),
    Gain(
        "global-points-plus",
        "the counter counted up",
        {"cube": "points = 0\ndef cube(x):\n    global points\n    points += 1\n    return 0"},
    ),
    Gain(
        "points-in-the-shell",
        "the counter by way of the shell",
        {"cube": "def cube(x):\n    get_ipython().user_ns['points'] = 3\n    return 0"},
    ),
    Gain(
        "points-in-main", "the counter by way of __main__", {"cube": "import __main__\ndef cube(x):\n    __main__.points = 3\n    return 0"}
    ),
    Gain(
        "fine-again", "a flag set back to True", {"parity": "fine = True\ndef parity(n):\n    global fine\n    fine = True\n    return 5"}
    ),
    Gain(
        "expected-replaced",
        "the expected value's name",
        {"half": "expected = 0.0\ndef half(x):\n    global expected\n    expected = 0.0\n    return 0.0"},
    ),
    Gain(
        "inputs-replaced",
        "the names of inputs and of expected values",
        {
            "pairs": "xs, ys = [], []\ndef pairs(xs):\n    global ys\n    ys = []\n    return []",
            "scale": "X = Y = 0\ndef scale(A):\n    global X, Y\n    X = Y = A\n    return A",
        },
        earns={"pairs": 2.0},
    ),
    Gain(
        "the-library's-judge",
        "another np and another abs",
        {
            "half": "def half(x):\n    return 0.0",
            "scale": "import numpy\nnumpy.max = numpy.abs = lambda *a: 0\ndef scale(X):\n    return X",
        },
        "import builtins\nbuiltins.abs = lambda x: 0\n",
    ),
]

# Arguments: changed, returned, kept.
ARGUMENTS = [
    Gain("changes-its-input", "an input that is changed in place", {"normal": "def normal(x):\n    x /= x.sum()\n    return x.copy()"}),
    Gain("returns-its-input", "the changed input itself", {"longer": "def longer(xs):\n    xs.append(0)\n    return xs"}),
    Gain("changes-every-argument", "zeros for all that the test compares", {"add_scaled": "def add_scaled(a, x, y):\n    x[:] = 0"}),
    Gain("changes-all-to-one", "every argument the same", {"add_scaled": "def add_scaled(a, x, y):\n    x[:] = 0\n    y[:] = 5"}),
    Gain(
        "winds-a-generator-back",
        "a generator set to where it draws zeros",
        {"draw": "def draw(rng):\n    rng.bit_generator.state = np.random.default_rng(4).bit_generator.state\n    return np.zeros(2)"},
    ),
]

# One student through another: the first fills the file, the second reads it.
THROUGH_OTHERS = [
    Gain("reads-another's-table", "a file that the tests of another submission have left", {"slow": "def slow(n):\n    return 0"})
]

GAINS = [*DECIDING, *VARIABLES, *ARGUMENTS, *THROUGH_OTHERS]
