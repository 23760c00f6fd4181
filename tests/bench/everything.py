"""Measures what the course costs in time: `make bench` prints it. Figures, not tests."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench import checks as bench_checks
from tests.bench import lessons as bench_lessons
from tests.bench import pictures as bench_pictures


def seconds(action: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def import_time(runs: int = 9) -> tuple[float, float]:
    """Median seconds from starting Python to `import
    backprop` done, and of starting Python alone.
    """

    def median(code: str) -> float:
        return statistics.median(seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(runs))

    median("import backprop")
    return median("import backprop"), median("pass")


def main() -> None:
    """Measure, and print one line a figure."""
    loaded, bare = import_time()
    print(f"import backprop          {loaded - bare:6.3f} s   (Python alone {bare:.3f} s)   goal 0.3 s")
    print()
    bench_checks.report()
    print()
    bench_lessons.report()
    bench_pictures.report()


if __name__ == "__main__":
    main()
