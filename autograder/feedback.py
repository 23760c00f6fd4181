"""Preprocessors for pages that show a graded notebook, used by a course's nbgrader_config.py."""

import base64
import re
from pathlib import Path
from typing import Any

from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_locked
from traitlets import Bool

from .clean import as_written, clean_count, clean_markdown, clean_output, clean_text

FIGURE_LINK = re.compile(r"\]\(((?:\.\./)?img/[\w.-]+\.svg)\)")
LANGUAGE = re.compile(r"[A-Za-z][\w+-]{0,20}", re.ASCII)
GRADE_ID = re.compile(r"[\w-]{1,200}", re.ASCII)
CELL_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
WORDS_ONLY = "could-not-be-read"  # the id of a cell that says why there is nothing to show of a submission
WIDGETS = "application/vnd.jupyter.widget-state+json"


class EmbedFigures(Preprocessor):
    """Put the figures that a notebook links to into the
    notebook, so that one HTML file is the whole page.

    nbconvert's own `embed_images` repairs each piece of HTML by itself and so closes the folded
    hints too early.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the links of one Markdown cell; a figure that is not there keeps its link."""
        if cell.cell_type == "markdown":
            cell.source = with_figures(cell.source, resources)
        return cell, resources


class CleanStudentContent(Preprocessor):
    """Make the student's cells harmless to whoever opens the page. The course's own cells stay.

    The grader has written into a cell's metadata whether it is the course's. Without that,
    nbgrader's locked cells are. It must be the first of `HTMLExporter.default_preprocessors`: the
    others trust a cell's metadata, and nbconvert stops at a notebook that is not valid after each
    of them.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean all cells and the notebook's metadata,
        and set the language for the colouring of code.
        """
        nb.metadata = clean_metadata(nb.metadata)
        for position, cell in enumerate(nb.cells):
            nb.cells[position] = clean_students_cell(cell, position, resources) if is_students(cell) else clean_courses_cell(cell)
        if self.parent is not None and hasattr(self.parent, "register_filter"):  # the exporter has looked at the language before this
            language = nb.metadata.language_info
            lexer = language.get("pygments_lexer", language.name)
            self.parent.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self.parent))
        return nb, resources


def with_figures(source: str, resources: dict[str, Any]) -> str:
    """Markdown with each figure in place of the link to it."""
    folder = Path(resources.get("metadata", {}).get("path", "."))

    def embedded(link: re.Match[str]) -> str:
        drawing = drawing_link(folder, link[1])
        return f"]({drawing})" if drawing else link[0]

    return FIGURE_LINK.sub(embedded, source)


def drawing_link(folder: Path, link: str) -> str:
    """The figure that a notebook in `folder` links to, as a data URL; empty if there is none."""
    drawing = _drawing(folder / link.removeprefix("../"))
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}" if drawing else ""


def is_students(cell: NotebookNode) -> bool:
    """Whether a cell is the student's to write."""
    mark = cell.metadata.get("autograder")
    if isinstance(mark, dict) and "owner" in mark:
        return mark["owner"] != "course"
    return not (isinstance(cell.metadata.get("nbgrader", {}), dict) and is_locked(cell))


def clean_metadata(metadata: Any) -> NotebookNode:
    """A notebook's metadata reduced to its language
    and the state of widgets, each in valid form.
    """
    metadata = metadata if isinstance(metadata, dict) else {}
    language, widgets = metadata.get("language_info"), metadata.get("widgets")
    words = {key: language.get(key) for key in ("name", "pygments_lexer")} if isinstance(language, dict) else {}
    words = {key: word for key, word in words.items() if isinstance(word, str) and LANGUAGE.fullmatch(word)}
    kept = NotebookNode(language_info=NotebookNode({"name": "python", **words}))
    if isinstance(widgets, dict) and isinstance(widgets.get(WIDGETS), dict) and isinstance(widgets[WIDGETS].get("state"), dict):
        kept.widgets = NotebookNode({WIDGETS: widgets[WIDGETS]})
    return kept


def clean_students_cell(cell: NotebookNode, position: int, resources: dict[str, Any] | None = None) -> NotebookNode:
    """A student's cell made anew: Markdown becomes clean HTML, raw text is shown as source."""
    name, kind = str(cell.get("id", "")), cell.get("cell_type")
    cleaned = NotebookNode(
        id=name if CELL_ID.fullmatch(name) else f"student-{position}",
        cell_type="code" if kind == "code" else "markdown",
        metadata=_students_metadata(cell.metadata),
        # ClearHiddenTests stops at this marker wherever it stands
        source=clean_text(cell.get("source", "")).replace("HIDDEN TESTS", "HIDDEN\N{NO-BREAK SPACE}TESTS"),
    )
    if kind == "code":
        cleaned.execution_count = clean_count(cell.get("execution_count"))
        outputs = cell.get("outputs")
        cleaned.outputs = [clean_output(output) for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
    else:
        written = with_figures(cleaned.source, resources or {}) if kind == "markdown" else as_written(cleaned.source)
        cleaned.source = clean_markdown(written, cell.get("attachments"))
    return cleaned


def clean_courses_cell(cell: NotebookNode) -> NotebookNode:
    """A cell of the course, with the text that it shows of the student's code made harmless."""
    if cell.cell_type == "code":
        cell.execution_count = clean_count(cell.get("execution_count"))
        cell.outputs = [clean_output(output) if output.output_type in ("stream", "error") else output for output in cell.outputs]
    return cell


def _students_metadata(metadata: Any) -> NotebookNode:
    """The parts of a student's cell's metadata that
    nbgrader reads, in valid form, and whose the cell is.
    """
    kept = NotebookNode(autograder=NotebookNode(owner="student"))
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str) and GRADE_ID.fullmatch(marks["grade_id"]):
        flags = NotebookNode({key: marks.get(key) is True for key in ("grade", "solution", "task", "locked")})
        points = marks.get("points")
        if flags.solution or flags.task or not flags.grade:  # a test is never the student's
            kept.nbgrader = flags | {"grade_id": marks["grade_id"], "points": points if isinstance(points, int | float) else 0}
    return kept


def _drawing(file: Path) -> bytes | None:
    """The file if it is a drawing; a submission may have put any other thing in its place."""
    content = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
    return content if content.lstrip().startswith((b"<svg", b"<?xml")) else None
