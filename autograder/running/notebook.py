"""What both sides need to know of a cell that has run:
its points, and the values of the notebook's own classes.
"""

import ast
import contextlib
from collections import deque
from functools import lru_cache
from typing import Any

import numpy as np

from .proxy import Proxy
from .reads import parse
from .shell import Shell, cell_line_number

PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, deque)
ORDINARY = frozenset(  # members that a class has without adding anything, and those of a named tuple
    [
        *("__module__", "__doc__", "__dict__", "__weakref__", "__slots__", "__match_args__", "__orig_bases__", "__annotations__"),
        *("__new__", "__repr__", "__getnewargs__", "__replace__", "__firstlineno__", "__static_attributes__", "__parameters__"),
        *("_fields", "_field_defaults", "_make", "_replace", "_asdict"),
    ]
)


def points_of(value: Any) -> float | None:
    """A cell's value as a number of points, if it is one. Text, truth values and arrays are not."""
    if isinstance(value, (bool, np.bool_, str, bytes, Proxy)) or value is None:
        return None
    if isinstance(value, (int, float, np.number)) or getattr(value, "ndim", None) == 0:
        with contextlib.suppress(Exception):
            return float(value)
    return None


def is_many(value: Any) -> bool:
    """Whether a cell's value is several numbers where a test may have meant one."""
    return isinstance(value, (Proxy, list, tuple, complex)) or getattr(value, "ndim", 0) not in (0, None)


def is_own_kind(value: Any) -> bool:
    """Whether a value is of a class in the notebook
    that extends a plain type: `class Stack(list)`.
    """
    kind: Any = type(value)
    return _adds(kind)


@lru_cache(maxsize=1024)
def _adds(kind: Any) -> bool:
    if kind.__module__ != "__main__" or not issubclass(kind, PLAIN):
        return False
    members = {name for base in kind.__mro__ if base.__module__ == "__main__" for name in vars(base)}
    return bool(members - ORDINARY - set(getattr(kind, "_fields", ())))


def remaining_imports(shell: Shell, source: str) -> list[str]:
    """Run the imports on and below the line at which
    the cell just stopped; returns those that were run.
    """
    if shell.failure is None:
        return []
    stopped = cell_line_number(shell.failure.__traceback__) or 0
    done = []
    for statement in parse(source).body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)) and stopped and (statement.end_lineno or 0) >= stopped:
            for line in _one_by_one(statement):
                with contextlib.suppress(Exception), shell.collecting(0):
                    exec(line, shell.user_ns)
                    done.append(line)
    return done


def _one_by_one(statement: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        return [ast.unparse(statement)]
    return [ast.unparse(ast.Import([alias])) for alias in statement.names]
