"""What is said where contributions along several paths are combined wrongly."""

from dataclasses import dataclass

from ..translation import N_, _
from .places import Path


@dataclass(frozen=True)
class PathWords:
    """What is said of several paths, or of one of them.

    plain     where none is meant, or the one cannot be told from the others
    through   where it leads through a {node}, or an operation
    directly  where it leads directly to a {node} that another path reaches as well
    """

    plain: str
    through: str = ""
    directly: str = ""

    def filled(self, path: Path | None) -> str:
        """The words, translated, for this path."""
        if path is None or not self.through:
            return _(self.plain)
        return _(self.directly if path.is_direct else self.through, node=path.node)


ONE_PATH = PathWords(
    N_("Yours has one of them."),
    N_("Yours has only the one through {node}."),
    N_("Yours has only the one that leads directly to {node}."),
)
PATH_LEFT_OUT = PathWords(
    N_("One of them is missing."),
    N_("Yours leaves out the one through {node}."),
    N_("Yours leaves out the one that leads directly to {node}."),
)
PATH_TURNED = PathWords(
    N_("In yours one has the wrong sign."),
    N_("In yours the one through {node} has the wrong sign."),
    N_("In yours the one that leads directly to {node} has the wrong sign."),
)
PATHS_AVERAGED = PathWords(N_("Yours are averaged."))
PATHS_WITHOUT_SIGN = PathWords(N_("They are added with their signs; yours are added without."))
