"""Honest but awkward work loses no point, and what is not done earns none."""

import json
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest

from autograder.grading.findings import Separation
from autograder.grading.marking import mark
from autograder.grading.reference import findings
from tests.examples import LONG
from tests.grading.course import filled, notebook, points, release_of, side_of
from tests.grading.honest import HONEST, REPORTED
from tests.grading.honest_second import SECOND
from tests.grading.honest_third import THIRD

pytestmark = pytest.mark.xdist_group("grading-honest")


@pytest.fixture(scope="module")
def executor(running_executors):
    return running_executors()


def hand_in(folder, made, files):
    """A submission's folder."""
    folder.mkdir(parents=True)
    if made.nbformat == 3:
        (folder / "exercise.ipynb").write_text(nbformat.v3.writes(made), encoding="utf-8")
    else:
        nbformat.write(made, folder / "exercise.ipynb")
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", [*HONEST, *SECOND, *THIRD], ids=lambda case: case.name)
def test_honest_work_earns_what_it_should(executor, case, tmp_path):
    """Right work gets full marks, or none and a word
    to a person; the blank release earns nothing.
    """
    made = notebook(*case.course)
    side = side_of(tmp_path / "course", made, case.beside)
    outcome = mark(executor, side, hand_in(tmp_path / "ada" / "exercise", work_of(case), case.files), "ada")
    page = outcome.pages["exercise"]
    assert points(page) == pytest.approx(case.expected), shown(page, outcome)
    assert not outcome.failed, outcome.flags
    if case.says:
        assert any(case.says in words for words in outcome.flags), outcome.flags
    else:
        assert not [words for words in outcome.flags if "autograd" not in words]
    blank_earns = findings(executor, side).notebooks["exercise"].blank  # it has run already, as it goes before a class
    assert set(blank_earns) == {test for test, worth in case.untouched.items() if worth}
    if LONG or blank_earns:
        blank = mark(executor, side, hand_in(tmp_path / "bob" / "exercise", release_of(made), {}), "bob")
        assert points(blank.pages["exercise"]) == case.untouched


@pytest.mark.parametrize("case", REPORTED, ids=lambda case: case.name)
def test_kept_apart_a_test_that_needs_more_than_plain_data_tells_a_person(executor, case, tmp_path):
    side = replace(side_of(tmp_path / "course", notebook(*case.course), case.beside), separation=Separation.APART)
    outcome = mark(executor, side, hand_in(tmp_path / "ada" / "exercise", work_of(case), case.files), "ada")
    assert points(outcome.pages["exercise"]) == case.expected
    assert any(case.says in words for words in outcome.flags), outcome.flags


IN_ONE_PROCESS = """
import contextlib, json, os, sys
import numpy, torch
for cells in json.load(sys.stdin):
    if os.fork() == 0:
        names = {"__name__": "__main__"}
        with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            for cell in cells:
                exec(cell, names)
        os._exit(0)
    print(os.wait()[1])
"""


def test_what_is_called_right_is_right_in_one_process():
    """Every test of every case, in one Python process with the answer, as in stock nbgrader."""
    cells = [[cell.source for cell in work_of(case).cells] for case in THIRD]
    ended = subprocess.run([sys.executable, "-c", IN_ONE_PROCESS], input=json.dumps(cells), capture_output=True, text=True, check=True)
    assert [case.name for case, status in zip(THIRD, ended.stdout.split(), strict=True) if status != "0"] == []


def work_of(case):
    """What the student hands in."""
    made = filled(release_of(notebook(*case.course)), case.answers)
    if case.change:
        case.change(made)
    return made


def shown(page, outcome):
    """What the cells said, for a failure that can be understood."""
    errors = [(output.ename, output.evalue) for cell in page.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    return errors, outcome.flags
