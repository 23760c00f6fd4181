"""Reads findings from a student's graded notebooks.

A report that no check can have made is ignored.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backprop.checking.findings import FactKind, LinkState
from backprop.checking.report import DATA
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.feedback import WORDS_ONLY, is_students

from .data import ExerciseFinding, Standing, SubmissionFindings
from .wrong_line import wrong_line

WRONG = (LinkState.FIRST_WRONG.name, LinkState.WRONG.name, LinkState.WRONG_ELSEWHERE.name)


def files_of(folder: Path, names: Sequence[str]) -> str:
    """The notebooks of those names in a folder, each
    with its size and the time of its last change.
    """
    found = []
    for name in sorted(names):
        path = folder / f"{name}.ipynb"
        if path.is_file() and not path.is_symlink():
            about = path.stat()
            found.append(f"{name} {about.st_size} {about.st_mtime_ns}")
    return ", ".join(found)


def findings_of(student: str, files: str, notebooks: Mapping[str, NotebookNode]) -> SubmissionFindings:
    """The findings of a submission from its graded notebooks."""
    readable = [notebook for notebook in notebooks.values() if not _is_page_of_words(notebook)]
    exercises = tuple(one for notebook in readable for one in _exercises(notebook))
    return SubmissionFindings(student, files, exercises, readable=bool(readable))


def _is_page_of_words(notebook: NotebookNode) -> bool:
    return any(cell.get("id") == WORDS_ONLY and not is_students(cell) for cell in notebook.cells[:1])


def _exercises(notebook: NotebookNode) -> Iterator[ExerciseFinding]:
    answers: list[NotebookNode] = []
    for cell in notebook.cells:
        if utils.is_solution(cell) or utils.is_task(cell):
            answers.append(cell)
        elif utils.is_grade(cell) and cell.cell_type == "code":
            yield _finding(cell, answers)
            answers = []


def _finding(test: NotebookNode, answers: Sequence[NotebookNode]) -> ExerciseFinding:
    points, most = map(float, utils.determine_grade(test))
    name = test.metadata.nbgrader.grade_id
    reports = [report for made in test.outputs if _is_report(report := made.get("data", {}).get(DATA))]
    standing = _standing(points, most, reports, answers)
    failing = min((report for report in reports if not report["passed"]), key=lambda report: report["hidden"], default=None)
    if standing is Standing.UNTOUCHED or failing is None:
        links = {_link(row): row["state"] for row in reports[0]["rows"]} if reports and standing is Standing.RIGHT else {}
        return ExerciseFinding(name, standing, points, most, links)
    links = {_link(row): row["state"] for row in failing["rows"]}
    first = next((link for link, state in links.items() if state in WRONG), "")
    mistake = failing["mistake"] or ""
    sources = [answer.source for answer in answers if answer.cell_type == "code"]
    return ExerciseFinding(
        name,
        standing,
        points,
        most,
        links,
        first,
        mistake,
        words=failing["advice"][0] if mistake and failing["advice"] else "",
        facts=() if mistake else tuple(dict.fromkeys(fact["kind"] for fact in failing["facts"])),
        hidden=failing["hidden"] and len(reports) > 1,
        line=wrong_line(sources, first, list(links)) if first else "",
    )


def _standing(points: float, most: float, reports: Sequence[dict[str, Any]], answers: Sequence[NotebookNode]) -> Standing:
    if points >= most > 0:
        return Standing.RIGHT
    if (reports and not any(report["started"] for report in reports)) or (answers and all(map(_is_untouched, answers))):
        return Standing.UNTOUCHED
    return Standing.PARTLY if points > 0 else Standing.WRONG


def _is_untouched(answer: NotebookNode) -> bool:
    try:
        return answer.metadata.nbgrader.get("checksum") == utils.compute_checksum(answer)
    except (KeyError, AttributeError, TypeError):  # metadata that a student has changed
        return False


def _link(row: Mapping[str, str]) -> str:
    """A row's link without the entry that is shown: dL_dW1[0, 2] is dL_dW1."""
    return row["link"].partition("[")[0]


def _is_report(data: Any) -> bool:
    """Whether this is a report's data, with all that is read of it here."""
    try:
        return (
            all(isinstance(data[key], bool) for key in ("passed", "started", "hidden"))
            and (data["mistake"] is None or isinstance(data["mistake"], str))
            and all(isinstance(row["link"], str) and row["state"] in LinkState.__members__ for row in data["rows"])
            and all(fact["kind"] in FactKind.__members__ for fact in data["facts"])
            and all(isinstance(words, str) for words in data["advice"])
        )
    except (KeyError, TypeError):
        return False
