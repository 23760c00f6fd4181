"""Where the time of one submission goes, one at a time."""

import time
from collections import Counter
from pathlib import Path

from autograder.grading import class_run
from autograder.grading.assemble import assemble
from autograder.grading.assignment import read_assignment
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.marking import staged
from autograder.grading.notebook_repair import read_notebook
from autograder.grading.notebook_run import job_for, written
from autograder.grading.options import Grading, course_options
from autograder.grading.submission import read_submission


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

    with Grading(config=config).executor(imports=side.imports(), rehearsal=side.rehearsal()) as executor:
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
