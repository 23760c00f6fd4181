"""Where submissions are marked: the interface between
the process that writes marks and what runs notebooks.

The writing process reads the submissions, gives each to a `Marker`, and writes the outcomes. It
runs no notebook itself. `LocalMarker` runs notebooks on this machine. A marker elsewhere sends a
submission as `submission_bytes`, has `mark_bytes` called with them in a process that holds an
executor of its own, and reads the answer with `outcome_from_bytes`.

What is sent, in both directions, is plain data of `codec` and never a pickle:

    there   the student's folder name and what was handed in, as `Submission` has it: the bytes of
            the notebooks and of the other files, the time, the remarks made on reading, the
            fingerprint
    back    the executed notebooks as the JSON text of .ipynb files, flags, and which notebooks
            could not be read

The other side is given, once: the assignment, to be made there by `read_assignment` from the
course's source folder and the gradebook's plan, so that `Assignment.fingerprint` is the same on
both sides; the limits; and `Prepared.as_dict()`, so that every submission of a class is compared
with the same reference.
"""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.running import codec
from autograder.running.executor import Executor

from .assignment import Assignment
from .marking import Outcome, mark_submission, without_notebooks
from .prepared import Prepared
from .submission import Submission


class Marker(Protocol):
    """Marks submissions of one assignment, several at once."""

    @property
    def at_once(self) -> int:
        """How many submissions to hand over before the first outcome is awaited."""

    def submit(self, student: str, submission: Submission) -> Future[Outcome]:
        """Have a submission marked.

        The future's exception is a fault of the grader's own, never of the submission's.
        """

    def stop(self) -> None:
        """End what is under way, and wait until it has ended."""


class LocalMarker:
    """Marks on this machine, `workers` submissions at a time."""

    def __init__(self, executor: Executor, assignment: Assignment, prepared: Prepared, workers: int) -> None:
        self.executor, self.assignment, self.prepared = executor, assignment, prepared
        self.at_once = 2 * workers
        self._pool = ThreadPoolExecutor(workers)

    def submit(self, student: str, submission: Submission) -> Future[Outcome]:
        """Have a submission marked by the next thread that is free."""
        return self._pool.submit(mark_submission, self.executor, self.assignment, student, submission, self.prepared)

    def stop(self) -> None:
        """End every notebook that is running, and the executor with them."""
        self.executor.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)


def mark_bytes(executor: Executor, assignment: Assignment, prepared: Prepared, handed_in: bytes) -> bytes:
    """Mark one submission that came as `submission_bytes`; for `outcome_from_bytes`."""
    student, submission = submission_from_bytes(handed_in)
    return outcome_bytes(mark_submission(executor, assignment, student, submission, prepared))


def submission_bytes(student: str, submission: Submission) -> bytes:
    """A submission, to be sent to where it is marked."""
    return codec.encode([student, vars(submission)])


def submission_from_bytes(data: bytes) -> tuple[str, Submission]:
    """What `submission_bytes` was given. NotEncodable if these are other bytes."""
    student, parts = codec.decode(data)
    return student, Submission(**parts)


def outcome_bytes(outcome: Outcome) -> bytes:
    """An outcome without the files that the sender of the submission has already."""
    parts: dict[str, Any] = vars(outcome) | {
        "pages": {name: json.dumps(page) for name, page in outcome.pages.items()},
        "notebooks": {name: notebook is not None for name, notebook in outcome.notebooks.items()},
    }
    del parts["files"]
    return codec.encode(parts)


def outcome_from_bytes(data: bytes, submission: Submission) -> Outcome:
    """The outcome of this submission.

    NotEncodable if these are other bytes than `outcome_bytes` made.
    """
    parts = codec.decode(data)
    pages: dict[str, NotebookNode] = {name: nbformat.from_dict(json.loads(text)) for name, text in parts["pages"].items()}
    notebooks = {name: pages[name] if readable else None for name, readable in parts["notebooks"].items()}
    return Outcome(**parts | {"pages": pages, "notebooks": notebooks, "files": without_notebooks(submission.files)})
