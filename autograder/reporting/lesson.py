"""An assignment in the course: its exercises in order, each with its section and figure."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

HEADING = re.compile(r"^#{1,4}\s+(?P<words>.+?)\s*#*\s*$", re.MULTILINE)
TITLE = re.compile(r"^#\s+(?P<words>.+?)\s*$", re.MULTILINE)
SECTION = re.compile(r"^##\s", re.MULTILINE)
FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<link>(?:\.\./)?img/[\w.-]+\.svg)\)")


@dataclass(frozen=True)
class Figure:
    """A figure of the lesson: its file's name, and what it shows in words."""

    name: str
    alt: str


@dataclass(frozen=True)
class Item:
    """One exercise of an assignment."""

    name: str
    section: str
    figure: Figure | None


@dataclass(frozen=True)
class LessonOutline:
    """An assignment's exercises, and where its figures are."""

    assignment: str
    title: str
    items: tuple[Item, ...] = ()
    folder: Path | None = None
    by_hand: tuple[str, ...] = ()  # answers and tasks that a person marks

    def link(self, figure: Figure) -> str:
        """The figure as a link that holds the figure itself; empty if its file is not there."""
        path = self.folder / "img" / figure.name if self.folder else None
        if path is None or not path.is_file():
            return ""
        return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}"


def read_lesson(assignment: str, folder: Path) -> LessonOutline:
    """The assignment with source notebooks in
    `folder`; without exercises if they cannot be read.
    """
    items: list[Item] = []
    titles, by_hand = [], []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError):
            continue
        titles += [found["words"] for cell in notebook.cells[:3] if cell.cell_type == "markdown" and (found := TITLE.search(cell.source))]
        items += _items(notebook)
        by_hand += [
            cell.metadata.nbgrader.grade_id
            for cell in notebook.cells
            if utils.is_task(cell) or (utils.is_grade(cell) and utils.is_solution(cell))
        ]
    return LessonOutline(assignment, titles[0] if titles else assignment, tuple(items), folder, tuple(by_hand))


def _items(notebook: NotebookNode) -> Iterator[Item]:
    """The exercises with a check, each with its figure: the last
    one before it in its section, or else the first after it.
    """
    for cells in _sections(notebook):
        heading, figure = "", None
        waiting: list[tuple[str, str]] = []  # names, each with its heading
        for cell in cells:
            if cell.cell_type == "markdown":
                heading = next(reversed(HEADING.findall(cell.source)), heading)
                for found in FIGURE.finditer(cell.source):
                    figure = Figure(Path(found["link"]).name, found["alt"])
                    yield from (Item(name, words, figure) for name, words in waiting)
                    waiting = []
            elif utils.is_grade(cell) and not utils.is_solution(cell):
                name = cell.metadata.nbgrader.grade_id
                if figure is None:
                    waiting.append((name, heading))
                else:
                    yield Item(name, heading, figure)
        yield from (Item(name, words, None) for name, words in waiting)


def _sections(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """The cells below each heading of the second level, without the answers."""
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and SECTION.search(cell.source) and cells:
            yield cells
            cells = []
        if not utils.is_solution(cell):
            cells.append(cell)
    yield cells
