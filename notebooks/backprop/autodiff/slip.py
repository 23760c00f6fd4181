"""A slip: a wrong rule at a place of a backward pass, and what is said of it."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field

from .recording import Changes

Key = tuple[Hashable, ...]


@dataclass(eq=False)  # not frozen: thousands are made for one check
class Slip:
    """A wrong rule at a place.

    key      the same for the same slip in another recording
    id       the misunderstanding
    find     the names of the nodes whose gradient is the first wrong one, as far as they have names
    changes  what it does to the backward pass
    say      what the learner is told: the misunderstanding and the place, never the answer
    in_combining  whether it is made where links are combined: then derivatives of an inner node are
                  right
    as_a_whole    whether it is never made at one link alone
    everywhere    whether it is made at all operations of a kind, as by code that works on any graph
    """

    key: Key
    id: str
    find: Callable[[], tuple[str, ...]] = field(repr=False)
    changes: Changes
    say: Callable[[], str] = field(repr=False)
    in_combining: bool = False
    everywhere: bool = False
    as_a_whole: bool = False

    @property
    def nodes(self) -> tuple[str, ...]:
        """What `find` gives: few of all slips are asked for it."""
        return self.find()

    @property
    def words(self) -> str:
        """What the learner is told."""
        return self.say()


LESS_THAN_NO_UPSTREAM = {
    "no-activation-slope",
    "no-hidden-slope",
    "no-gate",
    "no-outgoing-weight",
    "lost-factor",
    "lost-division",
    "missing-scale",
    "missing-root-d",
    "bias-equals-weight",
    "factors-added",
    "add-treated-as-multiply",
}
# Of two names for the same numbers, the one that says more.
SAYS_MORE = {
    "squared-residual-kept": {"power-kept", "slope-at-output"},
    "power-kept": {"slope-at-output"},
    "lost-power-factor": {"input-for-slope", "lost-factor-two"},
    "lost-factor-two": {"input-for-slope"},
    "one-path": {"path-left-out", "overwrite"},
    "one-path-to-input": {"path-left-out", "overwrite", "one-path", "one-sample"},
    "overwrite": {"path-left-out", "one-sample"},
    "no-activation-slope": {"another-functions-slope", "outer-at-inner-slope", "slopes-one-layer-off"},
    "no-hidden-slope": {"no-activation-slope", "another-functions-slope", "outer-at-inner-slope", "slopes-one-layer-off"},
    "no-gate": {"no-activation-slope", "no-hidden-slope", "another-functions-slope", "outer-at-inner-slope", "slopes-one-layer-off"},
    "value-for-slope": {"another-functions-slope"},
    "softplus-slope-is-softplus": {"another-functions-slope"},
    "softplus-slope-is-sigmoid-slope": {"another-functions-slope"},
    "power-not-raised": {"slope-twice"},
    "lost-upstream": LESS_THAN_NO_UPSTREAM,
    "constant-bias": LESS_THAN_NO_UPSTREAM | {"lost-upstream"},
    "upstream-ignored": LESS_THAN_NO_UPSTREAM | {"lost-upstream"},
    "upstream-dropped": LESS_THAN_NO_UPSTREAM | {"lost-upstream"},
    "paths-subtracted": {"sign-turned"},
    "reversed-residual": {"sign-turned", "slope-sign", "sign-lost"},
    "loss-sign": {"sign-turned", "slope-sign", "sign-lost"},
    "residual-sign": {"sign-turned", "slope-sign", "sign-lost"},
    "sign-lost": {"sign-turned"},
    "slope-sign": {"sign-turned"},
    "no-outgoing-weight": {"lost-factor", "lost-division"},
    "bias-equals-weight": {"no-outgoing-weight", "lost-factor", "lost-division"},
    "sums-multiplied": {"every-unit-gets-the-sum"},
    "own-operand": {"other-quantity", "other-unit", "activation-for-pre-activation"},
    "pre-activation-for-activation": {"other-quantity"},
    "input-for-activation": {"other-quantity", "other-unit", "bias-like-weight"},
    "other-unit": {"other-quantity", "units-swapped"},
    "uphill": {
        "reversed-residual",
        "loss-sign",
        "residual-sign",
        "sign-turned",
        "slope-sign",
        "sign-lost",
        "absolute-paths",
        "paths-subtracted",
    },
    # After a softmax, gradients add up to 0, so what is made of their sums never arrives.
    "frozen-parameter": {"path-left-out", "one-path", "overwrite", "sums-multiplied", "own-operand", "no-outgoing-weight"},
    "first-output-only": {"one-sample"},
    "slope-twice": {"cross-entropy-shortcut"},
    "wrong-loss": {"slope-twice"},
    "second-term-forgotten": {"mean-unweighted"},
    "sigmoid-formula-for-another": {"another-functions-slope"},
    "tanh-formula-for-another": {"another-functions-slope"},
    "gate-on-wrong-sign-carrier": {"gate-on-upstream"},
    "gate-without-bias": {"inner-argument", "gate-on-wrong-sign-carrier"},
    "sign-turned": {"absolute-paths"},
    "paths-averaged": {"split-at-add"},
    "elementwise-softmax": {"slope-twice"},
}


def most_telling(ids: Collection[str]) -> str | None:
    """The name that says more than each of the others; None if there is none such."""
    return next((one for one in ids if set(ids) <= {one} | SAYS_MORE.get(one, set())), None)
