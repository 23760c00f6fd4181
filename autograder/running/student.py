"""The student's side: runs the student's cells, and operates
on the student's objects when the trusted side asks.

The student may break anything in this process. Nothing is decided here: what leaves it is read as
plain data and judged on the trusted side.
"""

import builtins
import contextlib
import inspect
import operator
import os
import random
import sys
import time
import types
import warnings
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from IPython.core.async_helpers import get_asyncio_loop

from autograder.sandbox.limits import Limits

from . import codec, shared, timer
from .arguments import FIXED, by_key, changed, contents, returned
from .codec import OURS, THEIRS, NotEncodable
from .notebook import is_many, is_own_kind, points_of, remaining_imports
from .observed import CALLS, Shortcut, Watch
from .proxy import BINARY, UNARY
from .shell import CellTimeoutError, Shell, cell_line

LARGEST_REQUEST = 2**30
WATCHED_BYTES = 2**16  # of a variable that tests use and functions may change


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def _leave(manager: Any, raised: str | None) -> bool:
    """End a with-block, perhaps by an error of this name; whether the error is to go no further."""
    error = None if raised is None else _error_named(raised, "")
    return bool(type(manager).__exit__(manager, error and type(error), error, None))


async def _awaited(thing: Any) -> Any:
    return await thing


def _error_named(name: str, text: str) -> Exception:
    """One of Python's errors by its name; a RuntimeError that says both, if there is none."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        with contextlib.suppress(TypeError):
            return kind(text)
    return RuntimeError(f"{name}: {text}")


def _swapped(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda right, left: operation(left, right)


# The operations allowed on a student's object. Comparison, truth, hash and conversion are not: they
# decide something.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    **{name: getattr(operator, name) for name in ("getitem", "setitem", "delitem", *UNARY, *BINARY)},
    **{f"i{name.rstrip('_')}": getattr(operator, f"i{name.rstrip('_')}") for name in BINARY},
    **{f"r{name.rstrip('_')}": _swapped(getattr(operator, name)) for name in BINARY},
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "iter": iter,
    "next": next,
    "len": len,
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager, raised=None: _leave(manager, raised),
    "await": lambda thing: get_asyncio_loop().run_until_complete(_awaited(thing)),
}


class Student:
    """Serves one submission until the trusted side hangs up."""

    def __init__(self, connection: Connection, shell: Shell, limits: Limits) -> None:
        self.connection = connection
        self.shell = shell
        self.limits = limits
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.described: set[int] = set()
        self.watched: dict[str, bytes] = {}  # the plain variables that a test uses, as it knows them
        self.derived = 0  # how often autograd ran
        self.looked_at: Counter[int] = Counter()  # by function, how many of its calls

    # --- the conversation -------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer one request after the other."""
        timer.prepare()
        _count_autograd(self)
        while True:
            try:
                request = self.connection.recv_bytes(LARGEST_REQUEST)
            except (EOFError, OSError):
                os._exit(0)
            self.connection.send_bytes(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        kind, *parts = codec.decode(request, self._resolve)
        timer.start(self.limits.cell_seconds)
        try:
            return getattr(self, f"_{kind}")(*parts)
        except (CellTimeoutError, Exception) as error:  # struck between two lines, or an object that fails when it is looked at
            return self._encode(["error", self._describe_error(error), [], [], None, 0, {}])
        finally:
            timer.stop()

    def _encode(self, value: Any) -> bytes:
        return codec.encode(value, self._reference, is_own_kind)

    def _seen(self, value: Any) -> bytes:
        """What a value holds, to be compared with what it holds later; never sent."""
        return codec.encode(value, self._number_only)

    # --- requests ---------------------------------------------------------------------------------

    def _run(self, source: str) -> bytes:
        """Run one of the student's cells: its outputs, and the
        imports below a line that failed, which are run too.
        """
        outputs = self.shell.run(source, self.limits.output_bytes)
        return codec.encode([outputs, remaining_imports(self.shell, source)], _as_text)

    def _test(self, source: str) -> bytes:
        """Run a test here, together with the answers: its outputs,
        its points, and whether there were several numbers.
        """
        outputs = self.shell.run(source, self.limits.output_bytes)
        return codec.encode([outputs, points_of(self.shell.value), is_many(self.shell.value), _missing(self.shell.failure)], _as_text)

    def _replay(self, source: str, kept: bytes, before: list[str], after: list[str], wanted: list[str]) -> bytes:
        """Use the kept results of a cell in place of its run, if it would do the same here."""
        outputs = shared.replay(self.shell, source, kept, shared.Around(before, after, frozenset(wanted)))
        return codec.encode(outputs, _as_text)

    def _record(self, source: str) -> bytes:
        """Run a cell of the course that is the same for
        all, and return what others need in place of a run.
        """
        return codec.encode(list(shared.record(self.shell, source, self.limits.output_bytes)), _as_text)

    def _look(self, names: list[str]) -> bytes:
        """The values of these names in the student's notebook,
        one by one, and the settings for a test's own tensors.
        """
        space = self.shell.user_ns
        found = {name: space[name] for name in names if name in space}
        sent = {name: self._handed_over(value) for name, value in found.items()}
        self.watched = {}
        for name, value in found.items():
            if len(sent[name]) <= WATCHED_BYTES and not isinstance(value, FIXED) and _kind(value) == "object" and not callable(value):
                with contextlib.suppress(NotEncodable):
                    self.watched[name] = self._seen(value)
            elif isinstance(value, FIXED):
                self.watched[name] = sent[name]
        torch = sys.modules.get("torch")
        settings = {"dtype": str(torch.get_default_dtype()).removeprefix("torch.")} if torch is not None else {}
        return codec.encode([sent, settings])

    def _handed_over(self, value: Any) -> bytes:
        """A variable as bytes, or a reference if it contains itself or is too large."""
        with contextlib.suppress(NotEncodable):
            data = self._encode(value)
            if len(data) <= self.limits.answer_bytes // 2:
                return data
        return self._encode(_ByReference(value))

    def _news(self) -> dict[str, Any]:
        """The watched variables whose values are no longer those that the test knows."""
        news = {}
        for name, seen in self.watched.items():
            if name in self.shell.user_ns:
                with contextlib.suppress(NotEncodable):
                    now = self._seen(self.shell.user_ns[name])
                    if now != seen:
                        news[name], self.watched[name] = self.shell.user_ns[name], now
        return news

    def _do(self, operation: str, target: Any, parts: list[Any], state: dict[str, Any] | None) -> bytes:
        """Perform one operation on an object of the student's.

        [outcome, value, outputs, warnings, [changed arguments, which of them the result is],
        shortcuts that ran, changed variables].
        """
        return self._performed(operation, target, parts, state)[1]

    def _each(self, target: Any, calls: list[list[Any]], state: dict[str, Any] | None) -> bytes:
        """Call a function with one set of arguments after the other: for each, what `_do` answers.

        No further call is made after an error, or where the answers together would be too large.
        """
        answers: list[bytes] = []
        end = time.monotonic() + self.limits.cell_seconds
        for parts in calls:
            timer.start(max(end - time.monotonic(), 0.001))
            went_well, answer = self._performed("call", target, parts, None if answers else state)
            answers.append(answer)
            if not went_well or sum(map(len, answers)) > self.limits.answer_bytes // 4:
                break
        return codec.encode(answers)

    def _performed(self, operation: str, target: Any, parts: list[Any], state: dict[str, Any] | None) -> tuple[bool, bytes]:
        """Whether an operation ended without an error, and what `_do` answers."""
        _set_random_state(state)
        arguments = by_key(*parts) if operation == "call" else {}
        before, derived, watch = contents(arguments, self._seen), self.derived, None
        with self.shell.collecting(self.limits.output_bytes) as shown, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                with self._watching(operation, target) as watch:
                    outcome, value = "value", OPERATIONS[operation](target, *parts)
            except BaseException as error:
                outcome, value = "error", self._describe_error(error)
        timer.stop()
        told = [[warning.category.__name__, str(warning.message)[:2000]] for warning in warned[:50]]
        effects = [changed(arguments, before, self._seen), returned(arguments, before, value) if outcome == "value" else []]
        outputs = codec.decode(codec.encode(shown.list, _as_text)) if shown.list else []
        ran = self._ran(watch, derived)
        try:
            answer = self._encode([outcome, value, outputs, told, effects if any(effects) else None, ran, self._news()])
            return outcome == "value", answer
        except NotEncodable as error:
            return False, self._encode(["error", self._describe_error(error), outputs, told, None, ran, {}])

    def _watching(self, operation: str, target: Any) -> contextlib.AbstractContextManager[Watch | None]:
        """A look at what a call runs; at the first calls of a function only."""
        if operation != "call" or self.looked_at[self._number(target)] >= CALLS:
            return contextlib.nullcontext()
        self.looked_at[self._number(target)] += 1
        return Watch()

    def _ran(self, watch: Watch | None, before: int) -> list[str]:
        """The shortcuts that ran in a call; `before` is how often autograd had run before it."""
        found = set(watch.found if watch else ()) | ({Shortcut.AUTOGRAD} if self.derived > before else set())
        return sorted(map(str, found))

    # --- references -------------------------------------------------------------------------------

    def _reference(self, value: object) -> tuple[int, Any]:
        if type(value) is _Callback:
            return OURS, value.number
        if type(value) is _ByReference:
            value, content = value.value, None
        else:
            content = codec.encode(value, self._reference) if is_own_kind(value) else None
        number = self._number(value)
        if number in self.described:
            return THEIRS, [number, None, content]
        self.described.add(number)
        return THEIRS, [number, self._describe(value), content]

    def _number_only(self, value: object) -> tuple[int, Any]:
        return (OURS, value.number) if type(value) is _Callback else (THEIRS, self._number(value))

    def _resolve(self, code: int, data: Any) -> Any:
        return self.objects[data] if code == THEIRS else _Callback(self, data)

    def _describe(self, value: Any) -> dict[str, Any]:
        kind = _kind(value)
        return {
            "kind": kind,
            "name": (_text_of(_attribute(value, "__name__")) or type(value).__name__)[:100],
            "doc": _text_of(_attribute(value, "__doc__")),
            "module": _text_of(_attribute(value, "__module__")),
            "type": type(value).__name__[:100],
            "callable": callable(value),
            "signature": _signature(value) if kind in ("function", "class") else None,
            "bases": self._bases(value if kind == "class" else type(value)),
            "error": _builtin_error(value) if kind == "class" and issubclass(value, BaseException) else None,
        }

    def _bases(self, kind: type) -> list[int]:
        """The student's own classes that `kind` is, or comes from."""
        return [self._number(base) for base in kind.__mro__ if _own(base)]

    def _number(self, value: object) -> int:
        if id(value) not in self.numbers:
            self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)  # kept, so that its id stays its own
        return self.numbers[id(value)]

    def _describe_error(self, error: BaseException) -> dict[str, Any]:
        where = cell_line(error.__traceback__)
        return {
            "class": type(error).__name__[:100],
            "builtin": _builtin_error(type(error)),
            "own": self._bases(type(error)),
            "text": _error_text(error),
            "bare": not getattr(error, "args", ()),
            "args": _plain_parts(getattr(error, "args", ())),
            "attributes": _plain_parts(getattr(error, "__dict__", {})),
            "where": list(where) if where else None,
            "missing": _missing(error),
        }

    def call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Ask the trusted side to call a function that it passed.

        Possible only during one of its own calls.
        """
        left = timer.stop()
        self.connection.send_bytes(self._encode(["callback", number, args, kwargs]))
        outcome, value = codec.decode(self.connection.recv_bytes(LARGEST_REQUEST), self._resolve)
        timer.start(max(left, 0.001))
        if outcome == "error":
            raise _error_named(*value)
        return value


class _ByReference:
    """A value that is to travel as an object, plain or not."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Callback:
    """A function of the trusted side, as the student's code gets it."""

    def __init__(self, student: Student, number: int) -> None:
        self._student, self.number = student, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student.call_back(self.number, args, kwargs)


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc)):
        return "function"
    return "object"


def _own(kind: type) -> bool:
    """Whether a class was written in the notebook, or beside it."""
    return kind is not object and getattr(kind, "__module__", None) not in sys.stdlib_module_names


def _signature(value: Any) -> list[list[Any]] | None:
    try:
        parameters = inspect.signature(value).parameters.values()
    except Exception:  # many built-in functions do not tell
        return None
    return [[str(p.name), int(p.kind), p.default is not p.empty] for p in parameters]


def _builtin_error(kind: type) -> list[str] | None:
    """The nearest class of an exception that the trusted side knows too: [module, name]."""
    for base in kind.__mro__:
        module = getattr(base, "__module__", "")
        if isinstance(module, str) and module.split(".")[0] in ("builtins", "numpy", "torch"):
            return [module, base.__name__]
    return None


def _error_text(error: BaseException) -> str:
    try:
        return str(error)[:20_000]
    except Exception:  # an exception's own text may fail
        return "(this error has no readable text)"


def _missing(error: BaseException | None) -> str | None:
    """The name that was not there, if that is the error."""
    name = error.name if isinstance(error, NameError) else None
    return name if isinstance(name, str) else None


def _plain_parts(parts: Any) -> Any:
    """The plain and short parts of an error: its arguments
    if all are, and those of its attributes that are.
    """
    if isinstance(parts, dict):
        return {str(name): value for name, value in list(parts.items())[:50] if _is_short(value)}
    return list(parts)[:50] if all(map(_is_short, parts)) else None


def _is_short(value: Any) -> bool:
    try:
        return len(codec.encode(value)) <= WATCHED_BYTES
    except NotEncodable:
        return False


def _attribute(value: object, name: str) -> Any:
    """An attribute, whatever the object's own way to find one does; None without it."""
    try:
        return getattr(value, name, None)
    except Exception:  # a careless __getattr__
        return None


def _text_of(value: object) -> str | None:
    return value[:2000] if isinstance(value, str) else None


def _as_text(value: object) -> tuple[int, Any]:
    """Outputs are text and numbers; anything else in them becomes text."""
    raise NotEncodable(f"an output held a {type(value).__name__}")


def _set_random_state(state: dict[str, Any] | None) -> None:
    """Continue with the trusted side's global random numbers, where a test has set them."""
    if not state:
        return
    if "numpy" in state:
        np.random.set_state(state["numpy"])
    if "python" in state:
        random.setstate(state["python"])
    if "torch" in state and "torch" in sys.modules:
        sys.modules["torch"].set_rng_state(state["torch"])


def _count_autograd(student: Student) -> None:
    """Count the runs of PyTorch's engine, as a hint for a person.

    The student could undo this, without any gain.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return
    run = torch.autograd._engine_run_backward

    def counted(*args: Any, **kwargs: Any) -> Any:
        student.derived += 1
        return run(*args, **kwargs)

    torch.autograd._engine_run_backward = counted
