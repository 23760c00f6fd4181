"""The speed of making feedback pages, beside stock nbgrader's, for a graded course.

python -m tests.bench.feedback COURSE ASSIGNMENT
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

STOCK = """c = get_config()
c.CourseDirectory.course_id = "bench"
"""


BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Cost:
    """The cost of some pages: seconds of wall time, and seconds
    of processor time, which do not depend on other load.
    """

    pages: int
    clock: float
    processor: float


def measured(course: Path, *command: str) -> Cost:
    """The cost of a command that makes the course's feedback pages."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(BIN / command[0]), *command[1:]], cwd=course, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(len(list((course / "feedback").glob("*/*/*.html"))), time.perf_counter() - start, used)


def ours(course: Path, assignment: str) -> Cost:
    """`autograder feedback`, all pages."""
    return measured(course, "autograder", "feedback", ".", assignment, "--force")


def stock(course: Path, assignment: str) -> Cost:
    """`nbgrader generate_feedback`, all pages, with nothing of ours in the configuration."""
    (course / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    return measured(course, "nbgrader", "generate_feedback", assignment, "--force")


def main(course: Path, assignment: str) -> None:
    """Print both, from copies of the course."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in (("autograder feedback", ours), ("nbgrader generate_feedback", stock)):
            copy = Path(folder) / measure.__name__
            shutil.copytree(course, copy, ignore=shutil.ignore_patterns("feedback"))
            cost = measure(copy, assignment)
            results.append(cost)
            size = sum(path.stat().st_size for path in (copy / "feedback").glob("*/*/*.html")) / max(1, cost.pages) / 1e3
            print(f"{name:27s} {cost.pages:4d} pages  {cost.clock:7.1f} s  {cost.processor:7.1f} s of processors  {size:5.0f} kB a page")
    clock, processor = ((theirs / mine) for mine, theirs in zip(*((one.clock, one.processor) for one in results)))
    print(f"stock / ours: {clock:.1f} by the clock, {processor:.1f} in processor time")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
