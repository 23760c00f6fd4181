"""What the reference's run showed of names that tests
use: what functions return and do to their arguments.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Self


class EffectKind(StrEnum):
    """What a call does beside its result."""

    CHANGES = "changes"  # an argument has other contents afterwards
    GRADIENT = "gradient"  # an argument has another .grad, and is otherwise the same
    RETURNS = "returns"  # the result, or a part of it, is an argument itself and no copy


class Effect(NamedTuple):
    """An effect of a call on one argument, by position
    or keyword; `place` is its place in the result.
    """

    kind: EffectKind
    argument: int | str
    place: int | str | None = None


@dataclass(frozen=True)
class Known:
    """What is known of names: `f` itself, `f()` what it returns,
    `data` an attribute, `f()[]` a part of what f returns.
    """

    plain: frozenset[str] = frozenset()  # was plain data, each time
    objects: frozenset[str] = frozenset()  # held an object of the notebook's, at least once
    effects: dict[str, frozenset[Effect]] = field(default_factory=dict)
    varies: frozenset[str] = frozenset()  # functions that gave another answer to the same call

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            **{name: sorted(getattr(self, name)) for name in ("plain", "objects", "varies")},
            "effects": {name: [list(effect) for effect in sorted(effects, key=repr)] for name, effects in self.effects.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The way back."""
        effects = {
            name: frozenset(Effect(EffectKind(kind), argument, place) for kind, argument, place in listed)
            for name, listed in data["effects"].items()
        }
        return cls(**{name: frozenset(data[name]) for name in ("plain", "objects", "varies")}, effects=effects)


@dataclass
class Notes:
    """What a run shows of names, as it goes on; `known` is the sum of it."""

    plain: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    effects: dict[str, set[Effect]] = field(default_factory=dict)
    varies: set[str] = field(default_factory=set)
    ran: dict[str, set[str]] = field(default_factory=dict)  # by function, what it ran in place of a derivation by hand

    def known(self) -> Known:
        """What is known now."""
        effects = {name: frozenset(found) for name, found in self.effects.items()}
        return Known(frozenset(self.plain - self.objects), frozenset(self.objects), effects, frozenset(self.varies))
