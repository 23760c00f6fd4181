"""A synthetic class: the same for the same seed, without
flags; the report finds the mistakes that were put in.
"""

import json
from collections import Counter

import nbformat
import pytest
from backprop.exercises import chain_rule
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import init_course
from autograder.grading.run import grade
from autograder.reporting.make import make_report
from autograder.simulating.simulate import SimulationProblem, simulate
from autograder.simulating.wrong_answers import wrong_answers
from tests.commands import run_nbgrader

LESSON = "01_chain_rule"
KEPT = ["one_path", "two_paths"]
STUDENTS = 8
NO_MISCONCEPTION = ("right", "not started", "hostile", "")


def make_small(folder):
    """Lesson 01 with two graded exercises."""
    solved = [name for name, exercise in chain_rule.EXERCISES.items() if exercise.points and name not in KEPT]
    init_course(folder, lessons=["01"], without=solved)
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_small(tmp_path_factory.mktemp("simulated") / "course")


def test_a_wrong_answer_is_sorted_by_the_name_that_the_check_gives_it():
    source = "def gears():\n    return 2 * 7 * 3"
    assert wrong_answers(chain_rule.EXERCISES["gears"], source, [], 0).keys() >= {"outer-only"}


@pytest.mark.usefixtures("lent_executors")
def test_the_report_finds_what_was_put_in(course):
    done = CliRunner().invoke(app, ["simulate", str(course), LESSON, "--students", str(STUDENTS), "--seed", "3"])
    assert done.exit_code == 0, done.output
    truth = json.loads((course / "simulated" / f"{LESSON}.json").read_text())
    assert len(truth) == STUDENTS
    assert {name for what in truth.values() for name in what} == set(KEPT)
    run_nbgrader(course, "generate_assignment", LESSON)
    summary = grade(course, LESSON)
    assert sorted(summary.graded) == sorted(truth)
    assert summary.flagged.keys() == {student for student, what in truth.items() if "hostile" in what.values()}
    made = Counter(mistake for what in truth.values() for mistake in what.values() if mistake not in NO_MISCONCEPTION)
    assert made
    found = {one.id: sum(one.exercises.values()) for one in make_report(course, [LESSON]).report.assignments[0].misconceptions}
    assert found == dict(made)


def test_the_same_seed_gives_the_same_class_and_nothing_is_overwritten(tmp_path):
    texts = []
    for name in ("a", "b"):
        made = make_small(tmp_path / name)
        texts.append([path.read_bytes() for path in simulate(made, LESSON, students=4, seed=1)])
    assert texts[0] == texts[1]
    with pytest.raises(SimulationProblem, match="is there already"):
        simulate(tmp_path / "a", LESSON, students=4)
    with pytest.raises(SimulationProblem, match=r"02_one_two_one_network is no lesson of this course\. Its lessons are 01"):
        simulate(tmp_path / "a", "02_one_two_one_network", students=4)
    with pytest.raises(SimulationProblem, match="course directory"):
        simulate(tmp_path, LESSON, students=4)
    answers = nbformat.reads(texts[0][0].decode(), as_version=4).cells
    assert not any("mistaken(" in cell.source for cell in answers)
