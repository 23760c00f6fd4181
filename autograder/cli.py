"""The `autograder` command."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .running.imports import begun

app = typer.Typer(help="Make and grade nbgrader courses of the back-propagation lessons.", no_args_is_help=True, add_completion=False)

Course = Annotated[Path, typer.Argument(help="The course's folder.")]
Assignment = Annotated[str, typer.Argument(help="The assignment's name, such as 01_chain_rule.")]


@contextmanager
def _importing() -> Iterator[None]:
    """Leave what is imported out of garbage collection, now and later: none of it is garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@app.callback()
def main() -> None:
    """Make and grade nbgrader courses of the back-propagation lessons."""
    # nbgrader looks for the environment's other commands by their names.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


@app.command()
def init(
    course: Annotated[Path, typer.Argument(help="The folder to make; it must be new or empty.")],
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    lessons: Annotated[list[str] | None, typer.Option(help="Only these, by number or name: 01,03 or 01 03. All by default.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Exercises that are solved from the beginning, and earn nothing.")] = None,
) -> None:
    """Make an nbgrader course directory: one assignment a lesson, figures and configuration."""
    from .building import page_paths
    from .course import CourseProblem, init_course
    from .selection import is_lesson

    if more and not (lessons or without):
        typer.echo(f"{' '.join(more)}: there is one folder to make, {course}. Lessons are named after --lessons.", err=True)
        raise typer.Exit(1)
    named = [*(lessons or []), *filter(is_lesson, more or [])]
    solved = [*(without or []), *(word for word in more or [] if not is_lesson(word))]
    try:
        written = init_course(course, lessons=named, without=solved)
    except (CourseProblem, FileNotFoundError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None
    for path in written:
        typer.echo(f"wrote {path}")
    made = [path.stem for path in written if path.suffix == ".ipynb"]
    pages = [path.stem for path in page_paths() if path.stem in made]
    assignments = [name for name in made if name not in pages] or pages
    typer.echo(f"\n{len(assignments)} assignment{'s' * (len(assignments) != 1)}: {', '.join(assignments)}")
    if pages:
        typer.echo(f"To hand out, without points: {', '.join(pages)}")
    typer.echo(f"\nNext:\n  cd {course}\n  nbgrader generate_assignment {assignments[0]}    # release/ then holds what students get")
    typer.echo(f"  autograder grade . {assignments[0]}                  # once submitted/ holds what they handed in")
    typer.echo("  nbgrader --help                                 # release, collect, feedback, export")


@app.command()
def options() -> None:
    """List the options c.Grading.<name> that nbgrader_config.py may set, with their defaults."""
    from .grading.options import Grading

    typer.echo(Grading.class_get_help())


@app.command()
def grade(
    course: Course,
    assignment: Assignment,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given several times.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Submissions at once; by default one for each processor.")] = None,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade again what is graded already.")] = False,
    sandbox: Annotated[str | None, typer.Option(help="require, auto or off; by default as in nbgrader_config.py, else auto.")] = None,
    dask: Annotated[
        str | None, typer.Option(help="Run submissions on the workers of a Dask scheduler: its address, or its scheduler file.")
    ] = None,
) -> None:
    """Grade every submission that is not graded yet, or is newer than its grade.

    Exit status: 0, nothing needs a person; 1, something is flagged, failed, or graded with older
    tests; 2, nothing could be graded; 3, a fault of the machine, the cluster or the grader; 130,
    stopped by Ctrl-C. The same command continues a run that was stopped or killed, also with
    --regrade. A second run of an assignment waits for the first.
    """
    if dask and workers:
        raise typer.BadParameter("This counts on one machine; with --dask each worker's --nthreads do.", param_hint="--workers")
    with nullcontext() if dask else begun(course, assignment) as loader:
        with _importing():
            from .cluster import on_cluster
            from .grading.console import grade_and_show

        status = grade_and_show(
            course,
            assignment,
            students=student or [],
            workers=workers,
            regrade=regrade,
            sandbox=sandbox,
            elsewhere=partial(on_cluster, dask) if dask else None,
            loader=loader,
        )
    raise typer.Exit(status)


@app.command()
def collect(
    course: Course,
    assignment: Assignment,
    sources: Annotated[list[Path], typer.Argument(help="The zips or folders that the platform gave.")],
    platform: Annotated[
        str, typer.Option("--from", help="canvas, moodle, brightspace, blackboard, ilias, google-classroom or gradescope.")
    ] = "auto",
    roster: Annotated[
        Path | None,
        typer.Option(help="The platform's own list of participants, as CSV; roster.csv in the course's folder, if it is there."),
    ] = None,
) -> None:
    """Put the files of a learning platform into submitted/, whatever their names are.

    Exit status: 0, nothing needs a person; 1, something does, and is listed; 2, nothing could be
    collected.
    """
    from .collecting.console import collect_and_show

    raise typer.Exit(collect_and_show(course, assignment, sources, platform=platform, roster=roster))


@app.command()
def feedback(
    course: Course,
    assignment: Assignment,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given several times.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Pages at once; by default one for each processor.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make again what has not changed, too.")] = False,
    bundle: Annotated[
        str,
        typer.Option(
            help="Also a zip as the platform takes it back: auto, moodle, canvas, brightspace or ilias; zip for a folder a student."
        ),
    ] = "",
    output: Annotated[Path | None, typer.Option(help="The zip to write; by default in the course's folder feedback/.")] = None,
) -> None:
    """Make a page for each student whose mark, comment or hand-in has changed since the last one.

    Exit status: 0, all is well; 1, somebody has no page or is not in the zip, and is listed; 2,
    nothing could be made.
    """
    from .pages.console import feedback_and_show

    raise typer.Exit(
        feedback_and_show(course, assignment, students=student or [], workers=workers, force=force, bundle=bundle, output=output)
    )


@app.command()
def marks(
    course: Course,
    assignment: Assignment,
    to: Annotated[str, typer.Option("--to", help="canvas, moodle, blackboard, brightspace, gradescope, or csv with a column an exercise.")],
    form: Annotated[
        Path | None, typer.Option(help="The gradebook as the platform exports it; roster.csv in the course's folder, if it is there.")
    ] = None,
    column: Annotated[str, typer.Option(help="The form's column, where the assignment's name does not tell.")] = "",
    scale: Annotated[bool, typer.Option("--scale", help="Convert the marks to the points that the platform has.")] = False,
    decimal: Annotated[str, typer.Option(help="The decimal sign, . or , as in the form by default.")] = "",
    output: Annotated[Path | None, typer.Option(help="The file to write; by default in the course's folder marks/.")] = None,
) -> None:
    """Write the marks in the platform's own gradebook form, ready to be uploaded.

    Exit status: 0, every mark is in it; 1, some are not, and are listed; 2, nothing was written.
    """
    from .giving_back.console import marks_and_show

    raise typer.Exit(marks_and_show(course, assignment, to=to, form=form, column=column, scale=scale, decimal=decimal, output=output))


@app.command()
def report(
    course: Course,
    assignments: Annotated[
        list[str] | None, typer.Argument(help="The assignments, in the order of the course; by default all that are graded.")
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Name the students who need help.")] = False,
    output: Annotated[Path | None, typer.Option(help="The HTML file to write; by default in the course's folder reports/.")] = None,
) -> None:
    """Write one page, and JSON beside it, on what the class did not understand.

    Exit status: 0, all is well; 1, somebody's work could not be read, or kept findings were
    damaged; 2, nothing was written.
    """
    from .reporting.console import report_and_show

    raise typer.Exit(report_and_show(course, assignments or [], names=names, output=output))


@app.command()
def verify(
    course: Course,
    assignment: Assignment,
    sandbox: Annotated[str | None, typer.Option(help="require, auto or off; by default as in nbgrader_config.py, else auto.")] = None,
) -> None:
    """Try an assignment's tests on the course's own solution and on the blank release.

    Exit status: 0, full points for the solution and none for the blank; 1, not so, test by test; 2,
    nothing could be tried.
    """
    with begun(course, assignment) as loader:
        with _importing():
            from .grading.console import verify_and_show

        status = verify_and_show(course, assignment, sandbox=sandbox, loader=loader)
    raise typer.Exit(status)


@app.command("grade-one")
def grade_one(
    handed_in: Annotated[Path, typer.Argument(help="A notebook, or the folder that it was handed in with.")],
    course: Annotated[Path, typer.Option(help="A course's folder, or a bundle's: nbgrader_config.py and source/.")] = Path("."),
    assignment: Annotated[str, typer.Option(help="The assignment's name, where the course has several.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    form: Annotated[str, typer.Option("--for", help="The form of the JSON: plain, gradescope, prairielearn or github.")] = "plain",
    output: Annotated[Path | None, typer.Option(help="The file to write the JSON to.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="require, auto or off; by default as in nbgrader_config.py, else auto.")] = None,
) -> None:
    """Grade one notebook as `autograder grade` would, without a gradebook.

    Exit status: 0, nothing needs a person; 1, something does; 2, nothing could be graded; 3, a
    fault of the machine or of the grader.
    """
    from .services.console import grade_one_and_show

    raise typer.Exit(grade_one_and_show(handed_in, course, assignment, form=form, as_json=as_json, output=output, sandbox=sandbox))


Zip = Annotated[Path | None, typer.Option(help="The zip to write; by default in the course's folder bundles/.")]


@app.command()
def gradescope(course: Course, assignment: Assignment, output: Zip = None) -> None:
    """Write the autograder zip of a Gradescope programming assignment."""
    from .services.console import bundle_and_show

    raise typer.Exit(bundle_and_show("gradescope", course, assignment, output))


@app.command()
def prairielearn(course: Course, assignment: Assignment, output: Zip = None) -> None:
    """Write a question with an external grader for PrairieLearn."""
    from .services.console import bundle_and_show

    raise typer.Exit(bundle_and_show("prairielearn", course, assignment, output))


@app.command("github-classroom")
def github_classroom(course: Course, assignment: Assignment, output: Zip = None) -> None:
    """Write what a template repository of GitHub Classroom needs to grade at each push."""
    from .services.console import bundle_and_show

    raise typer.Exit(bundle_and_show("github-classroom", course, assignment, output))


@app.command()
def simulate(
    course: Course,
    assignment: Assignment,
    students: Annotated[int, typer.Option(min=1, help="How many.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same class.")] = 0,
) -> None:
    """Fill submitted/ with a made-up class: right answers, blanks, mistakes, attempts to cheat."""
    from .simulating.simulate import SimulationProblem, simulate

    try:
        written = simulate(course, assignment, students=students, seed=seed)
    except SimulationProblem as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{len(written)} submissions in {course / 'submitted'}. Next: autograder grade {course} {assignment}")
    typer.echo(f"Who got what wrong: {course / 'simulated' / f'{assignment}.json'}")
