"""The trusted side: runs the instructor's cells, and has the student's run next door.

It is the conductor of one submission. Expected values, hidden tests and scores exist here and not in the student's process.
"""

import ast
import contextlib
import io
import os
import signal
import socket
import sys
import time
import warnings
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from autograder.sandbox.limits import Limits

from . import codec
from .names import parse
from .proxy import PATIENCE, Link, Proxy, StudentGone, renewed
from .shell import CellTimeoutError, Shell

LARGEST_JOB = 2**30
CELLS_FULL = 50  # how many cells of a student's may show as much as a cell may
LIVES = 5  # how often a student's process is built anew before the rest of the notebook is given up
MODULES = {"numpy", "torch", "matplotlib", "math", "random", "backprop", "scipy", "pandas"}  # which both sides have
SHOWN = ("text/plain", "image/png", "image/jpeg")  # what a student's function may show inside a test


class Trusted:
    """Runs one submission and reports each cell to the grader as it is done."""

    def __init__(self, grader: Connection, shell: Shell) -> None:
        self.grader = grader
        self.shell = shell
        job = codec.decode(grader.recv_bytes(LARGEST_JOB))
        self.cells: list[dict[str, Any]] = job["cells"]
        self.needs: dict[str, dict[str, Any]] = job["needs"]
        self.in_place = frozenset(job["in_place"])
        self.limits = Limits.from_dict(job["limits"])
        self.end = time.monotonic() + job["seconds"]
        self.finished: int = job["finished"]  # cells that an earlier trusted process has reported
        self.left_out = frozenset(job["left_out"])  # cells that ended one
        self.lives = LIVES
        self.shown = 0  # about how much the student's cells have shown
        self.culprits: set[int] = set(self.left_out)
        self.done: set[int] = set()  # statements of the course that have been run
        self.lent: set[str] = set()  # names that the student's side gave
        self.variables: dict[str, Any] = {}  # those of them that are plain data, for the test under way
        self.remarks: list[str] = []
        self.shortcuts: set[tuple[str, str]] = set()  # a function and what it ran in place of a derivation by hand
        codec.on_backward = self._derives
        self.link = self._next_link()

    # --- the cells, in order ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run every cell; tell the grader of each, and at the end what a person should know."""
        signal.signal(signal.SIGALRM, _time_is_up)
        self._catch_up()
        for position, cell in enumerate(self.cells):
            if position < self.finished:
                continue
            self._tell("at", position, self.remarks)
            began = time.monotonic()
            if began > self.end:
                outputs, about = [_error("NotebookTimeoutError", self._out_of_time())], {"executed": False}
            elif cell["trusted"]:
                outputs, about = self._test(position, cell)
            else:
                outputs, about = self._student_cell(position)
            self._tell("cell", position, outputs, about | {"seconds": time.monotonic() - began})
        if time.monotonic() > self.end:
            self.remarks.append(self._out_of_time())
        self._tell("at", len(self.cells), self.remarks)
        if len(self.cells) not in self.left_out:
            self._look_again()
        self._tell("done", list(dict.fromkeys(self.remarks)), sorted(self.shortcuts))

    def _catch_up(self) -> None:
        """Bring both sides to where an earlier trusted process ended: its cells again, without the one that ended it."""
        for position, cell in enumerate(self.cells[: self.finished]):
            if time.monotonic() > self.end:
                return
            self._tell("at", position, self.remarks)
            if position in self.left_out:
                self._define(cell["source"] if cell["trusted"] else "")
            elif cell["trusted"]:
                self._test(position, cell)
            else:
                self._student_cell(position)

    def _define(self, source: str) -> None:
        """Of a test that cannot be run, what later tests may need: its imports and its functions."""
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
        statements = [part for part in parse(source).body if isinstance(part, kinds) and not getattr(part, "decorator_list", None)]
        with contextlib.suppress(Exception):
            exec(compile(ast.Module(statements, []), "<a test's own definitions>", "exec"), self.shell.user_ns)

    def _out_of_time(self) -> str:
        return f"The notebook took longer than {self.limits.notebook_seconds:g} s; what came after that was not run."

    def _student_cell(self, position: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        try:
            outputs, about = self._run_students(position)
            return self._within_notebook(outputs), about
        except StudentGone:
            how = self._bury(f"cell {position + 1}")
            self.culprits.add(position)
            self._rebuild(position)
            return [_error("StudentProcessError", f"{how} This cell was left out, and the rest of the notebook was run without it.")], {}
        except Exception as error:  # NotEncodable, or what a malformed answer leads to
            self.remarks.append(f"What cell {position + 1} shows could not be read: {_brief(error)}.")
            return [_error("StudentProcessError", "What this cell shows could not be read.")], {}

    def _run_students(self, position: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Run a student's cell. The line itself may be what is stuck: a question that is not taken, or half an answer."""
        cell = self.cells[position]
        signal.setitimer(signal.ITIMER_REAL, self.limits.cell_seconds + PATIENCE + 1)
        try:
            if cell["record"]:
                outputs, kept, why = self.link.record(cell["source"])
                return outputs, {"kept": kept, "why": why}
            if cell["kept"]:
                outputs = self.link.replay(cell["source"], cell["kept"], *self._around(position))
                if outputs is not None:
                    return outputs, {"replayed": True}
            return self.link.run(cell["source"]), {}
        except CellTimeoutError:
            raise StudentGone(self.link.gone) from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _around(self, position: int) -> tuple[list[str], list[str], list[str]]:
        """The student's cells before and after this one, and the student's names that tests need."""
        before, after = (
            [cell["source"] for cell in part if not cell["trusted"]] for part in (self.cells[:position], self.cells[position + 1 :])
        )
        return before, after, sorted({name for needs in self.needs.values() for name in needs["student"]})

    def _within_notebook(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The outputs of a student's cell, as long as all of them together are not too many."""
        self.shown += 1000 * len(outputs) + len(repr(outputs))
        if self.shown <= CELLS_FULL * self.limits.output_bytes:
            return outputs
        self.remarks.append("The notebook shows more than is kept; what was too much was left out.")
        return (
            [output for output in outputs if output["output_type"] == "error"][:1]
            if self.shown < 2 * CELLS_FULL * self.limits.output_bytes
            else []
        )

    def _test(self, position: int, cell: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Run a graded cell here, with proxies for what is the student's."""
        needs = self.needs.get(cell["key"], {"prelude": [], "student": []})
        self.link.needs_more.clear()
        self.link.hints.clear()
        signal.setitimer(signal.ITIMER_REAL, self.limits.cell_seconds + PATIENCE + 1)
        value = None
        try:
            self._borrow(needs["student"])
            self._prepare(needs["prelude"])
            outputs = self.shell.run(cell["source"], self.limits.output_bytes)
            value = self.shell.value
        except (CellTimeoutError, Exception) as error:  # StudentGone, NotEncodable, or what a malformed answer leads to
            outputs = [_error(type(error).__name__, _brief(error))]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        failed = any(output["output_type"] == "error" for output in outputs)
        if any(output.get("ename") == "FileNotFoundError" for output in outputs):
            words = "The test looked for a file that is not there. What the student's functions write stays with them: it needs a person."
            self.remarks.append(f"{cell['key']}: {words}")
        if self.link.needs_more:
            self.remarks += [f"{cell['key']}: {words}" for words in self.link.needs_more]
            if not failed:  # before any number of points, for nbgrader takes what it finds first
                outputs.insert(0, _error("NeedsMore", self.link.needs_more[0]))
                failed = True
        if self.link.gone:
            how = self._bury(f"the test {cell['key']}")
            outputs.insert(0, _error("StudentProcessError", how))
            self._rebuild(position)
            failed = True
        if failed:
            self.remarks += [f"{cell['key']}: {words}" for words in self.link.hints[:3] + self._about_proxies(outputs)]
        return outputs, {"number": None if failed else _number(value), "many": not failed and _is_many(value)}

    def _about_proxies(self, outputs: list[dict[str, Any]]) -> list[str]:
        """An error that names a proxy is about what it cannot do, not about the answer."""
        said = [str(output.get("evalue")) for output in outputs if output["output_type"] == "error"]
        return [
            f"The test does with an object of the student's what only its own process can ({words[:200]}); it needs a person."
            for words in said
            if "Proxy" in words
        ]

    def _borrow(self, names: list[str]) -> None:
        """Put what the student's notebook has under these names into the test's own names."""
        found = self.link.look(names)
        self.variables = {name: value for name, value in found.items() if not isinstance(value, Proxy)}
        space = self.shell.user_ns
        for name in names:
            if name in found:
                space[name] = _ours_if_a_module(found[name])
                self.lent.add(name)
            elif name in self.lent:
                space.pop(name, None)
                self.lent.discard(name)

    def _derives(self, gradient: Any) -> None:
        """A test derives through a tensor of the student's. What that tensor comes from is in the student's process."""
        self.link.needs_more.append(
            "The test derives through what the student's code gave. The way back does not lead here: it needs a person."
        )

    def _renew(self, news: dict[str, Any]) -> None:
        """A function of the student's has changed variables of the student's; not those that the test has bound anew."""
        space = self.shell.user_ns
        for name in news.keys() & self.variables.keys():
            if space.get(name) is self.variables[name]:
                space[name] = self.variables[name] = renewed(space[name], news[name])

    def _prepare(self, prelude: list[list[Any]]) -> None:
        """Run, once each, the course's own statements that the test's names come from."""
        for number, source in prelude:
            if number in self.done:
                continue
            self.done.add(number)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    exec(compile(source, "<the course's own cells>", "exec"), self.shell.user_ns)
                except Exception as error:  # as in the student's notebook: the name is then missing
                    self.done.discard(number)
                    if not isinstance(error, (StudentGone, NameError)):
                        self.remarks.append(f"A line of the course's own cells stopped with {type(error).__name__}: {str(error)[:200]}")

    # --- the student's process ----------------------------------------------------------------------------------------------

    def _next_link(self) -> Link:
        """The line to a fresh student's process, which the grader hands over."""
        with socket.socket(fileno=os.dup(self.grader.fileno())) as line:
            _, (descriptor, *_), _, _ = socket.recv_fds(line, 1, 1)
        return Link(Connection(descriptor), self.limits, self._show, self.in_place, renew=self._renew)

    def _bury(self, where: str) -> str:
        """Have the grader end the student's process, and say in words how it went."""
        self._tell("lost", self.link.stuck)
        how = f"The student's process was lost in {where}: {codec.decode(self.grader.recv_bytes(LARGEST_JOB)) or self.link.gone}."
        self.remarks.append(how)
        self._keep(self.link)
        return how

    def _rebuild(self, position: int) -> None:
        """A fresh student's process in the state that the notebook had reached, without the cells that end it."""
        while self.lives > 0:
            self.lives -= 1
            self._tell("another")
            self.link = self._next_link()
            for earlier in range(position):
                if self.cells[earlier]["trusted"] or earlier in self.culprits:
                    continue
                self._tell("at", position, self.remarks)
                try:
                    self._run_students(earlier)
                except StudentGone:
                    self._bury(f"cell {earlier + 1}, run again")
                    self.culprits.add(earlier)
                    break
                except Exception:  # what it shows could not be read, and nobody reads it here
                    continue
            else:
                return
        self.remarks.append(f"The student's process was lost {LIVES} times; the rest of the notebook was not run.")
        self.link.gone = self.link.gone or "its process ended too often"

    def _keep(self, link: Link) -> None:
        """What was noted about a student's process outlives it."""
        self.shortcuts |= {(name, kind) for name, kinds in link.ran.items() for kind in kinds}

    def _look_again(self) -> None:
        """Call each tested function once more: the same arguments should give the same answer."""
        self._keep(self.link)
        if self.link.gone:
            return
        signal.setitimer(signal.ITIMER_REAL, 2.0)
        try:
            different = self.link.again()
        except (CellTimeoutError, Exception):  # no answer, or one that is none: then nothing is known
            return
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.remarks += [f"{name} gave another answer when it was called again with the same arguments." for name in different]

    def _show(self, outputs: list[dict[str, Any]]) -> None:
        """What a student's function printed or showed while a test ran: as text and pictures, never as a page."""
        for output in outputs[:100]:
            if type(output) is not dict:
                continue
            if output.get("output_type") == "stream" and isinstance(output.get("text"), str):
                print(output["text"], end="")
            elif isinstance(output.get("data"), dict):
                data = {kind: text for kind, text in output["data"].items() if kind in SHOWN and isinstance(text, str)}
                self.shell.outputs.show("display_data", data, {})

    def _tell(self, *event: Any) -> None:
        self.grader.send_bytes(codec.encode(list(event)))


def _ours_if_a_module(value: Any) -> Any:
    """The trusted process's own module in place of the student's, where it has one of that name."""
    if isinstance(value, Proxy) and object.__getattribute__(value, "_Proxy__about").get("kind") == "module":
        # Only what is loaded already: to import what a student names would run it here.
        name = str(object.__getattribute__(value, "_Proxy__about").get("name"))
        return sys.modules.get(name, value) if name.split(".")[0] in MODULES else value
    return value


def _number(value: Any) -> float | None:
    """A cell's value as a number of points, if that is what it is; text, truth values and arrays are none."""
    if isinstance(value, (bool, np.bool_, str, bytes, Proxy)) or value is None:
        return None
    if isinstance(value, (int, float, np.number)) or getattr(value, "ndim", None) == 0:
        with contextlib.suppress(Exception):
            return float(value)
    return None


def _is_many(value: Any) -> bool:
    """Whether a cell's value is several numbers where a test may have meant one."""
    return isinstance(value, (Proxy, list, tuple, complex)) or getattr(value, "ndim", 0) not in (0, None)


def _brief(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:  # an exception that holds what a student's process sent
        return type(error).__name__


def _error(name: str, words: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [f"{name}: {words}"]}


def _time_is_up(number: int, frame: object) -> None:
    raise CellTimeoutError("this took longer than a cell may take")
