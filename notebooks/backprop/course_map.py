"""The map of the course: what is done, what it earned and what is next.

Every check in its notebook updates it.

from backprop.course_map import course_map
course_map(ex)      # with this lesson open; course_map("05") opens another
"""

import atexit
import os
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from .checking.report import Report
from .helping.interactive import in_notebook, shell
from .progress.contents import Lesson, course, lesson_of
from .progress.map_drawing import as_html, as_text
from .progress.records import AFTER_A_CELL, Records
from .progress.standing import LessonStanding
from .translation import N_, _

PLACE = "backprop-course-map"  # the map's name among the outputs of a notebook
RIGHT_BEFORE = N_("An earlier answer to this exercise was right, and the map keeps it as right.")
GRADING = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")
_shown: dict[str, Lesson | None] = {}  # the lesson that the map on the page has open
_news: list[str] = []  # what the running cell has checked


def course_map(lesson: ModuleType | str | int | None = None) -> None:
    """Show the map of the course with one lesson open in it.

    Nothing is shown while a notebook is graded.

    lesson  its exercises, `ex`, or its number: "05" or 5. ValueError, with the numbers that there
            are, for any other
    """
    if grading():
        return
    opened = _shown.get(PLACE) if lesson is None else _lesson(lesson)
    records().sync()
    if not in_notebook():
        print(as_text(records(), opened))
        return
    from IPython.display import display

    _shown[PLACE] = opened
    display(_looks(), raw=True, display_id=PLACE)


def _lesson(asked: ModuleType | str | int) -> Lesson:
    """The lesson with these exercises or this number."""
    if isinstance(asked, ModuleType):
        found = [one for one in course() if one.stem[3:] == asked.__name__.rpartition(".")[2]]
    else:
        number = str(asked).strip().rjust(2, "0")
        found = [one for one in course() if number in (one.number, one.stem)]
    if not found:
        numbers = ", ".join(one.number for one in course())
        raise ValueError(
            _(
                'There is no lesson {asked!r} on the map. Write course_map(ex), or a number, such as "05". There are {numbers}.',
                asked=asked,
                numbers=numbers,
            )
        )
    return found[0]


def noted(report: Report) -> Report:
    """Record an attempt.

    Returns the report with the standing of its lesson; file and map are updated when the cell has
    run.

    An exercise not yet started is no attempt, nor is one that was stopped. If anything fails here,
    the report is unchanged.
    """
    try:
        lesson = lesson_of(report.exercise.name)
        if lesson is None or not report.started or report.interrupted or grading():
            return report
        records().note(report.exercise.name, report.points_earned, report.passed)
        _news.append(report.exercise.name)
        follow_after_the_cell()
        kept = not report.passed and records().all()[report.exercise.name].right
        return replace(report, standing=_(RIGHT_BEFORE) if kept else LessonStanding(lesson, records().all()).sentence)
    except Exception:
        return report


def grading() -> bool:
    """Whether nbgrader, or our own grader, is running this notebook."""
    return any(name in os.environ for name in GRADING)


@lru_cache(maxsize=1)
def records() -> Records:
    """The records beside the lessons of this notebook."""
    found = Records(folder())
    found.sync()
    atexit.register(found.sync)
    return found


def folder() -> Path | None:
    """The folder with the records: the lessons' own, or the one above if each has a folder.

    None anywhere else.
    """
    try:
        here = Path.cwd()
    except OSError:  # the folder was deleted
        return None
    stems = {lesson.stem for lesson in course()}
    if not any((here / f"{stem}.ipynb").exists() for stem in stems):
        return None
    return here.parent if here.name in stems else here


@lru_cache(maxsize=1)
def follow_after_the_cell() -> None:
    """Have IPython call `_follow` after every cell from now on."""
    shell().events.register("post_run_cell", _follow)


def _follow(result: object = None) -> None:
    """Save what a cell has added, and redraw the map on the page, if there is one."""
    if not _news:
        return
    _news.clear()
    with suppress(Exception):  # a cell that ran well is not to end in a traceback of ours
        records().sync(AFTER_A_CELL)
        if PLACE in _shown:
            from IPython.display import update_display

            update_display(_looks(), raw=True, display_id=PLACE)


def _looks() -> dict[str, str]:
    opened = _shown[PLACE]
    return {"text/plain": as_text(records(), opened), "text/html": as_html(records(), opened)}
