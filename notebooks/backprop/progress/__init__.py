"""What a learner has done: the table of contents, the records, the standing of each lesson, the map."""

import warnings
from typing import Any


def __getattr__(name: str) -> Any:
    """`from backprop.progress import progress`, as lessons handed out before version 0.2 have it."""
    if name != "progress":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..progress_bar import progress_bar

    warnings.warn("`backprop.progress.progress` is now `backprop.progress_bar.progress_bar`.", DeprecationWarning, stacklevel=2)
    return progress_bar
