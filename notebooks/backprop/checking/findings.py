"""What a check can find, as data: the state of a link, and true statements about a wrong one.

They are put into words where they are shown.
"""

from dataclasses import dataclass
from enum import Enum

from ..translation import N_


class LinkState(Enum):
    """What is true of one link of an answer, on all samples together."""

    RIGHT = N_("right")
    FIRST_WRONG = N_("first wrong link")
    WRONG = N_("wrong")
    WRONG_ELSEWHERE = N_("wrong on other inputs")  # right on the sample that is shown
    GIVEN = "right, given"  # what it should be, given the learner's own earlier links
    EFFECT = "follows"  # what the mistake that is named leads to


class FactKind(Enum):
    """What kind of true statement about a wrong answer."""

    OTHER_ORDER = "the right numbers in another order"
    EQUALS_OTHER = "the value of another quantity"
    SIGN = "the right value with the other sign"
    SIZE = "too large or too small"
    CONSTANT_FACTOR = "a constant times the right value"
    FACTOR = "the right value times or divided by a quantity"
    SHAPE = "the right numbers in another shape"
    LIST = "a list of other arrays"
    OBJECTS = "objects in place of numbers"
    BEHAVIOUR = "what a measured number means"
    ROUNDED = "right to a few digits"
    SAME_ON_ALL = "one number whatever the inputs"
    NOT_REPEATED = "other numbers when it is called again"
    ONE_WRONG_ENTRY = "wrong in some entries only"
    PLACE = "several mistakes fit, at one place"


@dataclass(frozen=True)
class Fact:
    """A true statement about a link: its kind, the link, and what a sentence needs beside these."""

    kind: FactKind
    link: str
    words: str
