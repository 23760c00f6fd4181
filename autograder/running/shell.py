"""An IPython shell that runs one cell at a time and returns its outputs in the notebook format."""

import builtins
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

Output = dict[str, Any]
ENOUGH = "\n... the rest was cut: this cell shows more than is kept ...\n"
MOST = 1000  # outputs of one cell: each takes time to check, however small it is


class CellTimeoutError(BaseException):
    """Raised when a cell's time is up.

    It is no Exception, so that `except Exception` does not catch it.
    """


class Outputs:
    """The outputs of one cell, in order, no more than `limit` bytes of text in all."""

    def __init__(self, limit: int) -> None:
        self.list: list[Output] = []
        self.left = limit
        self.clear_next = False

    def stream(self, name: str, text: str) -> None:
        """Text printed to stdout or stderr; what follows on the same stream joins it."""
        self._close_when_full()
        text = self._cut(text)
        if text and not (self.list and self.list[-1].get("name") == name):
            self._add({"output_type": "stream", "name": name, "text": text})
        elif text:
            self.list[-1]["text"] += text

    def show(self, kind: str, data: dict[str, Any], metadata: dict[str, Any], number: int | None = None) -> None:
        """A displayed value, or the value of the cell's last line."""
        self._close_when_full()
        size = sum(len(part) if isinstance(part, (str, bytes)) else 256 for part in data.values())
        if size > self.left or not self.left:
            self.stream("stdout", ENOUGH[1:])
            self.left = 0
            return
        self.left -= size
        output: Output = {"output_type": kind, "data": data, "metadata": metadata}
        self._add(output | ({"execution_count": number} if kind == "execute_result" else {}))

    def error(self, name: str, value: str, trace: list[str]) -> None:
        """An exception that reached the cell; kept whatever else was printed."""
        self._add(
            {"output_type": "error", "ename": name[:200], "evalue": value[:20_000], "traceback": [line[:20_000] for line in trace[:200]]}
        )

    def clear(self, wait: bool) -> None:
        """What `clear_output` asks for: at once, or when the next output comes."""
        self.clear_next = wait
        if not wait:
            self.list.clear()

    def _add(self, output: Output) -> None:
        if self.clear_next:
            self.clear(wait=False)
        self.list.append(output)

    def _close_when_full(self) -> None:
        if self.left and len(self.list) >= MOST:
            self.left = 0
            self.list.append({"output_type": "stream", "name": "stdout", "text": ENOUGH[1:]})

    def _cut(self, text: str) -> str:
        if len(text) > self.left:
            text = text[: self.left] + (ENOUGH if self.left else "")
            self.left = 0
        else:
            self.left -= len(text)
        return text


class _Stream:
    """sys.stdout or sys.stderr while a cell runs.

    It is no file and never writes to the grader's own output.
    """

    encoding, errors, closed = "utf-8", "replace", False

    def __init__(self, shell: "Shell", name: str) -> None:
        self._shell, self.name = shell, name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.outputs.stream(self.name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def fileno(self) -> int:
        """A descriptor of /dev/null, for `faulthandler.enable()` and the like."""
        return _nowhere()


@lru_cache(maxsize=1)
def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)


class _Hook(DisplayHook):
    """Takes the value of a cell's last line."""

    shell: Any  # the Shell below

    def start_displayhook(self) -> None: ...

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.outputs.show("execute_result", dict(format_dict), dict(md_dict or {}), self.prompt_count)

    def finish_displayhook(self) -> None: ...


class _Publisher(DisplayPublisher):
    """Takes what `display` shows."""

    shell: Any  # the Shell below

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: str | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **more: Any,
    ) -> None:
        name = (transient or {}).get("display_id")
        if update:
            for output in self.shell.outputs.list:
                if name is not None and output.get("display_id") == name:
                    output.update(data=dict(data), metadata=dict(metadata or {}))
            return
        before = len(self.shell.outputs.list)
        self.shell.outputs.show("display_data", dict(data), dict(metadata or {}))
        if name is not None and len(self.shell.outputs.list) > before:
            self.shell.outputs.list[-1]["display_id"] = name

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait)


class Shell(InteractiveShell):
    """IPython without a terminal or a kernel: cells in, outputs out."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs = Outputs(0)
    value: Any = None  # what the last cell's last line gave
    failure: BaseException | None = None  # what stopped the last cell

    def init_display_formatter(self) -> None:
        """Every type of output, as a notebook's kernel."""
        super().init_display_formatter()
        if self.display_formatter is not None:
            self.display_formatter.active_types = self.display_formatter.format_types

    def showtraceback(self, *asked: Any, **more: Any) -> None:
        """Show an error as a notebook does, without a look at all modules for each of its lines."""
        with _cells_in_no_module():
            super().showtraceback(*asked, **more)

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.error(str(etype.__name__), _text(evalue), [str(line) for line in stb])

    def _format_exception_for_storage(
        self, exception: BaseException, filename: str | None = None, running_compiled_code: bool = False
    ) -> dict[str, Any]:
        """Keep no error for IPython's history: it would format every traceback a second time."""
        return {}

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows here."""

    def system(self, cmd: str) -> None:
        """Run `!command` and show its output, without the
        terminal that IPython would ask the system for.
        """
        command = self.var_expand(cmd, depth=1)
        with subprocess.Popen(
            command, shell=True, bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                while process.stdout and (said := process.stdout.read(65536)):  # unbuffered: it returns what there is
                    self.outputs.stream("stdout", said.decode(errors="replace"))
            except BaseException:
                process.kill()
                raise
        self.user_ns["_exit_code"] = process.returncode

    def run(self, source: str, limit: int) -> list[Output]:
        """Run one cell and return its outputs; an exception is an output too."""
        self.value = self.failure = None
        with self.collecting(limit) as outputs:
            try:
                result = self.run_cell(source, store_history=True)
                self.value = result.result
                stopped = self.failure = result.error_before_exec or result.error_in_exec
                if stopped is not None and not any(output["output_type"] == "error" for output in outputs.list):
                    raise stopped  # IPython says nothing of some, and to nbgrader nothing is full marks
            except BaseException as error:  # what even IPython lets through, such as a time limit that strikes between two lines
                self.failure = error
                outputs.error(type(error).__name__, _text(error), [f"{type(error).__name__}: {_text(error)}"])
        for output in outputs.list:
            output.pop("display_id", None)
        return outputs.list

    @contextmanager
    def collecting(self, limit: int) -> Iterator[Outputs]:
        """Everything printed or shown inside goes into the Outputs given."""
        outer, self.outputs = self.outputs, Outputs(limit)
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            yield self.outputs
        finally:
            self.outputs = outer
            sys.stdout, sys.stderr = before


@contextmanager
def _cells_in_no_module() -> Iterator[None]:
    """Inside, `inspect.getmodule` says at once that a cell belongs to no module.

    To find that out it would look at every module that is loaded. In a process that was just forked
    each of them is then copied, which takes longer than all the rest of a short test.
    """
    getmodule = inspect.getmodule

    def sooner(object: object, _filename: str | None = None) -> ModuleType | None:
        code = object.f_code if isinstance(object, FrameType) else object
        return None if isinstance(code, CodeType) and is_cell(code.co_filename) else getmodule(object, _filename)

    inspect.getmodule = sooner
    try:
        yield
    finally:
        inspect.getmodule = getmodule


def make_shell() -> Shell:
    """The process's shell, as a notebook would find it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell = Shell.instance(config=config)
    builtins.input = _no_input
    shell.user_ns["exit"] = shell.user_ns["quit"] = _no_exit
    return shell


def _no_input(prompt: object = "") -> str:
    raise EOFError("a notebook that is being graded cannot ask for input")


def _no_exit(*code: object) -> None:
    print("exit() and quit() do nothing while a notebook is graded.")


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception's own text may fail
        return "(this error has no readable text)"


def is_cell(filename: str) -> bool:
    """Whether code of this file name is a notebook's cell."""
    return filename.startswith("<ipython-input") or "ipykernel" in filename


def cell_line(trace: TracebackType | None) -> tuple[str, int] | None:
    """The function and the line, in its cell, of the
    first frame that belongs to a notebook's cell.
    """
    deepest = None
    first = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if is_cell(name):
            first = first or trace.tb_lineno
            deepest = trace.tb_frame.f_code.co_name
        trace = trace.tb_next
    return (deepest, first) if deepest is not None and first is not None else None


def cell_line_number(trace: TracebackType | None) -> int | None:
    """The line of the cell's own top level at which an error arose; None if it arose elsewhere."""
    while trace is not None and not (is_cell(trace.tb_frame.f_code.co_filename) and trace.tb_frame.f_code.co_name == "<module>"):
        trace = trace.tb_next
    return trace.tb_lineno if trace is not None else None
