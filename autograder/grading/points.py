"""What each test is worth: the source notebook says so, and the gradebook follows it."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbgrader import api, utils
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

Points = dict[str, dict[str, float]]  # by notebook and grade_id


def points_in_source(directory: CourseDirectory, assignment: str, notebooks: Iterable[str]) -> Points:
    """The points of the graded cells and tasks in
    source/<assignment>/, of the notebooks that can be read.
    """
    folder = Path(directory.format_path(directory.source_directory, ".", assignment))
    found: Points = {}
    for name in notebooks:
        try:
            cells = nbformat.read(folder / f"{name}.ipynb", as_version=4).cells
            graded = [cell.metadata.nbgrader for cell in cells if utils.is_grade(cell) or utils.is_task(cell)]
            found[name] = {about["grade_id"]: float(about["points"]) for about in graded}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # said when the notebook itself is read
    return found


def follow_source(gradebook: Gradebook, assignment: str, source: Points) -> list[str]:
    """Write the source's points into the gradebook where it has others, and say which."""
    changed = []
    for notebook in gradebook.find_assignment(assignment).notebooks:
        wanted = source.get(notebook.name, {})
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            points = wanted.get(cell.name, cell.max_score)
            if points != cell.max_score:
                changed.append(f"{notebook.name}: {cell.name} is worth {points:g} points in the source, and was worth {cell.max_score:g}.")
                cell.max_score = points
                _renew_checksum(notebook, cell.name, points)
    gradebook.db.commit()
    return changed


def _renew_checksum(notebook: api.Notebook, name: str, points: float) -> None:
    """Compute the checksum of a released cell again: it covers the points.

    nbgrader takes an answer with the released checksum for unchanged.
    """
    solutions = {cell.name for cell in notebook.solution_cells}
    grades, tasks = {cell.name for cell in notebook.grade_cells}, {cell.name for cell in notebook.task_cells}
    for cell in notebook.source_cells:
        if cell.name == name and cell.checksum is not None:
            kind = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
            about = {"grade_id": name, "points": points, "grade": name in grades, "solution": name in solutions, "task": name in tasks}
            cell.checksum = utils.compute_checksum(kind(cell.source or "", metadata={"nbgrader": about | {"locked": bool(cell.locked)}}))


def fingerprint(points: Points) -> str:
    """The same if and only if every test is worth the same."""
    return hashlib.sha256(json.dumps(points, sort_keys=True).encode()).hexdigest()
