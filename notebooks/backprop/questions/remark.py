"""A true statement about an answer whose behaviour is measured, for answers that fit no mistake."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace


@dataclass(frozen=True)
class Remark:
    """What is said where a property holds of the learner's numbers on every sample.

    words  what the learner is told
    holds  the property; its argument has what was measured, by the name of the link
    """

    words: str
    holds: Callable[[SimpleNamespace], bool]
