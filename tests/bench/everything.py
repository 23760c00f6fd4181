"""What the course costs in time, measured here and now: `make bench` prints it. Figures, not tests."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from backprop.checking.examining import examine
from backprop.questions.question import PUBLIC_SAMPLES, PUBLIC_SEED, draw_samples, mistaken_answer
from nbclient import NotebookClient

from autograder.building import lesson_paths, source_notebook
from tests.bench import pictures as bench_pictures
from tests.course import EXERCISES, replay


def seconds(action: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def import_time(runs: int = 9) -> tuple[float, float]:
    """Median seconds from starting Python to `import backprop` done, and of starting Python alone."""

    def median(code: str) -> float:
        return statistics.median(seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(runs))

    median("import backprop")
    return median("import backprop"), median("pass")


def check_times(exercise: Any, runs: int = 5) -> tuple[float, float]:
    """Median seconds of a check of the right answer, and of its known mistakes; samples drawn, and mistakes made, afresh each time."""

    def median(answers: Callable[[Any], Any]) -> float:
        times = []
        for _ in range(runs):
            prepared = [answers(sample) for sample in exercise.draw(PUBLIC_SEED, PUBLIC_SAMPLES)]
            draw_samples.cache_clear()
            mistaken_answer.cache_clear()
            times.append(
                seconds(lambda p=prepared: examine(exercise, replay(p), seed=PUBLIC_SEED, samples=PUBLIC_SAMPLES, rtol=exercise.rtol))
            )
        return statistics.median(times)

    right = median(lambda sample: sample.truth)
    wrong = statistics.median(median(lambda sample, mistake=mistake: exercise.mistaken(mistake, sample)) for mistake in exercise.mistakes)
    return right, wrong


def notebook_times() -> dict[str, float]:
    """Seconds to execute each solved notebook headlessly, one after the other."""
    times = {}
    for lesson in lesson_paths():
        with tempfile.TemporaryDirectory() as folder:
            client = NotebookClient(source_notebook(lesson), timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
            times[lesson.stem] = seconds(client.execute)
    return times


def main() -> None:
    """Measure, and print one line a figure."""
    loaded, bare = import_time()
    print(f"import backprop          {loaded - bare:6.3f} s   (Python alone {bare:.3f} s)   goal 0.3 s")
    print("\ncheck, median ms         right   a known mistake   goal 50 ms")
    times = {exercise.name: check_times(exercise) for exercise in EXERCISES}
    for name, (right, wrong) in times.items():
        print(f"  {name:22s} {1e3 * right:6.1f} {1e3 * wrong:10.1f}")
    print(f"  median of all          {1e3 * statistics.median(r for r, _ in times.values()):6.1f} ", end="")
    print(f"{1e3 * statistics.median(w for _, w in times.values()):9.1f}")
    executed = notebook_times()
    print("\nsolved notebooks, executed headlessly one after the other")
    for name, taken in executed.items():
        print(f"  {name:24s} {taken:5.1f} s")
    print(f"  all                      {sum(executed.values()):5.1f} s   goal 60 s")
    bench_pictures.report()


if __name__ == "__main__":
    main()
