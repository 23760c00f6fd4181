"""Finds the assignment's notebooks among submitted files, by their cells and not by their names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from nbformat.notebooknode import NotebookNode

from autograder.grading.gradebook_plan import AssignmentPlan, NotebookPlan, SourceCell
from autograder.grading.notebook_repair import UnreadableNotebook, read_notebook
from autograder.markers import without_hidden_tests, without_mark_scheme

ENOUGH = 0.3  # of the assignment's cells
DEFINITION = re.compile(r"^(?:def|class) \w+", re.MULTILINE)


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook: its share of the
    assignment's cells, and how many answers were changed.
    """

    path: str
    content: bytes
    share: float
    worked: int
    problem: str = ""  # why it cannot be read


@dataclass
class Choice:
    """The chosen files, by the name of the assignment's
    notebook, and what was found beside them.
    """

    chosen: dict[str, Candidate] = field(default_factory=dict)
    passed_over: dict[str, list[Candidate]] = field(default_factory=dict)  # other copies of the same notebook
    others: list[str] = field(default_factory=list)  # notebooks of something else
    unreadable: list[Candidate] = field(default_factory=list)

    @cached_property
    def paths(self) -> set[str]:
        """The paths of the chosen files."""
        return {candidate.path for candidate in self.chosen.values()}


def choose(files: Mapping[str, bytes], plan: AssignmentPlan) -> Choice:
    """Choose the file for each notebook of the assignment.

    It is the one with most of the notebook's cells and, among copies, the one in which most answers
    were changed.
    """
    choice = Choice()
    found: dict[str, list[Candidate]] = {}
    for path, content in files.items():
        if not _may_be_notebook(path, content):
            continue
        try:
            notebook = read_notebook(content)
        except UnreadableNotebook as problem:
            if is_notebook_name(path):
                choice.unreadable.append(Candidate(path, content, 0, 0, str(problem)))
            continue
        best = max(plan.notebooks.values(), key=lambda known: (_share(notebook, known), _is_named(path, known.name)))
        share = _share(notebook, best)
        if share >= ENOUGH or (_is_named(path, best.name) and _exact_name(path, best.name)):
            found.setdefault(best.name, []).append(Candidate(path, content, share, _worked(notebook, best)))
        elif is_notebook_name(path):
            choice.others.append(path)
    for name, candidates in found.items():
        candidates.sort(key=lambda one: (one.worked, one.share, _exact_name(one.path, name), len(one.content)), reverse=True)
        choice.chosen[name] = candidates[0]
        distinct = [one for one in candidates[1:] if one.content != candidates[0].content]
        if distinct:
            choice.passed_over[name] = distinct
    _take_unreadable(choice, plan)
    return choice


def is_notebook_name(path: str) -> bool:
    """Whether a file is called like a notebook, whatever a browser or mail program has appended."""
    return ".ipynb" in PurePosixPath(path).name.lower()


def _may_be_notebook(path: str, content: bytes) -> bool:
    return is_notebook_name(path) or (path.lower().endswith((".json", ".txt")) and content.lstrip()[:1] == b"{" and b'"cells"' in content)


def _take_unreadable(choice: Choice, plan: AssignmentPlan) -> None:
    """Use a damaged notebook where there is no other: grading reports what is wrong with it."""
    for name in plan.notebooks:
        mine = [one for one in choice.unreadable if _is_named(one.path, name) or len(plan.notebooks) == 1]
        if name not in choice.chosen and mine:
            choice.chosen[name] = mine[0]


def _is_named(path: str, name: str) -> bool:
    return PurePosixPath(path).name.lower().startswith(name.lower())


def _exact_name(path: str, name: str) -> bool:
    return PurePosixPath(path).name == f"{name}.ipynb"


def _share(notebook: NotebookNode, plan: NotebookPlan) -> float:
    """The share of the assignment's named cells that a notebook has.

    Where its metadata was lost, a locked cell is recognised by its text, and an answer by the
    function or class that it defines.
    """
    names = {cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    names |= {cell.get("id") for cell in notebook.cells}
    texts = {cell.source.strip() for cell in notebook.cells}
    defined = {words for text in texts for words in DEFINITION.findall(text)}
    present = sum(
        name in names or _released_text(cell.source) in texts if cell.locked else name in names or bool(_defines(cell) & defined)
        for name, cell in plan.sources.items()
    )
    return present / len(plan.sources) if plan.sources else 0.0


def _released_text(source: str) -> str:
    """A locked cell as students have it: the gradebook's copy holds what they do not see too."""
    return without_mark_scheme(without_hidden_tests(source)).strip() or source


def _defines(cell: SourceCell) -> set[str]:
    return set(DEFINITION.findall(cell.source))


def _worked(notebook: NotebookNode, plan: NotebookPlan) -> int:
    """How many answers differ from the release."""
    released = {cell.source.strip() for name, cell in plan.sources.items() if name in plan.solutions}
    by_name = {_name(cell): cell.source.strip() for cell in notebook.cells if _name(cell)}
    answers = [by_name.get(name) for name in plan.solutions if name in plan.sources]
    if any(answer is not None for answer in answers):
        return sum(answer is not None and answer not in released and bool(answer) for answer in answers)
    texts = {cell.source.strip() for cell in notebook.cells}
    return len(released - texts)


def _name(cell: NotebookNode) -> str:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or cell.get("id", "")
