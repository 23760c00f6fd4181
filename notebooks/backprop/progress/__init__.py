"""A learner's progress: the table of contents,
the records, the standing of each lesson, the map.
"""

import warnings
from typing import Any


def __getattr__(name: str) -> Any:
    """Support `from backprop.progress import progress`,
    as in lessons released before version 0.2.
    """
    if name != "progress":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..progress_bar import progress_bar

    warnings.warn("`backprop.progress.progress` is now `backprop.progress_bar.progress_bar`.", DeprecationWarning, stacklevel=2)
    return progress_bar
