"""The `autograder` command."""

from pathlib import Path
from typing import Annotated

import typer

from .building import lesson_paths, page_paths
from .course import CourseProblem, init_course

app = typer.Typer(help="Make and grade nbgrader courses of the back-propagation lessons.", no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """Make and grade nbgrader courses of the back-propagation lessons."""


@app.command()
def init(course: Annotated[Path, typer.Argument(help="The folder to make; it must be new or empty.")]) -> None:
    """Make an nbgrader course directory: one assignment a lesson, figures and configuration."""
    try:
        written = init_course(course)
    except (CourseProblem, FileNotFoundError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None
    for path in written:
        typer.echo(f"wrote {path}")
    assignments, pages = ([path.stem for path in paths] for paths in (lesson_paths(), page_paths()))
    typer.echo(f"\n{len(assignments)} assignments: {', '.join(assignments)}")
    typer.echo(f"To hand out with them, without points: {', '.join(pages)}\n\nNext:")
    typer.echo(f"  cd {course}\n  nbgrader generate_assignment {assignments[0]}    # release/ then holds what students get")
    typer.echo("  nbgrader --help                                 # release, collect, autograde, feedback, export")
