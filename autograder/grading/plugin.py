"""Two preprocessors for nbgrader's own commands: `nbgrader
autograde` and formgrader's button then grade in the same way.

c.Autograde.sanitize_preprocessors = ["autograder.grading.plugin.PutRight"]
c.Autograde.autograde_preprocessors = ["autograder.grading.plugin.RunApart",
"nbgrader.preprocessors.SaveAutoGrades", ...]
"""

import atexit
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder.plain_text import one_line
from autograder.running.executor import Executor

from . import class_run, reference
from .assemble import Assembled, assemble
from .assignment import Assignment, read_assignment
from .gradebook import GradebookWriter
from .marking import shortcuts_told, staged
from .notebook_repair import read_notebook
from .notebook_run import OWNER, job_for, written
from .options import Grading
from .submission import read_submission


class PutRight(NbGraderPreprocessor):
    """Replaces nbgrader's sanitizing steps: every
    graded and locked cell becomes what the course has.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Put the cells right; each then says who owns it."""
        side = _side(self).notebooks[resources["nbgrader"]["notebook"]]
        assembled = assemble(side.cells, read_notebook(_as_bytes(nb)))
        for cell, owner in zip(assembled.notebook.cells, assembled.owners):
            cell.metadata[OWNER] = {"owner": owner}
        for remark in assembled.remarks:
            self.log.warning("%s/%s: %s", resources["nbgrader"]["student"], resources["nbgrader"]["notebook"], one_line(remark.words))
        return assembled.notebook, resources


class RunApart(NbGraderPreprocessor):
    """Replaces nbgrader's Execute: student code runs
    in the sandbox, tests in a process of their own.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Run the notebook and put its outputs in."""
        about = resources["nbgrader"]
        side, directory = _side(self), _directory(self)
        executor = _executor(self.config)
        submitted = Path(directory.root) / directory.format_path(directory.submitted_directory, about["student"], about["assignment"])
        limits = executor.limits
        submission = read_submission(
            submitted, side.notebooks, largest_file=limits.file_bytes, largest_total=limits.disk_bytes, zone=side.zone
        )
        owners = [cell.metadata.get(OWNER, {}).get("owner", "student") for cell in nb.cells]
        assembled = Assembled(nb, owners, [])
        with staged(executor, submission, side) as folder:
            ours = side.notebooks[about["notebook"]]
            kept = class_run.results(executor, side, ours)
            findings = reference.findings(executor, side).notebooks[about["notebook"]]
            executed = executor.run(job_for(assembled, ours, folder, executor.course_files(side), kept, findings))
        notebook, notes = written(assembled, executed, executor.isolation.words)
        for words in [*executed.remarks, *notes, *shortcuts_told(assembled, executed, ours)]:
            self.log.warning("%s/%s: %s", about["student"], about["notebook"], one_line(words))
        return notebook, resources


def _as_bytes(nb: NotebookNode) -> bytes:
    return nbformat.writes(nb, version=4).encode("utf-8", errors="replace")


def _directory(preprocessor: NbGraderPreprocessor) -> CourseDirectory:
    return preprocessor.parent.parent.coursedir


def _side(preprocessor: NbGraderPreprocessor) -> Assignment:
    directory = _directory(preprocessor)
    with GradebookWriter(directory.db_url, directory.course_id, config=preprocessor.config) as records:
        plan = records.assignment(directory.assignment_id)
    key = directory.root, directory.assignment_id, repr(plan)
    if key not in _sides:
        _sides.clear()
        _sides[key] = read_assignment(plan, directory, preprocessor.config)
    return _sides[key]


_sides: dict[tuple[str, str, str], Assignment] = {}


def _executor(config: Config) -> Executor:
    """One executor for all submissions that this process grades; it ends with the process."""
    key = repr(sorted(config.Grading.items())), repr(sorted(config.Execute.items()))
    if key not in _executors:
        executor = Grading(config=config).executor()
        executor.__enter__()
        atexit.register(executor.__exit__)
        _executors[key] = executor
    return _executors[key]


_executors: dict[tuple[str, str], Executor] = {}
