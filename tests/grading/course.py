"""A made-up course, written for nbgrader by somebody else, and what graded it."""

import copy
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade, is_grade, is_solution
from traitlets.config import Config

from autograder.building import RELEASE
from autograder.grading.assignment import Assignment, read_assignment
from autograder.grading.gradebook_plan import AssignmentPlan, NotebookPlan
from tests.commands import run_nbgrader

PLUGIN = """
c.Autograde.sanitize_preprocessors = ["autograder.grading.plugin.PutRight"]
c.Autograde.autograde_preprocessors = [
    "autograder.grading.plugin.RunApart",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
"""


def code(source: str) -> NotebookNode:
    """An unmarked code cell."""
    return nbformat.v4.new_code_cell(source)


def text(source: str) -> NotebookNode:
    """An unmarked Markdown cell."""
    return nbformat.v4.new_markdown_cell(source)


def answer(name: str, source: str, *, points: float | None = None, markdown: bool = False) -> NotebookNode:
    """An answer cell; with points it is marked by hand.

    `source` has the reference between ### BEGIN SOLUTION and ### END SOLUTION.
    """
    return _marked(source, name, markdown=markdown, grade=points is not None, solution=True, locked=False, points=points)


def check(name: str, source: str, points: float = 2) -> NotebookNode:
    """A test cell."""
    return _marked(source, name, grade=True, solution=False, locked=True, points=points)


def locked(name: str, source: str) -> NotebookNode:
    """A cell to be read and not changed."""
    return _marked(source, name, grade=False, solution=False, locked=True)


def task(name: str, source: str, points: float = 3) -> NotebookNode:
    """A task: students answer in cells of their own, and it is marked by hand."""
    cell = _marked(source, name, markdown=True, points=points, grade=False, solution=False, locked=True)
    cell.metadata["nbgrader"]["task"] = True
    return cell


def _marked(source: str, name: str, *, markdown: bool = False, points: float | None = None, **flags: bool) -> NotebookNode:
    cell = text(source) if markdown else code(source)
    cell.id = name
    cell.metadata["nbgrader"] = {"grade_id": name, "schema_version": 3, "task": False, **flags}
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A notebook whose unmarked cells have ids that stay the same."""
    for position, cell in enumerate(cells):
        if "nbgrader" not in cell.metadata:
            cell.id = f"cell-{position}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": kernel})


def make_course(
    folder: Path, assignments: dict[str, dict[str, NotebookNode]], *, config: str = "", files: dict[str, str] | None = None
) -> Path:
    """A course of assignments (notebooks by name), released,
    with stock nbgrader's configuration and `config` after it.

    `files` lie beside the notebooks of every assignment, by relative name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'made-up'\n{config}", encoding="utf-8")
    for assignment, notebooks in assignments.items():
        source = folder / "source" / assignment
        source.mkdir(parents=True)
        for name, made in notebooks.items():
            nbformat.write(made, source / f"{name}.ipynb")
        for name, content in (files or {}).items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(content, encoding="utf-8")
        run_nbgrader(folder, "generate_assignment", assignment)
    return folder


def released(course: Path, assignment: str, name: str | None = None) -> NotebookNode:
    """The notebook that students get."""
    return nbformat.read(course / "release" / assignment / f"{name or assignment}.ipynb", as_version=4)


def filled(made: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The notebook with these answers, by grade_id."""
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return made


def submit(
    course: Path, student: str, assignment: str, made: NotebookNode, name: str | None = None, *, timestamp: str | None = None
) -> Path:
    """Put a submission where nbgrader collects them."""
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or assignment}.ipynb"
    nbformat.write(made, path)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp, encoding="utf-8")
    return path


def scores(course: Path, assignment: str, student: str) -> dict[str, float]:
    """Points by test, over all notebooks of a submission, as the gradebook has them."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(assignment, student)
        return {grade.cell.name: grade.score for made in submission.notebooks for grade in made.grades}


# A plain assignment: numpy and torch imported, three exercises, no plots.
PLAIN = notebook(
    text("# Three exercises"),
    code("import numpy as np\nimport torch"),
    answer(
        "square-answer",
        'def square(x):\n    """The square of x."""\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION',
    ),
    check(
        "square",
        "assert square(3) == 9\n### BEGIN HIDDEN TESTS\n"
        "np.testing.assert_allclose(square(np.array([1.5, -2.0])), [2.25, 4.0])\n### END HIDDEN TESTS",
    ),
    answer(
        "slope-answer",
        'def slope(w, x):\n    """The derivative of the sigmoid of w x with respect to w."""\n'
        "    ### BEGIN SOLUTION\n    a = 1 / (1 + np.exp(-w * x))\n    return a * (1 - a) * x\n    ### END SOLUTION",
    ),
    check(
        "slope",
        "w = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)\ntorch.sigmoid(w * 1.3).backward()\n"
        "np.testing.assert_allclose(slope(0.7, 1.3), w.grad.item())\n### BEGIN HIDDEN TESTS\n"
        "for x in (-2.0, 0.5, 3.0):\n    v = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)\n"
        "    torch.sigmoid(v * x).backward()\n"
        "    torch.testing.assert_close(torch.tensor(slope(0.2, x), dtype=torch.float64), v.grad)\n### END HIDDEN TESTS",
        points=3,
    ),
    answer(
        "sums-answer",
        'def sums(xs):\n    """The sum, the sum of squares and the largest of a list."""\n'
        "    ### BEGIN SOLUTION\n    return sum(xs), sum(x * x for x in xs), max(xs)\n    ### END SOLUTION",
    ),
    check(
        "sums",
        "### BEGIN HIDDEN TESTS\nright = zip(sums([1, 2, 4]), (7, 21, 4))\n"
        "sum(bool(mine == true) for mine, true in right) * 1.0\n### END HIDDEN TESTS",
        points=3,
    ),
)
REFERENCE = {
    "square-answer": "def square(x):\n    return x * x",
    "slope-answer": "def slope(w, x):\n    a = 1 / (1 + np.exp(-w * x))\n    return a * (1 - a) * x",
    "sums-answer": "def sums(xs):\n    return sum(xs), sum(x * x for x in xs), max(xs)",
}


# One notebook graded in this process, without a gradebook: quick, for many submissions.


def side_of(folder: Path, made: NotebookNode, files: dict[str, str] | None = None) -> Assignment:
    """The course's side of an assignment of one notebook, `exercise`, written into `folder`."""
    source = folder / "source" / "exercise"
    source.mkdir(parents=True)
    nbformat.write(made, source / "exercise.ipynb")
    for name, content in (files or {}).items():
        (source / name).write_text(content, encoding="utf-8")
    config = Config()
    config.CourseDirectory.root = str(folder)
    plan = NotebookPlan("exercise", None, {}, {}, (), {})
    return read_assignment(AssignmentPlan("exercise", None, {"exercise": plan}), CourseDirectory(config=config), config)


def release_of(made: NotebookNode) -> NotebookNode:
    """The notebook as nbgrader's own preprocessors release it."""
    made, resources = copy.deepcopy(made), {}
    for step in RELEASE:
        made, resources = step().preprocess(made, resources)
    return made


def points(made: NotebookNode) -> dict[str, float]:
    """What nbgrader reads from the outputs of an executed notebook, by test."""
    tests = [cell for cell in made.cells if is_grade(cell) and not is_solution(cell)]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in tests}
