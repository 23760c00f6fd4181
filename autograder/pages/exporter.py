"""The same pages from nbgrader's own `nbgrader generate_feedback`, by configuration.

c.GenerateFeedback.exporter_class = "autograder.pages.exporter.FeedbackExporter"
c.GenerateFeedback.force = True
"""

from pathlib import Path
from typing import Any, cast

from nbconvert.exporters import Exporter
from nbgrader.converters.base import BaseConverter

from .gradebook import read_facts
from .make import course_notebook, fingerprint, page_of


class NoSubmission(Exception):
    """The gradebook does not know the notebook; the message says whose."""


class FeedbackExporter(Exporter):
    """Makes the feedback page of a graded notebook."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_filename(  # type: ignore[override]  # as all exporters of text, it returns text
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of one graded notebook; `resources` holds nbgrader's facts about it."""
        about = (resources or {})["nbgrader"]
        student, assignment, name, source = about["student"], about["assignment"], about["notebook"], Path(filename)
        facts = read_facts(about["db_url"], assignment, [student]).get((student, name))
        if facts is None:
            raise NoSubmission(f"The gradebook has no notebook {name} of {student} in {assignment}. Grade the assignment again.")
        directory = cast("BaseConverter", self.parent).coursedir
        course = course_notebook(Path(directory.root), directory, assignment, name)
        text = page_of(source, facts, self.config, fingerprint(source, facts), course)
        return text, {**(resources or {}), "output_extension": self.file_extension}
