"""The helper module that every lesson imports: exercises, their checks, and the figures.

    from backprop.exercises import chain_rule as ex
    ex.one_path.check(one_path)      # is my derivative right, and if not, which link is wrong?
    ex.one_path.hint()               # the next hint
    ex.one_path.referee()            # PyTorch's side, as code to run and change

Any Python 3 can read this file: an old Python, or one without the course's packages, is told here
in one sentence what to run.
"""

import importlib.util
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SetupProblem", "environment_report", "exercises"]


class SetupProblem(ImportError):
    """The environment cannot run the course; the message says what to do about it."""

    def _render_traceback_(self) -> "list[str]":
        return [str(self)]  # IPython prints this in place of a traceback


def require_environment(version: "Sequence[int] | None" = None, find: "Callable[[str], object]" = importlib.util.find_spec) -> None:
    """Raise SetupProblem unless this Python is new enough and has every package."""
    from .translation import _  # every Python 3 can read it too

    found = sys.version_info if version is None else version
    cure = _(
        "run `make lab` in the course folder (or `conda activate backprop`, or `pip install backprop-by-hand`) and open the lesson there"
    )
    if tuple(found[:2]) < (3, 11):
        old = "%d.%d" % (found[0], found[1])
        raise SetupProblem(_("This is Python {version} and the course needs 3.11 or newer: {cure}.", version=old, cure=cure))
    from .environment import NEEDED  # only now: an old Python cannot read it

    missing = [name for name in NEEDED if find(name) is None]
    if missing:
        names = ", ".join(missing)
        raise SetupProblem(_("This Python has no {names}, so the course's environment is not active: {cure}.", names=names, cure=cure))


def environment_report() -> str:
    """Say in words what is installed here, and what is missing."""
    from .environment import environment_report as report

    return report()


try:
    require_environment()
except SetupProblem as problem:
    if os.path.basename(sys.argv[0]).split(".")[0] == "backprop":
        sys.exit(str(problem))  # the command, which would print a traceback
    raise

# PyTorch and NumPy read this when they are loaded. The course's arrays are tiny, so several threads
# would mostly wait for each other, for seconds on a busy machine. A number of threads that is
# already set in the environment is kept, and so is whatever `torch.set_num_threads` sets, before or
# after.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from . import exercises  # noqa: E402  (only after the environment is known to be whole)
from .helping import cells, interactive  # noqa: E402

interactive.explain_missing_names()
cells.watch()
interactive.allow_widgets()
