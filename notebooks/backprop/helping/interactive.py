"""All use of IPython: showing a report, inserting code,
and a short message for a name that is not defined yet.
"""

import re
import sys
from types import ModuleType
from typing import Any

from ..front_end import FrontEnd, front_end
from ..translation import _

CALL = re.compile(r"\s*(?P<owner>\w+)\.(?P<exercise>\w+)\.(?:check|hint|inputs|referee)\(")


def shell() -> Any:
    """The running IPython shell, or None in plain Python."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def in_notebook() -> bool:
    """Whether a notebook's kernel is running, whose front end shows Markdown and widgets."""
    return hasattr(shell(), "kernel")


def show(thing: Any) -> None:
    """Display `thing`: rich in a notebook, as text elsewhere."""
    if shell() is None:
        print(thing)
        return
    from IPython.display import display

    display(thing)


def offer_code(code: str) -> None:
    """Print `code`, and in a notebook put it into a new cell below, ready to run and change.

    A front end that does not write cells still shows what was printed, which can be copied.
    """
    print(code)
    running = shell()
    if running is not None:
        running.set_next_input(code)


def allow_widgets() -> None:
    """Let Google Colab show the pictures, which are widgets that are not its own."""
    if front_end() is FrontEnd.COLAB:
        from google.colab import output

        output.enable_custom_widget_manager()


def explain_missing_names() -> None:
    """Answer with one sentence where a check's line uses a name that is missing or overwritten."""
    running = shell()
    if running is not None:
        running.set_custom_exc((NameError, AttributeError), _on_missing)


def _on_missing(running: Any, kind: type, error: NameError | AttributeError, trace: Any, tb_offset: int | None = None) -> None:
    """IPython's handler. The error stays an error: nbgrader must see that the cell failed."""
    line = _failing_line(running, trace)
    words = _about_name(line, error) if isinstance(error, NameError) else _about_exercises(line, error, running.user_ns)
    if words:
        running._showtraceback(kind, kind(words), [words])
    else:
        running.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _about_name(line: str, error: NameError) -> str:
    if ".check(" in line and error.name and f"({error.name}" in line.replace(" ", ""):
        return _("{name} is not defined yet. Run the cell above that defines it, then run this one again.", name=error.name)
    return ""


def _about_exercises(line: str, error: AttributeError, space: dict[str, Any]) -> str:
    """Where `ex` has become something else than the lesson's exercises."""
    called = CALL.match(line)
    if called is None or called["exercise"] != error.name:
        return ""
    owner = space.get(called["owner"])
    if isinstance(owner, ModuleType) or owner is not error.obj:
        return ""
    what = _("a number") if isinstance(owner, (int, float)) else _("of the type {type}", type=type(owner).__name__)
    return _(
        "{name} is now {what}, and no longer the lesson's exercises. Run the lesson's first code cell, then this one again.",
        name=called["owner"],
        what=what,
    )


def _failing_line(running: Any, trace: Any) -> str:
    """The source line of the cell at which the error
    arose; empty if it arose in a function called there.
    """
    import linecache

    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    if not frames or frames[-1].tb_frame.f_globals is not running.user_ns or frames[-1].tb_frame.f_code.co_name != "<module>":
        return ""
    return linecache.getline(frames[-1].tb_frame.f_code.co_filename, frames[-1].tb_lineno)
