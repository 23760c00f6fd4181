"""A shell in the tests' own process, which finds everything afterwards as it was."""

import builtins
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.running.shell import Shell, make_shell


@contextmanager
def shell_here() -> Iterator[Shell]:
    """While it is there, it is this process's main module, and `get_ipython()` gives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", sys.modules["__main__"])
        patch.setattr(sys, "displayhook", sys.displayhook)
        patch.setattr(sys, "excepthook", sys.excepthook)
        names = vars(builtins)
        before = dict(names)
        try:
            yield make_shell()
        finally:
            Shell.clear_instance()
            for added in names.keys() - before.keys():
                del names[added]
            names.update(before)
