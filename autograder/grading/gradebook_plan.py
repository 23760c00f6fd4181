"""What nbgrader's gradebook records about an assignment: its notebooks and their cells."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader import api
from sqlalchemy import select
from sqlalchemy.orm import Session

from .points import Points

RELEASE_FIRST = "Run `nbgrader generate_assignment {}` in the course's folder first."


class GradebookProblem(Exception):
    """The gradebook cannot be read or written.

    The message says why; nothing of the batch was written.
    """


@dataclass(frozen=True)
class GradedCell:
    """A test, a manually graded answer or a task, and what it is worth."""

    name: str
    max_score: float
    cell_type: str


@dataclass(frozen=True)
class SourceCell:
    """A cell as the course released it."""

    name: str
    cell_type: str
    source: str
    locked: bool
    checksum: str | None


@dataclass(frozen=True)
class NotebookPlan:
    """The gradebook's record of one notebook of an
    assignment, with its cells by name, sorted by name.
    """

    name: str
    kernelspec: dict[str, Any] | None
    graded: dict[str, GradedCell]
    tasks: dict[str, GradedCell]
    solutions: tuple[str, ...]
    sources: dict[str, SourceCell]


@dataclass(frozen=True)
class AssignmentPlan:
    """What the gradebook knows of an assignment; notebooks by name, in the order of their names."""

    name: str
    duedate: datetime | None
    notebooks: dict[str, NotebookPlan]

    def points(self) -> Points:
        """What each test and task is worth."""
        return {
            name: {cell.name: cell.max_score for cell in (*notebook.graded.values(), *notebook.tasks.values())}
            for name, notebook in self.notebooks.items()
        }

    def notebook(self, name: str) -> NotebookPlan:
        """One notebook. GradebookProblem if the gradebook does not have it."""
        if name not in self.notebooks:
            raise GradebookProblem(
                f"The gradebook has no notebook {name} in {self.name}; it has {', '.join(self.notebooks)}. "
                f"{RELEASE_FIRST.format(self.name)}"
            )
        return self.notebooks[name]


def read_notebook_plan(db: Session, key: str, name: str, kernelspec: str | None) -> NotebookPlan:
    """The plan of the notebook whose id is `key`."""

    def graded(kind: type[api.GradeCell] | type[api.TaskCell]) -> dict[str, GradedCell]:
        rows = db.execute(select(kind.name, kind.max_score, kind.cell_type).where(kind.notebook_id == key).order_by(kind.name))
        return {row.name: GradedCell(*row) for row in rows}

    source = api.SourceCell
    sources = db.execute(
        select(source.name, source.cell_type, source.source, source.locked, source.checksum)
        .where(source.notebook_id == key)
        .order_by(source.name)
    )
    solutions = db.scalars(select(api.SolutionCell.name).where(api.SolutionCell.notebook_id == key).order_by(api.SolutionCell.name))
    return NotebookPlan(
        name=name,
        kernelspec=json.loads(kernelspec) if kernelspec else None,
        graded=graded(api.GradeCell),
        tasks=graded(api.TaskCell),
        solutions=tuple(solutions),
        sources={row.name: SourceCell(*row) for row in sources},
    )
