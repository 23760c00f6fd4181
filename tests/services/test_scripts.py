"""The zips' own scripts, run in folders laid out as the services lay theirs out."""

import base64
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest
import yaml
from typer.testing import CliRunner

from autograder.cli import app

from .conftest import HALF, RIGHT, handed_in

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("services")]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An environment with the packages of this one but
    without this checkout: the grader in the zip must work.
    """
    folder = tmp_path_factory.mktemp("service") / "venv"
    venv.create(folder, symlinks=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    with open(os.path.join(site, "packages.pth"), "w", encoding="utf-8") as file:
        file.write(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture(autouse=True)
def readable(small):
    """Where the packages of this environment are, student code
    may read: in a real service they are in its own environment.
    """
    with (small / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Grading.readable = [{sysconfig.get_path('purelib')!r}]\n")


def unpacked(service, course, folder):
    done = CliRunner().invoke(app, [service, str(course), "week 1"])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(course / "bundles" / f"week 1-{service}.zip") as archive:
        for about in archive.infolist():
            archive.extract(about, folder)
            (folder / about.filename).chmod(about.external_attr >> 16)
    return folder


def run(script, python, cwd=None, **environment):
    """Run a script with no package index to be reached."""
    path = f"{python / 'bin'}:/usr/bin:/bin"
    given = {"PATH": path, "HOME": str(python.parent), "PIP_NO_INDEX": "1", **environment}
    done = subprocess.run(script, env=given, cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_gradescope(small, tmp_path, python):
    root = tmp_path / "autograder"
    unpacked("gradescope", small, root / "source")
    (root / "venv").symlink_to(python)
    said = run([root / "source" / "setup.sh"], python, AUTOGRADER_ROOT=str(root))
    assert "5 of 9 points" in said  # the course's own solution; the essay waits
    handed_in(root / "submission" / "week_1 (1).ipynb", **HALF)
    run([root / "source" / "run_autograder"], python, AUTOGRADER_ROOT=str(root))
    form = json.loads((root / "results" / "results.json").read_text())
    assert form["score"] == 1.5
    assert [test["score"] for test in form["tests"]] == [0, 1.5, 0]


def test_prairielearn(small, tmp_path, python):
    root = tmp_path / "grade"
    question = unpacked("prairielearn", small, tmp_path / "zip") / "question"
    assert json.loads((question / "info.json").read_text())["externalGradingOptions"]["entrypoint"] == "/grade/tests/run.sh"
    where = (tmp_path / "zip" / "Dockerfile").read_text().splitlines()[-1].removeprefix("RUN ")
    run(["bash", "-c", where.replace("/grade/", f"{root}/")], python)
    root.mkdir()
    (question / "tests").rename(root / "tests")
    handed_in(root / "student" / "week 1.ipynb", **RIGHT)
    run([root / "tests" / "run.sh"], python, GRADE_ROOT=str(root))
    form = json.loads((root / "results" / "results.json").read_text())
    assert form["score"] == pytest.approx(5 / 9)


def test_github_classroom_without_solutions(small, tmp_path, python):
    root = unpacked("github-classroom", small, tmp_path / "repository")
    source = (root / ".github" / "grader" / "course" / "source" / "week 1" / "week 1.ipynb").read_text()
    assert "return x * x" not in source
    assert "square(-2)" in source  # the hidden tests: students can read them there
    workflow = yaml.safe_load((root / ".github" / "workflows" / "classroom.yml").read_text())
    steps = {step.get("id"): step for step in workflow["jobs"]["autograding"]["steps"]}
    handed_in(root / "week 1.ipynb", **HALF)
    output = tmp_path / "output"
    for step in (steps["install"], steps["grader"]):
        run(["bash", "-e", "-c", step["run"]], python, root, RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(output))
    form = json.loads(base64.b64decode(output.read_text().removeprefix("result=")))
    assert [test["score"] for test in form["tests"]] == [0, 1.5, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="the services run Linux")
def test_the_same_course_gives_the_same_zip(small):
    made = [CliRunner().invoke(app, ["gradescope", str(small), "week 1", "--output", str(small / name)]) for name in ("a.zip", "b.zip")]
    assert [one.exit_code for one in made] == [0, 0]
    assert (small / "a.zip").read_bytes() == (small / "b.zip").read_bytes()
