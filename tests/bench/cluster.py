"""What Dask costs beside the plain run on the same cores.

`python -m tests.bench.cluster [STUDENTS]` prints it. Both runs are measured between two batches,
when everything is loaded and still at work. Processor time is that of the grading process, the
scheduler, the workers and all that they have started. Memory is what is resident after the first
batch and at the end: it does not grow with the class.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from autograder.cluster import on_cluster
from autograder.grading.engine import Start, ThisMachine
from autograder.grading.run import BATCH, Progress, grade
from tests.bench.grade_courses import PLAIN_NAME, course_of, with_class
from tests.cluster.processes import Processes

ASSIGNMENT = "plain"
STUDENTS = 68  # more than three batches
NOBODY: Mapping[str, int] = MappingProxyType({})
ROUNDS = 2  # of each kind, in turn
WORKERS = 2


@dataclass(frozen=True)
class Cost:
    """Seconds a submission: by the clock, of all processors, and of single processes.

    memory  megabytes of processes by their name, after the first batch and at the end
    """

    clock: float
    processor: float
    grading: float
    scheduler: float
    memory: dict[str, tuple[float, float]]


def measured(course: Path, students: int, engine: Start, apart: Iterable[int] = (), dask: Mapping[str, int] = NOBODY) -> Cost:
    """Grade a class.

    `apart` are children of this process that do not work for it, `dask` those that do, by their
    name.
    """
    last = (students - 1) // BATCH * BATCH
    times: list[tuple[float, ...]] = []
    memory: list[list[float]] = []

    def tell(progress: Progress) -> None:
        if progress.done in (BATCH, last):
            everybody = _spent(os.getpid()) - sum(map(_spent, apart))
            times.append((time.perf_counter(), everybody, time.process_time(), _spent(dask["scheduler"]) if dask else 0.0))
            memory.append([psutil.Process(pid).memory_info().rss / 2**20 for pid in (os.getpid(), *dask.values())])

    summary = grade(course, ASSIGNMENT, workers=WORKERS, engine=engine, tell=tell)
    assert len(summary.graded) == students
    seconds = ((after - before) / (last - BATCH) for before, after in zip(*times))
    return Cost(*seconds, memory=dict(zip(("the grading process", *dask), zip(*memory))))


def _spent(pid: int) -> float:
    """Processor seconds of a process and all that it has started, ended ones too."""
    total = 0.0
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def print_cost(students: int = STUDENTS) -> None:
    """Print the ratios, and what limits a large cluster: the grading process and the scheduler."""
    names = [f"worker{number}" for number in range(WORKERS)]
    with tempfile.TemporaryDirectory() as scratch, Processes(Path(scratch)) as processes:
        course, notebook = course_of(Path(scratch) / "course", PLAIN_NAME)
        for name in names:
            processes.worker(name)
        processes.wait_until_joined(*names)
        pids = {name: process.pid for name, process in processes.started.items()}
        plain: list[Cost] = []
        dask: list[Cost] = []
        for _ in range(ROUNDS):
            plain.append(measured(with_class(course, PLAIN_NAME, notebook, students), students, ThisMachine, apart=pids.values()))
            start = on_cluster(str(processes.file), lambda words: None)
            dask.append(measured(with_class(course, PLAIN_NAME, notebook, students), students, start, dask=pids))
    print(f"through Dask: plain assignment, {students} submissions, {WORKERS} workers, the better of {ROUNDS} runs")
    for what, of in COLUMNS.items():
        alone, shared = (min(map(of, costs)) * 1e3 for costs in (plain, dask))
        ratio = f"{shared / alone:5.2f} times" if alone else ""
        print(f"  {what:36s} without {alone:6.1f} ms   with {shared:6.1f} ms   {ratio}")
    for name, (first, end) in dask[-1].memory.items():
        print(f"  memory of {name:26s} {end / first:4.2f} times, from {first:.0f} MB after {BATCH} submissions")


COLUMNS: dict[str, Callable[[Cost], float]] = {
    "a submission, by the clock": lambda cost: cost.clock,
    "a submission, of all processors": lambda cost: cost.processor,
    "of these, the grading process": lambda cost: cost.grading,
    "of these, the scheduler": lambda cost: cost.scheduler,
}

if __name__ == "__main__":
    print_cost(*map(int, sys.argv[1:]))
