"""The trusted side: runs the instructor's cells, and has the student's process run the student's.

It controls one submission. Expected values, hidden tests and scores exist here and not in the
student's process.
"""

import ast
import contextlib
import io
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from autograder.sandbox.limits import Limits

from . import codec, timer
from .arguments import renewed
from .codec import NotEncodable
from .known import Known, Notes
from .link import PATIENCE, Link
from .notebook import is_many, points_of
from .proxy import NeedsMore, Proxy, StudentGone, about_of
from .reads import parse
from .shell import CellTimeoutError, Shell
from .stops import Stops

LARGEST_JOB = 2**30
CELLS_FULL = 50  # how many cells of a student's may show as much as a cell may
LIVES = 5  # how often a student's process is built anew before the rest of the notebook is given up
MODULES = {"numpy", "torch", "matplotlib", "math", "random", "backprop", "scipy", "pandas"}  # which both sides have
# What a test may set that the student's code would see in one process, and apart from it does not.
# A seed counts where it is set, not where a function is given one.
AMBIENT = re.compile(r"\b(patch|environ|stdin|stdout|chdir|open|setattr|global|rcParams|default_dtype|simplefilter)\b|seed\s*\(")
SHOWN = ("text/plain", "image/png", "image/jpeg")  # what a student's function may show inside a test


class Trusted:
    """Runs one submission and reports each cell to the grader as it is done.

    `next_line` gives the line to a fresh student's process, from what the grader sends.
    """

    def __init__(self, grader: Connection, shell: Shell, next_line: Callable[[Connection], Connection]) -> None:
        self.grader = grader
        self.next_line = next_line
        self.shell = shell
        job = codec.decode(grader.recv_bytes(LARGEST_JOB))
        self.cells: list[dict[str, Any]] = job["cells"]
        self.needs: dict[str, dict[str, Any]] = job["needs"]
        self.known = Known.from_dict(job["known"]) if job["known"] else None
        self.notes = Notes()
        self.limits = Limits.from_dict(job["limits"])
        self.end = time.monotonic() + job["seconds"]
        self.finished: int = job["finished"]  # cells that an earlier trusted process has reported
        self.left_out = frozenset(job["left_out"])  # cells that ended one
        self.lives = LIVES
        self.shown = 0  # about how much the student's cells have shown
        self.culprits: set[int] = set(self.left_out)
        self.done: set[int] = set()  # statements of the course that have been run
        self.fetched: set[str] = set()  # names that the student's side gave
        self.variables: dict[str, Any] = {}  # those of them that are plain data, for the test under way
        self.remarks: list[str] = []
        self.stops = Stops()
        self.modules: list[str] = job["modules"]  # names that the course gives to modules
        self.looked_for_modules = False
        self.tries_together: bool = job["tries_together"]
        self.again: list[
            tuple[int, float]
        ] = []  # with their points: failed tests that handled a student's object: to be tried once more, together
        codec.on_backward = self._derives
        self.link = self._next_link()

    # --- the cells, in order ----------------------------------------------------------------------

    def run(self) -> None:
        """Run every cell; tell the grader of each, and at the end what a person should know."""
        timer.prepare()
        self._catch_up()
        for position, cell in enumerate(self.cells):
            if position < self.finished:
                continue
            self._tell("at", position, self.remarks)
            began = time.monotonic()
            if began > self.end:
                outputs, about = [_error("NotebookTimeoutError", self._out_of_time())], {"executed": False}
            elif cell["trusted"] and not cell["together"]:
                outputs, about = self._test(position, cell)
            else:
                outputs, about = self._student_cell(position)
            self._tell("cell", position, outputs, about | {"seconds": time.monotonic() - began})
        if time.monotonic() > self.end:
            self.remarks.append(self._out_of_time())
        self._tell("at", len(self.cells), self.remarks)
        if len(self.cells) not in self.left_out:
            self._call_again()
            self._try_together()
        self.remarks += self.stops.words(self.cells)
        shortcuts = sorted((name, kind) for name, kinds in self.notes.ran.items() for kind in kinds)
        self._tell("done", list(dict.fromkeys(self.remarks)), shortcuts, self.notes.known().as_dict())

    def _catch_up(self) -> None:
        """Bring both sides to where an earlier trusted process
        ended: run its cells again, without the one that ended it.
        """
        for position, cell in enumerate(self.cells[: self.finished]):
            if time.monotonic() > self.end:
                return
            self._tell("at", position, self.remarks)
            if position in self.left_out:
                self._define(cell["source"] if cell["trusted"] else "")
            elif cell["trusted"] and not cell["together"]:
                self._test(position, cell)
            else:
                self._student_cell(position)

    def _define(self, source: str) -> None:
        """Define what later tests may need of a test that
        cannot be run: its imports and its functions.
        """
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
        parts = parse(source).body
        statements: list[ast.stmt] = [part for part in parts if isinstance(part, kinds) and not getattr(part, "decorator_list", None)]
        with contextlib.suppress(Exception):
            exec(compile(ast.Module(statements, []), "<a test's own definitions>", "exec"), self.shell.user_ns)

    def _out_of_time(self) -> str:
        return f"The notebook took longer than {self.limits.notebook_seconds:g} s; what came after that was not run."

    def _student_cell(self, position: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Run a cell in the student's process: one of the
        student's, or a test that runs together with the answers.
        """
        key = self.cells[position]["key"]
        where = f"the test {key}" if self.cells[position]["trusted"] else f"cell {position + 1}"
        try:
            outputs, about = self._run_students(position)
            return self._within_notebook(outputs), about
        except StudentGone:
            how = self._discard_student(where)
            self.culprits.add(position)
            self._rebuild(position)
            return [_error("StudentProcessError", f"{how} This cell was left out, and the rest of the notebook was run without it.")], {}
        except Exception as error:  # NotEncodable, or what a malformed answer leads to
            self.remarks.append(f"What {where} shows could not be read: {_brief(error)}.")
            return [_error("StudentProcessError", "What this cell shows could not be read.")], {}

    def _run_students(self, position: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Run a cell in the student's process, within
        a time that also covers sending and receiving.
        """
        cell = self.cells[position]
        timer.start(self.limits.cell_seconds + PATIENCE + 1)
        try:
            if cell["trusted"]:
                self.link.missing.clear()
                outputs, number, many = self.link.test(cell["source"])
                failed = _has_failed(outputs)
                if failed:
                    self._note_why(cell["key"])
                return outputs, {"number": None if failed else number, "many": many and not failed}
            if cell["record"]:
                outputs, kept, why = self.link.record(cell["source"])
                return outputs, {"kept": kept, "why": why}
            if cell["kept"]:
                replayed = self.link.replay(cell["source"], cell["kept"], *self._around(position))
                if replayed is not None:
                    return replayed, {"replayed": True}
            outputs, imported = self.link.run(cell["source"])
            self.stops.note_cell(position, outputs, imported)
            return outputs, {}
        except CellTimeoutError:
            raise StudentGone(self.link.gone) from None
        finally:
            timer.stop()

    def _around(self, position: int) -> tuple[list[str], list[str], list[str]]:
        """The student's cells before and after this
        one, and the student's names that tests need.
        """
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
        """Run a test here.

        Changes that its calls make to arguments that the reference leaves alone are made in a
        second run, which must pass too.
        """
        outputs, value = self._tested(position, cell)
        if self.link.unseen and not _has_failed(outputs) and not self.link.gone:
            seen = list(dict.fromkeys(self.link.unseen))
            self._tell("at", position, self.remarks)
            self.link.as_in_one = True
            second, other = self._tested(position, cell)
            self.link.as_in_one = False
            if _has_failed(second) or (points_of(other) or 0) < (points_of(value) or 0):
                outputs, value = second, other
                self.remarks.append(f"{cell['key']}: {'; '.join(seen[:3])}, which the reference does not; the test fails for that.")
        failed, points = _has_failed(outputs), points_of(value)
        if failed or (points is not None and points < cell["points"]):
            self.remarks += [f"{cell['key']}: {words}" for words in self.link.hints[:3]] if failed else []
            self._note_why(cell["key"])
            other_error = not isinstance(self.shell.failure, (AssertionError, type(None)))
            if other_error or self.link.touched or self.link.needs_more or AMBIENT.search(cell["source"]):
                self.again.append((position, 0.0 if failed or points is None else points))
            if failed and not self.tries_together:
                self.remarks += [f"{cell['key']}: {words}" for words in self._what_may_be_why()]
        return outputs, {"number": None if failed else points, "many": not failed and is_many(value)}

    def _tested(self, position: int, cell: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
        """Run a graded cell here, with proxies for the student's
        objects: its outputs, and the value of its last line.
        """
        needs = self.needs.get(cell["key"], {"prelude": [], "student": [], "own": []})
        for noted in (self.link.needs_more, self.link.hints, self.link.unseen):
            noted.clear()
        self.link.touched = self.link.asked = self.link.raised = False
        self.link.missing.clear()
        timer.start(self.limits.cell_seconds + PATIENCE + 1)
        value = None
        try:
            self._fetch_names(needs["student"], needs["own"])
            if self.link.as_in_one:
                self.done -= {number for number, _ in needs["prelude"]}
            self._prepare(needs["prelude"])
            outputs = self.shell.run(cell["source"], self.limits.output_bytes)
            value = self.shell.value
        except (CellTimeoutError, Exception) as error:  # StudentGone, NotEncodable, or what a malformed answer leads to
            outputs = [_error(type(error).__name__, _brief(error))]
        finally:
            timer.stop()
        if self.link.needs_more:
            self.remarks += [f"{cell['key']}: {words}" for words in self.link.needs_more]
            if not _has_failed(outputs):  # before any number of points, for nbgrader takes what it finds first
                outputs.insert(0, _error("NeedsMore", self.link.needs_more[0]))
        if self.link.gone:
            outputs.insert(0, _error("StudentProcessError", self._discard_student(f"the test {cell['key']}")))
            self._rebuild(position)
        return outputs, value

    def _what_may_be_why(self) -> Iterator[str]:
        """Why a test may have failed that would pass in one process with the answers."""
        failure = self.shell.failure
        if isinstance(failure, FileNotFoundError):
            yield "The test looked for a file that does not exist here: student functions write in another process. It needs a person."
        elif (self.link.touched or self.link.asked) and not self.link.raised and not isinstance(failure, (AssertionError, NeedsMore)):
            yield f"The test stopped with {type(failure).__name__} after it handled an object of the student's code: it needs a person."

    def _note_why(self, key: str) -> None:
        """Note what a failed test, or the student's code that it called, did not find."""
        failure = self.shell.failure
        own = {failure.name} if isinstance(failure, NameError) and failure.name else set()
        self.stops.note_test(key, own | self.link.missing)
        if self.link.raised and not self.looked_for_modules and not self.link.gone:
            self.looked_for_modules = True
            with contextlib.suppress(StudentGone, NotEncodable):
                for name, value in self.link.look(self.modules).items():
                    if not (isinstance(value, Proxy) and about_of(value).get("kind") == "module"):
                        self.stops.replaced[name] = _type_told(value)

    def _fetch_names(self, names: list[str], own: list[str]) -> None:
        """Bind these names to their values in the student's
        notebook, except for those that the test itself binds.
        """
        found = self.link.look(names)
        space = self.shell.user_ns
        self.variables = {name: value for name, value in found.items() if not isinstance(value, Proxy) and name not in own}
        for name in names:
            if name in found:
                space[name] = _ours_if_a_module(found[name])
                self.fetched.add(name)
            elif name in self.fetched:
                space.pop(name, None)
                self.fetched.discard(name)

    def _derives(self, gradient: Any) -> None:
        """Note that the test differentiates through a student's
        tensor, whose graph is in the student's process.
        """
        self.link.needs_more.append(
            "The test differentiates through a result of the student's code, whose graph is in another process: it needs a person."
        )

    def _renew(self, news: dict[str, Any]) -> None:
        """Fetch variables that a function of the student's has
        changed, except those that the test has bound anew.
        """
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

    # --- the student's process --------------------------------------------------------------------

    def _next_link(self) -> Link:
        return Link(self.next_line(self.grader), self.limits, self._show, self.known, self.notes, renew=self._renew)

    def _discard_student(self, where: str) -> str:
        """Have the grader end the student's process, and say in words how it went."""
        self._tell("lost", self.link.stuck)
        how = f"The student's process was lost in {where}: {codec.decode(self.grader.recv_bytes(LARGEST_JOB)) or self.link.gone}."
        self.remarks.append(how)
        return how

    def _rebuild(self, position: int) -> None:
        """Start a new student's process in the state that
        the notebook had reached, without cells that end it.
        """
        while self.lives > 0:
            self.lives -= 1
            self._tell("another")
            self.link = self._next_link()
            for earlier in range(position):
                cell = self.cells[earlier]
                if (cell["trusted"] and not cell["together"]) or earlier in self.culprits:
                    continue
                self._tell("at", position, self.remarks)
                try:
                    self._run_students(earlier)
                except StudentGone:
                    self._discard_student(f"cell {earlier + 1}, run again")
                    self.culprits.add(earlier)
                    break
                except Exception:  # what it shows could not be read, and nobody reads it here
                    continue
            else:
                return
        self.remarks.append(f"The student's process was lost {LIVES} times; the rest of the notebook was not run.")
        self.link.gone = self.link.gone or "its process ended too often"

    def _call_again(self) -> None:
        """Call each tested function once more: the same arguments should give the same answer."""
        if self.link.gone:
            return
        timer.start(2.0)
        try:
            different = self.link.again()
        except (CellTimeoutError, Exception):  # no answer, or one that is none: then nothing is known
            return
        finally:
            timer.stop()
        self.notes.varies |= set(different)
        usual = self.known.varies if self.known else frozenset()
        self.remarks += [
            f"{name} gave another answer when it was called again with the same arguments." for name in different if name not in usual
        ]

    def _try_together(self) -> None:
        """Run failed tests that used a student's object again, together with the answers.

        Marks stay; a person is told.

        It is the last use of the student's process, and its outputs are not kept.
        """
        for position, points in self.again if self.tries_together else ():
            key = self.cells[position]["key"]
            if self.link.gone or time.monotonic() > self.end:
                return
            self._tell("at", len(self.cells), self.remarks)
            timer.start(self.limits.cell_seconds + PATIENCE + 1)
            try:
                outputs, number, _ = self.link.test(self.cells[position]["source"])
            except (CellTimeoutError, Exception):  # no answer, or one that is none
                continue
            finally:
                timer.stop()
            earned = 0.0 if _has_failed(outputs) else self.cells[position]["points"] if number is None else number
            if earned > points:
                self.remarks.append(
                    f"{key}: run apart from the student's code the test gives {points:g} points; run together with it, {earned:g}. "
                    "The mark stays; it needs a person."
                )

    def _show(self, outputs: list[dict[str, Any]]) -> None:
        """Show what a student's function printed or displayed
        while a test ran: as text and images, never as HTML.
        """
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
    if isinstance(value, Proxy) and about_of(value).get("kind") == "module":
        # Only what is loaded already: to import what a student names would run it here.
        name = str(about_of(value).get("name"))
        return sys.modules.get(name, value) if name.split(".")[0] in MODULES else value
    return value


def _has_failed(outputs: list[dict[str, Any]]) -> bool:
    return any(output["output_type"] == "error" for output in outputs)


def _type_told(value: Any) -> str:
    """The name of a value's type, as the student's process tells it where it is an object."""
    return str(about_of(value).get("type"))[:100] if isinstance(value, Proxy) else type(value).__name__


def _brief(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:  # an exception that holds what a student's process sent
        return type(error).__name__


def _error(name: str, words: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [f"{name}: {words}"]}
