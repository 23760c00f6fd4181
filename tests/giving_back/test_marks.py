"""`autograder marks`: the platforms' own forms, filled in and otherwise as they were."""

import csv
import io
import shutil

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from tests.collecting.conftest import WEEK
from tests.grading.course import PLAIN, make_course

EXERCISES = {"square": 2, "slope": 3, "sums": 3}
POINTS = {"ada": (2, 3, 3), "zoe": (2, 3, 0.5), "bo": (0, 0, 0)}
PEOPLE = {"ada": ("Ada", "Lovelace", "ada@example.org"), "zoe": ("Zoë", "Müller", "zoe@example.org"), "bo": ("Bo", "Li", "bo@example.org")}


@pytest.fixture(scope="module")
def marked_course(tmp_path_factory):
    """A course whose gradebook has marks, written there by nbgrader's own means."""
    course = make_course(tmp_path_factory.mktemp("marked") / "course", {WEEK: {WEEK: PLAIN}})
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "made-up") as book:
        for student, points in POINTS.items():
            first, last, email = PEOPLE[student]
            book.add_student(student, first_name=first, last_name=last, email=email)
            book.add_submission(WEEK, student)
            for name, score in zip(EXERCISES, points):
                grade = book.find_grade(name, WEEK, WEEK, student)
                grade.auto_score, grade.needs_manual_grade = score, False
        book.db.commit()
    return course


@pytest.fixture
def course(marked_course, tmp_path):
    shutil.copytree(marked_course, tmp_path / "course")
    return tmp_path / "course"


def give(course, to, *words):
    return CliRunner().invoke(app, ["marks", str(course), WEEK, "--to", to, *map(str, words)])


def form_of(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "form.csv"
    path.write_bytes(text.encode(encoding))
    return path


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Other (11),Week (12345),Current Score\r\n"
    "    Points Possible,,,,,10.0,8.0,(read only)\r\n"
    '"Lovelace, Ada",1001,S1,ada,A,1.0,,50\r\n'
    '"Müller, ""Zoë""",1002,S2,zoe,A,2.0,4.0,50\r\n'
    '"Li, Bo",1003,S3,bo,"A, B",3.0,,50\r\n'
    '"Student, Test",1009,,,A,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments\n"
    'Participant 7001,Ada Lovelace,ada@example.org,Submitted,,"8,00",Yes,\n'
    'Participant 7002,Zoë Müller,zoe@example.org,Submitted,"1,50","8,00",Yes,"so, so"\n'
    'Participant 7003,Bo Li,bo@example.org,Submitted,,"8,00",Yes,\n'
)
BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Week [Total Pts: 8 Score] |123"\r\n'
    '"Lovelace"\t"Ada"\t"ada"\t"1"\t""\r\n"Müller"\t"Zoë"\t"zoe"\t"2"\t""\r\n"Li"\t"Bo"\t"bo"\t"3"\t""\r\n'
)
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Week Points Grade <Numeric MaxPoints:8>,End-of-Line Indicator\r\n"
    "#1,#ada,Lovelace,Ada,,#\r\n#2,#zoe,Müller,Zoë,,#\r\n#3,#bo,Li,Bo,,#\r\n"
)
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Sections,Week,Week - Max Points,Week - Submission Time,Week - Lateness (H:M:S)\n"
    "Ada,Lovelace,1,ada@example.org,,,8.0,,\nZoë,Müller,2,zoe@example.org,,,8.0,,\nBo,Li,3,bo@example.org,,,8.0,,\n"
)


@pytest.mark.parametrize(
    ("to", "text", "encoding", "column", "marks"),
    [
        ("canvas", CANVAS, "utf-8-sig", "Week (12345)", ["8.0", "8", "5.5", "0", ""]),
        ("moodle", MOODLE, "utf-8", "Grade", ["8", "5,5", "0"]),
        ("blackboard", BLACKBOARD, "utf-16", "Week [Total Pts: 8 Score] |123", ["8", "5.5", "0"]),
        ("brightspace", BRIGHTSPACE, "utf-8-sig", "Week Points Grade <Numeric MaxPoints:8>", ["8", "5.5", "0"]),
        ("gradescope", GRADESCOPE, "utf-8", "Week", ["8", "5.5", "0"]),
    ],
)
def test_a_platforms_form_is_filled_in_and_is_otherwise_as_it_was(course, tmp_path, to, text, encoding, column, marks):
    output = tmp_path / "out.csv"
    result = give(course, to, "--form", form_of(tmp_path, text, encoding), "--output", output)
    assert result.exit_code == 0, result.output
    delimiter = "\t" if to == "blackboard" else ","
    filled = output.read_bytes().decode(encoding)
    rows, before = (list(csv.DictReader(io.StringIO(part, newline=""), delimiter=delimiter)) for part in (filled, text))
    assert [row[column] for row in rows] == marks
    for row, old in zip(rows, before, strict=True):
        assert row | {column: ""} == old | {column: ""}
    blanked = filled.replace('"8"', '""').replace('"5.5"', '""').replace('"0"', '""')
    if to == "blackboard":
        assert blanked == text  # its quotes and line ends too


def test_a_column_out_of_other_points_is_refused_or_converted(course, tmp_path):
    form = form_of(tmp_path, BRIGHTSPACE.replace("MaxPoints:8", "MaxPoints:100"))
    refused = give(course, "brightspace", "--form", form)
    assert refused.exit_code == 2
    assert "is out of 100 in Brightspace, and 01_week is out of 8" in refused.stderr
    assert give(course, "brightspace", "--form", form, "--scale").exit_code == 0
    text = (course / "marks" / f"{WEEK}-brightspace.csv").read_text(encoding="utf-8")
    assert "#2,#zoe,Müller,Zoë,68.75,#" in text


def test_which_column_it_is_must_be_clear(course, tmp_path):
    form = form_of(tmp_path, CANVAS.replace("Other (11)", "Week two (11)").replace("Week (12345)", "Week one (12345)"))
    result = give(course, "canvas", "--form", form)
    assert result.exit_code == 2
    assert "'Week two (11)', 'Week one (12345)'. Say which with --column." in result.stderr
    assert give(course, "canvas", "--form", form, "--column", "Week one").exit_code == 0
    assert "no column 'Week three'" in give(course, "canvas", "--form", form, "--column", "Week three").stderr


def test_who_is_not_in_the_form_or_waits_for_a_person_is_listed(course, tmp_path):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "made-up") as book:
        book.find_grade("sums", WEEK, WEEK, "zoe").needs_manual_grade = True
        book.db.commit()
    form = form_of(tmp_path, MOODLE.replace("Participant 7003,Bo Li,bo@example.org", "Participant 7004,Eve Other,eve@example.org"))
    result = give(course, "moodle", "--form", form)
    assert result.exit_code == 1
    assert "They have a mark and no row in the form:\n  bo\n" in result.output
    assert "wait to be marked by hand (formgrader shows them):\n  zoe\n" in result.output
    filled = (course / "marks" / f"{WEEK}-moodle.csv").read_text(encoding="utf-8")
    assert 'zoe@example.org,Submitted,"1,50"' in filled  # as it was


def test_two_rows_of_one_student_write_nothing(course, tmp_path):
    form = form_of(tmp_path, MOODLE + MOODLE.splitlines(keepends=True)[1])
    assert "Several rows of the form are the same student: ada" in give(course, "moodle", "--form", form).stderr
    assert not (course / "marks").exists()


def test_a_table_of_our_own_has_a_column_an_exercise(course):
    assert give(course, "csv").exit_code == 0
    rows = list(csv.DictReader((course / "marks" / f"{WEEK}.csv").open(encoding="utf-8-sig")))
    assert list(rows[0])[-3:] == list(EXERCISES)
    zoe = next(row for row in rows if row["student_id"] == "zoe")
    assert (zoe["name"], zoe["score"], zoe["max_score"], zoe["sums"]) == ("Zoë Müller", "5.5", "8", "0.5")


def test_what_is_missing_is_said(course, tmp_path):
    assert "Export the form (Grades > Export" in give(course, "canvas").stderr
    assert "--to is csv or one of canvas" in give(course, "sakai").stderr
    assert "no column that takes marks" in give(course, "canvas", "--form", form_of(tmp_path, "a,b\n1,2\n")).stderr
    nobody = CliRunner().invoke(app, ["marks", str(course), "nothing", "--to", "csv"])
    assert (nobody.exit_code, "no assignment nothing" in nobody.stderr) == (2, True)
