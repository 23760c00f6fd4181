"""The time for the report of a large class with made-up
findings: `python -m tests.bench.report [STUDENTS]`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from autograder.building import lesson_paths
from autograder.course import init_course
from autograder.findings.notebook import files_of
from autograder.reporting.make import make_report
from tests.reporting.made_up import made_up_findings

SIZES = (1000, 10_000)


def course_of(folder: Path, students: int) -> Path:
    """A course with so many made-up graded students in its
    first lesson, with a small file for each graded notebook.
    """
    course, lesson = folder / f"course-{students}", lesson_paths()[0]
    init_course(course)
    lines = []
    for one in made_up_findings(lesson, students):
        graded = course / "autograded" / one.student / lesson.stem
        graded.mkdir(parents=True)
        (graded / f"{lesson.stem}.ipynb").write_text("{}", encoding="utf-8")
        lines.append(type(one)(one.student, files_of(graded, [lesson.stem]), one.exercises).line())
    (course / ".autograder").mkdir()
    (course / ".autograder" / f"{lesson.stem}.findings").write_bytes(b"".join(lines))
    return course


def main(sizes: tuple[int, ...]) -> None:
    """Print the time by the clock and of the processor, and how large the page is."""
    lesson = lesson_paths()[0].stem
    with tempfile.TemporaryDirectory() as folder:
        for students in sizes:
            course = course_of(Path(folder), students)
            start, before = time.perf_counter(), time.process_time()
            written = make_report(course, [lesson])
            clock, processor = time.perf_counter() - start, time.process_time() - before
            assert len(written.gathered[lesson].students) == students
            assert not written.gathered[lesson].read
            size = os.path.getsize(written.page) / 1e3
            print(f"{students:6d} students  {clock:6.2f} s  {processor:6.2f} s of the processor  page of {size:.0f} kB")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
