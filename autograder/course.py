"""Makes an nbgrader course directory: source notebooks,
figures, and a configuration for stock nbgrader.
"""

import re
import shutil
from collections.abc import Collection
from pathlib import Path
from textwrap import dedent

from nbformat.notebooknode import NotebookNode

from .building import IMAGES, STUB, notebook_text, source_notebook
from .selection import SelectionProblem, check_exercises, chosen_lessons, is_lesson, solve

FIGURE_LINK = re.compile(r"\(\.\./img/([\w.-]+)\)")
LESSON_LINK = re.compile(r"\[([^\]]*)\]\((\d\d_\w+)\.ipynb\)")


class CourseProblem(Exception):
    """The course cannot be made; the message says why and what to do."""


def init_course(course: Path, *, lessons: Collection[str] = (), without: Collection[str] = ()) -> list[Path]:
    """Write a new nbgrader course into the folder `course` and return the files written.

    One assignment a lesson: source/<assignment>/<assignment>.ipynb with solutions and hidden tests,
    its figures beside it. A page that is no lesson is an assignment too, so that it is released
    like them. It has no graded cell, and so no points.

    lessons  numbers or names of those that the course has; all of them if it is empty
    without  names of exercises that are solved from the beginning, and earn no points

    CourseProblem if the folder holds anything already or cannot be written, or if there is no such
    lesson or exercise.
    """
    if lessons and is_lesson(course.name):
        raise CourseProblem(
            f"{course} is a lesson's name and not a folder's. Name the folder first: autograder init FOLDER --lessons 01 03."
        )
    try:
        chosen = chosen_lessons(lessons)
        check_exercises(chosen, without)
    except SelectionProblem as problem:
        raise CourseProblem(str(problem)) from None
    if course.exists() and (not course.is_dir() or any(course.iterdir())):
        raise CourseProblem(
            f"{course} exists and is not empty, and nothing in it was touched. Name a new folder, or move that one away first."
        )
    try:
        course.mkdir(parents=True, exist_ok=True)
        written = [_write(course / "nbgrader_config.py", course_config(course.resolve().name))]
        stems = {lesson.stem for lesson in chosen}
        for lesson in chosen:
            notebook, figures = course_notebook(lesson, stems)
            solve(notebook, without)
            written += _write_assignment(course / "source" / lesson.stem, notebook, figures)
    except OSError as error:
        raise CourseProblem(f"{course} could not be written: {error.strerror or error}. Choose a folder that you may write to.") from error
    return written


def course_config(course_id: str) -> str:
    """The text of nbgrader_config.py for a course of that name."""
    return dedent(
        f'''\
        """The course's nbgrader configuration. Every option of nbgrader may be set here."""

        c = get_config()  # noqa: F821  (nbgrader provides it)

        c.CourseDirectory.course_id = {course_id!r}

        # What learners see in place of a solution; the checks know it as "not started".
        c.ClearSolutions.code_stub = {{"python": {STUB!r}}}

        # Student code runs in a sandbox, apart from the tests; `nbgrader autograde` and formgrader's button do so too.
        # c.Grading.<option> sets its limits: `autograder options` lists them.
        c.Autograde.sanitize_preprocessors = ["autograder.grading.plugin.PutRight"]
        c.Autograde.autograde_preprocessors = [
            "autograder.grading.plugin.RunApart",
            "nbgrader.preprocessors.SaveAutoGrades",
            "nbgrader.preprocessors.AssignLatePenalties",
        ]

        # Feedback and formgrader show of students' work what does nothing by itself (this comes first), and the figures.
        c.HTMLExporter.default_preprocessors = [
            "autograder.feedback.CleanStudentContent",
            "autograder.feedback.EmbedFigures",
        ]

        # `nbgrader generate_feedback` makes the pages of `autograder feedback`, with no hidden test, and makes all of them again:
        # its own rule keeps an old page where only the mark or a comment has changed.
        c.GenerateFeedback.exporter_class = "autograder.pages.exporter.FeedbackExporter"
        c.GenerateFeedback.preprocessors = []
        c.GenerateFeedback.force = True
        '''
    )


def course_notebook(lesson: Path, stems: Collection[str] | None = None) -> tuple[NotebookNode, list[str]]:
    """The lesson's source notebook with the links of a course, and the files of its figures.

    `stems` are the lessons of the course, all of them if it is None. A link to any other lesson
    becomes plain text.
    """

    def link(found: re.Match[str]) -> str:
        return f"[{found[1]}](../{found[2]}/{found[2]}.ipynb)" if stems is None or found[2] in stems else found[1]

    notebook = source_notebook(lesson)
    figures = set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            figures.update(FIGURE_LINK.findall(cell.source))
            cell.source = FIGURE_LINK.sub(r"(img/\1)", cell.source)
            cell.source = LESSON_LINK.sub(link, cell.source)
    return notebook, sorted(figures)


def _write_assignment(folder: Path, notebook: NotebookNode, figures: list[str]) -> list[Path]:
    """Write one assignment: its notebook, and its figures in a folder beside it."""
    (folder / "img").mkdir(parents=True)
    written = [_write(folder / f"{folder.name}.ipynb", notebook_text(notebook))]
    return written + [Path(shutil.copy(IMAGES / name, folder / "img" / name)) for name in figures]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
