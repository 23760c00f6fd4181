"""Remarks for the grader: where they are shown, and when they are replaced.

A remark is in the comment box of the first answer, in grey, and its notebook is flagged in
formgrader's lists. Students do not see it: nbgrader's feedback shows the manual comment, here an
empty one, before the automatic comment with the remark.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .gradebook_rows import Row, Sheet

REMARK = "For the grader: "  # how a remark of ours begins; a regrade knows its own by it
FLAGGED_BEFORE = " (The notebook was flagged already.)"


@dataclass(frozen=True)
class _Remark:
    """A remark as it stands in the gradebook."""

    notebook: Row
    comment: Row
    text: str

    @property
    def flagged_with_it(self) -> bool:
        """Whether the notebook was flagged because of it, and not before."""
        return not self.text.endswith(FLAGGED_BEFORE)

    @property
    def words(self) -> str:
        """What it was made of."""
        return self.text.removeprefix(REMARK).removesuffix(FLAGGED_BEFORE)


def take_remark(sheets: Iterable[Sheet]) -> _Remark | None:
    """Take an earlier run's remark off the submission, and return it."""
    taken = None
    for sheet in sheets:
        for comment in sheet.comments.values():
            text = comment["auto_comment"] or ""
            if text.startswith(REMARK):
                taken = _Remark(sheet.row, comment, text)
                comment["auto_comment"] = None
                comment["manual_comment"] = comment["manual_comment"] or None
    return taken


def place_remark(words: str, sheets: list[Sheet], before: _Remark | None) -> None:
    """Show a remark to graders beside the first answer without a comment, and flag the notebook.

    The empty manual comment hides it from the student. As long as the remark is the same it stays
    in its place, and a flag that a person removed stays removed. When the remark changes, the flag
    that came with it is removed.
    """
    words = words.replace("\0", "")
    if before and before.words == words:
        _show(before.comment, before.text)
        return
    if before and before.flagged_with_it:
        before.notebook["flagged"] = False
    if words and sheets:
        sheet, comment = _best_place(sheets)
        if comment is not None:
            _show(comment, REMARK + words + FLAGGED_BEFORE * bool(sheet.row["flagged"]))
        sheet.row["flagged"] = True


def _show(comment: Row, text: str) -> None:
    comment["auto_comment"] = text
    comment["manual_comment"] = comment["manual_comment"] or ""


def _best_place(sheets: list[Sheet]) -> tuple[Sheet, Row | None]:
    """The comment to use: an empty one that formgrader
    shows, else one with only our remark, else any.
    """
    places = [(sheet, comment) for sheet in sheets for comment in sheet.places()]
    places = places or [(sheet, comment) for sheet in sheets for comment in sheet.comments.values()]
    return min(
        places, key=lambda place: (bool(place[1]["manual_comment"]), place[1]["auto_comment"] is not None), default=(sheets[0], None)
    )  # of equals the first
