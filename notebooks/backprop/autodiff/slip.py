"""A slip: a wrong rule at a place of a backward pass, and what is said of it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from .recording import Changes


@dataclass(frozen=True, eq=False)
class Slip:
    """A wrong rule at a place.

    key      the same for the same slip in another recording
    id       the misunderstanding
    find     the names of the nodes whose gradient is the first wrong one, as far as they have names
    changes  what it does to the backward pass
    say      what the learner is told: the misunderstanding and the place, never the answer
    in_combining  whether it is made where links are combined: then derivatives of an inner node are
                  right
    """

    key: Hashable
    id: str
    find: Callable[[], tuple[str, ...]] = field(repr=False)
    changes: Changes
    say: Callable[[], str] = field(repr=False)
    in_combining: bool = False

    @property
    def nodes(self) -> tuple[str, ...]:
        """What `find` gives: few of all slips are asked for it."""
        return self.find()

    @property
    def words(self) -> str:
        """What the learner is told."""
        return self.say()
