"""What a cell's result depends on: the names it reads,
their values, and the settings of the libraries.

In two processes forked from one forkserver, a cell has the same result if `StateReader.digest` is
the same. What cannot be compared with certainty (an object of a student's class, a file, a name
looked up by its text) raises Unclear.
"""

import builtins
import hashlib
import os
import random
import sys
import types
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from . import codec
from .names import LOOKUPS
from .reads import IMPORTED, Code

HIDDEN = LOOKUPS | {"dir", "open", "input", "get_ipython"}  # what these read, no syntax tree tells
VARIES = frozenset(  # what these tell is not the same for all
    [
        *("time", "datetime", "random", "secrets", "uuid", "os", "sys", "platform", "gc", "inspect", "threading", "multiprocessing"),
        *("pathlib", "posixpath", "genericpath", "glob", "io", "shutil", "tempfile", "subprocess", "socket"),
    ]
)
SAME_TEXT = (type(None), bool, int, float, complex, str, bytes, range, slice, type(...))  # equal, if of one type and the same repr


class Unclear(Exception):
    """It cannot be told what a cell depends on; the message says why."""


# --- what they hold -------------------------------------------------------------------------------


class StateReader:
    """A full description of the values of some names.

    Two descriptions are equal only if the values are, and the same objects are shared.
    """

    def __init__(self, space: Mapping[str, Any]) -> None:
        self.space = space
        self.named: dict[str, Any] = {}
        self.words: set[str] = set()  # attributes that the code uses
        self.modules: dict[str, types.ModuleType] = {}
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # so that an id stays its object's own
        self.spans: list[tuple[int, int]] = []  # of memory, by array

    def digest(self, names: Iterable[str], words: Iterable[str] = ()) -> bytes:
        """A digest of the values of these names and of the
        libraries' settings; `words`: the attributes in use.
        """
        self.words |= set(words)
        for name in sorted(names):
            self.name(name)
        modules: dict[str, Any] = {}
        told: set[str] = set()
        while left := sorted(self.modules.keys() - told):  # last: what is of interest in them is known only now
            for name in left:
                modules[name] = self._module(self.modules[name])
                told.add(name)
        whole = self.named, modules, self._overlaps(), settings()
        return hashlib.sha256(repr(whole).encode("utf-8", "surrogatepass")).digest()

    def name(self, name: str) -> None:
        """Describe what a name holds, and what that depends on."""
        if name in self.named:
            return
        self.named[name] = "being told"
        if name.startswith(IMPORTED):
            module = sys.modules.get(name.removeprefix(IMPORTED).lstrip("."))
            if module is None:
                raise Unclear(f"{name.removeprefix(IMPORTED)} is imported here for the first time")
            self.named[name] = self.value(module)
        elif name in self.space:
            self.named[name] = self.value(self.space[name])
        elif hasattr(builtins, name):
            if name in HIDDEN:
                raise Unclear(f"it uses {name}")
            self.named[name] = self.value(getattr(builtins, name))
        else:
            self.named[name] = "nothing"

    def value(self, value: Any) -> Any:
        """A value as nested tuples of text.

        Unclear if it is neither plain nor a function or a module.
        """
        kind = type(value)
        if kind in SAME_TEXT:
            return kind.__name__, repr(value)
        if isinstance(value, np.generic) and not value.dtype.hasobject:
            return kind.__name__, value.dtype.str, value.tobytes()
        if kind is tuple:
            return "tuple", tuple(map(self.value, value))
        if id(value) in self.seen:
            return "again", self.seen[id(value)]
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)
        if kind is list:
            return "list", tuple(map(self.value, value))
        if kind is dict:
            return "dict", tuple((self.value(key), self.value(entry)) for key, entry in value.items())
        if kind in (set, frozenset):
            return kind.__name__, tuple(sorted(map(repr, map(self.value, value))))
        if kind is np.ndarray and not value.dtype.hasobject:
            return self._array(value)
        if kind in (np.random.RandomState, np.random.Generator):
            return kind.__name__, codec.encode(value)
        if isinstance(value, types.ModuleType):
            return self._note_module(value)
        if isinstance(value, types.FunctionType) and value.__module__ == self.space.get("__name__"):
            return self._function(value)
        torch = sys.modules.get("torch")
        if torch is not None and kind is torch.Tensor:
            return self._tensor(value)
        return self._origin(value)

    def _array(self, value: np.ndarray) -> Any:
        self.spans.append(np.lib.array_utils.byte_bounds(value))
        content = hashlib.sha256(value.tobytes()).digest()
        return "array", value.dtype.str, value.shape, value.strides, value.flags.writeable, content

    def _tensor(self, value: Any) -> Any:
        if not value.is_leaf or value.layout is not sys.modules["torch"].strided or value._backward_hooks:
            raise Unclear("a tensor that comes from others")
        content = self._array(value.detach().numpy())
        return "tensor", str(value.dtype), content, value.requires_grad, None if value.grad is None else self.value(value.grad)

    def _function(self, value: types.FunctionType) -> Any:
        code = Code.of(value.__code__)
        if code.sets:
            raise Unclear(f"the function {value.__name__} sets names of the notebook")
        self.words |= code.words
        inside = tuple(self.value(cell.cell_contents) for cell in value.__closure__ or ())
        told = code.text, self.value(value.__defaults__), self.value(value.__kwdefaults__), inside, self.value(vars(value))
        for name in sorted(code.loads):
            self.name(name)
        return "function", value.__name__, told

    def _note_module(self, module: types.ModuleType) -> Any:
        _steady(module)
        self.modules[module.__name__] = module
        return "module", module.__name__, sys.modules.get(module.__name__) is module

    def _module(self, module: types.ModuleType) -> Any:
        """The parts of a module that the code may use, with
        their own names, in case one has been replaced.
        """
        found: list[tuple[Any, ...]] = []
        for name in sorted(self.words & vars(module).keys()):
            part = vars(module)[name]
            try:
                found.append((name, self.value(part)))
            except (Unclear, codec.NotEncodable):
                found.append((name, type(part).__name__, str(getattr(part, "__qualname__", ""))))
        return tuple(found)

    def _origin(self, value: Any) -> Any:
        """A class or function of a library's, by where it is found."""
        where, path = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        found: Any = sys.modules.get(where) if isinstance(where, str) else None
        if found is None or not isinstance(path, str) or where in ("__main__", self.space.get("__name__")):
            raise Unclear(f"it uses an object of the type {type(value).__name__}")
        _steady(found)
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not value:
            raise Unclear(f"it uses {path}, which is not what {where} has under this name")
        return type(value).__name__, where, path

    def _overlaps(self) -> list[tuple[int, int]]:
        """Which arrays share memory with which."""
        spans = list(enumerate(self.spans))
        return [(i, j) for i, (low, high) in spans for j, (start, end) in spans[:i] if low < end and start < high]


def _steady(module: types.ModuleType) -> None:
    """Unclear if a module gives the time, reads files or the like, or is not an installed one.

    Each submission may have a module of its own.
    """
    if module.__name__.split(".")[0] in VARIES:
        raise Unclear(f"it uses the module {module.__name__}")
    place = getattr(module, "__file__", None) or os.sep
    if not os.path.isabs(place) or place.startswith(os.getcwd() + os.sep):
        raise Unclear(f"the module {module.__name__} lies beside the notebook")


def settings() -> tuple[str, ...]:
    """What may be set in libraries and changes what cells do."""
    found = [np.get_printoptions(), np.geterr(), warnings.filters, sys.getrecursionlimit()]
    if torch := sys.modules.get("torch"):
        found += [torch.get_default_dtype(), torch.is_grad_enabled(), vars(torch._tensor_str.PRINT_OPTS)]
    if matplotlib := sys.modules.get("matplotlib"):
        found += [dict.__repr__(matplotlib.rcParams), sys.modules["matplotlib._pylab_helpers"].Gcf.figs.keys()]
    if inline := sys.modules.get("matplotlib_inline.config"):
        found.append(_traits(inline.InlineBackend.instance()))
    return tuple(map(repr, found))


def _traits(backend: Any) -> list[tuple[str, str]]:
    """How figures become outputs."""
    names = ("rc", "figure_formats", "print_figure_kwargs", "close_figures")
    return [(name, repr(getattr(backend, name, None))) for name in names]


def random_states() -> tuple[bytes, ...]:
    """The random numbers that everybody draws from."""
    torch = sys.modules.get("torch")
    drawn = torch.get_rng_state().numpy().tobytes() if torch else b""
    return codec.encode(np.random.get_state()), repr(random.getstate()).encode(), drawn
