"""The trusted end of the connection to a student's
process: one request at a time, every answer checked.

The student's side is never asked what is right. Requests that would let its code decide are
refused, and a person is told.
"""

import random
import re
import select
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import numpy as np

from autograder.sandbox.limits import Limits

from . import codec
from .arguments import by_key, effects_told, with_argument, write_back, write_gradients
from .codec import OURS, THEIRS, NotEncodable
from .known import Effect, EffectKind, Known, Notes
from .observed import Shortcut
from .proxy import ARITHMETIC, CallableProxy, ClassProxy, NeedsMore, Proxy, StudentGone, described, link_of, name_of, number_of
from .received import within
from .shell import CellTimeoutError
from .student_errors import error_class, error_told, known_error

Show = Callable[[list[dict[str, Any]]], None]
SHORTCUTS = frozenset(Shortcut)
PATIENCE = 2.0  # seconds beyond a limit that the student's process itself has to answer in
MOST_OBJECTS = 10_000_000
# Methods that judge: their answer, and not the value, would be the test's.
JUDGES = re.compile(r"(.*_)?(all_?close|is_?close|equals?|equiv|equivalent|approx)|array_equal|assert.*|eq|ne|lt|le|gt|ge", re.IGNORECASE)
CARRIES = frozenset([*ARITHMETIC, "setattr", "setitem"])  # operations that hand a value of the test's to the student's code


@dataclass
class Link:
    """A line to a student's process, and what was noted about what lies behind it."""

    connection: Connection
    limits: Limits
    show: Show  # where what a student's function prints goes
    known: Known | None = None  # what the reference's own run showed; None: this is that run, or there was none
    notes: Notes = field(default_factory=Notes)
    gone: str = ""  # why there is nobody at the other end any more
    stuck: bool = False
    renew: Callable[[dict[str, Any]], None] = lambda news: None  # told which variables of the student's have changed meanwhile
    as_in_one: bool = False  # whether the test sees all that a call does to its arguments, not only what the reference's does
    needs_more: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)  # what may be why a test fails
    unseen: list[str] = field(default_factory=list)  # what calls did to arguments that the test has not seen
    missing: set[str] = field(default_factory=set)  # names that the student's code looked for in vain
    raised: bool = False  # whether the student's code raised an error
    touched: bool = False  # whether a test did more than call functions that gave plain data
    asked: bool = False  # whether a library asked of an object what a proxy cannot tell
    first_calls: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _things: dict[int, Any] = field(default_factory=dict)
    _names: dict[int, set[str]] = field(default_factory=dict)  # how the tests came by a thing
    _unexpected: set[int] = field(default_factory=set)  # objects where the reference gives plain data
    _arrived: list[Proxy] = field(default_factory=list)  # in the reply that is being read
    _keeps_objects: bool = False  # whether a list of a class of the notebook's own is one, or the plain list that it holds
    _looked: set[str] = field(default_factory=set)  # the names of the notebook that were looked up
    _functions: list[Any] = field(default_factory=list)
    _state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random_state()  # what is so before the first test is nobody's seed
        self._waits = waiting(self.connection)

    # --- cells ------------------------------------------------------------------------------------

    def run(self, source: str) -> tuple[list[dict[str, Any]], list[str]]:
        """Run one of the student's cells: its outputs, and the imports below a line that failed.

        StudentGone if it ended the process.
        """
        answer = self._ask(["run", source])
        if not (type(answer) is list and len(answer) == 2 and type(answer[1]) is list):
            raise NotEncodable("the student's process answered with something that is no answer")
        return self._outputs(answer[0]), [str(line)[:200] for line in answer[1][:20]]

    def test(self, source: str) -> tuple[list[dict[str, Any]], float | None, bool]:
        """Run a test in the student's process, as stock nbgrader
        does: outputs, points, whether there were several numbers.
        """
        answer = self._ask(["test", source])
        if not (type(answer) is list and len(answer) == 4 and type(answer[1]) in (float, type(None)) and type(answer[2]) is bool):
            raise NotEncodable("the student's process answered with something that is no answer")
        if type(answer[3]) is str:
            self.missing.add(answer[3][:100])
        return self._outputs(answer[0]), answer[1], answer[2]

    def replay(self, source: str, kept: bytes, before: list[str], after: list[str], wanted: list[str]) -> list[dict[str, Any]] | None:
        """The outputs of a cell that has been run for the whole class; None if it must be run."""
        outputs = self._ask(["replay", source, kept, before, after, wanted])
        return None if outputs is None else self._outputs(outputs)

    def record(self, source: str) -> tuple[list[dict[str, Any]], bytes, str]:
        """Run a cell for the whole class: its outputs, and the
        data for `replay`, or the reason why there are none.
        """
        answer = self._ask(["record", source])
        if not (isinstance(answer, list) and len(answer) == 3 and isinstance(answer[1], bytes) and isinstance(answer[2], str)):
            raise NotEncodable("the process of the class answered with something that is no answer")
        return self._outputs(answer[0]), answer[1], answer[2]

    def _outputs(self, outputs: Any) -> list[dict[str, Any]]:
        if not isinstance(outputs, list) or not all(type(output) is dict for output in outputs):
            raise NotEncodable("the student's process answered with something that is no list of outputs")
        return within(outputs, self.limits.output_bytes)

    # --- names and objects ------------------------------------------------------------------------

    def look(self, names: list[str]) -> dict[str, Any]:
        """The values of these names in the student's notebook.

        What cannot be sent whole becomes a proxy.
        """
        answer = self._ask(["look", names]) if names else [{}, {}]
        if not (type(answer) is list and len(answer) == 2 and type(answer[0]) is dict):
            raise NotEncodable("the student's process answered with something that is no answer")
        found = {}
        for name in names:
            if type(answer[0].get(name)) is bytes:
                self._expect({name})
                found[name] = self._admit({name}, codec.decode(answer[0][name], self._resolve))
                if isinstance(found[name], Proxy):
                    self._looked.add(name)
        _settle(answer[1])
        return found

    def do(self, operation: str, target: Proxy, *parts: Any) -> Any:
        """One operation on a student's object: its value, or its error raised here."""
        self._forbid(operation, target, parts)
        self._expect_result(operation, target, parts)
        state = self._random_state() if operation == "call" else {}
        return self._settled(operation, target, parts, self._ask(["do", operation, target, _listed(operation, parts), state]))

    def call_each(self, target: Proxy, calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """The results of a student's function for one set of arguments after the other.

        They are called together, and each result is looked at, or its error raised, when it is
        asked for. No further call is made after an error.
        """
        left: list[tuple[Any, ...]] = [(arguments, {}) for arguments in calls]
        while left:
            for parts in left:
                self._forbid("call", target, parts)
            self._expect_result("call", target, left[0])
            answers = self._ask(["each", target, [_listed("call", parts) for parts in left], self._random_state()])
            if _is_answer(answers):  # what goes wrong before the first call
                yield self._settled("call", target, left[0], answers)
            if not (type(answers) is list and 1 <= len(answers) <= len(left) and all(type(answer) is bytes for answer in answers)):
                raise NotEncodable("the student's process answered with something that is no answer")
            for parts, answer in zip(left, answers):
                self._expect_result("call", target, parts)
                yield self._settled("call", target, parts, codec.decode(answer, self._resolve))
            left = left[len(answers) :]

    def _settled(self, operation: str, target: Proxy, parts: tuple[Any, ...], answer: Any) -> Any:
        """The value that an answer tells, or its error raised; all else that it tells is noted."""
        names = self._names.get(number_of(target), set())  # which it has here; what it says that its name is, is the student's to say
        name = min(names, default=name_of(target))
        results = _result_names(operation, names, parts)
        if not _is_answer(answer):
            raise NotEncodable("the student's process answered with something that is no answer")
        outcome, value, outputs, warned, told, ran, news = answer
        self._pass_on(outputs, warned)
        if operation == "call" and type(ran) is list:
            self.notes.ran.setdefault(name, set()).update(kind for kind in ran if type(kind) is str and kind in SHORTCUTS)
        effects = self._effects(names, parts, told) if operation == "call" else []
        if type(news) is dict and news:
            self.renew(news)
        if outcome == "error":
            self.touched = True
            raise self._error(operation, value) from None
        self._admit(results, value, from_unexpected=number_of(target) in self._unexpected)
        self._check_result(operation, target, value)
        if operation == "len" and number_of(target) in self._unexpected:
            self._check_length(target, value)
        for effect in effects:
            value = with_argument(value, effect.place, by_key(*parts)[effect.argument])
        if operation == "call" and not told and name in self._looked and name not in self.first_calls:
            self._remember(name, target, parts, value)
        return value

    def _forbid(self, operation: str, target: Proxy, parts: tuple[Any, ...]) -> None:
        """Refuse an operation that would let the student's
        code judge, before it sees the expected value.
        """
        if operation == "getattr" and JUDGES.fullmatch(parts[0]):
            self.refuse(target, f"uses the method {parts[0]} of")
        carries = operation in CARRIES or (operation == "call" and (parts[0] or parts[1]))
        if carries and number_of(target) in self._unexpected:
            self.refuse(target, "hands values of its own to", " The reference's answer gives plain data there.")

    def _check_result(self, operation: str, target: Proxy, value: Any) -> None:
        """Require an object as the result of computing with a
        student's object: a plain result would decide something.
        """
        if operation in ARITHMETIC and not isinstance(value, Proxy):
            self.refuse(target, "takes a plain result from arithmetic with")
        if operation not in ("call", "getattr", "len") or self._arrived:
            self.touched = True

    def _check_length(self, target: Proxy, told: Any) -> None:
        """Refuse an object in place of plain data whose length
        is not the number of its items: a loop over it might compare nothing.
        """
        if sum(1 for _ in islice(target, told + 1)) != told:
            self.refuse(target, "takes the length, which is not the number of items, of")

    def _expect_result(self, operation: str, target: Proxy, parts: tuple[Any, ...]) -> None:
        """Prepare for the result of an operation."""
        self._expect(_result_names(operation, self._names.get(number_of(target), set()), parts))

    def _expect(self, names: set[str]) -> None:
        """Prepare for a result of these names."""
        self._arrived = []
        self._keeps_objects = self.known is None or bool(names & self.known.objects)

    def _admit(self, names: set[str], value: Any, *, from_unexpected: bool = False) -> Any:
        """Note the names under which a result's objects
        came, and whether the reference has plain data there.
        """
        for thing in self._arrived:
            self._names.setdefault(number_of(thing), set()).update(names)
        (self.notes.objects if self._arrived else self.notes.plain).update(names)
        plain = self.known is not None and bool(names) and names <= self.known.plain
        if plain or from_unexpected:
            self._unexpected |= {number_of(thing) for thing in self._arrived}
        return value

    def _effects(self, names: set[str], parts: tuple[Any, ...], told: Any) -> list[Effect]:
        """Apply the call's effects on arguments that the reference's
        call has too; returns which parts of the result are arguments.
        """
        arguments, returned = by_key(*parts), []
        for effect, theirs in effects_told(arguments, told):
            for name in names:
                self.notes.effects.setdefault(name, set()).add(effect)
            usual = self.known is None or any(effect in self.known.effects.get(name, ()) for name in names)
            if not (usual or self.as_in_one):
                self.unseen.append(_unseen(min(names, default=""), effect))
            elif effect.kind is EffectKind.CHANGES:
                write_back(arguments[effect.argument], theirs)
            elif effect.kind is EffectKind.GRADIENT:
                write_gradients(arguments[effect.argument], theirs)
            else:
                returned.append(effect)
        return returned

    def again(self) -> list[str]:
        """The functions that gave another result when
        called again with the arguments of their first call.
        """
        different = []
        for name, (target, parts, value) in list(self.first_calls.items()):
            try:
                answer = self._ask(["do", "call", target, codec.decode(parts), None])
                if _is_answer(answer) and answer[0] == "value" and codec.encode(answer[1]) != value:
                    different.append(name)
            except (NotEncodable, StudentGone):
                break
        return different

    def _remember(self, name: str, target: Proxy, parts: tuple[Any, ...], value: Any) -> None:
        with suppress(NotEncodable):  # a call that cannot be repeated
            self.first_calls[name] = target, codec.encode(list(parts)), codec.encode(value)

    # --- the conversation -------------------------------------------------------------------------

    def _ask(self, request: list[Any]) -> Any:
        """Send, and answer calls back, until the reply comes."""
        if self.gone:
            raise StudentGone(self.gone)
        try:
            self.connection.send_bytes(codec.encode(request, self._reference, _is_proxy))
            end = time.monotonic() + self.limits.cell_seconds + PATIENCE
            while True:
                if not self._waits(max(0.0, end - time.monotonic())):
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
        expected = self._keeps_objects
        try:
            function = self._functions[number]
            value = function(*args, **kwargs)
            return codec.encode(["value", value], self._reference, _is_proxy)
        except Exception as error:
            return codec.encode(["error", [type(error).__name__, str(error)]])
        finally:
            self._arrived, self._keeps_objects = [], expected

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

    # --- references -------------------------------------------------------------------------------

    def _reference(self, value: object) -> tuple[int, Any]:
        if isinstance(value, Proxy):
            if link_of(value) is not self:
                raise StudentGone(link_of(value).gone or "it belongs to another process")
            return THEIRS, number_of(value)
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
        number, about, content = data
        if content is not None and not self._keeps_objects:
            return codec.decode(content, self._resolve)
        if number not in self._things:
            if type(number) is not int or not 0 <= number < MOST_OBJECTS or type(about) is not dict:
                raise NotEncodable("a reference to nothing")
            self._things[number] = self._new_proxy(number, about)
        thing = self._things[number]
        if isinstance(thing, Proxy):
            self._arrived.append(thing)
        return thing

    def _new_proxy(self, number: int, about: dict[str, Any]) -> Any:
        if about.get("kind") == "class" and about.get("error"):
            return error_class(str(about.get("name")), known_error(about["error"]))
        if about.get("kind") == "class":
            return ClassProxy(self, number, about)
        return CallableProxy(self, number, about) if about.get("callable") is True else Proxy(self, number, about)

    def _error(self, operation: str, about: Any) -> BaseException:
        """An error like the one that the student's code raised."""
        error = error_told(about if type(about) is dict else {}, self._things)
        self.raised = True
        if isinstance(error, NameError) and error.name:
            self.missing.add(error.name)
        if operation != "next" and isinstance(error, (StopIteration, StopAsyncIteration)):
            # As in a generator: else all(map(f, ...)) would end early, and well.
            return RuntimeError(f"the student's code raised {type(error).__name__}")
        return error

    def refuse(self, target: Proxy, what: str, more: str = "") -> NoReturn:
        """Note that a test needs more than plain data, and stop it."""
        words = f"The test {what} {described(target)}. That would be decided by the student's own code, so this cell needs a person.{more}"
        self.needs_more.append(words)
        raise NeedsMore(words)


def _is_proxy(value: Any) -> bool:
    """Whether this is a proxy, found without asking it: each question to a proxy takes time."""
    return issubclass(type(value), Proxy)


def waiting(connection: Connection) -> Callable[[float], object]:
    """What waits for an answer, so many seconds at most, and says whether there is one."""
    if not hasattr(select, "poll"):  # on Windows
        return connection.poll
    poll = select.poll()  # made once: a test may ask thousands of times
    poll.register(connection.fileno(), select.POLLIN)
    return lambda seconds: poll.poll(seconds * 1000)


def _result_names(operation: str, names: set[str], parts: tuple[Any, ...]) -> set[str]:
    """The names under which the result of an operation
    is known: an attribute's own, or the function's.
    """
    if operation == "getattr":
        return {parts[0]}
    if operation == "call":
        return {name if name.endswith("()()") else f"{name}()" for name in names}
    if operation in ("getitem", "next"):
        return {name if name.endswith("[]") else f"{name}[]" for name in names}
    return names if operation in (*ARITHMETIC, "iter", "enter", "await") else set()


def _is_answer(answer: Any) -> bool:
    """Whether this may be the reply to `do`.

    Any value may arrive, and some cannot even be compared.
    """
    return type(answer) is list and len(answer) == 7 and type(answer[0]) is str


def _unseen(name: str, effect: Effect) -> str:
    which = f"its argument {effect.argument + 1 if type(effect.argument) is int else effect.argument}"
    return f"{name} returns {which} itself" if effect.kind is EffectKind.RETURNS else f"{name} changes {which}"


def _listed(operation: str, parts: tuple[Any, ...]) -> list[Any]:
    """The parts of an operation, with our own tuples as lists, which are sent faster."""
    return [list(parts[0]), parts[1]] if operation == "call" else list(parts)


def _settle(settings: Any) -> None:
    """Set the default type of tensors to float64 if it
    is in the student's process, as in a single process.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_default_dtype(torch.float64 if settings == {"dtype": "float64"} else torch.float32)
