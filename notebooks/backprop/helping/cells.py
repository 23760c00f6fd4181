"""What the cells of a notebook have left behind: an older function, or a class without its methods.

IPython says after each run which cell it was, what stood in it and whether it ended with an error.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..translation import _
from .interactive import shell


@dataclass(frozen=True)
class Run:
    """The last run of a cell.

    defines   names of functions and classes at its top level
    sets      attributes of classes that it sets, as (class, attribute)
    stopped   the name of the error that it ended with; empty if it ran to its end
    """

    order: int
    defines: frozenset[str]
    sets: frozenset[tuple[str, str]]
    stopped: str


class Cells:
    """The runs of a notebook's cells, by the cell's id."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._defined: dict[str, tuple[str, int, Any]] = {}  # by name: in which cell, when, and what
        self._order = 0

    def note(self, result: Any, space: Mapping[str, Any]) -> None:
        """Note a run. `result` is IPython's, `space` holds the notebook's variables."""
        cell = getattr(result.info, "cell_id", None)
        if cell is None:
            return
        self._order += 1
        defines, sets = _read(result.info.raw_cell)
        error = result.error_before_exec or result.error_in_exec
        stopped = type(error).__name__ if error is not None else ""
        self._runs[cell] = Run(self._order, defines, sets, stopped)
        for name in defines:
            if name in space and (not stopped or name not in self._defined or space[name] is not self._defined[name][2]):
                self._defined[name] = (cell, self._order, space[name])

    def about(self, answer: Any, space: Mapping[str, Any]) -> list[str]:
        """What somebody who checks `answer` should know of the cells."""
        return [*self._left_behind(answer), *self._without_methods(space)]

    def _left_behind(self, answer: Any) -> Iterator[str]:
        """The cell that defined the answer was run again, and that run did not define it."""
        name = getattr(answer, "__name__", "")
        cell, when, defined = self._defined.get(name, ("", 0, None))
        if defined is None or defined is not answer:
            return
        last = self._runs[cell]
        if last.order == when:
            return
        if last.stopped:
            yield _(
                "The cell of {name} was run again and stopped with {error}. This check tried the {name} of before.",
                name=name,
                error=last.stopped,
            )
        else:
            yield _(
                "The cell that defined {name} was changed and now defines {names}. This check tried the {name} of before.",
                name=name,
                names=", ".join(sorted(last.defines)) or _("nothing"),
            )

    def _without_methods(self, space: Mapping[str, Any]) -> Iterator[str]:
        """A class was defined anew, and what other cells had given it is gone."""
        for name, (_cell, when, defined) in self._defined.items():
            if isinstance(defined, type) and space.get(name) is defined:
                given = {attribute for run in self._runs.values() if run.order < when for owner, attribute in run.sets if owner == name}
                lost = sorted(attribute for attribute in given if attribute not in vars(defined))
                if lost:
                    yield _("{name} was defined anew and has lost {names}. Run the cells below it again.", name=name, names=", ".join(lost))


def _read(source: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The names that a cell defines, and the attributes of classes that it sets."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset(), frozenset()
    defines = {part.name for part in tree.body if isinstance(part, (ast.FunctionDef, ast.ClassDef))}
    targets = [target for part in tree.body if isinstance(part, ast.Assign) for target in part.targets]
    sets = {
        (target.value.id, target.attr) for target in targets if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    }
    return frozenset(defines), frozenset(sets)


_cells = Cells()


def watch() -> None:
    """Have IPython say after each cell what was run."""
    running = shell()
    if running is not None:
        running.events.register("post_run_cell", _after_a_cell)


def _after_a_cell(result: Any) -> None:
    try:
        _cells.note(result, shell().user_ns)
    except Exception:  # a cell that ran well is not to end in a traceback of ours
        return


def about(answer: Any) -> list[str]:
    """What somebody who checks `answer` should know of the cells; nothing outside a notebook."""
    running = shell()
    return _cells.about(answer, running.user_ns) if running is not None else []
