"""Detects shortcuts past a derivation by hand while a
student's function is tested, as a hint for a person.

Python's profiler watches the first calls of each function, and only their first events, so honest
work is not slowed down. It finds what the text of an answer may hide: the engine called directly, a
library under another name, a forked process, finite differences. The student's code could switch it
off, but gains no point by that.
"""

import math
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .shell import is_cell

EVENTS = 20_000  # of a call that are looked at
CALLS = 3  # of each function that are looked at
HELPER_CALLS = 64  # of each function that a call calls, whose arguments are compared
LARGEST = 1000  # entries of an argument that is compared


class Shortcut(StrEnum):
    """A way to a derivative that is no derivation by hand."""

    AUTOGRAD = "autograd"
    FORWARD_MODE = "forward-mode autograd"
    SYMBOLIC = "symbolic derivatives"
    DIFFERENCES = "numerical differences"
    COMPLEX_STEP = "a complex step"
    CHECK = "the check's own answers"
    PROCESS = "another process"
    FILE = "a file"
    CODE_IN_TEXT = "code in a text"
    TOO_LONG = "more text than is looked through"


ENGINE = {"run_backward": Shortcut.AUTOGRAD, "make_dual": Shortcut.FORWARD_MODE, "_make_dual": Shortcut.FORWARD_MODE}
STARTS = {name for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "fork_exec") if name == "fork_exec" or hasattr(os, name)}
LIBRARIES = {
    "sympy": Shortcut.SYMBOLIC,
    "jax": Shortcut.AUTOGRAD,
    "autograd": Shortcut.AUTOGRAD,
    "tensorflow": Shortcut.AUTOGRAD,
    "micrograd": Shortcut.AUTOGRAD,
    "tinygrad": Shortcut.AUTOGRAD,
    "casadi": Shortcut.SYMBOLIC,
    "numdifftools": Shortcut.DIFFERENCES,
}
DIFFERENCES = ("scipy.differentiate", "scipy.optimize._numdiff")
OF_CHECKS = frozenset(["referee", "measure", "draw", "follow_through", "second_opinion", "experiment", "investigate"])


class Watch:
    """A context manager that looks at what runs inside; `found` is what it saw, once left."""

    def __init__(self) -> None:
        self.found: set[Shortcut] = set()
        self._left = EVENTS
        self._calls: dict[CodeType, list[tuple[Any, ...]]] = {}
        self._here = os.getcwd() + os.sep

    def __enter__(self) -> "Watch":
        sys.setprofile(self._event)
        return self

    def __exit__(self, *raised: object) -> None:
        sys.setprofile(None)
        if any(map(_has_near_calls, self._calls.values())):
            self.found.add(Shortcut.DIFFERENCES)

    def _event(self, frame: FrameType, event: str, what: Any) -> None:
        self._left -= 1
        if self._left < 0:
            sys.setprofile(None)
            return
        with suppress(Exception):  # objects that fail when they are looked at: the student's call must not notice
            self._note(frame, event, what)

    def _note(self, frame: FrameType, event: str, what: Any) -> None:
        if event == "call":
            self._called(frame)
        elif event == "c_call":
            name = getattr(what, "__name__", "")
            if name in ENGINE:
                self.found.add(ENGINE[name])
            elif name in STARTS and getattr(what, "__module__", "") in ("posix", "nt", "_posixsubprocess") and self._is_for_own(frame):
                self.found.add(Shortcut.PROCESS)

    def _called(self, frame: FrameType) -> None:
        code = frame.f_code
        if self._is_own(code):
            self._note_arguments(frame)
            return
        module = str(frame.f_globals.get("__name__", ""))
        if module == "torch.autograd.forward_ad" and code.co_name == "make_dual":
            self.found.add(Shortcut.FORWARD_MODE)
        elif code.co_filename.startswith("<lambdifygenerated"):
            self.found.add(Shortcut.SYMBOLIC)
        elif module.startswith(DIFFERENCES):
            self.found.add(Shortcut.DIFFERENCES)
        elif frame.f_back is not None and self._is_own(frame.f_back.f_code):
            self._called_by_student(module, code.co_name)

    def _called_by_student(self, module: str, name: str) -> None:
        root = module.partition(".")[0]
        if root in LIBRARIES:
            self.found.add(LIBRARIES[root])
        elif root == "backprop" and ".pictures" not in module:
            if name == "central_difference":
                self.found.add(Shortcut.DIFFERENCES)
            elif name in OF_CHECKS:
                self.found.add(Shortcut.CHECK)

    def _is_for_own(self, frame: FrameType | None) -> bool:
        """Whether a call comes from the student's code,
        directly or not: a test may run a shell command itself.
        """
        while frame is not None and not self._is_own(frame.f_code):
            frame = frame.f_back
        return frame is not None

    def _is_own(self, code: CodeType) -> bool:
        """Whether code is the notebook's, or that of a module handed in beside it."""
        return is_cell(code.co_filename) or code.co_filename.startswith(self._here)

    def _note_arguments(self, frame: FrameType) -> None:
        code = frame.f_code
        calls = self._calls.setdefault(code, [])
        if len(calls) >= HELPER_CALLS:
            return
        values = frame.f_locals
        arguments = tuple(_numbers(values.get(name)) for name in code.co_varnames[: code.co_argcount])
        calls.append(arguments)
        if any(part is not None and _is_complex_step(part) for part in arguments):
            self.found.add(Shortcut.COMPLEX_STEP)


def _numbers(value: Any) -> np.ndarray | None:
    """A copy of an argument as an array, if it holds few numbers; None for all else."""
    torch = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor and value.numel() <= LARGEST:
        value = value.detach().cpu().numpy()
    if isinstance(value, (list, tuple)) and not all(type(part) in (int, float, np.float64) for part in value[: LARGEST + 1]):
        return None
    if type(value) in (int, float, complex, list, tuple, np.ndarray) or isinstance(value, np.number):
        array = np.array(value) if np.size(value) <= LARGEST else np.empty(0, object)
        return array if array.dtype.kind in "iufc" else None
    return None


def _is_complex_step(array: np.ndarray) -> bool:
    """Whether numbers have tiny imaginary parts, as in complex-step differentiation."""
    if array.dtype.kind != "c" or not array.size:
        return False
    step = np.abs(array.imag).max()
    return 0 < step <= 1e-3 * max(1.0, np.abs(array.real).max())


def _has_near_calls(calls: list[tuple[Any, ...]]) -> bool:
    """Whether a function is called repeatedly with one
    argument moved by a small round step, and not along a grid.
    """
    steps = [_step(*moved[0]) for moved in _moved(calls) if len(moved) == 1]
    chosen = [
        step for position, step in enumerate(steps) if step is not None and steps[max(0, position - 2) : position + 3].count(step) < 3
    ]
    return bool(chosen) and 2 * len(chosen) >= len(steps)


def _moved(calls: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, Any]]]:
    """For each call and the next, the arguments that differ: before and after."""
    for before, after in zip(calls, calls[1:]):
        yield [(a, b) for a, b in zip(before, after) if not _same(a, b)]


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b or (a is not None and b is not None and a.shape == b.shape and bool(np.array_equal(a, b)))


def _step(a: np.ndarray | None, b: np.ndarray | None) -> tuple[Any, ...] | None:
    """The entries that have moved, and the step, if
    one or two have moved, or all, by a typical step.
    """
    if a is None or b is None or a.shape != b.shape or "c" in (a.dtype.kind, b.dtype.kind):
        return None
    moved = (b.astype(float) - a.astype(float)).ravel()
    where = np.flatnonzero(moved)
    sizes = np.abs(moved[where])
    if not (len(where) in (1, 2, moved.size) and np.allclose(sizes, sizes[0], rtol=1e-4, atol=0)):
        return None
    if not math.isfinite(sizes[0]) or not _is_chosen(float(sizes[0]), float(np.abs(a).max())):
        return None
    return *where[:2].tolist(), f"{moved[where[0]]:.3g}"


def _is_chosen(step: float, scale: float) -> bool:
    """Whether a step is typical of differences: 1, 2, 4 or 5 times
    a power of ten, a power of two, a root of the rounding error.

    `scale` is the size of the number that moved: rounding changes the step by that much.
    """
    if not 1e-13 < step < 2.1e-3:
        return False
    blur = 1e-6 + 8 * np.finfo(float).eps * max(scale, step) / step
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    chosen = [*(power * factor for factor in (1, 2, 4, 5, 10)), 2.0 ** round(math.log2(step))]
    chosen += [times * np.finfo(float).eps ** (1 / root) for root in (2, 3) for times in (1, 2)]
    return any(abs(step / candidate - 1) < blur for candidate in chosen)
