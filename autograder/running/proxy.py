"""What the trusted process holds in place of a student's functions, classes and objects.

A proxy forwards what makes values: calls, attributes, items, iteration, arithmetic. It refuses what decides: comparison, truth, hash,
conversion. So nothing about right and wrong is ever asked of the student's process.
"""

import inspect
import random
import select
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from autograder.sandbox.limits import Limits

from . import codec
from .codec import OURS, THEIRS, NotEncodable
from .observed import Shortcut
from .shell import MOST, CellTimeoutError, Outputs, is_cell

Show = Callable[[list[dict[str, Any]]], None]
SHORTCUTS = frozenset(Shortcut)
PATIENCE = 2.0  # seconds beyond a limit that the student's process itself has to answer in


class NeedsMore(TypeError):
    """A test asked something of a student's object that only the student's own process could decide."""


class StudentGone(RuntimeError):
    """The student's process ended, or does not answer any more."""


class StudentError(Exception):
    """An error of the student's code whose class only the student's process knows."""


@dataclass
class Link:
    """The trusted end of the line to a student's process."""

    connection: Connection
    limits: Limits
    show: Show  # where what a student's function prints goes
    in_place: frozenset[str] = frozenset()
    gone: str = ""  # why there is nobody at the other end any more
    stuck: bool = False
    renew: Callable[[dict[str, Any]], None] = lambda news: None  # told which variables of the student's have changed meanwhile
    needs_more: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)  # what may be why a test fails
    ran: dict[str, set[str]] = field(default_factory=dict)  # by function, what it ran in place of a derivation by hand
    first_calls: dict[str, tuple] = field(default_factory=dict)
    _things: dict[int, Any] = field(default_factory=dict)
    _names: dict[int, set[str]] = field(default_factory=dict)  # how the tests came by a thing
    _looked: set[str] = field(default_factory=set)  # the names of the notebook that were looked up
    _functions: list[Any] = field(default_factory=list)
    _state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random_state()  # what is so before the first test is nobody's seed
        self._poll = select.poll()  # made once: a test may ask thousands of times
        self._poll.register(self.connection.fileno(), select.POLLIN)

    # --- asking -------------------------------------------------------------------------------------------------------------

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one of the student's cells; its outputs. StudentGone if the process did not survive it."""
        return self._outputs(self._ask(["run", source]))

    def replay(self, source: str, kept: bytes, before: list[str], after: list[str], wanted: list[str]) -> list[dict[str, Any]] | None:
        """The outputs of a cell that has been run for the whole class; None if it must be run."""
        outputs = self._ask(["replay", source, kept, before, after, wanted])
        return None if outputs is None else self._outputs(outputs)

    def record(self, source: str) -> tuple[list[dict[str, Any]], bytes, str]:
        """Run a cell for the whole class: its outputs, and what `replay` needs, or nothing and why."""
        answer = self._ask(["record", source])
        if not (isinstance(answer, list) and len(answer) == 3 and isinstance(answer[1], bytes) and isinstance(answer[2], str)):
            raise NotEncodable("the process of the class answered with something that is no answer")
        return self._outputs(answer[0]), answer[1], answer[2]

    def _outputs(self, outputs: Any) -> list[dict[str, Any]]:
        if not isinstance(outputs, list) or not all(type(output) is dict for output in outputs):
            raise NotEncodable("the student's process answered with something that is no list of outputs")
        return _within(outputs, self.limits.output_bytes)

    def look(self, names: list[str]) -> dict[str, Any]:
        """What the student's notebook has under these names."""
        found = self._ask(["look", names]) if names else {}
        found = {name: found[name] for name in names if name in found} if type(found) is dict else {}
        for name, value in found.items():
            if isinstance(value, Proxy):
                self._names.setdefault(_number(value), set()).add(name)
                self._looked.add(name)
        return found

    def do(self, operation: str, target: "Proxy", *parts: Any) -> Any:
        """One operation on a student's object: its value, or its error raised here."""
        names = self._names.get(_number(target), set())  # which it has here; what it says that its name is, is the student's to say
        name = min(names, default=_name(target))
        give_back = operation == "call" and bool(names) and names <= self.in_place
        give_gradients = operation == "call" and bool(names) and {f"{known}.grad" for known in names} <= self.in_place
        state = self._random_state() if operation == "call" else {}
        answer = self._ask(["do", operation, target, _listed(operation, parts), state, give_back or give_gradients])
        if not _is_answer(answer):
            raise NotEncodable("the student's process answered with something that is no answer")
        outcome, value, outputs, warned, changed, ran, news = answer
        self._pass_on(outputs, warned)
        if operation == "call" and type(ran) is list:
            self.ran.setdefault(name, set()).update(kind for kind in ran if type(kind) is str and kind in SHORTCUTS)
        if type(changed) is list and len(changed) == 2 and type(changed[0]) is list and type(changed[1]) is dict:
            for mine, theirs in [*zip(parts[0], changed[0]), *((parts[1][key], changed[1][key]) for key in parts[1] if key in changed[1])]:
                if give_back:
                    _write_back(mine, theirs)
                if give_gradients:
                    _write_gradients(mine, theirs)
        if type(news) is dict and news:
            self.renew(news)
        if outcome == "error":
            error = self._error(value if type(value) is dict else {})
            if operation != "next" and isinstance(error, (StopIteration, StopAsyncIteration)):
                # As in a generator: else all(map(f, ...)) would end early, and well.
                error = RuntimeError(f"the student's code raised {type(error).__name__}")
            raise error from None
        self._note_name(operation, target, parts, value)
        varies = give_back or give_gradients or f"{name}.varies" in self.in_place or name not in self._looked
        if operation == "call" and name not in self.first_calls and not varies:
            self._remember(name, target, parts, value)
        return value

    def again(self) -> list[str]:
        """The functions that, called once more with the arguments of their first call, gave something else."""
        different = []
        for name, (target, parts, value) in list(self.first_calls.items()):
            try:
                answer = self._ask(["do", "call", target, codec.decode(parts), None, False])
                if not _is_answer(answer) or answer[0] != "value" or codec.encode(answer[1]) != value:
                    different.append(name)
            except (NotEncodable, StudentGone):
                break
        return different

    def _note_name(self, operation: str, target: "Proxy", parts: tuple, value: Any) -> None:
        """An attribute is known by the name it was asked for, and what a function makes by that function's name."""
        if isinstance(value, Proxy) and operation == "getattr":
            self._names.setdefault(_number(value), set()).add(parts[0])
        elif isinstance(value, Proxy) and operation == "call":
            made = {f"{name}()" for name in self._names.get(_number(target), ())}
            self._names.setdefault(_number(value), set()).update(made)

    def _remember(self, name: str, target: "Proxy", parts: tuple, value: Any) -> None:
        with suppress(NotEncodable):  # a call that cannot be repeated
            self.first_calls[name] = target, codec.encode(list(parts)), codec.encode(value)

    def _ask(self, request: list[Any]) -> Any:
        """Send, and answer calls back, until the reply comes."""
        if self.gone:
            raise StudentGone(self.gone)
        try:
            self.connection.send_bytes(codec.encode(request, self._reference))
            end = time.monotonic() + self.limits.cell_seconds + PATIENCE
            while True:
                if not self._poll.poll(max(0.0, end - time.monotonic()) * 1000):
                    self.stuck = True
                    self._lose("it did not answer within the time that a cell may take")
                reply = codec.decode(self.connection.recv_bytes(self.limits.answer_bytes), self._resolve)
                if not (type(reply) is list and len(reply) == 4 and reply[0] == "callback"):
                    return reply
                self.connection.send_bytes(self._call_back(*reply[1:]))
        except CellTimeoutError:
            self.stuck, self.gone = True, "its time was up"
            raise
        except (EOFError, ConnectionError):
            self._lose("its process ended")
        except OSError:
            self._lose(f"it answered with more than {self.limits.answer_bytes // 2**20} MiB")

    def _lose(self, why: str) -> NoReturn:
        self.gone = why
        self.connection.close()
        raise StudentGone(why) from None

    def _call_back(self, number: Any, args: Any, kwargs: Any) -> bytes:
        """Call a function of ours that is an argument of the call under way."""
        try:
            function = self._functions[number]
            value = function(*args, **kwargs)
            return codec.encode(["value", value], self._reference)
        except Exception as error:
            return codec.encode(["error", [type(error).__name__, str(error)]])

    def _pass_on(self, outputs: Any, warned: Any) -> None:
        if type(outputs) is list and outputs:
            self.show(outputs)
        for entry in warned if type(warned) is list else ():
            if type(entry) is list and len(entry) == 2 and all(type(part) is str for part in entry):
                category = getattr(sys.modules["builtins"], entry[0], UserWarning)
                known = isinstance(category, type) and issubclass(category, Warning)
                warnings.warn(entry[1], category if known else UserWarning, stacklevel=4)

    def _random_state(self) -> dict[str, Any]:
        """The global random numbers' states that a test has set since the last call."""
        now: dict[str, Any] = {"numpy": np.random.get_state(), "python": random.getstate()}
        kind, key, *rest = now["numpy"]
        seen = {"numpy": (kind, key.tobytes(), *rest), "python": now["python"]}
        if "torch" in sys.modules:
            now["torch"] = sys.modules["torch"].get_rng_state()
            seen["torch"] = now["torch"].numpy().tobytes()
        new = {name: state for name, state in now.items() if self._state.get(name, seen[name]) != seen[name]}
        self._state = seen
        return new

    # --- references ---------------------------------------------------------------------------------------------------------

    def _reference(self, value: object) -> tuple[int, Any]:
        if isinstance(value, Proxy):
            if _link(value) is not self:
                raise StudentGone(_link(value).gone or "it belongs to another process")
            return THEIRS, _number(value)
        number = next((number for number, thing in self._things.items() if thing is value), None) if isinstance(value, type) else None
        if number is not None:  # a class of errors, which stands in for itself
            return THEIRS, number
        if callable(value):
            self._functions.append(value)
            return OURS, len(self._functions) - 1
        words = f"The test hands an object of the type {type(value).__name__} to the student's code; only plain data and functions can go."
        self.needs_more.append(words)
        raise NeedsMore(words)

    def _resolve(self, code: int, data: Any) -> Any:
        if code == OURS:
            return self._functions[data]
        number, *description = data
        if number not in self._things:
            if type(number) is not int or not 0 <= number < 10_000_000 or not description or type(description[0]) is not dict:
                raise NotEncodable("a reference to nothing")
            self._things[number] = self._stand_in(number, description[0])
        return self._things[number]

    def _stand_in(self, number: int, about: dict[str, Any]) -> Any:
        if about.get("kind") == "class" and about.get("error"):
            return _error_class(str(about.get("name")), _known_error(about["error"]))
        if about.get("kind") == "class":
            return ClassProxy(self, number, about)
        return CallableProxy(self, number, about) if about.get("callable") is True else Proxy(self, number, about)

    def _error(self, about: dict[str, Any]) -> BaseException:
        """An error like the one that the student's code raised."""
        name, text = str(about.get("class", "Error"))[:100], str(about.get("text", ""))
        own = [self._things[n] for n in about.get("own") or [] if isinstance(n, int) and isinstance(self._things.get(n), type)]
        known = own[0] if own else _known_error(about.get("builtin"))
        error = _plain_error(known, name, text, about.get("args"), bare=about.get("bare") is True)
        attributes = about.get("attributes")
        for attribute, value in attributes.items() if type(attributes) is dict else ():
            if (
                type(attribute) is str
                and attribute.isidentifier()
                and not attribute.startswith(("_", "where_in_cell"))
                and not hasattr(error, attribute)
            ):
                setattr(error, attribute, value)
        where = about.get("where")
        if isinstance(where, list) and len(where) == 2 and isinstance(where[0], str) and isinstance(where[1], int):
            error.where_in_cell = (where[0][:100], where[1])
            error.add_note(f"It arose in the student's code, in {where[0][:100]}, line {where[1]} of its cell.")
        return error

    def refuse(self, target: "Proxy", what: str) -> NoReturn:
        """Note that a test needs more than plain data, and stop it."""
        words = f"The test {what} {_described(target)}. That would be decided by the student's own code, so this cell needs a person."
        self.needs_more.append(words)
        raise NeedsMore(words)


# --- outputs ------------------------------------------------------------------------------------------------------------------


def _within(outputs: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The outputs of a cell, of the right types and no more than a cell may show: the student's process may have forgotten to count."""
    kept = Outputs(limit)
    for output in outputs[: 2 * MOST]:
        kind, data = output.get("output_type"), output.get("data")
        if kind == "stream" and isinstance(output.get("text"), str):
            kept.stream("stderr" if output.get("name") == "stderr" else "stdout", output["text"])
        elif kind in ("display_data", "execute_result") and type(data) is dict:
            metadata, count = output.get("metadata"), output.get("execution_count")
            plain_ones = {mime: part for mime, part in data.items() if isinstance(mime, str) and _is_plain(part)}
            kept.show(kind, plain_ones, metadata if _is_plain(metadata) else {}, count if type(count) is int else None)
        elif kind == "error" and sum(entry["output_type"] == "error" for entry in kept.list) < 10:
            lines = output.get("traceback")
            words = [line for line in lines if isinstance(line, str)] if type(lines) is list else []
            kept.error(str(output.get("ename")), str(output.get("evalue")), words)
    return kept.list


def _is_plain(value: Any) -> bool:
    """Text, or a little of anything plain."""
    try:
        return isinstance(value, str) or len(codec.encode(value)) < 100_000
    except NotEncodable:
        return False


def _is_answer(answer: Any) -> bool:
    """Whether this may be the reply to `do`: anything may come back, and some of it cannot even be compared."""
    return type(answer) is list and len(answer) == 7 and type(answer[0]) is str


def _listed(operation: str, parts: tuple) -> list[Any]:
    """The parts of an operation without tuples of our own making, which take longer to hand over."""
    return [list(parts[0]), parts[1]] if operation == "call" else list(parts)


# --- errors -------------------------------------------------------------------------------------------------------------------


def _known_error(path: Any) -> type[Exception]:
    """A class of Python's, NumPy's or PyTorch's exceptions by [module, name]; StudentError if it is none of these."""
    if isinstance(path, list) and len(path) == 2 and all(isinstance(part, str) for part in path):
        module = sys.modules.get(path[0]) if path[0].split(".")[0] in ("builtins", "numpy", "torch") else None
        found = getattr(module, path[1], None)
        known = isinstance(found, type) and issubclass(found, Exception)
        if known and found.__module__.split(".")[0] in ("builtins", "numpy", "torch"):  # not what these import: unittest.SkipTest
            return found
    return StudentError


_classes: dict[tuple[str, type], type[Exception]] = {}


def _error_class(name: str, base: type[Exception]) -> type[Exception]:
    """A class of that name that is caught where `base` is, and says what it is told to."""
    key = name, base
    if key not in _classes:
        members = {
            "__init__": lambda self, *args: Exception.__init__(self, *args),
            "__str__": _first_argument,
        }
        _classes[key] = type(name, (base,), members)
    return _classes[key]


def _first_argument(error: Exception) -> str:
    return getattr(error, "_said", None) or (str(error.args[0]) if error.args else "")


def _plain_error(kind: type[Exception], name: str, text: str, args: Any, *, bare: bool) -> BaseException:
    args = tuple(args) if type(args) is list else None
    if kind.__module__ == "builtins" and kind.__name__ == name:
        for given in [()] if bare else [args, (text,)]:
            error = None if given is None else _try(kind, *given)
            if error is not None and str(error) == text:
                return error
    error = _error_class(name, kind)(text)
    if args is not None:
        error.args, error._said = args, text
    return error


def _try(kind: type[Exception], *args: Any) -> BaseException | None:
    try:
        return kind(*args)
    except Exception:  # some need more than a text
        return None


# --- changed arguments --------------------------------------------------------------------------------------------------------


def _write_back(mine: Any, theirs: Any) -> None:
    """Give an argument the contents that the student's function left in its copy."""
    if type(mine) is not type(theirs):
        return
    if isinstance(mine, np.ndarray):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            mine[...] = theirs
    elif isinstance(mine, list):
        for left, right in zip(mine, theirs):
            _write_back(left, right)
        kept = [left if _is_container(left) and type(left) is type(right) else right for left, right in zip(mine, theirs)]
        mine[:] = kept + theirs[len(mine) :]
    elif isinstance(mine, dict):
        for key in [key for key in mine if key not in theirs]:
            del mine[key]
        for key, right in theirs.items():
            if key in mine and _is_container(mine[key]) and type(mine[key]) is type(right):
                _write_back(mine[key], right)
            else:
                mine[key] = right
    elif isinstance(mine, set):
        mine.clear()
        mine.update(theirs)
    elif "torch" in sys.modules and isinstance(mine, sys.modules["torch"].Tensor) and mine.shape == theirs.shape:
        mine.data.copy_(theirs.data)
        _write_gradients(mine, theirs)


def _write_gradients(mine: Any, theirs: Any) -> None:
    """Give tensors the gradients that the student's function left in its copies of them."""
    torch = sys.modules.get("torch")
    if type(mine) is not type(theirs) or torch is None:
        return
    if isinstance(mine, torch.Tensor):
        if mine.is_leaf and mine.requires_grad and theirs.grad is not None and theirs.grad.shape == mine.shape:
            mine.grad = theirs.grad.to(mine.dtype)
    elif isinstance(mine, (list, tuple)):
        for left, right in zip(mine, theirs):
            _write_gradients(left, right)
    elif isinstance(mine, dict):
        for key in mine.keys() & theirs.keys():
            _write_gradients(mine[key], theirs[key])


def renewed(mine: Any, theirs: Any) -> Any:
    """A variable whose contents have changed: the same object where it can be, as other names may mean it too."""
    torch = sys.modules.get("torch")
    same = type(mine) is type(theirs) and getattr(mine, "shape", None) == getattr(theirs, "shape", None)
    if same and (_is_container(mine) or (torch is not None and isinstance(mine, torch.Tensor) and mine.dtype == theirs.dtype)):
        _write_back(mine, theirs)
        return mine
    return theirs


def _is_container(value: Any) -> bool:
    return isinstance(value, (list, dict, set)) or (isinstance(value, np.ndarray) and value.ndim > 0)


# --- the proxies ------------------------------------------------------------------------------------------------------------


class Proxy:
    """A student's object, seen from the trusted side."""

    __array_ufunc__ = None  # so that NumPy leaves arithmetic to the operators below
    __slots__ = ("__about", "__link", "__number")

    def __init__(self, link: Link, number: int, about: dict[str, Any]) -> None:
        object.__setattr__(self, "_Proxy__link", link)
        object.__setattr__(self, "_Proxy__number", number)
        object.__setattr__(self, "_Proxy__about", about)

    @property
    def __class__(self) -> type:
        """A proxy is of no type but its own."""
        asking = sys._getframe(1)
        behind = asking.f_back.f_code.co_filename if asking.f_back else ""
        if asking.f_code.co_filename == "<frozen abc>" and (is_cell(behind) or behind.endswith("unittest/case.py")):
            _link(self).refuse(self, "asks for the abstract type of")  # a proxy has every method there is
        _hint(self, asking, "asks for the type of")
        return type(self)

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
            raise AttributeError(f"{_described(self)} has no {name} here")
        return _link(self).do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _link(self).do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _link(self).do("delattr", self, name)

    def __iter__(self) -> Iterator[Any]:
        found = _link(self).do("iter", self)
        return found if isinstance(found, Proxy) else iter(found)

    def __next__(self) -> Any:
        return _link(self).do("next", self)

    def __len__(self) -> int:
        return _link(self).do("len", self)

    def __enter__(self) -> Any:
        return _link(self).do("enter", self)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None and (not issubclass(kind, Exception) or issubclass(kind, (NeedsMore, StudentGone, NotEncodable))):
            return  # a time limit, or one of our own: none of the student's business
        if _link(self).do("exit", self, kind and kind.__name__) is True and kind is not None:  # the name only: the text may tell a secret
            _link(self).refuse(self, "lets an error be caught by")

    def __await__(self) -> Iterator[Any]:
        return _link(self).do("await", self)
        yield

    def __repr__(self) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{_described(self)}>"

    def __str__(self) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{_described(self)}>"

    def __format__(self, style: str) -> str:
        _hint(self, sys._getframe(1), "uses the text of")
        return f"<{_described(self)}>"

    def __dir__(self) -> list[str]:
        return []

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        _link(self).refuse(self, "makes an array of")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        _link(self).refuse(self, "copies")


class CallableProxy(Proxy):
    """A student's function, or an object that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function, in the student's process."""
        return _link(self).do("call", self, args, kwargs)


class ClassProxy(CallableProxy):
    """A student's class: called, it makes an object of the student's; isinstance knows its objects."""

    __slots__ = ()

    def __instancecheck__(self, thing: object) -> bool:
        return isinstance(thing, Proxy) and _link(thing) is _link(self) and _number(self) in (_about(thing).get("bases") or [])

    def __subclasscheck__(self, thing: object) -> bool:
        return isinstance(thing, ClassProxy) and _number(self) in (_about(thing).get("bases") or [])


def _forwarding(operation: str) -> Callable[..., Any]:
    def forward(self: Proxy, *parts: Any) -> Any:
        return _link(self).do(operation, self, *parts)

    return forward


def _refusing(what: str) -> Callable[..., NoReturn]:
    def refuse(self: Proxy, *parts: Any) -> NoReturn:
        _link(self).refuse(self, what)

    return refuse


for _operation in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "and", "or", "xor"):
    _function = f"{_operation}_" if _operation in ("and", "or") else _operation
    setattr(Proxy, f"__{_operation}__", _forwarding(_function))
    setattr(Proxy, f"__i{_operation}__", _forwarding(f"i{_operation}"))
    setattr(Proxy, f"__r{_operation}__", _forwarding(f"r{_operation}"))
for _operation in ("neg", "pos", "abs", "invert", "getitem", "setitem", "delitem"):
    setattr(Proxy, f"__{_operation}__", _forwarding(_operation))
for _operation in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Proxy, f"__{_operation}__", _refusing("compares something with"))
for _operation in ("bool", "float", "int", "complex", "index", "round", "trunc", "floor", "ceil", "bytes"):
    setattr(Proxy, f"__{_operation}__", _refusing("turns into a plain value"))
Proxy.__contains__ = _refusing("looks for something in")
Proxy.__hash__ = _refusing("makes a dictionary key or a set member of")


def _hint(thing: Proxy, asking: FrameType, what: str) -> None:
    """Where a test itself asks, and then fails, a person is told."""
    if is_cell(asking.f_code.co_filename):
        _link(thing).hints.append(f"The test {what} {_described(thing)}, which a proxy cannot tell; it needs a person.")


def _link(thing: Proxy) -> Link:
    return object.__getattribute__(thing, "_Proxy__link")


def _number(thing: Proxy) -> int:
    return object.__getattribute__(thing, "_Proxy__number")


def _about(thing: Proxy) -> dict[str, Any]:
    return object.__getattribute__(thing, "_Proxy__about")


def _name(thing: Proxy) -> str:
    return str(_about(thing).get("name"))[:100]


def _described(thing: Proxy) -> str:
    about = _about(thing)
    kind = about.get("kind")
    return (
        f"the student's {kind} {_name(thing)}"
        if kind in ("function", "class", "module")
        else f"an object of the student's type {_name(thing)}"
    )


def _signature_of(parameters: Any) -> inspect.Signature:
    """The signature that was told; one that takes anything where none was."""
    kinds = inspect.Parameter
    if parameters is None:
        return inspect.Signature([kinds("args", kinds.VAR_POSITIONAL), kinds("kwargs", kinds.VAR_KEYWORD)])
    return inspect.Signature(
        [kinds(name, inspect._ParameterKind(kind), default=None if has else kinds.empty) for name, kind, has in parameters]
    )
