"""What the trusted process holds in place of a student's functions, classes and objects.

A proxy forwards what makes values: calls, attributes, items, iteration, arithmetic. It refuses what
decides: comparison, truth, hash, conversion. So the student's process never answers what is right.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, Protocol

from .codec import NotEncodable
from .shell import is_cell

HERE = str(Path(__file__).parent)  # our own code asks on its own account
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "and_", "or_", "xor")
UNARY = ("neg", "pos", "abs", "invert")
ARITHMETIC = frozenset([*UNARY, *BINARY, *(f"{way}{name.rstrip('_')}" for way in "ir" for name in BINARY)])


class Line(Protocol):
    """The line to a student's process, as far as proxies use it."""

    gone: str
    hints: list[str]
    touched: bool
    asked: bool

    def do(self, operation: str, target: "Proxy", *parts: Any) -> Any:
        """Do something with an object in that process."""

    def call_each(self, target: "Proxy", calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Call it with one set of arguments after the other: each result when it is asked for."""

    def refuse(self, target: "Proxy", what: str) -> NoReturn:
        """Stop a test that asks for what only that process could decide."""


class NeedsMore(TypeError):
    """A test needs something of a student's object that only the student's process could decide."""


class StudentGone(RuntimeError):
    """The student's process ended, or does not answer any more."""


def _type_of(self: "Proxy") -> type:
    """A proxy is of no type but its own."""
    asking = sys._getframe(1)
    behind = asking.f_back.f_code.co_filename if asking.f_back else ""
    if asking.f_code.co_filename == "<frozen abc>" and (is_cell(behind) or behind.endswith("unittest/case.py")):
        link_of(self).refuse(self, "asks for the abstract type of")  # a proxy has every method there is
    _hint(self, asking, "asks for the type of")
    return type(self)


class Proxy:
    """A student's object, seen from the trusted side."""

    __array_ufunc__ = None  # so that NumPy leaves arithmetic to the operators below
    __slots__ = ("__about", "__link", "__number")

    def __init__(self, link: Line, number: int, about: dict[str, Any]) -> None:
        object.__setattr__(self, "_Proxy__link", link)
        object.__setattr__(self, "_Proxy__number", number)
        object.__setattr__(self, "_Proxy__about", about)

    __class__: Any = property(_type_of)

    def __getattr__(self, name: str) -> Any:
        about = object.__getattribute__(self, "_Proxy__about")
        if name in ("__name__", "__qualname__", "__doc__", "__module__") and about.get("kind") in ("function", "class"):
            return about["name"] if name in ("__name__", "__qualname__") else about.get(name.strip("_"))
        if name == "__signature__":
            return _signature_of(about.get("signature"))
        if (name.startswith("__") and name.endswith("__")) or name.startswith(
            ("_repr_", "_ipython_")
        ):  # nothing is shown as a student says
            _hint(self, sys._getframe(1), f"uses {name} of")
            raise AttributeError(f"{described(self)} has no {name} here")
        return link_of(self).do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        link_of(self).do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        link_of(self).do("delattr", self, name)

    def __iter__(self) -> Iterator[Any]:
        found = link_of(self).do("iter", self)
        return found if isinstance(found, Proxy) else iter(found)

    def __next__(self) -> Any:
        return link_of(self).do("next", self)

    def __len__(self) -> int:
        return link_of(self).do("len", self)

    def __enter__(self) -> Any:
        return link_of(self).do("enter", self)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None and (not issubclass(kind, Exception) or issubclass(kind, (NeedsMore, StudentGone, NotEncodable))):
            return  # a time limit, or one of our own: none of the student's business
        if link_of(self).do("exit", self, kind and kind.__name__) is True and kind is not None:  # the name only: the text may tell a secret
            link_of(self).refuse(self, "lets an error be caught by")

    def __await__(self) -> Iterator[Any]:
        return link_of(self).do("await", self)
        yield

    def __repr__(self) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{described(self)}>"

    def __str__(self) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{described(self)}>"

    def __format__(self, style: str) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{described(self)}>"

    def __dir__(self) -> list[str]:
        return []

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        link_of(self).refuse(self, "makes an array of")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        link_of(self).refuse(self, "copies")


class CallableProxy(Proxy):
    """A student's function, or an object that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function, in the student's process."""
        return link_of(self).do("call", self, args, kwargs)

    def __call_each__(self, calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Call it with one set of arguments after the other, in one request."""
        return link_of(self).call_each(self, calls)


class ClassProxy(CallableProxy):
    """A student's class: a call makes a student's object, and isinstance recognises it."""

    __slots__ = ()

    def __instancecheck__(self, thing: object) -> bool:
        return isinstance(thing, Proxy) and link_of(thing) is link_of(self) and number_of(self) in (about_of(thing).get("bases") or [])

    def __subclasscheck__(self, thing: object) -> bool:
        return isinstance(thing, ClassProxy) and number_of(self) in (about_of(thing).get("bases") or [])


def _forwarding(operation: str) -> Callable[..., Any]:
    def forward(self: Proxy, *parts: Any) -> Any:
        return link_of(self).do(operation, self, *parts)

    return forward


def _refusing(what: str) -> Callable[..., NoReturn]:
    def refuse(self: Proxy, *parts: Any) -> NoReturn:
        link_of(self).refuse(self, what)

    return refuse


for _operation in BINARY:
    _plain = _operation.rstrip("_")
    setattr(Proxy, f"__{_plain}__", _forwarding(_operation))
    setattr(Proxy, f"__i{_plain}__", _forwarding(f"i{_plain}"))
    setattr(Proxy, f"__r{_plain}__", _forwarding(f"r{_plain}"))
for _operation in (*UNARY, "getitem", "setitem", "delitem"):
    setattr(Proxy, f"__{_operation}__", _forwarding(_operation))
for _operation in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Proxy, f"__{_operation}__", _refusing("compares something with"))
for _operation in ("bool", "float", "int", "complex", "index", "round", "trunc", "floor", "ceil", "bytes"):
    setattr(Proxy, f"__{_operation}__", _refusing("turns into a plain value"))
for _operation, _what in (("contains", "looks for something in"), ("hash", "makes a dictionary key or a set member of")):
    setattr(Proxy, f"__{_operation}__", _refusing(_what))


def _hint(thing: Proxy, asking: FrameType, what: str) -> None:
    """If a test asks this itself and then fails, a
    person is told; if a library asks, it is only noted.

    Of functions libraries ask much, such as their signature, and mostly are told what they need.
    """
    name = asking.f_code.co_filename
    if is_cell(name):
        link_of(thing).hints.append(f"The test {what} {described(thing)}, which a proxy cannot tell; it needs a person.")
    elif not name.startswith(HERE):
        link_of(thing).asked = True
        if about_of(thing).get("kind") != "function":
            link_of(thing).touched = True


def link_of(thing: Proxy) -> Line:
    """The line to the process in which the object lives."""
    return object.__getattribute__(thing, "_Proxy__link")


def number_of(thing: Proxy) -> int:
    """The number by which that process knows it."""
    return object.__getattribute__(thing, "_Proxy__number")


def about_of(thing: Proxy) -> dict[str, Any]:
    """What that process told of it: hints, and nothing to decide by."""
    return object.__getattribute__(thing, "_Proxy__about")


def name_of(thing: Proxy) -> str:
    """Its name, as that process tells it."""
    return str(about_of(thing).get("name"))[:100]


def described(thing: Proxy) -> str:
    """It in words."""
    about = about_of(thing)
    kind = about.get("kind")
    return (
        f"the student's {kind} {name_of(thing)}"
        if kind in ("function", "class", "module")
        else f"an object of the student's type {name_of(thing)}"
    )


def _signature_of(parameters: Any) -> inspect.Signature:
    """The signature that was told; one that takes anything where none was."""
    kinds = inspect.Parameter
    if parameters is None:
        return inspect.Signature([kinds("args", kinds.VAR_POSITIONAL), kinds("kwargs", kinds.VAR_KEYWORD)])
    return inspect.Signature(
        [kinds(name, inspect._ParameterKind(kind), default=None if has else kinds.empty) for name, kind, has in parameters]
    )
