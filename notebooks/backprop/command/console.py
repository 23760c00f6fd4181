"""`backprop lab [FOLDER]` and `backprop check-environment`."""

import os
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from ..environment import PROJECT, inspect_environment
from ..progress.next_lesson import next_notebook
from ..translation import _, ngettext
from .copying import LessonFile, LessonsProblem, Outcome, put_lessons

FOLDER = Path("backprop-by-hand")

app = typer.Typer(help="Back-propagation by hand: the lessons in JupyterLab.", no_args_is_help=True, add_completion=False)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version(PROJECT))
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    """Back-propagation by hand: the lessons in JupyterLab."""


@app.command()
def lab(
    folder: Annotated[Path, typer.Argument(help="Where the lessons are, or are to be.")] = FOLDER,
    jupyter: Annotated[list[str] | None, typer.Argument(metavar="[-- OPTIONS]", help="Options for JupyterLab, after --.")] = None,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the lessons and do not start JupyterLab.")] = False,
) -> None:
    """Copy the lessons into FOLDER where they are not there yet,
    and open the next one in JupyterLab.

    A lesson that you have changed is never overwritten. If this version has a newer one,
    it is named.
    """
    if str(folder).startswith("-"):
        words = _("{option} is an option. Name the folder first: backprop lab {folder} -- {option}", option=folder, folder=FOLDER)
        raise typer.BadParameter(words)
    try:
        put = put_lessons(folder, version(PROJECT))
    except LessonsProblem as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    for line in _summary(put, folder):
        typer.echo(line)
    if not copy_only:
        _open(folder.resolve(), jupyter or [])


@app.command()
def check_environment() -> None:
    """Say what is installed here and what is missing.

    Exit status: 0, the lessons can be run; 1, something is missing.
    """
    ready, report = inspect_environment()
    typer.echo(report)
    raise typer.Exit(0 if ready else 1)


def _summary(put: list[LessonFile], folder: Path) -> list[str]:
    """What was done, and which lessons this version has newer ones of."""
    lines = []
    copied, updated = (sum(file.outcome is outcome for file in put) for outcome in (Outcome.COPIED, Outcome.UPDATED))
    if copied:
        lines.append(ngettext("{count} file copied to {folder}", "{count} files copied to {folder}", copied, folder=folder))
    if updated:
        words = ngettext(
            "{count} file not changed by you, and replaced by newer ones in {folder}",
            "{count} files not changed by you, and replaced by newer ones in {folder}",
            updated,
            folder=folder,
        )
        lines.append(words)
    outdated = [file for file in put if file.outcome is Outcome.OUTDATED]
    if outdated:
        lines.append(_("This version has newer files than these, which you have changed. Yours are kept:"))
        lines += [f"  {file.name} ({_began_with(file)})" for file in outdated]
        lines.append(_("To get a newer one, move or rename yours, and run this command again."))
    return lines


def _began_with(file: LessonFile) -> str:
    return _("from version {version}", version=file.began_with) if file.began_with else _("version not known")


def _open(folder: Path, options: list[str]) -> None:
    """JupyterLab in this process, without nbgrader's tools for instructors,
    at the notebook that is next.
    """
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        words = _("JupyterLab is not installed here: pip install jupyterlab. The lessons are in {folder}.", folder=folder / "notebooks")
        typer.echo(words, err=True)
        raise typer.Exit(1) from None
    settings = str(files(__package__) / "jupyter")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [settings, os.environ.get("JUPYTER_CONFIG_PATH")]))
    address = f"/lab/tree/notebooks/{next_notebook(folder / 'notebooks')}"
    LabApp.launch_instance(argv=[f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={address}", *options])
