"""An assignment from its source notebooks alone: nothing of it is in a gradebook."""

from dataclasses import replace
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.grading.assignment import Assignment, AssignmentNotebook, read_assignment
from autograder.grading.course_notebook import CourseCell, course_notebook_from
from autograder.grading.gradebook_plan import AssignmentPlan, GradedCell, NotebookPlan, SourceCell
from autograder.markers import solved


class NoSuchAssignment(Exception):
    """The course has no such assignment, or several and none is named.

    The message says which there are.
    """


def assignment_named(directory: CourseDirectory, name: str) -> str:
    """The assignment `name`; if it is empty, the only one of the course.

    NoSuchAssignment if there is none, or several.
    """
    root = Path(directory.format_path(directory.source_directory, ".", "x")).parent
    known = sorted(path.name for path in root.glob("*") if any(path.glob("*.ipynb")))
    if name in known:
        return name
    if not known:
        raise NoSuchAssignment(f"{root} has no assignment: no folder with a notebook.")
    if name:
        raise NoSuchAssignment(f"{root} has no assignment {name}; it has {', '.join(known)}.")
    if len(known) > 1:
        raise NoSuchAssignment(f"{root} has several assignments: name one of {', '.join(known)} with --assignment.")
    return known[0]


def read_from_source(directory: CourseDirectory, name: str, config: Config) -> tuple[AssignmentPlan, Assignment]:
    """The assignment as it would be released now. UnusableSource if a notebook cannot be used."""
    folder = Path(directory.format_path(directory.source_directory, ".", name))
    plan = AssignmentPlan(name, None, {path.stem: _plan(path, config) for path in sorted(folder.glob("*.ipynb"))})
    assignment = read_assignment(plan, directory, config)
    notebooks = {title: _without_stubs(side) for title, side in assignment.notebooks.items()}
    return plan, replace(assignment, notebooks=notebooks)


def _plan(path: Path, config: Config) -> NotebookPlan:
    """What `nbgrader generate_assignment` would write down of a notebook."""
    cells = [cell for cell in course_notebook_from(path, None, config=config).cells if cell.grade_id]
    about = {str(cell.grade_id): cell.metadata["nbgrader"] for cell in cells}
    graded = {str(cell.grade_id): _graded(cell) for cell in cells if "points" in cell.metadata["nbgrader"]}
    return NotebookPlan(
        name=path.stem,
        kernelspec=None,
        graded={name: cell for name, cell in graded.items() if about[name].get("grade")},
        tasks={name: cell for name, cell in graded.items() if about[name].get("task")},
        solutions=tuple(name for name, entry in about.items() if entry.get("solution")),
        sources={str(cell.grade_id): _source(cell) for cell in cells},
    )


def _graded(cell: CourseCell) -> GradedCell:
    return GradedCell(str(cell.grade_id), float(cell.metadata["nbgrader"]["points"]), cell.cell_type)


def _source(cell: CourseCell) -> SourceCell:
    nbgrader = cell.metadata["nbgrader"]
    return SourceCell(str(cell.grade_id), cell.cell_type, cell.source, bool(nbgrader.get("locked")), nbgrader.get("checksum"))


def _without_stubs(side: AssignmentNotebook) -> AssignmentNotebook:
    """No solution, if the answers are as released: a bundle may come without solutions."""
    released = {cell.grade_id: cell.released for cell in side.cells.cells if cell.role == "answer"}
    if side.solution is None or any(_has_solution(cell, released) for cell in side.solution.cells):
        return side
    return replace(side, solution=None)


def _has_solution(cell: NotebookNode, released: dict[str | None, str]) -> bool:
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return cell.cell_type == "code" and utils.is_solution(cell) and solved(cell.source).strip() != released.get(name, "").strip()
