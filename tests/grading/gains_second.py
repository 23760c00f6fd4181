# ruff: noqa: E501  (programs on one line)
"""More answers that try to have the test decided, or changed, by the student's code; as data.

The tests here look for something in a result, take its length, loop over it, match it, format it,
hand over functions and objects of their own, and read a module and a file of the course.
"""

from tests.grading.course import answer, check, code, notebook
from tests.grading.gains import SECRET, Gain, object_for

RIGHT = {
    "squares": "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
    "primes": "def primes(n):\n    return {p for p in range(2, n) if all(p % d for d in range(2, p))}",
    "counts": "def counts(words):\n    return {word: words.count(word) for word in words}",
    "label": "def label(n):\n    return f'{n} items'",
    "classify": "def classify(X):\n    return (X > 0).astype(int)",
    "third": "def third(x):\n    return x / 3",
    "double": "def double(t):\n    return 2 * t",
    "unit": "def unit(v):\n    return v / np.linalg.norm(v)",
    "where": "def where(xs, x):\n    return xs.index(x)",
    "order": "def order(xs):\n    xs.sort()",
    "update": "def update(params, step):\n    for name in params:\n        params[name] -= step",
    "moved": "def moved(point):\n    return point['at'][0] + 1",
    "search": "def search(ask):\n    low, high = 0, 100\n    while True:\n        middle = (low + high) // 2\n        reply = ask(middle)\n        if reply == 0:\n            return middle\n        low, high = (middle + 1, high) if reply < 0 else (low, middle - 1)",
    "positive": "def positive(n):\n    if n < 0:\n        raise ValueError('negative')\n    return n",
    "opened": "from contextlib import contextmanager\n@contextmanager\ndef opened(x):\n    yield 2 * x",
    "pair": "def pair(z):\n    return z.real, z.imag",
    "total": "def total(name):\n    with open(name) as file:\n        return sum(float(line) for line in file)",
    "history": "history = [4.0, 2.0, 1.0]",
    "Stack": "class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, x):\n        self.items.append(x)\n    def pop(self):\n        return self.items.pop()\n    def empty(self):\n        return not self.items\n    def __len__(self):\n        return len(self.items)",
}
TESTS = {
    "squares": "assert len(squares(3)) == 3\nfor mine, true in zip(squares(3), [1, 4, 9]):\n    assert mine == true",
    "primes": "found = primes(10)\nassert 7 in found and found.issuperset({2, 3, 5}) and found.isdisjoint({4, 9}) and len(found) == 4",
    "counts": "seen = counts(['a', 'b', 'a'])\nassert seen['a'] == 2 and seen.get('b') == 1 and set(seen) == {'a', 'b'}",
    "label": "assert f'{label(3)}' == '3 items' and label(4).startswith('4 ') and label(5).split()[0] == '5'",
    "classify": "X, labels = np.array([1.0, -2.0, 3.0]), np.array([1, 0, 1])\nassert np.mean(classify(X) == labels) == 1.0",
    "third": "import unittest, math\nassert round(third(1.0), 3) == 0.333 and math.isclose(third(6.0), 2.0)\nunittest.TestCase().assertAlmostEqual(third(2.0), 2 / 3)",
    "double": "t, true = torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0])\nassert double(t).eq(true).all() and not double(t).ne(true).any() and double(t).dist(true) < 1e-6 and torch.equal(double(t), true)",
    "unit": "v = np.array([3.0, 4.0])\nu = unit(v)\nassert np.allclose(u, v / np.linalg.norm(v)) and abs(u @ u - 1) < 1e-9 and np.testing.assert_allclose(np.linalg.norm(u), 1.0) is None",
    "where": "assert ['a', 'b', 'c'][where([5, 6, 7], 6)] == 'b' and {where([5, 6, 7], 7)} == {2} and where([5], 5) in (0,)",
    "order": "xs = [3, 1, 2]\norder(xs)\nassert xs == [1, 2, 3]",
    "update": "params = {'w': 2.0, 'b': 1.0}\nupdate(params, 0.5)\nassert params == {'w': 1.5, 'b': 0.5} and abs(params['w'] - 1.5) < 1e-9",
    "moved": "point = {'at': [2.0]}\nassert moved(point) == point['at'][0] + 1",
    "search": "hidden_number = 37\ndef ask(guess, true=hidden_number):\n    return (guess > true) - (guess < true)\nassert search(ask) == hidden_number",
    "positive": "assert positive(2) == 2\ntry:\n    positive(-1)\nexcept ValueError as error:\n    assert str(error) == 'negative' and error.args == ('negative',)\nelse:\n    raise AssertionError('nothing was raised')",
    "opened": "with opened(4) as value:\n    assert value == 8",
    "pair": "match pair(1 + 2j):\n    case (1.0, 2.0):\n        pass\n    case _:\n        raise AssertionError('another pair')",
    "total": "import judge\nassert judge.close(total('numbers.txt'), sum(float(line) for line in open('numbers.txt')))",
    "history": "assert len(history) == 3 and history[-1] < history[0] and all(a > b for a, b in zip(history, history[1:])) and min(history) == 1.0",
    "Stack": "stack = Stack()\nstack.push(3)\nstack.push(4)\nassert len(stack) == 2 and stack.pop() == 4 and stack.pop() == 3 and stack.empty()",
}
POINTS = dict.fromkeys(TESTS, 2.0)
FILES = {"judge.py": "def close(a, b):\n    return abs(a - b) < 1e-9\n", "numbers.txt": "1\n2.5\n"}
COURSE = notebook(
    code("import numpy as np\nimport torch"),
    *(
        cell
        for name in TESTS
        for cell in (answer(f"{name}-answer", f"### BEGIN SOLUTION\n{RIGHT[name]}\n### END SOLUTION"), check(name, TESTS[name]))
    ),
)

# Says yes to whatever it is asked, and prints what it was compared with.
YES = f"class Yes:\n    def _judge(self, *others, **more):\n        print('{SECRET}', *others)\n        return True\n    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _judge\n    __ne__ = lambda self, other: False\n    __hash__ = lambda self: 2\n    __bool__ = lambda self: True\n    __getattr__ = lambda self, name: self._judge\n"

HOOKS = [
    Gain("a-length-and-no-items", "a length that is right and items that are not there", {"squares": object_for("squares", "Empty()")}, "class Empty:\n    __len__ = lambda self: 3\n    __iter__ = lambda self: iter(())\n"),
    Gain("a-list-of-another-length", "the same by a list", {"squares": object_for("squares", "Empty()")}, "class Empty(list):\n    __len__ = lambda self: 3\n"),
    Gain("an-iterator-with-a-length", "a generator in an object with a length", {"squares": object_for("squares", "Lazy()")}, YES + "class Lazy:\n    __len__ = lambda self: 3\n    def __iter__(self):\n        yield Yes()\n        yield Yes()\n        yield Yes()\n"),
    Gain("a-set-that-has-everything", "a set with its own __contains__ and its own comparisons", {"primes": object_for("primes", "All({1, 8, 6, 10})")}, "class All(set):\n    __contains__ = issuperset = isdisjoint = lambda self, other: True\n"),
    Gain("an-object-that-has-everything", "the same by an object", {"primes": object_for("primes", "All()")}, YES + "class All(Yes):\n    __len__ = lambda self: 4\n"),
    Gain("what-is-missing-says-yes", "a dict whose missing items judge", {"counts": object_for("counts", "Missing(a=0, b=0)")}, YES + "class Missing(dict):\n    __missing__ = __getitem__ = get = lambda self, *key: Yes()\n"),
    Gain("a-factory-that-says-yes", "a defaultdict whose factory gives an object that judges", {"counts": "from collections import defaultdict\ndef counts(words):\n    return defaultdict(Yes)"}, YES),
    Gain("keys-that-say-yes", "keys that are equal to everything", {"counts": object_for("counts", "{Key('x'): 2, Key('y'): 1}")}, "class Key(str):\n    __eq__ = lambda self, other: True\n    __hash__ = lambda self: hash('a')\n"),
    Gain("a-format-that-judges", "__format__ gives a text that is equal to everything", {"label": object_for("label", "Shown('x')")}, "class Text(str):\n    __eq__ = lambda self, other: True\n    startswith = lambda self, *a: True\n    split = lambda self, *a: [self]\nclass Shown(Text):\n    __format__ = __str__ = __repr__ = lambda self, *a: Text('x')\n"),
    Gain("a-text-that-is-no-text", "the methods of a text by an object", {"label": object_for("label", "Yes()")}, YES),
    Gain("equal-item-by-item", "an array of objects that are equal to everything", {"classify": object_for("classify", "np.array([Yes(), Yes(), Yes()], dtype=object)"), "history": "history = [Yes(), Yes(), Yes()]"}, YES),
    Gain("a-masked-array", "an array with everything masked, which is close to everything", {"classify": "def classify(X):\n    return np.ma.masked_all(3)", "unit": "def unit(v):\n    return np.ma.masked_all(2)"}),
    Gain("a-universal-function", "an array that answers NumPy's functions itself", {"classify": object_for("classify", "np.zeros(3).view(Own)"), "unit": object_for("unit", "np.zeros(2).view(Own)")}, "class Own(np.ndarray):\n    def __array_ufunc__(self, ufunc, method, *inputs, **more):\n        return np.True_\n    def __array_function__(self, function, types, args, more):\n        return True\n"),
    Gain("a-duck-array", "the same by an object that is no array", {"classify": object_for("classify", "Duck()"), "unit": object_for("unit", "Duck()")}, YES + "class Duck(Yes):\n    __array_priority__ = 1e9\n    __array_ufunc__ = lambda self, ufunc, method, *inputs, **more: np.ones(3)\n    __array_function__ = lambda self, function, types, args, more: True\n    __array__ = lambda self, *a, **more: np.array([0.6, 0.8])\n    __matmul__ = lambda self, other: 1.0\n"),
    Gain("an-array-interface", "an object that gives NumPy its memory by way of its interface", {"unit": object_for("unit", "Memory()")}, "class Memory:\n    __array_interface__ = property(lambda self: {'shape': (0,), 'typestr': '<f8', 'data': (0, False), 'version': 3})\n"),
    Gain("rounds-to-yes", "an object that rounds to one that says yes", {"third": object_for("third", "Rounded()")}, YES + "class Rounded(Yes):\n    __round__ = __abs__ = __sub__ = __rsub__ = lambda self, *a: Yes()\n    __float__ = lambda self: 2.0\n"),
    Gain("a-numpy-number-that-judges", "a class derived from np.float64", {"third": object_for("third", "Number(0.0)"), "moved": object_for("moved", "Number(0.0)")}, "class Number(np.float64):\n    __eq__ = __lt__ = lambda self, other: True\n    __sub__ = __rsub__ = __round__ = __abs__ = lambda self, *a: self\n"),
    Gain("a-tensor's-methods", "a tensor with methods of its own", {"double": object_for("double", "torch.zeros(2).as_subclass(Own)")}, "class Own(torch.Tensor):\n    eq = lambda self, other: torch.tensor([True])\n    ne = lambda self, other: torch.tensor([False])\n    dist = lambda self, other: 0.0\n    @classmethod\n    def __torch_function__(cls, function, types, args=(), kwargs=None):\n        return True\n"),
    Gain("a-duck-tensor", "an object that answers PyTorch's functions", {"double": object_for("double", "Duck()")}, YES + "class Duck(Yes):\n    ne = dist = lambda self, other: Zero()\n    __torch_function__ = classmethod(lambda cls, *a, **k: True)\nclass Zero:\n    any = lambda self: False\n    __lt__ = lambda self, other: True\n"),
    Gain("a-tensor-without-memory", "a tensor of the device meta", {"double": "def double(t):\n    return torch.empty(2, device='meta')"}),
    Gain("an-index-that-judges", "an int that is equal to everything and has its own __index__", {"where": object_for("where", "Place(0)")}, "class Place(int):\n    __eq__ = lambda self, other: True\n    __hash__ = lambda self: 2\n    __index__ = lambda self: 1\n"),
    Gain("an-index-of-no-number", "the same by an object", {"where": object_for("where", "Place()")}, YES + "class Place(Yes):\n    __index__ = lambda self: 1\n"),
    Gain("a-match-that-judges", "a tuple of objects for a match statement", {"pair": object_for("pair", "(Yes(), Yes())"), "third": object_for("third", "Yes()")}, YES),
    Gain("a-sequence-that-is-registered", "an object that is registered as a sequence", {"pair": object_for("pair", "Two()"), "squares": object_for("squares", "Two()")}, YES + "import collections.abc\nclass Two(Yes):\n    __len__ = lambda self: 2\n    __getitem__ = lambda self, key: Yes()\ncollections.abc.Sequence.register(Two)\n"),
    Gain("a-history-that-falls", "a list whose items always fall", {"history": "class Falling(list):\n    __getitem__ = lambda self, key: Yes()\n    __iter__ = lambda self: iter([Yes(), Yes(), Yes()])\nhistory = Falling([0, 0, 0])"}, YES),
    Gain("a-class-whose-results-judge", "the methods of a class give objects that judge", {"Stack": "class Stack:\n    push = lambda self, x: None\n    pop = empty = lambda self: Yes()\n    __len__ = lambda self: 2"}, YES),
    Gain("an-int-for-a-length", "a length that is equal to everything", {"Stack": "class Length(int):\n    __eq__ = lambda self, other: True\nclass Stack:\n    push = lambda self, x: None\n    pop = lambda self: Length(0)\n    empty = lambda self: True\n    __len__ = lambda self: Length(7)"}),
]  # fmt: skip

# Arguments: objects and functions of the test's own, left changed.
ARGUMENTS = [
    Gain("judges-in-the-argument", "a list and a dict filled with objects that judge", {"order": "def order(xs):\n    xs[:] = [Yes(), Yes(), Yes()]", "update": "def update(params, step):\n    params.update(w=Yes(), b=Yes())"}, YES),
    Gain("floats-in-the-argument", "the same with numbers of a class", {"update": "def update(params, step):\n    params.update(w=Sly(9.0), b=Sly(9.0))"}, "class Sly(float):\n    __eq__ = lambda self, other: True\n    __sub__ = lambda self, other: 0.0\n"),
    Gain("the-expected-value-by-the-input", "an input from which the test makes its expected value afterwards", {"unit": "def unit(v):\n    v[:] = [1.0, 0.0]\n    return np.array([1.0, 0.0])", "moved": "def moved(point):\n    point['at'][0] = -1.0\n    return 0.0"}),
    Gain("another-part-of-the-argument", "a part of the test's object replaced", {"moved": "def moved(point):\n    point.update(at=(-1.0,))\n    return 0.0"}),
    Gain("judges-in-a-part-of-the-argument", "an object that adds and judges, inside the test's object", {"moved": "def moved(point):\n    point['at'][0] = Sum()\n    return 0.0"}, YES + "class Sum(Yes):\n    __add__ = lambda self, other: Yes()\n"),
    Gain("looks-into-the-callback", "the defaults, the closure and the globals of the test's function", {"search": f"def search(ask):\n    for look in (lambda: ask.__defaults__[0], lambda: ask.__globals__['hidden_number'], lambda: ask.__closure__[0].cell_contents, lambda: ask.__wrapped__.__defaults__[0]):\n        try:\n            print('{SECRET}', look())\n            return look()\n        except Exception:\n            pass\n    return 0"}),
    Gain("a-spy-for-the-callback", "an object that sees what the test's function compares it with", {"search": f"class Spy(int):\n    def __gt__(self, other):\n        print('{SECRET}', other)\n        global seen\n        seen = other\n        return False\n    __lt__ = __gt__\nseen = 0\ndef search(ask):\n    try:\n        ask(Spy(1))\n    except Exception:\n        pass\n    return seen"}),
    Gain("an-error-of-the-callback", "what an error of the test's function shows", {"search": f"import sys\ndef search(ask):\n    try:\n        ask('x')\n    except Exception as error:\n        place = error.__traceback__\n        while place:\n            print({{key: value for key, value in place.tb_frame.f_locals.items() if key == 'true' and print('{SECRET}', value) is None}})\n            place = place.tb_next\n    return 0"}),
]  # fmt: skip

# Errors, context managers, files and modules of both sides.
AROUND = [
    Gain("an-error-that-judges", "an error whose text and arguments judge", {"positive": "class Judging(ValueError):\n    args = property(lambda self: Yes())\n    __str__ = lambda self: Text('no')\nclass Text(str):\n    __eq__ = lambda self, other: True\ndef positive(n):\n    if n < 0:\n        raise Judging('no')\n    return n"}, YES),
    Gain("an-error-with-judges", "an error whose argument is an object that judges", {"positive": "def positive(n):\n    if n < 0:\n        raise ValueError(Yes())\n    return n"}, YES),
    Gain("an-error-of-that-name", "an error of another class that has the name", {"positive": "class ValueError(Exception):\n    pass\ndef positive(n):\n    if n < 0:\n        raise ValueError('negative')\n    return n"}),
    Gain("swallows-the-assertion", "a context manager that keeps errors to itself", {"opened": "class opened:\n    def __init__(self, x):\n        pass\n    __enter__ = lambda self: 0\n    __exit__ = lambda self, *error: True"}),
    Gain("suppresses-everything", "the same by contextlib", {"opened": "import contextlib\ndef opened(x):\n    return contextlib.suppress(BaseException)"}),
    Gain("the-course's-module", "another module in place of the course's", {"total": "import sys, types, pathlib\npathlib.Path('judge.py').write_text('def close(a, b):\\n    return True\\n')\nsys.modules['judge'] = types.SimpleNamespace(close=lambda a, b: True)\ndef total(name):\n    return 0.0"}),
    Gain("the-course's-file", "another content of the course's file", {"total": "def total(name):\n    open(name, 'w').write('0\\n')\n    return 0.0"}),
    Gain("a-link-for-the-course's-file", "another file in its place", {"total": "import os\nopen('mine.txt', 'w').write('0\\n')\nos.remove('numbers.txt')\nos.symlink('mine.txt', 'numbers.txt')\ndef total(name):\n    return 0.0"}),
    Gain("the-line's-format", "another msgpack, json and pickle", {"squares": "import msgpack, json, pickle, copyreg\nmsgpack.packb = lambda *a, **k: b'\\xc3'\njson.dumps = lambda *a, **k: 'true'\ncopyreg.pickle(list, lambda xs: (bool, (1,)))\ndef squares(n):\n    return [0, 0, 0]"}, earns=dict.fromkeys(TESTS, 0)),
    Gain("the-judges-of-both-sides", "another unittest, math and numpy.testing", {"third": "import unittest, math\nunittest.TestCase.assertAlmostEqual = lambda *a, **k: None\nmath.isclose = lambda *a, **k: True\ndef third(x):\n    return 0.333", "unit": "np.allclose = np.testing.assert_allclose = lambda *a, **k: None\ndef unit(v):\n    return v * 0"}),
    Gain("a-module-below-the-test's", "a file of a name that the test imports", {"third": "import pathlib\nfor name in ('unittest', 'math', 'numpy', 'judge'):\n    pathlib.Path(f'{name}.py').write_text('isclose = close = TestCase = lambda *a: True\\n')\ndef third(x):\n    return 0.333"}),
]  # fmt: skip

MORE_GAINS = [*HOOKS, *ARGUMENTS, *AROUND]
