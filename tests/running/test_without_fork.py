"""Grading without what only Unix has, as on Windows: the same marks, outputs and flags."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder.grading.journal import Journal
from autograder.grading.run import grade
from autograder.running.loader import ExecutorProblem
from autograder.running.spawning import Spawner
from autograder.sandbox import Isolation
from autograder.sandbox.limits import Limits
from tests.grading.course import answer, check, code, filled, make_course, notebook, released, submit

TAKEN_AWAY = Path(__file__).parents[1] / "without_unix"
COURSE = notebook(
    code("import numpy as np"),
    answer("double-answer", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
    check("double", "assert (double(np.ones(3)) == 2).all()", 2),
    answer("applied-answer", "def applied(f):\n    ### BEGIN SOLUTION\n    return f(1) + f(2)\n    ### END SOLUTION"),
    check("applied", "print('called')\nassert applied(lambda x: x * x) == 5", 3),
)
ANSWERS = {
    "right": {"double-answer": "def double(x):\n    return x + x", "applied-answer": "def applied(f):\n    return sum(map(f, (1, 2)))"},
    "wrong": {"double-answer": "def double(x):\n    return x * x", "applied-answer": "print('so far')\n1 / 0"},
    "endless": {"double-answer": "def double(x):\n    while True:\n        pass", "applied-answer": "import os\nos._exit(3)"},
}
POINTS = {"right": [3, 2], "wrong": [0, 0], "endless": [0, 0]}
GRADE = """
import sys
from autograder.cli import app

for more in (["--sandbox", "require"], []):
    print("status", app(["grade", sys.argv[1], "ps", *more], standalone_mode=False))
"""
OTHER_COMMANDS = """
import sys
import autograder.cluster, autograder.collecting.console, autograder.feedback, autograder.giving_back.console, autograder.pages.console
import autograder.reporting.console, autograder.services.console, autograder.simulating.simulate
from autograder.cli import app

app(["init", sys.argv[1], "--lessons", "01"], standalone_mode=False)
"""


def run_without_unix(program, *words):
    path = os.pathsep.join([str(TAKEN_AWAY), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", program, *map(str, words)]
    ran = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path})
    assert ran.returncode == 0, ran.stderr
    return " ".join(ran.stdout.split()), " ".join(ran.stderr.split())


def rows(course, table, columns):
    """What the gradebook has of each student's cells."""
    query = f"""
        SELECT student_id, base_cell.name, {columns}
        FROM {table}
        JOIN base_cell ON base_cell.id = cell_id
        JOIN submitted_notebook ON submitted_notebook.id = {table}.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    """
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        return sorted(gradebook.execute(query))


def executed(course, student):
    """A notebook with its outputs, without the words about the sandbox: they are not the same."""
    made = json.loads((course / "autograded" / student / "ps" / "ps.ipynb").read_bytes())
    assert made["metadata"]["autograder"].pop("sandbox")
    return made


@pytest.mark.end_to_end
def test_marks_outputs_and_flags_are_the_same(tmp_path):
    options = "c.Grading.preload = ['numpy']\nc.Grading.cell_seconds = 1\n"
    course = make_course(tmp_path / "course", {"ps": {"ps": COURSE}}, config=options)
    for student, given in ANSWERS.items():
        submit(course, student, "ps", filled(released(course, "ps"), given))
    other = shutil.copytree(course, tmp_path / "other")
    grade(course, "ps")
    said, errors = run_without_unix(GRADE, other)

    assert "Student code cannot be shut off on this machine. Only Linux has the means." in errors
    assert f"status 2 Sandbox: {Isolation(only_time=True).words}" in said
    assert said.endswith("status 1")  # something is flagged
    grades = rows(other, "grade", "auto_score, manual_score, needs_manual_grade")
    assert {student: [score for who, _, score, *_ in grades if who == student] for student in ANSWERS} == POINTS
    assert grades == rows(course, "grade", "auto_score, manual_score, needs_manual_grade")
    assert rows(other, "comment", "auto_comment, manual_comment") == rows(course, "comment", "auto_comment, manual_comment")
    for student in ANSWERS:
        assert executed(other, student) == executed(course, student)
        entries = [Journal(place, "ps").done(student) for place in (course, other)]
        assert entries[0].flags == entries[1].flags
        assert entries[0].sandbox != entries[1].sandbox == Isolation(only_time=True).words


def test_the_other_commands_are_there(tmp_path):
    said, _ = run_without_unix(OTHER_COMMANDS, tmp_path / "course")
    assert "1 assignment: 01_chain_rule" in said


@pytest.mark.parametrize("script", ["echo 'no such library' >&2", "exec sleep 60"])
def test_a_process_that_does_not_start_or_is_stopped_is_said(tmp_path, monkeypatch, script):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    spawner = Spawner({"trusted": []})
    request = {"role": "trusted", "folder": str(tmp_path), "limits": Limits().as_dict()}
    process = spawner.start(request)
    if "sleep" in script:
        threading.Timer(0.1, spawner.stop).start()
    with pytest.raises(ExecutorProblem, match="could not be started:\n" + ("no such library" if "echo" in script else "$")):
        process.connect()
    spawner.stop()
    with pytest.raises(ExecutorProblem, match="has ended"):
        spawner.start(request)
