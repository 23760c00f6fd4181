"""From each platform's zip to marks and feedback in its own forms: whole, for made-up people."""

import csv
import io
import zipfile

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.collecting.record import CollectionRecord
from autograder.pages.make import make_pages
from tests.collecting.made_up import GIVEN, WEEK, write_zip
from tests.commands import run_nbgrader

PAGE = f"{WEEK}.html"
# The names under which each platform takes a page back.
BACK = {
    "moodle": [f"{who}_assignsubmission_file_/{PAGE}" for who in ("Ada Lovelace_7001", "Zoë Müller_7002", "Bo Li_7003")],
    "canvas": [f"lovelaceada_1001_5001_{PAGE}", f"müllerzoë_LATE_1002_5002_{PAGE}", f"libo_1003_5003_{PAGE}"],
    "brightspace": [
        f"2001-678 - Ada Lovelace - Nov 20, 2026 530 PM/{PAGE}",
        f"2002-678 - Zoë Müller - Nov 19, 2026 110 PM/{PAGE}",
        f"2003-678 - Bo Li - Nov 20, 2026 1059 AM/{PAGE}",
    ],
    "ilias": [f"multi_feedback/{who}/{PAGE}" for who in ("Lovelace_Ada_ada_3001", "Müller_Zoë_zoe_3002", "Li_Bo_bo_3003")],
    "blackboard": [f"{who}/{PAGE}" for who in ("ada", "zoe", "bo", "cy")],
    "google-classroom": [f"{who}/{PAGE}" for who in ("ada", "zoe", "bo", "cy")],
    "gradescope": [f"{who}/{PAGE}" for who in ("ada", "zoe", "bo", "cy")],
}
FORM = "Identifier,Full name,Email address,Grade,Maximum Grade\n" + "".join(
    f"Participant {number},{name},{mail}@example.org,,8\n"
    for number, name, mail in (
        (7001, "Ada Lovelace", "ada"),
        (7002, "Zoë Müller", "zoe"),
        (7003, "Bo Li", "bo"),
        (7004, "Cy Twombly", "cy"),
    )
)


def run(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def page_text(course, student):
    return (course / "feedback" / student / WEEK / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", GIVEN)
def test_feedback_goes_back_under_the_platforms_own_names(graded_course, tmp_path, key):
    CollectionRecord(graded_course, WEEK).write()
    run("collect", graded_course, WEEK, write_zip(tmp_path / "given.zip", GIVEN[key]))
    result = run("feedback", graded_course, WEEK, "--bundle", "auto")
    assert result.exit_code == (1 if key in ("moodle", "canvas", "brightspace", "ilias") else 0)  # Cy handed in elsewhere
    with zipfile.ZipFile(graded_course / "feedback" / f"{WEEK}-{key}.zip") as archive:
        assert sorted(archive.namelist()) == sorted(BACK[key])
        ada = next(name for name in archive.namelist() if "ada" in name.lower())
        assert "8</strong> of 8 points" in archive.read(ada).decode()


def test_marks_go_back_into_the_form(graded_course, tmp_path):
    form = tmp_path / "form.csv"
    form.write_text(FORM, encoding="utf-8")
    assert run("marks", graded_course, WEEK, "--to", "moodle", "--form", form).exit_code == 0
    rows = list(csv.DictReader(io.StringIO((graded_course / "marks" / f"{WEEK}-moodle.csv").read_text(encoding="utf-8"))))
    assert [row["Grade"] for row in rows] == ["8", "5", "0", "0"]


def test_who_handed_in_no_notebook_has_a_page_that_says_so(graded_course):
    make_pages(graded_course, WEEK)
    assert "The notebook 01_week.ipynb was not handed in, so there is nothing to mark. What was handed in: week.pdf." in page_text(
        graded_course, "cy"
    )


def test_a_page_is_made_again_when_the_mark_a_comment_or_the_hand_in_changes_and_only_then(graded_course):
    assert sorted(make_pages(graded_course, WEEK).made) == ["ada", "bo", "cy", "zoe"]
    assert "5</strong> of 8 points" in page_text(graded_course, "zoe")
    assert make_pages(graded_course, WEEK).made == []
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}", "made-up") as book:
        book.find_grade("square", WEEK, WEEK, "zoe").manual_score = 0.5
        book.db.commit()
    assert make_pages(graded_course, WEEK).made == ["zoe"]
    assert "3.5</strong> of 8 points" in page_text(graded_course, "zoe")
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}", "made-up") as book:
        book.find_comment("slope-answer", WEEK, WEEK, "bo").manual_comment = "Come and see me."
        book.db.commit()
    assert make_pages(graded_course, WEEK).made == ["bo"]
    assert "Come and see me." in page_text(graded_course, "bo")
    regraded = graded_course / "autograded" / "ada" / WEEK / f"{WEEK}.ipynb"
    regraded.chmod(0o644)
    regraded.write_text(regraded.read_text(encoding="utf-8").replace("return x * x", "return x ** 2"), encoding="utf-8")
    assert make_pages(graded_course, WEEK).made == ["ada"]


def test_nbgraders_own_command_makes_the_same_pages_and_again_after_a_change_of_mark(graded_course):
    run_nbgrader(graded_course, "generate_feedback", WEEK)
    stock = page_text(graded_course, "zoe")
    assert make_pages(graded_course, WEEK).made == []  # they are as they should be
    make_pages(graded_course, WEEK, force=True)
    assert page_text(graded_course, "zoe") == stock
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}", "made-up") as book:
        book.find_grade("square", WEEK, WEEK, "zoe").manual_score = 0.5
        book.db.commit()
    run_nbgrader(graded_course, "generate_feedback", WEEK)
    assert "3.5</strong> of 8 points" in page_text(graded_course, "zoe")


def test_no_page_shows_a_hidden_test_or_needs_a_network(graded_course):
    make_pages(graded_course, WEEK)
    for student in ("ada", "zoe", "bo", "cy"):
        text = page_text(graded_course, student)
        assert "torch.testing" not in text
        assert "http" not in text.replace("http://www.w3.org/", "")


def test_a_notebook_beside_the_right_one_costs_nobody_the_page(graded_course):
    strange = graded_course / "autograded" / "ada" / WEEK
    assert [path.name for path in strange.glob("*.ipynb")] == [f"{WEEK}.ipynb"]


def test_what_cannot_be_made_is_said(graded_course):
    assert run("feedback", graded_course, "nothing").exit_code == 2
    assert "--bundle is one of auto, zip, moodle" in run("feedback", graded_course, WEEK, "--bundle", "sakai").stderr
    (graded_course / "autograded" / "zoe" / WEEK / f"{WEEK}.ipynb").unlink()
    (graded_course / "autograded" / "bo" / WEEK / f"{WEEK}.ipynb").write_text("{torn", encoding="utf-8")
    result = run("feedback", graded_course, WEEK)
    assert result.exit_code == 1
    assert "bo: 01_week.ipynb: " in result.output
    assert "without a page:\n  zoe\n" in result.output
