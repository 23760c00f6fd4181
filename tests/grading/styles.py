# ruff: noqa: E501  (programs on one line)
"""Tests as many instructors write them, as data: what is
asked, the course's own answer, a test, and a wrong answer.

No result is written down here: what each answer earns is found by running everything in one Jupyter
kernel, as stock nbgrader does.
"""

from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from tests.grading.course import answer, check, code, notebook


@dataclass(frozen=True)
class Style:
    """One exercise and its test; `before` is a cell of the course's above it."""

    name: str
    right: str
    test: str
    wrong: str
    before: str = ""


IMPORTS = (
    "import numpy as np\nimport torch\nimport matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    "import os, sys, io, random, time, unittest"
)

# As in nbgrader's own documentation and examples.
DOCUMENTED = [
    Style(
        "squares",
        "def squares(n):\n    if n < 1:\n        raise ValueError('n must be positive')\n    return [i ** 2 for i in range(1, n + 1)]",
        "assert squares(1) == [1]\nassert squares(3) == [1, 4, 9]",
        "def squares(n):\n    return [i for i in range(1, n + 1)]",
    ),
    Style(
        "raises-or-fails",
        "def positive(n):\n    if n < 1:\n        raise ValueError('n must be positive')\n    return n",
        "try:\n    positive(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('did not raise')",
        "def positive(n):\n    return n",
    ),
    Style(
        "uses-the-other-function",
        "def pieces(n):\n    return [i ** 2 for i in range(1, n + 1)]\ndef total(n):\n    return sum(pieces(n))",
        "kept_pieces = pieces\ndel pieces\ntry:\n    total(1)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError('total does not use pieces')\nfinally:\n    pieces = kept_pieces",
        "def pieces(n):\n    return [i ** 2 for i in range(1, n + 1)]\ndef total(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
    ),
    Style(
        "several-asserts",
        "def hello(name):\n    return f'Hello, {name}!'",
        "assert hello('a') == 'Hello, a!'\nassert hello('') == 'Hello, !'",
        "def hello(name):\n    return 'Hello!'",
    ),
    Style(
        "partial-points",
        "def parts(x):\n    return x, x * x",
        "a, b = parts(3)\nearned = 0\nif a == 3:\n    earned += 1\nif b == 9:\n    earned += 1\nearned",
        "def parts(x):\n    return x, 0",
    ),
    Style("a-variable", "answer_42 = 42", "assert answer_42 == 42", "answer_42 = 41"),
    Style("a-variable-exists", "declared = [1, 2]", "assert 'declared' in globals()\nassert isinstance(declared, list)", "undeclared = 1"),
    Style(
        "type-of-a-result",
        "def typed(x):\n    return float(x)",
        "assert type(typed(1)) is float\nassert isinstance(typed(2), float)",
        "def typed(x):\n    return int(x)",
    ),
    Style("callable", "def can_call():\n    return 1", "assert callable(can_call)\nassert can_call() == 1", "can_call = 1"),
    Style(
        "docstring",
        'def told():\n    """Says what it does."""\n    return 1',
        "assert told.__doc__ and 'what it does' in told.__doc__",
        "def told():\n    return 1",
    ),
    Style("name-of-a-function", "def named():\n    return 1", "assert named.__name__ == 'named'", "named = lambda: 1"),
    Style(
        "annotations",
        "def noted(x: int) -> float:\n    return x / 2",
        "assert noted.__annotations__ == {'x': int, 'return': float}",
        "def noted(x):\n    return x / 2",
    ),
    Style(
        "signature",
        "import inspect\ndef signed(a, b=2):\n    return a + b",
        "import inspect\nassert list(inspect.signature(signed).parameters) == ['a', 'b']\nassert inspect.signature(signed).parameters['b'].default == 2",
        "def signed(a, c=2):\n    return a + c",
    ),
    Style(
        "source-without-a-loop",
        "def no_loop(x):\n    return x * 2",
        "import inspect\nassert 'for ' not in inspect.getsource(no_loop)\nassert no_loop(2) == 4",
        "def no_loop(x):\n    for _ in range(1):\n        return x * 2",
    ),
]

# What tests replace or watch: input and output, time, randomness, the environment.
WATCHED = [
    Style(
        "patched-input",
        "def ask():\n    return int(input('n? ')) + 1",
        "from unittest import mock\nwith mock.patch('builtins.input', return_value='41'):\n    assert ask() == 42",
        "def ask():\n    return 41",
    ),
    Style(
        "replaced-stdin",
        "def read_line():\n    import sys\n    return sys.stdin.readline().strip()",
        "before_in = sys.stdin\nsys.stdin = io.StringIO('first\\nsecond\\n')\ntry:\n    assert read_line() == 'first'\nfinally:\n    sys.stdin = before_in",
        "def read_line():\n    return 'one'",
    ),
    Style(
        "captured-output",
        "def say(word):\n    print(word, end='!')",
        "from contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    say('hey')\nassert out.getvalue() == 'hey!'",
        "def say(word):\n    print(word)",
    ),
    Style(
        "mocked-print",
        "def shout(word):\n    print(word.upper())",
        "from unittest.mock import patch\nwith patch('builtins.print') as shown:\n    shout('a')\nshown.assert_called_once_with('A')",
        "def shout(word):\n    print(word)",
    ),
    Style(
        "patched-random",
        "def roll():\n    return random.randint(1, 6)",
        "from unittest import mock\nwith mock.patch('random.randint', return_value=4) as rolled:\n    assert roll() == 4\nrolled.assert_called_with(1, 6)",
        "def roll():\n    return 3",
    ),
    Style(
        "patched-sleep",
        "def wait_twice():\n    time.sleep(0.01)\n    time.sleep(0.01)",
        "from unittest import mock\nwith mock.patch('time.sleep') as slept:\n    wait_twice()\nassert slept.call_count == 2",
        "def wait_twice():\n    time.sleep(0.01)",
    ),
    Style(
        "environment",
        "def home():\n    return os.environ['COURSE_HOME']",
        "os.environ['COURSE_HOME'] = '/course'\nassert home() == '/course'\ndel os.environ['COURSE_HOME']",
        "def home():\n    return '/home'",
    ),
    Style(
        "patched-environment",
        "def level():\n    return os.environ.get('LEVEL', 'low')",
        "from unittest import mock\nwith mock.patch.dict(os.environ, {'LEVEL': 'high'}):\n    assert level() == 'high'\nassert level() == 'low'",
        "def level():\n    return 'low'",
    ),
    Style(
        "global-set-by-the-test",
        "RATE = 0.1\ndef step(x):\n    return x - RATE",
        "RATE = 0.5\nassert step(2) == 1.5",
        "RATE = 0.1\ndef step(x):\n    return x - 0.1",
    ),
    Style(
        "seeded-random",
        "def draw(n):\n    return np.random.rand(n)",
        "np.random.seed(3)\nmine = draw(4)\nnp.random.seed(3)\nassert np.allclose(mine, np.random.rand(4))",
        "def draw(n):\n    return np.zeros(n)",
    ),
    Style(
        "seeded-once-for-both",
        "def flip():\n    return random.random() < 0.5",
        "random.seed(1)\nmine = [flip() for _ in range(5)]\nrandom.seed(1)\nassert mine == [random.random() < 0.5 for _ in range(5)]",
        "def flip():\n    return True",
    ),
    Style(
        "seeded-torch",
        "def init(n):\n    return torch.randn(n)",
        "torch.manual_seed(0)\nmine = init(3)\ntorch.manual_seed(0)\ntorch.testing.assert_close(mine, torch.randn(3))",
        "def init(n):\n    return torch.zeros(n)",
    ),
    Style(
        "generator-handed-over",
        "def noise(rng):\n    return rng.normal(size=2)",
        "rng = np.random.default_rng(5)\nmine = noise(rng)\nagain = np.random.default_rng(5)\nassert np.allclose(mine, again.normal(size=2))\nassert rng.random() == again.random()",
        "def noise(rng):\n    return np.zeros(2)",
    ),
    Style(
        "drawn-by-turns",
        "def jitter(x):\n    return x + random.random()",
        "random.seed(9)\na = jitter(0)\nb = random.random()\nrandom.seed(9)\nassert a == random.random() and b == random.random()",
        "def jitter(x):\n    return x",
    ),
    Style(
        "logs",
        "import logging\ndef warn_me():\n    logging.getLogger('course').warning('careful')",
        "class Logs(unittest.TestCase):\n    def test_logs(self):\n        with self.assertLogs('course', level='WARNING') as seen:\n            warn_me()\n        self.assertIn('careful', seen.output[0])\nassert unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Logs)).wasSuccessful()",
        "def warn_me():\n    pass",
    ),
    Style(
        "warnings",
        "import warnings\ndef old():\n    warnings.warn('use new', DeprecationWarning)\n    return 1",
        "import warnings\nwith warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('always')\n    assert old() == 1\nassert seen and issubclass(seen[0].category, DeprecationWarning)",
        "def old():\n    return 1",
    ),
    Style(
        "temporary-folder",
        "def save(path, text):\n    with open(path, 'w') as file:\n        file.write(text)",
        "import tempfile, pathlib\nwith tempfile.TemporaryDirectory() as folder:\n    save(os.path.join(folder, 'a.txt'), 'kept')\n    assert (pathlib.Path(folder) / 'a.txt').read_text() == 'kept'",
        "def save(path, text):\n    pass",
    ),
    Style(
        "file-beside",
        "def log_line(text):\n    with open('log.txt', 'w') as file:\n        file.write(text)",
        "log_line('done')\nwith open('log.txt') as file:\n    assert file.read() == 'done'",
        "def log_line(text):\n    return text",
    ),
    Style(
        "file-that-the-test-writes",
        "def count_lines(path):\n    return len(open(path).readlines())",
        "with open('three.txt', 'w') as file:\n    file.write('a\\nb\\nc\\n')\nassert count_lines('three.txt') == 3",
        "def count_lines(path):\n    return 0",
    ),
    Style(
        "stringio-handed-over",
        "def read_numbers(file):\n    return [int(line) for line in file]",
        "assert read_numbers(io.StringIO('1\\n2\\n')) == [1, 2]",
        "def read_numbers(file):\n    return []",
    ),
    Style(
        "stringio-written",
        "def write_csv(file, rows):\n    for row in rows:\n        file.write(','.join(map(str, row)) + '\\n')",
        "out = io.StringIO()\nwrite_csv(out, [(1, 2), (3, 4)])\nassert out.getvalue() == '1,2\\n3,4\\n'",
        "def write_csv(file, rows):\n    pass",
    ),
    Style(
        "time-taken",
        "def quick(n):\n    return n * (n - 1) // 2",
        "began = time.perf_counter()\nassert quick(10 ** 6) == 499999500000\nassert time.perf_counter() - began < 5",
        "def quick(n):\n    return 0",
    ),
    Style(
        "counted-calls",
        "def apply_all(f, xs):\n    return [f(x) for x in xs]",
        "from unittest.mock import Mock\nf = Mock(side_effect=lambda x: x + 1)\nassert apply_all(f, [1, 2]) == [2, 3]\nassert f.call_count == 2",
        "def apply_all(f, xs):\n    return [f(x) for x in xs if f(x)]",
    ),
    Style(
        "doctest",
        'def twice(x):\n    """Double.\n\n    >>> twice(2)\n    4\n    """\n    return 2 * x',
        "import doctest\nfinder = doctest.DocTestFinder()\nrunner = doctest.DocTestRunner(verbose=False)\nexamples = finder.find(twice, 'twice', globs={'twice': twice})\nassert examples and examples[0].examples\nfor example in examples:\n    runner.run(example, out=lambda text: None)\nassert runner.failures == 0",
        'def twice(x):\n    """Double.\n\n    >>> twice(2)\n    4\n    """\n    return x',
    ),
]

# Libraries of assertions.
ASSERTED = [
    Style(
        "unittest",
        "def cube(x):\n    return x ** 3",
        "class Cube(unittest.TestCase):\n    def test_values(self):\n        self.assertEqual(cube(2), 8)\n        self.assertAlmostEqual(cube(0.1), 0.001)\n        self.assertIsInstance(cube(2), int)\nresult = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Cube))\nassert result.wasSuccessful()",
        "def cube(x):\n    return x * x",
    ),
    Style(
        "unittest-main",
        "def parity(n):\n    return n % 2",
        "class Parity(unittest.TestCase):\n    def test_odd(self):\n        for n in range(4):\n            with self.subTest(n=n):\n                self.assertEqual(parity(n), n % 2)\nquiet_runner = unittest.TextTestRunner(stream=io.StringIO())\nran = unittest.main(argv=['x', 'Parity'], exit=False, testRunner=quiet_runner)\nassert ran.result.wasSuccessful()",
        "def parity(n):\n    return 0",
    ),
    Style(
        "bare-testcase",
        "def root(x):\n    if x < 0:\n        raise ValueError(x)\n    return x ** 0.5",
        "tester = unittest.TestCase()\ntester.assertEqual(root(9), 3)\nwith tester.assertRaises(ValueError):\n    root(-1)",
        "def root(x):\n    return abs(x) ** 0.5",
    ),
    Style(
        "numpy-testing",
        "def mean_of(x):\n    return np.mean(x, axis=0)",
        "np.testing.assert_array_almost_equal(mean_of(np.eye(2)), [0.5, 0.5])\nnp.testing.assert_equal(mean_of(np.ones((3, 1))).shape, (1,))",
        "def mean_of(x):\n    return np.mean(x)",
    ),
    Style(
        "numpy-raises",
        "def invert(x):\n    return np.linalg.inv(x)",
        "np.testing.assert_raises(np.linalg.LinAlgError, invert, np.zeros((2, 2)))\nnp.testing.assert_allclose(invert(2 * np.eye(2)), 0.5 * np.eye(2))",
        "def invert(x):\n    return x",
    ),
    Style(
        "torch-testing",
        "def softmax(z):\n    return torch.exp(z) / torch.exp(z).sum()",
        "z = torch.tensor([1.0, 2.0])\ntorch.testing.assert_close(softmax(z), torch.softmax(z, 0))",
        "def softmax(z):\n    return z",
    ),
    Style(
        "norm-of-a-difference",
        "def relu(x):\n    return np.maximum(x, 0)",
        "x = np.linspace(-1, 1, 5)\nassert np.linalg.norm(relu(x) - np.maximum(x, 0)) < 1e-12\nassert np.max(np.abs(relu(x) - x * (x > 0))) == 0",
        "def relu(x):\n    return x",
    ),
    Style(
        "difference-with-a-message",
        "def half(x):\n    return x / 2",
        "expected = 3.5\ngot = half(7.0)\nassert abs(got - expected) < 1e-9, f'expected {expected}, got {got}'",
        "def half(x):\n    return x",
    ),
    Style(
        "sum-of-squares-of-differences",
        "def sines(xs):\n    return [np.sin(x) for x in xs]",
        "xs = [0.0, 0.5, 1.0]\nassert sum((a - b) ** 2 for a, b in zip(sines(xs), np.sin(xs))) < 1e-12",
        "def sines(xs):\n    return [0.0 for x in xs]",
    ),
    Style(
        "method-allclose",
        "def scaled(t):\n    return t * 2",
        "t = torch.tensor([1.0, 2.0])\nassert scaled(t).allclose(torch.tensor([2.0, 4.0]))\nassert scaled(t).equal(t * 2)",
        "def scaled(t):\n    return t",
    ),
    Style(
        "counted-points",
        "def cubes(x):\n    return x ** 3",
        "count = 0\nfor x in (1, 2):\n    if cubes(x) == x ** 3:\n        count += 1\ncount",
        "def cubes(x):\n    return x",
    ),
    Style(
        "gradcheck",
        "class Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x * x\n    @staticmethod\n    def backward(ctx, g):\n        x, = ctx.saved_tensors\n        return 2 * x * g",
        "x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)\nassert torch.autograd.gradcheck(Square.apply, (x,))",
        "class Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * x\n    @staticmethod\n    def backward(ctx, g):\n        return g",
    ),
]

# Objects, in place, identity.
OBJECTS = [
    Style(
        "engine",
        "class Value:\n    def __init__(self, data):\n        self.data = data\n    def __add__(self, other):\n        return Value(self.data + getattr(other, 'data', other))\n    def __mul__(self, other):\n        return Value(self.data * getattr(other, 'data', other))",
        "out = Value(2.0) * 3 + 1\nassert isinstance(out, Value) and abs(out.data - 7) < 1e-9",
        "class Value:\n    def __init__(self, data):\n        self.data = data\n    def __add__(self, other):\n        return self\n    def __mul__(self, other):\n        return self",
    ),
    Style(
        "dot-product",
        "class Vec:\n    def __init__(self, *xs):\n        self.xs = xs\n    def __matmul__(self, other):\n        return sum(a * b for a, b in zip(self.xs, other.xs))\n    def __abs__(self):\n        return (self @ self) ** 0.5",
        "assert Vec(1, 2) @ Vec(3, 4) == 11\nassert abs(Vec(3, 4)) == 5",
        "class Vec:\n    def __init__(self, *xs):\n        self.xs = xs\n    def __matmul__(self, other):\n        return 0\n    def __abs__(self):\n        return 0",
    ),
    Style(
        "equality-of-objects",
        "class Point:\n    def __init__(self, x):\n        self.x = x\n    def __eq__(self, other):\n        return self.x == other.x\n    def __hash__(self):\n        return hash(self.x)",
        "assert Point(1) == Point(1) and Point(1) != Point(2)\nassert len({Point(1), Point(1)}) == 1",
        "class Point:\n    def __init__(self, x):\n        self.x = x",
    ),
    Style(
        "dataclass",
        "from dataclasses import dataclass\n@dataclass\nclass Item:\n    name: str\n    price: float = 1.0",
        "assert Item('a') == Item('a', 1.0)\nassert repr(Item('a')) == \"Item(name='a', price=1.0)\"",
        "class Item:\n    def __init__(self, name, price=1.0):\n        self.name, self.price = name, price",
    ),
    Style(
        "ordering",
        "from functools import total_ordering\n@total_ordering\nclass Card:\n    def __init__(self, n):\n        self.n = n\n    def __eq__(self, o):\n        return self.n == o.n\n    def __lt__(self, o):\n        return self.n < o.n",
        "assert Card(1) < Card(2) and Card(2) >= Card(2)\nassert [c.n for c in sorted([Card(2), Card(1)])] == [1, 2]",
        "class Card:\n    def __init__(self, n):\n        self.n = n\n    def __lt__(self, o):\n        return False",
    ),
    Style(
        "enum",
        "from enum import Enum\nclass Color(Enum):\n    RED = 1\n    BLUE = 2",
        "assert Color.RED.value == 1 and Color['BLUE'] is Color.BLUE\nassert [c.name for c in Color] == ['RED', 'BLUE']",
        "from enum import Enum\nclass Color(Enum):\n    RED = 2\n    BLUE = 1",
    ),
    Style(
        "int-enum",
        "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 1\n    HIGH = 3\ndef worst(levels):\n    return max(levels)",
        "assert Level.HIGH > Level.LOW and Level.HIGH == 3\nassert worst([Level.LOW, Level.HIGH]) is Level.HIGH",
        "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 1\n    HIGH = 2\ndef worst(levels):\n    return levels[0]",
    ),
    Style(
        "list-of-a-class",
        "class Stack(list):\n    def push(self, x):\n        self.append(x)\n    def peek(self):\n        return self[-1]\ndef new_stack():\n    return Stack()",
        "s = new_stack()\ns.push(1)\ns.push(2)\nassert s.peek() == 2 and len(s) == 2 and s.pop() == 2",
        "class Stack(list):\n    def push(self, x):\n        self.insert(0, x)\n    def peek(self):\n        return self[-1]\ndef new_stack():\n    return Stack()",
    ),
    Style(
        "deque-of-a-class",
        "from collections import deque\nclass Window(deque):\n    def mean(self):\n        return sum(self) / len(self)\nwindow = Window([1, 2, 3], maxlen=3)",
        "window.append(7)\nassert window.mean() == 4",
        "from collections import deque\nclass Window(deque):\n    def mean(self):\n        return 0\nwindow = Window([1, 2, 3], maxlen=3)",
    ),
    Style(
        "dict-of-a-class",
        "class Bag(dict):\n    def total(self):\n        return sum(self.values())\ndef bag(words):\n    found = Bag()\n    for word in words:\n        found[word] = found.get(word, 0) + 1\n    return found",
        "b = bag('abca')\nassert b.total() == 4 and b['a'] == 2 and set(b) == set('abc')",
        "class Bag(dict):\n    def total(self):\n        return 0\ndef bag(words):\n    return Bag()",
    ),
    Style(
        "named-tuple",
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    a: int\n    b: int\n    def swap(self):\n        return Pair(self.b, self.a)",
        "p = Pair(1, 2)\nassert p.swap() == (2, 1) and p.a == 1",
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    a: int\n    b: int\n    def swap(self):\n        return self",
    ),
    Style(
        "module-handed-over",
        "def count_parameters(model):\n    return sum(p.numel() for p in model.parameters())",
        "assert count_parameters(torch.nn.Linear(3, 2)) == 8",
        "def count_parameters(model):\n    return 0",
    ),
    Style(
        "module-subclass",
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = torch.nn.Linear(2, 1)\n    def forward(self, x):\n        return self.fc(x)",
        "net = Net()\nout = net(torch.ones(4, 2))\nassert out.shape == (4, 1)\nout.sum().backward()\nassert net.fc.weight.grad is not None and isinstance(net, torch.nn.Module)",
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = torch.nn.Linear(2, 2)\n    def forward(self, x):\n        return self.fc(x)",
    ),
    Style(
        "optimizer-over-students-parameters",
        "w_param = torch.nn.Parameter(torch.zeros(1))\ndef loss_of():\n    return ((w_param - 3) ** 2).sum()",
        "w_param.data.zero_()\nsgd = torch.optim.SGD([w_param], lr=0.1)\nfor _ in range(60):\n    sgd.zero_grad()\n    loss_of().backward()\n    sgd.step()\nassert abs(w_param.item() - 3) < 1e-3",
        "w_param = torch.nn.Parameter(torch.zeros(1))\ndef loss_of():\n    return (w_param ** 2).sum()",
    ),
    Style(
        "class-of-the-test",
        "def area(shape):\n    return shape.width * shape.height",
        "class Rectangle:\n    width, height = 3, 4\nassert area(Rectangle()) == 12",
        "def area(shape):\n    return 0",
    ),
    Style(
        "subclass-in-the-test",
        "class Animal:\n    def speak(self):\n        return self.sound() + '!'",
        "class Dog(Animal):\n    def sound(self):\n        return 'woof'\nassert Dog().speak() == 'woof!'",
        "class Animal:\n    def speak(self):\n        return '!'",
    ),
    Style(
        "not-changed",
        "def normalized(x):\n    return x / x.sum()",
        "x = np.array([1.0, 3.0])\nkept = x.copy()\nassert np.allclose(normalized(x), [0.25, 0.75])\nassert np.array_equal(x, kept), 'must not change its input'",
        "def normalized(x):\n    x /= x.sum()\n    return x",
    ),
    Style(
        "not-the-same-list",
        "def with_zero(xs):\n    return xs + [0]",
        "xs = [1]\nys = with_zero(xs)\nassert ys == [1, 0] and ys is not xs and xs == [1]",
        "def with_zero(xs):\n    xs.append(0)\n    return xs",
    ),
    Style(
        "in-place",
        "def sort_it(xs):\n    xs.sort()",
        "xs = [3, 1, 2]\nassert sort_it(xs) is None and xs == [1, 2, 3]",
        "def sort_it(xs):\n    return sorted(xs)",
    ),
    Style(
        "the-same-back",
        "def fill(x):\n    x[:] = 1\n    return x",
        "x = np.zeros(3)\nassert fill(x) is x and x.sum() == 3",
        "def fill(x):\n    return np.ones_like(x)",
    ),
    Style(
        "shares-memory",
        "def view(x):\n    return x[::2]",
        "x = np.arange(6)\nassert np.shares_memory(view(x), x)",
        "def view(x):\n    return x[::2].copy()",
    ),
    Style(
        "generator",
        "def evens():\n    n = 0\n    while True:\n        yield n\n        n += 2",
        "import itertools, types\nassert list(itertools.islice(evens(), 3)) == [0, 2, 4]\nassert isinstance(evens(), types.GeneratorType)",
        "def evens():\n    return iter([0, 2, 4])",
    ),
    Style(
        "decorator",
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def inner(*a):\n        inner.calls += 1\n        return f(*a)\n    inner.calls = 0\n    return inner",
        "@logged\ndef plus(a, b):\n    return a + b\nassert plus(1, 2) == 3 and plus.calls == 1 and plus.__name__ == 'plus'",
        "def logged(f):\n    return f",
    ),
    Style(
        "closure",
        "def counter():\n    n = 0\n    def tick():\n        nonlocal n\n        n += 1\n        return n\n    return tick",
        "tick = counter()\nassert [tick(), tick()] == [1, 2] and counter()() == 1",
        "def counter():\n    return lambda: 1",
    ),
    Style(
        "context-manager",
        "from contextlib import contextmanager\n@contextmanager\ndef quiet():\n    try:\n        yield\n    except ZeroDivisionError:\n        pass",
        "with quiet():\n    1 / 0",
        "from contextlib import contextmanager\n@contextmanager\ndef quiet():\n    yield",
    ),
    Style(
        "own-exception",
        "class Empty(Exception):\n    pass\ndef first(xs):\n    if not xs:\n        raise Empty('nothing there')\n    return xs[0]",
        "try:\n    first([])\n    assert False\nexcept Empty as problem:\n    assert 'nothing' in str(problem)\nassert first([3]) == 3",
        "class Empty(Exception):\n    pass\ndef first(xs):\n    return None",
    ),
    Style(
        "property",
        "class Circle:\n    def __init__(self, r):\n        self.r = r\n    @property\n    def diameter(self):\n        return 2 * self.r",
        "assert isinstance(Circle.diameter, property)\nassert Circle(2).diameter == 4",
        "class Circle:\n    def __init__(self, r):\n        self.r = r\n    def diameter(self):\n        return 2 * self.r",
    ),
    Style(
        "abstract",
        "from abc import ABC, abstractmethod\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...",
        "try:\n    Shape()\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('Shape is to be abstract')",
        "class Shape:\n    def area(self): ...",
    ),
    Style(
        "text-of-an-object",
        "class Money:\n    def __init__(self, n):\n        self.n = n\n    def __str__(self):\n        return f'{self.n} EUR'",
        "assert str(Money(3)) == '3 EUR' and f'{Money(1)}' == '1 EUR'",
        "class Money:\n    pass",
    ),
    Style(
        "keys-of-a-dict",
        "class Key:\n    def __init__(self, k):\n        self.k = k\n    def __hash__(self):\n        return hash(self.k)\n    def __eq__(self, o):\n        return self.k == o.k",
        "table = {Key(1): 'one'}\nassert table[Key(1)] == 'one'",
        "class Key:\n    def __init__(self, k):\n        self.k = k",
    ),
]

# Figures, and what the course's own cells set up.
SET_UP = [
    Style(
        "current-axes",
        "def plot_line():\n    plt.plot([0, 1], [0, 2])\n    plt.title('Line')",
        "plt.close('all')\nplot_line()\naxes = plt.gca()\nassert axes.get_title() == 'Line'\nassert list(axes.lines[0].get_ydata()) == [0, 2]\nplt.close('all')",
        "def plot_line():\n    plt.plot([0, 1], [0, 1])",
    ),
    Style(
        "axes-returned",
        "def bars():\n    figure, axes = plt.subplots()\n    axes.bar(['a', 'b'], [1, 2])\n    axes.set_ylabel('count')\n    return axes",
        "axes = bars()\nassert axes.get_ylabel() == 'count'\nassert [bar.get_height() for bar in axes.patches] == [1, 2]\nplt.close('all')",
        "def bars():\n    figure, axes = plt.subplots()\n    return axes",
    ),
    Style(
        "axes-handed-over",
        "def draw_on(axes):\n    axes.set_xlabel('x')",
        "figure, axes = plt.subplots()\ndraw_on(axes)\nassert axes.get_xlabel() == 'x'\nplt.close('all')",
        "def draw_on(axes):\n    pass",
    ),
    Style(
        "unseeded-set-up",
        "def column_means(table):\n    return table.mean(axis=0)\nmine_means = column_means(measured)",
        "np.testing.assert_allclose(mine_means, measured.mean(axis=0))",
        "mine_means = 0",
        "measured = np.random.rand(5, 2)",
    ),
    Style(
        "weights-drawn-by-the-answer",
        "def init_weights(n):\n    return np.random.randn(n) * 0.1",
        "import inspect\ndrawn = init_weights(4)\nassert drawn.shape == (4,) and np.abs(drawn).max() > 0",
        "def init_weights(n):\n    return np.zeros(n + 1)",
    ),
    Style(
        "data-frame-like",
        "def by_name(rows):\n    groups = {}\n    for row in rows:\n        groups.setdefault(row['name'], []).append(row['n'])\n    return {name: sum(ns) for name, ns in groups.items()}",
        "rows = [{'name': 'a', 'n': 1}, {'name': 'b', 'n': 2}, {'name': 'a', 'n': 3}]\nassert by_name(rows) == {'a': 4, 'b': 2}",
        "def by_name(rows):\n    return {}",
    ),
    Style(
        "default-dtype",
        "torch.set_default_dtype(torch.float64)\ndef affine(x):\n    return 2 * x + torch.ones(2)",
        "x = torch.tensor([1.0, 2.0])\ntorch.testing.assert_close(affine(x), torch.tensor([3.0, 5.0]))\nassert affine(x).dtype == torch.get_default_dtype()",
        "def affine(x):\n    return x",
    ),
    Style(
        "helper-in-a-test",
        "def thirds(x):\n    return x / 3",
        "def close_to(a, b):\n    return abs(a - b) < 1e-9\nassert close_to(thirds(1), 1 / 3)",
        "def thirds(x):\n    return 0",
    ),
    Style(
        "helper-of-an-earlier-test",
        "def quarters(x):\n    return x / 4",
        "assert close_to(quarters(1), 0.25)",
        "def quarters(x):\n    return 0",
    ),
    Style(
        "names-that-the-answer-uses-too",
        "total_seen = 0\ndef see(x):\n    global total_seen\n    total_seen += x\n    return total_seen",
        "total_seen = 10\nassert see(5) == 15",
        "def see(x):\n    return x",
    ),
    Style(
        "loop-over-globals",
        "w1, w2, w3 = 1.0, 2.0, 3.0",
        "assert all(globals()[f'w{i}'] == float(i) for i in (1, 2, 3))",
        "w1 = w2 = w3 = 0.0",
    ),
    Style(
        "eval-of-an-expression",
        "def poly(x):\n    return x ** 2 + 1",
        "for expression, value in [('poly(0)', 1), ('poly(2)', 5)]:\n    assert eval(expression) == value",
        "def poly(x):\n    return 1",
    ),
    Style(
        "sympy",
        "def derivative_of(expression, symbol):\n    return expression.diff(symbol)",
        "import sympy\ns = sympy.Symbol('s')\nassert derivative_of(s ** 2, s) == 2 * s",
        "def derivative_of(expression, symbol):\n    return expression",
    ),
    Style(
        "complex-numbers",
        "def conjugate_pair(z):\n    return z, z.conjugate()",
        "a, b = conjugate_pair(1 + 2j)\nassert a + b == 2 and (a * b).real == 5",
        "def conjugate_pair(z):\n    return z, z",
    ),
    Style(
        "bytes-and-sets",
        "def letters(text):\n    return set(text), text.encode()",
        "seen, data = letters('aab')\nassert seen == {'a', 'b'} and data == b'aab'",
        "def letters(text):\n    return list(text), text",
    ),
    Style(
        "async-function",
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x + 1",
        "assert await later(1) == 2",
        "async def later(x):\n    return x",
    ),
]
# Tables, as courses on data compare them.
READINGS = "import pandas as pd\nreadings = pd.DataFrame({'city': ['a', 'b', 'a'], 'n': [1.0, 2.0, np.nan]})"
TABLES = [
    Style(
        "frames-compared",
        "def filled(table):\n    return table.fillna({'n': 0.0})",
        "pd.testing.assert_frame_equal(filled(readings), pd.DataFrame({'city': ['a', 'b', 'a'], 'n': [1.0, 2.0, 0.0]}))",
        "def filled(table):\n    return table.dropna()",
        READINGS,
    ),
    Style(
        "series-by-group",
        "def by_city(table):\n    return table.groupby('city')['n'].sum()",
        "pd.testing.assert_series_equal(by_city(readings), pd.Series({'a': 1.0, 'b': 2.0}, name='n'), check_index=False)\nassert list(by_city(readings).index) == ['a', 'b']",
        "def by_city(table):\n    return table['n']",
    ),
    Style(
        "a-frame-for-a-variable",
        "long_cities = readings.assign(double=2 * readings['n'])[['city', 'double']]",
        "assert isinstance(long_cities, pd.DataFrame) and list(long_cities.columns) == ['city', 'double']\nassert long_cities.shape == (3, 2) and long_cities['double'].sum() == 6 and long_cities.loc[1, 'city'] == 'b'",
        "long_cities = readings.copy()",
    ),
    Style(
        "a-frame-left-alone",
        "def with_ratio(table):\n    made = table.copy()\n    made['ratio'] = made['n'] / made['n'].max()\n    return made",
        "kept = readings.copy()\nmade = with_ratio(readings)\npd.testing.assert_frame_equal(readings, kept)\nassert made.equals(kept.assign(ratio=[0.5, 1.0, np.nan]))",
        "def with_ratio(table):\n    table['ratio'] = table['n'] / table['n'].max()\n    return table",
    ),
    Style(
        "a-table-read-from-text",
        "def read_table(text):\n    return pd.read_csv(io.StringIO(text), parse_dates=['day'])",
        "read = read_table('day,n\\n2024-01-01,3\\n2024-01-02,4\\n')\nassert read['day'].dt.day.tolist() == [1, 2] and read['n'].dtype == np.int64 and (read['n'] > 3).sum() == 1",
        "def read_table(text):\n    return pd.read_csv(io.StringIO(text), dtype=str)",
    ),
]
GROUPS = {"functions": [*DOCUMENTED, *WATCHED, *ASSERTED], "objects": [*OBJECTS, *SET_UP], "tables": TABLES}  # by notebook
STYLES = [style for group in GROUPS.values() for style in group]


def course_of(styles: list[Style]) -> NotebookNode:
    """A notebook with an exercise of each."""
    cells = [code(IMPORTS)]
    for style in styles:
        cells += [code(style.before)] if style.before else []
        cells.append(answer(f"{style.name}-answer", f"### BEGIN SOLUTION\n{style.right}\n### END SOLUTION"))
        cells.append(check(style.name, style.test))
    return notebook(*cells)
