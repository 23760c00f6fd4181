"""The zips that services take: an assignment, this
grader, and the scripts that the service calls.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from importlib.resources import files
from pathlib import Path
from string import Template

import backprop
import nbformat
from nbgrader import utils

import autograder
from autograder.grading.options import course_options
from autograder.markers import stubbed

from .from_source import assignment_named

MADE = (2026, 1, 1, 0, 0, 0)  # the time of every file in a zip, so that the same course gives the same zip
STUB = "raise NotImplementedError()"
PLAIN_NAME = re.compile(r"[\w .+-]+")
NOT_IN_A_PACKAGE = ("__pycache__", ".pyc")
SAME_FOLDER = "\n\n# The course is where this file is.\nc.CourseDirectory.root = ''\n"


class BundleProblem(Exception):
    """The zip cannot be written; the message says why."""


@dataclass(frozen=True)
class ServiceBundle:
    """A service's zip.

    scripts    files of its own, by their path in the zip: templates of this package in which
               $assignment is filled in
    at         the folder of the course, the grader and its requirements
    solutions  whether the course's solutions are included, which is safe only where students cannot
               read it
    """

    name: str
    scripts: dict[str, str]
    at: str
    next_step: str
    solutions: bool = True

    def write(self, course: Path, assignment: str, output: Path | None = None) -> Path:
        """Write the zip, by default into the course's folder bundles/; return its path.

        CourseNotFound or NoSuchAssignment if there is no such course or assignment, BundleProblem
        if the zip cannot be written.
        """
        _, directory = course_options(course)
        name = assignment_named(directory, assignment)
        if not PLAIN_NAME.fullmatch(name):
            raise BundleProblem(f"The assignment's name {name!r} is written into scripts: use letters, digits, blanks, and ._+- only.")
        source = Path(directory.format_path(directory.source_directory, ".", name))
        path = output or course / "bundles" / f"{name}-{self.name}.zip"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for inside, content in sorted(self._contents(Path(directory.root), source, name)):
                    _add(archive, inside, content)
        except OSError as error:
            raise BundleProblem(f"{path} could not be written: {error.strerror or error}.") from error
        return path

    def _contents(self, root: Path, source: Path, assignment: str) -> Iterator[tuple[str, bytes]]:
        for inside, template in self.scripts.items():
            text = files(__package__).joinpath("templates", template).read_text(encoding="utf-8")
            yield inside, Template(text).safe_substitute(assignment=assignment).encode()
        yield f"{self.at}requirements.txt", requirements().encode()
        for package in (autograder, backprop):
            yield from _package(Path(str(package.__file__)).parent, f"{self.at}package/")
        config = root / "nbgrader_config.py"
        text = config.read_text(encoding="utf-8") if config.is_file() else "c = get_config()\n"
        yield f"{self.at}course/nbgrader_config.py", (text + SAME_FOLDER).encode()
        for path in sorted(path for path in source.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts):
            content = path.read_bytes() if self.solutions or path.suffix != ".ipynb" else _without_solutions(path)
            yield f"{self.at}course/source/{assignment}/{path.relative_to(source).as_posix()}", content


def requirements() -> str:
    """The requirements of this grader, as the text of requirements.txt, without those of extras."""
    return "".join(f"{line}\n" for line in sorted(requires("backprop-by-hand") or []) if "extra ==" not in line)


def _package(folder: Path, at: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.endswith(NOT_IN_A_PACKAGE) for part in path.parts):
            yield f"{at}{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _add(archive: zipfile.ZipFile, inside: str, content: bytes) -> None:
    about = zipfile.ZipInfo(inside, MADE)
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = (0o755 if content.startswith(b"#!") else 0o644) << 16
    archive.writestr(about, content)


def _without_solutions(path: Path) -> bytes:
    """The source notebook, hidden tests in it, with the stub in place of each solution."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if utils.is_solution(cell):
            cell.source = stubbed(cell.source, STUB if cell.cell_type == "code" else "Your answer")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook).encode()


BUNDLES: dict[str, ServiceBundle] = {
    bundle.name: bundle
    for bundle in (
        ServiceBundle(
            "gradescope",
            {"setup.sh": "gradescope_setup.sh", "run_autograder": "gradescope_run.sh"},
            "",
            "Upload it on Gradescope: Configure Autograder, with Ubuntu 24.04 as base image.",
        ),
        ServiceBundle(
            "prairielearn",
            {
                "Dockerfile": "prairielearn.Dockerfile",
                "question/info.json": "prairielearn_info.json",
                "question/question.html": "prairielearn_question.html",
                "question/tests/run.sh": "prairielearn_run.sh",
            },
            "question/tests/",
            "Publish the image that the Dockerfile makes. Put its name and a uuid into question/info.json, and question/ into the course.",
        ),
        ServiceBundle(
            "github-classroom",
            {".github/workflows/classroom.yml": "github_classroom.yml"},
            ".github/grader/",
            "Unpack it into the assignment's template repository. It holds no solutions; students can read the hidden tests.",
            solutions=False,
        ),
    )
}
