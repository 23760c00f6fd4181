"""The options of a course: nbgrader's own, and
c.Grading.<option> in the same nbgrader_config.py.
"""

import os
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import Config, LoggingConfigurable

from autograder.running.executor import Executor
from autograder.running.imports import Imports
from autograder.running.loader import PRELOAD, Loader
from autograder.sandbox.limits import MEBI, Limits
from autograder.times import zone_named

from .findings import Separation


class CourseNotFound(Exception):
    """This is no nbgrader course; the message says what to do."""


class OptionProblem(Exception):
    """An option of the course has a value that cannot be used; the message says which."""


class Grading(LoggingConfigurable):
    """How submissions are run. Sizes are in MiB, times in seconds."""

    sandbox = Enum(
        ("auto", "require", "off"), "auto", help="Isolation around student code: the best there are, or none at all without them."
    ).tag(config=True)
    workers = Integer(0, help="Submissions graded at once; 0: one for each processor.").tag(config=True)
    cell_seconds = Float(30.0, help="Wall time of a cell, and of a call of a student's function. Execute.timeout sets it too.").tag(
        config=True
    )
    notebook_seconds = Float(300.0, help="Wall time of a notebook.").tag(config=True)
    cpu_seconds = Integer(300, help="Processor time of the student's process.").tag(config=True)
    memory_mib = Integer(2048, help="Memory that a student's process may use beyond what is loaded at its start.").tag(config=True)
    processes = Integer(64, help="Processes and threads of a submission at once.").tag(config=True)
    file_mib = Integer(64, help="The largest file: handed in, or written by student code.").tag(config=True)
    disk_mib = Integer(256, help="All files of a submission together.").tag(config=True)
    open_files = Integer(256, help="Files open at once.").tag(config=True)
    output_mib = Integer(1, help="What one cell may print and show.").tag(config=True)
    answer_mib = Integer(64, help="The largest value that a student's function may return.").tag(config=True)
    separation = Enum(
        list(map(str, Separation)),
        str(Separation.AUTO),
        help="Where tests run: apart from the student's code; together with it, as in stock nbgrader; or auto: apart, "
        "and together only those that the course's own solution does not pass otherwise.",
    ).tag(config=True)
    separation_for = Dict(Enum(list(map(str, Separation))), help="The same for single assignments, by name, in place of `separation`.").tag(
        config=True
    )
    require_reference = Bool(True, help="Grade only if the course's own solution gets full points in every test.").tag(config=True)
    preload = List(
        Unicode(),
        list(PRELOAD),
        help="Modules that are loaded once, before any submission; by default what the assignment imports.",
    ).tag(config=True)
    readable = List(Unicode(), [], help="Folders outside the submission that student code may read, such as a data set.").tag(config=True)

    timezone = Unicode(
        "", help="The zone of times that name none, as most platforms write them: 'Europe/Berlin', 'America/New_York'. Empty: ask."
    ).tag(config=True)

    def zone(self) -> ZoneInfo | None:
        """The time zone of the course, if it says one.

        OptionProblem if there is none of that name.
        """
        zone = zone_named(self.timezone) if self.timezone else None
        if self.timezone and zone is None:
            raise OptionProblem(
                f"c.Grading.timezone is {self.timezone!r}, which is no time zone. "
                "Use a name such as 'Europe/Berlin', 'America/New_York' or 'UTC'."
            )
        return zone

    def limits(self) -> Limits:
        """What one submission may use."""
        values: dict[str, Any] = {}
        for field in fields(Limits):
            short = field.name.removesuffix("_bytes")
            values[field.name] = getattr(self, f"{short}_mib") * MEBI if field.name.endswith("_bytes") else getattr(self, field.name)
        if "timeout" in self.config.Execute and "cell_seconds" not in self.config.Grading:
            values["cell_seconds"] = float(self.config.Execute.timeout or self.notebook_seconds)
        return Limits(**values)

    def executor(
        self, sandbox: str | None = None, *, imports: Imports | None = None, rehearsal: Sequence[str] = (), loader: Loader | None = None
    ) -> Executor:
        """What runs notebooks under these options; to be entered with `with`.

        imports    what the assignment imports, to be loaded in place of the default of `preload`
        rehearsal  what the tests' forkserver does once
        loader     a process that loads already
        """
        chosen = imports if list(self.preload) == list(PRELOAD) else None  # else the course says what to load
        return Executor(
            self.limits(),
            sandbox or self.sandbox,
            preload=chosen.everywhere if chosen else self.preload,
            for_tests=chosen.tests if chosen else [],
            for_students=chosen.students if chosen else [],
            readable=[Path(path) for path in self.readable],
            rehearsal=rehearsal,
            loader=loader,
        )

    def separation_of(self, assignment: str) -> Separation:
        """Where the tests of an assignment run."""
        return Separation(self.separation_for.get(assignment, self.separation))

    def worker_count(self) -> int:
        """How many submissions to grade at once."""
        return self.workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else self.workers or os.cpu_count() or 1


def course_options(course: Path) -> tuple[Config, CourseDirectory]:
    """The course's configuration as nbgrader reads it:
    from the folder, ~/.jupyter and Jupyter's other places.

    CourseNotFound if the folder is no course, and no configuration names another one as
    `CourseDirectory.root`.
    """
    folder = course.resolve()
    if not folder.is_dir():
        raise CourseNotFound(f"{course} is no folder. Name the one that `autograder init` or nbgrader made.")
    with chdir(folder):
        app = NbGrader()
        app.load_config_file()
    config = Config(app.config)
    root = config.CourseDirectory.get("root")
    config.CourseDirectory.root = str((folder / str(root)).resolve() if root else folder)
    directory = CourseDirectory(config=config)
    source = Path(directory.format_path(directory.source_directory, ".", "x")).parent
    if not (root or (folder / "nbgrader_config.py").is_file() or source.is_dir()):
        raise CourseNotFound(
            f"{course} has neither nbgrader_config.py nor {source.name}/, so it is no course directory. "
            "Name the folder that `autograder init` or nbgrader made."
        )
    return config, directory
