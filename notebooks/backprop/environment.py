"""What is installed here beside what the course was made with, in words: lesson 00 prints it."""

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .translation import N_, _

PROJECT = "backprop-by-hand"
OLDEST_PYTHON = (3, 11)
NEEDED = {
    "numpy": N_("your functions are written with it"),
    "torch": N_("it says whether you are right"),
    "matplotlib": N_("it draws the figures"),
    "ipywidgets": N_("it makes the button under a hint"),
    "anywidget": N_("it shows the pictures that you can move"),
    "networkx": N_("it lays the figures' graphs out"),
}
USEFUL = {
    "jupyterlab": N_("you need it where the notebook's server runs, and any other program that opens notebooks will do"),
    "nbgrader": N_("only those need it who hand out and mark the lessons"),
}
CURE = N_(
    "Run `make setup` in the course folder (with conda: `conda env update -f environment.yml`; "
    "with pip: `pip install --upgrade backprop-by-hand`), then restart the kernel."
)


def environment_report(
    python: Sequence[int] | None = None,
    installed: Callable[[str], str] | None = None,
    load: Callable[[str], Any] = importlib.import_module,
    wanted: dict[str, str] | None = None,
) -> str:
    """Say for Python and every package whether it is found, of another version, missing, or broken.

    The first line says whether you can begin.
    """
    return inspect_environment(python, installed, load, wanted)[1]


def inspect_environment(
    python: Sequence[int] | None = None,
    installed: Callable[[str], str] | None = None,
    load: Callable[[str], Any] = importlib.import_module,
    wanted: dict[str, str] | None = None,
) -> tuple[bool, str]:
    """Whether you can begin, and the report in words."""
    from importlib.metadata import version as installed_version  # slow to load, and not needed before

    version = tuple((python or sys.version_info)[:3])
    wanted = made_with() if wanted is None else wanted
    problems, lines = [], []
    shown = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        problems.append("Python")
        lines.append(_line("Python", shown, _("✗ too old: the course needs 3.11 or newer")))
    else:
        lines.append(_line("Python", shown, "✓"))
    for name, use in {**NEEDED, **USEFUL}.items():
        found, words, stands_in_the_way = _state(name, use, installed or installed_version, load, wanted.get(name, ""))
        lines.append(_line(name, found, words))
        problems += [name] if stands_in_the_way else []
    first = _("All is there. You can begin.")
    if problems:
        first = _("Not ready yet: look at {names} below.", names=", ".join(problems)) + " " + _(CURE)
    return not problems, "\n".join([first, "", *lines])


def made_with() -> dict[str, str]:
    """The version of each package that the course was
    made with; empty if the course is not installed.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        requirements = requires(PROJECT) or []
    except PackageNotFoundError:
        return {}
    exact = (re.fullmatch(r"([\w-]+)==([\w.]+)", requirement) for requirement in requirements)
    return {match[1]: match[2] for match in exact if match}


def _state(name: str, use: str, installed: Callable[[str], str], load: Callable[[str], Any], wanted: str) -> tuple[str, str, bool]:
    """The version of one package, a word on it, and whether one cannot begin without mending it."""
    from importlib.metadata import PackageNotFoundError

    try:
        found = installed(name).partition("+")[0]
    except PackageNotFoundError:
        return _("missing"), f"{'✗' if name in NEEDED else '○'} {_(use)}", name in NEEDED
    if name in NEEDED:
        try:
            load(name)
        except Exception as error:  # a broken installation may fail in any way
            broken = _("it is installed and cannot be loaded ({type}: {error})", type=type(error).__name__, error=error)
            return found, f"✗ {broken}; {_(use)}", True
    if wanted and found != wanted:
        return found, _("✓ the course was made with {wanted}; a printed digit may differ", wanted=wanted), False
    return found, "✓", False


def _line(name: str, found: str, words: str) -> str:
    return f"{name:12s} {found:10s} {words}"
