"""The time to execute all lessons headlessly, solved and as released,
and their slowest cells: `python -m tests.bench.lessons`.
"""

import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime

from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.building import lesson_paths, release_notebook, source_notebook

SHOWN = 8  # the slowest cells
GOAL = 90  # seconds for all of them on two idle cores


@dataclass(frozen=True)
class Executed:
    """One notebook: seconds by the clock and of the processor, and by the clock for each cell."""

    name: str
    clock: float
    processor: float
    cells: dict[str, float]


def execute(name: str, notebook: NotebookNode) -> Executed:
    """Execute a notebook in a kernel of its own; the start of the kernel counts."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
        start, before = time.perf_counter(), _processor()
        client.execute()
        clock, processor = time.perf_counter() - start, _processor() - before
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    return Executed(name, clock, processor, {cell.id: _seconds(cell.metadata.execution) for cell in code})


def _processor() -> float:
    """Seconds of the processor of this process and of all its kernels that have ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def _seconds(stamps: dict[str, str]) -> float:
    """From the cell's start to the kernel's reply."""
    begin, end = (datetime.fromisoformat(stamps[name]) for name in ("iopub.execute_input", "shell.execute_reply"))
    return (end - begin).total_seconds()


def report() -> None:
    """Print a line for each lesson, the sums, and the slowest cells."""
    print("lessons, executed headlessly one after the other, in seconds by the clock and (of the processor)")
    print(f"  {'':24s}       solved      released")
    found = []
    for lesson in lesson_paths():
        source = source_notebook(lesson)
        pair = [execute(lesson.stem, source), execute(f"{lesson.stem}, released", release_notebook(source_notebook(lesson)))]
        print(f"  {lesson.stem:24s}", *(f" {one.clock:5.1f} ({one.processor:4.1f})" for one in pair))
        found += pair
    print(f"  all: {sum(one.clock for one in found):.1f} ({sum(one.processor for one in found):.1f})   goal {GOAL} on two idle cores")
    print("  the slowest cells")
    slowest = sorted(((seconds, one.name, cell) for one in found for cell, seconds in one.cells.items()), reverse=True)
    for seconds, name, cell in slowest[:SHOWN]:
        print(f"  {seconds:5.1f}  {name}: {cell}")


if __name__ == "__main__":
    report()
