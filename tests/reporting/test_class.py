"""The report of a class with known mistakes: its counts are those counted here by hand."""

import json

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.reporting.make import make_report
from tests.reporting.conftest import BLANK, WEEK, WRONG

pytestmark = pytest.mark.xdist_group("reporting")

STUDENTS = 20
# by exercise: right, partly right, not right yet, not started
STANDINGS = {"one_path": (8, 10, 0, 2), "activation_slopes": (11, 7, 0, 2), "reciprocal_chain": (16, 0, 2, 2)}
# by misconception: students, and in which exercises
MISCONCEPTIONS = {
    "no-gate": (7, {"activation_slopes": 7}),
    "square-for-cube": (7, {"one_path": 7}),
    "slopes-added": (3, {"one_path": 3}),
    "reciprocal-sign": (2, {"reciprocal_chain": 2}),
}
FIRST_WRONG = {("one_path", "dy_dg"): 7, ("one_path", "dy_dx"): 3, ("activation_slopes", "drelu_dv"): 7, ("reciprocal_chain", "dy_dx"): 2}


@pytest.fixture(scope="module")
def written(graded_class):
    return make_report(graded_class, [WEEK])


@pytest.fixture(scope="module")
def summary(written):
    return written.report.assignments[0]


def test_the_class_is_as_this_test_counts_it():
    assert len(WRONG) + len(BLANK) == STUDENTS


def test_nothing_has_to_be_read_again_after_grading(written):
    gathered = written.gathered[WEEK]
    assert len(gathered.students) == STUDENTS
    assert (gathered.read, gathered.failed, gathered.damaged) == ([], {}, 0)


def test_standings_are_recovered(summary):
    assert {one.name: (one.right, one.partly, one.wrong, one.untouched) for one in summary.items} == STANDINGS
    assert (summary.students, summary.not_started, summary.unreadable) == (STUDENTS, 2, 0)


def test_misconceptions_are_recovered(summary):
    assert {one.id: (one.students, one.exercises) for one in summary.misconceptions} == MISCONCEPTIONS
    assert all(one.words for one in summary.misconceptions)
    assert [topic.misconception for topic in summary.topics] == ["no-gate", "square-for-cube", "slopes-added"]


def test_the_first_wrong_links_are_recovered(summary):
    assert {(one.name, link.name): link.first_wrong for one in summary.items for link in one.links if link.first_wrong} == FIRST_WRONG
    (dy_dx,) = [link for link in summary.items[0].links if link.name == "dy_dx"]
    assert dy_dx.follows == 7  # of those with a wrong dy_dg


def test_lines_are_the_wrong_ones_and_name_nobody(written, summary):
    lines = {one.id: [(line.line, line.students) for line in one.lines] for one in summary.misconceptions}
    assert lines["square-for-cube"] == [("dy_dg = 2 * g", 5), ("dy_dg = g * 2", 2)]
    assert lines["no-gate"] == [("gate = 1.0", 7)]
    assert lines["reciprocal-sign"] == [("return 2 * x / v", 2)]
    for path in (written.page, written.data):
        text = path.read_text(encoding="utf-8")
        assert not any(student in text for student in [*WRONG, *BLANK])


def test_points_and_item_statistics(summary):
    # one_path: 3 points, 1 for each link; activation_slopes: 3 points; reciprocal_chain: 2 points
    one_path = (8 * 3 + 7 * 1 + 3 * 2) / (3 * STUDENTS)
    slopes = (11 * 3 + 7 * 2) / (3 * STUDENTS)
    assert [one.difficulty for one in summary.items] == [round(one_path, 3), round(slopes, 3), round(16 / STUDENTS, 3)]
    # points: 6 times 8, 2 gates 7, 5 squares 6, 3 added 6, 2 signs 3, 2 blank 0
    assert summary.mean == round((6 * 8 + 2 * 7 + 5 * 6 + 3 * 6 + 2 * 3) / STUDENTS, 2)
    assert summary.median == 6
    assert summary.histogram == [2, 0, 0, 2, 0, 0, 0, 8, 2, 6]


def test_those_who_need_help_are_numbered_and_named_only_on_request(graded_class, summary, tmp_path):
    assert [one.student for one in summary.needs] == ["Student 1", "Student 2"]
    assert [trouble.mistake for trouble in summary.needs[0].troubles] == ["square-for-cube", "no-gate", "reciprocal-sign"]
    output = tmp_path / "named.html"
    result = CliRunner().invoke(app, ["report", str(graded_class), WEEK, "--names", "--output", str(output)])
    assert result.exit_code == 0, result.output
    named = json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))
    assert [one["student"] for one in named["assignments"][0]["needs"]] == ["sign1", "sign2"]


def test_a_class_graded_before_is_read_once_from_its_notebooks(course, summary):
    (course / ".autograder" / f"{WEEK}.findings").unlink()
    first = make_report(course)
    assert len(first.gathered[WEEK].read) == STUDENTS
    again = make_report(course)
    assert again.gathered[WEEK].read == []
    assert again.report.assignments == first.report.assignments == [summary]


def test_a_damaged_line_is_put_aside_and_said(course, summary):
    path = course / ".autograder" / f"{WEEK}.findings"
    lines = make_report(course).gathered and path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0][:60], *lines[1:]]) + b"\n")
    result = CliRunner().invoke(app, ["report", str(course)])
    assert result.exit_code == 1
    assert "1 line of the findings could not be read" in result.output
    assert path.with_suffix(".findings-damaged").read_bytes() == lines[0][:60] + b"\n"
    assert CliRunner().invoke(app, ["report", str(course)]).exit_code == 0
    assert make_report(course).report.assignments == [summary]


def test_a_submission_graded_again_by_other_means_is_read_again(course):
    make_report(course)
    notebook = course / "autograded" / "perfect1" / WEEK / f"{WEEK}.ipynb"
    notebook.chmod(0o644)
    notebook.write_text((course / "autograded" / "blank1" / WEEK / f"{WEEK}.ipynb").read_text(encoding="utf-8"), encoding="utf-8")
    written = make_report(course)
    assert written.gathered[WEEK].read == ["perfect1"]
    assert written.report.assignments[0].not_started == 3


def test_while_grading_is_under_way_nothing_is_written_and_nothing_waits(course):
    from autograder.grading.journal import Journal

    path = course / ".autograder" / f"{WEEK}.findings"
    path.unlink()
    with Journal(course, WEEK):
        gathered = make_report(course).gathered[WEEK]
    assert len(gathered.students) == STUDENTS
    assert "being graded" in gathered.not_kept
    assert not path.exists()


def test_where_nothing_is_graded_it_says_what_to_do(course):
    result = CliRunner().invoke(app, ["report", str(course), "other"])
    assert result.exit_code == 2
    assert "Run `autograder grade" in result.output
