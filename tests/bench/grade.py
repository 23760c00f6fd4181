"""How fast `autograder grade` is beside stock `nbgrader autograde`, measured here and now.

python -m tests.bench.grade            some five minutes: plain assignment, lesson 02
python -m tests.bench.grade --full     all lessons, each beside stock
python -m tests.bench.grade --large N  one class of N in lesson 01: time and memory

The same course, the same honest submissions, the same machine, the sandbox on. Every figure is a
ratio of times of this run. Stock nbgrader takes the same time for each submission, so its time for
a class is worked out from a few of them.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.grade_courses import PLAIN_NAME, course_of, lessons, with_class, without_plugin
from tests.bench.grade_parts import where_the_time_goes

IMPORTS = "import torch, matplotlib.pyplot"
LESSON = "02_one_two_one_network"
LARGE = "01_chain_rule"
GOALS = {
    "start": 1.5,
    "plain 60": 40,
    "plain 200": 100,
    "two processes of stock": 50,
    "lesson 02": 40,
    "lesson": 25,
    "workers": 1.7,
}
# Grades in this process and says how much memory that took, in kilobytes.
GRADE = """
import resource, sys
from autograder.cli import app
status = app(sys.argv[1:], standalone_mode=False)
print("MEMORY", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(status)
"""


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def stock_seconds(course: Path, assignment: str, processes: int = 1) -> float:
    """Seconds a submission of stock nbgrader, in so
    many processes with an equal share of the class.
    """
    students = sorted(path.name for path in (course / "submitted").iterdir())
    shares = [students[number::processes] for number in range(processes)]
    words = [[sys.executable, "-m", "nbgrader", "autograde", assignment, f"--student={_any(share)}"] for share in shares]

    def run() -> None:
        running = [subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in words]
        assert not any([process.wait() for process in running])

    return seconds(run) / len(students)


def _any(students: list[str]) -> str:
    """A pattern that matches these and no others: their numbers end in one of these digits."""
    return f"s*[{''.join(sorted({name[-1] for name in students}))}]"


def our_seconds(course: Path, assignment: str, workers: int = 2) -> tuple[float, float]:
    """Seconds of the whole command, and the largest
    memory of the grading process in megabytes.
    """
    command = [sys.executable, "-c", GRADE, "grade", str(course), assignment, "--workers", str(workers)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    assert done.returncode in (0, 1), done.stderr
    return took, int(done.stdout.rpartition("MEMORY ")[2]) / 1024


def start_seconds(course: Path, assignment: str) -> float:
    """Seconds until the first submission is under way.

    The command then says what the isolation is.
    """
    command = [sys.executable, "-u", str(Path(sys.executable).with_name("autograder")), "grade", str(course), assignment]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Sandbox:"):
                took = time.perf_counter() - start
                process.stdout.read()
                return took
    raise AssertionError("the command ended before it graded anybody")


def tell(what: str, ratio: float, goal: float, *, at_most: bool = False) -> None:
    """Print one row of the table."""
    print(f"  {what:58s} {ratio:7.2f}   goal: at {'most' if at_most else 'least'} {goal:g}", flush=True)


def measure_start(folder: Path, assignment: str, runs: int = 3) -> None:
    """The start of a run beside the imports alone, in turns.

    With the reference's trial, which is kept for later runs, and without it.
    """
    course, notebook = course_of(folder / f"start-{assignment}", assignment)
    imports, first, later = [], [], []
    for _ in range(runs):
        imports.append(seconds(lambda: subprocess.run([sys.executable, "-c", IMPORTS], check=True)))
        fresh = with_class(course, assignment, notebook, 2)
        first.append(start_seconds(fresh, assignment))
        hand_in_again(fresh, assignment)
        later.append(start_seconds(fresh, assignment))
    bare = statistics.median(imports)
    tell(f"{assignment}: start, times the imports alone", statistics.median(later) / bare, GOALS["start"], at_most=True)
    tell(f"{assignment}: first start, with the reference's trial", statistics.median(first) / bare, GOALS["start"], at_most=True)


def hand_in_again(course: Path, assignment: str) -> None:
    """Change what was handed in, so that it is graded again."""
    for path in (course / "submitted").glob(f"*/{assignment}/*.ipynb"):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def measure_class(folder: Path, assignment: str, sizes: list[int], few: int, *, workers: bool, parts: bool) -> None:
    """A class beside stock.

    `workers`: also one worker beside two; `parts`: also where the time goes.
    """
    course, notebook = course_of(folder / f"class-{assignment}", assignment)
    stock = stock_seconds(without_plugin(with_class(course, assignment, notebook, few)), assignment)
    for size in sizes:
        ours, memory = our_seconds(with_class(course, assignment, notebook, size), assignment)
        goal = GOALS.get(f"{assignment} {size}", GOALS["lesson 02"] if assignment == LESSON else GOALS["lesson"])
        tell(f"{assignment}, {size} submissions: times stock ({memory:.0f} MB)", stock * size / ours, goal)
    if workers:
        size = sizes[-1]
        halves = stock_seconds(without_plugin(with_class(course, assignment, notebook, few)), assignment, processes=2)
        tell(f"{assignment}, {size}: times stock in two processes", halves * size / ours, GOALS["two processes of stock"])
        start, _ = our_seconds(with_class(course, assignment, notebook, 1), assignment)
        alone, _ = our_seconds(with_class(course, assignment, notebook, size), assignment, workers=1)
        tell(f"{assignment}, {size}: one worker to two, without the start", (alone - start) / (ours - start), GOALS["workers"])
    if parts:
        for what, spent in where_the_time_goes(with_class(course, assignment, notebook, 2), assignment).items():
            print(f"    {spent:8.1f} ms  {what}", flush=True)


def main(arguments: list[str]) -> None:
    """Measure, and print one line a figure."""
    parser = argparse.ArgumentParser(description="How fast `autograder grade` is beside stock nbgrader.")
    parser.add_argument("--full", action="store_true", help="all lessons")
    parser.add_argument("--large", type=int, default=0, metavar="N", help="only one class of N submissions of lesson 01")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if chosen.large:
            course, notebook = course_of(folder / f"class-{LARGE}", LARGE)
            small, before = our_seconds(with_class(course, LARGE, notebook, 200), LARGE)
            took, memory = our_seconds(with_class(course, LARGE, notebook, chosen.large), LARGE)
            times, size = took / small, chosen.large / 200
            print(f"{LARGE}: {size:g} times the class takes {times:.1f} times as long, and {memory / before:.2f} times the memory")
            return
        measure_start(folder, LARGE)
        measure_class(folder, PLAIN_NAME, [60, 200], 20 if chosen.full else 8, workers=True, parts=True)
        for lesson in lessons() if chosen.full else [LESSON]:
            measure_class(folder, lesson, [60], 6 if chosen.full else 3, workers=False, parts=lesson == LESSON)


if __name__ == "__main__":
    main(sys.argv[1:])
