"""Reads the course's notebook, from its source and
from what the gradebook recorded at its release.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ComputeChecksums, InstantiateTests, LockCells, SaveCells
from traitlets import import_item
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from .notebook_repair import free_id, is_cell_id

FLAGS = ("grade", "solution", "task")
FROM_RECORD = (
    SaveCells,
    LockCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
)  # what recorded cells still need to be as released


class UnusableSource(Exception):
    """The course's own notebook cannot be used; the message says why."""


@dataclass(frozen=True)
class SourceCellInfo:
    """What nbgrader's gradebook holds about one cell of the released notebook."""

    cell_type: str
    locked: bool
    source: str  # of a locked cell with its hidden tests, of an answer as it is released
    checksum: str | None
    grade: bool = False
    solution: bool = False
    task: bool = False
    points: float | None = None


@dataclass(frozen=True)
class CourseCell:
    """One cell of the course's notebook."""

    cell_type: str
    source: str  # of a locked cell with its hidden tests; else as released
    metadata: dict[str, Any]
    cell_id: str
    grade_id: str | None
    role: Literal["locked", "answer", "free"]
    released: str  # what students get to see

    @property
    def name(self) -> str:
        """What the cell is called in remarks."""
        nbgrader = self.metadata.get("nbgrader", {})
        kinds = {"task": "task", "solution": "answer cell", "grade": "test"}
        kind = next((words for flag, words in kinds.items() if nbgrader.get(flag)), "read-only cell")
        return f"the {kind} {self.grade_id}"

    @property
    def texts(self) -> tuple[str, str]:
        """Its text as released and as the course has it, as far as it matters."""
        return trimmed(self.released), trimmed(self.source)


@dataclass(frozen=True)
class CourseNotebook:
    """Everything that the course says about one notebook, as plain data: all cells in order."""

    cells: tuple[CourseCell, ...]
    kernelspec: dict[str, Any] | None
    remarks: tuple[str, ...] = ()  # for the instructor


def recorded_cells(gradebook: Gradebook, notebook: str, assignment: str) -> tuple[dict[str, SourceCellInfo], dict[str, Any] | None]:
    """The cells that `nbgrader generate_assignment`
    recorded, in order, by grade_id, and the kernelspec.
    """
    found = gradebook.find_notebook(notebook, assignment)
    names = {flag: {cell.name for cell in getattr(found, f"{flag}_cells")} for flag in FLAGS}
    points = {cell.name: cell.max_score for cell in [*found.grade_cells, *found.task_cells]}
    cells = {
        cell.name: SourceCellInfo(
            cell_type=cell.cell_type,
            locked=bool(cell.locked),
            source=cell.source or "",
            checksum=cell.checksum,
            points=points.get(cell.name),
            **{flag: cell.name in names[flag] for flag in FLAGS},
        )
        for cell in found.source_cells
    }
    return cells, json.loads(found.kernelspec) if found.kernelspec else None


def course_notebook_from(
    source_path: Path,
    records: Mapping[str, SourceCellInfo] | None,
    *,
    config: Config | None = None,
    kernelspec: dict[str, Any] | None = None,
) -> CourseNotebook:
    """The course's notebook from source/<assignment>/<name>.ipynb
    and from what the gradebook recorded at its release.

    The gradebook decides about the text, type, points and checksum of locked cells and answers, as
    in nbgrader's OverwriteCells. The source notebook decides about the order, the other cells and
    other metadata. nbgrader's own preprocessors under the course's `config` make the release.
    Without records the source notebook decides alone; without a source notebook, the records.
    UnusableSource if neither can be used.
    """
    remarks: list[str] = []
    config = config or Config()
    try:
        notebook = _read_source(source_path)
        cells = _released(notebook, records, _preprocessors(config), config, remarks)
    except Exception as error:  # nbgrader raises all kinds; a broken source must not stop the grading of what was released
        reason = f"cannot be used ({type(error).__name__}: {error})" if source_path.is_file() else "is missing"
        if not records:
            raise UnusableSource(f"The source notebook {source_path} {reason}, and the gradebook has no record of its cells.") from error
        remarks = [f"The source notebook {source_path} {reason}; the gradebook's record of its cells was used alone."]
        notebook = _from_records(records)
        cells = _released(notebook, records, FROM_RECORD, config, remarks)
    return CourseNotebook(tuple(cells), kernelspec or _plain(notebook.metadata.get("kernelspec")) or None, tuple(remarks))


def _read_source(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    if notebook.nbformat_minor < 5:  # without ids: nbformat would invent other ones each time
        for cell in notebook.cells:
            cell.pop("id", None)
    return notebook


def _from_records(records: Mapping[str, SourceCellInfo]) -> NotebookNode:
    """A notebook of the recorded cells alone, in the gradebook's order."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [_recorded_cell(grade_id, info) for grade_id, info in records.items()]
    return notebook


def _recorded_cell(grade_id: str, info: SourceCellInfo) -> NotebookNode:
    nbgrader = {"grade_id": grade_id, "schema_version": 3, "locked": info.locked} | {flag: getattr(info, flag) for flag in FLAGS}
    if info.points is not None:
        nbgrader["points"] = info.points
    return new_cell(info.cell_type, grade_id if is_cell_id(grade_id) else None, {"nbgrader": nbgrader}, info.source)


def _released(
    notebook: NotebookNode, records: Mapping[str, SourceCellInfo] | None, steps: Sequence[type], config: Config, remarks: list[str]
) -> list[CourseCell]:
    """The cells as `nbgrader generate_assignment` releases
    them, with the recorded text where there is one.
    """
    notebook = copy.deepcopy(notebook)
    resources: dict[str, Any] = {"nbgrader": {}, "metadata": {}}
    known = None
    for step in steps:
        if issubclass(step, SaveCells):  # in place of writing to the gradebook
            known = _settled(notebook, records, remarks)
        elif not issubclass(step, InstantiateTests):  # it runs code; its outcome is in the records
            notebook, resources = step(config=config)(notebook, resources)
    known = _settled(notebook, records, remarks) if known is None else known
    return list(_course_cells(notebook, known))


def _preprocessors(config: Config) -> list[type]:
    """What turns a source notebook into its release, in the course's own order."""
    listed = GenerateAssignment.class_traits()["preprocessors"].default()
    if "preprocessors" in config.GenerateAssignment:
        chosen = config.GenerateAssignment.preprocessors
        listed = chosen.get_value(listed) if isinstance(chosen, LazyConfigValue) else chosen
    return [import_item(entry) if isinstance(entry, str) else entry for entry in listed]


def _settled(notebook: NotebookNode, records: Mapping[str, SourceCellInfo] | None, remarks: list[str]) -> dict[str, SourceCellInfo]:
    """Write the records over the notebook's cells; without
    records, make them as nbgrader's SaveCells does.
    """
    marked = {_grade_id(cell): cell for cell in notebook.cells if _is_marked(cell)}
    if not records:
        return {grade_id: _as_saved(cell) for grade_id, cell in marked.items()}
    unknown = [grade_id for grade_id in marked if grade_id not in records]
    if unknown:
        remarks.append(f"The source notebook has cells that were not released ({', '.join(unknown)}). Run `nbgrader generate_assignment`.")
        notebook.cells = [cell for cell in notebook.cells if not _is_marked(cell) or _grade_id(cell) in records]
    at = 0
    for grade_id, info in records.items():
        if grade_id not in marked:
            remarks.append(f"The source notebook no longer has the cell {grade_id}, which was released; the gradebook's copy was used.")
            marked[grade_id] = _recorded_cell(grade_id, info)
            notebook.cells.insert(at, marked[grade_id])
        if info.grade and info.locked and _is_another_test(marked[grade_id].source, info.source):
            remarks.append(
                f"The test {grade_id} is another one in the source notebook than in the release, which was used. "
                "Run `nbgrader generate_assignment`."
            )
        _write_over(marked[grade_id], info)
        at = next(index for index, cell in enumerate(notebook.cells) if cell is marked[grade_id]) + 1
    return dict(records)


def _is_another_test(source: str, recorded: str) -> bool:
    """Whether a test's text has changed since its release.

    A test that nbgrader fills in at release always differs.
    """
    return "AUTOTEST" not in source and trimmed(source) != trimmed(recorded)


def _is_marked(cell: NotebookNode) -> bool:
    return utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell)


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.nbgrader["grade_id"]


def _as_saved(cell: NotebookNode) -> SourceCellInfo:
    nbgrader = cell.metadata.nbgrader
    flags = {flag: bool(nbgrader.get(flag)) for flag in FLAGS}
    points = float(nbgrader["points"]) if flags["grade"] or flags["task"] else None
    return SourceCellInfo(cell.cell_type, bool(utils.is_locked(cell)), cell.source, nbgrader.get("checksum"), points=points, **flags)


def _write_over(cell: NotebookNode, info: SourceCellInfo) -> None:
    """Replace text, type, points and kind by the recorded ones where they differ."""
    nbgrader = cell.metadata.nbgrader
    cell.source = info.source
    if cell.cell_type != info.cell_type:
        cell.cell_type = info.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
    for flag in FLAGS:
        if bool(nbgrader.get(flag)) != getattr(info, flag):
            nbgrader[flag] = getattr(info, flag)
    if bool(utils.is_locked(cell)) != info.locked:
        nbgrader["locked"] = info.locked
    if info.points is not None and nbgrader.get("points") != info.points:
        nbgrader["points"] = info.points


def _course_cells(notebook: NotebookNode, known: Mapping[str, SourceCellInfo]) -> Iterator[CourseCell]:
    taken: set[str] = set()
    for position, cell in enumerate(notebook.cells):
        grade_id = _grade_id(cell) if _is_marked(cell) else None
        info = None if grade_id is None else known.get(grade_id)
        metadata = _plain(cell.metadata)
        if info is None:
            metadata.pop("nbgrader", None)
        elif info.checksum is not None:
            metadata["nbgrader"]["checksum"] = info.checksum
        wishes: tuple[Any, ...] = (cell.get("id"), grade_id, f"cell-{position:03d}")
        identity = free_id(next(wish for wish in wishes if is_cell_id(wish)), taken)
        taken.add(identity)
        yield CourseCell(
            cell_type=cell.cell_type,
            source=info.source if info else cell.source,
            metadata=metadata,
            cell_id=identity,
            grade_id=grade_id if info else None,
            role="free" if info is None else "locked" if info.locked else "answer",
            released=cell.source,
        )


def _plain(value: Any) -> Any:
    """A copy without nbformat's types."""
    return json.loads(json.dumps(value))


def trimmed(text: str) -> str:
    """The text without trailing blanks and trailing
    empty lines, which editors remove by themselves.
    """
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def new_cell(
    kind: str, identity: str | None, metadata: dict[str, Any], source: str, attachments: dict[str, Any] | None = None
) -> NotebookNode:
    """A cell of format 4.5 that has not run."""
    cell: dict[str, Any] = {"cell_type": kind, "metadata": copy.deepcopy(metadata), "source": source}
    if identity is not None:
        cell["id"] = identity
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif attachments:
        cell["attachments"] = attachments
    return nbformat.from_dict(cell)
