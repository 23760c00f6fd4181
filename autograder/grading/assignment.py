"""An assignment as the course has it, read once for all submissions.

It holds the cells, the names that tests need, the files, and the shortcuts that answers may take.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets.config import Config

from autograder.running.imports import Imports, imports_of
from autograder.running.names import CourseCodeCell, Needs, modules, needs
from autograder.running.observed import Shortcut

from .course_notebook import CourseCell, CourseNotebook, SourceCellInfo, course_notebook_from
from .findings import Separation
from .gradebook_plan import AssignmentPlan, NotebookPlan
from .options import Grading
from .rehearsal import rehearsal
from .shortcuts import defined_names, taken_by_answers


@dataclass(frozen=True)
class AssignmentNotebook:
    """One notebook of the assignment, as the course has it."""

    name: str
    cells: CourseNotebook
    needs: dict[str, Needs]  # by the grade_id of a test
    modules: list[str]  # names under which the course imports modules
    shortcuts: dict[str, frozenset[Shortcut]]  # those past a derivation by hand that the course's own answers take, by their grade_id
    takes: dict[str, frozenset[Shortcut]]  # the same by the functions that these answers define
    released: dict[str, str]  # locked cells as students see them, by grade_id
    solution: NotebookNode | None = field(default=None, repr=False)  # the source notebook, the course's own answers in it

    def tests(self) -> list[CourseCell]:
        """The cells that the trusted process runs."""
        return [cell for cell in self.cells.cells if cell.grade_id in self.needs]


@dataclass(frozen=True)
class Assignment:
    """An assignment, as the course has it."""

    name: str
    notebooks: dict[str, AssignmentNotebook]
    files: dict[str, Path]  # what lies beside the source notebooks, by relative path
    not_overwritten: frozenset[str]  # of these, the student's own copy counts
    fingerprint: str
    zone: ZoneInfo | None = None  # of times that name none
    separation: Separation = Separation.AUTO

    def rehearsal(self) -> list[str]:
        """What can be done once for all submissions."""
        tests = ((cell.source, notebook.needs[str(cell.grade_id)]) for notebook in self.notebooks.values() for cell in notebook.tests())
        return rehearsal(tests)

    def imports(self) -> Imports:
        """What the course's own cells import."""
        cells = [(notebook, cell) for notebook in self.notebooks.values() for cell in notebook.cells.cells if cell.cell_type == "code"]
        given = [(cell.source, cell.grade_id in notebook.needs) for notebook, cell in cells]
        solutions = [cell for notebook in self.notebooks.values() if notebook.solution for cell in notebook.solution.cells]
        return imports_of([*given, *((cell.source, False) for cell in solutions if utils.is_solution(cell) and cell.cell_type == "code")])

    def copy_files(self, folder: Path, own: frozenset[str] | set[str] = frozenset()) -> None:
        """Put the course's files into a folder, over the student's files of the same names."""
        for name, path in self.files.items():
            if name in self.not_overwritten and name in own:
                continue
            target = folder / name
            for above in reversed(target.relative_to(folder).parents):  # a student's file may be where the course has a folder
                if (folder / above).is_file():
                    (folder / above).unlink()
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                shutil.rmtree(target)
            target.unlink(missing_ok=True)
            shutil.copyfile(path, target)


def read_assignment(plan: AssignmentPlan, directory: CourseDirectory, config: Config) -> Assignment:
    """Read source/<assignment>/ and the gradebook's plan of it."""
    source = Path(directory.format_path(directory.source_directory, ".", plan.name))
    notebooks = {name: read_assignment_notebook(source / f"{name}.ipynb", notebook, config) for name, notebook in plan.notebooks.items()}
    files = {}
    if source.is_dir():
        files = {os.path.relpath(path, source): Path(path) for path in find_all_files(str(source), [*directory.ignore, "*.ipynb"])}
    kept = config.Autograde.get("exclude_overwriting", {})
    kept = kept.get(plan.name, []) if isinstance(kept, dict) else []
    parts = [*map(canonical, notebooks.values()), *(f"{name} {path.stat().st_size}" for name, path in sorted(files.items()))]
    options = Grading(config=config)
    separation = options.separation_of(plan.name)
    parts += [] if separation is Separation.AUTO else [separation]
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Assignment(plan.name, notebooks, files, frozenset(kept), fingerprint, options.zone(), separation)


def read_assignment_notebook(path: Path, plan: NotebookPlan, config: Config) -> AssignmentNotebook:
    """One notebook of the course, from its source and from what the gradebook recorded of it."""
    cells = course_notebook_from(path, _recorded(plan), config=config, kernelspec=plan.kernelspec)
    solution = _solution(path)
    own = _own_cells(solution, cells)
    shortcuts = _shortcuts(own)
    return AssignmentNotebook(
        name=plan.name,
        cells=cells,
        needs=needs(own),
        modules=modules(own),
        shortcuts=shortcuts,
        takes={name: shortcuts[cell.key] for cell in own if cell.answer for name in defined_names(cell.source)},
        released={cell.grade_id: cell.released for cell in cells.cells if cell.role == "locked" and cell.grade_id},
        solution=solution,
    )


def canonical(notebook: AssignmentNotebook) -> str:
    """A notebook as text that is the same in every process: the order of a set is not."""
    return json.dumps(asdict(replace(notebook, solution=None)), sort_keys=True, default=sorted)


def _shortcuts(own: list[CourseCodeCell]) -> dict[str, frozenset[Shortcut]]:
    cells = [cell for cell in own if not cell.graded]
    answers = {position: cell.key for position, cell in enumerate(cells) if cell.answer}
    found = taken_by_answers([cell.source for cell in cells], answers)
    return {name: frozenset(use.shortcut for use in uses) for name, uses in found.items()}


def _solution(path: Path) -> NotebookNode | None:
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        return None


def _recorded(plan: NotebookPlan) -> dict[str, SourceCellInfo]:
    graded = plan.graded | plan.tasks
    return {
        name: SourceCellInfo(
            cell.cell_type,
            cell.locked,
            cell.source,
            cell.checksum,
            grade=name in plan.graded,
            solution=name in plan.solutions,
            task=name in plan.tasks,
            points=graded[name].max_score if name in graded else None,
        )
        for name, cell in plan.sources.items()
    }


def _own_cells(solution: NotebookNode | None, released: CourseNotebook) -> list[CourseCodeCell]:
    """The course's code cells: tests as in the gradebook,
    answers as in the source notebook if there is one.
    """
    if solution is None:
        return [
            _course(cell.grade_id, cell.source, cell.metadata, cell.role == "answer") for cell in released.cells if cell.cell_type == "code"
        ]
    tests = {cell.grade_id: cell.source for cell in released.cells if cell.role == "locked"}
    read = []
    for cell in solution.cells:
        if cell.cell_type == "code":
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            answer = bool(utils.is_solution(cell))
            read.append(_course(grade_id, cell.source if answer else tests.get(grade_id, cell.source), cell.metadata, answer))
    return read


def _course(grade_id: str | None, source: str, metadata: dict[str, Any], answer: bool) -> CourseCodeCell:
    return CourseCodeCell(grade_id or "", source, answer, bool(metadata.get("nbgrader", {}).get("grade")) and not answer)
