"""One module for each lesson, under the lesson's name: what
is asked, how PyTorch answers, which mistakes are known.

from backprop.exercises import chain_rule as ex
"""

from collections.abc import Callable
from difflib import get_close_matches

from ..exercise import Exercise
from ..translation import _


class UnknownExercise(AttributeError):
    """A lesson was asked for an exercise that it does not have."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def lesson(namespace: dict[str, object]) -> tuple[dict[str, Exercise], Callable[[str], Exercise]]:
    """A lesson module's exercises by name, and its `__getattr__`.

    For a misspelt exercise that lists the names that there are.
    """
    by_name = {value.name: value for value in namespace.values() if isinstance(value, Exercise)}

    def unknown(name: str) -> Exercise:
        if name.startswith("__"):
            raise AttributeError(name)  # Python itself asks modules for such names
        near = get_close_matches(name, by_name, n=1)
        sentences = [
            _("This lesson has no exercise called {name}.", name=name),
            *([_("Did you mean {name}?", name=near[0])] if near else []),
            _("It has: {names}.", names=", ".join(by_name)),
        ]
        raise UnknownExercise(" ".join(sentences))

    return by_name, unknown
