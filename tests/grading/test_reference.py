"""The course's own solution and the blank release run first, and decide how tests are run."""

from dataclasses import replace

import nbformat
import pytest

from autograder.grading import reference
from autograder.grading.findings import Separation
from autograder.grading.marking import mark
from autograder.grading.reference import findings
from autograder.grading.run import ReferenceProblem, grade
from tests.grading.course import answer, check, code, filled, make_course, notebook, points, release_of, released, scores, side_of, submit

pytestmark = pytest.mark.xdist_group("grading-reference")


def ask(name, solution):
    return answer(name, f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION")


POINT = "class Point:\n    def __init__(self, x):\n        self.x = x\n    def __eq__(self, other):\n        return self.x == other.x"
COURSE = notebook(
    code("import math"),
    ask("double-answer", "def double(x):\n    return 2 * x"),
    check("double", "assert double(2) == 4"),
    ask("point-answer", POINT),
    check("point", "made = Point(1)\nassert made == Point(1)"),
    check("shared", "assert made.x == 1"),
    ask("half-answer", "def half(x):\n    return x"),
    check("half", "assert half(4) == 2"),
    check("free", "assert math.pi > 3"),
)


@pytest.fixture(scope="module")
def executor(running_executors):
    return running_executors()


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    return side_of(tmp_path_factory.mktemp("reference"), COURSE)


def found_of(executor, assignment):
    return findings(executor, assignment).notebooks["exercise"]


def test_a_test_that_the_solution_passes_only_in_one_process_runs_so_with_those_that_share_its_names(executor, assignment):
    found = found_of(executor, assignment)
    assert set(found.together) == {"point", "shared"}
    assert "compares something with an object of the student's type Point" in found.together["point"]
    assert found.together["shared"] == "it shares names with point"


def test_what_the_solution_fails_and_what_the_blank_earns_is_said_with_the_reason(executor, assignment):
    found = found_of(executor, assignment)
    assert list(found.short) == ["half"]
    assert found.short["half"].startswith("AssertionError")
    assert found.blank == {"free": "2 of 2 points"}
    told = "\n".join(findings(executor, assignment).head())
    assert "half: the course's own solution does not pass it" in told
    assert "free: the blank release, as it is handed out, earns 2 of 2 points" in told
    assert "point runs together with the student's code" in told


def test_apart_runs_no_test_together_and_together_all(executor, assignment):
    apart = found_of(executor, replace(assignment, separation=Separation.APART))
    assert not apart.together
    assert {"point", "half"} <= set(apart.short)
    together = found_of(executor, replace(assignment, separation=Separation.TOGETHER))
    assert set(together.together) == {"double", "point", "shared", "half", "free"}
    assert list(together.short) == ["half"]


def test_findings_are_read_from_their_file_until_something_changes(executor, assignment, tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    key = reference.key_of(executor, assignment)
    first = reference.find(executor, assignment, path, key)
    assert reference.kept(path, key) == first
    changed = nbformat.from_dict(COURSE)
    changed.cells[1].source = changed.cells[1].source.replace("2 * x", "x + x")
    assert reference.kept(path, reference.key_of(executor, side_of(tmp_path / "changed", changed))) is None
    path.write_text("{torn")
    assert reference.kept(path, key) is None


def test_a_test_that_passes_only_together_is_told_to_a_person_and_its_mark_stays(executor, tmp_path):
    course = notebook(ask("f-answer", "def f():\n    return 1.5"), check("f", "assert abs(f() - 1.5) < 1e-9"))
    assignment = side_of(tmp_path, course)
    theirs = (
        "class Measure:\n    def __init__(self, n):\n        self.n = n\n    def __sub__(self, o):\n        return self.n - o\n"
        "def f():\n    return Measure(1.5)"
    )
    folder = tmp_path / "ada"
    folder.mkdir()
    nbformat.write(filled(release_of(course), {"f-answer": theirs}), folder / "exercise.ipynb")
    outcome = mark(executor, assignment, folder, "ada")
    assert points(outcome.pages["exercise"]) == {"f": 0}
    assert any("run together with it, 2. The mark stays; it needs a person." in words for words in outcome.flags), outcome.flags


def test_nobody_is_graded_by_a_test_that_the_solution_fails(tmp_path, lent_executors):
    wrong = notebook(ask("half-answer", "def half(x):\n    return x"), check("half", "assert half(4) == 2"))
    course = make_course(tmp_path / "course", {"ps": {"ps": wrong}})
    submit(course, "ada", "ps", filled(released(course, "ps"), {"half-answer": "def half(x):\n    return x / 2"}))
    with pytest.raises(ReferenceProblem, match="half: the course's own solution does not pass it: AssertionError"):
        grade(course, "ps")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Grading.require_reference = False\n")
    grade(course, "ps")
    assert scores(course, "ps", "ada") == {"half": 2}
