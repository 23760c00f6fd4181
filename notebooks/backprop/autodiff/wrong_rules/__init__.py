"""The wrong backward rules that learners follow, each written once, with an id and words.

A rule gives an operand's contribution in place of the true one: rule(g, op, i), where `g` holds
gradients at the operation's output, with a first axis for those that are computed together, `op` is
the operation and `i` the operand's position. It returns None where it does not apply. `{place}` in
the words is the operation, `{operand}` the receiver of the wrong contribution.
"""

from functools import cache

from .functions import UNARY_RULES
from .matrices import MATRIX_PRODUCT_RULES
from .products import PRODUCT_RULES, UNIT_RULES
from .rule import ACTIVATIONS, CALLED, CURVED, UNARY, WrongRule, with_other
from .softmax import SOFTMAX_RULES
from .sums import AXIS_RULES, SUM_RULES

__all__ = ["ACTIVATIONS", "CALLED", "CURVED", "RULES", "UNARY", "WrongRule", "rules_for", "with_other"]

RULES = (*UNARY_RULES, *PRODUCT_RULES, *UNIT_RULES, *SUM_RULES, *AXIS_RULES, *MATRIX_PRODUCT_RULES, *SOFTMAX_RULES)


@cache
def rules_for(kind: str) -> tuple[WrongRule, ...]:
    """The wrong rules that can be followed at an operation of this kind."""
    return tuple(rule for rule in RULES if kind in rule.kinds)
