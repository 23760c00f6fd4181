"""The reference: what lessons and instructors call, from signatures and docstrings;
and the commands, from their help.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

import backprop
import typer
from backprop import pictures
from backprop.command.console import app as command
from backprop.course_map import course_map
from backprop.exercise import Exercise, Mistake
from typer.cli import get_docs_for_click

from autograder.cli import app as autograder

TABLE = re.compile(r"^\S.*?\s{2,}\S", re.MULTILINE)
METHODS = ("check", "hint", "inputs", "referee")


def reference_page() -> str:
    """What a lesson calls, and what an author declares."""
    functions = [getattr(pictures, name) for name in pictures.__all__ if inspect.isfunction(getattr(pictures, name))]
    parts = [
        "# Reference\n\n## Exercises, as learners call them\n",
        *(_entry(f"ex.NAME.{name}", getattr(Exercise, name), method=True) for name in METHODS),
        "## Pictures\n",
        *(_entry(function.__name__, function) for function in functions),
        "## The course\n",
        _entry("course_map", course_map),
        _entry("backprop.environment_report", backprop.environment_report),
        "## Declaring an exercise\n",
        _entry("Exercise", Exercise),
        _entry("Mistake", Mistake),
    ]
    return "\n".join(parts)


def command_page() -> str:
    """Both commands with all their options."""
    return "# Commands\n\n" + "\n".join(_command(name, app) for name, app in (("backprop", command), ("autograder", autograder)))


def _command(name: str, app: typer.Typer) -> str:
    obj = typer.main.get_command(app)
    text = get_docs_for_click(obj=obj, ctx=typer.Context(obj, info_name=name), name=name)
    return re.sub(r"^(#+ )", r"#\1", text, flags=re.MULTILINE)


def _entry(name: str, thing: Callable[..., Any], *, method: bool = False) -> str:
    """A heading with the name, the signature, and the docstring."""
    signature = inspect.signature(thing)
    if method:
        signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    call = f"{name}{signature.replace(return_annotation=signature.empty)}"
    return f"### {name}\n\n```python\n{_short(call)}\n```\n\n{_docstring(inspect.getdoc(thing) or '')}\n"


def _short(call: str) -> str:
    """A signature without the modules of its types."""
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z][a-z])", "", call).replace("'", "")


def _docstring(text: str) -> str:
    """Paragraphs as they are, and lists of names with their meanings,
    which are aligned by spaces, in fixed-width letters.
    """
    paragraphs = text.split("\n\n")
    return "\n\n".join(f"```text\n{part}\n```" if TABLE.search(part) else part for part in paragraphs)
