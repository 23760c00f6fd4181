"""Cells of a lesson that use what the learner has yet to write."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...translation import _


@contextmanager
def once_written() -> Iterator[None]:
    """For code that calls functions of the exercises above: where one is
    missing or not started, one sentence says so, and there is no traceback.
    """
    try:
        yield
    except NameError as missing:
        print(_("This cell waits for a cell above: {missing}.", missing=missing))
    except NotImplementedError:
        print(_("This cell waits for an exercise above: a function that it calls is not started yet."))
