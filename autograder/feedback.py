"""What the feedback page for students needs beyond stock nbgrader; named in a course's nbgrader_config.py."""

import base64
import re
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from traitlets import Bool

FIGURE_LINK = re.compile(r"\]\(((?:\.\./)?img/[\w.-]+\.svg)\)")


class EmbedFigures(Preprocessor):
    """Put the figures that a notebook links to into the notebook itself, so that one HTML file holds the whole page.

    nbconvert's own `embed_images` closes the folded hints too early: it mends each piece of HTML by itself.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the links of one Markdown cell; a figure that is not there keeps its link."""
        folder = Path(resources.get("metadata", {}).get("path", "."))

        def embedded(link: re.Match[str]) -> str:
            file = folder / link[1].removeprefix("../")
            return f"](data:image/svg+xml;base64,{base64.b64encode(file.read_bytes()).decode()})" if file.is_file() else link[0]

        if cell.cell_type == "markdown":
            cell.source = FIGURE_LINK.sub(embedded, cell.source)
        return cell, resources
