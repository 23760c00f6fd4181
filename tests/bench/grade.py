"""The speed of `autograder grade`, beside stock `nbgrader autograde`: `make bench-grade` prints it.

The same course, the same right submissions, the same machine, the sandbox on. Figures, not tests.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from autograder.building import lesson_paths
from autograder.course import init_course
from autograder.grading import class_run
from autograder.grading.assemble import assemble
from autograder.grading.assignment import read_assignment
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.marking import job_for, staged, written
from autograder.grading.options import Grading, course_options
from autograder.grading.submission import read_notebook, read_submission
from tests.commands import run_nbgrader
from tests.grading.course import PLAIN, REFERENCE, filled, make_course, released, submit
from tests.nbgrader.submissions import solved

STOCK = 20
LESSON = "02_one_two_one_network"
OURS = 200


def plain_course(folder: Path, students: int) -> Path:
    """The plain assignment, handed in by so many, all right."""
    course = make_course(folder, {"plain": {"plain": PLAIN}})
    for number in range(students):
        submit(course, f"s{number:05d}", "plain", filled(released(course, "plain"), REFERENCE))
    return course


def lesson_course(folder: Path, students: int) -> Path:
    """Lesson 02 as it stands, handed in by so many, all right."""
    init_course(folder)
    run_nbgrader(folder, "generate_assignment", LESSON)
    lesson = next(path for path in lesson_paths() if path.stem == LESSON)
    notebook = solved(lesson)
    for number in range(students):
        submit(folder, f"s{number:05d}", LESSON, notebook)
    return folder


def without_plugin(course: Path) -> None:
    """Stock nbgrader, as it comes."""
    config = course / "nbgrader_config.py"
    config.write_text(re.sub(r"c\.Autograde\.\w+_preprocessors = \[.*?\]\n", "", config.read_text(), flags=re.DOTALL))


def copied(course: Path, students: int) -> Path:
    """The same course, with the first so many submissions and nothing graded."""
    target = Path(tempfile.mkdtemp(dir=course.parent)) / "course"
    shutil.copytree(course, target, ignore=shutil.ignore_patterns("submitted", "autograded", ".autograder"))
    for folder in sorted((course / "submitted").iterdir())[:students]:
        shutil.copytree(folder, target / "submitted" / folder.name)
    return target


def stock_seconds(course: Path, assignment: str, processes: int = 1) -> float:
    """Seconds a submission of stock nbgrader, in so
    many processes with an equal share of the class.
    """
    students = sorted(path.name for path in (course / "submitted").iterdir())
    shares = [students[number::processes] for number in range(processes)]
    start = time.perf_counter()
    words = [[sys.executable, "-m", "nbgrader", "autograde", assignment, f"--student={_any(share)}"] for share in shares]
    running = [subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in words]
    assert not any(process.wait() for process in running)
    return (time.perf_counter() - start) / len(students)


def _any(students: list[str]) -> str:
    """A pattern that matches these and no others: their numbers end in one of these digits."""
    return f"s*[{''.join(sorted({name[-1] for name in students}))}]"


def our_seconds(course: Path, assignment: str, workers: int = 2) -> tuple[float, float]:
    """Seconds a submission of ours, start-up included, and
    the largest memory of the grading process in megabytes.
    """
    students = len(list((course / "submitted").iterdir()))
    code = "from pathlib import Path\nfrom autograder.grading.run import grade\n"
    code += f"grade(Path({str(course)!r}), {assignment!r}, workers={workers})"
    code += "\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return (time.perf_counter() - start) / students, int(done.stdout.split()[-1]) / 1024


def where_the_time_goes(course: Path, assignment: str, runs: int = 20) -> dict[str, float]:
    """Milliseconds of one submission, one at a time, by what is done; the mean of some runs."""
    config, directory = course_options(course)
    with GradebookWriter(directory.db_url, directory.course_id, config=config) as records:
        side = read_assignment(records.assignment(assignment), directory, config)
    (name,) = side.notebooks
    folder = sorted(course.glob(f"submitted/*/{assignment}"))[0]
    spent: Counter[str] = Counter()

    def timed(what: str, start: float) -> float:
        now = time.perf_counter()
        spent[what] += (now - start) * 1000 / runs
        return now

    with Grading(config=config).executor(rehearsal=side.rehearsal()) as executor:
        start = time.perf_counter()
        kept = class_run.results(executor, side, side.notebooks[name], at_once=True)
        once = (time.perf_counter() - start) * 1000
        for _ in range(runs):
            start = time.perf_counter()
            submission = read_submission(folder, side.notebooks, largest_file=2**26, largest_total=2**28)
            start = timed("taking it in", start)
            assembled = assemble(side.notebooks[name].cells, read_notebook(submission.notebooks[name]))
            start = timed("reading it and putting cells right", start)
            with staged(executor, submission, side) as private:
                job = job_for(assembled, side.notebooks[name], private, executor.course_files(side), kept)
                start = timed("its private folder", start)
                executed = executor.run(job)
                start = timed("two processes, isolation", start)
            cells = sum(cell.seconds for cell in executed.cells) * 1000 / runs
            spent["its cells and the tests"] += cells
            spent["two processes, isolation"] -= cells
            start = timed("its private folder", start)
            written(assembled, executed, executor.isolation.words)
            timed("outputs and marks", start)
    return dict(spent) | {"once for the class: cells that are the same for all": once}


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        for title, make, assignment in (("plain", plain_course, "plain"), ("lesson 02", lesson_course, LESSON)):
            course = make(Path(scratch) / title / "course", OURS)
            few = copied(course, STOCK)
            without_plugin(few)
            stock = stock_seconds(few, assignment)
            two = copied(few, STOCK)
            halves = stock_seconds(two, assignment, processes=2)
            ours, memory = our_seconds(copied(course, OURS), assignment)
            alone, _ = our_seconds(copied(course, OURS), assignment, workers=1)
            tenth, small = our_seconds(copied(course, OURS // 10), assignment)
            print(
                f"{title}: stock {stock:.2f} s a submission, two processes of it {halves:.2f} s; ours {ours * 1e3:.0f} ms, start included"
            )
            print(f"  ours is {stock / ours:.1f} times stock, {halves / ours:.1f} times stock in two processes")
            print(f"  two workers are {alone / ours:.2f} times one")
            print(f"  ten times the class: {10 * ours / tenth:.2f} times the time, {memory:.0f} MB of memory where it was {small:.0f}")
            print("  where the time of one submission goes, one at a time:")
            for what, spent in where_the_time_goes(course, assignment).items():
                print(f"    {spent:8.1f} ms  {what}")


if __name__ == "__main__":
    main()
