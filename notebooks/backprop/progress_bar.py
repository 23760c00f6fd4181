"""A bar that fills while a loop runs, and a line of text that stays when it is done."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from .helping.interactive import in_notebook
from .translation import _

Item = TypeVar("Item")


def progress_bar(rounds: Sequence[Item], words: str) -> Iterator[Item]:
    """Go through `rounds` behind a progress bar.

    A line of plain text, which says how far it came, replaces the bar at the end.
    """
    start, done = time.perf_counter(), 0
    widgets = _bar(len(rounds), words) if in_notebook() else None
    try:
        for item in rounds:
            yield item
            done += 1
            if widgets:
                widgets[0].value = done
    finally:
        seconds = time.perf_counter() - start
        said = _("{words}: {done} of {count} rounds in {seconds:.1f} s", words=words, done=done, count=len(rounds), seconds=seconds)
        if widgets is None:
            print(said)
        else:
            bar, display = widgets
            bar.close()
            display.update({"text/plain": said}, raw=True)


def _bar(length: int, words: str) -> tuple[Any, Any]:
    """A bar on the page, and the handle of the place where it is."""
    import ipywidgets
    from IPython.display import display

    bar = ipywidgets.IntProgress(max=length, description=words)
    said = _("{words}: {count} rounds", words=words, count=length)  # for pages without widgets
    looks = bar._repr_mimebundle_() | {"text/plain": said}
    return bar, display(looks, raw=True, display_id=True)
