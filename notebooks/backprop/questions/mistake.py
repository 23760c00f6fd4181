"""A mistake that learners are known to make, as data: its id, its words, and its formulas."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..autodiff.tape import Forward
from ..translation import _


class Mistake:
    """A wrong formula that learners are known to write, and the words that name it.

    id        short and stable, for instructors' tables
    words     what the learner is told: the misunderstanding, never the answer
    program   a forward pass whose gradients are the wrong ones, where the mistake is in the whole
              and not in one link
    formulas  what is wrong, by the name of the link: dL_dw1=lambda v: v.dL_dz * v.w1. `v` holds, as
              NumPy values, the inputs, the nodes and the true gradient at each node. Later links
              follow from the wrong one, as they would in the learner's own code.
    """

    def __init__(
        self,
        id: str,
        words: str,
        *,
        program: Forward | None = None,
        **formulas: Callable[[SimpleNamespace], Any],
    ) -> None:
        self.id = id
        self.declared = words
        self.program = program
        self.formulas = formulas

    @property
    def words(self) -> str:
        """What the learner is told, in their language."""
        return _(self.declared)

    def __repr__(self) -> str:
        return f"Mistake({self.id!r})"
