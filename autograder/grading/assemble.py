"""Assembles the notebook to run from the cells of the course's notebook and of the student's.

Locked cells (tests and read-only cells) are the course's. Answers are the student's. Everything
else that a student wrote stays in its place. Each repair is remarked on in words.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode

from .course_notebook import FLAGS, CourseCell, CourseNotebook, new_cell, trimmed
from .notebook_repair import free_id, sane_cell

TAGS_THAT_MATTER = {"skip-execution", "raises-exception"}
DEFINED = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)
LIKE_ENOUGH = 0.5
MOST_CANDIDATES = 200  # cells that are compared with one missing answer
LONGEST_COMPARED = 20_000  # characters of a cell that are compared


@dataclass(frozen=True)
class Remark:
    """Something that had to be put right, in words; suspicious if it does not happen by mistake."""

    words: str
    suspicious: bool = False


@dataclass(frozen=True)
class Assembled:
    """The notebook to run: for each cell, whether the course or the student owns it."""

    notebook: NotebookNode
    owners: list[Literal["course", "student"]]
    remarks: list[Remark]


@dataclass(eq=False)
class _Entry:
    """A cell of the notebook to run, from the student or put
    back, and the course's cell that it was matched with.
    """

    cell: NotebookNode
    course: CourseCell | None = None
    copy_of: CourseCell | None = None

    @cached_property
    def text(self) -> str:
        return trimmed(self.cell.source)


@dataclass
class _Desk:
    """The work on one submission."""

    course: CourseNotebook
    entries: list[_Entry]
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, words: str, suspicious: bool = False) -> None:
        self.remarks.append(Remark(words, suspicious))

    def found(self) -> dict[str, int]:
        """Where the cells of the course are, by cell id."""
        return {entry.course.cell_id: index for index, entry in enumerate(self.entries) if entry.course}

    def missing(self, *roles: str) -> list[CourseCell]:
        found = self.found()
        return [cell for cell in self.course.cells if cell.role in roles and cell.cell_id not in found]

    def unclaimed(self) -> list[_Entry]:
        return [entry for entry in self.entries if entry.course is None and entry.copy_of is None]

    def neighbours(self, cell: CourseCell) -> tuple[int | None, int | None]:
        """The places of the nearest cells of the course
        before and after this one that are there.
        """
        found, cells = self.found(), self.course.cells
        at = next(index for index, other in enumerate(cells) if other is cell)
        before = next((found[other.cell_id] for other in reversed(cells[:at]) if other.cell_id in found), None)
        after = next((found[other.cell_id] for other in cells[at + 1 :] if other.cell_id in found), None)
        return before, after

    def gap(self, cell: CourseCell) -> list[_Entry]:
        """The student's unmatched cells of the right
        type between the neighbours of a missing one.
        """
        before, after = self.neighbours(cell)
        between = self.entries[0 if before is None else before + 1 : after]
        fitting = [entry for entry in between if entry.course is None and entry.copy_of is None and entry.cell.cell_type == cell.cell_type]
        return fitting[:MOST_CANDIDATES]


def assemble(course: CourseNotebook, submitted: NotebookNode) -> Assembled:
    """Put the student's cells and the course's together.

    Every cell that the course marked occurs once, with the course's metadata: a locked one with the
    course's text, in the course's order and behind the answers that precede it there; an answer
    with the student's text, or as released if it is missing. All other cells are the student's, in
    the student's order. Nothing in `submitted` needs to be of the right type.
    """
    cells = submitted.get("cells") if isinstance(submitted, Mapping) else None
    desk = _Desk(course, [_Entry(sane_cell(cell)) for cell in (cells if isinstance(cells, list) else [])])
    _claim_by_grade_id(desk)
    _claim_stripped(desk)
    _drop_copies(desk)
    _put_back_answers(desk)
    _place_locked(desk)
    return Assembled(
        notebook=NotebookNode(cells=_finished(desk), metadata=_notebook_metadata(course), nbformat=4, nbformat_minor=5),
        owners=["course" if entry.course and entry.course.role == "locked" else "student" for entry in desk.entries],
        remarks=desk.remarks,
    )


def _claim_by_grade_id(desk: _Desk) -> None:
    """Match cells by the grade_id that they carry.

    Of several with one id, the one whose definitions the check below it used counts, else the last.
    """
    marked = {cell.grade_id: cell for cell in desk.course.cells if cell.grade_id is not None}
    claims: dict[str, list[int]] = {}
    unknown: list[str] = []
    for at, entry in enumerate(desk.entries):
        claim = entry.cell.metadata.get("nbgrader", {})
        grade_id = claim.get("grade_id")
        if isinstance(grade_id, str) and grade_id in marked:
            claims.setdefault(grade_id, []).append(at)
        elif any(claim.get(flag) for flag in (*FLAGS, "locked")):
            unknown.append(str(grade_id)[:40])
    for grade_id, places in claims.items():
        known = marked[grade_id]
        check = _place_of_check(desk.course, known, claims) if known.role == "answer" else None
        chosen = max(places, key=lambda at: (_has_names_of(known, desk.entries[at]), check is None or at < check, at))
        for at in places:
            desk.entries[at].copy_of = known if at != chosen else None
        desk.entries[chosen].course = known
        _compare(desk, known, desk.entries[chosen].cell)
        if len(places) > 1:
            _tell_of_copies(desk, known, places, chosen)
    for claimed in list(dict.fromkeys(reversed(unknown)))[:10]:
        desk.remark(f"a cell says that it is {claimed!r}, which the course does not have; it is an ordinary cell", suspicious=True)


def _place_of_check(course: CourseNotebook, answer: CourseCell, claims: Mapping[str, list[int]]) -> int | None:
    """The submission's place of the first test that follows an answer in the course, or None."""
    behind = iter(course.cells)
    for cell in behind:
        if cell is answer:
            break
    tests = (cell for cell in behind if cell.role == "locked" and cell.metadata["nbgrader"].get("grade"))
    return next((claims[cell.grade_id][-1] for cell in tests if cell.grade_id is not None and cell.grade_id in claims), None)


def _has_names_of(cell: CourseCell, entry: _Entry) -> bool:
    """Whether a copy defines the functions and classes of the released cell."""
    return set(DEFINED.findall(cell.released)) <= set(DEFINED.findall(entry.cell.source))


def _tell_of_copies(desk: _Desk, cell: CourseCell, places: list[int], chosen: int) -> None:
    which = "the last one counts" if chosen == places[-1] else "the one above its check counts"
    differ = cell.role == "answer" and len({desk.entries[at].text for at in places}) > 1
    desk.remark(f"{cell.name} was there {len(places)} times{', and they differ' if differ else ''}; {which}", suspicious=differ)


def _compare(desk: _Desk, cell: CourseCell, seen: NotebookNode) -> None:
    """Say what was changed that a student has no reason to change."""
    own, claim = cell.metadata["nbgrader"], seen.metadata["nbgrader"]
    if cell.role == "locked" and trimmed(seen.source) not in cell.texts:
        desk.remark(f"the text of {cell.name} had been changed and was put back", suspicious=True)
    if seen.cell_type != cell.cell_type:
        desk.remark(f"{cell.name} had been made a {seen.cell_type} cell and is a {cell.cell_type} cell again", suspicious=True)
    if any(own.get(key, False) != claim.get(key, False) for key in (*FLAGS, "locked")):
        desk.remark(f"the kind of {cell.name} had been changed and was put back", suspicious=True)
    if own.get("points") != claim.get("points"):  # mostly the course itself has changed them since its release
        desk.remark(f"{cell.name} had other points; those of the course count")
    tags = set(seen.metadata.get("tags", [])) ^ set(cell.metadata.get("tags", []))
    if tags:
        words = ", ".join(map(repr, sorted(tags)[:5]))
        desk.remark(f"the tags of {cell.name} had been changed ({words}) and were put back", suspicious=bool(tags & TAGS_THAT_MATTER))


def _claim_stripped(desk: _Desk) -> None:
    """Match cells of the course that lost their nbgrader
    metadata: by id, text, similar text, or place.
    """
    repeated = Counter(trimmed(cell.released) for cell in desk.course.cells)
    for cell in desk.missing("free", "answer", "locked"):
        by_id = [entry for entry in desk.unclaimed() if entry.cell.get("id") == cell.cell_id]
        _take(desk, cell, _with_text(cell, by_id) if cell.role == "locked" else by_id)
    for cell in desk.missing("free", "answer", "locked"):
        alone = repeated[trimmed(cell.released)] == 1
        _take(desk, cell, _with_text(cell, desk.unclaimed() if alone else desk.gap(cell)))
    common = _lines_of_several(desk.course)
    for cell in desk.missing("answer"):
        likeness = {entry: _likeness(cell, entry.cell.source, common) for entry in desk.gap(cell)}
        best = max(likeness.values(), default=0)
        _take(desk, cell, [entry for entry, like in likeness.items() if like == best] if best >= LIKE_ENOUGH else [])
    for cell in desk.missing("answer"):
        gap = desk.gap(cell)
        _take(desk, cell, gap if len(gap) == 1 and None not in desk.neighbours(cell) else [])


def _take(desk: _Desk, cell: CourseCell, found: list[_Entry]) -> None:
    """The last of the cells found is the course's cell."""
    if not found:
        return
    found[-1].course = cell
    if cell.role != "free":
        desk.remark(f"{cell.name} had lost its nbgrader metadata and was recognised", suspicious=True)


def _with_text(cell: CourseCell, entries: list[_Entry]) -> list[_Entry]:
    """Those that hold what was released, and not nothing."""
    wanted = trimmed(cell.released)
    return [entry for entry in entries if wanted and entry.text == wanted and entry.cell.cell_type == cell.cell_type]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text[:LONGEST_COMPARED].splitlines() if line.strip()]


def _lines_of_several(course: CourseNotebook) -> set[str]:
    """Lines that tell nothing, because several answers have them as released."""
    count = Counter(line for cell in course.cells if cell.role == "answer" for line in set(_lines(cell.released)))
    return {line for line, times in count.items() if times > 1}


def _likeness(cell: CourseCell, text: str, common: set[str]) -> float:
    """The share of the released text that is still there.

    A nearly equal first line counts as half of it.
    """
    released = [line for line in _lines(cell.released) if line not in common]
    present = _lines(text)
    if not released or not present:
        return 0.0
    share = len(set(released).intersection(present)) / len(set(released))
    if share < LIKE_ENOUGH and get_close_matches(released[0][:200], [line[:200] for line in present[:20]], n=1, cutoff=0.8):
        return LIKE_ENOUGH
    return share


def _drop_copies(desk: _Desk) -> None:
    """Remove copies of locked cells, which would only run twice.

    A copy with another text is the student's own cell.
    """
    desk.entries = [
        entry for entry in desk.entries if entry.copy_of is None or entry.copy_of.role != "locked" or entry.text not in entry.copy_of.texts
    ]


def _put_back_answers(desk: _Desk) -> None:
    """Put missing answers back as released, at the course's place.

    They are never put behind a student's cell that defines the same names.
    """
    answers = [cell for cell in desk.course.cells if cell.role == "answer" and cell.cell_type == "code"]
    times = Counter(name for cell in answers for name in set(DEFINED.findall(cell.released)))
    for cell in desk.missing("answer"):
        before, after = desk.neighbours(cell)
        at = before + 1 if before is not None else after or 0
        names = {name for name in DEFINED.findall(cell.released) if times[name] == 1}
        own = [index for index, entry in enumerate(desk.entries[:at]) if names and _defines(entry, names)]
        desk.entries.insert(min([at, *own]), _Entry(_put_back(cell), cell))
        desk.remark(f"{cell.name} had been deleted and was put back as released: no response")


def _defines(entry: _Entry, names: set[str]) -> bool:
    is_students = entry.course is None or entry.course.role != "locked"
    return is_students and entry.cell.cell_type == "code" and not names.isdisjoint(DEFINED.findall(entry.cell.source))


def _put_back(cell: CourseCell) -> NotebookNode:
    return new_cell(cell.cell_type, cell.cell_id, {}, cell.source)


def _place_locked(desk: _Desk) -> None:
    """Move locked cells behind the answers and locked cells that precede them in the course.

    All others stay where the student has them.
    """
    first = 0  # the first place that is behind all these
    for cell in desk.course.cells:
        if cell.role == "free":
            continue
        at = desk.found().get(cell.cell_id)
        if at is None:
            before, _ = desk.neighbours(cell)
            first = first if before is None else max(first, before + 1)
            desk.entries.insert(first, _Entry(_put_back(cell), cell))
            desk.remark(f"{cell.name} had been deleted and was put back")
            at = first
        elif cell.role == "locked" and at < first:
            first -= 1
            desk.entries.insert(first, desk.entries.pop(at))
            desk.remark(f"{cell.name} stood before cells that it comes after, and was moved behind them")
            at = first
        first = max(first, at + 1)


def _finished(desk: _Desk) -> list[NotebookNode]:
    """The cells to run: the course's with the course's metadata
    and ids, the student's with what remains of theirs.
    """
    taken = {cell.cell_id for cell in desk.course.cells if cell.role != "free"}
    theirs = {entry.cell.get("id", "") for entry in desk.entries}
    cells = []
    for entry in desk.entries:
        cell, course = entry.cell, entry.course
        if course and course.role != "free":
            text = course.source if course.role == "locked" else cell.source
            attachments = cell.get("attachments") if course.role == "answer" else None
            cells.append(new_cell(course.cell_type, course.cell_id, course.metadata, text, attachments))
            continue
        metadata = {key: value for key, value in cell.metadata.items() if key != "nbgrader"}
        own = cell.get("id", "")
        identity = own if own and own not in taken else free_id(f"extra-{len(cells)}", taken | theirs)
        taken.add(identity)
        cells.append(new_cell(cell.cell_type, identity, metadata, cell.source, cell.get("attachments")))
    return cells


def _notebook_metadata(course: CourseNotebook) -> NotebookNode:
    kernelspec = course.kernelspec
    metadata: dict[str, Any] = {"kernelspec": kernelspec} if kernelspec else {}
    if kernelspec and isinstance(kernelspec.get("language"), str):
        metadata["language_info"] = {"name": kernelspec["language"]}
    return nbformat.from_dict(metadata)
