"""The commands of the README's section for instructors, typed as they stand there."""

import csv
import os
import re
import shlex
import shutil
import subprocess
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.building import ROOT, exercises_of, lesson_paths
from autograder.cli import app
from tests.nbgrader.submissions import blank, solved

LESSON = lesson_paths()[0]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## For instructors")[2].partition("## For authors")[0]
BLOCK = re.search(r"^```\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[1]
INLINE = [words for words in re.findall(r"`(autograder [^`]+)`", SECTION) if len(words.split()) > 2 or words == "autograder options"]
POINTS = sum(exercise.points for exercise in exercises_of(LESSON).values())
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    f"Participant 7001,Ada Lovelace,ada@example.org,Submitted,,{POINTS}\n"
    f"Participant 7002,Bo Li,bo@example.org,Submitted,,{POINTS}\n"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with the platform's zip in Downloads, and a `make` that has nothing to install."""
    folder = tmp_path_factory.mktemp("instructor")
    (folder / "Downloads").mkdir()
    with zipfile.ZipFile(folder / "Downloads" / "submissions.zip", "w") as archive:
        for who, notebook in {"Ada Lovelace_7001": solved(LESSON), "Bo Li_7002": blank(LESSON)}.items():
            archive.writestr(f"{who}_assignsubmission_file_/{LESSON.stem}.ipynb", nbformat.writes(notebook))
    return folder


def typed(command, home, folder):
    """What a shell without an activated environment does with it."""
    path = f"{home / 'bin'}:/usr/bin:/bin"
    given = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {"HOME": str(home), "PATH": path}
    return subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=given, capture_output=True, text=True, timeout=900)


@pytest.mark.end_to_end
@pytest.mark.skipif(not (ROOT / ".venv").is_dir(), reason="the README's commands are those of an installed checkout: there is no .venv")
def test_every_command_does_what_the_readme_says(home, monkeypatch):
    (home / "bin").mkdir()
    (home / "bin" / "make").write_text("#!/bin/sh\n[ $1 = setup ]\n")
    (home / "bin" / "make").chmod(0o755)
    done = typed(BLOCK, home, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    course = home / "my-course"
    assert (course / "marks" / "01_chain_rule.csv").is_file()
    assert len(list((course / "feedback").glob("*/01_chain_rule/01_chain_rule.html"))) == 2

    shutil.copy(home / "Downloads" / "submissions.zip", course)
    (course / "worksheet.csv").write_text(MOODLE, encoding="utf-8")
    ran = []
    for command in INLINE:
        if "--dask" in command:  # typed in the tests of the cluster
            continue
        monkeypatch.chdir(home / "two-lessons" if " simulate " in command else course)
        done = CliRunner().invoke(app, [word.replace("~", str(home)) for word in shlex.split(command)[1:]])
        assert done.exit_code in (0, 1), f"{command}\n{done.output}"
        ran.append(command.split()[1])
    assert set(ran) >= {"collect", "init", "feedback", "marks", "gradescope", "report", "grade", "simulate", "options"}
    with (course / "marks" / "01_chain_rule-moodle.csv").open(encoding="utf-8") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == [str(POINTS), "0"]
    assert (course / "bundles" / "01_chain_rule-gradescope.zip").is_file()
    assert len(list((home / "two-lessons" / "submitted").iterdir())) == 30
