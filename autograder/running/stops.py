"""Student cells that stopped, and tests that then
failed because a name was missing: for a person to read.
"""

from dataclasses import dataclass, field
from typing import Any

MOST_TOLD = 3


@dataclass
class Stops:
    """What is noted while a notebook runs."""

    cells: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)  # by position: error, its text, imports run all the same
    missing: dict[str, set[str]] = field(default_factory=dict)  # by failed test: the names that it or the student's code did not find
    replaced: dict[str, str] = field(default_factory=dict)  # by a module's name in the course: the type of what the student has under it

    def note_cell(self, position: int, outputs: list[dict[str, Any]], imported: list[str]) -> None:
        """Note whether a student's cell stopped; one that is run again may not."""
        error = next((output for output in outputs if output["output_type"] == "error"), None)
        if error is None:
            self.cells.pop(position, None)
        else:
            self.cells[position] = error["ename"], error["evalue"], imported

    def note_test(self, key: str, names: set[str]) -> None:
        """Note which names were not there when a test failed."""
        if names:
            self.missing[key] = names

    def words(self, cells: list[dict[str, Any]]) -> list[str]:
        """What a person is told, if tests failed because a name
        was missing, or imports had to be run by themselves.
        """
        told = []
        stopped = {position: about for position, about in self.cells.items() if cells[position]["source"].strip()}
        names = ", ".join(sorted(set().union(*self.missing.values())))
        for position, (error, text, imported) in list(stopped.items())[:MOST_TOLD]:
            if self.missing or imported:
                also = f"; the import lines below it were run all the same ({'; '.join(imported)})" if imported else ""
                told.append(f"Cell {position + 1} stopped at {error}: {text[:200]}{also}.")
        if self.missing:
            why = "" if stopped else ", although no cell of the student's stopped: something removed or renamed it"
            count = f"{len(self.missing)} test{'s' if len(self.missing) > 1 else ''}"
            told.append(f"{count} failed for want of a name ({names}){why}: {', '.join(self.missing)}.")
        for name, kind in self.replaced.items():
            told.append(f"{name} is no module any more: the student's notebook has a {kind} under this name.")
        return told
