# ruff: noqa: E501  (programs on one line)
"""Right answers in forms that an instructor did not think of, as data: odd types of numbers and
containers, functions made by other functions, state, prints, imports, and what a notebook keeps.
"""

from tests.grading.course import check, code
from tests.grading.honest import IMPORTS, Honest, ask, one, with_cell

SCALE = one(
    "def scale(x):\n    return 2 * x",
    "x = np.array([1.0, -2.0])\nnp.testing.assert_allclose(scale(x), [2.0, -4.0])\nassert scale(x).shape == (2,)",
)
SQUARES = one(
    "def squares(n):\n    return [i * i for i in range(n)]",
    "assert list(squares(4)) == [0, 1, 4, 9] and len(squares(3)) == 3\nfor mine, true in zip(squares(3), [0, 1, 4]):\n    assert mine == true",
)
COUNTS = one(
    "def counts(words):\n    made = {}\n    for word in words:\n        made[word] = made.get(word, 0) + 1\n    return made",
    "seen = counts(['a', 'b', 'a'])\nassert seen == {'a': 2, 'b': 1} and sorted(seen) == ['a', 'b'] and sum(seen.values()) == 3",
)
FIBONACCI = one(
    "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)", "assert [fib(n) for n in range(8)] == [0, 1, 1, 2, 3, 5, 8, 13]"
)
LOSS = one(
    "def loss(p, y):\n    return ((p - y) ** 2).mean()",
    "p, y = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0])\nassert abs(float(loss(p, y)) - 2.5) < 1e-6",
)
FIT = one(
    "def fit(x, y):\n    return {'slope': (x @ y) / (x @ x), 'n': len(x)}",
    "x = np.array([1.0, 2.0])\nfound = fit(x, 3 * x)\nassert abs(found['slope'] - 3) < 1e-9 and found['n'] == 2",
)


def as_answer(name: str, course: tuple, source: str, **more: object) -> Honest:
    """A right answer to a course of one exercise."""
    return Honest(name, course, {"a": source}, **more)


NUMBERS = [
    as_answer("float16 where it is exact", SCALE, "def scale(x):\n    return (2 * x).astype(np.float16)"),
    as_answer("an array of objects", SQUARES, "def squares(n):\n    return np.array([i * i for i in range(n)], dtype=object)"),
    as_answer("an array in the other byte order", SCALE, "def scale(x):\n    return (2 * x).astype('>f8')"),
    as_answer("long doubles", SCALE, "def scale(x):\n    return 2 * x.astype(np.longdouble)"),
    as_answer("an array in Fortran order, transposed and strided", SCALE, "def scale(x):\n    return np.asfortranarray(np.stack([2 * x, 2 * x, x])).T[:, ::2][:, 0]"),
    as_answer("an array of complex numbers without imaginary parts", SCALE, "def scale(x):\n    return 2 * x.astype(complex)"),
    as_answer("a masked array with nothing masked", SCALE, "def scale(x):\n    return np.ma.array(2 * x)"),
    as_answer("a read-only view", SCALE, "def scale(x):\n    made = np.broadcast_to(2 * x, (3, 2))[1]\n    return made"),
    as_answer("a tensor of one number for a number", LOSS, "def loss(p, y):\n    return torch.stack([(p - y).square().sum() / p.numel()])"),
    as_answer("an integer tensor's mean by NumPy", LOSS, "def loss(p, y):\n    return np.mean(np.square(p.numpy() - y.numpy()))"),
    as_answer("a parameter of a module", LOSS, "def loss(p, y):\n    return torch.nn.Parameter(((p - y) ** 2).mean())"),
    as_answer("PyTorch's own loss, an object of its module", LOSS, "loss = torch.nn.MSELoss()"),
]  # fmt: skip

CONTAINERS = [
    as_answer("a list of a class of one's own, filled by its methods", SQUARES, "class Table(list):\n    def put(self, x):\n        self.append(x)\n        return self\ndef squares(n):\n    made = Table()\n    for i in range(n):\n        made.put(i * i)\n    return made"),
    as_answer("a class with a length and items", SQUARES, "class Squares:\n    def __init__(self, n):\n        self.n = n\n    def __len__(self):\n        return self.n\n    def __getitem__(self, i):\n        if i >= self.n:\n            raise IndexError(i)\n        return i * i\ndef squares(n):\n    return Squares(n)"),
    as_answer("a class with a length and a generator of items", SQUARES, "class Squares:\n    def __init__(self, n):\n        self.n = n\n    def __len__(self):\n        return self.n\n    def __iter__(self):\n        for i in range(self.n):\n            yield i * i\ndef squares(n):\n    return Squares(n)"),
    as_answer("a deque of bounded length", SQUARES, "from collections import deque\ndef squares(n):\n    return deque((i * i for i in range(n)), maxlen=n)"),
    as_answer("the keys of a dict", SQUARES, "def squares(n):\n    return {i * i: i for i in range(n)}.keys()"),
    as_answer("an array of the module array", SQUARES, "from array import array\ndef squares(n):\n    return array('q', [i * i for i in range(n)])"),
    as_answer("a UserList", SQUARES, "from collections import UserList\ndef squares(n):\n    return UserList(i * i for i in range(n))"),
    as_answer("a Counter for a dict", COUNTS, "import collections as c\ndef counts(words):\n    return c.Counter(words)"),
    as_answer("a defaultdict for a dict", COUNTS, "from collections import defaultdict\ndef counts(words):\n    made = defaultdict(lambda: 0)\n    for word in words:\n        made[word] += 1\n    return made"),
    as_answer("a dict of a class with __missing__", COUNTS, "class Tally(dict):\n    def __missing__(self, key):\n        return 0\ndef counts(words):\n    made = Tally()\n    for word in words:\n        made[word] += 1\n    return made"),
    as_answer("a read-only view of a dict", COUNTS, "from types import MappingProxyType\ndef counts(words):\n    return MappingProxyType({word: words.count(word) for word in words})", earns={"t": 0}, says="run together with it, 2"),
    as_answer("a dict with NumPy numbers in it", FIT, "def fit(x, y):\n    return dict(slope=np.dot(x, y) / np.dot(x, x), n=np.int32(x.shape[0]))"),
    as_answer("a dict that contains itself", FIT, "def fit(x, y):\n    made = {'slope': float(x @ y / (x @ x)), 'n': len(x)}\n    made['self'] = made\n    return made", earns={"t": 0}, says="run together with it, 2"),
    as_answer("a typed dict", FIT, "from typing import TypedDict\nclass Fit(TypedDict):\n    slope: float\n    n: int\ndef fit(x: np.ndarray, y: np.ndarray) -> Fit:\n    return Fit(slope=float(x @ y / (x @ x)), n=x.size)"),
    Honest("a Counter asked for what it has not", one("from collections import Counter\ndef counts(words):\n    return Counter(words)", "seen = counts(['a'])\nassert seen['a'] == 1 and seen['z'] == 0 and seen.most_common(1) == [('a', 1)]"), {"a": "import collections\ndef counts(words):\n    made = collections.Counter()\n    made.update(words)\n    return made"}),
    Honest("a defaultdict asked for what it has not", one("from collections import defaultdict\ndef groups(pairs):\n    made = defaultdict(list)\n    for key, value in pairs:\n        made[key].append(value)\n    return made", "made = groups([('a', 1), ('a', 2)])\nassert made['a'] == [1, 2] and made['z'] == []"), {"a": "from collections import defaultdict\ndef groups(pairs):\n    made = defaultdict(lambda: [])\n    for pair in pairs:\n        made[pair[0]] += [pair[1]]\n    return made"}),
]  # fmt: skip

FUNCTIONS = [
    as_answer("a partial of a lambda", FIBONACCI, "from functools import partial\nfib = partial(lambda step, n: step(step, n), lambda f, n: n if n < 2 else f(f, n - 1) + f(f, n - 2))"),
    as_answer("an object that can be called and remembers", FIBONACCI, "class Fib:\n    def __init__(self):\n        self.known = {0: 0, 1: 1}\n    def __call__(self, n):\n        if n not in self.known:\n            self.known[n] = self(n - 1) + self(n - 2)\n        return self.known[n]\nfib = Fib()"),
    as_answer("a decorator of one's own with a print", FIBONACCI, "import functools\ndef noisy(f):\n    @functools.wraps(f)\n    def inner(*args, **kwargs):\n        result = f(*args, **kwargs)\n        print(f.__name__, args, '->', result)\n        return result\n    return inner\n@noisy\ndef fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a"),
    as_answer("a default argument that is a cache", FIBONACCI, "def fib(n, known={}):\n    if n not in known:\n        known[n] = n if n < 2 else fib(n - 1) + fib(n - 2)\n    return known[n]"),
    as_answer("a method of an object, under the name asked for", FIBONACCI, "class Numbers:\n    first = 0, 1\n    def at(self, n):\n        a, b = self.first\n        for _ in range(n):\n            a, b = b, a + b\n        return a\nfib = Numbers().at"),
    as_answer("a dispatch by type", SCALE, "from functools import singledispatch\n@singledispatch\ndef scale(x):\n    raise TypeError\n@scale.register\ndef _(x: np.ndarray):\n    return x + x"),
    as_answer("a vectorized function", SCALE, "scale = np.vectorize(lambda e: 2 * e)"),
    as_answer("NumPy under another name, by stars, and renamed", SCALE, "from numpy import *\nimport numpy as N\nfrom numpy import multiply as times\ndef scale(x):\n    return times(N.asarray(2.0), x)"),
    as_answer("a package that is not there, and what is done without", SCALE, "try:\n    import no_such_package as fast\nexcept ImportError:\n    fast = None\ndef scale(x):\n    return fast.double(x) if fast else x * 2"),
    as_answer("typed with generics and overloads", SCALE, "from __future__ import annotations\nfrom typing import Callable, TypeVar, overload\nT = TypeVar('T', bound='np.ndarray')\ndef scale(x: T, *, by: Callable[[float], float] | None = None) -> T:\n    return x * 2 if by is None else by(x)"),
    as_answer("progress written over one line", SCALE, "import sys\ndef scale(x):\n    for i in range(5):\n        print(f'\\r{i}/5', end='', file=sys.stderr, flush=True)\n    return x * 2"),
]  # fmt: skip

KEPT = [
    as_answer("gradients switched off for the notebook", LOSS, "torch.set_grad_enabled(False)\ndef loss(p, y):\n    return ((p - y) ** 2).mean()"),
    as_answer("one thread, and deterministic algorithms", LOSS, "torch.set_num_threads(1)\ntorch.use_deterministic_algorithms(True)\ndef loss(p, y):\n    return torch.mean((p - y) ** 2)"),
    as_answer("print settings of one's own", SCALE, "np.set_printoptions(precision=1, suppress=True)\ntorch.set_printoptions(sci_mode=False)\ndef scale(x):\n    print(x)\n    return x * 2"),
    as_answer("a locale and a decimal context of one's own", SCALE, "import decimal, locale\ndecimal.getcontext().prec = 3\nlocale.setlocale(locale.LC_ALL, 'C')\ndef scale(x):\n    return x * 2"),
    as_answer("an earlier version of the answer in the same cell", SCALE, "def scale(x):\n    return x ** 2  # first try\n\n# second try\ndef scale(x):\n    return x + x"),
    Honest("an earlier version in a cell of one's own below, under another name", SCALE, {"a": "def scale(x):\n    return x + x"}, change=with_cell("def scale_old(x):\n    return x ** 2\nold = scale_old(np.ones(3))")),
    Honest("a cell that deletes what it made", SCALE, {"a": "tmp = 2\ndef scale(x, by=tmp):\n    return by * x\ndel tmp"}),
    Honest("a thread that ends by itself", SCALE, {"a": "import threading\nseen = []\nworker = threading.Thread(target=seen.append, args=(2,))\nworker.start()\nworker.join()\ndef scale(x):\n    return seen[0] * x"}),
    Honest("a class defined twice, with objects of the first", (IMPORTS, code("class Point:\n    def __init__(self, x):\n        self.x = x"), ask("a", "def shifted(x):\n    return Point(x + 1).x"), check("t", "assert shifted(2) == 3")), {"a": "origin = Point(0)\nclass Point:\n    def __init__(self, x):\n        self.x = x\n    def moved(self, by):\n        return Point(self.x + by)\ndef shifted(x):\n    return Point(x).moved(1 - origin.x).x"}),
]  # fmt: skip

THIRD = [*NUMBERS, *CONTAINERS, *FUNCTIONS, *KEPT]
