"""`autograder grade-one`: from a course's folder alone, whatever the file is called."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app

from .conftest import HALF, RIGHT, handed_in

pytestmark = pytest.mark.xdist_group("services")


def grade_one(*words):
    done = CliRunner().invoke(app, ["grade-one", *map(str, words)])
    return done.exit_code, done.output


def points(data):
    return {one["name"]: one["points"] for one in data["exercises"]}


def test_a_notebook_is_graded_without_a_gradebook(small, tmp_path):
    path = handed_in(tmp_path / "in" / "Copy of week 1 (2).ipynb", **HALF)
    status, said = grade_one(path, "--course", small, "--json")
    data = json.loads(said)
    assert status == 1  # the task waits for a person
    assert points(data) == {"square": 0, "parts": 1.5, "essay": None}
    assert (data["points"], data["max_points"], data["waiting_for_a_person"]) == (1.5, 9, ["essay"])
    square, parts, _ = data["exercises"]
    assert (square["standing"], parts["standing"]) == ("not right yet", "partly right")
    assert square["words"] == ["AssertionError"] or "AssertionError" in square["words"][0]
    assert "square(-2)" not in said  # the hidden test
    assert {path.name for path in small.iterdir()} == {"nbgrader_config.py", "source", ".autograder"}
    assert [path.name for path in (small / ".autograder").iterdir()] == ["week 1.reference.json"]

    status, said = grade_one(path, "--course", small)  # as a table, with what is known of the reference
    assert "1.5 of 9 points" in said


def test_a_folder_is_searched_and_what_is_not_there_is_said(small, tmp_path):
    handed_in(tmp_path / "in" / "deep" / "mine.ipynb.txt", **RIGHT)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), tmp_path / "in" / "other.ipynb")
    status, said = grade_one(tmp_path / "in", "--course", small, "--json", "--assignment", "week 1")
    assert (status, points(json.loads(said))) == (1, {"square": 2, "parts": 3, "essay": None})
    assert json.loads(said)["flags"] == ["Notebooks of something else were handed in: other.ipynb."]
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "a.pdf").write_bytes(b"%PDF")
    status, said = grade_one(tmp_path / "pdf", "--course", small, "--json")
    assert status == 2
    assert "There is no notebook of week 1 among the files. What was handed in: a.pdf." in json.loads(said)["problem"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere.ipynb"], "There is no file or folder nowhere.ipynb"),
        (["{in}", "--assignment", "week 2"], "has no assignment week 2; it has week 1"),
        (["{in}", "--for", "moodle"], "--for is one of plain, gradescope, prairielearn, github, and not 'moodle'"),
        (["{in}", "--course", "{in}"], "it is no course directory"),
    ],
)
def test_what_cannot_be_graded_is_said(small, tmp_path, words, expected):
    (tmp_path / "in").mkdir()
    given = [word.replace("{in}", str(tmp_path / "in")) for word in words]
    status, said = grade_one(*given, *([] if "--course" in words else ["--course", small]))
    assert status == 2
    assert expected in " ".join(said.split())
